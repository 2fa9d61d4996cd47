/* SPDX-License-Identifier: Apache-2.0 */
/* Plain sending for commands: idempotent, in order, acknowledged by all, without a transaction. */
#include "broker.h"

#include <inttypes.h>

#define FLUSH_MS 60000
#define ROOM_MS 100 /* how long to wait for room in the queue at a time */

struct hr_kafka_sender {
    struct kafka_client client;
    struct kafka_topics topics;
    uint64_t failures;
    struct hr_error failure; /* the first */
};

/* Not the report's own error text: in a producer's message that is the record's value. */
static void on_delivery(rd_kafka_t *handle, const rd_kafka_message_t *message, void *opaque)
{
    struct hr_kafka_sender *sender = opaque; /* its client stands first */
    (void)handle;
    if (message->err && !sender->failures++) {
        (void)hr_fail(&sender->failure, HR_RETRY,
            "Kafka: a record for %s [%" PRId32 "] was not taken: %s",
            rd_kafka_topic_name(message->rkt), message->partition, rd_kafka_err2str(message->err));
    }
}

enum hr_fate hr_kafka_sender_open(const struct hr_kafka_settings *settings,
    struct hr_kafka_sender **opened, struct hr_error *error)
{
    static const struct kafka_setting defaults[] = {{"linger.ms", "5"}, {NULL, NULL}};
    static const struct kafka_setting fixed[] = {
        {"enable.idempotence", "true"},
        {"partitioner", "murmur2_random"},
        {"message.max.bytes", "1000000000"},
        {NULL, NULL},
    };
    *opened = NULL;
    rd_kafka_conf_t *conf;
    enum hr_fate fate = kafka_configure(settings, defaults, fixed, &conf, error);
    if (fate != HR_OK) {
        return fate;
    }
    rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    struct hr_kafka_sender *sender = hr_alloc(sizeof(*sender));
    fate = kafka_start(&sender->client, RD_KAFKA_PRODUCER, conf, settings->log, error);
    if (fate != HR_OK) {
        hr_free(sender);
        return fate;
    }
    *opened = sender;
    return HR_OK;
}

enum hr_fate hr_kafka_send(
    struct hr_kafka_sender *sender, const struct hr_log_record *record, struct hr_error *error)
{
    int64_t deadline = hr_clock_monotonic_us() + FLUSH_MS * INT64_C(1000);
    for (;;) {
        rd_kafka_error_t *wrong = kafka_send(sender->client.handle, &sender->topics, record, 0);
        rd_kafka_poll(sender->client.handle, 0);
        if (!wrong) {
            return HR_OK;
        }
        rd_kafka_resp_err_t code = rd_kafka_error_code(wrong);
        rd_kafka_error_destroy(wrong);
        if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL || hr_clock_monotonic_us() > deadline) {
            return kafka_fail(&sender->client, error, code, "sending");
        }
        rd_kafka_poll(sender->client.handle, ROOM_MS);
    }
}

enum hr_fate hr_kafka_sender_flush(struct hr_kafka_sender *sender, struct hr_error *error)
{
    rd_kafka_resp_err_t code = rd_kafka_flush(sender->client.handle, FLUSH_MS);
    if (code) {
        return kafka_fail(&sender->client, error, code, "waiting for acknowledgements");
    }
    if (sender->failures) {
        sender->failures = 0;
        *error = sender->failure;
        return HR_RETRY;
    }
    return HR_OK;
}

void hr_kafka_sender_close(struct hr_kafka_sender *sender)
{
    if (!sender) {
        return;
    }
    kafka_topics_forget(&sender->topics);
    rd_kafka_purge(sender->client.handle, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    rd_kafka_destroy(sender->client.handle);
    hr_free(sender);
}
