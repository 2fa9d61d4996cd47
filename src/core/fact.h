/* SPDX-License-Identifier: Apache-2.0 */
/* What account events say, field by field. */
#ifndef HEADROOM_CORE_FACT_H
#define HEADROOM_CORE_FACT_H

#include "state.h"

/* Of two values the one with the newer event time holds; on a tie the one that came later. */
static inline bool hr_fact_is_newer(struct hr_time stamp, struct hr_time time)
{
    return hr_time_is(stamp, HR_TIME_NONE) || time.us >= stamp.us;
}

/* Takes what the fact says about the account itself: subscriptions, invoices, attributes, the list
 * of its aliases. An erasure is not a fact about the account: home.c. */
void hr_fact_tell(struct hr_account *account, const struct hr_fact *fact, struct hr_time time,
    struct hr_pool *pool);
/* Whether the account (NULL: there is none yet) still fits into its record with it. */
bool hr_fact_fits(const struct hr_account *account, const struct hr_fact *fact);
/* Takes what is newer in the facts of another account, whose name leads here now. */
void hr_facts_merge(struct hr_account *account, const struct hr_account *other,
    struct hr_str other_name, struct hr_pool *pool);

#endif
