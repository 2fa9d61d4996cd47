/* SPDX-License-Identifier: Apache-2.0 */
/* A home with what it stands on in a running system: a clock, a store, messages that arrive. The
 * mode says how often time is told, where batches are cut and what is in memory. */
#ifndef TEST_TABLE_WORLD_H
#define TEST_TABLE_WORLD_H

#include "table.h"

#include "headroom/home.h"

/* Something that followed, in order. */
struct outcome {
    struct expected said;
    const char *json; /* of a trigger, as it would be published */
};

struct world;
/* NULL: the configuration is not one; why is on standard output. */
struct world *world_new(const char *config, enum mode mode, struct hr_zones *zones);
void world_destroy(struct world *world);

/* Lets the clock come to a moment just before something happens, as the mode tells time. */
void world_approach(struct world *world, struct hr_time now);
/* What arrives at `now`: one event of an account, its data as JSON. */
void world_event(struct world *world, struct hr_time now, const char *account, const char *type,
    const char *data, struct hr_time event_time);
void world_tick(struct world *world, struct hr_time now);
void world_restart(struct world *world);
bool world_reload(struct world *world, const char *config, struct hr_time now);
/* After each step. */
void world_settle(struct world *world, struct hr_time now);

const struct hr_rules *world_rules(const struct world *world);
struct hr_arena *world_arena(struct world *world);
/* What followed so far, all of it. */
const struct outcome *world_outcomes(const struct world *world, size_t *count);

#endif
