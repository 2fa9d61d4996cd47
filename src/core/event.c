/* SPDX-License-Identifier: Apache-2.0 */
/* The published names of why an event did not count. They are part of the dead-letter format and
 * never change. */
#include "headroom/event.h"

static const char *const reason_names[HR_REASON_COUNT] = {
    [HR_REASON_NONE] = "none",
    [HR_BAD_JSON] = "bad_json",
    [HR_BAD_EVENT] = "bad_event",
    [HR_BAD_TIME] = "bad_time",
    [HR_BAD_VALUE] = "bad_value",
    [HR_OVERFLOW] = "overflow",
    [HR_TOO_LATE] = "too_late",
    [HR_IN_FUTURE] = "in_future",
    [HR_ID_CONFLICT] = "id_conflict",
    [HR_TOO_LARGE] = "too_large",
    [HR_FORWARD_LOOP] = "forward_loop",
    [HR_ALIAS_TAKEN] = "alias_taken",
};

const char *hr_reason_name(enum hr_reason reason)
{
    return reason_names[reason];
}

const char *const hr_outcome_names[] = {"converted", "expired", "cancelled", NULL};
const char *const hr_stage_names[] = {
    "identified", "qualified", "engaged", "negotiation", "closed_won", "closed_lost", NULL};
const char *const hr_deal_names[] = {"new", "upsell", "cross-sell", "renewal", NULL};
const char *const hr_quiet_names[] = {"silenced", "snoozed", "acknowledged", NULL};
