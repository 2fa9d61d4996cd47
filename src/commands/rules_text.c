/* SPDX-License-Identifier: Apache-2.0 */
/* The canonical text has a line a key, indented by two spaces a level, and a dash before each entry
 * of a list: so each line's path follows from the lines above it, and two texts are compared as two
 * lists of paths. Lists are compared by position. */
#include "rules_text.h"

#include "headroom/str.h"

#include <string.h>

#define DEEPEST 32

struct setting {
    struct hr_str path, value;
    bool matched; /* the other text has the path */
};
struct settings {
    struct setting *at;
    size_t count;
};

struct level {
    struct hr_str key; /* with its path */
    unsigned entries;  /* of a list seen so far */
};

static struct hr_str join(struct hr_arena *arena, struct hr_str path, struct hr_str key)
{
    return path.len == 0
               ? key
               : hr_arena_printf(arena, "%.*s.%.*s", (int)path.len, path.at, (int)key.len, key.at);
}

/* `key: value` or `key:`; a key in quotes may hold a colon. */
static size_t key_end(struct hr_str line)
{
    size_t at = 0;
    if (line.len > 0 && line.at[0] == '"') {
        for (at = 1; at < line.len && line.at[at] != '"'; at++) {
            at += line.at[at] == '\\';
        }
    }
    while (at < line.len && line.at[at] != ':') {
        at++;
    }
    return at;
}

static void take_line(
    struct settings *settings, struct level *levels, struct hr_str line, struct hr_arena *arena)
{
    size_t depth = 1;
    while (line.len >= 2 && line.at[0] == ' ' && line.at[1] == ' ' && depth + 2 < DEEPEST) {
        line = (struct hr_str){line.at + 2, line.len - 2};
        depth++;
    }
    if (line.len >= 2 && line.at[0] == '-') { /* its keys stand one level deeper */
        levels[depth] =
            (struct level){.key = hr_arena_printf(arena, "%.*s[%u]", (int)levels[depth - 1].key.len,
                               levels[depth - 1].key.at, levels[depth - 1].entries++)};
        line = (struct hr_str){line.at + 2, line.len - 2};
        depth++;
    }
    size_t end = key_end(line);
    struct hr_str key = {line.at, end};
    struct hr_str path = join(arena, levels[depth - 1].key, key);
    levels[depth] = (struct level){.key = path};
    if (end + 2 < line.len) {
        struct hr_str value = {line.at + end + 2, line.len - end - 2};
        settings->at[settings->count++] = (struct setting){.path = path, .value = value};
    } else if (end == line.len) { /* an entry of a list that is a value by itself */
        settings->at[settings->count++] =
            (struct setting){.path = levels[depth - 1].key, .value = key};
    }
}

static struct settings read_text(struct hr_str text, struct hr_arena *arena)
{
    struct level levels[DEEPEST + 1] = {0};
    struct settings settings = {0};
    size_t lines = 1;
    for (size_t i = 0; i < text.len; i++) {
        lines += text.at[i] == '\n';
    }
    settings.at = hr_arena_zeroed(arena, lines * sizeof *settings.at);
    for (size_t from = 0; from < text.len;) {
        const char *end = memchr(text.at + from, '\n', text.len - from);
        size_t len = end ? (size_t)(end - text.at) - from : text.len - from;
        take_line(&settings, levels, (struct hr_str){text.at + from, len}, arena);
        from += len + 1;
    }
    return settings;
}

static struct setting *find(struct settings *settings, struct hr_str path)
{
    for (size_t i = 0; i < settings->count; i++) {
        if (hr_str_equal(settings->at[i].path, path)) {
            return &settings->at[i];
        }
    }
    return NULL;
}

size_t hr_rules_changes(struct hr_str before, struct hr_str after, struct hr_arena *arena,
    struct hr_setting_change **changes)
{
    struct settings old = read_text(before, arena), new = read_text(after, arena);
    size_t count = 0, gone = 0;
    *changes = hr_arena_zeroed(arena, (old.count + new.count + 1) * sizeof **changes);
    for (size_t i = 0; i < new.count; i++) {
        struct setting *was = find(&old, new.at[i].path);
        if (was) {
            was->matched = true;
        }
    }
    for (size_t i = 0; i < new.count; i++) {
        struct setting *was = find(&old, new.at[i].path);
        for (; was && gone < (size_t)(was - old.at); gone++) {
            if (!old.at[gone].matched) {
                (*changes)[count++] = (struct hr_setting_change){
                    .path = old.at[gone].path, .before = old.at[gone].value};
            }
        }
        if (!was || !hr_str_equal(was->value, new.at[i].value)) {
            (*changes)[count++] = (struct hr_setting_change){.path = new.at[i].path,
                .before = was ? was->value : (struct hr_str){NULL, 0},
                .after = new.at[i].value};
        }
    }
    for (; gone < old.count; gone++) {
        if (!old.at[gone].matched) {
            (*changes)[count++] =
                (struct hr_setting_change){.path = old.at[gone].path, .before = old.at[gone].value};
        }
    }
    return count;
}
