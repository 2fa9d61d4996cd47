/* SPDX-License-Identifier: Apache-2.0 */
/* A second reader of JSON, to compare with: by the letter of RFC 8259 and of the Unicode standard's
 * table of well-formed UTF-8 (3-7), byte by byte, as slow and as plain as it can be. */
#ifndef HEADROOM_TESTS_REFERENCE_H
#define HEADROOM_TESTS_REFERENCE_H

#include "headroom/str.h"

bool reference_accepts(struct hr_str text);
bool reference_utf8(struct hr_str text);

#endif
