/* SPDX-License-Identifier: Apache-2.0 */
/* The pictures of a rehearsal: its triggers over time, by account and by segment, each rule in its
 * own colour. */
#include "rehearsal_view.h"

#include <inttypes.h>

enum { ACCOUNTS_SHOWN = 30, BARS_SHOWN = 15, OTHERS = HR_PAGE_SERIES - 1 };

struct hr_str hr_view_day(struct hr_arena *arena, int64_t day)
{
    static const char *const months[] = {
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    struct hr_civil civil = hr_civil_from_days(day);
    return hr_arena_printf(
        arena, "%d %s %d", (int)civil.day, months[civil.month - 1], (int)civil.year);
}

/* The colour of the shown rule number `at`. */
static size_t series_of(const struct hr_view *view, size_t at)
{
    return view->shown_count > HR_PAGE_SERIES && at >= OTHERS ? OTHERS : at;
}

/* Of a rule that fired live; its place among those shown. */
static size_t place_of(const struct hr_view *view, uint16_t rule)
{
    size_t at = 0;
    while (at + 1 < view->shown_count && view->shown[at].rule != rule) {
        at++;
    }
    return at;
}

static struct hr_page_series *make_series(
    const struct hr_view *view, size_t length, uint64_t **values)
{
    struct hr_page_series *series =
        hr_arena_zeroed(view->arena, (HR_PAGE_SERIES + 1) * sizeof(*series));
    *values = hr_arena_zeroed(view->arena, (view->series_count * length + 1) * sizeof(**values));
    for (size_t s = 0; s < view->series_count; s++) {
        bool others = s == OTHERS && view->shown_count > HR_PAGE_SERIES;
        series[s].name = others ? HR_STR("all other rules") : view->shown[s].name;
        series[s].values = *values + s * length;
    }
    return series;
}

/* --- over time ----------------------------------------------------------------------------------
 */

/* Columns of days, of weeks that begin on Monday, or of months: at most some seventy. */
struct axis {
    enum { DAYS, WEEKS, MONTHS } unit;
    int64_t first; /* number of the first column */
    size_t count;
};

static int64_t column_of(const struct axis *axis, int64_t day)
{
    struct hr_civil civil = hr_civil_from_days(day);
    switch (axis->unit) {
    case DAYS:
        return day;
    case WEEKS:
        return (day + 3 - ((day + 3) % 7 + 7) % 7) / 7; /* 1970-01-01 was a Thursday */
    case MONTHS:
        break;
    }
    return civil.year * 12 + civil.month - 1;
}

static int64_t begin_of(const struct axis *axis, size_t column)
{
    int64_t number = axis->first + (int64_t)column;
    switch (axis->unit) {
    case DAYS:
        return number;
    case WEEKS:
        return number * 7 - 3;
    case MONTHS:
        break;
    }
    return hr_days_from_civil((int32_t)(number / 12), (int32_t)(number % 12) + 1, 1);
}

static struct axis axis_of(const struct hr_summary *summary)
{
    const struct hr_zone *zone = summary->rules->zone;
    int64_t first = hr_zone_day(zone, summary->first), last = hr_zone_day(zone, summary->last);
    struct axis axis = {.unit = last - first <= 62 ? DAYS : last - first <= 480 ? WEEKS : MONTHS};
    axis.first = column_of(&axis, first);
    axis.count = (size_t)(column_of(&axis, last) - axis.first) + 1;
    return axis;
}

/* Below every column that begins a month, or some of the days where there are few. */
static struct hr_str tick_of(const struct hr_view *view, const struct axis *axis, size_t column)
{
    static const char *const months[] = {
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    int64_t day = begin_of(axis, column), before = column ? begin_of(axis, column - 1) : day - 40;
    struct hr_civil now = hr_civil_from_days(day), then = hr_civil_from_days(before);
    if (axis->unit == DAYS) {
        size_t every = axis->count <= 16 ? 1 : 7;
        return column % every
                   ? HR_STR("")
                   : hr_arena_printf(view->arena, "%d %s", (int)now.day, months[now.month - 1]);
    }
    if (now.month == then.month && now.year == then.year) {
        return HR_STR("");
    }
    return now.year != then.year || column == 0
               ? hr_arena_printf(view->arena, "%s %d", months[now.month - 1], (int)now.year)
               : hr_str(months[now.month - 1]);
}

void hr_view_over_time(const struct hr_view *view)
{
    static const char *const of[] = {"day", "week of", "month of"};
    static const char *const each[] = {"day", "week", "month"};
    struct axis axis = axis_of(view->summary);
    uint64_t *values;
    struct hr_page_series *series = make_series(view, axis.count, &values);
    struct hr_str *labels = hr_arena_take(view->arena, axis.count * sizeof(*labels));
    struct hr_str *ticks = hr_arena_take(view->arena, axis.count * sizeof(*ticks));
    const struct hr_ledger_cell **cells;
    size_t cell_count = hr_ledger_cells(&view->summary->ledger, view->arena, &cells);
    for (size_t i = 0; i < axis.count; i++) {
        labels[i] = hr_view_day(view->arena, begin_of(&axis, i));
        ticks[i] = tick_of(view, &axis, i);
    }
    for (size_t i = 0; i < cell_count; i++) {
        int64_t column = column_of(&axis, cells[i]->day) - axis.first;
        if (!view->rules->rules[cells[i]->rule].shadow && column >= 0 &&
            (size_t)column < axis.count) {
            size_t s = series_of(view, place_of(view, cells[i]->rule));
            values[s * axis.count + (size_t)column] += cells[i]->fired;
        }
    }
    const struct hr_page_columns columns = {
        .caption = hr_arena_printf(view->arena,
            "Stacked columns: %" PRIu64 " trigger%s of %zu rule%s by %s.", view->total,
            hr_plural(view->total), view->shown_count, hr_plural(view->shown_count),
            each[axis.unit]),
        .of = hr_str(of[axis.unit]),
        .labels = labels,
        .ticks = ticks,
        .column_count = axis.count,
        .series = series,
        .series_count = view->series_count};
    hr_page_section(view->page, hr_view_title(view, "When they would have come"),
        hr_arena_printf(view->arena, "Triggers by %s and rule.", each[axis.unit]));
    hr_page_columns(view->page, &columns);
}

/* --- by account ---------------------------------------------------------------------------------
 */

static struct hr_str segment_of(const struct hr_view *view, const struct hr_ledger_account *account)
{
    return view->summary->ledger.segments[account->segment];
}

static uint64_t fires_of(
    const struct hr_view *view, const struct hr_ledger_account *account, size_t shown)
{
    int rule = view->shown[shown].rule;
    return rule < 0 ? 0 : account->fired[rule];
}

void hr_view_most_approached(const struct hr_view *view)
{
    size_t count = view->account_count < BARS_SHOWN ? view->account_count : BARS_SHOWN;
    uint64_t *values;
    struct hr_page_series *series = make_series(view, count, &values);
    struct hr_str *labels = hr_arena_take(view->arena, (count + 1) * sizeof(*labels));
    struct hr_str *notes = hr_arena_take(view->arena, (count + 1) * sizeof(*notes));
    for (size_t i = 0; i < count; i++) {
        const struct hr_ledger_account *account = view->accounts[i];
        labels[i] = account->name;
        notes[i] = hr_arena_printf(view->arena, "%s%u in one month",
            account->busiest >= HR_LEDGER_RECENT ? "at least " : "up to ",
            (unsigned)account->busiest);
        for (size_t r = 0; r < view->shown_count; r++) {
            values[series_of(view, r) * count + i] += fires_of(view, account, r);
        }
    }
    const struct hr_page_bars bars = {
        .caption = hr_arena_printf(
            view->arena, "Stacked bars: the %zu accounts with most triggers.", count),
        .of = HR_STR("account"),
        .labels = labels,
        .notes = notes,
        .bar_count = count,
        .series = series,
        .series_count = view->series_count};
    hr_page_section(view->page, hr_view_title(view, "Who would have been approached most"),
        HR_STR("All triggers of an account, and the most within any 30 days: what a person there "
               "would have felt. A cooldown, a condition or a wider margin quietens a rule."));
    hr_page_bars(view->page, &bars);
}

void hr_view_heat(const struct hr_view *view)
{
    size_t rows = view->account_count < ACCOUNTS_SHOWN ? view->account_count : ACCOUNTS_SHOWN;
    struct hr_str *names = hr_arena_take(view->arena, (rows + 1) * sizeof(*names));
    struct hr_str *notes = hr_arena_take(view->arena, (rows + 1) * sizeof(*notes));
    struct hr_str *columns = hr_arena_take(view->arena, (view->shown_count + 1) * sizeof(*columns));
    uint64_t *values =
        hr_arena_zeroed(view->arena, (rows * view->shown_count + 1) * sizeof(*values));
    for (size_t c = 0; c < view->shown_count; c++) {
        columns[c] = view->shown[c].name;
    }
    for (size_t i = 0; i < rows; i++) {
        names[i] = view->accounts[i]->name;
        notes[i] = segment_of(view, view->accounts[i]);
        for (size_t c = 0; c < view->shown_count; c++) {
            values[i * view->shown_count + c] = fires_of(view, view->accounts[i], c);
        }
    }
    const struct hr_page_heat heat = {
        .caption = hr_arena_printf(view->arena,
            "How often each rule fired for each of the %zu accounts with most triggers.", rows),
        .of = HR_STR("account"),
        .rows = names,
        .notes = notes,
        .row_count = rows,
        .columns = columns,
        .column_count = view->shown_count,
        .values = values};
    hr_page_section(view->page, hr_view_title(view, "Accounts by rule"),
        rows < view->account_count
            ? hr_arena_printf(view->arena, "The %zu accounts with most triggers, of %zu.", rows,
                  view->account_count)
            : HR_STR(""));
    hr_page_heat(view->page, &heat);
}

void hr_view_segments(const struct hr_view *view)
{
    const struct hr_ledger *ledger = &view->summary->ledger;
    const struct hr_ledger_cell **cells;
    size_t cell_count = hr_ledger_cells(ledger, view->arena, &cells), used = 0;
    if (ledger->segment_count < 2) {
        return; /* nobody says what segment an account is in */
    }
    uint64_t sums[HR_LEDGER_SEGMENTS + 1] = {0}, *values;
    size_t places[HR_LEDGER_SEGMENTS + 1] = {0};
    struct hr_str labels[HR_LEDGER_SEGMENTS + 1], notes[HR_LEDGER_SEGMENTS + 1];
    for (size_t i = 0; i < cell_count; i++) {
        bool live = !view->rules->rules[cells[i]->rule].shadow;
        sums[cells[i]->segment] += live ? cells[i]->fired : 0;
    }
    for (size_t s = 0; s <= HR_LEDGER_SEGMENTS; s++) {
        if (sums[s] > 0) {
            places[s] = used;
            notes[used] = hr_arena_printf(
                view->arena, "%.0f%% of all", 100 * (double)sums[s] / (double)view->total);
            labels[used++] = s == 0 ? HR_STR("(no segment)") : ledger->segments[s];
        }
    }
    struct hr_page_series *series = make_series(view, used, &values);
    for (size_t i = 0; i < cell_count; i++) {
        if (!view->rules->rules[cells[i]->rule].shadow) {
            size_t s = series_of(view, place_of(view, cells[i]->rule));
            values[s * used + places[cells[i]->segment]] += cells[i]->fired;
        }
    }
    const struct hr_page_bars bars = {
        .caption = HR_STR("Stacked bars: triggers of each segment, by rule."),
        .of = HR_STR("segment"),
        .labels = labels,
        .notes = notes,
        .bar_count = used,
        .series = series,
        .series_count = view->series_count};
    hr_page_section(view->page, hr_view_title(view, "By segment"),
        HR_STR("The segment that an account was in when it would have been told."));
    hr_page_bars(view->page, &bars);
}
