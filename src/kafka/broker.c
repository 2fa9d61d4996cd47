/* SPDX-License-Identifier: Apache-2.0 */
/* The broker port as a whole: copies the settings, opens its parts, closes them in the order in
 * which they need each other. */
#include "broker.h"

static void copy_settings(struct kafka_broker *broker, const struct hr_kafka_settings *from)
{
    struct hr_arena *arena = &broker->arena;
    struct hr_kafka_settings *to = &broker->settings;
    *to = *from;
    to->brokers = hr_arena_copy(arena, from->brokers);
    to->group = hr_arena_copy(arena, from->group);
    to->instance = hr_arena_copy(arena, from->instance);
    struct hr_property *properties =
        hr_arena_take(arena, (from->property_count + 1) * sizeof(*properties));
    for (size_t i = 0; i < from->property_count; i++) {
        properties[i] = from->properties[i];
        properties[i].name = hr_arena_copy(arena, from->properties[i].name);
        properties[i].value = hr_arena_copy(arena, from->properties[i].value);
    }
    to->properties = properties;
    struct hr_str *topics = hr_arena_take(arena, (from->topic_count + 1) * sizeof(*topics));
    for (size_t i = 0; i < from->topic_count; i++) {
        topics[i] = hr_arena_copy(arena, from->topics[i]);
    }
    to->topics = topics;
}

enum hr_fate hr_kafka_open(
    const struct hr_kafka_settings *settings, struct hr_broker *port, struct hr_error *error)
{
    struct kafka_broker *broker = hr_alloc(sizeof(*broker));
    hr_arena_init(&broker->arena);
    copy_settings(broker, settings);
    *port = (struct hr_broker){.self = broker};
    kafka_member_offer(port);
    kafka_source_offer(port);
    kafka_topics_offer(port);
    kafka_transaction_offer(port);
    kafka_reading_offer(port);
    enum hr_fate fate = kafka_source_open(broker, error);
    if (fate == HR_OK) {
        fate = kafka_transaction_open(broker, error);
    }
    if (fate != HR_OK) {
        hr_kafka_close(port);
    }
    return fate;
}

void hr_kafka_close(struct hr_broker *port)
{
    struct kafka_broker *broker = port->self;
    if (broker) {
        kafka_transaction_close(broker);
        kafka_source_close(broker);
        kafka_reading_close(broker);
        hr_arena_clean_up(&broker->arena);
        hr_free(broker);
    }
    *port = (struct hr_broker){NULL};
}
