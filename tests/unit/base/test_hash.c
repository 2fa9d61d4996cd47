/* SPDX-License-Identifier: Apache-2.0 */
/* The hashes are contracts: these figures are Java's, xxHash's, and may never change here. */
#include "headroom/hash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

/* From UtilsTest.testMurmur2 of Apache Kafka. */
static void murmur2_is_that_of_kafka(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int32_t hash;
    } cases[] = {
        {"21", -973932308},
        {"foobar", -790332482},
        {"a-little-bit-long-string", -985981536},
        {"a-little-bit-longer-string", -1486304829},
        {"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971},
        {"abc", 479470107},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal((int32_t)hr_murmur2(hr_str(cases[i].text)), cases[i].hash);
    }
}

/* A negative hash loses its sign bit, and is not negated: -973932308 & 0x7fffffff is 1173551340. */
static void the_home_is_the_partition_of_a_java_producer(void **state)
{
    (void)state;
    assert_int_equal(hr_home_of(HR_STR("21"), 12), 1173551340 % 12);
    assert_int_equal(hr_home_of(HR_STR("21"), 1000), 340);
    assert_int_equal(hr_home_of(HR_STR("abc"), 7), 479470107 % 7);
    assert_int_equal(hr_home_of(HR_STR("anything"), 1), 0);
}

/* From the system's libxxhash 0.8.1, called on its own. The lengths take its different paths. */
static void xxh3_is_that_of_xxhash(void **state)
{
    (void)state;
    char xs[100], counting[512];
    memset(xs, 'x', sizeof(xs));
    for (size_t i = 0; i < sizeof(counting); i++) {
        counting[i] = (char)i;
    }
    const struct {
        struct hr_str bytes;
        uint64_t plain, seeded, low, high;
    } cases[] = {
        {HR_STR(""), 0x2d06800538d394c2, 0xa8a6b918b2f0364a, 0x6001c324468d497f,
            0x99aa06d3014798d8},
        {HR_STR("a"), 0xe6c632b61e964e1f, 0x86efb917b89f6d76, 0xe6c632b61e964e1f,
            0xa96faf705af16834},
        {HR_STR("headroom"), 0x71c78683d787923e, 0xf147f6cef3128511, 0xb12c9f4960dd61f4,
            0x5648d8eadddece87},
        {{xs, 20}, 0xb5063209879672bf, 0xad1e33730bae4d2c, 0xc735003cfe03b56d, 0x97aa2b029e60efa9},
        {{xs, 100}, 0xc90984ffdf50ce42, 0xc0f033f6301f9908, 0xe18dc405a95cc094, 0xadd9998d55ed3962},
        {{counting, 512}, 0x1059105ad19bfa09, 0xa1b0e27bb798b4e3, 0x1059105ad19bfa09,
            0x111d5771df64cbcb},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_true(hr_hash64(cases[i].bytes, 0) == cases[i].plain);
        assert_true(hr_hash64(cases[i].bytes, 0x9e3779b185ebca8d) == cases[i].seeded);
        struct hr_hash128 wide = hr_hash128(cases[i].bytes);
        assert_true(wide.low == cases[i].low && wide.high == cases[i].high);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(murmur2_is_that_of_kafka),
        cmocka_unit_test(the_home_is_the_partition_of_a_java_producer),
        cmocka_unit_test(xxh3_is_that_of_xxhash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
