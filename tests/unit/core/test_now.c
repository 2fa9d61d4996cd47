/* SPDX-License-Identifier: Apache-2.0 */
/* An account as reports count it, against what its events said. */
#include "headroom/now.h"
#include "stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static const char config[] = "money: { currency: USD, rates: { EUR: 2 } }\n"
                             "products:\n"
                             "  crm:   { features: [pipeline] }\n"
                             "  suite: {}\n"
                             "features:\n"
                             "  pipeline: { event: pipeline.opened }\n"
                             "plans:\n"
                             "  small: { products: [crm] }\n"
                             "segments:\n"
                             "  - { name: rich, when: [\"account.mrr >= 1000 USD\"] }\n";

static void play(struct stage *stage, const char *const *lines)
{
    for (; *lines; lines++) {
        stage_play(stage, *lines);
    }
}

static struct hr_account_now now_of(struct stage *stage, struct hr_arena *arena, const char *name)
{
    struct hr_account_now now;
    stage_want(stage, name);
    assert_true(hr_home_account_now(stage_home(stage), hr_str(name), arena, &now));
    return now;
}

static void assert_decimal(struct hr_decimal value, int64_t expected)
{
    assert_int_equal(hr_decimal_compare(value, hr_decimal_from_int(expected)), 0);
}

static void an_account_is_what_its_events_said(void **state)
{
    (void)state;
    static const char *const lines[] = {"2026-11-02T10:00Z acme subscription.created "
                                        "{\"plan\":\"small\",\"mrr\":60000,\"currency\":\"EUR\"}",
        "2026-11-02T10:01Z acme account.updated {\"segment\":\"poor\"}",
        "2026-11-02T10:02Z acme feedback.nps {\"score\":9}",
        "2026-11-02T10:03Z acme feedback.nps {\"score\":6}",
        "2026-11-02T10:04Z acme feedback.csat {\"score\":4}",
        "2026-11-02T10:05Z acme pipeline.opened {}", "2026-11-12T10:00Z acme account.updated {}",
        NULL};
    struct stage *stage = stage_new(config, STORY_RELOADED);
    struct hr_arena arena;
    hr_arena_init(&arena);
    play(stage, lines);
    struct hr_account_now now = now_of(stage, &arena, "acme");
    assert_true(now.customer && now.priced);
    assert_decimal(now.mrr, 1200); /* 600 EUR at 2 */
    assert_true(hr_str_is(now.segment, "rich"));
    assert_int_equal(now.tenure_days, 10);
    assert_true(now.has_nps && now.has_csat);
    assert_decimal(now.nps, 6); /* the last answer */
    assert_decimal(now.csat, 4);
    assert_int_equal(now.rules->product_count, 2);
    assert_true(now.owned[0] && now.used[0]);
    assert_false(now.owned[1] || now.used[1]);
    assert_int_equal(now.deal_count, 0);
    hr_arena_clean_up(&arena);
    stage_destroy(stage);
}

static void open_deals_are_told_in_one_currency(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "2026-11-02T10:00Z acme opportunity.stage_changed {\"opportunity\":\"a\",\"stage\":"
        "\"engaged\",\"kind\":\"upsell\",\"amount\":1000000,\"currency\":\"EUR\"}",
        "2026-11-02T10:01Z acme opportunity.stage_changed "
        "{\"opportunity\":\"b\",\"stage\":\"identified\",\"kind\":\"new\"}",
        "2026-11-02T10:02Z acme opportunity.stage_changed {\"opportunity\":\"c\",\"stage\":"
        "\"qualified\",\"kind\":\"cross-sell\",\"amount\":500,\"currency\":\"CHF\"}",
        "2026-11-02T10:03Z acme opportunity.stage_changed {\"opportunity\":\"d\",\"stage\":"
        "\"closed_won\",\"kind\":\"upsell\",\"amount\":500,\"currency\":\"USD\"}",
        NULL};
    struct stage *stage = stage_new(config, STORY_RELOADED);
    struct hr_arena arena;
    hr_arena_init(&arena);
    play(stage, lines);
    struct hr_account_now now = now_of(stage, &arena, "acme");
    assert_false(now.customer || now.priced);
    assert_int_equal(now.deal_count, 3); /* not the one that is closed */
    assert_int_equal(now.deals[0].kind, HR_DEAL_UPSELL);
    assert_int_equal(now.deals[0].stage, HR_STAGE_ENGAGED);
    assert_true(now.deals[0].priced);
    assert_decimal(now.deals[0].amount, 20000); /* 10,000 EUR */
    assert_false(now.deals[1].priced);          /* it has no amount */
    assert_false(now.deals[2].priced);          /* its currency has no rate */
    hr_arena_clean_up(&arena);
    stage_destroy(stage);
}

/* It pays 100 from March, 150 from April, 120 from May; in June it takes one subscription in place
 * of another, which for a moment is both; in July more comes and goes. */
static void it_bought_more_where_a_month_ended_with_more(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "2026-03-10T00:00Z acme subscription.created {\"subscription\":\"a\",\"mrr\":10000,"
        "\"currency\":\"USD\"}",
        "2026-03-20T00:00Z acme subscription.updated {\"subscription\":\"a\",\"mrr\":10500,"
        "\"currency\":\"USD\"}", /* it is new in March */
        "2026-04-14T00:00Z acme subscription.updated {\"subscription\":\"a\",\"mrr\":15000,"
        "\"currency\":\"USD\"}",
        "2026-05-10T00:00Z acme subscription.updated {\"subscription\":\"a\",\"mrr\":12000,"
        "\"currency\":\"USD\"}",
        "2026-06-10T00:00Z acme subscription.created {\"subscription\":\"b\",\"mrr\":12000,"
        "\"currency\":\"USD\"}",
        "2026-06-10T01:00Z acme subscription.cancelled {\"subscription\":\"a\"}",
        "2026-07-10T00:00Z acme subscription.updated {\"subscription\":\"b\",\"mrr\":20000,"
        "\"currency\":\"USD\"}",
        "2026-07-20T00:00Z acme subscription.updated {\"subscription\":\"b\",\"mrr\":12000,"
        "\"currency\":\"USD\"}",
        "2026-08-10T00:00Z acme subscription.updated {\"subscription\":\"b\",\"mrr\":13000,"
        "\"currency\":\"USD\"}",
        NULL};
    struct stage *stage = stage_new(config, STORY_RELOADED);
    struct hr_arena arena;
    struct hr_time april, august;
    hr_arena_init(&arena);
    play(stage, lines);
    assert_true(hr_time_parse(HR_STR("2026-04-14T00:00:00Z"), &april));
    assert_true(hr_time_parse(HR_STR("2026-08-10T00:00:00Z"), &august));
    struct hr_account_now now = now_of(stage, &arena, "acme");
    assert_int_equal(now.upgrade_count, 2);
    assert_true(hr_time_is(now.upgrades[0], april));
    assert_true(hr_time_is(now.upgrades[1], august));
    assert_int_equal(now.first_upgrade_days, 35); /* from 10 March to 14 April */
    hr_arena_clean_up(&arena);
    stage_destroy(stage);
}

static void what_is_no_account_is_none(void **state)
{
    (void)state;
    struct stage *stage = stage_new(config, STORY_RELOADED);
    struct hr_arena arena;
    struct hr_account_now now;
    hr_arena_init(&arena);
    stage_play(stage, "2026-11-02T10:00Z acme account.updated {\"aliases\":[\"acme-eu\"]}");
    stage_want(stage, "acme-eu");
    assert_false(hr_home_account_now(stage_home(stage), HR_STR("acme-eu"), &arena, &now));
    stage_want(stage, "nobody");
    assert_false(hr_home_account_now(stage_home(stage), HR_STR("nobody"), &arena, &now));
    /* Of one that never paid nothing is known of upgrades. */
    stage_want(stage, "acme");
    assert_true(hr_home_account_now(stage_home(stage), HR_STR("acme"), &arena, &now));
    assert_int_equal(now.upgrade_count, 0);
    assert_false(now.priced);
    hr_arena_clean_up(&arena);
    stage_destroy(stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_account_is_what_its_events_said),
        cmocka_unit_test(open_deals_are_told_in_one_currency),
        cmocka_unit_test(it_bought_more_where_a_month_ended_with_more),
        cmocka_unit_test(what_is_no_account_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
