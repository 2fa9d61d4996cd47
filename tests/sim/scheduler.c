/* SPDX-License-Identifier: Apache-2.0 */
/* Time, turns and faults.
 *
 * Time is virtual and moves from event to event: a call takes as long as chance says, its process
 * sleeps so long, and whoever wakes first runs. So every order of things that could happen between
 * processes does, under some seed.
 *
 * A crash abandons the process between two instructions that the world could tell apart: at a port
 * call, before its effect or behind it. The coroutine is then unwound in the dead: each of its
 * calls fails at once without touching anything, so that its memory comes back and leaks still
 * show. */
#define _GNU_SOURCE /* memfd_create */
#include "sim.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

struct sim_process *sim_current;

/* The only clocks of the program: base's clock.c is not linked, since both are here. */
static const struct sim *clock_of;

int64_t hr_clock_monotonic_us(void)
{
    return clock_of ? clock_of->now_us : 1;
}

struct hr_time hr_clock_now(void)
{
    return (struct hr_time){clock_of ? sim_wall(clock_of) : 0};
}

int64_t sim_wall(const struct sim *sim)
{
    return sim->wall_us + sim->now_us;
}

void sim_set_clock(const struct sim *sim)
{
    clock_of = sim;
}

/* --- chance: splitmix64 -------------------------------------------------------------------------
 */

uint64_t sim_random(struct sim_random *random)
{
    uint64_t z = random->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

uint64_t sim_below(struct sim_random *random, uint64_t bound)
{
    return bound ? sim_random(random) % bound : 0;
}

int64_t sim_between(struct sim_random *random, int64_t least, int64_t most)
{
    return least + (int64_t)sim_below(random, (uint64_t)(most - least) + 1);
}

bool sim_one_in(struct sim_random *random, uint64_t n)
{
    return n && sim_below(random, n) == 0;
}

struct sim_random sim_chance_of(const struct sim *sim, enum sim_chance kind, uint64_t number)
{
    struct sim_random mixed = {sim->seed * UINT64_C(0xd1342543de82ef95) + kind + 1};
    mixed.state = sim_random(&mixed) + number;
    mixed.state = sim_random(&mixed);
    return mixed;
}

/* --- the story ----------------------------------------------------------------------------------
 */

static void keep_line(struct sim *sim, const char *line)
{
    for (const char *at = line; *at; at++)
        sim->digest = (sim->digest ^ (uint8_t)*at) * UINT64_C(0x100000001b3);
    snprintf(sim->story[sim->story_lines++ % SIM_STORY], SIM_STORY_LINE, "%s", line);
    if (sim->tell)
        printf("%s\n", line);
}

static void say(struct sim *sim, const struct sim_process *me, const char *format, va_list list)
{
    char text[SIM_STORY_LINE - 40], line[SIM_STORY_LINE];
    vsnprintf(text, sizeof text, format, list);
    if (me)
        snprintf(line, sizeof line, "%10.4f %" PRIu32 ".%" PRIu32 " %s", (double)sim->now_us / 1e6,
            me->slot, me->incarnation, text);
    else
        snprintf(line, sizeof line, "%10.4f ---- %s", (double)sim->now_us / 1e6, text);
    keep_line(sim, line);
}

void sim_say(struct sim *sim, const struct sim_process *me, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    say(sim, me, format, list);
    va_end(list);
}

void sim_fail(struct sim *sim, const char *format, ...)
{
    char text[sizeof sim->verdict];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    if (!sim->verdict[0])
        snprintf(sim->verdict, sizeof sim->verdict, "%s", text);
    sim_say(sim, NULL, "WRONG: %.140s", text);
}

/* --- faults -------------------------------------------------------------------------------------
 */

static bool hits(const struct sim_process *me)
{
    return me->txn || me->writes;
}

bool sim_may_fail(const struct sim *sim)
{
    return !sim->settling && sim->now_us < sim->faults_until_us;
}

void sim_crash(struct sim_process *me)
{
    struct sim *sim = me->sim;
    if (me->dead)
        return;
    sim_say(sim, me, "CRASH");
    sim->tally.crashes++;
    sim->tally.hit += hits(me);
    me->dead = true;
    me->stop = 1;
    sim->respawn_us[me->slot] =
        sim->now_us + (sim_one_in(&sim->of_fault, 2)
                              ? sim_between(&sim->of_fault, 1, 800 * MS)
                              : sim_between(&sim->of_fault, 1, 20 * HR_SECOND));
}

static void stall(struct sim_process *me)
{
    struct sim *sim = me->sim;
    int64_t us = sim_one_in(&sim->of_fault, 2) ? sim_between(&sim->of_fault, 1, 2 * HR_SECOND)
                                               : sim_between(&sim->of_fault, 1, 40 * HR_SECOND);
    sim_say(sim, me, "STOPPED for %.3f s", (double)us / 1e6);
    sim->tally.pauses++;
    sim->tally.hit += hits(me);
    me->paused_until_us = sim->now_us + us;
    me->wake_us = me->paused_until_us;
    /* Somebody may start the slot once more while it sleeps. */
    if (sim_one_in(&sim->of_fault, 4))
        sim->respawn_us[me->slot] = sim->now_us + sim_between(&sim->of_fault, 1, us);
}

static void rewind_redis(struct sim *sim)
{
    if (sim_redis_is_needed(sim))
        return;
    sim->tally.rewinds++;
    if (sim->plan.ages && sim_one_in(&sim->of_fault, 3)) {
        sim_redis_put_copy_back(sim);
        return;
    }
    switch (sim_below(&sim->of_fault, 4)) {
    case 0:
    case 1:
        sim_redis_lose(sim, 1 + sim_below(&sim->of_fault, 40));
        break;
    case 2:
        sim_redis_wipe(sim);
        break;
    default:
        sim_redis_put_copy_back(sim);
    }
}

/* Polls are most of all calls and the least interesting ones. Whoever sleeps between two looks at
 * what is committed, and at the changelog, wakes up with one of them old. */
static void maybe_fault(struct sim_process *me, bool poll, bool look)
{
    struct sim *sim = me->sim;
    const struct sim_plan *plan = &sim->plan;
    uint64_t rarer = poll ? 12 : 1;
    if (!sim_may_fail(sim))
        return;
    if (sim_one_in(&me->faults, plan->crash * rarer)) {
        if (sim_fault_comes(sim))
            sim_crash(me);
    } else if (sim_one_in(&me->faults, look ? plan->pause / 8 : plan->pause * rarer) &&
               sim_fault_comes(sim)) {
        stall(me);
    }
    if (sim_one_in(&me->faults, plan->rewind * rarer) && sim_fault_comes(sim))
        rewind_redis(sim);
}

/* --- turns --------------------------------------------------------------------------------------
 */

static void yield(struct sim_process *me)
{
    sim_current = NULL;
    swapcontext(&me->context, &me->sim->scheduler);
    sim_current = me;
}

bool sim_sleep(struct sim_process *me, int64_t us)
{
    if (me->dead)
        return false;
    me->wake_us = me->sim->now_us + us;
    yield(me);
    return !me->dead;
}

static int64_t latency(struct sim_random *turns)
{
    switch (sim_below(turns, 16)) {
    case 0:
        return sim_between(turns, MS, 30 * MS);
    case 1:
        return sim_between(turns, 100, 3 * MS);
    default:
        return sim_between(turns, 10, 300);
    }
}

static bool part(struct sim_process *me, bool poll, bool look)
{
    if (me->dead)
        return false;
    maybe_fault(me, poll, look);
    if (me->dead)
        return false;
    int64_t wake = me->sim->now_us + latency(&me->turns);
    me->wake_us = me->paused_until_us > wake ? me->paused_until_us : wake;
    yield(me);
    return !me->dead;
}

bool sim_enter(struct sim_process *me, const char *format, ...)
{
    if (me->dead)
        return false;
    bool poll = strcmp(format, "poll") == 0;
    me->sim->tally.calls++;
    if (!poll) {
        va_list list;
        va_start(list, format);
        say(me->sim, me, format, list);
        va_end(list);
    }
    bool look = strncmp(format, "committed", 9) == 0 || strncmp(format, "open", 4) == 0;
    return part(me, poll, look);
}

bool sim_leave(struct sim_process *me)
{
    return part(me, false, false);
}

enum hr_fate sim_dead(struct hr_error *error)
{
    return hr_fail(error, HR_STOP, "crashed");
}

/* --- the loop of the world ----------------------------------------------------------------------
 */

static struct sim_process *next_awake(struct sim *sim)
{
    struct sim_process *best = NULL;
    for (size_t i = 0; i < SIM_SLOTS + sim->zombie_count; i++) {
        struct sim_process *process =
            i < SIM_SLOTS ? sim->processes[i] : sim->zombies[i - SIM_SLOTS];
        if (process && !process->ended && (!best || process->wake_us < best->wake_us))
            best = process;
    }
    return best;
}

static void bury(struct sim *sim, struct sim_process *process)
{
    for (size_t i = 0; i < SIM_SLOTS; i++)
        if (sim->processes[i] == process)
            sim->processes[i] = NULL;
    for (size_t i = 0; i < sim->zombie_count; i++)
        if (sim->zombies[i] == process)
            sim->zombies[i--] = sim->zombies[--sim->zombie_count];
    sim_process_destroy(process);
}

/* `restore` runs in the first slot, and when everybody has left. */
static bool may_start(const struct sim *sim, uint32_t slot)
{
    bool alone = sim->zombie_count == 0;
    for (size_t i = 0; i < SIM_SLOTS; i++)
        alone &= !sim->processes[i];
    return sim->respawn_us[slot] && (!sim->restoring || (alone && slot == 0));
}

/* Where that can be mended: when Redis holds everything that was committed, the group knows its
 * offsets, and no source is out whose offsets only headers hold. */
static void lose_logs(struct sim *sim)
{
    bool whole = sim->restores_lost_logs && !sim->plan.deploys && !sim->kafka.unsettled;
    for (uint32_t home = 0; home < sim->plan.homes; home++)
        whole &= sim_redis_follows(sim, home);
    for (uint32_t t = 0; t < sim->kafka.topic_count; t++)
        for (int32_t n = 0; n < sim->kafka.topics[t].partitions; n++)
            whole &= (!sim->kafka.topics[t].source && t != TOPIC_INTERNAL) ||
                     sim->kafka.topics[t].at[n].committed != HR_OFFSET_NONE;
    sim->restores_lost_logs = false;
    if (whole)
        sim_changelogs_lose(sim);
}

static void start_processes(struct sim *sim)
{
    for (uint32_t slot = 0; slot < sim->plan.processes; slot++) {
        if (!may_start(sim, slot) || sim->now_us < sim->respawn_us[slot])
            continue;
        struct sim_process *other = sim->processes[slot];
        if (other && sim->zombie_count < sizeof sim->zombies / sizeof *sim->zombies)
            sim->zombies[sim->zombie_count++] = other;
        sim->respawn_us[slot] = 0;
        lose_logs(sim);
        sim->processes[slot] = sim_process_start(sim, slot);
    }
}

static int64_t next_start(const struct sim *sim)
{
    int64_t next = INT64_MAX;
    for (uint32_t slot = 0; slot < sim->plan.processes; slot++)
        if (may_start(sim, slot) && sim->respawn_us[slot] < next)
            next = sim->respawn_us[slot];
    return next;
}

/* Whoever restores does so until it is done, and then everybody starts. */
static void end_restore(struct sim *sim, const struct sim_process *process)
{
    if (!process->dead && !process->fate) {
        sim->restoring = HR_RESTORE_NOTHING;
        sim->tally.restores++;
    }
    for (uint32_t slot = 0; slot < sim->plan.processes; slot++)
        if (!sim->respawn_us[slot])
            sim->respawn_us[slot] = sim->now_us + HR_SECOND;
}

static void resume(struct sim *sim, struct sim_process *process)
{
    sim_current = process;
    swapcontext(&sim->scheduler, &process->context);
    sim_current = NULL;
    if (!process->ended)
        return;
    sim_say(sim, process, "ended: %s", process->fate ? process->error.text : "as asked");
    if (process->handles && !process->dead)
        sim_fail(sim, "%" PRId64 " records were never released", process->handles);
    if (process->restoring)
        end_restore(sim, process);
    else if (!process->dead && !process->stop && !sim->respawn_us[process->slot] &&
             sim->processes[process->slot] == process)
        sim->respawn_us[process->slot] = sim->now_us + HR_SECOND; /* a supervisor starts it again */
    bury(sim, process);
}

static bool turn(struct sim *sim)
{
    struct sim_process *process = next_awake(sim);
    int64_t start = next_start(sim);
    if (!process && start == INT64_MAX)
        return false;
    int64_t then = process && process->wake_us < start ? process->wake_us : start;
    if (then > sim->now_us)
        sim->now_us = then;
    sim_kafka_tick(sim); /* what was decided has come to its end before offsets are forgotten */
    sim_workload_tick(sim);
    sim_redis_tick(sim);
    start_processes(sim);
    if (process && process->wake_us <= sim->now_us)
        resume(sim, process);
    return true;
}

/* Every process leaves as on SIGTERM. */
static void stop_all(struct sim *sim)
{
    for (size_t i = 0; i < SIM_SLOTS; i++)
        sim->respawn_us[i] = 0;
    for (struct sim_process *process; (process = next_awake(sim));) {
        process->stop = 1;
        turn(sim);
        for (size_t i = 0; i < SIM_SLOTS; i++)
            sim->respawn_us[i] = 0;
    }
}

static void init(struct sim *sim, const struct sim_orders *orders, const struct hr_zones *zones)
{
    sim->seed = orders->seed;
    sim->now_us = HR_SECOND;
    sim->zones = zones;
    sim->tell = orders->tell;
    sim->world = orders->world;
    sim->less = &orders->less;
    sim->log_fd = memfd_create("sim", MFD_CLOEXEC);
    sim->digest = UINT64_C(0xcbf29ce484222325);
    hr_arena_init(&sim->arena);
    sim_plan(sim);
    sim_history(sim);
    sim->journal = sim_journal_new(sim);
}

bool sim_run(const struct sim_orders *orders, const struct hr_zones *zones, struct sim_tally *tally,
    uint64_t *digest)
{
    struct sim *sim = hr_alloc(sizeof *sim);
    sim_set_clock(sim);
    init(sim, orders, zones);
    while (sim->now_us < sim->faults_until_us && turn(sim))
        ;
    sim->settling = true;
    for (size_t i = 0; i < SIM_SLOTS; i++)
        if (sim->processes[i])
            sim->processes[i]->skew_us = 0;
    sim_say(sim, NULL, "no more faults");
    if (sim->plan.deploys)
        sim_deploy_last(sim);
    int64_t until = sim->now_us + 600 * HR_SECOND;
    while (!sim->verdict[0] && sim->now_us < until && !sim_is_settled(sim) && turn(sim))
        ;
    if (sim->now_us >= until)
        sim_fail(sim, "not settled within ten minutes without a fault");
    stop_all(sim);
    sim->now_us += 10 * HR_SECOND; /* whatever was still on its way arrives */
    sim_kafka_tick(sim);
    sim_redis_tick(sim);
    if (!sim->verdict[0])
        sim_judge(sim);
    bool right = !sim->verdict[0];
    if (!right) {
        printf("seed %" PRIu64 ": %s\n", sim->seed, sim->verdict);
        size_t lines = sim->story_lines < SIM_STORY ? sim->story_lines : SIM_STORY;
        for (size_t i = sim->story_lines - lines; !sim->tell && i < sim->story_lines; i++)
            printf("    %s\n", sim->story[i % SIM_STORY]);
    }
    *tally = sim->tally;
    *digest = sim->digest;
    sim_set_clock(NULL);
    close(sim->log_fd);
    hr_arena_clean_up(&sim->arena);
    hr_free(sim);
    return right;
}
