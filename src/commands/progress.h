/* SPDX-License-Identifier: Apache-2.0 */
/* A progress bar on standard error, for what takes longer than a second. */
#ifndef HEADROOM_COMMANDS_PROGRESS_H
#define HEADROOM_COMMANDS_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct hr_progress {
    bool shown, wanted;
    int64_t begun, last; /* monotonic, microseconds */
};

/* Nothing is ever shown unless standard error is a terminal and standard output is not: a bar
 * between results helps nobody. `always` shows it when both are. */
void hr_progress_begin(struct hr_progress *progress, bool always);
/* Cheap; looks at the clock. `total` 0: not known. `count`: events so far. */
void hr_progress_show(struct hr_progress *progress, uint64_t done, uint64_t total, uint64_t count);
void hr_progress_end(struct hr_progress *progress); /* clears its line */

#endif
