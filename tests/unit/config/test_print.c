/* SPDX-License-Identifier: Apache-2.0 */
/* The canonical text: what is printed reads as the same configuration and prints as itself, the
 * half that decides compiles alone to equal tables, and no secret is in it. HEADROOM_SEED chooses
 * other configurations than the usual ones. */
#include "compare.h"
#include "generate.h"
#include "parse.h"

#include <stdlib.h>

#define CONFIGURATIONS 10000

static void check_one(uint64_t seed)
{
    struct hr_buffer text = {0};
    generate_config(seed, &text);
    struct hr_config *x = good_config((const char *)text.at);
    char *printed = hr_strdup(x->text);
    struct hr_config *y = good_config(printed);
    const char *what = differs_config(x, y);

    struct hr_rules *alone;
    struct hr_complaints complaints;
    enum hr_fate fate = hr_rules_parse(x->rules->text, 7, test_zones(), &alone, &complaints);
    hr_complaints_clean_up(&complaints);
    const char *half = fate == HR_OK ? differs_rules(x->rules, alone) : "rules do not parse";
    bool leaks = strstr(printed, "canary") != NULL;
    if (what || half || leaks) {
        fail_msg("seed %llu: %s %s %s\n%s\nprints as\n%s", (unsigned long long)seed,
            what ? what : "", half ? half : "", leaks ? "leaks" : "", (const char *)text.at,
            printed);
    }
    assert_int_equal(alone->epoch, 7);
    hr_rules_destroy(alone);
    hr_free(printed);
    hr_config_destroy(y);
    hr_config_destroy(x);
    hr_buffer_clean_up(&text);
}

static void what_is_printed_reads_as_the_same(void **state)
{
    (void)state;
    const char *given = getenv("HEADROOM_SEED");
    uint64_t seed = given ? strtoull(given, NULL, 10) : 1;
    print_message("seeds %llu to %llu\n", (unsigned long long)seed,
        (unsigned long long)(seed + CONFIGURATIONS - 1));
    for (uint64_t i = 0; i < CONFIGURATIONS; i++) {
        check_one(seed + i);
    }
}

static void two_spellings_print_alike(void **state)
{
    (void)state;
    struct hr_config *a =
        good_config("meters: { m: { event: e, aggregate: sum, value: /v, limit: l } }\n"
                    "rules: { r: { watch: meter.m.used, levels: [0.8, 100%], for: 24h,\n"
                    "              when: \"account.arr  >=  25k\" } }\n" SOURCES);
    struct hr_config *b = good_config(
        "{\"sources\": [{\"format\": \"cloudevents\", \"topic\": \"usage\"}],\n"
        " \"rules\": {\"r\": {\"when\": [\"account.arr >= 25000.0\"], \"for\": \"1d\",\n"
        "   \"levels\": [\"80.00%\", 1], \"watch\": \"meter.m.used\", \"mode\": \"live\"}},\n"
        " \"meters\": {\"m\": {\"limit\": \"l\", \"value\": \"/v\", \"event\": \"e\",\n"
        "   \"aggregate\": \"sum\"}}, \"dedup\": {\"memory\": \"262144KiB\"}}\n");
    assert_null(differs_config(a, b));
    hr_config_destroy(a);
    hr_config_destroy(b);
}

static void the_text_is_written_as_a_user_would(void **state)
{
    (void)state;
    struct hr_config *config = good_config(
        "meters: { seats: { event: user.active, aggregate: unique, value: /user, limit: seats } }\n"
        "plans: { team: { limits: { seats: 1k } } }\n"
        "rules: { full: { watch: meter.seats.used, levels: [8e1%, 90%],\n"
        "                 when: [\"tenure.days >= 90\"] } }\n" SOURCES);
    char *printed = hr_strdup(config->rules->text);
    assert_string_equal(printed, "sources:\n"
                                 "  - topic: usage\n"
                                 "    format: cloudevents\n"
                                 "    from: earliest\n"
                                 "    silent_after: 0s\n"
                                 "time:\n"
                                 "  lateness: 2d\n"
                                 "  skew: 5m\n"
                                 "  zone: UTC\n"
                                 "dedup:\n"
                                 "  memory: 256MiB\n"
                                 "money:\n"
                                 "  currency: USD\n"
                                 "meters:\n"
                                 "  seats:\n"
                                 "    event: user.active\n"
                                 "    aggregate: unique\n"
                                 "    value: /user\n"
                                 "    limit: seats\n"
                                 "plans:\n"
                                 "  team:\n"
                                 "    limits:\n"
                                 "      seats: 1000\n"
                                 "recommend:\n"
                                 "  below: 80%\n"
                                 "  for: 180d\n"
                                 "rules:\n"
                                 "  full:\n"
                                 "    watch: meter.seats.used\n"
                                 "    levels: [80%, 90%]\n"
                                 "    category: upsell\n"
                                 "    priority: 0\n"
                                 "    when:\n"
                                 "      - \"tenure.days >= 90d\"\n"
                                 "    for: 0s\n"
                                 "    cooldown: 0s\n"
                                 "    rearm: 0%\n"
                                 "    jump: furthest\n"
                                 "    late: once\n"
                                 "    on_start: fire\n"
                                 "    mode: live\n"
                                 "outcomes:\n"
                                 "  attribution: 30d\n"
                                 "  hold_out: 0%\n"
                                 "  history: 36\n"
                                 "timing:\n"
                                 "  min_tenure: 0s\n"
                                 "  quiet_after_dismissal: 0s\n"
                                 "  quiet_after_decline: 0s\n"
                                 "brake:\n"
                                 "  within: 10m\n");
    hr_free(printed);
    hr_config_destroy(config);
}

static void secrets_are_used_and_not_printed(void **state)
{
    (void)state;
    struct hr_config *config = good_config(
        "kafka: { properties: { sasl.password: \"${KAFKA_PASSWORD}\", client.id: x } }\n"
        "redis: { url: \"redis://:${REDIS_PASSWORD}@localhost:6379/0\" }\n"
        "instance: ${SLOT}\n" SOURCES);
    assert_true(hr_str_is(config->redis_url, "redis://:canary-7@localhost:6379/0"));
    assert_true(hr_str_is(config->instance, "pod-3"));
    assert_true(hr_str_is(config->properties[0].value, "canary-8"));
    assert_true(config->properties[0].secret);
    assert_false(config->properties[1].secret);
    char *printed = hr_strdup(config->text);
    assert_null(strstr(printed, "canary"));
    assert_non_null(strstr(printed, "sasl.password: \"${KAFKA_PASSWORD}\"\n"));
    assert_non_null(strstr(printed, "url: \"redis://:${REDIS_PASSWORD}@localhost:6379/0\"\n"));
    hr_free(printed);
    hr_config_destroy(config);
}

static void how_to_connect_does_not_decide(void **state)
{
    (void)state;
    struct hr_config *a = good_config(SOURCES);
    struct hr_config *b =
        good_config("kafka: { brokers: \"other:1\", group: g }\nredis: { prefix: x }\n"
                    "instance: 5\nlimits: { batch_time: 2s }\n" SOURCES);
    struct hr_config *c = good_config("time: { skew: 6m }\n" SOURCES);
    assert_string_equal(a->rules->fingerprint, b->rules->fingerprint);
    assert_string_not_equal(a->rules->fingerprint, c->rules->fingerprint);
    assert_int_equal(strlen(a->rules->fingerprint), 32);
    hr_config_destroy(a);
    hr_config_destroy(b);
    hr_config_destroy(c);
    /* and has no place in a manifest */
    struct hr_rules *rules;
    struct hr_complaints complaints;
    enum hr_fate fate =
        hr_rules_parse(HR_STR("instance: 5\n" SOURCES), 1, test_zones(), &rules, &complaints);
    assert_int_equal(fate, HR_REJECT);
    assert_null(rules);
    hr_complaints_clean_up(&complaints);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_spellings_print_alike),
        cmocka_unit_test(the_text_is_written_as_a_user_would),
        cmocka_unit_test(secrets_are_used_and_not_printed),
        cmocka_unit_test(how_to_connect_does_not_decide),
        cmocka_unit_test(what_is_printed_reads_as_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, forget_zones);
}
