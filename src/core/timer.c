/* SPDX-License-Identifier: Apache-2.0 */
/* A binary heap of entries by (due, name): the order in which timers act. An entry knows its place,
 * so that moving a timer costs a few swaps and no search. */
#include "inside.h"

static bool before(const struct hr_entry *a, const struct hr_entry *b)
{
    if (a->due.us != b->due.us) {
        return a->due.us < b->due.us;
    }
    return hr_str_compare(hr_entry_name(a), hr_entry_name(b)) < 0;
}

static void place(struct hr_home *home, struct hr_entry *entry, uint32_t at)
{
    home->heap[at] = entry;
    entry->timer = at + 1;
}

static void rise(struct hr_home *home, struct hr_entry *entry, uint32_t at)
{
    while (at > 0 && before(entry, home->heap[(at - 1) / 2])) {
        place(home, home->heap[(at - 1) / 2], at);
        at = (at - 1) / 2;
    }
    place(home, entry, at);
}

static void sink(struct hr_home *home, struct hr_entry *entry, uint32_t at)
{
    for (;;) {
        uint32_t child = 2 * at + 1;
        if (child >= home->heap_count) {
            break;
        }
        if (child + 1 < home->heap_count && before(home->heap[child + 1], home->heap[child])) {
            child++;
        }
        if (!before(home->heap[child], entry)) {
            break;
        }
        place(home, home->heap[child], at);
        at = child;
    }
    place(home, entry, at);
}

static void take_out(struct hr_home *home, struct hr_entry *entry)
{
    uint32_t at = entry->timer - 1;
    entry->timer = 0;
    struct hr_entry *last = home->heap[--home->heap_count];
    if (last == entry) {
        return;
    }
    rise(home, last, at);
    sink(home, last, last->timer - 1);
}

static void make_room(struct hr_home *home)
{
    if (home->heap_count < home->heap_room) {
        return;
    }
    uint32_t room = home->heap_room ? home->heap_room * 2 : 64;
    size_t size = sizeof *home->heap;
    home->heap = home->heap_room
                     ? hr_pool_grow(home->pool, home->heap, home->heap_room * size, room * size)
                     : hr_pool_take(home->pool, room * size);
    home->heap_room = room;
}

void hr_timer_set(struct hr_home *home, struct hr_entry *entry, struct hr_time due)
{
    if (entry->timer && entry->due.us == due.us) {
        return;
    }
    bool sooner = due.us < entry->due.us;
    entry->due = due;
    if (hr_time_is(due, HR_TIME_NEVER)) {
        if (entry->timer) {
            take_out(home, entry);
        }
    } else if (!entry->timer) {
        make_room(home);
        rise(home, entry, home->heap_count++);
    } else if (sooner) {
        rise(home, entry, entry->timer - 1);
    } else {
        sink(home, entry, entry->timer - 1);
    }
}

/* The first `most` of a heap in order, without taking them out: a second, small heap holds the
 * places that may come next, which are the children of those taken. */
size_t hr_timer_due(const struct hr_home *home, struct hr_time until, size_t most,
    struct hr_arena *arena, struct hr_entry ***entries)
{
    if (most > home->heap_count) {
        most = home->heap_count;
    }
    *entries = hr_arena_take(arena, (most + 1) * sizeof **entries);
    uint32_t *next = hr_arena_take(arena, (most + 2) * sizeof *next);
    size_t found = 0, waiting = 0;
    if (most > 0) {
        next[waiting++] = 0;
    }
    while (waiting > 0 && found < most) {
        uint32_t at = next[0];
        uint32_t last = next[--waiting];
        size_t hole = 0;
        for (size_t child; (child = 2 * hole + 1) < waiting; hole = child) {
            if (child + 1 < waiting &&
                before(home->heap[next[child + 1]], home->heap[next[child]])) {
                child++;
            }
            if (!before(home->heap[next[child]], home->heap[last])) {
                break;
            }
            next[hole] = next[child];
        }
        next[hole] = last;
        if (home->heap[at]->due.us > until.us) {
            break;
        }
        (*entries)[found++] = home->heap[at];
        for (uint32_t child = 2 * at + 1; child <= 2 * at + 2 && child < home->heap_count;
             child++) {
            size_t up = waiting++;
            while (up > 0 && before(home->heap[child], home->heap[next[(up - 1) / 2]])) {
                next[up] = next[(up - 1) / 2];
                up = (up - 1) / 2;
            }
            next[up] = child;
        }
    }
    return found;
}
