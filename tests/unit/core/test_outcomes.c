/* SPDX-License-Identifier: Apache-2.0 */
/* What comes of accounts, in the books: revenue by month as billing tells it, late and out of
 * order; deals by stage; triggers and what they led to; who is held out. Figures are worked by
 * hand. Every case is played with the memory kept, and with everything packed, dropped and loaded
 * again after each step: the books must be the same. */
#include "stage.h"

#include "headroom/books.h"
#include "headroom/hash.h"

#include "core/outcome.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static const char plain[] =
    "meters:\n"
    "  contacts: {event: contacts, aggregate: latest, value: /n, limit: contacts}\n"
    "rules:\n"
    "  capacity: {watch: meter.contacts.used, levels: [80%, 90%]}\n";

static const char *const columns[HR_BOOK_COUNT][HR_BOOK_COLUMNS] = {
    [HR_BOOK_REVENUE] = {"new", "expansion", "contraction", "churned", "transfer", "+customers",
        "-customers", "moved", "amended"},
    [HR_BOOK_STAGES] = {"reached", "amount"},
    [HR_BOOK_DEALS] = {"won", "lost", "amount", "cost", "days"},
    [HR_BOOK_FIRES] = {"fired", "converted", "amount", "days", "held_out", "held_out_converted"},
    [HR_BOOK_UNRATED] = {"revenue", "deals"},
};

/* Rows of a book that are not all 0, a line each. */
static void print_book(const struct hr_books *books, enum hr_book book, char text[4096])
{
    struct hr_books_position position = {0, 0};
    struct hr_books_row row;
    size_t len = 0;
    text[0] = '\0';
    while (hr_books_next(books, &position, &row)) {
        char month[HR_TIME_TEXT], line[512];
        hr_month_print(row.month, month);
        int used =
            snprintf(line, sizeof line, "%s '%.*s'", month, (int)row.label.len, row.label.at);
        bool any = false;
        for (unsigned c = 0; c < hr_book_columns(row.book); c++) {
            any |= row.columns[c] != 0;
            if (row.columns[c] != 0) {
                used += snprintf(line + used, sizeof line - (size_t)used, " %s %lld",
                    columns[row.book][c], (long long)row.columns[c]);
            }
        }
        if (any && row.book == book) {
            len += (size_t)snprintf(text + len, 4096 - len, "%s\n", line);
        }
    }
}

static const enum story_mode modes[] = {STORY_PLAIN, STORY_RELOADED};

/* Plays the lines, up to NULL, in each mode and compares the book with what it must be. */
static void check(const char *config, const char *const *lines, enum hr_book book, const char *must)
{
    for (size_t m = 0; m < sizeof modes / sizeof *modes; m++) {
        struct stage *stage = stage_new(config, modes[m]);
        for (size_t i = 0; lines[i]; i++) {
            stage_play(stage, lines[i]);
        }
        char is[4096];
        print_book(hr_home_books(stage_home(stage)), book, is);
        assert_string_equal(is, must);
        stage_destroy(stage);
    }
}

#define CHECK(config, book, must, ...)                                                             \
    check(config, (const char *const[]){__VA_ARGS__, NULL}, book, must)

/* --- revenue ---------------------------------------------------------------------------------- */

static void months_are_net(void **state)
{
    (void)state;
    CHECK(plain, HR_BOOK_REVENUE,
        "2026-01 '' new 40000 +customers 1\n"
        "2026-02 '' expansion 10000\n"
        "2026-04 '' contraction 20000\n"
        "2026-05 '' churned 30000 -customers 1\n"
        "2026-07 '' new 30000 +customers 1\n",
        "2026-01-10T00:00Z a subscription.created {\"mrr\":40000,\"currency\":\"USD\"}",
        "2026-02-03T00:00Z a subscription.updated {\"mrr\":90000,\"currency\":\"USD\"}",
        "2026-02-20T00:00Z a subscription.updated {\"mrr\":50000,\"currency\":\"USD\"}",
        "2026-04-01T00:00Z a subscription.updated {\"mrr\":30000,\"currency\":\"USD\"}",
        "2026-05-02T00:00Z a subscription.cancelled {}",
        "2026-06-01T00:00Z b contacts {\"n\":1}", /* time passes */
        "2026-07-01T00:00Z a subscription.updated {}");
}

/* An end that lies ahead is booked when it comes, without any event, and not when it is told. */
static void an_end_ahead_is_booked_when_it_comes(void **state)
{
    (void)state;
    CHECK(plain, HR_BOOK_REVENUE, "2026-01 '' new 40000 +customers 1\n",
        "2026-01-10T00:00Z a subscription.created {\"mrr\":40000,\"currency\":\"USD\"}",
        "2026-01-20T00:00Z a subscription.cancelled {\"ends_at\":\"2026-03-15\"}",
        "2026-03-14T23:59Z tick");
    CHECK(plain, HR_BOOK_REVENUE,
        "2026-01 '' new 40000 +customers 1\n"
        "2026-03 '' churned 40000 -customers 1\n",
        "2026-01-10T00:00Z a subscription.created {\"mrr\":40000,\"currency\":\"USD\"}",
        "2026-01-20T00:00Z a subscription.cancelled {\"ends_at\":\"2026-03-15\"}",
        "2026-04-01T00:00Z tick");
    CHECK(plain, HR_BOOK_REVENUE, "2026-01 '' new 40000 +customers 1\n", /* withdrawn */
        "2026-01-10T00:00Z a subscription.created {\"mrr\":40000,\"currency\":\"USD\"}",
        "2026-01-20T00:00Z a subscription.cancelled {\"ends_at\":\"2026-03-15\"}",
        "2026-02-01T00:00Z a subscription.updated {}", "2026-04-01T00:00Z tick");
}

/* What comes late changes the months that it is about and no other, and they say so once each. */
static void late_words_amend_closed_months(void **state)
{
    (void)state;
    CHECK(plain, HR_BOOK_REVENUE,
        "2026-01 '' new 40000 +customers 1\n"
        "2026-02 '' expansion 20000 amended 1\n"
        "2026-03 '' expansion 40000 amended 1\n",
        "2026-01-10T00:00Z a subscription.created {\"mrr\":40000,\"currency\":\"USD\"}",
        "2026-03-10T00:00Z a subscription.updated {\"mrr\":100000,\"currency\":\"USD\"}",
        "2026-04-10T00:00Z a subscription.updated at=2026-02-05T00:00:00Z "
        "{\"mrr\":60000,\"currency\":\"USD\"}");
    /* An import of who has been there since last year; twice. */
    CHECK(plain, HR_BOOK_REVENUE, "2025-06 '' new 40000 +customers 1 amended 1\n",
        "2026-01-10T00:00Z a subscription.updated "
        "{\"mrr\":40000,\"currency\":\"USD\",\"started_at\":\"2025-06-15\"}",
        "2026-02-10T00:00Z a subscription.updated "
        "{\"mrr\":40000,\"currency\":\"USD\",\"started_at\":\"2025-06-15\"}");
}

/* 100 EUR at 1.08 are 108 USD; JPY has no minor units: 1,500 at 0.0067 are 10.05 USD; half a cent
 * is one. Without a rate nothing is booked, and told by its currency. */
static void currencies_are_converted_or_counted(void **state)
{
    (void)state;
    static const char rates[] = "money: {rates: {EUR: 1.08, JPY: 0.0067, SEK: 0.105}}\n"
                                "meters: {m: {event: m, aggregate: count}}\n";
    static const char *const lines[] = {
        "2026-01-10T00:00Z a subscription.created "
        "{\"subscription\":\"x\",\"mrr\":10000,\"currency\":\"EUR\"}",
        "2026-01-11T00:00Z a subscription.created "
        "{\"subscription\":\"y\",\"mrr\":1500,\"currency\":\"JPY\"}",
        "2026-01-12T00:00Z b subscription.created {\"mrr\":5,\"currency\":\"SEK\"}",
        "2026-02-01T00:00Z c subscription.created {\"mrr\":700,\"currency\":\"CHF\"}",
        "2026-02-01T00:00Z c opportunity.stage_changed {\"opportunity\":\"o\",\"stage\":"
        "\"engaged\",\"kind\":\"new\",\"amount\":7,\"currency\":\"CHF\"}",
        NULL};
    check(rates, lines, HR_BOOK_REVENUE, "2026-01 '' new 11806 +customers 2\n");
    check(rates, lines, HR_BOOK_UNRATED, "2026-02 'CHF' revenue 1 deals 1\n");
}

/* Who becomes another segment takes what he pays along; within the first month he simply is it. */
static void revenue_moves_with_the_segment(void **state)
{
    (void)state;
    CHECK(plain, HR_BOOK_REVENUE,
        "2026-01 'startup' new 40000 +customers 1\n"
        "2026-03 'enterprise' expansion 10000 transfer 40000 moved 1\n"
        "2026-03 'startup' transfer -40000 moved -1\n",
        "2026-01-10T00:00Z a subscription.created {\"mrr\":40000,\"currency\":\"USD\"}",
        "2026-01-11T00:00Z a account.updated {\"segment\":\"startup\"}",
        "2026-03-02T00:00Z a subscription.updated {\"mrr\":50000,\"currency\":\"USD\"}",
        "2026-03-03T00:00Z a account.updated {\"segment\":\"enterprise\"}");
}

/* An opportunity is a fact as any other: a segment may be made of deals. */
static void a_deal_may_change_the_segment(void **state)
{
    (void)state;
    CHECK("meters: {m: {event: m, aggregate: count}}\n"
          "segments: [{name: large, when: [\"deal.size >= 10k\"]}]\n",
        HR_BOOK_REVENUE,
        "2026-01 '' new 40000 +customers 1\n"
        "2026-02 '' transfer -40000 moved -1\n"
        "2026-02 'large' transfer 40000 moved 1\n",
        "2026-01-10T00:00Z a subscription.created {\"mrr\":40000,\"currency\":\"USD\"}",
        "2026-02-10T00:00Z a opportunity.stage_changed {\"opportunity\":\"o\",\"kind\":\"upsell\","
        "\"stage\":\"engaged\",\"amount\":2000000,\"currency\":\"USD\"}",
        "2026-03-10T00:00Z tick");
}

/* So it does of a second subscription of which other things were said before. */
static void the_first_mrr_counts_from_the_start(void **state)
{
    (void)state;
    CHECK(plain, HR_BOOK_REVENUE,
        "2026-01 '' new 40000 +customers 1\n"
        "2026-02 '' expansion 10000 amended 1\n",
        "2026-01-10T00:00Z a subscription.created {\"mrr\":40000,\"currency\":\"USD\"}",
        "2026-02-10T00:00Z a subscription.created {\"subscription\":\"b\"}",
        "2026-02-20T00:00Z a subscription.updated {\"subscription\":\"b\",\"plan\":\"p\"}",
        "2026-03-10T00:00Z a subscription.updated "
        "{\"subscription\":\"b\",\"mrr\":10000,\"currency\":\"USD\"}");
}

/* What was counted under an alias is the account's from then on, and counted once. What was erased
 * stays. */
static void moves_count_once_and_erased_accounts_stay(void **state)
{
    (void)state;
    CHECK(plain, HR_BOOK_REVENUE, "2026-01 '' new 70000 +customers 1\n",
        "2026-01-10T00:00Z cus_1 subscription.created {\"mrr\":40000,\"currency\":\"USD\"}",
        "2026-01-11T00:00Z acme subscription.created "
        "{\"subscription\":\"more\",\"mrr\":30000,\"currency\":\"USD\"}",
        "2026-01-12T00:00Z acme account.updated {\"aliases\":[\"cus_1\"]}");
    CHECK(plain, HR_BOOK_REVENUE, "2026-01 '' new 40000 +customers 1\n",
        "2026-01-10T00:00Z a subscription.created {\"mrr\":40000,\"currency\":\"USD\"}",
        "2026-02-10T00:00Z a account.erased {}");
}

/* --- deals ------------------------------------------------------------------------------------ */

/* One is won at once from negotiation: it went past every stage. One is lost when engaged. The
 * month is that of the first stage; won and lost stand in that of the close. 40 days lie between
 * the first stage and the close of the one that was won. */
static void deals_are_cohorts(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "2026-01-10T00:00Z a opportunity.stage_changed {\"opportunity\":\"one\",\"stage\":"
        "\"identified\",\"kind\":\"upsell\"}",
        "2026-02-01T00:00Z a opportunity.stage_changed {\"opportunity\":\"one\",\"stage\":"
        "\"negotiation\",\"kind\":\"upsell\",\"amount\":1500000,\"cost\":20000,"
        "\"currency\":\"USD\"}",
        "2026-02-01T00:00Z b opportunity.stage_changed {\"opportunity\":\"two\",\"stage\":"
        "\"engaged\",\"kind\":\"upsell\",\"amount\":700000,\"cost\":5000,\"currency\":\"USD\"}",
        "2026-02-19T00:00Z a opportunity.stage_changed {\"opportunity\":\"one\",\"stage\":"
        "\"closed_won\",\"kind\":\"upsell\"}",
        "2026-03-01T00:00Z b opportunity.stage_changed {\"opportunity\":\"two\",\"stage\":"
        "\"closed_lost\",\"kind\":\"upsell\"}",
        NULL};
    check(plain, lines, HR_BOOK_STAGES,
        "2026-01 'upsell/closed_won' reached 1 amount 1500000\n"
        "2026-01 'upsell/engaged' reached 1 amount 1500000\n"
        "2026-01 'upsell/identified' reached 1 amount 1500000\n"
        "2026-01 'upsell/negotiation' reached 1 amount 1500000\n"
        "2026-01 'upsell/qualified' reached 1 amount 1500000\n"
        "2026-02 'upsell/closed_lost' reached 1 amount 700000\n"
        "2026-02 'upsell/engaged' reached 1 amount 700000\n"
        "2026-02 'upsell/identified' reached 1 amount 700000\n"
        "2026-02 'upsell/qualified' reached 1 amount 700000\n");
    check(plain, lines, HR_BOOK_DEALS,
        "2026-02 'upsell' won 1 amount 1500000 cost 20000 days 40\n"
        "2026-03 'upsell' lost 1 cost 5000\n");
}

/* 32 closed ones are kept; of one that is older nothing is, so nothing is booked. */
static void a_deal_older_than_those_that_are_kept_is_not_booked(void **state)
{
    (void)state;
    static char lines[33][200];
    const char *told[34] = {NULL};
    for (int i = 0; i < 33; i++) {
        snprintf(lines[i], sizeof lines[i],
            "2026-03-02T10:%02dZ a opportunity.stage_changed {\"opportunity\":\"o-%d\",\"stage\":"
            "\"closed_won\",\"kind\":\"upsell\",\"amount\":100,\"currency\":\"USD\"} "
            "at=2026-03-%02dT09:%02d:00Z",
            i, i, i == 32 ? 1 : 2, i);
        told[i] = lines[i];
    }
    check(plain, told, HR_BOOK_DEALS, "2026-03 'upsell' won 32 amount 3200\n");
}

/* --- more than is kept -------------------------------------------------------------------------
 */

/* What is paid rises by a cent a day from the 1st of January on, which are 300 words of which 256
 * are kept. At the end of January it is 1030 cents, of February 1058, and so on until the 27th of
 * October: what was booked by words that are gone stays. What is heard of that time later is too
 * late to count; under another name it moves as it is. */
static const char rising[] = "2026-01 '' new 1030 +customers 1\n"
                             "2026-02 '' expansion 28\n"
                             "2026-03 '' expansion 31\n"
                             "2026-04 '' expansion 30\n"
                             "2026-05 '' expansion 31\n"
                             "2026-06 '' expansion 30\n"
                             "2026-07 '' expansion 31\n"
                             "2026-08 '' expansion 31\n"
                             "2026-09 '' expansion 30\n"
                             "2026-10 '' expansion 27\n";

static const char **daily_words(const char *behind)
{
    static char lines[300][128];
    static const char *told[302];
    for (int day = 0; day < 300; day++) {
        char date[HR_TIME_TEXT];
        const int64_t start = 20454; /* 2026-01-01 */
        size_t len = hr_date_print(start + day, date);
        snprintf(lines[day], sizeof lines[day],
            "%.*sT10:00Z key subscription.updated {\"mrr\":%d,\"currency\":\"USD\"}", (int)len,
            date, 1000 + day);
        told[day] = lines[day];
    }
    told[300] = behind;
    return told;
}

static void what_was_paid_before_the_words_kept_stays_booked(void **state)
{
    (void)state;
    check(plain, daily_words(NULL), HR_BOOK_REVENUE, rising);
    check(plain,
        daily_words(
            "2026-10-28T10:00Z key subscription.updated {\"mrr\":5000,\"currency\":\"USD\"} "
            "at=2026-01-30T10:00:00Z"),
        HR_BOOK_REVENUE, rising);
    check(plain, daily_words("2026-10-28T10:00Z acme account.updated {\"aliases\":[\"key\"]}"),
        HR_BOOK_REVENUE, rising);
}

/* Billing repeats itself: 300 times the same price, of which 256 words are kept. Nothing of what it
 * meant is lost: a word heard of late holds until the next of them. */
static void what_says_nothing_new_goes_first(void **state)
{
    (void)state;
    static char lines[301][128];
    const char *told[302] = {NULL};
    for (int i = 0; i < 300; i++) {
        snprintf(lines[i], sizeof lines[i],
            "2026-%02d-%02dT10:00Z a subscription.updated {\"mrr\":1000,\"currency\":\"USD\"}",
            1 + i / 28, 1 + i % 28);
        told[i] = lines[i];
    }
    snprintf(lines[300], sizeof lines[300],
        "2026-12-01T10:00Z a subscription.updated {\"mrr\":400,\"currency\":\"USD\"} "
        "at=2026-08-31T10:00:00Z");
    told[300] = lines[300];
    check(plain, told, HR_BOOK_REVENUE,
        "2026-01 '' new 1000 +customers 1\n"
        "2026-08 '' contraction 600 amended 1\n"
        "2026-09 '' expansion 600 amended 1\n");
}

/* Of segments eight are remembered; each month's transfer stays as it was booked. */
static void segments_that_are_forgotten_stay_booked(void **state)
{
    (void)state;
    static char lines[12][128], must[2048] = "2026-01 's0' new 1000 +customers 1\n";
    const char *told[13] = {
        "2026-01-01T10:00Z a account.updated {\"segment\":\"s0\"}",
        "2026-01-02T10:00Z a subscription.created {\"mrr\":1000,\"currency\":\"USD\"}",
    };
    for (int i = 1; i < 11; i++) {
        snprintf(lines[i], sizeof lines[i],
            "2026-%02d-03T10:00Z a account.updated {\"segment\":\"s%x\"}", 1 + i, (unsigned)i);
        told[1 + i] = lines[i];
        size_t len = strlen(must);
        snprintf(must + len, sizeof must - len,
            "2026-%02d 's%x' transfer -1000 moved -1\n2026-%02d 's%x' transfer 1000 moved 1\n",
            1 + i, (unsigned)i - 1, 1 + i, (unsigned)i);
    }
    check(plain, told, HR_BOOK_REVENUE, must);
}

/* 20:00 on the last of January is in January by UTC, and in February by Tokyo's clock. What was
 * booked before the rules said Tokyo stays. */
static void another_zone_for_months_leaves_what_was_booked(void **state)
{
    (void)state;
    static const char tokyo[] = "time: {zone: Asia/Tokyo}\n"
                                "meters: {m: {event: m, aggregate: count}}\n";
    static const char utc[] = "meters: {m: {event: m, aggregate: count}}\n";
    for (size_t m = 0; m < sizeof modes / sizeof *modes; m++) {
        struct stage *stage = stage_new(utc, modes[m]);
        stage_play(
            stage, "2026-01-31T20:00Z a subscription.created {\"mrr\":1000,\"currency\":\"USD\"}");
        stage_rules(stage, "2026-02-05T10:00Z rules tokyo", tokyo);
        stage_play(
            stage, "2026-02-10T10:00Z a subscription.updated {\"mrr\":3000,\"currency\":\"USD\"}");
        stage_play(
            stage, "2026-02-28T20:00Z a subscription.updated {\"mrr\":4000,\"currency\":\"USD\"}");
        char is[4096];
        print_book(hr_home_books(stage_home(stage)), HR_BOOK_REVENUE, is);
        assert_string_equal(is, "2026-01 '' new 1000 +customers 1\n"
                                "2026-02 '' expansion 2000\n"
                                "2026-03 '' expansion 1000\n");
        stage_destroy(stage);
    }
}

#define DEAL(time, rest)                                                                           \
    time " a opportunity.stage_changed {\"opportunity\":\"o\",\"kind\":\"upsell\"," rest "}"

/* Lost in January, opened again, lost in March: it is lost in March. That it is lost is said again
 * in April, which does not lose it anew. A word of February that comes late says that it was open
 * then: the loss of January is over, as if it had come in time. */
static void a_deal_is_closed_when_it_was_closed_last(void **state)
{
    (void)state;
    CHECK(plain, HR_BOOK_DEALS, "2026-03 'upsell' lost 1\n",
        DEAL("2026-01-10T00:00Z", "\"stage\":\"closed_lost\""),
        DEAL("2026-02-10T00:00Z", "\"stage\":\"engaged\""),
        DEAL("2026-03-10T00:00Z", "\"stage\":\"closed_lost\""),
        DEAL("2026-04-10T00:00Z", "\"stage\":\"closed_lost\""));
    CHECK(plain, HR_BOOK_DEALS, "2026-03 'upsell' lost 1\n",
        DEAL("2026-01-10T00:00Z", "\"stage\":\"closed_lost\""),
        DEAL("2026-03-10T00:00Z", "\"stage\":\"closed_lost\""),
        DEAL("2026-03-11T00:00Z at=2026-02-10T00:00:00Z", "\"stage\":\"engaged\""));
    CHECK(plain, HR_BOOK_DEALS, "2026-03 'upsell' won 1 days 59\n",
        DEAL("2026-01-10T00:00Z", "\"stage\":\"closed_lost\""),
        DEAL("2026-02-10T00:00Z", "\"stage\":\"engaged\""),
        DEAL("2026-03-10T00:00Z", "\"stage\":\"closed_won\""));
}

/* Amount and cost may be in two currencies; the one without a rate is told. */
static void an_amount_is_booked_whatever_its_cost_is_in(void **state)
{
    (void)state;
    static const char *const lines[] = {
        DEAL("2026-01-10T00:00Z", "\"stage\":\"engaged\",\"cost\":7,\"currency\":\"CHF\""),
        DEAL(
            "2026-01-20T00:00Z", "\"stage\":\"closed_won\",\"amount\":150000,\"currency\":\"USD\""),
        NULL};
    check(plain, lines, HR_BOOK_DEALS, "2026-01 'upsell' won 1 amount 150000 days 10\n");
    check(plain, lines, HR_BOOK_UNRATED, "2026-01 'CHF' deals 1\n");
}

/* --- outcomes --------------------------------------------------------------------------------- */

#define LIMITED                                                                                    \
    "subscription.created {\"limits\":{\"contacts\":100},\"mrr\":40000,\"currency\":\"USD\"}"
#define ONE_LABEL                                                                                  \
    "score: [{points: 1, when: [\"tenure.days >= 9999\"]}]\n"                                      \
    "outcomes: {bands: {account.nps: [7, 9]}}\n"

/* The row of a rule alone. */
static void check_fires(const char *config, const char *const *lines, const char *label,
    const int64_t must[HR_FIRES_COLUMNS])
{
    for (size_t m = 0; m < sizeof modes / sizeof *modes; m++) {
        struct stage *stage = stage_new(config, modes[m]);
        for (size_t i = 0; lines[i]; i++) {
            stage_play(stage, lines[i]);
        }
        const int64_t *is = hr_books_find(
            hr_home_books(stage_home(stage)), HR_BOOK_FIRES, 2026 * 12, hr_str(label));
        for (unsigned c = 0; c < HR_FIRES_COLUMNS; c++) {
            assert_int_equal(is ? is[c] : 0, must[c]);
        }
        stage_destroy(stage);
    }
}
#define FIRES(config, label, must, ...)                                                            \
    check_fires(config, (const char *const[]){__VA_ARGS__, NULL}, label,                           \
        (const int64_t[HR_FIRES_COLUMNS])must)
#define ROW(...)                                                                                   \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }

/* Fired on the 12th; 800 dollars more on the 30th, 18 days later. A second upgrade adds to it and
 * is no second conversion. The day on which it is 30 days old it is too old. */
static void an_upgrade_is_the_outcome_of_a_trigger(void **state)
{
    (void)state;
    FIRES(plain, "rule=capacity", ROW(1, 1, 80000, 18, 0, 0), "2026-01-01T00:00Z a " LIMITED,
        "2026-01-12T00:00Z a contacts {\"n\":80}",
        "2026-01-30T12:00Z a subscription.updated {\"mrr\":120000,\"currency\":\"USD\"}");
    FIRES(plain, "rule=capacity", ROW(1, 1, 90000, 18, 0, 0), "2026-01-01T00:00Z a " LIMITED,
        "2026-01-12T00:00Z a contacts {\"n\":80}",
        "2026-01-30T12:00Z a subscription.updated {\"mrr\":120000,\"currency\":\"USD\"}",
        "2026-02-01T00:00Z a subscription.updated {\"mrr\":130000,\"currency\":\"USD\"}");
    FIRES(plain, "rule=capacity", ROW(1, 0, 0, 0, 0, 0), "2026-01-01T00:00Z a " LIMITED,
        "2026-01-12T00:00Z a contacts {\"n\":80}",
        "2026-02-11T00:00Z a subscription.updated {\"mrr\":120000,\"currency\":\"USD\"}");
    FIRES(plain, "rule=capacity", ROW(1, 1, 80000, 29, 0, 0), "2026-01-01T00:00Z a " LIMITED,
        "2026-01-12T00:00Z a contacts {\"n\":80}",
        "2026-02-13T00:00Z a subscription.updated at=2026-02-10T23:59:00Z "
        "{\"mrr\":120000,\"currency\":\"USD\"}"); /* heard of late */
    FIRES(plain, "rule=capacity", ROW(1, 0, 0, 0, 0, 0), "2026-01-01T00:00Z a " LIMITED,
        "2026-01-12T00:00Z a contacts {\"n\":80}",
        "2026-01-30T00:00Z a subscription.updated {\"mrr\":30000,\"currency\":\"USD\"}");
}

/* Of two triggers the newer, or the one that the deal names; a deal brings no MRR by itself. */
static void the_newest_or_the_named_trigger_wins(void **state)
{
    (void)state;
    static const char two[] =
        "meters:\n"
        "  contacts: {event: contacts, aggregate: latest, value: /n, limit: contacts}\n"
        "  calls: {event: calls, aggregate: count}\n"
        "rules:\n"
        "  capacity: {watch: meter.contacts.used, levels: [80%, 90%]}\n"
        "  called: {watch: meter.calls.period, levels: [1]}\n";
#define PLAYED                                                                                     \
    "2026-01-01T00:00Z a " LIMITED, "2026-01-12T00:00Z a contacts {\"n\":80}",                     \
        "2026-01-14T00:00Z a calls {}"
#define WON "\"stage\":\"closed_won\",\"kind\":\"cross-sell\""
    FIRES(two, "rule=called", ROW(1, 1, 0, 6, 0, 0), PLAYED,
        "2026-01-20T00:00Z a opportunity.stage_changed {\"opportunity\":\"o\"," WON "}");
    FIRES(two, "rule=capacity", ROW(1, 0, 0, 0, 0, 0), PLAYED,
        "2026-01-20T00:00Z a opportunity.stage_changed {\"opportunity\":\"o\"," WON "}");
    FIRES(two, "rule=capacity", ROW(1, 1, 0, 8, 0, 0), PLAYED,
        "2026-01-20T00:00Z a opportunity.stage_changed {\"opportunity\":\"o\"," WON
        ",\"trigger\":\"capacity/a/80pct/2026-01-01#1\"}");
    FIRES(two, "rule=called", ROW(1, 0, 0, 0, 0, 0), PLAYED,
        "2026-01-20T00:00Z a opportunity.stage_changed {\"opportunity\":\"o\","
        "\"stage\":\"closed_won\",\"kind\":\"renewal\"}");
}

/* The labels of one fire: NPS 8 lies in the middle band, no row of the score gave points, the
 * segment is the CRM's, and the time was not a milestone's. */
static void fires_are_booked_by_what_they_were(void **state)
{
    (void)state;
    static const char *const lines[] = {"2026-01-01T00:00Z a " LIMITED,
        "2026-01-02T00:00Z a feedback.nps {\"score\":8}",
        "2026-01-03T00:00Z a account.updated {\"segment\":\"startup\",\"owner\":\"dana\"}",
        "2026-01-12T00:00Z a contacts {\"n\":80}", NULL};
    check("meters:\n"
          "  contacts: {event: contacts, aggregate: latest, value: /n, limit: contacts}\n"
          "rules:\n"
          "  capacity: {watch: meter.contacts.used, levels: [80%]}\n"
          "routes: [{audience: sales}]\n" ONE_LABEL,
        lines, HR_BOOK_FIRES,
        "2026-01 'band:account.nps=7..9' fired 1\n"
        "2026-01 'owner=dana' fired 1\n"
        "2026-01 'positives=0' fired 1\n"
        "2026-01 'route=sales' fired 1\n"
        "2026-01 'rule=capacity' fired 1\n"
        "2026-01 'segment=startup' fired 1\n"
        "2026-01 'timed=calendar' fired 1\n");
}

/* Nothing but the score, which every trigger tells, asks how far the limit fell: by 20%. */
static void what_only_a_score_asks_for_is_kept(void **state)
{
    (void)state;
    static const char config[] = "meters: {calls: {event: calls, aggregate: count}}\n"
                                 "plans: {p: {limits: {seats: 1}}}\n"
                                 "rules: {called: {watch: meter.calls.period, levels: [1]}}\n"
                                 "score: [{points: 7, when: [\"limit.seats.drop.30d >= 20%\"]}]\n";
    FIRES(config, "positives=1", ROW(1, 0, 0, 0, 0, 0),
        "2026-01-01T00:00Z a subscription.created {\"limits\":{\"seats\":50}}",
        "2026-01-02T00:00Z a subscription.updated {\"limits\":{\"seats\":40}}",
        "2026-01-03T00:00Z a calls {}");
}

/* --- hold-out --------------------------------------------------------------------------------- */

static void compiled_share(struct hr_rules *rules, struct hr_rule *rule, uint32_t millionths)
{
    *rule = (struct hr_rule){.name = HR_STR("capacity"), .category = HR_UPSELL, .timed = true};
    *rules = (struct hr_rules){.outcomes.hold_out = millionths};
}

/* The share of 100,000 accounts lies within a hundredth; of two rules it is not the same accounts;
 * of risk it is nobody. */
static void the_share_held_out_is_what_was_asked(void **state)
{
    (void)state;
    static const uint32_t shares[] = {10000, 100000, 250000, 500000};
    for (size_t s = 0; s < sizeof shares / sizeof *shares; s++) {
        struct hr_rules rules;
        struct hr_rule rule;
        unsigned held = 0, both = 0, risk = 0;
        compiled_share(&rules, &rule, shares[s]);
        struct hr_rule other = rule, risky = rule;
        other.name = HR_STR("forecast");
        risky.category = HR_RISK;
        for (int i = 0; i < 100000; i++) {
            char name[32];
            struct hr_str account = {name, (size_t)snprintf(name, sizeof name, "account-%d", i)};
            bool is_held = hr_is_held_out(&rules, &rule, account);
            held += is_held;
            both += is_held && hr_is_held_out(&rules, &other, account);
            risk += hr_is_held_out(&rules, &risky, account);
        }
        double share = (double)shares[s] / 1e6;
        assert_true((double)held / 1e5 > share - 0.01 && (double)held / 1e5 < share + 0.01);
        assert_true((double)both / 1e5 < share * share + 0.01);
        assert_int_equal(risk, 0);
    }
}

/* Some are held out and some are not, by account and rule alone: the same whatever the order of
 * rules. What is held out is decided and remembered, and its upgrade is counted for comparison. */
static void who_is_held_out_depends_on_names_alone(void **state)
{
    (void)state;
    static const char *const orders[] = {"  a: {watch: meter.contacts.used, levels: [80%]}\n"
                                         "  b: {watch: meter.contacts.used, levels: [80%]}\n",
        "  b: {watch: meter.contacts.used, levels: [80%]}\n"
        "  a: {watch: meter.contacts.used, levels: [80%]}\n"};
    char books[2][4096];
    for (int o = 0; o < 2; o++) {
        char config[1024], line[256];
        snprintf(config, sizeof config,
            "meters:\n"
            "  contacts: {event: contacts, aggregate: latest, value: /n, limit: contacts}\n"
            "outcomes: {hold_out: 50%%, bands: {account.nps: [7]}}\n"
            "rules:\n%s",
            orders[o]);
        struct stage *stage = stage_new(config, o == 0 ? STORY_PLAIN : STORY_RELOADED);
        for (int i = 0; i < 40; i++) {
            snprintf(line, sizeof line, "2026-01-01T00:00Z a%d " LIMITED, i);
            stage_play(stage, line);
            snprintf(line, sizeof line, "2026-01-12T00:00Z a%d contacts {\"n\":80}", i);
            stage_play(stage, line);
        }
        print_book(hr_home_books(stage_home(stage)), HR_BOOK_FIRES, books[o]);
        const int64_t *is = hr_books_find(
            hr_home_books(stage_home(stage)), HR_BOOK_FIRES, 2026 * 12, HR_STR("rule=a"));
        assert_in_range(is[HR_FIRES_HELD_OUT], 10, 30);
        assert_int_equal(is[HR_FIRES_FIRED] + is[HR_FIRES_HELD_OUT], 40);
        stage_destroy(stage);
    }
    assert_string_equal(books[0], books[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(months_are_net),
        cmocka_unit_test(an_end_ahead_is_booked_when_it_comes),
        cmocka_unit_test(late_words_amend_closed_months),
        cmocka_unit_test(currencies_are_converted_or_counted),
        cmocka_unit_test(revenue_moves_with_the_segment),
        cmocka_unit_test(a_deal_older_than_those_that_are_kept_is_not_booked),
        cmocka_unit_test(what_was_paid_before_the_words_kept_stays_booked),
        cmocka_unit_test(what_says_nothing_new_goes_first),
        cmocka_unit_test(segments_that_are_forgotten_stay_booked),
        cmocka_unit_test(another_zone_for_months_leaves_what_was_booked),
        cmocka_unit_test(moves_count_once_and_erased_accounts_stay),
        cmocka_unit_test(a_deal_may_change_the_segment),
        cmocka_unit_test(the_first_mrr_counts_from_the_start),
        cmocka_unit_test(deals_are_cohorts),
        cmocka_unit_test(a_deal_is_closed_when_it_was_closed_last),
        cmocka_unit_test(an_amount_is_booked_whatever_its_cost_is_in),
        cmocka_unit_test(an_upgrade_is_the_outcome_of_a_trigger),
        cmocka_unit_test(the_newest_or_the_named_trigger_wins),
        cmocka_unit_test(fires_are_booked_by_what_they_were),
        cmocka_unit_test(what_only_a_score_asks_for_is_kept),
        cmocka_unit_test(the_share_held_out_is_what_was_asked),
        cmocka_unit_test(who_is_held_out_depends_on_names_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
