/* SPDX-License-Identifier: Apache-2.0 */
/* When to leave an account in peace, and when to stop a rule. What holds for a rule is worked out
 * here, so that the core asks a rule and no category. */
#include "compile.h"

#include <stdbool.h>

void hr_compile_timing(struct hr_compiling *compiling)
{
    const struct hr_timing_setting *from = &compiling->settings->timing;
    compiling->rules->timing = (struct hr_timing){.min_tenure_us = from->min_tenure_us,
        .after_dismissal_us = from->after_dismissal_us,
        .after_decline_us = from->after_decline_us,
        .account = from->budget.account,
        .owner = from->budget.owner};
}

void hr_compile_brake(struct hr_compiling *compiling)
{
    const struct hr_brake_setting *from = &compiling->settings->brake;
    struct hr_brake_bound *brake = &compiling->rules->brake;
    struct hr_path top = {0};
    struct hr_path level = hr_path_key(&top, HR_STR("brake"));
    struct hr_path at = hr_path_key(&level, HR_STR("share"));
    brake->accounts = (uint32_t)from->accounts;
    brake->within_us = from->within_us;
    if (!from->share.text.at) {
        return;
    }
    if (from->share.form != HR_FORM_SHARE || from->share.number.units <= 0 ||
        hr_decimal_compare(from->share.number, HR_DECIMAL_ONE) >= 0) {
        hr_complain(
            compiling->complainer, &at, "must be a share between 0%% and 100%%, such as 5%%");
        return;
    }
    brake->share = from->share.number;
}

static bool is_timed(const struct hr_timing_setting *timing, enum hr_category category)
{
    if (!timing->categories) {
        return category == HR_UPSELL || category == HR_CROSS_SELL;
    }
    for (size_t i = 0; i < timing->categories_count; i++) {
        if (timing->categories[i] == (unsigned)category) {
            return true;
        }
    }
    return false;
}

void hr_time_rule(const struct hr_compiling *compiling, const struct hr_rule_setting *setting,
    struct hr_rule *rule)
{
    const struct hr_timing_setting *timing = &compiling->settings->timing;
    rule->timed = is_timed(timing, rule->category);
    if (setting->milestones) {
        rule->milestones = setting->milestones;
        rule->milestone_count = (uint16_t)setting->milestones_count;
    } else if (rule->timed) {
        rule->milestones = timing->milestones;
        rule->milestone_count = (uint16_t)timing->milestones_count;
    }
}
