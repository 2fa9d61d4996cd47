/* SPDX-License-Identifier: Apache-2.0 */
/* Moments, durations and the calendar. A moment is microseconds since 1970-01-01T00:00:00Z without
 * leap seconds, in a type of its own so that it never mixes with a count. Nothing here reads a
 * clock except hr_clock_now, which no pure room may call. */
#ifndef HEADROOM_TIME_H
#define HEADROOM_TIME_H

#include "headroom/error.h"
#include "headroom/str.h"

#include <stdbool.h>
#include <stdint.h>

struct hr_time {
    int64_t us;
};

#define HR_SECOND INT64_C(1000000)
#define HR_MINUTE (60 * HR_SECOND)
#define HR_HOUR (60 * HR_MINUTE)
#define HR_DAY (24 * HR_HOUR)
#define HR_TIME_NEVER ((struct hr_time){INT64_MAX}) /* as a due time: nothing will change */
#define HR_TIME_NONE ((struct hr_time){INT64_MIN})  /* not known, not given */

static inline bool hr_time_is(struct hr_time a, struct hr_time b)
{
    return a.us == b.us;
}
static inline struct hr_time hr_time_min(struct hr_time a, struct hr_time b)
{
    return a.us < b.us ? a : b;
}
static inline struct hr_time hr_time_max(struct hr_time a, struct hr_time b)
{
    return a.us > b.us ? a : b;
}
static inline struct hr_time hr_time_plus(struct hr_time a, int64_t us)
{
    return (struct hr_time){a.us + us};
}
/* Floor division: the bucket of width us that holds the moment, also before 1970. */
static inline int64_t hr_time_bucket(struct hr_time a, int64_t width_us)
{
    int64_t q = a.us / width_us;
    return q - (a.us % width_us < 0);
}

/* RFC 3339 date-time, offset required, fraction cut to microseconds, years 1 to 9999 as written and
 * in UTC, a leap second (:60, at the end of a UTC month) taken as the next second. False for
 * anything else. */
HR_MUST bool hr_time_parse(struct hr_str text, struct hr_time *time);
#define HR_TIME_TEXT 32
/* 2026-11-22T09:14:03.120Z; the fraction as three digits, or six when microseconds are not whole
 * milliseconds. Returns the length. */
size_t hr_time_print(struct hr_time time, char text[HR_TIME_TEXT]);

/* A local wall-clock reading, proleptic Gregorian. */
struct hr_civil {
    int32_t year;
    int32_t month, day; /* from 1 */
    int64_t us_of_day;
};
int64_t hr_days_from_civil(int32_t year, int32_t month, int32_t day); /* since 1970-01-01 */
struct hr_civil hr_civil_from_days(int64_t days);
int32_t hr_days_in_month(int32_t year, int32_t month);
/* YYYY-MM-DD, checked against the calendar. */
HR_MUST bool hr_date_parse(struct hr_str text, int64_t *days);
size_t hr_date_print(int64_t days, char text[HR_TIME_TEXT]);

/* "90s", "5m", "24h", "30d", "2w"; whole numbers only; above zero and at most 100 years. */
HR_MUST bool hr_duration_parse(struct hr_str text, int64_t *us);
/* In the largest unit that divides; in "us" when not even a second does, which no parser takes. */
size_t hr_duration_print(int64_t us, char text[HR_TIME_TEXT]);

/* Zones are data: read once, then looked up without I/O. */
struct hr_zone;
struct hr_zones;
const struct hr_zone *hr_zone_utc(void);
/* Every IANA name below `folder` (the system's zoneinfo). Files that are not well-formed are left
 * out, and so are the machine's own names (localtime, posixrules) and the folders posix and right.
 * HR_STOP when nothing is left. */
HR_MUST enum hr_fate hr_zones_load(
    const char *folder, struct hr_zones **zones, struct hr_error *error);
void hr_zones_destroy(struct hr_zones *zones);
/* NULL when unknown. The zone lives as long as the set. */
const struct hr_zone *hr_zones_find(const struct hr_zones *zones, struct hr_str name);
struct hr_str hr_zone_name(const struct hr_zone *zone);
struct hr_civil hr_zone_civil(const struct hr_zone *zone, struct hr_time time);
/* A reading that occurs twice is the first; one that does not occur is taken as if the clocks had
 * not moved (SEMANTICS 3, Period). */
struct hr_time hr_zone_time(const struct hr_zone *zone, struct hr_civil civil);
/* Days since 1970-01-01 of the local date, and the moment at which a local date begins. A date that
 * a zone left out begins, and ends, when the next one does. */
int64_t hr_zone_day(const struct hr_zone *zone, struct hr_time time);
struct hr_time hr_zone_day_start(const struct hr_zone *zone, int64_t day);

struct hr_time hr_clock_now(void);   /* wall clock */
int64_t hr_clock_monotonic_us(void); /* for pauses and measurements */

#endif
