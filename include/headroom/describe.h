/* SPDX-License-Identifier: Apache-2.0 */
/* All there is about one account, as neutral rows: `headroom account` prints them as a table or as
 * JSON. A pure walk over state in memory: to describe stored bytes, make a home, load them, ask. */
#ifndef HEADROOM_DESCRIBE_H
#define HEADROOM_DESCRIBE_H

#include "headroom/home.h"

/* Sections, in the order in which rows come. The names are keys of the JSON form. */
#define HR_DESCRIBE_ACCOUNT "account"             /* period, zone, tenure, clock, rules epoch */
#define HR_DESCRIBE_SUBSCRIPTIONS "subscriptions" /* name, plan; start, end, renewal, mrr */
#define HR_DESCRIBE_LIMITS "limits"               /* name, sum over the active subscriptions */
#define HR_DESCRIBE_METERS "meters"               /* "contacts.used", value; limit */
#define HR_DESCRIBE_ATTRIBUTES "attributes"       /* name, value; since */
#define HR_DESCRIBE_REVENUE "revenue"             /* when, MRR from then on; how much it moved */
#define HR_DESCRIBE_PRODUCTS "products"           /* name; owned or not; used or not */
#define HR_DESCRIBE_SCORE "score"                 /* total, tier; each row, points; why */
#define HR_DESCRIBE_TRIALS "trials"               /* feature; runs or how it ended; since, until */
#define HR_DESCRIBE_INTEREST "interest"           /* feature, events in 30 days */
#define HR_DESCRIBE_MILESTONES "milestones"       /* name, when it was achieved last */
#define HR_DESCRIBE_ENGAGEMENT "engagement"       /* of executives: when last */
#define HR_DESCRIBE_OPPORTUNITIES "opportunities" /* name, stage; kind, amount, since, trigger */
#define HR_DESCRIBE_PROMPTS "prompts"             /* shown, dismissed or accepted, when; of what */
#define HR_DESCRIBE_SILENCES "silences"           /* scope, how; until, by whom, why */
#define HR_DESCRIBE_OVERRIDES "overrides"         /* rule, own levels; owner, or why they wait */
#define HR_DESCRIBE_EPISODES "episodes"           /* "capacity 80pct"; fired or claimed, since */
#define HR_DESCRIBE_WAITING "waiting"             /* "capacity 80pct"; what holds it back */
#define HR_DESCRIBE_IDLE "not_open" /* "capacity 80pct"; why not (headroom/explain.h) */
#define HR_DESCRIBE_ADVICE "advice" /* "capacity 80pct": plan and what it adds; who, playbook */
#define HR_DESCRIBE_TIMERS "timers" /* what acts next, and when */
#define HR_DESCRIBE_TRIGGERS                                                                       \
    "triggers" /* the last that fired, newest first; when, and what followed */

struct hr_row {
    const char *section;
    struct hr_str name, value;
    struct hr_str detail; /* may be empty */
};

/* Rows of the account in memory, in the arena. 0 when there is no such account; an alias is one row
 * of section "account" named "alias_of". Moments are RFC 3339, quantities exact decimals, shares
 * percentages cut after four places of the fraction. */
size_t hr_home_describe(
    struct hr_home *home, struct hr_str account, struct hr_arena *arena, struct hr_row **rows);

/* The text of one attribute of an account in memory ("segment"); empty when it has none. Valid
 * until the account changes. */
struct hr_str hr_home_attribute(
    const struct hr_home *home, struct hr_str account, struct hr_str name);

#endif
