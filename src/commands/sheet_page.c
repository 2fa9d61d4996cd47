/* SPDX-License-Identifier: Apache-2.0 */
/* A sheet as a page to be passed on: each table under its picture. The pictures are drawn from the
 * cells of the table below them, so that neither can say something else than the other. */
#include "headroom/page.h"
#include "sheet.h"

#define PICTURE_ROWS 40 /* more are read in the table, not in a picture */

static const struct hr_datum *cell_at(const struct hr_table *table, size_t row, int column)
{
    return &table->cells[row * table->column_count + (size_t)column];
}

/* Of a count, or of an amount in whole units. */
static int64_t whole(const struct hr_datum *cell)
{
    return (int64_t)(hr_figure_round(cell->number, 0).units / HR_DECIMAL_ONE.units);
}

static struct hr_str name_of(const struct hr_datum *cell)
{
    return cell->text.len > 0 ? cell->text : HR_STR("(none)");
}

static void draw_funnel(
    const struct hr_sheet *sheet, struct hr_page *page, const struct hr_table *table)
{
    size_t count = table->row_count;
    struct hr_str *texts = hr_arena_take(sheet->arena, 2 * count * sizeof(*texts));
    uint64_t *values = hr_arena_take(sheet->arena, count * sizeof(*values));
    for (size_t r = 0; r < count; r++) {
        int64_t value = whole(cell_at(table, r, table->drawn[1]));
        texts[r] = name_of(cell_at(table, r, table->drawn[0]));
        texts[count + r] = hr_datum_shown(sheet->arena, cell_at(table, r, table->drawn[2]));
        values[r] = value > 0 ? (uint64_t)value : 0;
    }
    const struct hr_page_funnel funnel = {
        hr_arena_join(sheet->arena, HR_STR("Funnel"), ": ", table->title), HR_STR("deals"), texts,
        texts + count, values, count};
    hr_page_funnel(page, &funnel);
}

/* "+1,200": which way it goes, and how far. */
static struct hr_str step_text(struct hr_arena *arena, struct hr_datum cell, bool goes)
{
    bool below = cell.number.units < 0;
    cell.number.units = below ? -cell.number.units : cell.number.units;
    struct hr_str sign = goes != below ? HR_STR("−") : HR_STR("+");
    return hr_arena_join(arena, sign, "", hr_datum_shown(arena, &cell));
}

static void draw_waterfall(
    const struct hr_sheet *sheet, struct hr_page *page, const struct hr_table *table)
{
    struct hr_page_step steps[HR_SHEET_COLUMNS];
    size_t count = 0, row = table->row_count - 1;
    for (int c = table->drawn[0]; c <= table->drawn[1]; c++) {
        const struct hr_datum *cell = cell_at(table, row, c);
        const char *heading = table->columns[c].heading;
        bool total = c == table->drawn[0] || c == table->drawn[1];
        if (!total && whole(cell) == 0) {
            continue;
        }
        steps[count++] = (struct hr_page_step){.label = hr_str(heading + (heading[0] == '>')),
            .shown = total ? hr_datum_shown(sheet->arena, cell)
                           : step_text(sheet->arena, *cell, table->minus[c]),
            .amount = table->minus[c] ? -whole(cell) : whole(cell),
            .total = total};
    }
    const struct hr_page_waterfall waterfall = {
        hr_arena_join(sheet->arena, HR_STR("Waterfall"), ": ", table->title), steps, count};
    hr_page_waterfall(page, &waterfall);
}

static uint32_t parts(struct hr_decimal share)
{
    return (uint32_t)(share.units * HR_PAGE_WHOLE / HR_DECIMAL_ONE.units);
}

static struct hr_page_share share_of(
    const struct hr_table *table, size_t row, int successes, int trials)
{
    if (successes < 0) {
        return (struct hr_page_share){0};
    }
    int64_t won = whole(cell_at(table, row, successes)), of = whole(cell_at(table, row, trials));
    struct hr_interval interval = hr_wilson(won, of);
    return (struct hr_page_share){.known = of > 0,
        .at = parts(hr_figure_share(won, of).value),
        .low = parts(interval.low),
        .high = parts(interval.high)};
}

static void draw_intervals(
    const struct hr_sheet *sheet, struct hr_page *page, const struct hr_table *table)
{
    struct hr_page_interval rows[PICTURE_ROWS];
    size_t count = table->row_count < PICTURE_ROWS ? table->row_count : PICTURE_ROWS;
    const int *drawn = table->drawn;
    for (size_t r = 0; r < count; r++) {
        struct hr_str won = hr_datum_shown(sheet->arena, cell_at(table, r, drawn[1]));
        struct hr_str of = hr_datum_shown(sheet->arena, cell_at(table, r, drawn[2]));
        rows[r] = (struct hr_page_interval){.name = name_of(cell_at(table, r, drawn[0])),
            .note = hr_arena_join(sheet->arena, won, " of ", of),
            .measured = share_of(table, r, drawn[1], drawn[2]),
            .beside = share_of(table, r, drawn[3], drawn[4])};
    }
    const struct hr_page_intervals intervals = {
        hr_arena_join(sheet->arena, HR_STR("Shares and their 95% intervals"), ": ", table->title),
        rows, count};
    hr_page_intervals(page, &intervals);
}

static void draw(const struct hr_sheet *sheet, struct hr_page *page, const struct hr_table *table)
{
    if (table->row_count == 0) {
        return;
    }
    switch (table->picture) {
    case HR_PICTURE_NONE:
        break;
    case HR_PICTURE_FUNNEL:
        draw_funnel(sheet, page, table);
        break;
    case HR_PICTURE_WATERFALL:
        draw_waterfall(sheet, page, table);
        break;
    case HR_PICTURE_INTERVALS:
        draw_intervals(sheet, page, table);
        break;
    }
}

static void show_rows(
    const struct hr_sheet *sheet, struct hr_page *page, const struct hr_table *table)
{
    struct hr_str headings[HR_SHEET_COLUMNS], cells[HR_SHEET_COLUMNS];
    for (size_t c = 0; c < table->column_count; c++) {
        headings[c] = hr_str(table->columns[c].heading);
    }
    hr_page_table_begin(page, headings, table->column_count);
    for (size_t r = 0; r < table->row_count; r++) {
        for (size_t c = 0; c < table->column_count; c++) {
            cells[c] = hr_datum_shown(sheet->arena, cell_at(table, r, (int)c));
        }
        hr_page_table_row(page, headings, cells, table->column_count);
    }
    hr_page_table_end(page);
}

/* "Partitions as of: 0 2026-11-22T09:14:03.120Z, 1 …". */
static struct hr_str foot_of(const struct hr_sheet *sheet)
{
    struct hr_str foot = hr_arena_printf(
        sheet->arena, "Made by headroom report %s. Partitions as of:", sheet->report);
    for (size_t i = 0; i < sheet->as_of_count; i++) {
        char text[HR_TIME_TEXT] = "-";
        bool none = hr_time_is(sheet->as_of[i].time, HR_TIME_NONE);
        size_t len = none ? 1 : hr_time_print(sheet->as_of[i].time, text);
        foot = hr_arena_printf(sheet->arena, "%.*s%s %u %.*s", (int)foot.len, foot.at,
            i > 0 ? "," : "", sheet->as_of[i].partition, (int)len, text);
    }
    return foot;
}

void hr_sheet_as_page(const struct hr_sheet *sheet, struct hr_buffer *out)
{
    struct hr_page page;
    struct hr_str lead = hr_arena_printf(sheet->arena, "%.*s to %.*s, money in %s. ",
        (int)sheet->from.len, sheet->from.at, (int)sheet->to.len, sheet->to.at, sheet->currency);
    if (sheet->segment.len > 0) {
        lead = hr_arena_join(sheet->arena, lead, "Segment ", sheet->segment);
        lead = hr_arena_join(sheet->arena, lead, ". ", sheet->lead);
    } else {
        lead = hr_arena_join(sheet->arena, lead, "", sheet->lead);
    }
    hr_page_begin(&page, out, sheet->title, lead);
    for (const struct hr_table *table = sheet->tables; table; table = table->next) {
        if (table->detail) {
            continue;
        }
        hr_page_section(&page, table->title, table->lead);
        draw(sheet, &page, table);
        if (table->row_count > 0) {
            show_rows(sheet, &page, table);
        }
        for (size_t i = 0; i < table->note_count; i++) {
            hr_page_paragraph(&page, table->notes[i]);
        }
    }
    for (size_t i = 0; i < sheet->note_count; i++) {
        if (i == 0) {
            hr_page_section(&page, HR_STR("To be known"), HR_STR(""));
        }
        hr_page_paragraph(&page, sheet->notes[i]);
    }
    hr_page_end(&page, foot_of(sheet));
}
