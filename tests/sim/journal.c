/* SPDX-License-Identifier: Apache-2.0 */
/* What the loop asked of the core. The calls that decide are wrapped by the linker (--wrap): each
 * is noted with what it was given before it goes on. A note is worth nothing until its batch is
 * committed; then it is part of the history that the oracle goes through once more.
 *
 * Notes hold records as they came, not what was decoded: the oracle decodes them again. */
#include "sim.h"

#include "headroom/codec.h"

#include "pipeline/wire.h"

#include <inttypes.h>

struct sim_segment {
    struct sim_segment *next;
    uint32_t home, epoch;
    struct sim_ask *first, *last;
};

struct sim_live { /* one engine in the memory of one process */
    struct sim_live *next;
    struct hr_home *home;
    uint32_t number, epoch;             /* epoch: of the rules that it was made with */
    struct sim_ask *first, *last, *cut; /* cut: the last one before hr_home_changes */
};

struct sim_journal {
    struct sim_committed homes[SIM_PARTITIONS];
};

struct sim_journal *sim_journal_new(struct sim *sim)
{
    return hr_arena_zeroed(&sim->arena, sizeof(struct sim_journal));
}

struct sim_committed *sim_journal_of(struct sim *sim, uint32_t home)
{
    return &sim->journal->homes[home];
}

/* --- notes --------------------------------------------------------------------------------------
 */

static struct sim_live *live_of(const struct hr_home *home)
{
    for (struct sim_live *live = sim_current ? sim_current->lives : NULL; live; live = live->next)
        if (live->home == home)
            return live;
    return NULL;
}

/* NULL: the oracle's own home, or one that is not the world's. */
static struct sim_ask *note(struct hr_home *home, enum sim_asked kind)
{
    struct sim_live *live = live_of(home);
    if (!live)
        return NULL;
    struct sim_ask *ask = hr_arena_zeroed(&sim_current->sim->arena, sizeof *ask);
    ask->kind = kind;
    ask->narrow = sim_current->narrow;
    ask->asked_us = sim_current->sim->now_us;
    if (live->last)
        live->last->next = ask;
    else
        live->first = ask;
    live->last = ask;
    return ask;
}

/* The record that an event was decoded from: of the last decodings, by the event's place. */
static struct decoded {
    const struct hr_event *event;
    const struct hr_log_record *record;
    struct hr_str format;
} decoded[1024];
static size_t decoded_next;

enum hr_reason __real_hr_decode(struct hr_decoder *decoder, const struct hr_format *format,
    const struct hr_rules *rules, const struct hr_log_record *record, struct hr_arena *arena,
    struct hr_event *event, char detail[HR_DETAIL]);
enum hr_reason __wrap_hr_decode(struct hr_decoder *decoder, const struct hr_format *format,
    const struct hr_rules *rules, const struct hr_log_record *record, struct hr_arena *arena,
    struct hr_event *event, char detail[HR_DETAIL]);
enum hr_reason __wrap_hr_decode(struct hr_decoder *decoder, const struct hr_format *format,
    const struct hr_rules *rules, const struct hr_log_record *record, struct hr_arena *arena,
    struct hr_event *event, char detail[HR_DETAIL])
{
    decoded[decoded_next++ % 1024] = (struct decoded){event, record, format->name};
    return __real_hr_decode(decoder, format, rules, record, arena, event, detail);
}

static const struct decoded *decoding_of(const struct hr_event *event)
{
    for (size_t i = 1; i <= 1024; i++)
        if (decoded[(decoded_next - i) % 1024].event == event)
            return &decoded[(decoded_next - i) % 1024];
    return NULL;
}

struct hr_home *__real_hr_home_new(const struct hr_home_settings *settings, struct hr_pool *pool);
struct hr_home *__wrap_hr_home_new(const struct hr_home_settings *settings, struct hr_pool *pool);
struct hr_home *__wrap_hr_home_new(const struct hr_home_settings *settings, struct hr_pool *pool)
{
    struct hr_home *home = __real_hr_home_new(settings, pool);
    if (sim_current && !sim_current->dead) {
        struct sim_live *live = hr_arena_zeroed(&sim_current->sim->arena, sizeof *live);
        *live = (struct sim_live){.next = sim_current->lives,
            .home = home,
            .number = settings->number,
            .epoch = settings->rules->epoch};
        sim_current->lives = live;
    }
    return home;
}

void __real_hr_home_destroy(struct hr_home *home);
void __wrap_hr_home_destroy(struct hr_home *home);
void __wrap_hr_home_destroy(struct hr_home *home)
{
    for (struct sim_live **at = sim_current ? &sim_current->lives : NULL; at && *at;
         at = &(*at)->next)
        if ((*at)->home == home) {
            *at = (*at)->next;
            break;
        }
    __real_hr_home_destroy(home);
}

void __real_hr_home_set_clock(struct hr_home *home, struct hr_time clock);
void __wrap_hr_home_set_clock(struct hr_home *home, struct hr_time clock);
void __wrap_hr_home_set_clock(struct hr_home *home, struct hr_time clock)
{
    struct sim_ask *ask = note(home, ASKED_CLOCK);
    if (ask)
        ask->at = clock;
    __real_hr_home_set_clock(home, clock);
}

/* The same wall clock again changes nothing. */
void __real_hr_home_set_wall(struct hr_home *home, struct hr_time wall);
void __wrap_hr_home_set_wall(struct hr_home *home, struct hr_time wall);
void __wrap_hr_home_set_wall(struct hr_home *home, struct hr_time wall)
{
    struct sim_live *live = live_of(home);
    if (live && (!live->last || live->last->kind != ASKED_WALL)) {
        struct sim_ask *ask = note(home, ASKED_WALL);
        if (ask)
            ask->at = wall;
    } else if (live) {
        live->last->at = wall; /* nothing was asked in between */
    }
    __real_hr_home_set_wall(home, wall);
}

void __real_hr_home_set_rules(
    struct hr_home *home, const struct hr_rules *rules, struct hr_time clock);
void __wrap_hr_home_set_rules(
    struct hr_home *home, const struct hr_rules *rules, struct hr_time clock);
void __wrap_hr_home_set_rules(
    struct hr_home *home, const struct hr_rules *rules, struct hr_time clock)
{
    struct sim_ask *ask = note(home, ASKED_RULES);
    if (ask) {
        ask->epoch = rules->epoch;
        ask->at = clock;
    }
    __real_hr_home_set_rules(home, rules, clock);
}

enum hr_verdict __real_hr_home_apply(
    struct hr_home *home, const struct hr_record *record, struct hr_outbox *outbox);
enum hr_verdict __wrap_hr_home_apply(
    struct hr_home *home, const struct hr_record *record, struct hr_outbox *outbox);
enum hr_verdict __wrap_hr_home_apply(
    struct hr_home *home, const struct hr_record *record, struct hr_outbox *outbox)
{
    struct sim_ask *ask = note(home, ASKED_APPLY);
    if (ask) {
        const struct decoded *from = decoding_of(&record->event);
        struct sim *sim = sim_current->sim;
        if (from) {
            ask->record = sim_copy_record(sim, from->record);
            ask->format = sim_copy(sim, from->format);
        } else {
            sim_fail(sim, "a record is applied that was not decoded");
        }
        ask->account = sim_copy(sim, record->account);
        ask->arrival = record->arrival;
        ask->at = record->clock;
    }
    enum hr_verdict verdict = __real_hr_home_apply(home, record, outbox);
    if (ask)
        ask->verdict = verdict;
    return verdict;
}

enum hr_verdict __real_hr_home_receive(
    struct hr_home *home, const struct hr_message *message, struct hr_outbox *outbox);
enum hr_verdict __wrap_hr_home_receive(
    struct hr_home *home, const struct hr_message *message, struct hr_outbox *outbox);
enum hr_verdict __wrap_hr_home_receive(
    struct hr_home *home, const struct hr_message *message, struct hr_outbox *outbox)
{
    struct sim_ask *ask = note(home, ASKED_RECEIVE);
    if (ask) {
        struct sim *sim = sim_current->sim;
        ask->message = *message;
        ask->message.name = sim_copy(sim, message->name);
        ask->message.account = sim_copy(sim, message->account);
        ask->message.payload = sim_copy(sim, message->payload);
    }
    enum hr_verdict verdict = __real_hr_home_receive(home, message, outbox);
    if (ask)
        ask->verdict = verdict;
    return verdict;
}

void __real_hr_home_know(struct hr_home *home, struct hr_time due, struct hr_str account);
void __wrap_hr_home_know(struct hr_home *home, struct hr_time due, struct hr_str account);
void __wrap_hr_home_know(struct hr_home *home, struct hr_time due, struct hr_str account)
{
    struct sim_ask *ask = note(home, ASKED_KNOW);
    if (ask) {
        ask->at = due;
        ask->account = sim_copy(sim_current->sim, account);
    }
    __real_hr_home_know(home, due, account);
}

bool __real_hr_home_tick(
    struct hr_home *home, struct hr_time until, size_t most, struct hr_outbox *outbox);
bool __wrap_hr_home_tick(
    struct hr_home *home, struct hr_time until, size_t most, struct hr_outbox *outbox);
bool __wrap_hr_home_tick(
    struct hr_home *home, struct hr_time until, size_t most, struct hr_outbox *outbox)
{
    struct sim_ask *ask = note(home, ASKED_TICK);
    if (ask) {
        ask->at = until;
        ask->most = most;
    }
    bool more = __real_hr_home_tick(home, until, most, outbox);
    if (ask)
        ask->more = more;
    return more;
}

void __real_hr_home_changes(
    struct hr_home *home, struct hr_arena *arena, struct hr_change **changes, size_t *count);
void __wrap_hr_home_changes(
    struct hr_home *home, struct hr_arena *arena, struct hr_change **changes, size_t *count);
void __wrap_hr_home_changes(
    struct hr_home *home, struct hr_arena *arena, struct hr_change **changes, size_t *count)
{
    struct sim_live *live = live_of(home);
    if (note(home, ASKED_CHANGES))
        live->cut = live->last;
    __real_hr_home_changes(home, arena, changes, count);
    /* Redis deletes behind what it sets: a key that stands twice would be lost. */
    for (size_t i = 0; live && i < *count; i++)
        for (size_t k = 0; k < i; k++)
            if (hr_str_equal((*changes)[k].key, (*changes)[i].key))
                sim_fail(sim_current->sim, "%.*s changes twice in a batch",
                    (int)(*changes)[i].key.len, (*changes)[i].key.at);
}

/* --- with the transaction -----------------------------------------------------------------------
 */

static struct sim_live *live_numbered(const struct sim_process *me, uint32_t number)
{
    struct sim_live *live = me->lives;
    while (live && live->number != number)
        live = live->next;
    return live;
}

void sim_journal_header(struct sim_process *me, const struct hr_log_record *record)
{
    const struct sim_live *live = live_numbered(me, (uint32_t)record->partition);
    struct hr_arena arena;
    struct hr_batch_header header;
    struct hr_error error;
    hr_arena_init(&arena);
    if (!live || hr_batch_header_get(record->value, &arena, &header, &error))
        sim_fail(me->sim, "a header of a home that is not in memory, or that cannot be read");
    else if (header.time.us != hr_time_max((struct hr_time){0}, hr_home_clock(live->home)).us)
        sim_fail(me->sim, "home %" PRIu32 ": T in the header is %.6f, it was ticked to %.6f",
            live->number, (double)header.time.us / 1e6, (double)hr_home_clock(live->home).us / 1e6);
    hr_arena_clean_up(&arena);
}

void sim_journal_cut(
    struct sim_process *me, struct sim_txn *txn, const struct hr_position *positions, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct sim_place of = sim_place_named(me->sim, positions[i].of);
        if (of.topic != TOPIC_INTERNAL)
            continue;
        struct sim_live *live = live_numbered(me, (uint32_t)of.partition);
        if (!live) {
            sim_fail(me->sim, "offsets of a home that is not in memory");
            continue;
        }
        struct sim_segment *segment = hr_arena_zeroed(&me->sim->arena, sizeof *segment);
        *segment =
            (struct sim_segment){.next = txn->segments, .home = live->number, .epoch = live->epoch};
        if (live->cut) {
            segment->first = live->first;
            segment->last = live->cut;
            live->first = live->cut->next;
            segment->last->next = NULL;
            live->last = live->first ? live->last : NULL;
            live->cut = NULL;
        }
        txn->segments = segment;
    }
}

void sim_journal_commit(struct sim *sim, struct sim_txn *txn)
{
    for (struct sim_segment *segment = txn->segments; segment; segment = segment->next) {
        struct sim_committed *home = &sim->journal->homes[segment->home];
        if (!home->begun)
            home->first_epoch = segment->epoch;
        home->begun = true;
        if (!segment->first)
            continue;
        if (home->last)
            home->last->next = segment->first;
        else
            home->first = segment->first;
        home->last = segment->last;
    }
}
