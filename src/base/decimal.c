/* SPDX-License-Identifier: Apache-2.0 */
/* Exact arithmetic on quantities.
 *
 * A quantity is a whole number of 10^-12 below 10^38, so it fits a signed 128-bit integer (which
 * ends at 1.7 * 10^38) and two of them can be told apart from an overflow after they were added.
 * Nothing here rounds: what does not fit is refused, and the one division says that it cuts.
 *
 * Products have up to 253 bits. They are built from four products of 64-bit halves, as on paper,
 * and divided bit by bit when they do not fit 128 bits: rare, slow and easy to see through. */
#include "headroom/decimal.h"

typedef unsigned __int128 u128;

#define INTEGER_DIGITS 26
#define ALL_DIGITS (INTEGER_DIGITS + HR_DECIMAL_PLACES)

static const uint64_t powers_of_ten[20] = {
    1,
    10,
    100,
    1000,
    10000,
    100000,
    1000000,
    10000000,
    100000000,
    1000000000,
    10000000000,
    100000000000,
    1000000000000,
    10000000000000,
    100000000000000,
    1000000000000000,
    10000000000000000,
    100000000000000000,
    1000000000000000000,
    10000000000000000000U,
};

/* 10^exponent, exponent from 0 to 38. */
static u128 power_of_ten(unsigned exponent)
{
    return exponent < 20 ? powers_of_ten[exponent]
                         : (u128)powers_of_ten[19] * powers_of_ten[exponent - 19];
}

static u128 magnitude_of(__int128 value)
{
    return value < 0 ? -(u128)value : (u128)value;
}

static bool fits(__int128 units)
{
    return magnitude_of(units) < power_of_ten(ALL_DIGITS);
}

/* ------------------------------------------------------------- reading */

/* A JSON number taken apart: value = digits * 10^exponent. The digits are the `count` ones from
 * `at` on, where a decimal point between them does not count. */
struct number {
    bool negative;
    const char *at;
    size_t count;
    int64_t exponent;
};

/* An exponent beyond this is as good as infinite: no text is long enough to bring it back. */
#define EXPONENT_BOUND (INT64_C(1) << 60)

static bool is_digit(const char *at, const char *end)
{
    return at < end && *at >= '0' && *at <= '9';
}

static const char *skip_digits(const char *at, const char *end)
{
    while (is_digit(at, end)) {
        at++;
    }
    return at;
}

/* Reads what follows an `e`. NULL when it is no exponent. */
static const char *read_exponent(const char *at, const char *end, int64_t *exponent)
{
    bool negative = at < end && *at == '-';
    if (at < end && (*at == '-' || *at == '+')) {
        at++;
    }
    if (!is_digit(at, end)) {
        return NULL;
    }
    int64_t value = 0;
    for (; is_digit(at, end); at++) {
        value = value < EXPONENT_BOUND / 16 ? value * 10 + (*at - '0') : EXPONENT_BOUND;
    }
    *exponent = negative ? -value : value;
    return at;
}

/* The grammar of RFC 8259, section 6. */
static bool take_apart(struct hr_str text, struct number *number)
{
    const char *at = text.at;
    const char *end = at + text.len;
    number->negative = at < end && *at == '-';
    at += number->negative;

    number->at = at;
    if (!is_digit(at, end)) {
        return false;
    }
    const char *point = *at == '0' ? at + 1 : skip_digits(at, end);
    number->count = (size_t)(point - at);
    number->exponent = 0;
    at = point;

    if (at < end && *at == '.') {
        at = skip_digits(point + 1, end);
        size_t places = (size_t)(at - point) - 1;
        if (places == 0) {
            return false;
        }
        number->count += places;
        number->exponent = -(int64_t)places;
    }
    if (at < end && (*at == 'e' || *at == 'E')) {
        int64_t exponent;
        at = read_exponent(at + 1, end, &exponent);
        number->exponent += at ? exponent : 0;
    }
    return at == end;
}

/* Takes the zeros off both ends of the digits. They are what makes a number look longer than it is.
 */
static void trim(struct number *number)
{
    const char *last = number->at + number->count - 1;
    if (memchr(number->at, '.', number->count)) {
        last++;
    }
    for (; number->count > 0 && (*number->at == '0' || *number->at == '.'); number->at++) {
        number->count -= *number->at == '0';
    }
    for (; number->count > 0 && (*last == '0' || *last == '.'); last--) {
        number->count -= *last == '0';
        number->exponent += *last == '0';
    }
}

/* What most quantities are: a few digits. */
static bool is_small_count(struct hr_str text, struct hr_decimal *value)
{
    uint64_t count = 0;
    if (text.len == 0 || text.len > 18 || (text.at[0] == '0' && text.len > 1)) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        unsigned digit = (unsigned char)text.at[i] - (unsigned)'0';
        if (digit > 9) {
            return false;
        }
        count = count * 10 + digit;
    }
    value->units = (__int128)count * (__int128)powers_of_ten[HR_DECIMAL_PLACES];
    return true;
}

enum hr_decimal_parse hr_decimal_parse(struct hr_str text, struct hr_decimal *value)
{
    if (is_small_count(text, value)) {
        return HR_DECIMAL_OK;
    }
    struct number number;
    if (!take_apart(text, &number)) {
        return HR_DECIMAL_NOT_A_NUMBER;
    }
    trim(&number);
    if (number.count == 0) {
        *value = HR_DECIMAL_ZERO;
        return HR_DECIMAL_OK;
    }
    if (number.count > ALL_DIGITS || number.exponent < -HR_DECIMAL_PLACES ||
        number.exponent + (int64_t)number.count > INTEGER_DIGITS) {
        return HR_DECIMAL_OVERFLOW;
    }
    /* At most 38 digits in all from here on, so nothing below can overflow. */
    u128 units = 0;
    size_t left = number.count;
    for (const char *at = number.at; left > 0; at++) {
        if (*at != '.') {
            units = units * 10 + (unsigned)(*at - '0');
            left--;
        }
    }
    units *= power_of_ten((unsigned)(number.exponent + HR_DECIMAL_PLACES));
    value->units = number.negative ? -(__int128)units : (__int128)units;
    return HR_DECIMAL_OK;
}

/* ------------------------------------------------------------- writing */

/* Writes the digits of a number so that they end before `end`, at least `least` of them. */
static char *print_backwards(u128 value, unsigned least, char *end)
{
    char *at = end;
    while (value > UINT64_MAX) {
        *--at = (char)('0' + (unsigned)(value % 10));
        value /= 10;
    }
    for (uint64_t rest = (uint64_t)value; rest > 0; rest /= 10) {
        *--at = (char)('0' + rest % 10);
    }
    while ((size_t)(end - at) < least) {
        *--at = '0';
    }
    return at;
}

size_t hr_decimal_print(struct hr_decimal value, char text[HR_DECIMAL_TEXT])
{
    u128 magnitude = magnitude_of(value.units);
    u128 whole = magnitude / (uint64_t)HR_DECIMAL_ONE.units;
    uint64_t fraction = (uint64_t)(magnitude % (uint64_t)HR_DECIMAL_ONE.units);

    char backwards[HR_DECIMAL_TEXT];
    char *end = backwards + sizeof(backwards);
    char *at = end;
    if (fraction) {
        unsigned places = HR_DECIMAL_PLACES;
        for (; fraction % 10 == 0; fraction /= 10) {
            places--;
        }
        at = print_backwards(fraction, places, at);
        *--at = '.';
    }
    at = print_backwards(whole, 1, at);
    if (value.units < 0) {
        *--at = '-';
    }
    size_t len = (size_t)(end - at);
    memcpy(text, at, len);
    text[len] = '\0';
    return len;
}

/* ---------------------------------------------------------- arithmetic */

struct hr_decimal hr_decimal_from_int(int64_t value)
{
    return (struct hr_decimal){value * HR_DECIMAL_ONE.units};
}

bool hr_decimal_add(struct hr_decimal a, struct hr_decimal b, struct hr_decimal *sum)
{
    __int128 units;
    if (__builtin_add_overflow(a.units, b.units, &units) || !fits(units)) {
        return false;
    }
    sum->units = units;
    return true;
}

bool hr_decimal_sub(struct hr_decimal a, struct hr_decimal b, struct hr_decimal *difference)
{
    __int128 units;
    if (__builtin_sub_overflow(a.units, b.units, &units) || !fits(units)) {
        return false;
    }
    difference->units = units;
    return true;
}

struct u256 {
    u128 high, low;
};

static struct u256 product(u128 a, u128 b)
{
    uint64_t a1 = (uint64_t)(a >> 64), a0 = (uint64_t)a;
    uint64_t b1 = (uint64_t)(b >> 64), b0 = (uint64_t)b;
    u128 low = (u128)a0 * b0;
    u128 middle_a = (u128)a1 * b0;
    u128 middle_b = (u128)a0 * b1;
    /* Three numbers below 2^64: the sum has room. */
    u128 carry = (low >> 64) + (uint64_t)middle_a + (uint64_t)middle_b;
    return (struct u256){
        .high = (u128)a1 * b1 + (middle_a >> 64) + (middle_b >> 64) + (carry >> 64),
        .low = carry << 64 | (uint64_t)low,
    };
}

/* Long division in base 2. The quotient must fit: high < divisor. */
static u128 divide(struct u256 dividend, u128 divisor)
{
    if (dividend.high == 0) {
        return dividend.low / divisor;
    }
    u128 rest = dividend.high;
    u128 quotient = 0;
    for (int bit = 127; bit >= 0; bit--) {
        /* Never shifts a one out: the rest stays below the divisor, which is below 2^127. */
        rest = rest << 1 | (dividend.low >> bit & 1);
        quotient <<= 1;
        if (rest >= divisor) {
            rest -= divisor;
            quotient |= 1;
        }
    }
    return quotient;
}

static int sign_of_product(struct hr_decimal a, struct hr_decimal b)
{
    if (a.units == 0 || b.units == 0) {
        return 0;
    }
    return (a.units < 0) == (b.units < 0) ? 1 : -1;
}

int hr_decimal_compare_products(
    struct hr_decimal a, struct hr_decimal b, struct hr_decimal c, struct hr_decimal d)
{
    int sign = sign_of_product(a, b);
    int other = sign_of_product(c, d);
    if (sign != other || sign == 0) {
        return (sign > other) - (sign < other);
    }
    struct u256 left = product(magnitude_of(a.units), magnitude_of(b.units));
    struct u256 right = product(magnitude_of(c.units), magnitude_of(d.units));
    if (left.high != right.high) {
        return left.high > right.high ? sign : -sign;
    }
    if (left.low != right.low) {
        return left.low > right.low ? sign : -sign;
    }
    return 0;
}

bool hr_decimal_mul_div(struct hr_decimal a, struct hr_decimal b, struct hr_decimal c,
    unsigned places, struct hr_decimal *result)
{
    u128 divisor = magnitude_of(c.units);
    struct u256 dividend = product(magnitude_of(a.units), magnitude_of(b.units));
    if (dividend.high >= divisor) {
        return false; /* c is 0, or the quotient has more than 128 bits */
    }
    u128 quotient = divide(dividend, divisor);
    if (quotient >= power_of_ten(ALL_DIGITS)) {
        return false;
    }
    quotient -= quotient % powers_of_ten[HR_DECIMAL_PLACES - places];
    bool negative = sign_of_product(a, b) * (c.units < 0 ? -1 : 1) < 0;
    result->units = negative ? -(__int128)quotient : (__int128)quotient;
    return true;
}

/* ------------------------------------------------- for the stored form */

unsigned hr_decimal_split(struct hr_decimal value, unsigned __int128 *mantissa)
{
    u128 rest = magnitude_of(value.units);
    unsigned zeros = 0;
    /* A binary search for the number of zeros. 10^n is a multiple of 2^n, which spares most of the
     * divisions. */
    for (unsigned step = 32; step > 0 && rest > 0; step /= 2) {
        u128 power = power_of_ten(step);
        if ((rest & (((u128)1 << step) - 1)) == 0 && rest % power == 0) {
            rest /= power;
            zeros += step;
        }
    }
    *mantissa = rest;
    return zeros;
}

bool hr_decimal_join(
    bool negative, unsigned __int128 mantissa, unsigned zeros, struct hr_decimal *value)
{
    if (zeros >= ALL_DIGITS || mantissa == 0 || mantissa % 10 == 0 ||
        mantissa > (power_of_ten(ALL_DIGITS) - 1) / power_of_ten(zeros)) {
        return false;
    }
    __int128 units = (__int128)(mantissa * power_of_ten(zeros));
    value->units = negative ? -units : units;
    return true;
}
