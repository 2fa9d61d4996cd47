/* SPDX-License-Identifier: Apache-2.0 */
/* Which known name was probably meant: for "did you mean …?" wherever a user writes a name. */
#ifndef HEADROOM_NEAREST_H
#define HEADROOM_NEAREST_H

#include "headroom/str.h"

/* Index of the name that takes the fewest edits (a letter added, left out, changed, or two
 * neighbours swapped), the first of equals; -1 when none is within a third of its length. Names of
 * more than 64 bytes are never near. */
int hr_nearest(struct hr_str name, const struct hr_str *names, size_t count);

#endif
