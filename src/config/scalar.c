/* SPDX-License-Identifier: Apache-2.0 */
/* Names, numbers with units, moments. A number without its unit is refused wherever a unit could be
 * meant differently; literals and conditions are in literal.c. */
#include "scalar.h"

static bool is_letter_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

const char *hr_check_name(struct hr_str text)
{
    if (text.len == 0 || text.len > HR_NAME_MOST) {
        return "must be a name of 1 to 64 bytes";
    }
    for (size_t i = 0; i < text.len; i++) {
        if (!is_letter_or_digit(text.at[i]) && text.at[i] != '_' && text.at[i] != '-') {
            return "must be a name: letters, digits, _ and - only";
        }
    }
    return NULL;
}

const char *hr_check_topic(struct hr_str text)
{
    if (text.len == 0 || text.len > 249) {
        return "must be 1 to 249 bytes long";
    }
    for (size_t i = 0; i < text.len; i++) {
        if (!is_letter_or_digit(text.at[i]) && !memchr("._-", text.at[i], 3)) {
            return "must be letters, digits, dots, _ and - only";
        }
    }
    if (hr_str_is(text, ".") || hr_str_is(text, "..")) {
        return "must be more than dots";
    }
    return NULL;
}

const char *hr_check_pointer(struct hr_str text)
{
    if (text.len == 0 || text.at[0] != '/') {
        return "must be a JSON pointer, which begins with /";
    }
    if (text.len > 256) {
        return "must be at most 256 bytes long";
    }
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '~' &&
            (i + 1 == text.len || (text.at[i + 1] != '0' && text.at[i + 1] != '1'))) {
            return "is no JSON pointer: ~ must be written ~0, and / in a name ~1";
        }
    }
    return NULL;
}

const char *hr_check_currency(struct hr_str text)
{
    char code[4] = "";
    if (text.len == 3) {
        memcpy(code, text.at, 3);
    }
    if (hr_currency_places(code) < 0) {
        return "must be a currency of ISO 4217, such as USD";
    }
    return NULL;
}

const char *hr_check_printable(struct hr_str text, bool lines)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];
        bool white = c == '\n' || c == '\r' || c == '\t';
        if ((c < 0x20 || c == 0x7f) && !(lines && white)) {
            return "holds a control character";
        }
    }
    return NULL;
}

bool hr_asks_environment(struct hr_str text)
{
    for (size_t i = 0; i + 1 < text.len; i++) {
        if (text.at[i] == '$' && text.at[i + 1] == '{') {
            return true;
        }
    }
    return false;
}

const char *hr_read_integer(struct hr_str text, int64_t *value)
{
    static const char *const problem = "must be a whole number";
    size_t at = text.len > 0 && text.at[0] == '-';
    int64_t magnitude = 0;
    if (at == text.len || text.len - at > 18) {
        return problem;
    }
    for (size_t i = at; i < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9') {
            return problem;
        }
        magnitude = magnitude * 10 + (text.at[i] - '0');
    }
    *value = at ? -magnitude : magnitude;
    return NULL;
}

static const struct unit {
    const char *name;
    int64_t bytes;
} size_units[] = {
    {"TiB", INT64_C(1) << 40},
    {"GiB", INT64_C(1) << 30},
    {"MiB", INT64_C(1) << 20},
    {"KiB", INT64_C(1) << 10},
    {"B", 1},
};
#define SIZE_UNITS (sizeof(size_units) / sizeof *size_units)

static bool ends_with(struct hr_str text, const char *end)
{
    size_t len = strlen(end);
    return text.len >= len && memcmp(text.at + text.len - len, end, len) == 0;
}

const char *hr_read_size(struct hr_str text, int64_t *bytes)
{
    static const char *const problem = "must be a size with its unit, such as 256MiB";
    for (size_t i = 0; i < SIZE_UNITS; i++) {
        if (!ends_with(text, size_units[i].name)) {
            continue;
        }
        struct hr_str digits = {text.at, text.len - strlen(size_units[i].name)};
        int64_t count;
        if (hr_read_integer(digits, &count) || count < 0) {
            return problem;
        }
        if (__builtin_mul_overflow(count, size_units[i].bytes, bytes)) {
            *bytes = INT64_MAX;
        }
        return NULL;
    }
    return problem;
}

void hr_print_size(int64_t bytes, struct hr_buffer *buffer)
{
    size_t unit = 0;
    while (bytes % size_units[unit].bytes != 0 || bytes == 0) {
        unit++;
        if (unit == SIZE_UNITS - 1) {
            break;
        }
    }
    hr_put_printf(
        buffer, "%lld%s", (long long)(bytes / size_units[unit].bytes), size_units[unit].name);
}

const char *hr_read_duration(struct hr_str text, int64_t *us)
{
    int64_t count;
    if (hr_str_is(text, "0") || hr_str_is(text, "0s")) {
        *us = 0;
    } else if (ends_with(text, "ms") &&
               !hr_read_integer((struct hr_str){text.at, text.len - 2}, &count) && count >= 0 &&
               count <= 1000000) {
        *us = count * (HR_SECOND / 1000);
    } else if (!hr_duration_parse(text, us)) {
        return "must be a duration such as 90s, 5m, 24h, 30d or 2w";
    }
    return NULL;
}

void hr_print_duration(int64_t us, struct hr_buffer *buffer)
{
    char text[HR_TIME_TEXT];
    if (us % HR_SECOND != 0) {
        hr_put_printf(buffer, "%lldms", (long long)(us / (HR_SECOND / 1000)));
    } else if (us == 0) {
        hr_put_printf(buffer, "0s");
    } else {
        hr_put_bytes(buffer, text, hr_duration_print(us, text));
    }
}

const char *hr_read_flag(struct hr_str text, bool *value)
{
    *value = hr_str_is(text, "true");
    return *value || hr_str_is(text, "false") ? NULL : "must be true or false";
}

const char *hr_read_moment(struct hr_str text, struct hr_moment *moment)
{
    *moment = (struct hr_moment){.kind = HR_MOMENT_DATE};
    if (hr_date_parse(text, &moment->day)) {
        return NULL;
    }
    moment->kind = HR_MOMENT_TIME;
    if (hr_time_parse(text, &moment->time)) {
        return NULL;
    }
    return "must be a date such as 2026-11-01 or a time such as 2026-11-01T09:00:00Z";
}

void hr_print_moment(const struct hr_moment *moment, struct hr_buffer *buffer)
{
    char text[HR_TIME_TEXT];
    size_t len = moment->kind == HR_MOMENT_DATE ? hr_date_print(moment->day, text)
                                                : hr_time_print(moment->time, text);
    hr_put_bytes(buffer, text, len);
}

const char *hr_read_quota(struct hr_str text, struct hr_quota *quota)
{
    struct hr_written literal;
    quota->unlimited = hr_str_is(text, "unlimited");
    quota->value = HR_DECIMAL_ZERO;
    if (quota->unlimited) {
        return NULL;
    }
    if (hr_read_literal(text, &literal) || literal.form != HR_FORM_PLAIN ||
        literal.number.units < 0) {
        return "must be a number of at least 0, or unlimited";
    }
    quota->value = literal.number;
    return NULL;
}

void hr_print_quota(const struct hr_quota *quota, struct hr_buffer *buffer)
{
    char text[HR_DECIMAL_TEXT];
    if (quota->unlimited) {
        hr_put_printf(buffer, "unlimited");
    } else {
        hr_put_bytes(buffer, text, hr_decimal_print(quota->value, text));
    }
}

/* A span is kept in the widest buckets of which it holds at least seven (SEMANTICS 3, Windows). */
static bool cut_span(struct hr_window *window)
{
    static const int64_t widths[] = {HR_DAY, HR_HOUR, HR_MINUTE};
    for (size_t i = 0; i < sizeof(widths) / sizeof *widths; i++) {
        if (window->span_us < 7 * widths[i]) {
            continue;
        }
        window->bucket_us = widths[i];
        window->buckets = (uint32_t)(window->span_us / widths[i]);
        return true;
    }
    return false;
}

const char *hr_read_window(struct hr_str text, struct hr_window *window)
{
    static const char *const words[] = {
        [HR_WINDOW_PERIOD] = "period",
        [HR_WINDOW_DAY] = "day",
        [HR_WINDOW_WEEK] = "week",
        [HR_WINDOW_MONTH] = "month",
    };
    *window = (struct hr_window){.text = text};
    for (unsigned i = 0; i < sizeof(words) / sizeof *words; i++) {
        if (hr_str_is(text, words[i])) {
            window->kind = (enum hr_window_kind)i;
            return NULL;
        }
    }
    window->kind = HR_WINDOW_SPAN;
    if (!hr_duration_parse(text, &window->span_us) || text.at[0] == '0') {
        return "must be a window: period, day, week, month or a duration such as 24h";
    }
    if (window->span_us > 366 * HR_DAY) {
        return "must be a window of at most 366d";
    }
    if (!cut_span(window)) {
        return "must be a window of at least 7m";
    }
    return NULL;
}
