/* SPDX-License-Identifier: Apache-2.0 */
/* Records of every format that headroom knows by name. The first line of the input is the format's
 * name, with `+` before it in binary mode, where header lines end with an empty one; what follows
 * is the record's value. A second JSON parser reads the same bytes: both must agree on what is
 * JSON. */
#include "world.h"

#include "headroom/codec.h"

#include <string.h>

#include <jansson.h>

/* --- the other parser --- */

enum opinion { IS_JSON, IS_NOT, HAS_NONE };

/* It holds numbers in doubles and keys in C strings, and takes a NUL for the end: what has that it
 * cannot judge. */
static enum opinion opinion_elsewhere(struct hr_str text)
{
    json_error_t error;
    if (text.len > 0 && memchr(text.at, 0, text.len)) {
        return HAS_NONE;
    }
    json_t *document = json_loadb(
        text.at, text.len, JSON_DECODE_ANY | JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, &error);
    if (document) {
        json_decref(document);
        return IS_JSON;
    }
    switch (json_error_code(&error)) {
    case json_error_numeric_overflow:
    case json_error_null_byte_in_key:
    case json_error_stack_overflow:
        return HAS_NONE;
    default:
        return IS_NOT;
    }
}

/* --- one record --- */

static void check_event(const struct hr_event *event)
{
    demand(event->account.len > 0, "an event has an account");
    demand(hr_utf8_valid(event->account), "an account's name is UTF-8");
    demand(event->id.len > 0 && hr_utf8_valid(event->id), "an event has an id");
    demand(!event->usage || event->values, "usage has values");
    for (uint16_t i = 0; event->usage && i < event->usage->field_count; i++) {
        demand(hr_utf8_valid(event->values[i].text), "a value is UTF-8");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static struct hr_decoder *decoder;
    static struct hr_arena arena;
    struct hr_str value, name = first_line(bytes, len, &value);
    struct hr_header headers[HEADERS_MOST];
    char detail[HR_DETAIL] = "";
    bool binary = name.len > 0 && name.at[0] == '+';
    const struct hr_format *format =
        hr_format_preset((struct hr_str){name.at + binary, name.len - binary});
    if (!format) {
        return -1; /* of no use to the corpus */
    }
    if (!decoder) {
        decoder = hr_decoder_new(world_zones());
        hr_arena_init(&arena);
    }
    hr_arena_reset(&arena);
    size_t header_count = binary ? header_lines(&value, headers, HEADERS_MOST) : 0;
    const struct hr_log_record record = {.topic = HR_STR("usage"),
        .timestamp = {0},
        .value = value,
        .headers = headers,
        .header_count = header_count};
    struct hr_event event = {0}, again = {0};
    enum hr_reason reason =
        hr_decode(decoder, format, world_config()->rules, &record, &arena, &event, detail);
    demand(memchr(detail, 0, sizeof detail) != NULL, "a detail ends");
    demand((reason == HR_REASON_NONE) || detail[0], "a refusal says why");
    bool ignored = reason == HR_REASON_NONE && !event.account.at;
    demand(!ignored || format->event_count, "only a foreign event may be nobody's");
    if (reason == HR_REASON_NONE && !ignored) {
        check_event(&event);
    }
    demand(hr_decode(decoder, format, world_config()->rules, &record, &arena, &again, detail) ==
                   reason &&
               again.body == event.body && again.identity == event.identity,
        "the same bytes are the same event");
    enum opinion other = binary || format->data_is_text ? HAS_NONE : opinion_elsewhere(value);
    demand(other == HAS_NONE || (other == IS_JSON) == (reason != HR_BAD_JSON),
        "two parsers agree on what is JSON");
    return 0;
}
