/* SPDX-License-Identifier: Apache-2.0 */
/* What cannot be, and what is done should it be all the same:
 *
 *     if (HR_NEVER(slot < 0)) {
 *         return false;
 *     }
 *
 * A comment beside it says who guarantees it. A debug build, which tests and fuzzers run, ends the
 * process there; a release goes the safe way that is written. The coverage build leaves that way
 * out, for no test can go it: it is the one thing that does not count there. The condition itself
 * is evaluated in every build.
 *
 * HR_NEVER_HERE stands where a switch names what no value is: the count behind an enum. */
#ifndef HEADROOM_NEVER_H
#define HEADROOM_NEVER_H

#include <stdbool.h>

#if defined HEADROOM_COVERAGE
#define HR_NEVER(condition) ((void)(condition), false)
#define HR_NEVER_HERE __builtin_unreachable()
#elif defined NDEBUG
#define HR_NEVER(condition) (condition)
#define HR_NEVER_HERE break
#else
#define HR_NEVER(condition) hr_never(condition)
#define HR_NEVER_HERE __builtin_trap()
static inline bool hr_never(bool holds)
{
    if (holds) {
        __builtin_trap();
    }
    return false;
}
#endif

#endif
