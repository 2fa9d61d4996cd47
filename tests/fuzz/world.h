/* SPDX-License-Identifier: Apache-2.0 */
/* What the fuzzers share: rules with something of everything, the system's zones, and a demand. */
#ifndef TEST_FUZZ_WORLD_H
#define TEST_FUZZ_WORLD_H

#include "headroom/config.h"
#include "headroom/error.h"
#include "headroom/record.h"

#include <stddef.h>
#include <stdint.h>

/* What the fuzzing library calls; each fuzzer defines it. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* Ends the program, so that the library keeps the input, where something does not hold. */
void demand(bool holds, const char *what);

/* Made at the first call and kept. */
const struct hr_zones *world_zones(void);
const struct hr_config *world_config(void);

/* The input up to its first newline, and what follows it: so seeds are text that a person writes.
 */
struct hr_str first_line(const uint8_t *bytes, size_t len, struct hr_str *rest);

/* Headers, one "NAME:VALUE" a line up to an empty line, taken off the text; at most `most`. */
#define HEADERS_MOST 16
size_t header_lines(struct hr_str *text, struct hr_header *headers, size_t most);

#endif
