/* SPDX-License-Identifier: Apache-2.0 */
/* A sheet for machines: JSON, and CSV (RFC 4180) for whatever opens tables. A table program takes a
 * cell that begins with = + - or @ for a formula and runs it, so text that does has an apostrophe
 * before it; numbers are none of anybody's making and stay as they are. What hides, or could drive
 * a terminal, is written as at a terminal: only JSON has every name to the byte. */
#include "print.h"
#include "sheet.h"

/* The other end of an interval; nothing of anything else. */
static struct hr_datum high_of(const struct hr_datum *cell)
{
    return cell->kind == HR_DATUM_INTERVAL
               ? (struct hr_datum){.kind = HR_DATUM_SHARE, .number = cell->high}
               : HR_NO_DATUM;
}

/* --- JSON ---------------------------------------------------------------------------------------
 */

static void put_cell(
    const struct hr_sheet *sheet, struct hr_doc *doc, const char *key, const struct hr_datum *cell)
{
    struct hr_datum high = high_of(cell);
    switch (cell->kind) {
    case HR_DATUM_NONE:
        hr_doc_null(doc, key);
        break;
    case HR_DATUM_COUNT:
        hr_doc_number(doc, key, (int64_t)(cell->number.units / HR_DECIMAL_ONE.units));
        break;
    case HR_DATUM_INTERVAL:
        hr_doc_open(doc, key, '{');
        hr_doc_text(doc, "low", hr_datum_plain(sheet->arena, cell, sheet->currency));
        hr_doc_text(doc, "high", hr_datum_plain(sheet->arena, &high, sheet->currency));
        hr_doc_close(doc, '}');
        break;
    default:
        hr_doc_text(doc, key, hr_datum_plain(sheet->arena, cell, sheet->currency));
    }
}

static void put_table(
    const struct hr_sheet *sheet, struct hr_doc *doc, const struct hr_table *table)
{
    hr_doc_open(doc, table->key, '[');
    for (size_t r = 0; r < table->row_count; r++) {
        hr_doc_open(doc, NULL, '{');
        for (size_t c = 0; c < table->column_count; c++) {
            put_cell(sheet, doc, table->columns[c].key, &table->cells[r * table->column_count + c]);
        }
        hr_doc_close(doc, '}');
    }
    hr_doc_close(doc, ']');
}

static void put_notes(const struct hr_sheet *sheet, struct hr_doc *doc)
{
    hr_doc_open(doc, "notes", '[');
    for (const struct hr_table *table = sheet->tables; table; table = table->next) {
        for (size_t i = 0; i < table->note_count; i++) {
            hr_doc_text(doc, NULL, table->notes[i]);
        }
    }
    for (size_t i = 0; i < sheet->note_count; i++) {
        hr_doc_text(doc, NULL, sheet->notes[i]);
    }
    hr_doc_close(doc, ']');
}

void hr_sheet_as_json(const struct hr_sheet *sheet, struct hr_buffer *out)
{
    struct hr_doc doc = {.buffer = out};
    hr_doc_open(&doc, NULL, '{');
    hr_doc_text(&doc, "report", hr_str(sheet->report));
    hr_doc_text(&doc, "from", sheet->from);
    hr_doc_text(&doc, "to", sheet->to);
    if (sheet->segment.len > 0) {
        hr_doc_text(&doc, "segment", sheet->segment);
    } else {
        hr_doc_null(&doc, "segment");
    }
    hr_doc_text(&doc, "currency", hr_str(sheet->currency));
    hr_doc_open(&doc, "as_of", '[');
    for (size_t i = 0; i < sheet->as_of_count; i++) {
        hr_doc_open(&doc, NULL, '{');
        hr_doc_number(&doc, "partition", sheet->as_of[i].partition);
        hr_doc_time(&doc, "time", sheet->as_of[i].time);
        hr_doc_close(&doc, '}');
    }
    hr_doc_close(&doc, ']');
    hr_doc_open(&doc, "tables", '{');
    for (const struct hr_table *table = sheet->tables; table; table = table->next) {
        put_table(sheet, &doc, table);
    }
    hr_doc_close(&doc, '}');
    put_notes(sheet, &doc);
    hr_doc_close(&doc, '}');
    hr_put_u8(out, '\n');
}

/* --- CSV ----------------------------------------------------------------------------------------
 */

static void put_quoted(struct hr_buffer *out, struct hr_str text)
{
    bool quoted = false;
    for (size_t i = 0; i < text.len; i++) {
        quoted |= memchr(",\"\r\n", text.at[i], 4) != NULL;
    }
    if (!quoted) {
        hr_put_bytes(out, text.at, text.len);
        return;
    }
    hr_put_u8(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '"') {
            hr_put_u8(out, '"');
        }
        hr_put_u8(out, (uint8_t)text.at[i]);
    }
    hr_put_u8(out, '"');
}

static bool is_formula(const struct hr_datum *cell)
{
    return cell->kind == HR_DATUM_TEXT && cell->text.len > 0 &&
           memchr("=+-@\t\r", cell->text.at[0], 6) != NULL;
}

static void put_field(
    const struct hr_sheet *sheet, struct hr_buffer *out, const struct hr_datum *cell)
{
    struct hr_str plain = hr_datum_plain(sheet->arena, cell, sheet->currency);
    struct hr_str text = hr_str(hr_printable(sheet->arena, plain, SIZE_MAX));
    hr_put_u8(out, ',');
    put_quoted(out, is_formula(cell) ? hr_arena_join(sheet->arena, HR_STR("'"), "", text) : text);
}

/* An interval is two columns; a column is one where any of its cells is. */
static bool is_interval(const struct hr_table *table, size_t column)
{
    for (size_t r = 0; r < table->row_count; r++) {
        if (table->cells[r * table->column_count + column].kind == HR_DATUM_INTERVAL) {
            return true;
        }
    }
    return false;
}

static void put_lines(
    const struct hr_sheet *sheet, struct hr_buffer *out, const struct hr_table *table)
{
    hr_put_printf(out, "table");
    for (size_t c = 0; c < table->column_count; c++) {
        const char *key = table->columns[c].key;
        if (is_interval(table, c)) {
            hr_put_printf(out, ",%s_low,%s_high", key, key);
        } else {
            hr_put_printf(out, ",%s", key);
        }
    }
    hr_put_printf(out, "\r\n");
    for (size_t r = 0; r < table->row_count; r++) {
        hr_put_printf(out, "%s", table->key);
        for (size_t c = 0; c < table->column_count; c++) {
            const struct hr_datum *cell = &table->cells[r * table->column_count + c];
            put_field(sheet, out, cell);
            if (is_interval(table, c)) {
                struct hr_datum high = high_of(cell);
                put_field(sheet, out, &high);
            }
        }
        hr_put_printf(out, "\r\n");
    }
}

static void put_times(const struct hr_sheet *sheet, struct hr_buffer *out)
{
    hr_put_printf(out, "table,partition,time\r\n");
    for (size_t i = 0; i < sheet->as_of_count; i++) {
        char text[HR_TIME_TEXT] = "";
        if (!hr_time_is(sheet->as_of[i].time, HR_TIME_NONE)) {
            text[hr_time_print(sheet->as_of[i].time, text)] = '\0';
        }
        hr_put_printf(out, "as_of,%u,%s\r\n", sheet->as_of[i].partition, text);
    }
}

void hr_sheet_as_csv(const struct hr_sheet *sheet, struct hr_buffer *out)
{
    for (const struct hr_table *table = sheet->tables; table; table = table->next) {
        if (table->row_count > 0) {
            put_lines(sheet, out, table);
        }
    }
    put_times(sheet, out);
}
