/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of outcomes, which decide, and of reports, which do not. Defaults of targets are the
 * field's and stand in report.c. */
#include "table_rows.h"

#define CHANCE(stage, number)                                                                      \
    {                                                                                              \
        .name = #stage, .type = HR_TYPE_LITERAL,                                                   \
        .offset = offsetof(struct hr_chances_setting, of[number]),                                 \
        .made = "what was measured: closed by reached",                                            \
        .help = "Chance of a deal in the stage to be closed.", .example = "40%"                    \
    }

static const struct hr_field chances[] = {
    CHANCE(identified, 0),
    CHANCE(qualified, 1),
    CHANCE(engaged, 2),
    CHANCE(negotiation, 3),
};

#define TARGET(key, metric, usual, says)                                                           \
    {                                                                                              \
        .name = (key), .type = HR_TYPE_LITERAL, .shape = HR_LIST,                                  \
        .flags = HR_ONE_ALONE | HR_BRIEF,                                                          \
        .offset = offsetof(struct hr_targets_setting, of[metric].range),                           \
        .count_offset = offsetof(struct hr_targets_setting, of[metric].range_count),               \
        .entry_size = sizeof(struct hr_written), .entries = 2, .made = (usual), .help = (says)     \
    }

static const struct hr_field targets[] = {
    TARGET("new", HR_METRIC_NEW, NULL, "Deals of new business won, of those closed."),
    TARGET("upsell", HR_METRIC_UPSELL, "25% to 35%", "Upsell deals won, of those closed."),
    TARGET(
        "cross_sell", HR_METRIC_CROSS_SELL, "15% to 20%", "Cross-sell deals won, of those closed."),
    TARGET("upsell_rate", HR_METRIC_UPSELL_RATE, "25%", "Customers who bought more, of all."),
    TARGET("time_to_upsell", HR_METRIC_TIME_TO_UPSELL, "9",
        "Months from a customer's start until more is bought; less is better."),
    TARGET("upsell_arr", HR_METRIC_UPSELL_ARR, NULL,
        "What a customer who bought more pays more, a year."),
    TARGET("nrr", HR_METRIC_NRR, "115%", "Net revenue retention."),
    TARGET("pipeline", HR_METRIC_PIPELINE, "3", "Open expansion deals, by the quota."),
    TARGET("nps", HR_METRIC_NPS, "28 to 55", "Net promoter score, from -100 to 100."),
    TARGET("csat", HR_METRIC_CSAT, "4", "Customer satisfaction, of 5."),
    TARGET("gross_churn", HR_METRIC_GROSS_CHURN, "10%",
        "Revenue lost, of that at the start; less is better."),
    TARGET("time_on_platform", HR_METRIC_TIME_ON_PLATFORM, NULL, "Months, of today's customers."),
    TARGET("acv", HR_METRIC_ACV, NULL, "What a customer pays a year."),
    TARGET(
        "lifetime_value", HR_METRIC_LIFETIME_VALUE, NULL, "What a customer pays before it leaves."),
};

static const struct hr_field reports[] = {
    {.name = "chances",
        .type = HR_TYPE_LEVEL,
        AT(hr_reports_setting, chances),
        .level = LEVEL(chances),
        .help = "How likely open deals are to be closed, by stage, for the pipeline's weighted "
                "value."},
    {.name = "targets",
        .type = HR_TYPE_LEVEL,
        AT(hr_reports_setting, targets),
        .level = LEVEL(targets),
        .help = "One value each, or [from, to]."},
    {.name = "quota",
        .type = HR_TYPE_LITERAL,
        AT(hr_reports_setting, quota),
        .help = "What open expansion deals are divided by, in money.currency.",
        .example = "500k"},
    {.name = "average_deal",
        .type = HR_TYPE_LITERAL,
        AT(hr_reports_setting, average_deal),
        .made = "what was measured: the deals won",
        .help = "What an expansion deal brings a year, in money.currency.",
        .example = "15k"},
};

static const struct hr_field outcomes[] = {
    {.name = "attribution",
        .type = HR_TYPE_DURATION,
        AT(hr_outcomes_setting, attribution_us),
        .least = HR_HOUR,
        .most = 366 * HR_DAY,
        .fallback = "30d",
        .help = "An upgrade less than this after a trigger is its outcome."},
    {.name = "hold_out",
        .type = HR_TYPE_LITERAL,
        AT(hr_outcomes_setting, hold_out),
        .fallback = "0%",
        .help = "Share of accounts, 0% to 50%, that a rule for upsell or cross-sell tells nobody "
                "of, by account and rule, so that there is something to compare with. Only of "
                "categories that are in timing.categories; risks and renewals are always told.",
        .example = "10%"},
    {.name = "history",
        .type = HR_TYPE_INTEGER,
        AT(hr_outcomes_setting, history),
        .least = 1,
        .most = HR_HISTORY_MOST,
        .fallback = "36",
        .help = "Months by which totals are kept; of older ones only the sum of revenue stays."},
    {.name = "bands",
        .type = HR_TYPE_LITERALS,
        .shape = HR_MAP,
        ENTRIES(hr_outcomes_setting, bands),
        .entry_offset = offsetof(struct hr_band_setting, bounds),
        .entries = 8,
        .key = HR_TYPE_TEXT,
        .made = "`{ account.nps: [7, 9], account.health: [50, 80] }`",
        .help = "Signals whose part in conversions is asked, and the bounds of their bands.",
        .example = "{ adoption: [40%, 75%] }"},
};

const struct hr_level_table hr_outcomes_table = {outcomes, COUNT(outcomes)};
const struct hr_level_table hr_reports_table = {reports, COUNT(reports)};
