/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the judge share; see oracle.c for what is asked of a run. */
#ifndef HEADROOM_TESTS_SIM_JUDGE_H
#define HEADROOM_TESTS_SIM_JUDGE_H

#include "sim.h"

struct sim_lines { /* of triggers, as published; in the world's arena */
    struct hr_str *at;
    size_t count, room;
};
void sim_lines_add(struct sim *sim, struct sim_lines *lines, struct hr_str text);
void sim_lines_sort(struct sim_lines *lines);
/* Both sorted; the first difference is the verdict. */
void sim_lines_compare(
    struct sim *sim, const struct sim_lines *are, const struct sim_lines *must, const char *what);

/* Rules by epoch, out of the manifests that were committed. One epoch is one set of rules. */
#define SIM_EPOCHS 64
struct sim_epochs {
    struct hr_rules *at[SIM_EPOCHS];
};
const struct hr_rules *sim_rules_of(void *epochs, uint32_t epoch);

/* once.c */
void sim_judge_once(struct sim *sim);
/* replay.c */
void sim_judge_replay(
    struct sim *sim, uint32_t home, struct sim_epochs *epochs, struct sim_lines *triggers);
void sim_take_triggers(struct sim *sim, struct hr_outbox *outbox, struct sim_lines *lines);
const struct hr_format *sim_format_named(const struct hr_rules *rules, struct hr_str name);
struct hr_home *sim_fresh_home(struct sim *sim, uint32_t number, struct sim_epochs *epochs,
    const struct hr_rules *rules, struct hr_pool *pool);
/* time.c */
void sim_judge_time(struct sim *sim, uint32_t home);
/* order.c */
void sim_judge_order(struct sim *sim, struct sim_epochs *epochs, const struct sim_lines *told);

#endif
