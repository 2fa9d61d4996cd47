/* SPDX-License-Identifier: Apache-2.0 */
/* The published examples of events (schemas/events/examples): the good ones decode, to what stands
 * beside them; those that are nobody's are ignored; the broken ones are refused for the reason that
 * stands beside them. tests/schemas asks the JSON Schemas the same. */
#include "examples.h"
#include "headroom/hash.h"
#include "headroom/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static const struct hr_str value = TEXT("/value"), user = TEXT("/user");
static const struct hr_event_type types[] = {
    {.name = TEXT("api.request"), .fields = &value, .field_count = 1},
    {.name = TEXT("user.active"), .fields = &user, .field_count = 1},
};
static const struct hr_rules rules = {.types = types, .type_count = 2};

static size_t failures; /* of the test that runs: all cases are shown, then it fails */

static void fail_case(const struct example *example, const char *why, const char *detail)
{
    failures++;
    print_error("%s, %.*s: %s (%s)\n", example->file, (int)example->name.len, example->name.at, why,
        detail);
}

/* --- what a fact says ------------------------------------------------------------------------ */

static bool same_moment(struct hr_moment a, struct hr_moment b)
{
    return a.kind == b.kind && (a.kind != HR_MOMENT_DATE || a.day == b.day) &&
           (a.kind != HR_MOMENT_TIME || hr_time_is(a.time, b.time));
}

static bool same_limits(const struct hr_fact *a, const struct hr_fact *b)
{
    bool same = a->has_limits == b->has_limits && a->limit_count == b->limit_count;
    for (size_t i = 0; same && i < a->limit_count; i++) {
        same = hr_str_equal(a->limits[i].name, b->limits[i].name) &&
               a->limits[i].unlimited == b->limits[i].unlimited &&
               a->limits[i].value.units == b->limits[i].value.units;
    }
    return same;
}

static bool same_attributes(const struct hr_fact *a, const struct hr_fact *b)
{
    bool same = a->attribute_count == b->attribute_count;
    for (size_t i = 0; same && i < a->attribute_count; i++) {
        const struct hr_attribute *theirs = NULL;
        for (size_t j = 0; j < b->attribute_count; j++) {
            if (hr_str_equal(a->attributes[i].name, b->attributes[j].name)) {
                theirs = &b->attributes[j];
            }
        }
        same = theirs && theirs->value.kind == a->attributes[i].value.kind &&
               hr_str_equal(theirs->value.text, a->attributes[i].value.text);
    }
    return same;
}

static bool same_money(struct hr_money a, struct hr_money b)
{
    return a.minor == b.minor && strcmp(a.currency, b.currency) == 0;
}

static const char *differs(const struct hr_fact *a, const struct hr_fact *b)
{
    const struct {
        const char *name;
        bool same;
    } parts[] = {
        {"kind", a->kind == b->kind},
        {"subscription", hr_str_equal(a->subscription, b->subscription)},
        {"plan", !a->plan.at == !b->plan.at && hr_str_equal(a->plan, b->plan)},
        {"limits", same_limits(a, b)},
        {"mrr", a->has_mrr == b->has_mrr && same_money(a->mrr, b->mrr)},
        {"period", a->period.unit == b->period.unit && a->period.count == b->period.count},
        {"period_start", same_moment(a->period_start, b->period_start)},
        {"renewal_date", same_moment(a->renewal_date, b->renewal_date)},
        {"started_at", same_moment(a->started_at, b->started_at)},
        {"ends_at", same_moment(a->ends_at, b->ends_at)},
        {"timezone", a->zone == b->zone},
        {"invoice", hr_str_equal(a->invoice, b->invoice)},
        {"arr", a->has_arr == b->has_arr && same_money(a->arr, b->arr)},
        {"attributes", same_attributes(a, b)},
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (!parts[i].same) {
            return parts[i].name;
        }
    }
    return NULL;
}

/* The native event that a foreign one becomes. */
static void check_becomes(struct world *world, const struct example *example, uint32_t becomes)
{
    static const char *const members[] = {"type", "subject", "time", "data"};
    struct hr_event foreign = world->event;
    struct hr_str text = HR_STR("{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/s\"");
    for (size_t i = 0; i < 4; i++) {
        uint32_t node = hr_document_member(example->json, becomes, hr_str(members[i]));
        if (node != HR_JSON_NONE) {
            struct hr_str raw = hr_document_raw(example->json, node);
            text = hr_arena_printf(&world->arena, "%.*s,\"%s\":%.*s", (int)text.len, text.at,
                members[i], (int)raw.len, raw.at);
        }
    }
    text = hr_arena_join(&world->arena, text, "}", HR_STR(""));
    if (decode_as(world, &rules, preset("cloudevents"), text) || !world->event.fact) {
        fail_case(example, "what it becomes is no account event", world->detail);
        return;
    }
    const char *other = differs(foreign.fact, world->event.fact);
    if (!hr_str_equal(foreign.account, world->event.account)) {
        other = "subject";
    }
    if (!hr_time_is(world->event.time, HR_TIME_NONE) &&
        !hr_time_is(world->event.time, foreign.time)) {
        other = "time";
    }
    if (other) {
        fail_case(example, "becomes something else", other);
    }
}

/* The parts of a usage event. */
static void check_reads(struct world *world, const struct example *example, uint32_t reads)
{
    const struct hr_event *event = &world->event;
    const struct hr_document *json = example->json;
    char time[HR_TIME_TEXT] = "";
    size_t len = hr_time_is(event->time, HR_TIME_NONE) ? 0 : hr_time_print(event->time, time);
    const struct {
        const char *name;
        struct hr_str text;
    } parts[] = {
        {"account", event->account},
        {"source", event->source},
        {"id", event->id},
        {"type", event->type},
        {"time", {time, len}},
        {"value", event->usage ? event->values[0].text : (struct hr_str){NULL, 0}},
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        uint32_t node = hr_document_member(json, reads, hr_str(parts[i].name));
        if (node != HR_JSON_NONE &&
            !hr_str_equal(hr_document_text(json, node, &world->arena), parts[i].text)) {
            fail_case(example, parts[i].name, hr_escape(&world->arena, parts[i].text, 80));
        }
    }
}

static void check_good(
    struct world *world, const struct hr_format *format, const struct example *example)
{
    if (decode_as(world, &rules, format, example->text)) {
        fail_case(example, "refused", world->detail);
        return;
    }
    if (!world->event.account.at || (!world->event.usage && !world->event.fact)) {
        fail_case(example, "it is nobody's", "");
        return;
    }
    uint32_t becomes = hr_document_member(example->json, example->node, HR_STR("becomes"));
    uint32_t reads = hr_document_member(example->json, example->node, HR_STR("reads"));
    if (reads != HR_JSON_NONE) {
        check_reads(world, example, reads);
    }
    if (becomes != HR_JSON_NONE) {
        check_becomes(world, example, becomes);
    }
}

static void check_ignored(
    struct world *world, const struct hr_format *format, const struct example *example)
{
    if (decode_as(world, &rules, format, example->text)) {
        fail_case(example, "refused", world->detail);
    } else if (world->event.account.at && (world->event.usage || world->event.fact)) {
        fail_case(example, "it is somebody's", "");
    }
}

static void check_broken(
    struct world *world, const struct hr_format *format, const struct example *example)
{
    enum hr_reason reason = decode_as(world, &rules, format, example->text);
    struct hr_str detail = example_member(world, example, "detail");
    if (!hr_str_is(example_member(world, example, "reason"), hr_reason_name(reason))) {
        fail_case(example, hr_reason_name(reason), world->detail);
    } else if (detail.at && !strstr(world->detail, hr_arena_copy(&world->arena, detail).at)) {
        fail_case(example, "said something else", world->detail);
    }
}

static void each_format(void **state)
{
    struct world *world = *state;
    const struct hr_format *presets;
    size_t count = hr_format_presets(&presets);
    failures = 0;
    for (size_t i = 0; i < count; i++) {
        const struct hr_format *format = &presets[i];
        const char *folder = hr_arena_printf(&world->arena, "schemas/events/examples/%.*s%c",
            (int)format->name.len, format->name.at, 0)
                                 .at;
        size_t good = examples_each(world, folder, format, "good", check_good);
        size_t broken = examples_each(world, folder, format, "broken", check_broken);
        (void)examples_each(world, folder, format, "ignored", check_ignored);
        if (good < 5 || broken < 5) {
            fail_msg("%s: %zu good and %zu broken examples", folder, good, broken);
        }
    }
    assert_int_equal(failures, 0);
}

/* --- what is not as it should be -------------------------------------------------------------- */

#define MUTATIONS 40

/* Bytes changed, cut and doubled: any verdict is right, as long as there is one. */
static void mutate(
    struct world *world, const struct hr_format *format, const struct example *example)
{
    static const char alphabet[] = "{}[]\",:\\/0019-+.eEtrufalsn \xff";
    uint64_t random = hr_hash64(example->text, 0);
    struct world other = *world; /* with memory of its own, for the file's is in use */
    hr_arena_init(&other.arena);
    for (int i = 0; i < MUTATIONS; i++) {
        struct hr_str text = hr_arena_copy(&other.arena, example->text);
        char *bytes = (char *)(uintptr_t)text.at;
        random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        size_t at = (size_t)(random >> 33) % (text.len + 1);
        if (i % 4 == 0) {
            text.len = at;
        }
        for (size_t j = at; j < text.len && j < at + 1 + (size_t)(i % 3); j++) {
            bytes[j] = alphabet[(random >> 13) % (sizeof alphabet - 1)];
        }
        enum hr_reason reason = decode_as(&other, &rules, format, text);
        assert_true(reason < HR_REASON_COUNT && strlen(other.detail) < HR_DETAIL);
        assert_true(!reason == !*other.detail);
        hr_arena_reset(&other.arena);
    }
    hr_arena_clean_up(&other.arena);
}

static void broken_bytes_break_nothing(void **state)
{
    struct world *world = *state;
    const struct hr_format *presets;
    size_t count = hr_format_presets(&presets);
    for (size_t i = 0; i < count; i++) {
        char folder[256];
        snprintf(folder, sizeof folder, "schemas/events/examples/%.*s", (int)presets[i].name.len,
            presets[i].name.at);
        assert_in_range(examples_each(world, folder, &presets[i], "good", mutate), 5, 10000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_format),
        cmocka_unit_test(broken_bytes_break_nothing),
    };
    return cmocka_run_group_tests(tests, world_make, world_drop);
}
