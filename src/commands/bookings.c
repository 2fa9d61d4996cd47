/* SPDX-License-Identifier: Apache-2.0 */
/* Books as lines: what reports add up, row by row, so that it can be compared with what somebody
 * else works out from the same events. Nothing is left out and nothing is worked out here. */
#include "bookings.h"

#define WRITE_AT (1u << 16)

static void put_row(const struct hr_books_row *row, struct hr_buffer *buffer)
{
    struct hr_doc doc = {.buffer = buffer};
    char month[HR_TIME_TEXT];
    hr_doc_open(&doc, NULL, '{');
    hr_doc_text(&doc, "book", hr_str(hr_book_name(row->book)));
    hr_doc_text(&doc, "month", (struct hr_str){month, hr_month_print(row->month, month)});
    hr_doc_text(&doc, "label", row->label);
    hr_doc_open(&doc, "columns", '[');
    for (unsigned c = 0; c < hr_book_columns(row->book); c++) {
        hr_doc_number(&doc, NULL, row->columns[c]);
    }
    hr_doc_close(&doc, ']');
    hr_doc_close(&doc, '}');
    hr_put_u8(buffer, '\n');
}

enum hr_fate hr_bookings_write(const struct hr_books *books, int fd, struct hr_error *error)
{
    struct hr_books_position position = {0, 0};
    struct hr_books_row row;
    struct hr_buffer buffer = {0};
    enum hr_fate fate = HR_OK;
    while (fate == HR_OK && hr_books_next(books, &position, &row)) {
        put_row(&row, &buffer);
        if (buffer.len >= WRITE_AT) {
            fate = hr_write_all(fd, hr_buffer_str(&buffer), error);
            hr_buffer_clear(&buffer);
        }
    }
    if (fate == HR_OK) {
        fate = hr_write_all(fd, hr_buffer_str(&buffer), error);
    }
    hr_buffer_clean_up(&buffer);
    return fate;
}
