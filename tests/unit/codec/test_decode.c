/* SPDX-License-Identifier: Apache-2.0 */
/* Records to events: both modes of CloudEvents; what is refused and why; which events count
 * as the same. */
#include "headroom/log.h"
#include "json_cases.h"
#include "reference.h"
#include "world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct hr_str fields[] = {
    {"/value", 6}, {"/region", 7}, {"/deep/list/1", 12}, {"/status", 7}, {"", 0}};
static const struct hr_event_type types[] = {
    {.name = {"seat.used", 9}},
    {.name = {"api.request", 11}, .fields = fields, .field_count = 5},
};
static const struct hr_rules rules = {.types = types, .type_count = 2};

static enum hr_reason decode(struct world *world, const char *value)
{
    return decode_as(world, &rules, preset("cloudevents"), hr_str(value));
}

/* 2026-11-22T09:14:03.120Z */
#define NOVEMBER INT64_C(1795338843120000)

static void a_structured_event_is_read_whole(void **state)
{
    struct world *world = *state;
    assert_int_equal(
        decode(world, "{\"specversion\":\"1.0\",\"id\":\"e\\u00e9-1\",\"source\":\"/crm\","
                      "\"type\":\"api.request\",\"subject\":\"ac\\u0000me\",\"extension\":[1],"
                      "\"time\":\"2026-11-22T10:14:03.120+01:00\",\"data\":{\"value\":0.10,"
                      "\"region\":\"12.5\",\"deep\":{\"list\":[0,true]},\"status\":1e400}}"),
        HR_REASON_NONE);
    const struct hr_event *event = &world->event;
    assert_int_equal(event->account.len, 5);
    assert_memory_equal(event->account.at, "ac\0me", 5);
    assert_text(event->source, "/crm");
    assert_text(event->id, "e\xC3\xA9-1");
    assert_text(event->type, "api.request");
    assert_int_equal(event->time.us, NOVEMBER);
    assert_ptr_equal(event->usage, &types[1]);
    assert_null(event->fact);

    assert_int_equal(event->values[0].kind, HR_VALUE_NUMBER);
    assert_true(event->values[0].fits);
    assert_true(event->values[0].number.units == 100000000000);
    assert_text(event->values[0].text, "0.10");
    assert_int_equal(event->values[1].kind, HR_VALUE_STRING);
    assert_true(event->values[1].fits);
    assert_true(event->values[1].number.units == 12500000000000);
    assert_text(event->values[1].text, "12.5");
    assert_int_equal(event->values[2].kind, HR_VALUE_BOOL);
    assert_true(event->values[2].flag);
    assert_int_equal(event->values[3].kind, HR_VALUE_NUMBER);
    assert_false(event->values[3].fits);
    assert_true(event->values[3].overflows);
    assert_int_equal(event->values[4].kind, HR_VALUE_OTHER);
}

static void what_an_event_does_not_have_is_missing(void **state)
{
    struct world *world = *state;
    assert_int_equal(
        decode(world,
            "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":"
            "\"api.request\",\"subject\":\"acme\",\"time\":null,\"data\":{\"value\":null}}"),
        HR_REASON_NONE);
    assert_true(hr_time_is(world->event.time, HR_TIME_NONE));
    assert_int_equal(world->event.values[0].kind, HR_VALUE_NULL);
    assert_int_equal(world->event.values[1].kind, HR_VALUE_MISSING);
    assert_int_equal(world->event.values[2].kind, HR_VALUE_MISSING);
    assert_int_equal(
        decode(world, "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":"
                      "\"api.request\",\"subject\":\"acme\"}"),
        HR_REASON_NONE);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(world->event.values[i].kind, HR_VALUE_MISSING);
    }
}

static void a_type_that_nothing_names_is_no_error(void **state)
{
    struct world *world = *state;
    assert_int_equal(
        decode(world, "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"other\","
                      "\"subject\":\"acme\",\"data\":{\"value\":\"x\"}}"),
        HR_REASON_NONE);
    assert_null(world->event.usage);
    assert_null(world->event.values);
    assert_null(world->event.fact);
}

#define HEAD "\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"api.request\""

static void what_is_no_event_is_refused_with_a_reason(void **state)
{
    static const struct {
        const char *value;
        enum hr_reason reason;
        const char *detail;
        bool account;
    } cases[] = {
        {"", HR_BAD_JSON, "value, byte 0: there is nothing", false},
        {"{" HEAD ",\"subject\":\"acme\"", HR_BAD_JSON, "a comma or } was expected", false},
        {"{" HEAD ",\"subject\":\"acme\",\"skipped\":tru}", HR_BAD_JSON, "a value was", false},
        {"{" HEAD ",\"subject\":\"acme\",\"data\":{\"value\":01}}", HR_BAD_JSON, "no number",
            false},
        {"{" HEAD ",\"subject\":\"acme\",\"data\":{\"x\":\"\xED\xA0\x80\"}}", HR_BAD_JSON,
            "not UTF-8", false},
        {"[]", HR_BAD_EVENT, "not an object", false},
        {"\"{}\"", HR_BAD_EVENT, "not an object", false},
        {"null", HR_BAD_EVENT, "not an object", false},
        {"{}", HR_BAD_EVENT, "no specversion", false},
        {"{\"id\":\"1\",\"source\":\"s\",\"type\":\"t\",\"subject\":\"acme\"}", HR_BAD_EVENT,
            "no specversion", true},
        {"{\"specversion\":\"0.3\",\"id\":\"1\",\"source\":\"s\",\"type\":\"t\",\"subject\":"
         "\"acme\"}",
            HR_BAD_EVENT, "specversion: must be 1.0, is 0.3", true},
        {"{\"specversion\":1.0,\"id\":\"1\",\"source\":\"s\",\"type\":\"t\",\"subject\":\"acme\"}",
            HR_BAD_EVENT, "specversion: must be a string, is 1.0", true},
        {"{" HEAD "}", HR_BAD_EVENT, "no account", false},
        {"{" HEAD ",\"subject\":null}", HR_BAD_EVENT, "no account", false},
        {"{" HEAD ",\"subject\":\"\"}", HR_BAD_EVENT, "empty account", true},
        {"{" HEAD ",\"subject\":42}", HR_BAD_EVENT, "subject: must be a string, is 42", false},
        {"{\"specversion\":\"1.0\",\"source\":\"s\",\"type\":\"t\",\"subject\":\"acme\"}",
            HR_BAD_EVENT, "no id", true},
        {"{\"specversion\":\"1.0\",\"id\":\"\",\"source\":\"s\",\"type\":\"t\",\"subject\":"
         "\"acme\"}",
            HR_BAD_EVENT, "empty id", true},
        {"{\"specversion\":\"1.0\",\"id\":7,\"source\":\"s\",\"type\":\"t\",\"subject\":\"acme\"}",
            HR_BAD_EVENT, "id: must be a string, is 7", true},
        {"{\"specversion\":\"1.0\",\"id\":\"1\",\"type\":\"t\",\"subject\":\"acme\"}", HR_BAD_EVENT,
            "no source", true},
        {"{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"subject\":\"acme\"}",
            HR_BAD_EVENT, "no type", true},
        {"{" HEAD ",\"subject\":\"acme\",\"time\":\"yesterday\"}", HR_BAD_TIME,
            "time: must be RFC 3339, is yesterday", true},
        {"{" HEAD ",\"subject\":\"acme\",\"time\":1795338843}", HR_BAD_TIME,
            "time: must be RFC 3339, is 1795338843", true},
        {"{" HEAD ",\"subject\":\"acme\",\"time\":\"2026-11-22T09:14:03\"}", HR_BAD_TIME,
            "RFC 3339", true},
        {"{" HEAD ",\"subject\":\"acme\",\"time\":\"2026-02-30T09:14:03Z\"}", HR_BAD_TIME,
            "RFC 3339", true},
        {"{" HEAD ",\"subject\":\"acme\",\"time\":\"\"}", HR_BAD_TIME, "RFC 3339", true},
        /* of equal keys the last one counts */
        {"{" HEAD ",\"subject\":\"acme\",\"id\":\"\"}", HR_BAD_EVENT, "empty id", true},
        {"{" HEAD ",\"subject\":\"other\",\"subject\":\"acme\",\"time\":\"\"}", HR_BAD_TIME,
            "RFC 3339", true},
    };
    struct world *world = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        enum hr_reason reason = decode(world, cases[i].value);
        if (reason != cases[i].reason || !strstr(world->detail, cases[i].detail)) {
            fail_msg("%s: %s, %s", cases[i].value, hr_reason_name(reason), world->detail);
        }
        assert_int_equal(world->event.account.at != NULL, cases[i].account);
        if (cases[i].account && world->event.account.len > 0) {
            assert_text(world->event.account, "acme");
        }
    }
}

#define HEADER(name, value)                                                                        \
    {                                                                                              \
        TEXT(name), TEXT(value)                                                                    \
    }
#define TEXT(text)                                                                                 \
    {                                                                                              \
        (text), sizeof(text) - 1                                                                   \
    }

static const struct hr_header binary[] = {
    HEADER("ce_specversion", "1.0"),
    HEADER("ce_id", "e\xC3\xA9-1"),
    HEADER("ce_source", "/crm"),
    HEADER("ce_type", "api.request"),
    HEADER("ce_subject", "acme"),
    HEADER("ce_time", "2026-11-22T09:14:03.120Z"),
    HEADER("traceparent", "00-0af7651916cd43dd8448eb211c80319c"),
};

/* One verdict for a text in an attribute that nobody reads, in a field that a meter reads, in one
 * that none does and as binary data. */
static void json_is_judged_in_fields_read_and_unread(void **state)
{
    static const struct hr_str around[][2] = {
        {TEXT("{" HEAD ",\"subject\":\"acme\",\"unread\":"), TEXT(",\"data\":{\"value\":1}}")},
        {TEXT("{" HEAD ",\"subject\":\"acme\",\"data\":{\"unread\":"), TEXT(",\"value\":1}}")},
        {TEXT("{" HEAD ",\"subject\":\"acme\",\"data\":{\"value\":"), TEXT("}}")},
        {TEXT("{" HEAD ",\"subject\":\"acme\",\"data\":"), TEXT("}")},
    };
    struct world *world = *state;
    for (size_t i = 0; i < JSON_CASES; i++) {
        hr_arena_reset(&world->arena);
        for (size_t j = 0; j < sizeof around / sizeof *around; j++) {
            const struct hr_str *parts[] = {&around[j][0], &json_cases[i].text, &around[j][1]};
            char *text = hr_arena_take(&world->arena, 1024);
            size_t len = 0;
            for (int k = 0; k < 3; len += parts[k++]->len) {
                memcpy(text + len, parts[k]->at, parts[k]->len);
            }
            struct hr_log_record record = {.value = {text, len}};
            enum hr_reason reason = hr_decode(world->decoder, preset("cloudevents"), &rules,
                &record, &world->arena, &world->event, world->detail);
            if (reason != (json_cases[i].accept ? HR_REASON_NONE : HR_BAD_JSON)) {
                fail_msg("%s: %s", hr_escape(&world->arena, record.value, 300), world->detail);
            }
        }
        struct hr_log_record record = {
            .value = json_cases[i].text, .headers = binary, .header_count = 7};
        enum hr_reason reason = hr_decode(world->decoder, preset("cloudevents"), &rules, &record,
            &world->arena, &world->event, world->detail);
        bool none = json_cases[i].text.len == 0;
        assert_int_equal(reason, json_cases[i].accept || none ? HR_REASON_NONE : HR_BAD_JSON);
    }
}

static void accounts_have_a_bound_and_details_stay_readable(void **state)
{
    struct world *world = *state;
    for (size_t len = 65536; len <= 65537; len++) {
        char *name = hr_alloc(len + 1);
        memset(name, 'a', len);
        struct hr_str value = hr_arena_printf(&world->arena, "{%s,\"subject\":\"%s\"}", HEAD, name);
        struct hr_log_record record = {.value = value};
        assert_int_equal(hr_decode(world->decoder, preset("cloudevents"), &rules, &record,
                             &world->arena, &world->event, world->detail),
            len == 65536 ? HR_REASON_NONE : HR_BAD_EVENT);
        hr_free(name);
    }
    assert_int_equal(
        decode(world, "{" HEAD ",\"subject\":\"acme\",\"time\":\"\\n\\u001b[31m<script>"
                      "\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80"
                      "\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80"
                      "\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80"
                      "\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80\"}"),
        HR_BAD_TIME);
    for (const char *at = world->detail; *at; at++) {
        assert_false((unsigned char)*at < ' ');
    }
    assert_true(hr_utf8_valid(hr_str(world->detail)));
}

/* --- binary mode ------------------------------------------------------------------------------ */

static enum hr_reason decode_binary(
    struct world *world, const struct hr_header *headers, size_t count, const char *value)
{
    struct hr_log_record record = {.headers = headers, .header_count = count};
    if (value) {
        record.value = hr_str(value);
    }
    return hr_decode(world->decoder, preset("cloudevents"), &rules, &record, &world->arena,
        &world->event, world->detail);
}

static void binary_and_structured_mode_are_one_event(void **state)
{
    struct world *world = *state;
    assert_int_equal(
        decode(world, "{\"data\" : { \"value\" : 3 , \"region\":\"a b\" } ,\"specversion\":\"1.0\","
                      "\"id\":\"e\\u00e9-1\",\"source\":\"\\/crm\",\"type\":\"api.request\","
                      "\"subject\":\"acme\",\"time\":\"2026-11-22T09:14:03.120Z\"}"),
        HR_REASON_NONE);
    struct hr_event structured = world->event;
    assert_int_equal(
        decode_binary(world, binary, 7, "{\"value\":3,\"region\":\"a b\"}"), HR_REASON_NONE);
    assert_text(world->event.account, "acme");
    assert_int_equal(world->event.time.us, NOVEMBER);
    assert_true(world->event.values[0].number.units == 3000000000000);
    assert_true(world->event.identity == structured.identity);
    assert_true(world->event.body == structured.body);
}

static void binary_data_may_be_absent_or_something_else_than_json(void **state)
{
    struct world *world = *state;
    struct hr_header headers[8];
    memcpy(headers, binary, sizeof binary);
    assert_int_equal(decode_binary(world, binary, 7, NULL), HR_REASON_NONE);
    uint64_t none = world->event.body;
    assert_int_equal(world->event.values[0].kind, HR_VALUE_MISSING);
    assert_int_equal(decode_binary(world, binary, 7, ""), HR_REASON_NONE);
    assert_true(world->event.body == none);
    assert_int_equal(decode_binary(world, binary, 7, "value=3"), HR_BAD_JSON);
    assert_text(world->event.account, "acme");

    static const struct {
        struct hr_header type;
        bool json;
    } types_of[] = {
        {HEADER("content-type", "application/json"), true},
        {HEADER("content-type", "Application/JSON; charset=utf-8"), true},
        {HEADER("content-type", "application/vnd.acme.v1+json"), true},
        {HEADER("content-type", "text/json ;x=y"), true},
        {HEADER("content-type", "application/x-protobuf"), false},
        {HEADER("content-type", "application/notjson"), false},
        {HEADER("content-type", "json"), false},
        {HEADER("content-type", ""), false},
    };
    for (size_t i = 0; i < sizeof types_of / sizeof *types_of; i++) {
        headers[7] = types_of[i].type;
        assert_int_equal(decode_binary(world, headers, 8, "{\"value\":3}"), HR_REASON_NONE);
        assert_int_equal(
            world->event.values[0].kind, types_of[i].json ? HR_VALUE_NUMBER : HR_VALUE_MISSING);
        assert_int_equal(decode_binary(world, headers, 8, "\xFF\x00"),
            types_of[i].json ? HR_BAD_JSON : HR_REASON_NONE);
        assert_true(world->event.body != none);
    }
}

static void base64_is_data_that_no_meter_reads(void **state)
{
    struct world *world = *state;
    assert_int_equal(decode(world, "{" HEAD ",\"subject\":\"acme\"}"), HR_REASON_NONE);
    uint64_t none = world->event.body;
    assert_int_equal(
        decode(world, "{" HEAD ",\"subject\":\"acme\",\"data_base64\":null}"), HR_REASON_NONE);
    assert_true(world->event.body == none);
    assert_int_equal(
        decode(world, "{" HEAD ",\"subject\":\"acme\",\"data_base64\":\"e30=\"}"), HR_REASON_NONE);
    assert_true(world->event.body != none);
    assert_int_equal(world->event.values[4].kind, HR_VALUE_MISSING);
    assert_int_equal(
        decode(world, "{" HEAD ",\"subject\":\"acme\",\"data_base64\":{}}"), HR_BAD_EVENT);
}

static void headers_are_checked_like_members(void **state)
{
    struct world *world = *state;
    static const struct {
        struct hr_header header;
        size_t place;
        enum hr_reason reason;
        const char *detail;
    } cases[] = {
        {HEADER("ce_other", "x"), 0, HR_BAD_EVENT, "no specversion"},
        {HEADER("ce_specversion", "1.1"), 0, HR_BAD_EVENT, "specversion: must be 1.0"},
        {HEADER("ce_id", ""), 1, HR_BAD_EVENT, "empty id"},
        {{TEXT("ce_id"), {NULL, 0}}, 1, HR_BAD_EVENT, "no id"},
        {HEADER("ce_other", "x"), 2, HR_BAD_EVENT, "no source"},
        {HEADER("CE_TYPE", "x"), 3, HR_BAD_EVENT, "no type"},
        {HEADER("ce_subject", "ac\xFFme"), 4, HR_BAD_EVENT, "ce_subject: not UTF-8"},
        {HEADER("ce_subject", "\xED\xA0\x80"), 4, HR_BAD_EVENT, "ce_subject: not UTF-8"},
        {HEADER("ce_time", "2026-11-22"), 5, HR_BAD_TIME, "time: must be RFC 3339"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct hr_header headers[7];
        memcpy(headers, binary, sizeof binary);
        headers[cases[i].place] = cases[i].header;
        assert_int_equal(decode_binary(world, headers, 7, "{}"), cases[i].reason);
        assert_non_null(strstr(world->detail, cases[i].detail));
    }
    /* The content type decides before the headers do. */
    struct hr_header headers[8];
    memcpy(headers, binary, sizeof binary);
    headers[7] =
        (struct hr_header)HEADER("content-type", "application/cloudevents+json; charset=UTF-8");
    assert_int_equal(decode_binary(world, headers, 8, "{}"), HR_BAD_EVENT);
    assert_string_equal(world->detail, "no specversion");
}

/* --- the same event? ---------------------------------------------------------------------------
 */

static void identity_is_of_source_and_id_and_body_of_all_else(void **state)
{
    struct world *world = *state;
    static const char base[] =
        "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"t\","
        "\"subject\":\"acme\",\"time\":\"2026-11-22T09:14:03Z\",\"data\":"
        "{\"a\":1,\"b\":\"x y\"}}";
    static const struct {
        const char *from, *to;
        bool identity, body;
    } changes[] = {
        {"acme", "other", true, true},
        {"\"data\":", "\"extension\":[1,2],\"data\":", true, true},
        {"{\"a\":1,\"b\"", "{ \"a\" : 1 ,\n\t\"b\"", true, true},
        {"\"id\":\"1\"", "\"id\":\"\\u0031\"", true, true},
        {"\"id\":\"1\"", "\"id\":\"2\"", false, true},
        {"\"s\"", "\"s2\"", false, true},
        {"\"t\"", "\"t2\"", true, false},
        {"09:14:03Z", "09:14:03.0Z", true, false},
        {"\"a\":1,\"b\":\"x y\"", "\"b\":\"x y\",\"a\":1", true, false},
        {"\"a\":1", "\"a\":1.0", true, false},
        {"\"x y\"", "\"xy\"", true, false},
        {",\"data\":{\"a\":1,\"b\":\"x y\"}", "", true, false},
        {",\"time\":\"2026-11-22T09:14:03Z\"", "", true, false},
    };
    assert_int_equal(decode(world, base), HR_REASON_NONE);
    struct hr_event first = world->event;
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        const char *at = strstr(base, changes[i].from);
        assert_non_null(at);
        struct hr_str text = hr_arena_printf(&world->arena, "%.*s%s%s%c", (int)(at - base), base,
            changes[i].to, at + strlen(changes[i].from), 0);
        assert_int_equal(decode(world, text.at), HR_REASON_NONE);
        if ((world->event.identity == first.identity) != changes[i].identity ||
            (world->event.body == first.body) != changes[i].body) {
            fail_msg("%s", text.at);
        }
    }
}

/* --- hostile -----------------------------------------------------------------------------------
 */

static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

/* Whatever the bytes: bad_json if and only if the reference refuses them, a detail with every
 * refusal, and no report of a sanitizer. */
static void damaged_records_are_dead_letters_and_no_more(void **state)
{
    static const char *const values[] = {
        "{" HEAD
        ",\"subject\":\"acme\",\"time\":\"2026-11-22T09:14:03Z\",\"data\":{\"value\":12.5}}",
        "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"subscription.created\","
        "\"subject\":\"acme\",\"data\":{\"limits\":{\"a\":1,\"b\":null},\"mrr\":5,\"currency\":"
        "\"EUR\",\"period\":\"30d\",\"renewal_date\":\"2026-11-22\",\"timezone\":\"Europe/"
        "Berlin\"}}",
        "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"account.updated\","
        "\"subject\":\"acme\",\"data\":{\"aliases\":[\"a\",\"b\"],\"tier\":\"x\",\"n\":1.5,\"z\":[]"
        "}}",
    };
    static const char telling[] = "{}[]:,\"\\ 0123456789-+.eEutrfnals/\xC3\xED\xA0\xFF";
    const char *given = getenv("HEADROOM_SEED");
    uint64_t seed = given ? strtoull(given, NULL, 0) : 4711;
    struct world *world = *state;
    unsigned counts[HR_REASON_COUNT] = {0};
    for (unsigned i = 0; i < 100000; i++) {
        char text[512];
        uint64_t before = seed;
        const char *value = values[next_random(&seed) % 3];
        size_t len = strlen(value);
        memcpy(text, value, len);
        for (uint64_t times = 1 + next_random(&seed) % 2; times > 0; times--) {
            size_t at = next_random(&seed) % len;
            if (next_random(&seed) % 3 == 0) {
                memmove(text + at, text + at + 1, --len - at);
            } else {
                text[at] = telling[next_random(&seed) % (sizeof telling - 1)];
            }
        }
        struct hr_log_record record = {.value = {text, len}};
        hr_arena_reset(&world->arena);
        enum hr_reason reason = hr_decode(world->decoder, preset("cloudevents"), &rules, &record,
            &world->arena, &world->event, world->detail);
        counts[reason]++;
        if ((reason != HR_BAD_JSON) != reference_accepts(record.value) ||
            (reason != HR_REASON_NONE) != (world->detail[0] != '\0')) {
            fail_msg("HEADROOM_SEED=%llu: %s", (unsigned long long)before,
                hr_escape(&world->arena, record.value, 500));
        }
    }
    assert_true(counts[HR_REASON_NONE] > 5000 && counts[HR_BAD_JSON] > 5000);
    assert_true(counts[HR_BAD_EVENT] > 1000 && counts[HR_BAD_TIME] > 500);
    assert_true(counts[HR_BAD_VALUE] > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_structured_event_is_read_whole),
        cmocka_unit_test(what_an_event_does_not_have_is_missing),
        cmocka_unit_test(a_type_that_nothing_names_is_no_error),
        cmocka_unit_test(what_is_no_event_is_refused_with_a_reason),
        cmocka_unit_test(json_is_judged_in_fields_read_and_unread),
        cmocka_unit_test(accounts_have_a_bound_and_details_stay_readable),
        cmocka_unit_test(binary_and_structured_mode_are_one_event),
        cmocka_unit_test(binary_data_may_be_absent_or_something_else_than_json),
        cmocka_unit_test(base64_is_data_that_no_meter_reads),
        cmocka_unit_test(headers_are_checked_like_members),
        cmocka_unit_test(identity_is_of_source_and_id_and_body_of_all_else),
        cmocka_unit_test(damaged_records_are_dead_letters_and_no_more),
    };
    return cmocka_run_group_tests(tests, world_make, world_drop);
}
