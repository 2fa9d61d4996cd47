/* SPDX-License-Identifier: Apache-2.0 */
/* Input of `simulate`: any lines, through the codec and the core, as a user would give them. Every
 * line has one verdict, what was counted adds up, and lines played together or one by one decide
 * the same. */
#include "world.h"

#include "commands/playback.h"
#include "headroom/hash.h"

#include <string.h>

struct told {
    uint64_t triggers, refused, hash;
};

static void take_trigger(void *context, const struct hr_trigger *trigger)
{
    struct told *told = context;
    demand(trigger->account.len > 0 && trigger->level && trigger->rule, "a trigger is whole");
    told->triggers++;
    told->hash = hr_hash64(trigger->account, told->hash ^ (uint64_t)trigger->decided.us);
    told->hash = hr_hash64(trigger->level->text, told->hash ^ trigger->rule->key ^ trigger->kind);
}

static void take_refusal(void *context, enum hr_reason reason, const char *detail)
{
    struct told *told = context;
    told->refused++;
    demand(reason != HR_REASON_NONE && detail[0], "a refusal says why");
}

static void check_sums(const struct hr_summary *summary, const struct told *told)
{
    uint64_t verdicts = 0, letters = 0;
    for (int i = 0; i <= HR_IGNORED; i++) {
        verdicts += summary->verdicts[i];
    }
    for (int i = 0; i < HR_REASON_COUNT; i++) {
        letters += summary->letters[i];
    }
    demand(verdicts == summary->events, "every line has one verdict");
    demand(letters == told->refused, "every refusal is told");
}

static struct told play(const struct hr_str *lines, size_t count, size_t together)
{
    struct told told = {0};
    struct hr_error error;
    const struct hr_playback_settings settings = {.config = world_config(),
        .zones = world_zones(),
        .format = hr_format_preset(HR_STR("cloudevents")),
        .max_step_us = 7 * HR_DAY,
        .triggers = -1,
        .dead_letters = -1,
        .decided = take_trigger,
        .refused = take_refusal,
        .context = &told};
    struct hr_playback *playback = hr_playback_new(&settings);
    for (size_t i = 0; i < count; i += together) {
        size_t some = count - i < together ? count - i : together;
        demand(hr_playback_lines(playback, "", i + 1, lines + i, some, false, &error) == HR_OK,
            "lines are played");
    }
    demand(hr_playback_finish(playback, HR_TIME_NONE, &error) == HR_OK, "and end");
    check_sums(hr_playback_summary(playback), &told);
    hr_playback_destroy(playback);
    return told;
}

/* Whether a line names a year far from the others: all days until then would be lived through. */
static bool goes_far(struct hr_str line)
{
    for (size_t i = 1; i + 5 <= line.len; i++) {
        if (line.at[i - 1] == '"' && line.at[i + 4] == '-' && memcmp(line.at + i, "2026", 4) != 0) {
            return true;
        }
    }
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct hr_str lines[HR_PLAYED_TOGETHER], rest = {(const char *)bytes, len};
    size_t count = 0;
    while (rest.len > 0 && count < HR_PLAYED_TOGETHER) {
        lines[count] = first_line((const uint8_t *)rest.at, rest.len, &rest);
        if (goes_far(lines[count++])) {
            return -1;
        }
    }
    struct told together = play(lines, count, HR_PLAYED_TOGETHER), alone = play(lines, count, 1);
    demand(together.triggers == alone.triggers && together.hash == alone.hash &&
               together.refused == alone.refused,
        "lines together decide as lines alone");
    return 0;
}
