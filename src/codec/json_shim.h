/* SPDX-License-Identifier: Apache-2.0 */
/* What headroom uses of simdjson, in C: the first of its two stages. */
#ifndef HEADROOM_CODEC_JSON_SHIM_H
#define HEADROOM_CODEC_JSON_SHIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct hr_json_scanner;

enum hr_json_scan {
    HR_SCAN_OK,
    HR_SCAN_EMPTY,    /* nothing but white space */
    HR_SCAN_UTF8,     /* not UTF-8 */
    HR_SCAN_CONTROL,  /* a control character inside a string */
    HR_SCAN_UNCLOSED, /* a string without an end */
    HR_SCAN_TOO_LONG, /* 4 GiB and beyond */
    HR_SCAN_NO_MEMORY,
};

/* json.c's: there is no memory. Does not return. */
void hr_json_no_memory(void);

struct hr_json_scanner *hr_json_scanner_new(void); /* never NULL */
void hr_json_scanner_destroy(struct hr_json_scanner *scanner);

/* Where the tokens of a text begin: each of { } [ ] : , and the first byte of each string and of
 * each run of other bytes, in order. Behind the last one stands the text's length. Valid until the
 * scanner's next call. The text needs no padding; nothing behind `len` is read. */
enum hr_json_scan hr_json_scan(struct hr_json_scanner *scanner, const char *text, size_t len,
    const uint32_t **starts, uint32_t *count);
/* Gives back what a text longer than `most` bytes has needed. */
void hr_json_scanner_trim(struct hr_json_scanner *scanner, size_t most);

bool hr_json_utf8(const char *text, size_t len);

#ifdef __cplusplus
}
#endif
#endif
