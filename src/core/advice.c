/* SPDX-License-Identifier: Apache-2.0 */
/* What a trigger advises, put together once, when it fires: score, segment, plan, offer, route,
 * playbook. Nothing of it decides whether anything fires. */
#include "advice.h"

const struct hr_advice *hr_advise(const struct hr_advising *advising)
{
    const struct hr_instance *instance = advising->instance;
    const struct hr_account *account = instance->step->account;
    struct hr_advice *advice = hr_arena_zeroed(advising->arena, sizeof *advice);
    struct hr_reading segment = hr_segment_read(account);
    advice->score = hr_score_tell(account, advising->arena);
    if (segment.text.len > 0) {
        advice->segment = hr_arena_copy(advising->arena, segment.text);
    }
    advice->recommend = hr_recommend_plan(advising);
    if (instance->rule->offer && !hr_product_owned(account, instance->rule->offer->product)) {
        advice->offer = instance->rule->offer;
        advice->product = &account->layout->base->rules->products[advice->offer->product];
    }
    advice->route = hr_route_of(instance);
    struct hr_str owner = hr_route_owner(instance, advice->route);
    if (owner.len > 0) {
        advice->owner = hr_arena_copy(advising->arena, owner);
    }
    advice->playbook = hr_playbook_of(instance, advice->route);
    if (advice->playbook) {
        hr_playbook_fill(advising, advice);
    }
    return advice;
}
