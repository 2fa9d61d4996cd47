/* SPDX-License-Identifier: Apache-2.0 */
/* A table as RFC 4180 has it. */
#ifndef HEADROOM_CODEC_CSV_H
#define HEADROOM_CODEC_CSV_H

#include "headroom/error.h"
#include "headroom/memory.h"
#include "headroom/str.h"

#include <stdbool.h>
#include <stdint.h>

struct hr_csv {
    const char *at, *end;
    char separator;
    uint64_t line; /* of `at`, from 1 */
};

enum hr_csv_read { HR_CSV_ROW, HR_CSV_WRONG, HR_CSV_END };

/* Passes over a byte order mark. */
void hr_csv_begin(struct hr_csv *csv, struct hr_str text, char separator);
/* The next row that is not blank; its cells are in the arena or the text. *line is where it begins.
 * HR_CSV_WRONG: *wrong says what is wrong with it, and reading goes on behind its line. */
HR_MUST enum hr_csv_read hr_csv_next(struct hr_csv *csv, struct hr_arena *arena,
    struct hr_str **cells, size_t *count, uint64_t *line, const char **wrong);

#endif
