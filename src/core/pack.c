/* SPDX-License-Identifier: Apache-2.0 */
/* Stored bytes: what an account is in the changelog and in Redis.
 *
 *     offset  0  magic 'h'
 *             1  kind: 'a' account, 'l' alias, 'e' erasures, 'u' members
 *             2  format version
 *             3  checksum, 8 bytes: hr_hash64 of everything from offset 11 on
 *            11  due, 8 bytes: the next timer
 *            19  rules epoch that the account follows, 4 bytes
 *            23  body
 *
 * An account's body is a run of sections: tag, varint length, bytes. An empty section is left out.
 * A newer version may add sections or fields at the end of one; it says so in the format version,
 * which an older one refuses. Meters, rules and levels stand under keys made from their names,
 * never under slots, so bytes mean the same under any compilation of their rules. Times are deltas
 * from the account's clock where that is shorter. The same state always gives the same bytes:
 * arrays are in the order of the account, sets are sorted. */
#include "pack.h"

#include "headroom/never.h"

#include "group.h"
#include "subscription.h"
#include "window.h"

void hr_frame_begin(
    struct hr_buffer *out, enum hr_frame_kind kind, struct hr_time due, uint32_t epoch)
{
    hr_buffer_clear(out);
    hr_put_u8(out, HR_FRAME_MAGIC);
    hr_put_u8(out, (uint8_t)kind);
    hr_put_u8(out, HR_FRAME_VERSION);
    hr_put_u64(out, 0);
    hr_put_u64(out, (uint64_t)due.us);
    hr_put_u32(out, epoch);
}

void hr_frame_end(struct hr_buffer *out)
{
    uint64_t sum = hr_hash64(
        (struct hr_str){(const char *)out->at + HR_FRAME_SUMMED, out->len - HR_FRAME_SUMMED}, 0);
    for (int i = 0; i < 8; i++) {
        out->at[3 + i] = (uint8_t)(sum >> (8 * i));
    }
}

/* A section's length is known when it is written: room for a short one is left, a longer one moves
 * its bytes. */
size_t hr_section_begin(struct hr_buffer *out, enum hr_section section)
{
    hr_put_u8(out, (uint8_t)section);
    hr_put_u8(out, 0);
    return out->len;
}

void hr_section_end(struct hr_buffer *out, size_t begin)
{
    size_t len = out->len - begin;
    if (len == 0) {
        out->len -= 2;
        return;
    }
    uint8_t prefix[10];
    size_t width = 0;
    for (uint64_t rest = len;; rest >>= 7) {
        prefix[width++] = (uint8_t)(rest < 0x80 ? rest : (rest | 0x80));
        if (rest < 0x80) {
            break;
        }
    }
    for (size_t i = 1; i < width; i++) {
        hr_put_u8(out, 0);
    }
    memmove(out->at + begin - 1 + width, out->at + begin, len);
    memcpy(out->at + begin - 1, prefix, width);
}

/* Moments near the clock are short as a difference; NONE and NEVER have codes of their own. */
void hr_put_near(struct hr_buffer *out, struct hr_time clock, struct hr_time time)
{
    if (hr_time_is(time, HR_TIME_NONE)) {
        hr_put_u8(out, 0);
    } else if (hr_time_is(time, HR_TIME_NEVER)) {
        hr_put_u8(out, 1);
    } else {
        hr_put_u8(out, 2);
        hr_put_zigzag(out, time.us - clock.us);
    }
}

/* --- sections --------------------------------------------------------------------------------- */

/* While a subscription governs, who did last is plain. */
static bool governed_before(const struct hr_account *account)
{
    return account->governing < 0 && !hr_time_is(account->governed_since, HR_TIME_NONE);
}

/* They stand in the first section: every level that follows may be one of them. */
static bool own_told(const struct hr_account *account)
{
    return account->dossier && !hr_time_is(account->dossier->own_stamp, HR_TIME_NONE);
}

static void put_identity(struct hr_buffer *out, const struct hr_account *account)
{
    size_t begin = hr_section_begin(out, HR_SECTION_IDENTITY);
    hr_put_time(out, account->clock);
    hr_put_u8(out, (uint8_t)((account->live ? 1 : 0) | (account->had_subscription ? 2 : 0) |
                             (governed_before(account) ? 4 : 0) | (own_told(account) ? 8 : 0) |
                             (account->counted ? 16 : 0)));
    hr_put_near(out, account->clock, account->first_seen);
    hr_put_varint(out, account->erasures);
    if (governed_before(account)) {
        hr_put_u64(out, account->governed_by);
        hr_put_near(out, account->clock, account->governed_since);
    }
    if (own_told(account)) {
        hr_pack_own(out, account);
    }
    hr_section_end(out, begin);
}

/* Nearly always a period begins where the one before it ended. */
static void put_floor(
    struct hr_buffer *out, const struct hr_account *account, const struct hr_segment *segment)
{
    if (segment->closed || hr_time_is(segment->floor, HR_TIME_NONE)) {
        hr_put_u8(out, segment->closed ? HR_SEGMENT_CLOSED : HR_SEGMENT_FIRST);
    } else if (hr_time_is(segment->floor, segment->from)) {
        hr_put_u8(out, HR_SEGMENT_FROM_FLOOR);
    } else {
        hr_put_u8(out, HR_SEGMENT_ABOVE_FLOOR);
        hr_put_near(out, account->clock, segment->floor);
    }
}

static void put_segment(
    struct hr_buffer *out, const struct hr_account *account, const struct hr_segment *segment)
{
    const struct hr_rules *rules = account->layout->rules;
    hr_put_near(out, account->clock, segment->from);
    hr_put_time(out, segment->start);
    hr_put_zigzag(out, segment->end.us - segment->start.us);
    hr_put_zigzag(out, segment->date);
    hr_put_varint(out, segment->id);
    put_floor(out, account, segment);
    uint32_t count = 0;
    for (uint16_t m = 0; m < rules->meter_count; m++) {
        count += segment->tallies[m].count > 0;
    }
    hr_put_varint(out, count);
    for (uint16_t m = 0; m < rules->meter_count; m++) {
        if (segment->tallies[m].count > 0) {
            hr_put_u32(out, rules->meters[m].key);
            hr_put_tally(out, rules->meters[m].aggregate, &segment->tallies[m]);
        }
    }
    if (!segment->closed) {
        return;
    }
    count = 0;
    for (uint16_t m = 0; segment->limits && m < rules->meter_count; m++) {
        count += segment->limits[m].kind != HR_LIMIT_NONE;
    }
    hr_put_varint(out, count);
    for (uint16_t m = 0; segment->limits && m < rules->meter_count; m++) {
        if (segment->limits[m].kind != HR_LIMIT_NONE) {
            hr_put_u32(out, rules->meters[m].key);
            hr_put_u8(out, (uint8_t)segment->limits[m].kind);
            hr_put_decimal(out, segment->limits[m].value);
        }
    }
    hr_put_varint(out, segment->open_count);
    for (uint32_t i = 0; i < segment->open_count; i++) {
        const struct hr_rule *rule = &rules->rules[segment->open[i].rule];
        const struct hr_rule_level *level = &rule->levels[segment->open[i].level];
        hr_put_u64(out, rule->key);
        hr_put_decimal(out, level->value);
        hr_put_str(out, hr_str(level->currency));
    }
}

static void put_segments(struct hr_buffer *out, const struct hr_account *account)
{
    size_t begin = hr_section_begin(out, HR_SECTION_SEGMENTS);
    hr_put_varint(out, account->next_segment_id);
    hr_put_varint(out, account->current);
    hr_put_varint(out, account->segment_count);
    for (uint32_t i = 0; i < account->segment_count; i++) {
        put_segment(out, account, &account->segments[i]);
    }
    hr_section_end(out, begin);
}

static void put_meters(struct hr_buffer *out, const struct hr_account *account)
{
    size_t begin = hr_section_begin(out, HR_SECTION_METERS);
    for (uint16_t m = 0; m < account->layout->rules->meter_count; m++) {
        const struct hr_meter_state *meter = &account->meters[m];
        bool read = !hr_time_is(meter->gauge_time, HR_TIME_NONE);
        bool begun = !hr_time_is(meter->first, HR_TIME_NONE);
        if (!read && !begun && hr_count_series(account, m) == 0 && !meter->members) {
            continue;
        }
        hr_put_u32(out, hr_slot_meter(account, m)->key);
        hr_put_u8(out, (uint8_t)hr_slot_meter(account, m)->aggregate);
        hr_put_u8(out, (uint8_t)((read ? 1 : 0) | (meter->members ? 2 : 0) | (begun ? 4 : 0)));
        if (read) {
            hr_put_decimal(out, meter->gauge);
            hr_put_near(out, account->clock, meter->gauge_time);
        }
        if (begun) {
            hr_put_near(out, account->clock, meter->first);
        }
        hr_put_series(out, account, m, false);
    }
    hr_section_end(out, begin);
}

/* Who has a place; what it counted is a record of its own (pack_groups.c). */
static void put_groups(struct hr_buffer *out, const struct hr_account *account)
{
    size_t begin = hr_section_begin(out, HR_SECTION_GROUPS);
    for (uint16_t s = account->layout->rules->meter_count; s < account->slot_count; s++) {
        if (account->meters[s].number == 0) {
            continue;
        }
        if (out->len == begin) {
            hr_put_varint(out, account->next_number);
        }
        hr_put_u32(out, hr_slot_meter(account, s)->key);
        hr_put_varint(out, account->meters[s].number);
        hr_put_str(out, hr_group_value(account, s));
    }
    hr_section_end(out, begin);
}

/* What the budget counts. */
static void put_published(struct hr_buffer *out, const struct hr_account *account)
{
    size_t begin = hr_section_begin(out, HR_SECTION_FIRES);
    for (uint32_t i = 0; i < account->fire_count; i++) {
        hr_put_near(out, account->clock, account->fires[i]);
    }
    hr_section_end(out, begin);
}

static bool is_blank(const struct hr_level_state *level)
{
    return level->flags == 0 && level->episode == 0 && hr_time_is(level->fired_at, HR_TIME_NONE);
}

static void put_level(struct hr_buffer *out, const struct hr_account *account,
    const struct hr_rule_level *level, const struct hr_level_state *state)
{
    hr_put_decimal(out, level->value);
    hr_put_str(out, hr_str(level->currency));
    hr_put_u8(out, state->flags);
    hr_put_varint(out, state->episode);
    hr_put_near(out, account->clock, state->fired_at);
    if (state->flags & (HR_LEVEL_WAITING | HR_LEVEL_OPEN)) {
        int held = state->held == HR_WHY_READY ? 0 : state->held - HR_WHY_FOR + 1;
        hr_put_u8(out, (uint8_t)(state->cause | (state->flags & HR_LEVEL_WAITING ? held << 4 : 0)));
        hr_put_near(out, account->clock, state->since);
    }
    if (state->flags & HR_LEVEL_FIRED) {
        hr_put_varint(out, state->number);
        hr_put_zigzag(out, state->date);
    }
}

static void put_instance(
    struct hr_buffer *out, const struct hr_account *account, uint16_t slot, uint16_t instance)
{
    const struct hr_rule *rule = &account->layout->rules->rules[slot];
    const struct hr_level_state *levels =
        account->rules[slot].levels + (size_t)instance * rule->level_count;
    uint16_t count = 0;
    for (uint16_t l = 0; l < rule->level_count; l++) {
        count = (uint16_t)(count + !is_blank(&levels[l]));
    }
    if (count == 0) {
        return;
    }
    hr_put_u64(out, rule->key);
    hr_put_varint(out, account->layout->rule_layouts[slot].per_subscription ? instance + 1u : 0u);
    hr_put_varint(out, count);
    for (uint16_t l = 0; l < rule->level_count; l++) {
        if (!is_blank(&levels[l])) {
            put_level(out, account, &rule->levels[l], &levels[l]);
        }
    }
}

static void put_rules(struct hr_buffer *out, const struct hr_account *account)
{
    size_t begin = hr_section_begin(out, HR_SECTION_RULES);
    for (uint16_t r = 0; r < account->layout->rules->rule_count; r++) {
        for (uint16_t i = 0; account->rules[r].levels && i < account->rules[r].instances; i++) {
            put_instance(out, account, r, i);
        }
    }
    hr_section_end(out, begin);
}

void hr_put_moment(struct hr_buffer *out, struct hr_moment moment)
{
    hr_put_u8(out, (uint8_t)moment.kind);
    if (moment.kind == HR_MOMENT_DATE) {
        hr_put_zigzag(out, moment.day);
    } else if (moment.kind == HR_MOMENT_TIME) {
        hr_put_time(out, moment.time);
    }
}

static void put_limits(struct hr_buffer *out, const struct hr_subscription *subscription)
{
    hr_put_u8(out, subscription->has_limits);
    hr_put_varint(out, subscription->limit_count);
    for (uint32_t i = 0; i < subscription->limit_count; i++) {
        const struct hr_own_limit *limit = &subscription->limits[i];
        hr_put_str(out, limit->name);
        hr_put_u8(out, limit->unlimited);
        hr_put_decimal(out, limit->unlimited ? HR_DECIMAL_ZERO : limit->value);
    }
}

static void put_field(struct hr_buffer *out, const struct hr_subscription *subscription,
    enum hr_subscription_field field)
{
    switch (field) {
    case HR_FIELD_PLAN:
        hr_put_str(out, subscription->plan);
        break;
    case HR_FIELD_LIMITS:
        put_limits(out, subscription);
        break;
    case HR_FIELD_MRR:
        hr_put_zigzag(out, subscription->mrr.minor);
        hr_put_str(out, hr_str(subscription->mrr.currency));
        break;
    case HR_FIELD_PERIOD:
        hr_put_u8(out, (uint8_t)subscription->period.unit);
        hr_put_zigzag(out, subscription->period.count);
        break;
    case HR_FIELD_ANCHOR:
        hr_put_moment(out, subscription->anchor);
        break;
    case HR_FIELD_RENEWAL:
        hr_put_moment(out, subscription->renewal);
        break;
    case HR_FIELD_TERM:
        hr_put_zigzag(out, subscription->term_start);
        break;
    case HR_FIELD_STARTED:
        hr_put_moment(out, subscription->started);
        break;
    case HR_FIELD_ENDS:
        hr_put_moment(out, subscription->ends);
        break;
    case HR_FIELD_ZONE:
        hr_put_str(out, hr_zone_name(subscription->zone));
        break;
    case HR_FIELD_COUNT:
        HR_NEVER_HERE;
    }
}

static void put_subscriptions(struct hr_buffer *out, const struct hr_account *account)
{
    size_t begin = hr_section_begin(out, HR_SECTION_SUBSCRIPTIONS);
    for (uint32_t i = 0; i < account->subscription_count; i++) {
        const struct hr_subscription *subscription = &account->subscriptions[i];
        hr_put_str(out, subscription->name);
        hr_put_time(out, subscription->seen);
        uint32_t given = 0;
        for (int f = 0; f < HR_FIELD_COUNT; f++) {
            given |= hr_time_is(subscription->stamps[f], HR_TIME_NONE) ? 0 : UINT32_C(1) << f;
        }
        hr_put_varint(out, given);
        for (int f = 0; f < HR_FIELD_COUNT; f++) {
            if (given & UINT32_C(1) << f) {
                hr_put_zigzag(out, subscription->stamps[f].us - subscription->seen.us);
                put_field(out, subscription, (enum hr_subscription_field)f);
            }
        }
    }
    hr_section_end(out, begin);
}

static void put_facts(struct hr_buffer *out, const struct hr_account *account)
{
    size_t begin = hr_section_begin(out, HR_SECTION_ATTRIBUTES);
    for (uint32_t i = 0; i < account->attribute_count; i++) {
        const struct hr_fact_value *value = &account->attributes[i];
        hr_put_str(out, value->name);
        hr_put_near(out, account->clock, value->stamp);
        hr_put_u8(out, (uint8_t)value->kind);
        hr_put_str(out, value->text);
        hr_put_u8(out, value->fits);
        if (value->fits) {
            hr_put_decimal(out, value->number);
        }
    }
    hr_section_end(out, begin);
    begin = hr_section_begin(out, HR_SECTION_ARR);
    if (!hr_time_is(account->arr_stamp, HR_TIME_NONE)) {
        hr_put_near(out, account->clock, account->arr_stamp);
        hr_put_zigzag(out, account->arr.minor);
        hr_put_str(out, hr_str(account->arr.currency));
    }
    hr_section_end(out, begin);
    begin = hr_section_begin(out, HR_SECTION_INVOICES);
    for (uint32_t i = 0; i < account->invoice_count; i++) {
        hr_put_u64(out, account->invoices[i].key);
        hr_put_near(out, account->clock, account->invoices[i].stamp);
        hr_put_u8(out, account->invoices[i].failed);
    }
    hr_section_end(out, begin);
    begin = hr_section_begin(out, HR_SECTION_ALIASES);
    for (uint32_t i = 0; i < account->alias_count; i++) {
        hr_put_str(out, account->aliases[i].name);
        hr_put_str(out, account->aliases[i].holder);
    }
    hr_section_end(out, begin);
}

static void put_numbers(
    struct hr_buffer *out, struct hr_time clock, const struct hr_numbers *numbers)
{
    for (uint32_t i = 0; i < numbers->count; i++) {
        const struct hr_numbering *number = &numbers->at[i];
        hr_put_u32(out, number->key);
        hr_put_varint(out, number->number);
        hr_put_zigzag(out, number->date);
        hr_put_near(out, clock, number->until);
    }
}

static void put_fires(struct hr_buffer *out, const struct hr_account *account)
{
    size_t begin = hr_section_begin(out, HR_SECTION_NUMBERS);
    put_numbers(out, account->clock, &account->numbers);
    hr_section_end(out, begin);
    begin = hr_section_begin(out, HR_SECTION_RECENT);
    for (uint32_t i = 0; i < account->recent_count; i++) {
        const struct hr_recent *recent = &account->recent[i];
        hr_put_u32(out, recent->key);
        hr_put_varint(out, recent->number);
        hr_put_zigzag(out, recent->date);
        hr_put_near(out, account->clock, recent->time);
    }
    hr_section_end(out, begin);
    begin = hr_section_begin(out, HR_SECTION_RUNS);
    for (uint32_t i = 0; i < account->run_count; i++) {
        hr_put_near(out, account->clock, account->runs[i].start);
        hr_put_near(out, account->clock, account->runs[i].end);
    }
    hr_section_end(out, begin);
}

/* Until when nothing changes by time, where that is later than the timer: whoever loads the account
 * must not look more closely than whoever kept it. */
static void put_quiet(struct hr_buffer *out, const struct hr_account *account, struct hr_time due)
{
    size_t begin = hr_section_begin(out, HR_SECTION_QUIET);
    if (account->quiet_until.us > due.us) {
        hr_put_near(out, account->clock, account->quiet_until);
    }
    hr_section_end(out, begin);
}

void hr_pack_account(const struct hr_account *account, struct hr_time due, struct hr_buffer *out)
{
    hr_frame_begin(out, HR_FRAME_ACCOUNT, due, account->layout->rules->epoch);
    put_identity(out, account);
    put_subscriptions(out, account);
    put_segments(out, account);
    put_meters(out, account);
    put_rules(out, account);
    put_facts(out, account);
    put_fires(out, account);
    put_groups(out, account);
    put_published(out, account);
    hr_pack_dossier(out, account);
    hr_pack_outcomes(out, account);
    put_quiet(out, account, due);
    hr_pack_unrated_costs(out, account);
    hr_frame_end(out);
}

void hr_pack_alias(const struct hr_entry *entry, struct hr_buffer *out)
{
    hr_frame_begin(out, HR_FRAME_ALIAS, HR_TIME_NEVER, 0);
    hr_put_str(out, entry->target);
    hr_put_varint(out, entry->erasures);
    put_numbers(out, (struct hr_time){0}, &entry->numbers);
    hr_frame_end(out);
}

void hr_pack_erasures(uint32_t erasures, struct hr_buffer *out)
{
    hr_frame_begin(out, HR_FRAME_ERASURES, HR_TIME_NEVER, 0);
    hr_put_varint(out, erasures);
    hr_frame_end(out);
}
