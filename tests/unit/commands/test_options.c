/* SPDX-License-Identifier: Apache-2.0 */
/* A command line as users write it: what is taken, what is refused, and that the refusal helps. */
#include "commands/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const struct hr_command command = {
    .name = "play", .operands = "[FILE…]", .summary = "Plays", .example = "headroom play x"};

struct values {
    bool json;
    const char *file;
    int64_t limit, step;
    struct hr_time until;
    int operands, status;
};

/* Runs the parser over words; what it says goes to `said`. */
static bool parse(struct values *values, char said[1024], char **words)
{
    *values = (struct values){.file = "default", .limit = 20, .until = HR_TIME_NONE};
    const struct hr_option options[] = {
        {.name = "json", .help = "as JSON", .flag = &values->json},
        {.name = "config", .value = "FILE", .help = "where", .text = &values->file},
        {.name = "limit",
            .value = "N",
            .help = "rows",
            .number = &values->limit,
            .least = 1,
            .most = 1000},
        {.name = "until", .value = "TIME", .help = "end", .time = &values->until},
        {.name = "step", .value = "DURATION", .help = "jump", .duration = &values->step},
    };
    int argc = 0, kept[2] = {dup(STDOUT_FILENO), dup(STDERR_FILENO)};
    while (words[argc]) {
        argc++;
    }
    FILE *file = tmpfile();
    assert_non_null(file);
    fflush(stdout);
    dup2(fileno(file), STDOUT_FILENO);
    dup2(fileno(file), STDERR_FILENO);
    bool go_on =
        hr_read_options(&command, options, 5, argc, words, &values->operands, &values->status);
    fflush(stdout);
    dup2(kept[0], STDOUT_FILENO);
    dup2(kept[1], STDERR_FILENO);
    close(kept[0]);
    close(kept[1]);
    rewind(file);
    said[fread(said, 1, 1023, file)] = '\0';
    fclose(file);
    return go_on;
}

static void options_and_operands_may_stand_in_any_order(void **state)
{
    (void)state;
    struct values values;
    char said[1024];
    char *words[] = {"a", "--limit", "7", "-", "--json", "--config=b=c", "--", "--json", NULL};
    assert_true(parse(&values, said, words));
    assert_int_equal(values.operands, 3);
    assert_string_equal(words[0], "a");
    assert_string_equal(words[1], "-");
    assert_string_equal(words[2], "--json");
    assert_int_equal(values.limit, 7);
    assert_true(values.json);
    assert_string_equal(values.file, "b=c");
    assert_string_equal(said, "");
}

static void what_is_not_given_keeps_its_default(void **state)
{
    (void)state;
    struct values values;
    char said[1024];
    char *words[] = {NULL};
    assert_true(parse(&values, said, words));
    assert_string_equal(values.file, "default");
    assert_int_equal(values.limit, 20);
    assert_false(values.json);
    assert_true(hr_time_is(values.until, HR_TIME_NONE));
}

static void moments_and_durations_are_read_as_in_a_configuration(void **state)
{
    (void)state;
    struct values values;
    char said[1024];
    char *words[] = {"--until", "2026-11-01", "--step", "2w", NULL};
    assert_true(parse(&values, said, words));
    /* date -u -d 2026-11-01 +%s */
    assert_int_equal(values.until.us, INT64_C(1793491200) * HR_SECOND);
    assert_int_equal(values.step, 14 * HR_DAY);
    char *time[] = {"--until=2026-11-01T00:00:01.5+01:00", NULL};
    assert_true(parse(&values, said, time));
    assert_int_equal(values.until.us, INT64_C(1793487601500000));
}

static void what_is_wrong_is_said_and_is_misuse(void **state)
{
    (void)state;
    static const struct {
        const char *words[3], *said;
    } rows[] = {
        {{"--limit"}, "headroom play: --limit wants N\n"},
        {{"--limit", "0"}, "\"0\" is not a whole number from 1 to 1000\n"},
        {{"--limit", "1001"}, "is not a whole number"},
        {{"--limit", "99999999999999999999"}, "is not a whole number"},
        {{"--limit", "-1"}, "is not a whole number"},
        {{"--limit", " 1"}, "is not a whole number"},
        {{"--limit", ""}, "is not a whole number"},
        {{"--until", "2026-02-30"}, "is neither a time"},
        {{"--until", "2026-11-01T00:00:00"}, "is neither a time"},
        {{"--step", "2 weeks"}, "is not a duration"},
        {{"--json=1"}, "--json takes no value\n"},
        {{"--confg", "x"}, "unknown option --confg; did you mean --config?\n"},
        {{"-x"}, "unknown option -x\n"},
        {{"--until", "a\033[31mb"}, "\"a\\x1b[31mb\" is neither"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct values values;
        char said[1024];
        char *words[] = {(char *)rows[i].words[0], (char *)rows[i].words[1], NULL};
        assert_false(parse(&values, said, words));
        assert_int_equal(values.status, HR_EXIT_MISUSE);
        if (!strstr(said, rows[i].said)) {
            fail_msg("%s: said %s", rows[i].words[0], said);
        }
        assert_non_null(strstr(said, "`headroom play --help` shows"));
    }
}

static void help_shows_every_option_and_the_example(void **state)
{
    (void)state;
    struct values values;
    char said[1024];
    char *words[] = {"--limit", "7", "--help", NULL};
    assert_false(parse(&values, said, words));
    assert_int_equal(values.status, HR_EXIT_DONE);
    assert_non_null(strstr(said, "usage: headroom play [OPTION…] [FILE…]\n"));
    assert_non_null(strstr(said, "--until TIME"));
    assert_non_null(strstr(said, "example: headroom play x\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_and_operands_may_stand_in_any_order),
        cmocka_unit_test(what_is_not_given_keeps_its_default),
        cmocka_unit_test(moments_and_durations_are_read_as_in_a_configuration),
        cmocka_unit_test(what_is_wrong_is_said_and_is_misuse),
        cmocka_unit_test(help_shows_every_option_and_the_example),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
