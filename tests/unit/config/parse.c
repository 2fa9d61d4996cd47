/* SPDX-License-Identifier: Apache-2.0 */
#include "parse.h"

#include "headroom/memory.h"

#include <stdio.h>

static struct hr_zones *zones;

const struct hr_zones *test_zones(void)
{
    struct hr_error error;
    if (!zones && hr_zones_load("/usr/share/zoneinfo", &zones, &error) != HR_OK) {
        fail_msg("%s", error.text);
    }
    return zones;
}

int forget_zones(void **state)
{
    (void)state;
    hr_zones_destroy(zones);
    zones = NULL;
    return 0;
}

const char *test_environment(void *context, const char *name)
{
    static const char *const known[][2] = {
        {"REDIS_PASSWORD", "canary-7"},
        {"KAFKA_PASSWORD", "canary-8"},
        {"SLOT", "pod-3"},
        {"BAD_SLOT", "a b"},
        {"URL", "redis://u:canary-9@r:6380/1"},
        {"EMPTY", ""},
    };
    (void)context;
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (strcmp(known[i][0], name) == 0) {
            return known[i][1];
        }
    }
    return NULL;
}

enum hr_fate parse_config(
    const char *text, struct hr_config **config, struct hr_complaints *complaints)
{
    struct hr_config_source source = {
        .file = "test.yaml",
        .text = hr_str(text),
        .zones = test_zones(),
        .environment = test_environment,
    };
    return hr_config_parse(&source, config, complaints);
}

static char *print_complaints(const struct hr_complaints *complaints)
{
    struct hr_buffer buffer = {0};
    for (size_t i = 0; i < complaints->count; i++) {
        const struct hr_complaint *at = &complaints->at[i];
        hr_put_printf(&buffer, "%u %s: %s\n", at->line, at->path, at->text);
    }
    char *text = hr_strdup(hr_buffer_str(&buffer));
    hr_buffer_clean_up(&buffer);
    return text;
}

struct hr_config *good_config(const char *text)
{
    struct hr_config *config;
    struct hr_complaints complaints;
    enum hr_fate fate = parse_config(text, &config, &complaints);
    if (fate != HR_OK) {
        char *all = print_complaints(&complaints);
        print_error("%s\nin\n%s\n", all, text);
        hr_free(all);
    }
    hr_complaints_clean_up(&complaints);
    assert_int_equal(fate, HR_OK);
    return config;
}

char *complaints_about(const char *text)
{
    struct hr_config *config;
    struct hr_complaints complaints;
    enum hr_fate fate = parse_config(text, &config, &complaints);
    hr_config_destroy(config);
    char *all = print_complaints(&complaints);
    hr_complaints_clean_up(&complaints);
    if (fate != HR_REJECT) {
        print_error("no complaint about\n%s\n", text);
    }
    assert_int_equal(fate, HR_REJECT);
    return all;
}

void check_complaints(const struct complaint_case *cases, size_t count)
{
    size_t wrong = 0;
    for (size_t i = 0; i < count; i++) {
        char *is = complaints_about(cases[i].text);
        if (strcmp(is, cases[i].complaints) != 0) {
            print_error("about\n%s\nis said\n%snot\n%s\n", cases[i].text, is, cases[i].complaints);
            wrong++;
        }
        hr_free(is);
    }
    assert_int_equal(wrong, 0);
}

char *read_file(const char *name)
{
    FILE *file = fopen(name, "rb");
    if (!file) {
        fail_msg("%s cannot be read", name);
        return NULL;
    }
    struct hr_buffer text = {0};
    char block[4096];
    for (size_t got; (got = fread(block, 1, sizeof(block), file)) > 0;) {
        hr_put_bytes(&text, block, got);
    }
    fclose(file);
    char *copy = hr_strdup(hr_buffer_str(&text));
    hr_buffer_clean_up(&text);
    return copy;
}
