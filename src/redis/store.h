/* SPDX-License-Identifier: Apache-2.0 */
/* What stands behind hr_store.self. */
#ifndef HEADROOM_REDIS_STORE_H
#define HEADROOM_REDIS_STORE_H

#include "compare.h"
#include "connection.h"

#define SHA_LENGTH 40

/* A write that was sent, until the caller has been told how it ended. */
struct redis_pending {
    uint32_t home;
    bool ended;
    enum hr_write_outcome outcome;
    struct hr_error error;
    int64_t sent_us;
};

struct redis_store {
    struct redis_connection connection;
    struct redis_url url;
    char *prefix;
    const struct hr_log *log;
    char set_sha[SHA_LENGTH + 1], delete_sha[SHA_LENGTH + 1];

    /* Writes in the order in which they were sent: a ring. The first `ended` of them wait for
     * `settle`, the others for their answer. */
    struct redis_pending *pending;
    size_t first, count, ended, room;

    /* Where `clear` goes on: a SCAN over all keys takes many calls. */
    uint32_t clearing_home;
    uint64_t clearing_cursor; /* 0: from the beginning */
};

struct hr_str redis_store_prefix(const struct redis_store *store);

/* The connection, for one more command; what earlier looks left in its scratch arena is gone. */
static inline struct redis_connection *redis_store_look(struct redis_store *store)
{
    hr_arena_reset(&store->connection.scratch);
    return &store->connection;
}

/* Sends nothing of its own: waits for the answer to a command that stands in the connection,
 * behind the answers to the writes under way. HR_OK with an error answer in `answer` too. */
HR_MUST enum hr_fate redis_store_answer(struct redis_store *store, struct hr_arena *arena,
    struct answer **answer, struct hr_error *error);

/* Speaks to a server just connected: who we are, which database, whether it keeps what it is given,
 * the scripts. Fills the shas. */
HR_MUST enum hr_fate redis_handshake(struct redis_store *store, struct hr_error *error);

/* As hr_store says. */
HR_MUST enum hr_fate redis_published(void *self, struct hr_arena *arena, struct hr_str **fields,
    size_t *count, struct hr_error *error);
HR_MUST enum hr_fate redis_clock(void *self, struct hr_time *now, struct hr_error *error);
HR_MUST enum hr_fate redis_keys(void *self, uint32_t home, uint64_t *cursor, struct hr_arena *arena,
    struct hr_str **keys, size_t *count, struct hr_error *error);
enum hr_fate redis_clear(void *self, uint32_t home, struct hr_str marker, size_t most, bool *left,
    struct hr_error *error);

#endif
