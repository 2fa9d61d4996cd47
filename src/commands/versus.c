/* SPDX-License-Identifier: Apache-2.0 */
/* Triggers are the same when their ids are: rule, account, level, date and number. What both sides
 * fire at the same moment is counted and forgotten; only what differs is kept, so that memory grows
 * with the difference. Until the other side has come as far, a trigger waits. */
#include "versus.h"

#include "headroom/hash.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN = 20 };

struct hr_versus {
    const char *names[2];
    const struct hr_rules *rules[2];
    uint16_t *places[2]; /* row by rule of the side */
    bool with_shadow;
    struct hr_versus_row *rows;
    size_t row_count;
    struct hr_arena scratch; /* of one trigger's id */
    struct hr_pool *pool;
    struct hr_map waiting;          /* fired by one side so far */
    struct hr_versus_entry **moved; /* by both, at different moments */
    size_t moved_count, moved_room;
    struct hr_versus_entry **entries; /* after the end: all that differs */
    size_t entry_count;
};

static struct hr_str id_of(const void *value)
{
    return ((const struct hr_versus_entry *)value)->id;
}

static uint16_t row_of(struct hr_versus *versus, struct hr_str name)
{
    for (size_t i = 0; i < versus->row_count; i++) {
        if (hr_str_equal(versus->rows[i].name, name)) {
            return (uint16_t)i;
        }
    }
    versus->rows[versus->row_count].name = name;
    return (uint16_t)versus->row_count++;
}

struct hr_versus *hr_versus_new(
    const char *const names[2], const struct hr_rules *const rules[2], bool with_shadow)
{
    struct hr_versus *versus = hr_alloc(sizeof(*versus));
    size_t most = (size_t)rules[0]->rule_count + rules[1]->rule_count;
    versus->with_shadow = with_shadow;
    versus->rows = hr_alloc((most + 1) * sizeof(*versus->rows));
    for (int side = 0; side < 2; side++) {
        versus->names[side] = names[side];
        versus->rules[side] = rules[side];
        versus->places[side] =
            hr_alloc((rules[side]->rule_count + 1u) * sizeof(*versus->places[side]));
        for (uint16_t r = 0; r < rules[side]->rule_count; r++) {
            versus->places[side][r] = row_of(versus, rules[side]->rules[r].name);
        }
    }
    hr_arena_init(&versus->scratch);
    versus->pool = hr_pool_new();
    hr_map_init(&versus->waiting, id_of, NULL);
    return versus;
}

void hr_versus_destroy(struct hr_versus *versus)
{
    if (versus) {
        hr_map_clean_up(&versus->waiting);
        hr_pool_destroy(versus->pool);
        hr_arena_clean_up(&versus->scratch);
        hr_free(versus->places[0]);
        hr_free(versus->places[1]);
        hr_free(versus->rows);
        hr_free(versus->moved);
        hr_free(versus->entries);
        hr_free(versus);
    }
}

/* --- in -----------------------------------------------------------------------------------------
 */

static void let_go(struct hr_versus *versus, struct hr_versus_entry *entry)
{
    hr_pool_give(versus->pool, (void *)entry->id.at, entry->id.len);
    hr_pool_give(versus->pool, entry, sizeof(*entry));
}

static void keep_moved(struct hr_versus *versus, struct hr_versus_entry *entry)
{
    if (versus->moved_count == versus->moved_room) {
        versus->moved_room = versus->moved_room ? 2 * versus->moved_room : 64;
        versus->moved =
            hr_resize(versus->moved, versus->moved_room * sizeof(struct hr_versus_entry *));
    }
    versus->moved[versus->moved_count++] = entry;
}

static void wait_for_other(struct hr_versus *versus, enum hr_side side, uint16_t row,
    struct hr_str id, uint64_t hash, struct hr_time at)
{
    struct hr_versus_entry *entry = hr_pool_take(versus->pool, sizeof(*entry));
    char *text = hr_pool_take(versus->pool, id.len);
    memcpy(text, id.at, id.len);
    *entry = (struct hr_versus_entry){
        .hash = hash, .id = {text, id.len}, .row = row, .at = {HR_TIME_NONE, HR_TIME_NONE}};
    entry->at[side] = at;
    hr_map_put(&versus->waiting, hash, entry);
}

void hr_versus_take(struct hr_versus *versus, enum hr_side side, const struct hr_trigger *trigger)
{
    if (trigger->kind != HR_FIRED || (!hr_trigger_is_published(trigger) && !versus->with_shadow)) {
        return;
    }
    hr_arena_reset(&versus->scratch);
    struct hr_str id = hr_trigger_id(trigger, &versus->scratch);
    uint64_t hash = hr_hash64(id, 0);
    uint16_t row = versus->places[side][trigger->rule - versus->rules[side]->rules];
    struct hr_versus_entry *entry = hr_map_find(&versus->waiting, hash, id);
    versus->rows[row].fired[side]++;
    if (!entry) {
        wait_for_other(versus, side, row, id, hash, trigger->decided);
    } else {
        entry->at[side] = trigger->decided;
        hr_map_remove(&versus->waiting, hash, id);
        if (hr_time_is(entry->at[HR_SIDE_A], entry->at[HR_SIDE_B])) {
            versus->rows[row].same++;
            let_go(versus, entry);
        } else {
            keep_moved(versus, entry);
        }
    }
}

/* --- at the end ---------------------------------------------------------------------------------
 */

static bool is_moved(const struct hr_versus_entry *entry)
{
    return !hr_time_is(entry->at[HR_SIDE_A], HR_TIME_NONE) &&
           !hr_time_is(entry->at[HR_SIDE_B], HR_TIME_NONE);
}

static int64_t moved_by(const struct hr_versus_entry *entry)
{
    return entry->at[HR_SIDE_B].us - entry->at[HR_SIDE_A].us;
}

static struct hr_time earliest(const struct hr_versus_entry *entry)
{
    return is_moved(entry) ? hr_time_min(entry->at[HR_SIDE_A], entry->at[HR_SIDE_B])
                           : hr_time_max(entry->at[HR_SIDE_A], entry->at[HR_SIDE_B]);
}

static int by_moment_then_id(const void *left, const void *right)
{
    const struct hr_versus_entry *a = *(const struct hr_versus_entry *const *)left;
    const struct hr_versus_entry *b = *(const struct hr_versus_entry *const *)right;
    int64_t at = earliest(a).us, bt = earliest(b).us;
    return at != bt ? (at < bt ? -1 : 1) : hr_str_compare(a->id, b->id);
}

static int by_rule_then_span(const void *left, const void *right)
{
    const struct hr_versus_entry *a = *(const struct hr_versus_entry *const *)left;
    const struct hr_versus_entry *b = *(const struct hr_versus_entry *const *)right;
    int64_t as = moved_by(a), bs = moved_by(b);
    return a->row != b->row ? (a->row < b->row ? -1 : 1) : (as > bs) - (as < bs);
}

void hr_versus_finish(struct hr_versus *versus)
{
    size_t position = 0;
    struct hr_versus_entry *entry;
    if (versus->moved_count > 0) {
        qsort(versus->moved, versus->moved_count, sizeof(*versus->moved), by_rule_then_span);
    }
    for (size_t i = 0, count; i < versus->moved_count; i += count) {
        struct hr_versus_row *row = &versus->rows[versus->moved[i]->row];
        for (count = 1; i + count < versus->moved_count &&
                        versus->moved[i + count]->row == versus->moved[i]->row;
             count++) {
        }
        row->moved = count;
        row->median_us = moved_by(versus->moved[i + (count - 1) / 2]);
    }
    versus->entries =
        hr_alloc((versus->moved_count + versus->waiting.count + 1) * sizeof(*versus->entries));
    for (size_t i = 0; i < versus->moved_count; i++) {
        versus->entries[versus->entry_count++] = versus->moved[i];
    }
    while ((entry = hr_map_next(&versus->waiting, &position)) != NULL) {
        versus->rows[entry->row].only[hr_time_is(entry->at[HR_SIDE_A], HR_TIME_NONE)]++;
        versus->entries[versus->entry_count++] = entry;
    }
    qsort(versus->entries, versus->entry_count, sizeof(*versus->entries), by_moment_then_id);
}

const char *hr_versus_name(const struct hr_versus *versus, enum hr_side side)
{
    return versus->names[side];
}

size_t hr_versus_rows(const struct hr_versus *versus, const struct hr_versus_row **rows)
{
    *rows = versus->rows;
    return versus->row_count;
}

size_t hr_versus_entries(
    const struct hr_versus *versus, const struct hr_versus_entry *const **entries)
{
    *entries = (const struct hr_versus_entry *const *)versus->entries;
    return versus->entry_count;
}

/* --- for people ---------------------------------------------------------------------------------
 */

struct hr_str hr_span_text(struct hr_arena *arena, int64_t us)
{
    static const struct {
        const char *text;
        int64_t us;
    } units[] = {{"d", HR_DAY}, {"h", HR_HOUR}, {"min", HR_MINUTE}, {"s", HR_SECOND}};
    const size_t count = sizeof(units) / sizeof(units[0]);
    us = us < 0 ? -us : us;
    size_t u = 0;
    while (u + 1 < count && us < units[u].us) {
        u++;
    }
    int64_t whole = us / units[u].us;
    int64_t rest = u + 1 < count ? us % units[u].us / units[u + 1].us : 0;
    return rest ? hr_arena_printf(arena, "%" PRId64 "%s %" PRId64 "%s", whole, units[u].text, rest,
                      units[u + 1].text)
                : hr_arena_printf(arena, "%" PRId64 "%s", whole, units[u].text);
}

/* "2d 3h later". */
static struct hr_str shift_text(struct hr_arena *arena, int64_t us)
{
    return hr_arena_join(
        arena, hr_span_text(arena, us), " ", us > 0 ? HR_STR("later") : HR_STR("earlier"));
}

static struct hr_str count_text(struct hr_arena *arena, uint64_t count)
{
    return count ? hr_arena_printf(arena, "%" PRIu64, count) : HR_STR(".");
}

static void print_rows(const struct hr_versus *versus, struct hr_arena *arena, FILE *file)
{
    struct hr_grid grid;
    hr_grid_init(&grid, (const char *const[]){"", ">A", ">B", ">same", ">only A", ">only B",
                            ">moved", "B by, median", NULL});
    for (size_t i = 0; i < versus->row_count; i++) {
        const struct hr_versus_row *row = &versus->rows[i];
        if (row->fired[HR_SIDE_A] + row->fired[HR_SIDE_B] == 0) {
            continue;
        }
        hr_grid_row(
            &grid, (struct hr_str[]){row->name, count_text(arena, row->fired[HR_SIDE_A]),
                       count_text(arena, row->fired[HR_SIDE_B]), count_text(arena, row->same),
                       count_text(arena, row->only[HR_SIDE_A]),
                       count_text(arena, row->only[HR_SIDE_B]), count_text(arena, row->moved),
                       row->moved ? shift_text(arena, row->median_us) : HR_STR("")});
    }
    hr_grid_print(&grid, "  ", file);
    hr_grid_clean_up(&grid);
}

enum kind { KIND_ONLY_A, KIND_ONLY_B, KIND_MOVED };

static enum kind kind_of(const struct hr_versus_entry *entry)
{
    return is_moved(entry)                                  ? KIND_MOVED
           : hr_time_is(entry->at[HR_SIDE_B], HR_TIME_NONE) ? KIND_ONLY_A
                                                            : KIND_ONLY_B;
}

static void print_kind(const struct hr_versus *versus, enum kind kind, const char *title,
    struct hr_arena *arena, FILE *file)
{
    struct hr_grid grid;
    size_t count = 0;
    hr_grid_init(&grid, (const char *const[]){"", "", "", NULL});
    for (size_t i = 0; i < versus->entry_count; i++) {
        const struct hr_versus_entry *entry = versus->entries[i];
        char moment[HR_TIME_TEXT];
        if (kind_of(entry) != kind || count++ >= SHOWN) {
            continue;
        }
        hr_time_print(earliest(entry), moment);
        hr_grid_row(
            &grid, (struct hr_str[]){hr_str(moment), entry->id,
                       kind == KIND_MOVED ? shift_text(arena, moved_by(entry)) : HR_STR("")});
    }
    if (count > 0) {
        fprintf(file, "%s: %zu%s\n", title, count, count > SHOWN ? ", the first of them" : "");
        hr_grid_print(&grid, "  ", file);
    }
    hr_grid_clean_up(&grid);
}

void hr_versus_print(const struct hr_versus *versus, FILE *file)
{
    struct hr_arena arena;
    hr_arena_init(&arena);
    fprintf(file, "A: %s\nB: %s\n", hr_printable(&arena, hr_str(versus->names[0]), 400),
        hr_printable(&arena, hr_str(versus->names[1]), 400));
    print_rows(versus, &arena, file);
    print_kind(versus, KIND_ONLY_A, "only A fires", &arena, file);
    print_kind(versus, KIND_ONLY_B, "only B fires", &arena, file);
    print_kind(versus, KIND_MOVED, "both fire, B at another moment", &arena, file);
    hr_arena_clean_up(&arena);
}

/* --- for machines -------------------------------------------------------------------------------
 */

static void json_rows(const struct hr_versus *versus, struct hr_doc *doc)
{
    hr_doc_open(doc, "rules", '[');
    for (size_t i = 0; i < versus->row_count; i++) {
        const struct hr_versus_row *row = &versus->rows[i];
        hr_doc_open(doc, NULL, '{');
        hr_doc_text(doc, "rule", row->name);
        hr_doc_number(doc, "a", (int64_t)row->fired[HR_SIDE_A]);
        hr_doc_number(doc, "b", (int64_t)row->fired[HR_SIDE_B]);
        hr_doc_number(doc, "same", (int64_t)row->same);
        hr_doc_number(doc, "only_a", (int64_t)row->only[HR_SIDE_A]);
        hr_doc_number(doc, "only_b", (int64_t)row->only[HR_SIDE_B]);
        hr_doc_number(doc, "moved", (int64_t)row->moved);
        if (row->moved) {
            hr_doc_number(doc, "median_shift_ms", row->median_us / 1000);
        }
        hr_doc_close(doc, '}');
    }
    hr_doc_close(doc, ']');
}

static void json_kind(
    const struct hr_versus *versus, enum kind kind, const char *key, struct hr_doc *doc)
{
    hr_doc_open(doc, key, '[');
    for (size_t i = 0; i < versus->entry_count; i++) {
        const struct hr_versus_entry *entry = versus->entries[i];
        if (kind_of(entry) != kind) {
            continue;
        }
        hr_doc_open(doc, NULL, '{');
        hr_doc_text(doc, "id", entry->id);
        if (kind == KIND_MOVED) {
            hr_doc_time(doc, "a", entry->at[HR_SIDE_A]);
            hr_doc_time(doc, "b", entry->at[HR_SIDE_B]);
            hr_doc_number(doc, "shift_ms", moved_by(entry) / 1000);
        } else {
            hr_doc_time(doc, "at", earliest(entry));
        }
        hr_doc_close(doc, '}');
    }
    hr_doc_close(doc, ']');
}

void hr_versus_json(const struct hr_versus *versus, struct hr_buffer *buffer)
{
    struct hr_doc doc = {.buffer = buffer};
    hr_doc_open(&doc, NULL, '{');
    hr_doc_text(&doc, "a", hr_str(versus->names[HR_SIDE_A]));
    hr_doc_text(&doc, "b", hr_str(versus->names[HR_SIDE_B]));
    json_rows(versus, &doc);
    json_kind(versus, KIND_ONLY_A, "only_a", &doc);
    json_kind(versus, KIND_ONLY_B, "only_b", &doc);
    json_kind(versus, KIND_MOVED, "moved", &doc);
    hr_doc_close(&doc, '}');
    hr_put_u8(buffer, '\n');
}
