/* SPDX-License-Identifier: Apache-2.0 */
/* Every line of every file once, whole, with its number, wherever the blocks end. */
#include "commands/lines.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct file {
    char name[32];
};

static struct file write_file(const char *bytes, size_t len)
{
    struct file file = {"/tmp/headroom-lines-XXXXXX"};
    int fd = mkstemp(file.name);
    assert_true(fd >= 0);
    while (len > 0) {
        ssize_t written = write(fd, bytes, len);
        assert_true(written > 0);
        bytes += written;
        len -= (size_t)written;
    }
    close(fd);
    return file;
}

static void expect_line(struct hr_lines *lines, const char *expected, uint64_t number)
{
    struct hr_str line;
    struct hr_error error;
    assert_int_equal(hr_lines_next(lines, &line, &error), HR_LINE);
    assert_int_equal(line.len, strlen(expected));
    assert_memory_equal(line.at, expected, line.len);
    assert_int_equal(lines->number, number);
}

static void a_last_line_needs_no_newline_and_does_not_join_the_next_file(void **state)
{
    (void)state;
    struct file a = write_file("one\n\ntwo", 8), b = write_file("", 0),
                c = write_file("three\n", 6);
    const char *files[] = {a.name, b.name, c.name};
    struct hr_lines lines;
    struct hr_str line;
    struct hr_error error;
    hr_lines_open(&lines, files, 3);
    assert_int_equal(lines.total, 14);
    expect_line(&lines, "one", 1);
    expect_line(&lines, "", 2);
    expect_line(&lines, "two", 3);
    expect_line(&lines, "three", 1);
    assert_string_equal(lines.file, c.name);
    assert_int_equal(hr_lines_next(&lines, &line, &error), HR_LINES_END);
    assert_int_equal(lines.bytes, 14);
    hr_lines_close(&lines);
    unlink(a.name);
    unlink(b.name);
    unlink(c.name);
}

static void expect_filled(struct hr_str line, size_t number)
{
    char letter = (char)('a' + (int)(number % 26));
    if (line.len != number % 999 + 1) {
        fail_msg("line %zu has %zu bytes", number, line.len);
    }
    for (size_t i = 0; i < line.len; i++) {
        if (line.at[i] != letter) {
            fail_msg("line %zu has a %c", number, line.at[i]);
        }
    }
}

/* Lines of 1 to 999 bytes over several blocks, each filled with what its number says, taken some at
 * a time. */
static void lines_over_the_ends_of_blocks_stay_whole(void **state)
{
    (void)state;
    size_t room = 8u << 20, len = 0;
    char *bytes = malloc(room);
    size_t count = 0;
    while (len + 1000 < room) {
        size_t size = count % 999 + 1;
        memset(bytes + len, 'a' + (int)(count % 26), size);
        bytes[len + size] = '\n';
        len += size + 1;
        count++;
    }
    struct file file = write_file(bytes, len);
    free(bytes);
    const char *files[] = {file.name};
    struct hr_lines lines;
    struct hr_error error;
    hr_lines_open(&lines, files, 1);
    size_t most = 1, calls = 0;
    for (size_t taken = 0, got; taken < count; taken += got, calls++) {
        struct hr_str some[50];
        most = most % 50 + 1;
        assert_int_equal(hr_lines_some(&lines, some, most, &got, &error), HR_LINE);
        assert_in_range(got, 1, most);
        for (size_t i = 0; i < got; i++) {
            expect_filled(some[i], taken + i);
        }
        assert_int_equal(lines.number, taken + got);
    }
    assert_true(calls < count / 20); /* it does take several */
    assert_int_equal(lines.number, count);
    hr_lines_close(&lines);
    unlink(file.name);
}

static void a_long_line_is_taken_and_one_without_end_is_passed_over(void **state)
{
    (void)state;
    size_t most = HR_LONGEST_LINE, len = 2 * most + (most + (1u << 20)) + 8;
    char *bytes = malloc(len);
    memset(bytes, 'x', len);
    bytes[most / 2] = '\n';                /* half the bound: taken */
    memcpy(bytes + len - 5, "\nend\n", 5); /* what lies between is over the bound */
    struct file file = write_file(bytes, len);
    free(bytes);
    const char *files[] = {file.name};
    struct hr_lines lines;
    struct hr_str line;
    struct hr_error error;
    hr_lines_open(&lines, files, 1);
    assert_int_equal(hr_lines_next(&lines, &line, &error), HR_LINE);
    assert_int_equal(line.len, most / 2);
    assert_int_equal(hr_lines_next(&lines, &line, &error), HR_LINE_TOO_LONG);
    assert_memory_equal(line.at, "xxxxxxxx", 8);
    assert_true(line.len > 100 && line.len <= 4096);
    expect_line(&lines, "end", 3);
    assert_int_equal(hr_lines_next(&lines, &line, &error), HR_LINES_END);
    hr_lines_close(&lines);
    unlink(file.name);
}

static void a_file_that_is_not_there_is_said_by_name(void **state)
{
    (void)state;
    const char *files[] = {"/nowhere/a\nb"};
    struct hr_lines lines;
    struct hr_str line;
    struct hr_error error;
    hr_lines_open(&lines, files, 1);
    assert_int_equal(hr_lines_next(&lines, &line, &error), HR_LINES_FAILED);
    assert_string_equal(error.text, "cannot read /nowhere/a\\x0ab: No such file or directory");
    hr_lines_close(&lines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_last_line_needs_no_newline_and_does_not_join_the_next_file),
        cmocka_unit_test(lines_over_the_ends_of_blocks_stay_whole),
        cmocka_unit_test(a_long_line_is_taken_and_one_without_end_is_passed_over),
        cmocka_unit_test(a_file_that_is_not_there_is_said_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
