/* SPDX-License-Identifier: Apache-2.0 */
/* A stored group, read: into the account that it belongs to, or, when it moves with an alias, into
 * another one. Who takes it is a sink (pack_groups.c says how the bytes lie). */
#include "unpack.h"

#include "group.h"
#include "sections.h"
#include "unique.h"

bool hr_group_open(
    struct hr_frame *frame, const struct hr_layout *layout, struct hr_group_head *head)
{
    struct hr_reader *in = &frame->body;
    int meter = hr_layout_find_meter(layout, hr_get_u32(in));
    uint8_t aggregate = hr_get_u8(in);
    head->number = (uint32_t)hr_get_varint(in);
    head->value = hr_get_str(in);
    head->meter = (uint16_t)(meter < 0 ? 0 : meter);
    head->aggregate = (enum hr_aggregate)aggregate;
    head->known = meter >= 0 && layout->rules->meters[meter].has_by &&
                  (uint8_t)layout->rules->meters[meter].aggregate == aggregate;
    return frame->kind == HR_FRAME_GROUP && !in->bad && aggregate <= HR_UNIQUE;
}

bool hr_group_walk(struct hr_frame *frame, const struct hr_group_head *about, struct hr_pool *pool,
    const struct hr_group_sink *sink, void *context)
{
    struct hr_reader *in = &frame->body;
    if (hr_get_u8(in)) {
        struct hr_decimal value = hr_get_decimal(in);
        struct hr_time time = hr_get_time(in);
        sink->reading(context, value, time);
    }
    for (uint64_t count = hr_get_varint(in); count > 0 && !in->bad; count--) {
        struct hr_member_set head = hr_get_set_head(in);
        struct hr_tally tally = hr_get_tally(in, about->aggregate);
        in->bad |= head.kind != HR_WINDOW_PERIOD;
        if (!in->bad) {
            sink->period(context, &head, &tally);
        }
    }
    for (uint64_t series = hr_get_varint(in); series > 0 && !in->bad; series--) {
        struct hr_member_set head = hr_get_set_head(in);
        in->bad |= head.kind == HR_WINDOW_PERIOD;
        for (uint64_t count = hr_get_varint(in); count > 0 && !in->bad; count--) {
            struct hr_cell cell = {.index = head.now + hr_get_zigzag(in)};
            cell.tally = hr_get_tally(in, about->aggregate);
            if (!in->bad) {
                sink->cell(context, &head, &cell);
            }
        }
    }
    return hr_sets_walk(in, pool, sink->members, context);
}

/* --- into its own account --------------------------------------------------------------------- */

static void restore_reading(void *context, struct hr_decimal value, struct hr_time time)
{
    struct hr_slot_target *target = context;
    target->account->meters[target->slot].gauge = value;
    target->account->meters[target->slot].gauge_time = time;
}

static void restore_period(
    void *context, const struct hr_member_set *head, const struct hr_tally *tally)
{
    struct hr_slot_target *target = context;
    for (uint32_t i = 0; i < target->account->segment_count; i++) {
        if (target->account->segments[i].id == head->segment) {
            target->account->segments[i].tallies[target->slot] = *tally;
        }
    }
}

static void restore_cell(
    void *context, const struct hr_member_set *head, const struct hr_cell *cell)
{
    struct hr_slot_target *target = context;
    int series = hr_series_like(hr_slot_layout(target->account, target->slot), head);
    if (series >= 0) {
        hr_series_merge(target->account, target->slot, (uint16_t)series, cell, target->pool);
    }
}

static void restore_members(void *context, const struct hr_member_set *head, struct hr_set *set)
{
    struct hr_slot_target *target = context;
    struct hr_meter_state *group = &target->account->meters[target->slot];
    if (!group->members) {
        group->members = hr_members_new(target->pool);
    }
    hr_members_restore(context, head, set);
}

bool hr_group_restore(
    struct hr_frame *frame, struct hr_account *account, uint32_t number, struct hr_pool *pool)
{
    static const struct hr_group_sink sink = {
        restore_reading, restore_period, restore_cell, restore_members};
    struct hr_group_head head;
    if (!hr_group_open(frame, account->layout, &head) || !head.known || head.number != number) {
        return false;
    }
    int slot = hr_group_find(account, head.meter, head.value);
    if (slot < 0 || account->meters[slot].number != number) {
        return false;
    }
    struct hr_slot_target target = {account, (uint16_t)slot, pool};
    bool stale = account->due_stale; /* the frame knows when to look again */
    if (!hr_group_walk(frame, &head, pool, &sink, &target)) {
        return false;
    }
    account->due_stale = stale;
    account->meters[slot].away = account->meters[slot].dirty = false;
    if (account->meters[slot].members) {
        account->meters[slot].members->dirty = false;
    }
    return true;
}
