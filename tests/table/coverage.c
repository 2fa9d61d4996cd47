/* SPDX-License-Identifier: Apache-2.0 */
/* Is the table complete? Every cell of the matrix is shown by a case or has no meaning, with a
 * reason, and not both; every sentence of the specification is shown by a case, or says what else
 * shows it; nothing is named that does not exist. */
#include "table.h"

#include <string.h>

static bool is_one_of(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(names[i], name) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_cell(const struct table *table, const struct cell *cell)
{
    return cell->column && is_one_of(cell->row, table->rows, table->row_count) &&
           is_one_of(cell->column, table->columns, table->column_count);
}

static size_t cases_of(const struct table *table, const char *row, const char *column)
{
    size_t count = 0;
    for (size_t c = 0; c < table->case_count; c++) {
        const struct table_case *one = &table->cases[c];
        for (size_t i = 0; i < one->cell_count; i++) {
            count +=
                strcmp(one->cells[i].row, row) == 0 && strcmp(one->cells[i].column, column) == 0;
        }
    }
    return count;
}

static const struct reason *reason_of(
    const struct table *table, const char *row, const char *column)
{
    for (size_t i = 0; i < table->reason_count; i++) {
        const struct cell *cell = &table->reasons[i].cell;
        if (strcmp(cell->row, row) == 0 && strcmp(cell->column, column) == 0) {
            return &table->reasons[i];
        }
    }
    return NULL;
}

static unsigned complain(
    const struct table *table, unsigned line, const char *what, const char *name, const char *more)
{
    printf("#   %s:%u: %s %s%s%s\n", table->file, line, what, name, *more ? "/" : "", more);
    return 1;
}

static unsigned check_cell(const struct table *table, const char *row, const char *column)
{
    size_t cases = cases_of(table, row, column);
    const struct reason *reason = reason_of(table, row, column);
    if (cases == 0 && !reason) {
        return complain(table, 0, "no case shows", row, column);
    }
    if (cases > 0 && reason) {
        return complain(table, reason->line, "a case shows, and it has no meaning:", row, column);
    }
    return 0;
}

static unsigned check_matrix(const struct table *table)
{
    unsigned wrong = 0;
    for (size_t r = 0; r < table->row_count; r++) {
        for (size_t c = 0; c < table->column_count; c++) {
            wrong += check_cell(table, table->rows[r], table->columns[c]);
        }
    }
    for (size_t c = 0; c < table->case_count; c++) {
        const struct table_case *one = &table->cases[c];
        for (size_t i = 0; i < one->cell_count; i++) {
            if (!is_cell(table, &one->cells[i])) {
                const char *column = one->cells[i].column;
                wrong += complain(
                    table, one->line, "not a cell:", one->cells[i].row, column ? column : "");
            }
        }
    }
    for (size_t i = 0; i < table->reason_count; i++) {
        if (!is_cell(table, &table->reasons[i].cell)) {
            wrong += complain(
                table, table->reasons[i].line, "not a cell:", table->reasons[i].cell.row, "");
        }
    }
    return wrong;
}

static struct sentence *find_sentence(struct table *table, const char *name)
{
    for (size_t i = 0; i < table->sentence_count; i++) {
        if (strcmp(table->sentences[i].name, name) == 0) {
            return &table->sentences[i];
        }
    }
    return NULL;
}

static unsigned check_sentences(struct table *table)
{
    unsigned wrong = 0;
    for (size_t c = 0; c < table->case_count; c++) {
        const struct table_case *one = &table->cases[c];
        for (size_t i = 0; i < one->sentence_count; i++) {
            struct sentence *sentence = find_sentence(table, one->sentences[i]);
            if (sentence) {
                sentence->shown++;
            } else {
                wrong += complain(table, one->line, "not a sentence:", one->sentences[i], "");
            }
        }
    }
    for (size_t i = 0; i < table->sentence_count; i++) {
        const struct sentence *one = &table->sentences[i];
        if (one->shown == 0 && !one->elsewhere) {
            wrong += complain(table, 0, "no case shows the sentence", one->name, "");
        } else if (one->shown > 0 && one->elsewhere) {
            wrong +=
                complain(table, 0, "cases show what is said to be shown elsewhere:", one->name, "");
        }
    }
    return wrong;
}

unsigned coverage_check(struct table *table, unsigned first)
{
    unsigned cells = check_matrix(table), sentences = check_sentences(table);
    printf("%sok %u - every cell of the matrix has a case or no meaning\n", cells ? "not " : "",
        first);
    printf("%sok %u - every sentence has a case\n", sentences ? "not " : "", first + 1);
    return (cells > 0 ? 1U : 0U) + (sentences > 0 ? 1U : 0U);
}

void matrix_print(const struct table *table)
{
    printf("%-16s", "");
    for (size_t c = 0; c < table->column_count; c++) {
        printf("%10s", table->columns[c]);
    }
    for (size_t r = 0; r < table->row_count; r++) {
        printf("\n%-16s", table->rows[r]);
        for (size_t c = 0; c < table->column_count; c++) {
            size_t cases = cases_of(table, table->rows[r], table->columns[c]);
            bool reason = reason_of(table, table->rows[r], table->columns[c]) != NULL;
            if (cases > 0 || !reason) {
                printf("%10zu", cases);
            } else {
                printf("%10s", "-");
            }
        }
    }
    printf("\n\nNo meaning:\n");
    for (size_t i = 0; i < table->reason_count; i++) {
        const struct reason *reason = &table->reasons[i];
        printf("  %s/%s: %s\n", reason->cell.row, reason->cell.column, reason->text);
    }
    printf("\nCases:\n");
    for (size_t r = 0; r < table->row_count; r++) {
        for (size_t n = 0; n < table->case_count; n++) {
            const struct table_case *one = &table->cases[n];
            for (size_t i = 0; i < one->cell_count; i++) {
                if (strcmp(one->cells[i].row, table->rows[r]) == 0) {
                    printf("  %s/%s: %s (line %u)\n", table->rows[r], one->cells[i].column,
                        one->name, one->line);
                }
            }
        }
    }
}
