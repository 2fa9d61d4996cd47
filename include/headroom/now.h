/* SPDX-License-Identifier: Apache-2.0 */
/* What reports ask of one account as it is: typed, where headroom/describe.h is for the eye. A walk
 * over state in memory that changes nothing. */
#ifndef HEADROOM_NOW_H
#define HEADROOM_NOW_H

#include "headroom/home.h"

struct hr_deal_now {
    enum hr_deal kind;
    enum hr_stage stage;
    bool priced;              /* it has an amount, and that a rate */
    struct hr_decimal amount; /* major units of money.currency */
};

struct hr_account_now {
    struct hr_str segment; /* as the signal; empty: none */
    bool customer;         /* a subscription is active */
    bool priced;
    struct hr_decimal mrr; /* of the active subscriptions, in major units of money.currency */
    int64_t tenure_days;
    bool has_nps, has_csat;
    struct hr_decimal nps, csat;     /* the last answers */
    const struct hr_deal_now *deals; /* open ones */
    size_t deal_count;
    const struct hr_time *upgrades; /* when it began to pay more, in months that ended with more
                                       than they began with: what the books call expansion */
    size_t upgrade_count;
    int64_t first_upgrade_days; /* from the start of its tenure */
    const bool *owned, *used;   /* by product of `rules` */
    const struct hr_rules *rules;
};

/* False when there is no such account in memory; an alias is none. Everything is in the arena or
 * the home's. */
HR_MUST bool hr_home_account_now(struct hr_home *home, struct hr_str account,
    struct hr_arena *arena, struct hr_account_now *now);

#endif
