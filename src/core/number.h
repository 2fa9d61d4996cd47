/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers of trigger ids: N of RULE/ACCOUNT/LEVEL/DATE#N. */
#ifndef HEADROOM_CORE_NUMBER_H
#define HEADROOM_CORE_NUMBER_H

#include "state.h"

/* No date is in force: of a name that is no account. */
#define HR_NO_DATE INT64_MIN

/* What names a level in numbering: rule, level and, when the id names it, subscription. */
uint32_t hr_number_key(const struct hr_rule *rule, const struct hr_rule_level *level,
    const struct hr_subscription *subscription);
/* N of the next fire of the level under the date of a period that ends at `end`. */
uint32_t hr_number_next(struct hr_account *account, uint32_t key, int64_t date, struct hr_time end,
    struct hr_pool *pool);
/* The period of that date ended at `end`: its numbers are needed for the lateness bound after it.
 */
void hr_numbers_close(struct hr_account *account, int64_t date, struct hr_time end);
/* Forgets what is needed no more at `now`, while `date` is in force. */
void hr_numbers_forget(
    struct hr_numbers *numbers, struct hr_time now, int64_t date, struct hr_pool *pool);
void hr_numbers_drop(struct hr_numbers *numbers, struct hr_pool *pool);

/* What the id of a trigger says beside the account's name. False when it is no such id. */
struct hr_trigger_name {
    uint32_t key, number;
    int64_t date;
};
HR_MUST bool hr_trigger_name_parse(struct hr_str id, struct hr_trigger_name *name);

#endif
