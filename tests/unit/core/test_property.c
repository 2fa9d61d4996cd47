/* SPDX-License-Identifier: Apache-2.0 */
/* Random histories, told three ways: the triggers of each account are the same whether everything
 * stays in memory, is packed and loaded again at every line, or is ticked every hour.
 *
 * And told beside rules that never fire: those keep usage from ever being taken for quiet
 * (quiet.h), so every rule is judged at every event, and the triggers of the others are the same.
 */
#include "stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static const char config[] =
    "time: {lateness: 2d}\n"
    "plans:\n"
    "  small: {limits: {calls: 60, seats: 4}, next: [large]}\n"
    "  large: {limits: {calls: 200, seats: unlimited}}\n"
    "meters:\n"
    "  calls: {event: calls, aggregate: sum, value: /n, limit: calls, windows: [6h, day, 7d]}\n"
    "  seats: {event: seats, aggregate: latest, value: /n, limit: seats}\n"
    "  users: {event: calls, aggregate: unique, value: /u, windows: [24h], limit: seats}\n"
    "  parts: {event: calls, aggregate: sum, value: /n, by: /u, groups: 3, windows: [6h, day],\n"
    "    limit: calls}\n"
    "  faces: {event: calls, aggregate: unique, value: /n, by: /u, groups: 4}\n"
    "rules:\n"
    "  quota: {watch: meter.calls.used, levels: [50%, 80%, 100%], rearm: 5%, cooldown: 2h}\n"
    "  left: {watch: meter.calls.remaining, below: [10]}\n"
    "  full: {watch: meter.seats.used, levels: [75%, 100%], for: 3h, jump: each}\n"
    "  quiet: {watch: meter.calls.6h, below: [0], for: 1d, category: risk}\n"
    "  busy: {watch: meter.calls.day, levels: [30]}\n"
    "  people: {watch: meter.users.24h, levels: [2, 4], when: [\"meter.calls.7d > 20\"]}\n"
    "  renewal: {watch: renewal.days_left, below: [60d, 30d, 7d], category: renewal}\n"
    "  part: {watch: \"meter.parts[2].used\", levels: [20%, 50%], rearm: 5%}\n"
    "  rest: {watch: \"meter.parts[other].6h\", levels: [5, 30]}\n"
    "  face: {watch: \"meter.faces[1].period\", levels: [2, 5, 9]}\n"
    "  soon: {watch: meter.calls.projected, levels: [60%, 150%], rearm: 20%}\n"
    "  idle: {watch: meter.calls.projected, below: [20%], category: risk}\n"
    "  up: {watch: meter.calls.growth.8h, levels: [10%, 50%]}\n"
    "  down: {watch: \"meter.parts[1].drop.7d\", levels: [30%], category: risk}\n"
    "  more: {watch: meter.seats.growth.8h, levels: [10%, 50%]}\n"
    "  old: {watch: tenure.days, levels: [5, 20]}\n"
    "  half: {watch: period.elapsed, levels: [50%], when: [\"meter.calls.used < 40%\"]}\n";

/* All that may be quiet; `judged` has a rule a type more that may not. */
#define QUIET                                                                                      \
    "time: {lateness: 2d}\n"                                                                       \
    "plans:\n"                                                                                     \
    "  small: {limits: {calls: 60, seats: 4}}\n"                                                   \
    "  large: {limits: {calls: 200, seats: unlimited}}\n"                                          \
    "meters:\n"                                                                                    \
    "  calls: {event: calls, aggregate: sum, value: /n, limit: calls, windows: [day]}\n"           \
    "  seats: {event: seats, aggregate: count, limit: seats}\n"                                    \
    "rules:\n"                                                                                     \
    "  quota: {watch: meter.calls.used, levels: [50%, 80%, 100%], rearm: 5%, cooldown: 2h}\n"      \
    "  every: {watch: meter.calls.period, levels: [10, 40, 90], jump: each, rearm: 3}\n"           \
    "  slow: {watch: meter.calls.used, levels: [60%, 110%], for: 3h}\n"                            \
    "  when: {watch: meter.calls.period, levels: [30, 70], when: [\"meter.calls.day > 9\"]}\n"     \
    "  seats: {watch: meter.seats.used, levels: [50%, 100%]}\n"                                    \
    "  taken: {watch: meter.seats.period, levels: [2, 5]}\n"
static const char quiet[] = QUIET;
static const char judged[] = QUIET "  never: {watch: meter.calls.period, below: [-1000000]}\n"
                                   "  neither: {watch: meter.seats.period, below: [-1000000]}\n";

struct history {
    char lines[400][256];
    unsigned count;
};

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static unsigned up_to(uint64_t *state, unsigned bound)
{
    return (unsigned)(next_random(state) % bound);
}

static void data_of(uint64_t *random, char text[160], const char **type)
{
    static const char *const zones[] = {"Europe/Berlin", "America/New_York", "Asia/Kathmandu"};
    switch (up_to(random, 12)) {
    case 0:
        *type = "subscription.created";
        snprintf(text, 160,
            "{\"plan\":\"%s\",\"timezone\":\"%s\",\"renewal_date\":\"2026-%02u-15\"}",
            up_to(random, 2) ? "small" : "large", zones[up_to(random, 3)], 3 + up_to(random, 3));
        break;
    case 1:
        *type = "subscription.updated";
        snprintf(text, 160, "{\"limits\":{\"calls\":%u}}", 20 + up_to(random, 150));
        break;
    case 2:
        *type = up_to(random, 4) ? "subscription.updated" : "subscription.cancelled";
        snprintf(text, 160, "{\"subscription\":\"two\",\"plan\":\"small\"}");
        break;
    case 3:
        *type = "seats";
        snprintf(text, 160, "{\"n\":%u}", up_to(random, 6));
        break;
    case 4:
        *type = "account.updated";
        snprintf(text, 160, "{\"%s\":[\"key%u\"]}",
            up_to(random, 3) ? "aliases" : "aliases_released", up_to(random, 2));
        break;
    default:
        *type = "calls";
        snprintf(
            text, 160, "{\"n\":%d,\"u\":\"%u\"}", (int)up_to(random, 24) - 3, up_to(random, 6));
        break;
    }
}

static void time_text(struct hr_time time, char text[HR_TIME_TEXT])
{
    hr_time_print(time, text);
}

static void make_history(uint64_t seed, struct history *history)
{
    static const char *const names[] = {"acme", "beta", "key0", "key1"};
    uint64_t random = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
    struct hr_time now;
    assert_true(hr_time_parse(HR_STR("2026-01-28T00:00:00Z"), &now));
    history->count = 0;
    for (unsigned i = 0; i < 150; i++) {
        static const int64_t steps[] = {
            0, 1, HR_SECOND, 10 * HR_MINUTE, HR_HOUR, 7 * HR_HOUR, HR_DAY};
        now.us += steps[up_to(&random, 7)];
        char at[HR_TIME_TEXT], event[HR_TIME_TEXT], data[160];
        const char *type;
        data_of(&random, data, &type);
        time_text(now, at);
        int64_t late = up_to(&random, 5) ? 0 : (int64_t)up_to(&random, 47) * HR_HOUR;
        time_text(hr_time_plus(now, up_to(&random, 9) ? -late : 4 * HR_MINUTE), event);
        snprintf(history->lines[history->count++], 256, "%s %s %s %s at=%s", at,
            names[up_to(&random, 4)], type, data, event);
    }
    char at[HR_TIME_TEXT];
    time_text(hr_time_plus(now, 40 * HR_DAY), at);
    snprintf(history->lines[history->count++], 256, "%s tick", at);
}

/* The triggers about one account, in order. */
static char *triggers_of(const char *told, const char *account)
{
    char *found = calloc(1, strlen(told) + 1), wanted[64];
    snprintf(wanted, sizeof wanted, "/%s/", account);
    for (const char *line = told; *line;) {
        size_t len = strcspn(line, "\n") + 1;
        char copy[512];
        snprintf(copy, sizeof copy, "%.*s", (int)len, line);
        if (strncmp(copy, "    ", 4) == 0 && strstr(copy, wanted)) {
            strcat(found, copy);
        }
        line += len;
    }
    return found;
}

static char *tell(const struct history *history, const char *rules, enum story_mode mode)
{
    struct stage *stage = stage_new(rules, mode);
    for (unsigned i = 0; i < history->count; i++) {
        stage_play(stage, history->lines[i]);
    }
    char *told = strdup(stage_told(stage));
    stage_destroy(stage);
    return told;
}

/* Compares the triggers of every account; true when there are any. */
static bool compare(uint64_t seed, int mode, const char *told, const char *other)
{
    static const char *const names[] = {"acme", "beta", "key0", "key1"};
    bool any = false;
    for (int n = 0; n < 4; n++) {
        char *a = triggers_of(told, names[n]), *b = triggers_of(other, names[n]);
        if (strcmp(a, b) != 0) {
            fprintf(stderr, "seed %d, mode %d, %s\n--- one\n%s--- other\n%s", (int)seed, mode,
                names[n], a, b);
            fail();
        }
        any |= strlen(a) > 0;
        free(a);
        free(b);
    }
    return any;
}

static void same_however_told(void **state)
{
    (void)state;
    static struct history history;
    unsigned long triggers = 0;
    for (uint64_t seed = 1; seed <= 25; seed++) {
        make_history(seed, &history);
        char *plain = tell(&history, config, STORY_PLAIN);
        for (int mode = STORY_RELOADED; mode < STORY_MODES; mode++) {
            char *other = tell(&history, config, (enum story_mode)mode);
            triggers += compare(seed, mode, plain, other);
            free(other);
        }
        free(plain);
    }
    assert_true(triggers > 40); /* the histories are not empty */
}

static void same_beside_rules_that_never_fire(void **state)
{
    (void)state;
    static struct history history;
    unsigned long triggers = 0;
    for (uint64_t seed = 101; seed <= 130; seed++) {
        make_history(seed, &history);
        for (int mode = STORY_PLAIN; mode < STORY_MODES; mode++) {
            char *alone = tell(&history, quiet, (enum story_mode)mode);
            char *beside = tell(&history, judged, (enum story_mode)mode);
            triggers += compare(seed, mode, alone, beside);
            free(alone);
            free(beside);
        }
    }
    assert_true(triggers > 80);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_however_told),
        cmocka_unit_test(same_beside_rules_that_never_fire),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
