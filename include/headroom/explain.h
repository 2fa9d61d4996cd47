/* SPDX-License-Identifier: Apache-2.0 */
/* Why the rules did what they did to one account, and why not. The reasons are those by which the
 * core decides (rule.c, fire.c); here they are only read, and nothing changes by it. */
#ifndef HEADROOM_EXPLAIN_H
#define HEADROOM_EXPLAIN_H

#include "headroom/home.h"
#include "headroom/score.h"

/* A signal that some rule watches or asks for. */
struct hr_signal_now {
    const struct hr_signal *signal;
    struct hr_str value; /* as people read it; empty: unknown */
};

/* One level of one rule on the account, or on one of its subscriptions. */
struct hr_level_now {
    const struct hr_rule *rule;
    const struct hr_rule_level *level;
    bool has_subscription;
    struct hr_str subscription; /* a renewal window's; may be the one without a name */
    struct hr_str text;         /* the level as people read it: "80%", "60d" */
    struct hr_str value;        /* the signal that it is about; empty: unknown */
    enum hr_why why;
    enum hr_claim claim; /* of CLAIMED */
    struct hr_time since,
        until;               /* open or waiting since; held back until, where a moment ends it */
    uint32_t episode;        /* how often it fired so far */
    bool held_out;           /* of FIRED: decided, and nobody was told */
    struct hr_str condition; /* of WHEN: the first that does not hold, "tenure.days >= 30"; of
                                MILESTONE: its name */
    struct hr_str asked;     /* of WHEN: what its signals are now */
    const struct hr_advice *advice; /* of what fired or is about to, as things stand; else NULL */
};

struct hr_explanation {
    struct hr_signal_now *signals; /* in the configuration's order */
    size_t signal_count;
    struct hr_level_now *levels; /* by rule in the configuration's order, nearest first */
    size_t level_count;
    struct hr_score score;
    struct hr_str segment; /* empty: unknown */
};

/* Of the account in memory as of its last step, in the arena; false when there is none. */
HR_MUST bool hr_home_explain(struct hr_home *home, struct hr_str account, struct hr_arena *arena,
    struct hr_explanation *explanation);
/* The reason in a clause: "waits for 6h until 2026-11-02T10:00:00.000Z". */
struct hr_str hr_explain_why(struct hr_arena *arena, const struct hr_level_now *level);
/* A level as people read it ("80%"), and a whole rule: "meter.contacts.used >= 80%, 90%, for 6h,
 * when tenure.days >= 30d". */
struct hr_str hr_explain_level(struct hr_arena *arena, const struct hr_rules *rules,
    const struct hr_rule *rule, const struct hr_rule_level *level);
struct hr_str hr_explain_rule(
    struct hr_arena *arena, const struct hr_rules *rules, const struct hr_rule *rule);
/* What is advised: "growth, +800.00 USD a month, https://…", with an offer behind it, empty without
 * both; and to whom: "in_app, mail; owner ana; playbook capacity_planning". */
struct hr_str hr_explain_recommend(struct hr_arena *arena, const struct hr_advice *advice);
struct hr_str hr_explain_route(struct hr_arena *arena, const struct hr_advice *advice);
/* When time alone may next change something for the account; HR_TIME_NEVER: not known to. */
struct hr_time hr_home_next(const struct hr_home *home, struct hr_str account);

#endif
