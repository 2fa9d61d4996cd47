/* SPDX-License-Identifier: Apache-2.0 */
/* The group's member: what it is given, where it starts to read, which generation it is of, and
 * when it is over.
 *
 * An assignment is answered with an empty one at once, so that the group settles, and told to the
 * caller, who looks up where each partition stands and then starts it; librdkafka's own offsets are
 * never asked. The rebalance callback runs inside `poll` and nowhere else. It yields, so that at
 * most one change comes out of a poll and no record of the old assignment behind it.
 *
 * librdkafka drops what it has fetched of a partition that is paused and fetches it again after
 * `resume`, from behind the last record it has handed out. Resuming what was not paused would go
 * back to where the partition was started, so who is paused is remembered here.
 *
 * A slot that is taken again within the session is given what it had, even if its process
 * subscribes to other topics than the last one did (Kafka's coordinator compares only the names of
 * protocols). A source that was added would be read by nobody, and time would wait for it. A member
 * that the group knows and that changes its subscription makes it give out everything anew, so
 * whoever is given what does not fit does that, once: it subscribes to others and then to its own.
 *
 * One defect of librdkafka's is mended here: when a session ends while brokers are away, it forgets
 * its member id, but goes on sending heartbeats until its owner polls; the broker answers one
 * without an id as if another process had taken the instance, which librdkafka holds to be the end.
 * A member that was really replaced still knows its id, so the two can be told apart, and the
 * member is made anew. (Somebody who was paused past his session and replaced meanwhile looks the
 * same and replaces his successor, which then ends as the older one of two should. Generations keep
 * both from committing.) */
#include "broker.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static struct kafka_source *source_of(void *self)
{
    struct kafka_broker *broker = self;
    return &broker->source;
}

/* --- what fits ---------------------------------------------------------------------------------
 */

static bool has_topic(const rd_kafka_topic_partition_list_t *list, const char *topic)
{
    for (int i = 0; i < list->cnt; i++) {
        if (strcmp(list->elems[i].topic, topic) == 0) {
            return true;
        }
    }
    return false;
}

/* A topic that is subscribed to and not given, or given and not subscribed to; NULL: it fits. Who
 * is given nothing at all is one process more than there are partitions. */
static const char *misfit(const struct kafka_source *source)
{
    for (int i = 0; i < source->assigned->cnt; i++) {
        if (!has_topic(source->topics, source->assigned->elems[i].topic)) {
            return source->assigned->elems[i].topic;
        }
    }
    for (int i = 0; source->assigned->cnt && i < source->topics->cnt; i++) {
        if (!has_topic(source->assigned, source->topics->elems[i].topic)) {
            return source->topics->elems[i].topic;
        }
    }
    return NULL;
}

/* Whether an assignment is to be told; else its topics are asked for once more. */
static bool settles(struct kafka_source *source)
{
    const char *topic = source->fit == KAFKA_FIT_UNKNOWN ? misfit(source) : NULL;
    if (topic) {
        hr_log(source->client.log, HR_INFO,
            "Kafka: what the group gives is of other sources than these (topic %s); asking anew",
            topic);
    }
    source->fit = topic                            ? KAFKA_FIT_BAD
                  : source->fit == KAFKA_FIT_OTHER ? KAFKA_FIT_AGAIN
                                                   : KAFKA_FIT_KNOWN;
    source->subscribed = source->fit == KAFKA_FIT_KNOWN;
    return source->subscribed;
}

/* Ours, without the topic that does not fit, or with it if it is not ours. */
static rd_kafka_topic_partition_list_t *other_topics(const struct kafka_source *source)
{
    const char *topic = misfit(source);
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_copy(source->topics);
    if (!rd_kafka_topic_partition_list_del(list, topic, RD_KAFKA_PARTITION_UA)) {
        rd_kafka_topic_partition_list_add(list, topic, RD_KAFKA_PARTITION_UA);
    }
    return list;
}

rd_kafka_resp_err_t kafka_member_subscribe(struct kafka_source *source)
{
    bool bad = source->fit == KAFKA_FIT_BAD && source->assigned;
    rd_kafka_topic_partition_list_t *list =
        bad ? other_topics(source) : rd_kafka_topic_partition_list_copy(source->topics);
    rd_kafka_resp_err_t code = rd_kafka_subscribe(source->client.handle, list);
    rd_kafka_topic_partition_list_destroy(list);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
        source->fit = bad                              ? KAFKA_FIT_OTHER
                      : source->fit == KAFKA_FIT_AGAIN ? KAFKA_FIT_LAST
                                                       : KAFKA_FIT_UNKNOWN;
    }
    return code;
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
        if (settles(source)) {
            source->change = HR_BROKER_ASSIGNED;
        }
        rd_kafka_topic_partition_list_t *nothing = rd_kafka_topic_partition_list_new(0);
        rd_kafka_assign(handle, nothing);
        rd_kafka_topic_partition_list_destroy(nothing);
    } else {
        source->change = source->fit != KAFKA_FIT_KNOWN     ? HR_BROKER_NOTHING /* never told */
                         : rd_kafka_assignment_lost(handle) ? HR_BROKER_LOST
                                                            : HR_BROKER_REVOKED;
        rd_kafka_assign(handle, NULL);
    }
    rd_kafka_yield(handle);
}

static void member_assignment(
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

static enum hr_fate member_start(
    void *self, const struct hr_position *positions, size_t count, struct hr_error *error)
{
    struct kafka_source *source = source_of(self);
    if (!source->assigned || source->broken) {
        return hr_fail(error, HR_RETRY, "Kafka: nothing is assigned to this process");
    }
    forget(&source->started);
    source->started = kafka_list(positions, count);
    rd_kafka_resp_err_t code = rd_kafka_assign(source->client.handle, source->started);
    return code ? kafka_fail(&source->client, error, code, "starting partitions") : HR_OK;
}

static enum hr_fate member_pause(void *self, const struct hr_topic_partition *partitions,
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
static enum hr_fate member_mark_generation(void *self, struct hr_error *error)
{
    struct kafka_source *source = source_of(self);
    rd_kafka_consumer_group_metadata_t *metadata = NULL;
    int32_t generation = -1;
    if (source->assigned && !source->broken && !rd_kafka_assignment_lost(source->client.handle)) {
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

/* --- its client ------------------------------------------------------------------------------- */

static enum hr_fate open_client(struct kafka_broker *broker, struct hr_error *error)
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
    source->broken = source->subscribed = false;
    source->fit = KAFKA_FIT_UNKNOWN;
    return kafka_start(&source->client, RD_KAFKA_CONSUMER, conf, settings->log, error);
}

static void close_client(struct kafka_source *source)
{
    if (source->client.handle) {
        /* A static member has nothing to say when it goes. */
        rd_kafka_destroy_flags(source->client.handle, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
        source->client.handle = NULL;
    }
}

/* --- the end of a member ---------------------------------------------------------------------- */

static bool knows_its_id(const struct kafka_source *source)
{
    char *id = rd_kafka_memberid(source->client.handle);
    bool known = id && *id;
    if (id) {
        rd_kafka_mem_free(source->client.handle, id);
    }
    return known;
}

bool kafka_member_is_over(struct kafka_broker *broker, struct hr_error *error)
{
    char why[300];
    struct hr_str instance = broker->settings.instance;
    switch (rd_kafka_fatal_error(broker->source.client.handle, why, sizeof(why))) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
        return false;
    case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
        if (!knows_its_id(&broker->source)) {
            broker->source.broken = true;
            return false;
        }
        (void)hr_fail(error, HR_STOP,
            "another process was started with instance %.*s: this one ends", (int)instance.len,
            instance.at);
        return true;
    default:
        (void)hr_fail(error, HR_STOP, "Kafka: %s", why);
        return true;
    }
}

void kafka_member_mend(struct kafka_broker *broker, struct hr_broker_event *event)
{
    struct kafka_source *source = &broker->source;
    if (source->assigned) {
        forget(&source->assigned);
        forget(&source->started);
        source->change = HR_BROKER_NOTHING;
        event->kind = HR_BROKER_LOST;
        return;
    }
    if (source->held) {
        return; /* records of the old one are still in the caller's hands */
    }
    hr_log(
        source->client.log, HR_WARN, "Kafka: the session ended meanwhile; joining the group anew");
    close_client(source);
    if (open_client(broker, &event->error) != HR_OK) {
        event->kind = HR_BROKER_FAILED;
    }
}

/* --- beginning and end ------------------------------------------------------------------------ */

enum hr_fate kafka_source_open(struct kafka_broker *broker, struct hr_error *error)
{
    struct kafka_source *source = &broker->source;
    const struct hr_kafka_settings *settings = &broker->settings;
    source->topics = rd_kafka_topic_partition_list_new((int)settings->topic_count);
    for (size_t i = 0; i < settings->topic_count; i++) {
        kafka_list_add(source->topics, settings->topics[i], RD_KAFKA_PARTITION_UA, 0);
    }
    return open_client(broker, error);
}

void kafka_source_close(struct kafka_broker *broker)
{
    struct kafka_source *source = &broker->source;
    if (source->generation) {
        rd_kafka_consumer_group_metadata_destroy(source->generation);
    }
    close_client(source);
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

void kafka_member_offer(struct hr_broker *port)
{
    port->assignment = member_assignment;
    port->start = member_start;
    port->pause = member_pause;
    port->mark_generation = member_mark_generation;
}
