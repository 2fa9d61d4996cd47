/* SPDX-License-Identifier: Apache-2.0 */
/* `headroom rules list|diff|rollback`: what decides, epoch by epoch. */
#ifndef HEADROOM_COMMANDS_RULES_H
#define HEADROOM_COMMANDS_RULES_H

#include "headroom/commands.h"
#include "headroom/config.h"
#include "stored.h"

struct hr_rules_request {
    const struct hr_command *command;
    const char *config_file;
    bool json;
    int64_t limit; /* of diff: accounts to list */
    const char *const *operands;
    size_t operand_count;
    const struct hr_config *config;
    struct hr_stored stored;
};

HR_MUST int hr_rules_list(struct hr_rules_request *request);
HR_MUST int hr_rules_diff(struct hr_rules_request *request);
HR_MUST int hr_rules_rollback(struct hr_rules_request *request);

/* The epoch that the text names; 0: it is no number. */
uint32_t hr_rules_epoch(const char *text);

#endif
