/* SPDX-License-Identifier: Apache-2.0 */
/* 6: the one order of EXACTLY_ONCE, step 4, with nothing of the loop in it. Records that were all
 * there before the first start are put into that order over all source partitions: by arrival,
 * never less than the one before it in its partition; on a tie topics with as many partitions as
 * there are homes, then by topic, partition and offset. Each is applied at the home of its account.
 * Up to the last of them the triggers must be those that were published. */
#define _GNU_SOURCE /* memmem */
#include "judge.h"

#include "headroom/codec.h"
#include "headroom/hash.h"

#include <inttypes.h>

struct part { /* one source partition */
    struct sim_place of;
    int64_t next;
    struct hr_time order; /* of `next` */
};

struct order {
    struct sim *sim;
    const struct hr_rules *rules;
    struct hr_pool *pool;
    struct hr_decoder *decoder;
    struct hr_arena arena;
    struct hr_outbox outbox;
    struct hr_home *homes[SIM_PARTITIONS];
    const struct sim_ask *asked[SIM_PARTITIONS]; /* where each home stands in its journal */
    struct part parts[SIM_TOPICS * SIM_PARTITIONS];
    size_t part_count;
    struct hr_time last; /* order of the last record */
    struct sim_lines triggers;
};

static const struct hr_log_record *record_of(const struct order *o, const struct part *part)
{
    const struct sim_partition *at = &o->sim->kafka.topics[part->of.topic].at[part->of.partition];
    return part->next < at->end ? &at->entries[part->next].record : NULL;
}

static void settle_order(const struct order *o, struct part *part)
{
    const struct hr_log_record *record = record_of(o, part);
    if (record)
        part->order = hr_time_max(part->order, record->timestamp); /* NONE: as before it */
}

static bool is_home_topic(const struct order *o, const struct part *part)
{
    return (uint32_t)o->sim->kafka.topics[part->of.topic].partitions == o->sim->plan.homes;
}

static bool earlier(const struct order *o, const struct part *a, const struct part *b)
{
    if (a->order.us != b->order.us)
        return a->order.us < b->order.us;
    if (is_home_topic(o, a) != is_home_topic(o, b))
        return is_home_topic(o, a);
    int topics =
        strcmp(o->sim->kafka.topics[a->of.topic].name, o->sim->kafka.topics[b->of.topic].name);
    return topics ? topics < 0 : a->of.partition < b->of.partition;
}

static struct part *next_part(struct order *o)
{
    struct part *best = NULL;
    for (size_t i = 0; i < o->part_count; i++)
        if (record_of(o, &o->parts[i]) && (!best || earlier(o, &o->parts[i], best)))
            best = &o->parts[i];
    return best;
}

static const struct hr_format *format_of(const struct order *o, struct hr_str topic)
{
    for (size_t i = 0; i < o->rules->source_count; i++)
        if (hr_str_equal(o->rules->sources[i].topic, topic))
            return o->rules->sources[i].format;
    return NULL;
}

/* That it was this record's turn in its home, at this clock. */
static void judge_turn(struct order *o, uint32_t home, const struct hr_record *record,
    const struct hr_log_record *source)
{
    const struct sim_ask *ask = o->asked[home];
    while (ask && ask->kind != ASKED_APPLY)
        ask = ask->next;
    if (!ask || o->sim->verdict[0])
        return;
    o->asked[home] = ask->next;
    if (!hr_str_equal(ask->record.topic, source->topic) ||
        ask->record.partition != source->partition || ask->record.offset != source->offset)
        sim_fail(o->sim,
            "home %" PRIu32 ": %.*s/%" PRId32 "@%" PRId64
            " was applied at %.3f, where %.*s/%" PRId32 "@%" PRId64 " stands in the one order",
            home, (int)ask->record.topic.len, ask->record.topic.at, ask->record.partition,
            ask->record.offset, (double)ask->asked_us / 1e6, (int)source->topic.len,
            source->topic.at, source->partition, source->offset);
    else if (ask->at.us != record->clock.us)
        sim_fail(o->sim,
            "home %" PRIu32 ": %.*s/%" PRId32 "@%" PRId64
            " was applied with a clock %.6f s off, at %.3f",
            home, (int)source->topic.len, source->topic.at, source->partition, source->offset,
            (double)(ask->at.us - record->clock.us) / 1e6, (double)ask->asked_us / 1e6);
}

static void apply(struct order *o, const struct hr_log_record *source, struct hr_time order)
{
    struct hr_record record = {.arrival = source->timestamp, .topic = source->topic};
    char detail[HR_DETAIL];
    hr_arena_reset(&o->arena);
    hr_outbox_init(&o->outbox, &o->arena);
    if (hr_decode(o->decoder, format_of(o, source->topic), o->rules, source, &o->arena,
            &record.event, detail) ||
        !record.event.account.at)
        return;
    record.account = record.event.account;
    uint32_t number = hr_home_of(record.account, o->sim->plan.homes);
    struct hr_home *home = o->homes[number];
    record.clock = hr_time_max(hr_home_clock(home), order);
    if (hr_time_is(record.arrival, HR_TIME_NONE))
        record.arrival = record.clock;
    judge_turn(o, number, &record, source);
    enum hr_verdict verdict = hr_home_apply(home, &record, &o->outbox);
    (void)verdict; /* one that is refused here is refused there: a dead letter */
    sim_take_triggers(o->sim, &o->outbox, &o->triggers);
}

static void tick(struct order *o, struct hr_home *home)
{
    for (bool more = true; more;) {
        hr_arena_reset(&o->arena);
        hr_outbox_init(&o->outbox, &o->arena);
        more = hr_home_tick(home, o->last, 64, &o->outbox);
        sim_take_triggers(o->sim, &o->outbox, &o->triggers);
    }
}

/* What time alone brought out after the last record depends on when the world ended. */
static struct sim_lines until(struct sim *sim, const struct sim_lines *lines, struct hr_time last)
{
    static const char mark[] = "\"time\":\"";
    struct sim_lines kept = {0};
    for (size_t i = 0; i < lines->count; i++) {
        const char *at = memmem(lines->at[i].at, lines->at[i].len, mark, sizeof mark - 1);
        struct hr_str text = {at + sizeof mark - 1, 0};
        struct hr_time time;
        while (text.at[text.len] != '"')
            text.len++;
        if (!hr_time_parse(text, &time))
            sim_fail(sim, "a trigger's time cannot be read: %.*s", (int)text.len, text.at);
        if (time.us < last.us)
            sim_lines_add(sim, &kept, lines->at[i]);
    }
    sim_lines_sort(&kept);
    return kept;
}

static void list_parts(struct order *o)
{
    for (uint32_t t = 0; t < o->sim->kafka.topic_count; t++)
        for (int32_t n = 0;
             o->sim->kafka.topics[t].source && n < o->sim->kafka.topics[t].partitions; n++) {
            struct part *part = &o->parts[o->part_count++];
            *part = (struct part){.of = {t, n}, .order = HR_TIME_NONE};
            settle_order(o, part);
        }
}

void sim_judge_order(struct sim *sim, struct sim_epochs *epochs, const struct sim_lines *told)
{
    struct order *o = hr_arena_zeroed(&sim->arena, sizeof *o);
    o->sim = sim;
    o->rules = sim_rules_of(epochs, 1);
    o->pool = hr_pool_new();
    o->decoder = hr_decoder_new(sim->zones);
    o->last = HR_TIME_NONE;
    hr_arena_init(&o->arena);
    for (uint32_t home = 0; home < sim->plan.homes; home++) {
        o->homes[home] = sim_fresh_home(sim, home, epochs, o->rules, o->pool);
        o->asked[home] = sim_journal_of(sim, home)->first;
    }
    list_parts(o);
    for (struct part *part; (part = next_part(o)); part->next++, settle_order(o, part)) {
        o->last = part->order;
        apply(o, record_of(o, part), part->order);
    }
    for (uint32_t home = 0; home < sim->plan.homes; home++) {
        tick(o, o->homes[home]);
        hr_home_destroy(o->homes[home]);
    }
    struct sim_lines are = until(sim, told, o->last), must = until(sim, &o->triggers, o->last);
    if (!sim->verdict[0])
        sim_lines_compare(sim, &are, &must, " by the one order");
    hr_arena_clean_up(&o->arena);
    hr_decoder_destroy(o->decoder);
    hr_pool_destroy(o->pool);
}
