/* SPDX-License-Identifier: Apache-2.0 */
/* Ranges of topics, partition by partition, for whoever reads history without being part of the
 * group: no group, nothing committed, nothing sent, committed records only. Every partition has a
 * queue of its own, so that the reader may ask each for its next record as it likes; the ends are
 * those at the opening, what comes later is not waited for. */
#include "broker.h"

#include <inttypes.h>
#include <stdio.h>

struct part {
    rd_kafka_topic_t *topic;
    int32_t partition;
    int64_t next, end;      /* offsets: where it is, where it ends */
    struct kafka_held held; /* the record that was given last */
    bool started;
};

struct hr_kafka_range {
    struct kafka_client client;
    rd_kafka_topic_t **topics;
    size_t topic_count;
    struct part *parts;
    size_t part_count;
    uint64_t records; /* offsets between beginnings and ends */
};

/* Many partitions are read at once, each ahead of its turn: a little of each. */
static const struct kafka_setting range_defaults[] = {
    {"fetch.wait.max.ms", "50"},
    {"fetch.error.backoff.ms", "100"},
    {"queued.max.messages.kbytes", "2048"},
    {NULL, NULL},
};

/* First offset at or after the time in milliseconds, or at one of Kafka's signs. */
static enum hr_fate offsets_at(struct hr_kafka_range *range, struct hr_position *positions,
    size_t count, struct hr_time time, int64_t sign, struct hr_error *error)
{
    int64_t what = time.us > 0 ? (time.us + 999) / 1000 : sign;
    return kafka_list_offsets(&range->client, positions, count, what, error);
}

static enum hr_fate find_bounds(struct hr_kafka_range *range, const struct hr_kafka_span *span,
    struct part *parts, size_t count, struct hr_error *error)
{
    struct hr_position *from = hr_alloc(3 * count * sizeof(*from));
    struct hr_position *to = from + count, *last = to + count;
    for (size_t i = 0; i < count; i++) {
        from[i].of = to[i].of = last[i].of = (struct hr_topic_partition){span->topic, (int32_t)i};
    }
    enum hr_fate fate =
        offsets_at(range, from, count, span->from, RD_KAFKA_OFFSET_BEGINNING, error);
    if (fate == HR_OK) {
        fate = offsets_at(range, to, count, span->to, RD_KAFKA_OFFSET_END, error);
    }
    if (fate == HR_OK) {
        fate = offsets_at(range, last, count, HR_TIME_NONE, RD_KAFKA_OFFSET_END, error);
    }
    for (size_t i = 0; fate == HR_OK && i < count; i++) {
        int64_t end = last[i].offset;
        /* Below zero: nothing at or after that time. */
        parts[i].end = to[i].offset >= 0 && to[i].offset < end ? to[i].offset : end;
        parts[i].next = from[i].offset >= 0 ? from[i].offset : end;
        range->records +=
            parts[i].next < parts[i].end ? (uint64_t)(parts[i].end - parts[i].next) : 0;
    }
    hr_free(from);
    return fate;
}

static enum hr_fate add_topic(
    struct hr_kafka_range *range, const struct hr_kafka_span *span, struct hr_error *error)
{
    int32_t count = 0;
    enum hr_fate fate = kafka_partitions(&range->client, span->topic, &count, error);
    if (fate != HR_OK) {
        return fate;
    }
    if (count == 0) {
        return hr_fail(
            error, HR_STOP, "there is no topic %.*s", (int)span->topic.len, span->topic.at);
    }
    rd_kafka_topic_t *topic;
    fate = kafka_topic_open(&range->client, span->topic, &topic, error);
    if (fate != HR_OK) {
        return fate;
    }
    range->topics[range->topic_count++] = topic;
    range->parts =
        hr_resize(range->parts, (range->part_count + (size_t)count) * sizeof(*range->parts));
    struct part *parts = range->parts + range->part_count;
    for (int32_t i = 0; i < count; i++) {
        parts[i] = (struct part){.topic = topic, .partition = i};
    }
    range->part_count += (size_t)count;
    return find_bounds(range, span, parts, (size_t)count, error);
}

static enum hr_fate start(struct hr_kafka_range *range, struct hr_error *error)
{
    for (size_t i = 0; i < range->part_count; i++) {
        struct part *part = &range->parts[i];
        if (part->next >= part->end) {
            continue;
        }
        if (rd_kafka_consume_start(part->topic, part->partition, part->next) != 0) {
            return kafka_fail(&range->client, error, rd_kafka_last_error(), "reading");
        }
        part->started = true;
    }
    return HR_OK;
}

enum hr_fate hr_kafka_range_open(const struct hr_kafka_settings *settings,
    const struct hr_kafka_span *spans, size_t count, struct hr_kafka_range **opened,
    struct hr_error *error)
{
    struct hr_kafka_range *range = hr_alloc(sizeof(*range));
    rd_kafka_conf_t *conf;
    *opened = NULL;
    enum hr_fate fate = kafka_configure(settings, range_defaults, kafka_reader_fixed, &conf, error);
    if (fate == HR_OK) {
        fate = kafka_start(&range->client, RD_KAFKA_CONSUMER, conf, settings->log, error);
    }
    range->topics = hr_alloc((count + 1) * sizeof(rd_kafka_topic_t *));
    for (size_t i = 0; fate == HR_OK && i < count; i++) {
        fate = add_topic(range, &spans[i], error);
    }
    if (fate == HR_OK) {
        fate = start(range, error);
    }
    if (fate != HR_OK) {
        hr_kafka_range_close(range);
        return fate;
    }
    *opened = range;
    return HR_OK;
}

void hr_kafka_range_close(struct hr_kafka_range *range)
{
    if (!range) {
        return;
    }
    for (size_t i = 0; i < range->part_count; i++) {
        struct part *part = &range->parts[i];
        if (part->held.message) {
            rd_kafka_message_destroy(part->held.message);
        }
        if (part->started) {
            rd_kafka_consume_stop(part->topic, part->partition);
        }
        hr_free(part->held.headers);
    }
    for (size_t i = 0; i < range->topic_count; i++) {
        rd_kafka_topic_destroy(range->topics[i]);
    }
    if (range->client.handle) {
        rd_kafka_destroy(range->client.handle);
    }
    hr_free(range->topics);
    hr_free(range->parts);
    hr_free(range);
}

size_t hr_kafka_range_parts(const struct hr_kafka_range *range)
{
    return range->part_count;
}

size_t hr_kafka_range_partitions(const struct hr_kafka_range *range, size_t span)
{
    size_t count = 0;
    for (size_t i = 0; i < range->part_count; i++) {
        count += range->parts[i].topic == range->topics[span];
    }
    return count;
}

uint64_t hr_kafka_range_records(const struct hr_kafka_range *range)
{
    return range->records;
}

/* The next message, or NULL with *fate other than HR_OK after a time without one. */
static rd_kafka_message_t *wait_for_message(
    struct hr_kafka_range *range, struct part *part, enum hr_fate *fate, struct hr_error *error)
{
    int64_t begun = hr_clock_monotonic_us();
    for (;;) {
        rd_kafka_message_t *message = rd_kafka_consume(part->topic, part->partition, 100);
        if (message) {
            return message;
        }
        kafka_listen(&range->client);
        if (range->client.denied.fate == HR_STOP ||
            hr_clock_monotonic_us() - begun > KAFKA_PATIENCE_MS * INT64_C(1000)) {
            *fate = kafka_fail(&range->client, error, RD_KAFKA_RESP_ERR__TIMED_OUT, "reading");
            return NULL;
        }
    }
}

enum hr_fate hr_kafka_range_next(struct hr_kafka_range *range, size_t at,
    struct hr_log_record *record, bool *more, struct hr_error *error)
{
    struct part *part = &range->parts[at];
    enum hr_fate fate = HR_OK;
    *more = false;
    if (part->held.message) {
        rd_kafka_message_destroy(part->held.message);
        part->held.message = NULL;
    }
    if (part->next >= part->end) {
        return HR_OK;
    }
    rd_kafka_message_t *message = wait_for_message(range, part, &fate, error);
    if (!message) {
        return fate;
    }
    part->held.message = message;
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        part->next = part->end; /* control records stand there, and nothing behind them */
        return HR_OK;
    }
    if (message->err) {
        char what[320];
        snprintf(what, sizeof(what), "reading %s [%" PRId32 "]", rd_kafka_topic_name(part->topic),
            part->partition);
        return kafka_fail(&range->client, error, message->err, what);
    }
    part->next = message->offset + 1;
    if (message->offset >= part->end) {
        part->next = part->end;
        return HR_OK;
    }
    kafka_record(record, message, &part->held);
    *more = true;
    return HR_OK;
}
