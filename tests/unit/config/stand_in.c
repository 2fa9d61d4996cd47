/* SPDX-License-Identifier: Apache-2.0 */
/* What the core room gives. */
#include "headroom/rules.h"

int hr_currency_places(const char currency[4])
{
    static const char known[] = "USD EUR GBP JPY";
    return strlen(currency) == 3 && strstr(known, currency) ? 2 : -1;
}
