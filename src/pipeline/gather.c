/* SPDX-License-Identifier: Apache-2.0 */
/* Records come in: polled, put behind the others of their source partition or their stream, and
 * never decided upon. A source partition whose records wait for a topic behind is paused. */
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

/* Where a record stands in the order. One stamped in the future came now: it neither waits for its
 * time nor holds back those behind it. */
static struct hr_time order_of(
    struct hr_pipeline *p, const struct hr_input *input, struct hr_time arrival)
{
    if (arrival.us == HR_TIME_NONE.us)
        return input->last_order;
    if (arrival.us > p->wall.us)
        p->wall = p->with.now(p->with.context);
    return hr_time_max(hr_time_min(arrival, p->wall), input->last_order);
}

static void take_internal(
    struct hr_pipeline *p, struct hr_input *input, const struct hr_broker_event *event)
{
    struct hr_waiting waiting = {
        .record = event->record, .handle = event->handle, .arrival = event->record.timestamp};
    bool waits = hr_stream_take(p, input->home, &waiting);
    input->next = event->record.offset + 1;
    if (waits)
        return;
    p->with.broker.release(p->with.broker.self, event->handle);
    hr_streams_settle(input->home, input);
    input->moved = true; /* what was applied ahead is passed by the next commit */
    hr_batch_touch(p, input->home);
}

static void take_record(struct hr_pipeline *p, const struct hr_broker_event *event)
{
    struct hr_input *input = find_input(p, event->record.topic, event->record.partition);
    if (!input || event->record.offset < input->next) {
        p->with.broker.release(p->with.broker.self, event->handle);
        return;
    }
    if (input->topic->role == HR_ROLE_INTERNAL) {
        take_internal(p, input, event);
        return;
    }
    struct hr_waiting waiting = {
        .record = event->record, .handle = event->handle, .arrival = event->record.timestamp};
    waiting.order = order_of(p, input, waiting.arrival);
    input->last_order = waiting.order;
    input->next = event->record.offset + 1;
    input->has_read = true;
    hr_queue_push(&input->queue, &waiting);
}

static void take_end(struct hr_pipeline *p, const struct hr_broker_event *event)
{
    struct hr_input *input = find_input(p, event->position.of.topic, event->position.of.partition);
    if (!input)
        return;
    if (event->position.offset > input->next)
        input->next = event->position.offset;
    if (input->topic->role == HR_ROLE_INTERNAL)
        hr_streams_settle(input->home, input);
    else if (!input->queue
                  .waiting) /* control records at the end are passed by the next commit, too */
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
        bool pause = input->queue.waiting > (input->paused ? PAUSE_ABOVE / 2 : PAUSE_ABOVE);
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
