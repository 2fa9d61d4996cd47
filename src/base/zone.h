/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the zones share: how a zone lies in memory. Nobody else sees this. */
#ifndef HEADROOM_BASE_ZONE_H
#define HEADROOM_BASE_ZONE_H

#include "headroom/memory.h"
#include "headroom/time.h"

/* ------------------------------------------- zone_rule.c: the footer's rule */

/* A day of the year and a time of it, in one of the three ways that POSIX has. */
struct hr_zone_turn {
    enum hr_zone_turn_kind {
        HR_TURN_JULIAN,  /* Jn: day 1 to 365, 29 February is never counted */
        HR_TURN_ORDINAL, /* n: day 0 to 365, it is counted */
        HR_TURN_WEEKDAY, /* Mm.w.d: day d (0 is Sunday) of week w (5 is the last) of month m */
    } kind;
    int32_t day, week, month;
    int32_t seconds; /* after local midnight; may be negative or more than a day */
};

struct hr_zone_rule {
    int32_t standard, daylight; /* seconds east of UTC */
    bool has_daylight;
    struct hr_zone_turn to_daylight, to_standard;
};

/* A change of the offset. */
struct hr_zone_change {
    int64_t at; /* seconds since 1970 */
    int32_t before, after;
};

/* A POSIX TZ string as RFC 8536, 3.3, extends it. */
HR_MUST bool hr_zone_rule_parse(struct hr_str text, struct hr_zone_rule *rule);

/* The changes of a year and its neighbours, in order. Only for a rule with daylight time. */
#define HR_ZONE_CHANGES 6
void hr_zone_rule_changes(
    const struct hr_zone_rule *rule, int32_t year, struct hr_zone_change changes[HR_ZONE_CHANGES]);

/* ------------------------------------------------ zone_file.c: the TZif file */

struct hr_zone {
    struct hr_str name;
    size_t count;          /* of changes */
    const int64_t *at;     /* when each happens, seconds since 1970, ascending */
    const int64_t *wall;   /* the first local reading, in seconds, that belongs behind it */
    const int32_t *offset; /* seconds east of UTC; [i] holds before change i, [count] after all */
    const struct hr_zone_rule *rule; /* for what comes after the last change, or NULL */
};

/* The first local reading behind a change: a reading that occurs twice is taken before the change,
 * and so is one that is skipped. */
static inline int64_t hr_zone_wall(struct hr_zone_change change)
{
    return change.at + (change.before > change.after ? change.before : change.after);
}

/* Reads the bytes of a file. False for what RFC 8536 does not allow, and for files that count leap
 * seconds. The name is not touched; all else lives in the arena. */
HR_MUST bool hr_zone_file_parse(struct hr_str bytes, struct hr_arena *arena, struct hr_zone *zone);

#endif
