/* SPDX-License-Identifier: Apache-2.0 */
/* What is stored comes into memory, and leaves it.
 *
 * A name that a record is for must be known before the record is applied: the home says which keys
 * it wants, the caller brings them. Memory always wins over what is brought, for it may be newer.
 * What leaves memory is settled: Redis has it, byte for byte. Of an account whose timer the caller
 * has told of already name and timer stay behind; the others are told of when their time comes. */
#include "inside.h"

#include "brake.h"
#include "source.h"
#include "unique.h"
#include "window.h"

/* --- keys ------------------------------------------------------------------------------------- */

struct hr_str hr_key_account(struct hr_arena *arena, struct hr_str name)
{
    return hr_arena_join(arena, HR_STR("a:"), "", name);
}

struct hr_str hr_key_part(struct hr_arena *arena, uint64_t part, struct hr_str name)
{
    unsigned meter = (unsigned)(part & UINT32_MAX), number = (unsigned)(part >> 32);
    struct hr_str prefix = number == 0 ? hr_arena_printf(arena, "u:%08x:", meter)
                                       : hr_arena_printf(arena, "g:%08x:%08x:", meter, number);
    return hr_arena_join(arena, prefix, "", name);
}

struct hr_str hr_key_erasures(struct hr_arena *arena, const struct hr_entry *entry)
{
    return hr_arena_printf(arena, "e:%016llx", (unsigned long long)entry->hash);
}

/* Hexadecimal digits at the head of the text and a colon behind them, which may be missing at the
 * end; false when there are fewer. */
static bool take_hex(struct hr_str *text, size_t digits, uint64_t *value)
{
    *value = 0;
    for (size_t i = 0; i < digits; i++) {
        char c = i < text->len ? text->at[i] : '\0';
        unsigned digit = c >= '0' && c <= '9'   ? (unsigned)(c - '0')
                         : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10)
                                                : 16;
        if (digit > 15) {
            return false;
        }
        *value = *value << 4 | digit;
    }
    digits += text->len > digits && text->at[digits] == ':';
    *text = (struct hr_str){text->at + digits, text->len - digits};
    return true;
}

static void want(struct hr_keys *keys, struct hr_str key)
{
    if (keys->count == keys->room) {
        size_t room = keys->room ? keys->room * 2 : 64;
        keys->at = hr_arena_grow(
            keys->arena, keys->at, keys->count * sizeof *keys->at, room * sizeof *keys->at);
        keys->room = room;
    }
    keys->at[keys->count++] = key;
}

static void want_entry(struct hr_entry *entry, struct hr_keys *keys)
{
    struct hr_str name = hr_entry_name(entry);
    if (entry->kind == HR_ENTRY_UNKNOWN) {
        want(keys, hr_key_account(keys->arena, name));
        return;
    }
    if (!entry->erasures_known) {
        want(keys, hr_key_erasures(keys->arena, entry));
    }
    for (uint32_t i = 0; i < entry->missing_count; i++) {
        want(keys, hr_key_part(keys->arena, entry->missing[i], name));
    }
}

void hr_home_wants(struct hr_home *home, struct hr_str name, struct hr_keys *keys)
{
    if (!home->settings.complete) {
        struct hr_entry *entry = hr_table_make(home, name, hr_hash64(name, 0));
        entry->used = home->batch;
        want_entry(entry, keys);
    }
}

void hr_home_due(struct hr_home *home, struct hr_time until, size_t most, struct hr_keys *keys)
{
    struct hr_entry **entries;
    size_t count = hr_timer_due(home, until, most, keys->arena, &entries);
    for (size_t i = 0; i < count; i++) {
        want_entry(entries[i], keys);
    }
}

void hr_home_timer(struct hr_home *home, struct hr_str account, struct hr_time due)
{
    struct hr_entry *entry = hr_table_make(home, account, hr_hash64(account, 0));
    if (entry->kind == HR_ENTRY_UNKNOWN) {
        hr_timer_set(home, entry, due);
    }
}

/* --- loading ---------------------------------------------------------------------------------- */

static void note_parts(struct hr_home *home, struct hr_entry *entry)
{
    const struct hr_account *account = entry->account;
    for (uint16_t s = 0; s < account->slot_count; s++) {
        const struct hr_meter_state *counter = &account->meters[s];
        if (counter->members || counter->number != 0) {
            uint64_t part = hr_part(hr_slot_meter(account, s)->key, counter->number);
            *(uint64_t *)hr_list_append(
                home->pool, &entry->stored, &entry->stored_count, sizeof part) = part;
            *(uint64_t *)hr_list_append(
                home->pool, &entry->missing, &entry->missing_count, sizeof part) = part;
        }
    }
}

static enum hr_fate load_account(struct hr_home *home, struct hr_entry *entry, struct hr_str bytes,
    struct hr_keys *more, struct hr_error *error)
{
    struct hr_frame frame;
    enum hr_fate fate = hr_frame_open(bytes, &frame, error);
    if (fate != HR_OK) {
        return fate;
    }
    if (frame.kind == HR_FRAME_ALIAS) {
        if (!hr_unpack_alias(&frame, entry, home->pool)) {
            return hr_fail(error, HR_REFUSE, "a stored alias is not well formed");
        }
        entry->erasures_known = true;
        entry->kind = entry->target.len > 0 ? HR_ENTRY_ALIAS : HR_ENTRY_ABSENT;
        hr_timer_set(home, entry, HR_TIME_NEVER);
        return HR_OK;
    }
    if (frame.kind != HR_FRAME_ACCOUNT) {
        return hr_fail(error, HR_REFUSE, "a stored value is under the wrong key");
    }
    fate = hr_unpack_account(&frame, hr_home_layout(home, frame.epoch), home->settings.zones,
        home->pool, &entry->account, error);
    if (fate != HR_OK) {
        return fate;
    }
    entry->kind = HR_ENTRY_ACCOUNT;
    entry->erasures = entry->account->erasures;
    entry->erasures_known = true;
    note_parts(home, entry);
    entry->account->due_stale = false;
    hr_timer_set(home, entry, frame.due);
    entry->stored_due = frame.due;
    want_entry(entry, more);
    return HR_OK;
}

static bool restore_part(
    struct hr_frame *frame, struct hr_account *account, uint64_t part, struct hr_pool *pool)
{
    struct hr_slot_target target = {.account = account, .pool = pool};
    if (part >> 32 != 0) {
        return hr_group_restore(frame, account, (uint32_t)(part >> 32), pool);
    }
    if (!hr_members_walk(frame, account->layout, pool, &target.slot, hr_members_restore, &target) ||
        hr_slot_meter(account, target.slot)->key != (uint32_t)part) {
        return false;
    }
    account->meters[target.slot].members->dirty = false;
    return true;
}

static enum hr_fate load_part(struct hr_home *home, uint64_t part, struct hr_str name,
    struct hr_str bytes, struct hr_error *error)
{
    struct hr_entry *entry = hr_table_find(home, name, hr_hash64(name, 0));
    uint32_t at = 0;
    while (entry && at < entry->missing_count && entry->missing[at] != part) {
        at++;
    }
    if (!entry || at >= entry->missing_count) {
        return HR_OK; /* memory has them already */
    }
    if (!bytes.at) {
        return hr_fail(error, HR_REFUSE, "members or a group that an account names are not stored");
    }
    struct hr_frame frame;
    enum hr_fate fate = hr_frame_open(bytes, &frame, error);
    if (fate != HR_OK) {
        return fate;
    }
    if (!restore_part(&frame, entry->account, part, home->pool)) {
        return hr_fail(error, HR_REFUSE, "stored members or a stored group are not well formed");
    }
    hr_list_remove(home->pool, &entry->missing, &entry->missing_count, sizeof part, at);
    return HR_OK;
}

static enum hr_fate load_erasures(
    struct hr_home *home, uint64_t hash, struct hr_str bytes, struct hr_error *error)
{
    struct hr_entry *entry = hr_table_find_hash(home, hash);
    if (!entry || entry->erasures_known) {
        return HR_OK;
    }
    uint64_t erasures = 0;
    if (bytes.at) {
        struct hr_frame frame;
        enum hr_fate fate = hr_frame_open(bytes, &frame, error);
        if (fate != HR_OK) {
            return fate;
        }
        erasures = hr_get_varint(&frame.body);
        if (frame.kind != HR_FRAME_ERASURES || frame.body.bad) {
            return hr_fail(error, HR_REFUSE, "a stored count of erasures is not well formed");
        }
    }
    entry->erasures = (uint32_t)erasures;
    entry->erasures_known = true;
    return HR_OK;
}

static bool take_number(struct hr_str text, uint32_t *number)
{
    uint64_t value = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9' || value > UINT32_MAX) {
            return false;
        }
        value = value * 10 + (uint64_t)(text.at[i] - '0');
    }
    *number = (uint32_t)value;
    return text.len > 0 && value <= UINT32_MAX;
}

static enum hr_fate load_seen(
    struct hr_home *home, struct hr_str number, struct hr_str bytes, struct hr_error *error)
{
    uint32_t block;
    if (!take_number(number, &block)) {
        return hr_fail(error, HR_REFUSE, "a block of ids has no number");
    }
    if (!bytes.at || block >= home->seen.block_count) {
        return HR_OK;
    }
    return hr_seen_unpack(&home->seen, block, bytes)
               ? HR_OK
               : hr_fail(error, HR_REFUSE, "a stored block of ids is not well formed");
}

/* Blocks follow each other: behind a full one the next is wanted. */
static enum hr_fate load_waiters(struct hr_home *home, struct hr_str number, struct hr_str bytes,
    struct hr_keys *more, struct hr_error *error)
{
    struct hr_waiting_name names[HR_WAITER_BLOCK];
    uint32_t block, count;
    if (!bytes.at) {
        return HR_OK;
    }
    if (!take_number(number, &block) || !hr_waiters_unpack(bytes, names, &count) ||
        home->holds.waiter_count != block * HR_WAITER_BLOCK) {
        return hr_fail(error, HR_REFUSE, "a stored list of who waits is not well formed");
    }
    for (uint32_t i = 0; i < count; i++) {
        struct hr_entry *entry = hr_table_make(home, names[i].name, hr_hash64(names[i].name, 0));
        hr_wait_again(&home->holds, entry, &names[i]);
        hr_timer_set(home, entry, entry->due);
    }
    if (count == HR_WAITER_BLOCK) {
        want(more, hr_arena_printf(more->arena, "w:%u", block + 1));
    }
    return HR_OK;
}

void hr_home_holds_keys(const struct hr_home *home, struct hr_keys *keys)
{
    want(keys, HR_STR(HR_ACCOUNTS_KEY));
    for (uint32_t i = 0; i < home->holds.brake_count; i++) {
        want(keys, hr_brake_key(keys->arena, home->holds.brakes[i].key));
    }
    if (home->holds.watches) {
        want(keys, HR_STR(HR_SOURCES_KEY));
    }
    want(keys, HR_STR(HR_OWNERS_KEY));
    want(keys, HR_STR("w:0"));
}

enum hr_fate hr_home_load(struct hr_home *home, struct hr_str key, struct hr_str bytes,
    struct hr_keys *more, struct hr_error *error)
{
    struct hr_str rest = {key.at + 2, key.len > 2 ? key.len - 2 : 0};
    uint64_t meter, number;
    if (hr_str_starts(key, "a:")) {
        struct hr_entry *entry = hr_table_make(home, rest, hr_hash64(rest, 0));
        if (entry->kind != HR_ENTRY_UNKNOWN) {
            return HR_OK; /* memory is newer */
        }
        entry->used = home->batch;
        if (bytes.at) {
            return load_account(home, entry, bytes, more, error);
        }
        entry->kind = HR_ENTRY_ABSENT;
        hr_timer_set(home, entry, HR_TIME_NEVER);
        want_entry(entry, more);
        return HR_OK;
    }
    if (hr_str_starts(key, "u:") && take_hex(&rest, 8, &number)) {
        return load_part(home, number, rest, bytes, error);
    }
    if (hr_str_starts(key, "g:") && take_hex(&rest, 8, &meter) && take_hex(&rest, 8, &number)) {
        return load_part(home, hr_part((uint32_t)meter, (uint32_t)number), rest, bytes, error);
    }
    if (hr_str_starts(key, "e:") && take_hex(&rest, 16, &number)) {
        return load_erasures(home, number, bytes, error);
    }
    if (hr_str_starts(key, "s:")) {
        return load_seen(home, rest, bytes, error);
    }
    if (hr_str_is(key, HR_OWNERS_KEY)) {
        return !bytes.at || hr_owners_unpack(&home->holds, bytes)
                   ? HR_OK
                   : hr_fail(error, HR_REFUSE, "stored silences of owners are not well formed");
    }
    if (hr_str_is(key, HR_ACCOUNTS_KEY)) {
        return !bytes.at || hr_accounts_unpack(&home->holds, bytes)
                   ? HR_OK
                   : hr_fail(error, HR_REFUSE, "a stored count of accounts is not well formed");
    }
    if (hr_str_starts(key, "b:") && take_hex(&rest, 16, &number)) {
        return !bytes.at || hr_brake_unpack(&home->holds, number, bytes)
                   ? HR_OK
                   : hr_fail(error, HR_REFUSE, "a stored brake is not well formed");
    }
    if (hr_str_is(key, HR_SOURCES_KEY)) {
        return !bytes.at || hr_sources_unpack(&home->holds, bytes)
                   ? HR_OK
                   : hr_fail(error, HR_REFUSE, "what is stored of sources is not well formed");
    }
    if (hr_str_starts(key, "w:")) {
        return load_waiters(home, rest, bytes, more, error);
    }
    if (hr_books_is_key(key)) {
        return !bytes.at || hr_books_unpack(home->books, key, bytes)
                   ? HR_OK
                   : hr_fail(error, HR_REFUSE, "a stored page of the books is not well formed");
    }
    return hr_fail(error, HR_REFUSE, "a stored key is of no known kind");
}

/* Every kind that hr_home_load takes; of another nobody reads the bytes. */
enum hr_fate hr_stored_check(struct hr_str key, struct hr_str bytes, struct hr_error *error)
{
    struct hr_frame frame;
    struct hr_reader ignored;
    char kind = key.len > 1 && key.at[1] == ':' ? key.at[0] : '\0';
    bool whole = true;
    if (kind == 's') {
        whole = hr_seen_is_whole(bytes);
    } else if (hr_str_is(key, HR_OWNERS_KEY) || hr_str_is(key, HR_ACCOUNTS_KEY) ||
               hr_str_is(key, HR_SOURCES_KEY) || kind == 'b' || kind == 'w') {
        whole = hr_hold_open(bytes, &ignored);
    } else if (hr_books_is_key(key)) {
        whole = hr_books_is_whole(key, bytes);
    } else if (kind == 'a' || kind == 'u' || kind == 'g' || kind == 'e') {
        enum hr_fate fate = hr_frame_open(bytes, &frame, error);
        if (fate != HR_OK) {
            return fate;
        }
        whole = frame.kind == (uint8_t)kind || (kind == 'a' && frame.kind == HR_FRAME_ALIAS);
    }
    return whole ? HR_OK : hr_fail(error, HR_REFUSE, "a stored value is not what its key says");
}

uint32_t hr_home_seen_blocks(const struct hr_home *home)
{
    return home->seen.block_count;
}

void hr_home_seen_key(uint32_t block, struct hr_str *key, char text[24])
{
    char digits[12];
    size_t count = 0;
    do {
        digits[count++] = (char)('0' + block % 10);
        block /= 10;
    } while (block > 0);
    text[0] = 's';
    text[1] = ':';
    for (size_t i = 0; i < count; i++) {
        text[2 + i] = digits[count - 1 - i];
    }
    text[2 + count] = '\0';
    *key = (struct hr_str){text, 2 + count};
}

/* Pages of months that were dropped since are looked for, too: a home may have been idle for years
 * before it is taken over, and only what books drops what is old. */
void hr_home_books_keys(const struct hr_home *home, struct hr_keys *keys)
{
    const struct hr_zone *zone = home->layouts->rules->zone;
    int32_t now = hr_time_is(home->clock, HR_TIME_NONE) ? 0 : hr_month_of(zone, home->clock);
    for (int b = 0; b < HR_BOOK_COUNT; b++) {
        char text[HR_BOOKS_KEY];
        size_t len = hr_books_key((enum hr_book)b, HR_MONTH_BEFORE, text);
        want(keys, hr_arena_copy(keys->arena, (struct hr_str){text, len}));
        for (int32_t m = now - 2 * HR_HISTORY_MOST; now > 0 && m <= now + 2; m++) {
            len = hr_books_key((enum hr_book)b, m, text);
            want(keys, hr_arena_copy(keys->arena, (struct hr_str){text, len}));
        }
    }
}

size_t hr_home_seen_bytes(const struct hr_home *home)
{
    return hr_seen_bytes(&home->seen);
}

/* --- forgetting ------------------------------------------------------------------------------- */

static bool may_go(const struct hr_home *home, const struct hr_entry *entry)
{
    return entry->kind != HR_ENTRY_UNKNOWN && !entry->dirty && entry->packed <= home->settled;
}

/* Batches since its last use, in powers of two: exact enough to tell who is used from who is not.
 */
static unsigned age_of(const struct hr_home *home, const struct hr_entry *entry)
{
    unsigned age = 0;
    for (uint64_t batches = home->batch - entry->used; batches > 0; batches >>= 1) {
        age++;
    }
    return age;
}

/* Nothing but the stored index has to know when to look at it again: it is asked for all timers due
 * from `known` on. Who waits for what only the home knows is in the home's own list. */
static bool may_go_whole(const struct hr_entry *entry, struct hr_time known)
{
    return entry->kind != HR_ENTRY_ACCOUNT || entry->timer == 0 ||
           (entry->waiter == 0 && entry->due.us >= known.us &&
               hr_time_is(entry->due, entry->stored_due));
}

static void forget(struct hr_home *home, struct hr_entry *entry, struct hr_time known)
{
    if (may_go_whole(entry, known)) {
        hr_timer_set(home, entry, HR_TIME_NEVER);
        hr_table_drop(home, entry);
        return;
    }
    hr_account_destroy(entry->account, home->pool);
    entry->account = NULL;
    entry->kind = HR_ENTRY_UNKNOWN;
    entry->erasures_known = false;
    while (entry->stored_count > 0) {
        hr_list_remove(home->pool, &entry->stored, &entry->stored_count, sizeof *entry->stored,
            entry->stored_count - 1);
    }
    while (entry->missing_count > 0) {
        hr_list_remove(home->pool, &entry->missing, &entry->missing_count, sizeof *entry->missing,
            entry->missing_count - 1);
    }
}

void hr_home_evict(struct hr_home *home, size_t bytes, struct hr_time known)
{
    size_t used = hr_pool_in_use(home->pool), target = used > bytes ? used - bytes : 0;
    uint64_t counts[65] = {0};
    for (uint64_t i = 0; i < home->slot_count; i++) {
        const struct hr_entry *entry = home->slots[i].entry;
        if (entry && may_go(home, entry)) {
            counts[age_of(home, entry)]++;
        }
    }
    for (unsigned age = 65; age > 0 && !home->settings.complete; age--) {
        if (counts[age - 1] == 0) {
            continue;
        }
        for (uint64_t i = 0; i < home->slot_count;) {
            if (hr_pool_in_use(home->pool) <= target) {
                return;
            }
            struct hr_entry *entry = home->slots[i].entry;
            if (entry && may_go(home, entry) && age_of(home, entry) == age - 1) {
                forget(home, entry, known);
            }
            i += home->slots[i].entry == entry; /* a dropped entry's slot has another now */
        }
    }
}
