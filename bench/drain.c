/* SPDX-License-Identifier: Apache-2.0 */
/* What the drain bench needs of librdkafka and nothing of headroom's: a topic filled with events,
 * and the bare consumer that headroom is measured beside.
 *
 *   bench_drain fill BROKERS TOPIC EVENTS ACCOUNTS HEAVY   events of 267 bytes, keyed by account
 *   bench_drain raw  BROKERS TOPIC EVENTS                  drains them; prints events a second
 */
#include "event.h"

#include <librdkafka/rdkafka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void die(const char *what, const char *why)
{
    fprintf(stderr, "bench_drain: %s: %s\n", what, why);
    exit(1);
}

static void set(rd_kafka_conf_t *conf, const char *name, const char *value)
{
    char why[256];
    if (rd_kafka_conf_set(conf, name, value, why, sizeof why) != RD_KAFKA_CONF_OK)
        die(name, why);
}

static rd_kafka_t *make(rd_kafka_type_t type, rd_kafka_conf_t *conf)
{
    char why[256];
    rd_kafka_t *client = rd_kafka_new(type, conf, why, sizeof why);
    if (!client)
        die("client", why);
    return client;
}

static void fill(const char *brokers, const char *topic, long events, long accounts, long heavy)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    set(conf, "bootstrap.servers", brokers);
    set(conf, "linger.ms", "20");
    set(conf, "compression.type", "lz4");
    set(conf, "partitioner", "murmur2_random"); /* as Java's: an account's events are at its home */
    set(conf, "queue.buffering.max.messages", "500000");
    rd_kafka_t *producer = make(RD_KAFKA_PRODUCER, conf);
    char text[EVENT_BYTES + 1], key[32];
    time_t now = time(NULL);
    for (long i = 0; i < events; i++) {
        write_event(text, i, accounts, heavy, now);
        int len = snprintf(key, sizeof key, "account-%06ld", i % accounts);
        rd_kafka_resp_err_t failed;
        do {
            failed = rd_kafka_producev(producer, RD_KAFKA_V_TOPIC(topic),
                RD_KAFKA_V_KEY(key, (size_t)len), RD_KAFKA_V_VALUE(text, EVENT_BYTES),
                RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
            rd_kafka_poll(producer, failed ? 10 : 0);
        } while (failed == RD_KAFKA_RESP_ERR__QUEUE_FULL);
        if (failed)
            die("produce", rd_kafka_err2str(failed));
    }
    if (rd_kafka_flush(producer, 120000))
        die("flush", "not every event was acknowledged");
    rd_kafka_destroy(producer);
}

static void raw(const char *brokers, const char *topic, long events)
{
    char group[64];
    snprintf(group, sizeof group, "bench-raw-%ld", (long)time(NULL));
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    set(conf, "bootstrap.servers", brokers);
    set(conf, "group.id", group);
    set(conf, "isolation.level", "read_committed");
    set(conf, "auto.offset.reset", "earliest");
    set(conf, "enable.auto.commit", "false");
    rd_kafka_t *consumer = make(RD_KAFKA_CONSUMER, conf);
    rd_kafka_poll_set_consumer(consumer);
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, topic, RD_KAFKA_PARTITION_UA);
    rd_kafka_subscribe(consumer, list);
    double begun = 0;
    for (long seen = 0; seen < events;) {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(consumer, 1000);
        if (!message)
            continue;
        if (!message->err && !seen++)
            begun = seconds();
        rd_kafka_message_destroy(message);
    }
    printf("%.0f\n", (double)(events - 1) / (seconds() - begun));
    rd_kafka_topic_partition_list_destroy(list);
    rd_kafka_consumer_close(consumer);
    rd_kafka_destroy(consumer);
}

int main(int argc, char **argv)
{
    if (argc == 7 && strcmp(argv[1], "fill") == 0)
        fill(argv[2], argv[3], atol(argv[4]), atol(argv[5]), atol(argv[6]));
    else if (argc == 5 && strcmp(argv[1], "raw") == 0)
        raw(argv[2], argv[3], atol(argv[4]));
    else
        die("usage", "fill BROKERS TOPIC EVENTS ACCOUNTS HEAVY | raw BROKERS TOPIC EVENTS");
    return 0;
}
