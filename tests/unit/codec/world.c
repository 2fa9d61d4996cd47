/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

int world_make(void **state)
{
    struct world *world = hr_alloc(sizeof *world);
    struct hr_error error;
    assert_int_equal(hr_zones_load("/usr/share/zoneinfo", &world->zones, &error), HR_OK);
    world->decoder = hr_decoder_new(world->zones);
    hr_arena_init(&world->arena);
    *state = world;
    return 0;
}

int world_drop(void **state)
{
    struct world *world = *state;
    hr_decoder_destroy(world->decoder);
    hr_zones_destroy(world->zones);
    hr_arena_clean_up(&world->arena);
    hr_free(world);
    return 0;
}

const struct hr_format *preset(const char *name)
{
    const struct hr_format *format = hr_format_preset(hr_str(name));
    assert_non_null(format);
    return format;
}

enum hr_reason decode_as(struct world *world, const struct hr_rules *rules,
    const struct hr_format *format, struct hr_str value)
{
    struct hr_log_record record = {.value = value};
    return hr_decode(
        world->decoder, format, rules, &record, &world->arena, &world->event, world->detail);
}
