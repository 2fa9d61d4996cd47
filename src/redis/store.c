/* SPDX-License-Identifier: Apache-2.0 */
/* The store port on one connection.
 *
 * Redis answers in the order in which it was asked. A write is sent and left alone; a look that
 * comes after it reads the write's answer first, keeps it for `settle`, and then its own. Whatever
 * goes wrong on the connection makes every write without an answer unknown: nothing is sent a
 * second time from here, since only the marker says what happened. */
#include "store.h"

#include <stdio.h>

struct hr_str redis_store_prefix(const struct redis_store *store)
{
    return hr_str(store->prefix);
}

/* --- writes under way ------------------------------------------------------------------------- */

static struct redis_pending *pending_at(struct redis_store *store, size_t index)
{
    return &store->pending[(store->first + index) % store->room];
}

static struct redis_pending *push_pending(struct redis_store *store)
{
    if (store->count == store->room) {
        size_t room = store->room ? 2 * store->room : 16;
        struct redis_pending *wider = hr_alloc(room * sizeof(*wider));
        for (size_t i = 0; i < store->count; i++) {
            wider[i] = *pending_at(store, i);
        }
        hr_free(store->pending);
        store->pending = wider;
        store->room = room;
        store->first = 0;
    }
    return pending_at(store, store->count++);
}

static void end_oldest(struct redis_store *store, enum hr_write_outcome outcome)
{
    struct redis_pending *write = pending_at(store, store->ended++);
    write->ended = true;
    write->outcome = outcome;
}

/* The connection is gone: what has no answer will have none. */
static void end_all_unknown(struct redis_store *store, const struct hr_error *error)
{
    while (store->ended < store->count) {
        pending_at(store, store->ended)->error = *error;
        end_oldest(store, HR_WRITE_UNKNOWN);
    }
}

static void end_by_answer(struct redis_store *store, const struct answer *answer)
{
    struct redis_pending *write = pending_at(store, store->ended);
    if (answer->kind == ANSWER_INTEGER && answer->integer == 1) {
        end_oldest(store, HR_WRITTEN);
    } else if (answer->kind == ANSWER_INTEGER && answer->integer == 0) {
        (void)hr_fail(&write->error, HR_REFUSE,
            "home %u: the marker in Redis is another than the one known here", write->home);
        end_oldest(store, HR_WRITE_REFUSED);
    } else {
        (void)redis_unexpected(&store->connection, answer, "write", &write->error);
        end_oldest(store, HR_WRITE_UNKNOWN);
    }
}

/* The next answer, of whomever; NULL at the deadline. A connection that fails ends all writes. */
static enum hr_fate next(struct redis_store *store, struct hr_arena *arena, int64_t deadline,
    struct answer **answer, struct hr_error *error)
{
    enum hr_fate fate = redis_next(&store->connection, arena, deadline, answer, error);
    if (fate != HR_OK) {
        end_all_unknown(store, error);
    }
    return fate;
}

static enum hr_fate give_up(struct redis_store *store, struct hr_error *error)
{
    redis_disconnect(&store->connection);
    (void)hr_fail(error, HR_RETRY, "Redis at %s: no answer within %d s", store->connection.where,
        (int)(REDIS_PATIENCE_US / HR_SECOND));
    end_all_unknown(store, error);
    return HR_RETRY;
}

enum hr_fate redis_store_answer(struct redis_store *store, struct hr_arena *arena,
    struct answer **answer, struct hr_error *error)
{
    int64_t deadline = hr_clock_monotonic_us() + REDIS_PATIENCE_US;
    for (;;) {
        bool of_a_write = store->ended < store->count;
        enum hr_fate fate =
            next(store, of_a_write ? &store->connection.scratch : arena, deadline, answer, error);
        if (fate != HR_OK) {
            return fate;
        }
        if (!*answer) {
            return give_up(store, error);
        }
        if (!of_a_write) {
            return HR_OK;
        }
        end_by_answer(store, *answer);
        deadline = hr_clock_monotonic_us() + REDIS_PATIENCE_US;
    }
}

static enum hr_fate store_submit(
    void *self, const struct hr_store_write *write, struct hr_error *error)
{
    struct redis_store *store = self;
    if (!redis_connected(&store->connection)) {
        return hr_fail(error, HR_RETRY, "Redis at %s: not connected", store->connection.where);
    }
    compare_add_set(&store->connection, hr_str(store->set_sha), redis_store_prefix(store), write);
    *push_pending(store) =
        (struct redis_pending){.home = write->home, .sent_us = hr_clock_monotonic_us()};
    /* From here on it may have been sent: whatever happens is for `settle` to tell. */
    struct hr_error gone;
    if (redis_flush(&store->connection, &gone) != HR_OK) {
        end_all_unknown(store, &gone);
    }
    return HR_OK;
}

static bool store_settle(void *self, int timeout_ms, uint32_t *home, enum hr_write_outcome *outcome,
    struct hr_error *error)
{
    struct redis_store *store = self;
    int64_t deadline = timeout_ms > 0 ? hr_clock_monotonic_us() + timeout_ms * INT64_C(1000) : 0;
    while (store->count && !store->ended) {
        struct answer *answer;
        hr_arena_reset(&store->connection.scratch);
        if (next(store, &store->connection.scratch, deadline, &answer, error) != HR_OK) {
            break;
        }
        if (answer) {
            end_by_answer(store, answer);
        } else if (hr_clock_monotonic_us() - pending_at(store, 0)->sent_us > REDIS_PATIENCE_US) {
            (void)give_up(store, error);
        } else {
            return false;
        }
    }
    if (!store->ended) {
        return false;
    }
    struct redis_pending *write = pending_at(store, 0);
    *home = write->home;
    *outcome = write->outcome;
    *error = write->error;
    store->first = (store->first + 1) % store->room;
    store->count--;
    store->ended--;
    return true;
}

/* --- looks ------------------------------------------------------------------------------------ */

/* What GET gives: a text, or nil, which has none. */
static bool is_value(const struct answer *answer)
{
    return answer->kind == ANSWER_TEXT || answer->kind == ANSWER_NIL;
}

/* The first that is no value, of a list; NULL: all are. */
static struct answer *find_other(const struct answer *list)
{
    for (size_t i = 0; i < list->count; i++) {
        if (!is_value(list->items[i])) {
            return list->items[i];
        }
    }
    return NULL;
}

static enum hr_fate store_load(void *self, uint32_t home, const struct hr_str *keys, size_t count,
    struct hr_arena *arena, struct hr_str *values, struct hr_str *marker, struct hr_error *error)
{
    struct redis_store *store = self;
    struct redis_connection *connection = redis_store_look(store);
    char text[HOME_PREFIX_ROOM];
    struct hr_str prefix = compare_home_prefix(redis_store_prefix(store), home, text);
    redis_begin(connection, 2 + count);
    redis_add(connection, HR_STR("MGET"));
    redis_add_key(connection, prefix, HR_STR("m"));
    for (size_t i = 0; i < count; i++) {
        redis_add_key(connection, prefix, keys[i]);
    }
    struct answer *answer;
    enum hr_fate fate = redis_store_answer(store, arena, &answer, error);
    if (fate != HR_OK) {
        return fate;
    }
    if (answer->kind != ANSWER_LIST || answer->count != count + 1) {
        return redis_unexpected(connection, answer, "load", error);
    }
    const struct answer *other = find_other(answer);
    if (other) {
        return redis_unexpected(connection, other, "load", error);
    }
    *marker = answer->items[0]->text;
    for (size_t i = 0; i < count; i++) {
        values[i] = answer->items[i + 1]->text;
    }
    return HR_OK;
}

static void add_timers_look(
    struct redis_connection *connection, struct hr_str prefix, struct hr_time until, size_t most)
{
    char before[32];
    int len = snprintf(before, sizeof(before), "(%lld", (long long)until.us);
    redis_begin(connection, 1);
    redis_add(connection, HR_STR("MULTI"));
    redis_begin(connection, 2);
    redis_add(connection, HR_STR("GET"));
    redis_add_key(connection, prefix, HR_STR("m"));
    redis_begin(connection, 8);
    redis_add(connection, HR_STR("ZRANGEBYSCORE"));
    redis_add_key(connection, prefix, HR_STR("due"));
    redis_add(connection, HR_STR("-inf"));
    redis_add(connection, (struct hr_str){before, (size_t)len});
    redis_add(connection, HR_STR("WITHSCORES"));
    redis_add(connection, HR_STR("LIMIT"));
    redis_add_number(connection, 0);
    redis_add_number(connection, (int64_t)most + 1);
    redis_begin(connection, 1);
    redis_add(connection, HR_STR("EXEC"));
}

/* Members and scores in turn. False: a score is no time. */
static bool read_timers(const struct answer *list, size_t count, struct hr_timer *timers)
{
    for (size_t i = 0; i < count; i++) {
        timers[i].account = list->items[2 * i]->text;
        if (!answer_time(list->items[2 * i + 1], &timers[i].due)) {
            return false;
        }
    }
    return true;
}

/* What of the answers to a look at timers cannot be read; NULL: they are a marker and a list. */
static const struct answer *find_wrong(const struct answer *executed)
{
    if (executed->kind != ANSWER_LIST || executed->count != 2) {
        return executed;
    }
    const struct answer *marker = executed->items[0], *list = executed->items[1];
    return !is_value(marker) ? marker : !answer_is_hash(list) ? list : NULL;
}

static enum hr_fate store_timers(void *self, uint32_t home, struct hr_time until, size_t most,
    struct hr_arena *arena, struct hr_timer **timers, size_t *count, bool *more,
    struct hr_str *marker, struct hr_error *error)
{
    struct redis_store *store = self;
    struct redis_connection *connection = redis_store_look(store);
    char text[HOME_PREFIX_ROOM];
    add_timers_look(
        connection, compare_home_prefix(redis_store_prefix(store), home, text), until, most);
    /* OK, QUEUED, QUEUED and what EXEC gives; all four are taken whatever they are. */
    struct answer *answer;
    const struct answer *wrong = NULL;
    for (int i = 0; i < 4; i++) {
        enum hr_fate fate = redis_store_answer(store, arena, &answer, error);
        if (fate != HR_OK) {
            return fate;
        }
        if (answer->kind == ANSWER_ERROR && !wrong) {
            wrong = answer;
        }
    }
    wrong = wrong ? wrong : find_wrong(answer);
    if (wrong) {
        return redis_unexpected(connection, wrong, "timers", error);
    }
    const struct answer *list = answer->items[1];
    *marker = answer->items[0]->text;
    *more = list->count / 2 > most;
    *count = *more ? most : list->count / 2;
    *timers = hr_arena_take(arena, (*count ? *count : 1) * sizeof(**timers));
    return read_timers(list, *count, *timers) ? HR_OK
                                              : redis_unexpected(connection, list, "timers", error);
}

enum hr_fate redis_clock(void *self, struct hr_time *now, struct hr_error *error)
{
    struct redis_store *store = self;
    struct redis_connection *connection = redis_store_look(store);
    redis_begin(connection, 1);
    redis_add(connection, HR_STR("TIME"));
    struct answer *answer;
    enum hr_fate fate = redis_store_answer(store, &connection->scratch, &answer, error);
    if (fate != HR_OK) {
        return fate;
    }
    uint64_t seconds, us;
    if (answer->kind != ANSWER_LIST || answer->count != 2 ||
        !answer_number(answer->items[0], &seconds) || !answer_number(answer->items[1], &us) ||
        seconds >= (uint64_t)(INT64_MAX / HR_SECOND) || us >= (uint64_t)HR_SECOND) {
        return redis_unexpected(connection, answer, "clock", error);
    }
    now->us = (int64_t)seconds * HR_SECOND + (int64_t)us;
    return HR_OK;
}

static enum hr_fate store_publish(
    void *self, const struct hr_str *fields, size_t count, struct hr_error *error)
{
    struct redis_store *store = self;
    struct redis_connection *connection = redis_store_look(store);
    redis_begin(connection, 2 + count);
    redis_add(connection, HR_STR("HSET"));
    redis_add_key(connection, redis_store_prefix(store), HR_STR(":manifest"));
    for (size_t i = 0; i < count; i++) {
        redis_add(connection, fields[i]);
    }
    struct answer *answer;
    enum hr_fate fate = redis_store_answer(store, &connection->scratch, &answer, error);
    if (fate != HR_OK) {
        return fate;
    }
    return answer->kind == ANSWER_INTEGER ? HR_OK
                                          : redis_unexpected(connection, answer, "publish", error);
}

/* --- beginning and end ------------------------------------------------------------------------ */

static enum hr_fate store_reconnect(void *self, struct hr_error *error)
{
    struct redis_store *store = self;
    store->first = store->count = store->ended = 0;
    store->clearing_cursor = 0;
    enum hr_fate fate = redis_connect(&store->connection, &store->url, error);
    if (fate == HR_OK) {
        fate = redis_handshake(store, error);
    }
    if (fate != HR_OK) {
        redis_disconnect(&store->connection);
    }
    return fate;
}

enum hr_fate hr_redis_open(
    const struct hr_redis_settings *settings, struct hr_store *store, struct hr_error *error)
{
    *store = (struct hr_store){NULL};
    struct redis_url url;
    enum hr_fate fate = redis_url_parse(settings->url, &url, error);
    if (fate != HR_OK) {
        return fate;
    }
    struct redis_store *self = hr_alloc(sizeof(*self));
    redis_connection_init(&self->connection);
    self->url = url;
    self->prefix = hr_strdup(settings->prefix);
    self->log = settings->log;
    *store = (struct hr_store){
        .self = self,
        .load = store_load,
        .timers = store_timers,
        .submit = store_submit,
        .settle = store_settle,
        .reconnect = store_reconnect,
        .clear = redis_clear,
        .keys = redis_keys,
        .publish = store_publish,
        .published = redis_published,
        .clock = redis_clock,
    };
    fate = store_reconnect(self, error);
    if (fate == HR_STOP) {
        hr_redis_close(store);
    }
    return fate;
}

void hr_redis_close(struct hr_store *store)
{
    struct redis_store *self = store->self;
    if (self) {
        redis_connection_clean_up(&self->connection);
        redis_url_clean_up(&self->url);
        hr_free(self->prefix);
        hr_free(self->pending);
        hr_free(self);
    }
    *store = (struct hr_store){NULL};
}
