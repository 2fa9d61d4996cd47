/* SPDX-License-Identifier: Apache-2.0 */
/* A score as it is told: which rows gave which points and why the others gave none, worked by hand.
 * No rule here looks at days or at anything that the score is made from, so nothing keeps these up
 * to date but the telling itself. */
#include "stage.h"

#include "headroom/buffer.h"
#include "headroom/explain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static const char own[] =
    "meters:\n"
    "  contacts: {event: contacts, aggregate: latest, value: /n, limit: contacts}\n"
    "  calls: {event: calls, aggregate: count, limit: calls}\n"
    "segments:\n"
    "  - {name: large, when: [\"account.arr >= 100k USD\", \"meter.contacts.used > 50%\"]}\n"
    "score:\n"
    "  - {points: 30, when: [\"meter.*.used > 80%\"], name: capacity}\n"
    "  - {points: -5, when: [\"renewal.days_left < 60\", \"tenure.days >= 30\"]}\n"
    "  - {points: 20, when: [{any: [account.nps >= 9, \"account.grade = gold\"]}]}\n"
    "  - {points: 1, when: [\"meter.calls.24h >= 2\"]}\n"
    "  - {points: 4, when: [\"account.arr < 25k\"]}\n"
    "rules:\n"
    "  any: {watch: meter.contacts.period, levels: [1M]}\n";

#define PLAN                                                                                       \
    "2026-01-01T00:00Z a subscription.created {\"limits\":{\"contacts\":5000,\"calls\":0},"        \
    "\"started_at\":\"2026-01-01\",\"renewal_date\":\"2026-03-31\"}"

static const struct row {
    const char *lines[6];
    const char *told;
} rows[] = {
    /* 31 of March is 89 days after the 1st of January. */
    {{PLAN}, "0 not_ready, no segment\n"
             "0 meter.contacts.used 0% is not > 80%, meter.calls.used 0% is not > 80%\n"
             "0 renewal.days_left 89d is not < 60d\n"
             "0 account.nps is unknown, account.grade is unknown\n"
             "0 meter.calls.24h 0 is not >= 2\n"
             "0 account.arr is unknown\n"},
    /* 4,200 of 5,000. The 31st is the 30th day after the start and 59 days before the renewal, and
     * no timer was there to see the midnight. The call of the 29th has left the day. */
    {{PLAN, "2026-01-29T10:00Z a calls {}", "2026-01-31T09:00Z a calls {}",
         "2026-01-31T10:00Z a contacts {\"n\":4200}"},
        "25 low, no segment\n"
        "30 meter.contacts.used 84% > 80%\n"
        "-5 renewal.days_left 59d < 60d and tenure.days 30d >= 30d\n"
        "0 account.nps is unknown, account.grade is unknown\n"
        "0 meter.calls.24h 1 is not >= 2\n"
        "0 account.arr is unknown\n"},
    /* Some of a limit of 0 is beyond every level; the first that holds is the reason. */
    {{PLAN, "2026-01-02T08:00Z a calls {}", "2026-01-02T09:00Z a calls {}",
         "2026-01-02T10:00Z a account.updated {\"grade\":\"gold\",\"nps\":8,\"arr\":2499999,"
         "\"currency\":\"USD\",\"segment\":\"small\"}"},
        "55 medium, small\n"
        "30 meter.calls.used beyond a limit of 0 > 80%\n"
        "0 renewal.days_left 88d is not < 60d\n"
        "20 account.grade gold = gold\n"
        "1 meter.calls.24h 2 >= 2\n"
        "4 account.arr 24999.99 USD < 25000\n"},
    {{PLAN, "2026-01-02T08:00Z a contacts {\"n\":2501}",
         "2026-01-02T10:00Z a account.updated {\"nps\":9,\"arr\":10000000,\"currency\":\"USD\","
         "\"segment\":\"small\"}"},
        "20 not_ready, large\n"
        "0 meter.contacts.used 50.02% is not > 80%, meter.calls.used 0% is not > 80%\n"
        "0 renewal.days_left 88d is not < 60d\n"
        "20 account.nps 9 >= 9\n"
        "0 meter.calls.24h 0 is not >= 2\n"
        "0 account.arr 100000 USD is not < 25000\n"},
};

static void put_told(struct stage *stage, struct hr_buffer *out)
{
    struct hr_explanation now;
    struct hr_arena arena;
    hr_arena_init(&arena);
    stage_want(stage, "a");
    assert_true(hr_home_explain(stage_home(stage), HR_STR("a"), &arena, &now));
    struct hr_str segment = now.segment.len > 0 ? now.segment : HR_STR("no segment");
    hr_put_printf(out, "%lld %.*s, %.*s\n", (long long)now.score.total, (int)now.score.tier.len,
        now.score.tier.at, (int)segment.len, segment.at);
    for (uint16_t i = 0; i < now.score.part_count; i++) {
        const struct hr_score_part *part = &now.score.parts[i];
        hr_put_printf(out, "%d %.*s\n", part->given ? (int)part->row->points : 0,
            (int)part->because.len, part->because.at);
    }
    hr_put_u8(out, '\0');
    hr_arena_clean_up(&arena);
}

static void every_row_says_why(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (enum story_mode mode = STORY_PLAIN; mode < STORY_MODES; mode++) {
            struct stage *stage = stage_new(own, mode);
            struct hr_buffer told = {0};
            for (size_t l = 0; l < 6 && rows[i].lines[l]; l++) {
                stage_play(stage, rows[i].lines[l]);
            }
            put_told(stage, &told);
            assert_string_equal((const char *)told.at, rows[i].told);
            hr_buffer_clean_up(&told);
            stage_destroy(stage);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_says_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
