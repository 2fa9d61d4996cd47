/* SPDX-License-Identifier: Apache-2.0 */
/* Errors are values, grouped by what the caller does about them, not by where they came from.
 *
 * A function that can fail returns an hr_fate and writes one sentence into the caller's hr_error;
 * a function that cannot fail is void. Running out of memory is not an error value: see memory.h.
 */
#ifndef HEADROOM_ERROR_H
#define HEADROOM_ERROR_H

#include <stddef.h>

#define HR_MUST __attribute__((warn_unused_result))
#define HR_PRINTF(text, first) __attribute__((format(printf, text, first)))

enum hr_fate {
    HR_OK = 0,
    HR_RETRY,  /* the other side is away or busy: the same call may go well later */
    HR_REJECT, /* the input is bad: a dead letter, or a configuration error; going on is right */
    HR_REFUSE, /* this partition must not go on; the others may */
    HR_STOP,   /* the process must not go on */
};

#define HR_ERROR_TEXT 512

struct hr_error {
    enum hr_fate fate;
    char text[HR_ERROR_TEXT]; /* one sentence, no newline, untrusted bytes already escaped */
};

/* Formats into error->text (cut at its size) and returns fate, so that `return hr_fail(…)` reads.
 * error->text may itself be an argument: that is how a caller puts words before a deeper error. */
enum hr_fate hr_fail(struct hr_error *error, enum hr_fate fate, const char *format, ...)
    HR_PRINTF(3, 4);

#endif
