/* SPDX-License-Identifier: Apache-2.0 */
/* Currencies and rates. Billing systems count in minor units, people in major ones; ISO 4217 says
 * how many places lie between. Two currencies meet only through a configured rate, and a comparison
 * never divides: a × rate(a) against b × rate(b). */
#include "money.h"

#include "headroom/decimal.h"

/* ISO 4217: the active codes whose minor unit is not 1/100, then those with 1/100. A code that is
 * in neither is unknown. Funds codes and metals have no minor unit and are left out. */
static const char places_0[] =
    "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF ";
static const char places_3[] = "BHD IQD JOD KWD LYD OMR TND ";
static const char places_4[] = "CLF UYW ";
static const char places_2[] =
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN "
    "BZD CAD CDF CHE CHF CHW CNY COP COU CRC CUC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP "
    "GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK "
    "LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK "
    "NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD "
    "SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG "
    "YER ZAR ZMW ZWG ZWL ";

static bool listed(const char *list, const char currency[4])
{
    for (; *list; list += 4) {
        if (memcmp(list, currency, 3) == 0) {
            return true;
        }
    }
    return false;
}

int hr_currency_places(const char currency[4])
{
    if (strlen(currency) != 3) {
        return -1;
    }
    return listed(places_2, currency)   ? 2
           : listed(places_0, currency) ? 0
           : listed(places_3, currency) ? 3
           : listed(places_4, currency) ? 4
                                        : -1;
}

struct hr_decimal hr_money_major(struct hr_money money)
{
    static const int64_t shift[] = {
        1000000000000, 100000000000, 10000000000, 1000000000, 100000000};
    int places = hr_currency_places(money.currency);
    return (struct hr_decimal){(__int128)money.minor * shift[places < 0 ? 2 : places]};
}

static bool rate_of(const struct hr_rules *rules, const char *currency, struct hr_decimal *rate)
{
    if (hr_currency_equal(rules->currency, currency)) {
        *rate = HR_DECIMAL_ONE;
        return true;
    }
    for (uint16_t i = 0; i < rules->rate_count; i++) {
        if (hr_currency_equal(rules->rates[i].currency, currency)) {
            *rate = rules->rates[i].rate;
            return true;
        }
    }
    return false;
}

size_t hr_money_print(struct hr_decimal amount, const char currency[4], char text[HR_DECIMAL_TEXT])
{
    int known = hr_currency_places(currency);
    size_t places = known < 0 ? 2 : (size_t)known;
    __int128 least = HR_DECIMAL_ONE.units;
    for (size_t p = 0; p < places; p++) {
        least /= 10;
    }
    size_t len = hr_decimal_print((struct hr_decimal){amount.units - amount.units % least}, text);
    const char *point = memchr(text, '.', len);
    size_t has = point ? len - 1 - (size_t)(point - text) : 0;
    if (places > 0 && !point) {
        text[len++] = '.';
    }
    for (; has < places; has++) {
        text[len++] = '0';
    }
    text[len] = '\0';
    return len;
}

bool hr_money_compare(const struct hr_rules *rules, struct hr_decimal a, const char *a_currency,
    struct hr_decimal b, const char *b_currency, int *order)
{
    if (b_currency[0] == '\0' || hr_currency_equal(a_currency, b_currency)) {
        *order = hr_decimal_compare(a, b);
        return true;
    }
    struct hr_decimal a_rate, b_rate;
    if (!rate_of(rules, a_currency, &a_rate) || !rate_of(rules, b_currency, &b_rate)) {
        return false;
    }
    *order = hr_decimal_compare_products(a, a_rate, b, b_rate);
    return true;
}

bool hr_money_convert(const struct hr_rules *rules, struct hr_decimal amount, const char *currency,
    struct hr_decimal *converted)
{
    struct hr_decimal rate;
    return rate_of(rules, currency, &rate) &&
           hr_decimal_mul_div(amount, rate, HR_DECIMAL_ONE, HR_DECIMAL_PLACES, converted);
}

bool hr_money_minor(const struct hr_rules *rules, struct hr_money money, int64_t *minor)
{
    static const int64_t shift[] = {1, 10, 100, 1000, 10000};
    struct hr_decimal major;
    int places = hr_currency_places(rules->currency);
    if (places < 0 || !hr_money_convert(rules, hr_money_major(money), money.currency, &major)) {
        return false;
    }
    const __int128 one = HR_DECIMAL_ONE.units;
    __int128 scaled = major.units * shift[places];
    scaled = (scaled + (scaled < 0 ? -one : one) / 2) / one;
    if (scaled > INT64_MAX || scaled < INT64_MIN) {
        return false;
    }
    *minor = (int64_t)scaled;
    return true;
}
