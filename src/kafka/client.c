/* SPDX-License-Identifier: Apache-2.0 */
/* One place that makes librdkafka clients and listens to them.
 *
 * Settings come in three layers: ours that are a matter of taste, the user's kafka.properties, and
 * ours on which the protocol stands. The third cannot be overridden: a processor whose consumer
 * commits by itself, or reads what is not committed, would run well and count wrongly.
 *
 * librdkafka's own lines are queued and read on our thread. What it says of connections is not
 * passed on (it says it for each broker and each attempt); an outage is told once, by whoever asks
 * for records. Nothing that the user wrote in a property marked secret is ever repeated. */
#include "client.h"

#include "code.h"

#include <stdio.h>

static const struct kafka_setting shared_defaults[] = {
    {"client.id", "headroom"},
    {"socket.nagle.disable", "true"},
    {"socket.keepalive.enable", "true"},
    {"reconnect.backoff.ms", "50"},
    {"reconnect.backoff.max.ms", "2000"},
    {NULL, NULL},
};
static const struct kafka_setting shared_fixed[] = {
    {"log.queue", "true"},
    {NULL, NULL},
};

/* What is set from elsewhere or must be as it is; aliases too. */
static const struct kafka_setting locked[] = {
    {"bootstrap.servers", "is kafka.brokers"},
    {"metadata.broker.list", "is kafka.brokers"},
    {"group.id", "is kafka.group"},
    {"group.instance.id", "is made from instance"},
    {"transactional.id", "is made from kafka.group and instance"},
    {"session.timeout.ms", "is set by headroom"},
    {"transaction.timeout.ms", "is set by headroom"},
    {"enable.auto.commit", "must be off: offsets are committed in transactions"},
    {"auto.commit.enable", "must be off: offsets are committed in transactions"},
    {"enable.auto.offset.store", "must be off: offsets are committed in transactions"},
    {"enable.partition.eof", "must be on: the end of a partition moves time on"},
    {"isolation.level", "must be read_committed"},
    {"auto.offset.reset", "must be error: no record is skipped in silence"},
    {"partition.assignment.strategy", "must be range: a home has one owner"},
    {"enable.idempotence", "must be on"},
    {"enable.gapless.guarantee", "must be off"},
    {"acks", "must be all"},
    {"request.required.acks", "must be all"},
    {"partitioner", "must be murmur2, as Java's: it decides an account's home"},
    {"delivery.report.only.error", "must be off"},
    {"log.queue", "must be on"},
    {NULL, NULL},
};

/* --- configuration ---------------------------------------------------------------------------- */

static enum hr_fate set(
    rd_kafka_conf_t *conf, const char *name, const char *value, bool secret, struct hr_error *error)
{
    char why[300];
    switch (rd_kafka_conf_set(conf, name, value, why, sizeof(why))) {
    case RD_KAFKA_CONF_OK:
        return HR_OK;
    case RD_KAFKA_CONF_UNKNOWN:
        return hr_fail(error, HR_STOP, "kafka.properties: librdkafka has no property %s", name);
    default:
        return hr_fail(error, HR_STOP, "kafka.properties: %s: %s", name,
            secret ? "librdkafka does not take this value" : why);
    }
}

static enum hr_fate set_all(
    rd_kafka_conf_t *conf, const struct kafka_setting *settings, struct hr_error *error)
{
    enum hr_fate fate = HR_OK;
    for (; fate == HR_OK && settings && settings->name; settings++) {
        fate = set(conf, settings->name, settings->value, false, error);
    }
    return fate;
}

static enum hr_fate set_property(
    rd_kafka_conf_t *conf, const struct hr_property *property, struct hr_error *error)
{
    for (const struct kafka_setting *entry = locked; entry->name; entry++) {
        if (hr_str_is(property->name, entry->name)) {
            return hr_fail(error, HR_STOP, "kafka.properties: %s %s", entry->name, entry->value);
        }
    }
    char *name = hr_strdup(property->name), *value = hr_strdup(property->value);
    enum hr_fate fate = set(conf, name, value, property->secret, error);
    hr_free(name);
    hr_free(value);
    return fate;
}

static enum hr_fate set_layers(rd_kafka_conf_t *conf, const struct hr_kafka_settings *settings,
    const struct kafka_setting *defaults, const struct kafka_setting *fixed, struct hr_error *error)
{
    char *brokers = hr_strdup(settings->brokers);
    enum hr_fate fate = set(conf, "bootstrap.servers", brokers, false, error);
    hr_free(brokers);
    if (fate == HR_OK) {
        fate = set_all(conf, shared_defaults, error);
    }
    if (fate == HR_OK) {
        fate = set_all(conf, defaults, error);
    }
    for (size_t i = 0; fate == HR_OK && i < settings->property_count; i++) {
        fate = set_property(conf, &settings->properties[i], error);
    }
    if (fate == HR_OK) {
        fate = set_all(conf, shared_fixed, error);
    }
    return fate == HR_OK ? set_all(conf, fixed, error) : fate;
}

enum hr_fate kafka_configure(const struct hr_kafka_settings *settings,
    const struct kafka_setting *defaults, const struct kafka_setting *fixed, rd_kafka_conf_t **conf,
    struct hr_error *error)
{
    *conf = rd_kafka_conf_new();
    enum hr_fate fate = set_layers(*conf, settings, defaults, fixed, error);
    if (fate != HR_OK) {
        rd_kafka_conf_destroy(*conf);
        *conf = NULL;
    }
    return fate;
}

/* --- what librdkafka says --------------------------------------------------------------------- */

static bool is_about_connections(const char *facility)
{
    static const char *const facilities[] = {
        "FAIL", "ERROR", "BROKERFAIL", "CONFWARN", "REQTMOUT", "GETPID"};
    for (size_t i = 0; i < sizeof(facilities) / sizeof(facilities[0]); i++) {
        if (strcmp(facility, facilities[i]) == 0) {
            return true;
        }
    }
    return false;
}

static void on_log(const rd_kafka_t *handle, int level, const char *facility, const char *text)
{
    const struct kafka_client *client = rd_kafka_opaque(handle);
    bool worth = level <= 4 && !is_about_connections(facility);
    hr_log(client->log, worth ? HR_WARN : HR_DEBUG, "librdkafka: %s: %s", facility, text);
}

static void on_error(rd_kafka_t *handle, int code, const char *reason, void *opaque)
{
    struct kafka_client *client = opaque;
    (void)handle;
    const char *advice;
    if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
        client->down = true;
    } else if (kafka_fate((rd_kafka_resp_err_t)code, &advice) == HR_STOP &&
               code != RD_KAFKA_RESP_ERR__FATAL) {
        (void)hr_fail(&client->denied, HR_STOP, "Kafka: %s%s%s", reason, advice ? "; " : "",
            advice ? advice : "");
    }
    if (code != RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN || !client->reason[0]) {
        snprintf(client->reason, sizeof(client->reason), "%s", reason);
    }
}

enum hr_fate kafka_start(struct kafka_client *client, rd_kafka_type_t type, rd_kafka_conf_t *conf,
    const struct hr_log *log, struct hr_error *error)
{
    *client = (struct kafka_client){.log = log};
    rd_kafka_conf_set_opaque(conf, client);
    rd_kafka_conf_set_log_cb(conf, on_log);
    rd_kafka_conf_set_error_cb(conf, on_error);
    char why[400];
    client->handle = rd_kafka_new(type, conf, why, sizeof(why));
    if (!client->handle) {
        rd_kafka_conf_destroy(conf);
        return hr_fail(error, HR_STOP, "Kafka: %s; see kafka.properties", why);
    }
    rd_kafka_set_log_queue(client->handle, NULL);
    return HR_OK;
}

void kafka_listen(struct kafka_client *client)
{
    rd_kafka_poll(client->handle, 0);
}

enum hr_fate kafka_fail(
    struct kafka_client *client, struct hr_error *error, rd_kafka_resp_err_t code, const char *what)
{
    kafka_listen(client);
    if (client->denied.fate == HR_STOP) {
        *error = client->denied;
        return HR_STOP;
    }
    const char *advice;
    enum hr_fate fate = kafka_fate(code, &advice);
    if (fate == HR_RETRY && client->down) {
        advice = client->reason;
    }
    return hr_fail(error, fate, "Kafka: %s: %s%s%s", what, rd_kafka_err2str(code),
        advice ? "; " : "", advice ? advice : "");
}

/* --- lists ------------------------------------------------------------------------------------ */

void kafka_list_add(
    rd_kafka_topic_partition_list_t *list, struct hr_str topic, int32_t partition, int64_t offset)
{
    char *name = hr_strdup(topic);
    rd_kafka_topic_partition_list_add(list, name, partition)->offset = offset;
    hr_free(name);
}

rd_kafka_topic_partition_list_t *kafka_list(const struct hr_position *positions, size_t count)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)count);
    for (size_t i = 0; i < count; i++) {
        kafka_list_add(list, positions[i].of.topic, positions[i].of.partition, positions[i].offset);
    }
    return list;
}
