/* SPDX-License-Identifier: Apache-2.0 */
/* What conditions are made of: an operator and what is compared with. */
#ifndef HEADROOM_LITERAL_H
#define HEADROOM_LITERAL_H

#include "headroom/decimal.h"
#include "headroom/event.h"
#include "headroom/str.h"

enum hr_operator { HR_LESS, HR_AT_MOST, HR_EQUAL, HR_NOT_EQUAL, HR_AT_LEAST, HR_MORE };

enum hr_literal_kind { HR_LITERAL_NUMBER, HR_LITERAL_MONEY, HR_LITERAL_TEXT };
struct hr_literal {
    enum hr_literal_kind kind;
    struct hr_decimal number; /* 80% is 0.8, 30d is 30, 25k is 25000; money in major units */
    char currency[4];         /* "" is the account's own */
    struct hr_str text;
};

/* A condition on a field of an event: one that is missing, null or no scalar does not hold, !=
 * included; numeric strings compare as numbers. In src/core/usage.c. */
bool hr_value_holds(
    const struct hr_value *value, enum hr_operator operator, const struct hr_literal * literal);

#endif
