/* SPDX-License-Identifier: Apache-2.0 */
/* Meters, the event types that feed them, and their windows. Meters of one event type share its
 * list of fields, so that the decoder looks up each field of an event once. */
#include "compile.h"

#include "headroom/hash.h"
#include "scalar.h"

/* Types of account events (EVENTS.md), those of coming features included: a meter on one would
 * change its meaning the day the feature comes. */
static const char *const account_events[] = {
    "subscription.created",
    "subscription.updated",
    "subscription.renewed",
    "subscription.cancelled",
    "invoice.paid",
    "invoice.payment_failed",
    "account.updated",
    "account.erased",
    "trial.started",
    "trial.ended",
    "feature.interest",
    "milestone.achieved",
    "feedback.nps",
    "feedback.csat",
    "health.updated",
    "engagement.executive",
    "opportunity.stage_changed",
    "prompt.shown",
    "prompt.dismissed",
    "prompt.accepted",
    "usage.corrected",
    "silence.set",
    "silence.cleared",
};

static bool is_account_event(struct hr_str name)
{
    for (size_t i = 0; i < sizeof(account_events) / sizeof *account_events; i++) {
        if (hr_str_is(name, account_events[i])) {
            return true;
        }
    }
    return false;
}

/* ---------------------------------------------------------------- types */

static uint16_t find_type(struct hr_compiling *compiling, struct hr_str name)
{
    struct hr_rules *rules = compiling->rules;
    for (uint16_t i = 0; i < rules->type_count; i++) {
        if (hr_str_equal(compiling->types[i].name, name)) {
            return i;
        }
    }
    compiling->types[rules->type_count].name = name;
    return rules->type_count++;
}

/* The fields that all meters of a type name, each once, in the order of mention. */
static void collect_fields(struct hr_compiling *compiling, struct hr_event_type *type)
{
    size_t most = 0;
    for (size_t i = 0; i < compiling->counted_count; i++) {
        if (&compiling->types[compiling->meters[i].type] == type) {
            most += 2 + compiling->counted[i].where_count;
        }
    }
    struct hr_str *fields = hr_arena_zeroed(compiling->arena, (most + 1) * sizeof *fields);
    uint16_t *meters = hr_arena_zeroed(compiling->arena, (most + 1) * sizeof *meters);
    type->fields = fields;
    type->meters = meters;
    for (size_t i = 0; i < compiling->counted_count; i++) {
        const struct hr_meter_setting *from = &compiling->counted[i];
        if (&compiling->types[compiling->meters[i].type] != type) {
            continue;
        }
        meters[type->meter_count++] = (uint16_t)i;
        for (size_t j = 0; j < 2 + from->where_count; j++) {
            struct hr_str field = j == 0   ? from->value
                                  : j == 1 ? from->by
                                           : from->where[j - 2].subject;
            bool known = !field.at;
            for (uint16_t k = 0; k < type->field_count && !known; k++) {
                known = hr_str_equal(fields[k], field);
            }
            if (!known) {
                fields[type->field_count++] = field;
            }
        }
    }
}

static uint16_t field_index(const struct hr_event_type *type, struct hr_str field)
{
    uint16_t i = 0;
    while (i + 1 < type->field_count && !hr_str_equal(type->fields[i], field)) {
        i++;
    }
    return i;
}

/* --------------------------------------------------------------- meters */

static void check_meter(
    struct hr_compiling *compiling, const struct hr_meter_setting *from, const struct hr_path *at)
{
    struct hr_path event_at = hr_path_key(at, HR_STR("event"));
    struct hr_path value_at = hr_path_key(at, HR_STR("value"));
    bool counts = from->aggregate == HR_COUNT;
    if (from->event.at && is_account_event(from->event)) {
        hr_complain(compiling->complainer, &event_at,
            "is an account event, which says what billing and product know; a meter counts usage");
    }
    if (counts && from->value.at) {
        hr_complain(compiling->complainer, &value_at, "must be left out, for count counts events");
    }
    if (!counts && !hr_config_has(compiling->complainer, &value_at)) {
        hr_complain(compiling->complainer, &value_at,
            "is missing; all aggregates but count need a value, such as /value");
    }
}

static void compile_where(struct hr_compiling *compiling, const struct hr_meter_setting *from,
    struct hr_meter *meter, const struct hr_path *at)
{
    struct hr_path where_at = hr_path_key(at, HR_STR("where"));
    struct hr_where *where =
        hr_arena_zeroed(compiling->arena, (from->where_count + 1) * sizeof *where);
    for (size_t i = 0; i < from->where_count; i++) {
        struct hr_condition_setting *condition = &from->where[i];
        struct hr_path place = hr_path_index(&where_at, i);
        if (!condition->subject.at) {
            continue;
        }
        hr_fit_field(&condition->literal);
        bool compares_order = condition->operator!= HR_EQUAL && condition->operator!= HR_NOT_EQUAL;
        if (compares_order && condition->literal.form == HR_FORM_TEXT) {
            hr_complain(
                compiling->complainer, &place, "compares text, for which only = and != are meant");
        }
        where[i] = (struct hr_where){
            .field = field_index(&compiling->types[meter->type], condition->subject),
            .operator= condition->operator,
            .literal = hr_compile_literal(&condition->literal),
        };
    }
    meter->where = where;
    meter->where_count = (uint16_t)from->where_count;
}

static void list_windows(struct hr_compiling *compiling, const struct hr_meter_setting *from,
    uint16_t meter, const struct hr_path *at)
{
    struct hr_path windows_at = hr_path_key(at, HR_STR("windows"));
    struct hr_meter_draft *draft = &compiling->drafts[meter];
    draft->window_room = 8;
    draft->windows = hr_arena_zeroed(compiling->arena, draft->window_room * sizeof *draft->windows);
    draft->windows[draft->window_count++] =
        (struct hr_window){.kind = HR_WINDOW_PERIOD, .text = HR_STR("period")};
    for (size_t i = 0; i < from->windows_count; i++) {
        struct hr_path place = hr_path_index(&windows_at, i);
        if (from->windows[i].text.at) {
            (void)hr_add_window(compiling, meter, &from->windows[i], &place);
        }
    }
}

#define GROUPS_DEFAULT 100

static void compile_by(struct hr_compiling *compiling, const struct hr_meter_setting *from,
    uint16_t index, const struct hr_path *at)
{
    struct hr_path groups_at = hr_path_key(at, HR_STR("groups"));
    struct hr_meter *meter = &compiling->meters[index];
    if (!from->by.at) {
        if (hr_config_has(compiling->complainer, &groups_at)) {
            hr_complain(
                compiling->complainer, &groups_at, "bounds the values of by, which is missing");
        }
        return;
    }
    meter->has_by = true;
    meter->by = field_index(&compiling->types[meter->type], from->by);
    meter->group_most = (uint16_t)(from->groups ? from->groups : GROUPS_DEFAULT);
    compiling->group_count += meter->group_most;
    (void)hr_add_group(compiling, index, HR_STR("other"));
    if (compiling->group_count > HR_GROUPS_MOST) {
        hr_complain(compiling->complainer, &groups_at,
            "is too many groups: all meters together may have %d", HR_GROUPS_MOST);
    }
}

static void compile_worth(struct hr_compiling *compiling, const struct hr_meter_setting *from,
    struct hr_meter *meter, const struct hr_path *at)
{
    struct hr_path worth_at = hr_path_key(at, HR_STR("worth"));
    const struct hr_written *worth = &from->worth;
    if (!worth->text.at) {
        return;
    }
    if (worth->form != HR_FORM_MONEY && worth->form != HR_FORM_PLAIN) {
        hr_complain(
            compiling->complainer, &worth_at, "must be an amount of money, such as 0.02 USD");
        return;
    }
    meter->has_worth = true;
    meter->worth = worth->number;
    memcpy(meter->worth_currency, worth->currency[0] ? worth->currency : compiling->rules->currency,
        4);
}

/* State is stored under half a hash of the meter's name, so no two may share it. */
static void check_keys(struct hr_compiling *compiling, uint16_t meter, const struct hr_path *path)
{
    for (uint16_t i = 0; i < meter; i++) {
        if (compiling->meters[i].key == compiling->meters[meter].key) {
            hr_complain(compiling->complainer, path,
                "has the same hash as meter %s, by chance; rename it",
                hr_quote(compiling->complainer, compiling->meters[i].name));
        }
    }
}

/* A feature is a meter that counts its uses, under a name that no meter can have. */
static void list_counted(struct hr_compiling *compiling)
{
    const struct hr_settings *settings = compiling->settings;
    size_t count = settings->meters_count + settings->features_count;
    struct hr_meter_setting *counted =
        hr_arena_zeroed(compiling->arena, (count + 1) * sizeof *counted);
    for (size_t i = 0; i < settings->meters_count; i++) {
        counted[i] = settings->meters[i];
    }
    for (size_t i = 0; i < settings->features_count; i++) {
        counted[settings->meters_count + i] = (struct hr_meter_setting){
            .name =
                hr_arena_join(compiling->arena, HR_STR("feature"), ".", settings->features[i].name),
            .event = settings->features[i].event,
            .aggregate = HR_COUNT,
        };
    }
    compiling->counted = counted;
    compiling->counted_count = count;
}

/* Where it stands in the file. */
static struct hr_path place_of(
    const struct hr_compiling *compiling, uint16_t index, const struct hr_path *levels[2])
{
    size_t meters = compiling->settings->meters_count;
    return index < meters
               ? hr_path_key(levels[0], compiling->settings->meters[index].name)
               : hr_path_key(levels[1], compiling->settings->features[index - meters].name);
}

static void compile_feature(struct hr_compiling *compiling, uint16_t index)
{
    size_t meters = compiling->settings->meters_count;
    if (index >= meters) {
        const struct hr_feature_setting *from = &compiling->settings->features[index - meters];
        compiling->meters[index].feature = true;
        compiling->meters[index].trial = from->trial.at ? from->trial : from->name;
    }
}

void hr_compile_meters(struct hr_compiling *compiling)
{
    struct hr_rules *rules = compiling->rules;
    list_counted(compiling);
    size_t count = compiling->counted_count;
    compiling->meters = hr_arena_zeroed(compiling->arena, (count + 1) * sizeof *compiling->meters);
    compiling->types = hr_arena_zeroed(compiling->arena, (count + 1) * sizeof *compiling->types);
    compiling->drafts = hr_arena_zeroed(compiling->arena, (count + 1) * sizeof *compiling->drafts);
    rules->meters = compiling->meters;
    rules->meter_count = (uint16_t)count;
    rules->types = compiling->types;
    for (uint16_t i = 0; i < rules->meter_count; i++) {
        compiling->meters[i].type = find_type(compiling, compiling->counted[i].event);
    }
    for (uint16_t i = 0; i < rules->type_count; i++) {
        collect_fields(compiling, &compiling->types[i]);
    }

    struct hr_path top = {0};
    struct hr_path meters_at = hr_path_key(&top, HR_STR("meters"));
    struct hr_path features_at = hr_path_key(&top, HR_STR("features"));
    const struct hr_path *levels[2] = {&meters_at, &features_at};
    for (uint16_t i = 0; i < rules->meter_count; i++) {
        const struct hr_meter_setting *from = &compiling->counted[i];
        struct hr_meter *meter = &compiling->meters[i];
        struct hr_path at = place_of(compiling, i, levels);
        const struct hr_event_type *type = &compiling->types[meter->type];
        check_meter(compiling, from, &at);
        meter->name = from->name;
        meter->key = (uint32_t)hr_hash64(from->name, 0);
        meter->aggregate = (enum hr_aggregate)from->aggregate;
        meter->value = from->value.at ? (int32_t)field_index(type, from->value) : -1;
        meter->limit = from->limit;
        compile_where(compiling, from, meter, &at);
        compile_feature(compiling, i);
        compile_by(compiling, from, i, &at);
        compile_worth(compiling, from, meter, &at);
        list_windows(compiling, from, i, &at);
        check_keys(compiling, i, &at);
    }
}

/* -------------------------------------------------------------- windows */

bool hr_add_window(struct hr_compiling *compiling, uint16_t meter, const struct hr_window *window,
    const struct hr_path *path)
{
    struct hr_meter_draft *draft = &compiling->drafts[meter];
    for (uint16_t i = 0; i < draft->window_count; i++) {
        struct hr_window *kept = &draft->windows[i];
        if (kept->kind != window->kind || kept->span_us != window->span_us) {
            continue;
        }
        bool same = compiling->by_itself || hr_str_equal(kept->text, window->text);
        kept->unseen &= window->unseen || compiling->by_itself;
        if (!same) {
            hr_complain(compiling->complainer, path,
                "names the window %.*s, elsewhere written %.*s; write one of them everywhere",
                (int)window->text.len, window->text.at, (int)kept->text.len, kept->text.at);
        }
        return same;
    }
    if (draft->window_count == 32) {
        hr_complain(
            compiling->complainer, path, "is one window too many for this meter; at most 32");
        return false;
    }
    if (draft->window_count == draft->window_room) {
        struct hr_window *more =
            hr_arena_zeroed(compiling->arena, 2 * draft->window_room * sizeof *more);
        memcpy(more, draft->windows, draft->window_count * sizeof *more);
        draft->windows = more;
        draft->window_room = (uint16_t)(2 * draft->window_room);
    }
    draft->windows[draft->window_count] = *window;
    draft->windows[draft->window_count++].unseen |= compiling->by_itself;
    return true;
}

uint16_t hr_add_group(struct hr_compiling *compiling, uint16_t meter, struct hr_str value)
{
    struct hr_meter_draft *draft = &compiling->drafts[meter];
    for (uint16_t i = 0; i < draft->named_count; i++) {
        if (hr_str_equal(draft->named[i], value)) {
            return i;
        }
    }
    if (draft->named_count == draft->named_room) {
        uint16_t room = draft->named_room ? (uint16_t)(2 * draft->named_room) : 4;
        struct hr_str *more = hr_arena_zeroed(compiling->arena, room * sizeof *more);
        if (draft->named_count > 0) {
            memcpy(more, draft->named, draft->named_count * sizeof *more);
        }
        draft->named = more;
        draft->named_room = room;
    }
    draft->named[draft->named_count] = value;
    return draft->named_count++;
}

static void check_groups(struct hr_compiling *compiling, uint16_t meter)
{
    const struct hr_meter_setting *from = &compiling->counted[meter];
    struct hr_path top = {0};
    struct hr_path meters_at = hr_path_key(&top, HR_STR("meters"));
    struct hr_path at = hr_path_key(&meters_at, from->name);
    struct hr_path groups_at = hr_path_key(&at, HR_STR("groups"));
    unsigned named = compiling->drafts[meter].named_count;
    if (compiling->meters[meter].has_by && named - 1 > compiling->meters[meter].group_most) {
        hr_complain(compiling->complainer, &groups_at,
            "is less than the %u values of by that rules name", named - 1);
    }
}

/* For the order of windows only: a month is its longest. */
static int64_t width_of(const struct hr_window *window)
{
    switch (window->kind) {
    case HR_WINDOW_DAY:
        return HR_DAY;
    case HR_WINDOW_WEEK:
        return 7 * HR_DAY;
    case HR_WINDOW_MONTH:
        return 31 * HR_DAY;
    default:
        return window->span_us; /* the period: 0, before all others */
    }
}

static bool goes_before(const struct hr_window *a, const struct hr_window *b)
{
    int64_t left = width_of(a), right = width_of(b);
    return left != right ? left < right : a->kind < b->kind;
}

static void sort_windows(struct hr_meter_draft *draft)
{
    for (uint16_t i = 1; i < draft->window_count; i++) {
        struct hr_window moving = draft->windows[i];
        uint16_t to = i;
        for (; to > 0 && goes_before(&moving, &draft->windows[to - 1]); to--) {
            draft->windows[to] = draft->windows[to - 1];
        }
        draft->windows[to] = moving;
    }
}

void hr_finish_windows(struct hr_compiling *compiling)
{
    for (uint16_t i = 0; i < compiling->rules->meter_count; i++) {
        struct hr_meter_draft *draft = &compiling->drafts[i];
        sort_windows(draft);
        compiling->meters[i].windows = draft->windows;
        compiling->meters[i].window_count = draft->window_count;
        compiling->meters[i].named = draft->named;
        compiling->meters[i].named_count = draft->named_count;
        check_groups(compiling, i);
    }
    struct hr_signal *signals =
        hr_arena_zeroed(compiling->arena, (compiling->signal_count + 1u) * sizeof *signals);
    for (uint16_t i = 0; i < compiling->signal_count; i++) {
        const struct hr_signal_draft *from = &compiling->signals[i];
        signals[i] = from->signal;
        if (!hr_signal_has_window(&from->signal)) {
            continue;
        }
        const struct hr_meter_draft *draft = &compiling->drafts[from->signal.meter];
        while (draft->windows[signals[i].window].kind != from->window.kind ||
               draft->windows[signals[i].window].span_us != from->window.span_us) {
            signals[i].window++;
        }
    }
    compiling->rules->signals = signals;
    compiling->rules->signal_count = compiling->signal_count;
}
