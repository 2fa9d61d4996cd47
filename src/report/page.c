/* SPDX-License-Identifier: Apache-2.0 */
/* The page around the pictures: head, sections, figures, tables. A policy in the head forbids the
 * browser whatever the page does not need, which is everything but its own style: should a hole
 * ever be found in the escaping, no script would run through it. */
#include "draw.h"

void hr_page_begin(
    struct hr_page *page, struct hr_buffer *out, struct hr_str title, struct hr_str lead)
{
    *page = (struct hr_page){.out = out};
    hr_page_put(out, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                     "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                     "style-src 'unsafe-inline'\">"
                     "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
                     "<meta name=\"referrer\" content=\"no-referrer\"><title>");
    hr_page_put_text(out, title);
    hr_page_put(out, "</title>");
    hr_page_style(out);
    hr_page_put(out, "</head>\n<body><main><header><h1>");
    hr_page_put_text(out, title);
    hr_page_put(out, "</h1><p>");
    hr_page_put_text(out, lead);
    hr_page_put(out, "</p></header>\n");
}

static void close_section(struct hr_page *page)
{
    if (page->section) {
        hr_page_put(page->out, "</section>\n");
    }
    page->section = false;
}

void hr_page_end(struct hr_page *page, struct hr_str foot)
{
    close_section(page);
    hr_page_put(page->out, "<footer>");
    hr_page_put_text(page->out, foot);
    hr_page_put(page->out, "</footer></main></body></html>\n");
}

void hr_page_section(struct hr_page *page, struct hr_str title, struct hr_str lead)
{
    close_section(page);
    page->section = true;
    hr_page_put(page->out, "<section><h2>");
    hr_page_put_text(page->out, title);
    hr_page_put(page->out, "</h2>");
    hr_page_paragraph(page, lead);
}

void hr_page_paragraph(struct hr_page *page, struct hr_str text)
{
    if (text.len > 0) {
        hr_page_put(page->out, "<p>");
        hr_page_put_text(page->out, text);
        hr_page_put(page->out, "</p>");
    }
}

void hr_page_figures(struct hr_page *page, const struct hr_page_figure *figures, size_t count)
{
    close_section(page);
    hr_page_put(page->out, "<div class=\"figures\">");
    for (size_t i = 0; i < count; i++) {
        hr_page_put(page->out, "<div><b>");
        hr_page_put_text(page->out, figures[i].value);
        hr_page_put(page->out, "</b><span>");
        hr_page_put_text(page->out, figures[i].label);
        hr_page_put(page->out, "</span><small>");
        hr_page_put_text(page->out, figures[i].note);
        hr_page_put(page->out, "</small></div>");
    }
    hr_page_put(page->out, "</div>\n");
}

/* --- tables ------------------------------------------------------------------------------------
 */

static bool is_right(struct hr_str heading)
{
    return heading.len > 0 && heading.at[0] == '>';
}

static void put_cell(
    struct hr_buffer *out, const char *tag, const char *scope, bool right, struct hr_str text)
{
    hr_put_printf(out, "<%s%s%s>", tag, scope, right ? " class=\"r\"" : "");
    hr_page_put_text(out, text);
    hr_put_printf(out, "</%s>", tag);
}

void hr_page_table_begin(struct hr_page *page, const struct hr_str *headings, size_t columns)
{
    hr_page_put(page->out, "<div class=\"scroll\"><table><thead><tr>");
    for (size_t i = 0; i < columns; i++) {
        bool right = is_right(headings[i]);
        put_cell(page->out, "th", " scope=\"col\"", right,
            (struct hr_str){headings[i].at + right, headings[i].len - right});
    }
    hr_page_put(page->out, "</tr></thead><tbody>");
}

void hr_page_table_row(
    struct hr_page *page, const struct hr_str *headings, const struct hr_str *cells, size_t columns)
{
    hr_page_put(page->out, "<tr>");
    for (size_t i = 0; i < columns; i++) {
        put_cell(page->out, "td", "", is_right(headings[i]), cells[i]);
    }
    hr_page_put(page->out, "</tr>");
}

void hr_page_table_end(struct hr_page *page)
{
    hr_page_put(page->out, "</tbody></table></div>");
}

/* --- what pictures share ------------------------------------------------------------------------
 */

void hr_page_figure_begin(struct hr_page *page)
{
    page->pictures++;
    hr_page_put(page->out, "<figure>");
}

void hr_page_figure_end(struct hr_page *page)
{
    hr_page_put(page->out, "</figure>");
}

void hr_page_svg_begin(struct hr_page *page, int width, int height, struct hr_str caption)
{
    hr_put_printf(page->out,
        "<div class=\"scroll\"><svg viewBox=\"0 0 %d %d\" role=\"img\" "
        "aria-labelledby=\"picture%u\">"
        "<title id=\"picture%u\">",
        width, height, page->pictures, page->pictures);
    hr_page_put_text(page->out, caption);
    hr_page_put(page->out, "</title>");
}

void hr_page_svg_end(struct hr_page *page)
{
    hr_page_put(page->out, "</svg></div>");
}

void hr_page_legend(struct hr_buffer *out, const struct hr_page_series *series, size_t series_count)
{
    hr_page_put(out, "<ul class=\"legend\">");
    for (size_t s = 0; s < series_count; s++) {
        hr_put_printf(out, "<li><i class=\"c%zu\"></i>", s);
        hr_page_put_text(out, series[s].name);
        hr_page_put(out, "</li>");
    }
    hr_page_put(out, "</ul>");
}

void hr_page_figures_as_table(struct hr_page *page, struct hr_str of, const struct hr_str *labels,
    size_t label_count, const struct hr_page_series *series, size_t series_count)
{
    struct hr_buffer *out = page->out;
    hr_page_put(out, "<details><summary>The figures as a table</summary><div class=\"scroll\">"
                     "<table><thead><tr><th scope=\"col\">");
    hr_page_put_text(out, of);
    hr_page_put(out, "</th>");
    for (size_t s = 0; s < series_count; s++) {
        put_cell(out, "th", " scope=\"col\"", true, series[s].name);
    }
    hr_page_put(out, "</tr></thead><tbody>");
    for (size_t i = 0; i < label_count; i++) {
        hr_page_put(out, "<tr>");
        put_cell(out, "th", " scope=\"row\"", false, labels[i]);
        for (size_t s = 0; s < series_count; s++) {
            hr_page_put(out, "<td class=\"r\">");
            hr_page_put_count(out, series[s].values[i]);
            hr_page_put(out, "</td>");
        }
        hr_page_put(out, "</tr>");
    }
    hr_page_put(out, "</tbody></table></div></details>");
}

void hr_page_hint(struct hr_buffer *out, struct hr_str of, struct hr_str label, struct hr_str name,
    uint64_t count)
{
    hr_page_put(out, "<title>");
    hr_page_put_text(out, of);
    hr_page_put(out, of.len > 0 ? " " : "");
    hr_page_put_text(out, label);
    hr_page_put(out, ": ");
    hr_page_put_text(out, name);
    hr_page_put(out, ", ");
    hr_page_put_count(out, count);
    hr_page_put(out, "</title>");
}

uint64_t hr_page_sum(const struct hr_page_series *series, size_t series_count, size_t at)
{
    uint64_t sum = 0;
    for (size_t s = 0; s < series_count; s++) {
        sum += series[s].values[at];
    }
    return sum;
}
