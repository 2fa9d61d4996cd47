/* SPDX-License-Identifier: Apache-2.0 */
/* Rules: a signal, levels in its unit, a margin, and what must hold besides. */
#include "compile.h"

#include "headroom/buffer.h"
#include "headroom/hash.h"

/* A rule is its name, `watch` and direction; change one and it is new (SEMANTICS 5, Changed
 * rules). The parts cannot hold a NUL. */
static uint64_t rule_key(const struct hr_rule_setting *setting, enum hr_direction direction)
{
    struct hr_buffer text = {0};
    hr_put_bytes(&text, setting->name.at, setting->name.len);
    hr_put_u8(&text, 0);
    hr_put_bytes(&text, setting->watch.at, setting->watch.len);
    hr_put_u8(&text, 0);
    hr_put_u8(&text, direction == HR_UP ? 'u' : 'd');
    uint64_t key = hr_hash64(hr_buffer_str(&text), 0);
    hr_buffer_clean_up(&text);
    return key;
}

struct levels {
    struct hr_written *at;
    size_t count;
    enum hr_direction direction;
    struct hr_path path;
};

/* Which of `levels` and `below` was given. False after a complaint. */
static bool choose_levels(struct hr_compiling *compiling, const struct hr_rule_setting *setting,
    const struct hr_path *path, struct levels *levels)
{
    struct hr_path up = hr_path_key(path, HR_STR("levels"));
    struct hr_path down = hr_path_key(path, HR_STR("below"));
    bool has_up = hr_config_has(compiling->complainer, &up);
    bool has_down = hr_config_has(compiling->complainer, &down);
    *levels = has_down ? (struct levels){setting->below, setting->below_count, HR_DOWN, down}
                       : (struct levels){setting->levels, setting->levels_count, HR_UP, up};
    if (has_up == has_down) {
        hr_complain(compiling->complainer, path,
            has_up ? "must have levels or below, not both" : "must have levels, or below");
    }
    return has_up != has_down;
}

static void check_order(struct hr_compiling *compiling, const struct levels *levels, size_t index,
    const struct hr_path *path)
{
    const struct hr_written *this = &levels->at[index], *before = &levels->at[index - 1];
    int order = hr_decimal_compare(this->number, before->number);
    if (strcmp(this->currency, before->currency) != 0) {
        hr_complain(compiling->complainer, path, "must be in the currency of the level before");
    } else if (levels->direction == HR_UP && order <= 0) {
        hr_complain(compiling->complainer, path, "must be greater than levels[%zu]", index - 1);
    } else if (levels->direction == HR_DOWN && order >= 0) {
        hr_complain(compiling->complainer, path, "must be less than below[%zu]", index - 1);
    }
}

static void compile_levels(struct hr_compiling *compiling, const struct hr_signal *signal,
    const struct levels *from, struct hr_rule *rule)
{
    struct hr_rule_level *levels =
        hr_arena_zeroed(compiling->arena, (from->count + 1) * sizeof *levels);
    bool comparable = false;
    for (size_t i = 0; i < from->count; i++) {
        struct hr_path place = hr_path_index(&from->path, i);
        bool good = from->at[i].text.at != NULL &&
                    hr_fit_literal(compiling, signal, &from->at[i], false, &place);
        if (good && comparable) {
            check_order(compiling, from, i, &place);
        }
        comparable = good;
        levels[i].value = from->at[i].number;
        levels[i].text = hr_level_text(compiling->arena, &from->at[i]);
        memcpy(levels[i].currency, from->at[i].currency, sizeof levels[i].currency);
    }
    if (from->at && from->count == 0) {
        hr_complain(compiling->complainer, &from->path, "must not be empty");
    }
    rule->levels = levels;
    rule->level_count = (uint16_t)from->count;
}

static void compile_rearm(struct hr_compiling *compiling, const struct hr_signal *signal,
    struct hr_written *rearm, struct hr_rule *rule, const struct hr_path *path)
{
    struct hr_path place = hr_path_key(path, HR_STR("rearm"));
    if (!rearm->text.at || !hr_fit_literal(compiling, signal, rearm, false, &place)) {
        return;
    }
    if (rearm->number.units < 0) {
        hr_complain(compiling->complainer, &place, "must not be negative");
    }
    if (rearm->currency[0] && rule->level_count > 0 &&
        strcmp(rearm->currency, rule->levels[0].currency) != 0) {
        hr_complain(compiling->complainer, &place, "must be in the currency of the levels");
    }
    rule->rearm = rearm->number;
}

/* The parts that depend on the signal. */
static void compile_watch(struct hr_compiling *compiling, struct hr_rule_setting *setting,
    const struct levels *levels, struct hr_rule *rule, const struct hr_path *path)
{
    struct hr_path watch_at = hr_path_key(path, HR_STR("watch"));
    int index = hr_find_signal(compiling, setting->watch, &watch_at);
    if (index < 0) {
        return;
    }
    const struct hr_signal *signal = &compiling->signals[index].signal;
    rule->signal = (uint16_t)index;
    if (signal->unit == HR_UNIT_TEXT) {
        hr_complain(compiling->complainer, &watch_at,
            "is text, which has no levels: ask for it under when");
        return;
    }
    compile_levels(compiling, signal, levels, rule);
    compile_rearm(compiling, signal, &setting->rearm, rule, path);
}

/* The parts that are about what to say. */
static const struct hr_offer *compile_offer(
    struct hr_compiling *compiling, const struct hr_offer_setting *from, const struct hr_path *path)
{
    struct hr_path at = hr_path_key(path, HR_STR("offer"));
    struct hr_path mrr_at = hr_path_key(&at, HR_STR("mrr"));
    struct hr_path second_at = hr_path_index(&mrr_at, 1);
    if (!hr_config_has(compiling->complainer, &at)) {
        return NULL;
    }
    struct hr_offer *offer = hr_arena_zeroed(compiling->arena, sizeof *offer);
    struct hr_path product_at = hr_path_key(&at, HR_STR("product"));
    if (!hr_config_has(compiling->complainer, &product_at)) {
        hr_complain(compiling->complainer, &product_at, "is missing");
    } else if (from->product.at) {
        int product = hr_find_product(compiling, from->product, &product_at);
        offer->product = (uint16_t)(product < 0 ? 0 : product);
    }
    if (from->mrr_count == 0) {
        return offer;
    }
    char currency[4] = "";
    const struct hr_written *last = &from->mrr[from->mrr_count - 1];
    offer->has_mrr =
        hr_compile_money(compiling, from->mrr, &offer->least, offer->currency, &mrr_at) &&
        hr_compile_money(compiling, last, &offer->most, currency, &second_at);
    if (offer->has_mrr && strcmp(offer->currency, currency) != 0) {
        hr_complain(compiling->complainer, &second_at, "must be in the currency of mrr[0]");
    } else if (offer->has_mrr && hr_decimal_compare(offer->most, offer->least) < 0) {
        hr_complain(compiling->complainer, &second_at, "must not be less than mrr[0]");
    }
    return offer;
}

static void check_keys(struct hr_compiling *compiling, const struct hr_rule *rules, size_t count,
    const struct hr_path *path)
{
    for (size_t i = 0; i < count; i++) {
        if (rules[i].key == rules[count].key) {
            hr_complain(compiling->complainer, path,
                "has the same hash as rule %s, by chance; rename it",
                hr_quote(compiling->complainer, rules[i].name));
        }
    }
}

/* Days to a renewal count down: upwards everybody would be beyond them from the first day on. */
void hr_check_rules(struct hr_complainer *complainer, const struct hr_settings *settings)
{
    struct hr_path top = {0};
    struct hr_path rules_at = hr_path_key(&top, HR_STR("rules"));
    for (size_t i = 0; i < settings->rules_count; i++) {
        const struct hr_rule_setting *rule = &settings->rules[i];
        struct hr_path at = hr_path_key(&rules_at, rule->name);
        struct hr_path levels_at = hr_path_key(&at, HR_STR("levels"));
        if (hr_str_is(rule->watch, "renewal.days_left") && rule->levels_count > 0) {
            hr_complain(complainer, &levels_at,
                "go upwards, and the days to a renewal count down: write below instead");
        }
    }
}

void hr_compile_rules(struct hr_compiling *compiling)
{
    struct hr_settings *settings = compiling->settings;
    struct hr_path top = {0};
    struct hr_path rules_at = hr_path_key(&top, HR_STR("rules"));
    struct hr_rule *rules =
        hr_arena_zeroed(compiling->arena, (settings->rules_count + 1) * sizeof *rules);
    for (size_t i = 0; i < settings->rules_count; i++) {
        struct hr_rule_setting *from = &settings->rules[i];
        struct hr_path at = hr_path_key(&rules_at, from->name);
        struct levels levels;
        bool chosen = choose_levels(compiling, from, &at, &levels);
        rules[i] = (struct hr_rule){
            .name = from->name,
            .key = rule_key(from, levels.direction),
            .direction = levels.direction,
            .category = (enum hr_category)from->category,
            .priority = (int32_t)from->priority,
            .for_us = from->for_us,
            .cooldown_us = from->cooldown_us,
            .jump_each = from->jump == 1,
            .late_never = from->late == 1,
            .on_start_skip = from->on_start == 1,
            .shadow = from->mode == 1,
            .playbook = hr_find_playbook(compiling, from->playbook, &at),
            .offer = compile_offer(compiling, &from->offer, &at),
        };
        if (chosen && from->watch.at) {
            compile_watch(compiling, from, &levels, &rules[i], &at);
        }
        hr_compile_when(compiling, from, &rules[i], &at);
        hr_time_rule(compiling, from, &rules[i]);
        check_keys(compiling, rules, i, &at);
    }
    compiling->rules->rules = rules;
    compiling->rules->rule_count = (uint16_t)settings->rules_count;
}
