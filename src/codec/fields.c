/* SPDX-License-Identifier: Apache-2.0 */
/* Events as JSON objects in which pointers say where the parts stand: every format but CloudEvents,
 * a vendor's (presets.c) as well as a user's own.
 *
 * Where a format has events of its own, the type is read before anything else: of what a billing
 * system sends most is nobody's, need not even name an account, and is no dead letter. */
#include "parts.h"

#include <inttypes.h>

static uint32_t find(const struct hr_reading *reading, uint32_t from, struct hr_str pointer)
{
    return pointer.len == 0 ? HR_JSON_NONE
                            : hr_document_find(&reading->decoder->record, from, pointer);
}

static bool is_null(const struct hr_reading *reading, uint32_t node)
{
    return reading->decoder->record.nodes[node].kind == HR_JSON_NULL;
}

uint32_t hr_part_first(const struct hr_reading *reading, uint32_t from,
    const struct hr_str places[HR_FORMAT_PLACES], struct hr_str *place, bool *null)
{
    for (size_t i = 0; i < HR_FORMAT_PLACES && places[i].len; i++) {
        uint32_t node = find(reading, from, places[i]);
        if (node == HR_JSON_NONE) {
            continue;
        }
        *place = places[i];
        if (!is_null(reading, node)) {
            return node;
        }
        if (null) {
            *null = true;
        }
    }
    return HR_JSON_NONE;
}

static enum hr_reason read_pointer(
    struct hr_reading *reading, struct hr_str pointer, struct hr_str *text)
{
    return hr_part_read(reading, find(reading, reading->base, pointer), pointer, true, text);
}

static enum hr_reason read_account(struct hr_reading *reading)
{
    struct hr_str place = HR_STR("");
    uint32_t node = hr_part_first(reading, reading->base, reading->format->accounts, &place, NULL);
    return hr_part_read(reading, node, place, true, &reading->event->account);
}

/* --- id -------------------------------------------------------------------------------------- */

static struct hr_str part_of_id(const struct hr_reading *reading, uint32_t node)
{
    const struct hr_document *json = &reading->decoder->record;
    if (json->nodes[node].kind != HR_JSON_OBJECT && json->nodes[node].kind != HR_JSON_ARRAY) {
        return hr_document_text(json, node, reading->arena);
    }
    struct hr_str all = {NULL, 0};
    return hr_arena_printf(
        reading->arena, "%016" PRIx64, hr_document_hash(json, node, all, reading->arena, 0));
}

static enum hr_reason read_id(struct hr_reading *reading)
{
    const struct hr_str *places = reading->format->id;
    struct hr_str *id = &reading->event->id;
    if (!places[1].len) {
        return read_pointer(reading, places[0], id);
    }
    for (size_t i = 0; i < HR_FORMAT_PLACES && places[i].len; i++) {
        uint32_t node = find(reading, reading->base, places[i]);
        if (node == HR_JSON_NONE || is_null(reading, node)) {
            continue;
        }
        struct hr_str part = part_of_id(reading, node);
        *id = id->at ? hr_arena_join(reading->arena, *id, "/", part) : part;
    }
    return HR_REASON_NONE;
}

/* --- time ------------------------------------------------------------------------------------ */

#define YEAR_1 INT64_C(-62135596800)
#define YEAR_10000 INT64_C(253402300800)

/* Seconds or milliseconds since 1970, cut to microseconds towards the past. */
static bool read_unix(struct hr_str text, __int128 units_per_us, struct hr_time *time)
{
    struct hr_decimal number;
    if (hr_decimal_parse(text, &number) != HR_DECIMAL_OK) {
        return false;
    }
    __int128 us = number.units / units_per_us - (number.units % units_per_us < 0);
    if (us < (__int128)YEAR_1 * HR_SECOND || us >= (__int128)YEAR_10000 * HR_SECOND) {
        return false;
    }
    time->us = (int64_t)us;
    return true;
}

#define PER_SECOND (HR_DECIMAL_ONE.units / HR_SECOND)

bool hr_unix_parse(struct hr_str text, enum hr_notation notation, struct hr_time *time)
{
    switch (notation) {
    case HR_AS_UNIX_S:
        return read_unix(text, PER_SECOND, time);
    case HR_AS_UNIX_MS:
        return read_unix(text, PER_SECOND * 1000, time);
    case HR_AS_UNIX_US:
        return read_unix(text, PER_SECOND * 1000000, time);
    default:
        return false;
    }
}

static enum hr_reason read_time(struct hr_reading *reading)
{
    struct hr_time *time = &reading->event->time;
    if (!reading->time.at) {
        return HR_REASON_NONE;
    }
    switch (reading->format->notation) {
    case HR_TIME_RFC3339:
        break;
    case HR_TIME_UNIX_S:
        return hr_unix_parse(reading->time, HR_AS_UNIX_S, time)
                   ? HR_REASON_NONE
                   : hr_part_bad_time(reading, "unix seconds");
    case HR_TIME_UNIX_MS:
        return hr_unix_parse(reading->time, HR_AS_UNIX_MS, time)
                   ? HR_REASON_NONE
                   : hr_part_bad_time(reading, "unix milliseconds");
    case HR_TIME_ANY:
        if (hr_unix_parse(reading->time, HR_AS_UNIX_S, time) ||
            hr_time_parse(reading->time, time)) {
            return HR_REASON_NONE;
        }
        return hr_part_bad_time(reading, "RFC 3339 or unix seconds");
    }
    return hr_part_rfc3339(reading);
}

/* --- data ------------------------------------------------------------------------------------ */

/* Data that is JSON inside a string becomes a document of its own. */
static enum hr_reason open_text(struct hr_reading *reading)
{
    const struct hr_document *json = &reading->decoder->record;
    if (reading->data == HR_JSON_NONE) {
        return HR_REASON_NONE;
    }
    if (json->nodes[reading->data].kind != HR_JSON_STRING) {
        return hr_reject_event(reading->detail, HR_BAD_EVENT,
            "data: must be JSON in a string, is %s",
            hr_part_show(reading, hr_document_raw(json, reading->data)));
    }
    struct hr_str text = hr_document_text(json, reading->data, reading->arena);
    reading->data = text.len == 0 ? HR_JSON_NONE : 0;
    reading->json = &reading->decoder->inner;
    return text.len == 0 ? HR_REASON_NONE
                         : hr_part_parse(reading, &reading->decoder->inner, text, "data");
}

static enum hr_reason find_data(struct hr_reading *reading)
{
    const struct hr_format *format = reading->format;
    struct hr_str place;
    reading->data = format->data[0].len
                        ? hr_part_first(reading, reading->base, format->data, &place, NULL)
                        : reading->base;
    return format->data_is_text ? open_text(reading) : HR_REASON_NONE;
}

/* --- all of it ------------------------------------------------------------------------------- */

/* Type and row. What nobody names is told from the rest here. */
static enum hr_reason read_type(struct hr_reading *reading)
{
    const struct hr_format *format = reading->format;
    enum hr_reason reason = read_pointer(reading, format->type, &reading->event->type);
    if (reason || format->event_count == 0 || reading->event->type.len == 0) {
        return reason;
    }
    const struct hr_format_event *row = hr_format_row(reading);
    reading->row = row && row->is.len ? row : NULL;
    reading->ignored =
        !reading->row && hr_rules_find_type(reading->rules, reading->event->type) < 0;
    return HR_REASON_NONE;
}

enum hr_reason hr_read_fields(struct hr_reading *reading)
{
    const struct hr_format *format = reading->format;
    const struct hr_document *json = &reading->decoder->record;
    struct hr_event *event = reading->event;
    uint32_t wrapped = find(reading, 0, format->inside);
    reading->base =
        wrapped != HR_JSON_NONE && json->nodes[wrapped].kind == HR_JSON_OBJECT ? wrapped : 0;
    event->type = format->type_is;
    event->source = format->source_is;
    enum hr_reason reason = format->event_count ? read_type(reading) : HR_REASON_NONE;
    if (reason || reading->ignored) {
        return reason;
    }
    reason = read_account(reading);
    if (!reason) {
        reason = read_id(reading);
    }
    if (!reason) {
        reason = read_pointer(reading, format->source, &event->source);
    }
    if (!reason && !format->event_count) {
        reason = read_type(reading);
    }
    if (!reason) {
        reason = hr_part_check(reading);
    }
    if (reason) {
        return reason;
    }
    struct hr_str place;
    uint32_t time = hr_part_first(reading, reading->base, format->time, &place, NULL);
    if (time != HR_JSON_NONE) {
        reading->time = hr_document_text(json, time, reading->arena);
    }
    reason = read_time(reading);
    return reason ? reason : find_data(reading);
}
