/* SPDX-License-Identifier: Apache-2.0 */
/* Counters: tallies, buckets, windows. */
#ifndef HEADROOM_CORE_WINDOW_H
#define HEADROOM_CORE_WINDOW_H

#include "state.h"

struct hr_set; /* unique.h */

/* One contribution of an event to a meter. */
struct hr_amount {
    struct hr_decimal value;  /* 1 of a count */
    struct hr_hash128 member; /* of unique */
};

/* The meter of a counter, and its layout. */
static inline const struct hr_meter *hr_slot_meter(const struct hr_account *account, uint16_t slot)
{
    return &account->layout->rules->meters[account->meters[slot].meter];
}
static inline const struct hr_meter_layout *hr_slot_layout(
    const struct hr_account *account, uint16_t slot)
{
    return &account->layout->meters[account->meters[slot].meter];
}

/* Puts `more` into `tally`; sums beyond 10^26 stay at the bound. */
void hr_tally_merge(
    enum hr_aggregate aggregate, struct hr_tally *tally, const struct hr_tally *more);

/* The value of a window as it stands at the account's clock. */
struct hr_tally hr_window_tally(const struct hr_account *account, uint16_t slot, uint16_t window);

/* The segment that holds `time`, made when it is before or after those that are kept. */
uint32_t hr_segment_find(struct hr_account *account, struct hr_time time, struct hr_pool *pool);
static inline uint32_t hr_segment_holding(
    struct hr_account *account, struct hr_time time, struct hr_pool *pool)
{
    const struct hr_segment *current = &account->segments[account->current];
    bool there = time.us >= current->from.us && time.us < current->end.us &&
                 account->current + 1 == account->segment_count;
    return there ? account->current : hr_segment_find(account, time, pool);
}

/* Counts what segment `from` has in `into` and drops it. */
void hr_segment_absorb(
    struct hr_account *account, uint32_t into, uint32_t from, struct hr_pool *pool);

/* What the buckets `from` to `to` of a series add up to. */
struct hr_tally hr_series_sum(const struct hr_account *account, uint16_t slot,
    const struct hr_series *series, int64_t from, int64_t to);

/* Would the counter of the slot pass the bound of quantities? */
bool hr_meter_fits(struct hr_account *account, uint16_t slot, struct hr_time time,
    const struct hr_amount *amount, struct hr_pool *pool);
/* Counts it in every bucket of its time. Returns the segment that took it. */
uint32_t hr_meter_add(struct hr_account *account, uint16_t slot, struct hr_time time,
    const struct hr_amount *amount, struct hr_pool *pool);
/* Adds a bucket of another account's series. */
void hr_series_merge(struct hr_account *account, uint16_t slot, uint16_t series,
    const struct hr_cell *cell, struct hr_pool *pool);
/* The bucket of that number, made when it is missing; NULL of the other one then. */
struct hr_cell *hr_series_cell(struct hr_account *account, uint16_t slot, uint16_t series,
    int64_t index, struct hr_pool *pool);
struct hr_cell *hr_series_find(struct hr_series *series, int64_t index);
/* The first bucket that is kept: of those that no window reaches any more none, but of a gauge the
 * last one, for its reading still held when the first window began. */
uint32_t hr_series_kept(const struct hr_account *account, uint16_t slot, uint16_t series);
/* Does a window still reach the bucket? */
bool hr_series_reached(
    const struct hr_account *account, const struct hr_series_spec *spec, int64_t index);

/* Renumbers the buckets of a series. */
void hr_series_shift(struct hr_account *account, uint16_t slot, uint16_t series, int64_t by);
/* Number of the bucket that is open at the account's clock. */
int64_t hr_series_now(const struct hr_account *account, const struct hr_series_spec *spec);
/* False when what hr_window_tally says of a `unique` meter is an estimate. */
bool hr_window_is_exact(const struct hr_account *account, uint16_t slot, uint16_t window);
/* The first moment after the clock at which a window changes by time alone; not a calendar's end.
 */
struct hr_time hr_window_due(const struct hr_account *account, uint16_t slot, uint16_t window);
/* The first moment after the clock at which a watched window changes by time alone. */
struct hr_time hr_windows_due(const struct hr_account *account);

/* --- members of `unique` (window_unique.c) ---------------------------------------------------- */

/* A member seen in a bucket of a series, in a billing period. */
void hr_series_see(struct hr_account *account, uint16_t slot, uint16_t series, int64_t index,
    struct hr_hash128 member, struct hr_pool *pool);
void hr_segment_see(struct hr_account *account, uint16_t slot, uint32_t segment,
    struct hr_hash128 member, struct hr_pool *pool);
/* A whole set, of another account or of a period that was absorbed; the set stays as it is. */
void hr_series_take(struct hr_account *account, uint16_t slot, uint16_t series,
    const struct hr_set *set, struct hr_pool *pool);
void hr_segment_take(struct hr_account *account, uint16_t slot, uint32_t segment,
    const struct hr_set *set, struct hr_pool *pool);
/* The clock moved: members that were ahead of it are counted when their bucket begins. */
void hr_meters_ripen(struct hr_account *account, struct hr_pool *pool);
/* When the first of them does, NEVER without one. */
struct hr_time hr_early_due(
    const struct hr_members *members, uint16_t series, const struct hr_series_spec *spec);
/* Are the buckets from `from` on, or the period, counted exactly? Else the estimate. */
bool hr_series_is_exact(
    const struct hr_account *account, uint16_t slot, uint16_t series, int64_t from);
bool hr_segment_is_exact(const struct hr_account *account, uint16_t slot, uint32_t segment);
/* Different members seen in the buckets `from` to `to` of a series whose trend is asked for;
 * `exact` turns false when that is estimated. And when two halves of `half` whole buckets next
 * change. */
uint64_t hr_series_distinct(const struct hr_account *account, uint16_t slot, uint16_t series,
    int64_t from, int64_t to, bool *exact);
struct hr_time hr_trail_due(
    const struct hr_account *account, uint16_t slot, uint16_t series, int64_t half);
struct hr_tally hr_series_estimate(
    const struct hr_account *account, uint16_t slot, uint16_t series, int64_t from);

#endif
