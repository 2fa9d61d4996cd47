/* SPDX-License-Identifier: Apache-2.0 */
/* A home with everything around it that a test needs: a clock, a store, messages that arrive. */
#ifndef TEST_STAGE_H
#define TEST_STAGE_H

#include "headroom/home.h"

#include "story.h"

struct stage;
struct stage *stage_new(const char *config, enum story_mode mode);
void stage_destroy(struct stage *stage);
/* Tells below each trigger that fired what it advises. */
void stage_tell_advice(struct stage *stage);
/* One line of a story that happens. */
void stage_play(struct stage *stage, const char *line);
void stage_rules(struct stage *stage, const char *line, const char *config);
/* Everything that was played and followed, as the file writes it. */
const char *stage_told(const struct stage *stage);
size_t stage_count(const struct stage *stage, const char *what); /* how often it was told */

struct hr_home *stage_home(struct stage *stage);
struct hr_zones *stage_zones(void);
const struct hr_rules *stage_rules_of(void *stage, uint32_t epoch);
void stage_reload(struct stage *stage); /* packs everything, drops the memory, loads it again */
void stage_want(struct stage *stage, const char *name); /* loads it */
/* What is stored under a key, after everything that changed was. */
struct hr_str stage_stored(struct stage *stage, const char *key);
size_t stage_stored_bytes(struct stage *stage, const char *key);
/* The key of each value that is stored, after everything that changed was; at NULL behind the last.
 */
struct hr_str stage_key(struct stage *stage, size_t number);
/* For a second home over what is stored. */
struct hr_home_settings stage_settings(const struct stage *stage);
struct hr_time stage_clock(const struct stage *stage);

#endif
