/* SPDX-License-Identifier: Apache-2.0 */
/* Two rule sets over the same events: what only one of them fires, and what moves. */
#ifndef HEADROOM_COMMANDS_VERSUS_H
#define HEADROOM_COMMANDS_VERSUS_H

#include "headroom/codec.h"
#include "headroom/map.h"
#include "print.h"

enum hr_side { HR_SIDE_A, HR_SIDE_B };

/* A trigger that both fire, at another moment; or that one of them fires. */
struct hr_versus_entry {
    uint64_t hash;
    struct hr_str id;
    uint16_t row;         /* of the rule */
    struct hr_time at[2]; /* by side; HR_TIME_NONE: it does not fire there */
};

/* What became of a rule's triggers; rules are the same when their names are. */
struct hr_versus_row {
    struct hr_str name;
    uint64_t fired[2]; /* by side */
    uint64_t same;     /* by both, at the same moment */
    uint64_t only[2];  /* by side */
    uint64_t moved;    /* by both, at different moments */
    int64_t median_us; /* of what moved: by how much B is later; negative: earlier */
};

struct hr_versus;

/* Names (of files) and rule sets stay the caller's. `with_shadow`: what shadow rules fire counts
 * as fired. */
struct hr_versus *hr_versus_new(
    const char *const names[2], const struct hr_rules *const rules[2], bool with_shadow);
void hr_versus_destroy(struct hr_versus *versus);
/* Every trigger of a side, in its order; the sides may take turns as they like. */
void hr_versus_take(struct hr_versus *versus, enum hr_side side, const struct hr_trigger *trigger);
/* After the last trigger, once; before what follows. */
void hr_versus_finish(struct hr_versus *versus);

const char *hr_versus_name(const struct hr_versus *versus, enum hr_side side);
/* Rules of A in their order, then those that only B has. */
size_t hr_versus_rows(const struct hr_versus *versus, const struct hr_versus_row **rows);
/* All that differs, by the earlier moment, then by id. */
size_t hr_versus_entries(
    const struct hr_versus *versus, const struct hr_versus_entry *const **entries);

/* For people: a table by rule and the first of each kind. */
void hr_versus_print(const struct hr_versus *versus, FILE *file);
/* One line of JSON with everything. */
void hr_versus_json(const struct hr_versus *versus, struct hr_buffer *buffer);

/* "2d 3h", "45min", "12s"; without a sign. */
struct hr_str hr_span_text(struct hr_arena *arena, int64_t us);

#endif
