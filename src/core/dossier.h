/* SPDX-License-Identifier: Apache-2.0 */
/* What product, CRM and people tell of an account beside its subscriptions: trials, interest,
 * milestones, engagement, opportunities, prompts, silences. */
#ifndef HEADROOM_CORE_DOSSIER_H
#define HEADROOM_CORE_DOSSIER_H

#include "state.h"

/* Takes what the fact says, as of the account's clock. */
void hr_dossier_tell(struct hr_account *account, const struct hr_fact *fact, struct hr_time time,
    struct hr_pool *pool);
/* Takes what is newer in another account's; interest adds up. */
void hr_dossier_merge(
    struct hr_account *account, const struct hr_account *other, struct hr_pool *pool);
/* The account's own, made when there is none. */
struct hr_dossier *hr_dossier_of(struct hr_account *account, struct hr_pool *pool);
void hr_dossier_drop(struct hr_account *account, struct hr_pool *pool);
/* Bytes that it may take in the account's record, at most; `entry` for each entry beside texts. */
size_t hr_dossier_size(const struct hr_account *account, size_t entry);

/* As of the account's clock: */
bool hr_trial_runs(const struct hr_account *account, struct hr_str feature);
/* `feature.interest` events in the last 30 daily buckets, today's included. */
uint64_t hr_interest_count(const struct hr_account *account, struct hr_str feature);
bool hr_milestone_reached(const struct hr_account *account, struct hr_str name);
/* The largest amount of an open opportunity; false without one. */
HR_MUST bool hr_deal_size(
    const struct hr_account *account, struct hr_decimal *amount, char currency[4]);
bool hr_opportunity_is_open(const struct hr_opportunity *opportunity);
/* End of the trial; NEVER: it was not told. */
struct hr_time hr_trial_end(const struct hr_account *account, const struct hr_trial *trial);
struct hr_time hr_silence_end(const struct hr_account *account, const struct hr_silence *silence);
/* When the last silence of the account and of that rule is over; NONE, or past: none holds. */
struct hr_time hr_silenced_until(const struct hr_account *account, struct hr_str rule);
/* The first end of a silence after the clock. */
struct hr_time hr_silence_due(const struct hr_account *account);
/* Is an interest's day within the window? */
bool hr_interest_counts(const struct hr_account *account, const struct hr_interest_day *day);

/* The first moment after the clock at which a trial ends or a day of interest begins or leaves. */
struct hr_time hr_trial_due(const struct hr_account *account, struct hr_str feature);
struct hr_time hr_interest_due(const struct hr_account *account, struct hr_str feature);

/* --- opportunities and prompts (deal.c) ------------------------------------------------------- */

void hr_opportunity_tell(struct hr_dossier *dossier, const struct hr_fact *fact,
    struct hr_time time, struct hr_pool *pool);
/* Takes of `told` the fields that have a stamp and are newer. */
void hr_opportunity_take(
    struct hr_dossier *dossier, const struct hr_opportunity *told, struct hr_pool *pool);
void hr_prompt_tell(struct hr_dossier *dossier, const struct hr_fact *fact, struct hr_time time,
    struct hr_pool *pool);
void hr_prompt_take(struct hr_dossier *dossier, const struct hr_prompt *told, struct hr_pool *pool);

#endif
