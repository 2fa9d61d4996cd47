/* SPDX-License-Identifier: Apache-2.0 */
/* Sets of members: a hash table each, and beside it a sketch once there are too many.
 *
 * How many members a window has exactly is not asked here: the meter's buckets count them
 * (window.c), so that reading a signal never walks members. What an account and a meter have is one
 * stored record however many sets there are (pack_members.c). */
#include "unique.h"

#include "state.h"

#define LEAST_ROOM 16

struct hr_members *hr_members_new(struct hr_pool *pool)
{
    struct hr_members *members = hr_pool_take(pool, sizeof *members);
    members->pool = pool;
    return members;
}

void hr_set_clean_up(struct hr_set *set, struct hr_pool *pool)
{
    hr_pool_give(pool, set->slots, set->room * sizeof *set->slots);
    if (set->sketch) {
        hr_sketch_destroy(set->sketch, pool);
    }
    if (set->trail) {
        hr_trail_destroy(set->trail, pool);
    }
}

void hr_members_destroy(struct hr_members *members, struct hr_pool *pool)
{
    for (uint32_t i = 0; i < members->count; i++) {
        hr_set_clean_up(&members->sets[i], pool);
    }
    hr_pool_give(pool, members->sets, members->count * sizeof *members->sets);
    hr_pool_give(pool, members, sizeof *members);
}

/* --- sets ------------------------------------------------------------------------------------- */

static bool is_early(const struct hr_set *set)
{
    return (set->name & (HR_SET_PERIOD | HR_SET_AHEAD)) == HR_SET_AHEAD;
}

static void count_in(struct hr_members *members, const struct hr_set *set, int64_t by)
{
    members->total = (uint32_t)(members->total + by);
    members->early = (uint32_t)(members->early + (is_early(set) ? by : 0));
}

struct hr_set *hr_members_find(const struct hr_members *members, uint32_t name)
{
    for (uint32_t i = 0; i < members->count; i++) {
        if (members->sets[i].name == name) {
            return &members->sets[i];
        }
    }
    return NULL;
}

void hr_members_give(struct hr_members *members, struct hr_set set)
{
    *(struct hr_set *)hr_list_append(members->pool, &members->sets, &members->count, sizeof set) =
        set;
    count_in(members, &set, set.used);
}

struct hr_set *hr_members_make(struct hr_members *members, uint32_t name)
{
    struct hr_set *set = hr_members_find(members, name);
    if (!set) {
        hr_members_give(members, (struct hr_set){.name = name});
        set = &members->sets[members->count - 1];
    }
    return set;
}

struct hr_set hr_members_take(struct hr_members *members, uint32_t name)
{
    struct hr_set *found = hr_members_find(members, name);
    struct hr_set set = {.name = name};
    if (found) {
        set = *found;
        count_in(members, &set, -(int64_t)set.used);
        hr_list_remove(members->pool, &members->sets, &members->count, sizeof set,
            (uint32_t)(found - members->sets));
    }
    return set;
}

void hr_members_drop(struct hr_members *members, uint32_t name)
{
    struct hr_set set = hr_members_take(members, name);
    hr_set_clean_up(&set, members->pool);
}

void hr_members_rename(struct hr_members *members, const uint16_t *series, uint16_t count)
{
    for (uint32_t i = members->count; i > 0; i--) {
        struct hr_set *set = &members->sets[i - 1];
        uint16_t old = (uint16_t)((set->name & ~HR_SET_AHEAD) - 1);
        if (set->name & HR_SET_PERIOD) {
            continue;
        }
        if (old >= count || series[old] == HR_SET_GONE) {
            hr_members_drop(members, set->name);
        } else {
            set->name = (set->name & HR_SET_AHEAD) | hr_set_of_series(series[old]);
        }
    }
}

void hr_members_fit_trail(struct hr_members *members, uint16_t series, uint32_t keep)
{
    struct hr_set *set = hr_members_find(members, hr_set_of_series(series));
    if (!set || !set->trail || hr_trail_keep(set->trail) == keep) {
        return;
    }
    if (keep > 0) {
        set->trail = hr_trail_fit(set->trail, keep, members->pool);
    } else {
        hr_trail_destroy(set->trail, members->pool);
        set->trail = NULL;
    }
}

/* --- tables ----------------------------------------------------------------------------------- */

/* The slot that means "free" belongs to nobody. */
static struct hr_hash128 key_of(struct hr_hash128 hash)
{
    hash.low += hash.low == 0 && hash.high == 0;
    return hash;
}

static bool is_same(const struct hr_member *member, struct hr_hash128 hash)
{
    return member->hash.low == hash.low && member->hash.high == hash.high;
}

/* The first slot of that hash, or the free one where the search ends. */
static uint32_t search(const struct hr_set *set, struct hr_hash128 hash)
{
    uint32_t i = (uint32_t)hash.low & (set->room - 1);
    while (!hr_member_is_free(&set->slots[i]) && !is_same(&set->slots[i], hash)) {
        i = (i + 1) & (set->room - 1);
    }
    return i;
}

struct hr_member *hr_set_find(const struct hr_set *set, struct hr_hash128 hash)
{
    hash = key_of(hash);
    if (set->room == 0) {
        return NULL;
    }
    struct hr_member *member = &set->slots[search(set, hash)];
    return hr_member_is_free(member) ? NULL : member;
}

bool hr_set_has_early(const struct hr_set *set, struct hr_hash128 hash, int64_t last)
{
    hash = key_of(hash);
    if (set->room == 0) {
        return false;
    }
    for (uint32_t i = search(set, hash); !hr_member_is_free(&set->slots[i]);
         i = (i + 1) & (set->room - 1)) {
        if (is_same(&set->slots[i], hash) && set->slots[i].last == last) {
            return true;
        }
    }
    return false;
}

static void put(struct hr_set *set, struct hr_member member)
{
    uint32_t i = (uint32_t)member.hash.low & (set->room - 1);
    while (!hr_member_is_free(&set->slots[i])) {
        i = (i + 1) & (set->room - 1);
    }
    set->slots[i] = member;
    set->used++;
}

static uint32_t room_for(uint32_t used)
{
    uint32_t room = used > 0 ? LEAST_ROOM : 0;
    while (used >= room / 4 * 3 && room > 0) {
        room *= 2;
    }
    return room;
}

/* Builds the table anew with the members seen in bucket `from` or later. */
static void rebuild(struct hr_members *members, struct hr_set *set, uint32_t room, int64_t from)
{
    struct hr_set old = *set;
    set->slots = room > 0 ? hr_pool_take(members->pool, room * sizeof *set->slots) : NULL;
    set->room = room;
    set->used = 0;
    for (uint32_t i = 0; room > 0 && i < old.room; i++) { /* room for none: none is kept */
        if (!hr_member_is_free(&old.slots[i]) && old.slots[i].last >= from) {
            put(set, old.slots[i]);
        }
    }
    count_in(members, set, (int64_t)set->used - old.used);
    hr_pool_give(members->pool, old.slots, old.room * sizeof *old.slots);
}

void hr_set_add(
    struct hr_members *members, struct hr_set *set, struct hr_hash128 hash, int64_t last)
{
    if (set->used >= set->room / 4 * 3) {
        rebuild(members, set, room_for(set->used + 1), INT64_MIN);
    }
    put(set, (struct hr_member){key_of(hash), last});
    count_in(members, set, 1);
    members->dirty = true;
}

void hr_set_expire(struct hr_members *members, struct hr_set *set, int64_t index)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < set->room; i++) {
        kept += !hr_member_is_free(&set->slots[i]) && set->slots[i].last >= index;
    }
    if (kept < set->used) {
        rebuild(members, set, room_for(kept), index);
    }
}

void hr_set_shift(struct hr_set *set, int64_t by)
{
    for (uint32_t i = 0; i < set->room; i++) {
        set->slots[i].last += hr_member_is_free(&set->slots[i]) ? 0 : by;
    }
    if (set->sketch) {
        set->exact_from += by;
        hr_sketch_shift(set->sketch, by);
    }
    if (set->trail) {
        hr_trail_shift(set->trail, by);
    }
}

/* --- sketches --------------------------------------------------------------------------------- */

void hr_set_sketch(struct hr_members *members, struct hr_set *set, uint32_t keep, int64_t least)
{
    set->sketch = hr_sketch_new(members->pool, keep, least);
    set->exact_from = least;
    set->least_count = set->used;
    for (uint32_t i = 0; i < set->room; i++) {
        if (!hr_member_is_free(&set->slots[i])) {
            hr_sketch_add(set->sketch, set->slots[i].hash, set->slots[i].last, least);
        }
    }
    members->dirty = true;
}

void hr_set_unsketch(struct hr_members *members, struct hr_set *set)
{
    hr_sketch_destroy(set->sketch, members->pool);
    set->sketch = NULL;
    set->least_count = 0;
    set->exact_from = 0;
}

uint64_t hr_set_estimate(const struct hr_set *set, int64_t from)
{
    uint64_t count = hr_sketch_count(set->sketch, from);
    return count < set->least_count ? set->least_count : count;
}

/* --- order ------------------------------------------------------------------------------------ */

static bool less(const struct hr_member *a, const struct hr_member *b)
{
    if (a->hash.low != b->hash.low) {
        return a->hash.low < b->hash.low;
    }
    return a->hash.high != b->hash.high ? a->hash.high < b->hash.high : a->last < b->last;
}

static void sift(struct hr_member *members, uint32_t at, uint32_t count)
{
    for (uint32_t child; (child = 2 * at + 1) < count; at = child) {
        if (child + 1 < count && less(&members[child], &members[child + 1])) {
            child++;
        }
        if (!less(&members[at], &members[child])) {
            return;
        }
        struct hr_member swapped = members[at];
        members[at] = members[child];
        members[child] = swapped;
    }
}

void hr_members_sort(struct hr_member *members, uint32_t count)
{
    for (uint32_t i = count / 2; i > 0; i--) {
        sift(members, i - 1, count);
    }
    for (uint32_t last = count; last > 1; last--) {
        struct hr_member swapped = members[0];
        members[0] = members[last - 1];
        members[last - 1] = swapped;
        sift(members, 0, last - 1);
    }
}
