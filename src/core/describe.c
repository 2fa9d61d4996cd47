/* SPDX-License-Identifier: Apache-2.0 */
/* One account, told row by row (headroom/describe.h). A walk over what is in memory: it reads as
 * signals are read, changes nothing, and says of a level that waits what it waits for. */
#include "headroom/describe.h"
#include "headroom/explain.h"
#include "headroom/never.h"

#include "inside.h"

#include "group.h"
#include "money.h"
#include "outcome.h"
#include "rows.h"
#include "subscription.h"
#include "text.h"
#include "window.h"

/* --- account and subscriptions ---------------------------------------------------------------- */

static void tell_account(struct hr_rows *rows, const struct hr_account *account)
{
    const struct hr_segment *segment = &account->segments[account->current];
    hr_row_add(rows, HR_DESCRIBE_ACCOUNT, HR_STR("period"), hr_row_day(rows, segment->date),
        hr_row_said(rows, "until", hr_row_time(rows, segment->end)));
    hr_row_add(rows, HR_DESCRIBE_ACCOUNT, HR_STR("zone"),
        hr_arena_copy(rows->arena, hr_zone_name(account->zone)), HR_STR(""));
    hr_row_add(rows, HR_DESCRIBE_ACCOUNT, HR_STR("tenure"),
        hr_row_time(rows, hr_tenure_start(account)),
        hr_arena_printf(rows->arena, "%lld days",
            (long long)(hr_zone_day(account->zone, account->clock) -
                        hr_zone_day(account->zone, hr_tenure_start(account)))));
    hr_row_add(rows, HR_DESCRIBE_ACCOUNT, HR_STR("clock"), hr_row_time(rows, account->clock),
        account->live ? HR_STR("") : HR_STR("before start.live_from: counted, not judged"));
    hr_row_add(rows, HR_DESCRIBE_ACCOUNT, HR_STR("rules"),
        hr_arena_printf(rows->arena, "epoch %u", (unsigned)account->layout->rules->epoch),
        account->ended ? HR_STR("not judged: no subscription is active") : HR_STR(""));
    for (uint32_t i = 0; i < account->alias_count; i++) {
        hr_row_add(rows, HR_DESCRIBE_ACCOUNT, HR_STR("alias"),
            hr_arena_copy(rows->arena, account->aliases[i].name), HR_STR(""));
    }
}

static void tell_subscriptions(struct hr_rows *rows, const struct hr_account *account)
{
    for (uint32_t i = 0; i < account->subscription_count; i++) {
        const struct hr_subscription *subscription = &account->subscriptions[i];
        struct hr_str detail = subscription->active ? HR_STR("active") : HR_STR("not active");
        detail = hr_row_join(
            rows, detail, ", ", hr_row_said(rows, "from", hr_row_time(rows, subscription->start)));
        detail = hr_row_join(
            rows, detail, ", ", hr_row_said(rows, "to", hr_row_time(rows, subscription->end)));
        if (subscription->has_renewal) {
            detail = hr_row_join(rows, detail, ", ",
                hr_row_said(rows, "renews", hr_row_day(rows, subscription->renewal_day)));
        }
        if (subscription->mrr.currency[0]) {
            struct hr_str mrr = hr_text_decimal(rows->arena, hr_money_major(subscription->mrr));
            detail = hr_row_join(rows, detail, ", ",
                hr_arena_printf(
                    rows->arena, "mrr %.*s %s", (int)mrr.len, mrr.at, subscription->mrr.currency));
        }
        hr_row_add(rows, HR_DESCRIBE_SUBSCRIPTIONS, hr_arena_copy(rows->arena, subscription->name),
            hr_arena_copy(rows->arena, subscription->plan), detail);
    }
}

/* --- limits, meters, attributes --------------------------------------------------------------- */

static struct hr_str limit_text(struct hr_rows *rows, const struct hr_limit_state *limit)
{
    return limit->kind == HR_LIMIT_NONE        ? HR_STR("")
           : limit->kind == HR_LIMIT_UNLIMITED ? HR_STR("unlimited")
                                               : hr_text_decimal(rows->arena, limit->value);
}

static bool named_before(const struct hr_rules *rules, uint16_t meter)
{
    for (uint16_t m = 0; m < meter; m++) {
        if (hr_str_equal(rules->meters[m].limit, rules->meters[meter].limit)) {
            return true;
        }
    }
    return false;
}

static void tell_limits(struct hr_rows *rows, const struct hr_account *account)
{
    const struct hr_rules *rules = account->layout->rules;
    for (uint16_t m = 0; m < rules->meter_count; m++) {
        struct hr_str limit = limit_text(rows, &account->meters[m].limit);
        if (limit.len > 0 && !named_before(rules, m)) {
            hr_row_add(rows, HR_DESCRIBE_LIMITS, rules->meters[m].limit, limit, HR_STR(""));
        }
    }
}

static void tell_counter(struct hr_rows *rows, const struct hr_account *account, uint16_t slot)
{
    const struct hr_meter *meter = hr_slot_meter(account, slot);
    struct hr_str limit = hr_row_said(rows, "of", limit_text(rows, &account->meters[slot].limit));
    struct hr_str name = hr_text_counter(rows->arena, account, slot);
    if (meter->aggregate == HR_LATEST) {
        struct hr_str since = hr_row_time(rows, account->meters[slot].gauge_time);
        hr_row_add(rows, HR_DESCRIBE_METERS, name, hr_text_window(rows->arena, account, slot, 0),
            hr_row_join(rows, limit, ", ", hr_row_said(rows, "read", since)));
    }
    for (uint16_t w = 0; meter->aggregate != HR_LATEST && w < meter->window_count; w++) {
        struct hr_str detail = w == 0 ? limit : HR_STR("");
        if (meter->windows[w].unseen) {
            continue;
        }
        if (!hr_window_is_exact(account, slot, w)) {
            detail = hr_row_join(rows, detail, ", ", HR_STR("estimated, error " HR_UNIQUE_ERROR));
        }
        hr_row_add(rows, HR_DESCRIBE_METERS, hr_row_join(rows, name, ".", meter->windows[w].text),
            hr_text_window(rows->arena, account, slot, w), detail);
    }
    struct hr_str used = hr_text_used(rows->arena, account, slot);
    if (used.len > 0) {
        hr_row_add(rows, HR_DESCRIBE_METERS, hr_row_join(rows, name, ".", HR_STR("used")), used,
            HR_STR(""));
    }
}

static void tell_meters(struct hr_rows *rows, const struct hr_account *account)
{
    for (uint16_t s = 0; s < account->slot_count; s++) {
        if (!hr_slot_is_group(account, s) || account->meters[s].number != 0) {
            tell_counter(rows, account, s);
        }
    }
}

static void tell_attributes(struct hr_rows *rows, const struct hr_account *account)
{
    struct hr_decimal mrr;
    char currency[4];
    if (hr_account_mrr(account, &mrr, currency)) {
        struct hr_str text = hr_text_decimal(rows->arena, mrr);
        hr_row_add(rows, HR_DESCRIBE_ATTRIBUTES, HR_STR("mrr"),
            hr_arena_printf(rows->arena, "%.*s %s", (int)text.len, text.at, currency), HR_STR(""));
    }
    if (!hr_time_is(account->arr_stamp, HR_TIME_NONE)) {
        struct hr_str text = hr_text_decimal(rows->arena, hr_money_major(account->arr));
        hr_row_add(rows, HR_DESCRIBE_ATTRIBUTES, HR_STR("arr"),
            hr_arena_printf(rows->arena, "%.*s %s", (int)text.len, text.at, account->arr.currency),
            hr_row_said(rows, "since", hr_row_time(rows, account->arr_stamp)));
    }
    for (uint32_t i = 0; i < account->attribute_count; i++) {
        const struct hr_fact_value *value = &account->attributes[i];
        if (value->kind != HR_VALUE_NULL) {
            hr_row_add(rows, HR_DESCRIBE_ATTRIBUTES, hr_arena_copy(rows->arena, value->name),
                hr_arena_copy(rows->arena, value->text),
                hr_row_said(rows, "since", hr_row_time(rows, value->stamp)));
        }
    }
}

static void tell_products(struct hr_rows *rows, const struct hr_account *account)
{
    for (uint16_t p = 0; p < account->layout->rules->product_count; p++) {
        hr_row_add(rows, HR_DESCRIBE_PRODUCTS, account->layout->rules->products[p].name,
            hr_product_owned(account, p) ? HR_STR("owned") : HR_STR("not owned"),
            hr_product_used(account, p) ? HR_STR("used") : HR_STR("not used in 30 days"));
    }
}

static void tell_score(struct hr_rows *rows, const struct hr_explanation *explanation)
{
    const struct hr_score *score = &explanation->score;
    hr_row_add(rows, HR_DESCRIBE_SCORE, HR_STR("total"),
        hr_arena_printf(rows->arena, "%lld", (long long)score->total), score->tier);
    for (uint16_t i = 0; i < score->part_count; i++) {
        const struct hr_score_part *part = &score->parts[i];
        struct hr_str name =
            part->row->name.at ? part->row->name : hr_arena_printf(rows->arena, "row %u", i + 1u);
        hr_row_add(rows, HR_DESCRIBE_SCORE, name,
            hr_arena_printf(rows->arena, "%d", part->given ? (int)part->row->points : 0),
            part->because);
    }
}

/* --- rules ------------------------------------------------------------------------------------ */

static struct hr_str level_name(struct hr_rows *rows, const struct hr_level_now *level)
{
    struct hr_str name = hr_row_join(rows, level->rule->name, " ", level->level->text);
    return level->subscription.len > 0 ? hr_row_join(rows, name, "@", level->subscription) : name;
}

static bool is_open(const struct hr_level_now *level)
{
    return level->why == HR_WHY_FIRED || level->why == HR_WHY_CLAIMED;
}

/* A level of a rule under one of three heads: open; beyond and waiting; not there. */
static void tell_level(struct hr_rows *rows, const struct hr_level_now *level)
{
    struct hr_str since = hr_row_said(rows, "since", hr_row_time(rows, level->since));
    struct hr_str detail;
    const char *section = HR_DESCRIBE_WAITING;
    if (level->why == HR_WHY_FIRED) {
        section = HR_DESCRIBE_EPISODES;
        detail = hr_row_join(rows, since, ", ",
            hr_arena_printf(rows->arena, "episode %u", (unsigned)level->episode));
        if (level->held_out || level->rule->shadow) {
            detail = hr_row_join(rows, detail, ", ", hr_explain_why(rows->arena, level));
        }
    } else if (level->why == HR_WHY_CLAIMED) {
        section = HR_DESCRIBE_EPISODES;
        detail = hr_row_join(rows, since, ", ", hr_explain_why(rows->arena, level));
    } else if (hr_time_is(level->since, HR_TIME_NONE)) {
        section = HR_DESCRIBE_IDLE;
        detail = hr_explain_why(rows->arena, level);
    } else {
        detail = hr_row_join(rows, since, ", ", hr_explain_why(rows->arena, level));
    }
    hr_row_add(rows, section, level_name(rows, level), hr_str(hr_why_name(level->why)), detail);
}

static void tell_levels(struct hr_rows *rows, const struct hr_explanation *explanation)
{
    for (int head = 0; head < 3; head++) {
        for (size_t i = 0; i < explanation->level_count; i++) {
            const struct hr_level_now *level = &explanation->levels[i];
            bool waits = !is_open(level) && !hr_time_is(level->since, HR_TIME_NONE);
            if (head == (is_open(level) ? 0 : waits ? 1 : 2)) {
                tell_level(rows, level);
            }
        }
    }
}

static void tell_advice(struct hr_rows *rows, const struct hr_explanation *explanation)
{
    for (size_t i = 0; i < explanation->level_count; i++) {
        const struct hr_level_now *level = &explanation->levels[i];
        if (level->advice) {
            hr_row_add(rows, HR_DESCRIBE_ADVICE, level_name(rows, level),
                hr_explain_recommend(rows->arena, level->advice),
                hr_explain_route(rows->arena, level->advice));
        }
    }
}

/* --- what comes, what was --------------------------------------------------------------------- */

static void tell_timers(
    struct hr_rows *rows, const struct hr_home *home, const struct hr_entry *entry)
{
    const struct hr_account *account = entry->account;
    hr_row_add(rows, HR_DESCRIBE_TIMERS, HR_STR("next"), hr_row_time(rows, entry->due), HR_STR(""));
    hr_row_add(rows, HR_DESCRIBE_TIMERS, HR_STR("daily"),
        hr_row_time(rows, hr_account_daily(hr_entry_name(entry), account->clock)),
        account->layout->base == home->layouts ? HR_STR("")
                                               : HR_STR("takes the current rules over"));
    hr_row_add(rows, HR_DESCRIBE_TIMERS, HR_STR("period ends"),
        hr_row_time(rows, account->segments[account->current].end), HR_STR(""));
    if (!account->live) {
        hr_row_add(rows, HR_DESCRIBE_TIMERS, HR_STR("live from"),
            hr_row_time(rows, home->settings.live_from), HR_STR(""));
    }
    for (uint32_t i = 0; i < account->subscription_count; i++) {
        const struct hr_subscription *subscription = &account->subscriptions[i];
        if (subscription->active && !hr_time_is(subscription->end, HR_TIME_NEVER)) {
            hr_row_add(rows, HR_DESCRIBE_TIMERS, HR_STR("subscription ends"),
                hr_row_time(rows, subscription->end),
                hr_arena_copy(rows->arena, subscription->name));
        }
    }
}

/* RULE LEVEL of a numbering key; empty when no rule in force has it. */
static struct hr_str name_of_key(
    struct hr_rows *rows, const struct hr_account *account, uint32_t key)
{
    const struct hr_rules *rules = account->layout->rules;
    for (uint16_t r = 0; r < rules->rule_count; r++) {
        for (uint16_t l = 0; l < rules->rules[r].level_count; l++) {
            const struct hr_rule_level *level = &rules->rules[r].levels[l];
            struct hr_str name = hr_row_join(rows, rules->rules[r].name, " ", level->text);
            if (hr_number_key(&rules->rules[r], level, NULL) == key) {
                return name;
            }
            for (uint32_t s = 0; s < account->subscription_count; s++) {
                const struct hr_subscription *subscription = &account->subscriptions[s];
                if (hr_number_key(&rules->rules[r], level, subscription) == key) {
                    return hr_row_join(rows, name, "@", subscription->name);
                }
            }
        }
    }
    return HR_STR("a rule that is gone");
}

/* What is known of what came of it. */
static struct hr_str outcome_of(const struct hr_account *account, const struct hr_recent *recent)
{
    const struct hr_outcomes *outcomes = account->outcomes;
    for (uint32_t i = 0; outcomes && i < outcomes->fire_count; i++) {
        const struct hr_fire *fire = &outcomes->fires[i];
        if (fire->key == recent->key && fire->date == recent->date &&
            fire->number == recent->number) {
            return fire->held_out    ? HR_STR("held out")
                   : fire->converted ? HR_STR("an upgrade followed")
                                     : HR_STR("");
        }
    }
    return HR_STR("");
}

static void tell_triggers(struct hr_rows *rows, const struct hr_account *account)
{
    for (uint32_t i = account->recent_count; i > 0; i--) {
        const struct hr_recent *recent = &account->recent[i - 1];
        struct hr_str date = hr_row_day(rows, recent->date);
        hr_row_add(rows, HR_DESCRIBE_TRIGGERS, name_of_key(rows, account, recent->key),
            hr_arena_printf(
                rows->arena, "%.*s#%u", (int)date.len, date.at, (unsigned)recent->number),
            hr_row_join(rows, hr_row_time(rows, recent->time), ", ", outcome_of(account, recent)));
    }
}

static void describe_account(
    struct hr_rows *rows, struct hr_home *home, struct hr_entry *entry, struct hr_str name)
{
    struct hr_explanation explanation;
    if (HR_NEVER(!hr_home_explain(home, name, rows->arena, &explanation))) { /* it is an account */
        return;
    }
    tell_account(rows, entry->account);
    if (explanation.segment.len > 0) {
        hr_row_add(rows, HR_DESCRIBE_ACCOUNT, HR_STR("segment"), explanation.segment, HR_STR(""));
    }
    tell_subscriptions(rows, entry->account);
    tell_limits(rows, entry->account);
    tell_meters(rows, entry->account);
    tell_attributes(rows, entry->account);
    hr_describe_revenue(rows, entry->account);
    tell_products(rows, entry->account);
    tell_score(rows, &explanation);
    hr_describe_dossier(rows, entry->account);
    tell_levels(rows, &explanation);
    tell_advice(rows, &explanation);
    tell_timers(rows, home, entry);
    tell_triggers(rows, entry->account);
}

size_t hr_home_describe(
    struct hr_home *home, struct hr_str name, struct hr_arena *arena, struct hr_row **out)
{
    struct hr_rows rows = {.arena = arena};
    struct hr_entry *entry = hr_table_find(home, name, hr_hash64(name, 0));
    enum hr_entry_kind kind = entry ? entry->kind : HR_ENTRY_UNKNOWN;
    if (kind == HR_ENTRY_ALIAS) {
        hr_row_add(&rows, HR_DESCRIBE_ACCOUNT, HR_STR("alias_of"),
            hr_arena_copy(arena, entry->target), HR_STR(""));
    } else if (kind == HR_ENTRY_ACCOUNT) {
        describe_account(&rows, home, entry, name);
    }
    *out = rows.at;
    return rows.count;
}

struct hr_str hr_home_attribute(
    const struct hr_home *home, struct hr_str account, struct hr_str name)
{
    const struct hr_entry *entry = hr_table_find(home, account, hr_hash64(account, 0));
    if (entry && entry->kind == HR_ENTRY_ACCOUNT) {
        for (uint32_t i = 0; i < entry->account->attribute_count; i++) {
            const struct hr_fact_value *value = &entry->account->attributes[i];
            if (hr_str_equal(value->name, name) && value->kind != HR_VALUE_NULL) {
                return value->text;
            }
        }
    }
    return HR_STR("");
}
