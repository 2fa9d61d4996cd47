/* SPDX-License-Identifier: Apache-2.0 */
/* A rule's `when`: clauses that must all hold. Two plain conditions on one signal that can never
 * hold together make a rule that never fires, which nobody writes on purpose. */
#include "compile.h"

static bool compares_order(enum hr_operator operator)
{
    return operator!= HR_EQUAL && operator!= HR_NOT_EQUAL;
}

/* False after a complaint. */
static bool compile_condition(struct hr_compiling *compiling, struct hr_condition_setting *from,
    struct hr_condition *condition, const struct hr_path *path)
{
    if (!from->subject.at) {
        return false;
    }
    int index = hr_find_signal(compiling, from->subject, path);
    if (index < 0) {
        return false;
    }
    const struct hr_signal *signal = &compiling->signals[index].signal;
    if (!hr_fit_literal(compiling, signal, &from->literal, true, path)) {
        return false;
    }
    if (from->literal.form == HR_FORM_TEXT && compares_order(from->operator)) {
        hr_complain(
            compiling->complainer, path, "compares text, for which only = and != are meant");
        return false;
    }
    condition->signal = (uint16_t)index;
    condition->operator= from->operator;
    condition->literal = hr_compile_literal(&from->literal);
    return true;
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

static void find_contradictions(
    struct hr_compiling *compiling, const struct hr_rule *rule, const struct hr_path *path)
{
    for (uint16_t i = 0; i < rule->when_count; i++) {
        for (uint16_t j = 0; j < i; j++) {
            struct hr_path place = hr_path_index(path, i);
            if (rule->when[i].count == 1 && rule->when[j].count == 1 &&
                exclude_each_other(rule->when[i].any, rule->when[j].any)) {
                hr_complain(
                    compiling->complainer, &place, "can never hold together with when[%u]", j);
            }
        }
    }
}

void hr_compile_when(struct hr_compiling *compiling, struct hr_rule_setting *setting,
    struct hr_rule *rule, const struct hr_path *path)
{
    struct hr_path when_at = hr_path_key(path, HR_STR("when"));
    struct hr_clause *clauses =
        hr_arena_zeroed(compiling->arena, (setting->when_count + 1) * sizeof *clauses);
    for (size_t i = 0; i < setting->when_count; i++) {
        struct hr_clause_setting *from = &setting->when[i];
        struct hr_path clause_at = hr_path_index(&when_at, i);
        struct hr_path any_at = hr_path_key(&clause_at, HR_STR("any"));
        struct hr_condition *any =
            hr_arena_zeroed(compiling->arena, (from->any_count + 1) * sizeof *any);
        bool good = true;
        for (size_t j = 0; j < from->any_count; j++) {
            struct hr_path place = hr_path_index(&any_at, j);
            bool plain = !hr_config_has(compiling->complainer, &any_at);
            const struct hr_path *at = plain ? &clause_at : &place;
            good = compile_condition(compiling, &from->any[j], &any[j], at) && good;
        }
        clauses[i] = (struct hr_clause){any, good ? (uint16_t)from->any_count : 0};
    }
    rule->when = clauses;
    rule->when_count = (uint16_t)setting->when_count;
    find_contradictions(compiling, rule, &when_at);
}
