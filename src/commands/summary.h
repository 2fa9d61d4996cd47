/* SPDX-License-Identifier: Apache-2.0 */
/* What came of a run of events: how many, what they fired, what was refused. */
#ifndef HEADROOM_COMMANDS_SUMMARY_H
#define HEADROOM_COMMANDS_SUMMARY_H

#include "headroom/home.h"
#include "ledger.h"
#include "print.h"

struct hr_summary {
    const struct hr_rules *rules;
    uint64_t events;                   /* records read; each has one verdict */
    uint64_t verdicts[HR_IGNORED + 1]; /* by hr_verdict */
    uint64_t letters[HR_REASON_COUNT]; /* by hr_reason; refused claims are among them */
    uint64_t *fired, *shadow;          /* by rule, in the configuration's order */
    uint64_t held_out;                 /* fired, and told nobody, to compare with */
    uint64_t resolved[HR_MOVED + 1];   /* by hr_resolution; of live rules */
    uint64_t (*held)[HR_WHY_COUNT];    /* by rule and hr_why: how often that held a level back */
    uint64_t *dropped;                 /* by rule: late crossings that were held back */
    struct hr_ledger ledger;           /* what fired, when and in which segment */
    struct hr_time first, last;        /* clock; NONE before the first event */
    uint64_t accounts;                 /* that came up; at the end */
    int64_t spent_us;
};

/* `by_account`: the ledger counts by account, too. */
void hr_summary_init(struct hr_summary *summary, const struct hr_rules *rules, bool by_account);
void hr_summary_clean_up(struct hr_summary *summary);
void hr_summary_trigger(
    struct hr_summary *summary, const struct hr_home *home, const struct hr_trigger *trigger);
void hr_summary_held(struct hr_summary *summary, const struct hr_held *held);
/* A table for people. */
void hr_summary_print(const struct hr_summary *summary, FILE *file);
/* One line of JSON: events, triggers by rule, resolved and dead_letters by reason, events_per_s …
 */
void hr_summary_json(const struct hr_summary *summary, struct hr_buffer *buffer);

#endif
