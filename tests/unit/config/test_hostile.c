/* SPDX-License-Identifier: Apache-2.0 */
/* Files that mean harm, or were cut and bent on their way: each ends in complaints that can be
 * read, never in a crash or a hang. The test's time limit is what shows a hang. */
#include "generate.h"
#include "parse.h"

#include "headroom/memory.h"

#define MIB ((size_t)1 << 20)

/* Whatever the text, the answer is a configuration or complaints, few, with text in each. */
static enum hr_fate check_any(struct hr_str text)
{
    struct hr_config *config;
    struct hr_complaints complaints;
    struct hr_config_source source = {
        .file = "hostile", .text = text, .zones = test_zones(), .environment = test_environment};
    enum hr_fate fate = hr_config_parse(&source, &config, &complaints);
    assert_true(fate == HR_OK || fate == HR_REJECT);
    assert_int_equal(fate == HR_OK, complaints.count == 0);
    assert_int_equal(fate == HR_OK, config != NULL);
    assert_in_range(complaints.count, 0, 101);
    for (size_t i = 0; i < complaints.count; i++) {
        assert_true(strlen(complaints.at[i].text) > 0);
        assert_true(i == 0 || i == 100 || complaints.at[i - 1].line <= complaints.at[i].line);
    }
    hr_complaints_clean_up(&complaints);
    hr_config_destroy(config);
    return fate;
}

/* The text over and over, 1 MiB of it. */
static void check_repeated(const char *head, const char *piece)
{
    struct hr_buffer text = {0};
    hr_put_printf(&text, "%s", head);
    while (text.len + strlen(piece) <= MIB) {
        hr_put_bytes(&text, piece, strlen(piece));
    }
    assert_int_equal(check_any(hr_buffer_str(&text)), HR_REJECT);
    hr_buffer_clean_up(&text);
}

static void a_mebibyte_of_anything_ends_soon(void **state)
{
    (void)state;
    static const char *const pieces[] = {"[", "{", "[]", "{}", "- ", "-\n", "? ", "?\n", "\"", "'",
        "a: ", "a:\n", "a: b\n", "{a: ", "[[],", "&a ", "*a ", "!a ", "!<a> ", "%a\n", "---\n",
        "...\n", "#", "# \n", "|\n", ">\n", "a b ", "a,", ": ", ":", "\t", " ", "\n", "\r", "\\",
        "\"a\":", "\xef\xbb\xbf", "\xc2\x85", "\xff", "\x01", "@", "`", "<<: "};
    static const char *const heads[] = {"", "a: ", "a: [", "a: {", "a: \"", "a: |\n  "};
    for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
        for (size_t j = 0; j < sizeof(pieces) / sizeof(pieces[0]); j++) {
            check_repeated(heads[i], pieces[j]);
        }
    }
}

static void too_many_and_too_large(void **state)
{
    (void)state;
    struct hr_buffer text = {0};
    hr_put_printf(&text, SOURCES "meters:\n");
    for (int i = 0; i < 201; i++) {
        hr_put_printf(&text, "  m%d: { event: e%d, aggregate: count }\n", i, i);
    }
    hr_put_u8(&text, 0);
    char *said = complaints_about((const char *)text.at);
    assert_string_equal(said, "2 meters: has 201 entries; at most 200\n");
    hr_free(said);

    text.len = 0;
    hr_put_printf(&text, SOURCES "rules:\n");
    for (int i = 0; i < 300; i++) {
        hr_put_printf(&text, "  r%d: { wach: account.x }\n", i);
    }
    hr_put_u8(&text, 0);
    struct hr_config *config;
    struct hr_complaints complaints;
    assert_int_equal(parse_config((const char *)text.at, &config, &complaints), HR_REJECT);
    assert_int_equal(complaints.count, 101);
    assert_string_equal(complaints.at[100].text, "there is more wrong than is listed here");
    hr_complaints_clean_up(&complaints);

    /* a rule set that would not fit the manifest's record */
    text.len = 0;
    hr_put_printf(&text, SOURCES "plans:\n");
    for (int i = 0; i < 800; i++) {
        hr_put_printf(&text, "  p%d: { limits: {", i);
        for (int j = 0; j < 60; j++) {
            hr_put_printf(&text, "l%d: 1,", j);
        }
        hr_put_printf(&text, "} }\n");
    }
    hr_put_u8(&text, 0);
    said = complaints_about((const char *)text.at);
    assert_string_equal(
        said, "0 : is too large: what decides must fit a Kafka record, 512 KiB when printed\n");
    hr_free(said);

    text.len = 0;
    hr_put_printf(&text, "a:\n");
    for (int i = 0; i < 1001; i++) {
        hr_put_printf(&text, "  - %d\n", i);
    }
    hr_put_u8(&text, 0);
    said = complaints_about((const char *)text.at);
    assert_string_equal(said, "1002 : more than 1000 entries in one place\n");
    hr_free(said);

    text.len = 0;
    while (text.len <= MIB) {
        hr_put_printf(&text, "# a remark\n");
    }
    hr_put_u8(&text, 0);
    said = complaints_about((const char *)text.at);
    assert_string_equal(said, "0 : is larger than 1 MiB\n");
    hr_free(said);
    hr_buffer_clean_up(&text);
}

/* 1,000 conditions, each on a signal of its own that is misspelled: the nearest name is not looked
 * for once nobody reads it. */
static void many_wrong_names_end_soon(void **state)
{
    (void)state;
    struct hr_buffer text = {0};
    hr_put_printf(&text, SOURCES "rules:\n");
    for (int i = 0; i < 490; i++) {
        hr_put_printf(&text, "  r%d: { watch: renewal.dayz%d, below: [1d], when: [", i, i);
        for (int j = 0; j < 32; j++) {
            hr_put_printf(&text, "tenure.dais%d%d > 3,", i, j);
        }
        hr_put_printf(&text, "] }\n");
    }
    assert_int_equal(check_any(hr_buffer_str(&text)), HR_REJECT);
    hr_buffer_clean_up(&text);
}

/* One star is as many conditions as there are meters. */
static void stars_do_not_multiply_without_end(void **state)
{
    (void)state;
    struct hr_buffer text = {0};
    hr_put_printf(&text, SOURCES "meters:\n");
    for (int i = 0; i < 200; i++) {
        hr_put_printf(&text, "  m%d: { event: e, aggregate: count, limit: l }\n", i);
    }
    hr_put_printf(&text, "rules:\n");
    for (int i = 0; i < 40; i++) {
        hr_put_printf(&text, "  r%d: { watch: account.x, levels: [1], when: [", i);
        for (int j = 0; j < 32; j++) {
            hr_put_printf(&text, "{ any: [");
            for (int k = 0; k < 32; k++) {
                hr_put_printf(&text, "meter.*.used = 1,");
            }
            hr_put_printf(&text, "] },");
        }
        hr_put_printf(&text, "] }\n");
    }
    hr_put_u8(&text, 0);
    char *said = complaints_about((const char *)text.at);
    assert_string_equal(said,
        "204 rules.r0.when[3].any[4]: is one condition too many; at most 20000, meter.* counted "
        "for each meter\n");
    hr_free(said);
    hr_buffer_clean_up(&text);
}

static uint64_t next(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return *state >> 33;
}

/* Valid files with a few bytes changed, cut out, doubled or put elsewhere. */
static void bent_files_are_understood_or_refused(void **state)
{
    (void)state;
    static const char bytes[] = "{}[]:,-#&*!|>'\"%@`?~ \n\t\\/.0$\xff\x80";
    uint64_t chance = 1, good = 0;
    for (uint64_t seed = 0; seed < 3000; seed++) {
        struct hr_buffer text = {0};
        generate_config(seed, &text);
        for (uint64_t changes = 1 + next(&chance) % 3; changes > 0 && text.len > 8; changes--) {
            size_t at = next(&chance) % text.len;
            size_t len = next(&chance) % 8 + 1;
            if (at + len > text.len) {
                len = text.len - at;
            }
            switch (next(&chance) % 4) {
            case 0:
                text.at[at] = (uint8_t)bytes[next(&chance) % (sizeof(bytes) - 1)];
                break;
            case 1:
                memmove(text.at + at, text.at + at + len, text.len - at - len);
                text.len -= len;
                break;
            case 2:
                memmove(text.at + next(&chance) % (text.len - len + 1), text.at + at, len);
                break;
            default:
                text.len = at + 1;
            }
        }
        good += check_any(hr_buffer_str(&text)) == HR_OK;
        hr_buffer_clean_up(&text);
    }
    /* the changes must be small enough to get past the YAML reader */
    assert_in_range(good, 30, 2970);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mebibyte_of_anything_ends_soon),
        cmocka_unit_test(too_many_and_too_large),
        cmocka_unit_test(many_wrong_names_end_soon),
        cmocka_unit_test(stars_do_not_multiply_without_end),
        cmocka_unit_test(bent_files_are_understood_or_refused),
    };
    return cmocka_run_group_tests(tests, NULL, forget_zones);
}
