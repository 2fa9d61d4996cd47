/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of an event, while they are read: what each way of reading a record fills, and the
 * checks that all of them share. */
#ifndef HEADROOM_CODEC_PARTS_H
#define HEADROOM_CODEC_PARTS_H

#include "decode.h"

struct hr_decoder {
    const struct hr_zones *zones;
    struct hr_document record, inner; /* inner: the JSON inside a string of the record */
    struct hr_document native;        /* a foreign event's data, told as EVENTS.md has them */
    struct hr_buffer native_text;
};

struct hr_reading {
    struct hr_decoder *decoder;
    const struct hr_rules *rules;
    struct hr_arena *arena;
    struct hr_event *event; /* account, source, id and type as read; at NULL: absent */
    char *detail;
    struct hr_str time; /* as written; at NULL: none */
    const struct hr_document *json;
    uint32_t now;         /* `_now` of the record, where the way of reading has met it */
    uint32_t data;        /* in json; HR_JSON_NONE: none, or opaque */
    struct hr_str opaque; /* data that is not JSON; at NULL: it is, or there is none */
    struct hr_str except; /* member that is not part of the body; at NULL: all are */
    const struct hr_format *format;
    uint32_t base; /* of the record: where the event begins, which may be wrapped */
    const struct hr_format_event *row; /* what makes a foreign event an account event; or NULL */
    bool ignored;                      /* nobody's: neither an event nor a dead letter */
};

/* The three ways of reading. The first and the last want the record parsed and its root to be an
 * object. */
HR_MUST enum hr_reason hr_read_structured(struct hr_reading *reading);
HR_MUST enum hr_reason hr_read_binary(
    struct hr_reading *reading, const struct hr_log_record *record);
HR_MUST enum hr_reason hr_read_fields(struct hr_reading *reading);
/* The row of the format's events that the record is, or NULL. reading->event->type is read. */
const struct hr_format_event *hr_format_row(struct hr_reading *reading);
/* A foreign account event: what reading->row and the format say of it as a fact. */
HR_MUST enum hr_reason hr_translate(struct hr_reading *reading);
/* The first of a format's places, from a node of the record, that is there and not null. `null`
 * (may be NULL) becomes true when one is there as null. */
uint32_t hr_part_first(const struct hr_reading *reading, uint32_t from,
    const struct hr_str places[HR_FORMAT_PLACES], struct hr_str *place, bool *null);
/* As the Kafka binding of CloudEvents says: the content type decides, then the headers. */
bool hr_is_binary(const struct hr_log_record *record);

/* A number in one of the HR_AS_UNIX notations of moments; of days it is false. */
HR_MUST bool hr_unix_parse(struct hr_str text, enum hr_notation notation, struct hr_time *time);

/* The beginning of a text, escaped, for the detail. */
const char *hr_part_show(const struct hr_reading *reading, struct hr_str text);
/* `what` names the text in the detail. */
HR_MUST enum hr_reason hr_part_parse(
    struct hr_reading *reading, struct hr_document *json, struct hr_str text, const char *what);
/* A part as text: a string, or where `numbers` a number as it is written. Absent and null leave
 * `text` as it is. */
HR_MUST enum hr_reason hr_part_read_other(struct hr_reading *reading, uint32_t node,
    struct hr_str name, bool numbers, struct hr_str *text);
HR_MUST static inline enum hr_reason hr_part_read(struct hr_reading *reading, uint32_t node,
    struct hr_str name, bool numbers, struct hr_str *text)
{
    const struct hr_document *json = &reading->decoder->record;
    if (node != HR_JSON_NONE && json->nodes[node].kind == HR_JSON_STRING) {
        *text = hr_document_text(json, node, reading->arena);
        return HR_REASON_NONE;
    }
    return hr_part_read_other(reading, node, name, numbers, text);
}
/* What every event must have, whatever its format: account, id and type. */
HR_MUST enum hr_reason hr_part_check(struct hr_reading *reading);
HR_MUST enum hr_reason hr_part_bad_time(struct hr_reading *reading, const char *must);
/* reading->time into event->time; without one nothing. */
HR_MUST enum hr_reason hr_part_rfc3339(struct hr_reading *reading);

#endif
