/* SPDX-License-Identifier: Apache-2.0 */
/* The canonical text: every key in the table's order, defaults included, one way to write each
 * value. Read again it gives the same settings; two files that mean the same print the same. */
#ifndef CONFIG_PRINT_H
#define CONFIG_PRINT_H

#include "headroom/buffer.h"
#include "settings.h"

/* With `only_deciding` the half that travels through the manifest. */
/* In double quotes, as YAML and JSON both read it. */
void hr_print_quoted(struct hr_buffer *buffer, struct hr_str text);
void hr_print_settings(
    const struct hr_settings *settings, bool only_deciding, struct hr_buffer *buffer);

#endif
