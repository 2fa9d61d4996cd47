/* SPDX-License-Identifier: Apache-2.0 */
/* What decides, compiled: the tables that the core reads. The config room makes them from text and
 * nobody changes them afterwards. Two rule sets may be in force at once (accounts take a change
 * over one by one), so state never refers to a slot: it is stored under keys made from names. */
#ifndef HEADROOM_RULES_H
#define HEADROOM_RULES_H

#include "headroom/decimal.h"
#include "headroom/error.h"
#include "headroom/event.h"
#include "headroom/format.h"
#include "headroom/literal.h"
#include "headroom/str.h"
#include "headroom/time.h"

#include <stdbool.h>
#include <stdint.h>

/* --- meters --------------------------------------------------------------------------------- */

enum hr_aggregate {
    HR_SUM,
    HR_COUNT,
    HR_MIN,
    HR_MAX,
    HR_AVG,
    HR_LATEST,
    HR_UNIQUE,
};

enum hr_window_kind {
    HR_WINDOW_PERIOD,
    HR_WINDOW_DAY,
    HR_WINDOW_WEEK,
    HR_WINDOW_MONTH,
    HR_WINDOW_SPAN
};
struct hr_window {
    enum hr_window_kind kind;
    int64_t span_us;   /* of a SPAN */
    int64_t bucket_us; /* of a SPAN: the widest of a day, an hour, a minute that gives at least 7 */
    uint32_t buckets;  /* of a SPAN: span rounded down to whole buckets */
    struct hr_str text; /* as written in signals: "period", "24h" */
    bool unseen;        /* kept for a trend or the usual score: nobody asked for its value */
};

/* `where`: a condition on a field of the event. A missing field does not hold. */
struct hr_where {
    uint16_t field; /* index into the event type's fields */
    enum hr_operator operator;
    struct hr_literal literal;
};

struct hr_meter {
    struct hr_str name;
    uint32_t
        key; /* low half of hr_hash64(name, 0): its name in stored state; unique in a rule set */
    uint16_t type; /* index into types */
    enum hr_aggregate aggregate;
    int32_t value;              /* index into the event type's fields; -1 for count */
    bool has_by;                /* each value of a field is a group, counted by itself as well */
    uint16_t by;                /* index into the event type's fields */
    uint16_t group_most;        /* values that have a place beside `other` */
    const struct hr_str *named; /* those that always have one: `other`, then what signals name */
    uint16_t named_count;
    const struct hr_where *where;
    uint16_t where_count;
    bool feature; /* counts the uses of a feature, whose name follows "feature." in its own */
    struct hr_str trial; /* of a feature: the trial in which it is tried */
    bool has_worth;
    struct hr_decimal worth; /* of one, in major units of its currency */
    char worth_currency[4];
    struct hr_str limit;             /* name of the limit; empty: none */
    const struct hr_window *windows; /* the period first, always; the others in order of width */
    uint16_t window_count;
};

#define HR_GROUP_VALUE_MOST                                                                        \
    64u /* bytes of a value of `by`; what is longer counts under `other`                           \
         */

struct hr_event_type {
    struct hr_str name;
    const struct hr_str *fields; /* JSON pointers into the event's data, e.g. "/value" */
    uint16_t field_count;
    const uint16_t *meters; /* that it feeds */
    uint16_t meter_count;
};

/* --- signals and conditions ------------------------------------------------------------------ */

enum hr_signal_kind {
    HR_SIGNAL_METER,         /* meter.M.W */
    HR_SIGNAL_USED,          /* meter.M.used */
    HR_SIGNAL_REMAINING,     /* meter.M.remaining */
    HR_SIGNAL_ADOPTION,      /* members of a unique meter in a window, of its limit */
    HR_SIGNAL_VALUE,         /* value.M: the period's value in money */
    HR_SIGNAL_DAYS_ACTIVE,   /* feature.F.days_active.W */
    HR_SIGNAL_PROJECTED,     /* meter.M.projected */
    HR_SIGNAL_DAYS_TO_LIMIT, /* meter.M.days_to_limit */
    HR_SIGNAL_GROWTH,        /* meter.M.growth.W */
    HR_SIGNAL_DROP,          /* meter.M.drop.W; the last of the kinds about a meter */
    HR_SIGNAL_RENEWAL_DAYS,
    HR_SIGNAL_TENURE_DAYS,
    HR_SIGNAL_PERIOD_ELAPSED,
    HR_SIGNAL_INVOICE_UNPAID,
    HR_SIGNAL_ATTRIBUTE,  /* account.NAME; mrr and arr are money */
    HR_SIGNAL_TRIAL,      /* trial.NAME: 1 while it runs */
    HR_SIGNAL_INTEREST,   /* interest.NAME: in 30 daily buckets */
    HR_SIGNAL_TRIAL_USES, /* trial.uses.W; W is the attribute */
    HR_SIGNAL_MILESTONE,  /* milestone.NAME: 1 once achieved */
    HR_SIGNAL_EXECUTIVE_DAYS,
    HR_SIGNAL_DEAL_SIZE,
    HR_SIGNAL_SCORE,
    HR_SIGNAL_TIER,
    HR_SIGNAL_SEGMENT,
    HR_SIGNAL_PRODUCT_ADOPTION, /* adoption.P: the share of its features with use */
    HR_SIGNAL_PRODUCT_USED,
    HR_SIGNAL_PRODUCT_OWNED,
    HR_SIGNAL_PRODUCTS_USED,
    HR_SIGNAL_PRODUCTS_OWNED,
    HR_SIGNAL_DEAL_RATIO,
    HR_SIGNAL_LIMIT_DROP, /* limit.NAME.drop.W */
    HR_SIGNAL_CATEGORY,   /* of a trigger: routes alone may ask */
};

enum hr_unit { HR_UNIT_NUMBER, HR_UNIT_SHARE, HR_UNIT_DAYS, HR_UNIT_MONEY, HR_UNIT_TEXT };

struct hr_signal {
    enum hr_signal_kind kind;
    enum hr_unit unit;
    struct hr_str text;      /* as written: "meter.contacts.used" */
    uint16_t meter, window;  /* window: index into the meter's windows */
    uint16_t group;          /* 1 + index into the meter's named groups; 0: the meter as a whole */
    struct hr_str attribute; /* or the name of a trial, a feature, a milestone or a limit */
    int64_t span_us;         /* of trial.uses.W */
    uint16_t product;        /* index into products */
    const uint16_t *needs;   /* signals that it is made from, theirs included */
    uint16_t need_count;
};

struct hr_condition {
    uint16_t signal;
    enum hr_operator operator;
    struct hr_literal literal;
};

/* A conjunction of alternatives: every clause must hold, a clause holds if one of its conditions
 * does. A plain condition is a clause of one. */
struct hr_clause {
    const struct hr_condition *any;
    uint16_t count;
};

/* --- rules ----------------------------------------------------------------------------------- */

enum hr_direction { HR_UP, HR_DOWN };
enum hr_category { HR_RISK, HR_RENEWAL, HR_UPSELL, HR_CROSS_SELL }; /* in the order of firing */

struct hr_rule_level {
    struct hr_decimal value; /* 80% is 0.8, 60d is 60 */
    struct hr_str text;      /* canonical, for ids: "80pct", "60d", "25000USD", "4" */
    char currency[4];
};

/* So many in so long; one exactly that old no longer counts. count 0: no budget. */
struct hr_budget {
    uint32_t count;
    int64_t within_us;
};
#define HR_BUDGET_MOST 100u /* an account keeps the times of so many fires */

/* When an account is to be left in peace; 0: not asked. For rules that are `timed`. */
struct hr_timing {
    int64_t min_tenure_us;
    int64_t after_dismissal_us; /* of a prompt */
    int64_t after_decline_us;   /* of an opportunity */
    struct hr_budget account;
    struct hr_budget owner; /* of a person's work: kept where triggers are delivered */
};

/* Of each live rule in each home; nothing: 0. */
struct hr_brake_bound {
    uint32_t accounts;
    struct hr_decimal share; /* of the home's accounts */
    int64_t within_us;
};

struct hr_rule {
    struct hr_str name;
    uint64_t key; /* hash of name, watch and direction: change one and it is a new rule */
    uint16_t signal;
    enum hr_direction direction;
    enum hr_category category;
    int32_t priority;
    const struct hr_rule_level *levels; /* nearest first: ascending when up, descending when down */
    uint16_t level_count;
    struct hr_decimal rearm; /* in the levels' unit */
    int64_t for_us, cooldown_us;
    bool jump_each;  /* `jump: each` */
    bool late_never; /* `late: never` */
    bool shadow;     /* `mode: shadow` */
    bool on_start_skip;
    bool timed;                      /* its category is one of timing.categories */
    const struct hr_str *milestones; /* that must have been achieved */
    uint16_t milestone_count;
    const struct hr_clause *when;
    uint16_t when_count;
    int16_t playbook;             /* -1: the route's */
    const struct hr_offer *offer; /* NULL: none */
};

/* --- what a trigger advises ------------------------------------------------------------------- */

/* What a rule offers to an account that does not have it. */
struct hr_offer {
    uint16_t product;
    bool has_mrr;
    struct hr_decimal least, most; /* a month, in major units; the same where one was written */
    char currency[4];
};

/* A plan suits if the projected use stays below the share of its limit for the time. */
struct hr_recommend {
    struct hr_decimal below;
    int64_t for_us;
};

enum hr_block {
    HR_DISCOVERY,
    HR_VALUE_RECAP,
    HR_SOLUTION,
    HR_ROI,
    HR_PROPOSAL,
    HR_BLOCKS,
};

struct hr_playbook {
    struct hr_str name, title, impact;
    struct hr_str texts[HR_BLOCKS]; /* empty: evidence alone */
};

enum hr_audience {
    HR_IN_APP,
    HR_MAIL,
    HR_CSM,
    HR_ACCOUNT_MANAGER,
    HR_SALES,
    HR_PRODUCT_LEADERSHIP,
    HR_DEDICATED_TEAM,
    HR_PERSONAL_DEMO,
    HR_AUDIENCES,
};
/* In src/core/trigger.c; the last is NULL. */
extern const char *const hr_audience_names[];
extern const char *const hr_block_names[];

struct hr_route {
    const struct hr_clause *when;
    uint16_t when_count;
    uint16_t audience_count;
    enum hr_audience audience[HR_AUDIENCES]; /* in the order written */
    struct hr_str owner;                     /* empty: by audience */
    int16_t playbook;                        /* -1: none */
};

/* --- what is made from signals -----------------------------------------------------------------
 */

/* A row of the score: its points count while its clauses hold. */
struct hr_score_row {
    struct hr_str name; /* at NULL: none */
    int32_t points;
    const struct hr_clause *when;
    uint16_t when_count;
};

/* A name for totals from `least`. Below the last tier it is HR_TIER_NONE. */
struct hr_tier {
    struct hr_str name;
    int64_t least;
};
#define HR_TIER_NONE "not_ready"

/* The first whose clauses hold is the account's segment. */
struct hr_segment_row {
    struct hr_str name;
    const struct hr_clause *when;
    uint16_t when_count;
};

/* What is sold with plans, and used by its features. */
struct hr_product {
    struct hr_str name;
    const uint16_t *uses; /* signals: how often each feature was used in 30 daily buckets */
    uint16_t use_count;
    const uint16_t *plans; /* that hold it */
    uint16_t plan_count;
};

/* --- the rest of what decides ---------------------------------------------------------------- */

struct hr_plan {
    struct hr_str name;
    const struct hr_limit *limits;
    uint16_t limit_count;
    bool has_mrr;
    struct hr_decimal mrr; /* in major units */
    char currency[4];
    const uint16_t *next; /* plans to go up to; may lead round */
    uint16_t next_count;
    struct hr_str link; /* empty: none */
};

struct hr_rate {
    char currency[4];
    struct hr_decimal rate; /* how much of money.currency one unit is worth */
};

/* A signal that fires are told apart by, in bands between bounds. */
struct hr_band {
    uint16_t signal, count;          /* of bounds, ascending */
    const struct hr_decimal *bounds; /* in the signal's unit */
    char currency[4];                /* of money; empty: the account's own */
    const struct hr_str *labels;     /* one more: "account.nps=<7", "…=7..9", "…=>=9" */
};

#define HR_HISTORY_MOST 120 /* months of books */
struct hr_outcome_rules {
    int64_t attribution_us;
    uint32_t hold_out; /* of a million */
    int32_t history;   /* months of books */
    const struct hr_band *bands;
    uint16_t band_count;
};

struct hr_rules {
    uint32_t epoch;       /* 0 until the manifest has given one */
    char fingerprint[33]; /* hex of hr_hash128 over text */
    struct hr_str text;   /* canonical text of what decides; compiles to the same tables */
    int64_t lateness_us, skew_us;
    uint64_t dedup_memory; /* bytes of ids seen, all homes together */
    const struct hr_zone *zone;
    struct hr_time live_from; /* HR_TIME_NONE: the group's first start, from the manifest */
    struct hr_timing timing;
    struct hr_brake_bound brake;
    char currency[4];
    const struct hr_rate *rates;
    uint16_t rate_count;
    const struct hr_source *sources; /* their formats, too, decide */
    uint16_t source_count;
    const struct hr_event_type *types;
    uint16_t type_count;
    const struct hr_meter *meters;
    uint16_t meter_count;
    const struct hr_signal *signals;
    uint16_t signal_count;
    const struct hr_rule *rules; /* in the configuration's order */
    uint16_t rule_count;
    const struct hr_plan *plans;
    uint16_t plan_count;
    const struct hr_product *products;
    uint16_t product_count;
    struct hr_outcome_rules outcomes;
    const struct hr_score_row *score;
    uint16_t score_count;
    const struct hr_tier *tiers; /* the highest first */
    uint16_t tier_count;
    const struct hr_segment_row *segments;
    uint16_t segment_count;
    uint16_t crm_segment; /* the signal account.segment, where no row holds */
    struct hr_recommend recommend;
    const struct hr_playbook *playbooks;
    uint16_t playbook_count;
    const struct hr_route *routes;
    uint16_t route_count;
    bool routes_by_default; /* none were written: a playbook is taken by what the rule watches */
};

static inline bool hr_signal_is_trend(const struct hr_signal *signal)
{
    return signal->kind == HR_SIGNAL_GROWTH || signal->kind == HR_SIGNAL_DROP;
}
static inline bool hr_signal_has_window(const struct hr_signal *signal)
{
    return signal->kind == HR_SIGNAL_METER || signal->kind == HR_SIGNAL_ADOPTION ||
           signal->kind == HR_SIGNAL_DAYS_ACTIVE || hr_signal_is_trend(signal);
}

/* Minor-unit places of an ISO 4217 currency (JPY 0, KWD 3), -1 when unknown. In src/core/money.c.
 */
int hr_currency_places(const char currency[4]);
/* With as many places as the currency has, cut: "800.00", "800" of JPY. Returns the length. */
size_t hr_money_print(struct hr_decimal amount, const char currency[4], char text[HR_DECIMAL_TEXT]);
/* Index, or -1. */
int hr_rules_find_type(const struct hr_rules *rules, struct hr_str name);
int hr_rules_find_meter(const struct hr_rules *rules, struct hr_str name);
int hr_rules_find_plan(const struct hr_rules *rules, struct hr_str name);
int hr_rules_find_source(const struct hr_rules *rules, struct hr_str topic);
/* Whether what was kept under `old` can go on under `rules`: the books are in one currency.
 * HR_REFUSE: it cannot, the error says why. */
HR_MUST enum hr_fate hr_rules_may_follow(
    const struct hr_rules *old, const struct hr_rules *rules, struct hr_error *error);

#endif
