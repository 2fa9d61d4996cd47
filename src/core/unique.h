/* SPDX-License-Identifier: Apache-2.0 */
/* Who was seen: the members behind a `unique` meter of one account, as 128-bit hashes. */
#ifndef HEADROOM_CORE_UNIQUE_H
#define HEADROOM_CORE_UNIQUE_H

#include "headroom/hash.h"
#include "headroom/memory.h"

#include "sketch.h"
#include "trail.h"

#define HR_EXACT_MEMBERS 4096u /* of one window; what has more is estimated */
#define HR_SERIES_MOST 1000u   /* buckets of a series: a year of days, seven hours of minutes */
/* Of all sets of a meter together: beyond it the sets of ended periods become sketches, oldest
 * first, so that one record holds them all however many periods lateness keeps. */
#define HR_MEMBERS_MOST 262144u

struct hr_member {
    struct hr_hash128 hash; /* zero: a free slot */
    int64_t last;           /* of a series: the newest bucket that saw it */
};
static inline bool hr_member_is_free(const struct hr_member *member)
{
    return member->hash.low == 0 && member->hash.high == 0;
}

/* The members of a billing period, or those of a series of buckets. Exact members are in the table;
 * once there were too many, all are in the sketch and the table has those alone that were seen in
 * `exact_from` or later, of a period none. A member seen in a bucket that has not begun (a clock
 * ahead, within the skew) waits in the series' early set until it has, there once a bucket. */
struct hr_set {
    uint32_t name;
    uint32_t used, room;      /* room is a power of two, or 0 */
    struct hr_member *slots;  /* open addressing, linear probing */
    struct hr_sketch *sketch; /* NULL: exact */
    int64_t exact_from;       /* of a series with a sketch */
    uint32_t least_count;     /* of a set with a sketch: as many are known to be there */
    struct hr_trail *trail;   /* of a series whose trend is asked for: every bucket that saw them */
};

struct hr_members {
    struct hr_pool *pool;
    struct hr_set *sets; /* in the order in which they began */
    uint32_t count;
    uint32_t total; /* members in tables */
    uint32_t early; /* of them in early sets */
    bool dirty;     /* differs from what is stored */
};

#define HR_SET_PERIOD UINT32_C(0x80000000)
#define HR_SET_AHEAD UINT32_C(0x40000000)

/* Names of sets. */
static inline uint32_t hr_set_of_period(uint32_t segment_id)
{
    return segment_id | HR_SET_PERIOD;
}
static inline uint32_t hr_set_of_series(uint16_t series)
{
    return series + 1u;
}
static inline uint32_t hr_set_of_early(uint16_t series)
{
    return hr_set_of_series(series) | HR_SET_AHEAD;
}

struct hr_members *hr_members_new(struct hr_pool *pool);
void hr_members_destroy(struct hr_members *members, struct hr_pool *pool);

/* NULL when there is none. Pointers to sets are void once another one is made or taken out. */
struct hr_set *hr_members_find(const struct hr_members *members, uint32_t name);
struct hr_set *hr_members_make(struct hr_members *members, uint32_t name);
/* Takes a set out: it is the caller's, who cleans it up. Empty when there was none. */
struct hr_set hr_members_take(struct hr_members *members, uint32_t name);
/* Puts in a set that is not there yet; it belongs to the members then. */
void hr_members_give(struct hr_members *members, struct hr_set set);
void hr_members_drop(struct hr_members *members, uint32_t name);
/* For a change of rules: the sets of the series, by their old place, get their new one, or go
 * (HR_SET_GONE). */
#define HR_SET_GONE UINT16_MAX
void hr_members_rename(struct hr_members *members, const uint16_t *series, uint16_t count);

/* For a change of rules: the trail of a series is over so many buckets from now on; 0: it goes. */
void hr_members_fit_trail(struct hr_members *members, uint16_t series, uint32_t keep);

/* The member's entry, NULL when the table does not have it. */
struct hr_member *hr_set_find(const struct hr_set *set, struct hr_hash128 hash);
/* Puts it into the table; it must not be there yet, of an early set not in that bucket. */
void hr_set_add(
    struct hr_members *members, struct hr_set *set, struct hr_hash128 hash, int64_t last);
bool hr_set_has_early(const struct hr_set *set, struct hr_hash128 hash, int64_t last);
/* Forgets members of the table whose last bucket is before `index`. */
void hr_set_expire(struct hr_members *members, struct hr_set *set, int64_t index);
/* Renumbers the buckets. */
void hr_set_shift(struct hr_set *set, int64_t by);
/* Makes the sketch, of all members in the table, over `keep` buckets from `least` on. */
void hr_set_sketch(struct hr_members *members, struct hr_set *set, uint32_t keep, int64_t least);
/* Forgets the sketch; the table is exact again. */
void hr_set_unsketch(struct hr_members *members, struct hr_set *set);
/* Is the table all there is of the buckets from `from` on? */
static inline bool hr_set_is_exact(const struct hr_set *set, int64_t from)
{
    return !set->sketch || from >= set->exact_from;
}
/* Members in bucket `from` and later, estimated: at least as many as are known to be there. */
uint64_t hr_set_estimate(const struct hr_set *set, int64_t from);
void hr_set_clean_up(struct hr_set *set, struct hr_pool *pool);
/* By hash, then by last bucket. */
void hr_members_sort(struct hr_member *members, uint32_t count);

#endif
