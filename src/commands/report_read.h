/* SPDX-License-Identifier: Apache-2.0 */
/* What reports are made from, read from Redis: nothing is changed. */
#ifndef HEADROOM_COMMANDS_REPORT_READ_H
#define HEADROOM_COMMANDS_REPORT_READ_H

#include "headroom/now.h"
#include "report.h"
#include "stored.h"

struct hr_report_reading {
    struct hr_stored *stored;
    const struct hr_rules *rules; /* the current ones */
    struct hr_time from, to;      /* moments of the report's months: from, and up to */
    struct hr_str segment;        /* empty: all */
    bool with_accounts;           /* the present is wanted, too */

    /* What was read, to be cleaned up. */
    struct hr_pool *pool;
    struct hr_arena arena;
    struct hr_books *books;
    struct hr_present present;
    struct hr_as_of *as_of; /* one a home */
    uint32_t homes;
};

/* Room for what so many homes hold, with nothing in it yet: for whoever reads it from elsewhere
 * than Redis. `rules` is set. */
void hr_report_reading_begin(struct hr_report_reading *reading, uint32_t homes);
/* Each home's books are exact as of one marker, its accounts are those of a moment later. To be
 * cleaned up in any case. */
HR_MUST enum hr_fate hr_report_read(struct hr_report_reading *reading, struct hr_error *error);
void hr_report_reading_clean_up(struct hr_report_reading *reading);

/* Adds an account to what all are. */
void hr_present_add(struct hr_report_reading *reading, const struct hr_account_now *now);

#endif
