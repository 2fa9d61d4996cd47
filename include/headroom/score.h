/* SPDX-License-Identifier: Apache-2.0 */
/* A score as it is told: which rows gave which points, and why the others gave none. */
#ifndef HEADROOM_SCORE_H
#define HEADROOM_SCORE_H

#include "headroom/rules.h"

struct hr_score_part {
    const struct hr_score_row *row;
    bool given;
    struct hr_str because; /* "meter.contacts.used 84% > 80%"; of one not given, why not:
                              "account.health 75 is not > 80", "account.health is unknown" */
};

/* In an arena, as long as that and the rules. */
struct hr_score {
    int64_t total;
    struct hr_str tier;
    const struct hr_score_part *parts; /* one a row, in the configuration's order */
    uint16_t part_count;
};

#endif
