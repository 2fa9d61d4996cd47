/* SPDX-License-Identifier: Apache-2.0 */
/* JSON out. Text is expected to be UTF-8; what is not is replaced by U+FFFD, so that the document
 * as a whole stays readable. */
#include "print.h"

#include "headroom/codec.h"

#include <inttypes.h>

static void put_quoted(struct hr_buffer *buffer, struct hr_str text)
{
    hr_put_u8(buffer, '"');
    for (size_t i = 0; i < text.len;) {
        uint32_t point;
        size_t size = hr_utf8_read(text.at + i, text.len - i, &point);
        if (size == 0) {
            hr_put_bytes(buffer, "\xef\xbf\xbd", 3);
        } else if (point == '"' || point == '\\') {
            hr_put_u8(buffer, '\\');
            hr_put_u8(buffer, (uint8_t)point);
        } else if (point == '\n') {
            hr_put_bytes(buffer, "\\n", 2);
        } else if (point == '\t') {
            hr_put_bytes(buffer, "\\t", 2);
        } else if (hr_is_hidden(point)) {
            hr_put_printf(buffer, "\\u%04x", point);
        } else {
            hr_put_bytes(buffer, text.at + i, size);
        }
        i += size ? size : 1;
    }
    hr_put_u8(buffer, '"');
}

static void begin(struct hr_doc *doc, struct hr_str key)
{
    if (doc->comma) {
        hr_put_u8(doc->buffer, ',');
    }
    doc->comma = true;
    if (key.at) {
        put_quoted(doc->buffer, key);
        hr_put_u8(doc->buffer, ':');
    }
}

static void begin_named(struct hr_doc *doc, const char *key)
{
    begin(doc, key ? hr_str(key) : (struct hr_str){NULL, 0});
}

void hr_doc_open(struct hr_doc *doc, const char *key, char bracket)
{
    begin_named(doc, key);
    hr_put_u8(doc->buffer, (uint8_t)bracket);
    doc->comma = false;
}

void hr_doc_close(struct hr_doc *doc, char bracket)
{
    hr_put_u8(doc->buffer, (uint8_t)bracket);
    doc->comma = true;
}

void hr_doc_text(struct hr_doc *doc, const char *key, struct hr_str text)
{
    begin_named(doc, key);
    put_quoted(doc->buffer, text);
}

void hr_doc_number(struct hr_doc *doc, const char *key, int64_t number)
{
    begin_named(doc, key);
    hr_put_printf(doc->buffer, "%" PRId64, number);
}

void hr_doc_number_of(struct hr_doc *doc, struct hr_str key, int64_t number)
{
    begin(doc, key);
    hr_put_printf(doc->buffer, "%" PRId64, number);
}

void hr_doc_flag(struct hr_doc *doc, const char *key, bool flag)
{
    begin_named(doc, key);
    hr_put_printf(doc->buffer, "%s", flag ? "true" : "false");
}

void hr_doc_null(struct hr_doc *doc, const char *key)
{
    begin_named(doc, key);
    hr_put_printf(doc->buffer, "null");
}

void hr_doc_time(struct hr_doc *doc, const char *key, struct hr_time time)
{
    char text[HR_TIME_TEXT];
    if (hr_time_is(time, HR_TIME_NONE)) {
        hr_doc_null(doc, key);
    } else {
        hr_doc_text(doc, key, (struct hr_str){text, hr_time_print(time, text)});
    }
}

static void put_base64(struct hr_buffer *buffer, struct hr_str bytes)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const uint8_t *at = (const uint8_t *)bytes.at;
    for (size_t i = 0; i < bytes.len; i += 3) {
        size_t len = bytes.len - i < 3 ? bytes.len - i : 3;
        uint32_t three = (uint32_t)at[i] << 16;
        three |= len > 1 ? (uint32_t)at[i + 1] << 8 : 0;
        three |= len > 2 ? (uint32_t)at[i + 2] : 0;
        hr_put_u8(buffer, (uint8_t)digits[three >> 18]);
        hr_put_u8(buffer, (uint8_t)digits[three >> 12 & 63]);
        hr_put_u8(buffer, len > 1 ? (uint8_t)digits[three >> 6 & 63] : '=');
        hr_put_u8(buffer, len > 2 ? (uint8_t)digits[three & 63] : '=');
    }
}

void hr_doc_bytes(struct hr_doc *doc, const char *key, struct hr_str bytes)
{
    if (!bytes.at) {
        hr_doc_null(doc, key);
    } else if (hr_utf8_valid(bytes)) {
        hr_doc_text(doc, key, bytes);
    } else {
        char name[64];
        snprintf(name, sizeof(name), "%s_base64", key);
        begin_named(doc, name);
        hr_put_u8(doc->buffer, '"');
        put_base64(doc->buffer, bytes);
        hr_put_u8(doc->buffer, '"');
    }
}

void hr_doc_print(struct hr_doc *doc)
{
    hr_put_u8(doc->buffer, '\n');
    hr_put_out(hr_buffer_str(doc->buffer));
    hr_buffer_clean_up(doc->buffer);
}
