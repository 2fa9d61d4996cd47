/* SPDX-License-Identifier: Apache-2.0 */
/* Stored members, read: into the account that they belong to, or, when they move with an alias,
 * into another one. Who takes them is a sink; the bytes are walked in one place (pack_members.c
 * says how they lie). */
#include "inside.h"

#include "sections.h"
#include "unique.h"

static struct hr_member_set get_set(struct hr_reader *in)
{
    struct hr_member_set set = {0};
    uint8_t kind = hr_get_u8(in);
    set.early = (kind & HR_SET_EARLY) != 0;
    set.kind = (enum hr_window_kind)(kind & ~HR_SET_EARLY);
    if (set.kind == HR_WINDOW_PERIOD) {
        set.segment = (uint32_t)hr_get_varint(in);
        set.place = hr_get_u8(in);
        set.start = hr_get_time(in);
        set.end = hr_get_time(in);
    } else {
        set.bucket_us = (int64_t)hr_get_varint(in) * HR_MINUTE;
        set.now = hr_get_zigzag(in);
    }
    in->bad |= set.kind > HR_WINDOW_SPAN;
    return set;
}

bool hr_members_walk(struct hr_frame *frame, const struct hr_layout *layout, uint16_t *meter,
    hr_member_sink *sink, void *context)
{
    struct hr_reader *in = &frame->body;
    int slot = hr_layout_find_meter(layout, hr_get_u32(in));
    if (frame->kind != HR_FRAME_MEMBERS || in->bad) {
        return false;
    }
    if (slot < 0 || layout->rules->meters[slot].aggregate != HR_UNIQUE) {
        return true;
    }
    *meter = (uint16_t)slot;
    while (!in->bad && !hr_reader_at_end(in)) {
        struct hr_member_set set = get_set(in);
        uint64_t count = hr_get_varint(in);
        for (uint64_t i = 0; i < count && !in->bad; i++) {
            struct hr_hash128 hash = {.low = hr_get_u64(in)};
            hash.high = hr_get_u64(in);
            int64_t last = set.kind == HR_WINDOW_PERIOD ? 0 : set.now + hr_get_zigzag(in);
            if (!in->bad) {
                sink(context, &set, hash, last);
            }
        }
    }
    return !in->bad;
}

void hr_members_restore(
    void *context, const struct hr_member_set *set, struct hr_hash128 hash, int64_t last)
{
    struct hr_member_target *target = context;
    struct hr_members *members = target->account->meters[target->meter].members;
    const struct hr_meter_layout *layout = &target->account->layout->meters[target->meter];
    if (set->kind == HR_WINDOW_PERIOD) {
        hr_members_add(members, hr_members_period(set->segment), hash, last);
        return;
    }
    for (uint16_t s = 0; s < layout->series_count; s++) {
        if (layout->series[s].kind == set->kind && layout->series[s].bucket_us == set->bucket_us) {
            hr_members_add(
                members, set->early ? hr_members_early(s) : hr_members_series(s), hash, last);
        }
    }
}
