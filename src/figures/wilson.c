/* SPDX-License-Identifier: Apache-2.0 */
/* Wilson's score interval, in integers. With k of n and z the two ends are
 *
 *     (2k + z² ∓ z·√(z² + 4k(n − k)/n)) / (2(n + z²))
 *
 * which is the textbook's form multiplied out, so that only one root and one division are inexact.
 * Everything is scaled by 10^18 within 128 bits, the root by 10^9: nine places of the ends are
 * right. */
#include "headroom/figures.h"

typedef unsigned __int128 u128;

#define SCALE ((u128)1000000000000000000)     /* 10^18 */
#define ROOT_SCALE UINT64_C(1000000000)       /* its root */
#define Z ((u128)1959963984540)               /* of 10^-12: the normal quantile of 0.975 */
#define Z_SQUARED ((u128)3841458820694124000) /* of 10^-18 */
#define TRIALS_MOST INT64_C(1000000000000000) /* 10^15 */

/* The greatest whole number whose square is not greater. */
static u128 root_of(u128 value)
{
    u128 root = 0;
    for (u128 bit = (u128)1 << 63; bit > 0; bit >>= 1) {
        u128 next = root | bit;
        if (next * next <= value) {
            root = next;
        }
    }
    return root;
}

/* a / b < 10, digit by digit: a × 10^12 has no room. */
static struct hr_decimal quotient(u128 a, u128 b)
{
    __int128 units = (__int128)(a / b);
    for (int place = 0; place < HR_DECIMAL_PLACES; place++) {
        a = a % b * 10;
        units = units * 10 + (__int128)(a / b);
    }
    return (struct hr_decimal){units};
}

struct hr_interval hr_wilson(int64_t successes, int64_t trials)
{
    if (trials <= 0 || trials > TRIALS_MOST || successes < 0 || successes > trials) {
        return (struct hr_interval){HR_DECIMAL_ZERO, HR_DECIMAL_ONE};
    }
    u128 k = (u128)successes, n = (u128)trials, spread = 4 * k * (n - k);
    u128 square = Z_SQUARED + spread / n * SCALE + spread % n * SCALE / n;
    u128 reach = Z * root_of(square) / (1000000000000 / ROOT_SCALE); /* of 10^-18 */
    u128 middle = 2 * k * SCALE + Z_SQUARED, whole = 2 * (n * SCALE + Z_SQUARED);
    return (struct hr_interval){
        .low = successes > 0 ? quotient(middle - reach, whole) : HR_DECIMAL_ZERO,
        .high = successes < trials ? quotient(middle + reach, whole) : HR_DECIMAL_ONE,
    };
}

bool hr_intervals_overlap(struct hr_interval a, struct hr_interval b)
{
    return hr_decimal_compare(a.low, b.high) <= 0 && hr_decimal_compare(b.low, a.high) <= 0;
}
