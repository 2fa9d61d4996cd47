/* SPDX-License-Identifier: Apache-2.0 */
/* Reports from books and a present that were made by hand: the published examples, worked on paper,
 * as people and as machines read them. */
#include "bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

/* --- funnel -------------------------------------------------------------------------------------
 */

/* 150, 90, 60, 35, 25 upsells and 50, 30, 15, 10, 5 cross-sells: 200, 120, 75, 45, 30 in all. */
static void add_stages(struct bench *bench)
{
    static const int64_t upsell[] = {150, 90, 60, 35, 25}, cross[] = {50, 30, 15, 10, 5};
    static const int64_t fresh[] = {10, 8, 4, 2, 1};
    for (size_t s = 0; s < 5; s++) {
        char label[64];
        snprintf(label, sizeof(label), "upsell/%s", hr_stage_names[s]);
        /* Over two months, to be added up; amounts of 12,000 each. */
        add(bench, HR_BOOK_STAGES, JANUARY, label, (int64_t[]){upsell[s] - 5, 0});
        add(bench, HR_BOOK_STAGES, JANUARY + 1, label, (int64_t[]){5, upsell[s] * 1200000});
        add(bench, HR_BOOK_STAGES, JANUARY + 3, label, (int64_t[]){1000, 1}); /* after it */
        snprintf(label, sizeof(label), "cross-sell/%s", hr_stage_names[s]);
        add(bench, HR_BOOK_STAGES, JANUARY, label, (int64_t[]){cross[s], cross[s] * 1200000});
        snprintf(label, sizeof(label), "new/%s", hr_stage_names[s]);
        add(bench, HR_BOOK_STAGES, JANUARY, label, (int64_t[]){fresh[s], fresh[s] * 5000000});
    }
}

static void add_open(struct bench *bench)
{
    bench->present.open[HR_DEAL_UPSELL][0].deals = 10;
    bench->present.open[HR_DEAL_UPSELL][0].amount = number("100000");
    bench->present.open[HR_DEAL_UPSELL][1].deals = 4;
    bench->present.open[HR_DEAL_UPSELL][1].amount = number("60000");
    bench->present.open[HR_DEAL_UPSELL][2].deals = 3;
    bench->present.open[HR_DEAL_UPSELL][2].amount = number("50000");
    bench->present.open[HR_DEAL_CROSS_SELL][3].deals = 1;
    bench->present.open[HR_DEAL_CROSS_SELL][3].amount = number("25000");
}

static void the_published_funnel_comes_out(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench, "average_deal: 15k, chances: { identified: 10%, qualified: 25%, engaged: 40%, "
                   "negotiation: 60% }");
    add_stages(&bench);
    add_open(&bench);
    const char *text = text_of(&bench, hr_report_funnel);
    assert_has(text, "Funnel, 2026-01 to 2026-03, money in USD\n");
    assert_has(text, "Expansion: upsell and cross-sell\n"
                     " STAGE DEALS OF FIRST OF BEFORE AMOUNT\n"
                     " identified 200 100% 100% 2,400,000\n"
                     " qualified 120 60% 60% 1,440,000\n"
                     " engaged 75 37.5% 62.5% 900,000\n"
                     " negotiation 45 22.5% 60% 540,000\n"
                     " closed 30 15% 66.67% 360,000\n");
    /* Upsell, cross-sell and new business apart. */
    assert_has(text, " closed 25 16.67% 71.43%");
    assert_has(text, " closed 5 10% 50%");
    assert_has(text, " closed 1 10% 50% 50,000\n");
    assert_says(text, "450,000 expected expansion ARR = 30 deals closed × 15,000 an average deal "
                      "(reports.average_deal)\n");
    assert_says(text, "50,000 expected new ARR = 1 deal closed × 50,000 an average deal (measured");
    assert_says(text, "weighted value = Σ open amount × chance to close = 100,000 × 10% + 60,000 × "
                      "25% + 50,000 × 40% + 25,000 × 60% = 60,000\n");
    assert_says(text, "Chances are those of reports.chances.\n");
    assert_has(text, "as of, by partition:\n"
                     " 0 2026-01-01T00:00:00.000Z 1 2026-01-01T00:00:01.000Z\n");
    const char *json = form_of(&bench, hr_report_funnel, hr_sheet_as_json);
    assert_has(json, "{\"stage\":\"engaged\",\"deals\":75,\"of_first\":\"37.5%\",\"of_before\":"
                     "\"62.5%\",\"amount\":\"900000.00\"}");
    assert_has(json, "{\"business\":\"expansion\",\"closed\":30,\"average_deal\":\"15000.00\","
                     "\"average_is\":\"configured\",\"expected_arr\":\"450000.00\"}");
    assert_has(json, "\"weighted\":\"60000.00\"}");
    assert_has(form_of(&bench, hr_report_funnel, hr_sheet_as_csv),
        "expansion,engaged,75,37.5%,62.5%,900000.00\r\n");
    tear_down(&bench);
}

static void chances_that_nobody_gave_are_measured(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench, "chances: { identified: 10% }");
    add_stages(&bench);
    add_open(&bench);
    bench.present.unpriced_deals = 2;
    /* 10% of 100,000; 30/120, 30/75 and 30/45 of the rest: 10,000 + 15,000 + 20,000 + 16,666.67. */
    const char *text = text_of(&bench, hr_report_funnel);
    assert_says(text, "25,000 × 66.67% = 61,667\n");
    assert_says(text, "Chances that reports.chances does not give are measured");
    assert_says(text, "360,000 expected expansion ARR = 30 deals closed × 12,000 an average deal");
    assert_says(text, "2 of them have no amount, or one without a rate to USD: they count as 0.");
    tear_down(&bench);
}

/* --- conversion ---------------------------------------------------------------------------------
 */

static void new_business_stands_apart_from_expansion(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench, "targets: { new: [20%, 30%] }"); /* which nobody can say for all */
    /* won, lost, amount, cost, days */
    add(&bench, HR_BOOK_DEALS, JANUARY, "upsell", (int64_t[]){30, 70, 45000000, 9000000, 600});
    add(&bench, HR_BOOK_DEALS, JANUARY, "cross-sell", (int64_t[]){10, 30, 20000000, 1000000, 500});
    add(&bench, HR_BOOK_DEALS, JANUARY + 1, "new", (int64_t[]){5, 45, 10000000, 15000000, 450});
    const char *text = text_of(&bench, hr_report_conversion);
    /* Wilson: 30 of 100 is 21.89 to 39.58%. */
    assert_has(text, "- upsell 100 30 30% 21.89–39.58% 25% to 35% on target\n");
    assert_has(text, "- cross-sell 40 10 25% 14.19–40.19% 15% to 20% above target");
    assert_has(text, "expansion 140 40 28.57%");
    assert_has(text, "new business 50 5 10% 4.35–21.36% 20% to 30% below target\n");
    /* 450 days of 5 deals; 150,000 for 100,000 of ACV. */
    assert_has(text, "new business 90 days 100,000 20,000 150,000 30,000 "
                     " 1.5\n");
    assert_has(text, "- upsell 20 days 450,000 15,000 90,000 3,000 "
                     " 0.2\n");
    assert_has_not(text, "renewal");
    const char *json = form_of(&bench, hr_report_conversion, hr_sheet_as_json);
    assert_has(
        json, "\"conversion\":\"30%\",\"interval\":{\"low\":\"21.89%\",\"high\":\"39.58%\"}");
    const char *csv = form_of(&bench, hr_report_conversion, hr_sheet_as_csv);
    assert_has(csv, "table,business,closed,won,conversion,interval_low,interval_high,target");
    assert_has(csv, ",100,30,30%,21.89%,39.58%,25% to 35%,on target\r\n");
    tear_down(&bench);
}

/* --- retention ----------------------------------------------------------------------------------
 */

static void retention_is_120_and_90_percent(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench, "");
    /* new, expansion, contraction, churned, transfer; customers new, churned, moved; amended */
    add(&bench, HR_BOOK_REVENUE, HR_MONTH_BEFORE, "a",
        (int64_t[]){60000000, 0, 0, 0, 0, 5, 0, 0, 0});
    add(&bench, HR_BOOK_REVENUE, JANUARY - 1, "b", (int64_t[]){40000000, 0, 0, 0, 0, 4, 0, 0, 0});
    add(&bench, HR_BOOK_REVENUE, JANUARY, "a",
        (int64_t[]){0, 30000000, 0, 2000000, 500000, 0, 1, 1, 3});
    add(&bench, HR_BOOK_REVENUE, JANUARY, "b", (int64_t[]){0, 0, 0, 8000000, -500000, 0, 2, -1, 0});
    bench.to = JANUARY;
    const char *text = text_of(&bench, hr_report_retention);
    assert_has(text, "2026-01 1,000,000 0 300,000 0 100,000 0 1,200,000 "
                     "120% 90% -20% 6 * 3\n");
    assert_says(text, "negative churn");
    assert_says(text, "One published article writes NRR with the revenue at the end");
    assert_says(text, "* Billing events that came after the month was over changed it");
    /* By segment: 600,000, +300,000, −20,000, 5,000 moved in. */
    assert_has(text, "a 600,000 0 300,000 0 20,000 5,000 885,000 "
                     "146.67% 96.67% -46.67% 5 * 3\n");
    assert_has(text, "b 400,000 0 0 0 80,000 -5,000 315,000 "
                     "80% 80% 20% 1\n");
    bench.segment = HR_STR("b");
    text = text_of(&bench, hr_report_retention);
    assert_has(text, "money in USD, segment b\n");
    assert_has(text, "80% 80% 20%");
    assert_has_not(text, "120%");
    tear_down(&bench);
}

static void churn_below_zero_is_negative_churn(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench, "");
    /* 700,000 at the start; of the same customers 650,000 without 75,000 of expansion. */
    add(&bench, HR_BOOK_REVENUE, JANUARY, "", (int64_t[]){70000000, 0, 0, 0, 0, 7, 0, 0, 0});
    add(&bench, HR_BOOK_REVENUE, JANUARY + 1, "",
        (int64_t[]){0, 7500000, 5000000, 0, 0, 0, 0, 0, 0});
    const char *text = text_of(&bench, hr_report_retention);
    assert_has(text, "2026-01 0 700,000 0 0 0 0 "
                     "700,000 – – – 7\n");
    assert_has(text, "103.57% 92.86% -3.57% 7\n");
    /* The month after it goes on where that ended, and the whole begins with the first revenue. */
    assert_has(text, "2026-03 725,000 0");
    assert_has(text, "2026-02 to 2026-03 700,000 0 75,000 50,000");
    assert_says(text, "Churn below 0% is negative churn");
    const char *json = form_of(&bench, hr_report_retention, hr_sheet_as_json);
    assert_has(json, "\"churn_rate\":\"-3.57%\"");
    assert_has(json, "{\"segment\":\"\",\"month\":\"2026-02\",\"start\":\"700000.00\"");
    assert_has(json, "\"nrr\":null");
    tear_down(&bench);
}

/* --- breadth ------------------------------------------------------------------------------------
 */

static void products_are_counted_by_customers(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench, "");
    bench.present.customers = 8;
    memcpy(bench.owned, (int64_t[]){6, 3, 0}, sizeof(bench.owned));
    memcpy(bench.used, (int64_t[]){3, 3, 0}, sizeof(bench.used));
    memcpy(bench.owning, (int64_t[]){1, 5, 2, 0}, sizeof(bench.owning));
    const char *text = text_of(&bench, hr_report_breadth);
    assert_has(text, "crm 6 8 75% 3 50%\n");
    assert_has(text, "suite 3 8 37.5% 3 100%\n");
    assert_has(text, "<mail> 0 8 0% 0 –\n");
    assert_has(text, "1.13 products a customer = 9 owned / 8 customers\n");
    assert_has(form_of(&bench, hr_report_breadth, hr_sheet_as_page), "<td>&lt;mail&gt;</td>");
    tear_down(&bench);
}

/* --- dashboard ----------------------------------------------------------------------------------
 */

static void the_published_five_are_above_target(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench, "quota: 100k, targets: { upsell_rate: 25%, time_to_upsell: 9, upsell_arr: 12k, "
                   "nrr: 115%, pipeline: 3 }");
    /* 84 of 300 customers are 28%; 8 of them after 1,825 days in all: 228.125 days, 7.5 months;
     * 99,400 more a month are 14,200 a year for each of 84; (500,000 + 99,400 − 9,400) / 500,000 is
     * 118%; 350,000 by 100,000 is 3.5. */
    bench.present.customers = 300;
    bench.present.upgraded = 84;
    bench.present.first_upgrades = 8;
    bench.present.first_upgrade_days = 1825;
    bench.present.open[HR_DEAL_UPSELL][1].amount = number("300000");
    bench.present.open[HR_DEAL_CROSS_SELL][2].amount = number("50000");
    bench.present.open[HR_DEAL_NEW][2].amount = number("7000000");
    add(&bench, HR_BOOK_REVENUE, JANUARY, "", (int64_t[]){50000000, 0, 0, 0, 0, 300, 0, 0, 0});
    add(&bench, HR_BOOK_REVENUE, JANUARY + 1, "",
        (int64_t[]){0, 9940000, 0, 940000, 0, 0, 0, 0, 0});
    const char *text = text_of(&bench, hr_report_dashboard);
    assert_has(text, "upsell rate 25% 28% above target");
    assert_has(text, "time to upsell 9 months 7.5 months above target");
    assert_has(text, "upsell ARR a customer 12,000 14,200 above target");
    assert_has(text, "NRR 115% 118% above target");
    assert_has(text, "expansion pipeline 3× 3.5× above target");
    assert_says(text, "are from 2026-02 on, the first month that began with revenue");
    tear_down(&bench);
}

static void the_dashboard_compares_with_what_is_usual(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench, "");
    bench.present.customers = 4;
    bench.present.priced = 3;
    bench.present.mrr = number("3000");
    bench.present.tenure_days = 1460; /* a year each: 12 months */
    bench.present.promoters = 5;
    bench.present.detractors = 2;
    bench.present.nps_answers = 10;
    bench.present.csat_answers = 2;
    bench.present.csat = number("7");
    /* 2% of 100,000 lost in one of two months with 100,000 and 98,000 at their start. */
    add(&bench, HR_BOOK_REVENUE, JANUARY - 1, "", (int64_t[]){10000000, 0, 0, 0, 0, 4, 0, 0, 0});
    add(&bench, HR_BOOK_REVENUE, JANUARY, "", (int64_t[]){0, 0, 150000, 50000, 0, 0, 0, 0, 0});
    bench.to = JANUARY + 1;
    const char *text = text_of(&bench, hr_report_dashboard);
    assert_has(text, "NPS 28 to 55 30 on target");
    assert_has(text, "CSAT 4 3.5 below target");
    assert_has(text, "gross churn 10% 2% above target");
    assert_has(text, "time on platform – 12 months ");
    assert_has(text, "ACV – 12,000 ");
    /* 1,000 a month / (2,000 / 198,000 a month) */
    assert_has(text, "lifetime value – 99,000 ");
    assert_has(text, "expansion pipeline 3× – not known");
    assert_has(text, "set reports.quota to know it");
    tear_down(&bench);
}

/* --- lift ---------------------------------------------------------------------------------------
 */

/* fired, converted, MRR added, days, held out, held out and converted */
static void add_fires(struct bench *bench)
{
    add(bench, HR_BOOK_FIRES, JANUARY, "rule=capacity", (int64_t[]){200, 60, 600000, 600, 100, 10});
    add(bench, HR_BOOK_FIRES, JANUARY, "rule=quiet", (int64_t[]){100, 30, 0, 0, 0, 0});
    /* NPS makes no difference: 30, 31 and 29%. */
    add(bench, HR_BOOK_FIRES, JANUARY, "band:account.nps=>=9", (int64_t[]){100, 30, 0, 0, 0, 0});
    add(bench, HR_BOOK_FIRES, JANUARY, "band:account.nps=7..9", (int64_t[]){100, 31, 0, 0, 0, 0});
    add(bench, HR_BOOK_FIRES, JANUARY, "band:account.nps=<7", (int64_t[]){100, 29, 0, 0, 0, 0});
    /* Health does: 10 and 50%. */
    add(bench, HR_BOOK_FIRES, JANUARY, "band:account.health=<50", (int64_t[]){100, 10, 0, 0, 0, 0});
    add(bench, HR_BOOK_FIRES, JANUARY, "band:account.health=>=80",
        (int64_t[]){200, 100, 0, 0, 0, 0});
    add(bench, HR_BOOK_FIRES, JANUARY, "positives=2", (int64_t[]){100, 30, 0, 0, 0, 0});
    add(bench, HR_BOOK_FIRES, JANUARY, "positives=10", (int64_t[]){1, 1, 0, 0, 0, 0});
    add(bench, HR_BOOK_FIRES, JANUARY, "timed=milestone", (int64_t[]){7, 1, 0, 0, 0, 0});
    add(bench, HR_BOOK_FIRES, JANUARY, "other", (int64_t[]){7, 1, 0, 0, 0, 0});
}

static void nps_does_not_predict_where_it_makes_no_difference(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench, "");
    add_fires(&bench);
    const char *text = text_of(&bench, hr_report_lift);
    assert_says(text, "NPS does not predict: the 95% intervals of all its bands overlap.\n");
    assert_says(text, "account health predicts: >=80 converts 50% (43.14–56.86%), <50 only 10% "
                      "(5.52–17.44%).\n");
    assert_says(text, "No difference by rule is to be seen: all 95% intervals overlap.\n");
    assert_says(text, "timing: too little to compare, only one value has triggers.\n");
    /* Bands from the lowest up, numbers by their size, rules by their triggers. */
    assert_before(text, "\n  <7 ", "\n  7..9 ");
    assert_before(text, "\n  7..9 ", "\n  >=9 ");
    assert_before(text, "\n  2 ", "\n  10 ");
    assert_before(text, "\n  capacity ", "\n  quiet ");
    tear_down(&bench);
}

static void what_was_held_out_says_what_the_triggers_did(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench, "");
    add_fires(&bench);
    /* 90 of 300 against 10 of 100. */
    assert_says(text_of(&bench, hr_report_lift),
        "With triggers 30% (25.09–35.41%) upgrade, held out 10% (5.52–17.44%): the intervals are "
        "apart, so the triggers work.\n");
    const char *json = form_of(&bench, hr_report_lift, hr_sheet_as_json);
    assert_has(json, "{\"value\":\"capacity\",\"fired\":200,\"converted\":60,\"rate\":\"30%\"");
    assert_has(json, "\"lift\":\"20%\",\"mrr_added\":\"6000.00\",\"days\":\"10\"}");
    add(&bench, HR_BOOK_FIRES, JANUARY, "rule=quiet", (int64_t[]){0, 0, 0, 0, 10, 10});
    assert_says(
        text_of(&bench, hr_report_lift), "the intervals overlap, so an effect is not shown");
    tear_down(&bench);
    set_up(&bench, "");
    add(&bench, HR_BOOK_FIRES, JANUARY, "rule=quiet", (int64_t[]){100, 30, 0, 0, 0, 0});
    assert_says(text_of(&bench, hr_report_lift), "Nothing was held out");
    tear_down(&bench);
}

/* --- the present --------------------------------------------------------------------------------
 */

static void accounts_add_up_by_segment(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench, "");
    static const struct hr_product products[] = {
        {.name = HR_STR("suite")}, {.name = HR_STR("gone")}};
    const struct hr_rules older = {.products = products, .product_count = 2};
    const struct hr_deal_now deals[] = {{HR_DEAL_UPSELL, HR_STAGE_ENGAGED, true, number("5")},
        {HR_DEAL_UPSELL, HR_STAGE_ENGAGED, true, number("7")},
        {HR_DEAL_NEW, HR_STAGE_QUALIFIED, false, number("0")}};
    const struct hr_time upgrades[] = {{100}, {200}};
    struct hr_account_now now = {.segment = HR_STR("a"),
        .customer = true,
        .priced = true,
        .mrr = number("10"),
        .tenure_days = 30,
        .has_nps = true,
        .nps = number("9"),
        .has_csat = true,
        .csat = number("4"),
        .deals = deals,
        .deal_count = 3,
        .upgrades = upgrades,
        .upgrade_count = 2,
        .first_upgrade_days = 12,
        .owned = (const bool[]){true, true},
        .used = (const bool[]){false, true},
        .rules = &older};
    struct hr_report_reading reading = {.from = {200}, .to = {300}, .present = bench.present};
    hr_present_add(&reading, &now);
    now.nps = number("6");
    now.customer = false; /* what follows from a contract does not count for it */
    hr_present_add(&reading, &now);
    const struct hr_present *present = &reading.present;
    assert_int_equal(present->accounts, 2);
    assert_int_equal(present->customers, 1);
    assert_int_equal(present->promoters, 1);
    assert_int_equal(present->detractors, 1);
    assert_int_equal(present->csat_answers, 2);
    assert_int_equal(present->tenure_days, 30);
    assert_int_equal(present->open[HR_DEAL_UPSELL][2].deals, 4);
    assert_int_equal(hr_decimal_compare(present->open[HR_DEAL_UPSELL][2].amount, number("24")), 0);
    assert_int_equal(present->unpriced_deals, 2);
    /* The suite is one of today's products, what is gone is none. */
    assert_int_equal(present->owned[1], 1);
    assert_int_equal(present->used[1], 0);
    assert_int_equal(present->owning[1], 1);
    assert_int_equal(present->upgraded, 1); /* the second one is within, from 200 to 300 */
    assert_int_equal(present->first_upgrade_days, 12);
    reading.segment = HR_STR("b");
    hr_present_add(&reading, &now);
    assert_int_equal(present->accounts, 2);
    reading.segment = HR_STR("");
    reading.to = (struct hr_time){200}; /* it ends as the second one comes */
    now.customer = true;
    hr_present_add(&reading, &now);
    assert_int_equal(present->upgraded, 1);
    tear_down(&bench);
}

/* --- pages ------------------------------------------------------------------------------------
 */

static void a_page_has_its_pictures(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench, "");
    add_stages(&bench);
    add_open(&bench);
    add_fires(&bench);
    add(&bench, HR_BOOK_REVENUE, JANUARY, "", (int64_t[]){70000000, 0, 0, 0, 0, 7, 0, 0, 0});
    add(&bench, HR_BOOK_REVENUE, JANUARY + 1, "",
        (int64_t[]){0, 7500000, 5000000, 0, 0, 0, 0, 0, 0});
    const char *page = form_of(&bench, hr_report_funnel, hr_sheet_as_page);
    assert_has(page, "Funnel: Expansion: upsell and cross-sell");
    assert_has(page, "<h1>Funnel</h1><p>2026-01 to 2026-03, money in USD.");
    page = form_of(&bench, hr_report_retention, hr_sheet_as_page);
    assert_has(page, "Waterfall: MRR by month");
    assert_has(page, "<title>Expansion: +75,000</title>");
    assert_has(page, "<title>Contraction: −50,000</title>");
    page = form_of(&bench, hr_report_lift, hr_sheet_as_page);
    assert_has(page, "<title>capacity: 60 of 200</title>");
    assert_has(page, "NPS does not predict");
    tear_down(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_published_funnel_comes_out),
        cmocka_unit_test(chances_that_nobody_gave_are_measured),
        cmocka_unit_test(new_business_stands_apart_from_expansion),
        cmocka_unit_test(retention_is_120_and_90_percent),
        cmocka_unit_test(churn_below_zero_is_negative_churn),
        cmocka_unit_test(products_are_counted_by_customers),
        cmocka_unit_test(the_published_five_are_above_target),
        cmocka_unit_test(the_dashboard_compares_with_what_is_usual),
        cmocka_unit_test(nps_does_not_predict_where_it_makes_no_difference),
        cmocka_unit_test(what_was_held_out_says_what_the_triggers_did),
        cmocka_unit_test(accounts_add_up_by_segment),
        cmocka_unit_test(a_page_has_its_pictures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
