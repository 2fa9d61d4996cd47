/* SPDX-License-Identifier: Apache-2.0 */
/* A home as its caller sees it: keys that nobody knows, a crowd of accounts, and what it says of
 * itself. What homes send each other is in test_messages.c. */
#include "stage.h"

#include "headroom/books.h"
#include "headroom/buffer.h"
#include "headroom/describe.h"
#include "headroom/hash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static const char config[] =
    "meters:\n"
    "  calls: {event: calls, aggregate: sum, value: /n, limit: calls}\n"
    "  parts: {event: parts, aggregate: sum, value: /n, by: /p, groups: 2}\n"
    "rules:\n"
    "  busy:  {watch: meter.calls.period, levels: [10]}\n"
    "  happy: {watch: account.stars, levels: [4, 5]}\n";

/* --- keys --------------------------------------------------------------------------------------
 */

static enum hr_fate load(struct stage *stage, const char *key, struct hr_str bytes)
{
    struct hr_arena arena;
    struct hr_error error = {0};
    hr_arena_init(&arena);
    struct hr_keys more = {.arena = &arena};
    enum hr_fate fate = hr_home_load(stage_home(stage), hr_str(key), bytes, &more, &error);
    assert_true(fate == HR_OK || error.text[0]);
    hr_arena_clean_up(&arena);
    return fate;
}

static void a_key_of_no_known_kind_is_refused(void **state)
{
    (void)state;
    static const char *const keys[] = {"", "x:1", "a", "u:", "u:0000001", "u:0000000g:acme",
        "u:0000000A:acme", "u:/0000000:acme", "g:00000001", "g:00000001:0000000", "g:0000000:1",
        "e:0123456789abcde", "b:0123456789abcde:", "s:", "s:1x", "s:/", "s:4294967296",
        "s:99999999999", "w:", "w:x", "r", "r:2026-01", "r:2026-1:revenue", "r:2026-13:revenue",
        "r:2026-00:revenue", "r:2o26-01:revenue", "r:2026/01:revenue", "r:2026-01:nothing"};
    struct stage *stage = stage_new(config, STORY_TICKED);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (load(stage, keys[i], HR_STR("bytes")) != HR_REFUSE) {
            fail_msg("%s", keys[i]);
        }
    }
    stage_destroy(stage);
}

/* What nobody waits for is left alone, whatever it holds: memory is newer. */
static void what_nobody_asked_for_is_left_alone(void **state)
{
    (void)state;
    static const char *const keys[] = {
        "a:acme", "u:00000001:acme", "u:00000001:nobody", "e:0123456789abcdef", "s:4000000000"};
    struct stage *stage = stage_new(config, STORY_TICKED);
    stage_play(stage, "2026-11-02T10:00Z acme calls {\"n\":1}");
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        assert_int_equal(load(stage, keys[i], HR_STR("bytes")), HR_OK);
    }
    char key[64];
    snprintf(key, sizeof key, "e:%016llx", (unsigned long long)hr_hash64(HR_STR("acme"), 0));
    assert_int_equal(load(stage, key, HR_STR("bytes")), HR_OK);
    stage_play(stage, "2026-11-02T10:01Z acme calls {\"n\":9}");
    assert_int_equal(stage_count(stage, "fired busy/acme/10"), 1);
    stage_destroy(stage);
}

/* An account names a group of which there is no record, or of which there is another's. */
static void parts_that_are_missing_are_refused(void **state)
{
    (void)state;
    struct stage *stage = stage_new(config, STORY_TICKED);
    stage_play(stage, "2026-11-02T10:00Z acme parts {\"n\":1,\"p\":\"eu\"}");
    stage_play(stage, "2026-11-02T10:00Z acme parts {\"n\":1,\"p\":\"us\"}");
    char first[64], second[64];
    unsigned meter = (unsigned)hr_hash64(HR_STR("parts"), 0);
    snprintf(first, sizeof first, "g:%08x:00000001:acme", meter);
    snprintf(second, sizeof second, "g:%08x:00000002:acme", meter);
    struct hr_str bytes = stage_stored(stage, first);
    assert_true(bytes.len > 0);
    stage_reload(stage);
    assert_int_equal(load(stage, "a:acme", stage_stored(stage, "a:acme")), HR_OK);
    assert_int_equal(load(stage, first, (struct hr_str){NULL, 0}), HR_REFUSE);
    assert_int_equal(load(stage, second, bytes), HR_REFUSE);
    assert_int_equal(load(stage, first, stage_stored(stage, "a:acme")), HR_REFUSE);
    assert_int_equal(load(stage, second, stage_stored(stage, second)), HR_OK);
    assert_int_equal(load(stage, first, bytes), HR_OK);
    /* One whose parts never came is forgotten with what it still missed, and asked for anew. */
    stage_reload(stage);
    assert_int_equal(load(stage, "a:acme", stage_stored(stage, "a:acme")), HR_OK);
    hr_home_evict(stage_home(stage), SIZE_MAX, HR_TIME_NEVER);
    stage_play(stage, "2026-11-02T10:01Z acme parts {\"n\":1,\"p\":\"eu\"}");
    struct hr_str grown = stage_stored(stage, first);
    assert_true(grown.len > 0);
    stage_destroy(stage);
}

/* Lists of who waits follow each other from the first; a brake that no rule has any more is left.
 */
static void lists_and_brakes_are_taken_as_the_home_asks(void **state)
{
    (void)state;
    struct stage *stage = stage_new("brake: {accounts: 1, within: 10m}\n"
                                    "rules: {happy: {watch: account.stars, levels: [4]}}\n",
        STORY_TICKED);
    stage_play(stage, "2026-11-02T10:00Z wall");
    stage_play(stage, "2026-11-02T10:00Z a account.updated {\"stars\":4}");
    stage_play(stage, "2026-11-02T10:01Z b account.updated {\"stars\":4}");
    char key[32];
    snprintf(key, sizeof key, "b:%016llx",
        (unsigned long long)hr_home_rules(stage_home(stage))->rules[0].key);
    struct hr_str brake = stage_stored(stage, key), list = stage_stored(stage, "w:0");
    assert_true(brake.len > 0 && list.len > 0);
    assert_int_equal(load(stage, "b:0123456789abcdef", brake), HR_OK);
    assert_int_equal(load(stage, "w:5", list), HR_REFUSE);
    stage_destroy(stage);
}

/* --- many --------------------------------------------------------------------------------------
 */

#define CROWD 1100 /* more than any list has room for at first: 18 blocks of 64 that wait */

/* All of them wait for one owner; the process ends; her silence is cleared: each fires once. */
static void a_crowd_waits_and_each_fires_once(void **state)
{
    (void)state;
    struct stage *stage = stage_new(config, STORY_TICKED);
    stage_play(stage, "2026-11-02T10:00Z x silence.set {\"scope\":\"owner:lee\",\"by\":\"kim\","
                      "\"until\":\"2026-12-24\"}");
    for (int i = 0; i < CROWD; i++) {
        char line[128];
        snprintf(line, sizeof line,
            "2026-11-02T10:%02d:%02dZ a%d account.updated {\"owner\":\"lee\",\"stars\":4}",
            1 + i / 60, i % 60, i);
        stage_play(stage, line);
    }
    assert_int_equal(stage_count(stage, "fired"), 0);
    assert_true(stage_stored_bytes(stage, "w:17") > 0);
    assert_int_equal(stage_stored_bytes(stage, "w:18"), 0);
    stage_reload(stage);
    stage_play(
        stage, "2026-11-02T11:00Z x silence.cleared {\"scope\":\"owner:lee\",\"by\":\"kim\"}");
    stage_play(stage, "2026-11-02T11:00Z tick");
    assert_int_equal(stage_count(stage, "fired happy/"), CROWD);
    for (int i = 0; i < CROWD; i++) {
        char wanted[64];
        snprintf(wanted, sizeof wanted, "fired happy/a%d/4/2026-11-01#1 ", i);
        assert_int_equal(stage_count(stage, wanted), 1);
    }
    stage_reload(stage);
    stage_play(stage, "2026-11-02T12:00Z tick");
    assert_int_equal(stage_count(stage, "fired"), CROWD);
    assert_int_equal(stage_stored_bytes(stage, "w:0"), 0);
    stage_destroy(stage);
}

/* 500 owners' silences are kept, and of those that are over the newest 24; beyond that the oldest
 * word is forgotten. */
static void owners_that_pile_up_are_forgotten(void **state)
{
    (void)state;
    static const struct {
        const char *until;
        int kept;
    } rows[] = {{"2026-12-24", 500}, {"2026-11-02T09:00:00Z", 24}};
    for (size_t r = 0; r < 2; r++) {
        struct stage *stage = stage_new(config, STORY_TICKED);
        size_t sizes[520];
        for (int i = 0; i < 520; i++) {
            char line[160];
            snprintf(line, sizeof line,
                "2026-11-02T10:%02d:%02dZ x silence.set {\"scope\":\"owner:o%03d\",\"by\":\"k\","
                "\"until\":\"%s\"}",
                i / 60, i % 60, i, rows[r].until);
            stage_play(stage, line);
            sizes[i] = stage_stored_bytes(stage, "o");
        }
        size_t each = sizes[1] - sizes[0];
        assert_in_range(sizes[519] - sizes[0], (size_t)(rows[r].kept - 2) * each,
            (size_t)(rows[r].kept + 1) * each);
        assert_int_equal(sizes[519], sizes[510]);
        stage_destroy(stage);
    }
}

/* --- what it says of itself --------------------------------------------------------------------
 */

static void counts_are_told(void **state)
{
    (void)state;
    struct stage *stage = stage_new(config, STORY_TICKED);
    struct hr_home *home = stage_home(stage);
    struct hr_home_metrics metrics;
    hr_home_metrics(home, &metrics);
    assert_int_equal(metrics.accounts_in_memory, 0);
    assert_int_equal(metrics.seen_ids, 0);
    assert_int_equal(hr_home_dirty_bytes(home), 0);
    assert_false(hr_home_is_dirty(home));
    stage_play(stage, "2026-11-02T10:00Z acme parts {\"n\":1,\"p\":\"eu\"}");
    stage_play(stage, "2026-11-02T10:01Z acme parts {\"n\":1,\"p\":\"us\"}");
    stage_play(stage, "2026-11-02T10:02Z acme parts {\"n\":1,\"p\":\"asia\"}");
    stage_play(stage, "2026-11-02T10:03Z beta calls {\"n\":1}");
    hr_home_metrics(home, &metrics);
    assert_int_equal(metrics.accounts_in_memory, 2);
    assert_int_equal(metrics.accounts_created, 2);
    assert_int_equal(metrics.seen_ids, 4);
    assert_int_equal(metrics.others, 1);
    assert_true(hr_home_is_dirty(home));
    /* Two accounts and a block of ids, in an estimate. */
    assert_in_range(hr_home_dirty_bytes(home), 2 * 100 + 4 * 16, 2 * 512 + 256 * 16);
    stage_stored_bytes(stage, "a:acme");
    assert_false(hr_home_is_dirty(home));
    assert_int_equal(hr_home_dirty_bytes(home), 0);
    stage_destroy(stage);
}

/* Business begins on the 5th: two are beyond 4 by then, one of them beyond 5. */
static void what_live_from_claimed_is_counted(void **state)
{
    (void)state;
    static const char *const lines[] = {"2026-11-05T00:00Z live",
        "2026-11-02T10:00Z acme account.updated {\"stars\":4}",
        "2026-11-02T10:00Z beta account.updated {\"stars\":5}",
        "2026-11-02T10:00Z calm account.updated {\"stars\":3}", "2026-11-06T00:00Z tick"};
    struct stage *stage = stage_new(config, STORY_TICKED);
    struct hr_arena arena;
    struct hr_claimed *claimed;
    size_t count;
    hr_arena_init(&arena);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        stage_play(stage, lines[i]);
    }
    hr_home_claimed(stage_home(stage), &arena, &claimed, &count);
    assert_int_equal(count, 2);
    assert_true(hr_str_is(claimed[0].rule->name, "happy"));
    assert_true(hr_str_is(claimed[0].level->text, "4") && hr_str_is(claimed[1].level->text, "5"));
    assert_int_equal(claimed[0].accounts, 2);
    assert_int_equal(claimed[1].accounts, 1);
    hr_arena_clean_up(&arena);
    stage_destroy(stage);
}

static void brakes_are_told(void **state)
{
    (void)state;
    struct stage *stage = stage_new("brake: {accounts: 1, within: 10m}\n"
                                    "rules:\n"
                                    "  happy: {watch: account.stars, levels: [4]}\n"
                                    "  other: {watch: account.calm, levels: [4]}\n"
                                    "  tried: {watch: account.calm, levels: [4], mode: shadow}\n",
        STORY_RELOADED);
    struct hr_brake_now now;
    stage_play(stage, "2026-11-02T10:00Z wall");
    stage_play(stage, "2026-11-02T10:00Z a account.updated {\"stars\":4}");
    stage_play(stage, "2026-11-02T10:01Z b account.updated {\"stars\":4}");
    assert_true(hr_home_brake(stage_home(stage), 0, &now));
    assert_true(hr_str_is(now.rule, "happy") && now.on);
    assert_int_equal(now.since.us, stage_clock(stage).us);
    assert_int_equal(now.accounts, 1);
    assert_true(hr_home_brake(stage_home(stage), 1, &now));
    assert_true(hr_str_is(now.rule, "other") && !now.on);
    assert_int_equal(now.accounts, 0);
    assert_false(hr_home_brake(stage_home(stage), 2, &now)); /* what is not published has none */
    stage_destroy(stage);
}

static void attributes_are_asked_by_name(void **state)
{
    (void)state;
    struct stage *stage = stage_new(config, STORY_TICKED);
    struct hr_home *home = stage_home(stage);
    stage_play(stage, "2026-11-02T10:00Z acme account.updated {\"segment\":\"big\",\"stars\":4}");
    stage_play(
        stage, "2026-11-02T10:01Z acme account.updated {\"stars\":null,\"aliases\":[\"k\"]}");
    assert_true(hr_str_is(hr_home_attribute(home, HR_STR("acme"), HR_STR("segment")), "big"));
    assert_int_equal(hr_home_attribute(home, HR_STR("acme"), HR_STR("stars")).len, 0);
    assert_int_equal(hr_home_attribute(home, HR_STR("acme"), HR_STR("other")).len, 0);
    assert_int_equal(hr_home_attribute(home, HR_STR("k"), HR_STR("segment")).len, 0);
    assert_int_equal(hr_home_attribute(home, HR_STR("nobody"), HR_STR("segment")).len, 0);
    stage_destroy(stage);
}

/* --- timers ----------------------------------------------------------------------------------- */

static uint64_t acted_by(struct stage *stage, struct hr_time until)
{
    struct hr_home_metrics metrics;
    struct hr_arena arena;
    struct hr_outbox outbox;
    hr_arena_init(&arena);
    hr_outbox_init(&outbox, &arena);
    assert_false(hr_home_tick(stage_home(stage), until, 10, &outbox));
    hr_home_metrics(stage_home(stage), &metrics);
    hr_arena_clean_up(&arena);
    return metrics.timers_acted;
}

/* Stored timers of one moment are told of in pieces: what lies behind a piece waits, also one that
 * is in memory, or the order would depend on who was evicted. */
static void timers_act_up_to_the_place_that_is_known(void **state)
{
    (void)state;
    struct stage *stage = stage_new(config, STORY_TICKED);
    struct hr_home *home = stage_home(stage);
    struct hr_arena arena;
    hr_arena_init(&arena);
    stage_play(stage, "2026-11-02T10:00Z m calls {\"n\":1}");
    struct hr_change *changes;
    size_t count;
    hr_home_changes(home, &arena, &changes, &count);
    struct hr_time due = changes[0].due;
    hr_home_timer(home, HR_STR("k"), due);
    hr_home_timer(home, HR_STR("b"), due);
    hr_home_timer(home, HR_STR("ba"), due);
    hr_home_know(home, due, HR_STR("b"));
    assert_true(hr_home_knows(home, (struct hr_time){due.us - 1}, HR_STR("z")));
    assert_true(hr_home_knows(home, due, HR_STR("b")));
    assert_false(hr_home_knows(home, due, HR_STR("ba")));
    assert_false(hr_home_knows(home, (struct hr_time){due.us + 1}, HR_STR("a")));
    struct hr_keys keys = {.arena = &arena};
    hr_home_due(home, due, 10, &keys);
    assert_int_equal(keys.count, 1);
    assert_true(hr_str_is(keys.at[0], "a:b"));
    assert_int_equal(load(stage, "a:b", (struct hr_str){NULL, 0}), HR_OK);
    assert_int_equal(acted_by(stage, due), 0);

    hr_home_know(home, due, HR_STR("l"));
    keys.count = 0;
    hr_home_due(home, due, 10, &keys);
    assert_int_equal(keys.count, 2);
    assert_true(hr_str_is(keys.at[0], "a:ba") && hr_str_is(keys.at[1], "a:k"));
    assert_int_equal(load(stage, "a:ba", (struct hr_str){NULL, 0}), HR_OK);
    assert_int_equal(load(stage, "a:k", (struct hr_str){NULL, 0}), HR_OK);
    assert_int_equal(acted_by(stage, due), 0); /* the one in memory is behind it */

    hr_home_know(home, due, (struct hr_str){NULL, 0});
    assert_true(hr_home_knows(home, due, HR_STR("z")));
    assert_int_equal(acted_by(stage, due), 1);
    hr_arena_clean_up(&arena);
    stage_destroy(stage);
}

/* --- books -------------------------------------------------------------------------------------
 */

static int64_t new_before(struct stage *stage)
{
    const int64_t *columns = hr_books_find(
        hr_home_books(stage_home(stage)), HR_BOOK_REVENUE, HR_MONTH_BEFORE, HR_STR(""));
    return columns ? columns[HR_REVENUE_NEW] : -1;
}

/* A month that was folded has no key of its own any more: read again it would count twice. */
static void months_that_were_folded_are_stored_no_more(void **state)
{
    (void)state;
    struct stage *stage = stage_new(config, STORY_RELOADED);
    stage_play(
        stage, "2010-01-02T10:00Z acme subscription.created {\"mrr\":1000,\"currency\":\"USD\"}");
    assert_true(stage_stored_bytes(stage, "r:2010-01:revenue") > 0);
    stage_play(
        stage, "2026-11-02T10:00Z beta subscription.created {\"mrr\":200,\"currency\":\"USD\"}");
    assert_int_equal(stage_stored_bytes(stage, "r:2010-01:revenue"), 0);
    assert_true(stage_stored_bytes(stage, "r:2026-11:revenue") > 0);
    assert_int_equal(new_before(stage), 1000);
    stage_reload(stage);
    assert_int_equal(new_before(stage), 1000);
    stage_destroy(stage);
}

/* A segment that an account left and came back to in a month: in that month nothing moved. */
static void a_segment_that_returns_moved_nothing(void **state)
{
    (void)state;
    struct stage *stage = stage_new(config, STORY_RELOADED);
    stage_play(stage, "2026-01-01T10:00Z acme account.updated {\"segment\":\"big\"}");
    stage_play(
        stage, "2026-01-02T10:00Z acme subscription.created {\"mrr\":1000,\"currency\":\"USD\"}");
    stage_play(stage, "2026-02-03T10:00Z acme account.updated {\"segment\":\"small\"}");
    const int64_t *columns = hr_books_find(
        hr_home_books(stage_home(stage)), HR_BOOK_REVENUE, 2026 * 12 + 1, HR_STR("small"));
    assert_non_null(columns);
    assert_int_equal(columns[HR_REVENUE_TRANSFER], 1000);
    stage_play(stage, "2026-02-04T10:00Z acme account.updated {\"segment\":\"big\"}");
    static const char *const segments[] = {"big", "small"};
    for (size_t i = 0; i < 2; i++) {
        columns = hr_books_find(
            hr_home_books(stage_home(stage)), HR_BOOK_REVENUE, 2026 * 12 + 1, hr_str(segments[i]));
        for (unsigned c = 0; columns && c < HR_REVENUE_COLUMNS; c++) {
            assert_int_equal(columns[c], 0);
        }
    }
    stage_destroy(stage);
}

static void books_stay_in_their_currency(void **state)
{
    (void)state;
    struct hr_error error = {0};
    struct stage *dollars = stage_new("money: {currency: USD}\nmeters: {}\n", STORY_PLAIN);
    struct stage *francs = stage_new("money: {currency: CHF}\nmeters: {}\n", STORY_PLAIN);
    const struct hr_rules *old = hr_home_rules(stage_home(dollars));
    assert_int_equal(hr_rules_may_follow(old, old, &error), HR_OK);
    assert_int_equal(
        hr_rules_may_follow(old, hr_home_rules(stage_home(francs)), &error), HR_REFUSE);
    assert_non_null(strstr(error.text, "kept in USD and cannot be turned into CHF"));
    stage_destroy(dollars);
    stage_destroy(francs);
}

/* --- the end -----------------------------------------------------------------------------------
 */

/* What is left with its pool has nothing beside it: a checker for leaks sees the rest. */
static void a_home_may_be_left_with_its_pool(void **state)
{
    (void)state;
    struct stage *stage = stage_new(config, STORY_TICKED);
    stage_play(stage, "2026-11-02T10:00Z acme calls {\"n\":1}");
    struct hr_home_settings settings = stage_settings(stage);
    struct hr_pool *pool = hr_pool_new();
    struct hr_home *home = hr_home_new(&settings, pool);
    struct hr_arena arena;
    struct hr_error error;
    hr_arena_init(&arena);
    struct hr_keys keys = {.arena = &arena};
    hr_home_wants(home, HR_STR("acme"), &keys);
    for (size_t i = 0; i < keys.count; i++) {
        char key[64];
        snprintf(key, sizeof key, "%.*s", (int)keys.at[i].len, keys.at[i].at);
        assert_int_equal(
            hr_home_load(home, keys.at[i], stage_stored(stage, key), &keys, &error), HR_OK);
    }
    hr_home_abandon(home);
    assert_true(hr_pool_in_use(pool) > 0);
    hr_pool_destroy(pool);
    hr_arena_clean_up(&arena);
    stage_destroy(stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_of_no_known_kind_is_refused),
        cmocka_unit_test(what_nobody_asked_for_is_left_alone),
        cmocka_unit_test(parts_that_are_missing_are_refused),
        cmocka_unit_test(a_crowd_waits_and_each_fires_once),
        cmocka_unit_test(lists_and_brakes_are_taken_as_the_home_asks),
        cmocka_unit_test(owners_that_pile_up_are_forgotten),
        cmocka_unit_test(counts_are_told),
        cmocka_unit_test(what_live_from_claimed_is_counted),
        cmocka_unit_test(brakes_are_told),
        cmocka_unit_test(attributes_are_asked_by_name),
        cmocka_unit_test(timers_act_up_to_the_place_that_is_known),
        cmocka_unit_test(months_that_were_folded_are_stored_no_more),
        cmocka_unit_test(a_segment_that_returns_moved_nothing),
        cmocka_unit_test(books_stay_in_their_currency),
        cmocka_unit_test(a_home_may_be_left_with_its_pool),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
