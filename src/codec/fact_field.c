/* SPDX-License-Identifier: Apache-2.0 */
/* A function for each kind of field: type, range and list checked, the value put into its place. */
#include "fact.h"
#include "headroom/log.h"
#include "headroom/written.h"

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
    uint32_t node, size_t least, size_t most, struct hr_str *text)
{
    *text = HR_STR("");
    if (!is_string(reading, node)) {
        return hr_fact_wrong(reading, name, node, "a string");
    }
    *text = hr_document_text(reading->json, node, reading->arena);
    if (text->len < least) {
        return hr_fact_wrong(reading, name, node, "a string that is not empty");
    }
    if (text->len > most) {
        return hr_fact_wrong(
            reading, name, node, most == HR_NAME_MOST ? "at most 256 bytes" : "at most 1024 bytes");
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
        enum hr_reason reason = read_text(reading, name, key, 1, HR_NAME_MOST, &limit_name);
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

/* --- words, scores, quantities ---------------------------------------------------------------- */

/* A word of a list; its number is the place in the list, from `first` on. */
static const struct list {
    const char *must;
    int first;
    const char *const *words; /* ends with NULL */
} lists[] = {
    [HR_FIELD_OUTCOME] = {"converted, expired or cancelled", HR_CONVERTED, hr_outcome_names},
    [HR_FIELD_STAGE] = {"identified, qualified, engaged, negotiation, closed_won or closed_lost",
        HR_STAGE_IDENTIFIED, hr_stage_names},
    [HR_FIELD_DEAL] = {"new, upsell, cross-sell or renewal", HR_DEAL_NEW, hr_deal_names},
    [HR_FIELD_QUIET] = {"silenced, snoozed or acknowledged", HR_SILENCED, hr_quiet_names},
};

static enum hr_reason read_word(const struct hr_fact_reading *reading, const char *name,
    uint32_t node, enum hr_fact_field_kind kind, void *into)
{
    const struct list *list = &lists[kind];
    struct hr_str text = {"", 0};
    if (is_string(reading, node)) {
        text = hr_document_text(reading->json, node, reading->arena);
    }
    for (int i = 0; list->words[i]; i++) {
        if (hr_str_is(text, list->words[i])) {
            int number = list->first + i;
            memcpy(into, &number, sizeof number); /* an enumeration's */
            return HR_REASON_NONE;
        }
    }
    return hr_fact_wrong(reading, name, node, list->must);
}

static const struct range {
    const char *must;
    int least, most;
    bool whole;
} ranges[] = {
    [HR_FIELD_NPS] = {"an integer from 0 to 10", 0, 10, true},
    [HR_FIELD_CSAT] = {"a number from 1 to 5", 1, 5, false},
    [HR_FIELD_HEALTH] = {"a number from 0 to 100", 0, 100, false},
};

static enum hr_reason read_score(const struct hr_fact_reading *reading, const char *name,
    uint32_t node, enum hr_fact_field_kind kind)
{
    const struct range *range = &ranges[kind];
    struct hr_attribute *score = hr_arena_zeroed(reading->arena, sizeof *score);
    struct hr_value *value = &score->value;
    hr_read_value(reading->json, node, reading->arena, value);
    if (value->kind == HR_VALUE_NUMBER && value->overflows) {
        return hr_fact_too_large(reading, name, node);
    }
    if (value->kind != HR_VALUE_NUMBER ||
        hr_decimal_compare(value->number, hr_decimal_from_int(range->least)) < 0 ||
        hr_decimal_compare(value->number, hr_decimal_from_int(range->most)) > 0 ||
        (range->whole && value->number.units % HR_DECIMAL_ONE.units != 0)) {
        return hr_fact_wrong(reading, name, node, range->must);
    }
    score->name = hr_str(reading->score);
    reading->fact->attributes = score;
    reading->fact->attribute_count = 1;
    return HR_REASON_NONE;
}

static enum hr_reason read_quantity(const struct hr_fact_reading *reading, const char *name,
    uint32_t node, struct hr_decimal *quantity)
{
    struct hr_value value;
    hr_read_value(reading->json, node, reading->arena, &value);
    if (value.overflows) {
        return hr_fact_too_large(reading, name, node);
    }
    *quantity = value.number;
    return value.fits ? HR_REASON_NONE : hr_fact_wrong(reading, name, node, "a number");
}

static enum hr_reason read_scope(
    const struct hr_fact_reading *reading, const char *name, uint32_t node, struct hr_str *scope)
{
    static const char *const prefixes[] = {"rule:", "owner:"};
    enum hr_reason reason = read_text(reading, name, node, 1, HR_NAME_MOST, scope);
    if (reason || hr_str_is(*scope, "account")) {
        return reason;
    }
    for (size_t i = 0; i < COUNT(prefixes); i++) {
        if (hr_str_starts(*scope, prefixes[i]) && scope->len > strlen(prefixes[i])) {
            return HR_REASON_NONE;
        }
    }
    return hr_fact_wrong(reading, name, node, "account, rule:NAME or owner:NAME");
}

/* --- own levels ------------------------------------------------------------------------------- */

static enum hr_reason read_levels(const struct hr_fact_reading *reading, const char *name,
    uint32_t node, struct hr_override *override)
{
    const struct hr_json_node *nodes = reading->json->nodes;
    const char *must = "levels of 1 to 32 numbers with their unit";
    struct hr_str *levels = hr_arena_take(reading->arena, HR_OWN_LEVELS_MOST * sizeof *levels);
    if (nodes[node].kind != HR_JSON_ARRAY) {
        return hr_fact_wrong(reading, name, node, must);
    }
    size_t count = 0;
    for (uint32_t at = node + 1; at < nodes[node].next; at = nodes[at].next) {
        if (count == HR_OWN_LEVELS_MOST ||
            (nodes[at].kind != HR_JSON_STRING && nodes[at].kind != HR_JSON_NUMBER)) {
            return hr_fact_wrong(reading, name, node, must);
        }
        struct hr_written level;
        levels[count] = hr_document_text(reading->json, at, reading->arena);
        if (levels[count].len > HR_LEVEL_MOST || hr_read_literal(levels[count], &level) ||
            level.form == HR_FORM_TEXT) {
            return hr_fact_wrong(reading, name, at, must);
        }
        count++;
    }
    override->levels = levels;
    override->level_count = count;
    return count > 0 ? HR_REASON_NONE : hr_fact_wrong(reading, name, node, must);
}

static enum hr_reason read_override(const struct hr_fact_reading *reading, const char *name,
    uint32_t node, struct hr_override *override)
{
    enum hr_reason reason = HR_REASON_NONE;
    if (reading->json->nodes[node].kind != HR_JSON_OBJECT) {
        return hr_fact_wrong(reading, name, node, "an object of rules, each with levels or owner");
    }
    uint32_t levels = hr_document_member(reading->json, node, HR_STR("levels"));
    uint32_t owner = hr_document_member(reading->json, node, HR_STR("owner"));
    if (levels != HR_JSON_NONE) {
        reason = read_levels(reading, name, levels, override);
    }
    if (!reason && owner != HR_JSON_NONE) {
        reason = read_text(reading, name, owner, 1, HR_NAME_MOST, &override->owner);
    }
    return reason;
}

static enum hr_reason read_overrides(
    const struct hr_fact_reading *reading, const char *name, uint32_t node)
{
    const struct hr_json_node *nodes = reading->json->nodes;
    if (nodes[node].kind == HR_JSON_NULL) {
        return HR_REASON_NONE;
    }
    if (nodes[node].kind != HR_JSON_OBJECT) {
        return hr_fact_wrong(reading, name, node, "an object or null");
    }
    struct hr_override *list = hr_arena_take(reading->arena, HR_LIST_MOST * sizeof *list);
    size_t count = 0;
    for (uint32_t key = node + 1; key < nodes[node].next; key = nodes[key + 1].next) {
        struct hr_override override = {.level_count = 0};
        enum hr_reason reason = read_text(reading, name, key, 1, HR_NAME_MOST, &override.rule);
        size_t i = 0;
        while (i < count && !hr_str_equal(list[i].rule, override.rule)) {
            i++;
        }
        if (!reason && i == HR_LIST_MOST) {
            reason = hr_fact_wrong(reading, name, node, "at most 256 rules");
        }
        if (!reason) {
            reason = read_override(reading, name, key + 1, &override);
        }
        if (reason) {
            return reason;
        }
        list[i] = override;
        count += i == count;
    }
    reading->fact->overrides = list;
    reading->fact->override_count = count;
    return HR_REASON_NONE;
}

/* --- by kind ---------------------------------------------------------------------------------- */

enum hr_reason hr_fact_read_field(
    const struct hr_fact_reading *reading, const struct hr_fact_field *field, uint32_t node)
{
    /* Where a field that is not kept goes. */
    union {
        struct hr_str text;
        int64_t integer;
        char currency[4];
    } nowhere;
    void *into = field->into == HR_NOT_KEPT ? &nowhere : place(reading, field->into);
    if (field->count != HR_NOT_KEPT && field->kind != HR_FIELD_ALIASES) {
        *(bool *)place(reading, field->count) = true;
    }
    switch (field->kind) {
    case HR_FIELD_TEXT:
        return read_text(reading, field->name, node, 0, HR_NAME_MOST, into);
    case HR_FIELD_NAME:
        return read_text(reading, field->name, node, 1, HR_NAME_MOST, into);
    case HR_FIELD_LONG:
        return read_text(reading, field->name, node, 0, HR_LONG_MOST, into);
    case HR_FIELD_MINOR:
    case HR_FIELD_INTEGER:
        return read_integer(reading, field->name, node, into);
    case HR_FIELD_CURRENCY:
        return read_currency(reading, field->name, node, into);
    case HR_FIELD_LIMITS:
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
    case HR_FIELD_OVERRIDES:
        return read_overrides(reading, field->name, node);
    case HR_FIELD_SCOPE:
        return read_scope(reading, field->name, node, into);
    case HR_FIELD_QUANTITY:
        return read_quantity(reading, field->name, node, into);
    case HR_FIELD_NPS:
    case HR_FIELD_CSAT:
    case HR_FIELD_HEALTH:
        return read_score(reading, field->name, node, field->kind);
    case HR_FIELD_OUTCOME:
    case HR_FIELD_STAGE:
    case HR_FIELD_DEAL:
    case HR_FIELD_QUIET:
        return read_word(reading, field->name, node, field->kind, into);
    }
    return HR_BAD_VALUE;
}
