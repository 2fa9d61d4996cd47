/* SPDX-License-Identifier: Apache-2.0 */
/* Records out: what the transaction and the plain sender have in common. */
#ifndef HEADROOM_KAFKA_PRODUCE_H
#define HEADROOM_KAFKA_PRODUCE_H

#include "headroom/record.h"

#include <librdkafka/rdkafka.h>

/* Handles of topics, since a look-up by name for each record costs a lock. They belong to one
 * producer and go before it. */
struct kafka_topics {
    struct kafka_topic *at;
    size_t count;
};
void kafka_topics_forget(struct kafka_topics *topics);

/* Hands a copy of the record to the producer; its delivery report carries the tag as its opaque.
 * NULL, or an error that the caller destroys. */
rd_kafka_error_t *kafka_send(rd_kafka_t *producer, struct kafka_topics *topics,
    const struct hr_log_record *record, uint32_t tag);

#endif
