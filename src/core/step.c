/* SPDX-License-Identifier: Apache-2.0 */
/* What happens around the judging of rules.
 *
 * A step has three parts. First the account is brought to the step's moment: what signals were just
 * before is read (triggers show it as `previous`), then periods that are over end and limits follow
 * from subscriptions that began or ended. Then the caller does what the step is about: counts a
 * record, takes facts, or nothing, when only time passed. Then the rules that any of this can touch
 * are judged.
 *
 * Every change by time alone has its own step at its own moment (due.c), so a record's step finds
 * the account up to date but for its own effect. */
#include "step.h"

#include "period.h"
#include "quiet.h"
#include "shrink.h"
#include "subscription.h"
#include "window.h"

static void note_limits(struct hr_step *step)
{
    const struct hr_account *account = step->account;
    for (uint16_t m = 0; m < account->layout->rules->meter_count; m++) {
        step->room->limits[m] = account->meters[m].limit;
    }
}

static void compare_limits(struct hr_step *step)
{
    const struct hr_account *account = step->account;
    for (uint16_t m = 0; m < account->layout->rules->meter_count; m++) {
        const struct hr_limit_state *was = &step->room->limits[m];
        const struct hr_limit_state *is = &account->meters[m].limit;
        step->limits_changed |=
            was->kind != is->kind || hr_decimal_compare(was->value, is->value) != 0;
    }
    hr_limits_follow(step->account, step->pool);
}

/* Signals as they were just before the moment: what time moves steadily is not what it was when
 * somebody last looked, which may depend on how often that happens. */
static void note_before(struct hr_step *step, struct hr_time now, const struct hr_touch *touch)
{
    struct hr_account *account = step->account;
    step->old_today = account->today;
    step->old_zone = account->segment_count > 0 ? account->zone : NULL;
    for (uint32_t i = 0; i < account->subscription_count; i++) {
        struct hr_subscription *subscription = &account->subscriptions[i];
        subscription->renewed = false;
        subscription->had_renewal = subscription->has_renewal;
        subscription->old_renewal_day = subscription->renewal_day;
    }
    if (account->segment_count == 0) {
        return; /* the account begins with this step: there was no signal before it */
    }
    account->clock = hr_time_max(account->clock, hr_time_plus(now, -1));
    for (uint16_t i = 0; i < touch->signal_count; i++) {
        uint16_t signal = touch->signals[i];
        step->room->before[signal] = hr_signal_read(account, signal);
        step->room->before_read[signal] = step->room->step;
    }
}

/* Which calendar windows ended: in the zone that the account had, or by another zone's date that is
 * ahead. A date that goes back ends nothing (effective.c). */
static void find_resets(struct hr_step *step)
{
    if (!step->old_zone) {
        return;
    }
    int64_t was = step->old_today, is = step->account->today;
    if (step->old_zone != step->account->zone) {
        int64_t there = hr_zone_day(step->old_zone, step->account->clock);
        is = there > is ? there : is;
    }
    step->day_reset |= is > was;
    step->week_reset |=
        hr_calendar_index(is, HR_WINDOW_WEEK) > hr_calendar_index(was, HR_WINDOW_WEEK);
    step->month_reset |=
        hr_calendar_index(is, HR_WINDOW_MONTH) > hr_calendar_index(was, HR_WINDOW_MONTH);
}

void hr_step_follow_facts(struct hr_step *step)
{
    hr_account_refresh(step->account);
    step->period_reset |= hr_account_roll(step->account, step->room->limits, step->pool);
    compare_limits(step);
    find_resets(step);
}

void hr_step_begin(struct hr_step *step, struct hr_time now, const struct hr_touch *touch)
{
    struct hr_account *account = step->account;
    if (step->kind != HR_STEP_USAGE || step->corrected || now.us >= account->steady_until.us) {
        hr_bars_drop(account);
    }
    step->room->step++;
    note_before(step, now, touch);
    account->clock = now;
    hr_limits_follow(account, step->pool);
    if (now.us >= account->steady_until.us || step->kind != HR_STEP_USAGE) {
        note_limits(step);
    }
    if (now.us >= account->steady_until.us) {
        hr_account_refresh(account);
        step->period_reset |= hr_account_roll(account, step->room->limits, step->pool);
        compare_limits(step);
        find_resets(step);
    }
    hr_meters_ripen(account, step->pool);
}

void hr_step_pass(struct hr_step *step, struct hr_time now)
{
    step->account->clock = now;
    hr_meters_ripen(step->account, step->pool);
}

const struct hr_reading *hr_step_reading(struct hr_step *step, uint16_t signal)
{
    struct hr_step_room *room = step->room;
    if (room->after_read[signal] != room->step) {
        room->after[signal] = hr_signal_read(step->account, signal);
        room->after_read[signal] = room->step;
    }
    return &room->after[signal];
}

const struct hr_reading *hr_step_before(struct hr_step *step, uint16_t signal)
{
    static const struct hr_reading unknown = {.kind = HR_READING_UNKNOWN};
    struct hr_step_room *room = step->room;
    return room->before_read[signal] == room->step ? &room->before[signal] : &unknown;
}

/* --- judging ---------------------------------------------------------------------------------- */

void hr_step_add_candidate(struct hr_step *step, struct hr_candidate candidate)
{
    struct hr_step_room *room = step->room;
    if (step->candidate_count == room->candidate_room) {
        size_t size = sizeof candidate;
        uint32_t more = room->candidate_room ? room->candidate_room * 2 : 16;
        room->candidates =
            hr_pool_grow(step->pool, room->candidates, room->candidate_room * size, more * size);
        room->candidate_room = more;
    }
    /* Kept in the order of firing: by rank, a closed period before the one in force. */
    const struct hr_rule_layout *layouts = step->account->layout->rule_layouts;
    uint32_t at = step->candidate_count++;
    while (at > 0) {
        const struct hr_candidate *other = &room->candidates[at - 1];
        uint16_t rank = layouts[candidate.rule].rank, other_rank = layouts[other->rule].rank;
        if (other_rank < rank || (other_rank == rank && (other->late || !candidate.late))) {
            break;
        }
        room->candidates[at] = *other;
        at--;
    }
    room->candidates[at] = candidate;
}

static void add_late_candidates(struct hr_step *step, uint16_t rule)
{
    const struct hr_layout *layout = step->account->layout;
    if (!layout->rule_layouts[rule].late_crossing || step->account->ended) {
        return;
    }
    uint16_t slot = layout->signals[layout->rules->rules[rule].signal].slot;
    for (uint16_t i = 0; i < step->late_count; i++) {
        if (step->room->late[i].slot == slot) {
            hr_step_add_candidate(step, (struct hr_candidate){rule, 0, &step->room->late[i]});
        }
    }
}

void hr_step_judge(struct hr_step *step, const struct hr_touch *touch)
{
    if (!step->account->live) {
        return; /* history is counted and not judged */
    }
    for (uint16_t i = 0; i < touch->rule_count; i++) {
        hr_rule_resolve(step, touch->rules[i]);
        if (step->late_count > 0) {
            add_late_candidates(step, touch->rules[i]);
        }
    }
    for (uint32_t i = 0; i < step->candidate_count; i++) {
        const struct hr_candidate *candidate = &step->room->candidates[i];
        if (candidate->late) {
            hr_rule_fire_late(step, candidate);
        } else {
            hr_rule_fire(step, candidate);
        }
    }
    if (step->kind == HR_STEP_USAGE && !step->corrected && touch->has_bars) {
        hr_bars_set(step->account, touch);
    }
}
