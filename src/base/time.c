/* SPDX-License-Identifier: Apache-2.0 */
/* The calendar, and moments, dates and durations as text.
 *
 * The C library's calendar is not used: it wants the environment's zone, a lock and a struct of
 * thirteen fields, and its parser takes what no producer means. The arithmetic is Howard Hinnant's
 * "chrono-Compatible Low-Level Date Algorithms" (days_from_civil and civil_from_days): years begin
 * in March, so that the leap day is the last of its year, and 400 years are one era of 146,097
 * days.
 *
 * Parsers are strict. A time that is read differently by two programs decides wrongly in one of
 * them, so anything but the one grammar is refused here, with nothing guessed. */
#include "headroom/time.h"

#define SECONDS_A_DAY INT64_C(86400)
/* 0001-01-01 and 10000-01-01 */
#define FIRST_DAY INT64_C(-719162)
#define DAY_AFTER_LAST INT64_C(2932897)

/* ------------------------------------------------------------ calendar */

int64_t hr_days_from_civil(int32_t year, int32_t month, int32_t day)
{
    int64_t y = (int64_t)year - (month <= 2);
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t year_of_era = y - era * 400;
    int64_t month_from_march = month > 2 ? month - 3 : month + 9;
    int64_t day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

struct hr_civil hr_civil_from_days(int64_t days)
{
    int64_t z = days + 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t day_of_era = z - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month_from_march = (5 * day_of_year + 2) / 153;
    int64_t month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    return (struct hr_civil){
        .year = (int32_t)(year_of_era + era * 400 + (month <= 2)),
        .month = (int32_t)month,
        .day = (int32_t)(day_of_year - (153 * month_from_march + 2) / 5 + 1),
    };
}

static bool is_leap_year(int32_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int32_t hr_days_in_month(int32_t year, int32_t month)
{
    static const int32_t days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && is_leap_year(year));
}

/* ------------------------------------------------------------- reading */

static inline bool read_two_digits(const char *at, int32_t *value)
{
    int32_t tens = at[0] - '0', ones = at[1] - '0';
    *value = tens * 10 + ones;
    return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9;
}

/* YYYY-MM-DD in the ten bytes at `at`. */
static bool read_date(const char *at, int64_t *days)
{
    int32_t century, year, month, day;
    if (!read_two_digits(at, &century) || !read_two_digits(at + 2, &year) || at[4] != '-' ||
        !read_two_digits(at + 5, &month) || at[7] != '-' || !read_two_digits(at + 8, &day)) {
        return false;
    }
    year += century * 100;
    if (year < 1 || month < 1 || month > 12 || day < 1 || day > hr_days_in_month(year, month)) {
        return false;
    }
    *days = hr_days_from_civil(year, month, day);
    return true;
}

/* HH:MM in the five bytes at `at`, in seconds. */
static bool read_hour_minute(const char *at, int32_t *seconds)
{
    int32_t hour, minute;
    if (!read_two_digits(at, &hour) || at[2] != ':' || !read_two_digits(at + 3, &minute) ||
        hour > 23 || minute > 59) {
        return false;
    }
    *seconds = hour * 3600 + minute * 60;
    return true;
}

/* The digits behind the point, cut to microseconds. NULL when there is none. */
static const char *read_fraction(const char *at, const char *end, int64_t *us)
{
    const char *start = at;
    int64_t unit = HR_SECOND;
    for (*us = 0; at < end && *at >= '0' && *at <= '9'; at++) {
        unit /= 10;
        *us += (*at - '0') * unit;
    }
    return at > start ? at : NULL;
}

/* "Z" or "+HH:MM", and nothing behind it. */
static bool read_offset(const char *at, const char *end, int32_t *seconds)
{
    if (end - at == 1 && (*at == 'Z' || *at == 'z')) {
        *seconds = 0;
        return true;
    }
    if (end - at != 6 || (*at != '+' && *at != '-') || !read_hour_minute(at + 1, seconds)) {
        return false;
    }
    *seconds = *at == '-' ? -*seconds : *seconds;
    return true;
}

/* The second :60 is read as the next one, so a leap second ends at midnight UTC, and it is the last
 * of a month. Anything else that ends in :60 is a mistake. */
static bool may_follow_leap_second(int64_t seconds)
{
    return seconds % SECONDS_A_DAY == 0 && hr_civil_from_days(seconds / SECONDS_A_DAY).day == 1;
}

bool hr_time_parse(struct hr_str text, struct hr_time *time)
{
    static const size_t shortest = sizeof("2026-11-22T09:14:03Z") - 1;
    const char *at = text.at;
    const char *end = at + text.len;
    int64_t days;
    int32_t of_day, second, offset;
    if (text.len < shortest || !read_date(at, &days) || (at[10] != 'T' && at[10] != 't') ||
        !read_hour_minute(at + 11, &of_day) || at[16] != ':' ||
        !read_two_digits(at + 17, &second) || second > 60) {
        return false;
    }
    at += 19;
    int64_t us = 0;
    if (*at == '.') {
        at = read_fraction(at + 1, end, &us);
    }
    if (!at || !read_offset(at, end, &offset)) {
        return false;
    }
    int64_t seconds = days * SECONDS_A_DAY + of_day + second - offset;
    if (second == 60 && !may_follow_leap_second(seconds)) {
        return false;
    }
    /* The offset may have led out of the years that can be written down again. */
    if (seconds < FIRST_DAY * SECONDS_A_DAY || seconds >= DAY_AFTER_LAST * SECONDS_A_DAY) {
        return false;
    }
    time->us = seconds * HR_SECOND + us;
    return true;
}

bool hr_date_parse(struct hr_str text, int64_t *days)
{
    return text.len == sizeof("2026-11-22") - 1 && read_date(text.at, days);
}

/* From the largest to the smallest: the printer takes the first that divides. */
static const struct duration_unit {
    char letter;
    int64_t us;
} duration_units[] = {
    {'w', 7 * HR_DAY},
    {'d', HR_DAY},
    {'h', HR_HOUR},
    {'m', HR_MINUTE},
    {'s', HR_SECOND},
};
#define DURATION_UNITS (sizeof(duration_units) / sizeof(duration_units[0]))
#define LONGEST_DURATION (36525 * HR_DAY)

bool hr_duration_parse(struct hr_str text, int64_t *us)
{
    if (text.len < 2) {
        return false;
    }
    int64_t unit = 0;
    for (size_t i = 0; i < DURATION_UNITS; i++) {
        if (text.at[text.len - 1] == duration_units[i].letter) {
            unit = duration_units[i].us;
        }
    }
    if (unit == 0) {
        return false;
    }
    int64_t most = LONGEST_DURATION / unit;
    int64_t count = 0;
    for (size_t i = 0; i < text.len - 1; i++) {
        if (text.at[i] < '0' || text.at[i] > '9') {
            return false;
        }
        count = count * 10 + (text.at[i] - '0');
        if (count > most) {
            return false;
        }
    }
    *us = count * unit;
    return count > 0;
}

/* ------------------------------------------------------------- writing */

/* Writes a number with at least `width` digits and returns what is behind it. */
static char *put_number(char *at, uint64_t value, int width)
{
    char backwards[20];
    int digits = 0;
    for (; value > 0 || digits < width; value /= 10) {
        backwards[digits++] = (char)('0' + value % 10);
    }
    while (digits > 0) {
        *at++ = backwards[--digits];
    }
    return at;
}

static char *put_date(char *at, int64_t days)
{
    struct hr_civil civil = hr_civil_from_days(days);
    int64_t year = civil.year;
    if (year < 0) {
        *at++ = '-';
        year = -year;
    }
    at = put_number(at, (uint64_t)year, 4);
    *at++ = '-';
    at = put_number(at, (uint64_t)civil.month, 2);
    *at++ = '-';
    return put_number(at, (uint64_t)civil.day, 2);
}

size_t hr_time_print(struct hr_time time, char text[HR_TIME_TEXT])
{
    int64_t days = hr_time_bucket(time, HR_DAY);
    /* Unsigned, for the first day that can be told begins before the first moment that can. */
    uint64_t us = (uint64_t)time.us - (uint64_t)days * (uint64_t)HR_DAY;
    char *at = put_date(text, days);
    *at++ = 'T';
    at = put_number(at, us / (uint64_t)HR_HOUR, 2);
    *at++ = ':';
    at = put_number(at, us / (uint64_t)HR_MINUTE % 60, 2);
    *at++ = ':';
    at = put_number(at, us / (uint64_t)HR_SECOND % 60, 2);
    *at++ = '.';
    uint64_t fraction = us % (uint64_t)HR_SECOND;
    at = fraction % 1000 ? put_number(at, fraction, 6) : put_number(at, fraction / 1000, 3);
    *at++ = 'Z';
    *at = '\0';
    return (size_t)(at - text);
}

size_t hr_date_print(int64_t days, char text[HR_TIME_TEXT])
{
    char *at = put_date(text, days);
    *at = '\0';
    return (size_t)(at - text);
}

size_t hr_duration_print(int64_t us, char text[HR_TIME_TEXT])
{
    char *at = text;
    if (us < 0) {
        *at++ = '-';
    }
    uint64_t length = us < 0 ? -(uint64_t)us : (uint64_t)us;
    uint64_t unit = 1;
    const char *name = "us";
    char letter[2] = {0};
    for (size_t i = 0; i < DURATION_UNITS && unit == 1; i++) {
        /* Nothing is as many seconds as it is weeks. */
        if (length % (uint64_t)duration_units[i].us == 0 && (length || i == DURATION_UNITS - 1)) {
            unit = (uint64_t)duration_units[i].us;
            letter[0] = duration_units[i].letter;
            name = letter;
        }
    }
    at = put_number(at, length / unit, 1);
    size_t len = strlen(name);
    memcpy(at, name, len + 1);
    return (size_t)(at - text) + len;
}
