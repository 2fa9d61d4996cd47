/* SPDX-License-Identifier: Apache-2.0 */
/* The only file that reads a clock. It stands alone so that everything else about time is pure:
 * a room that must decide alike on every machine gets its moments as parameters. */
#include "headroom/time.h"

#include <time.h>

static int64_t microseconds(clockid_t clock)
{
    struct timespec now;
    /* Cannot fail: both clocks exist on every Linux and the pointer is good. */
    (void)clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * HR_SECOND + now.tv_nsec / 1000;
}

struct hr_time hr_clock_now(void)
{
    return (struct hr_time){microseconds(CLOCK_REALTIME)};
}

int64_t hr_clock_monotonic_us(void)
{
    return microseconds(CLOCK_MONOTONIC);
}
