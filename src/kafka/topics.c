/* SPDX-License-Identifier: Apache-2.0 */
/* Questions about partitions that the consumer's client answers: where the group stands, where they
 * begin and end, how many there are; and the deletion of what nobody needs any more. */
#include "broker.h"

#include <inttypes.h>
#include <time.h>

#define FIRST_PAUSE_MS 10
#define LONGEST_PAUSE_MS 200

static struct kafka_client *client_of(void *self)
{
    struct kafka_broker *broker = self;
    return &broker->source.client;
}

static void sleep_ms(int64_t ms)
{
    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

/* The first error of a list, with the partition it belongs to. */
static rd_kafka_resp_err_t first_error(
    const rd_kafka_topic_partition_list_t *list, const rd_kafka_topic_partition_t **of)
{
    for (int i = 0; i < list->cnt; i++) {
        if (list->elems[i].err) {
            *of = &list->elems[i];
            return list->elems[i].err;
        }
    }
    return RD_KAFKA_RESP_ERR_NO_ERROR;
}

static enum hr_fate fail_list(struct kafka_client *client, struct hr_error *error,
    rd_kafka_resp_err_t code, const rd_kafka_topic_partition_t *of, const char *what)
{
    char text[320];
    snprintf(text, sizeof(text), of ? "%s of %s [%" PRId32 "]" : "%s", what, of ? of->topic : "",
        of ? of->partition : 0);
    return kafka_fail(client, error, code, text);
}

/* --- where the group stands ------------------------------------------------------------------- */

/* One request; HR_RETRY with UNSTABLE_OFFSET_COMMIT in `code` while a transaction is pending. */
static rd_kafka_resp_err_t ask_committed(struct kafka_client *client,
    rd_kafka_topic_partition_list_t *list, const rd_kafka_topic_partition_t **of)
{
    *of = NULL;
    rd_kafka_resp_err_t code = rd_kafka_committed(client->handle, list, kafka_patience_ms(client));
    return code ? code : first_error(list, of);
}

static void fill_committed(struct hr_position *positions,
    const rd_kafka_topic_partition_list_t *list, struct hr_arena *arena)
{
    for (int i = 0; i < list->cnt; i++) {
        const rd_kafka_topic_partition_t *from = &list->elems[i];
        positions[i].offset = from->offset >= 0 ? from->offset : HR_OFFSET_NONE;
        positions[i].metadata = (struct hr_str){NULL, 0};
        if (from->offset >= 0 && from->metadata) {
            positions[i].metadata =
                hr_arena_copy(arena, (struct hr_str){from->metadata, from->metadata_size});
        }
    }
}

static enum hr_fate topics_committed(void *self, struct hr_position *positions, size_t count,
    struct hr_arena *arena, struct hr_error *error)
{
    struct kafka_client *client = client_of(self);
    int64_t deadline = hr_clock_monotonic_us() + KAFKA_PATIENCE_MS * INT64_C(1000);
    rd_kafka_topic_partition_list_t *list = kafka_list(positions, count);
    const rd_kafka_topic_partition_t *of;
    rd_kafka_resp_err_t code;
    int pause = FIRST_PAUSE_MS;
    while ((code = ask_committed(client, list, &of)) == RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT &&
           hr_clock_monotonic_us() < deadline) {
        sleep_ms(pause);
        pause = pause * 2 < LONGEST_PAUSE_MS ? pause * 2 : LONGEST_PAUSE_MS;
    }
    enum hr_fate fate = HR_OK;
    if (code) {
        fate = fail_list(client, error, code, of, "committed offsets");
    } else {
        fill_committed(positions, list, arena);
        kafka_heard(client);
    }
    rd_kafka_topic_partition_list_destroy(list);
    return fate;
}

/* --- where partitions begin and end ----------------------------------------------------------- */

enum hr_fate kafka_list_offsets(struct kafka_client *client, struct hr_position *positions,
    size_t count, int64_t what, struct hr_error *error)
{
    if (count == 0) {
        return HR_OK;
    }
    rd_kafka_topic_partition_list_t *list = kafka_list(positions, count);
    for (int i = 0; i < list->cnt; i++) {
        list->elems[i].offset = what;
    }
    const rd_kafka_topic_partition_t *of = NULL;
    rd_kafka_resp_err_t code =
        rd_kafka_offsets_for_times(client->handle, list, kafka_patience_ms(client));
    code = code ? code : first_error(list, &of);
    enum hr_fate fate = HR_OK;
    if (code) {
        fate = fail_list(client, error, code, of, "offsets");
    } else {
        for (int i = 0; i < list->cnt; i++) {
            positions[i].offset = list->elems[i].offset;
        }
        kafka_heard(client);
    }
    rd_kafka_topic_partition_list_destroy(list);
    return fate;
}

static enum hr_fate topics_bounds(
    void *self, struct hr_position *positions, size_t count, bool end, struct hr_error *error)
{
    return kafka_list_offsets(client_of(self), positions, count,
        end ? RD_KAFKA_OFFSET_END : RD_KAFKA_OFFSET_BEGINNING, error);
}

static enum hr_fate topics_offset_at(
    void *self, struct hr_position *position, struct hr_time time, struct hr_error *error)
{
    int64_t ms = time.us > 0 ? (time.us + 999) / 1000 : 0;
    enum hr_fate fate = kafka_list_offsets(client_of(self), position, 1, ms, error);
    if (fate == HR_OK && position->offset < 0) {
        fate = kafka_list_offsets(client_of(self), position, 1, RD_KAFKA_OFFSET_END, error);
    }
    return fate;
}

/* --- how many there are ----------------------------------------------------------------------- */

enum hr_fate kafka_topic_open(struct kafka_client *client, struct hr_str name,
    rd_kafka_topic_t **topic, struct hr_error *error)
{
    char *text = hr_strdup(name);
    *topic = rd_kafka_topic_new(client->handle, text, NULL);
    enum hr_fate fate = HR_OK;
    if (!*topic) {
        fate = kafka_fail(client, error, RD_KAFKA_RESP_ERR__INVALID_ARG, text);
    }
    hr_free(text);
    return fate;
}

enum hr_fate kafka_partitions(
    struct kafka_client *client, struct hr_str topic, int32_t *count, struct hr_error *error)
{
    rd_kafka_topic_t *handle;
    *count = 0;
    enum hr_fate fate = kafka_topic_open(client, topic, &handle, error);
    if (fate != HR_OK) {
        return fate;
    }
    const struct rd_kafka_metadata *metadata = NULL;
    rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR__TIMED_OUT;
    /* In growing slices: a broker that denies us is told between them. */
    for (int slice = 250; code && slice <= KAFKA_PATIENCE_MS && client->denied.fate != HR_STOP;
         slice *= 2) {
        code = rd_kafka_metadata(client->handle, 0, handle, &metadata, slice);
        kafka_listen(client);
    }
    if (!code && metadata->topic_cnt == 1) {
        code = metadata->topics[0].err;
        *count = metadata->topics[0].partition_cnt;
    }
    if (code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) {
        *count = 0;
    } else if (code) {
        fate = kafka_fail(client, error, code, rd_kafka_topic_name(handle));
    }
    if (metadata) {
        rd_kafka_metadata_destroy(metadata);
        kafka_heard(client);
    }
    rd_kafka_topic_destroy(handle);
    return fate;
}

static enum hr_fate topics_partitions(
    void *self, struct hr_str topic, int32_t *count, struct hr_error *error)
{
    return kafka_partitions(client_of(self), topic, count, error);
}

/* --- deletion --------------------------------------------------------------------------------- */

static enum hr_fate topics_delete_before(
    void *self, const struct hr_position *positions, size_t count, struct hr_error *error)
{
    struct kafka_client *client = client_of(self);
    rd_kafka_topic_partition_list_t *list = kafka_list(positions, count);
    rd_kafka_DeleteRecords_t *deletion = rd_kafka_DeleteRecords_new(list);
    rd_kafka_topic_partition_list_destroy(list);
    rd_kafka_queue_t *queue = rd_kafka_queue_new(client->handle);
    rd_kafka_AdminOptions_t *options =
        rd_kafka_AdminOptions_new(client->handle, RD_KAFKA_ADMIN_OP_DELETERECORDS);
    rd_kafka_AdminOptions_set_request_timeout(options, KAFKA_PATIENCE_MS, NULL, 0);
    rd_kafka_DeleteRecords(client->handle, &deletion, 1, options, queue);
    rd_kafka_event_t *event = rd_kafka_queue_poll(queue, 2 * KAFKA_PATIENCE_MS);
    rd_kafka_resp_err_t code = event ? rd_kafka_event_error(event) : RD_KAFKA_RESP_ERR__TIMED_OUT;
    const rd_kafka_topic_partition_t *of = NULL;
    if (!code) {
        code = first_error(
            rd_kafka_DeleteRecords_result_offsets(rd_kafka_event_DeleteRecords_result(event)), &of);
    }
    enum hr_fate fate =
        code ? fail_list(client, error, code, of, "deletion of committed records") : HR_OK;
    if (event) {
        rd_kafka_event_destroy(event);
    }
    rd_kafka_AdminOptions_destroy(options);
    rd_kafka_queue_destroy(queue);
    rd_kafka_DeleteRecords_destroy(deletion);
    return fate;
}

void kafka_topics_offer(struct hr_broker *port)
{
    port->committed = topics_committed;
    port->bounds = topics_bounds;
    port->offset_at = topics_offset_at;
    port->partitions = topics_partitions;
    port->delete_before = topics_delete_before;
}
