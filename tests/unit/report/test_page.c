/* SPDX-License-Identifier: Apache-2.0 */
/* Text from anywhere stays text, and pictures draw what they are given. How a page looks in a
 * browser is tests/integration/commands/test_page.py's. */
#include "headroom/page.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define GONE "\xef\xbf\xbd"

static const char *text_of(struct hr_buffer *buffer)
{
    hr_put_u8(buffer, 0);
    return (const char *)buffer->at;
}

static void text_is_never_markup(void **state)
{
    (void)state;
    static const struct {
        struct hr_str text;
        const char *html;
    } rows[] = {
        {HR_STR("acme & sons"), "acme &amp; sons"},
        {HR_STR("<script>alert('x')</script>"), "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;"},
        {HR_STR("\" onload=\"x"), "&quot; onload=&quot;x"},
        {HR_STR("caf\xc3\xa9 \xe6\x97\xa5 \xf0\x9f\x98\x80"),
            "caf\xc3\xa9 \xe6\x97\xa5 \xf0\x9f\x98\x80"},
        /* What hides or turns around: NUL, a new line, a right-to-left override, a BOM. */
        {HR_STR("a\0b\nc"), "a" GONE "b" GONE "c"},
        {HR_STR("\xe2\x80\xae"
                "txt.exe"),
            GONE "txt.exe"},
        {HR_STR("\xef\xbb\xbfx"), GONE "x"},
        /* What is no UTF-8: a lone byte, a cut sequence, a surrogate, too long a form. */
        {HR_STR("\xff<"), GONE "&lt;"},
        {HR_STR("\xc3"), GONE},
        {HR_STR("\xed\xa0\x80"), GONE GONE GONE},
        {HR_STR("\xc0\xbcscript"), GONE GONE "script"},
        {HR_STR("\xf4\x90\x80\x80"), GONE GONE GONE GONE},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct hr_buffer buffer = {0};
        hr_page_put_text(&buffer, rows[i].text);
        assert_string_equal(text_of(&buffer), rows[i].html);
        hr_buffer_clean_up(&buffer);
    }
}

static void counts_are_in_groups_of_three(void **state)
{
    (void)state;
    static const struct {
        uint64_t count;
        const char *text;
    } rows[] = {{0, "0"}, {999, "999"}, {1000, "1,000"}, {1002003, "1,002,003"},
        {UINT64_MAX, "18,446,744,073,709,551,615"}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct hr_buffer buffer = {0};
        hr_page_put_count(&buffer, rows[i].count);
        assert_string_equal(text_of(&buffer), rows[i].text);
        hr_buffer_clean_up(&buffer);
    }
}

static size_t times(const char *text, const char *what)
{
    size_t count = 0;
    for (const char *at = text; (at = strstr(at, what)) != NULL; at++) {
        count++;
    }
    return count;
}

static void pictures_draw_what_counts_and_tell_the_rest(void **state)
{
    (void)state;
    const uint64_t first[] = {3, 0, 1}, second[] = {0, 0, 7};
    const struct hr_str names[] = {HR_STR("<a>"), HR_STR("b"), HR_STR("c")};
    const struct hr_page_series series[] = {{HR_STR("up & up"), first}, {HR_STR("down"), second}};
    const struct hr_page_columns columns = {
        HR_STR("weeks"), HR_STR("week of"), names, names, 3, series, 2};
    const struct hr_page_bars bars = {
        HR_STR("bars"), HR_STR("account"), names, names, 3, series, 2};
    const struct hr_page_heat heat = {
        HR_STR("heat"), HR_STR("account"), names, names, 3, names, 1, (const uint64_t[]){3, 0, 1}};
    struct hr_buffer buffer = {0};
    struct hr_page page;
    hr_page_begin(&page, &buffer, HR_STR("<T>"), HR_STR(""));
    hr_page_columns(&page, &columns);
    hr_page_bars(&page, &bars);
    hr_page_heat(&page, &heat);
    hr_page_end(&page, HR_STR(""));
    const char *html = text_of(&buffer);
    assert_int_equal(times(html, "<rect"), 6); /* of the counts that are not 0, twice */
    assert_int_equal(times(html, "week of &lt;a&gt;: up &amp; up, 3"), 1);
    assert_int_equal(times(html, "role=\"img\""), 2);
    assert_int_equal(times(html, "<details>"), 2);
    assert_int_equal(times(html, "<td class=\"none\">"), 1);
    assert_int_equal(times(html, "<a>"), 0);
    hr_buffer_clean_up(&buffer);
}

/* A page without anything; where its pictures will begin. */
static size_t begin(struct hr_buffer *buffer, struct hr_page *page)
{
    hr_page_begin(page, buffer, HR_STR("t"), HR_STR(""));
    return buffer->len;
}

static void a_funnel_is_as_wide_as_it_counts(void **state)
{
    (void)state;
    const struct hr_str labels[] = {HR_STR("<first>"), HR_STR("second"), HR_STR("last")};
    const struct hr_str notes[] = {HR_STR("100%"), HR_STR("50%"), HR_STR("0%")};
    const struct hr_page_funnel funnel = {
        HR_STR("a funnel"), HR_STR("deals"), labels, notes, (const uint64_t[]){2000, 1000, 0}, 3};
    struct hr_buffer buffer = {0};
    struct hr_page page;
    size_t head = begin(&buffer, &page);
    hr_page_funnel(&page, &funnel);
    const char *html = text_of(&buffer) + head;
    assert_int_equal(times(html, "<rect"), 3);
    assert_int_equal(times(html, "<polygon"), 2);
    assert_int_equal(times(html, "x=\"190.0\" y=\"0.0\" width=\"650.0\""), 1);  /* all there is */
    assert_int_equal(times(html, "x=\"352.5\" y=\"58.0\" width=\"325.0\""), 1); /* half, centred */
    assert_int_equal(times(html, "&lt;first&gt;: deals, 2,000"), 1);
    assert_int_equal(times(html, "<first>"), 0);
    hr_buffer_clean_up(&buffer);
}

static void a_waterfall_hangs_each_step_where_the_last_one_ended(void **state)
{
    (void)state;
    const struct hr_page_step steps[] = {{HR_STR("start"), HR_STR("100"), 100, true},
        {HR_STR("more"), HR_STR("+50"), 50, false}, {HR_STR("less"), HR_STR("-30"), -30, false},
        {HR_STR("end"), HR_STR("120"), 120, true}};
    const struct hr_page_waterfall waterfall = {HR_STR("a waterfall"), steps, 4};
    struct hr_buffer buffer = {0};
    struct hr_page page;
    size_t head = begin(&buffer, &page);
    hr_page_waterfall(&page, &waterfall);
    const char *html = text_of(&buffer) + head;
    /* 246 high for 150: 100 are 164.0 above the ground at 270; 50 are 82.0, 30 are 49.2. */
    assert_int_equal(times(html, "<rect class=\"c0\""), 2);
    assert_int_equal(times(html, "y=\"106.0\" width=\"153.4\" height=\"164.0\""), 1);
    assert_int_equal(times(html, "<rect class=\"c2\""), 1);
    assert_int_equal(times(html, "y=\"24.0\" width=\"153.4\" height=\"82.0\""), 1);
    assert_int_equal(times(html, "<rect class=\"c3\""), 1);
    assert_int_equal(times(html, "y=\"24.0\" width=\"153.4\" height=\"49.2\""), 1);
    hr_buffer_clean_up(&buffer);
}

static void intervals_stand_on_one_scale(void **state)
{
    (void)state;
    /* 15% (10 to 20%), beside 5% (2 to 24%): the scale ends at 25%, 590 wide. */
    const struct hr_page_interval rows[] = {
        {HR_STR("a & b"), HR_STR("30 of 200"), {true, 1500, 1000, 2000}, {true, 500, 200, 2400}},
        {HR_STR("nobody"), HR_STR("0 of 0"), {0}, {0}},
    };
    const struct hr_page_intervals intervals = {HR_STR("intervals"), rows, 2};
    struct hr_buffer buffer = {0};
    struct hr_page page;
    size_t head = begin(&buffer, &page);
    hr_page_intervals(&page, &intervals);
    const char *html = text_of(&buffer) + head;
    assert_int_equal(times(html, "x1=\"486.0\" x2=\"722.0\""), 1); /* 10 to 20% */
    assert_int_equal(times(html, "class=\"dot\" cx=\"604.0\""), 1);
    assert_int_equal(times(html, "class=\"hollow\" cx=\"368.0\""), 1);
    assert_int_equal(times(html, "<circle"), 2);
    assert_int_equal(times(html, ">25%</text>"), 1);
    assert_int_equal(times(html, "a &amp; b: 30 of 200"), 1);
    hr_buffer_clean_up(&buffer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_never_markup),
        cmocka_unit_test(counts_are_in_groups_of_three),
        cmocka_unit_test(pictures_draw_what_counts_and_tell_the_rest),
        cmocka_unit_test(a_funnel_is_as_wide_as_it_counts),
        cmocka_unit_test(a_waterfall_hangs_each_step_where_the_last_one_ended),
        cmocka_unit_test(intervals_stand_on_one_scale),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
