/* SPDX-License-Identifier: Apache-2.0 */
/* Facts of product, CRM and people; deal.c has opportunities and prompts. Each keeps the event time
 * of what it says and takes only what is newer; a tie goes to what came later.
 *
 * Names are many, so everything is bounded twice: all facts together by bound.c, and what piles up
 * over time where it is kept: days of interest leave with their window, of silences that are over
 * only the newest are kept, against older events that come late.
 *
 * Decisions: a trial.started says all there is about the trial, so that an earlier trial's end does
 * not end it; a date as an end is the midnight with which that day begins, as for subscriptions. */
#include "dossier.h"

#include "correct.h"
#include "fact.h"
#include "own.h"
#include "shrink.h"
#include "subscription.h"

#define SILENCES_KEPT 24 /* that are over */
#define INTEREST_DAYS 30

static const struct hr_dossier nothing;

static const struct hr_dossier *known(const struct hr_account *account)
{
    return account->dossier ? account->dossier : &nothing;
}

struct hr_dossier *hr_dossier_of(struct hr_account *account, struct hr_pool *pool)
{
    if (!account->dossier) {
        account->dossier = hr_pool_take(pool, sizeof *account->dossier);
        account->dossier->executive = account->dossier->own_stamp = HR_TIME_NONE;
        for (int k = 0; k < HR_PROMPT_KINDS; k++) {
            account->dossier->prompted[k] = HR_TIME_NONE;
        }
    }
    return account->dossier;
}

static void replace_text(struct hr_str *text, struct hr_str with, struct hr_pool *pool)
{
    hr_text_drop(pool, text);
    *text = hr_text_keep(pool, with);
}

/* --- trials ----------------------------------------------------------------------------------- */

static void tell_trial(
    struct hr_dossier *dossier, const struct hr_trial *told, struct hr_pool *pool)
{
    struct hr_trial *trial = NULL;
    for (uint32_t i = 0; i < dossier->trial_count && !trial; i++) {
        bool same = hr_str_equal(dossier->trials[i].feature, told->feature);
        trial = same ? &dossier->trials[i] : NULL;
    }
    if (!trial) {
        trial = hr_list_append(pool, &dossier->trials, &dossier->trial_count, sizeof *trial);
        trial->feature = hr_text_keep(pool, told->feature);
        trial->stamp = HR_TIME_NONE;
    }
    if (hr_fact_is_newer(trial->stamp, told->stamp)) {
        struct hr_str feature = trial->feature;
        *trial = *told;
        trial->feature = feature;
    }
}

struct hr_time hr_trial_end(const struct hr_account *account, const struct hr_trial *trial)
{
    return trial->ends.kind == HR_MOMENT_ABSENT ? HR_TIME_NEVER
                                                : hr_moment_time(account->zone, trial->ends);
}

bool hr_trial_runs(const struct hr_account *account, struct hr_str feature)
{
    const struct hr_dossier *dossier = known(account);
    for (uint32_t i = 0; i < dossier->trial_count; i++) {
        const struct hr_trial *trial = &dossier->trials[i];
        if (hr_str_equal(trial->feature, feature)) {
            return trial->started && account->clock.us < hr_trial_end(account, trial).us;
        }
    }
    return false;
}

struct hr_time hr_trial_due(const struct hr_account *account, struct hr_str feature)
{
    const struct hr_dossier *dossier = known(account);
    struct hr_time due = HR_TIME_NEVER;
    for (uint32_t i = 0; i < dossier->trial_count; i++) {
        struct hr_time end = hr_trial_end(account, &dossier->trials[i]);
        if (hr_str_equal(dossier->trials[i].feature, feature) && end.us > account->clock.us) {
            due = hr_time_min(due, end);
        }
    }
    return due;
}

/* --- interest --------------------------------------------------------------------------------- */

static int64_t today_utc(const struct hr_account *account)
{
    return hr_time_bucket(account->clock, HR_DAY);
}

bool hr_interest_counts(const struct hr_account *account, const struct hr_interest_day *day)
{
    int64_t today = today_utc(account);
    return day->day > today - INTEREST_DAYS && day->day <= today;
}

/* Of one that no day is left of. */
static void drop_interest(struct hr_dossier *dossier, uint32_t at, struct hr_pool *pool)
{
    struct hr_interest *interest = &dossier->interests[at];
    hr_text_drop(pool, &interest->feature);
    hr_list_remove(pool, &dossier->interests, &dossier->interest_count, sizeof *interest, at);
}

/* Takes out days that no window reaches any more, and features of which none is left. */
static void expire_interest(struct hr_dossier *dossier, int64_t today, struct hr_pool *pool)
{
    for (uint32_t i = dossier->interest_count; i > 0; i--) {
        struct hr_interest *interest = &dossier->interests[i - 1];
        while (interest->day_count > 0 && interest->days[0].day <= today - INTEREST_DAYS) {
            hr_list_remove(pool, &interest->days, &interest->day_count, sizeof *interest->days, 0);
        }
        if (interest->day_count == 0) {
            drop_interest(dossier, i - 1, pool);
        }
    }
}

static void add_interest(struct hr_dossier *dossier, struct hr_str feature, int64_t day,
    uint64_t count, struct hr_pool *pool)
{
    struct hr_interest *interest = NULL;
    for (uint32_t i = 0; i < dossier->interest_count && !interest; i++) {
        bool same = hr_str_equal(dossier->interests[i].feature, feature);
        interest = same ? &dossier->interests[i] : NULL;
    }
    if (!interest) {
        interest =
            hr_list_append(pool, &dossier->interests, &dossier->interest_count, sizeof *interest);
        interest->feature = hr_text_keep(pool, feature);
    }
    uint32_t at = interest->day_count;
    while (at > 0 && interest->days[at - 1].day > day) {
        at--;
    }
    if (at > 0 && interest->days[at - 1].day == day) {
        interest->days[at - 1].count += count;
        return;
    }
    hr_list_append(pool, &interest->days, &interest->day_count, sizeof *interest->days);
    memmove(&interest->days[at + 1], &interest->days[at],
        (interest->day_count - 1 - at) * sizeof *interest->days);
    interest->days[at] = (struct hr_interest_day){day, count};
}

uint64_t hr_interest_count(const struct hr_account *account, struct hr_str feature)
{
    const struct hr_dossier *dossier = known(account);
    uint64_t count = 0;
    for (uint32_t i = 0; i < dossier->interest_count; i++) {
        const struct hr_interest *interest = &dossier->interests[i];
        bool same = hr_str_equal(interest->feature, feature);
        for (uint32_t d = 0; same && d < interest->day_count; d++) {
            count += hr_interest_counts(account, &interest->days[d]) ? interest->days[d].count : 0;
        }
    }
    return count;
}

struct hr_time hr_interest_due(const struct hr_account *account, struct hr_str feature)
{
    const struct hr_dossier *dossier = known(account);
    int64_t today = today_utc(account);
    struct hr_time due = HR_TIME_NEVER;
    for (uint32_t i = 0; i < dossier->interest_count; i++) {
        const struct hr_interest *interest = &dossier->interests[i];
        bool same = hr_str_equal(interest->feature, feature);
        for (uint32_t d = 0; same && d < interest->day_count; d++) {
            int64_t day = interest->days[d].day;
            if (day > today - INTEREST_DAYS) {
                int64_t next = day > today ? day : day + INTEREST_DAYS;
                due = hr_time_min(due, (struct hr_time){next * HR_DAY});
            }
        }
    }
    return due;
}

/* --- milestones ------------------------------------------------------------------------------- */

static void tell_milestone(
    struct hr_dossier *dossier, struct hr_str name, struct hr_time time, struct hr_pool *pool)
{
    for (uint32_t i = 0; i < dossier->milestone_count; i++) {
        struct hr_milestone *milestone = &dossier->milestones[i];
        if (hr_str_equal(milestone->name, name)) {
            milestone->stamp = hr_time_max(milestone->stamp, time);
            return;
        }
    }
    struct hr_milestone *made =
        hr_list_append(pool, &dossier->milestones, &dossier->milestone_count, sizeof *made);
    *made = (struct hr_milestone){hr_text_keep(pool, name), time};
}

bool hr_milestone_reached(const struct hr_account *account, struct hr_str name)
{
    const struct hr_dossier *dossier = known(account);
    for (uint32_t i = 0; i < dossier->milestone_count; i++) {
        if (hr_str_equal(dossier->milestones[i].name, name)) {
            return true;
        }
    }
    return false;
}

/* --- silences --------------------------------------------------------------------------------- */

struct hr_time hr_silence_end(const struct hr_account *account, const struct hr_silence *silence)
{
    return silence->until.kind == HR_MOMENT_ABSENT ? HR_TIME_NONE
                                                   : hr_moment_time(account->zone, silence->until);
}

static bool is_about(const struct hr_silence *silence, struct hr_str rule)
{
    const size_t prefix = strlen("rule:");
    struct hr_str scope = silence->scope;
    return hr_str_is(scope, "account") ||
           (scope.len > prefix && hr_str_starts(scope, "rule:") &&
               hr_str_equal((struct hr_str){scope.at + prefix, scope.len - prefix}, rule));
}

struct hr_time hr_silenced_until(const struct hr_account *account, struct hr_str rule)
{
    const struct hr_dossier *dossier = known(account);
    struct hr_time until = HR_TIME_NONE;
    for (uint32_t i = 0; i < dossier->silence_count; i++) {
        if (is_about(&dossier->silences[i], rule)) {
            until = hr_time_max(until, hr_silence_end(account, &dossier->silences[i]));
        }
    }
    return until;
}

struct hr_time hr_silence_due(const struct hr_account *account)
{
    const struct hr_dossier *dossier = known(account);
    struct hr_time due = HR_TIME_NEVER;
    for (uint32_t i = 0; i < dossier->silence_count; i++) {
        struct hr_time end = hr_silence_end(account, &dossier->silences[i]);
        due = end.us > account->clock.us ? hr_time_min(due, end) : due;
    }
    return due;
}

static void drop_silence(struct hr_dossier *dossier, uint32_t at, struct hr_pool *pool)
{
    hr_text_drop(pool, &dossier->silences[at].scope);
    hr_text_drop(pool, &dossier->silences[at].by);
    hr_text_drop(pool, &dossier->silences[at].why);
    hr_list_remove(
        pool, &dossier->silences, &dossier->silence_count, sizeof *dossier->silences, at);
}

static void forget_over(struct hr_account *account, struct hr_pool *pool)
{
    struct hr_dossier *dossier = account->dossier;
    uint32_t over = 0, oldest = 0;
    for (uint32_t i = 0; i < dossier->silence_count; i++) {
        if (hr_silence_end(account, &dossier->silences[i]).us > account->clock.us) {
            continue;
        }
        if (over++ == 0 || dossier->silences[i].stamp.us < dossier->silences[oldest].stamp.us) {
            oldest = i;
        }
    }
    if (over > SILENCES_KEPT) {
        drop_silence(dossier, oldest, pool);
    }
}

static void tell_silence(
    struct hr_account *account, const struct hr_silence *told, struct hr_pool *pool)
{
    struct hr_dossier *dossier = account->dossier;
    struct hr_silence *silence = NULL;
    for (uint32_t i = 0; i < dossier->silence_count && !silence; i++) {
        bool same = hr_str_equal(dossier->silences[i].scope, told->scope);
        silence = same ? &dossier->silences[i] : NULL;
    }
    if (!silence) {
        silence =
            hr_list_append(pool, &dossier->silences, &dossier->silence_count, sizeof *silence);
        *silence = (struct hr_silence){.scope = hr_text_keep(pool, told->scope),
            .by = HR_STR(""),
            .why = HR_STR(""),
            .stamp = HR_TIME_NONE};
    }
    if (hr_fact_is_newer(silence->stamp, told->stamp)) {
        silence->stamp = told->stamp;
        silence->until = told->until;
        silence->quiet = told->quiet;
        replace_text(&silence->by, told->by, pool);
        replace_text(&silence->why, told->why, pool);
    }
    forget_over(account, pool);
}

/* --- all of it -------------------------------------------------------------------------------- */

static void tell_one_trial(struct hr_dossier *dossier, const struct hr_fact *fact,
    struct hr_time time, struct hr_pool *pool)
{
    struct hr_trial told = {fact->feature, time, fact->ends_at, fact->kind == HR_FACT_TRIAL_STARTED,
        (uint8_t)fact->outcome};
    tell_trial(dossier, &told, pool);
}

void hr_dossier_tell(struct hr_account *account, const struct hr_fact *fact, struct hr_time time,
    struct hr_pool *pool)
{
    struct hr_dossier *dossier = hr_dossier_of(account, pool);
    struct hr_silence silence;
    switch (fact->kind) {
    case HR_FACT_TRIAL_STARTED:
    case HR_FACT_TRIAL_ENDED:
        tell_one_trial(dossier, fact, time, pool);
        break;
    case HR_FACT_FEATURE_INTEREST:
        add_interest(dossier, fact->feature, hr_time_bucket(time, HR_DAY), 1, pool);
        expire_interest(dossier, today_utc(account), pool);
        break;
    case HR_FACT_MILESTONE:
        tell_milestone(dossier, fact->milestone, time, pool);
        break;
    case HR_FACT_EXECUTIVE:
        dossier->executive = hr_time_max(dossier->executive, time);
        break;
    case HR_FACT_OPPORTUNITY:
        hr_opportunity_tell(dossier, fact, time, pool);
        break;
    case HR_FACT_SILENCE_SET:
    case HR_FACT_SILENCE_CLEARED:
        silence = (struct hr_silence){
            fact->scope, fact->by, fact->why, time, fact->until, (uint8_t)fact->quiet};
        tell_silence(account, &silence, pool);
        break;
    default:
        hr_prompt_tell(dossier, fact, time, pool);
        break;
    }
    account->due_stale = true;
}

void hr_dossier_merge(
    struct hr_account *account, const struct hr_account *stray, struct hr_pool *pool)
{
    const struct hr_dossier *other = stray->dossier;
    if (!other) {
        return;
    }
    struct hr_dossier *dossier = hr_dossier_of(account, pool);
    for (uint32_t i = 0; i < other->trial_count; i++) {
        tell_trial(dossier, &other->trials[i], pool);
    }
    for (uint32_t i = 0; i < other->interest_count; i++) {
        const struct hr_interest *interest = &other->interests[i];
        for (uint32_t d = 0; d < interest->day_count; d++) {
            add_interest(
                dossier, interest->feature, interest->days[d].day, interest->days[d].count, pool);
        }
    }
    expire_interest(dossier, today_utc(account), pool);
    for (uint32_t i = 0; i < other->milestone_count; i++) {
        tell_milestone(dossier, other->milestones[i].name, other->milestones[i].stamp, pool);
    }
    for (uint32_t i = 0; i < other->opportunity_count; i++) {
        hr_opportunity_take(dossier, &other->opportunities[i], pool);
    }
    for (uint32_t i = 0; i < other->prompt_count; i++) {
        hr_prompt_take(dossier, &other->prompts[i], pool);
    }
    for (uint32_t i = 0; i < other->silence_count; i++) {
        tell_silence(account, &other->silences[i], pool);
    }
    for (uint32_t i = 0; i < other->correction_count; i++) {
        hr_corrections_file(account, other->corrections[i], pool);
    }
    dossier->executive = hr_time_max(dossier->executive, other->executive);
    for (int k = 0; k < HR_PROMPT_KINDS; k++) {
        dossier->prompted[k] = hr_time_max(dossier->prompted[k], other->prompted[k]);
    }
    account->due_stale = true;
}

size_t hr_dossier_size(const struct hr_account *account, size_t entry)
{
    const struct hr_dossier *dossier = known(account);
    size_t size = account->dossier ? 2 * entry : 0;
    size += dossier->correction_count * sizeof(struct hr_correction);
    for (uint32_t i = 0; i < dossier->trial_count; i++) {
        size += entry + dossier->trials[i].feature.len;
    }
    for (uint32_t i = 0; i < dossier->interest_count; i++) {
        size += entry + dossier->interests[i].feature.len +
                dossier->interests[i].day_count * sizeof(struct hr_interest_day);
    }
    for (uint32_t i = 0; i < dossier->milestone_count; i++) {
        size += entry + dossier->milestones[i].name.len;
    }
    for (uint32_t i = 0; i < dossier->opportunity_count; i++) {
        const struct hr_opportunity *one = &dossier->opportunities[i];
        size += 3 * entry + one->name.len + one->trigger.len;
    }
    for (uint32_t i = 0; i < dossier->prompt_count; i++) {
        size += entry + dossier->prompts[i].trigger.len + dossier->prompts[i].rule.len;
    }
    for (uint32_t i = 0; i < dossier->own_count; i++) {
        const struct hr_own_rule *own = &dossier->own[i];
        size += entry + own->rule.len + own->owner.len;
        for (uint32_t l = 0; l < own->level_count; l++) {
            size += own->levels[l].len + 1;
        }
    }
    for (uint32_t i = 0; i < dossier->silence_count; i++) {
        const struct hr_silence *silence = &dossier->silences[i];
        size += entry + silence->scope.len + silence->by.len + silence->why.len;
    }
    for (uint32_t i = 0; i < dossier->limit_count; i++) {
        size += entry + dossier->limits[i].name.len;
    }
    return size;
}

static void give(struct hr_pool *pool, void *list, uint32_t count, size_t size)
{
    if (count > 0) {
        hr_pool_give(pool, list, count * size);
    }
}

static void give_product(struct hr_dossier *dossier, struct hr_pool *pool)
{
    for (uint32_t i = 0; i < dossier->trial_count; i++) {
        hr_text_drop(pool, &dossier->trials[i].feature);
    }
    give(pool, dossier->trials, dossier->trial_count, sizeof *dossier->trials);
    for (uint32_t i = 0; i < dossier->interest_count; i++) {
        struct hr_interest *interest = &dossier->interests[i];
        hr_text_drop(pool, &interest->feature);
        give(pool, interest->days, interest->day_count, sizeof *interest->days);
    }
    give(pool, dossier->interests, dossier->interest_count, sizeof *dossier->interests);
    for (uint32_t i = 0; i < dossier->milestone_count; i++) {
        hr_text_drop(pool, &dossier->milestones[i].name);
    }
    give(pool, dossier->milestones, dossier->milestone_count, sizeof *dossier->milestones);
}

static void give_people(struct hr_dossier *dossier, struct hr_pool *pool)
{
    for (uint32_t i = 0; i < dossier->opportunity_count; i++) {
        hr_text_drop(pool, &dossier->opportunities[i].name);
        hr_text_drop(pool, &dossier->opportunities[i].trigger);
    }
    give(pool, dossier->opportunities, dossier->opportunity_count, sizeof *dossier->opportunities);
    for (uint32_t i = 0; i < dossier->prompt_count; i++) {
        hr_text_drop(pool, &dossier->prompts[i].trigger);
        hr_text_drop(pool, &dossier->prompts[i].rule);
    }
    give(pool, dossier->prompts, dossier->prompt_count, sizeof *dossier->prompts);
    for (uint32_t i = 0; i < dossier->silence_count; i++) {
        hr_text_drop(pool, &dossier->silences[i].scope);
        hr_text_drop(pool, &dossier->silences[i].by);
        hr_text_drop(pool, &dossier->silences[i].why);
    }
    give(pool, dossier->silences, dossier->silence_count, sizeof *dossier->silences);
    give(pool, dossier->corrections, dossier->correction_room, sizeof *dossier->corrections);
    hr_own_drop(dossier, pool);
}

void hr_dossier_drop(struct hr_account *account, struct hr_pool *pool)
{
    if (account->dossier) {
        give_product(account->dossier, pool);
        give_people(account->dossier, pool);
        while (account->dossier->limit_count > 0) {
            hr_former_limit_drop(account->dossier, account->dossier->limit_count - 1, pool);
        }
        hr_pool_give(pool, account->dossier, sizeof *account->dossier);
        account->dossier = NULL;
    }
}
