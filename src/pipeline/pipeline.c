/* SPDX-License-Identifier: Apache-2.0 */
/* Making and unmaking the loop, and what it says of its health to another thread. */
#include "state.h"

#include <inttypes.h>
#include <stdlib.h>

#define UNHEALTHY_AFTER (20 * HR_SECOND)

/* The home count is that of the internal topic; a source with that count is a home topic. */
static enum hr_fate add_topic(struct hr_pipeline *p, struct hr_str name,
    const struct hr_source *source, struct hr_error *error)
{
    struct hr_topic *topic = &p->topics[p->topic_count];
    *topic = (struct hr_topic){.name = name, .source = source};
    enum hr_fate fate =
        p->with.broker.partitions(p->with.broker.self, name, &topic->partitions, error);
    if (fate)
        return fate;
    if (topic->partitions <= 0)
        return hr_fail(error, HR_STOP,
            "topic %.*s does not exist; `headroom topics create` makes what headroom itself needs",
            (int)name.len, name.at);
    if (!source)
        p->home_count = (uint32_t)topic->partitions;
    topic->role = !source                                        ? HR_ROLE_INTERNAL
                  : (uint32_t)topic->partitions == p->home_count ? HR_ROLE_HOME
                                                                 : HR_ROLE_FOREIGN;
    p->topic_count++;
    return HR_OK;
}

enum hr_fate hr_changelog_check(struct hr_pipeline *p, struct hr_error *error)
{
    struct hr_str changelog = p->with.config->changelog_topic;
    struct hr_str internal = p->with.config->internal_topic;
    int32_t count = 0;
    enum hr_fate fate = p->with.broker.partitions(p->with.broker.self, changelog, &count, error);
    if (!fate && count <= 0)
        return hr_fail(error, HR_REFUSE,
            "topic %.*s does not exist; `headroom topics create` makes what headroom itself needs",
            (int)changelog.len, changelog.at);
    if (!fate && (uint32_t)count != p->home_count)
        return hr_fail(error, HR_STOP,
            "the changelog %.*s has %" PRId32 " partitions, the internal topic %.*s has %" PRIu32
            ": they must have the same count",
            (int)changelog.len, changelog.at, count, (int)internal.len, internal.at, p->home_count);
    return fate;
}

static enum hr_fate list_topics(struct hr_pipeline *p, struct hr_error *error)
{
    const struct hr_config *config = p->with.config;
    const struct hr_rules *rules = config->rules;
    p->topics = hr_alloc((rules->source_count + 1) * sizeof *p->topics);
    enum hr_fate fate = add_topic(p, config->internal_topic, NULL, error);
    for (size_t i = 0; i < rules->source_count && !fate; i++)
        fate = add_topic(p, rules->sources[i].topic, &rules->sources[i], error);
    if (!fate)
        fate = hr_changelog_check(p, error);
    return fate == HR_REFUSE ? HR_STOP : fate;
}

static void name_metrics(struct hr_pipeline *p)
{
    struct hr_metrics *m = p->with.metrics;
    const char *const none[] = {NULL};
    p->triggers = hr_metric(m, HR_METRIC_COUNTER, "headroom_triggers_total",
        "Triggers decided, fired and resolved.", 1, none);
    p->shadowed = hr_metric(m, HR_METRIC_COUNTER, "headroom_shadow_triggers_total",
        "Triggers of rules in mode shadow and of accounts held out: decided and not published.", 1,
        none);
    p->batches_done = hr_metric(
        m, HR_METRIC_COUNTER, "headroom_batches_total", "Transactions committed.", 1, none);
    p->batches_lost = hr_metric(m, HR_METRIC_COUNTER, "headroom_takeovers_total",
        "Times that memory was dropped and partitions were taken over afresh.", 1, none);
    p->hastened = hr_metric(m, HR_METRIC_COUNTER, "headroom_hastened_total",
        "Records from other partitions that were taken before their time, since too many waited "
        "for "
        "topics behind.",
        1, none);
    p->commit_us = hr_metric(m, HR_METRIC_GAUGE, "headroom_commit_seconds",
        "How long the last transaction took.", HR_SECOND, none);
    p->accounts = hr_metric(
        m, HR_METRIC_GAUGE, "headroom_accounts_in_memory", "Accounts in memory.", 1, none);
    p->memory = hr_metric(
        m, HR_METRIC_GAUGE, "headroom_account_memory_bytes", "Memory of accounts.", 1, none);
    for (int r = HR_REASON_NONE + 1; r < HR_REASON_COUNT; r++)
        p->dead[r] = hr_metric(m, HR_METRIC_COUNTER, "headroom_dead_letters_total",
            "Dead letters by reason.", 1,
            (const char *const[]){"reason", hr_reason_name((enum hr_reason)r), NULL});
    for (int why = HR_WHY_FOR; why < HR_WHY_COUNT; why++)
        p->held[why] = hr_metric(m, HR_METRIC_COUNTER, "headroom_held_total",
            "Times that a level began to be held back, by reason.", 1,
            (const char *const[]){"reason", hr_why_name((enum hr_why)why), NULL});
}

enum hr_fate hr_pipeline_new(const struct hr_pipeline_settings *settings,
    struct hr_pipeline **pipeline, struct hr_error *error)
{
    struct hr_pipeline *p = hr_alloc(sizeof *p);
    *p = (struct hr_pipeline){.with = *settings, .phase = HR_PHASE_ALONE, .producer_broken = true};
    p->pool = hr_pool_new();
    p->decoder = hr_decoder_new(settings->zones);
    hr_arena_init(&p->assignment);
    hr_arena_init(&p->slice);
    for (int i = 0; i < 2; i++)
        hr_arena_init(&p->batches[i].arena);
    p->batch = &p->batches[0];
    p->proposal = settings->config->rules;
    name_metrics(p);
    atomic_store(&p->alive_us, hr_clock_monotonic_us());
    atomic_store(&p->alone_us, hr_clock_monotonic_us());
    atomic_store(&p->taking_count, 1);
    enum hr_fate fate = list_topics(p, error);
    p->doubts = hr_alloc((p->home_count + 1) * sizeof *p->doubts);
    if (fate) {
        hr_pipeline_destroy(p);
        return fate;
    }
    *pipeline = p;
    return HR_OK;
}

void hr_pipeline_destroy(struct hr_pipeline *p)
{
    hr_drop_memory(p);
    for (size_t i = 0; i < p->epoch_count; i++)
        p->epochs[i].settled = false;
    hr_rules_forget_unsettled(p);
    hr_free(p->epochs);
    hr_free(p->outs);
    hr_free(p->doubts);
    hr_free(p->topics);
    hr_buffer_clean_up(&p->scratch);
    hr_arena_clean_up(&p->assignment);
    hr_arena_clean_up(&p->slice);
    for (int i = 0; i < 2; i++)
        hr_arena_clean_up(&p->batches[i].arena);
    hr_decoder_destroy(p->decoder);
    hr_pool_destroy(p->pool);
    hr_free(p);
}

static bool too_long(int64_t since_us)
{
    return since_us && hr_clock_monotonic_us() - since_us > UNHEALTHY_AFTER;
}

bool hr_pipeline_healthy(struct hr_pipeline *p, struct hr_buffer *why)
{
    size_t before = why->len;
    int64_t refused = atomic_load(&p->refused_count);
    if (too_long(atomic_load(&p->alive_us)))
        hr_put_printf(why, "the loop has not turned for 20 s\n");
    if (too_long(atomic_load(&p->stalled_us)))
        hr_put_printf(why, "a batch has waited for its commit for 20 s\n");
    if (atomic_load(&p->refusal))
        hr_put_printf(
            why, "nothing goes on by itself: the log says what is wrong and what helps\n");
    else if (too_long(atomic_load(&p->away_us)))
        hr_put_printf(why, "Kafka or Redis has been away for 20 s\n");
    if (too_long(atomic_load(&p->alone_us))) /* also what an outage longer than the session is */
        hr_put_printf(why, "the group has not let this process in for 20 s\n");
    if (refused)
        hr_put_printf(why, "%" PRId64 " partitions are refused\n", refused);
    return why->len == before;
}

bool hr_pipeline_ready(struct hr_pipeline *p, struct hr_buffer *why)
{
    bool healthy = hr_pipeline_healthy(p, why);
    int64_t taking = atomic_load(&p->taking_count);
    if (taking)
        hr_put_printf(why, "restoring: %" PRId64 " partitions are being taken over\n", taking);
    return healthy && !taking;
}
