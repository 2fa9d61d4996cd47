/* SPDX-License-Identifier: Apache-2.0 */
/* Sections of what product, CRM and people told (dossier.h). pack.c describes the layout. */
#include "dossier.h"
#include "pack.h"

void hr_pack_own(struct hr_buffer *out, const struct hr_account *account)
{
    const struct hr_dossier *dossier = account->dossier;
    hr_put_near(out, account->clock, dossier->own_stamp);
    hr_put_varint(out, dossier->own_count);
    for (uint32_t i = 0; i < dossier->own_count; i++) {
        const struct hr_own_rule *own = &dossier->own[i];
        hr_put_str(out, own->rule);
        hr_put_str(out, own->owner);
        hr_put_varint(out, own->level_count);
        for (uint32_t l = 0; l < own->level_count; l++) {
            hr_put_str(out, own->levels[l]);
        }
    }
}

static void put_product(struct hr_buffer *out, const struct hr_account *account)
{
    const struct hr_dossier *dossier = account->dossier;
    size_t begin = hr_section_begin(out, HR_SECTION_TRIALS);
    for (uint32_t i = 0; i < dossier->trial_count; i++) {
        const struct hr_trial *trial = &dossier->trials[i];
        hr_put_str(out, trial->feature);
        hr_put_near(out, account->clock, trial->stamp);
        hr_put_u8(out, trial->started);
        hr_put_moment(out, trial->ends);
        hr_put_u8(out, trial->outcome);
    }
    hr_section_end(out, begin);
    begin = hr_section_begin(out, HR_SECTION_INTERESTS);
    int64_t today = hr_time_bucket(account->clock, HR_DAY);
    for (uint32_t i = 0; i < dossier->interest_count; i++) {
        const struct hr_interest *interest = &dossier->interests[i];
        hr_put_str(out, interest->feature);
        hr_put_varint(out, interest->day_count);
        for (uint32_t d = 0; d < interest->day_count; d++) {
            hr_put_zigzag(out, interest->days[d].day - today);
            hr_put_varint(out, interest->days[d].count);
        }
    }
    hr_section_end(out, begin);
    begin = hr_section_begin(out, HR_SECTION_MILESTONES);
    for (uint32_t i = 0; i < dossier->milestone_count; i++) {
        hr_put_str(out, dossier->milestones[i].name);
        hr_put_near(out, account->clock, dossier->milestones[i].stamp);
    }
    hr_section_end(out, begin);
}

static void put_money(struct hr_buffer *out, struct hr_money money)
{
    hr_put_zigzag(out, money.minor);
    hr_put_str(out, hr_str(money.currency));
}

static void put_deals(struct hr_buffer *out, const struct hr_account *account)
{
    const struct hr_dossier *dossier = account->dossier;
    size_t begin = hr_section_begin(out, HR_SECTION_OPPORTUNITIES);
    for (uint32_t i = 0; i < dossier->opportunity_count; i++) {
        const struct hr_opportunity *one = &dossier->opportunities[i];
        hr_put_str(out, one->name);
        hr_put_str(out, one->trigger);
        hr_put_u8(out, one->stage);
        hr_put_u8(out, one->kind);
        put_money(out, one->amount);
        put_money(out, one->cost);
        for (int f = 0; f < HR_DEAL_FIELDS; f++) {
            hr_put_near(out, account->clock, one->stamps[f]);
        }
        for (int s = 0; s < HR_STAGE_COUNT; s++) {
            hr_put_near(out, account->clock, one->entered[s]);
        }
    }
    hr_section_end(out, begin);
    begin = hr_section_begin(out, HR_SECTION_PROMPTS);
    for (uint32_t i = 0; i < dossier->prompt_count; i++) {
        const struct hr_prompt *prompt = &dossier->prompts[i];
        hr_put_near(out, account->clock, prompt->time);
        hr_put_u8(out, prompt->kind);
        hr_put_str(out, prompt->trigger);
        hr_put_str(out, prompt->rule);
    }
    hr_section_end(out, begin);
}

static void put_people(struct hr_buffer *out, const struct hr_account *account)
{
    const struct hr_dossier *dossier = account->dossier;
    size_t begin = hr_section_begin(out, HR_SECTION_SILENCES);
    for (uint32_t i = 0; i < dossier->silence_count; i++) {
        const struct hr_silence *silence = &dossier->silences[i];
        hr_put_str(out, silence->scope);
        hr_put_near(out, account->clock, silence->stamp);
        hr_put_moment(out, silence->until);
        hr_put_u8(out, silence->quiet);
        hr_put_str(out, silence->by);
        hr_put_str(out, silence->why);
    }
    hr_section_end(out, begin);
    begin = hr_section_begin(out, HR_SECTION_ENGAGEMENT);
    bool prompted = dossier->prompt_count > 0;
    if (prompted || !hr_time_is(dossier->executive, HR_TIME_NONE)) {
        hr_put_near(out, account->clock, dossier->executive);
        for (int k = 0; k < HR_PROMPT_KINDS; k++) {
            hr_put_near(out, account->clock, dossier->prompted[k]);
        }
    }
    hr_section_end(out, begin);
}

static void put_corrections(struct hr_buffer *out, const struct hr_account *account)
{
    const struct hr_dossier *dossier = account->dossier;
    size_t begin = hr_section_begin(out, HR_SECTION_CORRECTIONS);
    for (uint32_t i = 0; i < dossier->correction_count; i++) {
        hr_put_u64(out, dossier->corrections[i].id);
        hr_put_u64(out, dossier->corrections[i].body);
        hr_put_near(out, account->clock, dossier->corrections[i].time);
    }
    hr_section_end(out, begin);
}

static void put_former_limits(struct hr_buffer *out, const struct hr_account *account)
{
    const struct hr_dossier *dossier = account->dossier;
    size_t begin = hr_section_begin(out, HR_SECTION_FORMER_LIMITS);
    for (uint32_t i = 0; i < dossier->limit_count; i++) {
        hr_put_str(out, dossier->limits[i].name);
        hr_put_decimal(out, dossier->limits[i].value);
        hr_put_near(out, account->clock, dossier->limits[i].until);
    }
    hr_section_end(out, begin);
}

static void put_stages(struct hr_buffer *out, const struct hr_account *account)
{
    const struct hr_dossier *dossier = account->dossier;
    size_t begin = hr_section_begin(out, HR_SECTION_STAGES);
    for (uint32_t i = 0; i < dossier->opportunity_count; i++) {
        hr_put_near(out, account->clock, dossier->opportunities[i].otherwise);
    }
    hr_section_end(out, begin);
}

void hr_pack_dossier(struct hr_buffer *out, const struct hr_account *account)
{
    if (account->dossier) {
        put_product(out, account);
        put_deals(out, account);
        put_people(out, account);
        put_corrections(out, account);
        put_former_limits(out, account);
        put_stages(out, account);
    }
}
