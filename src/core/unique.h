/* SPDX-License-Identifier: Apache-2.0 */
/* Who was seen: the members behind a `unique` meter of one account, exact, as 128-bit hashes. */
#ifndef HEADROOM_CORE_UNIQUE_H
#define HEADROOM_CORE_UNIQUE_H

#include "headroom/hash.h"
#include "headroom/memory.h"

/* One member of one set. A set is a billing period's, or that of a series of buckets, in which
 * `last` is the newest bucket that saw the member. A member seen in a bucket that has not begun
 * (a clock ahead, within the skew) waits in the series' early set until it has. */
struct hr_member {
    struct hr_hash128 hash;
    int64_t last;
    uint32_t set; /* 0: a free slot */
};

struct hr_members {
    struct hr_pool *pool;
    struct hr_member *slots; /* open addressing, linear probing; room is a power of two */
    uint32_t used, room;
    uint32_t early; /* members in early sets */
    bool dirty;     /* differs from what is stored */
};

static inline uint32_t hr_members_period(uint32_t segment_id)
{
    return segment_id | UINT32_C(0x80000000);
}
static inline uint32_t hr_members_series(uint16_t series)
{
    return series + 1u;
}
static inline uint32_t hr_members_early(uint16_t series)
{
    return hr_members_series(series) | UINT32_C(0x40000000);
}

struct hr_members *hr_members_new(struct hr_pool *pool);
void hr_members_destroy(struct hr_members *members, struct hr_pool *pool);
/* The member's entry, NULL when the set does not have it. */
struct hr_member *hr_members_find(
    const struct hr_members *members, uint32_t set, struct hr_hash128 hash);
/* The same for early sets, which hold a member once a bucket. */
struct hr_member *hr_members_find_early(
    const struct hr_members *members, uint32_t set, struct hr_hash128 hash, int64_t last);
/* Puts it in; it must not be there yet. Marks dirty. */
void hr_members_add(struct hr_members *members, uint32_t set, struct hr_hash128 hash, int64_t last);
void hr_members_drop_set(struct hr_members *members, uint32_t set);
/* Takes one entry out; `member` and all other pointers into the table are void afterwards. */
void hr_members_remove(struct hr_members *members, struct hr_member *member);
/* Forgets members of the set whose last bucket is before `index`. */
void hr_members_expire(struct hr_members *members, uint32_t set, int64_t index);
/* Renumbers the buckets of a set. */
void hr_members_shift(struct hr_members *members, uint32_t set, int64_t by);
/* For a change of rules: first every series that stays gets its new slot, then names settle and
 * the series that nobody renamed are forgotten. */
void hr_members_rename_series(struct hr_members *members, uint16_t from, uint16_t to);
void hr_members_settle_names(struct hr_members *members);
/* The members of one period become another's too; who is in both is there once. */
void hr_members_rename_period(struct hr_members *members, uint32_t from_id, uint32_t to_id);
uint64_t hr_members_count(const struct hr_members *members, uint32_t set);

#endif
