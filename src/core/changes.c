/* SPDX-License-Identifier: Apache-2.0 */
/* What a batch changed, as bytes for the changelog and for Redis.
 *
 * Accounts come in the order in which they were first touched. An account's frame is written whole;
 * members of a unique meter and groups are records of their own, written only when they changed,
 * and erased when the account, the meter or the group is gone. Blocks of ids and pages of the books
 * come last. Nothing
 * here decides, and packing twice gives the same bytes. */
#include "inside.h"

#include "brake.h"
#include "group.h"
#include "source.h"
#include "unique.h"

struct changes {
    struct hr_arena *arena;
    struct hr_change *at;
    size_t count, room;
};

static void add(struct changes *changes, struct hr_change change)
{
    if (changes->count == changes->room) {
        size_t room = changes->room ? changes->room * 2 : 64;
        changes->at = hr_arena_grow(changes->arena, changes->at,
            changes->count * sizeof *changes->at, room * sizeof *changes->at);
        changes->room = room;
    }
    changes->at[changes->count++] = change;
}

static void add_bytes(struct changes *changes, struct hr_str key, const struct hr_buffer *bytes)
{
    add(changes, (struct hr_change){.key = key,
                     .value = hr_arena_copy(changes->arena, hr_buffer_str(bytes)),
                     .due = HR_TIME_NEVER});
}

static bool has_part(const struct hr_entry *entry, uint64_t part)
{
    const struct hr_account *account = entry->account;
    uint32_t key = (uint32_t)part, number = (uint32_t)(part >> 32);
    int slot = account ? hr_layout_find_meter(account->layout, key) : -1;
    if (slot < 0 || number == 0) {
        return slot >= 0 && account->meters[slot].members;
    }
    for (uint16_t s = account->layout->rules->meter_count; s < account->slot_count; s++) {
        if (account->meters[s].number == number) {
            return account->meters[s].meter == slot;
        }
    }
    return false;
}

static bool is_stored(const struct hr_entry *entry, uint64_t part)
{
    for (uint32_t i = 0; i < entry->stored_count; i++) {
        if (entry->stored[i] == part) {
            return true;
        }
    }
    return false;
}

/* Is the slot stored apart, and does it differ from what is? */
static bool differs(const struct hr_entry *entry, uint16_t slot, uint64_t *part)
{
    const struct hr_account *account = entry->account;
    const struct hr_meter_state *counter = &account->meters[slot];
    *part = hr_part(hr_slot_meter(account, slot)->key, counter->number);
    if (hr_slot_is_group(account, slot)) {
        return counter->number != 0 &&
               (counter->dirty || (counter->members && counter->members->dirty));
    }
    return counter->members && (counter->members->dirty || !is_stored(entry, *part));
}

static void add_parts(struct hr_home *home, struct hr_entry *entry, struct changes *changes)
{
    struct hr_str name = hr_entry_name(entry);
    uint64_t part;
    for (uint32_t i = entry->stored_count; i > 0; i--) {
        part = entry->stored[i - 1];
        if (!has_part(entry, part)) {
            add(changes, (struct hr_change){
                             .key = hr_key_part(changes->arena, part, name), .due = HR_TIME_NEVER});
            hr_list_remove(home->pool, &entry->stored, &entry->stored_count, sizeof part, i - 1);
        }
    }
    for (uint16_t s = 0; entry->account && s < entry->account->slot_count; s++) {
        struct hr_meter_state *counter = &entry->account->meters[s];
        if (!differs(entry, s, &part)) {
            continue;
        }
        if (hr_slot_is_group(entry->account, s)) {
            hr_pack_group(entry->account, s, HR_ALL_SETS, &home->scratch);
        } else {
            hr_pack_members(entry->account, s, HR_ALL_SETS, &home->scratch);
        }
        add_bytes(changes, hr_key_part(changes->arena, part, name), &home->scratch);
        counter->dirty = false;
        if (counter->members) {
            counter->members->dirty = false;
        }
        if (!is_stored(entry, part)) {
            *(uint64_t *)hr_list_append(
                home->pool, &entry->stored, &entry->stored_count, sizeof part) = part;
        }
    }
}

/* Is there anything to keep of a name that is no account? Where it leads, and the numbers of ids.
 */
static bool has_words(struct hr_home *home, struct hr_entry *entry)
{
    hr_numbers_forget(&entry->numbers, home->clock, HR_NO_DATE, home->pool);
    return entry->kind == HR_ENTRY_ALIAS || entry->numbers.count > 0;
}

static void add_entry(struct hr_home *home, struct hr_entry *entry, struct changes *changes)
{
    if (entry->erasures_dirty) {
        hr_pack_erasures(entry->erasures, &home->scratch);
        add_bytes(changes, hr_key_erasures(changes->arena, entry), &home->scratch);
        entry->erasures_dirty = false;
    }
    add_parts(home, entry, changes);
    struct hr_change change = {.key = hr_key_account(changes->arena, hr_entry_name(entry)),
        .account = hr_arena_copy(changes->arena, hr_entry_name(entry)),
        .due = HR_TIME_NEVER};
    if (entry->kind == HR_ENTRY_ACCOUNT) {
        hr_pack_account(entry->account, entry->due, &home->scratch);
        change.value = hr_arena_copy(changes->arena, hr_buffer_str(&home->scratch));
        change.due = entry->due;
    } else if (has_words(home, entry)) {
        hr_pack_alias(entry, &home->scratch);
        change.value = hr_arena_copy(changes->arena, hr_buffer_str(&home->scratch));
    }
    change.same_due = hr_time_is(change.due, entry->stored_due);
    entry->stored_due = change.due;
    add(changes, change);
    entry->dirty = false;
    entry->packed = home->batch;
}

static void add_seen(struct hr_home *home, struct changes *changes)
{
    struct hr_seen *seen = &home->seen;
    if (seen->dirty_from == 0) {
        return;
    }
    uint64_t behind = seen->sequence - seen->dirty_from;
    if (behind >= seen->block_count) {
        behind = seen->block_count - 1;
    }
    do {
        uint32_t block = (uint32_t)((seen->open + seen->block_count - behind) % seen->block_count);
        struct hr_str key;
        char text[24];
        hr_home_seen_key(block, &key, text);
        hr_seen_pack(seen, block, &home->scratch);
        add_bytes(changes, hr_arena_copy(changes->arena, key), &home->scratch);
    } while (behind-- > 0);
    seen->dirty_from = 0;
}

static void add_books(struct hr_home *home, struct changes *changes)
{
    enum hr_book book;
    int32_t month;
    while (hr_books_pack_next(home->books, &book, &month, &home->scratch)) {
        char text[HR_BOOKS_KEY];
        struct hr_str key = {text, hr_books_key(book, month, text)};
        key = hr_arena_copy(changes->arena, key);
        if (home->scratch.len > 0) {
            add_bytes(changes, key, &home->scratch);
        } else {
            add(changes, (struct hr_change){.key = key, .due = HR_TIME_NEVER});
        }
    }
}

static void erase_key(struct changes *changes, struct hr_str key)
{
    add(changes, (struct hr_change){.key = key, .due = HR_TIME_NEVER});
}

static void add_brakes(struct hr_home *home, struct changes *changes)
{
    struct hr_holds *holds = &home->holds;
    for (; holds->gone_count > 0;
         hr_list_remove(home->pool, &holds->gone, &holds->gone_count, sizeof *holds->gone, 0)) {
        if (!hr_brake_is_written(holds, holds->gone[0])) {
            erase_key(changes, hr_brake_key(changes->arena, holds->gone[0]));
        }
    }
    for (uint32_t i = 0; i < holds->brake_count; i++) {
        struct hr_brake *brake = &holds->brakes[i];
        struct hr_str key = hr_brake_key(changes->arena, brake->key);
        if (brake->dirty) { /* and so has fired, been on or been spoken of: never empty */
            hr_brake_pack(brake, &home->scratch);
            add_bytes(changes, key, &home->scratch);
        }
        brake->dirty = false;
    }
    holds->brakes_dirty = false;
}

static void add_holds(struct hr_home *home, struct changes *changes)
{
    struct hr_holds *holds = &home->holds;
    if (holds->accounts_dirty) {
        hr_accounts_pack(holds, &home->scratch);
        add_bytes(changes, HR_STR(HR_ACCOUNTS_KEY), &home->scratch);
        holds->accounts_dirty = false;
    }
    if (holds->sources_dirty && hr_sources_pack(holds, &home->scratch)) {
        add_bytes(changes, HR_STR(HR_SOURCES_KEY), &home->scratch);
    } else if (holds->sources_dirty) {
        erase_key(changes, HR_STR(HR_SOURCES_KEY));
    }
    holds->sources_dirty = false;
    if (holds->brakes_dirty) {
        add_brakes(home, changes);
    }
    if (holds->owners_dirty) {
        hr_owners_pack(holds, &home->scratch);
        add_bytes(changes, HR_STR(HR_OWNERS_KEY), &home->scratch);
        holds->owners_dirty = false;
    }
    for (uint32_t b = 0; holds->waiters_dirty && b < holds->block_room; b++) {
        if (!holds->dirty_blocks[b]) {
            continue;
        }
        struct hr_str key = hr_arena_printf(changes->arena, "w:%u", (unsigned)b);
        if (hr_waiters_pack(holds, b, &home->scratch)) {
            add_bytes(changes, key, &home->scratch);
        } else {
            erase_key(changes, key);
        }
        holds->dirty_blocks[b] = false;
    }
    holds->waiters_dirty = false;
}

void hr_home_changes(
    struct hr_home *home, struct hr_arena *arena, struct hr_change **changes, size_t *count)
{
    struct changes all = {.arena = arena};
    home->batch++;
    for (uint32_t i = 0; i < home->dirty_count; i++) {
        add_entry(home, home->dirty[i], &all);
    }
    home->dirty_count = 0;
    add_seen(home, &all);
    add_books(home, &all);
    add_holds(home, &all);
    *changes = all.at;
    *count = all.count;
}

void hr_home_settled(struct hr_home *home)
{
    home->settled++;
}

bool hr_home_is_dirty(const struct hr_home *home)
{
    return home->dirty_count > 0 || home->seen.dirty_from != 0 || hr_books_are_dirty(home->books) ||
           hr_holds_are_dirty(&home->holds);
}

size_t hr_home_dirty_bytes(const struct hr_home *home)
{
    const size_t frame = 256; /* of an ordinary account, with key and overhead */
    size_t blocks = home->seen.dirty_from ? home->seen.sequence - home->seen.dirty_from + 1 : 0;
    size_t bytes = home->dirty_count * frame + blocks * HR_SEEN_BLOCK * 16;
    return bytes;
}
