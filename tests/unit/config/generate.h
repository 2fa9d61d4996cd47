/* SPDX-License-Identifier: Apache-2.0 */
/* Valid configurations by chance: every key of the table, values in every spelling, laid out as
 * block YAML, flow YAML or JSON, keys in any order. */
#ifndef TEST_CONFIG_GENERATE_H
#define TEST_CONFIG_GENERATE_H

#include "headroom/buffer.h"

/* The same bytes for the same seed; terminated by a NUL that does not count. */
void generate_config(uint64_t seed, struct hr_buffer *text);

#endif
