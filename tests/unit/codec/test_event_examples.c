/* SPDX-License-Identifier: Apache-2.0 */
/* The published examples of events: the good ones decode, the broken ones are refused for the
 * reason that stands beside them. */
#include "codec/json.h"
#include "headroom/codec.h"
#include "headroom/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define TEXT(text)                                                                                 \
    {                                                                                              \
        (text), sizeof(text) - 1                                                                   \
    }

static const struct hr_str value = TEXT("/value"), user = TEXT("/user");
static const struct hr_event_type types[] = {
    {.name = TEXT("api.request"), .fields = &value, .field_count = 1},
    {.name = TEXT("user.active"), .fields = &user, .field_count = 1},
};
static const struct hr_rules rules = {.types = types, .type_count = 2};

struct world {
    struct hr_zones *zones;
    struct hr_decoder *decoder;
    struct hr_document file;
    struct hr_arena arena;
    struct hr_event event;
    char detail[HR_DETAIL];
};

static int make(void **state)
{
    struct world *world = hr_alloc(sizeof *world);
    struct hr_error error;
    assert_int_equal(hr_zones_load("/usr/share/zoneinfo", &world->zones, &error), HR_OK);
    world->decoder = hr_decoder_new(world->zones);
    hr_document_init(&world->file);
    hr_arena_init(&world->arena);
    *state = world;
    return 0;
}

static int drop(void **state)
{
    struct world *world = *state;
    hr_decoder_destroy(world->decoder);
    hr_zones_destroy(world->zones);
    hr_document_clean_up(&world->file);
    hr_arena_clean_up(&world->arena);
    hr_free(world);
    return 0;
}

static void open_file(struct world *world, const char *name)
{
    struct hr_str path = hr_arena_printf(&world->arena, "schemas/events/%s.json%c", name, 0);
    FILE *file = fopen(path.at, "rb");
    assert_non_null(file);
    char *text = hr_arena_take(&world->arena, 1 << 20);
    size_t len = fread(text, 1, 1 << 20, file);
    fclose(file);
    assert_in_range(len, 1, (1 << 20) - 1);
    if (!hr_document_parse(&world->file, (struct hr_str){text, len})) {
        fail_msg("%s, byte %zu: %s", path.at, world->file.wrong_at, world->file.wrong);
    }
}

static struct hr_str member(struct world *world, uint32_t node, const char *name)
{
    uint32_t found = hr_document_member(&world->file, node, hr_str(name));
    return found == HR_JSON_NONE ? (struct hr_str){NULL, 0}
                                 : hr_document_text(&world->file, found, &world->arena);
}

static enum hr_reason decode(struct world *world, struct hr_str text)
{
    const struct hr_format *format = hr_format_preset(member(world, 0, "format"));
    struct hr_log_record record = {.value = text};
    assert_non_null(format);
    return hr_decode(
        world->decoder, format, &rules, &record, &world->arena, &world->event, world->detail);
}

static void check_file(struct world *world, const char *name)
{
    open_file(world, name);
    const struct hr_json_node *nodes = world->file.nodes;
    uint32_t list = hr_document_member(&world->file, 0, HR_STR("good")), seen = 0;
    assert_int_not_equal(list, HR_JSON_NONE);
    for (uint32_t at = list + 1; at < nodes[list].next; at = nodes[at].next, seen++) {
        struct hr_str text = hr_document_raw(&world->file, at);
        if (decode(world, text)) {
            fail_msg("%s: %.*s: %s", name, (int)text.len, text.at, world->detail);
        }
        assert_true(world->event.usage || world->event.fact);
        assert_true(!world->event.usage || world->event.values[0].kind != HR_VALUE_MISSING);
    }
    assert_in_range(seen, 2, 1000);
    list = hr_document_member(&world->file, 0, HR_STR("broken"));
    assert_int_not_equal(list, HR_JSON_NONE);
    seen = 0;
    for (uint32_t at = list + 1; at < nodes[list].next; at = nodes[at].next, seen++) {
        struct hr_str text = member(world, at, "text"), detail = member(world, at, "detail");
        if (!text.at) {
            text = member(world, at, "event");
        }
        enum hr_reason reason = decode(world, text);
        if (!hr_str_is(member(world, at, "reason"), hr_reason_name(reason)) ||
            !hr_str_equal(detail, (struct hr_str){world->detail, detail.len})) {
            fail_msg("%s: %.*s: %s, %s", name, (int)text.len, text.at, hr_reason_name(reason),
                world->detail);
        }
    }
    assert_in_range(seen, 2, 1000);
}

static void usage(void **state)
{
    check_file(*state, "usage");
}

static void subscription(void **state)
{
    check_file(*state, "subscription");
}

static void invoice(void **state)
{
    check_file(*state, "invoice");
}

static void account(void **state)
{
    check_file(*state, "account");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(usage),
        cmocka_unit_test(subscription),
        cmocka_unit_test(invoice),
        cmocka_unit_test(account),
    };
    return cmocka_run_group_tests(tests, make, drop);
}
