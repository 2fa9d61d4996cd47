/* SPDX-License-Identifier: Apache-2.0 */
/* Shows a bar at most five times a second, beginning after the first. */
#include "progress.h"

#include "headroom/time.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#define WIDTH 40
#define EVERY (HR_SECOND / 5)

void hr_progress_begin(struct hr_progress *progress, const char *things, bool always)
{
    progress->things = things;
    progress->shown = false;
    progress->wanted = isatty(STDERR_FILENO) && (always || !isatty(STDOUT_FILENO));
    progress->begun = progress->last = hr_clock_monotonic_us();
}

void hr_progress_show(struct hr_progress *progress, uint64_t done, uint64_t total, uint64_t count)
{
    if (!progress->wanted) {
        return;
    }
    int64_t now = hr_clock_monotonic_us(), since = now - progress->begun;
    if (since < HR_SECOND || now - progress->last < EVERY) {
        return;
    }
    progress->last = now;
    progress->shown = true;
    uint64_t rate = count * (uint64_t)HR_SECOND / (uint64_t)since;
    if (total == 0) {
        fprintf(
            stderr, "\r\033[K%" PRIu64 " %s, %" PRIu64 " a second", count, progress->things, rate);
        return;
    }
    int full = done >= total ? WIDTH : (int)(done * WIDTH / total);
    fprintf(stderr, "\r\033[K[%.*s%*s] %3d%%  %" PRIu64 " %s a second", full,
        "########################################", WIDTH - full, "", full * 100 / WIDTH, rate,
        progress->things);
}

void hr_progress_end(struct hr_progress *progress)
{
    if (progress->shown) {
        fprintf(stderr, "\r\033[K");
    }
}
