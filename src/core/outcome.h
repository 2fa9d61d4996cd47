/* SPDX-License-Identifier: Apache-2.0 */
/* What came of an account: its revenue over time, its deals, and the triggers that may have led to
 * them. From here the home's books are kept. */
#ifndef HEADROOM_CORE_OUTCOME_H
#define HEADROOM_CORE_OUTCOME_H

#include "headroom/books.h"

#include "state.h"

#define HR_WORDS_MOST 256 /* of an account, about its revenue */
enum hr_word_kind {
    HR_WORD_MRR,  /* so much from now on */
    HR_WORD_RUNS, /* it goes on: withdraws an end */
    HR_WORD_ENDS,
    HR_WORD_KINDS
};
/* What billing said of a subscription. */
struct hr_revenue_word {
    struct hr_time time;  /* of the event */
    struct hr_time start; /* of the subscription, as far as it was known; of ENDS its end */
    int64_t minor;        /* of MRR, in minor units of money.currency */
    uint8_t kind;         /* enum hr_word_kind */
};
/* All that was said of one, by event time, what came later behind on a tie. */
struct hr_revenue_line {
    uint64_t key; /* hash of its name */
    struct hr_revenue_word *words;
    uint32_t count;
    int64_t base;  /* its MRR before the oldest word */
    int64_t known; /* the MRR told last before that */
    bool cut;      /* older words were forgotten */
};
/* The segment under which the account is booked, from a month on; the first one from ever. */
struct hr_revenue_label {
    int32_t month;
    struct hr_str text;
};

/* What is booked of an opportunity, so that it can be taken back exactly. */
struct hr_booked_deal {
    uint64_t key;           /* hash of its name */
    int32_t opened, closed; /* months */
    int64_t amount, cost;   /* in minor units of money.currency */
    int64_t days;           /* from the first stage to the close */
    uint8_t stage, kind;    /* enum hr_stage, enum hr_deal */
    uint8_t furthest;       /* the furthest open stage that it was in */
    char unrated[4];        /* the currency of its amount, which has no rate; "" else */
    char unrated_cost[4];   /* of its cost, where that is another one */
};

#define HR_FIRES_KEPT 32
struct hr_fire {
    struct hr_time at;
    uint32_t key, number; /* with date: what its id is made from (number.c) */
    int64_t date;
    int32_t month; /* in which it is booked */
    bool held_out, converted;
    struct hr_str labels; /* under which it is booked (attribution.c) */
};

struct hr_outcomes {
    struct hr_revenue_line *lines;
    struct hr_revenue_label *labels;
    struct hr_booked_deal *deals;
    struct hr_fire *fires; /* oldest first */
    uint32_t line_count, label_count, deal_count, fire_count;
    struct hr_time since;  /* revenue until then is booked for good; NONE */
    struct hr_time booked; /* until then all is booked */
    struct hr_time next;   /* derived: the next change after it; NEVER */
};

/* --- what happens (outcome.c) ----------------------------------------------------------------- */

struct hr_step;
struct hr_instance;
struct hr_trigger;

/* A fact was told: what follows from it for the books. Before the rules are judged. */
void hr_outcomes_tell(struct hr_step *step, const struct hr_fact *fact);
/* Time has passed: books what was to come. */
void hr_outcomes_pass(struct hr_step *step);
/* The account goes over to rules with another calendar; as of its clock, under the old ones. */
void hr_outcomes_adopt(struct hr_step *step, const struct hr_rules *rules);
/* The account moves to another home: what it has booked is taken back here, and booked there. */
void hr_outcomes_give(struct hr_step *step);
/* The account may be of another segment now: what it pays from this month on is booked there. */
void hr_outcomes_look_at_segment(struct hr_step *step);
/* The stray's facts have come to the account; its segment is looked at when all of it has. */
void hr_outcomes_take(struct hr_step *step, const struct hr_account *stray);

/* The account's own, made when there is none. */
struct hr_outcomes *hr_outcomes_of(struct hr_account *account, struct hr_pool *pool);
void hr_outcomes_drop(struct hr_account *account, struct hr_pool *pool);
/* Bytes that they may take in the account's record; `entry` for each entry. */
size_t hr_outcomes_size(const struct hr_account *account, size_t entry);

/* --- fires (attribution.c) -------------------------------------------------------------------- */

#define HR_HOLD_OUT_WHOLE 1000000u
/* Is the account held out of the rule? By their names alone. */
bool hr_is_held_out(
    const struct hr_rules *rules, const struct hr_rule *rule, struct hr_str account);
/* The trigger fired just now, or was held out; `key`: the number's (number.h). */
void hr_outcomes_fired(struct hr_step *step, const struct hr_trigger *trigger, uint32_t key);
/* The account pays more since an event of that time: `minor` more a month; or it closed a deal.
 * `trigger`: the id of the trigger that the event names; empty: none. */
void hr_outcomes_convert(
    struct hr_step *step, struct hr_time time, int64_t minor, struct hr_str trigger);
/* Takes the other's fires; forgets those out of reach. */
void hr_outcomes_take_fires(
    struct hr_account *account, const struct hr_outcomes *other, struct hr_pool *pool);
void hr_outcomes_forget_fires(struct hr_account *account, struct hr_pool *pool);

/* --- deals (outcome_deal.c) ------------------------------------------------------------------- */

/* What is to be booked of an opportunity, as it stands. */
struct hr_booked_deal hr_deal_now(
    const struct hr_account *account, const struct hr_opportunity *opportunity);
/* Adds it, `sign` times, to books. */
void hr_deal_book(const struct hr_booked_deal *deal, int sign, struct hr_books *books);
struct hr_booked_deal *hr_deal_find(const struct hr_outcomes *outcomes, uint64_t key);

/* --- revenue (revenue.c) ---------------------------------------------------------------------- */

/* MRR of the account at a moment, by all that was said until now. */
int64_t hr_revenue_at(const struct hr_outcomes *outcomes, struct hr_time time);
/* The first change after a moment; NEVER. */
struct hr_time hr_revenue_next(const struct hr_outcomes *outcomes, struct hr_time after);
uint32_t hr_revenue_words(const struct hr_outcomes *outcomes); /* how many */
/* Makes room for so many more words and a segment, which takes nothing back that is booked. */
void hr_revenue_make_room(
    struct hr_outcomes *outcomes, const struct hr_zone *zone, uint32_t words, struct hr_pool *pool);
/* Files a word, for which there is room. */
void hr_revenue_tell(struct hr_outcomes *outcomes, uint64_t subscription,
    struct hr_revenue_word word, struct hr_pool *pool);
/* What comes from this month on is booked under that segment. */
void hr_revenue_label(struct hr_outcomes *outcomes, const struct hr_zone *zone, int32_t month,
    struct hr_str text, struct hr_pool *pool);
/* Adds the account's part of the revenue book up to a moment, `sign` times, to a book. */
void hr_revenue_book(const struct hr_outcomes *outcomes, const struct hr_zone *zone,
    struct hr_time until, int sign, struct hr_books *books);
/* Forgets how revenue came to be what it is at a moment: what is booked until then stays. */
void hr_revenue_cut(struct hr_outcomes *outcomes, const struct hr_zone *zone, struct hr_time time,
    struct hr_pool *pool);
/* Takes the other's words, for which there is room. */
void hr_revenue_merge(
    struct hr_outcomes *outcomes, const struct hr_outcomes *other, struct hr_pool *pool);
void hr_revenue_drop(struct hr_outcomes *outcomes, struct hr_pool *pool);

#endif
