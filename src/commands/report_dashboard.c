/* SPDX-License-Identifier: Apache-2.0 */
/* `headroom report dashboard`: the figures that a growth team is asked for, each beside its target.
 * Those over time are of the report's months, the others of accounts as they are now. Each line
 * says how it was worked out: a figure whose formula nobody knows convinces nobody. */
#include "report.h"

#include <inttypes.h>

/* A month is 365/12 days. */
static struct hr_figure months_of(int64_t days, int64_t count)
{
    struct hr_figure mean = hr_figure_share(days, count);
    struct hr_figure months = {
        .known = mean.known && hr_decimal_mul_div(mean.value, hr_decimal_from_int(12),
                                   hr_decimal_from_int(365), HR_DECIMAL_PLACES, &mean.value)};
    months.value = mean.value;
    return months.known ? months : HR_FIGURE_UNKNOWN;
}

struct board {
    const struct hr_report_facts *facts;
    struct hr_sheet *sheet;
    struct hr_table *table;
    struct hr_revenue revenue; /* from the first month that began with some */
    int32_t from;
    bool has_revenue;
};

static struct hr_datum cell_of(enum hr_datum_kind kind, struct hr_figure figure, const char *unit)
{
    struct hr_datum cell = HR_NO_DATUM;
    if (figure.known) {
        cell = (struct hr_datum){.kind = kind, .number = figure.value, .unit = unit};
    }
    return cell;
}

struct line {
    const char *name;
    enum hr_metric metric;
    enum hr_datum_kind kind;
    const char *unit;
    bool less_is_better;
};

static void tell(
    const struct board *board, const struct line *line, struct hr_figure current, const char *how)
{
    struct hr_target target = hr_report_target(board->facts, line->metric, line->less_is_better);
    struct hr_str wanted = hr_report_target_text(board->sheet, &target, line->kind);
    if (target.given && line->unit) {
        wanted = hr_arena_join(board->sheet->arena, wanted, "", hr_str(line->unit));
    }
    hr_table_row(board->sheet, board->table,
        (struct hr_datum[]){hr_datum_text(hr_str(line->name)), hr_datum_text(wanted),
            cell_of(line->kind, current, line->unit),
            hr_datum_text(hr_str(hr_report_standing(hr_target_standing(&target, current)))),
            hr_datum_text(hr_str(how))});
}

/* --- upsell -------------------------------------------------------------------------------------
 */

static void tell_upsell(const struct board *board)
{
    const struct hr_present *present = board->facts->present;
    struct hr_figure added =
        hr_report_yearly(hr_report_money(board->facts, board->revenue.flows.expansion));
    struct hr_figure upgraded = {true, hr_decimal_from_int(present->upgraded)};
    tell(board, &(struct line){"upsell rate", HR_METRIC_UPSELL_RATE, HR_DATUM_SHARE, NULL, false},
        hr_figure_share(present->upgraded, present->customers),
        "customers whose MRR rose / customers");
    tell(board,
        &(struct line){
            "time to upsell", HR_METRIC_TIME_TO_UPSELL, HR_DATUM_NUMBER, " months", true},
        months_of(present->first_upgrade_days, present->first_upgrades),
        "from a customer's start to the first rise of its MRR; less is better");
    tell(board,
        &(struct line){"upsell ARR a customer", HR_METRIC_UPSELL_ARR, HR_DATUM_MONEY, NULL, false},
        added.known ? hr_figure_ratio(added.value, upgraded.value) : HR_FIGURE_UNKNOWN,
        "12 × expansion / customers whose MRR rose");
}

static void tell_deals(const struct board *board)
{
    static const struct {
        struct line line;
        const char *kind;
    } rows[] = {
        {{"upsell conversion", HR_METRIC_UPSELL, HR_DATUM_SHARE, NULL, false}, "upsell"},
        {{"cross-sell conversion", HR_METRIC_CROSS_SELL, HR_DATUM_SHARE, NULL, false},
            "cross-sell"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int64_t sums[HR_BOOK_COLUMNS];
        hr_report_sum(board->facts, HR_BOOK_DEALS, hr_str(rows[i].kind), sums);
        tell(board, &rows[i].line,
            hr_figure_share(sums[HR_DEALS_WON], sums[HR_DEALS_WON] + sums[HR_DEALS_LOST]),
            "deals won / deals closed");
    }
}

static void tell_pipeline(const struct board *board)
{
    const struct hr_maybe *quota = &board->facts->settings->quota;
    struct hr_decimal open = HR_DECIMAL_ZERO;
    for (size_t s = 0; s < HR_CHANCES; s++) {
        open.units += board->facts->present->open[HR_DEAL_UPSELL][s].amount.units;
        open.units += board->facts->present->open[HR_DEAL_CROSS_SELL][s].amount.units;
    }
    tell(board,
        &(struct line){"expansion pipeline", HR_METRIC_PIPELINE, HR_DATUM_NUMBER, "×", false},
        quota->given ? hr_figure_ratio(open, quota->value) : HR_FIGURE_UNKNOWN,
        quota->given ? "open upsell and cross-sell amounts / reports.quota"
                     : "set reports.quota to know it");
}

/* --- revenue ------------------------------------------------------------------------------------
 */

static void tell_retention(const struct board *board)
{
    const struct hr_retention *flows = &board->revenue.flows;
    int64_t lost = flows->contraction + flows->churned;
    tell(board, &(struct line){"NRR", HR_METRIC_NRR, HR_DATUM_SHARE, NULL, false},
        hr_retention_net(flows), "(start + expansion − contraction − churned) / start");
    tell(board, &(struct line){"gross churn", HR_METRIC_GROSS_CHURN, HR_DATUM_SHARE, NULL, true},
        hr_figure_share(lost, flows->start), "(contraction + churned) / start; less is better");
}

static void tell_value(const struct board *board)
{
    const struct hr_present *present = board->facts->present;
    struct hr_figure monthly = hr_figure_ratio(present->mrr, hr_decimal_from_int(present->priced));
    int64_t starts = 0, lost = 0;
    for (int32_t month = board->from; month <= board->facts->to; month++) {
        struct hr_revenue revenue = hr_report_revenue(board->facts, NULL, month, month);
        starts += revenue.flows.start;
        lost += revenue.flows.contraction + revenue.flows.churned;
    }
    tell(board, &(struct line){"ACV", HR_METRIC_ACV, HR_DATUM_MONEY, NULL, false},
        hr_report_yearly(monthly), "12 × MRR / customers with a known MRR");
    tell(board,
        &(struct line){"lifetime value", HR_METRIC_LIFETIME_VALUE, HR_DATUM_MONEY, NULL, false},
        hr_lifetime_value(monthly, lost, starts),
        lost > 0 ? "MRR a customer / share of revenue lost a month"
                 : "no revenue was lost: no end is in sight");
}

/* --- customers ----------------------------------------------------------------------------------
 */

static void tell_customers(const struct board *board)
{
    const struct hr_present *present = board->facts->present;
    tell(board, &(struct line){"NPS", HR_METRIC_NPS, HR_DATUM_NUMBER, NULL, false},
        hr_net_promoters(present->promoters, present->detractors, present->nps_answers),
        "share of accounts with 9 or 10, less that with 0 to 6");
    tell(board, &(struct line){"CSAT", HR_METRIC_CSAT, HR_DATUM_NUMBER, NULL, false},
        hr_figure_ratio(present->csat, hr_decimal_from_int(present->csat_answers)),
        "mean of the accounts' last answers, of 5");
    tell(board,
        &(struct line){
            "time on platform", HR_METRIC_TIME_ON_PLATFORM, HR_DATUM_NUMBER, " months", false},
        months_of(present->tenure_days, present->customers), "mean tenure of today's customers");
}

void hr_report_dashboard(const struct hr_report_facts *facts, struct hr_sheet *sheet)
{
    static const struct hr_column columns[] = {{"metric", "Metric"}, {"target", ">Target"},
        {"current", ">Current"}, {"status", "Status"}, {"how", "How"}};
    struct board board = {.facts = facts, .sheet = sheet};
    sheet->title = HR_STR("Dashboard");
    sheet->lead = HR_STR("Figures over time are of these months; the others are as of now.");
    board.table = hr_sheet_table(sheet, "metrics", HR_STR("Metrics"), columns, 5);
    board.from = hr_report_first_month(facts, NULL);
    if (board.from <= facts->to) {
        board.revenue = hr_report_revenue(facts, NULL, board.from, facts->to);
    }
    tell_upsell(&board);
    tell_deals(&board);
    tell_retention(&board);
    tell_pipeline(&board);
    tell_customers(&board);
    tell_value(&board);
    if (board.from > facts->from && board.from <= facts->to) {
        struct hr_str month = hr_report_month(sheet->arena, board.from);
        hr_table_note(sheet, board.table,
            hr_arena_printf(sheet->arena,
                "NRR, churn and upsell ARR are from %.*s on, the first month that began with "
                "revenue.",
                (int)month.len, month.at));
    }
    hr_table_note(sheet, board.table,
        HR_STR("Targets are those of reports.targets, else what is usual in the field."));
}
