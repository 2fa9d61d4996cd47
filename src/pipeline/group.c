/* SPDX-License-Identifier: Apache-2.0 */
/* What this process owns, and how it stops owning it: the group's word, partitions that are refused
 * or cannot be read, and the one place where memory is dropped. Everything here is safe at any
 * moment, as whatever is dropped is taken over afresh. */
#include "state.h"

#include <inttypes.h>

/* --- dropping and refusing --- */

void hr_owned_refuse(struct hr_pipeline *p, struct hr_owned *owned, const char *why)
{
    owned->state = HR_OWNED_REFUSED;
    hr_cell_set(owned->state_cell, HR_OWNED_REFUSED);
    hr_log(p->with.log, HR_ERROR, "partition %" PRIu32 " is refused: %s", owned->number, why);
}

void hr_drop_memory(struct hr_pipeline *p)
{
    for (size_t i = 0; i < p->input_count; i++)
        hr_queue_drop(p, &p->inputs[i].queue);
    for (int i = 0; i < 2; i++) {
        p->batch = &p->batches[i];
        hr_batch_clear(p);
    }
    for (size_t i = 0; i < p->home_owned; i++) {
        hr_streams_drop(p, &p->homes[i]);
        if (p->homes[i].home)
            hr_home_destroy(p->homes[i].home);
        hr_cell_set(p->homes[i].state_cell, HR_OWNED_ELSEWHERE); /* until it is taken over again */
    }
    atomic_store(&p->taking_count, p->home_owned ? (int64_t)p->home_owned : 1); /* not ready */
    p->home_owned = p->input_count = 0;
    p->last_input = NULL;
    p->held_bytes = 0;
    p->store_broken |= p->flying > 0; /* answers to come belong to nobody */
    p->flying = 0;
    hr_rules_forget_unsettled(p);
    int64_t away_us = atomic_load(&p->away_us);
    p->phase = p->assigned ? HR_PHASE_TAKE : HR_PHASE_ALONE;
    if (p->assigned)
        atomic_store(&p->alone_us, 0);
    else if (!atomic_load(&p->alone_us)) /* an outage that outlasts the session goes on */
        atomic_store(&p->alone_us, away_us ? away_us : hr_clock_monotonic_us());
    atomic_store(&p->stalled_us, 0);
}

/* --- the group --- */

/* What the group said; true: what we own has changed. */
bool hr_group_take(struct hr_pipeline *p, const struct hr_broker_event *event)
{
    switch (event->kind) {
    case HR_BROKER_ASSIGNED:
        p->assigned = true;
        return true;
    case HR_BROKER_REVOKED:
    case HR_BROKER_LOST:
        p->assigned = false;
        return true;
    default:
        return false;
    }
}

bool hr_group_changed(struct hr_pipeline *p, int timeout_ms, struct hr_error *error)
{
    struct hr_broker_event event;
    p->with.broker.poll(p->with.broker.self, timeout_ms, &event);
    atomic_store(&p->alive_us, hr_clock_monotonic_us());
    if (event.kind == HR_BROKER_RECORD)
        p->with.broker.release(p->with.broker.self, event.handle); /* before `start`: read again */
    if (event.kind == HR_BROKER_FAILED && event.error.fate == HR_STOP) {
        *error = event.error;
        p->stopped = true;
        return true;
    }
    if (!hr_group_take(p, &event)) {
        if (*p->with.stop)
            (void)hr_fail(error, HR_RETRY, "asked to leave");
        return *p->with.stop != 0;
    }
    p->regrouped = true;
    (void)hr_fail(error, HR_RETRY, "the group gave out its partitions anew");
    return true;
}

/* --- partitions that cannot be read --- */

bool hr_partition_is_out(const struct hr_pipeline *p, struct hr_topic_partition of)
{
    for (size_t i = 0; i < p->out_count; i++)
        if (p->outs[i].partition == of.partition && hr_str_equal(p->outs[i].topic, of.topic))
            return true;
    return false;
}

void hr_partition_put_out(struct hr_pipeline *p, const struct hr_input *input)
{
    p->outs = hr_resize(p->outs, (p->out_count + 1) * sizeof *p->outs);
    p->outs[p->out_count++] = hr_input_of(input); /* the topics' names outlive assignments */
}
