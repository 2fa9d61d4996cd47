/* SPDX-License-Identifier: Apache-2.0 */
/* What a report says, before it looks like anything: tables of typed cells, notes below them, how
 * new it is. Built once and then written as text for people, as JSON or CSV for machines, or as a
 * page with pictures, so that no form can say something else than another. */
#ifndef HEADROOM_COMMANDS_SHEET_H
#define HEADROOM_COMMANDS_SHEET_H

#include "headroom/buffer.h"
#include "headroom/figures.h"
#include "headroom/memory.h"

#include <stdio.h>

/* --- cells --------------------------------------------------------------------------------------
 */

enum hr_datum_kind {
    HR_DATUM_NONE,     /* not known: a dash, null, or nothing */
    HR_DATUM_TEXT,     /* from anywhere: every form makes it harmless */
    HR_DATUM_COUNT,    /* of things */
    HR_DATUM_SHARE,    /* 0.375 is 37.5% */
    HR_DATUM_INTERVAL, /* of a share, from `number` to `high` */
    HR_DATUM_MONEY,    /* major units of the sheet's currency */
    HR_DATUM_NUMBER,   /* anything else */
};
struct hr_datum {
    enum hr_datum_kind kind;
    struct hr_str text;
    struct hr_decimal number, high;
    const char *unit; /* of NUMBER, behind it where people read: "×", " days"; may be NULL */
};
#define HR_NO_DATUM ((struct hr_datum){0})
struct hr_datum hr_datum_text(struct hr_str text);
struct hr_datum hr_datum_count(int64_t count);
struct hr_datum hr_datum_share(struct hr_figure share);
struct hr_datum hr_datum_interval(struct hr_interval interval);
struct hr_datum hr_datum_money(struct hr_figure amount);
struct hr_datum hr_datum_number(struct hr_figure number, const char *unit);

/* --- the sheet ----------------------------------------------------------------------------------
 */

struct hr_column {
    const char *key;     /* in JSON and CSV */
    const char *heading; /* "Of first"; begins with '>' when its cells are aligned right */
};
#define HR_SHEET_COLUMNS 16

enum hr_picture {
    HR_PICTURE_NONE,
    HR_PICTURE_FUNNEL,    /* columns: name, count, share */
    HR_PICTURE_WATERFALL, /* of the last row: from the amount in the first column to that in the
                             second; all between are steps, `minus` says which go */
    HR_PICTURE_INTERVALS, /* columns: name, successes, trials; beside, of both -1: none */
};
struct hr_table {
    const char *key;
    struct hr_str title, lead;
    const struct hr_column *columns;
    size_t column_count;
    struct hr_datum *cells; /* row by row */
    size_t row_count, room;
    struct hr_str *notes;
    size_t note_count, note_room;
    bool detail; /* for machines only: people would drown in it */
    enum hr_picture picture;
    int drawn[5];      /* columns of the picture */
    const bool *minus; /* of a waterfall, by column */
    struct hr_table *next;
};

struct hr_as_of {
    uint32_t partition;
    struct hr_time time; /* T of its marker */
};

struct hr_sheet {
    struct hr_arena *arena; /* of everything below */
    const char *report;     /* "funnel" */
    struct hr_str title, lead;
    struct hr_str from, to; /* months, "2026-01" */
    struct hr_str segment;  /* empty: all */
    char currency[4];
    struct hr_table *tables, **last;
    struct hr_str *notes; /* about the whole */
    size_t note_count, note_room;
    const struct hr_as_of *as_of;
    size_t as_of_count;
};
void hr_sheet_init(struct hr_sheet *sheet, struct hr_arena *arena);
/* Columns, key and title stay the caller's. */
struct hr_table *hr_sheet_table(struct hr_sheet *sheet, const char *key, struct hr_str title,
    const struct hr_column *columns, size_t column_count);
/* Copies as many cells as there are columns; texts stay the caller's. */
void hr_table_row(struct hr_sheet *sheet, struct hr_table *table, const struct hr_datum *cells);
void hr_table_note(struct hr_sheet *sheet, struct hr_table *table, struct hr_str note);
void hr_sheet_note(struct hr_sheet *sheet, struct hr_str note);

/* A cell as people read it: "1,234", "37.5%", "10.7–20.6%", "450,000"; and as machines do: the same
 * without commas, money with the currency's places; empty when it is not known. */
struct hr_str hr_datum_shown(struct hr_arena *arena, const struct hr_datum *cell);
struct hr_str hr_datum_plain(
    struct hr_arena *arena, const struct hr_datum *cell, const char currency[4]);

/* --- its forms, appended ------------------------------------------------------------------------
 */

void hr_sheet_as_text(const struct hr_sheet *sheet, FILE *file);
void hr_sheet_as_json(const struct hr_sheet *sheet, struct hr_buffer *out);
/* Every line begins with its table's name. */
void hr_sheet_as_csv(const struct hr_sheet *sheet, struct hr_buffer *out);
void hr_sheet_as_page(const struct hr_sheet *sheet, struct hr_buffer *out);

#endif
