/* SPDX-License-Identifier: Apache-2.0 */
/* What the readers of an account's sections share (unpack.c, unpack_facts.c). */
#ifndef HEADROOM_CORE_UNPACK_H
#define HEADROOM_CORE_UNPACK_H

#include "inside.h"

/* What counts days, and what counts minutes or buckets: nothing that was ever written is beyond. */
#define HR_FARTHEST_DAY 10000000
#define HR_FARTHEST 10000000000

struct hr_unpacking {
    struct hr_reader *in; /* of the section: it turns bad when anything in it is wrong */
    struct hr_account *account;
    const struct hr_zones *zones;
    struct hr_pool *pool;
};

/* A moment near the account's clock. */
struct hr_time hr_unpack_near(struct hr_unpacking *with);
struct hr_time hr_unpack_near_to(struct hr_unpacking *with, struct hr_time base);
void hr_unpack_currency(struct hr_unpacking *with, char currency[4]);
struct hr_moment hr_unpack_moment(struct hr_unpacking *with);

void hr_unpack_subscriptions(struct hr_unpacking *with);
void hr_unpack_attributes(struct hr_unpacking *with);
void hr_unpack_arr(struct hr_unpacking *with);
void hr_unpack_invoices(struct hr_unpacking *with);
void hr_unpack_aliases(struct hr_unpacking *with);
void hr_unpack_numbers(struct hr_unpacking *with);
void hr_unpack_recent(struct hr_unpacking *with);
void hr_unpack_runs(struct hr_unpacking *with);
void hr_unpack_former_limits(struct hr_unpacking *with);
void hr_unpack_fires(struct hr_unpacking *with);

/* unpack_dossier.c */
/* Own levels, and the layout that follows from them. */
void hr_unpack_own(struct hr_unpacking *with);
void hr_unpack_trials(struct hr_unpacking *with);
void hr_unpack_interests(struct hr_unpacking *with);
void hr_unpack_milestones(struct hr_unpacking *with);
void hr_unpack_opportunities(struct hr_unpacking *with);
void hr_unpack_stages(struct hr_unpacking *with);
void hr_unpack_prompts(struct hr_unpacking *with);
void hr_unpack_silences(struct hr_unpacking *with);
void hr_unpack_engagement(struct hr_unpacking *with);
void hr_unpack_corrections(struct hr_unpacking *with);

/* unpack_outcome.c */
void hr_unpack_revenue(struct hr_unpacking *with);
void hr_unpack_deals(struct hr_unpacking *with);
void hr_unpack_outcomes(struct hr_unpacking *with);
void hr_unpack_unrated_costs(struct hr_unpacking *with);

#endif
