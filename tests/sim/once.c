/* SPDX-License-Identifier: Apache-2.0 */
/* 2: each record of a source counts once, and what homes say to each other is heard once. */
#include "judge.h"

#include "headroom/codec.h"
#include "pipeline/wire.h"

#include <inttypes.h>

static struct hr_str header(const struct hr_log_record *record, const char *name)
{
    const struct hr_header *found = hr_record_header(record, name);
    return found ? found->value : (struct hr_str){NULL, 0};
}

static int64_t number(struct hr_str text)
{
    int64_t value = 0;
    for (size_t i = 0; i < text.len; i++)
        value = value * 10 + (text.at[i] - '0');
    return text.len ? value : -1;
}

static void count_one(
    struct sim *sim, uint32_t **counts, struct hr_str topic, int64_t partition, int64_t offset)
{
    struct sim_place of =
        sim_place_named(sim, (struct hr_topic_partition){topic, (int32_t)partition});
    if (of.topic != UINT32_MAX && sim->kafka.topics[of.topic].source)
        counts[of.topic * SIM_PARTITIONS + (uint32_t)of.partition][offset]++;
}

static void count_journal(struct sim *sim, uint32_t **counts)
{
    for (uint32_t home = 0; home < sim->plan.homes; home++)
        for (const struct sim_ask *ask = sim_journal_of(sim, home)->first; ask; ask = ask->next)
            if (ask->kind == ASKED_APPLY && ask->verdict != HR_FORWARDED && ask->verdict != HR_DEAD)
                count_one(
                    sim, counts, ask->record.topic, ask->record.partition, ask->record.offset);
}

static void count_letters(struct sim *sim, uint32_t **counts)
{
    int64_t offset = 0;
    const struct sim_entry *entry;
    for (; (entry = sim_next_committed(sim, (struct sim_place){TOPIC_LETTERS, 0}, &offset));
         offset++) {
        count_one(sim, counts, header(&entry->record, "hr-topic"),
            number(header(&entry->record, "hr-partition")),
            number(header(&entry->record, "hr-offset")));
        sim->tally.letters++;
    }
}

/* What was committed for a home, whether it is deleted by now or not. */
static size_t count_messages(struct sim *sim, uint32_t home)
{
    const struct sim_partition *log =
        sim_partition_at(sim, (struct sim_place){TOPIC_INTERNAL, (int32_t)home});
    struct hr_arena arena;
    struct hr_internal internal;
    size_t count = 0;
    hr_arena_init(&arena);
    for (int64_t offset = 0; offset < log->end; offset++) {
        const struct sim_entry *entry = &log->entries[offset];
        if (!entry->control && (!entry->txn || entry->txn->state == TXN_COMMITTED))
            count += hr_internal_get(entry->record.value, &arena, &internal) &&
                     internal.kind == HR_INTERNAL_MESSAGE;
    }
    hr_arena_clean_up(&arena);
    return count;
}

static void judge_heard(struct sim *sim, uint32_t home)
{
    size_t heard = 0, sent = count_messages(sim, home);
    for (const struct sim_ask *ask = sim_journal_of(sim, home)->first; ask; ask = ask->next)
        heard += ask->kind == ASKED_RECEIVE;
    if (heard != sent)
        sim_fail(sim, "home %" PRIu32 " heard %zu messages of %zu", home, heard, sent);
}

void sim_judge_once(struct sim *sim)
{
    for (uint32_t home = 0; home < sim->plan.homes; home++)
        judge_heard(sim, home);
    uint32_t *counts[SIM_TOPICS * SIM_PARTITIONS];
    for (uint32_t i = 0; i < SIM_TOPICS * SIM_PARTITIONS; i++)
        counts[i] = hr_arena_zeroed(&sim->arena,
            ((size_t)sim->kafka.topics[i / SIM_PARTITIONS].at[i % SIM_PARTITIONS].end + 1) *
                sizeof **counts);
    count_journal(sim, counts);
    count_letters(sim, counts);
    for (uint32_t t = 0; t < sim->kafka.topic_count; t++)
        for (int32_t n = 0; sim->kafka.topics[t].source && n < sim->kafka.topics[t].partitions; n++)
            for (int64_t o = 0; o < sim->kafka.topics[t].at[n].end; o++)
                if (!sim->kafka.topics[t].at[n].entries[o].control &&
                    counts[t * SIM_PARTITIONS + (uint32_t)n][o] != 1)
                    sim_fail(sim, "record %s/%" PRId32 "@%" PRId64 " counts %" PRIu32 " times",
                        sim->kafka.topics[t].name, n, o,
                        counts[t * SIM_PARTITIONS + (uint32_t)n][o]);
}
