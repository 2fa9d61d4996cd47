/* SPDX-License-Identifier: Apache-2.0 */
/* What the pictures share. */
#ifndef HEADROOM_REPORT_DRAW_H
#define HEADROOM_REPORT_DRAW_H

#include "headroom/page.h"

#include <inttypes.h>

void hr_page_put(struct hr_buffer *out, const char *markup); /* as it is */
void hr_page_style(struct hr_buffer *out);                   /* the style sheet */

void hr_page_figure_begin(struct hr_page *page);
void hr_page_figure_end(struct hr_page *page);
/* <svg …> that says the caption to who cannot see it. */
void hr_page_svg_begin(struct hr_page *page, int width, int height, struct hr_str caption);
void hr_page_svg_end(struct hr_page *page);
void hr_page_legend(
    struct hr_buffer *out, const struct hr_page_series *series, size_t series_count);
/* The figures of a picture, folded away. */
void hr_page_figures_as_table(struct hr_page *page, struct hr_str of, const struct hr_str *labels,
    size_t label_count, const struct hr_page_series *series, size_t series_count);
/* As much of a name as there is room for before a bar; whole characters. */
void hr_page_put_name(struct hr_buffer *out, struct hr_str name);
/* "of label: name, count" as what a pointer shows. */
void hr_page_hint(struct hr_buffer *out, struct hr_str of, struct hr_str label, struct hr_str name,
    uint64_t count);
/* The sum over the series at one column or bar. */
uint64_t hr_page_sum(const struct hr_page_series *series, size_t series_count, size_t at);

#endif
