/* SPDX-License-Identifier: Apache-2.0 */
/* Steps 5 and 6 of the cycle. One transaction holds triggers, dead letters, forwarded records, the
 * new value of everything that changed, a header for each touched home, and the offsets of all its
 * topics with the batch's name. Kafka decides; only then Redis follows, one compare-and-set a home.
 *
 * Never: a transaction begun before the last writes are acknowledged; an empty list of offsets (it
 * would fence nobody); a write to Redis of what Kafka has not confirmed. */
#include "state.h"

#include <stdio.h>

#define SETTLE_MS 30000

/* What one home adds to this batch. */
struct part {
    struct hr_owned *owned;
    struct hr_batch_name name;
    struct hr_change *changes;
    size_t change_count;
    uint32_t tag; /* of its header */
};

static enum hr_fate produce(
    struct hr_pipeline *p, const struct hr_log_record *record, uint32_t tag, struct hr_error *error)
{
    return p->with.broker.produce(p->with.broker.self, record, tag, error);
}

static struct hr_log_record changelog_record(const struct hr_pipeline *p,
    const struct hr_owned *owned, struct hr_str key, struct hr_str value)
{
    return (struct hr_log_record){
        .topic = p->with.config->changelog_topic,
        .partition = (int32_t)owned->number,
        .timestamp = HR_TIME_NONE,
        .key = key,
        .value = value,
    };
}

static struct hr_position *positions_of(struct hr_pipeline *p, const struct hr_owned *owned)
{
    struct hr_position *positions = hr_arena_zeroed(
        &p->batch->arena, (owned->input_count + owned->other_count) * sizeof *positions);
    for (size_t i = 0; i < owned->input_count; i++) {
        positions[i].of = hr_input_of(owned->inputs[i]);
        positions[i].offset = owned->inputs[i]->done;
    }
    for (size_t i = 0; i < owned->other_count; i++)
        positions[owned->input_count + i] = owned->others[i];
    return positions;
}

/* What the batch holds beside state. */
static enum hr_fate produce_out(struct hr_pipeline *p, struct hr_error *error)
{
    enum hr_fate fate = HR_OK;
    for (size_t i = 0; i < p->batch->out_count && !fate; i++) {
        const struct hr_log_record *record = &p->batch->out[i];
        fate = produce(p, record, 0, error);
        if (!fate && hr_str_equal(record->topic, p->with.config->internal_topic))
            fate = hr_failpoint(HR_AT_FORWARD_PRODUCED, error);
    }
    return fate ? fate : hr_failpoint(HR_AT_TRIGGERS_PRODUCED, error);
}

static enum hr_fate produce_header(
    struct hr_pipeline *p, const struct part *part, struct hr_error *error)
{
    const struct hr_owned *owned = part->owned;
    struct hr_batch_header header = {
        .batch = part->name,
        .previous = owned->committed.sequence,
        .time = owned->time,
        .wall = p->wall,
        .epoch = hr_home_rules(owned->home)->epoch,
        .rules_since = hr_home_rules_since(owned->home),
        .positions = positions_of(p, owned),
        .position_count = owned->input_count + owned->other_count,
        .reports = owned->had,
        .report_count = owned->had_count,
        .log_since = owned->log_since,
        .partial = owned->partial,
    };
    hr_buffer_clear(&p->scratch);
    hr_batch_header_put(&header, &p->scratch);
    struct hr_log_record record =
        changelog_record(p, owned, hr_str(HR_HEADER_KEY), hr_buffer_str(&p->scratch));
    return produce(p, &record, part->tag, error);
}

/* How far streams of the internal topic are applied goes with the rest of the state. */
static void add_ahead(struct hr_pipeline *p, struct part *part)
{
    struct hr_change ahead = {.account = HR_STR(""), .due = HR_TIME_NEVER};
    if (!hr_streams_changed(part->owned, &p->batch->arena, &ahead.key, &ahead.value))
        return;
    struct hr_change *changes =
        hr_arena_take(&p->batch->arena, (part->change_count + 1) * sizeof *changes);
    if (part->change_count)
        memcpy(changes, part->changes, part->change_count * sizeof *changes);
    changes[part->change_count++] = ahead;
    part->changes = changes;
}

static enum hr_fate produce_part(struct hr_pipeline *p, struct part *part, struct hr_error *error)
{
    struct hr_owned *owned = part->owned;
    /* T of a batch is at least every clock in it. */
    owned->time = hr_time_max(owned->time, hr_home_clock(owned->home));
    hr_home_changes(owned->home, &p->batch->arena, &part->changes, &part->change_count);
    add_ahead(p, part);
    enum hr_fate fate = HR_OK;
    for (size_t i = 0; i < part->change_count && !fate; i++) {
        struct hr_log_record record =
            changelog_record(p, owned, part->changes[i].key, part->changes[i].value);
        fate = produce(p, &record, 0, error);
    }
    if (!fate)
        fate = produce_header(p, part, error);
    return fate ? fate : hr_failpoint(HR_AT_HOME_PRODUCED, error);
}

/* What is sent without a record applied (a clock report, a proposal) needs a home's offsets beside
 * it, or nothing would fence it. */
static void anchor(struct hr_pipeline *p)
{
    for (size_t i = 0; i < p->home_owned; i++)
        if (p->homes[i].touched)
            return;
    for (size_t i = 0; i < p->home_owned; i++)
        if (p->homes[i].state == HR_OWNED_LIVE) {
            p->homes[i].touched = true;
            return;
        }
}

static bool reads_foreign(const struct hr_pipeline *p)
{
    for (size_t i = 0; i < p->input_count; i++)
        if (!p->inputs[i].home && !p->inputs[i].out)
            return true;
    return false;
}

static size_t list_parts(struct hr_pipeline *p, struct part *parts)
{
    if (!reads_foreign(p))
        anchor(p);
    size_t count = 0;
    for (size_t i = 0; i < p->home_owned; i++) {
        struct hr_owned *owned = &p->homes[i];
        if (owned->state != HR_OWNED_LIVE || !(owned->touched || hr_home_is_dirty(owned->home)))
            continue;
        parts[count] = (struct part){
            .owned = owned,
            .name = {owned->committed.sequence + 1, p->with.random(p->with.context)},
            .tag = (uint32_t)count + 1,
        };
        count++;
    }
    return count;
}

/* The offsets of every touched home's topics under its batch's name, and of all foreign partitions.
 */
static size_t list_offsets(struct hr_pipeline *p, const struct part *parts, size_t part_count,
    struct hr_position *positions)
{
    size_t count = 0;
    for (size_t i = 0; i < part_count; i++) {
        char *text = hr_arena_take(&p->batch->arena, HR_METADATA_TEXT);
        hr_metadata_print(parts[i].name, text);
        const struct hr_owned *owned = parts[i].owned;
        for (size_t k = 0; k < owned->input_count; k++)
            positions[count++] = (struct hr_position){
                hr_input_of(owned->inputs[k]), owned->inputs[k]->done, hr_str(text)};
    }
    for (size_t i = 0; i < p->input_count; i++) {
        const struct hr_input *input = &p->inputs[i];
        if (input->home || input->out)
            continue;
        char *text = hr_arena_take(&p->batch->arena, HR_METADATA_TEXT);
        hr_foreign_print(input, text);
        positions[count++] = (struct hr_position){hr_input_of(input), input->done, hr_str(text)};
    }
    return count;
}

static enum hr_fate give_up(struct hr_pipeline *p, enum hr_fate fate, struct hr_error *error)
{
    struct hr_error ignored;
    if (p->with.broker.abort(p->with.broker.self, &ignored) != HR_COMMIT_ABORTED ||
        hr_failpoint(HR_AT_ABORTED, &ignored))
        p->producer_broken = true;
    if (fate == HR_REFUSE) /* a record that can never be sent would come again for ever */
        return hr_fail(error, HR_STOP, "%s", error->text);
    return fate;
}

static enum hr_fate transact(
    struct hr_pipeline *p, struct part *parts, size_t part_count, struct hr_error *error)
{
    struct hr_broker *broker = &p->with.broker;
    enum hr_fate fate = broker->begin(broker->self, error);
    if (!fate)
        fate = hr_failpoint(HR_AT_BEGUN, error);
    if (fate) {
        p->producer_broken = true;
        return fate;
    }
    fate = produce_out(p, error);
    for (size_t i = 0; i < part_count && !fate; i++)
        fate = produce_part(p, &parts[i], error);
    if (!fate)
        fate = hr_failpoint(HR_AT_CHANGELOG_PRODUCED, error);
    if (fate)
        return give_up(p, fate, error);
    struct hr_position *positions =
        hr_arena_take(&p->batch->arena, p->input_count * sizeof *positions);
    size_t count = list_offsets(p, parts, part_count, positions);
    enum hr_commit outcome = broker->commit(broker->self, positions, count, error);
    if (outcome == HR_COMMIT_DONE && hr_failpoint(HR_AT_COMMITTED, error))
        outcome = HR_COMMIT_UNKNOWN;
    switch (outcome) {
    case HR_COMMIT_DONE:
        return HR_OK;
    case HR_COMMIT_UNKNOWN:
        p->producer_broken = true;
        break;
    case HR_COMMIT_ABORTED:
    case HR_COMMIT_FENCED:
        break;
    }
    return HR_RETRY;
}

/* --- after the commit --- */

static const struct hr_str *view_of(
    struct hr_pipeline *p, struct hr_owned *owned, struct hr_str account, size_t *count)
{
    struct hr_view_field *fields;
    size_t field_count = hr_home_view(owned->home, account, &p->batch->arena, &fields);
    return hr_view_strings(&p->batch->arena, fields, field_count, count);
}

static enum hr_fate submit_part(
    struct hr_pipeline *p, const struct part *part, struct hr_error *error)
{
    struct hr_owned *owned = part->owned;
    struct hr_store_value *values =
        hr_arena_zeroed(&p->batch->arena, part->change_count * sizeof *values);
    for (size_t i = 0; i < part->change_count; i++) {
        const struct hr_change *change = &part->changes[i];
        values[i] = (struct hr_store_value){.key = change->key,
            .value = change->value,
            .account = change->account,
            .due = change->due,
            .same_due = change->same_due,
            .with_view = change->account.len > 0};
        if (change->account.len)
            values[i].view = view_of(p, owned, change->account, &values[i].view_count);
    }
    struct hr_marker marker = {
        .batch = part->name,
        .changelog_offset = owned->header_offset,
        .time = owned->time,
        .fresh = p->wall,
        .epoch = hr_home_rules(owned->home)->epoch,
        .rules_since = hr_home_rules_since(owned->home),
        .views_through = part->name.sequence,
        .write = p->with.random(p->with.context),
    };
    owned->flying_len = hr_marker_print(&marker, owned->flying);
    struct hr_store_write write = {
        .home = owned->number,
        .expected = {owned->marker_len ? owned->marker : NULL, owned->marker_len},
        .marker = {owned->flying, owned->flying_len},
        .values = values,
        .count = part->change_count,
    };
    enum hr_fate fate = p->with.store.submit(p->with.store.self, &write, error);
    if (!fate)
        fate = hr_failpoint(HR_AT_ONE_HOME_WRITTEN, error);
    if (fate)
        p->store_broken = true;
    else
        p->flying++;
    return fate;
}

static void count_results(struct hr_pipeline *p)
{
    for (size_t i = 0; i < p->input_count; i++)
        for (int r = 0; r < HR_RESULT_COUNT; r++)
            if (p->inputs[i].counts[r])
                hr_cell_add(p->inputs[i].cells[r], p->inputs[i].counts[r]);
    for (int r = HR_REASON_NONE + 1; r < HR_REASON_COUNT; r++)
        hr_cell_add(p->dead[r], p->batch->dead[r]);
    for (int why = HR_WHY_FOR; why < HR_WHY_COUNT; why++)
        hr_cell_add(p->held[why], p->batch->held[why]);
    hr_cell_add(p->triggers, p->batch->triggers);
    hr_cell_add(p->shadowed, p->batch->shadowed);
    hr_cell_add(p->batches_done, 1);
}

/* The batch is the other one from here on; what this one holds lives until its writes are settled.
 */
static void turn_over(struct hr_pipeline *p)
{
    for (size_t i = 0; i < p->input_count; i++)
        p->inputs[i].moved = false;
    p->batch = p->batch == &p->batches[0] ? &p->batches[1] : &p->batches[0];
    hr_batch_clear(p);
}

enum hr_fate hr_batch_commit(struct hr_pipeline *p, struct hr_error *error)
{
    enum hr_fate fate = hr_writes_settle(p, SETTLE_MS, error);
    if (!fate)
        fate = hr_failpoint(HR_AT_WRITES_SETTLED, error);
    if (fate)
        return fate;
    bool announced = hr_known_latest(p) && !hr_known_latest(p)->settled;
    struct part *parts = hr_arena_zeroed(&p->batch->arena, p->home_owned * sizeof *parts);
    size_t part_count = list_parts(p, parts);
    if (!part_count && !reads_foreign(p)) { /* every home is refused: nothing would fence it */
        hr_batch_clear(p);
        return HR_OK;
    }
    hr_foreign_write(p);
    int64_t begun = hr_clock_monotonic_us();
    fate = transact(p, parts, part_count, error);
    if (fate)
        return fate;
    hr_cell_set(p->commit_us, hr_clock_monotonic_us() - begun);
    count_results(p);
    hr_rules_settle(p);
    if (announced) /* before a marker names the new epoch */
        fate = hr_manifest_publish(p, error);
    if (announced && !fate)
        fate = hr_failpoint(HR_AT_RULES_PUBLISHED, error);
    for (size_t i = 0; i < part_count && !fate; i++) {
        struct hr_owned *owned = parts[i].owned;
        owned->committed = parts[i].name;
        for (size_t k = 0; k < owned->input_count; k++)
            owned->inputs[k]->committed = owned->inputs[k]->done;
        owned->header_offset = p->with.broker.produced(p->with.broker.self, parts[i].tag);
        fate = submit_part(p, &parts[i], error);
    }
    turn_over(p);
    return fate ? fate : hr_failpoint(HR_AT_ALL_HOMES_WRITTEN, error);
}
