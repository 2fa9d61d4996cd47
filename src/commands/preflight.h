/* SPDX-License-Identifier: Apache-2.0 */
/* A look at Kafka and Redis before anything is read: what `check --connect` prints and what `run`
 * insists on. */
#ifndef HEADROOM_COMMANDS_PREFLIGHT_H
#define HEADROOM_COMMANDS_PREFLIGHT_H

#include "headroom/config.h"
#include "headroom/kafka.h"
#include "headroom/log.h"
#include "headroom/memory.h"

enum hr_finding_kind {
    HR_FINE,
    HR_DOUBTFUL, /* runs, but somebody should know */
    HR_WRONG,    /* `run` does not start */
};

struct hr_finding {
    enum hr_finding_kind kind;
    struct hr_str what; /* "topic usage", "redis" */
    struct hr_str text; /* what was found and, of what is not fine, what helps */
};

struct hr_preflight {
    struct hr_arena arena; /* of everything below */
    struct hr_finding *findings;
    size_t finding_count, finding_room, wrong;
    struct hr_str cluster_id;
    uint32_t homes;           /* partitions of the changelog; 0: not known */
    size_t dead_letter_bytes; /* max.message.bytes of the dead-letter topic */
    size_t internal_bytes;    /* the same of the internal topic */
};

/* Looks at everything, also after something was found wrong. HR_RETRY: a service is away, which is
 * in `error` and among the findings. Else HR_OK, and `wrong` counts. The caller cleans up in either
 * case. `accounts`: how many to say the memory of. */
HR_MUST enum hr_fate hr_preflight(const struct hr_config *config, uint64_t accounts,
    const struct hr_log *log, struct hr_preflight *preflight, struct hr_error *error);
void hr_preflight_clean_up(struct hr_preflight *preflight);

/* How the commands reach Kafka without being members of the group. `log` as in the settings. */
struct hr_kafka_settings hr_kafka_settings_of(
    const struct hr_config *config, const struct hr_log *log);

/* What the protocol asks of the topics that are headroom's own. */
#define HR_CHANGELOG_RECORD_BYTES                                                                  \
    "16777216" /* 16 MiB: an account is one record, whatever it holds */
#define HR_CHANGELOG_SEGMENT_BYTES "134217728"       /* 128 MiB */
#define HR_CHANGELOG_DELETE_RETENTION_MS "604800000" /* 7 days */
#define HR_FORWARD_OVERHEAD_BYTES (64 * 1024) /* headers of a forwarded record or a dead letter */

/* What the sources have, for what is made to be like them. */
struct hr_source_settings {
    int64_t largest_record;   /* max.message.bytes */
    int64_t in_sync_replicas; /* min.insync.replicas */
};
/* The largest over all sources; HR_RETRY when Kafka is away. A topic that is missing or does not
 * tell counts with Kafka's defaults. */
HR_MUST enum hr_fate hr_source_settings(struct hr_kafka_admin *admin, const struct hr_rules *rules,
    struct hr_source_settings *settings, struct hr_error *error);

#endif
