/* SPDX-License-Identifier: Apache-2.0 */
/* Files that a simulation reads: how their lines are written, and of which source they are. */
#ifndef HEADROOM_COMMANDS_INPUT_H
#define HEADROOM_COMMANDS_INPUT_H

#include "merge.h"

/* That of the name, of a source's or a preset; NULL: there is none. Without a name what all sources
 * share, else CloudEvents. */
const struct hr_format *hr_input_format(const struct hr_rules *rules, const char *name);
/* "TOPIC=FILE" is a file of the records of a source, and so is one that is named after it
 * ("exports/usage.ndjson"), or any where there is one source alone; any other operand is a file of
 * which nothing is known, and is written as is `usual`. `usual_is_given`: so is one of which the
 * source is known only by its name. */
struct hr_input_file hr_input_file_of(const struct hr_rules *rules, const char *operand,
    const struct hr_format *usual, bool usual_is_given);

#endif
