/* SPDX-License-Identifier: Apache-2.0 */
/* Sources that fall silent as a whole. What nobody sends says nothing about an account: while a
 * source is silent, down-rules on its meters are held back, and the time counts for no `for`. It is
 * one event for operators and not a trigger an account.
 *
 * A source is silent from `silent_after` behind its last record in this home, by the home's clock,
 * until its next record; one of which none ever came is not. A meter belongs to the sources that
 * have brought its event type here, each from the first that it brought, and is silent while all of
 * them are; so nobody has to say which source carries what. Silences that are over are kept with
 * their moments, and so is since when a source brings what: a timer that acts late sees what held
 * when it was due, on a tie what held before. */
#include "source.h"

#include "inside.h"

static bool is_watched(const struct hr_rules *rules)
{
    for (uint16_t s = 0; rules && s < rules->source_count; s++) {
        if (rules->sources[s].silent_after_us > 0) {
            return true;
        }
    }
    return false;
}

/* How long the source may say nothing; 0: for ever. */
static int64_t patience(const struct hr_holds *holds, struct hr_str topic)
{
    int source = hr_rules_find_source(holds->rules, topic);
    return source >= 0 ? holds->rules->sources[source].silent_after_us : 0;
}

static struct hr_source_watch *find(const struct hr_holds *holds, struct hr_str topic)
{
    for (uint32_t i = 0; i < holds->source_count; i++) {
        if (hr_str_equal(holds->sources[i].topic, topic)) {
            return &holds->sources[i];
        }
    }
    return NULL;
}

static struct hr_source_watch *make(struct hr_holds *holds, struct hr_str topic)
{
    struct hr_source_watch *made =
        hr_list_append(holds->pool, &holds->sources, &holds->source_count, sizeof *made);
    made->topic = hr_text_keep(holds->pool, topic);
    made->heard = HR_TIME_NONE;
    return made;
}

static void drop(struct hr_holds *holds, uint32_t at)
{
    hr_text_drop(holds->pool, &holds->sources[at].topic);
    hr_list_remove(holds->pool, &holds->sources, &holds->source_count, sizeof *holds->sources, at);
}

void hr_sources_clean_up(struct hr_holds *holds)
{
    while (holds->source_count > 0) {
        drop(holds, holds->source_count - 1);
    }
}

static bool has_source(const struct hr_rules *rules, struct hr_str topic)
{
    for (uint16_t s = 0; s < rules->source_count; s++) {
        if (hr_str_equal(rules->sources[s].topic, topic)) {
            return true;
        }
    }
    return false;
}

bool hr_sources_follow(struct hr_holds *holds, const struct hr_rules *rules)
{
    bool changed = holds->rules && holds->watches != is_watched(rules);
    holds->watches = is_watched(rules);
    for (uint32_t i = holds->source_count; i > 0; i--) {
        if (!holds->watches || !has_source(rules, holds->sources[i - 1].topic)) {
            drop(holds, i - 1);
            holds->sources_dirty = changed = true;
        }
    }
    return changed && holds->waiter_count > 0;
}

/* --- hearing ---------------------------------------------------------------------------------- */

static struct hr_time silent_from(const struct hr_holds *holds, const struct hr_source_watch *one)
{
    int64_t after = patience(holds, one->topic);
    return after > 0 && !hr_time_is(one->heard, HR_TIME_NONE) ? hr_time_plus(one->heard, after)
                                                              : HR_TIME_NEVER;
}

/* NULL: it brings none of them. */
static const struct hr_time *brings_since(const struct hr_source_watch *one, uint64_t type)
{
    for (uint8_t t = 0; t < one->type_count; t++) {
        if (one->types[t] == type) {
            return &one->since[t];
        }
    }
    return NULL;
}

/* True: it is new. */
static bool add_type(struct hr_source_watch *one, struct hr_str name, struct hr_time clock)
{
    uint64_t type = hr_hash64(name, 0);
    if (brings_since(one, type) || one->type_count == HR_SOURCE_TYPES) {
        return false;
    }
    one->types[one->type_count] = type;
    one->since[one->type_count++] = clock;
    return true;
}

static void add_span(struct hr_source_watch *one, struct hr_span span)
{
    if (one->span_count == HR_SOURCE_SPANS) {
        one->span_count--;
        memmove(one->spans, one->spans + 1, one->span_count * sizeof span);
    }
    one->spans[one->span_count++] = span;
}

/* A line of a file has no topic; where there is one source it is that. */
static struct hr_str topic_of(const struct hr_holds *holds, const struct hr_record *record)
{
    return !record->topic.at && holds->rules->source_count == 1 ? holds->rules->sources[0].topic
                                                                : record->topic;
}

bool hr_source_hear(struct hr_holds *holds, const struct hr_record *record)
{
    struct hr_str topic = holds->watches ? topic_of(holds, record) : record->topic;
    if (!holds->watches || !topic.at || !has_source(holds->rules, topic)) {
        return false;
    }
    struct hr_source_watch *one = find(holds, topic);
    if (!one) {
        one = make(holds, topic);
    }
    struct hr_time from = silent_from(holds, one);
    bool ends = from.us <= record->clock.us;
    if (ends) {
        add_span(one, (struct hr_span){from, record->clock});
        one->told = false;
    }
    if (record->event.usage) {
        ends |= add_type(one, record->event.usage->name, record->clock);
    }
    one->heard = hr_time_max(one->heard, record->clock);
    holds->sources_dirty = true;
    return ends;
}

void hr_sources_tell(struct hr_holds *holds, struct hr_time now, struct hr_outbox *outbox)
{
    for (uint32_t i = 0; holds->watches && i < holds->source_count; i++) {
        struct hr_source_watch *one = &holds->sources[i];
        struct hr_time from = silent_from(holds, one);
        if (!one->told && from.us <= now.us) {
            one->told = true;
            holds->sources_dirty = true;
            hr_outbox_notice(outbox, &(struct hr_notice){.kind = HR_NOTICE_SILENT,
                                         .about = hr_arena_copy(outbox->arena, one->topic),
                                         .partition = holds->number,
                                         .within_us = patience(holds, one->topic),
                                         .time = from});
        }
    }
}

/* --- asking ----------------------------------------------------------------------------------- */

#define SPANS (HR_SOURCE_SPANS + 2) /* before it began, those that are over, and that under way */

struct spans {
    struct hr_span at[4 * SPANS];
    uint32_t count;
};

/* When nothing came of it that counts: before `since`, and then as far as the account's clock has
 * come; what begins later may not come at all. */
static void spans_of(const struct hr_holds *holds, const struct hr_source_watch *one,
    struct hr_time since, struct hr_time clock, struct spans *spans)
{
    struct hr_time from = silent_from(holds, one);
    spans->count = 0;
    if (!hr_time_is(since, HR_TIME_NONE)) {
        spans->at[spans->count++] = (struct hr_span){HR_TIME_NONE, since};
    }
    for (uint8_t s = 0; s < one->span_count && one->spans[s].from.us <= clock.us; s++) {
        spans->at[spans->count++] = one->spans[s];
    }
    if (from.us <= clock.us) {
        spans->at[spans->count++] = (struct hr_span){from, HR_TIME_NEVER};
    }
}

/* What is in both. */
static void cut(struct spans *spans, const struct spans *with)
{
    struct spans both = {.count = 0};
    for (uint32_t a = 0; a < spans->count; a++) {
        for (uint32_t b = 0; b < with->count && both.count < sizeof both.at / sizeof *both.at;
             b++) {
            struct hr_span span = {hr_time_max(spans->at[a].from, with->at[b].from),
                hr_time_min(spans->at[a].to, with->at[b].to)};
            if (span.from.us < span.to.us) {
                both.at[both.count++] = span;
            }
        }
    }
    *spans = both;
}

/* Since when any of them brings it; NONE: none does, or that is not known. */
static struct hr_time first_brought(const struct hr_holds *holds, uint64_t type)
{
    struct hr_time first = HR_TIME_NEVER;
    for (uint32_t i = 0; i < holds->source_count; i++) {
        const struct hr_time *since = brings_since(&holds->sources[i], type);
        first = since ? hr_time_min(first, *since) : first;
    }
    return hr_time_is(first, HR_TIME_NEVER) ? HR_TIME_NONE : first;
}

/* Adds those of the other: when one of both was. */
static void unite(struct spans *spans, const struct spans *with)
{
    struct spans both = {.count = 0};
    for (uint32_t a = 0, b = 0; a < spans->count || b < with->count;) {
        bool mine =
            b == with->count || (a < spans->count && spans->at[a].from.us <= with->at[b].from.us);
        struct hr_span next = mine ? spans->at[a++] : with->at[b++];
        struct hr_span *last = both.count > 0 ? &both.at[both.count - 1] : NULL;
        if (last && next.from.us <= last->to.us) {
            last->to = hr_time_max(last->to, next.to);
            continue;
        }
        if (both.count == SPANS) {
            both.count--;
            memmove(both.at, both.at + 1, both.count * sizeof next);
        }
        both.at[both.count++] = next;
    }
    *spans = both;
}

/* Takes out what was before `first`: nothing was to come then, and so nothing was silent. */
static void begin_at(struct spans *spans, struct hr_time first)
{
    const struct spans since = {.at = {{first, HR_TIME_NEVER}}, .count = 1};
    cut(spans, &since);
}

/* Adds when all sources were silent that brought what the meter counts. */
static void add_silences(const struct hr_holds *holds, const struct hr_account *account,
    uint16_t meter, struct spans *spans)
{
    const struct hr_rules *rules = account->layout->rules;
    uint64_t type = hr_hash64(rules->types[rules->meters[meter].type].name, 0);
    struct spans all = {.count = 0};
    bool found = false;
    struct hr_time first = first_brought(holds, type);
    for (uint32_t i = 0; i < holds->source_count; i++) {
        struct spans its;
        const struct hr_time *since = brings_since(&holds->sources[i], type);
        if (since) {
            struct hr_time began = since->us > first.us ? *since : HR_TIME_NONE;
            spans_of(holds, &holds->sources[i], began, account->clock, &its);
            if (found) {
                cut(&all, &its);
            } else {
                all = its;
            }
            found = true;
        }
    }
    begin_at(&all, first);
    unite(spans, &all);
}

static void add_product(const struct hr_holds *holds, const struct hr_account *account,
    const struct hr_product *product, struct spans *spans)
{
    for (uint16_t i = 0; i < product->use_count; i++) {
        add_silences(
            holds, account, account->layout->rules->signals[product->uses[i]].meter, spans);
    }
}

/* When one of the meters was silent that the rule looks at; what features it looks at are meters,
 * too. */
static void silences(const struct hr_holds *holds, const struct hr_account *account,
    const struct hr_rule *rule, struct spans *spans)
{
    const struct hr_rules *rules = account->layout->rules;
    const struct hr_signal *signal = &rules->signals[rule->signal];
    spans->count = 0;
    if (!holds->watches) {
        return;
    }
    if (account->layout->signals[rule->signal].on_meter) {
        add_silences(holds, account, signal->meter, spans);
    }
    for (uint16_t m = 0; signal->kind == HR_SIGNAL_TRIAL_USES && m < rules->meter_count; m++) {
        if (rules->meters[m].feature) {
            add_silences(holds, account, m, spans);
        }
    }
    if (signal->kind == HR_SIGNAL_PRODUCT_ADOPTION || signal->kind == HR_SIGNAL_PRODUCT_USED) {
        add_product(holds, account, &rules->products[signal->product], spans);
    }
    for (uint16_t p = 0; signal->kind == HR_SIGNAL_PRODUCTS_USED && p < rules->product_count; p++) {
        add_product(holds, account, &rules->products[p], spans);
    }
}

struct hr_time hr_source_silent(const struct hr_step *step, const struct hr_rule *rule)
{
    struct spans spans;
    int64_t moment = step->account->clock.us - hr_step_sees_before(step);
    silences(step->holds, step->account, rule, &spans);
    for (uint32_t i = 0; i < spans.count; i++) {
        if (spans.at[i].from.us <= moment && moment < spans.at[i].to.us) {
            return spans.at[i].to;
        }
    }
    return HR_TIME_NONE;
}

struct hr_time hr_source_patience(const struct hr_account *account, const struct hr_holds *holds,
    const struct hr_rule *rule, struct hr_time since)
{
    struct spans spans;
    struct hr_time at = since;
    int64_t left = rule->for_us;
    silences(holds, account, rule, &spans);
    for (uint32_t i = 0; i < spans.count && left > 0; i++) {
        const struct hr_span *span = &spans.at[i];
        if (span->to.us <= at.us) {
            continue;
        }
        if (span->from.us > at.us) {
            if (span->from.us - at.us >= left) {
                break;
            }
            left -= span->from.us - at.us;
        }
        at = span->to;
        if (hr_time_is(at, HR_TIME_NEVER)) {
            return at;
        }
    }
    return hr_time_plus(at, left);
}

/* --- stored bytes ----------------------------------------------------------------------------- */

enum { TOLD = 1, WITH_SINCE = 2 }; /* earlier versions wrote no `since` */

bool hr_sources_pack(const struct hr_holds *holds, struct hr_buffer *out)
{
    hr_hold_begin(out);
    for (uint32_t i = 0; i < holds->source_count; i++) {
        const struct hr_source_watch *one = &holds->sources[i];
        hr_put_str(out, one->topic);
        hr_put_time(out, one->heard);
        hr_put_u8(out, (uint8_t)(WITH_SINCE | (one->told ? TOLD : 0)));
        hr_put_u8(out, one->type_count);
        for (uint8_t t = 0; t < one->type_count; t++) {
            hr_put_u64(out, one->types[t]);
            hr_put_time(out, one->since[t]);
        }
        hr_put_u8(out, one->span_count);
        for (uint8_t s = 0; s < one->span_count; s++) {
            hr_put_time(out, one->spans[s].from);
            hr_put_time(out, one->spans[s].to);
        }
    }
    hr_hold_end(out);
    return holds->source_count > 0;
}

static void get_source(struct hr_holds *holds, struct hr_reader *in)
{
    struct hr_source_watch *one = make(holds, hr_get_str(in));
    one->heard = hr_get_time(in);
    uint8_t flags = hr_get_u8(in);
    one->told = (flags & TOLD) != 0;
    uint8_t types = hr_get_u8(in);
    in->bad |= types > HR_SOURCE_TYPES;
    for (uint8_t t = 0; t < types && !in->bad; t++) {
        one->types[one->type_count] = hr_get_u64(in);
        one->since[one->type_count++] = flags & WITH_SINCE ? hr_get_time(in) : HR_TIME_NONE;
    }
    uint8_t spans = hr_get_u8(in);
    in->bad |= spans > HR_SOURCE_SPANS;
    for (uint8_t s = 0; s < spans && !in->bad; s++) {
        one->spans[s].from = hr_get_time(in);
        one->spans[s].to = hr_get_time(in);
        one->span_count++;
    }
}

bool hr_sources_unpack(struct hr_holds *holds, struct hr_str bytes)
{
    struct hr_reader in;
    if (holds->source_count > 0 || !hr_hold_open(bytes, &in)) {
        return false;
    }
    while (hr_reader_more(&in) && holds->source_count < UINT8_MAX) {
        get_source(holds, &in);
    }
    return hr_reader_done(&in);
}
