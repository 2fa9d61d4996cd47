/* SPDX-License-Identifier: Apache-2.0 */
/* One transaction a batch, and how it ended.
 *
 * The commit goes in three steps, each with its own meaning when it fails (kafka_outcome): the
 * offsets, under the generation that was marked; a flush, so that every delivery report is in
 * before anything irrevocable is sent; the end. Offsets go first since that costs two requests
 * while the records are on their way.
 *
 * A producer whose transaction ended in an unknown way is of no more use: `ready` falls, and only
 * `renew` makes another one, whose beginning waits at the broker until the old transaction is
 * settled one way or the other. */
#include "broker.h"

#include "code.h"

#include "headroom/failpoint.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#define INITIALISE_MS 5000
#define FIRST_PAUSE_US (50 * INT64_C(1000))
#define LONGEST_PAUSE_US (2 * HR_SECOND)
#define RETRY_MS 5

static struct kafka_transaction *transaction_of(void *self)
{
    struct kafka_broker *broker = self;
    return &broker->transaction;
}

static void sleep_us(int64_t us)
{
    nanosleep(&(struct timespec){us / HR_SECOND, us % HR_SECOND * 1000}, NULL);
}

static int ms_left(const struct kafka_transaction *transaction)
{
    int64_t left = (transaction->deadline_us - hr_clock_monotonic_us()) / 1000;
    return left > 0 ? (int)left : 0;
}

/* --- the producer ----------------------------------------------------------------------------- */

/* The report's own error text would be the record's value: librdkafka keeps both in one place. */
static void on_delivery(rd_kafka_t *handle, const rd_kafka_message_t *message, void *opaque)
{
    struct kafka_transaction *transaction = opaque; /* its client stands first */
    (void)handle;
    size_t tag = (size_t)(uintptr_t)message->_private;
    if (message->err) {
        if (!transaction->failures++) {
            (void)hr_fail(&transaction->failure, HR_RETRY,
                "Kafka: a record for %s [%" PRId32 "] was not taken: %s",
                rd_kafka_topic_name(message->rkt), message->partition,
                rd_kafka_err2str(message->err));
        }
    } else if (tag) {
        transaction->offsets[tag] = message->offset;
    }
}

static const struct kafka_setting producer_defaults[] = {
    {"linger.ms", "1"},
    {"retry.backoff.ms", "2"}, /* waits for the transaction before: at 100 each takes 103 ms */
    {"batch.num.messages", "100000"},
    {NULL, NULL},
};

static enum hr_fate configure(const struct hr_kafka_settings *settings, const char *id,
    rd_kafka_conf_t **conf, struct hr_error *error)
{
    char timeout[24];
    snprintf(timeout, sizeof(timeout), "%" PRId64, settings->transaction_us / 1000);
    const struct kafka_setting fixed[] = {
        {"transactional.id", id},
        {"transaction.timeout.ms", timeout},
        {"enable.idempotence", "true"},
        {"partitioner", "murmur2_random"},
        {"queue.buffering.max.messages", "0"}, /* a batch is bounded by who fills it */
        {"queue.buffering.max.kbytes", "2097151"},
        {"message.max.bytes", "1000000000"}, /* the topic's own limit decides */
        {NULL, NULL},
    };
    enum hr_fate fate = kafka_configure(settings, producer_defaults, fixed, conf, error);
    if (fate == HR_OK) {
        rd_kafka_conf_set_dr_msg_cb(*conf, on_delivery);
    }
    return fate;
}

static void destroy_producer(struct kafka_transaction *transaction)
{
    rd_kafka_t *handle = transaction->client.handle;
    transaction->ready = transaction->open = transaction->initialising = false;
    if (!handle) {
        return;
    }
    kafka_topics_forget(&transaction->topics);
    rd_kafka_purge(
        handle, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING);
    rd_kafka_destroy(handle);
    transaction->client.handle = NULL;
}

static enum hr_fate make_producer(struct kafka_transaction *transaction, struct hr_error *error)
{
    destroy_producer(transaction);
    rd_kafka_conf_t *conf;
    enum hr_fate fate = configure(transaction->settings, transaction->id, &conf, error);
    if (fate == HR_OK) {
        fate = kafka_start(
            &transaction->client, RD_KAFKA_PRODUCER, conf, transaction->settings->log, error);
    }
    transaction->initialising = fate == HR_OK;
    return fate;
}

/* A failed call's error object: code, fate and flags taken over, the object destroyed. */
static enum hr_fate take_error(struct kafka_transaction *transaction, rd_kafka_error_t *wrong,
    const char *what, struct kafka_failure *failure, struct hr_error *error)
{
    failure->code = rd_kafka_error_code(wrong);
    failure->fatal =
        rd_kafka_error_is_fatal(wrong) || rd_kafka_fatal_error(transaction->client.handle, NULL, 0);
    failure->abortable = rd_kafka_error_txn_requires_abort(wrong);
    enum hr_fate fate = kafka_fail(&transaction->client, error, failure->code, what);
    rd_kafka_error_destroy(wrong);
    return fate;
}

/* Waits with a growing pause, but not after an attempt that has waited itself. */
static void pause_before_next(struct kafka_transaction *transaction, int64_t began_us)
{
    if (hr_clock_monotonic_us() - began_us < transaction->pause_us) {
        sleep_us(transaction->pause_us);
    }
    int64_t longer = transaction->pause_us * 2;
    transaction->pause_us = longer < LONGEST_PAUSE_US ? longer : LONGEST_PAUSE_US;
}

static enum hr_fate transaction_renew(void *self, struct hr_error *error)
{
    struct kafka_transaction *transaction = transaction_of(self);
    if (kafka_member_is_over(self, error)) {
        return HR_STOP; /* or it would fence its successor */
    }
    if (!transaction->initialising) {
        enum hr_fate fate = make_producer(transaction, error);
        if (fate != HR_OK) {
            return fate;
        }
        transaction->pause_us = FIRST_PAUSE_US;
    }
    int64_t began = hr_clock_monotonic_us();
    rd_kafka_error_t *wrong = rd_kafka_init_transactions(transaction->client.handle, INITIALISE_MS);
    if (!wrong) {
        transaction->initialising = false;
        transaction->ready = true;
        kafka_heard(&transaction->client);
        return HR_OK;
    }
    bool again = rd_kafka_error_is_retriable(wrong);
    struct kafka_failure failure;
    enum hr_fate fate = take_error(transaction, wrong, "beginning to produce", &failure, error);
    if (!again || failure.fatal) {
        transaction->initialising = false; /* the next attempt is another producer's */
    }
    if (fate == HR_RETRY) {
        pause_before_next(transaction, began);
    }
    return fate;
}

/* --- filling ---------------------------------------------------------------------------------- */

static enum hr_fate transaction_begin(void *self, struct hr_error *error)
{
    struct kafka_transaction *transaction = transaction_of(self);
    if (!transaction->ready) {
        return hr_fail(error, HR_RETRY, "Kafka: the producer has to be renewed");
    }
    rd_kafka_error_t *wrong = rd_kafka_begin_transaction(transaction->client.handle);
    if (wrong) {
        struct kafka_failure failure;
        transaction->ready = false;
        return take_error(transaction, wrong, "beginning a transaction", &failure, error);
    }
    transaction->open = true;
    transaction->failures = 0;
    transaction->deadline_us = hr_clock_monotonic_us() + transaction->settings->transaction_us;
    return HR_OK;
}

static void expect_offset(struct kafka_transaction *transaction, uint32_t tag)
{
    if (tag >= transaction->offset_room) {
        size_t room = (size_t)tag * 2 + 16;
        transaction->offsets = hr_resize(transaction->offsets, room * sizeof(int64_t));
        transaction->offset_room = room;
    }
    transaction->offsets[tag] = HR_OFFSET_NONE;
}

static enum hr_fate transaction_produce(
    void *self, const struct hr_log_record *record, uint32_t tag, struct hr_error *error)
{
    struct kafka_transaction *transaction = transaction_of(self);
    if (!transaction->open) {
        return hr_fail(error, HR_RETRY, "Kafka: no transaction is open");
    }
    if (tag) {
        expect_offset(transaction, tag);
    }
    for (;;) {
        rd_kafka_error_t *wrong =
            kafka_send(transaction->client.handle, &transaction->topics, record, tag);
        if (!wrong) {
            return HR_OK;
        }
        if (rd_kafka_error_code(wrong) == RD_KAFKA_RESP_ERR__QUEUE_FULL && ms_left(transaction)) {
            rd_kafka_error_destroy(wrong);
            rd_kafka_poll(transaction->client.handle, RETRY_MS);
            continue;
        }
        struct kafka_failure failure;
        return take_error(transaction, wrong, "producing", &failure, error);
    }
}

static int64_t transaction_produced(void *self, uint32_t tag)
{
    const struct kafka_transaction *transaction = transaction_of(self);
    return tag < transaction->offset_room ? transaction->offsets[tag] : HR_OFFSET_NONE;
}

/* --- ending ----------------------------------------------------------------------------------- */

/* The producer is of no more use. */
static enum hr_commit unknown(struct kafka_transaction *transaction)
{
    transaction->open = transaction->ready = false;
    return HR_COMMIT_UNKNOWN;
}

/* Fails for a transaction so young that the broker was still ending the one before when its first
 * partition was announced: librdkafka then ends what the broker does not know, and the broker's
 * refusal is fatal to it. The same answer follows a commit that went through, so that nothing but
 * "unknown" can be said. */
static enum hr_commit give_up(struct kafka_transaction *transaction, struct hr_error *error)
{
    rd_kafka_error_t *wrong;
    /* A time-out leaves the call to be resumed, and there is nothing else that could be called. */
    while ((wrong = rd_kafka_abort_transaction(transaction->client.handle, ms_left(transaction))) !=
               NULL &&
           rd_kafka_error_is_retriable(wrong) && ms_left(transaction)) {
        rd_kafka_error_destroy(wrong);
        sleep_us(RETRY_MS * 1000);
    }
    if (wrong) {
        struct kafka_failure failure;
        (void)take_error(transaction, wrong, "aborting", &failure, error);
        return unknown(transaction);
    }
    transaction->open = false;
    return HR_COMMIT_ABORTED;
}

static enum hr_commit transaction_abort(void *self, struct hr_error *error)
{
    struct kafka_transaction *transaction = transaction_of(self);
    return transaction->open ? give_up(transaction, error) : HR_COMMIT_ABORTED;
}

static rd_kafka_topic_partition_list_t *offsets_with_metadata(
    struct kafka_transaction *transaction, const struct hr_position *positions, size_t count)
{
    rd_kafka_topic_partition_list_t *list = kafka_list(positions, count);
    for (size_t i = 0; i < count; i++) {
        struct hr_str metadata = positions[i].metadata;
        if (metadata.at && metadata.len) {
            list->elems[i].metadata = rd_kafka_mem_malloc(transaction->client.handle, metadata.len);
            memcpy(list->elems[i].metadata, metadata.at, metadata.len);
            list->elems[i].metadata_size = metadata.len;
        }
    }
    return list;
}

static rd_kafka_error_t *send_offsets(struct kafka_transaction *transaction,
    const rd_kafka_topic_partition_list_t *list,
    const rd_kafka_consumer_group_metadata_t *generation)
{
    rd_kafka_error_t *wrong;
    while ((wrong = rd_kafka_send_offsets_to_transaction(
                transaction->client.handle, list, generation, ms_left(transaction))) != NULL &&
           rd_kafka_error_is_retriable(wrong) && !rd_kafka_error_txn_requires_abort(wrong) &&
           ms_left(transaction)) {
        rd_kafka_error_destroy(wrong);
        sleep_us(RETRY_MS * 1000);
    }
    return wrong;
}

/* The first step that fails, with its error object, which may be none; true when none did. */
static bool run_steps(struct kafka_transaction *transaction,
    const rd_kafka_topic_partition_list_t *list,
    const rd_kafka_consumer_group_metadata_t *generation, enum kafka_step *step,
    rd_kafka_error_t **wrong)
{
    rd_kafka_t *handle = transaction->client.handle;
    *step = KAFKA_SEND_OFFSETS;
    *wrong = send_offsets(transaction, list, generation);
    if (!*wrong && hr_failpoint(HR_AT_OFFSETS_SENT, &transaction->failure)) {
        *wrong = rd_kafka_error_new(RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION, "send offsets");
    }
    if (*wrong) {
        return false;
    }
    *step = KAFKA_FLUSH;
    rd_kafka_resp_err_t code = rd_kafka_flush(handle, ms_left(transaction));
    if (code) {
        *wrong = rd_kafka_error_new(code, "flush");
    }
    if (!code && hr_failpoint(HR_AT_DELIVERED, &transaction->failure)) {
        transaction->failures++;
    }
    if (code || transaction->failures) {
        return false;
    }
    *step = KAFKA_END;
    while ((*wrong = rd_kafka_commit_transaction(handle, ms_left(transaction))) != NULL &&
           rd_kafka_error_is_retriable(*wrong) && ms_left(transaction)) {
        rd_kafka_error_destroy(*wrong);
        sleep_us(RETRY_MS * 1000);
    }
    return *wrong == NULL;
}

static enum hr_commit transaction_commit(
    void *self, const struct hr_position *positions, size_t count, struct hr_error *error)
{
    static const char *const names[] = {"sending offsets", "delivering", "committing"};
    struct kafka_broker *broker = self;
    struct kafka_transaction *transaction = &broker->transaction;
    if (!transaction->open || !broker->source.generation || count == 0) {
        (void)hr_fail(error, HR_RETRY, "Kafka: no transaction, no generation or no offsets");
        return transaction_abort(self, error);
    }
    rd_kafka_topic_partition_list_t *list = offsets_with_metadata(transaction, positions, count);
    enum kafka_step step;
    rd_kafka_error_t *wrong = NULL;
    bool done = run_steps(transaction, list, broker->source.generation, &step, &wrong);
    rd_kafka_topic_partition_list_destroy(list);
    if (done) {
        transaction->open = false;
        kafka_heard(&transaction->client);
        return HR_COMMIT_DONE;
    }
    struct kafka_failure failure = {.step = step};
    if (wrong) {
        (void)take_error(transaction, wrong, names[step], &failure, error);
        rd_kafka_poll(transaction->client.handle, 0);
        if (transaction->failures) {
            *error = transaction->failure; /* what began it says more than what it made fail */
        }
    } else {
        failure.fatal = rd_kafka_fatal_error(transaction->client.handle, NULL, 0) != 0;
        *error = transaction->failure;
    }
    enum hr_commit outcome = kafka_outcome(failure);
    struct hr_error again;
    if (outcome == HR_COMMIT_UNKNOWN || give_up(transaction, &again) == HR_COMMIT_UNKNOWN) {
        return unknown(transaction);
    }
    return outcome;
}

/* --- beginning and end ------------------------------------------------------------------------ */

enum hr_fate kafka_transaction_open(struct kafka_broker *broker, struct hr_error *error)
{
    struct kafka_transaction *transaction = &broker->transaction;
    transaction->settings = &broker->settings;
    const struct hr_kafka_settings *settings = &broker->settings;
    transaction->id = hr_alloc(settings->group.len + settings->instance.len + 2);
    sprintf(transaction->id, "%s-%s", settings->group.at, settings->instance.at);
    return make_producer(transaction, error);
}

void kafka_transaction_close(struct kafka_broker *broker)
{
    struct kafka_transaction *transaction = &broker->transaction;
    struct hr_error ignored;
    if (transaction->open) {
        (void)!give_up(transaction, &ignored);
    }
    destroy_producer(transaction);
    hr_free(transaction->id);
    hr_free(transaction->offsets);
}

void kafka_transaction_offer(struct hr_broker *port)
{
    port->begin = transaction_begin;
    port->produce = transaction_produce;
    port->commit = transaction_commit;
    port->produced = transaction_produced;
    port->abort = transaction_abort;
    port->renew = transaction_renew;
}
