/* SPDX-License-Identifier: Apache-2.0 */
/* Recovery copies bytes. The changelog from the marker to the committed batch goes into Redis, in
 * chunks, each by the same compare-and-set that a batch uses. Nothing is decided again, so this
 * does not depend on rules, clocks or where batches were cut.
 *
 *   1. A marker that is missing, or whose `fresh` is older than half of the changelog's
 *      delete.retention.ms, says nothing: tombstones may be gone that Redis never saw. A new marker
 * is set, every key of the home is deleted under it, and the copy begins at the changelog's start.
 * That marker is as old as can be, so that a takeover that finds it deletes again what is left. A
 * copy that finds itself that old at its end (a process may be stopped for days) says nothing
 * either.
 *   2. A chunk's marker keeps the sequence, nonce and fresh of the marker it began with and moves
 * only the changelog offset; the last one carries the committed batch's.
 *   3. A header of a higher sequence: the committed batch that we look for is old; begin afresh.
 *   4. The end without the header: an open transaction may hold it back, for a bounded time.
 *   5. A marker of a batch before the log's own beginning (`restore --from-redis` wrote the log
 * anew) names offsets of another log: Redis counts as empty.
 *   6. A record that is damaged does not reach Redis. A newer one of its key makes up for it;
 * without one by C the home is refused. Until then no marker moves past it, so that whoever tries
 * again meets it again. */
#include "state.h"

#include "headroom/map.h"

#include <inttypes.h>
#include <stdio.h>

#define CHANGELOG_RETENTION (7 * HR_DAY)
#define PROGRESS HR_SECOND

#define DAMAGES_MOST 64 /* that wait for a newer record */

struct damage {
    struct hr_str key;
    int64_t offset;
    struct hr_error why;
};

struct copy {
    struct hr_pipeline *p;
    struct hr_owned *owned;
    struct hr_marker marker; /* of the next chunk */
    struct hr_store_value values[CHUNK_VALUES];
    struct hr_map at; /* by key: a write holds a key once, the last value wins */
    size_t count;
    int64_t offset, begun_us, said_us;
    uint64_t copied;
    uint32_t missing; /* an epoch that an account names and nobody here knows; 0: none */
    struct damage damages[DAMAGES_MOST]; /* by offset, and not made up for */
    size_t damage_count;
    bool whole; /* from the log's beginning */
    bool done;
};

static enum hr_fate flush(struct copy *copy, struct hr_error *error)
{
    struct hr_pipeline *p = copy->p;
    copy->marker.write = p->with.random(p->with.context);
    enum hr_fate fate =
        hr_owned_write(p, copy->owned, &copy->marker, copy->values, copy->count, error);
    if (!fate)
        fate = hr_failpoint(HR_AT_CHUNK_COPIED, error);
    copy->copied += copy->count;
    copy->count = 0;
    hr_map_clean_up(&copy->at);
    hr_arena_reset(&p->slice);
    return fate;
}

/* May a tombstone be gone that what Redis holds has not seen? */
static bool is_stale(const struct copy *copy)
{
    struct hr_time now = copy->p->with.now(copy->p->with.context);
    return now.us - copy->marker.fresh.us > CHANGELOG_RETENTION / 2;
}

/* Step 1. */
static enum hr_fate empty_home(struct copy *copy, struct hr_error *error)
{
    struct hr_pipeline *p = copy->p;
    copy->marker = (struct hr_marker){.changelog_offset = -1, .time = {0}, .fresh = {0}};
    enum hr_fate fate = flush(copy, error);
    struct hr_str marker = {copy->owned->marker, copy->owned->marker_len};
    for (bool left = true; left && !fate;) {
        fate = p->with.store.clear(
            p->with.store.self, copy->owned->number, marker, CLEAR_AT_ONCE, &left, error);
        if (fate == HR_REFUSE)
            fate = hr_fail(error, HR_RETRY, "partition %u: another owner wrote its marker",
                copy->owned->number);
        if (!fate && hr_group_changed(p, 0, error))
            fate = HR_RETRY;
    }
    copy->marker.fresh = p->with.now(p->with.context);
    copy->whole = true;
    return fate ? fate : hr_failpoint(HR_AT_HOME_EMPTIED, error);
}

/* Step 5: what was copied so far began at the wrong place. */
static bool is_of_another_log(const struct copy *copy, const struct hr_batch_header *header)
{
    return !copy->whole && copy->marker.batch.sequence < header->log_since;
}

static enum hr_fate begin_anew(struct copy *copy, struct hr_error *error)
{
    copy->count = 0;
    hr_map_clean_up(&copy->at);
    hr_arena_reset(&copy->p->slice);
    enum hr_fate fate = empty_home(copy, error);
    return fate ? fate
                : hr_fail(error, HR_RETRY,
                      "partition %u: Redis is older than the changelog, which was written anew "
                      "meanwhile; the home is copied whole",
                      copy->owned->number);
}

enum hr_fate hr_partial(const struct hr_owned *owned, struct hr_error *error)
{
    return hr_fail(error, HR_REFUSE,
        "its changelog was being written anew from Redis, and that did not come to its end; "
        "`headroom restore --partition %u --from-redis` does it again",
        owned->number);
}

static struct hr_str key_of(const void *value)
{
    return ((const struct hr_store_value *)value)->key;
}

/* The place of a key in this chunk: the one that it has already, or a new one. */
static struct hr_store_value *place_of(struct copy *copy, struct hr_str key)
{
    uint64_t hash = hr_hash64(key, 0);
    struct hr_store_value *value = hr_map_find(&copy->at, hash, key);
    if (value)
        return value;
    value = &copy->values[copy->count++];
    value->key = hr_arena_copy(&copy->p->slice, key);
    (void)hr_map_put(&copy->at, hash, value);
    return value;
}

static const struct hr_rules *rules_of(void *context, uint32_t epoch)
{
    struct copy *copy = context;
    const struct hr_rules *rules = hr_pipeline_rules_of(copy->p, epoch);
    if (rules)
        return rules;
    copy->missing = epoch;
    return hr_known_latest(copy->p)->rules; /* what comes of it is thrown away */
}

static enum hr_fate add_view(
    struct copy *copy, struct hr_store_value *value, struct hr_error *error)
{
    struct hr_pipeline *p = copy->p;
    const struct hr_home_settings settings = {.number = copy->owned->number,
        .count = p->home_count,
        .rules_of = rules_of,
        .context = copy,
        .zones = p->with.zones,
        .live_from = hr_settled_live_from(p)};
    struct hr_view_field *fields;
    size_t count;
    enum hr_fate fate = hr_stored_view(
        &settings, p->pool, value->account, value->value, &p->slice, &fields, &count, error);
    if (copy->missing)
        return hr_rules_missing(p, copy->missing, error);
    if (!fate)
        value->view = hr_view_strings(&p->slice, fields, count, &value->view_count);
    return fate;
}

/* The log does not lead to C. `what` says why; what helps depends on what Redis holds. */
static enum hr_fate lost(const struct copy *copy, const char *what, struct hr_error *error)
{
    uint32_t number = copy->owned->number;
    if (copy->whole || !copy->marker.batch.sequence)
        return hr_fail(error, HR_REFUSE,
            "%s, and Redis holds nothing of this partition: its counters are lost; a copy of Redis "
            "put back, then `headroom restore --partition %u --from-redis`, goes on from there",
            what, number);
    return hr_fail(error, HR_REFUSE,
        "%s, and Redis stands at batch %" PRIu64
        "; `headroom restore --partition %u --from-redis` writes the changelog anew from Redis, "
        "without what the batches between counted",
        what, copy->marker.batch.sequence, number);
}

static enum hr_fate refuse_damage(const struct copy *copy, struct hr_error *error)
{
    const struct damage *first = &copy->damages[0];
    char what[HR_ERROR_TEXT];
    snprintf(what, sizeof what, "the changelog is damaged at offset %" PRId64 " (%.200s)",
        first->offset, first->why.text);
    return lost(copy, what, error);
}

static void say_damage(
    const struct copy *copy, const struct hr_log_record *record, const struct hr_error *why)
{
    hr_log(copy->p->with.log, HR_WARN,
        "partition %u: the changelog is damaged at offset %" PRId64 " (%s)", copy->owned->number,
        record->offset, why->text);
}

/* What this record says of its key is all that counts of it. */
static void forget_damage(struct copy *copy, struct hr_str key)
{
    size_t kept = 0;
    for (size_t i = 0; i < copy->damage_count; i++)
        if (!hr_str_equal(copy->damages[i].key, key))
            copy->damages[kept++] = copy->damages[i];
    copy->damage_count = kept;
}

static enum hr_fate note_damage(
    struct copy *copy, const struct hr_log_record *record, struct hr_error *error)
{
    say_damage(copy, record, error);
    forget_damage(copy, record->key);
    if (copy->damage_count == DAMAGES_MOST)
        return refuse_damage(copy, error);
    copy->damages[copy->damage_count++] =
        (struct damage){hr_arena_copy(&copy->p->assignment, record->key), record->offset, *error};
    return HR_OK;
}

static enum hr_fate add_value(
    struct copy *copy, const struct hr_log_record *record, struct hr_error *error)
{
    struct hr_arena *arena = &copy->p->slice;
    if (record->value.at && hr_stored_check(record->key, record->value, error))
        return note_damage(copy, record, error);
    forget_damage(copy, record->key);
    struct hr_store_value *value = place_of(copy, record->key);
    *value = (struct hr_store_value){
        .key = value->key,
        .value = record->value.at ? hr_arena_copy(arena, record->value) : record->value,
        .due = HR_TIME_NEVER,
    };
    if (hr_str_starts(record->key, "a:")) {
        value->account = (struct hr_str){value->key.at + 2, value->key.len - 2};
        if (value->value.at && hr_stored_due(value->value, &value->due, error))
            return HR_REFUSE;
        value->with_view = true;
        if (value->value.at)
            return add_view(copy, value, error);
    }
    return HR_OK;
}

static enum hr_fate overshoot(
    struct copy *copy, const struct hr_batch_header *header, struct hr_error *error)
{
    copy->p->overshoots++;
    return hr_fail(error, HR_RETRY,
        "partition %u: batch %" PRIu64 " is in the changelog, offsets are at %" PRIu64,
        copy->owned->number, header->batch.sequence, copy->owned->committed.sequence);
}

static enum hr_fate take_header(struct copy *copy, const struct hr_log_record *record,
    struct hr_batch_header *header, struct hr_error *error)
{
    struct hr_owned *owned = copy->owned;
    enum hr_fate fate = hr_batch_header_get(record->value, &copy->p->assignment, header, error);
    if (fate) { /* C's, or nobody will miss it */
        say_damage(copy, record, error);
        return HR_OK;
    }
    if (hr_batch_name_equal(header->batch, owned->committed)) {
        if (copy->damage_count)
            return refuse_damage(copy, error);
        if (header->partial)
            return hr_partial(owned, error);
        if (is_of_another_log(copy, header))
            return begin_anew(copy, error);
        if (is_stale(copy))
            return hr_fail(error, HR_RETRY,
                "partition %u: the copy took longer than the changelog keeps what was deleted",
                owned->number);
        copy->marker.batch = header->batch;
        copy->marker.time = header->time;
        copy->marker.epoch = header->epoch;
        copy->marker.rules_since = header->rules_since;
        copy->marker.fresh = copy->p->with.now(copy->p->with.context);
        copy->marker.views_through = header->batch.sequence;
        owned->header_offset = record->offset;
        copy->done = true;
    } else if (header->batch.sequence > owned->committed.sequence) {
        return overshoot(copy, header, error);
    } else if (header->batch.sequence == owned->committed.sequence) {
        return hr_fail(error, HR_REFUSE,
            "batch %" PRIu64 " in the changelog is not the one that the offsets name",
            header->batch.sequence);
    }
    return HR_OK;
}

static void say_progress(struct copy *copy)
{
    int64_t now = hr_clock_monotonic_us();
    if (now - copy->said_us < PROGRESS)
        return;
    copy->said_us = now;
    hr_log(copy->p->with.log, HR_INFO,
        "partition %u: %" PRIu64 " values copied from the changelog, at offset %" PRId64,
        copy->owned->number, copy->copied, copy->offset);
}

static enum hr_fate take_record(struct copy *copy, const struct hr_log_record *record,
    struct hr_batch_header *header, struct hr_error *error)
{
    enum hr_fate fate = HR_OK;
    copy->offset = record->offset;
    if (hr_str_is(record->key, HR_HEADER_KEY))
        fate = take_header(copy, record, header, error);
    else if (hr_key_is_state(record->key))
        fate = add_value(copy, record, error);
    if (fate)
        return fate;
    copy->marker.changelog_offset =
        copy->damage_count ? copy->damages[0].offset - 1 : record->offset;
    if (copy->done || copy->count == CHUNK_VALUES || copy->p->slice.used > CHUNK_BYTES)
        fate = flush(copy, error);
    say_progress(copy);
    return fate;
}

/* The log ends below the marker, or, when it is `late`, without C's header for longer than a
 * transaction may be open: as far as was read. Whoever sleeps between a look and its judgement has
 * read too little: then C, or what came behind it, is there. */
static enum hr_fate ends_too_soon(struct copy *copy, bool late, struct hr_error *error)
{
    struct hr_owned *owned = copy->owned;
    struct hr_batch_header last;
    int64_t offset;
    enum hr_fate fate = hr_owned_last_header(copy->p, owned, true, &last, &offset, error);
    if (fate)
        return fate;
    if (hr_batch_name_equal(last.batch, owned->committed) && is_of_another_log(copy, &last))
        return begin_anew(copy, error);
    if (last.partial)
        return hr_partial(owned, error);
    if (last.batch.sequence > owned->committed.sequence)
        return overshoot(copy, &last, error);
    if (late && hr_batch_name_equal(last.batch, owned->committed))
        return hr_fail(
            error, HR_RETRY, "partition %u: an open transaction hid its changelog", owned->number);
    char what[HR_ERROR_TEXT];
    snprintf(what, sizeof what,
        "the changelog ends without batch %" PRIu64 " that the offsets name: it lost its tail",
        owned->committed.sequence);
    return lost(copy, what, error);
}

static enum hr_fate read_on(struct copy *copy, struct hr_log_reader *reader,
    struct hr_batch_header *header, struct hr_error *error)
{
    struct hr_pipeline *p = copy->p;
    int64_t last = hr_clock_monotonic_us();
    enum hr_fate fate = HR_OK;
    while (!copy->done && !fate) {
        struct hr_broker_event event;
        p->with.broker.read(p->with.broker.self, reader, 200, &event);
        if (event.kind == HR_BROKER_RECORD) {
            fate = take_record(copy, &event.record, header, error);
            last = hr_clock_monotonic_us();
        } else if (event.kind == HR_BROKER_FAILED && event.error.fate != HR_REFUSE) {
            fate = hr_fail(error, event.error.fate, "%s", event.error.text);
        } else if (event.kind == HR_BROKER_FAILED ||
                   hr_clock_monotonic_us() - last > hr_patience_us(p)) {
            fate = ends_too_soon(copy, event.kind != HR_BROKER_FAILED, error);
        }
        if (!fate && event.kind != HR_BROKER_RECORD && hr_group_changed(p, 0, error))
            fate = HR_RETRY;
    }
    return fate;
}

/* Before Redis is emptied: where the log is empty, what Redis holds is all that is left. An open
 * transaction may stand before everything, for a bounded time. */
static enum hr_fate wait_for_records(
    struct copy *copy, struct hr_position begin, struct hr_error *error)
{
    struct hr_pipeline *p = copy->p;
    struct hr_position end = begin;
    for (;;) {
        enum hr_fate fate = p->with.broker.bounds(p->with.broker.self, &end, 1, true, error);
        if (fate || end.offset > begin.offset)
            return fate;
        if (hr_clock_monotonic_us() > p->taking_since_us + hr_patience_us(p))
            return ends_too_soon(copy, true, error);
        if (hr_group_changed(p, 200, error))
            return HR_RETRY;
    }
}

enum hr_fate hr_owned_copy(struct hr_pipeline *p, struct hr_owned *owned, struct hr_marker marker,
    struct hr_batch_header *header, struct hr_error *error)
{
    struct hr_broker *broker = &p->with.broker;
    struct copy *copy = hr_alloc(sizeof *copy);
    *copy =
        (struct copy){.p = p, .owned = owned, .marker = marker, .said_us = hr_clock_monotonic_us()};
    hr_map_init(&copy->at, key_of, NULL);
    struct hr_position begin = {.of = {p->with.config->changelog_topic, (int32_t)owned->number}};
    enum hr_fate fate = broker->bounds(broker->self, &begin, 1, false, error);
    if (!fate)
        fate = wait_for_records(copy, begin, error);
    if (!fate && (!owned->marker_len || is_stale(copy)))
        fate = empty_home(copy, error);
    int64_t from = copy->marker.changelog_offset + 1;
    if (!fate && copy->marker.changelog_offset >= 0 && from < begin.offset)
        fate = hr_fail(error, HR_REFUSE,
            "the changelog begins at offset %" PRId64 ", Redis stands at %" PRId64
            ": records between are gone; `headroom restore --from-changelog` begins anew",
            begin.offset, copy->marker.changelog_offset);
    struct hr_log_reader *reader = NULL;
    if (!fate)
        fate = broker->open(
            broker->self, begin.of, from > begin.offset ? from : begin.offset, &reader, error);
    if (!fate)
        fate = read_on(copy, reader, header, error);
    if (!fate)
        fate = hr_failpoint(HR_AT_HOME_COPIED, error);
    if (reader)
        broker->close(broker->self, reader);
    hr_map_clean_up(&copy->at);
    hr_free(copy);
    return fate;
}

struct last {
    struct hr_batch_header *header;
    int64_t *offset;
    bool pass_damaged;
};

static enum hr_fate keep_header(struct hr_pipeline *p, void *context,
    const struct hr_log_record *record, struct hr_error *error)
{
    struct last *last = context;
    struct hr_batch_header header;
    if (!hr_str_is(record->key, HR_HEADER_KEY))
        return HR_OK;
    enum hr_fate fate = hr_batch_header_get(record->value, &p->assignment, &header, error);
    if (fate) {
        (void)hr_fail(error, HR_REFUSE,
            "the changelog is damaged at offset %" PRId64 ": it holds no header there",
            record->offset);
        if (!last->pass_damaged)
            return HR_REFUSE;
        hr_log(p->with.log, HR_WARN, "partition %" PRId32 ": %s", record->partition, error->text);
        return HR_OK;
    }
    *last->header = header;
    *last->offset = record->offset;
    return HR_OK;
}

enum hr_fate hr_owned_last_header(struct hr_pipeline *p, struct hr_owned *owned, bool pass_damaged,
    struct hr_batch_header *header, int64_t *offset, struct hr_error *error)
{
    struct last last = {header, offset, pass_damaged};
    const struct hr_walk walk = {.take = keep_header, .wait = hr_walk_in_group, .context = &last};
    *header = (struct hr_batch_header){.position_count = 0};
    return hr_changelog_walk(p, (int32_t)owned->number, &walk, error);
}
