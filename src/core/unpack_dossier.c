/* SPDX-License-Identifier: Apache-2.0 */
/* Stored facts of product, CRM and people, read (pack_dossier.c); whatever is wrong turns the
 * reader bad, and unpack.c refuses the account. */
#include "unpack.h"

#include "correct.h"
#include "dossier.h"
#include "own.h"

static bool more(const struct hr_unpacking *with)
{
    return hr_reader_more(with->in);
}

static struct hr_str get_text(struct hr_unpacking *with)
{
    struct hr_str text = hr_get_str(with->in);
    return with->in->bad ? HR_STR("") : hr_text_keep(with->pool, text);
}

/* A number below `most`. */
static uint8_t get_word(struct hr_unpacking *with, int most)
{
    uint8_t word = hr_get_u8(with->in);
    with->in->bad |= word >= most;
    return word;
}

void hr_unpack_own(struct hr_unpacking *with)
{
    struct hr_account *account = with->account;
    struct hr_dossier *dossier = hr_dossier_of(account, with->pool);
    dossier->own_stamp = hr_unpack_near(with);
    uint64_t count = hr_get_varint(with->in);
    for (uint64_t i = 0; i < count && !with->in->bad; i++) {
        struct hr_str rule = hr_get_str(with->in), owner = hr_get_str(with->in);
        uint64_t levels = hr_get_varint(with->in);
        if (with->in->bad) {
            return;
        }
        struct hr_own_rule *own = hr_own_add(dossier, rule, owner, with->pool);
        for (uint64_t l = 0; l < levels && !with->in->bad; l++) {
            struct hr_str level = hr_get_str(with->in);
            hr_own_add_level(own, with->in->bad ? HR_STR("") : level, with->pool);
        }
    }
    account->layout = hr_layout_of(account->layout, account, with->pool);
}

void hr_unpack_trials(struct hr_unpacking *with)
{
    struct hr_dossier *dossier = hr_dossier_of(with->account, with->pool);
    while (more(with)) {
        struct hr_trial *trial =
            hr_list_append(with->pool, &dossier->trials, &dossier->trial_count, sizeof *trial);
        trial->feature = get_text(with);
        trial->stamp = hr_unpack_near(with);
        trial->started = hr_get_u8(with->in) != 0;
        trial->ends = hr_unpack_moment(with);
        trial->outcome = get_word(with, HR_CANCELLED + 1);
    }
}

void hr_unpack_interests(struct hr_unpacking *with)
{
    struct hr_dossier *dossier = hr_dossier_of(with->account, with->pool);
    int64_t today = hr_time_bucket(with->account->clock, HR_DAY);
    while (more(with)) {
        struct hr_interest *interest = hr_list_append(
            with->pool, &dossier->interests, &dossier->interest_count, sizeof *interest);
        interest->feature = get_text(with);
        uint64_t count = hr_get_varint(with->in);
        for (uint64_t d = 0; d < count && more(with); d++) {
            struct hr_interest_day *day =
                hr_list_append(with->pool, &interest->days, &interest->day_count, sizeof *day);
            day->day = (int64_t)((uint64_t)today + (uint64_t)hr_get_zigzag(with->in));
            day->count = hr_get_varint(with->in);
        }
        with->in->bad |= interest->day_count != count;
    }
}

void hr_unpack_milestones(struct hr_unpacking *with)
{
    struct hr_dossier *dossier = hr_dossier_of(with->account, with->pool);
    while (more(with)) {
        struct hr_milestone *milestone = hr_list_append(
            with->pool, &dossier->milestones, &dossier->milestone_count, sizeof *milestone);
        milestone->name = get_text(with);
        milestone->stamp = hr_unpack_near(with);
    }
}

static void get_money(struct hr_unpacking *with, struct hr_money *money)
{
    money->minor = hr_get_zigzag(with->in);
    hr_unpack_currency(with, money->currency);
}

void hr_unpack_opportunities(struct hr_unpacking *with)
{
    struct hr_dossier *dossier = hr_dossier_of(with->account, with->pool);
    while (more(with)) {
        struct hr_opportunity *one = hr_list_append(
            with->pool, &dossier->opportunities, &dossier->opportunity_count, sizeof *one);
        one->name = get_text(with);
        one->trigger = get_text(with);
        one->stage = get_word(with, HR_STAGE_COUNT);
        one->kind = get_word(with, HR_DEAL_RENEWAL + 1);
        get_money(with, &one->amount);
        get_money(with, &one->cost);
        for (int f = 0; f < HR_DEAL_FIELDS; f++) {
            one->stamps[f] = hr_unpack_near(with);
        }
        for (int s = 0; s < HR_STAGE_COUNT; s++) {
            one->entered[s] = hr_unpack_near(with);
        }
        one->otherwise = HR_TIME_NONE;
    }
}

/* Of the opportunities that were unpacked, one after the other. */
void hr_unpack_stages(struct hr_unpacking *with)
{
    struct hr_dossier *dossier = hr_dossier_of(with->account, with->pool);
    for (uint32_t i = 0; i < dossier->opportunity_count && more(with); i++) {
        dossier->opportunities[i].otherwise = hr_unpack_near(with);
    }
}

void hr_unpack_prompts(struct hr_unpacking *with)
{
    struct hr_dossier *dossier = hr_dossier_of(with->account, with->pool);
    while (more(with)) {
        struct hr_prompt *prompt =
            hr_list_append(with->pool, &dossier->prompts, &dossier->prompt_count, sizeof *prompt);
        prompt->time = hr_unpack_near(with);
        prompt->kind = get_word(with, HR_PROMPT_KINDS);
        prompt->trigger = get_text(with);
        prompt->rule = get_text(with);
    }
}

void hr_unpack_silences(struct hr_unpacking *with)
{
    struct hr_dossier *dossier = hr_dossier_of(with->account, with->pool);
    while (more(with)) {
        struct hr_silence *silence = hr_list_append(
            with->pool, &dossier->silences, &dossier->silence_count, sizeof *silence);
        silence->scope = get_text(with);
        silence->stamp = hr_unpack_near(with);
        silence->until = hr_unpack_moment(with);
        silence->quiet = get_word(with, HR_ACKNOWLEDGED + 1);
        silence->by = get_text(with);
        silence->why = get_text(with);
    }
}

void hr_unpack_engagement(struct hr_unpacking *with)
{
    struct hr_dossier *dossier = hr_dossier_of(with->account, with->pool);
    dossier->executive = hr_unpack_near(with);
    for (int k = 0; k < HR_PROMPT_KINDS; k++) {
        dossier->prompted[k] = hr_unpack_near(with);
    }
}

void hr_unpack_corrections(struct hr_unpacking *with)
{
    struct hr_dossier *dossier = hr_dossier_of(with->account, with->pool);
    while (more(with)) {
        struct hr_correction correction = {.id = hr_get_u64(with->in)};
        correction.body = hr_get_u64(with->in);
        correction.time = hr_unpack_near(with);
        hr_corrections_add(dossier, correction, with->pool);
    }
}

void hr_unpack_former_limits(struct hr_unpacking *with)
{
    struct hr_dossier *dossier = hr_dossier_of(with->account, with->pool);
    while (more(with)) {
        struct hr_former_limit *former =
            hr_list_append(with->pool, &dossier->limits, &dossier->limit_count, sizeof *former);
        former->name = get_text(with);
        former->value = hr_get_decimal(with->in);
        former->until = hr_unpack_near(with);
    }
}
