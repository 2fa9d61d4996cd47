/* SPDX-License-Identifier: Apache-2.0 */
/* Opens levels: the furthest that is ready fires and claims those nearer (`jump: each` fires all,
 * nearest first).
 *
 * A level is ready when it has been beyond for as long as `for` says, no cooldown holds it, `when`
 * holds now, timing lets it pass (timing.c) and nobody has silenced the account or the rule.
 * Cooldown is by level: a level waits
 * while it or a further one fired less than that ago, so a nearer fire never holds back a further
 * one. What is held back is neither fired nor claimed; it waits, and is judged again at the next
 * step or when its time is over (due.c). */
#include "brake.h"
#include "dossier.h"
#include "holds.h"
#include "source.h"
#include "step.h"
#include "timing.h"

struct hr_time hr_level_cool(
    const struct hr_rule *rule, const struct hr_level_state *levels, uint16_t level)
{
    struct hr_time over = HR_TIME_NONE;
    for (uint16_t l = level; rule->cooldown_us > 0 && l < rule->level_count; l++) {
        if (!hr_time_is(levels[l].fired_at, HR_TIME_NONE)) {
            over = hr_time_max(over, hr_time_plus(levels[l].fired_at, rule->cooldown_us));
        }
    }
    return over;
}

/* The first clause of `when` that does not hold; NULL: it holds. */
static const struct hr_clause *when_fails(const struct hr_instance *instance)
{
    const struct hr_rules *rules = instance->step->account->layout->rules;
    for (uint16_t c = 0; c < instance->rule->when_count; c++) {
        const struct hr_clause *clause = &instance->rule->when[c];
        bool holds = false;
        for (uint16_t i = 0; i < clause->count && !holds; i++) {
            holds = hr_condition_holds(
                rules, &clause->any[i], hr_step_reading(instance->step, clause->any[i].signal));
        }
        if (!holds) {
            return clause;
        }
    }
    return NULL;
}

struct hr_time hr_step_owner_silenced(const struct hr_step *step)
{
    return hr_owner_silenced(step->holds, step->account, hr_step_sees_before(step));
}

struct hr_time hr_level_patient(const struct hr_account *account, const struct hr_holds *holds,
    const struct hr_rule *rule, const struct hr_level_state *level)
{
    return rule->for_us > 0 ? hr_source_patience(account, holds, rule, level->since) : level->since;
}

enum hr_why hr_level_held(
    const struct hr_instance *instance, uint16_t level, const struct hr_clause **clause)
{
    const struct hr_level_state *state = &instance->levels[level];
    int64_t now = instance->step->account->clock.us;
    if (clause) {
        *clause = NULL;
    }
    const struct hr_step *step = instance->step;
    if (instance->rule->direction == HR_DOWN &&
        !hr_time_is(hr_source_silent(step, instance->rule), HR_TIME_NONE)) {
        return HR_WHY_SOURCE;
    }
    if (now < hr_level_patient(step->account, step->holds, instance->rule, state).us) {
        return HR_WHY_FOR;
    }
    if (now < hr_level_cool(instance->rule, instance->levels, level).us) {
        return HR_WHY_COOLDOWN;
    }
    const struct hr_clause *fails = when_fails(instance);
    if (clause) {
        *clause = fails;
    }
    if (fails) {
        return HR_WHY_WHEN;
    }
    enum hr_why timing = hr_timing_held(instance->step->account, instance->rule);
    if (timing != HR_WHY_READY) {
        return timing;
    }
    bool silent = hr_silenced_until(instance->step->account, instance->rule->name).us > now ||
                  hr_step_owner_silenced(instance->step).us > now;
    if (silent) {
        return HR_WHY_SILENCE;
    }
    return hr_brake_holds(instance->step, instance->rule, state) ? HR_WHY_BRAKE : HR_WHY_READY;
}

/* Once a reason while the level waits; those nearer that wait for the same say nothing new. */
static void record_held(const struct hr_instance *instance, uint16_t level, enum hr_why why)
{
    struct hr_level_state *state = &instance->levels[level];
    if (state->held == why) {
        return;
    }
    state->held = (uint8_t)why;
    instance->step->account->due_stale = true;
    for (uint16_t l = (uint16_t)(level + 1); l < instance->rule->level_count; l++) {
        if ((instance->levels[l].flags & HR_LEVEL_WAITING) && instance->levels[l].held == why) {
            return;
        }
    }
    hr_emit_held(instance, level, why, false);
}

/* A timer that acts late may find that what held it then has ended since: it is woken at that
 * moment. NEVER: it has not ended. */
static struct hr_time known_end(const struct hr_instance *instance, enum hr_why why)
{
    const struct hr_step *step = instance->step;
    return why == HR_WHY_SOURCE    ? hr_source_silent(step, instance->rule)
           : why == HR_WHY_SILENCE ? hr_owner_changes(step->holds, step->account)
                                   : HR_TIME_NEVER;
}

/* What may end before its time without anything coming for the account. */
static void wait_for_home(
    const struct hr_instance *instance, const struct hr_level_state *state, enum hr_why why)
{
    struct hr_step *step = instance->step;
    if (why == HR_WHY_BRAKE && (state->held != HR_WHY_BRAKE || step->turn > 0)) {
        hr_brake_engage(step, instance->rule);
    }
    bool stands_still = why == HR_WHY_FOR && hr_time_is(hr_level_patient(step->account, step->holds,
                                                            instance->rule, state),
                                                 HR_TIME_NEVER);
    if (why == HR_WHY_BRAKE || why == HR_WHY_SOURCE || stands_still ||
        (why == HR_WHY_SILENCE && hr_step_owner_silenced(step).us > step->account->clock.us)) {
        hr_wait(step->holds, step->entry, known_end(instance, why));
    }
}

static bool is_ready(const struct hr_instance *instance, uint16_t level)
{
    struct hr_level_state *state = &instance->levels[level];
    if (!(state->flags & HR_LEVEL_WAITING)) {
        return false;
    }
    if (hr_brake_discards(instance->step, instance->rule, state)) {
        hr_level_claim(instance, level, HR_CLAIM_BRAKE);
        return false;
    }
    enum hr_why why = hr_level_held(instance, level, NULL);
    if (why != HR_WHY_READY) {
        wait_for_home(instance, state, why);
        record_held(instance, level, why);
    }
    return why == HR_WHY_READY;
}

static void fire(struct hr_instance *instance, uint16_t level)
{
    struct hr_account *account = instance->step->account;
    struct hr_level_state *state = &instance->levels[level];
    const struct hr_segment *segment = &account->segments[account->current];
    bool late = (state->flags & HR_LEVEL_LATE) != 0;
    state->flags = (uint8_t)((state->flags & ~(HR_LEVEL_WAITING | HR_LEVEL_LATE)) | HR_LEVEL_FIRED);
    state->since = account->clock;
    struct hr_emission emission = {.instance = instance,
        .level = level,
        .reading = &instance->reading,
        .before = &instance->before,
        .date = segment->date,
        .end = segment->end};
    hr_emit_fired(&emission, state, (enum hr_cause)state->cause, late);
    account->due_stale = true;
}

/* Levels nearer than the one that fired, as far as they are beyond. `only_late`: those that were
 * passed already when first seen. */
static void claim_nearer(struct hr_instance *instance, uint16_t level, bool only_late)
{
    for (uint16_t l = 0; l < level; l++) {
        struct hr_level_state *state = &instance->levels[l];
        if ((state->flags & HR_LEVEL_OPEN) || !hr_instance_beyond(instance, l) ||
            (only_late && !(state->flags & HR_LEVEL_LATE))) {
            continue;
        }
        state->flags =
            (uint8_t)((state->flags & ~(HR_LEVEL_WAITING | HR_LEVEL_LATE)) | HR_LEVEL_CLAIMED);
        state->cause = HR_CLAIM_JUMP;
        state->since = instance->step->account->clock;
    }
}

static void fire_each(struct hr_instance *instance)
{
    /* Of windows that were passed already only the furthest fires, whatever the jump. */
    for (uint16_t l = instance->rule->level_count; l > 0; l--) {
        if ((instance->levels[l - 1].flags & HR_LEVEL_LATE) &&
            is_ready(instance, (uint16_t)(l - 1))) {
            claim_nearer(instance, (uint16_t)(l - 1), true);
            break;
        }
    }
    for (uint16_t l = 0; l < instance->rule->level_count; l++) {
        if (is_ready(instance, l)) {
            fire(instance, l);
        }
    }
}

void hr_rule_fire(struct hr_step *step, const struct hr_candidate *candidate)
{
    struct hr_instance instance = hr_instance_of(step, candidate->rule, candidate->instance);
    if (instance.rule->jump_each) {
        fire_each(&instance);
        return;
    }
    for (uint16_t l = instance.rule->level_count; l > 0; l--) {
        uint16_t level = (uint16_t)(l - 1);
        if (is_ready(&instance, level)) {
            fire(&instance, level);
            claim_nearer(&instance, level, false);
            return;
        }
    }
}
