/* SPDX-License-Identifier: Apache-2.0 */
/* The group: static members, one a slot; generations; the range assignor.
 *
 * A member is heard as long as its process runs, whatever that waits for. One that is not heard for
 * a session is out, and what it held is given to others. Who comes back with a slot that the group
 * still knows gets its place without a new generation, unless it subscribes to other topics than it
 * did, and the older process of that slot is fenced. While the group regroups the old generation
 * may still send offsets. */
#include "sim.h"

#include <inttypes.h>

#define SESSION_US (10 * HR_SECOND)

static struct sim_member *member_of(const struct sim_process *me)
{
    return &me->sim->kafka.members[me->slot];
}

static void regroup(struct sim *sim, const char *why, uint32_t slot)
{
    struct sim_kafka *kafka = &sim->kafka;
    sim_say(sim, NULL, "the group regroups: slot %" PRIu32 " %s", slot, why);
    if (kafka->rebalancing)
        return;
    kafka->rebalancing = true;
    sim->tally.rebalances++;
    for (size_t i = 0; i < SIM_SLOTS; i++)
        kafka->members[i].ready = false;
}

/* Partitions of each topic in ranges over those members by name that subscribed to it; the first
 * ones get one more. */
static void assign(struct sim *sim)
{
    struct sim_kafka *kafka = &sim->kafka;
    for (uint32_t i = 0; i < SIM_SLOTS; i++)
        kafka->members[i].assigned_count = 0;
    for (uint32_t t = 0; t < kafka->topic_count; t++) {
        const struct sim_topic *topic = &kafka->topics[t];
        uint32_t count = 0, slots[SIM_SLOTS];
        for (uint32_t i = 0; i < SIM_SLOTS; i++)
            if (kafka->members[i].joined &&
                (t == TOPIC_INTERNAL || sim_reads(sim, t, kafka->members[i].narrow)))
                slots[count++] = i;
        if (!count)
            continue;
        uint32_t each = (uint32_t)topic->partitions / count;
        uint32_t more = (uint32_t)topic->partitions % count;
        int32_t next = 0;
        for (uint32_t i = 0; i < count; i++) {
            struct sim_member *member = &kafka->members[slots[i]];
            for (uint32_t k = 0; k < each + (i < more); k++)
                member->assigned[member->assigned_count++] = (struct sim_place){t, next++};
        }
    }
}

static void finish(struct sim *sim)
{
    struct sim_kafka *kafka = &sim->kafka;
    bool any = false;
    for (size_t i = 0; i < SIM_SLOTS; i++) {
        if (kafka->members[i].joined && !kafka->members[i].ready)
            return;
        any |= kafka->members[i].joined;
    }
    kafka->rebalancing = false;
    if (!any)
        return;
    kafka->generation++;
    assign(sim);
    for (size_t i = 0; i < SIM_SLOTS; i++)
        kafka->members[i].generation = kafka->generation;
    sim_say(sim, NULL, "generation %" PRIu32, kafka->generation);
}

static bool is_heard(const struct sim *sim, uint32_t slot)
{
    uint32_t incarnation = sim->kafka.members[slot].incarnation;
    for (size_t i = 0; i < SIM_SLOTS + sim->zombie_count; i++) {
        const struct sim_process *process =
            i < SIM_SLOTS ? sim->processes[i] : sim->zombies[i - SIM_SLOTS];
        if (process && !process->ended && !process->dead && process->incarnation == incarnation &&
            process->paused_until_us <= sim->now_us)
            return true;
    }
    return false;
}

void sim_group_tick(struct sim *sim)
{
    for (uint32_t slot = 0; slot < SIM_SLOTS; slot++) {
        struct sim_member *member = &sim->kafka.members[slot];
        if (!member->joined)
            continue;
        if (is_heard(sim, slot))
            member->heard_us = sim->now_us;
        if (sim->now_us - member->heard_us <= SESSION_US)
            continue;
        member->joined = false;
        member->assigned_count = 0;
        regroup(sim, "is not heard", slot);
    }
    if (sim->kafka.rebalancing)
        finish(sim);
}

static void join(struct sim_process *me)
{
    struct sim *sim = me->sim;
    struct sim_member *member = member_of(me);
    bool known = member->joined, same = member->narrow == me->narrow;
    member->joined = true;
    member->incarnation = me->incarnation;
    member->narrow = me->narrow;
    member->heard_us = sim->now_us;
    if (known && same && !sim->kafka.rebalancing) {
        sim_say(sim, me, "takes its slot again in generation %" PRIu32, member->generation);
        return;
    }
    if (!known || !same)
        regroup(sim, known ? "joins for other topics" : "joins", me->slot);
    member->ready = true;
}

enum hr_broker_event_kind sim_group_poll(struct sim_process *me, bool *fenced)
{
    struct sim *sim = me->sim;
    struct sim_member *member = member_of(me);
    bool mine = member->joined && member->incarnation == me->incarnation;
    *fenced = false;
    if (me->has_joined && !mine) {
        *fenced = member->joined; /* who joined last has the slot */
        if (*fenced)
            return HR_BROKER_NOTHING;
        me->has_joined = false;
        if (me->has_assignment) {
            me->has_assignment = false;
            me->reading_count = 0;
            return HR_BROKER_LOST;
        }
    }
    if (!me->has_joined) {
        me->has_joined = true;
        join(me);
        return HR_BROKER_NOTHING;
    }
    if (sim->kafka.rebalancing) {
        bool had = me->has_assignment;
        me->has_assignment = false;
        me->reading_count = 0;
        member->ready = true;
        return had ? HR_BROKER_REVOKED : HR_BROKER_NOTHING;
    }
    if (me->has_assignment && me->generation == member->generation)
        return HR_BROKER_NOTHING;
    if (me->has_assignment) { /* regrouped while it waited elsewhere */
        me->has_assignment = false;
        me->reading_count = 0;
        return HR_BROKER_REVOKED;
    }
    me->has_assignment = true;
    me->generation = member->generation;
    return HR_BROKER_ASSIGNED;
}

bool sim_group_holds(const struct sim_process *me, uint32_t generation)
{
    const struct sim_member *member = member_of(me);
    return member->joined && member->incarnation == me->incarnation &&
           me->sim->kafka.generation == generation && member->generation == generation;
}
