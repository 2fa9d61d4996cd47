/* SPDX-License-Identifier: Apache-2.0 */
/* What newcomers see first must be accepted as it stands: the README's example and the quick
 * start's configuration. */
#include "parse.h"

#include "headroom/memory.h"

static void the_readmes_example_is_accepted(void **state)
{
    (void)state;
    char *readme = read_file("README.md");
    size_t examples = 0;
    for (char *at = readme; (at = strstr(at, "```yaml\n")) != NULL; examples++) {
        at += strlen("```yaml\n");
        char *end = strstr(at, "```");
        assert_non_null(end);
        *end = '\0';
        struct hr_config *config = good_config(at);
        assert_true(config->rules->rule_count > 0);
        hr_config_destroy(config);
        at = end + 1;
    }
    assert_true(examples > 0);
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
        cmocka_unit_test(the_readmes_example_is_accepted),
        cmocka_unit_test(the_quick_starts_company_is_accepted),
    };
    return cmocka_run_group_tests(tests, NULL, forget_zones);
}
