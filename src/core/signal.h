/* SPDX-License-Identifier: Apache-2.0 */
/* The value of a signal, and whether it is beyond something. */
#ifndef HEADROOM_CORE_SIGNAL_H
#define HEADROOM_CORE_SIGNAL_H

#include "headroom/score.h"

#include "state.h"

enum hr_reading_kind {
    HR_READING_UNKNOWN,
    HR_READING_NUMBER,   /* value / of; shares and averages are never divided to be compared */
    HR_READING_INFINITE, /* more than nothing of a limit of 0: beyond every level */
    HR_READING_MONEY,    /* value in major units, currency */
    HR_READING_TEXT,
};

struct hr_reading {
    enum hr_reading_kind kind;
    char currency[4];
    struct hr_decimal value, of;
    uint64_t length, elapsed; /* of a projection: value × length / (of × elapsed); else 0 */
    struct hr_str text;       /* of TEXT; of a NUMBER that was written, as written */
};

/* As it stands at the account's clock. */
struct hr_reading hr_signal_read(const struct hr_account *account, uint16_t signal);
/* renewal.days_left of one subscription. */
struct hr_reading hr_signal_read_renewal(const struct hr_account *account, uint32_t subscription);
/* A tally of a meter under a limit, read as that signal: for periods that have ended. */
struct hr_reading hr_signal_of_tally(const struct hr_account *account, uint16_t signal,
    const struct hr_tally *tally, const struct hr_limit_state *limit);

/* The parts of that: what a tally says, and its share of a limit. */
struct hr_reading hr_tally_reading(enum hr_aggregate aggregate, const struct hr_tally *tally);
struct hr_reading hr_share_reading(struct hr_reading value, const struct hr_limit_state *limit);

struct hr_reading hr_worth_reading(const struct hr_meter *meter, const struct hr_reading *value);

/* Order of the reading and an amount. False when unknown, or money without a rate. */
HR_MUST bool hr_reading_compare(const struct hr_rules *rules, const struct hr_reading *reading,
    struct hr_decimal amount, const char *currency, int *order);
/* Does the condition hold? Not on an unknown signal, != included. */
bool hr_condition_holds(const struct hr_rules *rules, const struct hr_condition *condition,
    const struct hr_reading *reading);
/* `order` of value and literal under an operator. */
bool hr_operator_holds(enum hr_operator operator, int order);

/* As triggers show it: shares cut after four places. False when it is no number. */
HR_MUST bool hr_reading_value(
    const struct hr_signal *signal, const struct hr_reading *reading, struct hr_decimal *value);

/* The next moment after the clock at which period.elapsed passes one of the signal's marks. */
struct hr_time hr_elapsed_due(const struct hr_account *account, uint16_t signal);

/* --- products (product.c) --------------------------------------------------------------------- */

struct hr_reading hr_product_read(const struct hr_account *account, uint16_t signal);
bool hr_product_used(const struct hr_account *account, uint16_t product);
bool hr_product_owned(const struct hr_account *account, uint16_t product);

/* --- what is made from signals (score.c) ------------------------------------------------------ */

/* Do the clauses hold at the account's clock? */
bool hr_clause_holds(const struct hr_account *account, const struct hr_clause *clause);
bool hr_clauses_hold(
    const struct hr_account *account, const struct hr_clause *when, uint16_t count);
int64_t hr_score_total(const struct hr_account *account);
struct hr_str hr_score_tier(const struct hr_rules *rules, int64_t total);
/* The whole of it, as it is told; texts in the arena. */
struct hr_score hr_score_tell(const struct hr_account *account, struct hr_arena *arena);
/* The first segment whose clauses hold, else account.segment. */
struct hr_reading hr_segment_read(const struct hr_account *account);

/* --- features (feature.c) --------------------------------------------------------------------- */

struct hr_reading hr_days_active(const struct hr_account *account, uint16_t signal);
struct hr_reading hr_trial_uses(const struct hr_account *account, uint16_t signal);
struct hr_time hr_trial_uses_due(const struct hr_account *account, uint16_t signal);

/* --- forecasts (forecast.c) ------------------------------------------------------------------- */

struct hr_reading hr_projection(const struct hr_account *account, struct hr_reading share);
struct hr_time hr_projected_due(const struct hr_account *account, uint16_t signal);
struct hr_reading hr_trend(const struct hr_account *account, uint16_t signal);
/* False when members of `unique` were too many to count: the trend is an estimate. */
bool hr_trend_is_exact(const struct hr_account *account, uint16_t signal);
struct hr_time hr_trend_due(const struct hr_account *account, uint16_t signal);

#endif
