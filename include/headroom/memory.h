/* SPDX-License-Identifier: Apache-2.0 */
/* Where memory comes from. Three shapes and no others:
 *
 *   hr_arena   everything of one batch, freed at once
 *   hr_pool    what lives as long as an account: sized blocks that are given back one by one
 *   hr_alloc   what lives as long as the process or a configuration
 *
 * All three end the process in one place, hr_out_of_memory, when the system has no more: a
 * processor that recovers by copying bytes loses nothing by that, and no caller needs a path that
 * is never tested. */
#ifndef HEADROOM_MEMORY_H
#define HEADROOM_MEMORY_H

#include "headroom/str.h"

#include <stddef.h>
#include <stdint.h>

/* Says so on standard error and ends the process. `size` is what was wanted. */
_Noreturn void hr_out_of_memory(size_t size);

void *hr_alloc(size_t size);               /* zeroed; never NULL; hr_free gives it back */
void *hr_resize(void *block, size_t size); /* as realloc; what is new is not zeroed */
void hr_free(void *block);
char *hr_strdup(struct hr_str text); /* terminated copy */

/* Arena: bump allocation, 16-byte aligned. Reset keeps the blocks for the next batch, but for those
 * that a single large request needed. */
struct hr_arena_block;
struct hr_arena {
    struct hr_arena_block *first, *current;
    struct hr_arena_block *large;
    size_t used; /* bytes handed out since the last reset: the batch's bound looks at it */
};
void hr_arena_init(struct hr_arena *arena);
void hr_arena_clean_up(struct hr_arena *arena);
void hr_arena_reset(struct hr_arena *arena);
void *hr_arena_take(struct hr_arena *arena, size_t size);   /* not zeroed */
void *hr_arena_zeroed(struct hr_arena *arena, size_t size); /* zeroed */
/* Grows an array: a larger block with the old bytes; NULL and 0 begin one. The old block stays
 * until the reset. */
void *hr_arena_grow(struct hr_arena *arena, const void *block, size_t old_size, size_t new_size);
/* Both have a NUL behind the last byte, which does not count. */
struct hr_str hr_arena_copy(struct hr_arena *arena, struct hr_str text);
/* The three behind each other: names and keys are made for every account of a batch, where printf
 * would be what costs most. */
struct hr_str hr_arena_join(
    struct hr_arena *arena, struct hr_str a, const char *between, struct hr_str b);
struct hr_str hr_arena_printf(struct hr_arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Pool: size classes with free lists, 16-byte aligned; the caller remembers the size. Blocks over
 * the largest class (8 KiB) come from hr_alloc. `in_use` counts blocks handed out at the size of
 * their class: it is what the memory limit of the account cache looks at. */
struct hr_pool;
struct hr_pool *hr_pool_new(void);
void hr_pool_destroy(struct hr_pool *pool);            /* frees everything still handed out */
void *hr_pool_take(struct hr_pool *pool, size_t size); /* zeroed */
void hr_pool_give(struct hr_pool *pool, void *block, size_t size); /* NULL: nothing */
/* Grows an array: returns a block of new_size with the old bytes, the rest zeroed. The old block is
 * given back, or is the same. NULL and 0 begin one. */
void *hr_pool_grow(struct hr_pool *pool, void *block, size_t old_size, size_t new_size);
size_t hr_pool_in_use(const struct hr_pool *pool);

#endif
