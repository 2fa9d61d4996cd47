/* SPDX-License-Identifier: Apache-2.0 */
/* Lines for the operator.
 *
 * A line is put together first and written by one write(2), so that lines of several processes on
 * one terminal or pipe do not mix. It must never grow a second line, whatever was formatted into
 * it: a control character that slipped through is written as a space. It never waits for anything,
 * never allocates, and leaves errno as it was, so that it may stand anywhere. */
#include "headroom/log.h"

#include "headroom/time.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#define LONGEST_LINE 2048

static const char *const level_names[] = {
    [HR_DEBUG] = "debug", [HR_INFO] = "info", [HR_WARN] = "warn", [HR_ERROR] = "error"};

void hr_log(const struct hr_log *log, enum hr_level level, const char *format, ...)
{
    if (level < log->least) {
        return;
    }
    int kept_errno = errno;
    char line[LONGEST_LINE], now[HR_TIME_TEXT];
    int64_t us = hr_clock_now().us;
    hr_time_print((struct hr_time){us - us % 1000}, now);
    size_t len = (size_t)snprintf(line, sizeof(line), "%s %s ", now, level_names[level]);

    va_list arguments;
    va_start(arguments, format);
    int wanted = vsnprintf(line + len, sizeof(line) - len, format, arguments);
    va_end(arguments);
    size_t room = sizeof(line) - len - 1; /* the NUL's place is taken by the newline */
    size_t end = len + (wanted < 0 ? 0 : (size_t)wanted < room ? (size_t)wanted : room);
    for (size_t i = len; i < end; i++) {
        if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f) {
            line[i] = ' ';
        }
    }
    line[end] = '\n';
    if (write(log->fd, line, end + 1) < 0) {
        /* There is no other place to say that a line is lost. */
    }
    errno = kept_errno;
}

const char *hr_escape(struct hr_arena *arena, struct hr_str text, size_t most)
{
    static const char hex[] = "0123456789abcdef";
    static const char ellipsis[] = "\xe2\x80\xa6";
    /* Four bytes for one is the worst there is. */
    size_t room = text.len < most / 4 ? text.len * 4 : most;
    char *out = hr_arena_take(arena, room + sizeof(ellipsis));
    size_t len = 0;
    for (size_t i = 0; i < text.len;) {
        uint32_t point;
        size_t size = hr_utf8_read(text.at + i, text.len - i, &point);
        bool plain = size > 0 && !hr_is_hidden(point) && point != '"' && point != '\\';
        size = size ? size : 1;
        if (len + (plain ? size : 4 * size) > room) {
            memcpy(out + len, ellipsis, sizeof(ellipsis));
            return out;
        }
        for (size_t end = i + size; i < end; i++) {
            if (plain) {
                out[len++] = text.at[i];
            } else {
                out[len++] = '\\';
                out[len++] = 'x';
                out[len++] = hex[(uint8_t)text.at[i] >> 4];
                out[len++] = hex[text.at[i] & 15];
            }
        }
    }
    out[len] = '\0';
    return out;
}
