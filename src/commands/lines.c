/* SPDX-License-Identifier: Apache-2.0 */
/* Lines, read in large blocks and never copied: a line is a piece of the block. Only the piece of a
 * line at a block's end is moved to its front before more is read behind it. The buffer grows for a
 * long line up to a bound; beyond it the line's head is all that is kept. */
#include "lines.h"

#include "headroom/log.h"
#include "headroom/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK (1u << 16)
#define HEAD_OF_TOO_LONG 4096

/* Of regular files; anything else has no size before it ends. */
static uint64_t total_bytes(const char *const *files, size_t count)
{
    uint64_t total = 0;
    for (size_t i = 0; i < count; i++) {
        struct stat status;
        if (strcmp(files[i], "-") == 0 || stat(files[i], &status) != 0 ||
            !S_ISREG(status.st_mode)) {
            return 0;
        }
        total += (uint64_t)status.st_size;
    }
    return total;
}

void hr_lines_open(struct hr_lines *lines, const char *const *files, size_t file_count)
{
    *lines = (struct hr_lines){.files = files, .file_count = file_count, .fd = -1, .at_end = true};
    lines->total = total_bytes(files, file_count);
    lines->room = BLOCK;
    lines->buffer = hr_alloc(lines->room);
}

static void close_file(struct hr_lines *lines)
{
    if (lines->fd > STDIN_FILENO) {
        close(lines->fd);
    }
    lines->fd = -1;
}

void hr_lines_close(struct hr_lines *lines)
{
    close_file(lines);
    hr_free(lines->buffer);
}

static enum hr_line failed(struct hr_lines *lines, int reason, struct hr_error *error)
{
    struct hr_arena arena;
    hr_arena_init(&arena);
    (void)hr_fail(error, HR_STOP, "cannot read %s: %s", hr_escape(&arena, hr_str(lines->file), 200),
        strerror(reason));
    hr_arena_clean_up(&arena);
    return HR_LINES_FAILED;
}

static enum hr_line open_next(struct hr_lines *lines, struct hr_error *error)
{
    close_file(lines);
    if (lines->opened == lines->file_count) {
        return HR_LINES_END;
    }
    lines->file = lines->files[lines->opened++];
    lines->number = 0;
    lines->at_end = false;
    lines->fd =
        strcmp(lines->file, "-") == 0 ? STDIN_FILENO : open(lines->file, O_RDONLY | O_CLOEXEC);
    return lines->fd < 0 ? failed(lines, errno, error) : HR_LINE;
}

/* Reads behind what the buffer holds, which is moved to the front first. */
static enum hr_line read_more(struct hr_lines *lines, struct hr_error *error)
{
    size_t held = lines->end - lines->start;
    if (lines->start > 0) {
        memmove(lines->buffer, lines->buffer + lines->start, held);
        lines->start = 0;
        lines->end = held;
    }
    if (held == lines->room) {
        lines->room *= 2;
        lines->buffer = hr_resize(lines->buffer, lines->room);
    }
    ssize_t got;
    do {
        got = read(lines->fd, lines->buffer + held, lines->room - held);
    } while (got < 0 && errno == EINTR);
    if (got < 0) {
        return failed(lines, errno, error);
    }
    lines->at_end = got == 0;
    lines->end += (size_t)got;
    lines->bytes += (uint64_t)got;
    return HR_LINE;
}

/* Passes over the rest of a line of which the buffer's content is a part. */
static enum hr_line skip_rest(struct hr_lines *lines, struct hr_error *error)
{
    const char *newline;
    do {
        lines->start = lines->end = HEAD_OF_TOO_LONG; /* the head stays where it is */
        ssize_t got =
            read(lines->fd, lines->buffer + HEAD_OF_TOO_LONG, lines->room - HEAD_OF_TOO_LONG);
        if (got < 0 && errno == EINTR) {
            got = 0;
        } else if (got < 0) {
            return failed(lines, errno, error);
        } else if (got == 0) {
            lines->at_end = true;
            return HR_LINE_TOO_LONG;
        }
        lines->end += (size_t)got;
        lines->bytes += (uint64_t)got;
        newline = memchr(lines->buffer + lines->start, '\n', (size_t)got);
    } while (!newline);
    lines->start = (size_t)(newline + 1 - lines->buffer);
    return HR_LINE_TOO_LONG;
}

enum hr_line hr_lines_next(struct hr_lines *lines, struct hr_str *line, struct hr_error *error)
{
    size_t searched = 0; /* bytes of this line in which there is no newline */
    for (;;) {
        const char *begin = lines->buffer + lines->start;
        size_t held = lines->end - lines->start;
        const char *newline =
            held > searched ? memchr(begin + searched, '\n', held - searched) : NULL;
        if (newline) {
            *line = (struct hr_str){begin, (size_t)(newline - begin)};
            lines->start += line->len + 1;
            lines->number++;
            return HR_LINE;
        }
        if (lines->at_end) {
            lines->start = lines->end;
            if (held > 0) {
                *line = (struct hr_str){begin, held};
                lines->number++;
                return HR_LINE;
            }
            enum hr_line opened = open_next(lines, error);
            if (opened != HR_LINE) {
                return opened;
            }
            continue;
        }
        if (held >= HR_LONGEST_LINE) {
            memmove(lines->buffer, begin, HEAD_OF_TOO_LONG);
            *line = (struct hr_str){lines->buffer, HEAD_OF_TOO_LONG};
            lines->number++;
            return skip_rest(lines, error);
        }
        searched = held;
        if (read_more(lines, error) != HR_LINE) {
            return HR_LINES_FAILED;
        }
    }
}

enum hr_line hr_lines_some(
    struct hr_lines *lines, struct hr_str *some, size_t most, size_t *count, struct hr_error *error)
{
    enum hr_line first = hr_lines_next(lines, some, error);
    *count = first == HR_LINE || first == HR_LINE_TOO_LONG;
    while (first == HR_LINE && *count < most && lines->start < lines->end) {
        const char *begin = lines->buffer + lines->start;
        const char *newline = memchr(begin, '\n', lines->end - lines->start);
        if (!newline) {
            break;
        }
        some[(*count)++] = (struct hr_str){begin, (size_t)(newline - begin)};
        lines->start += (size_t)(newline + 1 - begin);
        lines->number++;
    }
    return first;
}
