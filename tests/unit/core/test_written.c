/* SPDX-License-Identifier: Apache-2.0 */
/* Literals as people write them, the units they fit, money in minor units, and trigger ids read. */
#include "headroom/hash.h"
#include "headroom/written.h"

#include "core/money.h"
#include "core/number.h"
#include "core/signal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct hr_decimal decimal(const char *text)
{
    struct hr_decimal value;
    assert_int_equal(hr_decimal_parse(hr_str(text), &value), HR_DECIMAL_OK);
    return value;
}

static void literals_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum hr_form form;
        const char *is; /* the number, or the text */
        const char *currency;
    } rows[] = {
        {"4", HR_FORM_PLAIN, "4", ""},
        {" 4 ", HR_FORM_PLAIN, "4", ""},
        {"-4.5", HR_FORM_PLAIN, "-4.5", ""},
        {"25k", HR_FORM_PLAIN, "25000", ""},
        {"2M", HR_FORM_PLAIN, "2000000", ""},
        {"1e3", HR_FORM_PLAIN, "1000", ""},
        {"1E+3", HR_FORM_PLAIN, "1000", ""},
        {"1e-2", HR_FORM_PLAIN, "0.01", ""},
        {"80%", HR_FORM_SHARE, "0.8", ""},
        {"30d", HR_FORM_DAYS, "30", ""},
        {"25k USD", HR_FORM_MONEY, "25000", "USD"},
        {"1.5M EUR", HR_FORM_MONEY, "1500000", "EUR"},
        {"5MAD", HR_FORM_MONEY, "5", "MAD"},
        {"5kMAD", HR_FORM_MONEY, "5000", "MAD"},
        {"5 MAD", HR_FORM_MONEY, "5", "MAD"},
        {"big", HR_FORM_TEXT, "big", ""},
        {"e5", HR_FORM_TEXT, "e5", ""},
        {"1x", HR_FORM_TEXT, "1x", ""},
        {"1e", HR_FORM_TEXT, "1e", ""},
        {"1-2", HR_FORM_TEXT, "1-2", ""},
        {"--1", HR_FORM_TEXT, "--1", ""},
        {"5k%", HR_FORM_TEXT, "5k%", ""},
        {"5kd", HR_FORM_TEXT, "5kd", ""},
        {"5XYZ", HR_FORM_TEXT, "5XYZ", ""},
        {"0.0000000001%", HR_FORM_SHARE, "0.000000000001", ""},
        {"0.00000000001%", HR_FORM_TEXT, "0.00000000001%", ""}, /* no quantity is that small */
        {"99999999999999999999999999k", HR_FORM_TEXT, "99999999999999999999999999k", ""},
        {"\"two words\"", HR_FORM_TEXT, "two words", ""},
        {"'80%'", HR_FORM_TEXT, "80%", ""},
        {"\"it's\"", HR_FORM_TEXT, "it's", ""},
        {"\"\"", HR_FORM_TEXT, "", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct hr_written literal;
        const char *wrong = hr_read_literal(hr_str(rows[i].text), &literal);
        bool text = rows[i].form == HR_FORM_TEXT;
        if (wrong || literal.form != rows[i].form || strcmp(literal.currency, rows[i].currency) ||
            (text ? !hr_str_is(literal.text, rows[i].is)
                  : hr_decimal_compare(literal.number, decimal(rows[i].is)) != 0)) {
            fail_msg("%s: %s", rows[i].text, wrong ? wrong : "read otherwise");
        }
    }
}

static void what_is_no_literal_says_why(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"", "has no value"},
        {"  ", "has no value"},
        {"\"", "has a quote without its other half"},
        {"'a\"", "has a quote without its other half"},
        {"'it's'", "has a quote within quotes of the same kind"},
        {"two words", "must be a number with its unit, one word, or several words in quotes"},
        {"5 apples", "must be a number with its unit, one word, or several words in quotes"},
        {"999999999999999999999999999", "is a number of more than twelve places or 26 digits"},
        {"0.0000000000001", "is a number of more than twelve places or 26 digits"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct hr_written literal;
        const char *wrong = hr_read_literal(hr_str(rows[i][0]), &literal);
        assert_non_null(wrong);
        assert_string_equal(wrong, rows[i][1]);
    }
}

/* As which unit a literal may stand, and the name of the level that it makes; NULL: as none. */
static void units_fit_or_do_not(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum hr_unit unit;
        const char *level;
    } rows[] = {
        {"80%", HR_UNIT_SHARE, "80pct"},
        {"0.8", HR_UNIT_SHARE, "80pct"},
        {"1", HR_UNIT_SHARE, "100pct"},
        {"-0.5", HR_UNIT_SHARE, "-50pct"},
        {"120%", HR_UNIT_SHARE, "120pct"},
        {"80", HR_UNIT_SHARE, NULL}, /* 80 or 8000 percent? */
        {"-2", HR_UNIT_SHARE, NULL},
        {"3d", HR_UNIT_SHARE, NULL},
        {"30d", HR_UNIT_DAYS, "30d"},
        {"30", HR_UNIT_DAYS, "30d"},
        {"1.5", HR_UNIT_DAYS, NULL},
        {"1.5d", HR_UNIT_DAYS, NULL},
        {"30%", HR_UNIT_DAYS, NULL},
        {"25k USD", HR_UNIT_MONEY, "25000USD"},
        {"25k", HR_UNIT_MONEY, "25000"},
        {"25%", HR_UNIT_MONEY, NULL},
        {"4.5", HR_UNIT_NUMBER, "4.5"},
        {"4%", HR_UNIT_NUMBER, NULL},
        {"big", HR_UNIT_NUMBER, NULL},
    };
    struct hr_arena arena;
    hr_arena_init(&arena);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct hr_written literal;
        assert_null(hr_read_literal(hr_str(rows[i].text), &literal));
        bool fits = hr_fit_unit(rows[i].unit, &literal);
        if (fits != (rows[i].level != NULL) ||
            (fits && !hr_str_is(hr_level_text(&arena, &literal), rows[i].level))) {
            fail_msg("%s", rows[i].text);
        }
    }
    struct hr_written literal;
    assert_null(hr_read_literal(HR_STR("80%"), &literal));
    assert_true(hr_fit_unit(HR_UNIT_TEXT, &literal)); /* text may say anything */
    assert_true(hr_str_is(literal.text, "80%"));
    hr_arena_clean_up(&arena);
}

/* Two places, none, three, four; of a currency that nobody knows two. What is less is cut. */
static void money_is_printed_in_its_places(void **state)
{
    (void)state;
    static const char *const rows[][3] = {
        {"1.239", "USD", "1.23"},
        {"4", "USD", "4.00"},
        {"4.5", "USD", "4.50"},
        {"5.9", "JPY", "5"},
        {"1.5", "BHD", "1.500"},
        {"1.23456", "CLF", "1.2345"},
        {"1.239", "XYZ", "1.23"},
        {"-1.239", "USD", "-1.23"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[HR_DECIMAL_TEXT];
        size_t len = hr_money_print(decimal(rows[i][0]), rows[i][1], text);
        assert_string_equal(text, rows[i][2]);
        assert_int_equal(len, strlen(text));
    }
    assert_int_equal(hr_currency_places("EURO"), -1);
    static const char none[4] = "";
    assert_int_equal(hr_currency_places(none), -1);
    assert_int_equal(hr_currency_places("XYZ"), -1);
    assert_int_equal(hr_currency_places("UYW"), 4);
}

/* At 1.1 to the euro: 5 cents are 5.5, which is 6 away from zero; more than 64 bits is no amount.
 */
static void amounts_are_brought_to_minor_units(void **state)
{
    (void)state;
    struct hr_rate rates[] = {{"EUR", decimal("1.1")}};
    const struct hr_rules rules = {.currency = "USD", .rates = rates, .rate_count = 1};
    static const struct {
        int64_t from;
        const char *currency;
        bool fits;
        int64_t minor;
    } rows[] = {
        {100, "USD", true, 100},
        {100, "EUR", true, 110},
        {5, "EUR", true, 6},
        {-5, "EUR", true, -6},
        {4, "EUR", true, 4},
        {100, "JPY", false, 0},
        {INT64_MAX, "USD", true, INT64_MAX},
        {INT64_MIN, "USD", true, INT64_MIN},
        {INT64_MAX, "EUR", false, 0},
        {INT64_MIN, "EUR", false, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct hr_money money = {.minor = rows[i].from};
        int64_t minor = 0;
        memcpy(money.currency, rows[i].currency, 4);
        assert_int_equal(hr_money_minor(&rules, money, &minor), rows[i].fits);
        assert_int_equal(minor, rows[i].minor);
    }
    int order = 7;
    assert_true(hr_money_compare(&rules, decimal("1"), "EUR", decimal("1.1"), "USD", &order));
    assert_int_equal(order, 0);
    assert_true(hr_money_compare(&rules, decimal("1"), "JPY", decimal("2"), "JPY", &order));
    assert_int_equal(order, -1);
    assert_true(hr_money_compare(&rules, decimal("3"), "JPY", decimal("2"), "", &order));
    assert_int_equal(order, 1);
    assert_false(hr_money_compare(&rules, decimal("1"), "JPY", decimal("1"), "USD", &order));
    assert_false(hr_money_compare(&rules, decimal("1"), "USD", decimal("1"), "JPY", &order));
}

/* A key is the hash of the rule's name, the level and the subscription, one the next one's seed, of
 * the texts as they were before bytes became %XX. */
static void ids_of_triggers_are_read(void **state)
{
    (void)state;
    struct hr_trigger_name name;
    assert_true(hr_trigger_name_parse(HR_STR("happy/acme/4%2E5/2026-10-01#3"), &name));
    assert_int_equal(name.number, 3);
    assert_int_equal(name.date, 20727); /* days since 1970 */
    uint64_t level = hr_hash64(HR_STR("4.5"), hr_hash64(HR_STR("happy"), 0));
    assert_int_equal(name.key, (uint32_t)level);
    assert_true(hr_trigger_name_parse(
        HR_STR("happy/a%20b/4%2E5@s%2F%C3%A4%/2026-10-01#3/resolved"), &name));
    assert_int_equal(name.key, (uint32_t)hr_hash64(HR_STR("s/\xc3\xa4%"), level));
    /* What only looks like a coded byte is none. */
    assert_true(hr_trigger_name_parse(HR_STR("happy/a/4%2/2026-10-01#3"), &name));
    assert_int_equal(name.key, (uint32_t)hr_hash64(HR_STR("4%2"), hr_hash64(HR_STR("happy"), 0)));
    assert_true(hr_trigger_name_parse(HR_STR("happy/a/4%G5%5g/2026-10-01#3"), &name));
    assert_int_equal(
        name.key, (uint32_t)hr_hash64(HR_STR("4%G5%5g"), hr_hash64(HR_STR("happy"), 0)));
    static const char *const none[] = {"", "happy", "happy/a/4", "happy/a/4/2026-13-01#1",
        "happy/a/4/2026-10-01", "happy/a/4/2026-10-01#", "happy/a/4/2026-10-01#x",
        "happy/a/4/2026-10-01#-1", "happy/a/4/2026-10-01#4294967296"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        assert_false(hr_trigger_name_parse(hr_str(none[i]), &name));
    }
}

/* Of a limit of 10: 12 in all of 4 events are 3 on average, which is 30%. Of a limit of nothing
 * nothing is 0, anything more beyond every level; without one it is unknown. */
static void averages_are_shares_of_a_limit(void **state)
{
    (void)state;
    const struct hr_reading mean = {
        .kind = HR_READING_NUMBER, .value = decimal("12"), .of = decimal("4")};
    struct hr_limit_state limit = {decimal("10"), HR_LIMIT_KNOWN};
    const struct hr_rules rules = {.currency = "USD"};
    struct hr_reading share = hr_share_reading(mean, &limit);
    int order = 7;
    assert_true(hr_reading_compare(&rules, &share, decimal("0.3"), "", &order));
    assert_int_equal(order, 0);
    limit.value = HR_DECIMAL_ZERO;
    share = hr_share_reading(mean, &limit);
    assert_true(hr_reading_compare(&rules, &share, decimal("99999"), "", &order));
    assert_int_equal(order, 1);
    limit.kind = HR_LIMIT_UNLIMITED;
    share = hr_share_reading(mean, &limit);
    assert_false(hr_reading_compare(&rules, &share, decimal("0.3"), "", &order));
    /* 26 digits by four are no quantity: as good as nothing of such a limit. */
    limit = (struct hr_limit_state){decimal("99999999999999999999999999"), HR_LIMIT_KNOWN};
    share = hr_share_reading(mean, &limit);
    assert_true(hr_reading_compare(&rules, &share, HR_DECIMAL_ZERO, "", &order));
    assert_int_equal(order, 0);
    assert_int_equal(hr_share_reading(share, &(struct hr_limit_state){0}).kind, HR_READING_UNKNOWN);
}

static void operators_hold_by_the_order(void **state)
{
    (void)state;
    static const char holds[][4] = {
        /* −1, 0, 1 */
        [HR_LESS] = "100",
        [HR_AT_MOST] = "110",
        [HR_EQUAL] = "010",
        [HR_NOT_EQUAL] = "101",
        [HR_AT_LEAST] = "011",
        [HR_MORE] = "001",
    };
    for (int o = 0; o <= HR_MORE; o++) {
        for (int order = -1; order <= 1; order++) {
            assert_int_equal(
                hr_operator_holds((enum hr_operator)o, order), holds[o][order + 1] == '1');
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(literals_are_read),
        cmocka_unit_test(what_is_no_literal_says_why),
        cmocka_unit_test(units_fit_or_do_not),
        cmocka_unit_test(money_is_printed_in_its_places),
        cmocka_unit_test(amounts_are_brought_to_minor_units),
        cmocka_unit_test(ids_of_triggers_are_read),
        cmocka_unit_test(averages_are_shares_of_a_limit),
        cmocka_unit_test(operators_hold_by_the_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
