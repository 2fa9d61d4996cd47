/* SPDX-License-Identifier: Apache-2.0 */
/* How rows of the table are written, and the levels that have a file of their own. */
#ifndef CONFIG_TABLE_ROWS_H
#define CONFIG_TABLE_ROWS_H

#include "table.h"

#define KIB INT64_C(1024)
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)
#define COUNT(rows) (sizeof(rows) / sizeof *(rows))
#define LEVEL(rows) (&(const struct hr_level_table){(rows), COUNT(rows)})

/* Where a row's value stands in its struct. */
#define AT(owner, member) .offset = offsetof(struct owner, member)
#define ENTRIES(owner, member)                                                                     \
    .offset = offsetof(struct owner, member),                                                      \
    .count_offset = offsetof(struct owner, member##_count),                                        \
    .entry_size = sizeof(*((struct owner *)0)->member)

extern const struct hr_level_table hr_feature_table, hr_adoption_table, hr_meter_table,
    hr_plan_table, hr_rule_table, hr_reports_table, hr_score_table, hr_segment_table,
    hr_product_table, hr_outcomes_table, hr_recommend_table, hr_playbook_table, hr_route_table,
    hr_offer_table;
extern const struct hr_level_table hr_timing_table, hr_brake_table;

/* By enum hr_category. */
extern const char *const hr_category_choices[];

#endif
