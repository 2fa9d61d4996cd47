/* SPDX-License-Identifier: Apache-2.0 */
/* One decoded event, as the codec hands it to the core: JSON is behind it, meaning is before it.
 *
 * Everything points into the record's bytes or the batch's arena; nothing outlives the batch. */
#ifndef HEADROOM_EVENT_H
#define HEADROOM_EVENT_H

#include "headroom/decimal.h"
#include "headroom/str.h"
#include "headroom/time.h"

#include <stdbool.h>
#include <stdint.h>

enum hr_value_kind {
    HR_VALUE_MISSING,
    HR_VALUE_NULL,
    HR_VALUE_BOOL,
    HR_VALUE_NUMBER, /* `number` is set when `fits` */
    HR_VALUE_STRING, /* `number` is set when `fits`: strings such as "12.5" count as numbers */
    HR_VALUE_OTHER,  /* an array or an object */
};

/* One field of an event that the configuration names. */
struct hr_value {
    enum hr_value_kind kind;
    bool flag;      /* of a boolean */
    bool fits;      /* text is a JSON number that a quantity can hold */
    bool overflows; /* text is a JSON number that a quantity cannot hold */
    struct hr_decimal number;
    struct hr_str text; /* as written, strings unescaped and without their quotes */
};

/* A moment as account events write it: a date of the account's zone, or a time. */
enum hr_moment_kind { HR_MOMENT_ABSENT, HR_MOMENT_NULL, HR_MOMENT_DATE, HR_MOMENT_TIME };
struct hr_moment {
    enum hr_moment_kind kind;
    int64_t day; /* since 1970-01-01 */
    struct hr_time time;
};

enum hr_fact_kind {
    HR_FACT_SUBSCRIPTION_CREATED,
    HR_FACT_SUBSCRIPTION_UPDATED,
    HR_FACT_SUBSCRIPTION_RENEWED,
    HR_FACT_SUBSCRIPTION_CANCELLED,
    HR_FACT_INVOICE_PAID,
    HR_FACT_INVOICE_FAILED,
    HR_FACT_ACCOUNT_UPDATED, /* feedback.* and health.updated too: their score is an attribute */
    HR_FACT_ACCOUNT_ERASED,
    HR_FACT_TRIAL_STARTED,
    HR_FACT_TRIAL_ENDED,
    HR_FACT_FEATURE_INTEREST,
    HR_FACT_MILESTONE,
    HR_FACT_EXECUTIVE,
    HR_FACT_OPPORTUNITY,
    HR_FACT_PROMPT_SHOWN,
    HR_FACT_PROMPT_DISMISSED,
    HR_FACT_PROMPT_ACCEPTED,
    HR_FACT_USAGE_CORRECTED,
    HR_FACT_SILENCE_SET,
    HR_FACT_SILENCE_CLEARED,
};

/* Words of lists (EVENTS.md), in its order. */
enum hr_outcome { HR_OUTCOME_ABSENT, HR_CONVERTED, HR_EXPIRED, HR_CANCELLED };
enum hr_stage {
    HR_STAGE_IDENTIFIED,
    HR_STAGE_QUALIFIED,
    HR_STAGE_ENGAGED,
    HR_STAGE_NEGOTIATION,
    HR_STAGE_WON,
    HR_STAGE_LOST,
    HR_STAGE_COUNT
};
enum hr_deal { HR_DEAL_NEW, HR_DEAL_UPSELL, HR_DEAL_CROSS_SELL, HR_DEAL_RENEWAL };
enum hr_quiet { HR_SILENCED, HR_SNOOZED, HR_ACKNOWLEDGED };
/* As they are written, from the first that can be; ending with NULL. In src/core/event.c. */
extern const char *const hr_outcome_names[], *const hr_stage_names[], *const hr_deal_names[],
                                                                          *const hr_quiet_names[];

/* Billing periods: `count` of a unit (quarter is three months, year is twelve). */
enum hr_period_unit { HR_PERIOD_ABSENT, HR_PERIOD_DAYS, HR_PERIOD_WEEKS, HR_PERIOD_MONTHS };
struct hr_period {
    enum hr_period_unit unit;
    int32_t count;
};

struct hr_money {
    int64_t minor;    /* integer minor units */
    char currency[4]; /* ISO 4217, terminated; "" is absent */
};

struct hr_limit {
    struct hr_str name;
    bool unlimited;
    struct hr_decimal value;
};

struct hr_attribute {
    struct hr_str name;
    struct hr_value value; /* STRING, NUMBER, BOOL, or NULL: forget it */
};

/* Own levels of one account for a rule, as they are written: their unit is the rule's. */
struct hr_override {
    struct hr_str rule;
    const struct hr_str *levels;
    size_t level_count;  /* 0: the rule's own */
    struct hr_str owner; /* at NULL: none */
};

/* What an account event says; the decoder has checked types, ranges and lists (EVENTS.md). Absent
 * strings have at == NULL. */
struct hr_fact {
    enum hr_fact_kind kind;
    /* subscription.* */
    struct hr_str subscription; /* default "" */
    struct hr_str plan;
    bool has_limits; /* `limits` was given: it replaces the whole object */
    const struct hr_limit *limits;
    size_t limit_count;
    bool has_mrr;
    struct hr_money mrr;
    struct hr_period period;
    struct hr_moment period_start, renewal_date, started_at, ends_at;
    const struct hr_zone *zone; /* NULL when absent */
    /* invoice.* */
    struct hr_str invoice;
    /* account.updated */
    bool has_arr;
    struct hr_money arr;
    const struct hr_attribute *attributes; /* segment, owner, csm, account_manager and any other */
    size_t attribute_count;
    const struct hr_str *aliases, *aliases_released;
    size_t alias_count, alias_released_count;
    bool has_overrides; /* the whole object each time; none of them: null */
    const struct hr_override *overrides;
    size_t override_count;
    /* trial.*, feature.interest; a trial's end is ends_at */
    struct hr_str feature;
    enum hr_outcome outcome;
    /* milestone.achieved */
    struct hr_str milestone;
    /* opportunity.stage_changed */
    struct hr_str opportunity;
    enum hr_stage stage;
    enum hr_deal deal;
    bool has_amount, has_cost;
    struct hr_money amount;
    int64_t cost; /* in the amount's currency */
    /* opportunity.stage_changed, prompt.* */
    struct hr_str trigger, rule;
    /* silence.* */
    struct hr_str scope; /* account, rule:NAME, owner:NAME */
    struct hr_str by, why;
    enum hr_quiet quiet;
    struct hr_moment until;
    /* usage.corrected: one of the two */
    struct hr_str meter;
    bool has_add, has_set;
    struct hr_decimal quantity;
};

struct hr_event_type; /* rules.h: what the configuration wants of one usage event type */

struct hr_event {
    struct hr_str account; /* as written */
    struct hr_str source, id, type;
    struct hr_time time; /* HR_TIME_NONE when the event has none: the arrival then */
    uint64_t identity;   /* of (source, id); the account is mixed in where it is counted */
    uint64_t body;       /* of type, time as written, data without insignificant white space */
    const struct hr_event_type *usage; /* NULL: no meter names this type */
    const struct hr_value *values;     /* usage->field_count of them */
    const struct hr_fact *fact;        /* NULL: not an account event */
};

/* SEMANTICS 1. The names are the published reasons. */
enum hr_reason {
    HR_REASON_NONE,
    HR_BAD_JSON,
    HR_BAD_EVENT,
    HR_BAD_TIME,
    HR_BAD_VALUE,
    HR_OVERFLOW,
    HR_TOO_LATE,
    HR_IN_FUTURE,
    HR_ID_CONFLICT,
    HR_TOO_LARGE,
    HR_FORWARD_LOOP,
    HR_ALIAS_TAKEN,
    HR_REASON_COUNT,
};
const char *hr_reason_name(enum hr_reason reason); /* "bad_json"; in src/core/event.c */

#endif
