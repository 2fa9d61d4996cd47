/* SPDX-License-Identifier: Apache-2.0 */
/* What goes with a trigger, as JSON: all of it, and none of it. */
#include "headroom/codec.h"
#include "reference.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define TEXT(text)                                                                                 \
    {                                                                                              \
        (text), sizeof(text) - 1                                                                   \
    }
#define WHOLE(units)                                                                               \
    {                                                                                              \
        (__int128)(units)*1000000000000                                                            \
    }

static const struct hr_signal signals[] = {
    {.kind = HR_SIGNAL_ATTRIBUTE, .unit = HR_UNIT_NUMBER, .text = TEXT("account.nps")}};
static const struct hr_rules rules = {.signals = signals};
static const struct hr_rule rule = {.name = TEXT("happy"), .category = HR_UPSELL};
static const struct hr_rule_level level = {WHOLE(9), TEXT("9"), ""};

/* From `"recommend"` to `"times"`. */
static void assert_advice(const struct hr_advice *advice, const char *expected)
{
    const struct hr_trigger trigger = {.kind = HR_FIRED,
        .rules = &rules,
        .rule = &rule,
        .level = &level,
        .account = TEXT("acme"),
        .advice = advice,
        .event_time = {INT64_MIN},
        .ingested = {INT64_MIN}};
    struct hr_buffer buffer = {0};
    struct hr_arena arena;
    hr_arena_init(&arena);
    hr_encode_trigger(&trigger, &arena, &buffer);
    struct hr_str line = hr_arena_copy(&arena, hr_buffer_str(&buffer));
    assert_true(reference_accepts(line));
    char *from = strstr(line.at, "\"recommend\":"), *to = strstr(line.at, ",\"times\":");
    assert_non_null(from);
    assert_non_null(to);
    *to = '\0';
    assert_string_equal(from, expected);
    hr_buffer_clean_up(&buffer);
    hr_arena_clean_up(&arena);
}

static const struct hr_plan starter = {.name = TEXT("starter")};
static const struct hr_plan growth = {
    .name = TEXT("growth \"2\""), .link = TEXT("https://app.example.com/upgrade?to=growth")};

/* The members that the configuration's own example shows. */
static void a_plan_a_route_and_a_playbook(void **state)
{
    (void)state;
    static const struct hr_route route = {
        .audience_count = 2, .audience = {HR_IN_APP, HR_PRODUCT_LEADERSHIP}};
    static const struct hr_playbook playbook = {.name = TEXT("talk"),
        .title = TEXT("Talk"),
        .impact = TEXT("+1% ARR"),
        .texts = {[HR_ROI] = TEXT("Price <> value")}};
    const struct hr_advice advice = {.recommend = {.plan = &growth,
                                         .from = &starter,
                                         .has_delta = true,
                                         .delta = WHOLE(800),
                                         .currency = "USD"},
        .route = &route,
        .owner = TEXT("dana\n"),
        .playbook = &playbook,
        .blocks = {[HR_DISCOVERY] = {.at = {{TEXT("meter.contacts"), TEXT("4200 of 5000, 84%")},
                                         {TEXT("account.nps"), TEXT("9")}},
                       .count = 2}}};
    assert_advice(&advice,
        "\"recommend\":{\"plan\":\"growth \\\"2\\\"\",\"from\":\"starter\",\"mrr_delta\":"
        "\"800.00\",\"currency\":\"USD\",\"link\":"
        "\"https://app.example.com/upgrade?to=growth\"},\"offer\":null,\"route\":{\"audience\":["
        "\"in_app\",\"product_leadership\"],\"playbook\":\"talk\",\"owner\":\"dana\\u000a\"},"
        "\"playbook\":{\"name\":\"talk\",\"title\":\"Talk\",\"impact\":\"+1% ARR\",\"discovery\":{"
        "\"text\":null,\"evidence\":[{\"what\":\"meter.contacts\",\"is\":\"4200 of 5000, 84%\"},{"
        "\"what\":\"account.nps\",\"is\":\"9\"}]},\"value_recap\":{\"text\":null,\"evidence\":[]},"
        "\"solution\":{\"text\":null,\"evidence\":[]},\"roi\":{\"text\":\"Price <> value\","
        "\"evidence\":[]},\"proposal\":{\"text\":null,\"evidence\":[]}}");
}

/* Of yen there are no hundredths; a plan whose price nobody wrote adds nothing that is known. */
static void an_offer_in_a_currency_without_places(void **state)
{
    (void)state;
    static const struct hr_offer offer = {
        .has_mrr = true, .least = WHOLE(5000), .most = WHOLE(12000), .currency = "JPY"};
    static const struct hr_product suite = {.name = TEXT("suite")};
    const struct hr_advice advice = {
        .recommend = {.plan = &starter, .from = &growth}, .offer = &offer, .product = &suite};
    assert_advice(&advice,
        "\"recommend\":{\"plan\":\"starter\",\"from\":\"growth \\\"2\\\"\",\"mrr_delta\":null,"
        "\"currency\":null,\"link\":null},\"offer\":{\"product\":\"suite\",\"mrr_from\":\"5000\","
        "\"mrr_to\":\"12000\",\"currency\":\"JPY\"},\"route\":{\"audience\":[],\"playbook\":null,"
        "\"owner\":null},\"playbook\":null");
}

static void what_there_is_none_of_is_null(void **state)
{
    (void)state;
    const struct hr_advice advice = {.owner = {NULL, 0}};
    assert_advice(&advice, "\"recommend\":null,\"offer\":null,\"route\":{\"audience\":[],"
                           "\"playbook\":null,\"owner\":null},\"playbook\":null");
}

static void money_has_the_places_of_its_currency(void **state)
{
    (void)state;
    static const struct {
        __int128 units;
        const char *currency, *text;
    } amounts[] = {
        {(__int128)800 * 1000000000000, "USD", "800.00"},
        {(__int128)1000000000000 / 10, "USD", "0.10"},
        {(__int128)1999999999999, "USD", "1.99"},
        {-(__int128)1999999999999, "EUR", "-1.99"},
        {(__int128)1999999999999, "JPY", "1"},
        {(__int128)1500000000000, "KWD", "1.500"},
        {(__int128)1500000000000, "CLF", "1.5000"},
        {0, "USD", "0.00"},
        {0, "JPY", "0"},
        {-(__int128)9000000000, "USD", "0.00"},
    };
    for (size_t i = 0; i < sizeof amounts / sizeof *amounts; i++) {
        char text[HR_DECIMAL_TEXT];
        size_t len =
            hr_money_print((struct hr_decimal){amounts[i].units}, amounts[i].currency, text);
        assert_string_equal(text, amounts[i].text);
        assert_int_equal(len, strlen(amounts[i].text));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plan_a_route_and_a_playbook),
        cmocka_unit_test(an_offer_in_a_currency_without_places),
        cmocka_unit_test(what_there_is_none_of_is_null),
        cmocka_unit_test(money_has_the_places_of_its_currency),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
