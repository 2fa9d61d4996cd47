/* SPDX-License-Identifier: Apache-2.0 */
/* Plans: what each allows and costs, and to which others it leads. `next` may lead round, as it
 * does where plans of two families lead to each other; whoever walks it looks at each plan once. */
#include "compile.h"

bool hr_compile_money(struct hr_compiling *compiling, const struct hr_written *written,
    struct hr_decimal *amount, char currency[4], const struct hr_path *path)
{
    if (!written->text.at) {
        return false;
    }
    if (written->form != HR_FORM_MONEY && written->form != HR_FORM_PLAIN) {
        hr_complain(compiling->complainer, path, "must be an amount of money, such as 400 USD");
        return false;
    }
    if (written->number.units < 0) {
        hr_complain(compiling->complainer, path, "must not be negative");
        return false;
    }
    *amount = written->number;
    memcpy(currency, written->currency[0] ? written->currency : compiling->rules->currency, 4);
    return true;
}

static int plan_named(const struct hr_settings *settings, struct hr_str name)
{
    for (size_t i = 0; i < settings->plans_count; i++) {
        if (hr_str_equal(settings->plans[i].name, name)) {
            return (int)i;
        }
    }
    return -1;
}

static void complain_plan(
    struct hr_compiling *compiling, struct hr_str name, const struct hr_path *path)
{
    const struct hr_settings *settings = compiling->settings;
    struct hr_str *known =
        hr_arena_zeroed(compiling->complainer->arena, settings->plans_count * sizeof *known);
    for (size_t i = 0; i < settings->plans_count; i++) {
        known[i] = settings->plans[i].name;
    }
    hr_complain(compiling->complainer, path, "names the plan %s, which is not under plans%s",
        hr_quote(compiling->complainer, name),
        hr_did_you_mean(compiling->complainer, name, known, settings->plans_count));
}

static void compile_next(struct hr_compiling *compiling, const struct hr_plan_setting *from,
    struct hr_plan *plan, const struct hr_path *path)
{
    struct hr_path next_at = hr_path_key(path, HR_STR("next"));
    uint16_t *next = hr_arena_zeroed(compiling->arena, (from->next_count + 1) * sizeof *next);
    for (size_t i = 0; i < from->next_count; i++) {
        struct hr_path place = hr_path_index(&next_at, i);
        int found = plan_named(compiling->settings, from->next[i]);
        if (!from->next[i].at) {
            continue; /* there is a complaint already */
        }
        if (found < 0) {
            complain_plan(compiling, from->next[i], &place);
        } else if (hr_str_equal(from->next[i], from->name)) {
            hr_complain(compiling->complainer, &place, "is the plan itself");
        } else {
            next[plan->next_count++] = (uint16_t)found;
        }
    }
    plan->next = next;
}

/* A customer will be sent there. */
static void check_link(
    struct hr_compiling *compiling, struct hr_str link, const struct hr_path *path)
{
    struct hr_path link_at = hr_path_key(path, HR_STR("link"));
    if (link.at && !hr_str_starts(link, "https://") && !hr_str_starts(link, "http://")) {
        hr_complain(compiling->complainer, &link_at, "must begin with https:// or http://");
    }
}

static void compile_plan(struct hr_compiling *compiling, const struct hr_plan_setting *from,
    struct hr_plan *plan, const struct hr_path *path)
{
    struct hr_path mrr_at = hr_path_key(path, HR_STR("mrr"));
    struct hr_limit *limits =
        hr_arena_zeroed(compiling->arena, (from->limits_count + 1) * sizeof *limits);
    for (size_t j = 0; j < from->limits_count; j++) {
        limits[j] = (struct hr_limit){
            .name = from->limits[j].name,
            .unlimited = from->limits[j].quota.unlimited,
            .value = from->limits[j].quota.value,
        };
    }
    *plan = (struct hr_plan){.name = from->name,
        .limits = limits,
        .limit_count = (uint16_t)from->limits_count,
        .link = from->link.at ? from->link : HR_STR("")};
    plan->has_mrr = hr_compile_money(compiling, &from->mrr, &plan->mrr, plan->currency, &mrr_at);
    compile_next(compiling, from, plan, path);
    check_link(compiling, from->link, path);
}

static void compile_recommend(struct hr_compiling *compiling)
{
    struct hr_recommend_setting *from = &compiling->settings->recommend;
    struct hr_path top = {0};
    struct hr_path at = hr_path_key(&top, HR_STR("recommend"));
    struct hr_path below_at = hr_path_key(&at, HR_STR("below"));
    if (from->below.text.at &&
        (!hr_fit_unit(HR_UNIT_SHARE, &from->below) || from->below.number.units <= 0 ||
            hr_decimal_compare(from->below.number, HR_DECIMAL_ONE) > 0)) {
        hr_complain(compiling->complainer, &below_at,
            "must be a share above 0%% and of at most 100%%, such as 80%%");
    }
    compiling->rules->recommend = (struct hr_recommend){from->below.number, from->for_us};
}

void hr_compile_plans(struct hr_compiling *compiling)
{
    const struct hr_settings *settings = compiling->settings;
    struct hr_path top = {0};
    struct hr_path plans_at = hr_path_key(&top, HR_STR("plans"));
    struct hr_plan *plans =
        hr_arena_zeroed(compiling->arena, (settings->plans_count + 1) * sizeof *plans);
    for (size_t i = 0; i < settings->plans_count; i++) {
        struct hr_path at = hr_path_key(&plans_at, settings->plans[i].name);
        compile_plan(compiling, &settings->plans[i], &plans[i], &at);
    }
    compiling->rules->plans = plans;
    compiling->rules->plan_count = (uint16_t)settings->plans_count;
    compile_recommend(compiling);
}
