/* SPDX-License-Identifier: Apache-2.0 */
/* What a rehearsal came to, as a page to be sent around. */
#ifndef HEADROOM_COMMANDS_REHEARSAL_PAGE_H
#define HEADROOM_COMMANDS_REHEARSAL_PAGE_H

#include "summary.h"
#include "versus.h"

struct hr_rehearsal_page {
    const char *names[2];                  /* files of the rule sets */
    const struct hr_summary *summaries[2]; /* with ledgers by account */
    size_t count;                          /* of rule sets */
    const struct hr_versus *versus;        /* of two; finished */
};

/* Appends the page. */
void hr_rehearsal_page(const struct hr_rehearsal_page *about, struct hr_buffer *out);

#endif
