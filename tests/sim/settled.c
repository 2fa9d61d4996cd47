/* SPDX-License-Identifier: Apache-2.0 */
/* 1: when a run has settled. */
#include "sim.h"

#include "pipeline/wire.h"

#include <inttypes.h>

static int64_t gauge(struct sim_process *process, const char *name, uint32_t partition)
{
    char text[16];
    snprintf(text, sizeof text, "%" PRIu32, partition);
    return hr_cell_get(hr_metric(process->metrics, HR_METRIC_GAUGE, name, "", 1,
        (const char *const[]){"partition", text, NULL}));
}

/* What it says of its lag: behind markers that nobody will ever read there is none. */
static bool is_level(const struct sim *sim, struct sim_process *process, uint32_t home)
{
    char text[16];
    snprintf(text, sizeof text, "%" PRIu32, home);
    for (uint32_t t = TOPIC_USAGE; t <= TOPIC_BILLING; t++)
        if (hr_cell_get(hr_metric(process->metrics, HR_METRIC_GAUGE, "headroom_lag_records", "", 1,
                (const char *const[]){
                    "topic", sim->kafka.topics[t].name, "partition", text, NULL})) != 0)
            return false;
    return true;
}

static bool is_live(struct sim *sim, uint32_t home)
{
    for (uint32_t slot = 0; slot < sim->plan.processes; slot++) {
        const struct sim_member *member = &sim->kafka.members[slot];
        struct sim_process *process = sim->processes[slot];
        if (!process || !member->joined || member->incarnation != process->incarnation)
            continue;
        for (size_t i = 0; i < member->assigned_count; i++)
            if (member->assigned[i].topic == TOPIC_INTERNAL &&
                (uint32_t)member->assigned[i].partition == home)
                return gauge(process, "headroom_partition_state", home) == 1 &&
                       is_level(sim, process, home) &&
                       sim_wall(sim) - gauge(process, "headroom_partition_time_seconds", home) <
                           8 * HR_SECOND;
    }
    return false;
}

static bool is_consumed(const struct sim *sim, struct sim_place of)
{
    int64_t next = sim->kafka.topics[of.topic].at[of.partition].committed;
    return next != HR_OFFSET_NONE && !sim_next_committed(sim, of, &next);
}

/* Clock reports come for ever; nothing else is left of what homes sent each other. */
static bool is_heard(struct sim *sim, uint32_t home)
{
    struct sim_place of = {TOPIC_INTERNAL, (int32_t)home};
    int64_t next = sim_partition_at(sim, of)->committed;
    struct hr_arena arena;
    hr_arena_init(&arena);
    bool heard = true;
    for (const struct sim_entry *entry; heard && (entry = sim_next_committed(sim, of, &next));
         next++) {
        struct hr_internal internal;
        heard = hr_internal_get(entry->record.value, &arena, &internal) &&
                internal.kind == HR_INTERNAL_CLOCK;
    }
    hr_arena_clean_up(&arena);
    return heard;
}

/* A batch that is full leaves timers for the next one. */
static bool has_acted(const struct sim *sim, uint32_t home)
{
    const struct sim_table *timers = &sim->redis.homes[home].timers;
    for (size_t i = 0; i < timers->count; i++) {
        struct hr_time due;
        memcpy(&due, timers->at[i].value.at, sizeof due);
        if (due.us < sim_wall(sim) - 8 * HR_SECOND)
            return false;
    }
    return true;
}

bool sim_is_settled(struct sim *sim)
{
    if (sim->kafka.unsettled)
        return false;
    for (uint32_t slot = 0; slot < sim->plan.processes; slot++)
        if (sim->respawn_us[slot] || !sim->processes[slot])
            return false;
    for (uint32_t home = 0; home < sim->plan.homes; home++)
        if (!is_live(sim, home) || !sim_redis_follows(sim, home) || !is_heard(sim, home) ||
            !has_acted(sim, home))
            return false;
    for (uint32_t t = 0; t < sim->kafka.topic_count; t++)
        for (int32_t n = 0; sim->kafka.topics[t].source && n < sim->kafka.topics[t].partitions; n++)
            if (!is_consumed(sim, (struct sim_place){t, n}))
                return false;
    return true;
}
