/* SPDX-License-Identifier: Apache-2.0 */
/* What `topics create` makes and what the preflight looks at. One request a call: these run when
 * somebody waits at a terminal, not in the loop. */
#include "broker.h"

#include <stdio.h>

struct hr_kafka_admin {
    struct kafka_client client;
};

enum hr_fate hr_kafka_admin_open(const struct hr_kafka_settings *settings,
    struct hr_kafka_admin **opened, struct hr_error *error)
{
    struct hr_kafka_admin *admin = hr_alloc(sizeof(*admin));
    enum hr_fate fate = kafka_reader_client(&admin->client, settings, error);
    if (fate != HR_OK) {
        hr_free(admin);
        admin = NULL;
    }
    *opened = admin;
    return fate;
}

void hr_kafka_admin_close(struct hr_kafka_admin *admin)
{
    if (admin) {
        rd_kafka_destroy(admin->client.handle);
        hr_free(admin);
    }
}

/* --- requests --------------------------------------------------------------------------------- */

struct request {
    rd_kafka_queue_t *queue;
    rd_kafka_AdminOptions_t *options;
};

static struct request request_new(struct kafka_client *client, rd_kafka_admin_op_t operation)
{
    struct request request = {
        rd_kafka_queue_new(client->handle), rd_kafka_AdminOptions_new(client->handle, operation)};
    rd_kafka_AdminOptions_set_request_timeout(request.options, KAFKA_PATIENCE_MS, NULL, 0);
    return request;
}

/* The answer, which may be an error of the whole request; NULL when none came. */
static rd_kafka_event_t *request_wait(struct request *request)
{
    return rd_kafka_queue_poll(request->queue, KAFKA_PATIENCE_MS + 1000);
}

static void request_end(struct request *request, rd_kafka_event_t *event)
{
    if (event) {
        rd_kafka_event_destroy(event);
    }
    rd_kafka_AdminOptions_destroy(request->options);
    rd_kafka_queue_destroy(request->queue);
}

static rd_kafka_resp_err_t event_code(rd_kafka_event_t *event)
{
    return event ? rd_kafka_event_error(event) : RD_KAFKA_RESP_ERR__TIMED_OUT;
}

/* --- making topics ---------------------------------------------------------------------------- */

static void set_config(rd_kafka_NewTopic_t *topic, const struct hr_header *config)
{
    char *name = hr_strdup(config->name), *value = hr_strdup(config->value);
    /* Fails only for an empty name. */
    (void)rd_kafka_NewTopic_set_config(topic, name, value);
    hr_free(name);
    hr_free(value);
}

static enum hr_fate created(
    struct kafka_client *client, rd_kafka_event_t *event, const char *name, struct hr_error *error)
{
    rd_kafka_resp_err_t code = event_code(event);
    const char *why = NULL;
    if (!code) {
        size_t count;
        const rd_kafka_topic_result_t **results =
            rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count);
        code = rd_kafka_topic_result_error(results[0]);
        why = rd_kafka_topic_result_error_string(results[0]);
    }
    if (code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) {
        return hr_fail(error, HR_REJECT, "topic %s exists already", name);
    }
    if (code == RD_KAFKA_RESP_ERR_INVALID_CONFIG || code == RD_KAFKA_RESP_ERR_INVALID_PARTITIONS ||
        code == RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR ||
        code == RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION || code == RD_KAFKA_RESP_ERR_POLICY_VIOLATION) {
        return hr_fail(error, HR_STOP, "topic %s: %s", name, why ? why : rd_kafka_err2str(code));
    }
    return code ? kafka_fail(client, error, code, name) : HR_OK;
}

enum hr_fate hr_kafka_create_topic(
    struct hr_kafka_admin *admin, const struct hr_topic_want *want, struct hr_error *error)
{
    char *name = hr_strdup(want->name), why[200];
    rd_kafka_NewTopic_t *topic =
        rd_kafka_NewTopic_new(name, want->partitions, want->replication, why, sizeof(why));
    if (!topic) {
        enum hr_fate wrong = hr_fail(error, HR_STOP, "topic %s: %s", name, why);
        hr_free(name);
        return wrong;
    }
    for (size_t i = 0; i < want->config_count; i++) {
        set_config(topic, &want->config[i]);
    }
    struct request request = request_new(&admin->client, RD_KAFKA_ADMIN_OP_CREATETOPICS);
    rd_kafka_AdminOptions_set_operation_timeout(request.options, KAFKA_PATIENCE_MS, NULL, 0);
    rd_kafka_CreateTopics(admin->client.handle, &topic, 1, request.options, request.queue);
    rd_kafka_event_t *event = request_wait(&request);
    enum hr_fate fate = created(&admin->client, event, name, error);
    request_end(&request, event);
    rd_kafka_NewTopic_destroy(topic);
    hr_free(name);
    return fate;
}

/* --- looking ---------------------------------------------------------------------------------- */

enum hr_fate hr_kafka_topic_partitions(
    struct hr_kafka_admin *admin, struct hr_str topic, int32_t *partitions, struct hr_error *error)
{
    return kafka_partitions(&admin->client, topic, partitions, error);
}

static enum hr_fate described(struct kafka_client *client, rd_kafka_event_t *event,
    const char *topic, const char *name, struct hr_arena *arena, struct hr_str *value,
    struct hr_error *error)
{
    rd_kafka_resp_err_t code = event_code(event);
    const rd_kafka_ConfigResource_t **resources = NULL;
    size_t count = 0;
    if (!code) {
        resources = rd_kafka_DescribeConfigs_result_resources(
            rd_kafka_event_DescribeConfigs_result(event), &count);
        code = rd_kafka_ConfigResource_error(resources[0]);
    }
    if (code) {
        return kafka_fail(client, error, code, topic);
    }
    const rd_kafka_ConfigEntry_t **entries = rd_kafka_ConfigResource_configs(resources[0], &count);
    for (size_t i = 0; i < count; i++) {
        const char *found = rd_kafka_ConfigEntry_value(entries[i]);
        if (found && strcmp(rd_kafka_ConfigEntry_name(entries[i]), name) == 0) {
            *value = hr_arena_copy(arena, hr_str(found));
        }
    }
    return HR_OK;
}

enum hr_fate hr_kafka_topic_setting(struct hr_kafka_admin *admin, struct hr_str topic,
    const char *name, struct hr_arena *arena, struct hr_str *value, struct hr_error *error)
{
    *value = (struct hr_str){NULL, 0};
    char *topic_name = hr_strdup(topic);
    rd_kafka_ConfigResource_t *resource =
        rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic_name);
    struct request request = request_new(&admin->client, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS);
    rd_kafka_DescribeConfigs(admin->client.handle, &resource, 1, request.options, request.queue);
    rd_kafka_event_t *event = request_wait(&request);
    enum hr_fate fate = described(&admin->client, event, topic_name, name, arena, value, error);
    request_end(&request, event);
    rd_kafka_ConfigResource_destroy(resource);
    hr_free(topic_name);
    return fate;
}

static enum hr_fate told_metadata(struct kafka_client *client, rd_kafka_event_t *event,
    struct hr_arena *arena, struct hr_str *metadata, struct hr_error *error)
{
    rd_kafka_resp_err_t code = event_code(event);
    if (!code) {
        size_t count;
        const rd_kafka_group_result_t **groups = rd_kafka_ListConsumerGroupOffsets_result_groups(
            rd_kafka_event_ListConsumerGroupOffsets_result(event), &count);
        const rd_kafka_error_t *refused = rd_kafka_group_result_error(groups[0]);
        const rd_kafka_topic_partition_list_t *told = rd_kafka_group_result_partitions(groups[0]);
        code = refused ? rd_kafka_error_code(refused) : told->elems[0].err;
        if (!code && told->elems[0].offset >= 0) {
            *metadata = hr_arena_copy(
                arena, (struct hr_str){told->elems[0].metadata, told->elems[0].metadata_size});
        }
    }
    return code ? kafka_fail(client, error, code, "reading committed offsets") : HR_OK;
}

enum hr_fate hr_kafka_committed_metadata(struct hr_kafka_admin *admin,
    const struct hr_kafka_settings *settings, struct hr_topic_partition of, int timeout_ms,
    struct hr_arena *arena, struct hr_str *metadata, struct hr_error *error)
{
    *metadata = (struct hr_str){NULL, 0};
    char *group = hr_strdup(settings->group), *topic = hr_strdup(of.topic);
    rd_kafka_topic_partition_list_t *asked = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(asked, topic, of.partition);
    rd_kafka_ListConsumerGroupOffsets_t *question =
        rd_kafka_ListConsumerGroupOffsets_new(group, asked);
    struct request request =
        request_new(&admin->client, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS);
    rd_kafka_AdminOptions_set_request_timeout(request.options, timeout_ms, NULL, 0);
    rd_kafka_ListConsumerGroupOffsets(
        admin->client.handle, &question, 1, request.options, request.queue);
    rd_kafka_event_t *event = rd_kafka_queue_poll(request.queue, timeout_ms);
    enum hr_fate fate = told_metadata(&admin->client, event, arena, metadata, error);
    request_end(&request, event);
    rd_kafka_ListConsumerGroupOffsets_destroy(question);
    rd_kafka_topic_partition_list_destroy(asked);
    hr_free(group);
    hr_free(topic);
    return fate;
}

enum hr_fate hr_kafka_cluster_id(
    struct hr_kafka_admin *admin, struct hr_arena *arena, struct hr_str *id, struct hr_error *error)
{
    struct kafka_client *client = &admin->client;
    char *found = NULL;
    /* In slices, since a broker that denies us is told between them. */
    for (int i = 0; !found && client->denied.fate != HR_STOP && i < 50; i++) {
        found = rd_kafka_clusterid(client->handle, KAFKA_PATIENCE_MS / 50);
        kafka_listen(client);
    }
    if (!found) {
        return kafka_fail(client, error, RD_KAFKA_RESP_ERR__TIMED_OUT, "looking for a broker");
    }
    *id = hr_arena_copy(arena, hr_str(found));
    rd_kafka_mem_free(client->handle, found);
    return HR_OK;
}
