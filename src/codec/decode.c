/* SPDX-License-Identifier: Apache-2.0 */
/* The mapping engine: one reader for every format.
 *
 * A record becomes the parts of an event (account, source, id, type, time, data) in one of three
 * ways: CloudEvents in the value (structured), CloudEvents in headers (binary), or a JSON object
 * with pointers that say where the parts are. Everything behind that point is the same for all:
 * what must be there, the hashes, the fields that meters want, account events.
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
 * the hash of what comes before it. The order of keys is part of the body.
 *
 * Nothing here allocates but from the arena, and nothing that was not asked for is copied. */
#include "decode.h"
#include "headroom/hash.h"
#include "headroom/log.h"

#include <string.h>

struct hr_decoder {
    const struct hr_zones *zones;
    struct hr_json record, inner; /* inner: the JSON inside a string of the record */
};

struct hr_decoder *hr_decoder_new(const struct hr_zones *zones)
{
    struct hr_decoder *decoder = hr_alloc(sizeof *decoder);
    decoder->zones = zones;
    hr_json_init(&decoder->record);
    hr_json_init(&decoder->inner);
    return decoder;
}

void hr_decoder_destroy(struct hr_decoder *decoder)
{
    if (!decoder)
        return;
    hr_json_clean_up(&decoder->record);
    hr_json_clean_up(&decoder->inner);
    hr_free(decoder);
}

struct reading {
    struct hr_decoder *decoder;
    const struct hr_rules *rules;
    struct hr_arena *arena;
    struct hr_event *event;
    char *detail;
    struct hr_str time; /* as written; at NULL: none */
    const struct hr_json *json;
    uint32_t data;        /* in json; HR_JSON_NONE: none, or opaque */
    struct hr_str opaque; /* data that is not JSON; at NULL: it is, or there is none */
    struct hr_str except; /* member that is not part of the body; at NULL: all are */
};

static const char *shown(const struct reading *reading, struct hr_str text)
{
    return hr_escape(reading->arena, text, 40);
}

static enum hr_reason parse(
    struct reading *reading, struct hr_json *json, struct hr_str text, const char *what)
{
    if (hr_json_parse(json, text))
        return HR_REASON_NONE;
    return hr_complain(
        reading->detail, HR_BAD_JSON, "%s, byte %zu: %s", what, json->wrong_at, json->wrong);
}

/* --- the parts ------------------------------------------------------------------------------- */

/* A part as text: a string, or where `numbers` a number as it is written. Absent and null leave
 * `text` as it is. */
static enum hr_reason read_part(
    struct reading *reading, uint32_t node, const char *name, bool numbers, struct hr_str *text)
{
    const struct hr_json *json = &reading->decoder->record;
    if (node == HR_JSON_NONE || json->nodes[node].kind == HR_JSON_NULL)
        return HR_REASON_NONE;
    if (json->nodes[node].kind != HR_JSON_STRING &&
        !(numbers && json->nodes[node].kind == HR_JSON_NUMBER))
        return hr_complain(reading->detail, HR_BAD_EVENT, "%s: must be a string%s, is %s", name,
            numbers ? " or a number" : "", shown(reading, hr_json_raw(json, node)));
    *text = hr_json_text(json, node, reading->arena);
    return HR_REASON_NONE;
}

/* What every event must have, whatever its format. */
static enum hr_reason check_parts(struct reading *reading)
{
    const struct hr_event *event = reading->event;
    const struct {
        const char *name;
        struct hr_str text;
    } needed[] = {{"account", event->account}, {"id", event->id}, {"type", event->type}};
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
        if (needed[i].text.len == 0)
            return hr_complain(reading->detail, HR_BAD_EVENT, "%s %s",
                needed[i].text.at ? "empty" : "no", needed[i].name);
    if (event->account.len > HR_ACCOUNT_MOST)
        return hr_complain(reading->detail, HR_BAD_EVENT, "account: %zu bytes, at most %d",
            event->account.len, HR_ACCOUNT_MOST);
    return HR_REASON_NONE;
}

static enum hr_reason bad_time(struct reading *reading, const char *must)
{
    return hr_complain(reading->detail, HR_BAD_TIME, "time: must be %s, is %s", must,
        shown(reading, reading->time));
}

static enum hr_reason read_rfc3339(struct reading *reading)
{
    if (!reading->time.at || hr_time_parse(reading->time, &reading->event->time))
        return HR_REASON_NONE;
    return bad_time(reading, "RFC 3339");
}

/* --- CloudEvents ----------------------------------------------------------------------------- */

static enum hr_reason check_cloudevent(struct reading *reading, struct hr_str specversion)
{
    if (!specversion.at)
        return hr_complain(reading->detail, HR_BAD_EVENT, "no specversion");
    if (!hr_str_equal(specversion, HR_STR("1.0")))
        return hr_complain(reading->detail, HR_BAD_EVENT, "specversion: must be 1.0, is %s",
            shown(reading, specversion));
    enum hr_reason reason = check_parts(reading);
    if (!reason && reading->event->source.len == 0)
        reason = hr_complain(
            reading->detail, HR_BAD_EVENT, "%s source", reading->event->source.at ? "empty" : "no");
    return reason ? reason : read_rfc3339(reading);
}

/* Nodes of the attributes that mean something to us, found in one pass. */
enum attribute { SUBJECT, SPECVERSION, ID, SOURCE, TYPE, TIME, DATA, DATA_BASE64, ATTRIBUTES };
static const struct hr_str attribute_names[ATTRIBUTES] = {
    [SUBJECT] = {"subject", 7},
    [SPECVERSION] = {"specversion", 11},
    [ID] = {"id", 2},
    [SOURCE] = {"source", 6},
    [TYPE] = {"type", 4},
    [TIME] = {"time", 4},
    [DATA] = {"data", 4},
    [DATA_BASE64] = {"data_base64", 11},
};

static void find_attributes(
    const struct hr_json *json, struct hr_arena *arena, uint32_t nodes[ATTRIBUTES])
{
    for (int i = 0; i < ATTRIBUTES; i++)
        nodes[i] = HR_JSON_NONE;
    for (uint32_t key = 1; key < json->nodes[0].next; key = json->nodes[key + 1].next) {
        struct hr_str name = hr_json_text(json, key, arena);
        for (int i = 0; i < ATTRIBUTES; i++) {
            if (hr_str_equal(name, attribute_names[i])) {
                nodes[i] = key + 1;
                break;
            }
        }
    }
}

static enum hr_reason read_structured(struct reading *reading)
{
    const struct hr_json *json = &reading->decoder->record;
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
    for (int i = 0; i <= TYPE; i++) {
        enum hr_reason reason =
            read_part(reading, nodes[i], attribute_names[i].at, false, texts[i]);
        if (reason)
            return reason;
    }
    if (nodes[TIME] != HR_JSON_NONE && json->nodes[nodes[TIME]].kind != HR_JSON_NULL)
        reading->time = hr_json_text(json, nodes[TIME], reading->arena);
    enum hr_reason reason = check_cloudevent(reading, specversion);
    if (reason)
        return reason;
    reading->data = nodes[DATA];
    if (nodes[DATA_BASE64] != HR_JSON_NONE && nodes[DATA] == HR_JSON_NONE)
        reading->opaque = hr_json_raw(json, nodes[DATA_BASE64]);
    return HR_REASON_NONE;
}

/* text/json, application/json, …+json; a missing type is JSON, as the specification has it. */
static bool is_json_type(const struct hr_header *header)
{
    static const char json[] = "json";
    if (!header || !header->value.at)
        return true;
    struct hr_str type = header->value;
    const char *semicolon = memchr(type.at, ';', type.len);
    if (semicolon)
        type.len = (size_t)(semicolon - type.at);
    while (type.len > 0 && (type.at[type.len - 1] == ' ' || type.at[type.len - 1] == '\t'))
        type.len--;
    if (type.len < 5)
        return false;
    const char *last = type.at + type.len - 4;
    for (int i = 0; i < 4; i++)
        if ((last[i] | 0x20) != json[i])
            return false;
    return last[-1] == '/' || last[-1] == '+';
}

static enum hr_reason read_binary(struct reading *reading, const struct hr_log_record *record)
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
        if (!header || !header->value.at)
            continue;
        if (!hr_utf8_valid(header->value))
            return hr_complain(reading->detail, HR_BAD_EVENT, "%s: not UTF-8", parts[i].name);
        *parts[i].text = header->value;
    }
    enum hr_reason reason = check_cloudevent(reading, specversion);
    if (reason || record->value.len == 0)
        return reason;
    if (!is_json_type(hr_record_header(record, "content-type"))) {
        reading->opaque = record->value;
        return HR_REASON_NONE;
    }
    reading->data = 0;
    return parse(reading, &reading->decoder->record, record->value, "value");
}

/* As the Kafka binding says: the content type decides, then the headers. */
static bool is_binary(const struct hr_log_record *record)
{
    static const char cloudevents[] = "application/cloudevents";
    const struct hr_header *type = hr_record_header(record, "content-type");
    if (type && hr_str_starts(type->value, cloudevents))
        return false;
    return hr_record_header(record, "ce_specversion") != NULL ||
           hr_record_header(record, "ce_id") != NULL;
}

/* --- fields ---------------------------------------------------------------------------------- */

static uint32_t find(const struct reading *reading, struct hr_str pointer)
{
    return pointer.len == 0 ? HR_JSON_NONE : hr_json_find(&reading->decoder->record, 0, pointer);
}

static enum hr_reason read_pointer(
    struct reading *reading, struct hr_str pointer, struct hr_str *text)
{
    return read_part(reading, find(reading, pointer), shown(reading, pointer), true, text);
}

#define YEAR_1 INT64_C(-62135596800)
#define YEAR_10000 INT64_C(253402300800)

/* Seconds or milliseconds since 1970, cut to microseconds towards the past. */
static bool read_unix(struct hr_str text, __int128 units_per_us, struct hr_time *time)
{
    struct hr_decimal number;
    if (hr_decimal_parse(text, &number) != HR_DECIMAL_OK)
        return false;
    __int128 us = number.units / units_per_us - (number.units % units_per_us < 0);
    if (us < (__int128)YEAR_1 * HR_SECOND || us >= (__int128)YEAR_10000 * HR_SECOND)
        return false;
    time->us = (int64_t)us;
    return true;
}

static enum hr_reason read_time(struct reading *reading, enum hr_time_notation notation)
{
    struct hr_time *time = &reading->event->time;
    const __int128 per_s = HR_DECIMAL_ONE.units / HR_SECOND, per_ms = per_s * 1000;
    if (!reading->time.at)
        return HR_REASON_NONE;
    switch (notation) {
    case HR_TIME_RFC3339:
        break;
    case HR_TIME_UNIX_S:
        return read_unix(reading->time, per_s, time) ? HR_REASON_NONE
                                                     : bad_time(reading, "unix seconds");
    case HR_TIME_UNIX_MS:
        return read_unix(reading->time, per_ms, time) ? HR_REASON_NONE
                                                      : bad_time(reading, "unix milliseconds");
    case HR_TIME_ANY:
        if (read_unix(reading->time, per_s, time) || hr_time_parse(reading->time, time))
            return HR_REASON_NONE;
        return bad_time(reading, "RFC 3339 or unix seconds");
    }
    return read_rfc3339(reading);
}

/* Data that is JSON inside a string becomes a document of its own. */
static enum hr_reason open_text(struct reading *reading)
{
    const struct hr_json *json = &reading->decoder->record;
    if (reading->data == HR_JSON_NONE || json->nodes[reading->data].kind == HR_JSON_NULL)
        return HR_REASON_NONE;
    if (json->nodes[reading->data].kind != HR_JSON_STRING)
        return hr_complain(reading->detail, HR_BAD_EVENT, "data: must be JSON in a string, is %s",
            shown(reading, hr_json_raw(json, reading->data)));
    struct hr_str text = hr_json_text(json, reading->data, reading->arena);
    reading->data = text.len == 0 ? HR_JSON_NONE : 0;
    reading->json = &reading->decoder->inner;
    return text.len == 0 ? HR_REASON_NONE : parse(reading, &reading->decoder->inner, text, "data");
}

static enum hr_reason read_fields(struct reading *reading, const struct hr_format *format)
{
    const struct hr_json *json = &reading->decoder->record;
    struct hr_event *event = reading->event;
    enum hr_reason reason = HR_REASON_NONE;
    event->type = format->type_is;
    event->source = format->source_is;
    for (size_t i = 0; i < HR_FORMAT_ACCOUNTS && !reason && !event->account.at; i++)
        reason = read_pointer(reading, format->accounts[i], &event->account);
    if (!reason)
        reason = read_pointer(reading, format->id, &event->id);
    if (!reason)
        reason = read_pointer(reading, format->source, &event->source);
    if (!reason)
        reason = read_pointer(reading, format->type, &event->type);
    if (!reason)
        reason = check_parts(reading);
    if (reason)
        return reason;
    uint32_t time = find(reading, format->time);
    if (time != HR_JSON_NONE && json->nodes[time].kind != HR_JSON_NULL)
        reading->time = hr_json_text(json, time, reading->arena);
    reason = read_time(reading, format->notation);
    if (reason)
        return reason;
    reading->data = hr_json_find(json, 0, format->data);
    return format->data_is_text ? open_text(reading) : HR_REASON_NONE;
}

/* --- what follows for all -------------------------------------------------------------------- */

static void hash(struct reading *reading)
{
    struct hr_event *event = reading->event;
    event->identity = hr_hash64(event->id, hr_hash64(event->source, 0));
    event->body = hr_hash64(reading->time, hr_hash64(event->type, 0));
    if (reading->opaque.at)
        event->body = hr_hash64(reading->opaque, event->body);
    else if (reading->data != HR_JSON_NONE)
        event->body = hr_json_hash(
            reading->json, reading->data, reading->except, reading->arena, event->body);
}

static enum hr_reason read_data(struct reading *reading)
{
    struct hr_event *event = reading->event;
    if (reading->data != HR_JSON_NONE && reading->json->nodes[reading->data].kind == HR_JSON_NULL)
        reading->data = HR_JSON_NONE;
    hash(reading);
    int index = hr_rules_find_type(reading->rules, event->type);
    if (index < 0) {
        const struct hr_fact_type *type = hr_fact_type_find(event->type);
        return type ? hr_read_fact(type, reading->json, reading->data, reading->decoder->zones,
                          reading->arena, &event->fact, reading->detail)
                    : HR_REASON_NONE;
    }
    event->usage = &reading->rules->types[index];
    struct hr_value *values =
        hr_arena_take(reading->arena, event->usage->field_count * sizeof *values);
    for (size_t i = 0; i < event->usage->field_count; i++) {
        uint32_t node = reading->data == HR_JSON_NONE
                            ? HR_JSON_NONE
                            : hr_json_find(reading->json, reading->data, event->usage->fields[i]);
        hr_read_value(reading->json, node, reading->arena, &values[i]);
    }
    event->values = values;
    return HR_REASON_NONE;
}

/* `now` is NULL but for a line of simulate's input. */
static enum hr_reason read_object(struct reading *reading, const struct hr_format *format,
    struct hr_str text, struct hr_time *now)
{
    struct hr_json *json = &reading->decoder->record;
    enum hr_reason reason = parse(reading, json, text, "value");
    if (reason)
        return reason;
    if (json->nodes[0].kind != HR_JSON_OBJECT)
        return hr_complain(reading->detail, HR_BAD_EVENT, "not an object");
    reason =
        format->shape == HR_SHAPE_FIELDS ? read_fields(reading, format) : read_structured(reading);
    if (reason || !now)
        return reason;
    uint32_t node = hr_json_member(json, 0, HR_STR("_now"));
    *now = HR_TIME_NONE;
    if (reading->json == json && reading->data == 0)
        reading->except = HR_STR("_now");
    if (node == HR_JSON_NONE || hr_time_parse(hr_json_text(json, node, reading->arena), now))
        return HR_REASON_NONE;
    return hr_complain(reading->detail, HR_BAD_TIME, "_now: must be RFC 3339, is %s",
        shown(reading, hr_json_raw(json, node)));
}

static enum hr_reason finish(struct reading *reading, enum hr_reason reason)
{
    if (!reason)
        reason = read_data(reading);
    hr_json_trim(&reading->decoder->record);
    hr_json_trim(&reading->decoder->inner);
    return reason;
}

static struct reading begin(struct hr_decoder *decoder, const struct hr_rules *rules,
    struct hr_arena *arena, struct hr_event *event, char *detail)
{
    memset(event, 0, sizeof *event);
    event->time = HR_TIME_NONE;
    *detail = '\0';
    return (struct reading){.decoder = decoder,
        .rules = rules,
        .arena = arena,
        .event = event,
        .detail = detail,
        .json = &decoder->record,
        .data = HR_JSON_NONE};
}

enum hr_reason hr_decode(struct hr_decoder *decoder, const struct hr_format *format,
    const struct hr_rules *rules, const struct hr_log_record *record, struct hr_arena *arena,
    struct hr_event *event, char detail[HR_DETAIL])
{
    struct reading reading = begin(decoder, rules, arena, event, detail);
    bool binary =
        format->shape == HR_SHAPE_CLOUDEVENTS && record->header_count > 0 && is_binary(record);
    return finish(&reading, binary ? read_binary(&reading, record)
                                   : read_object(&reading, format, record->value, NULL));
}

enum hr_reason hr_decode_line(struct hr_decoder *decoder, const struct hr_format *format,
    const struct hr_rules *rules, struct hr_str line, struct hr_arena *arena,
    struct hr_event *event, struct hr_time *now, char detail[HR_DETAIL])
{
    struct reading reading = begin(decoder, rules, arena, event, detail);
    return finish(&reading, read_object(&reading, format, line, now));
}
