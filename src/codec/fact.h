/* SPDX-License-Identifier: Apache-2.0 */
/* One field of an account event: what the tables say of it, and how it is read. */
#ifndef HEADROOM_CODEC_FACT_H
#define HEADROOM_CODEC_FACT_H

#include "decode.h"

enum hr_fact_field_kind {
    HR_FIELD_TEXT,     /* string */
    HR_FIELD_NAME,     /* string, not empty */
    HR_FIELD_LONG,     /* string, longer than names: ids of triggers, reasons */
    HR_FIELD_MINOR,    /* integer minor units; wants a currency */
    HR_FIELD_CURRENCY, /* ISO 4217 */
    HR_FIELD_INTEGER,
    HR_FIELD_LIMITS,    /* object: name → quantity, or null for unlimited */
    HR_FIELD_PERIOD,    /* month, quarter, year, week, Nd */
    HR_FIELD_MOMENT,    /* date or RFC 3339 */
    HR_FIELD_RENEWAL,   /* a moment or null */
    HR_FIELD_ZONE,      /* IANA name */
    HR_FIELD_ALIASES,   /* array of account names */
    HR_FIELD_OVERRIDES, /* object: rule → own levels and owner; or null */
    HR_FIELD_SCOPE,     /* account, rule:NAME, owner:NAME */
    HR_FIELD_QUANTITY,  /* number or numeric string */
    /* A number in a range. */
    HR_FIELD_NPS,
    HR_FIELD_CSAT,
    HR_FIELD_HEALTH,
    /* A word of a list. */
    HR_FIELD_OUTCOME,
    HR_FIELD_STAGE,
    HR_FIELD_DEAL,
    HR_FIELD_QUIET,
};

enum hr_fact_need {
    HR_OPTIONAL,
    HR_REQUIRED,
    HR_EITHER, /* exactly one of the type's fields that say so */
};

/* `into` and `count` are offsets into hr_fact; `count` is also where a flag says that the field was
 * given. A field that is checked and not kept has neither. */
struct hr_fact_field {
    const char *name;
    enum hr_fact_field_kind kind;
    enum hr_fact_need need;
    size_t into, count;
};
#define HR_NOT_KEPT SIZE_MAX

struct hr_fact_reading {
    const struct hr_document *json;
    const struct hr_zones *zones;
    struct hr_arena *arena;
    struct hr_fact *fact;
    const char *score; /* the attribute that the event's score is; NULL: it has none */
    char *detail;
};

/* Reads a field that is there into the fact. */
HR_MUST enum hr_reason hr_fact_read_field(
    const struct hr_fact_reading *reading, const struct hr_fact_field *field, uint32_t node);

/* bad_value and overflow, with the field's name and what stands there. */
HR_MUST enum hr_reason hr_fact_wrong(
    const struct hr_fact_reading *reading, const char *name, uint32_t node, const char *must);
HR_MUST enum hr_reason hr_fact_too_large(
    const struct hr_fact_reading *reading, const char *name, uint32_t node);
const char *hr_fact_show(const struct hr_fact_reading *reading, uint32_t node);

#endif
