/* SPDX-License-Identifier: Apache-2.0 */
/* Marks: the values at which a signal that moves with time alone (period.elapsed, projections) may
 * decide something: levels, margins, and literals of conditions wherever they stand. The account is
 * judged at the first microsecond at which such a signal passes one of them. */
#include "layout.h"

static uint16_t add_mark(struct hr_decimal *marks, uint16_t count, struct hr_decimal mark)
{
    uint16_t at = count;
    while (at > 0 && hr_decimal_compare(marks[at - 1], mark) > 0) {
        marks[at] = marks[at - 1];
        at--;
    }
    marks[at] = mark;
    return (uint16_t)(count + 1);
}

/* Marks of one signal, as they are collected. */
struct marks {
    struct hr_decimal *at;
    uint16_t count;
    uint16_t signal;
};

static void mark_clauses(struct marks *marks, const struct hr_clause *when, uint16_t count)
{
    for (uint16_t c = 0; c < count; c++) {
        for (uint16_t i = 0; i < when[c].count; i++) {
            if (when[c].any[i].signal == marks->signal) {
                marks->count = add_mark(marks->at, marks->count, when[c].any[i].literal.number);
            }
        }
    }
}

static size_t conditions_in(const struct hr_clause *when, uint16_t count)
{
    size_t conditions = 0;
    for (uint16_t c = 0; c < count; c++) {
        conditions += when[c].count;
    }
    return conditions;
}

static size_t most_marks(const struct hr_rules *rules)
{
    size_t room = 0;
    for (uint16_t r = 0; r < rules->rule_count; r++) {
        room += 2u * rules->rules[r].level_count +
                conditions_in(rules->rules[r].when, rules->rules[r].when_count);
    }
    for (uint16_t i = 0; i < rules->score_count; i++) {
        room += conditions_in(rules->score[i].when, rules->score[i].when_count);
    }
    for (uint16_t i = 0; i < rules->segment_count; i++) {
        room += conditions_in(rules->segments[i].when, rules->segments[i].when_count);
    }
    return room;
}

static void find_marks(struct hr_layout *layout, uint16_t slot)
{
    const struct hr_rules *rules = layout->rules;
    struct marks marks = {
        hr_arena_zeroed(&layout->arena, (most_marks(rules) + 1) * sizeof *marks.at), 0, slot};
    for (uint16_t r = 0; r < rules->rule_count; r++) {
        const struct hr_rule *rule = &rules->rules[r];
        for (uint16_t l = 0; rule->signal == slot && l < rule->level_count; l++) {
            marks.count = add_mark(marks.at, marks.count, rule->levels[l].value);
            marks.count = add_mark(marks.at, marks.count, layout->rule_layouts[r].margins[l]);
        }
        mark_clauses(&marks, rule->when, rule->when_count);
    }
    for (uint16_t i = 0; i < rules->score_count; i++) {
        mark_clauses(&marks, rules->score[i].when, rules->score[i].when_count);
    }
    for (uint16_t i = 0; i < rules->segment_count; i++) {
        mark_clauses(&marks, rules->segments[i].when, rules->segments[i].when_count);
    }
    layout->signals[slot].marks = marks.at;
    layout->signals[slot].mark_count = marks.count;
}

void hr_layout_mark(struct hr_layout *layout)
{
    const struct hr_rules *rules = layout->rules;
    for (uint16_t s = 0; s < rules->signal_count; s++) {
        if (rules->signals[s].kind == HR_SIGNAL_PERIOD_ELAPSED ||
            rules->signals[s].kind == HR_SIGNAL_PROJECTED) {
            find_marks(layout, s);
        }
    }
}
