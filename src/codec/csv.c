/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 4180, as strict as it is written, but for line ends: CRLF and LF both end a row. Rows end at
 * the line end; in quotes a cell may hold separators, line ends and doubled quotes. A quote
 * anywhere else is a mistake, for guessing what was meant would move cells. */
#include "csv.h"

#include <string.h>

void hr_csv_begin(struct hr_csv *csv, struct hr_str text, char separator)
{
    static const char mark[] = "\xef\xbb\xbf";
    *csv = (struct hr_csv){text.at, text.at + text.len, separator, 1};
    if (hr_str_starts(text, mark)) {
        csv->at += strlen(mark);
    }
}

static bool at_line_end(const struct hr_csv *csv)
{
    return csv->at == csv->end || *csv->at == '\n' ||
           (*csv->at == '\r' && (csv->at + 1 == csv->end || csv->at[1] == '\n'));
}

static void pass_line_end(struct hr_csv *csv)
{
    if (csv->at < csv->end && *csv->at == '\r') {
        csv->at++;
    }
    if (csv->at < csv->end) {
        csv->at++;
        csv->line++;
    }
}

/* Behind the opening quote. NULL, or what is wrong. */
static const char *read_quoted(struct hr_csv *csv, struct hr_arena *arena, struct hr_str *cell)
{
    const char *begin = csv->at;
    bool doubled = false;
    for (; csv->at < csv->end; csv->at++) {
        csv->line += *csv->at == '\n';
        if (*csv->at != '"') {
            continue;
        }
        if (csv->at + 1 == csv->end || csv->at[1] != '"') {
            break;
        }
        doubled = true;
        csv->at++;
    }
    if (csv->at == csv->end) {
        return "a quote is never closed";
    }
    *cell = (struct hr_str){begin, (size_t)(csv->at - begin)};
    csv->at++;
    if (csv->at < csv->end && *csv->at != csv->separator && !at_line_end(csv)) {
        return "text follows a closing quote";
    }
    if (doubled) {
        char *plain = hr_arena_take(arena, cell->len);
        size_t len = 0;
        for (size_t i = 0; i < cell->len; i++) {
            plain[len++] = cell->at[i];
            i += cell->at[i] == '"';
        }
        *cell = (struct hr_str){plain, len};
    }
    return NULL;
}

static const char *read_cell(struct hr_csv *csv, struct hr_arena *arena, struct hr_str *cell)
{
    if (csv->at < csv->end && *csv->at == '"') {
        csv->at++;
        return read_quoted(csv, arena, cell);
    }
    const char *begin = csv->at;
    while (!at_line_end(csv) && *csv->at != csv->separator) {
        if (*csv->at == '"') {
            return "a quote stands in a cell that does not begin with one";
        }
        csv->at++;
    }
    *cell = (struct hr_str){begin, (size_t)(csv->at - begin)};
    return NULL;
}

static void add_cell(
    struct hr_arena *arena, struct hr_str **cells, size_t *count, size_t *room, struct hr_str cell)
{
    if (*count == *room) {
        size_t more = *room ? 2 * *room : 16;
        struct hr_str *grown = hr_arena_take(arena, more * sizeof *grown);
        if (*count) {
            memcpy(grown, *cells, *count * sizeof *grown);
        }
        *cells = grown;
        *room = more;
    }
    (*cells)[(*count)++] = cell;
}

enum hr_csv_read hr_csv_next(struct hr_csv *csv, struct hr_arena *arena, struct hr_str **cells,
    size_t *count, uint64_t *line, const char **wrong)
{
    size_t room = 0;
    *cells = NULL;
    *count = 0;
    while (csv->at < csv->end && at_line_end(csv)) {
        pass_line_end(csv);
    }
    *line = csv->line;
    if (csv->at == csv->end) {
        return HR_CSV_END;
    }
    for (;;) {
        struct hr_str cell = {NULL, 0};
        *wrong = read_cell(csv, arena, &cell);
        if (*wrong) {
            break;
        }
        add_cell(arena, cells, count, &room, cell);
        if (at_line_end(csv)) {
            pass_line_end(csv);
            return HR_CSV_ROW;
        }
        csv->at++; /* the separator; a cell follows, if an empty one */
    }
    while (csv->at < csv->end && *csv->at != '\n') {
        csv->at++;
    }
    pass_line_end(csv);
    return HR_CSV_WRONG;
}
