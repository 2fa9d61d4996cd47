/* SPDX-License-Identifier: Apache-2.0 */
/* Books: rows add up and come in order, too many labels share one row, old months fold without
 * losing a cent, and what was stored comes back as it was or not at all. */
#include "headroom/books.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define MONTH(year, month) ((year)*12 + (month)-1)

static int setup(void **state)
{
    *state = hr_pool_new();
    return 0;
}

static int teardown(void **state)
{
    assert_int_equal(hr_pool_in_use(*state), 0);
    hr_pool_destroy(*state);
    return 0;
}

static void add_new(struct hr_books *books, int32_t month, const char *segment, int64_t minor)
{
    int64_t columns[HR_REVENUE_COLUMNS] = {
        [HR_REVENUE_NEW] = minor, [HR_REVENUE_CUSTOMERS_NEW] = 1};
    hr_books_add(books, HR_BOOK_REVENUE, month, hr_str(segment), columns);
}

static void add_won(struct hr_books *books, int32_t month, const char *kind)
{
    int64_t columns[HR_DEALS_COLUMNS] = {[HR_DEALS_WON] = 1};
    hr_books_add(books, HR_BOOK_DEALS, month, hr_str(kind), columns);
}

static int64_t new_in(const struct hr_books *books, int32_t month, const char *segment)
{
    const int64_t *columns = hr_books_find(books, HR_BOOK_REVENUE, month, hr_str(segment));
    return columns ? columns[HR_REVENUE_NEW] : -1;
}

static void rows_add_up_and_come_in_order(void **state)
{
    struct hr_books *books = hr_books_new(*state, HR_LABELS_MOST);
    add_won(books, MONTH(2026, 2), "upsell");
    add_new(books, MONTH(2026, 2), "startup", 400);
    add_new(books, MONTH(2026, 1), "startup", 1000);
    add_new(books, MONTH(2026, 1), "", 7);
    add_new(books, MONTH(2026, 1), "startup", 500);
    assert_int_equal(new_in(books, MONTH(2026, 1), "startup"), 1500);
    assert_int_equal(new_in(books, MONTH(2026, 3), "startup"), -1);

    const struct {
        enum hr_book book;
        int32_t month;
        const char *label;
    } wanted[] = {{HR_BOOK_REVENUE, MONTH(2026, 1), ""},
        {HR_BOOK_REVENUE, MONTH(2026, 1), "startup"}, {HR_BOOK_REVENUE, MONTH(2026, 2), "startup"},
        {HR_BOOK_DEALS, MONTH(2026, 2), "upsell"}};
    struct hr_books_position position = {0, 0};
    struct hr_books_row row;
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        assert_true(hr_books_next(books, &position, &row));
        assert_int_equal(row.book, wanted[i].book);
        assert_int_equal(row.month, wanted[i].month);
        assert_true(hr_str_is(row.label, wanted[i].label));
    }
    assert_false(hr_books_next(books, &position, &row));
    hr_books_destroy(books);
}

static void labels_are_bounded(void **state)
{
    struct hr_books *books = hr_books_new(*state, HR_LABELS_MOST);
    struct hr_books *view = hr_books_new(*state, 0);
    char label[16];
    for (int i = 0; i < 250; i++) {
        snprintf(label, sizeof label, "s%03d", i);
        add_new(books, MONTH(2026, 1), label, 1);
        add_new(view, MONTH(2026, 1), label, 1);
    }
    add_new(books, MONTH(2026, 1), "s000", 1); /* one that has its row keeps it */
    assert_int_equal(new_in(books, MONTH(2026, 1), "s000"), 2);
    assert_int_equal(new_in(books, MONTH(2026, 1), "s199"), 1);
    assert_int_equal(new_in(books, MONTH(2026, 1), "s200"), -1);
    assert_int_equal(new_in(books, MONTH(2026, 1), HR_LABEL_OTHER), 50);

    hr_books_merge(view, books); /* of many homes nothing is lost */
    assert_int_equal(new_in(view, MONTH(2026, 1), "s249"), 1);
    assert_int_equal(new_in(view, MONTH(2026, 1), "s000"), 3);
    assert_int_equal(new_in(view, MONTH(2026, 1), HR_LABEL_OTHER), 50);
    hr_books_destroy(books);
    hr_books_destroy(view);
}

/* Packs what changed into `stored`, a list of key and value; returns how many. */
struct stored {
    char key[HR_BOOKS_KEY];
    struct hr_buffer value;
};
static size_t write_out(struct hr_books *books, struct stored *stored)
{
    size_t count = 0;
    enum hr_book book;
    int32_t month;
    while (hr_books_pack_next(books, &book, &month, &stored[count].value)) {
        hr_books_key(book, month, stored[count++].key);
    }
    assert_false(hr_books_are_dirty(books));
    return count;
}

static void what_was_stored_comes_back(void **state)
{
    struct stored stored[4] = {0};
    struct hr_books *books = hr_books_new(*state, HR_LABELS_MOST);
    struct hr_books *again = hr_books_new(*state, HR_LABELS_MOST);
    add_new(books, MONTH(2026, 1), "startup", INT64_C(-900000000000));
    add_new(books, MONTH(2026, 1), "", 3);
    add_won(books, MONTH(2026, 2), "new");
    assert_int_equal(write_out(books, stored), 2);
    assert_string_equal(stored[0].key, "r:2026-01:revenue");
    assert_string_equal(stored[1].key, "r:2026-02:deals");
    assert_string_equal(
        hr_book_name(HR_BOOK_DEALS), "deals"); /* what is listed is what is stored */
    for (int i = 0; i < 2; i++) {
        assert_true(hr_books_unpack(again, hr_str(stored[i].key), hr_buffer_str(&stored[i].value)));
    }
    assert_false(hr_books_are_dirty(again));
    assert_int_equal(new_in(again, MONTH(2026, 1), "startup"), INT64_C(-900000000000));
    assert_int_equal(new_in(again, MONTH(2026, 1), ""), 3);

    /* Another home's record adds up. */
    assert_true(hr_books_unpack(again, hr_str(stored[0].key), hr_buffer_str(&stored[0].value)));
    assert_int_equal(new_in(again, MONTH(2026, 1), ""), 6);

    /* What is damaged changes nothing, wherever. */
    for (size_t at = 0; at < stored[0].value.len; at++) {
        stored[0].value.at[at] ^= 1;
        assert_false(
            hr_books_unpack(again, hr_str(stored[0].key), hr_buffer_str(&stored[0].value)));
        stored[0].value.at[at] ^= 1;
        struct hr_str cut = {(const char *)stored[0].value.at, at};
        assert_false(hr_books_unpack(again, hr_str(stored[0].key), cut));
    }
    assert_false(
        hr_books_unpack(again, HR_STR("r:2026-13:revenue"), hr_buffer_str(&stored[0].value)));
    assert_false(hr_books_unpack(again, HR_STR("r:2026-01:sums"), hr_buffer_str(&stored[0].value)));
    assert_int_equal(new_in(again, MONTH(2026, 1), ""), 6);
    for (int i = 0; i < 4; i++) {
        hr_buffer_clean_up(&stored[i].value);
    }
    hr_books_destroy(books);
    hr_books_destroy(again);
}

static void old_months_fold_where_a_sum_goes_on(void **state)
{
    struct stored stored[8] = {0};
    struct hr_books *books = hr_books_new(*state, HR_LABELS_MOST);
    add_new(books, MONTH(2022, 12), "startup", 100);
    add_new(books, MONTH(2023, 1), "startup", 20);
    add_new(books, MONTH(2023, 1), "enterprise", 5);
    add_new(books, MONTH(2023, 2), "startup", 3);
    add_won(books, MONTH(2022, 12), "new");
    add_won(books, MONTH(2023, 2), "new");
    write_out(books, stored);
    hr_books_keep_from(books, MONTH(2023, 2));
    assert_int_equal(new_in(books, HR_MONTH_BEFORE, "startup"), 120);
    assert_int_equal(new_in(books, HR_MONTH_BEFORE, "enterprise"), 5);
    assert_int_equal(new_in(books, MONTH(2023, 1), "startup"), -1);
    assert_int_equal(new_in(books, MONTH(2023, 2), "startup"), 3);
    assert_null(hr_books_find(books, HR_BOOK_DEALS, HR_MONTH_BEFORE, HR_STR("new")));
    assert_non_null(hr_books_find(books, HR_BOOK_DEALS, MONTH(2023, 2), HR_STR("new")));

    /* Records of months that are gone are erased, and what is told of them later is folded. */
    assert_int_equal(write_out(books, stored), 4);
    assert_string_equal(stored[0].key, "r:before:revenue");
    assert_string_equal(stored[1].key, "r:2022-12:revenue");
    assert_int_equal(stored[1].value.len, 0);
    assert_string_equal(stored[3].key, "r:2022-12:deals");
    assert_int_equal(stored[3].value.len, 0);
    add_new(books, MONTH(2022, 12), "startup", 1000);
    add_won(books, MONTH(2022, 12), "new");
    assert_int_equal(new_in(books, HR_MONTH_BEFORE, "startup"), 1120);
    assert_int_equal(write_out(books, stored), 1);
    for (int i = 0; i < 8; i++) {
        hr_buffer_clean_up(&stored[i].value);
    }
    hr_books_destroy(books);
}

/* The month is the one on the calendar there. */
static void months_are_of_the_zone(void **state)
{
    (void)state;
    struct hr_time time;
    char text[HR_TIME_TEXT];
    assert_true(hr_time_parse(HR_STR("2026-01-31T23:59:59Z"), &time));
    int32_t month = hr_month_of(hr_zone_utc(), time);
    assert_int_equal(month, MONTH(2026, 1));
    assert_int_equal(hr_month_print(month, text), 7);
    assert_string_equal(text, "2026-01");
    assert_true(hr_month_parse(HR_STR("2026-01"), &month));
    assert_int_equal(month, MONTH(2026, 1));
    assert_int_equal(hr_time_bucket(hr_month_start(hr_zone_utc(), month + 1), HR_SECOND),
        hr_time_bucket(time, HR_SECOND) + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(rows_add_up_and_come_in_order, setup, teardown),
        cmocka_unit_test_setup_teardown(labels_are_bounded, setup, teardown),
        cmocka_unit_test_setup_teardown(what_was_stored_comes_back, setup, teardown),
        cmocka_unit_test_setup_teardown(old_months_fold_where_a_sum_goes_on, setup, teardown),
        cmocka_unit_test(months_are_of_the_zone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
