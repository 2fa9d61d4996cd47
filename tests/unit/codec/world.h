/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of the decoder stand on: zones, a decoder, an arena, and the event last decoded.
 */
#ifndef HEADROOM_TESTS_CODEC_WORLD_H
#define HEADROOM_TESTS_CODEC_WORLD_H

#include "headroom/codec.h"

struct world {
    struct hr_zones *zones;
    struct hr_decoder *decoder;
    struct hr_arena arena;
    struct hr_event event;
    char detail[HR_DETAIL];
};

/* Set-up and tear-down of a group; *state is the world. */
int world_make(void **state);
int world_drop(void **state);

/* The test fails when there is none of that name. */
const struct hr_format *preset(const char *name);
enum hr_reason decode_as(struct world *world, const struct hr_rules *rules,
    const struct hr_format *format, struct hr_str value);

#define TEXT(text)                                                                                 \
    {                                                                                              \
        (text), sizeof(text) - 1                                                                   \
    }

#define assert_text(text, expected)                                                                \
    do {                                                                                           \
        assert_non_null((text).at);                                                                \
        assert_int_equal((text).len, strlen(expected));                                            \
        assert_memory_equal((text).at, (expected), (text).len);                                    \
    } while (0)

#endif
