/* SPDX-License-Identifier: Apache-2.0 */
/* Tables for people: plain columns, two spaces between, no lines to draw, so that awk and eyes both
 * find their way. Width is counted in characters, not bytes. */
#include "print.h"

#include "headroom/log.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define LONGEST_CELL 400

const char *hr_printable(struct hr_arena *arena, struct hr_str text, size_t most)
{
    const char *escaped = hr_escape(arena, text, most);
    size_t len = strlen(escaped), to = 0;
    char *out = hr_arena_take(arena, len + 1);
    for (size_t i = 0; i <= len;) { /* every backslash of hr_escape begins \xHH */
        bool quote = strncmp(escaped + i, "\\x22", 4) == 0;
        bool backslash = strncmp(escaped + i, "\\x5c", 4) == 0;
        out[to++] = quote ? '"' : escaped[i];
        i += quote || backslash ? 4 : 1;
    }
    return out;
}

static size_t width_of(const char *text)
{
    size_t width = 0;
    for (; *text; text++) {
        width += ((unsigned char)*text & 0xc0) != 0x80;
    }
    return width;
}

static void widen(struct hr_grid *grid, size_t column, const char *text)
{
    size_t width = width_of(text);
    if (width > grid->widths[column]) {
        grid->widths[column] = width;
    }
}

static const char *heading_text(const char *heading)
{
    return heading + (heading[0] == '>');
}

void hr_grid_init(struct hr_grid *grid, const char *const *headings)
{
    memset(grid, 0, sizeof(*grid));
    hr_arena_init(&grid->arena);
    while (grid->columns < HR_GRID_COLUMNS && headings[grid->columns]) {
        grid->headings[grid->columns] = headings[grid->columns];
        widen(grid, grid->columns, heading_text(headings[grid->columns]));
        grid->columns++;
    }
}

void hr_grid_row(struct hr_grid *grid, const struct hr_str *cells)
{
    if (grid->rows == grid->room) {
        grid->room = grid->room ? 2 * grid->room : 32;
        grid->cells = hr_resize(grid->cells, grid->room * grid->columns * sizeof(*grid->cells));
    }
    for (size_t i = 0; i < grid->columns; i++) {
        const char *cell = hr_printable(&grid->arena, cells[i], LONGEST_CELL);
        grid->cells[grid->rows * grid->columns + i] = cell;
        widen(grid, i, cell);
    }
    grid->rows++;
}

/* Nothing is printed behind the last cell that has something in it. */
static void print_line(
    const struct hr_grid *grid, const char *const *cells, const char *indent, FILE *file)
{
    size_t used = grid->columns;
    while (used > 0 && cells[used - 1][0] == '\0') {
        used--;
    }
    fputs(indent, file);
    for (size_t i = 0; i < used; i++) {
        int padding = (int)(grid->widths[i] - width_of(cells[i]));
        bool right = grid->headings[i][0] == '>';
        fprintf(file, "%s%*s%s%*s", i ? "  " : "", right ? padding : 0, "", cells[i],
            right || i + 1 == used ? 0 : padding, "");
    }
    fputc('\n', file);
}

void hr_grid_print(const struct hr_grid *grid, const char *indent, FILE *file)
{
    const char *headings[HR_GRID_COLUMNS];
    bool any = false;
    for (size_t i = 0; i < grid->columns; i++) {
        headings[i] = heading_text(grid->headings[i]);
        any |= headings[i][0] != '\0';
    }
    if (any) {
        print_line(grid, headings, indent, file);
    }
    for (size_t row = 0; row < grid->rows; row++) {
        print_line(grid, grid->cells + row * grid->columns, indent, file);
    }
}

void hr_grid_clean_up(struct hr_grid *grid)
{
    hr_free(grid->cells);
    hr_arena_clean_up(&grid->arena);
}

enum hr_fate hr_write_all(int fd, struct hr_str bytes, struct hr_error *error)
{
    while (bytes.len > 0) {
        ssize_t written = write(fd, bytes.at, bytes.len);
        if (written < 0 && errno != EINTR) {
            return hr_fail(error, HR_STOP, "cannot write: %s", strerror(errno));
        }
        if (written > 0) {
            bytes.at += written;
            bytes.len -= (size_t)written;
        }
    }
    return HR_OK;
}

void hr_put_out(struct hr_str bytes)
{
    if (bytes.len > 0) { /* nothing may be nowhere */
        fwrite(bytes.at, 1, bytes.len, stdout);
    }
}

struct hr_str hr_level_shown(struct hr_arena *arena, struct hr_str level)
{
    const size_t unit = strlen("pct");
    if (level.len <= unit || memcmp(level.at + level.len - unit, "pct", unit) != 0) {
        return level;
    }
    return hr_arena_printf(arena, "%.*s%%", (int)(level.len - unit), level.at);
}
