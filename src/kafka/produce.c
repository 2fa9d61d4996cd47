/* SPDX-License-Identifier: Apache-2.0 */
/* A record as librdkafka wants it. Everything is copied: a batch's memory goes when the batch goes,
 * and a retry may come later. */
#include "produce.h"

#include "headroom/memory.h"

struct kafka_topic {
    char *name;
    rd_kafka_topic_t *handle;
};

/* NULL: librdkafka does not take the name. */
static rd_kafka_topic_t *topic_handle(
    rd_kafka_t *producer, struct kafka_topics *topics, struct hr_str name)
{
    for (size_t i = 0; i < topics->count; i++) {
        if (hr_str_is(name, topics->at[i].name)) {
            return topics->at[i].handle;
        }
    }
    char *text = hr_strdup(name);
    rd_kafka_topic_t *handle = rd_kafka_topic_new(producer, text, NULL);
    if (!handle) {
        hr_free(text);
        return NULL;
    }
    topics->at = hr_resize(topics->at, (topics->count + 1) * sizeof(*topics->at));
    topics->at[topics->count++] = (struct kafka_topic){.name = text, .handle = handle};
    return handle;
}

void kafka_topics_forget(struct kafka_topics *topics)
{
    for (size_t i = 0; i < topics->count; i++) {
        rd_kafka_topic_destroy(topics->at[i].handle);
        hr_free(topics->at[i].name);
    }
    hr_free(topics->at);
    *topics = (struct kafka_topics){NULL, 0};
}

/* NULL: one of them was not taken. */
static rd_kafka_headers_t *copy_headers(const struct hr_log_record *record)
{
    rd_kafka_headers_t *headers = rd_kafka_headers_new(record->header_count);
    for (size_t i = 0; i < record->header_count; i++) {
        const struct hr_header *header = &record->headers[i];
        if (rd_kafka_header_add(headers, header->name.at, (ssize_t)header->name.len,
                header->value.at, header->value.at ? (ssize_t)header->value.len : 0)) {
            rd_kafka_headers_destroy(headers);
            return NULL;
        }
    }
    return headers;
}

rd_kafka_error_t *kafka_send(rd_kafka_t *producer, struct kafka_topics *topics,
    const struct hr_log_record *record, uint32_t tag)
{
    bool timed = !hr_time_is(record->timestamp, HR_TIME_NONE);
    rd_kafka_topic_t *topic = topic_handle(producer, topics, record->topic);
    if (!topic) {
        return rd_kafka_error_new(RD_KAFKA_RESP_ERR__INVALID_ARG, "no such name of a topic");
    }
    rd_kafka_headers_t *headers = record->header_count ? copy_headers(record) : NULL;
    if (record->header_count && !headers) {
        return rd_kafka_error_new(RD_KAFKA_RESP_ERR__FAIL, "a header was not taken");
    }
    rd_kafka_vu_t arguments[] = {
        {.vtype = RD_KAFKA_VTYPE_RKT, .u.rkt = topic},
        {.vtype = RD_KAFKA_VTYPE_PARTITION, .u.i32 = record->partition},
        {.vtype = RD_KAFKA_VTYPE_MSGFLAGS, .u.i = RD_KAFKA_MSG_F_COPY},
        {.vtype = RD_KAFKA_VTYPE_KEY,
            .u.mem = {(void *)(uintptr_t)record->key.at, record->key.len}},
        {.vtype = RD_KAFKA_VTYPE_VALUE,
            .u.mem = {(void *)(uintptr_t)record->value.at, record->value.len}},
        {.vtype = RD_KAFKA_VTYPE_OPAQUE, .u.ptr = (void *)(uintptr_t)tag},
        /* 0 is "now" to librdkafka. */
        {.vtype = RD_KAFKA_VTYPE_TIMESTAMP, .u.i64 = timed ? record->timestamp.us / 1000 : 0},
        {.vtype = RD_KAFKA_VTYPE_HEADERS, .u.headers = headers},
    };
    size_t count = sizeof(arguments) / sizeof(arguments[0]);
    rd_kafka_error_t *wrong = rd_kafka_produceva(producer, arguments, headers ? count : count - 1);
    if (wrong && headers) {
        rd_kafka_headers_destroy(headers);
    }
    return wrong;
}
