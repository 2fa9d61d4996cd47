/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of a description, collected in an arena. */
#include "rows.h"

void hr_row_add(struct hr_rows *rows, const char *section, struct hr_str name, struct hr_str value,
    struct hr_str detail)
{
    if (rows->count == rows->room) {
        size_t room = rows->room ? rows->room * 2 : 32;
        rows->at = hr_arena_grow(
            rows->arena, rows->at, rows->count * sizeof *rows->at, room * sizeof *rows->at);
        rows->room = room;
    }
    rows->at[rows->count++] = (struct hr_row){section, name, value, detail};
}

struct hr_str hr_row_time(struct hr_rows *rows, struct hr_time time)
{
    char text[HR_TIME_TEXT];
    if (hr_time_is(time, HR_TIME_NEVER) || hr_time_is(time, HR_TIME_NONE)) {
        return HR_STR("");
    }
    size_t len = hr_time_print(time, text);
    return hr_arena_copy(rows->arena, (struct hr_str){text, len});
}

struct hr_str hr_row_day(struct hr_rows *rows, int64_t day)
{
    char text[HR_TIME_TEXT];
    size_t len = hr_date_print(day, text);
    return hr_arena_copy(rows->arena, (struct hr_str){text, len});
}

struct hr_str hr_row_said(struct hr_rows *rows, const char *word, struct hr_str text)
{
    return text.len == 0 ? HR_STR("")
                         : hr_arena_printf(rows->arena, "%s %.*s", word, (int)text.len, text.at);
}

struct hr_str hr_row_join(
    struct hr_rows *rows, struct hr_str a, const char *between, struct hr_str b)
{
    if (a.len == 0 || b.len == 0) {
        return a.len == 0 ? b : a;
    }
    return hr_arena_join(rows->arena, a, between, b);
}
