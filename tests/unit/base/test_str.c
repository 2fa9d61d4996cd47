/* SPDX-License-Identifier: Apache-2.0 */
/* The order of names is part of what headroom promises (timers of one moment fire in it, lists are
 * printed in it), and names may hold any byte, NUL and bytes above 0x7f included. */
#include "headroom/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static void names_with_a_nul_differ_behind_it(void **state)
{
    (void)state;
    assert_false(hr_str_equal(HR_STR("a\0b"), HR_STR("a\0c")));
    assert_true(hr_str_equal(HR_STR("a\0b"), HR_STR("a\0b")));
    assert_false(hr_str_is(HR_STR("a\0b"), "a"));
}

static void order_is_by_unsigned_bytes_and_a_prefix_comes_first(void **state)
{
    (void)state;
    assert_true(hr_str_compare(HR_STR("acme"), HR_STR("acme-2")) < 0);
    assert_true(hr_str_compare(HR_STR("z"), HR_STR("\xc3\xa9")) < 0);
    assert_true(hr_str_compare(HR_STR("b"), HR_STR("abc")) > 0);
    assert_int_equal(hr_str_compare(HR_STR("acme"), HR_STR("acme")), 0);
}

static void an_empty_name_needs_no_bytes(void **state)
{
    (void)state;
    struct hr_str nothing = {NULL, 0};
    assert_true(hr_str_equal(nothing, HR_STR("")));
    assert_true(hr_str_compare(nothing, HR_STR("a")) < 0);
    assert_true(hr_str_starts(HR_STR("a"), ""));
    assert_false(hr_str_starts(HR_STR("a"), "ab"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_with_a_nul_differ_behind_it),
        cmocka_unit_test(order_is_by_unsigned_bytes_and_a_prefix_comes_first),
        cmocka_unit_test(an_empty_name_needs_no_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
