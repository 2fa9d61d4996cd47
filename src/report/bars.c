/* SPDX-License-Identifier: Apache-2.0 */
/* Stacked bars, a line each, with their name before and their total behind. */
#include "draw.h"

enum { WIDTH = 1030, LEFT = 230, RIGHT = 230, LINE = 27, BAR = 17 };

static uint64_t most_of(const struct hr_page_bars *bars)
{
    uint64_t most = 1;
    for (size_t i = 0; i < bars->bar_count; i++) {
        uint64_t sum = hr_page_sum(bars->series, bars->series_count, i);
        most = sum > most ? sum : most;
    }
    return most;
}

static void draw_bar(
    struct hr_buffer *out, const struct hr_page_bars *bars, size_t at, uint64_t most)
{
    double x = LEFT, y = (double)at * LINE + 4;
    hr_put_printf(
        out, "<text class=\"name\" x=\"%d\" y=\"%.1f\" text-anchor=\"end\">", LEFT - 10, y + 13);
    hr_page_put_name(out, bars->labels[at]);
    hr_page_put(out, "</text>");
    for (size_t s = 0; s < bars->series_count; s++) {
        uint64_t count = bars->series[s].values[at];
        double width = (double)count / (double)most * (WIDTH - LEFT - RIGHT);
        if (count == 0) {
            continue;
        }
        hr_put_printf(out,
            "<g class=\"hit\"><rect class=\"c%zu\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" "
            "height=\"%d\"/>",
            s, x, y, width > 1 ? width - 0.8 : width, BAR);
        hr_page_hint(out, bars->of, bars->labels[at], bars->series[s].name, count);
        hr_page_put(out, "</g>");
        x += width;
    }
    hr_put_printf(out, "<text class=\"total\" x=\"%.1f\" y=\"%.1f\">", x + 8, y + 13);
    size_t before = out->len;
    hr_page_put_count(out, hr_page_sum(bars->series, bars->series_count, at));
    size_t digits = out->len - before;
    hr_page_put(out, "</text>");
    if (bars->notes[at].len > 0) {
        hr_put_printf(out, "<text x=\"%.1f\" y=\"%.1f\">", x + 20 + 8 * (double)digits, y + 13);
        hr_page_put_text(out, bars->notes[at]);
        hr_page_put(out, "</text>");
    }
}

void hr_page_bars(struct hr_page *page, const struct hr_page_bars *bars)
{
    uint64_t most = most_of(bars);
    hr_page_figure_begin(page);
    hr_page_legend(page->out, bars->series, bars->series_count);
    hr_page_svg_begin(page, WIDTH, (int)bars->bar_count * LINE + 4, bars->caption);
    for (size_t i = 0; i < bars->bar_count; i++) {
        draw_bar(page->out, bars, i, most);
    }
    hr_page_svg_end(page);
    hr_page_figures_as_table(
        page, bars->of, bars->labels, bars->bar_count, bars->series, bars->series_count);
    hr_page_figure_end(page);
}
