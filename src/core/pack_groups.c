/* SPDX-License-Identifier: Apache-2.0 */
/* A group of a meter, stored apart from the account's frame: there may be many, and an event
 * changes one.
 *
 * The record holds the meter's key, the group's number and value, its reading if it is a gauge, its
 * billing periods, its series, its sets of members (pack_members.c). It may be older than the
 * frame, so nothing in it is counted from the frame's clock; periods and series say which they are,
 * and those that are gone by then are passed over. */
#include "inside.h"

#include "group.h"
#include "sections.h"
#include "window.h"

static void put_periods(struct hr_buffer *out, const struct hr_account *account, uint16_t slot)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < account->segment_count; i++) {
        count += account->segments[i].tallies[slot].count > 0;
    }
    hr_put_varint(out, count);
    for (uint32_t i = 0; i < account->segment_count; i++) {
        const struct hr_tally *tally = &account->segments[i].tallies[slot];
        if (tally->count > 0) {
            hr_put_period_head(out, account, i, 0);
            hr_put_tally(out, hr_slot_meter(account, slot)->aggregate, tally);
        }
    }
}

void hr_pack_group(
    const struct hr_account *account, uint16_t slot, uint32_t only, struct hr_buffer *out)
{
    const struct hr_meter_state *group = &account->meters[slot];
    bool read = !hr_time_is(group->gauge_time, HR_TIME_NONE);
    hr_frame_begin(out, HR_FRAME_GROUP, HR_TIME_NEVER, account->layout->rules->epoch);
    hr_put_u32(out, hr_slot_meter(account, slot)->key);
    hr_put_u8(out, (uint8_t)hr_slot_meter(account, slot)->aggregate);
    hr_put_varint(out, group->number);
    hr_put_str(out, hr_group_value(account, slot));
    hr_put_u8(out, read);
    if (read) {
        hr_put_decimal(out, group->gauge);
        hr_put_time(out, group->gauge_time);
    }
    if (only == HR_ALL_SETS) {
        put_periods(out, account, slot);
        hr_put_series(out, account, slot, true);
    } else {
        hr_put_varint(out, 0);
        hr_put_varint(out, 0);
    }
    if (group->members) {
        hr_put_sets(out, account, slot, only);
    }
    hr_frame_end(out);
}
