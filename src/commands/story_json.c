/* SPDX-License-Identifier: Apache-2.0 */
/* A step for machines: one object a line. */
#include "story_step.h"

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

static void json_event(const struct hr_story_step *step, struct hr_doc *doc)
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
    const struct hr_story_step *step, const struct hr_level_now *level, struct hr_doc *doc)
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

static void json_signals(const struct hr_story_step *step, struct hr_doc *doc)
{
    hr_doc_open(doc, "signals", '[');
    for (size_t i = 0; step->after && i < step->after->signal_count; i++) {
        const struct hr_signal_now *now = &step->after->signals[i];
        struct hr_str was = hr_story_value_before(step, now->signal);
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

static void json_score(const struct hr_explanation *state, struct hr_doc *doc)
{
    const struct hr_score *score = &state->score;
    hr_doc_open(doc, "score", '{');
    hr_doc_number(doc, "total", score->total);
    hr_doc_text(doc, "tier", score->tier);
    hr_doc_open(doc, "parts", '[');
    for (uint16_t i = 0; i < score->part_count; i++) {
        hr_doc_open(doc, NULL, '{');
        hr_doc_number(doc, "points", score->parts[i].given ? score->parts[i].row->points : 0);
        hr_doc_text(doc, "because", score->parts[i].because);
        hr_doc_close(doc, '}');
    }
    hr_doc_close(doc, ']');
    hr_doc_close(doc, '}');
    json_value(doc, "segment", state->segment);
}

/* Of what fired: what goes with it, as decided then. */
static void json_advice(const struct hr_story_step *step, struct hr_doc *doc)
{
    hr_doc_open(doc, "advice", '[');
    for (size_t i = 0; i < step->what->trigger_count; i++) {
        const struct hr_trigger *trigger = &step->what->triggers[i];
        if (trigger->advice && hr_story_is_own(step, trigger)) {
            hr_doc_open(doc, NULL, '{');
            hr_doc_text(doc, "trigger", hr_trigger_id(trigger, step->arena));
            json_value(doc, "recommend", hr_explain_recommend(step->arena, trigger->advice));
            json_value(doc, "route", hr_explain_route(step->arena, trigger->advice));
            hr_doc_close(doc, '}');
        }
    }
    hr_doc_close(doc, ']');
}

void hr_story_tell_machines(const struct hr_story_step *step)
{
    struct hr_buffer *out = &step->story->out;
    struct hr_doc doc = {.buffer = out};
    hr_doc_open(&doc, NULL, '{');
    hr_doc_time(&doc, "at", step->what->at);
    if (step->what->event) {
        json_event(step, &doc);
    }
    json_signals(step, &doc);
    if (step->after) {
        json_score(step->after, &doc);
    }
    hr_doc_open(&doc, "triggers", '[');
    for (size_t i = 0; i < step->what->trigger_count; i++) {
        if (hr_story_is_own(step, &step->what->triggers[i])) {
            hr_doc_text(&doc, NULL, hr_trigger_id(&step->what->triggers[i], step->arena));
        }
    }
    hr_doc_close(&doc, ']');
    json_advice(step, &doc);
    hr_doc_open(&doc, "levels", '[');
    for (size_t i = 0; step->after && i < step->after->level_count; i++) {
        const struct hr_level_now *level = &step->after->levels[i];
        if (hr_story_is_news(hr_story_level_before(step->before, level), level)) {
            json_level(step, level, &doc);
        }
    }
    hr_doc_close(&doc, ']');
    hr_doc_open(&doc, "dropped", '[');
    for (size_t i = 0; i < step->what->held_count; i++) {
        const struct hr_held *held = &step->what->held[i];
        if (hr_story_is_dropped(step, held)) {
            hr_doc_open(&doc, NULL, '{');
            hr_doc_text(&doc, "rule", held->rule->name);
            hr_doc_text(&doc, "level", hr_story_held_level(step, held));
            hr_doc_text(&doc, "why", hr_str(hr_why_name(held->why)));
            hr_doc_close(&doc, '}');
        }
    }
    hr_doc_close(&doc, ']');
    hr_doc_close(&doc, '}');
    hr_put_u8(out, '\n');
}
