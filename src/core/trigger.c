/* SPDX-License-Identifier: Apache-2.0 */
/* The published names of causes, resolutions, reasons and categories. */
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

const char *const hr_audience_names[] = {
    [HR_IN_APP] = "in_app",
    [HR_MAIL] = "mail",
    [HR_CSM] = "csm",
    [HR_ACCOUNT_MANAGER] = "account_manager",
    [HR_SALES] = "sales",
    [HR_PRODUCT_LEADERSHIP] = "product_leadership",
    [HR_DEDICATED_TEAM] = "dedicated_team",
    [HR_PERSONAL_DEMO] = "personal_demo",
    [HR_AUDIENCES] = NULL,
};

const char *const hr_block_names[] = {
    [HR_DISCOVERY] = "discovery",
    [HR_VALUE_RECAP] = "value_recap",
    [HR_SOLUTION] = "solution",
    [HR_ROI] = "roi",
    [HR_PROPOSAL] = "proposal",
    [HR_BLOCKS] = NULL,
};

static const char *const why_names[] = {
    [HR_WHY_READY] = "ready",
    [HR_WHY_FIRED] = "fired",
    [HR_WHY_CLAIMED] = "claimed",
    [HR_WHY_HISTORY] = "before_live_from",
    [HR_WHY_ENDED] = "subscription_ended",
    [HR_WHY_UNKNOWN] = "signal_unknown",
    [HR_WHY_NOT_REACHED] = "not_reached",
    [HR_WHY_VOID] = "longer_than_term",
    [HR_WHY_NOT_ARMED] = "not_armed",
    [HR_WHY_FOR] = "for",
    [HR_WHY_COOLDOWN] = "cooldown",
    [HR_WHY_WHEN] = "when",
    [HR_WHY_SILENCE] = "silence",
    [HR_WHY_MIN_TENURE] = "min_tenure",
    [HR_WHY_MILESTONE] = "milestone",
    [HR_WHY_QUIET] = "quiet",
    [HR_WHY_BUDGET] = "budget",
    [HR_WHY_BRAKE] = "brake",
    [HR_WHY_SOURCE] = "source_silent",
};

static const char *const claim_names[] = {
    /* NOLINTNEXTLINE(misc-redundant-expression): the first of the row */
    [HR_CLAIM_JUMP - HR_CLAIM_JUMP] = "jump",
    [HR_CLAIM_LIVE_FROM - HR_CLAIM_JUMP] = "live_from",
    [HR_CLAIM_LATE_NEVER - HR_CLAIM_JUMP] = "late_never",
    [HR_CLAIM_ON_START - HR_CLAIM_JUMP] = "on_start_skip",
    [HR_CLAIM_UNDER_OPEN - HR_CLAIM_JUMP] = "under_open_level",
    [HR_CLAIM_MODE - HR_CLAIM_JUMP] = "mode_changed",
    [HR_CLAIM_BRAKE - HR_CLAIM_JUMP] = "brake_discarded",
};

const char *hr_cause_name(enum hr_cause cause)
{
    return cause_names[cause];
}

const char *hr_resolution_name(enum hr_resolution resolution)
{
    return resolution_names[resolution];
}

const char *hr_why_name(enum hr_why why)
{
    return why_names[why];
}

const char *hr_claim_name(enum hr_claim claim)
{
    return claim < HR_CLAIM_JUMP ? "unknown" : claim_names[claim - HR_CLAIM_JUMP];
}

const char *hr_category_name(enum hr_category category)
{
    return category_names[category];
}
