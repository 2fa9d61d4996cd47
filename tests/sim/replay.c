/* SPDX-License-Identifier: Apache-2.0 */
/* 3 and 4: what every home was asked, once more and straight through; and what is stored. */
#include "judge.h"

#include "headroom/codec.h"
#include "pipeline/wire.h"

#include <inttypes.h>

struct replay {
    struct sim *sim;
    struct sim_epochs *epochs;
    struct sim_table values, timers;
    struct hr_home *home;
    struct hr_pool *pool;
    struct hr_decoder *decoder;
    struct hr_arena arena;
    struct hr_outbox outbox;
    struct sim_lines *triggers;
};

const struct hr_format *sim_format_named(const struct hr_rules *rules, struct hr_str name)
{
    for (size_t i = 0; i < rules->source_count; i++)
        if (hr_str_equal(rules->sources[i].format->name, name))
            return rules->sources[i].format;
    return hr_format_preset(name);
}

void sim_take_triggers(struct sim *sim, struct hr_outbox *outbox, struct sim_lines *lines)
{
    struct hr_buffer line = {0};
    for (size_t i = 0; i < outbox->trigger_count; i++) {
        const struct hr_trigger *trigger = &outbox->triggers[i];
        if (!hr_trigger_is_published(trigger))
            continue; /* of an account that is held out */
        hr_buffer_clear(&line);
        hr_encode_trigger(trigger, outbox->arena, &line);
        sim_lines_add(sim, lines, hr_buffer_str(&line));
    }
    for (size_t i = 0; i < outbox->notice_count; i++) {
        hr_buffer_clear(&line);
        hr_encode_notice(&outbox->notices[i], outbox->arena, &line);
        sim_lines_add(sim, lines, hr_buffer_str(&line));
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
    if (hr_decode(replay->decoder, sim_format_named(rules, ask->format), rules, &ask->record,
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
        if (ask->epoch <= hr_home_rules(replay->home)->epoch)
            sim_fail(replay->sim, "rules of epoch %" PRIu32 " come after those of epoch %" PRIu32,
                ask->epoch, hr_home_rules(replay->home)->epoch);
        hr_home_set_rules(replay->home, sim_rules_of(replay->epochs, ask->epoch), ask->at);
        break;
    case ASKED_APPLY:
        verdict = apply_again(replay, ask);
        break;
    case ASKED_RECEIVE:
        verdict = hr_home_receive(replay->home, &ask->message, &replay->outbox);
        break;
    case ASKED_KNOW:
        hr_home_know(replay->home, ask->at, ask->account);
        break;
    case ASKED_TICK:
        if (ask->at.us <= 0)
            sim_fail(
                replay->sim, "the tick at %.4f is before time begins", (double)ask->asked_us / 1e6);
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
    sim_take_triggers(replay->sim, &replay->outbox, replay->triggers);
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

/* What the loop keeps of its own among a home's state: in Redis as in the changelog. */
static void judge_own(struct sim *sim, uint32_t home, const struct sim_table *logged)
{
    struct hr_str key = HR_STR(HR_AHEAD_KEY);
    compare_key(sim, home, "Redis", key, sim_table_get(&sim->redis.homes[home].values, key),
        sim_table_get(logged, key));
}

static void judge_state(struct replay *replay, uint32_t number_of)
{
    struct sim *sim = replay->sim;
    struct sim_home_store *store = &sim->redis.homes[number_of];
    struct sim_table values = replay->values, timers = replay->timers, logged = {0};
    const struct sim_entry *entry;
    struct sim_place of = {TOPIC_CHANGELOG, (int32_t)number_of};
    for (int64_t offset = 0; (entry = sim_next_committed(sim, of, &offset)); offset++)
        if (hr_key_is_state(entry->record.key))
            sim_table_set(sim, &logged, entry->record.key, entry->record.value);
    judge_own(sim, number_of, &logged);
    for (size_t i = 0; i < values.count; i++) {
        compare_key(sim, number_of, "Redis", values.at[i].key,
            sim_table_get(&store->values, values.at[i].key), values.at[i].value);
        compare_key(sim, number_of, "the changelog", values.at[i].key,
            sim_table_get(&logged, values.at[i].key), values.at[i].value);
    }
    for (size_t i = 0; i < store->values.count; i++)
        if (!hr_str_is(store->values.at[i].key, HR_AHEAD_KEY))
            compare_key(sim, number_of, "Redis", store->values.at[i].key, store->values.at[i].value,
                sim_table_get(&values, store->values.at[i].key));
    for (size_t i = 0; i < timers.count; i++)
        compare_key(sim, number_of, "the timers", timers.at[i].key,
            sim_table_get(&store->timers, timers.at[i].key), timers.at[i].value);
    if (timers.count != store->timers.count || store->views.count > timers.count)
        sim_fail(sim, "home %" PRIu32 " has %zu timers, not %zu, and %zu views", number_of,
            store->timers.count, timers.count, store->views.count);
}

struct hr_home *sim_fresh_home(struct sim *sim, uint32_t number, struct sim_epochs *epochs,
    const struct hr_rules *rules, struct hr_pool *pool)
{
    uint64_t ids = rules->dedup_memory / 16 / sim->plan.homes / 256 * 256;
    struct hr_home_settings settings = {
        .number = number,
        .count = sim->plan.homes,
        .seen_capacity = ids ? ids : 256,
        .rules = rules,
        .rules_of = sim_rules_of,
        .context = epochs,
        .zones = sim->zones,
        .live_from = rules->live_from,
        .complete = true,
    };
    return hr_home_new(&settings, pool);
}

void sim_judge_replay(
    struct sim *sim, uint32_t number_of, struct sim_epochs *epochs, struct sim_lines *triggers)
{
    const struct sim_committed *committed = sim_journal_of(sim, number_of);
    if (!committed->begun) {
        sim_fail(sim, "home %" PRIu32 " has no batch", number_of);
        return;
    }
    const struct hr_rules *rules = sim_rules_of(epochs, committed->first_epoch);
    if (!rules) {
        sim_fail(sim, "home %" PRIu32 " began with rules that nobody committed", number_of);
        return;
    }
    struct replay replay = {
        .sim = sim, .epochs = epochs, .pool = hr_pool_new(), .triggers = triggers};
    hr_arena_init(&replay.arena);
    replay.decoder = hr_decoder_new(sim->zones);
    replay.home = sim_fresh_home(sim, number_of, epochs, rules, replay.pool);
    for (const struct sim_ask *ask = committed->first; ask && !sim->verdict[0]; ask = ask->next)
        ask_again(&replay, ask);
    if (!sim->verdict[0])
        judge_state(&replay, number_of);
    hr_home_destroy(replay.home);
    hr_decoder_destroy(replay.decoder);
    hr_arena_clean_up(&replay.arena);
    hr_pool_destroy(replay.pool);
}
