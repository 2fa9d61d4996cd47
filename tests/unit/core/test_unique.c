/* SPDX-License-Identifier: Apache-2.0 */
/* `unique` around and beyond 4,096 members: exact as long as it may be, estimated beyond, exact
 * again when the crowd has gone; and the same bytes whether or not the account was ever away. */
#include "stage.h"

#include "headroom/hash.h"

#include "core/unique.h"
#include "core/window.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static const char config[] =
    "time: {lateness: 2d}\n"
    "meters:\n"
    "  users: {event: users, aggregate: unique, value: /u, windows: [24h, 7d, day]}\n"
    "rules:\n"
    "  month: {watch: meter.users.period, levels: [4096, 4097, 4500], jump: each}\n"
    "  week: {watch: meter.users.7d, levels: [20, 4096, 4097], jump: each}\n"
    "  day: {watch: meter.users.24h, levels: [15]}\n";

/* Members `first` to `first + count − 1`, one a second from `at` on. */
static void send(struct stage *stage, const char *account, const char *at, int first, int count)
{
    for (int i = 0; i < count; i++) {
        char line[128];
        snprintf(line, sizeof line, "%s:%02d:%02dZ %s users {\"u\":\"user-%d\"}", at, i / 60 % 60,
            i % 60, account, first + i);
        stage_play(stage, line);
    }
}

static bool told(const struct stage *stage, const char *what)
{
    return strstr(stage_told(stage), what) != NULL;
}

/* The last value that a trigger of the level gave. */
static double value_of(const struct stage *stage, const char *id)
{
    const char *found = NULL, *at = stage_told(stage);
    for (; (at = strstr(at, id)); at++) {
        found = at;
    }
    assert_non_null(found);
    double value = 0;
    assert_int_equal(sscanf(strchr(found, ' '), " %*s %*s %lf", &value), 1);
    return value;
}

static void assert_near(double value, double truth)
{
    assert_true(value > truth * 0.95 && value < truth * 1.05);
}

static void exact_up_to_4096(void **state)
{
    (void)state;
    struct stage *stage = stage_new(config, STORY_TICKED);
    send(stage, "acme", "2026-11-02T10", 0, 3000);
    send(stage, "acme", "2026-11-02T11", 0, 3000); /* the same again */
    assert_false(told(stage, "month/"));
    send(stage, "acme", "2026-11-02T12", 3000, 1096);
    assert_true(told(stage, "fired month/acme/4096/2026-11-01#1 usage 4096\n"));
    assert_true(told(stage, "fired week/acme/4096/2026-11-01#1 usage 4096\n"));
    send(stage, "acme", "2026-11-02T13", 0, 3000);
    assert_false(told(stage, "4097"));
    /* From here on it is an estimate, of which at least 4,097 is known. */
    send(stage, "acme", "2026-11-02T14", 4096, 1);
    assert_true(told(stage, "fired month/acme/4097/2026-11-01#1 usage 4"));
    assert_true(told(stage, " approximate\n"));
    assert_near(value_of(stage, "fired month/acme/4097/"), 4097);
    send(stage, "acme", "2026-11-02T15", 4097, 1500);
    assert_near(value_of(stage, "fired month/acme/4500/"), 4500);
    stage_destroy(stage);
}

/* 5,000 on one day; a few on each day after. While that day is in the week, the week is estimated
 * and the last 24 hours are exact; then both are. */
static void exact_again_when_the_crowd_has_gone(void **state)
{
    (void)state;
    struct stage *stage = stage_new(config, STORY_TICKED);
    send(stage, "acme", "2026-11-02T10", 0, 3000);
    send(stage, "acme", "2026-11-02T11", 3000, 2000);
    assert_true(told(stage, "fired week/acme/4097/2026-11-01#1 usage 4"));
    /* Users 0 to 13 of the crowd come back, on the 5th. */
    send(stage, "acme", "2026-11-05T10", 0, 14);
    send(stage, "acme", "2026-11-05T11", 0, 14);
    assert_false(told(stage, "fired day/acme/15/2026-11-01#2"));
    send(stage, "acme", "2026-11-05T12", 9000, 1);
    assert_true(told(stage, "fired day/acme/15/2026-11-01#2 usage 15\n"));
    assert_false(told(stage, "resolved week"));
    /* The 2nd leaves the week at the end of the 8th: what remains is 15, below all levels. */
    stage_play(stage, "2026-11-09T00:00:00Z tick");
    assert_true(told(stage, "resolved week/acme/4097/2026-11-01#1/resolved usage_decreased 15\n"));
    assert_true(told(stage, "resolved week/acme/20/2026-11-01#1/resolved usage_decreased 15\n"));
    stage_destroy(stage);
}

static void members_key(char key[64], const char *account)
{
    snprintf(key, 64, "u:%08x:%s", (unsigned)hr_hash64(HR_STR("users"), 0), account);
}

static void same_bytes_wherever_it_was_cut(void **state)
{
    (void)state;
    struct stage *stages[2];
    char key[64];
    members_key(key, "acme");
    for (int s = 0; s < 2; s++) {
        stages[s] = stage_new(config, STORY_TICKED);
        for (int day = 2; day < 12; day++) {
            char at[32];
            snprintf(at, sizeof at, "2026-11-%02dT10", day);
            send(stages[s], "acme", at, day * 700, 1500);
            if (s == 1) {
                stage_reload(stages[s]);
            }
        }
        send(stages[s], "acme", "2026-11-20T10", 0, 10);
    }
    struct hr_str a = stage_stored(stages[0], key), b = stage_stored(stages[1], key);
    assert_int_equal(a.len, b.len);
    assert_memory_equal(a.at, b.at, a.len);
    assert_true(hr_str_equal(stage_stored(stages[0], "a:acme"), stage_stored(stages[1], "a:acme")));
    assert_string_equal(stage_told(stages[0]), stage_told(stages[1]));
    stage_destroy(stages[0]);
    stage_destroy(stages[1]);
}

/* Large sets are bounded: 20,000 members take no more than 4,096 and the sketch, a set. */
static void state_is_bounded(void **state)
{
    (void)state;
    struct stage *stage = stage_new(config, STORY_TICKED);
    char key[64], at[32];
    members_key(key, "acme");
    for (int day = 2; day < 12; day++) {
        snprintf(at, sizeof at, "2026-11-%02dT10", day);
        send(stage, "acme", at, day * 2000, 2000);
    }
    assert_in_range(stage_stored_bytes(stage, key), 8192, 4 * (4096 * 18 + 8192 * 8));
    stage_destroy(stage);
}

/* 3,000 under the alias, 3,000 under the account, 1,000 of them the same. */
static void moves_unite(void **state)
{
    (void)state;
    struct stage *stage = stage_new(config, STORY_TICKED);
    send(stage, "key", "2026-11-02T10", 0, 3000);
    send(stage, "acme", "2026-11-02T11", 2000, 3000);
    assert_false(told(stage, "month/acme/"));
    stage_play(stage, "2026-11-02T12:00:00Z acme account.updated {\"aliases\":[\"key\"]}");
    assert_true(told(stage, "fired month/acme/4500/2026-11-01#1 account_change"));
    assert_near(value_of(stage, "fired month/acme/4500/"), 5000);
    assert_near(value_of(stage, "fired week/acme/4097/"), 5000);
    /* A crowd that has a sketch already, to an account that has none. */
    send(stage, "crowd", "2026-11-03T10", 0, 3000);
    send(stage, "crowd", "2026-11-03T11", 3000, 3000);
    send(stage, "beta", "2026-11-03T12", 0, 10);
    stage_play(stage, "2026-11-03T13:00:00Z beta account.updated {\"aliases\":[\"crowd\"]}");
    assert_near(value_of(stage, "fired month/beta/4500/"), 6000);
    assert_near(value_of(stage, "fired week/beta/4097/"), 6000);
    stage_play(stage, "2026-11-11T00:00:00Z tick");
    assert_true(told(stage, "resolved week/beta/20/2026-11-01#1/resolved usage_decreased 0\n"));
    stage_destroy(stage);
}

/* 4,100 who come two minutes ahead of the clock, in the next hour. 4,096 wait for it; the others
 * count at once, for nothing waits without a bound. */
static void a_crowd_ahead_of_the_clock_does_not_wait(void **state)
{
    (void)state;
    struct stage *stage =
        stage_new("meters:\n"
                  "  users: {event: users, aggregate: unique, value: /u, windows: "
                  "[24h]}\n"
                  "rules:\n"
                  "  day: {watch: meter.users.24h, levels: [4, 4096]}\n",
            STORY_TICKED);
    for (int i = 0; i < 4100; i++) {
        char line[128];
        snprintf(line, sizeof line,
            "2026-11-02T10:59:00Z acme users {\"u\":\"user-%d\"} at=2026-11-02T11:01:00Z", i);
        stage_play(stage, line);
        assert_int_equal(told(stage, "fired day/acme/4/"), i == 4099);
    }
    assert_false(told(stage, "fired day/acme/4096/"));
    stage_play(stage, "2026-11-02T11:00:00Z tick");
    assert_true(told(stage, "fired day/acme/4096/"));
    assert_near(value_of(stage, "fired day/acme/4096/"), 4100);
    stage_destroy(stage);
}

/* Days as periods, of which late usage keeps 65 with 4,095 members each: more than an account may
 * hold one by one. The oldest are estimated then, the newest stays exact. */
static void periods_together_are_bounded(void **state)
{
    (void)state;
    enum { PERIODS = 65, EACH = 4095 };
    struct stage *stage = stage_new("meters:\n"
                                    "  users: {event: users, aggregate: unique, value: /u}\n",
        STORY_TICKED);
    struct hr_pool *pool = hr_pool_new();
    struct hr_layout *layout = hr_layout_new(hr_home_rules(stage_home(stage)), pool);
    struct hr_account *account = hr_account_new(layout, pool);
    for (int p = 0; p < PERIODS; p++) {
        struct hr_segment segment = {.from = {p * HR_DAY},
            .floor = HR_TIME_NONE,
            .start = {p * HR_DAY},
            .end = {(p + 1) * HR_DAY},
            .date = p};
        account->current = hr_account_insert_segment(account, segment, pool);
    }
    for (uint32_t p = 0; p < PERIODS; p++) {
        for (int i = 0; i < EACH; i++) {
            char name[32];
            int len = snprintf(name, sizeof name, "%u-%d", (unsigned)p, i);
            hr_segment_see(account, 0, p, hr_hash128((struct hr_str){name, (size_t)len}), pool);
        }
    }
    assert_false(hr_segment_is_exact(account, 0, 0));
    assert_in_range(account->segments[0].tallies[0].count, EACH * 95 / 100, EACH * 105 / 100);
    for (uint32_t p = 2; p < PERIODS; p++) {
        assert_true(hr_segment_is_exact(account, 0, p));
        assert_int_equal(account->segments[p].tallies[0].count, EACH);
    }
    hr_account_destroy(account, pool);
    hr_layout_destroy(layout, pool);
    assert_int_equal(hr_pool_in_use(pool), 0);
    hr_pool_destroy(pool);
    stage_destroy(stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exact_up_to_4096),
        cmocka_unit_test(a_crowd_ahead_of_the_clock_does_not_wait),
        cmocka_unit_test(periods_together_are_bounded),
        cmocka_unit_test(exact_again_when_the_crowd_has_gone),
        cmocka_unit_test(same_bytes_wherever_it_was_cut),
        cmocka_unit_test(state_is_bounded),
        cmocka_unit_test(moves_unite),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
