/* SPDX-License-Identifier: Apache-2.0 */
/* Formats that a user writes: what they say of a record, from the YAML to the event. */
#include "headroom/codec.h"
#include "parse.h"

static struct hr_arena arena;
static struct hr_decoder *decoder;

static int begin(void **state)
{
    (void)state;
    hr_arena_init(&arena);
    decoder = hr_decoder_new(test_zones());
    return 0;
}

static int end(void **state)
{
    hr_decoder_destroy(decoder);
    hr_arena_clean_up(&arena);
    return forget_zones(state);
}

/* Decodes by the first source's format. The canonical text must say the same. */
static enum hr_reason decode(
    const char *yaml, const char *record, struct hr_event *event, char detail[HR_DETAIL])
{
    struct hr_config *config = good_config(yaml);
    struct hr_log_record log = {.value = hr_arena_copy(&arena, hr_str(record))};
    struct hr_event again;
    const char *printed = hr_arena_copy(&arena, config->text).at;
    struct hr_config *same = good_config(printed);
    enum hr_reason reason = hr_decode(
        decoder, config->rules->sources[0].format, config->rules, &log, &arena, event, detail);
    enum hr_reason second = hr_decode(
        decoder, same->rules->sources[0].format, same->rules, &log, &arena, &again, detail);
    assert_int_equal(reason, second);
    assert_true(reason || again.body == event->body);
    assert_true(reason || again.identity == event->identity);
    /* What a decoded event points to besides the record and the arena. */
    if (event->account.at) {
        event->account = hr_arena_copy(&arena, event->account);
        event->source = hr_arena_copy(&arena, event->source);
    }
    hr_config_destroy(config);
    hr_config_destroy(same);
    return reason;
}

static void assert_is(struct hr_str text, const char *expected)
{
    if (!hr_str_is(text, expected)) {
        fail_msg("%.*s is not %s", (int)text.len, text.len ? text.at : "", expected);
    }
}

/* Stripe lets a meter name the keys of its payload. */
static void a_preset_with_another_key(void **state)
{
    (void)state;
    struct hr_event event;
    char detail[HR_DETAIL];
    assert_int_equal(
        decode("formats: { ours: { like: stripe_meter, account: /payload/workspace } }\n"
               "meters: { m: { event: tokens, aggregate: sum, value: /amount } }\n"
               "sources: [{ topic: usage, format: ours }]\n",
            "{\"event_name\":\"tokens\",\"identifier\":\"i-1\",\"timestamp\":1793534400,"
            "\"payload\":{\"workspace\":\"w-7\",\"amount\":\"12\"}}",
            &event, detail),
        HR_REASON_NONE);
    assert_is(event.account, "w-7");
    assert_is(event.source, "stripe_meter");
    assert_int_equal(event.time.us, INT64_C(1793534400) * HR_SECOND);
    assert_true(event.values[0].number.units == 12 * HR_DECIMAL_ONE.units);
}

static const char table[] =
    "formats:\n"
    "  contracts:\n"
    "    like: debezium_subscriptions\n"
    "    account: [/after/customer, /before/customer]\n"
    "    data_are_fields: false\n"
    "    fields:\n"
    "      subscription: /after/contract_no or /before/contract_no as text\n"
    "      plan: /after/tariff\n"
    "      mrr: /after/price per /after/billed as major\n"
    "      currency: is EUR\n"
    "      period: /after/billed as period\n"
    "      renewal_date: /after/ends_on as unix_days\n"
    "      limits.contacts: /after/contact_limit\n"
    "      limits.seats: /after/seats\n"
    "    events:\n"
    "      - { type: u, where: \"/after/state = closed\", is: subscription.cancelled }\n"
    "      - { type: u, where: \"/after/ends_on != /before/ends_on\", is: subscription.renewed }\n"
    "      - { type: [c, r, u], is: subscription.updated }\n"
    "sources: [{ topic: contracts, format: contracts }]\n";

static void columns_of_a_table_of_ones_own(void **state)
{
    (void)state;
    struct hr_event event;
    char detail[HR_DETAIL];
    assert_int_equal(decode(table,
                         "{\"before\":null,\"after\":{\"contract_no\":17,\"customer\":\"acme\","
                         "\"tariff\":\"growth\",\"price\":\"14400.06\",\"billed\":\"yearly\","
                         "\"ends_on\":20759,\"contact_limit\":10000,\"seats\":null,\"state\":"
                         "\"open\"},\"source\":{\"ts_ms\":1793534400123},\"op\":\"r\"}",
                         &event, detail),
        HR_REASON_NONE);
    assert_non_null(event.fact);
    assert_int_equal(event.fact->kind, HR_FACT_SUBSCRIPTION_UPDATED);
    assert_is(event.account, "acme");
    assert_is(event.fact->subscription, "17");
    assert_is(event.fact->plan, "growth");
    assert_int_equal(event.fact->mrr.minor, 120001); /* 1,200.005 EUR a month, half up */
    assert_string_equal(event.fact->mrr.currency, "EUR");
    assert_int_equal(event.fact->period.count, 12);
    assert_int_equal(event.fact->renewal_date.day, 20759);
    assert_int_equal(event.fact->limit_count, 1);
    assert_is(event.fact->limits[0].name, "contacts");
    assert_int_equal(event.time.us, INT64_C(1793534400123000));
}

static void the_first_row_that_fits(void **state)
{
    (void)state;
    static const struct {
        const char *before, *after;
        enum hr_fact_kind kind;
    } cases[] = {
        {"{\"ends_on\":1}", "{\"customer\":\"a\",\"ends_on\":1,\"state\":\"closed\"}",
            HR_FACT_SUBSCRIPTION_CANCELLED},
        {"{\"ends_on\":1}", "{\"customer\":\"a\",\"ends_on\":2}", HR_FACT_SUBSCRIPTION_RENEWED},
        {"{\"ends_on\":2}", "{\"customer\":\"a\",\"ends_on\":2.0}", HR_FACT_SUBSCRIPTION_UPDATED},
        {"{\"ends_on\":null}", "{\"customer\":\"a\",\"ends_on\":2}", HR_FACT_SUBSCRIPTION_UPDATED},
        {"null", "{\"customer\":\"a\",\"ends_on\":2}", HR_FACT_SUBSCRIPTION_UPDATED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct hr_event event;
        char detail[HR_DETAIL];
        struct hr_str record = hr_arena_printf(&arena,
            "{\"before\":%s,\"after\":%s,\"source\":{\"ts_ms\":1},\"op\":\"u\"}%c", cases[i].before,
            cases[i].after, 0);
        assert_int_equal(decode(table, record.at, &event, detail), HR_REASON_NONE);
        assert_non_null(event.fact);
        assert_int_equal(event.fact->kind, cases[i].kind);
    }
}

static void what_is_wrong_is_told_with_its_column(void **state)
{
    (void)state;
    static const struct {
        const char *after, *detail;
        enum hr_reason reason;
    } cases[] = {
        {"{\"customer\":\"a\",\"contact_limit\":\"many\"}",
            "/after/contact_limit: must be numbers from 0 or null, is ", HR_BAD_VALUE},
        {"{\"customer\":\"a\",\"price\":\"1\",\"billed\":\"sometimes\"}",
            "/after/billed: must be day, week, month", HR_BAD_VALUE},
        {"{\"customer\":\"a\",\"price\":true,\"billed\":\"year\"}",
            "/after/price: must be a number, is true", HR_BAD_VALUE},
        {"{\"customer\":\"a\",\"price\":9e25,\"billed\":\"month\"}", "mrr: the sum is too large",
            HR_OVERFLOW},
        {"{\"customer\":\"a\",\"tariff\":3}", "/after/tariff: must be a string, is 3",
            HR_BAD_VALUE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct hr_event event;
        char detail[HR_DETAIL];
        struct hr_str record = hr_arena_printf(
            &arena, "{\"after\":%s,\"source\":{\"ts_ms\":1},\"op\":\"c\"}%c", cases[i].after, 0);
        enum hr_reason reason = decode(table, record.at, &event, detail);
        if (reason != cases[i].reason ||
            strncmp(detail, cases[i].detail, strlen(cases[i].detail)) != 0) {
            fail_msg("%s: %s, %s", cases[i].after, hr_reason_name(reason), detail);
        }
    }
}

static void a_format_from_nothing(void **state)
{
    (void)state;
    struct hr_event event;
    char detail[HR_DETAIL];
    static const char yaml[] = "formats:\n"
                               "  shop:\n"
                               "    inside: /message\n"
                               "    id: [/order, /version]\n"
                               "    type: /what\n"
                               "    account: /buyer\n"
                               "    time: [/paid_at, /at]\n"
                               "    notation: unix_ms\n"
                               "    fields:\n"
                               "      mrr: /cents times /count in /lines\n"
                               "      currency: /currency as upper\n"
                               "    events: [{ type: bought, is: subscription.created }]\n"
                               "sources: [{ topic: shop, format: shop }]\n";
    assert_int_equal(
        decode(yaml,
            "{\"message\":{\"order\":4,\"version\":2,\"what\":\"bought\",\"buyer\":\"acme\","
            "\"paid_at\":null,\"at\":1793534400000,\"currency\":\"chf\",\"lines\":["
            "{\"cents\":100,\"count\":3},{\"cents\":\"0.25\",\"count\":2},{\"cents\":7}]}}",
            &event, detail),
        HR_REASON_NONE);
    assert_int_equal(event.fact->mrr.minor, 301); /* 300 + 0.5; a line without a count adds none */
    assert_string_equal(event.fact->mrr.currency, "CHF");
    assert_is(event.source, "shop");
    assert_int_equal(event.time.us, INT64_C(1793534400) * HR_SECOND);
    /* The id is both parts: another version is another event. */
    uint64_t identity = event.identity;
    assert_int_equal(
        decode(yaml, "{\"order\":4,\"version\":3,\"what\":\"bought\",\"buyer\":\"acme\"}", &event,
            detail),
        HR_REASON_NONE);
    assert_true(event.identity != identity);
    /* What nobody names is nobody's, whatever else it lacks. */
    assert_int_equal(decode(yaml, "{\"what\":\"looked\"}", &event, detail), HR_REASON_NONE);
    assert_null(event.account.at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_preset_with_another_key),
        cmocka_unit_test(columns_of_a_table_of_ones_own),
        cmocka_unit_test(the_first_row_that_fits),
        cmocka_unit_test(what_is_wrong_is_told_with_its_column),
        cmocka_unit_test(a_format_from_nothing),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
