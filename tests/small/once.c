/* SPDX-License-Identifier: Apache-2.0 */
/* once.so, to be preloaded: calls that the program makes of the system and of its libraries fail
 * when a test says so, each with an error that it is documented to have. The program's own calls
 * alone: what a library does inside is its own affair.
 *
 * SMALL_CELLS=FILE is mapped: for each call of the table below how often it was made, at which of
 * the next times it is to fail, and how often it has (tests/small/test_program.py). */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <hiredis/hiredis.h>
#include <librdkafka/rdkafka.h>
#include <link.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define CALLS(CALL)                                                                                \
    CALL(malloc)                                                                                   \
    CALL(calloc)                                                                                   \
    CALL(realloc)                                                                                  \
    CALL(poll)                                                                                     \
    CALL(send)                                                                                     \
    CALL(recv)                                                                                     \
    CALL(write)                                                                                    \
    CALL(redisConnectWithTimeout)                                                                  \
    CALL(redisEnableKeepAlive)                                                                     \
    CALL(redisReaderCreateWithFunctions)                                                           \
    CALL(redisReaderFeed)                                                                          \
    CALL(redisReaderGetReply)                                                                      \
    CALL(rd_kafka_new)                                                                             \
    CALL(rd_kafka_conf_set)                                                                        \
    CALL(rd_kafka_topic_new)                                                                       \
    CALL(rd_kafka_subscribe)                                                                       \
    CALL(rd_kafka_assign)                                                                          \
    CALL(rd_kafka_consumer_poll)                                                                   \
    CALL(rd_kafka_consumer_group_metadata)                                                         \
    CALL(rd_kafka_pause_partitions)                                                                \
    CALL(rd_kafka_committed)                                                                       \
    CALL(rd_kafka_metadata)                                                                        \
    CALL(rd_kafka_consume_start)                                                                   \
    CALL(rd_kafka_consume_start_queue)                                                             \
    CALL(rd_kafka_consume)                                                                         \
    CALL(rd_kafka_consume_queue)                                                                   \
    CALL(rd_kafka_queue_poll)                                                                      \
    CALL(rd_kafka_init_transactions)                                                               \
    CALL(rd_kafka_begin_transaction)                                                               \
    CALL(rd_kafka_produceva)                                                                       \
    CALL(rd_kafka_header_add)                                                                      \
    CALL(rd_kafka_send_offsets_to_transaction)                                                     \
    CALL(rd_kafka_flush)                                                                           \
    CALL(rd_kafka_commit_transaction)                                                              \
    CALL(rd_kafka_abort_transaction)

enum call {
#define NUMBER(name) CALL_##name,
    CALLS(NUMBER)
#undef NUMBER
        CALL_COUNT
};

struct cell {
    _Atomic uint32_t made, left, failed;
};

static struct cell *cells;
static uintptr_t own_start, own_end;

/* The first object is the program. */
static int note_program(struct dl_phdr_info *info, size_t size, void *context)
{
    (void)size, (void)context;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &info->dlpi_phdr[i];
        if (part->p_type == PT_LOAD && part->p_flags & PF_X) {
            own_start = info->dlpi_addr + part->p_vaddr;
            own_end = own_start + part->p_memsz;
        }
    }
    return 1;
}

__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv("SMALL_CELLS");
    int file = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    dl_iterate_phdr(note_program, NULL);
    void *at = file < 0 ? MAP_FAILED
                        : mmap(NULL, CALL_COUNT * sizeof *cells, PROT_READ | PROT_WRITE, MAP_SHARED,
                              file, 0);
    if (file >= 0)
        close(file);
    if (at != MAP_FAILED)
        cells = at;
}

static bool fails(enum call call, const void *caller)
{
    uintptr_t from = (uintptr_t)caller;
    if (!cells || from < own_start || from >= own_end)
        return false;
    struct cell *cell = &cells[call];
    atomic_fetch_add(&cell->made, 1);
    if (!atomic_load(&cell->left) || atomic_fetch_sub(&cell->left, 1) != 1)
        return false;
    atomic_fetch_add(&cell->failed, 1);
    return true;
}

#define FAILS(name) fails(CALL_##name, __builtin_return_address(0))

/* The real one. A pointer to a function and one to data are of one size here. */
#define REAL(name, ...)                                                                            \
    ({                                                                                             \
        static __typeof__(&name) real;                                                             \
        if (!real) {                                                                               \
            void *found = dlsym(RTLD_NEXT, #name);                                                 \
            memcpy(&real, &found, sizeof found);                                                   \
        }                                                                                          \
        real(__VA_ARGS__);                                                                         \
    })

static int refused(int error)
{
    errno = error;
    return -1;
}

/* --- the system ------------------------------------------------------------------------------- */

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);

void *malloc(size_t size)
{
    return FAILS(malloc) ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return FAILS(calloc) ? NULL : __libc_calloc(count, size);
}

void *realloc(void *block, size_t size)
{
    return FAILS(realloc) ? NULL : __libc_realloc(block, size);
}

int poll(struct pollfd *files, nfds_t count, int timeout_ms)
{
    return FAILS(poll) ? refused(ENOMEM) : REAL(poll, files, count, timeout_ms);
}

ssize_t send(int file, const void *from, size_t size, int flags)
{
    return FAILS(send) ? refused(ECONNRESET) : REAL(send, file, from, size, flags);
}

ssize_t recv(int file, void *to, size_t size, int flags)
{
    return FAILS(recv) ? refused(ECONNRESET) : REAL(recv, file, to, size, flags);
}

ssize_t write(int file, const void *from, size_t size)
{
    return FAILS(write) ? refused(ENOSPC) : REAL(write, file, from, size);
}

/* --- hiredis ---------------------------------------------------------------------------------- */

redisContext *redisConnectWithTimeout(const char *ip, int port, const struct timeval tv)
{
    return FAILS(redisConnectWithTimeout) ? NULL : REAL(redisConnectWithTimeout, ip, port, tv);
}

int redisEnableKeepAlive(redisContext *context)
{
    return FAILS(redisEnableKeepAlive) ? REDIS_ERR : REAL(redisEnableKeepAlive, context);
}

redisReader *redisReaderCreateWithFunctions(redisReplyObjectFunctions *functions)
{
    return FAILS(redisReaderCreateWithFunctions) ? NULL
                                                 : REAL(redisReaderCreateWithFunctions, functions);
}

int redisReaderFeed(redisReader *reader, const char *from, size_t size)
{
    return FAILS(redisReaderFeed) ? REDIS_ERR : REAL(redisReaderFeed, reader, from, size);
}

int redisReaderGetReply(redisReader *reader, void **reply)
{
    return FAILS(redisReaderGetReply) ? REDIS_ERR : REAL(redisReaderGetReply, reader, reply);
}

/* --- librdkafka ------------------------------------------------------------------------------- */

static rd_kafka_error_t *error_of(rd_kafka_resp_err_t code)
{
    return rd_kafka_error_new(code, "failed by a test");
}

rd_kafka_t *rd_kafka_new(rd_kafka_type_t type, rd_kafka_conf_t *conf, char *text, size_t size)
{
    if (FAILS(rd_kafka_new)) {
        snprintf(text, size, "failed by a test");
        return NULL;
    }
    return REAL(rd_kafka_new, type, conf, text, size);
}

rd_kafka_conf_res_t rd_kafka_conf_set(
    rd_kafka_conf_t *conf, const char *name, const char *value, char *text, size_t size)
{
    if (FAILS(rd_kafka_conf_set)) {
        snprintf(text, size, "failed by a test");
        return RD_KAFKA_CONF_INVALID;
    }
    return REAL(rd_kafka_conf_set, conf, name, value, text, size);
}

rd_kafka_topic_t *rd_kafka_topic_new(
    rd_kafka_t *handle, const char *topic, rd_kafka_topic_conf_t *conf)
{
    return FAILS(rd_kafka_topic_new) ? NULL : REAL(rd_kafka_topic_new, handle, topic, conf);
}

#define CODE(name, code, ...)                                                                      \
    {                                                                                              \
        return FAILS(name) ? code : REAL(name, __VA_ARGS__);                                       \
    }

rd_kafka_resp_err_t rd_kafka_subscribe(
    rd_kafka_t *handle, const rd_kafka_topic_partition_list_t *topics)
    CODE(rd_kafka_subscribe, RD_KAFKA_RESP_ERR__INVALID_ARG, handle, topics)

        rd_kafka_resp_err_t
    rd_kafka_assign(rd_kafka_t *handle, const rd_kafka_topic_partition_list_t *list)
        CODE(rd_kafka_assign, RD_KAFKA_RESP_ERR__STATE, handle, list)

            rd_kafka_message_t *rd_kafka_consumer_poll(rd_kafka_t *handle, int timeout_ms)
                CODE(rd_kafka_consumer_poll, NULL, handle, timeout_ms)

                    rd_kafka_consumer_group_metadata_t *rd_kafka_consumer_group_metadata(
                        rd_kafka_t *handle) CODE(rd_kafka_consumer_group_metadata, NULL, handle)

                        rd_kafka_resp_err_t
    rd_kafka_pause_partitions(rd_kafka_t *handle, rd_kafka_topic_partition_list_t *list)
        CODE(rd_kafka_pause_partitions, RD_KAFKA_RESP_ERR__STATE, handle, list)

            rd_kafka_resp_err_t
    rd_kafka_committed(rd_kafka_t *handle, rd_kafka_topic_partition_list_t *list, int timeout_ms)
        CODE(rd_kafka_committed, RD_KAFKA_RESP_ERR__TIMED_OUT, handle, list, timeout_ms)

            rd_kafka_resp_err_t
    rd_kafka_metadata(rd_kafka_t *handle, int all, rd_kafka_topic_t *only,
        const struct rd_kafka_metadata **metadata, int timeout_ms) CODE(rd_kafka_metadata,
        RD_KAFKA_RESP_ERR__TRANSPORT, handle, all, only, metadata, timeout_ms)

        int rd_kafka_consume_start(rd_kafka_topic_t *topic, int32_t partition, int64_t offset) CODE(
            rd_kafka_consume_start, refused(EINVAL), topic, partition, offset)

            int rd_kafka_consume_start_queue(
                rd_kafka_topic_t *topic, int32_t partition, int64_t offset, rd_kafka_queue_t *queue)
                CODE(rd_kafka_consume_start_queue, refused(EINVAL), topic, partition, offset, queue)

                    rd_kafka_message_t *rd_kafka_consume(rd_kafka_topic_t *topic, int32_t partition,
                        int timeout_ms) CODE(rd_kafka_consume, NULL, topic, partition, timeout_ms)

                        rd_kafka_message_t *rd_kafka_consume_queue(rd_kafka_queue_t *queue,
                            int timeout_ms) CODE(rd_kafka_consume_queue, NULL, queue, timeout_ms)

                            rd_kafka_event_t *rd_kafka_queue_poll(rd_kafka_queue_t *queue,
                                int timeout_ms) CODE(rd_kafka_queue_poll, NULL, queue, timeout_ms)

                                rd_kafka_error_t *rd_kafka_init_transactions(rd_kafka_t *handle,
                                    int timeout_ms) CODE(rd_kafka_init_transactions,
                                    error_of(RD_KAFKA_RESP_ERR__TIMED_OUT), handle, timeout_ms)

                                    rd_kafka_error_t *rd_kafka_begin_transaction(rd_kafka_t *handle)
                                        CODE(rd_kafka_begin_transaction,
                                            error_of(RD_KAFKA_RESP_ERR__STATE), handle)

                                            rd_kafka_error_t *rd_kafka_produceva(rd_kafka_t *handle,
                                                const rd_kafka_vu_t *words, size_t count)
                                                CODE(rd_kafka_produceva,
                                                    error_of(RD_KAFKA_RESP_ERR__QUEUE_FULL), handle,
                                                    words, count)

                                                    rd_kafka_resp_err_t
    rd_kafka_header_add(rd_kafka_headers_t *headers, const char *name, ssize_t name_size,
        const void *value, ssize_t value_size) CODE(rd_kafka_header_add,
        RD_KAFKA_RESP_ERR__READ_ONLY, headers, name, name_size, value, value_size)

        rd_kafka_error_t *rd_kafka_send_offsets_to_transaction(rd_kafka_t *handle,
            const rd_kafka_topic_partition_list_t *offsets,
            const rd_kafka_consumer_group_metadata_t *metadata, int timeout_ms)
            CODE(rd_kafka_send_offsets_to_transaction, error_of(RD_KAFKA_RESP_ERR__TIMED_OUT),
                handle, offsets, metadata, timeout_ms)

                rd_kafka_resp_err_t
    rd_kafka_flush(rd_kafka_t *handle, int timeout_ms)
        CODE(rd_kafka_flush, RD_KAFKA_RESP_ERR__TIMED_OUT, handle, timeout_ms)

            rd_kafka_error_t *rd_kafka_commit_transaction(rd_kafka_t *handle, int timeout_ms)
                CODE(rd_kafka_commit_transaction, error_of(RD_KAFKA_RESP_ERR__TIMED_OUT), handle,
                    timeout_ms)

                    rd_kafka_error_t *rd_kafka_abort_transaction(rd_kafka_t *handle, int timeout_ms)
                        CODE(rd_kafka_abort_transaction, error_of(RD_KAFKA_RESP_ERR__TIMED_OUT),
                            handle, timeout_ms)
