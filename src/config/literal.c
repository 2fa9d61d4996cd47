/* SPDX-License-Identifier: Apache-2.0 */
/* Literals printed, and conditions: what stands in levels, in `when` and in `where`. Literals are
 * read by the core, which reads levels of events, too. */
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
struct hr_str hr_take_word(struct hr_str *text)
{
    *text = hr_trim(*text);
    const char *space = text->len ? memchr(text->at, ' ', text->len) : NULL;
    struct hr_str word = {text->at, space ? (size_t)(space - text->at) : text->len};
    *text = hr_trim(hr_str_from(*text, word.len));
    return word;
}

/* A signal may name a group, between [ and ]., in which anything stands. */
static struct hr_str take_subject(struct hr_str *text)
{
    *text = hr_trim(*text);
    bool inside = false;
    size_t end = 0;
    for (; end < text->len && (inside || text->at[end] != ' '); end++) {
        char c = text->at[end];
        inside = c == '[' || (inside && !(c == '.' && text->at[end - 1] == ']'));
    }
    if (inside) {
        return hr_take_word(text); /* it never ends: no group */
    }
    struct hr_str subject = {text->at, end};
    *text = hr_trim(hr_str_from(*text, end));
    return subject;
}

const char *hr_read_condition(struct hr_str text, struct hr_condition_setting *condition)
{
    struct hr_str rest = text;
    if (text.len > HR_CONDITION_MOST) {
        return "must be at most 512 bytes long";
    }
    condition->subject = take_subject(&rest);
    struct hr_str sign = hr_take_word(&rest);
    if (sign.len == 0 || rest.len == 0) {
        return "must be three words with spaces between them: signal, operator, literal, such as "
               "\"tenure.days >= 90\"";
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
