/* SPDX-License-Identifier: Apache-2.0 */
/* Records and ticks through the core. A batch is collected slice by slice: a slice takes, of one
 * home, the next records in the one order of EXACTLY_ONCE (by arrival, on a tie home topics before
 * the internal one, then topic, then offset), no later than the home's time T; decodes them; loads
 * the accounts that are not in memory, in one look; applies them one by one; and encodes what was
 * decided. When no record is left that T allows, timers due by T act.
 *
 * Every record leaves here with exactly one result, or not at all because the batch was dropped. */
#include "state.h"

#include <inttypes.h>
#include <stdio.h>

#define MOST_FORWARDS 4

/* One record on its way through a slice. */
struct item {
    struct hr_input *input;
    struct hr_stream *stream; /* of the internal topic; else NULL */
    struct hr_waiting waiting;
    struct hr_internal internal; /* of the internal topic */
    struct hr_log_record record; /* the source's own: what a dead letter shows */
    struct hr_record apply;
    uint32_t hops;
    enum hr_result result; /* READ: still to be decided */
    enum hr_reason reason;
    char detail[HR_DETAIL];
};

/* --- order --------------------------------------------------------------------------------------
 */

/* One of a home's own topics, or a stream of its internal one, with the record at its head. */
struct head {
    struct hr_input *input;
    struct hr_stream *stream; /* NULL: of `input` itself */
    struct hr_waiting *first; /* NULL: there is none */
    struct hr_rank rank;
};

static bool earlier(const struct head *a, const struct head *b)
{
    if (a->first->order.us != b->first->order.us)
        return a->first->order.us < b->first->order.us;
    int ranks = hr_rank_compare(&a->rank, &b->rank);
    return ranks ? ranks < 0 : a->first->record.offset < b->first->record.offset;
}

static bool may_go(const struct hr_horizon *horizon, const struct head *head)
{
    struct hr_time order = head->first->order;
    if (!horizon->waits || order.us != horizon->time.us)
        return !horizon->waits || order.us < horizon->time.us;
    return hr_rank_compare(&head->rank, &horizon->rank) <= 0;
}

static void consider(const struct hr_owned *owned, struct head *best, const struct head *head)
{
    if (may_go(&owned->horizon, head) && (!best->first || earlier(head, best)))
        *best = *head;
}

static struct head head_of(struct hr_input *input, struct hr_stream *stream)
{
    return (struct head){input, stream, hr_queue_first(&stream->queue), stream->rank};
}

/* More waits than may: what came first goes, as if T allowed it. */
static struct head hasten(struct hr_pipeline *p, struct hr_owned *owned, struct hr_input *internal)
{
    struct hr_stream *stream;
    if (!owned->busy || p->held_bytes <= HELD_BYTES) {
        owned->overfull &= p->held_bytes > HELD_BYTES / 2;
        return (struct head){NULL};
    }
    if (!owned->overfull)
        hr_log(p->with.log, HR_WARN,
            "partition %" PRIu32
            ": more records from other partitions wait for topics behind than memory is set aside "
            "for; they are taken as they came, and some may count later than they should",
            owned->number);
    owned->overfull = true;
    hr_cell_add(p->hastened, 1);
    (void)hr_streams_first(owned, &stream);
    struct head head = head_of(internal, stream);
    if (hr_home_clock(owned->home).us == HR_TIME_NONE.us) /* time begins with it */
        owned->horizon.time = hr_time_max(owned->horizon.time, head.first->order);
    head.first->order = hr_time_min(head.first->order, owned->horizon.time);
    return head;
}

/* A word to the loop goes before what was sent after it, a clock report behind what was sent before
 * it. */
static struct head keep_log_order(
    struct hr_owned *owned, struct hr_input *internal, const struct head *best)
{
    struct hr_stream *word = hr_stream_ranked(owned, HR_RANK_WORD), *first = NULL;
    if (word && best->stream) {
        struct head head = head_of(internal, word);
        if (head.first->record.offset < best->first->record.offset) {
            head.first->order = hr_time_min(head.first->order, best->first->order);
            return head;
        }
    }
    if (!best->first && hr_streams_first(owned, &first) != INT64_MAX &&
        first->rank.group == HR_RANK_CLOCK)
        return head_of(internal, first);
    return *best;
}

static struct head next_head(struct hr_pipeline *p, struct hr_owned *owned)
{
    struct head best = {NULL};
    struct hr_input *internal = NULL;
    for (size_t i = 0; i < owned->input_count; i++) {
        struct hr_input *input = owned->inputs[i];
        struct hr_waiting *first = hr_queue_first(&input->queue);
        if (input->topic->role == HR_ROLE_INTERNAL)
            internal = input;
        else if (first && !input->forwards)
            consider(owned, &best,
                &(struct head){input, NULL, first, {HR_RANK_HOME_TOPIC, hr_input_of(input)}});
    }
    for (size_t i = 0; i < owned->busy; i++)
        if (owned->streams[i]->rank.group != HR_RANK_CLOCK) {
            struct head head = head_of(internal, owned->streams[i]);
            consider(owned, &best, &head);
        }
    best = keep_log_order(owned, internal, &best);
    return best.first ? best : hasten(p, owned, internal);
}

static size_t take_items(
    struct hr_pipeline *p, struct hr_owned *owned, struct item *items, size_t most)
{
    size_t count = 0;
    while (count < most) {
        struct head head = next_head(p, owned);
        if (!head.first || (head.first->alone && count))
            break;
        items[count++] =
            (struct item){.input = head.input, .stream = head.stream, .waiting = *head.first};
        if (head.stream)
            hr_stream_pop(p, owned, head.stream);
        else
            hr_queue_pop(&head.input->queue);
        if (items[count - 1].waiting.alone)
            break;
    }
    return count;
}

/* --- decode -------------------------------------------------------------------------------------
 */

static const struct hr_format *format_of_topic(struct hr_input *input, const struct hr_rules *rules)
{
    if (input->format_rules == rules)
        return input->format;
    int source = hr_rules_find_source(rules, input->topic->name);
    input->format_rules = rules;
    input->format = (source >= 0 ? &rules->sources[source] : input->topic->source)->format;
    return input->format;
}

static const struct hr_format *format_named(const struct hr_rules *rules, struct hr_str name)
{
    for (size_t i = 0; i < rules->source_count; i++)
        if (hr_str_equal(rules->sources[i].format->name, name))
            return rules->sources[i].format;
    return hr_format_preset(name);
}

static void kill_item(struct item *item, enum hr_reason reason, const char *detail)
{
    item->result = HR_RESULT_DEAD;
    item->reason = reason;
    if (detail != item->detail)
        snprintf(item->detail, sizeof item->detail, "%s", detail);
}

/* A null value; but an event in binary mode may have no data. */
static bool is_tombstone(const struct hr_log_record *record)
{
    return !record->value.at && !hr_record_header(record, "ce_id") &&
           !hr_record_header(record, "ce_specversion");
}

static void decode_event(struct hr_pipeline *p, struct item *item, const struct hr_format *format,
    const struct hr_rules *rules)
{
    if (is_tombstone(&item->record)) {
        item->result = HR_RESULT_IGNORED;
        return;
    }
    enum hr_reason reason = hr_decode(
        p->decoder, format, rules, &item->record, &p->slice, &item->apply.event, item->detail);
    if (reason)
        kill_item(item, reason, item->detail);
    else if (!item->apply.event.account.at)
        item->result = HR_RESULT_IGNORED;
    else if (!item->apply.account.at)
        item->apply.account = item->apply.event.account;
    item->apply.topic = item->record.topic;
}

/* Fills what the core needs. Internal records that are no events are left to apply_internal. */
static void decode_item(struct hr_pipeline *p, struct item *item, const struct hr_rules *rules)
{
    item->record = item->waiting.record;
    item->apply.arrival = item->waiting.arrival;
    /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): a stream comes of an input */
    if (item->input->topic->role != HR_ROLE_INTERNAL) {
        decode_event(p, item, format_of_topic(item->input, rules), rules);
        return;
    }
    if (!hr_internal_get(item->waiting.record.value, &p->slice, &item->internal)) {
        kill_item(item, HR_BAD_EVENT, "not a record of headroom's internal topic");
        return;
    }
    if (item->internal.kind != HR_INTERNAL_EVENT)
        return;
    item->record = item->internal.record;
    item->hops = item->internal.hops;
    item->apply.account = item->internal.account;
    const struct hr_format *format = format_named(rules, item->internal.format);
    if (format)
        decode_event(p, item, format, rules);
    else
        kill_item(item, HR_BAD_EVENT, "its format is not among the rules' sources");
}

/* --- forward ------------------------------------------------------------------------------------
 */

/* `from`: number + 1 of the home that decided it; 0: what its name alone decides. */
static void forward(struct hr_pipeline *p, struct item *item, struct hr_str account,
    const struct hr_format *format, uint32_t from)
{
    if (item->hops >= MOST_FORWARDS) {
        kill_item(item, HR_FORWARD_LOOP, "it was forwarded four times already");
        return;
    }
    struct hr_internal internal = {
        .kind = HR_INTERNAL_EVENT,
        .arrival = item->apply.arrival,
        .order = item->waiting.order,
        .from = from,
        .hops = item->hops + 1,
        .account = account,
        .format = format->name,
        .record = item->record,
    };
    /* One that can never be sent would come again for ever. */
    if (hr_batch_forward(p, hr_home_of(account, p->home_count), account, &internal))
        item->result = HR_RESULT_FORWARDED;
    else
        kill_item(item, HR_TOO_LARGE, "it must be forwarded, and the internal topic takes less");
}

static const struct hr_format *format_of_item(struct item *item, const struct hr_rules *rules)
{
    return item->input->topic->role == HR_ROLE_INTERNAL ? format_named(rules, item->internal.format)
                                                        : format_of_topic(item->input, rules);
}

/* --- apply --------------------------------------------------------------------------------------
 */

static enum hr_result result_of(enum hr_verdict verdict)
{
    switch (verdict) {
    case HR_COUNTED:
        return HR_RESULT_COUNTED;
    case HR_DUPLICATE:
        return HR_RESULT_DUPLICATE;
    case HR_DEAD:
        return HR_RESULT_DEAD;
    case HR_FORWARDED:
        return HR_RESULT_FORWARDED;
    case HR_IGNORED:
        return HR_RESULT_IGNORED;
    }
    return HR_RESULT_IGNORED;
}

/* The clock of a record: its arrival, never earlier than the clock before it (that wins) and never
 * later than T, which is at most the wall clock; one without a time-stamp takes the clock before
 * it, and the wall clock where it is a home's very first. The clock before it is that of its own
 * source partition, too, whatever became of that: so time passes with every record. */
static struct hr_time clock_of(
    const struct hr_pipeline *p, const struct hr_owned *owned, const struct item *item)
{
    struct hr_time before = hr_home_clock(owned->home);
    struct hr_time turn = hr_time_min(item->waiting.order, owned->horizon.time);
    struct hr_time clock = hr_time_max(before, turn);
    return clock.us == HR_TIME_NONE.us ? p->wall : clock;
}

static void set_clock(const struct hr_pipeline *p, struct hr_owned *owned, struct item *item)
{
    item->apply.clock = clock_of(p, owned, item);
    if (item->apply.arrival.us == HR_TIME_NONE.us)
        item->apply.arrival = item->apply.clock;
}

static void take_verdict(
    struct hr_pipeline *p, struct hr_owned *owned, struct item *item, enum hr_verdict verdict)
{
    item->result = result_of(verdict);
    if (verdict == HR_DEAD)
        kill_item(item, p->outbox.reason, p->outbox.detail);
    else if (verdict == HR_FORWARDED)
        forward(p, item, p->outbox.forward_to, format_of_item(item, hr_home_rules(owned->home)),
            owned->number + 1);
    /* What follows from a record that stands nowhere, before every time-stamp, follows now. */
    bool placed = item->waiting.order.us != HR_TIME_NONE.us;
    hr_batch_add_outbox(
        p, owned, item->apply.arrival, placed ? item->waiting.order : item->apply.clock);
}

static enum hr_fate apply_internal(
    struct hr_pipeline *p, struct hr_owned *owned, struct item *item, struct hr_error *error)
{
    enum hr_fate fate = HR_OK;
    item->result = HR_RESULT_COUNTED;
    switch (item->internal.kind) {
    case HR_INTERNAL_EVENT: /* the caller's */
        break;
    case HR_INTERNAL_CLOCK: /* heard when it was read */
        for (size_t i = 0; i < item->internal.report_count; i++)
            hr_owned_have(p, owned, &item->internal.reports[i]);
        break;
    case HR_INTERNAL_MESSAGE:
        item->internal.message.arrival = item->apply.arrival;
        item->internal.message.clock = item->apply.clock;
        take_verdict(
            p, owned, item, hr_home_receive(owned->home, &item->internal.message, &p->outbox));
        break;
    case HR_INTERNAL_PROPOSAL:
        if (owned->number == 0)
            fate = hr_manifest_adopt(p, item->internal.text, error);
        break;
    case HR_INTERNAL_ROLLBACK:
        if (owned->number == 0)
            fate = hr_manifest_roll_back(p, item->internal.epoch, item->internal.current, error);
        break;
    case HR_INTERNAL_RULES:
        fate = hr_manifest_learn(p, item->internal.text, error);
        if (!fate)
            hr_rules_announced(p, owned, item->internal.text, item->apply.clock);
        if (!fate)
            fate = hr_failpoint(HR_AT_RULES_LEARNED, error);
        break;
    }
    return fate;
}

/* Of a record that is not applied. */
static void pass_time(struct hr_owned *owned, const struct item *item)
{
    struct hr_time turn = hr_time_min(item->waiting.order, owned->horizon.time);
    if (turn.us > hr_home_clock(owned->home).us)
        hr_home_set_clock(owned->home, turn);
}

static enum hr_fate apply_item(
    struct hr_pipeline *p, struct hr_owned *owned, struct item *item, struct hr_error *error)
{
    enum hr_fate fate = HR_OK;
    if (item->result == HR_RESULT_READ) {
        set_clock(p, owned, item);
        if (item->input->topic->role == HR_ROLE_INTERNAL &&
            item->internal.kind != HR_INTERNAL_EVENT)
            fate = apply_internal(p, owned, item, error);
        else
            take_verdict(p, owned, item, hr_home_apply(owned->home, &item->apply, &p->outbox));
    } else if (item->waiting.order.us != HR_TIME_NONE.us)
        pass_time(owned, item);
    if (!fate && item->result == HR_RESULT_DEAD)
        hr_batch_add_letter(
            p, &item->record, item->reason, item->detail, item->apply.event.account);
    return fate;
}

static void finish_item(struct hr_pipeline *p, struct item *item)
{
    if (item->stream)
        item->stream->applied = item->waiting.record.offset;
    else
        item->input->done = item->waiting.record.offset + 1;
    item->input->done_order = item->waiting.order;
    item->input->moved = true;
    item->input->counts[HR_RESULT_READ]++;
    item->input->counts[item->result]++;
    p->with.broker.release(p->with.broker.self, item->waiting.handle);
    hr_batch_touch(p, item->input->home);
}

/* The name whose state a record needs; at == NULL: none. */
static struct hr_str name_wanted(const struct item *item)
{
    if (item->result != HR_RESULT_READ)
        return (struct hr_str){NULL, 0};
    if (item->input->topic->role != HR_ROLE_INTERNAL || item->internal.kind == HR_INTERNAL_EVENT)
        return item->apply.account;
    if (item->internal.kind != HR_INTERNAL_MESSAGE)
        return (struct hr_str){NULL, 0};
    return hr_message_name(&item->internal.message);
}

/* A home topic that somebody fills with another client's hash, or without keys. If its records
 * waited for T here and T of the homes they go to waited for them there, nothing would move: once
 * an eighth of them belongs elsewhere, all are forwarded as they come. A stray record here and
 * there goes in its turn. */
static void note_place(struct hr_input *input, bool here)
{
    if (input->topic->role != HR_ROLE_HOME || input->forwards)
        return;
    if (here)
        input->placed++;
    else
        input->misplaced++;
    input->forwards = input->misplaced >= 16 && input->misplaced * 7 >= input->placed;
}

/* Decodes, and sends away what belongs to another home. */
static void decode_items(
    struct hr_pipeline *p, struct hr_owned *owned, struct item *items, size_t count)
{
    const struct hr_rules *rules = hr_home_rules(owned->home);
    struct hr_record **expected = hr_arena_take(&p->slice, count * sizeof *expected);
    size_t expected_count = 0;
    for (size_t i = 0; i < count; i++) {
        struct item *item = &items[i];
        decode_item(p, item, rules);
        struct hr_str name = name_wanted(item);
        if (!name.at)
            continue;
        bool here = hr_home_of(name, p->home_count) == owned->number;
        note_place(item->input, here);
        if (here) {
            if (item->apply.account.at)
                expected[expected_count++] = &item->apply;
            continue;
        }
        if (item->input->topic->role == HR_ROLE_INTERNAL &&
            item->internal.kind == HR_INTERNAL_MESSAGE)
            kill_item(item, HR_BAD_EVENT, "sent to a home that is not its own");
        else
            forward(
                p, item, name, format_of_item(item, rules), item->stream ? owned->number + 1 : 0);
    }
    hr_home_expect(owned->home, expected, expected_count);
}

static enum hr_fate run_slice(struct hr_pipeline *p, struct hr_owned *owned, struct item *items,
    size_t count, struct hr_error *error)
{
    decode_items(p, owned, items, count);
    struct hr_keys keys = {.arena = &p->slice};
    for (size_t i = 0; i < count; i++) {
        struct hr_str name = name_wanted(&items[i]);
        if (name.at)
            hr_home_wants(owned->home, name, &keys);
    }
    enum hr_fate fate = hr_owned_load(p, owned, &keys, error);
    if (!fate)
        fate = hr_failpoint(HR_AT_DECODED, error);
    for (size_t i = 0; i < count; i++) {
        if (!fate)
            fate = apply_item(p, owned, &items[i], error);
        if (!fate)
            fate = hr_failpoint(HR_AT_APPLIED, error);
        finish_item(p, &items[i]); /* also after a failure: its handle must go back */
    }
    for (size_t i = 0; i < owned->input_count; i++)
        if (owned->inputs[i]->topic->role == HR_ROLE_INTERNAL)
            hr_streams_settle(owned, owned->inputs[i]);
    return fate;
}

/* --- homes and foreign partitions --- */

/* The tick at T. T is what was ticked to: less than `until` where not every stored timer up to
 * there is known yet; the next turn goes on. Where T has not begun nothing is due, and a tick would
 * take from the first record that it sets the clock: time would begin in 1970. */
static enum hr_fate run_timers(
    struct hr_pipeline *p, struct hr_owned *owned, struct hr_time until, struct hr_error *error)
{
    if (until.us <= 0)
        return HR_OK;
    enum hr_fate fate = hr_owned_timers(p, owned, until, error);
    if (fate)
        return fate;
    until = hr_time_min(until, (struct hr_time){owned->timers_until.us - 1});
    owned->timers_left = true;
    while (owned->timers_left && !hr_batch_full(p)) {
        hr_arena_reset(&p->slice);
        hr_outbox_init(&p->outbox, &p->slice);
        struct hr_keys keys = {.arena = &p->slice};
        hr_home_due(owned->home, until, TICK_ACCOUNTS, &keys);
        fate = hr_owned_load(p, owned, &keys, error);
        if (fate)
            return fate;
        owned->timers_left = hr_home_tick(owned->home, until, TICK_ACCOUNTS, &p->outbox);
        owned->time = hr_time_max(owned->time, until);
        hr_batch_add_outbox(p, owned, until, until);
        if (hr_home_is_dirty(owned->home))
            hr_batch_touch(p, owned);
    }
    return hr_failpoint(HR_AT_TICKED, error);
}

static enum hr_fate run_home(
    struct hr_pipeline *p, struct hr_owned *owned, struct item *items, struct hr_error *error)
{
    enum hr_fate fate = HR_OK;
    hr_home_set_wall(owned->home, p->wall);
    for (;;) {
        if (hr_batch_full(p))
            return HR_OK;
        hr_arena_reset(&p->slice);
        hr_outbox_init(&p->outbox, &p->slice);
        owned->horizon = hr_owned_horizon(p, owned);
        size_t count = take_items(p, owned, items, SLICE_RECORDS);
        if (!count)
            return run_timers(p, owned, owned->horizon.time, error);
        fate = run_slice(p, owned, items, count, error);
        if (fate)
            return fate;
    }
}

/* Records of foreign partitions go home as they come. */
static void run_foreign(struct hr_pipeline *p, struct hr_input *input)
{
    const struct hr_known_rules *latest = hr_known_latest(p);
    for (;;) {
        struct hr_waiting *first = hr_queue_first(&input->queue);
        if (!first || hr_batch_full(p))
            return;
        hr_arena_reset(&p->slice);
        struct item item = {.input = input, .waiting = *first};
        hr_queue_pop(&input->queue);
        decode_item(p, &item, latest->rules);
        if (item.result == HR_RESULT_READ)
            forward(p, &item, item.apply.account, format_of_topic(input, latest->rules), 0);
        if (item.result == HR_RESULT_DEAD)
            hr_batch_add_letter(p, &item.record, item.reason, item.detail, item.apply.account);
        finish_item(p, &item);
    }
}

/* A home whose timers or records fill a batch by themselves gives way to the next one: with many
 * due in one second the others would wait for all of them. */
enum hr_fate hr_slices_run(struct hr_pipeline *p, struct hr_error *error)
{
    static const size_t size = SLICE_RECORDS * sizeof(struct item);
    struct item *items = hr_pool_take(p->pool, size);
    enum hr_fate fate = HR_OK;
    for (size_t i = 0; i < p->input_count; i++)
        if (hr_input_is_foreign(&p->inputs[i]))
            run_foreign(p, &p->inputs[i]);
    size_t first = p->first_home, i = 0;
    for (; i < p->home_owned && !fate && !hr_batch_full(p); i++) {
        struct hr_owned *owned = &p->homes[(first + i) % p->home_owned];
        if (owned->state == HR_OWNED_LIVE)
            fate = run_home(p, owned, items, error);
    }
    p->first_home = i < p->home_owned ? (first + i) % p->home_owned : 0;
    hr_pool_give(p->pool, items, size);
    return fate;
}
