/* SPDX-License-Identifier: Apache-2.0 */
/* What is made from signals: the score, its tier and the account's segment (SEMANTICS 7).
 *
 * They are read as any signal is, from counters and facts, and never kept: a score is the sum of
 * the rows that hold at the account's clock. What they are made from is known to the layout
 * (hr_signal.needs), so whoever watches a score is judged when any of it can have changed. */
#include "text.h"

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

/* --- telling ---------------------------------------------------------------------------------- */

#define FINDINGS_MOST 4 /* of a clause that does not hold: meter.* may be of many */

/* What makes the clause hold, else what it found. */
static struct hr_str clause_finding(
    const struct hr_account *account, const struct hr_clause *clause, struct hr_arena *arena)
{
    const struct hr_rules *rules = account->layout->rules;
    bool holds = hr_clause_holds(account, clause);
    struct hr_str text = HR_STR("");
    uint16_t told = 0;
    for (uint16_t i = 0; i < clause->count && told < FINDINGS_MOST; i++) {
        const struct hr_condition *condition = &clause->any[i];
        const struct hr_signal *signal = &rules->signals[condition->signal];
        struct hr_reading reading = hr_signal_read(account, condition->signal);
        if (holds != hr_condition_holds(rules, condition, &reading)) {
            continue;
        }
        struct hr_str finding = hr_text_finding(arena, signal, condition, &reading, holds);
        if (holds) {
            return finding;
        }
        text = told++ == 0 ? finding : hr_arena_join(arena, text, ", ", finding);
    }
    return told < clause->count ? hr_arena_join(arena, text, ", and so on", HR_STR("")) : text;
}

/* All clauses of a row that holds; the first that does not. */
static struct hr_score_part tell_part(
    const struct hr_account *account, const struct hr_score_row *row, struct hr_arena *arena)
{
    struct hr_score_part part = {.row = row, .given = true, .because = HR_STR("")};
    for (uint16_t c = 0; c < row->when_count && part.given; c++) {
        struct hr_str finding = clause_finding(account, &row->when[c], arena);
        part.given = hr_clause_holds(account, &row->when[c]);
        part.because =
            c == 0 || !part.given ? finding : hr_arena_join(arena, part.because, " and ", finding);
    }
    return part;
}

struct hr_score hr_score_tell(const struct hr_account *account, struct hr_arena *arena)
{
    const struct hr_rules *rules = account->layout->rules;
    struct hr_score score = {.part_count = rules->score_count};
    struct hr_score_part *parts = hr_arena_take(arena, (rules->score_count + 1u) * sizeof *parts);
    for (uint16_t i = 0; i < rules->score_count; i++) {
        parts[i] = tell_part(account, &rules->score[i], arena);
        score.total += parts[i].given ? parts[i].row->points : 0;
    }
    score.parts = parts;
    score.tier = hr_score_tier(rules, score.total);
    return score;
}
