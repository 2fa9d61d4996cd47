/* SPDX-License-Identifier: Apache-2.0 */
/* The home of a case and its surroundings (world.h).
 *
 *   plain      everything in memory, a tick after each step
 *   ticked     the same, and a tick at every hour and a microsecond before each step
 *   unticked   no tick but those of the table and one at the end: records alone drive time
 *   cut        a batch ends after every record and every timer, and nothing stays in memory
 *   restarted  a new process after every record, which loads what the old one stored
 *   simulated  as `simulate` runs it: nothing is stored anywhere */
#include "world.h"

#include "headroom/codec.h"
#include "headroom/config.h"

#include <stdlib.h>

struct stored {
    struct hr_str key, value; /* value.at NULL: erased */
};

enum { MOST_EPOCHS = 16, MOST_IDS = 4096 };

struct world {
    enum mode mode;
    struct hr_arena arena;   /* of the whole case */
    struct hr_arena scratch; /* of one call */
    struct hr_pool *pool;
    struct hr_decoder *decoder;
    struct hr_rules *epochs[MOST_EPOCHS];
    uint32_t epoch_count;
    struct hr_home_settings settings;
    struct hr_home *home;
    unsigned unsettled; /* batches that are not in the store's memory yet, as far as home knows */
    struct stored *store;
    size_t store_count;
    struct hr_time clock;
    struct hr_outbox outbox;
    struct outcome *outcomes;
    size_t outcome_count;
    unsigned next_id;
};

const char *mode_name(enum mode mode)
{
    static const char *const names[] = {
        [MODE_PLAIN] = "as written",
        [MODE_TICKED] = "with a tick every hour",
        [MODE_UNTICKED] = "without ticks",
        [MODE_CUT] = "with a batch for each record and timer, nothing in memory",
        [MODE_RESTARTED] = "with a restart after each record",
        [MODE_SIMULATED] = "as simulate runs it",
    };
    return names[mode];
}

/* --- rules ------------------------------------------------------------------------------------ */

static const struct hr_rules *rules_of(void *context, uint32_t epoch)
{
    const struct world *world = context;
    return epoch >= 1 && epoch <= world->epoch_count ? world->epochs[epoch - 1] : NULL;
}

static struct hr_rules *compile(struct world *world, const char *config)
{
    struct hr_rules *rules = NULL;
    struct hr_complaints complaints = {0};
    enum hr_fate fate = HR_REJECT;
    if (world->epoch_count < MOST_EPOCHS) {
        fate = hr_rules_parse(
            hr_str(config), world->epoch_count + 1, world->settings.zones, &rules, &complaints);
    }
    for (size_t i = 0; i < complaints.count; i++) {
        printf("#   configuration: %s: %s\n", complaints.at[i].path, complaints.at[i].text);
    }
    hr_complaints_clean_up(&complaints);
    if (fate != HR_OK) {
        return NULL;
    }
    world->epochs[world->epoch_count++] = rules;
    return rules;
}

const struct hr_rules *world_rules(const struct world *world)
{
    return world->settings.rules;
}

/* --- the store -------------------------------------------------------------------------------- */

/* What cannot go wrong in a correct core. The table has no words for it. */
_Noreturn static void die(const char *what, const char *why)
{
    printf("Bail out! %s: %s\n", what, why);
    fflush(stdout);
    abort();
}

static struct stored *find_stored(struct world *world, struct hr_str key)
{
    for (size_t i = 0; i < world->store_count; i++) {
        if (hr_str_equal(world->store[i].key, key)) {
            return &world->store[i];
        }
    }
    return NULL;
}

static void put_stored(struct world *world, struct hr_str key, struct hr_str value)
{
    struct stored *one = find_stored(world, key);
    if (!one) {
        world->store =
            table_append(&world->arena, world->store, &world->store_count, sizeof *world->store);
        one = &world->store[world->store_count - 1];
        one->key = hr_arena_copy(&world->arena, key);
    }
    one->value = value.at ? hr_arena_copy(&world->arena, value) : (struct hr_str){NULL, 0};
}

static void load(struct world *world, struct hr_str key, struct hr_keys *more)
{
    struct hr_error error = {0};
    const struct stored *one = find_stored(world, key);
    if (hr_home_load(world->home, key, one ? one->value : (struct hr_str){NULL, 0}, more, &error) !=
        HR_OK) {
        die("a stored value", error.text);
    }
}

static void load_keys(struct world *world, struct hr_keys *keys)
{
    for (size_t i = 0; i < keys->count; i++) {
        load(world, keys->at[i], keys);
    }
}

static void want(struct world *world, struct hr_str name)
{
    struct hr_keys keys = {.arena = &world->scratch};
    hr_home_wants(world->home, name, &keys);
    load_keys(world, &keys);
}

static void begin_home(struct world *world)
{
    struct hr_error error = {0};
    struct hr_keys none = {.arena = &world->scratch};
    world->home = hr_home_new(&world->settings, world->pool);
    world->unsettled = 0;
    hr_home_set_clock(world->home, world->clock);
    for (uint32_t block = 0; block < hr_home_seen_blocks(world->home); block++) {
        char text[24];
        struct hr_str key;
        hr_home_seen_key(block, &key, text);
        load(world, key, &none);
    }
    struct hr_keys books = {.arena = &world->scratch};
    hr_home_books_keys(world->home, &books);
    hr_home_holds_keys(world->home, &books);
    load_keys(world, &books);
    for (size_t i = 0; i < world->store_count; i++) {
        const struct stored *one = &world->store[i];
        struct hr_time due;
        if (!hr_str_starts(one->key, "a:") || !one->value.at) {
            continue;
        }
        if (hr_stored_due(one->value, &due, &error) != HR_OK) {
            die("a stored timer", error.text);
        }
        hr_home_timer(world->home, (struct hr_str){one->key.at + 2, one->key.len - 2}, due);
    }
}

/* A batch ends. What the one before it wrote is known to be written by now. */
static void end_batch(struct world *world)
{
    struct hr_change *changes;
    size_t count;
    hr_home_changes(world->home, &world->scratch, &changes, &count);
    for (size_t i = 0; i < count; i++) {
        put_stored(world, changes[i].key, changes[i].value);
    }
    if (world->unsettled++ > 0) {
        hr_home_settled(world->home);
        world->unsettled--;
    }
}

static void end_home(struct world *world)
{
    hr_home_destroy(world->home);
    if (hr_pool_in_use(world->pool) != 0) {
        die("a home's memory", "not given back");
    }
}

void world_restart(struct world *world)
{
    if (world->mode == MODE_SIMULATED) {
        return; /* nothing is stored, and nothing starts again */
    }
    end_batch(world);
    end_home(world);
    begin_home(world);
}

static void cut(struct world *world)
{
    if (world->mode == MODE_RESTARTED) {
        world_restart(world);
    } else if (world->mode == MODE_CUT) {
        end_batch(world);
        hr_home_evict(world->home, SIZE_MAX, HR_TIME_NEVER);
    }
}

/* --- what follows ----------------------------------------------------------------------------- */

static struct outcome *add_outcome(struct world *world)
{
    world->outcomes = table_append(
        &world->arena, world->outcomes, &world->outcome_count, sizeof *world->outcomes);
    return &world->outcomes[world->outcome_count - 1];
}

static void take_triggers(struct world *world)
{
    for (size_t i = 0; i < world->outbox.trigger_count; i++) {
        struct hr_buffer json = {0};
        const struct hr_trigger *trigger = &world->outbox.triggers[i];
        struct outcome *outcome = add_outcome(world);
        outcome->said = expected_of(trigger, &world->arena);
        hr_encode_trigger(trigger, &world->scratch, &json);
        outcome->json = hr_arena_copy(&world->arena, hr_buffer_str(&json)).at;
        hr_buffer_clean_up(&json);
    }
    for (size_t i = 0; i < world->outbox.held_count; i++) {
        struct outcome *outcome = add_outcome(world);
        outcome->said = expected_of_held(&world->outbox.held[i], &world->arena);
        outcome->json = "";
    }
    world->outbox.trigger_count = world->outbox.held_count = 0;
}

static void take_verdict(
    struct world *world, struct hr_str account, const char *what, const char *why)
{
    struct outcome *outcome = add_outcome(world);
    outcome->json = "";
    outcome->said = (struct expected){.what = what,
        .why = why,
        .account = hr_arena_copy(&world->arena, account).at,
        .at = HR_TIME_NONE};
}

/* What homes tell each other arrives at once. */
static void deliver(struct world *world)
{
    take_triggers(world);
    for (size_t i = 0; i < world->outbox.message_count; i++) {
        struct hr_message message = world->outbox.messages[i]; /* the array may move */
        struct hr_str name = hr_message_name(&message);
        if (name.at) {
            want(world, name);
        }
        enum hr_verdict verdict = hr_home_receive(world->home, &message, &world->outbox);
        take_triggers(world);
        if (verdict == HR_DEAD) {
            take_verdict(world, message.account, "dead", hr_reason_name(world->outbox.reason));
        }
        cut(world);
    }
    world->outbox.message_count = 0;
}

static void tick_to(struct world *world, struct hr_time until)
{
    bool more = true;
    size_t most = world->mode == MODE_CUT || world->mode == MODE_RESTARTED ? 1 : 4096;
    while (more) {
        struct hr_keys keys = {.arena = &world->scratch};
        hr_home_due(world->home, until, most, &keys);
        load_keys(world, &keys);
        more = hr_home_tick(world->home, until, most, &world->outbox);
        world->clock = hr_time_max(world->clock, hr_home_clock(world->home));
        deliver(world);
        cut(world);
    }
}

static void begin_call(struct world *world)
{
    hr_arena_reset(&world->scratch);
    hr_outbox_init(&world->outbox, &world->scratch);
}

/* --- what happens ----------------------------------------------------------------------------- */

void world_approach(struct world *world, struct hr_time now)
{
    if (world->mode != MODE_TICKED || world->clock.us == 0 || now.us <= world->clock.us) {
        return;
    }
    while (world->clock.us + HR_HOUR < now.us) {
        begin_call(world);
        tick_to(world, hr_time_plus(world->clock, HR_HOUR));
    }
    begin_call(world);
    tick_to(world, hr_time_plus(now, -1));
}

void world_tick(struct world *world, struct hr_time now)
{
    begin_call(world);
    tick_to(world, hr_time_max(world->clock, now));
}

void world_settle(struct world *world, struct hr_time now)
{
    if (world->mode != MODE_UNTICKED) {
        world_tick(world, now);
    }
}

/* An account's name leads to it by way of its aliases. */
static void apply(struct world *world, struct hr_record *record)
{
    struct hr_str written = record->account;
    for (int names = 0; names <= 4; names++) {
        want(world, record->account);
        enum hr_verdict verdict = hr_home_apply(world->home, record, &world->outbox);
        take_triggers(world);
        if (verdict == HR_FORWARDED) {
            record->account = hr_arena_copy(&world->scratch, world->outbox.forward_to);
            continue;
        }
        if (verdict == HR_DEAD) {
            take_verdict(world, written, "dead", hr_reason_name(world->outbox.reason));
        } else if (verdict != HR_COUNTED) {
            take_verdict(world, written, verdict == HR_DUPLICATE ? "duplicate" : "ignored", NULL);
        }
        return;
    }
    take_verdict(world, written, "dead", hr_reason_name(HR_FORWARD_LOOP));
}

void world_event(struct world *world, struct hr_time now, const char *account, const char *type,
    const char *data, struct hr_time event_time)
{
    char time[HR_TIME_TEXT], detail[HR_DETAIL];
    struct hr_event event;
    struct hr_time ignored;
    begin_call(world);
    hr_time_print(hr_time_is(event_time, HR_TIME_NONE) ? now : event_time, time);
    struct hr_str line = hr_arena_printf(&world->scratch,
        "{\"specversion\":\"1.0\",\"id\":\"%u\",\"source\":\"/table\",\"type\":\"%s\","
        "\"subject\":\"%s\",\"time\":\"%s\",\"data\":%s}",
        ++world->next_id, type, account, time, data);
    enum hr_reason reason = hr_decode_line(world->decoder, hr_format_preset(HR_STR("cloudevents")),
        world->settings.rules, line, &world->scratch, &event, &ignored, detail);
    if (reason != HR_REASON_NONE) {
        take_verdict(world, hr_str(account), "dead", hr_reason_name(reason));
        return;
    }
    struct hr_record record = {
        .event = event, .account = event.account, .arrival = now, .clock = now};
    apply(world, &record);
    deliver(world);
    world->clock = hr_time_max(world->clock, now);
    cut(world);
}

bool world_reload(struct world *world, const char *config, struct hr_time now)
{
    struct hr_rules *rules = compile(world, config);
    if (!rules) {
        return false;
    }
    hr_home_set_rules(world->home, rules, now);
    world->settings.rules = rules;
    world->settings.rules_since = hr_home_rules_since(world->home);
    cut(world);
    return true;
}

/* --- life ------------------------------------------------------------------------------------- */

struct world *world_new(const char *config, enum mode mode, struct hr_zones *zones)
{
    struct world *world = hr_alloc(sizeof *world);
    bool simulated = mode == MODE_SIMULATED;
    world->mode = mode;
    hr_arena_init(&world->arena);
    hr_arena_init(&world->scratch);
    hr_outbox_init(&world->outbox, &world->scratch);
    world->pool = hr_pool_new();
    world->decoder = hr_decoder_new(zones);
    world->settings = (struct hr_home_settings){.count = 1,
        .seen_capacity = MOST_IDS,
        .rules_of = rules_of,
        .context = world,
        .zones = zones,
        .complete = simulated,
        .fleeting = simulated};
    world->settings.rules = compile(world, config);
    if (!world->settings.rules) {
        world_destroy(world);
        return NULL;
    }
    world->settings.live_from = world->settings.rules->live_from;
    begin_home(world);
    return world;
}

void world_destroy(struct world *world)
{
    if (world->home) {
        end_home(world);
    }
    hr_pool_destroy(world->pool);
    hr_decoder_destroy(world->decoder);
    for (uint32_t i = 0; i < world->epoch_count; i++) {
        hr_rules_destroy(world->epochs[i]);
    }
    hr_arena_clean_up(&world->scratch);
    hr_arena_clean_up(&world->arena);
    hr_free(world);
}

struct hr_arena *world_arena(struct world *world)
{
    return &world->arena;
}

const struct outcome *world_outcomes(const struct world *world, size_t *count)
{
    *count = world->outcome_count;
    return world->outcomes;
}
