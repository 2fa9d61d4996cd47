/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the decoder share. */
#ifndef HEADROOM_CODEC_DECODE_H
#define HEADROOM_CODEC_DECODE_H

#include "headroom/codec.h"
#include "json.h"

/* Bounds on what a stranger can make the state hold. */
#define HR_ACCOUNT_MOST 65536 /* bytes of an account's name, and so of an alias */
#define HR_NAME_MOST 256  /* bytes of any other name that is kept: plan, subscription, limit … */
#define HR_LONG_MOST 1024 /* bytes of a trigger's id and of a reason */
#define HR_TEXT_MOST 4096 /* bytes of an attribute's value */
#define HR_LIST_MOST 256  /* entries of limits, aliases and attributes in one event */

#define HR_LEVEL_MOST 64      /* bytes of a level */
#define HR_OWN_LEVELS_MOST 32 /* own levels of a rule, as in the configuration */

#define HR_SHOWN 40 /* bytes of a stranger's text in a clause */

/* Writes the clause and returns the reason, so that `return hr_reject_event(…)` reads. Untrusted
 * text must come escaped and at most twice HR_SHOWN bytes of it: then a clause fits uncut. */
HR_MUST enum hr_reason hr_reject_event(
    char detail[HR_DETAIL], enum hr_reason reason, const char *format, ...) HR_PRINTF(3, 4);

/* A field of an event as the core wants it. `node` may be HR_JSON_NONE: MISSING. */
void hr_read_value(
    const struct hr_document *json, uint32_t node, struct hr_arena *arena, struct hr_value *value);

/* The account event of this type; NULL: it is none. */
struct hr_fact_type;
const struct hr_fact_type *hr_fact_type_find(struct hr_str type);
/* Whether a field of this type may be null, which says something then. */
bool hr_fact_takes_null(const struct hr_fact_type *type, struct hr_str field);
/* Reads its data (HR_JSON_NONE: it has none) into a new fact in the arena. */
HR_MUST enum hr_reason hr_read_fact(const struct hr_fact_type *type, const struct hr_document *json,
    uint32_t data, const struct hr_zones *zones, struct hr_arena *arena,
    const struct hr_fact **fact, char detail[HR_DETAIL]);

#endif
