/* SPDX-License-Identifier: Apache-2.0 */
/* The judge. What is asked of a run whose faults are over:
 *
 *   1. It settles: every home is live, its time follows the wall clock, everything is consumed, no
 *      home was ever refused (settled.c).
 *   2. Each record of a source counts once: over all committed batches it reached the core once and
 *      was not forwarded, or is one dead letter. What a home says to another is heard once
 * (once.c).
 *   3. The triggers that a reader of committed records sees are, byte for byte, those that the same
 *      core decides when it is asked the same things once more, by a single home that was never
 *      interrupted, evicted, copied or taken over: none lost, none doubled. Ids are unique.
 *   4. Every stored value and timer in Redis is, byte for byte, that home's; and so is the last
 *      value of each key in the changelog (replay.c).
 *   5. No timer acts past a record that should have come before it: when a home's timers act up to
 *      T, every record that stood in its topics for some seconds and is earlier in the order than T
 *      has been applied (time.c).
 *   6. Where all records were there before the first start, the triggers are those of all records
 *      put into the one order first, however many partitions they came from (order.c).
 *
 * What the core was asked comes from the journal of committed batches, so 3 and 4 need no clock and
 * no order of their own; 6 takes nothing from it. */
#define _GNU_SOURCE /* memmem */
#include "judge.h"

#include "headroom/codec.h"
#include "pipeline/wire.h"

#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

/* What the processes said. */
static char *log_of(struct sim *sim)
{
    off_t size = lseek(sim->log_fd, 0, SEEK_END);
    char *text = hr_alloc((size_t)size + 1);
    if (pread(sim->log_fd, text, (size_t)size, 0) != size)
        sim_fail(sim, "the log cannot be read");
    return text;
}

static bool was_said(struct sim *sim, const char *words)
{
    char *text = log_of(sim);
    bool found = strstr(text, words) != NULL;
    hr_free(text);
    return found;
}

static bool says_who_owns(const char *line)
{
    static const char mark[] = "belongs to another process";
    return memmem(line, strcspn(line, "\n"), mark, sizeof mark - 1) != NULL;
}

/* Nothing that happens here is a reason to refuse a home, not even for a while, but that lists of
 * sources differ. */
static void judge_refusals(struct sim *sim)
{
    static const char mark[] = " is refused: ";
    char *text = log_of(sim);
    for (const char *at = text; (at = strstr(at, mark)); at += sizeof mark - 1)
        if (!sim->plan.deploys || !says_who_owns(at))
            sim_fail(sim, "a home%.300s", at);
    hr_free(text);
}

void sim_lines_add(struct sim *sim, struct sim_lines *lines, struct hr_str text)
{
    if (lines->count == lines->room) {
        size_t room = lines->room ? lines->room * 2 : 64;
        struct hr_str *at = hr_arena_take(&sim->arena, room * sizeof *at);
        if (lines->count)
            memcpy(at, lines->at, lines->count * sizeof *at);
        lines->at = at;
        lines->room = room;
    }
    lines->at[lines->count++] = sim_copy(sim, text);
}

static int by_text(const void *a, const void *b)
{
    return hr_str_compare(*(const struct hr_str *)a, *(const struct hr_str *)b);
}

void sim_lines_sort(struct sim_lines *lines)
{
    if (lines->count)
        qsort(lines->at, lines->count, sizeof *lines->at, by_text);
}

static void take_manifest(struct sim *sim, struct sim_epochs *epochs, struct hr_str bytes)
{
    struct hr_manifest manifest;
    struct hr_error error;
    struct hr_complaints complaints = {0};
    if (hr_manifest_get(bytes, &manifest, &error) || manifest.epoch >= SIM_EPOCHS) {
        sim_fail(sim, "a manifest cannot be read: %s", error.text);
        return;
    }
    struct hr_rules **rules = &epochs->at[manifest.epoch];
    if (*rules)
        sim_fail(sim, "epoch %" PRIu32 " was given twice", manifest.epoch);
    else if (hr_rules_parse(manifest.text, manifest.epoch, sim->zones, rules, &complaints))
        sim_fail(sim, "the rules of epoch %" PRIu32 " cannot be read", manifest.epoch);
    hr_complaints_clean_up(&complaints);
}

static void take_manifests(struct sim *sim, struct sim_epochs *epochs)
{
    const struct sim_partition *log = sim_partition_at(sim, (struct sim_place){TOPIC_CHANGELOG, 0});
    for (int64_t offset = 0; offset < log->end; offset++) { /* cleaned ones, too */
        const struct sim_entry *entry = &log->entries[offset];
        if (!entry->control && entry->txn->state == TXN_COMMITTED &&
            hr_str_starts(entry->record.key, "manifest:"))
            take_manifest(sim, epochs, entry->record.value);
    }
}

const struct hr_rules *sim_rules_of(void *context, uint32_t epoch)
{
    const struct sim_epochs *epochs = context;
    return epoch < SIM_EPOCHS ? epochs->at[epoch] : NULL;
}

void sim_lines_compare(
    struct sim *sim, const struct sim_lines *are, const struct sim_lines *must, const char *what)
{
    size_t i = 0, k = 0;
    while ((i < are->count || k < must->count) && !sim->verdict[0]) {
        int order = i == are->count    ? 1
                    : k == must->count ? -1
                                       : hr_str_compare(are->at[i], must->at[k]);
        struct hr_str text = order > 0 ? must->at[k] : are->at[i];
        if (order)
            sim_fail(sim, "trigger %s%s: %.*s", order > 0 ? "LOST" : "not to be", what,
                (int)text.len, text.at);
        i += order <= 0;
        k += order >= 0;
    }
}

static void take_published(struct sim *sim, struct sim_lines *are)
{
    const struct sim_entry *entry;
    for (int32_t n = 0; n < sim->kafka.topics[TOPIC_TRIGGERS].partitions; n++)
        for (int64_t offset = 0;
             (entry = sim_next_committed(sim, (struct sim_place){TOPIC_TRIGGERS, n}, &offset));
             offset++)
            sim_lines_add(sim, are, entry->record.value);
    sim_lines_sort(are);
    sim->tally.triggers += are->count;
}

static struct hr_str id_of(struct hr_str line)
{
    static const char mark[] = "\"id\":\"";
    for (size_t i = 0; i + sizeof mark < line.len; i++)
        if (memcmp(line.at + i, mark, sizeof mark - 1) == 0) {
            struct hr_str id = {line.at + i + sizeof mark - 1, 0};
            while (id.at[id.len] != '"')
                id.len++;
            return id;
        }
    return line;
}

/* What operators are told has one id for an hour. */
static bool is_operators(struct hr_str id)
{
    return hr_str_starts(id, "brake/") || hr_str_starts(id, "silent/");
}

static void judge_ids(struct sim *sim, struct sim_lines *triggers)
{
    struct sim_lines ids = {0};
    for (size_t i = 0; i < triggers->count; i++)
        sim_lines_add(sim, &ids, id_of(triggers->at[i]));
    sim_lines_sort(&ids);
    for (size_t i = 1; i < ids.count; i++)
        if (hr_str_equal(ids.at[i - 1], ids.at[i]) && !is_operators(ids.at[i]))
            sim_fail(sim, "trigger id %.*s twice", (int)ids.at[i].len, ids.at[i].at);
    if (sim->verdict[0] && sim->tell)
        for (size_t i = 0; i < triggers->count; i++)
            printf("    %.*s\n", (int)triggers->at[i].len, triggers->at[i].at);
}

void sim_judge(struct sim *sim)
{
    struct sim_lines published = {0}, triggers = {0};
    struct sim_epochs epochs = {0};
    judge_refusals(sim);
    sim_judge_once(sim);
    take_manifests(sim, &epochs);
    take_published(sim, &published);
    for (uint32_t home = 0; home < sim->plan.homes && !sim->verdict[0]; home++)
        sim_judge_replay(sim, home, &epochs, &triggers);
    sim_lines_sort(&triggers);
    if (!sim->verdict[0])
        sim_lines_compare(sim, &published, &triggers, "");
    if (!sim->verdict[0])
        judge_ids(sim, &triggers);
    /* Too many waited: no order was promised, and it was said. */
    bool overfull = was_said(sim, "than memory is set aside for");
    for (uint32_t home = 0; home < sim->plan.homes && !sim->verdict[0] && !overfull; home++)
        sim_judge_time(sim, home);
    if (!sim->verdict[0] && sim->plan.backlog && !overfull)
        sim_judge_order(sim, &epochs, &published);
    for (size_t i = 0; i < SIM_EPOCHS; i++)
        if (epochs.at[i])
            hr_rules_destroy(epochs.at[i]);
}
