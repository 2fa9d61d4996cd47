/* SPDX-License-Identifier: Apache-2.0 */
/* One record, from its name to its verdict. In this order (SEMANTICS 1):
 *
 *  1. The account's timers that are due by the clock act, each at its own moment.
 *  2. Is the id known under this name? Then it is a duplicate, or a conflict if its body differs.
 *     The home of a name looks also when the name is an alias: what was counted under the name
 *     before it led elsewhere is still counted.
 *  3. An alias forwards.
 *  4. A time after arrival + skew is `in_future`.
 *  5. What feeds nothing is ignored.
 *  6. Usage: amounts are read (`bad_value`, `overflow`), a time before arrival − lateness is
 *     `too_late`; the account takes a change of rules over; a counter that would pass the bound is
 *     `overflow`. Only then anything is counted, in all meters at once.
 *  7. A correction is usage of any age that a kept period holds; any other account event is taken
 *     field by field, however old.
 *  8. Rules are judged, if that can change anything (quiet.c), and the id is filed. What was
 * refused has not used up its id. */
#include "inside.h"

#include "correct.h"
#include "fact.h"
#include "group.h"
#include "outcome.h"
#include "own.h"
#include "quiet.h"
#include "source.h"
#include "window.h"

static enum hr_verdict dead(struct hr_outbox *outbox, enum hr_reason reason)
{
    outbox->reason = reason;
    return HR_DEAD;
}

static struct hr_str time_text(struct hr_time time, char text[HR_TIME_TEXT])
{
    return (struct hr_str){text, hr_time_print(time, text)};
}

uint64_t hr_home_id(uint64_t account, uint64_t identity, uint64_t erasures)
{
    uint64_t parts[3] = {account, identity, erasures};
    return hr_hash64((struct hr_str){(const char *)parts, sizeof parts}, 0);
}

static uint64_t id_of(const struct hr_entry *entry, const struct hr_event *event)
{
    return hr_home_id(entry->hash, event->identity, entry->erasures);
}

static struct hr_time time_of(const struct hr_record *record)
{
    return hr_time_is(record->event.time, HR_TIME_NONE) ? record->arrival : record->event.time;
}

static void note_times(struct hr_step *step, const struct hr_record *record)
{
    step->event_time = time_of(record);
    step->arrival = record->arrival;
}

static void finish(
    struct hr_home *home, struct hr_entry *entry, const struct hr_record *record, uint64_t id)
{
    hr_seen_file(&home->seen, id, record->event.body, home->clock);
    hr_entry_mark(home, entry);
    if (entry->kind == HR_ENTRY_ACCOUNT) {
        hr_home_reset_timer(home, entry);
    }
}

/* --- usage ------------------------------------------------------------------------------------ */

/* Counts the amount in one slot; of an ended period what it had before is kept, for late crossings.
 */
static void count_in(struct hr_step *step, uint16_t slot, const struct hr_amount *amount)
{
    struct hr_account *account = step->account;
    if (hr_slot_meter(account, slot)->aggregate != HR_LATEST) {
        uint32_t segment = hr_segment_holding(account, step->event_time, step->pool);
        if (account->segments[segment].closed) {
            step->room->late[step->late_count++] =
                (struct hr_late){slot, segment, account->segments[segment].tallies[slot]};
        }
    }
    hr_meter_add(account, slot, step->event_time, amount, step->pool);
}

static void count_all(
    struct hr_home *home, struct hr_step *step, const struct hr_feed *feeds, uint16_t count)
{
    struct hr_account *account = step->account;
    for (uint16_t i = 0; i < count; i++) {
        count_in(step, feeds[i].meter, &feeds[i].amount);
        if (account->layout->rules->meters[feeds[i].meter].has_by) {
            uint16_t slot = hr_group_slot(account, feeds[i].meter, feeds[i].group, step->pool);
            home->others += hr_slot_is_other(account, slot);
            count_in(step, slot, &feeds[i].amount);
        }
    }
}

/* Would a counter that the amount goes into pass the bound of quantities? */
static bool fits(struct hr_step *step, const struct hr_feed *feed)
{
    struct hr_account *account = step->account;
    int group = account->layout->rules->meters[feed->meter].has_by
                    ? hr_group_expect(account, feed->meter, feed->group)
                    : -1;
    return hr_meter_fits(account, feed->meter, step->event_time, &feed->amount, step->pool) &&
           (group < 0 || hr_meter_fits(account, (uint16_t)group, step->event_time, &feed->amount,
                             step->pool));
}

static enum hr_verdict apply_usage(struct hr_home *home, struct hr_entry *entry,
    const struct hr_record *record, uint64_t id, struct hr_outbox *outbox)
{
    const struct hr_rules *rules = home->layouts->rules;
    const struct hr_event *event = &record->event;
    struct hr_time time = time_of(record);
    struct hr_feed *feeds = home->feeds;
    uint16_t fault = 0, count = hr_usage_feeds(rules, event, feeds);
    if (count == 0) {
        return HR_IGNORED;
    }
    enum hr_reason reason = hr_usage_amounts(rules, event, feeds, count, &fault);
    if (reason != HR_REASON_NONE) {
        hr_home_detail(outbox, "meter ", rules->meters[fault].name,
            reason == HR_OVERFLOW ? ": the value has more than 12 places or reaches 10^26"
                                  : ": the value is missing or of the wrong type");
        return dead(outbox, reason);
    }
    if (time.us < record->arrival.us - rules->lateness_us) {
        char text[HR_TIME_TEXT];
        hr_home_detail(outbox, "time ", time_text(time, text), " is before arrival less lateness");
        return dead(outbox, HR_TOO_LATE);
    }
    /* A first record may take anything beyond a level; a later one only what it feeds. */
    const struct hr_touch *touch = &home->layouts->types[event->usage - rules->types];
    if (entry->kind != HR_ENTRY_ACCOUNT) {
        hr_entry_begin_account(home, entry, time);
        touch = &home->layouts->all;
    }
    hr_home_take_over(home, entry, home->clock, outbox);
    struct hr_step step = hr_home_step(home, entry, HR_STEP_USAGE, outbox);
    note_times(&step, record);
    bool quiet = hr_usage_is_quiet(entry->account, touch, home->clock, time, feeds, count);
    if (quiet) {
        hr_step_pass(&step, home->clock);
    } else {
        hr_step_begin(&step, home->clock, touch);
    }
    for (uint16_t i = 0; i < count; i++) {
        if (!fits(&step, &feeds[i])) {
            hr_home_detail(outbox, "meter ", rules->meters[feeds[i].meter].name,
                ": the counter would reach 10^26");
            hr_home_reset_timer(home, entry);
            return dead(outbox, HR_OVERFLOW);
        }
    }
    count_all(home, &step, feeds, count);
    if (!quiet) {
        hr_step_judge(&step, touch);
    }
    finish(home, entry, record, id);
    return HR_COUNTED;
}

/* --- corrections ------------------------------------------------------------------------------ */

/* Ids of corrections are looked for in the account, too, under the name as written and its own. */
static enum hr_seen_answer ask_corrections(
    const struct hr_entry *entry, const struct hr_record *record, struct hr_time clock)
{
    const struct hr_event *event = &record->event;
    uint64_t written = hr_home_id(hr_hash64(event->account, 0), event->identity, 0);
    uint64_t own = hr_home_id(entry->hash, event->identity, 0);
    enum hr_seen_answer answer = hr_corrections_ask(entry->account, written, event->body, clock);
    return answer != HR_SEEN_NEW ? answer
                                 : hr_corrections_ask(entry->account, own, event->body, clock);
}

static enum hr_verdict refuse_correction(
    struct hr_outbox *outbox, const struct hr_meter *meter, enum hr_reason reason)
{
    hr_home_detail(outbox, "meter ", meter->name,
        reason == HR_BAD_VALUE  ? ": only sum, count and latest can be corrected"
        : reason == HR_TOO_LATE ? ": the period that holds the time is no longer kept"
                                : ": the counter would reach 10^26");
    return dead(outbox, reason);
}

static enum hr_verdict apply_correction(struct hr_home *home, struct hr_entry *entry,
    const struct hr_record *record, uint64_t id, struct hr_outbox *outbox)
{
    const struct hr_rules *rules = home->layouts->rules;
    const struct hr_fact *fact = record->event.fact;
    struct hr_time time = time_of(record);
    int slot = hr_rules_find_meter(rules, fact->meter);
    if (slot < 0) {
        hr_home_detail(outbox, "data.meter: there is no such meter", HR_STR(""), "");
        return dead(outbox, HR_BAD_VALUE);
    }
    /* It has no field that a meter groups by. */
    struct hr_feed feed = {.meter = (uint16_t)slot, .group = HR_GROUP_OTHER};
    const struct hr_meter *meter = &rules->meters[slot];
    enum hr_reason reason =
        hr_correction_check(rules, feed.meter, entry->account, time, home->clock);
    if (reason != HR_REASON_NONE) {
        return refuse_correction(outbox, meter, reason);
    }
    const struct hr_touch *touch = &home->layouts->types[meter->type];
    if (entry->kind != HR_ENTRY_ACCOUNT) {
        hr_entry_begin_account(home, entry, time);
        touch = &home->layouts->all;
    }
    hr_home_take_over(home, entry, home->clock, outbox);
    struct hr_step step = hr_home_step(home, entry, HR_STEP_USAGE, outbox);
    note_times(&step, record);
    step.corrected = meter;
    hr_step_begin(&step, home->clock, touch);
    if (!hr_correction_amount(
            entry->account, feed.meter, fact, time, &feed.amount.value, home->pool) ||
        !fits(&step, &feed)) {
        hr_home_reset_timer(home, entry);
        return refuse_correction(outbox, meter, HR_OVERFLOW);
    }
    count_all(home, &step, &feed, 1);
    hr_step_judge(&step, touch);
    hr_corrections_file(entry->account,
        (struct hr_correction){
            hr_home_id(entry->hash, record->event.identity, 0), record->event.body, time},
        home->pool);
    finish(home, entry, record, id);
    return HR_COUNTED;
}

/* --- facts ------------------------------------------------------------------------------------ */

/* By way of whom an alias leads to the account. */
static struct hr_str holder_of(const struct hr_entry *entry, struct hr_str alias)
{
    for (uint32_t i = 0; i < entry->account->alias_count; i++) {
        const struct hr_alias *one = &entry->account->aliases[i];
        if (one->holder.len > 0 && hr_str_equal(one->name, alias)) {
            return one->holder;
        }
    }
    return hr_entry_name(entry);
}

/* Aliases lead to the account from the moment at which their own homes know of it. */
static void announce_aliases(
    const struct hr_entry *entry, const struct hr_record *record, struct hr_outbox *outbox)
{
    const struct hr_fact *fact = record->event.fact;
    struct hr_str account = hr_entry_name(entry);
    struct hr_message message = {.kind = HR_MESSAGE_RELEASE,
        .time = time_of(record),
        .arrival = record->arrival,
        .clock = record->clock};
    for (size_t i = 0; i < fact->alias_released_count; i++) {
        struct hr_str holder = holder_of(entry, fact->aliases_released[i]);
        message.account = hr_arena_copy(outbox->arena, holder);
        message.name = hr_arena_copy(outbox->arena, fact->aliases_released[i]);
        hr_outbox_send(outbox, &message);
    }
    message.kind = HR_MESSAGE_CLAIM;
    message.account = hr_arena_copy(outbox->arena, account);
    for (size_t i = 0; i < fact->alias_count; i++) {
        if (!hr_str_equal(fact->aliases[i], account)) {
            message.name = hr_arena_copy(outbox->arena, fact->aliases[i]);
            hr_outbox_send(outbox, &message);
        }
    }
}

static enum hr_verdict apply_fact(struct hr_home *home, struct hr_entry *entry,
    const struct hr_record *record, uint64_t id, struct hr_outbox *outbox)
{
    if (entry->kind != HR_ENTRY_ACCOUNT) {
        hr_entry_begin_account(home, entry, time_of(record));
    }
    hr_own_tell(entry->account, record->event.fact, time_of(record), home->pool);
    hr_home_take_over(home, entry, home->clock, outbox);
    struct hr_step step = hr_home_step(home, entry, HR_STEP_FACT, outbox);
    note_times(&step, record);
    hr_step_begin(&step, home->clock, &home->layouts->all);
    announce_aliases(entry, record, outbox);
    hr_fact_tell(entry->account, record->event.fact, step.event_time, home->pool);
    hr_step_follow_facts(&step);
    hr_outcomes_tell(&step, record->event.fact);
    hr_step_judge(&step, &home->layouts->all);
    finish(home, entry, record, id);
    return HR_COUNTED;
}

/* Forgets the account: its state goes, its aliases are released, the ids counted under it are no
 * longer looked for, but for this event's own. How often that happened stays, under a hash of the
 * name, so that ids of triggers do not repeat. */
static enum hr_verdict erase(struct hr_home *home, struct hr_entry *entry,
    const struct hr_record *record, struct hr_outbox *outbox)
{
    if (entry->kind == HR_ENTRY_ACCOUNT) {
        const struct hr_account *account = entry->account;
        struct hr_str name = hr_entry_name(entry);
        struct hr_message message = {.kind = HR_MESSAGE_RELEASE,
            .time = time_of(record),
            .arrival = record->arrival,
            .clock = record->clock};
        for (uint32_t i = 0; i < account->alias_count; i++) {
            const struct hr_alias *alias = &account->aliases[i];
            message.name = hr_arena_copy(outbox->arena, alias->name);
            message.account =
                hr_arena_copy(outbox->arena, alias->holder.len > 0 ? alias->holder : name);
            hr_outbox_send(outbox, &message);
        }
        hr_entry_end_account(home, entry);
    }
    hr_numbers_drop(&entry->numbers, home->pool);
    entry->erasures++;
    entry->erasures_dirty = true;
    finish(home, entry, record, id_of(entry, &record->event));
    return HR_COUNTED;
}

/* Says nothing about the account for which it came: all homes are told. */
static enum hr_verdict silence_owner(struct hr_home *home, const struct hr_entry *entry,
    const struct hr_record *record, struct hr_outbox *outbox)
{
    hr_owner_announce(record, home->layouts->rules, &home->scratch, outbox);
    hr_seen_file(&home->seen, id_of(entry, &record->event), record->event.body, home->clock);
    return HR_COUNTED;
}

/* --- records ---------------------------------------------------------------------------------- */

/* A hint that is another name's finds nothing. */
static struct hr_entry *entry_of(struct hr_home *home, const struct hr_record *record)
{
    struct hr_entry *entry = hr_table_find(home, record->account, record->hint);
    return entry ? entry : hr_table_make(home, record->account, hr_hash64(record->account, 0));
}

enum hr_verdict hr_home_apply(
    struct hr_home *home, const struct hr_record *record, struct hr_outbox *outbox)
{
    const struct hr_event *event = &record->event;
    outbox->reason = HR_REASON_NONE;
    outbox->detail[0] = '\0';
    home->clock = hr_time_max(home->clock, record->clock);
    struct hr_entry *entry = entry_of(home, record);
    entry->used = home->batch;
    hr_home_run_timers(home, entry, home->clock, outbox);
    /* What it says of its own account comes before that account is woken by it. */
    if (hr_source_hear(&home->holds, record)) {
        hr_home_wake(home, hr_next_turn(&home->holds));
    }

    bool correction = event->fact && event->fact->kind == HR_FACT_USAGE_CORRECTED;
    uint64_t id = id_of(entry, event);
    enum hr_seen_answer answer = hr_seen_ask(&home->seen, id, event->body);
    if (answer == HR_SEEN_NEW && correction && entry->kind == HR_ENTRY_ACCOUNT) {
        answer = ask_corrections(entry, record, home->clock);
    }
    if (answer == HR_SEEN_SAME) {
        return HR_DUPLICATE;
    }
    if (answer == HR_SEEN_OTHER_BODY) {
        hr_home_detail(outbox, "the id was counted with another body", HR_STR(""), "");
        return dead(outbox, HR_ID_CONFLICT);
    }
    if (entry->kind == HR_ENTRY_ALIAS) {
        outbox->forward_to = hr_arena_copy(outbox->arena, entry->target);
        return HR_FORWARDED;
    }
    if (time_of(record).us > record->arrival.us + home->layouts->rules->skew_us) {
        char text[HR_TIME_TEXT];
        hr_home_detail(
            outbox, "time ", time_text(time_of(record), text), " is after arrival and skew");
        return dead(outbox, HR_IN_FUTURE);
    }
    if (event->fact && event->fact->kind == HR_FACT_ACCOUNT_ERASED) {
        return erase(home, entry, record, outbox);
    }
    if (event->fact && event->fact->scope.at && hr_str_starts(event->fact->scope, "owner:")) {
        return silence_owner(home, entry, record, outbox);
    }
    if (event->fact && !hr_fact_fits(entry->account, event->fact)) {
        hr_home_detail(outbox, "with it the account's facts would exceed ", HR_STR("384 KiB"), "");
        return dead(outbox, HR_BAD_VALUE);
    }
    if (correction) {
        return apply_correction(home, entry, record, id, outbox);
    }
    if (event->fact) {
        return apply_fact(home, entry, record, id, outbox);
    }
    return event->usage ? apply_usage(home, entry, record, id, outbox) : HR_IGNORED;
}
