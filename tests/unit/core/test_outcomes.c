/* SPDX-License-Identifier: Apache-2.0 */
/* What comes of accounts, in the books: deals by stage; triggers and what they led to; who is held
 * out. Figures are worked by hand; see booked.h. */
#include "booked.h"

#include "core/outcome.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

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
    booked_check(booked_plain, lines, HR_BOOK_STAGES,
        "2026-01 'upsell/closed_won' reached 1 amount 1500000\n"
        "2026-01 'upsell/engaged' reached 1 amount 1500000\n"
        "2026-01 'upsell/identified' reached 1 amount 1500000\n"
        "2026-01 'upsell/negotiation' reached 1 amount 1500000\n"
        "2026-01 'upsell/qualified' reached 1 amount 1500000\n"
        "2026-02 'upsell/closed_lost' reached 1 amount 700000\n"
        "2026-02 'upsell/engaged' reached 1 amount 700000\n"
        "2026-02 'upsell/identified' reached 1 amount 700000\n"
        "2026-02 'upsell/qualified' reached 1 amount 700000\n");
    booked_check(booked_plain, lines, HR_BOOK_DEALS,
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
    booked_check(booked_plain, told, HR_BOOK_DEALS, "2026-03 'upsell' won 32 amount 3200\n");
}

#define DEAL(time, rest)                                                                           \
    time " a opportunity.stage_changed {\"opportunity\":\"o\",\"kind\":\"upsell\"," rest "}"

/* Lost in January, opened again, lost in March: it is lost in March. That it is lost is said again
 * in April, which does not lose it anew. A word of February that comes late says that it was open
 * then: the loss of January is over, as if it had come in time. */
static void a_deal_is_closed_when_it_was_closed_last(void **state)
{
    (void)state;
    BOOKED(booked_plain, HR_BOOK_DEALS, "2026-03 'upsell' lost 1\n",
        DEAL("2026-01-10T00:00Z", "\"stage\":\"closed_lost\""),
        DEAL("2026-02-10T00:00Z", "\"stage\":\"engaged\""),
        DEAL("2026-03-10T00:00Z", "\"stage\":\"closed_lost\""),
        DEAL("2026-04-10T00:00Z", "\"stage\":\"closed_lost\""));
    BOOKED(booked_plain, HR_BOOK_DEALS, "2026-03 'upsell' lost 1\n",
        DEAL("2026-01-10T00:00Z", "\"stage\":\"closed_lost\""),
        DEAL("2026-03-10T00:00Z", "\"stage\":\"closed_lost\""),
        DEAL("2026-03-11T00:00Z at=2026-02-10T00:00:00Z", "\"stage\":\"engaged\""));
    BOOKED(booked_plain, HR_BOOK_DEALS, "2026-03 'upsell' won 1 days 59\n",
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
    booked_check(
        booked_plain, lines, HR_BOOK_DEALS, "2026-01 'upsell' won 1 amount 150000 days 10\n");
    booked_check(booked_plain, lines, HR_BOOK_UNRATED, "2026-01 'CHF' deals 1\n");
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
    for (size_t m = 0; m < 2; m++) {
        struct stage *stage = stage_new(config, booked_modes[m]);
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
    FIRES(booked_plain, "rule=capacity", ROW(1, 1, 80000, 18, 0, 0), "2026-01-01T00:00Z a " LIMITED,
        "2026-01-12T00:00Z a contacts {\"n\":80}",
        "2026-01-30T12:00Z a subscription.updated {\"mrr\":120000,\"currency\":\"USD\"}");
    FIRES(booked_plain, "rule=capacity", ROW(1, 1, 90000, 18, 0, 0), "2026-01-01T00:00Z a " LIMITED,
        "2026-01-12T00:00Z a contacts {\"n\":80}",
        "2026-01-30T12:00Z a subscription.updated {\"mrr\":120000,\"currency\":\"USD\"}",
        "2026-02-01T00:00Z a subscription.updated {\"mrr\":130000,\"currency\":\"USD\"}");
    FIRES(booked_plain, "rule=capacity", ROW(1, 0, 0, 0, 0, 0), "2026-01-01T00:00Z a " LIMITED,
        "2026-01-12T00:00Z a contacts {\"n\":80}",
        "2026-02-11T00:00Z a subscription.updated {\"mrr\":120000,\"currency\":\"USD\"}");
    FIRES(booked_plain, "rule=capacity", ROW(1, 1, 80000, 29, 0, 0), "2026-01-01T00:00Z a " LIMITED,
        "2026-01-12T00:00Z a contacts {\"n\":80}",
        "2026-02-13T00:00Z a subscription.updated at=2026-02-10T23:59:00Z "
        "{\"mrr\":120000,\"currency\":\"USD\"}"); /* heard of late */
    FIRES(booked_plain, "rule=capacity", ROW(1, 0, 0, 0, 0, 0), "2026-01-01T00:00Z a " LIMITED,
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
    booked_check("meters:\n"
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
        booked_print(hr_home_books(stage_home(stage)), HR_BOOK_FIRES, books[o]);
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
        cmocka_unit_test(a_deal_older_than_those_that_are_kept_is_not_booked),
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
