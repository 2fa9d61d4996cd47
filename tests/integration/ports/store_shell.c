/* SPDX-License-Identifier: Apache-2.0 */
/* The store port as a shell: see shell.h. */
#include "headroom/redis.h"
#include "shell.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct self {
    struct hr_log log;
    struct hr_store store;
};

static void open_store(void *context, struct words *words)
{
    struct self *self = context;
    struct hr_redis_settings settings = {.log = &self->log};
    settings.url = take(words);
    settings.prefix = take(words);
    struct hr_error error;
    enum hr_fate fate = hr_redis_open(&settings, &self->store, &error);
    say_fate(fate, &error);
}

static void close_store(void *context, struct words *words)
{
    struct self *self = context;
    (void)words;
    hr_redis_close(&self->store);
    say("ok");
}

static void reconnect(void *context, struct words *words)
{
    struct self *self = context;
    (void)words;
    struct hr_error error;
    say_fate(self->store.reconnect(self->store.self, &error), &error);
}

/* load HOME KEY…: ok MARKER VALUE… */
static void load(void *context, struct words *words)
{
    struct self *self = context;
    uint32_t home = (uint32_t)take_number(words);
    size_t count = left(words);
    struct hr_str marker, *values = hr_arena_take(words->arena, (count + 1) * sizeof(*values));
    struct hr_error error;
    enum hr_fate fate = self->store.load(self->store.self, home, words->at + words->next, count,
        words->arena, values, &marker, &error);
    say_fate(fate, &error);
    if (fate == HR_OK) {
        say_word(marker);
        for (size_t i = 0; i < count; i++) {
            say_word(values[i]);
        }
    }
}

/* timers HOME UNTIL MOST: ok MARKER MORE (ACCOUNT DUE)… */
static void timers(void *context, struct words *words)
{
    struct self *self = context;
    uint32_t home = (uint32_t)take_number(words);
    struct hr_time until = {take_number(words)};
    size_t most = (size_t)take_number(words), count;
    struct hr_timer *found;
    bool more;
    struct hr_str marker;
    struct hr_error error;
    enum hr_fate fate = self->store.timers(
        self->store.self, home, until, most, words->arena, &found, &count, &more, &marker, &error);
    say_fate(fate, &error);
    if (fate == HR_OK) {
        say_word(marker);
        say(" %d", more);
        for (size_t i = 0; i < count; i++) {
            say_word(found[i].account);
            say(" %lld", (long long)found[i].due.us);
        }
    }
}

/* The words of one value: KEY VALUE ACCOUNT DUE WITH_VIEW STRINGS (STRING)… */
static struct hr_store_value take_value(struct words *words)
{
    struct hr_store_value value = {.due = HR_TIME_NEVER};
    value.key = take(words);
    value.value = take(words);
    value.account = take(words);
    int64_t due = take_number(words);
    value.due = due < 0 ? HR_TIME_NEVER : (struct hr_time){due};
    value.with_view = take_number(words);
    value.view_count = (size_t)take_number(words);
    value.view = words->at + words->next;
    words->next += value.view_count;
    return value;
}

/* submit HOME EXPECTED MARKER VALUE… */
static void submit(void *context, struct words *words)
{
    struct self *self = context;
    struct hr_store_write write = {.home = (uint32_t)take_number(words)};
    write.expected = take(words);
    write.marker = take(words);
    struct hr_store_value *values =
        hr_arena_take(words->arena, (left(words) + 1) * sizeof(*values));
    while (left(words)) {
        values[write.count++] = take_value(words);
    }
    write.values = values;
    struct hr_error error;
    say_fate(self->store.submit(self->store.self, &write, &error), &error);
}

/* many HOME EXPECTED MARKER COUNT BYTES FIELDS ROUND: COUNT accounts with a value of so many bytes
 * and a view of so many fields each. */
static void many(void *context, struct words *words)
{
    struct self *self = context;
    struct hr_store_write write = {.home = (uint32_t)take_number(words)};
    write.expected = take(words);
    write.marker = take(words);
    write.count = (size_t)take_number(words);
    size_t bytes = (size_t)take_number(words), fields = (size_t)take_number(words);
    struct hr_str round = take(words);
    char *blob = hr_arena_take(words->arena, bytes);
    memset(blob, round.len ? round.at[0] : 'x', bytes);
    struct hr_str *view = hr_arena_take(words->arena, (2 * fields + 1) * sizeof(*view));
    for (size_t i = 0; i < fields; i++) {
        view[2 * i] = hr_arena_printf(words->arena, "field%zu", i);
        view[2 * i + 1] = round;
    }
    struct hr_store_value *values = hr_arena_take(words->arena, write.count * sizeof(*values));
    for (size_t i = 0; i < write.count; i++) {
        struct hr_str key = hr_arena_printf(words->arena, "a:account%zu", i);
        values[i] = (struct hr_store_value){.key = key,
            .value = {blob, bytes},
            .account = {key.at + 2, key.len - 2},
            .due = {(int64_t)i + 1700000000000000},
            .same_due = fields == 1,
            .with_view = fields > 1,
            .view = view,
            .view_count = 2 * fields};
    }
    write.values = values;
    struct hr_error error;
    int64_t start = hr_clock_monotonic_us();
    enum hr_fate fate = self->store.submit(self->store.self, &write, &error);
    say_fate(fate, &error);
    say(" %lld", (long long)(hr_clock_monotonic_us() - start));
}

/* fetch HOME COUNT: loads account0 and so on, says how many are there. */
static void fetch(void *context, struct words *words)
{
    struct self *self = context;
    uint32_t home = (uint32_t)take_number(words);
    size_t count = (size_t)take_number(words), found = 0;
    struct hr_str marker, *keys = hr_arena_take(words->arena, count * sizeof(*keys));
    struct hr_str *values = hr_arena_take(words->arena, count * sizeof(*values));
    for (size_t i = 0; i < count; i++) {
        keys[i] = hr_arena_printf(words->arena, "a:account%zu", i);
    }
    struct hr_error error;
    int64_t start = hr_clock_monotonic_us();
    enum hr_fate fate = self->store.load(
        self->store.self, home, keys, count, words->arena, values, &marker, &error);
    int64_t took = hr_clock_monotonic_us() - start;
    say_fate(fate, &error);
    for (size_t i = 0; fate == HR_OK && i < count; i++) {
        found += values[i].at != NULL;
    }
    say(" %zu %lld", found, (long long)took);
}

/* settle MS: none, or OUTCOME HOME and why */
static void settle(void *context, struct words *words)
{
    static const char *const names[] = {"written", "refused", "unknown"};
    struct self *self = context;
    uint32_t home;
    enum hr_write_outcome outcome;
    struct hr_error error = {0};
    if (!self->store.settle(self->store.self, (int)take_number(words), &home, &outcome, &error)) {
        say("none");
        return;
    }
    say("%s %u", names[outcome], home);
    say_word(hr_str(error.text));
}

/* clear HOME MARKER MOST: ok LEFT */
static void clear(void *context, struct words *words)
{
    struct self *self = context;
    uint32_t home = (uint32_t)take_number(words);
    struct hr_str marker = take(words);
    bool some = false;
    struct hr_error error;
    enum hr_fate fate = self->store.clear(
        self->store.self, home, marker, (size_t)take_number(words), &some, &error);
    say_fate(fate, &error);
    say(" %d", some);
}

static void publish(void *context, struct words *words)
{
    struct self *self = context;
    struct hr_str fields[2];
    fields[0] = take(words);
    fields[1] = take(words);
    struct hr_error error;
    say_fate(self->store.publish(self->store.self, fields, 2, &error), &error);
}

static void manifest(void *context, struct words *words)
{
    struct self *self = context;
    struct hr_str *fields;
    size_t count = 0;
    struct hr_error error;
    enum hr_fate fate =
        self->store.published(self->store.self, words->arena, &fields, &count, &error);
    say_fate(fate, &error);
    for (size_t i = 0; fate == HR_OK && i < count; i++) {
        say_word(fields[i]);
    }
}

static bool say_view(void *context, struct hr_str account, const struct hr_str *view, size_t count)
{
    size_t *most = context;
    say_word(account);
    say(" %zu", count);
    for (size_t i = 0; i < count; i++) {
        say_word(view[i]);
    }
    return --*most > 0;
}

/* views MOST: (ACCOUNT STRINGS (STRING)…)… FATE */
static void views(void *context, struct words *words)
{
    struct self *self = context;
    size_t most = (size_t)take_number(words);
    struct hr_error error;
    enum hr_fate fate = hr_redis_views(&self->store, say_view, &most, &error);
    say(" ");
    say_fate(fate, &error);
}

static void tell_clock(void *context, struct words *words)
{
    struct self *self = context;
    (void)words;
    struct hr_time now = {0};
    struct hr_error error;
    say_fate(self->store.clock(self->store.self, &now, &error), &error);
    say(" %lld", (long long)now.us);
}

/* state URL: ok VERSION POLICY USED MAX */
static void state(void *context, struct words *words)
{
    struct self *self = context;
    struct hr_redis_settings settings = {.log = &self->log, .url = take(words)};
    struct hr_redis_state found;
    struct hr_error error;
    say_fate(hr_redis_state(&settings, &found, &error), &error);
    say_word(hr_str(found.version));
    say_word(hr_str(found.policy));
    say(" %llu %llu", (unsigned long long)found.used_memory, (unsigned long long)found.max_memory);
}

static const struct shell_command commands[] = {
    {"open", open_store},
    {"close", close_store},
    {"reconnect", reconnect},
    {"load", load},
    {"timers", timers},
    {"submit", submit},
    {"many", many},
    {"fetch", fetch},
    {"settle", settle},
    {"clear", clear},
    {"publish", publish},
    {"manifest", manifest},
    {"views", views},
    {"clock", tell_clock},
    {"state", state},
    {NULL, NULL},
};

int main(void)
{
    struct self self = {.log = {HR_DEBUG, STDERR_FILENO}};
    shell(commands, &self);
    hr_redis_close(&self.store);
    return 0;
}
