/* SPDX-License-Identifier: Apache-2.0 */
/* Records and events of the group's member, one a call. An outage is told once, and only when it
 * lasts: librdkafka loses connections for many reasons and finds new ones by itself. */
#include "broker.h"

/* A silence of librdkafka's about a broker that is away for less than this is not worth a word. */
#define OUTAGE_US (2 * HR_SECOND)
#define LISTEN_EVERY 4096 /* polls */

static struct kafka_source *source_of(void *self)
{
    struct kafka_broker *broker = self;
    return &broker->source;
}

/* --- records ---------------------------------------------------------------------------------- */

static void read_headers(
    struct hr_log_record *record, const rd_kafka_headers_t *headers, struct kafka_held *held)
{
    size_t count = rd_kafka_header_cnt(headers);
    if (count > held->room) {
        held->headers = hr_resize(held->headers, count * sizeof(*held->headers));
        held->room = count;
    }
    for (size_t i = 0; i < count; i++) {
        const char *name;
        const void *value;
        size_t size;
        rd_kafka_header_get_all(headers, i, &name, &value, &size);
        held->headers[i] = (struct hr_header){hr_str(name), {value, size}};
    }
    record->headers = held->headers;
    record->header_count = count;
}

void kafka_record(
    struct hr_log_record *record, const rd_kafka_message_t *message, struct kafka_held *held)
{
    rd_kafka_timestamp_type_t type;
    int64_t ms = rd_kafka_message_timestamp(message, &type);
    bool timed = type != RD_KAFKA_TIMESTAMP_NOT_AVAILABLE && ms >= 0;
    *record = (struct hr_log_record){
        .topic = hr_str(rd_kafka_topic_name(message->rkt)),
        .partition = message->partition,
        .offset = message->offset,
        .timestamp = timed ? (struct hr_time){ms * 1000} : HR_TIME_NONE,
        .key = {message->key, message->key_len},
        .value = {message->payload, message->len},
    };
    rd_kafka_headers_t *headers;
    if (rd_kafka_message_headers(message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR) {
        read_headers(record, headers, held);
    }
}

static struct kafka_held *hold(struct kafka_source *source, rd_kafka_message_t *message)
{
    struct kafka_held *held = source->unused;
    if (held) {
        source->unused = held->next;
    } else {
        held = hr_alloc(sizeof(*held));
    }
    held->message = message;
    source->held++;
    return held;
}

static void source_release(void *self, void *handle)
{
    struct kafka_source *source = source_of(self);
    struct kafka_held *held = handle;
    rd_kafka_message_destroy(held->message);
    held->next = source->unused;
    source->unused = held;
    source->held--;
}

/* --- polling ---------------------------------------------------------------------------------- */

/* The topic's name as we have kept it: the message goes. */
static struct hr_str kept_name(const struct kafka_source *source, const char *name)
{
    for (int i = 0; name && i < source->topics->cnt; i++) {
        if (strcmp(source->topics->elems[i].topic, name) == 0) {
            return hr_str(source->topics->elems[i].topic);
        }
    }
    return (struct hr_str){"", 0};
}

static void fail_event(struct kafka_source *source, struct hr_broker_event *event,
    rd_kafka_resp_err_t code, const char *what)
{
    enum hr_fate fate = kafka_fail(&source->client, &event->error, code, what);
    event->kind = HR_BROKER_FAILED;
    if (fate == HR_RETRY) {
        source->told_down = true;
    }
}

/* What is no record: an end, or something wrong with a partition or with everything. */
static void read_error(
    struct kafka_broker *broker, struct hr_broker_event *event, const rd_kafka_message_t *message)
{
    struct kafka_source *source = &broker->source;
    struct hr_str topic = (struct hr_str){"", 0};
    if (message->rkt) {
        topic = kept_name(source, rd_kafka_topic_name(message->rkt));
    }
    event->position.of = (struct hr_topic_partition){topic, message->partition};
    event->position.offset = message->offset;
    switch (message->err) {
    case RD_KAFKA_RESP_ERR__PARTITION_EOF:
        event->kind = HR_BROKER_END;
        kafka_heard(&source->client);
        return;
    case RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED: /* the rebalance callback tells the rest */
        hr_log(source->client.log, HR_WARN, "Kafka: %s", rd_kafka_message_errstr(message));
        return;
    case RD_KAFKA_RESP_ERR__FATAL:
        if (kafka_member_is_over(broker, &event->error)) {
            event->kind = HR_BROKER_FAILED;
        }
        return;
    default:
        fail_event(source, event, message->err, rd_kafka_message_errstr(message));
    }
}

/* Nothing came. Is it because nobody is there? */
static void look_for_outage(struct kafka_source *source, struct hr_broker_event *event)
{
    kafka_listen(&source->client);
    if (source->client.denied.fate == HR_STOP) {
        event->kind = HR_BROKER_FAILED;
        event->error = source->client.denied;
        return;
    }
    if (!source->client.down) {
        source->down_since_us = 0;
        source->told_down = false;
    } else if (!source->down_since_us) {
        source->down_since_us = hr_clock_monotonic_us();
    } else if (!source->told_down && hr_clock_monotonic_us() - source->down_since_us > OUTAGE_US) {
        source->told_down = true;
        event->kind = HR_BROKER_FAILED;
        (void)hr_fail(&event->error, HR_RETRY, "Kafka: no broker answers (%s); waiting",
            source->client.reason);
    }
}

static void tell_change(struct kafka_source *source, struct hr_broker_event *event)
{
    event->kind = source->change;
    source->change = HR_BROKER_NOTHING;
    if (event->kind == HR_BROKER_ASSIGNED) {
        kafka_heard(&source->client);
    }
}

static void subscribe(struct kafka_source *source, struct hr_broker_event *event)
{
    rd_kafka_resp_err_t code = kafka_member_subscribe(source);
    source->subscribed = code == RD_KAFKA_RESP_ERR_NO_ERROR;
    if (!source->subscribed) {
        fail_event(source, event, code, "subscribing");
    }
}

static void source_poll(void *self, int timeout_ms, struct hr_broker_event *event)
{
    struct kafka_source *source = source_of(self);
    event->kind = HR_BROKER_NOTHING;
    event->handle = NULL;
    if (source->broken) {
        if (source->change != HR_BROKER_NOTHING) {
            tell_change(source, event);
            return;
        }
        kafka_member_mend(self, event);
        return;
    }
    if (!source->subscribed) {
        subscribe(source, event);
        if (!source->subscribed) {
            return;
        }
    }
    rd_kafka_message_t *message = rd_kafka_consumer_poll(source->client.handle, timeout_ms);
    if (!message) {
        look_for_outage(source, event);
        if (source->change != HR_BROKER_NOTHING) {
            tell_change(source, event);
        }
        return;
    }
    if (++source->polls % LISTEN_EVERY == 0) {
        kafka_listen(&source->client);
    }
    if (message->err) {
        read_error(self, event, message);
        rd_kafka_message_destroy(message);
        return;
    }
    struct kafka_held *held = hold(source, message);
    event->kind = HR_BROKER_RECORD;
    event->handle = held;
    kafka_record(&event->record, message, held);
    kafka_heard(&source->client);
}

void kafka_source_offer(struct hr_broker *port)
{
    port->poll = source_poll;
    port->release = source_release;
}
