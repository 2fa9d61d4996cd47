/* SPDX-License-Identifier: Apache-2.0 */
/* When an account is to be left in peace, so that nobody is pestered.
 *
 * For rules of the categories in `timing.categories`: the account must have been a customer for
 * long enough, it is quiet for a while after a prompt was dismissed or an opportunity lost, and it
 * is told no more than its budget allows. Required milestones are asked of every rule that has
 * some. All of it holds back; nothing here forgets a level.
 *
 * Each reason but a milestone is over at a moment, and exactly at that moment: what is D old no
 * longer counts. An opportunity counts as lost as long as that is its stage, from the newest event
 * that said so. The budget keeps no more moments than it counts to. */
#include "timing.h"

#include "dossier.h"
#include "subscription.h"

static const struct hr_timing *timing_of(const struct hr_account *account)
{
    return &account->layout->rules->timing;
}

static struct hr_time after(struct hr_time moment, int64_t us)
{
    return us > 0 && !hr_time_is(moment, HR_TIME_NONE) ? hr_time_plus(moment, us) : HR_TIME_NONE;
}

static struct hr_time tenure_until(const struct hr_account *account)
{
    return after(hr_tenure_start(account), timing_of(account)->min_tenure_us);
}

static struct hr_time quiet_until(const struct hr_account *account)
{
    const struct hr_dossier *dossier = account->dossier;
    const struct hr_timing *timing = timing_of(account);
    if (!dossier) {
        return HR_TIME_NONE;
    }
    struct hr_time until =
        after(dossier->prompted[HR_PROMPT_DISMISSED], timing->after_dismissal_us);
    for (uint32_t i = 0; i < dossier->opportunity_count; i++) {
        const struct hr_opportunity *one = &dossier->opportunities[i];
        if (one->stage == HR_STAGE_LOST) {
            until = hr_time_max(until, after(one->stamps[HR_DEAL_STAGE], timing->after_decline_us));
        }
    }
    return until;
}

/* The budget is used up until the N-th fire from the end is old enough. */
static struct hr_time budget_until(const struct hr_account *account)
{
    struct hr_budget budget = timing_of(account)->account;
    if (budget.count == 0 || account->fire_count < budget.count) {
        return HR_TIME_NONE;
    }
    return after(account->fires[account->fire_count - budget.count], budget.within_us);
}

struct hr_time hr_timing_until(const struct hr_account *account, enum hr_why why)
{
    switch (why) {
    case HR_WHY_MIN_TENURE:
        return tenure_until(account);
    case HR_WHY_QUIET:
        return quiet_until(account);
    case HR_WHY_BUDGET:
        return budget_until(account);
    default:
        return HR_TIME_NONE;
    }
}

struct hr_str hr_milestone_missing(const struct hr_account *account, const struct hr_rule *rule)
{
    for (uint16_t m = 0; m < rule->milestone_count; m++) {
        if (!hr_milestone_reached(account, rule->milestones[m])) {
            return rule->milestones[m];
        }
    }
    return (struct hr_str){NULL, 0};
}

enum hr_why hr_timing_held(const struct hr_account *account, const struct hr_rule *rule)
{
    static const enum hr_why timed[] = {HR_WHY_QUIET, HR_WHY_BUDGET};
    int64_t now = account->clock.us;
    if (rule->timed && tenure_until(account).us > now) {
        return HR_WHY_MIN_TENURE;
    }
    if (hr_milestone_missing(account, rule).at) {
        return HR_WHY_MILESTONE;
    }
    for (size_t i = 0; rule->timed && i < sizeof timed / sizeof *timed; i++) {
        if (hr_timing_until(account, timed[i]).us > now) {
            return timed[i];
        }
    }
    return HR_WHY_READY;
}

struct hr_time hr_timing_due(const struct hr_account *account, const struct hr_rule *rule)
{
    static const enum hr_why all[] = {HR_WHY_MIN_TENURE, HR_WHY_QUIET, HR_WHY_BUDGET};
    struct hr_time due = HR_TIME_NEVER;
    for (size_t i = 0; rule->timed && i < sizeof all / sizeof *all; i++) {
        struct hr_time end = hr_timing_until(account, all[i]);
        due = end.us > account->clock.us ? hr_time_min(due, end) : due;
    }
    return due;
}

/* --- fires ------------------------------------------------------------------------------------ */

static void add(struct hr_account *account, struct hr_time fire, struct hr_pool *pool)
{
    uint32_t most = timing_of(account)->account.count;
    hr_list_append(pool, &account->fires, &account->fire_count, sizeof fire);
    uint32_t at = account->fire_count - 1;
    for (; at > 0 && account->fires[at - 1].us > fire.us; at--) {
        account->fires[at] = account->fires[at - 1];
    }
    account->fires[at] = fire;
    while (account->fire_count > most) {
        hr_list_remove(pool, &account->fires, &account->fire_count, sizeof fire, 0);
    }
}

void hr_fires_note(struct hr_account *account, const struct hr_rule *rule, struct hr_pool *pool)
{
    if (rule->timed && !rule->shadow) {
        add(account, account->clock, pool);
    }
}

void hr_fires_merge(
    struct hr_account *account, const struct hr_account *other, struct hr_pool *pool)
{
    for (uint32_t i = 0; i < other->fire_count; i++) {
        add(account, other->fires[i], pool);
    }
}
