/* SPDX-License-Identifier: Apache-2.0 */
/* Time zones: the set of them, and the two questions that are asked of one.
 *
 * All zones are read at the start and never again: a zone name arrives in an event, and an event
 * must not lead to a read of the disk, nor decide alike only as long as nobody upgrades tzdata
 * under a running process. A file that is broken or hostile is left out; it must not stop the
 * others. But where the machine has no more memory or handles, or its disk fails, nothing is left
 * out: an account's zone would be unknown for as long as the process lives.
 *
 * A moment has one local reading. A reading has one moment, two, or none: when the clocks go back
 * it occurs twice, and the first is taken; when they go forward some do not occur, and are taken as
 * if the clocks had not moved. Both come to the same: the offset that was in force before the
 * change. So each change has a first local reading that belongs behind it (hr_zone_wall), and
 * looking up a reading is the same binary search as looking up a moment. */
#include "zone.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECONDS_A_DAY INT64_C(86400)

struct hr_zones {
    struct hr_arena arena;
    struct hr_zone *zones; /* by name */
    size_t count, room;
    int failed; /* errno of what the machine could not do while they were read; 0: nothing */
};

/* ------------------------------------------------------------- look-ups */

/* How many of an ascending list are not above a value. */
static size_t count_up_to(const int64_t *list, size_t count, int64_t value)
{
    size_t from = 0;
    while (from < count) {
        size_t middle = from + (count - from) / 2;
        if (list[middle] <= value) {
            from = middle + 1;
        } else {
            count = middle;
        }
    }
    return from;
}

static int64_t floor_divide(int64_t value, int64_t divisor)
{
    return value / divisor - (value % divisor < 0);
}

static int32_t year_of(int64_t seconds)
{
    return hr_civil_from_days(floor_divide(seconds, SECONDS_A_DAY)).year;
}

static int32_t offset_at(const struct hr_zone *zone, int64_t seconds)
{
    size_t change = count_up_to(zone->at, zone->count, seconds);
    if (change < zone->count || !zone->rule) {
        return zone->offset[change];
    }
    if (!zone->rule->has_daylight) {
        return zone->rule->standard;
    }
    struct hr_zone_change changes[HR_ZONE_CHANGES];
    hr_zone_rule_changes(zone->rule, year_of(seconds), changes);
    size_t i = HR_ZONE_CHANGES - 1;
    while (i > 0 && changes[i].at > seconds) {
        i--;
    }
    return changes[i].at <= seconds ? changes[i].after : changes[i].before;
}

/* The offset with which a local reading is taken, and the moment at which that offset ends. */
static int32_t offset_of_reading(const struct hr_zone *zone, int64_t reading, int64_t *ends)
{
    *ends = INT64_MAX;
    size_t change = count_up_to(zone->wall, zone->count, reading);
    if (change < zone->count) {
        *ends = zone->at[change];
        return zone->offset[change];
    }
    if (!zone->rule) {
        return zone->offset[change];
    }
    if (!zone->rule->has_daylight) {
        return zone->rule->standard;
    }
    struct hr_zone_change changes[HR_ZONE_CHANGES];
    hr_zone_rule_changes(zone->rule, year_of(reading), changes);
    for (size_t i = 0; i < HR_ZONE_CHANGES; i++) {
        if (reading < hr_zone_wall(changes[i])) {
            *ends = changes[i].at;
            return changes[i].before;
        }
    }
    return changes[HR_ZONE_CHANGES - 1].after;
}

/* Seconds as microseconds; what is too far away is never, or before everything. */
static struct hr_time from_seconds(int64_t seconds, int64_t us)
{
    struct hr_time time;
    if (__builtin_mul_overflow(seconds, HR_SECOND, &time.us) ||
        __builtin_add_overflow(time.us, us, &time.us)) {
        return seconds < 0 ? HR_TIME_NONE : HR_TIME_NEVER;
    }
    return time;
}

struct hr_civil hr_zone_civil(const struct hr_zone *zone, struct hr_time time)
{
    int64_t seconds = hr_time_bucket(time, HR_SECOND);
    int64_t us = (int64_t)((uint64_t)time.us - (uint64_t)seconds * (uint64_t)HR_SECOND);
    int64_t local = seconds + offset_at(zone, seconds);
    int64_t days = floor_divide(local, SECONDS_A_DAY);
    struct hr_civil civil = hr_civil_from_days(days);
    civil.us_of_day = (local - days * SECONDS_A_DAY) * HR_SECOND + us;
    return civil;
}

struct hr_time hr_zone_time(const struct hr_zone *zone, struct hr_civil civil)
{
    int64_t ends;
    int64_t seconds = civil.us_of_day / HR_SECOND;
    int64_t reading =
        hr_days_from_civil(civil.year, civil.month, civil.day) * SECONDS_A_DAY + seconds;
    return from_seconds(
        reading - offset_of_reading(zone, reading, &ends), civil.us_of_day % HR_SECOND);
}

int64_t hr_zone_day(const struct hr_zone *zone, struct hr_time time)
{
    int64_t seconds = hr_time_bucket(time, HR_SECOND);
    return floor_divide(seconds + offset_at(zone, seconds), SECONDS_A_DAY);
}

struct hr_time hr_zone_day_start(const struct hr_zone *zone, int64_t day)
{
    int64_t ends;
    int64_t midnight = day * SECONDS_A_DAY;
    int64_t seconds = midnight - offset_of_reading(zone, midnight, &ends);
    /* A midnight that was skipped: the date begins with the change, at whatever the clocks say. */
    return from_seconds(seconds < ends ? seconds : ends, 0);
}

const struct hr_zone *hr_zone_utc(void)
{
    static const int32_t none = 0;
    static const struct hr_zone utc = {.name = {"UTC", 3}, .offset = &none};
    return &utc;
}

struct hr_str hr_zone_name(const struct hr_zone *zone)
{
    return zone->name;
}

/* -------------------------------------------------------------- the set */

#define DEEPEST 8            /* folders in each other; tzdata has three */
#define LARGEST (256 * 1024) /* bytes; tzdata's largest file has four thousand */

static void note_failure(struct hr_zones *zones)
{
    if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == EIO) {
        zones->failed = errno;
    }
}

/* The content of a regular file of a sensible size, or of nothing. */
static struct hr_str read_file(struct hr_zones *zones, int folder, const char *name, char *into)
{
    struct hr_str bytes = {into, 0};
    struct stat status;
    /* Without O_NONBLOCK a named pipe would wait for its other end. */
    int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        note_failure(zones);
        return bytes;
    }
    if (fstat(fd, &status)) {
        note_failure(zones);
    } else if (S_ISREG(status.st_mode) && status.st_size <= LARGEST) {
        ssize_t got = 1;
        while (got > 0 && bytes.len < LARGEST) {
            got = read(fd, into + bytes.len, LARGEST - bytes.len);
            bytes.len += got > 0 ? (size_t)got : 0;
        }
        if (got < 0) {
            note_failure(zones);
        }
    }
    (void)close(fd);
    return bytes;
}

static void add_file(
    struct hr_zones *zones, int folder, const char *name, struct hr_str full_name, char *scratch)
{
    struct hr_zone zone = {.name = full_name};
    if (!hr_zone_file_parse(read_file(zones, folder, name, scratch), &zones->arena, &zone)) {
        return;
    }
    if (zones->count == zones->room) {
        zones->room = zones->room ? zones->room * 2 : 64;
        zones->zones = hr_resize(zones->zones, zones->room * sizeof(zone));
    }
    zones->zones[zones->count++] = zone;
}

/* posix and right say the same again, without and with leap seconds; the other two are the
 * machine's own choice, and a configuration must not mean another thing elsewhere. */
static bool is_left_out(const char *name, bool at_top)
{
    static const char *const left_out[] = {"posix", "right", "localtime", "posixrules"};
    bool listed = name[0] == '.';
    for (size_t i = 0; at_top && i < sizeof(left_out) / sizeof(left_out[0]); i++) {
        listed = listed || strcmp(name, left_out[i]) == 0;
    }
    return listed;
}

/* Goes through an open folder and closes it. A link to a file is read as that file, a link to a
 * folder is not followed: it could lead back. */
static void add_folder(
    struct hr_zones *zones, DIR *folder, struct hr_str prefix, unsigned depth, char *scratch)
{
    struct dirent *entry;
    while (errno = 0, (entry = readdir(folder)) != NULL) {
        const char *name = entry->d_name;
        if (is_left_out(name, depth == 0)) {
            continue;
        }
        struct hr_str full_name =
            hr_arena_printf(&zones->arena, "%s%s%s", prefix.at, prefix.len ? "/" : "", name);
        int fd = depth < DEEPEST
                     ? openat(dirfd(folder), name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
                     : -1;
        DIR *below = fd < 0 ? NULL : fdopendir(fd);
        if (!below && depth < DEEPEST) {
            note_failure(zones);
        }
        if (below) {
            add_folder(zones, below, full_name, depth + 1, scratch);
        } else if (fd >= 0) {
            (void)close(fd);
        } else {
            add_file(zones, dirfd(folder), name, full_name, scratch);
        }
    }
    note_failure(zones);
    (void)closedir(folder);
}

static int by_name(const void *a, const void *b)
{
    return hr_str_compare(((const struct hr_zone *)a)->name, ((const struct hr_zone *)b)->name);
}

enum hr_fate hr_zones_load(const char *folder, struct hr_zones **zones, struct hr_error *error)
{
    DIR *open_folder = opendir(folder);
    if (!open_folder) {
        return hr_fail(
            error, HR_STOP, "cannot read time zones from %s: %s", folder, strerror(errno));
    }
    struct hr_zones *loaded = hr_alloc(sizeof(*loaded));
    char *scratch = hr_alloc(LARGEST);
    hr_arena_init(&loaded->arena);
    add_folder(loaded, open_folder, HR_STR(""), 0, scratch);
    hr_free(scratch);
    if (loaded->failed) {
        int failed = loaded->failed;
        hr_zones_destroy(loaded);
        return hr_fail(
            error, HR_STOP, "cannot read all time zones below %s: %s", folder, strerror(failed));
    }
    if (loaded->count == 0) {
        hr_zones_destroy(loaded);
        return hr_fail(error, HR_STOP, "no time zones below %s; is tzdata installed?", folder);
    }
    qsort(loaded->zones, loaded->count, sizeof(*loaded->zones), by_name);
    *zones = loaded;
    return HR_OK;
}

void hr_zones_destroy(struct hr_zones *zones)
{
    if (zones) {
        hr_arena_clean_up(&zones->arena);
        hr_free(zones->zones);
        hr_free(zones);
    }
}

const struct hr_zone *hr_zones_find(const struct hr_zones *zones, struct hr_str name)
{
    struct hr_zone key = {.name = name};
    return bsearch(&key, zones->zones, zones->count, sizeof(key), by_name);
}
