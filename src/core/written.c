/* SPDX-License-Identifier: Apache-2.0 */
/* Literals: a number with its unit, or a word, as configurations and events write them.
 *
 * A literal says its own unit, and whether that unit fits is asked where it is used, for only there
 * the signal is known. A word is text; text of several words, or text that would read as a number,
 * stands in quotes. */
#include "headroom/written.h"

#include <string.h>

/* The length of the number that the text begins with; 0 when it begins with none. */
static size_t number_length(struct hr_str text)
{
    size_t len = 0;
    while (len < text.len) {
        char c = text.at[len];
        bool exponent = (c == 'e' || c == 'E') && len + 1 < text.len &&
                        memchr("0123456789+-", text.at[len + 1], 12);
        bool sign = (c == '-' || c == '+') &&
                    (len == 0 || text.at[len - 1] == 'e' || text.at[len - 1] == 'E');
        if (!exponent && !sign && c != '.' && (c < '0' || c > '9')) {
            break;
        }
        len++;
    }
    return len;
}

static bool is_currency(struct hr_str text)
{
    char code[4] = "";
    memcpy(code, text.at, 3);
    return hr_currency_places(code) >= 0;
}

static const char *read_quoted(struct hr_str text, struct hr_written *literal)
{
    char quote = text.at[0];
    if (text.len < 2 || text.at[text.len - 1] != quote) {
        return "has a quote without its other half";
    }
    literal->form = HR_FORM_TEXT;
    literal->text = (struct hr_str){text.at + 1, text.len - 2};
    if (memchr(literal->text.at, quote, literal->text.len)) {
        return "has a quote within quotes of the same kind";
    }
    return NULL;
}

/* The multiplier of a number, k or M, is taken off the unit. In 5MAD there is none. */
static int64_t take_multiplier(struct hr_str *unit)
{
    int64_t factor = 1;
    if (unit->len == 1 || unit->len == 4 || (unit->len > 1 && unit->at[1] == ' ')) {
        factor = unit->at[0] == 'k' ? 1000 : unit->at[0] == 'M' ? 1000000 : 1;
    }
    if (factor > 1) {
        *unit = hr_str_from(*unit, 1);
    }
    return factor;
}

/* Known units behind the number; false: the whole is no number. */
static bool read_unit(struct hr_str unit, struct hr_written *literal)
{
    int64_t factor = take_multiplier(&unit);
    if (!hr_decimal_mul_div(literal->number, hr_decimal_from_int(factor), HR_DECIMAL_ONE,
            HR_DECIMAL_PLACES, &literal->number)) {
        return false;
    }
    struct hr_str word = hr_trim(unit);
    if (unit.len == 0) {
        literal->form = HR_FORM_PLAIN;
    } else if (hr_str_is(unit, "%") && factor == 1) {
        literal->form = HR_FORM_SHARE;
        bool exact = literal->number.units % 100 == 0;
        literal->number.units /= 100;
        return exact;
    } else if (hr_str_is(unit, "d") && factor == 1) {
        literal->form = HR_FORM_DAYS;
    } else if (word.len == 3 && is_currency(word)) {
        literal->form = HR_FORM_MONEY;
        memcpy(literal->currency, word.at, 3);
    } else {
        return false;
    }
    return true;
}

const char *hr_read_literal(struct hr_str text, struct hr_written *literal)
{
    text = hr_trim(text);
    *literal = (struct hr_written){.text = text};
    if (text.len == 0) {
        return "has no value";
    }
    if (text.at[0] == '"' || text.at[0] == '\'') {
        return read_quoted(text, literal);
    }
    size_t digits = number_length(text);
    switch (hr_decimal_parse((struct hr_str){text.at, digits}, &literal->number)) {
    case HR_DECIMAL_OK:
        if (read_unit(hr_str_from(text, digits), literal)) {
            return NULL;
        }
        break;
    case HR_DECIMAL_OVERFLOW:
        return "is a number of more than twelve places or 26 digits";
    case HR_DECIMAL_NOT_A_NUMBER:
        break;
    }
    if (memchr(text.at, ' ', text.len)) {
        return "must be a number with its unit, one word, or several words in quotes";
    }
    literal->form = HR_FORM_TEXT;
    literal->number = HR_DECIMAL_ZERO;
    memset(literal->currency, 0, sizeof literal->currency);
    return NULL;
}

/* --- units ------------------------------------------------------------------------------------ */

bool hr_fit_unit(enum hr_unit unit, struct hr_written *literal)
{
    const __int128 one = HR_DECIMAL_ONE.units;
    bool plain = literal->form == HR_FORM_PLAIN;
    bool whole = literal->number.units % one == 0;
    bool small = literal->number.units >= -one && literal->number.units <= one;
    switch (unit) {
    case HR_UNIT_SHARE: /* 0.8 is 80% */
        literal->form = plain && small ? HR_FORM_SHARE : literal->form;
        return literal->form == HR_FORM_SHARE;
    case HR_UNIT_DAYS: /* a plain number of days is not ambiguous: the signals have days in their
                          names */
        literal->form = plain && whole ? HR_FORM_DAYS : literal->form;
        return literal->form == HR_FORM_DAYS && whole;
    case HR_UNIT_MONEY: /* in the account's own currency */
        literal->form = plain ? HR_FORM_MONEY : literal->form;
        return literal->form == HR_FORM_MONEY;
    case HR_UNIT_NUMBER:
        return plain;
    case HR_UNIT_TEXT:
        break;
    }
    literal->form = HR_FORM_TEXT;
    return true;
}

struct hr_str hr_level_text(struct hr_arena *arena, const struct hr_written *literal)
{
    char number[HR_DECIMAL_TEXT];
    struct hr_decimal value = literal->number;
    if (literal->form == HR_FORM_SHARE) {
        value.units *= 100;
    }
    hr_decimal_print(value, number);
    const char *unit = literal->form == HR_FORM_SHARE   ? "pct"
                       : literal->form == HR_FORM_DAYS  ? "d"
                       : literal->form == HR_FORM_MONEY ? literal->currency
                                                        : "";
    return hr_arena_printf(arena, "%s%s", number, unit);
}
