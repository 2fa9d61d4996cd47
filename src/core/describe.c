/* SPDX-License-Identifier: Apache-2.0 */
/* One account, told row by row (headroom/describe.h). A walk over what is in memory: it reads as
 * signals are read, changes nothing, and says of a level that waits what it waits for. */
#include "headroom/describe.h"
#include "headroom/explain.h"

#include "inside.h"
#include "money.h"
#include "subscription.h"
#include "text.h"
#include "window.h"

struct rows {
    struct hr_arena *arena;
    struct hr_row *at;
    size_t count, room;
};

static void add(struct rows *rows, const char *section, struct hr_str name, struct hr_str value,
    struct hr_str detail)
{
    if (rows->count == rows->room) {
        size_t room = rows->room ? rows->room * 2 : 32;
        struct hr_row *more = hr_arena_take(rows->arena, room * sizeof *more);
        if (rows->count > 0) {
            memcpy(more, rows->at, rows->count * sizeof *more);
        }
        rows->at = more;
        rows->room = room;
    }
    rows->at[rows->count++] = (struct hr_row){section, name, value, detail};
}

static struct hr_str none(void)
{
    return HR_STR("");
}

static struct hr_str time_text(struct rows *rows, struct hr_time time)
{
    char text[HR_TIME_TEXT];
    if (hr_time_is(time, HR_TIME_NEVER) || hr_time_is(time, HR_TIME_NONE)) {
        return none();
    }
    size_t len = hr_time_print(time, text);
    return hr_arena_copy(rows->arena, (struct hr_str){text, len});
}

static struct hr_str day_text(struct rows *rows, int64_t day)
{
    char text[HR_TIME_TEXT];
    size_t len = hr_date_print(day, text);
    return hr_arena_copy(rows->arena, (struct hr_str){text, len});
}

/* "word TEXT", or nothing when the text is empty. */
static struct hr_str said(struct rows *rows, const char *word, struct hr_str text)
{
    return text.len == 0 ? none()
                         : hr_arena_printf(rows->arena, "%s %.*s", word, (int)text.len, text.at);
}

static struct hr_str joined(
    struct rows *rows, struct hr_str a, const char *between, struct hr_str b)
{
    if (a.len == 0 || b.len == 0) {
        return a.len == 0 ? b : a;
    }
    return hr_arena_join(rows->arena, a, between, b);
}

/* --- account and subscriptions ---------------------------------------------------------------- */

static void tell_account(struct rows *rows, const struct hr_account *account)
{
    const struct hr_segment *segment = &account->segments[account->current];
    add(rows, HR_DESCRIBE_ACCOUNT, HR_STR("period"), day_text(rows, segment->date),
        said(rows, "until", time_text(rows, segment->end)));
    add(rows, HR_DESCRIBE_ACCOUNT, HR_STR("zone"),
        hr_arena_copy(rows->arena, hr_zone_name(account->zone)), none());
    add(rows, HR_DESCRIBE_ACCOUNT, HR_STR("tenure"), time_text(rows, hr_tenure_start(account)),
        hr_arena_printf(rows->arena, "%lld days",
            (long long)(hr_zone_day(account->zone, account->clock) -
                        hr_zone_day(account->zone, hr_tenure_start(account)))));
    add(rows, HR_DESCRIBE_ACCOUNT, HR_STR("clock"), time_text(rows, account->clock),
        account->live ? none() : HR_STR("before start.live_from: counted, not judged"));
    add(rows, HR_DESCRIBE_ACCOUNT, HR_STR("rules"),
        hr_arena_printf(rows->arena, "epoch %u", (unsigned)account->layout->rules->epoch),
        account->ended ? HR_STR("not judged: no subscription is active") : none());
    for (uint32_t i = 0; i < account->alias_count; i++) {
        add(rows, HR_DESCRIBE_ACCOUNT, HR_STR("alias"),
            hr_arena_copy(rows->arena, account->aliases[i].name), none());
    }
}

static void tell_subscriptions(struct rows *rows, const struct hr_account *account)
{
    for (uint32_t i = 0; i < account->subscription_count; i++) {
        const struct hr_subscription *subscription = &account->subscriptions[i];
        struct hr_str detail = subscription->active ? HR_STR("active") : HR_STR("not active");
        detail =
            joined(rows, detail, ", ", said(rows, "from", time_text(rows, subscription->start)));
        detail = joined(rows, detail, ", ", said(rows, "to", time_text(rows, subscription->end)));
        if (subscription->has_renewal) {
            detail = joined(rows, detail, ", ",
                said(rows, "renews", day_text(rows, subscription->renewal_day)));
        }
        if (subscription->mrr.currency[0]) {
            struct hr_str mrr = hr_text_decimal(rows->arena, hr_money_major(subscription->mrr));
            detail = joined(rows, detail, ", ",
                hr_arena_printf(
                    rows->arena, "mrr %.*s %s", (int)mrr.len, mrr.at, subscription->mrr.currency));
        }
        add(rows, HR_DESCRIBE_SUBSCRIPTIONS, hr_arena_copy(rows->arena, subscription->name),
            hr_arena_copy(rows->arena, subscription->plan), detail);
    }
}

/* --- limits, meters, attributes --------------------------------------------------------------- */

static struct hr_str limit_text(struct rows *rows, const struct hr_limit_state *limit)
{
    return limit->kind == HR_LIMIT_NONE        ? none()
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

static void tell_limits(struct rows *rows, const struct hr_account *account)
{
    const struct hr_rules *rules = account->layout->rules;
    for (uint16_t m = 0; m < rules->meter_count; m++) {
        struct hr_str limit = limit_text(rows, &account->meters[m].limit);
        if (limit.len > 0 && !named_before(rules, m)) {
            add(rows, HR_DESCRIBE_LIMITS, rules->meters[m].limit, limit, none());
        }
    }
}

static void tell_meters(struct rows *rows, const struct hr_account *account)
{
    const struct hr_rules *rules = account->layout->rules;
    for (uint16_t m = 0; m < rules->meter_count; m++) {
        const struct hr_meter *meter = &rules->meters[m];
        struct hr_str limit = said(rows, "of", limit_text(rows, &account->meters[m].limit));
        struct hr_str name = meter->name;
        if (meter->aggregate == HR_LATEST) {
            struct hr_str since = time_text(rows, account->meters[m].gauge_time);
            add(rows, HR_DESCRIBE_METERS, name, hr_text_window(rows->arena, account, m, 0),
                joined(rows, limit, ", ", said(rows, "read", since)));
        } else {
            for (uint16_t w = 0; w < meter->window_count; w++) {
                add(rows, HR_DESCRIBE_METERS, joined(rows, name, ".", meter->windows[w].text),
                    hr_text_window(rows->arena, account, m, w), w == 0 ? limit : none());
            }
        }
        struct hr_str used = hr_text_used(rows->arena, account, m);
        if (used.len > 0) {
            add(rows, HR_DESCRIBE_METERS, joined(rows, name, ".", HR_STR("used")), used, none());
        }
    }
}

static void tell_attributes(struct rows *rows, const struct hr_account *account)
{
    struct hr_decimal mrr;
    char currency[4];
    if (hr_account_mrr(account, &mrr, currency)) {
        struct hr_str text = hr_text_decimal(rows->arena, mrr);
        add(rows, HR_DESCRIBE_ATTRIBUTES, HR_STR("mrr"),
            hr_arena_printf(rows->arena, "%.*s %s", (int)text.len, text.at, currency), none());
    }
    if (!hr_time_is(account->arr_stamp, HR_TIME_NONE)) {
        struct hr_str text = hr_text_decimal(rows->arena, hr_money_major(account->arr));
        add(rows, HR_DESCRIBE_ATTRIBUTES, HR_STR("arr"),
            hr_arena_printf(rows->arena, "%.*s %s", (int)text.len, text.at, account->arr.currency),
            said(rows, "since", time_text(rows, account->arr_stamp)));
    }
    for (uint32_t i = 0; i < account->attribute_count; i++) {
        const struct hr_fact_value *value = &account->attributes[i];
        if (value->kind != HR_VALUE_NULL) {
            add(rows, HR_DESCRIBE_ATTRIBUTES, hr_arena_copy(rows->arena, value->name),
                hr_arena_copy(rows->arena, value->text),
                said(rows, "since", time_text(rows, value->stamp)));
        }
    }
}

/* --- rules ------------------------------------------------------------------------------------ */

static struct hr_str level_name(struct rows *rows, const struct hr_level_now *level)
{
    struct hr_str name = joined(rows, level->rule->name, " ", level->level->text);
    return level->subscription.len > 0 ? joined(rows, name, "@", level->subscription) : name;
}

static bool is_open(const struct hr_level_now *level)
{
    return level->why == HR_WHY_FIRED || level->why == HR_WHY_CLAIMED;
}

/* A level of a rule under one of three heads: open; beyond and waiting; not there. */
static void tell_level(struct rows *rows, const struct hr_level_now *level)
{
    struct hr_str since = said(rows, "since", time_text(rows, level->since));
    struct hr_str detail = since;
    const char *section = HR_DESCRIBE_WAITING;
    if (level->why == HR_WHY_FIRED) {
        section = HR_DESCRIBE_EPISODES;
        detail = joined(rows, since, ", ",
            hr_arena_printf(rows->arena, "episode %u", (unsigned)level->episode));
    } else if (level->why == HR_WHY_CLAIMED) {
        section = HR_DESCRIBE_EPISODES;
        detail = joined(rows, since, ", ", hr_explain_why(rows->arena, level));
    } else if (hr_time_is(level->since, HR_TIME_NONE)) {
        section = HR_DESCRIBE_IDLE;
        detail = hr_explain_why(rows->arena, level);
    } else {
        detail = joined(rows, since, ", ", hr_explain_why(rows->arena, level));
    }
    add(rows, section, level_name(rows, level), hr_str(hr_why_name(level->why)), detail);
}

static void tell_levels(struct rows *rows, const struct hr_explanation *explanation)
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

/* --- what comes, what was --------------------------------------------------------------------- */

static void tell_timers(struct rows *rows, const struct hr_home *home, const struct hr_entry *entry)
{
    const struct hr_account *account = entry->account;
    add(rows, HR_DESCRIBE_TIMERS, HR_STR("next"), time_text(rows, entry->due), none());
    add(rows, HR_DESCRIBE_TIMERS, HR_STR("daily"),
        time_text(rows, hr_account_daily(hr_entry_name(entry), account->clock)),
        account->layout == home->layouts ? none() : HR_STR("takes the current rules over"));
    add(rows, HR_DESCRIBE_TIMERS, HR_STR("period ends"),
        time_text(rows, account->segments[account->current].end), none());
    if (!account->live) {
        add(rows, HR_DESCRIBE_TIMERS, HR_STR("live from"),
            time_text(rows, home->settings.live_from), none());
    }
    for (uint32_t i = 0; i < account->subscription_count; i++) {
        const struct hr_subscription *subscription = &account->subscriptions[i];
        if (subscription->active && !hr_time_is(subscription->end, HR_TIME_NEVER)) {
            add(rows, HR_DESCRIBE_TIMERS, HR_STR("subscription ends"),
                time_text(rows, subscription->end), hr_arena_copy(rows->arena, subscription->name));
        }
    }
}

/* RULE LEVEL of a numbering key; empty when no rule in force has it. */
static struct hr_str name_of_key(struct rows *rows, const struct hr_account *account, uint32_t key)
{
    const struct hr_rules *rules = account->layout->rules;
    for (uint16_t r = 0; r < rules->rule_count; r++) {
        for (uint16_t l = 0; l < rules->rules[r].level_count; l++) {
            const struct hr_rule_level *level = &rules->rules[r].levels[l];
            struct hr_str name = joined(rows, rules->rules[r].name, " ", level->text);
            if (hr_number_key(&rules->rules[r], level, NULL) == key) {
                return name;
            }
            for (uint32_t s = 0; s < account->subscription_count; s++) {
                const struct hr_subscription *subscription = &account->subscriptions[s];
                if (hr_number_key(&rules->rules[r], level, subscription) == key) {
                    return joined(rows, name, "@", subscription->name);
                }
            }
        }
    }
    return HR_STR("a rule that is gone");
}

static void tell_triggers(struct rows *rows, const struct hr_account *account)
{
    for (uint32_t i = account->recent_count; i > 0; i--) {
        const struct hr_recent *recent = &account->recent[i - 1];
        struct hr_str date = day_text(rows, recent->date);
        add(rows, HR_DESCRIBE_TRIGGERS, name_of_key(rows, account, recent->key),
            hr_arena_printf(
                rows->arena, "%.*s#%u", (int)date.len, date.at, (unsigned)recent->number),
            time_text(rows, recent->time));
    }
}

size_t hr_home_describe(
    struct hr_home *home, struct hr_str name, struct hr_arena *arena, struct hr_row **out)
{
    struct rows rows = {.arena = arena};
    struct hr_entry *entry = hr_table_find(home, name, hr_hash64(name, 0));
    if (entry && entry->kind == HR_ENTRY_ALIAS) {
        add(&rows, HR_DESCRIBE_ACCOUNT, HR_STR("alias_of"), hr_arena_copy(arena, entry->target),
            none());
    }
    if (entry && entry->kind == HR_ENTRY_ACCOUNT) {
        struct hr_explanation explanation;
        bool is_known = hr_home_explain(home, name, arena, &explanation);
        tell_account(&rows, entry->account);
        tell_subscriptions(&rows, entry->account);
        tell_limits(&rows, entry->account);
        tell_meters(&rows, entry->account);
        tell_attributes(&rows, entry->account);
        if (is_known) {
            tell_levels(&rows, &explanation);
        }
        tell_timers(&rows, home, entry);
        tell_triggers(&rows, entry->account);
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
    return none();
}
