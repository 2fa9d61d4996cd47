/* SPDX-License-Identifier: Apache-2.0 */
/* Time zones against two oracles: a table worked out with Python's zoneinfo (fold=0), and the C
 * library, which reads the same files with code of its own, over two centuries. The table's zones
 * are settled history, or laws that have stood for decades. */
#include "headroom/memory.h"
#include "headroom/time.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define ZONEINFO "/usr/share/zoneinfo"

static struct hr_zones *zones;

static int load(void **state)
{
    (void)state;
    struct hr_error error;
    if (hr_zones_load(ZONEINFO, &zones, &error) != HR_OK) {
        print_error("%s\n", error.text);
        return -1;
    }
    return 0;
}

static int unload(void **state)
{
    (void)state;
    hr_zones_destroy(zones);
    return 0;
}

static const struct hr_zone *zone_named(const char *name)
{
    const struct hr_zone *zone = hr_zones_find(zones, hr_str(name));
    if (!zone) {
        fail_msg("no zone %s", name);
    }
    return zone;
}

static struct hr_time moment(const char *text)
{
    struct hr_time time;
    assert_true(hr_time_parse(hr_str(text), &time));
    return time;
}

/* A reading as the moment at which UTC's clocks show it, and back. */
static struct hr_civil civil_of(struct hr_time reading)
{
    return hr_zone_civil(hr_zone_utc(), reading);
}

static struct hr_time reading_of(struct hr_civil civil)
{
    return (struct hr_time){
        hr_days_from_civil(civil.year, civil.month, civil.day) * HR_DAY + civil.us_of_day};
}

static struct hr_time local(const struct hr_zone *zone, struct hr_time time)
{
    return reading_of(hr_zone_civil(zone, time));
}

/* ---------------------------------------------------- against zoneinfo */

static void readings_are_taken_as_python_takes_them(void **state)
{
    (void)state;
    /* The reading, the moment it is taken for, and what the clocks show at that moment. */
    static const struct {
        const char *zone, *reading, *moment, *shown;
    } cases[] = {
        {"Europe/Berlin", "2026-01-15T12:00:00", "2026-01-15T11:00:00.000Z", "2026-01-15T12:00:00"},
        {"Europe/Berlin", "2026-07-15T12:00:00", "2026-07-15T10:00:00.000Z", "2026-07-15T12:00:00"},
        {"Europe/Berlin", "2026-03-29T01:59:59", "2026-03-29T00:59:59.000Z", "2026-03-29T01:59:59"},
        {"Europe/Berlin", "2026-03-29T02:00:00", "2026-03-29T01:00:00.000Z", "2026-03-29T03:00:00"},
        {"Europe/Berlin", "2026-03-29T02:30:00", "2026-03-29T01:30:00.000Z", "2026-03-29T03:30:00"},
        {"Europe/Berlin", "2026-03-29T03:00:00", "2026-03-29T01:00:00.000Z", "2026-03-29T03:00:00"},
        {"Europe/Berlin", "2026-10-25T01:59:59", "2026-10-24T23:59:59.000Z", "2026-10-25T01:59:59"},
        {"Europe/Berlin", "2026-10-25T02:00:00", "2026-10-25T00:00:00.000Z", "2026-10-25T02:00:00"},
        {"Europe/Berlin", "2026-10-25T02:59:59", "2026-10-25T00:59:59.000Z", "2026-10-25T02:59:59"},
        {"Europe/Berlin", "2026-10-25T03:00:00", "2026-10-25T02:00:00.000Z", "2026-10-25T03:00:00"},
        {"Europe/Berlin", "1945-05-24T02:30:00", "1945-05-24T00:30:00.000Z", "1945-05-24T03:30:00"},
        {"Europe/Berlin", "1893-03-31T23:00:00", "1893-03-31T22:06:32.000Z", "1893-03-31T23:00:00"},
        {"Europe/Berlin", "2037-10-25T02:30:00", "2037-10-25T00:30:00.000Z", "2037-10-25T02:30:00"},
        {"Europe/Berlin", "2038-03-28T02:30:00", "2038-03-28T01:30:00.000Z", "2038-03-28T03:30:00"},
        {"Europe/Berlin", "2099-07-01T00:00:00", "2099-06-30T22:00:00.000Z", "2099-07-01T00:00:00"},
        {"Europe/Berlin", "2100-10-31T02:30:00", "2100-10-31T00:30:00.000Z", "2100-10-31T02:30:00"},
        {"America/New_York", "2026-03-08T02:30:00", "2026-03-08T07:30:00.000Z",
            "2026-03-08T03:30:00"},
        {"America/New_York", "2026-11-01T01:30:00", "2026-11-01T05:30:00.000Z",
            "2026-11-01T01:30:00"},
        {"America/New_York", "2007-03-11T02:00:00", "2007-03-11T07:00:00.000Z",
            "2007-03-11T03:00:00"},
        {"America/New_York", "2038-11-07T01:30:00", "2038-11-07T05:30:00.000Z",
            "2038-11-07T01:30:00"},
        {"America/New_York", "2100-03-14T02:15:00", "2100-03-14T07:15:00.000Z",
            "2100-03-14T03:15:00"},
        {"America/New_York", "1883-11-18T12:00:00", "1883-11-18T16:56:02.000Z",
            "1883-11-18T12:00:00"},
        {"Australia/Lord_Howe", "2026-04-05T01:45:00", "2026-04-04T14:45:00.000Z",
            "2026-04-05T01:45:00"},
        {"Australia/Lord_Howe", "2026-10-04T02:15:00", "2026-10-03T15:45:00.000Z",
            "2026-10-04T02:45:00"},
        {"Australia/Lord_Howe", "2050-04-03T01:45:00", "2050-04-02T14:45:00.000Z",
            "2050-04-03T01:45:00"},
        {"Australia/Lord_Howe", "2050-10-02T02:15:00", "2050-10-01T15:45:00.000Z",
            "2050-10-02T02:45:00"},
        {"Australia/Lord_Howe", "2050-12-31T23:30:00", "2050-12-31T12:30:00.000Z",
            "2050-12-31T23:30:00"},
        {"Asia/Kathmandu", "1985-12-31T23:59:59", "1985-12-31T18:29:59.000Z",
            "1985-12-31T23:59:59"},
        {"Asia/Kathmandu", "1986-01-01T00:00:00", "1985-12-31T18:30:00.000Z",
            "1986-01-01T00:15:00"},
        {"Asia/Kathmandu", "2100-06-01T00:00:00", "2100-05-31T18:15:00.000Z",
            "2100-06-01T00:00:00"},
        {"America/Sao_Paulo", "2018-11-04T00:00:00", "2018-11-04T03:00:00.000Z",
            "2018-11-04T01:00:00"},
        {"America/Sao_Paulo", "2018-11-04T00:30:00", "2018-11-04T03:30:00.000Z",
            "2018-11-04T01:30:00"},
        {"America/Sao_Paulo", "2019-02-16T23:30:00", "2019-02-17T01:30:00.000Z",
            "2019-02-16T23:30:00"},
        {"America/Sao_Paulo", "2060-01-01T00:00:00", "2060-01-01T03:00:00.000Z",
            "2060-01-01T00:00:00"},
        {"Africa/Casablanca", "2024-03-10T02:30:00", "2024-03-10T01:30:00.000Z",
            "2024-03-10T02:30:00"},
        {"Africa/Casablanca", "2024-04-14T02:30:00", "2024-04-14T02:30:00.000Z",
            "2024-04-14T03:30:00"},
        {"Pacific/Apia", "2011-12-29T23:59:59", "2011-12-30T09:59:59.000Z", "2011-12-29T23:59:59"},
        {"Pacific/Apia", "2011-12-30T12:00:00", "2011-12-30T22:00:00.000Z", "2011-12-31T12:00:00"},
        {"Pacific/Apia", "2011-12-31T00:00:00", "2011-12-30T10:00:00.000Z", "2011-12-31T00:00:00"},
        {"Europe/Dublin", "2026-03-29T01:30:00", "2026-03-29T01:30:00.000Z", "2026-03-29T02:30:00"},
        {"Europe/Dublin", "2060-07-01T12:00:00", "2060-07-01T11:00:00.000Z", "2060-07-01T12:00:00"},
        {"America/Nuuk", "2026-03-28T23:30:00", "2026-03-29T01:30:00.000Z", "2026-03-29T00:30:00"},
        {"America/Nuuk", "2070-03-29T00:30:00", "2070-03-29T02:30:00.000Z", "2070-03-29T00:30:00"},
        {"America/Nuuk", "2070-10-25T00:30:00", "2070-10-25T01:30:00.000Z", "2070-10-25T00:30:00"},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        const struct hr_zone *zone = zone_named(cases[i].zone);
        struct hr_arena arena;
        hr_arena_init(&arena);
        struct hr_str reading = hr_arena_printf(&arena, "%sZ", cases[i].reading);
        struct hr_str shown = hr_arena_printf(&arena, "%sZ", cases[i].shown);
        struct hr_time taken = hr_zone_time(zone, civil_of(moment(reading.at)));
        char text[HR_TIME_TEXT];
        hr_time_print(taken, text);
        assert_string_equal(text, cases[i].moment);
        assert_true(hr_time_is(local(zone, taken), moment(shown.at)));
        hr_arena_clean_up(&arena);
    }
}

static void fractions_of_a_second_are_kept(void **state)
{
    (void)state;
    const struct hr_zone *zone = zone_named("Asia/Kathmandu");
    struct hr_time before_1970 = moment("1969-12-31T12:00:00.000001Z");
    struct hr_civil civil = hr_zone_civil(zone, before_1970);
    assert_true(civil.us_of_day == 17 * HR_HOUR + 30 * HR_MINUTE + 1);
    assert_true(hr_time_is(hr_zone_time(zone, civil), before_1970));
}

static void a_date_begins_with_its_first_moment(void **state)
{
    (void)state;
    static const struct {
        const char *zone, *date, *start;
    } cases[] = {
        {"UTC", "2026-11-22", "2026-11-22T00:00:00.000Z"},
        {"Europe/Berlin", "2026-07-15", "2026-07-14T22:00:00.000Z"},
        /* Midnight does not occur: clocks went from 00:00 to 01:00. */
        {"America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00.000Z"},
        /* Clocks went from 23:30 on the 30th to 00:30 on the 31st. */
        {"America/Toronto", "1919-03-31", "1919-03-31T04:30:00.000Z"},
        /* Midnight occurs twice: at 01:00 clocks went back to 00:00. */
        {"America/Havana", "2026-11-01", "2026-11-01T04:00:00.000Z"},
        /* The 30th was left out. */
        {"Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00.000Z"},
        {"Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00.000Z"},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        const struct hr_zone *zone = zone_named(cases[i].zone);
        int64_t day;
        assert_true(hr_date_parse(hr_str(cases[i].date), &day));
        struct hr_time start = hr_zone_day_start(zone, day);
        char text[HR_TIME_TEXT];
        hr_time_print(start, text);
        assert_string_equal(text, cases[i].start);
        assert_true(hr_zone_day(zone, start) >= day);
        assert_true(hr_zone_day(zone, hr_time_plus(start, -1)) < day);
    }
}

static void the_ends_of_time_overflow_nothing(void **state)
{
    (void)state;
    static const char *const names[] = {"UTC", "Europe/Berlin", "Pacific/Kiritimati"};
    for (size_t i = 0; i < LENGTH(names); i++) {
        const struct hr_zone *zone = zone_named(names[i]);
        assert_int_equal(hr_zone_civil(zone, HR_TIME_NEVER).year, 294247);
        assert_int_equal(hr_zone_civil(zone, HR_TIME_NONE).year, -290308);
        struct hr_civil far = {.year = 400000, .month = 1, .day = 1};
        assert_true(hr_time_is(hr_zone_time(zone, far), HR_TIME_NEVER));
        far.year = -400000;
        assert_true(hr_time_is(hr_zone_time(zone, far), HR_TIME_NONE));
    }
}

/* ----------------------------------------------- against the C library */

/* Seconds east of UTC, by the C library, in the zone of the environment. */
static int64_t libc_offset(int64_t seconds)
{
    time_t at = (time_t)seconds;
    struct tm tm;
    assert_non_null(localtime_r(&at, &tm));
    return tm.tm_gmtoff;
}

static void assert_moment_is_shown_alike(const struct hr_zone *zone, int64_t seconds)
{
    struct hr_time time = {seconds * HR_SECOND};
    int64_t offset = (local(zone, time).us - time.us) / HR_SECOND;
    if (offset != libc_offset(seconds)) {
        fail_msg("%s at %" PRId64 ": %" PRId64 ", libc has %" PRId64, hr_zone_name(zone).at,
            seconds, offset, libc_offset(seconds));
    }
}

/* A reading near a change is one of two moments, the earlier if both show it; if none does, it is
 * taken with the offset before. */
static void assert_reading_is_taken_alike(
    const struct hr_zone *zone, int64_t reading, int64_t before, int64_t after)
{
    int64_t early = reading - (before > after ? before : after);
    int64_t late = reading - (before > after ? after : before);
    int64_t expected = reading - before;
    if (early + libc_offset(early) == reading) {
        expected = early;
    } else if (late + libc_offset(late) == reading) {
        expected = late;
    }
    struct hr_civil civil = civil_of((struct hr_time){reading * HR_SECOND});
    int64_t taken = hr_zone_time(zone, civil).us / HR_SECOND;
    if (taken != expected) {
        fail_msg("%s reading %" PRId64 ": %" PRId64 ", expected %" PRId64, hr_zone_name(zone).at,
            reading, taken, expected);
    }
}

static void assert_change_is_seen_alike(
    const struct hr_zone *zone, int64_t at, int64_t before, int64_t after)
{
    static const int64_t around[] = {-7200, -1800, -1, 0, 1, 1800, 7200};
    for (size_t i = 0; i < LENGTH(around); i++) {
        assert_moment_is_shown_alike(zone, at + around[i]);
        assert_reading_is_taken_alike(zone, at + before + around[i], before, after);
        assert_reading_is_taken_alike(zone, at + after + around[i], before, after);
    }
}

/* Walks from 1900 to 2110 in steps, and narrows down every change of the offset on the way. */
static size_t compare_zone(const struct hr_zone *zone)
{
    const int64_t first = -2208988800, last = 4417977600, step = 20 * 86400;
    size_t changes = 0;
    int64_t offset = libc_offset(first);
    for (int64_t from = first; from < last; from += step) {
        int64_t next = libc_offset(from + step);
        assert_moment_is_shown_alike(zone, from);
        if (next == offset) {
            continue;
        }
        int64_t low = from, high = from + step;
        while (high - low > 1) {
            int64_t middle = low + (high - low) / 2;
            *(libc_offset(middle) == offset ? &low : &high) = middle;
        }
        assert_change_is_seen_alike(zone, high, offset, libc_offset(high));
        changes++;
        offset = next;
    }
    return changes;
}

static void zones_are_those_of_the_c_library(void **state)
{
    (void)state;
    static const char *const names[] = {"Europe/Berlin", "Europe/Dublin", "America/New_York",
        "America/Sao_Paulo", "America/Nuuk", "America/Scoresbysund", "America/Santiago",
        "America/St_Johns", "Africa/Casablanca", "Africa/Cairo", "Asia/Gaza", "Asia/Kathmandu",
        "Asia/Jerusalem", "Asia/Tehran", "Australia/Lord_Howe", "Antarctica/Troll", "Pacific/Apia",
        "Pacific/Chatham", "Pacific/Kiritimati", "Etc/GMT+12", "UTC"};
    size_t changes = 0;
    for (size_t i = 0; i < LENGTH(names); i++) {
        assert_int_equal(setenv("TZ", names[i], 1), 0);
        tzset();
        changes += compare_zone(zone_named(names[i]));
    }
    assert_int_equal(unsetenv("TZ"), 0);
    tzset();
    assert_true(changes > 2000);
}

/* -------------------------------------------------------------- the set */

static void names_are_looked_up_exactly(void **state)
{
    (void)state;
    assert_true(hr_str_is(hr_zone_name(zone_named("Europe/Berlin")), "Europe/Berlin"));
    assert_non_null(hr_zones_find(zones, HR_STR("America/Argentina/Buenos_Aires")));
    assert_non_null(hr_zones_find(zones, HR_STR("US/Pacific"))); /* a link */
    static const char *const unknown[] = {"", "europe/berlin", "Europe", "Europe/", "Berlin",
        "Europe/Berlin ", "posix/Europe/Berlin", "right/UTC", "localtime", "zone.tab",
        "../zoneinfo/UTC", "Zzz"};
    for (size_t i = 0; i < LENGTH(unknown); i++) {
        assert_null(hr_zones_find(zones, hr_str(unknown[i])));
    }
    assert_true(hr_str_is(hr_zone_name(hr_zone_utc()), "UTC"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(readings_are_taken_as_python_takes_them),
        cmocka_unit_test(fractions_of_a_second_are_kept),
        cmocka_unit_test(a_date_begins_with_its_first_moment),
        cmocka_unit_test(the_ends_of_time_overflow_nothing),
        cmocka_unit_test(zones_are_those_of_the_c_library),
        cmocka_unit_test(names_are_looked_up_exactly),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
