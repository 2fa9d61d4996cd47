/* SPDX-License-Identifier: Apache-2.0 */
/* One connection to Redis: commands out, answers in, in order, without ever waiting for the peer
 * longer than it is told to. */
#ifndef HEADROOM_REDIS_CONNECTION_H
#define HEADROOM_REDIS_CONNECTION_H

#include "answer.h"
#include "headroom/buffer.h"
#include "headroom/memory.h"
#include "headroom/redis.h"
#include "headroom/time.h"
#include "url.h"

/* How long an answer may take before the connection counts as dead. */
#define REDIS_PATIENCE_US (20 * HR_SECOND)

struct redis_connection {
    struct redisContext *context; /* NULL: not connected */
    struct redisReader *reader;
    struct hr_arena *into;    /* where the answers being read are built */
    struct hr_arena scratch;  /* of answers that nobody keeps; reset before each command */
    struct hr_buffer sending; /* from `sent` on not yet taken by the kernel */
    size_t sent;
    char *where; /* host:port, for messages */
};

void redis_connection_init(struct redis_connection *connection);
void redis_connection_clean_up(struct redis_connection *connection);

/* Connects, without a word yet. HR_RETRY. */
HR_MUST enum hr_fate redis_connect(
    struct redis_connection *connection, const struct redis_url *url, struct hr_error *error);
void redis_disconnect(struct redis_connection *connection);
static inline bool redis_connected(const struct redis_connection *connection)
{
    return connection->context != NULL;
}

/* A command is begun with the number of its arguments, name included, then each is added. */
void redis_begin(struct redis_connection *connection, size_t arguments);
void redis_add(struct redis_connection *connection, struct hr_str argument);
void redis_add_number(struct redis_connection *connection, int64_t number);
/* Two parts as one argument: a key below a prefix. */
void redis_add_key(struct redis_connection *connection, struct hr_str prefix, struct hr_str key);

/* Sends what the kernel takes at once; the rest goes out with later calls. HR_RETRY: the connection
 * is gone. */
HR_MUST enum hr_fate redis_flush(struct redis_connection *connection, struct hr_error *error);

/* Moves bytes both ways and gives the next answer, NULL when none is whole by `deadline`
 * (hr_clock_monotonic_us; 0: what can be done without waiting), which each byte that comes puts off
 * by a microsecond. The answer lives in `arena`. HR_RETRY: the connection is gone. */
HR_MUST enum hr_fate redis_next(struct redis_connection *connection, struct hr_arena *arena,
    int64_t deadline, struct answer **answer, struct hr_error *error);

/* Fails with the fate and advice that belong to an error answer, or HR_RETRY for an answer of an
 * unexpected kind. */
enum hr_fate redis_unexpected(struct redis_connection *connection, const struct answer *answer,
    const char *what, struct hr_error *error);

#endif
