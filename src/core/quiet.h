/* SPDX-License-Identifier: Apache-2.0 */
/* Usage after which no rule needs to be judged. */
#ifndef HEADROOM_CORE_QUIET_H
#define HEADROOM_CORE_QUIET_H

#include "state.h"
#include "usage.h"

/* May the usage be counted at the moment `now` without a step: is it certain that judging the rules
 * of its type would change nothing? */
bool hr_usage_is_quiet(const struct hr_account *account, const struct hr_touch *touch,
    struct hr_time now, struct hr_time time, const struct hr_feed *feeds, uint16_t count);

/* After the rules of a type that has bars were judged on usage. */
void hr_bars_set(struct hr_account *account, const struct hr_touch *touch);
/* Before anything else happens to the account. */
void hr_bars_drop(struct hr_account *account);

#endif
