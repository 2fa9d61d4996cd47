/* SPDX-License-Identifier: Apache-2.0 */
#include "stored.h"

#include "headroom/pipeline.h"
#include "preflight.h"

#include <time.h>
#include <unistd.h>

#define WRITTEN_WITHIN HR_SECOND
#define KAFKA_MS 3000
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

/* One look; what the loaded values want in turn is in `more`. */
static enum hr_fate load_keys(struct hr_stored *stored, struct hr_home *home, uint32_t number,
    const struct hr_keys *keys, struct hr_keys *more, struct hr_error *error)
{
    struct hr_str *values = hr_arena_take(keys->arena, keys->count * sizeof(*values));
    struct hr_str marker;
    enum hr_fate fate = stored->store.load(
        stored->store.self, number, keys->at, keys->count, keys->arena, values, &marker, error);
    for (size_t i = 0; fate == HR_OK && i < keys->count; i++) {
        fate = hr_home_load(home, keys->at[i], values[i], more, error);
    }
    return fate;
}

enum hr_fate hr_stored_load(struct hr_stored *stored, struct hr_home *home, uint32_t number,
    struct hr_str name, struct hr_arena *arena, struct hr_error *error)
{
    for (;;) {
        struct hr_keys keys = {.arena = arena}, more = {.arena = arena};
        hr_home_wants(home, name, &keys);
        if (keys.count == 0) {
            return HR_OK;
        }
        enum hr_fate fate = load_keys(stored, home, number, &keys, &more, error);
        if (fate != HR_OK) {
            return fate;
        }
    }
}

enum hr_fate hr_stored_load_holds(struct hr_stored *stored, struct hr_home *home, uint32_t number,
    struct hr_arena *arena, struct hr_error *error)
{
    struct hr_keys keys = {.arena = arena};
    enum hr_fate fate = HR_OK;
    hr_home_holds_keys(home, &keys);
    while (keys.count > 0 && fate == HR_OK) {
        struct hr_keys more = {.arena = arena};
        fate = load_keys(stored, home, number, &keys, &more, error);
        keys = more;
    }
    return fate;
}

/* C before M: a batch that is committed in between makes M newer, which is not behind. */
static enum hr_fate read_committed(struct hr_arena *arena, const struct hr_config *config,
    uint32_t number, struct hr_str *metadata, struct hr_error *error)
{
    static const struct hr_log log = {HR_ERROR, STDERR_FILENO};
    const struct hr_kafka_settings settings = hr_kafka_settings_of(config, &log);
    const struct hr_topic_partition of = {config->internal_topic, (int32_t)number};
    struct hr_kafka_admin *admin;
    enum hr_fate fate = hr_kafka_admin_open(&settings, &admin, error);
    if (fate == HR_OK) {
        fate = hr_kafka_committed_metadata(admin, &settings, of, KAFKA_MS, arena, metadata, error);
    }
    hr_kafka_admin_close(admin);
    return fate;
}

enum hr_standing hr_stored_standing(struct hr_stored *stored, const struct hr_config *config,
    uint32_t number, struct hr_error *error)
{
    static const struct timespec pause = {.tv_nsec = 20 * 1000 * 1000};
    struct hr_arena arena;
    struct hr_str metadata, marker;
    hr_arena_init(&arena);
    enum hr_fate fate = read_committed(&arena, config, number, &metadata, error);
    int64_t give_up = hr_clock_monotonic_us() + WRITTEN_WITHIN;
    bool behind = true;
    while (fate == HR_OK && behind && hr_clock_monotonic_us() < give_up) {
        fate =
            stored->store.load(stored->store.self, number, NULL, 0, &arena, NULL, &marker, error);
        behind = fate == HR_OK && hr_marker_is_behind(marker, metadata);
        if (behind) {
            nanosleep(&pause, NULL);
        }
    }
    hr_arena_clean_up(&arena);
    return fate != HR_OK ? HR_STANDING_UNKNOWN
           : behind      ? HR_STANDING_RESTORING
                         : HR_STANDING_CURRENT;
}
