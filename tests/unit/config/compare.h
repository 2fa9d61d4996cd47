/* SPDX-License-Identifier: Apache-2.0 */
/* Deep comparison of what configurations mean: every member of every table, by value. */
#ifndef TEST_CONFIG_COMPARE_H
#define TEST_CONFIG_COMPARE_H

#include "headroom/config.h"

/* NULL, or what differs first. */
const char *differs_rules(const struct hr_rules *a, const struct hr_rules *b);
const char *differs_config(const struct hr_config *a, const struct hr_config *b);

#endif
