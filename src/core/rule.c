/* SPDX-License-Identifier: Apache-2.0 */
/* What one rule makes of its signal: which open levels are over, which others begin to wait.
 *
 * A level is in one of three states. It is idle; or it waits, being beyond but not ready (`for`,
 * `when`, cooldown); or it is open, fired or claimed. This file moves levels back to idle and from
 * idle to waiting; fire.c opens them. For each instance, in this order (SEMANTICS 5):
 *
 *  1. No active subscription, of an account that had one: everything open ends with
 *     `subscription_ended`, nothing waits, nothing is judged. The same for the renewal windows of
 *     one subscription that has ended.
 *  2. The period that the signal is counted over has ended: everything open ends with
 *     `period_reset`, nothing waits, nothing is armed.
 *  3. The subscription was renewed: its windows end with `renewed`.
 *  4. The signal is unknown: everything open ends, with `limit_increased` where the limit was
 *     removed, else with `signal_unknown`.
 *  5. Open levels, furthest first. A change of the limit inside the signal, a renewal date that
 *     moved, or a correction of the meter ends those that are no longer beyond, without the margin.
 *     Else a level ends when the signal is back past the margin.
 *  6. Levels that are not open, nearest first, begin to wait or cease to.
 *
 * Up and down are mirror images: all comparisons go through `order`, which is the order of reading
 * and amount seen in the rule's direction. */
#include "step.h"

#include "subscription.h"

/* Order of the reading against an amount, mirrored for down-rules; -1 when it has none. */
static int order_of(const struct hr_instance *instance, struct hr_decimal amount, uint16_t level)
{
    const struct hr_rules *rules = instance->step->account->layout->rules;
    int order;
    if (!hr_reading_compare(
            rules, &instance->reading, amount, instance->rule->levels[level].currency, &order)) {
        return -1;
    }
    return instance->rule->direction == HR_UP ? order : -order;
}

bool hr_instance_beyond(const struct hr_instance *instance, uint16_t level)
{
    return order_of(instance, instance->rule->levels[level].value, level) >= 0;
}

static bool past_margin(const struct hr_instance *instance, uint16_t level)
{
    return order_of(instance, instance->layout->margins[level], level) < 0;
}

static const struct hr_signal_layout *signal_layout(const struct hr_instance *instance)
{
    return &instance->step->account->layout->signals[instance->rule->signal];
}

uint16_t hr_instance_count(const struct hr_account *account, uint16_t rule)
{
    return account->layout->rule_layouts[rule].per_subscription
               ? (uint16_t)account->subscription_count
               : 1;
}

static struct hr_reading renewal_before(
    const struct hr_step *step, const struct hr_subscription *subscription)
{
    struct hr_reading reading = {.kind = HR_READING_UNKNOWN};
    if (subscription->had_renewal) {
        reading.kind = HR_READING_NUMBER;
        reading.value = hr_decimal_from_int(subscription->old_renewal_day - step->old_today);
        reading.of = HR_DECIMAL_ONE;
    }
    return reading;
}

struct hr_instance hr_instance_of(struct hr_step *step, uint16_t slot, uint16_t number)
{
    struct hr_account *account = step->account;
    struct hr_instance instance = {.step = step,
        .rule = &account->layout->rules->rules[slot],
        .layout = &account->layout->rule_layouts[slot],
        .slot = slot,
        .number = number};
    const struct hr_rule_state *state = &account->rules[slot];
    if (state->levels && number < state->instances) {
        instance.levels = state->levels + (size_t)number * instance.rule->level_count;
    }
    if (instance.layout->per_subscription) {
        instance.subscription = &account->subscriptions[number];
        instance.reading = hr_signal_read_renewal(account, number);
        instance.before = renewal_before(step, instance.subscription);
    } else {
        instance.reading = *hr_step_reading(step, instance.rule->signal);
        instance.before = *hr_step_before(step, instance.rule->signal);
    }
    return instance;
}

/* --- ending ----------------------------------------------------------------------------------- */

void hr_rule_end_level(struct hr_instance *instance, uint16_t level, enum hr_resolution resolution)
{
    struct hr_level_state *state = &instance->levels[level];
    if (state->flags & HR_LEVEL_FIRED) {
        struct hr_emission emission = {.instance = instance,
            .level = level,
            .reading = &instance->reading,
            .before = &instance->before};
        hr_emit_resolved(&emission, state, resolution);
    }
    state->flags &= (uint8_t) ~(HR_LEVEL_OPEN | HR_LEVEL_NAMED | HR_LEVEL_HELD_OUT);
    instance->step->account->due_stale = true;
}

void hr_rule_end_all(struct hr_instance *instance, enum hr_resolution resolution)
{
    for (uint16_t l = instance->rule->level_count; instance->levels && l > 0; l--) {
        if (instance->levels[l - 1].flags & HR_LEVEL_OPEN) {
            hr_rule_end_level(instance, (uint16_t)(l - 1), resolution);
        }
    }
}

static void clear_flags(struct hr_instance *instance, int flags)
{
    for (uint16_t l = 0; instance->levels && l < instance->rule->level_count; l++) {
        instance->levels[l].flags &= (uint8_t)~flags;
    }
    instance->step->account->due_stale = true;
}

enum limit_move { LIMIT_SAME, LIMIT_RAISED, LIMIT_LOWERED };

/* How the limit inside the signal moved in this step. No limit at all, unlimited or unknown, is
 * higher than any: to remove one is to raise it, to set a first one is to lower it. */
static enum limit_move limit_move(const struct hr_instance *instance)
{
    const struct hr_step *step = instance->step;
    if (!step->limits_changed || !signal_layout(instance)->limit_inside) {
        return LIMIT_SAME;
    }
    uint16_t meter = step->account->layout->rules->signals[instance->rule->signal].meter;
    const struct hr_limit_state *was = &step->room->limits[meter];
    const struct hr_limit_state *is = &step->account->meters[meter].limit;
    bool was_set = was->kind == HR_LIMIT_KNOWN, is_set = is->kind == HR_LIMIT_KNOWN;
    int order =
        was_set && is_set ? hr_decimal_compare(is->value, was->value) : (int)was_set - (int)is_set;
    return order > 0 ? LIMIT_RAISED : order < 0 ? LIMIT_LOWERED : LIMIT_SAME;
}

static bool renewal_moved(const struct hr_instance *instance)
{
    const struct hr_subscription *subscription = instance->subscription;
    return subscription && !subscription->renewed && subscription->had_renewal &&
           subscription->has_renewal && subscription->old_renewal_day != subscription->renewal_day;
}

/* Did a correction change what the signal says? One of another period leaves it alone. */
static bool is_corrected(const struct hr_instance *instance)
{
    const struct hr_step *step = instance->step;
    const struct hr_rules *rules = step->account->layout->rules;
    const struct hr_reading *was = &instance->before, *is = &instance->reading;
    return step->corrected && signal_layout(instance)->on_meter &&
           step->corrected == &rules->meters[rules->signals[instance->rule->signal].meter] &&
           (was->kind != is->kind || was->value.units != is->value.units ||
               was->of.units != is->of.units);
}

static bool reset_of(const struct hr_instance *instance)
{
    const struct hr_step *step = instance->step;
    switch (signal_layout(instance)->over) {
    case HR_OVER_NOTHING:
        return false;
    case HR_OVER_PERIOD:
        return step->period_reset;
    case HR_OVER_DAY:
        return step->day_reset;
    case HR_OVER_WEEK:
        return step->week_reset;
    case HR_OVER_MONTH:
        break;
    }
    return step->month_reset;
}

/* Why a level ends whose signal came back by itself. */
static enum hr_resolution returned(const struct hr_instance *instance)
{
    if (!signal_layout(instance)->by_usage) {
        return HR_SIGNAL_RETURNED;
    }
    return instance->rule->direction == HR_UP ? HR_USAGE_DECREASED : HR_USAGE_INCREASED;
}

static bool is_known(const struct hr_instance *instance)
{
    return instance->reading.kind != HR_READING_UNKNOWN &&
           instance->reading.kind != HR_READING_TEXT;
}

/* Money without a rate to the level's currency is unknown to that level. */
static bool is_known_to(const struct hr_instance *instance, uint16_t level)
{
    const struct hr_rule_level *about = &instance->rule->levels[level];
    int order;
    return hr_reading_compare(instance->step->account->layout->rules, &instance->reading,
        about->value, about->currency, &order);
}

static void end_what_is_over(struct hr_instance *instance)
{
    enum limit_move limit = limit_move(instance);
    bool moved = renewal_moved(instance), corrected = is_corrected(instance);
    for (uint16_t l = instance->rule->level_count; instance->levels && l > 0; l--) {
        uint16_t level = (uint16_t)(l - 1);
        if (!(instance->levels[level].flags & HR_LEVEL_OPEN)) {
            continue;
        }
        if ((limit != LIMIT_SAME || moved || corrected) && !hr_instance_beyond(instance, level)) {
            hr_rule_end_level(instance, level,
                moved                   ? HR_RENEWAL_MOVED
                : corrected             ? HR_CORRECTED
                : limit == LIMIT_RAISED ? HR_LIMIT_INCREASED
                                        : HR_LIMIT_LOWERED);
        } else if (past_margin(instance, level)) {
            hr_rule_end_level(instance, level,
                is_known_to(instance, level) ? returned(instance) : HR_SIGNAL_UNKNOWN);
        }
    }
}

/* --- beginning to wait ------------------------------------------------------------------------ */

static enum hr_cause cause_of(const struct hr_instance *instance)
{
    if (instance->step->kind == HR_STEP_MOVE) {
        return HR_CAUSE_ACCOUNT_CHANGE;
    }
    enum hr_signal_kind kind =
        instance->step->account->layout->rules->signals[instance->rule->signal].kind;
    if (limit_move(instance) != LIMIT_SAME || kind == HR_SIGNAL_LIMIT_DROP) {
        return HR_CAUSE_LIMIT_CHANGE;
    }
    if (renewal_moved(instance)) {
        return HR_CAUSE_RENEWAL_MOVED;
    }
    switch (instance->step->kind) {
    case HR_STEP_USAGE:
        return HR_CAUSE_USAGE;
    case HR_STEP_TIME:
        return HR_CAUSE_TIME;
    case HR_STEP_RULES:
        return HR_CAUSE_RULE_CHANGE;
    case HR_STEP_FACT:
    case HR_STEP_MOVE:
        break;
    }
    return HR_CAUSE_ACCOUNT_CHANGE;
}

/* The day from which the term runs: of the renewal before, else of the subscription's start. A date
 * is that date in whichever zone. */
static int64_t term_start(const struct hr_instance *instance)
{
    const struct hr_subscription *subscription = instance->subscription;
    if (!hr_time_is(subscription->stamps[HR_FIELD_TERM], HR_TIME_NONE)) {
        return subscription->term_start;
    }
    return subscription->started.kind == HR_MOMENT_DATE
               ? subscription->started.day
               : hr_zone_day(instance->step->account->zone, subscription->start);
}

/* A renewal offset not shorter than the term would be open all the time: it is void. */
static bool is_void(const struct hr_instance *instance, uint16_t level)
{
    const struct hr_subscription *subscription = instance->subscription;
    if (!subscription || instance->rule->direction == HR_UP) {
        return false;
    }
    struct hr_decimal term = hr_decimal_from_int(subscription->renewal_day - term_start(instance));
    return hr_decimal_compare(instance->rule->levels[level].value, term) >= 0;
}

static bool needs_arms(const struct hr_instance *instance)
{
    return instance->rule->direction == HR_DOWN && signal_layout(instance)->volume;
}

enum hr_why hr_level_standing(const struct hr_instance *instance, uint16_t level)
{
    if (!hr_instance_beyond(instance, level)) {
        return HR_WHY_NOT_REACHED;
    }
    if (is_void(instance, level)) {
        return HR_WHY_VOID;
    }
    bool armed = !needs_arms(instance) ||
                 (instance->levels && (instance->levels[level].flags & HR_LEVEL_ARMED));
    return armed ? HR_WHY_READY : HR_WHY_NOT_ARMED;
}

/* Is there anything to remember of an instance of which nothing is remembered yet? */
static bool is_idle(const struct hr_instance *instance)
{
    if (needs_arms(instance)) {
        uint16_t furthest = (uint16_t)(instance->rule->level_count - 1);
        return hr_instance_beyond(instance, furthest); /* not above it: nothing to arm */
    }
    return !hr_instance_beyond(instance, 0);
}

static bool further_is_open(const struct hr_instance *instance, uint16_t level)
{
    for (uint16_t l = (uint16_t)(level + 1); l < instance->rule->level_count; l++) {
        if (instance->levels[l].flags & HR_LEVEL_OPEN) {
            return true;
        }
    }
    return false;
}

void hr_level_claim(const struct hr_instance *instance, uint16_t level, enum hr_claim by)
{
    struct hr_level_state *state = &instance->levels[level];
    state->flags =
        (uint8_t)((state->flags & ~(HR_LEVEL_WAITING | HR_LEVEL_LATE)) | HR_LEVEL_CLAIMED);
    state->cause = (uint8_t)by;
    state->since = instance->step->account->clock;
    instance->step->account->due_stale = true;
}

static void begin_to_wait(struct hr_instance *instance, uint16_t level, bool is_new)
{
    struct hr_level_state *state = &instance->levels[level];
    bool late = instance->subscription && instance->rule->direction == HR_DOWN &&
                order_of(instance, instance->rule->levels[level].value, level) > 0;
    if (late && instance->rule->late_never) {
        hr_level_claim(instance, level, HR_CLAIM_LATE_NEVER);
        return;
    }
    if (is_new && instance->rule->on_start_skip) {
        hr_level_claim(instance, level, HR_CLAIM_ON_START);
        return;
    }
    state->flags |= (uint8_t)(HR_LEVEL_WAITING | (late ? HR_LEVEL_LATE : 0));
    state->cause = (uint8_t)(is_new ? HR_CAUSE_RULE_CHANGE : cause_of(instance));
    state->held = HR_WHY_READY;
    state->since = instance->step->account->clock;
    instance->step->account->due_stale = true;
}

static void cease_to_wait(struct hr_instance *instance, struct hr_level_state *state)
{
    state->flags &= (uint8_t) ~(HR_LEVEL_WAITING | HR_LEVEL_LATE);
    instance->step->account->due_stale = true;
}

/* True when a level waits. */
static bool watch_levels(struct hr_instance *instance)
{
    bool arms = needs_arms(instance), waits = false;
    for (uint16_t l = 0; l < instance->rule->level_count; l++) {
        struct hr_level_state *state = &instance->levels[l];
        bool is_new = (state->flags & HR_LEVEL_NEW) != 0;
        enum hr_why standing = hr_level_standing(instance, l);
        if (arms && (standing == HR_WHY_NOT_REACHED || standing == HR_WHY_VOID)) {
            state->flags |= HR_LEVEL_ARMED;
        }
        state->flags &= (uint8_t)~HR_LEVEL_NEW;
        if (is_new && standing != HR_WHY_VOID && further_is_open(instance, l)) {
            hr_level_claim(
                instance, l, HR_CLAIM_UNDER_OPEN); /* also while it is not reached itself */
        }
        if (state->flags & HR_LEVEL_OPEN) {
            continue;
        }
        bool counts = standing == HR_WHY_READY;
        if (counts && !(state->flags & HR_LEVEL_WAITING)) {
            begin_to_wait(instance, l, is_new);
        } else if (!counts && (state->flags & HR_LEVEL_WAITING)) {
            cease_to_wait(instance, state);
        }
        waits |= (state->flags & HR_LEVEL_WAITING) != 0;
    }
    return waits;
}

/* --- the decision ----------------------------------------------------------------------------- */

static bool is_ended(const struct hr_instance *instance)
{
    return instance->step->account->ended ||
           (instance->subscription && !instance->subscription->active);
}

static void resolve_instance(struct hr_instance *instance)
{
    struct hr_step *step = instance->step;
    bool reset = reset_of(instance);
    if (is_ended(instance)) {
        hr_rule_end_all(instance, HR_SUBSCRIPTION_ENDED);
        if (instance->levels) {
            clear_flags(instance,
                HR_LEVEL_WAITING | HR_LEVEL_LATE | HR_LEVEL_NEW | (reset ? HR_LEVEL_ARMED : 0));
        }
        return;
    }
    if (reset && instance->levels) {
        hr_rule_end_all(instance, HR_PERIOD_RESET);
        clear_flags(instance, HR_LEVEL_WAITING | HR_LEVEL_ARMED);
    }
    if (instance->subscription && instance->subscription->renewed) {
        hr_rule_end_all(instance, HR_RENEWED);
        clear_flags(instance, HR_LEVEL_WAITING | HR_LEVEL_LATE);
    }
    if (!is_known(instance)) {
        hr_rule_end_all(instance,
            limit_move(instance) == LIMIT_RAISED ? HR_LIMIT_INCREASED : HR_SIGNAL_UNKNOWN);
        if (instance->levels) {
            clear_flags(instance, HR_LEVEL_WAITING | HR_LEVEL_LATE | HR_LEVEL_NEW);
        }
        return;
    }
    end_what_is_over(instance);
    if (!instance->levels) {
        if (is_idle(instance)) {
            return;
        }
        instance->levels = hr_account_levels(step->account, instance->slot, step->pool) +
                           (size_t)instance->number * instance->rule->level_count;
    }
    if (watch_levels(instance)) {
        hr_step_add_candidate(step, (struct hr_candidate){instance->slot, instance->number, NULL});
    }
}

enum hr_why hr_level_why(
    const struct hr_instance *instance, uint16_t level, const struct hr_clause **clause)
{
    uint8_t flags = instance->levels ? instance->levels[level].flags : 0;
    *clause = NULL;
    if (!instance->step->account->live) {
        return HR_WHY_HISTORY;
    }
    if (flags & HR_LEVEL_OPEN) {
        return flags & HR_LEVEL_FIRED ? HR_WHY_FIRED : HR_WHY_CLAIMED;
    }
    if (is_ended(instance)) {
        return HR_WHY_ENDED;
    }
    if (!is_known(instance) || !is_known_to(instance, level)) {
        return HR_WHY_UNKNOWN;
    }
    return flags & HR_LEVEL_WAITING ? hr_level_held(instance, level, clause)
                                    : hr_level_standing(instance, level);
}

/* Instances by age of their subscription: the order in which they are judged. */
static uint16_t instance_at(const struct hr_account *account, uint16_t rule, uint16_t place)
{
    if (!account->layout->rule_layouts[rule].per_subscription) {
        return 0;
    }
    for (uint16_t i = 0;; i++) {
        const struct hr_subscription *one = &account->subscriptions[i];
        uint16_t older = 0;
        for (uint32_t o = 0; o < account->subscription_count; o++) {
            const struct hr_subscription *other = &account->subscriptions[o];
            older = (uint16_t)(older + hr_subscription_is_older(other, one));
        }
        if (older == place) {
            return i;
        }
    }
}

void hr_rule_resolve(struct hr_step *step, uint16_t rule)
{
    uint16_t count = hr_instance_count(step->account, rule);
    for (uint16_t i = 0; i < count; i++) {
        struct hr_instance instance =
            hr_instance_of(step, rule, instance_at(step->account, rule, i));
        resolve_instance(&instance);
    }
}

void hr_rule_claim(struct hr_step *step, uint16_t rule)
{
    uint16_t count = hr_instance_count(step->account, rule);
    for (uint16_t i = 0; i < count && !step->account->ended; i++) {
        struct hr_instance instance = hr_instance_of(step, rule, i);
        for (uint16_t l = 0; l < instance.rule->level_count; l++) {
            if (!hr_instance_beyond(&instance, l) || is_void(&instance, l)) {
                continue;
            }
            instance.levels = hr_account_levels(step->account, rule, step->pool) +
                              (size_t)i * instance.rule->level_count;
            hr_level_claim(&instance, l, HR_CLAIM_LIVE_FROM);
            instance.layout->claimed[l]++;
        }
    }
}
