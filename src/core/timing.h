/* SPDX-License-Identifier: Apache-2.0 */
/* When an account is to be left in peace (SEMANTICS 6). As of the account's clock. */
#ifndef HEADROOM_CORE_TIMING_H
#define HEADROOM_CORE_TIMING_H

#include "state.h"

/* Why timing holds the rule back, READY when it does not: MIN_TENURE, MILESTONE, QUIET, BUDGET. */
enum hr_why hr_timing_held(const struct hr_account *account, const struct hr_rule *rule);
/* When that reason is over, NONE when no moment ends it. */
struct hr_time hr_timing_until(const struct hr_account *account, enum hr_why why);
/* The first moment after the clock at which one of them is over; NEVER: none ends by time. */
struct hr_time hr_timing_due(const struct hr_account *account, const struct hr_rule *rule);
/* The milestone that holds the rule back; at NULL: none does. */
struct hr_str hr_milestone_missing(const struct hr_account *account, const struct hr_rule *rule);

/* The rule fired: the budget counts it, if it is published and of a timed category. */
void hr_fires_note(struct hr_account *account, const struct hr_rule *rule, struct hr_pool *pool);
/* What another account was told, its people have heard. */
void hr_fires_merge(
    struct hr_account *account, const struct hr_account *other, struct hr_pool *pool);

#endif
