/* SPDX-License-Identifier: Apache-2.0 */
/* State always fits: an account is one record of the changelog, so what strangers can make it hold
 * is bounded here. Meters and rules are bounded by the configuration; names and texts of facts are
 * not, and pile up over events. An event whose facts would go beyond is refused whole, before any
 * of it applies. The figure is far below the changelog's largest record and far above any real
 * account. */
#include "dossier.h"
#include "fact.h"
#include "outcome.h"

#define FACTS_MOST (384u * 1024)
#define ENTRY 48 /* what an entry takes beside its texts, at most */

static size_t size_of_limits(const struct hr_subscription *subscription)
{
    size_t size = 0;
    for (uint32_t i = 0; i < subscription->limit_count; i++) {
        size += ENTRY + subscription->limits[i].name.len;
    }
    return size;
}

static size_t size_held(const struct hr_account *account)
{
    size_t size = (size_t)(account->run_count + account->invoice_count) * ENTRY;
    for (uint32_t i = 0; i < account->attribute_count; i++) {
        const struct hr_fact_value *value = &account->attributes[i];
        size += ENTRY + value->name.len + value->text.len;
    }
    for (uint32_t i = 0; i < account->subscription_count; i++) {
        const struct hr_subscription *subscription = &account->subscriptions[i];
        size += 6 * ENTRY + subscription->name.len + subscription->plan.len +
                size_of_limits(subscription);
    }
    for (uint32_t i = 0; i < account->alias_count; i++) {
        size += ENTRY + account->aliases[i].name.len + account->aliases[i].holder.len;
    }
    return size + hr_dossier_size(account, ENTRY) + hr_outcomes_size(account, ENTRY);
}

static size_t size_told(const struct hr_fact *fact)
{
    size_t size = 6 * ENTRY + fact->subscription.len + fact->plan.len;
    for (size_t i = 0; i < fact->limit_count; i++) {
        size += ENTRY + fact->limits[i].name.len;
    }
    for (size_t i = 0; i < fact->attribute_count; i++) {
        size += ENTRY + fact->attributes[i].name.len + fact->attributes[i].value.text.len;
    }
    for (size_t i = 0; i < fact->alias_count; i++) {
        size += ENTRY + fact->aliases[i].len;
    }
    for (size_t i = 0; i < fact->override_count; i++) {
        const struct hr_override *override = &fact->overrides[i];
        size += ENTRY + override->rule.len + override->owner.len;
        for (size_t l = 0; l < override->level_count; l++) {
            size += override->levels[l].len + 1;
        }
    }
    const struct hr_str *const texts[] = {&fact->feature, &fact->milestone, &fact->opportunity,
        &fact->trigger, &fact->rule, &fact->scope, &fact->by, &fact->why};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        size += texts[i]->len;
    }
    return size;
}

bool hr_fact_fits(const struct hr_account *account, const struct hr_fact *fact)
{
    return (account ? size_held(account) : 0) + size_told(fact) <= FACTS_MOST;
}
