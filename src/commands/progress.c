/* SPDX-License-Identifier: Apache-2.0 */
/* Shows a bar at most five times a second, beginning after the first. */
#include "progress.h"

#include "headroom/time.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#define WIDTH 40
#define LEFT_TEXT 80
#define EVERY (HR_SECOND / 5)

void hr_progress_begin(struct hr_progress *progress, const char *things, bool always)
{
    progress->things = things;
    progress->shown = false;
    progress->wanted = isatty(STDERR_FILENO) && (always || !isatty(STDOUT_FILENO));
    progress->begun = progress->last = hr_clock_monotonic_us();
}

/* At the pace so far; nothing before a fiftieth is done. */
static void time_left(uint64_t since_us, uint64_t done, uint64_t total, char text[LEFT_TEXT])
{
    text[0] = '\0';
    if (done < total / 50 || done == 0) {
        return;
    }
    double left = (double)since_us / (double)done * (double)(done < total ? total - done : 0);
    uint64_t seconds = (uint64_t)(left / (double)HR_SECOND + 0.5);
    if (seconds >= 3600) {
        snprintf(text, LEFT_TEXT, ", %" PRIu64 " h %02" PRIu64 " min left", seconds / 3600,
            seconds % 3600 / 60);
    } else if (seconds >= 60) {
        snprintf(
            text, LEFT_TEXT, ", %" PRIu64 " min %02" PRIu64 " s left", seconds / 60, seconds % 60);
    } else {
        snprintf(text, LEFT_TEXT, ", %" PRIu64 " s left", seconds);
    }
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
    char left[LEFT_TEXT];
    time_left((uint64_t)since, done, total, left);
    int full = done >= total ? WIDTH : (int)(done * WIDTH / total);
    fprintf(stderr, "\r\033[K[%.*s%*s] %3d%%  %" PRIu64 " %s a second%s", full,
        "########################################", WIDTH - full, "", full * 100 / WIDTH, rate,
        progress->things, left);
}

void hr_progress_end(struct hr_progress *progress)
{
    if (progress->shown) {
        fprintf(stderr, "\r\033[K");
    }
}
