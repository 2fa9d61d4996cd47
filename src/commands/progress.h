/* SPDX-License-Identifier: Apache-2.0 */
/* A progress bar on standard error, for what takes longer than a second. */
#ifndef HEADROOM_COMMANDS_PROGRESS_H
#define HEADROOM_COMMANDS_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct hr_progress {
    const char *things; /* what is counted: "events" */
    bool shown, wanted;
    int64_t begun, last; /* monotonic, microseconds */
};

/* Nothing is ever shown unless standard error is a terminal. Where results go to the same terminal
 * meanwhile, a bar between them helps nobody; `always` is for results that come at the end. */
void hr_progress_begin(struct hr_progress *progress, const char *things, bool always);
/* Cheap; looks at the clock. `total` 0: not known. `count`: things so far. */
void hr_progress_show(struct hr_progress *progress, uint64_t done, uint64_t total, uint64_t count);
void hr_progress_end(struct hr_progress *progress); /* clears its line */

#endif
