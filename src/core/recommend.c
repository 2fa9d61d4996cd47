/* SPDX-License-Identifier: Apache-2.0 */
/* Which plan an account should go up to (SEMANTICS 7, Plans).
 *
 * 1. A trigger of risk is no occasion to sell.
 * 2. What is looked at is the meter that the trigger is about, if it has a limit. Else it is the
 *    product that is offered, or to which the feature, its trial or interest in it belongs, if it
 *    is not owned: then it is the cheapest plan that owns it. A trigger about neither (score,
 *    renewal) looks at the fullest meter with a limit, and only if that is no longer large enough.
 * 3. A limit is large enough if the projected use stays below `recommend.below` of it for
 *    `recommend.for`: strictly below, at exactly 80% it does not. A gauge grows at its pace for
 *    that time. What starts anew with each period does not pile up: it is what a whole period comes
 *    to at that pace. Without a known pace it is the use of today.
 * 4. The plans looked at are those that `next` leads to from the plan of a subscription that gives
 *    the limit, the oldest such subscription first. What other subscriptions give stays.
 * 5. Of those large enough, and larger than today's, it is the one with the smallest limit, then
 *    the cheapest, then the first in the configuration.
 *
 * The difference in MRR is against what the subscription pays, not against the price of its plan in
 * the catalogue, which is only taken where nothing was told. */
#include "advice.h"

#include "dossier.h"
#include "money.h"
#include "pace.h"
#include "subscription.h"
#include "window.h"

/* What a plan has to do: to hold the use of a meter, or to own a product. */
struct need {
    const struct hr_product *product; /* NULL: the meter */
    uint16_t meter;
    struct hr_decimal use; /* projected */
};

/* --- use -------------------------------------------------------------------------------------- */

/* What the use of today, in the open period or as a reading, comes to (3). */
static struct hr_decimal projected(
    const struct hr_account *account, uint16_t slot, struct hr_decimal use)
{
    const struct hr_segment *segment = &account->segments[account->current];
    bool gauge = hr_slot_meter(account, slot)->aggregate == HR_LATEST;
    int64_t span =
        gauge ? account->layout->rules->recommend.for_us : segment->end.us - segment->start.us;
    uint32_t days = (uint32_t)((span + HR_DAY - 1) / HR_DAY);
    struct hr_pace pace = hr_pace_of(account, slot);
    struct hr_decimal growth, sum;
    if (!pace.known || !hr_pace_growth(&pace, days, &growth) || growth.units <= 0 ||
        !hr_decimal_add(gauge ? use : HR_DECIMAL_ZERO, growth, &sum)) {
        return use;
    }
    return hr_decimal_compare(sum, use) > 0 ? sum : use;
}

static bool projected_value(const struct hr_account *account, uint16_t slot, struct hr_tally tally,
    struct hr_decimal *value)
{
    static const struct hr_signal plain = {.kind = HR_SIGNAL_METER, .unit = HR_UNIT_NUMBER};
    struct hr_reading reading = hr_tally_reading(hr_slot_meter(account, slot)->aggregate, &tally);
    bool known = hr_reading_value(&plain, &reading, value);
    if (known) {
        *value = projected(account, slot, *value);
    }
    return known;
}

/* Of a limit of 0, 0 is 0%. */
static bool is_large_enough(
    const struct hr_rules *rules, struct hr_decimal use, const struct hr_limit_state *limit)
{
    if (limit->kind != HR_LIMIT_KNOWN) {
        return limit->kind == HR_LIMIT_UNLIMITED;
    }
    struct hr_decimal below = rules->recommend.below;
    return limit->value.units <= 0
               ? use.units <= 0 && below.units > 0
               : hr_decimal_compare_products(use, HR_DECIMAL_ONE, below, limit->value) < 0;
}

/* Is a of its limit more than b of its? */
static bool is_fuller(const struct hr_account *account, const struct need *a, const struct need *b)
{
    return hr_decimal_compare_products(a->use, account->meters[b->meter].limit.value, b->use,
               account->meters[a->meter].limit.value) > 0;
}

/* The fullest meter whose limit is not large enough. */
static bool find_fullest(const struct hr_account *account, struct need *need)
{
    const struct hr_rules *rules = account->layout->rules;
    bool found = false;
    for (uint16_t m = 0; m < rules->meter_count; m++) {
        struct need one = {.meter = m};
        if (account->meters[m].limit.kind == HR_LIMIT_KNOWN &&
            projected_value(account, m, hr_window_tally(account, m, 0), &one.use) &&
            !is_large_enough(rules, one.use, &account->meters[m].limit) &&
            (!found || is_fuller(account, &one, need))) {
            *need = one;
            found = true;
        }
    }
    return found;
}

/* --- products --------------------------------------------------------------------------------- */

/* Does the signal ask for that feature, or for what is tried with it? */
static bool asks_for_feature(
    const struct hr_account *account, const struct hr_signal *signal, uint16_t feature)
{
    const struct hr_meter *meter = &account->layout->rules->meters[feature];
    const size_t prefix = strlen("feature.");
    const struct hr_str name = {meter->name.at + prefix, meter->name.len - prefix};
    switch (signal->kind) {
    case HR_SIGNAL_TRIAL:
        return hr_str_equal(signal->attribute, meter->trial);
    case HR_SIGNAL_TRIAL_USES:
        return hr_trial_runs(account, meter->trial);
    case HR_SIGNAL_INTEREST:
        return hr_str_equal(signal->attribute, name);
    default:
        return signal->kind <= HR_SIGNAL_DROP && signal->meter == feature;
    }
}

/* Is the product what the rule is about? Of a feature it is the one to which that belongs. */
static bool is_about(const struct hr_instance *instance, uint16_t number)
{
    const struct hr_account *account = instance->step->account;
    const struct hr_rules *rules = account->layout->rules;
    const struct hr_signal *signal = &rules->signals[instance->rule->signal];
    const struct hr_product *product = &rules->products[number];
    if (instance->rule->offer) {
        return instance->rule->offer->product == number;
    }
    if (signal->kind == HR_SIGNAL_PRODUCT_ADOPTION || signal->kind == HR_SIGNAL_PRODUCT_USED) {
        return signal->product == number;
    }
    for (uint16_t i = 0; i < product->use_count; i++) {
        if (asks_for_feature(account, signal, rules->signals[product->uses[i]].meter)) {
            return true;
        }
    }
    return false;
}

/* The first that is not owned. */
static const struct hr_product *find_product(const struct hr_instance *instance)
{
    const struct hr_account *account = instance->step->account;
    const struct hr_rules *rules = account->layout->base->rules;
    for (uint16_t p = 0; p < rules->product_count; p++) {
        if (is_about(instance, p) && !hr_product_owned(account, p)) {
            return &rules->products[p];
        }
    }
    return NULL;
}

static bool owns(const struct hr_product *product, uint16_t plan)
{
    for (uint16_t i = 0; i < product->plan_count; i++) {
        if (product->plans[i] == plan) {
            return true;
        }
    }
    return false;
}

/* --- the need --------------------------------------------------------------------------------- */

/* False: there is nothing that a plan would have to do. */
static bool find_need(const struct hr_advising *advising, struct need *need)
{
    const struct hr_account *account = advising->instance->step->account;
    const struct hr_rules *rules = account->layout->rules;
    const struct hr_signal *signal = &rules->signals[advising->instance->rule->signal];
    const struct hr_signal_layout *layout =
        &account->layout->signals[advising->instance->rule->signal];
    bool limited = layout->on_meter && rules->meters[signal->meter].limit.len > 0;
    need->product = limited ? NULL : find_product(advising->instance);
    if (need->product) {
        return true;
    }
    if (!layout->on_meter) {
        return find_fullest(account, need);
    }
    /* The period's, but for adoption, whose limit is that of its own window. */
    uint16_t window = signal->kind == HR_SIGNAL_ADOPTION ? signal->window : 0;
    struct hr_tally tally = advising->late
                                ? account->segments[advising->late->segment].tallies[layout->slot]
                                : hr_window_tally(account, layout->slot, window);
    need->meter = signal->meter;
    return limited && projected_value(account, layout->slot, tally, &need->use);
}

/* --- plans ------------------------------------------------------------------------------------ */

/* All that `next` leads to, each once, whichever way it leads. */
static bool *find_reachable(const struct hr_rules *rules, uint16_t from, struct hr_arena *arena)
{
    bool *reached = hr_arena_zeroed(arena, rules->plan_count * sizeof *reached);
    uint16_t *queue = hr_arena_take(arena, (rules->plan_count + 1u) * sizeof *queue);
    uint16_t count = 0;
    queue[count++] = from;
    for (uint16_t at = 0; at < count; at++) {
        const struct hr_plan *plan = &rules->plans[queue[at]];
        for (uint16_t i = 0; i < plan->next_count; i++) {
            if (plan->next[i] != from && !reached[plan->next[i]]) {
                reached[plan->next[i]] = true;
                queue[count++] = plan->next[i];
            }
        }
    }
    return reached;
}

/* -1, 0, 1; a price that is not known, or has no rate, is the highest. */
static int compare_prices(
    const struct hr_rules *rules, const struct hr_plan *a, const struct hr_plan *b)
{
    int order;
    if (!a->has_mrr || !b->has_mrr) {
        return (int)b->has_mrr - (int)a->has_mrr;
    }
    return hr_money_compare(rules, a->mrr, a->currency, b->mrr, b->currency, &order) ? order : 0;
}

static int compare_limits(const struct hr_limit_state *a, const struct hr_limit_state *b)
{
    if (a->kind == HR_LIMIT_UNLIMITED || b->kind == HR_LIMIT_UNLIMITED) {
        return (a->kind == HR_LIMIT_UNLIMITED) - (b->kind == HR_LIMIT_UNLIMITED);
    }
    return hr_decimal_compare(a->value, b->value);
}

/* The account's limit if this subscription's part of it were another. */
static struct hr_limit_state limit_with(struct hr_limit_state total,
    const struct hr_limit_state *own, const struct hr_limit_state *other)
{
    if (other->kind != HR_LIMIT_KNOWN) {
        return *other;
    }
    if (!hr_decimal_sub(total.value, own->value, &total.value) ||
        !hr_decimal_add(total.value, other->value, &total.value)) {
        total.kind = HR_LIMIT_UNLIMITED; /* more than any quantity */
    }
    return total;
}

/* The cheapest that owns the product; NULL: none. */
static const struct hr_plan *find_owning(
    const struct hr_rules *rules, const bool *reached, const struct hr_product *product)
{
    const struct hr_plan *best = NULL;
    for (uint16_t p = 0; p < rules->plan_count; p++) {
        const struct hr_plan *one = &rules->plans[p];
        if (reached[p] && owns(product, p) && (!best || compare_prices(rules, one, best) < 0)) {
            best = one;
        }
    }
    return best;
}

/* The smallest that is large enough (5); NULL: none. */
static const struct hr_plan *find_larger(const struct hr_account *account, const bool *reached,
    const struct need *need, const struct hr_subscription *subscription)
{
    const struct hr_rules *rules = account->layout->base->rules;
    struct hr_str name = rules->meters[need->meter].limit;
    struct hr_limit_state today = account->meters[need->meter].limit;
    struct hr_limit_state own = hr_subscription_limit(rules, subscription, name);
    const struct hr_plan *best = NULL;
    struct hr_limit_state best_limit = own;
    if (today.kind != HR_LIMIT_KNOWN || own.kind != HR_LIMIT_KNOWN) {
        return NULL;
    }
    for (uint16_t p = 0; p < rules->plan_count; p++) {
        const struct hr_plan *one = &rules->plans[p];
        struct hr_limit_state limit = hr_plan_limit(one, name);
        struct hr_limit_state total = limit_with(today, &own, &limit);
        if (!reached[p] || limit.kind == HR_LIMIT_NONE || compare_limits(&limit, &own) <= 0 ||
            !is_large_enough(rules, need->use, &total)) {
            continue;
        }
        int order = best ? compare_limits(&limit, &best_limit) : -1;
        if (order < 0 || (order == 0 && compare_prices(rules, one, best) < 0)) {
            best = one;
            best_limit = limit;
        }
    }
    return best;
}

/* --- price ------------------------------------------------------------------------------------ */

/* What the subscription costs a month: as told, else its plan's price. False when unknown. */
static bool price_now(const struct hr_subscription *subscription, const struct hr_plan *plan,
    struct hr_decimal *amount, const char **currency)
{
    bool told = !hr_time_is(subscription->stamps[HR_FIELD_MRR], HR_TIME_NONE);
    *amount = told ? hr_money_major(subscription->mrr) : plan->mrr;
    *currency = told ? subscription->mrr.currency : plan->currency;
    return told || plan->has_mrr;
}

static void find_delta(const struct hr_rules *rules, const struct hr_subscription *subscription,
    struct hr_recommendation *recommend)
{
    const struct hr_plan *plan = recommend->plan;
    struct hr_decimal paid, price = plan->mrr;
    const char *currency;
    if (!plan->has_mrr || !price_now(subscription, recommend->from, &paid, &currency)) {
        return;
    }
    bool same = hr_currency_equal(currency, plan->currency);
    if (!same && (!hr_money_convert(rules, paid, currency, &paid) ||
                     !hr_money_convert(rules, price, plan->currency, &price))) {
        return;
    }
    memcpy(recommend->currency, same ? plan->currency : rules->currency, sizeof plan->currency);
    recommend->has_delta = hr_decimal_sub(price, paid, &recommend->delta);
}

/* --- the recommendation ----------------------------------------------------------------------- */

/* Active subscriptions, the oldest first; NULL behind the last. */
static const struct hr_subscription *next_oldest(
    const struct hr_account *account, const struct hr_subscription *after)
{
    const struct hr_subscription *next = NULL;
    for (uint32_t i = 0; i < account->subscription_count; i++) {
        const struct hr_subscription *one = &account->subscriptions[i];
        if (one->active && (!after || hr_subscription_is_older(after, one)) &&
            (!next || hr_subscription_is_older(one, next))) {
            next = one;
        }
    }
    return next;
}

struct hr_recommendation hr_recommend_plan(const struct hr_advising *advising)
{
    const struct hr_account *account = advising->instance->step->account;
    const struct hr_rules *rules = account->layout->base->rules;
    struct hr_recommendation recommend = {.plan = NULL};
    struct need need = {.product = NULL};
    if (advising->instance->rule->category == HR_RISK || !find_need(advising, &need)) {
        return recommend;
    }
    for (const struct hr_subscription *one = next_oldest(account, NULL); one && !recommend.plan;
         one = next_oldest(account, one)) {
        int plan = hr_rules_find_plan(rules, one->plan);
        if (plan < 0) {
            continue;
        }
        const bool *reached = find_reachable(rules, (uint16_t)plan, advising->arena);
        recommend.plan = need.product ? find_owning(rules, reached, need.product)
                                      : find_larger(account, reached, &need, one);
        if (recommend.plan) {
            recommend.from = &rules->plans[plan];
            find_delta(rules, one, &recommend);
        }
    }
    return recommend;
}
