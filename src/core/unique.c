/* SPDX-License-Identifier: Apache-2.0 */
/* Sets of members in one table: an entry is (set, hash). A table an account and meter is one block
 * of memory and one stored record however many windows the meter has.
 *
 * How many members a window has is not asked here: the meter's buckets count them (window.c), so
 * that reading a signal never walks members. */
#include "unique.h"

#define LEAST_ROOM 16
#define RENAMED UINT32_C(0x20000000)
#define EARLY UINT32_C(0x40000000)
#define PERIOD UINT32_C(0x80000000)

struct hr_members *hr_members_new(struct hr_pool *pool)
{
    struct hr_members *members = hr_pool_take(pool, sizeof *members);
    members->pool = pool;
    members->room = LEAST_ROOM;
    members->slots = hr_pool_take(pool, LEAST_ROOM * sizeof *members->slots);
    return members;
}

void hr_members_destroy(struct hr_members *members, struct hr_pool *pool)
{
    hr_pool_give(pool, members->slots, members->room * sizeof *members->slots);
    hr_pool_give(pool, members, sizeof *members);
}

static uint32_t home_slot(const struct hr_members *members, uint32_t set, struct hr_hash128 hash)
{
    return (uint32_t)(hash.low + set * UINT64_C(0x9e3779b97f4a7c15)) & (members->room - 1);
}

/* `last` NULL: whichever bucket saw it. */
static struct hr_member *find(
    const struct hr_members *members, uint32_t set, struct hr_hash128 hash, const int64_t *last)
{
    uint32_t i = home_slot(members, set, hash);
    for (;; i = (i + 1) & (members->room - 1)) {
        struct hr_member *member = &members->slots[i];
        if (member->set == 0) {
            return NULL;
        }
        if (member->set == set && member->hash.low == hash.low && member->hash.high == hash.high &&
            (!last || member->last == *last)) {
            return member;
        }
    }
}

struct hr_member *hr_members_find(
    const struct hr_members *members, uint32_t set, struct hr_hash128 hash)
{
    return find(members, set, hash, NULL);
}

struct hr_member *hr_members_find_early(
    const struct hr_members *members, uint32_t set, struct hr_hash128 hash, int64_t last)
{
    return find(members, set, hash, &last);
}

static void put(struct hr_members *members, struct hr_member member)
{
    uint32_t i = home_slot(members, member.set, member.hash);
    while (members->slots[i].set != 0) {
        i = (i + 1) & (members->room - 1);
    }
    members->slots[i] = member;
    members->used++;
    members->early += (member.set & (PERIOD | EARLY)) == EARLY;
}

/* Builds the table anew with what `keep` keeps; it may change the entry. */
static void rebuild(struct hr_members *members, uint32_t room,
    bool (*keep)(struct hr_member *, const void *), const void *context)
{
    struct hr_member *old = members->slots;
    uint32_t old_room = members->room;
    members->slots = hr_pool_take(members->pool, room * sizeof *members->slots);
    members->room = room;
    members->used = members->early = 0;
    for (uint32_t i = 0; i < old_room; i++) {
        if (old[i].set != 0 && (!keep || keep(&old[i], context))) {
            put(members, old[i]);
        }
    }
    hr_pool_give(members->pool, old, old_room * sizeof *old);
}

void hr_members_add(struct hr_members *members, uint32_t set, struct hr_hash128 hash, int64_t last)
{
    if (members->used >= members->room / 4 * 3) {
        rebuild(members, members->room * 2, NULL, NULL);
    }
    put(members, (struct hr_member){hash, last, set});
    members->dirty = true;
}

static bool not_in_set(struct hr_member *member, const void *context)
{
    return member->set != *(const uint32_t *)context;
}

void hr_members_drop_set(struct hr_members *members, uint32_t set)
{
    rebuild(members, members->room, not_in_set, &set);
}

static bool not_marked(struct hr_member *member, const void *context)
{
    return member != context;
}

void hr_members_remove(struct hr_members *members, struct hr_member *member)
{
    rebuild(members, members->room, not_marked, member);
    members->dirty = true;
}

struct expiry {
    uint32_t set;
    int64_t index;
};

static bool still_in_window(struct hr_member *member, const void *context)
{
    const struct expiry *expiry = context;
    return member->set != expiry->set || member->last >= expiry->index;
}

void hr_members_expire(struct hr_members *members, uint32_t set, int64_t index)
{
    struct expiry expiry = {set, index};
    rebuild(members, members->room, still_in_window, &expiry);
}

void hr_members_shift(struct hr_members *members, uint32_t set, int64_t by)
{
    for (uint32_t i = 0; i < members->room; i++) {
        if (members->slots[i].set == set) {
            members->slots[i].last += by;
            members->dirty = true;
        }
    }
}

struct renaming {
    uint32_t from, to;
};

static bool rename_one(struct hr_member *member, const void *context)
{
    const struct renaming *renaming = context;
    if (!(member->set & (PERIOD | RENAMED)) && (member->set & ~EARLY) == renaming->from) {
        member->set = (member->set & EARLY) | RENAMED | renaming->to;
    }
    return true;
}

void hr_members_rename_series(struct hr_members *members, uint16_t from, uint16_t to)
{
    struct renaming renaming = {hr_members_series(from), hr_members_series(to)};
    rebuild(members, members->room, rename_one, &renaming);
}

static bool settle_one(struct hr_member *member, const void *context)
{
    (void)context;
    if (member->set & PERIOD) {
        return true;
    }
    bool renamed = (member->set & RENAMED) != 0;
    member->set &= ~RENAMED;
    return renamed;
}

void hr_members_settle_names(struct hr_members *members)
{
    rebuild(members, members->room, settle_one, NULL);
}

void hr_members_rename_period(struct hr_members *members, uint32_t from_id, uint32_t to_id)
{
    struct hr_members *old = hr_members_new(members->pool);
    struct hr_members swapped = *members;
    *members = *old;
    *old = swapped;
    for (uint32_t i = 0; i < old->room; i++) {
        struct hr_member member = old->slots[i];
        if (member.set == hr_members_period(from_id)) {
            member.set = hr_members_period(to_id);
        }
        if (member.set != 0 && !find(members, member.set, member.hash, &member.last)) {
            hr_members_add(members, member.set, member.hash, member.last);
        }
    }
    members->dirty = true;
    hr_members_destroy(old, members->pool);
}

uint64_t hr_members_count(const struct hr_members *members, uint32_t set)
{
    uint64_t count = 0;
    for (uint32_t i = 0; i < members->room; i++) {
        count += members->slots[i].set == set;
    }
    return count;
}
