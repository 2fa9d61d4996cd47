/* SPDX-License-Identifier: Apache-2.0 */
/* What the core and codec rooms give. */
#include "headroom/rules.h"

const struct hr_format *hr_format_preset(struct hr_str name)
{
    const struct hr_format *all;
    (void)hr_format_presets(&all);
    return hr_str_equal(name, all->name) ? all : NULL;
}

size_t hr_format_presets(const struct hr_format **all)
{
    static const struct hr_format presets[] = {{.name = {"cloudevents", 11}}};
    *all = presets;
    return 1;
}

int hr_currency_places(const char currency[4])
{
    static const char known[] = "USD EUR GBP JPY";
    return strlen(currency) == 3 && strstr(known, currency) ? 2 : -1;
}
