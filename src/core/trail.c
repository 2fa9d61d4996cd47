/* SPDX-License-Identifier: Apache-2.0 */
/* A row of bits a member: in which of the last buckets it was seen. Who was there in any run of
 * them, also one that is over, is who has a bit there.
 *
 * Up to HR_TRAIL_MOST members that is exact. Of more a sample is kept: every bucket has a level,
 * and at level L only members whose hash ends in L zero bits are known of it, one in 2^L. Which
 * members those are hangs on their names alone, so that a member of the sample is in it in each
 * bucket, and a count is that of the sample times 2^L. When there are too many, all buckets go up a
 * level; each new bucket begins a level lower than the one before as long as there is much room:
 * once a crowd has passed counts are exact again.
 *
 * Time only passes bucket by bucket here, so that it does not matter how often anybody looks. */
#include "trail.h"

#include "unique.h"

#include <string.h>

#define WORD 64u
#define LEAST_ROOM 16u
#define MUCH_ROOM (HR_TRAIL_MOST / 4)

struct hr_trail {
    uint32_t keep, words;
    uint32_t used, room; /* room is a power of two, or 0 */
    int64_t open;        /* bit k of a row is of bucket open - k */
    uint64_t *rows;      /* the two halves of a hash, zero: free; then the bits */
    uint8_t *levels;     /* by age */
};

static uint32_t width(const struct hr_trail *trail)
{
    return 2 + trail->words;
}

static size_t size_of(const struct hr_trail *trail, uint32_t room)
{
    return (size_t)room * width(trail) * sizeof *trail->rows;
}

static uint64_t *row_at(const struct hr_trail *trail, uint32_t i)
{
    return &trail->rows[(size_t)i * width(trail)];
}

static bool is_free(const uint64_t *row)
{
    return row[0] == 0 && row[1] == 0;
}

static bool has_bit(const uint64_t *bits, uint32_t k)
{
    return bits[k / WORD] >> k % WORD & 1;
}

static void set_bit(uint64_t *bits, uint32_t k)
{
    bits[k / WORD] |= UINT64_C(1) << k % WORD;
}

/* The bits of the last word that are of a bucket. */
static uint64_t last_word(const struct hr_trail *trail)
{
    uint32_t rest = trail->keep % WORD;
    return rest > 0 ? (UINT64_C(1) << rest) - 1 : UINT64_MAX;
}

static bool passes(const uint64_t *row, unsigned level)
{
    return (row[1] & ((UINT64_C(1) << level) - 1)) == 0;
}

static unsigned highest(const struct hr_trail *trail)
{
    unsigned level = 0;
    for (uint32_t k = 0; k < trail->keep; k++) {
        level = trail->levels[k] > level ? trail->levels[k] : level;
    }
    return level;
}

struct hr_trail *hr_trail_new(struct hr_pool *pool, uint32_t keep, int64_t open)
{
    struct hr_trail *trail = hr_pool_take(pool, sizeof *trail);
    trail->keep = keep;
    trail->words = (keep + WORD - 1) / WORD;
    trail->open = open;
    trail->levels = hr_pool_take(pool, keep);
    return trail;
}

void hr_trail_destroy(struct hr_trail *trail, struct hr_pool *pool)
{
    hr_pool_give(pool, trail->rows, size_of(trail, trail->room));
    hr_pool_give(pool, trail->levels, trail->keep);
    hr_pool_give(pool, trail, sizeof *trail);
}

/* --- the table -------------------------------------------------------------------------------- */

/* The member's row, or the free one where the search ends. */
static uint64_t *search(const struct hr_trail *trail, uint64_t low, uint64_t high)
{
    uint32_t i = (uint32_t)low & (trail->room - 1);
    uint64_t *row = row_at(trail, i);
    while (!is_free(row) && (row[0] != low || row[1] != high)) {
        i = (i + 1) & (trail->room - 1);
        row = row_at(trail, i);
    }
    return row;
}

static bool has_bits(const struct hr_trail *trail, const uint64_t *bits)
{
    uint64_t any = 0;
    for (uint32_t w = 0; w < trail->words; w++) {
        any |= bits[w];
    }
    return any != 0;
}

/* Builds the table anew, without the rows that have no bit any more. */
static void rebuild(struct hr_trail *trail, uint32_t room, struct hr_pool *pool)
{
    struct hr_trail old = *trail;
    trail->rows = room > 0 ? hr_pool_take(pool, size_of(trail, room)) : NULL;
    trail->room = room;
    trail->used = 0;
    for (uint32_t i = 0; room > 0 && i < old.room; i++) { /* room for none: none is kept */
        const uint64_t *row = row_at(&old, i);
        if (!is_free(row) && has_bits(&old, row + 2)) {
            memcpy(search(trail, row[0], row[1]), row, width(trail) * sizeof *row);
            trail->used++;
        }
    }
    hr_pool_give(pool, old.rows, size_of(&old, old.room));
}

static uint32_t room_for(uint32_t used)
{
    uint32_t room = used > 0 ? LEAST_ROOM : 0;
    while (used >= room / 4 * 3 && room > 0) {
        room *= 2;
    }
    return room;
}

static void drop_empty(struct hr_trail *trail, struct hr_pool *pool)
{
    uint32_t left = 0;
    for (uint32_t i = 0; i < trail->room; i++) {
        const uint64_t *row = row_at(trail, i);
        left += !is_free(row) && has_bits(trail, row + 2);
    }
    if (left < trail->used) {
        rebuild(trail, room_for(left), pool);
    }
}

/* Made when it is missing. */
static uint64_t *row_of(
    struct hr_trail *trail, struct hr_hash128 member, bool *made, struct hr_pool *pool)
{
    member.low += member.low == 0 && member.high == 0; /* the row that means "free" is nobody's */
    if (trail->used >= trail->room / 4 * 3) {
        rebuild(trail, room_for(trail->used + 1), pool);
    }
    uint64_t *row = search(trail, member.low, member.high);
    *made = is_free(row);
    if (*made) {
        row[0] = member.low;
        row[1] = member.high;
        trail->used++;
    }
    return row;
}

/* --- levels ----------------------------------------------------------------------------------- */

/* Takes out what the levels leave out. */
static void thin(struct hr_trail *trail, struct hr_pool *pool)
{
    for (uint32_t i = 0; i < trail->room; i++) {
        uint64_t *row = row_at(trail, i);
        for (uint32_t k = 0; !is_free(row) && k < trail->keep; k++) {
            if (!passes(row, trail->levels[k])) {
                row[2 + k / WORD] &= ~(UINT64_C(1) << k % WORD);
            }
        }
    }
    drop_empty(trail, pool);
}

static void bound(struct hr_trail *trail, struct hr_pool *pool)
{
    for (unsigned level = highest(trail); trail->used > HR_TRAIL_MOST && level < HR_TRAIL_LEVELS;) {
        memset(trail->levels, (int)++level, trail->keep);
        thin(trail, pool);
    }
}

/* --- time ------------------------------------------------------------------------------------- */

/* Every bucket is so many older. */
static void age(struct hr_trail *trail, uint32_t by)
{
    uint32_t words = by / WORD, bits = by % WORD;
    for (uint32_t i = 0; i < trail->room; i++) {
        uint64_t *row = row_at(trail, i) + 2;
        for (uint32_t w = trail->words; w > 0; w--) {
            uint32_t to = w - 1;
            uint64_t whole = to >= words ? row[to - words] << bits : 0;
            uint64_t rest = bits > 0 && to > words ? row[to - words - 1] >> (WORD - bits) : 0;
            row[to] = whole | rest;
        }
        row[trail->words - 1] &= last_word(trail);
    }
}

static void roll(struct hr_trail *trail, int64_t now, struct hr_pool *pool)
{
    while (trail->open < now) {
        bool sampled = highest(trail) > 0;
        int64_t left = now - trail->open;
        uint32_t by = sampled ? 1 : left < trail->keep ? (uint32_t)left : trail->keep;
        if (trail->used > 0 && by < trail->keep) {
            age(trail, by);
            drop_empty(trail, pool);
        } else if (trail->used > 0) {
            memset(trail->rows, 0, size_of(trail, trail->room));
            rebuild(trail, 0, pool);
        }
        unsigned level = trail->levels[0];
        bool lower = level > 0 && trail->used < MUCH_ROOM;
        memmove(trail->levels + by, trail->levels, trail->keep - by);
        memset(trail->levels, trail->used == 0 ? 0 : (int)(level - lower), by);
        trail->open = sampled ? trail->open + 1 : now;
    }
}

/* --- seeing and counting ---------------------------------------------------------------------- */

bool hr_trail_see(struct hr_trail *trail, struct hr_hash128 member, int64_t index, int64_t now,
    struct hr_pool *pool)
{
    roll(trail, now, pool);
    int64_t ago = trail->open - index;
    const uint64_t hash[2] = {member.low, member.high};
    if (ago < 0 || ago >= trail->keep || !passes(hash, trail->levels[ago])) {
        return false;
    }
    bool made;
    uint64_t *bits = row_of(trail, member, &made, pool) + 2;
    bool known = has_bit(bits, (uint32_t)ago);
    set_bit(bits, (uint32_t)ago);
    if (made) {
        bound(trail, pool);
    }
    return !known;
}

void hr_trail_take(struct hr_trail *trail, struct hr_trail *from, int64_t now, struct hr_pool *pool)
{
    roll(trail, now, pool);
    roll(from, now, pool);
    /* A clock that is ahead has buckets that have not begun here. */
    uint32_t ahead =
        (uint32_t)(from->open - trail->open < from->keep ? from->open - trail->open : from->keep);
    for (uint32_t k = ahead; k < from->keep && k - ahead < trail->keep; k++) {
        uint8_t *level = &trail->levels[k - ahead];
        *level = *level > from->levels[k] ? *level : from->levels[k];
    }
    thin(trail, pool);
    for (uint32_t i = 0; i < from->room; i++) {
        const uint64_t *row = row_at(from, i);
        for (uint32_t k = ahead; !is_free(row) && k < from->keep; k++) {
            if (has_bit(row + 2, k)) {
                struct hr_hash128 member = {.low = row[0], .high = row[1]};
                hr_trail_see(trail, member, from->open - (int64_t)k, trail->open, pool);
            }
        }
    }
}

uint32_t hr_trail_keep(const struct hr_trail *trail)
{
    return trail->keep;
}

struct hr_trail *hr_trail_fit(struct hr_trail *trail, uint32_t keep, struct hr_pool *pool)
{
    struct hr_trail *fit = hr_trail_new(pool, keep, trail->open);
    hr_trail_take(fit, trail, trail->open, pool);
    hr_trail_destroy(trail, pool);
    return fit;
}

/* Has the row a bit of age `first` to `last`? */
static bool has_between(const uint64_t *bits, uint32_t first, uint32_t last)
{
    for (uint32_t w = first / WORD; w <= last / WORD; w++) {
        uint64_t from = w == first / WORD ? UINT64_MAX << first % WORD : UINT64_MAX;
        uint64_t to = w == last / WORD ? UINT64_MAX >> (WORD - 1 - last % WORD) : UINT64_MAX;
        if (bits[w] & from & to) {
            return true;
        }
    }
    return false;
}

uint64_t hr_trail_count(struct hr_trail *trail, int64_t from, int64_t to, int64_t now,
    struct hr_pool *pool, bool *exact)
{
    roll(trail, now, pool);
    int64_t first = trail->open > to ? trail->open - to : 0, last = trail->open - from;
    last = last < trail->keep ? last : (int64_t)trail->keep - 1;
    unsigned level = 0;
    for (int64_t k = first; k <= last; k++) {
        level = trail->levels[k] > level ? trail->levels[k] : level;
    }
    uint64_t count = 0;
    for (uint32_t i = 0; first <= last && i < trail->room; i++) {
        const uint64_t *row = row_at(trail, i);
        count += !is_free(row) && passes(row, level) &&
                 has_between(row + 2, (uint32_t)first, (uint32_t)last);
    }
    *exact &= level == 0;
    return count << level;
}

int64_t hr_trail_turn(const struct hr_trail *trail, int64_t now, int64_t half)
{
    uint64_t seen[(HR_TRAIL_KEEP + WORD - 1) / WORD] = {0};
    for (uint32_t i = 0; i < trail->room; i++) {
        for (uint32_t w = 0; w < trail->words; w++) {
            seen[w] |= row_at(trail, i)[2 + w];
        }
    }
    int64_t next = INT64_MAX;
    for (uint32_t k = 0; k < trail->keep; k++) {
        int64_t index = trail->open - (int64_t)k;
        bool counts = has_bit(seen, k) || trail->levels[k] > 0;
        for (int64_t at = index + 1; counts && at <= index + 2 * half + 1; at += half) {
            next = at > now && at < next ? at : next;
        }
    }
    return next;
}

void hr_trail_shift(struct hr_trail *trail, int64_t by)
{
    trail->open += by;
}

bool hr_trail_has_any(struct hr_trail *trail, int64_t now, struct hr_pool *pool)
{
    roll(trail, now, pool);
    return trail->used > 0 || highest(trail) > 0;
}

/* --- stored ----------------------------------------------------------------------------------- */

/* Levels, if one is above 0; then members by hash, each with its bits, so that the same state gives
 * the same bytes. */
void hr_trail_put(struct hr_trail *trail, int64_t now, struct hr_pool *pool, struct hr_buffer *out)
{
    roll(trail, now, pool);
    hr_put_varint(out, trail->keep);
    bool sampled = highest(trail) > 0;
    hr_put_u8(out, sampled);
    if (sampled) {
        hr_put_bytes(out, trail->levels, trail->keep);
    }
    hr_put_varint(out, trail->used);
    size_t size = (trail->used + 1) * sizeof(struct hr_member);
    struct hr_member *sorted = hr_pool_take(pool, size); /* `last`: the number of the row */
    uint32_t count = 0;
    for (uint32_t i = 0; i < trail->room; i++) {
        const uint64_t *row = row_at(trail, i);
        if (!is_free(row)) {
            sorted[count++] = (struct hr_member){{.low = row[0], .high = row[1]}, i};
        }
    }
    hr_members_sort(sorted, count);
    for (uint32_t i = 0; i < count; i++) {
        hr_put_u64(out, sorted[i].hash.low);
        hr_put_u64(out, sorted[i].hash.high);
        const uint64_t *bits = row_at(trail, (uint32_t)sorted[i].last) + 2;
        for (uint32_t k = 0; k < trail->keep; k += 8) {
            hr_put_u8(out, (uint8_t)(bits[k / WORD] >> k % WORD));
        }
    }
    hr_pool_give(pool, sorted, size);
}

static void get_levels(struct hr_reader *in, struct hr_trail *trail)
{
    uint8_t sampled = hr_get_u8(in);
    in->bad |= sampled > 1;
    for (uint32_t k = 0; sampled && k < trail->keep && !in->bad; k++) {
        trail->levels[k] = hr_get_u8(in);
        in->bad |= trail->levels[k] > HR_TRAIL_LEVELS;
    }
}

static void get_row(struct hr_reader *in, struct hr_trail *trail, struct hr_pool *pool)
{
    struct hr_hash128 member = {.low = hr_get_u64(in)};
    member.high = hr_get_u64(in);
    bool made;
    uint64_t *bits = row_of(trail, member, &made, pool) + 2;
    for (uint32_t k = 0; k < trail->keep; k += 8) {
        bits[k / WORD] |= (uint64_t)hr_get_u8(in) << k % WORD;
    }
    bool beyond = (bits[trail->words - 1] & ~last_word(trail)) != 0;
    in->bad |= !made || beyond || !has_bits(trail, bits);
    for (uint32_t k = 0; k < trail->keep; k++) {
        in->bad |= has_bit(bits, k) && !passes(bits - 2, trail->levels[k]);
    }
}

struct hr_trail *hr_trail_get(struct hr_reader *in, int64_t now, struct hr_pool *pool)
{
    uint64_t keep = hr_get_varint(in);
    in->bad |= keep == 0 || keep > HR_TRAIL_KEEP;
    if (in->bad) {
        return NULL;
    }
    struct hr_trail *trail = hr_trail_new(pool, (uint32_t)keep, now);
    get_levels(in, trail);
    uint64_t count = hr_get_varint(in);
    in->bad |= count > HR_TRAIL_MOST;
    for (uint64_t i = 0; i < count && !in->bad; i++) {
        get_row(in, trail, pool);
    }
    if (in->bad) {
        hr_trail_destroy(trail, pool);
        return NULL;
    }
    return trail;
}
