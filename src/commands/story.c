/* SPDX-License-Identifier: Apache-2.0 */
/* A story is made by comparing: after every step of the account the core says how each level of
 * each rule stands and why (headroom/explain.h), and what has changed since the step before is what
 * there is to tell. Nothing is decided or guessed here.
 *
 * A line that changes nothing is told in one line. Time that passes is told only when something
 * came of it. Counters of days change with every date; they are told where a level did something.
 */
#include "story_step.h"

static void saw(void *context, struct hr_home *home, const struct hr_witnessed *what);

struct hr_story *hr_story_new(struct hr_str account, bool json)
{
    struct hr_story *story = hr_alloc(sizeof(*story));
    story->witness = (struct hr_witness){.account = account, .saw = saw, .context = story};
    story->json = json;
    hr_arena_init(&story->arenas[0]);
    hr_arena_init(&story->arenas[1]);
    return story;
}

void hr_story_destroy(struct hr_story *story)
{
    if (story) {
        hr_arena_clean_up(&story->arenas[0]);
        hr_arena_clean_up(&story->arenas[1]);
        hr_buffer_clean_up(&story->out);
        hr_free(story);
    }
}

const struct hr_witness *hr_story_witness(const struct hr_story *story)
{
    return &story->witness;
}

/* --- what has changed ---------------------------------------------------------------------------
 */

const struct hr_level_now *hr_story_level_before(
    const struct hr_explanation *before, const struct hr_level_now *level)
{
    for (size_t i = 0; before && i < before->level_count; i++) {
        const struct hr_level_now *old = &before->levels[i];
        if (old->rule == level->rule && hr_str_equal(old->text, level->text) &&
            old->has_subscription == level->has_subscription &&
            hr_str_equal(old->subscription, level->subscription)) {
            return old;
        }
    }
    return NULL;
}

bool hr_story_is_news(const struct hr_level_now *old, const struct hr_level_now *level)
{
    bool same = old && old->why == level->why && old->claim == level->claim &&
                hr_str_equal(old->condition, level->condition);
    if (same || level->why == HR_WHY_FIRED) {
        return false;
    }
    if (level->why == HR_WHY_NOT_REACHED || level->why == HR_WHY_UNKNOWN) {
        return old && (hr_why_is_held(old->why) || old->why == HR_WHY_CLAIMED);
    }
    return true;
}

/* All levels for the same reason, which is not about any of them. */
static bool all_are(const struct hr_explanation *state, enum hr_why why)
{
    for (size_t i = 0; state && i < state->level_count; i++) {
        if (state->levels[i].why != why) {
            return false;
        }
    }
    return state && state->level_count > 0;
}

enum hr_why hr_story_common_reason(const struct hr_explanation *state)
{
    return all_are(state, HR_WHY_HISTORY) ? HR_WHY_HISTORY
           : all_are(state, HR_WHY_ENDED) ? HR_WHY_ENDED
                                          : HR_WHY_COUNT;
}

bool hr_story_is_own(const struct hr_story_step *step, const struct hr_trigger *trigger)
{
    return hr_str_equal(trigger->account, step->story->witness.account);
}

bool hr_story_levels_moved(const struct hr_story_step *step)
{
    for (size_t i = 0; i < step->what->trigger_count; i++) {
        if (hr_story_is_own(step, &step->what->triggers[i])) {
            return true;
        }
    }
    for (size_t i = 0; step->after && i < step->after->level_count; i++) {
        const struct hr_level_now *level = &step->after->levels[i];
        if (hr_story_is_news(hr_story_level_before(step->before, level), level)) {
            return true;
        }
    }
    return hr_story_common_reason(step->before) != hr_story_common_reason(step->after);
}

struct hr_str hr_story_value_before(
    const struct hr_story_step *step, const struct hr_signal *signal)
{
    for (size_t i = 0; step->before && i < step->before->signal_count; i++) {
        if (step->before->signals[i].signal == signal) {
            return step->before->signals[i].value;
        }
    }
    return HR_STR("");
}

bool hr_story_is_dropped(const struct hr_story_step *step, const struct hr_held *held)
{
    return held->late && hr_str_equal(held->account, step->story->witness.account);
}

struct hr_str hr_story_held_level(const struct hr_story_step *step, const struct hr_held *held)
{
    const struct hr_rules *rules = step->story->rules;
    return hr_explain_level(step->arena, rules, held->rule, held->level);
}

/* --- steps --------------------------------------------------------------------------------------
 */

static bool concerns(const struct hr_story *story, const struct hr_witnessed *what)
{
    return what->event && (hr_str_equal(what->event->account, story->witness.account) ||
                              hr_str_equal(what->account, story->witness.account));
}

static void flush(struct hr_story *story)
{
    hr_put_out(hr_buffer_str(&story->out));
    hr_buffer_clear(&story->out);
}

/* A fact of another account can be about this one, too: an alias is claimed, its usage moves. */
static void saw(void *context, struct hr_home *home, const struct hr_witnessed *what)
{
    struct hr_story *story = context;
    int next = 1 - story->now;
    struct hr_explanation state;
    bool about = concerns(story, what);
    story->rules = hr_home_rules(home);
    if (!about && what->event && !what->event->fact) {
        return;
    }
    hr_arena_reset(&story->arenas[next]);
    bool known = hr_home_explain(home, story->witness.account, &story->arenas[next], &state);
    const struct hr_story_step step = {.story = story,
        .arena = &story->arenas[next],
        .what = what,
        .before = story->known ? &story->last : NULL,
        .after = known ? &state : NULL};
    if (about || hr_story_levels_moved(&step)) {
        story->heard = true;
        (story->json ? hr_story_tell_machines : hr_story_tell_people)(&step);
        flush(story);
    }
    story->last = state;
    story->known = known;
    story->now = next;
}

/* All rows: those that gave nothing say why. */
static void tell_score(struct hr_story *story)
{
    struct hr_arena *arena = &story->arenas[story->now];
    const struct hr_score *score = &story->last.score;
    struct hr_grid grid;
    hr_grid_init(&grid, (const char *const[]){"ROW", ">POINTS", "", NULL});
    for (uint16_t i = 0; i < score->part_count; i++) {
        const struct hr_score_part *part = &score->parts[i];
        hr_grid_row(
            &grid, (struct hr_str[]){part->row->name.at ? part->row->name : HR_STR(""),
                       hr_arena_printf(arena, "%d", part->given ? (int)part->row->points : 0),
                       part->because});
    }
    printf("\nscore %lld, %s", (long long)score->total, hr_printable(arena, score->tier, 64));
    printf("%s%s\n", story->last.segment.len > 0 ? "; segment " : "",
        hr_printable(arena, story->last.segment, 400));
    hr_grid_print(&grid, "  ", stdout);
    hr_grid_clean_up(&grid);
}

static void tell_end(struct hr_story *story)
{
    struct hr_grid grid;
    hr_grid_init(&grid, (const char *const[]){"RULE", ">LEVEL", ">VALUE", "", NULL});
    for (size_t i = 0; i < story->last.level_count; i++) {
        const struct hr_level_now *level = &story->last.levels[i];
        hr_grid_row(&grid, (struct hr_str[]){level->rule->name, level->text,
                               level->value.len > 0 ? level->value : HR_STR("unknown"),
                               hr_explain_why(&story->arenas[story->now], level)});
    }
    printf("\nat the end\n");
    hr_grid_print(&grid, "  ", stdout);
    hr_grid_clean_up(&grid);
    tell_score(story);
}

bool hr_story_finish(struct hr_story *story)
{
    if (story->known && !story->json) {
        tell_end(story);
    }
    return story->heard;
}
