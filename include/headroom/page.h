/* SPDX-License-Identifier: Apache-2.0 */
/* A report as one HTML page that needs nothing beside itself: no script, no font, no picture from
 * anywhere else. It is read in light and in dark, on paper, and by who cannot see: every picture
 * says in words what it shows and holds its figures as a table.
 *
 * A page is written from top to bottom into a buffer: begin, then sections with whatever is in
 * them, then end. All text may come from anywhere, names of accounts and rules above all: it is
 * made harmless here and nowhere else. Nothing is kept; arrays and strings stay the caller's. */
#ifndef HEADROOM_PAGE_H
#define HEADROOM_PAGE_H

#include "headroom/buffer.h"
#include "headroom/str.h"

#include <stdint.h>

struct hr_page {
    struct hr_buffer *out;
    unsigned pictures; /* so far: their ids */
    bool section;      /* one is open */
};

void hr_page_begin(
    struct hr_page *page, struct hr_buffer *out, struct hr_str title, struct hr_str lead);
/* `foot`: a line of small print. */
void hr_page_end(struct hr_page *page, struct hr_str foot);

/* A heading and, unless empty, a sentence that says how to read what follows. */
void hr_page_section(struct hr_page *page, struct hr_str title, struct hr_str lead);
void hr_page_paragraph(struct hr_page *page, struct hr_str text);

/* Large figures side by side. */
struct hr_page_figure {
    struct hr_str value, label, note; /* "650"; "triggers"; may be empty */
};
void hr_page_figures(struct hr_page *page, const struct hr_page_figure *figures, size_t count);

/* Rows under headings; a heading that begins with '>' aligns its column right. */
void hr_page_table_begin(struct hr_page *page, const struct hr_str *headings, size_t columns);
void hr_page_table_row(struct hr_page *page, const struct hr_str *headings,
    const struct hr_str *cells, size_t columns);
void hr_page_table_end(struct hr_page *page);

/* --- pictures ----------------------------------------------------------------------------------
 */

/* Counts that belong together under one name and one colour. At most HR_PAGE_SERIES in a picture;
 * colours go by their order and are the same in every picture of a page. */
#define HR_PAGE_SERIES 10
struct hr_page_series {
    struct hr_str name;
    const uint64_t *values; /* by column or by bar */
};

/* Stacked columns, such as weeks. */
struct hr_page_columns {
    struct hr_str caption;       /* the whole picture in a sentence */
    struct hr_str of;            /* what a column is: "week of" */
    const struct hr_str *labels; /* by column: "5 Oct 2026" */
    const struct hr_str *ticks;  /* by column: what stands below it; most are empty */
    size_t column_count;
    const struct hr_page_series *series;
    size_t series_count;
};
void hr_page_columns(struct hr_page *page, const struct hr_page_columns *columns);

/* Stacked bars, such as accounts. */
struct hr_page_bars {
    struct hr_str caption, of;
    const struct hr_str *labels;
    const struct hr_str *notes; /* by bar, behind its total; may be empty */
    size_t bar_count;
    const struct hr_page_series *series;
    size_t series_count;
};
void hr_page_bars(struct hr_page *page, const struct hr_page_bars *bars);

/* A table whose cells are the darker the more they count. */
struct hr_page_heat {
    struct hr_str caption, of;
    const struct hr_str *rows, *notes; /* by row: its name; what it is, may be empty */
    size_t row_count;
    const struct hr_str *columns;
    size_t column_count;
    const uint64_t *values; /* row by row */
};
void hr_page_heat(struct hr_page *page, const struct hr_page_heat *heat);

/* The pictures below hold no table of their own: they stand above the table that they draw. */

/* Stages that narrow, the widest first. */
struct hr_page_funnel {
    struct hr_str caption, of;   /* of: what is counted, "deals" */
    const struct hr_str *labels; /* by stage */
    const struct hr_str *notes;  /* by stage, below its count: "37.5%" */
    const uint64_t *values;
    size_t stage_count;
};
void hr_page_funnel(struct hr_page *page, const struct hr_page_funnel *funnel);

/* From a total over what comes and goes to another. */
struct hr_page_step {
    struct hr_str label, shown; /* shown: the amount as text, with its sign */
    int64_t amount;             /* of a total all there is, else what comes or, below 0, goes */
    bool total;
};
struct hr_page_waterfall {
    struct hr_str caption;
    const struct hr_page_step *steps;
    size_t step_count;
};
void hr_page_waterfall(struct hr_page *page, const struct hr_page_waterfall *waterfall);

/* Shares with their intervals, in parts of HR_PAGE_WHOLE. */
#define HR_PAGE_WHOLE 10000
struct hr_page_share {
    bool known;
    uint32_t at, low, high;
};
struct hr_page_interval {
    struct hr_str name, note; /* note: "30 of 200" */
    struct hr_page_share measured;
    struct hr_page_share beside; /* what it is compared with, drawn hollow */
};
struct hr_page_intervals {
    struct hr_str caption;
    const struct hr_page_interval *rows;
    size_t row_count;
};
void hr_page_intervals(struct hr_page *page, const struct hr_page_intervals *intervals);

/* --- for those who write pictures --- */

/* Text as HTML, safe between tags and in quoted attributes: markup becomes text; what would be
 * invisible or would turn the direction of what follows becomes U+FFFD, as does what is no UTF-8.
 */
void hr_page_put_text(struct hr_buffer *out, struct hr_str text);
/* "12,345". */
void hr_page_put_count(struct hr_buffer *out, uint64_t count);

#endif
