/* SPDX-License-Identifier: Apache-2.0 */
/* Nearest names by edit distance with swaps (optimal string alignment). Only three rows of the
 * table are kept. Case does not count: users write `Levels` for `levels`. */
#include "headroom/nearest.h"

#include <stdint.h>

#define LONGEST 64

static unsigned char lower(char c)
{
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t edits(struct hr_str a, struct hr_str b)
{
    size_t rows[3][LONGEST + 1];
    size_t *above2 = rows[0], *above = rows[1], *row = rows[2];
    for (size_t j = 0; j <= b.len; j++) {
        above[j] = j;
    }
    for (size_t i = 1; i <= a.len; i++) {
        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            bool same = lower(a.at[i - 1]) == lower(b.at[j - 1]);
            row[j] = least(least(above[j], row[j - 1]) + 1, above[j - 1] + !same);
            if (i > 1 && j > 1 && lower(a.at[i - 1]) == lower(b.at[j - 2]) &&
                lower(a.at[i - 2]) == lower(b.at[j - 1])) {
                row[j] = least(row[j], above2[j - 2] + 1);
            }
        }
        size_t *oldest = above2;
        above2 = above;
        above = row;
        row = oldest;
    }
    return above[b.len];
}

int hr_nearest(struct hr_str name, const struct hr_str *names, size_t count)
{
    int nearest = -1;
    size_t fewest = SIZE_MAX;
    if (name.len > LONGEST) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        if (names[i].len > LONGEST) {
            continue;
        }
        size_t needed = edits(name, names[i]);
        size_t longer = name.len > names[i].len ? name.len : names[i].len;
        if (needed < fewest && needed * 3 <= longer + 1) {
            fewest = needed;
            nearest = (int)i;
        }
    }
    return nearest;
}
