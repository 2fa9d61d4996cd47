/* SPDX-License-Identifier: Apache-2.0 */
/* Products: sets of features, sold with plans. A product is used while one of its features is, in
 * 30 daily buckets: that window is kept of every feature that a product names, so that what is used
 * can be told of any account, whether a rule asks or not. It is owned through the plans that hold
 * it. */
#include "compile.h"

#include "scalar.h"

#define USED_WINDOW "30d"

static struct hr_str *names_of(struct hr_compiling *compiling, size_t *count)
{
    const struct hr_settings *settings = compiling->settings;
    struct hr_str *names = hr_arena_zeroed(
        compiling->complainer->arena, (settings->products_count + 1) * sizeof *names);
    for (size_t i = 0; i < settings->products_count; i++) {
        names[i] = settings->products[i].name;
    }
    *count = settings->products_count;
    return names;
}

int hr_find_product(struct hr_compiling *compiling, struct hr_str name, const struct hr_path *path)
{
    size_t count;
    const struct hr_str *names = names_of(compiling, &count);
    for (size_t i = 0; i < count; i++) {
        if (hr_str_equal(names[i], name)) {
            return (int)i;
        }
    }
    hr_complain(compiling->complainer, path, "names the product %s, which is not under products%s",
        hr_quote(compiling->complainer, name),
        hr_did_you_mean(compiling->complainer, name, names, count));
    return -1;
}

/* The signal feature.NAME.uses.30d, kept whoever asks; -1 after a complaint. */
static int find_uses(
    struct hr_compiling *compiling, struct hr_str feature, const struct hr_path *path)
{
    const struct hr_settings *settings = compiling->settings;
    struct hr_str *known = hr_arena_zeroed(
        compiling->complainer->arena, (settings->features_count + 1) * sizeof *known);
    for (size_t i = 0; i < settings->features_count; i++) {
        known[i] = settings->features[i].name;
        if (hr_str_equal(known[i], feature)) {
            return hr_find_signal(compiling,
                hr_arena_printf(compiling->arena, "feature.%.*s.uses." USED_WINDOW,
                    (int)feature.len, feature.at),
                path);
        }
    }
    hr_complain(compiling->complainer, path, "names the feature %s, which is not under features%s",
        hr_quote(compiling->complainer, feature),
        hr_did_you_mean(compiling->complainer, feature, known, settings->features_count));
    return -1;
}

static void compile_features(struct hr_compiling *compiling, const struct hr_product_setting *from,
    struct hr_product *product, const struct hr_path *at)
{
    struct hr_path features_at = hr_path_key(at, HR_STR("features"));
    uint16_t *uses = hr_arena_zeroed(compiling->arena, (from->features_count + 1) * sizeof *uses);
    for (size_t i = 0; i < from->features_count; i++) {
        struct hr_path place = hr_path_index(&features_at, i);
        int signal = from->features[i].at ? find_uses(compiling, from->features[i], &place) : -1;
        for (size_t j = 0; signal >= 0 && j < i; j++) {
            if (hr_str_equal(from->features[i], from->features[j])) {
                hr_complain(
                    compiling->complainer, &place, "is the feature of features[%zu] already", j);
            }
        }
        if (signal >= 0) {
            uses[product->use_count++] = (uint16_t)signal;
        }
    }
    product->uses = uses;
}

static bool holds(const struct hr_plan_setting *plan, struct hr_str product)
{
    for (size_t i = 0; i < plan->products_count; i++) {
        if (plan->products[i].at && hr_str_equal(plan->products[i], product)) {
            return true;
        }
    }
    return false;
}

static void compile_plans(struct hr_compiling *compiling, struct hr_product *product)
{
    const struct hr_settings *settings = compiling->settings;
    uint16_t *plans =
        hr_arena_zeroed(compiling->arena, (settings->plans_count + 1) * sizeof *plans);
    for (size_t i = 0; i < settings->plans_count; i++) {
        if (holds(&settings->plans[i], product->name)) {
            plans[product->plan_count++] = (uint16_t)i;
        }
    }
    product->plans = plans;
}

static void check_plans(struct hr_compiling *compiling)
{
    const struct hr_settings *settings = compiling->settings;
    struct hr_path top = {0};
    struct hr_path plans_at = hr_path_key(&top, HR_STR("plans"));
    for (size_t i = 0; i < settings->plans_count; i++) {
        const struct hr_plan_setting *plan = &settings->plans[i];
        struct hr_path at = hr_path_key(&plans_at, plan->name);
        struct hr_path products_at = hr_path_key(&at, HR_STR("products"));
        for (size_t j = 0; j < plan->products_count; j++) {
            struct hr_path place = hr_path_index(&products_at, j);
            if (plan->products[j].at) {
                (void)hr_find_product(compiling, plan->products[j], &place);
            }
        }
    }
}

void hr_compile_products(struct hr_compiling *compiling)
{
    const struct hr_settings *settings = compiling->settings;
    struct hr_path top = {0};
    struct hr_path products_at = hr_path_key(&top, HR_STR("products"));
    struct hr_product *products =
        hr_arena_zeroed(compiling->arena, (settings->products_count + 1) * sizeof *products);
    compiling->by_itself = true;
    for (size_t i = 0; i < settings->products_count; i++) {
        const struct hr_product_setting *from = &settings->products[i];
        struct hr_path at = hr_path_key(&products_at, from->name);
        products[i] = (struct hr_product){.name = from->name};
        compile_features(compiling, from, &products[i], &at);
        compile_plans(compiling, &products[i]);
    }
    compiling->by_itself = false;
    check_plans(compiling);
    compiling->rules->products = products;
    compiling->rules->product_count = (uint16_t)settings->products_count;
}
