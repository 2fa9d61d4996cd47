/* SPDX-License-Identifier: Apache-2.0 */
/* From a usage event to what it adds to which meters. */
#ifndef HEADROOM_CORE_USAGE_H
#define HEADROOM_CORE_USAGE_H

#include "window.h"

struct hr_feed {
    uint16_t meter;
    struct hr_amount amount;
    struct hr_str group; /* of a meter with `by` */
};

/* Which meters the event feeds: those of its type whose conditions hold. `feeds` has room for all
 * meters of the type. No allocation, no account: what the event alone says. */
uint16_t hr_usage_feeds(
    const struct hr_rules *rules, const struct hr_event *event, struct hr_feed *feeds);
/* Reads the amounts. HR_BAD_VALUE or HR_OVERFLOW, with the meter at fault, when one cannot be. */
enum hr_reason hr_usage_amounts(const struct hr_rules *rules, const struct hr_event *event,
    struct hr_feed *feeds, uint16_t count, uint16_t *fault);

#endif
