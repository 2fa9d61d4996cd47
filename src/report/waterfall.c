/* SPDX-License-Identifier: Apache-2.0 */
/* A waterfall: from one total to another, step by step. Totals stand on the ground, what comes or
 * goes hangs where it happens. A total is drawn where the steps before it led, so that a picture
 * whose steps do not add up cannot look as if they did. */
#include "draw.h"

enum { WIDTH = 1030, HEIGHT = 300, LEFT = 20, RIGHT = 20, TOP = 24, BOTTOM = 30 };

struct span {
    int64_t low, high;
};

/* From where to where the step goes; `level` is what stood before it and becomes what stands after.
 */
static struct span span_of(const struct hr_page_step *step, int64_t *level)
{
    int64_t before = *level, after = step->total ? step->amount : before + step->amount;
    *level = after;
    before = step->total ? 0 : before;
    return before < after ? (struct span){before, after} : (struct span){after, before};
}

static struct span reach_of(const struct hr_page_waterfall *waterfall)
{
    struct span reach = {0, 1};
    int64_t level = 0;
    for (size_t i = 0; i < waterfall->step_count; i++) {
        struct span span = span_of(&waterfall->steps[i], &level);
        reach.low = span.low < reach.low ? span.low : reach.low;
        reach.high = span.high > reach.high ? span.high : reach.high;
    }
    return reach;
}

static double y_of(int64_t value, struct span reach)
{
    double share = ((double)value - (double)reach.low) / ((double)reach.high - (double)reach.low);
    return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM);
}

static void draw_step(struct hr_buffer *out, const struct hr_page_step *step, double slot,
    size_t at, struct span span, struct span reach)
{
    double width = slot * 0.62, x = LEFT + slot * (double)at + (slot - width) / 2;
    double top = y_of(span.high, reach), height = y_of(span.low, reach) - top;
    hr_put_printf(out,
        "<g class=\"hit\"><rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" "
        "height=\"%.1f\"/><title>",
        step->total        ? "c0"
        : step->amount < 0 ? "c3"
                           : "c2",
        x, top, width, height > 1 ? height : 1);
    hr_page_put_text(out, step->label);
    hr_page_put(out, ": ");
    hr_page_put_text(out, step->shown);
    hr_put_printf(out,
        "</title></g><text class=\"total\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">",
        x + width / 2, top - 7);
    hr_page_put_text(out, step->shown);
    hr_put_printf(out, "</text><text class=\"name\" x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">",
        x + width / 2, HEIGHT - 8);
    hr_page_put_text(out, step->label);
    hr_page_put(out, "</text>");
}

void hr_page_waterfall(struct hr_page *page, const struct hr_page_waterfall *waterfall)
{
    struct span reach = reach_of(waterfall);
    double slot = (double)(WIDTH - LEFT - RIGHT) / (double)waterfall->step_count;
    double ground = y_of(0, reach);
    int64_t level = 0;
    hr_page_figure_begin(page);
    hr_page_svg_begin(page, WIDTH, HEIGHT, waterfall->caption);
    hr_put_printf(page->out, "<line class=\"base\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>",
        LEFT, WIDTH - RIGHT, ground, ground);
    for (size_t i = 0; i < waterfall->step_count; i++) {
        struct span span = span_of(&waterfall->steps[i], &level);
        draw_step(page->out, &waterfall->steps[i], slot, i, span, reach);
    }
    hr_page_svg_end(page);
    hr_page_figure_end(page);
}
