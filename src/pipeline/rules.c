/* SPDX-License-Identifier: Apache-2.0 */
/* Epochs of what decides. The manifest in changelog partition 0 is the truth; the owner of home 0
 * alone writes it, inside a batch, and announces it to every home in the same transaction. A home
 * changes its rules when it reads the announcement, at that place in its order of records, so that
 * every owner of a home decides alike whenever it starts.
 *
 * What this process was started with is only ever a proposal. */
#include "state.h"

#include <inttypes.h>
#include <stdio.h>

#define MANIFEST_PATIENCE (60 * HR_SECOND)

struct hr_known_rules *hr_known_latest(struct hr_pipeline *p)
{
    return p->epoch_count ? &p->epochs[p->epoch_count - 1] : NULL;
}

static struct hr_known_rules *find_epoch(struct hr_pipeline *p, uint32_t epoch)
{
    for (size_t i = 0; i < p->epoch_count; i++)
        if (p->epochs[i].epoch == epoch)
            return &p->epochs[i];
    return NULL;
}

/* The newest epoch of these rules: after a rollback several have the same. */
static const struct hr_known_rules *find_fingerprint(
    const struct hr_pipeline *p, const char *fingerprint)
{
    for (size_t i = p->epoch_count; i-- > 0;)
        if (strcmp(p->epochs[i].rules->fingerprint, fingerprint) == 0)
            return &p->epochs[i];
    return NULL;
}

const struct hr_rules *hr_pipeline_rules_of(void *pipeline, uint32_t epoch)
{
    struct hr_known_rules *known = find_epoch(pipeline, epoch);
    return known ? known->rules : NULL;
}

static void forget(struct hr_known_rules *known)
{
    hr_rules_destroy(known->rules);
    hr_free((void *)(uintptr_t)known->manifest.at);
}

void hr_rules_forget_unsettled(struct hr_pipeline *p)
{
    while (p->epoch_count && !p->epochs[p->epoch_count - 1].settled)
        forget(&p->epochs[--p->epoch_count]);
    p->proposed = false;
}

void hr_rules_settle(struct hr_pipeline *p)
{
    for (size_t i = 0; i < p->epoch_count; i++)
        p->epochs[i].settled = true;
}

/* --- learning ------------------------------------------------------------------------------------
 */

static enum hr_fate check_manifest(
    const struct hr_pipeline *p, const struct hr_manifest *manifest, struct hr_error *error)
{
    if (!hr_str_equal(manifest->cluster_id, p->with.cluster_id))
        return hr_fail(error, HR_STOP,
            "the changelog was written in Kafka cluster %.*s, this is %.*s: state of one cluster "
            "means nothing in another",
            (int)manifest->cluster_id.len, manifest->cluster_id.at, (int)p->with.cluster_id.len,
            p->with.cluster_id.at);
    if (!hr_str_equal(manifest->group, p->with.config->group))
        return hr_fail(error, HR_STOP,
            "the changelog belongs to group %.*s, not to %.*s: give each group a changelog of "
            "its own",
            (int)manifest->group.len, manifest->group.at, (int)p->with.config->group.len,
            p->with.config->group.at);
    if (manifest->home_count != p->home_count)
        return hr_fail(error, HR_STOP,
            "the changelog was begun with %" PRIu32 " partitions and now has %" PRIu32
            ": accounts would change their homes",
            manifest->home_count, p->home_count);
    return HR_OK;
}

enum hr_fate hr_manifest_learn(struct hr_pipeline *p, struct hr_str bytes, struct hr_error *error)
{
    struct hr_manifest manifest;
    enum hr_fate fate = hr_manifest_get(bytes, &manifest, error);
    if (fate)
        return fate;
    if (find_epoch(p, manifest.epoch))
        return HR_OK;
    fate = check_manifest(p, &manifest, error);
    if (fate)
        return fate;
    struct hr_rules *rules;
    struct hr_complaints complaints = {0};
    fate = hr_rules_parse(manifest.text, manifest.epoch, p->with.zones, &rules, &complaints);
    if (fate)
        fate = hr_fail(error, HR_STOP, "rules epoch %" PRIu32 " cannot be read by this version: %s",
            manifest.epoch, complaints.count ? complaints.at[0].text : "unknown reason");
    hr_complaints_clean_up(&complaints);
    if (fate)
        return fate;
    p->epochs = hr_resize(p->epochs, (p->epoch_count + 1) * sizeof *p->epochs);
    size_t at = p->epoch_count;
    while (at > 0 && p->epochs[at - 1].epoch > manifest.epoch) {
        p->epochs[at] = p->epochs[at - 1];
        at--;
    }
    p->epochs[at] = (struct hr_known_rules){
        .epoch = manifest.epoch, .rules = rules, .manifest = {hr_strdup(bytes), bytes.len}};
    p->epoch_count++;
    return HR_OK;
}

/* What stands in the changelog is committed. */
static enum hr_fate learn_settled(
    struct hr_pipeline *p, struct hr_str bytes, struct hr_error *error)
{
    struct hr_manifest manifest;
    enum hr_fate fate = hr_manifest_get(bytes, &manifest, error);
    if (!fate)
        fate = hr_manifest_learn(p, bytes, error);
    if (!fate)
        find_epoch(p, manifest.epoch)->settled = true;
    return fate;
}

static enum hr_fate take_manifest(struct hr_pipeline *p, void *context,
    const struct hr_log_record *record, struct hr_error *error)
{
    int64_t *deadline = context;
    enum hr_fate fate = HR_OK;
    if (record->value.at && hr_str_starts(record->key, HR_MANIFEST_KEY))
        fate = learn_settled(p, record->value, error);
    *deadline = hr_clock_monotonic_us() + MANIFEST_PATIENCE;
    p->manifest_next = record->offset + (fate == HR_OK);
    return fate;
}

static enum hr_fate await_manifest(struct hr_pipeline *p, void *context, struct hr_error *error)
{
    (void)p;
    const int64_t *deadline = context;
    return hr_clock_monotonic_us() > *deadline
               ? hr_fail(error, HR_RETRY, "the changelog does not answer")
               : HR_OK;
}

enum hr_fate hr_manifest_read_on(struct hr_pipeline *p, struct hr_error *error)
{
    int64_t deadline = hr_clock_monotonic_us() + MANIFEST_PATIENCE;
    const struct hr_walk walk = {.from = p->manifest_next,
        .take = take_manifest,
        .wait = await_manifest,
        .context = &deadline};
    return hr_changelog_walk(p, 0, &walk, error);
}

enum hr_fate hr_rules_missing(struct hr_pipeline *p, uint32_t epoch, struct hr_error *error)
{
    int64_t now = hr_clock_monotonic_us();
    if (!p->missing_since_us)
        p->missing_since_us = now;
    bool waits = now - p->missing_since_us <= hr_patience_us(p);
    if (p->restore == HR_RESTORE_FROM_REDIS)
        return hr_fail(error, HR_REFUSE,
            "neither the changelog nor hr:manifest in Redis has the rules of epoch %" PRIu32,
            epoch);
    return waits ? hr_fail(error, HR_RETRY,
                       "the manifest has no rules of epoch %" PRIu32 " in changelog partition 0",
                       epoch)
                 : hr_fail(error, HR_REFUSE,
                       "the manifest has no rules of epoch %" PRIu32
                       " in changelog partition 0, and no open transaction hides them: the "
                       "changelog lost them; with every process of the group stopped, `headroom "
                       "restore --from-redis` writes it anew from Redis",
                       epoch);
}

/* --- adopting: home 0 only --- */

static struct hr_str manifest_key(struct hr_pipeline *p, uint32_t epoch)
{
    return hr_arena_printf(&p->batch->arena, HR_MANIFEST_KEY "%" PRIu32, epoch);
}

struct hr_time hr_settled_live_from(const struct hr_pipeline *p)
{
    struct hr_manifest first;
    struct hr_error ignored;
    if (!p->epoch_count || hr_manifest_get(p->epochs[0].manifest, &first, &ignored))
        return HR_TIME_NONE;
    return first.live_from;
}

static struct hr_time live_from(const struct hr_pipeline *p, const struct hr_rules *rules)
{
    struct hr_time settled = hr_settled_live_from(p);
    if (settled.us != HR_TIME_NONE.us)
        return settled;
    return rules->live_from.us != HR_TIME_NONE.us ? rules->live_from : p->wall;
}

static enum hr_fate write_manifest(
    struct hr_pipeline *p, const struct hr_rules *rules, struct hr_error *error)
{
    struct hr_known_rules *latest = hr_known_latest(p);
    struct hr_manifest manifest = {
        .epoch = latest ? latest->epoch + 1 : 1,
        .home_count = p->home_count,
        .cluster_id = p->with.cluster_id,
        .group = p->with.config->group,
        .fingerprint = hr_str(rules->fingerprint),
        .text = rules->text,
        .live_from = live_from(p, rules),
    };
    struct hr_buffer bytes = {0};
    hr_manifest_put(&manifest, &bytes);
    struct hr_log_record record = {
        .topic = p->with.config->changelog_topic,
        .partition = 0,
        .timestamp = HR_TIME_NONE,
        .key = manifest_key(p, manifest.epoch),
        .value = hr_buffer_str(&bytes),
    };
    hr_batch_add(p, &record);
    struct hr_internal internal = {.kind = HR_INTERNAL_RULES,
        .arrival = p->wall,
        .order = p->wall,
        .text = hr_buffer_str(&bytes)};
    for (uint32_t home = 0; home < p->home_count; home++)
        hr_batch_add_internal(p, home, HR_STR("rules"), &internal);
    enum hr_fate fate = hr_manifest_learn(p, hr_buffer_str(&bytes), error);
    hr_buffer_clean_up(&bytes);
    if (!fate)
        hr_log(p->with.log, HR_INFO, "rules epoch %" PRIu32 " (%.12s) is announced", manifest.epoch,
            rules->fingerprint);
    return fate ? fate : hr_failpoint(HR_AT_RULES_ADOPTED, error);
}

/* Whether state that is there can go on under the rules; if not it is said why. */
static bool may_follow(struct hr_pipeline *p, const struct hr_rules *rules)
{
    const struct hr_known_rules *latest = hr_known_latest(p);
    struct hr_error error;
    if (!latest || hr_rules_may_follow(latest->rules, rules, &error) == HR_OK)
        return true;
    hr_log(p->with.log, HR_ERROR,
        "the rules %.12s are not taken, those of epoch %" PRIu32 " hold: %s", rules->fingerprint,
        latest->epoch, error.text);
    return false;
}

enum hr_fate hr_manifest_adopt(struct hr_pipeline *p, struct hr_str text, struct hr_error *error)
{
    struct hr_rules *rules;
    struct hr_complaints complaints = {0};
    enum hr_fate fate = hr_rules_parse(text, 0, p->with.zones, &rules, &complaints);
    if (fate) {
        hr_log(p->with.log, HR_WARN, "proposed rules are not taken: %s",
            complaints.count ? complaints.at[0].text : "they cannot be read by this version");
        fate = HR_OK;
    } else {
        /* A proposal that was sent twice, or that lost the race against a later one, is known. */
        if (!find_fingerprint(p, rules->fingerprint) && may_follow(p, rules))
            fate = write_manifest(p, rules, error);
        hr_rules_destroy(rules);
    }
    hr_complaints_clean_up(&complaints);
    return fate;
}

enum hr_fate hr_manifest_roll_back(
    struct hr_pipeline *p, uint32_t epoch, uint32_t current, struct hr_error *error)
{
    const struct hr_known_rules *wanted = find_epoch(p, epoch), *latest = hr_known_latest(p);
    if (!wanted || !latest || latest->epoch != current ||
        strcmp(wanted->rules->fingerprint, latest->rules->fingerprint) == 0) {
        hr_log(p->with.log, HR_WARN,
            "a rollback from epoch %" PRIu32 " to the rules of epoch %" PRIu32 " is not taken",
            current, epoch);
        return HR_OK;
    }
    return write_manifest(p, wanted->rules, error);
}

struct hr_str hr_rollback_record(
    uint32_t epoch, uint32_t current, struct hr_time now, struct hr_buffer *buffer)
{
    const struct hr_internal internal = {.kind = HR_INTERNAL_ROLLBACK,
        .arrival = now,
        .order = now,
        .epoch = epoch,
        .current = current};
    hr_internal_put(&internal, buffer);
    return hr_buffer_str(buffer);
}

struct hr_str hr_brake_record(
    struct hr_str rule, bool discard, struct hr_time now, struct hr_buffer *buffer)
{
    const struct hr_internal internal = {.kind = HR_INTERNAL_MESSAGE,
        .arrival = now,
        .order = now,
        .message = {.kind = HR_MESSAGE_BRAKE,
            .name = rule,
            .account = HR_STR(""),
            .payload = HR_STR(""),
            .time = now,
            .last = discard}};
    hr_internal_put(&internal, buffer);
    return hr_buffer_str(buffer);
}

/* --- proposing and being told --- */

void hr_rules_propose(struct hr_pipeline *p)
{
    const struct hr_known_rules *latest = hr_known_latest(p);
    if (!p->proposal || p->proposed || !latest)
        return;
    p->proposed = true;
    const struct hr_known_rules *known = find_fingerprint(p, p->proposal->fingerprint);
    if (known) {
        if (known != latest)
            hr_log(p->with.log, HR_WARN,
                "these rules are those of epoch %" PRIu32 "; the current ones, of epoch %" PRIu32
                ", are used; `headroom rules rollback %" PRIu32 "` makes these the current ones",
                known->epoch, latest->epoch, known->epoch);
        p->proposal = NULL;
        return;
    }
    if (!may_follow(p, p->proposal)) {
        p->proposal = NULL;
        return;
    }
    struct hr_internal internal = {.kind = HR_INTERNAL_PROPOSAL,
        .arrival = p->wall,
        .order = p->wall,
        .text = p->proposal->text};
    hr_batch_add_internal(p, 0, HR_STR("proposal"), &internal);
    hr_log(p->with.log, HR_INFO, "proposed rules %.12s to the owner of partition 0",
        p->proposal->fingerprint);
}

void hr_rules_announced(
    struct hr_pipeline *p, struct hr_owned *owned, struct hr_str bytes, struct hr_time clock)
{
    struct hr_manifest manifest;
    struct hr_error ignored;
    if (hr_manifest_get(bytes, &manifest, &ignored) != HR_OK ||
        manifest.epoch <= hr_home_rules(owned->home)->epoch)
        return;
    hr_home_set_rules(owned->home, find_epoch(p, manifest.epoch)->rules, clock);
    hr_batch_touch(p, owned);
}
