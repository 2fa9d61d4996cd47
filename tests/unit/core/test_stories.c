/* SPDX-License-Identifier: Apache-2.0 */
/* Tells every story three ways (story.h). */
#include "story.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static const char *const files[] = {
    "tests/unit/core/stories/levels.story",
    "tests/unit/core/stories/shrink.story",
    "tests/unit/core/stories/time.story",
    "tests/unit/core/stories/periods.story",
    "tests/unit/core/stories/renewal.story",
    "tests/unit/core/stories/life.story",
    "tests/unit/core/stories/ids.story",
    "tests/unit/core/stories/facts.story",
    "tests/unit/core/stories/strays.story",
    "tests/unit/core/stories/corners.story",
    "tests/unit/core/stories/corrections.story",
    "tests/unit/core/stories/silences.story",
    "tests/unit/core/stories/features.story",
    "tests/unit/core/stories/groups.story",
    "tests/unit/core/stories/worth.story",
    "tests/unit/core/stories/meters.story",
    "tests/unit/core/stories/signals.story",
    "tests/unit/core/stories/overrides.story",
    "tests/unit/core/stories/forecast.story",
    "tests/unit/core/stories/trail.story",
    "tests/unit/core/stories/limits.story",
    "tests/unit/core/stories/score.story",
    "tests/unit/core/stories/products.story",
    "tests/unit/core/stories/recommend.story",
    "tests/unit/core/stories/routes.story",
    "tests/unit/core/stories/brake.story",
    "tests/unit/core/stories/sources.story",
};

struct telling {
    const char *file;
    enum story_mode mode;
};

static void told(void **state)
{
    const struct telling *telling = *state;
    story_tell(telling->file, telling->mode);
}

int main(void)
{
    enum { COUNT = sizeof files / sizeof *files * STORY_MODES };
    static struct telling tellings[COUNT];
    static char names[COUNT][128];
    static struct CMUnitTest tests[COUNT];
    static const char *const modes[] = {"plain", "reloaded", "ticked"};
    for (size_t i = 0; i < COUNT; i++) {
        tellings[i] = (struct telling){files[i / STORY_MODES], (enum story_mode)(i % STORY_MODES)};
        snprintf(names[i], sizeof names[i], "%s, %s", tellings[i].file, modes[i % STORY_MODES]);
        tests[i] = (struct CMUnitTest){names[i], told, NULL, NULL, &tellings[i]};
    }
    return _cmocka_run_group_tests("stories", tests, COUNT, NULL, NULL);
}
