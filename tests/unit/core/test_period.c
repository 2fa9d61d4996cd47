/* SPDX-License-Identifier: Apache-2.0 */
/* Billing periods on wall clocks that jump: whatever the zone does, a period holds its moment, and
 * the one before it ends where it begins. */
#include "core/period.h"

#include "headroom/books.h"
#include "headroom/time.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Days that came twice or never: Alaska was bought from beyond the date line, Manila went behind
 * it, Kwajalein changed sides twice, Samoa had no 30 December; Casablanca's clock goes back in
 * Ramadan. */
static void a_period_holds_its_moment_whatever_clocks_do(void **state)
{
    (void)state;
    static const struct {
        const char *zone, *from;
        int days;
    } rows[] = {
        {"America/Juneau", "1867-10-10T00:00:00Z", 20},
        {"Asia/Manila", "1844-12-20T00:00:00Z", 20},
        {"Pacific/Kwajalein", "1969-09-25T00:00:00Z", 12},
        {"Pacific/Kwajalein", "1993-08-15T00:00:00Z", 12},
        {"Pacific/Apia", "2011-12-25T00:00:00Z", 12},
        {"Africa/Casablanca", "2026-02-10T00:00:00Z", 12},
        {"Europe/Berlin", "2026-03-25T00:00:00Z", 10},
    };
    static const struct hr_period periods[] = {
        {HR_PERIOD_DAYS, 1}, {HR_PERIOD_WEEKS, 1}, {HR_PERIOD_MONTHS, 1}, {HR_PERIOD_ABSENT, 0}};
    struct hr_zones *zones;
    struct hr_error error;
    assert_int_equal(hr_zones_load("/usr/share/zoneinfo", &zones, &error), HR_OK);
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        const struct hr_zone *zone = hr_zones_find(zones, hr_str(rows[r].zone));
        struct hr_time from;
        assert_non_null(zone);
        assert_true(hr_time_parse(hr_str(rows[r].from), &from));
        for (size_t p = 0; p < sizeof periods / sizeof *periods; p++) {
            struct hr_civil anchor = hr_zone_civil(zone, from);
            for (int64_t hour = 0; hour < 24 * rows[r].days; hour++) {
                struct hr_time at = hr_time_plus(from, hour * HR_HOUR);
                struct hr_span span = hr_period_holding(zone, anchor, periods[p], at);
                if (at.us < span.start.us || at.us >= span.end.us) {
                    fail_msg("%s, period %zu, hour %d", rows[r].zone, p, (int)hour);
                }
                struct hr_span before =
                    hr_period_holding(zone, anchor, periods[p], hr_time_plus(span.start, -1));
                assert_int_equal(before.end.us, span.start.us);
            }
        }
    }
    hr_zones_destroy(zones);
}

static void months_are_read_as_they_are_printed(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool is_month;
    } rows[] = {{"2026-01", true}, {"1999-12", true}, {"before", true}, {"2026-13", false},
        {"2026-00", false}, {"2026-1", false}, {"2026-011", false}, {"2o26-01", false},
        {"2026/01", false}, {"", false}, {"Before", false}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int32_t month = 0;
        assert_int_equal(hr_month_parse(hr_str(rows[i].text), &month), rows[i].is_month);
        if (rows[i].is_month) {
            char text[HR_TIME_TEXT];
            size_t len = hr_month_print(month, text);
            assert_true(hr_str_is((struct hr_str){text, len}, rows[i].text));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_period_holds_its_moment_whatever_clocks_do),
        cmocka_unit_test(months_are_read_as_they_are_printed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
