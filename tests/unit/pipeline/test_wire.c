/* SPDX-License-Identifier: Apache-2.0 */
/* The protocol's own records come back as they went, and nothing else is taken for one: a byte
 * changed, cut off or added anywhere is noticed. */
#include "headroom/pipeline.h"
#include "pipeline/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void metadata_round_trip(void **state)
{
    (void)state;
    char text[HR_METADATA_TEXT];
    struct hr_batch_name name = {UINT64_MAX, 0x0123456789abcdef}, back;
    hr_metadata_print(name, text);
    assert_string_equal(text, "1 18446744073709551615 0123456789abcdef");
    assert_true(hr_metadata_parse(hr_str(text), &back));
    assert_true(hr_batch_name_equal(name, back));
}

static void metadata_of_others_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "1", "1 7", "1 7 ", "2 7 00000000000000ff",
        "1 -7 00000000000000ff", "1 18446744073709551616 00000000000000ff", "1  7 ff", "1 7 xyz",
        "1 7 FF", "1 7 ff 9", "{\"version\":1}"};
    struct hr_batch_name name;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (hr_metadata_parse(hr_str(bad[i]), &name))
            fail_msg("taken: \"%s\"", bad[i]);
}

static const struct hr_marker MARKER = {
    .batch = {42, 0xfedcba9876543210},
    .changelog_offset = -1,
    .time = {-5},
    .fresh = {1795336443120000},
    .epoch = 3,
    .rules_since = {1795336443000000},
    .views_through = 41,
    .write = 7,
};

static void marker_round_trip(void **state)
{
    (void)state;
    char text[HR_MARKER_TEXT];
    struct hr_marker back;
    size_t len = hr_marker_print(&MARKER, text);
    assert_int_equal(strlen(text), len);
    assert_true(hr_marker_parse((struct hr_str){text, len}, &back));
    assert_true(hr_batch_name_equal(back.batch, MARKER.batch));
    assert_int_equal(back.changelog_offset, -1);
    assert_int_equal(back.time.us, -5);
    assert_int_equal(back.fresh.us, MARKER.fresh.us);
    assert_int_equal(back.epoch, 3);
    assert_int_equal(back.rules_since.us, MARKER.rules_since.us);
    assert_int_equal(back.views_through, 41);
    assert_int_equal(back.write, 7);
}

static void a_marker_of_the_version_before_is_read(void **state)
{
    (void)state;
    struct hr_marker back = MARKER;
    assert_true(
        hr_marker_parse(HR_STR("1 31 3886e0f0add1bb3d 199 1774571065952507 1774571065971017 "
                               "2 31 7f3cc544db6b2a8d 51c98083e2637111"),
            &back));
    assert_int_equal(back.batch.sequence, 31);
    assert_int_equal(back.epoch, 2);
    assert_int_equal(back.rules_since.us, 0);
}

static void marker_damage_is_seen(void **state)
{
    (void)state;
    char text[HR_MARKER_TEXT];
    struct hr_marker back;
    size_t len = hr_marker_print(&MARKER, text);
    for (size_t i = 0; i < len; i++) {
        assert_false(hr_marker_parse((struct hr_str){text, i}, &back));
        char was = text[i];
        text[i] = was == '1' ? '2' : '1';
        assert_false(hr_marker_parse((struct hr_str){text, len}, &back));
        text[i] = was;
    }
}

static void header_round_trip_and_damage(void **state)
{
    (void)state;
    struct hr_position positions[] = {
        {.of = {HR_STR("usage"), 3}, .offset = 1234567890123},
        {.of = {HR_STR("headroom-internal"), 3}, .offset = 0},
    };
    struct hr_clock_report reports[] = {
        {{HR_STR("clicks"), 47}, HR_CLOCK_BEHIND, {1000}, {2000}},
        {{HR_STR("clicks"), 46}, HR_CLOCK_OUT, HR_TIME_NONE, {2000}},
    };
    struct hr_batch_header header = {.batch = {9, 8},
        .previous = 8,
        .time = {77},
        .wall = {78},
        .epoch = 2,
        .rules_since = {76},
        .positions = positions,
        .position_count = 2,
        .reports = reports,
        .report_count = 2,
        .log_since = 300,
        .partial = true};
    struct hr_buffer buffer = {0};
    hr_put_str(&buffer, HR_STR("what stands before it in the buffer is not sealed"));
    size_t start = buffer.len;
    hr_batch_header_put(&header, &buffer);
    struct hr_arena arena;
    hr_arena_init(&arena);
    struct hr_batch_header back;
    struct hr_error error;
    struct hr_str bytes = {(char *)buffer.at + start, buffer.len - start};
    assert_int_equal(hr_batch_header_get(bytes, &arena, &back, &error), HR_OK);
    assert_true(hr_batch_name_equal(back.batch, header.batch));
    assert_int_equal(back.previous, 8);
    assert_int_equal(back.time.us, 77);
    assert_int_equal(back.rules_since.us, 76);
    assert_int_equal(back.wall.us, 78);
    assert_int_equal(back.epoch, 2);
    assert_int_equal(back.position_count, 2);
    assert_true(hr_str_is(back.positions[0].of.topic, "usage"));
    assert_int_equal(back.positions[0].of.partition, 3);
    assert_int_equal(back.positions[0].offset, 1234567890123);
    assert_int_equal(back.report_count, 2);
    assert_int_equal(back.reports[1].of.partition, 46);
    assert_int_equal(back.reports[1].state, HR_CLOCK_OUT);
    assert_int_equal(back.reports[1].arrival.us, HR_TIME_NONE.us);
    assert_int_equal(back.log_since, 300);
    assert_true(back.partial);
    for (size_t i = 0; i < bytes.len; i++) {
        struct hr_str cut = {bytes.at, i};
        assert_int_equal(hr_batch_header_get(cut, &arena, &back, &error), HR_REFUSE);
        buffer.at[start + i] ^= 1;
        assert_int_equal(hr_batch_header_get(bytes, &arena, &back, &error), HR_REFUSE);
        buffer.at[start + i] ^= 1;
    }
    hr_arena_clean_up(&arena);
    hr_buffer_clean_up(&buffer);
}

static void a_marker_behind_the_committed_batch_is_told(void **state)
{
    (void)state;
    char text[HR_MARKER_TEXT], metadata[HR_METADATA_TEXT];
    struct hr_marker marker = {.batch = {41, 7}};
    struct hr_str held = {text, hr_marker_print(&marker, text)};
    hr_metadata_print((struct hr_batch_name){41, 7}, metadata);
    assert_false(hr_marker_is_behind(held, hr_str(metadata)));
    hr_metadata_print((struct hr_batch_name){42, 9}, metadata);
    assert_true(hr_marker_is_behind(held, hr_str(metadata)));
    assert_true(hr_marker_is_behind((struct hr_str){NULL, 0}, hr_str(metadata)));
    text[3] ^= 1; /* a damaged marker says nothing, so all is to be copied */
    assert_true(hr_marker_is_behind(held, hr_str(metadata)));
    assert_false(hr_marker_is_behind(held, (struct hr_str){NULL, 0}));
    assert_false(hr_marker_is_behind(held, HR_STR("somebody's own words")));
}

/* Bytes as version 1 wrote them: a changelog of that time is still one. */
static void a_header_of_version_1_is_read(void **state)
{
    (void)state;
    static const char bytes[] = "\x01\x09\x08\x00\x00\x00\x00\x00\x00\x00\x08\x9a\x01\x9c\x01\x02"
                                "\x01\x05\x75\x73\x61\x67\x65\x03\x96\x93\xd8\x9f\xee\x47\x01\x06"
                                "\x63\x6c\x69\x63\x6b\x73\x2f\x00\xd0\x0f\xa0\x1f\x7a\x44\x3c\xb2"
                                "\x8a\x7b\xe5\x68";
    struct hr_arena arena;
    hr_arena_init(&arena);
    struct hr_batch_header back;
    struct hr_error error;
    assert_int_equal(
        hr_batch_header_get((struct hr_str){bytes, sizeof bytes - 1}, &arena, &back, &error),
        HR_OK);
    assert_int_equal(back.batch.sequence, 9);
    assert_int_equal(back.positions[0].offset, 1234567890123);
    assert_int_equal(back.reports[0].arrival.us, 1000);
    assert_int_equal(back.log_since, 0);
    assert_false(back.partial);
    assert_int_equal(back.rules_since.us, 0);
    hr_arena_clean_up(&arena);
}

static void manifest_round_trip_and_damage(void **state)
{
    (void)state;
    struct hr_manifest manifest = {.epoch = 12,
        .home_count = 6,
        .cluster_id = HR_STR("c"),
        .group = HR_STR("headroom"),
        .fingerprint = HR_STR("00ff"),
        .text = HR_STR("rules: {}\n"),
        .live_from = {5}};
    struct hr_buffer buffer = {0};
    hr_manifest_put(&manifest, &buffer);
    struct hr_manifest back;
    struct hr_error error;
    assert_int_equal(hr_manifest_get(hr_buffer_str(&buffer), &back, &error), HR_OK);
    assert_int_equal(back.epoch, 12);
    assert_int_equal(back.home_count, 6);
    assert_true(hr_str_is(back.text, "rules: {}\n"));
    assert_int_equal(back.live_from.us, 5);
    for (size_t i = 0; i < buffer.len; i++) {
        buffer.at[i] ^= 0x80;
        assert_int_equal(hr_manifest_get(hr_buffer_str(&buffer), &back, &error), HR_REFUSE);
        buffer.at[i] ^= 0x80;
    }
    hr_buffer_clean_up(&buffer);
}

static void forwarded_record_is_whole(void **state)
{
    (void)state;
    struct hr_header headers[] = {
        {HR_STR("ce_id"), HR_STR("7")}, {HR_STR("empty"), {NULL, 0}}, {HR_STR(""), HR_STR("")}};
    struct hr_internal out = {.kind = HR_INTERNAL_EVENT,
        .arrival = {99},
        .order = {101},
        .from = 4,
        .hops = 2,
        .account = HR_STR("acme"),
        .format = HR_STR("cloudevents"),
        .record = {.topic = HR_STR("usage"),
            .partition = 47,
            .offset = 12,
            .timestamp = {98},
            .key = {NULL, 0},
            .value = HR_STR("{\0}"),
            .headers = headers,
            .header_count = 3}};
    struct hr_buffer buffer = {0};
    struct hr_arena arena;
    hr_arena_init(&arena);
    hr_internal_put(&out, &buffer);
    struct hr_internal in;
    assert_true(hr_internal_get(hr_buffer_str(&buffer), &arena, &in));
    assert_int_equal(in.kind, HR_INTERNAL_EVENT);
    assert_int_equal(in.arrival.us, 99);
    assert_int_equal(in.order.us, 101);
    assert_int_equal(in.from, 4);
    assert_int_equal(in.hops, 2);
    assert_true(hr_str_is(in.account, "acme"));
    assert_true(hr_str_is(in.record.topic, "usage"));
    assert_int_equal(in.record.partition, 47);
    assert_int_equal(in.record.offset, 12);
    assert_int_equal(in.record.timestamp.us, 98);
    assert_null(in.record.key.at);
    assert_int_equal(in.record.value.len, 3);
    assert_int_equal(in.record.header_count, 3);
    assert_true(hr_str_is(in.record.headers[0].value, "7"));
    assert_null(in.record.headers[1].value.at);
    assert_non_null(in.record.headers[2].value.at);
    for (size_t i = 0; i < buffer.len; i++)
        assert_false(hr_internal_get((struct hr_str){(char *)buffer.at, i}, &arena, &in));
    hr_put_u8(&buffer, 0);
    assert_false(hr_internal_get(hr_buffer_str(&buffer), &arena, &in));
    hr_arena_clean_up(&arena);
    hr_buffer_clean_up(&buffer);
}

/* What stood in internal topics before records brought their order along. */
static void a_record_of_version_1_stands_where_it_arrived(void **state)
{
    (void)state;
    struct hr_buffer buffer = {0};
    struct hr_arena arena;
    hr_arena_init(&arena);
    hr_put_u8(&buffer, 1);
    hr_put_u8(&buffer, HR_INTERNAL_PROPOSAL);
    hr_put_time(&buffer, (struct hr_time){77});
    hr_put_str(&buffer, HR_STR("rules"));
    struct hr_internal in;
    assert_true(hr_internal_get(hr_buffer_str(&buffer), &arena, &in));
    assert_int_equal(in.arrival.us, 77);
    assert_int_equal(in.order.us, 77);
    assert_int_equal(in.from, 0);
    assert_true(hr_str_is(in.text, "rules"));
    hr_arena_clean_up(&arena);
    hr_buffer_clean_up(&buffer);
}

static void what_is_applied_ahead_is_whole_or_nothing(void **state)
{
    (void)state;
    const struct hr_ahead out[] = {{{HR_RANK_FOREIGN_TOPIC, {HR_STR("clicks"), 3}}, 12345678901},
        {{HR_RANK_HOME, {HR_STR(""), 7}}, 0}};
    struct hr_buffer buffer = {0};
    struct hr_arena arena;
    struct hr_ahead *in;
    struct hr_error error;
    size_t count;
    hr_arena_init(&arena);
    hr_ahead_put(out, 2, &buffer);
    assert_int_equal(hr_ahead_get(hr_buffer_str(&buffer), &arena, &in, &count, &error), HR_OK);
    assert_int_equal(count, 2);
    assert_int_equal(in[0].rank.group, HR_RANK_FOREIGN_TOPIC);
    assert_true(hr_str_is(in[0].rank.of.topic, "clicks"));
    assert_int_equal(in[0].rank.of.partition, 3);
    assert_int_equal(in[0].offset, 12345678901);
    assert_int_equal(in[1].rank.of.partition, 7);
    for (size_t i = 0; i < buffer.len; i++) {
        struct hr_str cut = {(char *)buffer.at, i};
        assert_int_equal(hr_ahead_get(cut, &arena, &in, &count, &error), HR_REFUSE);
        buffer.at[i] ^= 1;
        assert_int_equal(
            hr_ahead_get(hr_buffer_str(&buffer), &arena, &in, &count, &error), HR_REFUSE);
        buffer.at[i] ^= 1;
    }
    hr_arena_clean_up(&arena);
    hr_buffer_clean_up(&buffer);
}

static void message_keeps_its_parts(void **state)
{
    (void)state;
    struct hr_internal out = {.kind = HR_INTERNAL_MESSAGE,
        .arrival = {1},
        .message = {.kind = HR_MESSAGE_MOVE,
            .name = HR_STR("key-1"),
            .account = HR_STR("acme"),
            .time = {2},
            .payload = HR_STR("bytes"),
            .last = true,
            .hops = 3}};
    struct hr_buffer buffer = {0};
    struct hr_arena arena;
    hr_arena_init(&arena);
    hr_internal_put(&out, &buffer);
    struct hr_internal in;
    assert_true(hr_internal_get(hr_buffer_str(&buffer), &arena, &in));
    assert_int_equal(in.message.kind, HR_MESSAGE_MOVE);
    assert_true(hr_str_is(in.message.name, "key-1"));
    assert_true(hr_str_is(in.message.account, "acme"));
    assert_true(hr_str_is(in.message.payload, "bytes"));
    assert_true(in.message.last);
    assert_int_equal(in.message.hops, 3);
    hr_arena_clean_up(&arena);
    hr_buffer_clean_up(&buffer);
}

/* Hostile counts must not become allocations: bytes drawn at random, none crashes. */
static void noise_is_no_record(void **state)
{
    (void)state;
    struct hr_arena arena;
    hr_arena_init(&arena);
    srand(7);
    size_t taken = 0;
    for (int i = 0; i < 200000; i++) {
        char bytes[40];
        size_t len = (size_t)(rand() % (int)sizeof bytes);
        for (size_t k = 0; k < len; k++)
            bytes[k] = (char)(rand() % 4 ? rand() % 8 : rand());
        if (len > 1) {
            bytes[0] = (char)(1 + rand() % 2);
            bytes[1] = (char)(1 + i % 5);
        }
        struct hr_internal internal;
        taken += hr_internal_get((struct hr_str){bytes, len}, &arena, &internal);
        hr_arena_reset(&arena);
    }
    assert_in_range(taken, 1, 20000); /* the draw reaches the insides, and most of it is refused */
    hr_arena_clean_up(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(metadata_round_trip),
        cmocka_unit_test(metadata_of_others_is_refused),
        cmocka_unit_test(marker_round_trip),
        cmocka_unit_test(a_marker_of_the_version_before_is_read),
        cmocka_unit_test(marker_damage_is_seen),
        cmocka_unit_test(header_round_trip_and_damage),
        cmocka_unit_test(a_header_of_version_1_is_read),
        cmocka_unit_test(a_marker_behind_the_committed_batch_is_told),
        cmocka_unit_test(manifest_round_trip_and_damage),
        cmocka_unit_test(forwarded_record_is_whole),
        cmocka_unit_test(message_keeps_its_parts),
        cmocka_unit_test(a_record_of_version_1_stands_where_it_arrived),
        cmocka_unit_test(what_is_applied_ahead_is_whole_or_nothing),
        cmocka_unit_test(noise_is_no_record),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
