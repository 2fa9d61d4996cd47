/* SPDX-License-Identifier: Apache-2.0 */
/* `headroom check --test`: users' own tests of their rules. */
#ifndef HEADROOM_COMMANDS_CHECK_TESTS_H
#define HEADROOM_COMMANDS_CHECK_TESTS_H

#include "headroom/commands.h"
#include "headroom/config.h"

/* Plays the tests of all files and says of each whether what follows is what was expected. The exit
 * status: failed if one is not, misuse if a file cannot be read as tests. */
HR_MUST int hr_check_tests(const struct hr_command *command, const struct hr_config *config,
    const struct hr_zones *zones, const char *const *files, size_t file_count, bool json);

#endif
