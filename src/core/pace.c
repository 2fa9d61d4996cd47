/* SPDX-License-Identifier: Apache-2.0 */
/* How fast a counter grows.
 *
 * Looked at is what each of the last n whole days (UTC) added, n the first of 28, 14, 7 for which
 * there are as many since the day of the meter's first event: of sum and count what was counted
 * that day, of latest the last reading of the day less that of the day before it. Weeks are whole,
 * so that a weekly rhythm adds nothing to the pace.
 *
 *  1. What stands out is cut. Of the days' amounts by size, the largest three (of 28; else two)
 *     that are more than three times the next one count as large as that one: an import, a false
 *     reading and its return do not go on.
 *  2. Noise is the variance of a day's growth in the long run, V = g0 + 2 g1, at least g0 / 8, with
 *     variance g0 and covariance g1 of neighbours (Hansen and Hodrick 1980, with one lag), both of
 * the differences between days a week apart, which have neither rhythm nor trend; of one week alone
 *     of what the days differ from their mean.
 *  3. Where the newer half of the days differs from the older one by more than twice the standard
 *     error of such a difference, 2 V / (n / 2) its square, the newer half alone is looked at.
 * Fourteen days never show it: differences of a week are all that they have of noise.
 *  4. The pace is the mean. There is none where the last 14 of the days, or all of them, added
 *     nothing; and none where some day took something away, unless the mean is more than four times
 *     its standard error, for which V is at least g0 / 2. What only grows needs no proof.
 *
 * When it meets the limit is limit.c. All of it is integers: sums are exact, and what is squared is
 * scaled down to 20 bits first, so that every machine decides the same. It replaced the slope of
 * least squares over the closes, which one import or false reading tilts: bench/run.sh forecast
 * compares both, 14% against 22% of median error. Its round figures were chosen on other seeds than
 * those that the bench asks for. */
#include "pace.h"

#include "window.h"

#define WEEK 7
#define STANDS_OUT 3 /* times the next one */
#define MOST_CUT 3
#define SCALED_BITS 20

static int64_t today(const struct hr_account *account)
{
    return hr_time_bucket(account->clock, HR_DAY);
}

/* --- what each day added ---------------------------------------------------------------------- */

/* How many whole days back it goes; 0: the meter is too young. */
static uint32_t span_of(const struct hr_account *account, uint16_t slot)
{
    static const uint32_t spans[] = {HR_PACE_DAYS, HR_PACE_DAYS / 2, WEEK};
    struct hr_time first = account->meters[account->meters[slot].meter].first;
    if (hr_slot_layout(account, slot)->closes == HR_NO_SERIES || hr_time_is(first, HR_TIME_NONE)) {
        return 0;
    }
    int64_t age = today(account) - hr_time_bucket(first, HR_DAY) - 1;
    for (size_t i = 0; i < sizeof spans / sizeof *spans; i++) {
        if (age >= spans[i]) {
            return spans[i];
        }
    }
    return 0;
}

static bool read_days(
    const struct hr_account *account, uint16_t slot, uint32_t count, struct hr_decimal *added)
{
    const struct hr_series *series =
        &account->meters[slot].series[hr_slot_layout(account, slot)->closes];
    bool holds = hr_slot_meter(account, slot)->aggregate == HR_LATEST;
    struct hr_decimal close = HR_DECIMAL_ZERO;
    int64_t from = today(account) - count;
    uint32_t c = 0;
    for (; c < series->count && series->cells[c].index < from; c++) {
        close = series->cells[c].tally.value;
    }
    for (uint32_t i = 0; i < count; i++) {
        added[i] = HR_DECIMAL_ZERO;
        if (c == series->count || series->cells[c].index != from + i) {
            continue;
        }
        struct hr_decimal came = series->cells[c++].tally.value;
        if (!holds) {
            added[i] = came;
        } else if (!hr_decimal_sub(came, close, &added[i])) {
            return false;
        }
        close = came;
    }
    return true;
}

typedef unsigned __int128 u128;

static u128 size_of(struct hr_decimal value)
{
    return value.units < 0 ? -(u128)value.units : (u128)value.units;
}

/* The size beyond which amounts are cut. Three times a size fits: quantities are below 2^127. */
static u128 cap_of(const struct hr_decimal *added, uint32_t count)
{
    u128 largest[MOST_CUT + 1] = {0}; /* descending */
    for (uint32_t i = 0; i < count; i++) {
        u128 size = size_of(added[i]);
        for (size_t at = 0; at <= MOST_CUT; at++) {
            if (size > largest[at]) {
                u128 smaller = largest[at];
                largest[at] = size;
                size = smaller;
            }
        }
    }
    for (size_t cut = count == HR_PACE_DAYS ? MOST_CUT : MOST_CUT - 1; cut > 0; cut--) {
        if (largest[cut - 1] > STANDS_OUT * largest[cut]) {
            return largest[cut];
        }
    }
    return largest[0];
}

static void cut_at(struct hr_decimal *added, uint32_t count, u128 cap)
{
    for (uint32_t i = 0; i < count; i++) {
        if (size_of(added[i]) > cap) {
            added[i].units = added[i].units < 0 ? -(__int128)cap : (__int128)cap;
        }
    }
}

static bool sum_of(const struct hr_decimal *added, uint32_t count, struct hr_decimal *sum)
{
    *sum = HR_DECIMAL_ZERO;
    for (uint32_t i = 0; i < count; i++) {
        if (!hr_decimal_add(*sum, added[i], sum)) {
            return false;
        }
    }
    return true;
}

/* --- noise ------------------------------------------------------------------------------------ */

/* The amounts in units of 2^shift, cut toward zero, below 2^20. */
struct sample {
    int64_t day[HR_PACE_DAYS];
    uint32_t count;
    unsigned shift;
    /* Sums over the differences: of squares, of products of neighbours; g0 = squares / of, and g1
     * alike. */
    __int128 squares, products;
    uint32_t of;
};

static int64_t total(const int64_t *days, uint32_t count)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < count; i++) {
        sum += days[i];
    }
    return sum;
}

/* Differences between days a week apart have twice the variance of a day. Of a single week, what
 * the days differ from their mean, seven times over, so that it is whole; six are free. */
static void measure(struct sample *sample)
{
    int64_t differ[HR_PACE_DAYS];
    bool week = sample->count == WEEK;
    uint32_t count = week ? WEEK : sample->count - WEEK;
    int64_t sum = total(sample->day, sample->count);
    for (uint32_t i = 0; i < count; i++) {
        differ[i] = week ? WEEK * sample->day[i] - sum : sample->day[i + WEEK] - sample->day[i];
    }
    for (uint32_t i = 0; i < count; i++) {
        sample->squares += (__int128)differ[i] * differ[i];
        sample->products += i > 0 ? (__int128)differ[i] * differ[i - 1] : 0;
    }
    sample->of = week ? WEEK * WEEK * (WEEK - 1) : 2 * count;
}

static struct sample sample_of(const struct hr_decimal *added, uint32_t count, u128 cap)
{
    struct sample sample = {.count = count};
    while (cap >> sample.shift >= (u128)1 << SCALED_BITS) {
        sample.shift++;
    }
    for (uint32_t i = 0; i < count; i++) {
        int64_t size = (int64_t)(size_of(added[i]) >> sample.shift);
        sample.day[i] = added[i].units < 0 ? -size : size;
    }
    measure(&sample);
    return sample;
}

/* Eight times V, but for the divisor of the sample: at least `least` eighths of g0. */
static __int128 noise_from(const struct sample *sample, int least)
{
    __int128 noise = 8 * (sample->squares + 2 * sample->products);
    return noise > least * sample->squares ? noise : least * sample->squares;
}

/* --- the decision ----------------------------------------------------------------------------- */

/* Does the newer half differ from the older one? (B − A)² / h² > 4 × 2 V / h. */
static bool has_turned(const struct hr_pace *pace)
{
    return (__int128)pace->bend * pace->bend * pace->noise_of > 8 * pace->noise * pace->half;
}

/* Is the mean more than four standard errors above nothing? (S / d)² > 16 V / d. */
static bool is_sure(const struct hr_pace *pace, const struct sample *sample)
{
    return (__int128)pace->scaled * pace->scaled * pace->noise_of >
           16 * noise_from(sample, 4) * pace->per;
}

static bool ever_falls(const struct hr_decimal *added, uint32_t count)
{
    bool falls = false;
    for (uint32_t i = 0; i < count; i++) {
        falls |= added[i].units < 0;
    }
    return falls;
}

static bool rises(const struct hr_decimal *added, uint32_t count)
{
    uint32_t newer = count < 2 * WEEK ? count : 2 * WEEK;
    struct hr_decimal sum;
    return sum_of(added + count - newer, newer, &sum) && sum.units > 0;
}

struct hr_pace hr_pace_of(const struct hr_account *account, uint16_t slot)
{
    struct hr_decimal added[HR_PACE_DAYS];
    struct hr_pace pace = {.known = false};
    uint32_t count = span_of(account, slot);
    if (count == 0 || !read_days(account, slot, count, added)) {
        return pace;
    }
    u128 cap = cap_of(added, count);
    cut_at(added, count, cap);
    if (!rises(added, count)) {
        return pace;
    }
    struct sample sample = sample_of(added, count, cap);
    pace.per = count;
    pace.half = 1;
    pace.shift = sample.shift;
    pace.noise = noise_from(&sample, 1);
    pace.noise_of = 8 * sample.of;
    if (count > WEEK) {
        pace.half = count / 2;
        pace.bend = total(sample.day + pace.half, pace.half) - total(sample.day, pace.half);
        pace.per = has_turned(&pace) ? pace.half : count;
    }
    pace.scaled = total(sample.day + count - pace.per, pace.per);
    pace.known = sum_of(added + count - pace.per, pace.per, &pace.rise) && pace.rise.units > 0 &&
                 pace.scaled > 0 && (!ever_falls(added, count) || is_sure(&pace, &sample));
    return pace;
}

bool hr_pace_growth(const struct hr_pace *pace, uint32_t days, struct hr_decimal *growth)
{
    return pace->known && hr_decimal_mul_div(pace->rise, hr_decimal_from_int(days),
                              hr_decimal_from_int(pace->per), HR_DECIMAL_PLACES, growth);
}
