/* SPDX-License-Identifier: Apache-2.0 */
/* A run of bytes that somebody else owns. Nothing here is terminated by NUL: names come from
 * records and may hold any byte. */
#ifndef HEADROOM_STR_H
#define HEADROOM_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct hr_str {
    const char *at; /* may be NULL when len is 0 */
    size_t len;
};

/* For string literals and constant initialisers. */
#define HR_STR(literal) ((struct hr_str){(literal), sizeof(literal) - 1})

static inline struct hr_str hr_str(const char *terminated)
{
    return (struct hr_str){terminated, strlen(terminated)};
}

static inline bool hr_str_equal(struct hr_str a, struct hr_str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

static inline bool hr_str_is(struct hr_str a, const char *terminated)
{
    return hr_str_equal(a, hr_str(terminated));
}

/* Bytewise order, shorter first on a common prefix: the order of names wherever order is promised.
 */
static inline int hr_str_compare(struct hr_str a, struct hr_str b)
{
    size_t common = a.len < b.len ? a.len : b.len;
    int order = common ? memcmp(a.at, b.at, common) : 0;
    return order ? order : (a.len > b.len) - (a.len < b.len);
}

static inline bool hr_str_starts(struct hr_str a, const char *prefix)
{
    size_t len = strlen(prefix);
    return a.len >= len && memcmp(a.at, prefix, len) == 0;
}

/* Without its first bytes. */
static inline struct hr_str hr_str_from(struct hr_str text, size_t from)
{
    return (struct hr_str){text.at + from, text.len - from};
}

/* Without the spaces around it. */
static inline struct hr_str hr_trim(struct hr_str text)
{
    while (text.len > 0 && text.at[0] == ' ') {
        text = hr_str_from(text, 1);
    }
    while (text.len > 0 && text.at[text.len - 1] == ' ') {
        text.len--;
    }
    return text;
}

/* The length of the character at the front of a text that is not empty, and its code point, by
 * Unicode's table 3-7; 0 when the bytes are not UTF-8. */
size_t hr_utf8_read(const char *text, size_t len, uint32_t *point);
/* Characters that change how the rest of a line looks, or end it: controls (C1 and DEL with them),
 * the line and paragraph separators, and those that turn the direction of writing. */
bool hr_is_hidden(uint32_t point);

#endif
