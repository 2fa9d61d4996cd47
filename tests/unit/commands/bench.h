/* SPDX-License-Identifier: Apache-2.0 */
/* A report on a table: books and a present made by hand, and the forms that come of them. */
#ifndef TEST_BENCH_H
#define TEST_BENCH_H

#include "commands/report_read.h"

#define JANUARY 24312 /* 2026-01 */
#define PRODUCTS 3

/* One report on a table: what it is made from, and its forms. */
struct bench {
    struct hr_pool *pool;
    struct hr_books *books;
    struct hr_config *config;
    struct hr_present present;
    int64_t owned[PRODUCTS], used[PRODUCTS], owning[PRODUCTS + 1];
    struct hr_arena arena;
    struct hr_buffer out;
    struct hr_str segment;
    int32_t to;
    char text[32768];
};

struct hr_decimal number(const char *text);
/* `reports`: what stands under that key of the configuration. */
void set_up(struct bench *bench, const char *reports);
void tear_down(struct bench *bench);
void add(struct bench *bench, enum hr_book book, int32_t month, const char *label,
    const int64_t *columns);

/* As people read it; and as a form writes it. Both until the next of them. */
const char *text_of(struct bench *bench, hr_report_make *report);
typedef void form(const struct hr_sheet *sheet, struct hr_buffer *out);
const char *form_of(struct bench *bench, hr_report_make *report, form *as);

/* A line, in which runs of spaces are one; a sentence, which is broken somewhere; nothing of it. */
void assert_has(const char *text, const char *part);
void assert_says(const char *text, const char *part);
void assert_has_not(const char *text, const char *part);
void assert_before(const char *text, const char *first, const char *second);

#endif
