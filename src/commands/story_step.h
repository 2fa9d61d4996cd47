/* SPDX-License-Identifier: Apache-2.0 */
/* A step of a story, for those who tell it: what has changed (story.c), in text (story_text.c) and
 * as JSON (story_json.c). */
#ifndef HEADROOM_COMMANDS_STORY_STEP_H
#define HEADROOM_COMMANDS_STORY_STEP_H

#include "headroom/explain.h"
#include "story.h"

struct hr_story {
    struct hr_witness witness;
    bool json, heard;
    const struct hr_rules *rules;
    struct hr_arena arenas[2]; /* of the state before and the state after, in turn */
    int now;                   /* the one of `last` */
    bool known;                /* `last` is there */
    struct hr_explanation last;
    struct hr_buffer out;
};

/* One step: the state before it (none for an account that begins) and after it. */
struct hr_story_step {
    struct hr_story *story;
    struct hr_arena *arena;
    const struct hr_witnessed *what;
    const struct hr_explanation *before, *after; /* NULL: there is no such account then */
};

const struct hr_level_now *hr_story_level_before(
    const struct hr_explanation *before, const struct hr_level_now *level);
/* Of the levels whose reason has changed, those that triggers do not tell of. A level that was not
 * there and is not there is nothing to tell. */
bool hr_story_is_news(const struct hr_level_now *old, const struct hr_level_now *level);
/* HISTORY or ENDED where that is the reason of all levels, else HR_WHY_COUNT. */
enum hr_why hr_story_common_reason(const struct hr_explanation *state);
/* Is the trigger of this story's account? */
bool hr_story_is_own(const struct hr_story_step *step, const struct hr_trigger *trigger);
/* Did any level do anything? */
bool hr_story_levels_moved(const struct hr_story_step *step);
struct hr_str hr_story_value_before(
    const struct hr_story_step *step, const struct hr_signal *signal);
/* A late crossing that was held back leaves nothing behind: it is told when it happens. */
bool hr_story_is_dropped(const struct hr_story_step *step, const struct hr_held *held);
struct hr_str hr_story_held_level(const struct hr_story_step *step, const struct hr_held *held);

/* Append to the story's output. */
void hr_story_tell_people(const struct hr_story_step *step);
void hr_story_tell_machines(const struct hr_story_step *step);

#endif
