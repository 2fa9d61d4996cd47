/* SPDX-License-Identifier: Apache-2.0 */
/* Literals and conditions: what stands in levels, in `when` and in `where`.
 *
 * A literal says its own unit, and whether that unit fits is asked where it is used (rule.c), for
 * only there the signal is known. A word is text; text of several words, or text that would read as
 * a number, stands in quotes. */
#include "scalar.h"

static const char *const operators[] = {
    [HR_LESS] = "<",
    [HR_AT_MOST] = "<=",
    [HR_EQUAL] = "=",
    [HR_NOT_EQUAL] = "!=",
    [HR_AT_LEAST] = ">=",
    [HR_MORE] = ">",
};
#define OPERATORS (sizeof(operators) / sizeof *operators)

static struct hr_str trim(struct hr_str text)
{
    while (text.len > 0 && text.at[0] == ' ') {
        text.at++;
        text.len--;
    }
    while (text.len > 0 && text.at[text.len - 1] == ' ') {
        text.len--;
    }
    return text;
}

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

static struct hr_str rest_of(struct hr_str text, size_t from)
{
    return (struct hr_str){text.at + from, text.len - from};
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
        *unit = rest_of(*unit, 1);
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
    struct hr_str word = trim(unit);
    if (unit.len == 0) {
        literal->form = HR_FORM_PLAIN;
    } else if (hr_str_is(unit, "%") && factor == 1) {
        literal->form = HR_FORM_SHARE;
        bool exact = literal->number.units % 100 == 0;
        literal->number.units /= 100;
        return exact;
    } else if (hr_str_is(unit, "d") && factor == 1) {
        literal->form = HR_FORM_DAYS;
    } else if (word.len == 3 && !hr_check_currency(word)) {
        literal->form = HR_FORM_MONEY;
        memcpy(literal->currency, word.at, 3);
    } else {
        return false;
    }
    return true;
}

const char *hr_read_literal(struct hr_str text, struct hr_written *literal)
{
    text = trim(text);
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
        if (read_unit(rest_of(text, digits), literal)) {
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

static void print_number(struct hr_decimal number, struct hr_buffer *buffer)
{
    char text[HR_DECIMAL_TEXT];
    hr_put_bytes(buffer, text, hr_decimal_print(number, text));
}

/* Text that would read as something else is put in quotes. */
static void print_text(struct hr_str text, struct hr_buffer *buffer)
{
    struct hr_written again;
    bool bare = !hr_read_literal(text, &again) && again.form == HR_FORM_TEXT &&
                hr_str_equal(again.text, text);
    const char *quote = bare ? "" : text.len && memchr(text.at, '"', text.len) ? "'" : "\"";
    hr_put_printf(buffer, "%s%.*s%s", quote, (int)text.len, text.len ? text.at : "", quote);
}

void hr_print_literal(const struct hr_written *literal, struct hr_buffer *buffer)
{
    switch (literal->form) {
    case HR_FORM_PLAIN:
        print_number(literal->number, buffer);
        break;
    case HR_FORM_SHARE:
        print_number((struct hr_decimal){literal->number.units * 100}, buffer);
        hr_put_printf(buffer, "%%");
        break;
    case HR_FORM_DAYS:
        print_number(literal->number, buffer);
        hr_put_printf(buffer, "d");
        break;
    case HR_FORM_MONEY:
        print_number(literal->number, buffer);
        if (literal->currency[0]) {
            hr_put_printf(buffer, " %s", literal->currency);
        }
        break;
    case HR_FORM_TEXT:
        print_text(literal->text, buffer);
        break;
    }
}

/* The next word, taken off the text. */
static struct hr_str take_word(struct hr_str *text)
{
    *text = trim(*text);
    const char *space = text->len ? memchr(text->at, ' ', text->len) : NULL;
    struct hr_str word = {text->at, space ? (size_t)(space - text->at) : text->len};
    *text = trim(rest_of(*text, word.len));
    return word;
}

const char *hr_read_condition(struct hr_str text, struct hr_condition_setting *condition)
{
    struct hr_str rest = text;
    if (text.len > HR_CONDITION_MOST) {
        return "must be at most 512 bytes long";
    }
    condition->subject = take_word(&rest);
    struct hr_str sign = take_word(&rest);
    if (sign.len == 0 || rest.len == 0) {
        return "must be three words: signal, operator, literal, such as \"tenure.days >= 90\"";
    }
    for (unsigned i = 0; i < OPERATORS; i++) {
        if (hr_str_is(sign, operators[i])) {
            condition->operator=(enum hr_operator) i;
            return hr_read_literal(rest, &condition->literal);
        }
    }
    return "must have one of the operators < <= = != >= > as its second word";
}

void hr_print_condition(const struct hr_condition_setting *condition, struct hr_buffer *buffer)
{
    hr_put_printf(buffer, "%.*s %s ", (int)condition->subject.len, condition->subject.at,
        operators[condition->operator]);
    hr_print_literal(&condition->literal, buffer);
}
