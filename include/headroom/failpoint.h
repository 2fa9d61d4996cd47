/* SPDX-License-Identifier: Apache-2.0 */
/* Named steps at which a test ends or stops the process, or lets the step end in an error, so that
 * a fault hits exactly what it is meant to hit. Releases are built without: a step is then no code
 * at all.
 *
 * HEADROOM_FAILPOINTS=FILE in the environment: the file is mapped and holds one cell a step, in the
 * order of the table below. The process counts there how often it came to the step; a test writes
 * what is to happen at which of the next times, while the process runs, and reads what it came to
 * after the process has died. */
#ifndef HEADROOM_FAILPOINT_H
#define HEADROOM_FAILPOINT_H

#include "headroom/error.h"

/* Every step of the cycle, of a takeover, of a copy, of a change of rules and of a restore; and
 * what its error return stands for. The call stands behind what the step did, so that an error is
 * one whose effect has come about all the same: of all that a step can meet the worst. */
#define HR_FAILPOINTS(POINT)                                                                       \
    POINT(GENERATION_MARKED, "the group has no generation")                                        \
    POINT(GATHERED, "the group gave out its partitions anew")                                      \
    POINT(LEVEL_LOOKED, "the broker did not say where topics end")                                 \
    POINT(DECODED, "the look at Redis lost its answer")                                            \
    POINT(APPLIED, "a look in the middle of a slice lost its answer")                              \
    POINT(TICKED, "the timers' look lost its answer")                                              \
    POINT(WRITES_SETTLED, "the writes before took too long")                                       \
    POINT(BEGUN, "the transaction could not be begun")                                             \
    POINT(FORWARD_PRODUCED, "a forwarded record was not taken")                                    \
    POINT(TRIGGERS_PRODUCED, "a trigger was not taken")                                            \
    POINT(HOME_PRODUCED, "a header was not taken")                                                 \
    POINT(CHANGELOG_PRODUCED, "the commit timed out before it was sent")                           \
    POINT(OFFSETS_SENT, "the group's generation is over")                                          \
    POINT(DELIVERED, "a delivery failed: abortable")                                               \
    POINT(COMMITTED, "the answer to the commit was lost: unknown")                                 \
    POINT(ABORTED, "the answer to the abort was lost: unknown")                                    \
    POINT(RULES_PUBLISHED, "the copy of the manifest lost its answer")                             \
    POINT(ONE_HOME_WRITTEN, "a write's connection broke behind it: unknown")                       \
    POINT(ALL_HOMES_WRITTEN, "the connection broke behind all writes: unknown")                    \
    POINT(WRITE_ANSWERED, "an error reply to a write: unknown")                                    \
    POINT(INTERNAL_DELETED, "the broker did not delete")                                           \
    POINT(STORE_RECONNECTED, "Redis is away again")                                                \
    POINT(PRODUCER_RENEWED, "the old transaction is not settled")                                  \
    POINT(CLOCK_CHECKED, "Redis did not tell the time")                                            \
    POINT(RULES_READ, "the changelog did not answer")                                              \
    POINT(OFFSETS_READ, "the group's offsets were not told")                                       \
    POINT(MARKER_READ, "the marker's look lost its answer")                                        \
    POINT(HEADER_READ, "the changelog did not answer")                                             \
    POINT(HOME_EMPTIED, "deleting lost its answer")                                                \
    POINT(CHUNK_COPIED, "a chunk's write lost its answer: unknown")                                \
    POINT(HOME_COPIED, "the group gave out its partitions anew")                                   \
    POINT(HOME_MADE, "the look at what the home holds lost its answer")                            \
    POINT(HOMES_TAKEN, "the group changed during the takeover")                                    \
    POINT(FOREIGN_TAKEN, "the offsets of foreign partitions were not told")                        \
    POINT(MANIFEST_PUBLISHED, "the copy of the manifest lost its answer")                          \
    POINT(STARTED, "reading could not be begun")                                                   \
    POINT(RULES_ADOPTED, "the batch that holds the new rules is void")                             \
    POINT(RULES_LEARNED, "the batch that changes rules is void")                                   \
    POINT(RESTORE_JOINED, "the group changed as it was joined")                                    \
    POINT(PAGE_READ, "a page of Redis' keys lost its answer")                                      \
    POINT(PAGE_WRITTEN, "the connection broke behind a page")                                      \
    POINT(TOMBSTONES_WRITTEN, "the connection broke behind the tombstones")                        \
    POINT(HOME_RESTORED, "the connection broke behind a home")

enum hr_failpoint {
#define HR_FAILPOINT_NAME(name, error) HR_AT_##name,
    HR_FAILPOINTS(HR_FAILPOINT_NAME)
#undef HR_FAILPOINT_NAME
};

#ifdef HEADROOM_FAILPOINTS
/* HR_OK, or HR_RETRY where the step is to end in its error. */
HR_MUST enum hr_fate hr_failpoint(enum hr_failpoint step, struct hr_error *error);
#else
HR_MUST static inline enum hr_fate hr_failpoint(enum hr_failpoint step, struct hr_error *error)
{
    (void)step, (void)error;
    return HR_OK;
}
#endif

#endif
