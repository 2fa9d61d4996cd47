/* SPDX-License-Identifier: Apache-2.0 */
/* Events as JSON objects in which pointers say where the parts stand: every format but CloudEvents,
 * a vendor's (presets.c) as well as a user's own. */
#include "parts.h"

static uint32_t find(const struct hr_reading *reading, struct hr_str pointer)
{
    return pointer.len == 0 ? HR_JSON_NONE
                            : hr_document_find(&reading->decoder->record, 0, pointer);
}

static enum hr_reason read_pointer(
    struct hr_reading *reading, struct hr_str pointer, struct hr_str *text)
{
    return hr_part_read(reading, find(reading, pointer), pointer, true, text);
}

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

static enum hr_reason read_time(struct hr_reading *reading, enum hr_time_notation notation)
{
    struct hr_time *time = &reading->event->time;
    const __int128 per_s = HR_DECIMAL_ONE.units / HR_SECOND, per_ms = per_s * 1000;
    if (!reading->time.at) {
        return HR_REASON_NONE;
    }
    switch (notation) {
    case HR_TIME_RFC3339:
        break;
    case HR_TIME_UNIX_S:
        return read_unix(reading->time, per_s, time) ? HR_REASON_NONE
                                                     : hr_part_bad_time(reading, "unix seconds");
    case HR_TIME_UNIX_MS:
        return read_unix(reading->time, per_ms, time)
                   ? HR_REASON_NONE
                   : hr_part_bad_time(reading, "unix milliseconds");
    case HR_TIME_ANY:
        if (read_unix(reading->time, per_s, time) || hr_time_parse(reading->time, time)) {
            return HR_REASON_NONE;
        }
        return hr_part_bad_time(reading, "RFC 3339 or unix seconds");
    }
    return hr_part_rfc3339(reading);
}

/* Data that is JSON inside a string becomes a document of its own. */
static enum hr_reason open_text(struct hr_reading *reading)
{
    const struct hr_document *json = &reading->decoder->record;
    if (reading->data == HR_JSON_NONE || json->nodes[reading->data].kind == HR_JSON_NULL) {
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

enum hr_reason hr_read_fields(struct hr_reading *reading, const struct hr_format *format)
{
    const struct hr_document *json = &reading->decoder->record;
    struct hr_event *event = reading->event;
    enum hr_reason reason = HR_REASON_NONE;
    event->type = format->type_is;
    event->source = format->source_is;
    for (size_t i = 0; i < HR_FORMAT_ACCOUNTS && !reason && !event->account.at; i++) {
        reason = read_pointer(reading, format->accounts[i], &event->account);
    }
    if (!reason) {
        reason = read_pointer(reading, format->id, &event->id);
    }
    if (!reason) {
        reason = read_pointer(reading, format->source, &event->source);
    }
    if (!reason) {
        reason = read_pointer(reading, format->type, &event->type);
    }
    if (!reason) {
        reason = hr_part_check(reading);
    }
    if (reason) {
        return reason;
    }
    uint32_t time = find(reading, format->time);
    if (time != HR_JSON_NONE && json->nodes[time].kind != HR_JSON_NULL) {
        reading->time = hr_document_text(json, time, reading->arena);
    }
    reason = read_time(reading, format->notation);
    if (reason) {
        return reason;
    }
    reading->data = hr_document_find(json, 0, format->data);
    return format->data_is_text ? open_text(reading) : HR_REASON_NONE;
}
