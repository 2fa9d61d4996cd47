/* SPDX-License-Identifier: Apache-2.0 */
/* Products of an account: what it uses and what it owns. Nothing is kept for it: uses are counters
 * of features, and owned is what the plans of active subscriptions hold. */
#include "signal.h"

static struct hr_reading whole(int64_t value)
{
    return (struct hr_reading){
        .kind = HR_READING_NUMBER, .value = hr_decimal_from_int(value), .of = HR_DECIMAL_ONE};
}

/* Features of the product with a use in the window. */
static uint16_t features_used(const struct hr_account *account, const struct hr_product *product)
{
    uint16_t used = 0;
    for (uint16_t i = 0; i < product->use_count; i++) {
        struct hr_reading uses = hr_signal_read(account, product->uses[i]);
        used = (uint16_t)(used + (uses.value.units > 0));
    }
    return used;
}

bool hr_product_used(const struct hr_account *account, uint16_t product)
{
    return features_used(account, &account->layout->rules->products[product]) > 0;
}

bool hr_product_owned(const struct hr_account *account, uint16_t product)
{
    const struct hr_product *about = &account->layout->rules->products[product];
    for (uint32_t i = 0; i < account->subscription_count && about->plan_count > 0; i++) {
        const struct hr_subscription *subscription = &account->subscriptions[i];
        int plan = subscription->active
                       ? hr_rules_find_plan(account->layout->rules, subscription->plan)
                       : -1;
        for (uint16_t p = 0; plan >= 0 && p < about->plan_count; p++) {
            if (about->plans[p] == plan) {
                return true;
            }
        }
    }
    return false;
}

struct hr_reading hr_product_read(const struct hr_account *account, uint16_t slot)
{
    const struct hr_rules *rules = account->layout->rules;
    const struct hr_signal *signal = &rules->signals[slot];
    int64_t count = 0;
    switch (signal->kind) {
    case HR_SIGNAL_PRODUCT_USED:
        return whole(hr_product_used(account, signal->product));
    case HR_SIGNAL_PRODUCT_OWNED:
        return whole(hr_product_owned(account, signal->product));
    case HR_SIGNAL_PRODUCTS_USED:
    case HR_SIGNAL_PRODUCTS_OWNED:
        for (uint16_t i = 0; i < rules->product_count; i++) {
            count += signal->kind == HR_SIGNAL_PRODUCTS_USED ? hr_product_used(account, i)
                                                             : hr_product_owned(account, i);
        }
        return whole(count);
    default:
        break;
    }
    const struct hr_product *product = &rules->products[signal->product];
    struct hr_reading share = whole(features_used(account, product));
    share.of = hr_decimal_from_int(product->use_count);
    return product->use_count > 0 ? share : (struct hr_reading){.kind = HR_READING_UNKNOWN};
}
