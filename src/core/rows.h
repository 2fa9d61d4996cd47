/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of a description share (describe.c, describe_dossier.c). */
#ifndef HEADROOM_CORE_ROWS_H
#define HEADROOM_CORE_ROWS_H

#include "headroom/describe.h"

#include "state.h"

struct hr_rows {
    struct hr_arena *arena;
    struct hr_row *at;
    size_t count, room;
};

void hr_row_add(struct hr_rows *rows, const char *section, struct hr_str name, struct hr_str value,
    struct hr_str detail);
/* Empty for NONE and NEVER. */
struct hr_str hr_row_time(struct hr_rows *rows, struct hr_time time);
struct hr_str hr_row_day(struct hr_rows *rows, int64_t day);
/* "word TEXT", or nothing when the text is empty. */
struct hr_str hr_row_said(struct hr_rows *rows, const char *word, struct hr_str text);
/* Both with `between`, or the one that is not empty. */
struct hr_str hr_row_join(
    struct hr_rows *rows, struct hr_str a, const char *between, struct hr_str b);

/* describe_dossier.c */
void hr_describe_dossier(struct hr_rows *rows, const struct hr_account *account);
/* describe_revenue.c */
void hr_describe_revenue(struct hr_rows *rows, const struct hr_account *account);

#endif
