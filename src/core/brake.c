/* SPDX-License-Identifier: Apache-2.0 */
/* The brake. It alone looks at the wall clock: the moment of publishing, which the caller tells as
 * data. Where none is told (simulate, tests of rules) there is no brake; what is not published, of
 * shadow rules and for accounts that are held out, has none.
 *
 * A rule that fires for more accounts within the time than its bound holds back what would come
 * next, and everything from then on, for this home, until an operator releases or discards it. An
 * account that fired within the time is no further account. What is released fires if it is still
 * beyond, and does not count, or a storm would brake itself anew; what is discarded is claimed, so
 * that its episode ends in silence. Both happen as all who wait are woken (holds.h), each level by
 * what held it then: one that a later storm held back waits for another word.
 *
 * The share is of the accounts that the home has counted: each once, with its first change after a
 * share was configured; that is within a day. */
#include "brake.h"

#include "inside.h"
#include "outcome.h"

static struct hr_brake *brake_of(const struct hr_holds *holds, uint64_t rule)
{
    for (uint32_t i = 0; i < holds->brake_count; i++) {
        if (holds->brakes[i].key == rule) {
            return &holds->brakes[i];
        }
    }
    return NULL;
}

static void mark(struct hr_holds *holds, struct hr_brake *brake)
{
    brake->dirty = true;
    holds->brakes_dirty = true;
}

/* --- which there are -------------------------------------------------------------------------- */

static void give_fires(struct hr_holds *holds, struct hr_brake *brake)
{
    if (brake->fire_room > 0) {
        hr_pool_give(holds->pool, brake->fires, brake->fire_room * sizeof *brake->fires);
    }
    brake->fires = NULL;
    brake->fire_count = brake->fire_room = 0;
}

void hr_brakes_clean_up(struct hr_holds *holds)
{
    for (uint32_t i = 0; i < holds->brake_count; i++) {
        give_fires(holds, &holds->brakes[i]);
    }
    if (holds->brake_count > 0) {
        hr_pool_give(holds->pool, holds->brakes, holds->brake_count * sizeof *holds->brakes);
    }
    if (holds->gone_count > 0) {
        hr_pool_give(holds->pool, holds->gone, holds->gone_count * sizeof *holds->gone);
    }
}

static bool is_braked(const struct hr_rules *rules, const struct hr_rule *rule)
{
    return !rule->shadow && (rules->brake.accounts > 0 || rules->brake.share.units > 0);
}

static const struct hr_rule *rule_of(const struct hr_rules *rules, uint64_t key)
{
    for (uint16_t r = 0; r < rules->rule_count; r++) {
        if (rules->rules[r].key == key) {
            return &rules->rules[r];
        }
    }
    return NULL;
}

/* Once a batch, however often it leaves. */
static void note_gone(struct hr_holds *holds, uint64_t rule)
{
    holds->brakes_dirty = true;
    for (uint32_t i = 0; i < holds->gone_count; i++) {
        if (holds->gone[i] == rule) {
            return;
        }
    }
    *(uint64_t *)hr_list_append(holds->pool, &holds->gone, &holds->gone_count, sizeof rule) = rule;
}

bool hr_brakes_follow(struct hr_holds *holds, const struct hr_rules *rules)
{
    bool lost = false;
    for (uint32_t i = holds->brake_count; i > 0; i--) {
        struct hr_brake *brake = &holds->brakes[i - 1];
        const struct hr_rule *rule = rule_of(rules, brake->key);
        if (rule && is_braked(rules, rule)) {
            continue;
        }
        lost |= brake->on && rule;
        note_gone(holds, brake->key);
        give_fires(holds, brake);
        hr_list_remove(holds->pool, &holds->brakes, &holds->brake_count, sizeof *brake, i - 1);
    }
    for (uint16_t r = 0; r < rules->rule_count; r++) {
        const struct hr_rule *rule = &rules->rules[r];
        struct hr_brake *brake = brake_of(holds, rule->key);
        if (!brake && is_braked(rules, rule)) {
            brake = hr_list_append(holds->pool, &holds->brakes, &holds->brake_count, sizeof *brake);
            *brake = (struct hr_brake){.key = rule->key, .since = HR_TIME_NONE};
        }
        if (brake) {
            brake->rule = rule->name;
        }
    }
    return lost;
}

/* --- what they hold --------------------------------------------------------------------------- */

static uint32_t bound(const struct hr_holds *holds)
{
    const struct hr_rules *rules = holds->rules;
    uint64_t most = rules->brake.accounts > 0 ? rules->brake.accounts : HR_BRAKE_MOST;
    struct hr_decimal part;
    if (rules->brake.share.units > 0 &&
        hr_decimal_mul_div(hr_decimal_from_int((int64_t)holds->account_count), rules->brake.share,
            HR_DECIMAL_ONE, 0, &part)) {
        uint64_t share = (uint64_t)(part.units / HR_DECIMAL_ONE.units);
        share = share < HR_BRAKE_LEAST ? HR_BRAKE_LEAST : share;
        most = share < most ? share : most;
    }
    return (uint32_t)most;
}

/* Fires that are no longer within the time, at the head. */
static uint32_t expired(const struct hr_holds *holds, const struct hr_brake *brake)
{
    int64_t least = holds->wall.us - holds->rules->brake.within_us;
    uint32_t count = 0;
    while (count < brake->fire_count && brake->fires[count].wall.us <= least) {
        count++;
    }
    return count;
}

static uint32_t find_fire(const struct hr_brake *brake, uint64_t account, uint32_t from)
{
    while (from < brake->fire_count && brake->fires[from].account != account) {
        from++;
    }
    return from;
}

static bool let_go(const struct hr_step *step, uint64_t turn, const struct hr_level_state *level)
{
    return step->turn > 0 && step->turn == turn && level->held == HR_WHY_BRAKE;
}

bool hr_brake_holds(
    const struct hr_step *step, const struct hr_rule *rule, const struct hr_level_state *level)
{
    const struct hr_holds *holds = step->holds;
    const struct hr_brake *brake = brake_of(holds, rule->key);
    /* What becomes of it is decided as it is woken: a timer that was due before then, and acts only
     * now, changes nothing. */
    if (level->held == HR_WHY_BRAKE && step->turn == 0 && step->entry->waiter > 0) {
        return true;
    }
    /* What was held of a rule that is gone from the home goes when the account takes that over. */
    if (!brake) {
        return level->held == HR_WHY_BRAKE && !rule_of(holds->rules, rule->key);
    }
    if (rule->shadow || let_go(step, brake->released, level) ||
        hr_is_held_out(step->account->layout->rules, rule, step->name)) {
        return false;
    }
    if (brake->on || hr_time_is(holds->wall, HR_TIME_NONE)) {
        return brake->on;
    }
    uint32_t gone = expired(holds, brake);
    return brake->fire_count - gone >= bound(holds) &&
           find_fire(brake, step->entry->hash, gone) == brake->fire_count;
}

bool hr_brake_discards(
    const struct hr_step *step, const struct hr_rule *rule, const struct hr_level_state *level)
{
    const struct hr_brake *brake = brake_of(step->holds, rule->key);
    return brake && let_go(step, brake->discarded, level);
}

void hr_brake_engage(const struct hr_step *step, const struct hr_rule *rule)
{
    struct hr_holds *holds = step->holds;
    struct hr_brake *brake = brake_of(holds, rule->key);
    if (!brake || brake->on) {
        return;
    }
    brake->on = true;
    brake->since = holds->wall;
    mark(holds, brake);
    hr_outbox_notice(step->outbox, &(struct hr_notice){.kind = HR_NOTICE_BRAKE,
                                       .about = hr_arena_copy(step->outbox->arena, rule->name),
                                       .partition = holds->number,
                                       .accounts = brake->fire_count - expired(holds, brake),
                                       .within_us = holds->rules->brake.within_us,
                                       .time = holds->wall});
}

static void append_fire(struct hr_holds *holds, struct hr_brake *brake, struct hr_brake_fire fire)
{
    if (brake->fire_count == brake->fire_room) {
        uint32_t room = brake->fire_room ? brake->fire_room * 2 : 8;
        size_t size = sizeof fire;
        brake->fires =
            hr_pool_grow(holds->pool, brake->fires, brake->fire_room * size, room * size);
        brake->fire_room = room;
    }
    brake->fires[brake->fire_count++] = fire;
}

static void drop_fires(struct hr_brake *brake, uint32_t at, uint32_t count)
{
    brake->fire_count -= count;
    if (count > 0) {
        memmove(brake->fires + at, brake->fires + at + count,
            (brake->fire_count - at) * sizeof *brake->fires);
    }
}

void hr_brake_note(
    const struct hr_step *step, const struct hr_rule *rule, const struct hr_level_state *level)
{
    struct hr_holds *holds = step->holds;
    struct hr_brake *brake = brake_of(holds, rule->key);
    if (!brake || rule->shadow || hr_time_is(holds->wall, HR_TIME_NONE) ||
        let_go(step, brake->released, level)) {
        return;
    }
    drop_fires(brake, 0, expired(holds, brake));
    uint32_t at = find_fire(brake, step->entry->hash, 0);
    drop_fires(brake, at, at < brake->fire_count);
    append_fire(holds, brake, (struct hr_brake_fire){step->entry->hash, holds->wall});
    mark(holds, brake);
}

bool hr_brake_tell(struct hr_holds *holds, const struct hr_message *message, uint64_t turn)
{
    bool told = false;
    for (uint32_t i = 0; i < holds->brake_count; i++) {
        struct hr_brake *brake = &holds->brakes[i];
        /* A word that was sent before it went on is about an earlier one. */
        if (!hr_str_equal(brake->rule, message->name) || !brake->on ||
            brake->since.us > message->time.us) {
            continue;
        }
        *(message->last ? &brake->discarded : &brake->released) = turn;
        brake->on = false;
        give_fires(holds, brake);
        mark(holds, brake);
        told = true;
    }
    return told;
}

bool hr_home_brake(const struct hr_home *home, size_t number, struct hr_brake_now *now)
{
    if (number >= home->holds.brake_count) {
        return false;
    }
    const struct hr_brake *brake = &home->holds.brakes[number];
    *now = (struct hr_brake_now){brake->rule, brake->on, brake->since, brake->fire_count};
    return true;
}

/* --- stored bytes ----------------------------------------------------------------------------- */

bool hr_brake_is_written(const struct hr_holds *holds, uint64_t rule)
{
    const struct hr_brake *brake = brake_of(holds, rule);
    return brake && brake->dirty;
}

struct hr_str hr_brake_key(struct hr_arena *arena, uint64_t rule)
{
    return hr_arena_printf(arena, "b:%016llx", (unsigned long long)rule);
}

void hr_brake_pack(const struct hr_brake *brake, struct hr_buffer *out)
{
    hr_hold_begin(out);
    hr_put_u8(out, brake->on);
    hr_put_time(out, brake->since);
    hr_put_varint(out, brake->released);
    hr_put_varint(out, brake->discarded);
    for (uint32_t i = 0; i < brake->fire_count; i++) {
        hr_put_u64(out, brake->fires[i].account);
        hr_put_time(out, brake->fires[i].wall);
    }
    hr_hold_end(out);
}

bool hr_brake_unpack(struct hr_holds *holds, uint64_t rule, struct hr_str bytes)
{
    struct hr_reader in;
    struct hr_brake *brake = brake_of(holds, rule);
    if (!hr_hold_open(bytes, &in)) {
        return false;
    }
    if (!brake) {
        return true; /* nobody brakes that rule any more */
    }
    brake->on = hr_get_u8(&in) != 0;
    brake->since = hr_get_time(&in);
    brake->released = hr_get_varint(&in);
    brake->discarded = hr_get_varint(&in);
    while (hr_reader_more(&in) && brake->fire_count < HR_BRAKE_MOST) {
        struct hr_brake_fire fire = {.account = hr_get_u64(&in)};
        fire.wall = hr_get_time(&in);
        append_fire(holds, brake, fire);
    }
    return hr_reader_done(&in);
}
