/* SPDX-License-Identifier: Apache-2.0 */
/* Works a rule set out once.
 *
 * 1. A window that is not the billing period is kept in a series of buckets. Windows of one meter
 *    with buckets of one width share a series, which is as long as the widest needs.
 * 2. A rule needs the signal that it watches, those that its conditions ask for, and those that
 *    they are made from. What a type's events can touch are the rules that need a signal on one of
 *    its meters.
 * 3. Rules fire by priority, then category, then the configuration's order (SEMANTICS 5, Order).
 *
 * Everything lies in the layout's own arena and never changes afterwards, but for the counts of
 * levels claimed when business began. */
#include "layout.h"

#include "money.h"
#include "pace.h"

static void *array(struct hr_layout *layout, size_t count, size_t size)
{
    return hr_arena_zeroed(&layout->arena, count ? count * size : 1);
}

static bool same_series(const struct hr_series_spec *spec, const struct hr_window *window)
{
    return spec->kind == window->kind &&
           (spec->kind != HR_WINDOW_SPAN || spec->bucket_us == window->bucket_us);
}

static void lay_out_meter(struct hr_layout *layout, uint16_t slot)
{
    const struct hr_meter *meter = &layout->rules->meters[slot];
    /* One more than windows: the days of a forecast. */
    struct hr_series_spec *series = array(layout, meter->window_count + 1u, sizeof *series);
    uint16_t *window_series = array(layout, meter->window_count, sizeof *window_series);
    uint16_t count = 0;
    for (uint16_t w = 0; w < meter->window_count; w++) {
        const struct hr_window *window = &meter->windows[w];
        window_series[w] = HR_NO_SERIES;
        if (window->kind == HR_WINDOW_PERIOD || meter->aggregate == HR_LATEST) {
            continue;
        }
        uint16_t s = 0;
        while (s < count && !same_series(&series[s], window)) {
            s++;
        }
        if (s == count) {
            count++;
            series[s] = (struct hr_series_spec){window->kind, window->bucket_us, 1, false, false};
        }
        layout->keeps_days |= window->kind != HR_WINDOW_SPAN;
        if (window->kind == HR_WINDOW_SPAN && window->buckets > series[s].keep) {
            series[s].keep = window->buckets;
        }
        window_series[w] = s;
    }
    layout->meters[slot] = (struct hr_meter_layout){.series = series,
        .series_count = count,
        .window_series = window_series,
        .closes = HR_NO_SERIES};
}

/* The meter's series of buckets so wide, which keeps at least so many. */
static uint16_t lay_out_buckets(struct hr_meter_layout *meter, int64_t bucket_us, uint32_t keep)
{
    struct hr_series_spec *series = (struct hr_series_spec *)meter->series;
    uint16_t s = 0;
    while (s < meter->series_count &&
           (series[s].kind != HR_WINDOW_SPAN || series[s].bucket_us != bucket_us)) {
        s++;
    }
    if (s == meter->series_count) {
        series[meter->series_count++] =
            (struct hr_series_spec){HR_WINDOW_SPAN, bucket_us, 1, false, false};
    }
    series[s].keep = series[s].keep > keep ? series[s].keep : keep;
    meter->keeps_first = true;
    return s;
}

/* A trend compares the last n whole buckets with the n before them: with the open one 2 n + 1. Of a
 * gauge the last readings in both: what was read before the buckets kept stays anyway. */
static void lay_out_trend(struct hr_layout *layout, const struct hr_signal *signal)
{
    struct hr_meter_layout *meter = &layout->meters[signal->meter];
    const struct hr_meter *of = &layout->rules->meters[signal->meter];
    const struct hr_window *window = &of->windows[signal->window];
    uint32_t spans = of->aggregate == HR_LATEST ? 1 : 2;
    uint16_t s = lay_out_buckets(meter, window->bucket_us, spans * window->buckets + 1);
    ((uint16_t *)meter->window_series)[signal->window] = s;
    ((struct hr_series_spec *)meter->series)[s].trail = of->aggregate == HR_UNIQUE;
}

/* A forecast looks at whole days: what was counted in each, or the last reading of a gauge. */
static void lay_out_closes(struct hr_layout *layout, uint16_t slot)
{
    struct hr_meter_layout *meter = &layout->meters[slot];
    meter->closes = lay_out_buckets(meter, HR_DAY, HR_PACE_DAYS + 1);
}

/* Does some way up lead to a plan with the meter's limit? What it grows to is asked then, whether
 * or not a signal asks when it comes to the limit of today (recommend.c). */
static bool may_be_outgrown(const struct hr_rules *rules, const struct hr_meter *meter)
{
    bool leads = false;
    for (uint16_t p = 0; p < rules->plan_count; p++) {
        for (uint16_t n = 0; n < rules->plans[p].next_count; n++) {
            const struct hr_plan *next = &rules->plans[rules->plans[p].next[n]];
            for (uint16_t l = 0; l < next->limit_count; l++) {
                leads |= hr_str_equal(next->limits[l].name, meter->limit);
            }
        }
    }
    return leads && (meter->aggregate == HR_SUM || meter->aggregate == HR_COUNT ||
                        meter->aggregate == HR_LATEST);
}

static void lay_out_groups(struct hr_layout *layout)
{
    const struct hr_rules *rules = layout->rules;
    size_t count = 0;
    for (uint16_t m = 0; m < rules->meter_count; m++) {
        count += rules->meters[m].named_count;
    }
    layout->groups = array(layout, count, sizeof *layout->groups);
    for (uint16_t m = 0; m < rules->meter_count; m++) {
        for (uint16_t g = 0; g < rules->meters[m].named_count; g++) {
            layout->groups[layout->group_count++] =
                (struct hr_group_spec){m, rules->meters[m].named[g]};
        }
    }
}

static uint16_t slot_of(const struct hr_layout *layout, const struct hr_signal *signal)
{
    uint16_t slot = layout->rules->meter_count;
    if (signal->group == 0) {
        return signal->meter;
    }
    for (uint16_t m = 0; m < signal->meter; m++) {
        slot = (uint16_t)(slot + layout->rules->meters[m].named_count);
    }
    return (uint16_t)(slot + signal->group - 1);
}

static enum hr_counted_over counted_over(
    const struct hr_meter *meter, const struct hr_signal *signal)
{
    if (meter->aggregate == HR_LATEST) {
        return HR_OVER_NOTHING;
    }
    if (hr_signal_is_trend(signal)) {
        return HR_OVER_NOTHING;
    }
    if (!hr_signal_has_window(signal)) {
        return HR_OVER_PERIOD;
    }
    switch (meter->windows[signal->window].kind) {
    case HR_WINDOW_PERIOD:
        return HR_OVER_PERIOD;
    case HR_WINDOW_DAY:
        return HR_OVER_DAY;
    case HR_WINDOW_WEEK:
        return HR_OVER_WEEK;
    case HR_WINDOW_MONTH:
        return HR_OVER_MONTH;
    case HR_WINDOW_SPAN:
        break;
    }
    return HR_OVER_NOTHING;
}

static void lay_out_signal(struct hr_layout *layout, uint16_t slot)
{
    const struct hr_signal *signal = &layout->rules->signals[slot];
    struct hr_signal_layout *out = &layout->signals[slot];
    if (signal->kind > HR_SIGNAL_DROP) {
        out->by_usage = out->volume = signal->kind == HR_SIGNAL_PRODUCT_ADOPTION;
        return;
    }
    const struct hr_meter *meter = &layout->rules->meters[signal->meter];
    out->on_meter = true;
    out->slot = slot_of(layout, signal);
    bool trend = hr_signal_is_trend(signal);
    out->by_usage = signal->kind != HR_SIGNAL_VALUE;
    out->limit_inside = signal->kind == HR_SIGNAL_USED || signal->kind == HR_SIGNAL_REMAINING ||
                        signal->kind == HR_SIGNAL_ADOPTION || signal->kind == HR_SIGNAL_PROJECTED ||
                        signal->kind == HR_SIGNAL_DAYS_TO_LIMIT;
    out->volume = signal->kind == HR_SIGNAL_USED || (hr_signal_has_window(signal) && !trend);
    out->gauge = meter->aggregate == HR_LATEST;
    out->over = counted_over(meter, signal);
    layout->meters[signal->meter].projected |= signal->kind == HR_SIGNAL_PROJECTED;
    if (signal->kind == HR_SIGNAL_DAYS_TO_LIMIT) {
        lay_out_closes(layout, signal->meter);
    }
    if (trend) {
        lay_out_trend(layout, signal);
    }
}

static void note_need(const struct hr_rules *rules, bool *needs, uint16_t signal)
{
    needs[signal] = true;
    for (uint16_t i = 0; i < rules->signals[signal].need_count; i++) {
        needs[rules->signals[signal].needs[i]] = true;
    }
}

static void find_needs(struct hr_layout *layout)
{
    const struct hr_rules *rules = layout->rules;
    bool *needs = array(layout, (size_t)rules->rule_count * rules->signal_count, sizeof *needs);
    for (uint16_t r = 0; r < rules->rule_count; r++) {
        const struct hr_rule *rule = &rules->rules[r];
        bool *of_rule = needs + (size_t)r * rules->signal_count;
        note_need(rules, of_rule, rule->signal);
        for (uint16_t c = 0; c < rule->when_count; c++) {
            for (uint16_t i = 0; i < rule->when[c].count; i++) {
                note_need(rules, of_rule, rule->when[c].any[i].signal);
            }
        }
    }
    layout->needs = needs;
}

static bool asks_for(const struct hr_layout *layout, uint16_t rule, uint16_t signal)
{
    return layout->needs[(size_t)rule * layout->rules->signal_count + signal];
}

/* A level that its signal's unit can hold less the margin; a sum out of range stays the level. */
struct hr_decimal hr_layout_margin(const struct hr_rule *rule, uint16_t level)
{
    struct hr_decimal value = rule->levels[level].value, margin;
    bool fits = rule->direction == HR_UP ? hr_decimal_sub(value, rule->rearm, &margin)
                                         : hr_decimal_add(value, rule->rearm, &margin);
    return fits ? margin : value;
}

static void lay_out_rule(struct hr_layout *layout, uint16_t slot)
{
    const struct hr_rule *rule = &layout->rules->rules[slot];
    struct hr_rule_layout *out = &layout->rule_layouts[slot];
    const struct hr_signal *signal = &layout->rules->signals[rule->signal];
    out->per_subscription = signal->kind == HR_SIGNAL_RENEWAL_DAYS;
    out->late_crossing = layout->signals[rule->signal].over == HR_OVER_PERIOD &&
                         layout->signals[rule->signal].volume && rule->direction == HR_UP &&
                         rule->for_us == 0;
    out->margins = array(layout, rule->level_count, sizeof *out->margins);
    out->claimed = array(layout, rule->level_count, sizeof *out->claimed);
    for (uint16_t l = 0; l < rule->level_count; l++) {
        out->margins[l] = hr_layout_margin(rule, l);
    }
}

static bool fires_before(const struct hr_rule *a, const struct hr_rule *b)
{
    if (a->priority != b->priority) {
        return a->priority > b->priority;
    }
    return a->category != b->category ? a->category < b->category : a < b;
}

static void rank_rules(struct hr_layout *layout)
{
    const struct hr_rules *rules = layout->rules;
    for (uint16_t r = 0; r < rules->rule_count; r++) {
        for (uint16_t other = 0; other < rules->rule_count; other++) {
            layout->rule_layouts[r].rank =
                (uint16_t)(layout->rule_layouts[r].rank +
                           fires_before(&rules->rules[other], &rules->rules[r]));
        }
    }
}

/* The touch of everything for which `touched` is set, by signal. */
static struct hr_touch touch_of(struct hr_layout *layout, const bool *touched)
{
    const struct hr_rules *rules = layout->rules;
    uint16_t *rule_list = array(layout, rules->rule_count, sizeof *rule_list);
    uint16_t *signal_list = array(layout, rules->signal_count, sizeof *signal_list);
    bool *asked = array(layout, rules->signal_count, sizeof *asked);
    struct hr_touch touch = {.signals = signal_list, .rules = rule_list};
    for (uint16_t r = 0; r < rules->rule_count; r++) {
        bool concerned = false;
        for (uint16_t s = 0; s < rules->signal_count; s++) {
            concerned |= touched[s] && asks_for(layout, r, s);
        }
        if (!concerned) {
            continue;
        }
        rule_list[touch.rule_count++] = r;
        for (uint16_t s = 0; s < rules->signal_count; s++) {
            asked[s] |= asks_for(layout, r, s);
        }
    }
    for (uint16_t s = 0; s < rules->signal_count; s++) {
        if (asked[s]) {
            signal_list[touch.signal_count++] = s;
        }
    }
    return touch;
}

/* Does the rule watch, upwards, a sum or a count of the type over the billing period, and ask on
 * meters for nothing of another type? */
static bool is_simple(const struct hr_layout *layout, uint16_t slot, uint16_t type)
{
    const struct hr_rules *rules = layout->rules;
    const struct hr_rule *rule = &rules->rules[slot];
    const struct hr_signal *watched = &rules->signals[rule->signal];
    const struct hr_meter *meter = &rules->meters[watched->meter];
    if ((watched->kind != HR_SIGNAL_METER && watched->kind != HR_SIGNAL_USED) ||
        watched->group != 0 || rule->direction != HR_UP ||
        (meter->aggregate != HR_SUM && meter->aggregate != HR_COUNT) ||
        (watched->kind == HR_SIGNAL_METER &&
            meter->windows[watched->window].kind != HR_WINDOW_PERIOD)) {
        return false;
    }
    for (uint16_t s = 0; s < rules->signal_count; s++) {
        if (layout->signals[s].on_meter && asks_for(layout, slot, s) &&
            rules->meters[rules->signals[s].meter].type != type) {
            return false;
        }
    }
    return true;
}

static bool has_bars(const struct hr_layout *layout, uint16_t type)
{
    const struct hr_touch *touch = &layout->types[type];
    bool simple = true;
    for (uint16_t i = 0; i < touch->rule_count; i++) {
        simple &= is_simple(layout, touch->rules[i], type);
    }
    return simple;
}

/* Can an event of the type change the signal? */
static bool is_touched(const struct hr_layout *layout, uint16_t slot, uint16_t type)
{
    const struct hr_rules *rules = layout->rules;
    bool touched =
        layout->signals[slot].on_meter && rules->meters[rules->signals[slot].meter].type == type;
    for (uint16_t m = 0;
         rules->signals[slot].kind == HR_SIGNAL_TRIAL_USES && m < rules->meter_count; m++) {
        touched |= rules->meters[m].feature && rules->meters[m].type == type;
    }
    return touched;
}

static void find_touches(struct hr_layout *layout)
{
    const struct hr_rules *rules = layout->rules;
    bool *touched = array(layout, rules->signal_count, sizeof *touched);
    for (uint16_t t = 0; t < rules->type_count; t++) {
        for (uint16_t s = 0; s < rules->signal_count; s++) {
            touched[s] = is_touched(layout, s, t);
        }
        layout->types[t] = touch_of(layout, touched);
        layout->types[t].has_bars = has_bars(layout, t);
    }
    memset(touched, true, rules->signal_count);
    layout->all = touch_of(layout, touched);
    for (uint16_t slot = 0; slot < rules->signal_count; slot++) {
        layout->keeps_limits |= rules->signals[slot].kind == HR_SIGNAL_LIMIT_DROP;
    }
}

/* Where time alone can matter: needed signals on series, on days, on the share elapsed. */
static void find_clocks(struct hr_layout *layout)
{
    const struct hr_rules *rules = layout->rules;
    for (uint16_t i = 0; i < layout->all.signal_count; i++) {
        uint16_t slot = layout->all.signals[i];
        const struct hr_signal *signal = &rules->signals[slot];
        layout->signals[slot].needed = true;
        layout->watches_days |=
            signal->kind == HR_SIGNAL_RENEWAL_DAYS || signal->kind == HR_SIGNAL_TENURE_DAYS ||
            signal->kind == HR_SIGNAL_EXECUTIVE_DAYS || layout->signals[slot].over >= HR_OVER_DAY;
        layout->keeps_days |= layout->watches_days;
        layout->watches_elapsed |=
            signal->kind == HR_SIGNAL_PERIOD_ELAPSED || signal->kind == HR_SIGNAL_PROJECTED;
        layout->watches_limits |= signal->kind == HR_SIGNAL_DAYS_TO_LIMIT;
        layout->watches_shrinking |= signal->kind == HR_SIGNAL_LIMIT_DROP;
        layout->watches_dossier |= signal->kind == HR_SIGNAL_TRIAL ||
                                   signal->kind == HR_SIGNAL_INTEREST ||
                                   signal->kind == HR_SIGNAL_TRIAL_USES;
        if (!hr_signal_has_window(signal)) {
            continue;
        }
        const struct hr_meter_layout *meter = &layout->meters[signal->meter];
        uint16_t series = meter->window_series[signal->window];
        if (series != HR_NO_SERIES) {
            ((struct hr_series_spec *)&meter->series[series])->watched = true;
        }
    }
}

struct hr_layout *hr_layout_new(const struct hr_rules *rules, struct hr_pool *pool)
{
    struct hr_layout *layout = hr_pool_take(pool, sizeof *layout);
    layout->base = layout;
    layout->rules = rules;
    hr_arena_init(&layout->arena);
    layout->meters = array(layout, rules->meter_count, sizeof *layout->meters);
    layout->signals = array(layout, rules->signal_count, sizeof *layout->signals);
    layout->rule_layouts = array(layout, rules->rule_count, sizeof *layout->rule_layouts);
    layout->types = array(layout, rules->type_count, sizeof *layout->types);
    for (uint16_t m = 0; m < rules->meter_count; m++) {
        lay_out_meter(layout, m);
    }
    lay_out_groups(layout);
    for (uint16_t s = 0; s < rules->signal_count; s++) {
        lay_out_signal(layout, s);
    }
    for (uint16_t m = 0; m < rules->meter_count; m++) {
        if (may_be_outgrown(rules, &rules->meters[m])) {
            lay_out_closes(layout, m);
        }
    }
    for (uint16_t r = 0; r < rules->rule_count; r++) {
        lay_out_rule(layout, r);
    }
    rank_rules(layout);
    find_needs(layout);
    find_touches(layout);
    find_clocks(layout);
    hr_layout_mark(layout);
    return layout;
}

void hr_layout_destroy(struct hr_layout *layout, struct hr_pool *pool)
{
    hr_arena_clean_up(&layout->arena);
    hr_pool_give(pool, layout, sizeof *layout);
}

int hr_layout_find_meter(const struct hr_layout *layout, uint32_t key)
{
    for (int m = 0; m < layout->rules->meter_count; m++) {
        if (layout->rules->meters[m].key == key) {
            return m;
        }
    }
    return -1;
}

int hr_layout_find_rule(const struct hr_layout *layout, uint64_t key)
{
    for (int r = 0; r < layout->rules->rule_count; r++) {
        if (layout->rules->rules[r].key == key) {
            return r;
        }
    }
    return -1;
}

int hr_layout_find_level(const struct hr_rule *rule, struct hr_decimal value, const char *currency)
{
    for (int l = 0; l < rule->level_count; l++) {
        if (hr_decimal_compare(rule->levels[l].value, value) == 0 &&
            hr_currency_equal(rule->levels[l].currency, currency)) {
            return l;
        }
    }
    return -1;
}
