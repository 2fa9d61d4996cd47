/* SPDX-License-Identifier: Apache-2.0 */
/* What follows from an account's facts at a moment: which subscriptions count, which one gives the
 * period and the zone, what the limits add up to, when any of that next changes by time alone.
 *
 * 1. A subscription counts from its start (started_at, else its earliest event) to its end.
 * 2. The oldest that counts governs: its zone is the account's, its anchor and period make the
 *    billing period. Without one the zone is the configuration's and the period a calendar month.
 * 3. A limit is the sum over those that count, the contract's own before the plan's; one unlimited
 *    makes it unlimited; named by none it is unknown.
 *
 * Everything is worked out anew whenever a fact comes or such a moment passes. That is seldom, and
 * so there is nothing to keep consistent. */
#include "correct.h"
#include "money.h"
#include "number.h"
#include "period.h"
#include "subscription.h"
#include "window.h"

struct hr_time hr_moment_time(const struct hr_zone *zone, struct hr_moment moment)
{
    return moment.kind == HR_MOMENT_DATE ? hr_zone_day_start(zone, moment.day) : moment.time;
}

static bool is_given(struct hr_moment moment)
{
    return moment.kind == HR_MOMENT_DATE || moment.kind == HR_MOMENT_TIME;
}

static bool counts_at(const struct hr_subscription *subscription, struct hr_time time)
{
    return subscription->start.us <= time.us && time.us < subscription->end.us;
}

static int32_t governing_at(const struct hr_account *account, struct hr_time time)
{
    int32_t oldest = -1;
    for (uint32_t i = 0; i < account->subscription_count; i++) {
        const struct hr_subscription *subscription = &account->subscriptions[i];
        if (!counts_at(subscription, time)) {
            continue;
        }
        if (oldest < 0 || hr_subscription_is_older(subscription, &account->subscriptions[oldest])) {
            oldest = (int32_t)i;
        }
    }
    return oldest;
}

static const struct hr_zone *zone_under(const struct hr_account *account, int32_t governing)
{
    const struct hr_zone *zone = governing < 0 ? NULL : account->subscriptions[governing].zone;
    return zone ? zone : account->layout->rules->zone;
}

/* --- limits ----------------------------------------------------------------------------------- */

struct hr_limit_state hr_plan_limit(const struct hr_plan *plan, struct hr_str name)
{
    for (uint16_t i = 0; i < plan->limit_count; i++) {
        const struct hr_limit *limit = &plan->limits[i];
        if (hr_str_equal(limit->name, name)) {
            return (struct hr_limit_state){
                limit->value, limit->unlimited ? HR_LIMIT_UNLIMITED : HR_LIMIT_KNOWN};
        }
    }
    return (struct hr_limit_state){HR_DECIMAL_ZERO, HR_LIMIT_NONE};
}

struct hr_limit_state hr_subscription_limit(
    const struct hr_rules *rules, const struct hr_subscription *subscription, struct hr_str name)
{
    for (uint32_t i = 0; subscription->has_limits && i < subscription->limit_count; i++) {
        const struct hr_own_limit *own = &subscription->limits[i];
        if (hr_str_equal(own->name, name)) {
            return (struct hr_limit_state){
                own->value, own->unlimited ? HR_LIMIT_UNLIMITED : HR_LIMIT_KNOWN};
        }
    }
    int plan = hr_rules_find_plan(rules, subscription->plan);
    return plan >= 0 ? hr_plan_limit(&rules->plans[plan], name)
                     : (struct hr_limit_state){HR_DECIMAL_ZERO, HR_LIMIT_NONE};
}

struct hr_limit_state hr_account_limit(const struct hr_account *account, struct hr_str name)
{
    struct hr_limit_state total = {HR_DECIMAL_ZERO, HR_LIMIT_NONE};
    for (uint32_t i = 0; name.len > 0 && i < account->subscription_count; i++) {
        if (!account->subscriptions[i].active) {
            continue;
        }
        struct hr_limit_state one =
            hr_subscription_limit(account->layout->rules, &account->subscriptions[i], name);
        if (one.kind == HR_LIMIT_NONE || total.kind == HR_LIMIT_UNLIMITED) {
            continue;
        }
        total.kind = one.kind;
        /* A sum that no quantity can hold is a limit that no counter can reach. */
        if (one.kind == HR_LIMIT_KNOWN && !hr_decimal_add(total.value, one.value, &total.value)) {
            total.kind = HR_LIMIT_UNLIMITED;
        }
    }
    return total;
}

/* --- refresh ---------------------------------------------------------------------------------- */

static const struct hr_zone *own_zone(
    const struct hr_account *account, const struct hr_subscription *subscription)
{
    return subscription->zone ? subscription->zone : account->layout->rules->zone;
}

struct hr_time hr_subscription_start(
    const struct hr_account *account, const struct hr_subscription *subscription)
{
    return is_given(subscription->started)
               ? hr_moment_time(own_zone(account, subscription), subscription->started)
               : subscription->seen;
}

struct hr_time hr_subscription_end(
    const struct hr_account *account, const struct hr_subscription *subscription)
{
    return is_given(subscription->ends)
               ? hr_moment_time(own_zone(account, subscription), subscription->ends)
               : HR_TIME_NEVER;
}

static void refresh_subscription(struct hr_account *account, struct hr_subscription *subscription)
{
    subscription->start = hr_subscription_start(account, subscription);
    subscription->end = hr_subscription_end(account, subscription);
    subscription->active = counts_at(subscription, account->clock);
    account->had_subscription |= subscription->start.us <= account->clock.us;
}

static void refresh_renewal(struct hr_account *account, struct hr_subscription *subscription)
{
    struct hr_moment renewal = subscription->renewal;
    subscription->has_renewal = subscription->active && is_given(renewal);
    if (subscription->has_renewal) {
        subscription->renewal_day =
            renewal.kind == HR_MOMENT_DATE ? renewal.day : hr_zone_day(account->zone, renewal.time);
    }
}

static void steady_while(struct hr_account *account, struct hr_time moment)
{
    if (moment.us > account->clock.us) {
        account->steady_until = hr_time_min(account->steady_until, moment);
    }
}

/* A calendar window's buckets are numbered by local days. Where the date goes ahead with another
 * zone, the windows that were open are over; where it goes back, they go on as those that are open
 * now: the date that returns brings nothing back. */
static void follow_zone(struct hr_account *account, const struct hr_zone *old)
{
    int64_t was = hr_zone_day(old, account->clock);
    for (uint16_t m = 0; account->today < was && m < account->slot_count; m++) {
        const struct hr_meter_layout *layout = hr_slot_layout(account, m);
        for (uint16_t s = 0; s < layout->series_count; s++) {
            if (layout->series[s].kind != HR_WINDOW_SPAN) {
                int kind = (int)layout->series[s].kind;
                hr_series_shift(account, m, s,
                    hr_calendar_index(account->today, kind) - hr_calendar_index(was, kind));
            }
        }
    }
}

void hr_account_refresh(struct hr_account *account)
{
    const struct hr_rules *rules = account->layout->rules;
    const struct hr_zone *old_zone = account->zone;
    for (uint32_t i = 0; i < account->subscription_count; i++) {
        refresh_subscription(account, &account->subscriptions[i]);
    }
    account->governing = governing_at(account, account->clock);
    account->ended = account->had_subscription && account->governing < 0;
    account->zone = zone_under(account, account->governing);
    account->today = hr_zone_day(account->zone, account->clock);
    if (old_zone && old_zone != account->zone) {
        follow_zone(account, old_zone);
    }
    account->tomorrow = hr_zone_day_start(account->zone, account->today + 1);
    account->steady_until = account->layout->keeps_days ? account->tomorrow : HR_TIME_NEVER;
    for (uint32_t i = 0; i < account->subscription_count; i++) {
        refresh_renewal(account, &account->subscriptions[i]);
        steady_while(account, account->subscriptions[i].start);
        steady_while(account, account->subscriptions[i].end);
    }
    if (account->segment_count > 0) {
        steady_while(account, account->segments[account->current].end);
    }
    for (uint16_t m = 0; m < rules->meter_count; m++) {
        account->meters[m].limit = hr_account_limit(account, rules->meters[m].limit);
    }
    account->due_stale = true;
}

/* --- periods ---------------------------------------------------------------------------------- */

struct hr_segment hr_subscription_segment(const struct hr_account *account, struct hr_time time)
{
    int32_t governing = governing_at(account, time);
    const struct hr_zone *zone = zone_under(account, governing);
    struct hr_span span;
    if (governing < 0) {
        span = hr_month_holding(zone, time);
    } else {
        const struct hr_subscription *subscription = &account->subscriptions[governing];
        struct hr_civil anchor = hr_zone_civil(
            zone, is_given(subscription->anchor) ? hr_moment_time(zone, subscription->anchor)
                                                 : subscription->start);
        span = hr_period_holding(zone, anchor, subscription->period, time);
    }
    struct hr_segment segment = {
        .from = span.start, .floor = HR_TIME_NONE, .start = span.start, .end = span.end};
    segment.date = hr_zone_day(zone, span.start);
    return segment;
}

/* The moment at which a new start cuts the period in force; NONE when none does. A subscription
 * cuts it when it begins to give the period where none did, or when it started anew; not when it
 * only takes over from an older one that ended, nor when it started before the period did. */
static struct hr_time new_start(struct hr_account *account)
{
    bool was_active = account->was_active;
    account->was_active = account->governing >= 0;
    if (account->governing < 0) {
        return HR_TIME_NONE;
    }
    const struct hr_subscription *governing = &account->subscriptions[account->governing];
    uint64_t name = hr_hash64(governing->name, 0);
    bool same = !hr_time_is(account->governed_since, HR_TIME_NONE) && account->governed_by == name;
    bool restarted = !same || !hr_time_is(account->governed_since, governing->start);
    account->governed_by = name;
    account->governed_since = governing->start;
    if (!restarted || (was_active && !same) || account->segment_count == 0 ||
        governing->start.us <= account->segments[account->current].from.us) {
        return HR_TIME_NONE;
    }
    return governing->start;
}

static void remember_open(
    struct hr_account *account, struct hr_segment *segment, struct hr_pool *pool)
{
    const struct hr_layout *layout = account->layout;
    for (uint16_t r = 0; r < layout->rules->rule_count; r++) {
        const struct hr_level_state *levels = account->rules[r].levels;
        for (uint16_t l = 0; levels && l < layout->rules->rules[r].level_count; l++) {
            if (layout->rule_layouts[r].late_crossing && (levels[l].flags & HR_LEVEL_OPEN)) {
                struct hr_level_ref *ref = hr_list_append(
                    pool, &segment->open, &segment->open_count, sizeof *segment->open);
                *ref = (struct hr_level_ref){r, l};
            }
        }
    }
}

static void close_segment(
    struct hr_account *account, const struct hr_limit_state *limits, struct hr_pool *pool)
{
    struct hr_segment *segment = &account->segments[account->current];
    size_t size = sizeof *limits * account->layout->rules->meter_count;
    segment->closed = true;
    if (size > 0 && !segment->limits) {
        segment->limits = hr_pool_take(pool, size);
        memcpy(segment->limits, limits, size);
    }
    remember_open(account, segment, pool);
    hr_numbers_close(account, segment->date, segment->end);
}

/* The segment that is to be in force: one that an early event made, else a new one. */
static uint32_t open_segment(
    struct hr_account *account, const struct hr_segment *period, struct hr_pool *pool)
{
    for (uint32_t i = 0; i < account->segment_count; i++) {
        struct hr_segment *early = &account->segments[i];
        if (!early->closed && early->from.us < period->end.us) {
            early->from = period->from;
            early->floor = period->floor;
            early->start = period->start;
            early->end = period->end;
            early->date = period->date;
            return i;
        }
    }
    return hr_account_insert_segment(account, *period, pool);
}

/* The period in force goes on under other bounds: another plan, another zone, an older start. It
 * takes nothing back from the one before it, whether that is still kept or not. */
static void adjust_segment(struct hr_account *account, const struct hr_segment *period)
{
    struct hr_segment *segment = &account->segments[account->current];
    if (segment->start.us != period->start.us) {
        segment->from = hr_time_max(period->from, segment->floor);
    }
    segment->start = period->start;
    segment->end = period->end;
    segment->date = period->date;
}

bool hr_segment_is_old(const struct hr_account *account, uint32_t at)
{
    int64_t horizon = account->clock.us - account->layout->rules->lateness_us;
    return at != account->current && account->segments[at].end.us < horizon;
}

void hr_account_forget_old(struct hr_account *account, struct hr_pool *pool)
{
    for (uint32_t i = account->segment_count; i > 0; i--) {
        if (hr_segment_is_old(account, i - 1)) {
            hr_account_drop_segment(account, i - 1, pool);
        }
    }
    hr_corrections_forget(account);
}

bool hr_account_roll(
    struct hr_account *account, const struct hr_limit_state *limits, struct hr_pool *pool)
{
    struct hr_segment period = hr_subscription_segment(account, account->clock);
    struct hr_time begun = new_start(account);
    bool rolled = false;
    if (account->segment_count > 0) {
        hr_numbers_forget(
            &account->numbers, account->clock, account->segments[account->current].date, pool);
    }
    if (account->segment_count == 0) {
        account->current = hr_account_insert_segment(account, period, pool);
    } else if (account->clock.us < account->segments[account->current].end.us &&
               hr_time_is(begun, HR_TIME_NONE)) {
        adjust_segment(account, &period);
    } else {
        struct hr_segment *old = &account->segments[account->current];
        if (!hr_time_is(begun, HR_TIME_NONE)) {
            old->end = hr_time_min(old->end, begun);
        }
        period.from = hr_time_max(period.start, old->end);
        period.floor = old->end;
        close_segment(account, limits, pool);
        account->current = open_segment(account, &period, pool);
        rolled = true;
    }
    for (uint32_t i = account->segment_count; i > 0; i--) {
        const struct hr_segment *early = &account->segments[i - 1];
        if (i - 1 != account->current && !early->closed &&
            early->from.us < account->segments[account->current].end.us) {
            hr_segment_absorb(account, account->current, i - 1, pool);
        }
    }
    hr_segments_sort(account);
    hr_account_forget_old(account, pool);
    steady_while(account, account->segments[account->current].end);
    return rolled;
}

/* --- what signals ask ------------------------------------------------------------------------- */

static bool extends(struct hr_time start, struct hr_time end, struct hr_time run)
{
    return start.us < run.us && end.us >= run.us;
}

struct hr_time hr_tenure_start(const struct hr_account *account)
{
    if (account->governing < 0) {
        return account->first_seen;
    }
    struct hr_time run = account->subscriptions[account->governing].start;
    for (bool moved = true; moved;) {
        moved = false;
        for (uint32_t i = 0; i < account->subscription_count; i++) {
            const struct hr_subscription *subscription = &account->subscriptions[i];
            if (extends(subscription->start, subscription->end, run)) {
                run = subscription->start;
                moved = true;
            }
        }
        for (uint32_t i = 0; i < account->run_count; i++) {
            if (extends(account->runs[i].start, account->runs[i].end, run)) {
                run = account->runs[i].start;
                moved = true;
            }
        }
    }
    return run;
}

bool hr_account_mrr(const struct hr_account *account, struct hr_decimal *amount, char currency[4])
{
    const struct hr_rules *rules = account->layout->rules;
    const struct hr_money *first = NULL;
    bool mixed = false;
    for (uint32_t i = 0; i < account->subscription_count; i++) {
        const struct hr_subscription *subscription = &account->subscriptions[i];
        if (subscription->active && subscription->mrr.currency[0]) {
            mixed |= first && !hr_currency_equal(first->currency, subscription->mrr.currency);
            first = first ? first : &subscription->mrr;
        }
    }
    *amount = HR_DECIMAL_ZERO;
    for (uint32_t i = 0; first && i < account->subscription_count; i++) {
        const struct hr_subscription *subscription = &account->subscriptions[i];
        if (!subscription->active || !subscription->mrr.currency[0]) {
            continue;
        }
        struct hr_decimal major = hr_money_major(subscription->mrr);
        if ((mixed && !hr_money_convert(rules, major, subscription->mrr.currency, &major)) ||
            !hr_decimal_add(*amount, major, amount)) {
            return false;
        }
    }
    memcpy(currency, mixed || !first ? rules->currency : first->currency, 4);
    return first != NULL;
}

int64_t hr_account_today(const struct hr_account *account)
{
    return account->clock.us < account->tomorrow.us ? account->today
                                                    : hr_zone_day(account->zone, account->clock);
}

bool hr_account_renewal(const struct hr_account *account, int64_t *day)
{
    int64_t today = hr_account_today(account);
    bool found = false;
    for (uint32_t i = 0; i < account->subscription_count; i++) {
        const struct hr_subscription *subscription = &account->subscriptions[i];
        if (!subscription->has_renewal) {
            continue;
        }
        int64_t candidate = subscription->renewal_day;
        bool ahead = candidate >= today;
        bool better =
            !found || (ahead ? *day < today || candidate < *day : *day < today && candidate > *day);
        if (better) {
            *day = candidate;
        }
        found = true;
    }
    return found;
}
