/* SPDX-License-Identifier: Apache-2.0 */
/* The engine: all accounts of one home partition, as far as they are in memory, and the only way to
 * change them. Records and ticks in; triggers, verdicts and changed bytes out. No clock, no I/O, no
 * malloc of its own (the pool and the arena are the caller's), the same answer for the same order
 * of calls wherever batches are cut.
 *
 * The caller's turn, per slice of records:
 *     for each record, in order:   hr_home_wants → load what is missing → hr_home_apply
 *     then:                        hr_home_due   → load what is missing → hr_home_tick
 * and at the end of a batch hr_home_changes, whose bytes go to the changelog and to Redis alike. */
#ifndef HEADROOM_HOME_H
#define HEADROOM_HOME_H

#include "headroom/books.h"
#include "headroom/error.h"
#include "headroom/event.h"
#include "headroom/memory.h"
#include "headroom/rules.h"
#include "headroom/trigger.h"

struct hr_home;

struct hr_home_settings {
    uint32_t number, count;       /* this home and how many there are */
    uint64_t seen_capacity;       /* ids remembered by this home: dedup.memory / 16 / count,
                                     rounded down to whole blocks of 256, at least one */
    const struct hr_rules *rules; /* the current epoch's */
    struct hr_time rules_since;   /* the home's clock when they came: what was due by then still
                                     acts under older ones. 0: they were there from the beginning */
    /* Rule sets of older epochs, for accounts that have not taken a change over yet; the set stays
     * the callee's. NULL for an epoch that nobody knows: the account that names it is refused. */
    const struct hr_rules *(*rules_of)(void *context, uint32_t epoch);
    void *context;
    const struct hr_zones *zones; /* stored accounts name their zone */
    struct hr_time live_from;     /* settled: the rules' or the manifest's; NONE: no history */
    bool complete; /* nothing is stored anywhere else (simulate): what is not in memory does not
                      exist, hr_home_wants wants nothing and one look-up an event is enough */
    bool fleeting; /* nothing will ever be stored either: hr_home_changes is not called, and
                      accounts are not looked at each day but for changes of rules */
};
struct hr_home *hr_home_new(const struct hr_home_settings *settings, struct hr_pool *pool);
void hr_home_destroy(struct hr_home *home); /* gives everything back to the pool */
/* The same where the pool is destroyed next, which takes all that is in it at once. */
void hr_home_abandon(struct hr_home *home);

/* A new epoch, at this place in the order of records; `clock` as of a record there. */
void hr_home_set_rules(struct hr_home *home, const struct hr_rules *rules, struct hr_time clock);
const struct hr_rules *hr_home_rules(const struct hr_home *home);
struct hr_time hr_home_rules_since(const struct hr_home *home); /* as in the settings */

/* --- loading ---------------------------------------------------------------------------------
 * State is stored under keys relative to the home: "a:ACCOUNT" (an account's frame, or where an
 * alias leads), "u:METER:ACCOUNT" (members of a unique meter, apart from the frame), "e:HASH" (how
 * often the account of that name was erased), "s:K" (a block of ids seen), "r:MONTH:BOOK" (a page
 * of the books). hr_home_wants appends the keys that must be given to hr_home_load before a record
 * of that name is applied; nothing when it is in memory. Loading may want further keys: a frame its
 * members, a missing frame its "e:". A later call gives again what is still missing. */
struct hr_keys {
    struct hr_str *at;
    size_t count, room;
    struct hr_arena *arena; /* of the array and of the keys */
};
void hr_home_wants(struct hr_home *home, struct hr_str name, struct hr_keys *keys);
/* bytes.at NULL: there is no such key. HR_REFUSE: checksum, version or shape is wrong; the state in
 * memory is as before. Members named by a frame that turn out missing are HR_REFUSE too. */
HR_MUST enum hr_fate hr_home_load(struct hr_home *home, struct hr_str key, struct hr_str bytes,
    struct hr_keys *more, struct hr_error *error);
/* Ids seen are loaded once, when the home is taken over: keys "s:0" … up to this count. */
uint32_t hr_home_seen_blocks(const struct hr_home *home);
void hr_home_seen_key(uint32_t block, struct hr_str *key, char text[24]);
/* The books, too, once the home's clock is set: appends every key under which a page may be. */
void hr_home_books_keys(const struct hr_home *home, struct hr_keys *keys);
/* And what holds levels back in the whole home, with who waits for it. */
void hr_home_holds_keys(const struct hr_home *home, struct hr_keys *keys);
/* One of the brakes of the home's rules, once those are loaded; false: there are no more. */
struct hr_brake_now {
    struct hr_str rule;
    bool on;
    struct hr_time since; /* wall clock, of one that is on */
    uint32_t accounts;    /* for which it fired, of those that still count */
};
HR_MUST bool hr_home_brake(const struct hr_home *home, size_t number, struct hr_brake_now *now);
const struct hr_books *hr_home_books(const struct hr_home *home);

/* --- deciding -------------------------------------------------------------------------------- */

/* What becomes of a record; every record read gets exactly one. */
enum hr_verdict {
    HR_COUNTED,
    HR_DUPLICATE,
    HR_DEAD,      /* outbox.reason says why */
    HR_FORWARDED, /* to the home of outbox.forward_to: the name was an alias */
    HR_IGNORED,   /* nothing names its type */
};

/* A record for an account of this home (or for a name that is an alias kept here). */
struct hr_record {
    struct hr_event event;  /* decoded by hr_home_rules(home): its usage is of that set */
    struct hr_str account;  /* name to count under: event.account, or what an alias home found */
    struct hr_time arrival; /* the record's Kafka timestamp; of a forwarded record its source's */
    struct hr_time clock;   /* arrival, never before the clock before it, never after the wall */
    struct hr_str topic;    /* of the source, as far as it is known */
    uint64_t hint; /* hash of an account's name, likely this one's: hr_home_expect leaves it */
};

/* Between homes, in the transaction, over the internal topic. */
enum hr_message_kind {
    HR_MESSAGE_CLAIM,   /* to the alias's home: from now on `name` leads to `account` */
    HR_MESSAGE_RELEASE, /* to the alias's home: `name` no longer leads to `account` */
    HR_MESSAGE_MOVE,    /* to the account's home: a part of what was counted under `name` */
    HR_MESSAGE_SILENCE, /* to all homes: the owner `name` is silenced, or no longer */
    HR_MESSAGE_BRAKE,   /* to all homes: what the brake of rule `name` holds is released, or is
                           discarded if `last`; of a brake that went on by `time`, wall clock */
};
struct hr_message {
    enum hr_message_kind kind;
    struct hr_str name; /* the alias */
    struct hr_str account;
    struct hr_time time; /* event time of what began it */
    struct hr_time arrival, clock;
    struct hr_str payload; /* of MOVE and SILENCE: opaque to everyone but the core */
    bool last;             /* of MOVE: the receiver evaluates after it */
    uint8_t hops;          /* of MOVE: names passed so far; the core counts and bounds them */
};

/* Whose state it needs, and to whose home it goes; at NULL: nobody's, and to all homes. */
struct hr_str hr_message_name(const struct hr_message *message);

struct hr_outbox {
    struct hr_arena *arena;
    struct hr_trigger *triggers;
    size_t trigger_count, trigger_room;
    struct hr_message *messages; /* to be forwarded to the home of hr_message_name */
    size_t message_count, message_room;
    struct hr_held *held; /* what was held back; nobody need look */
    size_t held_count, held_room;
    struct hr_notice *notices; /* for operators */
    size_t notice_count, notice_room;
    /* Of the last call of hr_home_apply or hr_home_receive: */
    enum hr_reason reason;
    char detail[160]; /* one clause that says what was wrong, escaped */
    struct hr_str forward_to;
};
void hr_outbox_init(struct hr_outbox *outbox, struct hr_arena *arena);

/* The wall clock by which what is decided next will be published: brakes go by it. Never told,
 * there are none. */
void hr_home_set_wall(struct hr_home *home, struct hr_time wall);

/* A hint and nothing more: these records will be applied soon, so what they look up may be on its
 * way into the cache, for many at a time. Most of an event's time would be waiting for memory. */
void hr_home_expect(const struct hr_home *home, struct hr_record *const *records, size_t count);
/* Everything that the record's name wants must be loaded. Timers of its account due by its clock
 * act first, each at its own due moment. */
HR_MUST enum hr_verdict hr_home_apply(
    struct hr_home *home, const struct hr_record *record, struct hr_outbox *outbox);
/* A message for this home (wants: hr_message_name).
 * HR_COUNTED: done; messages and triggers may follow from it. HR_FORWARDED: a MOVE whose account is
 * itself an alias; the same message with the next name is in the outbox. HR_DEAD: a claim was
 * refused (outbox.reason is alias_taken), or a MOVE went through more than four names
 * (forward_loop). */
HR_MUST enum hr_verdict hr_home_receive(
    struct hr_home *home, const struct hr_message *message, struct hr_outbox *outbox);

/* A stored timer that the caller tells of: it reads the stored index once for everything due before
 * a moment and then knows all, since only it writes. */
void hr_home_timer(struct hr_home *home, struct hr_str account, struct hr_time due);
/* The caller has told of the stored timers up to this place in the order of (time, account), which
 * belongs to them, and not of all behind it: no timer behind it acts. account.at == NULL: of all at
 * that moment. Before the first call nothing is held back. The name is copied. */
void hr_home_know(struct hr_home *home, struct hr_time due, struct hr_str account);
bool hr_home_knows(const struct hr_home *home, struct hr_time due, struct hr_str account);
/* Appends the keys wanted by the accounts due by `until`, at most `most` accounts. */
void hr_home_due(struct hr_home *home, struct hr_time until, size_t most, struct hr_keys *keys);
/* Lets timers act in the order of (time, account), each at its own moment; true while more than
 * `most` were due, not counting those that wait for hr_home_know. The home's clock is `until` from
 * the first of them on, also while more are left: what comes in between takes back no account whose
 * timers have acted. */
bool hr_home_tick(
    struct hr_home *home, struct hr_time until, size_t most, struct hr_outbox *outbox);
struct hr_time hr_home_clock(const struct hr_home *home);
void hr_home_set_clock(
    struct hr_home *home, struct hr_time clock); /* T of the header, at takeover */

/* --- what changed ----------------------------------------------------------------------------- */

struct hr_change {
    struct hr_str key;     /* "a:ACCOUNT" …, in the arena */
    struct hr_str value;   /* at == NULL: erased */
    struct hr_str account; /* of "a:" keys: whose timer and view follow; else empty */
    struct hr_time due;    /* HR_TIME_NEVER: no timer */
    bool same_due;         /* as it was when the account was last loaded or returned here */
};
/* Everything that changed since the last call, in a stable order, packed into the arena. What is
 * returned here stays in memory until hr_home_settled has been called as often. */
void hr_home_changes(
    struct hr_home *home, struct hr_arena *arena, struct hr_change **changes, size_t *count);
size_t hr_home_dirty_bytes(const struct hr_home *home); /* estimate, for the batch's bound */
bool hr_home_is_dirty(const struct hr_home *home);
void hr_home_settled(struct hr_home *home); /* the oldest unsettled hr_home_changes is in Redis */
/* Forgets settled accounts, longest unused first, until so many bytes of the pool are free.
 * `known`: the caller will tell of the stored timers due from then on, so nothing has to stay for
 * those. */
void hr_home_evict(struct hr_home *home, size_t bytes, struct hr_time known);
size_t hr_home_seen_bytes(const struct hr_home *home); /* of the pool, for the ids seen */

/* --- reading stored bytes without a home: recovery, views, `headroom account` -------------------
 */

/* Whether what is stored under a key is whole: its checksum and version, and that it belongs under
 * such a key. HR_REFUSE as hr_home_load, which looks closer. */
HR_MUST enum hr_fate hr_stored_check(
    struct hr_str key, struct hr_str bytes, struct hr_error *error);
/* The timer in a stored "a:" value, without unpacking it. HR_REFUSE as hr_home_load. */
HR_MUST enum hr_fate hr_stored_due(
    struct hr_str bytes, struct hr_time *due, struct hr_error *error);

/* Short readable fields of an account, for the hash that anyone may read with redis-cli. */
struct hr_view_field {
    struct hr_str name, value;
};
/* From the account in memory; 0 when it is not an account (an alias, or erased). */
size_t hr_home_view(struct hr_home *home, struct hr_str account, struct hr_arena *arena,
    struct hr_view_field **fields);

/* The same from a stored "a:" value, for recovery, which copies bytes and writes views again. Of
 * the settings it uses rules_of, zones and live_from. HR_REFUSE as hr_home_load. A part that only
 * the members of a unique meter could tell (they are stored apart) is left out. */
HR_MUST enum hr_fate hr_stored_view(const struct hr_home_settings *settings, struct hr_pool *pool,
    struct hr_str account, struct hr_str bytes, struct hr_arena *arena,
    struct hr_view_field **fields, size_t *count, struct hr_error *error);

/* What start.live_from claimed: levels that accounts were beyond when business began, so that one
 * summary can say it. Counted by this home object since hr_home_new, for the current rules. */
struct hr_claimed {
    const struct hr_rule *rule;
    const struct hr_rule_level *level;
    uint64_t accounts;
};
void hr_home_claimed(struct hr_home *home, struct hr_arena *arena, struct hr_claimed **claimed,
    size_t *count); /* only levels with accounts, by rule, nearest level first */

struct hr_home_metrics {
    uint64_t accounts_in_memory, accounts_created, seen_ids;
    struct hr_time seen_since; /* how far back the ids really reach */
    uint64_t timers_acted;
    uint64_t others; /* events of meters with `by` that counted under `other` */
};
void hr_home_metrics(const struct hr_home *home, struct hr_home_metrics *metrics);

#endif
