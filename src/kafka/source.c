/* SPDX-License-Identifier: Apache-2.0 */
/* The group's member: what it is given, what it reads of it, from where.
 *
 * An assignment is answered with an empty one at once, so that the group settles, and told to the
 * caller, who looks up where each partition stands and then starts it; librdkafka's own offsets are
 * never asked. The rebalance callback runs inside `poll` and nowhere else. It yields, so that at
 * most one change comes out of a poll and no record of the old assignment behind it.
 *
 * librdkafka drops what it has fetched of a partition that is paused and fetches it again after
 * `resume`, from behind the last record it has handed out. Resuming what was not paused would go
 * back to where the partition was started, so who is paused is remembered here. */
#include "broker.h"

#include <inttypes.h>
#include <stdio.h>

/* A silence of librdkafka's about a broker that is away for less than this is not worth a word. */
#define OUTAGE_US (2 * HR_SECOND)
#define LISTEN_EVERY 4096 /* polls */

static struct kafka_source *source_of(void *self)
{
    struct kafka_broker *broker = self;
    return &broker->source;
}

/* --- the assignment --------------------------------------------------------------------------- */

static void forget(rd_kafka_topic_partition_list_t **list)
{
    if (*list) {
        rd_kafka_topic_partition_list_destroy(*list);
    }
    *list = NULL;
}

static void on_rebalance(rd_kafka_t *handle, rd_kafka_resp_err_t code,
    rd_kafka_topic_partition_list_t *partitions, void *opaque)
{
    /* The opaque is the client, which stands first in the source. */
    struct kafka_source *source = opaque;
    forget(&source->assigned);
    forget(&source->started);
    if (code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
        source->assigned = rd_kafka_topic_partition_list_copy(partitions);
        source->change = HR_BROKER_ASSIGNED;
        rd_kafka_topic_partition_list_t *nothing = rd_kafka_topic_partition_list_new(0);
        rd_kafka_assign(handle, nothing);
        rd_kafka_topic_partition_list_destroy(nothing);
    } else {
        source->change = rd_kafka_assignment_lost(handle) ? HR_BROKER_LOST : HR_BROKER_REVOKED;
        rd_kafka_assign(handle, NULL);
    }
    rd_kafka_yield(handle);
}

static void source_assignment(
    void *self, struct hr_arena *arena, struct hr_topic_partition **partitions, size_t *count)
{
    const rd_kafka_topic_partition_list_t *list = source_of(self)->assigned;
    *count = list ? (size_t)list->cnt : 0;
    *partitions = hr_arena_take(arena, (*count + 1) * sizeof(**partitions));
    for (size_t i = 0; i < *count; i++) {
        (*partitions)[i].topic = hr_arena_copy(arena, hr_str(list->elems[i].topic));
        (*partitions)[i].partition = list->elems[i].partition;
    }
}

static enum hr_fate source_start(
    void *self, const struct hr_position *positions, size_t count, struct hr_error *error)
{
    struct kafka_source *source = source_of(self);
    if (!source->assigned) {
        return hr_fail(error, HR_RETRY, "Kafka: nothing is assigned to this process");
    }
    forget(&source->started);
    source->started = kafka_list(positions, count);
    rd_kafka_resp_err_t code = rd_kafka_assign(source->client.handle, source->started);
    return code ? kafka_fail(&source->client, error, code, "starting partitions") : HR_OK;
}

static enum hr_fate source_pause(void *self, const struct hr_topic_partition *partitions,
    size_t count, bool paused, struct hr_error *error)
{
    struct kafka_source *source = source_of(self);
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)count);
    for (size_t i = 0; source->started && i < count; i++) {
        char *topic = hr_strdup(partitions[i].topic);
        rd_kafka_topic_partition_t *known =
            rd_kafka_topic_partition_list_find(source->started, topic, partitions[i].partition);
        if (known && (known->opaque != NULL) != paused) {
            known->opaque = paused ? source : NULL;
            rd_kafka_topic_partition_list_add(list, topic, partitions[i].partition);
        }
        hr_free(topic);
    }
    rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
    if (list->cnt) {
        code = paused ? rd_kafka_pause_partitions(source->client.handle, list)
                      : rd_kafka_resume_partitions(source->client.handle, list);
    }
    rd_kafka_topic_partition_list_destroy(list);
    return code ? kafka_fail(&source->client, error, code, paused ? "pausing" : "resuming") : HR_OK;
}

/* --- generations ------------------------------------------------------------------------------ */

/* The generation in the group's metadata, which librdkafka shows only in its packed form: seven
 * bytes of name and version, then the number. False when it is packed in another way. */
static bool generation_of(const rd_kafka_consumer_group_metadata_t *metadata, int32_t *generation)
{
    static const char form[] = {'C', 'G', 'M', 'D', 'v', '2', ':'};
    void *packed = NULL;
    size_t size = 0;
    rd_kafka_error_t *wrong = rd_kafka_consumer_group_metadata_write(metadata, &packed, &size);
    if (wrong) {
        rd_kafka_error_destroy(wrong);
        return false;
    }
    bool known =
        size >= sizeof(form) + sizeof(*generation) && memcmp(packed, form, sizeof(form)) == 0;
    if (known) {
        memcpy(generation, (char *)packed + sizeof(form), sizeof(*generation));
    }
    rd_kafka_mem_free(NULL, packed);
    return known;
}

/* Without a generation a broker would take the offsets of anybody while the group is empty: such
 * metadata is never marked. It may be missing although the callback has not said so yet. */
static enum hr_fate source_mark_generation(void *self, struct hr_error *error)
{
    struct kafka_source *source = source_of(self);
    rd_kafka_consumer_group_metadata_t *metadata = NULL;
    int32_t generation = -1;
    if (source->assigned && !rd_kafka_assignment_lost(source->client.handle)) {
        metadata = rd_kafka_consumer_group_metadata(source->client.handle);
    }
    if (metadata && !generation_of(metadata, &generation)) {
        rd_kafka_consumer_group_metadata_destroy(metadata);
        return hr_fail(error, HR_STOP,
            "this librdkafka (%s) packs the group's metadata in "
            "another way than 2.0: its generation cannot be checked",
            rd_kafka_version_str());
    }
    if (generation < 0) {
        if (metadata) {
            rd_kafka_consumer_group_metadata_destroy(metadata);
        }
        return hr_fail(error, HR_RETRY, "Kafka: nothing is assigned to this process");
    }
    if (source->generation) {
        rd_kafka_consumer_group_metadata_destroy(source->generation);
    }
    source->generation = metadata;
    return HR_OK;
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
    return held;
}

static void source_release(void *self, void *handle)
{
    struct kafka_source *source = source_of(self);
    struct kafka_held *held = handle;
    rd_kafka_message_destroy(held->message);
    held->next = source->unused;
    source->unused = held;
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

bool kafka_source_is_over(struct kafka_broker *broker, struct hr_error *error)
{
    char why[300];
    struct hr_str instance = broker->settings.instance;
    switch (rd_kafka_fatal_error(broker->source.client.handle, why, sizeof(why))) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
        return false;
    case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
        (void)hr_fail(error, HR_STOP,
            "another process was started with instance %.*s: this one ends", (int)instance.len,
            instance.at);
        return true;
    default:
        (void)hr_fail(error, HR_STOP, "Kafka: %s", why);
        return true;
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
        if (kafka_source_is_over(broker, &event->error)) {
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
    rd_kafka_resp_err_t code = rd_kafka_subscribe(source->client.handle, source->topics);
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

/* --- beginning and end ------------------------------------------------------------------------ */

enum hr_fate kafka_source_open(struct kafka_broker *broker, struct hr_error *error)
{
    struct kafka_source *source = &broker->source;
    const struct hr_kafka_settings *settings = &broker->settings;
    char session[24], heartbeat[24];
    snprintf(session, sizeof(session), "%" PRId64, settings->session_us / 1000);
    /* Also how soon the older of two processes with the same instance learns of it. */
    int64_t beat = settings->session_us / 1000 / 10;
    snprintf(heartbeat, sizeof(heartbeat), "%" PRId64, beat < 3000 ? beat : 3000);
    const struct kafka_setting defaults[] = {
        {"heartbeat.interval.ms", heartbeat},
        {"fetch.wait.max.ms", "50"}, /* a rewind waits for the fetch under way */
        {"fetch.error.backoff.ms", "100"},
        {"queued.min.messages", "100000"},
        {"queued.max.messages.kbytes", "131072"},
        {NULL, NULL},
    };
    const struct kafka_setting fixed[] = {
        {"group.id", settings->group.at},
        {"group.instance.id", settings->instance.at},
        {"session.timeout.ms", session},
        {"partition.assignment.strategy", "range"},
        {"isolation.level", "read_committed"},
        {"enable.auto.commit", "false"},
        {"enable.auto.offset.store", "false"},
        {"enable.partition.eof", "true"},
        {"auto.offset.reset", "error"},
        {NULL, NULL},
    };
    rd_kafka_conf_t *conf;
    enum hr_fate fate = kafka_configure(settings, defaults, fixed, &conf, error);
    if (fate != HR_OK) {
        return fate;
    }
    rd_kafka_conf_set_rebalance_cb(conf, on_rebalance);
    fate = kafka_start(&source->client, RD_KAFKA_CONSUMER, conf, settings->log, error);
    if (fate != HR_OK) {
        return fate;
    }
    source->topics = rd_kafka_topic_partition_list_new((int)settings->topic_count);
    for (size_t i = 0; i < settings->topic_count; i++) {
        kafka_list_add(source->topics, settings->topics[i], RD_KAFKA_PARTITION_UA, 0);
    }
    return HR_OK;
}

void kafka_source_close(struct kafka_broker *broker)
{
    struct kafka_source *source = &broker->source;
    if (source->client.handle) {
        if (source->generation) {
            rd_kafka_consumer_group_metadata_destroy(source->generation);
        }
        /* A static member has nothing to say when it goes. */
        rd_kafka_destroy_flags(source->client.handle, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    }
    forget(&source->topics);
    forget(&source->assigned);
    forget(&source->started);
    while (source->unused) {
        struct kafka_held *held = source->unused;
        source->unused = held->next;
        hr_free(held->headers);
        hr_free(held);
    }
}

void kafka_source_offer(struct hr_broker *port)
{
    port->poll = source_poll;
    port->release = source_release;
    port->assignment = source_assignment;
    port->start = source_start;
    port->pause = source_pause;
    port->mark_generation = source_mark_generation;
}
