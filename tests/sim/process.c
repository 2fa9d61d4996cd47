/* SPDX-License-Identifier: Apache-2.0 */
/* One `headroom run`, or `headroom restore`: a coroutine with a pipeline of its own, its
 * configuration, its clock that is a little wrong, and its nonces. */
#include "sim.h"

#include <inttypes.h>
#include <stdlib.h>
#include <sys/mman.h>

#define STACK (1u << 20)

/* Stacks are kept: making one costs more than a short run. */
static void *stacks[128];
static size_t stack_count;

static void *take_stack(void)
{
    if (stack_count)
        return stacks[--stack_count];
    void *stack =
        mmap(NULL, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (stack == MAP_FAILED)
        hr_out_of_memory(STACK);
    return stack;
}

static void give_stack(void *stack)
{
    if (stack_count < sizeof stacks / sizeof *stacks)
        stacks[stack_count++] = stack;
    else
        munmap(stack, STACK);
}

void sim_stacks_clean_up(void)
{
    while (stack_count)
        munmap(stacks[--stack_count], STACK);
}

/* --- what a pipeline asks for -------------------------------------------------------------------
 */

static struct hr_time now(void *context)
{
    const struct sim_process *me = context;
    return (struct hr_time){sim_wall(me->sim) + me->skew_us};
}

static uint64_t nonce(void *context)
{
    struct sim_process *me = context;
    return sim_random(&me->nonces);
}

static const struct hr_rules *reloaded(void *context)
{
    struct sim_process *me = context;
    if (me->reloaded)
        return NULL; /* once is enough for one process: the first set must stay */
    me->reloaded = sim_config(me->sim, me->slot, me->sim->version);
    return me->reloaded->rules;
}

static void run(struct sim_process *me)
{
    struct hr_log log = {.least = HR_INFO, .fd = me->sim->log_fd};
    struct hr_pipeline_settings settings = {.config = me->config,
        .cluster_id = HR_STR("simulated"),
        .zones = me->sim->zones,
        .broker = sim_drill ? sim_drilled_broker(me) : sim_broker(me),
        .store = sim_drill ? sim_drilled_store(me) : sim_store(me),
        .metrics = me->metrics,
        .log = &log,
        .dead_letter_bytes = 1u << 20,
        .internal_bytes = 1u << 20,
        .now = now,
        .random = nonce,
        .stop = &me->stop,
        .reload = &me->reload,
        .reloaded = reloaded,
        .context = me};
    struct hr_pipeline *pipeline;
    me->fate = hr_pipeline_new(&settings, &pipeline, &me->error);
    if (me->fate)
        return;
    me->pipeline = pipeline;
    me->fate = me->restoring ? hr_pipeline_restore(pipeline, me->restoring, -1, &me->error)
                             : hr_pipeline_run(pipeline, &me->error);
    me->pipeline = NULL;
    hr_pipeline_destroy(pipeline);
}

static void enter(unsigned high, unsigned low)
{
    struct sim_process *me = (struct sim_process *)(((uintptr_t)high << 32) | low);
    run(me);
    me->ended = true;
    swapcontext(&me->context, &me->sim->scheduler);
    abort(); /* nobody resumes who has ended */
}

struct sim_process *sim_process_start(struct sim *sim, uint32_t slot)
{
    struct sim_process *me = hr_alloc(sizeof *me);
    me->sim = sim;
    me->slot = slot;
    me->incarnation = ++sim->incarnations;
    me->wake_us = sim->now_us;
    uint64_t start = (uint64_t)slot << 32 | ++sim->starts[slot];
    me->turns = sim_chance_of(sim, CHANCE_TURNS, start);
    me->faults = sim_chance_of(sim, CHANCE_FAULTS, start);
    me->nonces = sim_chance_of(sim, CHANCE_NONCES, start);
    me->skew_us = sim_between(&me->turns, -400 * MS, 400 * MS);
    me->version = sim->version;
    me->narrow = sim->narrow;
    me->restoring = sim->restoring;
    me->config = sim_config(sim, slot, sim->version);
    me->metrics = hr_metrics_new();
    me->connected = sim->now_us >= sim->redis.away_until_us;
    me->stack = take_stack();
    getcontext(&me->context);
    me->context.uc_stack.ss_sp = me->stack;
    me->context.uc_stack.ss_size = STACK;
    me->context.uc_link = NULL;
    uintptr_t address = (uintptr_t)me;
    makecontext(&me->context, (void (*)(void))enter, 2, (unsigned)(address >> 32),
        (unsigned)(address & 0xffffffffu));
    sim_say(sim, me, "%s with rules %" PRIu32 "%s, its clock is %+.3f s off",
        me->restoring ? "restores" : "starts", sim->version,
        me->narrow ? " and the old sources" : "", (double)me->skew_us / 1e6);
    return me;
}

void sim_process_destroy(struct sim_process *me)
{
    sim_connection_break(me);
    hr_metrics_destroy(me->metrics);
    hr_config_destroy(me->config);
    if (me->reloaded)
        hr_config_destroy(me->reloaded);
    hr_free(me->reading);
    give_stack(me->stack);
    hr_free(me);
}
