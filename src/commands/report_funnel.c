/* SPDX-License-Identifier: Apache-2.0 */
/* `headroom report funnel`: how many deals reach each stage, and what the open ones are worth.
 *
 * A deal belongs to the month in which it was first heard of, so a stage is a part of the one
 * before it. New business stands apart from expansion, and upsell from cross-sell: their chances
 * have nothing to do with each other. What is expected of closed deals is their number times an
 * average deal; what is expected of open ones is their amount, each times its stage's chance. */
#include "report.h"

#include <inttypes.h>

enum { CLOSED = HR_FUNNEL_STAGES - 1 };

/* Kinds of deals that are told together. */
struct group {
    const char *key;
    struct hr_str title;
    unsigned kinds; /* bits of enum hr_deal */
};
#define KIND(kind) (1u << (kind))
static const struct group groups[] = {
    {"expansion", HR_STR("Expansion: upsell and cross-sell"),
        KIND(HR_DEAL_UPSELL) | KIND(HR_DEAL_CROSS_SELL)},
    {"upsell", HR_STR("Upsell"), KIND(HR_DEAL_UPSELL)},
    {"cross_sell", HR_STR("Cross-sell"), KIND(HR_DEAL_CROSS_SELL)},
    {"new", HR_STR("New business"), KIND(HR_DEAL_NEW)},
    {"renewal", HR_STR("Renewal"), KIND(HR_DEAL_RENEWAL)},
};
#define GROUPS (sizeof(groups) / sizeof(groups[0]))
static bool is_part(const struct group *group)
{
    return group->kinds == KIND(HR_DEAL_UPSELL) || group->kinds == KIND(HR_DEAL_CROSS_SELL);
}

struct funnel {
    int64_t reached[HR_FUNNEL_STAGES];
    int64_t amount[HR_FUNNEL_STAGES]; /* minor */
    int64_t open[HR_CHANCES];
    struct hr_decimal open_amount[HR_FUNNEL_STAGES]; /* the closed stage has none */
    struct hr_figure chances[HR_FUNNEL_STAGES];
    bool measured; /* a chance that is used was not configured */
};

static void add_kind(
    const struct hr_report_facts *facts, struct hr_arena *arena, size_t kind, struct funnel *funnel)
{
    for (size_t s = 0; s < HR_FUNNEL_STAGES; s++) {
        int64_t columns[HR_BOOK_COLUMNS];
        struct hr_str label =
            hr_arena_join(arena, hr_str(hr_deal_names[kind]), "/", hr_str(hr_stage_names[s]));
        hr_report_sum(facts, HR_BOOK_STAGES, label, columns);
        funnel->reached[s] += columns[HR_STAGES_REACHED];
        funnel->amount[s] += columns[HR_STAGES_AMOUNT];
    }
    for (size_t s = 0; s < HR_CHANCES; s++) {
        funnel->open[s] += facts->present->open[kind][s].deals;
        funnel->open_amount[s].units += facts->present->open[kind][s].amount.units;
    }
}

static void gather(const struct hr_report_facts *facts, struct hr_arena *arena,
    const struct group *group, struct funnel *funnel)
{
    *funnel = (struct funnel){.measured = false};
    for (size_t kind = 0; kind < HR_DEAL_KINDS; kind++) {
        if (group->kinds & KIND(kind)) {
            add_kind(facts, arena, kind, funnel);
        }
    }
    hr_funnel_chances(funnel->reached, funnel->chances);
    for (size_t s = 0; s < HR_CHANCES; s++) {
        const struct hr_maybe *given = &facts->settings->chances[s];
        if (given->given) {
            funnel->chances[s] = (struct hr_figure){true, given->value};
        } else {
            funnel->measured |= funnel->open[s] > 0;
        }
    }
}

static int64_t open_deals(const struct funnel *funnel)
{
    int64_t deals = 0;
    for (size_t s = 0; s < HR_CHANCES; s++) {
        deals += funnel->open[s];
    }
    return deals;
}

/* --- stages -------------------------------------------------------------------------------------
 */

static struct hr_str stage_name(size_t stage)
{
    return stage == CLOSED ? HR_STR("closed") : hr_str(hr_stage_names[stage]);
}

static void tell_stages(const struct hr_report_facts *facts, struct hr_sheet *sheet,
    const struct group *group, const struct funnel *funnel)
{
    static const struct hr_column columns[] = {{"stage", "Stage"}, {"deals", ">Deals"},
        {"of_first", ">Of first"}, {"of_before", ">Of before"}, {"amount", ">Amount"}};
    struct hr_figure of_first[HR_FUNNEL_STAGES], of_before[HR_FUNNEL_STAGES];
    struct hr_table *table = hr_sheet_table(sheet, group->key, group->title, columns, 5);
    table->picture = is_part(group) ? HR_PICTURE_NONE : HR_PICTURE_FUNNEL;
    table->drawn[1] = 1;
    table->drawn[2] = 2;
    hr_funnel_shares(funnel->reached, of_first, of_before);
    for (size_t s = 0; s < HR_FUNNEL_STAGES; s++) {
        hr_table_row(sheet, table,
            (struct hr_datum[]){hr_datum_text(stage_name(s)), hr_datum_count(funnel->reached[s]),
                hr_datum_share(of_first[s]), hr_datum_share(of_before[s]),
                hr_datum_money(hr_report_money(facts, funnel->amount[s]))});
    }
}

/* --- closed deals -------------------------------------------------------------------------------
 */

static struct hr_str shown(struct hr_sheet *sheet, struct hr_datum cell)
{
    return hr_datum_shown(sheet->arena, &cell);
}

static void tell_expected(const struct hr_report_facts *facts, struct hr_sheet *sheet,
    struct hr_table *table, const struct group *group, const struct funnel *funnel)
{
    bool given = facts->settings->average_deal.given && (group->kinds & KIND(HR_DEAL_UPSELL));
    struct hr_figure closed = {true, hr_decimal_from_int(funnel->reached[CLOSED])};
    struct hr_figure measured = hr_report_money(facts, funnel->amount[CLOSED]);
    struct hr_figure average = given ? (struct hr_figure){true, facts->settings->average_deal.value}
                                     : hr_figure_ratio(measured.value, closed.value);
    struct hr_datum expected = hr_datum_money(given ? hr_figure_times(closed, average) : measured);
    struct hr_str name = hr_str(group->key);
    hr_table_row(sheet, table,
        (struct hr_datum[]){hr_datum_text(name), hr_datum_count(funnel->reached[CLOSED]),
            hr_datum_money(average),
            hr_datum_text(given ? HR_STR("configured") : HR_STR("measured")), expected});
    struct hr_str arr = shown(sheet, expected);
    struct hr_str each = shown(sheet, hr_datum_money(average));
    hr_table_note(sheet, table,
        hr_arena_printf(sheet->arena,
            "%.*s expected %.*s ARR = %" PRId64 " %s closed × %.*s an average deal (%s)",
            (int)arr.len, arr.at, (int)name.len, name.at, funnel->reached[CLOSED],
            funnel->reached[CLOSED] == 1 ? "deal" : "deals", (int)each.len, each.at,
            given ? "reports.average_deal" : "measured: their amounts by their number"));
}

/* --- open deals ---------------------------------------------------------------------------------
 */

/* "100,000 × 10% + 60,000 × 25%". */
static struct hr_str terms_of(struct hr_sheet *sheet, const struct funnel *funnel)
{
    struct hr_str terms = HR_STR("");
    for (size_t s = 0; s < HR_CHANCES; s++) {
        if (hr_decimal_is_zero(funnel->open_amount[s])) {
            continue;
        }
        struct hr_str amount =
            shown(sheet, hr_datum_money((struct hr_figure){true, funnel->open_amount[s]}));
        struct hr_str term = hr_arena_join(
            sheet->arena, amount, " × ", shown(sheet, hr_datum_share(funnel->chances[s])));
        terms = terms.len > 0 ? hr_arena_join(sheet->arena, terms, " + ", term) : term;
    }
    return terms;
}

static void tell_open(struct hr_sheet *sheet, struct hr_table *table, const struct group *group,
    const struct funnel *funnel)
{
    struct hr_str name = hr_str(group->key);
    struct hr_decimal amount = HR_DECIMAL_ZERO;
    for (size_t s = 0; s < HR_CHANCES; s++) {
        struct hr_figure open = {true, funnel->open_amount[s]};
        hr_table_row(sheet, table,
            (struct hr_datum[]){hr_datum_text(name), hr_datum_text(stage_name(s)),
                hr_datum_count(funnel->open[s]), hr_datum_money(open),
                hr_datum_share(funnel->chances[s]),
                hr_datum_money(hr_figure_times(open, funnel->chances[s]))});
        amount.units += open.value.units;
    }
    struct hr_datum weighted =
        hr_datum_money(hr_funnel_weighted(funnel->open_amount, funnel->chances));
    hr_table_row(sheet, table,
        (struct hr_datum[]){hr_datum_text(name), hr_datum_text(HR_STR("all")),
            hr_datum_count(open_deals(funnel)), hr_datum_money((struct hr_figure){true, amount}),
            HR_NO_DATUM, weighted});
    struct hr_str value = shown(sheet, weighted), terms = terms_of(sheet, funnel);
    if (terms.len > 0) {
        hr_table_note(sheet, table,
            hr_arena_printf(sheet->arena,
                "%.*s: weighted value = Σ open amount × chance to close = %.*s = %.*s",
                (int)name.len, name.at, (int)terms.len, terms.at, (int)value.len, value.at));
    }
}

static void tell_chances(struct hr_sheet *sheet, struct hr_table *table, bool measured)
{
    hr_table_note(sheet, table,
        measured
            ? HR_STR("Chances that reports.chances does not give are measured: deals closed by "
                     "deals that reached the stage; deals still under way count as not closed.")
            : HR_STR("Chances are those of reports.chances."));
}

/* --- the report ---------------------------------------------------------------------------------
 */

void hr_report_funnel(const struct hr_report_facts *facts, struct hr_sheet *sheet)
{
    static const struct hr_column expected_columns[] = {{"business", "Business"},
        {"closed", ">Closed"}, {"average_deal", ">Average deal"}, {"average_is", "Average is"},
        {"expected_arr", ">Expected ARR"}};
    static const struct hr_column open_columns[] = {{"business", "Business"}, {"stage", "Stage"},
        {"deals", ">Open deals"}, {"amount", ">Amount"}, {"chance", ">Chance"},
        {"weighted", ">Weighted"}};
    struct funnel funnels[GROUPS];
    bool measured = false;
    sheet->title = HR_STR("Funnel");
    sheet->lead =
        HR_STR("Deals by the furthest stage that they reached, each in the month in which "
               "it was first heard of. Amounts are a year's.");
    for (size_t g = 0; g < GROUPS; g++) {
        gather(facts, sheet->arena, &groups[g], &funnels[g]);
        if (g == 0 || funnels[g].reached[0] > 0) {
            tell_stages(facts, sheet, &groups[g], &funnels[g]);
        }
    }
    struct hr_table *expected =
        hr_sheet_table(sheet, "expected", HR_STR("Closed deals"), expected_columns, 5);
    struct hr_table *open =
        hr_sheet_table(sheet, "open", HR_STR("Open deals, as of now"), open_columns, 6);
    for (size_t g = 0; g < GROUPS; g++) {
        if (is_part(&groups[g])) {
            continue;
        }
        if (g == 0 || funnels[g].reached[CLOSED] > 0) {
            tell_expected(facts, sheet, expected, &groups[g], &funnels[g]);
        }
        if (g == 0 || open_deals(&funnels[g]) > 0) {
            tell_open(sheet, open, &groups[g], &funnels[g]);
        }
        measured |= funnels[g].measured;
    }
    tell_chances(sheet, open, measured);
    if (facts->present->unpriced_deals > 0) {
        hr_table_note(sheet, open,
            hr_arena_printf(sheet->arena,
                "%" PRId64 " of them have no amount, or one without a rate to %s: they count as 0.",
                facts->present->unpriced_deals, facts->rules->currency));
    }
}
