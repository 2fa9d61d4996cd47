/* SPDX-License-Identifier: Apache-2.0 */
/* What reports compare with: units that must fit, ranges that must ascend, and the targets that are
 * usual in the field where the user gave none. */
#include "report.h"

#include "scalar.h"

const char *const hr_metric_names[HR_METRIC_COUNT] = {
    [HR_METRIC_NEW] = "new",
    [HR_METRIC_UPSELL] = "upsell",
    [HR_METRIC_CROSS_SELL] = "cross_sell",
    [HR_METRIC_UPSELL_RATE] = "upsell_rate",
    [HR_METRIC_TIME_TO_UPSELL] = "time_to_upsell",
    [HR_METRIC_UPSELL_ARR] = "upsell_arr",
    [HR_METRIC_NRR] = "nrr",
    [HR_METRIC_PIPELINE] = "pipeline",
    [HR_METRIC_NPS] = "nps",
    [HR_METRIC_CSAT] = "csat",
    [HR_METRIC_GROSS_CHURN] = "gross_churn",
    [HR_METRIC_TIME_ON_PLATFORM] = "time_on_platform",
    [HR_METRIC_ACV] = "acv",
    [HR_METRIC_LIFETIME_VALUE] = "lifetime_value",
};

/* Usual targets in thousandths; none: 0 and 0. */
static const struct {
    enum hr_unit unit;
    int low, high;
} usual[HR_METRIC_COUNT] = {
    [HR_METRIC_NEW] = {HR_UNIT_SHARE, 0, 0},
    [HR_METRIC_UPSELL] = {HR_UNIT_SHARE, 250, 350},
    [HR_METRIC_CROSS_SELL] = {HR_UNIT_SHARE, 150, 200},
    [HR_METRIC_UPSELL_RATE] = {HR_UNIT_SHARE, 250, 250},
    [HR_METRIC_TIME_TO_UPSELL] = {HR_UNIT_NUMBER, 9000, 9000},
    [HR_METRIC_UPSELL_ARR] = {HR_UNIT_MONEY, 0, 0},
    [HR_METRIC_NRR] = {HR_UNIT_SHARE, 1150, 1150},
    [HR_METRIC_PIPELINE] = {HR_UNIT_NUMBER, 3000, 3000},
    [HR_METRIC_NPS] = {HR_UNIT_NUMBER, 28000, 55000},
    [HR_METRIC_CSAT] = {HR_UNIT_NUMBER, 4000, 4000},
    [HR_METRIC_GROSS_CHURN] = {HR_UNIT_SHARE, 100, 100},
    [HR_METRIC_TIME_ON_PLATFORM] = {HR_UNIT_NUMBER, 0, 0},
    [HR_METRIC_ACV] = {HR_UNIT_MONEY, 0, 0},
    [HR_METRIC_LIFETIME_VALUE] = {HR_UNIT_MONEY, 0, 0},
};

struct checking {
    struct hr_complainer *complainer;
    struct hr_str currency;
};

/* False after a complaint. */
static bool fit(const struct checking *checking, enum hr_unit unit, struct hr_written *literal,
    const struct hr_path *path)
{
    if (!hr_fit_unit(unit, literal)) {
        hr_complain(checking->complainer, path, "must be %s",
            unit == HR_UNIT_SHARE   ? "a share, such as 25%"
            : unit == HR_UNIT_MONEY ? "an amount of money, such as 15k"
                                    : "a plain number");
        return false;
    }
    bool other = unit == HR_UNIT_MONEY && literal->currency[0] &&
                 !hr_str_is(checking->currency, literal->currency);
    if (other) {
        hr_complain(checking->complainer, path, "must be in money.currency, %.*s",
            (int)checking->currency.len, checking->currency.at);
    }
    return !other;
}

static void check_amount(const struct checking *checking, struct hr_written *literal,
    const struct hr_path *path, struct hr_maybe *out)
{
    if (!literal->text.at || !fit(checking, HR_UNIT_MONEY, literal, path)) {
        return;
    }
    if (literal->number.units <= 0) {
        hr_complain(checking->complainer, path, "must be above zero");
    }
    *out = (struct hr_maybe){true, literal->number};
}

static void check_chance(const struct checking *checking, struct hr_written *literal,
    const struct hr_path *path, struct hr_maybe *out)
{
    if (!literal->text.at || !fit(checking, HR_UNIT_SHARE, literal, path)) {
        return;
    }
    if (literal->number.units < 0 || hr_decimal_compare(literal->number, HR_DECIMAL_ONE) > 0) {
        hr_complain(checking->complainer, path, "must be between 0%% and 100%%");
    }
    *out = (struct hr_maybe){true, literal->number};
}

static void check_target(const struct checking *checking, enum hr_metric metric,
    const struct hr_target_setting *setting, const struct hr_path *path,
    struct hr_report_settings *out)
{
    struct hr_decimal ends[2] = {{0}, {0}};
    for (size_t i = 0; i < setting->range_count; i++) {
        struct hr_path place = setting->range_count > 1 ? hr_path_index(path, i) : *path;
        if (!setting->range[i].text.at ||
            !fit(checking, usual[metric].unit, &setting->range[i], &place)) {
            return;
        }
        ends[i] = setting->range[i].number;
    }
    if (setting->range_count == 0) {
        const __int128 thousandth = HR_DECIMAL_ONE.units / 1000;
        out->targets[metric].given = usual[metric].high > 0;
        out->targets[metric].low.units = usual[metric].low * thousandth;
        out->targets[metric].high.units = usual[metric].high * thousandth;
        return;
    }
    out->targets[metric].given = true;
    out->targets[metric].low = ends[0];
    out->targets[metric].high = ends[setting->range_count - 1];
    if (hr_decimal_compare(ends[0], out->targets[metric].high) > 0) {
        hr_complain(checking->complainer, path, "must be [from, to], the lesser first");
    }
}

void hr_check_reports(
    struct hr_complainer *complainer, struct hr_settings *settings, struct hr_report_settings *out)
{
    static const char *const stages[] = {"identified", "qualified", "engaged", "negotiation"};
    const struct checking checking = {complainer, settings->money.currency};
    struct hr_reports_setting *reports = &settings->reports;
    struct hr_path top = {0};
    struct hr_path at = hr_path_key(&top, HR_STR("reports"));
    struct hr_path chances_at = hr_path_key(&at, HR_STR("chances"));
    struct hr_path targets_at = hr_path_key(&at, HR_STR("targets"));
    struct hr_path quota_at = hr_path_key(&at, HR_STR("quota"));
    struct hr_path deal_at = hr_path_key(&at, HR_STR("average_deal"));
    *out = (struct hr_report_settings){0};
    for (size_t s = 0; s < HR_CHANCES; s++) {
        struct hr_path place = hr_path_key(&chances_at, hr_str(stages[s]));
        check_chance(&checking, &reports->chances.of[s], &place, &out->chances[s]);
    }
    for (size_t m = 0; m < HR_METRIC_COUNT; m++) {
        struct hr_path place = hr_path_key(&targets_at, hr_str(hr_metric_names[m]));
        check_target(&checking, (enum hr_metric)m, &reports->targets.of[m], &place, out);
    }
    check_amount(&checking, &reports->quota, &quota_at, &out->quota);
    check_amount(&checking, &reports->average_deal, &deal_at, &out->average_deal);
}
