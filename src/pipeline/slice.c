/* SPDX-License-Identifier: Apache-2.0 */
/* Records and ticks through the core. A batch is collected slice by slice: a slice takes, of one
 * home, the next records in the one order of EXACTLY_ONCE (by arrival, on a tie home topics before
 * the internal one, then topic, then offset), no later than the home's time T; decodes them; loads
 * the accounts that are not in memory, in one look; applies them one by one; and encodes what was
 * decided. When no record is left that T allows, timers due by T act.
 *
 * Every record leaves here with exactly one result, or not at all because the batch was dropped. */
#include "state.h"

#include <stdio.h>

#define MOST_FORWARDS 4

/* One record on its way through a slice. */
struct item {
    struct hr_input *input;
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

static bool earlier(const struct hr_input *a, const struct hr_waiting *wa, const struct hr_input *b,
    const struct hr_waiting *wb)
{
    if (wa->order.us != wb->order.us)
        return wa->order.us < wb->order.us;
    if (a->topic->role != b->topic->role)
        return a->topic->role < b->topic->role;
    int topics = hr_str_compare(a->topic->name, b->topic->name);
    return topics ? topics < 0 : wa->record.offset < wb->record.offset;
}

static struct hr_input *next_input(struct hr_owned *owned, struct hr_time until)
{
    struct hr_input *best = NULL;
    for (size_t i = 0; i < owned->input_count; i++) {
        struct hr_input *input = owned->inputs[i];
        struct hr_waiting *first = hr_input_is_foreign(input) ? NULL : hr_input_first(input);
        if (first && first->order.us <= until.us &&
            (!best || earlier(input, first, best, hr_input_first(best))))
            best = input;
    }
    return best;
}

static size_t take_items(
    struct hr_owned *owned, struct hr_time until, struct item *items, size_t most)
{
    size_t count = 0;
    while (count < most) {
        struct hr_input *input = next_input(owned, until);
        if (!input)
            break;
        struct hr_waiting *first = hr_input_first(input);
        if (first->alone && count)
            break;
        items[count++] = (struct item){.input = input, .waiting = *first};
        hr_input_pop(input);
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
    const struct hr_format *format = input->topic->source->format;
    for (size_t i = 0; i < rules->source_count; i++)
        if (hr_str_equal(rules->sources[i].topic, input->topic->name))
            format = rules->sources[i].format;
    input->format_rules = rules;
    input->format = format;
    return format;
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

static void forward(
    struct hr_pipeline *p, struct item *item, struct hr_str account, const struct hr_format *format)
{
    if (item->hops >= MOST_FORWARDS) {
        kill_item(item, HR_FORWARD_LOOP, "it was forwarded four times already");
        return;
    }
    struct hr_internal internal = {
        .kind = HR_INTERNAL_EVENT,
        .arrival = item->apply.arrival,
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
 * it, and the wall clock where it is a home's very first. */
static struct hr_time clock_of(
    const struct hr_pipeline *p, const struct hr_owned *owned, const struct item *item)
{
    struct hr_time before = hr_home_clock(owned->home);
    if (item->apply.arrival.us == HR_TIME_NONE.us)
        return before.us == HR_TIME_NONE.us ? p->wall : before;
    /* An internal record that makes way for one behind it is earlier in the order than it came. */
    struct hr_time turn = hr_time_min(item->waiting.order, owned->limit);
    return hr_time_max(before, hr_time_min(item->apply.arrival, turn));
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
        forward(p, item, p->outbox.forward_to, format_of_item(item, hr_home_rules(owned->home)));
    hr_batch_add_outbox(p, item->apply.arrival);
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
    }
    if (!fate && item->result == HR_RESULT_DEAD)
        hr_batch_add_letter(
            p, &item->record, item->reason, item->detail, item->apply.event.account);
    return fate;
}

static void finish_item(struct hr_pipeline *p, struct item *item)
{
    item->input->done = item->waiting.record.offset + 1;
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
            forward(p, item, name, format_of_item(item, rules));
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
    return fate;
}

/* --- homes and foreign partitions --- */

/* The tick at T. T is what was ticked to: less than `until` where not every stored timer up to
 * there is known yet; the next turn goes on. */
static enum hr_fate run_timers(
    struct hr_pipeline *p, struct hr_owned *owned, struct hr_time until, struct hr_error *error)
{
    enum hr_fate fate = hr_owned_timers(p, owned, until, error);
    if (fate)
        return fate;
    until = hr_time_min(until, (struct hr_time){owned->timers_until.us - 1});
    for (bool more = true; more && !hr_batch_full(p);) {
        hr_arena_reset(&p->slice);
        hr_outbox_init(&p->outbox, &p->slice);
        struct hr_keys keys = {.arena = &p->slice};
        hr_home_due(owned->home, until, TICK_ACCOUNTS, &keys);
        fate = hr_owned_load(p, owned, &keys, error);
        if (fate)
            return fate;
        more = hr_home_tick(owned->home, until, TICK_ACCOUNTS, &p->outbox);
        owned->time = hr_time_max(owned->time, until);
        hr_batch_add_outbox(p, until);
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
        owned->limit = hr_owned_time(p, owned);
        struct hr_time until = hr_owned_waits(p, owned) ? owned->limit : HR_TIME_NEVER;
        size_t count = take_items(owned, until, items, SLICE_RECORDS);
        if (!count)
            return run_timers(p, owned, owned->limit, error);
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
        struct hr_waiting *first = hr_input_first(input);
        if (!first || hr_batch_full(p))
            return;
        hr_arena_reset(&p->slice);
        struct item item = {.input = input, .waiting = *first};
        hr_input_pop(input);
        decode_item(p, &item, latest->rules);
        if (item.result == HR_RESULT_READ)
            forward(p, &item, item.apply.account, format_of_topic(input, latest->rules));
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
