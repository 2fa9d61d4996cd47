/* SPDX-License-Identifier: Apache-2.0 */
/* A ring of blocks of fingerprints and a table that finds them.
 *
 * The ring is what is stored: block K is the record "s:K", written again until it is full. A new
 * block overwrites the oldest, so nothing expires and nothing needs a tombstone. The table is made
 * from the ring: a slot has the high half of an id and where the rest is, so a look-up of a new id
 * touches one cache line and does not read the ring at all. Slots follow each other by the high
 * half (linear probing), so that taking one out can close the gap without reading the ring either.
 *
 * 64 bits of id: among 16 M ids remembered, one in 10^12 new ids is taken for a known one. */
#include "seen.h"

#include "headroom/hash.h"

#define LEAST_BITS 10
#define FORMAT 1
#define SLOTS_A_LINE 8

void hr_seen_init(struct hr_seen *seen, uint64_t capacity, struct hr_pool *pool)
{
    *seen = (struct hr_seen){.pool = pool, .slot_bits = LEAST_BITS};
    uint64_t blocks = capacity / HR_SEEN_BLOCK;
    seen->block_count = blocks < 1                                ? 1
                        : blocks > UINT32_MAX / HR_SEEN_BLOCK - 1 ? UINT32_MAX / HR_SEEN_BLOCK - 1
                                                                  : (uint32_t)blocks;
    seen->blocks = hr_pool_take(pool, seen->block_count * sizeof *seen->blocks);
    seen->sequences = hr_pool_take(pool, seen->block_count * sizeof *seen->sequences);
    seen->slots = hr_pool_take(pool, sizeof *seen->slots << LEAST_BITS);
}

void hr_seen_clean_up(struct hr_seen *seen)
{
    for (uint32_t b = 0; b < seen->block_count; b++) {
        if (seen->blocks[b]) {
            hr_pool_give(seen->pool, seen->blocks[b], HR_SEEN_BLOCK * sizeof **seen->blocks);
        }
    }
    hr_pool_give(seen->pool, seen->blocks, seen->block_count * sizeof *seen->blocks);
    hr_pool_give(seen->pool, seen->sequences, seen->block_count * sizeof *seen->sequences);
    hr_pool_give(seen->pool, seen->slots, sizeof *seen->slots << seen->slot_bits);
}

/* --- the table -------------------------------------------------------------------------------- */

static uint64_t first_slot(const struct hr_seen *seen, uint64_t id)
{
    return id >> (64 - seen->slot_bits);
}

static uint64_t mask(const struct hr_seen *seen)
{
    return (UINT64_C(1) << seen->slot_bits) - 1;
}

static struct hr_fingerprint *at_place(const struct hr_seen *seen, uint64_t slot)
{
    uint32_t place = (uint32_t)slot - 1;
    return &seen->blocks[place / HR_SEEN_BLOCK][place % HR_SEEN_BLOCK];
}

static void forget_asked(struct hr_seen *seen)
{
    seen->asked = seen->asked_slot = 0; /* a search for 0 begins there */
}

/* From where its search begins, or any place up to where it ends. */
static void put(struct hr_seen *seen, uint64_t slot, uint64_t from)
{
    uint64_t i = from;
    while (seen->slots[i] != 0) {
        i = (i + 1) & mask(seen);
    }
    seen->slots[i] = slot;
}

static void grow(struct hr_seen *seen)
{
    uint64_t *old = seen->slots;
    uint64_t count = UINT64_C(1) << seen->slot_bits;
    seen->slot_bits++;
    forget_asked(seen);
    seen->slots = hr_pool_take(seen->pool, sizeof *seen->slots << seen->slot_bits);
    for (uint64_t i = 0; i < count; i++) {
        if (old[i] != 0) {
            put(seen, old[i], first_slot(seen, old[i]));
        }
    }
    hr_pool_give(seen->pool, old, count * sizeof *old);
}

static void insert(struct hr_seen *seen, uint64_t id, uint32_t place)
{
    if (seen->used >= (UINT64_C(1) << seen->slot_bits) / 4 * 3) {
        grow(seen);
    }
    put(seen, (id & UINT64_C(0xffffffff00000000)) | (place + 1),
        id == seen->asked ? seen->asked_slot : first_slot(seen, id));
    seen->used++;
}

/* Closes the gap: whoever stands behind it and would rather stand in it moves there. */
static void take_out(struct hr_seen *seen, uint64_t id, uint32_t place)
{
    uint64_t wanted = (id & UINT64_C(0xffffffff00000000)) | (place + 1);
    uint64_t gap = first_slot(seen, id);
    while (seen->slots[gap] != wanted) {
        gap = (gap + 1) & mask(seen);
    }
    for (uint64_t i = (gap + 1) & mask(seen); seen->slots[i] != 0; i = (i + 1) & mask(seen)) {
        uint64_t first = first_slot(seen, seen->slots[i]);
        if (((i - first) & mask(seen)) >= ((i - gap) & mask(seen))) {
            seen->slots[gap] = seen->slots[i];
            gap = i;
        }
    }
    seen->slots[gap] = 0;
    forget_asked(seen); /* its search may end sooner now */
    seen->used--;
}

void hr_seen_expect(const struct hr_seen *seen, uint64_t id)
{
    const uint64_t *first = &seen->slots[first_slot(seen, id)];
    __builtin_prefetch(first);
    __builtin_prefetch(first + SLOTS_A_LINE); /* a search often ends there */
}

enum hr_seen_answer hr_seen_ask(struct hr_seen *seen, uint64_t id, uint64_t body)
{
    uint64_t i = first_slot(seen, id);
    for (; seen->slots[i] != 0; i = (i + 1) & mask(seen)) {
        if (seen->slots[i] >> 32 != id >> 32) {
            continue;
        }
        const struct hr_fingerprint *known = at_place(seen, seen->slots[i]);
        if (known->id == id) {
            return (known->body_40 ^ body) >> 24 == 0 ? HR_SEEN_SAME : HR_SEEN_OTHER_BODY;
        }
    }
    seen->asked = id;
    seen->asked_slot = i;
    return HR_SEEN_NEW;
}

/* --- the ring --------------------------------------------------------------------------------- */

static void begin_block(struct hr_seen *seen)
{
    seen->open = seen->sequence == 0 ? 0 : (seen->open + 1) % seen->block_count;
    seen->sequence++;
    struct hr_fingerprint *block = seen->blocks[seen->open];
    if (!block) {
        block = hr_pool_take(seen->pool, HR_SEEN_BLOCK * sizeof *block);
        seen->blocks[seen->open] = block;
        seen->blocks_bytes += HR_SEEN_BLOCK * sizeof *block;
    }
    for (uint32_t i = 0; i < HR_SEEN_BLOCK; i++) {
        if (block[i].id != 0 || block[i].body_40 != 0) {
            take_out(seen, block[i].id, seen->open * HR_SEEN_BLOCK + i);
        }
    }
    memset(block, 0, HR_SEEN_BLOCK * sizeof *block);
    seen->sequences[seen->open] = seen->sequence;
    seen->open_used = 0;
}

void hr_seen_file(struct hr_seen *seen, uint64_t id, uint64_t body, struct hr_time clock)
{
    if (seen->sequence == 0 || seen->open_used == HR_SEEN_BLOCK) {
        begin_block(seen);
    }
    if (seen->dirty_from == 0) {
        seen->dirty_from = seen->sequence;
    }
    uint64_t hour = (uint64_t)hr_time_bucket(clock, HR_HOUR) & 0xffffff;
    uint32_t place = seen->open * HR_SEEN_BLOCK + seen->open_used;
    seen->blocks[seen->open][seen->open_used++] =
        (struct hr_fingerprint){id, (body & ~UINT64_C(0xffffff)) | hour};
    insert(seen, id, place);
}

static bool is_written(const struct hr_seen *seen, uint32_t block)
{
    return seen->blocks[block] != NULL && seen->sequences[block] != 0;
}

struct hr_time hr_seen_since(const struct hr_seen *seen)
{
    uint32_t oldest = seen->block_count;
    for (uint32_t b = 0; b < seen->block_count; b++) {
        if (is_written(seen, b) &&
            (oldest == seen->block_count || seen->sequences[b] < seen->sequences[oldest])) {
            oldest = b;
        }
    }
    if (oldest == seen->block_count) {
        return HR_TIME_NONE;
    }
    uint64_t hour = seen->blocks[oldest][0].body_40 & 0xffffff;
    return (struct hr_time){(int64_t)hour * HR_HOUR};
}

size_t hr_seen_bytes(const struct hr_seen *seen)
{
    size_t of_a_block = sizeof *seen->blocks + sizeof *seen->sequences;
    return seen->blocks_bytes + seen->block_count * of_a_block +
           (sizeof *seen->slots << seen->slot_bits);
}

/* --- stored blocks ---------------------------------------------------------------------------- */

/* format, checksum of what follows, sequence, then id and body of each entry. */
void hr_seen_pack(const struct hr_seen *seen, uint32_t block, struct hr_buffer *out)
{
    hr_buffer_clear(out);
    hr_put_u8(out, FORMAT);
    hr_put_u64(out, 0);
    hr_put_u64(out, seen->sequences[block]);
    for (uint32_t i = 0; i < HR_SEEN_BLOCK; i++) {
        const struct hr_fingerprint *one = &seen->blocks[block][i];
        if (one->id == 0 && one->body_40 == 0) {
            break;
        }
        hr_put_u64(out, one->id);
        hr_put_u64(out, one->body_40);
    }
    uint64_t sum = hr_hash64((struct hr_str){(const char *)out->at + 9, out->len - 9}, 0);
    for (int i = 0; i < 8; i++) {
        out->at[1 + i] = (uint8_t)(sum >> (8 * i));
    }
}

static bool open_block(struct hr_str bytes, struct hr_reader *reader)
{
    *reader = hr_reader(bytes);
    uint8_t format = hr_get_u8(reader);
    uint64_t sum = hr_get_u64(reader);
    return !reader->bad && format == FORMAT && bytes.len >= 17 && (bytes.len - 17) % 16 == 0 &&
           bytes.len <= 17 + HR_SEEN_BLOCK * sizeof(struct hr_fingerprint) &&
           sum == hr_hash64((struct hr_str){bytes.at + 9, bytes.len - 9}, 0);
}

bool hr_seen_is_whole(struct hr_str bytes)
{
    struct hr_reader reader;
    return open_block(bytes, &reader);
}

bool hr_seen_unpack(struct hr_seen *seen, uint32_t block, struct hr_str bytes)
{
    struct hr_reader reader;
    if (block >= seen->block_count || seen->blocks[block] || !open_block(bytes, &reader)) {
        return false;
    }
    seen->sequences[block] = hr_get_u64(&reader);
    seen->blocks[block] = hr_pool_take(seen->pool, HR_SEEN_BLOCK * sizeof **seen->blocks);
    seen->blocks_bytes += HR_SEEN_BLOCK * sizeof **seen->blocks;
    uint32_t used = 0;
    while (!hr_reader_at_end(&reader)) {
        struct hr_fingerprint *one = &seen->blocks[block][used];
        one->id = hr_get_u64(&reader);
        one->body_40 = hr_get_u64(&reader);
        insert(seen, one->id, block * HR_SEEN_BLOCK + used++);
    }
    if (seen->sequences[block] > seen->sequence) {
        seen->sequence = seen->sequences[block];
        seen->open = block;
        seen->open_used = used;
    }
    return true;
}
