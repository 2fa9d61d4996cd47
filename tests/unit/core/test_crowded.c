/* SPDX-License-Identifier: Apache-2.0 */
/* An account that is full of counters. Only many changes of rules lead there, so this program is
 * compiled with room for four (HR_SLOTS_MOST): nothing is counted twice or lost from the whole, and
 * what has no place of its own is `other`. */
#include "stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define PARTS "  parts: {event: parts, aggregate: sum, value: /n, by: /p, groups: 10}\n"
#define RULES                                                                                      \
    "rules:\n"                                                                                     \
    "  all:  {watch: meter.parts.period, levels: [6]}\n"                                           \
    "  rest: {watch: \"meter.parts[other].period\", levels: [3]}\n"

static const char config[] = "meters:\n" PARTS RULES;
static const char longer[] = "meters:\n"
                             "  calls: {event: calls, aggregate: count}\n" PARTS RULES;

/* The whole, other, eu and us are four: asia is other. With a meter more there is no place for us,
 * which is other from then on; the whole has counted each. */
static void what_has_no_place_is_other(void **state)
{
    (void)state;
    for (enum story_mode mode = STORY_PLAIN; mode < STORY_MODES; mode++) {
        struct stage *stage = stage_new(config, mode);
        stage_play(stage, "2026-11-02T10:00Z acme parts {\"n\":1,\"p\":\"eu\"}");
        stage_play(stage, "2026-11-02T10:01Z acme parts {\"n\":1,\"p\":\"us\"}");
        stage_play(stage, "2026-11-02T10:02Z acme parts {\"n\":1,\"p\":\"asia\"}");
        stage_rules(stage, "2026-11-02T10:03Z rules longer", longer);
        stage_play(stage, "2026-11-02T10:04Z acme parts {\"n\":1,\"p\":\"eu\"}");
        stage_play(stage, "2026-11-02T10:05Z acme parts {\"n\":1,\"p\":\"us\"}");
        assert_null(strstr(stage_told(stage), "fired"));
        stage_play(stage, "2026-11-02T10:06Z acme parts {\"n\":1,\"p\":\"us\"}");
        assert_non_null(strstr(stage_told(stage), "fired rest/acme/3/2026-11-01#1 usage 3"));
        assert_non_null(strstr(stage_told(stage), "fired all/acme/6/2026-11-01#1 usage 6"));
        stage_destroy(stage);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_has_no_place_is_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
