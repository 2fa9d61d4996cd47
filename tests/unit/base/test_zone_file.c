/* SPDX-License-Identifier: Apache-2.0 */
/* The files and footers from which zones are read: what is understood, and that whatever is broken,
 * cut or hostile is refused or left out, never believed and never waited for. */
#include "headroom/time.h"

#include "base/zone.h"
#include "random.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define ZONEINFO "/usr/share/zoneinfo"

/* What the zone's clocks show at 1970-01-01T00:00:00Z, as microseconds after that date's midnight.
 */
static int64_t shown_at_epoch(const struct hr_zone *zone)
{
    struct hr_civil civil = hr_zone_civil(zone, (struct hr_time){0});
    return hr_days_from_civil(civil.year, civil.month, civil.day) * HR_DAY + civil.us_of_day;
}

/* ---------------------------------------------------------------- rules */

static void footers_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int32_t standard, daylight; /* 0 for none */
    } good[] = {
        {"UTC0", 0, 0},
        {"CET-1", 3600, 0},
        {"<+0545>-5:45", 20700, 0},
        {"<-00>0", 0, 0},
        {"LMT-0:53:28", 3208, 0},
        {"CET-1CEST,M3.5.0,M10.5.0/3", 3600, 7200},
        {"<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", 37800, 39600},
        {"EST5EDT,0/0,J365/25", -18000, -14400},
        {"IST-1GMT0,M10.5.0,M3.5.0/1", 3600, 0},
        {"EET-2EEST,M3.4.4/50,M10.4.4/50", 7200, 10800},
        {"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", -7200, -3600},
    };
    for (size_t i = 0; i < LENGTH(good); i++) {
        struct hr_zone_rule rule;
        assert_true(hr_zone_rule_parse(hr_str(good[i].text), &rule));
        assert_int_equal(rule.standard, good[i].standard);
        assert_int_equal(rule.daylight, good[i].daylight);
    }
    static const char *const bad[] = {"", "CET", "CE-1", "-1", "CET-1CEST", "CET-1CEST,M3.5.0",
        "CET-1CEST,M3.5.0,M10.5.0/3,", "CET-1CEST,M13.5.0,M10.5.0", "CET-1CEST,M3.6.0,M10.5.0",
        "CET-1CEST,M3.5.7,M10.5.0", "CET-1CEST,M0.5.0,M10.5.0", "CET-1CEST,J0,J300",
        "CET-1CEST,J366,J300", "CET-1CEST,366,300", "CET-25", "CET-1:60", "CET-1:00:60",
        "CET-1CEST,M3.5.0/168,M10.5.0", "<+01-1", "<>-1", "CET-1 ", "CET-99999999999999999999",
        "CET-1CEST,M3.5.0/,M10.5.0"};
    for (size_t i = 0; i < LENGTH(bad); i++) {
        struct hr_zone_rule rule;
        assert_false(hr_zone_rule_parse(hr_str(bad[i]), &rule));
    }
}

/* When a rule's clocks go forward and back in a year, as readings before the change. */
static void assert_changes(const char *text, int32_t year, const char *forward, const char *back)
{
    struct hr_zone_rule rule;
    assert_true(hr_zone_rule_parse(hr_str(text), &rule));
    struct hr_zone_change changes[HR_ZONE_CHANGES];
    hr_zone_rule_changes(&rule, year, changes);
    int found = 0;
    for (size_t i = 0; i < HR_ZONE_CHANGES; i++) {
        assert_true(i == 0 || changes[i - 1].at <= changes[i].at);
        char shown[HR_TIME_TEXT];
        hr_time_print((struct hr_time){(changes[i].at + changes[i].before) * HR_SECOND}, shown);
        found += strcmp(shown, changes[i].after > changes[i].before ? forward : back) == 0;
    }
    assert_int_equal(found, 2);
}

/* Dates from a calendar: in 2028, a leap year, 1 March is day 60 counted from 0, and J60. */
static void the_three_ways_to_name_a_day_are_understood(void **state)
{
    (void)state;
    assert_changes(
        "AAA0BBB,M3.5.0,M10.5.0/3", 2026, "2026-03-29T02:00:00.000Z", "2026-10-25T03:00:00.000Z");
    assert_changes(
        "AAA0BBB,M2.5.2,M9.1.1", 2028, "2028-02-29T02:00:00.000Z", "2028-09-04T02:00:00.000Z");
    assert_changes("AAA0BBB,J59,J60", 2028, "2028-02-28T02:00:00.000Z", "2028-03-01T02:00:00.000Z");
    assert_changes("AAA0BBB,J59,J60", 2027, "2027-02-28T02:00:00.000Z", "2027-03-01T02:00:00.000Z");
    assert_changes("AAA0BBB,59,60", 2028, "2028-02-29T02:00:00.000Z", "2028-03-01T02:00:00.000Z");
    assert_changes("AAA0BBB,59,60", 2027, "2027-03-01T02:00:00.000Z", "2027-03-02T02:00:00.000Z");
    assert_changes("AAA0BBB,M3.5.0/-1,M3.5.0/50", 2026, "2026-03-28T23:00:00.000Z",
        "2026-03-31T02:00:00.000Z");
}

/* ---------------------------------------------------------------- files */

static struct hr_str berlin; /* a good file to break */

static int read_berlin(void **state)
{
    (void)state;
    static char bytes[16384];
    int fd = open(ZONEINFO "/Europe/Berlin", O_RDONLY | O_CLOEXEC);
    ssize_t len = read(fd, bytes, sizeof(bytes));
    (void)close(fd);
    berlin = (struct hr_str){bytes, len > 0 ? (size_t)len : 0};
    return len > 1000 ? 0 : -1;
}

static bool parses(struct hr_str bytes, struct hr_arena *arena)
{
    struct hr_zone zone = {.name = HR_STR("test")};
    return hr_zone_file_parse(bytes, arena, &zone);
}

static void a_file_that_is_cut_anywhere_is_refused(void **state)
{
    (void)state;
    struct hr_arena arena;
    hr_arena_init(&arena);
    assert_true(parses(berlin, &arena));
    for (size_t len = 0; len < berlin.len; len++) {
        char *part = malloc(len ? len : 1); /* of its own size, for the sanitizer */
        assert_non_null(part);
        memcpy(part, berlin.at, len);
        assert_false(parses((struct hr_str){part, len}, &arena));
        free(part);
        hr_arena_reset(&arena);
    }
    hr_arena_clean_up(&arena);
}

static void a_damaged_file_is_refused_or_harmless(void **state)
{
    (void)state;
    struct random random = random_start("a_damaged_file_is_refused_or_harmless");
    struct hr_arena arena;
    hr_arena_init(&arena);
    char *bytes = malloc(berlin.len);
    assert_non_null(bytes);
    int refused = 0;
    for (int round = 0; round < 20000; round++) {
        memcpy(bytes, berlin.at, berlin.len);
        for (uint64_t i = random_below(&random, 4) + 1; i > 0; i--) {
            /* Often in a header: that is where the counts are. */
            size_t place = random_below(&random, round % 2 ? berlin.len : 60);
            bytes[place] = (char)random_next(&random);
        }
        struct hr_zone zone = {.name = HR_STR("test")};
        if (!hr_zone_file_parse((struct hr_str){bytes, berlin.len}, &arena, &zone)) {
            refused++;
        } else {
            struct hr_time time = {(int64_t)random_next(&random)};
            struct hr_civil civil = hr_zone_civil(&zone, time);
            (void)hr_zone_time(&zone, civil);
            (void)hr_zone_day_start(&zone, hr_zone_day(&zone, time));
        }
        hr_arena_reset(&arena);
    }
    assert_true(refused > 1000);
    free(bytes);
    hr_arena_clean_up(&arena);
}

static uint32_t big_endian(const char *at)
{
    const uint8_t *bytes = (const uint8_t *)at;
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static void changes_out_of_order_are_refused(void **state)
{
    (void)state;
    struct hr_arena arena;
    hr_arena_init(&arena);
    struct hr_str copy = hr_arena_copy(&arena, berlin);
    const char *counts = berlin.at + 20; /* both kinds of flag, leaps, times, types, characters */
    size_t first_block = big_endian(counts) + big_endian(counts + 4) + big_endian(counts + 12) * 5 +
                         big_endian(counts + 16) * 6 + big_endian(counts + 20);
    char *times = (char *)(uintptr_t)copy.at + 44 + first_block + 44;
    assert_memory_equal(times - 44, "TZif", 4);
    memcpy(times, times + 8, 8); /* the second change at the moment of the first */
    assert_false(parses(copy, &arena));
    hr_arena_clean_up(&arena);
}

/* A small file by hand: one type, no changes, the footer as given. */
static struct hr_str make_file(
    struct hr_arena *arena, char version, int32_t leaps, const char *offset, const char *footer)
{
    char header[44] = "TZif";
    header[4] = version;
    header[31] = (char)leaps;
    header[39] = 1; /* type */
    header[43] = 4; /* characters of abbreviations */
    char block[44 + 6 + 4 + 12];
    size_t len = 44 + 10 + (size_t)leaps * (version ? 12 : 8);
    memset(block, 0, sizeof(block));
    memcpy(block, header, 44);
    memcpy(block + 44, offset, 4);
    if (!version) {
        return hr_arena_copy(arena, (struct hr_str){block, len});
    }
    char file[300];
    size_t first = 44 + 10 + (size_t)leaps * 8;
    memcpy(file, block, first);
    memcpy(file + first, block, len);
    size_t tail = strlen(footer);
    memcpy(file + first + len, footer, tail);
    return hr_arena_copy(arena, (struct hr_str){file, first + len + tail});
}

static void versions_footers_and_leap_seconds_are_told_apart(void **state)
{
    (void)state;
    struct hr_arena arena;
    hr_arena_init(&arena);
    static const char hour_east[4] = {0, 0, 0x0e, 0x10}; /* 3,600 */
    struct hr_zone zone = {.name = HR_STR("test")};

    assert_true(hr_zone_file_parse(make_file(&arena, 0, 0, hour_east, ""), &arena, &zone));
    assert_true(shown_at_epoch(&zone) == HR_HOUR);
    assert_true(hr_zone_file_parse(make_file(&arena, '2', 0, hour_east, "\n\n"), &arena, &zone));
    assert_true(shown_at_epoch(&zone) == HR_HOUR);
    /* Without changes the footer holds at all times. */
    assert_true(
        hr_zone_file_parse(make_file(&arena, '4', 0, hour_east, "\nXXX-2\n"), &arena, &zone));
    assert_true(shown_at_epoch(&zone) == 2 * HR_HOUR);
    assert_true(hr_zone_time(&zone, (struct hr_civil){1970, 1, 1, 0}).us == -2 * HR_HOUR);
    assert_true(hr_str_is(hr_zone_name(&zone), "test"));

    assert_false(parses(make_file(&arena, '2', 0, hour_east, ""), &arena));
    assert_false(parses(make_file(&arena, '2', 0, hour_east, "\nXXX-2"), &arena));
    assert_false(parses(make_file(&arena, '2', 0, hour_east, "\nnonsense\n"), &arena));
    assert_false(parses(make_file(&arena, '2', 1, hour_east, "\nXXX-2\n"), &arena));
    assert_false(parses(make_file(&arena, '2', 0, "\x80\0\0", "\nXXX-2\n"), &arena));
    hr_arena_clean_up(&arena);
}

/* --------------------------------------------------------- a folder of them */

static void write_file(const char *folder, const char *name, struct hr_str bytes)
{
    struct hr_arena arena;
    hr_arena_init(&arena);
    int fd = open(hr_arena_printf(&arena, "%s/%s", folder, name).at,
        O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes.at, bytes.len), bytes.len);
    (void)close(fd);
    hr_arena_clean_up(&arena);
}

/* Enough of them for the folder and the one below it, but not for a file there. */
static void no_zone_is_left_out_for_want_of_handles(const char *folder)
{
    struct rlimit limit, before;
    struct hr_zones *set;
    struct hr_error error;
    int next = dup(STDERR_FILENO);
    assert_true(next >= 0 && close(next) == 0);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    limit = before;
    limit.rlim_cur = (rlim_t)next + 2;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    enum hr_fate fate = hr_zones_load(folder, &set, &error);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(fate, HR_STOP);
    assert_non_null(strstr(error.text, "Too many open files"));
}

/* Everything that could lie in a folder, good and bad; only the good is found and nothing waits. */
static void hostile_files_are_left_out(void **state)
{
    (void)state;
    struct hr_arena arena;
    hr_arena_init(&arena);
    char folder[] = "/tmp/headroom-zones-XXXXXX";
    assert_non_null(mkdtemp(folder));
    struct hr_error error;
    struct hr_zones *set = NULL;
    assert_int_equal(hr_zones_load(folder, &set, &error), HR_STOP);
    assert_non_null(strstr(error.text, folder));

    static const char *const names[] = {"Good", "Empty", "Text", "Cut", "Pipe", "Loop", "Link",
        "Outside", ".Hidden", "Huge", "Below/Good", "Below"};
    struct hr_str paths[LENGTH(names)];
    for (size_t i = 0; i < LENGTH(names); i++) {
        paths[i] = hr_arena_printf(&arena, "%s/%s", folder, names[i]);
    }
    write_file(folder, "Good", berlin);
    write_file(folder, "Empty", HR_STR(""));
    write_file(folder, "Text", HR_STR("# tzdb timezone descriptions\n"));
    write_file(folder, "Cut", (struct hr_str){berlin.at, berlin.len / 2});
    write_file(folder, ".Hidden", berlin);
    write_file(folder, "Huge", berlin);
    assert_int_equal(truncate(paths[9].at, 1 << 30), 0);
    assert_int_equal(mkfifo(paths[4].at, 0600), 0);
    assert_int_equal(symlink(".", paths[5].at), 0);
    assert_int_equal(symlink("Good", paths[6].at), 0);
    assert_int_equal(symlink("/dev/zero", paths[7].at), 0);
    assert_int_equal(mkdir(paths[11].at, 0700), 0);
    write_file(folder, "Below/Good", berlin);

    assert_int_equal(hr_zones_load(folder, &set, &error), HR_OK);
    static const bool found[] = {
        true, false, false, false, false, false, true, false, false, false, true, false};
    for (size_t i = 0; i < LENGTH(names); i++) {
        assert_int_equal(hr_zones_find(set, hr_str(names[i])) != NULL, found[i]);
    }
    assert_null(hr_zones_find(set, HR_STR("Loop/Good")));
    hr_zones_destroy(set);
    no_zone_is_left_out_for_want_of_handles(folder);
    hr_zones_destroy(NULL);
    for (size_t i = 0; i < LENGTH(names) - 1; i++) {
        assert_int_equal(unlink(paths[i].at), 0);
    }
    assert_int_equal(rmdir(paths[11].at), 0);
    assert_int_equal(rmdir(folder), 0);
    assert_int_equal(hr_zones_load(folder, &set, &error), HR_STOP);
    hr_arena_clean_up(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(footers_are_read),
        cmocka_unit_test(the_three_ways_to_name_a_day_are_understood),
        cmocka_unit_test_setup(a_file_that_is_cut_anywhere_is_refused, read_berlin),
        cmocka_unit_test_setup(a_damaged_file_is_refused_or_harmless, read_berlin),
        cmocka_unit_test_setup(changes_out_of_order_are_refused, read_berlin),
        cmocka_unit_test(versions_footers_and_leap_seconds_are_told_apart),
        cmocka_unit_test_setup(hostile_files_are_left_out, read_berlin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
