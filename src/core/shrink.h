/* SPDX-License-Identifier: Apache-2.0 */
/* Limits that became smaller. */
#ifndef HEADROOM_CORE_SHRINK_H
#define HEADROOM_CORE_SHRINK_H

#include "state.h"

#define HR_LIMIT_MEMORY (366 * HR_DAY) /* the longest that a signal may ask for */

/* Keeps what the limits are as of the account's clock; its facts and all that is derived are of
 * that moment. */
void hr_limits_follow(struct hr_account *account, struct hr_pool *pool);
void hr_former_limit_drop(struct hr_dossier *dossier, uint32_t at, struct hr_pool *pool);

/* A share of the largest limit; unknown without a limit, 0 where none was larger. */
struct hr_reading hr_limit_drop(const struct hr_account *account, const struct hr_signal *signal);
/* When the largest is too long ago; NEVER without one. */
struct hr_time hr_limit_drop_due(const struct hr_account *account, const struct hr_signal *signal);

#endif
