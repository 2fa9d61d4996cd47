/* SPDX-License-Identifier: Apache-2.0 */
/* Account events: what billing, product and CRM know.
 *
 * The tables below say of each type which fields it has, of what kind; fact_field.c reads a field
 * by its kind. Whatever is wrong with one field refuses the event whole, with the field's name in
 * the detail, so that nothing of it applies. Fields that no row names are let pass: systems add
 * fields, and must not stop counting by it.
 *
 * Decisions: a limit is not negative; names are not empty (but `subscription`,
 * whose default is the empty name); names, texts and lists have the bounds of decode.h, because all
 * of it is kept in the account; a number that no quantity can hold is `overflow`, as in usage; null
 * makes the account forget segment, owner, csm and account_manager too. */
#include "fact.h"
#include "headroom/log.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

#define AT(member) offsetof(struct hr_fact, member)

static const struct hr_fact_field subscription_fields[] = {
    {"subscription", HR_FIELD_TEXT, HR_OPTIONAL, AT(subscription), HR_NOT_KEPT},
    {"plan", HR_FIELD_NAME, HR_OPTIONAL, AT(plan), HR_NOT_KEPT},
    {"limits", HR_FIELD_LIMITS, HR_OPTIONAL, AT(limits), AT(has_limits)},
    {"mrr", HR_FIELD_MINOR, HR_OPTIONAL, AT(mrr.minor), AT(has_mrr)},
    {"currency", HR_FIELD_CURRENCY, HR_OPTIONAL, AT(mrr.currency), HR_NOT_KEPT},
    {"period", HR_FIELD_PERIOD, HR_OPTIONAL, AT(period), HR_NOT_KEPT},
    {"period_start", HR_FIELD_MOMENT, HR_OPTIONAL, AT(period_start), HR_NOT_KEPT},
    {"renewal_date", HR_FIELD_RENEWAL, HR_OPTIONAL, AT(renewal_date), HR_NOT_KEPT},
    {"started_at", HR_FIELD_MOMENT, HR_OPTIONAL, AT(started_at), HR_NOT_KEPT},
    {"timezone", HR_FIELD_ZONE, HR_OPTIONAL, AT(zone), HR_NOT_KEPT},
    /* Last, so that all but subscription.cancelled leave it out. */
    {"ends_at", HR_FIELD_MOMENT, HR_OPTIONAL, AT(ends_at), HR_NOT_KEPT},
};

static const struct hr_fact_field invoice_fields[] = {
    {"invoice", HR_FIELD_NAME, HR_REQUIRED, AT(invoice), HR_NOT_KEPT},
    {"amount", HR_FIELD_MINOR, HR_OPTIONAL, HR_NOT_KEPT, HR_NOT_KEPT},
    {"currency", HR_FIELD_CURRENCY, HR_OPTIONAL, HR_NOT_KEPT, HR_NOT_KEPT},
    {"attempt", HR_FIELD_INTEGER, HR_OPTIONAL, HR_NOT_KEPT, HR_NOT_KEPT},
};

static const struct hr_fact_field account_fields[] = {
    {"aliases", HR_FIELD_ALIASES, HR_OPTIONAL, AT(aliases), AT(alias_count)},
    {"aliases_released", HR_FIELD_ALIASES, HR_OPTIONAL, AT(aliases_released),
        AT(alias_released_count)},
    {"arr", HR_FIELD_MINOR, HR_OPTIONAL, AT(arr.minor), AT(has_arr)},
    {"currency", HR_FIELD_CURRENCY, HR_OPTIONAL, AT(arr.currency), HR_NOT_KEPT},
    {"overrides", HR_FIELD_OVERRIDES, HR_OPTIONAL, AT(overrides), AT(has_overrides)},
};

static const struct hr_fact_field trial_started_fields[] = {
    {"feature", HR_FIELD_NAME, HR_REQUIRED, AT(feature), HR_NOT_KEPT},
    {"ends_at", HR_FIELD_MOMENT, HR_OPTIONAL, AT(ends_at), HR_NOT_KEPT},
};

static const struct hr_fact_field trial_ended_fields[] = {
    {"feature", HR_FIELD_NAME, HR_REQUIRED, AT(feature), HR_NOT_KEPT},
    {"outcome", HR_FIELD_OUTCOME, HR_OPTIONAL, AT(outcome), HR_NOT_KEPT},
};

static const struct hr_fact_field interest_fields[] = {
    {"feature", HR_FIELD_NAME, HR_REQUIRED, AT(feature), HR_NOT_KEPT},
    {"user", HR_FIELD_TEXT, HR_OPTIONAL, HR_NOT_KEPT, HR_NOT_KEPT},
};

static const struct hr_fact_field milestone_fields[] = {
    {"milestone", HR_FIELD_NAME, HR_REQUIRED, AT(milestone), HR_NOT_KEPT},
};

/* A score is told as an attribute, whose name the type has. */
static const struct hr_fact_field nps_fields[] = {
    {"score", HR_FIELD_NPS, HR_REQUIRED, AT(attributes), HR_NOT_KEPT},
    {"user", HR_FIELD_TEXT, HR_OPTIONAL, HR_NOT_KEPT, HR_NOT_KEPT},
};

static const struct hr_fact_field csat_fields[] = {
    {"score", HR_FIELD_CSAT, HR_REQUIRED, AT(attributes), HR_NOT_KEPT},
    {"user", HR_FIELD_TEXT, HR_OPTIONAL, HR_NOT_KEPT, HR_NOT_KEPT},
};

static const struct hr_fact_field health_fields[] = {
    {"score", HR_FIELD_HEALTH, HR_REQUIRED, AT(attributes), HR_NOT_KEPT},
};

static const struct hr_fact_field executive_fields[] = {
    {"person", HR_FIELD_TEXT, HR_OPTIONAL, HR_NOT_KEPT, HR_NOT_KEPT},
};

static const struct hr_fact_field opportunity_fields[] = {
    {"opportunity", HR_FIELD_NAME, HR_REQUIRED, AT(opportunity), HR_NOT_KEPT},
    {"stage", HR_FIELD_STAGE, HR_REQUIRED, AT(stage), HR_NOT_KEPT},
    {"kind", HR_FIELD_DEAL, HR_REQUIRED, AT(deal), HR_NOT_KEPT},
    {"amount", HR_FIELD_MINOR, HR_OPTIONAL, AT(amount.minor), AT(has_amount)},
    {"cost", HR_FIELD_MINOR, HR_OPTIONAL, AT(cost), AT(has_cost)},
    {"currency", HR_FIELD_CURRENCY, HR_OPTIONAL, AT(amount.currency), HR_NOT_KEPT},
    {"trigger", HR_FIELD_LONG, HR_OPTIONAL, AT(trigger), HR_NOT_KEPT},
};

static const struct hr_fact_field prompt_fields[] = {
    {"trigger", HR_FIELD_LONG, HR_OPTIONAL, AT(trigger), HR_NOT_KEPT},
    {"rule", HR_FIELD_TEXT, HR_OPTIONAL, AT(rule), HR_NOT_KEPT},
    {"user", HR_FIELD_TEXT, HR_OPTIONAL, HR_NOT_KEPT, HR_NOT_KEPT},
};

static const struct hr_fact_field correction_fields[] = {
    {"meter", HR_FIELD_NAME, HR_REQUIRED, AT(meter), HR_NOT_KEPT},
    {"add", HR_FIELD_QUANTITY, HR_EITHER, AT(quantity), AT(has_add)},
    {"set", HR_FIELD_QUANTITY, HR_EITHER, AT(quantity), AT(has_set)},
};

static const struct hr_fact_field silence_fields[] = {
    {"scope", HR_FIELD_SCOPE, HR_REQUIRED, AT(scope), HR_NOT_KEPT},
    {"by", HR_FIELD_NAME, HR_REQUIRED, AT(by), HR_NOT_KEPT},
    /* The rest is silence.set's. */
    {"why", HR_FIELD_LONG, HR_OPTIONAL, AT(why), HR_NOT_KEPT},
    {"as", HR_FIELD_QUIET, HR_OPTIONAL, AT(quiet), HR_NOT_KEPT},
    {"until", HR_FIELD_MOMENT, HR_REQUIRED, AT(until), HR_NOT_KEPT},
};
#define CLEARED_FIELDS 2

/* Attributes that must be text; any other may be any scalar. */
static const char *const text_attributes[] = {"segment", "owner", "csm", "account_manager"};

struct hr_fact_type {
    const char *name;
    enum hr_fact_kind kind;
    const struct hr_fact_field *fields;
    size_t count;
    bool attributes;   /* scalars that no row names are the account's attributes */
    const char *score; /* the attribute that its score is */
};

/* clang-format off */
#define TYPE(name, kind, fields) {name, kind, fields, COUNT(fields), false, NULL}
#define SCORE(name, fields, attribute) \
    {name, HR_FACT_ACCOUNT_UPDATED, fields, COUNT(fields), false, attribute}
static const struct hr_fact_type types[] = {
    {"subscription.created", HR_FACT_SUBSCRIPTION_CREATED, subscription_fields,
        COUNT(subscription_fields) - 1, false, NULL},
    {"subscription.updated", HR_FACT_SUBSCRIPTION_UPDATED, subscription_fields,
        COUNT(subscription_fields) - 1, false, NULL},
    {"subscription.renewed", HR_FACT_SUBSCRIPTION_RENEWED, subscription_fields,
        COUNT(subscription_fields) - 1, false, NULL},
    TYPE("subscription.cancelled", HR_FACT_SUBSCRIPTION_CANCELLED, subscription_fields),
    TYPE("invoice.paid", HR_FACT_INVOICE_PAID, invoice_fields),
    TYPE("invoice.payment_failed", HR_FACT_INVOICE_FAILED, invoice_fields),
    {"account.updated", HR_FACT_ACCOUNT_UPDATED, account_fields, COUNT(account_fields), true, NULL},
    {"account.erased", HR_FACT_ACCOUNT_ERASED, NULL, 0, false, NULL},
    TYPE("trial.started", HR_FACT_TRIAL_STARTED, trial_started_fields),
    TYPE("trial.ended", HR_FACT_TRIAL_ENDED, trial_ended_fields),
    TYPE("feature.interest", HR_FACT_FEATURE_INTEREST, interest_fields),
    TYPE("milestone.achieved", HR_FACT_MILESTONE, milestone_fields),
    SCORE("feedback.nps", nps_fields, "nps"),
    SCORE("feedback.csat", csat_fields, "csat"),
    SCORE("health.updated", health_fields, "health"),
    TYPE("engagement.executive", HR_FACT_EXECUTIVE, executive_fields),
    TYPE("opportunity.stage_changed", HR_FACT_OPPORTUNITY, opportunity_fields),
    TYPE("prompt.shown", HR_FACT_PROMPT_SHOWN, prompt_fields),
    TYPE("prompt.dismissed", HR_FACT_PROMPT_DISMISSED, prompt_fields),
    TYPE("prompt.accepted", HR_FACT_PROMPT_ACCEPTED, prompt_fields),
    TYPE("usage.corrected", HR_FACT_USAGE_CORRECTED, correction_fields),
    TYPE("silence.set", HR_FACT_SILENCE_SET, silence_fields),
    {"silence.cleared", HR_FACT_SILENCE_CLEARED, silence_fields, CLEARED_FIELDS, false, NULL},
};
/* clang-format on */

const struct hr_fact_type *hr_fact_type_find(struct hr_str type)
{
    for (size_t i = 0; i < COUNT(types); i++) {
        if (hr_str_is(type, types[i].name)) {
            return &types[i];
        }
    }
    return NULL;
}

/* --- attributes ------------------------------------------------------------------------------ */

static bool is_field(const struct hr_fact_type *type, struct hr_str name)
{
    for (size_t i = 0; i < type->count; i++) {
        if (hr_str_is(name, type->fields[i].name)) {
            return true;
        }
    }
    return false;
}

static bool must_be_text(struct hr_str name)
{
    for (size_t i = 0; i < COUNT(text_attributes); i++) {
        if (hr_str_is(name, text_attributes[i])) {
            return true;
        }
    }
    return false;
}

static enum hr_reason check_attribute(
    const struct hr_fact_reading *reading, uint32_t key, const struct hr_attribute *attribute)
{
    const struct hr_value *value = &attribute->value;
    const char *must = NULL;
    if (value->kind != HR_VALUE_OTHER && value->text.len > HR_TEXT_MOST) {
        must = "at most 4096 bytes";
    }
    if (value->kind != HR_VALUE_STRING && value->kind != HR_VALUE_NULL &&
        must_be_text(attribute->name)) {
        must = "a string or null";
    }
    if (must) {
        return hr_fact_wrong(
            reading, hr_escape(reading->arena, attribute->name, HR_SHOWN), key + 1, must);
    }
    if (value->kind == HR_VALUE_NUMBER && value->overflows) {
        return hr_fact_too_large(
            reading, hr_escape(reading->arena, attribute->name, HR_SHOWN), key + 1);
    }
    return HR_REASON_NONE;
}

static enum hr_reason read_attributes(
    const struct hr_fact_reading *reading, const struct hr_fact_type *type, uint32_t data)
{
    const struct hr_json_node *nodes = reading->json->nodes;
    struct hr_attribute *list = hr_arena_take(reading->arena, HR_LIST_MOST * sizeof *list);
    size_t count = 0;
    for (uint32_t key = data + 1; key < nodes[data].next; key = nodes[key + 1].next) {
        struct hr_attribute attribute;
        attribute.name = hr_document_text(reading->json, key, reading->arena);
        if (is_field(type, attribute.name)) {
            continue;
        }
        hr_read_value(reading->json, key + 1, reading->arena, &attribute.value);
        enum hr_reason reason = check_attribute(reading, key, &attribute);
        if (reason) {
            return reason;
        }
        if (attribute.value.kind == HR_VALUE_OTHER) {
            continue;
        }
        if (attribute.name.len == 0 || attribute.name.len > HR_NAME_MOST) {
            return hr_reject_event(reading->detail, HR_BAD_VALUE,
                "data: names must have 1 to 256 bytes, one is %s", hr_fact_show(reading, key));
        }
        size_t i = 0;
        while (i < count && !hr_str_equal(list[i].name, attribute.name)) {
            i++;
        }
        if (i == HR_LIST_MOST) {
            return hr_reject_event(
                reading->detail, HR_BAD_VALUE, "data: must have at most 256 attributes");
        }
        list[i] = attribute;
        count += i == count;
    }
    reading->fact->attributes = list;
    reading->fact->attribute_count = count;
    return HR_REASON_NONE;
}

/* --- an event -------------------------------------------------------------------------------- */

/* Of the fields of which one must be given: which, or how many. */
static enum hr_reason check_either(
    const struct hr_fact_reading *reading, const struct hr_fact_type *type, unsigned given)
{
    const char *names[2] = {NULL, NULL};
    for (size_t i = 0; i < type->count; i++) {
        if (type->fields[i].need == HR_EITHER) {
            names[names[0] != NULL] = type->fields[i].name;
        }
    }
    if (!names[0] || given == 1) {
        return HR_REASON_NONE;
    }
    return hr_reject_event(reading->detail, HR_BAD_VALUE,
        given ? "data.%s: must not stand beside %s" : "data.%s: is required, or %s", names[0],
        names[1]);
}

static enum hr_reason read_fields(
    const struct hr_fact_reading *reading, const struct hr_fact_type *type, uint32_t data)
{
    const char *money = NULL;
    bool currency = false;
    unsigned either = 0;
    for (size_t i = 0; i < type->count; i++) {
        const struct hr_fact_field *field = &type->fields[i];
        uint32_t node = data == HR_JSON_NONE
                            ? HR_JSON_NONE
                            : hr_document_member(reading->json, data, hr_str(field->name));
        if (node == HR_JSON_NONE) {
            if (field->need == HR_REQUIRED) {
                return hr_reject_event(
                    reading->detail, HR_BAD_VALUE, "data.%s: is required", field->name);
            }
            continue;
        }
        if (field->kind == HR_FIELD_MINOR) {
            money = field->name;
        }
        currency |= field->kind == HR_FIELD_CURRENCY;
        either += field->need == HR_EITHER;
        enum hr_reason reason = hr_fact_read_field(reading, field, node);
        if (reason) {
            return reason;
        }
    }
    if (money && !currency) {
        return hr_reject_event(
            reading->detail, HR_BAD_VALUE, "data.currency: is required with %s", money);
    }
    return check_either(reading, type, either);
}

enum hr_reason hr_read_fact(const struct hr_fact_type *type, const struct hr_document *json,
    uint32_t data, const struct hr_zones *zones, struct hr_arena *arena,
    const struct hr_fact **fact, char detail[HR_DETAIL])
{
    struct hr_fact *read = hr_arena_zeroed(arena, sizeof *read);
    struct hr_fact_reading reading = {json, zones, arena, read, type->score, detail};
    enum hr_reason reason = HR_REASON_NONE;
    read->kind = type->kind;
    read->subscription = HR_STR("");
    *fact = read;
    if (type->count == 0) {
        return HR_REASON_NONE; /* its data is nobody's */
    }
    if (data != HR_JSON_NONE && json->nodes[data].kind != HR_JSON_OBJECT) {
        return hr_reject_event(
            detail, HR_BAD_VALUE, "data: must be an object, is %s", hr_fact_show(&reading, data));
    }
    reason = read_fields(&reading, type, data);
    if (!reason && type->attributes && data != HR_JSON_NONE) {
        reason = read_attributes(&reading, type, data);
    }
    return reason;
}

/* --- what others ask ------------------------------------------------------------------------- */

bool hr_fact_takes_null(const struct hr_fact_type *type, struct hr_str field)
{
    for (size_t i = 0; i < type->count; i++) {
        if (hr_str_is(field, type->fields[i].name)) {
            return type->fields[i].kind == HR_FIELD_RENEWAL ||
                   type->fields[i].kind == HR_FIELD_OVERRIDES;
        }
    }
    return type->attributes;
}

bool hr_account_event_is(struct hr_str type)
{
    return hr_fact_type_find(type) != NULL;
}

bool hr_account_event_takes(struct hr_str type, struct hr_str field)
{
    const struct hr_fact_type *found = hr_fact_type_find(type);
    if (!found) {
        return false;
    }
    for (size_t i = 0; i < found->count; i++) {
        const struct hr_fact_field *row = &found->fields[i];
        if (hr_str_is(field, row->name) ||
            (row->kind == HR_FIELD_LIMITS && hr_str_starts(field, "limits."))) {
            return true;
        }
    }
    return found->attributes;
}

size_t hr_account_event_fields(struct hr_str *names, size_t most)
{
    size_t count = 0;
    for (size_t i = 0; i < COUNT(types); i++) {
        for (size_t j = 0; j < types[i].count; j++) {
            struct hr_str name = hr_str(types[i].fields[j].name);
            size_t seen = 0;
            while (seen < count && !hr_str_equal(names[seen], name)) {
                seen++;
            }
            if (seen == count && count < most) {
                names[count++] = name;
            }
        }
    }
    return count;
}
