/* SPDX-License-Identifier: Apache-2.0 */
/* The checks that every way of reading shares. */
#include "parts.h"
#include "headroom/log.h"

const char *hr_part_show(const struct hr_reading *reading, struct hr_str text)
{
    return hr_escape(reading->arena, text, HR_SHOWN);
}

enum hr_reason hr_part_parse(
    struct hr_reading *reading, struct hr_document *json, struct hr_str text, const char *what)
{
    if (hr_document_parse(json, text)) {
        return HR_REASON_NONE;
    }
    return hr_reject_event(
        reading->detail, HR_BAD_JSON, "%s, byte %zu: %s", what, json->wrong_at, json->wrong);
}

enum hr_reason hr_part_read_other(struct hr_reading *reading, uint32_t node, struct hr_str name,
    bool numbers, struct hr_str *text)
{
    const struct hr_document *json = &reading->decoder->record;
    if (node == HR_JSON_NONE || json->nodes[node].kind == HR_JSON_NULL) {
        return HR_REASON_NONE;
    }
    if (!numbers || json->nodes[node].kind != HR_JSON_NUMBER) {
        return hr_reject_event(reading->detail, HR_BAD_EVENT, "%s: must be a string%s, is %s",
            hr_part_show(reading, name), numbers ? " or a number" : "",
            hr_part_show(reading, hr_document_raw(json, node)));
    }
    *text = hr_document_text(json, node, reading->arena);
    return HR_REASON_NONE;
}

static enum hr_reason refuse_missing(
    struct hr_reading *reading, struct hr_str text, const char *name)
{
    return hr_reject_event(reading->detail, HR_BAD_EVENT, "%s %s", text.at ? "empty" : "no", name);
}

enum hr_reason hr_part_check(struct hr_reading *reading)
{
    const struct hr_event *event = reading->event;
    if (event->account.len == 0) {
        return refuse_missing(reading, event->account, "account");
    }
    if (event->id.len == 0) {
        return refuse_missing(reading, event->id, "id");
    }
    if (event->type.len == 0) {
        return refuse_missing(reading, event->type, "type");
    }
    if (event->account.len > HR_ACCOUNT_MOST) {
        return hr_reject_event(reading->detail, HR_BAD_EVENT, "account: %zu bytes, at most %d",
            event->account.len, HR_ACCOUNT_MOST);
    }
    return HR_REASON_NONE;
}

enum hr_reason hr_part_bad_time(struct hr_reading *reading, const char *must)
{
    return hr_reject_event(reading->detail, HR_BAD_TIME, "time: must be %s, is %s", must,
        hr_part_show(reading, reading->time));
}

enum hr_reason hr_part_rfc3339(struct hr_reading *reading)
{
    if (!reading->time.at || hr_time_parse(reading->time, &reading->event->time)) {
        return HR_REASON_NONE;
    }
    return hr_part_bad_time(reading, "RFC 3339");
}
