/* SPDX-License-Identifier: Apache-2.0 */
/* Formats that are data: pointers, notations of time, the presets, JSON in a string, and the lines
 * that are played in virtual time. */
#include "world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static const struct hr_str fields[] = {TEXT("/value"), TEXT("/region")};
static const struct hr_event_type type = {
    .name = TEXT("api.request"), .fields = fields, .field_count = 2};
static const struct hr_rules rules = {.types = &type, .type_count = 1};

static enum hr_reason read_as(
    struct world *world, const struct hr_format *format, const char *value)
{
    return decode_as(world, &rules, format, hr_str(value));
}

/* 2026-11-22T09:14:03.120Z */
#define NOVEMBER INT64_C(1795338843120000)

static void a_line_says_when_it_came_and_hashes_without_it(void **state)
{
    struct world *world = *state;
    struct hr_time now;
    struct hr_format whole = {.shape = HR_SHAPE_FIELDS,
        .id = {TEXT("/id")},
        .type_is = TEXT("api.request"),
        .accounts = {TEXT("/who")}};
    assert_int_equal(hr_decode_line(world->decoder, &whole, &rules,
                         HR_STR("{\"id\":1,\"who\":\"acme\",\"value\":2}"), &world->arena,
                         &world->event, &now, world->detail),
        HR_REASON_NONE);
    assert_true(hr_time_is(now, HR_TIME_NONE));
    uint64_t body = world->event.body;
    assert_int_equal(
        hr_decode_line(world->decoder, &whole, &rules,
            HR_STR("{\"id\":1,\"_now\":\"2026-11-22T09:14:03.12Z\",\"who\":\"acme\", \"value\":2}"),
            &world->arena, &world->event, &now, world->detail),
        HR_REASON_NONE);
    assert_int_equal(now.us, NOVEMBER);
    assert_true(world->event.body == body);
    assert_true(world->event.values[0].number.units == 2000000000000);
    assert_int_equal(hr_decode_line(world->decoder, &whole, &rules,
                         HR_STR("{\"id\":1,\"who\":\"acme\",\"value\":2,\"_now\":12}"),
                         &world->arena, &world->event, &now, world->detail),
        HR_BAD_TIME);
    assert_string_equal(world->detail, "_now: must be RFC 3339, is 12");
    assert_int_equal(hr_decode_line(world->decoder, preset("cloudevents"), &rules,
                         HR_STR("{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":"
                                "\"t\",\"subject\":\"acme\",\"_now\":\"2026-11-22T09:14:03.12Z\"}"),
                         &world->arena, &world->event, &now, world->detail),
        HR_REASON_NONE);
    assert_int_equal(now.us, NOVEMBER);
}

/* --- formats -----------------------------------------------------------------------------------
 */

static void pointers_say_where_the_parts_are(void **state)
{
    struct world *world = *state;
    struct hr_format format = {.shape = HR_SHAPE_FIELDS,
        .id = {TEXT("/meta/id")},
        .source_is = TEXT("shop"),
        .type = TEXT("/kind"),
        .accounts = {TEXT("/org"), TEXT("/user/id")},
        .time = {TEXT("/at")},
        .notation = HR_TIME_UNIX_MS,
        .data = {TEXT("/payload/0")}};
    assert_int_equal(read_as(world, &format,
                         "{\"meta\":{\"id\":17},\"kind\":\"api.request\",\"org\":null,\"user\":"
                         "{\"id\":4711},\"at\":1795338843120,\"payload\":[{\"value\":\"5\"}]}"),
        HR_REASON_NONE);
    assert_text(world->event.account, "4711");
    assert_text(world->event.id, "17");
    assert_text(world->event.source, "shop");
    assert_int_equal(world->event.time.us, NOVEMBER);
    assert_true(world->event.values[0].fits);
    assert_int_equal(
        read_as(world, &format, "{\"meta\":{\"id\":17},\"kind\":\"t\"}"), HR_BAD_EVENT);
    assert_string_equal(world->detail, "no account");
    assert_int_equal(
        read_as(world, &format, "{\"meta\":{\"id\":1},\"kind\":\"t\",\"org\":true}"), HR_BAD_EVENT);
    assert_string_equal(world->detail, "/org: must be a string or a number, is true");
}

static void times_are_read_in_each_notation(void **state)
{
    static const struct {
        enum hr_time_notation notation;
        const char *time;
        int64_t us; /* -1: bad_time */
    } cases[] = {
        {HR_TIME_RFC3339, "\"1970-01-01T00:00:01.5Z\"", 1500000},
        {HR_TIME_RFC3339, "1", -1},
        {HR_TIME_UNIX_S, "1", 1000000},
        {HR_TIME_UNIX_S, "\"1\"", 1000000},
        {HR_TIME_UNIX_S, "1795338843.12", NOVEMBER},
        {HR_TIME_UNIX_S, "\"1795338843.120\"", NOVEMBER},
        {HR_TIME_UNIX_S, "1.79533884312e9", NOVEMBER},
        {HR_TIME_UNIX_S, "0.0000019", 1},
        {HR_TIME_UNIX_S, "-0.0000011", -2},
        {HR_TIME_UNIX_S, "253402300799.999999", INT64_C(253402300799999999)},
        {HR_TIME_UNIX_S, "253402300800", -1},
        {HR_TIME_UNIX_S, "-62135596800", INT64_C(-62135596800000000)},
        {HR_TIME_UNIX_S, "-62135596800.000001", -1},
        {HR_TIME_UNIX_S, "1e400", -1},
        {HR_TIME_UNIX_S, "\"now\"", -1},
        {HR_TIME_UNIX_S, "\"\"", -1},
        {HR_TIME_UNIX_S, "true", -1},
        {HR_TIME_UNIX_S, "\"1970-01-01T00:00:01Z\"", -1},
        {HR_TIME_UNIX_MS, "1795338843120", NOVEMBER},
        {HR_TIME_UNIX_MS, "\"1.5\"", 1500},
        {HR_TIME_ANY, "1795338843.12", NOVEMBER},
        {HR_TIME_ANY, "\"2026-11-22T09:14:03.120Z\"", NOVEMBER},
        {HR_TIME_ANY, "\"2026-11-22\"", -1},
        {HR_TIME_ANY, "[]", -1},
    };
    struct world *world = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct hr_format format = {.shape = HR_SHAPE_FIELDS,
            .id = {TEXT("/id")},
            .type_is = TEXT("t"),
            .accounts = {TEXT("/who")},
            .time = {TEXT("/time")},
            .notation = cases[i].notation};
        struct hr_str value = hr_arena_printf(
            &world->arena, "{\"id\":\"1\",\"who\":\"acme\",\"time\":%s}%c", cases[i].time, 0);
        enum hr_reason reason = read_as(world, &format, value.at);
        if (reason != (cases[i].us == -1 ? HR_BAD_TIME : HR_REASON_NONE)) {
            fail_msg("%s: %s %s", value.at, hr_reason_name(reason), world->detail);
        }
        if (!reason) {
            assert_int_equal(world->event.time.us, cases[i].us);
        }
    }
}

/* One event of each product, in the shape of its documentation. */
static void presets_read_what_products_send(void **state)
{
    static const struct {
        const char *preset, *value, *account, *source, *id;
    } cases[] = {
        {"openmeter",
            "{\"id\":\"01J9\",\"type\":\"api.request\",\"source\":\"gateway\",\"subject\":\"acme\","
            "\"time\":1795338843,\"data\":\"{\\\"value\\\":3,\\\"region\\\":\\\"eu\\\"}\"}",
            "acme", "gateway", "01J9"},
        {"lago",
            "{\"transaction_id\":\"tx-1\",\"external_subscription_id\":\"sub-1\","
            "\"external_customer_id\":\"acme\",\"code\":\"api.request\",\"timestamp\":"
            "\"1795338843.000\",\"properties\":{\"value\":3,\"region\":\"eu\"}}",
            "acme", "lago", "tx-1"},
        {"lago",
            "{\"transaction_id\":\"tx-1\",\"external_subscription_id\":\"sub-1\",\"code\":"
            "\"api.request\",\"timestamp\":1795338843,\"properties\":{\"value\":\"3\",\"region\":"
            "\"eu\"}}",
            "sub-1", "lago", "tx-1"},
        {"stripe_meter",
            "{\"event_name\":\"api.request\",\"identifier\":\"idmp_1\",\"timestamp\":"
            "\"2026-11-22T09:14:03.000Z\",\"payload\":{\"stripe_customer_id\":\"cus_1\",\"value\":"
            "\"3\",\"region\":\"eu\"}}",
            "cus_1", "stripe_meter", "idmp_1"},
        {"stripe_meter",
            "{\"event_name\":\"api.request\",\"identifier\":\"idmp_1\",\"timestamp\":1795338843,"
            "\"payload\":{\"stripe_customer_id\":\"cus_1\",\"value\":\"3\",\"region\":\"eu\"}}",
            "cus_1", "stripe_meter", "idmp_1"},
        {"metronome",
            "{\"transaction_id\":\"2026-11\",\"customer_id\":\"acme@example.com\",\"event_type\":"
            "\"api.request\",\"timestamp\":\"2026-11-22T09:14:03+00:00\",\"properties\":{\"value\":"
            "\"3\",\"region\":\"eu\"}}",
            "acme@example.com", "metronome", "2026-11"},
        {"orb",
            "{\"event_name\":\"api.request\",\"idempotency_key\":\"k1\",\"timestamp\":"
            "\"2026-11-22T09:14:03Z\",\"external_customer_id\":\"acme\",\"properties\":{\"value\":"
            "3,"
            "\"region\":\"eu\"}}",
            "acme", "orb", "k1"},
        {"orb",
            "{\"event_name\":\"api.request\",\"idempotency_key\":\"k1\",\"timestamp\":"
            "\"2026-11-22T09:14:03Z\",\"customer_id\":\"o7\",\"external_customer_id\":null,"
            "\"properties\":{\"value\":3,\"region\":\"eu\"}}",
            "o7", "orb", "k1"},
        {"flexprice",
            "{\"event_name\":\"api.request\",\"event_id\":\"e1\",\"external_customer_id\":\"acme\","
            "\"timestamp\":\"2026-11-22T09:14:03Z\",\"source\":\"app\",\"properties\":{\"value\":3,"
            "\"region\":\"eu\"}}",
            "acme", "app", "e1"},
        {"flexprice",
            "{\"event_name\":\"api.request\",\"event_id\":\"e1\",\"external_customer_id\":\"acme\","
            "\"timestamp\":\"2026-11-22T09:14:03Z\",\"properties\":{\"value\":3,\"region\":\"eu\"}"
            "}",
            "acme", "flexprice", "e1"},
    };
    struct world *world = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (read_as(world, preset(cases[i].preset), cases[i].value)) {
            fail_msg("%s: %s", cases[i].preset, world->detail);
        }
        assert_text(world->event.account, cases[i].account);
        assert_text(world->event.source, cases[i].source);
        assert_text(world->event.id, cases[i].id);
        assert_int_equal(world->event.time.us, NOVEMBER - 120000);
        assert_non_null(world->event.usage);
        assert_true(world->event.values[0].number.units == 3000000000000);
        assert_text(world->event.values[1].text, "eu");
    }
    const struct hr_format *all;
    assert_int_equal(hr_format_presets(&all), 11);
    assert_null(hr_format_preset(HR_STR("cloudevent")));
}

static void json_in_a_string_is_judged_like_any_other(void **state)
{
    static const struct {
        const char *data;
        enum hr_reason reason;
        const char *detail;
    } cases[] = {
        {"\"{\\\"value\\\":3}\"", HR_REASON_NONE, ""},
        {"\"\"", HR_REASON_NONE, ""},
        {"null", HR_REASON_NONE, ""},
        {"\"null\"", HR_REASON_NONE, ""},
        {"{\"value\":3}", HR_BAD_EVENT, "data: must be JSON in a string, is {"},
        {"\"{\\\"value\\\":03}\"", HR_BAD_JSON, "data, byte 9: this is no number"},
        {"\"{\\\"value\\\":3\"", HR_BAD_JSON, "data, byte 10: a comma or } was expected"},
        {"\"{\\\"value\\\":\\\"\\u0001\\\"}\"", HR_BAD_JSON, "control character"},
    };
    struct world *world = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct hr_str value = hr_arena_printf(&world->arena,
            "{\"id\":\"1\",\"type\":\"api.request\",\"source\":\"s\",\"subject\":\"acme\",\"time\":"
            "1,"
            "\"data\":%s}%c",
            cases[i].data, 0);
        enum hr_reason reason = read_as(world, preset("openmeter"), value.at);
        if (reason != cases[i].reason || !strstr(world->detail, cases[i].detail)) {
            fail_msg("%s: %s %s", cases[i].data, hr_reason_name(reason), world->detail);
        }
    }
    /* White space inside the inner text is as insignificant as outside. */
    assert_int_equal(
        read_as(world, preset("openmeter"),
            "{\"id\":\"1\",\"type\":\"api.request\",\"source\":\"s\",\"subject\":\"a\","
            "\"data\":\"{\\\"value\\\":3}\"}"),
        HR_REASON_NONE);
    uint64_t body = world->event.body;
    assert_int_equal(
        read_as(world, preset("openmeter"),
            "{\"id\":\"1\",\"type\":\"api.request\",\"source\":\"s\",\"subject\":\"a\","
            "\"data\":\"{ \\\"value\\\": 3}\\n\"}"),
        HR_REASON_NONE);
    assert_true(world->event.body == body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_says_when_it_came_and_hashes_without_it),
        cmocka_unit_test(pointers_say_where_the_parts_are),
        cmocka_unit_test(times_are_read_in_each_notation),
        cmocka_unit_test(presets_read_what_products_send),
        cmocka_unit_test(json_in_a_string_is_judged_like_any_other),
    };
    return cmocka_run_group_tests(tests, world_make, world_drop);
}
