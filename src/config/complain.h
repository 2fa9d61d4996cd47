/* SPDX-License-Identifier: Apache-2.0 */
/* Complaints: what is wrong, at which path and in which line. A check knows the path at which it
 * works; the line is found from the path in the tree when, and only when, there is something to
 * say. So what checks meaning need not carry lines along. */
#ifndef CONFIG_COMPLAIN_H
#define CONFIG_COMPLAIN_H

#include "headroom/config.h"
#include "tree.h"

#define HR_COMPLAINTS_MOST 100 /* what a person reads; one more says that there are others */

/* A place in the tree, as a chain of steps on the stack. The root has `up` NULL and no step. */
struct hr_path {
    const struct hr_path *up;
    struct hr_str key; /* of an entry of a map */
    size_t index;      /* of an entry of a list, when key.at is NULL */
};

static inline struct hr_path hr_path_key(const struct hr_path *up, struct hr_str key)
{
    return (struct hr_path){.up = up, .key = key.at ? key : HR_STR("")};
}
static inline struct hr_path hr_path_index(const struct hr_path *up, size_t index)
{
    return (struct hr_path){.up = up, .index = index};
}

struct hr_complainer {
    struct hr_arena *arena; /* scratch for what is quoted */
    const char *file;
    const struct hr_node *root;
    struct hr_complaints *complaints;
    size_t room;
};

void hr_complain(struct hr_complainer *complainer, const struct hr_path *path, const char *format,
    ...) HR_PRINTF(3, 4);
/* True when the file has something at exactly this path, right or wrong. */
bool hr_config_has(const struct hr_complainer *complainer, const struct hr_path *path);
/* The line of what stands there, or of what holds it. */
unsigned hr_config_line(const struct hr_complainer *complainer, const struct hr_path *path);
/* About a line that no path leads to: the file is not even a tree. */
void hr_complain_line(struct hr_complainer *complainer, unsigned line, struct hr_str text);
/* "; did you mean NAME?", or "" when no known name is near. */
const char *hr_did_you_mean(
    struct hr_complainer *complainer, struct hr_str name, const struct hr_str *known, size_t count);
/* Untrusted text as it may stand in a complaint, shortened. */
const char *hr_quote(struct hr_complainer *complainer, struct hr_str text);
/* Brings the complaints into the order of the file. HR_REJECT when there are any. */
HR_MUST enum hr_fate hr_complaints_finish(struct hr_complainer *complainer);

#endif
