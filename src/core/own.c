/* SPDX-License-Identifier: Apache-2.0 */
/* Levels of one account's own. They act as a change of rules, so they are one: an account that has
 * some follows a layout of its own, a copy of its base with other levels in some rules, and goes
 * over to it as to any other rule set. Everything that judges reads the account's layout and knows
 * nothing of this. Accounts with the same words share a layout.
 *
 * What is kept is the words. What they mean hangs on the rule: levels of a rule that is not known,
 * or in a unit that its signal does not have, wait for a rule set in which they fit. The order in
 * which they were written is nothing: they are sorted, and equal ones are one. */
#include "own.h"

#include "dossier.h"
#include "fact.h"
#include "money.h"

#include "headroom/hash.h"
#include "headroom/written.h"

#define LEVELS_MOST 32 /* of a rule, as in the configuration and in events */

/* --- what was told ---------------------------------------------------------------------------- */

struct hr_own_rule *hr_own_add(
    struct hr_dossier *dossier, struct hr_str rule, struct hr_str owner, struct hr_pool *pool)
{
    struct hr_own_rule *own = hr_list_append(pool, &dossier->own, &dossier->own_count, sizeof *own);
    own->rule = hr_text_keep(pool, rule);
    own->owner = hr_text_keep(pool, owner);
    return own;
}

void hr_own_add_level(struct hr_own_rule *own, struct hr_str level, struct hr_pool *pool)
{
    struct hr_str *made =
        hr_list_append(pool, &own->levels, &own->level_count, sizeof *own->levels);
    *made = hr_text_keep(pool, level);
}

void hr_own_drop(struct hr_dossier *dossier, struct hr_pool *pool)
{
    for (uint32_t i = 0; i < dossier->own_count; i++) {
        struct hr_own_rule *own = &dossier->own[i];
        for (uint32_t l = 0; l < own->level_count; l++) {
            hr_text_drop(pool, &own->levels[l]);
        }
        if (own->level_count > 0) {
            hr_pool_give(pool, own->levels, own->level_count * sizeof *own->levels);
        }
        hr_text_drop(pool, &own->rule);
        hr_text_drop(pool, &own->owner);
    }
    if (dossier->own_count > 0) {
        hr_pool_give(pool, dossier->own, dossier->own_count * sizeof *dossier->own);
    }
    dossier->own = NULL;
    dossier->own_count = 0;
}

/* True when what was told before is to be replaced. */
static bool begin(struct hr_account *account, struct hr_time time, struct hr_pool *pool)
{
    struct hr_dossier *dossier = hr_dossier_of(account, pool);
    if (!hr_fact_is_newer(dossier->own_stamp, time)) {
        return false;
    }
    hr_own_drop(dossier, pool);
    dossier->own_stamp = time;
    account->own_stale = true;
    return true;
}

void hr_own_tell(struct hr_account *account, const struct hr_fact *fact, struct hr_time time,
    struct hr_pool *pool)
{
    if (!fact->has_overrides || !begin(account, time, pool)) {
        return;
    }
    for (size_t i = 0; i < fact->override_count; i++) {
        const struct hr_override *override = &fact->overrides[i];
        struct hr_own_rule *own =
            hr_own_add(account->dossier, override->rule, override->owner, pool);
        for (size_t l = 0; l < override->level_count; l++) {
            hr_own_add_level(own, override->levels[l], pool);
        }
    }
}

void hr_own_merge(struct hr_account *account, const struct hr_account *stray, struct hr_pool *pool)
{
    const struct hr_dossier *other = stray->dossier;
    if (!other || hr_time_is(other->own_stamp, HR_TIME_NONE) ||
        !begin(account, other->own_stamp, pool)) {
        return;
    }
    for (uint32_t i = 0; i < other->own_count; i++) {
        const struct hr_own_rule *from = &other->own[i];
        struct hr_own_rule *own = hr_own_add(account->dossier, from->rule, from->owner, pool);
        for (uint32_t l = 0; l < from->level_count; l++) {
            hr_own_add_level(own, from->levels[l], pool);
        }
    }
}

/* --- what it means ---------------------------------------------------------------------------- */

struct levels {
    struct hr_written at[LEVELS_MOST]; /* nearest first */
    uint16_t count;
};

static int find_rule(const struct hr_rules *rules, struct hr_str name)
{
    for (int r = 0; r < rules->rule_count; r++) {
        if (hr_str_equal(rules->rules[r].name, name)) {
            return r;
        }
    }
    return -1;
}

static void insert(
    struct levels *levels, const struct hr_written *level, enum hr_direction direction)
{
    uint16_t at = levels->count;
    for (; at > 0; at--) {
        int order = hr_decimal_compare(levels->at[at - 1].number, level->number);
        if (order == 0) {
            return;
        }
        if ((order < 0) == (direction == HR_UP)) {
            break;
        }
    }
    memmove(&levels->at[at + 1], &levels->at[at], (levels->count - at) * sizeof *level);
    levels->at[at] = *level;
    levels->count++;
}

/* Brings levels into the unit of the rule's signal, and in order. NULL, or why they do not fit. */
static const char *read_levels(const struct hr_rules *rules, const struct hr_rule *rule,
    const struct hr_own_rule *own, struct levels *levels)
{
    enum hr_unit unit = rules->signals[rule->signal].unit;
    levels->count = 0;
    for (uint32_t l = 0; l < own->level_count; l++) {
        struct hr_written level;
        if (levels->count == LEVELS_MOST || hr_read_literal(own->levels[l], &level) ||
            unit == HR_UNIT_TEXT || !hr_fit_unit(unit, &level)) {
            return "waits: a level is not in the unit of the rule's signal";
        }
        /* The margin is in the currency of the configuration's levels. */
        const char *currency = rule->rearm.units != 0 ? rule->levels[0].currency
                               : l > 0                ? levels->at[0].currency
                                                      : level.currency;
        if (!hr_currency_equal(currency, level.currency)) {
            return "waits: its levels are in another currency";
        }
        insert(levels, &level, rule->direction);
    }
    return NULL;
}

const char *hr_own_waits(const struct hr_rules *rules, const struct hr_own_rule *own)
{
    struct levels levels;
    int slot = find_rule(rules, own->rule);
    return slot < 0 ? "waits: there is no such rule"
                    : read_levels(rules, &rules->rules[slot], own, &levels);
}

/* --- layouts ---------------------------------------------------------------------------------- */

static uint64_t key_of(const struct hr_dossier *dossier)
{
    uint64_t key = 0;
    for (uint32_t i = 0; i < dossier->own_count; i++) {
        const struct hr_own_rule *own = &dossier->own[i];
        key = hr_hash64(own->rule, key);
        for (uint32_t l = 0; l < own->level_count; l++) {
            key = hr_hash64(own->levels[l], key + 1);
        }
    }
    return key;
}

static void replace_levels(struct hr_layout *layout, struct hr_rule *rule,
    struct hr_rule_layout *out, const struct levels *levels)
{
    struct hr_rule_level *made = hr_arena_zeroed(&layout->arena, levels->count * sizeof *made);
    out->margins = hr_arena_zeroed(&layout->arena, levels->count * sizeof *out->margins);
    out->claimed = hr_arena_zeroed(&layout->arena, levels->count * sizeof *out->claimed);
    rule->levels = made;
    rule->level_count = levels->count;
    for (uint16_t l = 0; l < levels->count; l++) {
        made[l].value = levels->at[l].number;
        made[l].text = hr_level_text(&layout->arena, &levels->at[l]);
        memcpy(made[l].currency, levels->at[l].currency, sizeof made[l].currency);
        out->margins[l] = hr_layout_margin(rule, l);
    }
}

static void *copy(struct hr_layout *layout, const void *from, size_t size)
{
    return memcpy(hr_arena_take(&layout->arena, size), from, size);
}

static struct hr_layout *make(
    struct hr_layout *base, const struct hr_dossier *dossier, struct hr_pool *pool)
{
    struct hr_layout *layout = hr_pool_take(pool, sizeof *layout);
    *layout = *base;
    hr_arena_init(&layout->arena);
    layout->own = NULL;
    layout->users = 0;
    layout->own_key = key_of(dossier);
    struct hr_rules *rules = copy(layout, base->rules, sizeof *rules);
    struct hr_rule *list = copy(layout, rules->rules, rules->rule_count * sizeof *list);
    rules->rules = list;
    layout->rules = rules;
    layout->rule_layouts =
        copy(layout, base->rule_layouts, rules->rule_count * sizeof *layout->rule_layouts);
    layout->signals = copy(layout, base->signals, rules->signal_count * sizeof *layout->signals);
    for (uint32_t i = 0; i < dossier->own_count; i++) {
        struct levels levels;
        int slot = find_rule(rules, dossier->own[i].rule);
        if (slot >= 0 && !read_levels(rules, &list[slot], &dossier->own[i], &levels) &&
            levels.count > 0) {
            replace_levels(layout, &list[slot], &layout->rule_layouts[slot], &levels);
        }
    }
    hr_layout_mark(layout);
    layout->next = base->own;
    base->own = layout;
    return layout;
}

static bool fits_any(const struct hr_rules *rules, const struct hr_dossier *dossier)
{
    for (uint32_t i = 0; i < dossier->own_count; i++) {
        if (dossier->own[i].level_count > 0 && !hr_own_waits(rules, &dossier->own[i])) {
            return true;
        }
    }
    return false;
}

struct hr_layout *hr_layout_of(
    struct hr_layout *base, const struct hr_account *account, struct hr_pool *pool)
{
    const struct hr_dossier *dossier = account->dossier;
    if (!dossier || dossier->own_count == 0 || !fits_any(base->rules, dossier)) {
        return base;
    }
    uint64_t key = key_of(dossier);
    struct hr_layout *found = base->own;
    while (found && found->own_key != key) {
        found = found->next;
    }
    if (!found) {
        found = make(base, dossier, pool);
    }
    found->users++;
    return found;
}

void hr_layout_leave(struct hr_layout *layout, struct hr_pool *pool)
{
    if (layout == layout->base || --layout->users > 0) {
        return;
    }
    struct hr_layout **at = &layout->base->own;
    while (*at != layout) {
        at = &(*at)->next;
    }
    *at = layout->next;
    hr_layout_destroy(layout, pool);
}
