/* SPDX-License-Identifier: Apache-2.0 */
/* Readers of single partitions, for changelogs: no group, committed records only, from an offset to
 * the end. All share one client, which is made when the first is opened; each partition has a queue
 * of its own in it. */
#include "broker.h"

#include <inttypes.h>
#include <stdio.h>

struct hr_log_reader {
    char *topic;
    rd_kafka_topic_t *handle;
    int32_t partition;
    struct kafka_held held; /* the record that was read last */
};

static const struct kafka_setting reader_defaults[] = {
    {"fetch.wait.max.ms", "50"},
    {"fetch.error.backoff.ms", "100"},
    {"queued.max.messages.kbytes", "16384"},
    {NULL, NULL},
};
const struct kafka_setting kafka_reader_fixed[] = {
    {"isolation.level", "read_committed"},
    {"enable.auto.commit", "false"},
    {"enable.auto.offset.store", "false"},
    {"enable.partition.eof", "true"},
    {"auto.offset.reset", "error"},
    {NULL, NULL},
};

enum hr_fate kafka_reader_client(
    struct kafka_client *client, const struct hr_kafka_settings *settings, struct hr_error *error)
{
    rd_kafka_conf_t *conf;
    enum hr_fate fate =
        kafka_configure(settings, reader_defaults, kafka_reader_fixed, &conf, error);
    return fate == HR_OK ? kafka_start(client, RD_KAFKA_CONSUMER, conf, settings->log, error)
                         : fate;
}

static void reader_close(void *self, struct hr_log_reader *reader)
{
    (void)self;
    if (!reader) {
        return;
    }
    rd_kafka_consume_stop(reader->handle, reader->partition);
    if (reader->held.message) {
        rd_kafka_message_destroy(reader->held.message);
    }
    rd_kafka_topic_destroy(reader->handle);
    hr_free(reader->held.headers);
    hr_free(reader->topic);
    hr_free(reader);
}

static enum hr_fate reader_open(void *self, struct hr_topic_partition of, int64_t offset,
    struct hr_log_reader **opened, struct hr_error *error)
{
    struct kafka_broker *broker = self;
    struct kafka_client *client = &broker->reading.client;
    enum hr_fate fate;
    *opened = NULL;
    if (!client->handle) {
        fate = kafka_reader_client(client, &broker->settings, error);
        if (fate != HR_OK) {
            return fate;
        }
    }
    rd_kafka_topic_t *handle;
    fate = kafka_topic_open(client, of.topic, &handle, error);
    if (fate != HR_OK) {
        return fate;
    }
    struct hr_log_reader *reader = hr_alloc(sizeof(*reader));
    reader->topic = hr_strdup(of.topic);
    reader->partition = of.partition;
    reader->handle = handle;
    if (rd_kafka_consume_start(reader->handle, of.partition, offset) != 0) {
        fate = kafka_fail(client, error, rd_kafka_last_error(), reader->topic);
        rd_kafka_topic_destroy(reader->handle);
        hr_free(reader->topic);
        hr_free(reader);
        return fate;
    }
    *opened = reader;
    return HR_OK;
}

static void reader_read(
    void *self, struct hr_log_reader *reader, int timeout_ms, struct hr_broker_event *event)
{
    struct kafka_broker *broker = self;
    struct kafka_client *client = &broker->reading.client;
    event->kind = HR_BROKER_NOTHING;
    event->handle = NULL;
    if (reader->held.message) {
        rd_kafka_message_destroy(reader->held.message);
    }
    rd_kafka_message_t *message = rd_kafka_consume(reader->handle, reader->partition, timeout_ms);
    reader->held.message = message;
    if (!message) {
        kafka_listen(client);
        if (client->denied.fate == HR_STOP) {
            event->kind = HR_BROKER_FAILED;
            event->error = client->denied;
        }
        return;
    }
    event->position.of = (struct hr_topic_partition){hr_str(reader->topic), reader->partition};
    event->position.offset = message->offset;
    if (!message->err) {
        event->kind = HR_BROKER_RECORD;
        kafka_record(&event->record, message, &reader->held);
    } else if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        event->kind = HR_BROKER_END;
    } else {
        char what[320];
        snprintf(what, sizeof(what), "reading %s [%" PRId32 "]", reader->topic, reader->partition);
        event->kind = HR_BROKER_FAILED;
        (void)kafka_fail(client, &event->error, message->err, what);
    }
}

void kafka_reading_close(struct kafka_broker *broker)
{
    if (broker->reading.client.handle) {
        rd_kafka_destroy(broker->reading.client.handle);
    }
}

void kafka_reading_offer(struct hr_broker *port)
{
    port->open = reader_open;
    port->read = reader_read;
    port->close = reader_close;
}
