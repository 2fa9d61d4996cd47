/* SPDX-License-Identifier: Apache-2.0 */
/* Kafka, through librdkafka: the broker port, and what the commands need beside it. */
#ifndef HEADROOM_KAFKA_H
#define HEADROOM_KAFKA_H

#include "headroom/config.h"
#include "headroom/log.h"
#include "headroom/ports.h"

struct hr_kafka_settings {
    struct hr_str brokers, group;
    struct hr_str instance; /* slot: group.instance.id; transactional.id is group and slot */
    const struct hr_property *properties;
    size_t property_count;
    int64_t session_us, transaction_us;
    const struct hr_str *topics; /* to subscribe to, of hr_kafka_open */
    size_t topic_count;
    const struct hr_log *log;
};

/* Connects nothing yet but checks every property. HR_STOP: a property is wrong. */
HR_MUST enum hr_fate hr_kafka_open(
    const struct hr_kafka_settings *settings, struct hr_broker *broker, struct hr_error *error);
/* Leaves without telling the group (static membership), after an own open transaction is aborted.
 */
void hr_kafka_close(struct hr_broker *broker);

/* --- administration, no membership --- */
struct hr_kafka_admin;
HR_MUST enum hr_fate hr_kafka_admin_open(const struct hr_kafka_settings *settings,
    struct hr_kafka_admin **admin, struct hr_error *error);
void hr_kafka_admin_close(struct hr_kafka_admin *admin);

struct hr_topic_want {
    struct hr_str name;
    int32_t partitions;
    int16_t replication;            /* -1: the broker's default */
    const struct hr_header *config; /* name and value */
    size_t config_count;
};
/* HR_REJECT: it exists already (said apart, not an error of the others). */
HR_MUST enum hr_fate hr_kafka_create_topic(
    struct hr_kafka_admin *admin, const struct hr_topic_want *want, struct hr_error *error);
/* 0 partitions: no such topic. */
HR_MUST enum hr_fate hr_kafka_topic_partitions(
    struct hr_kafka_admin *admin, struct hr_str topic, int32_t *partitions, struct hr_error *error);
/* Value of one topic setting, in the arena; at == NULL when the broker does not name it. */
HR_MUST enum hr_fate hr_kafka_topic_setting(struct hr_kafka_admin *admin, struct hr_str topic,
    const char *name, struct hr_arena *arena, struct hr_str *value, struct hr_error *error);
/* Metadata of the settings' group's committed offset, in the arena; at == NULL: nothing is
 * committed. HR_RETRY when there is no answer within the time-out. */
HR_MUST enum hr_fate hr_kafka_committed_metadata(struct hr_kafka_admin *admin,
    const struct hr_kafka_settings *settings, struct hr_topic_partition of, int timeout_ms,
    struct hr_arena *arena, struct hr_str *metadata, struct hr_error *error);
HR_MUST enum hr_fate hr_kafka_cluster_id(struct hr_kafka_admin *admin, struct hr_arena *arena,
    struct hr_str *id, struct hr_error *error);

/* --- plain reading and sending, for `deadletter`, `simulate` over a topic, `import` ---
 * Reads every partition of a topic from its beginning (or a time) to the ends as they are at the
 * call, read_committed. The callback returns false to stop. */
HR_MUST enum hr_fate hr_kafka_scan(const struct hr_kafka_settings *settings, struct hr_str topic,
    struct hr_time from, bool (*each)(void *context, const struct hr_log_record *record),
    void *context, struct hr_error *error);
/* The same of some places alone: of each partition named, from its offset on to before `to`. A
 * partition is named once. */
struct hr_kafka_piece {
    int32_t partition;
    int64_t from, to;
};
HR_MUST enum hr_fate hr_kafka_scan_pieces(const struct hr_kafka_settings *settings,
    struct hr_str topic, const struct hr_kafka_piece *pieces, size_t count,
    bool (*each)(void *context, const struct hr_log_record *record), void *context,
    struct hr_error *error);

/* --- ranges of topics, for `simulate`: no group, nothing is committed or sent --- */
struct hr_kafka_span {
    struct hr_str topic;
    struct hr_time from, to; /* [from, to) by timestamp; NONE: from the beginning, to the end */
};
struct hr_kafka_range;
/* Every partition of every topic, the ends as they are at the call. HR_STOP: a topic is missing. */
HR_MUST enum hr_fate hr_kafka_range_open(const struct hr_kafka_settings *settings,
    const struct hr_kafka_span *spans, size_t count, struct hr_kafka_range **range,
    struct hr_error *error);
void hr_kafka_range_close(struct hr_kafka_range *range); /* NULL: nothing */
/* Parts are partitions: those of the first span ascending, then those of the second … */
size_t hr_kafka_range_parts(const struct hr_kafka_range *range);
size_t hr_kafka_range_partitions(const struct hr_kafka_range *range, size_t span);
/* At most so many records are in it: offsets that compaction or transactions used up count. */
uint64_t hr_kafka_range_records(const struct hr_kafka_range *range);
/* The next record of part number `part`, committed and in its order; *more false: there is none.
 * It lives until the next call for that part. HR_RETRY: no broker answered within its bound. */
HR_MUST enum hr_fate hr_kafka_range_next(struct hr_kafka_range *range, size_t part,
    struct hr_log_record *record, bool *more, struct hr_error *error);

struct hr_kafka_sender;
HR_MUST enum hr_fate hr_kafka_sender_open(const struct hr_kafka_settings *settings,
    struct hr_kafka_sender **sender, struct hr_error *error);
HR_MUST enum hr_fate hr_kafka_send(
    struct hr_kafka_sender *sender, const struct hr_log_record *record, struct hr_error *error);
/* Waits until everything sent is acknowledged. HR_RETRY: something was not. */
HR_MUST enum hr_fate hr_kafka_sender_flush(struct hr_kafka_sender *sender, struct hr_error *error);
void hr_kafka_sender_close(struct hr_kafka_sender *sender);

#endif
