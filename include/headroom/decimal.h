/* SPDX-License-Identifier: Apache-2.0 */
/* Quantities: signed 128-bit counts of 10^-12. Twelve places, absolute value below 10^26, no
 * rounding anywhere: what has more places or is larger is refused by whoever reads it. */
#ifndef HEADROOM_DECIMAL_H
#define HEADROOM_DECIMAL_H

#include "headroom/error.h"
#include "headroom/str.h"

#include <stdbool.h>
#include <stdint.h>

struct hr_decimal {
    __int128 units; /* of 10^-12 */
};

#define HR_DECIMAL_PLACES 12
#define HR_DECIMAL_ONE ((struct hr_decimal){(__int128)1000000000000})
#define HR_DECIMAL_ZERO ((struct hr_decimal){0})
/* Longest text of hr_decimal_print with its terminator: sign, 26 digits, point, 12 digits, NUL. */
#define HR_DECIMAL_TEXT 48

enum hr_decimal_parse { HR_DECIMAL_OK, HR_DECIMAL_NOT_A_NUMBER, HR_DECIMAL_OVERFLOW };

/* JSON number grammar (RFC 8259, 6), exponents included; exact. -0 is 0. OVERFLOW: more than twelve
 * places, or 10^26 and beyond, also for an exponent of any length. Trailing zeros are no places:
 * 1.50000000000000000 is 1.5. */
HR_MUST enum hr_decimal_parse hr_decimal_parse(struct hr_str text, struct hr_decimal *value);
/* Shortest exact form: no exponent, no trailing zeros, no "-0". Returns the length. */
size_t hr_decimal_print(struct hr_decimal value, char text[HR_DECIMAL_TEXT]);

struct hr_decimal hr_decimal_from_int(int64_t value);
/* False and no change when the result reaches 10^26. */
HR_MUST bool hr_decimal_add(struct hr_decimal a, struct hr_decimal b, struct hr_decimal *sum);
HR_MUST bool hr_decimal_sub(
    struct hr_decimal a, struct hr_decimal b, struct hr_decimal *difference);
static inline int hr_decimal_compare(struct hr_decimal a, struct hr_decimal b)
{
    return (a.units > b.units) - (a.units < b.units);
}
static inline bool hr_decimal_is_zero(struct hr_decimal a)
{
    return a.units == 0;
}
/* Compares a*b with c*d exactly (256-bit products): how `used >= 80%` is asked without dividing. */
int hr_decimal_compare_products(
    struct hr_decimal a, struct hr_decimal b, struct hr_decimal c, struct hr_decimal d);
/* a*b/c cut (toward zero) to `places` (0 to 12). False and no change when c is 0 or the result does
 * not fit. */
HR_MUST bool hr_decimal_mul_div(struct hr_decimal a, struct hr_decimal b, struct hr_decimal c,
    unsigned places, struct hr_decimal *result);

/* With two whole numbers beside (384-bit products): of a*x and c*d*y the order; a*x/(c*y) cut to
 * `places`, false when c or y is 0 or the result does not fit; |a*x/(c*d)| cut to a whole number,
 * UINT64_MAX when there is none or it does not fit. */
int hr_decimal_compare_scaled(
    struct hr_decimal a, uint64_t x, struct hr_decimal c, struct hr_decimal d, uint64_t y);
HR_MUST bool hr_decimal_scale(struct hr_decimal a, uint64_t x, struct hr_decimal c, uint64_t y,
    unsigned places, struct hr_decimal *result);
uint64_t hr_decimal_floor_ratio(
    struct hr_decimal a, uint64_t x, struct hr_decimal c, struct hr_decimal d);

/* The shortest stored form: |value| = mantissa * 10^zeros units. split takes all zeros off (a
 * mantissa of 0 has none) and returns their number; join is its inverse, false for what split never
 * gives (a mantissa of 0 or with a zero at its end, a value out of range). */
unsigned hr_decimal_split(struct hr_decimal value, unsigned __int128 *mantissa);
HR_MUST bool hr_decimal_join(
    bool negative, unsigned __int128 mantissa, unsigned zeros, struct hr_decimal *value);

#endif
