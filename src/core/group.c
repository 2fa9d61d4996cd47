/* SPDX-License-Identifier: Apache-2.0 */
/* A group is a counter like a meter's: it lies in a slot behind the meters' own, and everything
 * that counts, moves, packs or reads a slot does not ask which of both it is. Here is only who gets
 * a slot.
 *
 * `other` and the values that signals name have theirs in the layout, so a signal on a group is
 * read as fast as one on a meter, and a meter without `by` has no part in any of this. Values that
 * come have slots of the account's own, up to the meter's bound. One that has nothing left in any
 * bucket gives its place to the next that wants one: not before, so that nothing is moved for it.
 */
#include "group.h"

#include "subscription.h"
#include "unique.h"
#include "window.h"

struct hr_str hr_group_of(const struct hr_value *field)
{
    bool written = field->kind == HR_VALUE_BOOL || field->kind == HR_VALUE_NUMBER ||
                   field->kind == HR_VALUE_STRING;
    return written && field->text.len > 0 && field->text.len <= HR_GROUP_VALUE_MOST
               ? field->text
               : HR_GROUP_OTHER;
}

static uint16_t fixed_slots(const struct hr_account *account)
{
    return (uint16_t)(account->layout->rules->meter_count + account->layout->group_count);
}

struct hr_str hr_group_value(const struct hr_account *account, uint16_t slot)
{
    uint16_t fixed = fixed_slots(account);
    return slot < fixed ? account->layout->groups[slot - account->layout->rules->meter_count].value
                        : account->came[slot - fixed];
}

bool hr_slot_is_other(const struct hr_account *account, uint16_t slot)
{
    return hr_slot_is_group(account, slot) &&
           hr_str_equal(hr_group_value(account, slot), HR_GROUP_OTHER);
}

int hr_group_find(const struct hr_account *account, uint16_t meter, struct hr_str value)
{
    for (uint16_t s = account->layout->rules->meter_count; s < account->slot_count; s++) {
        if (account->meters[s].meter == meter && hr_str_equal(hr_group_value(account, s), value)) {
            return s;
        }
    }
    return -1;
}

static bool is_empty(const struct hr_account *account, uint16_t slot)
{
    const struct hr_meter_state *counter = &account->meters[slot];
    const struct hr_meter_layout *layout = &account->layout->meters[counter->meter];
    bool empty = hr_time_is(counter->gauge_time, HR_TIME_NONE) &&
                 (!counter->members || counter->members->early == 0);
    for (uint32_t i = 0; i < account->segment_count; i++) {
        empty &= account->segments[i].tallies[slot].count == 0 || hr_segment_is_old(account, i);
    }
    for (uint16_t s = 0; s < layout->series_count; s++) {
        for (uint32_t c = 0; c < counter->series[s].count; c++) {
            const struct hr_cell *cell = &counter->series[s].cells[c];
            empty &= cell->tally.count == 0 ||
                     !hr_series_reached(account, &layout->series[s], cell->index);
        }
    }
    return empty;
}

/* A place for one value more: a slot to be reused, slot_count for a new one; -1: none. */
static int find_place(const struct hr_account *account, uint16_t meter)
{
    const struct hr_meter *about = &account->layout->rules->meters[meter];
    uint32_t came = 0;
    int empty = -1;
    for (uint16_t s = fixed_slots(account); s < account->slot_count; s++) {
        if (account->meters[s].meter == meter) {
            came++;
            empty = empty < 0 && is_empty(account, s) ? s : empty;
        }
    }
    bool room =
        came + about->named_count - 1u < about->group_most && account->slot_count < HR_SLOTS_MOST;
    return room ? account->slot_count : empty;
}

static uint16_t other_of(const struct hr_account *account, uint16_t meter)
{
    return (uint16_t)hr_group_find(account, meter, HR_GROUP_OTHER);
}

int hr_group_expect(const struct hr_account *account, uint16_t meter, struct hr_str value)
{
    int slot = hr_group_find(account, meter, value);
    return slot >= 0 || find_place(account, meter) >= 0 ? slot : other_of(account, meter);
}

uint16_t hr_group_slot(
    struct hr_account *account, uint16_t meter, struct hr_str value, struct hr_pool *pool)
{
    int slot = hr_group_find(account, meter, value);
    if (slot < 0) {
        slot = find_place(account, meter);
        if (slot == account->slot_count) {
            hr_account_add_slot(account, meter, value, pool);
        } else if (slot >= 0) {
            hr_account_reuse_slot(account, (uint16_t)slot, value, pool);
        } else {
            slot = other_of(account, meter);
        }
    }
    struct hr_meter_state *counter = &account->meters[slot];
    if (counter->number == 0) {
        counter->number = account->next_number++;
    }
    counter->dirty = true;
    return (uint16_t)slot;
}
