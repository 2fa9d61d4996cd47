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

/* The length of the character at `at` and its code point, by Unicode's table 3-7; 0 when the bytes
 * are not UTF-8. */
static size_t read_utf8(const uint8_t *at, size_t len, uint32_t *point)
{
    if (at[0] < 0x80) {
        *point = at[0];
        return 1;
    }
    static const struct {
        uint8_t mask, lead;
        uint32_t least;
    } forms[] = {{0xe0, 0xc0, 0x80}, {0xf0, 0xe0, 0x800}, {0xf8, 0xf0, 0x10000}};
    for (size_t more = 1; more <= 3; more++) {
        if ((at[0] & forms[more - 1].mask) != forms[more - 1].lead) {
            continue;
        }
        uint32_t value = at[0] & (uint8_t)~forms[more - 1].mask;
        for (size_t i = 1; i <= more; i++) {
            if (i >= len || (at[i] & 0xc0) != 0x80) {
                return 0;
            }
            value = value << 6 | (at[i] & 0x3f);
        }
        bool surrogate = value >= 0xd800 && value <= 0xdfff;
        *point = value;
        return value < forms[more - 1].least || surrogate || value > 0x10ffff ? 0 : more + 1;
    }
    return 0;
}

/* Characters that change how the rest of a line looks, or end it: control characters, the line and
 * paragraph separators, and those that turn the direction of writing. */
static bool is_harmless(uint32_t point)
{
    bool control = point < 0x20 || (point >= 0x7f && point < 0xa0);
    bool separator = point == 0x2028 || point == 0x2029;
    bool direction = (point >= 0x202a && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069);
    return !control && !separator && !direction && point != '"' && point != '\\';
}

const char *hr_escape(struct hr_arena *arena, struct hr_str text, size_t most)
{
    static const char hex[] = "0123456789abcdef";
    static const char ellipsis[] = "\xe2\x80\xa6";
    const uint8_t *bytes = (const uint8_t *)text.at;
    /* Four bytes for one is the worst there is. */
    size_t room = text.len < most / 4 ? text.len * 4 : most;
    char *out = hr_arena_take(arena, room + sizeof(ellipsis));
    size_t len = 0;
    for (size_t i = 0; i < text.len;) {
        uint32_t point;
        size_t size = read_utf8(bytes + i, text.len - i, &point);
        bool plain = size > 0 && is_harmless(point);
        size = size ? size : 1;
        if (len + (plain ? size : 4 * size) > room) {
            memcpy(out + len, ellipsis, sizeof(ellipsis));
            return out;
        }
        for (size_t end = i + size; i < end; i++) {
            if (plain) {
                out[len++] = (char)bytes[i];
            } else {
                out[len++] = '\\';
                out[len++] = 'x';
                out[len++] = hex[bytes[i] >> 4];
                out[len++] = hex[bytes[i] & 15];
            }
        }
    }
    out[len] = '\0';
    return out;
}
