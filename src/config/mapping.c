/* SPDX-License-Identifier: Apache-2.0 */
/* Where a field of a foreign account event stands, in words that read aloud:
 *
 *   /plan_code
 *   /current_period_end or /items/data/0/current_period_end as unix_s
 *   /price/unit_amount times /quantity per /price/interval every /price/interval_count in /items
 *   is month
 *
 * Words are told apart by spaces, so pointers with a space in them cannot be written. */
#include "scalar.h"

static bool find_notation(struct hr_str word, enum hr_notation *notation)
{
    for (unsigned i = HR_AS_WRITTEN + 1; i < HR_NOTATIONS; i++) {
        if (hr_str_is(word, hr_notation_names[i])) {
            *notation = (enum hr_notation)i;
            return true;
        }
    }
    return false;
}

static const char *take_notation(struct hr_str *text, struct hr_format_field *field)
{
    if (!find_notation(hr_take_word(text), &field->notation)) {
        return "must have text, number, major, upper, period, unix_s, unix_ms, unix_us or "
               "unix_days behind as";
    }
    return hr_take_word(text).len ? "must end with its notation" : NULL;
}

/* A constant is all that follows, but for a notation at its end. */
static const char *read_constant(struct hr_str text, struct hr_format_field *field)
{
    text = hr_trim(text);
    size_t at = text.len;
    while (at > 0 && text.at[at - 1] != ' ') {
        at--;
    }
    struct hr_str last = {text.at + at, text.len - at};
    struct hr_str before = hr_trim((struct hr_str){text.at, at});
    static const char as[] = " as";
    bool has =
        before.len > strlen(as) && memcmp(before.at + before.len - strlen(as), as, strlen(as)) == 0;
    if (has && find_notation(last, &field->notation)) {
        text = hr_trim((struct hr_str){text.at, before.len - strlen(as)});
    }
    field->is = text;
    return text.len ? NULL : "must have a text behind is";
}

static const char *add_place(struct hr_str places[HR_FORMAT_PLACES], struct hr_str word)
{
    size_t i = 0;
    while (i < HR_FORMAT_PLACES && places[i].len) {
        i++;
    }
    if (i == HR_FORMAT_PLACES) {
        return "has more than six places for one thing";
    }
    places[i] = word;
    return hr_check_pointer(word);
}

/* The list into which a word says that the next pointer goes; NULL when it says none. */
static struct hr_str *places_behind(
    struct hr_str word, struct hr_format_field *field, struct hr_str *before)
{
    if (hr_str_is(word, "or")) {
        return before;
    }
    return hr_str_is(word, "times")   ? field->times
           : hr_str_is(word, "per")   ? field->per
           : hr_str_is(word, "every") ? field->every
                                      : NULL;
}

const char *hr_read_mapping(struct hr_str text, struct hr_format_field *field)
{
    *field = (struct hr_format_field){.notation = HR_AS_WRITTEN};
    if (text.len > 1024) {
        return "must be at most 1024 bytes long";
    }
    struct hr_str word = hr_take_word(&text);
    if (hr_str_is(word, "is")) {
        return read_constant(text, field);
    }
    struct hr_str *places = field->at;
    const char *problem = add_place(places, word);
    while (!problem) {
        word = hr_take_word(&text);
        if (!word.len) {
            break;
        }
        if (hr_str_is(word, "as")) {
            return take_notation(&text, field);
        }
        if (hr_str_is(word, "in") && !field->in.len) {
            field->in = hr_take_word(&text);
            problem = hr_check_pointer(field->in);
            continue;
        }
        places = places_behind(word, field, places);
        if (!places) {
            return "must go on with or, times, per, every, in or as";
        }
        problem = add_place(places, hr_take_word(&text));
    }
    return problem;
}

static void print_places(
    const char *word, const struct hr_str places[HR_FORMAT_PLACES], struct hr_buffer *buffer)
{
    for (size_t i = 0; i < HR_FORMAT_PLACES && places[i].len; i++) {
        hr_put_printf(buffer, "%s", i ? " or " : word);
        hr_put_bytes(buffer, places[i].at, places[i].len);
    }
}

void hr_print_mapping(const struct hr_format_field *field, struct hr_buffer *buffer)
{
    if (field->is.at) {
        hr_put_printf(buffer, "is ");
        hr_put_bytes(buffer, field->is.at, field->is.len);
    }
    print_places("", field->at, buffer);
    print_places(" times ", field->times, buffer);
    print_places(" per ", field->per, buffer);
    print_places(" every ", field->every, buffer);
    if (field->in.len) {
        hr_put_printf(buffer, " in ");
        hr_put_bytes(buffer, field->in.at, field->in.len);
    }
    if (field->notation != HR_AS_WRITTEN) {
        hr_put_printf(buffer, " as %s", hr_notation_names[field->notation]);
    }
}
