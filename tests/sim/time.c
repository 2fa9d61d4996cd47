/* SPDX-License-Identifier: Apache-2.0 */
/* 5: no timer acts past a record that should have come before it. */
#include "judge.h"

#include <inttypes.h>

/* Where in a home's history a record of a source was applied; 0: nowhere, or under an alias, whose
 * home sends it on, and nobody waits for what is sent on. */
struct applied {
    size_t *at[SIM_TOPICS][SIM_PARTITIONS];
};

static size_t *place_of(struct sim *sim, struct applied *applied, const struct sim_ask *ask)
{
    struct sim_place of =
        sim_place_named(sim, (struct hr_topic_partition){ask->record.topic, ask->record.partition});
    return &applied->at[of.topic][of.partition][ask->record.offset];
}

static void note_applied(struct sim *sim, uint32_t home, struct applied *applied)
{
    for (uint32_t t = 0; t < sim->kafka.topic_count; t++)
        for (int32_t n = 0; n < SIM_PARTITIONS; n++)
            applied->at[t][n] = hr_arena_zeroed(&sim->arena,
                ((size_t)sim->kafka.topics[t].at[n].end + 1) * sizeof *applied->at[t][n]);
    size_t number_of = 0;
    for (struct sim_ask *ask = sim_journal_of(sim, home)->first; ask; ask = ask->next) {
        ask->number = ++number_of;
        if (ask->kind == ASKED_APPLY)
            *place_of(sim, applied, ask) = ask->number;
    }
    for (uint32_t other = 0; other < sim->plan.homes; other++)
        for (struct sim_ask *ask = sim_journal_of(sim, other)->first; ask; ask = ask->next)
            if (ask->kind == ASKED_APPLY && ask->verdict == HR_FORWARDED)
                *place_of(sim, applied, ask) = 0;
}

/* A home topic's records that are forwarded go in their turn and hold nobody. */
static bool holds_time(const struct sim *sim, uint32_t home, uint32_t topic, int32_t partition)
{
    return sim->kafka.topics[topic].source &&
           (topic >= TOPIC_CLICKS || (uint32_t)partition == home);
}

static void judge_tick(struct sim *sim, uint32_t home, const struct sim_ask *tick,
    const struct applied *applied, struct sim_place of, int64_t without)
{
    uint32_t t = of.topic;
    int32_t n = of.partition;
    const struct sim_partition *partition = &sim->kafka.topics[t].at[n];
    int64_t margin = (t >= TOPIC_CLICKS ? 9 : 6) * HR_SECOND;
    margin += sim->plan.steps ? 2 * SIM_STEP_US : 0; /* from too late to too early */
    int64_t order = INT64_MIN;
    for (int64_t offset = 0; offset < partition->end; offset++) {
        const struct sim_entry *entry = &partition->entries[offset];
        if (entry->control)
            continue;
        int64_t stamp = entry->record.timestamp.us;
        if (stamp > entry->appended_us) /* from the future: it comes when it is read */
            return;
        if (t >= TOPIC_CLICKS && stamp == HR_TIME_NONE.us)
            continue; /* forwarded, it takes the clock that it finds */
        order = order > stamp ? order : stamp;
        if (applied->at[t][n][offset] > tick->number && order < tick->at.us && order >= without &&
            entry->appended_us < tick->at.us - margin)
            sim_fail(sim,
                "home %" PRIu32 ": timers acted at %.3f, %.3f s past record %s/%" PRId32
                "@%" PRId64,
                home, (double)tick->asked_us / 1e6, (double)(tick->at.us - order) / 1e6,
                sim->kafka.topics[t].name, n, offset);
    }
}

/* How far a home's time has come while its owner did not read the source that is in the new list
 * alone: what stands there before that comes late. */
static void go_without(const struct sim_ask *ask, int64_t *until)
{
    struct hr_time at = ask->kind == ASKED_RECEIVE ? ask->message.clock : ask->at;
    if (ask->narrow && ask->kind != ASKED_WALL && at.us > *until)
        *until = at.us;
}

/* A home's very first record sets its clock; without a time-stamp to the wall clock. */
static bool begins_without_stamp(struct sim *sim, uint32_t home)
{
    const struct sim_ask *ask = sim_journal_of(sim, home)->first;
    while (ask && ask->kind != ASKED_APPLY)
        ask = ask->next;
    return ask && hr_time_is(ask->record.timestamp, HR_TIME_NONE);
}

void sim_judge_time(struct sim *sim, uint32_t home)
{
    struct applied applied;
    if (begins_without_stamp(sim, home))
        return;
    note_applied(sim, home, &applied);
    int64_t without = INT64_MIN;
    for (const struct sim_ask *ask = sim_journal_of(sim, home)->first; ask; ask = ask->next) {
        go_without(ask, &without);
        for (uint32_t t = 0; ask->kind == ASKED_TICK && t < sim->kafka.topic_count; t++)
            for (int32_t n = 0; n < sim->kafka.topics[t].partitions && !sim->verdict[0]; n++)
                if (holds_time(sim, home, t, n))
                    judge_tick(sim, home, ask, &applied, (struct sim_place){t, n},
                        t == sim->plan.added ? without : INT64_MIN);
    }
}
