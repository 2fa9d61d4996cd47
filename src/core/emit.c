/* SPDX-License-Identifier: Apache-2.0 */
/* Triggers, as they go into the outbox. An id is RULE/ACCOUNT/LEVEL/DATE#N; number.c sees to it
 * that none comes twice. A resolution carries the DATE and N of the fire that it ends. */
#include "advice.h"

#include "brake.h"
#include "group.h"
#include "headroom/never.h"
#include "number.h"
#include "outcome.h"
#include "pace.h"
#include "step.h"
#include "timing.h"
#include "window.h"

static void remember(struct hr_step *step, uint32_t key, uint32_t number, int64_t date)
{
    struct hr_account *account = step->account;
    if (account->recent_count == HR_RECENT_COUNT) {
        memmove(
            account->recent, account->recent + 1, (HR_RECENT_COUNT - 1) * sizeof *account->recent);
    } else {
        hr_list_append(
            step->pool, &account->recent, &account->recent_count, sizeof *account->recent);
    }
    account->recent[account->recent_count - 1] =
        (struct hr_recent){key, number, date, account->clock};
}

static struct hr_trigger *append(struct hr_outbox *outbox)
{
    if (outbox->trigger_count == outbox->trigger_room) {
        size_t room = outbox->trigger_room ? outbox->trigger_room * 2 : 16;
        outbox->triggers = hr_arena_grow(outbox->arena, outbox->triggers,
            outbox->trigger_count * sizeof *outbox->triggers, room * sizeof *outbox->triggers);
        outbox->trigger_room = room;
    }
    struct hr_trigger *trigger = &outbox->triggers[outbox->trigger_count++];
    memset(trigger, 0, sizeof *trigger);
    return trigger;
}

/* Own levels live no longer than accounts follow them: what is told of one is a copy. */
static const struct hr_rule_level *level_told(const struct hr_instance *instance, uint16_t level)
{
    const struct hr_rule_level *told = &instance->rule->levels[level];
    struct hr_arena *arena = instance->step->outbox->arena;
    const struct hr_layout *layout = instance->step->account->layout;
    if (layout == layout->base) {
        return told;
    }
    struct hr_rule_level *copy = hr_arena_take(arena, sizeof *copy);
    *copy = *told;
    copy->text = hr_arena_copy(arena, told->text);
    return copy;
}

void hr_emit_held(const struct hr_instance *instance, uint16_t level, enum hr_why why, bool late)
{
    struct hr_outbox *outbox = instance->step->outbox;
    if (outbox->held_count == outbox->held_room) {
        size_t room = outbox->held_room ? outbox->held_room * 2 : 16;
        outbox->held = hr_arena_grow(outbox->arena, outbox->held,
            outbox->held_count * sizeof *outbox->held, room * sizeof *outbox->held);
        outbox->held_room = room;
    }
    const struct hr_rules *rules = instance->step->account->layout->base->rules;
    outbox->held[outbox->held_count++] = (struct hr_held){.rule = &rules->rules[instance->slot],
        .level = level_told(instance, level),
        .account = hr_arena_copy(outbox->arena, instance->step->name),
        .why = why,
        .late = late};
}

/* What the meter counted and what it may: why the trigger is right. */
static void add_evidence(struct hr_trigger *trigger, const struct hr_emission *emission)
{
    const struct hr_account *account = emission->instance->step->account;
    const struct hr_signal *signal =
        &account->layout->rules->signals[emission->instance->rule->signal];
    if (!account->layout->signals[emission->instance->rule->signal].on_meter) {
        return;
    }
    const struct hr_meter *meter = &account->layout->rules->meters[signal->meter];
    const struct hr_segment *ended =
        emission->late ? &account->segments[emission->late->segment] : NULL;
    uint16_t window = hr_signal_has_window(signal) ? signal->window : 0;
    uint16_t slot = account->layout->signals[emission->instance->rule->signal].slot;
    struct hr_tally tally = ended ? ended->tallies[slot] : hr_window_tally(account, slot, window);
    trigger->approximate = ended ? !hr_segment_is_exact(account, slot, emission->late->segment)
                                 : !hr_window_is_exact(account, slot, window);
    trigger->sampled =
        hr_signal_is_trend(signal) && !hr_trend_is_exact(account, emission->instance->rule->signal);
    trigger->has_meter = true;
    if (hr_slot_is_group(account, slot)) {
        trigger->group = hr_group_value(account, slot); /* named by the rule set, and as lasting */
    }
    trigger->meter_unknown = hr_tally_reading(meter->aggregate, &tally).kind == HR_READING_UNKNOWN;
    trigger->meter_value = tally.value;
    if (meter->aggregate == HR_AVG && tally.count > 0) {
        struct hr_decimal count = hr_decimal_from_int((int64_t)tally.count);
        /* A share of what fits does. */
        trigger->has_meter = !HR_NEVER(!hr_decimal_mul_div(
            tally.value, HR_DECIMAL_ONE, count, HR_DECIMAL_PLACES, &trigger->meter_value));
    }
    const struct hr_limit_state *limit =
        ended ? &ended->limits[signal->meter] : &account->meters[signal->meter].limit;
    trigger->has_limit = limit->kind != HR_LIMIT_NONE;
    trigger->unlimited = limit->kind == HR_LIMIT_UNLIMITED;
    trigger->limit = limit->value;
    if (!ended && hr_slot_layout(account, slot)->closes != HR_NO_SERIES) {
        trigger->forecast = hr_forecast_of(account, slot);
    }
}

static struct hr_trigger *emit(const struct hr_emission *emission,
    const struct hr_level_state *level, enum hr_trigger_kind kind)
{
    const struct hr_instance *instance = emission->instance;
    struct hr_step *step = instance->step;
    const struct hr_rules *rules = step->account->layout->rules;
    const struct hr_signal *signal = &rules->signals[instance->rule->signal];
    struct hr_trigger *trigger = append(step->outbox);
    trigger->kind = kind;
    trigger->rules = step->account->layout->base->rules;
    trigger->rule = &trigger->rules->rules[instance->slot];
    trigger->level = level_told(instance, emission->level);
    trigger->account = hr_arena_copy(step->outbox->arena, step->name);
    if (level->flags & HR_LEVEL_NAMED) {
        trigger->has_subscription = true;
        /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): NAMED is what has one */
        trigger->subscription = hr_arena_copy(step->outbox->arena, instance->subscription->name);
    }
    trigger->known = hr_reading_value(signal, emission->reading, &trigger->value);
    trigger->has_previous = hr_reading_value(signal, emission->before, &trigger->previous);
    memcpy(trigger->currency, emission->reading->currency, sizeof trigger->currency);
    memcpy(trigger->previous_currency, emission->before->currency, sizeof trigger->currency);
    add_evidence(trigger, emission);
    trigger->held_out = (level->flags & HR_LEVEL_HELD_OUT) != 0;
    trigger->episode = level->episode;
    trigger->date = level->date;
    trigger->number = level->number;
    trigger->event_time = step->event_time;
    trigger->ingested = step->arrival;
    trigger->decided = step->account->clock;
    return trigger;
}

static bool has_several(const struct hr_account *account)
{
    uint32_t active = 0;
    for (uint32_t i = 0; i < account->subscription_count; i++) {
        active += account->subscriptions[i].active;
    }
    return active > 1;
}

void hr_emit_fired(const struct hr_emission *emission, struct hr_level_state *level,
    enum hr_cause cause, bool late)
{
    const struct hr_instance *instance = emission->instance;
    struct hr_account *account = instance->step->account;
    const struct hr_subscription *named =
        instance->subscription && has_several(account) ? instance->subscription : NULL;
    uint32_t key = hr_number_key(instance->rule, &instance->rule->levels[emission->level], named);
    bool held_out = !instance->rule->shadow &&
                    hr_is_held_out(account->layout->rules, instance->rule, instance->step->name);
    level->flags = (uint8_t)((level->flags & ~(HR_LEVEL_NAMED | HR_LEVEL_HELD_OUT)) |
                             (named ? HR_LEVEL_NAMED : 0) | (held_out ? HR_LEVEL_HELD_OUT : 0));
    level->episode++;
    level->date = emission->date;
    level->number =
        hr_number_next(account, key, emission->date, emission->end, instance->step->pool);
    level->fired_at = account->clock;
    remember(instance->step, key, level->number, level->date);
    if (!held_out) {
        hr_brake_note(instance->step, instance->rule, level);
        hr_fires_note(account, instance->rule, instance->step->pool);
    }
    struct hr_trigger *trigger = emit(emission, level, HR_FIRED);
    trigger->cause = cause;
    trigger->late = late;
    trigger->advice = hr_advise(&(struct hr_advising){
        .instance = instance, .late = emission->late, .arena = instance->step->outbox->arena});
    hr_outcomes_fired(instance->step, trigger, key);
}

void hr_emit_resolved(const struct hr_emission *emission, const struct hr_level_state *level,
    enum hr_resolution resolution)
{
    struct hr_trigger *trigger = emit(emission, level, HR_RESOLVED);
    trigger->resolution = resolution;
}
