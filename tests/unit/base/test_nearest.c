/* SPDX-License-Identifier: Apache-2.0 */
/* A misspelt name leads to the one that was meant; a name of its own leads nowhere. */
#include "headroom/nearest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static const struct hr_str keys[] = {
    HR_STR("watch"), HR_STR("levels"), HR_STR("below"), HR_STR("rearm"), HR_STR("when")};

static int nearest(const char *name)
{
    return hr_nearest(hr_str(name), keys, sizeof(keys) / sizeof(keys[0]));
}

static void a_slip_of_the_finger_is_understood(void **state)
{
    (void)state;
    assert_int_equal(nearest("level"), 1);  /* left out */
    assert_int_equal(nearest("levles"), 1); /* swapped */
    assert_int_equal(nearest("watchh"), 0); /* added */
    assert_int_equal(nearest("reerm"), 3);  /* changed */
    assert_int_equal(nearest("Below"), 2);  /* case */
}

static void a_name_of_its_own_is_near_to_none(void **state)
{
    (void)state;
    assert_int_equal(nearest("threshold"), -1);
    assert_int_equal(nearest(""), -1);
    assert_int_equal(nearest("x"), -1);
    assert_int_equal(
        nearest("levelslevelslevelslevelslevelslevelslevelslevelslevelslevelslevels"), -1);
}

static void of_equals_the_first_is_taken(void **state)
{
    (void)state;
    const struct hr_str names[] = {HR_STR("day1"), HR_STR("day2")};
    assert_int_equal(hr_nearest(HR_STR("days"), names, 2), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_slip_of_the_finger_is_understood),
        cmocka_unit_test(a_name_of_its_own_is_near_to_none),
        cmocka_unit_test(of_equals_the_first_is_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
