/* SPDX-License-Identifier: Apache-2.0 */
/* Packing and unpacking of bytes.
 *
 * What is written here is read back by another process, perhaps years later, perhaps damaged on the
 * way. So there is exactly one form for each value: a varint with a needless byte, or a quantity
 * that could be shorter, is `bad` and not merely odd. Two accounts that are equal are then equal
 * bytes.
 *
 * A reader that went bad is put to its end, so that every later read fails too and a loop over the
 * rest ends by itself. */
#include "headroom/buffer.h"

#include "headroom/memory.h"

#include <stdarg.h>
#include <stdio.h>

/* ------------------------------------------------------------- writing */

/* Room for `more` bytes behind the last one. */
static uint8_t *reserve(struct hr_buffer *buffer, size_t more)
{
    size_t wanted;
    if (__builtin_add_overflow(buffer->len, more, &wanted)) {
        hr_out_of_memory(SIZE_MAX);
    }
    if (wanted > buffer->room) {
        size_t room = buffer->room < 32 ? 64 : buffer->room * 2;
        buffer->room = room > wanted ? room : wanted;
        buffer->at = hr_resize(buffer->at, buffer->room);
    }
    return buffer->at + buffer->len;
}

void hr_buffer_clean_up(struct hr_buffer *buffer)
{
    hr_free(buffer->at);
    *buffer = (struct hr_buffer){0};
}

void hr_put_bytes(struct hr_buffer *buffer, const void *bytes, size_t len)
{
    if (len > 0) {
        memcpy(reserve(buffer, len), bytes, len);
        buffer->len += len;
    }
}

void hr_put_u8(struct hr_buffer *buffer, uint8_t value)
{
    *reserve(buffer, 1) = value;
    buffer->len++;
}

static void put_little_endian(struct hr_buffer *buffer, uint64_t value, size_t bytes)
{
    uint8_t *at = reserve(buffer, bytes);
    for (size_t i = 0; i < bytes; i++) {
        at[i] = (uint8_t)(value >> (8 * i));
    }
    buffer->len += bytes;
}

void hr_put_u32(struct hr_buffer *buffer, uint32_t value)
{
    put_little_endian(buffer, value, 4);
}

void hr_put_u64(struct hr_buffer *buffer, uint64_t value)
{
    put_little_endian(buffer, value, 8);
}

/* LEB128: seven bits a byte, the lowest first, the top bit set on all but the last. */
static void put_leb128(struct hr_buffer *buffer, unsigned __int128 value)
{
    uint8_t *start = reserve(buffer, 19);
    uint8_t *at = start;
    for (; value > 0x7f; value >>= 7) {
        *at++ = (uint8_t)(value | 0x80);
    }
    *at++ = (uint8_t)value;
    buffer->len += (size_t)(at - start);
}

void hr_put_varint(struct hr_buffer *buffer, uint64_t value)
{
    put_leb128(buffer, value);
}

void hr_put_zigzag(struct hr_buffer *buffer, int64_t value)
{
    put_leb128(buffer, (uint64_t)value << 1 ^ (value < 0 ? UINT64_MAX : 0));
}

void hr_put_str(struct hr_buffer *buffer, struct hr_str text)
{
    hr_put_varint(buffer, text.len);
    hr_put_bytes(buffer, text.at, text.len);
}

void hr_put_decimal(struct hr_buffer *buffer, struct hr_decimal value)
{
    unsigned __int128 mantissa;
    unsigned zeros = hr_decimal_split(value, &mantissa);
    if (mantissa == 0) {
        hr_put_u8(buffer, 0);
        return;
    }
    hr_put_u8(buffer, (uint8_t)(1 + 2 * zeros + (value.units < 0)));
    put_leb128(buffer, mantissa);
}

void hr_put_time(struct hr_buffer *buffer, struct hr_time time)
{
    hr_put_zigzag(buffer, time.us);
}

void hr_put_printf(struct hr_buffer *buffer, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int len = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (len > 0) {
        size_t room = (size_t)len + 1; /* vsnprintf wants to terminate; the NUL is not kept */
        (void)vsnprintf((char *)reserve(buffer, room), room, format, again);
        buffer->len += (size_t)len;
    }
    va_end(again);
}

void hr_put_json_string(struct hr_buffer *buffer, struct hr_str text)
{
    size_t from = 0;
    hr_put_u8(buffer, '"');
    for (size_t i = 0; i < text.len;) {
        unsigned char c = (unsigned char)text.at[i];
        uint32_t point = c;
        size_t size = c < 0x80 ? 1 : hr_utf8_read(text.at + i, text.len - i, &point);
        bool hidden = size > 0 && hr_is_hidden(point);
        size = size ? size : 1;
        if (hidden || c == '"' || c == '\\') {
            hr_put_bytes(buffer, text.at + from, i - from);
            hr_put_printf(buffer, hidden ? "\\u%04x" : "\\%c", point);
            from = i + size;
        }
        i += size;
    }
    hr_put_bytes(buffer, text.at + from, text.len - from);
    hr_put_u8(buffer, '"');
}

/* ------------------------------------------------------------- reading */

static void turn_bad(struct hr_reader *reader)
{
    reader->bad = true;
    reader->at = reader->end;
}

static bool has(struct hr_reader *reader, uint64_t len)
{
    if ((uint64_t)(reader->end - reader->at) < len) {
        turn_bad(reader);
        return false;
    }
    return true;
}

static uint64_t get_little_endian(struct hr_reader *reader, size_t bytes)
{
    if (!has(reader, bytes)) {
        return 0;
    }
    uint64_t value = 0;
    for (size_t i = 0; i < bytes; i++) {
        value |= (uint64_t)reader->at[i] << (8 * i);
    }
    reader->at += bytes;
    return value;
}

uint8_t hr_get_u8(struct hr_reader *reader)
{
    return (uint8_t)get_little_endian(reader, 1);
}

uint32_t hr_get_u32(struct hr_reader *reader)
{
    return (uint32_t)get_little_endian(reader, 4);
}

uint64_t hr_get_u64(struct hr_reader *reader)
{
    return get_little_endian(reader, 8);
}

/* A number below 2^bits. Bad: cut short, larger, or with a last byte that adds nothing. */
static unsigned __int128 get_leb128(struct hr_reader *reader, unsigned bits)
{
    unsigned __int128 value = 0;
    for (unsigned shift = 0; shift < bits && has(reader, 1); shift += 7) {
        uint8_t byte = *reader->at++;
        unsigned __int128 part = byte & 0x7f;
        bool too_large = bits - shift < 7 && part >> (bits - shift) != 0;
        bool needless = byte == 0 && shift > 0;
        if (too_large || needless) {
            break;
        }
        value |= part << shift;
        if (byte == part) {
            return value;
        }
    }
    turn_bad(reader);
    return 0;
}

uint64_t hr_get_varint(struct hr_reader *reader)
{
    return (uint64_t)get_leb128(reader, 64);
}

int64_t hr_get_zigzag(struct hr_reader *reader)
{
    uint64_t value = hr_get_varint(reader);
    return (int64_t)(value >> 1 ^ (value & 1 ? UINT64_MAX : 0));
}

struct hr_str hr_get_bytes(struct hr_reader *reader, size_t len)
{
    if (!has(reader, len)) {
        return (struct hr_str){0};
    }
    struct hr_str bytes = {(const char *)reader->at, len};
    reader->at += len;
    return bytes;
}

struct hr_str hr_get_str(struct hr_reader *reader)
{
    uint64_t len = hr_get_varint(reader);
    return hr_get_bytes(reader, len);
}

struct hr_decimal hr_get_decimal(struct hr_reader *reader)
{
    struct hr_decimal value = HR_DECIMAL_ZERO;
    uint8_t head = hr_get_u8(reader);
    if (head == 0) {
        return value;
    }
    unsigned __int128 mantissa = get_leb128(reader, 127);
    if (!hr_decimal_join((head - 1) % 2 == 1, mantissa, (head - 1U) / 2, &value)) {
        turn_bad(reader);
    }
    return value;
}

struct hr_time hr_get_time(struct hr_reader *reader)
{
    return (struct hr_time){hr_get_zigzag(reader)};
}
