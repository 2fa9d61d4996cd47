/* SPDX-License-Identifier: Apache-2.0 */
/* Members of a unique meter, stored apart from the account's frame: they are many, and written only
 * when one was added.
 *
 * The frame (pack.c) holds the meter's key, then sets: a billing period's with its segment's id and
 * bounds, or a series' with the bucket that is open, against which members' last buckets are
 * counted. Bounds and open bucket also say to another account, when these members move there, where
 * they belong. Members of a set are sorted, and those that no window reaches are left out, so that
 * the same state gives the same bytes. */
#include "inside.h"

#include "sections.h"
#include "unique.h"
#include "window.h"

static bool is_kept(
    const struct hr_account *account, uint16_t meter, const struct hr_member *member)
{
    const struct hr_meter_layout *layout = &account->layout->meters[meter];
    for (uint16_t s = 0; s < layout->series_count; s++) {
        if (member->set == hr_members_series(s) || member->set == hr_members_early(s)) {
            const struct hr_series_spec *spec = &layout->series[s];
            return member->last > hr_series_now(account, spec) - (int64_t)spec->keep;
        }
    }
    return member->set != 0;
}

static bool less(const struct hr_member *a, const struct hr_member *b)
{
    if (a->set != b->set) {
        return a->set < b->set;
    }
    if (a->hash.low != b->hash.low) {
        return a->hash.low < b->hash.low;
    }
    return a->hash.high != b->hash.high ? a->hash.high < b->hash.high : a->last < b->last;
}

static void sift(struct hr_member *members, uint32_t at, uint32_t count)
{
    for (uint32_t child; (child = 2 * at + 1) < count; at = child) {
        if (child + 1 < count && less(&members[child], &members[child + 1])) {
            child++;
        }
        if (!less(&members[at], &members[child])) {
            return;
        }
        struct hr_member swapped = members[at];
        members[at] = members[child];
        members[child] = swapped;
    }
}

static void sort(struct hr_member *members, uint32_t count)
{
    for (uint32_t i = count / 2; i > 0; i--) {
        sift(members, i - 1, count);
    }
    for (uint32_t last = count; last > 1; last--) {
        struct hr_member swapped = members[0];
        members[0] = members[last - 1];
        members[last - 1] = swapped;
        sift(members, 0, last - 1);
    }
}

/* Writes what the set is, of a series with the bucket that is open now; false when it is no longer
 * there, and its members are left out. */
static bool put_set(struct hr_buffer *out, const struct hr_account *account, uint16_t meter,
    uint32_t set, int64_t *now)
{
    const struct hr_meter_layout *layout = &account->layout->meters[meter];
    for (uint32_t i = 0; i < account->segment_count; i++) {
        const struct hr_segment *segment = &account->segments[i];
        if (hr_members_period(segment->id) == set) {
            hr_put_u8(out, HR_WINDOW_PERIOD);
            hr_put_varint(out, segment->id);
            hr_put_u8(out, i == account->current ? 0 : segment->closed ? 1 : 2);
            hr_put_time(out, segment->start);
            hr_put_time(out, segment->end);
            return true;
        }
    }
    for (uint16_t s = 0; s < layout->series_count; s++) {
        bool early = hr_members_early(s) == set;
        if (early || hr_members_series(s) == set) {
            hr_put_u8(out, (uint8_t)(layout->series[s].kind | (early ? HR_SET_EARLY : 0)));
            hr_put_varint(out, (uint64_t)(layout->series[s].bucket_us / HR_MINUTE));
            *now = hr_series_now(account, &layout->series[s]);
            hr_put_zigzag(out, *now);
            return true;
        }
    }
    return false;
}

void hr_pack_members(const struct hr_account *account, uint16_t meter, struct hr_buffer *out)
{
    const struct hr_members *members = account->meters[meter].members;
    struct hr_member *sorted = hr_pool_take(members->pool, (members->used + 1) * sizeof *sorted);
    uint32_t count = 0;
    for (uint32_t i = 0; i < members->room; i++) {
        if (is_kept(account, meter, &members->slots[i])) {
            sorted[count++] = members->slots[i];
        }
    }
    sort(sorted, count);
    hr_frame_begin(out, HR_FRAME_MEMBERS, HR_TIME_NEVER, account->layout->rules->epoch);
    hr_put_u32(out, account->layout->rules->meters[meter].key);
    for (uint32_t i = 0, next; i < count; i = next) {
        for (next = i; next < count && sorted[next].set == sorted[i].set;) {
            next++;
        }
        int64_t now = 0;
        if (!put_set(out, account, meter, sorted[i].set, &now)) {
            continue;
        }
        hr_put_varint(out, next - i);
        for (uint32_t m = i; m < next; m++) {
            hr_put_u64(out, sorted[m].hash.low);
            hr_put_u64(out, sorted[m].hash.high);
            if (!(sorted[i].set & HR_SET_PERIOD)) {
                hr_put_zigzag(out, sorted[m].last - now);
            }
        }
    }
    hr_frame_end(out);
    hr_pool_give(members->pool, sorted, (members->used + 1) * sizeof *sorted);
}
