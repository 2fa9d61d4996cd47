/* SPDX-License-Identifier: Apache-2.0 */
/* The compiled file of a time zone: TZif, RFC 8536, versions 1 to 4.
 *
 * The bytes come from the machine's disk, but from whoever installed it: every count is checked
 * against the length before anything is looked at, and a file that breaks a rule of the RFC is
 * refused as a whole. A wrong zone would move every period of an account; a missing one is an error
 * that somebody sees.
 *
 * Only the offset is taken out of it. Abbreviations and the daylight flag mean nothing to a period,
 * so changes that touch nothing else are dropped. */
#include "zone.h"

#define HEADER 44
#define OFFSET_BOUND (26 * 3600)      /* RFC 8536: -25:59:59 to 25:59:59 */
#define TIME_BOUND (INT64_C(1) << 60) /* RFC 8536: not below -2^59 */

struct header {
    char version;
    uint64_t utc_flags, standard_flags, leaps, times, types, characters;
};

/* Big-endian, as all of the file is. */
static uint64_t number_at(const char *at, size_t bytes)
{
    uint64_t value = 0;
    for (size_t i = 0; i < bytes; i++) {
        value = value << 8 | (uint8_t)at[i];
    }
    return value;
}

static bool read_header(struct hr_str bytes, struct header *header)
{
    if (bytes.len < HEADER || !hr_str_starts(bytes, "TZif")) {
        return false;
    }
    *header = (struct header){
        .version = bytes.at[4],
        .utc_flags = number_at(bytes.at + 20, 4),
        .standard_flags = number_at(bytes.at + 24, 4),
        .leaps = number_at(bytes.at + 28, 4),
        .times = number_at(bytes.at + 32, 4),
        .types = number_at(bytes.at + 36, 4),
        .characters = number_at(bytes.at + 40, 4),
    };
    return header->types >= 1 && header->types <= 256;
}

/* Bytes of the data behind a header whose times have `width` bytes. */
static uint64_t data_length(const struct header *header, size_t width)
{
    return header->times * (width + 1) + header->types * 6 + header->characters +
           header->leaps * (width + 4) + header->standard_flags + header->utc_flags;
}

static struct hr_str from(struct hr_str bytes, uint64_t start)
{
    return (struct hr_str){bytes.at + start, bytes.len - start};
}

/* Seconds east of UTC of a local time type. */
static bool read_offset(const char *types, uint64_t index, int32_t *offset)
{
    *offset = (int32_t)number_at(types + index * 6, 4);
    return *offset > -OFFSET_BOUND && *offset < OFFSET_BOUND;
}

/* The data block: times, then the index of the type that each begins, then the types. */
static bool read_changes(const char *times, const struct header *header, size_t width,
    struct hr_arena *arena, struct hr_zone *zone)
{
    const char *indices = times + header->times * width;
    const char *types = indices + header->times;
    int64_t *at = hr_arena_take(arena, header->times * sizeof(*at));
    int64_t *wall = hr_arena_take(arena, header->times * sizeof(*wall));
    int32_t *offset = hr_arena_take(arena, (header->times + 1) * sizeof(*offset));
    *zone = (struct hr_zone){.name = zone->name, .at = at, .wall = wall, .offset = offset};
    if (!read_offset(types, 0, &offset[0])) {
        return false;
    }
    int64_t last = -TIME_BOUND;
    for (uint64_t i = 0; i < header->times; i++) {
        uint64_t raw = number_at(times + i * width, width);
        int64_t time = width == 4 ? (int32_t)raw : (int64_t)raw;
        uint8_t type = (uint8_t)indices[i];
        struct hr_zone_change change = {.at = time, .before = offset[zone->count]};
        if (time <= last || time > TIME_BOUND || type >= header->types ||
            !read_offset(types, type, &change.after)) {
            return false;
        }
        last = time;
        if (change.after == change.before) {
            continue;
        }
        int64_t reading = hr_zone_wall(change);
        size_t n = zone->count;
        at[n] = time;
        /* Two changes closer together than they are wide do not occur on Earth; a search needs
         * readings that ascend all the same. */
        wall[n] = n > 0 && reading < wall[n - 1] ? wall[n - 1] : reading;
        offset[n + 1] = change.after;
        zone->count++;
    }
    return true;
}

/* The line at the end of the file; empty when nobody knows what comes. */
static bool read_footer(struct hr_str footer, struct hr_arena *arena, struct hr_zone *zone)
{
    if (footer.len < 2 || footer.at[0] != '\n') {
        return false;
    }
    const char *end = memchr(footer.at + 1, '\n', footer.len - 1);
    if (!end) {
        return false;
    }
    struct hr_str text = {footer.at + 1, (size_t)(end - footer.at) - 1};
    if (text.len == 0) {
        return true;
    }
    struct hr_zone_rule *rule = hr_arena_take(arena, sizeof(*rule));
    if (!hr_zone_rule_parse(text, rule)) {
        return false;
    }
    zone->rule = rule;
    return true;
}

bool hr_zone_file_parse(struct hr_str bytes, struct hr_arena *arena, struct hr_zone *zone)
{
    struct header header;
    size_t width = 4;
    if (!read_header(bytes, &header)) {
        return false;
    }
    bytes = from(bytes, HEADER);
    if (header.version >= '2') {
        /* The first block is for readers of version 1; the same comes again in 64 bits. */
        if (bytes.len < data_length(&header, 4)) {
            return false;
        }
        bytes = from(bytes, data_length(&header, 4));
        if (!read_header(bytes, &header)) {
            return false;
        }
        bytes = from(bytes, HEADER);
        width = 8;
    }
    /* Moments here have no leap seconds. */
    if (header.leaps > 0 || bytes.len < data_length(&header, width) ||
        !read_changes(bytes.at, &header, width, arena, zone)) {
        return false;
    }
    return width == 4 || read_footer(from(bytes, data_length(&header, width)), arena, zone);
}
