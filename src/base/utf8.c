/* SPDX-License-Identifier: Apache-2.0 */
/* Characters, where text from anywhere is shown to somebody. */
#include "headroom/str.h"

size_t hr_utf8_read(const char *text, size_t len, uint32_t *point)
{
    static const struct {
        uint8_t mask, lead;
        uint32_t least;
    } forms[] = {{0xe0, 0xc0, 0x80}, {0xf0, 0xe0, 0x800}, {0xf8, 0xf0, 0x10000}};
    const uint8_t *at = (const uint8_t *)text;
    if (at[0] < 0x80) {
        *point = at[0];
        return 1;
    }
    for (size_t more = 1; more <= 3; more++) {
        if ((at[0] & forms[more - 1].mask) != forms[more - 1].lead) {
            continue;
        }
        uint32_t value = at[0] & (uint8_t)~forms[more - 1].mask;
        for (size_t i = 1; i <= more; i++) {
            if (i >= len || (at[i] & 0xc0) != 0x80) {
                return 0;
            }
            value = value << 6 | (at[i] & 0x3f);
        }
        bool surrogate = value >= 0xd800 && value <= 0xdfff;
        *point = value;
        return value < forms[more - 1].least || surrogate || value > 0x10ffff ? 0 : more + 1;
    }
    return 0;
}

bool hr_is_hidden(uint32_t point)
{
    bool control = point < 0x20 || (point >= 0x7f && point < 0xa0);
    bool separator = point == 0x2028 || point == 0x2029;
    bool direction = point == 0x061c || point == 0x200e || point == 0x200f ||
                     (point >= 0x202a && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069);
    return control || separator || direction;
}
