/* SPDX-License-Identifier: Apache-2.0 */
/* What reports work out, formula by formula: pure, in exact decimals, each with where it is from.
 *
 * A figure may not be known: nothing is divided by nothing, and what a formula has no answer for is
 * shown as such and never as 0. Quotients are cut after twelve places; a reader rounds once, when
 * it shows them (hr_figure_round). Money is in minor units of one currency, periods are whatever
 * the caller adds up: a month, or several. */
#ifndef HEADROOM_FIGURES_H
#define HEADROOM_FIGURES_H

#include "headroom/decimal.h"

#include <stddef.h>

struct hr_figure {
    bool known;
    struct hr_decimal value; /* a share of 37.5% is 0.375 */
};
#define HR_FIGURE_UNKNOWN ((struct hr_figure){0})

/* a / b; unknown when b is 0 or the quotient does not fit. */
struct hr_figure hr_figure_ratio(struct hr_decimal a, struct hr_decimal b);
struct hr_figure hr_figure_share(int64_t part, int64_t whole);
/* a × b; unknown when either is, or the product does not fit. */
struct hr_figure hr_figure_times(struct hr_figure a, struct hr_figure b);
/* Half away from zero, to at most HR_DECIMAL_PLACES places. */
struct hr_decimal hr_figure_round(struct hr_decimal value, unsigned places);

/* --- pipeline -----------------------------------------------------------------------------------
 * Source: the usual sales funnel. A stage is counted when it is reached, so that later ones are
 * parts of earlier ones: 200, 120, 75, 45, 30 are 100, 60, 37.5, 22.5, 15% of the first. */
#define HR_FUNNEL_STAGES 5 /* identified, qualified, engaged, negotiation, closed */

/* Of every stage its share of the first one and of the one before it (of the first: 1). */
void hr_funnel_shares(const int64_t reached[HR_FUNNEL_STAGES],
    struct hr_figure of_first[HR_FUNNEL_STAGES], struct hr_figure of_before[HR_FUNNEL_STAGES]);
/* The chance to close that was measured: of those that reached each stage, how many were closed. */
void hr_funnel_chances(
    const int64_t reached[HR_FUNNEL_STAGES], struct hr_figure chances[HR_FUNNEL_STAGES]);
/* Weighted value of a pipeline: the sum of the open amounts, each times its stage's chance; unknown
 * when a stage with an amount has no chance. */
struct hr_figure hr_funnel_weighted(const struct hr_decimal open[HR_FUNNEL_STAGES],
    const struct hr_figure chances[HR_FUNNEL_STAGES]);

/* --- retention ----------------------------------------------------------------------------------
 * Source: the definitions common among subscription businesses: net revenue retention is what the
 * customers of the start bring at the end, with expansion, by what they brought at the start; gross
 * revenue retention is the same without expansion. New customers are in neither. */
struct hr_retention {
    int64_t start, new, expansion, contraction, churned; /* each >= 0 */
    int64_t transfer; /* came from other segments, less what went to them */
};
int64_t hr_retention_end(const struct hr_retention *flows);
/* (start + expansion − contraction − churned) / start: 1.0 M, 0.3 M, 0.1 M churned are 120%. */
struct hr_figure hr_retention_net(const struct hr_retention *flows);
/* (start − contraction − churned) / start: 90%. Never above 1. */
struct hr_figure hr_retention_gross(const struct hr_retention *flows);
/* ((start − end) − expansion) / start, with the end of the customers of the start and without their
 * expansion: 700,000, 650,000, 75,000 are −3.57%, negative churn. It is 1 − net retention. */
struct hr_figure hr_churn_rate(int64_t start, int64_t end_without_expansion, int64_t expansion);

/* --- customers ----------------------------------------------------------------------------------
 */

/* Net promoter score, from −100 to 100: the share of promoters (9 and 10) less that of detractors
 * (0 to 6). Source: Reichheld, The One Number You Need to Grow, Harvard Business Review 2003. */
struct hr_figure hr_net_promoters(int64_t promoters, int64_t detractors, int64_t answers);
/* Lifetime value: revenue of a customer in a period by the share of revenue lost in it. `lost` and
 * `starts` are summed over the same periods. Unknown when nothing was lost: no end is in sight.
 * Source: the simple formula, revenue per account / churn rate. */
struct hr_figure hr_lifetime_value(struct hr_figure per_customer, int64_t lost, int64_t starts);

/* --- how sure ----------------------------------------------------------------------------------
 */

/* The 95% interval of a share: it holds the true chance in 19 of 20 such samples. Of no trials it
 * is 0 to 1. `trials` up to 10^15. Source: Wilson, Probable Inference, the Law of Succession, and
 * Statistical Inference, JASA 22 (1927), without continuity correction; z = 1.95996398454. */
struct hr_interval {
    struct hr_decimal low, high;
};
struct hr_interval hr_wilson(int64_t successes, int64_t trials);
bool hr_intervals_overlap(struct hr_interval a, struct hr_interval b);

/* --- targets ------------------------------------------------------------------------------------
 */

struct hr_target {
    bool given;
    struct hr_decimal low, high; /* the same, unless it is a range */
    bool less_is_better;         /* of a time, of churn */
};
enum hr_standing_to {
    HR_TARGET_NONE,    /* nothing to compare with */
    HR_TARGET_UNKNOWN, /* the figure is not known */
    HR_TARGET_BELOW,
    HR_TARGET_MET, /* exactly, or within the range */
    HR_TARGET_ABOVE,
};
/* Above is better than the target: more, or less where less is better. */
enum hr_standing_to hr_target_standing(const struct hr_target *target, struct hr_figure current);

#endif
