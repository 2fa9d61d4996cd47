/* SPDX-License-Identifier: Apache-2.0 */
/* Books as text, a line a row, which a failed comparison shows whole. */
#include "booked.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

const char booked_plain[] =
    "meters:\n"
    "  contacts: {event: contacts, aggregate: latest, value: /n, limit: contacts}\n"
    "rules:\n"
    "  capacity: {watch: meter.contacts.used, levels: [80%, 90%]}\n";

static const char *const columns[HR_BOOK_COUNT][HR_BOOK_COLUMNS] = {
    [HR_BOOK_REVENUE] = {"new", "expansion", "contraction", "churned", "transfer", "+customers",
        "-customers", "moved", "amended"},
    [HR_BOOK_STAGES] = {"reached", "amount"},
    [HR_BOOK_DEALS] = {"won", "lost", "amount", "cost", "days"},
    [HR_BOOK_FIRES] = {"fired", "converted", "amount", "days", "held_out", "held_out_converted"},
    [HR_BOOK_UNRATED] = {"revenue", "deals"},
};

void booked_print(const struct hr_books *books, enum hr_book book, char text[4096])
{
    struct hr_books_position position = {0, 0};
    struct hr_books_row row;
    size_t len = 0;
    text[0] = '\0';
    while (hr_books_next(books, &position, &row)) {
        char month[HR_TIME_TEXT], line[512];
        hr_month_print(row.month, month);
        int used =
            snprintf(line, sizeof line, "%s '%.*s'", month, (int)row.label.len, row.label.at);
        bool any = false;
        for (unsigned c = 0; c < hr_book_columns(row.book); c++) {
            any |= row.columns[c] != 0;
            if (row.columns[c] != 0) {
                used += snprintf(line + used, sizeof line - (size_t)used, " %s %lld",
                    columns[row.book][c], (long long)row.columns[c]);
            }
        }
        if (any && row.book == book) {
            len += (size_t)snprintf(text + len, 4096 - len, "%s\n", line);
        }
    }
}

const enum story_mode booked_modes[2] = {STORY_PLAIN, STORY_RELOADED};

void booked_check(const char *config, const char *const *lines, enum hr_book book, const char *must)
{
    for (size_t m = 0; m < 2; m++) {
        struct stage *stage = stage_new(config, booked_modes[m]);
        for (size_t i = 0; lines[i]; i++) {
            stage_play(stage, lines[i]);
        }
        char is[4096];
        booked_print(hr_home_books(stage_home(stage)), book, is);
        assert_string_equal(is, must);
        stage_destroy(stage);
    }
}
