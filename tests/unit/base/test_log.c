/* SPDX-License-Identifier: Apache-2.0 */
/* An operator's line is one line, whatever a record or a vendor put into it. */
#include "headroom/log.h"

#include "headroom/time.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

static char said[8192];

/* What was written to the pipe since the last call. */
static size_t read_line(int fd)
{
    ssize_t len = read(fd, said, sizeof(said) - 1);
    assert_true(len >= 0);
    said[len] = '\0';
    return (size_t)len;
}

static void a_line_has_moment_level_and_message(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    struct hr_log log = {HR_INFO, ends[1]};
    struct hr_time before = hr_clock_now();
    hr_log(&log, HR_DEBUG, "not wanted");
    errno = EBADF;
    hr_log(&log, HR_WARN, "partition %d is %s", 3, "slow");
    assert_int_equal(errno, EBADF);
    struct hr_time after = hr_clock_now();

    read_line(ends[0]);
    assert_string_equal(said + 24, " warn partition 3 is slow\n");
    struct hr_time moment;
    assert_true(hr_time_parse((struct hr_str){said, 24}, &moment));
    assert_true(moment.us > before.us - 1000 && moment.us <= after.us);
    (void)close(ends[0]);
    (void)close(ends[1]);
}

static void a_message_can_neither_break_the_line_nor_outgrow_it(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    struct hr_log log = {HR_DEBUG, ends[1]};
    hr_log(&log, HR_ERROR, "broker says\r\n%s", "\x1b[2J");
    read_line(ends[0]);
    assert_string_equal(said + 24, " error broker says   [2J\n");

    char text[5000];
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    hr_log(&log, HR_INFO, "%s", text);
    size_t len = read_line(ends[0]);
    assert_int_equal(len, 2048);
    assert_int_equal(said[len - 1], '\n');
    assert_int_equal(said[len - 2], 'x');
    (void)close(ends[0]);
    (void)close(ends[1]);
}

static void untrusted_bytes_are_made_visible(void **state)
{
    (void)state;
    static const struct {
        struct hr_str in;
        const char *out;
    } cases[] = {
        {HR_STR("acme 42"), "acme 42"}, {HR_STR(""), ""},
        {HR_STR("a\nb\0c\x7f"), "a\\x0ab\\x00c\\x7f"}, {HR_STR("\"\\"), "\\x22\\x5c"},
        {HR_STR("Z\xc3\xbcrich \xe2\x82\xac \xf0\x9f\x8c\x8d"),
            "Z\xc3\xbcrich \xe2\x82\xac \xf0\x9f\x8c\x8d"},
        {HR_STR("\xc2\x9b"), "\\xc2\\x9b"},                   /* a terminal's CSI as U+009B */
        {HR_STR("\xe2\x80\xa8"), "\\xe2\\x80\\xa8"},          /* line separator */
        {HR_STR("\xe2\x80\xae"), "\\xe2\\x80\\xae"},          /* right to left from here */
        {HR_STR("\xe2\x80\x8f"), "\\xe2\\x80\\x8f"},          /* right to left for a moment */
        {HR_STR("\xd8\x9c"), "\\xd8\\x9c"},                   /* Arabic letter mark */
        {HR_STR("\xc0\xaf"), "\\xc0\\xaf"},                   /* overlong */
        {HR_STR("\xe0\x9f\xbf"), "\\xe0\\x9f\\xbf"},          /* overlong */
        {HR_STR("\xed\xa0\x80"), "\\xed\\xa0\\x80"},          /* surrogate */
        {HR_STR("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80"}, /* past U+10FFFF */
        {HR_STR("\xff\x80"), "\\xff\\x80"}, {HR_STR("x\xe2\x82"), "x\\xe2\\x82"}, /* cut short */
    };
    struct hr_arena arena;
    hr_arena_init(&arena);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_string_equal(hr_escape(&arena, cases[i].in, 100), cases[i].out);
    }
    hr_arena_clean_up(&arena);
}

static void a_cut_is_shown_and_splits_no_character(void **state)
{
    (void)state;
    struct hr_arena arena;
    hr_arena_init(&arena);
    assert_string_equal(hr_escape(&arena, HR_STR("abcdef"), 6), "abcdef");
    assert_string_equal(hr_escape(&arena, HR_STR("abcdefg"), 6), "abcdef\xe2\x80\xa6");
    assert_string_equal(hr_escape(&arena, HR_STR("abcd\xe2\x82\xac"), 6), "abcd\xe2\x80\xa6");
    assert_string_equal(hr_escape(&arena, HR_STR("abcd\n"), 6), "abcd\xe2\x80\xa6");
    assert_string_equal(hr_escape(&arena, HR_STR("ab\n"), 6), "ab\\x0a");
    assert_string_equal(hr_escape(&arena, HR_STR("a"), 0), "\xe2\x80\xa6");
    hr_arena_clean_up(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_has_moment_level_and_message),
        cmocka_unit_test(a_message_can_neither_break_the_line_nor_outgrow_it),
        cmocka_unit_test(untrusted_bytes_are_made_visible),
        cmocka_unit_test(a_cut_is_shown_and_splits_no_character),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
