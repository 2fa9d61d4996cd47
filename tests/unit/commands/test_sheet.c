/* SPDX-License-Identifier: Apache-2.0 */
/* How sheets are written, whatever stands in them. */
#include "bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void text_from_anywhere_harms_no_form(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench, "");
    static const char *const segments[] = {"=cmd()", "a,\"b\"\n", "<script>", "\033[2J"};
    for (size_t i = 0; i < 4; i++) {
        add(&bench, HR_BOOK_REVENUE, JANUARY, segments[i],
            (int64_t[]){100, 0, 0, 0, 0, 1, 0, 0, 0});
    }
    const char *csv = form_of(&bench, hr_report_retention, hr_sheet_as_csv);
    assert_has(csv, "\r\nsegments,'=cmd(),");
    assert_has(csv, "\r\nsegments,\"a,\"\"b\"\"\\x0a\",");
    assert_has(csv, "\r\nsegments,\\x1b[2J,");
    assert_has(
        form_of(&bench, hr_report_retention, hr_sheet_as_json), "\"segment\":\"a,\\\"b\\\"\\n\"");
    const char *page = form_of(&bench, hr_report_retention, hr_sheet_as_page);
    assert_has(page, "&lt;script&gt;");
    assert_has_not(page, "<script>");
    assert_has_not(text_of(&bench, hr_report_retention), "\033");
    tear_down(&bench);
}

static void cells_are_rounded_once_and_grouped(void **state)
{
    (void)state;
    static const struct {
        enum hr_datum_kind kind;
        const char *value, *shown, *plain;
    } rows[] = {
        {HR_DATUM_COUNT, "1234567", "1,234,567", "1234567"},
        {HR_DATUM_MONEY, "-1234567.5", "-1,234,568", "-1234567.50"},
        {HR_DATUM_MONEY, "999.5", "999.5", "999.50"},
        {HR_DATUM_MONEY, "0", "0", "0.00"},
        {HR_DATUM_SHARE, "0.33333333", "33.33%", "33.33%"},
        {HR_DATUM_SHARE, "12.5", "1250%", "1250%"},
        {HR_DATUM_NUMBER, "7.505", "7.51", "7.51"},
        {HR_DATUM_NONE, "0", "–", ""},
    };
    struct hr_arena arena;
    hr_arena_init(&arena);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct hr_datum cell = {.kind = rows[i].kind, .number = number(rows[i].value)};
        assert_true(hr_str_is(hr_datum_shown(&arena, &cell), rows[i].shown));
        assert_true(hr_str_is(hr_datum_plain(&arena, &cell, "USD"), rows[i].plain));
    }
    struct hr_datum yen = {.kind = HR_DATUM_MONEY, .number = number("1500")};
    assert_true(hr_str_is(hr_datum_plain(&arena, &yen, "JPY"), "1500"));
    assert_true(hr_str_is(hr_datum_plain(&arena, &yen, "KWD"), "1500.000"));
    hr_arena_clean_up(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_from_anywhere_harms_no_form),
        cmocka_unit_test(cells_are_rounded_once_and_grouped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
