/* SPDX-License-Identifier: Apache-2.0 */
/* Products of more than two quantities, exactly: used / share of the period elapsed is a value
 * times a length by a limit times what has elapsed, and a level of it is reached at a certain
 * microsecond or it is not. 384 bits hold whatever is asked here: two quantities of 127 bits and
 * two whole numbers of 64. */
#include "headroom/decimal.h"

#define LIMBS 6
#define ONE_UNITS UINT64_C(1000000000000)
typedef unsigned __int128 u128;

struct wide {
    uint64_t limb[LIMBS]; /* the least first */
};

static struct wide times(struct wide a, uint64_t by)
{
    u128 carry = 0;
    for (int i = 0; i < LIMBS; i++) {
        carry += (u128)a.limb[i] * by;
        a.limb[i] = (uint64_t)carry;
        carry >>= 64;
    }
    return a;
}

static struct wide plus(struct wide a, struct wide b)
{
    u128 carry = 0;
    for (int i = 0; i < LIMBS; i++) {
        carry += (u128)a.limb[i] + b.limb[i];
        a.limb[i] = (uint64_t)carry;
        carry >>= 64;
    }
    return a;
}

static struct wide product(struct wide a, u128 b)
{
    struct wide high = times(a, (uint64_t)(b >> 64));
    for (int i = LIMBS - 1; i > 0; i--) {
        high.limb[i] = high.limb[i - 1];
    }
    high.limb[0] = 0;
    return plus(times(a, (uint64_t)b), high);
}

static int order(const struct wide *a, const struct wide *b)
{
    for (int i = LIMBS - 1; i >= 0; i--) {
        if (a->limb[i] != b->limb[i]) {
            return a->limb[i] < b->limb[i] ? -1 : 1;
        }
    }
    return 0;
}

/* Long division in base 2. False when the quotient has more than 128 bits, or there is none. */
static bool divide(const struct wide *a, const struct wide *by, u128 *quotient)
{
    struct wide rest = {{0}}, borrow;
    u128 result = 0;
    for (int bit = LIMBS * 64 - 1; bit >= 0; bit--) {
        rest = plus(rest, rest);
        rest.limb[0] |= a->limb[bit / 64] >> (bit % 64) & 1;
        if (result >> 127) {
            return false;
        }
        result <<= 1;
        if (order(&rest, by) >= 0) {
            for (int i = 0; i < LIMBS; i++) {
                borrow.limb[i] = ~by->limb[i];
            }
            rest = plus(plus(rest, borrow), (struct wide){{1}});
            result |= 1;
        }
    }
    *quotient = result;
    return true;
}

static u128 magnitude_of(struct hr_decimal a)
{
    return a.units < 0 ? -(u128)a.units : (u128)a.units;
}

static int sign_of(struct hr_decimal a)
{
    return (a.units > 0) - (a.units < 0);
}

static const struct wide one = {{1}};

int hr_decimal_compare_scaled(
    struct hr_decimal a, uint64_t x, struct hr_decimal c, struct hr_decimal d, uint64_t y)
{
    int sign = x ? sign_of(a) : 0, other = y ? sign_of(c) * sign_of(d) : 0;
    if (sign != other || sign == 0) {
        return (sign > other) - (sign < other);
    }
    struct wide left = times(times(product(one, magnitude_of(a)), x), ONE_UNITS);
    struct wide right = times(product(product(one, magnitude_of(c)), magnitude_of(d)), y);
    return order(&left, &right) * sign;
}

bool hr_decimal_scale(struct hr_decimal a, uint64_t x, struct hr_decimal c, uint64_t y,
    unsigned places, struct hr_decimal *result)
{
    static const u128 most = (u128)1000000000000 * 100000000000000 * 1000000000000;
    struct wide left = times(times(product(one, magnitude_of(a)), x), ONE_UNITS);
    struct wide right = times(product(one, magnitude_of(c)), y);
    u128 quotient, unit = 1;
    if (c.units == 0 || y == 0 || !divide(&left, &right, &quotient) || quotient >= most) {
        return false;
    }
    for (unsigned place = places; place < HR_DECIMAL_PLACES; place++) {
        unit *= 10;
    }
    quotient -= quotient % unit;
    bool negative = sign_of(a) * sign_of(c) < 0;
    result->units = negative ? -(__int128)quotient : (__int128)quotient;
    return true;
}

uint64_t hr_decimal_floor_ratio(
    struct hr_decimal a, uint64_t x, struct hr_decimal c, struct hr_decimal d)
{
    struct wide left = times(times(product(one, magnitude_of(a)), x), ONE_UNITS);
    struct wide right = product(product(one, magnitude_of(c)), magnitude_of(d));
    u128 quotient;
    return c.units != 0 && d.units != 0 && divide(&left, &right, &quotient) && quotient < UINT64_MAX
               ? (uint64_t)quotient
               : UINT64_MAX;
}
