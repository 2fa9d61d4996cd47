/* SPDX-License-Identifier: Apache-2.0 */
/* Facts about subscriptions. Billing systems send them late, twice and out of order, so each field
 * keeps its own event time and takes only what is newer (SEMANTICS 2, Facts out of order). Three
 * things are less plain than "the newest value":
 *
 * - A plan given without limits clears the contract's own: it is a word about both fields.
 * - Every event but a cancellation withdraws a cancellation: it is a word about the end.
 * - A renewal without a new date makes the date unknown, and begins a term: at the date that it
 *   renews, or at its own day when that was not known. */
#include "subscription.h"

#include "headroom/never.h"

static bool newer(
    struct hr_subscription *subscription, enum hr_subscription_field field, struct hr_time time)
{
    struct hr_time *stamp = &subscription->stamps[field];
    if (hr_time_is(*stamp, HR_TIME_NONE) || time.us >= stamp->us) {
        *stamp = time;
        return true;
    }
    return false;
}

struct hr_subscription *hr_subscription_find(const struct hr_account *account, struct hr_str name)
{
    for (uint32_t i = 0; i < account->subscription_count; i++) {
        if (hr_str_equal(account->subscriptions[i].name, name)) {
            return &account->subscriptions[i];
        }
    }
    return NULL;
}

struct hr_subscription *hr_subscription_make(
    struct hr_account *account, struct hr_str name, struct hr_pool *pool)
{
    struct hr_subscription *found = hr_subscription_find(account, name);
    if (found) {
        return found;
    }
    found =
        hr_list_append(pool, &account->subscriptions, &account->subscription_count, sizeof *found);
    found->name = hr_text_keep(pool, name);
    found->seen = HR_TIME_NONE;
    for (int f = 0; f < HR_FIELD_COUNT; f++) {
        found->stamps[f] = HR_TIME_NONE;
    }
    return found;
}

static void clear_limits(struct hr_subscription *subscription, struct hr_pool *pool)
{
    while (subscription->limit_count > 0) {
        uint32_t last = subscription->limit_count - 1;
        hr_text_drop(pool, &subscription->limits[last].name);
        hr_list_remove(pool, &subscription->limits, &subscription->limit_count,
            sizeof *subscription->limits, last);
    }
    subscription->has_limits = false;
}

static void add_limit(struct hr_subscription *subscription, struct hr_str name, bool unlimited,
    struct hr_decimal value, struct hr_pool *pool)
{
    struct hr_own_limit *limit =
        hr_list_append(pool, &subscription->limits, &subscription->limit_count, sizeof *limit);
    *limit = (struct hr_own_limit){hr_text_keep(pool, name), unlimited, value};
}

static void tell_plan(struct hr_subscription *subscription, const struct hr_fact *fact,
    struct hr_time time, struct hr_pool *pool)
{
    if (fact->plan.at && newer(subscription, HR_FIELD_PLAN, time)) {
        hr_text_drop(pool, &subscription->plan);
        subscription->plan = hr_text_keep(pool, fact->plan);
    }
    if (!fact->plan.at && !fact->has_limits) {
        return;
    }
    if (newer(subscription, HR_FIELD_LIMITS, time)) {
        clear_limits(subscription, pool);
        subscription->has_limits = fact->has_limits;
        for (size_t i = 0; i < fact->limit_count; i++) {
            const struct hr_limit *limit = &fact->limits[i];
            add_limit(subscription, limit->name, limit->unlimited, limit->value, pool);
        }
    }
}

/* A day on the account's calendar; the fact may name the moment instead. */
static int64_t day_of(const struct hr_account *account, struct hr_moment moment)
{
    return moment.kind == HR_MOMENT_DATE ? moment.day : hr_zone_day(account->zone, moment.time);
}

static bool is_given(struct hr_moment moment)
{
    return moment.kind == HR_MOMENT_DATE || moment.kind == HR_MOMENT_TIME;
}

static void tell_renewal(struct hr_account *account, struct hr_subscription *subscription,
    const struct hr_fact *fact, struct hr_time time)
{
    bool renewed = fact->kind == HR_FACT_SUBSCRIPTION_RENEWED;
    struct hr_moment old = subscription->renewal;
    if ((fact->renewal_date.kind == HR_MOMENT_ABSENT && !renewed) ||
        !newer(subscription, HR_FIELD_RENEWAL, time)) {
        return;
    }
    subscription->renewal = fact->renewal_date;
    subscription->renewed |= renewed;
    if (renewed) {
        subscription->term_start =
            is_given(old) ? day_of(account, old) : hr_zone_day(account->zone, time);
        subscription->stamps[HR_FIELD_TERM] = time;
    }
}

/* What is created starts with the event unless it says otherwise. */
static void tell_start(
    struct hr_subscription *subscription, const struct hr_fact *fact, struct hr_time time)
{
    struct hr_moment started = fact->started_at;
    if (fact->kind == HR_FACT_SUBSCRIPTION_CREATED && !is_given(started)) {
        started = (struct hr_moment){HR_MOMENT_TIME, 0, time};
    }
    if (is_given(started) && newer(subscription, HR_FIELD_STARTED, time)) {
        subscription->started = started;
    }
}

static void tell_period(
    struct hr_subscription *subscription, const struct hr_fact *fact, struct hr_time time)
{
    if (fact->period.unit != HR_PERIOD_ABSENT && newer(subscription, HR_FIELD_PERIOD, time)) {
        subscription->period = fact->period;
    }
    if (is_given(fact->period_start) && newer(subscription, HR_FIELD_ANCHOR, time)) {
        subscription->anchor = fact->period_start;
    }
}

static void tell_end(
    struct hr_subscription *subscription, const struct hr_fact *fact, struct hr_time time)
{
    if (!newer(subscription, HR_FIELD_ENDS, time)) {
        return;
    }
    if (fact->kind != HR_FACT_SUBSCRIPTION_CANCELLED) {
        subscription->ends = (struct hr_moment){HR_MOMENT_ABSENT, 0, {0}};
    } else {
        subscription->ends =
            is_given(fact->ends_at) ? fact->ends_at : (struct hr_moment){HR_MOMENT_TIME, 0, time};
    }
}

/* A subscription that starts anew keeps the time in which it counted before: tenure asks for it. */
static void keep_run(struct hr_account *account, const struct hr_subscription *subscription,
    struct hr_time old_start, struct hr_time old_end, struct hr_pool *pool)
{
    struct hr_time start = hr_subscription_start(account, subscription);
    struct hr_time end = hr_time_min(start, old_end);
    if (start.us != old_start.us && old_start.us < end.us) {
        struct hr_run *run = hr_list_append(pool, &account->runs, &account->run_count, sizeof *run);
        *run = (struct hr_run){old_start, end};
    }
}

void hr_subscription_tell(struct hr_account *account, const struct hr_fact *fact,
    struct hr_time time, struct hr_pool *pool)
{
    struct hr_subscription *subscription = hr_subscription_make(account, fact->subscription, pool);
    bool is_first = hr_time_is(subscription->seen, HR_TIME_NONE);
    if (is_first) {
        subscription->seen = time;
    }
    struct hr_time old_start = hr_subscription_start(account, subscription);
    struct hr_time old_end = hr_subscription_end(account, subscription);
    tell_plan(subscription, fact, time, pool);
    if (fact->has_mrr && newer(subscription, HR_FIELD_MRR, time)) {
        subscription->mrr = fact->mrr;
    }
    if (fact->zone && newer(subscription, HR_FIELD_ZONE, time)) {
        subscription->zone = fact->zone;
    }
    tell_renewal(account, subscription, fact, time);
    tell_start(subscription, fact, time);
    tell_period(subscription, fact, time);
    tell_end(subscription, fact, time);
    if (!is_first) {
        keep_run(account, subscription, old_start, old_end, pool);
    }
}

/* --- merging ---------------------------------------------------------------------------------- */

void hr_subscription_merge(
    struct hr_subscription *into, const struct hr_subscription *other, struct hr_pool *pool)
{
    if (hr_time_is(into->seen, HR_TIME_NONE)) {
        into->seen = other->seen;
    }
    for (int f = 0; f < HR_FIELD_COUNT; f++) {
        if (hr_time_is(other->stamps[f], HR_TIME_NONE) ||
            !newer(into, (enum hr_subscription_field)f, other->stamps[f])) {
            continue;
        }
        switch ((enum hr_subscription_field)f) {
        case HR_FIELD_PLAN:
            hr_text_drop(pool, &into->plan);
            into->plan = hr_text_keep(pool, other->plan);
            break;
        case HR_FIELD_LIMITS:
            clear_limits(into, pool);
            into->has_limits = other->has_limits;
            for (uint32_t i = 0; i < other->limit_count; i++) {
                add_limit(into, other->limits[i].name, other->limits[i].unlimited,
                    other->limits[i].value, pool);
            }
            break;
        case HR_FIELD_MRR:
            into->mrr = other->mrr;
            break;
        case HR_FIELD_PERIOD:
            into->period = other->period;
            break;
        case HR_FIELD_ANCHOR:
            into->anchor = other->anchor;
            break;
        case HR_FIELD_RENEWAL:
            into->renewal = other->renewal;
            break;
        case HR_FIELD_TERM:
            into->term_start = other->term_start;
            break;
        case HR_FIELD_STARTED:
            into->started = other->started;
            break;
        case HR_FIELD_ENDS:
            into->ends = other->ends;
            break;
        case HR_FIELD_ZONE:
            into->zone = other->zone;
            break;
        case HR_FIELD_COUNT:
            HR_NEVER_HERE;
        }
    }
}
