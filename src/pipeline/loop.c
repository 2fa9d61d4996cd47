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
#define LEVEL_EVERY HR_SECOND
#define REPORT_EVERY HR_SECOND
#define DELETE_EVERY HR_MINUTE

/* --- now and then --- */

static bool is_time(int64_t *next_us, int64_t every)
{
    int64_t now = hr_clock_monotonic_us();
    if (now < *next_us)
        return false;
    *next_us = now + every;
    return true;
}

/* Only what is settled can go, so this is looked at whenever something was. What was read and has
 * not changed (repeats) may go at any time: looked at when there is an eighth more of it. An eighth
 * goes, each home an equal part of it; what one cannot give, those behind it do. */
static void hold_memory(struct hr_pipeline *p)
{
    size_t most = (size_t)p->with.config->account_memory, target = most - most / 8;
    size_t used = hr_account_bytes(p);
    if (used <= most || (!p->settled && used < p->evict_above))
        return;
    p->settled = false;
    for (size_t i = 0; i < p->home_owned && used > target; i++, used = hr_account_bytes(p)) {
        struct hr_owned *owned = &p->homes[i];
        if (owned->home)
            hr_home_evict(owned->home, (used - target) / (p->home_owned - i), owned->timers_until);
    }
    p->evict_above = used + most / 8;
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
    if (count && (p->with.broker.delete_before(p->with.broker.self, before, count, &error) ||
                     hr_failpoint(HR_AT_INTERNAL_DELETED, &error)))
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
    enum hr_fate fate = hr_batch_commit(p, error);
    if (fate)
        return fate;
    p->pause_us = 0;
    int64_t bound = p->with.config->batch_us;
    p->batch_us = p->backlog ? p->batch_us * 2 : p->batch_us / 2;
    p->batch_us = p->batch_us > bound         ? bound
                  : p->batch_us < BATCH_FIRST ? BATCH_FIRST
                                              : p->batch_us;
    hr_arena_reset(&p->slice);
    if (is_time(&p->next_delete_us, DELETE_EVERY))
        delete_internal(p);
    return HR_OK;
}

static enum hr_fate turn(struct hr_pipeline *p, struct hr_error *error)
{
    enum hr_fate fate = HR_OK;
    if (hr_batch_empty(p)) /* before its first record is polled: this is what fences us */
        fate = p->with.broker.mark_generation(p->with.broker.self, error);
    if (!fate)
        fate = hr_failpoint(HR_AT_GENERATION_MARKED, error);
    if (!fate)
        fate = hr_gather(p, error);
    if (!fate)
        fate = hr_failpoint(HR_AT_GATHERED, error);
    p->wall = p->with.now(p->with.context);
    hr_arena_reset(&p->slice);
    if (!fate && is_time(&p->next_level_us, LEVEL_EVERY))
        fate = hr_inputs_look_level(p, error);
    if (!fate)
        fate = hr_slices_run(p, error);
    if (!fate)
        fate = hr_throttle(p, error);
    if (fate)
        return fate;
    hr_arena_reset(&p->slice);
    if (is_time(&p->next_report_us, REPORT_EVERY)) {
        hr_inputs_report(p);
        hr_pipeline_show(p);
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
    if (!fate)
        hold_memory(p);
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
    int64_t stalled_us = atomic_load(&p->stalled_us);
    hr_drop_memory(p);
    if (p->regrouped) { /* not a failure */
        p->regrouped = false;
        hr_log(p->with.log, HR_INFO, "%s", error->text);
        return HR_OK;
    }
    if (!atomic_load(&p->away_us)) {
        atomic_store(&p->away_us, stalled_us ? stalled_us : hr_clock_monotonic_us());
        hr_log(p->with.log, HR_WARN, "%s", error->text);
        atomic_store(&p->refusal, 0);
    }
    uint64_t before = atomic_load(&p->refusal);
    uint64_t refusal = fate == HR_REFUSE ? hr_hash64(hr_str(error->text), 0) : before;
    if (refusal != before) { /* waiting does not help: what does */
        atomic_store(&p->refusal, refusal);
        hr_log(p->with.log, HR_ERROR, "%s", error->text);
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
    atomic_store(&p->refusal, 0);
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
            atomic_store(&p->refusal, 0);
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
