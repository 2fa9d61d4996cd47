/* SPDX-License-Identifier: Apache-2.0 */
/* Open addressing with linear probing: a value lies in the first free slot from its home on.
 *
 * The accounts of a home are looked up once a record, in tables of millions. So a slot is small,
 * the hash lies beside the pointer, and a value's own memory is touched only when all 64 bits
 * agree.
 *
 * A removal moves the values behind it back (Knuth, volume 3, 6.4, algorithm R) instead of leaving
 * a mark: a cache that evicts all day would fill up with marks. The table grows by doubling and
 * never shrinks.
 *
 * The home is taken from the top bits of the hash times 2^64 / phi (Knuth's multiplicative
 * hashing): all names of one partition share bits of some hash, and those must not end up in one
 * corner. */
#include "headroom/map.h"

#define LEAST_ROOM ((size_t)16)

void hr_map_init(struct hr_map *map, hr_map_key *key_of, struct hr_pool *pool)
{
    *map = (struct hr_map){.key_of = key_of, .pool = pool};
}

static struct hr_map_slot *new_slots(struct hr_pool *pool, size_t room)
{
    size_t size = room * sizeof(struct hr_map_slot);
    return pool ? hr_pool_take(pool, size) : hr_alloc(size);
}

static void free_slots(struct hr_pool *pool, struct hr_map_slot *slots, size_t room)
{
    if (pool) {
        hr_pool_give(pool, slots, room * sizeof(struct hr_map_slot));
    } else {
        hr_free(slots);
    }
}

void hr_map_clean_up(struct hr_map *map)
{
    free_slots(map->pool, map->slots, map->room);
    hr_map_init(map, map->key_of, map->pool);
}

static size_t home_of(const struct hr_map *map, uint64_t hash)
{
    unsigned bits = (unsigned)__builtin_ctzll(map->room);
    return (size_t)(hash * UINT64_C(0x9e3779b97f4a7c15) >> (64 - bits));
}

static size_t after(const struct hr_map *map, size_t place)
{
    return (place + 1) & (map->room - 1);
}

/* The slot that holds the key, or the free one where it would go. */
static struct hr_map_slot *locate(const struct hr_map *map, uint64_t hash, struct hr_str key)
{
    for (size_t place = home_of(map, hash);; place = after(map, place)) {
        struct hr_map_slot *slot = &map->slots[place];
        if (!slot->value) {
            return slot;
        }
        if (slot->hash == hash && (!map->key_of || hr_str_equal(map->key_of(slot->value), key))) {
            return slot;
        }
    }
}

void *hr_map_find(const struct hr_map *map, uint64_t hash, struct hr_str key)
{
    return map->count ? locate(map, hash, key)->value : NULL;
}

/* All keys are different, so each goes to the first free slot. */
static void grow(struct hr_map *map)
{
    struct hr_map old = *map;
    map->room = old.room ? old.room * 2 : LEAST_ROOM;
    map->slots = new_slots(map->pool, map->room);
    for (size_t i = 0; i < old.room; i++) {
        if (old.slots[i].value) {
            size_t place = home_of(map, old.slots[i].hash);
            while (map->slots[place].value) {
                place = after(map, place);
            }
            map->slots[place] = old.slots[i];
        }
    }
    free_slots(old.pool, old.slots, old.room);
}

void *hr_map_put(struct hr_map *map, uint64_t hash, void *value)
{
    if (map->count >= map->room / 4 * 3) {
        grow(map);
    }
    struct hr_str key = map->key_of ? map->key_of(value) : (struct hr_str){0};
    struct hr_map_slot *slot = locate(map, hash, key);
    void *replaced = slot->value;
    *slot = (struct hr_map_slot){hash, value};
    map->count += !replaced;
    return replaced;
}

void *hr_map_remove(struct hr_map *map, uint64_t hash, struct hr_str key)
{
    if (map->count == 0) {
        return NULL;
    }
    struct hr_map_slot *slot = locate(map, hash, key);
    void *removed = slot->value;
    if (!removed) {
        return NULL;
    }
    map->count--;
    size_t hole = (size_t)(slot - map->slots);
    for (size_t place = after(map, hole); map->slots[place].value; place = after(map, place)) {
        /* A value may move into the hole unless the hole lies before its home. */
        size_t from_home = (place - home_of(map, map->slots[place].hash)) & (map->room - 1);
        size_t from_hole = (place - hole) & (map->room - 1);
        if (from_home >= from_hole) {
            map->slots[hole] = map->slots[place];
            hole = place;
        }
    }
    map->slots[hole].value = NULL;
    return removed;
}

void *hr_map_next(const struct hr_map *map, size_t *position)
{
    while (*position < map->room) {
        void *value = map->slots[(*position)++].value;
        if (value) {
            return value;
        }
    }
    return NULL;
}
