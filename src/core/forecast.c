/* SPDX-License-Identifier: Apache-2.0 */
/* What is extrapolated from counters: the projection of a period's use to its end, and the trend of
 * a window.
 *
 * A projection is used / share of the period elapsed. Between events it falls from microsecond to
 * microsecond, so it is never divided to be compared: value × length against level × limit ×
 * elapsed, exactly. With the value V it meets a mark q when V × length / (q × limit) has elapsed;
 * at that moment it is the mark, if that is a whole number, and one microsecond later it is past
 * it. Conditions may ask for either.
 *
 * A trend compares the last n whole buckets of a window with the n before; the open one would make
 * a daily saw-tooth. Of a gauge it is where it stood at the end of each: a reading holds until it
 * is replaced. Of `unique` each member counts once in either (trail.c). A trend is unknown until
 * two windows lie behind the meter's first event, and against nothing. */
#include "signal.h"
#include "window.h"

static const struct hr_reading unknown = {.kind = HR_READING_UNKNOWN};

#define UNKNOWN_BELOW 20 /* of a period: the twentieth part, 5% */

static uint64_t length_of(const struct hr_account *account)
{
    const struct hr_segment *segment = &account->segments[account->current];
    return (uint64_t)(segment->end.us - segment->start.us);
}

static uint64_t elapsed_of(const struct hr_account *account)
{
    int64_t elapsed = account->clock.us - account->segments[account->current].start.us;
    return elapsed > 0 ? (uint64_t)elapsed : 0;
}

struct hr_reading hr_projection(const struct hr_account *account, struct hr_reading share)
{
    uint64_t length = length_of(account), elapsed = elapsed_of(account);
    if (elapsed == 0 || elapsed < length / UNKNOWN_BELOW + (length % UNKNOWN_BELOW > 0)) {
        return unknown;
    }
    if (share.kind == HR_READING_NUMBER) {
        share.length = length;
        share.elapsed = elapsed;
    }
    return share;
}

struct hr_time hr_projected_due(const struct hr_account *account, uint16_t slot)
{
    const struct hr_signal_layout *layout = &account->layout->signals[slot];
    const struct hr_limit_state *limit =
        &account->meters[account->layout->rules->signals[slot].meter].limit;
    uint64_t length = length_of(account), elapsed = elapsed_of(account);
    uint64_t known = length / UNKNOWN_BELOW + (length % UNKNOWN_BELOW > 0);
    uint64_t next = elapsed < known ? known : UINT64_MAX;
    struct hr_tally tally = hr_window_tally(account, layout->slot, 0);
    for (uint16_t i = 0; limit->kind == HR_LIMIT_KNOWN && i < layout->mark_count; i++) {
        uint64_t floor =
            hr_decimal_floor_ratio(tally.value, length, layout->marks[i], limit->value);
        for (uint64_t at = floor; floor < length && at <= floor + 1; at++) {
            next = at > elapsed && at < next ? at : next;
        }
    }
    return next >= length ? HR_TIME_NEVER
                          : hr_time_plus(account->segments[account->current].start, (int64_t)next);
}

/* --- trends ----------------------------------------------------------------------------------- */

static struct hr_decimal negative(struct hr_decimal value)
{
    return (struct hr_decimal){-value.units};
}

/* (last − before) / before. Averages are brought to one divisor; what does not fit then is unknown.
 */
static struct hr_reading change(
    const struct hr_reading *last, const struct hr_reading *before, bool drop)
{
    struct hr_decimal a, b, difference;
    if (last->kind != HR_READING_NUMBER || before->kind != HR_READING_NUMBER ||
        !hr_decimal_mul_div(last->value, before->of, HR_DECIMAL_ONE, HR_DECIMAL_PLACES, &a) ||
        !hr_decimal_mul_div(before->value, last->of, HR_DECIMAL_ONE, HR_DECIMAL_PLACES, &b) ||
        hr_decimal_is_zero(b) || !hr_decimal_sub(a, b, &difference)) {
        return unknown;
    }
    bool turned = drop != (b.units < 0);
    return (struct hr_reading){.kind = HR_READING_NUMBER,
        .value = turned ? negative(difference) : difference,
        .of = b.units < 0 ? negative(b) : b};
}

/* Of `unique` who was seen in the buckets from `from` to `to`: each member once, but once in either
 * half of a trend. */
static struct hr_reading read_members(const struct hr_account *account, uint16_t counter,
    uint16_t series, int64_t from, int64_t to, bool *exact)
{
    uint64_t count = hr_series_distinct(account, counter, series, from, to, exact);
    return (struct hr_reading){.kind = HR_READING_NUMBER,
        .value = hr_decimal_from_int((int64_t)count),
        .of = HR_DECIMAL_ONE};
}

/* Of a counter what the buckets from `from` to `to` hold together, of a gauge its last reading up
 * to the end of `to`. */
static struct hr_reading read_buckets(const struct hr_account *account, uint16_t counter,
    const struct hr_series *series, int64_t from, int64_t to)
{
    enum hr_aggregate aggregate = hr_slot_meter(account, counter)->aggregate;
    struct hr_tally tally = {HR_DECIMAL_ZERO, 0};
    if (aggregate != HR_LATEST && aggregate != HR_UNIQUE) {
        tally = hr_series_sum(account, counter, series, from, to);
    }
    for (uint32_t i = 0; aggregate == HR_LATEST && i < series->count; i++) {
        tally = series->cells[i].index <= to ? series->cells[i].tally : tally;
    }
    return hr_tally_reading(aggregate, &tally);
}

static struct hr_reading read_trend(const struct hr_account *account, uint16_t slot, bool *exact)
{
    const struct hr_signal *signal = &account->layout->rules->signals[slot];
    const struct hr_meter *meter = &account->layout->rules->meters[signal->meter];
    const struct hr_window *window = &meter->windows[signal->window];
    struct hr_time first = account->meters[signal->meter].first;
    if (hr_time_is(first, HR_TIME_NONE) ||
        hr_time_plus(first, 2 * window->span_us).us > account->clock.us) {
        return unknown;
    }
    uint16_t counter = account->layout->signals[slot].slot;
    uint16_t number = account->layout->meters[signal->meter].window_series[signal->window];
    const struct hr_series *series = &account->meters[counter].series[number];
    int64_t open = hr_series_now(account, &account->layout->meters[signal->meter].series[number]);
    int64_t count = window->buckets, least = open - 2 * count, middle = open - count;
    struct hr_reading is, was;
    if (meter->aggregate == HR_UNIQUE) {
        is = read_members(account, counter, number, middle, open - 1, exact);
        was = read_members(account, counter, number, least, middle - 1, exact);
    } else {
        is = read_buckets(account, counter, series, middle, open - 1);
        was = read_buckets(account, counter, series, least, middle - 1);
    }
    return change(&is, &was, signal->kind == HR_SIGNAL_DROP);
}

struct hr_reading hr_trend(const struct hr_account *account, uint16_t slot)
{
    bool exact = true;
    return read_trend(account, slot, &exact);
}

bool hr_trend_is_exact(const struct hr_account *account, uint16_t slot)
{
    bool exact = true;
    read_trend(account, slot, &exact);
    return exact;
}

struct hr_time hr_trend_due(const struct hr_account *account, uint16_t slot)
{
    const struct hr_signal *signal = &account->layout->rules->signals[slot];
    const struct hr_meter_layout *layout = &account->layout->meters[signal->meter];
    const struct hr_window *window =
        &account->layout->rules->meters[signal->meter].windows[signal->window];
    uint16_t number = layout->window_series[signal->window];
    const struct hr_series *series =
        &account->meters[account->layout->signals[slot].slot].series[number];
    int64_t open = hr_series_now(account, &layout->series[number]), count = window->buckets;
    struct hr_time due = HR_TIME_NEVER, first = account->meters[signal->meter].first;
    bool unique = account->layout->rules->meters[signal->meter].aggregate == HR_UNIQUE;
    if (unique) {
        due = hr_trail_due(account, account->layout->signals[slot].slot, number, count);
    }
    for (uint32_t i = 0; !unique && i < series->count; i++) {
        for (int64_t at = series->cells[i].index + 1; at <= series->cells[i].index + 2 * count + 1;
             at += count) {
            if (at > open && series->cells[i].tally.count > 0) {
                due = hr_time_min(due, (struct hr_time){at * window->bucket_us});
            }
        }
    }
    if (!hr_time_is(first, HR_TIME_NONE)) {
        struct hr_time known = hr_time_plus(first, 2 * window->span_us);
        due = known.us > account->clock.us ? hr_time_min(due, known) : due;
    }
    return due;
}
