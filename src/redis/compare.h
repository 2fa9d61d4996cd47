/* SPDX-License-Identifier: Apache-2.0 */
/* The compare-and-set of a home, and its like that deletes: two scripts and their arguments. */
#ifndef HEADROOM_REDIS_COMPARE_H
#define HEADROOM_REDIS_COMPARE_H

#include "connection.h"

/* Both answer 1 when the marker was as expected, else 0 and nothing is changed. */
extern const char compare_and_set[];
extern const char compare_and_delete[];

/* "PREFIX:{HOME}:", in `text`. */
#define HOME_PREFIX_ROOM 96
struct hr_str compare_home_prefix(struct hr_str prefix, uint32_t home, char text[HOME_PREFIX_ROOM]);

/* Adds the whole command to what the connection sends. `sha` names compare_and_set on that server.
 */
void compare_add_set(struct redis_connection *connection, struct hr_str sha, struct hr_str prefix,
    const struct hr_store_write *write);
/* `keys` are whole. */
void compare_add_delete(struct redis_connection *connection, struct hr_str sha,
    struct hr_str prefix, struct hr_str marker, struct answer **keys, size_t count);

#endif
