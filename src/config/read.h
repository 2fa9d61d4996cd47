/* SPDX-License-Identifier: Apache-2.0 */
/* From the tree to settings, by the table. */
#ifndef CONFIG_READ_H
#define CONFIG_READ_H

#include "complain.h"
#include "settings.h"
#include "table.h"

struct hr_reading {
    struct hr_arena *arena; /* of the settings */
    struct hr_complainer *complainer;
    bool only_deciding; /* keys of the connecting half are unknown and stay empty */
    const char *(*environment)(void *context, const char *name); /* NULL: nothing is set */
    void *context;
};

/* One level: what stands in a map of the file, into the struct that the table describes. */
void hr_read_level(const struct hr_reading *reading, const struct hr_level_table *level,
    const struct hr_node *node, const struct hr_path *path, void *out);
/* Fills everything that could be read. What could not is zero (texts have at NULL) and there is a
 * complaint: checks of meaning pass over it in silence. */
void hr_read_settings(
    const struct hr_reading *reading, const struct hr_node *root, struct hr_settings *settings);

#endif
