/* SPDX-License-Identifier: Apache-2.0 */
/* Dead letters come back as the records that they were, and always fit their topic. */
#include "headroom/codec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define TEXT(text)                                                                                 \
    {                                                                                              \
        (text), sizeof(text) - 1                                                                   \
    }

static const struct hr_header own[] = {
    {TEXT("traceparent"), TEXT("00-0af7")},
    {TEXT("hr-size"), TEXT("99999")}, /* a stranger's, or a dead letter's of a dead letter */
    {TEXT(""), {NULL, 0}},
    {TEXT("hr-reason"), TEXT("forged")},
    {TEXT("binary"), TEXT("\0\xFF")},
};

static const struct hr_log_record record = {.topic = TEXT("usage"),
    .partition = 7,
    .offset = INT64_C(9007199254740993),
    .timestamp = {INT64_C(1795338843120000)},
    .key = TEXT("ac\0me"),
    .value = TEXT("{\"broken\":\0"),
    .headers = own,
    .header_count = 5};

static int make(void **state)
{
    struct hr_arena *arena = hr_alloc(sizeof *arena);
    hr_arena_init(arena);
    *state = arena;
    return 0;
}

static int drop(void **state)
{
    hr_arena_clean_up(*state);
    hr_free(*state);
    return 0;
}

/* at NULL and empty are two things. */
static void assert_same(struct hr_str a, struct hr_str b)
{
    assert_int_equal(a.at == NULL, b.at == NULL);
    assert_true(hr_str_equal(a, b));
}

static void a_letter_comes_back_as_it_was(void **state)
{
    struct hr_log_record letter;
    struct hr_dead_letter out;
    hr_encode_dead_letter(&record, HR_BAD_JSON, "value, byte 10: a value was expected",
        (struct hr_str)TEXT("ac\0me"), 1 << 20, *state, &letter);
    assert_int_equal(letter.partition, -1);
    assert_same(letter.key, record.key);
    assert_same(letter.value, record.value);
    assert_true(hr_str_is(hr_record_header(&letter, "hr-reason")->value, "bad_json"));
    assert_true(hr_str_is(hr_record_header(&letter, "hr-topic")->value, "usage"));
    assert_true(hr_str_is(hr_record_header(&letter, "hr-partition")->value, "7"));
    assert_true(hr_str_is(hr_record_header(&letter, "hr-offset")->value, "9007199254740993"));
    assert_true(
        hr_str_is(hr_record_header(&letter, "hr-timestamp")->value, "2026-11-22T09:14:03.120Z"));

    assert_true(hr_decode_dead_letter(&letter, &out));
    assert_true(hr_str_is(out.reason, "bad_json"));
    assert_true(hr_str_is(out.detail, "value, byte 10: a value was expected"));
    assert_same(out.account, (struct hr_str)TEXT("ac\0me"));
    assert_false(out.by_reference);
    assert_int_equal(out.size, 11);
    assert_same(out.original.topic, record.topic);
    assert_int_equal(out.original.partition, 7);
    assert_int_equal(out.original.offset, record.offset);
    assert_int_equal(out.original.timestamp.us, record.timestamp.us);
    assert_same(out.original.key, record.key);
    assert_same(out.original.value, record.value);
    assert_int_equal(out.original.header_count, 5);
    for (size_t i = 0; i < 5; i++) {
        assert_same(out.original.headers[i].name, own[i].name);
        assert_same(out.original.headers[i].value, own[i].value);
    }
}

static void what_a_record_does_not_have_stays_absent(void **state)
{
    struct hr_log_record bare = {.topic = TEXT("t"), .timestamp = {INT64_MIN}, .value = TEXT("x")};
    struct hr_log_record letter;
    struct hr_dead_letter out;
    hr_encode_dead_letter(
        &bare, HR_TOO_LATE, "", (struct hr_str){NULL, 0}, 1 << 20, *state, &letter);
    assert_true(hr_decode_dead_letter(&letter, &out));
    assert_null(out.account.at);
    assert_null(out.original.key.at);
    assert_true(hr_time_is(out.original.timestamp, HR_TIME_NONE));
    assert_int_equal(out.original.header_count, 0);
    bare.value = (struct hr_str){NULL, 0};
    hr_encode_dead_letter(
        &bare, HR_BAD_EVENT, "", (struct hr_str){NULL, 0}, 1 << 20, *state, &letter);
    assert_null(letter.value.at);
}

/* As Kafka counts a record of format version 2, lengths as varints of at most five bytes. */
static size_t kafka_bytes(const struct hr_log_record *letter)
{
    size_t bytes = 61 + 26 + letter->key.len + letter->value.len;
    for (size_t i = 0; i < letter->header_count; i++) {
        bytes += 10 + letter->headers[i].name.len + letter->headers[i].value.len;
    }
    return bytes;
}

static void a_letter_always_fits_and_says_how_long_it_was(void **state)
{
    static const size_t bounds[] = {4096, 65536, 1000000};
    static const size_t sizes[] = {0, 1, 60, 4000, 5000, 70000, 10000000};
    enum { SIZES = sizeof sizes / sizeof *sizes };
    char *bytes = hr_alloc(10000000);
    memset(bytes, 'a', 10000000);
    for (size_t i = 0; i < 3 * SIZES * SIZES * SIZES; i++) {
        size_t most = bounds[i % 3], value = sizes[i / 3 % SIZES],
               key = sizes[i / 3 / SIZES % SIZES], header = sizes[i / 3 / SIZES / SIZES];
        struct hr_header headers[2] = {{TEXT("big"), {bytes, header}}, {TEXT("small"), TEXT("x")}};
        struct hr_log_record large = {.topic = TEXT("usage"),
            .partition = 3,
            .offset = 5,
            .timestamp = {INT64_C(1795338843120000)},
            .key = {bytes, key},
            .value = {bytes, value},
            .headers = headers,
            .header_count = 2};
        struct hr_log_record letter;
        struct hr_dead_letter out;
        struct hr_str account = {bytes, key < 65536 ? key : 65536};
        hr_arena_reset(*state);
        hr_encode_dead_letter(&large, HR_TOO_LARGE, "too large", account, most, *state, &letter);
        assert_true(kafka_bytes(&letter) <= most);
        assert_true(hr_decode_dead_letter(&letter, &out));
        assert_int_equal(out.size, value);
        assert_int_equal(out.original.offset, 5);
        bool whole = letter.value.len == value && letter.key.len == key &&
                     letter.header_count == 10 && out.account.len == account.len;
        assert_int_equal(out.by_reference, !whole);
        if (kafka_bytes(&large) + account.len + 600 < most) {
            assert_true(whole);
        }
        if (out.by_reference && value > 0) {
            assert_true(letter.value.len > 0);
        }
    }
    hr_free(bytes);
}

static void what_is_no_letter_is_not_taken_for_one(void **state)
{
    struct hr_log_record letter;
    struct hr_dead_letter out;
    assert_false(hr_decode_dead_letter(&record, &out));
    hr_encode_dead_letter(
        &record, HR_BAD_JSON, "x", (struct hr_str){NULL, 0}, 1 << 20, *state, &letter);
    static const struct {
        size_t place;
        struct hr_header header;
    } forged[] = {
        {0, {TEXT("hr-detail"), TEXT("x")}},
        {2, {TEXT("hr-topic"), {NULL, 0}}},
        {2, {TEXT("hr-topic"), TEXT("")}},
        {2, {TEXT("hr-topic"), TEXT("usage\n")}},
        {2, {TEXT("hr-topic"), TEXT("\x1b[2J")}},
        {2, {TEXT("hr-topic"), TEXT("us\x00ge")}},
        {2, {TEXT("hr-topic"), TEXT("us\xc3\xa4ge")}},
        {3, {TEXT("hr-partition"), TEXT("")}},
        {3, {TEXT("hr-partition"), TEXT("-1")}},
        {3, {TEXT("hr-partition"), TEXT("2147483648")}},
        {3, {TEXT("hr-partition"), TEXT(" 7")}},
        {4, {TEXT("hr-offset"), TEXT("7x")}},
        {4, {TEXT("hr-offset"), TEXT("9223372036854775808")}},
        {4, {TEXT("hr-offset"), TEXT("99999999999999999999999999")}},
        {4, {TEXT("hr-offset"), {NULL, 0}}},
        {5, {TEXT("hr-timestamp"), TEXT("now")}},
        {7, {TEXT("hr-size"), TEXT("-5")}},
    };
    for (size_t i = 0; i < sizeof forged / sizeof *forged; i++) {
        struct hr_header headers[13];
        memcpy(headers, letter.headers, sizeof headers);
        headers[forged[i].place] = forged[i].header;
        struct hr_log_record other = letter;
        other.headers = headers;
        assert_false(hr_decode_dead_letter(&other, &out));
    }
    letter.header_count = 7;
    assert_false(hr_decode_dead_letter(&letter, &out));
}

/* A name of 249 bytes is one to Kafka, and one more is none. */
static void a_letter_names_a_topic_that_there_may_be(void **state)
{
    char name[250];
    memset(name, 'a', sizeof name);
    memcpy(name, "A-Z_0.9", 7);
    struct hr_log_record long_named = record, letter;
    struct hr_dead_letter out;
    for (size_t len = 249; len <= 250; len++) {
        long_named.topic = (struct hr_str){name, len};
        hr_encode_dead_letter(
            &long_named, HR_BAD_JSON, "x", (struct hr_str){NULL, 0}, 1 << 20, *state, &letter);
        assert_int_equal(hr_decode_dead_letter(&letter, &out), len == 249);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_letter_comes_back_as_it_was),
        cmocka_unit_test(what_a_record_does_not_have_stays_absent),
        cmocka_unit_test(a_letter_always_fits_and_says_how_long_it_was),
        cmocka_unit_test(what_is_no_letter_is_not_taken_for_one),
        cmocka_unit_test(a_letter_names_a_topic_that_there_may_be),
    };
    return cmocka_run_group_tests(tests, make, drop);
}
