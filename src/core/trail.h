/* SPDX-License-Identifier: Apache-2.0 */
/* Who was seen in which bucket: what `growth` and `drop` of a unique meter are made of. */
#ifndef HEADROOM_CORE_TRAIL_H
#define HEADROOM_CORE_TRAIL_H

#include "headroom/buffer.h"
#include "headroom/hash.h"
#include "headroom/memory.h"

#include <stdbool.h>
#include <stdint.h>

#define HR_TRAIL_MOST 4096u /* members; of more a sample is kept */
#define HR_TRAIL_KEEP 1000u /* most buckets */
#define HR_TRAIL_LEVELS 40u /* each halves the sample */

struct hr_trail;

/* Over `keep` buckets, of which `open` is the newest. From the pool, as what it grows by. */
struct hr_trail *hr_trail_new(struct hr_pool *pool, uint32_t keep, int64_t open);
void hr_trail_destroy(struct hr_trail *trail, struct hr_pool *pool);

/* A member was seen in bucket `index`, while `now` is open, which never goes back. True when that
 * was not known; what is older than the trail reaches is not kept. */
bool hr_trail_see(struct hr_trail *trail, struct hr_hash128 member, int64_t index, int64_t now,
    struct hr_pool *pool);
/* All that another trail knows; that one stays as it is, but for its newest bucket. */
void hr_trail_take(
    struct hr_trail *trail, struct hr_trail *from, int64_t now, struct hr_pool *pool);
uint32_t hr_trail_keep(const struct hr_trail *trail);
/* The same trail over another number of buckets; the old one is no more. */
struct hr_trail *hr_trail_fit(struct hr_trail *trail, uint32_t keep, struct hr_pool *pool);

/* Different members seen in the buckets `from` to `to`, while `now` is open; `exact` turns false
 * when it is estimated. */
uint64_t hr_trail_count(struct hr_trail *trail, int64_t from, int64_t to, int64_t now,
    struct hr_pool *pool, bool *exact);
/* The first bucket behind `now` at whose begin two halves of `half` whole buckets each hold others
 * than now, or are another sample of them; INT64_MAX when none does. */
int64_t hr_trail_turn(const struct hr_trail *trail, int64_t now, int64_t half);

/* Renumbers the buckets. */
void hr_trail_shift(struct hr_trail *trail, int64_t by);

/* Stored: as it stands while `now` is open, which is known to whoever reads it. */
void hr_trail_put(struct hr_trail *trail, int64_t now, struct hr_pool *pool, struct hr_buffer *out);
/* NULL, and the reader is bad, when no trail was ever stored so. */
struct hr_trail *hr_trail_get(struct hr_reader *in, int64_t now, struct hr_pool *pool);
/* Is there anything to store, while `now` is open? */
bool hr_trail_has_any(struct hr_trail *trail, int64_t now, struct hr_pool *pool);

#endif
