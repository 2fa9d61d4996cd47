/* SPDX-License-Identifier: Apache-2.0 */
/* What is made from signals: the score, its tier and the account's segment (SEMANTICS 7).
 *
 * They are read as any signal is, from counters and facts, and never kept: a score is the sum of
 * the rows that hold at the account's clock. What they are made from is known to the layout
 * (hr_signal.needs), so whoever watches a score is judged when any of it can have changed. */
#include "signal.h"

bool hr_clause_holds(const struct hr_account *account, const struct hr_clause *clause)
{
    bool holds = false;
    for (uint16_t i = 0; i < clause->count && !holds; i++) {
        struct hr_reading reading = hr_signal_read(account, clause->any[i].signal);
        holds = hr_condition_holds(account->layout->rules, &clause->any[i], &reading);
    }
    return holds;
}

bool hr_clauses_hold(const struct hr_account *account, const struct hr_clause *when, uint16_t count)
{
    bool hold = true;
    for (uint16_t c = 0; c < count && hold; c++) {
        hold = hr_clause_holds(account, &when[c]);
    }
    return hold;
}

int64_t hr_score_total(const struct hr_account *account)
{
    const struct hr_rules *rules = account->layout->rules;
    int64_t total = 0;
    for (uint16_t i = 0; i < rules->score_count; i++) {
        const struct hr_score_row *row = &rules->score[i];
        total += hr_clauses_hold(account, row->when, row->when_count) ? row->points : 0;
    }
    return total;
}

struct hr_str hr_score_tier(const struct hr_rules *rules, int64_t total)
{
    for (uint16_t i = 0; i < rules->tier_count; i++) {
        if (total >= rules->tiers[i].least) {
            return rules->tiers[i].name;
        }
    }
    return HR_STR(HR_TIER_NONE);
}

struct hr_reading hr_segment_read(const struct hr_account *account)
{
    const struct hr_rules *rules = account->layout->rules;
    for (uint16_t i = 0; i < rules->segment_count; i++) {
        const struct hr_segment_row *row = &rules->segments[i];
        if (hr_clauses_hold(account, row->when, row->when_count)) {
            return (struct hr_reading){.kind = HR_READING_TEXT, .text = row->name};
        }
    }
    return hr_signal_read(account, rules->crm_segment);
}
