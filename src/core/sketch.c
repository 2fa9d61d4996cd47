/* SPDX-License-Identifier: Apache-2.0 */
/* HyperLogLog over a sliding window.
 *
 * A member's hash chooses a register and has a rank, the number of zeros at its head and one: a
 * register that saw rank r has seen about 2^r members. Plain HyperLogLog keeps the highest rank.
 * For a window that moves a register keeps every rank that may yet become the highest: one that no
 * newer bucket has reached or passed (Chabchoub and Hébrail, Sliding HyperLogLog, 2010). The marks
 * of a register therefore have ascending buckets and descending ranks, and the highest rank of a
 * window is the first mark in it. Their number grows with the logarithm of members; a register that
 * is full all the same forgets its oldest mark.
 *
 * What is kept depends on members and buckets alone, not on the order in which they came, and two
 * sketches are united by putting the marks of one into the other.
 *
 * The count is Ertl's improved raw estimator (New cardinality estimation algorithms for HyperLogLog
 * sketches, 2017, algorithm 4; its correction for full registers begins at 2^50 members and is left
 * out). It needs no table and no logarithm, so it is worked out in integers, and every machine
 * finds the same. Its relative standard error is 1.039 / √8192 = 1.15%. */
#include "sketch.h"

#include "headroom/time.h"

#include <string.h>

#define INDEX_BITS 13
#define RANK_BITS 6
#define VIEWS 4

/* How many registers of the window that begins at `from` have which highest rank: kept up to date
 * while members come, so that a signal is read without looking at registers. */
struct view {
    int64_t from;
    bool valid;
    uint16_t ranks[HR_SKETCH_RANKS];
};

struct hr_sketch {
    uint32_t keep, stride; /* marks a register may have */
    int64_t base;          /* buckets are kept as distances from it */
    struct view views[VIEWS];
    uint32_t next_view;
    uint8_t counts[HR_SKETCH_REGISTERS];
    uint32_t marks[]; /* by register: distance << RANK_BITS | rank, oldest first */
};

static size_t size_for(uint32_t stride)
{
    return sizeof(struct hr_sketch) + (size_t)HR_SKETCH_REGISTERS * stride * sizeof(uint32_t);
}

struct hr_sketch *hr_sketch_new(struct hr_pool *pool, uint32_t keep, int64_t least)
{
    uint32_t stride = keep < HR_SKETCH_MARKS ? keep : HR_SKETCH_MARKS;
    struct hr_sketch *sketch = hr_pool_take(pool, size_for(stride));
    sketch->keep = keep;
    sketch->stride = stride;
    sketch->base = least;
    return sketch;
}

void hr_sketch_destroy(struct hr_sketch *sketch, struct hr_pool *pool)
{
    hr_pool_give(pool, sketch, size_for(sketch->stride));
}

uint32_t hr_sketch_keep(const struct hr_sketch *sketch)
{
    return sketch->keep;
}

void hr_sketch_shift(struct hr_sketch *sketch, int64_t by)
{
    sketch->base += by;
    for (int v = 0; v < VIEWS; v++) {
        sketch->views[v].valid = false;
    }
}

/* --- registers -------------------------------------------------------------------------------- */

static struct hr_mark mark_at(const struct hr_sketch *sketch, uint32_t number, unsigned at)
{
    uint32_t packed = sketch->marks[(size_t)number * sketch->stride + at];
    return (struct hr_mark){sketch->base + (packed >> RANK_BITS), packed & ((1u << RANK_BITS) - 1)};
}

static unsigned rank_since(const struct hr_sketch *sketch, uint32_t number, int64_t from)
{
    for (unsigned at = 0; at < sketch->counts[number]; at++) {
        struct hr_mark mark = mark_at(sketch, number, at);
        if (mark.index >= from) {
            return mark.rank;
        }
    }
    return 0;
}

static void remove_mark(struct hr_sketch *sketch, uint32_t number, unsigned at)
{
    uint32_t *marks = &sketch->marks[(size_t)number * sketch->stride];
    sketch->counts[number]--;
    memmove(&marks[at], &marks[at + 1], (sketch->counts[number] - at) * sizeof *marks);
}

static void insert_mark(struct hr_sketch *sketch, uint32_t number, struct hr_mark mark)
{
    uint32_t *marks = &sketch->marks[(size_t)number * sketch->stride];
    unsigned at = sketch->counts[number];
    while (at > 0 && mark_at(sketch, number, at - 1).index > mark.index) {
        at--;
    }
    memmove(&marks[at + 1], &marks[at], (sketch->counts[number] - at) * sizeof *marks);
    marks[at] = (uint32_t)(mark.index - sketch->base) << RANK_BITS | mark.rank;
    sketch->counts[number]++;
}

/* Takes out what no window reaches and what the new mark stands for. */
static void make_way(struct hr_sketch *sketch, uint32_t number, struct hr_mark mark, int64_t least)
{
    for (unsigned at = sketch->counts[number]; at > 0; at--) {
        struct hr_mark old = mark_at(sketch, number, at - 1);
        if (old.index < least || (old.index <= mark.index && old.rank <= mark.rank)) {
            remove_mark(sketch, number, at - 1);
        }
    }
    if (sketch->counts[number] == sketch->stride) {
        remove_mark(sketch, number, 0);
    }
}

bool hr_sketch_put(struct hr_sketch *sketch, uint32_t number, struct hr_mark mark, int64_t least)
{
    unsigned before[VIEWS];
    if (mark.index < least || mark.index < sketch->base ||
        rank_since(sketch, number, mark.index) >= mark.rank) {
        return false;
    }
    for (int v = 0; v < VIEWS; v++) {
        before[v] = rank_since(sketch, number, sketch->views[v].from);
    }
    make_way(sketch, number, mark, least);
    insert_mark(sketch, number, mark);
    for (int v = 0; v < VIEWS; v++) {
        struct view *view = &sketch->views[v];
        if (view->valid) {
            view->ranks[before[v]]--;
            view->ranks[rank_since(sketch, number, view->from)]++;
        }
    }
    return true;
}

bool hr_sketch_add(struct hr_sketch *sketch, struct hr_hash128 member, int64_t index, int64_t least)
{
    uint32_t number = (uint32_t)(member.high >> (64 - INDEX_BITS));
    uint64_t rest = member.high << INDEX_BITS | UINT64_C(1) << (INDEX_BITS - 1);
    struct hr_mark mark = {index, (unsigned)__builtin_clzll(rest) + 1};
    return hr_sketch_put(sketch, number, mark, least);
}

unsigned hr_sketch_marks(const struct hr_sketch *sketch, uint32_t number, int64_t least,
    struct hr_mark marks[HR_SKETCH_MARKS])
{
    unsigned count = 0;
    for (unsigned at = 0; at < sketch->counts[number]; at++) {
        struct hr_mark mark = mark_at(sketch, number, at);
        if (mark.index >= least) {
            marks[count++] = mark;
        }
    }
    return count;
}

/* --- counting --------------------------------------------------------------------------------- */

/* Fixed point, 60 binary places. */
typedef unsigned __int128 fixed;
#define PLACES 60
#define ALPHA UINT64_C(831657068615270156) /* 1 / (2 ln 2) */

/* σ(x) = x + Σ x^(2^k) · 2^(k−1) over k ≥ 1, of x below 1. */
static fixed sigma(fixed x)
{
    fixed sum = x;
    for (unsigned k = 0; x > 0; k++) {
        x = (x * x) >> PLACES;
        sum += x << k;
    }
    return sum;
}

static uint64_t estimate(const uint16_t ranks[HR_SKETCH_RANKS])
{
    if (ranks[0] == HR_SKETCH_REGISTERS) {
        return 0;
    }
    fixed sum = sigma(((fixed)ranks[0] << PLACES) / HR_SKETCH_REGISTERS) * HR_SKETCH_REGISTERS;
    for (unsigned rank = 1; rank < HR_SKETCH_RANKS; rank++) {
        sum += (fixed)ranks[rank] << (PLACES - rank);
    }
    fixed scaled = (fixed)ALPHA * HR_SKETCH_REGISTERS * HR_SKETCH_REGISTERS;
    return (uint64_t)((scaled + sum / 2) / sum);
}

static void fill(const struct hr_sketch *sketch, struct view *view, int64_t from)
{
    memset(view->ranks, 0, sizeof view->ranks);
    for (uint32_t number = 0; number < HR_SKETCH_REGISTERS; number++) {
        view->ranks[rank_since(sketch, number, from)]++;
    }
    view->from = from;
    view->valid = true;
}

uint64_t hr_sketch_count(const struct hr_sketch *sketch, int64_t from)
{
    struct hr_sketch *cache = (struct hr_sketch *)sketch; /* views say nothing new */
    for (int v = 0; v < VIEWS; v++) {
        if (sketch->views[v].valid && sketch->views[v].from == from) {
            return estimate(sketch->views[v].ranks);
        }
    }
    struct view *view = &cache->views[cache->next_view++ % VIEWS];
    fill(sketch, view, from);
    return estimate(view->ranks);
}
