/* SPDX-License-Identifier: Apache-2.0 */
/* Records of topics as one stream, in the one order in which `run` applies them. */
#ifndef HEADROOM_COMMANDS_RANGE_H
#define HEADROOM_COMMANDS_RANGE_H

#include "headroom/config.h"
#include "headroom/kafka.h"

struct hr_range_settings {
    const struct hr_config *config; /* the sources, and how to connect */
    const char *const *topics;      /* which of them; none: all */
    size_t topic_count;
    struct hr_time from, to; /* by timestamp; NONE: as the source says, and to the end */
    const struct hr_log *log;
};

struct hr_range_part;
struct hr_range {
    struct hr_kafka_range *kafka;
    struct hr_range_part *parts, *played;
    size_t part_count;
    uint64_t done, total; /* records so far, and at most */
};

/* HR_REJECT: a name among the topics is no source. HR_STOP and HR_RETRY say what is wrong. To be
 * closed in either case. */
HR_MUST enum hr_fate hr_range_open(
    struct hr_range *range, const struct hr_range_settings *settings, struct hr_error *error);
/* The next record and the source that it is of; it lives until the next call. *source NULL: the
 * end. */
HR_MUST enum hr_fate hr_range_next(struct hr_range *range, struct hr_log_record *record,
    const struct hr_source **source, struct hr_error *error);
void hr_range_close(struct hr_range *range);

#endif
