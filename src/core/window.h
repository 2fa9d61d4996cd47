/* SPDX-License-Identifier: Apache-2.0 */
/* Counters: tallies, buckets, windows. */
#ifndef HEADROOM_CORE_WINDOW_H
#define HEADROOM_CORE_WINDOW_H

#include "state.h"

/* One contribution of an event to a meter. */
struct hr_amount {
    struct hr_decimal value;  /* 1 of a count */
    struct hr_hash128 member; /* of unique */
};

/* Puts `more` into `tally`; sums beyond 10^26 stay at the bound. */
void hr_tally_merge(
    enum hr_aggregate aggregate, struct hr_tally *tally, const struct hr_tally *more);

/* The value of a window as it stands at the account's clock. */
struct hr_tally hr_window_tally(const struct hr_account *account, uint16_t meter, uint16_t window);

/* The segment that holds `time`, made when it is before or after those that are kept. */
uint32_t hr_segment_holding(struct hr_account *account, struct hr_time time, struct hr_pool *pool);

/* Counts what segment `from` has in `into` and drops it. */
void hr_segment_absorb(
    struct hr_account *account, uint32_t into, uint32_t from, struct hr_pool *pool);

/* Would any counter of the meter pass the bound of quantities? */
bool hr_meter_fits(struct hr_account *account, uint16_t meter, struct hr_time time,
    const struct hr_amount *amount, struct hr_pool *pool);
/* Counts it in every bucket of its time. Returns the segment that took it. */
uint32_t hr_meter_add(struct hr_account *account, uint16_t meter, struct hr_time time,
    const struct hr_amount *amount, struct hr_pool *pool);
/* Adds a bucket of another account's series. */
void hr_series_merge(struct hr_account *account, uint16_t meter, uint16_t series,
    const struct hr_cell *cell, struct hr_pool *pool);
/* A member of a moved account, seen last in bucket `last` of a series. */
void hr_series_see(struct hr_account *account, uint16_t meter, uint16_t series, int64_t last,
    struct hr_hash128 member, struct hr_pool *pool);
/* A member in the set of a segment. */
void hr_segment_see(struct hr_account *account, uint16_t meter, uint32_t segment,
    struct hr_hash128 member, struct hr_pool *pool);

/* Renumbers the buckets of a series. */
void hr_series_shift(struct hr_account *account, uint16_t meter, uint16_t series, int64_t by);
/* Number of the bucket that is open at the account's clock. */
int64_t hr_series_now(const struct hr_account *account, const struct hr_series_spec *spec);
/* The clock moved: members that were ahead of it are counted when their bucket begins. */
void hr_meters_ripen(struct hr_account *account, struct hr_pool *pool);
/* The first moment after the clock at which a watched window changes by time alone. */
struct hr_time hr_windows_due(const struct hr_account *account);

#endif
