/* SPDX-License-Identifier: Apache-2.0 */
/* What product, CRM and people told, row by row (headroom/describe.h). */
#include "dossier.h"
#include "money.h"
#include "own.h"
#include "rows.h"
#include "text.h"

static struct hr_str copy(struct hr_rows *rows, struct hr_str text)
{
    return hr_arena_copy(rows->arena, text);
}

static struct hr_str since(struct hr_rows *rows, struct hr_time time)
{
    return hr_row_said(rows, "since", hr_row_time(rows, time));
}

static void tell_product(struct hr_rows *rows, const struct hr_account *account)
{
    const struct hr_dossier *dossier = account->dossier;
    for (uint32_t i = 0; i < dossier->trial_count; i++) {
        const struct hr_trial *trial = &dossier->trials[i];
        bool runs = hr_trial_runs(account, trial->feature);
        struct hr_str what = runs ? HR_STR("runs")
                             : trial->outcome == HR_OUTCOME_ABSENT
                                 ? HR_STR("ended")
                                 : hr_str(hr_outcome_names[trial->outcome - HR_CONVERTED]);
        struct hr_str end = runs ? hr_row_time(rows, hr_trial_end(account, trial)) : HR_STR("");
        hr_row_add(rows, HR_DESCRIBE_TRIALS, copy(rows, trial->feature), what,
            hr_row_join(rows, since(rows, trial->stamp), ", ", hr_row_said(rows, "until", end)));
    }
    for (uint32_t i = 0; i < dossier->interest_count; i++) {
        struct hr_str feature = dossier->interests[i].feature;
        hr_row_add(rows, HR_DESCRIBE_INTEREST, copy(rows, feature),
            hr_arena_printf(
                rows->arena, "%llu", (unsigned long long)hr_interest_count(account, feature)),
            HR_STR("in 30 days"));
    }
    for (uint32_t i = 0; i < dossier->milestone_count; i++) {
        hr_row_add(rows, HR_DESCRIBE_MILESTONES, copy(rows, dossier->milestones[i].name),
            hr_row_time(rows, dossier->milestones[i].stamp), HR_STR(""));
    }
    if (!hr_time_is(dossier->executive, HR_TIME_NONE)) {
        hr_row_add(rows, HR_DESCRIBE_ENGAGEMENT, HR_STR("executive"),
            hr_row_time(rows, dossier->executive), HR_STR(""));
    }
}

static void tell_deals(struct hr_rows *rows, const struct hr_account *account)
{
    const struct hr_dossier *dossier = account->dossier;
    for (uint32_t i = 0; i < dossier->opportunity_count; i++) {
        const struct hr_opportunity *one = &dossier->opportunities[i];
        struct hr_str detail = hr_str(hr_deal_names[one->kind]);
        if (!hr_time_is(one->stamps[HR_DEAL_AMOUNT], HR_TIME_NONE)) {
            struct hr_str amount = hr_text_decimal(rows->arena, hr_money_major(one->amount));
            detail = hr_row_join(rows, detail, ", ",
                hr_arena_printf(
                    rows->arena, "%.*s %s", (int)amount.len, amount.at, one->amount.currency));
        }
        detail = hr_row_join(rows, detail, ", ", since(rows, one->stamps[HR_DEAL_STAGE]));
        detail = hr_row_join(rows, detail, ", ", hr_row_said(rows, "from", one->trigger));
        hr_row_add(rows, HR_DESCRIBE_OPPORTUNITIES, copy(rows, one->name),
            hr_str(hr_stage_names[one->stage]), detail);
    }
    static const char *const kinds[] = {"shown", "dismissed", "accepted"};
    for (uint32_t i = dossier->prompt_count; i > 0; i--) {
        const struct hr_prompt *prompt = &dossier->prompts[i - 1];
        struct hr_str about = prompt->trigger.len > 0 ? prompt->trigger : prompt->rule;
        hr_row_add(rows, HR_DESCRIBE_PROMPTS, hr_str(kinds[prompt->kind]),
            hr_row_time(rows, prompt->time), copy(rows, about));
    }
}

static void tell_silences(struct hr_rows *rows, const struct hr_account *account)
{
    const struct hr_dossier *dossier = account->dossier;
    for (uint32_t i = 0; i < dossier->silence_count; i++) {
        const struct hr_silence *silence = &dossier->silences[i];
        struct hr_time end = hr_silence_end(account, silence);
        if (end.us <= account->clock.us) {
            continue;
        }
        struct hr_str detail = hr_row_said(rows, "until", hr_row_time(rows, end));
        detail = hr_row_join(rows, detail, ", ", hr_row_said(rows, "by", silence->by));
        detail = hr_row_join(rows, detail, ": ", silence->why);
        hr_row_add(rows, HR_DESCRIBE_SILENCES, copy(rows, silence->scope),
            hr_str(hr_quiet_names[silence->quiet]), detail);
    }
}

static void tell_own(struct hr_rows *rows, const struct hr_account *account)
{
    const struct hr_dossier *dossier = account->dossier;
    for (uint32_t i = 0; i < dossier->own_count; i++) {
        const struct hr_own_rule *own = &dossier->own[i];
        struct hr_str levels = HR_STR("");
        for (uint32_t l = 0; l < own->level_count; l++) {
            levels = hr_row_join(rows, levels, ", ", own->levels[l]);
        }
        const char *waits = hr_own_waits(account->layout->rules, own);
        hr_row_add(rows, HR_DESCRIBE_OVERRIDES, copy(rows, own->rule), copy(rows, levels),
            hr_row_join(rows, hr_row_said(rows, "owner", own->owner), ", ",
                waits ? hr_str(waits) : HR_STR("")));
    }
}

void hr_describe_dossier(struct hr_rows *rows, const struct hr_account *account)
{
    if (account->dossier) {
        tell_product(rows, account);
        tell_deals(rows, account);
        tell_silences(rows, account);
        tell_own(rows, account);
    }
}
