/* SPDX-License-Identifier: Apache-2.0 */
/* What every librdkafka client of ours has in common: its configuration, its log, how it tells that
 * it is denied or that no broker answers, and what an error code means for us. */
#ifndef HEADROOM_KAFKA_CLIENT_H
#define HEADROOM_KAFKA_CLIENT_H

#include "headroom/kafka.h"

#include <librdkafka/rdkafka.h>

/* How long one call may take before it says HR_RETRY. */
#define KAFKA_PATIENCE_MS 10000

struct kafka_client {
    rd_kafka_t *handle; /* NULL: closed */
    const struct hr_log *log;
    struct hr_error denied; /* fate HR_STOP once a broker has refused who we say we are */
    bool down;              /* all brokers were away when librdkafka last spoke of it */
    char reason[256];       /* of that */
};

struct kafka_setting {
    const char *name, *value;
};

/* A configuration: ours that may be overridden, the user's, ours that may not. HR_STOP: one of the
 * user's is unknown, wrong or not for him to say. The caller owns it. Lists end with a NULL name.
 */
HR_MUST enum hr_fate kafka_configure(const struct hr_kafka_settings *settings,
    const struct kafka_setting *defaults, const struct kafka_setting *fixed, rd_kafka_conf_t **conf,
    struct hr_error *error);
/* Consumes the configuration. HR_STOP: librdkafka cannot work with it. */
HR_MUST enum hr_fate kafka_start(struct kafka_client *client, rd_kafka_type_t type,
    rd_kafka_conf_t *conf, const struct hr_log *log, struct hr_error *error);

/* Lets librdkafka say what it has to say; never waits. */
void kafka_listen(struct kafka_client *client);
/* A broker answered: an outage, if there was one, is over. */
static inline void kafka_heard(struct kafka_client *client)
{
    client->down = false;
}

/* How long a call that asks brokers something may wait; during an outage it is only tried. */
static inline int kafka_patience_ms(const struct kafka_client *client)
{
    return client->down ? 1000 : KAFKA_PATIENCE_MS;
}

/* Fails as the code wants, or HR_STOP when the client is denied, with `what` before it. */
enum hr_fate kafka_fail(struct kafka_client *client, struct hr_error *error,
    rd_kafka_resp_err_t code, const char *what);

/* Positions as librdkafka wants them; the caller owns the list. */
rd_kafka_topic_partition_list_t *kafka_list(const struct hr_position *positions, size_t count);
void kafka_list_add(
    rd_kafka_topic_partition_list_t *list, struct hr_str topic, int32_t partition, int64_t offset);

/* Fills the offsets. `what` is a time in milliseconds or one of Kafka's two signs, which its
 * protocol puts in the same place: -1 asks for the end (of committed records), -2 for the
 * beginning. At a time after the last record the offset is below zero. */
HR_MUST enum hr_fate kafka_list_offsets(struct kafka_client *client, struct hr_position *positions,
    size_t count, int64_t what, struct hr_error *error);
/* A handle, to be destroyed by the caller; NULL when it fails: HR_STOP for a name that librdkafka
 * does not take. */
HR_MUST enum hr_fate kafka_topic_open(struct kafka_client *client, struct hr_str name,
    rd_kafka_topic_t **topic, struct hr_error *error);
/* Number of partitions; 0: no such topic. */
HR_MUST enum hr_fate kafka_partitions(
    struct kafka_client *client, struct hr_str topic, int32_t *count, struct hr_error *error);

#endif
