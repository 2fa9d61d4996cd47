/* SPDX-License-Identifier: Apache-2.0 */
/* Why a level did not fire: one small history a reason, also after everything was packed and loaded
 * again. Whoever asks changes nothing: each history is asked after every line, and tells the same
 * triggers as when nobody asks. */
#include "stage.h"

#include "headroom/books.h"
#include "headroom/explain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static const char config[] =
    "meters:\n"
    "  seats: {event: seats, aggregate: latest, value: /n, limit: seats}\n"
    "  calls: {event: calls, aggregate: sum, value: /n, windows: [24h]}\n"
    "rules:\n"
    "  full:    {watch: meter.seats.used, levels: [80%, 90%, 100%]}\n"
    "  slow:    {watch: meter.seats.used, levels: [50%], for: 6h}\n"
    "  tried:   {watch: meter.seats.used, levels: [90%], mode: shadow}\n"
    "  rare:    {watch: meter.calls.24h, levels: [10], cooldown: 7d}\n"
    "  settled: {watch: meter.calls.24h, levels: [5], when: [\"tenure.days >= 30\", "
    "{any: [\"account.arr >= 100k\", \"account.tier = gold\"]}]}\n"
    "  quiet:   {watch: meter.calls.24h, below: [0]}\n"
    "  renewal: {watch: renewal.days_left, below: [400d, 300d, 30d], late: never}\n";

#define PLAN                                                                                       \
    "2026-01-01T00:00Z a subscription.created {\"limits\":{\"seats\":100},"                        \
    "\"started_at\":\"2026-01-01\",\"renewal_date\":\"2027-01-01\"}"

static const char timed[] =
    "sources: [{topic: web, format: cloudevents, silent_after: 2h}]\n"
    "brake: {accounts: 1, within: 1h}\n"
    "meters:\n"
    "  seats: {event: seats, aggregate: latest, value: /n, limit: seats}\n"
    "  calls: {event: calls, aggregate: sum, value: /n, windows: [24h]}\n"
    "timing: {min_tenure: 10d, milestones: [live], quiet_after_dismissal: 20d, budget: {account: 1 "
    "per 30d}}\n"
    "rules:\n"
    "  full: {watch: meter.seats.used, levels: [80%, 90%]}\n"
    "  more: {watch: meter.seats.used, levels: [70%]}\n"
    "  gone: {watch: meter.calls.24h, below: [0], category: risk}\n"
    "  slow: {watch: meter.calls.24h, levels: [1], for: 6h, category: risk}\n"
    "  fast: {watch: meter.calls.24h, levels: [3], category: risk}\n";

static const char
    later[] = /* the levels of `full` and `slow` are new, and `more` has another mode */
    "meters:\n"
    "  seats: {event: seats, aggregate: latest, value: /n, limit: seats}\n"
    "  calls: {event: calls, aggregate: sum, value: /n, windows: [24h]}\n"
    "rules:\n"
    "  full: {watch: meter.seats.used, levels: [75%, 80%, 90%, 100%]}\n"
    "  slow: {watch: meter.seats.used, levels: [60%], on_start: skip}\n"
    "  gone: {watch: meter.seats.used, levels: [50%]}\n";

static const char shadowed[] =
    "meters:\n"
    "  seats: {event: seats, aggregate: latest, value: /n, limit: seats}\n"
    "rules:\n"
    "  full: {watch: meter.seats.used, levels: [80%, 90%]}\n"
    "  gone: {watch: meter.seats.used, levels: [50%], mode: shadow}\n";

#define OLD_PLAN                                                                                   \
    "2026-01-01T00:00Z a subscription.created {\"limits\":{\"seats\":100},"                        \
    "\"started_at\":\"2025-01-01\"} from=web"
#define LIVE "2026-01-01T00:01Z a milestone.achieved {\"milestone\":\"live\"} from=web"

static const struct row {
    const char *lines[6];
    const char *rule, *level;
    const char *text; /* of hr_explain_why */
} rows[] = {
    {{PLAN}, "full", "80%", "not reached: 0%"},
    {{PLAN, "2026-01-02T00:00Z a seats {\"n\":79}"}, "full", "80%", "not reached: 79%"},
    {{PLAN, "2026-01-02T00:00Z a seats {\"n\":95}"}, "full", "90%", "fired"},
    {{PLAN, "2026-01-02T00:00Z a seats {\"n\":95}"}, "full", "80%",
        "claimed by a further level that fired"},
    {{PLAN, "2026-01-02T00:00Z a seats {\"n\":95}"}, "tried", "90%", "fired, in shadow"},
    {{"2026-01-02T00:00Z a seats {\"n\":95}"}, "full", "80%", "the signal is unknown"},
    {{PLAN,
         "2026-01-02T09:00Z a silence.set {\"scope\":\"rule:full\",\"by\":\"dana\",\"until\":"
         "\"2026-01-05\"}",
         "2026-01-02T10:00Z a seats {\"n\":80}"},
        "full", "80%", "silenced until 2026-01-05T00:00:00.000Z"},
    {{PLAN, "2026-01-02T10:00Z a seats {\"n\":60}"}, "slow", "50%",
        "waits for 6h until 2026-01-02T16:00:00.000Z"},
    /* Fired on the 2nd, over a day later, again beyond on the 4th: 7 days from the 2nd. */
    {{PLAN, "2026-01-02T10:00Z a calls {\"n\":10}", "2026-01-04T10:00Z a calls {\"n\":12}"}, "rare",
        "10", "cooldown until 2026-01-09T10:00:00.000Z"},
    {{PLAN, "2026-01-11T10:00Z a calls {\"n\":7}"}, "settled", "5",
        "when: tenure.days >= 30d does not hold, tenure.days is 10"},
    /* Sixty days after its start the first clause holds and the second does not. */
    {{PLAN, "2026-03-02T09:00Z a account.updated {\"tier\":\"tin\"}",
         "2026-03-02T10:00Z a calls {\"n\":7}"},
        "settled", "5",
        "when: account.arr >= 100000 or account.tier = gold does not hold, account.arr is unknown, "
        "account.tier is tin"},
    {{PLAN, "2026-01-02T10:00Z a seats {\"n\":1}"}, "quiet", "0",
        "not armed: never above the level in this period"},
    {{PLAN}, "renewal", "400d", "void: not shorter than the term"},
    {{"2026-11-01T00:00Z a subscription.created {\"started_at\":\"2026-01-01\","
      "\"renewal_date\":\"2027-01-01\"}"},
        "renewal", "300d", "claimed: passed already when first seen, late: never"},
    {{PLAN, "2026-01-03T00:00Z a subscription.cancelled {\"ends_at\":\"2026-01-03\"}"}, "full",
        "80%", "no subscription is active: not judged"},
    {{"2026-01-05T00:00Z live", PLAN, "2026-01-02T00:00Z a seats {\"n\":85}"}, "full", "80%",
        "before start.live_from: counted, not judged"},
    {{"2026-01-05T00:00Z live", PLAN, "2026-01-02T00:00Z a seats {\"n\":85}",
         "2026-01-06T00:00Z tick"},
        "full", "80%", "claimed: beyond already at start.live_from"},
};

static const struct row held_rows[] = {
    /* Ten days of tenure are over on the 11th. */
    {{PLAN " from=web", "2026-01-02T10:00Z a seats {\"n\":80} from=web"}, "full", "80%",
        "timing.min_tenure until 2026-01-11T00:00:00.000Z"},
    {{OLD_PLAN, "2026-01-02T10:00Z a seats {\"n\":80} from=web"}, "full", "80%",
        "milestone live is not achieved"},
    /* Twenty days from the dismissal. */
    {{OLD_PLAN, LIVE, "2026-01-02T09:00Z a prompt.dismissed {\"rule\":\"full\"} from=web",
         "2026-01-02T10:00Z a seats {\"n\":80} from=web"},
        "full", "80%", "quiet after a dismissal or a decline until 2026-01-22T09:00:00.000Z"},
    /* The further level took the one fire of thirty days. */
    {{OLD_PLAN, LIVE, "2026-01-02T10:00Z a seats {\"n\":70} from=web",
         "2026-01-02T11:00Z a seats {\"n\":80} from=web"},
        "full", "80%", "timing.budget.account is used up until 2026-02-01T10:00:00.000Z"},
    /* The last call leaves the window when its source has been silent for a day. */
    {{OLD_PLAN, "2026-01-02T10:00Z a calls {\"n\":5} from=web", "2026-01-03T11:30Z tick"}, "gone",
        "0", "held while nothing comes from the source of what it watches"},
    {{OLD_PLAN, "2026-01-02T10:00Z a calls {\"n\":5} from=web", "2026-01-02T17:00Z tick"}, "slow",
        "1", "waits for 6h, and nothing comes from its source"},
    {{"2026-01-02T10:00Z wall", OLD_PLAN, "2026-01-02T10:00Z b calls {\"n\":5} from=web",
         "2026-01-02T10:01Z a calls {\"n\":5} from=web"},
        "fast", "3", "held by the brake until it is released or discarded"},
    {{"2026-01-02T10:00Z wall", OLD_PLAN, "2026-01-02T10:00Z b calls {\"n\":5} from=web",
         "2026-01-02T10:01Z a calls {\"n\":5} from=web", "2026-01-02T10:02Z discard fast"},
        "fast", "3", "claimed: the brake held it, and it was discarded"},
};

static const struct row claimed_rows[] = {
    {{OLD_PLAN, "2026-01-02T10:00Z a seats {\"n\":65}", "2026-01-02T11:00Z rules",
         "2026-01-02T12:00Z a account.updated {}"},
        "slow", "60%", "claimed: beyond already when it was new, on_start: skip"},
    {{OLD_PLAN, "2026-01-02T10:00Z a seats {\"n\":80}", "2026-01-02T11:00Z rules",
         "2026-01-02T12:00Z a account.updated {}"},
        "full", "75%", "claimed: new, under a level that is open"},
    {{OLD_PLAN, "2026-01-02T10:00Z a seats {\"n\":60}", "2026-01-02T11:00Z rules",
         "2026-01-02T12:00Z a account.updated {}"},
        "gone", "50%", "claimed: it fired before the rule's mode changed"},
};

static struct hr_str reason(struct stage *stage, const struct row *row, struct hr_arena *arena)
{
    struct hr_explanation explanation;
    stage_want(stage, "a");
    if (!hr_home_explain(stage_home(stage), HR_STR("a"), arena, &explanation)) {
        return HR_STR("");
    }
    for (size_t i = 0; i < explanation.level_count; i++) {
        const struct hr_level_now *level = &explanation.levels[i];
        if (hr_str_is(level->rule->name, row->rule) && hr_str_is(level->text, row->level)) {
            return hr_explain_why(arena, level);
        }
    }
    return HR_STR("no such level");
}

/* Under a configuration, and from a line "TIME rules" on under another. */
static void ask(const struct row *row, enum story_mode mode, const char *under, const char *rules)
{
    struct stage *asked = stage_new(under, mode), *left_alone = stage_new(under, mode);
    struct hr_arena arena;
    struct hr_str last = HR_STR("");
    hr_arena_init(&arena);
    for (size_t i = 0; i < sizeof(row->lines) / sizeof(row->lines[0]) && row->lines[i]; i++) {
        if (strstr(row->lines[i], " rules")) {
            stage_rules(asked, row->lines[i], rules);
            stage_rules(left_alone, row->lines[i], rules);
        } else {
            stage_play(asked, row->lines[i]);
            stage_play(left_alone, row->lines[i]);
        }
        last = reason(asked, row, &arena);
    }
    if (!hr_str_is(last, row->text)) {
        fail_msg(
            "%s %s: %.*s\n%s", row->rule, row->level, (int)last.len, last.at, stage_told(asked));
    }
    assert_string_equal(stage_told(asked), stage_told(left_alone));
    hr_arena_clean_up(&arena);
    stage_destroy(asked);
    stage_destroy(left_alone);
}

static void every_reason_is_told(void **state)
{
    (void)state;
    for (enum story_mode mode = STORY_PLAIN; mode < STORY_MODES; mode++) {
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
            ask(&rows[i], mode, config, NULL);
        }
        for (size_t i = 0; i < sizeof(held_rows) / sizeof(held_rows[0]); i++) {
            ask(&held_rows[i], mode, timed, NULL);
        }
        for (size_t i = 0; i < sizeof(claimed_rows) / sizeof(claimed_rows[0]); i++) {
            ask(&claimed_rows[i], mode, shadowed, later);
        }
    }
}

static const char advising[] =
    "meters:\n"
    "  seats: {event: seats, aggregate: latest, value: /n, limit: seats}\n"
    "products: {suite: {}}\n"
    "plans:\n"
    "  small: {limits: {seats: 10}, mrr: 50 EUR, next: large}\n"
    "  large: {limits: {seats: 20}, mrr: 40 EUR, products: [suite]}\n"
    "rules:\n"
    "  full:  {watch: meter.seats.used, levels: [80%, 100%], for: 6h}\n"
    "  happy: {watch: account.nps, levels: [9], offer: {product: suite, mrr: 5 USD}}\n"
    "routes: [{audience: [sales, csm], owner: desk, playbook: in_app_prompt}]\n";

/* Of what fired and of what waits, as things stand; of what is not there nothing. */
static void what_is_advised_is_told(void **state)
{
    (void)state;
    static const char *const told[][2] = {
        {"large, -10.00 EUR a month", "sales, csm; owner desk; playbook in_app_prompt"},
        {NULL, NULL},
        {"large, -10.00 EUR a month; offer of suite, 5.00 USD a month",
            "sales, csm; owner desk; playbook in_app_prompt"},
    };
    struct stage *stage = stage_new(advising, STORY_PLAIN);
    struct hr_explanation explanation;
    struct hr_arena arena;
    hr_arena_init(&arena);
    stage_play(stage, "2026-01-01T00:00Z a subscription.created {\"plan\":\"small\"}");
    stage_play(stage, "2026-01-01T01:00Z a seats {\"n\":8}");
    stage_play(stage, "2026-01-01T02:00Z a feedback.nps {\"score\":9}");
    assert_true(hr_home_explain(stage_home(stage), HR_STR("a"), &arena, &explanation));
    assert_int_equal(explanation.level_count, 3);
    for (size_t i = 0; i < 3; i++) {
        const struct hr_advice *advice = explanation.levels[i].advice;
        assert_int_equal(advice != NULL, told[i][0] != NULL);
        if (advice) {
            assert_true(hr_str_is(hr_explain_recommend(&arena, advice), told[i][0]));
            assert_true(hr_str_is(hr_explain_route(&arena, advice), told[i][1]));
        }
    }
    hr_arena_clean_up(&arena);
    stage_destroy(stage);
}

/* What claimed a level has a name for machines; what an older version stored without one has none.
 */
static void what_claimed_a_level_has_a_name(void **state)
{
    (void)state;
    struct stage *stage = stage_new(config, STORY_RELOADED);
    struct hr_explanation explanation;
    struct hr_arena arena;
    size_t claimed = 0;
    hr_arena_init(&arena);
    stage_play(stage, PLAN);
    stage_play(stage, "2026-01-02T00:00Z a seats {\"n\":95}");
    stage_want(stage, "a");
    assert_true(hr_home_explain(stage_home(stage), HR_STR("a"), &arena, &explanation));
    for (size_t i = 0; i < explanation.level_count; i++) {
        const struct hr_level_now *level = &explanation.levels[i];
        if (level->why == HR_WHY_CLAIMED && hr_str_is(level->rule->name, "full")) {
            assert_string_equal(hr_claim_name(level->claim), "jump");
            claimed++;
        }
    }
    assert_int_equal(claimed, 1); /* 80%, by 90% */
    assert_string_equal(hr_claim_name((enum hr_claim)0), "unknown");
    hr_arena_clean_up(&arena);
    stage_destroy(stage);
}

/* Of accounts that are held out the level is open, and it says that nobody was told: for as many as
 * the books have. */
static void who_was_held_out_is_told_apart(void **state)
{
    (void)state;
    static const char held_out[] =
        "meters:\n"
        "  seats: {event: seats, aggregate: latest, value: /n, limit: seats}\n"
        "outcomes: {hold_out: 50%}\n"
        "rules: {full: {watch: meter.seats.used, levels: [80%]}}\n";
    struct stage *stage = stage_new(held_out, STORY_RELOADED);
    struct hr_arena arena;
    int64_t fired = 0, apart = 0;
    hr_arena_init(&arena);
    for (int i = 0; i < 40; i++) {
        struct hr_explanation explanation;
        char line[128], name[16];
        snprintf(name, sizeof name, "a%d", i);
        snprintf(line, sizeof line,
            "2026-01-01T00:00Z %s subscription.created {\"limits\":{\"seats\":100}}", name);
        stage_play(stage, line);
        snprintf(line, sizeof line, "2026-01-02T00:00Z %s seats {\"n\":80}", name);
        stage_play(stage, line);
        stage_want(stage, name);
        assert_true(hr_home_explain(stage_home(stage), hr_str(name), &arena, &explanation));
        struct hr_str why = hr_explain_why(&arena, &explanation.levels[0]);
        fired += hr_str_is(why, "fired");
        apart += hr_str_is(why, "held out: nobody was told");
    }
    const int64_t *is = hr_books_find(
        hr_home_books(stage_home(stage)), HR_BOOK_FIRES, 2026 * 12, HR_STR("rule=full"));
    assert_in_range(apart, 10, 30);
    assert_int_equal(fired, is[HR_FIRES_FIRED]);
    assert_int_equal(apart, is[HR_FIRES_HELD_OUT]);
    hr_arena_clean_up(&arena);
    stage_destroy(stage);
}

static void nobody_is_explained_by_nothing(void **state)
{
    (void)state;
    struct stage *stage = stage_new(config, STORY_PLAIN);
    struct hr_arena arena;
    struct hr_explanation explanation;
    hr_arena_init(&arena);
    assert_false(hr_home_explain(stage_home(stage), HR_STR("a"), &arena, &explanation));
    assert_int_equal(hr_home_next(stage_home(stage), HR_STR("a")).us, HR_TIME_NEVER.us);
    hr_arena_clean_up(&arena);
    stage_destroy(stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_reason_is_told),
        cmocka_unit_test(what_is_advised_is_told),
        cmocka_unit_test(what_claimed_a_level_has_a_name),
        cmocka_unit_test(who_was_held_out_is_told_apart),
        cmocka_unit_test(nobody_is_explained_by_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
