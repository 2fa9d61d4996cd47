/* SPDX-License-Identifier: Apache-2.0 */
/* One turn after the other:
 *
 *     gather records → slices through the core → settle what is under way → commit when it is time
 *
 * Batches grow while there is a backlog, up to the configured bound, and shrink when there is none:
 * the same loop gives throughput when behind and latency when level. Whatever goes wrong ends in
 * one place: memory is dropped and the partitions are taken over afresh. Waiting is always done
 * polling, or the group would think us dead. */
#include "state.h"

#include <inttypes.h>

#define BATCH_FIRST (20 * HR_SECOND / 1000)
#define PAUSE_FIRST (100 * HR_SECOND / 1000)
#define PAUSE_MOST (5 * HR_SECOND)
#define IDLE_MS 20
#define LEVEL_EVERY HR_SECOND
#define REPORT_EVERY HR_SECOND
#define DELETE_EVERY HR_MINUTE
#define EVICT_EVERY HR_SECOND

/* --- dropping and refusing
 * ------------------------------------------------------------------------- */

void hr_owned_refuse(struct hr_pipeline *p, struct hr_owned *owned, const char *why)
{
    owned->state = HR_OWNED_REFUSED;
    hr_cell_set(owned->state_cell, HR_OWNED_REFUSED);
    hr_log(p->with.log, HR_ERROR, "partition %" PRIu32 " is refused: %s", owned->number, why);
}

void hr_drop_memory(struct hr_pipeline *p)
{
    for (size_t i = 0; i < p->input_count; i++) {
        struct hr_input *input = &p->inputs[i];
        for (struct hr_waiting *waiting; (waiting = hr_input_first(input)); hr_input_pop(input))
            p->with.broker.release(p->with.broker.self, waiting->handle);
        hr_free(input->ring);
        input->ring = NULL;
        input->room = 0;
    }
    for (int i = 0; i < 2; i++) {
        p->batch = &p->batches[i];
        hr_batch_clear(p);
    }
    for (size_t i = 0; i < p->home_owned; i++) {
        if (p->homes[i].home)
            hr_home_destroy(p->homes[i].home);
        hr_cell_set(p->homes[i].state_cell, HR_OWNED_ELSEWHERE); /* until it is taken over again */
    }
    atomic_store(&p->taking_count, p->home_owned ? (int64_t)p->home_owned : 1); /* not ready */
    p->home_owned = p->input_count = 0;
    p->last_input = NULL;
    p->store_broken |= p->flying > 0; /* answers to come belong to nobody */
    p->flying = 0;
    hr_rules_forget_unsettled(p);
    p->phase = p->assigned ? HR_PHASE_TAKE : HR_PHASE_ALONE;
    atomic_store(&p->stalled_us, 0);
}

/* --- the group
 * --------------------------------------------------------------------------------------- */

/* What the group said; true: what we own has changed. */
static bool take_group_event(struct hr_pipeline *p, const struct hr_broker_event *event)
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
    if (!take_group_event(p, &event)) {
        if (*p->with.stop)
            (void)hr_fail(error, HR_RETRY, "asked to leave");
        return *p->with.stop != 0;
    }
    p->regrouped = true;
    (void)hr_fail(error, HR_RETRY, "the group gave out its partitions anew");
    return true;
}

/* --- gathering
 * ----------------------------------------------------------------------------------------- */

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
    waiting->alone = internal.kind == HR_INTERNAL_PROPOSAL || internal.kind == HR_INTERNAL_RULES;
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

bool hr_partition_is_out(const struct hr_pipeline *p, struct hr_topic_partition of)
{
    for (size_t i = 0; i < p->out_count; i++)
        if (p->outs[i].partition == of.partition && hr_str_equal(p->outs[i].topic, of.topic))
            return true;
    return false;
}

static void put_out(struct hr_pipeline *p, const struct hr_input *input)
{
    p->outs = hr_resize(p->outs, (p->out_count + 1) * sizeof *p->outs);
    p->outs[p->out_count++] = hr_input_of(input); /* the topics' names outlive assignments */
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
    /* What this batch has of it is void; the takeover leaves it out. */
    put_out(p, input);
    return HR_RETRY;
}

static enum hr_fate gather(struct hr_pipeline *p, struct hr_error *error)
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
            p->regrouped = take_group_event(p, &event);
            return hr_fail(error, HR_RETRY, "the group gave out its partitions anew");
        }
    }
    p->backlog = true;
    return HR_OK;
}

/* Inputs whose records wait for a topic behind are paused; never the internal one: what T waits for
 * comes through it. */
static enum hr_fate throttle(struct hr_pipeline *p, struct hr_error *error)
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

/* --- now and then
 * ---------------------------------------------------------------------------------------- */

static bool is_time(int64_t *next_us, int64_t every)
{
    int64_t now = hr_clock_monotonic_us();
    if (now < *next_us)
        return false;
    *next_us = now + every;
    return true;
}

static void evict(struct hr_pipeline *p)
{
    uint64_t most = p->with.config->account_memory;
    size_t used = hr_pool_in_use(p->pool);
    hr_cell_set(p->memory, (int64_t)used);
    if (used <= most)
        return;
    for (size_t i = 0; i < p->home_owned; i++)
        if (p->homes[i].home)
            hr_home_evict(p->homes[i].home, (size_t)(most - most / 8));
}

static void show(struct hr_pipeline *p)
{
    int64_t accounts = 0;
    for (size_t i = 0; i < p->home_owned; i++) {
        const struct hr_owned *owned = &p->homes[i];
        hr_cell_set(owned->state_cell, owned->state);
        hr_cell_set(owned->time_cell, owned->time.us);
        if (!owned->home)
            continue;
        struct hr_home_metrics metrics;
        hr_home_metrics(owned->home, &metrics);
        accounts += (int64_t)metrics.accounts_in_memory;
    }
    hr_cell_set(p->accounts, accounts);
}

static void delete_internal(struct hr_pipeline *p)
{
    struct hr_position *before = hr_arena_zeroed(&p->slice, p->home_owned * sizeof *before);
    size_t count = 0;
    for (size_t i = 0; i < p->input_count; i++) {
        const struct hr_input *input = &p->inputs[i];
        if (input->topic->role == HR_ROLE_INTERNAL && input->home->state == HR_OWNED_LIVE &&
            input->committed > 0)
            before[count++] =
                (struct hr_position){.of = hr_input_of(input), .offset = input->committed};
    }
    struct hr_error error;
    if (count && p->with.broker.delete_before(p->with.broker.self, before, count, &error))
        hr_log(p->with.log, HR_WARN, "internal records stay a minute longer: %s", error.text);
}

static void reload(struct hr_pipeline *p)
{
    *p->with.reload = 0;
    const struct hr_rules *rules = p->with.reloaded(p->with.context);
    if (!rules)
        return;
    p->proposal = rules;
    p->proposed = false;
}

/* --- turns
 * ------------------------------------------------------------------------------------------------
 */

static bool commit_is_due(const struct hr_pipeline *p)
{
    if (hr_batch_empty(p))
        return false;
    return hr_batch_full(p) || (!p->backlog && !p->flying);
}

static enum hr_fate commit(struct hr_pipeline *p, struct hr_error *error)
{
    bool announced = hr_known_latest(p) && !hr_known_latest(p)->settled;
    enum hr_fate fate = hr_batch_commit(p, error);
    if (fate)
        return fate;
    p->pause_us = 0;
    int64_t bound = p->with.config->batch_us;
    p->batch_us = p->backlog ? p->batch_us * 2 : p->batch_us / 2;
    p->batch_us = p->batch_us > bound         ? bound
                  : p->batch_us < BATCH_FIRST ? BATCH_FIRST
                                              : p->batch_us;
    if (announced)
        fate = hr_manifest_publish(p, error);
    hr_arena_reset(&p->slice);
    if (!fate && is_time(&p->next_delete_us, DELETE_EVERY))
        delete_internal(p);
    return fate;
}

static enum hr_fate turn(struct hr_pipeline *p, struct hr_error *error)
{
    enum hr_fate fate = HR_OK;
    if (hr_batch_empty(p)) /* before its first record is polled: this is what fences us */
        fate = p->with.broker.mark_generation(p->with.broker.self, error);
    if (!fate)
        fate = gather(p, error);
    hr_failpoint("gathered");
    p->wall = p->with.now(p->with.context);
    hr_arena_reset(&p->slice);
    if (!fate && is_time(&p->next_level_us, LEVEL_EVERY))
        fate = hr_inputs_look_level(p, error);
    if (!fate)
        fate = hr_slices_run(p, error);
    if (!fate)
        fate = throttle(p, error);
    if (fate)
        return fate;
    hr_arena_reset(&p->slice);
    if (is_time(&p->next_report_us, REPORT_EVERY)) {
        hr_inputs_report(p);
        show(p);
    }
    if (*p->with.reload)
        reload(p);
    hr_rules_propose(p);
    atomic_store(&p->stalled_us, p->batch->begun_us);
    /* With a batch ready and no record in sight there is nothing to do but wait for the last one.
     */
    fate = hr_writes_settle(p, p->backlog || hr_batch_empty(p) ? 0 : 1, error);
    if (!fate && commit_is_due(p))
        fate = commit(p, error);
    if (!fate && is_time(&p->next_evict_us, EVICT_EVERY))
        evict(p);
    return fate;
}

/* Waits before the next try, a little longer each time, polling. */
static void wait_a_little(struct hr_pipeline *p, struct hr_error *error)
{
    p->pause_us = p->pause_us ? p->pause_us * 2 : PAUSE_FIRST;
    if (p->pause_us > PAUSE_MOST)
        p->pause_us = PAUSE_MOST;
    int64_t until = hr_clock_monotonic_us() + p->pause_us;
    while (hr_clock_monotonic_us() < until && !*p->with.stop)
        if (hr_group_changed(p, 20, error))
            break;
}

/* Memory is worth nothing any more: forget it, say why once, take over afresh. */
static enum hr_fate fall_back(struct hr_pipeline *p, enum hr_fate fate, struct hr_error *error)
{
    if (fate == HR_STOP || p->stopped)
        return HR_STOP;
    hr_cell_add(p->batches_lost, 1);
    hr_drop_memory(p);
    if (p->regrouped) { /* not a failure */
        p->regrouped = false;
        hr_log(p->with.log, HR_INFO, "%s", error->text);
        return HR_OK;
    }
    if (!atomic_load(&p->away_us)) {
        atomic_store(&p->away_us, hr_clock_monotonic_us());
        hr_log(p->with.log, HR_WARN, "%s", error->text);
    }
    wait_a_little(p, error);
    return p->stopped ? HR_STOP : HR_OK;
}

static enum hr_fate take(struct hr_pipeline *p, struct hr_error *error)
{
    p->wall = p->with.now(p->with.context);
    /* The empty batches of new homes are committed under this generation. */
    enum hr_fate fate = p->with.broker.mark_generation(p->with.broker.self, error);
    if (!fate)
        fate = hr_take_over(p, error);
    if (fate)
        return fate;
    if (atomic_exchange(&p->away_us, 0))
        hr_log(p->with.log, HR_INFO, "going on: %zu partitions", p->home_owned);
    p->phase = HR_PHASE_LIVE;
    p->backlog = false;
    return HR_OK;
}

/* The last batch is finished, then we leave without a word: the slot is kept for the next start. */
static enum hr_fate leave(struct hr_pipeline *p, struct hr_error *error)
{
    enum hr_fate fate = HR_OK;
    if (p->phase == HR_PHASE_LIVE && !hr_batch_empty(p))
        fate = hr_batch_commit(p, error);
    if (!fate)
        fate = hr_writes_settle(p, 30000, error);
    hr_drop_memory(p);
    if (fate)
        hr_log(p->with.log, HR_WARN, "left in the middle of a batch: %s", error->text);
    return HR_OK;
}

enum hr_fate hr_pipeline_run(struct hr_pipeline *p, struct hr_error *error)
{
    while (!*p->with.stop) {
        enum hr_fate fate = HR_OK;
        atomic_store(&p->alive_us, hr_clock_monotonic_us());
        switch (p->phase) {
        case HR_PHASE_ALONE:
            if (hr_group_changed(p, 100, error))
                hr_drop_memory(p);
            atomic_store(&p->away_us, 0); /* nothing is ours to be away from */
            p->regrouped = false;
            break;
        case HR_PHASE_TAKE:
            fate = take(p, error);
            break;
        case HR_PHASE_LIVE:
            fate = turn(p, error);
            break;
        }
        if (fate || p->stopped)
            fate = fall_back(p, fate, error);
        if (fate)
            return fate;
    }
    return leave(p, error);
}
