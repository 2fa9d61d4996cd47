/* SPDX-License-Identifier: Apache-2.0 */
/* The published names of causes, resolutions and categories. */
#include "headroom/trigger.h"

static const char *const cause_names[] = {
    [HR_CAUSE_USAGE] = "usage",
    [HR_CAUSE_LIMIT_CHANGE] = "limit_change",
    [HR_CAUSE_LATE_CROSSING] = "late_crossing",
    [HR_CAUSE_TIME] = "time",
    [HR_CAUSE_ACCOUNT_CHANGE] = "account_change",
    [HR_CAUSE_RENEWAL_MOVED] = "renewal_moved",
    [HR_CAUSE_RULE_CHANGE] = "rule_change",
};

static const char *const resolution_names[] = {
    [HR_USAGE_DECREASED] = "usage_decreased",
    [HR_USAGE_INCREASED] = "usage_increased",
    [HR_LIMIT_INCREASED] = "limit_increased",
    [HR_LIMIT_LOWERED] = "limit_lowered",
    [HR_PERIOD_RESET] = "period_reset",
    [HR_SUBSCRIPTION_ENDED] = "subscription_ended",
    [HR_RENEWAL_MOVED] = "renewal_moved",
    [HR_RENEWED] = "renewed",
    [HR_SIGNAL_RETURNED] = "signal_returned",
    [HR_SIGNAL_UNKNOWN] = "signal_unknown",
    [HR_RULE_CHANGED] = "rule_changed",
    [HR_CORRECTED] = "corrected",
    [HR_MOVED] = "moved",
};

static const char *const category_names[] = {
    [HR_RISK] = "risk",
    [HR_RENEWAL] = "renewal",
    [HR_UPSELL] = "upsell",
    [HR_CROSS_SELL] = "cross-sell",
};

const char *hr_cause_name(enum hr_cause cause)
{
    return cause_names[cause];
}

const char *hr_resolution_name(enum hr_resolution resolution)
{
    return resolution_names[resolution];
}

const char *hr_category_name(enum hr_category category)
{
    return category_names[category];
}
