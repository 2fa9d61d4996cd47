/* SPDX-License-Identifier: Apache-2.0 */
/* Records come in: polled, put behind the others of their source partition, and never decided upon.
 * Of an internal record the time of its inside is read, since its place in the order follows from
 * it. A source partition whose records wait for a topic behind is paused. */
#include "state.h"

#include <inttypes.h>

#define IDLE_MS 20

static struct hr_input *find_input(struct hr_pipeline *p, struct hr_str topic, int32_t partition)
{
    struct hr_input *last = p->last_input;
    if (last && last->partition == partition && hr_str_equal(last->topic->name, topic))
        return last;
    for (size_t i = 0; i < p->input_count; i++)
        if (p->inputs[i].partition == partition && hr_str_equal(p->inputs[i].topic->name, topic))
            return p->last_input = &p->inputs[i];
    return NULL;
}

/* Of an internal record: when its inside arrived, and what must be heard at once. A clock report
 * waits for nobody, since T may be waiting for it, and nothing waits for it: it has no arrival. */
static void open_internal(struct hr_pipeline *p, struct hr_input *input, struct hr_waiting *waiting)
{
    struct hr_internal internal;
    if (!hr_internal_get(waiting->record.value, &p->slice, &internal))
        return; /* a dead letter when its turn comes */
    waiting->arrival = internal.arrival;
    waiting->alone = internal.kind == HR_INTERNAL_PROPOSAL || internal.kind == HR_INTERNAL_RULES ||
                     internal.kind == HR_INTERNAL_ROLLBACK;
    if (internal.kind != HR_INTERNAL_CLOCK)
        return;
    waiting->arrival = HR_TIME_NONE;
    for (size_t i = 0; i < internal.report_count; i++)
        hr_owned_hear(p, input->home, &internal.reports[i]);
}

/* Where a record stands in the order. One stamped in the future came now: it neither waits for its
 * time nor holds back those behind it. */
static struct hr_time order_of(
    struct hr_pipeline *p, const struct hr_input *input, struct hr_time arrival)
{
    if (arrival.us == HR_TIME_NONE.us)
        return input->last_order;
    if (arrival.us > p->wall.us)
        p->wall = p->with.now(p->with.context);
    arrival = hr_time_min(arrival, p->wall);
    /* Inside the internal topic many source partitions are mixed. */
    return input->topic->role == HR_ROLE_INTERNAL ? arrival
                                                  : hr_time_max(arrival, input->last_order);
}

static void take_record(struct hr_pipeline *p, const struct hr_broker_event *event)
{
    struct hr_input *input = find_input(p, event->record.topic, event->record.partition);
    if (!input || event->record.offset < input->next) {
        p->with.broker.release(p->with.broker.self, event->handle);
        return;
    }
    struct hr_waiting waiting = {
        .record = event->record, .handle = event->handle, .arrival = event->record.timestamp};
    if (input->topic->role == HR_ROLE_INTERNAL)
        open_internal(p, input, &waiting);
    waiting.order = order_of(p, input, waiting.arrival);
    input->last_order = waiting.order;
    input->next = event->record.offset + 1;
    input->has_read = true;
    hr_input_push(input, &waiting);
}

static void take_end(struct hr_pipeline *p, const struct hr_broker_event *event)
{
    struct hr_input *input = find_input(p, event->position.of.topic, event->position.of.partition);
    if (!input)
        return;
    if (event->position.offset > input->next)
        input->next = event->position.offset;
    if (!input->waiting) /* control records at the end are passed by the next commit, too */
        input->done = input->next;
    input->level_at = p->wall;
}

/* Who has slept through a rebalance asks for records that his successor has consumed and deleted;
 * he may hear so before he hears of the rebalance. Nothing is wrong with such a partition, and
 * whoever put it out would refuse it when it is given back to him. */
static enum hr_fate check_still_ours(
    struct hr_pipeline *p, const struct hr_input *input, struct hr_error *error)
{
    struct hr_position committed = {.of = hr_input_of(input)};
    struct hr_error why;
    enum hr_fate fate =
        p->with.broker.committed(p->with.broker.self, &committed, 1, &p->slice, &why);
    if (fate) {
        *error = why;
        return fate;
    }
    if (committed.offset <= input->next)
        return HR_OK;
    return hr_fail(error, HR_RETRY,
        "topic %.*s, partition %" PRId32 ": another process committed offset %" PRId64,
        (int)input->topic->name.len, input->topic->name.at, input->partition, committed.offset);
}

static enum hr_fate take_failure(
    struct hr_pipeline *p, const struct hr_broker_event *event, struct hr_error *error)
{
    if (event->error.fate == HR_RETRY) {
        hr_log(p->with.log, HR_WARN, "%s", event->error.text);
        return HR_OK;
    }
    *error = event->error;
    if (event->error.fate != HR_REFUSE)
        return event->error.fate;
    const struct hr_input *input =
        find_input(p, event->position.of.topic, event->position.of.partition);
    if (!input)
        return HR_OK;
    enum hr_fate fate = check_still_ours(p, input, error);
    if (fate)
        return fate;
    /* What this batch has of it is void; the takeover leaves it out. */
    hr_partition_put_out(p, input);
    return HR_RETRY;
}

enum hr_fate hr_gather(struct hr_pipeline *p, struct hr_error *error)
{
    int timeout = !hr_batch_empty(p) || p->backlog ? 0 : p->flying ? 1 : IDLE_MS;
    hr_arena_reset(&p->slice);
    for (size_t i = 0; i < GATHER_RECORDS; i++) {
        struct hr_broker_event event;
        p->with.broker.poll(p->with.broker.self, timeout, &event);
        timeout = 0;
        if (event.kind == HR_BROKER_RECORD) {
            take_record(p, &event);
        } else if (event.kind == HR_BROKER_END) {
            take_end(p, &event);
        } else if (event.kind == HR_BROKER_FAILED) {
            enum hr_fate fate = take_failure(p, &event, error);
            if (fate)
                return fate;
        } else if (event.kind == HR_BROKER_NOTHING) {
            p->backlog = false;
            return HR_OK;
        } else {
            p->regrouped = hr_group_take(p, &event);
            return hr_fail(error, HR_RETRY, "the group gave out its partitions anew");
        }
    }
    p->backlog = true;
    return HR_OK;
}

/* Inputs whose records wait for a topic behind are paused; never the internal one: what T waits for
 * comes through it. */
enum hr_fate hr_throttle(struct hr_pipeline *p, struct hr_error *error)
{
    for (size_t i = 0; i < p->input_count; i++) {
        struct hr_input *input = &p->inputs[i];
        bool pause = input->waiting > (input->paused ? PAUSE_ABOVE / 2 : PAUSE_ABOVE);
        if (pause == input->paused || input->topic->role == HR_ROLE_INTERNAL)
            continue;
        struct hr_topic_partition of = hr_input_of(input);
        enum hr_fate fate = p->with.broker.pause(p->with.broker.self, &of, 1, pause, error);
        if (fate)
            return fate;
        input->paused = pause;
    }
    return HR_OK;
}
