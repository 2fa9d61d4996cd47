/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the importer share: a line as named values of JSON, whatever it was written in.
 */
#ifndef HEADROOM_CODEC_IMPORTER_H
#define HEADROOM_CODEC_IMPORTER_H

#include "csv.h"
#include "decode.h"
#include "headroom/import.h"
#include "headroom/map.h"

struct hr_import_value {
    struct hr_str name;
    struct hr_str json; /* at NULL: the cell is empty and says nothing */
};

/* One line while it is read. */
struct hr_import_line {
    struct hr_arena *arena;
    struct hr_import_row *row;
    struct hr_import_value *values;
    size_t count;
    struct hr_import_fault *faults; /* room for two more than values, which is enough */
    struct hr_str account, time;    /* plain text; at NULL: none */
};

void hr_import_fault(struct hr_import_line *line, struct hr_str column, const char *format, ...)
    HR_PRINTF(3, 4);

/* A cell as JSON: text where the field is text, else a number, a flag, null or text. */
struct hr_str hr_import_cell(struct hr_str name, struct hr_str cell, struct hr_arena *arena);

/* Judges the line's values, each for itself and then together, by the decoder of the running
 * system, and writes the events that they become into the row. */
void hr_import_judge(
    struct hr_import_line *line, struct hr_decoder *decoder, struct hr_time usual_time);

/* A field that a line may have, or limits.NAME. */
bool hr_import_knows(struct hr_str name);
/* Of those the nearest; at NULL: none is near. */
struct hr_str hr_import_nearest(struct hr_str name);

#endif
