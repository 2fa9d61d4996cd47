/* SPDX-License-Identifier: Apache-2.0 */
/* Counts of what fired. A cell is a rule, a day and a segment; months are sums of days, so that one
 * set of cells serves the table of months and a picture of weeks. */
#include "ledger.h"

#include "headroom/describe.h"
#include "headroom/hash.h"

#include <stdlib.h>
#include <string.h>

static struct hr_str name_of(const void *value)
{
    return ((const struct hr_ledger_account *)value)->name;
}

void hr_ledger_init(struct hr_ledger *ledger, const struct hr_rules *rules, bool by_account)
{
    *ledger = (struct hr_ledger){.rules = rules, .by_account = by_account, .segment_count = 1};
    ledger->segments[0] = HR_STR("");
    hr_arena_init(&ledger->arena);
    hr_map_init(&ledger->cells, NULL, NULL);
    hr_map_init(&ledger->accounts, name_of, NULL);
}

void hr_ledger_clean_up(struct hr_ledger *ledger)
{
    hr_map_clean_up(&ledger->cells);
    hr_map_clean_up(&ledger->accounts);
    hr_arena_clean_up(&ledger->arena);
}

/* --- in -----------------------------------------------------------------------------------------
 */

static uint16_t segment_of(struct hr_ledger *ledger, struct hr_str name)
{
    for (uint16_t i = 0; i < ledger->segment_count; i++) {
        if (hr_str_equal(ledger->segments[i], name)) {
            return i;
        }
    }
    if (ledger->segment_count == HR_LEDGER_SEGMENTS) {
        ledger->segments[HR_LEDGER_SEGMENTS] = HR_STR("(others)");
        return HR_LEDGER_SEGMENTS;
    }
    ledger->segments[ledger->segment_count] = hr_arena_copy(&ledger->arena, name);
    return ledger->segment_count++;
}

/* Different cells have different hashes: the hash is the key. */
static uint64_t hash_of(int64_t day, uint16_t rule, uint16_t segment)
{
    uint64_t key = ((uint64_t)day << 32) ^ ((uint64_t)rule << 16) ^ segment;
    return key * UINT64_C(0x9e3779b97f4a7c15); /* odd: no two keys become one */
}

static struct hr_ledger_account *account_of(struct hr_ledger *ledger, struct hr_str name)
{
    uint64_t hash = hr_hash64(name, 0);
    struct hr_ledger_account *account = hr_map_find(&ledger->accounts, hash, name);
    if (!account) {
        account = hr_arena_zeroed(&ledger->arena, sizeof(*account));
        account->name = hr_arena_copy(&ledger->arena, name);
        account->fired =
            hr_arena_zeroed(&ledger->arena, ledger->rules->rule_count * sizeof(*account->fired));
        hr_map_put(&ledger->accounts, hash, account);
    }
    return account;
}

static void count_recent(struct hr_ledger_account *account, int64_t at)
{
    account->recent[account->total++ % HR_LEDGER_RECENT] = at;
    uint32_t within = 0;
    for (size_t i = 0; i < HR_LEDGER_RECENT && i < account->total; i++) {
        within += account->recent[i] > at - 30 * HR_DAY;
    }
    account->busiest = within > account->busiest ? within : account->busiest;
}

void hr_ledger_take(
    struct hr_ledger *ledger, const struct hr_home *home, const struct hr_trigger *trigger)
{
    if (trigger->kind != HR_FIRED) {
        return;
    }
    uint16_t rule = (uint16_t)(trigger->rule - ledger->rules->rules);
    uint16_t segment =
        segment_of(ledger, hr_home_attribute(home, trigger->account, HR_STR("segment")));
    int64_t day = hr_zone_day(ledger->rules->zone, trigger->decided);
    uint64_t hash = hash_of(day, rule, segment);
    struct hr_ledger_cell *cell = hr_map_find(&ledger->cells, hash, HR_STR(""));
    if (!cell) {
        cell = hr_arena_take(&ledger->arena, sizeof(*cell));
        *cell = (struct hr_ledger_cell){.day = day, .rule = rule, .segment = segment};
        hr_map_put(&ledger->cells, hash, cell);
    }
    cell->fired++;
    if (ledger->by_account) {
        struct hr_ledger_account *account = account_of(ledger, trigger->account);
        account->segment = segment;
        account->fired[rule]++;
        if (!trigger->rule->shadow) {
            count_recent(account, trigger->decided.us);
        }
    }
}

/* --- out ----------------------------------------------------------------------------------------
 */

static int by_rule_day_segment(const void *left, const void *right)
{
    const struct hr_ledger_cell *a = *(const struct hr_ledger_cell *const *)left;
    const struct hr_ledger_cell *b = *(const struct hr_ledger_cell *const *)right;
    if (a->rule != b->rule) {
        return a->rule < b->rule ? -1 : 1;
    }
    if (a->day != b->day) {
        return a->day < b->day ? -1 : 1;
    }
    return (a->segment > b->segment) - (a->segment < b->segment);
}

static int by_total_then_name(const void *left, const void *right)
{
    const struct hr_ledger_account *a = *(const struct hr_ledger_account *const *)left;
    const struct hr_ledger_account *b = *(const struct hr_ledger_account *const *)right;
    if (a->total != b->total) {
        return a->total > b->total ? -1 : 1;
    }
    return hr_str_compare(a->name, b->name);
}

static const void **all_of(
    const struct hr_map *map, struct hr_arena *arena, int (*order)(const void *, const void *))
{
    const void **values = hr_arena_take(arena, (map->count + 1) * sizeof(*values));
    size_t position = 0;
    for (size_t i = 0; i < map->count; i++) {
        values[i] = hr_map_next(map, &position);
    }
    qsort(values, map->count, sizeof(*values), order);
    return values;
}

size_t hr_ledger_cells(
    const struct hr_ledger *ledger, struct hr_arena *arena, const struct hr_ledger_cell ***cells)
{
    *cells = (const struct hr_ledger_cell **)all_of(&ledger->cells, arena, by_rule_day_segment);
    return ledger->cells.count;
}

size_t hr_ledger_accounts(const struct hr_ledger *ledger, struct hr_arena *arena,
    const struct hr_ledger_account ***accounts)
{
    *accounts =
        (const struct hr_ledger_account **)all_of(&ledger->accounts, arena, by_total_then_name);
    return ledger->accounts.count;
}

/* --- tables -------------------------------------------------------------------------------------
 * Both are a sheet of counts: rules down, months or segments across. */

enum { MOST_ACROSS = 12 };

struct sheet {
    struct hr_arena arena;
    const struct hr_ledger *ledger;
    const struct hr_ledger_cell **cells;
    size_t cell_count;
    const char *headings[MOST_ACROSS + 1];
    size_t across;
    const char *title;
    bool sparse;                         /* a column without anything is not shown */
    uint64_t (*counts)[MOST_ACROSS + 1]; /* by rule; the last is the total */
};

static int32_t month_of(int64_t day)
{
    struct hr_civil civil = hr_civil_from_days(day);
    return civil.year * 12 + civil.month - 1;
}

static void sheet_begin(struct sheet *sheet, const struct hr_ledger *ledger, const char *title)
{
    *sheet = (struct sheet){.ledger = ledger, .title = title};
    hr_arena_init(&sheet->arena);
    sheet->cell_count = hr_ledger_cells(ledger, &sheet->arena, &sheet->cells);
    sheet->counts =
        hr_arena_zeroed(&sheet->arena, (ledger->rules->rule_count + 1u) * sizeof(*sheet->counts));
}

static void sheet_count(struct sheet *sheet, const struct hr_ledger_cell *cell, size_t place)
{
    sheet->counts[cell->rule][place] += cell->fired;
    sheet->counts[cell->rule][MOST_ACROSS] += cell->fired;
}

static bool is_shown(const struct sheet *sheet, const struct hr_ledger_cell *cell, bool shadow)
{
    return sheet->ledger->rules->rules[cell->rule].shadow == shadow;
}

/* The last twelve months, and what came before them in one column. */
static void put_months(struct sheet *sheet, bool shadow)
{
    static const char *const names[] = {
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    int32_t first = INT32_MAX, last = INT32_MIN;
    for (size_t i = 0; i < sheet->cell_count; i++) {
        int32_t month = month_of(sheet->cells[i]->day);
        if (is_shown(sheet, sheet->cells[i], shadow)) {
            first = month < first ? month : first;
            last = month > last ? month : last;
        }
    }
    bool before = last - first >= MOST_ACROSS;
    int32_t from = before ? last - MOST_ACROSS + 2 : first;
    for (int32_t month = before ? from - 1 : from; month <= last; month++) {
        /* NOLINTNEXTLINE(clang-analyzer-core.uninitialized.Assign): no year is before 0 */
        sheet->headings[sheet->across++] = month < from ? "before" : names[month % 12];
    }
    for (size_t i = 0; i < sheet->cell_count; i++) {
        int32_t at = month_of(sheet->cells[i]->day) - from + before;
        if (is_shown(sheet, sheet->cells[i], shadow)) {
            sheet_count(sheet, sheet->cells[i], at > 0 ? (size_t)at : 0);
        }
    }
}

/* In the order in which they came up; what is too many for a line in one column. */
static void put_segments(struct sheet *sheet, bool shadow)
{
    const struct hr_ledger *ledger = sheet->ledger;
    sheet->sparse = true;
    for (uint16_t s = 0; s < ledger->segment_count && sheet->across < MOST_ACROSS - 1; s++) {
        sheet->headings[sheet->across++] =
            s == 0 ? "(none)" : hr_printable(&sheet->arena, ledger->segments[s], 24);
    }
    size_t named = sheet->across;
    for (size_t i = 0; i < sheet->cell_count; i++) {
        const struct hr_ledger_cell *cell = sheet->cells[i];
        if (!is_shown(sheet, cell, shadow)) {
            continue;
        }
        if (cell->segment >= named) {
            sheet->headings[named] = "(others)";
            sheet->across = named + 1;
        }
        sheet_count(sheet, cell, cell->segment < named ? cell->segment : named);
    }
}

static struct hr_str number_text(struct hr_arena *arena, uint64_t number)
{
    return number ? hr_arena_printf(arena, "%llu", (unsigned long long)number) : HR_STR(".");
}

static bool is_empty(const struct sheet *sheet, size_t place)
{
    uint64_t sum = 0;
    for (uint16_t r = 0; r < sheet->ledger->rules->rule_count; r++) {
        sum += sheet->counts[r][place];
    }
    return sum == 0;
}

/* A month without any is worth seeing, a segment is not. */
static void sheet_print(struct sheet *sheet, FILE *file)
{
    struct hr_grid grid;
    const char *headings[MOST_ACROSS + 3] = {sheet->title, ">all"};
    size_t places[MOST_ACROSS + 1] = {MOST_ACROSS}, count = 1;
    for (size_t i = 0; i < sheet->across; i++) {
        if (!sheet->sparse || !is_empty(sheet, i)) {
            places[count++] = i;
            headings[count] = hr_arena_printf(&sheet->arena, ">%s", sheet->headings[i]).at;
        }
    }
    hr_grid_init(&grid, headings);
    for (uint16_t r = 0; r < sheet->ledger->rules->rule_count; r++) {
        struct hr_str cells[MOST_ACROSS + 2] = {sheet->ledger->rules->rules[r].name};
        for (size_t i = 0; i < count; i++) {
            cells[i + 1] = number_text(&sheet->arena, sheet->counts[r][places[i]]);
        }
        if (sheet->counts[r][MOST_ACROSS] > 0) {
            hr_grid_row(&grid, cells);
        }
    }
    hr_grid_print(&grid, "  ", file);
    hr_grid_clean_up(&grid);
    hr_arena_clean_up(&sheet->arena);
}

void hr_ledger_print(const struct hr_ledger *ledger, bool shadow, FILE *file)
{
    struct sheet sheet;
    bool any = false;
    sheet_begin(&sheet, ledger, "by month");
    for (size_t i = 0; i < sheet.cell_count; i++) {
        any |= is_shown(&sheet, sheet.cells[i], shadow);
    }
    if (!any) {
        hr_arena_clean_up(&sheet.arena);
        return;
    }
    put_months(&sheet, shadow);
    sheet_print(&sheet, file);
    if (ledger->segment_count > 1) {
        sheet_begin(&sheet, ledger, "by segment");
        put_segments(&sheet, shadow);
        sheet_print(&sheet, file);
    }
}

void hr_ledger_json(const struct hr_ledger *ledger, const char *key, struct hr_doc *doc)
{
    struct hr_arena arena;
    const struct hr_ledger_cell **cells;
    hr_arena_init(&arena);
    size_t count = hr_ledger_cells(ledger, &arena, &cells);
    hr_doc_open(doc, key, '[');
    for (size_t i = 0; i < count;) {
        const struct hr_rule *rule = &ledger->rules->rules[cells[i]->rule];
        uint64_t fired[HR_LEDGER_SEGMENTS + 1] = {0};
        int32_t month = month_of(cells[i]->day);
        uint16_t of = cells[i]->rule;
        for (; i < count && cells[i]->rule == of && month_of(cells[i]->day) == month; i++) {
            fired[cells[i]->segment] += cells[i]->fired;
        }
        for (size_t s = 0; s <= HR_LEDGER_SEGMENTS; s++) {
            if (fired[s] == 0) {
                continue;
            }
            hr_doc_open(doc, NULL, '{');
            hr_doc_text(doc, "rule", rule->name);
            if (rule->shadow) {
                hr_doc_text(doc, "mode", HR_STR("shadow"));
            }
            hr_doc_text(doc, "month",
                hr_arena_printf(&arena, "%04d-%02d", (int)(month / 12), (int)(month % 12) + 1));
            hr_doc_text(doc, "segment", ledger->segments[s]);
            hr_doc_number(doc, "fired", (int64_t)fired[s]);
            hr_doc_close(doc, '}');
        }
    }
    hr_doc_close(doc, ']');
    hr_arena_clean_up(&arena);
}
