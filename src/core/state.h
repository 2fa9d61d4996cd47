/* SPDX-License-Identifier: Apache-2.0 */
/* What is remembered of one account. In memory everything lies by slot of the account's layout, for
 * speed; in stored state by key, so that rule sets may change (pack.c). All blocks come from the
 * home's pool and are the account's own. Fields marked "derived" are worked out from the others by
 * hr_account_refresh and are not stored. */
#ifndef HEADROOM_CORE_STATE_H
#define HEADROOM_CORE_STATE_H

#include "headroom/hash.h"
#include "headroom/trigger.h"

#include "layout.h"

/* --- counters --------------------------------------------------------------------------------- */

/* What came together in one bucket. sum: value is the sum; count, unique: value is the count; min,
 * max: the extreme, known when count > 0; avg: value is the sum, to be divided by count; latest
 * (buckets only): value is the last reading, count the microsecond of the bucket in which it was
 * taken. */
struct hr_tally {
    struct hr_decimal value;
    uint64_t count;
};

struct hr_cell {
    int64_t index; /* number of the bucket: time / width, or the calendar's */
    struct hr_tally tally;
};

struct hr_series {
    struct hr_cell *cells; /* ascending by index, only those that are not empty */
    uint32_t count, room;
};

enum hr_limit_kind { HR_LIMIT_NONE, HR_LIMIT_UNLIMITED, HR_LIMIT_KNOWN };
struct hr_limit_state {
    struct hr_decimal value;
    enum hr_limit_kind kind;
};

struct hr_members; /* unique.h */
struct hr_outcomes;

/* A counter: a meter, or a group of one. */
struct hr_meter_state {
    struct hr_decimal gauge;     /* of latest */
    struct hr_time gauge_time;   /* NONE: no reading yet */
    uint32_t number;             /* of a group: names its stored record; 0: nothing came yet */
    uint16_t meter;              /* slot of the meter, its own or the group's */
    bool dirty;                  /* of a group: differs from what is stored */
    bool away;                   /* of a group: its record was not loaded */
    struct hr_time first;        /* of a meter that keeps it: time of its first event; else NONE */
    struct hr_limit_state limit; /* derived: the sum over the active subscriptions; of a meter */
    struct hr_decimal bar;       /* derived: below it no rule need be judged; 0: none (quiet.h) */
    struct hr_series *series;    /* by series of the meter's layout */
    struct hr_members *members;  /* of unique; NULL: none yet */
};

struct hr_level_ref {
    uint16_t rule, level;
};

/* A billing period: the one in force, those that ended less than the lateness bound ago, and the
 * next one if an event came early. */
struct hr_segment {
    struct hr_time from;       /* times from here on belong to it, if no later segment has them */
    struct hr_time floor;      /* the period before it ended here; NONE: it is the first */
    struct hr_time start, end; /* of the period */
    int64_t date;              /* local day of its start: DATE of trigger ids */
    uint32_t id;               /* names its sets of unique members */
    struct hr_tally *tallies;  /* by slot */
    bool closed;
    /* Of a closed one: what late crossings ask for. */
    struct hr_limit_state *limits; /* by meter; NULL while it is in force */
    struct hr_level_ref *open;
    uint32_t open_count;
};

/* --- rules ------------------------------------------------------------------------------------ */

enum {
    HR_LEVEL_WAITING = 1, /* beyond, neither fired nor claimed: cause and since hold */
    HR_LEVEL_FIRED = 2,
    HR_LEVEL_CLAIMED = 4,
    HR_LEVEL_ARMED = 8,
    HR_LEVEL_LATE = 16,  /* waiting: it was passed already when first seen */
    HR_LEVEL_NAMED = 32, /* fired: the id names the subscription */
    HR_LEVEL_NEW = 64,   /* came with a change of rules and was not judged yet */
    HR_LEVEL_HELD_OUT =
        128, /* fired, and nobody heard of it: the account is held out of the rule */
};
#define HR_LEVEL_OPEN (HR_LEVEL_FIRED | HR_LEVEL_CLAIMED)

struct hr_level_state {
    uint8_t flags;
    uint8_t cause;           /* enum hr_cause: of waiting and fired, what first took it beyond; enum
                                hr_claim of claimed */
    uint8_t held;            /* enum hr_why: of waiting, what was recorded last */
    uint32_t episode;        /* how often it fired */
    uint32_t number;         /* of fired: N of its id */
    int64_t date;            /* of fired: DATE of its id */
    struct hr_time since;    /* of waiting: the first evaluation beyond; of open: when it opened */
    struct hr_time fired_at; /* last fire, also after its episode; NONE: never */
};

struct hr_rule_state {
    struct hr_level_state *levels; /* instances × levels; NULL: nothing to remember */
    uint16_t instances;            /* one, or one a subscription */
};

/* How often a level fired under a date: ids never repeat. */
struct hr_numbering {
    uint32_t key; /* of rule name, level and subscription */
    uint32_t number;
    int64_t date;
    struct hr_time until; /* end of that period and the lateness bound; NEVER: the mark (number.c)
                           */
};
struct hr_numbers {
    struct hr_numbering *at;
    uint32_t count;
};

struct hr_recent {
    uint32_t key; /* as in hr_numbering */
    uint32_t number;
    int64_t date;
    struct hr_time time;
};
#define HR_RECENT_COUNT 8

/* --- facts ------------------------------------------------------------------------------------ */

enum hr_subscription_field {
    HR_FIELD_PLAN,
    HR_FIELD_LIMITS,
    HR_FIELD_MRR,
    HR_FIELD_PERIOD,
    HR_FIELD_ANCHOR,
    HR_FIELD_RENEWAL,
    HR_FIELD_TERM,
    HR_FIELD_STARTED,
    HR_FIELD_ENDS,
    HR_FIELD_ZONE,
    HR_FIELD_COUNT
};

struct hr_own_limit {
    struct hr_str name;
    bool unlimited;
    struct hr_decimal value;
};

struct hr_subscription {
    struct hr_str name;
    struct hr_time stamps[HR_FIELD_COUNT]; /* event time of each field; NONE: never given */
    struct hr_time seen;                   /* time of its first event: its start, until told */
    struct hr_str plan;
    struct hr_own_limit *limits; /* the contract's own, when has_limits */
    uint32_t limit_count;
    bool has_limits;
    struct hr_money mrr;
    struct hr_period period;
    struct hr_moment anchor, renewal, started, ends;
    int64_t term_start; /* of TERM: the local day that the last renewal renewed */
    const struct hr_zone *zone;
    /* derived */
    struct hr_time start, end; /* [start, end) in which it counts */
    bool active, has_renewal;
    int64_t renewal_day;
    /* of the step under way */
    bool renewed, had_renewal;
    int64_t old_renewal_day;
};

struct hr_run {
    struct hr_time start, end;
};

struct hr_fact_value {
    struct hr_str name, text;
    struct hr_time stamp;
    enum hr_value_kind kind; /* NULL: forgotten, and when */
    bool fits;
    struct hr_decimal number;
};

/* A name that leads here; by way of `holder` when that is not empty: it was an alias of an account
 * that became an alias itself. */
struct hr_alias {
    struct hr_str name, holder;
};

struct hr_invoice {
    uint64_t key; /* hash of its name */
    struct hr_time stamp;
    bool failed;
};

/* What product, CRM and people told beside all that: seldom much, of most accounts nothing. Each
 * fact has the event time of what it says; NONE: never told. */

struct hr_trial {
    struct hr_str feature;
    struct hr_time stamp;
    struct hr_moment ends; /* of one that runs */
    bool started;
    uint8_t outcome; /* enum hr_outcome, of one that ended */
};

struct hr_interest_day {
    int64_t day; /* UTC */
    uint64_t count;
};
struct hr_interest {
    struct hr_str feature;
    struct hr_interest_day *days; /* ascending */
    uint32_t day_count;
};

struct hr_milestone {
    struct hr_str name;
    struct hr_time stamp;
};

enum hr_opportunity_field {
    HR_DEAL_STAGE,
    HR_DEAL_AMOUNT,
    HR_DEAL_COST,
    HR_DEAL_TRIGGER,
    HR_DEAL_FIELDS
};
struct hr_opportunity {
    struct hr_str name, trigger; /* the id of the trigger that began it */
    struct hr_time stamps[HR_DEAL_FIELDS];
    struct hr_time entered[HR_STAGE_COUNT]; /* the earliest event in each stage; of being closed as
                                               it is now, the first behind `otherwise` */
    struct hr_time otherwise;               /* the newest event in another stage than now; NONE */
    uint8_t stage, kind;                    /* enum hr_stage, enum hr_deal */
    struct hr_money amount, cost;
};

enum { HR_PROMPT_SHOWN, HR_PROMPT_DISMISSED, HR_PROMPT_ACCEPTED, HR_PROMPT_KINDS };
struct hr_prompt {
    struct hr_time time;
    struct hr_str trigger, rule;
    uint8_t kind;
};

struct hr_silence {
    struct hr_str scope, by, why;
    struct hr_time stamp;
    struct hr_moment until; /* ABSENT: cleared */
    uint8_t quiet;          /* enum hr_quiet */
};

/* The id of a correction: kept as long as the period that it corrects. */
struct hr_correction {
    uint64_t id, body; /* id: of the name under which it came, source and id */
    struct hr_time time;
};

/* Own levels for a rule, as they were written: whether they fit is asked of each rule set anew. */
struct hr_own_rule {
    struct hr_str rule, owner;
    struct hr_str *levels;
    uint32_t level_count;
};

/* What a limit was; the one that is has no end. See shrink.c. */
struct hr_former_limit {
    struct hr_str name;
    struct hr_decimal value;
    struct hr_time until;
};

struct hr_dossier {
    struct hr_trial *trials;
    struct hr_interest *interests;
    struct hr_milestone *milestones;
    struct hr_opportunity *opportunities;
    struct hr_prompt *prompts; /* oldest first */
    struct hr_silence *silences;
    struct hr_correction *corrections; /* there may be thousands: room grows in steps */
    struct hr_former_limit *limits;    /* of limits that a signal asks for, oldest first */
    struct hr_own_rule *own; /* the whole object of own levels, as it was told at own_stamp */
    uint32_t trial_count, interest_count, milestone_count, opportunity_count, prompt_count,
        silence_count, correction_count, correction_room, own_count, limit_count;
    struct hr_time own_stamp;
    struct hr_time executive;                 /* the last engagement */
    struct hr_time prompted[HR_PROMPT_KINDS]; /* the last of each kind, however many came since */
};

/* --- the account ------------------------------------------------------------------------------ */

struct hr_account {
    struct hr_layout *layout;
    struct hr_time clock;      /* of its last step */
    struct hr_time first_seen; /* time of its first event */
    bool live;                 /* start.live_from is behind it */
    bool had_subscription;     /* one has begun at some time */
    bool counted;              /* among the home's accounts, of which a brake has a share */
    uint32_t erasures;

    /* Arrays stand together with their counts, so that there are no holes: memory is by account. */
    struct hr_segment *segments; /* ascending by from */
    uint32_t segment_count, segment_room, current, next_segment_id;
    struct hr_meter_state *meters; /* by slot: meters, named groups, groups that came (group.h) */
    struct hr_str *came;           /* values of the groups that came */
    uint32_t next_number;          /* of a group */
    uint16_t slot_count;
    struct hr_rule_state *rules; /* by rule */
    struct hr_subscription *subscriptions;
    struct hr_run *runs; /* in which subscriptions counted before they began anew */
    uint32_t subscription_count, run_count;
    uint64_t governed_by; /* hash of the name of the subscription that last gave the period, */
    struct hr_time governed_since; /* and its start; NONE: none ever did */
    struct hr_fact_value *attributes;
    struct hr_invoice *invoices;
    uint32_t attribute_count, invoice_count;
    struct hr_money arr;
    struct hr_time arr_stamp;
    struct hr_numbers numbers;
    struct hr_alias *aliases;
    struct hr_dossier *dossier;   /* NULL: nothing of it was told */
    struct hr_outcomes *outcomes; /* outcome.h; NULL: it never paid, dealt or was fired for */
    struct hr_recent *recent;     /* oldest first */
    struct hr_time *fires;        /* published ones that the budget counts, oldest first */
    uint32_t alias_count, recent_count, fire_count;

    /* derived */
    int32_t governing; /* the subscription that gives the period; -1: calendar months */
    bool ended;        /* it had subscriptions and none is active: no rule is evaluated */
    bool was_active;   /* as of the last time the period was looked at: one governed */
    bool due_stale;    /* what is waited for may have changed */
    bool own_stale;    /* own levels were told that the layout does not have yet */
    const struct hr_zone *zone;
    int64_t today;               /* local; kept up to date where the layout keeps days */
    struct hr_time tomorrow;     /* the moment at which `today` is over */
    struct hr_time steady_until; /* before it nothing of the above changes by time */
    struct hr_time quiet_until;  /* before it nothing at all changes by time: the timer, but for
                                    the account's own second of the day */
};

/* With the levels of the configuration; own ones are taken with hr_layout_of. */
struct hr_account *hr_account_new(struct hr_layout *layout, struct hr_pool *pool);
void hr_account_destroy(struct hr_account *account, struct hr_pool *pool);
/* Moves what is kept to the slots of another rule set, or to other levels; what the other does not
 * know is dropped. The layout is one that was taken with hr_layout_of, the old one is left. */
void hr_account_adopt(struct hr_account *account, struct hr_layout *layout, struct hr_pool *pool);

/* Level states of a rule, made when first needed. */
struct hr_level_state *hr_account_levels(
    struct hr_account *account, uint16_t rule, struct hr_pool *pool);
/* A slot more, for a group that came; pointers to counters and tallies are void afterwards. */
uint16_t hr_account_add_slot(
    struct hr_account *account, uint16_t meter, struct hr_str value, struct hr_pool *pool);
/* Gives the slot of such a group to another value, and empties it. */
void hr_account_reuse_slot(
    struct hr_account *account, uint16_t slot, struct hr_str value, struct hr_pool *pool);
void hr_account_drop_segment(struct hr_account *account, uint32_t at, struct hr_pool *pool);
/* A new segment at its place by `from`; `current` keeps its segment. Returns its place. */
uint32_t hr_account_insert_segment(
    struct hr_account *account, struct hr_segment segment, struct hr_pool *pool);

/* Puts segments in order again after one's `from` was changed. */
void hr_segments_sort(struct hr_account *account);

/* Strings of an account: copies in the pool. */
struct hr_str hr_text_keep(struct hr_pool *pool, struct hr_str text);
void hr_text_drop(struct hr_pool *pool, struct hr_str *text);
/* Appends a zeroed element to an array of `count` and returns it. The block is exact: such arrays
 * are short and grow seldom. */
void *hr_list_append(struct hr_pool *pool, void *list, uint32_t *count, size_t size);
void hr_list_remove(struct hr_pool *pool, void *list, uint32_t *count, size_t size, uint32_t at);

#endif
