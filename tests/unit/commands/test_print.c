/* SPDX-License-Identifier: Apache-2.0 */
/* Results as users and machines read them, whatever bytes are in them. */
#include "commands/print.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static void expect_table(const struct hr_grid *grid, const char *expected)
{
    char text[1024];
    FILE *file = tmpfile();
    assert_non_null(file);
    hr_grid_print(grid, "", file);
    rewind(file);
    text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
    fclose(file);
    assert_string_equal(text, expected);
}

static void columns_line_up_by_characters(void **state)
{
    (void)state;
    struct hr_grid grid;
    hr_grid_init(&grid, (const char *const[]){"ACCOUNT", ">USED", "METER", NULL});
    hr_grid_row(&grid, (struct hr_str[]){HR_STR("acme"), HR_STR("104%"), HR_STR("seats")});
    hr_grid_row(&grid, (struct hr_str[]){HR_STR("caf\xc3\xa9-du-nord"), HR_STR("9%"), HR_STR("")});
    expect_table(&grid, "ACCOUNT       USED  METER\n"
                        "acme          104%  seats\n"
                        "caf\xc3\xa9-du-nord    9%\n");
    hr_grid_clean_up(&grid);
}

static void a_table_without_headings_is_only_rows(void **state)
{
    (void)state;
    struct hr_grid grid;
    hr_grid_init(&grid, (const char *const[]){"", ">", NULL});
    expect_table(&grid, "");
    hr_grid_row(&grid, (struct hr_str[]){HR_STR("a"), HR_STR("1")});
    hr_grid_row(&grid, (struct hr_str[]){HR_STR("bb"), HR_STR("22")});
    expect_table(&grid, "a    1\nbb  22\n");
    hr_grid_clean_up(&grid);
}

static void a_cell_cannot_paint_the_terminal_or_begin_a_line(void **state)
{
    (void)state;
    struct hr_grid grid;
    hr_grid_init(&grid, (const char *const[]){"A", NULL});
    hr_grid_row(&grid, (struct hr_str[]){HR_STR("x\033[2J\ny\xff")});
    expect_table(&grid, "A\nx\\x1b[2J\\x0ay\\xff\n");
    hr_grid_clean_up(&grid);
}

static void quotes_and_backslashes_stay_readable(void **state)
{
    (void)state;
    struct hr_grid grid;
    hr_grid_init(&grid, (const char *const[]){"A", NULL});
    hr_grid_row(&grid, (struct hr_str[]){HR_STR("{\"a\":\"\\n\\x22\"}\x07")});
    expect_table(&grid, "A\n{\"a\":\"\\n\\x22\"}\\x07\n");
    hr_grid_clean_up(&grid);
}

static void a_table_grows(void **state)
{
    (void)state;
    struct hr_grid grid;
    hr_grid_init(&grid, (const char *const[]){"N", NULL});
    for (int i = 0; i < 100; i++) {
        hr_grid_row(&grid, (struct hr_str[]){HR_STR("x")});
    }
    assert_int_equal(grid.rows, 100);
    assert_string_equal(grid.cells[0], "x");
    assert_string_equal(grid.cells[99], "x");
    hr_grid_clean_up(&grid);
}

static void json_puts_the_commas_and_escapes(void **state)
{
    (void)state;
    struct hr_buffer buffer = {0};
    struct hr_doc doc = {.buffer = &buffer};
    hr_doc_open(&doc, NULL, '{');
    hr_doc_text(&doc, "a", HR_STR("q\"b\\n\n\x01\xc3\xa9\xff\xc3"));
    hr_doc_open(&doc, "list", '[');
    hr_doc_open(&doc, NULL, '{');
    hr_doc_close(&doc, '}');
    hr_doc_number(&doc, NULL, INT64_MIN);
    hr_doc_close(&doc, ']');
    hr_doc_flag(&doc, "yes", true);
    hr_doc_time(&doc, "never", HR_TIME_NONE);
    hr_doc_time(&doc, "when", (struct hr_time){1500000});
    hr_doc_number_of(&doc, HR_STR("x\"y"), 3);
    hr_doc_close(&doc, '}');
    hr_put_u8(&buffer, 0);
    assert_string_equal((const char *)buffer.at,
        "{\"a\":\"q\\\"b\\\\n\\n\\u0001\xc3\xa9\xef\xbf\xbd\xef\xbf\xbd\",\"list\":[{},"
        "-9223372036854775808],\"yes\":true,\"never\":null,\"when\":\"1970-01-01T00:00:01.500Z\","
        "\"x\\\"y\":3}");
    hr_buffer_clean_up(&buffer);
}

/* RFC 4648, 10, and bytes that are no text. */
static void bytes_come_through_without_loss(void **state)
{
    (void)state;
    static const struct {
        struct hr_str bytes;
        const char *json;
    } rows[] = {
        {{NULL, 0}, "\"v\":null"},
        {HR_STR(""), "\"v\":\"\""},
        {HR_STR("foobar"), "\"v\":\"foobar\""},
        {HR_STR("\xff"), "\"v_base64\":\"/w==\""},
        {HR_STR("\xff\xfe"), "\"v_base64\":\"//4=\""},
        {HR_STR("\xff\x00\x41"), "\"v_base64\":\"/wBB\""},
        {HR_STR("\xff\x00\x41\x42"), "\"v_base64\":\"/wBBQg==\""},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct hr_buffer buffer = {0};
        struct hr_doc doc = {.buffer = &buffer};
        hr_doc_bytes(&doc, "v", rows[i].bytes);
        hr_put_u8(&buffer, 0);
        assert_string_equal((const char *)buffer.at, rows[i].json);
        hr_buffer_clean_up(&buffer);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_line_up_by_characters),
        cmocka_unit_test(a_table_without_headings_is_only_rows),
        cmocka_unit_test(a_cell_cannot_paint_the_terminal_or_begin_a_line),
        cmocka_unit_test(quotes_and_backslashes_stay_readable),
        cmocka_unit_test(a_table_grows),
        cmocka_unit_test(json_puts_the_commas_and_escapes),
        cmocka_unit_test(bytes_come_through_without_loss),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
