/* SPDX-License-Identifier: Apache-2.0 */
/* The home's own memory: who is known, when to look again, what has changed. */
#ifndef HEADROOM_CORE_INSIDE_H
#define HEADROOM_CORE_INSIDE_H

#include "headroom/books.h"
#include "headroom/buffer.h"
#include "headroom/home.h"

#include "holds.h"
#include "number.h"
#include "seen.h"
#include "step.h"
#include "usage.h"

enum hr_entry_kind {
    HR_ENTRY_UNKNOWN, /* not loaded; perhaps its timer is known */
    HR_ENTRY_ABSENT,  /* there is no such account */
    HR_ENTRY_ALIAS,
    HR_ENTRY_ACCOUNT,
};

/* A name of this home. */
struct hr_entry {
    uint64_t hash;
    struct hr_account *account; /* of ACCOUNT */
    struct hr_time due;         /* NEVER: no timer */
    struct hr_time stored_due;  /* of the stored value, as the index in Redis has it */
    uint32_t timer;             /* place in the heap + 1; 0: not in it */
    uint32_t waiter;            /* the same among those who wait (holds.h) */
    uint32_t erasures;          /* how often the account of this name was erased */
    uint64_t packed;            /* number of the last hr_home_changes that had it */
    uint64_t used;              /* the same at its last use: how long it was not used */
    uint8_t kind;
    bool dirty;
    bool erasures_known, erasures_dirty;
    uint64_t *stored; /* what is stored apart, under "u:" and "g:" (hr_part) */
    uint32_t stored_count;
    uint64_t *missing; /* those of them that were not loaded yet */
    uint32_t missing_count;
    struct hr_str target; /* of ALIAS: where it leads */
    /* Of ids under this name while it is no account: they were given before it became an alias. */
    struct hr_numbers numbers;
    uint32_t name_len;
    char name[];
};

static inline struct hr_str hr_entry_name(const struct hr_entry *entry)
{
    return (struct hr_str){entry->name, entry->name_len};
}

struct hr_slot {
    uint64_t hash;
    struct hr_entry *entry;
};

struct hr_alarm {
    struct hr_time due; /* the entry's */
    struct hr_entry *entry;
};

struct hr_home {
    struct hr_home_settings settings;
    struct hr_pool *pool;
    struct hr_layout *layouts; /* newest first; the first is the current epoch's */
    struct hr_time clock;
    struct hr_time rules_since; /* the clock when the current epoch's rules came */
    struct hr_slot *slots;      /* open addressing, linear probing */
    uint64_t slot_count, entry_count;
    struct hr_alarm *heap; /* by (due, name) */
    uint32_t heap_count, heap_room;
    struct hr_time known_due;    /* timers act up to here (hr_home_know) … */
    struct hr_str known_account; /* … and of this moment up to this name; at == NULL: all */
    struct hr_entry **dirty;
    uint32_t dirty_count, dirty_room;
    uint64_t batch, settled; /* calls of hr_home_changes and of hr_home_settled */
    struct hr_seen seen;
    struct hr_books *books;
    struct hr_holds holds;
    struct hr_step_room room;
    struct hr_feed *feeds;
    uint16_t feed_room;
    struct hr_buffer scratch;
    uint64_t created, acted, others;
};

/* table.c */
struct hr_entry *hr_table_find(const struct hr_home *home, struct hr_str name, uint64_t hash);
struct hr_entry *hr_table_make(struct hr_home *home, struct hr_str name, uint64_t hash);
void hr_table_expect(const struct hr_home *home, uint64_t hash); /* it will be looked up soon */
struct hr_entry *hr_table_find_hash(const struct hr_home *home, uint64_t hash);
void hr_table_drop(struct hr_home *home, struct hr_entry *entry);
void hr_table_clean_up(struct hr_home *home);

/* timer.c */
void hr_timer_set(struct hr_home *home, struct hr_entry *entry, struct hr_time due);
/* Whether the heap has such a place, and its timer may act by `until`. */
bool hr_timer_is_due(const struct hr_home *home, uint32_t place_of, struct hr_time until);
/* Appends at most `most` entries due by `until`, in the order of (time, account), to `entries`. */
size_t hr_timer_due(const struct hr_home *home, struct hr_time until, size_t most,
    struct hr_arena *arena, struct hr_entry ***entries);

/* home.c */
/* NULL when nobody knows the epoch's rules. */
struct hr_layout *hr_home_layout(struct hr_home *home, uint32_t epoch);
void hr_entry_mark(
    struct hr_home *home, struct hr_entry *entry); /* it differs from what is stored */
void hr_entry_begin_account(
    struct hr_home *home, struct hr_entry *entry, struct hr_time first_seen);
void hr_entry_end_account(struct hr_home *home, struct hr_entry *entry); /* becomes ABSENT */
struct hr_step hr_home_step(
    struct hr_home *home, struct hr_entry *entry, enum hr_step_kind kind, struct hr_outbox *outbox);
/* Timers of the account due by `clock` act, each at its own moment. */
void hr_home_run_timers(
    struct hr_home *home, struct hr_entry *entry, struct hr_time clock, struct hr_outbox *outbox);
/* The account takes the current rules, if it has others. */
void hr_home_take_over(
    struct hr_home *home, struct hr_entry *entry, struct hr_time now, struct hr_outbox *outbox);
void hr_home_reset_timer(struct hr_home *home, struct hr_entry *entry);
void hr_home_detail(
    struct hr_outbox *outbox, const char *before, struct hr_str what, const char *after);

/* holds.c: wakes all who wait, at the home's clock, under a number from hr_next_turn. */
void hr_home_wake(struct hr_home *home, uint64_t turn);

/* apply.c */
/* What an event is known by once it is counted: its account (by hash of the name), how often that
 * was erased, source and id. */
uint64_t hr_home_id(uint64_t account, uint64_t identity, uint64_t erasures);

/* alias.c */
void hr_outbox_send(struct hr_outbox *outbox, const struct hr_message *message);
void hr_outbox_notice(struct hr_outbox *outbox, const struct hr_notice *notice);

/* --- stored bytes (pack*.c, unpack*.c; the layout of them is described in pack.c) ---------------
 */

enum hr_frame_kind {
    HR_FRAME_ACCOUNT = 'a',
    HR_FRAME_ALIAS = 'l',
    HR_FRAME_ERASURES = 'e',
    HR_FRAME_MEMBERS = 'u',
    HR_FRAME_GROUP = 'g',
};
struct hr_frame {
    uint8_t kind;
    struct hr_time due;
    uint32_t epoch;
    struct hr_reader body;
};

/* Magic to epoch, and the checksum over all that was written since. */
void hr_frame_begin(
    struct hr_buffer *out, enum hr_frame_kind kind, struct hr_time due, uint32_t epoch);
void hr_frame_end(struct hr_buffer *out);
/* All write over `out`. */
void hr_pack_account(const struct hr_account *account, struct hr_time due, struct hr_buffer *out);
/* An alias, or a name that leads nowhere and still has numbers to keep. */
void hr_pack_alias(const struct hr_entry *entry, struct hr_buffer *out);
void hr_pack_erasures(uint32_t erasures, struct hr_buffer *out);
/* One set of members, by its name, or all. */
#define HR_ALL_SETS 0u
void hr_pack_members(
    const struct hr_account *account, uint16_t meter, uint32_t only, struct hr_buffer *out);

/* A group; of members one set or all, and with one set alone nothing else that adds up. */
void hr_pack_group(
    const struct hr_account *account, uint16_t slot, uint32_t only, struct hr_buffer *out);

/* Pieces of those, behind what is there. `dated`: each with the bucket that is open. */
void hr_put_tally(struct hr_buffer *out, enum hr_aggregate aggregate, const struct hr_tally *tally);
uint16_t hr_count_series(const struct hr_account *account, uint16_t slot);
void hr_put_series(
    struct hr_buffer *out, const struct hr_account *account, uint16_t slot, bool dated);
void hr_put_period_head(
    struct hr_buffer *out, const struct hr_account *account, uint32_t segment, uint8_t flags);
void hr_put_sets(
    struct hr_buffer *out, const struct hr_account *account, uint16_t slot, uint32_t only);

/* Checks magic, version and checksum. */
HR_MUST enum hr_fate hr_frame_open(
    struct hr_str bytes, struct hr_frame *frame, struct hr_error *error);
/* A new account from a frame's body, refreshed; a layout that is NULL refuses it. Its members are
 * not there yet, `members` of their meters is made, empty, so that it is known which are wanted. */
HR_MUST enum hr_fate hr_unpack_account(struct hr_frame *frame, struct hr_layout *layout,
    const struct hr_zones *zones, struct hr_pool *pool, struct hr_account **account,
    struct hr_error *error);

/* The target (empty: none), erasures and numbers of an entry that has none of them yet. */
HR_MUST bool hr_unpack_alias(struct hr_frame *frame, struct hr_entry *entry, struct hr_pool *pool);

/* A set of members as it is stored: a billing period's, or a series'. */
struct hr_member_set {
    enum hr_window_kind kind;
    bool early;                /* of a series: members ahead of the clock */
    bool sketched, trailed;    /* what follows its members */
    int64_t bucket_us;         /* of a SPAN */
    int64_t now;               /* of a series: the bucket that was open when it was packed */
    uint32_t segment;          /* id of the period's segment */
    uint8_t place;             /* of a period: 0 in force, 1 ended, 2 to come */
    struct hr_time start, end; /* of the period */
};
/* What the sink leaves of the set is cleaned up after it. */
typedef void hr_member_sink(void *context, const struct hr_member_set *head, struct hr_set *set);
/* Gives every set of a stored record to the sink, after setting *meter to the slot of the record's
 * meter. False when the bytes are not well formed; a meter that is unique no more, or not known, is
 * skipped. */
HR_MUST bool hr_members_walk(struct hr_frame *frame, const struct hr_layout *layout,
    struct hr_pool *pool, uint16_t *meter, hr_member_sink *sink, void *context);
HR_MUST bool hr_sets_walk(
    struct hr_reader *in, struct hr_pool *pool, hr_member_sink *sink, void *context);
struct hr_member_set hr_get_set_head(struct hr_reader *in);
struct hr_tally hr_get_tally(struct hr_reader *in, enum hr_aggregate aggregate);
/* The series of that kind and width, -1 when the layout has none. */
int hr_series_like(const struct hr_meter_layout *layout, const struct hr_member_set *head);
/* The sink for the account's own record: context is a struct hr_slot_target. */
struct hr_slot_target {
    struct hr_account *account;
    uint16_t slot;
    struct hr_pool *pool;
};
hr_member_sink hr_members_restore;

/* A stored group. */
struct hr_group_head {
    uint16_t meter;
    enum hr_aggregate aggregate;
    uint32_t number;
    struct hr_str value;
    bool known; /* the layout's meter still has such groups */
};
struct hr_group_sink {
    void (*reading)(void *context, struct hr_decimal value, struct hr_time time);
    void (*period)(void *context, const struct hr_member_set *head, const struct hr_tally *tally);
    void (*cell)(void *context, const struct hr_member_set *head, const struct hr_cell *cell);
    hr_member_sink *members;
};
/* Reads the head; then, with it, the rest. False when the bytes are not well formed. */
HR_MUST bool hr_group_open(
    struct hr_frame *frame, const struct hr_layout *layout, struct hr_group_head *head);
HR_MUST bool hr_group_walk(struct hr_frame *frame, const struct hr_group_head *head,
    struct hr_pool *pool, const struct hr_group_sink *sink, void *context);
/* Both, into the slot that waits for the group of that number. */
HR_MUST bool hr_group_restore(
    struct hr_frame *frame, struct hr_account *account, uint32_t number, struct hr_pool *pool);

/* --- keys (load.c) ---------------------------------------------------------------------------- */

struct hr_str hr_key_account(struct hr_arena *arena, struct hr_str name);
/* What is stored apart from the frame: members of a meter, or the group of that number. */
static inline uint64_t hr_part(uint32_t meter, uint32_t number)
{
    return (uint64_t)number << 32 | meter;
}
struct hr_str hr_key_part(struct hr_arena *arena, uint64_t part, struct hr_str name);
struct hr_str hr_key_erasures(struct hr_arena *arena, const struct hr_entry *entry);

#endif
