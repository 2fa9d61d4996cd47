/* SPDX-License-Identifier: Apache-2.0 */
/* Every signal that a user can name, as a table: what reads names (signal.c), the JSON Schema and
 * the reference are made from it. To add a signal, add a row; if it names something of the user's,
 * a reader in signal.c, too. */
#ifndef CONFIG_SIGNALS_H
#define CONFIG_SIGNALS_H

#include "compile.h"

struct hr_signal_row {
    /* As it is written, with words in capitals for what is the user's: NAME, WINDOW (a window),
     * DURATION, GROUP. The first row whose beginning fits, up to the first of them, reads it. */
    const char *pattern;
    enum hr_signal_kind kind;
    enum hr_unit unit;
    const char *unit_text; /* for the reference; NULL: the unit's name */
    const char *help;
    /* Of rows with words in capitals; several rows may share one, which tells them apart. False
     * after a complaint. */
    bool (*read)(struct hr_compiling *compiling, const struct hr_signal_row *row,
        struct hr_str text, struct hr_signal_draft *draft, const struct hr_path *path);
};
extern const struct hr_signal_row hr_signal_rows[];
extern const size_t hr_signal_row_count;

/* Bytes before the first word in capitals; all of them when there is none. */
size_t hr_signal_fixed(const struct hr_signal_row *row);

#endif
