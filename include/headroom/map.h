/* SPDX-License-Identifier: Apache-2.0 */
/* A hash table from names to whatever has one. The table holds pointers; the key is read out of the
 * thing itself, and the caller brings the hash (hr_hash64 of the key, as a rule), so that one hash
 * serves several look-ups. Sixteen bytes a slot, at most three quarters of them filled. */
#ifndef HEADROOM_MAP_H
#define HEADROOM_MAP_H

#include "headroom/memory.h"
#include "headroom/str.h"

#include <stdint.h>

/* The key of a value. It must not change while the value is in a map. */
typedef struct hr_str hr_map_key(const void *value);

struct hr_map_slot {
    uint64_t hash;
    void *value; /* NULL: free */
};

struct hr_map {
    struct hr_map_slot *slots;
    size_t room, count; /* slots, a power of two or 0; values */
    hr_map_key *key_of;
    struct hr_pool *pool;
};

/* `key_of` NULL: the hash is the key. `pool` NULL: slots come from the heap. Takes no memory yet.
 */
void hr_map_init(struct hr_map *map, hr_map_key *key_of, struct hr_pool *pool);
/* Gives the slots back; the values are the caller's. */
void hr_map_clean_up(struct hr_map *map);
/* NULL when there is none. */
void *hr_map_find(const struct hr_map *map, uint64_t hash, struct hr_str key);
/* Puts a value in under its key. Returns the value that had that key until now, or NULL. */
void *hr_map_put(struct hr_map *map, uint64_t hash, void *value);
/* Takes a value out and returns it; NULL when there is none. */
void *hr_map_remove(struct hr_map *map, uint64_t hash, struct hr_str key);
/* All values, from *position = 0 until NULL, in an order that means nothing and must not show in
 * any result. A put in between may show values twice or not at all. To remove the value just
 * returned, take one off *position; a value may then be shown twice, and none is left out. */
void *hr_map_next(const struct hr_map *map, size_t *position);

#endif
