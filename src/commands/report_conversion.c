/* SPDX-License-Identifier: Apache-2.0 */
/* `headroom report conversion`: of the deals that were closed, how many were won, how long that
 * took and what it cost. New business stands apart from expansion, and upsell from cross-sell: an
 * average over all of them is nobody's. A deal belongs to the month in which it was closed. */
#include "report.h"

#include <inttypes.h>

struct kind {
    const char *key;
    struct hr_str title;
    unsigned kinds; /* bits of enum hr_deal */
    int metric;     /* enum hr_metric; -1: none */
};
#define KIND(kind) (1u << (kind))
static const struct kind kinds[] = {
    {"new", HR_STR("new business"), KIND(HR_DEAL_NEW), HR_METRIC_NEW},
    {"expansion", HR_STR("expansion"), KIND(HR_DEAL_UPSELL) | KIND(HR_DEAL_CROSS_SELL), -1},
    {"upsell", HR_STR("- upsell"), KIND(HR_DEAL_UPSELL), HR_METRIC_UPSELL},
    {"cross_sell", HR_STR("- cross-sell"), KIND(HR_DEAL_CROSS_SELL), HR_METRIC_CROSS_SELL},
    {"renewal", HR_STR("renewal"), KIND(HR_DEAL_RENEWAL), -1},
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static void sum_of(
    const struct hr_report_facts *facts, const struct kind *kind, int64_t sums[HR_BOOK_COLUMNS])
{
    memset(sums, 0, HR_BOOK_COLUMNS * sizeof(*sums));
    for (size_t k = 0; k < HR_DEAL_KINDS; k++) {
        int64_t columns[HR_BOOK_COLUMNS];
        if (!(kind->kinds & KIND(k))) {
            continue;
        }
        hr_report_sum(facts, HR_BOOK_DEALS, hr_str(hr_deal_names[k]), columns);
        for (size_t c = 0; c < HR_DEALS_COLUMNS; c++) {
            sums[c] += columns[c];
        }
    }
}

static void tell_rate(const struct hr_report_facts *facts, struct hr_sheet *sheet,
    struct hr_table *table, const struct kind *kind, const int64_t *sums)
{
    int64_t won = sums[HR_DEALS_WON], closed = won + sums[HR_DEALS_LOST];
    struct hr_figure rate = hr_figure_share(won, closed);
    struct hr_target target = {0};
    if (kind->metric >= 0) {
        target = hr_report_target(facts, (enum hr_metric)kind->metric, false);
    }
    hr_table_row(sheet, table,
        (struct hr_datum[]){hr_datum_text(kind->title), hr_datum_count(closed), hr_datum_count(won),
            hr_datum_share(rate),
            closed > 0 ? hr_datum_interval(hr_wilson(won, closed)) : HR_NO_DATUM,
            hr_datum_text(hr_report_target_text(sheet, &target, HR_DATUM_SHARE)),
            hr_datum_text(hr_str(hr_report_standing(hr_target_standing(&target, rate))))});
}

static void tell_effort(const struct hr_report_facts *facts, struct hr_sheet *sheet,
    struct hr_table *table, const struct kind *kind, const int64_t *sums)
{
    struct hr_figure won = {true, hr_decimal_from_int(sums[HR_DEALS_WON])};
    struct hr_figure amount = hr_report_money(facts, sums[HR_DEALS_AMOUNT]);
    struct hr_figure cost = hr_report_money(facts, sums[HR_DEALS_COST]);
    hr_table_row(sheet, table,
        (struct hr_datum[]){hr_datum_text(kind->title),
            hr_datum_number(hr_figure_share(sums[HR_DEALS_DAYS], sums[HR_DEALS_WON]), " days"),
            hr_datum_money(amount), hr_datum_money(hr_figure_ratio(amount.value, won.value)),
            hr_datum_money(cost), hr_datum_money(hr_figure_ratio(cost.value, won.value)),
            hr_datum_number(hr_figure_ratio(cost.value, amount.value), NULL)});
}

void hr_report_conversion(const struct hr_report_facts *facts, struct hr_sheet *sheet)
{
    static const struct hr_column rate_columns[] = {{"business", "Business"}, {"closed", ">Closed"},
        {"won", ">Won"}, {"conversion", ">Conversion"}, {"interval", ">95% interval"},
        {"target", ">Target"}, {"status", "Status"}};
    static const struct hr_column effort_columns[] = {{"business", "Business"},
        {"days_to_close", ">Time to close"}, {"acv", ">ACV won"}, {"average_deal", ">Average deal"},
        {"cost", ">Cost"}, {"cost_to_close", ">Cost to close"},
        {"cost_per_acv", ">Cost per 1 of ACV"}};
    sheet->title = HR_STR("Conversion");
    sheet->lead = HR_STR("Deals that were closed, won or lost, in the month in which they were.");
    struct hr_table *rates =
        hr_sheet_table(sheet, "conversion", HR_STR("Deals won, of those closed"), rate_columns, 7);
    struct hr_table *efforts =
        hr_sheet_table(sheet, "effort", HR_STR("What it took"), effort_columns, 7);
    rates->lead = HR_STR("Dots are shares, lines their 95% intervals.");
    rates->picture = HR_PICTURE_INTERVALS;
    memcpy(rates->drawn, (const int[]){0, 2, 1, -1, -1}, sizeof(rates->drawn));
    for (size_t k = 0; k < KINDS; k++) {
        int64_t sums[HR_BOOK_COLUMNS];
        sum_of(facts, &kinds[k], sums);
        if (kinds[k].kinds == KIND(HR_DEAL_RENEWAL) &&
            sums[HR_DEALS_WON] + sums[HR_DEALS_LOST] == 0) {
            continue;
        }
        tell_rate(facts, sheet, rates, &kinds[k], sums);
        tell_effort(facts, sheet, efforts, &kinds[k], sums);
    }
    hr_table_note(sheet, rates,
        HR_STR("Conversion = won / (won + lost). The interval holds the true chance in 19 of 20 "
               "such samples (Wilson)."));
    hr_table_note(sheet, efforts,
        HR_STR("Time to close: from the first stage, of deals won. Cost to close = cost of all "
               "closed deals, lost ones included, / deals won; cost per 1 of ACV = that cost / ACV "
               "won."));
}
