/* SPDX-License-Identifier: Apache-2.0 */
/* From the text of a scalar to a value of its row's type. */
#ifndef CONFIG_VALUE_H
#define CONFIG_VALUE_H

#include "headroom/error.h"
#include "read.h"
#include "table.h"

/* NULL, or what is wrong as a clause that follows the path. Not for LITERALS, CLAUSE and LEVEL. The
 * path is for complaints about names that the environment does not have. */
HR_MUST const char *hr_read_scalar(const struct hr_reading *reading, const struct hr_field *field,
    struct hr_str text, const struct hr_path *path, void *out);
/* The bytes that hr_read_scalar fills. */
size_t hr_value_size(const struct hr_field *field);

#endif
