/* SPDX-License-Identifier: Apache-2.0 */
/* Where a billing period begins and ends.
 *
 * Boundaries are anchor + k periods counted on the account's wall clock, each from the anchor and
 * not from the boundary before: so the 31st becomes the 30th or the 28th where a month is short and
 * is the 31st again after it, and an hour that a clock change takes or gives does not drift into
 * all later periods. hr_zone_time decides about readings that occur twice or not at all. */
#include "period.h"

#include "headroom/rules.h"

#define MOST_DAYS 36500 /* a period of a hundred years: further arithmetic stays in range */

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

static int64_t step_of(struct hr_period period)
{
    int64_t count = period.count < 1 ? 1 : period.count > MOST_DAYS ? MOST_DAYS : period.count;
    return period.unit == HR_PERIOD_WEEKS ? 7 * count : count;
}

static struct hr_time boundary(
    const struct hr_zone *zone, struct hr_civil anchor, struct hr_period period, int64_t k)
{
    struct hr_civil civil;
    if (period.unit == HR_PERIOD_DAYS || period.unit == HR_PERIOD_WEEKS) {
        int64_t day = hr_days_from_civil(anchor.year, anchor.month, anchor.day);
        civil = hr_civil_from_days(day + k * step_of(period));
    } else {
        int64_t months = (int64_t)anchor.year * 12 + anchor.month - 1 + k * step_of(period);
        civil.year = (int32_t)floor_div(months, 12);
        civil.month = (int32_t)(months - (int64_t)civil.year * 12) + 1;
        int32_t last = hr_days_in_month(civil.year, civil.month);
        civil.day = anchor.day < last ? anchor.day : last;
    }
    civil.us_of_day = anchor.us_of_day;
    return hr_zone_time(zone, civil);
}

static int64_t guess(
    const struct hr_zone *zone, struct hr_civil anchor, struct hr_period period, struct hr_time at)
{
    struct hr_civil civil = hr_zone_civil(zone, at);
    int64_t distance;
    if (period.unit == HR_PERIOD_DAYS || period.unit == HR_PERIOD_WEEKS) {
        distance = hr_days_from_civil(civil.year, civil.month, civil.day) -
                   hr_days_from_civil(anchor.year, anchor.month, anchor.day);
    } else {
        distance = ((int64_t)civil.year - anchor.year) * 12 + civil.month - anchor.month;
    }
    return floor_div(distance, step_of(period));
}

struct hr_span hr_period_holding(
    const struct hr_zone *zone, struct hr_civil anchor, struct hr_period period, struct hr_time at)
{
    if (period.unit == HR_PERIOD_ABSENT) {
        period = (struct hr_period){HR_PERIOD_MONTHS, 1};
    }
    int64_t k = guess(zone, anchor, period, at);
    while (boundary(zone, anchor, period, k).us > at.us) {
        k--;
    }
    while (boundary(zone, anchor, period, k + 1).us <= at.us) {
        k++;
    }
    return (struct hr_span){
        boundary(zone, anchor, period, k), boundary(zone, anchor, period, k + 1)};
}

struct hr_span hr_month_holding(const struct hr_zone *zone, struct hr_time at)
{
    struct hr_civil anchor = hr_zone_civil(zone, at);
    anchor.day = 1;
    anchor.us_of_day = 0;
    return hr_period_holding(zone, anchor, (struct hr_period){HR_PERIOD_MONTHS, 1}, at);
}

int64_t hr_calendar_index(int64_t local_day, int kind)
{
    if (kind == HR_WINDOW_WEEK) {
        return floor_div(local_day + 3, 7); /* 1970-01-01 was a Thursday */
    }
    if (kind == HR_WINDOW_MONTH) {
        struct hr_civil civil = hr_civil_from_days(local_day);
        return (int64_t)civil.year * 12 + civil.month - 1;
    }
    return local_day;
}
