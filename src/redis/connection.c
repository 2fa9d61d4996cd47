/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes to and from Redis. hiredis connects and reads the protocol; writing is done here, because
 * a compare-and-set may be tens of megabytes that Redis takes only as fast as it works: what the
 * socket does not take at once waits in `sending` and goes out whenever somebody looks for an
 * answer, so that nobody has to stand still meanwhile.
 *
 * Answers are built straight in an arena of the caller's choice, not with malloc one by one: a
 * batch may load a hundred thousand values. */
#include "connection.h"

#include <errno.h>
#include <fcntl.h>
#include <hiredis/hiredis.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>

#define CONNECT_SECONDS 5
#define READ_SIZE (128 * 1024)
/* Enough for any length line: a mark, 20 digits, CR LF. */
#define LINE_ROOM 24
#define MOST_ITEMS (4 << 20)

/* --- answers ---------------------------------------------------------------------------------- */

static struct answer *put(const redisReadTask *task, struct answer *answer)
{
    if (task->parent) {
        struct answer *list = task->parent->obj;
        list->items[task->idx] = answer;
    }
    return answer;
}

static struct answer *new_answer(const redisReadTask *task, enum answer_kind kind)
{
    const struct redis_connection *connection = task->privdata;
    struct answer *answer = hr_arena_zeroed(connection->into, sizeof(*answer));
    answer->kind = kind;
    return put(task, answer);
}

static void *build_text(const redisReadTask *task, char *text, size_t len)
{
    const struct redis_connection *connection = task->privdata;
    struct answer *answer = new_answer(task, task->type == REDIS_REPLY_ERROR    ? ANSWER_ERROR
                                             : task->type == REDIS_REPLY_STATUS ? ANSWER_STATUS
                                                                                : ANSWER_TEXT);
    answer->text = hr_arena_copy(connection->into, (struct hr_str){text, len});
    return answer;
}

/* NULL for a list longer than any that is asked for: its length alone would take the memory. */
static void *build_list(const redisReadTask *task, int count)
{
    const struct redis_connection *connection = task->privdata;
    if (count > MOST_ITEMS) {
        return NULL;
    }
    struct answer *answer = new_answer(task, ANSWER_LIST);
    answer->count = count > 0 ? (size_t)count : 0;
    answer->items = hr_arena_zeroed(connection->into, answer->count * sizeof(struct answer *));
    return answer;
}

static void *build_integer(const redisReadTask *task, long long integer)
{
    struct answer *answer = new_answer(task, ANSWER_INTEGER);
    answer->integer = integer;
    return answer;
}

static void *build_nil(const redisReadTask *task)
{
    return new_answer(task, ANSWER_NIL);
}

static void leave_to_the_arena(void *answer)
{
    (void)answer;
}

static redisReader *new_reader(struct redis_connection *connection)
{
    /* hiredis takes a pointer to what may change, and changes nothing. */
    static const redisReplyObjectFunctions builders = {
        build_text, build_list, build_integer, build_nil, leave_to_the_arena};
    redisReader *reader =
        redisReaderCreateWithFunctions((redisReplyObjectFunctions *)(uintptr_t)&builders);
    if (!reader) {
        hr_out_of_memory(sizeof(*reader));
    }
    reader->maxbuf = 0; /* keep the buffer between large answers */
    reader->privdata = connection;
    return reader;
}

/* --- the connection --------------------------------------------------------------------------- */

void redis_connection_init(struct redis_connection *connection)
{
    *connection = (struct redis_connection){0};
    hr_arena_init(&connection->scratch);
}

void redis_disconnect(struct redis_connection *connection)
{
    if (connection->context) {
        redisFree(connection->context);
        redisReaderFree(connection->reader);
    }
    connection->context = NULL;
    connection->reader = NULL;
    hr_buffer_clear(&connection->sending);
    connection->sent = 0;
}

void redis_connection_clean_up(struct redis_connection *connection)
{
    redis_disconnect(connection);
    hr_arena_clean_up(&connection->scratch);
    hr_buffer_clean_up(&connection->sending);
    hr_free(connection->where);
    connection->where = NULL;
}

enum hr_fate redis_connect(
    struct redis_connection *connection, const struct redis_url *url, struct hr_error *error)
{
    redis_disconnect(connection);
    if (!connection->where) {
        connection->where = hr_alloc(strlen(url->host) + 16);
        sprintf(connection->where, "%s:%d", url->host, url->port);
    }
    struct timeval patience = {.tv_sec = CONNECT_SECONDS};
    redisContext *context = redisConnectWithTimeout(url->host, url->port, patience);
    if (!context) {
        hr_out_of_memory(sizeof(*context));
    }
    if (context->err || redisEnableKeepAlive(context) != REDIS_OK ||
        fcntl(context->fd, F_SETFL, O_NONBLOCK) != 0) {
        enum hr_fate fate = hr_fail(error, HR_RETRY, "Redis at %s cannot be reached: %s",
            connection->where, context->errstr);
        redisFree(context);
        return fate;
    }
    connection->context = context;
    connection->reader = new_reader(connection);
    return HR_OK;
}

/* --- commands --------------------------------------------------------------------------------- */

static void reserve(struct hr_buffer *buffer, size_t more)
{
    if (buffer->room - buffer->len < more) {
        size_t room = buffer->room * 2 > buffer->len + more ? buffer->room * 2 : buffer->len + more;
        buffer->at = hr_resize(buffer->at, room);
        buffer->room = room;
    }
}

/* `mark`, the number, CR LF; the room is there. */
static void put_line(struct hr_buffer *buffer, char mark, uint64_t number)
{
    uint8_t digits[20];
    size_t count = 0;
    do {
        digits[count++] = (uint8_t)('0' + number % 10);
        number /= 10;
    } while (number);
    uint8_t *at = buffer->at + buffer->len;
    *at++ = (uint8_t)mark;
    while (count) {
        *at++ = digits[--count];
    }
    *at++ = '\r';
    *at++ = '\n';
    buffer->len = (size_t)(at - buffer->at);
}

void redis_begin(struct redis_connection *connection, size_t arguments)
{
    if (connection->sent == connection->sending.len) {
        hr_buffer_clear(&connection->sending);
        connection->sent = 0;
    }
    reserve(&connection->sending, LINE_ROOM);
    put_line(&connection->sending, '*', arguments);
}

void redis_add_key(struct redis_connection *connection, struct hr_str prefix, struct hr_str key)
{
    struct hr_buffer *buffer = &connection->sending;
    size_t len = prefix.len + key.len;
    reserve(buffer, LINE_ROOM + len + 2);
    put_line(buffer, '$', len);
    uint8_t *at = buffer->at + buffer->len;
    if (prefix.len) {
        memcpy(at, prefix.at, prefix.len);
    }
    if (key.len) {
        memcpy(at + prefix.len, key.at, key.len);
    }
    at[len] = '\r';
    at[len + 1] = '\n';
    buffer->len += len + 2;
}

void redis_add(struct redis_connection *connection, struct hr_str argument)
{
    redis_add_key(connection, argument, (struct hr_str){NULL, 0});
}

void redis_add_number(struct redis_connection *connection, int64_t number)
{
    char text[LINE_ROOM];
    int len = snprintf(text, sizeof(text), "%lld", (long long)number);
    redis_add(connection, (struct hr_str){text, (size_t)len});
}

/* --- bytes both ways -------------------------------------------------------------------------- */

static enum hr_fate lost(
    struct redis_connection *connection, const char *why, struct hr_error *error)
{
    redis_disconnect(connection);
    return hr_fail(error, HR_RETRY, "Redis at %s: %s", connection->where, why);
}

static bool would_wait(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

enum hr_fate redis_flush(struct redis_connection *connection, struct hr_error *error)
{
    while (connection->sent < connection->sending.len) {
        ssize_t taken = send(connection->context->fd, connection->sending.at + connection->sent,
            connection->sending.len - connection->sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (taken < 0) {
            return would_wait() ? HR_OK : lost(connection, strerror(errno), error);
        }
        connection->sent += (size_t)taken;
    }
    return HR_OK;
}

/* Feeds the reader what is there now. Each byte puts a deadline off by a microsecond: a large
 * answer has its time, and one that trickles an end. */
static enum hr_fate receive_some(
    struct redis_connection *connection, int64_t *deadline, struct hr_error *error)
{
    char bytes[READ_SIZE];
    ssize_t got = recv(connection->context->fd, bytes, sizeof(bytes), MSG_DONTWAIT);
    if (got == 0) {
        return lost(connection, "it has closed the connection", error);
    }
    if (got < 0) {
        return would_wait() ? HR_OK : lost(connection, strerror(errno), error);
    }
    if (redisReaderFeed(connection->reader, bytes, (size_t)got) != REDIS_OK) {
        hr_out_of_memory((size_t)got);
    }
    *deadline += *deadline ? got : 0;
    return HR_OK;
}

/* Waits until the socket can do something for us, or the deadline. */
static bool wait_for_socket(struct redis_connection *connection, int64_t deadline)
{
    int64_t left = deadline ? deadline - hr_clock_monotonic_us() : 0;
    int ms = left <= 0 ? 0 : left > INT_MAX / 2 ? INT_MAX / 2000 : (int)((left + 999) / 1000);
    /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): lost() is not HR_OK */
    struct pollfd socket = {.fd = connection->context->fd, .events = POLLIN};
    if (connection->sent < connection->sending.len) {
        socket.events |= POLLOUT;
    }
    return poll(&socket, 1, ms) > 0;
}

enum hr_fate redis_next(struct redis_connection *connection, struct hr_arena *arena,
    int64_t deadline, struct answer **answer, struct hr_error *error)
{
    *answer = NULL;
    if (!connection->context) {
        return hr_fail(error, HR_RETRY, "Redis at %s: not connected", connection->where);
    }
    connection->into = arena;
    for (bool over = false;;) {
        enum hr_fate fate = redis_flush(connection, error);
        if (fate != HR_OK) {
            return fate;
        }
        void *whole = NULL;
        if (redisReaderGetReply(connection->reader, &whole) != REDIS_OK) {
            return lost(connection, "it does not speak Redis's protocol", error);
        }
        if (whole) {
            *answer = whole;
            return HR_OK;
        }
        if (over) {
            return HR_OK;
        }
        over = deadline && hr_clock_monotonic_us() >= deadline; /* one look more */
        if (wait_for_socket(connection, deadline)) {
            fate = receive_some(connection, &deadline, error);
            if (fate != HR_OK) {
                return fate;
            }
        } else if (!deadline) {
            return HR_OK;
        }
    }
}

enum hr_fate redis_unexpected(struct redis_connection *connection, const struct answer *answer,
    const char *what, struct hr_error *error)
{
    if (answer->kind != ANSWER_ERROR) {
        return hr_fail(error, HR_RETRY, "Redis at %s: %s: no answer that Redis gives",
            connection->where, what);
    }
    const char *advice;
    enum hr_fate fate = answer_fate(answer->text, &advice);
    /* Only the beginning: an "unknown command" names the arguments, a password among them. */
    struct hr_str shown = answer->text;
    if (hr_str_starts(shown, "ERR unknown command")) {
        shown.len = strlen("ERR unknown command");
    }
    return hr_fail(error, fate, "Redis at %s: %s: %s%s%s", connection->where, what,
        hr_escape(&connection->scratch, shown, 160), advice ? "; " : "", advice ? advice : "");
}
