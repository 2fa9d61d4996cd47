/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of several files as one stream in the order of their arrival. */
#ifndef HEADROOM_COMMANDS_MERGE_H
#define HEADROOM_COMMANDS_MERGE_H

#include "headroom/codec.h"
#include "lines.h"

/* A file, "-" for standard input, how its lines are written, and of which source they are. */
struct hr_input_file {
    const char *name;
    const struct hr_format *format;
    struct hr_str topic; /* empty: not known */
};

struct hr_merge_settings {
    const struct hr_zones *zones;
    const struct hr_rules *rules;
    int64_t max_step_us;
};

struct hr_merge_track;
struct hr_merge {
    struct hr_merge_settings settings;
    struct hr_decoder *decoder;
    struct hr_arena arena;
    struct hr_merge_track *tracks, *played; /* one a file; the one whose line was given last */
    size_t track_count;
    /* Of the line given last: */
    const struct hr_input_file *file;
    uint64_t number;
    uint64_t bytes, total; /* read so far; of all files, 0 when that cannot be known */
};

void hr_merge_open(struct hr_merge *merge, const struct hr_merge_settings *settings,
    const struct hr_input_file *files, size_t file_count);
/* As hr_lines_next. */
HR_MUST enum hr_line hr_merge_next(
    struct hr_merge *merge, struct hr_str *line, struct hr_error *error);
void hr_merge_close(struct hr_merge *merge);

#endif
