/* SPDX-License-Identifier: Apache-2.0 */
/* Every record that was read stands in one verdict, so that a summary adds up in itself. */
#include "summary.h"

#include "headroom/memory.h"

#include <inttypes.h>
#include <string.h>

static const char *const verdict_names[] = {
    [HR_COUNTED] = "counted",
    [HR_DUPLICATE] = "duplicate",
    [HR_DEAD] = "dead_lettered",
    [HR_FORWARDED] = "forwarded",
    [HR_IGNORED] = "ignored",
};

void hr_summary_init(struct hr_summary *summary, const struct hr_rules *rules, bool by_account)
{
    *summary = (struct hr_summary){.rules = rules, .first = HR_TIME_NONE, .last = HR_TIME_NONE};
    summary->fired = hr_alloc((rules->rule_count + 1u) * sizeof(*summary->fired));
    summary->shadow = hr_alloc((rules->rule_count + 1u) * sizeof(*summary->shadow));
    summary->held = hr_alloc((rules->rule_count + 1u) * sizeof(*summary->held));
    summary->dropped = hr_alloc((rules->rule_count + 1u) * sizeof(*summary->dropped));
    hr_ledger_init(&summary->ledger, rules, by_account);
}

void hr_summary_clean_up(struct hr_summary *summary)
{
    hr_free(summary->fired);
    hr_free(summary->shadow);
    hr_free(summary->held);
    hr_free(summary->dropped);
    hr_ledger_clean_up(&summary->ledger);
}

void hr_summary_trigger(
    struct hr_summary *summary, const struct hr_home *home, const struct hr_trigger *trigger)
{
    size_t rule = (size_t)(trigger->rule - summary->rules->rules);
    if (trigger->held_out) {
        summary->held_out += trigger->kind == HR_FIRED;
    } else if (trigger->kind == HR_FIRED) {
        (trigger->rule->shadow ? summary->shadow : summary->fired)[rule]++;
        hr_ledger_take(&summary->ledger, home, trigger);
    } else if (!trigger->rule->shadow) {
        summary->resolved[trigger->resolution]++;
    }
}

void hr_summary_held(struct hr_summary *summary, const struct hr_held *held)
{
    size_t rule = (size_t)(held->rule - summary->rules->rules);
    if (held->late) {
        summary->dropped[rule]++;
    } else {
        summary->held[rule][held->why]++;
    }
}

static uint64_t sum(const uint64_t *counts, size_t count)
{
    uint64_t total = 0;
    for (size_t i = 0; i < count; i++) {
        total += counts[i];
    }
    return total;
}

static uint64_t events_per_second(const struct hr_summary *summary)
{
    return summary->spent_us > 0
               ? (uint64_t)((double)summary->events * (double)HR_SECOND / (double)summary->spent_us)
               : 0;
}

static struct hr_str reason_name(size_t reason)
{
    return hr_str(hr_reason_name((enum hr_reason)reason));
}

static struct hr_str resolution_name(size_t resolution)
{
    return hr_str(hr_resolution_name((enum hr_resolution)resolution));
}

/* --- for people --------------------------------------------------------------------------------
 */

static void put_row(struct hr_grid *grid, struct hr_str name, uint64_t count)
{
    char number[32];
    snprintf(number, sizeof(number), "%" PRIu64, count);
    hr_grid_row(grid, (struct hr_str[]){name, hr_str(number)});
}

static void print_rules(const struct hr_summary *summary, bool shadow, FILE *file)
{
    const uint64_t *counts = shadow ? summary->shadow : summary->fired;
    fprintf(file, "%s: %" PRIu64 "\n", shadow ? "fired in shadow" : "triggers",
        sum(counts, summary->rules->rule_count));
    hr_ledger_print(&summary->ledger, shadow, file);
}

static void print_names(const char *title, const uint64_t *counts, size_t count,
    struct hr_str (*name)(size_t index), FILE *file)
{
    struct hr_grid grid;
    hr_grid_init(&grid, (const char *const[]){"", ">", NULL});
    for (size_t i = 0; i < count; i++) {
        if (counts[i] > 0) {
            put_row(&grid, name(i), counts[i]);
        }
    }
    fprintf(file, "%s: %" PRIu64 "\n", title, sum(counts, count));
    hr_grid_print(&grid, "  ", file);
    hr_grid_clean_up(&grid);
}

static uint64_t held_by(const struct hr_summary *summary, size_t why)
{
    uint64_t total = 0;
    for (size_t r = 0; r < summary->rules->rule_count; r++) {
        total += why < HR_WHY_COUNT ? summary->held[r][why] : summary->dropped[r];
    }
    return total;
}

static struct hr_str held_name(size_t why)
{
    return hr_str(why < HR_WHY_COUNT ? hr_why_name((enum hr_why)why) : "late_crossing");
}

/* A column for each reason that held something back; late crossings that were dropped are last. */
static void print_held(const struct hr_summary *summary, FILE *file)
{
    size_t reasons[HR_WHY_COUNT + 1], count = 0;
    char headings[HR_WHY_COUNT + 1][24], numbers[HR_WHY_COUNT + 1][24];
    const char *columns[HR_WHY_COUNT + 3] = {"by reason"};
    uint64_t total = 0;
    for (size_t why = 0; why <= HR_WHY_COUNT && count + 1 < HR_GRID_COLUMNS; why++) {
        if (held_by(summary, why) > 0) {
            total += held_by(summary, why);
            snprintf(headings[count], sizeof(headings[count]), ">%s", held_name(why).at);
            columns[count + 1] = headings[count];
            reasons[count++] = why;
        }
    }
    if (count == 0) {
        return;
    }
    struct hr_grid grid;
    hr_grid_init(&grid, columns);
    for (size_t r = 0; r < summary->rules->rule_count; r++) {
        struct hr_str cells[HR_WHY_COUNT + 2] = {summary->rules->rules[r].name};
        uint64_t all = 0;
        for (size_t i = 0; i < count; i++) {
            uint64_t times =
                reasons[i] < HR_WHY_COUNT ? summary->held[r][reasons[i]] : summary->dropped[r];
            snprintf(numbers[i], sizeof(numbers[i]), "%" PRIu64, times);
            cells[i + 1] = times ? hr_str(numbers[i]) : HR_STR(".");
            all += times;
        }
        if (all > 0) {
            hr_grid_row(&grid, cells);
        }
    }
    fprintf(
        file, "held back: %" PRIu64 " (levels beyond that had to wait, once a reason)\n", total);
    hr_grid_print(&grid, "  ", file);
    hr_grid_clean_up(&grid);
}

static struct hr_str verdict_name(size_t verdict)
{
    return hr_str(verdict_names[verdict]);
}

void hr_summary_print(const struct hr_summary *summary, FILE *file)
{
    print_names("events", summary->verdicts, HR_IGNORED + 1, verdict_name, file);
    print_rules(summary, false, file);
    if (sum(summary->shadow, summary->rules->rule_count) > 0) {
        print_rules(summary, true, file);
    }
    if (summary->held_out > 0) {
        fprintf(file, "held out: %" PRIu64 "\n", summary->held_out);
    }
    print_held(summary, file);
    print_names("resolved", summary->resolved, HR_MOVED + 1, resolution_name, file);
    print_names("dead letters", summary->letters, HR_REASON_COUNT, reason_name, file);
    if (!hr_time_is(summary->first, HR_TIME_NONE)) {
        char first[HR_TIME_TEXT], last[HR_TIME_TEXT];
        hr_time_print(summary->first, first);
        hr_time_print(summary->last, last);
        fprintf(file, "from %s to %s\n", first, last);
    }
    fprintf(file, "%.2f s, %" PRIu64 " events a second\n",
        (double)summary->spent_us / (double)HR_SECOND, events_per_second(summary));
}

/* --- for machines ------------------------------------------------------------------------------
 */

static void json_rules(
    const struct hr_summary *summary, const char *key, const uint64_t *counts, struct hr_doc *doc)
{
    hr_doc_open(doc, key, '{');
    for (size_t i = 0; i < summary->rules->rule_count; i++) {
        if (counts[i] > 0) {
            hr_doc_number_of(doc, summary->rules->rules[i].name, (int64_t)counts[i]);
        }
    }
    hr_doc_close(doc, '}');
}

static void json_names(const char *key, const uint64_t *counts, size_t count,
    struct hr_str (*name)(size_t index), struct hr_doc *doc)
{
    hr_doc_open(doc, key, '{');
    for (size_t i = 0; i < count; i++) {
        if (counts[i] > 0) {
            hr_doc_number_of(doc, name(i), (int64_t)counts[i]);
        }
    }
    hr_doc_close(doc, '}');
}

static void json_held(const struct hr_summary *summary, struct hr_doc *doc)
{
    hr_doc_open(doc, "held", '[');
    for (size_t r = 0; r < summary->rules->rule_count; r++) {
        for (size_t why = 0; why <= HR_WHY_COUNT; why++) {
            uint64_t times = why < HR_WHY_COUNT ? summary->held[r][why] : summary->dropped[r];
            if (times == 0) {
                continue;
            }
            hr_doc_open(doc, NULL, '{');
            hr_doc_text(doc, "rule", summary->rules->rules[r].name);
            hr_doc_text(doc, "by", held_name(why));
            hr_doc_number(doc, "times", (int64_t)times);
            hr_doc_close(doc, '}');
        }
    }
    hr_doc_close(doc, ']');
}

void hr_summary_json(const struct hr_summary *summary, struct hr_buffer *buffer)
{
    struct hr_doc doc = {.buffer = buffer};
    hr_doc_open(&doc, NULL, '{');
    hr_doc_number(&doc, "events", (int64_t)summary->events);
    for (size_t i = 0; i <= HR_IGNORED; i++) {
        hr_doc_number(&doc, verdict_names[i], (int64_t)summary->verdicts[i]);
    }
    json_rules(summary, "triggers", summary->fired, &doc);
    json_rules(summary, "shadow", summary->shadow, &doc);
    hr_doc_number(&doc, "held_out", (int64_t)summary->held_out);
    hr_ledger_json(&summary->ledger, "months", &doc);
    json_held(summary, &doc);
    json_names("resolved", summary->resolved, HR_MOVED + 1, resolution_name, &doc);
    json_names("dead_letters", summary->letters, HR_REASON_COUNT, reason_name, &doc);
    hr_doc_number(&doc, "accounts", (int64_t)summary->accounts);
    hr_doc_time(&doc, "first", summary->first);
    hr_doc_time(&doc, "last", summary->last);
    hr_doc_number(&doc, "microseconds", summary->spent_us);
    hr_doc_number(&doc, "events_per_s", (int64_t)events_per_second(summary));
    hr_doc_close(&doc, '}');
    hr_put_u8(buffer, '\n');
}
