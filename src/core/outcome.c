/* SPDX-License-Identifier: Apache-2.0 */
/* What facts mean for the books. An account's part of a book follows from what it remembers
 * (revenue.c, outcome_deal.c); whenever that changes, the part is taken back as it was booked and
 * added as it is now, and what differs goes into the home's books. So a word that comes late amends
 * the months that it is about, and they say so; nothing is counted twice.
 *
 * An account that moves to another (alias.c) takes its parts back in its own home; the receiver
 * books them in his. An account that is erased leaves its parts as they are: they name nobody. A
 * fire stays booked where it fired. */
#include "outcome.h"

#include "dossier.h"
#include "money.h"
#include "signal.h"
#include "step.h"
#include "subscription.h"

struct hr_outcomes *hr_outcomes_of(struct hr_account *account, struct hr_pool *pool)
{
    if (!account->outcomes) {
        account->outcomes = hr_pool_take(pool, sizeof *account->outcomes);
        account->outcomes->since = HR_TIME_NONE;
        account->outcomes->booked = HR_TIME_NONE;
        account->outcomes->next = HR_TIME_NEVER;
    }
    return account->outcomes;
}

void hr_outcomes_drop(struct hr_account *account, struct hr_pool *pool)
{
    struct hr_outcomes *outcomes = account->outcomes;
    if (!outcomes) {
        return;
    }
    hr_revenue_drop(outcomes, pool);
    for (uint32_t i = 0; i < outcomes->fire_count; i++) {
        hr_text_drop(pool, &outcomes->fires[i].labels);
    }
    if (outcomes->fire_count > 0) {
        hr_pool_give(pool, outcomes->fires, outcomes->fire_count * sizeof *outcomes->fires);
    }
    if (outcomes->deal_count > 0) {
        hr_pool_give(pool, outcomes->deals, outcomes->deal_count * sizeof *outcomes->deals);
    }
    hr_pool_give(pool, outcomes, sizeof *outcomes);
    account->outcomes = NULL;
}

size_t hr_outcomes_size(const struct hr_account *account, size_t entry)
{
    const struct hr_outcomes *outcomes = account->outcomes;
    size_t size = outcomes ? entry : 0;
    for (uint32_t l = 0; outcomes && l < outcomes->line_count; l++) {
        size += entry * (1 + outcomes->lines[l].count);
    }
    for (uint32_t l = 0; outcomes && l < outcomes->label_count; l++) {
        size += entry + outcomes->labels[l].text.len;
    }
    for (uint32_t i = 0; outcomes && i < outcomes->fire_count; i++) {
        size += entry + outcomes->fires[i].labels.len;
    }
    return size + (outcomes ? outcomes->deal_count * 2 * entry : 0);
}

/* --- booking ---------------------------------------------------------------------------------- */

static const struct hr_zone *zone_of(const struct hr_step *step)
{
    return step->account->layout->rules->zone;
}

static bool is_nothing(const struct hr_books_row *row)
{
    int64_t any = 0;
    for (unsigned c = 0; c < hr_book_columns(row->book); c++) {
        any |= row->columns[c];
    }
    return any == 0;
}

/* What is to be added to the home's books goes there. `amends`: what is over and changes says so.
 */
static void settle(struct hr_step *step, struct hr_books *delta, bool amends)
{
    const struct hr_rules *rules = step->account->layout->rules;
    int32_t month = hr_month_of(rules->zone, step->account->clock);
    struct hr_books_position position = {0, 0};
    struct hr_books_row row;
    hr_books_keep_from(step->books, month - rules->outcomes.history);
    while (hr_books_next(delta, &position, &row)) {
        int64_t columns[HR_BOOK_COLUMNS];
        if (is_nothing(&row)) {
            continue;
        }
        memcpy(columns, row.columns, hr_book_columns(row.book) * sizeof *columns);
        if (row.book == HR_BOOK_REVENUE) {
            columns[HR_REVENUE_AMENDED] = amends && row.month < month;
        }
        hr_books_add(step->books, row.book, row.month, row.label, columns);
    }
    hr_books_destroy(delta);
}

/* The account's part of the revenue, taken back as it is booked, to be added as it is now. */
static struct hr_books *take_back(struct hr_step *step)
{
    const struct hr_outcomes *outcomes = step->account->outcomes;
    struct hr_books *delta = hr_books_new(step->pool, 0);
    hr_revenue_book(outcomes, zone_of(step), outcomes->booked, -1, delta);
    return delta;
}

static void book_anew(struct hr_step *step, struct hr_books *delta, bool amends)
{
    struct hr_outcomes *outcomes = step->account->outcomes;
    outcomes->booked = step->account->clock;
    outcomes->next = hr_revenue_next(outcomes, outcomes->booked);
    hr_revenue_book(outcomes, zone_of(step), outcomes->booked, 1, delta);
    settle(step, delta, amends);
    step->account->due_stale = true;
}

static struct hr_str segment_of(const struct hr_step *step)
{
    struct hr_reading reading = hr_segment_read(step->account);
    return reading.kind == HR_READING_TEXT ? reading.text : HR_STR("");
}

static bool label_is(const struct hr_outcomes *outcomes, struct hr_str segment)
{
    return outcomes->label_count > 0 &&
           hr_str_equal(outcomes->labels[outcomes->label_count - 1].text, segment);
}

static void label(struct hr_step *step)
{
    hr_revenue_label(step->account->outcomes, zone_of(step),
        hr_month_of(zone_of(step), step->account->clock), segment_of(step), step->pool);
}

/* --- subscriptions ---------------------------------------------------------------------------- */

static void note_unrated(struct hr_step *step, const char *currency)
{
    int64_t columns[HR_UNRATED_COLUMNS] = {[HR_UNRATED_REVENUE] = 1};
    struct hr_books *delta = hr_books_new(step->pool, 0);
    hr_books_add(delta, HR_BOOK_UNRATED, hr_month_of(zone_of(step), step->event_time),
        hr_str(currency), columns);
    settle(step, delta, false);
}

/* The start of the subscription as far as the event says, else as it is known. */
static struct hr_time start_told(
    const struct hr_step *step, const struct hr_subscription *one, const struct hr_fact *fact)
{
    const struct hr_zone *zone = one->zone ? one->zone : zone_of(step);
    if (fact->started_at.kind == HR_MOMENT_DATE || fact->started_at.kind == HR_MOMENT_TIME) {
        return hr_moment_time(zone, fact->started_at);
    }
    return fact->kind == HR_FACT_SUBSCRIPTION_CREATED ? step->event_time
                                                      : hr_subscription_start(step->account, one);
}

static struct hr_time end_told(
    const struct hr_step *step, const struct hr_subscription *one, const struct hr_fact *fact)
{
    const struct hr_zone *zone = one->zone ? one->zone : zone_of(step);
    bool given = fact->ends_at.kind == HR_MOMENT_DATE || fact->ends_at.kind == HR_MOMENT_TIME;
    return given ? hr_moment_time(zone, fact->ends_at) : step->event_time;
}

/* Not whether there are outcomes: when nothing is in them they are not stored. */
static bool has_revenue(const struct hr_account *account)
{
    return account->outcomes && account->outcomes->line_count > 0;
}

/* What the event says of MRR; false when that is nothing that can be booked. */
static bool word_of(struct hr_step *step, const struct hr_subscription *one,
    const struct hr_fact *fact, struct hr_revenue_word *word)
{
    *word = (struct hr_revenue_word){.time = step->event_time, .kind = HR_WORD_RUNS};
    word->start = start_told(step, one, fact);
    if (fact->kind == HR_FACT_SUBSCRIPTION_CANCELLED) {
        word->kind = HR_WORD_ENDS;
        word->start = end_told(step, one, fact);
        return has_revenue(step->account);
    }
    if (fact->has_mrr && hr_money_minor(step->account->layout->rules, fact->mrr, &word->minor)) {
        word->kind = HR_WORD_MRR;
        word->minor = word->minor < 0 ? 0 : word->minor;
        return true;
    }
    if (fact->has_mrr) {
        note_unrated(step, fact->mrr.currency);
    }
    return has_revenue(step->account);
}

static void tell_subscription(struct hr_step *step, const struct hr_fact *fact)
{
    struct hr_account *account = step->account;
    const struct hr_subscription *one = hr_subscription_find(account, fact->subscription);
    struct hr_revenue_word word;
    if (!word_of(step, one, fact, &word)) {
        return;
    }
    struct hr_outcomes *outcomes = hr_outcomes_of(account, step->pool);
    struct hr_time from = hr_time_max(word.time, word.start);
    hr_revenue_make_room(outcomes, zone_of(step), 1, step->pool);
    struct hr_books *delta = take_back(step);
    int64_t before = hr_revenue_at(outcomes, from);
    hr_revenue_tell(outcomes, hr_hash64(one->name, 0), word, step->pool);
    int64_t more = hr_revenue_at(outcomes, from) - before;
    label(step);
    book_anew(step, delta, true);
    if (more > 0 && word.kind != HR_WORD_ENDS) {
        hr_outcomes_convert(step, step->event_time, more, HR_STR(""));
    }
}

/* --- opportunities ---------------------------------------------------------------------------- */

static const struct hr_opportunity *find_opportunity(
    const struct hr_account *account, struct hr_str name)
{
    const struct hr_dossier *dossier = account->dossier;
    for (uint32_t i = 0; i < dossier->opportunity_count; i++) {
        if (hr_str_equal(dossier->opportunities[i].name, name)) {
            return &dossier->opportunities[i];
        }
    }
    return NULL;
}

/* What is booked of opportunities that the account has forgotten stays booked. */
static void forget_deals(struct hr_account *account, struct hr_pool *pool)
{
    struct hr_outcomes *outcomes = account->outcomes;
    const struct hr_dossier *dossier = account->dossier;
    for (uint32_t i = outcomes->deal_count; i > 0; i--) {
        bool known = false;
        for (uint32_t o = 0; o < dossier->opportunity_count && !known; o++) {
            known = hr_hash64(dossier->opportunities[o].name, 0) == outcomes->deals[i - 1].key;
        }
        if (!known) {
            hr_list_remove(
                pool, &outcomes->deals, &outcomes->deal_count, sizeof *outcomes->deals, i - 1);
        }
    }
}

/* Books the opportunity as it stands; true when it was won just now. */
static bool book_deal(
    struct hr_step *step, const struct hr_opportunity *one, struct hr_books *delta)
{
    struct hr_outcomes *outcomes = hr_outcomes_of(step->account, step->pool);
    struct hr_booked_deal now = hr_deal_now(step->account, one);
    struct hr_booked_deal *booked = hr_deal_find(outcomes, now.key);
    bool was_won = booked && booked->stage == HR_STAGE_WON;
    if (booked) {
        hr_deal_book(booked, -1, delta);
    } else {
        booked = hr_list_append(
            step->pool, &outcomes->deals, &outcomes->deal_count, sizeof *outcomes->deals);
    }
    *booked = now;
    hr_deal_book(booked, 1, delta);
    return now.stage == HR_STAGE_WON && !was_won;
}

static void tell_opportunity(struct hr_step *step, const struct hr_fact *fact)
{
    const struct hr_opportunity *one = find_opportunity(step->account, fact->opportunity);
    if (!one) {
        return; /* older than all those closed ones that are kept */
    }
    struct hr_books *delta = hr_books_new(step->pool, 0);
    bool won = book_deal(step, one, delta);
    settle(step, delta, false);
    if (won && (one->kind == HR_DEAL_UPSELL || one->kind == HR_DEAL_CROSS_SELL)) {
        hr_outcomes_convert(step, one->entered[HR_STAGE_WON], 0, one->trigger);
    }
    forget_deals(step->account, step->pool);
}

/* --- all of it -------------------------------------------------------------------------------- */

void hr_outcomes_look_at_segment(struct hr_step *step)
{
    struct hr_account *account = step->account;
    if (has_revenue(account) && !label_is(account->outcomes, segment_of(step))) {
        hr_revenue_make_room(account->outcomes, zone_of(step), 0, step->pool);
        struct hr_books *delta = take_back(step);
        label(step);
        book_anew(step, delta, false);
    }
}

void hr_outcomes_tell(struct hr_step *step, const struct hr_fact *fact)
{
    struct hr_account *account = step->account;
    switch (fact->kind) {
    case HR_FACT_SUBSCRIPTION_CREATED:
    case HR_FACT_SUBSCRIPTION_UPDATED:
    case HR_FACT_SUBSCRIPTION_RENEWED:
    case HR_FACT_SUBSCRIPTION_CANCELLED:
        tell_subscription(step, fact);
        break;
    case HR_FACT_OPPORTUNITY:
        tell_opportunity(step, fact);
        hr_outcomes_look_at_segment(step);
        break;
    default:
        hr_outcomes_look_at_segment(step);
        break;
    }
    hr_outcomes_forget_fires(account, step->pool);
}

void hr_outcomes_pass(struct hr_step *step)
{
    const struct hr_outcomes *outcomes = step->account->outcomes;
    if (outcomes && outcomes->next.us <= step->account->clock.us) {
        book_anew(step, take_back(step), false);
    }
}

void hr_outcomes_adopt(struct hr_step *step, const struct hr_rules *rules)
{
    struct hr_outcomes *outcomes = step->account->outcomes;
    if (has_revenue(step->account) && rules->zone != zone_of(step)) {
        hr_outcomes_pass(step);
        hr_revenue_cut(outcomes, rules->zone, step->account->clock, step->pool);
    }
}

void hr_outcomes_give(struct hr_step *step)
{
    const struct hr_outcomes *outcomes = step->account->outcomes;
    if (!outcomes) {
        return;
    }
    struct hr_books *delta = take_back(step);
    for (uint32_t i = 0; i < outcomes->deal_count; i++) {
        hr_deal_book(&outcomes->deals[i], -1, delta);
    }
    settle(step, delta, false);
}

void hr_outcomes_take(struct hr_step *step, const struct hr_account *stray)
{
    const struct hr_outcomes *other = stray->outcomes;
    struct hr_account *account = step->account;
    if (!other) {
        return;
    }
    struct hr_outcomes *outcomes = hr_outcomes_of(account, step->pool);
    hr_revenue_make_room(outcomes, zone_of(step), hr_revenue_words(other), step->pool);
    struct hr_books *delta = take_back(step);
    hr_revenue_merge(outcomes, other, step->pool);
    for (uint32_t i = 0; other->deal_count > 0 && i < account->dossier->opportunity_count; i++) {
        (void)book_deal(step, &account->dossier->opportunities[i], delta);
    }
    book_anew(step, delta, false);
    hr_outcomes_take_fires(account, other, step->pool);
    if (outcomes->deal_count > 0) {
        forget_deals(account, step->pool);
    }
}
