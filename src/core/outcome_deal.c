/* SPDX-License-Identifier: Apache-2.0 */
/* An opportunity's part of the books. Every stage that it was in or went past is booked in the
 * month in which it was first heard of, so that a month's opportunities are one cohort all along
 * the funnel; won and lost are booked once more in the month of closing. Amounts are converted when
 * the opportunity is heard of, at the rates in force then. */
#include "outcome.h"

#include "money.h"
#include "step.h"

struct hr_booked_deal *hr_deal_find(const struct hr_outcomes *outcomes, uint64_t key)
{
    for (uint32_t i = 0; outcomes && i < outcomes->deal_count; i++) {
        if (outcomes->deals[i].key == key) {
            return &outcomes->deals[i];
        }
    }
    return NULL;
}

static bool is_closed(uint8_t stage)
{
    return stage == HR_STAGE_WON || stage == HR_STAGE_LOST;
}

static void take_amount(
    struct hr_booked_deal *deal, const struct hr_account *account, const struct hr_opportunity *one)
{
    const struct hr_rules *rules = account->layout->rules;
    bool has_amount = !hr_time_is(one->stamps[HR_DEAL_AMOUNT], HR_TIME_NONE);
    bool has_cost = !hr_time_is(one->stamps[HR_DEAL_COST], HR_TIME_NONE);
    if (has_amount && !hr_money_minor(rules, one->amount, &deal->amount)) {
        memcpy(deal->unrated, one->amount.currency, 4);
    }
    if (has_cost && !hr_money_minor(rules, one->cost, &deal->cost) &&
        memcmp(deal->unrated, one->cost.currency, 4) != 0) {
        memcpy(deal->unrated_cost, one->cost.currency, 4);
    }
}

struct hr_booked_deal hr_deal_now(
    const struct hr_account *account, const struct hr_opportunity *one)
{
    const struct hr_zone *zone = account->layout->rules->zone;
    struct hr_booked_deal deal = {
        .key = hr_hash64(one->name, 0), .stage = one->stage, .kind = one->kind};
    struct hr_time first = HR_TIME_NEVER;
    for (int s = 0; s < HR_STAGE_COUNT; s++) {
        if (!hr_time_is(one->entered[s], HR_TIME_NONE)) {
            first = hr_time_min(first, one->entered[s]);
            deal.furthest = s < HR_STAGE_WON ? (uint8_t)s : deal.furthest;
        }
    }
    if (is_closed(one->stage)) {
        struct hr_time closed = one->entered[one->stage];
        deal.closed = hr_month_of(zone, closed);
        deal.days = (closed.us - first.us) / HR_DAY;
    }
    deal.opened = hr_month_of(zone, first);
    take_amount(&deal, account, one);
    return deal;
}

static struct hr_str join(char text[64], const char *kind, const char *stage)
{
    size_t len = strlen(kind), more = strlen(stage);
    memcpy(text, kind, len);
    text[len] = '/';
    memcpy(text + len + 1, stage, more);
    return (struct hr_str){text, len + 1 + more};
}

static void book_stages(const struct hr_booked_deal *deal, int sign, struct hr_books *books)
{
    int64_t columns[HR_STAGES_COLUMNS] = {
        [HR_STAGES_REACHED] = sign, [HR_STAGES_AMOUNT] = sign * deal->amount};
    const char *kind = hr_deal_names[deal->kind];
    char text[64];
    uint8_t furthest = deal->stage == HR_STAGE_WON ? HR_STAGE_NEGOTIATION : deal->furthest;
    for (uint8_t s = 0; s <= furthest; s++) {
        hr_books_add(
            books, HR_BOOK_STAGES, deal->opened, join(text, kind, hr_stage_names[s]), columns);
    }
    if (is_closed(deal->stage)) {
        hr_books_add(books, HR_BOOK_STAGES, deal->opened,
            join(text, kind, hr_stage_names[deal->stage]), columns);
    }
}

void hr_deal_book(const struct hr_booked_deal *deal, int sign, struct hr_books *books)
{
    bool won = deal->stage == HR_STAGE_WON;
    book_stages(deal, sign, books);
    if (is_closed(deal->stage)) {
        int64_t columns[HR_DEALS_COLUMNS] = {[HR_DEALS_WON] = won ? sign : 0,
            [HR_DEALS_LOST] = won ? 0 : sign,
            [HR_DEALS_AMOUNT] = won ? sign * deal->amount : 0,
            [HR_DEALS_COST] = sign * deal->cost,
            [HR_DEALS_DAYS] = won ? sign * deal->days : 0};
        hr_books_add(
            books, HR_BOOK_DEALS, deal->closed, hr_str(hr_deal_names[deal->kind]), columns);
    }
    const char *unrated[] = {deal->unrated, deal->unrated_cost};
    for (size_t i = 0; i < 2; i++) {
        if (unrated[i][0]) {
            int64_t columns[HR_UNRATED_COLUMNS] = {[HR_UNRATED_DEALS] = sign};
            hr_books_add(books, HR_BOOK_UNRATED, deal->opened, hr_str(unrated[i]), columns);
        }
    }
}
