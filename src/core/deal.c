/* SPDX-License-Identifier: Apache-2.0 */
/* Opportunities and prompts: what became of triggers. They say when an account is to be left in
 * peace, and whether a trigger led to anything; so each names the trigger that it came from.
 *
 * An opportunity keeps its stage, amount, cost and trigger, each by its own event time, and the
 * first time in each stage. It is closed since the first event that says so behind the newest that
 * says otherwise: what is told again of a closed one does not close it anew, and one that was
 * opened again is closed when it is closed again. Of those that are closed only the newest are
 * kept: they matter against older events that come late, and to whoever reports. Of prompts the
 * last are kept, and the time of the last of each kind, however many others came since. */
#include "dossier.h"

#include "headroom/never.h"

#include "fact.h"
#include "money.h"

#define CLOSED_KEPT 32 /* opportunities */
#define PROMPTS_KEPT 32

/* --- opportunities ---------------------------------------------------------------------------- */

bool hr_opportunity_is_open(const struct hr_opportunity *opportunity)
{
    return opportunity->stage != HR_STAGE_WON && opportunity->stage != HR_STAGE_LOST;
}

static struct hr_opportunity *opportunity_of(
    struct hr_dossier *dossier, struct hr_str name, struct hr_pool *pool)
{
    for (uint32_t i = 0; i < dossier->opportunity_count; i++) {
        if (hr_str_equal(dossier->opportunities[i].name, name)) {
            return &dossier->opportunities[i];
        }
    }
    struct hr_opportunity *made =
        hr_list_append(pool, &dossier->opportunities, &dossier->opportunity_count, sizeof *made);
    made->name = hr_text_keep(pool, name);
    made->trigger = HR_STR("");
    made->otherwise = HR_TIME_NONE;
    for (int f = 0; f < HR_DEAL_FIELDS; f++) {
        made->stamps[f] = HR_TIME_NONE;
    }
    for (int s = 0; s < HR_STAGE_COUNT; s++) {
        made->entered[s] = HR_TIME_NONE;
    }
    return made;
}

static void drop_opportunity(struct hr_dossier *dossier, uint32_t at, struct hr_pool *pool)
{
    hr_text_drop(pool, &dossier->opportunities[at].name);
    hr_text_drop(pool, &dossier->opportunities[at].trigger);
    hr_list_remove(pool, &dossier->opportunities, &dossier->opportunity_count,
        sizeof *dossier->opportunities, at);
}

static void forget_closed(struct hr_dossier *dossier, struct hr_pool *pool)
{
    uint32_t closed = 0, oldest = 0;
    for (uint32_t i = 0; i < dossier->opportunity_count; i++) {
        const struct hr_opportunity *one = &dossier->opportunities[i];
        if (hr_opportunity_is_open(one)) {
            continue;
        }
        if (closed++ == 0 || one->stamps[HR_DEAL_STAGE].us <
                                 dossier->opportunities[oldest].stamps[HR_DEAL_STAGE].us) {
            oldest = i;
        }
    }
    if (closed > CLOSED_KEPT) {
        drop_opportunity(dossier, oldest, pool);
    }
}

/* The first of the two behind `otherwise`; else `newest`. */
static struct hr_time first_behind(
    struct hr_time otherwise, struct hr_time one, struct hr_time other, struct hr_time newest)
{
    struct hr_time early = hr_time_min(one, other), late = hr_time_max(one, other);
    return early.us > otherwise.us ? early : late.us > otherwise.us ? late : newest;
}

/* The earlier of the two that is known. */
static struct hr_time earlier(struct hr_time one, struct hr_time other)
{
    return hr_time_is(one, HR_TIME_NONE)     ? other
           : hr_time_is(other, HR_TIME_NONE) ? one
                                             : hr_time_min(one, other);
}

/* Who was closed was identified before: that is where the beginning of a closing is kept that is
 * over. */
static void take_stages(struct hr_opportunity *one, const struct hr_opportunity *told)
{
    bool is_newer = hr_fact_is_newer(one->stamps[HR_DEAL_STAGE], told->stamps[HR_DEAL_STAGE]);
    const struct hr_opportunity *last = is_newer ? told : one, *before = is_newer ? one : told;
    uint8_t stage = last->stage;
    bool same = before->stage == stage;
    struct hr_time otherwise =
        hr_time_max(last->otherwise, same ? before->otherwise : before->stamps[HR_DEAL_STAGE]);
    struct hr_time since = first_behind(otherwise, last->entered[stage],
        same ? before->entered[stage] : last->entered[stage], last->stamps[HR_DEAL_STAGE]);
    struct hr_time *begun = &one->entered[HR_STAGE_IDENTIFIED];
    for (int s = 0; s < HR_STAGE_COUNT; s++) {
        one->entered[s] = earlier(one->entered[s], told->entered[s]);
        if (s == HR_STAGE_WON || s == HR_STAGE_LOST) {
            struct hr_time now = s == stage ? since : HR_TIME_NONE;
            if (!hr_time_is(one->entered[s], now)) {
                *begun = earlier(*begun, one->entered[s]);
            }
            one->entered[s] = now;
        }
    }
    one->otherwise = otherwise;
}

/* Takes of `told` the fields that have a stamp and are newer. */
void hr_opportunity_take(
    struct hr_dossier *dossier, const struct hr_opportunity *told, struct hr_pool *pool)
{
    struct hr_opportunity *one = opportunity_of(dossier, told->name, pool);
    take_stages(one, told);
    for (int f = 0; f < HR_DEAL_FIELDS; f++) {
        if (hr_time_is(told->stamps[f], HR_TIME_NONE) ||
            !hr_fact_is_newer(one->stamps[f], told->stamps[f])) {
            continue;
        }
        one->stamps[f] = told->stamps[f];
        switch ((enum hr_opportunity_field)f) {
        case HR_DEAL_STAGE:
            one->stage = told->stage;
            one->kind = told->kind;
            break;
        case HR_DEAL_AMOUNT:
            one->amount = told->amount;
            break;
        case HR_DEAL_COST:
            one->cost = told->cost;
            break;
        case HR_DEAL_TRIGGER:
            hr_text_drop(pool, &one->trigger);
            one->trigger = hr_text_keep(pool, told->trigger);
            break;
        case HR_DEAL_FIELDS:
            HR_NEVER_HERE;
        }
    }
    forget_closed(dossier, pool);
}

void hr_opportunity_tell(struct hr_dossier *dossier, const struct hr_fact *fact,
    struct hr_time time, struct hr_pool *pool)
{
    struct hr_opportunity told = {.name = fact->opportunity,
        .otherwise = HR_TIME_NONE,
        .trigger = fact->trigger,
        .stage = (uint8_t)fact->stage,
        .kind = (uint8_t)fact->deal,
        .amount = fact->amount,
        .cost = fact->amount};
    told.cost.minor = fact->cost;
    for (int s = 0; s < HR_STAGE_COUNT; s++) {
        told.entered[s] = HR_TIME_NONE;
    }
    told.entered[fact->stage] = time;
    told.stamps[HR_DEAL_STAGE] = time;
    told.stamps[HR_DEAL_AMOUNT] = fact->has_amount ? time : HR_TIME_NONE;
    told.stamps[HR_DEAL_COST] = fact->has_cost ? time : HR_TIME_NONE;
    told.stamps[HR_DEAL_TRIGGER] = fact->trigger.at ? time : HR_TIME_NONE;
    hr_opportunity_take(dossier, &told, pool);
}

/* Among several currencies amounts are compared by the rates; one without a rate is the largest of
 * nothing, and then nothing is known. */
bool hr_deal_size(const struct hr_account *account, struct hr_decimal *amount, char currency[4])
{
    const struct hr_dossier *dossier = account->dossier;
    const struct hr_money *largest = NULL;
    for (uint32_t i = 0; dossier && i < dossier->opportunity_count; i++) {
        const struct hr_opportunity *one = &dossier->opportunities[i];
        if (!hr_opportunity_is_open(one) || hr_time_is(one->stamps[HR_DEAL_AMOUNT], HR_TIME_NONE)) {
            continue;
        }
        int order = 1;
        if (largest &&
            !hr_money_compare(account->layout->rules, hr_money_major(one->amount),
                one->amount.currency, hr_money_major(*largest), largest->currency, &order)) {
            return false;
        }
        largest = order > 0 ? &one->amount : largest;
    }
    if (!largest) {
        return false;
    }
    *amount = hr_money_major(*largest);
    memcpy(currency, largest->currency, sizeof largest->currency);
    return true;
}

/* --- prompts ---------------------------------------------------------------------------------- */

static void drop_prompt(struct hr_dossier *dossier, uint32_t at, struct hr_pool *pool)
{
    hr_text_drop(pool, &dossier->prompts[at].trigger);
    hr_text_drop(pool, &dossier->prompts[at].rule);
    hr_list_remove(pool, &dossier->prompts, &dossier->prompt_count, sizeof *dossier->prompts, at);
}

void hr_prompt_take(struct hr_dossier *dossier, const struct hr_prompt *told, struct hr_pool *pool)
{
    struct hr_time *last = &dossier->prompted[told->kind];
    *last = hr_time_max(*last, told->time);
    hr_list_append(pool, &dossier->prompts, &dossier->prompt_count, sizeof *told);
    uint32_t at = dossier->prompt_count - 1;
    for (; at > 0 && dossier->prompts[at - 1].time.us > told->time.us; at--) {
        dossier->prompts[at] = dossier->prompts[at - 1];
    }
    dossier->prompts[at] = (struct hr_prompt){
        told->time, hr_text_keep(pool, told->trigger), hr_text_keep(pool, told->rule), told->kind};
    if (dossier->prompt_count > PROMPTS_KEPT) {
        drop_prompt(dossier, 0, pool);
    }
}

static uint8_t prompt_kind(enum hr_fact_kind kind)
{
    return kind == HR_FACT_PROMPT_SHOWN       ? HR_PROMPT_SHOWN
           : kind == HR_FACT_PROMPT_DISMISSED ? HR_PROMPT_DISMISSED
                                              : HR_PROMPT_ACCEPTED;
}

void hr_prompt_tell(struct hr_dossier *dossier, const struct hr_fact *fact, struct hr_time time,
    struct hr_pool *pool)
{
    struct hr_prompt told = {time, fact->trigger, fact->rule, prompt_kind(fact->kind)};
    hr_prompt_take(dossier, &told, pool);
}
