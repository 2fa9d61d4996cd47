/* SPDX-License-Identifier: Apache-2.0 */
/* Sums over the books' rows. Rows of several homes were added before; here months are. */
#include "report.h"

#include <stdlib.h>

static void add_columns(int64_t *sum, const int64_t *columns, enum hr_book book)
{
    for (unsigned c = 0; columns && c < hr_book_columns(book); c++) {
        sum[c] += columns[c];
    }
}

void hr_report_sum(
    const struct hr_report_facts *facts, enum hr_book book, struct hr_str label, int64_t *columns)
{
    memset(columns, 0, hr_book_columns(book) * sizeof(*columns));
    for (int32_t month = facts->from; month <= facts->to; month++) {
        add_columns(columns, hr_books_find(facts->books, book, month, label), book);
    }
}

static int by_name(const void *left, const void *right)
{
    return hr_str_compare(*(const struct hr_str *)left, *(const struct hr_str *)right);
}

size_t hr_report_labels(const struct hr_report_facts *facts, enum hr_book book,
    struct hr_arena *arena, struct hr_str **labels)
{
    struct hr_books_position position = {0};
    struct hr_books_row row;
    size_t count = 0, different = 0;
    while (hr_books_next(facts->books, &position, &row)) {
        count += row.book == book && row.month <= facts->to;
    }
    struct hr_str *all = hr_arena_take(arena, (count + 1) * sizeof(*all));
    position = (struct hr_books_position){0};
    count = 0;
    while (hr_books_next(facts->books, &position, &row)) {
        if (row.book == book && row.month <= facts->to) {
            all[count++] = row.label;
        }
    }
    qsort(all, count, sizeof(*all), by_name);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || !hr_str_equal(all[i], all[i - 1])) {
            all[different++] = all[i];
        }
    }
    *labels = all;
    return different;
}

/* --- revenue ------------------------------------------------------------------------------------
 */

static void add_before(struct hr_revenue *revenue, const int64_t *columns)
{
    revenue->flows.start += columns[HR_REVENUE_NEW] + columns[HR_REVENUE_EXPANSION] -
                            columns[HR_REVENUE_CONTRACTION] - columns[HR_REVENUE_CHURNED] +
                            columns[HR_REVENUE_TRANSFER];
    revenue->customers += columns[HR_REVENUE_CUSTOMERS_NEW] -
                          columns[HR_REVENUE_CUSTOMERS_CHURNED] +
                          columns[HR_REVENUE_CUSTOMERS_TRANSFER];
}

static void add_flows(struct hr_revenue *revenue, const int64_t *columns)
{
    revenue->flows.new += columns[HR_REVENUE_NEW];
    revenue->flows.expansion += columns[HR_REVENUE_EXPANSION];
    revenue->flows.contraction += columns[HR_REVENUE_CONTRACTION];
    revenue->flows.churned += columns[HR_REVENUE_CHURNED];
    revenue->flows.transfer += columns[HR_REVENUE_TRANSFER];
    revenue->customers_end += columns[HR_REVENUE_CUSTOMERS_NEW] -
                              columns[HR_REVENUE_CUSTOMERS_CHURNED] +
                              columns[HR_REVENUE_CUSTOMERS_TRANSFER];
    revenue->amended += columns[HR_REVENUE_AMENDED];
}

struct hr_revenue hr_report_revenue(
    const struct hr_report_facts *facts, const struct hr_str *segment, int32_t from, int32_t to)
{
    struct hr_revenue revenue = {{0}, 0, 0, 0};
    struct hr_books_position position = {0};
    struct hr_books_row row;
    while (hr_books_next(facts->books, &position, &row)) {
        if (row.book != HR_BOOK_REVENUE || row.month > to ||
            (segment && !hr_str_equal(row.label, *segment))) {
            continue;
        }
        if (row.month < from) {
            add_before(&revenue, row.columns);
        } else {
            add_flows(&revenue, row.columns);
        }
    }
    revenue.customers_end += revenue.customers;
    return revenue;
}

int32_t hr_report_first_month(const struct hr_report_facts *facts, const struct hr_str *segment)
{
    int32_t month = facts->from;
    while (month <= facts->to && hr_report_revenue(facts, segment, month, month).flows.start <= 0) {
        month++;
    }
    return month;
}

/* --- figures as texts ---------------------------------------------------------------------------
 */

struct hr_figure hr_report_money(const struct hr_report_facts *facts, int64_t minor)
{
    static const int64_t units[] = {1, 10, 100, 1000, 10000};
    int places = hr_currency_places(facts->rules->currency);
    return hr_figure_ratio(
        hr_decimal_from_int(minor), hr_decimal_from_int(units[places < 0 ? 2 : places]));
}

struct hr_figure hr_report_yearly(struct hr_figure monthly)
{
    return hr_figure_times(monthly, (struct hr_figure){true, hr_decimal_from_int(12)});
}

struct hr_str hr_report_month(struct hr_arena *arena, int32_t month)
{
    char text[HR_TIME_TEXT];
    size_t len = hr_month_print(month, text);
    return hr_arena_copy(arena, (struct hr_str){text, len});
}

const char *hr_report_standing(enum hr_standing_to standing)
{
    static const char *const names[] = {
        [HR_TARGET_NONE] = "",
        [HR_TARGET_UNKNOWN] = "not known",
        [HR_TARGET_BELOW] = "below target",
        [HR_TARGET_MET] = "on target",
        [HR_TARGET_ABOVE] = "above target",
    };
    return names[standing];
}

struct hr_target hr_report_target(
    const struct hr_report_facts *facts, enum hr_metric metric, bool less_is_better)
{
    return (struct hr_target){facts->settings->targets[metric].given,
        facts->settings->targets[metric].low, facts->settings->targets[metric].high,
        less_is_better};
}

struct hr_str hr_report_target_text(
    struct hr_sheet *sheet, const struct hr_target *target, enum hr_datum_kind kind)
{
    if (!target->given) {
        return HR_STR("–");
    }
    struct hr_datum cell = {.kind = kind, .number = target->low};
    struct hr_str low = hr_datum_shown(sheet->arena, &cell);
    if (hr_decimal_compare(target->low, target->high) == 0) {
        return low;
    }
    cell.number = target->high;
    return hr_arena_join(sheet->arena, low, " to ", hr_datum_shown(sheet->arena, &cell));
}
