/* SPDX-License-Identifier: Apache-2.0 */
/* Formats of the user's own.
 *
 * `like` is resolved in the settings, before anything is compiled: what the user left out is copied
 * from the preset. So the canonical text says the whole format, also in a manifest that a later
 * version reads whose presets have changed, and `headroom check` shows a user what a preset is. */
#include "compile.h"
#include "scalar.h"

#include "headroom/event.h"

/* --------------------------------------------------------------- like */

static bool given(struct hr_compiling *compiling, const struct hr_path *at, const char *key)
{
    struct hr_path place = hr_path_key(at, hr_str(key));
    return hr_config_has(compiling->complainer, &place);
}

static void take_str(struct hr_compiling *compiling, const struct hr_path *at, const char *key,
    struct hr_str *to, struct hr_str from)
{
    if (!given(compiling, at, key) && from.len) {
        *to = from;
    }
}

static void take_places(struct hr_compiling *compiling, const struct hr_path *at, const char *key,
    struct hr_str **to, size_t *count, const struct hr_str from[HR_FORMAT_PLACES])
{
    if (given(compiling, at, key)) {
        return;
    }
    *to = hr_arena_zeroed(compiling->arena, HR_FORMAT_PLACES * sizeof **to);
    *count = 0;
    while (*count < HR_FORMAT_PLACES && from[*count].len) {
        (*to)[*count] = from[*count];
        ++*count;
    }
}

static bool some_event_takes(
    const struct hr_format_event_setting *events, size_t count, struct hr_str field)
{
    for (size_t i = 0; i < count; i++) {
        if (events[i].is.at && hr_account_event_takes(events[i].is, field)) {
            return true;
        }
    }
    return false;
}

/* The user's own first, then those of the preset that they do not name and that an event takes. */
static void take_fields(struct hr_compiling *compiling, struct hr_mapping_setting **to,
    size_t *count, const struct hr_format_field *from, size_t from_count,
    const struct hr_format_event_setting *events, size_t event_count)
{
    struct hr_mapping_setting *all =
        hr_arena_zeroed(compiling->arena, (*count + from_count + 1) * sizeof *all);
    size_t own = *count;
    for (size_t i = 0; i < own; i++) {
        all[i] = (*to)[i];
    }
    for (size_t i = 0; i < from_count; i++) {
        size_t j = 0;
        while (j < own && !hr_str_equal(all[j].name, from[i].name)) {
            j++;
        }
        if (j == own && some_event_takes(events, event_count, from[i].name)) {
            all[*count] = (struct hr_mapping_setting){from[i].name, from[i]};
            all[*count].field.name = (struct hr_str){NULL, 0};
            ++*count;
        }
    }
    *to = all;
}

static struct hr_condition_setting condition_of(const struct hr_format_test *test)
{
    bool text = test->other.len || test->literal.kind == HR_LITERAL_TEXT;
    return (struct hr_condition_setting){.subject = test->at,
        .operator= test->operator,
        .literal = {.form = text ? HR_FORM_TEXT : HR_FORM_PLAIN,
            .number = test->literal.number,
            .text = test->other.len ? test->other : test->literal.text} };
}

static void take_events(
    struct hr_compiling *compiling, struct hr_format_setting *to, const struct hr_format *preset)
{
    to->events =
        hr_arena_zeroed(compiling->arena, (preset->event_count + (size_t)1) * sizeof *to->events);
    to->events_count = preset->event_count;
    for (size_t i = 0; i < to->events_count; i++) {
        const struct hr_format_event *from = &preset->events[i];
        struct hr_format_event_setting *event = &to->events[i];
        event->is = from->is.len ? from->is : HR_STR("ignored");
        event->type = hr_arena_zeroed(compiling->arena, HR_FORMAT_TYPES * sizeof *event->type);
        for (size_t j = 0; j < HR_FORMAT_TYPES && from->types[j].len; j++) {
            event->type[event->type_count++] = from->types[j];
        }
        event->where = hr_arena_zeroed(compiling->arena, HR_FORMAT_TESTS * sizeof *event->where);
        for (size_t j = 0; j < from->test_count; j++) {
            event->where[event->where_count++] = condition_of(&from->tests[j]);
        }
        take_fields(compiling, &event->fields, &event->fields_count, from->fields,
            from->field_count, event, 1);
    }
}

static void take_preset(struct hr_compiling *compiling, struct hr_format_setting *to,
    const struct hr_format *from, const struct hr_path *at)
{
    take_str(compiling, at, "inside", &to->inside, from->inside);
    take_places(compiling, at, "id", &to->id, &to->id_count, from->id);
    take_places(compiling, at, "account", &to->account, &to->account_count, from->accounts);
    take_places(compiling, at, "time", &to->time, &to->time_count, from->time);
    take_places(compiling, at, "data", &to->data, &to->data_count, from->data);
    if (!given(compiling, at, "source_is") && !given(compiling, at, "source")) {
        /* A preset may have both: a constant for events without a source. */
        take_str(compiling, at, "source", &to->source, from->source);
        take_str(compiling, at, "source_is", &to->source_is, from->source_is);
    }
    if (!given(compiling, at, "type_is")) {
        take_str(compiling, at, "type", &to->type, from->type);
    }
    if (!given(compiling, at, "notation")) {
        to->notation = from->notation;
    }
    if (!given(compiling, at, "data_is_text")) {
        to->data_is_text = from->data_is_text;
    }
    if (!given(compiling, at, "data_are_fields")) {
        to->data_are_fields = from->data_are_fields;
    }
    if (!given(compiling, at, "events")) {
        take_events(compiling, to, from);
    }
    take_fields(compiling, &to->fields, &to->fields_count, from->fields, from->field_count,
        to->events, to->events_count);
}

static void resolve_like(
    struct hr_compiling *compiling, struct hr_format_setting *setting, const struct hr_path *at)
{
    if (!setting->like.at) {
        return;
    }
    struct hr_path place = hr_path_key(at, HR_STR("like"));
    const struct hr_format *preset = hr_format_preset(setting->like);
    if (preset && preset->shape == HR_SHAPE_FIELDS) {
        take_preset(compiling, setting, preset, at);
    } else if (preset) {
        hr_complain(compiling->complainer, &place, "has no pointers that could be changed");
    } else {
        const struct hr_format *presets;
        size_t count = hr_format_presets(&presets);
        struct hr_str *known = hr_arena_zeroed(compiling->complainer->arena, count * sizeof *known);
        for (size_t i = 0; i < count; i++) {
            known[i] = presets[i].name;
        }
        hr_complain(compiling->complainer, &place, "is not the name of a preset%s",
            hr_did_you_mean(compiling->complainer, setting->like, known, count));
    }
}

/* -------------------------------------------------------------- fields */

static void complain_field(
    struct hr_compiling *compiling, struct hr_str name, const struct hr_path *path)
{
    struct hr_str known[128];
    size_t count = hr_account_event_fields(known, 128);
    bool of_others = false;
    for (size_t i = 0; i < count; i++) {
        of_others |= hr_str_equal(known[i], name);
    }
    hr_complain(compiling->complainer, path, "is no field of these account events%s",
        of_others ? "" : hr_did_you_mean(compiling->complainer, name, known, count));
}

static void check_words(
    struct hr_compiling *compiling, const struct hr_format_field *field, const struct hr_path *path)
{
    bool sums = field->in.len || field->times[0].len || field->per[0].len;
    if (sums && field->notation != HR_AS_WRITTEN && field->notation != HR_AS_MAJOR) {
        hr_complain(compiling->complainer, path,
            "is a number with times, per or in, which only as major can follow");
    }
    if (field->every[0].len && !field->per[0].len && field->notation != HR_AS_PERIOD) {
        hr_complain(compiling->complainer, path, "has every without per or as period");
    }
}

/* The entries of `events` are those whose fields they are. */
static const struct hr_format_field *compile_fields(struct hr_compiling *compiling,
    const struct hr_mapping_setting *from, size_t count,
    const struct hr_format_event_setting *events, size_t event_count, const struct hr_path *at)
{
    struct hr_path fields_at = hr_path_key(at, HR_STR("fields"));
    struct hr_format_field *fields =
        hr_arena_zeroed(compiling->arena, (count + 1) * sizeof *fields);
    bool whole = false;
    for (size_t i = 0; i < count; i++) {
        whole |= hr_str_is(from[i].name, "limits");
    }
    for (size_t i = 0; i < count; i++) {
        struct hr_path place = hr_path_key(&fields_at, from[i].name);
        fields[i] = from[i].field;
        fields[i].name = from[i].name;
        check_words(compiling, &fields[i], &place);
        if (event_count && !some_event_takes(events, event_count, from[i].name)) {
            complain_field(compiling, from[i].name, &place);
        }
        if (whole && hr_str_starts(from[i].name, "limits.")) {
            hr_complain(compiling->complainer, &place, "cannot stand beside limits as a whole");
        }
    }
    return fields;
}

/* -------------------------------------------------------------- events */

static void compile_test(struct hr_compiling *compiling, struct hr_condition_setting *from,
    struct hr_format_test *test, const struct hr_path *path)
{
    hr_fit_field(&from->literal);
    struct hr_literal literal = hr_compile_literal(&from->literal);
    *test = (struct hr_format_test){
        .at = from->subject, .operator= from->operator, .literal = literal };
    if (literal.kind != HR_LITERAL_TEXT) {
        return;
    }
    if (hr_str_starts(literal.text, "/")) {
        const char *problem = hr_check_pointer(literal.text);
        test->other = literal.text;
        test->literal = (struct hr_literal){.kind = HR_LITERAL_TEXT, .text = HR_STR("")};
        if (problem) {
            hr_complain(compiling->complainer, path, "%s", problem);
        }
    } else if (from->operator!= HR_EQUAL && from->operator!= HR_NOT_EQUAL) {
        hr_complain(
            compiling->complainer, path, "compares text, for which only = and != are meant");
    }
}

static void compile_event(struct hr_compiling *compiling, struct hr_format_event_setting *from,
    struct hr_format_event *event, const struct hr_path *at)
{
    struct hr_path is_at = hr_path_key(at, HR_STR("is"));
    struct hr_path where_at = hr_path_key(at, HR_STR("where"));
    bool ignored = hr_str_is(from->is, "ignored");
    if (from->is.at && !ignored && !hr_account_event_is(from->is)) {
        hr_complain(compiling->complainer, &is_at,
            "is neither an account event, such as subscription.updated, nor ignored");
    }
    event->is = ignored ? HR_STR("") : from->is;
    for (size_t i = 0; i < from->type_count && i < HR_FORMAT_TYPES; i++) {
        event->types[i] = from->type[i];
    }
    for (size_t i = 0; i < from->where_count && i < HR_FORMAT_TESTS; i++) {
        struct hr_path place = hr_path_index(&where_at, i);
        bool alone = !hr_config_has(compiling->complainer, &place);
        if (from->where[i].subject.at) {
            compile_test(compiling, &from->where[i], &event->tests[event->test_count++],
                alone ? &where_at : &place);
        }
    }
    event->fields = compile_fields(compiling, from->fields, from->fields_count, from, 1, at);
    event->field_count = (uint16_t)from->fields_count;
}

static const struct hr_format_event *compile_events(
    struct hr_compiling *compiling, struct hr_format_setting *from, const struct hr_path *at)
{
    struct hr_path events_at = hr_path_key(at, HR_STR("events"));
    struct hr_format_event *events =
        hr_arena_zeroed(compiling->arena, (from->events_count + 1) * sizeof *events);
    for (size_t i = 0; i < from->events_count; i++) {
        struct hr_path place = hr_path_index(&events_at, i);
        compile_event(compiling, &from->events[i], &events[i], &place);
    }
    return events;
}

/* ------------------------------------------------------------- formats */

static void check_format(
    struct hr_compiling *compiling, const struct hr_format_setting *from, const struct hr_path *at)
{
    static const char *const needed[] = {"id", "account"};
    const size_t counts[] = {from->id_count, from->account_count};
    if (hr_format_preset(from->name)) {
        hr_complain(compiling->complainer, at, "is the name of a preset; take another");
    }
    for (size_t i = 0; i < 2; i++) {
        struct hr_path place = hr_path_key(at, hr_str(needed[i]));
        if (!counts[i] && !given(compiling, at, needed[i])) {
            hr_complain(compiling->complainer, &place, "is missing");
        }
    }
    if (!from->type.at == !from->type_is.at) {
        hr_complain(compiling->complainer, at, "must have either type or type_is");
    }
    if (from->source.at && from->source_is.at && !from->like.at) {
        hr_complain(compiling->complainer, at, "must not have both source and source_is");
    }
    if ((from->fields_count || from->data_are_fields) && !from->events_count) {
        hr_complain(compiling->complainer, at,
            "names fields of account events, but no events that are such");
    }
}

static void copy_places(struct hr_str to[HR_FORMAT_PLACES], const struct hr_str *from, size_t count)
{
    for (size_t i = 0; i < count && i < HR_FORMAT_PLACES; i++) {
        to[i] = from[i];
    }
}

/* One without a source has its name as one: the ids of two formats never meet. */
static void compile_format(struct hr_compiling *compiling, struct hr_format_setting *from,
    struct hr_format *format, const struct hr_path *at)
{
    *format = (struct hr_format){
        .name = from->name,
        .shape = HR_SHAPE_FIELDS,
        .inside = from->inside,
        .source = from->source,
        .source_is = from->source.at || from->source_is.at ? from->source_is : from->name,
        .type = from->type,
        .type_is = from->type_is,
        .notation = (enum hr_time_notation)from->notation,
        .data_is_text = from->data_is_text,
        .data_are_fields = from->data_are_fields,
        .events = compile_events(compiling, from, at),
        .event_count = (uint16_t)from->events_count,
        .fields = compile_fields(
            compiling, from->fields, from->fields_count, from->events, from->events_count, at),
        .field_count = (uint16_t)from->fields_count,
    };
    copy_places(format->id, from->id, from->id_count);
    copy_places(format->accounts, from->account, from->account_count);
    copy_places(format->time, from->time, from->time_count);
    copy_places(format->data, from->data, from->data_count);
}

const struct hr_format *hr_compile_formats(struct hr_compiling *compiling)
{
    struct hr_settings *settings = compiling->settings;
    struct hr_path top = {0};
    struct hr_path formats_at = hr_path_key(&top, HR_STR("formats"));
    struct hr_format *formats =
        hr_arena_zeroed(compiling->arena, (settings->formats_count + 1) * sizeof *formats);
    for (size_t i = 0; i < settings->formats_count; i++) {
        struct hr_format_setting *from = &settings->formats[i];
        struct hr_path at = hr_path_key(&formats_at, from->name);
        resolve_like(compiling, from, &at);
        check_format(compiling, from, &at);
        compile_format(compiling, from, &formats[i], &at);
    }
    return formats;
}
