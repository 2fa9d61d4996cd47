/* SPDX-License-Identifier: Apache-2.0 */
/* The pace of a counter: how much it grows a day, where that leads, when it meets its limit. */
#ifndef HEADROOM_CORE_PACE_H
#define HEADROOM_CORE_PACE_H

#include "signal.h"

#define HR_PACE_DAYS 28        /* whole days that are looked back on, at most */
#define HR_FORECAST_MOST 36500 /* days; what is further away has no date */

/* rise / per a day, in the meter's unit; never divided to be compared. What follows is for the
 * interval: the same in units of 2^shift, so that squares of it fit. */
struct hr_pace {
    bool known; /* false: too young, not kept, or it does not surely grow */
    struct hr_decimal rise;
    uint32_t per; /* days: 28, 14 or 7 */
    unsigned shift;
    int64_t scaled; /* rise */
    int64_t bend;   /* the rise of the newer half less that of the older one */
    uint32_t half;  /* days of each; 1: there are no halves, and no bend */
    __int128 noise; /* noise / noise_of: variance of a day's growth in the long run */
    uint32_t noise_of;
};

/* Of a counter (slot) as it stands at the account's clock. Kept for meters of which some signal
 * asks days_to_limit. */
struct hr_pace hr_pace_of(const struct hr_account *account, uint16_t slot);
/* How much the counter grows in so many days, cut after twelve places. False when that is unknown
 * or out of range. For `latest` the reading then is the reading now plus it; sums and counts grow
 * by it beyond the ends of periods. */
HR_MUST bool hr_pace_growth(const struct hr_pace *pace, uint32_t days, struct hr_decimal *growth);

/* When the counter meets the limit of its meter; unknown where nothing is kept for it, unless
 * nothing remains. */
struct hr_forecast hr_forecast_of(const struct hr_account *account, uint16_t slot);

/* meter.M.days_to_limit, and when it next changes by time alone. */
struct hr_reading hr_days_to_limit(const struct hr_account *account, uint16_t signal);
struct hr_time hr_days_to_limit_due(const struct hr_account *account, uint16_t signal);

#endif
