/* SPDX-License-Identifier: Apache-2.0 */
/* Books in memory and as stored bytes. A page is one book in one month, and one stored record; its
 * rows stand in the order of their labels. There are few: a page a month and book, at most
 * HR_LABELS_MOST labels each, so every search is by halves in an array and every insertion moves
 * its end.
 *
 * A label that came to a page keeps its row, also when all its columns are 0 again, and a page that
 * was stored keeps its labels: which labels have a row of their own must not depend on whether the
 * home was taken over in between. */
#include "headroom/books.h"

#include "headroom/hash.h"

#define FORMAT 1
#define HEAD 9 /* bytes of format and checksum */

struct row {
    struct hr_str label;
    int64_t columns[HR_BOOK_COLUMNS];
};

struct page {
    enum hr_book book;
    int32_t month;
    struct row *rows;
    uint32_t count, room;
    bool dirty, gone; /* gone: folded or dropped, and the stored record is still there */
};

struct hr_books {
    struct hr_pool *pool;
    struct page *pages; /* by book and month */
    uint32_t count, room;
    uint32_t labels_most, dirty;
    int32_t first; /* the oldest month that is kept by itself */
};

static const struct {
    const char *name;
    unsigned columns;
    bool goes_on; /* sums over all time are asked for */
} table[HR_BOOK_COUNT] = {
    [HR_BOOK_REVENUE] = {"revenue", HR_REVENUE_COLUMNS, true},
    [HR_BOOK_STAGES] = {"stages", HR_STAGES_COLUMNS, false},
    [HR_BOOK_DEALS] = {"deals", HR_DEALS_COLUMNS, false},
    [HR_BOOK_FIRES] = {"fires", HR_FIRES_COLUMNS, false},
    [HR_BOOK_UNRATED] = {"unrated", HR_UNRATED_COLUMNS, false},
};

const char *hr_book_name(enum hr_book book)
{
    return table[book].name;
}

unsigned hr_book_columns(enum hr_book book)
{
    return table[book].columns;
}

/* --- months ----------------------------------------------------------------------------------- */

int32_t hr_month_of(const struct hr_zone *zone, struct hr_time time)
{
    struct hr_civil civil = hr_zone_civil(zone, time);
    return civil.year * 12 + civil.month - 1;
}

struct hr_time hr_month_start(const struct hr_zone *zone, int32_t month)
{
    return hr_zone_day_start(zone, hr_days_from_civil(month / 12, month % 12 + 1, 1));
}

size_t hr_month_print(int32_t month, char text[HR_TIME_TEXT])
{
    if (month == HR_MONTH_BEFORE) {
        memcpy(text, "before", sizeof "before");
        return strlen("before");
    }
    hr_date_print(hr_days_from_civil(month / 12, month % 12 + 1, 1), text);
    text[strlen("2026-01")] = '\0';
    return strlen("2026-01");
}

bool hr_month_parse(struct hr_str text, int32_t *month)
{
    int64_t day;
    char date[11] = "0000-00-01";
    if (hr_str_is(text, "before")) {
        *month = HR_MONTH_BEFORE;
        return true;
    }
    if (text.len != 7) {
        return false;
    }
    memcpy(date, text.at, text.len);
    if (!hr_date_parse((struct hr_str){date, 10}, &day)) {
        return false;
    }
    struct hr_civil civil = hr_civil_from_days(day);
    *month = civil.year * 12 + civil.month - 1;
    return true;
}

/* --- pages and rows --------------------------------------------------------------------------- */

/* A gap in an array: makes room for one more at `at` and counts it. */
static void *open_gap(
    struct hr_pool *pool, void *array, uint32_t *count, uint32_t *room, size_t size, uint32_t at)
{
    if (*count == *room) {
        uint32_t more = *room ? *room * 2 : 4;
        array = hr_pool_grow(pool, array, *room * size, more * size);
        *room = more;
    }
    char *gap = (char *)array + at * size;
    memmove(gap + size, gap, (*count - at) * size);
    memset(gap, 0, size);
    ++*count;
    return array;
}

static int compare_page(const struct page *page, enum hr_book book, int32_t month)
{
    return page->book != book ? (page->book > book) - (page->book < book)
                              : (page->month > month) - (page->month < month);
}

static bool find_page(
    const struct hr_books *books, enum hr_book book, int32_t month, uint32_t *place)
{
    uint32_t low = 0, high = books->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = compare_page(&books->pages[middle], book, month);
        if (order == 0) {
            *place = middle;
            return true;
        }
        *(order < 0 ? &low : &high) = order < 0 ? middle + 1 : middle;
    }
    *place = low;
    return false;
}

static struct page *page_of(struct hr_books *books, enum hr_book book, int32_t month)
{
    uint32_t at;
    if (!find_page(books, book, month, &at)) {
        books->pages = open_gap(
            books->pool, books->pages, &books->count, &books->room, sizeof *books->pages, at);
        books->pages[at].book = book;
        books->pages[at].month = month;
    }
    return &books->pages[at];
}

static bool find_row(const struct page *page, struct hr_str label, uint32_t *place)
{
    uint32_t low = 0, high = page->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = hr_str_compare(page->rows[middle].label, label);
        if (order == 0) {
            *place = middle;
            return true;
        }
        *(order < 0 ? &low : &high) = order < 0 ? middle + 1 : middle;
    }
    *place = low;
    return false;
}

static struct hr_str keep_label(struct hr_pool *pool, struct hr_str label)
{
    if (label.len == 0) {
        return HR_STR("");
    }
    char *copy = hr_pool_take(pool, label.len);
    memcpy(copy, label.at, label.len);
    return (struct hr_str){copy, label.len};
}

static void drop_rows(struct hr_books *books, struct page *page)
{
    for (uint32_t r = 0; r < page->count; r++) {
        struct hr_str label = page->rows[r].label;
        if (label.len > 0) {
            hr_pool_give(books->pool, (void *)(uintptr_t)label.at, label.len);
        }
    }
    if (page->room > 0) {
        hr_pool_give(books->pool, page->rows, page->room * sizeof *page->rows);
    }
    page->rows = NULL;
    page->count = page->room = 0;
}

static struct row *row_of(struct hr_books *books, struct page *page, struct hr_str label)
{
    uint32_t at, other;
    if (find_row(page, label, &at)) {
        return &page->rows[at];
    }
    uint32_t own = page->count - find_row(page, HR_STR(HR_LABEL_OTHER), &other);
    if (books->labels_most > 0 && own >= books->labels_most && !hr_str_is(label, HR_LABEL_OTHER)) {
        return row_of(books, page, HR_STR(HR_LABEL_OTHER));
    }
    page->rows =
        open_gap(books->pool, page->rows, &page->count, &page->room, sizeof *page->rows, at);
    page->rows[at].label = keep_label(books->pool, label);
    return &page->rows[at];
}

static void mark(struct hr_books *books, struct page *page)
{
    books->dirty += !page->dirty;
    page->dirty = true;
}

static void add_row(
    struct hr_books *books, struct page *page, struct hr_str label, const int64_t *columns)
{
    struct row *row = row_of(books, page, label);
    for (unsigned c = 0; c < table[page->book].columns; c++) {
        row->columns[c] = (int64_t)((uint64_t)row->columns[c] + (uint64_t)columns[c]);
    }
    page->gone = false;
}

struct hr_books *hr_books_new(struct hr_pool *pool, uint32_t labels_most)
{
    struct hr_books *books = hr_pool_take(pool, sizeof *books);
    books->pool = pool;
    books->labels_most = labels_most;
    books->first = HR_MONTH_BEFORE;
    return books;
}

void hr_books_destroy(struct hr_books *books)
{
    for (uint32_t p = 0; p < books->count; p++) {
        drop_rows(books, &books->pages[p]);
    }
    if (books->room > 0) {
        hr_pool_give(books->pool, books->pages, books->room * sizeof *books->pages);
    }
    hr_pool_give(books->pool, books, sizeof *books);
}

void hr_books_add(struct hr_books *books, enum hr_book book, int32_t month, struct hr_str label,
    const int64_t *columns)
{
    if (month < books->first) {
        if (!table[book].goes_on) {
            return;
        }
        month = HR_MONTH_BEFORE;
    }
    struct page *page = page_of(books, book, month);
    add_row(books, page, label, columns);
    mark(books, page);
}

void hr_books_merge(struct hr_books *books, const struct hr_books *from)
{
    struct hr_books_position position = {0, 0};
    struct hr_books_row row;
    while (hr_books_next(from, &position, &row)) {
        hr_books_add(books, row.book, row.month, row.label, row.columns);
    }
}

void hr_books_keep_from(struct hr_books *books, int32_t first)
{
    if (first <= books->first) {
        return;
    }
    books->first = first;
    for (uint32_t p = 0; p < books->count; p++) {
        /* Folding may put a page in front of this one, which is then one place further. */
        struct page old = books->pages[p];
        if (old.month == HR_MONTH_BEFORE || old.month >= first || old.gone) {
            continue;
        }
        books->pages[p].rows = NULL;
        books->pages[p].count = books->pages[p].room = 0;
        books->pages[p].gone = true;
        mark(books, &books->pages[p]);
        for (uint32_t r = 0; r < old.count; r++) {
            hr_books_add(books, old.book, old.month, old.rows[r].label, old.rows[r].columns);
        }
        drop_rows(books, &old);
    }
}

/* --- reading ---------------------------------------------------------------------------------- */

bool hr_books_next(
    const struct hr_books *books, struct hr_books_position *position, struct hr_books_row *row)
{
    while (position->page < books->count) {
        const struct page *page = &books->pages[position->page];
        if (position->row < page->count) {
            const struct row *at = &page->rows[position->row++];
            *row = (struct hr_books_row){page->book, page->month, at->label, at->columns};
            return true;
        }
        position->page++;
        position->row = 0;
    }
    return false;
}

const int64_t *hr_books_find(
    const struct hr_books *books, enum hr_book book, int32_t month, struct hr_str label)
{
    uint32_t page, row;
    return find_page(books, book, month, &page) && find_row(&books->pages[page], label, &row)
               ? books->pages[page].rows[row].columns
               : NULL;
}

/* --- stored ----------------------------------------------------------------------------------- */

size_t hr_books_key(enum hr_book book, int32_t month, char text[HR_BOOKS_KEY])
{
    size_t name = strlen(table[book].name), len = 2;
    memcpy(text, "r:", len);
    len += hr_month_print(month, text + len);
    text[len++] = ':';
    memcpy(text + len, table[book].name, name + 1);
    return len + name;
}

bool hr_books_parse_key(struct hr_str key, enum hr_book *book, int32_t *month)
{
    const char *colon = key.len > 2 ? memchr(key.at + 2, ':', key.len - 2) : NULL;
    if (!hr_books_is_key(key) || !colon ||
        !hr_month_parse((struct hr_str){key.at + 2, (size_t)(colon - key.at) - 2}, month)) {
        return false;
    }
    struct hr_str name = {colon + 1, key.len - (size_t)(colon + 1 - key.at)};
    for (int b = 0; b < HR_BOOK_COUNT; b++) {
        if (hr_str_is(name, table[b].name)) {
            *book = (enum hr_book)b;
            return true;
        }
    }
    return false;
}

/* Format, checksum of what follows, number of columns and of rows, the rows. */
static void pack(const struct page *page, struct hr_buffer *out)
{
    hr_put_u8(out, FORMAT);
    hr_put_u64(out, 0);
    hr_put_varint(out, table[page->book].columns);
    hr_put_varint(out, page->count);
    for (uint32_t r = 0; r < page->count; r++) {
        hr_put_str(out, page->rows[r].label);
        for (unsigned c = 0; c < table[page->book].columns; c++) {
            hr_put_zigzag(out, page->rows[r].columns[c]);
        }
    }
    uint64_t sum = hr_hash64((struct hr_str){(const char *)out->at + HEAD, out->len - HEAD}, 0);
    for (int i = 0; i < 8; i++) {
        out->at[1 + i] = (uint8_t)(sum >> (8 * i));
    }
}

bool hr_books_pack_next(
    struct hr_books *books, enum hr_book *book, int32_t *month, struct hr_buffer *out)
{
    hr_buffer_clear(out);
    for (uint32_t p = 0; books->dirty > 0 && p < books->count; p++) {
        struct page *page = &books->pages[p];
        if (!page->dirty) {
            continue;
        }
        page->dirty = false;
        books->dirty--;
        *book = page->book;
        *month = page->month;
        if (!page->gone) {
            pack(page, out);
            return true;
        }
        books->count--;
        memmove(page, page + 1, (books->count - p) * sizeof *page);
        return true;
    }
    return false;
}

bool hr_books_are_dirty(const struct hr_books *books)
{
    return books->dirty > 0;
}

/* A row's columns; those that an older version did not have are 0. */
static void get_columns(struct hr_reader *reader, uint64_t count, int64_t *columns)
{
    memset(columns, 0, HR_BOOK_COLUMNS * sizeof *columns);
    for (uint64_t c = 0; c < count; c++) {
        columns[c] = hr_get_zigzag(reader);
    }
}

struct record {
    enum hr_book book;
    int32_t month;
    uint64_t columns, rows;
    struct hr_reader in; /* where the rows begin */
};

static bool open_record(struct hr_str key, struct hr_str bytes, struct record *record)
{
    struct hr_reader reader = hr_reader(bytes);
    uint8_t format = hr_get_u8(&reader);
    uint64_t sum = hr_get_u64(&reader);
    record->columns = hr_get_varint(&reader);
    record->rows = hr_get_varint(&reader);
    record->in = reader;
    if (!hr_books_parse_key(key, &record->book, &record->month) || reader.bad || format != FORMAT ||
        record->columns > table[record->book].columns ||
        sum != hr_hash64((struct hr_str){bytes.at + HEAD, bytes.len - HEAD}, 0)) {
        return false;
    }
    int64_t values[HR_BOOK_COLUMNS];
    for (uint64_t r = 0; r < record->rows && !reader.bad; r++) {
        (void)hr_get_str(&reader);
        get_columns(&reader, record->columns, values);
    }
    return hr_reader_done(&reader);
}

bool hr_books_is_whole(struct hr_str key, struct hr_str bytes)
{
    struct record record;
    return open_record(key, bytes, &record);
}

bool hr_books_unpack(struct hr_books *books, struct hr_str key, struct hr_str bytes)
{
    struct record record;
    if (!open_record(key, bytes, &record)) {
        return false;
    }
    int64_t values[HR_BOOK_COLUMNS];
    struct page *page = page_of(books, record.book, record.month);
    for (uint64_t r = 0; r < record.rows; r++) {
        struct hr_str label = hr_get_str(&record.in);
        get_columns(&record.in, record.columns, values);
        add_row(books, page, label, values);
    }
    return true;
}
