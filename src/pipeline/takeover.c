/* SPDX-License-Identifier: Apache-2.0 */
/* Taking partitions over. There is one road for a crash, a rebalance, a Redis that restarted,
 * failed over or is empty, and a batch whose outcome is unknown:
 *
 *   1. Every home topic's partition n must be ours; else home n is refused and nothing is touched.
 *   2. C is the batch named by the committed offsets (they wait while a transaction is pending), M
 * the marker in Redis. Equal, and the changelog has that header where M says: live.
 *   3. M behind or missing: the changelog is copied up to C.
 *   4. C missing and the changelog has a header: the header is C; its offsets are committed again.
 *   5. Nothing anywhere: a new home, whose first batch commits explicit offsets.
 *   6. Anything else is refused loudly, with what was seen and what helps. Never does a home start
 *      from zero or from the end in silence. */
#include "state.h"

#include <inttypes.h>
#include <stdio.h>

#define CLOCKS_APART HR_MINUTE

/* What this takeover is for, of this home: NOTHING when it is not meant. */
enum hr_restore hr_owned_restore(const struct hr_pipeline *p, const struct hr_owned *owned)
{
    bool meant = p->restore_partition < 0 || (uint32_t)p->restore_partition == owned->number;
    return meant ? p->restore : HR_RESTORE_NOTHING;
}

/* --- one home --- */

static enum hr_fate look_marker(
    struct hr_pipeline *p, struct hr_owned *owned, struct hr_marker *marker, struct hr_error *error)
{
    struct hr_str text;
    enum hr_fate fate = p->with.store.load(
        p->with.store.self, owned->number, NULL, 0, &p->slice, NULL, &text, error);
    if (!fate)
        fate = hr_failpoint(HR_AT_MARKER_READ, error);
    if (fate) {
        p->store_broken = true;
        return fate;
    }
    *marker = (struct hr_marker){.changelog_offset = -1};
    owned->marker_len = 0;
    if (!text.at)
        return HR_OK;
    bool fits = text.len < HR_MARKER_TEXT;
    if (fits) {
        memcpy(owned->marker, text.at, text.len);
        owned->marker_len = text.len;
        if (hr_marker_parse(text, marker))
            return HR_OK;
    }
    hr_log(p->with.log, HR_WARN,
        "partition %" PRIu32 ": the marker in Redis is damaged; the home is copied again",
        owned->number);
    *marker = (struct hr_marker){.changelog_offset = -1}; /* fresh is 0: it counts as empty */
    return fits ? HR_OK : hr_owned_forget_marker(p, owned, text, error);
}

/* Copied from the changelog, and wrong again. */
static enum hr_fate check_doubt(
    const struct hr_pipeline *p, const struct hr_owned *owned, struct hr_error *error)
{
    const struct hr_doubt *doubt = &p->doubts[owned->number];
    if (doubt->times < 2 || !hr_batch_name_equal(doubt->at, owned->committed) ||
        hr_owned_restore(p, owned))
        return HR_OK;
    return hr_fail(error, HR_REFUSE,
        "what the changelog holds is wrong, too (%.200s); a copy of Redis put back, then `headroom "
        "restore --partition %" PRIu32 " --from-redis`, goes on from there",
        doubt->why.text, owned->number);
}

/* The record at an offset. The end may come before it: an open transaction below holds it back, for
 * a bounded time. */
static enum hr_fate read_at(struct hr_pipeline *p, struct hr_log_reader *reader,
    struct hr_broker_event *event, struct hr_error *error)
{
    int64_t deadline = p->taking_since_us + hr_patience_us(p);
    for (bool ended = false;;) {
        p->with.broker.read(p->with.broker.self, reader, 200, event);
        if (event->kind == HR_BROKER_RECORD)
            return HR_OK;
        if (event->kind == HR_BROKER_FAILED)
            return hr_fail(error, event->error.fate, "%s", event->error.text);
        ended |= event->kind == HR_BROKER_END;
        if (hr_group_changed(p, 0, error))
            return HR_RETRY;
        if (hr_clock_monotonic_us() > deadline)
            return ended ? HR_OK : hr_fail(error, HR_RETRY, "the changelog does not answer");
    }
}

/* Whether the changelog ends before an offset that it had once. */
static bool lost_its_tail(struct hr_pipeline *p, const struct hr_owned *owned, int64_t offset)
{
    struct hr_position end = {.of = {p->with.config->changelog_topic, (int32_t)owned->number}};
    struct hr_error ignored;
    return !p->with.broker.bounds(p->with.broker.self, &end, 1, true, &ignored) &&
           end.offset <= offset;
}

/* Step 2: whether the changelog has the header of C where the marker says. */
static enum hr_fate read_header(struct hr_pipeline *p, struct hr_owned *owned,
    const struct hr_marker *marker, struct hr_batch_header *header, struct hr_error *error)
{
    struct hr_broker *broker = &p->with.broker;
    struct hr_log_reader *reader = NULL;
    struct hr_topic_partition of = {p->with.config->changelog_topic, (int32_t)owned->number};
    enum hr_fate fate = broker->open(broker->self, of, marker->changelog_offset, &reader, error);
    struct hr_broker_event event = {.kind = HR_BROKER_NOTHING};
    if (!fate)
        fate = read_at(p, reader, &event, error);
    if (!fate)
        fate = hr_failpoint(HR_AT_HEADER_READ, error);
    bool found = !fate && event.kind == HR_BROKER_RECORD &&
                 event.record.offset == marker->changelog_offset &&
                 hr_str_is(event.record.key, HR_HEADER_KEY);
    if (found && hr_batch_header_get(event.record.value, &p->assignment, header, error))
        found = false;
    if (fate == HR_REFUSE && lost_its_tail(p, owned, marker->changelog_offset))
        fate = HR_OK; /* reading there was refused for that */
    if (!fate && (!found || !hr_batch_name_equal(header->batch, owned->committed)))
        fate = hr_fail(error, HR_REFUSE,
            "the changelog has no header of batch %" PRIu64 " at offset %" PRId64
            ": it lost its tail, or is damaged there; `headroom restore --partition %" PRIu32
            " --from-redis` writes it anew from Redis",
            owned->committed.sequence, marker->changelog_offset, owned->number);
    if (reader)
        broker->close(broker->self, reader);
    owned->header_offset = marker->changelog_offset;
    return fate;
}

static enum hr_fate load_seen(struct hr_pipeline *p, struct hr_owned *owned, struct hr_error *error)
{
    uint32_t blocks = hr_home_seen_blocks(owned->home);
    enum hr_fate fate = HR_OK;
    for (uint32_t first = 0; first < blocks && !fate; first += SEEN_AT_ONCE) {
        hr_arena_reset(&p->slice);
        struct hr_keys keys = {.arena = &p->slice};
        uint32_t count = blocks - first < SEEN_AT_ONCE ? blocks - first : SEEN_AT_ONCE;
        keys.at = hr_arena_take(&p->slice, count * sizeof *keys.at);
        for (uint32_t i = 0; i < count; i++)
            hr_home_seen_key(first + i, &keys.at[i], hr_arena_take(&p->slice, 24));
        keys.count = keys.room = count;
        fate = hr_owned_load(p, owned, &keys, error);
    }
    return fate;
}

static enum hr_fate load_rest(struct hr_pipeline *p, struct hr_owned *owned, struct hr_error *error)
{
    hr_arena_reset(&p->slice);
    struct hr_keys keys = {.arena = &p->slice};
    hr_home_books_keys(owned->home, &keys);
    hr_home_holds_keys(owned->home, &keys);
    return hr_owned_load(p, owned, &keys, error);
}

static enum hr_fate make_home(struct hr_pipeline *p, struct hr_owned *owned,
    const struct hr_batch_header *header, struct hr_error *error)
{
    const struct hr_rules *rules =
        header->epoch ? hr_pipeline_rules_of(p, header->epoch) : hr_known_latest(p)->rules;
    if (!rules)
        return hr_rules_missing(p, header->epoch, error);
    uint64_t ids = rules->dedup_memory / 16 / p->home_count / 256 * 256;
    struct hr_home_settings settings = {
        .number = owned->number,
        .count = p->home_count,
        .seen_capacity = ids ? ids : 256,
        .rules = rules,
        .rules_since = header->rules_since,
        .rules_of = hr_pipeline_rules_of,
        .context = p,
        .zones = p->with.zones,
        .live_from = hr_settled_live_from(p),
    };
    owned->home = hr_home_new(&settings, p->pool);
    owned->time = header->time;
    owned->claimed_told = header->time.us >= settings.live_from.us;
    owned->timers_until = (struct hr_time){INT64_MIN};
    owned->timers_cut = owned->timers_left = false;
    hr_home_know(owned->home, owned->timers_until, (struct hr_str){NULL, 0});
    if (header->time.us > 0) /* it has begun */
        hr_home_set_clock(owned->home, header->time);
    for (size_t i = 0; i < header->report_count; i++) {
        hr_owned_hear(p, owned, &header->reports[i]);
        hr_owned_have(p, owned, &header->reports[i]);
    }
    if (!header->batch.sequence)
        return HR_OK;
    enum hr_fate fate = load_seen(p, owned, error);
    if (!fate)
        fate = load_rest(p, owned, error);
    if (!fate)
        fate = hr_streams_load(p, owned, error);
    return fate ? fate : hr_failpoint(HR_AT_HOME_MADE, error);
}

/* Half a second for a transaction that somebody left open: it may hide the end of the log, for a
 * bounded time. */
static enum hr_fate wait_for_hidden(
    struct hr_pipeline *p, const struct hr_owned *owned, bool *told, struct hr_error *error)
{
    if (!*told)
        hr_log(p->with.log, HR_INFO,
            "partition %" PRIu32
            ": newer batches may stand behind a transaction that is still open; "
            "waiting for its end",
            owned->number);
    *told = true;
    return hr_group_changed(p, 500, error) ? HR_RETRY : HR_OK;
}

/* Whether what Redis holds is to be written into the changelog: not where it is behind C and the
 * changelog leads to C. */
static enum hr_fate ask_redis(struct hr_pipeline *p, struct hr_owned *owned,
    const struct hr_marker *marker, struct hr_batch_header *last, bool *asked,
    struct hr_error *error)
{
    *asked = hr_owned_restore(p, owned) == HR_RESTORE_FROM_REDIS;
    bool told = false;
    int64_t offset, deadline = p->taking_since_us + hr_patience_us(p);
    for (bool late = false; *asked && marker->batch.sequence < owned->committed.sequence;) {
        bool leads = hr_batch_name_equal(last->batch, owned->committed) && !last->partial;
        *asked = !leads;
        if (leads || last->partial || late)
            return HR_OK;
        enum hr_fate fate = wait_for_hidden(p, owned, &told, error);
        late = hr_clock_monotonic_us() > deadline; /* before the look: it may sleep behind it */
        if (!fate)
            fate = hr_owned_last_header(p, owned, true, last, &offset, error);
        if (fate)
            return fate;
    }
    return HR_OK;
}

/* Steps 2 to 6, once C and M are known. */
static enum hr_fate reach_committed(struct hr_pipeline *p, struct hr_owned *owned,
    struct hr_marker *marker, struct hr_batch_header *last, struct hr_batch_header *header,
    struct hr_error *error)
{
    if (hr_owned_restore(p, owned) == HR_RESTORE_FROM_CHANGELOG)
        *marker = (struct hr_marker){.changelog_offset = -1}; /* it counts as empty */
    bool from_redis;
    enum hr_fate fate = ask_redis(p, owned, marker, last, &from_redis, error);
    if (fate)
        return fate;
    if (from_redis)
        return hr_restore_from_marker(p, owned, marker, last, header, error);
    if (owned->marker_len && hr_batch_name_equal(marker->batch, owned->committed))
        return read_header(p, owned, marker, header, error);
    if (marker->batch.sequence > owned->committed.sequence)
        return hr_fail(error, HR_REFUSE,
            "Redis holds batch %" PRIu64 ", the committed offsets name batch %" PRIu64
            ": offsets were reset; `headroom restore --offsets` puts them back",
            marker->batch.sequence, owned->committed.sequence);
    if (owned->marker_len && marker->batch.sequence == owned->committed.sequence)
        return hr_fail(error, HR_REFUSE,
            "Redis holds another batch %" PRIu64 " than the committed offsets name: two groups "
            "write under one prefix",
            marker->batch.sequence);
    if (p->overshoots > 3)
        return hr_fail(error, HR_REFUSE,
            "the changelog is ahead of the committed offsets (batch %" PRIu64
            "): offsets were reset; `headroom restore --offsets` puts them back",
            owned->committed.sequence);
    hr_log(p->with.log, HR_INFO,
        "partition %" PRIu32 ": Redis stands at batch %" PRIu64 ", committed is %" PRIu64
        "; copying",
        owned->number, marker->batch.sequence, owned->committed.sequence);
    fate = hr_owned_copy(p, owned, *marker, header, error);
    if (fate != HR_REFUSE || hr_owned_restore(p, owned) != HR_RESTORE_FROM_REDIS)
        return fate;
    /* The changelog does not lead from there to C after all. What was copied until then is newer
     * than the marker says, which is no harm; where Redis was emptied for it, nothing is left. */
    hr_log(p->with.log, HR_WARN, "partition %" PRIu32 ": %s", owned->number, error->text);
    struct hr_str now = {owned->marker, owned->marker_len};
    if (!hr_marker_parse(now, marker))
        *marker = (struct hr_marker){.changelog_offset = -1};
    return hr_restore_from_marker(p, owned, marker, last, header, error);
}

/* C by the committed offsets; `look`: the last header is to say it. */
static enum hr_fate find_committed(
    struct hr_pipeline *p, struct hr_owned *owned, bool *look, struct hr_error *error)
{
    bool internal_missing;
    struct hr_str metadata;
    enum hr_fate fate = hr_committed_read(
        p, owned->inputs, owned->input_count, &internal_missing, &metadata, error);
    if (!fate)
        fate = hr_failpoint(HR_AT_OFFSETS_READ, error);
    if (fate)
        return fate;
    *look = internal_missing || hr_owned_restore(p, owned) == HR_RESTORE_OFFSETS;
    if (hr_metadata_parse(metadata, &owned->committed) && owned->committed.sequence)
        return HR_OK;
    owned->committed = (struct hr_batch_name){0, 0};
    if (*look || hr_owned_restore(p, owned) == HR_RESTORE_FROM_REDIS)
        return HR_OK; /* the header, or the marker, will say */
    return hr_fail(error, HR_REFUSE,
        "the committed offsets carry no batch: offsets were reset; `headroom restore --offsets` "
        "puts them back");
}

/* The last header that there is. It may be hidden as long as the group or Redis knows of a later
 * batch, and where neither knows anything. */
static enum hr_fate last_header(struct hr_pipeline *p, struct hr_owned *owned,
    const struct hr_marker *marker, struct hr_batch_header *last, struct hr_error *error)
{
    uint64_t known = owned->committed.sequence;
    known = marker->batch.sequence > known ? marker->batch.sequence : known;
    bool told = false;
    int64_t offset, deadline = p->taking_since_us + hr_patience_us(p);
    for (;;) {
        bool late = hr_clock_monotonic_us() > deadline; /* before the look, as above */
        enum hr_fate fate = hr_owned_last_header(p, owned, false, last, &offset, error);
        bool sure = known ? last->batch.sequence >= known : !last->batch.sequence;
        if (fate || sure || late)
            return fate;
        fate = wait_for_hidden(p, owned, &told, error);
        if (fate)
            return fate;
    }
}

/* Step 4. */
static enum hr_fate take_last_header(struct hr_pipeline *p, struct hr_owned *owned,
    const struct hr_marker *marker, struct hr_batch_header *last, struct hr_error *error)
{
    enum hr_fate fate = last_header(p, owned, marker, last, error);
    owned->committed = last->batch;
    if (fate || !last->batch.sequence)
        return fate;
    hr_log(p->with.log, HR_WARN,
        "partition %" PRIu32 ": the group's offsets are gone; those of batch %" PRIu64
        " are committed again",
        owned->number, last->batch.sequence);
    hr_positions_take(owned, last);
    return HR_OK;
}

/* Rules of ours that are to come with home 0's first batch: was another process faster with it? */
static enum hr_fate check_first_rules(
    struct hr_pipeline *p, const struct hr_owned *owned, struct hr_error *error)
{
    bool ours = !hr_known_latest(p)->settled && p->restore == HR_RESTORE_NOTHING;
    if (owned->number != 0 || !owned->committed.sequence || !ours)
        return HR_OK;
    return hr_fail(error, HR_RETRY, "another process committed the first rules meanwhile");
}

static enum hr_fate take_home(struct hr_pipeline *p, struct hr_owned *owned, struct hr_error *error)
{
    hr_arena_reset(&p->slice);
    struct hr_marker marker;
    struct hr_batch_header last = {0}, header = {0};
    bool fresh = false, look = false;
    int64_t offset;
    enum hr_fate fate = find_committed(p, owned, &look, error);
    if (!fate)
        fate = look_marker(p, owned, &marker, error);
    if (!fate && look)
        fate = take_last_header(p, owned, &marker, &last, error);
    else if (!fate && hr_owned_restore(p, owned) == HR_RESTORE_FROM_REDIS)
        fate = hr_owned_last_header(p, owned, true, &last, &offset, error);
    if (!fate)
        fate = check_doubt(p, owned, error);
    if (!fate)
        fate = check_first_rules(p, owned, error);
    if (fate)
        return fate;
    if (!owned->committed.sequence && hr_owned_restore(p, owned) != HR_RESTORE_FROM_REDIS) {
        if (owned->marker_len && marker.batch.sequence)
            return hr_fail(error, HR_REFUSE,
                "Redis holds batch %" PRIu64 " under this prefix, Kafka has neither offsets nor a "
                "changelog: set the group's offsets, the internal topic's too, to a moment shortly "
                "before the end (repeats are known by their ids), then `headroom restore "
                "--from-redis` writes the changelog; another redis.prefix begins anew",
                marker.batch.sequence);
        header.time = (struct hr_time){0};
    } else {
        fate = reach_committed(p, owned, &marker, &last, &header, error);
        owned->log_since = header.log_since;
        owned->partial = header.partial;
        if (!fate && owned->partial && hr_owned_restore(p, owned) != HR_RESTORE_FROM_REDIS)
            fate = hr_partial(owned, error);
        /* The last batch of home 0 is in sight, and with it every manifest: whoever gives the next
         * epoch must know the last. */
        if (!fate && owned->number == 0)
            fate = hr_manifest_read_on(p, error);
    }
    if (!fate)
        fate = hr_offsets_settle(p, owned, &header, &fresh, error);
    if (!fate)
        fate = make_home(p, owned, &header, error);
    if (fate)
        return fate;
    owned->state = HR_OWNED_LIVE;
    if (fresh || look || !owned->committed.sequence || hr_owned_restore(p, owned))
        hr_batch_touch(p, owned); /* an empty batch makes its offsets explicit */
    return HR_OK;
}

/* A manifest that this process wrote belongs to home 0's batch and to no other. */
static enum hr_fate check_manifest_home(struct hr_pipeline *p, struct hr_error *error)
{
    if (hr_known_latest(p)->settled)
        return HR_OK;
    for (size_t i = 0; i < p->home_owned; i++)
        if (p->homes[i].number == 0 && p->homes[i].state == HR_OWNED_LIVE)
            return HR_OK;
    return hr_fail(
        error, HR_STOP, "the changelog has no manifest and partition 0 cannot be taken over");
}

/* --- all of them --- */

/* No manifest is in sight. It may be hidden behind an open transaction: home 0 is new, and writes
 * the first one, only if nothing was ever committed for it. */
static enum hr_fate first_rules(
    struct hr_pipeline *p, struct hr_owned *owned, struct hr_error *error)
{
    bool missing;
    struct hr_str metadata;
    enum hr_fate fate =
        hr_committed_read(p, owned->inputs, owned->input_count, &missing, &metadata, error);
    if (!fate) /* what was pending is settled now */
        fate = hr_manifest_read_on(p, error);
    if (fate || p->epoch_count)
        return fate;
    return missing ? hr_manifest_adopt(p, p->with.config->rules->text, error)
                   : hr_rules_missing(p, 1, error);
}

/* The manifest before the first record: read, or written by home 0's owner into its first batch. */
static enum hr_fate settle_rules(struct hr_pipeline *p, struct hr_error *error)
{
    enum hr_fate fate = hr_manifest_read_on(p, error);
    struct hr_owned *first = NULL;
    for (size_t i = 0; i < p->home_owned; i++)
        if (p->homes[i].number == 0 && p->homes[i].state != HR_OWNED_REFUSED)
            first = &p->homes[i];
    if (!fate && first && hr_owned_restore(p, first) == HR_RESTORE_FROM_REDIS)
        fate = hr_manifest_restore(p, error);
    if (fate || p->epoch_count)
        return fate;
    if (first)
        return first_rules(p, first, error);
    return hr_fail(error, HR_RETRY, "waiting for the owner of partition 0 to write the manifest");
}

static enum hr_fate take_foreign(struct hr_pipeline *p, struct hr_error *error)
{
    struct hr_input **missing = hr_arena_take(&p->assignment, p->input_count * sizeof *missing);
    size_t count = 0;
    for (size_t i = 0; i < p->input_count; i++) {
        struct hr_input *input = &p->inputs[i];
        bool internal_missing;
        struct hr_str metadata;
        if (input->home || input->out)
            continue;
        enum hr_fate fate = hr_committed_read(p, &input, 1, &internal_missing, &metadata, error);
        if (fate)
            return fate;
        if (input->done == HR_OFFSET_NONE)
            missing[count++] = input;
        /* What stood in a changelog that is written anew is written as well. */
        input->moved = input->done == HR_OFFSET_NONE || p->restore == HR_RESTORE_FROM_REDIS;
    }
    enum hr_fate fate = hr_foreign_find(p, missing, count, error);
    for (size_t i = 0; i < count && !fate; i++)
        if (missing[i]->done == HR_OFFSET_NONE)
            fate = hr_first_offset(p, missing[i], error);
    return fate ? fate : hr_failpoint(HR_AT_FOREIGN_TAKEN, error);
}

static enum hr_fate start(struct hr_pipeline *p, struct hr_error *error)
{
    struct hr_position *positions =
        hr_arena_zeroed(&p->assignment, p->input_count * sizeof *positions);
    size_t count = 0;
    for (size_t i = 0; i < p->input_count; i++) {
        const struct hr_input *input = &p->inputs[i];
        if (!input->out && (!input->home || input->home->state == HR_OWNED_LIVE))
            positions[count++] =
                (struct hr_position){.of = hr_input_of(input), .offset = input->next};
    }
    enum hr_fate fate = p->with.broker.start(p->with.broker.self, positions, count, error);
    return fate ? fate : hr_failpoint(HR_AT_STARTED, error);
}

/* Before a home is refused: had C not moved meanwhile? Who has slept through a rebalance reads what
 * others write, and nothing of it is wrong. */
static enum hr_fate look_again(
    struct hr_pipeline *p, struct hr_owned *owned, struct hr_error *error)
{
    struct hr_error ignored;
    struct hr_str metadata;
    struct hr_batch_name before = owned->committed, now = {0, 0};
    bool missing;
    enum hr_fate fate =
        hr_committed_read(p, owned->inputs, owned->input_count, &missing, &metadata, &ignored);
    if (fate) {
        *error = ignored;
        return fate;
    }
    if (!missing && hr_metadata_parse(metadata, &now) && !hr_batch_name_equal(before, now))
        return hr_fail(error, HR_RETRY,
            "partition %" PRIu32 ": another process committed batch "
            "%" PRIu64,
            owned->number, now.sequence);
    return HR_REFUSE;
}

static enum hr_fate take_homes(struct hr_pipeline *p, struct hr_error *error)
{
    int64_t refused = 0;
    for (size_t i = 0; i < p->home_owned; i++) {
        struct hr_owned *owned = &p->homes[i];
        enum hr_fate fate = HR_OK;
        if (owned->state == HR_OWNED_TAKING)
            fate = take_home(p, owned, error);
        if (fate == HR_REFUSE)
            fate = look_again(p, owned, error);
        if (fate == HR_REFUSE)
            hr_owned_refuse(p, owned, error->text);
        else if (fate)
            return fate;
        refused += owned->state == HR_OWNED_REFUSED;
        hr_cell_set(owned->state_cell, owned->state);
        if (hr_group_changed(p, 0, error))
            return hr_fail(error, HR_RETRY, "the group changed during the takeover");
    }
    for (size_t i = 0; i < p->input_count; i++)
        refused += p->inputs[i].out && !p->inputs[i].home;
    atomic_store(&p->refused_count, refused);
    return hr_failpoint(HR_AT_HOMES_TAKEN, error);
}

/* A clock that is wrong fires what is not due. Redis's own is the second opinion. */
static enum hr_fate check_clock(struct hr_pipeline *p, struct hr_error *error)
{
    struct hr_time theirs;
    enum hr_fate fate = p->with.store.clock(p->with.store.self, &theirs, error);
    if (!fate)
        fate = hr_failpoint(HR_AT_CLOCK_CHECKED, error);
    if (fate) {
        p->store_broken = true;
        return fate;
    }
    int64_t apart = p->with.now(p->with.context).us - theirs.us;
    if (apart > CLOCKS_APART || apart < -CLOCKS_APART)
        return hr_fail(error, HR_STOP,
            "this machine's clock and that of Redis are %" PRId64 " s apart: set them by NTP",
            apart / HR_SECOND);
    return HR_OK;
}

/* Connections and producers that an error left in doubt. */
static enum hr_fate mend(struct hr_pipeline *p, struct hr_error *error)
{
    enum hr_fate fate = HR_OK;
    if (p->store_broken)
        fate = p->with.store.reconnect(p->with.store.self, error);
    if (p->store_broken && !fate)
        fate = hr_failpoint(HR_AT_STORE_RECONNECTED, error);
    if (!fate)
        p->store_broken = false;
    if (!fate && p->producer_broken)
        fate = p->with.broker.renew(p->with.broker.self, error);
    if (p->producer_broken && !fate)
        fate = hr_failpoint(HR_AT_PRODUCER_RENEWED, error);
    if (!fate)
        p->producer_broken = false;
    return fate;
}

static enum hr_fate publish(struct hr_pipeline *p, struct hr_error *error)
{
    enum hr_fate fate = hr_manifest_publish(p, error);
    return fate ? fate : hr_failpoint(HR_AT_MANIFEST_PUBLISHED, error);
}

enum hr_fate hr_take_over(struct hr_pipeline *p, struct hr_error *error)
{
    enum hr_fate fate = mend(p, error);
    if (!fate)
        fate = hr_changelog_check(p, error);
    if (!fate)
        fate = check_clock(p, error);
    if (fate)
        return fate;
    hr_assignment_build(p);
    p->taking_since_us = hr_clock_monotonic_us();
    atomic_store(&p->taking_count, (int64_t)p->home_owned);
    fate = settle_rules(p, error);
    if (!fate)
        fate = hr_failpoint(HR_AT_RULES_READ, error);
    bool settled = !fate && hr_known_latest(p)->settled;
    if (!fate && settled) /* before a copy writes a marker that names them */
        fate = publish(p, error);
    if (!fate)
        fate = take_homes(p, error);
    if (!fate)
        fate = check_manifest_home(p, error);
    if (!fate)
        fate = take_foreign(p, error);
    if (!fate && !settled) /* a new group, which is sure now that the prefix is nobody else's */
        fate = publish(p, error);
    if (!fate)
        fate = start(p, error);
    if (!fate) {
        p->overshoots = 0;
        p->missing_since_us = 0;
        atomic_store(&p->taking_count, 0);
    }
    return fate;
}
