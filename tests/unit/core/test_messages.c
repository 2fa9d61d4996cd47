/* SPDX-License-Identifier: Apache-2.0 */
/* What homes send each other, as the one that receives it takes it: a move that comes late follows
 * the names, and what cannot be read changes nothing. */
#include "stage.h"

#include "headroom/hash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static const char config[] =
    "meters:\n"
    "  calls: {event: calls, aggregate: sum, value: /n, limit: calls}\n"
    "  parts: {event: parts, aggregate: sum, value: /n, by: /p, groups: 2}\n"
    "rules:\n"
    "  busy:  {watch: meter.calls.period, levels: [10]}\n"
    "  happy: {watch: account.stars, levels: [4]}\n";

static enum hr_verdict receive(
    struct stage *stage, const struct hr_message *message, struct hr_outbox *outbox)
{
    struct hr_str name = hr_message_name(message);
    char text[64];
    snprintf(text, sizeof text, "%.*s", (int)name.len, name.at);
    stage_want(stage, text);
    return hr_home_receive(stage_home(stage), message, outbox);
}

/* What was counted under key-1 moves to acme; but acme has become a name of beta's meanwhile. It
 * goes on to beta, by at most four names. */
static void a_move_follows_the_names(void **state)
{
    (void)state;
    struct stage *stage = stage_new(config, STORY_TICKED);
    struct hr_arena arena;
    struct hr_outbox outbox;
    hr_arena_init(&arena);
    hr_outbox_init(&outbox, &arena);
    stage_play(stage, "2026-11-02T10:00Z key-1 calls {\"n\":9}");
    stage_play(stage, "2026-11-02T10:01Z key-1 parts {\"n\":2,\"p\":\"eu\"}");
    stage_play(stage, "2026-11-02T10:02Z beta account.updated {\"aliases\":[\"acme\"]}");
    const struct hr_time now = stage_clock(stage);
    const struct hr_message claim = {.kind = HR_MESSAGE_CLAIM,
        .name = HR_STR("key-1"),
        .account = HR_STR("acme"),
        .time = now,
        .arrival = now,
        .clock = now};
    assert_int_equal(receive(stage, &claim, &outbox), HR_COUNTED);
    assert_int_equal(outbox.message_count, 2); /* the account, and the group that it names */
    for (size_t i = 0; i < 2; i++) {
        struct hr_message move = outbox.messages[i];
        assert_int_equal(move.kind, HR_MESSAGE_MOVE);
        move.hops = 4;
        assert_int_equal(receive(stage, &move, &outbox), HR_DEAD);
        assert_int_equal(outbox.reason, HR_FORWARD_LOOP);
        assert_true(outbox.detail[0]);
        move.hops = 3;
        assert_int_equal(receive(stage, &move, &outbox), HR_FORWARDED);
        assert_int_equal(outbox.message_count, 3 + i);
        const struct hr_message *next = &outbox.messages[2 + i];
        assert_true(hr_str_is(next->account, "beta"));
        assert_int_equal(next->hops, 4);
        assert_int_equal(receive(stage, next, &outbox), HR_COUNTED);
    }
    stage_play(stage, "2026-11-02T10:03Z beta calls {\"n\":1}");
    assert_int_equal(stage_count(stage, "fired busy/beta/10/2026-11-01#1 usage 10"), 1);
    hr_arena_clean_up(&arena);
    stage_destroy(stage);
}

/* The rules changed while it was on its way, and nobody counts by that any more. */
static void a_group_that_is_counted_no_more_is_left(void **state)
{
    (void)state;
    struct stage *from = stage_new(config, STORY_TICKED);
    struct stage *stage = stage_new("meters: {parts: {event: parts, aggregate: sum, value: /n}}\n"
                                    "rules: {all: {watch: meter.parts.period, levels: [2]}}\n",
        STORY_TICKED);
    struct hr_arena arena;
    struct hr_outbox outbox;
    char group[64];
    hr_arena_init(&arena);
    hr_outbox_init(&outbox, &arena);
    stage_play(from, "2026-11-02T10:01Z key-1 parts {\"n\":2,\"p\":\"eu\"}");
    stage_play(stage, "2026-11-02T10:01Z acme parts {\"n\":1}");
    snprintf(group, sizeof group, "g:%08x:00000001:key-1", (unsigned)hr_hash64(HR_STR("parts"), 0));
    const struct hr_message move = {.kind = HR_MESSAGE_MOVE,
        .name = HR_STR("key-1"),
        .account = HR_STR("acme"),
        .payload = stage_stored(from, group),
        .time = stage_clock(stage),
        .arrival = stage_clock(stage),
        .clock = stage_clock(stage)};
    assert_int_equal(receive(stage, &move, &outbox), HR_COUNTED);
    assert_int_equal(outbox.trigger_count, 0);
    stage_play(stage, "2026-11-02T10:02Z acme parts {\"n\":1}");
    assert_int_equal(stage_count(stage, "fired all/acme/2/2026-11-01#1 usage 2"), 1);
    hr_arena_clean_up(&arena);
    stage_destroy(from);
    stage_destroy(stage);
}

/* Homes write these themselves; what is damaged on the way is a dead letter and changes nothing. */
static void a_move_that_cannot_be_read_is_dead(void **state)
{
    (void)state;
    struct stage *stage = stage_new(config, STORY_TICKED);
    struct hr_arena arena;
    struct hr_outbox outbox;
    hr_arena_init(&arena);
    hr_outbox_init(&outbox, &arena);
    stage_play(stage, "2026-11-02T10:00Z key-1 calls {\"n\":9}");
    stage_play(stage, "2026-11-02T10:01Z key-1 parts {\"n\":2,\"p\":\"eu\"}");
    struct hr_str frame = stage_stored(stage, "a:key-1");
    char group[64];
    snprintf(group, sizeof group, "g:%08x:00000001:key-1", (unsigned)hr_hash64(HR_STR("parts"), 0));
    struct hr_str part = stage_stored(stage, group);
    struct hr_message move = {.kind = HR_MESSAGE_MOVE,
        .name = HR_STR("key-1"),
        .account = HR_STR("acme"),
        .time = stage_clock(stage),
        .arrival = stage_clock(stage),
        .clock = stage_clock(stage)};
    struct hr_str payloads[6] = {HR_STR(""), HR_STR("garbage"), frame, frame, part, part};
    for (size_t i = 2; i < 6; i++) {
        /* A byte less at the end, or another kind of value, under a checksum that holds. */
        char *bytes = hr_arena_take(&arena, payloads[i].len);
        size_t len = payloads[i].len - (i % 2 == 0);
        memcpy(bytes, payloads[i].at, len);
        bytes[1] = (char)(i == 3 ? 'g' : i == 5 ? 'e' : bytes[1]);
        uint64_t sum = hr_hash64((struct hr_str){bytes + 11, len - 11}, 0);
        for (int b = 0; b < 8; b++) {
            bytes[3 + b] = (char)(sum >> (8 * b));
        }
        payloads[i] = (struct hr_str){bytes, len};
    }
    for (size_t i = 0; i < 6; i++) {
        move.payload = payloads[i];
        if (receive(stage, &move, &outbox) != HR_DEAD || outbox.reason != HR_BAD_EVENT) {
            fail_msg("payload %zu", i);
        }
        assert_true(outbox.detail[0]);
    }
    stage_play(stage, "2026-11-02T10:03Z acme calls {\"n\":1}");
    assert_int_equal(stage_count(stage, "fired busy/acme"), 0);
    hr_arena_clean_up(&arena);
    stage_destroy(stage);
}

/* Homes write these messages themselves: one that cannot be read silences nobody. */
static void a_silence_that_cannot_be_read_is_none(void **state)
{
    (void)state;
    struct stage *stage = stage_new(config, STORY_TICKED);
    struct hr_arena arena;
    struct hr_outbox outbox;
    hr_arena_init(&arena);
    hr_outbox_init(&outbox, &arena);
    stage_play(stage, "2026-11-02T10:00Z acme account.updated {\"owner\":\"lee\"}");
    const struct hr_message message = {.kind = HR_MESSAGE_SILENCE,
        .name = HR_STR("lee"),
        .payload = HR_STR("garbage"),
        .time = stage_clock(stage),
        .arrival = stage_clock(stage),
        .clock = stage_clock(stage)};
    assert_int_equal(hr_home_receive(stage_home(stage), &message, &outbox), HR_COUNTED);
    stage_play(stage, "2026-11-02T10:01Z acme account.updated {\"stars\":4}");
    assert_int_equal(stage_count(stage, "fired happy/acme/4"), 1);
    hr_arena_clean_up(&arena);
    stage_destroy(stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_move_follows_the_names),
        cmocka_unit_test(a_group_that_is_counted_no_more_is_left),
        cmocka_unit_test(a_move_that_cannot_be_read_is_dead),
        cmocka_unit_test(a_silence_that_cannot_be_read_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
