/* SPDX-License-Identifier: Apache-2.0 */
/* The books of a home: what its accounts' present state cannot tell any more. Totals by calendar
 * month (of the configuration's `time.zone`), book and label, in whole numbers, anonymous: an
 * erased account's part stays.
 *
 * A row is (month, book, label) and its columns. Rows of several homes add up column by column:
 * a reader unpacks every stored record that it finds into one view, or merges views. Money is in
 * minor units of `money.currency`. Totals wrap around silently at 2^63, so that what was added can
 * always be taken away exactly.
 *
 * Months older than the history that is kept are folded into HR_MONTH_BEFORE where a sum must go on
 * (revenue) and dropped elsewhere. */
#ifndef HEADROOM_BOOKS_H
#define HEADROOM_BOOKS_H

#include "headroom/buffer.h"
#include "headroom/memory.h"
#include "headroom/str.h"
#include "headroom/time.h"

#include <stdbool.h>
#include <stdint.h>

/* New books go to the end, new columns to the end of theirs: both are stored. */
enum hr_book {
    HR_BOOK_REVENUE, /* label: the account's segment when it was last booked, "" without one */
    HR_BOOK_STAGES,  /* label: KIND/STAGE; month: of the opportunity's first stage */
    HR_BOOK_DEALS,   /* label: KIND; month: of closing */
    HR_BOOK_FIRES,   /* label: DIMENSION=VALUE; month: of the fire, conversions too */
    HR_BOOK_UNRATED, /* label: a currency without a rate, whose amounts are in no other book */
    HR_BOOK_COUNT
};

enum {
    HR_REVENUE_NEW,         /* MRR of accounts that had none when the month began */
    HR_REVENUE_EXPANSION,   /* more MRR at the month's end than at its start */
    HR_REVENUE_CONTRACTION, /* less, as a number above 0 */
    HR_REVENUE_CHURNED,     /* MRR at the start of accounts that have none at the end, above 0 */
    HR_REVENUE_TRANSFER,    /* MRR of accounts that came from another segment, less those that went
                               to one */
    HR_REVENUE_CUSTOMERS_NEW,
    HR_REVENUE_CUSTOMERS_CHURNED,
    HR_REVENUE_CUSTOMERS_TRANSFER, /* as TRANSFER, in accounts */
    HR_REVENUE_AMENDED,            /* how often an account's part was changed after the month */
    HR_REVENUE_COLUMNS,
    /* MRR when a month begins: the sum of NEW + EXPANSION - CONTRACTION - CHURNED + TRANSFER over
     * all months before it, HR_MONTH_BEFORE included; customers likewise. */
};
enum {
    HR_STAGES_REACHED, /* opportunities that were in the stage, or went past it; of closed_won and
                          closed_lost those that are it now */
    HR_STAGES_AMOUNT,  /* their amounts */
    HR_STAGES_COLUMNS,
};
enum {
    HR_DEALS_WON,
    HR_DEALS_LOST,
    HR_DEALS_AMOUNT, /* of those won */
    HR_DEALS_COST,   /* of those won and lost */
    HR_DEALS_DAYS,   /* whole days from the first stage to the close, of those won */
    HR_DEALS_COLUMNS,
};
enum {
    HR_FIRES_FIRED,
    HR_FIRES_CONVERTED,
    HR_FIRES_AMOUNT, /* MRR that the conversions added */
    HR_FIRES_DAYS,   /* whole days from the fire to its conversion */
    HR_FIRES_HELD_OUT,
    HR_FIRES_HELD_OUT_CONVERTED,
    HR_FIRES_COLUMNS,
};
enum {
    HR_UNRATED_REVENUE, /* changes of an account's MRR */
    HR_UNRATED_DEALS,   /* opportunities with an amount or a cost in it */
    HR_UNRATED_COLUMNS,
};
#define HR_BOOK_COLUMNS 9 /* the most that a book has */

const char *hr_book_name(enum hr_book book); /* "revenue", as in keys */
unsigned hr_book_columns(enum hr_book book);

/* --- months ----------------------------------------------------------------------------------- */

/* Twelve times the year and the month less one: 2026-01 is 24312. */
#define HR_MONTH_BEFORE INT32_MIN /* everything older than what is kept by month */
int32_t hr_month_of(const struct hr_zone *zone, struct hr_time time);
struct hr_time hr_month_start(const struct hr_zone *zone, int32_t month);
size_t hr_month_print(int32_t month, char text[HR_TIME_TEXT]); /* "2026-01", "before" */
HR_MUST bool hr_month_parse(struct hr_str text, int32_t *month);

/* --- books ------------------------------------------------------------------------------------ */

/* Labels of one month and book beside HR_LABEL_OTHER, which takes the rest. */
#define HR_LABELS_MOST 200u
#define HR_LABEL_OTHER "other"

struct hr_books;
/* Memory is the pool's. `labels_most` 0: no bound, for a view over many homes. */
struct hr_books *hr_books_new(struct hr_pool *pool, uint32_t labels_most);
void hr_books_destroy(struct hr_books *books);

/* Adds to a row; `columns` has as many as the book. */
void hr_books_add(struct hr_books *books, enum hr_book book, int32_t month, struct hr_str label,
    const int64_t *columns);
/* Adds every row of `from`. */
void hr_books_merge(struct hr_books *books, const struct hr_books *from);
/* Folds or drops the months before `first`; what is added for them later is folded or dropped, too.
 */
void hr_books_keep_from(struct hr_books *books, int32_t first);

struct hr_books_row {
    enum hr_book book;
    int32_t month;
    struct hr_str label;    /* the books' own, until they change */
    const int64_t *columns; /* hr_book_columns of them */
};
/* All rows by book, month (HR_MONTH_BEFORE first) and label, from *position = {0} until false.
 * Nothing may be added in between. */
struct hr_books_position {
    size_t page, row;
};
bool hr_books_next(
    const struct hr_books *books, struct hr_books_position *position, struct hr_books_row *row);
/* NULL: there is no such row. */
const int64_t *hr_books_find(
    const struct hr_books *books, enum hr_book book, int32_t month, struct hr_str label);

/* --- stored ----------------------------------------------------------------------------------- */

/* A record a month and book: key "r:2026-01:revenue", relative to its home. */
#define HR_BOOKS_KEY 48
size_t hr_books_key(enum hr_book book, int32_t month, char text[HR_BOOKS_KEY]);
HR_MUST bool hr_books_parse_key(struct hr_str key, enum hr_book *book, int32_t *month);
static inline bool hr_books_is_key(struct hr_str key)
{
    return hr_str_starts(key, "r:");
}
/* Adds what a stored record holds. False, and nothing is added, when its key, checksum, version or
 * shape is wrong. What was unpacked is not dirty. */
HR_MUST bool hr_books_unpack(struct hr_books *books, struct hr_str key, struct hr_str bytes);
/* Whether hr_books_unpack would take it. */
HR_MUST bool hr_books_is_whole(struct hr_str key, struct hr_str bytes);
/* Records that differ from what is stored, one a call, until false; each is clean afterwards. An
 * empty `out`: the record is gone. */
bool hr_books_pack_next(
    struct hr_books *books, enum hr_book *book, int32_t *month, struct hr_buffer *out);
bool hr_books_are_dirty(const struct hr_books *books);

#endif
