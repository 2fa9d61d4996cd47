/* SPDX-License-Identifier: Apache-2.0 */
/* Walks the table and the settings. Block style for levels, one line for lists of values, and
 * quotes around whatever YAML readers might take for something else than text. A value from the
 * environment is printed as it was written. */
#include "print.h"

#include "scalar.h"
#include "table.h"

#include <strings.h>

static void print_level(struct hr_buffer *buffer, const struct hr_level_table *level,
    const char *base, unsigned depth, bool only_deciding);

static void indent(struct hr_buffer *buffer, unsigned depth)
{
    hr_put_printf(buffer, "%*s", (int)(2 * depth), "");
}

/* --------------------------------------------------------------- strings */

/* Plain words of YAML 1.1 that are not text. */
static bool is_reserved_word(struct hr_str text)
{
    static const char *const words[] = {
        "true", "false", "yes", "no", "on", "off", "y", "n", "null"};
    for (size_t i = 0; i < sizeof(words) / sizeof *words; i++) {
        if (text.len == strlen(words[i]) && strncasecmp(text.at, words[i], text.len) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Text that needs no quotes anywhere: begins with a letter or /, and holds nothing that means
 * something to YAML. */
static bool is_plain(struct hr_str text)
{
    if (text.len == 0 || is_reserved_word(text) || (!is_letter(text.at[0]) && text.at[0] != '/')) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        if (!is_letter(c) && !(c >= '0' && c <= '9') && !memchr("_-./", c, 4)) {
            return false;
        }
    }
    return true;
}

/* The code point at the text's begin, which is UTF-8. */
static uint32_t code_point(const char *text, size_t *len)
{
    const unsigned char *at = (const unsigned char *)text;
    *len = at[0] < 0x80 ? 1 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;
    uint32_t point = *len == 1 ? at[0] : at[0] & (0xffu >> (*len + 1));
    for (size_t i = 1; i < *len; i++) {
        point = point << 6 | (at[i] & 0x3f);
    }
    return point;
}

/* What YAML refuses, folds into white space or takes for a byte order mark. */
static bool needs_escape(uint32_t point)
{
    return point < 0x20 || (point >= 0x7f && point < 0xa0) || point == 0x2028 || point == 0x2029 ||
           point == 0xfeff || point == 0xfffe || point == 0xffff;
}

void hr_print_quoted(struct hr_buffer *buffer, struct hr_str text)
{
    hr_put_u8(buffer, '"');
    for (size_t i = 0, len; i < text.len; i += len) {
        uint32_t point = code_point(text.at + i, &len);
        if (point == '"' || point == '\\') {
            hr_put_printf(buffer, "\\%c", (int)point);
        } else if (needs_escape(point)) {
            hr_put_printf(buffer, "\\u%04x", point);
        } else {
            hr_put_bytes(buffer, text.at + i, len);
        }
    }
    hr_put_u8(buffer, '"');
}

static void print_text(struct hr_buffer *buffer, struct hr_str text)
{
    if (is_plain(text)) {
        hr_put_bytes(buffer, text.at, text.len);
    } else {
        hr_print_quoted(buffer, text);
    }
}

/* --------------------------------------------------------------- values */

static void print_from(struct hr_buffer *buffer, const struct hr_from_setting *from)
{
    if (from->from == HR_FROM_TIME) {
        hr_print_moment(&from->moment, buffer);
    } else {
        hr_put_printf(buffer, from->from == HR_FROM_LATEST ? "latest" : "earliest");
    }
}

static void print_decimal(struct hr_buffer *buffer, struct hr_decimal value)
{
    char text[HR_DECIMAL_TEXT];
    hr_put_bytes(buffer, text, hr_decimal_print(value, text));
}

static void print_condition(struct hr_buffer *buffer, const struct hr_condition_setting *condition)
{
    struct hr_buffer text = {0};
    hr_print_condition(condition, &text);
    hr_print_quoted(buffer, hr_buffer_str(&text));
    hr_buffer_clean_up(&text);
}

static void print_clause(struct hr_buffer *buffer, const struct hr_clause_setting *clause)
{
    if (clause->any_count == 1) {
        print_condition(buffer, clause->any);
        return;
    }
    hr_put_printf(buffer, "any: [");
    for (size_t i = 0; i < clause->any_count; i++) {
        hr_put_printf(buffer, i ? ", " : "");
        print_condition(buffer, &clause->any[i]);
    }
    hr_put_printf(buffer, "]");
}

static void print_mapping(struct hr_buffer *buffer, const struct hr_format_field *field)
{
    struct hr_buffer text = {0};
    hr_print_mapping(field, &text);
    print_text(buffer, hr_buffer_str(&text));
    hr_buffer_clean_up(&text);
}

static void print_literals(struct hr_buffer *buffer, const struct hr_literals_setting *literals)
{
    hr_put_printf(buffer, "[");
    for (size_t i = 0; i < literals->count; i++) {
        hr_put_printf(buffer, i ? ", " : "");
        hr_print_literal(&literals->at[i], buffer);
    }
    hr_put_printf(buffer, "]");
}

/* One value that takes no line of its own. */
static void print_value(struct hr_buffer *buffer, const struct hr_field *field, const void *value)
{
    switch (field->type) {
    case HR_TYPE_TEXT:
    case HR_TYPE_NAME:
    case HR_TYPE_TOPIC:
    case HR_TYPE_POINTER:
    case HR_TYPE_CURRENCY:
    case HR_TYPE_SIGNAL:
        print_text(buffer, *(const struct hr_str *)value);
        break;
    case HR_TYPE_CONNECTION:
        print_text(buffer, ((const struct hr_connection *)value)->written);
        break;
    case HR_TYPE_INTEGER:
        hr_put_printf(buffer, "%lld", (long long)*(const int64_t *)value);
        break;
    case HR_TYPE_SIZE:
        hr_print_size(*(const int64_t *)value, buffer);
        break;
    case HR_TYPE_DURATION:
        hr_print_duration(*(const int64_t *)value, buffer);
        break;
    case HR_TYPE_FLAG:
        hr_put_printf(buffer, *(const bool *)value ? "true" : "false");
        break;
    case HR_TYPE_CHOICE:
        hr_put_printf(buffer, "%s", field->choices[*(const unsigned *)value]);
        break;
    case HR_TYPE_MOMENT:
        hr_print_moment(value, buffer);
        break;
    case HR_TYPE_FROM:
        print_from(buffer, value);
        break;
    case HR_TYPE_BUDGET:
        hr_put_printf(buffer, "%u per ", (unsigned)((const struct hr_budget *)value)->count);
        hr_print_duration(((const struct hr_budget *)value)->within_us, buffer);
        break;
    case HR_TYPE_RATE:
        print_decimal(buffer, *(const struct hr_decimal *)value);
        break;
    case HR_TYPE_QUOTA:
        hr_print_quota(value, buffer);
        break;
    case HR_TYPE_LITERAL:
        hr_print_literal(value, buffer);
        break;
    case HR_TYPE_LITERALS:
        print_literals(buffer, value);
        break;
    case HR_TYPE_WINDOW: {
        struct hr_str text = ((const struct hr_window *)value)->text;
        hr_put_bytes(buffer, text.at, text.len);
        break;
    }
    case HR_TYPE_WHERE:
        print_condition(buffer, value);
        break;
    case HR_TYPE_MAPPING:
        print_mapping(buffer, value);
        break;
    case HR_TYPE_CLAUSE:
        print_clause(buffer, value);
        break;
    case HR_TYPE_TREE:
    case HR_TYPE_LEVEL:
        break; /* takes lines of its own */
    }
}

/* Optional values without a default may be absent. */
static bool is_absent(const struct hr_field *field, const void *value)
{
    switch (field->type) {
    case HR_TYPE_TEXT:
    case HR_TYPE_NAME:
    case HR_TYPE_TOPIC:
    case HR_TYPE_POINTER:
        return ((const struct hr_str *)value)->at == NULL;
    case HR_TYPE_MOMENT:
        return ((const struct hr_moment *)value)->kind == HR_MOMENT_ABSENT;
    case HR_TYPE_WINDOW:
        return ((const struct hr_window *)value)->text.at == NULL;
    case HR_TYPE_LITERAL:
        return ((const struct hr_written *)value)->text.at == NULL;
    case HR_TYPE_BUDGET:
        return ((const struct hr_budget *)value)->count == 0;
    case HR_TYPE_INTEGER:
        return !field->fallback && !(field->flags & HR_REQUIRED) && *(const int64_t *)value == 0;
    default:
        return false;
    }
}

/* --------------------------------------------------- lists, maps, levels */

static void print_in_line(
    struct hr_buffer *buffer, const struct hr_field *field, const char *entries, size_t count)
{
    hr_put_printf(buffer, " [");
    for (size_t i = 0; i < count; i++) {
        hr_put_printf(buffer, i ? ", " : "");
        print_value(buffer, field, entries + i * field->entry_size);
    }
    hr_put_printf(buffer, "]\n");
}

static void print_list_entry(
    struct hr_buffer *buffer, const struct hr_field *field, const char *entry, unsigned depth)
{
    if (field->type != HR_TYPE_LEVEL) {
        indent(buffer, depth);
        hr_put_printf(buffer, "- ");
        print_value(buffer, field, entry);
        hr_put_printf(buffer, "\n");
        return;
    }
    /* The dash takes the place of the first key's indentation. */
    size_t from = buffer->len;
    print_level(buffer, field->level, entry, depth + 1, false);
    buffer->at[from + 2 * (size_t)depth] = '-';
}

static void print_map_entry(
    struct hr_buffer *buffer, const struct hr_field *field, const char *entry, unsigned depth)
{
    struct hr_str key;
    memcpy(&key, entry, sizeof key);
    indent(buffer, depth);
    print_text(buffer, key);
    hr_put_printf(buffer, ":");
    if (field->type != HR_TYPE_LEVEL) {
        hr_put_printf(buffer, " ");
        print_value(buffer, field, entry + field->entry_offset);
        hr_put_printf(buffer, "\n");
        return;
    }
    size_t from = buffer->len;
    hr_put_printf(buffer, "\n");
    print_level(buffer, field->level, entry, depth + 1, false);
    if (buffer->len == from + 1) { /* nothing in it */
        buffer->len = from;
        hr_put_printf(buffer, " {}\n");
    }
}

static void print_container(
    struct hr_buffer *buffer, const struct hr_field *field, const char *base, unsigned depth)
{
    const char *entries;
    size_t count;
    memcpy(&entries, base + field->offset, sizeof entries);
    memcpy(&count, base + field->count_offset, sizeof count);
    if (count == 0 && !((field->flags & HR_EMPTY_SAYS) && entries)) {
        return;
    }
    indent(buffer, depth);
    hr_put_printf(buffer, "%s:", field->name);
    if (field->flags & HR_BRIEF) {
        print_in_line(buffer, field, entries, count);
        return;
    }
    hr_put_printf(buffer, "\n");
    for (size_t i = 0; i < count; i++) {
        const char *entry = entries + i * field->entry_size;
        if (field->shape == HR_LIST) {
            print_list_entry(buffer, field, entry, depth + 1);
        } else {
            print_map_entry(buffer, field, entry, depth + 1);
        }
    }
}

static void print_one(
    struct hr_buffer *buffer, const struct hr_field *field, const char *base, unsigned depth)
{
    const char *value = base + field->offset;
    if (is_absent(field, value)) {
        return;
    }
    size_t from = buffer->len;
    indent(buffer, depth);
    hr_put_printf(buffer, "%s:", field->name);
    if (field->type != HR_TYPE_LEVEL) {
        hr_put_printf(buffer, " ");
        print_value(buffer, field, value);
        hr_put_printf(buffer, "\n");
        return;
    }
    hr_put_printf(buffer, "\n");
    size_t inner = buffer->len;
    print_level(buffer, field->level, value, depth + 1, false);
    if (buffer->len == inner) {
        buffer->len = from;
    } /* nothing in it: nothing to say */
}

static void print_level(struct hr_buffer *buffer, const struct hr_level_table *level,
    const char *base, unsigned depth, bool only_deciding)
{
    for (size_t i = 0; i < level->count; i++) {
        const struct hr_field *field = &level->fields[i];
        if (only_deciding && !(field->flags & HR_DECIDES)) {
            continue;
        }
        if (field->shape == HR_ONE) {
            print_one(buffer, field, base, depth);
        } else {
            print_container(buffer, field, base, depth);
        }
    }
}

void hr_print_settings(
    const struct hr_settings *settings, bool only_deciding, struct hr_buffer *buffer)
{
    print_level(buffer, &hr_table, (const char *)settings, 0, only_deciding);
}
