/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes out and bytes in: the one way in which stored state, markers, offset metadata and forwarded
 * records are packed. Integers are little-endian or LEB128 varints, strings are length first.
 * A reader never reads past its end: it turns `bad` and returns zeros, so a parser checks once.
 * Every value has one form; a longer one for the same value is `bad` too. A bad reader is at its
 * end. */
#ifndef HEADROOM_BUFFER_H
#define HEADROOM_BUFFER_H

#include "headroom/decimal.h"
#include "headroom/str.h"
#include "headroom/time.h"

#include <stdbool.h>
#include <stdint.h>

struct hr_buffer {
    uint8_t *at;
    size_t len, room;
};

void hr_buffer_clean_up(struct hr_buffer *buffer);
static inline void hr_buffer_clear(struct hr_buffer *buffer)
{
    buffer->len = 0;
}
static inline struct hr_str hr_buffer_str(const struct hr_buffer *buffer)
{
    return (struct hr_str){(const char *)buffer->at, buffer->len};
}
void hr_put_bytes(struct hr_buffer *buffer, const void *bytes, size_t len);
void hr_put_u8(struct hr_buffer *buffer, uint8_t value);
void hr_put_u32(struct hr_buffer *buffer, uint32_t value);
void hr_put_u64(struct hr_buffer *buffer, uint64_t value);
void hr_put_varint(struct hr_buffer *buffer, uint64_t value);
void hr_put_zigzag(struct hr_buffer *buffer, int64_t value);
void hr_put_str(struct hr_buffer *buffer, struct hr_str text); /* varint length, bytes */
/* One byte for the sign and the number of trailing decimal zeros, a varint for the rest: 0 is one
 * byte, 4200 and 0.5 are two, none is more than twenty. */
void hr_put_decimal(struct hr_buffer *buffer, struct hr_decimal value);
void hr_put_time(struct hr_buffer *buffer, struct hr_time time); /* zigzag microseconds */
void hr_put_printf(struct hr_buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Valid UTF-8 in quotes; what JSON demands is escaped, and what hr_is_hidden, for a terminal may be
 * where the line ends up. */
void hr_put_json_string(struct hr_buffer *buffer, struct hr_str text);

struct hr_reader {
    const uint8_t *at, *end;
    bool bad;
};
static inline struct hr_reader hr_reader(struct hr_str bytes)
{
    const uint8_t *at = (const uint8_t *)bytes.at;
    return (struct hr_reader){at, bytes.len ? at + bytes.len : at, false};
}
static inline bool hr_reader_at_end(const struct hr_reader *reader)
{
    return reader->at == reader->end;
}
/* Of a list without a count: there is another, and nothing was wrong so far. */
static inline bool hr_reader_more(const struct hr_reader *reader)
{
    return !reader->bad && reader->at != reader->end;
}
/* All was read, and all was well. */
static inline bool hr_reader_done(const struct hr_reader *reader)
{
    return !reader->bad && reader->at == reader->end;
}
uint8_t hr_get_u8(struct hr_reader *reader);
uint32_t hr_get_u32(struct hr_reader *reader);
uint64_t hr_get_u64(struct hr_reader *reader);
uint64_t hr_get_varint(struct hr_reader *reader);
int64_t hr_get_zigzag(struct hr_reader *reader);
struct hr_str hr_get_str(struct hr_reader *reader); /* points into the input */
struct hr_str hr_get_bytes(struct hr_reader *reader, size_t len);
struct hr_decimal hr_get_decimal(struct hr_reader *reader);
struct hr_time hr_get_time(struct hr_reader *reader);

#endif
