/* SPDX-License-Identifier: Apache-2.0 */
/* What is made from the table: the schema is JSON and says what the reader does, the committed
 * copies in schemas/ are what the program prints. To make them anew:
 *
 *     headroom check --schema > schemas/headroom.schema.json
 *     headroom check --reference > schemas/REFERENCE.md */
#include "parse.h"

#include "headroom/memory.h"

#include <cjson/cJSON.h>
#include <stdio.h>

static void check_copy(const char *name, void (*make)(struct hr_buffer *buffer))
{
    struct hr_buffer made = {0};
    make(&made);
    char *committed = read_file(name);
    bool same = hr_str_is(hr_buffer_str(&made), committed);
    hr_free(committed);
    hr_buffer_clean_up(&made);
    if (!same) {
        fail_msg("%s is not what the program prints; make it anew", name);
    }
}

static void committed_copies_are_what_is_printed(void **state)
{
    (void)state;
    check_copy("schemas/headroom.schema.json", hr_config_schema);
    check_copy("schemas/REFERENCE.md", hr_config_reference);
}

static cJSON *schema(void)
{
    struct hr_buffer text = {0};
    hr_config_schema(&text);
    cJSON *json = cJSON_ParseWithLength((const char *)text.at, text.len);
    hr_buffer_clean_up(&text);
    assert_non_null(json);
    return json;
}

/* Member by member, names separated by spaces. */
static const cJSON *find(const cJSON *at, const char *path)
{
    char name[64];
    for (int used = 0; at && sscanf(path, " %63s%n", name, &used) == 1; path += used) {
        at = cJSON_GetObjectItemCaseSensitive(at, name);
    }
    return at;
}

static void the_schema_says_what_an_editor_needs(void **state)
{
    (void)state;
    cJSON *json = schema();
    const cJSON *lateness = find(json, "properties time properties lateness");
    assert_string_equal(cJSON_GetStringValue(find(lateness, "default")), "2d");
    assert_non_null(find(lateness, "description"));
    const cJSON *rule = find(json, "properties rules additionalProperties properties");
    assert_int_equal(cJSON_GetArraySize(find(rule, "category enum")), 4);
    assert_int_equal(find(rule, "priority minimum")->valuedouble, -1000);
    assert_int_equal(find(rule, "priority default")->valuedouble, 0);
    assert_int_equal(find(rule, "levels maxItems")->valuedouble, 32);
    assert_true(cJSON_IsFalse(
        find(json, "properties formats additionalProperties properties data_is_text default")));
    const cJSON *required = find(json, "properties meters additionalProperties required");
    assert_string_equal(cJSON_GetArrayItem(required, 0)->valuestring, "event");
    cJSON_Delete(json);
}

/* Every object of keys refuses others, as the reader does. */
static void check_closed(const cJSON *node)
{
    const cJSON *properties = cJSON_GetObjectItemCaseSensitive(node, "properties");
    if (cJSON_IsObject(node) && cJSON_IsObject(properties) &&
        cJSON_GetObjectItemCaseSensitive(node, "type")) {
        assert_true(cJSON_IsFalse(cJSON_GetObjectItemCaseSensitive(node, "additionalProperties")));
    }
    const cJSON *child;
    cJSON_ArrayForEach(child, node)
    {
        check_closed(child);
    }
}

static void unknown_keys_are_errors_in_editors_too(void **state)
{
    (void)state;
    cJSON *json = schema();
    check_closed(json);
    cJSON_Delete(json);
}

/* Each key of the schema with a default, given that default, is accepted and changes nothing. */
static void defaults_in_the_schema_are_the_readers(void **state)
{
    (void)state;
    cJSON *json = schema();
    struct hr_config *least = good_config(SOURCES);
    const cJSON *level;
    size_t tried = 0;
    cJSON_ArrayForEach(level, find(json, "properties"))
    {
        const cJSON *key;
        cJSON_ArrayForEach(key, find(level, "properties"))
        {
            const cJSON *given = cJSON_GetObjectItemCaseSensitive(key, "default");
            if (!given) {
                continue;
            }
            char *value = cJSON_PrintUnformatted(given);
            struct hr_buffer text = {0};
            hr_put_printf(
                &text, SOURCES "%s: { %s: %s }\n%c", level->string, key->string, value, '\0');
            struct hr_config *same = good_config((const char *)text.at);
            assert_true(hr_str_equal(same->text, least->text));
            hr_config_destroy(same);
            hr_buffer_clean_up(&text);
            cJSON_free(value);
            tried++;
        }
    }
    assert_in_range(tried, 15, 100);
    hr_config_destroy(least);
    cJSON_Delete(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(committed_copies_are_what_is_printed),
        cmocka_unit_test(the_schema_says_what_an_editor_needs),
        cmocka_unit_test(unknown_keys_are_errors_in_editors_too),
        cmocka_unit_test(defaults_in_the_schema_are_the_readers),
    };
    return cmocka_run_group_tests(tests, NULL, forget_zones);
}
