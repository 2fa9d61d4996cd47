/* SPDX-License-Identifier: Apache-2.0 */
/* What callers lean on: blocks do not overlap, are aligned and zeroed where it says so, come back
 * for the next taker, and the figures that limits look at are right. */
#include "headroom/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static int is_aligned(const void *block)
{
    return (uintptr_t)block % 16 == 0;
}

static int all_bytes_are(const void *block, uint8_t value, size_t size)
{
    const uint8_t *bytes = block;
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] != value) {
            return 0;
        }
    }
    return 1;
}

/* ---------------------------------------------------------------- heap */

static void heap_blocks_are_zeroed_and_never_null(void **state)
{
    (void)state;
    uint8_t *block = hr_alloc(1000);
    assert_true(all_bytes_are(block, 0, 1000));
    memset(block, 7, 1000);
    block = hr_resize(block, 5000);
    assert_true(all_bytes_are(block, 7, 1000));
    hr_free(block);
    void *nothing = hr_alloc(0);
    assert_non_null(nothing);
    hr_free(nothing);
}

static void strdup_copies_any_bytes_and_terminates(void **state)
{
    (void)state;
    char *copy = hr_strdup((struct hr_str){"a\0bc", 3});
    assert_memory_equal(copy, "a\0b", 4);
    hr_free(copy);
    copy = hr_strdup((struct hr_str){NULL, 0});
    assert_string_equal(copy, "");
    hr_free(copy);
}

/* Runs something in a process of its own; returns its exit status and what it wrote to stderr. */
static int status_of(void (*run)(void), char *said, size_t room)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)dup2(ends[1], STDERR_FILENO);
        run();
        _exit(0);
    }
    (void)close(ends[1]);
    ssize_t len = read(ends[0], said, room - 1);
    said[len > 0 ? len : 0] = '\0';
    (void)close(ends[0]);
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void cry_exit(void)
{
    static const char cry[] = "exit handler ran";
    (void)!write(STDERR_FILENO, cry, sizeof(cry) - 1);
}

static void run_out(void)
{
    (void)atexit(cry_exit);
    hr_out_of_memory(4096);
}

static void wrap_around(void)
{
    struct hr_arena arena;
    hr_arena_init(&arena);
    (void)hr_arena_take(&arena, SIZE_MAX - 3);
}

static void out_of_memory_says_so_and_ends_at_once(void **state)
{
    (void)state;
    char said[200];
    assert_int_equal(status_of(run_out, said, sizeof(said)), 1);
    assert_string_equal(said, "headroom: out of memory, 4096 bytes wanted\n");
    assert_int_equal(status_of(wrap_around, said, sizeof(said)), 1);
    assert_non_null(strstr(said, "out of memory"));
}

/* --------------------------------------------------------------- arena */

static void arena_blocks_are_aligned_and_keep_their_bytes(void **state)
{
    (void)state;
    struct hr_arena arena;
    hr_arena_init(&arena);
    uint8_t *blocks[3000];
    /* Sizes from nothing to larger than a block of the arena. */
    for (size_t i = 0; i < 3000; i++) {
        size_t size = i % 100 == 99 ? 70000 : i;
        blocks[i] = hr_arena_take(&arena, size);
        assert_true(is_aligned(blocks[i]));
        memset(blocks[i], (int)(i % 251), size);
    }
    for (size_t i = 0; i < 3000; i++) {
        assert_true(all_bytes_are(blocks[i], (uint8_t)(i % 251), i % 100 == 99 ? 70000 : i));
    }
    hr_arena_clean_up(&arena);
}

static void a_reset_hands_the_same_memory_out_again(void **state)
{
    (void)state;
    struct hr_arena arena;
    hr_arena_init(&arena);
    void *first[500];
    for (size_t round = 0; round < 3; round++) {
        for (size_t i = 0; i < 500; i++) {
            void *block = hr_arena_take(&arena, 1000);
            if (round == 0) {
                first[i] = block;
            }
            assert_ptr_equal(block, first[i]);
        }
        (void)hr_arena_take(&arena, 1000000);
        assert_true(arena.used >= 500 * 1000 + 1000000);
        assert_true(arena.used <= 500 * 1016 + 1000000);
        hr_arena_reset(&arena);
        assert_int_equal(arena.used, 0);
    }
    hr_arena_clean_up(&arena);
}

static void zeroed_is_zeroed_after_a_reset_too(void **state)
{
    (void)state;
    struct hr_arena arena;
    hr_arena_init(&arena);
    memset(hr_arena_take(&arena, 4000), 0xff, 4000);
    hr_arena_reset(&arena);
    assert_true(all_bytes_are(hr_arena_zeroed(&arena, 4000), 0, 4000));
    hr_arena_clean_up(&arena);
}

static void arena_text_is_copied_and_terminated(void **state)
{
    (void)state;
    struct hr_arena arena;
    hr_arena_init(&arena);
    char source[] = "acme";
    struct hr_str copy = hr_arena_copy(&arena, hr_str(source));
    source[0] = 'x';
    assert_string_equal(copy.at, "acme");
    assert_int_equal(hr_arena_copy(&arena, (struct hr_str){NULL, 0}).len, 0);
    struct hr_str text = hr_arena_printf(&arena, "%s/%d", "rule", 80);
    assert_int_equal(text.len, 7);
    assert_string_equal(text.at, "rule/80");
    hr_arena_clean_up(&arena);
}

/* ---------------------------------------------------------------- pool */

static void pool_blocks_of_every_size_are_zeroed_and_apart(void **state)
{
    (void)state;
    enum { SIZES = 9000 };
    struct hr_pool *pool = hr_pool_new();
    uint8_t **blocks = calloc(SIZES, sizeof(*blocks));
    assert_non_null(blocks);
    for (int round = 0; round < 2; round++) {
        for (size_t size = 1; size < SIZES; size++) {
            size_t before = hr_pool_in_use(pool);
            blocks[size] = hr_pool_take(pool, size);
            size_t counted = hr_pool_in_use(pool) - before;
            assert_true(is_aligned(blocks[size]));
            assert_true(all_bytes_are(blocks[size], 0, size));
            assert_true(counted >= size);
            assert_true(counted <= size + size / 4 + 15);
            memset(blocks[size], (int)(size % 251), size);
        }
        for (size_t size = 1; size < SIZES; size++) {
            assert_true(all_bytes_are(blocks[size], (uint8_t)(size % 251), size));
            hr_pool_give(pool, blocks[size], size);
        }
        assert_int_equal(hr_pool_in_use(pool), 0);
    }
    free(blocks);
    hr_pool_destroy(pool);
}

static void what_is_given_back_is_taken_next(void **state)
{
    (void)state;
    struct hr_pool *pool = hr_pool_new();
    void *block = hr_pool_take(pool, 200);
    hr_pool_give(pool, block, 200);
    /* 193 to 224 are one class. */
    assert_ptr_equal(hr_pool_take(pool, 220), block);
    hr_pool_give(pool, NULL, 200);
    assert_int_equal(hr_pool_in_use(pool), 224);
    hr_pool_destroy(pool);
}

static void growing_keeps_the_bytes_and_zeroes_the_rest(void **state)
{
    (void)state;
    struct hr_pool *pool = hr_pool_new();
    size_t size = 0;
    uint8_t *array = NULL;
    /* Small steps within a class, over classes, and out of them. */
    for (size_t next = 1; next < 40000; next += next / 20 + 1) {
        array = hr_pool_grow(pool, array, size, next);
        assert_true(all_bytes_are(array, 0xa5, size));
        assert_true(all_bytes_are(array + size, 0, next - size));
        memset(array, 0xa5, next);
        size = next;
    }
    hr_pool_give(pool, array, size);
    assert_int_equal(hr_pool_in_use(pool), 0);
    hr_pool_destroy(pool);
}

static void large_blocks_are_given_back_in_any_order(void **state)
{
    (void)state;
    struct hr_pool *pool = hr_pool_new();
    void *blocks[4];
    for (size_t i = 0; i < 4; i++) {
        blocks[i] = hr_pool_take(pool, 100000);
        assert_true(is_aligned(blocks[i]));
    }
    assert_int_equal(hr_pool_in_use(pool), 400000);
    hr_pool_give(pool, blocks[1], 100000); /* from the middle, the end, the beginning */
    hr_pool_give(pool, blocks[0], 100000);
    hr_pool_give(pool, blocks[3], 100000);
    assert_int_equal(hr_pool_in_use(pool), 100000);
    /* The leak checker sees whether destroy finds the one that is left, and the small one. */
    (void)hr_pool_take(pool, 10);
    hr_pool_destroy(pool);
    hr_pool_destroy(NULL);
}

static void arena_joins_what_stands_behind_each_other(void **state)
{
    (void)state;
    struct hr_arena arena;
    hr_arena_init(&arena);
    struct hr_str text = hr_arena_join(&arena, HR_STR("calls"), ".", HR_STR("24h"));
    assert_string_equal(text.at, "calls.24h");
    assert_int_equal(text.len, 9);
    text = hr_arena_join(&arena, (struct hr_str){NULL, 0}, "", (struct hr_str){NULL, 0});
    assert_string_equal(text.at, "");
    assert_int_equal(text.len, 0);
    text = hr_arena_join(&arena, HR_STR("a\0b"), "%", HR_STR(""));
    assert_memory_equal(text.at, "a\0b%", 5);
    assert_int_equal(text.len, 4);
    hr_arena_clean_up(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arena_joins_what_stands_behind_each_other),
        cmocka_unit_test(heap_blocks_are_zeroed_and_never_null),
        cmocka_unit_test(strdup_copies_any_bytes_and_terminates),
        cmocka_unit_test(out_of_memory_says_so_and_ends_at_once),
        cmocka_unit_test(arena_blocks_are_aligned_and_keep_their_bytes),
        cmocka_unit_test(a_reset_hands_the_same_memory_out_again),
        cmocka_unit_test(zeroed_is_zeroed_after_a_reset_too),
        cmocka_unit_test(arena_text_is_copied_and_terminated),
        cmocka_unit_test(pool_blocks_of_every_size_are_zeroed_and_apart),
        cmocka_unit_test(what_is_given_back_is_taken_next),
        cmocka_unit_test(growing_keeps_the_bytes_and_zeroes_the_rest),
        cmocka_unit_test(large_blocks_are_given_back_in_any_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
