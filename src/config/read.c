/* SPDX-License-Identifier: Apache-2.0 */
/* Walks a level of the table and a map of the file side by side. Checks what a value is by itself:
 * known, of its type, within its bounds. What values mean together is asked later (check.c,
 * meter.c, rule.c), so that here no key has a name. */
#include "read.h"

#include "headroom/nearest.h"
#include "scalar.h"
#include "table.h"

static void read_level(const struct hr_reading *reading, const struct hr_level_table *level,
    const struct hr_node *node, const struct hr_path *path, char *base);

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

static bool is_name(const char *at, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        bool letter = (at[i] >= 'A' && at[i] <= 'Z') || (at[i] >= 'a' && at[i] <= 'z');
        bool digit = at[i] >= '0' && at[i] <= '9';
        if (at[i] != '_' && !letter && !(digit && i > 0)) {
            return false;
        }
    }
    return len > 0;
}

/* Puts the environment's values in place of ${NAME}. The result is never quoted in a complaint. */
static const char *expand(
    const struct hr_reading *reading, struct hr_connection *connection, const struct hr_path *path)
{
    struct hr_str from = connection->written;
    struct hr_buffer out = {0};
    const char *problem = NULL;
    for (size_t at = 0; at < from.len && !problem;) {
        if (from.len - at < 2 || from.at[at] != '$' || from.at[at + 1] != '{') {
            hr_put_u8(&out, (uint8_t)from.at[at++]);
            continue;
        }
        const char *name = from.at + at + 2;
        const char *end = memchr(name, '}', (size_t)(from.at + from.len - name));
        size_t len = end ? (size_t)(end - name) : 0;
        if (!is_name(name, len)) {
            problem = "holds a ${ that is not followed by a name and }";
            break;
        }
        struct hr_str copy = hr_arena_printf(reading->arena, "%.*s", (int)len, name);
        const char *value =
            reading->environment ? reading->environment(reading->context, copy.at) : NULL;
        if (value) {
            hr_put_bytes(&out, value, strlen(value));
        } else {
            hr_complain(reading->complainer, path,
                "wants %s from the environment, which is not set", copy.at);
        }
        connection->from_environment = true;
        at += len + 3;
    }
    connection->value = hr_arena_copy(reading->arena, hr_buffer_str(&out));
    hr_buffer_clean_up(&out);
    return problem;
}

static const char *read_connection(const struct hr_reading *reading, const struct hr_field *field,
    struct hr_str text, const struct hr_path *path, struct hr_connection *connection)
{
    *connection = (struct hr_connection){.written = text};
    const char *problem = expand(reading, connection, path);
    if (!problem) {
        problem = hr_check_printable(connection->written, field->flags & HR_LINES);
    }
    if (!problem) {
        problem = hr_check_printable(connection->value, field->flags & HR_LINES);
    }
    if (!problem && (int64_t)connection->value.len > field->most) {
        problem = "is longer than it may be";
    }
    /* An unset name leaves nothing, about which there was a complaint already. */
    if (!problem && !connection->from_environment && (int64_t)text.len < field->least) {
        problem = "is empty";
    }
    return problem;
}

static const char *read_text(const struct hr_field *field, struct hr_str text, struct hr_str *out)
{
    *out = text;
    if (hr_asks_environment(text)) {
        return "takes nothing from the environment; only values that say how to connect do";
    }
    if ((int64_t)text.len < field->least) {
        return "is empty";
    }
    if (field->most && (int64_t)text.len > field->most) {
        return "is longer than it may be";
    }
    return hr_check_printable(text, false);
}

static const char *read_choice(const struct hr_reading *reading, const struct hr_field *field,
    struct hr_str text, unsigned *choice)
{
    size_t count = 0;
    for (; field->choices[count]; count++) {
        if (hr_str_is(text, field->choices[count])) {
            *choice = (unsigned)count;
            return NULL;
        }
    }
    struct hr_buffer list = {0};
    for (size_t i = 0; i < count; i++) {
        hr_put_printf(&list, "%s%s",
            i == 0           ? ""
            : i + 1 == count ? " or "
                             : ", ",
            field->choices[i]);
    }
    struct hr_str problem =
        hr_arena_printf(reading->arena, "must be %.*s", (int)list.len, (const char *)list.at);
    hr_buffer_clean_up(&list);
    return problem.at;
}

static const char *read_from(struct hr_str text, struct hr_from_setting *from)
{
    *from = (struct hr_from_setting){.from = HR_FROM_EARLIEST};
    if (hr_str_is(text, "earliest")) {
        return NULL;
    }
    from->from = HR_FROM_LATEST;
    if (hr_str_is(text, "latest")) {
        return NULL;
    }
    from->from = HR_FROM_TIME;
    return hr_read_moment(text, &from->moment) ? "must be earliest, latest, a date or a time"
                                               : NULL;
}

static const char *read_rate(struct hr_str text, struct hr_decimal *rate)
{
    if (hr_decimal_parse(text, rate) != HR_DECIMAL_OK || rate->units <= 0) {
        return "must be a number above zero";
    }
    return NULL;
}

static const char *read_where(struct hr_str text, struct hr_condition_setting *where)
{
    const char *problem = hr_read_condition(text, where);
    return problem ? problem : hr_check_pointer(where->subject);
}

/* A bound as a user would write it. */
static struct hr_str bound_text(
    const struct hr_reading *reading, const struct hr_field *field, int64_t bound)
{
    struct hr_buffer text = {0};
    if (field->type == HR_TYPE_SIZE) {
        hr_print_size(bound, &text);
    } else if (field->type == HR_TYPE_DURATION) {
        hr_print_duration(bound, &text);
    } else {
        hr_put_printf(&text, "%lld", (long long)bound);
    }
    struct hr_str copy = hr_arena_copy(reading->arena, hr_buffer_str(&text));
    hr_buffer_clean_up(&text);
    return copy;
}

static const char *check_bounds(
    const struct hr_reading *reading, const struct hr_field *field, int64_t value)
{
    if ((field->least == 0 && field->most == 0) ||
        (value >= field->least && value <= field->most)) {
        return NULL;
    }
    struct hr_str least = bound_text(reading, field, field->least);
    struct hr_str most = bound_text(reading, field, field->most);
    return hr_arena_printf(reading->arena, "must be between %.*s and %.*s", (int)least.len,
        least.at, (int)most.len, most.at)
        .at;
}

static const char *read_number(const struct hr_reading *reading, const struct hr_field *field,
    struct hr_str text, int64_t *number)
{
    const char *problem = field->type == HR_TYPE_SIZE       ? hr_read_size(text, number)
                          : field->type == HR_TYPE_DURATION ? hr_read_duration(text, number)
                                                            : hr_read_integer(text, number);
    return problem ? problem : check_bounds(reading, field, *number);
}

static const char *read_text_of_type(
    const struct hr_field *field, struct hr_str text, struct hr_str *out)
{
    const char *problem = read_text(field, text, out);
    if (problem) {
        return problem;
    }
    switch (field->type) {
    case HR_TYPE_NAME:
        return hr_check_name(text);
    case HR_TYPE_TOPIC:
        return hr_check_topic(text);
    case HR_TYPE_POINTER:
        return hr_check_pointer(text);
    case HR_TYPE_CURRENCY:
        return hr_check_currency(text);
    default:
        return NULL;
    }
}

/* Of one value that stands in a scalar. */
static size_t value_size(const struct hr_field *field)
{
    switch (field->type) {
    case HR_TYPE_TEXT:
    case HR_TYPE_NAME:
    case HR_TYPE_TOPIC:
    case HR_TYPE_POINTER:
    case HR_TYPE_CURRENCY:
    case HR_TYPE_SIGNAL:
        return sizeof(struct hr_str);
    case HR_TYPE_CONNECTION:
        return sizeof(struct hr_connection);
    case HR_TYPE_INTEGER:
    case HR_TYPE_SIZE:
    case HR_TYPE_DURATION:
        return sizeof(int64_t);
    case HR_TYPE_FLAG:
        return sizeof(bool);
    case HR_TYPE_CHOICE:
        return sizeof(unsigned);
    case HR_TYPE_MOMENT:
        return sizeof(struct hr_moment);
    case HR_TYPE_FROM:
        return sizeof(struct hr_from_setting);
    case HR_TYPE_RATE:
        return sizeof(struct hr_decimal);
    case HR_TYPE_QUOTA:
        return sizeof(struct hr_quota);
    case HR_TYPE_LITERAL:
        return sizeof(struct hr_written);
    case HR_TYPE_WINDOW:
        return sizeof(struct hr_window);
    case HR_TYPE_WHERE:
        return sizeof(struct hr_condition_setting);
    case HR_TYPE_CLAUSE:
    case HR_TYPE_LEVEL:
        break;
    }
    return 0;
}

/* One value that stands in a scalar. */
static const char *read_scalar(const struct hr_reading *reading, const struct hr_field *field,
    struct hr_str text, const struct hr_path *path, void *out)
{
    const char *control = hr_check_printable(text, field->flags & HR_LINES);
    if (control) {
        return control;
    }
    switch (field->type) {
    case HR_TYPE_TEXT:
    case HR_TYPE_NAME:
    case HR_TYPE_TOPIC:
    case HR_TYPE_POINTER:
    case HR_TYPE_CURRENCY:
    case HR_TYPE_SIGNAL:
        return read_text_of_type(field, text, out);
    case HR_TYPE_CONNECTION:
        return read_connection(reading, field, text, path, out);
    case HR_TYPE_INTEGER:
    case HR_TYPE_SIZE:
    case HR_TYPE_DURATION:
        return read_number(reading, field, text, out);
    case HR_TYPE_FLAG:
        return hr_read_flag(text, out);
    case HR_TYPE_CHOICE:
        return read_choice(reading, field, text, out);
    case HR_TYPE_MOMENT:
        return hr_read_moment(text, out);
    case HR_TYPE_FROM:
        return read_from(text, out);
    case HR_TYPE_RATE:
        return read_rate(text, out);
    case HR_TYPE_QUOTA:
        return hr_read_quota(text, out);
    case HR_TYPE_LITERAL:
        return hr_read_literal(text, out);
    case HR_TYPE_WINDOW:
        return hr_read_window(text, out);
    case HR_TYPE_WHERE:
        return read_where(text, out);
    case HR_TYPE_CLAUSE:
    case HR_TYPE_LEVEL:
        break;
    }
    return "cannot stand here";
}

/* ------------------------------------------------ clauses and containers */

static void read_condition(const struct hr_reading *reading, const struct hr_node *node,
    const struct hr_path *path, struct hr_condition_setting *condition)
{
    if (!want_scalar(reading, node, path)) {
        return;
    }
    const char *problem = hr_check_printable(node->text, false);
    if (!problem && node->text.len > 512) {
        problem = "is longer than it may be";
    }
    if (!problem) {
        problem = hr_read_condition(node->text, condition);
    }
    if (problem) {
        hr_complain(reading->complainer, path, "%s", problem);
        *condition = (struct hr_condition_setting){0};
    }
}

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

/* One value of the field, whatever its type. */
static void read_value(const struct hr_reading *reading, const struct hr_field *field,
    const struct hr_node *node, const struct hr_path *path, void *out)
{
    if (field->type == HR_TYPE_LEVEL) {
        read_level(reading, field->level, node, path, out);
    } else if (field->type == HR_TYPE_CLAUSE) {
        read_clause(reading, node, path, out);
    } else if (want_scalar(reading, node, path)) {
        const char *problem = read_scalar(reading, field, node->text, path, out);
        if (problem) {
            hr_complain(reading->complainer, path, "%s", problem);
            memset(out, 0, value_size(field));
        }
    }
}

static void check_key(const struct hr_reading *reading, const struct hr_field *field,
    struct hr_str key, const struct hr_path *path)
{
    static const struct hr_field text = {.least = 1, .most = 256};
    struct hr_str ignored;
    const char *problem = field->key == HR_TYPE_NAME       ? hr_check_name(key)
                          : field->key == HR_TYPE_CURRENCY ? hr_check_currency(key)
                                                           : read_text(&text, key, &ignored);
    if (problem) {
        hr_complain(reading->complainer, path, "%s", problem);
    }
}

/* Entries of a list or map into a new array. */
static void read_entries(const struct hr_reading *reading, const struct hr_field *field,
    const struct hr_node *node, const struct hr_path *path, char *base)
{
    char *entries = hr_arena_zeroed(reading->arena, (node->count + 1) * field->entry_size);
    size_t count = 0;
    for (const struct hr_node *entry = node->first; entry; entry = entry->next, count++) {
        char *out = entries + count * field->entry_size;
        if (field->shape == HR_LIST) {
            struct hr_path place = hr_path_index(path, count);
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
        read_entries(reading, field, node, path, base);
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
        read_level(reading, field->level, &empty, path, base + field->offset);
    } else if (field->fallback) {
        struct hr_node node = {.text = hr_str(field->fallback)};
        read_value(reading, field, &node, path, base + field->offset);
    }
}

static void read_level(const struct hr_reading *reading, const struct hr_level_table *level,
    const struct hr_node *node, const struct hr_path *path, char *base)
{
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
    read_level(reading, &hr_table, root, &top, (char *)settings);
}
