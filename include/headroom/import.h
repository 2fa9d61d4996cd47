/* SPDX-License-Identifier: Apache-2.0 */
/* Accounts that a CRM or billing system already has, as account events: a table (CSV after RFC
 * 4180) or lines of JSON objects, whose columns or members are the fields of EVENTS.md.
 *
 * One line is one account, or one of its subscriptions. What it says of a contract becomes
 * subscription.updated (with `ends_at` subscription.cancelled), all else account.updated. Ids are
 * made from what is said, so that the same line is the same event whenever it is sent, and a line
 * that was changed is another. */
#ifndef HEADROOM_IMPORT_H
#define HEADROOM_IMPORT_H

#include "headroom/memory.h"
#include "headroom/str.h"
#include "headroom/time.h"

#include <stdbool.h>
#include <stdint.h>

struct hr_import_settings {
    struct hr_str text;  /* the whole file; outlives the importer, as all here */
    bool table;          /* CSV; else a JSON object a line */
    char separator;      /* between cells */
    struct hr_time time; /* of events whose line says none; HR_TIME_NONE: when they arrive */
    const struct hr_str *attributes; /* names that are taken though they look like a known one */
    size_t attribute_count;
    const struct hr_zones *zones;
};

struct hr_import_fault {
    struct hr_str column; /* empty: the line as a whole */
    struct hr_str text;   /* one escaped clause */
};

#define HR_IMPORT_EVENTS 2 /* that a line can become */

struct hr_import_row {
    uint64_t line; /* from 1: where it begins */
    struct hr_str account;
    struct hr_str events[HR_IMPORT_EVENTS]; /* CloudEvents */
    size_t event_count;
    const struct hr_import_fault *faults; /* of a line with any nothing is to be sent */
    size_t fault_count;
};

struct hr_importer;
struct hr_importer *hr_importer_new(const struct hr_import_settings *settings);
void hr_importer_destroy(struct hr_importer *importer);
/* The next line that says something; what it points to is in the arena and the text. False: there
 * is none. A header that cannot be used is the only row. */
HR_MUST bool hr_importer_next(
    struct hr_importer *importer, struct hr_arena *arena, struct hr_import_row *row);
uint64_t hr_importer_bytes(const struct hr_importer *importer); /* read so far, for progress */

#endif
