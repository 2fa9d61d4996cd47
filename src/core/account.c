/* SPDX-License-Identifier: Apache-2.0 */
/* An account's memory: made, given back, and moved to the slots of another rule set. Nothing here
 * decides anything; it only knows which block belongs to whom. */
#include "dossier.h"
#include "group.h"
#include "number.h"
#include "outcome.h"
#include "own.h"
#include "unique.h"

struct hr_str hr_text_keep(struct hr_pool *pool, struct hr_str text)
{
    if (text.len == 0) {
        return (struct hr_str){"", 0};
    }
    char *copy = hr_pool_take(pool, text.len);
    memcpy(copy, text.at, text.len);
    return (struct hr_str){copy, text.len};
}

void hr_text_drop(struct hr_pool *pool, struct hr_str *text)
{
    if (text->len > 0) {
        hr_pool_give(pool, (char *)text->at, text->len);
    }
    *text = (struct hr_str){"", 0};
}

void *hr_list_append(struct hr_pool *pool, void *list, uint32_t *count, size_t size)
{
    char **elements = list;
    size_t used = *count * size;
    *elements = used ? hr_pool_grow(pool, *elements, used, used + size) : hr_pool_take(pool, size);
    (*count)++;
    return *elements + used;
}

void hr_list_remove(struct hr_pool *pool, void *list, uint32_t *count, size_t size, uint32_t at)
{
    char **elements = list;
    size_t used = *count * size;
    char *rest = used > size ? hr_pool_take(pool, used - size) : NULL;
    if (rest) {
        memcpy(rest, *elements, at * size);
        memcpy(rest + at * size, *elements + (at + 1) * size, used - (at + 1) * size);
    }
    hr_pool_give(pool, *elements, used);
    *elements = rest;
    (*count)--;
}

static void give(struct hr_pool *pool, void *block, size_t count, size_t size)
{
    hr_pool_give(pool, block, count * size);
}

static void *take(struct hr_pool *pool, size_t count, size_t size)
{
    return count ? hr_pool_take(pool, count * size) : NULL;
}

/* --- segments --------------------------------------------------------------------------------- */

static void give_segment(const struct hr_layout *layout, uint16_t slot_count,
    struct hr_segment *segment, struct hr_pool *pool)
{
    give(pool, segment->tallies, slot_count, sizeof *segment->tallies);
    give(pool, segment->limits, layout->rules->meter_count, sizeof *segment->limits);
    give(pool, segment->open, segment->open_count, sizeof *segment->open);
}

void hr_account_drop_segment(struct hr_account *account, uint32_t at, struct hr_pool *pool)
{
    struct hr_segment *segment = &account->segments[at];
    for (uint16_t m = 0; m < account->slot_count; m++) {
        if (account->meters[m].members) {
            hr_members_drop(account->meters[m].members, hr_set_of_period(segment->id));
        }
    }
    give_segment(account->layout, account->slot_count, segment, pool);
    account->segment_count--;
    memmove(segment, segment + 1, (account->segment_count - at) * sizeof *segment);
    if (account->current > at) {
        account->current--;
    }
}

uint32_t hr_account_insert_segment(
    struct hr_account *account, struct hr_segment segment, struct hr_pool *pool)
{
    if (account->segment_count == account->segment_room) {
        uint32_t room = account->segment_room + 1; /* most accounts have one, or two for a while */
        account->segments = hr_pool_grow(
            pool, account->segments, account->segment_room * sizeof segment, room * sizeof segment);
        account->segment_room = room;
    }
    uint32_t at = account->segment_count;
    while (at > 0 && account->segments[at - 1].from.us > segment.from.us) {
        at--;
    }
    memmove(&account->segments[at + 1], &account->segments[at],
        (account->segment_count - at) * sizeof segment);
    segment.id = account->next_segment_id++;
    segment.tallies = take(pool, account->slot_count, sizeof *segment.tallies);
    account->segments[at] = segment;
    if (account->segment_count++ > 0 && at <= account->current) {
        account->current++;
    }
    return at;
}

void hr_segments_sort(struct hr_account *account)
{
    for (uint32_t i = 1; i < account->segment_count; i++) {
        for (uint32_t at = i;
             at > 0 && account->segments[at - 1].from.us > account->segments[at].from.us; at--) {
            struct hr_segment swapped = account->segments[at];
            account->segments[at] = account->segments[at - 1];
            account->segments[at - 1] = swapped;
            if (account->current == at || account->current == at - 1) {
                account->current = account->current == at ? at - 1 : at;
            }
        }
    }
}

/* --- meters and rules ------------------------------------------------------------------------- */

static void give_meter(
    const struct hr_layout *all, struct hr_meter_state *meter, struct hr_pool *pool)
{
    const struct hr_meter_layout *layout = &all->meters[meter->meter];
    for (uint16_t s = 0; s < layout->series_count; s++) {
        give(pool, meter->series[s].cells, meter->series[s].room, sizeof *meter->series[s].cells);
    }
    give(pool, meter->series, layout->series_count, sizeof *meter->series);
    if (meter->members) {
        hr_members_destroy(meter->members, pool);
    }
}

static void begin_counter(struct hr_meter_state *counter, const struct hr_layout *layout,
    uint16_t meter, struct hr_pool *pool)
{
    counter->meter = meter;
    counter->gauge_time = counter->first = HR_TIME_NONE;
    counter->series = take(pool, layout->meters[meter].series_count, sizeof *counter->series);
}

static uint16_t fixed_slots(const struct hr_layout *layout)
{
    return (uint16_t)(layout->rules->meter_count + layout->group_count);
}

uint16_t hr_account_add_slot(
    struct hr_account *account, uint16_t meter, struct hr_str value, struct hr_pool *pool)
{
    uint32_t count = account->slot_count;
    uint32_t came = count - fixed_slots(account->layout);
    struct hr_meter_state *counter =
        hr_list_append(pool, &account->meters, &count, sizeof *account->meters);
    begin_counter(counter, account->layout, meter, pool);
    *(struct hr_str *)hr_list_append(pool, &account->came, &came, sizeof *account->came) =
        hr_text_keep(pool, value);
    for (uint32_t i = 0; i < account->segment_count; i++) {
        uint32_t tallies = account->slot_count;
        hr_list_append(
            pool, &account->segments[i].tallies, &tallies, sizeof *account->segments[i].tallies);
    }
    return account->slot_count++;
}

void hr_account_reuse_slot(
    struct hr_account *account, uint16_t slot, struct hr_str value, struct hr_pool *pool)
{
    struct hr_meter_state *counter = &account->meters[slot];
    uint16_t meter = counter->meter;
    struct hr_str *text = &account->came[slot - fixed_slots(account->layout)];
    give_meter(account->layout, counter, pool);
    *counter = (struct hr_meter_state){0};
    begin_counter(counter, account->layout, meter, pool);
    hr_text_drop(pool, text);
    *text = hr_text_keep(pool, value);
    for (uint32_t i = 0; i < account->segment_count; i++) {
        account->segments[i].tallies[slot] = (struct hr_tally){HR_DECIMAL_ZERO, 0};
    }
}

static void give_counters(const struct hr_layout *layout, struct hr_meter_state *counters,
    uint16_t count, struct hr_str *came, struct hr_pool *pool)
{
    uint16_t fixed = fixed_slots(layout);
    for (uint16_t m = 0; m < count; m++) {
        give_meter(layout, &counters[m], pool);
    }
    for (uint16_t m = fixed; m < count; m++) {
        hr_text_drop(pool, &came[m - fixed]);
    }
    give(pool, came, count - fixed, sizeof *came);
    give(pool, counters, count, sizeof *counters);
}

static void take_slots(struct hr_account *account, struct hr_layout *layout, struct hr_pool *pool)
{
    const struct hr_rules *rules = layout->rules;
    account->layout = layout;
    account->slot_count = (uint16_t)(rules->meter_count + layout->group_count);
    account->meters = take(pool, account->slot_count, sizeof *account->meters);
    for (uint16_t m = 0; m < rules->meter_count; m++) {
        begin_counter(&account->meters[m], layout, m, pool);
    }
    for (uint16_t g = 0; g < layout->group_count; g++) {
        begin_counter(
            &account->meters[rules->meter_count + g], layout, layout->groups[g].meter, pool);
    }
    account->came = NULL;
    account->rules = take(pool, rules->rule_count, sizeof *account->rules);
}

static void give_rule(const struct hr_rule *rule, struct hr_rule_state *state, struct hr_pool *pool)
{
    give(pool, state->levels, (size_t)state->instances * rule->level_count, sizeof *state->levels);
}

struct hr_level_state *hr_account_levels(
    struct hr_account *account, uint16_t rule, struct hr_pool *pool)
{
    struct hr_rule_state *state = &account->rules[rule];
    size_t levels = account->layout->rules->rules[rule].level_count;
    size_t wanted =
        account->layout->rule_layouts[rule].per_subscription ? account->subscription_count : 1;
    if (state->instances >= wanted) {
        return state->levels;
    }
    size_t size = sizeof *state->levels;
    state->levels = state->levels ? hr_pool_grow(pool, state->levels,
                                        state->instances * levels * size, wanted * levels * size)
                                  : hr_pool_take(pool, wanted * levels * size);
    for (size_t i = state->instances * levels; i < wanted * levels; i++) {
        state->levels[i].fired_at = HR_TIME_NONE;
    }
    state->instances = (uint16_t)wanted;
    return state->levels;
}

struct hr_account *hr_account_new(struct hr_layout *layout, struct hr_pool *pool)
{
    struct hr_account *account = hr_pool_take(pool, sizeof *account);
    account->clock = account->first_seen = HR_TIME_NONE;
    account->governed_since = account->arr_stamp = HR_TIME_NONE;
    account->steady_until = HR_TIME_NONE;
    account->due_stale = true;
    account->governing = -1;
    account->next_number = 1;
    take_slots(account, layout, pool);
    return account;
}

static void give_subscription(struct hr_subscription *subscription, struct hr_pool *pool)
{
    for (uint32_t i = 0; i < subscription->limit_count; i++) {
        hr_text_drop(pool, &subscription->limits[i].name);
    }
    give(pool, subscription->limits, subscription->limit_count, sizeof *subscription->limits);
    hr_text_drop(pool, &subscription->name);
    hr_text_drop(pool, &subscription->plan);
}

void hr_account_destroy(struct hr_account *account, struct hr_pool *pool)
{
    struct hr_layout *layout = account->layout;
    const struct hr_rules *rules = layout->rules;
    for (uint32_t i = 0; i < account->segment_count; i++) {
        give_segment(layout, account->slot_count, &account->segments[i], pool);
    }
    give(pool, account->segments, account->segment_room, sizeof *account->segments);
    give_counters(layout, account->meters, account->slot_count, account->came, pool);
    for (uint16_t r = 0; r < rules->rule_count; r++) {
        give_rule(&rules->rules[r], &account->rules[r], pool);
    }
    give(pool, account->rules, rules->rule_count, sizeof *account->rules);
    for (uint32_t i = 0; i < account->subscription_count; i++) {
        give_subscription(&account->subscriptions[i], pool);
    }
    give(pool, account->subscriptions, account->subscription_count, sizeof *account->subscriptions);
    for (uint32_t i = 0; i < account->attribute_count; i++) {
        hr_text_drop(pool, &account->attributes[i].name);
        hr_text_drop(pool, &account->attributes[i].text);
    }
    give(pool, account->attributes, account->attribute_count, sizeof *account->attributes);
    give(pool, account->invoices, account->invoice_count, sizeof *account->invoices);
    hr_numbers_drop(&account->numbers, pool);
    give(pool, account->runs, account->run_count, sizeof *account->runs);
    for (uint32_t i = 0; i < account->alias_count; i++) {
        hr_text_drop(pool, &account->aliases[i].name);
        hr_text_drop(pool, &account->aliases[i].holder);
    }
    give(pool, account->aliases, account->alias_count, sizeof *account->aliases);
    give(pool, account->recent, account->recent_count, sizeof *account->recent);
    give(pool, account->fires, account->fire_count, sizeof *account->fires);
    hr_dossier_drop(account, pool);
    hr_outcomes_drop(account, pool);
    hr_layout_leave(layout, pool);
    hr_pool_give(pool, account, sizeof *account);
}

/* --- another rule set ------------------------------------------------------------------------- */

#define MOST_SERIES 6 /* day, week, month; spans in days, hours, minutes */

static bool same_kind(const struct hr_series_spec *a, const struct hr_series_spec *b)
{
    return a->kind == b->kind && (a->kind != HR_WINDOW_SPAN || a->bucket_us == b->bucket_us);
}

/* Do series go back as far as they did? Else a trend begins anew: what it asks for is not there. */
static bool keeps_as_much(const struct hr_meter_layout *is, const struct hr_meter_layout *was)
{
    for (uint16_t s = 0; s < is->series_count; s++) {
        bool found = false;
        for (uint16_t old = 0; old < was->series_count; old++) {
            found |= same_kind(&is->series[s], &was->series[old]) &&
                     was->series[old].keep >= is->series[s].keep &&
                     was->series[old].trail >= is->series[s].trail;
        }
        if (!found) {
            return false;
        }
    }
    return is->keeps_first;
}

/* Else members that are stored look different from now on. */
static bool same_series(const struct hr_meter_layout *is, const struct hr_meter_layout *was)
{
    bool same = is->series_count == was->series_count;
    for (uint16_t s = 0; same && s < is->series_count; s++) {
        same = same_kind(&is->series[s], &was->series[s]) &&
               is->series[s].keep == was->series[s].keep &&
               is->series[s].trail == was->series[s].trail;
    }
    return same;
}

static void adopt_meter(struct hr_meter_state *to, const struct hr_layout *to_all,
    struct hr_meter_state *from, const struct hr_layout *from_all)
{
    const struct hr_meter_layout *to_layout = &to_all->meters[to->meter];
    const struct hr_meter_layout *from_layout = &from_all->meters[from->meter];
    to->number = from->number;
    to->dirty = to->number != 0; /* its series may be others */
    to->first = keeps_as_much(to_layout, from_layout) ? from->first : HR_TIME_NONE;
    to->gauge = from->gauge;
    to->gauge_time = from->gauge_time;
    to->limit = from->limit; /* so that a new catalogue is seen as a change of limits */
    uint16_t places[MOST_SERIES];
    for (uint16_t old = 0; old < from_layout->series_count; old++) {
        places[old] = HR_SET_GONE;
        for (uint16_t s = 0; s < to_layout->series_count; s++) {
            if (same_kind(&to_layout->series[s], &from_layout->series[old])) {
                places[old] = s;
                to->series[s] = from->series[old];
                from->series[old] = (struct hr_series){NULL, 0, 0};
            }
        }
    }
    if (from->members) {
        from->members->dirty |= !same_series(to_layout, from_layout);
        hr_members_rename(from->members, places, from_layout->series_count);
        for (uint16_t s = 0; s < to_layout->series_count; s++) {
            hr_members_fit_trail(
                from->members, s, to_layout->series[s].trail ? to_layout->series[s].keep : 0);
        }
        to->members = from->members;
        from->members = NULL;
    }
}

/* Who was in which slot: by new slot, -1 for what begins anew. */
struct heritage {
    uint16_t slot_count;
    int *old;
};

static void adopt_segments(struct hr_account *account, struct hr_layout *from, uint16_t from_slots,
    const struct heritage *heritage, struct hr_pool *pool)
{
    uint16_t meter_count = account->layout->rules->meter_count;
    for (uint32_t i = 0; i < account->segment_count; i++) {
        struct hr_segment *segment = &account->segments[i];
        struct hr_segment old = *segment;
        segment->tallies = take(pool, heritage->slot_count, sizeof *segment->tallies);
        segment->limits = old.limits ? take(pool, meter_count, sizeof *segment->limits) : NULL;
        segment->open = NULL;
        segment->open_count = 0;
        for (uint16_t m = 0; m < heritage->slot_count; m++) {
            if (heritage->old[m] >= 0) {
                segment->tallies[m] = old.tallies[heritage->old[m]];
            }
            if (heritage->old[m] >= 0 && m < meter_count && old.limits) {
                segment->limits[m] = old.limits[heritage->old[m]];
            }
        }
        for (uint32_t o = 0; o < old.open_count; o++) {
            const struct hr_rule *rule = &from->rules->rules[old.open[o].rule];
            const struct hr_rule_level *level = &rule->levels[old.open[o].level];
            int r = hr_layout_find_rule(account->layout, rule->key);
            int l = r < 0 ? -1
                          : hr_layout_find_level(
                                &account->layout->rules->rules[r], level->value, level->currency);
            if (l >= 0) {
                struct hr_level_ref *ref = hr_list_append(
                    pool, &segment->open, &segment->open_count, sizeof *segment->open);
                *ref = (struct hr_level_ref){(uint16_t)r, (uint16_t)l};
            }
        }
        give_segment(from, from_slots, &old, pool);
    }
}

/* A meter that aggregates in another way starts over: its old buckets mean something else. */
static int old_meter(const struct hr_layout *layout, const struct hr_layout *from, uint16_t meter)
{
    const struct hr_meter *is = &layout->rules->meters[meter];
    int old = hr_layout_find_meter(from, is->key);
    return old >= 0 && from->rules->meters[old].aggregate == is->aggregate ? old : -1;
}

static struct hr_str by_of(const struct hr_rules *rules, const struct hr_meter *meter)
{
    return rules->types[meter->type].fields[meter->by];
}

/* The meter whose groups go on as this one's: those of another field are other groups. */
static bool goes_on(
    const struct hr_layout *from, uint16_t old, const struct hr_layout *layout, uint16_t meter)
{
    const struct hr_meter *was = &from->rules->meters[old], *is = &layout->rules->meters[meter];
    return is->has_by && was->has_by && old_meter(layout, from, meter) == old &&
           hr_str_equal(by_of(from->rules, was), by_of(layout->rules, is));
}

/* Groups that came, or that are named no more, keep their places even where there are fewer now. */
static void adopt_groups(struct hr_account *account, const struct hr_account *old,
    struct heritage *heritage, struct hr_pool *pool)
{
    const struct hr_layout *layout = account->layout, *from = old->layout;
    for (uint16_t slot = from->rules->meter_count; slot < old->slot_count; slot++) {
        struct hr_str value = hr_group_value(old, slot);
        for (uint16_t m = 0; old->meters[slot].number != 0 && m < layout->rules->meter_count; m++) {
            if (!goes_on(from, old->meters[slot].meter, layout, m)) {
                continue;
            }
            int to = hr_group_find(account, m, value);
            if (to < 0 && account->slot_count >= HR_SLOTS_MOST) {
                continue;
            }
            /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): a slot to adopt has its place */
            heritage->old[to >= 0 ? to : hr_account_add_slot(account, m, value, pool)] = slot;
        }
    }
}

static void adopt_rule(struct hr_account *account, uint16_t slot, const struct hr_rule *old_rule,
    const struct hr_rule_state *old, struct hr_pool *pool)
{
    const struct hr_rule *rule = &account->layout->rules->rules[slot];
    if (old_rule && !old->levels) {
        bool same = rule->level_count == old_rule->level_count;
        for (uint16_t l = 0; same && l < rule->level_count; l++) {
            same = hr_layout_find_level(
                       old_rule, rule->levels[l].value, rule->levels[l].currency) >= 0;
        }
        if (same) {
            return; /* nothing was remembered and nothing is new */
        }
    }
    struct hr_level_state *levels = hr_account_levels(account, slot, pool);
    uint16_t instances = account->rules[slot].instances;
    for (uint16_t i = 0; i < instances; i++) {
        for (uint16_t l = 0; l < rule->level_count; l++) {
            struct hr_level_state *level = &levels[i * rule->level_count + l];
            int was = old_rule ? hr_layout_find_level(
                                     old_rule, rule->levels[l].value, rule->levels[l].currency)
                               : -1;
            if (was < 0) {
                level->flags = HR_LEVEL_NEW;
            } else if (old->levels && i < old->instances) {
                *level = old->levels[i * old_rule->level_count + was];
            }
            if (old_rule && old_rule->shadow != rule->shadow && (level->flags & HR_LEVEL_FIRED)) {
                /* A shadow's fires count for shadow rules only. */
                level->flags = (uint8_t)((level->flags & ~HR_LEVEL_FIRED) | HR_LEVEL_CLAIMED);
                level->cause = HR_CLAIM_MODE;
            }
            if (old_rule && old_rule->shadow && !rule->shadow) {
                level->fired_at = HR_TIME_NONE;
            }
        }
    }
}

void hr_account_adopt(struct hr_account *account, struct hr_layout *layout, struct hr_pool *pool)
{
    struct hr_account old = *account;
    uint32_t segments = account->segment_count;
    take_slots(account, layout, pool);
    size_t most = (size_t)account->slot_count + old.slot_count;
    struct heritage heritage = {.old = take(pool, most, sizeof *heritage.old)};
    for (size_t m = 0; m < most; m++) {
        heritage.old[m] =
            m < layout->rules->meter_count ? old_meter(layout, old.layout, (uint16_t)m) : -1;
    }
    account->segment_count = 0; /* they get all their slots at once */
    adopt_groups(account, &old, &heritage, pool);
    account->segment_count = segments;
    heritage.slot_count = account->slot_count;
    for (uint16_t m = 0; m < account->slot_count; m++) {
        /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): as many as there are slots */
        if (heritage.old[m] >= 0) {
            adopt_meter(&account->meters[m], layout, &old.meters[heritage.old[m]], old.layout);
        }
    }
    adopt_segments(account, old.layout, old.slot_count, &heritage, pool);
    give(pool, heritage.old, most, sizeof *heritage.old);
    for (uint16_t r = 0; r < layout->rules->rule_count; r++) {
        const struct hr_rules *from = old.layout->rules;
        int was = hr_layout_find_rule(old.layout, layout->rules->rules[r].key);
        adopt_rule(
            account, r, was < 0 ? NULL : &from->rules[was], was < 0 ? NULL : &old.rules[was], pool);
    }
    give_counters(old.layout, old.meters, old.slot_count, old.came, pool);
    for (uint16_t r = 0; r < old.layout->rules->rule_count; r++) {
        give_rule(&old.layout->rules->rules[r], &old.rules[r], pool);
    }
    give(pool, old.rules, old.layout->rules->rule_count, sizeof *old.rules);
    hr_layout_leave(old.layout, pool);
    account->steady_until = HR_TIME_NONE;
    account->due_stale = true;
}
