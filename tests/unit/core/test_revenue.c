/* SPDX-License-Identifier: Apache-2.0 */
/* Revenue in the books, by month as billing tells it, late and out of order, and longer than is
 * kept. Figures are worked by hand; see booked.h. */
#include "booked.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

/* --- revenue ---------------------------------------------------------------------------------- */

static void months_are_net(void **state)
{
    (void)state;
    BOOKED(booked_plain, HR_BOOK_REVENUE,
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
    BOOKED(booked_plain, HR_BOOK_REVENUE, "2026-01 '' new 40000 +customers 1\n",
        "2026-01-10T00:00Z a subscription.created {\"mrr\":40000,\"currency\":\"USD\"}",
        "2026-01-20T00:00Z a subscription.cancelled {\"ends_at\":\"2026-03-15\"}",
        "2026-03-14T23:59Z tick");
    BOOKED(booked_plain, HR_BOOK_REVENUE,
        "2026-01 '' new 40000 +customers 1\n"
        "2026-03 '' churned 40000 -customers 1\n",
        "2026-01-10T00:00Z a subscription.created {\"mrr\":40000,\"currency\":\"USD\"}",
        "2026-01-20T00:00Z a subscription.cancelled {\"ends_at\":\"2026-03-15\"}",
        "2026-04-01T00:00Z tick");
    BOOKED(booked_plain, HR_BOOK_REVENUE, "2026-01 '' new 40000 +customers 1\n", /* withdrawn */
        "2026-01-10T00:00Z a subscription.created {\"mrr\":40000,\"currency\":\"USD\"}",
        "2026-01-20T00:00Z a subscription.cancelled {\"ends_at\":\"2026-03-15\"}",
        "2026-02-01T00:00Z a subscription.updated {}", "2026-04-01T00:00Z tick");
}

/* What comes late changes the months that it is about and no other, and they say so once each. */
static void late_words_amend_closed_months(void **state)
{
    (void)state;
    BOOKED(booked_plain, HR_BOOK_REVENUE,
        "2026-01 '' new 40000 +customers 1\n"
        "2026-02 '' expansion 20000 amended 1\n"
        "2026-03 '' expansion 40000 amended 1\n",
        "2026-01-10T00:00Z a subscription.created {\"mrr\":40000,\"currency\":\"USD\"}",
        "2026-03-10T00:00Z a subscription.updated {\"mrr\":100000,\"currency\":\"USD\"}",
        "2026-04-10T00:00Z a subscription.updated at=2026-02-05T00:00:00Z "
        "{\"mrr\":60000,\"currency\":\"USD\"}");
    /* An import of who has been there since last year; twice. */
    BOOKED(booked_plain, HR_BOOK_REVENUE, "2025-06 '' new 40000 +customers 1 amended 1\n",
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
    booked_check(rates, lines, HR_BOOK_REVENUE, "2026-01 '' new 11806 +customers 2\n");
    booked_check(rates, lines, HR_BOOK_UNRATED, "2026-02 'CHF' revenue 1 deals 1\n");
}

/* Who becomes another segment takes what he pays along; within the first month he simply is it. */
static void revenue_moves_with_the_segment(void **state)
{
    (void)state;
    BOOKED(booked_plain, HR_BOOK_REVENUE,
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
    BOOKED("meters: {m: {event: m, aggregate: count}}\n"
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
    BOOKED(booked_plain, HR_BOOK_REVENUE,
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
    BOOKED(booked_plain, HR_BOOK_REVENUE, "2026-01 '' new 70000 +customers 1\n",
        "2026-01-10T00:00Z cus_1 subscription.created {\"mrr\":40000,\"currency\":\"USD\"}",
        "2026-01-11T00:00Z acme subscription.created "
        "{\"subscription\":\"more\",\"mrr\":30000,\"currency\":\"USD\"}",
        "2026-01-12T00:00Z acme account.updated {\"aliases\":[\"cus_1\"]}");
    BOOKED(booked_plain, HR_BOOK_REVENUE, "2026-01 '' new 40000 +customers 1\n",
        "2026-01-10T00:00Z a subscription.created {\"mrr\":40000,\"currency\":\"USD\"}",
        "2026-02-10T00:00Z a account.erased {}");
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
    booked_check(booked_plain, daily_words(NULL), HR_BOOK_REVENUE, rising);
    booked_check(booked_plain,
        daily_words(
            "2026-10-28T10:00Z key subscription.updated {\"mrr\":5000,\"currency\":\"USD\"} "
            "at=2026-01-30T10:00:00Z"),
        HR_BOOK_REVENUE, rising);
    booked_check(booked_plain,
        daily_words("2026-10-28T10:00Z acme account.updated {\"aliases\":[\"key\"]}"),
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
    booked_check(booked_plain, told, HR_BOOK_REVENUE,
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
    booked_check(booked_plain, told, HR_BOOK_REVENUE, must);
}

/* 20:00 on the last of January is in January by UTC, and in February by Tokyo's clock. What was
 * booked before the rules said Tokyo stays. */
static void another_zone_for_months_leaves_what_was_booked(void **state)
{
    (void)state;
    static const char tokyo[] = "time: {zone: Asia/Tokyo}\n"
                                "meters: {m: {event: m, aggregate: count}}\n";
    static const char utc[] = "meters: {m: {event: m, aggregate: count}}\n";
    for (size_t m = 0; m < 2; m++) {
        struct stage *stage = stage_new(utc, booked_modes[m]);
        stage_play(
            stage, "2026-01-31T20:00Z a subscription.created {\"mrr\":1000,\"currency\":\"USD\"}");
        stage_rules(stage, "2026-02-05T10:00Z rules tokyo", tokyo);
        stage_play(
            stage, "2026-02-10T10:00Z a subscription.updated {\"mrr\":3000,\"currency\":\"USD\"}");
        stage_play(
            stage, "2026-02-28T20:00Z a subscription.updated {\"mrr\":4000,\"currency\":\"USD\"}");
        char is[4096];
        booked_print(hr_home_books(stage_home(stage)), HR_BOOK_REVENUE, is);
        assert_string_equal(is, "2026-01 '' new 1000 +customers 1\n"
                                "2026-02 '' expansion 2000\n"
                                "2026-03 '' expansion 1000\n");
        stage_destroy(stage);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(months_are_net),
        cmocka_unit_test(an_end_ahead_is_booked_when_it_comes),
        cmocka_unit_test(late_words_amend_closed_months),
        cmocka_unit_test(currencies_are_converted_or_counted),
        cmocka_unit_test(revenue_moves_with_the_segment),
        cmocka_unit_test(a_deal_may_change_the_segment),
        cmocka_unit_test(the_first_mrr_counts_from_the_start),
        cmocka_unit_test(moves_count_once_and_erased_accounts_stay),
        cmocka_unit_test(what_was_paid_before_the_words_kept_stays_booked),
        cmocka_unit_test(what_says_nothing_new_goes_first),
        cmocka_unit_test(segments_that_are_forgotten_stay_booked),
        cmocka_unit_test(another_zone_for_months_leaves_what_was_booked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
