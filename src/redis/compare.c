/* SPDX-License-Identifier: Apache-2.0 */
/* One atomic compare-and-set a home.
 *
 * A script, since `EXEC` drops every watch of a connection: with `WATCH`, several homes could not
 * be under way on one connection. Redis does not undo what a script did before one of its commands
 * failed, so the order is chosen such that only the very first writing command can fail:
 *
 *   GET of the marker    fails when it is not a string: nothing is written yet
 *   ZADD or ZREM         fails when `due` is not a sorted set: nothing is written yet
 *   MSET, UNLINK, SET    cannot fail: they take any type's place
 *   HSET                 tried; where it fails, or old fields remain, the key goes first
 *
 * "Full", "read-only", "no disk" and "too few replicas" are answered by Redis at the first writing
 * command of a script and no more after it. A script that has written cannot be killed.
 *
 * A view is written over the old one, which costs three quarters of making it anew. Long lists go
 * to one command in slices: a Lua call takes fewer than 8,000 values. */
#include "compare.h"

#include <stdio.h>

/* KEYS: marker, due. ARGV: expected marker ('' for none), new marker, then five lists, each behind
 * its length: scores and members to add to due; members to take from it; keys and values; keys to
 * delete; and to the end views: key, length, fields and values. */
/* clang-format off */
const char compare_and_set[] =
    "local call, at, slice = redis.call, 3, 7000\n"
    "if (call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end\n"
    "local function list(command, key)\n"
    "  local from, last = at + 1, at + ARGV[at]\n"
    "  for first = from, last, slice do\n"
    "    local to = math.min(first + slice - 1, last)\n"
    "    if key then\n"
    "      call(command, key, unpack(ARGV, first, to))\n"
    "    else\n"
    "      call(command, unpack(ARGV, first, to))\n"
    "    end\n"
    "  end\n"
    "  at = last + 1\n"
    "end\n"
    "list('ZADD', KEYS[2])\n"
    "list('ZREM', KEYS[2])\n"
    "list('MSET')\n"
    "list('UNLINK')\n"
    "while at < #ARGV do\n"
    "  local key, count = ARGV[at], tonumber(ARGV[at + 1])\n"
    "  local set = count <= slice\n"
    "    and redis.pcall('HSET', key, unpack(ARGV, at + 2, at + 1 + count))\n"
    "  at = at + 1\n"
    "  if type(set) == 'number' and 2 * call('HLEN', key) == count then\n"
    "    at = at + 1 + count\n"
    "  else\n"
    "    call('UNLINK', key)\n"
    "    list('HSET', key)\n"
    "  end\n"
    "end\n"
    "call('SET', KEYS[1], ARGV[2])\n"
    "return 1\n";

/* KEYS: marker. ARGV: expected marker, keys. */
const char compare_and_delete[] =
    "if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end\n"
    "for at = 2, #ARGV, 7000 do\n"
    "  redis.call('UNLINK', unpack(ARGV, at, math.min(at + 6999, #ARGV)))\n"
    "end\n"
    "return 1\n";
/* clang-format on */

struct hr_str compare_home_prefix(struct hr_str prefix, uint32_t home, char text[HOME_PREFIX_ROOM])
{
    int len = snprintf(text, HOME_PREFIX_ROOM, "%.*s:{%u}:", (int)prefix.len, prefix.at, home);
    return (struct hr_str){text, (size_t)len};
}

/* How long the lists are: counted first, since Redis wants to know the number of arguments. */
struct lengths {
    size_t timed, untimed, set, unset, viewed, view_strings;
};

static bool adds_timer(const struct hr_store_value *value)
{
    return value->account.len && !value->same_due && !hr_time_is(value->due, HR_TIME_NEVER);
}

static bool takes_timer(const struct hr_store_value *value)
{
    return value->account.len && !value->same_due && hr_time_is(value->due, HR_TIME_NEVER);
}

static bool sets_view(const struct hr_store_value *value)
{
    return value->account.len && value->with_view && value->view_count;
}

static bool unsets_view(const struct hr_store_value *value)
{
    return value->account.len && value->with_view && !value->view_count;
}

static struct lengths measure(const struct hr_store_write *write)
{
    struct lengths n = {0};
    for (size_t i = 0; i < write->count; i++) {
        const struct hr_store_value *value = &write->values[i];
        n.set += value->value.at != NULL;
        n.unset += value->value.at == NULL;
        n.unset += unsets_view(value);
        n.timed += adds_timer(value);
        n.untimed += takes_timer(value);
        if (sets_view(value)) {
            n.viewed++;
            n.view_strings += value->view_count;
        }
    }
    return n;
}

static void add_timers(struct redis_connection *connection, const struct hr_store_write *write,
    const struct lengths *n)
{
    redis_add_number(connection, (int64_t)(2 * n->timed));
    for (size_t i = 0; n->timed && i < write->count; i++) {
        const struct hr_store_value *value = &write->values[i];
        if (adds_timer(value)) {
            redis_add_number(connection, value->due.us);
            redis_add(connection, value->account);
        }
    }
    redis_add_number(connection, (int64_t)n->untimed);
    for (size_t i = 0; n->untimed && i < write->count; i++) {
        const struct hr_store_value *value = &write->values[i];
        if (takes_timer(value)) {
            redis_add(connection, value->account);
        }
    }
}

static void add_values(struct redis_connection *connection, const struct hr_store_write *write,
    const struct lengths *n, struct hr_str home, struct hr_str view)
{
    redis_add_number(connection, (int64_t)(2 * n->set));
    for (size_t i = 0; n->set && i < write->count; i++) {
        if (write->values[i].value.at) {
            redis_add_key(connection, home, write->values[i].key);
            redis_add(connection, write->values[i].value);
        }
    }
    redis_add_number(connection, (int64_t)n->unset);
    for (size_t i = 0; n->unset && i < write->count; i++) {
        const struct hr_store_value *value = &write->values[i];
        if (!value->value.at) {
            redis_add_key(connection, home, value->key);
        }
        if (unsets_view(value)) {
            redis_add_key(connection, view, value->account);
        }
    }
}

static void add_views(struct redis_connection *connection, const struct hr_store_write *write,
    const struct lengths *n, struct hr_str view)
{
    for (size_t i = 0; n->viewed && i < write->count; i++) {
        const struct hr_store_value *value = &write->values[i];
        if (sets_view(value)) {
            redis_add_key(connection, view, value->account);
            redis_add_number(connection, (int64_t)value->view_count);
            for (size_t j = 0; j < value->view_count; j++) {
                redis_add(connection, value->view[j]);
            }
        }
    }
}

void compare_add_set(struct redis_connection *connection, struct hr_str sha, struct hr_str prefix,
    const struct hr_store_write *write)
{
    char home_text[HOME_PREFIX_ROOM], view_text[HOME_PREFIX_ROOM + 2];
    struct hr_str home = compare_home_prefix(prefix, write->home, home_text);
    struct hr_str view = {view_text, home.len + 2};
    memcpy(view_text, home.at, home.len);
    memcpy(view_text + home.len, "v:", 2);

    struct lengths n = measure(write);
    redis_begin(connection,
        5 + 2 + 4 + 2 * n.timed + n.untimed + 2 * n.set + n.unset + 2 * n.viewed + n.view_strings);
    redis_add(connection, HR_STR("EVALSHA"));
    redis_add(connection, sha);
    redis_add_number(connection, 2);
    redis_add_key(connection, home, HR_STR("m"));
    redis_add_key(connection, home, HR_STR("due"));
    redis_add(connection, write->expected);
    redis_add(connection, write->marker);
    add_timers(connection, write, &n);
    add_values(connection, write, &n, home, view);
    add_views(connection, write, &n, view);
}

void compare_add_delete(struct redis_connection *connection, struct hr_str sha,
    struct hr_str prefix, struct hr_str marker, struct answer **keys, size_t count)
{
    redis_begin(connection, 5 + count);
    redis_add(connection, HR_STR("EVALSHA"));
    redis_add(connection, sha);
    redis_add_number(connection, 1);
    redis_add_key(connection, prefix, HR_STR("m"));
    redis_add(connection, marker);
    for (size_t i = 0; i < count; i++) {
        redis_add(connection, keys[i]->text);
    }
}
