/* SPDX-License-Identifier: Apache-2.0 */
/* When a counter meets its limit.
 *
 * A close is what a counter stood at when a whole UTC day ended: of sum and count the running total
 * since the first event, whatever period it fell in; of latest the last reading. The slope is that
 * of least squares over the last n closes, n the first of 28, 14, 7 for which the meter is that
 * old, the day of its first event being the first of its life. With the closes c of the days
 * 0 … n − 1 it is, without a fraction, 6 × Σ (2 i − n + 1) c / (n (n² − 1)) a day.
 *
 * The days left are what remains by that slope, cut. They are 0 where nothing remains, and unknown
 * in the first week, at a slope of 0 or less, and for sum and count where the limit would be met
 * only after the period has ended. By time alone they change at midnight UTC, when a day is whole.
 *
 * Sums need no close of their own: the buckets of days that windows have say what each day added,
 * and a slope does not ask from where. A gauge's buckets hold the last reading of their day, and
 * the last reading before all of them is kept beside. So a late event changes the closes from its
 * day on, and buckets move, expire and are stored as all others are. */
#include "pace.h"

#include "window.h"

static const struct hr_reading unknown = {.kind = HR_READING_UNKNOWN};
static const uint32_t spans[] = {HR_PACE_DAYS, 14, 7};

static int64_t today(const struct hr_account *account)
{
    return hr_time_bucket(account->clock, HR_DAY);
}

/* How many whole days back the slope goes; 0: the meter is too young. */
static uint32_t span_of(const struct hr_account *account, uint16_t slot)
{
    struct hr_time first = account->meters[account->meters[slot].meter].first;
    if (hr_time_is(first, HR_TIME_NONE)) {
        return 0;
    }
    int64_t age = today(account) - hr_time_bucket(first, HR_DAY);
    for (size_t i = 0; i < sizeof spans / sizeof *spans; i++) {
        if (age >= spans[i]) {
            return spans[i];
        }
    }
    return 0;
}

/* The closes of the `days` whole days before today; sums begin at nothing. */
static bool read_closes(
    const struct hr_account *account, uint16_t slot, uint32_t days, struct hr_decimal *closes)
{
    const struct hr_series *series =
        &account->meters[slot].series[hr_slot_layout(account, slot)->closes];
    bool holds = hr_slot_meter(account, slot)->aggregate == HR_LATEST;
    struct hr_decimal close = HR_DECIMAL_ZERO;
    int64_t from = today(account) - days;
    uint32_t c = 0;
    for (; c < series->count && series->cells[c].index < from; c++) {
        close = holds ? series->cells[c].tally.value : close;
    }
    for (uint32_t i = 0; i < days; i++) {
        if (c < series->count && series->cells[c].index == from + i) {
            struct hr_decimal came = series->cells[c++].tally.value;
            if (holds) {
                close = came;
            } else if (!hr_decimal_add(close, came, &close)) {
                return false;
            }
        }
        closes[i] = close;
    }
    return true;
}

/* Σ (2 i − n + 1) c: the outermost pair weighs n − 1, the next n − 3, and so on. */
static bool weigh(const struct hr_decimal *closes, uint32_t count, struct hr_decimal *sum)
{
    *sum = HR_DECIMAL_ZERO;
    for (uint32_t i = 0; i < count / 2; i++) {
        struct hr_decimal rise;
        if (!hr_decimal_sub(closes[count - 1 - i], closes[i], &rise) ||
            !hr_decimal_mul_div(rise, hr_decimal_from_int(count - 1 - 2 * i), HR_DECIMAL_ONE,
                HR_DECIMAL_PLACES, &rise) ||
            !hr_decimal_add(*sum, rise, sum)) {
            return false;
        }
    }
    return true;
}

struct hr_pace hr_pace_of(const struct hr_account *account, uint16_t slot)
{
    struct hr_decimal closes[HR_PACE_DAYS];
    struct hr_pace pace = {.known = false};
    uint32_t days =
        hr_slot_layout(account, slot)->closes == HR_NO_SERIES ? 0 : span_of(account, slot);
    pace.known =
        days > 0 && read_closes(account, slot, days, closes) && weigh(closes, days, &pace.rise);
    pace.per = days * (days * days - 1) / 6;
    return pace;
}

bool hr_pace_growth(const struct hr_pace *pace, uint32_t days, struct hr_decimal *growth)
{
    return pace->known && hr_decimal_mul_div(pace->rise, hr_decimal_from_int(days),
                              hr_decimal_from_int(pace->per), HR_DECIMAL_PLACES, growth);
}

/* --- the limit -------------------------------------------------------------------------------- */

/* What is left of a limit that is known. */
static bool remaining_of(
    const struct hr_account *account, uint16_t signal, struct hr_decimal *remaining)
{
    const struct hr_limit_state *limit =
        &account->meters[account->layout->rules->signals[signal].meter].limit;
    struct hr_tally tally = hr_window_tally(account, account->layout->signals[signal].slot, 0);
    return limit->kind == HR_LIMIT_KNOWN && hr_decimal_sub(limit->value, tally.value, remaining);
}

/* Would the limit be met only when the counter has begun anew? Asked by whole days, as the slope
 * is: from this midnight on, with what came today given back, up to a day's pace. Else a counter
 * that keeps its pace would meet the limit sooner after each event and later before the next. */
static bool past_the_end(const struct hr_account *account, uint16_t signal,
    struct hr_decimal remaining, const struct hr_pace *pace)
{
    uint16_t slot = account->layout->signals[signal].slot;
    const struct hr_series *series =
        &account->meters[slot].series[hr_slot_layout(account, slot)->closes];
    struct hr_decimal came =
        hr_series_sum(account, slot, series, today(account), today(account)).value;
    int64_t left = account->segments[account->current].end.us - today(account) * HR_DAY;
    struct hr_decimal day;
    if (account->layout->signals[signal].over != HR_OVER_PERIOD) {
        return false;
    }
    if (!hr_pace_growth(pace, 1, &day) ||
        !hr_decimal_add(remaining, hr_decimal_compare(came, day) < 0 ? came : day, &remaining)) {
        return true;
    }
    return hr_decimal_compare_scaled(remaining, (uint64_t)pace->per * HR_DAY, pace->rise,
               HR_DECIMAL_ONE, (uint64_t)left) > 0;
}

struct hr_reading hr_days_to_limit(const struct hr_account *account, uint16_t signal)
{
    struct hr_reading days = {
        .kind = HR_READING_NUMBER, .value = HR_DECIMAL_ZERO, .of = HR_DECIMAL_ONE};
    struct hr_decimal remaining;
    if (!remaining_of(account, signal, &remaining)) {
        return unknown;
    }
    if (remaining.units <= 0) {
        return days;
    }
    struct hr_pace pace = hr_pace_of(account, account->layout->signals[signal].slot);
    return pace.known && pace.rise.units > 0 && !past_the_end(account, signal, remaining, &pace) &&
                   hr_decimal_mul_div(
                       remaining, hr_decimal_from_int(pace.per), pace.rise, 0, &days.value)
               ? days
               : unknown;
}

struct hr_time hr_days_to_limit_due(const struct hr_account *account, uint16_t signal)
{
    const struct hr_meter_state *meter =
        &account->meters[account->layout->rules->signals[signal].meter];
    bool moves = meter->limit.kind == HR_LIMIT_KNOWN && !hr_time_is(meter->first, HR_TIME_NONE);
    return moves ? (struct hr_time){(today(account) + 1) * HR_DAY} : HR_TIME_NEVER;
}
