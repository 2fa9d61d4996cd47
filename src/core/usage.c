/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a usage event against the meters of its type. An event counts in all the meters that it
 * feeds or in none, so everything is read before anything is counted. */
#include "usage.h"

#include "group.h"
#include "signal.h"

bool hr_value_holds(
    const struct hr_value *value, enum hr_operator operator, const struct hr_literal * literal)
{
    if (value->kind != HR_VALUE_BOOL && value->kind != HR_VALUE_NUMBER &&
        value->kind != HR_VALUE_STRING) {
        return false;
    }
    if (literal->kind == HR_LITERAL_TEXT) {
        bool same = hr_str_equal(value->text, literal->text);
        return operator== HR_EQUAL ? same : operator== HR_NOT_EQUAL && !same;
    }
    return value->fits &&
           hr_operator_holds(operator, hr_decimal_compare(value->number, literal->number));
}

static bool all_hold(const struct hr_meter *meter, const struct hr_value *values)
{
    for (uint16_t w = 0; w < meter->where_count; w++) {
        const struct hr_where *where = &meter->where[w];
        if (!hr_value_holds(&values[where->field], where->operator, & where->literal)) {
            return false;
        }
    }
    return true;
}

uint16_t hr_usage_feeds(
    const struct hr_rules *rules, const struct hr_event *event, struct hr_feed *feeds)
{
    uint16_t count = 0;
    for (uint16_t i = 0; i < event->usage->meter_count; i++) {
        uint16_t meter = event->usage->meters[i];
        if (all_hold(&rules->meters[meter], event->values)) {
            feeds[count].meter = meter;
            if (rules->meters[meter].has_by) {
                feeds[count].group = hr_group_of(&event->values[rules->meters[meter].by]);
            }
            count++;
        }
    }
    return count;
}

static enum hr_reason read_number(const struct hr_value *value, struct hr_amount *amount)
{
    if (value->kind != HR_VALUE_NUMBER && value->kind != HR_VALUE_STRING) {
        return HR_BAD_VALUE;
    }
    amount->value = value->number;
    return value->fits ? HR_REASON_NONE : value->overflows ? HR_OVERFLOW : HR_BAD_VALUE;
}

static enum hr_reason read_member(const struct hr_value *value, struct hr_amount *amount)
{
    if (value->kind != HR_VALUE_BOOL && value->kind != HR_VALUE_NUMBER &&
        value->kind != HR_VALUE_STRING) {
        return HR_BAD_VALUE;
    }
    amount->value = HR_DECIMAL_ONE;
    amount->member = hr_hash128(value->text);
    return HR_REASON_NONE;
}

enum hr_reason hr_usage_amounts(const struct hr_rules *rules, const struct hr_event *event,
    struct hr_feed *feeds, uint16_t count, uint16_t *fault)
{
    for (uint16_t i = 0; i < count; i++) {
        const struct hr_meter *meter = &rules->meters[feeds[i].meter];
        enum hr_reason reason = HR_REASON_NONE;
        if (meter->aggregate == HR_COUNT) {
            feeds[i].amount.value = HR_DECIMAL_ONE;
        } else if (meter->aggregate == HR_UNIQUE) {
            reason = read_member(&event->values[meter->value], &feeds[i].amount);
        } else {
            reason = read_number(&event->values[meter->value], &feeds[i].amount);
        }
        if (reason != HR_REASON_NONE) {
            *fault = feeds[i].meter;
            return reason;
        }
    }
    return HR_REASON_NONE;
}
