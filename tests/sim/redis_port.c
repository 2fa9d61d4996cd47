/* SPDX-License-Identifier: Apache-2.0 */
/* The store port of one process: a connection, the writes under way on it, and looks. A look waits
 * for the writes before it, as commands of one connection do. A connection that breaks leaves each
 * of its writes carried out, lost, or still to arrive. */
#include "sim.h"

#include <inttypes.h>

/* --- connections --------------------------------------------------------------------------------
 */

void sim_connection_break(struct sim_process *me)
{
    struct sim *sim = me->sim;
    for (struct sim_write *write = me->writes, *next; write; write = next) {
        next = write->next;
        if (write->done)
            continue;
        switch (sim_below(&me->turns, 3)) {
        case 0:
            (void)sim_redis_execute(sim, &write->write);
            break;
        case 1:
            write->arrives_us = sim->now_us + sim_between(&me->turns, 1, 5 * HR_SECOND);
            write->next = sim->redis.late;
            sim->redis.late = write;
            break;
        default:
            break; /* lost */
        }
    }
    me->writes = NULL;
    me->connected = false;
}

void sim_redis_cut(struct sim *sim)
{
    for (size_t i = 0; i < SIM_SLOTS; i++)
        if (sim->processes[i])
            sim_connection_break(sim->processes[i]);
    for (size_t i = 0; i < sim->zombie_count; i++)
        sim_connection_break(sim->zombies[i]);
}

static enum hr_fate away(struct sim_process *me, struct hr_error *error)
{
    return me->dead ? sim_dead(error) : hr_fail(error, HR_RETRY, "Redis: the connection is lost");
}

static void maybe_break(struct sim_process *me)
{
    struct sim *sim = me->sim;
    if (!sim_may_fail(sim) || !sim_one_in(&me->faults, sim->plan.redis) || !sim_fault_comes(sim))
        return;
    sim->tally.redis_faults++;
    if (sim_one_in(&sim->of_fault, 6)) {
        sim->redis.away_until_us = sim->now_us + sim_between(&sim->of_fault, 1, 15 * HR_SECOND);
        sim_say(sim, NULL, "Redis is AWAY until %.3f", (double)sim->redis.away_until_us / 1e6);
        sim_redis_cut(sim);
    } else {
        sim_say(sim, me, "... its connection to Redis BREAKS");
        sim_connection_break(me);
    }
}

static void carry_out(struct sim_process *me)
{
    for (struct sim_write *write = me->writes; write; write = write->next)
        if (!write->done) {
            write->done = true;
            write->outcome = sim_redis_execute(me->sim, &write->write);
        }
}

static bool look(struct sim_process *me)
{
    maybe_break(me);
    if (!me->connected)
        return false;
    carry_out(me);
    return true;
}

/* --- looks --------------------------------------------------------------------------------------
 */

static struct hr_str give(struct hr_arena *arena, struct hr_str text)
{
    return text.at ? hr_arena_copy(arena, text) : text;
}

static enum hr_fate load(void *self, uint32_t home, const struct hr_str *keys, size_t count,
    struct hr_arena *arena, struct hr_str *values, struct hr_str *marker, struct hr_error *error)
{
    struct sim_process *me = self;
    if (!sim_enter(me, "load %zu of home %" PRIu32, count, home))
        return sim_dead(error);
    if (!look(me))
        return away(me, error);
    const struct sim_home_store *store = &me->sim->redis.homes[home];
    for (size_t i = 0; i < count; i++)
        values[i] = give(arena, sim_table_get(&store->values, keys[i]));
    *marker = give(arena, store->marker);
    return sim_leave(me) ? HR_OK : sim_dead(error);
}

static bool is_before(const struct hr_timer *a, const struct hr_timer *b)
{
    return a->due.us != b->due.us ? a->due.us < b->due.us
                                  : hr_str_compare(a->account, b->account) < 0;
}

static enum hr_fate timers(void *self, uint32_t home, struct hr_time until, size_t most,
    struct hr_arena *arena, struct hr_timer **out, size_t *count, bool *more, struct hr_str *marker,
    struct hr_error *error)
{
    struct sim_process *me = self;
    if (!sim_enter(me, "timers of home %" PRIu32, home))
        return sim_dead(error);
    if (!look(me))
        return away(me, error);
    const struct sim_home_store *store = &me->sim->redis.homes[home];
    *out = hr_arena_zeroed(arena, (store->timers.count + 1) * sizeof **out);
    *count = 0;
    for (size_t i = 0; i < store->timers.count; i++) {
        struct hr_timer timer = {.account = give(arena, store->timers.at[i].key)};
        memcpy(&timer.due, store->timers.at[i].value.at, sizeof timer.due);
        if (timer.due.us >= until.us)
            continue;
        size_t at = (*count)++;
        for (; at > 0 && is_before(&timer, &(*out)[at - 1]); at--)
            (*out)[at] = (*out)[at - 1];
        (*out)[at] = timer;
    }
    *more = *count > most;
    *count = *more ? most : *count;
    *marker = give(arena, store->marker);
    return sim_leave(me) ? HR_OK : sim_dead(error);
}

/* In some worlds whoever fills a home dies at it, and days pass before anybody comes: what lies
 * there is then as old as what it was copied on from, and what would have deleted it may be gone.
 */
static bool dies_of_age(struct sim_process *me)
{
    struct sim *sim = me->sim;
    if (me->dead || !sim->plan.ages || !sim_may_fail(sim) || !sim_one_in(&me->faults, 3) ||
        !sim_fault_comes(sim))
        return false;
    carry_out(me);
    sim_crash(me);
    sim_days_pass(sim);
    if (sim_one_in(&sim->of_fault, 3) && !sim_redis_is_needed(sim))
        sim_redis_put_copy_back(sim);
    return true;
}

/* --- writes -------------------------------------------------------------------------------------
 */

static struct sim_write *copy_write(struct sim *sim, const struct hr_store_write *write)
{
    struct sim_write *copy = hr_arena_zeroed(&sim->arena, sizeof *copy);
    copy->write = *write;
    copy->write.expected = sim_copy(sim, write->expected);
    copy->write.marker = sim_copy(sim, write->marker);
    struct hr_store_value *values =
        hr_arena_zeroed(&sim->arena, (write->count + 1) * sizeof *values);
    for (size_t i = 0; i < write->count; i++) {
        values[i] = write->values[i];
        values[i].key = sim_copy(sim, write->values[i].key);
        values[i].value = sim_copy(sim, write->values[i].value);
        values[i].account = sim_copy(sim, write->values[i].account);
        values[i].view = NULL; /* only whether there is one is kept */
    }
    copy->write.values = values;
    return copy;
}

static enum hr_fate submit(void *self, const struct hr_store_write *write, struct hr_error *error)
{
    struct sim_process *me = self;
    if (!sim_enter(me, "submit %zu values of home %" PRIu32, write->count, write->home))
        return sim_dead(error);
    maybe_break(me);
    if (!me->connected)
        return away(me, error);
    struct sim_write **end = &me->writes;
    while (*end) {
        if ((*end)->write.home == write->home)
            sim_fail(me->sim, "two writes of home %" PRIu32 " are under way", write->home);
        end = &(*end)->next;
    }
    *end = copy_write(me->sim, write);
    if (sim_one_in(&me->turns, 2))
        carry_out(me);
    return me->logs && dies_of_age(me) ? sim_dead(error) : HR_OK;
}

/* An error answer: nothing was written, and the caller cannot know. */
static bool answers_with_error(struct sim_process *me)
{
    struct sim *sim = me->sim;
    if (!sim_may_fail(sim) || me->writes->done || !sim_one_in(&me->faults, sim->plan.redis) ||
        !sim_fault_comes(sim))
        return false;
    sim->tally.redis_faults++;
    sim_say(sim, me, "... Redis answers with an ERROR");
    me->writes = me->writes->next;
    sim_connection_break(me);
    return true;
}

static bool settle(void *self, int timeout_ms, uint32_t *home, enum hr_write_outcome *outcome,
    struct hr_error *error)
{
    struct sim_process *me = self;
    *home = me->writes ? me->writes->write.home : 0;
    *outcome = HR_WRITE_UNKNOWN;
    if (!me->writes && me->connected && !me->dead)
        sim_fail(me->sim, "an answer is awaited to nothing");
    if (!sim_enter(me, "settle")) {
        (void)sim_dead(error);
        return true;
    }
    if (me->connected && timeout_ms == 0 && !me->writes->done && sim_one_in(&me->turns, 2))
        return false;
    maybe_break(me);
    if (!me->connected || answers_with_error(me)) {
        (void)hr_fail(error, HR_RETRY, "Redis: the outcome of a write is not known");
        return true;
    }
    carry_out(me);
    *outcome = me->writes->outcome;
    me->writes = me->writes->next;
    return true;
}

static enum hr_fate reconnect(void *self, struct hr_error *error)
{
    struct sim_process *me = self;
    if (!sim_enter(me, "reconnect"))
        return sim_dead(error);
    sim_connection_break(me);
    if (me->sim->now_us < me->sim->redis.away_until_us)
        return away(me, error);
    me->connected = true;
    return HR_OK;
}

static enum hr_fate clear(void *self, uint32_t home, struct hr_str marker, size_t most, bool *left,
    struct hr_error *error)
{
    struct sim_process *me = self;
    struct sim *sim = me->sim;
    if (!sim_enter(me, "clear home %" PRIu32, home))
        return sim_dead(error);
    if (!look(me))
        return away(me, error);
    struct sim_home_store *store = &sim->redis.homes[home];
    if (!hr_str_equal(store->marker, marker))
        return hr_fail(error, HR_REFUSE, "Redis: the marker is another");
    sim_redis_remember(sim, home);
    size_t some = 1 + (size_t)sim_below(&me->turns, most < 6 ? most : 6);
    for (; some && store->values.count; some--)
        sim_table_set(sim, &store->values, store->values.at[0].key, (struct hr_str){NULL, 0});
    *left = store->values.count > 0;
    if (!*left) {
        store->timers.count = store->views.count = 0;
        store->timers = (struct sim_table){0};
        store->views = (struct sim_table){0};
    }
    return !dies_of_age(me) && sim_leave(me) ? HR_OK : sim_dead(error);
}

static enum hr_fate publish(
    void *self, const struct hr_str *fields, size_t count, struct hr_error *error)
{
    struct sim_process *me = self;
    if (!sim_enter(me, "publish %zu fields", count / 2))
        return sim_dead(error);
    if (!look(me))
        return away(me, error);
    for (size_t i = 0; i < count; i += 2)
        sim_table_set(me->sim, &me->sim->redis.manifest, fields[i], fields[i + 1]);
    return sim_leave(me) ? HR_OK : sim_dead(error);
}

static enum hr_fate published(void *self, struct hr_arena *arena, struct hr_str **fields,
    size_t *count, struct hr_error *error)
{
    struct sim_process *me = self;
    const struct sim_table *manifest = &me->sim->redis.manifest;
    if (!sim_enter(me, "what is published"))
        return sim_dead(error);
    if (!look(me))
        return away(me, error);
    *fields = hr_arena_zeroed(arena, (2 * manifest->count + 1) * sizeof **fields);
    *count = 2 * manifest->count;
    for (size_t i = 0; i < manifest->count; i++) {
        (*fields)[2 * i] = give(arena, manifest->at[i].key);
        (*fields)[2 * i + 1] = give(arena, manifest->at[i].value);
    }
    return sim_leave(me) ? HR_OK : sim_dead(error);
}

/* Some at a time; a page may be empty. */
static enum hr_fate keys(void *self, uint32_t home, uint64_t *cursor, struct hr_arena *arena,
    struct hr_str **found, size_t *count, struct hr_error *error)
{
    struct sim_process *me = self;
    const struct sim_table *values = &me->sim->redis.homes[home].values;
    if (!sim_enter(me, "keys of home %" PRIu32, home))
        return sim_dead(error);
    if (!look(me))
        return away(me, error);
    size_t most = (size_t)sim_below(&me->turns, 6), next = *cursor ? *cursor - 1 : 0;
    *found = hr_arena_zeroed(arena, (most + 1) * sizeof **found);
    for (*count = 0; *count < most && next < values->count; next++)
        (*found)[(*count)++] = give(arena, values->at[next].key);
    *cursor = next < values->count ? next + 1 : 0;
    return sim_leave(me) ? HR_OK : sim_dead(error);
}

static enum hr_fate clock_of(void *self, struct hr_time *now, struct hr_error *error)
{
    struct sim_process *me = self;
    if (!sim_enter(me, "clock of Redis"))
        return sim_dead(error);
    if (!look(me))
        return away(me, error);
    now->us = sim_wall(me->sim);
    return HR_OK;
}

struct hr_store sim_store(struct sim_process *process)
{
    return (struct hr_store){.self = process,
        .load = load,
        .timers = timers,
        .submit = submit,
        .settle = settle,
        .reconnect = reconnect,
        .clear = clear,
        .keys = keys,
        .publish = publish,
        .published = published,
        .clock = clock_of};
}
