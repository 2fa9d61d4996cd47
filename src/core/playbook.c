/* SPDX-License-Identifier: Apache-2.0 */
/* A playbook's five blocks, filled with what is true of the account (SEMANTICS 7):
 *
 *   discovery    what was watched, and each meter against its limit
 *   value_recap  milestones achieved, what use is worth in money
 *   solution     the plan recommended and its limits, what is tried, what is offered
 *   roi          price against value
 *   proposal     plan, amendment, link, renewal
 *
 * The playbook is the rule's, else the route's. Where no routes were written it follows from what
 * the rule watches, as it is usual in the field; risk has none.
 *
 * A trigger has to fit a message, and milestones and trials are named by whoever sends them: a
 * block has HR_EVIDENCE_MOST facts at most, and a fact no more than HR_EVIDENCE_TEXT_MOST bytes. */
#include "advice.h"

#include "dossier.h"
#include "money.h"
#include "pace.h"
#include "subscription.h"
#include "text.h"
#include "window.h"

/* --- which ------------------------------------------------------------------------------------ */

static const char *usual_playbook(const struct hr_rules *rules, const struct hr_rule *rule)
{
    const struct hr_signal *signal = &rules->signals[rule->signal];
    const struct hr_meter *meter =
        signal->kind <= HR_SIGNAL_DROP ? &rules->meters[signal->meter] : NULL;
    if (rule->category == HR_RISK) {
        return "";
    }
    if (signal->kind == HR_SIGNAL_TRIAL || signal->kind == HR_SIGNAL_TRIAL_USES ||
        signal->kind == HR_SIGNAL_INTEREST || (meter && meter->feature)) {
        return "in_app_prompt";
    }
    if (rule->category == HR_RENEWAL || !meter) {
        return "value_based_upgrade";
    }
    return meter->aggregate == HR_UNIQUE && meter->limit.len == 0 ? "strategic_business_review"
                                                                  : "capacity_planning";
}

const struct hr_playbook *hr_playbook_of(
    const struct hr_instance *instance, const struct hr_route *route)
{
    const struct hr_rules *rules = instance->step->account->layout->base->rules;
    const struct hr_rule *rule = instance->rule;
    int named = rule->playbook >= 0 ? rule->playbook : route ? route->playbook : -1;
    if (named >= 0) {
        return &rules->playbooks[named];
    }
    const char *usual = rules->routes_by_default ? usual_playbook(rules, rule) : "";
    for (uint16_t p = 0; p < rules->playbook_count; p++) {
        if (hr_str_is(rules->playbooks[p].name, usual)) {
            return &rules->playbooks[p];
        }
    }
    return NULL;
}

/* --- facts ------------------------------------------------------------------------------------ */

/* A block as it is filled. */
struct filling {
    const struct hr_advising *advising;
    struct hr_playbook_block *block;
};

static struct hr_arena *arena_of(const struct filling *filling)
{
    return filling->advising->arena;
}
static const struct hr_account *account_of(const struct filling *filling)
{
    return filling->advising->instance->step->account;
}

/* Not within a character of UTF-8. */
static struct hr_str cut(struct hr_str text)
{
    if (text.len > HR_EVIDENCE_TEXT_MOST) {
        text.len = HR_EVIDENCE_TEXT_MOST;
        while (text.len > 0 && ((unsigned char)text.at[text.len] & 0xc0) == 0x80) {
            text.len--;
        }
    }
    return text;
}

static void add_whole(struct filling *filling, struct hr_str what, struct hr_str is)
{
    if (filling->block->count < HR_EVIDENCE_MOST) {
        filling->block->at[filling->block->count++] = (struct hr_evidence){what, is};
    }
}

/* Empty: it is not known, and nothing is said. The texts are the arena's or the rules'. */
static void add(struct filling *filling, struct hr_str what, struct hr_str is)
{
    if (is.len > 0) {
        add_whole(filling, cut(what), cut(is));
    }
}

static struct hr_str join(
    const struct filling *filling, const char *head, struct hr_str text, const char *tail)
{
    return hr_arena_join(arena_of(filling), hr_str(head), "",
        hr_arena_join(arena_of(filling), text, tail, HR_STR("")));
}

/* --- discovery -------------------------------------------------------------------------------- */

static void tell_meter(struct filling *filling, uint16_t meter)
{
    const struct hr_account *account = account_of(filling);
    const struct hr_limit_state *limit = &account->meters[meter].limit;
    struct hr_arena *arena = arena_of(filling);
    struct hr_str value = hr_text_window(arena, account, meter, 0);
    if (limit->kind == HR_LIMIT_NONE || value.len == 0) {
        return;
    }
    struct hr_str of = limit->kind == HR_LIMIT_UNLIMITED ? HR_STR("unlimited")
                                                         : hr_text_decimal(arena, limit->value);
    struct hr_str is = hr_arena_join(arena, value, " of ", of);
    struct hr_str used = hr_text_used(arena, account, meter);
    is = used.len > 0 ? hr_arena_join(arena, is, ", ", used) : is;
    add(filling, join(filling, "meter.", account->layout->rules->meters[meter].name, ""), is);
}

/* "58, 49 to 70", or without an end of the interval "58, from 49". */
static void tell_forecast(struct filling *filling, uint16_t slot)
{
    const struct hr_account *account = account_of(filling);
    struct hr_forecast forecast = hr_forecast_of(account, slot);
    if (!forecast.known) {
        return;
    }
    struct hr_str is = forecast.open ? hr_arena_printf(arena_of(filling), "%lld, from %lld",
                                           (long long)forecast.days, (long long)forecast.low)
                                     : hr_arena_printf(arena_of(filling), "%lld, %lld to %lld",
                                           (long long)forecast.days, (long long)forecast.low,
                                           (long long)forecast.high);
    add(filling, join(filling, "meter.", hr_slot_meter(account, slot)->name, ".days_to_limit"), is);
}

static void tell_discovery(struct filling *filling)
{
    const struct hr_instance *instance = filling->advising->instance;
    const struct hr_layout *layout = instance->step->account->layout;
    const struct hr_signal *signal = &layout->rules->signals[instance->rule->signal];
    bool on_meter = layout->signals[instance->rule->signal].on_meter;
    add(filling, signal->text, hr_text_reading(arena_of(filling), signal, &instance->reading));
    if (on_meter) {
        tell_meter(filling, signal->meter);
        tell_forecast(filling, layout->signals[instance->rule->signal].slot);
    }
    for (uint16_t m = 0; m < layout->rules->meter_count; m++) {
        if (!on_meter || m != signal->meter) {
            tell_meter(filling, m);
        }
    }
}

/* --- value ------------------------------------------------------------------------------------ */

#define MILESTONES_MOST 3u /* the newest; beside them there is room for worth */

static bool is_newer(const struct hr_milestone *one, const struct hr_milestone *other)
{
    return one->stamp.us != other->stamp.us ? one->stamp.us > other->stamp.us
                                            : hr_str_compare(one->name, other->name) < 0;
}

static void tell_milestones(struct filling *filling)
{
    const struct hr_account *account = account_of(filling);
    const struct hr_dossier *dossier = account->dossier;
    const struct hr_milestone *last = NULL;
    for (unsigned told = 0; dossier && told < MILESTONES_MOST; told++) {
        const struct hr_milestone *next = NULL;
        for (uint32_t i = 0; i < dossier->milestone_count; i++) {
            const struct hr_milestone *one = &dossier->milestones[i];
            if ((!last || is_newer(last, one)) && (!next || is_newer(one, next))) {
                next = one;
            }
        }
        if (!next) {
            return;
        }
        char day[HR_TIME_TEXT];
        size_t len = hr_date_print(hr_zone_day(account->zone, next->stamp), day);
        add(filling, join(filling, "milestone.", next->name, ""),
            hr_arena_copy(arena_of(filling), (struct hr_str){day, len}));
        last = next;
    }
}

/* What the period's use of a meter is worth. */
static struct hr_reading worth_of(const struct hr_account *account, uint16_t meter)
{
    const struct hr_meter *about = &account->layout->rules->meters[meter];
    struct hr_tally tally = hr_window_tally(account, meter, 0);
    struct hr_reading value = hr_tally_reading(about->aggregate, &tally);
    return about->has_worth ? hr_worth_reading(about, &value)
                            : (struct hr_reading){.kind = HR_READING_UNKNOWN};
}

static void tell_value(struct filling *filling)
{
    const struct hr_account *account = account_of(filling);
    tell_milestones(filling);
    for (uint16_t m = 0; m < account->layout->rules->meter_count; m++) {
        struct hr_reading worth = worth_of(account, m);
        if (worth.kind == HR_READING_MONEY) {
            add(filling, join(filling, "value.", account->layout->rules->meters[m].name, ""),
                hr_text_money(arena_of(filling), worth.value, worth.currency));
        }
    }
}

/* --- solution --------------------------------------------------------------------------------- */

static void tell_plan(struct filling *filling, const struct hr_plan *plan)
{
    struct hr_arena *arena = arena_of(filling);
    add(filling, HR_STR("plan"), plan->name);
    for (uint16_t i = 0; i < plan->limit_count && i < 2; i++) {
        const struct hr_limit *limit = &plan->limits[i];
        add(filling, join(filling, "plan.", limit->name, ""),
            limit->unlimited ? HR_STR("unlimited") : hr_text_decimal(arena, limit->value));
    }
}

/* What is tried now, and how often it was used in the period. */
static void tell_tried(struct filling *filling)
{
    const struct hr_account *account = account_of(filling);
    for (uint16_t m = 0; m < account->layout->rules->meter_count; m++) {
        const struct hr_meter *meter = &account->layout->rules->meters[m];
        if (meter->feature && hr_trial_runs(account, meter->trial)) {
            add(filling, join(filling, "", meter->name, ".uses"),
                hr_text_window(arena_of(filling), account, m, 0));
        }
    }
}

static void tell_offer(struct filling *filling, const struct hr_advice *advice)
{
    const struct hr_offer *offer = advice->offer;
    add(filling, HR_STR("offer"), advice->product->name);
    if (offer->has_mrr) {
        add(filling, HR_STR("offer.mrr"), hr_text_offer_mrr(arena_of(filling), offer));
    }
}

static void tell_solution(struct filling *filling, const struct hr_advice *advice)
{
    if (advice->offer) {
        tell_offer(filling, advice);
    }
    if (advice->recommend.plan) {
        tell_plan(filling, advice->recommend.plan);
    }
    tell_tried(filling);
}

/* --- price and proposal ----------------------------------------------------------------------- */

/* All that use is worth, as far as it is in one currency or there are rates. */
static void tell_worth(struct filling *filling)
{
    const struct hr_account *account = account_of(filling);
    const struct hr_rules *rules = account->layout->rules;
    struct hr_decimal sum = HR_DECIMAL_ZERO;
    bool any = false, good = true;
    for (uint16_t m = 0; m < rules->meter_count && good; m++) {
        struct hr_reading worth = worth_of(account, m);
        if (worth.kind == HR_READING_MONEY) {
            struct hr_decimal amount;
            good = hr_money_convert(rules, worth.value, worth.currency, &amount) &&
                   hr_decimal_add(sum, amount, &sum);
            any = true;
        }
    }
    if (any && good) {
        add(filling, HR_STR("value"), hr_text_money(arena_of(filling), sum, rules->currency));
    }
}

static void tell_roi(struct filling *filling, const struct hr_advice *advice)
{
    const struct hr_recommendation *recommend = &advice->recommend;
    struct hr_decimal mrr;
    char currency[4];
    tell_worth(filling);
    if (hr_account_mrr(account_of(filling), &mrr, currency)) {
        add(filling, HR_STR("account.mrr"), hr_text_money(arena_of(filling), mrr, currency));
    }
    if (recommend->plan && recommend->plan->has_mrr) {
        add(filling, HR_STR("plan.mrr"),
            hr_text_money(arena_of(filling), recommend->plan->mrr, recommend->plan->currency));
    }
    if (recommend->has_delta) {
        add(filling, HR_STR("mrr_delta"), hr_text_delta(arena_of(filling), recommend));
    }
}

static void tell_proposal(struct filling *filling, const struct hr_advice *advice)
{
    const struct hr_recommendation *recommend = &advice->recommend;
    const struct hr_account *account = account_of(filling);
    int64_t day;
    if (recommend->plan) {
        struct hr_str change =
            hr_arena_join(arena_of(filling), recommend->from->name, " to ", recommend->plan->name);
        add(filling, HR_STR("amendment"), change);
    }
    if (recommend->has_delta) {
        add(filling, HR_STR("mrr_delta"), hr_text_delta(arena_of(filling), recommend));
    }
    if (hr_account_renewal(account, &day)) {
        char date[HR_TIME_TEXT];
        size_t len = hr_date_print(day, date);
        add(filling, HR_STR("renewal"),
            hr_arena_copy(arena_of(filling), (struct hr_str){date, len}));
    }
    if (recommend->plan && recommend->plan->link.len > 0) {
        add_whole(filling, HR_STR("link"), recommend->plan->link);
    }
}

void hr_playbook_fill(const struct hr_advising *advising, struct hr_advice *advice)
{
    struct filling fillings[HR_BLOCKS];
    for (int b = 0; b < HR_BLOCKS; b++) {
        fillings[b] = (struct filling){advising, &advice->blocks[b]};
    }
    tell_discovery(&fillings[HR_DISCOVERY]);
    tell_value(&fillings[HR_VALUE_RECAP]);
    tell_solution(&fillings[HR_SOLUTION], advice);
    tell_roi(&fillings[HR_ROI], advice);
    tell_proposal(&fillings[HR_PROPOSAL], advice);
}
