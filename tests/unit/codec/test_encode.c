/* SPDX-License-Identifier: Apache-2.0 */
/* Triggers out: the whole line, the figures in it, and ids that hold any name. */
#define _GNU_SOURCE
#include "headroom/codec.h"
#include "reference.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define TEXT(text)                                                                                 \
    {                                                                                              \
        (text), sizeof(text) - 1                                                                   \
    }
#define QUANTITY(trillionths)                                                                      \
    {                                                                                              \
        (__int128)(trillionths)                                                                    \
    }
#define WHOLE(units)                                                                               \
    {                                                                                              \
        (__int128)(units)*1000000000000                                                            \
    }

static const struct hr_meter meters[] = {{.name = TEXT("contacts")}};
static const struct hr_signal signals[] = {
    {.kind = HR_SIGNAL_USED, .unit = HR_UNIT_SHARE, .text = TEXT("meter.contacts.used")},
    {.kind = HR_SIGNAL_RENEWAL_DAYS, .unit = HR_UNIT_DAYS, .text = TEXT("renewal.days_left")},
    {.kind = HR_SIGNAL_ATTRIBUTE,
        .unit = HR_UNIT_MONEY,
        .text = TEXT("account.arr"),
        .attribute = TEXT("arr")},
    {.kind = HR_SIGNAL_METER, .unit = HR_UNIT_NUMBER, .text = TEXT("meter.contacts.period")},
};
static const struct hr_rules rules = {.epoch = 3, .signals = signals, .meters = meters};

static const struct hr_rule_level share = {QUANTITY(800000000000), TEXT("80pct"), ""};
static const struct hr_rule_level days = {WHOLE(60), TEXT("60d"), ""};
static const struct hr_rule_level money = {WHOLE(25000), TEXT("25000USD"), "USD"};
static const struct hr_rule_level number = {QUANTITY(-1500000000000), TEXT("-1.5"), ""};

static const struct hr_rule capacity = {
    .name = TEXT("capacity"), .signal = 0, .direction = HR_UP, .category = HR_UPSELL};
static const struct hr_rule renewal = {.name = TEXT("renewal"),
    .signal = 1,
    .direction = HR_DOWN,
    .category = HR_RENEWAL,
    .shadow = true};
static const struct hr_rule large = {
    .name = TEXT("large"), .signal = 2, .direction = HR_UP, .category = HR_CROSS_SELL};
static const struct hr_rule few = {
    .name = TEXT("few \"contacts\""), .signal = 3, .direction = HR_DOWN, .category = HR_RISK};

#define NOVEMBER_22                                                                                \
    {                                                                                              \
        INT64_C(1795338843120000)                                                                  \
    }
#define NOVEMBER_1 20758 /* 56 years, 14 leap days, 304 days */

static const struct hr_trigger fired = {.kind = HR_FIRED,
    .rules = &rules,
    .rule = &capacity,
    .level = &share,
    .account = TEXT("acme"),
    .known = true,
    .value = QUANTITY(841278999999),
    .has_previous = true,
    .previous = QUANTITY(799999999999),
    .has_meter = true,
    .meter_value = QUANTITY(4206394999995000),
    .has_limit = true,
    .limit = WHOLE(5000),
    .cause = HR_CAUSE_USAGE,
    .episode = 2,
    .date = NOVEMBER_1,
    .number = 1,
    .event_time = {INT64_C(1795338843000000)},
    .ingested = {INT64_C(1795338843119500)},
    .decided = NOVEMBER_22};

static int make(void **state)
{
    struct hr_arena *arena = hr_alloc(sizeof *arena);
    hr_arena_init(arena);
    *state = arena;
    return 0;
}

static int drop(void **state)
{
    hr_arena_clean_up(*state);
    hr_free(*state);
    return 0;
}

static struct hr_str encode(struct hr_arena *arena, const struct hr_trigger *trigger)
{
    struct hr_buffer buffer = {0};
    hr_encode_trigger(trigger, arena, &buffer);
    struct hr_str line = hr_arena_copy(arena, hr_buffer_str(&buffer));
    hr_buffer_clean_up(&buffer);
    assert_true(reference_accepts(line));
    assert_null(memchr(line.at, '\n', line.len));
    return line;
}

static void assert_line(void **state, const struct hr_trigger *trigger, const char *expected)
{
    struct hr_str line = encode(*state, trigger);
    if (!hr_str_is(line, expected)) {
        fail_msg("\n%.*s is not\n%s", (int)line.len, line.at, expected);
    }
}

/* CONFIG's own example, and one that may never come to its limit. */
static void a_forecast_has_an_interval(void **state)
{
    struct hr_trigger trigger = fired;
    trigger.forecast = (struct hr_forecast){.known = true, .days = 57, .low = 49, .high = 70};
    assert_non_null(strstr(encode(*state, &trigger).at,
        "\"share\":\"84.12%\"},\"forecast\":{\"days_to_limit\":57,\"low\":49,\"high\":70},"));
    trigger.forecast.open = true;
    assert_non_null(strstr(encode(*state, &trigger).at,
        "\"forecast\":{\"days_to_limit\":57,\"low\":49,\"high\":null},"));
}

static void a_share_that_fired(void **state)
{
    assert_line(state, &fired,
        "{\"specversion\":\"1.0\",\"id\":\"capacity/acme/80pct/2026-11-01#1\",\"source\":"
        "\"/headroom\",\"type\":\"headroom.trigger.fired\",\"subject\":\"acme\",\"time\":"
        "\"2026-11-22T09:14:03.120Z\",\"datacontenttype\":\"application/json\",\"data\":{\"rule\":"
        "\"capacity\",\"category\":\"upsell\",\"mode\":\"live\",\"signal\":\"meter.contacts.used\","
        "\"level\":\"80%\",\"direction\":\"up\",\"value\":\"84.12%\",\"previous\":\"79.99%\","
        "\"cause\":\"usage\",\"episode\":2,\"rules_epoch\":3,\"meter\":{\"name\":\"contacts\","
        "\"value\":\"4206.394999995\",\"limit\":\"5000\",\"share\":\"84.12%\"},\"times\":{"
        "\"event\":"
        "\"2026-11-22T09:14:03.000Z\",\"ingested\":\"2026-11-22T09:14:03.119500Z\",\"decided\":"
        "\"2026-11-22T09:14:03.120Z\"}}}");
}

static void a_renewal_by_time_alone(void **state)
{
    struct hr_trigger trigger = {.kind = HR_FIRED,
        .rules = &rules,
        .rule = &renewal,
        .level = &days,
        .account = TEXT("acme"),
        .subscription = TEXT("sub/1"),
        .has_subscription = true,
        .known = true,
        .value = WHOLE(57),
        .cause = HR_CAUSE_TIME,
        .late = true,
        .episode = 1,
        .date = NOVEMBER_1,
        .number = 12,
        .event_time = {INT64_MIN},
        .ingested = {INT64_MIN},
        .decided = NOVEMBER_22};
    assert_line(state, &trigger,
        "{\"specversion\":\"1.0\",\"id\":\"renewal/acme/60d@sub%2F1/2026-11-01#12\",\"source\":"
        "\"/headroom\",\"type\":\"headroom.trigger.fired\",\"subject\":\"acme\",\"time\":"
        "\"2026-11-22T09:14:03.120Z\",\"datacontenttype\":\"application/json\",\"data\":{\"rule\":"
        "\"renewal\",\"category\":\"renewal\",\"mode\":\"shadow\",\"signal\":\"renewal.days_left\","
        "\"level\":\"60d\",\"direction\":\"down\",\"value\":\"57\",\"previous\":null,\"cause\":"
        "\"time\",\"late\":true,\"episode\":1,\"rules_epoch\":3,\"subscription\":\"sub/"
        "1\",\"times\":"
        "{\"event\":null,\"ingested\":null,\"decided\":\"2026-11-22T09:14:03.120Z\"}}}");
}

static void money_that_came_back(void **state)
{
    struct hr_trigger trigger = {.kind = HR_RESOLVED,
        .rules = &rules,
        .rule = &large,
        .level = &money,
        .account = TEXT("acme"),
        .known = true,
        .value = QUANTITY(24999990000000000),
        .currency = "EUR",
        .has_previous = true,
        .previous = WHOLE(30000),
        .previous_currency = "EUR",
        .resolution = HR_SIGNAL_RETURNED,
        .episode = 1,
        .date = NOVEMBER_1,
        .number = 1,
        .event_time = NOVEMBER_22,
        .ingested = NOVEMBER_22,
        .decided = NOVEMBER_22};
    assert_line(state, &trigger,
        "{\"specversion\":\"1.0\",\"id\":\"large/acme/25000USD/2026-11-01#1/resolved\",\"source\":"
        "\"/headroom\",\"type\":\"headroom.trigger.resolved\",\"subject\":\"acme\",\"time\":"
        "\"2026-11-22T09:14:03.120Z\",\"datacontenttype\":\"application/json\",\"data\":{\"rule\":"
        "\"large\",\"category\":\"cross-sell\",\"mode\":\"live\",\"signal\":\"account.arr\","
        "\"level\":\"25000 "
        "USD\",\"direction\":\"up\",\"value\":\"24999.99\",\"previous\":\"30000\","
        "\"currency\":\"EUR\",\"reason\":\"signal_returned\",\"episode\":1,\"rules_epoch\":3,"
        "\"times\":{\"event\":\"2026-11-22T09:14:03.120Z\",\"ingested\":"
        "\"2026-11-22T09:14:03.120Z\",\"decided\":\"2026-11-22T09:14:03.120Z\"}}}");
    memcpy(trigger.previous_currency, "USD", 4);
    assert_non_null(strstr(encode(*state, &trigger).at,
        "\"value\":\"24999.99\",\"previous\":\"30000\",\"currency\":\"EUR\","
        "\"previous_currency\":\"USD\",\"reason\""));
    trigger.known = false; /* nobody tells it any more */
    trigger.currency[0] = '\0';
    assert_non_null(strstr(encode(*state, &trigger).at,
        "\"value\":null,\"previous\":\"30000\",\"currency\":null,\"previous_currency\":"
        "\"USD\",\"reason\""));
}

static void what_is_estimated_says_how_well(void **state)
{
    struct hr_trigger trigger = fired;
    assert_null(strstr(encode(*state, &trigger).at, "approximate"));
    trigger.approximate = true;
    assert_non_null(
        strstr(encode(*state, &trigger).at, ",\"approximate\":true,\"error\":\"1.15%\"}"));
    trigger.sampled = true; /* its trend is what fired */
    assert_non_null(strstr(encode(*state, &trigger).at, ",\"approximate\":true,\"error\":\"5%\"}"));
}

static void a_volume_without_a_limit_and_with_hostile_names(void **state)
{
    struct hr_trigger trigger = fired;
    trigger.rule = &few;
    trigger.level = &number;
    trigger.kind = HR_RESOLVED;
    trigger.resolution = HR_SUBSCRIPTION_ENDED;
    trigger.account = (struct hr_str)TEXT("a\"c\\m\n\0\x1B[31m{7}<script>\x7F\xC3\xA9/..");
    trigger.known = trigger.has_previous = trigger.has_limit = false;
    trigger.meter_value = (struct hr_decimal)WHOLE(3);
    trigger.approximate = true;
    assert_line(state, &trigger,
        "{\"specversion\":\"1.0\",\"id\":\"few%20%22contacts%22/"
        "a%22c%5Cm%0A%00%1B%5B31m%7B7%7D%3Cscript%3E%7F%C3%A9%2F%2E%2E/-1%2E5/2026-11-01#1/"
        "resolved\""
        ",\"source\":\"/headroom\",\"type\":\"headroom.trigger.resolved\",\"subject\":"
        "\"a\\\"c\\\\m\\u000a\\u0000\\u001b[31m{7}<script>\\u007f\xC3\xA9/..\",\"time\":"
        "\"2026-11-22T09:14:03.120Z\",\"datacontenttype\":\"application/json\",\"data\":{\"rule\":"
        "\"few \\\"contacts\\\"\",\"category\":\"risk\",\"mode\":\"live\",\"signal\":"
        "\"meter.contacts.period\",\"level\":\"-1.5\",\"direction\":\"down\",\"value\":null,"
        "\"previous\":null,\"reason\":\"subscription_ended\",\"episode\":2,\"rules_epoch\":3,"
        "\"meter\":{\"name\":\"contacts\",\"value\":\"3\",\"limit\":null,\"share\":null,"
        "\"approximate\":true,\"error\":\"1.15%\"},\"times\":{\"event\":\"2026-11-22T09:14:03."
        "000Z\",\"ingested\":"
        "\"2026-11-22T09:14:03.119500Z\",\"decided\":\"2026-11-22T09:14:03.120Z\"}}}");
}

static void shares_are_cut_after_four_places(void **state)
{
    static const struct {
        struct hr_decimal value;
        const char *shown;
    } shares[] = {
        {QUANTITY(840000000000), "\"value\":\"84%\""},
        {QUANTITY(841000000000), "\"value\":\"84.1%\""},
        {QUANTITY(840100000000), "\"value\":\"84.01%\""},
        {QUANTITY(799999999999), "\"value\":\"79.99%\""},
        {QUANTITY(999999999999), "\"value\":\"99.99%\""},
        {WHOLE(1), "\"value\":\"100%\""},
        {QUANTITY(10500000000000), "\"value\":\"1050%\""},
        {QUANTITY(99999999), "\"value\":\"0%\""},
        {QUANTITY(100000000), "\"value\":\"0.01%\""},
        {QUANTITY(0), "\"value\":\"0%\""},
        {QUANTITY(-99999999), "\"value\":\"0%\""},
        {QUANTITY(-250000000000), "\"value\":\"-25%\""},
        {QUANTITY(-129999999999), "\"value\":\"-12.99%\""},
        {{((__int128)1000000000000000000 * 100000000 - 1) * 1000000000000},
            "\"value\":\"9999999999999999999999999900%\""},
    };
    for (size_t i = 0; i < sizeof shares / sizeof *shares; i++) {
        struct hr_trigger trigger = fired;
        trigger.value = shares[i].value;
        struct hr_str line = encode(*state, &trigger);
        if (!memmem(line.at, line.len, shares[i].shown, strlen(shares[i].shown))) {
            fail_msg("%s is not in %.*s", shares[i].shown, (int)line.len, line.at);
        }
    }
}

static void limits_of_nothing_and_without_end(void **state)
{
    static const struct {
        bool unlimited, unknown;
        struct hr_decimal value, limit;
        const char *shown;
    } limits[] = {
        {false, false, WHOLE(0), WHOLE(0), "\"value\":\"0\",\"limit\":\"0\",\"share\":\"0%\""},
        {false, false, WHOLE(1), WHOLE(0), "\"value\":\"1\",\"limit\":\"0\",\"share\":null"},
        {false, false, WHOLE(-1), WHOLE(0), "\"value\":\"-1\",\"limit\":\"0\",\"share\":\"0%\""},
        {true, false, WHOLE(1), WHOLE(0), "\"value\":\"1\",\"limit\":\"unlimited\",\"share\":null"},
        {false, true, WHOLE(0), WHOLE(5), "\"value\":null,\"limit\":\"5\",\"share\":null"},
        {false, false, WHOLE(2), WHOLE(3), "\"value\":\"2\",\"limit\":\"3\",\"share\":\"66.66%\""},
    };
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        struct hr_trigger trigger = fired;
        trigger.unlimited = limits[i].unlimited;
        trigger.meter_unknown = limits[i].unknown;
        trigger.meter_value = limits[i].value;
        trigger.limit = limits[i].limit;
        struct hr_str line = encode(*state, &trigger);
        if (!memmem(line.at, line.len, limits[i].shown, strlen(limits[i].shown))) {
            fail_msg("%s is not in %.*s", limits[i].shown, (int)line.len, line.at);
        }
    }
}

/* Every byte of a part but A–Z a–z 0–9 _ ~ @ : + - is %XX, so that an id never splits elsewhere. */
static void every_byte_of_a_name_has_one_form_in_an_id(void **state)
{
    static const char kept[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_~@:+-";
    for (int byte = 0; byte < 256; byte++) {
        char c = (char)byte, expected[64];
        struct hr_trigger trigger = fired;
        trigger.account = (struct hr_str){&c, 1};
        if (c != '\0' && strchr(kept, c)) {
            snprintf(expected, sizeof expected, "capacity/%c/80pct/2026-11-01#1", c);
        } else {
            snprintf(expected, sizeof expected, "capacity/%%%02X/80pct/2026-11-01#1", byte);
        }
        assert_true(hr_str_is(hr_trigger_id(&trigger, *state), expected));
    }
}

/* The digests are sha256sum's of 101 and 65,536 times the letter a. */
static void long_names_are_a_head_and_a_hash(void **state)
{
    static const struct {
        size_t len;
        const char *account;
    } names[] = {
        {100, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
              "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
        {101, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
              "9d0793397991b57a99a07c6e6b4a92ba"},
        {65536, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                "bf718b6f653bebc184e1479f1935b8da"},
    };
    char *name = hr_alloc(65536);
    memset(name, 'a', 65536);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char expected[256];
        struct hr_trigger trigger = fired;
        trigger.account = (struct hr_str){name, names[i].len};
        snprintf(expected, sizeof expected, "capacity/%s/80pct/2026-11-01#1", names[i].account);
        assert_true(hr_str_is(hr_trigger_id(&trigger, *state), expected));
    }
    hr_free(name);
}

/* The hour is that of the wall clock, in UTC; the rule's name is coded as in ids of triggers. */
static void operators_are_told_of_brakes_and_of_silence(void **state)
{
    (void)state;
    struct hr_arena arena;
    struct hr_buffer text = {0};
    struct hr_notice notice = {
        .about = HR_STR("full.up"), .partition = 3, .accounts = 500, .within_us = 10 * HR_MINUTE};
    assert_true(hr_time_parse(HR_STR("2026-11-22T14:05:09.5Z"), &notice.time));
    hr_arena_init(&arena);
    hr_encode_notice(&notice, &arena, &text);
    hr_put_u8(&text, 0);
    assert_string_equal((const char *)text.at,
        "{\"specversion\":\"1.0\",\"id\":\"brake/full%2Eup/2026-11-22T14\",\"source\":\"/"
        "headroom\","
        "\"type\":\"headroom.operator.brake\",\"time\":\"2026-11-22T14:05:09.500Z\","
        "\"datacontenttype\":\"application/json\",\"data\":{\"rule\":\"full.up\",\"partition\":3,"
        "\"accounts\":500,\"within\":\"10m\"}}");
    hr_buffer_clear(&text);
    notice.kind = HR_NOTICE_SILENT;
    notice.about = HR_STR("usage");
    hr_encode_notice(&notice, &arena, &text);
    hr_put_u8(&text, 0);
    assert_string_equal((const char *)text.at,
        "{\"specversion\":\"1.0\",\"id\":\"silent/usage/2026-11-22T14\",\"source\":\"/headroom\","
        "\"type\":\"headroom.operator.source_silent\",\"time\":\"2026-11-22T14:05:09.500Z\","
        "\"datacontenttype\":\"application/json\",\"data\":{\"topic\":\"usage\",\"partition\":3,"
        "\"silent_after\":\"10m\"}}");
    hr_buffer_clean_up(&text);
    hr_arena_clean_up(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_share_that_fired),
        cmocka_unit_test(a_forecast_has_an_interval),
        cmocka_unit_test(a_renewal_by_time_alone),
        cmocka_unit_test(money_that_came_back),
        cmocka_unit_test(what_is_estimated_says_how_well),
        cmocka_unit_test(a_volume_without_a_limit_and_with_hostile_names),
        cmocka_unit_test(shares_are_cut_after_four_places),
        cmocka_unit_test(limits_of_nothing_and_without_end),
        cmocka_unit_test(every_byte_of_a_name_has_one_form_in_an_id),
        cmocka_unit_test(long_names_are_a_head_and_a_hash),
        cmocka_unit_test(operators_are_told_of_brakes_and_of_silence),
    };
    return cmocka_run_group_tests(tests, make, drop);
}
