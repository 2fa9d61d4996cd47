/* SPDX-License-Identifier: Apache-2.0 */
/* The sketch of members: its error is what is published, its state is what its members say and
 * nothing else, and a window is estimated as if only its members had ever come. */
#include "core/sketch.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static struct hr_hash128 member(uint64_t set, uint64_t number)
{
    char name[48];
    int len = snprintf(name, sizeof name, "user-%llu@set-%llu", (unsigned long long)number,
        (unsigned long long)set);
    return hr_hash128((struct hr_str){name, (size_t)len});
}

/* Relative errors over many sets of one size: none beyond `most`, their root mean square. */
static double spread(struct hr_pool *pool, uint64_t size, unsigned sets, double most)
{
    double squares = 0;
    for (unsigned set = 0; set < sets; set++) {
        struct hr_sketch *sketch = hr_sketch_new(pool, 1, 0);
        for (uint64_t i = 0; i < size; i++) {
            hr_sketch_add(sketch, member(size * 1000 + set, i), 0, 0);
        }
        double error = (double)hr_sketch_count(sketch, 0) / (double)size - 1;
        assert_true(fabs(error) < most);
        squares += error * error;
        hr_sketch_destroy(sketch, pool);
    }
    return sqrt(squares / sets);
}

/* The stated error is a standard error: with n sets its estimate is itself off by 1/√(2n), so 30%
 * is three of those at 50 sets. No set is off by five. */
static void error_is_what_is_stated(void **state)
{
    static const struct {
        uint64_t size;
        unsigned sets;
    } sizes[] = {{5000, 300}, {8192, 200}, {20000, 200}, {50000, 100}, {200000, 25}, {1000000, 8}};
    const double stated = 0.0115;
    struct hr_pool *pool = hr_pool_new();
    double total = 0;
    unsigned all = 0;
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        double found = spread(pool, sizes[i].size, sizes[i].sets, 5 * stated);
        assert_true(found < stated * (1 + 3 / sqrt(2.0 * sizes[i].sets)));
        total += found * found * sizes[i].sets;
        all += sizes[i].sets;
    }
    total = sqrt(total / all);
    assert_true(total < stated * 1.1 && total > stated * 0.8);
    hr_pool_destroy(pool);
}

static void order_and_repetition_say_nothing(void **state)
{
    struct hr_pool *pool = hr_pool_new();
    struct hr_sketch *forth = hr_sketch_new(pool, 30, 100), *back = hr_sketch_new(pool, 30, 95);
    (void)state;
    for (uint64_t i = 0; i < 60000; i++) {
        hr_sketch_add(forth, member(1, i % 40000), 100 + (int64_t)(i % 29), 100);
    }
    for (uint64_t i = 60000; i > 0; i--) {
        hr_sketch_add(back, member(1, (i - 1) % 40000), 100 + (int64_t)((i - 1) % 29), 95);
    }
    for (uint32_t number = 0; number < HR_SKETCH_REGISTERS; number++) {
        struct hr_mark a[HR_SKETCH_MARKS], b[HR_SKETCH_MARKS];
        unsigned count = hr_sketch_marks(forth, number, 100, a);
        assert_int_equal(hr_sketch_marks(back, number, 100, b), count);
        for (unsigned at = 0; at < count; at++) {
            assert_int_equal(a[at].index, b[at].index);
            assert_int_equal(a[at].rank, b[at].rank);
            assert_true(at == 0 || (a[at].index > a[at - 1].index && a[at].rank < a[at - 1].rank));
        }
    }
    hr_sketch_destroy(forth, pool);
    hr_sketch_destroy(back, pool);
    hr_pool_destroy(pool);
}

static void what_is_older_than_it_reaches_is_not_in_it(void **state)
{
    struct hr_pool *pool = hr_pool_new();
    struct hr_sketch *sketch = hr_sketch_new(pool, 30, 100);
    (void)state;
    assert_false(hr_sketch_add(sketch, member(1, 1), 99, 50));
    assert_true(hr_sketch_add(sketch, member(1, 1), 100, 50));
    assert_false(hr_sketch_add(sketch, member(1, 2), 100, 101));
    assert_int_equal(hr_sketch_count(sketch, 0), 1);
    hr_sketch_shift(sketch, -3);
    assert_int_equal(hr_sketch_count(sketch, 97), 1);
    assert_int_equal(hr_sketch_count(sketch, 98), 0);
    hr_sketch_destroy(sketch, pool);
    hr_pool_destroy(pool);
}

/* 2,000 new members a bucket, 60 buckets: each window has what a sketch of its own would have. The
 * counts are asked for while members come, so that what is kept between reads is asked, too. */
static void windows_slide(void **state)
{
    static const int64_t widths[] = {1, 7, 30};
    struct hr_pool *pool = hr_pool_new();
    struct hr_sketch *sketch = hr_sketch_new(pool, 30, -29);
    (void)state;
    for (int64_t bucket = 0; bucket < 60; bucket++) {
        for (uint64_t i = 0; i < 2000; i++) {
            hr_sketch_add(sketch, member(7, (uint64_t)bucket * 2000 + i), bucket, bucket - 29);
            (void)hr_sketch_count(sketch, bucket - 6);
        }
        for (size_t w = 0; w < sizeof widths / sizeof *widths; w++) {
            int64_t from = bucket - widths[w] + 1;
            struct hr_sketch *alone = hr_sketch_new(pool, 1, 0);
            for (int64_t i = (from < 0 ? 0 : from) * 2000; i < (bucket + 1) * 2000; i++) {
                hr_sketch_add(alone, member(7, (uint64_t)i), 0, 0);
            }
            assert_int_equal(hr_sketch_count(sketch, from), hr_sketch_count(alone, 0));
            hr_sketch_destroy(alone, pool);
        }
    }
    hr_sketch_destroy(sketch, pool);
    hr_pool_destroy(pool);
}

/* The figure itself, worked out with fractions of any length from the same hashes: what integers
 * cut off must not matter. */
static void estimate_is_ertls(void **state)
{
    struct hr_pool *pool = hr_pool_new();
    struct hr_sketch *sketch = hr_sketch_new(pool, 1, 0);
    (void)state;
    assert_int_equal(hr_sketch_count(sketch, 0), 0);
    for (uint64_t size = 1; size <= 30000; size++) {
        hr_sketch_add(sketch, member(3, size), 0, 0);
        if (size != 1 && size != 100 && size != 8192 && size != 30000) {
            continue;
        }
        long double x, power = 1, sigma, sum = 0;
        unsigned empty = 0;
        for (uint32_t number = 0; number < HR_SKETCH_REGISTERS; number++) {
            struct hr_mark mark[HR_SKETCH_MARKS];
            if (hr_sketch_marks(sketch, number, 0, mark) == 0) {
                empty++;
            } else {
                sum += ldexpl(1, -(int)mark[0].rank);
            }
        }
        sigma = x = (long double)empty / HR_SKETCH_REGISTERS;
        while (x > 1e-30L) {
            x *= x;
            sigma += x * power;
            power *= 2;
        }
        sum += sigma * HR_SKETCH_REGISTERS;
        long double raw = HR_SKETCH_REGISTERS / sum * HR_SKETCH_REGISTERS / (2 * logl(2));
        assert_true(fabsl(raw - (long double)hr_sketch_count(sketch, 0)) < 0.51L);
    }
    hr_sketch_destroy(sketch, pool);
    hr_pool_destroy(pool);
}

/* Twelve marks, each lower than the one before it and newer, are two more than a register keeps:
 * the oldest go, so that long windows see a little less and short ones all of theirs. */
static void a_register_keeps_its_newest_marks(void **state)
{
    (void)state;
    struct hr_pool *pool = hr_pool_new();
    struct hr_sketch *sketch = hr_sketch_new(pool, 20, 0);
    struct hr_mark marks[HR_SKETCH_MARKS];
    for (int64_t i = 0; i < HR_SKETCH_MARKS + 2; i++) {
        hr_sketch_put(sketch, 7, (struct hr_mark){.index = i, .rank = (uint8_t)(30 - i)}, 0);
    }
    assert_int_equal(hr_sketch_marks(sketch, 7, 0, marks), HR_SKETCH_MARKS);
    for (int64_t i = 0; i < HR_SKETCH_MARKS; i++) {
        assert_int_equal(marks[i].index, i + 2);
        assert_int_equal(marks[i].rank, 28 - i);
    }
    hr_sketch_destroy(sketch, pool);
    hr_pool_destroy(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_register_keeps_its_newest_marks),
        cmocka_unit_test(error_is_what_is_stated),
        cmocka_unit_test(order_and_repetition_say_nothing),
        cmocka_unit_test(what_is_older_than_it_reaches_is_not_in_it),
        cmocka_unit_test(windows_slide),
        cmocka_unit_test(estimate_is_ertls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
