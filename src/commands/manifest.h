/* SPDX-License-Identifier: Apache-2.0 */
/* The copy of the manifest in Redis, for commands that only read: how many homes there are, and the
 * rules of every epoch that a stored account may name. */
#ifndef HEADROOM_COMMANDS_MANIFEST_H
#define HEADROOM_COMMANDS_MANIFEST_H

#include "headroom/config.h"
#include "headroom/memory.h"
#include "headroom/ports.h"

struct hr_manifest_copy {
    struct hr_arena arena;
    const struct hr_zones *zones;
    struct hr_str *fields; /* name, value, name, value … */
    size_t field_count;    /* strings: twice the fields */
    uint32_t homes, epoch;
    struct hr_time live_from;
    struct hr_rules **parsed; /* by field, made on demand */
};

/* HR_REJECT: there is none: headroom has not run with this prefix. To be closed in either case. */
HR_MUST enum hr_fate hr_manifest_copy_open(struct hr_store *store, const struct hr_zones *zones,
    struct hr_manifest_copy *copy, struct hr_error *error);
void hr_manifest_copy_close(struct hr_manifest_copy *copy);
/* NULL: not in the copy, or written by a newer version. As a home's rules_of. */
const struct hr_rules *hr_manifest_copy_rules(void *copy, uint32_t epoch);

#endif
