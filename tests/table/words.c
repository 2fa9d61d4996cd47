/* SPDX-License-Identifier: Apache-2.0 */
/* The table's words for what follows from a step, read and written: one language for what was
 * expected and for what came, so that a difference is read like a line of the table. */
#include "table.h"

#include "headroom/codec.h"

#include <string.h>

static bool is_cause(const char *word)
{
    for (int c = HR_CAUSE_USAGE; c <= HR_CAUSE_RULE_CHANGE; c++) {
        if (strcmp(word, hr_cause_name((enum hr_cause)c)) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_resolution(const char *word)
{
    for (int r = HR_USAGE_DECREASED; r <= HR_MOVED; r++) {
        if (strcmp(word, hr_resolution_name((enum hr_resolution)r)) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_why(const char *word)
{
    for (int w = HR_WHY_FOR; w < HR_WHY_COUNT; w++) {
        if (strcmp(word, hr_why_name((enum hr_why)w)) == 0) {
            return true;
        }
    }
    return false;
}

static char *next_word(char **text)
{
    char *word = *text + strspn(*text, " ");
    if (*word == '\0') {
        return NULL;
    }
    size_t len = strcspn(word, " ");
    *text = word + len + (word[len] != '\0');
    word[len] = '\0';
    return word;
}

/* What may stand behind the cause: late, shadow, is VALUE, meter VALUE, of LIMIT, from VALUE,
 * number N, episode N, at TIME, id ID, for ACCOUNT. */
static bool parse_detail(struct expected *expected, char *word, char **rest, struct hr_time near)
{
    if (strcmp(word, "late") == 0) {
        expected->late = true;
        return true;
    }
    if (strcmp(word, "shadow") == 0) {
        expected->shadow = true;
        return true;
    }
    if (strcmp(word, "at") == 0) {
        char *after = moment_parse(*rest + strspn(*rest, " "), near, &expected->at);
        *rest = after ? after : *rest;
        return after != NULL;
    }
    const char **place = strcmp(word, "is") == 0         ? &expected->value
                         : strcmp(word, "meter") == 0    ? &expected->meter
                         : strcmp(word, "of") == 0       ? &expected->limit
                         : strcmp(word, "from") == 0     ? &expected->previous
                         : strcmp(word, "number") == 0   ? &expected->number
                         : strcmp(word, "episode") == 0  ? &expected->episode
                         : strcmp(word, "id") == 0       ? &expected->id
                         : strcmp(word, "for") == 0      ? &expected->account
                         : strcmp(word, "plan") == 0     ? &expected->plan
                         : strcmp(word, "to") == 0       ? &expected->to
                         : strcmp(word, "owner") == 0    ? &expected->owner
                         : strcmp(word, "playbook") == 0 ? &expected->playbook
                                                         : NULL;
    if (!place) {
        return false;
    }
    *place = next_word(rest);
    return *place != NULL;
}

/* fired|resolved|held [RULE] LEVEL WHY [details] */
static bool parse_level(
    struct expected *expected, char *text, bool (*ends)(const char *word), struct hr_time near)
{
    char *words[3] = {NULL};
    size_t count = 0;
    do {
        words[count] = next_word(&text);
        if (!words[count]) {
            return false;
        }
        count++;
    } while (!ends(words[count - 1]) && count < 3);
    expected->why = words[count - 1];
    if (count < 2 || !ends(expected->why)) {
        return false;
    }
    expected->level = words[count - 2];
    expected->rule = count == 3 ? words[0] : NULL;
    for (char *word; (word = next_word(&text));) {
        if (!parse_detail(expected, word, &text, near)) {
            return false;
        }
    }
    return true;
}

static bool parse_one(struct expected *expected, char *text, struct hr_time near)
{
    expected->account = ACCOUNT;
    expected->at = HR_TIME_NONE;
    expected->what = next_word(&text);
    if (!expected->what) {
        return false;
    }
    if (strcmp(expected->what, "fired") == 0) {
        return parse_level(expected, text, is_cause, near);
    }
    if (strcmp(expected->what, "resolved") == 0) {
        return parse_level(expected, text, is_resolution, near);
    }
    if (strcmp(expected->what, "held") == 0) {
        return parse_level(expected, text, is_why, near);
    }
    if (strcmp(expected->what, "dead") == 0) {
        expected->why = next_word(&text);
        return expected->why != NULL;
    }
    return strcmp(expected->what, "duplicate") == 0 || strcmp(expected->what, "ignored") == 0;
}

bool expected_parse(
    struct table *table, unsigned line, char *text, struct hr_time near, struct step *step)
{
    if (strcmp(text, "nothing") == 0) {
        return true;
    }
    text = (char *)hr_arena_copy(&table->arena, hr_str(text)).at;
    for (char *next; text; text = next) {
        next = strstr(text, ", ");
        if (next) {
            *next = '\0';
            next += 2;
        }
        step->expected = table_append(
            &table->arena, step->expected, &step->expected_count, sizeof *step->expected);
        struct expected *expected = &step->expected[step->expected_count - 1];
        expected->line = line;
        if (!parse_one(expected, text, near)) {
            return false;
        }
    }
    return true;
}

/* --- what came -------------------------------------------------------------------------------- */

/* Shares as percentages, as levels are written; the rest as it is published. */
static const char *value_of(
    const struct hr_trigger *trigger, bool known, struct hr_decimal value, struct hr_arena *arena)
{
    char text[HR_DECIMAL_TEXT];
    if (!known) {
        return "unknown";
    }
    bool share = trigger->rules->signals[trigger->rule->signal].unit == HR_UNIT_SHARE;
    struct hr_decimal shown = {value.units * (share ? 100 : 1)};
    hr_decimal_print(shown, text);
    return hr_arena_printf(arena, "%s%s", text, share ? "%" : "").at;
}

/* With its currency where that is another one. */
static const char *previous_of(const struct hr_trigger *trigger, struct hr_arena *arena)
{
    const char *value = value_of(trigger, trigger->has_previous, trigger->previous, arena);
    bool same = strcmp(trigger->previous_currency, trigger->currency) == 0;
    return hr_arena_printf(arena, "%s%s", value, same ? "" : trigger->previous_currency).at;
}

/* What the meter behind the signal stands at. */
static const char *meter_of(const struct hr_trigger *trigger, struct hr_arena *arena)
{
    char text[HR_DECIMAL_TEXT];
    if (!trigger->has_meter) {
        return "none";
    }
    hr_decimal_print(trigger->meter_value, text);
    return trigger->meter_unknown ? "unknown" : hr_arena_printf(arena, "%s", text).at;
}

static const char *limit_of(const struct hr_trigger *trigger, struct hr_arena *arena)
{
    char text[HR_DECIMAL_TEXT];
    if (!trigger->has_limit) {
        return "none";
    }
    hr_decimal_print(trigger->limit, text);
    return trigger->unlimited ? "unlimited" : hr_arena_printf(arena, "%s", text).at;
}

/* "80pct" is written 80%; a renewal window of one subscription of several has its name behind. */
static const char *level_of(const struct hr_rule_level *level, bool has_subscription,
    struct hr_str subscription, struct hr_arena *arena)
{
    struct hr_str text = level->text;
    bool share = text.len > 3 && memcmp(text.at + text.len - 3, "pct", 3) == 0;
    return hr_arena_printf(arena, "%.*s%s%s%.*s", (int)(text.len - (share ? 3 : 0)), text.at,
        share ? "%" : "", has_subscription ? "@" : "", has_subscription ? (int)subscription.len : 0,
        has_subscription ? subscription.at : "")
        .at;
}

static const char *name_or_none(struct hr_str name, struct hr_arena *arena)
{
    return name.len > 0 ? hr_arena_copy(arena, name).at : "none";
}

/* The plan with what it adds, "growth+800.00USD"; an audience of several with a plus between. */
static void take_advice(
    struct expected *said, const struct hr_advice *advice, struct hr_arena *arena)
{
    const struct hr_recommendation *recommend = &advice->recommend;
    char delta[HR_DECIMAL_TEXT] = "";
    if (recommend->has_delta) {
        hr_money_print(recommend->delta, recommend->currency, delta);
    }
    said->plan = !recommend->plan
                     ? "none"
                     : hr_arena_printf(arena, "%.*s%s%s%s", (int)recommend->plan->name.len,
                           recommend->plan->name.at,
                           recommend->has_delta && recommend->delta.units >= 0 ? "+" : "", delta,
                           recommend->currency)
                           .at;
    said->to = "none";
    for (uint16_t i = 0; advice->route && i < advice->route->audience_count; i++) {
        said->to = hr_arena_printf(arena, "%s%s%s", i ? said->to : "", i ? "+" : "",
            hr_audience_names[advice->route->audience[i]])
                       .at;
    }
    said->owner = name_or_none(advice->owner, arena);
    said->playbook = name_or_none(advice->playbook ? advice->playbook->name : HR_STR(""), arena);
}

struct expected expected_of(const struct hr_trigger *trigger, struct hr_arena *arena)
{
    bool fired = trigger->kind == HR_FIRED;
    struct expected said = {.what = fired ? "fired" : "resolved",
        .rule = hr_arena_copy(arena, trigger->rule->name).at,
        .level = level_of(trigger->level, trigger->has_subscription, trigger->subscription, arena),
        .why = fired ? hr_cause_name(trigger->cause) : hr_resolution_name(trigger->resolution),
        .account = hr_arena_copy(arena, trigger->account).at,
        .value = value_of(trigger, trigger->known, trigger->value, arena),
        .previous = previous_of(trigger, arena),
        .meter = meter_of(trigger, arena),
        .limit = limit_of(trigger, arena),
        .number = hr_arena_printf(arena, "%u", trigger->number).at,
        .episode = hr_arena_printf(arena, "%u", trigger->episode).at,
        .id = hr_arena_copy(arena, hr_trigger_id(trigger, arena)).at,
        .at = trigger->decided,
        .late = trigger->late,
        .shadow = trigger->rule->shadow};
    if (trigger->advice) {
        take_advice(&said, trigger->advice, arena);
    }
    return said;
}

struct expected expected_of_held(const struct hr_held *held, struct hr_arena *arena)
{
    return (struct expected){.what = "held",
        .rule = hr_arena_copy(arena, held->rule->name).at,
        .level = level_of(held->level, false, held->account, arena),
        .why = hr_why_name(held->why),
        .account = hr_arena_copy(arena, held->account).at,
        .at = HR_TIME_NONE,
        .late = held->late,
        .shadow = held->rule->shadow};
}

/* --- comparing and printing ------------------------------------------------------------------- */

static bool same(const char *wanted, const char *got)
{
    return !wanted || (got && strcmp(wanted, got) == 0);
}

bool expected_is(const struct expected *expected, const struct expected *got)
{
    return same(expected->what, got->what) && same(expected->rule, got->rule) &&
           same(expected->level, got->level) && same(expected->why, got->why) &&
           same(expected->account, got->account) && same(expected->value, got->value) &&
           same(expected->meter, got->meter) && same(expected->limit, got->limit) &&
           same(expected->previous, got->previous) && same(expected->number, got->number) &&
           same(expected->episode, got->episode) && same(expected->id, got->id) &&
           same(expected->plan, got->plan) && same(expected->to, got->to) &&
           same(expected->owner, got->owner) && same(expected->playbook, got->playbook) &&
           expected->late == got->late && expected->shadow == got->shadow &&
           (hr_time_is(expected->at, HR_TIME_NONE) || hr_time_is(expected->at, got->at));
}

/* A word and what comes before it; nothing where it is not said. */
static void put(struct hr_buffer *buffer, const char *before, const char *word)
{
    if (word) {
        hr_put_printf(buffer, "%s%s", before, word);
    }
}

const char *expected_print(
    const struct expected *expected, bool whole, bool with_rule, struct hr_arena *arena)
{
    struct hr_buffer buffer = {0};
    put(&buffer, "", expected->what);
    put(&buffer, " ", with_rule || whole ? expected->rule : NULL);
    put(&buffer, " ", expected->level);
    put(&buffer, " ", expected->why);
    put(&buffer, " ", expected->late ? "late" : NULL);
    put(&buffer, " ", expected->shadow ? "shadow" : NULL);
    if (whole) {
        put(&buffer, " is ", expected->value);
        put(&buffer, " meter ", expected->meter);
        put(&buffer, " of ", expected->limit);
        put(&buffer, " from ", expected->previous);
        put(&buffer, " number ", expected->number);
        put(&buffer, " episode ", expected->episode);
        if (!hr_time_is(expected->at, HR_TIME_NONE)) {
            char at[HR_TIME_TEXT];
            hr_time_print(expected->at, at);
            at[10] = ' ';
            put(&buffer, " at ", at);
        }
        put(&buffer, " id ", expected->id);
        put(&buffer, " plan ", expected->plan);
        put(&buffer, " to ", expected->to);
        put(&buffer, " owner ", expected->owner);
        put(&buffer, " playbook ", expected->playbook);
    }
    put(&buffer, " for ", strcmp(expected->account, ACCOUNT) == 0 ? NULL : expected->account);
    const char *text = hr_arena_copy(arena, hr_buffer_str(&buffer)).at;
    hr_buffer_clean_up(&buffer);
    return text;
}
