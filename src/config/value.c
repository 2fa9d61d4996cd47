/* SPDX-License-Identifier: Apache-2.0 */
/* One value by its row of the table: its grammar (scalar.c, literal.c), its bounds and, where it
 * says how to connect, the environment. */
#include "value.h"

#include "scalar.h"

/* --------------------------------------------------------- environment */

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

/* Puts the environment's values in place of ${NAME}; `all_set` is false after a complaint about one
 * that is not set. The result is never quoted in a complaint. */
static const char *expand(const struct hr_reading *reading, struct hr_connection *connection,
    const struct hr_path *path, bool *all_set)
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
            *all_set = false;
        }
        connection->from_environment = true;
        at += len + 3;
    }
    connection->value = hr_arena_copy(reading->arena, hr_buffer_str(&out));
    hr_buffer_clean_up(&out);
    return problem;
}

static const char *too_long(const struct hr_reading *reading, const struct hr_field *field)
{
    return hr_arena_printf(
        reading->complainer->arena, "must be at most %lld bytes long", (long long)field->most)
        .at;
}

static const char *read_connection(const struct hr_reading *reading, const struct hr_field *field,
    struct hr_str text, const struct hr_path *path, struct hr_connection *connection)
{
    *connection = (struct hr_connection){.written = text};
    bool all_set = true;
    const char *problem = expand(reading, connection, path, &all_set);
    if (!problem) {
        problem = hr_check_printable(connection->written, field->flags & HR_LINES);
    }
    if (!problem) {
        problem = hr_check_printable(connection->value, field->flags & HR_LINES);
    }
    if (!problem && (int64_t)connection->value.len > field->most) {
        problem = too_long(reading, field);
    }
    if (!problem && all_set && (int64_t)connection->value.len < field->least) {
        problem = "is empty";
    }
    return problem;
}

static const char *read_text(const struct hr_reading *reading, const struct hr_field *field,
    struct hr_str text, struct hr_str *out)
{
    *out = text;
    if (hr_asks_environment(text)) {
        return "takes nothing from the environment; only values that say how to connect do";
    }
    if ((int64_t)text.len < field->least) {
        return "is empty";
    }
    if (field->most && (int64_t)text.len > field->most) {
        return too_long(reading, field);
    }
    return hr_check_printable(text, false);
}

static const char *read_choice(const struct hr_reading *reading, const struct hr_field *field,
    struct hr_str text, unsigned *choice)
{
    struct hr_str known[16];
    struct hr_buffer list = {0};
    unsigned count = 0;
    for (; field->choices[count] && count < 16; count++) {
        known[count] = hr_str(field->choices[count]);
        if (hr_str_equal(text, known[count])) {
            *choice = count;
            hr_buffer_clean_up(&list);
            return NULL;
        }
        bool last = !field->choices[count + 1];
        hr_put_printf(&list, "%s%s", count == 0 ? "" : last ? " or " : ", ", field->choices[count]);
    }
    struct hr_str problem =
        hr_arena_printf(reading->complainer->arena, "must be %.*s%s", (int)list.len,
            (const char *)list.at, hr_did_you_mean(reading->complainer, text, known, count));
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

/* Bounds are those of the count. */
static const char *read_budget(const struct hr_reading *reading, const struct hr_field *field,
    struct hr_str text, struct hr_budget *budget)
{
    struct hr_str rest = hr_trim(text);
    struct hr_str count_text = hr_take_word(&rest), per = hr_take_word(&rest);
    int64_t count, within;
    if (!hr_str_is(per, "per") || hr_read_integer(count_text, &count) ||
        !hr_duration_parse(rest, &within) || within == 0) {
        return "must be a budget such as 2 per 30d";
    }
    *budget = (struct hr_budget){(uint32_t)count, within};
    return check_bounds(reading, field, count);
}

static const char *read_number(const struct hr_reading *reading, const struct hr_field *field,
    struct hr_str text, int64_t *number)
{
    const char *problem = field->type == HR_TYPE_SIZE       ? hr_read_size(text, number)
                          : field->type == HR_TYPE_DURATION ? hr_read_duration(text, number)
                                                            : hr_read_integer(text, number);
    return problem ? problem : check_bounds(reading, field, *number);
}

static const char *read_text_of_type(const struct hr_reading *reading, const struct hr_field *field,
    struct hr_str text, struct hr_str *out)
{
    const char *problem = read_text(reading, field, text, out);
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

size_t hr_value_size(const struct hr_field *field)
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
    case HR_TYPE_BUDGET:
        return sizeof(struct hr_budget);
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
    case HR_TYPE_MAPPING:
        return sizeof(struct hr_format_field);
    case HR_TYPE_LITERALS:
    case HR_TYPE_CLAUSE:
    case HR_TYPE_TREE:
    case HR_TYPE_LEVEL:
        break;
    }
    return 0;
}

const char *hr_read_scalar(const struct hr_reading *reading, const struct hr_field *field,
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
        return read_text_of_type(reading, field, text, out);
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
    case HR_TYPE_BUDGET:
        return read_budget(reading, field, text, out);
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
    case HR_TYPE_MAPPING:
        return hr_read_mapping(text, out);
    case HR_TYPE_LITERALS:
    case HR_TYPE_CLAUSE:
    case HR_TYPE_TREE:
    case HR_TYPE_LEVEL:
        break;
    }
    return "cannot stand here";
}
