/* SPDX-License-Identifier: Apache-2.0 */
/* Walks over keys: what `clear` deletes, what readers are shown.
 *
 * SCAN sees every key of the database and shows those of one home, so a walk is long whatever it
 * finds. `clear` therefore goes on where its last call stopped, and each handful of keys is deleted
 * under the marker: a process that has lost the home meanwhile deletes nothing of its successor's.
 */
#include "store.h"

#include <inttypes.h>
#include <stdio.h>

#define SCAN_COUNT 2000 /* keys that one SCAN looks at */
#define SCANS_A_CALL 200

/* The pattern of all keys that begin with `prefix`: what SCAN takes for a wildcard is escaped. */
static struct hr_str pattern(struct hr_arena *arena, struct hr_str prefix)
{
    char *text = hr_arena_take(arena, 2 * prefix.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < prefix.len; i++) {
        if (strchr("*?[]^\\", prefix.at[i])) {
            text[len++] = '\\';
        }
        text[len++] = prefix.at[i];
    }
    text[len++] = '*';
    return (struct hr_str){text, len};
}

/* Keys below the prefix, and nothing else: what does not begin with it would be cut short as if it
 * did, or deleted. */
static bool all_begin(const struct answer *keys, struct hr_str prefix)
{
    if (!answer_is_texts(keys)) {
        return false;
    }
    for (size_t i = 0; i < keys->count; i++) {
        struct hr_str key = keys->items[i]->text;
        if (key.len < prefix.len || memcmp(key.at, prefix.at, prefix.len) != 0) {
            return false;
        }
    }
    return true;
}

/* One SCAN: keys below `prefix` and where to go on; cursor 0 is the end. */
static enum hr_fate scan(struct redis_store *store, struct hr_str prefix, uint64_t *cursor,
    struct answer **keys, struct hr_error *error)
{
    struct redis_connection *connection = redis_store_look(store);
    char from[24];
    int len = snprintf(from, sizeof(from), "%" PRIu64, *cursor);
    struct hr_str match = pattern(&connection->scratch, prefix);
    redis_begin(connection, 6);
    redis_add(connection, HR_STR("SCAN"));
    redis_add(connection, (struct hr_str){from, (size_t)len});
    redis_add(connection, HR_STR("MATCH"));
    redis_add(connection, match);
    redis_add(connection, HR_STR("COUNT"));
    redis_add_number(connection, SCAN_COUNT);
    struct answer *answer;
    enum hr_fate fate = redis_store_answer(store, &connection->scratch, &answer, error);
    if (fate != HR_OK) {
        return fate;
    }
    if (answer->kind != ANSWER_LIST || answer->count != 2 ||
        !answer_number(answer->items[0], cursor) || !all_begin(answer->items[1], prefix)) {
        return redis_unexpected(connection, answer, "SCAN", error);
    }
    *keys = answer->items[1];
    return HR_OK;
}

/* --- clear ------------------------------------------------------------------------------------ */

static void leave_out(struct answer *keys, struct hr_str prefix, const char *name)
{
    size_t kept = 0, len = strlen(name);
    for (size_t i = 0; i < keys->count; i++) {
        struct hr_str key = keys->items[i]->text;
        if (key.len != prefix.len + len || memcmp(key.at + prefix.len, name, len) != 0) {
            keys->items[kept++] = keys->items[i];
        }
    }
    keys->count = kept;
}

static enum hr_fate delete_under(struct redis_store *store, uint32_t home, struct hr_str prefix,
    struct hr_str marker, const struct answer *keys, struct hr_error *error)
{
    struct redis_connection *connection =
        &store->connection; /* the keys are in its scratch arena */
    compare_add_delete(
        connection, hr_str(store->delete_sha), prefix, marker, keys->items, keys->count);
    struct answer *answer;
    enum hr_fate fate = redis_store_answer(store, &connection->scratch, &answer, error);
    if (fate != HR_OK) {
        return fate;
    }
    if (answer->kind != ANSWER_INTEGER) {
        return redis_unexpected(connection, answer, "clear", error);
    }
    return answer->integer == 1
               ? HR_OK
               : hr_fail(error, HR_REFUSE, "home %u: somebody else's marker stands in Redis", home);
}

enum hr_fate redis_clear(void *self, uint32_t home, struct hr_str marker, size_t most, bool *left,
    struct hr_error *error)
{
    struct redis_store *store = self;
    char text[HOME_PREFIX_ROOM];
    struct hr_str prefix = compare_home_prefix(redis_store_prefix(store), home, text);
    if (store->clearing_home != home) {
        store->clearing_home = home;
        store->clearing_cursor = 0;
    }
    size_t deleted = 0;
    *left = true;
    for (int i = 0; *left && deleted < most && i < SCANS_A_CALL; i++) {
        struct answer *keys;
        uint64_t cursor = store->clearing_cursor;
        enum hr_fate fate = scan(store, prefix, &cursor, &keys, error);
        if (fate == HR_OK) {
            /* NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage): a scan that is HR_OK has keys */
            leave_out(keys, prefix, "m");
            /* Also without keys: the last look at least must have seen the marker. */
            fate = delete_under(store, home, prefix, marker, keys, error);
        }
        if (fate != HR_OK) {
            store->clearing_cursor = 0;
            return fate;
        }
        deleted += keys->count;
        store->clearing_cursor = cursor;
        *left = cursor != 0;
    }
    return HR_OK;
}

/* --- keys ------------------------------------------------------------------------------------- */

/* What is derived from accounts, or names the batch, is not state of its own. */
static bool is_state(struct hr_str key)
{
    return !hr_str_is(key, "m") && !hr_str_is(key, "due") && !hr_str_starts(key, "v:");
}

enum hr_fate redis_keys(void *self, uint32_t home, uint64_t *cursor, struct hr_arena *arena,
    struct hr_str **keys, size_t *count, struct hr_error *error)
{
    struct redis_store *store = self;
    char text[HOME_PREFIX_ROOM];
    struct hr_str prefix = compare_home_prefix(redis_store_prefix(store), home, text);
    struct answer *found;
    enum hr_fate fate = scan(store, prefix, cursor, &found, error);
    if (fate != HR_OK) {
        return fate;
    }
    /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): a scan that is HR_OK has keys */
    *keys = hr_arena_take(arena, (found->count ? found->count : 1) * sizeof(**keys));
    *count = 0;
    for (size_t i = 0; i < found->count; i++) {
        struct hr_str key = found->items[i]->text;
        key.at += prefix.len;
        key.len -= prefix.len;
        if (is_state(key)) {
            (*keys)[(*count)++] = hr_arena_copy(arena, key);
        }
    }
    return HR_OK;
}

/* --- readers ---------------------------------------------------------------------------------- */

static struct hr_str *texts(const struct answer *list, struct hr_arena *arena)
{
    struct hr_str *all = hr_arena_take(arena, (list->count ? list->count : 1) * sizeof(*all));
    for (size_t i = 0; i < list->count; i++) {
        all[i] = list->items[i]->text;
    }
    return all;
}

/* The account that a view of any home belongs to: PREFIX:{HOME}:v:ACCOUNT, of which `before` is
 * everything before HOME. at == NULL: another key. */
static struct hr_str viewed_account(struct hr_str key, struct hr_str before)
{
    static const char mark[] = "}:v:";
    size_t at = before.len, len = sizeof(mark) - 1;
    while (at < key.len && key.at[at] >= '0' && key.at[at] <= '9') {
        at++;
    }
    if (at == before.len || key.len - at < len || memcmp(key.at + at, mark, len) != 0) {
        return (struct hr_str){NULL, 0};
    }
    return (struct hr_str){key.at + at + len, key.len - at - len};
}

/* Asks for the hashes of all views among the keys, then hands them over one by one. */
static enum hr_fate show_views(struct redis_store *store, struct hr_str before,
    const struct answer *keys,
    bool (*each)(void *context, struct hr_str account, const struct hr_str *view, size_t count),
    void *context, bool *stop, struct hr_error *error)
{
    struct redis_connection *connection = &store->connection;
    for (size_t i = 0; i < keys->count; i++) {
        if (viewed_account(keys->items[i]->text, before).at) {
            redis_begin(connection, 2);
            redis_add(connection, HR_STR("HGETALL"));
            redis_add(connection, keys->items[i]->text);
        }
    }
    for (size_t i = 0; i < keys->count; i++) {
        struct hr_str account = viewed_account(keys->items[i]->text, before);
        struct answer *view;
        if (!account.at) {
            continue;
        }
        enum hr_fate fate = redis_store_answer(store, &connection->scratch, &view, error);
        if (fate != HR_OK) {
            return fate;
        }
        if (view->kind != ANSWER_ERROR && !answer_is_hash(view)) {
            return redis_unexpected(connection, view, "HGETALL", error);
        }
        /* Empty: deleted since. An error: not one of ours. */
        if (!*stop && view->count) {
            *stop = !each(context, account, texts(view, &connection->scratch), view->count);
        }
    }
    return HR_OK;
}

enum hr_fate hr_redis_views(struct hr_store *port,
    bool (*each)(void *context, struct hr_str account, const struct hr_str *view, size_t count),
    void *context, struct hr_error *error)
{
    struct redis_store *store = port->self;
    char text[HOME_PREFIX_ROOM];
    struct hr_str before = compare_home_prefix(redis_store_prefix(store), 0, text);
    before.len -= strlen("0}:");
    uint64_t cursor = 0;
    bool stop = false;
    do {
        struct answer *keys;
        enum hr_fate fate = scan(store, before, &cursor, &keys, error);
        if (fate == HR_OK) {
            /* NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage): a scan that is HR_OK has keys */
            fate = show_views(store, before, keys, each, context, &stop, error);
        }
        if (fate != HR_OK) {
            return fate;
        }
    } while (cursor && !stop);
    return HR_OK;
}

enum hr_fate redis_published(void *self, struct hr_arena *arena, struct hr_str **fields,
    size_t *count, struct hr_error *error)
{
    struct redis_store *store = self;
    struct redis_connection *connection = redis_store_look(store);
    redis_begin(connection, 2);
    redis_add(connection, HR_STR("HGETALL"));
    redis_add_key(connection, redis_store_prefix(store), HR_STR(":manifest"));
    struct answer *answer;
    enum hr_fate fate = redis_store_answer(store, arena, &answer, error);
    if (fate != HR_OK) {
        return fate;
    }
    if (!answer_is_hash(answer)) {
        return redis_unexpected(connection, answer, "manifest", error);
    }
    *fields = texts(answer, arena);
    *count = answer->count;
    return HR_OK;
}
