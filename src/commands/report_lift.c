/* SPDX-License-Identifier: Apache-2.0 */
/* `headroom report lift`: what works. Of the triggers that fired, how many were followed by an
 * upgrade, by everything that is known of them; and of those held out, how many would have come
 * anyway. Each share stands with its 95% interval, and a difference is only called one where two
 * intervals are apart: it can say, and says, that a signal does not predict.
 *
 * Intervals that overlap may still hide a small difference; intervals that are apart hardly ever
 * lie. Who looks at many dimensions will find one of twenty differ by chance, which is why a
 * hold-out group is the better judge. */
#include "report.h"

#include <inttypes.h>
#include <stdlib.h>

#define BAND "band:"
static const char *const ranks[] = {
    "rule", "playbook", "route", "segment", "owner", "positives", "timed"};
enum { RANKS = sizeof(ranks) / sizeof(ranks[0]) };

struct value {
    struct hr_str name;
    int64_t sums[HR_BOOK_COLUMNS];
};

struct dimension {
    struct hr_str key, name; /* "band:account.nps"; "NPS" */
    bool band;
    struct value *values;
    size_t count;
};

/* --- gathering ----------------------------------------------------------------------------------
 */

/* The part of a label before its first '=', or after it. */
static struct hr_str before(struct hr_str label)
{
    const char *equals = memchr(label.at, '=', label.len);
    return (struct hr_str){label.at, equals ? (size_t)(equals - label.at) : label.len};
}

static struct hr_str after(struct hr_str label)
{
    size_t key = before(label).len;
    key += key < label.len;
    return (struct hr_str){label.at + key, label.len - key};
}

/* "account.nps" is called NPS: what people say. */
static struct hr_str name_of(struct hr_arena *arena, struct hr_str key)
{
    static const char *const said[][2] = {{"account.nps", "NPS"}, {"account.csat", "CSAT"},
        {"account.health", "account health"}, {"positives", "number of positive signals"},
        {"timed", "timing"}};
    if (hr_str_starts(key, BAND)) {
        key = (struct hr_str){key.at + strlen(BAND), key.len - strlen(BAND)};
    }
    for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
        if (hr_str_is(key, said[i][0])) {
            return hr_str(said[i][1]);
        }
    }
    return hr_arena_copy(arena, key);
}

/* Bands from the lowest up: "<7", "7..9", ">=9". */
static int band_class(struct hr_str name)
{
    return name.len == 0 ? 3 : name.at[0] == '<' ? 0 : name.at[0] == '>' ? 2 : 1;
}

static int by_band(const void *left, const void *right)
{
    const struct value *a = left, *b = right;
    int order = band_class(a->name) - band_class(b->name);
    if (order == 0) { /* bands between two numbers, and counts, by their number */
        struct hr_decimal numbers[2] = {{0}, {0}};
        for (int i = 0; i < 2; i++) {
            struct hr_str text = i ? b->name : a->name;
            const char *dots = memchr(text.at, '.', text.len);
            bool range = dots && dots + 1 < text.at + text.len && dots[1] == '.';
            text.len = range ? (size_t)(dots - text.at) : text.len;
            if (hr_decimal_parse(text, &numbers[i]) != HR_DECIMAL_OK) {
                numbers[i] = HR_DECIMAL_ZERO;
            }
        }
        order = hr_decimal_compare(numbers[0], numbers[1]);
    }
    return order ? order : hr_str_compare(a->name, b->name);
}

static int by_fires(const void *left, const void *right)
{
    const struct value *a = left, *b = right;
    int64_t more = b->sums[HR_FIRES_FIRED] - a->sums[HR_FIRES_FIRED];
    return more ? (more > 0) - (more < 0) : hr_str_compare(a->name, b->name);
}

static bool is_any(const int64_t *sums)
{
    return sums[HR_FIRES_FIRED] != 0 || sums[HR_FIRES_HELD_OUT] != 0;
}

/* The labels are of one dimension. */
static struct dimension gather(const struct hr_report_facts *facts, struct hr_arena *arena,
    const struct hr_str *labels, size_t count)
{
    struct dimension dimension = {.key = before(labels[0])};
    dimension.name = name_of(arena, dimension.key);
    dimension.band = hr_str_starts(dimension.key, BAND);
    dimension.values = hr_arena_zeroed(arena, count * sizeof(*dimension.values));
    for (size_t i = 0; i < count; i++) {
        struct value *value = &dimension.values[dimension.count];
        value->name = after(labels[i]);
        hr_report_sum(facts, HR_BOOK_FIRES, labels[i], value->sums);
        dimension.count += is_any(value->sums);
    }
    bool ordered = dimension.band || hr_str_is(dimension.key, "positives");
    qsort(
        dimension.values, dimension.count, sizeof(*dimension.values), ordered ? by_band : by_fires);
    return dimension;
}

/* --- telling ------------------------------------------------------------------------------------
 */

static const struct hr_column columns[] = {{"value", "Value"}, {"fired", ">Fired"},
    {"converted", ">Upgraded"}, {"rate", ">Rate"}, {"interval", ">95% interval"},
    {"held_out", ">Held out"}, {"held_out_converted", ">Upgraded"}, {"held_out_rate", ">Rate"},
    {"held_out_interval", ">95% interval"}, {"lift", ">Lift"}, {"mrr_added", ">MRR added"},
    {"days", ">Days"}};
enum { COLUMNS = sizeof(columns) / sizeof(columns[0]) };

static struct hr_datum interval_of(int64_t converted, int64_t of)
{
    return of > 0 ? hr_datum_interval(hr_wilson(converted, of)) : HR_NO_DATUM;
}

static struct hr_figure lift_of(const int64_t *sums)
{
    struct hr_figure rate = hr_figure_share(sums[HR_FIRES_CONVERTED], sums[HR_FIRES_FIRED]);
    struct hr_figure held =
        hr_figure_share(sums[HR_FIRES_HELD_OUT_CONVERTED], sums[HR_FIRES_HELD_OUT]);
    struct hr_figure lift = {
        .known = rate.known && held.known && hr_decimal_sub(rate.value, held.value, &rate.value)};
    lift.value = rate.value;
    return lift;
}

static void tell_value(const struct hr_report_facts *facts, struct hr_sheet *sheet,
    struct hr_table *table, struct hr_str name, const int64_t *sums)
{
    int64_t fired = sums[HR_FIRES_FIRED], converted = sums[HR_FIRES_CONVERTED];
    int64_t held = sums[HR_FIRES_HELD_OUT], anyway = sums[HR_FIRES_HELD_OUT_CONVERTED];
    hr_table_row(sheet, table,
        (struct hr_datum[]){hr_datum_text(name.len > 0 ? name : HR_STR("(none)")),
            hr_datum_count(fired), hr_datum_count(converted),
            hr_datum_share(hr_figure_share(converted, fired)), interval_of(converted, fired),
            hr_datum_count(held), hr_datum_count(anyway),
            hr_datum_share(hr_figure_share(anyway, held)), interval_of(anyway, held),
            hr_datum_share(lift_of(sums)),
            hr_datum_money(hr_report_money(facts, sums[HR_FIRES_AMOUNT])),
            hr_datum_number(hr_figure_share(sums[HR_FIRES_DAYS], converted), NULL)});
}

static struct hr_table *make_table(struct hr_sheet *sheet, const char *key, struct hr_str title)
{
    struct hr_table *table = hr_sheet_table(sheet, key, title, columns, COLUMNS);
    table->lead = HR_STR("Filled: upgraded after a trigger. Hollow: held out. Lines are 95% "
                         "intervals.");
    table->picture = HR_PICTURE_INTERVALS;
    memcpy(table->drawn, (const int[]){0, 2, 1, 6, 5}, sizeof(table->drawn));
    return table;
}

/* "30% (21.9–39.58%)". */
static struct hr_str rate_text(struct hr_sheet *sheet, int64_t converted, int64_t of)
{
    struct hr_datum rate = hr_datum_share(hr_figure_share(converted, of));
    struct hr_datum interval = interval_of(converted, of);
    struct hr_str share = hr_datum_shown(sheet->arena, &rate);
    struct hr_str reach = hr_datum_shown(sheet->arena, &interval);
    return hr_arena_printf(
        sheet->arena, "%.*s (%.*s)", (int)share.len, share.at, (int)reach.len, reach.at);
}

/* --- verdicts -----------------------------------------------------------------------------------
 */

/* Of the values with fires, the one whose interval begins highest and the one whose ends lowest:
 * if any two are apart, these are. False when fewer than two have fires. */
static bool find_extremes(
    const struct dimension *dimension, const struct value **best, const struct value **worst)
{
    struct hr_decimal high = HR_DECIMAL_ZERO, low = HR_DECIMAL_ZERO;
    size_t with_fires = 0;
    for (size_t i = 0; i < dimension->count; i++) {
        const struct value *value = &dimension->values[i];
        if (value->sums[HR_FIRES_FIRED] == 0) {
            continue;
        }
        struct hr_interval interval =
            hr_wilson(value->sums[HR_FIRES_CONVERTED], value->sums[HR_FIRES_FIRED]);
        if (with_fires == 0 || hr_decimal_compare(interval.low, low) > 0) {
            low = interval.low;
            *best = value;
        }
        if (with_fires == 0 || hr_decimal_compare(interval.high, high) < 0) {
            high = interval.high;
            *worst = value;
        }
        with_fires++;
    }
    return with_fires > 1;
}

static bool are_apart(const struct value *best, const struct value *worst)
{
    return !hr_intervals_overlap(
        hr_wilson(best->sums[HR_FIRES_CONVERTED], best->sums[HR_FIRES_FIRED]),
        hr_wilson(worst->sums[HR_FIRES_CONVERTED], worst->sums[HR_FIRES_FIRED]));
}

static struct hr_str verdict_on(struct hr_sheet *sheet, const struct dimension *dimension)
{
    const struct value *best = NULL, *worst = NULL;
    int len = (int)dimension->name.len;
    const char *name = dimension->name.at;
    if (!find_extremes(dimension, &best, &worst)) {
        return hr_arena_printf(
            sheet->arena, "%.*s: too little to compare, only one value has triggers.", len, name);
    }
    if (!are_apart(best, worst)) {
        return hr_arena_printf(sheet->arena,
            dimension->band ? "%.*s does not predict: the 95%% intervals of all its bands overlap."
                            : "No difference by %.*s is to be seen: all 95%% intervals overlap.",
            len, name);
    }
    struct hr_str high =
        rate_text(sheet, best->sums[HR_FIRES_CONVERTED], best->sums[HR_FIRES_FIRED]);
    struct hr_str low =
        rate_text(sheet, worst->sums[HR_FIRES_CONVERTED], worst->sums[HR_FIRES_FIRED]);
    return hr_arena_printf(sheet->arena,
        dimension->band ? "%.*s predicts: %.*s converts %.*s, %.*s only %.*s."
                        : "By %.*s it differs: %.*s converts %.*s, %.*s only %.*s.",
        len, name, (int)best->name.len, best->name.at, (int)high.len, high.at, (int)worst->name.len,
        worst->name.at, (int)low.len, low.at);
}

/* What would have come anyway. */
static struct hr_str verdict_on_all(struct hr_sheet *sheet, const int64_t *sums)
{
    int64_t fired = sums[HR_FIRES_FIRED], held = sums[HR_FIRES_HELD_OUT];
    if (held == 0 || fired == 0) {
        return HR_STR("Nothing was held out, so nobody knows what would have come anyway: set "
                      "outcomes.hold_out.");
    }
    struct hr_interval sent = hr_wilson(sums[HR_FIRES_CONVERTED], fired);
    struct hr_interval kept = hr_wilson(sums[HR_FIRES_HELD_OUT_CONVERTED], held);
    struct hr_str with = rate_text(sheet, sums[HR_FIRES_CONVERTED], fired);
    struct hr_str without = rate_text(sheet, sums[HR_FIRES_HELD_OUT_CONVERTED], held);
    bool apart = !hr_intervals_overlap(sent, kept);
    return hr_arena_printf(sheet->arena, "With triggers %.*s upgrade, held out %.*s: %s.",
        (int)with.len, with.at, (int)without.len, without.at,
        !apart ? "the intervals overlap, so an effect is not shown"
        : hr_decimal_compare(sent.low, kept.high) > 0
            ? "the intervals are apart, so the triggers work"
            : "the intervals are apart, so the triggers do harm");
}

/* --- the report ---------------------------------------------------------------------------------
 */

/* Every trigger has one rule: over all rules it is counted once. */
static void tell_all(const struct hr_report_facts *facts, struct hr_sheet *sheet,
    const struct hr_str *labels, size_t count)
{
    int64_t all[HR_BOOK_COLUMNS] = {0};
    for (size_t i = 0; i < count; i++) {
        int64_t sums[HR_BOOK_COLUMNS];
        if (!hr_str_is(before(labels[i]), "rule")) {
            continue;
        }
        hr_report_sum(facts, HR_BOOK_FIRES, labels[i], sums);
        for (size_t c = 0; c < HR_FIRES_COLUMNS; c++) {
            all[c] += sums[c];
        }
    }
    struct hr_table *table = make_table(sheet, "all", HR_STR("All triggers"));
    tell_value(facts, sheet, table, HR_STR("all"), all);
    hr_table_note(sheet, table, verdict_on_all(sheet, all));
}

static void tell_dimension(const struct hr_report_facts *facts, struct hr_sheet *sheet,
    const struct hr_str *labels, size_t count)
{
    struct dimension dimension = gather(facts, sheet->arena, labels, count);
    if (dimension.count == 0) {
        return;
    }
    struct hr_table *table = make_table(sheet, hr_arena_copy(sheet->arena, dimension.key).at,
        hr_arena_join(sheet->arena, HR_STR("By"), " ", dimension.name));
    for (size_t i = 0; i < dimension.count; i++) {
        tell_value(facts, sheet, table, dimension.values[i].name, dimension.values[i].sums);
    }
    hr_table_note(sheet, table, verdict_on(sheet, &dimension));
}

/* What people ask for first, then the bands of signals. */
static size_t rank_of(struct hr_str key)
{
    size_t rank = 0;
    while (rank < RANKS && !hr_str_is(key, ranks[rank])) {
        rank++;
    }
    return rank;
}

static void tell_rank(const struct hr_report_facts *facts, struct hr_sheet *sheet,
    const struct hr_str *labels, size_t count, size_t rank)
{
    for (size_t first = 0, end; first < count; first = end) {
        struct hr_str key = before(labels[first]);
        for (end = first; end < count && hr_str_equal(before(labels[end]), key);) {
            end++;
        }
        if (rank_of(key) == rank && !hr_str_is(key, HR_LABEL_OTHER)) {
            tell_dimension(facts, sheet, labels + first, end - first);
        }
    }
}

void hr_report_lift(const struct hr_report_facts *facts, struct hr_sheet *sheet)
{
    struct hr_str *labels;
    size_t count = hr_report_labels(facts, HR_BOOK_FIRES, sheet->arena, &labels);
    sheet->title = HR_STR("Lift");
    sheet->lead = HR_STR("Triggers in the month in which they fired, and the upgrades that "
                         "followed.");
    tell_all(facts, sheet, labels, count);
    for (size_t rank = 0; rank <= RANKS; rank++) {
        tell_rank(facts, sheet, labels, count, rank);
    }
    hr_sheet_note(sheet,
        HR_STR(
            "Rate = upgraded / fired; lift = that less the rate of those held out; days: from the "
            "trigger to the upgrade. Triggers younger than "
            "outcomes.attribution may still be followed by an upgrade."));
}
