/* SPDX-License-Identifier: Apache-2.0 */
/* Walks a level of the table and a map of the file side by side. Checks what a value is by itself:
 * known, of its type, within its bounds. What values mean together is asked later (check.c,
 * meter.c, rule.c), so that here no key has a name. */
#include "read.h"

#include "scalar.h"
#include "table.h"
#include "value.h"

/* ------------------------------------------------------------- scalars */

/* NULL after a complaint. */
static const struct hr_node *want_scalar(
    const struct hr_reading *reading, const struct hr_node *node, const struct hr_path *path)
{
    bool nothing =
        node->kind == HR_NODE_SCALAR && node->plain &&
        (node->text.len == 0 || hr_str_is(node->text, "~") || hr_str_is(node->text, "null"));
    if (node->kind != HR_NODE_SCALAR) {
        hr_complain(reading->complainer, path, "must be a single value, not a %s",
            node->kind == HR_NODE_LIST ? "list" : "map");
    } else if (nothing) {
        hr_complain(reading->complainer, path, "has no value");
    } else {
        return node;
    }
    return NULL;
}

/* ------------------------------------------------ clauses and containers */

static void read_condition(const struct hr_reading *reading, const struct hr_node *node,
    const struct hr_path *path, struct hr_condition_setting *condition)
{
    if (!want_scalar(reading, node, path)) {
        return;
    }
    const char *problem = hr_check_printable(node->text, false);
    if (!problem) {
        problem = hr_read_condition(node->text, condition);
    }
    if (problem) {
        hr_complain(reading->complainer, path, "%s", problem);
        *condition = (struct hr_condition_setting){0};
    }
}

static void read_value(const struct hr_reading *reading, const struct hr_field *field,
    const struct hr_node *node, const struct hr_path *path, void *out);

/* "a > 1" or { any: ["a > 1", "b > 1"] }. */
static void read_clause(const struct hr_reading *reading, const struct hr_node *node,
    const struct hr_path *path, struct hr_clause_setting *clause)
{
    *clause = (struct hr_clause_setting){0};
    if (node->kind == HR_NODE_SCALAR) {
        clause->any = hr_arena_zeroed(reading->arena, sizeof *clause->any);
        clause->any_count = 1;
        read_condition(reading, node, path, clause->any);
        return;
    }
    const struct hr_node *any = node->kind == HR_NODE_MAP ? node->first : NULL;
    if (!any || node->count != 1 || !hr_str_is(any->key, "any") || any->kind != HR_NODE_LIST ||
        any->count == 0 || any->count > 32) {
        hr_complain(reading->complainer, path,
            "must be a condition or { any: [condition, ...] } with at most 32 conditions");
        return;
    }
    clause->any = hr_arena_zeroed(reading->arena, any->count * sizeof *clause->any);
    struct hr_path at = hr_path_key(path, any->key);
    for (const struct hr_node *entry = any->first; entry; entry = entry->next) {
        struct hr_path place = hr_path_index(&at, clause->any_count);
        read_condition(reading, entry, &place, &clause->any[clause->any_count++]);
    }
}

static void read_literals(const struct hr_reading *reading, const struct hr_node *node,
    const struct hr_path *path, struct hr_literals_setting *literals)
{
    static const struct hr_field literal = {.type = HR_TYPE_LITERAL};
    *literals = (struct hr_literals_setting){0};
    if (node->kind != HR_NODE_LIST || node->count == 0 || node->count > 32) {
        hr_complain(reading->complainer, path, "must be a list of at most 32 values");
        return;
    }
    literals->at = hr_arena_zeroed(reading->arena, node->count * sizeof *literals->at);
    for (const struct hr_node *entry = node->first; entry; entry = entry->next) {
        struct hr_path place = hr_path_index(path, literals->count);
        read_value(reading, &literal, entry, &place, &literals->at[literals->count++]);
    }
}

/* One value of the field, whatever its type. */
static void read_value(const struct hr_reading *reading, const struct hr_field *field,
    const struct hr_node *node, const struct hr_path *path, void *out)
{
    if (field->type == HR_TYPE_LEVEL) {
        hr_read_level(reading, field->level, node, path, out);
    } else if (field->type == HR_TYPE_CLAUSE) {
        read_clause(reading, node, path, out);
    } else if (field->type == HR_TYPE_LITERALS) {
        read_literals(reading, node, path, out);
    } else if (field->type == HR_TYPE_TREE) {
        memcpy(out, &node, sizeof node);
    } else if (want_scalar(reading, node, path)) {
        const char *problem = hr_read_scalar(reading, field, node->text, path, out);
        if (problem) {
            hr_complain(reading->complainer, path, "%s", problem);
            memset(out, 0, hr_value_size(field));
        }
    }
}

static void check_key(const struct hr_reading *reading, const struct hr_field *field,
    struct hr_str key, const struct hr_path *path)
{
    static const struct hr_field text = {.type = HR_TYPE_TEXT, .least = 1, .most = 256};
    struct hr_str ignored;
    const char *problem = field->key == HR_TYPE_NAME ? hr_check_name(key)
                          : field->key == HR_TYPE_CURRENCY
                              ? hr_check_currency(key)
                              : hr_read_scalar(reading, &text, key, path, &ignored);
    if (problem) {
        hr_complain(reading->complainer, path, "%s", problem);
    }
}

/* Entries of a list or map into a new array. `alone`: the list's brackets were left out, so that
 * its only entry has the list's own path. */
static void read_entries(const struct hr_reading *reading, const struct hr_field *field,
    const struct hr_node *node, bool alone, const struct hr_path *path, char *base)
{
    char *entries = hr_arena_zeroed(reading->arena, (node->count + 1) * field->entry_size);
    size_t count = 0;
    for (const struct hr_node *entry = node->first; entry; entry = entry->next, count++) {
        char *out = entries + count * field->entry_size;
        if (field->shape == HR_LIST) {
            struct hr_path place = alone ? *path : hr_path_index(path, count);
            read_value(reading, field, entry, &place, out);
        } else {
            struct hr_path place = hr_path_key(path, entry->key);
            check_key(reading, field, entry->key, &place);
            read_value(reading, field, entry, &place, out + field->entry_offset);
            memcpy(out, &entry->key, sizeof entry->key);
        }
    }
    memcpy(base + field->offset, &entries, sizeof entries);
    memcpy(base + field->count_offset, &count, sizeof count);
}

static void read_container(const struct hr_reading *reading, const struct hr_field *field,
    const struct hr_node *node, const struct hr_path *path, char *base)
{
    enum hr_node_kind kind = field->shape == HR_LIST ? HR_NODE_LIST : HR_NODE_MAP;
    struct hr_node alone = {.kind = HR_NODE_LIST, .first = NULL, .count = 1};
    struct hr_node only = *node;
    if (node->kind != kind && (field->flags & HR_ONE_ALONE)) {
        only.next = NULL;
        alone.line = node->line;
        alone.first = &only;
        node = &alone;
    }
    if (node->kind != kind) {
        hr_complain(reading->complainer, path, "must be a %s",
            field->shape == HR_LIST ? "list" : "map of names");
    } else if (node->count > field->entries) {
        hr_complain(
            reading->complainer, path, "has %zu entries; at most %u", node->count, field->entries);
    } else if (node->count == 0 && (field->flags & HR_REQUIRED)) {
        hr_complain(reading->complainer, path, "must not be empty");
    } else {
        read_entries(reading, field, node, node == &alone, path, base);
    }
}

/* --------------------------------------------------------------- levels */

static bool is_known_here(const struct hr_reading *reading, const struct hr_level_table *level,
    const struct hr_field *field)
{
    return level != &hr_table || !reading->only_deciding || (field->flags & HR_DECIDES);
}

static void complain_unknown(const struct hr_reading *reading, const struct hr_level_table *level,
    struct hr_str key, const struct hr_path *path)
{
    struct hr_str known[64];
    size_t count = 0;
    for (size_t i = 0; i < level->count && count < 64; i++) {
        if (is_known_here(reading, level, &level->fields[i])) {
            known[count++] = hr_str(level->fields[i].name);
        }
    }
    hr_complain(reading->complainer, path, "is not a known key%s",
        hr_did_you_mean(reading->complainer, key, known, count));
}

static const struct hr_field *find_field(
    const struct hr_reading *reading, const struct hr_level_table *level, struct hr_str key)
{
    for (size_t i = 0; i < level->count; i++) {
        if (hr_str_is(key, level->fields[i].name) &&
            is_known_here(reading, level, &level->fields[i])) {
            return &level->fields[i];
        }
    }
    return NULL;
}

/* What an absent key stands for. */
static void read_absent(const struct hr_reading *reading, const struct hr_field *field,
    const struct hr_path *path, char *base)
{
    if (field->flags & HR_REQUIRED) {
        hr_complain(reading->complainer, path, "is missing");
    } else if (field->type == HR_TYPE_LEVEL && field->shape == HR_ONE) {
        struct hr_node empty = {.kind = HR_NODE_MAP};
        hr_read_level(reading, field->level, &empty, path, base + field->offset);
    } else if (field->fallback) {
        struct hr_node node = {.text = hr_str(field->fallback)};
        read_value(reading, field, &node, path, base + field->offset);
    }
}

void hr_read_level(const struct hr_reading *reading, const struct hr_level_table *level,
    const struct hr_node *node, const struct hr_path *path, void *out)
{
    char *base = out;
    if (node->kind != HR_NODE_MAP) {
        hr_complain(reading->complainer, path, "must be a map of keys and values");
        return;
    }
    for (const struct hr_node *entry = node->first; entry; entry = entry->next) {
        struct hr_path place = hr_path_key(path, entry->key);
        if (!find_field(reading, level, entry->key)) {
            complain_unknown(reading, level, entry->key, &place);
        }
    }
    for (size_t i = 0; i < level->count; i++) {
        const struct hr_field *field = &level->fields[i];
        struct hr_path place = hr_path_key(path, hr_str(field->name));
        const struct hr_node *entry = hr_node_find(node, place.key);
        if (!is_known_here(reading, level, field)) {
            continue;
        }
        if (!entry) {
            read_absent(reading, field, &place, base);
        } else if (field->shape == HR_ONE) {
            read_value(reading, field, entry, &place, base + field->offset);
        } else {
            read_container(reading, field, entry, &place, base);
        }
    }
}

void hr_read_settings(
    const struct hr_reading *reading, const struct hr_node *root, struct hr_settings *settings)
{
    struct hr_path top = {0};
    *settings = (struct hr_settings){0};
    hr_read_level(reading, &hr_table, root, &top, (char *)settings);
}
