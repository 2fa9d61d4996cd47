/* SPDX-License-Identifier: Apache-2.0 */
/* What is made from signals: score, tier and segment. They are compiled last, when all that rules
 * ask for is known, because what nobody wrote (the default score) takes signals and windows as it
 * finds them and must not be the reason of a complaint.
 *
 * None of them may be made from another one, so nothing goes round in a circle and the order in
 * which they are read does not matter. */
#include "compile.h"

#include "scalar.h"
#include "score.h"

/* --- the default ----------------------------------------------------------------------------- */

static bool has_limits(const struct hr_compiling *compiling)
{
    for (uint16_t i = 0; i < compiling->rules->meter_count; i++) {
        if (compiling->meters[i].limit.at) {
            return true;
        }
    }
    return false;
}

static bool has_features(const struct hr_compiling *compiling)
{
    for (uint16_t i = 0; i < compiling->rules->meter_count; i++) {
        if (compiling->meters[i].feature) {
            return true;
        }
    }
    return false;
}

const struct hr_default_row hr_default_score[] = {
    {"usage_intensity", 25, "adoption > 75%", hr_has_adoption},
    {"capacity", 30, "meter.*.used > 80%", has_limits},
    {"feature_engagement", 20, "trial.uses.7d >= 1", has_features},
    {"business_outcomes", 25, "milestone.success_metric = 1", NULL},
    {"account_health", 15, "account.health > 80", NULL},
    {"renewal_timing", 10, "renewal.days_left >= 60", NULL},
    {"executive_engagement", 15, "executive.days_since <= 30", NULL},
};
const size_t hr_default_score_count = sizeof hr_default_score / sizeof *hr_default_score;

static const struct hr_tier_setting default_tiers[] = {
    {{"high", 4}, 75}, {{"medium", 6}, 50}, {{"low", 3}, 25}};

/* The rows that can be asked in this configuration, as if they had been written. */
static void take_default_score(struct hr_compiling *compiling, struct hr_settings *settings)
{
    settings->score =
        hr_arena_zeroed(compiling->arena, hr_default_score_count * sizeof *settings->score);
    for (size_t i = 0; i < hr_default_score_count; i++) {
        const struct hr_default_row *row = &hr_default_score[i];
        struct hr_score_setting *to = &settings->score[settings->score_count];
        if (row->exists && !row->exists(compiling)) {
            continue;
        }
        *to = (struct hr_score_setting){.name = hr_str(row->name), .points = row->points};
        to->when = hr_arena_zeroed(compiling->arena, sizeof *to->when);
        to->when->any = hr_arena_zeroed(compiling->arena, sizeof *to->when->any);
        to->when_count = to->when->any_count = 1;
        settings->score_count += !hr_read_condition(hr_str(row->when), to->when->any);
    }
}

/* --- compiling ------------------------------------------------------------------------------- */

static void compile_rows(
    struct hr_compiling *compiling, const struct hr_settings *settings, const struct hr_path *at)
{
    struct hr_score_row *rows =
        hr_arena_zeroed(compiling->arena, (settings->score_count + 1) * sizeof *rows);
    for (size_t i = 0; i < settings->score_count; i++) {
        const struct hr_score_setting *from = &settings->score[i];
        struct hr_path row_at = hr_path_index(at, i);
        struct hr_path name_at = hr_path_key(&row_at, HR_STR("name"));
        struct hr_path when_at = hr_path_key(&row_at, HR_STR("when"));
        rows[i] = (struct hr_score_row){
            .name = from->name,
            .points = (int32_t)from->points,
            .when = hr_compile_clauses(compiling, from->when, from->when_count, &when_at),
            .when_count = (uint16_t)from->when_count,
        };
        for (size_t j = 0; j < i && from->name.at; j++) {
            if (rows[j].name.at && hr_str_equal(rows[j].name, from->name)) {
                hr_complain(
                    compiling->complainer, &name_at, "is the name of score[%zu] already", j);
            }
        }
    }
    compiling->rules->score = rows;
    compiling->rules->score_count = (uint16_t)settings->score_count;
}

static void compile_segments(struct hr_compiling *compiling, const struct hr_path *at)
{
    const struct hr_settings *settings = compiling->settings;
    struct hr_segment_row *rows =
        hr_arena_zeroed(compiling->arena, (settings->segments_count + 1) * sizeof *rows);
    for (size_t i = 0; i < settings->segments_count; i++) {
        const struct hr_segment_setting *from = &settings->segments[i];
        struct hr_path row_at = hr_path_index(at, i);
        struct hr_path name_at = hr_path_key(&row_at, HR_STR("name"));
        struct hr_path when_at = hr_path_key(&row_at, HR_STR("when"));
        rows[i] = (struct hr_segment_row){
            .name = from->name,
            .when = hr_compile_clauses(compiling, from->when, from->when_count, &when_at),
            .when_count = (uint16_t)from->when_count,
        };
        for (size_t j = 0; j < i && from->name.at; j++) {
            if (rows[j].name.at && hr_str_equal(rows[j].name, from->name)) {
                hr_complain(
                    compiling->complainer, &name_at, "is the name of segments[%zu] already", j);
            }
        }
    }
    compiling->rules->segments = rows;
    compiling->rules->segment_count = (uint16_t)settings->segments_count;
}

static const struct hr_tier_setting *tiers_of(const struct hr_compiling *compiling, size_t *count)
{
    const struct hr_settings *settings = compiling->settings;
    bool given = settings->tiers_count > 0;
    *count = given ? settings->tiers_count : sizeof default_tiers / sizeof *default_tiers;
    return given ? settings->tiers : default_tiers;
}

static void compile_tiers(struct hr_compiling *compiling)
{
    struct hr_path top = {0};
    struct hr_path at = hr_path_key(&top, HR_STR("tiers"));
    size_t count;
    const struct hr_tier_setting *from = tiers_of(compiling, &count);
    struct hr_tier *tiers = hr_arena_zeroed(compiling->arena, count * sizeof *tiers);
    for (size_t i = 0; i < count; i++) {
        struct hr_path place = hr_path_key(&at, from[i].name);
        tiers[i] = (struct hr_tier){from[i].name, from[i].least};
        if (hr_str_is(from[i].name, HR_TIER_NONE)) {
            hr_complain(compiling->complainer, &place, "is what is below the last; take another");
        }
        if (i > 0 && from[i].least >= from[i - 1].least) {
            hr_complain(compiling->complainer, &place,
                "must be less than %.*s: the highest goes first", (int)from[i - 1].name.len,
                from[i - 1].name.at);
        }
    }
    compiling->rules->tiers = tiers;
    compiling->rules->tier_count = (uint16_t)count;
}

/* --- conditions on what is made ----------------------------------------------------------------
 */

/* From conditions. */
static bool is_made(const struct hr_signal *signal)
{
    return signal->kind == HR_SIGNAL_SCORE || signal->kind == HR_SIGNAL_TIER ||
           signal->kind == HR_SIGNAL_SEGMENT;
}

bool hr_may_ask_for(
    struct hr_compiling *compiling, const struct hr_signal *signal, const struct hr_path *path)
{
    if (!compiling->makes || !is_made(signal)) {
        return true;
    }
    hr_complain(compiling->complainer, path,
        "asks for %.*s, which is itself made from conditions: score and segments cannot",
        (int)signal->text.len, signal->text.at);
    return false;
}

bool hr_check_tier(struct hr_compiling *compiling, const struct hr_signal *signal,
    const struct hr_written *literal, const struct hr_path *path)
{
    size_t count;
    const struct hr_tier_setting *tiers = tiers_of(compiling, &count);
    struct hr_str known[17] = {HR_STR(HR_TIER_NONE)};
    if (signal->kind != HR_SIGNAL_TIER) {
        return true;
    }
    for (size_t i = 0; i < count; i++) {
        known[i + 1] = tiers[i].name;
    }
    for (size_t i = 0; i <= count; i++) {
        if (hr_str_equal(known[i], literal->text)) {
            return true;
        }
    }
    hr_complain(compiling->complainer, path, "names the tier %s, which is not under tiers%s",
        hr_quote(compiling->complainer, literal->text),
        hr_did_you_mean(compiling->complainer, literal->text, known, count + 1));
    return false;
}

/* --- what they need ----------------------------------------------------------------------------
 */

/* A set of signals, as it is collected. */
struct needs {
    bool *has;
    uint16_t count;
};

static void add_need(const struct hr_compiling *compiling, struct needs *needs, uint16_t signal)
{
    const struct hr_signal *from = &compiling->signals[signal].signal;
    needs->count = (uint16_t)(needs->count + !needs->has[signal]);
    needs->has[signal] = true;
    for (uint16_t i = 0; i < from->need_count; i++) {
        needs->count = (uint16_t)(needs->count + !needs->has[from->needs[i]]);
        needs->has[from->needs[i]] = true;
    }
}

static void add_clauses(const struct hr_compiling *compiling, struct needs *needs,
    const struct hr_clause *when, uint16_t count)
{
    for (uint16_t c = 0; c < count; c++) {
        for (uint16_t i = 0; i < when[c].count; i++) {
            add_need(compiling, needs, when[c].any[i].signal);
        }
    }
}

static void add_products(
    const struct hr_compiling *compiling, struct needs *needs, const struct hr_signal *signal)
{
    bool one = signal->kind != HR_SIGNAL_PRODUCTS_USED;
    for (uint16_t p = 0; p < compiling->rules->product_count; p++) {
        const struct hr_product *product = &compiling->rules->products[p];
        for (uint16_t i = 0; (!one || p == signal->product) && i < product->use_count; i++) {
            add_need(compiling, needs, product->uses[i]);
        }
    }
}

static void add_segments(const struct hr_compiling *compiling, struct needs *needs)
{
    const struct hr_rules *rules = compiling->rules;
    add_need(compiling, needs, rules->crm_segment);
    for (uint16_t i = 0; i < rules->segment_count; i++) {
        add_clauses(compiling, needs, rules->segments[i].when, rules->segments[i].when_count);
    }
}

static void add_score(const struct hr_compiling *compiling, struct needs *needs)
{
    const struct hr_rules *rules = compiling->rules;
    for (uint16_t i = 0; i < rules->score_count; i++) {
        add_clauses(compiling, needs, rules->score[i].when, rules->score[i].when_count);
    }
}

static void set_needs(struct hr_compiling *compiling, struct hr_signal *signal)
{
    struct needs needs = {hr_arena_zeroed(compiling->arena, compiling->signal_count), 0};
    if (signal->kind == HR_SIGNAL_SEGMENT) {
        add_segments(compiling, &needs);
    } else if (is_made(signal)) {
        add_score(compiling, &needs);
    } else {
        add_products(compiling, &needs, signal);
    }
    uint16_t *list = hr_arena_zeroed(compiling->arena, (needs.count + 1u) * sizeof *list);
    for (uint16_t s = 0; s < compiling->signal_count; s++) {
        if (needs.has[s]) {
            list[signal->need_count++] = s;
        }
    }
    signal->needs = list;
}

static bool counts_uses(const struct hr_signal *signal)
{
    return signal->kind == HR_SIGNAL_PRODUCT_ADOPTION || signal->kind == HR_SIGNAL_PRODUCT_USED ||
           signal->kind == HR_SIGNAL_PRODUCTS_USED;
}

/* Of products first: conditions may ask for them. */
static void set_all_needs(struct hr_compiling *compiling)
{
    for (int turn = 0; turn < 2; turn++) {
        for (uint16_t s = 0; s < compiling->signal_count; s++) {
            struct hr_signal *signal = &compiling->signals[s].signal;
            if (turn == 0 ? counts_uses(signal) : is_made(signal)) {
                set_needs(compiling, signal);
            }
        }
    }
}

void hr_compile_score(struct hr_compiling *compiling)
{
    struct hr_path top = {0};
    struct hr_path score_at = hr_path_key(&top, HR_STR("score"));
    struct hr_path segments_at = hr_path_key(&top, HR_STR("segments"));
    struct hr_settings given = *compiling->settings;
    int crm = hr_find_signal(compiling, HR_STR("account.segment"), &segments_at);
    compiling->rules->crm_segment = (uint16_t)(crm < 0 ? 0 : crm);
    compile_tiers(compiling);
    compiling->makes = true;
    compile_segments(compiling, &segments_at);
    if (given.score_count == 0) {
        compiling->by_itself = true;
        take_default_score(compiling, &given);
    }
    compile_rows(compiling, &given, &score_at);
    compiling->makes = compiling->by_itself = false;
    set_all_needs(compiling);
}
