/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the configuration, the same for every command that needs one. */
#ifndef HEADROOM_COMMANDS_CONFIGURATION_H
#define HEADROOM_COMMANDS_CONFIGURATION_H

#include "headroom/commands.h"
#include "headroom/config.h"

#define HR_LARGEST_FILE (8u << 20) /* bytes of what a person writes */
/* A whole file, or standard input for "-", in memory of hr_alloc; HR_STOP says why not. */
HR_MUST enum hr_fate hr_read_file(
    const char *file, size_t most, struct hr_buffer *buffer, struct hr_error *error);
/* Writes a whole file in place of what was there. HR_EXIT_DONE, or it has been said why not. */
HR_MUST int hr_write_file(const struct hr_command *command, const char *file, struct hr_str bytes);
/* The system's time zones. HR_EXIT_DONE, or it has been said what is wrong. */
HR_MUST int hr_load_zones(const struct hr_command *command, struct hr_zones **zones);

/* Reads and checks `file`. HR_EXIT_DONE: *config is the caller's. HR_EXIT_MISUSE: everything wrong
 * is in *complaints, not said yet; when the file could not be read it has been said and there are
 * none. The caller cleans complaints up in either case. */
HR_MUST int hr_read_config(const struct hr_command *command, const char *file,
    const struct hr_zones *zones, struct hr_config **config, struct hr_complaints *complaints);
/* The same, and says all complaints. */
HR_MUST int hr_load_config(const struct hr_command *command, const char *file,
    const struct hr_zones *zones, struct hr_config **config);
/* Reads zones and configuration and calls `act`, whose exit status it returns; or says why not. */
HR_MUST int hr_with_config(const struct hr_command *command, const char *file,
    int (*act)(void *context, const struct hr_config *config, const struct hr_zones *zones),
    void *context);
/* On standard error, one line each: `file:line: path: text`. */
void hr_say_complaints(const struct hr_complaints *complaints);

#endif
