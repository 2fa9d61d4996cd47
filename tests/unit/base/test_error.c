/* SPDX-License-Identifier: Apache-2.0 */
/* An error is one sentence that always ends inside its buffer. */
#include "headroom/error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void fate_and_sentence_are_kept(void **state)
{
    (void)state;
    struct hr_error error;
    assert_int_equal(hr_fail(&error, HR_REFUSE, "partition %d: %s", 7, "marker"), HR_REFUSE);
    assert_int_equal(error.fate, HR_REFUSE);
    assert_string_equal(error.text, "partition 7: marker");
}

static void words_may_be_put_before_a_deeper_error(void **state)
{
    (void)state;
    struct hr_error error;
    (void)hr_fail(&error, HR_RETRY, "connection refused");
    assert_int_equal(hr_fail(&error, error.fate, "redis: %s", error.text), HR_RETRY);
    assert_string_equal(error.text, "redis: connection refused");
}

static void a_long_sentence_is_cut_and_terminated(void **state)
{
    (void)state;
    struct hr_error error;
    char text[2 * HR_ERROR_TEXT];
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    (void)hr_fail(&error, HR_STOP, "%s", text);
    assert_int_equal(strlen(error.text), HR_ERROR_TEXT - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fate_and_sentence_are_kept),
        cmocka_unit_test(words_may_be_put_before_a_deeper_error),
        cmocka_unit_test(a_long_sentence_is_cut_and_terminated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
