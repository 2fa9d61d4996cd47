/* SPDX-License-Identifier: Apache-2.0 */
/* What `headroom account` shows: a history, and the rows that must be there. */
#include "stage.h"

#include "headroom/describe.h"
#include "headroom/explain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static const char config[] =
    "meters:\n"
    "  seats: {event: seats, aggregate: latest, value: /n, limit: seats}\n"
    "  calls: {event: calls, aggregate: sum, value: /n, limit: calls, windows: [24h]}\n"
    "  more: {event: more, aggregate: count, limit: calls}\n"
    "features: {board: {event: opened}}\n"
    "products: {suite: {features: [board]}, extra: {}}\n"
    "plans: {pro: {limits: {seats: 10}, mrr: 50 USD, products: [suite]}}\n"
    "score: [{points: 5, when: [\"tenure.days >= 1\"]}, {name: rich, points: 7, when: "
    "[\"account.arr >= 1\"]}]\n"
    "segments: [{name: big, when: [\"account.arr >= 1000\"]}]\n"
    "rules:\n"
    "  full: {watch: meter.seats.used, levels: [50%, 80%]}\n"
    "  renewal: {watch: renewal.days_left, below: [60d], category: renewal}\n"
    "  slow: {watch: meter.calls.24h, levels: [3], for: 6h, cooldown: 7d, when: "
    "[\"tenure.days >= 1\", {any: [\"account.tier = gold\", \"account.arr > 5\"]}]}\n"
    "  wanted: {watch: interest.sso, levels: [9]}\n";

struct row {
    const char *section, *name, *value, *detail;
};

static bool is_row(const struct hr_row *row, const struct row *wanted)
{
    return strcmp(row->section, wanted->section) == 0 && hr_str_is(row->name, wanted->name) &&
           (!wanted->value || hr_str_is(row->value, wanted->value)) &&
           (!wanted->detail || hr_str_is(row->detail, wanted->detail));
}

/* Rows with a NULL value may have any; those of `none` are not there. */
static void check(struct stage *stage, const char *account, const struct row *wanted, size_t count,
    const struct row *none, size_t none_count)
{
    struct hr_arena arena;
    struct hr_row *rows;
    hr_arena_init(&arena);
    stage_want(stage, account);
    size_t has = hr_home_describe(stage_home(stage), hr_str(account), &arena, &rows);
    for (size_t i = 0; i < has; i++) {
        for (size_t n = 0; n < none_count; n++) {
            assert_false(is_row(&rows[i], &none[n]));
        }
    }
    for (size_t w = 0; w < count; w++) {
        bool found = false;
        for (size_t i = 0; i < has; i++) {
            found |= is_row(&rows[i], &wanted[w]);
        }
        for (size_t i = 0; i < has && !found; i++) {
            print_message("%s | %.*s | %.*s | %.*s\n", rows[i].section, (int)rows[i].name.len,
                rows[i].name.at, (int)rows[i].value.len, rows[i].value.at, (int)rows[i].detail.len,
                rows[i].detail.at);
        }
        if (!found) {
            fail_msg("no row %s %s", wanted[w].section, wanted[w].name);
        }
    }
    hr_arena_clean_up(&arena);
}

#define CHECK(stage, account, wanted, none)                                                        \
    check(stage, account, wanted, sizeof(wanted) / sizeof *(wanted), none,                         \
        sizeof(none) / sizeof *(none))

static const struct row nothing[] = {{"no such section", "", NULL, NULL}};

static void play(struct stage *stage, const char *const *lines)
{
    for (; *lines; lines++) {
        stage_play(stage, *lines);
    }
    if (strstr(stage_told(stage), "dead") || strstr(stage_told(stage), "undecodable")) {
        fail_msg("%s", stage_told(stage));
    }
}

static void all_there_is_about_an_account_is_shown(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "2026-11-01T10:00Z acme subscription.created {\"subscription\":\"one\",\"plan\":\"pro\","
        "\"limits\":{\"calls\":100},\"mrr\":4000,\"currency\":\"USD\",\"renewal_date\":"
        "\"2027-01-01\",\"started_at\":\"2026-01-01\"}",
        "2026-11-01T10:01Z acme subscription.cancelled {\"subscription\":\"one\",\"ends_at\":"
        "\"2027-02-01T00:00:00Z\"}",
        "2026-11-01T10:02Z acme subscription.created {\"subscription\":\"old\",\"started_at\":"
        "\"2025-01-01\"}",
        "2026-11-02T10:00Z acme seats {\"n\":8}", "2026-11-02T10:01Z acme calls {\"n\":4}",
        "2026-11-02T10:02Z acme opened {}",
        "2026-11-02T10:03Z acme account.updated {\"arr\":480000,\"currency\":\"USD\",\"aliases\":"
        "[\"key-1\"],\"industry\":\"retail\"}",
        "2026-11-03T10:00Z acme prompt.shown {\"rule\":\"full\"}",
        "2026-11-03T10:01Z acme opportunity.stage_changed {\"opportunity\":\"o\",\"stage\":"
        "\"engaged\",\"kind\":\"new\"}",
        "2026-11-03T10:02Z acme subscription.updated {\"subscription\":\"two\",\"mrr\":2000,"
        "\"currency\":\"USD\"}",
        "2026-11-03T10:02:30Z acme subscription.cancelled {\"subscription\":\"old\",\"ends_at\":"
        "\"2026-11-03T10:02:30Z\"}",
        "2026-11-03T10:03Z acme calls {\"n\":3}", NULL};
    static const struct row wanted[] = {
        {"account", "alias", "key-1", ""},
        {"account", "segment", "big", ""},
        {"subscriptions", "one", "pro",
            "active, from 2026-01-01T00:00:00.000Z, to 2027-02-01T00:00:00.000Z, renews "
            "2027-01-01, "
            "mrr 40 USD"},
        {"subscriptions", "old", "",
            "not active, from 2025-01-01T00:00:00.000Z, to 2026-11-03T10:02:30.000Z"},
        {"limits", "seats", "10", ""},
        {"limits", "calls", "100", ""},
        {"meters", "seats", "8", "of 10, read 2026-11-02T10:00:00.000Z"},
        {"meters", "seats.used", "80%", ""},
        {"meters", "calls.period", "7", "of 100"},
        {"meters", "calls.24h", "3", ""},
        {"attributes", "arr", "4800 USD", NULL},
        {"attributes", "mrr", "60 USD", NULL},
        {"attributes", "industry", "retail", NULL},
        {"products", "suite", "owned", "used"},
        {"products", "extra", "not owned", "not used in 30 days"},
        {"score", "total", "12", NULL},
        {"score", "row 1", "5", NULL},
        {"score", "rich", "7", NULL},
        {"prompts", "shown", "2026-11-03T10:00:00.000Z", "full"},
        {"opportunities", "o", "engaged", "new, since 2026-11-03T10:01:00.000Z"},
        {"episodes", "full 80pct", "fired", "since 2026-11-02T10:00:00.000Z, episode 1"},
        {"episodes", "full 50pct", "claimed",
            "since 2026-11-02T10:00:00.000Z, claimed by a further level that fired"},
        {"episodes", "renewal 60d@one", "fired", NULL},
        {"waiting", "slow 3", "for",
            "since 2026-11-03T10:03:00.000Z, waits for 6h until 2026-11-03T16:03:00.000Z"},
        {"not_open", "wanted 9", "not_reached", "not reached: 0"},
        {"timers", "subscription ends", "2027-02-01T00:00:00.000Z", "one"},
        /* The newest before what is paid rose by 20 USD. */
        {"triggers", "slow 3", "2026-11-01#1", "2026-11-02T16:01:00.000Z, an upgrade followed"},
        {"triggers", "full 80pct", "2026-11-01#1", "2026-11-02T10:00:00.000Z"},
        {"triggers", "renewal 60d@one", "2026-11-01#1", NULL},
    };
    static const struct row none[] = {{"account", "alias_of", NULL, NULL}};
    for (enum story_mode mode = STORY_PLAIN; mode < STORY_MODES; mode++) {
        struct stage *stage = stage_new(config, mode);
        play(stage, lines);
        CHECK(stage, "acme", wanted, none);
        stage_destroy(stage);
    }
}

static void an_alias_shows_where_it_leads_and_nobody_nothing(void **state)
{
    (void)state;
    static const struct row wanted[] = {{"account", "alias_of", "acme", ""}};
    static const struct row none[] = {{"account", "clock", NULL, NULL}};
    struct stage *stage = stage_new(config, STORY_TICKED);
    stage_play(stage, "2026-11-02T10:00Z acme account.updated {\"aliases\":[\"key-1\"]}");
    CHECK(stage, "key-1", wanted, none);
    struct hr_arena arena;
    struct hr_row *rows;
    hr_arena_init(&arena);
    assert_int_equal(hr_home_describe(stage_home(stage), HR_STR("nobody"), &arena, &rows), 0);
    hr_arena_clean_up(&arena);
    stage_destroy(stage);
}

/* An interest is of 30 days: what is older goes with the next. Prompts are shown by their time. */
static void what_is_over_is_not_shown(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "2026-09-01T10:00Z acme feature.interest {\"feature\":\"sso\"}",
        "2026-10-30T10:00Z acme feature.interest {\"feature\":\"api\"}",
        "2026-10-30T11:00Z acme silence.set {\"scope\":\"account\",\"by\":\"d\",\"until\":"
        "\"2026-10-30T12:00:00Z\"}",
        "2026-10-31T11:00Z acme account.updated {\"nps\":5}", NULL};
    static const struct row wanted[] = {{"interest", "api", "1", "in 30 days"}};
    static const struct row none[] = {
        {"interest", "sso", NULL, NULL}, {"silences", "account", NULL, NULL}};
    struct stage *stage = stage_new(config, STORY_RELOADED);
    play(stage, lines);
    CHECK(stage, "acme", wanted, none);
    stage_destroy(stage);
}

static void history_says_when_business_begins(void **state)
{
    (void)state;
    static const char *const lines[] = {"2026-11-10T00:00Z live",
        "2026-11-02T10:00Z acme account.updated {\"arr\":1,\"currency\":\"USD\"}",
        "2026-11-02T10:01Z acme subscription.created {}",
        "2026-11-02T10:02Z acme subscription.cancelled {\"ends_at\":\"2026-11-03\"}",
        "2026-11-04T10:01Z acme account.updated {\"nps\":5}", NULL};
    static const struct row wanted[] = {
        {"account", "clock", "2026-11-04T10:01:00.000Z",
            "before start.live_from: counted, not judged"},
        {"account", "rules", "epoch 1", "not judged: no subscription is active"},
        {"timers", "live from", "2026-11-10T00:00:00.000Z", ""},
    };
    struct stage *stage = stage_new(config, STORY_TICKED);
    play(stage, lines);
    CHECK(stage, "acme", wanted, nothing);
    stage_destroy(stage);
}

/* Rules that are new are taken over with the next event; until then those from before are shown. */
static void rules_that_are_still_to_come_are_said(void **state)
{
    (void)state;
    static const struct row wanted[] = {
        {"account", "rules", "epoch 1", ""},
        {"timers", "daily", NULL, "takes the current rules over"},
    };
    struct stage *stage = stage_new(config, STORY_RELOADED);
    stage_play(stage, "2026-11-02T10:00Z acme seats {\"n\":1}");
    stage_rules(stage, "2026-11-02T10:01Z rules same", config);
    CHECK(stage, "acme", wanted, nothing);
    stage_destroy(stage);
}

/* Two limits of 26 digits are more than any quantity together. */
static void limits_beyond_any_quantity_are_none(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "2026-11-01T10:00Z acme subscription.created {\"subscription\":\"a\",\"limits\":{\"calls\":"
        "99999999999999999999999999}}",
        "2026-11-01T10:00Z acme subscription.created {\"subscription\":\"b\",\"limits\":{\"calls\":"
        "99999999999999999999999999}}",
        NULL};
    static const struct row wanted[] = {{"limits", "calls", "unlimited", ""}};
    struct stage *stage = stage_new(config, STORY_TICKED);
    play(stage, lines);
    CHECK(stage, "acme", wanted, nothing);
    stage_destroy(stage);
}

static void a_rule_is_said_in_words(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "meter.seats.used >= 50%, 80%",
        "renewal.days_left <= 60d",
        "meter.calls.24h >= 3, for 6h, when tenure.days >= 1d and account.tier = gold or "
        "account.arr > 5, cooldown 1w",
        "interest.sso >= 9",
    };
    struct stage *stage = stage_new(config, STORY_PLAIN);
    const struct hr_rules *rules = hr_home_rules(stage_home(stage));
    struct hr_arena arena;
    hr_arena_init(&arena);
    assert_int_equal(rules->rule_count, 4);
    for (uint16_t r = 0; r < 4; r++) {
        struct hr_str text = hr_explain_rule(&arena, rules, &rules->rules[r]);
        if (!hr_str_is(text, texts[r])) {
            fail_msg("%.*s", (int)text.len, text.at);
        }
    }
    hr_arena_clean_up(&arena);
    stage_destroy(stage);
}

/* 10 USD more each day, and 240 less on the last: 24 changes are shown, six are before them. */
static void the_newest_changes_of_revenue_are_shown(void **state)
{
    (void)state;
    static const struct row wanted[] = {
        {"revenue", "now", "50.00 USD", "a month"},
        {"revenue", "2026-11-30T10:00:00.000Z", "50.00 USD", "-240.00 USD"},
        {"revenue", "2026-11-29T10:00:00.000Z", "290.00 USD", "+10.00 USD"},
        {"revenue", "2026-11-07T10:00:00.000Z", "70.00 USD", "+10.00 USD"},
        {"revenue", "earlier", "6 changes", ""},
    };
    static const struct row none[] = {{"revenue", "2026-11-06T10:00:00.000Z", NULL, NULL}};
    struct stage *stage = stage_new(config, STORY_RELOADED);
    for (int day = 1; day <= 30; day++) {
        char line[128];
        snprintf(line, sizeof line,
            "2026-11-%02dT10:00Z acme subscription.updated {\"mrr\":%d,\"currency\":\"USD\"}", day,
            day < 30 ? 1000 * day : 5000);
        stage_play(stage, line);
    }
    CHECK(stage, "acme", wanted, none);
    stage_destroy(stage);
}

/* Of 300 changes 256 are kept word by word (HR_WORDS_MOST). What was paid before them is one more,
 * so that behind the 24 that are shown there are 233. */
static void what_was_paid_before_the_words_kept_is_a_change(void **state)
{
    (void)state;
    static const struct row wanted[] = {
        {"revenue", "now", "3000.00 USD", "a month"},
        {"revenue", "2026-11-20T10:00:00.000Z", "3000.00 USD", "+10.00 USD"},
        {"revenue", "earlier", "233 changes", ""},
    };
    struct stage *stage = stage_new(config, STORY_PLAIN);
    for (int i = 1; i <= 300; i++) {
        char line[128];
        snprintf(line, sizeof line,
            "2026-%02d-%02dT10:00Z acme subscription.updated {\"mrr\":%d,\"currency\":\"USD\"}",
            1 + (i - 1) / 28, 1 + (i - 1) % 28, 1000 * i);
        stage_play(stage, line);
    }
    CHECK(stage, "acme", wanted, nothing);
    stage_destroy(stage);
}

/* The newest first, whenever they were told. */
static void prompts_come_by_their_time(void **state)
{
    (void)state;
    static const char *const lines[] = {"2026-11-02T10:00Z acme prompt.shown {\"rule\":\"a\"}",
        "2026-11-02T12:00Z acme prompt.shown {\"rule\":\"c\"}",
        "2026-11-02T12:01Z acme prompt.shown {\"rule\":\"b\"} at=2026-11-02T11:00Z", NULL};
    static const char *const rules[] = {"c", "b", "a"};
    struct stage *stage = stage_new(config, STORY_RELOADED);
    struct hr_arena arena;
    struct hr_row *rows;
    size_t shown = 0;
    hr_arena_init(&arena);
    play(stage, lines);
    stage_want(stage, "acme");
    size_t count = hr_home_describe(stage_home(stage), HR_STR("acme"), &arena, &rows);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(rows[i].section, HR_DESCRIBE_PROMPTS) == 0) {
            assert_true(shown < 3 && hr_str_is(rows[i].detail, rules[shown]));
            shown++;
        }
    }
    assert_int_equal(shown, 3);
    hr_arena_clean_up(&arena);
    stage_destroy(stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_there_is_about_an_account_is_shown),
        cmocka_unit_test(an_alias_shows_where_it_leads_and_nobody_nothing),
        cmocka_unit_test(what_is_over_is_not_shown),
        cmocka_unit_test(history_says_when_business_begins),
        cmocka_unit_test(rules_that_are_still_to_come_are_said),
        cmocka_unit_test(limits_beyond_any_quantity_are_none),
        cmocka_unit_test(a_rule_is_said_in_words),
        cmocka_unit_test(the_newest_changes_of_revenue_are_shown),
        cmocka_unit_test(what_was_paid_before_the_words_kept_is_a_change),
        cmocka_unit_test(prompts_come_by_their_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
