/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a topic from beginning to end, or some places of it, once, for commands that look at
 * records without being part of the group. The ends are those at the call: what comes later is not
 * waited for. */
#include "broker.h"

#include <inttypes.h>
#include <stdio.h>

struct scan {
    struct kafka_client client;
    rd_kafka_topic_t *topic;
    rd_kafka_queue_t *queue;
    struct hr_position *from, *to;
    size_t count, open; /* partitions; those not yet at their end */
    struct kafka_held held;
};

static enum hr_fate find_bounds(
    struct scan *scan, struct hr_str topic, struct hr_time time, struct hr_error *error)
{
    int32_t count = 0;
    enum hr_fate fate = kafka_partitions(&scan->client, topic, &count, error);
    if (fate != HR_OK) {
        return fate;
    }
    if (count == 0) {
        return hr_fail(error, HR_STOP, "there is no topic %.*s", (int)topic.len, topic.at);
    }
    scan->count = (size_t)count;
    scan->from = hr_alloc(scan->count * sizeof(*scan->from));
    scan->to = hr_alloc(scan->count * sizeof(*scan->to));
    for (int32_t i = 0; i < count; i++) {
        scan->from[i].of = scan->to[i].of = (struct hr_topic_partition){topic, i};
    }
    int64_t sign = time.us > 0 ? (time.us + 999) / 1000 : RD_KAFKA_OFFSET_BEGINNING;
    fate = kafka_list_offsets(&scan->client, scan->from, scan->count, sign, error);
    return fate == HR_OK ? kafka_list_offsets(
                               &scan->client, scan->to, scan->count, RD_KAFKA_OFFSET_END, error)
                         : fate;
}

static enum hr_fate start_partitions(struct scan *scan, struct hr_str topic, struct hr_error *error)
{
    enum hr_fate fate = kafka_topic_open(&scan->client, topic, &scan->topic, error);
    if (fate != HR_OK) {
        return fate;
    }
    scan->queue = rd_kafka_queue_new(scan->client.handle);
    for (size_t i = 0; i < scan->count; i++) {
        /* Below zero: nothing at or after the time. */
        if (scan->from[i].offset < 0 || scan->from[i].offset >= scan->to[i].offset) {
            scan->to[i].offset = HR_OFFSET_NONE;
            continue;
        }
        if (rd_kafka_consume_start_queue(
                scan->topic, (int32_t)i, scan->from[i].offset, scan->queue) != 0) {
            return kafka_fail(&scan->client, error, rd_kafka_last_error(), "scan");
        }
        scan->open++;
    }
    return HR_OK;
}

static void end_partition(struct scan *scan, int32_t partition)
{
    if (scan->to[partition].offset != HR_OFFSET_NONE) {
        scan->to[partition].offset = HR_OFFSET_NONE;
        scan->open--;
    }
}

/* One message; `go_on` falls when the visitor has had enough. */
static enum hr_fate visit(struct scan *scan, const rd_kafka_message_t *message,
    bool (*each)(void *context, const struct hr_log_record *record), void *context, bool *go_on,
    struct hr_error *error)
{
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        end_partition(scan, message->partition);
        return HR_OK;
    }
    if (message->err) {
        char what[64];
        snprintf(what, sizeof(what), "reading partition %" PRId32, message->partition);
        return kafka_fail(&scan->client, error, message->err, what);
    }
    int64_t end = scan->to[message->partition].offset;
    if (end != HR_OFFSET_NONE && message->offset < end) {
        struct hr_log_record record;
        kafka_record(&record, message, &scan->held);
        *go_on = each(context, &record);
    }
    if (message->offset + 1 >= end) {
        end_partition(scan, message->partition);
    }
    return HR_OK;
}

static enum hr_fate read_all(struct scan *scan,
    bool (*each)(void *context, const struct hr_log_record *record), void *context,
    struct hr_error *error)
{
    enum hr_fate fate = HR_OK;
    bool go_on = true;
    int64_t heard = hr_clock_monotonic_us();
    while (fate == HR_OK && go_on && scan->open) {
        rd_kafka_message_t *message = rd_kafka_consume_queue(scan->queue, 100);
        if (message) {
            heard = hr_clock_monotonic_us();
            fate = visit(scan, message, each, context, &go_on, error);
            rd_kafka_message_destroy(message);
            continue;
        }
        kafka_listen(&scan->client);
        if (scan->client.denied.fate == HR_STOP ||
            hr_clock_monotonic_us() - heard > KAFKA_PATIENCE_MS * INT64_C(1000)) {
            fate = kafka_fail(&scan->client, error, RD_KAFKA_RESP_ERR__TIMED_OUT, "reading");
        }
    }
    return fate;
}

static void scan_end(struct scan *scan)
{
    for (size_t i = 0; scan->queue && i < scan->count; i++) {
        rd_kafka_consume_stop(scan->topic, (int32_t)i);
    }
    if (scan->queue) {
        rd_kafka_queue_destroy(scan->queue);
        rd_kafka_topic_destroy(scan->topic);
    }
    hr_free(scan->held.headers);
    hr_free(scan->from);
    hr_free(scan->to);
    rd_kafka_destroy(scan->client.handle);
}

/* What is named of what there is; the other partitions count as empty. */
static void narrow(struct scan *scan, const struct hr_kafka_piece *pieces, size_t count)
{
    for (size_t i = 0; i < scan->count; i++) {
        const struct hr_kafka_piece *piece = NULL;
        for (size_t k = 0; k < count; k++) {
            if (pieces[k].partition == (int32_t)i) {
                piece = &pieces[k];
            }
        }
        if (!piece) {
            scan->to[i].offset = scan->from[i].offset;
            continue;
        }
        if (scan->from[i].offset < piece->from) {
            scan->from[i].offset = piece->from;
        }
        if (scan->to[i].offset > piece->to) {
            scan->to[i].offset = piece->to;
        }
    }
}

static enum hr_fate scan_topic(const struct hr_kafka_settings *settings, struct hr_str topic,
    struct hr_time from, const struct hr_kafka_piece *pieces, size_t count,
    bool (*each)(void *context, const struct hr_log_record *record), void *context,
    struct hr_error *error)
{
    struct scan scan = {.count = 0};
    enum hr_fate fate = kafka_reader_client(&scan.client, settings, error);
    if (fate != HR_OK) {
        return fate;
    }
    fate = find_bounds(&scan, topic, from, error);
    if (fate == HR_OK && pieces) {
        narrow(&scan, pieces, count);
    }
    if (fate == HR_OK) {
        fate = start_partitions(&scan, topic, error);
    }
    if (fate == HR_OK) {
        fate = read_all(&scan, each, context, error);
    }
    scan_end(&scan);
    return fate;
}

enum hr_fate hr_kafka_scan(const struct hr_kafka_settings *settings, struct hr_str topic,
    struct hr_time from, bool (*each)(void *context, const struct hr_log_record *record),
    void *context, struct hr_error *error)
{
    return scan_topic(settings, topic, from, NULL, 0, each, context, error);
}

enum hr_fate hr_kafka_scan_pieces(const struct hr_kafka_settings *settings, struct hr_str topic,
    const struct hr_kafka_piece *pieces, size_t count,
    bool (*each)(void *context, const struct hr_log_record *record), void *context,
    struct hr_error *error)
{
    return scan_topic(settings, topic, HR_TIME_NONE, pieces, count, each, context, error);
}
