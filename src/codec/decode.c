/* SPDX-License-Identifier: Apache-2.0 */
/* The mapping engine: one reader for every format.
 *
 * A record becomes the parts of an event (account, source, id, type, time, data) in one of three
 * ways: CloudEvents in the value (structured), CloudEvents in headers (binary), or a JSON object
 * with pointers that say where the parts are. Everything behind that point is the same for all:
 * what must be there, the hashes, the fields that meters want, account events; what a billing
 * system sends is told in the words of EVENTS.md before (translate.c).
 *
 * The order of the checks is an order of blame: JSON, then who and what (bad_event), then when
 * (bad_time), then the data (bad_value). The account is read first, so that a dead letter names it
 * whenever it can be read.
 *
 * Identity and body are part of stored state; how they are made may never change:
 *   identity = hash(id, seed hash(source, 0))
 *   body     = hash(data, seed hash(time as written, seed hash(type, 0)))
 * with strings unescaped and data without the white space between its tokens, so that an event
 * hashes alike in structured and in binary mode, however it is spaced. An event without data has
 * the hash of what comes before it. The order of keys is part of the body. An id of several parts
 * is those that are there with / between them, a part that is no scalar as the hash of its text.
 *
 * Nothing here allocates but from the arena, and nothing that was not asked for is copied. */
#include "headroom/hash.h"
#include "parts.h"

#include <string.h>

#define KEPT_BYTES (1 << 20) /* of a buffer that a huge record needed */

struct hr_decoder *hr_decoder_new(const struct hr_zones *zones)
{
    struct hr_decoder *decoder = hr_alloc(sizeof *decoder);
    decoder->zones = zones;
    hr_document_init(&decoder->record);
    hr_document_init(&decoder->inner);
    hr_document_init(&decoder->native);
    return decoder;
}

void hr_decoder_destroy(struct hr_decoder *decoder)
{
    if (!decoder) {
        return;
    }
    hr_document_clean_up(&decoder->record);
    hr_document_clean_up(&decoder->inner);
    hr_document_clean_up(&decoder->native);
    hr_buffer_clean_up(&decoder->native_text);
    hr_free(decoder);
}

/* --- what follows for all -------------------------------------------------------------------- */

static void hash(struct hr_reading *reading)
{
    struct hr_event *event = reading->event;
    event->identity = hr_hash64(event->id, hr_hash64(event->source, 0));
    event->body = hr_hash64(reading->time, hr_hash64(event->type, 0));
    if (reading->opaque.at) {
        event->body = hr_hash64(reading->opaque, event->body);
    } else if (reading->data != HR_JSON_NONE) {
        event->body = hr_document_hash(
            reading->json, reading->data, reading->except, reading->arena, event->body);
    }
}

static enum hr_reason read_data(struct hr_reading *reading)
{
    struct hr_event *event = reading->event;
    if (reading->data != HR_JSON_NONE && reading->json->nodes[reading->data].kind == HR_JSON_NULL) {
        reading->data = HR_JSON_NONE;
    }
    hash(reading);
    if (reading->row) {
        return hr_translate(reading);
    }
    int index = hr_rules_find_type(reading->rules, event->type);
    if (index < 0) {
        /* Types of a foreign system are not those of EVENTS.md, even where they sound alike. */
        const struct hr_fact_type *type =
            reading->format->event_count ? NULL : hr_fact_type_find(event->type);
        return type ? hr_read_fact(type, reading->json, reading->data, reading->decoder->zones,
                          reading->arena, &event->fact, reading->detail)
                    : HR_REASON_NONE;
    }
    event->usage = &reading->rules->types[index];
    struct hr_value *values =
        hr_arena_take(reading->arena, event->usage->field_count * sizeof *values);
    for (size_t i = 0; i < event->usage->field_count; i++) {
        uint32_t node = reading->data == HR_JSON_NONE ? HR_JSON_NONE
                                                      : hr_document_find(reading->json,
                                                            reading->data, event->usage->fields[i]);
        hr_read_value(reading->json, node, reading->arena, &values[i]);
    }
    event->values = values;
    return HR_REASON_NONE;
}

static enum hr_reason read_object(struct hr_reading *reading, struct hr_str text)
{
    enum hr_reason reason = hr_part_parse(reading, &reading->decoder->record, text, "value");
    if (reason) {
        return reason;
    }
    if (reading->decoder->record.nodes[0].kind != HR_JSON_OBJECT) {
        return hr_reject_event(reading->detail, HR_BAD_EVENT, "not an object");
    }
    return reading->format->shape == HR_SHAPE_FIELDS ? hr_read_fields(reading)
                                                     : hr_read_structured(reading);
}

/* When a line came. It is no part of the event: where the whole line is the data, the body is
 * hashed without it. */
static enum hr_reason read_now(
    struct hr_reading *reading, const struct hr_format *format, struct hr_time *now)
{
    const struct hr_document *json = &reading->decoder->record;
    uint32_t node = format->shape == HR_SHAPE_CLOUDEVENTS
                        ? reading->now
                        : hr_document_member(json, 0, HR_STR("_now"));
    if (reading->json == json && reading->data == 0) {
        reading->except = HR_STR("_now");
    }
    if (node == HR_JSON_NONE || hr_time_parse(hr_document_text(json, node, reading->arena), now)) {
        return HR_REASON_NONE;
    }
    return hr_reject_event(reading->detail, HR_BAD_TIME, "_now: must be RFC 3339, is %s",
        hr_part_show(reading, hr_document_raw(json, node)));
}

static enum hr_reason finish(struct hr_reading *reading, enum hr_reason reason)
{
    if (!reason && reading->ignored) {
        reading->event->account = (struct hr_str){NULL, 0};
    } else if (!reason) {
        reason = read_data(reading);
    }
    hr_document_trim(&reading->decoder->record);
    hr_document_trim(&reading->decoder->inner);
    hr_document_trim(&reading->decoder->native);
    if (reading->decoder->native_text.room > KEPT_BYTES) {
        hr_buffer_clean_up(&reading->decoder->native_text);
    }
    return reason;
}

static struct hr_reading begin(struct hr_decoder *decoder, const struct hr_format *format,
    const struct hr_rules *rules, struct hr_arena *arena, struct hr_event *event, char *detail)
{
    memset(event, 0, sizeof *event);
    event->time = HR_TIME_NONE;
    *detail = '\0';
    return (struct hr_reading){.decoder = decoder,
        .format = format,
        .rules = rules,
        .arena = arena,
        .event = event,
        .detail = detail,
        .json = &decoder->record,
        .now = HR_JSON_NONE,
        .data = HR_JSON_NONE};
}

enum hr_reason hr_decode(struct hr_decoder *decoder, const struct hr_format *format,
    const struct hr_rules *rules, const struct hr_log_record *record, struct hr_arena *arena,
    struct hr_event *event, char detail[HR_DETAIL])
{
    struct hr_reading reading = begin(decoder, format, rules, arena, event, detail);
    bool binary =
        format->shape == HR_SHAPE_CLOUDEVENTS && record->header_count > 0 && hr_is_binary(record);
    return finish(
        &reading, binary ? hr_read_binary(&reading, record) : read_object(&reading, record->value));
}

size_t hr_decoder_expect(struct hr_decoder *decoder, const struct hr_str *lines, size_t count)
{
    return hr_document_expect(&decoder->record, lines, count);
}

enum hr_reason hr_decode_line(struct hr_decoder *decoder, const struct hr_format *format,
    const struct hr_rules *rules, struct hr_str line, struct hr_arena *arena,
    struct hr_event *event, struct hr_time *now, char detail[HR_DETAIL])
{
    struct hr_reading reading = begin(decoder, format, rules, arena, event, detail);
    *now = HR_TIME_NONE;
    enum hr_reason reason = read_object(&reading, line);
    if (!reason) {
        reason = read_now(&reading, format, now);
    }
    return finish(&reading, reason);
}
