/* SPDX-License-Identifier: Apache-2.0 */
/* Groups of a meter with `by`: which counter of the account a value has. */
#ifndef HEADROOM_CORE_GROUP_H
#define HEADROOM_CORE_GROUP_H

#include "headroom/event.h"

#include "state.h"

#define HR_GROUP_OTHER HR_STR("other")
/* Of an account, whatever changes of rules bring together. A test of its own has fewer. */
#ifndef HR_SLOTS_MOST
#define HR_SLOTS_MOST 60000u
#endif

/* The group that an event asks for: the field as written, `other` where it has none. */
struct hr_str hr_group_of(const struct hr_value *field);

/* The slot of that value's group, -1 when it has none. */
int hr_group_find(const struct hr_account *account, uint16_t meter, struct hr_str value);
/* The slot that an event of that value would count in, -1 when one would be made for it. */
int hr_group_expect(const struct hr_account *account, uint16_t meter, struct hr_str value);
/* The slot that it counts in: its own, made where there is a place, else that of `other`. Pointers
 * to counters and tallies may be void afterwards, slots are not. */
uint16_t hr_group_slot(
    struct hr_account *account, uint16_t meter, struct hr_str value, struct hr_pool *pool);
/* What a group's slot counts. */
struct hr_str hr_group_value(const struct hr_account *account, uint16_t slot);
static inline bool hr_slot_is_group(const struct hr_account *account, uint16_t slot)
{
    return slot >= account->layout->rules->meter_count;
}
bool hr_slot_is_other(const struct hr_account *account, uint16_t slot);

#endif
