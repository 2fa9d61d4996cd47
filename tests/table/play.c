/* SPDX-License-Identifier: Apache-2.0 */
/* Plays a case: each step happens in a world, and what follows from it is held against what the
 * step says. Then the same in the other modes, where the triggers must be those of the table again
 * and, to the last byte, those of the first playing. */
#include "world.h"

#include "headroom/buffer.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* A case as it is played: rules and configuration change on the way. */
struct play {
    const struct table *table;
    const struct table_case *one;
    enum mode mode;
    struct world *world;
    const char **with;
    size_t with_count;
    struct rule_line *rules;
    size_t rule_count;
    struct hr_arena arena;
    bool failed;
};

/* --- configuration ---------------------------------------------------------------------------- */

static size_t key_length(const char *text)
{
    return strcspn(text, ":");
}

static bool same_key(const char *a, const char *b)
{
    return key_length(a) == key_length(b) && strncmp(a, b, key_length(a)) == 0;
}

static const char *config_of(struct play *play)
{
    struct hr_buffer buffer = {0};
    hr_put_printf(&buffer, "sources: [{topic: events, format: cloudevents}]\n");
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

static void change_rule(struct play *play, const char *name, const char *text)
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

static void change_key(struct play *play, const char *text)
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
        change_key(play, words + 5);
    } else if (colon) {
        struct hr_str name = {words, (size_t)(colon - words)};
        change_rule(play, hr_arena_copy(&play->arena, name).at, colon + 1);
    } else {
        return false;
    }
    return world_reload(play->world, config_of(play), now);
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

static bool take_step(struct play *play, const struct step *step)
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
    return tell_subscription(play, step) || use(play, step) || tell_account(play, step);
}

/* --- what followed ---------------------------------------------------------------------------- */

static void print_outcomes(
    struct play *play, const char *title, const struct outcome *outcomes, size_t count)
{
    printf("#     %s%s\n", title, count == 0 ? "nothing" : "");
    for (size_t i = 0; i < count; i++) {
        printf("#       %s\n", expected_print(&outcomes[i].said, true, true, &play->arena));
    }
}

static void print_expected(struct play *play, const struct step *step)
{
    printf("#     expected  %s\n", step->expected_count == 0 ? "nothing" : "");
    for (size_t i = 0; i < step->expected_count; i++) {
        printf("#       %s\n", expected_print(&step->expected[i], true, true, &play->arena));
    }
}

static void print_step(struct play *play, const struct step *step, const char *what)
{
    char time[HR_TIME_TEXT];
    hr_time_print(step->time, time);
    time[10] = ' ';
    printf("#   %s:%u: %s, %s:\n", play->table->file, step->line, what, mode_name(play->mode));
    printf("#     %.19s  %s\n", time, step->written);
}

/* Order is promised within an account: what is left of one account's is compared in order. */
static const struct outcome *next_of(
    const struct outcome *outcomes, size_t count, const char *account, size_t *from)
{
    while (*from < count) {
        const struct outcome *one = &outcomes[(*from)++];
        if (strcmp(one->said.account, account) == 0) {
            return one;
        }
    }
    return NULL;
}

static bool follows(const struct step *step, const struct outcome *got, size_t count)
{
    if (step->expected_count != count) {
        return false;
    }
    for (size_t i = 0; i < step->expected_count; i++) {
        const struct expected *expected = &step->expected[i];
        size_t from = 0;
        const struct outcome *outcome = next_of(got, count, expected->account, &from);
        for (size_t before = 0; before < i; before++) {
            if (strcmp(step->expected[before].account, expected->account) == 0) {
                outcome = next_of(got, count, expected->account, &from);
            }
        }
        if (!outcome || !expected_is(expected, &outcome->said)) {
            return false;
        }
    }
    return true;
}

static void check_step(struct play *play, const struct step *step, size_t before)
{
    size_t count;
    const struct outcome *outcomes = world_outcomes(play->world, &count);
    if (follows(step, outcomes + before, count - before)) {
        return;
    }
    play->failed = true;
    print_step(play, step, play->one->name);
    print_expected(play, step);
    print_outcomes(play, "got       ", outcomes + before, count - before);
}

/* --- playing ---------------------------------------------------------------------------------- */

static bool begin(struct play *play, const struct table *table, const struct table_case *one,
    enum mode mode, struct hr_zones *zones)
{
    *play = (struct play){.table = table, .one = one, .mode = mode};
    hr_arena_init(&play->arena);
    for (size_t w = 0; w < one->with_count; w++) {
        change_key(play, one->with[w]);
    }
    for (size_t r = 0; r < one->rule_count; r++) {
        change_rule(play, one->rules[r].name, one->rules[r].text);
    }
    play->world = world_new(config_of(play), mode, zones);
    if (!play->world) {
        printf("#   %s:%u: its rules do not compile\n", table->file, one->line);
        hr_arena_clean_up(&play->arena);
    }
    return play->world != NULL;
}

static void end(struct play *play)
{
    world_destroy(play->world);
    hr_arena_clean_up(&play->arena);
}

/* Until the first step that goes another way: what follows it would only repeat that. */
static void play_steps(struct play *play)
{
    for (size_t i = 0; i < play->one->step_count && !play->failed; i++) {
        const struct step *step = &play->one->steps[i];
        size_t before;
        world_outcomes(play->world, &before);
        if (!take_step(play, step)) {
            print_step(play, step, "not a step that anybody understands");
            play->failed = true;
            return;
        }
        world_settle(play->world, step->time);
        if (play->mode != MODE_UNTICKED) {
            check_step(play, step, before);
        }
    }
    if (play->one->step_count > 0) {
        world_tick(play->world, play->one->steps[play->one->step_count - 1].time);
    }
}

static bool is_same_account(const struct outcome *of_a, size_t count_a, const struct outcome *of_b,
    size_t count_b, const char *account)
{
    size_t from_a = 0, from_b = 0;
    for (;;) {
        const struct outcome *a = next_of(of_a, count_a, account, &from_a);
        const struct outcome *b = next_of(of_b, count_b, account, &from_b);
        if (!a || !b) {
            return a == b;
        }
        if (!expected_is(&a->said, &b->said)) {
            return false;
        }
        if (strcmp(a->json, b->json) != 0) {
            printf("#     as written %s\n#     this time  %s\n", a->json, b->json);
            return false;
        }
    }
}

/* Account by account, every byte that would be published. */
static bool is_same(struct play *plain, struct play *other)
{
    size_t count, count_other;
    const struct outcome *outcomes = world_outcomes(plain->world, &count);
    const struct outcome *others = world_outcomes(other->world, &count_other);
    bool same = count == count_other;
    for (size_t i = 0; i < count && same; i++) {
        same = is_same_account(outcomes, count, others, count_other, outcomes[i].said.account);
    }
    if (!same) {
        printf("#   %s:%u: %s: it is not the same %s:\n", plain->table->file, plain->one->line,
            plain->one->name, mode_name(other->mode));
        print_outcomes(plain, "as written", outcomes, count);
        print_outcomes(other, "this time ", others, count_other);
    }
    return same;
}

bool case_holds(const struct table *table, const struct table_case *one, struct hr_zones *zones)
{
    struct play plain;
    if (!begin(&plain, table, one, MODE_PLAIN, zones)) {
        return false;
    }
    play_steps(&plain);
    bool holds = !plain.failed;
    for (int mode = MODE_PLAIN + 1; mode < MODES && holds; mode++) {
        struct play other;
        holds = begin(&other, table, one, (enum mode)mode, zones);
        if (holds) {
            play_steps(&other);
            holds = !other.failed && is_same(&plain, &other);
            end(&other);
        }
    }
    end(&plain);
    return holds;
}
