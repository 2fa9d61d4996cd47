/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes of the protocol's own records. A layout here is stored in Kafka and Redis by every
 * installation: it is changed by adding a version, never by editing one. A reader accepts what it
 * knows, whole and with its checksum right, and nothing else. */
#include "wire.h"

#include "headroom/hash.h"
#include "headroom/pipeline.h"

#include <inttypes.h>
#include <stdio.h>

#define WIRE_VERSION 1
#define HEADER_VERSION 3
#define INTERNAL_VERSION 2
/* Room for a hostile count: no record that fits into Kafka has more entries than bytes. */

/* --- text: metadata and marker -----------------------------------------------------------------
 */

/* Numbers separated by one space: decimal with an optional sign, or hexadecimal. */
static bool take_number(struct hr_str *text, int base, uint64_t *value, bool *negative)
{
    size_t i = 0;
    uint64_t sum = 0;
    *negative = base == 10 && i < text->len && text->at[i] == '-';
    i += *negative;
    size_t first = i;
    for (; i < text->len && text->at[i] != ' '; i++) {
        char c = text->at[i];
        unsigned digit = c >= '0' && c <= '9'                 ? (unsigned)(c - '0')
                         : base == 16 && c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10
                                                              : 99;
        if (digit == 99 || __builtin_mul_overflow(sum, (unsigned)base, &sum) ||
            __builtin_add_overflow(sum, digit, &sum))
            return false;
    }
    if (i == first)
        return false;
    *value = sum;
    size_t step = i < text->len ? i + 1 : i;
    text->at += step;
    text->len -= step;
    return true;
}

static bool take_u64(struct hr_str *text, int base, uint64_t *value)
{
    bool negative;
    return take_number(text, base, value, &negative) && !negative;
}

static bool take_i64(struct hr_str *text, int64_t *value)
{
    uint64_t size;
    bool negative;
    if (!take_number(text, 10, &size, &negative) || size > (uint64_t)INT64_MAX + negative)
        return false;
    *value = negative ? (int64_t)(0 - size) : (int64_t)size;
    return true;
}

void hr_metadata_print(struct hr_batch_name name, char text[HR_METADATA_TEXT])
{
    snprintf(text, HR_METADATA_TEXT, "%d %" PRIu64 " %016" PRIx64, WIRE_VERSION, name.sequence,
        name.nonce);
}

bool hr_metadata_parse(struct hr_str text, struct hr_batch_name *name)
{
    uint64_t version;
    return take_u64(&text, 10, &version) && version == WIRE_VERSION &&
           take_u64(&text, 10, &name->sequence) && take_u64(&text, 16, &name->nonce) &&
           text.len == 0;
}

size_t hr_marker_print(const struct hr_marker *marker, char text[HR_MARKER_TEXT])
{
    int len = snprintf(text, HR_MARKER_TEXT,
        "%d %" PRIu64 " %016" PRIx64 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRIu32 " %" PRIu64
        " %016" PRIx64 " %" PRId64,
        WIRE_VERSION, marker->batch.sequence, marker->batch.nonce, marker->changelog_offset,
        marker->time.us, marker->fresh.us, marker->epoch, marker->views_through, marker->write,
        marker->rules_since.us);
    uint64_t sum = hr_hash64((struct hr_str){text, (size_t)len}, HR_SEED_MARKER);
    len += snprintf(text + len, HR_MARKER_TEXT - (size_t)len, " %016" PRIx64, sum);
    return (size_t)len;
}

bool hr_marker_parse(struct hr_str text, struct hr_marker *marker)
{
    const size_t tail = 17; /* a space and sixteen digits */
    if (text.len <= tail || text.at[text.len - tail] != ' ')
        return false;
    struct hr_str body = {text.at, text.len - tail};
    struct hr_str sum_text = {text.at + body.len + 1, tail - 1};
    uint64_t version, epoch, sum;
    marker->rules_since = (struct hr_time){0};
    if (!take_u64(&sum_text, 16, &sum) || sum != hr_hash64(body, HR_SEED_MARKER))
        return false;
    if (!take_u64(&body, 10, &version) || version != WIRE_VERSION ||
        !take_u64(&body, 10, &marker->batch.sequence) ||
        !take_u64(&body, 16, &marker->batch.nonce) || !take_i64(&body, &marker->changelog_offset) ||
        !take_i64(&body, &marker->time.us) || !take_i64(&body, &marker->fresh.us) ||
        !take_u64(&body, 10, &epoch) || epoch > UINT32_MAX ||
        !take_u64(&body, 10, &marker->views_through) || !take_u64(&body, 16, &marker->write) ||
        (body.len != 0 && !take_i64(&body, &marker->rules_since.us)) || body.len != 0)
        return false;
    marker->epoch = (uint32_t)epoch;
    return true;
}

bool hr_marker_is_behind(struct hr_str marker, struct hr_str metadata)
{
    struct hr_batch_name committed;
    struct hr_marker held;
    if (!hr_metadata_parse(metadata, &committed))
        return false;
    return !hr_marker_parse(marker, &held) || held.batch.sequence < committed.sequence;
}

struct hr_time hr_marker_time(struct hr_str marker)
{
    struct hr_marker held;
    return hr_marker_parse(marker, &held) ? held.time : HR_TIME_NONE;
}

/* --- binary records ----------------------------------------------------------------------------
 */

/* Ends a record with the checksum of everything that stands before it. */
static void seal(struct hr_buffer *buffer, size_t start, uint64_t seed)
{
    struct hr_str body = {(const char *)buffer->at + start, buffer->len - start};
    hr_put_u64(buffer, hr_hash64(body, seed));
}

/* *version: on entry the newest that is known, then the record's. */
static enum hr_fate unseal(struct hr_str bytes, uint64_t seed, const char *what, unsigned *version,
    struct hr_reader *reader, struct hr_error *error)
{
    if (bytes.len < 9)
        return hr_fail(error, HR_REFUSE, "%s is cut short: %zu bytes", what, bytes.len);
    struct hr_str body = {bytes.at, bytes.len - 8};
    struct hr_reader tail = hr_reader((struct hr_str){bytes.at + body.len, 8});
    if (hr_get_u64(&tail) != hr_hash64(body, seed))
        return hr_fail(error, HR_REFUSE, "%s has a wrong checksum", what);
    *reader = hr_reader(body);
    unsigned newest = *version;
    *version = hr_get_u8(reader);
    if (*version < 1 || *version > newest)
        return hr_fail(error, HR_REFUSE, "%s has version %u, this headroom reads up to %u", what,
            *version, newest);
    return HR_OK;
}

static enum hr_fate whole(const struct hr_reader *reader, const char *what, struct hr_error *error)
{
    if (!hr_reader_done(reader))
        return hr_fail(error, HR_REFUSE, "%s cannot be read to its end", what);
    return HR_OK;
}

/* A count of things that take at least one byte each. */
static size_t get_count(struct hr_reader *reader)
{
    uint64_t count = hr_get_varint(reader);
    if (count > (uint64_t)(reader->end - reader->at))
        reader->bad = true;
    return reader->bad ? 0 : (size_t)count;
}

static void put_partition(struct hr_buffer *buffer, struct hr_topic_partition of)
{
    hr_put_str(buffer, of.topic);
    hr_put_varint(buffer, (uint32_t)of.partition);
}

static struct hr_topic_partition get_partition(struct hr_reader *reader)
{
    struct hr_topic_partition of = {.topic = hr_get_str(reader)};
    uint64_t partition = hr_get_varint(reader);
    reader->bad |= partition > INT32_MAX;
    of.partition = (int32_t)partition;
    return of;
}

static void put_reports(
    struct hr_buffer *buffer, const struct hr_clock_report *reports, size_t count)
{
    hr_put_varint(buffer, count);
    for (size_t i = 0; i < count; i++) {
        put_partition(buffer, reports[i].of);
        hr_put_u8(buffer, (uint8_t)reports[i].state);
        hr_put_time(buffer, reports[i].arrival);
        hr_put_time(buffer, reports[i].at);
    }
}

static struct hr_clock_report *get_reports(
    struct hr_reader *reader, struct hr_arena *arena, size_t *count)
{
    *count = get_count(reader);
    struct hr_clock_report *reports = hr_arena_zeroed(arena, *count * sizeof *reports);
    for (size_t i = 0; i < *count && !reader->bad; i++) {
        reports[i].of = get_partition(reader);
        unsigned state = hr_get_u8(reader);
        reader->bad |= state > HR_CLOCK_OUT;
        reports[i].state = (enum hr_clock_state)state;
        reports[i].arrival = hr_get_time(reader);
        reports[i].at = hr_get_time(reader);
    }
    return reports;
}

void hr_batch_header_put(const struct hr_batch_header *header, struct hr_buffer *buffer)
{
    size_t start = buffer->len;
    hr_put_u8(buffer, HEADER_VERSION);
    hr_put_varint(buffer, header->batch.sequence);
    hr_put_u64(buffer, header->batch.nonce);
    hr_put_varint(buffer, header->previous);
    hr_put_time(buffer, header->time);
    hr_put_time(buffer, header->wall);
    hr_put_varint(buffer, header->epoch);
    hr_put_varint(buffer, header->position_count);
    for (size_t i = 0; i < header->position_count; i++) {
        put_partition(buffer, header->positions[i].of);
        hr_put_zigzag(buffer, header->positions[i].offset);
    }
    put_reports(buffer, header->reports, header->report_count);
    hr_put_varint(buffer, header->log_since);
    hr_put_u8(buffer, header->partial);
    hr_put_time(buffer, header->rules_since);
    seal(buffer, start, HR_SEED_HEADER);
}

enum hr_fate hr_batch_header_get(struct hr_str bytes, struct hr_arena *arena,
    struct hr_batch_header *header, struct hr_error *error)
{
    const char *what = "a batch header in the changelog";
    struct hr_reader reader;
    unsigned version = HEADER_VERSION;
    enum hr_fate fate = unseal(bytes, HR_SEED_HEADER, what, &version, &reader, error);
    if (fate)
        return fate;
    header->batch.sequence = hr_get_varint(&reader);
    header->batch.nonce = hr_get_u64(&reader);
    header->previous = hr_get_varint(&reader);
    header->time = hr_get_time(&reader);
    header->wall = hr_get_time(&reader);
    header->epoch = (uint32_t)hr_get_varint(&reader);
    header->position_count = get_count(&reader);
    header->positions = hr_arena_zeroed(arena, header->position_count * sizeof *header->positions);
    for (size_t i = 0; i < header->position_count && !reader.bad; i++) {
        struct hr_topic_partition of = get_partition(&reader);
        header->positions[i].of.topic = hr_arena_copy(arena, of.topic);
        header->positions[i].of.partition = of.partition;
        header->positions[i].offset = hr_get_zigzag(&reader);
    }
    header->reports = get_reports(&reader, arena, &header->report_count);
    for (size_t i = 0; i < header->report_count; i++)
        header->reports[i].of.topic = hr_arena_copy(arena, header->reports[i].of.topic);
    header->log_since = version > 1 ? hr_get_varint(&reader) : 0;
    header->partial = version > 1 && hr_get_u8(&reader) != 0;
    header->rules_since = version > 2 ? hr_get_time(&reader) : (struct hr_time){0};
    return whole(&reader, what, error);
}

void hr_ahead_put(const struct hr_ahead *ahead, size_t count, struct hr_buffer *buffer)
{
    size_t start = buffer->len;
    hr_put_u8(buffer, WIRE_VERSION);
    hr_put_varint(buffer, count);
    for (size_t i = 0; i < count; i++) {
        hr_put_u8(buffer, (uint8_t)ahead[i].rank.group);
        put_partition(buffer, ahead[i].rank.of);
        hr_put_varint(buffer, (uint64_t)ahead[i].offset);
    }
    seal(buffer, start, HR_SEED_AHEAD);
}

enum hr_fate hr_ahead_get(struct hr_str bytes, struct hr_arena *arena, struct hr_ahead **ahead,
    size_t *count, struct hr_error *error)
{
    const char *what = "what is applied of the internal topic";
    struct hr_reader reader;
    unsigned version = WIRE_VERSION;
    enum hr_fate fate = unseal(bytes, HR_SEED_AHEAD, what, &version, &reader, error);
    if (fate)
        return fate;
    *count = get_count(&reader);
    *ahead = hr_arena_zeroed(arena, *count * sizeof **ahead);
    for (size_t i = 0; i < *count && !reader.bad; i++) {
        unsigned group = hr_get_u8(&reader);
        reader.bad |= group > HR_RANK_LAST;
        (*ahead)[i].rank.group = (enum hr_rank_group)group;
        (*ahead)[i].rank.of = get_partition(&reader);
        (*ahead)[i].offset = (int64_t)hr_get_varint(&reader);
    }
    return whole(&reader, what, error);
}

void hr_manifest_put(const struct hr_manifest *manifest, struct hr_buffer *buffer)
{
    size_t start = buffer->len;
    hr_put_u8(buffer, WIRE_VERSION);
    hr_put_varint(buffer, manifest->epoch);
    hr_put_varint(buffer, manifest->home_count);
    hr_put_str(buffer, manifest->cluster_id);
    hr_put_str(buffer, manifest->group);
    hr_put_str(buffer, manifest->fingerprint);
    hr_put_time(buffer, manifest->live_from);
    hr_put_str(buffer, manifest->text);
    seal(buffer, start, HR_SEED_MANIFEST);
}

enum hr_fate hr_manifest_get(
    struct hr_str bytes, struct hr_manifest *manifest, struct hr_error *error)
{
    const char *what = "a manifest";
    struct hr_reader reader;
    unsigned version = WIRE_VERSION;
    enum hr_fate fate = unseal(bytes, HR_SEED_MANIFEST, what, &version, &reader, error);
    if (fate)
        return fate;
    manifest->epoch = (uint32_t)hr_get_varint(&reader);
    manifest->home_count = (uint32_t)hr_get_varint(&reader);
    manifest->cluster_id = hr_get_str(&reader);
    manifest->group = hr_get_str(&reader);
    manifest->fingerprint = hr_get_str(&reader);
    manifest->live_from = hr_get_time(&reader);
    manifest->text = hr_get_str(&reader);
    return whole(&reader, what, error);
}

/* --- the internal topic --------------------------------------------------------------------------
 */

/* A string that may be absent: 0, or its length + 1 and its bytes. */
static void put_maybe(struct hr_buffer *buffer, struct hr_str text)
{
    hr_put_varint(buffer, text.at ? text.len + 1 : 0);
    if (text.at)
        hr_put_bytes(buffer, text.at, text.len);
}

static struct hr_str get_maybe(struct hr_reader *reader)
{
    uint64_t len = hr_get_varint(reader);
    return len ? hr_get_bytes(reader, (size_t)(len - 1)) : (struct hr_str){NULL, 0};
}

static void put_event(struct hr_buffer *buffer, const struct hr_internal *internal)
{
    const struct hr_log_record *record = &internal->record;
    hr_put_varint(buffer, internal->hops);
    hr_put_str(buffer, internal->account);
    hr_put_str(buffer, internal->format);
    put_partition(buffer, (struct hr_topic_partition){record->topic, record->partition});
    hr_put_varint(buffer, (uint64_t)record->offset);
    hr_put_time(buffer, record->timestamp);
    put_maybe(buffer, record->key);
    put_maybe(buffer, record->value);
    hr_put_varint(buffer, record->header_count);
    for (size_t i = 0; i < record->header_count; i++) {
        hr_put_str(buffer, record->headers[i].name);
        put_maybe(buffer, record->headers[i].value);
    }
}

static void get_event(
    struct hr_reader *reader, struct hr_arena *arena, struct hr_internal *internal)
{
    struct hr_log_record *record = &internal->record;
    internal->hops = (uint32_t)hr_get_varint(reader);
    internal->account = hr_get_str(reader);
    internal->format = hr_get_str(reader);
    struct hr_topic_partition of = get_partition(reader);
    record->topic = of.topic;
    record->partition = of.partition;
    record->offset = (int64_t)hr_get_varint(reader);
    record->timestamp = hr_get_time(reader);
    record->key = get_maybe(reader);
    record->value = get_maybe(reader);
    record->header_count = get_count(reader);
    struct hr_header *headers = hr_arena_zeroed(arena, record->header_count * sizeof *headers);
    for (size_t i = 0; i < record->header_count && !reader->bad; i++) {
        headers[i].name = hr_get_str(reader);
        headers[i].value = get_maybe(reader);
    }
    record->headers = headers;
}

static void put_message(struct hr_buffer *buffer, const struct hr_message *message)
{
    hr_put_u8(buffer, (uint8_t)message->kind);
    hr_put_str(buffer, message->name);
    hr_put_str(buffer, message->account);
    hr_put_time(buffer, message->time);
    hr_put_str(buffer, message->payload);
    hr_put_u8(buffer, message->last);
    hr_put_u8(buffer, message->hops);
}

static void get_message(struct hr_reader *reader, struct hr_message *message)
{
    unsigned kind = hr_get_u8(reader);
    reader->bad |= kind > HR_MESSAGE_BRAKE;
    message->kind = (enum hr_message_kind)kind;
    message->name = hr_get_str(reader);
    message->account = hr_get_str(reader);
    message->time = hr_get_time(reader);
    message->payload = hr_get_str(reader);
    message->last = hr_get_u8(reader) != 0;
    message->hops = hr_get_u8(reader);
}

void hr_internal_put(const struct hr_internal *internal, struct hr_buffer *buffer)
{
    hr_put_u8(buffer, INTERNAL_VERSION);
    hr_put_u8(buffer, (uint8_t)internal->kind);
    hr_put_time(buffer, internal->arrival);
    hr_put_time(buffer, internal->order);
    hr_put_varint(buffer, internal->from);
    switch (internal->kind) {
    case HR_INTERNAL_EVENT:
        put_event(buffer, internal);
        break;
    case HR_INTERNAL_MESSAGE:
        put_message(buffer, &internal->message);
        break;
    case HR_INTERNAL_CLOCK:
        put_reports(buffer, internal->reports, internal->report_count);
        break;
    case HR_INTERNAL_PROPOSAL:
    case HR_INTERNAL_RULES:
        hr_put_str(buffer, internal->text);
        break;
    case HR_INTERNAL_ROLLBACK:
        hr_put_u32(buffer, internal->epoch);
        hr_put_u32(buffer, internal->current);
        break;
    }
}

static void get_place(struct hr_reader *reader, struct hr_internal *internal)
{
    internal->order = hr_get_time(reader);
    uint64_t from = hr_get_varint(reader);
    reader->bad |= from > INT32_MAX;
    internal->from = (uint32_t)from;
}

bool hr_internal_get(struct hr_str bytes, struct hr_arena *arena, struct hr_internal *internal)
{
    struct hr_reader reader = hr_reader(bytes);
    *internal = (struct hr_internal){0};
    unsigned version = hr_get_u8(&reader);
    if (version < 1 || version > INTERNAL_VERSION)
        return false;
    internal->kind = (enum hr_internal_kind)hr_get_u8(&reader);
    internal->arrival = internal->order = hr_get_time(&reader);
    if (version > 1)
        get_place(&reader, internal);
    switch (internal->kind) {
    case HR_INTERNAL_EVENT:
        get_event(&reader, arena, internal);
        break;
    case HR_INTERNAL_MESSAGE:
        get_message(&reader, &internal->message);
        break;
    case HR_INTERNAL_CLOCK:
        internal->reports = get_reports(&reader, arena, &internal->report_count);
        break;
    case HR_INTERNAL_PROPOSAL:
    case HR_INTERNAL_RULES:
        internal->text = hr_get_str(&reader);
        break;
    case HR_INTERNAL_ROLLBACK:
        internal->epoch = hr_get_u32(&reader);
        internal->current = hr_get_u32(&reader);
        break;
    default:
        return false;
    }
    return hr_reader_done(&reader);
}
