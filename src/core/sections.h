/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers of the stored format that packing and unpacking share. None may change its meaning. */
#ifndef HEADROOM_CORE_SECTIONS_H
#define HEADROOM_CORE_SECTIONS_H

#include "headroom/rules.h"

#define HR_FRAME_MAGIC 'h'
/* 1 had no sections from 20 on and no own levels, 2 no buckets of gauges and no section 14, 3 no
 * sections from 40 on, 4 no section 28, 5 no section 43, 6 no sections 29 and 44. */
#define HR_FRAME_VERSION 7
#define HR_FRAME_SUMMED 11 /* what the checksum covers begins here */
#define HR_FRAME_BODY 23

enum hr_section {
    HR_SECTION_IDENTITY = 1,
    HR_SECTION_SUBSCRIPTIONS = 2, /* buckets hang on its zone, instances of rules on its order */
    HR_SECTION_SEGMENTS = 3,
    HR_SECTION_METERS = 4,
    HR_SECTION_RULES = 5,
    HR_SECTION_ATTRIBUTES = 6,
    HR_SECTION_ARR = 7,
    HR_SECTION_INVOICES = 8,
    HR_SECTION_ALIASES = 9,
    HR_SECTION_NUMBERS = 10,
    HR_SECTION_RECENT = 11,
    HR_SECTION_RUNS = 12,
    HR_SECTION_GROUPS = 13,
    HR_SECTION_FIRES = 14,
    HR_SECTION_TRIALS = 20,
    HR_SECTION_INTERESTS = 21,
    HR_SECTION_MILESTONES = 22,
    HR_SECTION_OPPORTUNITIES = 23,
    HR_SECTION_PROMPTS = 24,
    HR_SECTION_SILENCES = 25,
    HR_SECTION_ENGAGEMENT = 26,
    HR_SECTION_CORRECTIONS = 27,
    HR_SECTION_FORMER_LIMITS = 28,
    HR_SECTION_STAGES = 29,
    HR_SECTION_REVENUE = 40,
    HR_SECTION_DEALS = 41,
    HR_SECTION_OUTCOMES = 42,
    HR_SECTION_QUIET = 43,
    HR_SECTION_UNRATED_COSTS = 44,
};

/* Of a stored billing period: closed, or in force and how the one before it bounds it. */
enum hr_segment_kind {
    HR_SEGMENT_FIRST = 0, /* in force, and no other before it */
    HR_SEGMENT_CLOSED = 1,
    HR_SEGMENT_FROM_FLOOR = 2,  /* in force since the one before it ended */
    HR_SEGMENT_ABOVE_FLOOR = 3, /* begun later than the one before it ended, which follows */
};

/* In a stored set's kind: members ahead of the clock; a sketch follows; a trail does. */
#define HR_SET_EARLY 0x40
#define HR_SET_SKETCHED 0x20
#define HR_SET_TRAILED 0x10

/* Tallies whose value does not say the count. */
static inline bool hr_tally_has_count(enum hr_aggregate aggregate)
{
    return aggregate == HR_AVG || aggregate == HR_LATEST;
}

#endif
