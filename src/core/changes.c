/* SPDX-License-Identifier: Apache-2.0 */
/* What a batch changed, as bytes for the changelog and for Redis.
 *
 * Accounts come in the order in which they were first touched. An account's frame is written whole;
 * members of a unique meter are a record of their own, written only when they changed, and erased
 * when the account or the meter is gone. Blocks of ids come last. Nothing here decides, and packing
 * twice gives the same bytes. */
#include "inside.h"

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
        struct hr_change *more = hr_arena_take(changes->arena, room * sizeof *more);
        if (changes->count > 0) {
            memcpy(more, changes->at, changes->count * sizeof *more);
        }
        changes->at = more;
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

static bool has_members(const struct hr_entry *entry, uint32_t key)
{
    int slot = entry->account ? hr_layout_find_meter(entry->account->layout, key) : -1;
    return slot >= 0 && entry->account->meters[slot].members;
}

static bool is_stored(const struct hr_entry *entry, uint32_t key)
{
    for (uint32_t i = 0; i < entry->stored_count; i++) {
        if (entry->stored[i] == key) {
            return true;
        }
    }
    return false;
}

static void add_members(struct hr_home *home, struct hr_entry *entry, struct changes *changes)
{
    struct hr_str name = hr_entry_name(entry);
    for (uint32_t i = entry->stored_count; i > 0; i--) {
        uint32_t key = entry->stored[i - 1];
        if (!has_members(entry, key)) {
            add(changes, (struct hr_change){.key = hr_key_members(changes->arena, key, name),
                             .due = HR_TIME_NEVER});
            hr_list_remove(home->pool, &entry->stored, &entry->stored_count, sizeof key, i - 1);
        }
    }
    for (uint16_t m = 0; entry->account && m < entry->account->layout->rules->meter_count; m++) {
        struct hr_members *members = entry->account->meters[m].members;
        uint32_t key = entry->account->layout->rules->meters[m].key;
        if (!members || (!members->dirty && is_stored(entry, key))) {
            continue;
        }
        hr_pack_members(entry->account, m, HR_ALL_SETS, &home->scratch);
        add_bytes(changes, hr_key_members(changes->arena, key, name), &home->scratch);
        members->dirty = false;
        if (!is_stored(entry, key)) {
            *(uint32_t *)hr_list_append(
                home->pool, &entry->stored, &entry->stored_count, sizeof key) = key;
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
    add_members(home, entry, changes);
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
    for (; behind < seen->block_count; behind--) {
        uint32_t block = (uint32_t)((seen->open + seen->block_count - behind) % seen->block_count);
        struct hr_str key;
        char text[24];
        hr_home_seen_key(block, &key, text);
        hr_seen_pack(seen, block, &home->scratch);
        add_bytes(changes, hr_arena_copy(changes->arena, key), &home->scratch);
        if (behind == 0) {
            break;
        }
    }
    seen->dirty_from = 0;
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
    *changes = all.at;
    *count = all.count;
}

void hr_home_settled(struct hr_home *home)
{
    home->settled++;
}

bool hr_home_is_dirty(const struct hr_home *home)
{
    return home->dirty_count > 0 || home->seen.dirty_from != 0;
}

size_t hr_home_dirty_bytes(const struct hr_home *home)
{
    const size_t frame = 256; /* of an ordinary account, with key and overhead */
    size_t blocks = home->seen.dirty_from ? home->seen.sequence - home->seen.dirty_from + 1 : 0;
    size_t bytes = home->dirty_count * frame + blocks * HR_SEEN_BLOCK * 16;
    return bytes;
}
