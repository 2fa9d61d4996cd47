/* SPDX-License-Identifier: Apache-2.0 */
/* Who speaks about a trigger: the first route whose conditions hold as the trigger fires. What they
 * ask is read as it stands after the step, like a rule's `when`; only the category is no signal of
 * the account but the trigger's own.
 *
 * Whose it is: the owner that the account has for the rule among its overrides, else the route's,
 * else the person whom the audience names (csm, account_manager), else the account's owner. */
#include "advice.h"

static struct hr_reading category_of(const struct hr_rule *rule)
{
    return (struct hr_reading){
        .kind = HR_READING_TEXT, .text = hr_str(hr_category_name(rule->category))};
}

static bool clause_holds(const struct hr_instance *instance, const struct hr_clause *clause)
{
    const struct hr_rules *rules = instance->step->account->layout->rules;
    const struct hr_reading category = category_of(instance->rule);
    for (uint16_t i = 0; i < clause->count; i++) {
        uint16_t signal = clause->any[i].signal;
        const struct hr_reading *reading = rules->signals[signal].kind == HR_SIGNAL_CATEGORY
                                               ? &category
                                               : hr_step_reading(instance->step, signal);
        if (hr_condition_holds(rules, &clause->any[i], reading)) {
            return true;
        }
    }
    return false;
}

const struct hr_route *hr_route_of(const struct hr_instance *instance)
{
    const struct hr_rules *rules = instance->step->account->layout->base->rules;
    for (uint16_t r = 0; r < rules->route_count; r++) {
        const struct hr_route *route = &rules->routes[r];
        uint16_t held = 0;
        while (held < route->when_count && clause_holds(instance, &route->when[held])) {
            held++;
        }
        if (held == route->when_count) {
            return route;
        }
    }
    return NULL;
}

static struct hr_str attribute_of(const struct hr_account *account, const char *name)
{
    for (uint32_t i = 0; i < account->attribute_count; i++) {
        const struct hr_fact_value *value = &account->attributes[i];
        if (value->kind != HR_VALUE_NULL && hr_str_is(value->name, name)) {
            return value->text;
        }
    }
    return HR_STR("");
}

static struct hr_str own_owner(const struct hr_account *account, struct hr_str rule)
{
    const struct hr_dossier *dossier = account->dossier;
    for (uint32_t i = 0; dossier && i < dossier->own_count; i++) {
        if (hr_str_equal(dossier->own[i].rule, rule)) {
            return dossier->own[i].owner;
        }
    }
    return HR_STR("");
}

static struct hr_str person_of(const struct hr_account *account, const struct hr_route *route)
{
    struct hr_str person = HR_STR("");
    for (uint16_t i = 0; i < route->audience_count && person.len == 0; i++) {
        if (route->audience[i] == HR_CSM) {
            person = attribute_of(account, "csm");
        } else if (route->audience[i] == HR_ACCOUNT_MANAGER) {
            person = attribute_of(account, "account_manager");
        }
    }
    return person.len > 0 ? person : attribute_of(account, "owner");
}

struct hr_str hr_route_owner(const struct hr_instance *instance, const struct hr_route *route)
{
    const struct hr_account *account = instance->step->account;
    struct hr_str owner = own_owner(account, instance->rule->name);
    if (owner.len == 0 && route) {
        owner = route->owner.len > 0 ? route->owner : person_of(account, route);
    }
    return owner;
}
