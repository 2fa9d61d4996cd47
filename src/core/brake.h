/* SPDX-License-Identifier: Apache-2.0 */
/* The brake on a rule: beyond so many accounts in so long by the wall clock of publishing, whatever
 * else it would publish is held until somebody says what becomes of it. */
#ifndef HEADROOM_CORE_BRAKE_H
#define HEADROOM_CORE_BRAKE_H

#include "holds.h"
#include "step.h"

struct hr_brake_fire {
    uint64_t account; /* hash of its name */
    struct hr_time wall;
};

/* Of one live rule of the home's rules, under the key "b:" and the rule's. */
struct hr_brake {
    uint64_t key;
    struct hr_str rule;
    bool on;
    struct hr_time since;         /* wall time; of one that is on */
    uint64_t released, discarded; /* the wakings that did so last; 0: none */
    struct hr_brake_fire *fires;  /* the last of each account, within the time, oldest first */
    uint32_t fire_count, fire_room;
    bool dirty;
};
#define HR_BRAKE_MOST 10000u /* accounts, whatever the share */
#define HR_BRAKE_LEAST 10u   /* a share of fewer is that of so many */

/* The home has these rules from now on. True: a brake that was on is gone. */
HR_MUST bool hr_brakes_follow(struct hr_holds *holds, const struct hr_rules *rules);
void hr_brakes_clean_up(struct hr_holds *holds);

/* Does the rule's brake hold the level back? */
bool hr_brake_holds(
    const struct hr_step *step, const struct hr_rule *rule, const struct hr_level_state *level);
/* It does: it is on from now, if it was not, and says so in the outbox. */
void hr_brake_engage(const struct hr_step *step, const struct hr_rule *rule);
/* The rule fires for the account. */
void hr_brake_note(
    const struct hr_step *step, const struct hr_rule *rule, const struct hr_level_state *level);
/* The level was held by a brake whose holdings this very step discards. */
bool hr_brake_discards(
    const struct hr_step *step, const struct hr_rule *rule, const struct hr_level_state *level);
/* An operator's word. True: all who wait are to be woken, under that number. */
HR_MUST bool hr_brake_tell(struct hr_holds *holds, const struct hr_message *message, uint64_t turn);

/* The record goes with the next batch. A rule that left and came back within the batch has a brake
 * anew: its key is set then and not deleted, for a store may do both in any order. */
bool hr_brake_is_written(const struct hr_holds *holds, uint64_t rule);
struct hr_str hr_brake_key(struct hr_arena *arena, uint64_t rule);
void hr_brake_pack(const struct hr_brake *brake, struct hr_buffer *out);
HR_MUST bool hr_brake_unpack(struct hr_holds *holds, uint64_t rule, struct hr_str bytes);

#endif
