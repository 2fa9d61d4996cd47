/* SPDX-License-Identifier: Apache-2.0 */
/* Where an assignment's partitions go on: at the offsets that the group committed, checked against
 * those that the last batch wrote beside them. Never from zero or from the end in silence. */
#include "state.h"

#include <inttypes.h>

enum hr_fate hr_first_offset(struct hr_pipeline *p, struct hr_input *input, struct hr_error *error)
{
    struct hr_broker *broker = &p->with.broker;
    struct hr_position position = {.of = hr_input_of(input)};
    enum hr_from from = input->topic->source ? input->topic->source->from : HR_FROM_EARLIEST;
    enum hr_fate fate =
        from == HR_FROM_TIME
            ? broker->offset_at(broker->self, &position, input->topic->source->from_time, error)
            : broker->bounds(broker->self, &position, 1, from == HR_FROM_LATEST, error);
    input->next = input->done = position.offset;
    return fate;
}

enum hr_fate hr_committed_read(struct hr_pipeline *p, struct hr_input **inputs, size_t count,
    bool *internal_missing, struct hr_str *metadata, struct hr_error *error)
{
    struct hr_position *positions = hr_arena_zeroed(&p->assignment, count * sizeof *positions);
    for (size_t i = 0; i < count; i++)
        positions[i].of = hr_input_of(inputs[i]);
    enum hr_fate fate =
        p->with.broker.committed(p->with.broker.self, positions, count, &p->assignment, error);
    *internal_missing = false;
    *metadata = (struct hr_str){NULL, 0};
    for (size_t i = 0; i < count && !fate; i++) {
        bool internal = inputs[i]->topic->role == HR_ROLE_INTERNAL;
        inputs[i]->next = inputs[i]->done = positions[i].offset;
        if (!inputs[i]->home)
            hr_foreign_order(inputs[i], positions[i].metadata);
        if (internal && positions[i].offset == HR_OFFSET_NONE)
            *internal_missing = true;
        else if (internal)
            *metadata = positions[i].metadata;
    }
    return fate;
}

static const struct hr_position *position_in(
    const struct hr_batch_header *header, const struct hr_input *input)
{
    for (size_t i = 0; i < header->position_count; i++)
        if (hr_str_equal(header->positions[i].of.topic, input->topic->name))
            return &header->positions[i];
    return NULL;
}

static bool reads(const struct hr_owned *owned, struct hr_str topic)
{
    for (size_t i = 0; i < owned->input_count; i++)
        if (hr_str_equal(owned->inputs[i]->topic->name, topic))
            return true;
    return false;
}

/* Another process may have had other sources, and the next one may have them again: while sources
 * change one process after the other, and when a source is taken out and comes back. */
static void keep_others(
    struct hr_pipeline *p, struct hr_owned *owned, const struct hr_batch_header *header)
{
    owned->others =
        hr_arena_zeroed(&p->assignment, (header->position_count + 1) * sizeof *owned->others);
    owned->other_count = 0;
    for (size_t i = 0; i < header->position_count; i++) {
        struct hr_position position = header->positions[i];
        if (reads(owned, position.of.topic))
            continue;
        position.of.topic = hr_arena_copy(&p->assignment, position.of.topic);
        owned->others[owned->other_count++] = position;
    }
}

void hr_positions_take(struct hr_owned *owned, const struct hr_batch_header *header)
{
    for (size_t i = 0; i < owned->input_count; i++) {
        const struct hr_position *position = position_in(header, owned->inputs[i]);
        if (position)
            owned->inputs[i]->next = owned->inputs[i]->done = position->offset;
    }
}

enum hr_fate hr_offsets_settle(struct hr_pipeline *p, struct hr_owned *owned,
    const struct hr_batch_header *header, bool *fresh, struct hr_error *error)
{
    enum hr_fate fate = HR_OK;
    keep_others(p, owned, header);
    for (size_t i = 0; i < owned->input_count && !fate; i++) {
        struct hr_input *input = owned->inputs[i];
        const struct hr_position *position = position_in(header, input);
        *fresh |= input->done == HR_OFFSET_NONE;
        if (input->done == HR_OFFSET_NONE && position)
            input->next = input->done = position->offset;
        else if (input->done == HR_OFFSET_NONE)
            fate = hr_first_offset(p, input, error);
        else if (position && position->offset != input->done && !header->partial)
            fate = hr_fail(error, HR_REFUSE,
                "topic %.*s: offset %" PRId64 " is committed, batch %" PRIu64 " ended at %" PRId64
                ": offsets were reset; `headroom restore --offsets` puts them back",
                (int)input->topic->name.len, input->topic->name.at, input->done,
                owned->committed.sequence, position->offset);
    }
    return fate;
}
