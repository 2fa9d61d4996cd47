/* SPDX-License-Identifier: Apache-2.0 */
/* One account as reports count it. It reads what rules read: a report cannot think otherwise of a
 * segment, a product or an amount than what decides. */
#include "headroom/now.h"

#include "inside.h"

#include "dossier.h"
#include "money.h"
#include "outcome.h"
#include "signal.h"
#include "subscription.h"

static void read_revenue(const struct hr_account *account, struct hr_account_now *now)
{
    char currency[4];
    for (uint32_t i = 0; i < account->subscription_count; i++) {
        now->customer |= account->subscriptions[i].active;
    }
    now->priced = hr_account_mrr(account, &now->mrr, currency) &&
                  hr_money_convert(now->rules, now->mrr, currency, &now->mrr);
    now->tenure_days = hr_zone_day(account->zone, account->clock) -
                       hr_zone_day(account->zone, hr_tenure_start(account));
}

static bool read_score(const struct hr_account *account, const char *name, struct hr_decimal *score)
{
    for (uint32_t i = 0; i < account->attribute_count; i++) {
        const struct hr_fact_value *value = &account->attributes[i];
        if (hr_str_is(value->name, name) && value->kind != HR_VALUE_NULL && value->fits) {
            *score = value->number;
            return true;
        }
    }
    return false;
}

static void read_deals(
    const struct hr_account *account, struct hr_arena *arena, struct hr_account_now *now)
{
    const struct hr_dossier *dossier = account->dossier;
    if (!dossier) {
        return;
    }
    struct hr_deal_now *deals =
        hr_arena_zeroed(arena, (dossier->opportunity_count + 1) * sizeof *deals);
    for (uint32_t i = 0; i < dossier->opportunity_count; i++) {
        const struct hr_opportunity *one = &dossier->opportunities[i];
        if (!hr_opportunity_is_open(one)) {
            continue;
        }
        struct hr_deal_now *deal = &deals[now->deal_count++];
        deal->kind = (enum hr_deal)one->kind;
        deal->stage = (enum hr_stage)one->stage;
        deal->priced = !hr_time_is(one->stamps[HR_DEAL_AMOUNT], HR_TIME_NONE) &&
                       hr_money_convert(now->rules, hr_money_major(one->amount),
                           one->amount.currency, &deal->amount);
    }
    now->deals = deals;
}

static void read_products(
    const struct hr_account *account, struct hr_arena *arena, struct hr_account_now *now)
{
    uint16_t count = now->rules->product_count;
    bool *owned = hr_arena_zeroed(arena, count + 1u), *used = hr_arena_zeroed(arena, count + 1u);
    for (uint16_t p = 0; p < count; p++) {
        owned[p] = hr_product_owned(account, p);
        used[p] = hr_product_used(account, p);
    }
    now->owned = owned;
    now->used = used;
}

/* The books take a month as one: what rose within it and fell again is nothing. */
static bool is_expansion(const struct hr_account *account, struct hr_time rise)
{
    const struct hr_zone *zone = account->layout->rules->zone;
    int32_t month = hr_month_of(zone, rise);
    struct hr_time end = hr_time_min(hr_month_start(zone, month + 1), account->clock);
    int64_t before =
        hr_revenue_at(account->outcomes, hr_time_plus(hr_month_start(zone, month), -1));
    return before > 0 && hr_revenue_at(account->outcomes, end) > before;
}

static void read_upgrades(
    const struct hr_account *account, struct hr_arena *arena, struct hr_account_now *now)
{
    if (!account->outcomes) {
        return;
    }
    struct hr_time *upgrades = hr_arena_take(arena, HR_WORDS_MOST * sizeof *upgrades);
    struct hr_time at = hr_revenue_next(account->outcomes, HR_TIME_NONE);
    int64_t paid = hr_revenue_at(account->outcomes, HR_TIME_NONE);
    for (; at.us <= account->clock.us; at = hr_revenue_next(account->outcomes, at)) {
        int64_t pays = hr_revenue_at(account->outcomes, at);
        if (pays > paid && now->upgrade_count < HR_WORDS_MOST && is_expansion(account, at)) {
            upgrades[now->upgrade_count++] = at;
        }
        paid = pays;
    }
    now->upgrades = upgrades;
    if (now->upgrade_count > 0) {
        now->first_upgrade_days = hr_zone_day(account->zone, upgrades[0]) -
                                  hr_zone_day(account->zone, hr_tenure_start(account));
    }
}

bool hr_home_account_now(
    struct hr_home *home, struct hr_str name, struct hr_arena *arena, struct hr_account_now *now)
{
    const struct hr_entry *entry = hr_table_find(home, name, hr_hash64(name, 0));
    if (!entry || entry->kind != HR_ENTRY_ACCOUNT) {
        return false;
    }
    const struct hr_account *account = entry->account;
    *now = (struct hr_account_now){.rules = account->layout->rules};
    struct hr_reading segment = hr_segment_read(account);
    now->segment = segment.kind == HR_READING_TEXT ? segment.text : HR_STR("");
    now->has_nps = read_score(account, "nps", &now->nps);
    now->has_csat = read_score(account, "csat", &now->csat);
    read_revenue(account, now);
    read_deals(account, arena, now);
    read_upgrades(account, arena, now);
    read_products(account, arena, now);
    return true;
}
