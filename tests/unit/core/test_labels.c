/* SPDX-License-Identifier: Apache-2.0 */
/* Under what a trigger is booked, so that a report can say what works: by milestone or calendar, by
 * how many rows of the score gave points, by playbook, by the band in which a signal lay. And how
 * many triggers an account remembers. Worked by hand. */
#include "stage.h"

#include "headroom/books.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define JANUARY (2026 * 12)

static const int64_t *row_of(struct stage *stage, const char *label)
{
    static const int64_t nothing[HR_FIRES_COLUMNS];
    const int64_t *row =
        hr_books_find(hr_home_books(stage_home(stage)), HR_BOOK_FIRES, JANUARY, hr_str(label));
    return row ? row : nothing;
}

static void assert_fired(struct stage *stage, const char *label, int64_t count)
{
    int64_t fired = row_of(stage, label)[HR_FIRES_FIRED];
    if (fired != count) {
        fail_msg("%s fired %d times, not %d", label, (int)fired, (int)count);
    }
}

/* A milestone times a rule that watches one, asks for one, or must wait for one; a rule's own empty
 * list takes that of all away. */
static void a_milestone_times_what_asks_for_one(void **state)
{
    (void)state;
    static const struct {
        const char *timing, *rule, *label;
    } rows[] = {
        {"", "{watch: milestone.live, levels: [1]}", "timed=milestone"},
        {"", "{watch: account.x, levels: [1], when: [\"milestone.live = 1\"]}", "timed=milestone"},
        {"",
            "{watch: account.x, levels: [1], when: [any: [\"account.y = 1\", \"milestone.live = "
            "1\"]]}",
            "timed=milestone"},
        {"", "{watch: account.x, levels: [1], milestones: [live]}", "timed=milestone"},
        {"timing: {milestones: [live]}\n", "{watch: account.x, levels: [1]}", "timed=milestone"},
        {"timing: {milestones: [live]}\n", "{watch: account.x, levels: [1], milestones: []}",
            "timed=calendar"},
        {"timing: {milestones: [live]}\n", "{watch: account.x, levels: [1], category: risk}",
            "timed=calendar"},
        {"", "{watch: account.x, levels: [1]}", "timed=calendar"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char config[512];
        snprintf(config, sizeof config, "%srules:\n  r: %s\n", rows[i].timing, rows[i].rule);
        struct stage *stage = stage_new(config, STORY_RELOADED);
        stage_play(stage, "2026-01-02T10:00Z a milestone.achieved {\"milestone\":\"live\"}");
        stage_play(stage, "2026-01-03T10:00Z a account.updated {\"x\":1}");
        assert_fired(stage, "rule=r", 1);
        if (row_of(stage, rows[i].label)[HR_FIRES_FIRED] != 1) {
            fail_msg("%s%s is not %s", rows[i].timing, rows[i].rule, rows[i].label);
        }
        stage_destroy(stage);
    }
}

/* Three rows hold, of which one takes points away; the fourth does not hold. */
static void rows_that_gave_points_are_counted(void **state)
{
    (void)state;
    struct stage *stage = stage_new("score:\n"
                                    "  - {points: 30, when: [\"account.x >= 1\"]}\n"
                                    "  - {points: 20, when: [\"account.nps >= 9\"]}\n"
                                    "  - {points: -40, when: [\"account.x < 5\"]}\n"
                                    "  - {points: 10, when: [\"account.nps < 9\"]}\n"
                                    "rules: {r: {watch: account.x, levels: [1]}}\n",
        STORY_PLAIN);
    stage_play(stage, "2026-01-02T10:00Z a feedback.nps {\"score\":9}");
    stage_play(stage, "2026-01-03T10:00Z a account.updated {\"x\":1}");
    assert_fired(stage, "rule=r", 1);
    assert_fired(stage, "positives=2", 1);
    stage_destroy(stage);
}

/* The rule's own comes before the route's. */
static void the_playbook_is_a_label(void **state)
{
    (void)state;
    struct stage *stage =
        stage_new("rules:\n"
                  "  own: {watch: account.x, levels: [1], playbook: in_app_prompt}\n"
                  "  routed: {watch: account.x, levels: [1]}\n"
                  "routes: [{audience: [csm, sales], playbook: capacity_planning}]\n",
            STORY_PLAIN);
    stage_play(stage, "2026-01-03T10:00Z a account.updated {\"x\":1}");
    assert_fired(stage, "playbook=in_app_prompt", 1);
    assert_fired(stage, "playbook=capacity_planning", 1);
    assert_fired(stage, "route=csm+sales", 2);
    stage_destroy(stage);
}

/* Where nobody names signals they are the NPS, at 7 and 9, and the health, at 50 and 80. A bound
 * belongs to the band above it; what is not known is in none. */
static void the_usual_bands_are_of_nps_and_health(void **state)
{
    (void)state;
    static const struct {
        const char *told, *band;
    } rows[] = {
        {"feedback.nps {\"score\":6}", "band:account.nps=<7"},
        {"feedback.nps {\"score\":7}", "band:account.nps=7..9"},
        {"feedback.nps {\"score\":9}", "band:account.nps=>=9"},
        {"health.updated {\"score\":49.9}", "band:account.health=<50"},
        {"health.updated {\"score\":50}", "band:account.health=50..80"},
        {"health.updated {\"score\":80}", "band:account.health=>=80"},
    };
    static const size_t count = sizeof rows / sizeof *rows;
    struct stage *stage = stage_new("rules: {r: {watch: account.x, levels: [1]}}\n", STORY_PLAIN);
    for (size_t i = 0; i < count; i++) {
        char line[128];
        snprintf(line, sizeof line, "2026-01-02T10:0%dZ a%d %s", (int)i, (int)i, rows[i].told);
        stage_play(stage, line);
        snprintf(
            line, sizeof line, "2026-01-03T10:0%dZ a%d account.updated {\"x\":1}", (int)i, (int)i);
        stage_play(stage, line);
    }
    assert_fired(stage, "rule=r", (int64_t)count);
    for (size_t i = 0; i < count; i++) {
        assert_fired(stage, rows[i].band, 1);
    }
    stage_destroy(stage);
}

/* A trigger a minute from 10:01 on, and later the word that more is paid since half a minute behind
 * the first: that is the first one's, if it is still among the 32 that are kept. */
static void an_account_remembers_its_last_32_triggers(void **state)
{
    (void)state;
    for (int fires = 32; fires <= 33; fires++) {
        struct stage *stage =
            stage_new("rules: {r: {watch: account.x, levels: [1]}}\n", STORY_RELOADED);
        stage_play(
            stage, "2026-01-01T00:00Z a subscription.created {\"mrr\":40000,\"currency\":\"USD\"}");
        for (int n = 1; n <= fires; n++) {
            for (int x = 1; x >= 0; x--) {
                char line[128];
                snprintf(line, sizeof line, "2026-01-12T10:%02d:%02dZ a account.updated {\"x\":%d}",
                    n, x ? 0 : 20, x);
                stage_play(stage, line);
            }
        }
        stage_play(stage, "2026-01-13T00:00Z a subscription.updated at=2026-01-12T10:01:30Z "
                          "{\"mrr\":120000,\"currency\":\"USD\"}");
        assert_fired(stage, "rule=r", fires);
        assert_int_equal(row_of(stage, "rule=r")[HR_FIRES_CONVERTED], fires == 32);
        assert_int_equal(row_of(stage, "rule=r")[HR_FIRES_AMOUNT], fires == 32 ? 80000 : 0);
        stage_destroy(stage);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_milestone_times_what_asks_for_one),
        cmocka_unit_test(rows_that_gave_points_are_counted),
        cmocka_unit_test(the_playbook_is_a_label),
        cmocka_unit_test(the_usual_bands_are_of_nps_and_health),
        cmocka_unit_test(an_account_remembers_its_last_32_triggers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
