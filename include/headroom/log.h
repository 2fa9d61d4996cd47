/* SPDX-License-Identifier: Apache-2.0 */
/* Lines for the operator, on standard error: `2026-11-22T09:14:03.120Z warn message`. Untrusted
 * text reaches a line only through hr_escape. A core function never logs. */
#ifndef HEADROOM_LOG_H
#define HEADROOM_LOG_H

#include "headroom/error.h"
#include "headroom/memory.h"
#include "headroom/str.h"

enum hr_level { HR_DEBUG, HR_INFO, HR_WARN, HR_ERROR };

/* A log is passed to whoever speaks; there is no global one. */
struct hr_log {
    enum hr_level least;
    int fd;
};
/* Cut at 2 KiB; a control character is written as a space. */
void hr_log(const struct hr_log *log, enum hr_level level, const char *format, ...) HR_PRINTF(3, 4);
/* Printable form of untrusted bytes: control characters, quotes, backslashes, invalid UTF-8 and
 * Unicode's line separators and direction marks as \xHH. Cut between characters so that no more
 * than `most` bytes are left, with "…" behind. Lives in the arena. */
const char *hr_escape(struct hr_arena *arena, struct hr_str text, size_t most);

#endif
