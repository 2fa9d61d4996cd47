/* SPDX-License-Identifier: Apache-2.0 */
/* One field of a foreign account event: found at its places, brought from its notation to that of
 * EVENTS.md, and written down. Amounts of several items are added up here, exactly; only the sum is
 * rounded. */
#include "translate.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const char *show(const struct hr_translation *t, uint32_t node)
{
    return hr_part_show(t->reading, hr_document_raw(t->json, node));
}

static enum hr_reason wrong(
    const struct hr_translation *t, struct hr_str place, uint32_t node, const char *must)
{
    return hr_reject_event(t->reading->detail, HR_BAD_VALUE, "%.*s: must be %s, is %s",
        (int)place.len, place.at, must, show(t, node));
}

/* The event's currency, however it is written: money in major units asks for it. */
static int places_of_currency(struct hr_translation *t)
{
    const struct hr_reading *reading = t->reading;
    struct hr_str text = {NULL, 0}, place;
    uint32_t node = HR_JSON_NONE;
    for (size_t i = 0; i < hr_translation_fields(t) && !text.at && node == HR_JSON_NONE; i++) {
        const struct hr_format_field *field = hr_translation_field(t, i);
        if (hr_str_is(field->name, "currency")) {
            text = field->is;
            node = hr_part_first(reading, reading->base, field->at, &place, NULL);
        }
    }
    bool has_data = reading->data != HR_JSON_NONE && reading->json == t->json &&
                    t->json->nodes[reading->data].kind == HR_JSON_OBJECT;
    if (!text.at && node == HR_JSON_NONE && reading->format->data_are_fields && has_data) {
        node = hr_document_member(t->json, reading->data, HR_STR("currency"));
    }
    if (node != HR_JSON_NONE) {
        text = hr_document_text(t->json, node, reading->arena);
    }
    char code[4] = "";
    for (size_t i = 0; text.len == 3 && i < 3; i++) {
        code[i] =
            text.at[i] >= 'a' && text.at[i] <= 'z' ? (char)(text.at[i] - 'a' + 'A') : text.at[i];
    }
    return hr_currency_places(code);
}

/* --- periods --------------------------------------------------------------------------------- */

struct span {
    int64_t months, days; /* one of them is 0 */
};

static bool read_span(struct hr_str word, struct span *span)
{
    static const struct {
        const char *word;
        struct span span;
    } words[] = {
        {"day", {0, 1}},
        {"daily", {0, 1}},
        {"week", {0, 7}},
        {"weekly", {0, 7}},
        {"month", {1, 0}},
        {"monthly", {1, 0}},
        {"quarter", {3, 0}},
        {"quarterly", {3, 0}},
        {"semiannual", {6, 0}},
        {"year", {12, 0}},
        {"yearly", {12, 0}},
        {"annual", {12, 0}},
        {"annually", {12, 0}},
    };
    for (size_t i = 0; i < COUNT(words); i++) {
        if (hr_str_is(word, words[i].word)) {
            *span = words[i].span;
            return true;
        }
    }
    return false;
}

/* A whole number from 1 to 999: how many such periods. */
static enum hr_reason read_count(
    const struct hr_translation *t, uint32_t node, struct hr_str place, int64_t *count)
{
    struct hr_value value;
    hr_read_value(t->json, node, t->reading->arena, &value);
    __int128 whole = value.fits ? value.number.units / HR_DECIMAL_ONE.units : 0;
    if (whole < 1 || whole > 999 || whole * HR_DECIMAL_ONE.units != value.number.units) {
        return wrong(t, place, node, "a whole number from 1 to 999");
    }
    *count = (int64_t)whole;
    return HR_REASON_NONE;
}

static const char period_words[] = "day, week, month, quarter, semiannual or year";

/* What `word` and `every` say together. */
static enum hr_reason read_period(const struct hr_translation *t, uint32_t from, uint32_t node,
    struct hr_str place, const struct hr_str *every, struct span *span)
{
    if (t->json->nodes[node].kind != HR_JSON_STRING ||
        !read_span(hr_document_text(t->json, node, t->reading->arena), span)) {
        return wrong(t, place, node, period_words);
    }
    struct hr_str count_place;
    int64_t count = 1;
    uint32_t counted = hr_part_first(t->reading, from, every, &count_place, NULL);
    if (counted != HR_JSON_NONE) {
        enum hr_reason reason = read_count(t, counted, count_place, &count);
        if (reason) {
            return reason;
        }
    }
    *span = (struct span){span->months * count, span->days * count};
    return HR_REASON_NONE;
}

static void put_period(struct hr_translation *t, struct span span)
{
    /* NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): wrong() is never 0 */
    if (span.days == 7) {
        hr_put_printf(t->out, "\"week\"");
    } else if (span.days) {
        hr_put_printf(t->out, "\"%lldd\"", (long long)span.days);
    } else if (span.months == 1 || span.months == 3 || span.months == 12) {
        hr_put_printf(t->out, "\"%s\"",
            span.months == 1   ? "month"
            : span.months == 3 ? "quarter"
                               : "year");
    } else {
        hr_put_printf(t->out, "\"%lld months\"", (long long)span.months);
    }
}

/* --- sums ------------------------------------------------------------------------------------ */

static enum hr_reason read_quantity(
    const struct hr_translation *t, uint32_t node, struct hr_str place, struct hr_decimal *number)
{
    struct hr_value value;
    hr_read_value(t->json, node, t->reading->arena, &value);
    if (value.overflows) {
        return hr_reject_event(t->reading->detail, HR_OVERFLOW,
            "%.*s: %s has more than 12 places or is too large", (int)place.len, place.at,
            show(t, node));
    }
    if (!value.fits) {
        return wrong(t, place, node, "a number");
    }
    *number = value.number;
    return HR_REASON_NONE;
}

static enum hr_reason too_large(const struct hr_translation *t, const struct hr_format_field *field)
{
    return hr_reject_event(t->reading->detail, HR_OVERFLOW, "%.*s: the sum is too large",
        (int)field->name.len, field->name.at);
}

/* Brings an amount for a span to a month: a month is 365/12 days. */
static bool per_month(struct hr_decimal amount, struct span span, struct hr_decimal *month)
{
    return hr_decimal_mul_div(amount, hr_decimal_from_int(span.days ? 365 : 1),
        hr_decimal_from_int(span.days ? 12 * span.days : span.months), HR_DECIMAL_PLACES, month);
}

/* Adds what one element says. *known becomes false when it should say something and does not. */
static enum hr_reason add_element(const struct hr_translation *t,
    const struct hr_format_field *field, uint32_t element, struct hr_decimal *total, bool *known,
    struct hr_str *place)
{
    struct hr_decimal amount, times = HR_DECIMAL_ONE;
    struct hr_str times_place, per_place;
    struct span span = {1, 0};
    enum hr_reason reason = HR_REASON_NONE;
    if (field->times[0].len) {
        uint32_t node = hr_part_first(t->reading, element, field->times, &times_place, NULL);
        if (node == HR_JSON_NONE) {
            return HR_REASON_NONE;
        }
        reason = read_quantity(t, node, times_place, &times);
    }
    uint32_t node = hr_part_first(t->reading, element, field->at, place, NULL);
    uint32_t per = hr_part_first(t->reading, element, field->per, &per_place, NULL);
    *known = *known && node != HR_JSON_NONE && (per != HR_JSON_NONE || !field->per[0].len);
    if (!*known || reason) {
        return reason;
    }
    reason = read_quantity(t, node, *place, &amount);
    if (!reason && per != HR_JSON_NONE) {
        reason = read_period(t, element, per, per_place, field->every, &span);
    }
    if (reason) {
        return reason;
    }
    /* NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage): wrong() is never 0 */
    bool fits = hr_decimal_mul_div(amount, times, HR_DECIMAL_ONE, HR_DECIMAL_PLACES, &amount) &&
                per_month(amount, span, &amount) && hr_decimal_add(*total, amount, total);
    return fits ? HR_REASON_NONE : too_large(t, field);
}

static bool is_sum(const struct hr_format_field *field)
{
    return field->in.len || field->times[0].len || field->per[0].len;
}

static enum hr_reason read_sum(const struct hr_translation *t, const struct hr_format_field *field,
    struct hr_decimal *total, bool *known, struct hr_str *place)
{
    const struct hr_reading *reading = t->reading;
    *total = HR_DECIMAL_ZERO;
    *known = true;
    if (!field->in.len) {
        return add_element(t, field, reading->base, total, known, place);
    }
    uint32_t array = hr_document_find(t->json, reading->base, field->in);
    *known = array != HR_JSON_NONE && t->json->nodes[array].kind != HR_JSON_NULL;
    if (!*known) {
        return HR_REASON_NONE;
    }
    if (t->json->nodes[array].kind != HR_JSON_ARRAY) {
        return wrong(t, field->in, array, "an array");
    }
    enum hr_reason reason = HR_REASON_NONE;
    for (uint32_t at = array + 1; at < t->json->nodes[array].next && !reason;
         at = t->json->nodes[at].next) {
        reason = add_element(t, field, at, total, known, place);
    }
    return reason;
}

/* Half away from zero. */
static __int128 rounded(struct hr_decimal value)
{
    __int128 half = HR_DECIMAL_ONE.units / 2;
    return (value.units + (value.units < 0 ? -half : half)) / HR_DECIMAL_ONE.units;
}

static void put_decimal(struct hr_translation *t, struct hr_decimal value)
{
    char text[HR_DECIMAL_TEXT];
    hr_put_bytes(t->out, text, hr_decimal_print(value, text));
}

static bool major_to_minor(struct hr_decimal *value, int places)
{
    int64_t scale = 1;
    for (int i = 0; i < places; i++) {
        scale *= 10;
    }
    return hr_decimal_mul_div(
        *value, hr_decimal_from_int(scale), HR_DECIMAL_ONE, HR_DECIMAL_PLACES, value);
}

static enum hr_reason no_currency(
    const struct hr_translation *t, const struct hr_format_field *field)
{
    return hr_reject_event(t->reading->detail, HR_BAD_VALUE,
        "%.*s: money in major units wants the event's currency", (int)field->name.len,
        field->name.at);
}

static enum hr_reason put_sum(struct hr_translation *t, const struct hr_format_field *field,
    bool *given, struct hr_str *place)
{
    struct hr_decimal total;
    enum hr_reason reason = read_sum(t, field, &total, given, place);
    if (reason || !*given) {
        return reason;
    }
    if (field->notation == HR_AS_MAJOR) {
        int places = places_of_currency(t);
        if (places < 0) {
            return no_currency(t, field);
        }
        if (!major_to_minor(&total, places)) {
            return too_large(t, field);
        }
    }
    put_decimal(t, (struct hr_decimal){rounded(total) * HR_DECIMAL_ONE.units});
    return HR_REASON_NONE;
}

/* --- single values --------------------------------------------------------------------------- */

static enum hr_reason put_moment(
    struct hr_translation *t, enum hr_notation notation, uint32_t node, struct hr_str place)
{
    char text[HR_TIME_TEXT];
    struct hr_value value;
    hr_read_value(t->json, node, t->reading->arena, &value);
    if (!value.fits && value.kind == HR_VALUE_STRING) {
        hr_put_json_string(t->out, value.text); /* a date or RFC 3339, as fact.c will see */
        return HR_REASON_NONE;
    }
    if (notation == HR_AS_UNIX_DAYS) {
        __int128 days = value.fits ? value.number.units / HR_DECIMAL_ONE.units : INT64_MAX;
        if (days * HR_DECIMAL_ONE.units != value.number.units ||
            days < hr_days_from_civil(1, 1, 1) || days >= hr_days_from_civil(10000, 1, 1)) {
            return wrong(t, place, node, "days since 1970 or a date");
        }
        hr_put_json_string(t->out, (struct hr_str){text, hr_date_print((int64_t)days, text)});
        return HR_REASON_NONE;
    }
    struct hr_time time;
    if (!value.fits || !hr_unix_parse(value.text, notation, &time)) {
        return wrong(t, place, node, "a moment");
    }
    hr_put_json_string(t->out, (struct hr_str){text, hr_time_print(time, text)});
    return HR_REASON_NONE;
}

static enum hr_reason put_major(struct hr_translation *t, const struct hr_format_field *field,
    uint32_t node, struct hr_str place)
{
    struct hr_decimal value;
    enum hr_reason reason = read_quantity(t, node, place, &value);
    int places = places_of_currency(t);
    if (reason || places < 0) {
        return reason ? reason : no_currency(t, field);
    }
    if (!major_to_minor(&value, places)) {
        return too_large(t, field);
    }
    if (value.units % HR_DECIMAL_ONE.units) {
        return wrong(t, place, node, "money without parts of a minor unit");
    }
    put_decimal(t, value);
    return HR_REASON_NONE;
}

static void put_upper(struct hr_translation *t, struct hr_str text)
{
    char *upper = hr_arena_take(t->reading->arena, text.len + 1);
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        upper[i] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
    }
    hr_put_json_string(t->out, (struct hr_str){upper, text.len});
}

static enum hr_reason put_value(struct hr_translation *t, const struct hr_format_field *field,
    uint32_t node, struct hr_str place)
{
    struct hr_str raw = hr_document_raw(t->json, node);
    struct hr_str text = hr_document_text(t->json, node, t->reading->arena);
    bool is_text = t->json->nodes[node].kind == HR_JSON_STRING;
    bool is_number = t->json->nodes[node].kind == HR_JSON_NUMBER;
    struct span span;
    enum hr_reason reason = HR_REASON_NONE;
    switch (field->notation) {
    case HR_AS_TEXT:
        if (is_number) {
            hr_put_json_string(t->out, text);
            return HR_REASON_NONE;
        }
        break;
    case HR_AS_NUMBER: {
        struct hr_decimal number;
        if (is_text && hr_decimal_parse(text, &number) == HR_DECIMAL_OK) {
            hr_put_bytes(t->out, text.at, text.len);
            return HR_REASON_NONE;
        }
        break;
    }
    case HR_AS_UPPER:
        if (is_text) {
            put_upper(t, text);
            return HR_REASON_NONE;
        }
        break;
    case HR_AS_MAJOR:
        return put_major(t, field, node, place);
    case HR_AS_PERIOD:
        if (is_text && !field->every[0].len && !read_span(text, &span)) {
            break; /* a period of EVENTS.md already, or fact.c will say what it is */
        }
        reason = read_period(t, t->reading->base, node, place, field->every, &span);
        if (!reason) {
            put_period(t, span);
        }
        return reason;
    case HR_AS_UNIX_S:
    case HR_AS_UNIX_MS:
    case HR_AS_UNIX_US:
    case HR_AS_UNIX_DAYS:
        return put_moment(t, field->notation, node, place);
    case HR_AS_WRITTEN:
        break;
    }
    hr_put_bytes(t->out, raw.at, raw.len);
    return HR_REASON_NONE;
}

/* The field's value, if it has one. */
enum hr_reason hr_translate_value(struct hr_translation *t, const struct hr_format_field *field,
    bool *given, struct hr_str *place)
{
    if (field->is.at) {
        *given = true;
        if (field->notation == HR_AS_NUMBER) {
            hr_put_bytes(t->out, field->is.at, field->is.len);
        } else {
            hr_put_json_string(t->out, field->is);
        }
        return HR_REASON_NONE;
    }
    if (is_sum(field)) {
        return put_sum(t, field, given, place);
    }
    bool null = false;
    uint32_t node = hr_part_first(t->reading, t->reading->base, field->at, place, &null);
    *given = node != HR_JSON_NONE;
    if (*given) {
        return put_value(t, field, node, *place);
    }
    if (null && hr_fact_takes_null(t->type, field->name)) {
        *given = true;
        hr_put_printf(t->out, "null");
    }
    return HR_REASON_NONE;
}
