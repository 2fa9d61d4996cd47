/* SPDX-License-Identifier: Apache-2.0 */
/* Owners that were silenced, and the accounts that wait for what only their home knows.
 *
 * A silence of an owner is a fact about a person: it came for some account, whose home tells all
 * homes, and each takes it in its order of records. Of one owner the newest event time holds, on a
 * tie what came later. It is kept until it is over, and a while longer against older events that
 * come late; the number of owners is bounded, and beyond it the silence that is over first goes.
 *
 * A date in `until` is the midnight in `time.zone` with which it begins: one moment for all the
 * accounts of a person, whatever their zones. */
#include "holds.h"

#include "brake.h"
#include "fact.h"
#include "inside.h"
#include "source.h"
#include "subscription.h"

#define OVER_KEPT 24
#define TEXT_BYTES 200u /* of who and why */

void hr_holds_init(struct hr_holds *holds, uint32_t number, struct hr_pool *pool)
{
    *holds = (struct hr_holds){.pool = pool, .number = number, .wall = HR_TIME_NONE};
}

static void drop_owner(struct hr_holds *holds, uint32_t at)
{
    struct hr_owner_silence *one = &holds->owners[at];
    hr_text_drop(holds->pool, &one->owner);
    hr_text_drop(holds->pool, &one->by);
    hr_text_drop(holds->pool, &one->why);
    hr_list_remove(holds->pool, &holds->owners, &holds->owner_count, sizeof *one, at);
}

bool hr_holds_follow(struct hr_holds *holds, const struct hr_rules *rules)
{
    bool brakes = hr_brakes_follow(holds, rules), sources = hr_sources_follow(holds, rules);
    holds->rules = rules;
    return brakes || sources;
}

void hr_holds_clean_up(struct hr_holds *holds)
{
    while (holds->owner_count > 0) {
        drop_owner(holds, holds->owner_count - 1);
    }
    hr_brakes_clean_up(holds);
    hr_sources_clean_up(holds);
    if (holds->waiter_room > 0) {
        hr_pool_give(holds->pool, holds->waiters, holds->waiter_room * sizeof *holds->waiters);
    }
    if (holds->block_room > 0) {
        hr_pool_give(
            holds->pool, holds->dirty_blocks, holds->block_room * sizeof *holds->dirty_blocks);
    }
}

/* --- owners ----------------------------------------------------------------------------------- */

static struct hr_str cut(struct hr_str text)
{
    return (struct hr_str){text.at, text.len < TEXT_BYTES ? text.len : TEXT_BYTES};
}

void hr_owner_announce(const struct hr_record *record, const struct hr_rules *rules,
    struct hr_buffer *scratch, struct hr_outbox *outbox)
{
    const struct hr_fact *fact = record->event.fact;
    const size_t prefix = strlen("owner:");
    struct hr_str owner = {fact->scope.at + prefix, fact->scope.len - prefix};
    bool set = fact->kind == HR_FACT_SILENCE_SET;
    hr_buffer_clear(scratch);
    hr_put_time(scratch, set ? hr_moment_time(rules->zone, fact->until) : HR_TIME_NONE);
    hr_put_u8(scratch, (uint8_t)fact->quiet);
    hr_put_str(scratch, cut(fact->by));
    hr_put_str(scratch, cut(fact->why));
    struct hr_message message = {.kind = HR_MESSAGE_SILENCE,
        .name = hr_arena_copy(outbox->arena, owner),
        .account = HR_STR(""),
        .time = hr_time_is(record->event.time, HR_TIME_NONE) ? record->arrival : record->event.time,
        .arrival = record->arrival,
        .clock = record->clock,
        .payload = hr_arena_copy(outbox->arena, hr_buffer_str(scratch))};
    hr_outbox_send(outbox, &message);
}

static struct hr_time last_until(const struct hr_owner_silence *one)
{
    return one->changes[one->change_count - 1].until;
}

static struct hr_owner_silence *owner_of(struct hr_holds *holds, struct hr_str owner)
{
    for (uint32_t i = 0; i < holds->owner_count; i++) {
        if (hr_str_equal(holds->owners[i].owner, owner)) {
            return &holds->owners[i];
        }
    }
    struct hr_owner_silence *made =
        hr_list_append(holds->pool, &holds->owners, &holds->owner_count, sizeof *made);
    *made = (struct hr_owner_silence){.owner = hr_text_keep(holds->pool, owner),
        .by = HR_STR(""),
        .why = HR_STR(""),
        .stamp = HR_TIME_NONE,
        .change_count = 1,
        .changes = {{HR_TIME_NONE, HR_TIME_NONE}}};
    return made;
}

/* The oldest of those that are over, where they are many; where owners are too many, that which is
 * over first. */
static void forget_owners(struct hr_holds *holds, struct hr_time clock)
{
    uint32_t over = 0, oldest = 0, first = 0;
    for (uint32_t i = 0; i < holds->owner_count; i++) {
        const struct hr_owner_silence *one = &holds->owners[i];
        first = last_until(one).us < last_until(&holds->owners[first]).us ? i : first;
        if (last_until(one).us <= clock.us &&
            (over++ == 0 || one->stamp.us < holds->owners[oldest].stamp.us)) {
            oldest = i;
        }
    }
    if (over > OVER_KEPT) {
        drop_owner(holds, oldest);
    } else if (holds->owner_count > HR_OWNERS_MOST) {
        drop_owner(holds, first);
    }
}

static void add_change(struct hr_owner_silence *one, struct hr_owner_change change)
{
    if (one->change_count == HR_OWNER_CHANGES) {
        one->change_count--;
        memmove(one->changes, one->changes + 1, one->change_count * sizeof change);
    }
    one->changes[one->change_count++] = change;
}

bool hr_owner_tell(struct hr_holds *holds, const struct hr_message *message, struct hr_time clock)
{
    struct hr_reader in = hr_reader(message->payload);
    struct hr_owner_change change = {clock, hr_get_time(&in)};
    uint8_t quiet = hr_get_u8(&in);
    struct hr_str by = hr_get_str(&in), why = hr_get_str(&in);
    if (!hr_reader_done(&in)) {
        return false; /* homes write these themselves */
    }
    struct hr_owner_silence *one = owner_of(holds, message->name);
    bool earlier = false;
    if (hr_fact_is_newer(one->stamp, message->time)) {
        struct hr_time was = last_until(one);
        earlier = change.until.us < was.us && was.us > clock.us;
        one->stamp = message->time;
        one->quiet = quiet;
        add_change(one, change);
        hr_text_drop(holds->pool, &one->by);
        hr_text_drop(holds->pool, &one->why);
        one->by = hr_text_keep(holds->pool, cut(by));
        one->why = hr_text_keep(holds->pool, cut(why));
    }
    forget_owners(holds, clock);
    holds->owners_dirty = true;
    return earlier;
}

/* Calls back for every silence of a person who tends the account. */
static const struct hr_owner_silence *next_silence(
    const struct hr_holds *holds, const struct hr_account *account, uint32_t *at)
{
    while (holds->owner_count > 0 && *at < account->attribute_count) {
        const struct hr_fact_value *value = &account->attributes[(*at)++];
        bool tends = value->kind != HR_VALUE_NULL &&
                     (hr_str_is(value->name, "owner") || hr_str_is(value->name, "csm") ||
                         hr_str_is(value->name, "account_manager"));
        for (uint32_t i = 0; tends && i < holds->owner_count; i++) {
            if (hr_str_equal(holds->owners[i].owner, value->text)) {
                return &holds->owners[i];
            }
        }
    }
    return NULL;
}

struct hr_time hr_owner_silenced(
    const struct hr_holds *holds, const struct hr_account *account, bool before)
{
    struct hr_time until = HR_TIME_NONE;
    int64_t moment = account->clock.us - before;
    uint32_t at = 0;
    for (const struct hr_owner_silence *one; (one = next_silence(holds, account, &at));) {
        uint8_t c = one->change_count;
        while (c > 0 && one->changes[c - 1].from.us > moment) {
            c--;
        }
        until = c > 0 ? hr_time_max(until, one->changes[c - 1].until) : until;
    }
    return until;
}

struct hr_time hr_owner_changes(const struct hr_holds *holds, const struct hr_account *account)
{
    struct hr_time first = HR_TIME_NEVER;
    uint32_t at = 0;
    for (const struct hr_owner_silence *one; (one = next_silence(holds, account, &at));) {
        for (uint8_t c = 0; c < one->change_count; c++) {
            struct hr_time from = one->changes[c].from;
            first = from.us > account->clock.us ? hr_time_min(first, from) : first;
        }
    }
    return first;
}

struct hr_time hr_owner_due(const struct hr_holds *holds, const struct hr_account *account)
{
    struct hr_time due = HR_TIME_NEVER;
    uint32_t at = 0;
    for (const struct hr_owner_silence *one; (one = next_silence(holds, account, &at));) {
        for (uint8_t c = 0; c < one->change_count; c++) {
            struct hr_time until = one->changes[c].until;
            due = until.us > account->clock.us ? hr_time_min(due, until) : due;
        }
    }
    return due;
}

/* --- who waits -------------------------------------------------------------------------------- */

static void mark_block(struct hr_holds *holds, uint32_t waiter)
{
    uint32_t block = waiter / HR_WAITER_BLOCK;
    if (block >= holds->block_room) {
        uint32_t room = holds->block_room ? holds->block_room : 16;
        while (room <= block) {
            room *= 2;
        }
        size_t size = sizeof *holds->dirty_blocks;
        holds->dirty_blocks =
            hr_pool_grow(holds->pool, holds->dirty_blocks, holds->block_room * size, room * size);
        holds->block_room = room;
    }
    holds->dirty_blocks[block] = true;
    holds->waiters_dirty = true;
}

static void add_waiter(struct hr_holds *holds, struct hr_entry *entry)
{
    if (holds->waiter_count == holds->waiter_room) {
        uint32_t room = holds->waiter_room ? holds->waiter_room * 2 : HR_WAITER_BLOCK;
        size_t size = sizeof *holds->waiters;
        holds->waiters =
            hr_pool_grow(holds->pool, holds->waiters, holds->waiter_room * size, room * size);
        holds->waiter_room = room;
    }
    holds->waiters[holds->waiter_count] = (struct hr_waiter){entry, HR_TIME_NONE, 0};
    mark_block(holds, holds->waiter_count);
    entry->waiter = ++holds->waiter_count;
}

void hr_wait(struct hr_holds *holds, struct hr_entry *entry, struct hr_time end)
{
    if (entry->waiter == 0) {
        add_waiter(holds, entry);
    }
    struct hr_waiter *waiter = &holds->waiters[entry->waiter - 1];
    if (hr_time_is(waiter->wake, HR_TIME_NONE) && !hr_time_is(end, HR_TIME_NEVER)) {
        waiter->turn = hr_next_turn(holds);
        waiter->wake = end;
        mark_block(holds, entry->waiter - 1);
    }
}

void hr_wait_again(
    struct hr_holds *holds, struct hr_entry *entry, const struct hr_waiting_name *stored)
{
    bool dirty = holds->waiters_dirty;
    add_waiter(holds, entry);
    struct hr_waiter *waiter = &holds->waiters[entry->waiter - 1];
    waiter->wake = stored->wake;
    waiter->turn = stored->turn;
    holds->dirty_blocks[(entry->waiter - 1) / HR_WAITER_BLOCK] = false;
    holds->waiters_dirty = dirty;
}

/* The last one takes the place. */
void hr_wait_no_more(struct hr_holds *holds, struct hr_entry *entry)
{
    if (entry->waiter == 0) {
        return;
    }
    uint32_t at = entry->waiter - 1, last = --holds->waiter_count;
    mark_block(holds, at);
    mark_block(holds, last);
    entry->waiter = 0;
    if (at != last) {
        holds->waiters[at] = holds->waiters[last];
        holds->waiters[at].entry->waiter = at + 1;
    }
}

struct hr_time hr_woken(const struct hr_holds *holds, const struct hr_entry *entry)
{
    struct hr_time wake = entry->waiter > 0 ? holds->waiters[entry->waiter - 1].wake : HR_TIME_NONE;
    return hr_time_is(wake, HR_TIME_NONE) ? HR_TIME_NEVER : wake;
}

uint64_t hr_wake_take(struct hr_holds *holds, struct hr_entry *entry, struct hr_time now)
{
    if (hr_woken(holds, entry).us > now.us) {
        return 0;
    }
    uint64_t turn = holds->waiters[entry->waiter - 1].turn;
    hr_wait_no_more(holds, entry);
    return turn;
}

static uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* Of what is stored alone, so that it is the same after a takeover. */
uint64_t hr_next_turn(const struct hr_holds *holds)
{
    uint64_t last = 0;
    for (uint32_t i = 0; i < holds->waiter_count; i++) {
        last = larger(last, holds->waiters[i].turn);
    }
    for (uint32_t i = 0; i < holds->brake_count; i++) {
        last = larger(last, larger(holds->brakes[i].released, holds->brakes[i].discarded));
    }
    return last + 1;
}

void hr_home_wake(struct hr_home *home, uint64_t turn)
{
    struct hr_holds *holds = &home->holds;
    for (uint32_t i = 0; i < holds->waiter_count; i++) {
        struct hr_waiter *waiter = &holds->waiters[i];
        if (hr_time_is(waiter->wake, HR_TIME_NONE)) {
            waiter->wake = home->clock;
            waiter->turn = turn;
            mark_block(holds, i);
            hr_timer_set(home, waiter->entry, waiter->entry->due);
        }
    }
}

/* --- stored bytes ----------------------------------------------------------------------------- */

#define FORMAT 1
#define SUMMED 9 /* what the checksum covers begins here */

void hr_hold_begin(struct hr_buffer *out)
{
    hr_buffer_clear(out);
    hr_put_u8(out, FORMAT);
    hr_put_u64(out, 0);
}

void hr_hold_end(struct hr_buffer *out)
{
    uint64_t sum = hr_hash64((struct hr_str){(const char *)out->at + SUMMED, out->len - SUMMED}, 0);
    for (int i = 0; i < 8; i++) {
        out->at[1 + i] = (uint8_t)(sum >> (8 * i));
    }
}

bool hr_hold_open(struct hr_str bytes, struct hr_reader *reader)
{
    *reader = hr_reader(bytes);
    uint8_t format = hr_get_u8(reader);
    uint64_t sum = hr_get_u64(reader);
    return !reader->bad && format == FORMAT &&
           sum == hr_hash64((struct hr_str){bytes.at + SUMMED, bytes.len - SUMMED}, 0);
}

void hr_owners_pack(const struct hr_holds *holds, struct hr_buffer *out)
{
    hr_hold_begin(out);
    for (uint32_t i = 0; i < holds->owner_count; i++) {
        const struct hr_owner_silence *one = &holds->owners[i];
        hr_put_str(out, one->owner);
        hr_put_time(out, one->stamp);
        hr_put_u8(out, one->quiet);
        hr_put_str(out, one->by);
        hr_put_str(out, one->why);
        hr_put_u8(out, one->change_count);
        for (uint8_t c = 0; c < one->change_count; c++) {
            hr_put_time(out, one->changes[c].from);
            hr_put_time(out, one->changes[c].until);
        }
    }
    hr_hold_end(out);
}

static void get_owner(struct hr_holds *holds, struct hr_reader *in)
{
    struct hr_owner_silence *one = owner_of(holds, hr_get_str(in));
    one->stamp = hr_get_time(in);
    one->quiet = hr_get_u8(in);
    one->by = hr_text_keep(holds->pool, hr_get_str(in));
    one->why = hr_text_keep(holds->pool, hr_get_str(in));
    uint8_t count = hr_get_u8(in);
    in->bad |= count == 0 || count > HR_OWNER_CHANGES;
    for (uint8_t c = 0; c < count && !in->bad; c++) {
        one->changes[c].from = hr_get_time(in);
        one->changes[c].until = hr_get_time(in);
        one->change_count = (uint8_t)(c + 1);
    }
}

bool hr_owners_unpack(struct hr_holds *holds, struct hr_str bytes)
{
    struct hr_reader in;
    uint32_t count = 0;
    if (holds->owner_count > 0 || !hr_hold_open(bytes, &in)) {
        return false;
    }
    while (hr_reader_more(&in) && count <= HR_OWNERS_MOST) {
        get_owner(holds, &in);
        in.bad |= holds->owner_count != ++count; /* one owner twice */
    }
    return hr_reader_done(&in);
}

bool hr_waiters_pack(const struct hr_holds *holds, uint32_t block, struct hr_buffer *out)
{
    hr_hold_begin(out);
    uint32_t first = block * HR_WAITER_BLOCK;
    for (uint32_t i = first; i < holds->waiter_count && i < first + HR_WAITER_BLOCK; i++) {
        hr_put_str(out, hr_entry_name(holds->waiters[i].entry));
        hr_put_time(out, holds->waiters[i].wake);
        hr_put_varint(out, holds->waiters[i].turn);
    }
    hr_hold_end(out);
    return first < holds->waiter_count;
}

bool hr_waiters_unpack(
    struct hr_str bytes, struct hr_waiting_name names[HR_WAITER_BLOCK], uint32_t *count)
{
    struct hr_reader in;
    *count = 0;
    if (!hr_hold_open(bytes, &in)) {
        return false;
    }
    while (hr_reader_more(&in) && *count < HR_WAITER_BLOCK) {
        struct hr_waiting_name *one = &names[(*count)++];
        one->name = hr_get_str(&in);
        one->wake = hr_get_time(&in);
        one->turn = hr_get_varint(&in);
    }
    return hr_reader_done(&in) && *count > 0;
}

void hr_accounts_pack(const struct hr_holds *holds, struct hr_buffer *out)
{
    hr_hold_begin(out);
    hr_put_varint(out, holds->account_count);
    hr_hold_end(out);
}

bool hr_accounts_unpack(struct hr_holds *holds, struct hr_str bytes)
{
    struct hr_reader in;
    if (!hr_hold_open(bytes, &in)) {
        return false;
    }
    holds->account_count = hr_get_varint(&in);
    return hr_reader_done(&in);
}
