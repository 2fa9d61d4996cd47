/* SPDX-License-Identifier: Apache-2.0 */
/* When a counter meets its limit.
 *
 * The days left are what remains by the pace (pace.c), cut. They are 0 where nothing remains, and
 * unknown where there is no pace, beyond a hundred years, and for sum and count where the limit
 * would be met only after the period has ended. By time alone they change at midnight UTC, when a
 * day is whole.
 *
 * The interval holds the day in nine of ten cases: all T for which what remains and what T days add
 * differ by no more than 1.645 standard errors (Fieller's way to divide by an estimate, 1954). With
 * the pace u from d days, the noise V of a day and the bend D between the halves of the days,
 *
 *     (R - u T)^2 <= 2.706 (V T + (V / d + D^2) T^2):
 *
 * what the days to come scatter, what u may be wrong by, and what u may turn by once more. Both
 * ends are a day wider, for the days of a week are not alike. Where the second part is as large as
 * u itself there is no latest day. Figures of how often it holds: bench/run.sh forecast. */
#include "pace.h"

#include "window.h"

static const struct hr_reading unknown = {.kind = HR_READING_UNKNOWN};

static struct hr_time midnight(const struct hr_account *account)
{
    return (struct hr_time){hr_time_bucket(account->clock, HR_DAY) * HR_DAY};
}

static bool resets(const struct hr_account *account, uint16_t slot)
{
    return hr_slot_meter(account, slot)->aggregate != HR_LATEST;
}

/* What is left of a limit that is known. */
static bool remaining_of(
    const struct hr_account *account, uint16_t slot, struct hr_decimal *remaining)
{
    const struct hr_limit_state *limit = &account->meters[account->meters[slot].meter].limit;
    struct hr_tally tally = hr_window_tally(account, slot, 0);
    return limit->kind == HR_LIMIT_KNOWN && hr_decimal_sub(limit->value, tally.value, remaining);
}

/* Would the limit be met only when the counter has begun anew? Asked by whole days, as the pace is:
 * from this midnight on, with what came today given back, up to a day's pace. Else a counter that
 * keeps its pace would meet the limit sooner after each event and later before the next. */
static bool past_the_end(const struct hr_account *account, uint16_t slot,
    struct hr_decimal remaining, const struct hr_pace *pace)
{
    const struct hr_series *series =
        &account->meters[slot].series[hr_slot_layout(account, slot)->closes];
    int64_t today = midnight(account).us / HR_DAY;
    struct hr_decimal came = hr_series_sum(account, slot, series, today, today).value, day;
    int64_t left = account->segments[account->current].end.us - midnight(account).us;
    /* More than any quantity is not met either. */
    bool fits =
        hr_pace_growth(pace, 1, &day) &&
        hr_decimal_add(remaining, hr_decimal_compare(came, day) < 0 ? came : day, &remaining);
    return !fits || hr_decimal_compare_scaled(remaining, (uint64_t)pace->per * HR_DAY, pace->rise,
                        HR_DECIMAL_ONE, (uint64_t)left) > 0;
}

/* --- the interval ----------------------------------------------------------------------------- */

/* Both sides times d^2 h^2, the noise's divisor and 1000. Below 2^115: amounts have 20 bits, days
 * 16, and what remains is no more than the pace adds in a hundred years. */
static bool may_be_met(const struct hr_pace *pace, int64_t remaining, int64_t days)
{
    __int128 d = pace->per, h = pace->half;
    __int128 off = remaining * d - (__int128)pace->scaled * days;
    __int128 scatter = pace->noise * d * h * h * days * (d + days);
    __int128 turn = (__int128)pace->bend * pace->bend * d * d * pace->noise_of * days * days;
    return off * off * pace->noise_of * h * h * 1000 <= 2706 * (scatter + turn);
}

static void find_interval(const struct hr_pace *pace, int64_t remaining, struct hr_forecast *found)
{
    int64_t in = found->days + 1, out = 0; /* the last that is too early lies in [out, in) */
    while (in - out > 1) {
        int64_t middle = out + (in - out) / 2;
        if (may_be_met(pace, remaining, middle)) {
            in = middle;
        } else {
            out = middle;
        }
    }
    found->low = out > 0 ? out - 1 : 0;
    in = found->days; /* the first that is too late lies in (in, out] */
    out = HR_FORECAST_MOST + 1;
    while (out - in > 1) {
        int64_t middle = in + (out - in) / 2;
        if (may_be_met(pace, remaining, middle)) {
            in = middle;
        } else {
            out = middle;
        }
    }
    found->high = out;
    found->open = out > HR_FORECAST_MOST;
}

/* --- the days --------------------------------------------------------------------------------- */

/* False when unknown. Of nothing remaining there is no pace. */
static bool days_left(const struct hr_account *account, uint16_t slot, struct hr_pace *pace,
    struct hr_decimal *remaining, struct hr_decimal *days)
{
    *days = HR_DECIMAL_ZERO;
    pace->known = false;
    if (!remaining_of(account, slot, remaining)) {
        return false;
    }
    if (remaining->units <= 0) {
        return true;
    }
    *pace = hr_pace_of(account, slot);
    return pace->known &&
           !(resets(account, slot) && past_the_end(account, slot, *remaining, pace)) &&
           hr_decimal_mul_div(*remaining, hr_decimal_from_int(pace->per), pace->rise, 0, days) &&
           hr_decimal_compare(*days, hr_decimal_from_int(HR_FORECAST_MOST)) <= 0;
}

struct hr_forecast hr_forecast_of(const struct hr_account *account, uint16_t slot)
{
    struct hr_forecast found = {.known = false};
    struct hr_decimal remaining, days;
    struct hr_pace pace;
    found.known = days_left(account, slot, &pace, &remaining, &days);
    if (!found.known || !pace.known) {
        return found;
    }
    found.days = (int64_t)(days.units / HR_DECIMAL_ONE.units);
    find_interval(&pace, (int64_t)(remaining.units >> pace.shift), &found);
    found.open |= resets(account, slot) && hr_time_plus(midnight(account), found.high * HR_DAY).us >
                                               account->segments[account->current].end.us;
    return found;
}

struct hr_reading hr_days_to_limit(const struct hr_account *account, uint16_t signal)
{
    struct hr_reading reading = {.kind = HR_READING_NUMBER, .of = HR_DECIMAL_ONE};
    struct hr_decimal remaining;
    struct hr_pace pace;
    return days_left(
               account, account->layout->signals[signal].slot, &pace, &remaining, &reading.value)
               ? reading
               : unknown;
}

struct hr_time hr_days_to_limit_due(const struct hr_account *account, uint16_t signal)
{
    const struct hr_meter_state *meter =
        &account->meters[account->layout->rules->signals[signal].meter];
    bool moves = meter->limit.kind == HR_LIMIT_KNOWN && !hr_time_is(meter->first, HR_TIME_NONE);
    return moves ? hr_time_plus(midnight(account), HR_DAY) : HR_TIME_NEVER;
}
