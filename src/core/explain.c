/* SPDX-License-Identifier: Apache-2.0 */
/* Reads off why each level of each rule is as it is (headroom/explain.h). It asks the functions
 * that decide and keeps no opinion of its own: what it says cannot differ from what was done. */
#include "headroom/explain.h"
#include "headroom/never.h"

#include "advice.h"
#include "dossier.h"
#include "inside.h"
#include "text.h"
#include "timing.h"

struct telling {
    struct hr_arena *arena;
    struct hr_step step;
    struct hr_explanation *out;
};

static void tell_signals(struct telling *telling)
{
    const struct hr_layout *layout = telling->step.account->layout;
    const struct hr_rules *rules = layout->rules;
    struct hr_explanation *out = telling->out;
    out->signals = hr_arena_take(telling->arena, (rules->signal_count + 1u) * sizeof *out->signals);
    for (uint16_t s = 0; s < rules->signal_count; s++) {
        if (layout->signals[s].needed) {
            const struct hr_reading *reading = hr_step_reading(&telling->step, s);
            out->signals[out->signal_count++] = (struct hr_signal_now){
                &rules->signals[s], hr_text_reading(telling->arena, &rules->signals[s], reading)};
        }
    }
}

/* "a.b > 40% or c = 1". */
static struct hr_str clause_text(
    struct hr_arena *arena, const struct hr_rules *rules, const struct hr_clause *clause)
{
    struct hr_str text = HR_STR("");
    for (uint16_t i = 0; i < clause->count; i++) {
        struct hr_str condition =
            hr_text_condition(arena, &rules->signals[clause->any[i].signal], &clause->any[i]);
        text = i == 0 ? condition : hr_arena_join(arena, text, " or ", condition);
    }
    return text;
}

/* "a.b is 12%, c is unknown". */
static struct hr_str clause_found(struct telling *telling, const struct hr_clause *clause)
{
    struct hr_arena *arena = telling->arena;
    const struct hr_rules *rules = telling->step.account->layout->rules;
    struct hr_str found = HR_STR("");
    for (uint16_t i = 0; i < clause->count; i++) {
        const struct hr_signal *signal = &rules->signals[clause->any[i].signal];
        struct hr_str value =
            hr_text_reading(arena, signal, hr_step_reading(&telling->step, clause->any[i].signal));
        struct hr_str is =
            hr_arena_join(arena, signal->text, " is ", value.len > 0 ? value : HR_STR("unknown"));
        found = i == 0 ? is : hr_arena_join(arena, found, ", ", is);
    }
    return found;
}

static void tell_level(struct telling *telling, const struct hr_instance *instance, uint16_t at)
{
    static const struct hr_level_state idle = {.fired_at = HR_TIME_NONE};
    const struct hr_rules *rules = telling->step.account->layout->rules;
    const struct hr_level_state *state = instance->levels ? &instance->levels[at] : &idle;
    const struct hr_rule *rule = instance->rule;
    const struct hr_signal *signal = &rules->signals[rule->signal];
    const struct hr_clause *clause;
    struct hr_level_now *level = &telling->out->levels[telling->out->level_count++];
    *level = (struct hr_level_now){
        .rule = &telling->step.account->layout->base->rules->rules[instance->slot],
        .level = &rule->levels[at],
        .text = hr_explain_level(telling->arena, rules, rule, &rule->levels[at]),
        .value = hr_text_reading(telling->arena, signal, &instance->reading),
        .why = hr_level_why(instance, at, &clause),
        .since = HR_TIME_NONE,
        .until = HR_TIME_NONE,
        .episode = state->episode,
        .held_out = (state->flags & HR_LEVEL_HELD_OUT) != 0};
    if (instance->subscription) {
        level->has_subscription = true;
        level->subscription = hr_arena_copy(telling->arena, instance->subscription->name);
    }
    if (state->flags & (HR_LEVEL_WAITING | HR_LEVEL_OPEN)) {
        level->since = state->since;
    }
    if (level->why == HR_WHY_READY || level->why == HR_WHY_FIRED || hr_why_is_held(level->why)) {
        level->advice =
            hr_advise(&(struct hr_advising){.instance = instance, .arena = telling->arena});
    }
    if (level->why == HR_WHY_CLAIMED) {
        level->claim = (enum hr_claim)state->cause;
    } else if (level->why == HR_WHY_FOR) {
        level->until = hr_level_patient(telling->step.account, telling->step.holds, rule, state);
    } else if (level->why == HR_WHY_COOLDOWN) {
        level->until = hr_level_cool(rule, instance->levels, at);
    } else if (level->why == HR_WHY_SILENCE) {
        level->until = hr_time_max(hr_silenced_until(telling->step.account, rule->name),
            hr_step_owner_silenced(&telling->step));
    } else if (level->why == HR_WHY_MILESTONE) {
        level->condition =
            hr_arena_copy(telling->arena, hr_milestone_missing(telling->step.account, rule));
    } else if (hr_why_is_held(level->why) && level->why != HR_WHY_WHEN) {
        level->until = hr_timing_until(telling->step.account, level->why);
    } else if (level->why == HR_WHY_WHEN) {
        level->condition = clause_text(telling->arena, rules, clause);
        level->asked = clause_found(telling, clause);
    }
}

static void tell_levels(struct telling *telling)
{
    struct hr_account *account = telling->step.account;
    const struct hr_rules *rules = account->layout->rules;
    size_t count = 0;
    for (uint16_t r = 0; r < rules->rule_count; r++) {
        count += (size_t)hr_instance_count(account, r) * rules->rules[r].level_count;
    }
    telling->out->levels = hr_arena_take(telling->arena, (count + 1) * sizeof(struct hr_level_now));
    for (uint16_t r = 0; r < rules->rule_count; r++) {
        for (uint16_t i = 0; i < hr_instance_count(account, r); i++) {
            struct hr_instance instance = hr_instance_of(&telling->step, r, i);
            for (uint16_t l = 0; l < instance.rule->level_count; l++) {
                tell_level(telling, &instance, l);
            }
        }
    }
}

bool hr_home_explain(struct hr_home *home, struct hr_str account, struct hr_arena *arena,
    struct hr_explanation *explanation)
{
    struct hr_entry *entry = hr_table_find(home, account, hr_hash64(account, 0));
    *explanation = (struct hr_explanation){0};
    if (!entry || entry->kind != HR_ENTRY_ACCOUNT) {
        return false;
    }
    struct telling telling = {
        .arena = arena, .step = hr_home_step(home, entry, HR_STEP_TIME, NULL), .out = explanation};
    home->room.step++; /* readings of the account as it is now */
    tell_signals(&telling);
    tell_levels(&telling);
    explanation->score = hr_score_tell(entry->account, arena);
    struct hr_str segment = hr_segment_read(entry->account).text;
    explanation->segment = segment.at ? hr_arena_copy(arena, segment) : HR_STR("");
    return true;
}

/* --- in words --------------------------------------------------------------------------------- */

static struct hr_str moment(struct hr_arena *arena, const char *word, struct hr_time time)
{
    char text[HR_TIME_TEXT];
    if (HR_NEVER(hr_time_is(time, HR_TIME_NONE))) { /* what holds by a moment has one */
        return HR_STR("");
    }
    size_t len = hr_time_print(time, text);
    return hr_arena_join(arena, hr_str(word), "", (struct hr_str){text, len});
}

static struct hr_str claim_text(enum hr_claim claim)
{
    switch (claim) {
    case HR_CLAIM_JUMP:
        return HR_STR("claimed by a further level that fired");
    case HR_CLAIM_LIVE_FROM:
        return HR_STR("claimed: beyond already at start.live_from");
    case HR_CLAIM_LATE_NEVER:
        return HR_STR("claimed: passed already when first seen, late: never");
    case HR_CLAIM_ON_START:
        return HR_STR("claimed: beyond already when it was new, on_start: skip");
    case HR_CLAIM_UNDER_OPEN:
        return HR_STR("claimed: new, under a level that is open");
    case HR_CLAIM_MODE:
        return HR_STR("claimed: it fired before the rule's mode changed");
    case HR_CLAIM_BRAKE:
        return HR_STR("claimed: the brake held it, and it was discarded");
    case HR_CLAIM_UNKNOWN:
    case HR_CLAIM_END:
        break;
    }
    return HR_STR("claimed");
}

static struct hr_str span(struct hr_arena *arena, const char *before, int64_t us)
{
    char text[HR_TIME_TEXT];
    size_t len = hr_duration_print(us, text);
    return hr_arena_join(arena, hr_str(before), "", (struct hr_str){text, len});
}

struct hr_str hr_explain_why(struct hr_arena *arena, const struct hr_level_now *level)
{
    switch (level->why) {
    case HR_WHY_READY:
        return HR_STR("fires when it is judged next");
    case HR_WHY_FIRED:
        return level->held_out       ? HR_STR("held out: nobody was told")
               : level->rule->shadow ? HR_STR("fired, in shadow")
                                     : HR_STR("fired");
    case HR_WHY_CLAIMED:
        return claim_text(level->claim);
    case HR_WHY_HISTORY:
        return HR_STR("before start.live_from: counted, not judged");
    case HR_WHY_ENDED:
        return HR_STR("no subscription is active: not judged");
    case HR_WHY_UNKNOWN:
        return HR_STR("the signal is unknown");
    case HR_WHY_NOT_REACHED:
        return hr_arena_join(arena, HR_STR("not reached: "), "", level->value);
    case HR_WHY_VOID:
        return HR_STR("void: not shorter than the term");
    case HR_WHY_NOT_ARMED:
        return HR_STR("not armed: never above the level in this period");
    case HR_WHY_FOR:
        if (hr_time_is(level->until, HR_TIME_NEVER)) {
            return hr_arena_join(arena, span(arena, "waits for ", level->rule->for_us), "",
                HR_STR(", and nothing comes from its source"));
        }
        return hr_arena_join(arena, span(arena, "waits for ", level->rule->for_us), " until ",
            moment(arena, "", level->until));
    case HR_WHY_COOLDOWN:
        return moment(arena, "cooldown until ", level->until);
    case HR_WHY_WHEN:
        return hr_arena_join(arena, hr_arena_join(arena, HR_STR("when: "), "", level->condition),
            " does not hold, ", level->asked);
    case HR_WHY_SILENCE:
        return moment(arena, "silenced until ", level->until);
    case HR_WHY_MIN_TENURE:
        return moment(arena, "timing.min_tenure until ", level->until);
    case HR_WHY_MILESTONE:
        return hr_arena_join(arena, HR_STR("milestone "), "",
            hr_arena_join(arena, level->condition, "", HR_STR(" is not achieved")));
    case HR_WHY_QUIET:
        return moment(arena, "quiet after a dismissal or a decline until ", level->until);
    case HR_WHY_BUDGET:
        return moment(arena, "timing.budget.account is used up until ", level->until);
    case HR_WHY_BRAKE:
        return HR_STR("held by the brake until it is released or discarded");
    case HR_WHY_SOURCE:
    case HR_WHY_COUNT:
        break;
    }
    return HR_STR("held while nothing comes from the source of what it watches");
}

struct hr_str hr_explain_level(struct hr_arena *arena, const struct hr_rules *rules,
    const struct hr_rule *rule, const struct hr_rule_level *level)
{
    return hr_text_amount(arena, rules->signals[rule->signal].unit, level->value, level->currency);
}

struct hr_str hr_explain_rule(
    struct hr_arena *arena, const struct hr_rules *rules, const struct hr_rule *rule)
{
    struct hr_str text = hr_arena_join(arena, rules->signals[rule->signal].text,
        rule->direction == HR_UP ? " >= " : " <= ", HR_STR(""));
    for (uint16_t l = 0; l < rule->level_count; l++) {
        text = hr_arena_join(
            arena, text, l > 0 ? ", " : "", hr_explain_level(arena, rules, rule, &rule->levels[l]));
    }
    if (rule->for_us > 0) {
        text = hr_arena_join(arena, text, ", ", span(arena, "for ", rule->for_us));
    }
    for (uint16_t c = 0; c < rule->when_count; c++) {
        text = hr_arena_join(
            arena, text, c == 0 ? ", when " : " and ", clause_text(arena, rules, &rule->when[c]));
    }
    if (rule->cooldown_us > 0) {
        text = hr_arena_join(arena, text, ", ", span(arena, "cooldown ", rule->cooldown_us));
    }
    return text;
}

struct hr_time hr_home_next(const struct hr_home *home, struct hr_str account)
{
    const struct hr_entry *entry = hr_table_find(home, account, hr_hash64(account, 0));
    return entry ? entry->due : HR_TIME_NEVER;
}
