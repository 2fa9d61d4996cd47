/* SPDX-License-Identifier: Apache-2.0 */
/* Stored facts, read: subscriptions, attributes, invoices, aliases, and what is remembered of
 * triggers. pack.c says how they lie; whatever is wrong turns the reader bad, and unpack.c refuses
 * the account. */
#include "unpack.h"

#include "headroom/never.h"

#include "subscription.h"

struct hr_moment hr_unpack_moment(struct hr_unpacking *with)
{
    struct hr_moment moment = {.kind = (enum hr_moment_kind)hr_get_u8(with->in)};
    if (moment.kind == HR_MOMENT_DATE) {
        moment.day = hr_get_zigzag(with->in);
        with->in->bad |= moment.day < -HR_FARTHEST_DAY || moment.day > HR_FARTHEST_DAY;
    } else if (moment.kind == HR_MOMENT_TIME) {
        moment.time = hr_get_time(with->in);
    }
    with->in->bad |= moment.kind > HR_MOMENT_TIME;
    return moment;
}

static void get_limits(struct hr_unpacking *with, struct hr_subscription *subscription)
{
    subscription->has_limits = hr_get_u8(with->in) != 0;
    uint64_t count = hr_get_varint(with->in);
    for (uint64_t i = 0; i < count && !with->in->bad; i++) {
        struct hr_str name = hr_get_str(with->in);
        bool unlimited = hr_get_u8(with->in) != 0;
        struct hr_decimal value = hr_get_decimal(with->in);
        if (!with->in->bad) {
            struct hr_own_limit *limit = hr_list_append(
                with->pool, &subscription->limits, &subscription->limit_count, sizeof *limit);
            *limit = (struct hr_own_limit){hr_text_keep(with->pool, name), unlimited, value};
        }
    }
}

static void get_field(struct hr_unpacking *with, struct hr_subscription *subscription,
    enum hr_subscription_field field)
{
    struct hr_str text;
    switch (field) {
    case HR_FIELD_PLAN:
        subscription->plan = hr_text_keep(with->pool, hr_get_str(with->in));
        break;
    case HR_FIELD_LIMITS:
        get_limits(with, subscription);
        break;
    case HR_FIELD_MRR:
        subscription->mrr.minor = hr_get_zigzag(with->in);
        hr_unpack_currency(with, subscription->mrr.currency);
        break;
    case HR_FIELD_PERIOD:
        subscription->period.unit = (enum hr_period_unit)hr_get_u8(with->in);
        subscription->period.count = (int32_t)hr_get_zigzag(with->in);
        with->in->bad |= subscription->period.unit > HR_PERIOD_MONTHS;
        break;
    case HR_FIELD_ANCHOR:
        subscription->anchor = hr_unpack_moment(with);
        break;
    case HR_FIELD_RENEWAL:
        subscription->renewal = hr_unpack_moment(with);
        break;
    case HR_FIELD_TERM:
        subscription->term_start = hr_get_zigzag(with->in);
        break;
    case HR_FIELD_STARTED:
        subscription->started = hr_unpack_moment(with);
        break;
    case HR_FIELD_ENDS:
        subscription->ends = hr_unpack_moment(with);
        break;
    case HR_FIELD_ZONE:
        text = hr_get_str(with->in);
        subscription->zone = hr_str_equal(text, hr_zone_name(hr_zone_utc()))
                                 ? hr_zone_utc()
                                 : hr_zones_find(with->zones, text);
        with->in->bad |= subscription->zone == NULL;
        break;
    case HR_FIELD_COUNT:
        HR_NEVER_HERE;
    }
}

void hr_unpack_subscriptions(struct hr_unpacking *with)
{
    while (hr_reader_more(with->in)) {
        struct hr_str name = hr_get_str(with->in);
        struct hr_time seen = hr_get_time(with->in);
        uint64_t given = hr_get_varint(with->in);
        if (with->in->bad || given >> HR_FIELD_COUNT || hr_subscription_find(with->account, name)) {
            with->in->bad = true;
            return;
        }
        struct hr_subscription *subscription =
            hr_subscription_make(with->account, name, with->pool);
        subscription->seen = seen;
        for (int f = 0; f < HR_FIELD_COUNT; f++) {
            if (given & UINT64_C(1) << f) {
                subscription->stamps[f].us = seen.us + hr_get_zigzag(with->in);
                get_field(with, subscription, (enum hr_subscription_field)f);
            }
        }
    }
}

void hr_unpack_attributes(struct hr_unpacking *with)
{
    struct hr_account *account = with->account;
    while (hr_reader_more(with->in)) {
        struct hr_str name = hr_get_str(with->in);
        struct hr_fact_value value = {.stamp = hr_unpack_near(with)};
        value.kind = (enum hr_value_kind)hr_get_u8(with->in);
        struct hr_str text = hr_get_str(with->in);
        value.fits = hr_get_u8(with->in) != 0;
        if (value.fits) {
            value.number = hr_get_decimal(with->in);
        }
        if (!with->in->bad) {
            value.name = hr_text_keep(with->pool, name);
            value.text = hr_text_keep(with->pool, text);
            struct hr_fact_value *made = hr_list_append(
                with->pool, &account->attributes, &account->attribute_count, sizeof *made);
            *made = value;
        }
    }
}

void hr_unpack_arr(struct hr_unpacking *with)
{
    with->account->arr_stamp = hr_unpack_near(with);
    with->account->arr.minor = hr_get_zigzag(with->in);
    hr_unpack_currency(with, with->account->arr.currency);
}

void hr_unpack_invoices(struct hr_unpacking *with)
{
    struct hr_account *account = with->account;
    while (hr_reader_more(with->in)) {
        struct hr_invoice *made =
            hr_list_append(with->pool, &account->invoices, &account->invoice_count, sizeof *made);
        made->key = hr_get_u64(with->in);
        made->stamp = hr_unpack_near(with);
        made->failed = hr_get_u8(with->in) != 0;
    }
}

void hr_unpack_aliases(struct hr_unpacking *with)
{
    struct hr_account *account = with->account;
    while (hr_reader_more(with->in)) {
        struct hr_str name = hr_get_str(with->in);
        struct hr_str holder = hr_get_str(with->in);
        struct hr_alias *made =
            hr_list_append(with->pool, &account->aliases, &account->alias_count, sizeof *made);
        *made = (struct hr_alias){hr_text_keep(with->pool, name), hr_text_keep(with->pool, holder)};
    }
}

void hr_unpack_numbers(struct hr_unpacking *with)
{
    struct hr_account *account = with->account;
    while (hr_reader_more(with->in)) {
        struct hr_numbering *made =
            hr_list_append(with->pool, &account->numbers.at, &account->numbers.count, sizeof *made);
        made->key = hr_get_u32(with->in);
        made->number = (uint32_t)hr_get_varint(with->in);
        made->date = hr_get_zigzag(with->in);
        made->until = hr_unpack_near(with);
    }
}

void hr_unpack_recent(struct hr_unpacking *with)
{
    struct hr_account *account = with->account;
    while (hr_reader_more(with->in)) {
        struct hr_recent *made =
            hr_list_append(with->pool, &account->recent, &account->recent_count, sizeof *made);
        made->key = hr_get_u32(with->in);
        made->number = (uint32_t)hr_get_varint(with->in);
        made->date = hr_get_zigzag(with->in);
        made->time = hr_unpack_near(with);
        with->in->bad |= account->recent_count > HR_RECENT_COUNT;
    }
}

void hr_unpack_runs(struct hr_unpacking *with)
{
    struct hr_account *account = with->account;
    while (hr_reader_more(with->in)) {
        struct hr_run *made =
            hr_list_append(with->pool, &account->runs, &account->run_count, sizeof *made);
        made->start = hr_unpack_near(with);
        made->end = hr_unpack_near(with);
    }
}

void hr_unpack_fires(struct hr_unpacking *with)
{
    struct hr_account *account = with->account;
    while (hr_reader_more(with->in)) {
        struct hr_time *fire =
            hr_list_append(with->pool, &account->fires, &account->fire_count, sizeof *fire);
        *fire = hr_unpack_near(with);
        with->in->bad |= account->fire_count > HR_BUDGET_MOST;
    }
}
