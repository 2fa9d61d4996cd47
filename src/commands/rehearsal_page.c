/* SPDX-License-Identifier: Apache-2.0 */
/* Chooses what a reader sees first: how many triggers for how many accounts, then when, then for
 * whom, then what is behind the figures. Rules keep one colour through the page: the ten that fire
 * most have their own, unless there are more; then the tenth is all others. Shadow rules are told
 * in words, not in pictures: nobody would have heard of them. */
#include "rehearsal_view.h"

#include "headroom/explain.h"

#include <inttypes.h>

enum { ENTRIES_SHOWN = 40 };

static struct hr_str count_text(struct hr_arena *arena, uint64_t count)
{
    struct hr_buffer buffer = {0};
    hr_page_put_count(&buffer, count);
    struct hr_str text = hr_arena_copy(arena, hr_buffer_str(&buffer));
    hr_buffer_clean_up(&buffer);
    return text;
}

/* --- preparing ----------------------------------------------------------------------------------
 */

static int find_live(const struct hr_view *view, struct hr_str name)
{
    for (uint16_t r = 0; r < view->rules->rule_count; r++) {
        if (hr_str_equal(view->rules->rules[r].name, name) && !view->rules->rules[r].shadow) {
            return r;
        }
    }
    return -1;
}

static void add_shown(struct hr_view *view, struct hr_str name, uint64_t total)
{
    if (total == 0) {
        return;
    }
    size_t at = view->shown_count++;
    for (; at > 0 && view->shown[at - 1].total < total; at--) {
        view->shown[at] = view->shown[at - 1];
    }
    view->shown[at] = (struct hr_shown){name, find_live(view, name), total};
}

/* The same order for both rule sets, so that a rule has one colour. */
static void choose_rules(struct hr_view *view)
{
    const struct hr_versus_row *rows = NULL;
    size_t count =
        view->about->versus ? hr_versus_rows(view->about->versus, &rows) : view->rules->rule_count;
    view->shown = hr_arena_take(view->arena, (count + 1) * sizeof(*view->shown));
    for (size_t i = 0; i < count; i++) {
        if (rows) {
            add_shown(view, rows[i].name, rows[i].fired[HR_SIDE_A] + rows[i].fired[HR_SIDE_B]);
        } else {
            add_shown(view, view->rules->rules[i].name, view->summary->fired[i]);
        }
    }
    view->series_count = view->shown_count < HR_PAGE_SERIES ? view->shown_count : HR_PAGE_SERIES;
    for (uint16_t r = 0; r < view->rules->rule_count; r++) {
        view->total += view->summary->fired[r];
    }
}

static void order_accounts(struct hr_view *view)
{
    view->account_count = hr_ledger_accounts(&view->summary->ledger, view->arena, &view->accounts);
    while (view->account_count > 0 && view->accounts[view->account_count - 1]->total == 0) {
        view->account_count--; /* shadow rules alone would have told of them */
    }
}

/* "Triggers over time", with the rule set's letter where there are two. */
struct hr_str hr_view_title(const struct hr_view *view, const char *title)
{
    return view->about->count == 1
               ? hr_str(title)
               : hr_arena_printf(view->arena, "%c: %s", "AB"[view->side], title);
}

/* --- behind the figures -------------------------------------------------------------------------
 */

static uint64_t accounts_told(const struct hr_view *view, uint16_t rule)
{
    uint64_t count = 0;
    const struct hr_ledger_account **accounts;
    size_t all = hr_ledger_accounts(&view->summary->ledger, view->arena, &accounts);
    for (size_t i = 0; i < all; i++) {
        count += accounts[i]->fired[rule] > 0;
    }
    return count;
}

static void show_rules(const struct hr_view *view)
{
    static const struct hr_str headings[] = {{"Rule", 4}, {"Fires at", 8}, {"Category", 8},
        {">Triggers", 9}, {">Accounts", 9}, {">Waited", 7}};
    hr_page_section(view->page, hr_view_title(view, "The rules"),
        HR_STR("Waited: how often a level was reached and had to wait, be it for a while: because "
               "of for, cooldown or when."));
    hr_page_table_begin(view->page, headings, 6);
    for (uint16_t r = 0; r < view->rules->rule_count; r++) {
        const struct hr_rule *rule = &view->rules->rules[r];
        uint64_t waited = view->summary->dropped[r];
        for (size_t why = 0; why < HR_WHY_COUNT; why++) {
            waited += view->summary->held[r][why];
        }
        uint64_t fired = rule->shadow ? view->summary->shadow[r] : view->summary->fired[r];
        hr_page_table_row(view->page, headings,
            (struct hr_str[]){rule->shadow ? hr_arena_join(view->arena, rule->name, " ",
                                                 HR_STR("(shadow: nothing is sent)"))
                                           : rule->name,
                hr_explain_rule(view->arena, view->rules, rule),
                hr_str(hr_category_name(rule->category)), count_text(view->arena, fired),
                count_text(view->arena, accounts_told(view, r)), count_text(view->arena, waited)},
            6);
    }
    hr_page_table_end(view->page);
}

/* --- two rule sets ------------------------------------------------------------------------------
 */

static void show_versus_picture(const struct hr_view *view)
{
    const struct hr_versus_row *rows;
    size_t count = hr_versus_rows(view->about->versus, &rows), used = 0;
    uint64_t *values = hr_arena_zeroed(view->arena, (4 * count + 1) * sizeof(*values));
    struct hr_str *labels = hr_arena_take(view->arena, (count + 1) * sizeof(*labels));
    struct hr_str *notes = hr_arena_take(view->arena, (count + 1) * sizeof(*notes));
    for (size_t i = 0; i < count; i++) {
        const struct hr_versus_row *row = &rows[i];
        if (row->fired[HR_SIDE_A] + row->fired[HR_SIDE_B] == 0) {
            continue;
        }
        labels[used] = row->name;
        notes[used] = hr_arena_printf(
            view->arena, "A %" PRIu64 ", B %" PRIu64, row->fired[HR_SIDE_A], row->fired[HR_SIDE_B]);
        values[used] = row->same;
        values[count + used] = row->moved;
        values[2 * count + used] = row->only[HR_SIDE_A];
        values[3 * count + used] = row->only[HR_SIDE_B];
        used++;
    }
    const struct hr_page_series series[] = {{HR_STR("both, at the same moment"), values},
        {HR_STR("both, B at another moment"), values + count},
        {HR_STR("only A"), values + 2 * count}, {HR_STR("only B"), values + 3 * count}};
    const struct hr_page_bars bars = {
        .caption = HR_STR("Stacked bars: what becomes of the triggers of each rule."),
        .of = HR_STR("rule"),
        .labels = labels,
        .notes = notes,
        .bar_count = used,
        .series = series,
        .series_count = 4};
    hr_page_bars(view->page, &bars);
}

static struct hr_str moment_text(struct hr_arena *arena, struct hr_time time)
{
    char text[HR_TIME_TEXT];
    if (hr_time_is(time, HR_TIME_NONE)) {
        return HR_STR("");
    }
    size_t len = hr_time_print(time, text);
    return hr_arena_printf(arena, "%.10s %.5s", text, len > 16 ? text + 11 : "");
}

static void show_versus_entries(const struct hr_view *view)
{
    static const struct hr_str headings[] = {
        {"Trigger", 7}, {"A, UTC", 6}, {"B, UTC", 6}, {"What changes", 12}};
    const struct hr_versus_entry *const *entries;
    size_t count = hr_versus_entries(view->about->versus, &entries);
    size_t shown = count < ENTRIES_SHOWN ? count : ENTRIES_SHOWN;
    if (count == 0) {
        return;
    }
    hr_page_section(view->page, HR_STR("What changes, one by one"),
        shown < count
            ? hr_arena_printf(view->arena,
                  "The first %zu of %zu; headroom simulate --json tells them all.", shown, count)
            : HR_STR(""));
    hr_page_table_begin(view->page, headings, 4);
    for (size_t i = 0; i < shown; i++) {
        const struct hr_versus_entry *entry = entries[i];
        bool a = !hr_time_is(entry->at[HR_SIDE_A], HR_TIME_NONE);
        bool b = !hr_time_is(entry->at[HR_SIDE_B], HR_TIME_NONE);
        int64_t by = a && b ? entry->at[HR_SIDE_B].us - entry->at[HR_SIDE_A].us : 0;
        struct hr_str change = a && b ? hr_arena_join(view->arena, hr_span_text(view->arena, by),
                                            " ", by > 0 ? HR_STR("later") : HR_STR("earlier"))
                               : a ? HR_STR("only A")
                                      : HR_STR("only B");
        hr_page_table_row(view->page, headings,
            (struct hr_str[]){entry->id, moment_text(view->arena, entry->at[HR_SIDE_A]),
                moment_text(view->arena, entry->at[HR_SIDE_B]), change},
            4);
    }
    hr_page_table_end(view->page);
}

static void show_versus(const struct hr_view *view)
{
    hr_page_section(view->page, HR_STR("What would change"),
        hr_arena_printf(view->arena, "A is %s, B is %s, over the same events.",
            view->about->names[HR_SIDE_A], view->about->names[HR_SIDE_B]));
    show_versus_picture(view);
}

/* --- the page -----------------------------------------------------------------------------------
 */

static void add_peaks(const struct hr_view *view, struct hr_page_figure *figures, size_t *used)
{
    uint64_t most = 0;
    struct hr_str rule = HR_STR("");
    for (uint16_t r = 0; r < view->rules->rule_count; r++) {
        if (view->summary->fired[r] > most) {
            most = view->summary->fired[r];
            rule = view->rules->rules[r].name;
        }
    }
    if (most == 0) {
        return;
    }
    figures[(*used)++] = (struct hr_page_figure){rule, hr_view_title(view, "fires most"),
        hr_arena_printf(view->arena, "%" PRIu64 " time%s", most, hr_plural(most))};
    figures[(*used)++] =
        (struct hr_page_figure){view->accounts[0]->name, hr_view_title(view, "is approached most"),
            hr_arena_printf(view->arena, "%" PRIu64 " trigger%s", view->accounts[0]->total,
                hr_plural(view->accounts[0]->total))};
}

static void show_figures(const struct hr_view *views, size_t count)
{
    struct hr_arena *arena = views[0].arena;
    struct hr_page_figure figures[4];
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        figures[used++] = (struct hr_page_figure){count_text(arena, views[i].total),
            hr_view_title(&views[i], views[i].total == 1 ? "trigger" : "triggers"),
            hr_arena_printf(arena, "for %zu of %" PRIu64 " accounts", views[i].account_count,
                views[i].summary->accounts)};
    }
    add_peaks(&views[count - 1], figures, &used);
    hr_page_figures(views[0].page, figures, used);
}

static struct hr_str headline_of(const struct hr_view *views, size_t count)
{
    /* NOLINTNEXTLINE(clang-analyzer-core.uninitialized.Assign): there is a side at least */
    struct hr_arena *arena = views[0].arena;
    struct hr_str a = count_text(arena, views[0].total);
    if (count == 1) {
        return hr_arena_printf(arena, "These rules would have fired %.*s time%s", (int)a.len, a.at,
            hr_plural(views[0].total));
    }
    struct hr_str b = count_text(arena, views[1].total);
    return hr_arena_printf(
        arena, "%.*s triggers with rules A, %.*s with rules B", (int)a.len, a.at, (int)b.len, b.at);
}

static struct hr_str lead_of(const struct hr_view *view)
{
    const struct hr_summary *summary = view->summary;
    if (hr_time_is(summary->first, HR_TIME_NONE)) {
        return HR_STR("No event came.");
    }
    struct hr_str events = count_text(view->arena, summary->events);
    struct hr_str from = hr_view_day(view->arena, hr_zone_day(view->rules->zone, summary->first));
    struct hr_str to = hr_view_day(view->arena, hr_zone_day(view->rules->zone, summary->last));
    return hr_arena_printf(view->arena,
        "%.*s events from %.*s to %.*s, played through %s%s%s. This is a rehearsal: nothing was "
        "sent to anyone.",
        (int)events.len, events.at, (int)from.len, from.at, (int)to.len, to.at,
        view->about->names[0], view->about->count > 1 ? " and " : "",
        view->about->count > 1 ? view->about->names[1] : "");
}

static void show(const struct hr_view *views, size_t count)
{
    if (count > 1) {
        show_versus(&views[0]);
    }
    for (size_t i = 0; i < count; i++) {
        if (views[i].total > 0) {
            hr_view_over_time(&views[i]);
            hr_view_most_approached(&views[i]);
            hr_view_heat(&views[i]);
            hr_view_segments(&views[i]);
        }
        show_rules(&views[i]);
    }
    if (count > 1) {
        show_versus_entries(&views[0]);
    }
}

void hr_rehearsal_page(const struct hr_rehearsal_page *about, struct hr_buffer *out)
{
    struct hr_arena arena;
    struct hr_page page;
    struct hr_view views[2];
    hr_arena_init(&arena);
    for (size_t i = 0; i < about->count; i++) {
        views[i] = (struct hr_view){.about = about,
            .side = i,
            .summary = about->summaries[i],
            .rules = about->summaries[i]->rules,
            .arena = &arena,
            .page = &page};
        choose_rules(&views[i]);
        order_accounts(&views[i]);
    }
    hr_page_begin(&page, out, headline_of(views, about->count), lead_of(&views[0]));
    show_figures(views, about->count);
    show(views, about->count);
    hr_page_end(&page,
        hr_arena_printf(&arena,
            "Days are those of %.*s. Made by headroom simulate from rules %s%s%s.",
            (int)hr_zone_name(views[0].rules->zone).len, hr_zone_name(views[0].rules->zone).at,
            views[0].rules->fingerprint, about->count > 1 ? " and " : "",
            about->count > 1 ? views[1].rules->fingerprint : ""));
    hr_arena_clean_up(&arena);
}
