/* SPDX-License-Identifier: Apache-2.0 */
/* A case as it is played: rules and configuration change on the way. */
#ifndef TEST_TABLE_PLAY_H
#define TEST_TABLE_PLAY_H

#include "world.h"

struct play {
    const struct table *table;
    const struct table_case *one;
    enum mode mode;
    struct world *world;
    const char **with;
    size_t with_count;
    struct rule_line *rules;
    size_t rule_count;
    struct hr_arena arena;
    bool failed;
};

/* The configuration as it stands: what is given, what the case has instead, the rules. */
const char *play_config(struct play *play);
/* Adds a rule or changes the one of that name. */
void play_rule(struct play *play, const char *name, const char *text);
/* Puts "KEY: VALUE" in the place of what was configured under that key. */
void play_with(struct play *play, const char *text);
/* Lets a step happen. False: nobody understands it. */
bool play_step(struct play *play, const struct step *step);

#endif
