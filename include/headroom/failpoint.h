/* SPDX-License-Identifier: Apache-2.0 */
/* Named places at which a test ends or stops the process, so that a fault hits exactly what it is
 * meant to hit. HEADROOM_FAILPOINT=NAME:COUNT[:stop] in the environment: the COUNT-th time that
 * NAME is reached the process says so on standard error and gets SIGKILL (or SIGSTOP). Releases are
 * built without: a place is then no code at all. */
#ifndef HEADROOM_FAILPOINT_H
#define HEADROOM_FAILPOINT_H

#ifdef HEADROOM_FAILPOINTS
void hr_failpoint(const char *name);
#else
#define hr_failpoint(name) ((void)0)
#endif

#endif
