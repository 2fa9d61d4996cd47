/* SPDX-License-Identifier: Apache-2.0 */
/* Quotients and products that may not be known. What does not fit is unknown, too: a report that
 * says so is better than one that says a wrong number. */
#include "headroom/figures.h"

struct hr_figure hr_figure_ratio(struct hr_decimal a, struct hr_decimal b)
{
    struct hr_figure ratio = HR_FIGURE_UNKNOWN;
    ratio.known = hr_decimal_mul_div(a, HR_DECIMAL_ONE, b, HR_DECIMAL_PLACES, &ratio.value);
    return ratio;
}

struct hr_figure hr_figure_share(int64_t part, int64_t whole)
{
    return hr_figure_ratio(hr_decimal_from_int(part), hr_decimal_from_int(whole));
}

struct hr_figure hr_figure_times(struct hr_figure a, struct hr_figure b)
{
    struct hr_figure product = HR_FIGURE_UNKNOWN;
    product.known =
        a.known && b.known &&
        hr_decimal_mul_div(a.value, b.value, HR_DECIMAL_ONE, HR_DECIMAL_PLACES, &product.value);
    return product;
}

struct hr_decimal hr_figure_round(struct hr_decimal value, unsigned places)
{
    __int128 unit = 1;
    for (unsigned place = places; place < HR_DECIMAL_PLACES; place++) {
        unit *= 10;
    }
    __int128 half = value.units < 0 ? -(unit / 2) : unit / 2;
    return (struct hr_decimal){(value.units + half) / unit * unit};
}
