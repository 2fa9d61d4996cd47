/* SPDX-License-Identifier: Apache-2.0 */
/* Moments, dates and durations as text. Figures in seconds are those of `date -u -d … +%s`. */
#include "headroom/time.h"

#include "random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static void moments_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t us;
    } cases[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"1970-01-01t00:00:01z", 1000000},
        {"2026-11-22T09:14:03.120Z", 1795338843120000},
        {"2026-11-22T10:14:03.12+01:00", 1795338843120000},
        {"2026-11-22T03:44:03.12-05:30", 1795338843120000},
        {"2026-11-22T09:14:03-00:00", 1795338843000000},
        {"2000-02-29T23:59:59.999999Z", 951868799999999},
        {"2026-11-22T09:14:03.1234569999999999999999999Z", 1795338843123456}, /* cut */
        {"1969-12-31T23:59:59.9999999Z", -1},
        {"1969-12-31T23:59:59Z", -1000000},
        {"0001-01-01T00:00:00Z", -62135596800000000},
        {"9999-12-31T23:59:59.999999Z", 253402300799999999},
        /* Leap seconds, in UTC and elsewhere. */
        {"2016-12-31T23:59:60Z", 1483228800000000},
        {"2016-12-31T23:59:60.5Z", 1483228800500000},
        {"2017-01-01T00:59:60+01:00", 1483228800000000},
        {"1990-06-30T15:59:60-08:00", 646790400000000},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct hr_time time = {7};
        assert_true(hr_time_parse(hr_str(cases[i].text), &time));
        assert_true(time.us == cases[i].us);
    }
}

static void anything_else_is_no_moment(void **state)
{
    (void)state;
    static const char *const cases[] = {"", "2026-11-22", "2026-11-22T09:14:03",
        "2026-11-22 09:14:03Z", "2026-11-22T09:14Z", "2026-11-22T09:14:03.Z",
        "2026-11-22T09:14:03,5Z", "2026-11-22T09:14:03+0100", "2026-11-22T09:14:03+01",
        "2026-11-22T09:14:03+24:00", "2026-11-22T09:14:03+01:60", "2026-11-22T09:14:03UTC",
        "2026-11-22T09:14:03ZZ", "2026-11-22T09:14:03Z ", " 2026-11-22T09:14:03Z",
        "2026-11-22T24:00:00Z", "2026-11-22T09:60:00Z", "2026-11-22T09:14:61Z",
        "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-11-31T00:00:00Z",
        "2026-11-00T00:00:00Z", "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z",
        "0000-01-01T00:00:00Z", "26-11-22T09:14:03.000Z", "12026-11-22T09:14:03Z",
        "-026-11-22T09:14:03Z", "2026-1-022T09:14:03Z", "+2026-11-2T09:14:03Z",
        "2026-11-22T09:14:03+-1:00", "20261122T091403.0000Z", "1795338843", "\xff",
        /* Seconds :60 where no leap second can be. */
        "2016-12-31T12:59:60Z", "2016-12-31T23:59:60+01:00", "2016-12-30T23:59:60Z",
        /* Years that could not be written down again. */
        "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01", "9999-12-31T23:59:60Z"};
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct hr_time time;
        assert_false(hr_time_parse(hr_str(cases[i]), &time));
    }
    struct hr_time time;
    assert_false(hr_time_parse((struct hr_str){NULL, 0}, &time));
    /* The length counts, not what lies behind. */
    assert_false(hr_time_parse((struct hr_str){"2026-11-22T09:14:03Z", 19}, &time));
    assert_true(hr_time_parse((struct hr_str){"2026-11-22T09:14:03Z5", 20}, &time));
}

static void moments_are_printed(void **state)
{
    (void)state;
    static const struct {
        int64_t us;
        const char *text;
    } cases[] = {
        {0, "1970-01-01T00:00:00.000Z"},
        {1795338843120000, "2026-11-22T09:14:03.120Z"},
        {1795338843120001, "2026-11-22T09:14:03.120001Z"},
        {1795338843000010, "2026-11-22T09:14:03.000010Z"},
        {-1, "1969-12-31T23:59:59.999999Z"},
        {-62135596800000000, "0001-01-01T00:00:00.000Z"},
        {253402300799999999, "9999-12-31T23:59:59.999999Z"},
        /* Beyond what RFC 3339 can say, but never beyond the buffer. */
        {INT64_MAX, "294247-01-10T04:00:54.775807Z"},
        {INT64_MIN, "-290308-12-21T19:59:05.224192Z"},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        char text[HR_TIME_TEXT];
        assert_int_equal(hr_time_print((struct hr_time){cases[i].us}, text), strlen(cases[i].text));
        assert_string_equal(text, cases[i].text);
    }
}

static void any_printed_moment_is_read_again(void **state)
{
    (void)state;
    struct random random = random_start("any_printed_moment_is_read_again");
    const int64_t first = -62135596800000000, years = 315537897600000000;
    for (int i = 0; i < 50000; i++) {
        struct hr_time time = {first + (int64_t)random_below(&random, (uint64_t)years)}, again;
        char text[HR_TIME_TEXT];
        size_t len = hr_time_print(time, text);
        assert_true(hr_time_parse((struct hr_str){text, len}, &again));
        assert_true(hr_time_is(again, time));
    }
}

/* Counted out day by day over more than one era of 400 years. */
static void the_calendar_counts_every_day(void **state)
{
    (void)state;
    static const int32_t lengths[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t days = -719162; /* 0001-01-01 */
    for (int32_t year = 1; year <= 2500; year++) {
        bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        for (int32_t month = 1; month <= 12; month++) {
            int32_t length = lengths[month - 1] + (month == 2 && leap);
            assert_int_equal(hr_days_in_month(year, month), length);
            for (int32_t day = 1; day <= length; day++, days++) {
                assert_int_equal(hr_days_from_civil(year, month, day), days);
                struct hr_civil civil = hr_civil_from_days(days);
                assert_true(civil.year == year && civil.month == month && civil.day == day);
                assert_true(civil.us_of_day == 0);
            }
        }
        if (year == 1969) {
            assert_int_equal(days, 0);
        }
    }
}

static void dates_are_read_and_printed(void **state)
{
    (void)state;
    char text[HR_TIME_TEXT];
    int64_t days = 7;
    assert_true(hr_date_parse(HR_STR("2026-11-22"), &days));
    assert_int_equal(days, 20779);
    assert_int_equal(hr_date_print(days, text), 10);
    assert_string_equal(text, "2026-11-22");
    hr_date_print(-1, text);
    assert_string_equal(text, "1969-12-31");
    static const char *const bad[] = {"", "2026-11-2", "2026-11-222", "2026-02-29", "2026/11/22",
        "2026-11-22T00:00:00Z", "0000-01-01", "20261122  "};
    for (size_t i = 0; i < LENGTH(bad); i++) {
        assert_false(hr_date_parse(hr_str(bad[i]), &days));
    }
}

static void durations_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t seconds;
    } good[] = {{"1s", 1}, {"90s", 90}, {"5m", 300}, {"24h", 86400}, {"30d", 2592000},
        {"2w", 1209600}, {"007d", 604800}, {"36525d", 3155760000}, {"3155760000s", 3155760000}};
    for (size_t i = 0; i < LENGTH(good); i++) {
        int64_t us = 7;
        assert_true(hr_duration_parse(hr_str(good[i].text), &us));
        assert_true(us == good[i].seconds * HR_SECOND);
    }
    static const char *const bad[] = {"", "d", "5", "0s", "000d", "-5m", "+5m", "1.5h", "5 m", "5M",
        "5ms", "5y", "1h30m", "36526d", "3155760001s", "9223372036854775808s",
        "99999999999999999999999999w", "0x5s"};
    for (size_t i = 0; i < LENGTH(bad); i++) {
        int64_t us;
        assert_false(hr_duration_parse(hr_str(bad[i]), &us));
    }
}

static void durations_are_printed_in_the_largest_unit_that_divides(void **state)
{
    (void)state;
    static const struct {
        int64_t us;
        const char *text;
    } cases[] = {{90 * HR_SECOND, "90s"}, {300 * HR_SECOND, "5m"}, {36 * HR_HOUR, "36h"},
        {24 * HR_HOUR, "1d"}, {30 * HR_DAY, "30d"}, {28 * HR_DAY, "4w"}, {0, "0s"},
        {-90 * HR_SECOND, "-90s"}, {1500000, "1500000us"}, {INT64_MIN, "-9223372036854775808us"}};
    for (size_t i = 0; i < LENGTH(cases); i++) {
        char text[HR_TIME_TEXT];
        assert_int_equal(hr_duration_print(cases[i].us, text), strlen(cases[i].text));
        assert_string_equal(text, cases[i].text);
    }
}

static void buckets_are_cut_towards_the_past(void **state)
{
    (void)state;
    assert_int_equal(hr_time_bucket((struct hr_time){0}, HR_DAY), 0);
    assert_int_equal(hr_time_bucket((struct hr_time){HR_DAY - 1}, HR_DAY), 0);
    assert_int_equal(hr_time_bucket((struct hr_time){-1}, HR_DAY), -1);
    assert_int_equal(hr_time_bucket((struct hr_time){-HR_DAY}, HR_DAY), -1);
    assert_int_equal(hr_time_bucket((struct hr_time){-HR_DAY - 1}, HR_DAY), -2);
}

static void clocks_go_forward(void **state)
{
    (void)state;
    int64_t before = hr_clock_monotonic_us();
    assert_true(hr_clock_monotonic_us() >= before);
    struct hr_time release;
    assert_true(hr_time_parse(HR_STR("2024-01-01T00:00:00Z"), &release));
    assert_true(hr_clock_now().us > release.us);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moments_are_read),
        cmocka_unit_test(anything_else_is_no_moment),
        cmocka_unit_test(moments_are_printed),
        cmocka_unit_test(any_printed_moment_is_read_again),
        cmocka_unit_test(the_calendar_counts_every_day),
        cmocka_unit_test(dates_are_read_and_printed),
        cmocka_unit_test(durations_are_read),
        cmocka_unit_test(durations_are_printed_in_the_largest_unit_that_divides),
        cmocka_unit_test(buckets_are_cut_towards_the_past),
        cmocka_unit_test(clocks_go_forward),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
