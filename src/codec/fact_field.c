/* SPDX-License-Identifier: Apache-2.0 */
/* A function for each kind of field: type, range and list checked, the value put into its place. */
#include "fact.h"
#include "headroom/log.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void *place(const struct hr_fact_reading *reading, size_t offset)
{
    return (char *)reading->fact + offset;
}

/* What stands there, for the detail. */
const char *hr_fact_show(const struct hr_fact_reading *reading, uint32_t node)
{
    return hr_escape(reading->arena, hr_document_raw(reading->json, node), HR_SHOWN);
}

enum hr_reason hr_fact_wrong(
    const struct hr_fact_reading *reading, const char *name, uint32_t node, const char *must)
{
    return hr_reject_event(reading->detail, HR_BAD_VALUE, "data.%s: must be %s, is %s", name, must,
        hr_fact_show(reading, node));
}

enum hr_reason hr_fact_too_large(
    const struct hr_fact_reading *reading, const char *name, uint32_t node)
{
    return hr_reject_event(reading->detail, HR_OVERFLOW,
        "data.%s: %s has more than 12 places or is too large", name, hr_fact_show(reading, node));
}

static bool is_string(const struct hr_fact_reading *reading, uint32_t node)
{
    return reading->json->nodes[node].kind == HR_JSON_STRING;
}

static enum hr_reason read_text(const struct hr_fact_reading *reading, const char *name,
    uint32_t node, size_t least, struct hr_str *text)
{
    if (!is_string(reading, node)) {
        return hr_fact_wrong(reading, name, node, "a string");
    }
    *text = hr_document_text(reading->json, node, reading->arena);
    if (text->len < least) {
        return hr_fact_wrong(reading, name, node, "a string that is not empty");
    }
    if (text->len > HR_NAME_MOST) {
        return hr_fact_wrong(reading, name, node, "at most 256 bytes");
    }
    return HR_REASON_NONE;
}

static enum hr_reason read_integer(
    const struct hr_fact_reading *reading, const char *name, uint32_t node, int64_t *integer)
{
    struct hr_value value;
    hr_read_value(reading->json, node, reading->arena, &value);
    if (value.kind != HR_VALUE_NUMBER) {
        return hr_fact_wrong(reading, name, node, "an integer");
    }
    if (value.overflows) {
        return hr_fact_too_large(reading, name, node);
    }
    __int128 whole = value.number.units / HR_DECIMAL_ONE.units;
    if (whole * HR_DECIMAL_ONE.units != value.number.units) {
        return hr_fact_wrong(reading, name, node, "an integer");
    }
    if (whole > INT64_MAX || whole < INT64_MIN) {
        return hr_fact_too_large(reading, name, node);
    }
    *integer = (int64_t)whole;
    return HR_REASON_NONE;
}

static enum hr_reason read_currency(
    const struct hr_fact_reading *reading, const char *name, uint32_t node, char currency[4])
{
    if (!is_string(reading, node)) {
        return hr_fact_wrong(reading, name, node, "an ISO 4217 code");
    }
    struct hr_str text = hr_document_text(reading->json, node, reading->arena);
    char code[4] = {0};
    if (text.len == 3) {
        memcpy(code, text.at, 3);
    }
    if (text.len != 3 || hr_currency_places(code) < 0) {
        return hr_fact_wrong(reading, name, node, "an ISO 4217 code");
    }
    memcpy(currency, code, sizeof code);
    return HR_REASON_NONE;
}

static enum hr_reason read_moment(const struct hr_fact_reading *reading, const char *name,
    uint32_t node, bool null, struct hr_moment *moment)
{
    const char *must = null ? "a date, an RFC 3339 time or null" : "a date or an RFC 3339 time";
    if (null && reading->json->nodes[node].kind == HR_JSON_NULL) {
        moment->kind = HR_MOMENT_NULL;
        return HR_REASON_NONE;
    }
    if (!is_string(reading, node)) {
        return hr_fact_wrong(reading, name, node, must);
    }
    struct hr_str text = hr_document_text(reading->json, node, reading->arena);
    if (hr_date_parse(text, &moment->day)) {
        moment->kind = HR_MOMENT_DATE;
    } else if (hr_time_parse(text, &moment->time)) {
        moment->kind = HR_MOMENT_TIME;
    } else {
        return hr_fact_wrong(reading, name, node, must);
    }
    return HR_REASON_NONE;
}

static const char period_must[] = "month, quarter, year, week, Nd or N months";

/* "6 months": what is none of the named ones. */
static bool read_months(struct hr_str text, int32_t *months)
{
    static const char unit[] = " months";
    size_t digits = text.len > strlen(unit) ? text.len - strlen(unit) : 0;
    if (digits < 1 || digits > 3 || memcmp(text.at + digits, unit, strlen(unit)) != 0) {
        return false;
    }
    *months = 0;
    for (size_t i = 0; i < digits; i++) {
        if (text.at[i] < '0' || text.at[i] > '9') {
            return false;
        }
        *months = *months * 10 + (text.at[i] - '0');
    }
    return *months > 0;
}

static enum hr_reason read_period(const struct hr_fact_reading *reading, const char *name,
    uint32_t node, struct hr_period *period)
{
    static const struct {
        const char *name;
        struct hr_period period;
    } named[] = {
        {"month", {HR_PERIOD_MONTHS, 1}},
        {"quarter", {HR_PERIOD_MONTHS, 3}},
        {"year", {HR_PERIOD_MONTHS, 12}},
        {"week", {HR_PERIOD_WEEKS, 1}},
    };
    int64_t us = 0;
    if (!is_string(reading, node)) {
        return hr_fact_wrong(reading, name, node, period_must);
    }
    struct hr_str text = hr_document_text(reading->json, node, reading->arena);
    for (size_t i = 0; i < COUNT(named); i++) {
        if (hr_str_is(text, named[i].name)) {
            *period = named[i].period;
            return HR_REASON_NONE;
        }
    }
    if (read_months(text, &period->count)) {
        period->unit = HR_PERIOD_MONTHS;
        return HR_REASON_NONE;
    }
    if (text.len < 2 || text.at[text.len - 1] != 'd' || !hr_duration_parse(text, &us)) {
        return hr_fact_wrong(reading, name, node, period_must);
    }
    *period = (struct hr_period){HR_PERIOD_DAYS, (int32_t)(us / HR_DAY)};
    return HR_REASON_NONE;
}

static enum hr_reason read_zone(const struct hr_fact_reading *reading, const char *name,
    uint32_t node, const struct hr_zone **zone)
{
    if (!is_string(reading, node)) {
        return hr_fact_wrong(reading, name, node, "an IANA time zone");
    }
    *zone = hr_zones_find(reading->zones, hr_document_text(reading->json, node, reading->arena));
    return *zone ? HR_REASON_NONE : hr_fact_wrong(reading, name, node, "an IANA time zone");
}

/* Reads the names of an object one after the other; equal names share one place, so that the last
 * one counts and a million of them cost no memory. */
static enum hr_reason read_limit(
    const struct hr_fact_reading *reading, const char *name, uint32_t key, struct hr_limit *limit)
{
    struct hr_value value;
    hr_read_value(reading->json, key + 1, reading->arena, &value);
    if (value.overflows) {
        return hr_fact_too_large(reading, name, key + 1);
    }
    limit->unlimited = value.kind == HR_VALUE_NULL;
    if (!limit->unlimited && (!value.fits || value.number.units < 0)) {
        return hr_fact_wrong(reading, name, key + 1, "numbers from 0 or null");
    }
    limit->value = value.number;
    return HR_REASON_NONE;
}

static enum hr_reason read_limits(
    const struct hr_fact_reading *reading, const char *name, uint32_t node)
{
    const struct hr_json_node *nodes = reading->json->nodes;
    if (nodes[node].kind != HR_JSON_OBJECT) {
        return hr_fact_wrong(reading, name, node, "an object");
    }
    struct hr_limit *limits = hr_arena_take(reading->arena, HR_LIST_MOST * sizeof *limits);
    size_t count = 0;
    for (uint32_t key = node + 1; key < nodes[node].next; key = nodes[key + 1].next) {
        struct hr_str limit_name;
        enum hr_reason reason = read_text(reading, name, key, 1, &limit_name);
        size_t i = 0;
        while (i < count && !hr_str_equal(limits[i].name, limit_name)) {
            i++;
        }
        if (!reason && i == HR_LIST_MOST) {
            reason = hr_fact_wrong(reading, name, node, "at most 256 limits");
        }
        if (!reason) {
            reason = read_limit(reading, name, key, &limits[i]);
        }
        if (reason) {
            return reason;
        }
        limits[i].name = limit_name;
        count += i == count;
    }
    reading->fact->limits = limits;
    reading->fact->limit_count = count;
    return HR_REASON_NONE;
}

static enum hr_reason read_aliases(const struct hr_fact_reading *reading, const char *name,
    uint32_t node, const struct hr_str **aliases, size_t *count)
{
    const struct hr_json_node *nodes = reading->json->nodes;
    if (nodes[node].kind != HR_JSON_ARRAY) {
        return hr_fact_wrong(reading, name, node, "an array of strings");
    }
    struct hr_str *list = hr_arena_take(reading->arena, HR_LIST_MOST * sizeof *list);
    size_t used = 0;
    for (uint32_t at = node + 1; at < nodes[node].next; at = nodes[at].next) {
        if (used == HR_LIST_MOST) {
            return hr_fact_wrong(reading, name, node, "at most 256 names");
        }
        if (!is_string(reading, at)) {
            return hr_fact_wrong(reading, name, at, "an array of strings");
        }
        list[used] = hr_document_text(reading->json, at, reading->arena);
        if (list[used].len == 0 || list[used].len > HR_ACCOUNT_MOST) {
            return hr_fact_wrong(reading, name, at, "names of 1 to 65536 bytes");
        }
        used++;
    }
    *aliases = list;
    *count = used;
    return HR_REASON_NONE;
}

enum hr_reason hr_fact_read_field(
    const struct hr_fact_reading *reading, const struct hr_fact_field *field, uint32_t node)
{
    /* Where a field that is not kept goes. */
    union {
        int64_t integer;
        char currency[4];
    } nowhere;
    void *into = field->into == HR_NOT_KEPT ? &nowhere : place(reading, field->into);
    switch (field->kind) {
    case HR_FIELD_TEXT:
        return read_text(reading, field->name, node, 0, into);
    case HR_FIELD_NAME:
        return read_text(reading, field->name, node, 1, into);
    case HR_FIELD_MINOR:
        if (field->count != HR_NOT_KEPT) {
            *(bool *)place(reading, field->count) = true;
        }
        return read_integer(reading, field->name, node, into);
    case HR_FIELD_INTEGER:
        return read_integer(reading, field->name, node, into);
    case HR_FIELD_CURRENCY:
        return read_currency(reading, field->name, node, into);
    case HR_FIELD_LIMITS:
        *(bool *)place(reading, field->count) = true;
        return read_limits(reading, field->name, node);
    case HR_FIELD_PERIOD:
        return read_period(reading, field->name, node, into);
    case HR_FIELD_MOMENT:
        return read_moment(reading, field->name, node, false, into);
    case HR_FIELD_RENEWAL:
        return read_moment(reading, field->name, node, true, into);
    case HR_FIELD_ZONE:
        return read_zone(reading, field->name, node, into);
    case HR_FIELD_ALIASES:
        return read_aliases(reading, field->name, node, into, place(reading, field->count));
    case HR_FIELD_OBJECT:
        break;
    }
    enum hr_json_kind kind = reading->json->nodes[node].kind;
    if (kind != HR_JSON_OBJECT && kind != HR_JSON_NULL) {
        return hr_fact_wrong(reading, field->name, node, "an object or null");
    }
    return HR_REASON_NONE;
}
