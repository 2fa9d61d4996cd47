/* SPDX-License-Identifier: Apache-2.0 */
/* The little that is to be known about a record without knowing where it came from. */
#include "headroom/record.h"

const struct hr_header *hr_record_header(const struct hr_log_record *record, const char *name)
{
    for (size_t i = 0; i < record->header_count; i++) {
        if (hr_str_is(record->headers[i].name, name)) {
            return &record->headers[i];
        }
    }
    return NULL;
}
