/* SPDX-License-Identifier: Apache-2.0 */
/* What a batch writes of a brake whose rule left and came back within it. A store may delete behind
 * what it sets, so the key must not stand in the batch as both. */
#include "stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HAPPY                                                                                      \
    "brake: {accounts: 1, within: 10m}\n"                                                          \
    "rules: {happy: {watch: account.stars, levels: [4]}}\n"
#define NONE "brake: {accounts: 1, within: 10m}\n"

static void a_brake_that_comes_back_is_written_and_not_deleted(void **state)
{
    (void)state;
    struct stage *stage = stage_new(HAPPY, STORY_PLAIN);
    stage_play(stage, "2026-11-02T10:00Z wall");
    stage_play(stage, "2026-11-02T10:00Z a account.updated {\"stars\":4}");
    char key[32];
    snprintf(key, sizeof key, "b:%016llx",
        (unsigned long long)hr_home_rules(stage_home(stage))->rules[0].key);
    assert_true(stage_stored_bytes(stage, key) > 0);
    stage_rules(stage, "2026-11-02T10:01Z rules none", NONE);
    stage_rules(stage, "2026-11-02T10:01Z rules happy", HAPPY);
    stage_play(stage, "2026-11-02T10:02Z b account.updated {\"stars\":4}");
    assert_true(stage_stored_bytes(stage, key) > 0);
    stage_rules(stage, "2026-11-02T10:03Z rules none", NONE);
    stage_rules(stage, "2026-11-02T10:03Z rules happy", HAPPY);
    stage_rules(stage, "2026-11-02T10:03Z rules none", NONE);
    stage_rules(stage, "2026-11-02T10:03Z rules happy", HAPPY);
    assert_int_equal(stage_stored_bytes(stage, key), 0); /* nothing fired since */
    stage_destroy(stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_brake_that_comes_back_is_written_and_not_deleted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
