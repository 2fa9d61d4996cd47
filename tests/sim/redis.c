/* SPDX-License-Identifier: Apache-2.0 */
/* What a Redis holds, and what becomes of it: writes as the compare-and-set script does them, in
 * its order (timers, values, deletions, views, marker); a replica that lags takes over; a restart
 * without the last seconds; an empty one; an old copy put back; and a write that was sent long ago
 * by a connection that is gone and arrives now. */
#include "sim.h"

#include <inttypes.h>

/* --- tables -------------------------------------------------------------------------------------
 */

static size_t place_in(const struct sim_table *table, struct hr_str key, bool *found)
{
    size_t low = 0, high = table->count;
    *found = false;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = hr_str_compare(table->at[middle].key, key);
        if (order == 0) {
            *found = true;
            return middle;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct hr_str sim_table_get(const struct sim_table *table, struct hr_str key)
{
    bool found;
    size_t at = place_in(table, key, &found);
    return found ? table->at[at].value : (struct hr_str){NULL, 0};
}

void sim_table_set(struct sim *sim, struct sim_table *table, struct hr_str key, struct hr_str value)
{
    bool found;
    size_t at = place_in(table, key, &found);
    if (found && !value.at) {
        memmove(&table->at[at], &table->at[at + 1], (--table->count - at) * sizeof *table->at);
        return;
    }
    if (!value.at)
        return;
    if (!found) {
        if (table->count == table->room) {
            size_t room = table->room ? table->room * 2 : 32;
            struct sim_pair *pairs = hr_arena_take(&sim->arena, room * sizeof *pairs);
            if (table->count)
                memcpy(pairs, table->at, table->count * sizeof *pairs);
            table->at = pairs;
            table->room = room;
        }
        memmove(&table->at[at + 1], &table->at[at], (table->count++ - at) * sizeof *table->at);
        table->at[at].key = sim_copy(sim, key);
    }
    table->at[at].value = sim_copy(sim, value);
}

static struct sim_table copy_table(struct sim *sim, const struct sim_table *table)
{
    struct sim_table copy = {.count = table->count, .room = table->count};
    copy.at = hr_arena_take(&sim->arena, (table->count + 1) * sizeof *copy.at);
    if (table->count)
        memcpy(copy.at, table->at, table->count * sizeof *copy.at);
    return copy;
}

static struct sim_home_store copy_home(struct sim *sim, const struct sim_home_store *home)
{
    return (struct sim_home_store){home->marker, copy_table(sim, &home->values),
        copy_table(sim, &home->timers), copy_table(sim, &home->views)};
}

/* --- what becomes of it
 * ---------------------------------------------------------------------------
 */

bool sim_redis_is_needed(const struct sim *sim)
{
    return sim->restoring == HR_RESTORE_FROM_REDIS;
}

/* The marker begins as the metadata of the committed offsets do. */
bool sim_redis_follows(const struct sim *sim, uint32_t home)
{
    struct hr_str metadata = sim->kafka.topics[TOPIC_INTERNAL].at[home].committed_metadata;
    struct hr_str marker = sim->redis.homes[home].marker;
    return metadata.at && marker.len > metadata.len &&
           memcmp(marker.at, metadata.at, metadata.len) == 0;
}

void sim_redis_remember(struct sim *sim, uint32_t home)
{
    struct sim_redis *redis = &sim->redis;
    redis->history[redis->history_next].home = home;
    redis->history[redis->history_next].before = copy_home(sim, &redis->homes[home]);
    redis->history_next = (redis->history_next + 1) % SIM_HISTORY;
    redis->history_count += redis->history_count < SIM_HISTORY;
}

void sim_redis_lose(struct sim *sim, size_t writes)
{
    struct sim_redis *redis = &sim->redis;
    size_t lost = 0;
    for (; lost < writes && redis->history_count; lost++) {
        redis->history_count--;
        redis->history_next = (redis->history_next + SIM_HISTORY - 1) % SIM_HISTORY;
        redis->homes[redis->history[redis->history_next].home] =
            redis->history[redis->history_next].before;
    }
    sim_say(sim, NULL, "Redis LOSES its last %zu writes", lost);
    if (sim_one_in(&sim->of_fault, 2))
        sim_redis_cut(sim);
}

void sim_redis_wipe(struct sim *sim)
{
    sim_say(sim, NULL, "Redis is WIPED");
    memset(sim->redis.homes, 0, sizeof sim->redis.homes);
    sim->redis.manifest = (struct sim_table){0};
    sim->redis.history_count = 0;
    if (sim_one_in(&sim->of_fault, 2))
        sim_redis_cut(sim);
}

void sim_redis_keep_copy(struct sim *sim)
{
    for (uint32_t n = 0; n < sim->plan.homes; n++)
        sim->redis.old[n] = copy_home(sim, &sim->redis.homes[n]);
    sim->redis.has_old = true;
    sim_say(sim, NULL, "a copy of Redis is kept");
}

void sim_redis_put_copy_back(struct sim *sim)
{
    if (!sim->redis.has_old)
        return;
    for (uint32_t n = 0; n < sim->plan.homes; n++)
        sim->redis.homes[n] = copy_home(sim, &sim->redis.old[n]);
    sim->redis.history_count = 0;
    sim_say(sim, NULL, "an OLD COPY of Redis is put back");
    sim_redis_cut(sim);
}

/* --- the script ---------------------------------------------------------------------------------
 */

static void set_timers(
    struct sim *sim, struct sim_home_store *home, const struct hr_store_write *write, bool timed)
{
    for (size_t i = 0; i < write->count; i++) {
        const struct hr_store_value *value = &write->values[i];
        if (!value->account.len || hr_time_is(value->due, HR_TIME_NEVER) == timed)
            continue;
        struct hr_str due = {(const char *)&value->due, sizeof value->due};
        sim_table_set(sim, &home->timers, value->account, timed ? due : (struct hr_str){NULL, 0});
    }
}

static void set_values(
    struct sim *sim, struct sim_home_store *home, const struct hr_store_write *write, bool present)
{
    for (size_t i = 0; i < write->count; i++)
        if ((write->values[i].value.at != NULL) == present)
            sim_table_set(sim, &home->values, write->values[i].key, write->values[i].value);
}

static void set_views(
    struct sim *sim, struct sim_home_store *home, const struct hr_store_write *write)
{
    for (size_t i = 0; i < write->count; i++)
        if (write->values[i].with_view)
            sim_table_set(sim, &home->views, write->values[i].account, (struct hr_str){NULL, 0});
    for (size_t i = 0; i < write->count; i++)
        if (write->values[i].with_view && write->values[i].view_count)
            sim_table_set(sim, &home->views, write->values[i].account, HR_STR("shown"));
}

enum hr_write_outcome sim_redis_execute(struct sim *sim, const struct hr_store_write *write)
{
    struct sim_home_store *home = &sim->redis.homes[write->home];
    if (!hr_str_equal(home->marker, write->expected)) {
        sim_say(sim, NULL, "Redis refuses a write of home %" PRIu32, write->home);
        sim->tally.refused_writes++;
        return HR_WRITE_REFUSED;
    }
    sim_redis_remember(sim, write->home);
    set_timers(sim, home, write, true);
    set_timers(sim, home, write, false);
    set_values(sim, home, write, true);
    set_values(sim, home, write, false);
    set_views(sim, home, write);
    home->marker = sim_copy(sim, write->marker);
    sim_say(sim, NULL, "Redis writes home %" PRIu32 ": %.*s", write->home,
        home->marker.at ? (int)home->marker.len : 4, home->marker.at ? home->marker.at : "none");
    return HR_WRITTEN;
}

void sim_redis_tick(struct sim *sim)
{
    for (struct sim_write **at = &sim->redis.late; *at;) {
        struct sim_write *write = *at;
        if (write->arrives_us > sim->now_us) {
            at = &write->next;
            continue;
        }
        *at = write->next;
        sim_say(sim, NULL, "a write sent long ago arrives");
        sim->tally.late_writes++;
        (void)sim_redis_execute(sim, &write->write);
    }
}
