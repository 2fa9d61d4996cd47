/* SPDX-License-Identifier: Apache-2.0 */
/* hr:manifest, the copy of the manifest that Redis holds: for readers, and for the day on which the
 * changelog is gone. It is published before a home's marker may name its newest epoch, so that it
 * knows every epoch that stored state can name.
 *
 * It is read back by one command alone, on an operator's word. `run` never does: a changelog
 * without a manifest is not explained by a Redis that has one. */
#include "state.h"

#include <inttypes.h>
#include <stdio.h>

#define RULES_FIELD "rules:"

struct fields {
    struct hr_str *at;
    size_t count;
};

static void add(struct fields *fields, struct hr_str name, struct hr_str value)
{
    fields->at[fields->count++] = name;
    fields->at[fields->count++] = value;
}

static struct hr_str number_text(struct hr_arena *arena, uint32_t number)
{
    return hr_arena_printf(arena, "%" PRIu32, number);
}

/* All at once: whoever reads it back finds all of it, or nothing. */
enum hr_fate hr_manifest_publish(struct hr_pipeline *p, struct hr_error *error)
{
    struct hr_arena *arena = &p->slice;
    struct fields fields = {
        hr_arena_take(arena, (p->epoch_count + 5) * 2 * sizeof(struct hr_str)), 0};
    struct hr_manifest manifest;
    for (size_t i = 0; i < p->epoch_count; i++) {
        enum hr_fate fate = hr_manifest_get(p->epochs[i].manifest, &manifest, error);
        if (fate)
            return fate;
        add(&fields, hr_arena_printf(arena, RULES_FIELD "%" PRIu32, manifest.epoch), manifest.text);
    }
    if (!p->epoch_count)
        return HR_OK;
    char since[HR_TIME_TEXT];
    add(&fields, HR_STR("epoch"), number_text(arena, manifest.epoch));
    add(&fields, HR_STR("homes"), number_text(arena, manifest.home_count));
    add(&fields, HR_STR("cluster"), manifest.cluster_id);
    add(&fields, HR_STR("group"), manifest.group);
    add(&fields, HR_STR("live_from"),
        (struct hr_str){since, hr_time_print(manifest.live_from, since)});
    return p->with.store.publish(p->with.store.self, fields.at, fields.count, error);
}

/* --- reading it back ---------------------------------------------------------------------------
 */

static struct hr_str find(const struct hr_str *fields, size_t count, const char *name)
{
    for (size_t i = 0; i + 1 < count; i += 2)
        if (hr_str_is(fields[i], name))
            return fields[i + 1];
    return (struct hr_str){NULL, 0};
}

/* A number from 1; 0: it is none. */
static uint32_t number_of(struct hr_str text)
{
    uint32_t number = 0;
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] < '0' || text.at[i] > '9' || __builtin_mul_overflow(number, 10u, &number) ||
            __builtin_add_overflow(number, (uint32_t)(text.at[i] - '0'), &number))
            return 0;
    return number;
}

/* One epoch into this batch, as its first owner wrote it. */
static enum hr_fate write_back(
    struct hr_pipeline *p, const struct hr_manifest *manifest, struct hr_error *error)
{
    struct hr_buffer bytes = {0};
    hr_manifest_put(manifest, &bytes);
    struct hr_log_record record = {
        .topic = p->with.config->changelog_topic,
        .partition = 0,
        .timestamp = HR_TIME_NONE,
        .key = hr_arena_printf(&p->slice, HR_MANIFEST_KEY "%" PRIu32, manifest->epoch),
        .value = hr_buffer_str(&bytes),
    };
    enum hr_fate fate = hr_manifest_learn(p, record.value, error);
    if (!fate)
        hr_batch_add(p, &record);
    hr_buffer_clean_up(&bytes);
    if (!fate)
        hr_log(p->with.log, HR_INFO, "rules epoch %" PRIu32 " (%.12s) is written back from Redis",
            manifest->epoch, manifest->fingerprint.at);
    return fate;
}

static enum hr_fate restore_epoch(
    struct hr_pipeline *p, struct hr_manifest manifest, struct hr_str text, struct hr_error *error)
{
    struct hr_rules *rules;
    struct hr_complaints complaints = {0};
    enum hr_fate fate = hr_rules_parse(text, manifest.epoch, p->with.zones, &rules, &complaints);
    if (fate) {
        fate = hr_fail(error, HR_STOP, "rules epoch %" PRIu32 " in Redis cannot be read: %s",
            manifest.epoch, complaints.count ? complaints.at[0].text : "unknown reason");
    } else {
        manifest.fingerprint = hr_str(rules->fingerprint);
        manifest.text = text;
        fate = write_back(p, &manifest, error);
        hr_rules_destroy(rules);
    }
    hr_complaints_clean_up(&complaints);
    return fate;
}

enum hr_fate hr_manifest_restore(struct hr_pipeline *p, struct hr_error *error)
{
    struct hr_str *fields;
    size_t count;
    enum hr_fate fate =
        p->with.store.published(p->with.store.self, &p->slice, &fields, &count, error);
    if (fate)
        return fate;
    struct hr_manifest manifest = {
        .home_count = number_of(find(fields, count, "homes")),
        .cluster_id = find(fields, count, "cluster"),
        .group = find(fields, count, "group"),
    };
    bool whole = hr_time_parse(find(fields, count, "live_from"), &manifest.live_from);
    for (size_t i = 0; i + 1 < count && !fate; i += 2) {
        if (!hr_str_starts(fields[i], RULES_FIELD))
            continue;
        size_t start = sizeof RULES_FIELD - 1;
        manifest.epoch = number_of((struct hr_str){fields[i].at + start, fields[i].len - start});
        if (hr_pipeline_rules_of(p, manifest.epoch))
            continue; /* what the changelog has is the truth */
        fate = whole && manifest.epoch ? restore_epoch(p, manifest, fields[i + 1], error)
                                       : hr_fail(error, HR_STOP, "hr:manifest in Redis is damaged");
    }
    if (!fate && !p->epoch_count)
        fate = hr_fail(error, HR_STOP,
            "neither the changelog nor hr:manifest in Redis has rules: there is nothing to restore "
            "from");
    return fate;
}
