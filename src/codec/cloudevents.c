/* SPDX-License-Identifier: Apache-2.0 */
/* CloudEvents 1.0 and their Kafka binding.
 *
 * In structured mode the value is the event; its attributes are members, `data` among them. In
 * binary mode the attributes are headers with ce_ before their names and the value is the data,
 * which need not be JSON: then no meter finds a field in it, and the body is its bytes. Extension
 * attributes mean nothing here. data_base64 is data that is not JSON. */
#include "parts.h"

#include <string.h>

static enum hr_reason check_cloudevent(struct hr_reading *reading, struct hr_str specversion)
{
    if (!specversion.at) {
        return hr_reject_event(reading->detail, HR_BAD_EVENT, "no specversion");
    }
    if (!hr_str_equal(specversion, HR_STR("1.0"))) {
        return hr_reject_event(reading->detail, HR_BAD_EVENT, "specversion: must be 1.0, is %s",
            hr_part_show(reading, specversion));
    }
    enum hr_reason reason = hr_part_check(reading);
    if (!reason && reading->event->source.len == 0) {
        reason = hr_reject_event(
            reading->detail, HR_BAD_EVENT, "%s source", reading->event->source.at ? "empty" : "no");
    }
    return reason ? reason : hr_part_rfc3339(reading);
}

/* Nodes of the attributes that mean something to us, found in one pass; `_now` is no attribute and
 * means something to decode.c. */
enum attribute { SUBJECT, SPECVERSION, ID, SOURCE, TYPE, TIME, DATA, DATA_BASE64, NOW, ATTRIBUTES };
static const struct hr_str attribute_names[ATTRIBUTES] = {
    [SUBJECT] = {"subject", 7},
    [SPECVERSION] = {"specversion", 11},
    [ID] = {"id", 2},
    [SOURCE] = {"source", 6},
    [TYPE] = {"type", 4},
    [TIME] = {"time", 4},
    [DATA] = {"data", 4},
    [DATA_BASE64] = {"data_base64", 11},
    [NOW] = {"_now", 4},
};

static void find_attributes(
    const struct hr_document *json, struct hr_arena *arena, uint32_t nodes[ATTRIBUTES])
{
    for (int i = 0; i < ATTRIBUTES; i++) {
        nodes[i] = HR_JSON_NONE;
    }
    for (uint32_t key = 1; key < json->nodes[0].next; key = json->nodes[key + 1].next) {
        struct hr_str name = hr_document_text(json, key, arena);
#pragma GCC unroll 9 /* then the names are constants, and no call compares four bytes */
        for (int i = 0; i < ATTRIBUTES; i++) {
            if (hr_str_equal(name, attribute_names[i])) {
                nodes[i] = key + 1;
                break;
            }
        }
    }
}

enum hr_reason hr_read_structured(struct hr_reading *reading)
{
    const struct hr_document *json = &reading->decoder->record;
    struct hr_event *event = reading->event;
    struct hr_str specversion = {NULL, 0};
    struct hr_str *const texts[] = {
        [SUBJECT] = &event->account,
        [SPECVERSION] = &specversion,
        [ID] = &event->id,
        [SOURCE] = &event->source,
        [TYPE] = &event->type,
    };
    uint32_t nodes[ATTRIBUTES];
    find_attributes(json, reading->arena, nodes);
    reading->now = nodes[NOW];
#pragma GCC unroll 5 /* then where each text goes is a constant */
    for (int i = 0; i <= TYPE; i++) {
        enum hr_reason reason =
            hr_part_read(reading, nodes[i], attribute_names[i], false, texts[i]);
        if (reason) {
            return reason;
        }
    }
    if (nodes[TIME] != HR_JSON_NONE && json->nodes[nodes[TIME]].kind != HR_JSON_NULL) {
        reading->time = hr_document_text(json, nodes[TIME], reading->arena);
    }
    enum hr_reason reason = check_cloudevent(reading, specversion);
    if (reason) {
        return reason;
    }
    reading->data = nodes[DATA];
    if (nodes[DATA] == HR_JSON_NONE) {
        reason = hr_part_read(
            reading, nodes[DATA_BASE64], attribute_names[DATA_BASE64], false, &reading->opaque);
    }
    return reason;
}

/* text/json, application/json, …+json; a missing type is JSON, as the specification has it. */
static bool is_json_type(const struct hr_header *header)
{
    static const char json[] = "json";
    if (!header || !header->value.at) {
        return true;
    }
    struct hr_str type = header->value;
    const char *semicolon = memchr(type.at, ';', type.len);
    if (semicolon) {
        type.len = (size_t)(semicolon - type.at);
    }
    while (type.len > 0 && (type.at[type.len - 1] == ' ' || type.at[type.len - 1] == '\t')) {
        type.len--;
    }
    if (type.len < 5) {
        return false;
    }
    const char *last = type.at + type.len - 4;
    for (int i = 0; i < 4; i++) {
        if ((last[i] | 0x20) != json[i]) {
            return false;
        }
    }
    return last[-1] == '/' || last[-1] == '+';
}

enum hr_reason hr_read_binary(struct hr_reading *reading, const struct hr_log_record *record)
{
    struct hr_event *event = reading->event;
    struct hr_str specversion = {NULL, 0};
    const struct {
        const char *name;
        struct hr_str *text;
    } parts[] = {
        {"ce_subject", &event->account},
        {"ce_specversion", &specversion},
        {"ce_id", &event->id},
        {"ce_source", &event->source},
        {"ce_type", &event->type},
        {"ce_time", &reading->time},
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        const struct hr_header *header = hr_record_header(record, parts[i].name);
        if (!header || !header->value.at) {
            continue;
        }
        if (!hr_utf8_valid(header->value)) {
            return hr_reject_event(reading->detail, HR_BAD_EVENT, "%s: not UTF-8", parts[i].name);
        }
        *parts[i].text = header->value;
    }
    enum hr_reason reason = check_cloudevent(reading, specversion);
    if (reason || record->value.len == 0) {
        return reason;
    }
    if (!is_json_type(hr_record_header(record, "content-type"))) {
        reading->opaque = record->value;
        return HR_REASON_NONE;
    }
    reading->data = 0;
    return hr_part_parse(reading, &reading->decoder->record, record->value, "value");
}

bool hr_is_binary(const struct hr_log_record *record)
{
    static const char cloudevents[] = "application/cloudevents";
    const struct hr_header *type = hr_record_header(record, "content-type");
    if (type && hr_str_starts(type->value, cloudevents)) {
        return false;
    }
    return hr_record_header(record, "ce_specversion") != NULL ||
           hr_record_header(record, "ce_id") != NULL;
}
