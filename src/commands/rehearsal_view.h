/* SPDX-License-Identifier: Apache-2.0 */
/* A rule set's rehearsal, prepared for the page (rehearsal_page.c) and its pictures
 * (rehearsal_pictures.c). */
#ifndef HEADROOM_COMMANDS_REHEARSAL_VIEW_H
#define HEADROOM_COMMANDS_REHEARSAL_VIEW_H

#include "headroom/page.h"
#include "rehearsal_page.h"

/* A rule with a colour of its own: of both rule sets the ones of that name. */
struct hr_shown {
    struct hr_str name;
    int rule; /* of the view's rule set; -1: it has none of that name */
    uint64_t total;
};

/* One rule set, prepared. */
struct hr_view {
    const struct hr_rehearsal_page *about;
    size_t side;
    const struct hr_summary *summary;
    const struct hr_rules *rules;
    struct hr_arena *arena;
    struct hr_page *page;
    struct hr_shown *shown; /* live rules that fired, in either rule set, most first */
    size_t shown_count, series_count;
    uint64_t total;
    const struct hr_ledger_account **accounts;
    size_t account_count; /* told at least once */
};

/* "A: what it is" where there are two rule sets, else as it is. */
struct hr_str hr_view_title(const struct hr_view *view, const char *title);
/* "5 Oct 2026". */
struct hr_str hr_view_day(struct hr_arena *arena, int64_t day);
static inline const char *hr_plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

/* Sections with a picture each; of a rule set that fired. */
void hr_view_over_time(const struct hr_view *view);
void hr_view_most_approached(const struct hr_view *view);
void hr_view_heat(const struct hr_view *view);
void hr_view_segments(const struct hr_view *view);

#endif
