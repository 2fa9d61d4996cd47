/* SPDX-License-Identifier: Apache-2.0 */
/* Names of this home, by hash. Linear probing over slots of 16 bytes: a look-up reads one line of
 * slots and then the entry. Taking one out closes the gap, so there are no tombstones. */
#include "inside.h"

#define LEAST_SLOTS 256

static uint64_t mask(const struct hr_home *home)
{
    return home->slot_count - 1;
}

struct hr_entry *hr_table_find(const struct hr_home *home, struct hr_str name, uint64_t hash)
{
    if (home->slot_count == 0) {
        return NULL;
    }
    for (uint64_t i = hash & mask(home); home->slots[i].entry; i = (i + 1) & mask(home)) {
        const struct hr_slot *slot = &home->slots[i];
        if (slot->hash == hash && hr_str_equal(hr_entry_name(slot->entry), name)) {
            return slot->entry;
        }
    }
    return NULL;
}

struct hr_entry *hr_table_find_hash(const struct hr_home *home, uint64_t hash)
{
    for (uint64_t i = hash & mask(home); home->slot_count > 0 && home->slots[i].entry;
         i = (i + 1) & mask(home)) {
        if (home->slots[i].hash == hash) {
            return home->slots[i].entry;
        }
    }
    return NULL;
}

void hr_table_expect(const struct hr_home *home, uint64_t hash)
{
    if (home->slot_count > 0) {
        __builtin_prefetch(&home->slots[hash & mask(home)]);
    }
}

static void put(struct hr_home *home, struct hr_slot slot)
{
    uint64_t i = slot.hash & mask(home);
    while (home->slots[i].entry) {
        i = (i + 1) & mask(home);
    }
    home->slots[i] = slot;
}

static void grow(struct hr_home *home)
{
    struct hr_slot *old = home->slots;
    uint64_t count = home->slot_count;
    home->slot_count = count ? count * 2 : LEAST_SLOTS;
    home->slots = hr_pool_take(home->pool, home->slot_count * sizeof *home->slots);
    for (uint64_t i = 0; i < count; i++) {
        if (old[i].entry) {
            put(home, old[i]);
        }
    }
    if (old) {
        hr_pool_give(home->pool, old, count * sizeof *old);
    }
}

struct hr_entry *hr_table_make(struct hr_home *home, struct hr_str name, uint64_t hash)
{
    struct hr_entry *entry = hr_table_find(home, name, hash);
    if (entry) {
        return entry;
    }
    if (home->entry_count >= home->slot_count / 4 * 3) {
        grow(home);
    }
    entry = hr_pool_take(home->pool, sizeof *entry + name.len);
    entry->hash = hash;
    entry->due = entry->stored_due = HR_TIME_NEVER;
    entry->name_len = (uint32_t)name.len;
    if (name.len > 0) {
        memcpy(entry->name, name.at, name.len);
    }
    if (home->settings.complete) {
        entry->kind = HR_ENTRY_ABSENT;
        entry->erasures_known = true;
    }
    home->entry_count++;
    put(home, (struct hr_slot){hash, entry});
    return entry;
}

static void free_entry(struct hr_home *home, struct hr_entry *entry)
{
    if (entry->account) {
        hr_account_destroy(entry->account, home->pool);
    }
    if (entry->stored_count > 0) {
        hr_pool_give(home->pool, entry->stored, entry->stored_count * sizeof *entry->stored);
    }
    if (entry->missing_count > 0) {
        hr_pool_give(home->pool, entry->missing, entry->missing_count * sizeof *entry->missing);
    }
    hr_text_drop(home->pool, &entry->target);
    hr_numbers_drop(&entry->numbers, home->pool);
    hr_pool_give(home->pool, entry, sizeof *entry + entry->name_len);
}

void hr_table_drop(struct hr_home *home, struct hr_entry *entry)
{
    uint64_t gap = entry->hash & mask(home);
    while (home->slots[gap].entry != entry) {
        gap = (gap + 1) & mask(home);
    }
    for (uint64_t i = (gap + 1) & mask(home); home->slots[i].entry; i = (i + 1) & mask(home)) {
        uint64_t first = home->slots[i].hash & mask(home);
        if (((i - first) & mask(home)) >= ((i - gap) & mask(home))) {
            home->slots[gap] = home->slots[i];
            gap = i;
        }
    }
    home->slots[gap] = (struct hr_slot){0, NULL};
    hr_wait_no_more(&home->holds, entry);
    home->entry_count--;
    free_entry(home, entry);
}

void hr_table_clean_up(struct hr_home *home)
{
    for (uint64_t i = 0; i < home->slot_count; i++) {
        if (home->slots[i].entry) {
            free_entry(home, home->slots[i].entry);
        }
    }
    if (home->slots) {
        hr_pool_give(home->pool, home->slots, home->slot_count * sizeof *home->slots);
    }
}
