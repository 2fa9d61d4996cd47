/* SPDX-License-Identifier: Apache-2.0 */
/* usage.corrected: what it adds, and its ids. */
#ifndef HEADROOM_CORE_CORRECT_H
#define HEADROOM_CORE_CORRECT_H

#include "seen.h"
#include "window.h"

/* Can a correction of this meter and time be taken, by an account (NULL: there is none yet) at the
 * clock? NONE, BAD_VALUE: its aggregate is not corrected, TOO_LATE: the period is not kept. */
enum hr_reason hr_correction_check(const struct hr_rules *rules, uint16_t meter,
    const struct hr_account *account, struct hr_time time, struct hr_time clock);
/* What it adds to the bucket of its time; of a gauge the reading. False: no quantity holds it. */
HR_MUST bool hr_correction_amount(struct hr_account *account, uint16_t meter,
    const struct hr_fact *fact, struct hr_time time, struct hr_decimal *amount,
    struct hr_pool *pool);

/* Ids of corrections, in the account; those of periods that are no longer kept are new again. */
enum hr_seen_answer hr_corrections_ask(
    const struct hr_account *account, uint64_t id, uint64_t body, struct hr_time clock);
void hr_corrections_file(
    struct hr_account *account, struct hr_correction correction, struct hr_pool *pool);
void hr_corrections_add(
    struct hr_dossier *dossier, struct hr_correction correction, struct hr_pool *pool);
/* Forgets those of periods that are no longer kept. */
void hr_corrections_forget(struct hr_account *account);

#endif
