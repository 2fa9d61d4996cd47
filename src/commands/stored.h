/* SPDX-License-Identifier: Apache-2.0 */
/* What the processor keeps in Redis, for commands that read it: the store, the manifest's copy and
 * the way from an account's name to its state in a home of the same core. Nothing is changed. */
#ifndef HEADROOM_COMMANDS_STORED_H
#define HEADROOM_COMMANDS_STORED_H

#include "headroom/home.h"
#include "headroom/redis.h"
#include "manifest.h"

struct hr_stored {
    struct hr_store store;
    struct hr_manifest_copy manifest;
};

/* HR_REJECT as hr_manifest_copy_open. To be closed only when it is open (HR_OK). */
HR_MUST enum hr_fate hr_stored_open(const struct hr_config *config, const struct hr_zones *zones,
    struct hr_stored *stored, struct hr_error *error);
void hr_stored_close(struct hr_stored *stored);

/* Settings of a home that holds accounts of home `number` under the current rules. */
struct hr_home_settings hr_stored_home(struct hr_stored *stored, uint32_t number);
/* Loads what the home wants of the name, and what that wants in turn. */
HR_MUST enum hr_fate hr_stored_load(struct hr_stored *stored, struct hr_home *home, uint32_t number,
    struct hr_str name, struct hr_arena *arena, struct hr_error *error);

/* What holds levels back in the whole home. */
HR_MUST enum hr_fate hr_stored_load_holds(struct hr_stored *stored, struct hr_home *home,
    uint32_t number, struct hr_arena *arena, struct hr_error *error);

/* Whether Redis holds what the group committed last for a home. A batch is written a moment after
 * its commit, so it is waited for a second before a home counts as being restored. */
enum hr_standing {
    HR_STANDING_UNKNOWN, /* Kafka does not tell: `error` says why */
    HR_STANDING_CURRENT,
    HR_STANDING_RESTORING,
};
enum hr_standing hr_stored_standing(struct hr_stored *stored, const struct hr_config *config,
    uint32_t number, struct hr_error *error);

#endif
