/* SPDX-License-Identifier: Apache-2.0 */
/* Writes the file that `headroom simulate` and DuckDB are asked about, to standard output.
 *
 *   bench_simulate EVENTS ACCOUNTS HEAVY
 *
 * The events of the drain bench, spread evenly over the first 27 days of a month, one a line. Every
 * hundredth event is sent once more, ten thousand events later: who counts it twice gets other
 * answers. */
#include "event.h"

#include <stdio.h>
#include <stdlib.h>

#define MONTH 1772323200 /* 2026-03-01T00:00:00Z */
#define SPREAD (27 * 86400L)
#define REPEAT_EVERY 100
#define REPEAT_AFTER 10000

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: bench_simulate EVENTS ACCOUNTS HEAVY\n");
        return 2;
    }
    long events = atol(argv[1]), accounts = atol(argv[2]), heavy = atol(argv[3]);
    char text[EVENT_BYTES + 1];
    for (long i = 0; i < events; i++) {
        write_event(text, i, accounts, heavy, (time_t)(MONTH + i * SPREAD / events));
        puts(text);
        long sent = i - REPEAT_AFTER;
        if (sent >= 0 && sent % REPEAT_EVERY == 0) {
            write_event(text, sent, accounts, heavy, (time_t)(MONTH + sent * SPREAD / events));
            puts(text);
        }
    }
    return fflush(stdout) || ferror(stdout);
}
