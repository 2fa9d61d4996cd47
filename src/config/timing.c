/* SPDX-License-Identifier: Apache-2.0 */
/* When to leave an account in peace. What holds for a rule is worked out here, so that the core
 * asks a rule and no category. */
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
