/* SPDX-License-Identifier: Apache-2.0 */
/* Aliases, as messages between homes.
 *
 * An alias is kept by its own home: there the name leads to an account, and records under it are
 * forwarded. A claim makes it lead there; what had been counted under the name until then moves to
 * the account, as one part with everything but members of unique meters and one part for each set
 * of those, and the account is judged after the last. A release makes the name free again.
 *
 * Claims are taken in the order in which they arrive: a name that leads elsewhere is taken. */
#include "inside.h"

#include "brake.h"
#include "fact.h"
#include "group.h"
#include "outcome.h"
#include "own.h"
#include "period.h"
#include "subscription.h"
#include "unique.h"
#include "window.h"

#define MOST_NAMES 4 /* in a chain of aliases */

void hr_outbox_send(struct hr_outbox *outbox, const struct hr_message *message)
{
    if (outbox->message_count == outbox->message_room) {
        size_t room = outbox->message_room ? outbox->message_room * 2 : 8;
        outbox->messages = hr_arena_grow(outbox->arena, outbox->messages,
            outbox->message_count * sizeof *outbox->messages, room * sizeof *outbox->messages);
        outbox->message_room = room;
    }
    outbox->messages[outbox->message_count++] = *message;
}

void hr_outbox_notice(struct hr_outbox *outbox, const struct hr_notice *notice)
{
    if (outbox->notice_count == outbox->notice_room) {
        size_t room = outbox->notice_room ? outbox->notice_room * 2 : 4;
        outbox->notices = hr_arena_grow(outbox->arena, outbox->notices,
            outbox->notice_count * sizeof *outbox->notices, room * sizeof *outbox->notices);
        outbox->notice_room = room;
    }
    outbox->notices[outbox->notice_count++] = *notice;
}

/* --- giving ----------------------------------------------------------------------------------- */

static void end_open_levels(struct hr_home *home, struct hr_entry *entry, struct hr_outbox *outbox)
{
    struct hr_account *account = entry->account;
    struct hr_step step = hr_home_step(home, entry, HR_STEP_MOVE, outbox);
    hr_step_begin(&step, home->clock, &account->layout->all);
    for (uint16_t r = 0; r < account->layout->rules->rule_count; r++) {
        uint16_t count = hr_instance_count(account, r);
        for (uint16_t i = 0; account->rules[r].levels && i < count; i++) {
            struct hr_instance instance = hr_instance_of(&step, r, i);
            hr_rule_end_all(&instance, HR_MOVED);
        }
    }
    hr_outcomes_give(&step);
}

static void send_part(struct hr_home *home, struct hr_message *move, struct hr_outbox *outbox)
{
    hr_outbox_send(outbox, move);
    move->payload = hr_arena_copy(outbox->arena, hr_buffer_str(&home->scratch));
}

/* What of a counter is not in the frame. Each part replaces the one before it as the last. */
static void send_counter(struct hr_home *home, const struct hr_account *account, uint16_t slot,
    struct hr_message *move, struct hr_outbox *outbox)
{
    const struct hr_meter_state *counter = &account->meters[slot];
    bool group = hr_slot_is_group(account, slot);
    if (group && counter->number != 0 && !counter->members) {
        hr_pack_group(account, slot, HR_ALL_SETS, &home->scratch);
        send_part(home, move, outbox);
    }
    for (uint32_t s = 0; counter->members && s < counter->members->count; s++) {
        if (group) {
            hr_pack_group(account, slot, counter->members->sets[s].name, &home->scratch);
        } else {
            hr_pack_members(account, slot, counter->members->sets[s].name, &home->scratch);
        }
        send_part(home, move, outbox);
    }
}

static void send_parts(struct hr_home *home, const struct hr_account *account,
    const struct hr_message *claim, struct hr_outbox *outbox)
{
    struct hr_message move = *claim;
    move.kind = HR_MESSAGE_MOVE;
    move.name = hr_arena_copy(outbox->arena, claim->name);
    move.account = hr_arena_copy(outbox->arena, claim->account);
    move.hops = 1;
    hr_pack_account(account, HR_TIME_NEVER, &home->scratch);
    move.payload = hr_arena_copy(outbox->arena, hr_buffer_str(&home->scratch));
    for (uint16_t s = 0; s < account->slot_count; s++) {
        send_counter(home, account, s, &move, outbox);
    }
    move.last = true;
    hr_outbox_send(outbox, &move);
}

static enum hr_verdict receive_claim(struct hr_home *home, struct hr_entry *entry,
    const struct hr_message *claim, struct hr_outbox *outbox)
{
    if (entry->kind == HR_ENTRY_ALIAS) {
        if (hr_str_equal(entry->target, claim->account)) {
            return HR_COUNTED;
        }
        hr_home_detail(outbox, "the name leads to another account already", HR_STR(""), "");
        outbox->reason = HR_ALIAS_TAKEN;
        return HR_DEAD;
    }
    if (entry->kind == HR_ENTRY_ACCOUNT) {
        end_open_levels(home, entry, outbox);
        hr_account_forget_old(entry->account, home->pool);
        send_parts(home, entry->account, claim, outbox);
        hr_entry_end_account(home, entry);
    }
    entry->kind = HR_ENTRY_ALIAS;
    entry->target = hr_text_keep(home->pool, claim->account);
    hr_entry_mark(home, entry);
    return HR_COUNTED;
}

static enum hr_verdict receive_release(
    struct hr_home *home, struct hr_entry *entry, const struct hr_message *release)
{
    if (entry->kind == HR_ENTRY_ALIAS && hr_str_equal(entry->target, release->account)) {
        hr_text_drop(home->pool, &entry->target);
        entry->kind = HR_ENTRY_ABSENT;
        hr_entry_mark(home, entry);
    }
    return HR_COUNTED;
}

/* --- taking ----------------------------------------------------------------------------------- */

/* The segment of the receiver that takes what the stray counted in one of its own. The same period
 * adds up; else the period in force takes the period in force, and an earlier one goes where its
 * last moment belongs. */
static uint32_t segment_for(struct hr_account *account, const struct hr_account *stray,
    uint32_t number, struct hr_pool *pool)
{
    const struct hr_segment *segment = &stray->segments[number];
    for (uint32_t i = 0; i < account->segment_count; i++) {
        if (account->segments[i].start.us == segment->start.us &&
            account->segments[i].end.us == segment->end.us) {
            return i;
        }
    }
    if (number == stray->current) {
        return account->current;
    }
    return hr_segment_holding(account,
        number > stray->current ? segment->start : (struct hr_time){segment->end.us - 1}, pool);
}

/* A calendar bucket of the stray's zone, in the account's: what was open there is open here. */
static int64_t index_here(const struct hr_account *account, const struct hr_series_spec *spec,
    int64_t index, int64_t stray_now)
{
    return spec->kind == HR_WINDOW_SPAN ? index : hr_series_now(account, spec) + index - stray_now;
}

/* The bucket of the stray's that is open at the account's clock. */
static int64_t now_there(const struct hr_account *stray, const struct hr_account *account,
    const struct hr_series_spec *spec)
{
    return hr_calendar_index(hr_zone_day(stray->zone, account->clock), (int)spec->kind);
}

static void merge_meter(struct hr_account *account, const struct hr_account *stray, uint16_t meter,
    int other, struct hr_pool *pool)
{
    const struct hr_meter_layout *from = &stray->layout->meters[other];
    enum hr_aggregate aggregate = account->layout->rules->meters[meter].aggregate;
    const struct hr_meter_state *state = &stray->meters[other];
    struct hr_time *first = &account->meters[meter].first;
    if (!hr_time_is(state->first, HR_TIME_NONE) && account->layout->meters[meter].keeps_first) {
        *first =
            hr_time_is(*first, HR_TIME_NONE) ? state->first : hr_time_min(*first, state->first);
    }
    if (aggregate == HR_LATEST && !hr_time_is(state->gauge_time, HR_TIME_NONE)) {
        struct hr_amount amount = {.value = state->gauge};
        hr_meter_add(account, meter, state->gauge_time, &amount, pool);
    }
    if (aggregate == HR_UNIQUE) {
        return; /* members come in parts of their own and are counted then */
    }
    for (uint32_t i = 0; i < stray->segment_count; i++) {
        if (stray->segments[i].tallies[other].count > 0) {
            uint32_t into = segment_for(account, stray, i, pool);
            hr_tally_merge(aggregate, &account->segments[into].tallies[meter],
                &stray->segments[i].tallies[other]);
        }
    }
    for (uint16_t s = 0; s < from->series_count; s++) {
        struct hr_member_set like = {
            .kind = from->series[s].kind, .bucket_us = from->series[s].bucket_us};
        int into = hr_series_like(&account->layout->meters[meter], &like);
        for (uint32_t c = 0; into >= 0 && c < state->series[s].count; c++) {
            struct hr_cell cell = state->series[s].cells[c];
            cell.index = index_here(
                account, &from->series[s], cell.index, now_there(stray, account, &from->series[s]));
            hr_series_merge(account, meter, (uint16_t)into, &cell, pool);
        }
    }
}

static void merge_account(struct hr_account *account, const struct hr_account *stray,
    struct hr_str name, struct hr_pool *pool)
{
    const struct hr_rules *rules = account->layout->rules;
    account->first_seen = hr_time_min(account->first_seen, stray->first_seen);
    account->had_subscription |= stray->had_subscription;
    hr_facts_merge(account, stray, name, pool);
    for (uint16_t m = 0; m < rules->meter_count; m++) {
        int other = hr_layout_find_meter(stray->layout, rules->meters[m].key);
        if (other >= 0 &&
            stray->layout->rules->meters[other].aggregate == rules->meters[m].aggregate) {
            merge_meter(account, stray, m, other, pool);
        }
    }
}

/* What comes in parts of its own goes where its period's or its bucket's counterpart is. */

static uint32_t segment_like(
    struct hr_account *account, const struct hr_member_set *head, struct hr_pool *pool)
{
    struct hr_segment segment = {.start = head->start, .end = head->end};
    struct hr_account stray = {
        .segments = &segment, .segment_count = 1, .current = head->place == 0 ? 0 : 1};
    return segment_for(account, &stray, 0, pool);
}

static void take_members(void *context, const struct hr_member_set *head, struct hr_set *set)
{
    struct hr_slot_target *target = context;
    struct hr_account *account = target->account;
    if (head->kind == HR_WINDOW_PERIOD) {
        uint32_t into = segment_like(account, head, target->pool);
        hr_segment_take(account, target->slot, into, set, target->pool);
        return;
    }
    struct hr_series_spec spec = {.kind = head->kind, .bucket_us = head->bucket_us};
    int into = hr_series_like(hr_slot_layout(account, target->slot), head);
    if (into >= 0) {
        hr_set_shift(set, index_here(account, &spec, 0, head->now));
        hr_series_take(account, target->slot, (uint16_t)into, set, target->pool);
    }
}

static void take_reading(void *context, struct hr_decimal value, struct hr_time time)
{
    struct hr_slot_target *target = context;
    struct hr_amount amount = {.value = value};
    hr_meter_add(target->account, target->slot, time, &amount, target->pool);
}

static void take_period(
    void *context, const struct hr_member_set *head, const struct hr_tally *tally)
{
    struct hr_slot_target *target = context;
    uint32_t into = segment_like(target->account, head, target->pool);
    hr_tally_merge(hr_slot_meter(target->account, target->slot)->aggregate,
        &target->account->segments[into].tallies[target->slot], tally);
}

static void take_cell(void *context, const struct hr_member_set *head, const struct hr_cell *cell)
{
    struct hr_slot_target *target = context;
    struct hr_series_spec spec = {.kind = head->kind, .bucket_us = head->bucket_us};
    int into = hr_series_like(hr_slot_layout(target->account, target->slot), head);
    if (into >= 0) {
        struct hr_cell moved = *cell;
        moved.index = index_here(target->account, &spec, cell->index, head->now);
        hr_series_merge(target->account, target->slot, (uint16_t)into, &moved, target->pool);
    }
}

static bool take_group(struct hr_home *home, struct hr_account *account, struct hr_frame *frame)
{
    static const struct hr_group_sink sink = {take_reading, take_period, take_cell, take_members};
    struct hr_group_head head;
    if (!hr_group_open(frame, account->layout, &head)) {
        return false;
    }
    if (!head.known) {
        return true; /* the rules changed on the way */
    }
    struct hr_slot_target target = {account, 0, home->pool};
    target.slot = hr_group_slot(account, head.meter, head.value, home->pool);
    return hr_group_walk(frame, &head, home->pool, &sink, &target);
}

static bool take_part(struct hr_home *home, struct hr_entry *entry, const struct hr_message *move,
    struct hr_outbox *outbox)
{
    struct hr_error error;
    struct hr_frame frame;
    struct hr_account *stray = NULL;
    if (hr_frame_open(move->payload, &frame, &error) != HR_OK) {
        return false;
    }
    if (frame.kind == HR_FRAME_ACCOUNT &&
        hr_unpack_account(&frame, hr_home_layout(home, frame.epoch), home->settings.zones,
            home->pool, &stray, &error) != HR_OK) {
        return false;
    }
    if (entry->kind != HR_ENTRY_ACCOUNT) {
        hr_entry_begin_account(home, entry, stray ? stray->first_seen : move->time);
    }
    if (stray) {
        hr_own_merge(entry->account, stray, home->pool);
    }
    hr_home_take_over(home, entry, home->clock, outbox);
    struct hr_step step = hr_home_step(home, entry, HR_STEP_MOVE, outbox);
    step.event_time = move->time;
    step.arrival = move->arrival;
    hr_step_begin(&step, home->clock, &home->layouts->all);
    bool taken = true;
    if (stray) {
        merge_account(entry->account, stray, move->name, home->pool);
        hr_outcomes_take(&step, stray);
        hr_account_destroy(stray, home->pool);
    } else if (frame.kind == HR_FRAME_GROUP) {
        taken = take_group(home, entry->account, &frame);
    } else {
        struct hr_slot_target target = {entry->account, 0, home->pool};
        taken =
            hr_members_walk(&frame, home->layouts, home->pool, &target.slot, take_members, &target);
    }
    hr_step_follow_facts(&step);
    if (move->last) {
        hr_outcomes_look_at_segment(&step);
        hr_step_judge(&step, &home->layouts->all);
    }
    hr_entry_mark(home, entry);
    hr_home_reset_timer(home, entry);
    return taken;
}

static enum hr_verdict receive_move(struct hr_home *home, struct hr_entry *entry,
    const struct hr_message *move, struct hr_outbox *outbox)
{
    if (entry->kind == HR_ENTRY_ALIAS) {
        if (move->hops >= MOST_NAMES) {
            hr_home_detail(outbox, "the names lead to each other", HR_STR(""), "");
            outbox->reason = HR_FORWARD_LOOP;
            return HR_DEAD;
        }
        struct hr_message next = *move;
        next.account = hr_arena_copy(outbox->arena, entry->target);
        next.hops++;
        hr_outbox_send(outbox, &next);
        return HR_FORWARDED;
    }
    if (!take_part(home, entry, move, outbox)) {
        hr_home_detail(outbox, "the moved part cannot be read", HR_STR(""), "");
        outbox->reason = HR_BAD_EVENT;
        return HR_DEAD;
    }
    return HR_COUNTED;
}

struct hr_str hr_message_name(const struct hr_message *message)
{
    switch (message->kind) {
    case HR_MESSAGE_CLAIM:
    case HR_MESSAGE_RELEASE:
        return message->name;
    case HR_MESSAGE_MOVE:
        return message->account;
    case HR_MESSAGE_SILENCE:
    case HR_MESSAGE_BRAKE:
        break;
    }
    return (struct hr_str){NULL, 0};
}

/* A message about one name of this home. */
static enum hr_verdict receive_about(struct hr_home *home, struct hr_str name,
    const struct hr_message *message, struct hr_outbox *outbox)
{
    struct hr_entry *entry = hr_table_make(home, name, hr_hash64(name, 0));
    entry->used = home->batch;
    hr_home_run_timers(home, entry, home->clock, outbox);
    switch (message->kind) {
    case HR_MESSAGE_CLAIM:
        return receive_claim(home, entry, message, outbox);
    case HR_MESSAGE_RELEASE:
        return receive_release(home, entry, message);
    default:
        return receive_move(home, entry, message, outbox);
    }
}

enum hr_verdict hr_home_receive(
    struct hr_home *home, const struct hr_message *message, struct hr_outbox *outbox)
{
    outbox->reason = HR_REASON_NONE;
    outbox->detail[0] = '\0';
    home->clock = hr_time_max(home->clock, message->clock);
    struct hr_str name = hr_message_name(message);
    if (name.at) {
        return receive_about(home, name, message, outbox);
    }
    uint64_t turn = hr_next_turn(&home->holds);
    bool over = message->kind == HR_MESSAGE_BRAKE
                    ? hr_brake_tell(&home->holds, message, turn)
                    : hr_owner_tell(&home->holds, message, home->clock);
    if (over) {
        hr_home_wake(home, turn);
    }
    return HR_COUNTED;
}
