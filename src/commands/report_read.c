/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the books of every home and, where a report asks for it, every account.
 *
 * A home's keys are walked first; a walk may give a key twice, so each is kept once. Then all its
 * books are read in one look, which makes them exact as of the marker that comes with it. Accounts
 * are read after that, many at a time, into a home of the same core that is dropped again, so that
 * memory does not grow with them: what is kept of an account is its part in the sums. */
#include "report_read.h"

#include "headroom/hash.h"
#include "headroom/log.h"
#include "headroom/map.h"
#include "headroom/pipeline.h"
#include "progress.h"

#define ACCOUNT "a:"
#define ACCOUNTS_AT_ONCE 256

/* What one home holds. */
struct walk {
    struct hr_report_reading *reading;
    uint32_t number;
    struct hr_arena names; /* of the keys */
    struct hr_map seen;    /* of struct hr_str */
    struct hr_str *books, *accounts;
    size_t book_count, book_room, account_count, account_room;
};

/* --- an account's part -------------------------------------------------------------------------
 */

static void add_products(struct hr_report_reading *reading, const struct hr_account_now *now)
{
    struct hr_present *present = &reading->present;
    size_t owns = 0;
    for (size_t p = 0; p < present->product_count; p++) {
        for (uint16_t i = 0; i < now->rules->product_count; i++) { /* of an older epoch, maybe */
            if (hr_str_equal(now->rules->products[i].name, present->products[p]) && now->owned[i]) {
                present->owned[p]++;
                present->used[p] += now->used[i];
                owns++;
            }
        }
    }
    present->owning[owns]++;
}

static void add_deals(struct hr_present *present, const struct hr_account_now *now)
{
    for (size_t i = 0; i < now->deal_count; i++) {
        const struct hr_deal_now *deal = &now->deals[i];
        if ((unsigned)deal->stage >= HR_CHANCES) {
            continue;
        }
        present->open[deal->kind][deal->stage].deals++;
        bool added =
            deal->priced && hr_decimal_add(present->open[deal->kind][deal->stage].amount,
                                deal->amount, &present->open[deal->kind][deal->stage].amount);
        present->unpriced_deals += !added;
    }
}

static void add_upgrades(struct hr_report_reading *reading, const struct hr_account_now *now)
{
    bool within = false;
    for (size_t i = 0; i < now->upgrade_count; i++) {
        within |= now->upgrades[i].us >= reading->from.us && now->upgrades[i].us < reading->to.us;
    }
    reading->present.upgraded += within;
    reading->present.first_upgrades += now->upgrade_count > 0;
    reading->present.first_upgrade_days += now->first_upgrade_days;
}

static void add_customer(struct hr_report_reading *reading, const struct hr_account_now *now)
{
    struct hr_present *present = &reading->present;
    present->customers++;
    present->tenure_days += now->tenure_days;
    present->priced += now->priced && hr_decimal_add(present->mrr, now->mrr, &present->mrr);
    add_upgrades(reading, now);
    add_products(reading, now);
}

void hr_present_add(struct hr_report_reading *reading, const struct hr_account_now *now)
{
    struct hr_present *present = &reading->present;
    if (reading->segment.len > 0 && !hr_str_equal(reading->segment, now->segment)) {
        return;
    }
    present->accounts++;
    if (now->has_nps) {
        present->nps_answers++;
        present->promoters += hr_decimal_compare(now->nps, hr_decimal_from_int(9)) >= 0;
        present->detractors += hr_decimal_compare(now->nps, hr_decimal_from_int(6)) <= 0;
    }
    present->csat_answers +=
        now->has_csat && hr_decimal_add(present->csat, now->csat, &present->csat);
    add_deals(present, now);
    if (now->customer) {
        add_customer(reading, now);
    }
}

/* --- keys ---------------------------------------------------------------------------------------
 */

static struct hr_str key_of(const void *value)
{
    return *(const struct hr_str *)value;
}

static void keep(struct hr_str **list, size_t *count, size_t *room, struct hr_str key)
{
    if (*count == *room) {
        *room = *room ? 2 * *room : 64;
        *list = hr_resize(*list, *room * sizeof(**list));
    }
    (*list)[(*count)++] = key;
}

static void take_key(struct walk *walk, struct hr_str key)
{
    bool book = hr_books_is_key(key);
    bool account = walk->reading->with_accounts && hr_str_starts(key, ACCOUNT);
    uint64_t hash = hr_hash64(key, 0);
    if ((!book && !account) || hr_map_find(&walk->seen, hash, key)) {
        return;
    }
    struct hr_str *kept = hr_arena_take(&walk->names, sizeof(*kept));
    *kept = hr_arena_copy(&walk->names, key);
    hr_map_put(&walk->seen, hash, kept);
    if (book) {
        keep(&walk->books, &walk->book_count, &walk->book_room, *kept);
    } else {
        keep(&walk->accounts, &walk->account_count, &walk->account_room,
            (struct hr_str){kept->at + strlen(ACCOUNT), kept->len - strlen(ACCOUNT)});
    }
}

static enum hr_fate walk_keys(struct walk *walk, struct hr_error *error)
{
    struct hr_store *store = &walk->reading->stored->store;
    struct hr_arena arena;
    uint64_t cursor = 0;
    enum hr_fate fate;
    hr_arena_init(&arena);
    do {
        struct hr_str *keys;
        size_t count = 0;
        fate = store->keys(store->self, walk->number, &cursor, &arena, &keys, &count, error);
        for (size_t i = 0; fate == HR_OK && i < count; i++) {
            take_key(walk, keys[i]);
        }
        hr_arena_reset(&arena);
    } while (fate == HR_OK && cursor != 0);
    hr_arena_clean_up(&arena);
    return fate;
}

/* --- books --------------------------------------------------------------------------------------
 */

static enum hr_fate read_books(struct walk *walk, struct hr_error *error)
{
    struct hr_report_reading *reading = walk->reading;
    struct hr_store *store = &reading->stored->store;
    struct hr_arena arena;
    struct hr_str marker;
    hr_arena_init(&arena);
    struct hr_str *values = hr_arena_zeroed(&arena, (walk->book_count + 1) * sizeof(*values));
    enum hr_fate fate = store->load(
        store->self, walk->number, walk->books, walk->book_count, &arena, values, &marker, error);
    for (size_t i = 0; fate == HR_OK && i < walk->book_count; i++) {
        if (values[i].at && !hr_books_unpack(reading->books, walk->books[i], values[i])) {
            fate = hr_fail(error, HR_REFUSE,
                "partition %u: the record %s is damaged, or written by a newer version",
                walk->number, hr_escape(&arena, walk->books[i], 100));
        }
    }
    if (fate == HR_OK) {
        reading->as_of[walk->number] = (struct hr_as_of){walk->number, hr_marker_time(marker)};
    }
    hr_arena_clean_up(&arena);
    return fate;
}

/* --- accounts -----------------------------------------------------------------------------------
 */

/* Everything that some accounts want, as often as that wants more. */
static enum hr_fate load(struct walk *walk, struct hr_home *home, const struct hr_str *names,
    size_t count, struct hr_arena *arena, struct hr_error *error)
{
    struct hr_store *store = &walk->reading->stored->store;
    struct hr_keys keys = {.arena = arena};
    for (size_t i = 0; i < count; i++) {
        hr_home_wants(home, names[i], &keys);
    }
    while (keys.count > 0) {
        struct hr_keys more = {.arena = arena};
        struct hr_str *values = hr_arena_take(arena, keys.count * sizeof(*values)), marker;
        enum hr_fate fate = store->load(
            store->self, walk->number, keys.at, keys.count, arena, values, &marker, error);
        for (size_t i = 0; fate == HR_OK && i < keys.count; i++) {
            fate = hr_home_load(home, keys.at[i], values[i], &more, error);
        }
        if (fate != HR_OK) {
            return fate;
        }
        keys = more;
    }
    return HR_OK;
}

static enum hr_fate read_some(struct walk *walk, const struct hr_str *names, size_t count,
    struct hr_arena *arena, struct hr_error *error)
{
    struct hr_home_settings settings = hr_stored_home(walk->reading->stored, walk->number);
    struct hr_pool *pool = hr_pool_new();
    struct hr_home *home = hr_home_new(&settings, pool);
    enum hr_fate fate = load(walk, home, names, count, arena, error);
    for (size_t i = 0; fate == HR_OK && i < count; i++) {
        struct hr_account_now now;
        if (hr_home_account_now(home, names[i], arena, &now)) {
            hr_present_add(walk->reading, &now);
        }
    }
    hr_home_destroy(home);
    hr_pool_destroy(pool);
    return fate;
}

static enum hr_fate read_accounts(
    struct walk *walk, struct hr_progress *progress, struct hr_error *error)
{
    struct hr_arena arena;
    enum hr_fate fate = HR_OK;
    hr_arena_init(&arena);
    for (size_t i = 0; fate == HR_OK && i < walk->account_count; i += ACCOUNTS_AT_ONCE) {
        size_t left = walk->account_count - i;
        fate = read_some(walk, walk->accounts + i,
            left < ACCOUNTS_AT_ONCE ? left : ACCOUNTS_AT_ONCE, &arena, error);
        hr_arena_reset(&arena);
        hr_progress_show(progress, walk->number, walk->reading->stored->manifest.homes,
            (uint64_t)walk->reading->present.accounts);
    }
    hr_arena_clean_up(&arena);
    return fate;
}

/* --- all homes ----------------------------------------------------------------------------------
 */

static enum hr_fate read_home(struct hr_report_reading *reading, uint32_t number,
    struct hr_progress *progress, struct hr_error *error)
{
    struct walk walk = {.reading = reading, .number = number};
    hr_arena_init(&walk.names);
    hr_map_init(&walk.seen, key_of, NULL);
    enum hr_fate fate = walk_keys(&walk, error);
    if (fate == HR_OK) {
        fate = read_books(&walk, error);
    }
    if (fate == HR_OK) {
        fate = read_accounts(&walk, progress, error);
    }
    hr_free(walk.books);
    hr_free(walk.accounts);
    hr_map_clean_up(&walk.seen);
    hr_arena_clean_up(&walk.names);
    return fate;
}

void hr_report_reading_begin(struct hr_report_reading *reading, uint32_t homes)
{
    struct hr_present *present = &reading->present;
    uint16_t count = reading->rules->product_count;
    reading->pool = hr_pool_new();
    hr_arena_init(&reading->arena);
    reading->books = hr_books_new(reading->pool, 0);
    struct hr_str *products = hr_arena_take(&reading->arena, (count + 1u) * sizeof(*products));
    for (uint16_t p = 0; p < count; p++) {
        products[p] = reading->rules->products[p].name;
    }
    present->products = products;
    present->product_count = count;
    present->owned = hr_arena_zeroed(&reading->arena, (count + 1u) * sizeof(*present->owned));
    present->used = hr_arena_zeroed(&reading->arena, (count + 1u) * sizeof(*present->used));
    present->owning = hr_arena_zeroed(&reading->arena, (count + 1u) * sizeof(*present->owning));
    reading->as_of = hr_arena_zeroed(&reading->arena, (homes + 1u) * sizeof(*reading->as_of));
    reading->homes = homes;
}

enum hr_fate hr_report_read(struct hr_report_reading *reading, struct hr_error *error)
{
    struct hr_progress progress;
    enum hr_fate fate = HR_OK;
    hr_report_reading_begin(reading, reading->stored->manifest.homes);
    hr_progress_begin(&progress, "accounts", true);
    for (uint32_t n = 0; fate == HR_OK && n < reading->stored->manifest.homes; n++) {
        fate = read_home(reading, n, &progress, error);
    }
    hr_progress_end(&progress);
    return fate;
}

void hr_report_reading_clean_up(struct hr_report_reading *reading)
{
    hr_books_destroy(reading->books);
    hr_pool_destroy(reading->pool);
    hr_arena_clean_up(&reading->arena);
}
