/* SPDX-License-Identifier: Apache-2.0 */
/* The books of a simulation, as they are at its end: a line of JSON a row. */
#ifndef HEADROOM_COMMANDS_BOOKINGS_H
#define HEADROOM_COMMANDS_BOOKINGS_H

#include "headroom/books.h"
#include "print.h"

/* By book, month and label; the columns stand in the order of headroom/books.h. HR_STOP: they
 * cannot be written. */
HR_MUST enum hr_fate hr_bookings_write(
    const struct hr_books *books, int fd, struct hr_error *error);

#endif
