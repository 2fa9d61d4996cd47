/* SPDX-License-Identifier: Apache-2.0 */
/* Sections of what came of an account (outcome.h). pack.c describes the layout. */
#include "outcome.h"
#include "pack.h"

static void put_revenue(struct hr_buffer *out, const struct hr_account *account)
{
    const struct hr_outcomes *outcomes = account->outcomes;
    hr_put_near(out, account->clock, outcomes->since);
    hr_put_near(out, account->clock, outcomes->booked);
    hr_put_varint(out, outcomes->label_count);
    for (uint32_t i = 0; i < outcomes->label_count; i++) {
        hr_put_zigzag(out, outcomes->labels[i].month);
        hr_put_str(out, outcomes->labels[i].text);
    }
    for (uint32_t i = 0; i < outcomes->line_count; i++) {
        const struct hr_revenue_line *line = &outcomes->lines[i];
        hr_put_u64(out, line->key);
        hr_put_u8(out, line->cut);
        hr_put_zigzag(out, line->base);
        hr_put_zigzag(out, line->known);
        hr_put_varint(out, line->count);
        for (uint32_t w = 0; w < line->count; w++) {
            const struct hr_revenue_word *word = &line->words[w];
            hr_put_u8(out, word->kind);
            hr_put_near(out, account->clock, word->time);
            hr_put_near(out, word->time, word->start);
            hr_put_zigzag(out, word->minor);
        }
    }
}

static void put_deals(struct hr_buffer *out, const struct hr_outcomes *outcomes)
{
    for (uint32_t i = 0; i < outcomes->deal_count; i++) {
        const struct hr_booked_deal *deal = &outcomes->deals[i];
        hr_put_u64(out, deal->key);
        hr_put_zigzag(out, deal->opened);
        hr_put_zigzag(out, deal->closed);
        hr_put_zigzag(out, deal->amount);
        hr_put_zigzag(out, deal->cost);
        hr_put_zigzag(out, deal->days);
        hr_put_u8(out, deal->stage);
        hr_put_u8(out, deal->kind);
        hr_put_u8(out, deal->furthest);
        hr_put_str(out, hr_str(deal->unrated));
    }
}

static void put_fires(struct hr_buffer *out, const struct hr_account *account)
{
    const struct hr_outcomes *outcomes = account->outcomes;
    for (uint32_t i = 0; i < outcomes->fire_count; i++) {
        const struct hr_fire *fire = &outcomes->fires[i];
        hr_put_near(out, account->clock, fire->at);
        hr_put_u32(out, fire->key);
        hr_put_varint(out, fire->number);
        hr_put_zigzag(out, fire->date);
        hr_put_zigzag(out, fire->month);
        hr_put_u8(out, (uint8_t)((fire->held_out ? 1 : 0) | (fire->converted ? 2 : 0)));
        hr_put_str(out, fire->labels);
    }
}

void hr_pack_outcomes(struct hr_buffer *out, const struct hr_account *account)
{
    const struct hr_outcomes *outcomes = account->outcomes;
    if (!outcomes) {
        return;
    }
    size_t begin = hr_section_begin(out, HR_SECTION_REVENUE);
    if (outcomes->line_count > 0) {
        put_revenue(out, account);
    }
    hr_section_end(out, begin);
    begin = hr_section_begin(out, HR_SECTION_DEALS);
    put_deals(out, outcomes);
    hr_section_end(out, begin);
    begin = hr_section_begin(out, HR_SECTION_OUTCOMES);
    put_fires(out, account);
    hr_section_end(out, begin);
}

void hr_pack_unrated_costs(struct hr_buffer *out, const struct hr_account *account)
{
    const struct hr_outcomes *outcomes = account->outcomes;
    size_t begin = hr_section_begin(out, HR_SECTION_UNRATED_COSTS);
    for (uint32_t i = 0; outcomes && i < outcomes->deal_count; i++) {
        if (outcomes->deals[i].unrated_cost[0]) {
            hr_put_varint(out, i);
            hr_put_str(out, hr_str(outcomes->deals[i].unrated_cost));
        }
    }
    hr_section_end(out, begin);
}
