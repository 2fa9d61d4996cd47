/* SPDX-License-Identifier: Apache-2.0 */
/* A heat map is a table, so that it can be read aloud and copied: only its colours are a picture.
 * The scale is half of square roots: a few high counts must not make all others look alike. */
#include "draw.h"

static uint64_t most_of(const struct hr_page_heat *heat)
{
    uint64_t most = 1;
    for (size_t i = 0; i < heat->row_count * heat->column_count; i++) {
        most = heat->values[i] > most ? heat->values[i] : most;
    }
    return most;
}

static void put_cell(struct hr_buffer *out, uint64_t count, uint64_t most)
{
    if (count == 0) {
        hr_page_put(out, "<td class=\"none\"></td>");
        return;
    }
    double share = (double)count / (double)most, root = 0;
    while (root < 1 && root * root < share) {
        root += 0.01;
    }
    double depth = 0.10 + 0.45 * root + 0.45 * share;
    hr_put_printf(out, "<td%s style=\"background:rgba(var(--heat),%.2f)\">",
        depth > 0.75 ? " class=\"hot\"" : "", depth);
    hr_page_put_count(out, count);
    hr_page_put(out, "</td>");
}

void hr_page_heat(struct hr_page *page, const struct hr_page_heat *heat)
{
    struct hr_buffer *out = page->out;
    uint64_t most = most_of(heat);
    hr_page_figure_begin(page);
    hr_page_put(out, "<div class=\"scroll\"><table class=\"heat\" aria-label=\"");
    hr_page_put_text(out, heat->caption);
    hr_page_put(out, "\"><thead><tr><th scope=\"col\">");
    hr_page_put_text(out, heat->of);
    hr_page_put(out, "</th>");
    for (size_t c = 0; c < heat->column_count; c++) {
        hr_page_put(out, "<th scope=\"col\"><span>");
        hr_page_put_text(out, heat->columns[c]);
        hr_page_put(out, "</span></th>");
    }
    hr_page_put(out, "</tr></thead><tbody>");
    for (size_t r = 0; r < heat->row_count; r++) {
        hr_page_put(out, "<tr><th scope=\"row\">");
        hr_page_put_text(out, heat->rows[r]);
        if (heat->notes[r].len > 0) {
            hr_page_put(out, " <small>");
            hr_page_put_text(out, heat->notes[r]);
            hr_page_put(out, "</small>");
        }
        hr_page_put(out, "</th>");
        for (size_t c = 0; c < heat->column_count; c++) {
            put_cell(out, heat->values[r * heat->column_count + c], most);
        }
        hr_page_put(out, "</tr>");
    }
    hr_page_put(out, "</tbody></table></div>");
    hr_page_figure_end(page);
}
