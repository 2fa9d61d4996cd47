/* SPDX-License-Identifier: Apache-2.0 */
/* The reading half of the broker port: a consumer's polls, its positions, and readers of
 * changelogs. What a poll hands out is a copy of its own until it is released, so that a use after
 * that is found. */
#include "sim.h"

#include <inttypes.h>

struct handle {
    char *bytes[2];
    struct hr_header *headers;
};

/* While brokers are away a call waits for its bound and says so. True: they are, or it is dead. */
static bool is_away(struct sim_process *me, int64_t bound_us)
{
    struct sim *sim = me->sim;
    if (!me->dead && sim_may_fail(sim) && sim_one_in(&me->faults, sim->plan.kafka * 4) &&
        sim_fault_comes(sim)) {
        sim->kafka.away_until_us = sim->now_us + sim_between(&sim->of_fault, 1, 12 * HR_SECOND);
        sim->tally.kafka_faults++;
        sim_say(sim, NULL, "brokers are AWAY until %.3f", (double)sim->kafka.away_until_us / 1e6);
    }
    int64_t left = sim->kafka.away_until_us - sim->now_us;
    if (me->dead || left <= 0)
        return me->dead;
    (void)sim_sleep(me, left < bound_us ? left : bound_us);
    return me->dead || sim->kafka.away_until_us > sim->now_us;
}

static enum hr_fate away(struct sim_process *me, struct hr_error *error)
{
    return me->dead ? sim_dead(error) : hr_fail(error, HR_RETRY, "Kafka: no broker answers");
}

/* Now and then a call just fails. */
static bool fails(struct sim_process *me)
{
    struct sim *sim = me->sim;
    if (!sim_may_fail(sim) || !sim_one_in(&me->faults, sim->plan.kafka * 3) ||
        !sim_fault_comes(sim))
        return false;
    sim->tally.kafka_faults++;
    sim_say(sim, me, "... FAILS");
    return true;
}

/* --- polling ------------------------------------------------------------------------------------
 */

static struct hr_str copy_bytes(struct hr_str text, char **kept)
{
    *kept = text.at ? hr_strdup(text) : NULL;
    return (struct hr_str){*kept, text.len};
}

static void hand_out(
    struct sim_process *me, const struct sim_entry *entry, struct hr_broker_event *event)
{
    struct handle *handle = hr_alloc(sizeof *handle);
    event->kind = HR_BROKER_RECORD;
    event->handle = handle;
    event->record = entry->record;
    event->record.key = copy_bytes(entry->record.key, &handle->bytes[0]);
    event->record.value = copy_bytes(entry->record.value, &handle->bytes[1]);
    handle->headers = hr_alloc((entry->record.header_count + 1) * sizeof *handle->headers);
    for (size_t i = 0; i < entry->record.header_count; i++)
        handle->headers[i] = entry->record.headers[i];
    event->record.headers = handle->headers;
    me->handles++;
}

static void release(void *self, void *opaque)
{
    struct sim_process *me = self;
    struct handle *handle = opaque;
    hr_free(handle->bytes[0]);
    hr_free(handle->bytes[1]);
    hr_free(handle->headers);
    hr_free(handle);
    me->handles--;
}

/* Whoever has slept through a rebalance fetches what his successor has consumed and deleted: the
 * broker's answer to that may come before the group's word. */
static bool fetch_deleted(struct sim_process *me, struct hr_broker_event *event)
{
    struct sim *sim = me->sim;
    if (!me->has_assignment || sim_group_holds(me, me->generation))
        return false;
    for (size_t i = 0; i < me->reading_count; i++) {
        struct sim_reading *reading = &me->reading[i];
        if (reading->next >= sim_partition_at(sim, reading->of)->start)
            continue;
        const char *topic = sim->kafka.topics[reading->of.topic].name;
        sim_say(sim, me, "offset %" PRId64 " of %s/%" PRId32 " is deleted", reading->next, topic,
            reading->of.partition);
        event->kind = HR_BROKER_FAILED;
        event->position.of = (struct hr_topic_partition){hr_str(topic), reading->of.partition};
        (void)hr_fail(&event->error, HR_REFUSE, "Kafka: offset out of range");
        me->reading[i] = me->reading[--me->reading_count];
        return true;
    }
    return false;
}

static bool read_one(struct sim_process *me, struct hr_broker_event *event)
{
    struct sim *sim = me->sim;
    size_t first = (size_t)sim_below(&me->turns, me->reading_count);
    for (size_t i = 0; i < me->reading_count; i++) {
        struct sim_reading *reading = &me->reading[(first + i) % me->reading_count];
        if (reading->paused || sim_partition_at(sim, reading->of)->stalled_until_us > sim->now_us)
            continue;
        if (reading->next < sim_partition_at(sim, reading->of)->start) {
            sim_fail(sim, "offset %" PRId64 " of %s/%" PRId32 " is out of range", reading->next,
                sim->kafka.topics[reading->of.topic].name, reading->of.partition);
            return false;
        }
        const struct sim_entry *entry = sim_next_committed(sim, reading->of, &reading->next);
        if (entry) {
            reading->next = entry->record.offset + 1;
            hand_out(me, entry, event);
            return true;
        }
        int64_t end = sim_stable_end(sim, reading->of);
        if (reading->told_end == end || reading->next < end)
            continue;
        reading->told_end = end;
        event->kind = HR_BROKER_END;
        event->position.of = (struct hr_topic_partition){
            hr_str(sim->kafka.topics[reading->of.topic].name), reading->of.partition};
        event->position.offset = end;
        return true;
    }
    return false;
}

static void poll(void *self, int timeout_ms, struct hr_broker_event *event)
{
    struct sim_process *me = self;
    struct sim *sim = me->sim;
    *event = (struct hr_broker_event){.kind = HR_BROKER_NOTHING};
    bool quick = timeout_ms == 0 && sim->now_us >= sim->kafka.away_until_us;
    if ((!quick || me->dead) && !sim_enter(me, "poll")) {
        event->kind = HR_BROKER_FAILED;
        (void)sim_dead(&event->error);
        return;
    }
    if (sim->now_us < sim->kafka.away_until_us) {
        if (!me->told_away) {
            event->kind = HR_BROKER_FAILED;
            (void)hr_fail(&event->error, HR_RETRY, "Kafka: no broker answers");
        }
        me->told_away = true;
        (void)sim_sleep(me, timeout_ms * MS + MS);
        return;
    }
    me->told_away = false;
    if (fetch_deleted(me, event))
        return;
    bool fenced;
    event->kind = sim_group_poll(me, &fenced);
    if (fenced) {
        event->kind = HR_BROKER_FAILED;
        (void)hr_fail(
            &event->error, HR_STOP, "another process was started with instance %" PRIu32, me->slot);
        return;
    }
    if (event->kind != HR_BROKER_NOTHING) {
        static const char *const names[] = {"", "", "", "ASSIGNED", "REVOKED", "LOST", ""};
        sim_say(sim, me, "poll says %s, generation %" PRIu32, names[event->kind], me->generation);
        return;
    }
    if (me->has_assignment && me->reading_count && read_one(me, event))
        return;
    /* A machine under load polls less often than it might. */
    if (timeout_ms)
        (void)sim_sleep(me, timeout_ms * sim_between(&me->turns, 1, 12) * MS);
}

static void assignment(
    void *self, struct hr_arena *arena, struct hr_topic_partition **partitions, size_t *count)
{
    struct sim_process *me = self;
    const struct sim_member *member = &me->sim->kafka.members[me->slot];
    *count = me->dead || !me->has_assignment ? 0 : member->assigned_count;
    *partitions = hr_arena_zeroed(arena, (*count + 1) * sizeof **partitions);
    for (size_t i = 0; i < *count; i++)
        (*partitions)[i] = (struct hr_topic_partition){
            hr_str(me->sim->kafka.topics[member->assigned[i].topic].name),
            member->assigned[i].partition};
}

static enum hr_fate start(
    void *self, const struct hr_position *positions, size_t count, struct hr_error *error)
{
    struct sim_process *me = self;
    if (!sim_enter(me, "start %zu partitions", count))
        return sim_dead(error);
    if (!me->has_assignment)
        return hr_fail(error, HR_RETRY, "Kafka: nothing is assigned");
    hr_free(me->reading);
    me->reading = hr_alloc((count + 1) * sizeof *me->reading);
    me->reading_count = count;
    for (size_t i = 0; i < count; i++)
        me->reading[i] = (struct sim_reading){.of = sim_place_named(me->sim, positions[i].of),
            .next = positions[i].offset,
            .told_end = -1};
    return HR_OK;
}

static enum hr_fate pause(void *self, const struct hr_topic_partition *partitions, size_t count,
    bool paused, struct hr_error *error)
{
    struct sim_process *me = self;
    if (!sim_enter(me, "%s %zu partitions", paused ? "pause" : "resume", count))
        return sim_dead(error);
    for (size_t i = 0; i < count; i++) {
        struct sim_place of = sim_place_named(me->sim, partitions[i]);
        for (size_t k = 0; k < me->reading_count; k++)
            if (me->reading[k].of.topic == of.topic && me->reading[k].of.partition == of.partition)
                me->reading[k].paused = paused;
    }
    return HR_OK;
}

/* --- offsets ------------------------------------------------------------------------------------
 */

static bool is_pending(const struct sim *sim, struct sim_place of)
{
    for (const struct sim_txn *txn = sim->kafka.unsettled; txn; txn = txn->next)
        for (size_t i = 0; i < txn->offset_count; i++)
            if (txn->offsets[i].of.topic == of.topic &&
                txn->offsets[i].of.partition == of.partition && txn->state != TXN_ABORTING)
                return true;
    return false;
}

static enum hr_fate committed(void *self, struct hr_position *positions, size_t count,
    struct hr_arena *arena, struct hr_error *error)
{
    struct sim_process *me = self;
    struct sim *sim = me->sim;
    if (!sim_enter(me, "committed of %zu", count))
        return sim_dead(error);
    if (fails(me) || is_away(me, 10 * HR_SECOND))
        return away(me, error);
    int64_t until = sim->now_us + 20 * HR_SECOND;
    for (size_t i = 0; i < count; i++) {
        struct sim_place of = sim_place_named(sim, positions[i].of);
        while (is_pending(sim, of)) {
            if (sim->now_us > until)
                return hr_fail(error, HR_RETRY, "Kafka: offsets are not stable");
            if (!sim_sleep(me, 20 * MS))
                return sim_dead(error);
        }
    }
    for (size_t i = 0; i < count; i++) {
        const struct sim_partition *at =
            sim_partition_at(sim, sim_place_named(sim, positions[i].of));
        positions[i].offset = at->committed;
        positions[i].metadata = at->committed_metadata.at
                                    ? hr_arena_copy(arena, at->committed_metadata)
                                    : at->committed_metadata;
    }
    return sim_leave(me) ? HR_OK : sim_dead(error);
}

static enum hr_fate bounds(
    void *self, struct hr_position *positions, size_t count, bool end, struct hr_error *error)
{
    struct sim_process *me = self;
    if (!sim_enter(me, "%s of %zu", end ? "ends" : "beginnings", count))
        return sim_dead(error);
    if (fails(me) || is_away(me, 10 * HR_SECOND))
        return away(me, error);
    for (size_t i = 0; i < count; i++) {
        struct sim_place of = sim_place_named(me->sim, positions[i].of);
        positions[i].offset =
            end ? sim_stable_end(me->sim, of) : sim_partition_at(me->sim, of)->start;
    }
    /* In some worlds the answer is long on its way, and records come meanwhile. */
    if (end && me->sim->plan.hard && sim_may_fail(me->sim) && sim_one_in(&me->turns, 4))
        (void)sim_sleep(me, sim_between(&me->turns, MS, 3 * HR_SECOND));
    return sim_leave(me) ? HR_OK : sim_dead(error);
}

static enum hr_fate offset_at(
    void *self, struct hr_position *position, struct hr_time time, struct hr_error *error)
{
    struct sim_process *me = self;
    if (!sim_enter(me, "offset at a time"))
        return sim_dead(error);
    struct sim_place of = sim_place_named(me->sim, position->of);
    for (position->offset = 0;; position->offset++) {
        const struct sim_entry *entry = sim_next_committed(me->sim, of, &position->offset);
        if (!entry || entry->record.timestamp.us >= time.us)
            return HR_OK;
    }
}

static enum hr_fate partitions(
    void *self, struct hr_str topic, int32_t *count, struct hr_error *error)
{
    struct sim_process *me = self;
    if (me->dead)
        return sim_dead(error);
    struct sim_place of = sim_place_named(me->sim, (struct hr_topic_partition){topic, 0});
    *count = of.topic == UINT32_MAX ? 0 : me->sim->kafka.topics[of.topic].partitions;
    return HR_OK;
}

/* Nobody notices here that the generation is over: that is for the group to say. */
static enum hr_fate mark_generation(void *self, struct hr_error *error)
{
    struct sim_process *me = self;
    if (me->dead)
        return sim_dead(error);
    if (!me->has_assignment)
        return hr_fail(error, HR_RETRY, "Kafka: nothing is assigned");
    me->marked = me->generation;
    return HR_OK;
}

/* --- changelogs ---------------------------------------------------------------------------------
 */

struct hr_log_reader {
    struct sim_reading at;
};

static enum hr_fate open(void *self, struct hr_topic_partition of, int64_t offset,
    struct hr_log_reader **reader, struct hr_error *error)
{
    struct sim_process *me = self;
    if (!sim_enter(me, "open %.*s/%" PRId32 " at %" PRId64, (int)of.topic.len, of.topic.at,
            of.partition, offset))
        return sim_dead(error);
    if (fails(me))
        return away(me, error);
    *reader = hr_alloc(sizeof **reader);
    (*reader)->at =
        (struct sim_reading){.of = sim_place_named(me->sim, of), .next = offset, .told_end = -1};
    me->logs++;
    return HR_OK;
}

static void read(
    void *self, struct hr_log_reader *reader, int timeout_ms, struct hr_broker_event *event)
{
    struct sim_process *me = self;
    struct sim *sim = me->sim;
    *event = (struct hr_broker_event){.kind = HR_BROKER_NOTHING};
    if (!sim_one_in(&me->turns, 4) && !me->dead) {
        /* out of what was fetched already */
    } else if (!sim_enter(me, "read %s/%" PRId32 " at %" PRId64,
                   sim->kafka.topics[reader->at.of.topic].name, reader->at.of.partition,
                   reader->at.next)) {
        event->kind = HR_BROKER_FAILED;
        (void)sim_dead(&event->error);
        return;
    }
    if (fails(me)) {
        event->kind = HR_BROKER_FAILED;
        (void)hr_fail(&event->error, HR_RETRY, "Kafka: no broker answers");
        return;
    }
    const struct sim_entry *entry = sim_next_committed(sim, reader->at.of, &reader->at.next);
    if (entry) {
        event->kind = HR_BROKER_RECORD;
        event->record = entry->record;
        reader->at.next = entry->record.offset + 1;
        return;
    }
    int64_t end = sim_stable_end(sim, reader->at.of);
    if (reader->at.told_end != end) {
        reader->at.told_end = end;
        event->kind = HR_BROKER_END;
        event->position.offset = end;
        return;
    }
    (void)sim_sleep(me, timeout_ms * MS + 1);
}

static void close(void *self, struct hr_log_reader *reader)
{
    struct sim_process *me = self;
    me->logs--;
    hr_free(reader);
}

static enum hr_fate delete_before(
    void *self, const struct hr_position *positions, size_t count, struct hr_error *error)
{
    struct sim_process *me = self;
    if (!sim_enter(me, "delete the internal records of %zu", count))
        return sim_dead(error);
    for (size_t i = 0; i < count; i++) {
        struct sim_partition *at =
            sim_partition_at(me->sim, sim_place_named(me->sim, positions[i].of));
        if (positions[i].offset > at->committed &&
            !is_pending(me->sim, sim_place_named(me->sim, positions[i].of)))
            sim_fail(me->sim, "internal records are deleted that were not consumed");
        at->start = positions[i].offset > at->start ? positions[i].offset : at->start;
    }
    return HR_OK;
}

void sim_consumer_port(struct hr_broker *broker)
{
    broker->poll = poll;
    broker->release = release;
    broker->assignment = assignment;
    broker->start = start;
    broker->pause = pause;
    broker->committed = committed;
    broker->bounds = bounds;
    broker->offset_at = offset_at;
    broker->partitions = partitions;
    broker->mark_generation = mark_generation;
    broker->open = open;
    broker->read = read;
    broker->close = close;
    broker->delete_before = delete_before;
}
