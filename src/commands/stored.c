/* SPDX-License-Identifier: Apache-2.0 */
#include "stored.h"

#include "headroom/log.h"

#include <unistd.h>

#define SEEN_CAPACITY 256 /* one block: nothing here looks for duplicates */

enum hr_fate hr_stored_open(const struct hr_config *config, const struct hr_zones *zones,
    struct hr_stored *stored, struct hr_error *error)
{
    static const struct hr_log log = {HR_ERROR, STDERR_FILENO};
    const struct hr_redis_settings settings = {
        .url = config->redis_url, .prefix = config->prefix, .log = &log};
    enum hr_fate fate = hr_redis_open(&settings, &stored->store, error);
    if (fate == HR_RETRY) {
        hr_redis_close(&stored->store); /* open all the same, to be tried again; not here */
    }
    if (fate != HR_OK) {
        return fate;
    }
    fate = hr_manifest_copy_open(&stored->store, zones, &stored->manifest, error);
    if (fate != HR_OK) {
        hr_stored_close(stored);
    }
    return fate;
}

void hr_stored_close(struct hr_stored *stored)
{
    hr_manifest_copy_close(&stored->manifest);
    hr_redis_close(&stored->store);
}

struct hr_home_settings hr_stored_home(struct hr_stored *stored, uint32_t number)
{
    struct hr_manifest_copy *manifest = &stored->manifest;
    return (struct hr_home_settings){.number = number,
        .count = manifest->homes,
        .seen_capacity = SEEN_CAPACITY,
        .rules = hr_manifest_copy_rules(manifest, manifest->epoch),
        .rules_of = hr_manifest_copy_rules,
        .context = manifest,
        .zones = manifest->zones,
        .live_from = manifest->live_from};
}

enum hr_fate hr_stored_load(struct hr_stored *stored, struct hr_home *home, uint32_t number,
    struct hr_str name, struct hr_arena *arena, struct hr_error *error)
{
    for (;;) {
        struct hr_keys keys = {.arena = arena};
        hr_home_wants(home, name, &keys);
        if (keys.count == 0) {
            return HR_OK;
        }
        struct hr_str *values = hr_arena_take(arena, keys.count * sizeof(*values));
        struct hr_str marker;
        enum hr_fate fate = stored->store.load(
            stored->store.self, number, keys.at, keys.count, arena, values, &marker, error);
        for (size_t i = 0; fate == HR_OK && i < keys.count; i++) {
            struct hr_keys more = {.arena = arena};
            fate = hr_home_load(home, keys.at[i], values[i], &more, error);
        }
        if (fate != HR_OK) {
            return fate;
        }
    }
}
