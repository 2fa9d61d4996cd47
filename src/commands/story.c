/* SPDX-License-Identifier: Apache-2.0 */
/* A story is made by comparing: after every step of the account the core says how each level of
 * each rule stands and why (headroom/explain.h), and what has changed since the step before is what
 * there is to tell. Nothing is decided or guessed here.
 *
 * A line that changes nothing is told in one line. Time that passes is told only when something
 * came of it. Counters of days change with every date; they are told where a level did something.
 */
#include "story.h"

#include "headroom/explain.h"
#include "headroom/log.h"

#include <string.h>

enum { LONGEST_DATA = 160, SIGNAL_WIDTH = 26 };

struct hr_story {
    struct hr_witness witness;
    bool json, heard;
    struct hr_home *home;
    struct hr_arena arenas[2]; /* of the state before and the state after, in turn */
    int now;                   /* the one of `last` */
    bool known;                /* `last` is there */
    struct hr_explanation last;
    struct hr_buffer out;
};

static void saw(void *context, struct hr_home *home, const struct hr_witnessed *what);

struct hr_story *hr_story_new(struct hr_str account, bool json)
{
    struct hr_story *story = hr_alloc(sizeof(*story));
    story->witness = (struct hr_witness){.account = account, .saw = saw, .context = story};
    story->json = json;
    hr_arena_init(&story->arenas[0]);
    hr_arena_init(&story->arenas[1]);
    return story;
}

void hr_story_destroy(struct hr_story *story)
{
    if (story) {
        hr_arena_clean_up(&story->arenas[0]);
        hr_arena_clean_up(&story->arenas[1]);
        hr_buffer_clean_up(&story->out);
        hr_free(story);
    }
}

const struct hr_witness *hr_story_witness(const struct hr_story *story)
{
    return &story->witness;
}

/* --- what has changed ---------------------------------------------------------------------------
 */

/* One step: the state before it (none for an account that begins) and after it. */
struct step {
    struct hr_story *story;
    struct hr_arena *arena;
    const struct hr_witnessed *what;
    const struct hr_explanation *before, *after; /* NULL: there is no such account then */
};

static const struct hr_level_now *level_before(
    const struct hr_explanation *before, const struct hr_level_now *level)
{
    for (size_t i = 0; before && i < before->level_count; i++) {
        const struct hr_level_now *old = &before->levels[i];
        if (old->rule == level->rule && hr_str_equal(old->text, level->text) &&
            old->has_subscription == level->has_subscription &&
            hr_str_equal(old->subscription, level->subscription)) {
            return old;
        }
    }
    return NULL;
}

/* Of the levels whose reason has changed, those that triggers do not tell of. A level that was not
 * there and is not there is nothing to tell. */
static bool is_news(const struct hr_level_now *old, const struct hr_level_now *level)
{
    bool same = old && old->why == level->why && old->claim == level->claim &&
                hr_str_equal(old->condition, level->condition);
    if (same || level->why == HR_WHY_FIRED) {
        return false;
    }
    if (level->why == HR_WHY_NOT_REACHED || level->why == HR_WHY_UNKNOWN) {
        return old && (hr_why_is_held(old->why) || old->why == HR_WHY_CLAIMED);
    }
    return true;
}

/* All levels for the same reason, which is not about any of them. */
static bool all_are(const struct hr_explanation *state, enum hr_why why)
{
    for (size_t i = 0; state && i < state->level_count; i++) {
        if (state->levels[i].why != why) {
            return false;
        }
    }
    return state && state->level_count > 0;
}

static enum hr_why common_reason(const struct hr_explanation *state)
{
    return all_are(state, HR_WHY_HISTORY) ? HR_WHY_HISTORY
           : all_are(state, HR_WHY_ENDED) ? HR_WHY_ENDED
                                          : HR_WHY_COUNT;
}

static bool is_own(const struct step *step, const struct hr_trigger *trigger)
{
    return hr_str_equal(trigger->account, step->story->witness.account);
}

static bool levels_moved(const struct step *step)
{
    for (size_t i = 0; i < step->what->trigger_count; i++) {
        if (is_own(step, &step->what->triggers[i])) {
            return true;
        }
    }
    for (size_t i = 0; step->after && i < step->after->level_count; i++) {
        const struct hr_level_now *level = &step->after->levels[i];
        if (is_news(level_before(step->before, level), level)) {
            return true;
        }
    }
    return common_reason(step->before) != common_reason(step->after);
}

static struct hr_str value_before(const struct step *step, const struct hr_signal *signal)
{
    for (size_t i = 0; step->before && i < step->before->signal_count; i++) {
        if (step->before->signals[i].signal == signal) {
            return step->before->signals[i].value;
        }
    }
    return HR_STR("");
}

static bool counts_days(const struct hr_signal *signal)
{
    return signal->kind == HR_SIGNAL_TENURE_DAYS || signal->kind == HR_SIGNAL_RENEWAL_DAYS ||
           signal->kind == HR_SIGNAL_PERIOD_ELAPSED;
}

/* --- for people ---------------------------------------------------------------------------------
 */

static const char *shown(const struct step *step, struct hr_str text)
{
    return hr_printable(step->arena, text, 400);
}

static const char *value_shown(const struct step *step, struct hr_str value)
{
    return value.len > 0 ? shown(step, value) : "unknown";
}

static const char *level_shown(const struct step *step, const struct hr_level_now *level)
{
    struct hr_str name = hr_arena_join(step->arena, level->rule->name, " ", level->text);
    if (level->subscription.len > 0) {
        name = hr_arena_join(step->arena, name, "@", level->subscription);
    }
    return shown(step, name);
}

/* The end of the JSON string that begins at `at`, or of the text. */
static size_t past_string(struct hr_str text, size_t at)
{
    for (at++; at < text.len && text.at[at] != '"'; at++) {
        at += text.at[at] == '\\';
    }
    return at < text.len ? at + 1 : text.len;
}

/* The end of the JSON value that begins at `at`: the comma or bracket behind it. */
static size_t past_value(struct hr_str text, size_t at)
{
    for (int depth = 0; at < text.len;) {
        char c = text.at[at];
        if (depth == 0 && (c == ',' || c == '}')) {
            break;
        }
        depth += (c == '{' || c == '[') - (c == '}' || c == ']');
        at = c == '"' ? past_string(text, at) : at + 1;
    }
    return at;
}

/* The member `data` of the line as it is written there; the whole line where there is none, as in
 * formats that keep it elsewhere and in what is no JSON. */
static const char *data_shown(const struct step *step)
{
    struct hr_str text = step->what->text;
    size_t at = 0;
    while (at < text.len && text.at[at] != '{') {
        at++;
    }
    for (at++; at < text.len; at++) { /* at a member's name, or white space before it */
        if (text.at[at] != '"') {
            continue;
        }
        size_t value = past_string(text, at);
        bool data = value - at == 6 && memcmp(text.at + at, "\"data\"", 6) == 0;
        while (value < text.len && (text.at[value] == ':' || text.at[value] == ' ')) {
            value++;
        }
        at = past_value(text, value);
        if (data) {
            text = (struct hr_str){text.at + value, at - value};
            break;
        }
    }
    return hr_printable(step->arena, text, LONGEST_DATA);
}

static const char *verdict_text(const struct step *step)
{
    const struct hr_witnessed *what = step->what;
    switch (what->verdict) {
    case HR_COUNTED:
    case HR_FORWARDED:
        break;
    case HR_DUPLICATE:
        return "a duplicate: its id was counted before";
    case HR_IGNORED:
        return "ignored: no meter counts it, and it is no account event";
    case HR_DEAD:
        return hr_arena_printf(
            step->arena, "refused, %s: %s", hr_reason_name(what->reason), what->detail)
            .at;
    }
    return NULL;
}

static void put_line(struct hr_buffer *out, const char *text)
{
    hr_put_printf(out, "%24s%s\n", "", text);
}

static void put_head(const struct step *step)
{
    struct hr_buffer *out = &step->story->out;
    const struct hr_witnessed *what = step->what;
    char moment[HR_TIME_TEXT] = "";
    hr_time_print(what->at, moment);
    if (!what->event) {
        hr_put_printf(out, "%-24s  time passes\n", moment);
        return;
    }
    hr_put_printf(out, "%-24s  %s  %s\n", moment, shown(step, what->event->type), data_shown(step));
    if (!hr_str_equal(what->event->account, what->account)) {
        put_line(out, hr_arena_printf(step->arena, "  came as %s, an alias of %s",
                          shown(step, what->event->account), shown(step, what->account))
                          .at);
    }
    const char *verdict = verdict_text(step);
    if (verdict) {
        put_line(out, hr_arena_printf(step->arena, "  %s", verdict).at);
    }
}

static void put_signals(const struct step *step)
{
    bool moved = levels_moved(step);
    for (size_t i = 0; step->after && i < step->after->signal_count; i++) {
        const struct hr_signal_now *now = &step->after->signals[i];
        struct hr_str was = value_before(step, now->signal);
        if (hr_str_equal(was, now->value) || (counts_days(now->signal) && !moved)) {
            continue;
        }
        hr_put_printf(&step->story->out, "%26s%-*s  %s -> %s\n", "", SIGNAL_WIDTH,
            shown(step, now->signal->text), value_shown(step, was), value_shown(step, now->value));
    }
}

static void put_trigger(const struct step *step, const struct hr_trigger *trigger)
{
    struct hr_str id = hr_trigger_id(trigger, step->arena);
    bool fired = trigger->kind == HR_FIRED;
    hr_put_printf(&step->story->out, "%24s%s %s (%s)%s\n", "", fired ? "* FIRED" : "* resolved",
        shown(step, id),
        fired ? hr_cause_name(trigger->cause) : hr_resolution_name(trigger->resolution),
        trigger->rule->shadow ? ", in shadow" : "");
}

static void put_levels(const struct step *step)
{
    struct hr_buffer *out = &step->story->out;
    enum hr_why common = common_reason(step->after);
    if (common != HR_WHY_COUNT && common_reason(step->before) != common) {
        struct hr_str why = hr_explain_why(step->arena, &step->after->levels[0]);
        hr_put_printf(out, "%24s- all rules: %s\n", "", why.at);
    }
    for (size_t i = 0; common == HR_WHY_COUNT && step->after && i < step->after->level_count; i++) {
        const struct hr_level_now *level = &step->after->levels[i];
        const struct hr_level_now *old = level_before(step->before, level);
        if (is_news(old, level)) {
            bool back = level->why == HR_WHY_NOT_REACHED && hr_why_is_held(old->why);
            hr_put_printf(out, "%24s- %s: %s%s\n", "", level_shown(step, level),
                back ? "went back before it could fire, " : "",
                shown(step, hr_explain_why(step->arena, level)));
        }
    }
}

static void tell_people(const struct step *step)
{
    put_head(step);
    put_signals(step);
    for (size_t i = 0; i < step->what->trigger_count; i++) {
        if (is_own(step, &step->what->triggers[i])) {
            put_trigger(step, &step->what->triggers[i]);
        }
    }
    put_levels(step);
}

/* --- for machines -------------------------------------------------------------------------------
 */

static const char *verdict_name(enum hr_verdict verdict)
{
    switch (verdict) {
    case HR_COUNTED:
    case HR_FORWARDED:
        break;
    case HR_DUPLICATE:
        return "duplicate";
    case HR_DEAD:
        return "dead_lettered";
    case HR_IGNORED:
        return "ignored";
    }
    return "counted";
}

static void json_event(const struct step *step, struct hr_doc *doc)
{
    const struct hr_witnessed *what = step->what;
    hr_doc_open(doc, "event", '{');
    hr_doc_bytes(doc, "type", what->event->type);
    hr_doc_bytes(doc, "id", what->event->id);
    hr_doc_bytes(doc, "account", what->event->account);
    hr_doc_time(doc, "time", what->event->time);
    hr_doc_text(doc, "verdict", hr_str(verdict_name(what->verdict)));
    if (what->verdict == HR_DEAD) {
        hr_doc_text(doc, "reason", hr_str(hr_reason_name(what->reason)));
        hr_doc_text(doc, "detail", hr_str(what->detail));
    }
    hr_doc_close(doc, '}');
}

static void json_value(struct hr_doc *doc, const char *key, struct hr_str value)
{
    if (value.len > 0) {
        hr_doc_text(doc, key, value);
    } else {
        hr_doc_null(doc, key);
    }
}

static void json_level(
    const struct step *step, const struct hr_level_now *level, struct hr_doc *doc)
{
    hr_doc_open(doc, NULL, '{');
    hr_doc_text(doc, "rule", level->rule->name);
    hr_doc_text(doc, "level", level->text);
    if (level->has_subscription) {
        hr_doc_text(doc, "subscription", level->subscription);
    }
    json_value(doc, "value", level->value);
    hr_doc_text(doc, "why", hr_str(hr_why_name(level->why)));
    if (level->why == HR_WHY_CLAIMED) {
        hr_doc_text(doc, "by", hr_str(hr_claim_name(level->claim)));
    }
    if (level->condition.len > 0) {
        hr_doc_text(doc, "condition", level->condition);
        hr_doc_text(doc, "found", level->asked);
    }
    if (!hr_time_is(level->until, HR_TIME_NONE)) {
        hr_doc_time(doc, "until", level->until);
    }
    hr_doc_text(doc, "text", hr_explain_why(step->arena, level));
    hr_doc_close(doc, '}');
}

static void json_signals(const struct step *step, struct hr_doc *doc)
{
    hr_doc_open(doc, "signals", '[');
    for (size_t i = 0; step->after && i < step->after->signal_count; i++) {
        const struct hr_signal_now *now = &step->after->signals[i];
        struct hr_str was = value_before(step, now->signal);
        if (!hr_str_equal(was, now->value)) {
            hr_doc_open(doc, NULL, '{');
            hr_doc_text(doc, "signal", now->signal->text);
            json_value(doc, "before", was);
            json_value(doc, "after", now->value);
            hr_doc_close(doc, '}');
        }
    }
    hr_doc_close(doc, ']');
}

static void tell_machines(const struct step *step)
{
    struct hr_buffer *out = &step->story->out;
    struct hr_doc doc = {.buffer = out};
    hr_doc_open(&doc, NULL, '{');
    hr_doc_time(&doc, "at", step->what->at);
    if (step->what->event) {
        json_event(step, &doc);
    }
    json_signals(step, &doc);
    hr_doc_open(&doc, "triggers", '[');
    for (size_t i = 0; i < step->what->trigger_count; i++) {
        if (is_own(step, &step->what->triggers[i])) {
            hr_doc_text(&doc, NULL, hr_trigger_id(&step->what->triggers[i], step->arena));
        }
    }
    hr_doc_close(&doc, ']');
    hr_doc_open(&doc, "levels", '[');
    for (size_t i = 0; step->after && i < step->after->level_count; i++) {
        const struct hr_level_now *level = &step->after->levels[i];
        if (is_news(level_before(step->before, level), level)) {
            json_level(step, level, &doc);
        }
    }
    hr_doc_close(&doc, ']');
    hr_doc_close(&doc, '}');
    hr_put_u8(out, '\n');
}

/* --- steps --------------------------------------------------------------------------------------
 */

static bool concerns(const struct hr_story *story, const struct hr_witnessed *what)
{
    return what->event && (hr_str_equal(what->event->account, story->witness.account) ||
                              hr_str_equal(what->account, story->witness.account));
}

static void flush(struct hr_story *story)
{
    hr_put_out(hr_buffer_str(&story->out));
    hr_buffer_clear(&story->out);
}

/* A fact of another account can be about this one, too: an alias is claimed, its usage moves. */
static void saw(void *context, struct hr_home *home, const struct hr_witnessed *what)
{
    struct hr_story *story = context;
    int next = 1 - story->now;
    struct hr_explanation state;
    bool about = concerns(story, what);
    story->home = home;
    if (!about && what->event && !what->event->fact) {
        return;
    }
    hr_arena_reset(&story->arenas[next]);
    bool known = hr_home_explain(home, story->witness.account, &story->arenas[next], &state);
    const struct step step = {.story = story,
        .arena = &story->arenas[next],
        .what = what,
        .before = story->known ? &story->last : NULL,
        .after = known ? &state : NULL};
    if (about || levels_moved(&step)) {
        story->heard = true;
        (story->json ? tell_machines : tell_people)(&step);
        flush(story);
    }
    story->last = state;
    story->known = known;
    story->now = next;
}

static void tell_end(struct hr_story *story)
{
    struct hr_grid grid;
    hr_grid_init(&grid, (const char *const[]){"RULE", ">LEVEL", ">VALUE", "", NULL});
    for (size_t i = 0; i < story->last.level_count; i++) {
        const struct hr_level_now *level = &story->last.levels[i];
        hr_grid_row(&grid, (struct hr_str[]){level->rule->name, level->text,
                               level->value.len > 0 ? level->value : HR_STR("unknown"),
                               hr_explain_why(&story->arenas[story->now], level)});
    }
    printf("\nat the end\n");
    hr_grid_print(&grid, "  ", stdout);
    hr_grid_clean_up(&grid);
}

bool hr_story_finish(struct hr_story *story)
{
    if (story->known && !story->json) {
        tell_end(story);
    }
    return story->heard;
}
