/* SPDX-License-Identifier: Apache-2.0 */
/* Money inside the core: major units with a currency, compared through the configured rates. */
#ifndef HEADROOM_CORE_MONEY_H
#define HEADROOM_CORE_MONEY_H

#include "headroom/rules.h"

/* Three letters or none. */
static inline bool hr_currency_equal(const char *a, const char *b)
{
    return a[0] == b[0] && (a[0] == '\0' || (a[1] == b[1] && a[2] == b[2]));
}

/* Minor units as major ones: 80000 USD cents are 800. Of an unknown currency two places. */
struct hr_decimal hr_money_major(struct hr_money money);
/* Order of two amounts. An empty currency on the right is the left one's own. False, and no order,
 * when they differ and one has no rate. */
HR_MUST bool hr_money_compare(const struct hr_rules *rules, struct hr_decimal a,
    const char *a_currency, struct hr_decimal b, const char *b_currency, int *order);
/* The amount in rules->currency, cut after twelve places. False without a rate. */
HR_MUST bool hr_money_convert(const struct hr_rules *rules, struct hr_decimal amount,
    const char *currency, struct hr_decimal *converted);
/* The money in minor units of rules->currency, rounded half away from zero. False without a rate.
 */
HR_MUST bool hr_money_minor(const struct hr_rules *rules, struct hr_money money, int64_t *minor);

#endif
