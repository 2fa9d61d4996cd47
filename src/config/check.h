/* SPDX-License-Identifier: Apache-2.0 */
/* The connecting half: what its values mean beyond their type. */
#ifndef CONFIG_CHECK_H
#define CONFIG_CHECK_H

#include "complain.h"
#include "settings.h"

/* Fills in defaults that are made from other keys, and complains. No complaint shows a value that
 * came from the environment. */
void hr_check_connections(
    struct hr_complainer *complainer, struct hr_arena *arena, struct hr_settings *settings);

#endif
