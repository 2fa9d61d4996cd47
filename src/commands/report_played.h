/* SPDX-License-Identifier: Apache-2.0 */
/* A report over what a simulation played, instead of what is stored. */
#ifndef HEADROOM_COMMANDS_REPORT_PLAYED_H
#define HEADROOM_COMMANDS_REPORT_PLAYED_H

#include "options.h"
#include "playback.h"

HR_MUST bool hr_report_is_named(const char *name);
/* After the end of a playback `with_accounts`: the report of that name, which there is, over the
 * twelve months that its last one ends, on standard output. An exit status; what is missing has
 * been said. */
int hr_report_played(const struct hr_command *command, const char *name, bool json,
    const struct hr_config *config, struct hr_playback *playback);

#endif
