/* SPDX-License-Identifier: Apache-2.0 */
/* The story of one account, line by line: what came, what the signals were before and after, what
 * fired, and of what did not fire, why not. */
#ifndef HEADROOM_COMMANDS_STORY_H
#define HEADROOM_COMMANDS_STORY_H

#include "playback.h"

struct hr_story;

/* On standard output: text for people, or with `json` an object a line. */
struct hr_story *hr_story_new(struct hr_str account, bool json);
void hr_story_destroy(struct hr_story *story);
/* To be handed to the playback; lives as long as the story. */
const struct hr_witness *hr_story_witness(const struct hr_story *story);
/* How everything stands at the end; after the playback has finished, before it is destroyed. False:
 * nothing was ever heard of that account. */
HR_MUST bool hr_story_finish(struct hr_story *story);

#endif
