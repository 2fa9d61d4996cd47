/* SPDX-License-Identifier: Apache-2.0 */
/* Signals are read, never kept: each is a short look at counters and facts, so there is nothing to
 * be out of date. A share is a pair, value and limit, and is compared by cross-multiplication: 80%
 * is reached exactly at 80%, whatever the limit. Only what a trigger shows is divided, and cut. */
#include "signal.h"

#include "headroom/never.h"

#include "dossier.h"
#include "money.h"
#include "pace.h"
#include "shrink.h"
#include "subscription.h"
#include "window.h"

static const struct hr_reading unknown = {.kind = HR_READING_UNKNOWN};

static struct hr_reading number(struct hr_decimal value, struct hr_decimal of)
{
    return (struct hr_reading){.kind = HR_READING_NUMBER, .value = value, .of = of};
}

static struct hr_reading whole(int64_t value)
{
    return number(hr_decimal_from_int(value), HR_DECIMAL_ONE);
}

/* Without events sum, count, unique and latest are 0; min, max and avg are unknown. */
struct hr_reading hr_tally_reading(enum hr_aggregate aggregate, const struct hr_tally *tally)
{
    switch (aggregate) {
    case HR_MIN:
    case HR_MAX:
        return tally->count == 0 ? unknown : number(tally->value, HR_DECIMAL_ONE);
    case HR_AVG:
        return tally->count == 0 ? unknown
                                 : number(tally->value, hr_decimal_from_int((int64_t)tally->count));
    case HR_SUM:
    case HR_COUNT:
    case HR_LATEST:
    case HR_UNIQUE:
        break;
    }
    return number(tally->value, HR_DECIMAL_ONE);
}

struct hr_reading hr_share_reading(struct hr_reading value, const struct hr_limit_state *limit)
{
    if (value.kind != HR_READING_NUMBER || limit->kind != HR_LIMIT_KNOWN) {
        return unknown;
    }
    if (limit->value.units <= 0) {
        return value.value.units <= 0 ? whole(0) : (struct hr_reading){.kind = HR_READING_INFINITE};
    }
    if (value.of.units == HR_DECIMAL_ONE.units) {
        return number(value.value, limit->value);
    }
    /* An average: its count joins the limit. A product out of range makes the share nothing. */
    struct hr_decimal of;
    if (!hr_decimal_mul_div(limit->value, value.of, HR_DECIMAL_ONE, HR_DECIMAL_PLACES, &of)) {
        return whole(0);
    }
    return number(value.value, of);
}

static struct hr_reading money(struct hr_decimal amount, const char *currency)
{
    struct hr_reading reading = {.kind = HR_READING_MONEY, .value = amount, .of = HR_DECIMAL_ONE};
    memcpy(reading.currency, currency, sizeof reading.currency);
    return reading;
}

/* What the counter stands at in money, cut after twelve places. */
struct hr_reading hr_worth_reading(const struct hr_meter *meter, const struct hr_reading *value)
{
    struct hr_decimal amount;
    return value->kind == HR_READING_NUMBER && hr_decimal_mul_div(value->value, meter->worth,
                                                   value->of, HR_DECIMAL_PLACES, &amount)
               ? money(amount, meter->worth_currency)
               : unknown;
}

/* limit − value; of an average (limit × count − sum) / count. */
static struct hr_reading remaining(struct hr_reading value, const struct hr_limit_state *limit)
{
    struct hr_decimal scaled, left;
    if (value.kind != HR_READING_NUMBER || limit->kind != HR_LIMIT_KNOWN ||
        !hr_decimal_mul_div(limit->value, value.of, HR_DECIMAL_ONE, HR_DECIMAL_PLACES, &scaled) ||
        !hr_decimal_sub(scaled, value.value, &left)) {
        return unknown;
    }
    return number(left, value.of);
}

struct hr_reading hr_signal_of_tally(const struct hr_account *account, uint16_t slot,
    const struct hr_tally *tally, const struct hr_limit_state *limit)
{
    const struct hr_signal *signal = &account->layout->rules->signals[slot];
    struct hr_reading value =
        hr_tally_reading(account->layout->rules->meters[signal->meter].aggregate, tally);
    if (signal->kind == HR_SIGNAL_USED || signal->kind == HR_SIGNAL_PROJECTED ||
        signal->kind == HR_SIGNAL_ADOPTION) {
        return hr_share_reading(value, limit);
    }
    if (signal->kind == HR_SIGNAL_VALUE) {
        return hr_worth_reading(&account->layout->rules->meters[signal->meter], &value);
    }
    return signal->kind == HR_SIGNAL_REMAINING ? remaining(value, limit) : value;
}

static struct hr_reading read_meter(const struct hr_account *account, uint16_t slot)
{
    const struct hr_signal *signal = &account->layout->rules->signals[slot];
    /* The period is always a meter's first window. */
    uint16_t window = hr_signal_has_window(signal) ? signal->window : 0;
    struct hr_tally tally = hr_window_tally(account, account->layout->signals[slot].slot, window);
    struct hr_reading reading =
        hr_signal_of_tally(account, slot, &tally, &account->meters[signal->meter].limit);
    return signal->kind == HR_SIGNAL_PROJECTED ? hr_projection(account, reading) : reading;
}

static struct hr_reading read_elapsed(const struct hr_account *account)
{
    const struct hr_segment *segment = &account->segments[account->current];
    return number(hr_decimal_from_int(account->clock.us - segment->start.us),
        hr_decimal_from_int(segment->end.us - segment->start.us));
}

static struct hr_reading read_unpaid(const struct hr_account *account)
{
    int64_t unpaid = 0;
    for (uint32_t i = 0; i < account->invoice_count; i++) {
        unpaid += account->invoices[i].failed;
    }
    return whole(unpaid);
}

static struct hr_reading read_attribute(const struct hr_account *account, struct hr_str name)
{
    struct hr_decimal amount;
    char currency[4];
    if (hr_str_is(name, "mrr")) {
        return hr_account_mrr(account, &amount, currency) ? money(amount, currency) : unknown;
    }
    if (hr_str_is(name, "arr")) {
        return hr_time_is(account->arr_stamp, HR_TIME_NONE)
                   ? unknown
                   : money(hr_money_major(account->arr), account->arr.currency);
    }
    for (uint32_t i = 0; i < account->attribute_count; i++) {
        const struct hr_fact_value *value = &account->attributes[i];
        if (value->kind == HR_VALUE_NULL || !hr_str_equal(value->name, name)) {
            continue;
        }
        struct hr_reading reading = {.kind = value->fits ? HR_READING_NUMBER : HR_READING_TEXT,
            .value = value->number,
            .of = HR_DECIMAL_ONE,
            .text = value->text};
        return reading;
    }
    return unknown;
}

struct hr_reading hr_signal_read_renewal(const struct hr_account *account, uint32_t subscription)
{
    const struct hr_subscription *about = &account->subscriptions[subscription];
    return about->has_renewal ? whole(about->renewal_day - hr_account_today(account)) : unknown;
}

static struct hr_reading read_executive(const struct hr_account *account)
{
    if (!account->dossier || hr_time_is(account->dossier->executive, HR_TIME_NONE)) {
        return unknown;
    }
    return whole(
        hr_account_today(account) - hr_zone_day(account->zone, account->dossier->executive));
}

static struct hr_reading read_deal_size(const struct hr_account *account)
{
    struct hr_decimal amount;
    char currency[4];
    return hr_deal_size(account, &amount, currency) ? money(amount, currency) : unknown;
}

/* The year's revenue: as told, else of twelve months as they are now. */
static struct hr_reading read_arr(const struct hr_account *account)
{
    struct hr_reading arr = read_attribute(account, HR_STR("arr"));
    struct hr_reading mrr = read_attribute(account, HR_STR("mrr"));
    if (arr.kind == HR_READING_UNKNOWN && mrr.kind == HR_READING_MONEY &&
        hr_decimal_mul_div(
            mrr.value, hr_decimal_from_int(12), HR_DECIMAL_ONE, HR_DECIMAL_PLACES, &mrr.value)) {
        arr = mrr;
    }
    return arr;
}

/* Against nothing, and without a rate between two currencies, it is unknown. */
static struct hr_reading read_deal_ratio(const struct hr_account *account)
{
    const struct hr_rules *rules = account->layout->rules;
    struct hr_reading deal = read_deal_size(account), arr = read_arr(account);
    bool good = deal.kind == HR_READING_MONEY && arr.kind == HR_READING_MONEY;
    if (good && !hr_currency_equal(deal.currency, arr.currency)) {
        good = hr_money_convert(rules, deal.value, deal.currency, &deal.value) &&
               hr_money_convert(rules, arr.value, arr.currency, &arr.value);
    }
    return good && arr.value.units > 0 ? number(deal.value, arr.value) : unknown;
}

struct hr_reading hr_signal_read(const struct hr_account *account, uint16_t slot)
{
    const struct hr_signal *signal = &account->layout->rules->signals[slot];
    int64_t day;
    switch (signal->kind) {
    case HR_SIGNAL_METER:
    case HR_SIGNAL_USED:
    case HR_SIGNAL_REMAINING:
    case HR_SIGNAL_ADOPTION:
    case HR_SIGNAL_VALUE:
    case HR_SIGNAL_PROJECTED:
        return read_meter(account, slot);
    case HR_SIGNAL_DAYS_TO_LIMIT:
        return hr_days_to_limit(account, slot);
    case HR_SIGNAL_DAYS_ACTIVE:
        return hr_days_active(account, slot);
    case HR_SIGNAL_TRIAL_USES:
        return hr_trial_uses(account, slot);
    case HR_SIGNAL_GROWTH:
    case HR_SIGNAL_DROP:
        return hr_trend(account, slot);
    case HR_SIGNAL_RENEWAL_DAYS:
        return hr_account_renewal(account, &day) ? whole(day - hr_account_today(account)) : unknown;
    case HR_SIGNAL_TENURE_DAYS:
        return whole(
            hr_account_today(account) - hr_zone_day(account->zone, hr_tenure_start(account)));
    case HR_SIGNAL_PERIOD_ELAPSED:
        return read_elapsed(account);
    case HR_SIGNAL_INVOICE_UNPAID:
        return read_unpaid(account);
    case HR_SIGNAL_ATTRIBUTE:
        return read_attribute(account, signal->attribute);
    case HR_SIGNAL_TRIAL:
        return whole(hr_trial_runs(account, signal->attribute));
    case HR_SIGNAL_INTEREST:
        return whole((int64_t)hr_interest_count(account, signal->attribute));
    case HR_SIGNAL_MILESTONE:
        return whole(hr_milestone_reached(account, signal->attribute));
    case HR_SIGNAL_EXECUTIVE_DAYS:
        return read_executive(account);
    case HR_SIGNAL_DEAL_SIZE:
        return read_deal_size(account);
    case HR_SIGNAL_SCORE:
        return whole(hr_score_total(account));
    case HR_SIGNAL_TIER:
        return (struct hr_reading){.kind = HR_READING_TEXT,
            .text = hr_score_tier(account->layout->rules, hr_score_total(account))};
    case HR_SIGNAL_SEGMENT:
        return hr_segment_read(account);
    case HR_SIGNAL_LIMIT_DROP:
        return hr_limit_drop(account, signal);
    case HR_SIGNAL_PRODUCT_ADOPTION:
    case HR_SIGNAL_PRODUCT_USED:
    case HR_SIGNAL_PRODUCT_OWNED:
    case HR_SIGNAL_PRODUCTS_USED:
    case HR_SIGNAL_PRODUCTS_OWNED:
        return hr_product_read(account, slot);
    /* NOLINTNEXTLINE(bugprone-branch-clone): it is a trap, where it is checked */
    case HR_SIGNAL_CATEGORY: /* routes know it from the rule */
        HR_NEVER_HERE;
    case HR_SIGNAL_DEAL_RATIO:
        break;
    }
    return read_deal_ratio(account);
}

/* --- comparing -------------------------------------------------------------------------------- */

bool hr_reading_compare(const struct hr_rules *rules, const struct hr_reading *reading,
    struct hr_decimal amount, const char *currency, int *order)
{
    switch (reading->kind) {
    case HR_READING_NUMBER:
        if (reading->length > 0) {
            *order = hr_decimal_compare_scaled(
                reading->value, reading->length, amount, reading->of, reading->elapsed);
            return true;
        }
        *order =
            reading->of.units == HR_DECIMAL_ONE.units
                ? hr_decimal_compare(reading->value, amount)
                : hr_decimal_compare_products(reading->value, HR_DECIMAL_ONE, amount, reading->of);
        return true;
    case HR_READING_INFINITE:
        *order = 1;
        return true;
    case HR_READING_MONEY:
        return hr_money_compare(rules, reading->value, reading->currency, amount, currency, order);
    case HR_READING_UNKNOWN:
    case HR_READING_TEXT:
        break;
    }
    return false;
}

bool hr_operator_holds(enum hr_operator operator, int order)
{
    switch (operator) {
    case HR_LESS:
        return order < 0;
    case HR_AT_MOST:
        return order <= 0;
    case HR_EQUAL:
        return order == 0;
    case HR_NOT_EQUAL:
        return order != 0;
    case HR_AT_LEAST:
        return order >= 0;
    case HR_MORE:
        break;
    }
    return order > 0;
}

bool hr_condition_holds(const struct hr_rules *rules, const struct hr_condition *condition,
    const struct hr_reading *reading)
{
    const struct hr_literal *literal = &condition->literal;
    int order;
    if (literal->kind == HR_LITERAL_TEXT) {
        /* Names are the same or not; they have no order that anybody means. */
        bool named = reading->text.at != NULL;
        bool same = named && hr_str_equal(reading->text, literal->text);
        return named && ((condition->operator== HR_EQUAL && same) ||
                            (condition->operator== HR_NOT_EQUAL && !same));
    }
    return hr_reading_compare(rules, reading, literal->number, literal->currency, &order) &&
           hr_operator_holds(condition->operator, order);
}

bool hr_reading_value(
    const struct hr_signal *signal, const struct hr_reading *reading, struct hr_decimal *value)
{
    if (reading->kind != HR_READING_NUMBER && reading->kind != HR_READING_MONEY) {
        return false;
    }
    if (reading->length > 0) {
        return hr_decimal_scale(
            reading->value, reading->length, reading->of, reading->elapsed, 4, value);
    }
    if (reading->of.units == HR_DECIMAL_ONE.units) {
        *value = reading->value;
        return true;
    }
    return hr_decimal_mul_div(reading->value, HR_DECIMAL_ONE, reading->of,
        signal->unit == HR_UNIT_SHARE ? 4 : HR_DECIMAL_PLACES, value);
}

/* --- time ------------------------------------------------------------------------------------- */

/* elapsed / length reaches the mark at ⌈mark × length⌉ and is beyond it one microsecond after
 * ⌊mark × length⌋: conditions may ask for either. */
struct hr_time hr_elapsed_due(const struct hr_account *account, uint16_t slot)
{
    const struct hr_signal_layout *layout = &account->layout->signals[slot];
    const struct hr_segment *segment = &account->segments[account->current];
    struct hr_decimal length = {segment->end.us - segment->start.us}; /* in units, not in ones */
    for (uint16_t i = 0; i < layout->mark_count; i++) {
        struct hr_decimal product;
        if (layout->marks[i].units <= 0 ||
            hr_decimal_compare(layout->marks[i], HR_DECIMAL_ONE) > 0) {
            continue;
        }
        if (HR_NEVER(!hr_decimal_mul_div(length, layout->marks[i], HR_DECIMAL_ONE,
                HR_DECIMAL_PLACES, &product))) { /* a part of what fits does */
            continue;
        }
        int64_t floor = segment->start.us + (int64_t)product.units;
        for (int64_t moment = floor; moment <= floor + 1; moment++) {
            if (moment > account->clock.us) {
                return (struct hr_time){moment};
            }
        }
    }
    return HR_TIME_NEVER;
}
