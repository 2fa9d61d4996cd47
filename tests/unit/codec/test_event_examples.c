/* SPDX-License-Identifier: Apache-2.0 */
/* The published examples of events: the good ones decode, the broken ones are refused for the
 * reason that stands beside them. */
#include "codec/json.h"
#include "world.h"

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

static void open_file(struct world *world, const char *name, struct hr_document *file)
{
    struct hr_str path = hr_arena_printf(&world->arena, "schemas/events/%s.json%c", name, 0);
    FILE *stream = fopen(path.at, "rb");
    assert_non_null(stream);
    char *text = hr_arena_take(&world->arena, 1 << 20);
    size_t len = fread(text, 1, 1 << 20, stream);
    fclose(stream);
    assert_in_range(len, 1, (1 << 20) - 1);
    hr_document_init(file);
    if (!hr_document_parse(file, (struct hr_str){text, len})) {
        fail_msg("%s, byte %zu: %s", path.at, file->wrong_at, file->wrong);
    }
}

static struct hr_str member(
    struct world *world, const struct hr_document *file, uint32_t node, const char *name)
{
    uint32_t found = hr_document_member(file, node, hr_str(name));
    return found == HR_JSON_NONE ? (struct hr_str){NULL, 0}
                                 : hr_document_text(file, found, &world->arena);
}

static void check_good(struct world *world, const struct hr_format *format, struct hr_str text)
{
    if (decode_as(world, &rules, format, text)) {
        fail_msg("%.*s: %s", (int)text.len, text.at, world->detail);
    }
    assert_true(world->event.usage || world->event.fact);
    assert_true(!world->event.usage || world->event.values[0].kind != HR_VALUE_MISSING);
}

static void check_broken(struct world *world, const struct hr_format *format, struct hr_str text,
    struct hr_str expected, struct hr_str detail)
{
    enum hr_reason reason = decode_as(world, &rules, format, text);
    if (!hr_str_is(expected, hr_reason_name(reason)) ||
        !hr_str_equal(detail, (struct hr_str){world->detail, detail.len})) {
        fail_msg("%.*s: %s, %s", (int)text.len, text.at, hr_reason_name(reason), world->detail);
    }
}

static void check_file(struct world *world, const char *name)
{
    struct hr_document file;
    open_file(world, name, &file);
    const struct hr_format *format = hr_format_preset(member(world, &file, 0, "format"));
    uint32_t good = hr_document_member(&file, 0, HR_STR("good"));
    uint32_t broken = hr_document_member(&file, 0, HR_STR("broken")), seen = 0;
    assert_non_null(format);
    assert_true(good != HR_JSON_NONE && broken != HR_JSON_NONE);
    for (uint32_t at = good + 1; at < file.nodes[good].next; at = file.nodes[at].next, seen++) {
        check_good(world, format, hr_document_raw(&file, at));
    }
    assert_in_range(seen, 2, 1000);
    seen = 0;
    for (uint32_t at = broken + 1; at < file.nodes[broken].next; at = file.nodes[at].next, seen++) {
        struct hr_str text = member(world, &file, at, "text");
        check_broken(world, format, text.at ? text : member(world, &file, at, "event"),
            member(world, &file, at, "reason"), member(world, &file, at, "detail"));
    }
    assert_in_range(seen, 2, 1000);
    hr_document_clean_up(&file);
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

static void product(void **state)
{
    check_file(*state, "product");
}

static void crm(void **state)
{
    check_file(*state, "crm");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(usage),
        cmocka_unit_test(subscription),
        cmocka_unit_test(invoice),
        cmocka_unit_test(account),
        cmocka_unit_test(product),
        cmocka_unit_test(crm),
    };
    return cmocka_run_group_tests(tests, world_make, world_drop);
}
