/* SPDX-License-Identifier: Apache-2.0 */
/* Members of a unique meter, stored apart from the account's frame: they are many, and written only
 * when one was added.
 *
 * The frame (pack.c) holds the meter's key, then sets: a billing period's with its segment's id and
 * bounds, or a series' with the bucket that is open, against which members' last buckets are
 * counted. Bounds and open bucket also say to another account, when these members move there, where
 * they belong. Members of a set are sorted, and those that no window reaches are left out, so that
 * the same state gives the same bytes. What has a sketch says from which bucket on its members are
 * all, and ends with the registers: the rank of each, or the number of its marks and the marks. A
 * trail comes last (trail.c). */
#include "inside.h"

#include "sections.h"
#include "unique.h"
#include "window.h"

/* What is written of a set. */
struct packing {
    const struct hr_set *set;
    bool sketched, trailed;
    int64_t now, least; /* of a series: the bucket that is open, the first that a window reaches */
    struct hr_member *sorted;
    uint32_t count;
};

static void select_members(struct packing *packing, struct hr_pool *pool)
{
    const struct hr_set *set = packing->set;
    packing->sorted = hr_pool_take(pool, (set->used + 1) * sizeof *packing->sorted);
    for (uint32_t i = 0; i < set->room; i++) {
        if (!hr_member_is_free(&set->slots[i]) && set->slots[i].last >= packing->least) {
            packing->sorted[packing->count++] = set->slots[i];
        }
    }
    hr_members_sort(packing->sorted, packing->count);
}

static void put_registers(struct hr_buffer *out, const struct packing *packing)
{
    const struct hr_sketch *sketch = packing->set->sketch;
    for (uint32_t number = 0; number < HR_SKETCH_REGISTERS; number++) {
        struct hr_mark marks[HR_SKETCH_MARKS];
        unsigned count = hr_sketch_marks(sketch, number, packing->least, marks);
        if (hr_sketch_keep(sketch) == 1) {
            hr_put_u8(out, (uint8_t)(count > 0 ? marks[0].rank : 0));
            continue;
        }
        hr_put_u8(out, (uint8_t)count);
        for (unsigned i = 0; i < count; i++) {
            hr_put_u8(out, (uint8_t)marks[i].rank);
            hr_put_varint(out, (uint64_t)(packing->now - marks[i].index));
        }
    }
}

static void put_content(struct hr_buffer *out, const struct packing *packing, struct hr_pool *pool)
{
    bool dated = !(packing->set->name & HR_SET_PERIOD);
    if (packing->sketched) {
        hr_put_zigzag(out, dated ? packing->set->exact_from - packing->now : 0);
        hr_put_varint(out, packing->set->least_count);
        hr_put_varint(out, hr_sketch_keep(packing->set->sketch));
    }
    hr_put_varint(out, packing->count);
    for (uint32_t i = 0; i < packing->count; i++) {
        hr_put_u64(out, packing->sorted[i].hash.low);
        hr_put_u64(out, packing->sorted[i].hash.high);
        if (dated) {
            hr_put_zigzag(out, packing->sorted[i].last - packing->now);
        }
    }
    if (packing->sketched) {
        put_registers(out, packing);
    }
    if (packing->trailed) {
        hr_trail_put(packing->set->trail, packing->now, pool, out);
    }
}

void hr_put_period_head(
    struct hr_buffer *out, const struct hr_account *account, uint32_t at, uint8_t flags)
{
    const struct hr_segment *segment = &account->segments[at];
    hr_put_u8(out, (uint8_t)(HR_WINDOW_PERIOD | flags));
    hr_put_varint(out, segment->id);
    hr_put_u8(out, at == account->current ? 0 : segment->closed ? 1 : 2);
    hr_put_time(out, segment->start);
    hr_put_time(out, segment->end);
}

static void put_period(struct hr_buffer *out, const struct hr_account *account,
    const struct packing *packing, struct hr_pool *pool)
{
    for (uint32_t i = 0; i < account->segment_count; i++) {
        if (hr_set_of_period(account->segments[i].id) == packing->set->name) {
            hr_put_period_head(out, account, i, packing->sketched ? HR_SET_SKETCHED : 0);
            put_content(out, packing, pool);
        }
    }
}

static void put_set(struct hr_buffer *out, const struct hr_account *account, uint16_t slot,
    const struct hr_set *set, struct hr_pool *pool)
{
    const struct hr_meter_layout *layout = hr_slot_layout(account, slot);
    struct packing packing = {.set = set, .sketched = set->sketch != NULL};
    const struct hr_series_spec *spec = NULL;
    if (!(set->name & HR_SET_PERIOD)) {
        spec = &layout->series[(set->name & ~HR_SET_AHEAD) - 1];
        packing.now = hr_series_now(account, spec);
        packing.least = packing.now - (int64_t)spec->keep + 1;
        packing.sketched = set->sketch && set->exact_from > packing.least;
        packing.trailed = set->trail && hr_trail_has_any(set->trail, packing.now, pool);
    }
    select_members(&packing, pool);
    if (packing.count > 0 || packing.sketched || packing.trailed) {
        if (spec) {
            hr_put_u8(out, (uint8_t)(spec->kind | (set->name & HR_SET_AHEAD ? HR_SET_EARLY : 0) |
                                     (packing.sketched ? HR_SET_SKETCHED : 0) |
                                     (packing.trailed ? HR_SET_TRAILED : 0)));
            hr_put_varint(out, (uint64_t)(spec->bucket_us / HR_MINUTE));
            hr_put_zigzag(out, packing.now);
            put_content(out, &packing, pool);
        } else {
            put_period(out, account, &packing, pool);
        }
    }
    hr_pool_give(pool, packing.sorted, (set->used + 1) * sizeof *packing.sorted);
}

void hr_put_sets(
    struct hr_buffer *out, const struct hr_account *account, uint16_t slot, uint32_t only)
{
    const struct hr_members *members = account->meters[slot].members;
    for (uint32_t after = 0;;) {
        const struct hr_set *next = NULL;
        for (uint32_t i = 0; i < members->count; i++) {
            const struct hr_set *set = &members->sets[i];
            if (set->name > after && (!next || set->name < next->name) &&
                (only == HR_ALL_SETS || only == set->name)) {
                next = set;
            }
        }
        if (!next) {
            return;
        }
        put_set(out, account, slot, next, members->pool);
        after = next->name;
    }
}

void hr_pack_members(
    const struct hr_account *account, uint16_t meter, uint32_t only, struct hr_buffer *out)
{
    hr_frame_begin(out, HR_FRAME_MEMBERS, HR_TIME_NEVER, account->layout->rules->epoch);
    hr_put_u32(out, account->layout->rules->meters[meter].key);
    hr_put_sets(out, account, meter, only);
    hr_frame_end(out);
}
