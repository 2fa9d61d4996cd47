/* SPDX-License-Identifier: Apache-2.0 */
/* The formulas against figures worked by hand, the intervals against those that were published. */
#include "headroom/figures.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define COUNT(rows) (sizeof(rows) / sizeof(rows[0]))

static struct hr_decimal number(const char *text)
{
    struct hr_decimal value;
    assert_int_equal(hr_decimal_parse(hr_str(text), &value), HR_DECIMAL_OK);
    return value;
}

static struct hr_figure known(const char *text)
{
    return (struct hr_figure){true, number(text)};
}

static void assert_decimal(struct hr_decimal value, const char *expected)
{
    char text[HR_DECIMAL_TEXT];
    hr_decimal_print(value, text);
    assert_string_equal(text, expected);
}

/* "?" is unknown; else as many places as `expected` has. */
static void assert_figure(struct hr_figure figure, const char *expected)
{
    if (strcmp(expected, "?") == 0) {
        assert_false(figure.known);
        return;
    }
    const char *point = strchr(expected, '.');
    assert_true(figure.known);
    assert_decimal(
        hr_figure_round(figure.value, point ? (unsigned)strlen(point + 1) : 0), expected);
}

static void quotients_are_cut_late_and_rounded_once(void **state)
{
    (void)state;
    static const struct {
        const char *value, *rounded;
        unsigned places;
    } rows[] = {
        {"0.375", "0.38", 2},
        {"-0.375", "-0.38", 2}, /* half away from zero */
        {"0.374999999999", "0.37", 2},
        {"-0.0357142857", "-0.0357", 4},
        {"1.999999999999", "2", 0},
        {"0.123456789012", "0.123456789012", 12},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_decimal(hr_figure_round(number(rows[i].value), rows[i].places), rows[i].rounded);
    }
    assert_figure(hr_figure_share(1, 3), "0.333333333333");
    assert_figure(hr_figure_share(1, 0), "?");
    assert_figure(hr_figure_share(0, 0), "?");
    assert_figure(hr_figure_times(known("30"), known("15000")), "450000");
    assert_figure(hr_figure_times(known("30"), HR_FIGURE_UNKNOWN), "?");
    assert_figure(hr_figure_times(known("99999999999999"), known("99999999999999")), "?");
}

static void a_funnel_is_its_stages_by_the_first(void **state)
{
    (void)state;
    static const int64_t reached[] = {200, 120, 75, 45, 30}, none[HR_FUNNEL_STAGES] = {0};
    static const char *const first[] = {"1", "0.6", "0.375", "0.225", "0.15"};
    static const char *const before[] = {"1", "0.6", "0.625", "0.6", "0.6667"};
    /* 30 of 200, 120, 75, 45 and 30. */
    static const char *const chance[] = {"0.15", "0.25", "0.4", "0.6667", "1"};
    struct hr_figure of_first[HR_FUNNEL_STAGES], of_before[HR_FUNNEL_STAGES];
    struct hr_figure chances[HR_FUNNEL_STAGES];
    hr_funnel_shares(reached, of_first, of_before);
    hr_funnel_chances(reached, chances);
    for (size_t s = 0; s < HR_FUNNEL_STAGES; s++) {
        assert_figure(of_first[s], first[s]);
        assert_figure(of_before[s], before[s]);
        assert_figure(chances[s], chance[s]);
    }
    hr_funnel_shares(none, of_first, of_before);
    assert_figure(of_first[0], "?");
    assert_figure(of_first[4], "?");
}

static void a_pipeline_is_weighted_by_the_chances_of_its_stages(void **state)
{
    (void)state;
    /* 10% of 100,000, 25% of 60,000, 40% of 50,000, 60% of 25,000: 10 + 15 + 20 + 15 thousand. */
    const struct hr_decimal open[HR_FUNNEL_STAGES] = {
        number("100000"), number("60000"), number("50000"), number("25000")};
    struct hr_figure chances[HR_FUNNEL_STAGES] = {
        known("0.1"), known("0.25"), known("0.4"), known("0.6")};
    assert_figure(hr_funnel_weighted(open, chances), "60000");
    chances[3] = HR_FIGURE_UNKNOWN;
    assert_figure(hr_funnel_weighted(open, chances), "?");
    const struct hr_decimal nothing[HR_FUNNEL_STAGES] = {{0}};
    assert_figure(hr_funnel_weighted(nothing, chances), "0");
}

static void retention_is_of_the_customers_of_the_start(void **state)
{
    (void)state;
    static const struct {
        struct hr_retention flows;
        const char *net, *gross;
        int64_t end;
    } rows[] = {
        {{.start = 1000000, .churned = 100000, .expansion = 300000}, "1.2", "0.9", 1200000},
        /* New customers are in neither, nor is what came from another segment. */
        {{.start = 1000000, .churned = 100000, .expansion = 300000, .new = 5000000, .transfer = 7},
            "1.2", "0.9", 6200007},
        {{.start = 50, .contraction = 10}, "0.8", "0.8", 40},
        {{.new = 100}, "?", "?", 100},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_figure(hr_retention_net(&rows[i].flows), rows[i].net);
        assert_figure(hr_retention_gross(&rows[i].flows), rows[i].gross);
        assert_int_equal(hr_retention_end(&rows[i].flows), rows[i].end);
    }
    assert_figure(hr_churn_rate(700000, 650000, 75000), "-0.0357");
    assert_figure(hr_churn_rate(1000000, 900000, 300000), "-0.2"); /* 1 − 120% */
    assert_figure(hr_churn_rate(0, 0, 0), "?");
}

static void customers_are_asked_and_valued(void **state)
{
    (void)state;
    assert_figure(hr_net_promoters(50, 20, 100), "30");
    assert_figure(hr_net_promoters(0, 3, 3), "-100");
    assert_figure(hr_net_promoters(0, 0, 0), "?");
    /* 1,000 a month of each, 2% of the revenue lost a month: 50 months. */
    assert_figure(hr_lifetime_value(known("1000"), 20000, 1000000), "50000");
    assert_figure(hr_lifetime_value(known("1000"), 0, 1000000), "?");
}

static void intervals_are_those_that_were_published(void **state)
{
    (void)state;
    static const struct {
        int64_t successes, trials;
        const char *low, *high;
    } rows[] = {
        /* Newcombe, Two-sided confidence intervals for the single proportion, Statistics in
         * Medicine 17 (1998), table I, method 3. */
        {81, 263, "0.2553", "0.3662"},
        {15, 148, "0.0624", "0.1605"},
        {0, 20, "0", "0.1611"},
        {1, 29, "0.0061", "0.1718"},
        /* Worked with sixty digits. */
        {5, 10, "0.236593091", "0.763406909"},
        {10, 10, "0.7224672", "1"},
        {30, 200, "0.107135936", "0.206055793"},
        {123456, 9999999, "0.012277349", "0.012414228"},
        {499999999999999, 1000000000000000, "0.499999969", "0.500000031"},
        {0, 0, "0", "1"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct hr_interval interval = hr_wilson(rows[i].successes, rows[i].trials);
        unsigned places = i < 4 ? 4 : 9;
        assert_decimal(hr_figure_round(interval.low, places), rows[i].low);
        assert_decimal(hr_figure_round(interval.high, places), rows[i].high);
    }
}

static void intervals_hold_their_share_and_mirror(void **state)
{
    (void)state;
    const struct hr_decimal near = number("0.000000001");
    for (int64_t n = 1; n <= 60; n++) {
        for (int64_t k = 0; k <= n; k++) {
            struct hr_interval one = hr_wilson(k, n), other = hr_wilson(n - k, n);
            struct hr_decimal share = hr_figure_share(k, n).value, sum;
            assert_true(hr_decimal_compare(one.low, share) <= 0);
            assert_true(hr_decimal_compare(one.high, share) >= 0);
            assert_true(hr_decimal_add(one.low, other.high, &sum));
            __int128 off = sum.units - HR_DECIMAL_ONE.units;
            assert_true(off <= near.units && -off <= near.units);
        }
    }
}

static void shares_differ_where_their_intervals_are_apart(void **state)
{
    (void)state;
    /* 30 of 100 are 22 to 40%, 35 of 100 are 26 to 45%, 60 of 100 are 50 to 69%. */
    assert_true(hr_intervals_overlap(hr_wilson(30, 100), hr_wilson(35, 100)));
    assert_false(hr_intervals_overlap(hr_wilson(30, 100), hr_wilson(60, 100)));
    assert_false(hr_intervals_overlap(hr_wilson(60, 100), hr_wilson(30, 100)));
    assert_true(hr_intervals_overlap(hr_wilson(0, 0), hr_wilson(60, 100)));
}

static void a_target_is_met_or_not_and_less_may_be_better(void **state)
{
    (void)state;
    static const struct {
        const char *low, *high, *current;
        bool less;
        enum hr_standing_to standing;
    } rows[] = {
        /* The published five: all above target. */
        {"0.25", "0.25", "0.28", false, HR_TARGET_ABOVE},
        {"9", "9", "7.5", true, HR_TARGET_ABOVE},
        {"12000", "12000", "14200", false, HR_TARGET_ABOVE},
        {"1.15", "1.15", "1.18", false, HR_TARGET_ABOVE},
        {"3", "3", "3.5", false, HR_TARGET_ABOVE},
        {"9", "9", "9.1", true, HR_TARGET_BELOW},
        {"0.25", "0.35", "0.3", false, HR_TARGET_MET},
        {"0.25", "0.35", "0.35", false, HR_TARGET_MET},
        {"0.25", "0.35", "0.24", false, HR_TARGET_BELOW},
        {"0.25", "0.35", "0.36", false, HR_TARGET_ABOVE},
        {"0.1", "0.1", "0.1", true, HR_TARGET_MET},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct hr_target target = {true, number(rows[i].low), number(rows[i].high), rows[i].less};
        assert_int_equal(hr_target_standing(&target, known(rows[i].current)), rows[i].standing);
    }
    const struct hr_target target = {.given = true}, none = {.given = false};
    assert_int_equal(hr_target_standing(&target, HR_FIGURE_UNKNOWN), HR_TARGET_UNKNOWN);
    assert_int_equal(hr_target_standing(&none, known("1")), HR_TARGET_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quotients_are_cut_late_and_rounded_once),
        cmocka_unit_test(a_funnel_is_its_stages_by_the_first),
        cmocka_unit_test(a_pipeline_is_weighted_by_the_chances_of_its_stages),
        cmocka_unit_test(retention_is_of_the_customers_of_the_start),
        cmocka_unit_test(customers_are_asked_and_valued),
        cmocka_unit_test(intervals_are_those_that_were_published),
        cmocka_unit_test(intervals_hold_their_share_and_mirror),
        cmocka_unit_test(shares_differ_where_their_intervals_are_apart),
        cmocka_unit_test(a_target_is_met_or_not_and_less_may_be_better),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
