/* SPDX-License-Identifier: Apache-2.0 */
/* A step for people: what came on a line that begins with its moment, what followed from it below.
 */
#include "story_step.h"

enum { LONGEST_DATA = 160, SIGNAL_WIDTH = 26 };

static bool counts_days(const struct hr_signal *signal)
{
    return signal->kind == HR_SIGNAL_TENURE_DAYS || signal->kind == HR_SIGNAL_RENEWAL_DAYS ||
           signal->kind == HR_SIGNAL_PERIOD_ELAPSED;
}

static const char *shown(const struct hr_story_step *step, struct hr_str text)
{
    return hr_printable(step->arena, text, 400);
}

static const char *value_shown(const struct hr_story_step *step, struct hr_str value)
{
    return value.len > 0 ? shown(step, value) : "unknown";
}

static const char *level_shown(const struct hr_story_step *step, const struct hr_level_now *level)
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
static const char *data_shown(const struct hr_story_step *step)
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

static const char *verdict_text(const struct hr_story_step *step)
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

static void put_head(const struct hr_story_step *step)
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

static void put_signals(const struct hr_story_step *step)
{
    bool moved = hr_story_levels_moved(step);
    for (size_t i = 0; step->after && i < step->after->signal_count; i++) {
        const struct hr_signal_now *now = &step->after->signals[i];
        struct hr_str was = hr_story_value_before(step, now->signal);
        if (hr_str_equal(was, now->value) || (counts_days(now->signal) && !moved)) {
            continue;
        }
        hr_put_printf(&step->story->out, "%26s%-*s  %s -> %s\n", "", SIGNAL_WIDTH,
            shown(step, now->signal->text), value_shown(step, was), value_shown(step, now->value));
    }
}

/* How the account stood: "score 80, high; segment startup", and what gave the points. */
static void put_standing(const struct hr_story_step *step, const struct hr_trigger *trigger)
{
    struct hr_buffer *out = &step->story->out;
    const struct hr_score *score = &trigger->advice->score;
    hr_put_printf(out, "%26sscore %lld, %s", "", (long long)score->total, shown(step, score->tier));
    hr_put_printf(out, "%s%s\n", trigger->advice->segment.at ? "; segment " : "",
        trigger->advice->segment.at ? shown(step, trigger->advice->segment) : "");
    for (uint16_t i = 0; i < score->part_count; i++) {
        if (score->parts[i].given) {
            hr_put_printf(out, "%28s%+d  %s\n", "", (int)score->parts[i].row->points,
                shown(step, score->parts[i].because));
        }
    }
}

/* What goes with a trigger that fired: as decided then, not as it would be now. */
static void put_advice(const struct hr_story_step *step, const struct hr_advice *advice)
{
    struct hr_str recommend = hr_explain_recommend(step->arena, advice);
    struct hr_str route = hr_explain_route(step->arena, advice);
    if (recommend.len > 0) {
        hr_put_printf(&step->story->out, "%26srecommends %s\n", "", shown(step, recommend));
    }
    if (route.len > 0) {
        hr_put_printf(&step->story->out, "%26sgoes to %s\n", "", shown(step, route));
    }
}

static void put_trigger(const struct hr_story_step *step, const struct hr_trigger *trigger)
{
    struct hr_str id = hr_trigger_id(trigger, step->arena);
    bool fired = trigger->kind == HR_FIRED;
    hr_put_printf(&step->story->out, "%24s%s %s (%s)%s\n", "", fired ? "* FIRED" : "* resolved",
        shown(step, id),
        fired ? hr_cause_name(trigger->cause) : hr_resolution_name(trigger->resolution),
        trigger->rule->shadow ? ", in shadow"
        : trigger->held_out   ? ", held out"
                              : "");
    if (fired) {
        put_advice(step, trigger->advice);
        put_standing(step, trigger);
    }
}

static void put_levels(const struct hr_story_step *step)
{
    struct hr_buffer *out = &step->story->out;
    for (size_t i = 0; i < step->what->held_count; i++) {
        const struct hr_held *held = &step->what->held[i];
        if (hr_story_is_dropped(step, held)) {
            struct hr_str name =
                hr_arena_join(step->arena, held->rule->name, " ", hr_story_held_level(step, held));
            hr_put_printf(out, "%24s- %s: a late crossing, dropped because of %s\n", "",
                shown(step, name), hr_why_name(held->why));
        }
    }
    enum hr_why common = hr_story_common_reason(step->after);
    if (common != HR_WHY_COUNT && hr_story_common_reason(step->before) != common) {
        struct hr_str why = hr_explain_why(step->arena, &step->after->levels[0]);
        hr_put_printf(out, "%24s- all rules: %s\n", "", why.at);
    }
    for (size_t i = 0; common == HR_WHY_COUNT && step->after && i < step->after->level_count; i++) {
        const struct hr_level_now *level = &step->after->levels[i];
        const struct hr_level_now *old = hr_story_level_before(step->before, level);
        if (hr_story_is_news(old, level)) {
            bool back = level->why == HR_WHY_NOT_REACHED && hr_why_is_held(old->why);
            hr_put_printf(out, "%24s- %s: %s%s\n", "", level_shown(step, level),
                back ? "went back before it could fire, " : "",
                shown(step, hr_explain_why(step->arena, level)));
        }
    }
}

void hr_story_tell_people(const struct hr_story_step *step)
{
    put_head(step);
    put_signals(step);
    for (size_t i = 0; i < step->what->trigger_count; i++) {
        if (hr_story_is_own(step, &step->what->triggers[i])) {
            put_trigger(step, &step->what->triggers[i]);
        }
    }
    put_levels(step);
}
