/* SPDX-License-Identifier: Apache-2.0 */
/* `headroom restore`: the repairs that a refusal names, done by the same takeover that refused. It
 * joins the group as a process would, and waits until all that is meant is its own; takes over with
 * one premise changed, commits an empty batch a home, so that changelog, offsets and Redis name the
 * same batch again, and leaves.
 *
 *   from the changelog   the marker is taken as missing: Redis is emptied and copied anew
 *   offsets              the committed offsets are taken as missing: the last header is C
 *   from Redis           the marker is C, unless the changelog still leads from there to C; every
 * value in Redis is written to the changelog, and what the changelog holds and Redis does not gets
 * a tombstone. A manifest that is gone is written from Redis' copy of it. Until the last page the
 * headers say `partial`: a log that holds half a home is never taken for a whole one */
#include "state.h"

#include <inttypes.h>

#define JOIN_MARGIN (15 * HR_SECOND) /* beyond the session of a process that was killed */

/* Has it all been lost twice? Nothing can be written from a Redis without a batch, and offsets that
 * nobody knows would count everything again. */
static enum hr_fate check_premise(
    const struct hr_owned *owned, const struct hr_marker *marker, struct hr_error *error)
{
    if (!owned->marker_len || !marker->batch.sequence)
        return hr_fail(error, HR_REFUSE,
            "Redis holds no whole copy of this partition to write the changelog from");
    if (marker->batch.sequence == owned->committed.sequence &&
        !hr_batch_name_equal(marker->batch, owned->committed))
        return hr_fail(error, HR_REFUSE,
            "Redis holds another batch %" PRIu64
            " than the committed offsets name: two groups write under one prefix",
            marker->batch.sequence);
    for (size_t i = 0; i < owned->input_count; i++) {
        const struct hr_topic *topic = owned->inputs[i]->topic;
        if (topic->role == HR_ROLE_INTERNAL && owned->inputs[i]->done == HR_OFFSET_NONE)
            return hr_fail(error, HR_REFUSE,
                "the group's offsets are gone as well, and Redis does not know them: set them to "
                "a moment shortly before the end (repeats are known by their ids), those of %.*s "
                "too, then again",
                (int)topic->name.len, topic->name.at);
    }
    return HR_OK;
}

/* Where the topics of the last header stand, those, too, that this process does not read: as the
 * group knows them, and as that header does where the group has forgotten them. */
static enum hr_fate take_positions(struct hr_pipeline *p, const struct hr_batch_header *last,
    struct hr_batch_header *header, struct hr_error *error)
{
    size_t count = last->position_count;
    header->positions = hr_arena_zeroed(&p->assignment, (count + 1) * sizeof *header->positions);
    header->position_count = count;
    for (size_t i = 0; i < count; i++)
        header->positions[i].of = last->positions[i].of;
    enum hr_fate fate = count ? p->with.broker.committed(p->with.broker.self, header->positions,
                                    count, &p->assignment, error)
                              : HR_OK;
    for (size_t i = 0; i < count; i++)
        if (header->positions[i].offset == HR_OFFSET_NONE)
            header->positions[i].offset = last->positions[i].offset;
    return fate;
}

enum hr_fate hr_restore_from_marker(struct hr_pipeline *p, struct hr_owned *owned,
    const struct hr_marker *marker, const struct hr_batch_header *last,
    struct hr_batch_header *header, struct hr_error *error)
{
    enum hr_fate fate = check_premise(owned, marker, error);
    if (fate)
        return fate;
    if (marker->batch.sequence < owned->committed.sequence && !last->partial)
        hr_log(p->with.log, HR_WARN,
            "partition %" PRIu32 ": batches %" PRIu64 " to %" PRIu64
            " are neither in the changelog nor in Redis; what they counted is lost",
            owned->number, marker->batch.sequence + 1, owned->committed.sequence);
    /* No number of a batch comes back. */
    uint64_t sequence = owned->committed.sequence;
    sequence = marker->batch.sequence > sequence ? marker->batch.sequence : sequence;
    sequence = last->batch.sequence > sequence ? last->batch.sequence : sequence;
    owned->committed = (struct hr_batch_name){sequence, marker->batch.nonce};
    *header = (struct hr_batch_header){
        .batch = owned->committed,
        .time = marker->time,
        .epoch = marker->epoch,
        .rules_since = marker->rules_since,
        .log_since = sequence + 1,
        .partial = true,
    };
    return take_positions(p, last, header, error);
}

static void add_value(
    struct hr_pipeline *p, struct hr_owned *owned, struct hr_str key, struct hr_str value)
{
    struct hr_log_record record = {
        .topic = p->with.config->changelog_topic,
        .partition = (int32_t)owned->number,
        .timestamp = HR_TIME_NONE,
        .key = key,
        .value = value,
    };
    hr_batch_add(p, &record);
    hr_batch_touch(p, owned);
}

/* Values of keys as Redis has them; a missing one is a tombstone. Only `missing` ones when asked.
 */
static enum hr_fate add_keys(struct hr_pipeline *p, struct hr_owned *owned,
    const struct hr_str *keys, size_t count, bool missing_only, struct hr_error *error)
{
    struct hr_str *values = hr_arena_take(&p->slice, count * sizeof *values);
    struct hr_str marker;
    enum hr_fate fate = p->with.store.load(
        p->with.store.self, owned->number, keys, count, &p->slice, values, &marker, error);
    for (size_t i = 0; i < count && !fate; i++)
        if (!missing_only || !values[i].at)
            add_value(p, owned, keys[i], values[i]);
    return fate;
}

static enum hr_fate end_page(struct hr_pipeline *p, struct hr_error *error)
{
    enum hr_fate fate = hr_batch_empty(p) ? HR_OK : hr_batch_commit(p, error);
    hr_arena_reset(&p->slice);
    return fate ? fate : hr_failpoint(HR_AT_PAGE_WRITTEN, error);
}

static enum hr_fate write_values(
    struct hr_pipeline *p, struct hr_owned *owned, struct hr_error *error)
{
    uint64_t cursor = 0;
    enum hr_fate fate;
    do {
        struct hr_str *keys;
        size_t count;
        fate = p->with.store.keys(
            p->with.store.self, owned->number, &cursor, &p->slice, &keys, &count, error);
        if (!fate)
            fate = hr_failpoint(HR_AT_PAGE_READ, error);
        if (!fate && count)
            fate = add_keys(p, owned, keys, count, false, error);
        if (!fate)
            fate = end_page(p, error);
    } while (!fate && cursor);
    return fate;
}

static enum hr_fate bury_missing(struct hr_pipeline *p, void *context,
    const struct hr_log_record *record, struct hr_error *error)
{
    if (!record->value.at || !hr_key_is_state(record->key))
        return HR_OK;
    struct hr_str key = hr_arena_copy(&p->slice, record->key);
    enum hr_fate fate = add_keys(p, context, &key, 1, true, error);
    return !fate && p->slice.used > (4u << 20) ? end_page(p, error) : fate;
}

static enum hr_fate write_tombstones(
    struct hr_pipeline *p, struct hr_owned *owned, struct hr_error *error)
{
    const struct hr_walk walk = {.take = bury_missing, .context = owned};
    enum hr_fate fate = hr_changelog_walk(p, (int32_t)owned->number, &walk, error);
    return fate ? fate : end_page(p, error);
}

/* Those of a home, and foreign ones whose place is kept in its changelog: who writes that anew
 * writes them as well. */
static bool is_meant(const struct hr_pipeline *p, int32_t partition)
{
    return p->restore_partition < 0 || hr_foreign_kept_in(p, partition) == p->restore_partition;
}

static uint32_t count_meant(const struct hr_pipeline *p)
{
    uint32_t meant = 0;
    for (size_t t = 0; t < p->topic_count; t++)
        for (int32_t n = 0; n < p->topics[t].partitions; n++)
            meant += is_meant(p, n);
    return meant;
}

/* How many of those the group gave us. */
static uint32_t count_assigned(struct hr_pipeline *p)
{
    struct hr_topic_partition *list;
    size_t count;
    uint32_t have = 0;
    hr_arena_reset(&p->slice);
    p->with.broker.assignment(p->with.broker.self, &p->slice, &list, &count);
    for (size_t i = 0; i < count; i++)
        have += is_meant(p, list[i].partition);
    return have;
}

/* A process that was killed holds its partitions until its session is over. */
static enum hr_fate join(struct hr_pipeline *p, struct hr_error *error)
{
    int64_t patience = p->with.config->session_us + JOIN_MARGIN;
    int64_t deadline = hr_clock_monotonic_us() + patience;
    uint32_t meant = count_meant(p), have = 0;
    while (!p->stopped && !*p->with.stop) {
        have = p->assigned ? count_assigned(p) : 0;
        if (have >= meant)
            return HR_OK;
        if (hr_clock_monotonic_us() > deadline)
            return hr_fail(error, HR_STOP,
                "%" PRIu32 " of %" PRIu32 " partitions were assigned within %" PRId64
                " s: is another process of the group running?",
                have, meant, patience / HR_SECOND);
        (void)hr_group_changed(p, 100, error);
    }
    return HR_STOP;
}

static enum hr_fate restore_homes(struct hr_pipeline *p, struct hr_error *error)
{
    enum hr_fate fate = HR_OK, worst = HR_OK;
    for (size_t i = 0; i < p->home_owned && !fate; i++) {
        struct hr_owned *owned = &p->homes[i];
        if (!hr_owned_restore(p, owned))
            continue;
        if (owned->state != HR_OWNED_LIVE) {
            worst = hr_fail(error, HR_REFUSE, "not every partition could be restored");
            continue;
        }
        if (p->restore == HR_RESTORE_FROM_REDIS) {
            fate = write_values(p, owned, error);
            if (!fate)
                fate = write_tombstones(p, owned, error);
            if (!fate)
                fate = hr_failpoint(HR_AT_TOMBSTONES_WRITTEN, error);
            owned->partial = false;
            hr_batch_touch(p, owned); /* a last header, which says so */
            if (!fate)
                fate = end_page(p, error);
        }
        if (!fate)
            hr_log(p->with.log, HR_INFO, "partition %" PRIu32 " is restored", owned->number);
        if (!fate)
            fate = hr_failpoint(HR_AT_HOME_RESTORED, error);
    }
    if (!fate)
        fate = end_page(p, error);
    if (!fate)
        fate = hr_writes_settle(p, 30000, error);
    return fate ? fate : worst;
}

enum hr_fate hr_pipeline_restore(
    struct hr_pipeline *p, enum hr_restore what, int32_t partition, struct hr_error *error)
{
    p->restore = what;
    p->restore_partition = partition;
    enum hr_fate fate = join(p, error);
    if (!fate)
        fate = hr_failpoint(HR_AT_RESTORE_JOINED, error);
    p->wall = p->with.now(p->with.context);
    if (!fate)
        fate = p->with.broker.mark_generation(p->with.broker.self, error);
    if (!fate)
        fate = hr_take_over(p, error);
    if (!fate)
        fate = restore_homes(p, error);
    hr_drop_memory(p);
    return fate;
}
