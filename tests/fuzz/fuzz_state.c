/* SPDX-License-Identifier: Apache-2.0 */
/* Stored accounts. The input's first line holds changes, `OFFSET=BYTE` in hexadecimal, and the rest
 * is a history of events. The history is played, everything that it leaves is packed and must load
 * again as the same bytes; then the changes are made to it, its checksums set right, and it is
 * loaded once more: what is refused is refused, and what is not lives on for a month. So nearly
 * all inputs reach what lies behind the checksum. */
#include "world.h"

#include "core/sections.h"
#include "headroom/codec.h"
#include "headroom/describe.h"
#include "headroom/hash.h"

#include <stdlib.h>
#include <string.h>

#define CHANGES_MOST 32
#define LINES_MOST 32
#define FURTHEST (30 * HR_DAY) /* a life of centuries takes too long to watch */
#define STORED_MOST 256

struct stored {
    struct hr_str key, value;
};
struct store {
    struct stored at[STORED_MOST];
    size_t count;
    struct hr_arena arena;
};

static const struct hr_rules *rules_of(void *context, uint32_t epoch)
{
    (void)context;
    return epoch == 0 ? world_config()->rules : NULL;
}

static struct hr_home_settings home_settings(void)
{
    return (struct hr_home_settings){.count = 1,
        .seen_capacity = 256,
        .rules = world_config()->rules,
        .rules_of = rules_of,
        .zones = world_zones(),
        .live_from = HR_TIME_NONE};
}

static struct hr_str find(const struct store *store, struct hr_str key)
{
    for (size_t i = 0; i < store->count; i++) {
        if (hr_str_equal(store->at[i].key, key)) {
            return store->at[i].value;
        }
    }
    return (struct hr_str){NULL, 0};
}

static void keep(struct store *store, const struct hr_change *change)
{
    size_t i = 0;
    while (i < store->count && !hr_str_equal(store->at[i].key, change->key)) {
        i++;
    }
    if (i == STORED_MOST) {
        return;
    }
    store->count += i == store->count;
    store->at[i].key = hr_arena_copy(&store->arena, change->key);
    store->at[i].value =
        change->value.at ? hr_arena_copy(&store->arena, change->value) : (struct hr_str){NULL, 0};
}

/* Whether everything could be loaded. */
static bool load(
    struct hr_home *home, const struct store *store, struct hr_str name, struct hr_arena *arena)
{
    struct hr_error error;
    for (int round = 0; round < 64; round++) {
        struct hr_keys keys = {.arena = arena};
        hr_home_wants(home, name, &keys);
        if (keys.count == 0) {
            return true;
        }
        for (size_t i = 0; i < keys.count; i++) {
            struct hr_keys more = {.arena = arena};
            if (hr_home_load(home, keys.at[i], find(store, keys.at[i]), &more, &error) != HR_OK) {
                demand(error.text[0], "a refusal says why");
                return false;
            }
        }
    }
    demand(false, "what is wanted ends");
    return false;
}

static void apply(struct hr_home *home, const struct store *store, struct hr_event *event,
    struct hr_time now, struct hr_arena *arena)
{
    struct hr_outbox outbox;
    struct hr_record record = {.event = *event, .account = event->account, .arrival = now};
    record.clock = hr_time_max(now, hr_home_clock(home));
    if (!load(home, store, record.account, arena)) {
        return;
    }
    hr_outbox_init(&outbox, arena);
    (void)hr_home_apply(home, &record, &outbox);
}

static void save(struct hr_home *home, struct store *store, struct hr_arena *arena)
{
    struct hr_change *changes;
    size_t count;
    hr_home_changes(home, arena, &changes, &count);
    for (size_t i = 0; i < count; i++) {
        keep(store, &changes[i]);
    }
    hr_home_settled(home);
}

/* Returns the moment of the last event. */
static struct hr_time play(struct hr_home *home, struct store *store, struct hr_str history,
    struct hr_arena *arena, struct hr_decoder *decoder)
{
    struct hr_time last = {INT64_C(1772000000000000)};
    char detail[HR_DETAIL];
    for (int i = 0; i < LINES_MOST && history.len > 0; i++) {
        struct hr_event event = {0};
        struct hr_time now = HR_TIME_NONE;
        struct hr_str line = first_line((const uint8_t *)history.at, history.len, &history);
        enum hr_reason reason = hr_decode_line(decoder, hr_format_preset(HR_STR("cloudevents")),
            world_config()->rules, line, arena, &event, &now, detail);
        if (reason == HR_REASON_NONE) {
            now = hr_time_is(now, HR_TIME_NONE) ? event.time : now;
            bool near = !hr_time_is(now, HR_TIME_NONE) && now.us < last.us + FURTHEST;
            last = near ? hr_time_max(last, now) : last;
            apply(home, store, &event, last, arena);
        }
    }
    save(home, store, arena);
    return last;
}

static void reseal(struct hr_str value)
{
    if (value.len < HR_FRAME_BODY) {
        return;
    }
    char *bytes = (char *)(uintptr_t)value.at;
    uint64_t sum =
        hr_hash64((struct hr_str){bytes + HR_FRAME_SUMMED, value.len - HR_FRAME_SUMMED}, 0);
    for (int i = 0; i < 8; i++) {
        bytes[3 + i] = (char)(sum >> (8 * i));
    }
}

/* "a3=ff 10=0": over all values, one behind the other. */
static void change(struct store *store, struct hr_str text)
{
    char line[512];
    size_t len = text.len < sizeof line - 1 ? text.len : sizeof line - 1;
    memcpy(line, text.at, len);
    line[len] = 0;
    char *at = line;
    for (int i = 0; i < CHANGES_MOST && *at; i++) {
        size_t offset = strtoul(at, &at, 16);
        if (*at++ != '=') {
            return;
        }
        char byte = (char)strtoul(at, &at, 16);
        at += *at == ' ';
        for (size_t j = 0; j < store->count; j++) {
            struct hr_str value = store->at[j].value;
            if (offset < value.len) {
                ((char *)(uintptr_t)value.at)[offset] = byte;
                reseal(value);
                break;
            }
            offset -= value.len;
        }
    }
}

/* Loads every account, shows it, and lets it live on. */
static void live(const struct store *store, struct hr_time now, struct hr_arena *arena,
    struct hr_decoder *decoder)
{
    static const char *const after[] = {
        "{\"specversion\":\"1.0\",\"id\":\"x1\",\"source\":\"s\",\"type\":\"call\",\"subject\":"
        "\"a\",\"data\":{\"n\":7,\"status\":200,\"plan\":\"p\"}}",
        "{\"specversion\":\"1.0\",\"id\":\"x2\",\"source\":\"s\",\"type\":\"seen\",\"subject\":"
        "\"a\",\"data\":{\"who\":\"zoe\"}}",
        "{\"specversion\":\"1.0\",\"id\":\"x3\",\"source\":\"s\",\"type\":\"subscription.updated\","
        "\"subject\":\"a\",\"data\":{\"plan\":\"large\"}}"};
    struct hr_pool *pool = hr_pool_new();
    const struct hr_home_settings settings = home_settings();
    struct hr_home *home = hr_home_new(&settings, pool);
    struct hr_outbox outbox;
    char detail[HR_DETAIL];
    hr_outbox_init(&outbox, arena);
    for (size_t i = 0; i < store->count; i++) {
        struct hr_str key = store->at[i].key;
        if (key.len < 2 || key.at[0] != 'a') {
            continue;
        }
        struct hr_str account = {key.at + 2, key.len - 2};
        struct hr_row *rows;
        struct hr_view_field *fields;
        size_t count;
        struct hr_error error;
        struct hr_time due;
        (void)hr_stored_due(store->at[i].value, &due, &error);
        if (hr_stored_view(&settings, pool, account, store->at[i].value, arena, &fields, &count,
                &error) != HR_OK) {
            demand(error.text[0], "a refusal says why");
        }
        if (load(home, store, account, arena)) {
            (void)hr_home_describe(home, account, arena, &rows);
            (void)hr_home_view(home, account, arena, &fields);
        }
    }
    for (size_t i = 0; i < sizeof after / sizeof after[0]; i++) {
        struct hr_event event = {0};
        struct hr_time ignored;
        if (hr_decode_line(decoder, hr_format_preset(HR_STR("cloudevents")), world_config()->rules,
                hr_str(after[i]), arena, &event, &ignored, detail) == HR_REASON_NONE) {
            apply(home, store, &event, now, arena);
        }
    }
    for (int day = 1; day <= 33; day += 16) {
        for (int more = 0;
             more < 50 && hr_home_tick(home, hr_time_plus(now, day * HR_DAY), 100, &outbox);
             more++) {
            hr_outbox_init(&outbox, arena);
        }
    }
    struct hr_change *changes;
    size_t count;
    hr_home_changes(home, arena, &changes, &count);
    hr_home_destroy(home);
    hr_pool_destroy(pool);
}

/* What a home stores, another one takes. */
static void check_that_it_loads(const struct store *store, struct hr_arena *arena)
{
    struct hr_pool *pool = hr_pool_new();
    const struct hr_home_settings settings = home_settings();
    struct hr_home *home = hr_home_new(&settings, pool);
    for (size_t i = 0; i < store->count; i++) {
        struct hr_str key = store->at[i].key;
        if (key.len > 2 && key.at[0] == 'a') {
            demand(load(home, store, (struct hr_str){key.at + 2, key.len - 2}, arena),
                "what was stored loads");
        }
    }
    hr_home_destroy(home);
    hr_pool_destroy(pool);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static struct hr_decoder *decoder;
    struct hr_arena arena;
    struct store *store = hr_alloc(sizeof *store);
    struct hr_str history, changes = first_line(bytes, len, &history);
    const struct hr_home_settings settings = home_settings();
    struct hr_pool *pool = hr_pool_new();
    struct hr_home *home = hr_home_new(&settings, pool);
    decoder = decoder ? decoder : hr_decoder_new(world_zones());
    hr_arena_init(&arena);
    hr_arena_init(&store->arena);
    store->count = 0;
    struct hr_time last = play(home, store, history, &arena, decoder);
    hr_home_destroy(home);
    hr_pool_destroy(pool);
    check_that_it_loads(store, &arena);
    change(store, changes);
    live(store, last, &arena, decoder);
    hr_arena_clean_up(&store->arena);
    hr_arena_clean_up(&arena);
    hr_free(store);
    return 0;
}
