/* SPDX-License-Identifier: Apache-2.0 */
/* The books after a story, compared with what a case says must stand there. It is played with the
 * memory kept, and with everything packed, dropped and loaded again after each step: the books must
 * be the same. */
#ifndef TEST_BOOKED_H
#define TEST_BOOKED_H

#include "stage.h"

#include "headroom/books.h"

/* A meter with a limit and a rule; what the books need beside it they have by themselves. */
extern const char booked_plain[];
extern const enum story_mode booked_modes[2];

/* Rows of a book that are not all 0, a line each. */
void booked_print(const struct hr_books *books, enum hr_book book, char text[4096]);

/* Plays the lines, up to NULL, in each mode and compares the book with what it must be. */
void booked_check(
    const char *config, const char *const *lines, enum hr_book book, const char *must);
#define BOOKED(config, book, must, ...)                                                            \
    booked_check(config, (const char *const[]){__VA_ARGS__, NULL}, book, must)

#endif
