/* SPDX-License-Identifier: Apache-2.0 */
/* Values as people read them, for views and descriptions. */
#ifndef HEADROOM_CORE_TEXT_H
#define HEADROOM_CORE_TEXT_H

#include "signal.h"

struct hr_str hr_text_decimal(struct hr_arena *arena, struct hr_decimal value);
/* A share as a percentage, cut after four places of the fraction: "84%", "33.33%". */
struct hr_str hr_text_share(struct hr_arena *arena, struct hr_decimal share);
/* A reading; shares as percentages. Empty when it is unknown. */
struct hr_str hr_text_reading(
    struct hr_arena *arena, const struct hr_signal *signal, const struct hr_reading *reading);
/* An amount in a unit: "80%", "60d", "1200 USD". */
struct hr_str hr_text_amount(
    struct hr_arena *arena, enum hr_unit unit, struct hr_decimal amount, const char *currency);
/* As it is written: "tenure.days >= 30d". */
struct hr_str hr_text_condition(
    struct hr_arena *arena, const struct hr_signal *signal, const struct hr_condition *condition);
/* Of a condition that holds "tenure.days 31d >= 30d", of one that does not "tenure.days 29d is not
 * >= 30d"; of an unknown signal "account.health is unknown". */
struct hr_str hr_text_finding(struct hr_arena *arena, const struct hr_signal *signal,
    const struct hr_condition *condition, const struct hr_reading *reading, bool holds);
/* The name of a counter: "calls", of a group "calls[eu]". */
struct hr_str hr_text_counter(
    struct hr_arena *arena, const struct hr_account *account, uint16_t slot);
/* The value of a counter in one of its meter's windows; empty when unknown. */
struct hr_str hr_text_window(
    struct hr_arena *arena, const struct hr_account *account, uint16_t slot, uint16_t window);
/* The share of the meter's limit; empty when unknown. */
struct hr_str hr_text_used(struct hr_arena *arena, const struct hr_account *account, uint16_t slot);

#endif
