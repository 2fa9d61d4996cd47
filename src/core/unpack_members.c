/* SPDX-License-Identifier: Apache-2.0 */
/* Stored members, read: into the account that they belong to, or, when they move with an alias,
 * into another one. Who takes them is a sink; the bytes are walked in one place (pack_members.c
 * says how they lie). */
#include "inside.h"

#include "sections.h"
#include "unique.h"
#include "unpack.h"

struct hr_member_set hr_get_set_head(struct hr_reader *in)
{
    struct hr_member_set head = {0};
    uint8_t kind = hr_get_u8(in);
    head.early = (kind & HR_SET_EARLY) != 0;
    head.sketched = (kind & HR_SET_SKETCHED) != 0;
    head.trailed = (kind & HR_SET_TRAILED) != 0;
    head.kind = (enum hr_window_kind)(kind & ~(HR_SET_EARLY | HR_SET_SKETCHED | HR_SET_TRAILED));
    if (head.kind == HR_WINDOW_PERIOD) {
        head.segment = (uint32_t)hr_get_varint(in);
        head.place = hr_get_u8(in);
        head.start = hr_get_time(in);
        head.end = hr_get_time(in);
    } else {
        uint64_t minutes = hr_get_varint(in);
        head.now = hr_get_zigzag(in);
        in->bad |= minutes > HR_FARTHEST || head.now < -HR_FARTHEST || head.now > HR_FARTHEST;
        head.bucket_us = in->bad ? 0 : (int64_t)minutes * HR_MINUTE;
    }
    in->bad |= head.kind > HR_WINDOW_SPAN || (head.sketched && head.early) ||
               (head.trailed && (head.early || head.kind != HR_WINDOW_SPAN));
    return head;
}

static void get_registers(
    struct hr_reader *in, const struct hr_member_set *head, struct hr_set *set, uint32_t keep)
{
    int64_t least = head->now - (int64_t)keep + 1;
    for (uint32_t number = 0; number < HR_SKETCH_REGISTERS && !in->bad; number++) {
        unsigned count = keep == 1 ? 1 : hr_get_u8(in);
        for (unsigned i = 0; i < count && !in->bad; i++) {
            struct hr_mark mark = {.rank = hr_get_u8(in)};
            uint64_t age = keep == 1 ? 0 : hr_get_varint(in);
            in->bad |= mark.rank >= HR_SKETCH_RANKS || age >= keep;
            mark.index = head->now - (int64_t)age;
            if (mark.rank > 0 && !in->bad) {
                hr_sketch_put(set->sketch, number, mark, least);
            }
        }
    }
}

static void get_content(struct hr_reader *in, const struct hr_member_set *head,
    struct hr_members *members, struct hr_set *set)
{
    bool dated = head->kind != HR_WINDOW_PERIOD;
    int64_t exact_from = 0;
    uint64_t keep = 0, least_count = 0;
    if (head->sketched) {
        int64_t after = hr_get_zigzag(in);
        in->bad |= after < -HR_FARTHEST || after > HR_FARTHEST;
        exact_from = in->bad ? 0 : head->now + after;
        least_count = hr_get_varint(in);
        keep = hr_get_varint(in);
        in->bad |= keep == 0 || keep > HR_SERIES_MOST || (!dated && keep != 1);
    }
    uint64_t count = hr_get_varint(in);
    for (uint64_t i = 0; i < count && !in->bad; i++) {
        struct hr_hash128 hash = {.low = hr_get_u64(in)};
        hash.high = hr_get_u64(in);
        int64_t last = dated ? head->now + hr_get_zigzag(in) : 0;
        if (!in->bad) {
            hr_set_add(members, set, hash, last);
        }
    }
    if (head->sketched && !in->bad) {
        set->sketch = hr_sketch_new(members->pool, (uint32_t)keep, head->now - (int64_t)keep + 1);
        set->exact_from = exact_from;
        set->least_count = (uint32_t)least_count;
        get_registers(in, head, set, (uint32_t)keep);
    }
}

bool hr_sets_walk(struct hr_reader *in, struct hr_pool *pool, hr_member_sink *sink, void *context)
{
    struct hr_members aside = {.pool = pool}; /* whose set is being read */
    while (hr_reader_more(in)) {
        struct hr_member_set head = hr_get_set_head(in);
        struct hr_set set = {0};
        get_content(in, &head, &aside, &set);
        if (head.trailed && !in->bad) {
            set.trail = hr_trail_get(in, head.now, pool);
        }
        if (!in->bad) {
            sink(context, &head, &set);
        }
        hr_set_clean_up(&set, pool);
    }
    return !in->bad;
}

bool hr_members_walk(struct hr_frame *frame, const struct hr_layout *layout, struct hr_pool *pool,
    uint16_t *meter, hr_member_sink *sink, void *context)
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
    return hr_sets_walk(in, pool, sink, context);
}

int hr_series_like(const struct hr_meter_layout *layout, const struct hr_member_set *head)
{
    for (int s = 0; s < layout->series_count; s++) {
        if (layout->series[s].kind == head->kind &&
            (head->kind != HR_WINDOW_SPAN || layout->series[s].bucket_us == head->bucket_us)) {
            return s;
        }
    }
    return -1;
}

void hr_members_restore(void *context, const struct hr_member_set *head, struct hr_set *set)
{
    struct hr_slot_target *target = context;
    struct hr_members *members = target->account->meters[target->slot].members;
    int series = hr_series_like(hr_slot_layout(target->account, target->slot), head);
    uint32_t name = head->kind == HR_WINDOW_PERIOD ? hr_set_of_period(head->segment)
                    : series < 0                   ? 0
                    : head->early                  ? hr_set_of_early((uint16_t)series)
                                                   : hr_set_of_series((uint16_t)series);
    if (name != 0 && !hr_members_find(members, name)) {
        set->name = name;
        hr_members_give(members, *set);
        *set = (struct hr_set){0};
    }
}
