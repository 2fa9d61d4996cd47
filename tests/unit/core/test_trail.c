/* SPDX-License-Identifier: Apache-2.0 */
/* Trails by themselves: beyond 4,096 members an estimate, exact again once the crowd has passed,
 * and the same bytes however often anybody looked. What they are for is told in
 * stories/trail.story. */
#include "core/trail.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define KEEP 15 /* two weeks of days and the open one */

static struct hr_hash128 member(int number)
{
    char name[32];
    snprintf(name, sizeof name, "user-%d", number);
    return hr_hash128(hr_str(name));
}

static void see(
    struct hr_trail *trail, struct hr_pool *pool, int first, int count, int64_t index, int64_t now)
{
    for (int i = 0; i < count; i++) {
        hr_trail_see(trail, member(first + i), index, now, pool);
    }
}

/* Nothing has begun since it was looked at last. */
static uint64_t count_of(struct hr_trail *trail, int64_t from, int64_t to, bool *exact)
{
    *exact = true;
    return hr_trail_count(trail, from, to, INT64_MIN, NULL, exact);
}

static void expect(struct hr_trail *trail, int64_t from, int64_t to, uint64_t wanted)
{
    bool exact;
    assert_int_equal(count_of(trail, from, to, &exact), wanted);
    assert_true(exact);
}

/* A tenth is more than three standard errors of the samples here: 1,000 members and more. */
static void expect_about(struct hr_trail *trail, int64_t from, int64_t to, double wanted)
{
    bool exact;
    double count = (double)count_of(trail, from, to, &exact);
    assert_false(exact);
    assert_true(count > wanted * 0.9 && count < wanted * 1.1);
}

static void each_member_counts_once(void **state)
{
    (void)state;
    struct hr_pool *pool = hr_pool_new();
    struct hr_trail *trail = hr_trail_new(pool, KEEP, 100);
    see(trail, pool, 0, 10, 100, 100);
    see(trail, pool, 5, 10, 103, 103);
    see(trail, pool, 14, 1, 90, 104); /* late */
    see(trail, pool, 99, 1, 89, 104); /* what 15 buckets do not reach */
    see(trail, pool, 99, 1, 105, 104);
    expect(trail, 100, 100, 10);
    expect(trail, 101, 103, 10);
    expect(trail, 90, 104, 15);
    expect(trail, 90, 99, 1);
    expect(trail, 0, 89, 0);
    expect(trail, 101, 102, 0);
    see(trail, pool, 0, 1, 115, 115);
    expect(trail, 101, 115, 11); /* 100 is gone, 103 not */
    see(trail, pool, 0, 1, 1000000, 1000000);
    expect(trail, 0, 1000000, 1);
    hr_trail_destroy(trail, pool);
    hr_pool_destroy(pool);
}

static void beyond_4096_a_sample_and_exact_again(void **state)
{
    (void)state;
    struct hr_pool *pool = hr_pool_new();
    struct hr_trail *trail = hr_trail_new(pool, KEEP, 100);
    see(trail, pool, 0, 4096, 100, 100);
    see(trail, pool, 0, 4096, 101, 101);
    expect(trail, 100, 101, 4096);
    see(trail, pool, 4096, 1, 101, 101);
    expect_about(trail, 100, 101, 4097);
    see(trail, pool, 0, 40000, 102, 102);
    see(trail, pool, 20000, 60000, 103, 103);
    expect_about(trail, 102, 102, 40000);
    expect_about(trail, 103, 103, 60000);
    expect_about(trail, 100, 103, 80000);
    see(trail, pool, 7, 3, 118, 118); /* the crowd is gone; who else was there between is unknown */
    expect(trail, 118, 118, 3);
    bool exact;
    count_of(trail, 117, 118, &exact);
    assert_false(exact);
    see(trail, pool, 1000, 4000, 132, 132);
    expect(trail, 118, 132, 4003);
    hr_trail_destroy(trail, pool);
    hr_pool_destroy(pool);
}

static void time_passes_the_same_in_one_step_or_many(void **state)
{
    (void)state;
    struct hr_pool *pool = hr_pool_new();
    for (int crowd = 0; crowd <= 20000; crowd += 10000) {
        for (int later = 1; later < 50; later += 3) {
            struct hr_trail *at_once = hr_trail_new(pool, KEEP, 100);
            struct hr_trail *often = hr_trail_new(pool, KEEP, 100);
            struct hr_buffer a = {0}, b = {0};
            see(at_once, pool, 0, crowd + 3, 100, 100);
            see(often, pool, 0, crowd + 3, 100, 100);
            for (int64_t now = 101; now <= 100 + later; now++) {
                hr_trail_has_any(often, now, pool);
            }
            see(at_once, pool, 1, 50, 100 + later, 100 + later);
            see(often, pool, 1, 50, 100 + later, 100 + later);
            hr_trail_put(at_once, 103 + later, pool, &a);
            hr_trail_put(often, 103 + later, pool, &b);
            assert_int_equal(a.len, b.len);
            assert_memory_equal(a.at, b.at, a.len);
            hr_buffer_clean_up(&a);
            hr_buffer_clean_up(&b);
            hr_trail_destroy(at_once, pool);
            hr_trail_destroy(often, pool);
        }
    }
    hr_pool_destroy(pool);
}

static void what_was_stored_comes_back_and_no_part_of_it_does(void **state)
{
    (void)state;
    struct hr_pool *pool = hr_pool_new();
    for (int count = 40; count <= 5040; count += 5000) {
        struct hr_trail *trail = hr_trail_new(pool, KEEP, 100);
        struct hr_buffer stored = {0}, again = {0};
        see(trail, pool, 0, count, 100, 100);
        see(trail, pool, 20, 40, 106, 106);
        hr_trail_put(trail, 107, pool, &stored);
        struct hr_reader in = hr_reader(hr_buffer_str(&stored));
        struct hr_trail *read = hr_trail_get(&in, 107, pool);
        assert_non_null(read);
        assert_true(hr_reader_done(&in));
        hr_trail_put(read, 107, pool, &again);
        assert_int_equal(again.len, stored.len);
        assert_memory_equal(again.at, stored.at, stored.len);
        for (size_t len = 0; len<stored.len; len += stored.len> 2000 ? 997 : 1) {
            in = hr_reader((struct hr_str){(const char *)stored.at, len});
            assert_null(hr_trail_get(&in, 107, pool));
            assert_true(in.bad);
        }
        hr_buffer_clean_up(&stored);
        hr_buffer_clean_up(&again);
        hr_trail_destroy(trail, pool);
        hr_trail_destroy(read, pool);
    }
    hr_pool_destroy(pool);
}

/* A member without a bucket, one twice, a bit behind the last bucket, one that its level leaves
 * out: nothing that was ever stored. */
static void what_was_never_stored_is_refused(void **state)
{
    (void)state;
    struct hr_pool *pool = hr_pool_new();
    static const struct {
        uint8_t sampled, level, count, bits[2];
        uint64_t high;
        bool good;
    } cases[] = {
        {0, 0, 1, {1, 0}, 5, true},
        {1, 1, 1, {1, 0}, 4, true},
        {0, 0, 1, {0, 0x80}, 5, false},
        {0, 0, 1, {0, 0}, 5, false},
        {0, 0, 2, {1, 0}, 5, false},
        {1, 1, 1, {1, 0}, 5, false},
        {1, HR_TRAIL_LEVELS + 1, 0, {0, 0}, 0, false},
        {2, 0, 1, {1, 0}, 5, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct hr_buffer bytes = {0};
        hr_put_varint(&bytes, KEEP);
        hr_put_u8(&bytes, cases[i].sampled);
        for (int k = 0; cases[i].sampled && k < KEEP; k++) {
            hr_put_u8(&bytes, cases[i].level);
        }
        hr_put_varint(&bytes, cases[i].count);
        for (int n = 0; n < cases[i].count; n++) {
            hr_put_u64(&bytes, 77);
            hr_put_u64(&bytes, cases[i].high);
            hr_put_bytes(&bytes, cases[i].bits, 2);
        }
        struct hr_reader in = hr_reader(hr_buffer_str(&bytes));
        struct hr_trail *trail = hr_trail_get(&in, 100, pool);
        assert_int_equal(trail != NULL, cases[i].good);
        assert_int_equal(!in.bad, cases[i].good);
        if (trail) {
            hr_trail_destroy(trail, pool);
        }
        hr_buffer_clean_up(&bytes);
    }
    hr_pool_destroy(pool);
}

static void two_become_one(void **state)
{
    (void)state;
    struct hr_pool *pool = hr_pool_new();
    struct hr_trail *one = hr_trail_new(pool, KEEP, 100), *other = hr_trail_new(pool, 21, 101);
    see(one, pool, 0, 10, 100, 100);
    see(other, pool, 5, 10, 101, 101);
    see(other, pool, 50, 5, 83, 102);
    see(other, pool, 50, 1, 103, 103); /* its clock is ahead */
    hr_trail_take(one, other, 102, pool);
    expect(one, 100, 100, 10);
    expect(one, 101, 101, 10);
    expect(one, 88, 102, 15);
    see(other, pool, 0, 30000, 103, 103);
    hr_trail_take(one, other, 103, pool);
    expect_about(one, 88, 103, 30000);
    one = hr_trail_fit(one, 5, pool); /* other rules look less far back */
    expect(one, 0, 98, 0);
    expect_about(one, 99, 103, 30000);
    hr_trail_destroy(one, pool);
    hr_trail_destroy(other, pool);
    hr_pool_destroy(pool);
}

/* Halves of two: at each moment at which a bucket comes into one, goes to the other, or leaves. */
static void a_turn_is_where_the_halves_are_others(void **state)
{
    (void)state;
    struct hr_pool *pool = hr_pool_new();
    struct hr_trail *trail = hr_trail_new(pool, KEEP, 100);
    assert_int_equal(hr_trail_turn(trail, 100, 2), INT64_MAX);
    see(trail, pool, 0, 10, 100, 100);
    static const int64_t turns[] = {101, 103, 103, 105, 105, INT64_MAX};
    for (int64_t i = 0; i < 6; i++) {
        assert_int_equal(hr_trail_turn(trail, 100 + i, 2), turns[i]);
    }
    hr_trail_destroy(trail, pool);
    /* Nobody was there since 90, yet with each bucket of a sample that leaves it may be another. */
    trail = hr_trail_new(pool, KEEP, 100);
    see(trail, pool, 0, 4096, 90, 100);
    assert_int_equal(hr_trail_turn(trail, 100, 2), INT64_MAX);
    see(trail, pool, 4096, 1, 90, 100);
    assert_int_equal(hr_trail_turn(trail, 100, 2), 101);
    hr_trail_destroy(trail, pool);
    hr_pool_destroy(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_member_counts_once),
        cmocka_unit_test(beyond_4096_a_sample_and_exact_again),
        cmocka_unit_test(time_passes_the_same_in_one_step_or_many),
        cmocka_unit_test(what_was_stored_comes_back_and_no_part_of_it_does),
        cmocka_unit_test(what_was_never_stored_is_refused),
        cmocka_unit_test(two_become_one),
        cmocka_unit_test(a_turn_is_where_the_halves_are_others),
    };
    return cmocka_run_group_tests_name("trail", tests, NULL, NULL);
}
