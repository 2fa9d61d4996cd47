/* SPDX-License-Identifier: Apache-2.0 */
/* The other end of hr_failpoint. It keeps a mapping of its own, as nothing of it is in a release.
 *
 * What is to happen is written by another process: first which fate, then how often to count down.
 * Only this process counts. */
#include "headroom/failpoint.h"

#ifdef HEADROOM_FAILPOINTS

#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { FATE_KILL = 1, FATE_STOP, FATE_ERROR };

struct cell { /* tests/fault/points.py knows it, too */
    _Atomic uint32_t reached, left, fate, hit;
};

static const struct {
    const char *name, *error;
} steps[] = {
#define STEP(name, error) {#name, error},
    HR_FAILPOINTS(STEP)
#undef STEP
};

static struct cell *map_cells(void)
{
    const char *path = getenv("HEADROOM_FAILPOINTS");
    int file = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (file < 0)
        return NULL;
    void *at = mmap(NULL, sizeof steps / sizeof *steps * sizeof(struct cell),
        PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    return at == MAP_FAILED ? NULL : at;
}

enum hr_fate hr_failpoint(enum hr_failpoint step, struct hr_error *error)
{
    static struct cell *cells;
    static bool looked;
    if (!looked)
        cells = map_cells();
    looked = true;
    if (!cells)
        return HR_OK;
    struct cell *cell = &cells[step];
    atomic_fetch_add(&cell->reached, 1);
    if (!atomic_load(&cell->left) || atomic_fetch_sub(&cell->left, 1) != 1)
        return HR_OK;
    atomic_fetch_add(&cell->hit, 1);
    fprintf(stderr, "failpoint %s reached\n", steps[step].name);
    switch (atomic_load(&cell->fate)) {
    case FATE_KILL:
        kill(getpid(), SIGKILL);
        break;
    case FATE_STOP:
        kill(getpid(), SIGSTOP);
        break;
    case FATE_ERROR:
        return hr_fail(error, HR_RETRY, "failpoint %s: %s", steps[step].name, steps[step].error);
    }
    return HR_OK;
}

#else

typedef int hr_no_failpoints; /* a translation unit may not be empty */

#endif
