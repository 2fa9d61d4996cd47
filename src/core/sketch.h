/* SPDX-License-Identifier: Apache-2.0 */
/* How many different members there were, estimated in bounded memory, over any last buckets. */
#ifndef HEADROOM_CORE_SKETCH_H
#define HEADROOM_CORE_SKETCH_H

#include "headroom/hash.h"
#include "headroom/memory.h"

#include <stdbool.h>
#include <stdint.h>

#define HR_SKETCH_REGISTERS 8192u
#define HR_SKETCH_RANKS                                                                            \
    53                     /* 0 is "nothing seen"; the other 51 bits of half a hash give 1 to 52   \
                            */
#define HR_SKETCH_MARKS 10 /* most of one register */

/* A rank that a register saw, and the newest bucket that did. */
struct hr_mark {
    int64_t index;
    unsigned rank;
};

struct hr_sketch;

/* Over a series of `keep` buckets, none of them before `least`. A set without buckets is a series
 * of one. */
struct hr_sketch *hr_sketch_new(struct hr_pool *pool, uint32_t keep, int64_t least);
void hr_sketch_destroy(struct hr_sketch *sketch, struct hr_pool *pool);

/* A member seen in bucket `index`, of which none before `least` is asked for any more. True when
 * that changed the sketch. What is older than the sketch reaches is not in it. */
bool hr_sketch_add(
    struct hr_sketch *sketch, struct hr_hash128 member, int64_t index, int64_t least);
/* The same for what a register of another sketch saw. */
bool hr_sketch_put(struct hr_sketch *sketch, uint32_t number, struct hr_mark mark, int64_t least);
/* Members seen in bucket `from` or later. */
uint64_t hr_sketch_count(const struct hr_sketch *sketch, int64_t from);

/* What a register saw since bucket `least`, oldest bucket and highest rank first; how many. */
unsigned hr_sketch_marks(const struct hr_sketch *sketch, uint32_t number, int64_t least,
    struct hr_mark marks[HR_SKETCH_MARKS]);
uint32_t hr_sketch_keep(const struct hr_sketch *sketch);
/* Renumbers the buckets. */
void hr_sketch_shift(struct hr_sketch *sketch, int64_t by);

#endif
