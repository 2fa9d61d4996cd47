/* SPDX-License-Identifier: Apache-2.0 */
#include "stage.h"

#include "headroom/codec.h"
#include "headroom/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define MOST_KEYS 4096

struct stored {
    char *key, *value;
    size_t key_len, value_len;
};

struct stage {
    enum story_mode mode;
    struct hr_rules *rules[16];
    uint32_t rules_count;
    struct hr_pool *pool;
    struct hr_arena arena;
    struct hr_home *home;
    struct hr_home_settings settings;
    struct hr_decoder *decoder;
    struct stored store[MOST_KEYS];
    size_t store_count;
    struct hr_time clock;
    unsigned next_id;
    struct hr_outbox outbox;
    bool tells_advice;
    bool walled; /* the wall clock is told, as of each line */
    struct hr_time wall;
    char told[1 << 20];
};

struct hr_zones *stage_zones(void)
{
    static struct hr_zones *zones;
    struct hr_error error;
    if (!zones) {
        assert_int_equal(hr_zones_load("/usr/share/zoneinfo", &zones, &error), HR_OK);
    }
    return zones;
}

static void tell(struct stage *stage, const char *format, ...)
{
    size_t len = strlen(stage->told);
    va_list args;
    va_start(args, format);
    int more = vsnprintf(stage->told + len, sizeof stage->told - len, format, args);
    va_end(args);
    assert_true(len + (size_t)more < sizeof stage->told);
}

/* --- rules ------------------------------------------------------------------------------------ */

const struct hr_rules *stage_rules_of(void *context, uint32_t epoch)
{
    struct stage *stage = context;
    return epoch >= 1 && epoch <= stage->rules_count ? stage->rules[epoch - 1] : NULL;
}

static struct hr_rules *compile(struct stage *stage, const char *config)
{
    char text[16384];
    struct hr_rules *rules = NULL;
    struct hr_complaints complaints = {0};
    bool sources = strstr(config, "sources:") != NULL;
    snprintf(text, sizeof text, "%s%s",
        sources ? "" : "sources: [{topic: events, format: cloudevents}]\n", config);
    enum hr_fate fate =
        hr_rules_parse(hr_str(text), stage->rules_count + 1, stage_zones(), &rules, &complaints);
    for (size_t i = 0; i < complaints.count; i++) {
        print_error(
            "%u %s: %s\n", complaints.at[i].line, complaints.at[i].path, complaints.at[i].text);
    }
    assert_int_equal(fate, HR_OK);
    hr_complaints_clean_up(&complaints);
    stage->rules[stage->rules_count++] = rules;
    return rules;
}

/* --- the store -------------------------------------------------------------------------------- */

static struct stored *find_stored(struct stage *stage, struct hr_str key)
{
    for (size_t i = 0; i < stage->store_count; i++) {
        struct stored *one = &stage->store[i];
        if (one->key_len == key.len && memcmp(one->key, key.at, key.len) == 0) {
            return one;
        }
    }
    return NULL;
}

static void put_stored(struct stage *stage, struct hr_str key, struct hr_str value)
{
    struct stored *one = find_stored(stage, key);
    if (!one) {
        assert_true(stage->store_count < MOST_KEYS);
        one = &stage->store[stage->store_count++];
        one->key = hr_strdup(key);
        one->key_len = key.len;
    }
    hr_free(one->value);
    one->value = value.at ? hr_strdup(value) : NULL;
    one->value_len = value.len;
}

static void load_keys(struct stage *stage, struct hr_keys *keys)
{
    struct hr_error error = {0};
    for (size_t i = 0; i < keys->count; i++) {
        const struct stored *one = find_stored(stage, keys->at[i]);
        struct hr_str value = {0};
        if (one && one->value) {
            value = (struct hr_str){one->value, one->value_len};
        }
        enum hr_fate fate = hr_home_load(stage->home, keys->at[i], value, keys, &error);
        if (fate != HR_OK) {
            fail_msg("load %.*s: %s", (int)keys->at[i].len, keys->at[i].at, error.text);
        }
    }
}

static void want(struct stage *stage, struct hr_str name)
{
    struct hr_keys keys = {.arena = &stage->arena};
    hr_home_wants(stage->home, name, &keys);
    load_keys(stage, &keys);
}

static void new_home(struct stage *stage)
{
    stage->home = hr_home_new(&stage->settings, stage->pool);
    if (stage->walled) {
        hr_home_set_wall(stage->home, stage->wall);
    }
    hr_home_set_clock(stage->home, stage->clock);
    struct hr_error error = {0};
    struct hr_keys none = {.arena = &stage->arena};
    for (uint32_t block = 0; block < hr_home_seen_blocks(stage->home); block++) {
        char text[24];
        struct hr_str key;
        hr_home_seen_key(block, &key, text);
        const struct stored *one = find_stored(stage, key);
        struct hr_str value = {0};
        if (one && one->value) {
            value = (struct hr_str){one->value, one->value_len};
        }
        assert_int_equal(hr_home_load(stage->home, key, value, &none, &error), HR_OK);
    }
    struct hr_keys books = {.arena = &stage->arena};
    hr_home_books_keys(stage->home, &books);
    hr_home_holds_keys(stage->home, &books);
    load_keys(stage, &books);
    for (size_t i = 0; i < stage->store_count; i++) {
        const struct stored *one = &stage->store[i];
        struct hr_time due;
        if (strncmp(one->key, "a:", 2) == 0 && one->value) {
            struct hr_str value = {one->value, one->value_len};
            assert_int_equal(hr_stored_due(value, &due, &error), HR_OK);
            hr_home_timer(stage->home, (struct hr_str){one->key + 2, one->key_len - 2}, due);
        }
    }
}

/* A store may write in any order: a key stands once among the changes. */
static void keep_changes(struct stage *stage)
{
    struct hr_change *changes;
    size_t count;
    hr_home_changes(stage->home, &stage->arena, &changes, &count);
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; count < 1000 && k < i; k++) {
            if (hr_str_equal(changes[k].key, changes[i].key)) {
                fail_msg("%.*s changes twice", (int)changes[i].key.len, changes[i].key.at);
            }
        }
        put_stored(stage, changes[i].key, changes[i].value);
    }
    hr_home_settled(stage->home);
}

void stage_reload(struct stage *stage)
{
    keep_changes(stage);
    size_t left = hr_pool_in_use(stage->pool);
    hr_home_destroy(stage->home);
    assert_int_equal(hr_pool_in_use(stage->pool), 0);
    assert_true(left > 0);
    new_home(stage);
}

struct hr_str stage_stored(struct stage *stage, const char *key)
{
    keep_changes(stage);
    const struct stored *one = find_stored(stage, hr_str(key));
    return one && one->value ? (struct hr_str){one->value, one->value_len} : (struct hr_str){0};
}

size_t stage_stored_bytes(struct stage *stage, const char *key)
{
    return stage_stored(stage, key).len;
}

struct hr_str stage_key(struct stage *stage, size_t number)
{
    keep_changes(stage);
    for (size_t i = 0; i < stage->store_count; i++) {
        const struct stored *one = &stage->store[i];
        if (one->value && number-- == 0) {
            return (struct hr_str){one->key, one->key_len};
        }
    }
    return (struct hr_str){NULL, 0};
}

struct hr_home_settings stage_settings(const struct stage *stage)
{
    struct hr_home_settings settings = stage->settings;
    settings.complete = settings.fleeting = false;
    return settings;
}

struct hr_time stage_clock(const struct stage *stage)
{
    return stage->clock;
}

void stage_want(struct stage *stage, const char *name)
{
    want(stage, hr_str(name));
}

/* --- what follows ----------------------------------------------------------------------------- */

static void tell_amount(struct stage *stage, struct hr_decimal amount, const char *currency)
{
    char text[HR_DECIMAL_TEXT];
    hr_money_print(amount, currency, text);
    tell(stage, " %s %s", text, currency);
}

/* A block's name and what it says: "discovery meter.contacts 4200 of 5000, 84%". */
static void tell_playbook(struct stage *stage, const struct hr_advice *advice)
{
    tell(stage, "      %.*s\n", (int)advice->playbook->name.len, advice->playbook->name.at);
    for (int b = 0; b < HR_BLOCKS; b++) {
        for (size_t i = 0; i < advice->blocks[b].count; i++) {
            const struct hr_evidence *one = &advice->blocks[b].at[i];
            tell(stage, "        %s %.*s %.*s\n", hr_block_names[b], (int)one->what.len,
                one->what.at, (int)one->is.len, one->is.at);
        }
    }
}

static void tell_advice(struct stage *stage, const struct hr_advice *advice)
{
    const struct hr_recommendation *recommend = &advice->recommend;
    if (recommend->plan) {
        tell(stage, "      plan %.*s", (int)recommend->plan->name.len, recommend->plan->name.at);
        if (recommend->has_delta) {
            tell_amount(stage, recommend->delta, recommend->currency);
        }
        tell(stage, "\n");
    }
    if (advice->offer) {
        tell(stage, "      offer %.*s", (int)advice->product->name.len, advice->product->name.at);
        tell_amount(stage, advice->offer->least, advice->offer->currency);
        tell_amount(stage, advice->offer->most, advice->offer->currency);
        tell(stage, "\n");
    }
    tell(stage, "      to");
    for (uint16_t i = 0; advice->route && i < advice->route->audience_count; i++) {
        tell(stage, " %s", hr_audience_names[advice->route->audience[i]]);
    }
    tell(stage, "%s%.*s\n", advice->owner.len > 0 ? ", owner " : "", (int)advice->owner.len,
        advice->owner.len > 0 ? advice->owner.at : "");
    if (advice->playbook) {
        tell_playbook(stage, advice);
    }
}

static void tell_triggers(struct stage *stage)
{
    for (size_t i = 0; i < stage->outbox.trigger_count; i++) {
        const struct hr_trigger *trigger = &stage->outbox.triggers[i];
        struct hr_str id = hr_trigger_id(trigger, &stage->arena);
        char value[HR_DECIMAL_TEXT] = "-";
        if (trigger->known) {
            hr_decimal_print(trigger->value, value);
        }
        if (trigger->kind == HR_FIRED) {
            tell(stage, "    fired %.*s %s %s%s%s%s\n", (int)id.len, id.at,
                hr_cause_name(trigger->cause), value, trigger->late ? " late" : "",
                trigger->rule->shadow ? " shadow" : "", trigger->approximate ? " approximate" : "");
            if (stage->tells_advice) {
                tell_advice(stage, trigger->advice);
            }
        } else {
            tell(stage, "    resolved %.*s %s %s%s\n", (int)id.len, id.at,
                hr_resolution_name(trigger->resolution), value,
                trigger->rule->shadow ? " shadow" : "");
        }
    }
    for (size_t i = 0; i < stage->outbox.notice_count; i++) {
        const struct hr_notice *notice = &stage->outbox.notices[i];
        if (notice->kind == HR_NOTICE_BRAKE) {
            tell(stage, "    brake %.*s %u\n", (int)notice->about.len, notice->about.at,
                (unsigned)notice->accounts);
        } else {
            tell(stage, "    silent %.*s\n", (int)notice->about.len, notice->about.at);
        }
    }
    stage->outbox.trigger_count = stage->outbox.notice_count = 0;
}

static void deliver_messages(struct stage *stage)
{
    for (size_t i = 0; i < stage->outbox.message_count; i++) {
        struct hr_message message = stage->outbox.messages[i];
        struct hr_str name = hr_message_name(&message);
        if (name.at) {
            want(stage, name);
        }
        if (hr_home_receive(stage->home, &message, &stage->outbox) == HR_DEAD) {
            tell_triggers(stage);
            tell(stage, "    dead %s\n", hr_reason_name(stage->outbox.reason));
        }
        if (stage->mode == STORY_RELOADED) {
            tell_triggers(stage);
            stage_reload(stage);
        }
    }
    stage->outbox.message_count = 0;
}

static void tick(struct stage *stage, struct hr_time until)
{
    bool more = true;
    while (more) {
        struct hr_keys keys = {.arena = &stage->arena};
        hr_home_due(stage->home, until, 2, &keys);
        load_keys(stage, &keys);
        more = hr_home_tick(stage->home, until, 2, &stage->outbox);
    }
    stage->clock = hr_time_max(stage->clock, until);
}

/* As much of a tick as one batch holds, here one timer. What comes next takes the home's clock. */
static void tick_in_part(struct stage *stage, struct hr_time until)
{
    struct hr_keys keys = {.arena = &stage->arena};
    hr_home_due(stage->home, until, 1, &keys);
    load_keys(stage, &keys);
    assert_true(hr_home_tick(stage->home, until, 1, &stage->outbox));
    stage->clock = hr_time_max(stage->clock, hr_home_clock(stage->home));
}

static void pass_time(struct stage *stage, struct hr_time until)
{
    if (stage->mode == STORY_TICKED && stage->clock.us > 0) {
        while (stage->clock.us + HR_HOUR < until.us) {
            tick(stage, hr_time_plus(stage->clock, HR_HOUR));
        }
    }
}

static const char *const verdicts[] = {
    [HR_COUNTED] = "counted",
    [HR_DUPLICATE] = "duplicate",
    [HR_DEAD] = "dead",
    [HR_FORWARDED] = "forwarded",
    [HR_IGNORED] = "ignored",
};

static void apply(
    struct stage *stage, struct hr_event *event, struct hr_time now, struct hr_str topic)
{
    struct hr_record record = {
        .event = *event, .account = event->account, .arrival = now, .clock = now, .topic = topic};
    for (int hop = 0; hop <= 4; hop++) {
        want(stage, record.account);
        enum hr_verdict verdict = hr_home_apply(stage->home, &record, &stage->outbox);
        tell_triggers(stage);
        if (verdict == HR_FORWARDED) {
            record.account = stage->outbox.forward_to;
            continue;
        }
        if (verdict == HR_DEAD) {
            tell(stage, "    dead %s\n", hr_reason_name(stage->outbox.reason));
            assert_true(stage->outbox.detail[0] != '\0');
        } else if (verdict != HR_COUNTED) {
            tell(stage, "    %s\n", verdicts[verdict]);
        }
        return;
    }
    tell(stage, "    dead forward_loop\n");
}

/* --- lines ------------------------------------------------------------------------------------ */

static struct hr_time parse_time(const char *text)
{
    char whole[64];
    struct hr_time time;
    size_t len = strlen(text);
    /* 2026-11-02T10:00Z: seconds may be left out */
    if (len == 17) {
        snprintf(whole, sizeof whole, "%.16s:00Z", text);
    } else {
        snprintf(whole, sizeof whole, "%s", text);
    }
    if (!hr_time_parse(hr_str(whole), &time)) {
        fail_msg("not a time: %s", text);
    }
    return time;
}

/* Takes "NAME=VALUE" out of the line. */
static bool take_option(char *line, const char *name, char value[128])
{
    char wanted[32];
    snprintf(wanted, sizeof wanted, " %s=", name);
    char *at = strstr(line, wanted);
    if (!at) {
        return false;
    }
    size_t len = strcspn(at + strlen(wanted), " ");
    snprintf(value, 128, "%.*s", (int)len, at + strlen(wanted));
    memmove(at, at + strlen(wanted) + len, strlen(at + strlen(wanted) + len) + 1);
    return true;
}

static void play_record(struct stage *stage, const char *line)
{
    char copy[1 << 17], now[64], account[256], type[128], at[128], id[128], topic[128];
    int data = 0;
    snprintf(copy, sizeof copy, "%s", line);
    if (!take_option(copy, "id", id)) {
        snprintf(id, sizeof id, "%u", ++stage->next_id);
    }
    bool timed = take_option(copy, "at", at), known = take_option(copy, "from", topic);
    assert_true(sscanf(copy, "%63s %255s %127s %n", now, account, type, &data) >= 3);
    struct hr_time clock = parse_time(now);
    char time[HR_TIME_TEXT];
    hr_time_print(timed ? parse_time(at) : clock, time);
    struct hr_str json = hr_arena_printf(&stage->arena,
        "{\"specversion\":\"1.0\",\"id\":\"%s\",\"source\":\"/story\",\"type\":\"%s\",\"subject\":"
        "\"%s\",\"time\":\"%s\",\"data\":%s}",
        id, type, account, time, copy[data] ? copy + data : "{}");
    struct hr_event event;
    struct hr_time ignored;
    char detail[HR_DETAIL];
    enum hr_reason reason = hr_decode_line(stage->decoder, hr_format_preset(HR_STR("cloudevents")),
        hr_home_rules(stage->home), json, &stage->arena, &event, &ignored, detail);
    pass_time(stage, clock);
    stage->clock = hr_time_max(stage->clock, clock);
    if (reason != HR_REASON_NONE) {
        tell(stage, "    undecodable %s\n", hr_reason_name(reason));
        return;
    }
    apply(stage, &event, stage->clock,
        known ? hr_arena_copy(&stage->arena, hr_str(topic)) : (struct hr_str){NULL, 0});
}

/* An operator's word about a brake, sent at the time of `at`. */
static void play_brake(struct stage *stage, const char *line, bool discard)
{
    char copy[256], now[64], rule[128], at[128];
    snprintf(copy, sizeof copy, "%s", line);
    bool timed = take_option(copy, "at", at);
    assert_int_equal(sscanf(copy, "%63s %*s %127s", now, rule), 2);
    pass_time(stage, parse_time(now));
    stage->clock = hr_time_max(stage->clock, parse_time(now));
    const struct hr_message message = {.kind = HR_MESSAGE_BRAKE,
        .name = hr_str(rule),
        .time = parse_time(timed ? at : now),
        .arrival = stage->clock,
        .clock = stage->clock,
        .last = discard};
    assert_int_equal(hr_home_receive(stage->home, &message, &stage->outbox), HR_COUNTED);
    if (stage->mode == STORY_RELOADED) {
        stage_reload(stage);
    }
    tick(stage, stage->clock);
}

static void finish_line(struct stage *stage)
{
    tell_triggers(stage);
    deliver_messages(stage);
    tell_triggers(stage);
    if (stage->mode == STORY_RELOADED) {
        stage_reload(stage);
    }
    hr_arena_reset(&stage->arena);
    hr_outbox_init(&stage->outbox, &stage->arena);
}

void stage_tell_advice(struct stage *stage)
{
    stage->tells_advice = true;
}

void stage_play(struct stage *stage, const char *line)
{
    char now[64], what[64] = "";
    tell(stage, "%s\n", line);
    sscanf(line, "%63s %63s", now, what);
    if (stage->walled || strcmp(what, "wall") == 0) {
        stage->walled = true;
        stage->wall = parse_time(now);
        hr_home_set_wall(stage->home, stage->wall);
    }
    if (strcmp(what, "release") == 0 || strcmp(what, "discard") == 0) {
        play_brake(stage, line, strcmp(what, "discard") == 0);
    } else if (strcmp(what, "wall") == 0) {
        pass_time(stage, parse_time(now));
    } else if (strcmp(what, "tick") == 0) {
        pass_time(stage, parse_time(now));
        tick(stage, parse_time(now));
    } else if (strcmp(what, "part") == 0) {
        pass_time(stage, parse_time(now));
        tick_in_part(stage, parse_time(now));
    } else if (strcmp(what, "live") == 0) {
        hr_home_destroy(stage->home);
        stage->settings.live_from = parse_time(now);
        new_home(stage);
    } else if (strcmp(what, "reload") == 0) {
        stage_reload(stage);
    } else {
        play_record(stage, line);
    }
    finish_line(stage);
}

void stage_rules(struct stage *stage, const char *line, const char *config)
{
    char now[64];
    tell(stage, "%s\n", line);
    sscanf(line, "%63s", now);
    pass_time(stage, parse_time(now));
    stage->clock = hr_time_max(stage->clock, parse_time(now));
    tick(stage, stage->clock);
    struct hr_rules *rules = compile(stage, config);
    stage->settings.rules = rules;
    hr_home_set_rules(stage->home, rules, stage->clock);
    finish_line(stage);
}

const char *stage_told(const struct stage *stage)
{
    return stage->told;
}

size_t stage_count(const struct stage *stage, const char *what)
{
    size_t count = 0;
    for (const char *at = stage_told(stage); (at = strstr(at, what)); at++) {
        count++;
    }
    return count;
}

struct hr_home *stage_home(struct stage *stage)
{
    return stage->home;
}

struct stage *stage_new(const char *config, enum story_mode mode)
{
    struct stage *stage = calloc(1, sizeof *stage);
    stage->mode = mode;
    stage->pool = hr_pool_new();
    stage->decoder = hr_decoder_new(stage_zones());
    stage->clock = (struct hr_time){0};
    hr_arena_init(&stage->arena);
    hr_outbox_init(&stage->outbox, &stage->arena);
    stage->settings = (struct hr_home_settings){.count = 1,
        .seen_capacity = 1024,
        .rules = compile(stage, config),
        .rules_of = stage_rules_of,
        .context = stage,
        .zones = stage_zones(),
        .live_from = HR_TIME_NONE,
        .complete = mode == STORY_PLAIN,
        .fleeting = mode == STORY_PLAIN};
    new_home(stage);
    return stage;
}

void stage_destroy(struct stage *stage)
{
    hr_home_destroy(stage->home);
    assert_int_equal(hr_pool_in_use(stage->pool), 0);
    hr_pool_destroy(stage->pool);
    hr_arena_clean_up(&stage->arena);
    hr_decoder_destroy(stage->decoder);
    for (uint32_t i = 0; i < stage->rules_count; i++) {
        hr_rules_destroy(stage->rules[i]);
    }
    for (size_t i = 0; i < stage->store_count; i++) {
        hr_free(stage->store[i].key);
        hr_free(stage->store[i].value);
    }
    free(stage);
}
