/* SPDX-License-Identifier: Apache-2.0 */
/* What holds levels back in a whole home, and who waits for it to be over. Owners that were
 * silenced are here; brakes in brake.h.
 *
 * Whoever waits for the end of something that only the home knows is in a list, for when it ends
 * before its time (a silence is cleared, a brake released) nobody would look at an account that is
 * silent. All who wait are woken then: each is judged at that moment, as if a timer of its own were
 * due. The list is stored, so that it is woken whole whatever happens in between. */
#ifndef HEADROOM_CORE_HOLDS_H
#define HEADROOM_CORE_HOLDS_H

#include "headroom/buffer.h"
#include "headroom/home.h"

#include "state.h"

struct hr_entry;
struct hr_brake;
struct hr_source_watch;

/* From `from` on, by the home's clock, the owner is silenced until then; NONE: not at all. */
struct hr_owner_change {
    struct hr_time from, until;
};
/* Timers of accounts act at their own due moments, though a silence came or was cleared since: they
 * see what held at that moment. So the last changes are kept. */
#define HR_OWNER_CHANGES 8u
/* Of the whole home, under its key "o". */
struct hr_owner_silence {
    struct hr_str owner, by, why;
    struct hr_time stamp; /* event time */
    uint8_t quiet;        /* enum hr_quiet */
    uint8_t change_count; /* at least one */
    struct hr_owner_change changes[HR_OWNER_CHANGES];
};
#define HR_OWNERS_MOST 500u

struct hr_waiter {
    struct hr_entry *entry;
    struct hr_time wake; /* NONE: it waits; else when it was woken */
    uint64_t turn;       /* of what woke it */
};
#define HR_WAITER_BLOCK 64u /* a stored record, "w:0" and on; all but the last are full */

struct hr_holds {
    struct hr_pool *pool;
    struct hr_owner_silence *owners;
    uint32_t owner_count;
    bool owners_dirty;
    struct hr_waiter *waiters;
    uint32_t waiter_count, waiter_room;
    bool *dirty_blocks; /* one a block that there is or was since it was last packed */
    uint32_t block_room;
    bool waiters_dirty;
    /* Brakes, one a live rule that has one (brake.h). */
    uint32_t number; /* of the home */
    struct hr_brake *brakes;
    uint32_t brake_count;
    uint64_t *gone; /* rules that have none any more, whose records go with the next batch */
    uint32_t gone_count;
    bool brakes_dirty;
    const struct hr_rules *rules; /* the home's */
    /* Sources, if any is watched for silence (source.h). */
    struct hr_source_watch *sources;
    uint32_t source_count;
    bool watches, sources_dirty;
    struct hr_time wall;    /* of publishing; NONE: nothing is published */
    uint64_t account_count; /* of the home, counted since a brake has a share */
    bool accounts_dirty;
};

void hr_holds_init(struct hr_holds *holds, uint32_t number, struct hr_pool *pool);
void hr_holds_clean_up(struct hr_holds *holds);
/* The home has these rules from now on. True: who waits may go on. */
HR_MUST bool hr_holds_follow(struct hr_holds *holds, const struct hr_rules *rules);

static inline bool hr_holds_are_dirty(const struct hr_holds *holds)
{
    return holds->owners_dirty || holds->waiters_dirty || holds->brakes_dirty ||
           holds->accounts_dirty || holds->sources_dirty;
}

/* --- owners ----------------------------------------------------------------------------------- */

/* Sends the message that tells all homes of a silence of an owner. Texts are cut to what is kept.
 */
void hr_owner_announce(const struct hr_record *record, const struct hr_rules *rules,
    struct hr_buffer *scratch, struct hr_outbox *outbox);
/* Takes such a message, unless something newer is known. True: it is over earlier than it was. */
bool hr_owner_tell(struct hr_holds *holds, const struct hr_message *message, struct hr_time clock);
/* When the last silence of the account's owner, csm and account manager is over, by what held at
 * the account's clock, or just before it; NONE, or past: none holds. */
struct hr_time hr_owner_silenced(
    const struct hr_holds *holds, const struct hr_account *account, bool before);
/* When something was said of one of them that the account's clock has not come to; NEVER: nothing.
 */
struct hr_time hr_owner_changes(const struct hr_holds *holds, const struct hr_account *account);
/* The first end of one of them after the account's clock. */
struct hr_time hr_owner_due(const struct hr_holds *holds, const struct hr_account *account);

/* --- who waits -------------------------------------------------------------------------------- */

/* The account is held back by something that only the home knows; `end`: that is known to have
 * ended then, NEVER: it has not. */
void hr_wait(struct hr_holds *holds, struct hr_entry *entry, struct hr_time end);
void hr_wait_no_more(struct hr_holds *holds, struct hr_entry *entry);
/* When the entry was woken; NEVER: it was not. */
struct hr_time hr_woken(const struct hr_holds *holds, const struct hr_entry *entry);
/* A number that no waking has that anybody still remembers. */
uint64_t hr_next_turn(const struct hr_holds *holds);
/* What woke it by `now`, which is thereby done; 0: nothing. */
uint64_t hr_wake_take(struct hr_holds *holds, struct hr_entry *entry, struct hr_time now);

/* --- stored bytes ----------------------------------------------------------------------------- */

#define HR_OWNERS_KEY "o"
#define HR_ACCOUNTS_KEY "n"
void hr_owners_pack(const struct hr_holds *holds, struct hr_buffer *out);
HR_MUST bool hr_owners_unpack(struct hr_holds *holds, struct hr_str bytes);
/* False: the block is empty, and its record goes. */
HR_MUST bool hr_waiters_pack(const struct hr_holds *holds, uint32_t block, struct hr_buffer *out);
/* Each name in it, in order. */
struct hr_waiting_name {
    struct hr_str name;
    struct hr_time wake;
    uint64_t turn;
};
/* As it was stored; what was loaded differs from nothing. */
void hr_wait_again(
    struct hr_holds *holds, struct hr_entry *entry, const struct hr_waiting_name *stored);
HR_MUST bool hr_waiters_unpack(
    struct hr_str bytes, struct hr_waiting_name names[HR_WAITER_BLOCK], uint32_t *count);

void hr_accounts_pack(const struct hr_holds *holds, struct hr_buffer *out);
HR_MUST bool hr_accounts_unpack(struct hr_holds *holds, struct hr_str bytes);

/* Sealed like frames: format, checksum of what follows, which is what is written between. */
void hr_hold_begin(struct hr_buffer *out);
void hr_hold_end(struct hr_buffer *out);
HR_MUST bool hr_hold_open(struct hr_str bytes, struct hr_reader *reader);

#endif
