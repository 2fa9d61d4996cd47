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

bool hr_fit_literal(struct hr_compiling *compiling, const struct hr_signal *signal,
    struct hr_written *literal, bool condition, const struct hr_path *path)
{
    const __int128 one = HR_DECIMAL_ONE.units;
    bool told = literal->form == HR_FORM_PLAIN;
    struct hr_written right = {.number = hr_decimal_from_int(60)};
    if (hr_fit_unit(signal->unit, literal)) {
        return true;
    }
    switch (signal->unit) {
    case HR_UNIT_SHARE:
        right.form = HR_FORM_SHARE;
        right.number.units = told ? literal->number.units / 100 : one * 8 / 10;
        return refuse(compiling, signal, "is a share", told, right, path);
    case HR_UNIT_DAYS:
        right.form = HR_FORM_DAYS;
        return refuse(compiling, signal, "counts whole days", false, right, path);
    case HR_UNIT_MONEY:
        right = (struct hr_written){
            .form = HR_FORM_MONEY, .number = hr_decimal_from_int(25000), .currency = "USD"};
        return refuse(compiling, signal, "is money", false, right, path);
    case HR_UNIT_NUMBER:
        if (condition && signal->kind == HR_SIGNAL_ATTRIBUTE && literal->form == HR_FORM_TEXT) {
            return true;
        }
        told = literal->form != HR_FORM_TEXT;
        right.number = told ? literal->number : hr_decimal_from_int(4);
        if (literal->form == HR_FORM_SHARE) { /* whoever writes 75% of a score of 140 means 75 */
            right.number.units *= 100;
        }
        return refuse(compiling, signal, "is a plain number", told, right, path);
    case HR_UNIT_TEXT:
        break;
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
