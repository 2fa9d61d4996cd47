/* SPDX-License-Identifier: Apache-2.0 */
/* Facts that are not about subscriptions: attributes, annual revenue, invoices, aliases; dossier.c
 * has what else product, CRM and people tell. Each keeps
 * the event time of the value it has and takes only what is newer; a tie goes to what came later.
 * What was forgotten is remembered as forgotten, or an older event would bring it back. */
#include "fact.h"

#include "headroom/never.h"

#include "dossier.h"
#include "subscription.h"
#include "timing.h"

/* Invoices that were paid matter only against older failures that come late. */
#define PAID_KEPT 24

/* --- attributes ------------------------------------------------------------------------------- */

static struct hr_fact_value *attribute_of(
    struct hr_account *account, struct hr_str name, struct hr_pool *pool)
{
    for (uint32_t i = 0; i < account->attribute_count; i++) {
        if (hr_str_equal(account->attributes[i].name, name)) {
            return &account->attributes[i];
        }
    }
    struct hr_fact_value *made =
        hr_list_append(pool, &account->attributes, &account->attribute_count, sizeof *made);
    made->name = hr_text_keep(pool, name);
    made->stamp = HR_TIME_NONE;
    return made;
}

static void tell_attribute(struct hr_account *account, struct hr_str name,
    const struct hr_fact_value *value, struct hr_pool *pool)
{
    struct hr_fact_value *attribute = attribute_of(account, name, pool);
    if (!hr_fact_is_newer(attribute->stamp, value->stamp)) {
        return;
    }
    hr_text_drop(pool, &attribute->text);
    attribute->stamp = value->stamp;
    attribute->kind = value->kind;
    attribute->fits = value->fits;
    attribute->number = value->fits ? value->number : HR_DECIMAL_ZERO;
    attribute->text = hr_text_keep(pool, value->text);
}

/* --- invoices --------------------------------------------------------------------------------- */

static void forget_paid(struct hr_account *account, struct hr_pool *pool)
{
    uint32_t paid = 0, oldest = 0;
    for (uint32_t i = 0; i < account->invoice_count; i++) {
        const struct hr_invoice *invoice = &account->invoices[i];
        if (invoice->failed) {
            continue;
        }
        if (paid++ == 0 || invoice->stamp.us < account->invoices[oldest].stamp.us) {
            oldest = i;
        }
    }
    if (paid > PAID_KEPT) {
        hr_list_remove(
            pool, &account->invoices, &account->invoice_count, sizeof *account->invoices, oldest);
    }
}

static void tell_invoice(struct hr_account *account, uint64_t key, bool failed, struct hr_time time,
    struct hr_pool *pool)
{
    struct hr_invoice *invoice = NULL;
    for (uint32_t i = 0; i < account->invoice_count && !invoice; i++) {
        invoice = account->invoices[i].key == key ? &account->invoices[i] : NULL;
    }
    if (!invoice) {
        invoice =
            hr_list_append(pool, &account->invoices, &account->invoice_count, sizeof *invoice);
        *invoice = (struct hr_invoice){key, HR_TIME_NONE, false};
    }
    if (hr_fact_is_newer(invoice->stamp, time)) {
        invoice->stamp = time;
        invoice->failed = failed;
    }
    forget_paid(account, pool);
}

/* --- aliases ---------------------------------------------------------------------------------- */

static uint32_t alias_place(const struct hr_account *account, struct hr_str name)
{
    uint32_t at = 0;
    while (at < account->alias_count && !hr_str_equal(account->aliases[at].name, name)) {
        at++;
    }
    return at;
}

static void add_alias(
    struct hr_account *account, struct hr_str name, struct hr_str holder, struct hr_pool *pool)
{
    if (alias_place(account, name) == account->alias_count) {
        struct hr_alias *made =
            hr_list_append(pool, &account->aliases, &account->alias_count, sizeof *made);
        *made = (struct hr_alias){hr_text_keep(pool, name), hr_text_keep(pool, holder)};
    }
}

static void drop_alias(struct hr_account *account, struct hr_str name, struct hr_pool *pool)
{
    uint32_t at = alias_place(account, name);
    if (at < account->alias_count) {
        hr_text_drop(pool, &account->aliases[at].name);
        hr_text_drop(pool, &account->aliases[at].holder);
        hr_list_remove(
            pool, &account->aliases, &account->alias_count, sizeof *account->aliases, at);
    }
}

/* --- whole facts ------------------------------------------------------------------------------ */

static void tell_account(struct hr_account *account, const struct hr_fact *fact,
    struct hr_time time, struct hr_pool *pool)
{
    if (fact->has_arr && hr_fact_is_newer(account->arr_stamp, time)) {
        account->arr = fact->arr;
        account->arr_stamp = time;
    }
    for (size_t i = 0; i < fact->attribute_count; i++) {
        const struct hr_value *value = &fact->attributes[i].value;
        struct hr_fact_value told = {.stamp = time,
            .kind = value->kind,
            .fits = value->fits,
            .number = value->number,
            .text = value->kind == HR_VALUE_NULL ? HR_STR("") : value->text};
        tell_attribute(account, fact->attributes[i].name, &told, pool);
    }
    for (size_t i = 0; i < fact->alias_released_count; i++) {
        drop_alias(account, fact->aliases_released[i], pool);
    }
    for (size_t i = 0; i < fact->alias_count; i++) {
        add_alias(account, fact->aliases[i], (struct hr_str){"", 0}, pool);
    }
}

void hr_fact_tell(struct hr_account *account, const struct hr_fact *fact, struct hr_time time,
    struct hr_pool *pool)
{
    switch (fact->kind) {
    case HR_FACT_SUBSCRIPTION_CREATED:
    case HR_FACT_SUBSCRIPTION_UPDATED:
    case HR_FACT_SUBSCRIPTION_RENEWED:
    case HR_FACT_SUBSCRIPTION_CANCELLED:
        hr_subscription_tell(account, fact, time, pool);
        break;
    case HR_FACT_INVOICE_PAID:
    case HR_FACT_INVOICE_FAILED:
        tell_invoice(
            account, hr_hash64(fact->invoice, 0), fact->kind == HR_FACT_INVOICE_FAILED, time, pool);
        break;
    case HR_FACT_ACCOUNT_UPDATED:
        tell_account(account, fact, time, pool);
        break;
    case HR_FACT_ACCOUNT_ERASED:
    case HR_FACT_USAGE_CORRECTED: /* no words about an account: apply.c acts on them */
        HR_NEVER_HERE;
    case HR_FACT_TRIAL_STARTED:
    case HR_FACT_TRIAL_ENDED:
    case HR_FACT_FEATURE_INTEREST:
    case HR_FACT_MILESTONE:
    case HR_FACT_EXECUTIVE:
    case HR_FACT_OPPORTUNITY:
    case HR_FACT_PROMPT_SHOWN:
    case HR_FACT_PROMPT_DISMISSED:
    case HR_FACT_PROMPT_ACCEPTED:
    case HR_FACT_SILENCE_SET:
    case HR_FACT_SILENCE_CLEARED:
        hr_dossier_tell(account, fact, time, pool);
        break;
    }
}

void hr_facts_merge(struct hr_account *account, const struct hr_account *other,
    struct hr_str other_name, struct hr_pool *pool)
{
    for (uint32_t i = 0; i < other->subscription_count; i++) {
        hr_subscription_merge(hr_subscription_make(account, other->subscriptions[i].name, pool),
            &other->subscriptions[i], pool);
    }
    for (uint32_t i = 0; i < other->run_count; i++) {
        struct hr_run *run = hr_list_append(pool, &account->runs, &account->run_count, sizeof *run);
        *run = other->runs[i];
    }
    if (!hr_time_is(other->arr_stamp, HR_TIME_NONE) &&
        hr_fact_is_newer(account->arr_stamp, other->arr_stamp)) {
        account->arr = other->arr;
        account->arr_stamp = other->arr_stamp;
    }
    for (uint32_t i = 0; i < other->attribute_count; i++) {
        tell_attribute(account, other->attributes[i].name, &other->attributes[i], pool);
    }
    for (uint32_t i = 0; i < other->invoice_count; i++) {
        const struct hr_invoice *invoice = &other->invoices[i];
        tell_invoice(account, invoice->key, invoice->failed, invoice->stamp, pool);
    }
    for (uint32_t i = 0; i < other->alias_count; i++) {
        const struct hr_alias *alias = &other->aliases[i];
        add_alias(account, alias->name, alias->holder.len > 0 ? alias->holder : other_name, pool);
    }
    hr_dossier_merge(account, other, pool);
    hr_fires_merge(account, other, pool);
}
