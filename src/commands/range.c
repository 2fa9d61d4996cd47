/* SPDX-License-Identifier: Apache-2.0 */
/* The one order of EXACTLY_ONCE, over all partitions at once: by arrival; on a tie topics that have
 * as many partitions as there are homes before the others (those come to their homes by way of the
 * internal topic, which is last on a tie), then by the topic's name, then by partition. A record
 * stands no earlier than the one before it in its partition. `run` keeps that order in each home
 * alone; over all homes it is the same for each of them. */
#include "range.h"

#include "headroom/memory.h"

struct hr_range_part {
    const struct hr_source *source;
    bool home;  /* of a topic with as many partitions as there are homes */
    bool ready; /* `record` is its next */
    bool ended;
    struct hr_log_record record;
    struct hr_time order;
};

/* --- open ---------------------------------------------------------------------------------------
 */

static bool is_wanted(const struct hr_range_settings *settings, const struct hr_source *source)
{
    for (size_t i = 0; i < settings->topic_count; i++) {
        if (hr_str_is(source->topic, settings->topics[i])) {
            return true;
        }
    }
    return settings->topic_count == 0;
}

static bool is_source(const struct hr_rules *rules, const char *topic)
{
    for (uint16_t i = 0; i < rules->source_count; i++) {
        if (hr_str_is(rules->sources[i].topic, topic)) {
            return true;
        }
    }
    return false;
}

static struct hr_kafka_span span_of(
    const struct hr_range_settings *settings, const struct hr_source *source)
{
    struct hr_kafka_span span = {
        .topic = source->topic, .from = settings->from, .to = settings->to};
    if (hr_time_is(span.from, HR_TIME_NONE) && source->from == HR_FROM_TIME) {
        span.from = source->from_time;
    }
    return span;
}

/* As many homes as the internal topic has partitions; before `topics create` as the first source
 * has, which is what that would choose. */
static enum hr_fate count_homes(const struct hr_config *config,
    const struct hr_kafka_settings *kafka, const struct hr_source *first, int32_t *homes,
    struct hr_error *error)
{
    struct hr_kafka_admin *admin;
    enum hr_fate fate = hr_kafka_admin_open(kafka, &admin, error);
    if (fate != HR_OK) {
        return fate;
    }
    fate = hr_kafka_topic_partitions(admin, config->internal_topic, homes, error);
    if (fate == HR_OK && *homes == 0) {
        fate = hr_kafka_topic_partitions(admin, first->topic, homes, error);
    }
    hr_kafka_admin_close(admin);
    return fate;
}

/* Parts come topic by topic, partitions ascending. */
static void name_parts(
    struct hr_range *range, const struct hr_source *const *sources, int32_t homes)
{
    range->part_count = hr_kafka_range_parts(range->kafka);
    range->parts = hr_alloc((range->part_count + 1) * sizeof(*range->parts));
    size_t source = 0;
    for (size_t i = 0, count; i < range->part_count; i += count, source++) {
        count = hr_kafka_range_partitions(range->kafka, source);
        for (size_t k = 0; k < count; k++) {
            range->parts[i + k] = (struct hr_range_part){
                .source = sources[source], .home = (int32_t)count == homes, .order = HR_TIME_NONE};
        }
    }
}

enum hr_fate hr_range_open(
    struct hr_range *range, const struct hr_range_settings *settings, struct hr_error *error)
{
    const struct hr_rules *rules = settings->config->rules;
    struct hr_kafka_settings kafka = {.brokers = settings->config->brokers,
        .properties = settings->config->properties,
        .property_count = settings->config->property_count,
        .log = settings->log};
    size_t count = 0;
    int32_t homes = 0;
    *range = (struct hr_range){0};
    for (size_t i = 0; i < settings->topic_count; i++) {
        if (!is_source(rules, settings->topics[i])) {
            return hr_fail(
                error, HR_REJECT, "%s is no topic among the sources", settings->topics[i]);
        }
    }
    struct hr_kafka_span *spans = hr_alloc((rules->source_count + 1u) * sizeof(*spans));
    const struct hr_source **sources = hr_alloc((rules->source_count + 1u) * sizeof(*sources));
    for (uint16_t i = 0; i < rules->source_count; i++) {
        if (is_wanted(settings, &rules->sources[i])) {
            sources[count] = &rules->sources[i];
            spans[count++] = span_of(settings, &rules->sources[i]);
        }
    }
    enum hr_fate fate = count == 0
                            ? hr_fail(error, HR_REJECT, "there are no sources")
                            : count_homes(settings->config, &kafka, sources[0], &homes, error);
    if (fate == HR_OK) {
        fate = hr_kafka_range_open(&kafka, spans, count, &range->kafka, error);
    }
    if (fate == HR_OK) {
        range->total = hr_kafka_range_records(range->kafka);
        name_parts(range, sources, homes);
    }
    hr_free(spans);
    hr_free(sources);
    return fate;
}

void hr_range_close(struct hr_range *range)
{
    hr_kafka_range_close(range->kafka);
    hr_free(range->parts);
}

/* --- read ---------------------------------------------------------------------------------------
 */

static enum hr_fate fill(struct hr_range *range, struct hr_range_part *part, struct hr_error *error)
{
    if (part->ready || part->ended) {
        return HR_OK;
    }
    enum hr_fate fate = hr_kafka_range_next(
        range->kafka, (size_t)(part - range->parts), &part->record, &part->ready, error);
    part->ended = fate == HR_OK && !part->ready;
    if (part->ready) {
        part->order = hr_time_max(part->order, part->record.timestamp); /* NONE: as before it */
    }
    return fate;
}

static bool earlier(const struct hr_range_part *a, const struct hr_range_part *b)
{
    if (a->order.us != b->order.us) {
        return a->order.us < b->order.us;
    }
    if (a->home != b->home) {
        return a->home;
    }
    int topics = hr_str_compare(a->source->topic, b->source->topic);
    return topics ? topics < 0 : a->record.partition < b->record.partition;
}

enum hr_fate hr_range_next(struct hr_range *range, struct hr_log_record *record,
    const struct hr_source **source, struct hr_error *error)
{
    struct hr_range_part *best = NULL;
    *source = NULL;
    if (range->played) {
        range->played->ready = false; /* it was given and is no longer looked at */
    }
    for (size_t i = 0; i < range->part_count; i++) {
        struct hr_range_part *part = &range->parts[i];
        enum hr_fate fate = fill(range, part, error);
        if (fate != HR_OK) {
            return fate;
        }
        if (part->ready && (!best || earlier(part, best))) {
            best = part;
        }
    }
    range->played = best;
    if (best) {
        range->done++;
        *record = best->record;
        *source = best->source;
    }
    return HR_OK;
}
