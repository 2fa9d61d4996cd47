/* SPDX-License-Identifier: Apache-2.0 */
/* Quantities are money in the end. The tables of products and quotients were worked out with
 * Python's whole numbers, which have no bound. */
#include "headroom/decimal.h"

#include "random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define LARGEST "99999999999999999999999999.999999999999"
#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static struct hr_decimal decimal(const char *text)
{
    struct hr_decimal value;
    assert_int_equal(hr_decimal_parse(hr_str(text), &value), HR_DECIMAL_OK);
    return value;
}

static void assert_prints(struct hr_decimal value, const char *expected)
{
    char text[HR_DECIMAL_TEXT];
    size_t len = hr_decimal_print(value, text);
    assert_string_equal(text, expected);
    assert_int_equal(len, strlen(expected));
}

static void numbers_are_read_exactly_and_printed_shortest(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"0", "0"}, {"-0", "0"}, {"-0.000e5", "0"}, {"0e99999999999999999999999999", "0"},
        {"1", "1"}, {"-1.50", "-1.5"}, {"4200", "4200"}, {"0.1", "0.1"}, {"1e3", "1000"},
        {"1E+3", "1000"}, {"12.5e-1", "1.25"}, {"1.50000000000000000", "1.5"},
        {"0.000000000001", "0.000000000001"}, {"1000000000000e-24", "0.000000000001"},
        {"0.00000000000000000000000000000000000000001e41", "1"},
        {"100000000000000000000000000000000000000000e-40", "10"},
        {"1e25", "10000000000000000000000000"}, {LARGEST, LARGEST}, {"-" LARGEST, "-" LARGEST},
        {"99999999999999999999999999999999999999e-12", LARGEST},
        {"9007199254740993", "9007199254740993"}, /* 2^53 + 1: a double would lose it */
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        assert_prints(decimal(cases[i].in), cases[i].out);
    }
    assert_true(decimal("1").units == HR_DECIMAL_ONE.units);
}

static void what_does_not_fit_is_an_overflow(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "1e26",
        "-1e26",
        "100000000000000000000000000",
        "0.1e27",
        "1e-13",
        "0.0000000000001",
        "1.0000000000001",
        "99999999999999999999999999.9999999999999",
        "340282366920938463463374607431768211457", /* 2^128 + 1 */
        "1e9223372036854775808",
        "1e-9223372036854775809",
        "1e99999999999999999999999999999999999999",
        "1e-99999999999999999999999999999999999999",
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct hr_decimal value;
        assert_int_equal(hr_decimal_parse(hr_str(cases[i]), &value), HR_DECIMAL_OVERFLOW);
    }
}

static void anything_but_a_json_number_is_refused(void **state)
{
    (void)state;
    static const char *const cases[] = {"", "-", "+1", "01", "-01", "00", ".5", "1.", "1.e1", "1e",
        "1e+", "1e1.5", " 1", "1 ", "1,5", "0x10", "1_000", "NaN", "Infinity", "--1", "1-", "1.5.5",
        "e5", "-.5", "\xd9\xa1"};
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct hr_decimal value;
        assert_int_equal(hr_decimal_parse(hr_str(cases[i]), &value), HR_DECIMAL_NOT_A_NUMBER);
    }
    struct hr_decimal value;
    assert_int_equal(hr_decimal_parse(HR_STR("1\0"), &value), HR_DECIMAL_NOT_A_NUMBER);
    assert_int_equal(hr_decimal_parse((struct hr_str){NULL, 0}, &value), HR_DECIMAL_NOT_A_NUMBER);
    /* The length counts, not a terminator. */
    assert_int_equal(hr_decimal_parse((struct hr_str){"12345", 2}, &value), HR_DECIMAL_OK);
    assert_prints(value, "12");
}

static void sums_stop_below_ten_to_the_26(void **state)
{
    (void)state;
    struct hr_decimal sum = decimal("7");
    assert_true(hr_decimal_add(decimal("0.1"), decimal("0.2"), &sum));
    assert_prints(sum, "0.3");
    assert_true(hr_decimal_sub(decimal("1"), decimal("1.000000000001"), &sum));
    assert_prints(sum, "-0.000000000001");
    assert_true(hr_decimal_add(decimal(LARGEST), decimal("-" LARGEST), &sum));
    assert_prints(sum, "0");

    sum = decimal("7");
    assert_false(hr_decimal_add(decimal(LARGEST), decimal("0.000000000001"), &sum));
    assert_false(hr_decimal_add(decimal("-" LARGEST), decimal("-0.000000000001"), &sum));
    assert_false(hr_decimal_sub(decimal("-" LARGEST), decimal("0.000000000001"), &sum));
    /* These leave 128 bits. */
    assert_false(hr_decimal_add(decimal(LARGEST), decimal(LARGEST), &sum));
    assert_false(hr_decimal_sub(decimal("-" LARGEST), decimal(LARGEST), &sum));
    assert_prints(sum, "7");
}

static void whole_numbers_become_decimals(void **state)
{
    (void)state;
    assert_prints(hr_decimal_from_int(INT64_MAX), "9223372036854775807");
    assert_prints(hr_decimal_from_int(INT64_MIN), "-9223372036854775808");
}

static void products_are_compared_beyond_128_bits(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b, *c, *d;
        int order;
    } cases[] = {
        /* Is 4,000 of 5,000 at 80%? 4,000 * 1 against 0.8 * 5,000. */
        {"4000", "1", "0.8", "5000", 0},
        {"3999.999999999999", "1", "0.8", "5000", -1},
        {"0", "1", "0.8", "5000", -1},
        {"0", "1", "-0.8", "5000", 1},
        {"0", "5", "0", "-1", 0},
        {LARGEST, LARGEST, LARGEST, "99999999999999999999999999.999999999998", 1},
        {LARGEST, "99999999999999999999999999.999999999997",
            "99999999999999999999999999.999999999998", "99999999999999999999999999.999999999998",
            -1},
        {"-" LARGEST, LARGEST, "-99999999999999999999999999.999999999998",
            "99999999999999999999999999.999999999998", -1},
        {"-" LARGEST, "-" LARGEST, LARGEST, LARGEST, 0},
        {"824557061548276947967801.78038689656", "142666411020677946288229.524453482824",
            "171847122917660067584628.682870131752", "684542136380217871182496.86904941272", 0},
        {"824557061548276947967801.78038689656", "142666411020677946288229.524453482824",
            "171847122917660067584628.682870131752", "-684542136380217871182496.86904941272", 1},
        {"824557061548276947967801.78038689656", "142666411020677946288229.524453482824",
            "171847122917660067584628.682870131752", "684542136380217871182496.869049412721", -1},
        {"-824557061548276947967801.78038689656", "142666411020677946288229.524453482824",
            "-171847122917660067584628.682870131752", "684542136380217871182496.869049412721", 1},
        {"541725634193023083337777.317339411844", "204728203259151242207565.040485081472",
            "458304251462564996611361.957679628244", "241993207337333327274983.301438438272", 0},
        {"531934749019711687763236.340913048576", "809369682697147110979494.52277033672",
            "834113306885324364252864.17208603648", "516155126019181289941584.665119806265", -1},
        {"-117486618287331527960501.40954715206", "94186072391229082352274.068875939156",
            "-80719129129167539365083.033646909197", "137087741832596082050764.191574944881", 1},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct hr_decimal a = decimal(cases[i].a), b = decimal(cases[i].b);
        struct hr_decimal c = decimal(cases[i].c), d = decimal(cases[i].d);
        assert_int_equal(hr_decimal_compare_products(a, b, c, d), cases[i].order);
        assert_int_equal(hr_decimal_compare_products(d, c, b, a), -cases[i].order);
    }
}

static void quotients_are_cut_towards_zero(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b, *c;
        unsigned places;
        const char *result; /* NULL: does not fit */
    } cases[] = {
        {"4200", "1", "5000", 4, "0.84"},
        {"2", "1", "3", 12, "0.666666666666"},
        {"-2", "1", "3", 4, "-0.6666"},
        {"2", "-1", "-3", 1, "0.6"},
        {"1", "1", "-7", 0, "0"},
        {"0.000000000001", "0.000000000001", "1", 12, "0"},
        {"0.000000000001", "1", "0.000000000001", 12, "1"},
        {"5", "5", "0", 4, NULL},
        {"0", "5", "0", 4, NULL},
        {LARGEST, "2", "1", 12, NULL},
        {LARGEST, LARGEST, "0.000000000001", 12, NULL},
        {LARGEST, LARGEST, LARGEST, 12, LARGEST},
        {LARGEST, LARGEST, LARGEST, 0, "99999999999999999999999999"},
        {LARGEST, "-" LARGEST, LARGEST, 4, "-99999999999999999999999999.9999"},
        {LARGEST, LARGEST, "99999999999999999999999999.999999999998", 12, NULL},
        {"10064845411069528105.082210738094", "-63396838.927760925158",
            "-5925805952331358.207906069726", 6, "107678075942.961379"},
        {"-447407477465301004782912.441268293804", "59891661966023719968.970147416464",
            "-5757798447343987403259.371448673876", 4, "4653858179732548421036.6708"},
        {"10003400827342568534384.586515951129", "1943740786434868087707.38577686505",
            "698410857973178572502.578393570553", 9, "27840372137955467991077.41951083"},
        {"283081607220884736342.712673107655", "-6416769070.241505393198",
            "-6057657916122530489.520175128645", 9, "299863301414.672550147"},
        {"-4041893798194668034.183082892134", "361846031650603799737.640988675893",
            "-98527929622239.244953161566", 1, "14843945638941030926091375.1"},
        {"-3306577746181.912464132429", "-166075952508.266541062729",
            "-19854758727162836239207298.955127412965", 10, "-0.0276580066"},
        {"-502869824593316.315467151736", "22545631607537903465.974353225469",
            "999542331229.580995556245", 0, "-11342709015516465641754"},
        {"45494955023.822536186292", "-43694787722744297952.727544242075",
            "-1756685602837.35079477763", 5, "1131615355081714819.32776"},
    };
    for (size_t i = 0; i < LENGTH(cases); i++) {
        struct hr_decimal result = decimal("7");
        bool fits = hr_decimal_mul_div(decimal(cases[i].a), decimal(cases[i].b),
            decimal(cases[i].c), cases[i].places, &result);
        assert_int_equal(fits, cases[i].result != NULL);
        assert_prints(result, cases[i].result ? cases[i].result : "7");
    }
}

/* ------------------------------------------------------------ properties */

/* Of any number of digits, so that small and large ones come equally often. */
static struct hr_decimal any_decimal(struct random *random)
{
    char text[HR_DECIMAL_TEXT];
    size_t digits = random_below(random, 39), len = 0;
    if (random_below(random, 2)) {
        text[len++] = '-';
    }
    text[len++] = (char)('0' + (digits > 0 ? 1 + random_below(random, 9) : 0));
    for (size_t i = 1; i < digits; i++) {
        text[len++] = (char)('0' + random_below(random, 10));
    }
    memcpy(text + len, "e-12", 5);
    return decimal(text);
}

static void text_and_value_are_one(void **state)
{
    (void)state;
    struct random random = random_start("text_and_value_are_one");
    for (int i = 0; i < 20000; i++) {
        struct hr_decimal value = any_decimal(&random), again;
        char text[HR_DECIMAL_TEXT];
        struct hr_str printed = {text, hr_decimal_print(value, text)};
        assert_int_equal(hr_decimal_parse(printed, &again), HR_DECIMAL_OK);
        assert_true(again.units == value.units);
    }
}

static void what_is_added_can_be_taken_away(void **state)
{
    (void)state;
    struct random random = random_start("what_is_added_can_be_taken_away");
    for (int i = 0; i < 20000; i++) {
        struct hr_decimal a = any_decimal(&random), b = any_decimal(&random), sum, back;
        if (hr_decimal_add(a, b, &sum)) {
            assert_true(hr_decimal_sub(sum, b, &back));
            assert_int_equal(hr_decimal_compare(back, a), 0);
            assert_int_equal(hr_decimal_compare(sum, a), hr_decimal_compare(b, HR_DECIMAL_ZERO));
        }
    }
}

/* q = a*b/c cut means |q*c| <= |a*b| and (|q| + 10^-12)*|c| > |a*b|. */
static void a_quotient_is_the_largest_that_fits(void **state)
{
    (void)state;
    struct random random = random_start("a_quotient_is_the_largest_that_fits");
    int fitted = 0;
    for (int i = 0; i < 20000; i++) {
        struct hr_decimal a = any_decimal(&random), b = any_decimal(&random);
        struct hr_decimal c = any_decimal(&random), q;
        a.units = a.units < 0 ? -a.units : a.units;
        b.units = b.units < 0 ? -b.units : b.units;
        c.units = c.units < 0 ? -c.units : c.units;
        if (!hr_decimal_mul_div(a, b, c, HR_DECIMAL_PLACES, &q)) {
            struct hr_decimal bound = decimal(LARGEST);
            assert_true(hr_decimal_compare_products(a, b, bound, c) >= 0);
            continue;
        }
        fitted++;
        struct hr_decimal next = {q.units + 1};
        assert_true(hr_decimal_compare_products(q, c, a, b) <= 0);
        assert_true(hr_decimal_compare_products(next, c, a, b) > 0);
    }
    assert_true(fitted > 1000);
}

/* 3 × 7 and 2 × 5 × 2; 10^26 less a bit times 2^63, where 256 bits are not enough. */
static void products_of_more_are_compared_and_cut(void **state)
{
    (void)state;
    struct hr_decimal most = decimal("99999999999999999999999999.999999999999"), cut;
    struct hr_decimal least = decimal("0.000000000001");
    const uint64_t large = UINT64_C(1) << 63;
    assert_int_equal(hr_decimal_compare_scaled(decimal("3"), 7, decimal("2"), decimal("5"), 2), 1);
    assert_int_equal(
        hr_decimal_compare_scaled(decimal("3"), 7, decimal("3.5"), decimal("2"), 3), 0);
    assert_int_equal(
        hr_decimal_compare_scaled(decimal("-3"), 7, decimal("3.5"), decimal("-2"), 3), 0);
    assert_int_equal(
        hr_decimal_compare_scaled(decimal("-3"), 7, decimal("-3.5"), decimal("-2"), 3), -1);
    assert_int_equal(
        hr_decimal_compare_scaled(decimal("-3"), 7, decimal("3.5"), decimal("-1.9"), 3), -1);
    assert_int_equal(hr_decimal_compare_scaled(most, large, most, decimal("1"), large), 0);
    assert_int_equal(hr_decimal_compare_scaled(most, large, most, decimal("1"), large - 1), 1);
    assert_int_equal(hr_decimal_compare_scaled(most, large - 1, most, decimal("1"), large), -1);
    assert_int_equal(hr_decimal_compare_scaled(most, 0, least, least, 1), -1);
    /* 80 of 100 at 2/3: 1.2; 1 of 3 at 1/7: 2.333… */
    assert_true(hr_decimal_scale(decimal("80"), 3, decimal("100"), 2, 4, &cut));
    assert_int_equal(hr_decimal_compare(cut, decimal("1.2")), 0);
    assert_true(hr_decimal_scale(decimal("-1"), 7, decimal("3"), 1, 4, &cut));
    assert_int_equal(hr_decimal_compare(cut, decimal("-2.3333")), 0);
    assert_true(hr_decimal_scale(most, large, decimal("1"), large, 12, &cut));
    assert_int_equal(hr_decimal_compare(cut, most), 0);
    assert_false(hr_decimal_scale(most, 2, decimal("1"), 1, 12, &cut));
    assert_false(hr_decimal_scale(most, 2, decimal("0"), 1, 12, &cut));
    assert_false(hr_decimal_scale(most, 2, decimal("1"), 0, 12, &cut));
    assert_int_equal(hr_decimal_floor_ratio(decimal("7"), 3, decimal("2"), decimal("5")), 2);
    assert_int_equal(hr_decimal_floor_ratio(decimal("-7"), 10, decimal("2"), decimal("5")), 7);
    assert_int_equal(
        hr_decimal_floor_ratio(decimal("7"), 1, decimal("0"), decimal("5")), UINT64_MAX);
    assert_int_equal(hr_decimal_floor_ratio(most, large, least, least), UINT64_MAX);
    assert_int_equal(hr_decimal_floor_ratio(
                         decimal("50"), UINT64_C(2592000000000), decimal("1"), decimal("100")),
        UINT64_C(1296000000000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_read_exactly_and_printed_shortest),
        cmocka_unit_test(what_does_not_fit_is_an_overflow),
        cmocka_unit_test(anything_but_a_json_number_is_refused),
        cmocka_unit_test(sums_stop_below_ten_to_the_26),
        cmocka_unit_test(whole_numbers_become_decimals),
        cmocka_unit_test(products_are_compared_beyond_128_bits),
        cmocka_unit_test(quotients_are_cut_towards_zero),
        cmocka_unit_test(text_and_value_are_one),
        cmocka_unit_test(what_is_added_can_be_taken_away),
        cmocka_unit_test(a_quotient_is_the_largest_that_fits),
        cmocka_unit_test(products_of_more_are_compared_and_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
