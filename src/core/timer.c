/* SPDX-License-Identifier: Apache-2.0 */
/* A heap of alarms by (due, name): the order in which timers act. It is four-way and an alarm holds
 * its own copy of the moment, so that moving one compares numbers that lie side by side; names are
 * looked at on a tie only. An entry knows its place: moving its timer needs no search. */
#include "inside.h"

#define WAYS 4

static bool before(struct hr_alarm a, struct hr_alarm b)
{
    if (a.due.us != b.due.us) {
        return a.due.us < b.due.us;
    }
    return hr_str_compare(hr_entry_name(a.entry), hr_entry_name(b.entry)) < 0;
}

static void place(struct hr_home *home, struct hr_alarm alarm, uint32_t at)
{
    home->heap[at] = alarm;
    alarm.entry->timer = at + 1;
}

static void rise(struct hr_home *home, struct hr_alarm alarm, uint32_t at)
{
    while (at > 0 && before(alarm, home->heap[(at - 1) / WAYS])) {
        place(home, home->heap[(at - 1) / WAYS], at);
        at = (at - 1) / WAYS;
    }
    place(home, alarm, at);
}

static void sink(struct hr_home *home, struct hr_alarm alarm, uint32_t at)
{
    for (;;) {
        uint32_t first = WAYS * at + 1, best = first;
        if (first >= home->heap_count) {
            break;
        }
        for (uint32_t child = first + 1; child < first + WAYS && child < home->heap_count;
             child++) {
            best = before(home->heap[child], home->heap[best]) ? child : best;
        }
        if (!before(home->heap[best], alarm)) {
            break;
        }
        place(home, home->heap[best], at);
        at = best;
    }
    place(home, alarm, at);
}

static void take_out(struct hr_home *home, struct hr_entry *entry)
{
    uint32_t at = entry->timer - 1;
    entry->timer = 0;
    struct hr_alarm last = home->heap[--home->heap_count];
    if (last.entry == entry) {
        return;
    }
    rise(home, last, at);
    sink(home, last, last.entry->timer - 1);
}

static void make_room(struct hr_home *home)
{
    if (home->heap_count < home->heap_room) {
        return;
    }
    uint32_t room = home->heap_room ? home->heap_room * 2 : 64;
    size_t size = sizeof *home->heap;
    home->heap = hr_pool_grow(home->pool, home->heap, home->heap_room * size, room * size);
    home->heap_room = room;
}

void hr_timer_set(struct hr_home *home, struct hr_entry *entry, struct hr_time due)
{
    due = hr_time_min(due, hr_woken(&home->holds, entry));
    if (entry->timer && entry->due.us == due.us) {
        return;
    }
    bool sooner = due.us < entry->due.us;
    struct hr_alarm alarm = {due, entry};
    entry->due = due;
    if (hr_time_is(due, HR_TIME_NEVER)) {
        if (entry->timer) {
            take_out(home, entry);
        }
    } else if (!entry->timer) {
        make_room(home);
        rise(home, alarm, home->heap_count++);
    } else if (sooner) {
        rise(home, alarm, entry->timer - 1);
    } else {
        sink(home, alarm, entry->timer - 1);
    }
}

void hr_home_know(struct hr_home *home, struct hr_time due, struct hr_str account)
{
    hr_text_drop(home->pool, &home->known_account);
    home->known_due = due;
    home->known_account = account.at ? hr_text_keep(home->pool, account) : account;
}

bool hr_home_knows(const struct hr_home *home, struct hr_time due, struct hr_str account)
{
    if (due.us != home->known_due.us) {
        return due.us < home->known_due.us;
    }
    return !home->known_account.at || hr_str_compare(account, home->known_account) <= 0;
}

bool hr_timer_is_due(const struct hr_home *home, uint32_t place_of, struct hr_time until)
{
    return place_of < home->heap_count && home->heap[place_of].due.us <= until.us &&
           hr_home_knows(home, home->heap[place_of].due, hr_entry_name(home->heap[place_of].entry));
}

/* --- the first of a heap, without taking them out --------------------------------------------- */

/* Places of the heap that may come next: the children of those that came, as a heap of their own.
 */
struct frontier {
    const struct hr_alarm *heap;
    uint32_t *places;
    size_t count;
};

static void add_place(struct frontier *next, uint32_t place_of)
{
    size_t at = next->count++;
    while (at > 0 && before(next->heap[place_of], next->heap[next->places[(at - 1) / 2]])) {
        next->places[at] = next->places[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    next->places[at] = place_of;
}

static uint32_t first_place(struct frontier *next)
{
    uint32_t first = next->places[0], last = next->places[--next->count];
    size_t hole = 0;
    for (size_t child; (child = 2 * hole + 1) < next->count; hole = child) {
        if (child + 1 < next->count &&
            before(next->heap[next->places[child + 1]], next->heap[next->places[child]])) {
            child++;
        }
        if (!before(next->heap[next->places[child]], next->heap[last])) {
            break;
        }
        next->places[hole] = next->places[child];
    }
    next->places[hole] = last;
    return first;
}

size_t hr_timer_due(const struct hr_home *home, struct hr_time until, size_t most,
    struct hr_arena *arena, struct hr_entry ***entries)
{
    if (most > home->heap_count) {
        most = home->heap_count;
    }
    *entries = hr_arena_take(arena, (most + 1) * sizeof **entries);
    struct frontier next = {
        home->heap, hr_arena_take(arena, (WAYS * most + 1) * sizeof *next.places), 0};
    size_t found = 0;
    if (most > 0) {
        add_place(&next, 0);
    }
    while (next.count > 0 && found < most) {
        uint32_t at = first_place(&next);
        if (!hr_timer_is_due(home, at, until)) {
            break;
        }
        (*entries)[found++] = home->heap[at].entry;
        for (uint32_t i = 1; i <= WAYS && WAYS * at + i < home->heap_count; i++) {
            add_place(&next, WAYS * at + i);
        }
    }
    return found;
}
