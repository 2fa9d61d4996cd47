/* SPDX-License-Identifier: Apache-2.0 */
/* Usage that cannot change anything but a counter.
 *
 * Most events leave every rule as it is: the counter stays below the next level that is not open.
 * How far it may rise is worked out whenever rules were judged on usage, and kept beside the
 * counter as its bar; as long as sums stay below their bars nothing is read and judged. This
 * decides nothing that judging would not: where there is any doubt there is no bar.
 *
 * A type of event has bars when all the rules that it can touch watch, upwards, a sum or a count of
 * that type over the billing period, as it is or as a share of the limit, and ask on its meters for
 * nothing of another type: then nobody else's usage concerns them. Whatever is not usage of such a
 * type (a fact, a timer, a move, a correction, other rules, the end of the period) takes the bars
 * away. A late event and an amount below zero are judged. */
#include "quiet.h"

static const struct hr_decimal highest = {
    (__int128)1000000000000 * 100000000000000 * 1000000000000};

/* --- bars ------------------------------------------------------------------------------------- */

void hr_bars_drop(struct hr_account *account)
{
    for (uint16_t m = 0; m < account->layout->rules->meter_count; m++) {
        account->meters[m].bar = HR_DECIMAL_ZERO;
    }
}

/* Where the counter reaches the level, or a little before: the product is cut. */
static bool reached_at(const struct hr_account *account, const struct hr_signal *signal,
    struct hr_decimal level, struct hr_decimal *at)
{
    const struct hr_limit_state *limit = &account->meters[signal->meter].limit;
    if (signal->kind != HR_SIGNAL_USED) {
        *at = level;
        return true;
    }
    if (limit->kind != HR_LIMIT_KNOWN) {
        *at = highest; /* the share is unknown, and beyond nothing */
        return true;
    }
    return hr_decimal_mul_div(level, limit->value, HR_DECIMAL_ONE, HR_DECIMAL_PLACES, at);
}

/* Lowers the bar to the rule's next level that is not open. One that waits is beyond, so where the
 * counter stands there is no bar then. */
static void lower_bar(struct hr_account *account, uint16_t slot, struct hr_decimal *bar)
{
    const struct hr_rules *rules = account->layout->rules;
    const struct hr_rule *rule = &rules->rules[slot];
    const struct hr_level_state *levels = account->rules[slot].levels;
    for (uint16_t l = 0; l < rule->level_count; l++) {
        struct hr_decimal at;
        if (levels && (levels[l].flags & HR_LEVEL_OPEN)) {
            continue;
        }
        if (!reached_at(account, &rules->signals[rule->signal], rule->levels[l].value, &at)) {
            at = HR_DECIMAL_ZERO;
        }
        if (hr_decimal_compare(at, *bar) < 0) {
            *bar = at;
        }
    }
}

static struct hr_decimal *bar_of(struct hr_account *account, uint16_t rule)
{
    const struct hr_rules *rules = account->layout->rules;
    return &account->meters[rules->signals[rules->rules[rule].signal].meter].bar;
}

void hr_bars_set(struct hr_account *account, const struct hr_touch *touch)
{
    for (uint16_t i = 0; i < touch->rule_count; i++) {
        *bar_of(account, touch->rules[i]) = highest;
    }
    for (uint16_t i = 0; i < touch->rule_count; i++) {
        lower_bar(account, touch->rules[i], bar_of(account, touch->rules[i]));
    }
}

/* --- asking ----------------------------------------------------------------------------------- */

static bool stays_below(
    const struct hr_account *account, uint16_t meter, const struct hr_feed *feeds, uint16_t count)
{
    struct hr_decimal bar = account->meters[meter].bar;
    struct hr_decimal sum = account->segments[account->current].tallies[meter].value;
    for (uint16_t i = 0; i < count; i++) {
        if (feeds[i].meter == meter && (feeds[i].amount.value.units < 0 ||
                                           !hr_decimal_add(sum, feeds[i].amount.value, &sum))) {
            return false;
        }
    }
    return bar.units > 0 && hr_decimal_compare(sum, bar) < 0;
}

bool hr_usage_is_quiet(const struct hr_account *account, const struct hr_touch *touch,
    struct hr_time now, struct hr_time time, const struct hr_feed *feeds, uint16_t count)
{
    const struct hr_rules *rules = account->layout->rules;
    if (!touch->has_bars || account->segment_count == 0 || now.us >= account->steady_until.us) {
        return false;
    }
    const struct hr_segment *segment = &account->segments[account->current];
    if (time.us < segment->from.us || time.us >= segment->end.us) {
        return false;
    }
    for (uint16_t i = 0; i < touch->rule_count; i++) {
        if (!stays_below(account, rules->signals[rules->rules[touch->rules[i]].signal].meter, feeds,
                count)) {
            return false;
        }
    }
    return true;
}
