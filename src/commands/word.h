/* SPDX-License-Identifier: Apache-2.0 */
/* An operator's word to homes, over the internal topic: each takes it in its order of records. */
#ifndef HEADROOM_COMMANDS_WORD_H
#define HEADROOM_COMMANDS_WORD_H

#include "headroom/config.h"
#include "headroom/error.h"

/* The record to homes 0 to `homes` - 1; HR_OK once the broker has it for all of them. */
HR_MUST enum hr_fate hr_word_send(const struct hr_config *config, struct hr_str key,
    struct hr_str value, uint32_t homes, struct hr_error *error);

#endif
