/* SPDX-License-Identifier: Apache-2.0 */
/* Account events: what billing, product and CRM know.
 *
 * The tables below are EVENTS.md's, one row a field; a function for each kind of field checks its
 * type, range and list. Whatever is wrong with one field refuses the event whole, with the field's
 * name in the detail, so that nothing of it applies. Fields that no row names are let pass: systems
 * add fields, and must not stop counting by it.
 *
 * Where EVENTS.md is silent: a limit is not negative; names are not empty (but `subscription`,
 * whose default is the empty name); names, texts and lists have the bounds of decode.h, because all
 * of it is kept in the account; a number that no quantity can hold is `overflow`, as in usage; null
 * makes the account forget segment, owner, csm and account_manager too. */
#include "decode.h"
#include "headroom/log.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum field_kind {
    TEXT,     /* string */
    NAME,     /* string, not empty */
    MINOR,    /* integer minor units; wants a currency */
    CURRENCY, /* ISO 4217 */
    INTEGER,
    LIMITS,  /* object: name → quantity, or null for unlimited */
    PERIOD,  /* month, quarter, year, week, Nd */
    MOMENT,  /* date or RFC 3339 */
    RENEWAL, /* a moment or null */
    ZONE,    /* IANA name */
    ALIASES, /* array of account names */
    OBJECT,  /* object or null */
};

/* `into` and `count` are offsets into hr_fact; `count` is also where a flag says that the field was
 * given. A field that is checked and not kept has neither. */
struct field {
    const char *name;
    enum field_kind kind;
    bool required;
    size_t into, count;
};

#define AT(member) offsetof(struct hr_fact, member)
#define NOT_KEPT SIZE_MAX

static const struct field subscription_fields[] = {
    {"subscription", TEXT, false, AT(subscription), NOT_KEPT},
    {"plan", NAME, false, AT(plan), NOT_KEPT},
    {"limits", LIMITS, false, AT(limits), AT(has_limits)},
    {"mrr", MINOR, false, AT(mrr.minor), AT(has_mrr)},
    {"currency", CURRENCY, false, AT(mrr.currency), NOT_KEPT},
    {"period", PERIOD, false, AT(period), NOT_KEPT},
    {"period_start", MOMENT, false, AT(period_start), NOT_KEPT},
    {"renewal_date", RENEWAL, false, AT(renewal_date), NOT_KEPT},
    {"started_at", MOMENT, false, AT(started_at), NOT_KEPT},
    {"timezone", ZONE, false, AT(zone), NOT_KEPT},
    {"ends_at", MOMENT, false, AT(ends_at), NOT_KEPT}, /* last: of subscription.cancelled alone */
};

static const struct field invoice_fields[] = {
    {"invoice", NAME, true, AT(invoice), NOT_KEPT},
    {"amount", MINOR, false, NOT_KEPT, NOT_KEPT},
    {"currency", CURRENCY, false, NOT_KEPT, NOT_KEPT},
    {"attempt", INTEGER, false, NOT_KEPT, NOT_KEPT},
};

static const struct field account_fields[] = {
    {"aliases", ALIASES, false, AT(aliases), AT(alias_count)},
    {"aliases_released", ALIASES, false, AT(aliases_released), AT(alias_released_count)},
    {"arr", MINOR, false, AT(arr.minor), AT(has_arr)},
    {"currency", CURRENCY, false, AT(arr.currency), NOT_KEPT},
    {"overrides", OBJECT, false, NOT_KEPT, NOT_KEPT},
};

/* Attributes that must be text; any other may be any scalar. */
static const char *const text_attributes[] = {"segment", "owner", "csm", "account_manager"};

struct hr_fact_type {
    const char *name;
    enum hr_fact_kind kind;
    const struct field *fields;
    size_t count;
    bool attributes; /* scalars that no row names are the account's attributes */
};

static const struct hr_fact_type types[] = {
    {"subscription.created", HR_FACT_SUBSCRIPTION_CREATED, subscription_fields,
        COUNT(subscription_fields) - 1, false},
    {"subscription.updated", HR_FACT_SUBSCRIPTION_UPDATED, subscription_fields,
        COUNT(subscription_fields) - 1, false},
    {"subscription.renewed", HR_FACT_SUBSCRIPTION_RENEWED, subscription_fields,
        COUNT(subscription_fields) - 1, false},
    {"subscription.cancelled", HR_FACT_SUBSCRIPTION_CANCELLED, subscription_fields,
        COUNT(subscription_fields), false},
    {"invoice.paid", HR_FACT_INVOICE_PAID, invoice_fields, COUNT(invoice_fields), false},
    {"invoice.payment_failed", HR_FACT_INVOICE_FAILED, invoice_fields, COUNT(invoice_fields),
        false},
    {"account.updated", HR_FACT_ACCOUNT_UPDATED, account_fields, COUNT(account_fields), true},
    {"account.erased", HR_FACT_ACCOUNT_ERASED, NULL, 0, false},
};

const struct hr_fact_type *hr_fact_type_find(struct hr_str type)
{
    for (size_t i = 0; i < COUNT(types); i++)
        if (hr_str_is(type, types[i].name))
            return &types[i];
    return NULL;
}

/* --- one field ------------------------------------------------------------------------------- */

struct reading {
    const struct hr_json *json;
    const struct hr_zones *zones;
    struct hr_arena *arena;
    struct hr_fact *fact;
    char *detail;
};

static void *place(const struct reading *reading, size_t offset)
{
    return (char *)reading->fact + offset;
}

/* What stands there, for the detail. */
static const char *shown(const struct reading *reading, uint32_t node)
{
    return hr_escape(reading->arena, hr_json_raw(reading->json, node), 40);
}

static enum hr_reason wrong(
    const struct reading *reading, const char *name, uint32_t node, const char *must)
{
    return hr_complain(reading->detail, HR_BAD_VALUE, "data.%s: must be %s, is %s", name, must,
        shown(reading, node));
}

static enum hr_reason too_large(const struct reading *reading, const char *name, uint32_t node)
{
    return hr_complain(reading->detail, HR_OVERFLOW,
        "data.%s: %s has more than 12 places or is too large", name, shown(reading, node));
}

static bool is_string(const struct reading *reading, uint32_t node)
{
    return reading->json->nodes[node].kind == HR_JSON_STRING;
}

static enum hr_reason read_text(const struct reading *reading, const char *name, uint32_t node,
    size_t least, struct hr_str *text)
{
    if (!is_string(reading, node))
        return wrong(reading, name, node, "a string");
    *text = hr_json_text(reading->json, node, reading->arena);
    if (text->len < least)
        return wrong(reading, name, node, "a string that is not empty");
    if (text->len > HR_NAME_MOST)
        return wrong(reading, name, node, "at most 256 bytes");
    return HR_REASON_NONE;
}

static enum hr_reason read_integer(
    const struct reading *reading, const char *name, uint32_t node, int64_t *integer)
{
    struct hr_value value;
    hr_read_value(reading->json, node, reading->arena, &value);
    if (value.kind != HR_VALUE_NUMBER)
        return wrong(reading, name, node, "an integer");
    if (value.overflows)
        return too_large(reading, name, node);
    __int128 whole = value.number.units / HR_DECIMAL_ONE.units;
    if (whole * HR_DECIMAL_ONE.units != value.number.units)
        return wrong(reading, name, node, "an integer");
    if (whole > INT64_MAX || whole < INT64_MIN)
        return too_large(reading, name, node);
    *integer = (int64_t)whole;
    return HR_REASON_NONE;
}

static enum hr_reason read_currency(
    const struct reading *reading, const char *name, uint32_t node, char currency[4])
{
    if (!is_string(reading, node))
        return wrong(reading, name, node, "an ISO 4217 code");
    struct hr_str text = hr_json_text(reading->json, node, reading->arena);
    char code[4] = {0};
    if (text.len == 3)
        memcpy(code, text.at, 3);
    if (text.len != 3 || hr_currency_places(code) < 0)
        return wrong(reading, name, node, "an ISO 4217 code");
    memcpy(currency, code, sizeof code);
    return HR_REASON_NONE;
}

static enum hr_reason read_moment(const struct reading *reading, const char *name, uint32_t node,
    bool null, struct hr_moment *moment)
{
    const char *must = null ? "a date, an RFC 3339 time or null" : "a date or an RFC 3339 time";
    if (null && reading->json->nodes[node].kind == HR_JSON_NULL) {
        moment->kind = HR_MOMENT_NULL;
        return HR_REASON_NONE;
    }
    if (!is_string(reading, node))
        return wrong(reading, name, node, must);
    struct hr_str text = hr_json_text(reading->json, node, reading->arena);
    if (hr_date_parse(text, &moment->day))
        moment->kind = HR_MOMENT_DATE;
    else if (hr_time_parse(text, &moment->time))
        moment->kind = HR_MOMENT_TIME;
    else
        return wrong(reading, name, node, must);
    return HR_REASON_NONE;
}

static enum hr_reason read_period(
    const struct reading *reading, const char *name, uint32_t node, struct hr_period *period)
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
    if (!is_string(reading, node))
        return wrong(reading, name, node, "month, quarter, year, week or Nd");
    struct hr_str text = hr_json_text(reading->json, node, reading->arena);
    for (size_t i = 0; i < COUNT(named); i++) {
        if (hr_str_is(text, named[i].name)) {
            *period = named[i].period;
            return HR_REASON_NONE;
        }
    }
    if (text.len < 2 || text.at[text.len - 1] != 'd' || !hr_duration_parse(text, &us))
        return wrong(reading, name, node, "month, quarter, year, week or Nd");
    *period = (struct hr_period){HR_PERIOD_DAYS, (int32_t)(us / HR_DAY)};
    return HR_REASON_NONE;
}

static enum hr_reason read_zone(
    const struct reading *reading, const char *name, uint32_t node, const struct hr_zone **zone)
{
    if (!is_string(reading, node))
        return wrong(reading, name, node, "an IANA time zone");
    *zone = hr_zones_find(reading->zones, hr_json_text(reading->json, node, reading->arena));
    return *zone ? HR_REASON_NONE : wrong(reading, name, node, "an IANA time zone");
}

/* Reads the names of an object one after the other; equal names share one place, so that the last
 * one counts and a million of them cost no memory. */
static enum hr_reason read_limit(
    const struct reading *reading, const char *name, uint32_t key, struct hr_limit *limit)
{
    struct hr_value value;
    hr_read_value(reading->json, key + 1, reading->arena, &value);
    if (value.overflows)
        return too_large(reading, name, key + 1);
    limit->unlimited = value.kind == HR_VALUE_NULL;
    if (!limit->unlimited && (!value.fits || value.number.units < 0))
        return wrong(reading, name, key + 1, "numbers from 0 or null");
    limit->value = value.number;
    return HR_REASON_NONE;
}

static enum hr_reason read_limits(const struct reading *reading, const char *name, uint32_t node)
{
    const struct hr_json_node *nodes = reading->json->nodes;
    if (nodes[node].kind != HR_JSON_OBJECT)
        return wrong(reading, name, node, "an object");
    struct hr_limit *limits = hr_arena_take(reading->arena, HR_LIST_MOST * sizeof *limits);
    size_t count = 0;
    for (uint32_t key = node + 1; key < nodes[node].next; key = nodes[key + 1].next) {
        struct hr_str limit_name;
        enum hr_reason reason = read_text(reading, name, key, 1, &limit_name);
        size_t i = 0;
        while (i < count && !hr_str_equal(limits[i].name, limit_name))
            i++;
        if (!reason && i == HR_LIST_MOST)
            reason = wrong(reading, name, node, "at most 256 limits");
        if (!reason)
            reason = read_limit(reading, name, key, &limits[i]);
        if (reason)
            return reason;
        limits[i].name = limit_name;
        count += i == count;
    }
    reading->fact->limits = limits;
    reading->fact->limit_count = count;
    return HR_REASON_NONE;
}

static enum hr_reason read_aliases(const struct reading *reading, const char *name, uint32_t node,
    const struct hr_str **aliases, size_t *count)
{
    const struct hr_json_node *nodes = reading->json->nodes;
    if (nodes[node].kind != HR_JSON_ARRAY)
        return wrong(reading, name, node, "an array of strings");
    struct hr_str *list = hr_arena_take(reading->arena, HR_LIST_MOST * sizeof *list);
    size_t used = 0;
    for (uint32_t at = node + 1; at < nodes[node].next; at = nodes[at].next) {
        if (used == HR_LIST_MOST)
            return wrong(reading, name, node, "at most 256 names");
        if (!is_string(reading, at))
            return wrong(reading, name, at, "an array of strings");
        list[used] = hr_json_text(reading->json, at, reading->arena);
        if (list[used].len == 0 || list[used].len > HR_ACCOUNT_MOST)
            return wrong(reading, name, at, "names of 1 to 65536 bytes");
        used++;
    }
    *aliases = list;
    *count = used;
    return HR_REASON_NONE;
}

static enum hr_reason read_field(
    const struct reading *reading, const struct field *field, uint32_t node)
{
    /* Where a field that is not kept goes. */
    union {
        int64_t integer;
        char currency[4];
    } nowhere;
    void *into = field->into == NOT_KEPT ? &nowhere : place(reading, field->into);
    switch (field->kind) {
    case TEXT:
        return read_text(reading, field->name, node, 0, into);
    case NAME:
        return read_text(reading, field->name, node, 1, into);
    case MINOR:
        if (field->count != NOT_KEPT)
            *(bool *)place(reading, field->count) = true;
        return read_integer(reading, field->name, node, into);
    case INTEGER:
        return read_integer(reading, field->name, node, into);
    case CURRENCY:
        return read_currency(reading, field->name, node, into);
    case LIMITS:
        *(bool *)place(reading, field->count) = true;
        return read_limits(reading, field->name, node);
    case PERIOD:
        return read_period(reading, field->name, node, into);
    case MOMENT:
        return read_moment(reading, field->name, node, false, into);
    case RENEWAL:
        return read_moment(reading, field->name, node, true, into);
    case ZONE:
        return read_zone(reading, field->name, node, into);
    case ALIASES:
        return read_aliases(reading, field->name, node, into, place(reading, field->count));
    case OBJECT:
        break;
    }
    enum hr_json_kind kind = reading->json->nodes[node].kind;
    if (kind != HR_JSON_OBJECT && kind != HR_JSON_NULL)
        return wrong(reading, field->name, node, "an object or null");
    return HR_REASON_NONE;
}

/* --- attributes ------------------------------------------------------------------------------ */

static bool is_field(const struct hr_fact_type *type, struct hr_str name)
{
    for (size_t i = 0; i < type->count; i++)
        if (hr_str_is(name, type->fields[i].name))
            return true;
    return false;
}

static enum hr_reason check_attribute(
    const struct reading *reading, uint32_t key, const struct hr_attribute *attribute)
{
    const char *name = hr_escape(reading->arena, attribute->name, 40);
    if (attribute->value.kind == HR_VALUE_NUMBER && attribute->value.overflows)
        return too_large(reading, name, key + 1);
    if (attribute->value.text.len > HR_TEXT_MOST)
        return wrong(reading, name, key + 1, "at most 4096 bytes");
    for (size_t i = 0; i < COUNT(text_attributes); i++)
        if (hr_str_is(attribute->name, text_attributes[i]) &&
            attribute->value.kind != HR_VALUE_STRING && attribute->value.kind != HR_VALUE_NULL)
            return wrong(reading, name, key + 1, "a string or null");
    return HR_REASON_NONE;
}

static enum hr_reason read_attributes(
    const struct reading *reading, const struct hr_fact_type *type, uint32_t data)
{
    const struct hr_json_node *nodes = reading->json->nodes;
    struct hr_attribute *list = hr_arena_take(reading->arena, HR_LIST_MOST * sizeof *list);
    size_t count = 0;
    for (uint32_t key = data + 1; key < nodes[data].next; key = nodes[key + 1].next) {
        struct hr_attribute attribute;
        attribute.name = hr_json_text(reading->json, key, reading->arena);
        if (is_field(type, attribute.name))
            continue;
        hr_read_value(reading->json, key + 1, reading->arena, &attribute.value);
        enum hr_reason reason = check_attribute(reading, key, &attribute);
        if (reason)
            return reason;
        if (attribute.value.kind == HR_VALUE_OTHER)
            continue;
        if (attribute.name.len == 0 || attribute.name.len > HR_NAME_MOST)
            return hr_complain(reading->detail, HR_BAD_VALUE,
                "data: names must have 1 to 256 bytes, one is %s", shown(reading, key));
        size_t i = 0;
        while (i < count && !hr_str_equal(list[i].name, attribute.name))
            i++;
        if (i == HR_LIST_MOST)
            return hr_complain(
                reading->detail, HR_BAD_VALUE, "data: must have at most 256 attributes");
        list[i] = attribute;
        count += i == count;
    }
    reading->fact->attributes = list;
    reading->fact->attribute_count = count;
    return HR_REASON_NONE;
}

/* --- an event -------------------------------------------------------------------------------- */

static enum hr_reason read_fields(
    const struct reading *reading, const struct hr_fact_type *type, uint32_t data)
{
    const char *money = NULL;
    bool currency = false;
    for (size_t i = 0; i < type->count; i++) {
        const struct field *field = &type->fields[i];
        uint32_t node = data == HR_JSON_NONE
                            ? HR_JSON_NONE
                            : hr_json_member(reading->json, data, hr_str(field->name));
        if (node == HR_JSON_NONE) {
            if (field->required)
                return hr_complain(
                    reading->detail, HR_BAD_VALUE, "data.%s: is required", field->name);
            continue;
        }
        if (field->kind == MINOR)
            money = field->name;
        currency |= field->kind == CURRENCY;
        enum hr_reason reason = read_field(reading, field, node);
        if (reason)
            return reason;
    }
    if (money && !currency)
        return hr_complain(
            reading->detail, HR_BAD_VALUE, "data.currency: is required with %s", money);
    return HR_REASON_NONE;
}

enum hr_reason hr_read_fact(const struct hr_fact_type *type, const struct hr_json *json,
    uint32_t data, const struct hr_zones *zones, struct hr_arena *arena,
    const struct hr_fact **fact, char detail[HR_DETAIL])
{
    struct hr_fact *read = hr_arena_zeroed(arena, sizeof *read);
    struct reading reading = {json, zones, arena, read, detail};
    enum hr_reason reason = HR_REASON_NONE;
    read->kind = type->kind;
    read->subscription = HR_STR("");
    *fact = read;
    if (type->count == 0)
        return HR_REASON_NONE; /* its data is nobody's */
    if (data != HR_JSON_NONE && json->nodes[data].kind != HR_JSON_OBJECT)
        return hr_complain(
            detail, HR_BAD_VALUE, "data: must be an object, is %s", shown(&reading, data));
    reason = read_fields(&reading, type, data);
    if (!reason && type->attributes && data != HR_JSON_NONE)
        reason = read_attributes(&reading, type, data);
    return reason;
}
