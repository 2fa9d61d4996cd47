/* SPDX-License-Identifier: Apache-2.0 */
/* Fills one home with accounts and tells what one of them costs.
 *
 *   bench_memory CONFIG EVENTS ACCOUNTS
 *
 * EVENTS are lines of CloudEvents in which % stands for the account. What Redis is given (values,
 * timers, readable fields) goes to standard output as its own commands; bytes of memory and of the
 * changelog an account go to standard error, as JSON. */
#include "headroom/codec.h"
#include "headroom/config.h"
#include "headroom/home.h"

#include <stdio.h>
#include <stdlib.h>

static char *read_file(const char *name)
{
    FILE *file = fopen(name, "rb");
    char *text = calloc(1, 1 << 16);
    if (!file || !text || fread(text, 1, (1 << 16) - 1, file) == 0) {
        fprintf(stderr, "%s cannot be read\n", name);
        exit(1);
    }
    fclose(file);
    return text;
}

static void put(struct hr_str part)
{
    printf("$%zu\r\n", part.len);
    fwrite(part.at, 1, part.len, stdout);
    printf("\r\n");
}

static struct hr_str key_of(struct hr_arena *arena, const char *prefix, struct hr_str rest)
{
    return hr_arena_join(arena, hr_str(prefix), "", rest);
}

static void give_redis(struct hr_home *home, struct hr_arena *arena, const struct hr_change *change)
{
    struct hr_view_field *fields;
    printf("*3\r\n");
    put(HR_STR("SET"));
    put(key_of(arena, "hr:{0}:", change->key));
    put(change->value);
    if (change->account.len == 0) {
        return;
    }
    printf("*4\r\n");
    put(HR_STR("ZADD"));
    put(HR_STR("hr:{0}:due"));
    put(hr_arena_printf(arena, "%lld", (long long)change->due.us));
    put(change->account);
    size_t count = hr_home_view(home, change->account, arena, &fields);
    printf("*%zu\r\n", 2 + 2 * count);
    put(HR_STR("HSET"));
    put(key_of(arena, "hr:{0}:v:", change->account));
    for (size_t i = 0; i < count; i++) {
        put(fields[i].name);
        put(fields[i].value);
    }
}

static struct hr_str line_of(struct hr_arena *arena, const char **text, long account)
{
    const char *end = strchr(*text, '\n');
    struct hr_str line = {*text, end ? (size_t)(end - *text) : strlen(*text)};
    const char *mark = memchr(line.at, '%', line.len);
    *text += line.len + (end != NULL);
    return mark ? hr_arena_printf(arena, "%.*saccount-%ld%.*s", (int)(mark - line.at), line.at,
                      account, (int)(line.len - (size_t)(mark + 1 - line.at)), mark + 1)
                : line;
}

static void play(struct hr_home *home, struct hr_decoder *decoder, const char *events, long account)
{
    struct hr_arena arena;
    struct hr_outbox outbox;
    hr_arena_init(&arena);
    hr_outbox_init(&outbox, &arena);
    while (*events) {
        struct hr_str line = line_of(&arena, &events, account);
        struct hr_record record = {0};
        struct hr_time ignored;
        char detail[HR_DETAIL];
        if (hr_decode_line(decoder, hr_format_preset(HR_STR("cloudevents")), hr_home_rules(home),
                line, &arena, &record.event, &ignored, detail) != HR_REASON_NONE) {
            fprintf(stderr, "%.*s: %s\n", (int)line.len, line.at, detail);
            exit(1);
        }
        record.account = record.event.account;
        record.arrival = record.event.time;
        record.clock = hr_time_max(hr_home_clock(home), record.arrival);
        if (hr_home_apply(home, &record, &outbox) != HR_COUNTED) {
            fprintf(stderr, "%.*s: did not count: %s\n", (int)line.len, line.at, outbox.detail);
            exit(1);
        }
    }
    hr_arena_clean_up(&arena);
}

static size_t write_out(struct hr_home *home)
{
    struct hr_arena arena;
    struct hr_change *changes;
    size_t count, bytes = 0;
    hr_arena_init(&arena);
    hr_home_changes(home, &arena, &changes, &count);
    for (size_t i = 0; i < count; i++) {
        if (!hr_str_starts(changes[i].key, "s:")) {
            bytes += changes[i].key.len + changes[i].value.len;
            give_redis(home, &arena, &changes[i]);
        }
    }
    hr_arena_clean_up(&arena);
    return bytes;
}

int main(int argc, char **argv)
{
    struct hr_complaints complaints = {0};
    struct hr_rules *rules;
    struct hr_zones *zones;
    struct hr_error error;
    if (argc != 4 || hr_zones_load("/usr/share/zoneinfo", &zones, &error) != HR_OK) {
        fprintf(stderr, "usage: bench_memory CONFIG EVENTS ACCOUNTS\n");
        return 2;
    }
    char *config = read_file(argv[1]), *events = read_file(argv[2]);
    long accounts = atol(argv[3]);
    if (hr_rules_parse(hr_str(config), 1, zones, &rules, &complaints) != HR_OK) {
        fprintf(stderr, "%s: %s: %s\n", argv[1], complaints.at[0].path, complaints.at[0].text);
        return 1;
    }
    struct hr_pool *pool = hr_pool_new();
    struct hr_home_settings settings = {.count = 1,
        .seen_capacity = 256,
        .rules = rules,
        .zones = zones,
        .live_from = HR_TIME_NONE,
        .complete = true};
    struct hr_home *home = hr_home_new(&settings, pool);
    struct hr_decoder *decoder = hr_decoder_new(zones);
    size_t empty = hr_pool_in_use(pool);
    for (long i = 0; i < accounts; i++) {
        play(home, decoder, events, i);
    }
    double memory = (double)(hr_pool_in_use(pool) - empty) / (double)accounts;
    double changelog = (double)write_out(home) / (double)accounts;
    fprintf(stderr, "{\"memory\": %.0f, \"changelog\": %.0f}\n", memory, changelog);
    hr_decoder_destroy(decoder);
    hr_home_destroy(home);
    hr_pool_destroy(pool);
    hr_rules_destroy(rules);
    hr_zones_destroy(zones);
    free(config);
    free(events);
    return fflush(stdout) || ferror(stdout);
}
