/* SPDX-License-Identifier: Apache-2.0 */
/* A `when`: clauses that must all hold; a clause holds if one of its conditions does, and meter.*
 * is one condition a meter. Two plain conditions on one signal that can never hold together make a
 * `when` that never holds, which nobody writes on purpose. */
#include "compile.h"

#include "headroom/trigger.h"

static bool compares_order(enum hr_operator operator)
{
    return operator!= HR_EQUAL && operator!= HR_NOT_EQUAL;
}

/* The conditions of one clause as they are collected: `meter.*` stands for several. */
struct conditions {
    struct hr_condition *at;
    uint16_t count, room;
};

static void add_condition(
    struct hr_compiling *compiling, struct conditions *all, const struct hr_condition *condition)
{
    if (all->count == all->room) {
        uint16_t room = all->room ? (uint16_t)(2 * all->room) : 2;
        struct hr_condition *more = hr_arena_zeroed(compiling->arena, room * sizeof *more);
        if (all->count > 0) {
            memcpy(more, all->at, all->count * sizeof *more);
        }
        all->at = more;
        all->room = room;
    }
    all->at[all->count++] = *condition;
}

/* Text that has to be one of a few words. False after a complaint. */
static bool check_category(
    struct hr_compiling *compiling, const struct hr_written *literal, const struct hr_path *path)
{
    struct hr_str known[HR_CROSS_SELL + 1];
    if (!compiling->routing) {
        hr_complain(
            compiling->complainer, path, "asks for the category of a trigger, as only routes can");
        return false;
    }
    for (int c = HR_RISK; c <= HR_CROSS_SELL; c++) {
        known[c] = hr_str(hr_category_name((enum hr_category)c));
        if (hr_str_equal(literal->text, known[c])) {
            return true;
        }
    }
    hr_complain(compiling->complainer, path, "must be risk, renewal, upsell or cross-sell%s",
        hr_did_you_mean(compiling->complainer, literal->text, known, HR_CROSS_SELL + 1));
    return false;
}

/* A condition on one signal. False after a complaint. */
static bool compile_condition(struct hr_compiling *compiling, struct hr_condition_setting *from,
    struct hr_str name, struct conditions *all, const struct hr_path *path)
{
    if (compiling->condition_count++ == HR_CONDITIONS_MOST) {
        hr_complain(compiling->complainer, path,
            "is one condition too many; at most %d, meter.* counted for each meter",
            HR_CONDITIONS_MOST);
    }
    if (compiling->condition_count > HR_CONDITIONS_MOST) {
        return false;
    }
    int index = hr_find_signal(compiling, name, path);
    if (index < 0) {
        return false;
    }
    const struct hr_signal *signal = &compiling->signals[index].signal;
    if (!hr_may_ask_for(compiling, signal, path)) {
        return false;
    }
    if (!hr_fit_literal(compiling, signal, &from->literal, true, path)) {
        return false;
    }
    if (from->literal.form == HR_FORM_TEXT && compares_order(from->operator)) {
        hr_complain(
            compiling->complainer, path, "compares text, for which only = and != are meant");
        return false;
    }
    if (!hr_check_tier(compiling, signal, &from->literal, path)) {
        return false;
    }
    if (signal->kind == HR_SIGNAL_CATEGORY && !check_category(compiling, &from->literal, path)) {
        return false;
    }
    struct hr_condition condition = {.signal = (uint16_t)index,
        .operator= from->operator,
        .literal = hr_compile_literal(&from->literal)};
    add_condition(compiling, all, &condition);
    return true;
}

/* Has the meter that part at all? Parts that want a limit are of meters that have one, projections
 * of those that add up. */
static bool has_part(const struct hr_meter *meter, struct hr_str part, bool wants_limit)
{
    bool adds_up = meter->aggregate == HR_SUM || meter->aggregate == HR_COUNT;
    bool paces = adds_up || meter->aggregate == HR_LATEST;
    return !meter->feature && (!wants_limit || meter->limit.at) &&
           (!hr_str_is(part, ".projected") || adds_up) &&
           (!hr_str_is(part, ".days_to_limit") || paces);
}

/* meter.*.PART holds if it holds for one meter that has that part. */
static bool compile_any_meter(struct hr_compiling *compiling, struct hr_condition_setting *from,
    struct conditions *all, const struct hr_path *path)
{
    size_t before = strlen("meter.*");
    struct hr_str part = {from->subject.at + before, from->subject.len - before};
    bool wants_limit = hr_str_is(part, ".used") || hr_str_is(part, ".remaining") ||
                       hr_str_is(part, ".projected") || hr_str_is(part, ".days_to_limit");
    uint16_t first = all->count;
    for (uint16_t i = 0; i < compiling->rules->meter_count; i++) {
        const struct hr_meter *meter = &compiling->meters[i];
        if (!has_part(meter, part, wants_limit)) {
            continue;
        }
        struct hr_str name = hr_arena_printf(compiling->arena, "meter.%.*s%.*s",
            (int)meter->name.len, meter->name.at, (int)part.len, part.at);
        if (!compile_condition(compiling, from, name, all, path)) {
            return false;
        }
    }
    if (all->count == first) {
        hr_complain(compiling->complainer, path, "names meters, of which there are none%s",
            wants_limit ? " with a limit" : "");
    }
    return all->count > first;
}

/* False after a complaint, here or when it was read. */
static bool compile_written(struct hr_compiling *compiling, struct hr_condition_setting *from,
    struct conditions *all, const struct hr_path *path)
{
    if (!from->subject.at) {
        return false;
    }
    if (hr_str_starts(from->subject, "meter.*.")) {
        return compile_any_meter(compiling, from, all, path);
    }
    return compile_condition(compiling, from, from->subject, all, path);
}

/* --------------------------------------------------------- contradiction */

/* The values that satisfy a condition on a number are one interval, but for !=. */
struct interval {
    bool has_least, has_most;
    bool least_open, most_open;
    struct hr_decimal least, most;
};

static struct interval interval_of(const struct hr_condition *condition)
{
    struct interval all = {.least = condition->literal.number, .most = condition->literal.number};
    enum hr_operator operator= condition->operator;
    all.has_least = operator== HR_EQUAL || operator== HR_AT_LEAST || operator== HR_MORE;
    all.has_most = operator== HR_EQUAL || operator== HR_AT_MOST || operator== HR_LESS;
    all.least_open = operator== HR_MORE;
    all.most_open = operator== HR_LESS;
    return all;
}

/* True when everything in `low` lies below everything in `high`. */
static bool lies_below(const struct interval *low, const struct interval *high)
{
    if (!low->has_most || !high->has_least) {
        return false;
    }
    int order = hr_decimal_compare(low->most, high->least);
    return order < 0 || (order == 0 && (low->most_open || high->least_open));
}

static bool exclude_each_other(const struct hr_condition *a, const struct hr_condition *b)
{
    if (a->signal != b->signal || a->literal.kind != b->literal.kind) {
        return false;
    }
    if (a->literal.kind == HR_LITERAL_TEXT) {
        return a->operator== HR_EQUAL && b->operator==
            HR_EQUAL && !hr_str_equal(a->literal.text, b->literal.text);
    }
    if (strcmp(a->literal.currency, b->literal.currency) != 0) {
        return false;
    } /* only the rates of the day know */
    struct interval left = interval_of(a), right = interval_of(b);
    return lies_below(&left, &right) || lies_below(&right, &left);
}

/* A level fires while the signal is beyond it and `when` holds: where that cannot be, it never
 * does. */
static void find_dead_levels(struct hr_compiling *compiling, const struct hr_rule *rule,
    uint16_t clause, const struct hr_path *path)
{
    for (uint16_t i = 0; i < rule->level_count; i++) {
        bool money = compiling->signals[rule->signal].signal.unit == HR_UNIT_MONEY;
        struct hr_condition beyond = {.signal = rule->signal,
            .operator= rule->direction == HR_UP ? HR_AT_LEAST : HR_AT_MOST,
            .literal = {.kind = money ? HR_LITERAL_MONEY : HR_LITERAL_NUMBER,
                .number = rule->levels[i].value}};
        memcpy(beyond.literal.currency, rule->levels[i].currency, sizeof beyond.literal.currency);
        if (exclude_each_other(rule->when[clause].any, &beyond)) {
            struct hr_path place = hr_path_index(path, clause);
            hr_complain(compiling->complainer, &place,
                "can never hold beyond %s[%u], which would never fire",
                rule->direction == HR_UP ? "levels" : "below", i);
            return;
        }
    }
}

static void find_contradictions(struct hr_compiling *compiling, const struct hr_clause *clauses,
    size_t count, const struct hr_path *path)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < i; j++) {
            struct hr_path place = hr_path_index(path, i);
            if (clauses[i].count == 1 && clauses[j].count == 1 &&
                exclude_each_other(clauses[i].any, clauses[j].any)) {
                hr_complain(
                    compiling->complainer, &place, "can never hold together with when[%zu]", j);
            }
        }
    }
}

const struct hr_clause *hr_compile_clauses(struct hr_compiling *compiling,
    struct hr_clause_setting *settings, size_t count, const struct hr_path *path)
{
    struct hr_clause *clauses = hr_arena_zeroed(compiling->arena, (count + 1) * sizeof *clauses);
    for (size_t i = 0; i < count; i++) {
        struct hr_clause_setting *from = &settings[i];
        struct hr_path clause_at = hr_path_index(path, i);
        struct hr_path any_at = hr_path_key(&clause_at, HR_STR("any"));
        struct conditions all = {0};
        bool good = true;
        for (size_t j = 0; j < from->any_count; j++) {
            struct hr_path place = hr_path_index(&any_at, j);
            bool plain = !hr_config_has(compiling->complainer, &any_at);
            const struct hr_path *at = plain ? &clause_at : &place;
            good = compile_written(compiling, &from->any[j], &all, at) && good;
        }
        clauses[i] = (struct hr_clause){all.at, good ? all.count : 0};
    }
    find_contradictions(compiling, clauses, count, path);
    return clauses;
}

void hr_compile_when(struct hr_compiling *compiling, struct hr_rule_setting *setting,
    struct hr_rule *rule, const struct hr_path *path)
{
    struct hr_path when_at = hr_path_key(path, HR_STR("when"));
    rule->when = hr_compile_clauses(compiling, setting->when, setting->when_count, &when_at);
    rule->when_count = (uint16_t)setting->when_count;
    for (uint16_t i = 0; i < rule->when_count; i++) {
        if (rule->when[i].count == 1) {
            find_dead_levels(compiling, rule, i, &when_at);
        }
    }
}
