/* SPDX-License-Identifier: Apache-2.0 */
/* `headroom report retention`: what the customers of a month's start bring at its end, by month and
 * by segment. A month is exact: its flows are those of accounts as they stood at its start and end.
 * Several months taken together add flows up, those of customers won meanwhile, too, which is said.
 */
#include "report.h"

#include <inttypes.h>

enum { START = 1, END = 7, COLUMNS = 13 };
static const bool minus[COLUMNS] = {[4] = true, [5] = true};

static void fill(const struct hr_report_facts *facts, struct hr_sheet *sheet,
    const struct hr_revenue *revenue, struct hr_str name, struct hr_datum cells[COLUMNS])
{
    const struct hr_retention *flows = &revenue->flows;
    struct hr_figure churn = hr_churn_rate(
        flows->start, flows->start - flows->contraction - flows->churned, flows->expansion);
    const int64_t money[] = {flows->start, flows->new, flows->expansion, flows->contraction,
        flows->churned, flows->transfer, hr_retention_end(flows)};
    cells[0] = hr_datum_text(name);
    for (size_t i = 0; i < 7; i++) {
        cells[START + i] = hr_datum_money(hr_report_money(facts, money[i]));
    }
    cells[8] = hr_datum_share(hr_retention_net(flows));
    cells[9] = hr_datum_share(hr_retention_gross(flows));
    cells[10] = hr_datum_share(churn);
    cells[11] = hr_datum_count(revenue->customers_end);
    cells[12] = revenue->amended > 0
                    ? hr_datum_text(hr_arena_printf(sheet->arena, "* %" PRId64, revenue->amended))
                    : hr_datum_text(HR_STR(""));
}

/* --- by month -----------------------------------------------------------------------------------
 */

static struct hr_str period_text(struct hr_sheet *sheet, int32_t from, int32_t to)
{
    struct hr_str first = hr_report_month(sheet->arena, from);
    return from == to
               ? first
               : hr_arena_join(sheet->arena, first, " to ", hr_report_month(sheet->arena, to));
}

/* Months before the first revenue say nothing. */
static bool is_blank(const struct hr_revenue *revenue)
{
    return revenue->flows.start == 0 && hr_retention_end(&revenue->flows) == 0 &&
           revenue->flows.new == 0 && revenue->amended == 0;
}

static void tell_months(const struct hr_report_facts *facts, struct hr_sheet *sheet,
    struct hr_table *table, const struct hr_str *segment)
{
    struct hr_datum cells[COLUMNS];
    for (int32_t month = facts->from; month <= facts->to; month++) {
        struct hr_revenue revenue = hr_report_revenue(facts, segment, month, month);
        if (!is_blank(&revenue)) {
            fill(facts, sheet, &revenue, hr_report_month(sheet->arena, month), cells);
            hr_table_row(sheet, table, cells);
        }
    }
}

static void note_formulas(struct hr_sheet *sheet, struct hr_table *table, bool negative)
{
    hr_table_note(sheet, table,
        HR_STR("NRR = (start + expansion − contraction − churned) / start; GRR is the same without "
               "expansion. Churn = ((start − end) − expansion) / start, where end is the "
               "revenue of the customers present at the start, without their expansion: 1 − NRR."));
    hr_table_note(sheet, table,
        HR_STR(
            "One published article writes NRR with the revenue at the end in place of the start: "
            "figures made that way do not compare with these."));
    if (negative) {
        hr_table_note(sheet, table,
            HR_STR("Churn below 0% is negative churn: expansion outweighs what was lost."));
    }
}

/* The whole period below its months, and what is to be known of it. */
static void tell_period(const struct hr_report_facts *facts, struct hr_sheet *sheet,
    struct hr_table *table, const struct hr_str *segment)
{
    int32_t from = hr_report_first_month(facts, segment);
    if (from > facts->to) {
        hr_table_note(
            sheet, table, HR_STR("No month began with revenue, so there is no rate yet."));
        return;
    }
    struct hr_datum cells[COLUMNS];
    struct hr_revenue revenue = hr_report_revenue(facts, segment, from, facts->to);
    if (from < facts->to) {
        fill(facts, sheet, &revenue, period_text(sheet, from, facts->to), cells);
        hr_table_row(sheet, table, cells);
    }
    table->lead = hr_arena_join(sheet->arena, HR_STR("The picture is of"), " ",
        hr_arena_join(
            sheet->arena, period_text(sheet, from, facts->to), "", HR_STR(", from start to end.")));
    note_formulas(sheet, table,
        hr_decimal_compare(hr_retention_net(&revenue.flows).value, HR_DECIMAL_ONE) > 0);
    if (revenue.amended > 0) {
        hr_table_note(sheet, table,
            HR_STR(
                "* Billing events that came after the month was over changed it; the number says "
                "how often."));
    }
    if (from < facts->to && revenue.flows.new > 0) {
        hr_table_note(sheet, table,
            HR_STR("The last line takes several months as one: expansion, contraction and churn of "
                   "customers won within them are in its sums. The months by themselves are of the "
                   "customers of their start alone."));
    }
}

/* --- by segment ---------------------------------------------------------------------------------
 */

#define REVENUE_COLUMNS                                                                            \
    {"start", ">Start"}, {"new", ">New"}, {"expansion", ">Expansion"},                             \
        {"contraction", ">Contraction"}, {"churned", ">Churned"}, {"transfer", ">Moved"},          \
        {"end", ">End"}, {"nrr", ">NRR"}, {"grr", ">GRR"}, {"churn_rate", ">Churn"},               \
        {"customers", ">Customers"},                                                               \
    {                                                                                              \
        "amended", "Amended"                                                                       \
    }

static const struct hr_column month_columns[] = {{"month", "Month"}, REVENUE_COLUMNS};
static const struct hr_column segment_columns[] = {{"segment", "Segment"}, REVENUE_COLUMNS};
static const struct hr_column both_columns[] = {
    {"segment", "Segment"}, {"month", "Month"}, REVENUE_COLUMNS};

static struct hr_str segment_name(struct hr_str label)
{
    return label.len > 0 ? label : HR_STR("(none)");
}

static void tell_segments(const struct hr_report_facts *facts, struct hr_sheet *sheet)
{
    struct hr_str *labels;
    size_t count = hr_report_labels(facts, HR_BOOK_REVENUE, sheet->arena, &labels);
    int32_t from = hr_report_first_month(facts, NULL);
    from = from > facts->to ? facts->from : from;
    struct hr_table *table = hr_sheet_table(sheet, "segments",
        hr_arena_join(
            sheet->arena, HR_STR("MRR by segment, "), "", period_text(sheet, from, facts->to)),
        segment_columns, COLUMNS);
    for (size_t i = 0; i < count; i++) {
        struct hr_datum cells[COLUMNS];
        struct hr_revenue revenue = hr_report_revenue(facts, &labels[i], from, facts->to);
        fill(facts, sheet, &revenue, segment_name(labels[i]), cells);
        hr_table_row(sheet, table, cells);
    }
}

static void tell_both(const struct hr_report_facts *facts, struct hr_sheet *sheet)
{
    struct hr_str *labels;
    size_t count = hr_report_labels(facts, HR_BOOK_REVENUE, sheet->arena, &labels);
    struct hr_table *table = hr_sheet_table(
        sheet, "months_by_segment", HR_STR("MRR by segment and month"), both_columns, COLUMNS + 1);
    table->detail = true;
    for (size_t i = 0; i < count; i++) {
        for (int32_t month = facts->from; month <= facts->to; month++) {
            struct hr_datum cells[COLUMNS + 1];
            struct hr_revenue revenue = hr_report_revenue(facts, &labels[i], month, month);
            if (!is_blank(&revenue)) {
                cells[0] = hr_datum_text(labels[i]);
                fill(facts, sheet, &revenue, hr_report_month(sheet->arena, month), cells + 1);
                hr_table_row(sheet, table, cells);
            }
        }
    }
}

void hr_report_retention(const struct hr_report_facts *facts, struct hr_sheet *sheet)
{
    bool one = facts->segment.len > 0;
    const struct hr_str *segment = one ? &facts->segment : NULL;
    sheet->title = HR_STR("Retention");
    sheet->lead = HR_STR("Monthly recurring revenue, and what became of it.");
    struct hr_table *table =
        hr_sheet_table(sheet, "months", HR_STR("MRR by month"), month_columns, COLUMNS);
    table->picture = HR_PICTURE_WATERFALL;
    table->drawn[0] = START;
    table->drawn[1] = END;
    table->minus = minus;
    tell_months(facts, sheet, table, segment);
    tell_period(facts, sheet, table, segment);
    if (!one) {
        tell_segments(facts, sheet);
        tell_both(facts, sheet);
    }
}
