/* SPDX-License-Identifier: Apache-2.0 */
/* What newcomers see first must be accepted as it stands: the README's example and the quick
 * start's configuration. */
#include "parse.h"

#include "headroom/memory.h"
#include "headroom/rule_tests.h"

/* The next block of YAML in a text of Markdown, ended in place; *at moves behind it. */
static char *next_example(char **at)
{
    char *begin = strstr(*at, "```yaml\n");
    assert_non_null(begin);
    begin += strlen("```yaml\n");
    char *end = strstr(begin, "```");
    assert_non_null(end);
    *end = '\0';
    *at = end + 1;
    return begin;
}

static void the_readmes_examples_are_accepted(void **state)
{
    (void)state;
    char *readme = read_file("README.md"), *at = readme;
    struct hr_config *config = good_config(next_example(&at));
    assert_true(config->rules->rule_count > 0);
    const struct hr_config_source source = {.file = "README.md", .text = hr_str(next_example(&at))};
    struct hr_rule_tests *tests;
    struct hr_complaints complaints;
    assert_int_equal(hr_rule_tests_parse(&source, config->rules, &tests, &complaints), HR_OK);
    assert_true(tests->count > 0);
    hr_complaints_clean_up(&complaints);
    hr_rule_tests_destroy(tests);
    hr_config_destroy(config);
    config = good_config(next_example(&at));
    assert_int_equal(config->rules->sources[1].format->event_count, 3);
    hr_config_destroy(config);
    hr_free(readme);
}

static void replace(char **text, const char *name, const char *value)
{
    struct hr_buffer out = {0};
    const char *at = *text;
    for (const char *found; (found = strstr(at, name)) != NULL; at = found + strlen(name)) {
        hr_put_printf(&out, "%.*s%s", (int)(found - at), at, value);
    }
    hr_put_printf(&out, "%s", at);
    hr_free(*text);
    *text = hr_strdup(hr_buffer_str(&out));
    hr_buffer_clean_up(&out);
}

static void the_quick_starts_company_is_accepted(void **state)
{
    (void)state;
    static const char *const values[][2] = {{"@BROKERS@", "127.0.0.1:9092"},
        {"@GROUP@", "headroom"}, {"@REDIS_URL@", "redis://127.0.0.1:6379/0"}, {"@PREFIX@", "hr"},
        {"@HTTP@", "127.0.0.1:9464"}, {"@LIVE_FROM@", "2026-11-01T00:00:00Z"}};
    char *text = read_file("deploy/company/headroom.yaml.in");
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        replace(&text, values[i][0], values[i][1]);
    }
    struct hr_config *config = good_config(text);
    assert_true(config->rules->rule_count >= 6);
    hr_config_destroy(config);
    hr_free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_readmes_examples_are_accepted),
        cmocka_unit_test(the_quick_starts_company_is_accepted),
    };
    return cmocka_run_group_tests(tests, NULL, forget_zones);
}
