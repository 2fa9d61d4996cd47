/* SPDX-License-Identifier: Apache-2.0 */
/* Sources that fall silent again and again: of more silences than are kept the newest count. */
#include "stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static const char config[] = "sources:\n"
                             "  - {topic: web, format: cloudevents, silent_after: 2h}\n"
                             "  - {topic: app, format: cloudevents, silent_after: 2h}\n"
                             "features: {dash: {event: dash}, board: {event: board}}\n"
                             "products: {suite: {features: [dash, board]}}\n"
                             "rules:\n"
                             "  unused: {watch: adoption.suite, below: [0%], category: risk}\n";

static void tell(struct stage *stage, int hour, const char *what)
{
    char line[128];
    snprintf(line, sizeof line, "2026-%s-%02dT%02d:00Z %s", hour < 48 ? "10" : "11",
        hour < 48 ? 30 + hour / 24 : hour / 24 - 1, hour % 24, what);
    stage_play(stage, line);
}

/* Of eight hours the web is not heard at 2, 3 and 4, the app not at 5, 6 and 7: twelve silences of
 * each within four days, none of which touches another. The last use of the account, on 5 October,
 * leaves the thirty days as 4 November begins. The web, not heard since 21:00, is silent from 23:00
 * on: nobody may say that nothing is used before it is heard, at 02:00. */
static void the_newest_silences_are_kept(void **state)
{
    (void)state;
    struct stage *stage = stage_new(config, STORY_PLAIN);
    stage_play(stage, "2026-10-05T09:00Z acme dash {} from=web");
    for (int hour = 0; hour <= 120; hour++) {
        bool gaps = hour < 96;
        if (gaps ? hour % 8 < 2 || hour % 8 > 4 : hour <= 96 + 21) {
            tell(stage, hour, "other dash {} from=web");
        }
        if (!gaps || hour % 8 < 5) {
            tell(stage, hour, "other board {} from=app");
        }
    }
    stage_play(stage, "2026-11-04T01:00Z other board {} from=app");
    stage_play(stage, "2026-11-04T01:30Z tick");
    assert_null(strstr(stage_told(stage), "fired"));
    stage_play(stage, "2026-11-04T02:00Z other dash {} from=web");
    stage_play(stage, "2026-11-04T02:00Z tick");
    assert_non_null(strstr(stage_told(stage), "fired unused/acme/0pct/"));
    stage_destroy(stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_newest_silences_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
