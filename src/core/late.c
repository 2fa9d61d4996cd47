/* SPDX-License-Identifier: Apache-2.0 */
/* Late crossings: usage reported after the end of its period may still have gone over a level of
 * that period, and whoever sells the overage wants to know.
 *
 * A level fires when the late event took the closed period's value over it (it was not beyond
 * before the event), it was not open when that period ended, and nothing holds it back now; held
 * back, it is dropped. It is judged under the limit that the period had last, its id carries that
 * period's date, and its episode is over at once: nothing stays open, nothing resolves. The jump
 * holds here too. */
#include "brake.h"

static bool was_open(const struct hr_segment *segment, uint16_t rule, uint16_t level)
{
    for (uint32_t i = 0; i < segment->open_count; i++) {
        if (segment->open[i].rule == rule && segment->open[i].level == level) {
            return true;
        }
    }
    return false;
}

static bool crossed(const struct hr_instance *before, const struct hr_instance *after,
    const struct hr_segment *segment, uint16_t level)
{
    return hr_instance_beyond(after, level) && !hr_instance_beyond(before, level) &&
           !was_open(segment, after->slot, level);
}

/* `for` has no meaning here, and nothing waits: only cooldown and `when` can hold a level back. */
static bool is_held(struct hr_instance *instance, uint16_t level)
{
    struct hr_time since = instance->levels[level].since;
    instance->levels[level].since = instance->step->account->clock;
    enum hr_why why = hr_level_held(instance, level, NULL);
    instance->levels[level].since = since;
    if (why != HR_WHY_READY) {
        if (why == HR_WHY_BRAKE) {
            hr_brake_engage(instance->step, instance->rule);
        }
        hr_emit_held(instance, level, why, true);
    }
    return why != HR_WHY_READY;
}

static void fire_closed(const struct hr_instance *after, const struct hr_instance *before,
    const struct hr_late *late, uint16_t level)
{
    const struct hr_segment *segment = &after->step->account->segments[late->segment];
    struct hr_level_state *state = &after->levels[level];
    struct hr_level_state kept = *state; /* an episode of the period in force goes on */
    struct hr_emission emission = {.instance = after,
        .level = level,
        .reading = &after->reading,
        .before = &before->reading,
        .late = late,
        .date = segment->date,
        .end = segment->end};
    hr_emit_fired(&emission, state, HR_CAUSE_LATE_CROSSING, false);
    state->flags = kept.flags;
    state->date = kept.date;
    state->number = kept.number;
}

void hr_rule_fire_late(struct hr_step *step, const struct hr_candidate *candidate)
{
    struct hr_account *account = step->account;
    const struct hr_late *late = candidate->late;
    const struct hr_segment *segment = &account->segments[late->segment];
    const struct hr_tally *tally = &segment->tallies[late->slot];
    const struct hr_limit_state *limit = &segment->limits[account->meters[late->slot].meter];
    struct hr_instance after = hr_instance_of(step, candidate->rule, 0);
    after.reading = hr_signal_of_tally(account, after.rule->signal, tally, limit);
    struct hr_instance before = after;
    before.reading = hr_signal_of_tally(account, after.rule->signal, &late->before, limit);
    after.levels = hr_account_levels(account, candidate->rule, step->pool);
    for (uint16_t i = 0; i < after.rule->level_count; i++) {
        uint16_t level = after.rule->jump_each ? i : (uint16_t)(after.rule->level_count - 1 - i);
        if (!crossed(&before, &after, segment, level)) {
            continue;
        }
        if (!is_held(&after, level)) {
            fire_closed(&after, &before, late, level);
        }
        if (!after.rule->jump_each) {
            return; /* the furthest stands for those nearer, also when it is dropped */
        }
    }
}
