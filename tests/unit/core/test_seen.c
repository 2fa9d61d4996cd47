/* SPDX-License-Identifier: Apache-2.0 */
/* Ids seen: how many are remembered, for how long, and the same after they were stored. */
#include "stage.h"

#include "headroom/buffer.h"
#include "headroom/hash.h"

#include "core/seen.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static const char config[] = "meters:\n"
                             "  calls: {event: calls, aggregate: sum, value: /n, limit: calls}\n";

/* The ring has room for 1,024 ids; a correction is known after 2,000 others, until its period is no
 * longer kept: it ends on 2 December and lateness is two days. */
static void ids_of_corrections_outlast_the_ring(void **state)
{
    (void)state;
    static const char repeat[] = "acme usage.corrected {\"meter\":\"calls\",\"add\":7} id=c "
                                 "at=2026-11-05T12:00Z";
    struct stage *stage = stage_new(config, STORY_PLAIN);
    char line[200];
    stage_play(stage, "2026-11-02T10:00Z acme subscription.created {}");
    for (int i = 0; i < 5; i++) {
        snprintf(line, sizeof line,
            "2026-11-05T11:0%dZ acme usage.corrected {\"meter\":\"calls\",\"add\":1} id=d%d", i, i);
        stage_play(stage, line);
    }
    snprintf(line, sizeof line, "2026-11-05T12:00Z %s", repeat);
    stage_play(stage, line);
    for (int i = 0; i < 2000; i++) {
        snprintf(line, sizeof line, "2026-11-05T13:%02d:%02dZ other%d calls {\"n\":1}", i / 60,
            i % 60, i % 3);
        stage_play(stage, line);
    }
    stage_play(stage, "2026-11-05T14:00Z other0 calls {\"n\":1} id=2 at=2026-11-05T13:00Z");
    assert_null(strstr(stage_told(stage), "duplicate")); /* that one was forgotten */
    stage_play(stage,
        "2026-12-04T09:59Z acme usage.corrected {\"meter\":\"calls\",\"add\":2} id=d4 "
        "at=2026-11-05T11:04Z");
    assert_non_null(strstr(stage_told(stage), "dead id_conflict"));
    snprintf(line, sizeof line, "2026-12-04T10:00Z %s", repeat);
    stage_play(stage, line);
    const char *known = strstr(stage_told(stage), "duplicate");
    assert_non_null(known);
    snprintf(line, sizeof line, "2026-12-04T10:00:01Z %s", repeat);
    stage_play(stage, line);
    assert_non_null(strstr(known, "dead too_late"));
    stage_destroy(stage);
}

static uint64_t id_of(uint64_t i)
{
    return hr_hash64((struct hr_str){(const char *)&i, sizeof i}, 7);
}

static void ring_remembers_its_length(void **state)
{
    (void)state;
    struct hr_pool *pool = hr_pool_new();
    struct hr_seen seen, loaded;
    struct hr_buffer bytes = {0};
    hr_seen_init(&seen, 1024, pool);
    hr_seen_init(&loaded, 1024, pool);
    for (uint64_t i = 0; i < 5000; i++) {
        assert_int_equal(hr_seen_ask(&seen, id_of(i), 0), HR_SEEN_NEW);
        hr_seen_file(&seen, id_of(i), i << 24, (struct hr_time){(int64_t)i * HR_MINUTE});
    }
    /* 4 blocks of 256: the open one has 5000 − 19 × 256 = 136, the three before it are full. */
    assert_int_equal(seen.used, 3 * 256 + 136);
    for (uint64_t i = 0; i < 5000; i++) {
        bool kept = i >= 5000 - (3 * 256 + 136);
        assert_int_equal(hr_seen_ask(&seen, id_of(i), i << 24), kept ? HR_SEEN_SAME : HR_SEEN_NEW);
        if (kept) {
            assert_int_equal(hr_seen_ask(&seen, id_of(i), (i + 1) << 24), HR_SEEN_OTHER_BODY);
        }
    }
    /* The oldest known was filed at minute 4096, which is in hour 68. */
    assert_int_equal(hr_seen_since(&seen).us, 68 * HR_HOUR);
    for (uint32_t block = 4; block > 0; block--) {
        hr_seen_pack(&seen, block - 1, &bytes);
        assert_true(hr_seen_unpack(&loaded, block - 1, hr_buffer_str(&bytes)));
    }
    for (uint64_t i = 4096; i < 5000; i++) {
        assert_int_equal(hr_seen_ask(&loaded, id_of(i), i << 24), HR_SEEN_SAME);
    }
    hr_seen_file(&loaded, id_of(5000), 0, (struct hr_time){0});
    assert_int_equal(loaded.used, seen.used + 1); /* it goes on in the open block */
    bytes.at[20] ^= 1;
    hr_seen_clean_up(&loaded);
    hr_seen_init(&loaded, 1024, pool);
    assert_false(hr_seen_unpack(&loaded, 0, hr_buffer_str(&bytes)));
    hr_buffer_clean_up(&bytes);
    hr_seen_clean_up(&seen);
    hr_seen_clean_up(&loaded);
    hr_pool_destroy(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_of_corrections_outlast_the_ring),
        cmocka_unit_test(ring_remembers_its_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
