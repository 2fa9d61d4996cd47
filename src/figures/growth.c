/* SPDX-License-Identifier: Apache-2.0 */
/* The formulas of growth: pipeline, retention, customers, targets. Sums of money are taken in
 * integers, so the only inexact step of each is its one division. */
#include "headroom/figures.h"

/* --- pipeline -----------------------------------------------------------------------------------
 */

void hr_funnel_shares(const int64_t reached[HR_FUNNEL_STAGES],
    struct hr_figure of_first[HR_FUNNEL_STAGES], struct hr_figure of_before[HR_FUNNEL_STAGES])
{
    for (size_t s = 0; s < HR_FUNNEL_STAGES; s++) {
        of_first[s] = hr_figure_share(reached[s], reached[0]);
        of_before[s] = hr_figure_share(reached[s], reached[s > 0 ? s - 1 : 0]);
    }
}

void hr_funnel_chances(
    const int64_t reached[HR_FUNNEL_STAGES], struct hr_figure chances[HR_FUNNEL_STAGES])
{
    for (size_t s = 0; s < HR_FUNNEL_STAGES; s++) {
        chances[s] = hr_figure_share(reached[HR_FUNNEL_STAGES - 1], reached[s]);
    }
}

struct hr_figure hr_funnel_weighted(const struct hr_decimal open[HR_FUNNEL_STAGES],
    const struct hr_figure chances[HR_FUNNEL_STAGES])
{
    struct hr_figure sum = {.known = true};
    for (size_t s = 0; s < HR_FUNNEL_STAGES; s++) {
        if (hr_decimal_is_zero(open[s])) {
            continue;
        }
        struct hr_figure part = hr_figure_times((struct hr_figure){true, open[s]}, chances[s]);
        sum.known &= part.known && hr_decimal_add(sum.value, part.value, &sum.value);
    }
    return sum.known ? sum : HR_FIGURE_UNKNOWN;
}

/* --- retention ----------------------------------------------------------------------------------
 */

int64_t hr_retention_end(const struct hr_retention *flows)
{
    return flows->start + flows->new + flows->expansion - flows->contraction - flows->churned +
           flows->transfer;
}

struct hr_figure hr_retention_net(const struct hr_retention *flows)
{
    return hr_figure_share(
        flows->start + flows->expansion - flows->contraction - flows->churned, flows->start);
}

struct hr_figure hr_retention_gross(const struct hr_retention *flows)
{
    return hr_figure_share(flows->start - flows->contraction - flows->churned, flows->start);
}

struct hr_figure hr_churn_rate(int64_t start, int64_t end_without_expansion, int64_t expansion)
{
    return hr_figure_share(start - end_without_expansion - expansion, start);
}

/* --- customers ----------------------------------------------------------------------------------
 */

struct hr_figure hr_net_promoters(int64_t promoters, int64_t detractors, int64_t answers)
{
    return hr_figure_share(100 * (promoters - detractors), answers);
}

struct hr_figure hr_lifetime_value(struct hr_figure per_customer, int64_t lost, int64_t starts)
{
    return hr_figure_times(per_customer, hr_figure_share(starts, lost));
}

/* --- targets ------------------------------------------------------------------------------------
 */

enum hr_standing_to hr_target_standing(const struct hr_target *target, struct hr_figure current)
{
    if (!target->given) {
        return HR_TARGET_NONE;
    }
    if (!current.known) {
        return HR_TARGET_UNKNOWN;
    }
    bool less = hr_decimal_compare(current.value, target->low) < 0;
    bool more = hr_decimal_compare(current.value, target->high) > 0;
    if (!less && !more) {
        return HR_TARGET_MET;
    }
    return less == target->less_is_better ? HR_TARGET_ABOVE : HR_TARGET_BELOW;
}
