/* SPDX-License-Identifier: Apache-2.0 */
/* What came of triggers: the share held out, and the bands of signals, whose labels are made here
 * once, as reports show them. */
#include "compile.h"

#include "scalar.h"

static uint32_t compile_share(struct hr_compiling *compiling, const struct hr_path *path)
{
    struct hr_written *share = &compiling->settings->outcomes.hold_out;
    struct hr_path at = hr_path_key(path, HR_STR("hold_out"));
    if (!share->text.at) {
        return 0;
    }
    if (!hr_fit_unit(HR_UNIT_SHARE, share) || share->number.units < 0 ||
        share->number.units > HR_DECIMAL_ONE.units / 2) {
        hr_complain(compiling->complainer, &at, "must be a share from 0%% to 50%%");
        return 0;
    }
    return (uint32_t)(share->number.units / (HR_DECIMAL_ONE.units / 1000000));
}

static struct hr_str label(struct hr_compiling *compiling, struct hr_str signal,
    const struct hr_written *low, const struct hr_written *high)
{
    struct hr_buffer text = {0};
    hr_put_printf(&text, "%.*s=", (int)signal.len, signal.at);
    hr_put_printf(&text, !low ? "<" : !high ? ">=" : "");
    if (low) {
        hr_print_literal(low, &text);
    }
    hr_put_printf(&text, low && high ? ".." : "");
    if (high) {
        hr_print_literal(high, &text);
    }
    struct hr_str copy = hr_arena_copy(compiling->arena, hr_buffer_str(&text));
    hr_buffer_clean_up(&text);
    return copy;
}

/* False after a complaint. */
static bool fit_bounds(struct hr_compiling *compiling, const struct hr_signal *signal,
    struct hr_literals_setting *bounds, const struct hr_path *path)
{
    bool good = bounds->count > 0;
    for (size_t i = 0; i < bounds->count; i++) {
        struct hr_path at = hr_path_index(path, i);
        struct hr_written *bound = &bounds->at[i], *before = bound - 1;
        if (!bound->text.at || !hr_fit_literal(compiling, signal, bound, false, &at)) {
            good = false;
        } else if (good && i > 0 && strcmp(bound->currency, before->currency) != 0) {
            hr_complain(compiling->complainer, &at, "must be in the currency of the one before");
            good = false;
        } else if (good && i > 0 && hr_decimal_compare(bound->number, before->number) <= 0) {
            hr_complain(compiling->complainer, &at, "must be greater than the one before");
            good = false;
        }
    }
    return good;
}

static void compile_band(struct hr_compiling *compiling, struct hr_band_setting *from,
    struct hr_band *band, const struct hr_path *path)
{
    struct hr_path at = hr_path_key(path, from->name);
    int index = hr_find_signal(compiling, from->name, &at);
    if (index < 0) {
        return;
    }
    const struct hr_signal *signal = &compiling->signals[index].signal;
    size_t count = from->bounds.count;
    if (signal->unit == HR_UNIT_TEXT) {
        hr_complain(compiling->complainer, &at, "is text, which has no bands");
        return;
    }
    if (!fit_bounds(compiling, signal, &from->bounds, &at)) {
        return;
    }
    struct hr_decimal *bounds = hr_arena_zeroed(compiling->arena, count * sizeof *bounds);
    struct hr_str *labels = hr_arena_zeroed(compiling->arena, (count + 1) * sizeof *labels);
    const struct hr_written *written = from->bounds.at;
    for (size_t i = 0; i <= count; i++) {
        labels[i] = label(
            compiling, from->name, i > 0 ? &written[i - 1] : NULL, i < count ? &written[i] : NULL);
        if (i < count) {
            bounds[i] = written[i].number;
        }
    }
    *band = (struct hr_band){
        .signal = (uint16_t)index, .count = (uint16_t)count, .bounds = bounds, .labels = labels};
    memcpy(band->currency, written[0].currency, sizeof band->currency);
}

void hr_compile_outcomes(struct hr_compiling *compiling)
{
    static const char *const usual[2] = {"account.nps", "account.health"};
    static const int usual_bounds[2][2] = {{7, 9}, {50, 80}};
    struct hr_outcomes_setting *settings = &compiling->settings->outcomes;
    struct hr_path top = {0};
    struct hr_path path = hr_path_key(&top, HR_STR("outcomes"));
    struct hr_path bands_at = hr_path_key(&path, HR_STR("bands"));
    struct hr_written literals[2][2] = {0};
    struct hr_band_setting fallback[2] = {0}, *from = settings->bands;
    size_t count = settings->bands_count;
    if (!hr_config_has(compiling->complainer, &bands_at)) {
        for (int b = 0; b < 2; b++) {
            for (int i = 0; i < 2; i++) {
                literals[b][i] = (struct hr_written){.form = HR_FORM_PLAIN,
                    .text = HR_STR("usual"),
                    .number = hr_decimal_from_int(usual_bounds[b][i])};
            }
            fallback[b] = (struct hr_band_setting){hr_str(usual[b]), {literals[b], 2}};
        }
        from = fallback;
        count = 2;
    }
    struct hr_band *bands = hr_arena_zeroed(compiling->arena, (count + 1) * sizeof *bands);
    for (size_t i = 0; i < count; i++) {
        compile_band(compiling, &from[i], &bands[i], &bands_at);
    }
    compiling->rules->outcomes =
        (struct hr_outcome_rules){.attribution_us = settings->attribution_us,
            .hold_out = compile_share(compiling, &path),
            .history = (int32_t)settings->history,
            .bands = bands,
            .band_count = (uint16_t)count};
}
