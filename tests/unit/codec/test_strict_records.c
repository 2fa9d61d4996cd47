/* SPDX-License-Identifier: Apache-2.0 */
/* Strictness does not depend on the place. In the published examples of every format each value is
 * replaced, one by one, by every document that a strict reader of JSON must accept or refuse, and
 * each name by everything that may or may not stand there: the record is bad_json exactly where the
 * text is no JSON, whether anybody wants that field or not. The same for JSON inside a string, and
 * for lines of imports. */
#include "examples.h"
#include "headroom/import.h"
#include "headroom/log.h"
#include "json_cases.h"
#include "reference.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static const struct hr_str value = TEXT("/value");
static const struct hr_event_type types[] = {
    {.name = TEXT("api.request"), .fields = &value, .field_count = 1},
};
static const struct hr_rules rules = {.types = types, .type_count = 1};

#define BASES_MOST 64 /* events from which the cases of all files are made */

/* One test, while it runs. The memory of the files is the world's; what is made of them here has a
 * decoder and an arena of its own, for examples.c keeps its texts in the other. */
static struct world own;
static struct hr_str seen[BASES_MOST];
static size_t seen_count, judged, refused;

static struct hr_str with_instead(struct hr_str text, size_t from, size_t to, struct hr_str other)
{
    size_t len = from + other.len + text.len - to;
    char *made = hr_arena_take(&own.arena, len);
    memcpy(made, text.at, from);
    memcpy(made + from, other.at, other.len);
    memcpy(made + from + other.len, text.at + to, text.len - to);
    return (struct hr_str){made, len};
}

static void judge(const struct hr_format *format, struct hr_str text, bool json)
{
    enum hr_reason reason = decode_as(&own, &rules, format, text);
    judged++;
    refused += !json;
    if ((reason != HR_BAD_JSON) != json) {
        fail_msg("%.*s: %s is %s: %s", (int)format->name.len, format->name.at,
            hr_escape(&own.arena, text, 2000), json ? "JSON and refused" : "no JSON and accepted",
            own.detail);
    }
}

static struct hr_str whole(const struct hr_document *json)
{
    return (struct hr_str){json->base, json->nodes[0].end};
}

/* What is a name, or an element of an array, need not keep the verdict of the text alone (a number
 * is no name, nothing is no fault between brackets): the other reader is asked about the whole. */
static void replace(
    const struct hr_format *format, const struct hr_document *json, uint32_t node, size_t number)
{
    struct hr_str text = with_instead(
        whole(json), json->nodes[node].at, json->nodes[node].end, json_cases[number].text);
    judge(format, text, reference_accepts(text));
}

static void replace_value(
    const struct hr_format *format, const struct hr_document *json, uint32_t node, size_t number)
{
    struct hr_str text = with_instead(
        whole(json), json->nodes[node].at, json->nodes[node].end, json_cases[number].text);
    judge(format, text, json_cases[number].accept);
}

/* A value that holds JSON in a string gets each case as a string; one that no string can hold
 * stays away. Where there is nothing in the string, there are no data. */
static void replace_inner(
    const struct hr_format *format, const struct hr_document *json, uint32_t node, size_t number)
{
    struct hr_buffer string = {0};
    struct hr_str inner = json_cases[number].text;
    if (!reference_utf8(inner)) {
        return;
    }
    hr_put_json_string(&string, inner);
    struct hr_str text = with_instead(
        whole(json), json->nodes[node].at, json->nodes[node].end, hr_buffer_str(&string));
    judge(format, text, json_cases[number].accept || inner.len == 0);
    hr_buffer_clean_up(&string);
}

static bool is_inner(const struct hr_format *format, const struct hr_document *json, uint32_t node)
{
    return format->data_is_text && hr_document_find(json, 0, format->data[0]) == node;
}

static void replace_everywhere(
    const struct hr_format *format, const struct hr_document *json, uint32_t around)
{
    bool members = json->nodes[around].kind == HR_JSON_OBJECT;
    for (uint32_t at = around + 1; at < json->nodes[around].next; at = json->nodes[at].next) {
        for (size_t i = 0; i < JSON_CASES; i++) {
            replace(format, json, at, i); /* a name, or an element */
        }
        at += members;
        for (size_t i = 0; members && i < JSON_CASES; i++) {
            if (is_inner(format, json, at)) {
                replace_inner(format, json, at, i);
            } else {
                replace_value(format, json, at, i);
            }
        }
        hr_arena_reset(&own.arena);
        if (json->nodes[at].kind == HR_JSON_OBJECT || json->nodes[at].kind == HR_JSON_ARRAY) {
            replace_everywhere(format, json, at);
        }
    }
}

/* Of the cases that are made from one event the first stands for all. */
static bool is_new(struct world *world, const struct example *example)
{
    struct hr_str base = example_member(world, example, "of");
    if (!base.at) {
        return true;
    }
    base = hr_arena_join(&world->arena, base, " of ", hr_str(example->file));
    for (size_t i = 0; i < seen_count; i++) {
        if (hr_str_equal(seen[i], base)) {
            return false;
        }
    }
    assert_in_range(seen_count, 0, BASES_MOST - 1);
    seen[seen_count++] = base;
    return true;
}

static void check_example(
    struct world *world, const struct hr_format *format, const struct example *example)
{
    struct hr_document json;
    if (!is_new(world, example)) {
        return;
    }
    hr_document_init(&json);
    assert_true(hr_document_parse(&json, example->text));
    judge(format, example->text, true);
    replace_everywhere(format, &json, 0);
    hr_document_clean_up(&json);
}

static void each_place_of_each_format(void **state)
{
    struct world *world = *state;
    const struct hr_format *presets;
    size_t count = hr_format_presets(&presets);
    own = *world;
    hr_arena_init(&own.arena);
    for (size_t i = 0; i < count; i++) {
        char folder[256];
        snprintf(folder, sizeof folder, "schemas/events/examples/%.*s", (int)presets[i].name.len,
            presets[i].name.at);
        size_t before = judged;
        (void)examples_each(world, folder, &presets[i], "good", check_example);
        (void)examples_each(world, folder, &presets[i], "ignored", check_example);
        assert_in_range(judged - before, 10 * JSON_CASES, SIZE_MAX); /* five members at least */
    }
    hr_arena_clean_up(&own.arena);
    assert_in_range(refused, judged / 4, judged - judged / 10);
}

/* --- lines ----------------------------------------------------------------------------------- */

/* Lines end at a newline, so a case with one is two lines, which no reader could tell. */
static struct hr_str one_line(const char *before, struct hr_str text, const char *after)
{
    if (text.len > 0 && memchr(text.at, '\n', text.len)) {
        return (struct hr_str){NULL, 0};
    }
    struct hr_str half = with_instead(text, 0, 0, hr_str(before));
    return with_instead(half, half.len, half.len, hr_str(after));
}

static void a_line_to_be_played(void **state)
{
    struct hr_time now;
    own = *(struct world *)*state;
    hr_arena_init(&own.arena);
    for (size_t i = 0; i < JSON_CASES; i++) {
        struct hr_str line = one_line("{\"_now\":\"2026-11-22T09:14:03Z\",\"specversion\":\"1.0\","
                                      "\"id\":\"1\",\"source\":\"s\",\"type\":\"t\",\"subject\":"
                                      "\"acme\",\"unread\":",
            json_cases[i].text, "}");
        if (!line.at) {
            continue;
        }
        enum hr_reason reason = hr_decode_line(own.decoder, preset("cloudevents"), &rules, line,
            &own.arena, &own.event, &now, own.detail);
        if ((reason == HR_REASON_NONE) != json_cases[i].accept) {
            fail_msg("%s: %s", hr_escape(&own.arena, line, 300), own.detail);
        }
    }
    hr_arena_clean_up(&own.arena);
}

static void a_line_of_an_import(void **state)
{
    own = *(struct world *)*state;
    hr_arena_init(&own.arena);
    for (size_t i = 0; i < JSON_CASES; i++) {
        struct hr_str line = one_line(
            "{\"account\":\"acme\",\"plan\":\"growth\",\"note\":", json_cases[i].text, "}");
        if (!line.at) {
            continue;
        }
        const struct hr_import_settings settings = {
            .text = line, .time = HR_TIME_NONE, .zones = own.zones};
        struct hr_importer *importer = hr_importer_new(&settings);
        struct hr_import_row row;
        assert_true(hr_importer_next(importer, &own.arena, &row));
        bool json = row.fault_count == 0 ||
                    !strstr(hr_arena_copy(&own.arena, row.faults[0].text).at, "is no JSON");
        if (json != json_cases[i].accept) {
            fail_msg("%s", hr_escape(&own.arena, line, 300));
        }
        hr_importer_destroy(importer);
    }
    hr_arena_clean_up(&own.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_place_of_each_format),
        cmocka_unit_test(a_line_to_be_played),
        cmocka_unit_test(a_line_of_an_import),
    };
    return cmocka_run_group_tests(tests, world_make, world_drop);
}
