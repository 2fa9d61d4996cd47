/* SPDX-License-Identifier: Apache-2.0 */
/* Here the vendors' ports meet the loop that knows none of them. Whatever is not right is refused
 * before the first record is read; a service that is merely away is waited for. */
#include "processor.h"

#include "headroom/redis.h"

#include <sys/random.h>
#include <time.h>

#define FIRST_PAUSE (HR_SECOND / 4)
#define LONGEST_PAUSE (10 * HR_SECOND)
#define ACCOUNTS_ASSUMED 100000 /* for the line about memory */

/* Returns early when a signal comes. */
static void pause_for(int64_t us)
{
    struct timespec time = {.tv_sec = us / HR_SECOND, .tv_nsec = us % HR_SECOND * 1000};
    nanosleep(&time, NULL);
}

/* Waits after the attempt that failed with `error`; the first time it says for what. */
static void wait_for_service(
    const struct hr_processor *processor, int64_t *pause, const struct hr_error *error)
{
    if (*pause == 0) {
        hr_log(processor->log, HR_WARN, "waiting: %s", error->text);
    }
    *pause = *pause == 0 ? FIRST_PAUSE : 2 * *pause < LONGEST_PAUSE ? 2 * *pause : LONGEST_PAUSE;
    pause_for(*pause);
}

static struct hr_time now(void *context)
{
    (void)context;
    return hr_clock_now();
}

static uint64_t random_number(void *context)
{
    (void)context;
    uint64_t number = 0;
    while (getrandom(&number, sizeof(number), 0) != (ssize_t)sizeof(number)) {
    }
    return number;
}

static void log_findings(const struct hr_processor *processor)
{
    static const enum hr_level levels[] = {
        [HR_FINE] = HR_INFO, [HR_DOUBTFUL] = HR_WARN, [HR_WRONG] = HR_ERROR};
    for (size_t i = 0; i < processor->preflight.finding_count; i++) {
        const struct hr_finding *finding = &processor->preflight.findings[i];
        hr_log(processor->log, levels[finding->kind], "%.*s: %.*s", (int)finding->what.len,
            finding->what.at, (int)finding->text.len, finding->text.at);
    }
}

static enum hr_fate look(struct hr_processor *processor, struct hr_error *error)
{
    int64_t pause = 0;
    for (;;) {
        hr_preflight_clean_up(&processor->preflight);
        enum hr_fate fate = hr_preflight(
            processor->config, ACCOUNTS_ASSUMED, processor->log, &processor->preflight, error);
        if (fate != HR_RETRY) {
            log_findings(processor);
            return processor->preflight.wrong == 0
                       ? HR_OK
                       : hr_fail(error, HR_STOP, "not started: see above what must be put right");
        }
        wait_for_service(processor, &pause, error);
        if (*processor->stop) {
            return HR_OK;
        }
    }
}

static enum hr_fate open_store(struct hr_processor *processor, struct hr_error *error)
{
    const struct hr_redis_settings settings = {.url = processor->config->redis_url,
        .prefix = processor->config->prefix,
        .log = processor->log};
    int64_t pause = 0;
    enum hr_fate fate;
    while ((fate = hr_redis_open(&settings, &processor->store, error)) == HR_RETRY) {
        wait_for_service(processor, &pause, error);
        if (*processor->stop) {
            return HR_OK;
        }
    }
    processor->store_open = fate == HR_OK;
    return fate;
}

static enum hr_fate open_broker(struct hr_processor *processor, struct hr_error *error)
{
    const struct hr_rules *rules = processor->config->rules;
    struct hr_kafka_settings settings = hr_kafka_settings_of(processor->config, processor->log);
    struct hr_str *topics = hr_alloc((rules->source_count + 1u) * sizeof(*topics));
    for (uint16_t i = 0; i < rules->source_count; i++) {
        topics[i] = rules->sources[i].topic;
    }
    topics[rules->source_count] = processor->config->internal_topic;
    settings.topics = topics;
    settings.topic_count = rules->source_count + 1u;
    enum hr_fate fate = hr_kafka_open(&settings, &processor->broker, error);
    processor->broker_open = fate == HR_OK;
    hr_free(topics);
    return fate;
}

static enum hr_fate make_pipeline(struct hr_processor *processor, struct hr_error *error)
{
    const struct hr_pipeline_settings settings = {.config = processor->config,
        .cluster_id = processor->preflight.cluster_id,
        .zones = processor->zones,
        .broker = processor->broker,
        .store = processor->store,
        .metrics = processor->metrics,
        .log = processor->log,
        .dead_letter_bytes = processor->preflight.dead_letter_bytes,
        .internal_bytes = processor->preflight.internal_bytes,
        .now = now,
        .random = random_number,
        .stop = processor->stop,
        .reload = processor->reload,
        .reloaded = processor->reloaded,
        .context = processor->context};
    int64_t pause = 0;
    enum hr_fate fate;
    while ((fate = hr_pipeline_new(&settings, &processor->pipeline, error)) == HR_RETRY) {
        wait_for_service(processor, &pause, error);
        if (*processor->stop) {
            return HR_OK;
        }
    }
    return fate;
}

enum hr_fate hr_processor_open(struct hr_processor *processor, struct hr_error *error)
{
    static enum hr_fate (*const steps[])(struct hr_processor *, struct hr_error *) = {
        look, open_store, open_broker, make_pipeline};
    processor->metrics = hr_metrics_new();
    hr_arena_init(&processor->preflight.arena);
    enum hr_fate fate = HR_OK;
    for (size_t i = 0; fate == HR_OK && !*processor->stop && i < sizeof(steps) / sizeof(steps[0]);
         i++) {
        fate = steps[i](processor, error);
    }
    return fate;
}

void hr_processor_close(struct hr_processor *processor)
{
    if (processor->pipeline) {
        hr_pipeline_destroy(processor->pipeline);
    }
    if (processor->broker_open) {
        hr_kafka_close(&processor->broker);
    }
    if (processor->store_open) {
        hr_redis_close(&processor->store);
    }
    hr_preflight_clean_up(&processor->preflight);
    hr_metrics_destroy(processor->metrics);
}
