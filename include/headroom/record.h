/* SPDX-License-Identifier: Apache-2.0 */
/* A record of a Kafka topic, as ports hand it over and take it. Whose bytes these are is said where
 * a record is passed. */
#ifndef HEADROOM_RECORD_H
#define HEADROOM_RECORD_H

#include "headroom/str.h"
#include "headroom/time.h"

#include <stdint.h>

struct hr_header {
    struct hr_str name;
    struct hr_str value; /* at == NULL: a null value */
};

struct hr_log_record {
    struct hr_str topic;
    int32_t partition; /* of an outgoing record: -1 lets the key's murmur2 decide */
    int64_t offset;
    struct hr_time timestamp; /* HR_TIME_NONE: the record has none */
    struct hr_str key;        /* at == NULL: no key */
    struct hr_str value;      /* at == NULL: a tombstone */
    const struct hr_header *headers;
    size_t header_count;
};

/* The first header of that name; NULL when there is none. */
const struct hr_header *hr_record_header(const struct hr_log_record *record, const char *name);

#endif
