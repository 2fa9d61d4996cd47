/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of an event, while they are read: what each way of reading a record fills, and the
 * checks that all of them share. */
#ifndef HEADROOM_CODEC_PARTS_H
#define HEADROOM_CODEC_PARTS_H

#include "decode.h"

struct hr_decoder {
    const struct hr_zones *zones;
    struct hr_document record, inner; /* inner: the JSON inside a string of the record */
};

struct hr_reading {
    struct hr_decoder *decoder;
    const struct hr_rules *rules;
    struct hr_arena *arena;
    struct hr_event *event; /* account, source, id and type as read; at NULL: absent */
    char *detail;
    struct hr_str time; /* as written; at NULL: none */
    const struct hr_document *json;
    uint32_t data;        /* in json; HR_JSON_NONE: none, or opaque */
    struct hr_str opaque; /* data that is not JSON; at NULL: it is, or there is none */
    struct hr_str except; /* member that is not part of the body; at NULL: all are */
};

/* The three ways of reading. The first and the last want the record parsed and its root to be an
 * object. */
HR_MUST enum hr_reason hr_read_structured(struct hr_reading *reading);
HR_MUST enum hr_reason hr_read_binary(
    struct hr_reading *reading, const struct hr_log_record *record);
HR_MUST enum hr_reason hr_read_fields(struct hr_reading *reading, const struct hr_format *format);
/* As the Kafka binding of CloudEvents says: the content type decides, then the headers. */
bool hr_is_binary(const struct hr_log_record *record);

/* The beginning of a text, escaped, for the detail. */
const char *hr_part_show(const struct hr_reading *reading, struct hr_str text);
/* `what` names the text in the detail. */
HR_MUST enum hr_reason hr_part_parse(
    struct hr_reading *reading, struct hr_document *json, struct hr_str text, const char *what);
/* A part as text: a string, or where `numbers` a number as it is written. Absent and null leave
 * `text` as it is. */
HR_MUST enum hr_reason hr_part_read(struct hr_reading *reading, uint32_t node, struct hr_str name,
    bool numbers, struct hr_str *text);
/* What every event must have, whatever its format: account, id and type. */
HR_MUST enum hr_reason hr_part_check(struct hr_reading *reading);
HR_MUST enum hr_reason hr_part_bad_time(struct hr_reading *reading, const char *must);
/* reading->time into event->time; without one nothing. */
HR_MUST enum hr_reason hr_part_rfc3339(struct hr_reading *reading);

#endif
