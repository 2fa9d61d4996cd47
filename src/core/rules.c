/* SPDX-License-Identifier: Apache-2.0 */
/* Look-ups in a rule set by name. They are used when facts arrive or rules change, never per usage
 * event, so a walk over tables of some dozens is right. */
#include "headroom/rules.h"

int hr_rules_find_type(const struct hr_rules *rules, struct hr_str name)
{
    for (int i = 0; i < rules->type_count; i++) {
        if (hr_str_equal(rules->types[i].name, name)) {
            return i;
        }
    }
    return -1;
}

int hr_rules_find_meter(const struct hr_rules *rules, struct hr_str name)
{
    for (int i = 0; i < rules->meter_count; i++) {
        if (hr_str_equal(rules->meters[i].name, name)) {
            return i;
        }
    }
    return -1;
}

int hr_rules_find_plan(const struct hr_rules *rules, struct hr_str name)
{
    for (int i = 0; i < rules->plan_count; i++) {
        if (hr_str_equal(rules->plans[i].name, name)) {
            return i;
        }
    }
    return -1;
}
