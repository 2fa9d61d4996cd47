/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HEADROOM_COMMANDS_PERMISSIONS_H
#define HEADROOM_COMMANDS_PERMISSIONS_H

#include "headroom/config.h"

#include <stdbool.h>

/* What the user of kafka.properties must be allowed to do, as a grid or a line of JSON each, on
 * standard output. */
void hr_print_permissions(const struct hr_config *config, bool json);

#endif
