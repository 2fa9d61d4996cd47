/* SPDX-License-Identifier: Apache-2.0 */
/* Memory in three shapes: the heap, an arena for a batch, a pool for what lives with an account.
 *
 * Running out of memory ends the process here, in hr_out_of_memory, and nowhere else. It is the one
 * exception to "exit only in main.c". A call for memory stands in every other function; if each of
 * them had a way back, there would be a thousand ways back and none of them tried. Recovery from a
 * dead process is tried all the time: the state is copied from its home and nothing is lost.
 * _exit and not exit: handlers run at exit could want memory, or publish half a batch.
 *
 * The arena has blocks of one size, kept over a reset, so that a steady load soon allocates
 * nothing. What is larger than a quarter of a block gets an allocation of its own, freed at the
 * reset: kept, such blocks would be of odd sizes, and which request finds which would decide how
 * much memory a process ends up with.
 *
 * The pool rounds a size up to its class: steps of 16 bytes up to 128, then four classes to every
 * doubling, so at most a fifth of a block above that is lost. A class carves blocks out of slabs
 * and keeps what comes back in a list threaded through the blocks themselves. There is no header
 * before a block, which is why the caller must give the size back with it. A slab stays with its
 * class until the pool is destroyed.
 *
 * What a pool holds is read at random, and of a large one hardly a page is in the processor's cache
 * of addresses. So its slabs and large blocks ask for pages of 2 MiB; that also makes one page
 * fault of 512. A small pool does not: it would only waste them.
 *
 * Under AddressSanitizer whatever is not handed out is poisoned, so that a pointer kept over a
 * reset or a give is found as a use after free would be. */
#include "headroom/memory.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#define POISON(at, size) ASAN_POISON_MEMORY_REGION((at), (size))
#define UNPOISON(at, size) ASAN_UNPOISON_MEMORY_REGION((at), (size))
#else
#define POISON(at, size) ((void)(at), (void)(size))
#define UNPOISON(at, size) ((void)(at), (void)(size))
#endif

#define ALIGNMENT ((size_t)16)

/* ---------------------------------------------------------------- heap */

void hr_out_of_memory(size_t size)
{
    char line[80];
    int len = snprintf(line, sizeof(line), "headroom: out of memory, %zu bytes wanted\n", size);
    if (len > 0 && write(STDERR_FILENO, line, (size_t)len) < 0) {
        /* Nobody is left to be told. */
    }
    _exit(1);
}

void *hr_alloc(size_t size)
{
    void *block = calloc(1, size ? size : 1);
    if (!block) {
        hr_out_of_memory(size);
    }
    return block;
}

void *hr_resize(void *block, size_t size)
{
    void *resized = realloc(block, size ? size : 1);
    if (!resized) {
        hr_out_of_memory(size);
    }
    return resized;
}

void hr_free(void *block)
{
    free(block);
}

/* A size that wraps can be given by nobody. */
static size_t sum_or_die(size_t a, size_t b)
{
    size_t sum;
    if (__builtin_add_overflow(a, b, &sum)) {
        hr_out_of_memory(SIZE_MAX);
    }
    return sum;
}

static size_t aligned(size_t size)
{
    return sum_or_die(size, ALIGNMENT - 1) & ~(ALIGNMENT - 1);
}

char *hr_strdup(struct hr_str text)
{
    char *copy = hr_alloc(sum_or_die(text.len, 1));
    if (text.len) {
        memcpy(copy, text.at, text.len);
    }
    return copy;
}

/* --------------------------------------------------------------- arena */

#define ARENA_BLOCK ((size_t)64 * 1024)
#define ARENA_LARGE (ARENA_BLOCK / 4)

struct hr_arena_block {
    struct hr_arena_block *next;
    size_t taken; /* bytes of `bytes` handed out; not kept for large blocks */
    alignas(16) char bytes[];
};

void hr_arena_init(struct hr_arena *arena)
{
    *arena = (struct hr_arena){0};
}

static void free_blocks(struct hr_arena_block **list)
{
    while (*list) {
        struct hr_arena_block *next = (*list)->next;
        free(*list);
        *list = next;
    }
}

void hr_arena_clean_up(struct hr_arena *arena)
{
    free_blocks(&arena->first);
    free_blocks(&arena->large);
    hr_arena_init(arena);
}

void hr_arena_reset(struct hr_arena *arena)
{
    for (struct hr_arena_block *block = arena->first; block; block = block->next) {
        block->taken = 0;
        POISON(block->bytes, ARENA_BLOCK);
        if (block == arena->current) {
            break; /* those behind were not touched since the last reset */
        }
    }
    free_blocks(&arena->large);
    arena->current = arena->first;
    arena->used = 0;
}

static struct hr_arena_block *new_block(size_t room)
{
    size_t size = sum_or_die(sizeof(struct hr_arena_block), room);
    struct hr_arena_block *block = malloc(size);
    if (!block) {
        hr_out_of_memory(size);
    }
    block->next = NULL;
    block->taken = 0;
    return block;
}

/* Makes `current` a block with all its room free. */
static void next_block(struct hr_arena *arena)
{
    struct hr_arena_block *next = arena->current ? arena->current->next : NULL;
    if (!next) {
        next = new_block(ARENA_BLOCK);
        POISON(next->bytes, ARENA_BLOCK);
        if (arena->current) {
            arena->current->next = next;
        } else {
            arena->first = next;
        }
    }
    arena->current = next;
}

void *hr_arena_take(struct hr_arena *arena, size_t size)
{
    size_t room = aligned(size ? size : 1);
    arena->used = sum_or_die(arena->used, room);
    if (room > ARENA_LARGE) {
        struct hr_arena_block *block = new_block(room);
        block->next = arena->large;
        arena->large = block;
        return block->bytes;
    }
    if (!arena->current || ARENA_BLOCK - arena->current->taken < room) {
        next_block(arena);
    }
    void *taken = arena->current->bytes + arena->current->taken;
    arena->current->taken += room;
    UNPOISON(taken, size);
    return taken;
}

void *hr_arena_zeroed(struct hr_arena *arena, size_t size)
{
    return memset(hr_arena_take(arena, size), 0, size);
}

void *hr_arena_grow(struct hr_arena *arena, const void *block, size_t old_size, size_t new_size)
{
    void *grown = hr_arena_take(arena, new_size);
    if (old_size > 0) {
        memcpy(grown, block, old_size);
    }
    return grown;
}

struct hr_str hr_arena_copy(struct hr_arena *arena, struct hr_str text)
{
    char *copy = hr_arena_take(arena, sum_or_die(text.len, 1));
    if (text.len) {
        memcpy(copy, text.at, text.len);
    }
    copy[text.len] = '\0';
    return (struct hr_str){copy, text.len};
}

struct hr_str hr_arena_join(
    struct hr_arena *arena, struct hr_str a, const char *between, struct hr_str b)
{
    size_t gap = strlen(between);
    size_t len = sum_or_die(sum_or_die(a.len, gap), b.len);
    char *text = hr_arena_take(arena, sum_or_die(len, 1));
    if (a.len) {
        memcpy(text, a.at, a.len);
    }
    memcpy(text + a.len, between, gap);
    if (b.len) {
        memcpy(text + a.len + gap, b.at, b.len);
    }
    text[len] = '\0';
    return (struct hr_str){text, len};
}

struct hr_str hr_arena_printf(struct hr_arena *arena, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int len = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    size_t room = len < 0 ? 0 : (size_t)len;
    char *text = hr_arena_take(arena, room + 1);
    if (vsnprintf(text, room + 1, format, again) < 0) {
        text[0] = '\0';
    }
    va_end(again);
    return (struct hr_str){text, room};
}

/* ---------------------------------------------------------------- pool */

#define POOL_STEP ((size_t)16)
#define POOL_STEPPED ((size_t)128) /* up to here classes are one step apart */
#define POOL_LARGEST ((size_t)8192)
#define POOL_CLASSES 32 /* 8 of one step, 4 for each of the 6 doublings from 128 to 8,192 */
#define POOL_SLAB ((size_t)64 * 1024)
#define POOL_SMALL 32 /* slabs in a pool that has no region yet */
#define HUGE_PAGE ((size_t)2 * 1024 * 1024)

struct free_block {
    struct free_block *next;
};

struct slab {
    struct slab *next;
    alignas(16) char bytes[POOL_SLAB];
};

/* Slabs on one huge page. */
#define REGION_SLABS ((HUGE_PAGE - 16) / sizeof(struct slab))
struct region {
    struct region *next;
    struct slab slabs[REGION_SLABS];
};

struct large_block {
    struct large_block *next, *previous;
    alignas(16) char bytes[];
};

struct size_class {
    struct free_block *given_back;
    char *fresh, *end; /* what is not yet carved of the newest slab */
};

struct hr_pool {
    size_t in_use;
    struct slab *slabs; /* that are no part of a region */
    unsigned slab_count;
    struct region *regions;
    size_t region_used; /* slabs taken of the newest */
    struct large_block *large;
    struct size_class classes[POOL_CLASSES];
};

/* The class of a size of 1 to POOL_LARGEST, and in *room the size of its blocks. */
static unsigned class_of(size_t size, size_t *room)
{
    if (size <= POOL_STEPPED) {
        size_t steps = size ? (size + POOL_STEP - 1) / POOL_STEP : 1;
        *room = steps * POOL_STEP;
        return (unsigned)steps - 1;
    }
    /* 2^log < size <= 2^(log + 1), cut into four. */
    unsigned log = 63 - (unsigned)__builtin_clzll(size - 1);
    size_t quarter = (size_t)1 << (log - 2);
    size_t quarters = (size + quarter - 1) / quarter; /* 5 to 8 */
    *room = quarters * quarter;
    return 8 + (log - 7) * 4 + (unsigned)quarters - 5;
}

struct hr_pool *hr_pool_new(void)
{
    return hr_alloc(sizeof(struct hr_pool));
}

void hr_pool_destroy(struct hr_pool *pool)
{
    if (!pool) {
        return;
    }
    while (pool->slabs) {
        struct slab *next = pool->slabs->next;
        free(pool->slabs);
        pool->slabs = next;
    }
    while (pool->regions) {
        struct region *next = pool->regions->next;
        free(pool->regions);
        pool->regions = next;
    }
    while (pool->large) {
        struct large_block *next = pool->large->next;
        free(pool->large);
        pool->large = next;
    }
    free(pool);
}

/* A wish: where the system has no huge pages nothing is lost but time. */
static void wish_huge(void *block, size_t size)
{
    uintptr_t from = ((uintptr_t)block + HUGE_PAGE - 1) & ~(HUGE_PAGE - 1);
    uintptr_t to = ((uintptr_t)block + size) & ~(HUGE_PAGE - 1);
    if (from < to) {
        (void)madvise((void *)from, to - from, MADV_HUGEPAGE);
    }
}

static void *take_large(struct hr_pool *pool, size_t size)
{
    struct large_block *block = hr_alloc(sum_or_die(sizeof(struct large_block), size));
    wish_huge(block, size);
    block->next = pool->large;
    if (block->next) {
        block->next->previous = block;
    }
    pool->large = block;
    pool->in_use += size;
    return block->bytes;
}

static void give_large(struct hr_pool *pool, void *bytes, size_t size)
{
    struct large_block *block =
        (struct large_block *)(void *)((char *)bytes - offsetof(struct large_block, bytes));
    if (block->next) {
        block->next->previous = block->previous;
    }
    if (block->previous) {
        block->previous->next = block->next;
    } else {
        pool->large = block->next;
    }
    pool->in_use -= size;
    free(block);
}

static struct slab *new_slab(struct hr_pool *pool)
{
    if (pool->slab_count < POOL_SMALL) {
        struct slab *slab = malloc(sizeof(*slab));
        if (!slab) {
            hr_out_of_memory(sizeof(*slab));
        }
        slab->next = pool->slabs;
        pool->slabs = slab;
        pool->slab_count++;
        return slab;
    }
    if (!pool->regions || pool->region_used == REGION_SLABS) {
        struct region *region = aligned_alloc(HUGE_PAGE, HUGE_PAGE);
        if (!region) {
            hr_out_of_memory(HUGE_PAGE);
        }
        wish_huge(region, HUGE_PAGE);
        region->next = pool->regions;
        pool->regions = region;
        pool->region_used = 0;
    }
    return &pool->regions->slabs[pool->region_used++];
}

/* A block that was never handed out. What is left of the class's last slab is less than a block. */
static void *carve(struct hr_pool *pool, struct size_class *class, size_t room)
{
    if ((size_t)(class->end - class->fresh) < room) {
        struct slab *slab = new_slab(pool);
        class->fresh = slab->bytes;
        class->end = slab->bytes + POOL_SLAB;
        POISON(slab->bytes, POOL_SLAB);
    }
    void *block = class->fresh;
    class->fresh += room;
    return block;
}

void *hr_pool_take(struct hr_pool *pool, size_t size)
{
    if (size > POOL_LARGEST) {
        return take_large(pool, size);
    }
    size_t room;
    struct size_class *class = &pool->classes[class_of(size, &room)];
    void *block = class->given_back;
    if (block) {
        UNPOISON(block, sizeof(struct free_block));
        class->given_back = class->given_back->next;
    } else {
        block = carve(pool, class, room);
    }
    pool->in_use += room;
    UNPOISON(block, size);
    return memset(block, 0, size);
}

void hr_pool_give(struct hr_pool *pool, void *block, size_t size)
{
    if (!block) {
        return;
    }
    if (size > POOL_LARGEST) {
        give_large(pool, block, size);
        return;
    }
    size_t room;
    struct size_class *class = &pool->classes[class_of(size, &room)];
    UNPOISON(block, sizeof(struct free_block));
    struct free_block *free_block = block;
    free_block->next = class->given_back;
    class->given_back = free_block;
    pool->in_use -= room;
    POISON(block, room);
}

void *hr_pool_grow(struct hr_pool *pool, void *block, size_t old_size, size_t new_size)
{
    size_t kept = old_size < new_size ? old_size : new_size;
    size_t old_room, new_room;
    if (block && old_size <= POOL_LARGEST && new_size <= POOL_LARGEST &&
        class_of(old_size, &old_room) == class_of(new_size, &new_room)) {
        UNPOISON(block, new_size);
        memset((char *)block + kept, 0, new_size - kept);
        return block;
    }
    void *grown = hr_pool_take(pool, new_size);
    if (block && kept) {
        memcpy(grown, block, kept);
    }
    hr_pool_give(pool, block, old_size);
    return grown;
}

size_t hr_pool_in_use(const struct hr_pool *pool)
{
    return pool->in_use;
}
