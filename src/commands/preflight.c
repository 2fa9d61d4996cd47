/* SPDX-License-Identifier: Apache-2.0 */
/* The look before the start.
 *
 * Three kinds of findings: what the protocol cannot live with is wrong and keeps `run` from
 * starting (a changelog that is not compacted loses accounts, an internal topic with retention
 * loses events); what only costs something is doubtful; what managed services do not tell is
 * doubtful too, never wrong. Everything is looked at before anything is refused, so that a new
 * installation is put right in one round. */
#include "preflight.h"

#include "headroom/redis.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define CLOCK_APART HR_MINUTE /* more: this process or Redis is wrong, and timers would be */
#define LEAST_DELETE_RETENTION HR_DAY
#define DEFAULT_LARGEST_RECORD 1048588
/* The canonical text of rules is bounded at 512 KiB by the configuration. */
#define LARGEST_ANNOUNCEMENT (576 * 1024)
/* An account's name of 64 KiB as the key, and escaped at most sixfold as the subject; everything
 * else of a trigger is far smaller. */
#define LARGEST_TRIGGER (576 * 1024)
/* What is said of a record too large to be kept: reason, detail, place. */
#define SMALLEST_LETTER (16 * 1024)

/* Bytes of Redis, measured with 20,000 accounts: one with a subscription and a meter (its value,
 * its view of 7 fields and its timer), and what each further meter of two windows adds. Members of
 * unique meters come on top. */
#define ACCOUNT_BYTES 700
#define METER_BYTES 100
#define ID_BYTES 16 /* a fingerprint and its hour */

struct look {
    const struct hr_config *config;
    const struct hr_log *log;
    struct hr_preflight *preflight;
    struct hr_kafka_admin *admin;
    struct hr_source_settings sources;
};

HR_PRINTF(4, 5)
static void find(
    struct look *look, enum hr_finding_kind kind, struct hr_str what, const char *format, ...)
{
    struct hr_preflight *preflight = look->preflight;
    if (preflight->finding_count == preflight->finding_room) {
        preflight->finding_room = preflight->finding_room ? 2 * preflight->finding_room : 32;
        preflight->findings =
            hr_resize(preflight->findings, preflight->finding_room * sizeof(*preflight->findings));
    }
    char text[HR_ERROR_TEXT];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    preflight->findings[preflight->finding_count++] = (struct hr_finding){kind,
        hr_arena_copy(&preflight->arena, what), hr_arena_copy(&preflight->arena, hr_str(text))};
    preflight->wrong += kind == HR_WRONG;
}

void hr_preflight_clean_up(struct hr_preflight *preflight)
{
    hr_free(preflight->findings);
    hr_arena_clean_up(&preflight->arena);
}

struct hr_kafka_settings hr_kafka_settings_of(
    const struct hr_config *config, const struct hr_log *log)
{
    return (struct hr_kafka_settings){.brokers = config->brokers,
        .group = config->group,
        .instance = config->instance,
        .properties = config->properties,
        .property_count = config->property_count,
        .session_us = config->session_us,
        .transaction_us = config->transaction_us,
        .log = log};
}

/* --- topics -------------------------------------------------------------------------------------
 */

static struct hr_str topic_name(struct look *look, struct hr_str topic)
{
    return hr_arena_printf(
        &look->preflight->arena, "topic %s", hr_escape(&look->preflight->arena, topic, 249));
}

/* A setting as text; at == NULL when the broker does not tell, which has been said then. */
static enum hr_fate read_setting(struct look *look, struct hr_str topic, const char *name,
    struct hr_str *value, struct hr_error *error)
{
    *value = (struct hr_str){NULL, 0};
    enum hr_fate fate =
        hr_kafka_topic_setting(look->admin, topic, name, &look->preflight->arena, value, error);
    if (fate == HR_RETRY) {
        return fate;
    }
    if (fate != HR_OK || !value->at) {
        *value = (struct hr_str){NULL, 0};
        find(look, HR_DOUBTFUL, topic_name(look, topic), "%s cannot be seen%s%s", name,
            fate == HR_OK ? "" : ": ", fate == HR_OK ? "" : error->text);
    }
    return HR_OK;
}

static int64_t number_in(struct hr_arena *arena, struct hr_str text)
{
    return strtoll(hr_escape(arena, text, 30), NULL, 10);
}

static enum hr_fate read_number(struct look *look, struct hr_str topic, const char *name,
    int64_t unknown, int64_t *number, struct hr_error *error)
{
    struct hr_str value;
    enum hr_fate fate = read_setting(look, topic, name, &value, error);
    *number = value.at ? number_in(&look->preflight->arena, value) : unknown;
    return fate;
}

static enum hr_fate demand_setting(struct look *look, struct hr_str topic, const char *name,
    const char *wanted, const char *why, struct hr_error *error)
{
    struct hr_str value;
    enum hr_fate fate = read_setting(look, topic, name, &value, error);
    if (value.at && !hr_str_is(value, wanted)) {
        find(look, HR_WRONG, topic_name(look, topic), "%s is %s and must be %s: %s", name,
            hr_escape(&look->preflight->arena, value, 100), wanted, why);
    }
    return fate;
}

enum hr_fate hr_source_settings(struct hr_kafka_admin *admin, const struct hr_rules *rules,
    struct hr_source_settings *settings, struct hr_error *error)
{
    static const char *const names[] = {"max.message.bytes", "min.insync.replicas"};
    int64_t *const values[] = {&settings->largest_record, &settings->in_sync_replicas};
    struct hr_arena arena;
    enum hr_fate fate = HR_OK;
    *settings = (struct hr_source_settings){0};
    hr_arena_init(&arena);
    for (size_t i = 0; fate != HR_RETRY && i < rules->source_count; i++) {
        int32_t partitions = 0;
        fate = hr_kafka_topic_partitions(admin, rules->sources[i].topic, &partitions, error);
        for (size_t n = 0; fate == HR_OK && partitions > 0 && n < 2; n++) {
            struct hr_str text = {NULL, 0};
            fate = hr_kafka_topic_setting(
                admin, rules->sources[i].topic, names[n], &arena, &text, error);
            if (fate == HR_OK && text.at) {
                int64_t value = number_in(&arena, text);
                *values[n] = value > *values[n] ? value : *values[n];
            }
        }
    }
    hr_arena_clean_up(&arena);
    if (settings->largest_record == 0) {
        settings->largest_record = DEFAULT_LARGEST_RECORD;
    }
    if (settings->in_sync_replicas == 0) {
        settings->in_sync_replicas = 1;
    }
    return fate == HR_RETRY ? HR_RETRY : HR_OK;
}

/* The number of partitions; 0 after it has been said what is missing. */
static enum hr_fate look_at_topic(struct look *look, struct hr_str topic, const char *cure,
    int32_t *partitions, struct hr_error *error)
{
    *partitions = 0;
    enum hr_fate fate = hr_kafka_topic_partitions(look->admin, topic, partitions, error);
    if (fate == HR_RETRY) {
        return fate;
    }
    if (fate != HR_OK) {
        find(look, HR_WRONG, topic_name(look, topic), "%s", error->text);
    } else if (*partitions == 0) {
        find(look, HR_WRONG, topic_name(look, topic), "there is no such topic; %s", cure);
    }
    return HR_OK;
}

#define MAKE_IT "`headroom topics create` makes it"

static enum hr_fate look_at_changelog(struct look *look, struct hr_error *error)
{
    struct hr_str topic = look->config->changelog_topic;
    int32_t partitions;
    int64_t retention_ms, in_sync;
    enum hr_fate fate = look_at_topic(look, topic, MAKE_IT, &partitions, error);
    if (fate != HR_OK || partitions == 0) {
        return fate;
    }
    size_t before = look->preflight->finding_count;
    look->preflight->homes = (uint32_t)partitions;
    fate = demand_setting(
        look, topic, "cleanup.policy", "compact", "accounts are kept nowhere else for good", error);
    if (fate != HR_OK) {
        return fate;
    }
    int64_t largest;
    fate = read_number(look, topic, "max.message.bytes", INT64_MAX, &largest, error);
    if (fate != HR_OK) {
        return fate;
    }
    if (largest < strtoll(HR_CHANGELOG_RECORD_BYTES, NULL, 10)) {
        find(look, HR_WRONG, topic_name(look, topic),
            "max.message.bytes is %" PRId64
            ": an account is one record and may take " HR_CHANGELOG_RECORD_BYTES,
            largest);
    }
    fate = read_number(look, topic, "delete.retention.ms", INT64_MAX / 1000, &retention_ms, error);
    if (fate != HR_OK) {
        return fate;
    }
    if (retention_ms * 1000 < LEAST_DELETE_RETENTION) {
        find(look, HR_DOUBTFUL, topic_name(look, topic),
            "delete.retention.ms is %" PRId64
            ": a Redis older than half of that is filled from the "
            "beginning of the changelog; 7 days (" HR_CHANGELOG_DELETE_RETENTION_MS ") are usual",
            retention_ms);
    }
    fate = read_number(look, topic, "min.insync.replicas", INT64_MAX, &in_sync, error);
    if (fate != HR_OK) {
        return fate;
    }
    if (in_sync < look->sources.in_sync_replicas) {
        find(look, HR_DOUBTFUL, topic_name(look, topic),
            "min.insync.replicas is %" PRId64 ", that of the sources %" PRId64
            ": counters would be less safe than the events that they are made of",
            in_sync, look->sources.in_sync_replicas);
    }
    if (look->preflight->finding_count == before) {
        find(look, HR_FINE, topic_name(look, topic), "%d partitions, as many homes", partitions);
    }
    return HR_OK;
}

static enum hr_fate look_at_internal(struct look *look, struct hr_error *error)
{
    struct hr_str topic = look->config->internal_topic;
    int32_t partitions;
    int64_t largest;
    enum hr_fate fate = look_at_topic(look, topic, MAKE_IT, &partitions, error);
    if (fate != HR_OK || partitions == 0) {
        return fate;
    }
    size_t before = look->preflight->finding_count;
    if (look->preflight->homes > 0 && (uint32_t)partitions != look->preflight->homes) {
        find(look, HR_WRONG, topic_name(look, topic),
            "it has %d partitions and the changelog %" PRIu32 "; both must have the home count",
            partitions, look->preflight->homes);
    }
    static const struct {
        const char *name, *wanted, *why;
    } demands[] = {
        {"cleanup.policy", "delete", "compaction would take forwarded events away"},
        {"retention.ms", "-1", "forwarded events would be lost while a home is down"},
        {"message.timestamp.type", "LogAppendTime",
            "records of old events would be lost to retention"},
    };
    for (size_t i = 0; i < sizeof(demands) / sizeof(demands[0]); i++) {
        fate =
            demand_setting(look, topic, demands[i].name, demands[i].wanted, demands[i].why, error);
        if (fate != HR_OK) {
            return fate;
        }
    }
    fate = read_number(look, topic, "max.message.bytes", DEFAULT_LARGEST_RECORD, &largest, error);
    if (fate != HR_OK) {
        return fate;
    }
    look->preflight->internal_bytes = (size_t)largest;
    int64_t wanted = look->sources.largest_record + HR_FORWARD_OVERHEAD_BYTES;
    if (largest < LARGEST_ANNOUNCEMENT) {
        find(look, HR_WRONG, topic_name(look, topic),
            "max.message.bytes is %" PRId64
            ": rules are announced in one record, which may take %d",
            largest, LARGEST_ANNOUNCEMENT);
    } else if (largest < wanted) {
        find(look, HR_DOUBTFUL, topic_name(look, topic),
            "max.message.bytes is %" PRId64 ", the sources allow %" PRId64
            ": what is larger becomes a dead letter instead of being forwarded; %" PRId64
            " is enough",
            largest, look->sources.largest_record, wanted);
    }
    if (look->preflight->finding_count == before) {
        find(look, HR_FINE, topic_name(look, topic), "%d partitions", partitions);
    }
    return HR_OK;
}

static enum hr_fate look_at_sources(struct look *look, struct hr_error *error)
{
    const struct hr_rules *rules = look->config->rules;
    for (uint16_t i = 0; i < rules->source_count; i++) {
        int32_t partitions;
        struct hr_str topic = rules->sources[i].topic;
        enum hr_fate fate =
            look_at_topic(look, topic, "make it, or take it out of `sources`", &partitions, error);
        if (fate != HR_OK) {
            return fate;
        }
        if (partitions == 0 || look->preflight->homes == 0) {
            continue;
        }
        bool home = (uint32_t)partitions == look->preflight->homes;
        find(look, HR_FINE, topic_name(look, topic), "%d partitions: %s", partitions,
            home ? "what is keyed by account is counted in place, the rest is forwarded"
                 : "not the home count, its records are forwarded");
    }
    return HR_OK;
}

static enum hr_fate look_at_results(struct look *look, struct hr_error *error)
{
    const struct hr_str topics[] = {look->config->trigger_topic, look->config->dead_letter_topic};
    static const int64_t least[] = {LARGEST_TRIGGER, SMALLEST_LETTER};
    for (size_t i = 0; i < 2; i++) {
        int32_t partitions;
        int64_t largest = DEFAULT_LARGEST_RECORD;
        enum hr_fate fate = look_at_topic(look, topics[i], MAKE_IT, &partitions, error);
        if (fate == HR_OK && partitions > 0) {
            find(look, HR_FINE, topic_name(look, topics[i]), "%d partitions", partitions);
            fate = read_number(look, topics[i], "max.message.bytes", largest, &largest, error);
        }
        if (fate != HR_OK) {
            return fate;
        }
        if (i == 1) {
            look->preflight->dead_letter_bytes = (size_t)largest;
        }
        if (largest < least[i]) {
            find(look, HR_WRONG, topic_name(look, topics[i]),
                "max.message.bytes is %" PRId64 ": %s may take %" PRId64
                ", and what cannot be sent would stop everything",
                largest, i == 0 ? "a trigger" : "the head of a dead letter", least[i]);
        }
    }
    return HR_OK;
}

static enum hr_fate look_at_kafka(struct look *look, struct hr_error *error)
{
    const struct hr_kafka_settings settings = hr_kafka_settings_of(look->config, look->log);
    enum hr_fate fate = hr_kafka_admin_open(&settings, &look->admin, error);
    if (fate != HR_OK) {
        return fate;
    }
    fate = hr_kafka_cluster_id(
        look->admin, &look->preflight->arena, &look->preflight->cluster_id, error);
    if (fate == HR_OK) {
        find(look, HR_FINE, HR_STR("kafka"), "cluster %s",
            hr_escape(&look->preflight->arena, look->preflight->cluster_id, 100));
        fate = hr_source_settings(look->admin, look->config->rules, &look->sources, error);
    }
    static enum hr_fate (*const looks[])(struct look *, struct hr_error *) = {
        look_at_changelog, look_at_internal, look_at_sources, look_at_results};
    for (size_t i = 0; fate == HR_OK && i < sizeof(looks) / sizeof(looks[0]); i++) {
        fate = looks[i](look, error);
    }
    hr_kafka_admin_close(look->admin);
    return fate;
}

/* --- Redis -------------------------------------------------------------------------------------
 */

static void judge_memory(struct look *look, const struct hr_redis_state *state, uint64_t accounts)
{
    uint64_t meters = look->config->rules->meter_count;
    uint64_t wanted = accounts * (ACCOUNT_BYTES + (meters > 1 ? meters - 1 : 0) * METER_BYTES) +
                      look->config->dedup_memory;
    uint64_t mib = wanted >> 20;
    if (state->max_memory > 0 && wanted > state->max_memory) {
        find(look, HR_DOUBTFUL, HR_STR("memory"),
            "%" PRIu64 " accounts and the ids seen take about %" PRIu64
            " MiB of Redis, its maxmemory is %" PRIu64 " MiB",
            accounts, mib, state->max_memory >> 20);
    } else {
        find(look, HR_FINE, HR_STR("memory"),
            "%" PRIu64 " accounts and the ids seen take about %" PRIu64 " MiB of Redis", accounts,
            mib);
    }
}

/* How many events a second may come before ids are forgotten that a late event could repeat. */
static void judge_ids(struct look *look)
{
    const struct hr_rules *rules = look->config->rules;
    int64_t seconds = (rules->lateness_us + rules->skew_us) / HR_SECOND;
    uint64_t ids = look->config->dedup_memory / ID_BYTES;
    find(look, HR_FINE, HR_STR("duplicates"),
        "%" PRIu64 " ids are remembered: back to lateness and skew at up to %" PRIu64
        " events a second",
        ids, ids / (uint64_t)(seconds > 0 ? seconds : 1));
}

static void judge_clock(struct look *look, const struct hr_redis_state *state)
{
    int64_t apart = hr_clock_now().us - state->clock.us;
    apart = apart < 0 ? -apart : apart;
    if (apart > CLOCK_APART) {
        find(look, HR_WRONG, HR_STR("clock"),
            "this machine's and Redis's are %" PRId64 " s apart; set the wrong one right",
            apart / HR_SECOND);
    }
}

static enum hr_fate look_at_redis(struct look *look, uint64_t accounts, struct hr_error *error)
{
    const struct hr_redis_settings settings = {
        .url = look->config->redis_url, .prefix = look->config->prefix, .log = look->log};
    struct hr_redis_state state;
    enum hr_fate fate = hr_redis_state(&settings, &state, error);
    if (fate != HR_OK) {
        return fate;
    }
    if (strcmp(state.policy, "noeviction") != 0) {
        find(look, HR_WRONG, HR_STR("redis"),
            "maxmemory-policy is %s and must be noeviction, or Redis throws accounts away: "
            "`redis-cli CONFIG SET maxmemory-policy noeviction`, and in its configuration",
            state.policy);
    } else {
        find(look, HR_FINE, HR_STR("redis"), "version %s, %s, %" PRIu64 " MiB used", state.version,
            state.persistence, state.used_memory >> 20);
    }
    judge_clock(look, &state);
    judge_memory(look, &state, accounts);
    return HR_OK;
}

enum hr_fate hr_preflight(const struct hr_config *config, uint64_t accounts,
    const struct hr_log *log, struct hr_preflight *preflight, struct hr_error *error)
{
    struct look look = {.config = config, .log = log, .preflight = preflight};
    struct hr_error of_redis;
    *preflight = (struct hr_preflight){0};
    hr_arena_init(&preflight->arena);
    judge_ids(&look);
    enum hr_fate kafka = look_at_kafka(&look, error);
    if (kafka != HR_OK) {
        find(&look, HR_WRONG, HR_STR("kafka"), "%s", error->text);
    }
    enum hr_fate redis = look_at_redis(&look, accounts, &of_redis);
    if (redis != HR_OK) {
        find(&look, HR_WRONG, HR_STR("redis"), "%s", of_redis.text);
    }
    if (kafka != HR_RETRY && redis == HR_RETRY) {
        *error = of_redis;
    }
    return kafka == HR_RETRY || redis == HR_RETRY ? HR_RETRY : HR_OK;
}
