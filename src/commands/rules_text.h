/* SPDX-License-Identifier: Apache-2.0 */
/* What changed between two rule sets, key by key. */
#ifndef HEADROOM_COMMANDS_RULES_TEXT_H
#define HEADROOM_COMMANDS_RULES_TEXT_H

#include "headroom/memory.h"

/* One key of a canonical text and its value: "rules.capacity.levels" and "[80%, 90%]". */
struct hr_setting_change {
    struct hr_str path;
    struct hr_str before, after; /* at NULL: there was, or is, no such key */
};

/* All differences, in the order of the newer text; what is gone stands where it was. In the arena.
 */
size_t hr_rules_changes(struct hr_str before, struct hr_str after, struct hr_arena *arena,
    struct hr_setting_change **changes);

#endif
