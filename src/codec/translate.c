/* SPDX-License-Identifier: Apache-2.0 */
/* What a billing system sends, told in the words of EVENTS.md.
 *
 * A foreign event is not read into a fact by itself: its fields are written down as the data of the
 * native event that its row names, and those are read as any other (fact.c). So there is one judge
 * of what an account event may say, and a format is pointers and notations, nothing more. What is
 * wrong is told with the place where it stands in the foreign record.
 *
 * A field that is absent or null at all its places is left out; null is passed on only where it
 * says something itself (a renewal date that is no more, an attribute to be forgotten). */
#include "translate.h"

#include <string.h>

/* --- tests ----------------------------------------------------------------------------------- */

static bool test_holds(const struct hr_reading *reading, const struct hr_format_test *test)
{
    const struct hr_document *json = &reading->decoder->record;
    struct hr_value value, other;
    uint32_t node = hr_document_find(json, reading->base, test->at);
    hr_read_value(json, node, reading->arena, &value);
    if (!test->other.len) {
        return hr_value_holds(&value, test->operator, & test->literal);
    }
    node = hr_document_find(json, reading->base, test->other);
    hr_read_value(json, node, reading->arena, &other);
    if (other.kind == HR_VALUE_MISSING || other.kind == HR_VALUE_NULL) {
        return false;
    }
    struct hr_literal literal = {.kind = other.fits ? HR_LITERAL_NUMBER : HR_LITERAL_TEXT,
        .number = other.number,
        .text = other.text};
    return hr_value_holds(&value, test->operator, & literal);
}

static bool row_is(const struct hr_reading *reading, const struct hr_format_event *row)
{
    size_t i = 0;
    while (i < HR_FORMAT_TYPES && !hr_str_equal(row->types[i], reading->event->type)) {
        i++;
    }
    if (i == HR_FORMAT_TYPES) {
        return false;
    }
    for (uint16_t test = 0; test < row->test_count; test++) {
        if (!test_holds(reading, &row->tests[test])) {
            return false;
        }
    }
    return true;
}

const struct hr_format_event *hr_format_row(struct hr_reading *reading)
{
    for (uint16_t i = 0; i < reading->format->event_count; i++) {
        if (row_is(reading, &reading->format->events[i])) {
            return &reading->format->events[i];
        }
    }
    return NULL;
}

/* --- fields of an event ---------------------------------------------------------------------- */

/* The row's own before the format's. */
const struct hr_format_field *hr_translation_field(const struct hr_translation *t, size_t index)
{
    const struct hr_format_event *row = t->reading->row;
    return index < row->field_count ? &row->fields[index]
                                    : &t->reading->format->fields[index - row->field_count];
}

size_t hr_translation_fields(const struct hr_translation *t)
{
    return (size_t)t->reading->row->field_count + t->reading->format->field_count;
}

static bool is_named_before(const struct hr_translation *t, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (hr_str_equal(hr_translation_field(t, i)->name, hr_translation_field(t, index)->name)) {
            return true;
        }
    }
    return false;
}

/* --- all of it ------------------------------------------------------------------------------- */

#define LIMITS "limits."

static enum hr_reason put_member(
    struct hr_translation *t, const struct hr_format_field *field, struct hr_str name)
{
    size_t begin = t->out->len;
    bool given = false;
    struct hr_str place = {NULL, 0};
    uint8_t before = t->out->at[t->out->len - 1];
    hr_put_printf(t->out, "%s", before == '{' ? "" : ",");
    hr_put_json_string(t->out, name);
    hr_put_u8(t->out, ':');
    enum hr_reason reason = hr_translate_value(t, field, &given, &place);
    if (reason || !given) {
        t->out->len = begin;
        return reason;
    }
    if (place.at) {
        t->origins[t->origin_count++] = (struct hr_origin){field->name, place};
    }
    return HR_REASON_NONE;
}

/* Fields that the event takes: entries of limits, or all others. */
static enum hr_reason put_fields(struct hr_translation *t, bool limits)
{
    enum hr_reason reason = HR_REASON_NONE;
    for (size_t i = 0; i < hr_translation_fields(t) && !reason; i++) {
        const struct hr_format_field *field = hr_translation_field(t, i);
        if (hr_str_starts(field->name, LIMITS) != limits || is_named_before(t, i) ||
            !hr_account_event_takes(t->reading->row->is, field->name)) {
            continue;
        }
        struct hr_str name = field->name;
        if (limits) {
            name = (struct hr_str){name.at + strlen(LIMITS), name.len - strlen(LIMITS)};
        }
        reason = put_member(t, field, name);
    }
    return reason;
}

static enum hr_reason put_limits(struct hr_translation *t)
{
    size_t begin = t->out->len;
    hr_put_printf(t->out, "%s\"limits\":{", begin > 1 ? "," : "");
    size_t empty = t->out->len;
    enum hr_reason reason = put_fields(t, true);
    if (t->out->len == empty) {
        t->out->len = begin;
    } else {
        hr_put_u8(t->out, '}');
    }
    return reason;
}

/* Members of the data that no field names, as they are. */
static void put_rest(struct hr_translation *t)
{
    const struct hr_json_node *nodes = t->json->nodes;
    uint32_t data = t->reading->data;
    if (!t->reading->format->data_are_fields || data == HR_JSON_NONE ||
        t->reading->json != t->json || nodes[data].kind != HR_JSON_OBJECT) {
        return;
    }
    for (uint32_t key = data + 1; key < nodes[data].next; key = nodes[key + 1].next) {
        struct hr_str name = hr_document_text(t->json, key, t->reading->arena);
        bool named = false;
        for (size_t i = 0; i < hr_translation_fields(t) && !named; i++) {
            named = hr_str_equal(hr_translation_field(t, i)->name, name);
        }
        bool null = nodes[key + 1].kind == HR_JSON_NULL && !hr_fact_takes_null(t->type, name);
        if (named || null) {
            continue;
        }
        struct hr_str written = hr_document_raw(t->json, key);
        struct hr_str value = hr_document_raw(t->json, key + 1);
        hr_put_printf(t->out, "%s", t->out->len > 1 ? "," : "");
        hr_put_bytes(t->out, written.at, written.len);
        hr_put_u8(t->out, ':');
        hr_put_bytes(t->out, value.at, value.len);
    }
}

/* "data.plan: must be …" becomes "/data/object/plan/id: must be …": the place in the record. */
static void tell_place(const struct hr_translation *t)
{
    static const char data[] = "data.";
    char *detail = t->reading->detail;
    const char *colon = strchr(detail, ':');
    if (strncmp(detail, data, strlen(data)) != 0 || !colon) {
        return;
    }
    struct hr_str name = {detail + strlen(data), (size_t)(colon - detail) - strlen(data)};
    for (size_t i = 0; i < t->origin_count; i++) {
        struct hr_str field = t->origins[i].name;
        bool limit = hr_str_is(name, "limits") && hr_str_starts(field, LIMITS);
        if (!hr_str_equal(field, name) && !limit) {
            continue;
        }
        struct hr_str place = t->origins[i].place;
        struct hr_str said =
            hr_arena_printf(t->reading->arena, "%.*s%s", (int)place.len, place.at, colon);
        size_t len = said.len < HR_DETAIL - 1 ? said.len : HR_DETAIL - 1;
        memcpy(detail, said.at, len);
        detail[len] = '\0';
        return;
    }
}

enum hr_reason hr_translate(struct hr_reading *reading)
{
    struct hr_decoder *decoder = reading->decoder;
    struct hr_translation *t = hr_arena_zeroed(reading->arena, sizeof *t);
    t->reading = reading;
    t->json = &decoder->record;
    t->type = hr_fact_type_find(reading->row->is);
    t->out = &decoder->native_text;
    t->origins = hr_arena_take(reading->arena, (hr_translation_fields(t) + 1) * sizeof *t->origins);
    hr_buffer_clear(t->out);
    hr_put_u8(t->out, '{');
    enum hr_reason reason = put_fields(t, false);
    if (!reason) {
        reason = put_limits(t);
    }
    if (reason) {
        return reason;
    }
    put_rest(t);
    hr_put_u8(t->out, '}');
    struct hr_str text = hr_arena_copy(reading->arena, hr_buffer_str(t->out));
    reason = hr_part_parse(reading, &decoder->native, text, "data");
    if (!reason) {
        reason = hr_read_fact(t->type, &decoder->native, 0, decoder->zones, reading->arena,
            &reading->event->fact, reading->detail);
    }
    if (reason) {
        tell_place(t);
    }
    return reason;
}
