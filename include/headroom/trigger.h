/* SPDX-License-Identifier: Apache-2.0 */
/* What the core decided, before it is written as JSON. Everything lives in the batch's arena or in
 * the rule set that decided. */
#ifndef HEADROOM_TRIGGER_H
#define HEADROOM_TRIGGER_H

#include "headroom/advice.h"

enum hr_trigger_kind { HR_FIRED, HR_RESOLVED };

enum hr_cause {
    HR_CAUSE_USAGE,
    HR_CAUSE_LIMIT_CHANGE,
    HR_CAUSE_LATE_CROSSING,
    HR_CAUSE_TIME,
    HR_CAUSE_ACCOUNT_CHANGE,
    HR_CAUSE_RENEWAL_MOVED,
    HR_CAUSE_RULE_CHANGE,
};
const char *hr_cause_name(enum hr_cause cause);

enum hr_resolution {
    HR_USAGE_DECREASED,
    HR_USAGE_INCREASED,
    HR_LIMIT_INCREASED,
    HR_LIMIT_LOWERED,
    HR_PERIOD_RESET,
    HR_SUBSCRIPTION_ENDED,
    HR_RENEWAL_MOVED,
    HR_RENEWED,
    HR_SIGNAL_RETURNED,
    HR_SIGNAL_UNKNOWN,
    HR_RULE_CHANGED,
    HR_CORRECTED,
    HR_MOVED,
};
const char *hr_resolution_name(enum hr_resolution resolution);
const char *hr_category_name(enum hr_category category);

/* Why a level of a rule is as it is: each comes from the very decision (rule.c, fire.c, late.c). */
enum hr_why {
    HR_WHY_READY, /* beyond, and nothing is in its way: fires when it is judged next */
    HR_WHY_FIRED,
    HR_WHY_CLAIMED, /* open without a trigger: hr_claim says by what */
    /* Not open, and not beyond in a way that counts: */
    HR_WHY_HISTORY,     /* before start.live_from: counted, not judged */
    HR_WHY_ENDED,       /* no subscription is active */
    HR_WHY_UNKNOWN,     /* the signal is unknown */
    HR_WHY_NOT_REACHED, /* the signal is not there */
    HR_WHY_VOID,        /* a renewal window not shorter than the term */
    HR_WHY_NOT_ARMED,   /* a down-rule on a volume that was never above the level */
    /* Beyond, and held back. Stored as distance from FOR: new ones go to the end. */
    HR_WHY_FOR,
    HR_WHY_COOLDOWN,
    HR_WHY_WHEN,
    HR_WHY_SILENCE,
    HR_WHY_MIN_TENURE, /* timing: not a customer for long enough */
    HR_WHY_MILESTONE,  /* a required milestone is not achieved */
    HR_WHY_QUIET,      /* a prompt was dismissed, or an opportunity lost, lately */
    HR_WHY_BUDGET,     /* the account was told enough lately */
    HR_WHY_BRAKE,      /* the rule fired for too many accounts at once */
    HR_WHY_SOURCE,     /* a down-rule on what a source brings that fell silent */
    HR_WHY_COUNT,
};
const char *hr_why_name(enum hr_why why);
static inline bool hr_why_is_held(enum hr_why why)
{
    return why >= HR_WHY_FOR;
}

/* What claimed a level. Stored where a waiting level stores its cause, and told from that by its
 * value. */
enum hr_claim {
    HR_CLAIM_UNKNOWN,    /* and everything below JUMP: claimed before this was kept */
    HR_CLAIM_JUMP = 32,  /* a further level of the rule fired */
    HR_CLAIM_LIVE_FROM,  /* beyond already when business began */
    HR_CLAIM_LATE_NEVER, /* a window that was passed when first seen, `late: never` */
    HR_CLAIM_ON_START,   /* beyond already when it was new, `on_start: skip` */
    HR_CLAIM_UNDER_OPEN, /* new, under a level that is open */
    HR_CLAIM_MODE,       /* fired before its rule went live or into shadow */
    HR_CLAIM_BRAKE,      /* what the brake held was discarded */
    HR_CLAIM_END,
};
const char *hr_claim_name(enum hr_claim claim);

/* A level that is beyond and may not fire: recorded once a reason, for the furthest such level. */
struct hr_held {
    const struct hr_rule *rule;
    const struct hr_rule_level *level;
    struct hr_str account;
    enum hr_why why;
    bool late; /* a late crossing: it is dropped, not kept waiting */
};

/* What operators are told. */
enum hr_notice_kind {
    HR_NOTICE_BRAKE,  /* a rule's brake went on in one home */
    HR_NOTICE_SILENT, /* a source fell silent in one home */
};
struct hr_notice {
    enum hr_notice_kind kind;
    struct hr_str about; /* the rule, the source's topic */
    uint32_t partition;
    uint32_t accounts; /* of BRAKE: for which it fired within the time */
    int64_t within_us; /* that time; of SILENT how long it may be silent */
    struct hr_time
        time; /* BRAKE: by the wall clock; SILENT: since when it is, by the home's clock */
};

/* Relative standard error of an estimate of `unique` (src/core/sketch.c). */
#define HR_UNIQUE_ERROR "1.15%"
/* Of the ratio of two halves with some 800 members of the sample each: the root of 2 / 800. */
#define HR_TREND_ERROR "5%"

/* When a meter meets its limit, in whole days from the decision. */
struct hr_forecast {
    bool known;
    bool open; /* no latest day: it may never come to it, or only past the period's end */
    int64_t days, low, high; /* low <= days; of what is not open, days < high unless all are 0 */
};

struct hr_trigger {
    enum hr_trigger_kind kind;
    const struct hr_rules *rules; /* that decided: its epoch is published */
    const struct hr_rule *rule;
    const struct hr_rule_level *level;
    struct hr_str account;
    struct hr_str subscription; /* of a renewal window where there are several, else empty */
    bool has_subscription;
    bool known;              /* value is known (of a resolution it may not be) */
    struct hr_decimal value; /* of the signal: share, days, quantity, money in major units */
    bool has_previous;
    struct hr_decimal previous; /* the signal just before the moment of the decision */
    char currency[4];           /* of money */
    char previous_currency[4];  /* likewise, for somebody may tell it in another */
    bool has_meter;             /* the signal is about a meter: its evidence follows */
    struct hr_str group;        /* of a group's; at == NULL: the meter as a whole */
    bool meter_unknown;         /* min, max and avg of no events */
    struct hr_decimal meter_value;
    bool has_limit, unlimited;
    struct hr_decimal limit;
    struct hr_forecast forecast;         /* of the meter, where one is kept */
    bool approximate;                    /* `unique` beyond its exact range, with HR_UNIQUE_ERROR */
    bool sampled;                        /* its trend is, with HR_TREND_ERROR */
    bool held_out;                       /* decided like a shadow's, to compare with */
    enum hr_cause cause;                 /* of HR_FIRED */
    const struct hr_advice *advice;      /* of HR_FIRED */
    enum hr_resolution resolution;       /* of HR_RESOLVED */
    bool late;                           /* a renewal window first seen with fewer days left */
    uint32_t episode;                    /* of this level, from 1 */
    int64_t date;                        /* local start day of the billing period, for the id */
    uint32_t number;                     /* N of the id: fires of this level under that date */
    struct hr_time event_time, ingested; /* of the record that decided; NONE when time alone did */
    struct hr_time decided;              /* the clock of the partition at the decision */
};
/* Does anybody hear of it? */
static inline bool hr_trigger_is_published(const struct hr_trigger *trigger)
{
    return !trigger->rule->shadow && !trigger->held_out;
}

#endif
