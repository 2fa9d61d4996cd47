/* SPDX-License-Identifier: Apache-2.0 */
/* The other end of hr_failpoint. It may keep a counter of its own, as nothing of it is in a
 * release. */
#include "headroom/failpoint.h"

#ifdef HEADROOM_FAILPOINTS

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void hr_failpoint(const char *name)
{
    static unsigned long reached;
    const char *wanted = getenv("HEADROOM_FAILPOINT");
    size_t len = strlen(name);
    if (!wanted || strncmp(wanted, name, len) != 0 || wanted[len] != ':')
        return;
    char *rest;
    if (++reached != strtoul(wanted + len + 1, &rest, 10))
        return;
    fprintf(stderr, "failpoint %s reached\n", name);
    kill(getpid(), strcmp(rest, ":stop") == 0 ? SIGSTOP : SIGKILL);
}

#else

typedef int hr_no_failpoints; /* a translation unit may not be empty */

#endif
