/* SPDX-License-Identifier: Apache-2.0 */
/* The protocol's own records, as if a stranger had written them: what is taken is written again and
 * read again as the same. The first byte chooses which; where the record has a checksum, the input
 * has none and gets the right one. */
#include "world.h"

#include "headroom/codec.h"
#include "headroom/hash.h"
#include "pipeline/wire.h"

#include <inttypes.h>
#include <string.h>

static void try_marker(struct hr_str bytes)
{
    struct hr_marker marker, again;
    char text[HR_MARKER_TEXT], other[HR_MARKER_TEXT];
    if (!hr_marker_parse(bytes, &marker)) {
        return;
    }
    size_t len = hr_marker_print(&marker, text);
    demand(hr_marker_parse((struct hr_str){text, len}, &again), "a marker reads again");
    size_t other_len = hr_marker_print(&again, other);
    demand(len == other_len && memcmp(text, other, len) == 0, "and is the same");
}

static void try_metadata(struct hr_str bytes)
{
    struct hr_batch_name name, again;
    char text[HR_METADATA_TEXT];
    if (hr_metadata_parse(bytes, &name)) {
        hr_metadata_print(name, text);
        demand(hr_metadata_parse(hr_str(text), &again) && hr_batch_name_equal(name, again),
            "metadata of an offset reads again as the same");
    }
}

static void try_header(struct hr_str bytes, struct hr_arena *arena)
{
    struct hr_batch_header header, again;
    struct hr_buffer buffer = {0};
    struct hr_error error;
    if (hr_batch_header_get(bytes, arena, &header, &error) == HR_OK) {
        hr_batch_header_put(&header, &buffer);
        demand(hr_batch_header_get(hr_buffer_str(&buffer), arena, &again, &error) == HR_OK &&
                   again.position_count == header.position_count &&
                   hr_batch_name_equal(again.batch, header.batch),
            "a header reads again as the same");
    }
    hr_buffer_clean_up(&buffer);
}

static void try_manifest(struct hr_str bytes)
{
    struct hr_manifest manifest, again;
    struct hr_buffer buffer = {0};
    struct hr_error error;
    if (hr_manifest_get(bytes, &manifest, &error) == HR_OK) {
        hr_manifest_put(&manifest, &buffer);
        demand(hr_manifest_get(hr_buffer_str(&buffer), &again, &error) == HR_OK &&
                   again.epoch == manifest.epoch && hr_str_equal(again.text, manifest.text),
            "a manifest reads again as the same");
    }
    hr_buffer_clean_up(&buffer);
}

static void try_internal(struct hr_str bytes, struct hr_arena *arena)
{
    struct hr_internal internal, again;
    struct hr_buffer buffer = {0};
    if (hr_internal_get(bytes, arena, &internal)) {
        hr_internal_put(&internal, &buffer);
        demand(hr_internal_get(hr_buffer_str(&buffer), arena, &again) &&
                   again.kind == internal.kind && again.arrival.us == internal.arrival.us,
            "what homes send reads again as the same");
    }
    hr_buffer_clean_up(&buffer);
}

/* Header lines "name:value" up to an empty one, then the value. */
static void try_dead_letter(struct hr_str bytes)
{
    struct hr_header headers[HEADERS_MOST];
    struct hr_dead_letter letter;
    size_t count = header_lines(&bytes, headers, HEADERS_MOST);
    const struct hr_log_record record = {
        .topic = HR_STR("dead-letters"), .value = bytes, .headers = headers, .header_count = count};
    if (hr_decode_dead_letter(&record, &letter)) {
        demand(letter.reason.len > 0, "a dead letter has a reason");
    }
}

/* The bytes and, behind them, their checksum. */
static struct hr_str sealed(struct hr_str bytes, uint64_t seed, struct hr_buffer *buffer)
{
    hr_put_bytes(buffer, bytes.at, bytes.len);
    hr_put_u64(buffer, hr_hash64(bytes, seed));
    return hr_buffer_str(buffer);
}

static struct hr_str sealed_marker(struct hr_str text, struct hr_buffer *buffer)
{
    hr_put_printf(
        buffer, "%.*s %016" PRIx64, (int)text.len, text.at, hr_hash64(text, HR_SEED_MARKER));
    return hr_buffer_str(buffer);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct hr_arena arena;
    struct hr_buffer buffer = {0};
    if (len == 0) {
        return -1;
    }
    struct hr_str rest = {(const char *)bytes + 1, len - 1};
    hr_arena_init(&arena);
    switch (bytes[0]) {
    case 'm':
        try_marker(sealed_marker(rest, &buffer));
        break;
    case 'o':
        try_metadata(rest);
        break;
    case 'h':
        try_header(sealed(rest, HR_SEED_HEADER, &buffer), &arena);
        break;
    case 'M':
        try_manifest(sealed(rest, HR_SEED_MANIFEST, &buffer));
        break;
    case 'i':
        try_internal(rest, &arena);
        break;
    case 'd':
        try_dead_letter(rest);
        break;
    default:
        break;
    }
    hr_buffer_clean_up(&buffer);
    hr_arena_clean_up(&arena);
    return 0;
}
