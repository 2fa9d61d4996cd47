/* SPDX-License-Identifier: Apache-2.0 */
/* Shares with how sure they are: a dot in its interval, a line each, on one scale from 0 to what
 * the longest interval reaches. Beside it, hollow, what it is compared with. Where two intervals
 * overlap, the eye sees it before it reads a word. */
#include "draw.h"

enum { WIDTH = 1030, LEFT = 250, RIGHT = 190, TOP = 6, LINE = 34, BOTTOM = 26 };
enum { WHOLE = HR_PAGE_WHOLE, TICKS = 5 };

/* The scale ends at a round share: 5, 10, 20, 25, 50 or 100%. */
static uint32_t scale_of(const struct hr_page_intervals *intervals)
{
    static const uint32_t ends[] = {WHOLE / 20, WHOLE / 10, WHOLE / 5, WHOLE / 4, WHOLE / 2, WHOLE};
    uint32_t most = 0;
    for (size_t i = 0; i < intervals->row_count; i++) {
        const struct hr_page_interval *row = &intervals->rows[i];
        most = row->measured.known && row->measured.high > most ? row->measured.high : most;
        most = row->beside.known && row->beside.high > most ? row->beside.high : most;
    }
    size_t at = 0;
    while (ends[at] < most && ends[at] < WHOLE) {
        at++;
    }
    return ends[at];
}

static double x_of(uint32_t share, uint32_t scale)
{
    return LEFT + (double)share / (double)scale * (WIDTH - LEFT - RIGHT);
}

static void draw_scale(struct hr_buffer *out, uint32_t scale, int bottom)
{
    for (uint32_t tick = 0; tick <= TICKS; tick++) {
        uint32_t share = scale / TICKS * tick;
        hr_put_printf(out,
            "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/>"
            "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%u%%</text>",
            x_of(share, scale), x_of(share, scale), TOP, bottom, x_of(share, scale), bottom + 18,
            share / (WHOLE / 100));
    }
}

static void draw_share(struct hr_buffer *out, const struct hr_page_share *share, double y,
    uint32_t scale, const char *kind)
{
    if (share->known) {
        hr_put_printf(out,
            "<line class=\"reach %s\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>"
            "<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"5\"/>",
            kind, x_of(share->low, scale), x_of(share->high, scale), y, y, kind,
            x_of(share->at, scale), y);
    }
}

static void draw_row(
    struct hr_buffer *out, const struct hr_page_interval *row, size_t at, uint32_t scale)
{
    double middle = TOP + (double)at * LINE + LINE / 2.0;
    hr_put_printf(out, "<g class=\"hit\"><title>");
    hr_page_put_text(out, row->name);
    hr_page_put(out, ": ");
    hr_page_put_text(out, row->note);
    hr_put_printf(out, "</title><text class=\"name\" x=\"%d\" y=\"%.1f\" text-anchor=\"end\">",
        LEFT - 14, middle + 4);
    hr_page_put_name(out, row->name);
    hr_page_put(out, "</text>");
    draw_share(out, &row->measured, row->beside.known ? middle - 5 : middle, scale, "dot");
    draw_share(out, &row->beside, middle + 6, scale, "hollow");
    hr_put_printf(out, "<text x=\"%d\" y=\"%.1f\">", WIDTH - RIGHT + 14, middle + 4);
    hr_page_put_text(out, row->note);
    hr_page_put(out, "</text></g>");
}

void hr_page_intervals(struct hr_page *page, const struct hr_page_intervals *intervals)
{
    uint32_t scale = scale_of(intervals);
    int bottom = TOP + (int)intervals->row_count * LINE;
    hr_page_figure_begin(page);
    hr_page_svg_begin(page, WIDTH, bottom + BOTTOM, intervals->caption);
    draw_scale(page->out, scale, bottom);
    for (size_t i = 0; i < intervals->row_count; i++) {
        draw_row(page->out, &intervals->rows[i], i, scale);
    }
    hr_page_svg_end(page);
    hr_page_figure_end(page);
}
