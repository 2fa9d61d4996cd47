/* SPDX-License-Identifier: Apache-2.0 */
/* A sheet for people at a terminal. */
#include "print.h"
#include "sheet.h"

#define LINE_WIDTH 100

/* Headings are in capitals at a terminal. */
static const char *in_capitals(struct hr_arena *arena, const char *heading)
{
    size_t len = strlen(heading);
    char *text = hr_arena_take(arena, len + 1);
    for (size_t i = 0; i <= len; i++) {
        bool small = heading[i] >= 'a' && heading[i] <= 'z';
        text[i] = small ? (char)(heading[i] - 'a' + 'A') : heading[i];
    }
    return text;
}

static void print_table(const struct hr_sheet *sheet, const struct hr_table *table, FILE *file)
{
    const char *headings[HR_SHEET_COLUMNS + 1] = {NULL};
    struct hr_str cells[HR_SHEET_COLUMNS];
    struct hr_grid grid;
    for (size_t c = 0; c < table->column_count; c++) {
        headings[c] = in_capitals(sheet->arena, table->columns[c].heading);
    }
    hr_grid_init(&grid, headings);
    for (size_t r = 0; r < table->row_count; r++) {
        for (size_t c = 0; c < table->column_count; c++) {
            cells[c] = hr_datum_shown(sheet->arena, &table->cells[r * table->column_count + c]);
        }
        hr_grid_row(&grid, cells);
    }
    hr_grid_print(&grid, "  ", file);
    hr_grid_clean_up(&grid);
}

/* How much of a sentence goes on a line: whole words, at least one. */
static size_t line_length(const char *at)
{
    size_t best = 0, width = 0;
    for (size_t i = 0; at[i]; i++) {
        width += ((unsigned char)at[i] & 0xc0) != 0x80;
        if (at[i + 1] != ' ' && at[i + 1] != '\0') {
            continue;
        }
        if (best > 0 && width > LINE_WIDTH) {
            break;
        }
        best = i + 1;
    }
    return best;
}

static void print_lines(
    const struct hr_sheet *sheet, const char *indent, struct hr_str text, FILE *file)
{
    const char *at = hr_printable(sheet->arena, text, 1000);
    while (*at) {
        size_t len = line_length(at);
        fprintf(file, "%s%.*s\n", indent, (int)len, at);
        at += len;
        at += *at == ' ';
    }
}

static void print_as_of(const struct hr_sheet *sheet, FILE *file)
{
    char text[HR_TIME_TEXT];
    fprintf(file, "\nas of, by partition:");
    for (size_t i = 0; i < sheet->as_of_count; i++) {
        const struct hr_as_of *one = &sheet->as_of[i];
        bool none = hr_time_is(one->time, HR_TIME_NONE);
        int len = none ? 0 : (int)hr_time_print(one->time, text);
        fprintf(file, "%s%u %.*s", i % 3 == 0 ? "\n  " : "   ", one->partition, none ? 1 : len,
            none ? "-" : text);
    }
    fputc('\n', file);
}

void hr_sheet_as_text(const struct hr_sheet *sheet, FILE *file)
{
    struct hr_str about = hr_arena_printf(sheet->arena, "%.*s, %.*s to %.*s, money in %s",
        (int)sheet->title.len, sheet->title.at, (int)sheet->from.len, sheet->from.at,
        (int)sheet->to.len, sheet->to.at, sheet->currency);
    print_lines(sheet, "",
        sheet->segment.len > 0 ? hr_arena_join(sheet->arena, about, ", segment ", sheet->segment)
                               : about,
        file);
    for (const struct hr_table *table = sheet->tables; table; table = table->next) {
        if (table->detail) {
            continue;
        }
        fputc('\n', file);
        print_lines(sheet, "", table->title, file);
        if (table->row_count > 0) {
            print_table(sheet, table, file);
        }
        for (size_t i = 0; i < table->note_count; i++) {
            print_lines(sheet, "  ", table->notes[i], file);
        }
    }
    for (size_t i = 0; i < sheet->note_count; i++) {
        fputs(i == 0 ? "\n" : "", file);
        print_lines(sheet, "", sheet->notes[i], file);
    }
    print_as_of(sheet, file);
}
