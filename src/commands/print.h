/* SPDX-License-Identifier: Apache-2.0 */
/* How results look: JSON for machines, tables for people. Both take text that came from anywhere
 * and make it harmless. */
#ifndef HEADROOM_COMMANDS_PRINT_H
#define HEADROOM_COMMANDS_PRINT_H

#include "headroom/buffer.h"
#include "headroom/error.h"
#include "headroom/memory.h"

#include <stdint.h>
#include <stdio.h>

/* --- JSON ------------------------------------------------------------------------------------
 * A writer that puts the commas: in an object every value has a key, in an array and at the top
 * key is NULL. */
struct hr_doc {
    struct hr_buffer *buffer;
    bool comma; /* a value stands before the next one */
};
void hr_doc_open(struct hr_doc *doc, const char *key, char bracket); /* '{' or '[' */
void hr_doc_close(struct hr_doc *doc, char bracket);                 /* '}' or ']' */
void hr_doc_text(struct hr_doc *doc, const char *key, struct hr_str text);
void hr_doc_number(struct hr_doc *doc, const char *key, int64_t number);
void hr_doc_flag(struct hr_doc *doc, const char *key, bool flag);
void hr_doc_null(struct hr_doc *doc, const char *key);
/* RFC 3339; null for HR_TIME_NONE. */
void hr_doc_time(struct hr_doc *doc, const char *key, struct hr_time time);
/* A member named by bytes from elsewhere. */
void hr_doc_number_of(struct hr_doc *doc, struct hr_str key, int64_t number);
/* Any bytes without loss: KEY as text when they are UTF-8, else KEY_base64; null when at is NULL.
 */
void hr_doc_bytes(struct hr_doc *doc, const char *key, struct hr_str bytes);
/* A document that is whole, as a line of standard output; its buffer is cleaned up. */
void hr_doc_print(struct hr_doc *doc);

/* --- tables -----------------------------------------------------------------------------------
 * Columns under headings; a heading that begins with '>' is aligned right, one that is "" and all
 * others left. Cells are copied and escaped, the last column is never padded. */
#define HR_GRID_COLUMNS 16
struct hr_grid {
    struct hr_arena arena;
    const char *headings[HR_GRID_COLUMNS];
    size_t columns, widths[HR_GRID_COLUMNS];
    const char **cells;
    size_t rows, room;
};
/* Headings end with NULL; all of them empty: no heading line. */
void hr_grid_init(struct hr_grid *grid, const char *const *headings);
void hr_grid_row(struct hr_grid *grid, const struct hr_str *cells);
void hr_grid_print(const struct hr_grid *grid, const char *indent, FILE *file);
void hr_grid_clean_up(struct hr_grid *grid);

/* As hr_escape, but quotes and backslashes stay: where nothing is quoted they do no harm. */
const char *hr_printable(struct hr_arena *arena, struct hr_str text, size_t most);

/* A level as a user writes it: 80% for 80pct, what stands in ids. */
struct hr_str hr_level_shown(struct hr_arena *arena, struct hr_str level);

/* Writes everything or says why not, with errno's words. */
HR_MUST enum hr_fate hr_write_all(int fd, struct hr_str bytes, struct hr_error *error);
/* To standard output through stdio; main.c looks whether it arrived. */
void hr_put_out(struct hr_str bytes);

#endif
