/* SPDX-License-Identifier: Apache-2.0 */
/* What a trigger advises (headroom/advice.h), worked out part by part. */
#ifndef HEADROOM_CORE_ADVICE_H
#define HEADROOM_CORE_ADVICE_H

#include "headroom/advice.h"

#include "step.h"

/* A rule that fires, or would. */
struct hr_advising {
    const struct hr_instance *instance;
    const struct hr_late *late; /* of an ended period: what it came to; NULL: the one in force */
    struct hr_arena *arena;     /* of what is made */
};

/* Everything, in the arena. */
const struct hr_advice *hr_advise(const struct hr_advising *advising);

/* recommend.c: the plan, if there is one to go up to. */
struct hr_recommendation hr_recommend_plan(const struct hr_advising *advising);

/* route.c */
const struct hr_route *hr_route_of(const struct hr_instance *instance);
struct hr_str hr_route_owner(const struct hr_instance *instance, const struct hr_route *route);

/* playbook.c: which, and its blocks filled from the advice so far. */
const struct hr_playbook *hr_playbook_of(
    const struct hr_instance *instance, const struct hr_route *route);
void hr_playbook_fill(const struct hr_advising *advising, struct hr_advice *advice);

/* advice_text.c: "800.00 USD", "+800.00 USD", "5000.00 to 12000.00 USD". */
struct hr_str hr_text_money(struct hr_arena *arena, struct hr_decimal amount, const char *currency);
struct hr_str hr_text_delta(struct hr_arena *arena, const struct hr_recommendation *recommend);
struct hr_str hr_text_offer_mrr(struct hr_arena *arena, const struct hr_offer *offer);

#endif
