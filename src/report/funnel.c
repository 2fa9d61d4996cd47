/* SPDX-License-Identifier: Apache-2.0 */
/* A funnel: a bar a stage, centred, as wide as it counts, joined to the next by what is lost. */
#include "draw.h"

enum { WIDTH = 1030, LEFT = 190, RIGHT = 190, LINE = 58, BAR = 34 };

static double width_of(uint64_t count, uint64_t most)
{
    return (double)count / (double)most * (WIDTH - LEFT - RIGHT);
}

/* The slope from one bar to the next. */
static void draw_slope(struct hr_buffer *out, double y, double from, double to)
{
    const double middle = LEFT + (WIDTH - LEFT - RIGHT) / 2.0;
    hr_put_printf(out,
        "<polygon class=\"slope\" points=\"%.1f,%.1f %.1f,%.1f %.1f,%.1f %.1f,%.1f\"/>",
        middle - from / 2, y + BAR, middle + from / 2, y + BAR, middle + to / 2, y + LINE,
        middle - to / 2, y + LINE);
}

static void draw_stage(
    struct hr_buffer *out, const struct hr_page_funnel *funnel, size_t at, uint64_t most)
{
    double width = width_of(funnel->values[at], most), y = (double)at * LINE;
    double x = LEFT + (WIDTH - LEFT - RIGHT - width) / 2;
    if (at + 1 < funnel->stage_count) {
        draw_slope(out, y, width, width_of(funnel->values[at + 1], most));
    }
    hr_put_printf(out,
        "<g class=\"hit\"><rect class=\"c0\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" "
        "height=\"%d\"/>",
        x, y, width > 1 ? width : 1, BAR);
    hr_page_hint(out, HR_STR(""), funnel->labels[at], funnel->of, funnel->values[at]);
    hr_put_printf(out, "</g><text class=\"name\" x=\"%d\" y=\"%.1f\" text-anchor=\"end\">",
        LEFT - 14, y + 22);
    hr_page_put_text(out, funnel->labels[at]);
    hr_put_printf(
        out, "</text><text class=\"total\" x=\"%d\" y=\"%.1f\">", WIDTH - RIGHT + 14, y + 16);
    hr_page_put_count(out, funnel->values[at]);
    hr_put_printf(out, "</text><text x=\"%d\" y=\"%.1f\">", WIDTH - RIGHT + 14, y + 32);
    hr_page_put_text(out, funnel->notes[at]);
    hr_page_put(out, "</text>");
}

void hr_page_funnel(struct hr_page *page, const struct hr_page_funnel *funnel)
{
    uint64_t most = 1;
    for (size_t i = 0; i < funnel->stage_count; i++) {
        most = funnel->values[i] > most ? funnel->values[i] : most;
    }
    hr_page_figure_begin(page);
    hr_page_svg_begin(page, WIDTH, (int)funnel->stage_count * LINE - LINE + BAR, funnel->caption);
    for (size_t i = 0; i < funnel->stage_count; i++) {
        draw_stage(page->out, funnel, i, most);
    }
    hr_page_svg_end(page);
    hr_page_figure_end(page);
}
