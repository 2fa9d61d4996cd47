/* SPDX-License-Identifier: Apache-2.0 */
/* What can be worked out once for a rule set, so that no event has to: which rules an event type
 * can touch, in which order they fire, in which series of buckets a window is kept. The rule set is
 * what the user wrote; the layout is how an account's memory follows from it. */
#ifndef HEADROOM_CORE_LAYOUT_H
#define HEADROOM_CORE_LAYOUT_H

#include "headroom/memory.h"
#include "headroom/rules.h"

/* A run of buckets of one width. Windows of the same width share it. */
struct hr_series_spec {
    enum hr_window_kind kind; /* never PERIOD: that is kept in segments */
    int64_t bucket_us;        /* of a SPAN */
    uint32_t keep;            /* buckets of the widest window on it, of its trends */
    bool trail;               /* of unique: a trend asks who was seen in which bucket */
    bool watched;             /* a signal that some rule needs reads it: its clock is a timer */
};

#define HR_NO_SERIES UINT16_MAX

struct hr_meter_layout {
    const struct hr_series_spec *series;
    uint16_t series_count;
    const uint16_t *window_series; /* by window of the meter; HR_NO_SERIES for the period */
    bool projected;                /* a signal on it changes by time alone with every event */
    bool keeps_first;              /* a trend or a forecast asks since when there are events */
    uint16_t closes;               /* series of days for forecasts (pace.c), or HR_NO_SERIES */
};

/* A group that always has a place. An account's counters lie in slots: the meters in the order of
 * the rules, then these, then the groups that came (group.h). */
struct hr_group_spec {
    uint16_t meter;
    struct hr_str value;
};

/* Signals and rules that something can touch; rules in the configuration's order. */
struct hr_touch {
    const uint16_t *signals, *rules;
    uint16_t signal_count, rule_count;
    bool has_bars; /* of a type: while its sums stay low nothing need be judged (quiet.c) */
};

/* What ends when a period ends (SEMANTICS 5, Period reset). */
enum hr_counted_over { HR_OVER_NOTHING, HR_OVER_PERIOD, HR_OVER_DAY, HR_OVER_WEEK, HR_OVER_MONTH };

struct hr_signal_layout {
    bool on_meter;
    uint16_t slot;     /* of the counter that it reads */
    bool by_usage;     /* levels that end because it came back end with usage_*: not value.M */
    bool limit_inside; /* used, remaining, projected, days_to_limit, adoption */
    bool volume;       /* what arms a down-rule: meter.M.W, used, adoption */
    bool gauge;
    bool needed; /* some rule watches it, asks for it, or for what is made from it */
    enum hr_counted_over over;
    const struct hr_decimal *marks; /* of period.elapsed and projections: levels, margins and
                                       literals, ascending */
    uint16_t mark_count;
};

struct hr_rule_layout {
    uint16_t rank;              /* place in the order of firing */
    bool per_subscription;      /* renewal windows open for each */
    bool late_crossing;         /* a late event may take a closed period over a level of it */
    struct hr_decimal *margins; /* by level: where its episode ends */
    uint64_t *claimed;          /* by level: accounts that were beyond at live_from */
};

/* One a rule set, and one for each set of own levels that some account has: that is a copy of its
 * base in which some rules have other levels. Slots are the same in both. */
struct hr_layout {
    struct hr_layout *next;
    struct hr_layout *base; /* itself, unless it has own levels */
    struct hr_layout *own;  /* of a base: those with own levels that some account follows */
    uint64_t own_key;       /* of one with own levels: hash of them as written */
    uint32_t users;         /* of one with own levels: accounts that follow it */
    const struct hr_rules *rules;
    struct hr_arena arena; /* of everything below */
    struct hr_meter_layout *meters;
    struct hr_group_spec *groups; /* `other` of a meter first */
    uint16_t group_count;
    struct hr_signal_layout *signals;
    struct hr_rule_layout *rule_layouts;
    struct hr_touch *types; /* by event type */
    struct hr_touch all;
    const bool *needs;    /* by rule and signal: does the rule watch it, ask for it, or for what is
                             made from it? */
    bool watches_days;    /* a signal that changes at local midnight is needed */
    bool keeps_days;      /* that, or a window of the calendar is kept */
    bool watches_elapsed; /* period.elapsed or a projection is needed */
    bool watches_limits;  /* days_to_limit is needed: it changes at UTC midnight */
    bool watches_shrinking; /* limit.NAME.drop is needed: it ends by time */
    bool keeps_limits;      /* that, or it is asked for when something is told */
    bool watches_dossier;   /* a trial or interest is needed: they end by time */
};

struct hr_layout *hr_layout_new(const struct hr_rules *rules, struct hr_pool *pool);
void hr_layout_destroy(struct hr_layout *layout, struct hr_pool *pool);

/* Where the episode of a level ends: its value less the margin, in the rule's direction. */
struct hr_decimal hr_layout_margin(const struct hr_rule *rule, uint16_t level);
/* Notes the marks of signals that pass them by time alone, after the layout's levels. */
void hr_layout_mark(struct hr_layout *layout);

/* Slot of a key in this layout's rules, or -1. */
int hr_layout_find_meter(const struct hr_layout *layout, uint32_t key);
int hr_layout_find_rule(const struct hr_layout *layout, uint64_t key);
int hr_layout_find_level(const struct hr_rule *rule, struct hr_decimal value, const char *currency);

#endif
