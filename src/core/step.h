/* SPDX-License-Identifier: Apache-2.0 */
/* A step: one thing that happens to one account at one moment, and all that follows from it. */
#ifndef HEADROOM_CORE_STEP_H
#define HEADROOM_CORE_STEP_H

#include "headroom/home.h"

#include "signal.h"
#include "state.h"

enum hr_step_kind {
    HR_STEP_USAGE,
    HR_STEP_FACT,
    HR_STEP_TIME,
    HR_STEP_RULES, /* the account takes a change of rules over */
    HR_STEP_MOVE,  /* what was counted under an alias has come */
};

/* A late event's effect on a period that has ended, for one counter. */
struct hr_late {
    uint16_t slot;
    uint32_t segment;
    struct hr_tally before;
};

/* A rule that may fire: it has a level waiting, or a late event may take a closed period over one.
 */
struct hr_candidate {
    uint16_t rule, instance;
    const struct hr_late *late; /* NULL: a level waits */
};

/* Room that steps share, sized by the largest rule set seen. */
struct hr_step_room {
    struct hr_reading *before, *after;
    uint32_t *before_read, *after_read; /* the step that read it: readings are made once a step */
    struct hr_limit_state *limits;      /* by meter, as before the step */
    struct hr_late *late;
    struct hr_candidate *candidates;
    uint32_t candidate_room;
    uint16_t meters, signals;
    uint32_t step; /* number of the step under way */
};

struct hr_entry;
struct hr_holds;

struct hr_step {
    struct hr_account *account;
    struct hr_entry *entry;
    struct hr_holds *holds; /* the home's */
    uint64_t turn;          /* of the waking that this step is; 0: it is none */
    struct hr_str name;
    struct hr_pool *pool;
    struct hr_outbox *outbox;
    struct hr_step_room *room;
    struct hr_books *books; /* the home's */
    enum hr_step_kind kind;
    struct hr_time event_time, arrival; /* of the record; NONE without one */
    /* What the step did. */
    bool period_reset, day_reset, week_reset, month_reset;
    bool limits_changed;
    const struct hr_meter *corrected; /* the meter that a correction is about; NULL: none */
    int64_t old_today;                /* the local day before the step, in the zone of then */
    const struct hr_zone *old_zone;   /* NULL: the account begins with the step */
    uint16_t late_count;
    uint32_t candidate_count;
};

/* Brings the account to the moment of the step: what it knew just before it, periods, limits. Then
 * the caller does what the step is about, and judges. */
void hr_step_begin(struct hr_step *step, struct hr_time now, const struct hr_touch *touch);
/* Instead, for usage that is quiet (quiet.h): then nothing is judged. */
void hr_step_pass(struct hr_step *step, struct hr_time now);
/* Judges the rules of the touch: resolutions first, then fires (SEMANTICS 5). */
void hr_step_judge(struct hr_step *step, const struct hr_touch *touch);
/* Notes that a rule may fire in this step. */
void hr_step_add_candidate(struct hr_step *step, struct hr_candidate candidate);
/* A fact changed: subscriptions, limits and period follow from it. */
void hr_step_follow_facts(struct hr_step *step);

/* The reading after the step, made at most once. */
const struct hr_reading *hr_step_reading(struct hr_step *step, uint16_t signal);
/* The reading before the step; unknown when nobody asked for it then. */
const struct hr_reading *hr_step_before(struct hr_step *step, uint16_t signal);

/* --- one rule (rule.c, fire.c, late.c) -------------------------------------------------------- */

/* One rule on one account, or on one of its subscriptions. */
struct hr_instance {
    struct hr_step *step;
    const struct hr_rule *rule;
    const struct hr_rule_layout *layout;
    uint16_t slot, number;
    const struct hr_subscription *subscription; /* NULL: the rule is about the account */
    struct hr_level_state *levels;              /* NULL: nothing is remembered */
    struct hr_reading reading, before;
};

struct hr_instance hr_instance_of(struct hr_step *step, uint16_t rule, uint16_t number);
/* How many instances a rule has on this account. */
uint16_t hr_instance_count(const struct hr_account *account, uint16_t rule);
/* Is the reading beyond the level, whatever holds it back? */
bool hr_instance_beyond(const struct hr_instance *instance, uint16_t level);

/* Ends what is over and finds out what waits; adds a candidate for each instance that waits. */
void hr_rule_resolve(struct hr_step *step, uint16_t rule);
/* Business begins: every level beyond is claimed, whatever holds it back and armed or not. */
void hr_rule_claim(struct hr_step *step, uint16_t rule);
void hr_rule_fire(struct hr_step *step, const struct hr_candidate *candidate);
void hr_rule_fire_late(struct hr_step *step, const struct hr_candidate *candidate);
/* Ends what a rule had open that is no longer there, or that moves away; without judging. */
void hr_rule_end_all(struct hr_instance *instance, enum hr_resolution resolution);
void hr_rule_end_level(struct hr_instance *instance, uint16_t level, enum hr_resolution resolution);

/* The level is open from now on, without a trigger. */
void hr_level_claim(const struct hr_instance *instance, uint16_t level, enum hr_claim by);
/* Is the reading beyond the level in a way that counts? READY, NOT_REACHED, VOID or NOT_ARMED. */
enum hr_why hr_level_standing(const struct hr_instance *instance, uint16_t level);
/* Why a level that waits does not fire at the account's clock: a reason from FOR on; READY: it
 * does. `clause` (NULL: not wanted) is set to the first clause that does not hold, else to NULL.
 */
enum hr_why hr_level_held(
    const struct hr_instance *instance, uint16_t level, const struct hr_clause **clause);
/* Moment at which a level that waits has been beyond for as long as `for` says. */
struct hr_time hr_level_patient(const struct hr_account *account, const struct hr_holds *holds,
    const struct hr_rule *rule, const struct hr_level_state *level);
/* Of what holds in the whole home a timer sees what held before its moment: on a tie it goes before
 * what came then. Who is woken, and whoever only asks (no outbox), sees all. */
static inline bool hr_step_sees_before(const struct hr_step *step)
{
    return step->kind == HR_STEP_TIME && step->turn == 0 && step->outbox;
}
/* When silences of the account's owners are over, as far as the step knows of them. */
struct hr_time hr_step_owner_silenced(const struct hr_step *step);
/* The reason of any level, in the order in which the decision asks. */
enum hr_why hr_level_why(
    const struct hr_instance *instance, uint16_t level, const struct hr_clause **clause);
/* Moment at which the cooldown of the level and of further ones is over; NONE: none runs. */
struct hr_time hr_level_cool(
    const struct hr_rule *rule, const struct hr_level_state *levels, uint16_t level);

/* --- triggers (emit.c) ------------------------------------------------------------------------ */

struct hr_emission {
    const struct hr_instance *instance;
    uint16_t level;
    const struct hr_reading *reading, *before;
    const struct hr_late *late; /* of an ended period: its evidence; NULL: the signal's window */
    int64_t date;
    struct hr_time end; /* of the period of that date */
};
/* Counts the fire in the level's state (episode, number, date, fired_at) and publishes it. */
void hr_emit_fired(const struct hr_emission *emission, struct hr_level_state *level,
    enum hr_cause cause, bool late);
/* Records that a level is held back. */
void hr_emit_held(const struct hr_instance *instance, uint16_t level, enum hr_why why, bool late);
void hr_emit_resolved(const struct hr_emission *emission, const struct hr_level_state *level,
    enum hr_resolution resolution);

/* --- time (due.c) ----------------------------------------------------------------------------- */

/* The first moment after the account's clock at which anything may change without further events:
 * a lower bound. */
struct hr_time hr_account_due(
    const struct hr_account *account, const struct hr_holds *holds, struct hr_time live_from);
/* The account's own second of the day, in which it takes a change of rules over: next after. */
struct hr_time hr_account_daily(struct hr_str name, struct hr_time after);

#endif
