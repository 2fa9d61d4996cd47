/* SPDX-License-Identifier: Apache-2.0 */
/* Cells and tables, and how one cell is written. A number is rounded here, once, and nowhere
 * before.
 */
#include "sheet.h"

#include "headroom/rules.h"

/* --- cells --------------------------------------------------------------------------------------
 */

struct hr_datum hr_datum_text(struct hr_str text)
{
    return (struct hr_datum){.kind = HR_DATUM_TEXT, .text = text};
}

struct hr_datum hr_datum_count(int64_t count)
{
    return (struct hr_datum){.kind = HR_DATUM_COUNT, .number = hr_decimal_from_int(count)};
}

static struct hr_datum cell_of(enum hr_datum_kind kind, struct hr_figure figure, const char *unit)
{
    return figure.known ? (struct hr_datum){.kind = kind, .number = figure.value, .unit = unit}
                        : HR_NO_DATUM;
}

struct hr_datum hr_datum_share(struct hr_figure share)
{
    return cell_of(HR_DATUM_SHARE, share, NULL);
}

struct hr_datum hr_datum_interval(struct hr_interval interval)
{
    return (struct hr_datum){
        .kind = HR_DATUM_INTERVAL, .number = interval.low, .high = interval.high};
}

struct hr_datum hr_datum_money(struct hr_figure amount)
{
    return cell_of(HR_DATUM_MONEY, amount, NULL);
}

struct hr_datum hr_datum_number(struct hr_figure number, const char *unit)
{
    return cell_of(HR_DATUM_NUMBER, number, unit);
}

/* --- tables -------------------------------------------------------------------------------------
 */

void hr_sheet_init(struct hr_sheet *sheet, struct hr_arena *arena)
{
    *sheet = (struct hr_sheet){.arena = arena};
    sheet->last = &sheet->tables;
}

struct hr_table *hr_sheet_table(struct hr_sheet *sheet, const char *key, struct hr_str title,
    const struct hr_column *columns, size_t column_count)
{
    struct hr_table *table = hr_arena_zeroed(sheet->arena, sizeof(*table));
    table->key = key;
    table->title = title;
    table->columns = columns;
    table->column_count = column_count;
    *sheet->last = table;
    sheet->last = &table->next;
    return table;
}

void hr_table_row(struct hr_sheet *sheet, struct hr_table *table, const struct hr_datum *cells)
{
    size_t width = table->column_count * sizeof(*cells);
    if (table->row_count == table->room) {
        table->room = table->room ? 2 * table->room : 16;
        struct hr_datum *grown = hr_arena_take(sheet->arena, table->room * width);
        if (table->row_count > 0) {
            memcpy(grown, table->cells, table->row_count * width);
        }
        table->cells = grown;
    }
    memcpy(table->cells + table->row_count++ * table->column_count, cells, width);
}

static void add_note(
    struct hr_arena *arena, struct hr_str **notes, size_t *count, size_t *room, struct hr_str note)
{
    if (*count == *room) {
        *room = *room ? 2 * *room : 4;
        struct hr_str *grown = hr_arena_take(arena, *room * sizeof(*grown));
        if (*count > 0) {
            memcpy(grown, *notes, *count * sizeof(*grown));
        }
        *notes = grown;
    }
    (*notes)[(*count)++] = note;
}

void hr_table_note(struct hr_sheet *sheet, struct hr_table *table, struct hr_str note)
{
    add_note(sheet->arena, &table->notes, &table->note_count, &table->note_room, note);
}

void hr_sheet_note(struct hr_sheet *sheet, struct hr_str note)
{
    add_note(sheet->arena, &sheet->notes, &sheet->note_count, &sheet->note_room, note);
}

/* --- one cell -----------------------------------------------------------------------------------
 */

enum { PLACES_SHOWN = 2 };

static struct hr_str rounded(struct hr_arena *arena, struct hr_decimal number, unsigned places)
{
    char text[HR_DECIMAL_TEXT];
    size_t len = hr_decimal_print(hr_figure_round(number, places), text);
    return hr_arena_copy(arena, (struct hr_str){text, len});
}

/* A share's number of percent. */
static struct hr_str percent(struct hr_arena *arena, struct hr_decimal share)
{
    return rounded(arena, (struct hr_decimal){share.units * 100}, PLACES_SHOWN);
}

/* "-1234567.5" as "-1,234,567.5". */
static struct hr_str with_commas(struct hr_arena *arena, struct hr_str text)
{
    const char *point = memchr(text.at, '.', text.len);
    size_t sign = text.at[0] == '-', end = point ? (size_t)(point - text.at) : text.len;
    char *out = hr_arena_take(arena, 2 * text.len + 1);
    size_t to = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (i > sign && i < end && (end - i) % 3 == 0) {
            out[to++] = ',';
        }
        out[to++] = text.at[i];
    }
    return (struct hr_str){out, to};
}

/* Cents only matter where there is little. */
static unsigned places_of_money(struct hr_decimal amount)
{
    __int128 large = 1000 * HR_DECIMAL_ONE.units;
    return amount.units >= large || amount.units <= -large ? 0 : PLACES_SHOWN;
}

struct hr_str hr_datum_shown(struct hr_arena *arena, const struct hr_datum *cell)
{
    switch (cell->kind) {
    case HR_DATUM_NONE:
        return HR_STR("–");
    case HR_DATUM_TEXT:
        return cell->text;
    case HR_DATUM_COUNT:
        return with_commas(arena, rounded(arena, cell->number, 0));
    case HR_DATUM_SHARE:
        return hr_arena_join(arena, percent(arena, cell->number), "", HR_STR("%"));
    case HR_DATUM_INTERVAL:
        return hr_arena_join(arena, percent(arena, cell->number), "–",
            hr_arena_join(arena, percent(arena, cell->high), "", HR_STR("%")));
    case HR_DATUM_MONEY:
        return with_commas(arena, rounded(arena, cell->number, places_of_money(cell->number)));
    case HR_DATUM_NUMBER:
        return hr_arena_join(arena, with_commas(arena, rounded(arena, cell->number, PLACES_SHOWN)),
            "", hr_str(cell->unit ? cell->unit : ""));
    }
    return HR_STR("");
}

/* All the places that the currency has, zeros included. */
static struct hr_str plain_money(
    struct hr_arena *arena, struct hr_decimal amount, const char currency[4])
{
    int places = hr_currency_places(currency) < 0 ? 2 : hr_currency_places(currency);
    struct hr_str text = rounded(arena, amount, (unsigned)places);
    const char *point = memchr(text.at, '.', text.len);
    int has = point ? (int)(text.at + text.len - point) - 1 : 0;
    return places == 0 ? text
                       : hr_arena_printf(arena, "%.*s%s%.*s", (int)text.len, text.at,
                             point ? "" : ".", places - has, "0000");
}

struct hr_str hr_datum_plain(
    struct hr_arena *arena, const struct hr_datum *cell, const char currency[4])
{
    switch (cell->kind) {
    case HR_DATUM_NONE:
        return HR_STR("");
    case HR_DATUM_TEXT:
        return cell->text;
    case HR_DATUM_COUNT:
        return rounded(arena, cell->number, 0);
    case HR_DATUM_SHARE:
    case HR_DATUM_INTERVAL:
        return hr_arena_join(arena, percent(arena, cell->number), "", HR_STR("%"));
    case HR_DATUM_MONEY:
        return plain_money(arena, cell->number, currency);
    case HR_DATUM_NUMBER:
        return rounded(arena, cell->number, PLACES_SHOWN);
    }
    return HR_STR("");
}
