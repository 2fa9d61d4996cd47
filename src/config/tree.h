/* SPDX-License-Identifier: Apache-2.0 */
/* A configuration as it stands in the file: scalars, lists and maps, each with its line. Nothing is
 * known here about keys, types or defaults.
 *
 * YAML is read for what a configuration needs and no further: one document, no anchors, aliases or
 * tags, no key twice, no complex keys. JSON is YAML. Bounds on size, depth and number of entries
 * are checked while reading, so a hostile file ends in a complaint and not in a hang. */
#ifndef CONFIG_TREE_H
#define CONFIG_TREE_H

#include "headroom/memory.h"
#include "headroom/str.h"

#include <stdbool.h>

#define HR_TREE_BYTES (1u << 20) /* of a file */
#define HR_TREE_DEPTH 16
#define HR_TREE_ENTRIES 1000 /* of one list or map */

enum hr_node_kind { HR_NODE_SCALAR, HR_NODE_LIST, HR_NODE_MAP };

struct hr_node {
    enum hr_node_kind kind;
    unsigned line;         /* from 1; of a map's entry the line of its key */
    struct hr_str key;     /* of a map's entry */
    bool plain;            /* of a scalar: written without quotes */
    struct hr_str text;    /* of a scalar; terminated by a NUL that does not count */
    struct hr_node *first; /* of a list or map: its entries, in the order of the file */
    struct hr_node *next;
    size_t count;
};

struct hr_tree_problem {
    unsigned line; /* 0: the file as a whole */
    struct hr_str text;
};

/* The root, in the arena; an empty file is an empty map. NULL: see problem. Reading stops at the
 * first problem, because after it nothing is certain about what follows. */
struct hr_node *hr_tree_read(
    struct hr_str text, struct hr_arena *arena, struct hr_tree_problem *problem);

/* NULL when the map has no such key. */
const struct hr_node *hr_node_find(const struct hr_node *map, struct hr_str key);

#endif
