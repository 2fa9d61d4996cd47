/* SPDX-License-Identifier: Apache-2.0 */
/* The table of crossings as it was read, and what is asked of it. What its lines mean is said at
 * the top of crossings.table; sentences.txt holds the sentences that its cases name.
 *
 * Everything lives in the table's arena: strings are terminated and never freed one by one. */
#ifndef TEST_TABLE_H
#define TEST_TABLE_H

#include "headroom/memory.h"
#include "headroom/time.h"
#include "headroom/trigger.h"

#include <stdio.h>

/* What a step is expected to bring, or brought. Absent words are NULL. */
struct expected {
    unsigned line;
    const char *what; /* fired, resolved, held, or a verdict: dead, duplicate, ignored */
    const char *rule, *level, *why;    /* why: cause, resolution, reason */
    const char *account;               /* default: the one that every case is about */
    const char *value, *meter, *limit; /* checked where written, as are */
    const char *previous, *number, *episode, *id;
    const char *plan, *to, *owner, *playbook; /* what is advised; "none" without one */
    struct hr_time at;                        /* moment of the decision; NONE: not checked */
    bool late, shadow;
};

struct step {
    unsigned line;
    struct hr_time time, event_time; /* event_time NONE: the step's own */
    const char *written;             /* the step's own words, without time and expectations */
    const char *account;
    const char *words; /* written without account and event time */
    struct expected *expected;
    size_t expected_count;
};

struct rule_line {
    const char *name, *text;
};

struct cell {
    const char *row, *column;
};

struct table_case {
    unsigned line;
    const char *name;
    struct cell *cells;
    size_t cell_count;
    const char **sentences;
    size_t sentence_count;
    const char **with; /* configuration in place of the given one: "time: {lateness: 7d}" */
    size_t with_count;
    struct rule_line *rules;
    size_t rule_count;
    struct step *steps;
    size_t step_count;
    size_t step_room;
};

struct sentence {
    unsigned line;
    const char *name, *text;
    const char *elsewhere; /* why no case can show it, and what does; NULL: cases show it */
    size_t shown;          /* by how many cases */
};

struct reason {
    unsigned line;
    struct cell cell;
    const char *text;
};

struct table {
    struct hr_arena arena;
    const char *file;
    const char **given; /* configuration of all cases, a key of the top level each */
    size_t given_count;
    const char **rows, **columns; /* of the matrix */
    size_t row_count, column_count;
    struct reason *reasons; /* cells without meaning */
    size_t reason_count;
    struct table_case *cases;
    size_t case_count;
    struct sentence *sentences;
    size_t sentence_count;
};

#define ACCOUNT "acme" /* of whom every case is, unless a step says otherwise */

/* Reads both files. False: what was wrong, with its place, is on standard error. */
bool table_read(struct table *table, const char *crossings, const char *sentences);
void table_clean_up(struct table *table);

/* Appends to an array of the arena. */
void *table_append(struct hr_arena *arena, void *array, size_t *count, size_t size);

/* Parses what stands behind the arrow. NULL and a message: not the table's language. */
bool expected_parse(
    struct table *table, unsigned line, char *text, struct hr_time near, struct step *step);
/* DATE [TIME] or TIME, UTC; a missing date is that of `near`. Returns what follows it, or NULL. */
char *moment_parse(char *text, struct hr_time near, struct hr_time *time);

/* A trigger in the table's words. */
struct expected expected_of(const struct hr_trigger *trigger, struct hr_arena *arena);
struct expected expected_of_held(const struct hr_held *held, struct hr_arena *arena);
/* True when `got` is what was expected, in all that was written. */
bool expected_is(const struct expected *expected, const struct expected *got);
/* One line; `whole` with value, number and moment. */
const char *expected_print(
    const struct expected *expected, bool whole, bool with_rule, struct hr_arena *arena);

/* How a case is played. What follows may not depend on it. */
enum mode {
    MODE_PLAIN,
    MODE_TICKED,
    MODE_UNTICKED,
    MODE_CUT,
    MODE_RESTARTED,
    MODE_SIMULATED,
    MODES
};
const char *mode_name(enum mode mode);

/* Plays one case in every mode and prints on standard output where it went another way than it
 * says; false then. */
bool case_holds(const struct table *table, const struct table_case *one, struct hr_zones *zones);

/* Are all cells and sentences covered? Prints a test line each for matrix and sentences. */
unsigned coverage_check(struct table *table, unsigned first);
void matrix_print(const struct table *table);

#endif
