/* SPDX-License-Identifier: Apache-2.0 */
/* Billing periods as pure arithmetic. */
#ifndef HEADROOM_CORE_PERIOD_H
#define HEADROOM_CORE_PERIOD_H

#include "headroom/event.h"

struct hr_span {
    struct hr_time start, end; /* [start, end) */
};

/* The period anchor + k × period that holds `at`, on the zone's wall clock (SEMANTICS 3, Period). A
 * period without a unit is a month. k may be negative. */
struct hr_span hr_period_holding(
    const struct hr_zone *zone, struct hr_civil anchor, struct hr_period period, struct hr_time at);
/* The calendar month that holds `at`: the period of who has no subscription. */
struct hr_span hr_month_holding(const struct hr_zone *zone, struct hr_time at);

/* Number of the calendar window that holds a local day: the day itself, its Monday's week, its
 * month. Numbers of one kind follow each other by 1. */
int64_t hr_calendar_index(int64_t local_day, int kind);

#endif
