/* SPDX-License-Identifier: Apache-2.0 */
/* Sources that fall silent as a whole, in one home. */
#ifndef HEADROOM_CORE_SOURCE_H
#define HEADROOM_CORE_SOURCE_H

#include "holds.h"
#include "step.h"

struct hr_span {
    struct hr_time from, to; /* [from, to) */
};

/* A source of the rules, as the home heard of it; all of them under the key "q". */
#define HR_SOURCE_TYPES 64u /* that are remembered; further ones count as nobody's */
#define HR_SOURCE_SPANS 16u /* the last silences that are over */
struct hr_source_watch {
    struct hr_str topic;
    struct hr_time heard;                  /* clock of its last record; NONE: none came yet */
    bool told;                             /* operators know of the silence under way */
    uint64_t types[HR_SOURCE_TYPES];       /* hashes of the event types that it brought */
    struct hr_time since[HR_SOURCE_TYPES]; /* clock of the first of each; NONE: not known */
    uint8_t type_count, span_count;
    struct hr_span spans[HR_SOURCE_SPANS]; /* oldest first */
};

/* The home has these rules from now on: sources that they do not have are forgotten, and all where
 * none is watched for silence. True: who waits may go on. */
HR_MUST bool hr_sources_follow(struct hr_holds *holds, const struct hr_rules *rules);
void hr_sources_clean_up(struct hr_holds *holds);
/* A record of the source came. True: it was silent, or never brought such a thing: who waits for
 * the end of a silence may go on. */
HR_MUST bool hr_source_hear(struct hr_holds *holds, const struct hr_record *record);
/* Time has come to `now`: silences that are new are told in the outbox. */
void hr_sources_tell(struct hr_holds *holds, struct hr_time now, struct hr_outbox *outbox);

/* While all sources are silent that brought what a meter of the rule counts: when that was over,
 * NEVER where it is not yet. NONE: they are not. */
struct hr_time hr_source_silent(const struct hr_step *step, const struct hr_rule *rule);
/* The moment that is `for_us` behind `since` when the time in which they were silent does not
 * count; NEVER while they are. */
struct hr_time hr_source_patience(const struct hr_account *account, const struct hr_holds *holds,
    const struct hr_rule *rule, struct hr_time since);

#define HR_SOURCES_KEY "q"
/* False: there is nothing to keep, and the record goes. */
HR_MUST bool hr_sources_pack(const struct hr_holds *holds, struct hr_buffer *out);
HR_MUST bool hr_sources_unpack(struct hr_holds *holds, struct hr_str bytes);

#endif
