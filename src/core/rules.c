/* SPDX-License-Identifier: Apache-2.0 */
/* Look-ups in a rule set by name. They are used when facts arrive or rules change, never per usage
 * event, so a walk over tables of some dozens is right. */
#include "headroom/rules.h"

#include "money.h"

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

int hr_rules_find_source(const struct hr_rules *rules, struct hr_str topic)
{
    for (int i = 0; i < rules->source_count; i++) {
        if (hr_str_equal(rules->sources[i].topic, topic)) {
            return i;
        }
    }
    return -1;
}

enum hr_fate hr_rules_may_follow(
    const struct hr_rules *old, const struct hr_rules *rules, struct hr_error *error)
{
    if (hr_currency_equal(old->currency, rules->currency)) {
        return HR_OK;
    }
    return hr_fail(error, HR_REFUSE,
        "money.currency: the books are kept in %s and cannot be turned into %s; with %s, and a "
        "rate "
        "under money.rates, amounts in %s count; for other books begin anew, under another "
        "kafka.group and redis.prefix",
        old->currency, rules->currency, old->currency, rules->currency);
}
