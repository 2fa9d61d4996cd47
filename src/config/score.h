/* SPDX-License-Identifier: Apache-2.0 */
/* The score that counts where the configuration has none: for the compiler and the reference. */
#ifndef CONFIG_SCORE_H
#define CONFIG_SCORE_H

#include "compile.h"

struct hr_default_row {
    const char *name;
    int64_t points;
    const char *when;                                     /* one condition */
    bool (*exists)(const struct hr_compiling *compiling); /* can it be asked? NULL: always */
};
extern const struct hr_default_row hr_default_score[];
extern const size_t hr_default_score_count;

#endif
