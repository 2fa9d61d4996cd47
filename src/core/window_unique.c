/* SPDX-License-Identifier: Apache-2.0 */
/* Members of `unique` meters, counted.
 *
 * In a series a member counts in the newest bucket that saw it, so the buckets of any window that
 * ends now add up to its members, each once. A billing period has no buckets: it counts who was not
 * there before.
 *
 * A window is exact up to HR_EXACT_MEMBERS. When the members of a series are more, the series gets
 * a sketch of all of them, and the members of its oldest bucket leave the table, then those of the
 * next, until the rest is few enough: so a short window stays exact beside a long one that is not,
 * and a long one is exact again once the crowd has passed. A bucket that only the sketch has keeps
 * a mark in its cell, for there is still a moment at which it leaves its windows (hr_windows_due).
 * From which bucket on the table is whole depends on who was seen when, not on the order. */
#include "unique.h"
#include "window.h"

static const struct hr_tally one = {{(__int128)1000000000000}, 1};

static struct hr_tally tally_of(uint64_t count)
{
    return (struct hr_tally){{one.value.units * (__int128)count}, count};
}

static struct hr_members *members_of(
    struct hr_account *account, uint16_t slot, struct hr_pool *pool)
{
    struct hr_meter_state *state = &account->meters[slot];
    if (!state->members) {
        state->members = hr_members_new(pool);
    }
    return state->members;
}

static const struct hr_series_spec *spec_of(
    const struct hr_account *account, uint16_t slot, uint16_t series)
{
    return &hr_slot_layout(account, slot)->series[series];
}

static int64_t least_of(const struct hr_account *account, const struct hr_series_spec *spec)
{
    return hr_series_now(account, spec) - (int64_t)spec->keep + 1;
}

/* --- series ----------------------------------------------------------------------------------- */

/* Takes the member out of the bucket that counted it so far, if a window still reaches it. */
static void uncount(struct hr_account *account, struct hr_series *series, int64_t index)
{
    struct hr_cell *cell = hr_series_find(series, index);
    if (cell && cell->tally.count > 0) {
        cell->tally.count--;
        cell->tally.value.units -= one.value.units;
        account->due_stale |= cell->tally.count == 0;
    }
}

static void mark(struct hr_account *account, struct hr_cell *cell)
{
    if (cell->tally.count == 0) {
        cell->tally = one;
        account->due_stale = true;
    }
}

/* The table has none any more that were seen last before `from`; the sketch has them. */
static void leave_to_sketch(
    struct hr_series *series, struct hr_members *members, struct hr_set *set, int64_t from)
{
    for (uint32_t i = 0; i < series->count && series->cells[i].index < from; i++) {
        if (series->cells[i].index >= set->exact_from && series->cells[i].tally.count > 0) {
            series->cells[i].tally = one;
        }
    }
    hr_set_expire(members, set, from);
    set->exact_from = from;
}

static int64_t oldest_of(const struct hr_set *set)
{
    int64_t oldest = INT64_MAX;
    for (uint32_t i = 0; i < set->room; i++) {
        if (!hr_member_is_free(&set->slots[i]) && set->slots[i].last < oldest) {
            oldest = set->slots[i].last;
        }
    }
    return oldest;
}

static void bound_series(
    struct hr_account *account, uint16_t slot, uint16_t number, struct hr_set *set)
{
    struct hr_members *members = account->meters[slot].members;
    const struct hr_series_spec *spec = spec_of(account, slot, number);
    int64_t least = least_of(account, spec);
    hr_set_expire(members, set, least);
    if (set->used > HR_EXACT_MEMBERS && !set->sketch) {
        hr_set_sketch(members, set, spec->keep, least);
    }
    while (set->used > HR_EXACT_MEMBERS) {
        leave_to_sketch(&account->meters[slot].series[number], members, set, oldest_of(set) + 1);
    }
}

/* A sketch that no window needs is one that the stored state does not have either. */
static void forget_sketch(struct hr_members *members, struct hr_set *set, int64_t least)
{
    if (set->sketch && set->exact_from <= least) {
        hr_set_unsketch(members, set);
    }
}

static struct hr_trail *trail_of(const struct hr_account *account, struct hr_members *members,
    struct hr_set *set, const struct hr_series_spec *spec)
{
    if (!set->trail) {
        set->trail = hr_trail_new(members->pool, spec->keep, hr_series_now(account, spec));
    }
    return set->trail;
}

static void see_on_trail(struct hr_account *account, struct hr_members *members, struct hr_set *set,
    const struct hr_series_spec *spec, int64_t index, struct hr_hash128 hash)
{
    struct hr_trail *trail = trail_of(account, members, set, spec);
    if (hr_trail_see(trail, hash, index, hr_series_now(account, spec), members->pool)) {
        members->dirty = true;
        account->due_stale = true;
    }
}

static void count_in_bucket(struct hr_account *account, uint16_t slot, uint16_t number,
    int64_t index, struct hr_hash128 hash, struct hr_pool *pool)
{
    struct hr_members *members = members_of(account, slot, pool);
    struct hr_cell *cell = hr_series_cell(account, slot, number, index, pool);
    struct hr_set *set = hr_members_make(members, hr_set_of_series(number));
    const struct hr_series_spec *spec = spec_of(account, slot, number);
    int64_t least = least_of(account, spec);
    if (spec->trail) {
        see_on_trail(account, members, set, spec, index, hash);
    }
    forget_sketch(members, set, least);
    if (set->sketch) {
        members->dirty |= hr_sketch_add(set->sketch, hash, index, least);
        if (index < set->exact_from) {
            mark(account, cell);
            return;
        }
    }
    struct hr_member *member = hr_set_find(set, hash);
    if (member && member->last >= index) {
        return;
    }
    account->due_stale |= cell->tally.count == 0;
    hr_tally_merge(HR_UNIQUE, &cell->tally, &one);
    if (member) {
        uncount(account, &account->meters[slot].series[number], member->last);
        member->last = index;
        members->dirty = true;
        return;
    }
    hr_set_add(members, set, hash, index);
    if (set->used > HR_EXACT_MEMBERS) {
        bound_series(account, slot, number, set);
    }
}

void hr_series_see(struct hr_account *account, uint16_t slot, uint16_t series, int64_t index,
    struct hr_hash128 hash, struct hr_pool *pool)
{
    const struct hr_series_spec *spec = spec_of(account, slot, series);
    int64_t now = hr_series_now(account, spec);
    if (!hr_series_reached(account, spec, index)) {
        return;
    }
    if (index <= now) {
        count_in_bucket(account, slot, series, index, hash, pool);
        return;
    }
    struct hr_members *members = members_of(account, slot, pool);
    struct hr_set *set = hr_members_make(members, hr_set_of_early(series));
    if (set->used == HR_EXACT_MEMBERS) {
        count_in_bucket(account, slot, series, now, hash, pool); /* a crowd does not wait */
    } else if (!hr_set_has_early(set, hash, index)) {
        hr_set_add(members, set, hash, index);
        account->due_stale = true;
    }
}

static void take_sketch(struct hr_account *account, uint16_t slot, uint16_t number,
    const struct hr_set *set, struct hr_pool *pool)
{
    struct hr_members *members = members_of(account, slot, pool);
    struct hr_set *into = hr_members_make(members, hr_set_of_series(number));
    const struct hr_series_spec *spec = spec_of(account, slot, number);
    int64_t least = least_of(account, spec);
    forget_sketch(members, into, least);
    if (!into->sketch) {
        hr_set_expire(members, into, least);
        hr_set_sketch(members, into, spec->keep, least);
    }
    if (set->exact_from > into->exact_from) {
        leave_to_sketch(&account->meters[slot].series[number], members, into, set->exact_from);
    }
    into->least_count = set->least_count > into->least_count ? set->least_count : into->least_count;
    for (uint32_t r = 0; r < HR_SKETCH_REGISTERS; r++) {
        struct hr_mark marks[HR_SKETCH_MARKS];
        unsigned count = hr_sketch_marks(set->sketch, r, least, marks);
        for (unsigned i = 0; i < count; i++) {
            hr_sketch_put(into->sketch, r, marks[i], least);
            if (marks[i].index < into->exact_from) {
                mark(account, hr_series_cell(account, slot, number, marks[i].index, pool));
            }
        }
    }
    members->dirty = true;
}

static void take_trail(struct hr_account *account, uint16_t slot, uint16_t number,
    const struct hr_set *set, struct hr_pool *pool)
{
    struct hr_members *members = members_of(account, slot, pool);
    const struct hr_series_spec *spec = spec_of(account, slot, number);
    struct hr_set *into = hr_members_make(members, hr_set_of_series(number));
    hr_trail_take(trail_of(account, members, into, spec), set->trail, hr_series_now(account, spec),
        members->pool);
    members->dirty = true;
    account->due_stale = true;
}

void hr_series_take(struct hr_account *account, uint16_t slot, uint16_t series,
    const struct hr_set *set, struct hr_pool *pool)
{
    if (set->trail && spec_of(account, slot, series)->trail) {
        take_trail(account, slot, series, set, pool);
    }
    if (set->sketch && set->exact_from > least_of(account, spec_of(account, slot, series))) {
        take_sketch(account, slot, series, set, pool);
    }
    for (uint32_t i = 0; i < set->room; i++) {
        if (!hr_member_is_free(&set->slots[i])) {
            hr_series_see(account, slot, series, set->slots[i].last, set->slots[i].hash, pool);
        }
    }
}

bool hr_series_is_exact(
    const struct hr_account *account, uint16_t slot, uint16_t series, int64_t from)
{
    const struct hr_members *members = account->meters[slot].members;
    const struct hr_set *set = members ? hr_members_find(members, hr_set_of_series(series)) : NULL;
    return !set || hr_set_is_exact(set, from);
}

struct hr_tally hr_series_estimate(
    const struct hr_account *account, uint16_t slot, uint16_t series, int64_t from)
{
    const struct hr_members *members = account->meters[slot].members;
    return tally_of(hr_set_estimate(hr_members_find(members, hr_set_of_series(series)), from));
}

uint64_t hr_series_distinct(const struct hr_account *account, uint16_t slot, uint16_t series,
    int64_t from, int64_t to, bool *exact)
{
    const struct hr_members *members = account->meters[slot].members;
    const struct hr_set *set = members ? hr_members_find(members, hr_set_of_series(series)) : NULL;
    int64_t now = hr_series_now(account, spec_of(account, slot, series));
    return set && set->trail ? hr_trail_count(set->trail, from, to, now, members->pool, exact) : 0;
}

struct hr_time hr_trail_due(
    const struct hr_account *account, uint16_t slot, uint16_t series, int64_t half)
{
    const struct hr_series_spec *spec = spec_of(account, slot, series);
    const struct hr_members *members = account->meters[slot].members;
    const struct hr_set *set = members ? hr_members_find(members, hr_set_of_series(series)) : NULL;
    int64_t next = set && set->trail ? hr_trail_turn(set->trail, hr_series_now(account, spec), half)
                                     : INT64_MAX;
    struct hr_time due =
        next == INT64_MAX ? HR_TIME_NEVER : (struct hr_time){next * spec->bucket_us};
    return hr_time_min(due, hr_early_due(members, series, spec));
}

/* --- billing periods -------------------------------------------------------------------------- */

static void sketch_period(struct hr_members *members, struct hr_set *set)
{
    hr_set_sketch(members, set, 1, 0);
    hr_set_expire(members, set, INT64_MAX);
}

/* The oldest exact set of a period that is not `kept`; NULL when there is none. */
static struct hr_set *oldest_period(struct hr_members *members, uint32_t kept)
{
    struct hr_set *oldest = NULL;
    for (uint32_t i = 0; i < members->count; i++) {
        struct hr_set *set = &members->sets[i];
        if ((set->name & HR_SET_PERIOD) && !set->sketch && set->name != kept &&
            (!oldest || set->name < oldest->name)) {
            oldest = set;
        }
    }
    return oldest;
}

static void bound_periods(struct hr_account *account, uint16_t slot, uint32_t kept)
{
    struct hr_members *members = account->meters[slot].members;
    struct hr_set *oldest;
    while (members->total > HR_MEMBERS_MOST && (oldest = oldest_period(members, kept))) {
        uint32_t id = oldest->name & ~HR_SET_PERIOD;
        sketch_period(members, oldest);
        for (uint32_t i = 0; i < account->segment_count; i++) {
            if (account->segments[i].id == id) {
                account->segments[i].tallies[slot] = tally_of(hr_set_estimate(oldest, 0));
            }
        }
    }
}

void hr_segment_see(struct hr_account *account, uint16_t slot, uint32_t segment,
    struct hr_hash128 hash, struct hr_pool *pool)
{
    struct hr_members *members = members_of(account, slot, pool);
    struct hr_tally *tally = &account->segments[segment].tallies[slot];
    struct hr_set *set = hr_members_make(members, hr_set_of_period(account->segments[segment].id));
    if (set->sketch) {
        if (hr_sketch_add(set->sketch, hash, 0, 0)) {
            members->dirty = true;
            *tally = tally_of(hr_set_estimate(set, 0));
        }
        return;
    }
    if (hr_set_find(set, hash)) {
        return;
    }
    hr_set_add(members, set, hash, 0);
    hr_tally_merge(HR_UNIQUE, tally, &one);
    if (set->used > HR_EXACT_MEMBERS) {
        sketch_period(members, set);
        *tally = tally_of(hr_set_estimate(set, 0));
    }
    if (members->total > HR_MEMBERS_MOST) {
        bound_periods(account, slot, hr_set_of_period(account->segments[account->current].id));
    }
}

void hr_segment_take(struct hr_account *account, uint16_t slot, uint32_t segment,
    const struct hr_set *set, struct hr_pool *pool)
{
    struct hr_members *members = members_of(account, slot, pool);
    struct hr_set *into = hr_members_make(members, hr_set_of_period(account->segments[segment].id));
    if (set->sketch) {
        if (!into->sketch) {
            sketch_period(members, into);
        }
        for (uint32_t r = 0; r < HR_SKETCH_REGISTERS; r++) {
            struct hr_mark marks[HR_SKETCH_MARKS];
            unsigned count = hr_sketch_marks(set->sketch, r, 0, marks);
            for (unsigned i = 0; i < count; i++) {
                hr_sketch_put(into->sketch, r, marks[i], 0);
            }
        }
        into->least_count =
            set->least_count > into->least_count ? set->least_count : into->least_count;
        account->segments[segment].tallies[slot] = tally_of(hr_set_estimate(into, 0));
        members->dirty = true;
    }
    for (uint32_t i = 0; i < set->room; i++) {
        if (!hr_member_is_free(&set->slots[i])) {
            hr_segment_see(account, slot, segment, set->slots[i].hash, pool);
        }
    }
}

bool hr_segment_is_exact(const struct hr_account *account, uint16_t slot, uint32_t segment)
{
    const struct hr_members *members = account->meters[slot].members;
    const struct hr_set *set =
        members ? hr_members_find(members, hr_set_of_period(account->segments[segment].id)) : NULL;
    return !set || !set->sketch;
}

/* --- ahead of the clock ----------------------------------------------------------------------- */

static void ripen(struct hr_account *account, uint16_t slot, uint16_t series, struct hr_pool *pool)
{
    struct hr_members *members = account->meters[slot].members;
    const struct hr_series_spec *spec = spec_of(account, slot, series);
    const struct hr_set *waiting = hr_members_find(members, hr_set_of_early(series));
    if (!waiting || oldest_of(waiting) > hr_series_now(account, spec)) {
        return;
    }
    struct hr_set early = hr_members_take(members, hr_set_of_early(series));
    for (uint32_t i = 0; i < early.room; i++) {
        if (!hr_member_is_free(&early.slots[i])) {
            hr_series_see(account, slot, series, early.slots[i].last, early.slots[i].hash, pool);
        }
    }
    hr_set_clean_up(&early, pool);
    members->dirty = true;
    account->due_stale = true;
}

void hr_meters_ripen(struct hr_account *account, struct hr_pool *pool)
{
    for (uint16_t m = 0; m < account->slot_count; m++) {
        const struct hr_members *members = account->meters[m].members;
        for (uint16_t s = 0; members && s < hr_slot_layout(account, m)->series_count; s++) {
            if (members->early > 0) {
                ripen(account, m, s, pool);
            }
        }
    }
}

struct hr_time hr_early_due(
    const struct hr_members *members, uint16_t series, const struct hr_series_spec *spec)
{
    const struct hr_set *set =
        members && members->early > 0 ? hr_members_find(members, hr_set_of_early(series)) : NULL;
    int64_t first = set ? oldest_of(set) : INT64_MAX;
    return first == INT64_MAX ? HR_TIME_NEVER : (struct hr_time){first * spec->bucket_us};
}
