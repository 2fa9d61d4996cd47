/* SPDX-License-Identifier: Apache-2.0 */
/* The judge. What is asked of a run whose faults are over:
 *
 *   1. It settles: every home is live, its time follows the wall clock, everything is consumed, no
 *      home was ever refused.
 *   2. Each record of a source counts once: over all committed batches it reached the core once and
 *      was not forwarded, or is one dead letter.
 *   3. The triggers that a reader of committed records sees are, byte for byte, those that the same
 *      core decides when it is asked the same things once more, by a single home that was never
 *      interrupted, evicted, copied or taken over: none lost, none doubled. Ids are unique.
 *   4. Every stored value and timer in Redis is, byte for byte, that home's; and so is the last
 * value of each key in the changelog.
 *
 *   5. No timer acts past a record that should have come before it: when a home's timers act up to
 *      T, every record that stood in its topics for some seconds and is earlier in the order than T
 *      has been applied.
 *
 * What the core was asked comes from the journal of committed batches, so 3 and 4 need no clock and
 * no order of their own. */
#include "sim.h"

#include "headroom/codec.h"
#include "pipeline/wire.h"

#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

/* --- 1: settled ---------------------------------------------------------------------------------
 */

static int64_t gauge(struct sim_process *process, const char *name, uint32_t partition)
{
    char text[16];
    snprintf(text, sizeof text, "%" PRIu32, partition);
    return hr_cell_get(hr_metric(process->metrics, HR_METRIC_GAUGE, name, "", 1,
        (const char *const[]){"partition", text, NULL}));
}

static bool is_live(struct sim *sim, uint32_t home)
{
    for (uint32_t slot = 0; slot < sim->plan.processes; slot++) {
        const struct sim_member *member = &sim->kafka.members[slot];
        struct sim_process *process = sim->processes[slot];
        if (!process || !member->joined || member->incarnation != process->incarnation)
            continue;
        for (size_t i = 0; i < member->assigned_count; i++)
            if (member->assigned[i].topic == TOPIC_INTERNAL &&
                (uint32_t)member->assigned[i].partition == home)
                return gauge(process, "headroom_partition_state", home) == 1 &&
                       sim_wall(sim) - gauge(process, "headroom_partition_time_seconds", home) <
                           8 * HR_SECOND;
    }
    return false;
}

static bool is_consumed(const struct sim *sim, struct sim_place of)
{
    int64_t next = sim->kafka.topics[of.topic].at[of.partition].committed;
    return next != HR_OFFSET_NONE && !sim_next_committed(sim, of, &next);
}

/* Clock reports come for ever; nothing else is left of what homes sent each other. */
static bool is_heard(struct sim *sim, uint32_t home)
{
    struct sim_place of = {TOPIC_INTERNAL, (int32_t)home};
    int64_t next = sim_partition_at(sim, of)->committed;
    struct hr_arena arena;
    hr_arena_init(&arena);
    bool heard = true;
    for (const struct sim_entry *entry; heard && (entry = sim_next_committed(sim, of, &next));
         next++) {
        struct hr_internal internal;
        heard = hr_internal_get(entry->record.value, &arena, &internal) &&
                internal.kind == HR_INTERNAL_CLOCK;
    }
    hr_arena_clean_up(&arena);
    return heard;
}

/* The marker begins as the metadata of the committed offsets do. */
static bool follows(const struct sim *sim, uint32_t home)
{
    struct hr_str metadata = sim->kafka.topics[TOPIC_INTERNAL].at[home].committed_metadata;
    struct hr_str marker = sim->redis.homes[home].marker;
    return metadata.at && marker.len > metadata.len &&
           memcmp(marker.at, metadata.at, metadata.len) == 0;
}

bool sim_is_settled(struct sim *sim)
{
    if (sim->kafka.unsettled)
        return false;
    for (uint32_t slot = 0; slot < sim->plan.processes; slot++)
        if (sim->respawn_us[slot] || !sim->processes[slot])
            return false;
    for (uint32_t home = 0; home < sim->plan.homes; home++)
        if (!is_live(sim, home) || !follows(sim, home) || !is_heard(sim, home))
            return false;
    for (uint32_t t = 0; t < sim->kafka.topic_count; t++)
        for (int32_t n = 0; sim->kafka.topics[t].source && n < sim->kafka.topics[t].partitions; n++)
            if (!is_consumed(sim, (struct sim_place){t, n}))
                return false;
    return true;
}

/* Nothing that happens here is a reason to refuse a home, not even for a while. */
static void judge_refusals(struct sim *sim)
{
    off_t size = lseek(sim->log_fd, 0, SEEK_END);
    char *text = hr_alloc((size_t)size + 1);
    if (pread(sim->log_fd, text, (size_t)size, 0) != size)
        sim_fail(sim, "the log cannot be read");
    char *refused = strstr(text, " is refused: ");
    if (refused)
        sim_fail(sim, "a home%.300s", refused);
    hr_free(text);
}

/* --- 2: each record once ------------------------------------------------------------------------
 */

static struct hr_str header(const struct hr_log_record *record, const char *name)
{
    const struct hr_header *found = hr_record_header(record, name);
    return found ? found->value : (struct hr_str){NULL, 0};
}

static int64_t number(struct hr_str text)
{
    int64_t value = 0;
    for (size_t i = 0; i < text.len; i++)
        value = value * 10 + (text.at[i] - '0');
    return text.len ? value : -1;
}

static void count_one(
    struct sim *sim, uint32_t **counts, struct hr_str topic, int64_t partition, int64_t offset)
{
    struct sim_place of =
        sim_place_named(sim, (struct hr_topic_partition){topic, (int32_t)partition});
    if (of.topic != UINT32_MAX && sim->kafka.topics[of.topic].source)
        counts[of.topic * SIM_PARTITIONS + (uint32_t)of.partition][offset]++;
}

static void count_journal(struct sim *sim, uint32_t **counts)
{
    for (uint32_t home = 0; home < sim->plan.homes; home++)
        for (const struct sim_ask *ask = sim_journal_of(sim, home)->first; ask; ask = ask->next)
            if (ask->kind == ASKED_APPLY && ask->verdict != HR_FORWARDED && ask->verdict != HR_DEAD)
                count_one(
                    sim, counts, ask->record.topic, ask->record.partition, ask->record.offset);
}

static void count_letters(struct sim *sim, uint32_t **counts)
{
    int64_t offset = 0;
    const struct sim_entry *entry;
    for (; (entry = sim_next_committed(sim, (struct sim_place){TOPIC_LETTERS, 0}, &offset));
         offset++) {
        count_one(sim, counts, header(&entry->record, "hr-topic"),
            number(header(&entry->record, "hr-partition")),
            number(header(&entry->record, "hr-offset")));
        sim->tally.letters++;
    }
}

static void judge_records(struct sim *sim)
{
    uint32_t *counts[SIM_TOPICS * SIM_PARTITIONS];
    for (uint32_t i = 0; i < SIM_TOPICS * SIM_PARTITIONS; i++)
        counts[i] = hr_arena_zeroed(&sim->arena,
            ((size_t)sim->kafka.topics[i / SIM_PARTITIONS].at[i % SIM_PARTITIONS].end + 1) *
                sizeof **counts);
    count_journal(sim, counts);
    count_letters(sim, counts);
    for (uint32_t t = 0; t < sim->kafka.topic_count; t++)
        for (int32_t n = 0; sim->kafka.topics[t].source && n < sim->kafka.topics[t].partitions; n++)
            for (int64_t o = 0; o < sim->kafka.topics[t].at[n].end; o++)
                if (counts[t * SIM_PARTITIONS + (uint32_t)n][o] != 1)
                    sim_fail(sim, "record %s/%" PRId32 "@%" PRId64 " counts %" PRIu32 " times",
                        sim->kafka.topics[t].name, n, o,
                        counts[t * SIM_PARTITIONS + (uint32_t)n][o]);
}

/* --- 3 and 4: once more, straight through
 * ---------------------------------------------------------
 */

struct lines {
    struct hr_str *at;
    size_t count, room;
};

static void add_line(struct sim *sim, struct lines *lines, struct hr_str text)
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

static void sort_lines(struct lines *lines)
{
    if (lines->count)
        qsort(lines->at, lines->count, sizeof *lines->at, by_text);
}

/* Rules by epoch, out of the manifests that were committed. One epoch is one set of rules. */
#define EPOCHS 64
struct epochs {
    struct hr_rules *at[EPOCHS];
};

static void take_manifest(struct sim *sim, struct epochs *epochs, struct hr_str bytes)
{
    struct hr_manifest manifest;
    struct hr_error error;
    struct hr_complaints complaints = {0};
    if (hr_manifest_get(bytes, &manifest, &error) || manifest.epoch >= EPOCHS) {
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

static void take_manifests(struct sim *sim, struct epochs *epochs)
{
    const struct sim_partition *log = sim_partition_at(sim, (struct sim_place){TOPIC_CHANGELOG, 0});
    for (int64_t offset = 0; offset < log->end; offset++) { /* cleaned ones, too */
        const struct sim_entry *entry = &log->entries[offset];
        if (!entry->control && entry->txn->state == TXN_COMMITTED &&
            hr_str_starts(entry->record.key, "manifest:"))
            take_manifest(sim, epochs, entry->record.value);
    }
}

static const struct hr_rules *rules_of(void *context, uint32_t epoch)
{
    const struct epochs *epochs = context;
    return epoch < EPOCHS ? epochs->at[epoch] : NULL;
}

struct replay {
    struct sim *sim;
    struct epochs *epochs;
    struct sim_table values, timers;
    struct hr_home *home;
    struct hr_pool *pool;
    struct hr_decoder *decoder;
    struct hr_arena arena;
    struct hr_outbox outbox;
    struct lines *triggers;
};

static const struct hr_format *format_named(const struct hr_rules *rules, struct hr_str name)
{
    for (size_t i = 0; i < rules->source_count; i++)
        if (hr_str_equal(rules->sources[i].format->name, name))
            return rules->sources[i].format;
    return hr_format_preset(name);
}

static void take_triggers(struct replay *replay)
{
    struct hr_buffer line = {0};
    for (size_t i = 0; i < replay->outbox.trigger_count; i++) {
        const struct hr_trigger *trigger = &replay->outbox.triggers[i];
        if (!hr_trigger_is_published(trigger))
            continue; /* of an account that is held out */
        hr_buffer_clear(&line);
        hr_encode_trigger(trigger, &replay->arena, &line);
        add_line(replay->sim, replay->triggers, hr_buffer_str(&line));
    }
    for (size_t i = 0; i < replay->outbox.notice_count; i++) {
        hr_buffer_clear(&line);
        hr_encode_notice(&replay->outbox.notices[i], &replay->arena, &line);
        add_line(replay->sim, replay->triggers, hr_buffer_str(&line));
    }
    hr_buffer_clean_up(&line);
}

static enum hr_verdict apply_again(struct replay *replay, const struct sim_ask *ask)
{
    const struct hr_rules *rules = hr_home_rules(replay->home);
    struct hr_record record = {.account = ask->account,
        .arrival = ask->arrival,
        .clock = ask->at,
        .topic = ask->record.topic};
    char detail[HR_DETAIL];
    if (hr_decode(replay->decoder, format_named(rules, ask->format), rules, &ask->record,
            &replay->arena, &record.event, detail))
        sim_fail(replay->sim, "an applied record is not decoded again: %s", detail);
    return hr_home_apply(replay->home, &record, &replay->outbox);
}

static void take_changes(struct replay *replay)
{
    struct hr_change *changes;
    size_t count;
    hr_home_changes(replay->home, &replay->arena, &changes, &count);
    for (size_t i = 0; i < count; i++) {
        struct hr_str due = {(const char *)&changes[i].due, sizeof changes[i].due};
        sim_table_set(replay->sim, &replay->values, changes[i].key, changes[i].value);
        if (changes[i].account.len)
            sim_table_set(replay->sim, &replay->timers, changes[i].account,
                hr_time_is(changes[i].due, HR_TIME_NEVER) ? (struct hr_str){NULL, 0} : due);
    }
    hr_home_settled(replay->home);
}

static void ask_again(struct replay *replay, const struct sim_ask *ask)
{
    enum hr_verdict verdict = ask->verdict;
    bool more = ask->more;
    hr_arena_reset(&replay->arena);
    hr_outbox_init(&replay->outbox, &replay->arena);
    switch (ask->kind) {
    case ASKED_CLOCK:
        hr_home_set_clock(replay->home, ask->at);
        break;
    case ASKED_WALL:
        hr_home_set_wall(replay->home, ask->at);
        break;
    case ASKED_RULES:
        hr_home_set_rules(replay->home, rules_of(replay->epochs, ask->epoch), ask->at);
        break;
    case ASKED_APPLY:
        verdict = apply_again(replay, ask);
        break;
    case ASKED_RECEIVE:
        verdict = hr_home_receive(replay->home, &ask->message, &replay->outbox);
        break;
    case ASKED_TICK:
        more = hr_home_tick(replay->home, ask->at, ask->most, &replay->outbox);
        break;
    case ASKED_CHANGES:
        take_changes(replay);
        break;
    }
    if (verdict != ask->verdict)
        sim_fail(replay->sim, "%.*s@%" PRId64 ": verdict %d, straight through %d",
            (int)ask->record.topic.len, ask->record.topic.at, ask->record.offset, ask->verdict,
            verdict);
    if (more != ask->more)
        sim_fail(replay->sim, "the tick at %.4f had %s to do", (double)ask->asked_us / 1e6,
            ask->more ? "less" : "more");
    take_triggers(replay);
}

static void print_bytes(const char *what, struct hr_str text)
{
    printf("    %s ", what);
    for (size_t i = 0; i < text.len; i++)
        printf("%02x%s", (unsigned char)text.at[i], i % 4 == 3 ? " " : "");
    printf("\n");
}

static void compare_key(struct sim *sim, uint32_t home, const char *where, struct hr_str key,
    struct hr_str is, struct hr_str must)
{
    if (sim->tell && (!hr_str_equal(is, must) || !is.at != !must.at)) {
        print_bytes("is  ", is);
        print_bytes("must", must);
    }
    if (!hr_str_equal(is, must) || !is.at != !must.at)
        sim_fail(sim, "home %" PRIu32 ": %.*s in %s has %zu bytes, not the %zu it must have", home,
            (int)key.len, key.at, where, is.len, must.len);
}

static void judge_state(struct replay *replay, uint32_t number_of)
{
    struct sim *sim = replay->sim;
    struct sim_home_store *store = &sim->redis.homes[number_of];
    struct sim_table values = replay->values, timers = replay->timers, logged = {0};
    const struct sim_entry *entry;
    struct sim_place of = {TOPIC_CHANGELOG, (int32_t)number_of};
    for (int64_t offset = 0; (entry = sim_next_committed(sim, of, &offset)); offset++)
        if (!hr_str_is(entry->record.key, "h") && !hr_str_starts(entry->record.key, "manifest:") &&
            !hr_str_starts(entry->record.key, "foreign:"))
            sim_table_set(sim, &logged, entry->record.key, entry->record.value);
    for (size_t i = 0; i < values.count; i++) {
        compare_key(sim, number_of, "Redis", values.at[i].key,
            sim_table_get(&store->values, values.at[i].key), values.at[i].value);
        compare_key(sim, number_of, "the changelog", values.at[i].key,
            sim_table_get(&logged, values.at[i].key), values.at[i].value);
    }
    for (size_t i = 0; i < store->values.count; i++)
        compare_key(sim, number_of, "Redis", store->values.at[i].key, store->values.at[i].value,
            sim_table_get(&values, store->values.at[i].key));
    for (size_t i = 0; i < timers.count; i++)
        compare_key(sim, number_of, "the timers", timers.at[i].key,
            sim_table_get(&store->timers, timers.at[i].key), timers.at[i].value);
    if (timers.count != store->timers.count || store->views.count > timers.count)
        sim_fail(sim, "home %" PRIu32 " has %zu timers, not %zu, and %zu views", number_of,
            store->timers.count, timers.count, store->views.count);
}

static void replay_home(
    struct sim *sim, uint32_t number_of, struct epochs *epochs, struct lines *triggers)
{
    const struct sim_committed *committed = sim_journal_of(sim, number_of);
    if (!committed->begun) {
        sim_fail(sim, "home %" PRIu32 " has no batch", number_of);
        return;
    }
    const struct hr_rules *rules = rules_of(epochs, committed->first_epoch);
    if (!rules) {
        sim_fail(sim, "home %" PRIu32 " began with rules that nobody committed", number_of);
        return;
    }
    struct replay replay = {
        .sim = sim, .epochs = epochs, .pool = hr_pool_new(), .triggers = triggers};
    hr_arena_init(&replay.arena);
    replay.decoder = hr_decoder_new(sim->zones);
    uint64_t ids = rules->dedup_memory / 16 / sim->plan.homes / 256 * 256;
    struct hr_home_settings settings = {
        .number = number_of,
        .count = sim->plan.homes,
        .seen_capacity = ids ? ids : 256,
        .rules = rules,
        .rules_of = rules_of,
        .context = epochs,
        .zones = sim->zones,
        .live_from = rules->live_from,
        .complete = true,
    };
    replay.home = hr_home_new(&settings, replay.pool);
    for (const struct sim_ask *ask = committed->first; ask && !sim->verdict[0]; ask = ask->next)
        ask_again(&replay, ask);
    if (!sim->verdict[0])
        judge_state(&replay, number_of);
    hr_home_destroy(replay.home);
    hr_decoder_destroy(replay.decoder);
    hr_arena_clean_up(&replay.arena);
    hr_pool_destroy(replay.pool);
}

/* --- 5: time ------------------------------------------------------------------------------------
 */

/* Where in a home's history a record of a source was applied; 0: nowhere, or under an alias, whose
 * home sends it on, and nobody waits for what is sent on. */
struct applied {
    size_t *at[SIM_TOPICS][SIM_PARTITIONS];
};

static size_t *place_of(struct sim *sim, struct applied *applied, const struct sim_ask *ask)
{
    struct sim_place of =
        sim_place_named(sim, (struct hr_topic_partition){ask->record.topic, ask->record.partition});
    return &applied->at[of.topic][of.partition][ask->record.offset];
}

static void note_applied(struct sim *sim, uint32_t home, struct applied *applied)
{
    for (uint32_t t = 0; t < sim->kafka.topic_count; t++)
        for (int32_t n = 0; n < SIM_PARTITIONS; n++)
            applied->at[t][n] = hr_arena_zeroed(&sim->arena,
                ((size_t)sim->kafka.topics[t].at[n].end + 1) * sizeof *applied->at[t][n]);
    size_t number_of = 0;
    for (struct sim_ask *ask = sim_journal_of(sim, home)->first; ask; ask = ask->next) {
        ask->number = ++number_of;
        if (ask->kind == ASKED_APPLY)
            *place_of(sim, applied, ask) = ask->number;
    }
    for (uint32_t other = 0; other < sim->plan.homes; other++)
        for (struct sim_ask *ask = sim_journal_of(sim, other)->first; ask; ask = ask->next)
            if (ask->kind == ASKED_APPLY && ask->verdict == HR_FORWARDED)
                *place_of(sim, applied, ask) = 0;
}

/* A home topic's records that are forwarded go in their turn and hold nobody. */
static bool holds_time(const struct sim *sim, uint32_t home, uint32_t topic, int32_t partition)
{
    return sim->kafka.topics[topic].source &&
           (topic == TOPIC_CLICKS || (uint32_t)partition == home);
}

static void judge_tick(struct sim *sim, uint32_t home, const struct sim_ask *tick,
    const struct applied *applied, uint32_t t, int32_t n)
{
    const struct sim_partition *partition = &sim->kafka.topics[t].at[n];
    int64_t margin = (t == TOPIC_CLICKS ? 9 : 6) * HR_SECOND;
    int64_t order = INT64_MIN;
    for (int64_t offset = 0; offset < partition->end; offset++) {
        const struct sim_entry *entry = &partition->entries[offset];
        int64_t stamp = entry->record.timestamp.us;
        if (stamp > entry->appended_us) /* from the future: it comes when it is read */
            return;
        if (t == TOPIC_CLICKS && stamp == HR_TIME_NONE.us)
            continue; /* forwarded, it takes the clock that it finds */
        order = order > stamp ? order : stamp;
        if (applied->at[t][n][offset] > tick->number && order < tick->at.us &&
            entry->appended_us < tick->at.us - margin)
            sim_fail(sim,
                "home %" PRIu32 ": timers acted at %.3f, %.3f s past record %s/%" PRId32
                "@%" PRId64,
                home, (double)tick->asked_us / 1e6, (double)(tick->at.us - order) / 1e6,
                sim->kafka.topics[t].name, n, offset);
    }
}

/* A home's very first record sets its clock; without a time-stamp to the wall clock. */
static bool begins_without_stamp(struct sim *sim, uint32_t home)
{
    const struct sim_ask *ask = sim_journal_of(sim, home)->first;
    while (ask && ask->kind != ASKED_APPLY)
        ask = ask->next;
    return ask && hr_time_is(ask->record.timestamp, HR_TIME_NONE);
}

static void judge_time(struct sim *sim, uint32_t home)
{
    struct applied applied;
    if (begins_without_stamp(sim, home))
        return;
    note_applied(sim, home, &applied);
    for (const struct sim_ask *ask = sim_journal_of(sim, home)->first; ask; ask = ask->next)
        for (uint32_t t = 0; ask->kind == ASKED_TICK && t < sim->kafka.topic_count; t++)
            for (int32_t n = 0; n < sim->kafka.topics[t].partitions && !sim->verdict[0]; n++)
                if (holds_time(sim, home, t, n))
                    judge_tick(sim, home, ask, &applied, t, n);
}

static void judge_triggers(struct sim *sim, struct lines *must)
{
    struct lines are = {0};
    const struct sim_entry *entry;
    for (int32_t n = 0; n < sim->kafka.topics[TOPIC_TRIGGERS].partitions; n++)
        for (int64_t offset = 0;
             (entry = sim_next_committed(sim, (struct sim_place){TOPIC_TRIGGERS, n}, &offset));
             offset++)
            add_line(sim, &are, entry->record.value);
    sort_lines(&are);
    sort_lines(must);
    sim->tally.triggers += are.count;
    size_t i = 0, k = 0;
    while ((i < are.count || k < must->count) && !sim->verdict[0]) {
        int order = i == are.count     ? 1
                    : k == must->count ? -1
                                       : hr_str_compare(are.at[i], must->at[k]);
        struct hr_str text = order > 0 ? must->at[k] : are.at[i];
        if (order)
            sim_fail(
                sim, "trigger %s: %.*s", order > 0 ? "LOST" : "not to be", (int)text.len, text.at);
        i += order <= 0;
        k += order >= 0;
    }
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

static void judge_ids(struct sim *sim, struct lines *triggers)
{
    struct lines ids = {0};
    for (size_t i = 0; i < triggers->count; i++)
        add_line(sim, &ids, id_of(triggers->at[i]));
    sort_lines(&ids);
    for (size_t i = 1; i < ids.count; i++)
        if (hr_str_equal(ids.at[i - 1], ids.at[i]) && !is_operators(ids.at[i]))
            sim_fail(sim, "trigger id %.*s twice", (int)ids.at[i].len, ids.at[i].at);
    if (sim->verdict[0] && sim->tell)
        for (size_t i = 0; i < triggers->count; i++)
            printf("    %.*s\n", (int)triggers->at[i].len, triggers->at[i].at);
}

void sim_judge(struct sim *sim)
{
    struct lines triggers = {0};
    struct epochs epochs = {0};
    judge_refusals(sim);
    judge_records(sim);
    take_manifests(sim, &epochs);
    for (uint32_t home = 0; home < sim->plan.homes && !sim->verdict[0]; home++)
        replay_home(sim, home, &epochs, &triggers);
    for (uint32_t home = 0; home < sim->plan.homes && !sim->verdict[0]; home++)
        judge_time(sim, home);
    for (size_t i = 0; i < EPOCHS; i++)
        if (epochs.at[i])
            hr_rules_destroy(epochs.at[i]);
    if (!sim->verdict[0])
        judge_triggers(sim, &triggers);
    if (!sim->verdict[0])
        judge_ids(sim, &triggers);
}
