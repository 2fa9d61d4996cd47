/* SPDX-License-Identifier: Apache-2.0 */
/* Dead letters: the original record, unchanged, behind a block of headers that says what became of
 * it. The block stands first and always has the same headers in the same order, so that a record
 * which itself carries hr-* headers (a dead letter of somebody's dead letter) comes back as it was.
 *
 * Kafka refuses a record over the topic's bound, and a refused one would stop the batch. So what is
 * too large goes by reference: topic, partition and offset say where it is, hr-size (null in every
 * other letter) how long its value was, and the head of the value stays for whoever looks. Such a
 * letter keeps its key and its own headers only while these are small. */
#include "headroom/codec.h"

#include <errno.h>
#include <stdlib.h>

enum { REASON, DETAIL, TOPIC, PARTITION, OFFSET, TIMESTAMP, ACCOUNT, SIZE, BLOCK };
static const char *const names[BLOCK] = {
    [REASON] = "hr-reason",
    [DETAIL] = "hr-detail",
    [TOPIC] = "hr-topic",
    [PARTITION] = "hr-partition",
    [OFFSET] = "hr-offset",
    [TIMESTAMP] = "hr-timestamp",
    [ACCOUNT] = "hr-account",
    [SIZE] = "hr-size",
};

/* What Kafka adds to a record and to a header is less (varints, a batch's 61 bytes). */
#define RECORD_OVERHEAD 128
#define HEADER_OVERHEAD 16
#define HEAD_MOST 65536 /* bytes of a value by reference: to look at, not to use */

static size_t header_bytes(const struct hr_header *headers, size_t count)
{
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++) {
        bytes += headers[i].name.len + headers[i].value.len + HEADER_OVERHEAD;
    }
    return bytes;
}

static struct hr_str time_text(struct hr_time time, struct hr_arena *arena)
{
    if (hr_time_is(time, HR_TIME_NONE)) {
        return (struct hr_str){NULL, 0};
    }
    char *text = hr_arena_take(arena, HR_TIME_TEXT);
    return (struct hr_str){text, hr_time_print(time, text)};
}

/* Cuts the letter to `most` bytes: by turns what matters least. */
static void shorten(struct hr_log_record *letter, struct hr_header *block, size_t most)
{
    if (block[ACCOUNT].value.len > most / 8) {
        block[ACCOUNT].value = (struct hr_str){NULL, 0};
    }
    if (letter->key.len > most / 8) {
        letter->key = (struct hr_str){NULL, 0};
    }
    if (header_bytes(letter->headers + BLOCK, letter->header_count - BLOCK) > most / 8) {
        letter->header_count = BLOCK;
    }
    size_t others =
        RECORD_OVERHEAD + letter->key.len + header_bytes(letter->headers, letter->header_count);
    size_t room = others < most ? most - others : 0;
    if (room > HEAD_MOST) {
        room = HEAD_MOST;
    }
    if (letter->value.len > room) {
        letter->value.len = room;
    }
}

void hr_encode_dead_letter(const struct hr_log_record *original, enum hr_reason reason,
    const char *detail, struct hr_str account, size_t most, struct hr_arena *arena,
    struct hr_log_record *letter)
{
    size_t count = BLOCK + original->header_count;
    struct hr_header *headers = hr_arena_take(arena, count * sizeof *headers);
    for (int i = 0; i < BLOCK; i++) {
        headers[i].name = hr_str(names[i]);
    }
    headers[REASON].value = hr_str(hr_reason_name(reason));
    headers[DETAIL].value = hr_arena_copy(arena, hr_str(detail));
    headers[TOPIC].value = original->topic;
    headers[PARTITION].value = hr_arena_printf(arena, "%d", original->partition);
    headers[OFFSET].value = hr_arena_printf(arena, "%lld", (long long)original->offset);
    headers[TIMESTAMP].value = time_text(original->timestamp, arena);
    headers[ACCOUNT].value = account;
    headers[SIZE].value = (struct hr_str){NULL, 0};
    if (original->header_count > 0) {
        memcpy(headers + BLOCK, original->headers, original->header_count * sizeof *headers);
    }
    *letter = (struct hr_log_record){.partition = -1,
        .timestamp = HR_TIME_NONE,
        .key = original->key,
        .value = original->value,
        .headers = headers,
        .header_count = count};
    if (RECORD_OVERHEAD + letter->key.len + letter->value.len + header_bytes(headers, count) <=
        most) {
        return;
    }
    headers[SIZE].value = hr_arena_printf(arena, "%zu", original->value.len);
    shorten(letter, headers, most);
}

/* A whole number, all of the text; false for anything else. */
static bool read_integer(struct hr_str text, int64_t *integer)
{
    char copy[24];
    char *end;
    if (text.len == 0 || text.len >= sizeof copy) {
        return false;
    }
    memcpy(copy, text.at, text.len);
    copy[text.len] = '\0';
    if (copy[0] != '-' && (copy[0] < '0' || copy[0] > '9')) {
        return false;
    }
    errno = 0;
    *integer = strtoll(copy, &end, 10);
    return errno == 0 && end == copy + text.len;
}

/* What Kafka takes as a topic's name. A replay sends there, so that nothing else may come by. */
static bool is_topic(struct hr_str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                c == '.' || c == '_' || c == '-')) {
            return false;
        }
    }
    return name.len > 0 && name.len <= 249;
}

bool hr_decode_dead_letter(const struct hr_log_record *letter, struct hr_dead_letter *out)
{
    const struct hr_header *block = letter->headers;
    int64_t partition, size = 0;
    if (letter->header_count < BLOCK) {
        return false;
    }
    for (int i = 0; i < BLOCK; i++) {
        if (!hr_str_is(block[i].name, names[i])) {
            return false;
        }
    }
    memset(out, 0, sizeof *out);
    out->reason = block[REASON].value;
    out->detail = block[DETAIL].value;
    out->account = block[ACCOUNT].value;
    struct hr_log_record *original = &out->original;
    original->topic = block[TOPIC].value;
    original->timestamp = HR_TIME_NONE;
    if (!is_topic(original->topic) || !read_integer(block[PARTITION].value, &partition) ||
        partition < 0 || partition > INT32_MAX ||
        !read_integer(block[OFFSET].value, &original->offset) ||
        (block[SIZE].value.at && (!read_integer(block[SIZE].value, &size) || size < 0)) ||
        (block[TIMESTAMP].value.at &&
            !hr_time_parse(block[TIMESTAMP].value, &original->timestamp))) {
        return false;
    }
    original->partition = (int32_t)partition;
    original->key = letter->key;
    original->value = letter->value;
    original->headers = letter->headers + BLOCK;
    original->header_count = letter->header_count - BLOCK;
    out->by_reference = block[SIZE].value.at != NULL;
    out->size = out->by_reference ? (uint64_t)size : letter->value.len;
    return true;
}
