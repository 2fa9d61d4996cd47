/* SPDX-License-Identifier: Apache-2.0 */
/* Counters as bytes: of meters in the account's frame (pack.c), of groups in records of their own
 * (pack_groups.c). */
#include "inside.h"

#include "sections.h"
#include "window.h"

void hr_put_tally(struct hr_buffer *out, enum hr_aggregate aggregate, const struct hr_tally *tally)
{
    hr_put_decimal(out, tally->value);
    if (hr_tally_has_count(aggregate)) {
        hr_put_varint(out, tally->count);
    }
}

static uint32_t count_kept(const struct hr_account *account, uint16_t slot, uint16_t number)
{
    const struct hr_series *series = &account->meters[slot].series[number];
    uint32_t count = 0;
    for (uint32_t c = hr_series_kept(account, slot, number); c < series->count; c++) {
        count += series->cells[c].tally.count > 0;
    }
    return count;
}

uint16_t hr_count_series(const struct hr_account *account, uint16_t slot)
{
    const struct hr_meter_layout *layout = hr_slot_layout(account, slot);
    uint16_t filled = 0;
    for (uint16_t s = 0; s < layout->series_count; s++) {
        filled = (uint16_t)(filled + (count_kept(account, slot, s) > 0));
    }
    return filled;
}

static void put_one(struct hr_buffer *out, const struct hr_account *account, uint16_t slot,
    uint16_t number, bool dated)
{
    const struct hr_series_spec *spec = &hr_slot_layout(account, slot)->series[number];
    const struct hr_series *series = &account->meters[slot].series[number];
    int64_t now = hr_series_now(account, spec);
    hr_put_u8(out, (uint8_t)spec->kind);
    hr_put_varint(out, (uint64_t)(spec->bucket_us / HR_MINUTE));
    if (dated) {
        hr_put_zigzag(out, now);
    }
    hr_put_varint(out, count_kept(account, slot, number));
    for (uint32_t c = hr_series_kept(account, slot, number); c < series->count; c++) {
        if (series->cells[c].tally.count > 0) {
            hr_put_zigzag(out, series->cells[c].index - now);
            hr_put_tally(out, hr_slot_meter(account, slot)->aggregate, &series->cells[c].tally);
        }
    }
}

/* A series of which nothing is kept is not written, so that an account that was loaded has the same
 * bytes as one that never left memory. */
void hr_put_series(
    struct hr_buffer *out, const struct hr_account *account, uint16_t slot, bool dated)
{
    const struct hr_meter_layout *layout = hr_slot_layout(account, slot);
    hr_put_varint(out, hr_count_series(account, slot));
    for (uint16_t s = 0; s < layout->series_count; s++) {
        if (count_kept(account, slot, s) > 0) {
            put_one(out, account, slot, s, dated);
        }
    }
}
