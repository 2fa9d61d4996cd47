/* SPDX-License-Identifier: Apache-2.0 */
/* Stored outcomes, read (pack_outcome.c); whatever is wrong turns the reader bad, and unpack.c
 * refuses the account. */
#include "unpack.h"

#include "outcome.h"

static bool more(const struct hr_unpacking *with)
{
    return hr_reader_more(with->in);
}

/* A number that stands for a month. */
static int32_t get_month(struct hr_unpacking *with)
{
    int64_t month = hr_get_zigzag(with->in);
    with->in->bad |= month < INT32_MIN || month > INT32_MAX;
    return (int32_t)month;
}

static uint8_t get_word(struct hr_unpacking *with, int most)
{
    uint8_t word = hr_get_u8(with->in);
    with->in->bad |= word >= most;
    return word;
}

static struct hr_str get_text(struct hr_unpacking *with)
{
    struct hr_str text = hr_get_str(with->in);
    return with->in->bad ? HR_STR("") : hr_text_keep(with->pool, text);
}

static void get_labels(struct hr_unpacking *with, struct hr_outcomes *outcomes)
{
    uint64_t count = hr_get_varint(with->in);
    for (uint64_t i = 0; i < count && more(with); i++) {
        struct hr_revenue_label *label = hr_list_append(
            with->pool, &outcomes->labels, &outcomes->label_count, sizeof *outcomes->labels);
        label->month = get_month(with);
        label->text = get_text(with);
    }
    with->in->bad |= outcomes->label_count != count;
}

static void get_line(struct hr_unpacking *with, struct hr_outcomes *outcomes)
{
    struct hr_revenue_line *line = hr_list_append(
        with->pool, &outcomes->lines, &outcomes->line_count, sizeof *outcomes->lines);
    line->key = hr_get_u64(with->in);
    line->cut = hr_get_u8(with->in) != 0;
    line->base = hr_get_zigzag(with->in);
    line->known = hr_get_zigzag(with->in);
    uint64_t count = hr_get_varint(with->in);
    for (uint64_t w = 0; w < count && more(with); w++) {
        struct hr_revenue_word word = {.kind = get_word(with, HR_WORD_KINDS)};
        word.time = hr_unpack_near(with);
        word.start = hr_unpack_near_to(with, word.time);
        word.minor = hr_get_zigzag(with->in);
        *(struct hr_revenue_word *)hr_list_append(
            with->pool, &line->words, &line->count, sizeof word) = word;
        with->in->bad |= w > 0 && line->words[w - 1].time.us > word.time.us;
    }
    with->in->bad |= line->count != count || hr_revenue_words(outcomes) > HR_WORDS_MOST;
}

void hr_unpack_revenue(struct hr_unpacking *with)
{
    struct hr_outcomes *outcomes = hr_outcomes_of(with->account, with->pool);
    outcomes->since = hr_unpack_near(with);
    outcomes->booked = hr_unpack_near(with);
    get_labels(with, outcomes);
    while (more(with)) {
        get_line(with, outcomes);
    }
    if (!with->in->bad) {
        outcomes->next = hr_revenue_next(outcomes, outcomes->booked);
    }
}

void hr_unpack_deals(struct hr_unpacking *with)
{
    struct hr_outcomes *outcomes = hr_outcomes_of(with->account, with->pool);
    while (more(with)) {
        struct hr_booked_deal *deal = hr_list_append(
            with->pool, &outcomes->deals, &outcomes->deal_count, sizeof *outcomes->deals);
        deal->key = hr_get_u64(with->in);
        deal->opened = get_month(with);
        deal->closed = get_month(with);
        deal->amount = hr_get_zigzag(with->in);
        deal->cost = hr_get_zigzag(with->in);
        deal->days = hr_get_zigzag(with->in);
        deal->stage = get_word(with, HR_STAGE_COUNT);
        deal->kind = get_word(with, HR_DEAL_RENEWAL + 1);
        deal->furthest = get_word(with, HR_STAGE_WON);
        hr_unpack_currency(with, deal->unrated);
    }
}

/* Of the deals that were unpacked, by their places. */
void hr_unpack_unrated_costs(struct hr_unpacking *with)
{
    const struct hr_outcomes *outcomes = with->account->outcomes;
    while (more(with)) {
        uint64_t at = hr_get_varint(with->in);
        if (!outcomes || at >= outcomes->deal_count) {
            with->in->bad = true;
            return;
        }
        hr_unpack_currency(with, outcomes->deals[at].unrated_cost);
    }
}

void hr_unpack_outcomes(struct hr_unpacking *with)
{
    struct hr_outcomes *outcomes = hr_outcomes_of(with->account, with->pool);
    while (more(with)) {
        struct hr_fire *fire = hr_list_append(
            with->pool, &outcomes->fires, &outcomes->fire_count, sizeof *outcomes->fires);
        fire->at = hr_unpack_near(with);
        fire->key = hr_get_u32(with->in);
        fire->number = (uint32_t)hr_get_varint(with->in);
        fire->date = hr_get_zigzag(with->in);
        fire->month = get_month(with);
        uint8_t flags = get_word(with, 4);
        fire->held_out = flags & 1;
        fire->converted = (flags & 2) != 0;
        fire->labels = get_text(with);
    }
}
