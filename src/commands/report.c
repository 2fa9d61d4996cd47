/* SPDX-License-Identifier: Apache-2.0 */
/* `headroom report NAME`: what came of it, from the books of all partitions and the accounts as
 * they are. It only reads Redis; `run` goes on meanwhile, and each partition's time says how far it
 * was. `simulate --report NAME` asks the same of what it played. */
#include "report_read.h"

#include "report_played.h"

#include "configuration.h"
#include "options.h"
#include "print.h"

#include "headroom/log.h"

#include <stdio.h>

struct kind {
    const char *name;
    hr_report_make *make;
    bool present;        /* it asks what accounts are now */
    const char *mixed;   /* why it cannot be asked of one segment; NULL: it can */
    enum hr_book book;   /* without a row of it there is nothing to tell; HR_BOOK_COUNT: none */
    const char *missing; /* what such a row is made from */
};

struct inquiry {
    const struct hr_command *command;
    const struct kind *kind;
    const char *config_file, *from, *to, *segment, *html;
    bool json, csv;
    int32_t first, last; /* months */
};

/* --- months -------------------------------------------------------------------------------------
 */

enum { MONTHS_SHOWN = 12 };

static bool read_month(const struct inquiry *inquiry, const char *option, const char *text,
    int32_t *month, int *status)
{
    if (text && !hr_month_parse(hr_str(text), month)) {
        struct hr_arena arena;
        hr_arena_init(&arena);
        *status = hr_misuse(inquiry->command, "--%s: \"%s\" is not a month such as 2026-01", option,
            hr_escape(&arena, hr_str(text), 100));
        hr_arena_clean_up(&arena);
        return false;
    }
    return true;
}

/* The last twelve, this one included, unless others are asked for. */
static bool read_months(
    struct inquiry *inquiry, const struct hr_zone *zone, struct hr_time now, int *status)
{
    inquiry->last = hr_month_of(zone, now);
    if (!read_month(inquiry, "to", inquiry->to, &inquiry->last, status)) {
        return false;
    }
    inquiry->first = inquiry->last - MONTHS_SHOWN + 1;
    if (!read_month(inquiry, "from", inquiry->from, &inquiry->first, status)) {
        return false;
    }
    if (inquiry->first > inquiry->last) {
        *status = hr_misuse(inquiry->command, "--from is after --to");
        return false;
    }
    return true;
}

/* --- what there is to tell ----------------------------------------------------------------------
 */

/* The months of a book; false when it has none. */
static bool months_of(
    const struct hr_books *books, enum hr_book book, int32_t *first, int32_t *last)
{
    struct hr_books_position position = {0};
    struct hr_books_row row;
    bool any = false;
    while (hr_books_next(books, &position, &row)) {
        if (row.book == book && row.month != HR_MONTH_BEFORE) {
            *first = any && *first < row.month ? *first : row.month;
            *last = any && *last > row.month ? *last : row.month;
            any = true;
        }
    }
    return any;
}

/* False after it has been said what is missing. Revenue goes on, so that a month without a change
 * is told; of all else only what happened. */
static bool has_something(const struct inquiry *inquiry, const struct hr_report_facts *facts)
{
    int32_t first = 0, last = 0;
    enum hr_book book = inquiry->kind->book;
    if (book == HR_BOOK_COUNT && facts->present->accounts == 0) {
        hr_say(inquiry->command, facts->segment.len > 0 ? "there is no account in that segment"
                                                        : "there is no account yet");
        return false;
    }
    if (book == HR_BOOK_COUNT) {
        return true;
    }
    if (!months_of(facts->books, book, &first, &last)) {
        hr_say(inquiry->command, "there is no history yet: it begins with the first %s",
            inquiry->kind->missing);
        return false;
    }
    if (first > facts->to || (last < facts->from && book != HR_BOOK_REVENUE)) {
        char from[HR_TIME_TEXT], to[HR_TIME_TEXT];
        hr_say(inquiry->command, "there is nothing in these months; the history is of %.*s to %.*s",
            (int)hr_month_print(first, from), from, (int)hr_month_print(last, to), to);
        return false;
    }
    return true;
}

static bool knows_segment(const struct inquiry *inquiry, const struct hr_report_facts *facts)
{
    struct hr_arena arena;
    struct hr_str *labels;
    bool known = facts->segment.len == 0 || inquiry->kind->book != HR_BOOK_REVENUE;
    hr_arena_init(&arena);
    size_t count = hr_report_labels(facts, HR_BOOK_REVENUE, &arena, &labels);
    for (size_t i = 0; i < count; i++) {
        known |= hr_str_equal(labels[i], facts->segment);
    }
    if (!known) {
        hr_say(inquiry->command, "no revenue was booked under a segment \"%s\"",
            hr_escape(&arena, facts->segment, 100));
    }
    hr_arena_clean_up(&arena);
    return known;
}

/* --- out ----------------------------------------------------------------------------------------
 */

static int put_sheet(const struct inquiry *inquiry, const struct hr_sheet *sheet)
{
    struct hr_buffer buffer = {0};
    int status = HR_EXIT_DONE;
    if (inquiry->html) {
        hr_sheet_as_page(sheet, &buffer);
        status = hr_write_file(inquiry->command, inquiry->html, hr_buffer_str(&buffer));
        hr_buffer_clear(&buffer);
    }
    if (inquiry->json) {
        hr_sheet_as_json(sheet, &buffer);
    } else if (inquiry->csv) {
        hr_sheet_as_csv(sheet, &buffer);
    } else if (!inquiry->html) {
        hr_sheet_as_text(sheet, stdout);
    }
    hr_put_out(hr_buffer_str(&buffer));
    hr_buffer_clean_up(&buffer);
    return status;
}

static void note_unrated(const struct hr_report_facts *facts, struct hr_sheet *sheet)
{
    struct hr_str *labels, list = HR_STR("");
    size_t count = hr_report_labels(facts, HR_BOOK_UNRATED, sheet->arena, &labels);
    for (size_t i = 0; i < count; i++) {
        list = i == 0 ? labels[i] : hr_arena_join(sheet->arena, list, ", ", labels[i]);
    }
    if (count > 0) {
        hr_sheet_note(sheet,
            hr_arena_printf(sheet->arena,
                "Amounts in %.*s are not in these figures: money.rates has no rate for them.",
                (int)list.len, list.at));
    }
}

static int tell(const struct inquiry *inquiry, const struct hr_config *config,
    struct hr_report_reading *reading)
{
    const struct hr_report_facts facts = {.rules = reading->rules,
        .settings = &config->reports,
        .books = reading->books,
        .present = &reading->present,
        .from = inquiry->first,
        .to = inquiry->last,
        .segment = reading->segment};
    if (!has_something(inquiry, &facts) || !knows_segment(inquiry, &facts)) {
        return HR_EXIT_FAILED;
    }
    struct hr_sheet sheet;
    hr_sheet_init(&sheet, &reading->arena);
    sheet.report = inquiry->kind->name;
    sheet.from = hr_report_month(&reading->arena, facts.from);
    sheet.to = hr_report_month(&reading->arena, facts.to);
    sheet.segment = facts.segment;
    memcpy(sheet.currency, facts.rules->currency, sizeof(sheet.currency));
    sheet.as_of = reading->as_of;
    sheet.as_of_count = reading->homes;
    inquiry->kind->make(&facts, &sheet);
    note_unrated(&facts, &sheet);
    return put_sheet(inquiry, &sheet);
}

static int inquire(void *context, const struct hr_config *config, const struct hr_zones *zones)
{
    struct inquiry *inquiry = context;
    struct hr_stored stored;
    struct hr_error error;
    int status = HR_EXIT_FAILED;
    if (hr_stored_open(config, zones, &stored, &error) != HR_OK) {
        hr_say(inquiry->command, "%s", error.text);
        return status;
    }
    const struct hr_rules *rules =
        hr_manifest_copy_rules(&stored.manifest, stored.manifest.epoch); /* known: it was opened */
    if (read_months(inquiry, rules->zone, hr_clock_now(), &status)) {
        struct hr_report_reading reading = {.stored = &stored,
            .rules = rules,
            .from = hr_month_start(rules->zone, inquiry->first),
            .to = hr_month_start(rules->zone, inquiry->last + 1),
            .segment = inquiry->segment ? hr_str(inquiry->segment) : HR_STR(""),
            .with_accounts = inquiry->kind->present};
        if (hr_report_read(&reading, &error) == HR_OK) {
            status = tell(inquiry, config, &reading);
        } else {
            hr_say(inquiry->command, "%s", error.text);
        }
        hr_report_reading_clean_up(&reading);
    }
    hr_stored_close(&stored);
    return status;
}

/* --- the commands -------------------------------------------------------------------------------
 */

static int run(const struct hr_command *command, const struct kind *kind, int argc, char **argv)
{
    struct inquiry inquiry = {.command = command, .kind = kind, .config_file = HR_DEFAULT_CONFIG};
    const struct hr_option options[] = {
        HR_OPTION_CONFIG(inquiry.config_file),
        {.name = "from",
            .value = "MONTH",
            .text = &inquiry.from,
            .help = "the first month, such as 2026-01 (default: twelve months in all)"},
        {.name = "to",
            .value = "MONTH",
            .text = &inquiry.to,
            .help = "the last month (default this one)"},
        HR_OPTION_JSON(inquiry.json),
        {.name = "csv", .flag = &inquiry.csv, .help = "for table programs: CSV"},
        {.name = "html",
            .value = "FILE",
            .text = &inquiry.html,
            .help = "a page with pictures, to be passed on"},
        {.name = "segment",
            .value = "NAME",
            .text = &inquiry.segment,
            .help = "of the accounts of one segment (retention and breadth)"},
    };
    int status;
    if (!hr_read_only_options(
            command, options, sizeof(options) / sizeof(options[0]), argc, argv, &status)) {
        return status;
    }
    if (inquiry.segment && kind->mixed) {
        return hr_misuse(command,
            "--segment: %s; `report retention` and `report breadth` can be "
            "asked of one segment",
            kind->mixed);
    }
    if (inquiry.json && inquiry.csv) {
        return hr_misuse(command, "--json or --csv, not both");
    }
    return hr_with_config(command, inquiry.config_file, inquire, &inquiry);
}

#define DEAL_EVENT "opportunity.stage_changed event"
#define DEALS_ARE_MIXED "deals are booked by kind and stage, not by segment"

enum report { FUNNEL, CONVERSION, RETENTION, BREADTH, DASHBOARD, LIFT, REPORTS };
static const struct kind kinds[REPORTS] = {
    [FUNNEL] = {"funnel", hr_report_funnel, true, DEALS_ARE_MIXED, HR_BOOK_STAGES, DEAL_EVENT},
    [CONVERSION] = {"conversion", hr_report_conversion, false, DEALS_ARE_MIXED, HR_BOOK_DEALS,
        DEAL_EVENT " that says closed_won or closed_lost"},
    [RETENTION] = {"retention", hr_report_retention, false, NULL, HR_BOOK_REVENUE,
        "subscription.* event that says an mrr"},
    [BREADTH] = {"breadth", hr_report_breadth, true, NULL, HR_BOOK_COUNT, ""},
    [DASHBOARD] = {"dashboard", hr_report_dashboard, true,
        DEALS_ARE_MIXED ", and they are a part of it", HR_BOOK_COUNT, ""},
    [LIFT] = {"lift", hr_report_lift, false,
        "triggers are booked by one thing at a time, and its table \"By segment\" is what is known",
        HR_BOOK_FIRES, "trigger"},
};

static int run_funnel(const struct hr_command *command, int argc, char **argv)
{
    return run(command, &kinds[FUNNEL], argc, argv);
}

static int run_conversion(const struct hr_command *command, int argc, char **argv)
{
    return run(command, &kinds[CONVERSION], argc, argv);
}

static int run_retention(const struct hr_command *command, int argc, char **argv)
{
    return run(command, &kinds[RETENTION], argc, argv);
}

static int run_breadth(const struct hr_command *command, int argc, char **argv)
{
    return run(command, &kinds[BREADTH], argc, argv);
}

static int run_dashboard(const struct hr_command *command, int argc, char **argv)
{
    return run(command, &kinds[DASHBOARD], argc, argv);
}

static int run_lift(const struct hr_command *command, int argc, char **argv)
{
    return run(command, &kinds[LIFT], argc, argv);
}

static const struct hr_command commands[] = {
    {"report funnel", "", "How many deals reach each stage, and what the open ones are worth",
        "headroom report funnel --html funnel.html", run_funnel},
    {"report conversion", "", "How many deals are won, how fast, and at what cost",
        "headroom report conversion --from 2026-01 --to 2026-03", run_conversion},
    {"report retention", "", "What became of recurring revenue, by month and by segment",
        "headroom report retention --segment startup --html retention.html", run_retention},
    {"report breadth", "", "How many products customers own and use",
        "headroom report breadth --json", run_breadth},
    {"report dashboard", "", "The figures of growth beside their targets",
        "headroom report dashboard --html dashboard.html", run_dashboard},
    {"report lift", "", "What works: conversion of triggers by all that is known of them",
        "headroom report lift --csv", run_lift},
};

int hr_command_report(const struct hr_command *command, int argc, char **argv)
{
    return hr_dispatch_below(command, commands, sizeof(commands) / sizeof(commands[0]), argc, argv);
}

/* --- of a simulation ----------------------------------------------------------------------------
 */

static const struct kind *kind_named(const char *name)
{
    for (size_t i = 0; i < REPORTS; i++) {
        if (strcmp(kinds[i].name, name) == 0) {
            return &kinds[i];
        }
    }
    return NULL;
}

bool hr_report_is_named(const char *name)
{
    return kind_named(name) != NULL;
}

static void add_present(void *context, const struct hr_account_now *now)
{
    hr_present_add(context, now);
}

int hr_report_played(const struct hr_command *command, const char *name, bool json,
    const struct hr_config *config, struct hr_playback *playback)
{
    struct inquiry inquiry = {.command = command, .kind = kind_named(name), .json = json};
    const struct hr_rules *rules = config->rules;
    struct hr_time now = hr_playback_summary(playback)->last;
    int status = HR_EXIT_FAILED;
    if (hr_time_is(now, HR_TIME_NONE)) {
        hr_say(command, "nothing came that a report could be about");
        return status;
    }
    if (read_months(&inquiry, rules->zone, now, &status)) {
        struct hr_report_reading reading = {.rules = rules,
            .from = hr_month_start(rules->zone, inquiry.first),
            .to = hr_month_start(rules->zone, inquiry.last + 1)};
        hr_report_reading_begin(&reading, 1);
        reading.as_of[0] = (struct hr_as_of){0, now};
        hr_books_merge(reading.books, hr_playback_books(playback));
        hr_playback_walk(playback, add_present, &reading);
        status = tell(&inquiry, config, &reading);
        hr_report_reading_clean_up(&reading);
    }
    return status;
}
