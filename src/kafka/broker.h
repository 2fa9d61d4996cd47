/* SPDX-License-Identifier: Apache-2.0 */
/* What stands behind hr_broker.self: three clients that know nothing of each other but the group's
 * metadata. */
#ifndef HEADROOM_KAFKA_BROKER_H
#define HEADROOM_KAFKA_BROKER_H

#include "client.h"
#include "produce.h"

/* A record in the caller's hands. */
struct kafka_held {
    rd_kafka_message_t *message;
    struct hr_header *headers;
    size_t room;
    struct kafka_held *next; /* of those not in use */
};

/* Whether what the group gives fits what is subscribed to (member.c). */
enum kafka_fit {
    KAFKA_FIT_UNKNOWN, /* nothing was given yet */
    KAFKA_FIT_BAD,     /* it does not: to be asked for with other topics */
    KAFKA_FIT_OTHER,   /* asked for with others */
    KAFKA_FIT_AGAIN,   /* given those: to be asked for with ours */
    KAFKA_FIT_LAST,    /* asked for with ours: whatever comes is taken */
    KAFKA_FIT_KNOWN
};

/* member.c and source.c: consumes as a member of the group. */
struct kafka_source {
    struct kafka_client client;
    rd_kafka_topic_partition_list_t *topics;
    bool subscribed;
    enum kafka_fit fit;
    rd_kafka_topic_partition_list_t *assigned;      /* by the group; NULL: nothing is */
    rd_kafka_topic_partition_list_t *started;       /* read now; opaque not NULL: paused */
    enum hr_broker_event_kind change;               /* of the assignment, not told yet */
    rd_kafka_consumer_group_metadata_t *generation; /* marked */
    bool broken;                                    /* has to be made anew */
    size_t held;                                    /* records in the caller's hands */
    struct kafka_held *unused;
    unsigned polls;
    bool told_down;
    int64_t down_since_us;
};

/* transaction.c */
struct kafka_transaction {
    struct kafka_client client;
    char *id;
    const struct hr_kafka_settings *settings;
    bool initialising; /* init_transactions is to be called again */
    bool ready;        /* `begin` may be called */
    bool open;
    int64_t deadline_us; /* of the open one */
    int64_t pause_us;    /* before the next attempt to initialise */
    uint64_t failures;   /* messages not delivered, of the open one */
    struct hr_error failure;
    int64_t *offsets; /* by tag */
    size_t offset_room;
    struct kafka_topics topics;
};

/* reader.c: one client for all readers, made when the first opens. */
struct kafka_reading {
    struct kafka_client client;
    const struct hr_kafka_settings *settings;
};

struct kafka_broker {
    struct hr_kafka_settings settings; /* copied, strings too */
    struct hr_arena arena;             /* of the copies */
    struct kafka_source source;
    struct kafka_transaction transaction;
    struct kafka_reading reading;
};

HR_MUST enum hr_fate kafka_source_open(struct kafka_broker *broker, struct hr_error *error);
void kafka_source_close(struct kafka_broker *broker);
/* The member can never work again: HR_STOP with why. */
bool kafka_member_is_over(struct kafka_broker *broker, struct hr_error *error);
/* To our topics, or, where the group has to notice, to others. */
rd_kafka_resp_err_t kafka_member_subscribe(struct kafka_source *source);
/* Makes a broken one anew, in as many polls as the caller needs to let go of the old one. */
void kafka_member_mend(struct kafka_broker *broker, struct hr_broker_event *event);
/* Waits for nothing; what is wrong with a property for a producer shows here. */
HR_MUST enum hr_fate kafka_transaction_open(struct kafka_broker *broker, struct hr_error *error);
void kafka_transaction_close(struct kafka_broker *broker);
void kafka_reading_close(struct kafka_broker *broker);

/* The functions of hr_broker, by file. */
void kafka_member_offer(struct hr_broker *port);
void kafka_source_offer(struct hr_broker *port);
void kafka_transaction_offer(struct hr_broker *port);
void kafka_reading_offer(struct hr_broker *port);
void kafka_topics_offer(struct hr_broker *port);

/* A record as librdkafka has it, its headers in `held`. Lives as long as the message. */
void kafka_record(
    struct hr_log_record *record, const rd_kafka_message_t *message, struct kafka_held *held);
/* What a client without a group must have: committed records only, and nothing behind our back.
 * reader.c. */
extern const struct kafka_setting kafka_reader_fixed[];
/* A client without a group that reads committed records only. */
HR_MUST enum hr_fate kafka_reader_client(
    struct kafka_client *client, const struct hr_kafka_settings *settings, struct hr_error *error);

#endif
