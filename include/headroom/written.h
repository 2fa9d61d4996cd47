/* SPDX-License-Identifier: Apache-2.0 */
/* Literals as people write them in rules, and in events that set levels of their own: a number with
 * its unit, or text. */
#ifndef HEADROOM_WRITTEN_H
#define HEADROOM_WRITTEN_H

#include "headroom/error.h"
#include "headroom/memory.h"
#include "headroom/rules.h"

enum hr_form { HR_FORM_PLAIN, HR_FORM_SHARE, HR_FORM_DAYS, HR_FORM_MONEY, HR_FORM_TEXT };
struct hr_written {
    enum hr_form form;
    struct hr_decimal number; /* 80% is 0.8, 25k is 25000 */
    char currency[4];         /* of MONEY */
    struct hr_str text;       /* of TEXT without its quotes, else as written */
};

/* NULL, or what is wrong in a clause: "has no value". */
HR_MUST const char *hr_read_literal(struct hr_str text, struct hr_written *literal);
/* Brings a literal into a unit: 0.8 is a share, 30 are days. False: it is of another. */
HR_MUST bool hr_fit_unit(enum hr_unit unit, struct hr_written *literal);
/* "80pct", "60d", "25000USD", "4": the level's name in trigger ids (SEMANTICS 5, Trigger id). */
struct hr_str hr_level_text(struct hr_arena *arena, const struct hr_written *literal);

#endif
