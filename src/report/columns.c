/* SPDX-License-Identifier: Apache-2.0 */
/* Stacked columns over a scale of round numbers. */
#include "draw.h"

enum { WIDTH = 1030, HEIGHT = 300, LEFT = 44, TOP = 12, BOTTOM = 26, TICKS = 5 };

/* The least of 1, 2, 5, 10, 20 … of which at most TICKS reach the most. */
static uint64_t step_of(uint64_t most)
{
    static const uint64_t round[] = {1, 2, 5};
    for (uint64_t scale = 1;; scale *= 10) {
        for (size_t i = 0; i < 3; i++) {
            uint64_t step = round[i] * scale;
            if (step * TICKS >= most || scale > UINT64_MAX / 100) {
                return step;
            }
        }
    }
}

static uint64_t most_of(const struct hr_page_columns *columns)
{
    uint64_t most = 1;
    for (size_t i = 0; i < columns->column_count; i++) {
        uint64_t sum = hr_page_sum(columns->series, columns->series_count, i);
        most = sum > most ? sum : most;
    }
    return most;
}

static double height_of(uint64_t count, uint64_t top)
{
    return (double)count / (double)top * (HEIGHT - TOP - BOTTOM);
}

static void draw_scale(struct hr_buffer *out, uint64_t step, uint64_t top)
{
    for (uint64_t at = 0; at <= top; at += step) {
        double y = HEIGHT - BOTTOM - height_of(at, top);
        hr_put_printf(out, "<line%s x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>",
            at ? "" : " class=\"base\"", LEFT, WIDTH, y, y);
        hr_put_printf(out, "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">", LEFT - 8, y + 4);
        hr_page_put_count(out, at);
        hr_page_put(out, "</text>");
    }
}

static void draw_column(
    struct hr_buffer *out, const struct hr_page_columns *columns, size_t at, uint64_t top)
{
    double slot = (double)(WIDTH - LEFT) / (double)columns->column_count;
    double width = slot * 0.78 > 46 ? 46 : slot * 0.78;
    double x = LEFT + slot * (double)at + (slot - width) / 2, y = HEIGHT - BOTTOM;
    for (size_t s = 0; s < columns->series_count; s++) {
        uint64_t count = columns->series[s].values[at];
        if (count == 0) {
            continue;
        }
        double height = height_of(count, top);
        y -= height;
        hr_put_printf(out,
            "<g class=\"hit\"><rect class=\"c%zu\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" "
            "height=\"%.1f\"/>",
            s, x, y, width, height > 1 ? height - 0.6 : height);
        hr_page_hint(out, columns->of, columns->labels[at], columns->series[s].name, count);
        hr_page_put(out, "</g>");
    }
    if (columns->ticks[at].len > 0) {
        hr_put_printf(out, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">",
            LEFT + slot * ((double)at + 0.5), HEIGHT - 6);
        hr_page_put_text(out, columns->ticks[at]);
        hr_page_put(out, "</text>");
    }
}

void hr_page_columns(struct hr_page *page, const struct hr_page_columns *columns)
{
    uint64_t most = most_of(columns), step = step_of(most);
    uint64_t top = (most + step - 1) / step * step;
    hr_page_figure_begin(page);
    hr_page_legend(page->out, columns->series, columns->series_count);
    hr_page_svg_begin(page, WIDTH, HEIGHT, columns->caption);
    draw_scale(page->out, step, top);
    for (size_t i = 0; i < columns->column_count; i++) {
        draw_column(page->out, columns, i, top);
    }
    hr_page_svg_end(page);
    hr_page_figures_as_table(page, columns->of, columns->labels, columns->column_count,
        columns->series, columns->series_count);
    hr_page_figure_end(page);
}
