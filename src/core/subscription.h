/* SPDX-License-Identifier: Apache-2.0 */
/* Subscriptions: what they say (facts), and what follows from them at a moment. */
#ifndef HEADROOM_CORE_SUBSCRIPTION_H
#define HEADROOM_CORE_SUBSCRIPTION_H

#include "state.h"

/* Takes what a subscription.* event of event time `time` says, field by field. */
void hr_subscription_tell(struct hr_account *account, const struct hr_fact *fact,
    struct hr_time time, struct hr_pool *pool);
/* The subscription of that name, NULL when there is none. */
struct hr_subscription *hr_subscription_find(const struct hr_account *account, struct hr_str name);
struct hr_subscription *hr_subscription_make(
    struct hr_account *account, struct hr_str name, struct hr_pool *pool);
/* From when to when it counts, after what is known now. */
struct hr_time hr_subscription_start(
    const struct hr_account *account, const struct hr_subscription *subscription);
struct hr_time hr_subscription_end(
    const struct hr_account *account, const struct hr_subscription *subscription);
/* Takes field by field what is newer in `other`, which belongs to another account. */
void hr_subscription_merge(
    struct hr_subscription *into, const struct hr_subscription *other, struct hr_pool *pool);

/* The older one is that which began first, then that with the smaller name. */
static inline bool hr_subscription_is_older(
    const struct hr_subscription *one, const struct hr_subscription *other)
{
    return one->start.us != other->start.us ? one->start.us < other->start.us
                                            : hr_str_compare(one->name, other->name) < 0;
}
/* What it says of a limit: the contract, else the plan. */
struct hr_limit_state hr_subscription_limit(
    const struct hr_rules *rules, const struct hr_subscription *subscription, struct hr_str name);
/* The sum over the active subscriptions. */
struct hr_limit_state hr_account_limit(const struct hr_account *account, struct hr_str name);
struct hr_limit_state hr_plan_limit(const struct hr_plan *plan, struct hr_str name);

/* A moment that is given, in a zone: a date is the midnight with which it begins there. */
struct hr_time hr_moment_time(const struct hr_zone *zone, struct hr_moment moment);

/* Works out everything that is derived, as of the account's clock. */
void hr_account_refresh(struct hr_account *account);
/* The period that the facts known now put in force at `time`: only from (its start), start, end and
 * date. */
struct hr_segment hr_subscription_segment(const struct hr_account *account, struct hr_time time);
/* Brings the segment in force up to the account's clock. What ends keeps `limits`, by meter, as its
 * last ones and remembers which levels are open. True when another period is in force now. */
bool hr_account_roll(
    struct hr_account *account, const struct hr_limit_state *limits, struct hr_pool *pool);
/* Did it end longer ago than the lateness bound? Such a one is forgotten when periods roll. */
bool hr_segment_is_old(const struct hr_account *account, uint32_t at);

/* Drops what ended longer ago than the lateness bound. Rolling does; a part that moves away is
 * brought to its clock with this, so that what moves does not hang on when it was last looked at.
 */
void hr_account_forget_old(struct hr_account *account, struct hr_pool *pool);

/* Start of tenure: of the unbroken run of subscriptions, else the first event. */
struct hr_time hr_tenure_start(const struct hr_account *account);
/* The sum of the active subscriptions' MRR in one currency; false when unknown. */
HR_MUST bool hr_account_mrr(
    const struct hr_account *account, struct hr_decimal *amount, char currency[4]);
/* The local day of the account's clock. account->today is that only where rules look at days; what
 * is told beside a trigger may ask for it at any time. */
int64_t hr_account_today(const struct hr_account *account);
/* The renewal date nearest ahead, else the last one passed, as a local day; false when none. */
HR_MUST bool hr_account_renewal(const struct hr_account *account, int64_t *day);

#endif
