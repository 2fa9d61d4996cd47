/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of one or several files, or of standard input, as one stream. */
#ifndef HEADROOM_COMMANDS_LINES_H
#define HEADROOM_COMMANDS_LINES_H

#include "headroom/error.h"
#include "headroom/str.h"

#include <stdint.h>

struct hr_lines {
    const char *const *files; /* "-" is standard input */
    size_t file_count, opened;
    const char *file;      /* the one that is read */
    uint64_t number;       /* of the line in it, from 1 */
    uint64_t bytes, total; /* read so far; of all files, 0 when that cannot be known */
    int fd;
    bool at_end; /* of the file */
    char *buffer;
    size_t start, end, room;
};

enum hr_line {
    HR_LINE,          /* without its newline, valid until the next call; a last one needs none */
    HR_LINE_TOO_LONG, /* its head; the rest is passed over */
    HR_LINES_END,
    HR_LINES_FAILED,
};

#define HR_LONGEST_LINE (64u << 20)

void hr_lines_open(struct hr_lines *lines, const char *const *files, size_t file_count);
HR_MUST enum hr_line hr_lines_next(
    struct hr_lines *lines, struct hr_str *line, struct hr_error *error);
/* The next line and those behind it, at most `most`, that have been read with it; all are of one
 * file and valid until the next call. lines->number is the last one's. HR_LINE_TOO_LONG: one. */
HR_MUST enum hr_line hr_lines_some(struct hr_lines *lines, struct hr_str *some, size_t most,
    size_t *count, struct hr_error *error);
void hr_lines_close(struct hr_lines *lines);

#endif
