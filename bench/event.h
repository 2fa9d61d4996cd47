/* SPDX-License-Identifier: Apache-2.0 */
/* The event of the benches: CloudEvents JSON of exactly 267 bytes. Account i gets every ACCOUNTS-th
 * event; the first HEAVY accounts use ten calls at a time, the others one, so that how many
 * triggers there must be follows by hand. */
#ifndef HEADROOM_BENCH_EVENT_H
#define HEADROOM_BENCH_EVENT_H

#include <time.h>

#define EVENT_BYTES 267

/* `text` ends with NUL, which does not count. */
void write_event(
    char text[EVENT_BYTES + 1], long number, long accounts, long heavy, time_t time_of_event);

#endif
