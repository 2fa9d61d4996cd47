/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the table: lines into cases and steps. Nothing is executed here and nothing is guessed: a
 * line that is not of the language ends the reading with its place. */
#include "table.h"

#include <stdlib.h>
#include <string.h>

struct reader {
    struct table *table;
    const char *file;
    unsigned line;
    enum { IN_NOTHING, IN_GIVEN, IN_MATRIX, IN_NO_MEANING, IN_CASE } in;
    struct hr_time now; /* of the step before */
    bool bad;
};

void *table_append(struct hr_arena *arena, void *array, size_t *count, size_t size)
{
    size_t used = *count * size;
    /* Room for a power of two: an array is copied when its count reaches one. */
    if ((*count & (*count - 1)) == 0) {
        void *more = hr_arena_zeroed(arena, (*count ? 2 * used : size));
        if (used) {
            memcpy(more, array, used);
        }
        array = more;
    }
    ++*count;
    return array;
}

static void complain(struct reader *reader, const char *text, const char *about)
{
    fprintf(stderr, "%s:%u: %s: %s\n", reader->file, reader->line, text, about);
    reader->bad = true;
}

static char *keep(struct reader *reader, const char *text)
{
    return (char *)hr_arena_copy(&reader->table->arena, hr_str(text)).at;
}

static char *trim(char *text)
{
    text += strspn(text, " ");
    for (size_t len = strlen(text); len > 0 && text[len - 1] == ' '; len--) {
        text[len - 1] = '\0';
    }
    return text;
}

/* Cuts the text at the first separator; what follows it, or NULL. */
static char *cut(char *text, const char *separator)
{
    char *at = strstr(text, separator);
    if (!at) {
        return NULL;
    }
    *at = '\0';
    return at + strlen(separator);
}

/* --- moments ---------------------------------------------------------------------------------- */

static bool is_date(const char *text)
{
    return strlen(text) >= 10 && text[4] == '-' && text[7] == '-';
}

static bool is_clock(const char *text)
{
    return strlen(text) >= 5 && text[2] == ':' && strspn(text, "0123456789") == 2;
}

char *moment_parse(char *text, struct hr_time near, struct hr_time *time)
{
    char date[HR_TIME_TEXT], clock[24] = "00:00:00", whole[64];
    bool dated = is_date(text);
    hr_time_print(near, date);
    if (dated) {
        snprintf(date, sizeof date, "%.10s", text);
        text += 10;
        text += strspn(text, " ");
    }
    size_t len = 0;
    if (is_clock(text)) {
        len = strcspn(text, " ");
        snprintf(
            clock, sizeof clock, "%.*s%s", (int)(len < 16 ? len : 16), text, len == 5 ? ":00" : "");
    } else if (!dated) {
        return NULL;
    }
    snprintf(whole, sizeof whole, "%.10sT%sZ", date, clock);
    return hr_time_parse(hr_str(whole), time) ? text + len + strspn(text + len, " ") : NULL;
}

/* " at 2026-03-01 23:00" at the end of a step: when what arrives now happened. */
static void take_event_time(struct reader *reader, char *text, struct step *step)
{
    char *at = NULL;
    for (char *next = text; (next = strstr(next, " at ")); next += 4) {
        at = next;
    }
    step->event_time = HR_TIME_NONE;
    if (!at) {
        return;
    }
    char *rest = moment_parse(at + 4, step->time, &step->event_time);
    if (!rest || *rest) {
        complain(reader, "not a time", at + 4);
    }
    *at = '\0';
}

/* --- steps ------------------------------------------------------------------------------------ */

static void read_step(struct reader *reader, struct table_case *one, char *text)
{
    struct table *table = reader->table;
    one->steps = table_append(&table->arena, one->steps, &one->step_count, sizeof *one->steps);
    struct step *step = &one->steps[one->step_count - 1];
    char *expected = cut(text, "->");
    text = trim(text);
    step->line = reader->line;
    step->account = ACCOUNT;
    step->time = hr_time_plus(reader->now, HR_MINUTE);
    if (is_date(text) || is_clock(text)) {
        char *rest = moment_parse(text, reader->now, &step->time);
        if (!rest) {
            complain(reader, "not a time", text);
            return;
        }
        text = rest;
    } else if (reader->now.us == 0) {
        complain(reader, "the first step of a case says when", text);
    }
    reader->now = step->time;
    text = trim(text);
    step->written = keep(reader, text);
    if (text[0] == '@') {
        char *rest = cut(text, " ");
        step->account = keep(reader, text + 1);
        text = rest ? rest : text + strlen(text);
    }
    text = keep(reader, text);
    take_event_time(reader, text, step);
    step->words = text;
    if (expected && !expected_parse(table, reader->line, trim(expected), step->time, step)) {
        complain(reader, "not an expectation", expected);
    }
}

/* Steps on one line are told apart by a bar; a line that begins with an arrow goes on. */
static void read_steps(struct reader *reader, struct table_case *one, char *text)
{
    if (strncmp(text, "->", 2) == 0) {
        struct step *last = one->step_count ? &one->steps[one->step_count - 1] : NULL;
        if (!last ||
            !expected_parse(reader->table, reader->line, trim(text + 2), last->time, last)) {
            complain(reader, "not an expectation", text);
        }
        return;
    }
    for (char *next; text; text = next) {
        next = cut(text, " | ");
        read_step(reader, one, text);
    }
}

/* --- cases ------------------------------------------------------------------------------------ */

static void read_rule(struct reader *reader, struct table_case *one, char *text)
{
    char *definition = cut(text, ":");
    if (!definition) {
        complain(reader, "not NAME: {…}", text);
        return;
    }
    one->rules =
        table_append(&reader->table->arena, one->rules, &one->rule_count, sizeof *one->rules);
    one->rules[one->rule_count - 1] =
        (struct rule_line){keep(reader, trim(text)), keep(reader, trim(definition))};
}

static struct cell read_cell(struct reader *reader, char *text)
{
    char *column = cut(text, "/");
    struct cell cell = {keep(reader, trim(text)), column ? keep(reader, trim(column)) : NULL};
    if (!column) {
        complain(reader, "not ROW/COLUMN", text);
    }
    return cell;
}

/* case CELL[, CELL…]: what it shows (sentence sentence …) */
static void begin_case(struct reader *reader, char *text)
{
    struct table *table = reader->table;
    table->cases =
        table_append(&table->arena, table->cases, &table->case_count, sizeof *table->cases);
    struct table_case *one = &table->cases[table->case_count - 1];
    one->line = reader->line;
    reader->now = (struct hr_time){0};
    reader->in = IN_CASE;
    char *sentences = strrchr(text, '('), *name = cut(text, ": ");
    if (!sentences || !name || sentences < name) {
        complain(reader, "not CELLS: NAME (SENTENCES)", text);
        return;
    }
    *sentences++ = '\0';
    cut(sentences, ")");
    one->name = keep(reader, trim(name));
    for (char *word = strtok(sentences, " "); word; word = strtok(NULL, " ")) {
        one->sentences = table_append(
            &table->arena, one->sentences, &one->sentence_count, sizeof *one->sentences);
        one->sentences[one->sentence_count - 1] = keep(reader, word);
    }
    for (char *next, *cell = trim(text); cell && strcmp(cell, "-") != 0; cell = next) {
        next = cut(cell, ",");
        one->cells = table_append(&table->arena, one->cells, &one->cell_count, sizeof *one->cells);
        one->cells[one->cell_count - 1] = read_cell(reader, cell);
    }
}

static void read_case_line(struct reader *reader, char *text)
{
    struct table *table = reader->table;
    struct table_case *one = &table->cases[table->case_count - 1];
    if (strncmp(text, "rule ", 5) == 0) {
        read_rule(reader, one, text + 5);
    } else if (strncmp(text, "with ", 5) == 0) {
        one->with = table_append(&table->arena, one->with, &one->with_count, sizeof *one->with);
        one->with[one->with_count - 1] = keep(reader, trim(text + 5));
    } else {
        read_steps(reader, one, text);
    }
}

/* --- the head --------------------------------------------------------------------------------- */

static void read_given(struct reader *reader, char *line)
{
    struct table *table = reader->table;
    if (line[2] != ' ') { /* a key of the top level; deeper lines belong to it */
        table->given =
            table_append(&table->arena, table->given, &table->given_count, sizeof *table->given);
        table->given[table->given_count - 1] = keep(reader, line + 2);
    } else if (table->given_count > 0) {
        const char **last = &table->given[table->given_count - 1];
        *last = hr_arena_printf(&table->arena, "%s\n%s", *last, line + 2).at;
    } else {
        complain(reader, "no key above it", line);
    }
}

static void read_names(struct reader *reader, char *text, const char ***names, size_t *count)
{
    for (char *next; text; text = next) {
        next = cut(text, ",");
        *names = table_append(&reader->table->arena, *names, count, sizeof **names);
        (*names)[*count - 1] = keep(reader, trim(text));
    }
}

static void read_matrix(struct reader *reader, char *text)
{
    struct table *table = reader->table;
    if (strncmp(text, "down:", 5) == 0) {
        read_names(reader, text + 5, &table->rows, &table->row_count);
    } else if (strncmp(text, "across:", 7) == 0) {
        read_names(reader, text + 7, &table->columns, &table->column_count);
    } else {
        complain(reader, "neither down: nor across:", text);
    }
}

static void read_reason(struct reader *reader, char *text)
{
    struct table *table = reader->table;
    char *why = cut(text, ": ");
    if (!why) {
        complain(reader, "not CELLS: WHY", text);
        return;
    }
    why = keep(reader, trim(why));
    for (char *next; text; text = next) {
        next = cut(text, ",");
        table->reasons = table_append(
            &table->arena, table->reasons, &table->reason_count, sizeof *table->reasons);
        table->reasons[table->reason_count - 1] =
            (struct reason){reader->line, read_cell(reader, text), why};
    }
}

static void read_line(struct reader *reader, char *line)
{
    if (line[0] == '#' || line[strspn(line, " ")] == '\0') {
        return;
    }
    if (strncmp(line, "case ", 5) == 0) {
        begin_case(reader, line + 5);
    } else if (strcmp(line, "given") == 0) {
        reader->in = IN_GIVEN;
    } else if (strcmp(line, "matrix") == 0) {
        reader->in = IN_MATRIX;
    } else if (strcmp(line, "no meaning") == 0) {
        reader->in = IN_NO_MEANING;
    } else if (strncmp(line, "  ", 2) != 0 || reader->in == IN_NOTHING) {
        complain(reader, "not a line of the table", line);
    } else if (reader->in == IN_GIVEN) {
        read_given(reader, line);
    } else if (reader->in == IN_MATRIX) {
        read_matrix(reader, trim(line));
    } else if (reader->in == IN_NO_MEANING) {
        read_reason(reader, trim(line));
    } else {
        read_case_line(reader, trim(line));
    }
}

/* NAME  The sentence.   and below it, deeper:   elsewhere: why, and what shows it */
static void read_sentence(struct reader *reader, char *line)
{
    struct table *table = reader->table;
    if (line[0] == '#' || line[0] == '\0') {
        return;
    }
    struct sentence *last =
        table->sentence_count ? &table->sentences[table->sentence_count - 1] : NULL;
    if (line[0] == ' ') {
        char *text = trim(line);
        if (!last) {
            complain(reader, "no sentence above it", text);
        } else if (strncmp(text, "elsewhere: ", 11) == 0) {
            last->elsewhere = keep(reader, text + 11);
        } else if (last->elsewhere) {
            last->elsewhere = hr_arena_printf(&table->arena, "%s %s", last->elsewhere, text).at;
        } else {
            last->text = hr_arena_printf(&table->arena, "%s %s", last->text, text).at;
        }
        return;
    }
    char *text = cut(line, " ");
    if (!text) {
        complain(reader, "a name without a sentence", line);
        return;
    }
    table->sentences = table_append(
        &table->arena, table->sentences, &table->sentence_count, sizeof *table->sentences);
    table->sentences[table->sentence_count - 1] = (struct sentence){
        .line = reader->line, .name = keep(reader, line), .text = keep(reader, trim(text))};
}

static bool read_file(
    struct table *table, const char *file, void (*take)(struct reader *reader, char *line))
{
    struct reader reader = {.table = table, .file = file};
    char line[1024];
    FILE *in = fopen(file, "r");
    if (!in) {
        perror(file);
        return false;
    }
    while (fgets(line, sizeof line, in)) {
        line[strcspn(line, "\n")] = '\0';
        reader.line++;
        take(&reader, line);
    }
    fclose(in);
    return !reader.bad;
}

bool table_read(struct table *table, const char *crossings, const char *sentences)
{
    *table = (struct table){.file = crossings};
    hr_arena_init(&table->arena);
    bool fine = read_file(table, crossings, read_line);
    return read_file(table, sentences, read_sentence) && fine;
}

void table_clean_up(struct table *table)
{
    hr_arena_clean_up(&table->arena);
}
