/* SPDX-License-Identifier: Apache-2.0 */
/* The published examples of events, read: schemas/events/examples/FORMAT/NAME.json.
 *
 * A file has named events and cases; a case is an event of its own (`event`, or `text` where it is
 * no JSON), or a named one with places set and members left out:
 *
 *   {"case": "a quantity that is a word", "of": "created",
 *    "set": {"/items/0/quantity": "many"}, "without": ["/id"], "reason": …, "detail": …}
 */
#ifndef HEADROOM_TESTS_CODEC_EXAMPLES_H
#define HEADROOM_TESTS_CODEC_EXAMPLES_H

#include "codec/json.h"
#include "world.h"

struct example {
    const char *file;
    const struct hr_document *json; /* of the whole file */
    uint32_t node;                  /* the case */
    struct hr_str name;
    struct hr_str text; /* the event */
};

typedef void example_check(
    struct world *world, const struct hr_format *format, const struct example *example);

/* A member of the case, unescaped; at NULL when it has none. */
struct hr_str example_member(struct world *world, const struct example *example, const char *name);
/* Calls `check` for each case of that list in all files of the folder; returns how many. The test
 * fails on a file that is none. */
size_t examples_each(struct world *world, const char *folder, const struct hr_format *format,
    const char *list, example_check *check);

#endif
