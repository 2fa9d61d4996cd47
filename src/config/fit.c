/* SPDX-License-Identifier: Apache-2.0 */
/* Do number and signal speak of the same thing? Shares take %, days take d or nothing, money may
 * name its currency, counts are plain. A level in another unit is a mistake that would fire at the
 * wrong moment or never, so it is refused and the right spelling is shown. */
#include "compile.h"

#include "scalar.h"

static struct hr_str print(struct hr_compiling *compiling, struct hr_written literal)
{
    struct hr_buffer text = {0};
    hr_print_literal(&literal, &text);
    hr_put_u8(&text, 0);
    struct hr_str copy = hr_arena_copy(compiling->complainer->arena, hr_buffer_str(&text));
    hr_buffer_clean_up(&text);
    return copy;
}

/* "… counts whole days: write 60d" when that can be told from what was written, else an example. */
static bool refuse(struct hr_compiling *compiling, const struct hr_signal *signal, const char *is,
    bool told, struct hr_written right, const struct hr_path *path)
{
    hr_complain(compiling->complainer, path, "%s %s: write %s%s",
        hr_quote(compiling->complainer, signal->text), is, told ? "" : "for instance ",
        print(compiling, right).at);
    return false;
}

static bool fit_share(struct hr_compiling *compiling, const struct hr_signal *signal,
    struct hr_written *literal, const struct hr_path *path)
{
    const __int128 one = HR_DECIMAL_ONE.units;
    bool small = literal->number.units >= -one && literal->number.units <= one;
    if (literal->form == HR_FORM_PLAIN && small) {
        literal->form = HR_FORM_SHARE;
    } /* 0.8 is 80% */
    if (literal->form == HR_FORM_SHARE) {
        return true;
    }
    bool told = literal->form == HR_FORM_PLAIN;
    struct hr_written right = {
        .form = HR_FORM_SHARE, .number = {told ? literal->number.units / 100 : one * 8 / 10}};
    return refuse(compiling, signal, "is a share", told, right, path);
}

/* A plain number of days is not ambiguous: the signals have days in their names. */
static bool fit_days(struct hr_compiling *compiling, const struct hr_signal *signal,
    struct hr_written *literal, const struct hr_path *path)
{
    bool whole = literal->number.units % HR_DECIMAL_ONE.units == 0;
    if (literal->form == HR_FORM_PLAIN && whole) {
        literal->form = HR_FORM_DAYS;
    }
    if (literal->form == HR_FORM_DAYS && whole) {
        return true;
    }
    struct hr_written right = {.form = HR_FORM_DAYS, .number = hr_decimal_from_int(60)};
    return refuse(compiling, signal, "counts whole days", false, right, path);
}

static bool fit_money(struct hr_compiling *compiling, const struct hr_signal *signal,
    struct hr_written *literal, const struct hr_path *path)
{
    if (literal->form == HR_FORM_PLAIN) {
        literal->form = HR_FORM_MONEY;
    } /* in the account's own currency */
    if (literal->form == HR_FORM_MONEY) {
        return true;
    }
    struct hr_written right = {
        .form = HR_FORM_MONEY, .number = hr_decimal_from_int(25000), .currency = "USD"};
    return refuse(compiling, signal, "is money", false, right, path);
}

static bool fit_number(struct hr_compiling *compiling, const struct hr_signal *signal,
    struct hr_written *literal, bool condition, const struct hr_path *path)
{
    bool may_be_text = condition && signal->kind == HR_SIGNAL_ATTRIBUTE;
    if (literal->form == HR_FORM_PLAIN || (literal->form == HR_FORM_TEXT && may_be_text)) {
        return true;
    }
    bool told = literal->form != HR_FORM_TEXT;
    struct hr_written right = {
        .form = HR_FORM_PLAIN, .number = told ? literal->number : hr_decimal_from_int(4)};
    return refuse(compiling, signal, "is a plain number", told, right, path);
}

bool hr_fit_literal(struct hr_compiling *compiling, const struct hr_signal *signal,
    struct hr_written *literal, bool condition, const struct hr_path *path)
{
    switch (signal->unit) {
    case HR_UNIT_SHARE:
        return fit_share(compiling, signal, literal, path);
    case HR_UNIT_DAYS:
        return fit_days(compiling, signal, literal, path);
    case HR_UNIT_MONEY:
        return fit_money(compiling, signal, literal, path);
    case HR_UNIT_NUMBER:
        return fit_number(compiling, signal, literal, condition, path);
    case HR_UNIT_TEXT:
        literal->form = HR_FORM_TEXT;
        return true;
    }
    return false;
}

void hr_fit_field(struct hr_written *literal)
{
    if (literal->form != HR_FORM_PLAIN) {
        literal->form = HR_FORM_TEXT;
    }
}

struct hr_literal hr_compile_literal(const struct hr_written *literal)
{
    struct hr_literal compiled = {.number = literal->number};
    switch (literal->form) {
    case HR_FORM_PLAIN:
    case HR_FORM_SHARE:
    case HR_FORM_DAYS:
        compiled.kind = HR_LITERAL_NUMBER;
        break;
    case HR_FORM_MONEY:
        compiled.kind = HR_LITERAL_MONEY;
        memcpy(compiled.currency, literal->currency, sizeof compiled.currency);
        break;
    case HR_FORM_TEXT:
        compiled.kind = HR_LITERAL_TEXT;
        compiled.number = HR_DECIMAL_ZERO;
        compiled.text = literal->text;
        break;
    }
    return compiled;
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
