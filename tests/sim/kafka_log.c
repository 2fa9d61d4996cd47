/* SPDX-License-Identifier: Apache-2.0 */
/* Logs, transactions and compaction.
 *
 * A transaction is open, then decided, then settled: between the decision and its markers in the
 * logs it still holds back the end of every partition that it touched, and whoever asks for the
 * offsets that it holds waits. Markers occupy offsets. Compaction keeps of every key the last value
 * below the stable end, and drops what was aborted; a tombstone outlives its first cleaning by
 * delete.retention.ms. */
#include "sim.h"

#include <inttypes.h>

#define TRANSACTION_US (8 * HR_SECOND)
#define LOOKED_FOR_EVERY (10 * HR_SECOND) /* by the coordinator, for those that took too long */
#define DELETE_RETENTION_US (7 * HR_DAY)

struct hr_str sim_copy(struct sim *sim, struct hr_str text)
{
    return text.at ? hr_arena_copy(&sim->arena, text) : text;
}

struct hr_log_record sim_copy_record(struct sim *sim, const struct hr_log_record *record)
{
    struct hr_log_record copy = *record;
    copy.topic = sim_copy(sim, record->topic);
    copy.key = sim_copy(sim, record->key);
    copy.value = sim_copy(sim, record->value);
    struct hr_header *headers =
        hr_arena_zeroed(&sim->arena, (record->header_count + 1) * sizeof *headers);
    for (size_t i = 0; i < record->header_count; i++) {
        headers[i].name = sim_copy(sim, record->headers[i].name);
        headers[i].value = sim_copy(sim, record->headers[i].value);
    }
    copy.headers = headers;
    return copy;
}

struct sim_place sim_place_named(const struct sim *sim, struct hr_topic_partition of)
{
    for (uint32_t i = 0; i < sim->kafka.topic_count; i++)
        if (hr_str_is(of.topic, sim->kafka.topics[i].name))
            return (struct sim_place){i, of.partition};
    return (struct sim_place){UINT32_MAX, 0};
}

struct sim_partition *sim_partition_at(struct sim *sim, struct sim_place of)
{
    return &sim->kafka.topics[of.topic].at[of.partition];
}

static bool same_place(struct sim_place a, struct sim_place b)
{
    return a.topic == b.topic && a.partition == b.partition;
}

/* --- appending and reading -----------------------------------------------------------------------
 */

static void touch(struct sim_txn *txn, struct sim_place of, int64_t offset)
{
    for (size_t i = 0; i < txn->touched_count; i++)
        if (same_place(txn->touched[i].of, of))
            return;
    txn->touched[txn->touched_count].of = of;
    txn->touched[txn->touched_count++].first = offset;
}

int64_t sim_append(struct sim *sim, struct sim_place of, const struct hr_log_record *record,
    struct sim_txn *txn, bool control)
{
    struct sim_topic *topic = &sim->kafka.topics[of.topic];
    struct sim_partition *partition = &topic->at[of.partition];
    if (partition->end == partition->room) {
        int64_t room = partition->room ? partition->room * 2 : 64;
        struct sim_entry *entries = hr_arena_zeroed(&sim->arena, (size_t)room * sizeof *entries);
        if (partition->end)
            memcpy(entries, partition->entries, (size_t)partition->end * sizeof *entries);
        partition->entries = entries;
        partition->room = room;
    }
    struct sim_entry *entry = &partition->entries[partition->end];
    *entry = (struct sim_entry){.txn = txn, .control = control, .appended_us = sim_wall(sim)};
    if (record)
        entry->record = sim_copy_record(sim, record);
    entry->record.topic = hr_str(topic->name);
    entry->record.partition = of.partition;
    entry->record.offset = partition->end;
    if (topic->append_time || (record && record->timestamp.us == HR_TIME_NONE.us && txn))
        entry->record.timestamp = (struct hr_time){sim_wall(sim) / MS * MS};
    if (txn)
        touch(txn, of, partition->end);
    return partition->end++;
}

int64_t sim_stable_end(const struct sim *sim, struct sim_place of)
{
    int64_t end = sim->kafka.topics[of.topic].at[of.partition].end;
    for (const struct sim_txn *txn = sim->kafka.unsettled; txn; txn = txn->next)
        for (size_t i = 0; i < txn->touched_count; i++)
            if (same_place(txn->touched[i].of, of) && txn->touched[i].first < end)
                end = txn->touched[i].first;
    return end;
}

static bool is_seen(const struct sim_entry *entry)
{
    return !entry->gone && !entry->control && (!entry->txn || entry->txn->state == TXN_COMMITTED);
}

const struct sim_entry *sim_next_committed(
    const struct sim *sim, struct sim_place of, int64_t *offset)
{
    const struct sim_partition *partition = &sim->kafka.topics[of.topic].at[of.partition];
    int64_t end = sim_stable_end(sim, of);
    for (; *offset < end; (*offset)++)
        if (is_seen(&partition->entries[*offset]))
            return &partition->entries[*offset];
    return NULL;
}

/* --- transactions -------------------------------------------------------------------------------
 */

void sim_txn_decide(struct sim *sim, struct sim_txn *txn, bool commit, int64_t settles_us)
{
    txn->state = commit ? TXN_COMMITTING : TXN_ABORTING;
    txn->settles_us = settles_us;
    sim_say(sim, NULL, "transaction of %" PRIu32 ".%" PRIu32 " is %s", txn->owner_slot,
        txn->owner_incarnation, commit ? "COMMITTED" : "aborted");
    if (!commit)
        return;
    sim->tally.batches++;
    sim_journal_commit(sim, txn);
}

static void settle(struct sim *sim, struct sim_txn *txn)
{
    bool commit = txn->state == TXN_COMMITTING;
    txn->state = commit ? TXN_COMMITTED : TXN_ABORTED;
    for (size_t i = 0; i < txn->touched_count; i++)
        (void)sim_append(sim, txn->touched[i].of, NULL, NULL, true);
    for (size_t i = 0; commit && i < txn->offset_count; i++) {
        struct sim_partition *partition = sim_partition_at(sim, txn->offsets[i].of);
        partition->committed = txn->offsets[i].offset;
        partition->committed_metadata = txn->offsets[i].metadata;
    }
}

static void settle_due(struct sim *sim)
{
    bool looks = sim->now_us >= sim->kafka.next_look_us;
    if (looks)
        sim->kafka.next_look_us = sim->now_us + LOOKED_FOR_EVERY;
    for (struct sim_txn **at = &sim->kafka.unsettled; *at;) {
        struct sim_txn *txn = *at;
        if (looks && txn->state == TXN_OPEN && sim->now_us - txn->begun_us > TRANSACTION_US) {
            sim_say(
                sim, NULL, "the transaction of slot %" PRIu32 " took too long", txn->owner_slot);
            sim->kafka.producers[txn->owner_slot].epoch++;
            sim_txn_decide(sim, txn, false, sim->now_us);
        }
        if (txn->state == TXN_OPEN || txn->settles_us > sim->now_us) {
            at = &txn->next;
            continue;
        }
        *at = txn->next;
        settle(sim, txn);
        if (sim->kafka.producers[txn->owner_slot].txn == txn)
            sim->kafka.producers[txn->owner_slot].txn = NULL;
    }
}

/* A request to commit that was thought lost arrives: it counts if nobody has fenced its sender. */
static void arrive_late(struct sim *sim)
{
    for (struct sim_txn *txn = sim->kafka.unsettled; txn; txn = txn->next) {
        if (txn->state != TXN_OPEN || !txn->late_us || txn->late_us > sim->now_us)
            continue;
        txn->late_us = 0;
        if (txn->epoch == sim->kafka.producers[txn->owner_slot].epoch) {
            sim->tally.late_commits++;
            sim_txn_decide(sim, txn, true, sim->now_us);
        }
    }
}

void sim_kafka_tick(struct sim *sim)
{
    arrive_late(sim);
    settle_due(sim);
    sim_group_tick(sim);
}

/* --- compaction ---------------------------------------------------------------------------------
 */

static bool has_later(
    const struct sim_partition *partition, int64_t offset, int64_t end, struct hr_str key)
{
    for (int64_t i = offset + 1; i < end; i++)
        if (is_seen(&partition->entries[i]) && hr_str_equal(partition->entries[i].record.key, key))
            return true;
    return false;
}

static void compact_to(struct sim *sim, struct sim_partition *partition, int64_t end)
{
    for (int64_t i = partition->start; i < end; i++) {
        struct sim_entry *entry = &partition->entries[i];
        if (entry->gone)
            continue;
        if (!is_seen(entry) || has_later(partition, i, end, entry->record.key)) {
            entry->gone = true;
        } else if (!entry->record.value.at && !entry->removable_us) {
            entry->removable_us = sim_wall(sim) + DELETE_RETENTION_US;
        } else if (!entry->record.value.at && sim_wall(sim) > entry->removable_us) {
            entry->gone = true;
        }
    }
}

void sim_compact(struct sim *sim)
{
    for (int32_t n = 0; n < (int32_t)sim->plan.homes; n++) {
        struct sim_place of = {TOPIC_CHANGELOG, n};
        int64_t end = sim_stable_end(sim, of);
        /* The active segment is never cleaned. */
        int64_t most = (int64_t)sim_below(&sim->of_fault, (uint64_t)end + 1);
        compact_to(sim, sim_partition_at(sim, of), most);
    }
    sim->tally.compactions++;
}

/* Their leaders are gone, and who follows them has not all of it, or nothing. */
void sim_changelogs_lose(struct sim *sim)
{
    for (uint32_t n = 0; n < sim->plan.homes; n++) {
        struct sim_partition *log =
            sim_partition_at(sim, (struct sim_place){TOPIC_CHANGELOG, (int32_t)n});
        int64_t end = sim_one_in(&sim->of_fault, 4)
                          ? 0
                          : (int64_t)sim_below(&sim->of_fault, (uint64_t)log->end + 1);
        sim_say(sim, NULL, "changelog/%" PRIu32 " LOSES all from %" PRId64 " on", n, end);
        log->end = end;
        sim->tally.lost_logs++;
    }
}
