/* SPDX-License-Identifier: Apache-2.0 */
/* What is said once on a new connection, and what a server tells about itself.
 *
 * A server that may evict keys is refused here, each time: with any other policy than noeviction an
 * account would be missing one day and begin again at zero. INFO is asked, not CONFIG, which
 * managed servers hide. */
#include "store.h"

#include <stdio.h>
#include <stdlib.h>

/* --- commands of two or three words ----------------------------------------------------------- */

static enum hr_fate ask(struct redis_store *store, const char *const *words, size_t count,
    struct answer **answer, struct hr_error *error)
{
    struct redis_connection *connection = redis_store_look(store);
    redis_begin(connection, count);
    for (size_t i = 0; i < count; i++) {
        redis_add(connection, hr_str(words[i]));
    }
    return redis_store_answer(store, &connection->scratch, answer, error);
}

static enum hr_fate ask_for(struct redis_store *store, const char *const *words, size_t count,
    enum answer_kind kind, struct answer **answer, struct hr_error *error)
{
    enum hr_fate fate = ask(store, words, count, answer, error);
    if (fate == HR_OK && (*answer)->kind != kind) {
        fate = redis_unexpected(&store->connection, *answer, words[0], error);
    }
    return fate;
}

static enum hr_fate authenticate(struct redis_store *store, struct hr_error *error)
{
    struct answer *answer;
    const char *with_user[] = {"AUTH", store->url.user, store->url.password};
    const char *without[] = {"AUTH", store->url.password};
    return store->url.user ? ask_for(store, with_user, 3, ANSWER_STATUS, &answer, error)
                           : ask_for(store, without, 2, ANSWER_STATUS, &answer, error);
}

static enum hr_fate select_database(struct redis_store *store, struct hr_error *error)
{
    char number[16];
    sprintf(number, "%d", store->url.database);
    const char *words[] = {"SELECT", number};
    struct answer *answer;
    return ask_for(store, words, 2, ANSWER_STATUS, &answer, error);
}

static enum hr_fate load_script(
    struct redis_store *store, const char *script, char sha[SHA_LENGTH + 1], struct hr_error *error)
{
    const char *words[] = {"SCRIPT", "LOAD", script};
    struct answer *answer;
    enum hr_fate fate = ask_for(store, words, 3, ANSWER_TEXT, &answer, error);
    if (fate == HR_OK && answer->text.len != SHA_LENGTH) {
        fate = redis_unexpected(&store->connection, answer, words[0], error);
    }
    if (fate == HR_OK) {
        memcpy(sha, answer->text.at, SHA_LENGTH + 1);
    }
    return fate;
}

/* --- INFO ------------------------------------------------------------------------------------- */

/* The value of `name` among lines `name:value`; empty when there is none. */
static struct hr_str info_field(struct hr_str info, const char *name)
{
    size_t len = strlen(name);
    const char *end = info.at + info.len;
    for (const char *line = info.at; line < end;) {
        const char *stop = memchr(line, '\n', (size_t)(end - line));
        stop = stop ? stop : end;
        if ((size_t)(stop - line) > len && memcmp(line, name, len) == 0 && line[len] == ':') {
            const char *value = line + len + 1;
            size_t size = (size_t)(stop - value);
            return (struct hr_str){value, size && value[size - 1] == '\r' ? size - 1 : size};
        }
        line = stop + 1;
    }
    return (struct hr_str){"", 0};
}

/* As it can be shown, and room for the sign that some is left out. */
static void copy_field(
    struct hr_arena *arena, struct hr_str info, const char *name, char *to, size_t room)
{
    snprintf(to, room, "%s", hr_escape(arena, info_field(info, name), room - 4));
}

static void read_info(struct hr_arena *arena, struct hr_str info, struct hr_redis_state *state)
{
    copy_field(arena, info, "redis_version", state->version, sizeof(state->version));
    copy_field(arena, info, "maxmemory_policy", state->policy, sizeof(state->policy));
    snprintf(state->persistence, sizeof(state->persistence), "%s",
        hr_str_is(info_field(info, "aof_enabled"), "1") ? "append-only file" : "snapshots, if any");
    state->used_memory = strtoull(info_field(info, "used_memory").at, NULL, 10);
    state->max_memory = strtoull(info_field(info, "maxmemory").at, NULL, 10);
}

static enum hr_fate check_info(
    struct redis_store *store, const struct hr_redis_state *state, struct hr_error *error)
{
    const char *where = store->connection.where;
    if (strcmp(state->policy, "noeviction") != 0) {
        return hr_fail(error, HR_STOP,
            "Redis at %s may throw accounts away when it is full (maxmemory-policy %s); set "
            "maxmemory-policy noeviction",
            where, state->policy);
    }
    return HR_OK;
}

static enum hr_fate look_at_info(
    struct redis_store *store, struct hr_redis_state *state, struct hr_error *error)
{
    const char *words[] = {"INFO"};
    struct answer *answer;
    enum hr_fate fate = ask_for(store, words, 1, ANSWER_TEXT, &answer, error);
    if (fate != HR_OK) {
        return fate;
    }
    read_info(&store->connection.scratch, answer->text, state);
    if (hr_str_is(info_field(answer->text, "loading"), "1")) {
        return hr_fail(error, HR_RETRY, "Redis at %s is loading its data", store->connection.where);
    }
    if (hr_str_is(info_field(answer->text, "role"), "slave")) {
        return hr_fail(error, HR_RETRY,
            "Redis at %s is a replica; redis.url must lead to the master", store->connection.where);
    }
    return HR_OK;
}

/* --- sessions --------------------------------------------------------------------------------- */

static enum hr_fate introduce(struct redis_store *store, struct hr_error *error)
{
    enum hr_fate fate = store->url.password ? authenticate(store, error) : HR_OK;
    if (fate == HR_OK && store->url.database) {
        fate = select_database(store, error);
    }
    return fate;
}

enum hr_fate redis_handshake(struct redis_store *store, struct hr_error *error)
{
    struct hr_redis_state state;
    enum hr_fate fate = introduce(store, error);
    if (fate == HR_OK) {
        fate = look_at_info(store, &state, error);
    }
    if (fate == HR_OK) {
        fate = check_info(store, &state, error);
    }
    if (fate == HR_OK) {
        fate = load_script(store, compare_and_set, store->set_sha, error);
    }
    if (fate == HR_OK) {
        fate = load_script(store, compare_and_delete, store->delete_sha, error);
    }
    return fate;
}

enum hr_fate hr_redis_state(
    const struct hr_redis_settings *settings, struct hr_redis_state *state, struct hr_error *error)
{
    *state = (struct hr_redis_state){.clock = HR_TIME_NONE};
    struct redis_store store = {.prefix = NULL};
    enum hr_fate fate = redis_url_parse(settings->url, &store.url, error);
    if (fate != HR_OK) {
        return fate;
    }
    redis_connection_init(&store.connection);
    fate = redis_connect(&store.connection, &store.url, error);
    if (fate == HR_OK) {
        fate = introduce(&store, error);
    }
    if (fate == HR_OK) {
        fate = look_at_info(&store, state, error);
    }
    if (fate == HR_OK) {
        fate = redis_clock(&store, &state->clock, error);
    }
    redis_connection_clean_up(&store.connection);
    redis_url_clean_up(&store.url);
    return fate;
}
