/* SPDX-License-Identifier: Apache-2.0 */
/* What the words of a step mean: which events they send, what else they do. crossings.table says it
 * to its readers; here it is done. */
#include "play.h"

#include "headroom/buffer.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* --- configuration ---------------------------------------------------------------------------- */

static size_t key_length(const char *text)
{
    return strcspn(text, ":");
}

static bool same_key(const char *a, const char *b)
{
    return key_length(a) == key_length(b) && strncmp(a, b, key_length(a)) == 0;
}

const char *play_config(struct play *play)
{
    struct hr_buffer buffer = {0};
    bool sources = false;
    for (size_t w = 0; w < play->with_count; w++) {
        sources |= same_key(play->with[w], "sources:");
    }
    hr_put_printf(&buffer, sources ? "" : "sources: [{topic: events, format: cloudevents}]\n");
    for (size_t g = 0; g < play->table->given_count; g++) {
        const char *given = play->table->given[g];
        for (size_t w = 0; w < play->with_count; w++) {
            given = given && same_key(given, play->with[w]) ? NULL : given;
        }
        if (given) {
            hr_put_printf(&buffer, "%s\n", given);
        }
    }
    for (size_t w = 0; w < play->with_count; w++) {
        hr_put_printf(&buffer, "%s\n", play->with[w]);
    }
    hr_put_printf(&buffer, play->rule_count > 0 ? "rules:\n" : "");
    for (size_t r = 0; r < play->rule_count; r++) {
        hr_put_printf(&buffer, "  %s: %s\n", play->rules[r].name, play->rules[r].text);
    }
    const char *config = hr_arena_copy(&play->arena, hr_buffer_str(&buffer)).at;
    hr_buffer_clean_up(&buffer);
    return config;
}

void play_rule(struct play *play, const char *name, const char *text)
{
    for (size_t r = 0; r < play->rule_count; r++) {
        if (strcmp(play->rules[r].name, name) == 0) {
            play->rules[r].text = text;
            return;
        }
    }
    play->rules = table_append(&play->arena, play->rules, &play->rule_count, sizeof *play->rules);
    play->rules[play->rule_count - 1] = (struct rule_line){name, text};
}

static void drop_rule(struct play *play, const char *name)
{
    size_t kept = 0;
    for (size_t r = 0; r < play->rule_count; r++) {
        if (strcmp(play->rules[r].name, name) != 0) {
            play->rules[kept++] = play->rules[r];
        }
    }
    play->rule_count = kept;
}

void play_with(struct play *play, const char *text)
{
    for (size_t w = 0; w < play->with_count; w++) {
        if (same_key(play->with[w], text)) {
            play->with[w] = text;
            return;
        }
    }
    play->with = table_append(&play->arena, play->with, &play->with_count, sizeof *play->with);
    play->with[play->with_count - 1] = text;
}

/* reload NAME: {…}, reload without NAME, reload with KEY: VALUE */
static bool reload(struct play *play, const char *words, struct hr_time now)
{
    const char *colon = strchr(words, ':');
    if (strncmp(words, "without ", 8) == 0) {
        drop_rule(play, words + 8);
    } else if (strncmp(words, "with ", 5) == 0) {
        play_with(play, words + 5);
    } else if (colon) {
        struct hr_str name = {words, (size_t)(colon - words)};
        play_rule(play, hr_arena_copy(&play->arena, name).at, colon + 1);
    } else {
        return false;
    }
    return world_reload(play->world, play_config(play), now);
}

/* --- steps ------------------------------------------------------------------------------------ */

/* A word that stands alone, or behind which others follow. */
static const char *after(const char *words, const char *verb)
{
    size_t len = strlen(verb);
    if (strncmp(words, verb, len) != 0 || (words[len] != '\0' && words[len] != ' ')) {
        return NULL;
    }
    return words + len + (words[len] == ' ');
}

static void happen(struct play *play, const struct step *step, const char *type, const char *data)
{
    world_event(play->world, step->time, step->account, type, data, step->event_time);
}

static const char *printf_data(struct play *play, const char *format, const char *word)
{
    return hr_arena_printf(&play->arena, format, word).at;
}

/* limit 100 | limit unlimited | limit none: of every meter that has one. */
static void set_limit(struct play *play, const struct step *step, const char *limit)
{
    struct hr_buffer buffer = {0};
    const struct hr_rules *rules = world_rules(play->world);
    limit = strcmp(limit, "unlimited") == 0 ? "null" : limit;
    hr_put_printf(&buffer, "{\"limits\":{");
    uint16_t put = 0;
    for (uint16_t m = 0; m < rules->meter_count && strcmp(limit, "none") != 0; m++) {
        struct hr_str name = rules->meters[m].limit;
        if (name.len > 0) {
            hr_put_printf(
                &buffer, "%s\"%.*s\":%s", put++ ? "," : "", (int)name.len, name.at, limit);
        }
    }
    hr_put_printf(&buffer, "}}");
    happen(
        play, step, "subscription.updated", hr_arena_copy(&play->arena, hr_buffer_str(&buffer)).at);
    hr_buffer_clean_up(&buffer);
}

/* renewal 2026-06-01, renewed 2027-06-01, renewed, cancelled, cancelled 2026-04-01 */
static bool tell_subscription(struct play *play, const struct step *step)
{
    const char *words = step->words, *rest;
    if ((rest = after(words, "limit"))) {
        set_limit(play, step, rest);
    } else if ((rest = after(words, "renewal"))) {
        happen(play, step, "subscription.updated",
            printf_data(play, "{\"renewal_date\":\"%s\"}", rest));
    } else if ((rest = after(words, "renewed"))) {
        happen(play, step, "subscription.renewed",
            *rest ? printf_data(play, "{\"renewal_date\":\"%s\"}", rest) : "{}");
    } else if ((rest = after(words, "cancelled"))) {
        happen(play, step, "subscription.cancelled",
            *rest ? printf_data(play, "{\"ends_at\":\"%s\"}", rest) : "{}");
    } else {
        return false;
    }
    return true;
}

static bool use_once(
    struct play *play, const struct step *step, const struct hr_meter *meter, const char *value)
{
    const struct hr_event_type *type = &world_rules(play->world)->types[meter->type];
    const char *data = "{}";
    if ((meter->value >= 0) != (value != NULL)) {
        return false;
    }
    if (value) {
        struct hr_str field = type->fields[meter->value];
        bool number = strspn(value, "0123456789.-") == strlen(value);
        data = hr_arena_printf(&play->arena, number ? "{\"%.*s\":%s}" : "{\"%.*s\":\"%s\"}",
            (int)field.len - 1, field.at + 1, value)
                   .at;
    }
    happen(play, step, hr_arena_copy(&play->arena, type->name).at, data);
    return true;
}

/* METER VALUE…, METER FROM..TO, TIMES METER: an event each. */
static bool use(struct play *play, const struct step *step)
{
    char words[512], *rest;
    snprintf(words, sizeof words, "%s", step->words);
    long times = strtol(words, &rest, 10);
    char *name = strtok(rest != words ? rest : words, " ");
    const struct hr_rules *rules = world_rules(play->world);
    int slot = name ? hr_rules_find_meter(rules, hr_str(name)) : -1;
    if (slot < 0) {
        return false;
    }
    const struct hr_meter *meter = &rules->meters[slot];
    if (meter->value < 0) {
        bool fine = true;
        for (long i = rest != words ? 0 : times - 1; i < times && fine; i++) {
            fine = use_once(play, step, meter, NULL);
        }
        return fine && !strtok(NULL, " ");
    }
    bool used = false;
    for (char *value; (value = strtok(NULL, " ")); used = true) {
        char *to = strstr(value, "..");
        for (long i = atol(value); to && i <= atol(to + 2); i++) {
            char number[24];
            snprintf(number, sizeof number, "%ld", i);
            if (!use_once(play, step, meter, number)) {
                return false;
            }
        }
        if (!to && !use_once(play, step, meter, value)) {
            return false;
        }
    }
    return used && rest == words;
}

/* account NAME VALUE, note, or TYPE {JSON} */
static bool tell_account(struct play *play, const struct step *step)
{
    const char *words = step->words, *rest;
    if (after(words, "note")) {
        happen(play, step, "account.updated", "{\"note\":1}");
        return true;
    }
    if ((rest = after(words, "account"))) {
        int len = (int)strcspn(rest, " ");
        const char *value = rest + len + (rest[len] == ' ');
        bool bare = isdigit((unsigned char)*value) || *value == '-' || !strcmp(value, "null");
        happen(play, step, "account.updated",
            hr_arena_printf(
                &play->arena, bare ? "{\"%.*s\":%s}" : "{\"%.*s\":\"%s\"}", len, rest, value)
                .at);
        return *value != '\0';
    }
    const char *data = strchr(words, '{');
    if (!data || data == words || data[-1] != ' ') {
        return false;
    }
    struct hr_str type = {words, (size_t)(data - words) - 1};
    happen(play, step, hr_arena_copy(&play->arena, type).at, data);
    return true;
}

bool play_step(struct play *play, const struct step *step)
{
    const char *rest;
    world_approach(play->world, step->time);
    if (after(step->words, "tick")) {
        world_tick(play->world, step->time);
        return true;
    }
    if (after(step->words, "restart")) {
        world_restart(play->world);
        return true;
    }
    if ((rest = after(step->words, "reload"))) {
        return reload(play, rest, step->time);
    }
    return tell_subscription(play, step) || tell_account(play, step) || use(play, step);
}
