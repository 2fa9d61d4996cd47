/* SPDX-License-Identifier: Apache-2.0 */
/* The usage formats and billing webhooks that headroom knows by name, as their products document
 * them. All of it is data; a format that needs code belongs into decode.c, and there are two:
 * binary CloudEvents and JSON in a string. A format without a source of its own gets its name as
 * one, so that the ids of two formats never meet.
 *
 * What the billing presets decide:
 *
 * - Stripe says no word for "it renews": a subscription whose period begins elsewhere than before
 *   is renewed; since the API of 2025 periods stand in the items, and so both places are looked at.
 *   An end that was set is a cancellation, and an update without one withdraws it. What was never
 *   paid for (incomplete) is no subscription; a trial brings no money yet. An invoice that was
 *   voided is no longer unpaid.
 * - MRR is the licensed items' amounts by the month; metered ones have no quantity and add nothing,
 *   and an amount that tiers make is not known.
 * - Lago renews by itself and sends nothing then: only a contract's end is a renewal date. Periods
 *   that follow the calendar begin like 2001, a Monday and the first of a month, quarter and year.
 * - A deleted row of a subscriptions table ends the subscription; one of an accounts table means
 *   nothing, for forgetting an account cannot be taken back. */
#include "headroom/format.h"

#define COUNT(rows) (sizeof(rows) / sizeof *(rows))
#define TEXT(literal)                                                                              \
    {                                                                                              \
        (literal), sizeof(literal) - 1                                                             \
    }
#define FIELDS(rows) .fields = (rows), .field_count = COUNT(rows)
#define EVENTS(rows) .events = (rows), .event_count = COUNT(rows)
#define IS(place, word)                                                                            \
    {                                                                                              \
        .at = TEXT(place), .operator= HR_EQUAL, .literal = {                                       \
            .kind = HR_LITERAL_TEXT,                                                               \
            .text = TEXT(word)                                                                     \
        }                                                                                          \
    }
#define ABOVE_ZERO(place)                                                                          \
    {                                                                                              \
        .at = TEXT(place), .operator= HR_MORE, .literal = {.kind = HR_LITERAL_NUMBER }             \
    }
#define DIFFERS(place, from)                                                                       \
    {                                                                                              \
        .at = TEXT(place), .operator= HR_NOT_EQUAL, .other = TEXT(from)                            \
    }

/* --- Stripe Billing -------------------------------------------------------------------------- */

#define OBJECT "/data/object"
#define ITEM OBJECT "/items/data/0"
#define PREVIOUS "/data/previous_attributes"

static const struct hr_format_field stripe_fields[] = {
    {.name = TEXT("subscription"), .at = {TEXT(OBJECT "/id")}},
    {.name = TEXT("plan"),
        .at = {TEXT(OBJECT "/metadata/plan"), TEXT(ITEM "/price/lookup_key"),
            TEXT(ITEM "/price/id"), TEXT(ITEM "/plan/id"), TEXT(OBJECT "/plan/id")}},
    {.name = TEXT("mrr"),
        .in = TEXT(OBJECT "/items/data"),
        .at = {TEXT("/price/unit_amount_decimal"), TEXT("/price/unit_amount"),
            TEXT("/plan/amount_decimal"), TEXT("/plan/amount")},
        .times = {TEXT("/quantity")},
        .per = {TEXT("/price/recurring/interval"), TEXT("/plan/interval")},
        .every = {TEXT("/price/recurring/interval_count"), TEXT("/plan/interval_count")}},
    {.name = TEXT("currency"),
        .at = {TEXT(OBJECT "/currency"), TEXT(ITEM "/price/currency"), TEXT(ITEM "/plan/currency")},
        .notation = HR_AS_UPPER},
    {.name = TEXT("period"),
        .at = {TEXT(ITEM "/price/recurring/interval"), TEXT(ITEM "/plan/interval")},
        .every = {TEXT(ITEM "/price/recurring/interval_count"), TEXT(ITEM "/plan/interval_count")},
        .notation = HR_AS_PERIOD},
    {.name = TEXT("period_start"),
        .at = {TEXT(OBJECT "/billing_cycle_anchor"), TEXT(OBJECT "/current_period_start"),
            TEXT(ITEM "/current_period_start")},
        .notation = HR_AS_UNIX_S},
    {.name = TEXT("renewal_date"),
        .at = {TEXT(OBJECT "/current_period_end"), TEXT(ITEM "/current_period_end")},
        .notation = HR_AS_UNIX_S},
    {.name = TEXT("started_at"),
        .at = {TEXT(OBJECT "/start_date"), TEXT(OBJECT "/created")},
        .notation = HR_AS_UNIX_S},
    {.name = TEXT("ends_at"),
        .at = {TEXT(OBJECT "/cancel_at"), TEXT(OBJECT "/current_period_end"),
            TEXT(ITEM "/current_period_end")},
        .notation = HR_AS_UNIX_S},
    {.name = TEXT("invoice"), .at = {TEXT(OBJECT "/id")}},
    {.name = TEXT("attempt"), .at = {TEXT(OBJECT "/attempt_count")}},
};
static const struct hr_format_field stripe_trial[] = {
    {.name = TEXT("mrr"), .is = TEXT("0"), .notation = HR_AS_NUMBER},
};
static const struct hr_format_field stripe_ended[] = {
    {.name = TEXT("ends_at"),
        .at = {TEXT(OBJECT "/ended_at"), TEXT(OBJECT "/canceled_at")},
        .notation = HR_AS_UNIX_S},
};
static const struct hr_format_field stripe_paid[] = {
    {.name = TEXT("amount"), .at = {TEXT(OBJECT "/amount_paid")}},
};
static const struct hr_format_field stripe_failed[] = {
    {.name = TEXT("amount"), .at = {TEXT(OBJECT "/amount_due")}},
};

#define CREATED TEXT("customer.subscription.created")
#define UPDATED TEXT("customer.subscription.updated")
#define TESTS(...)                                                                                 \
    .tests = {__VA_ARGS__}, .test_count = sizeof((const struct hr_format_test[]){__VA_ARGS__}) /   \
                                          sizeof(struct hr_format_test)

static const struct hr_format_event stripe_events[] = {
    {.types = {CREATED, UPDATED}, TESTS(IS(OBJECT "/status", "incomplete"))},
    {.types = {CREATED, UPDATED}, TESTS(IS(OBJECT "/status", "incomplete_expired"))},
    {.types = {TEXT("customer.subscription.deleted")},
        .is = TEXT("subscription.cancelled"),
        FIELDS(stripe_ended)},
    {.types = {CREATED, UPDATED},
        TESTS(IS(OBJECT "/status", "trialing"), ABOVE_ZERO(OBJECT "/cancel_at")),
        .is = TEXT("subscription.cancelled"),
        FIELDS(stripe_trial)},
    {.types = {CREATED, UPDATED},
        TESTS(IS(OBJECT "/status", "trialing"), IS(OBJECT "/cancel_at_period_end", "true")),
        .is = TEXT("subscription.cancelled"),
        FIELDS(stripe_trial)},
    {.types = {CREATED},
        TESTS(IS(OBJECT "/status", "trialing")),
        .is = TEXT("subscription.created"),
        FIELDS(stripe_trial)},
    {.types = {UPDATED},
        TESTS(IS(OBJECT "/status", "trialing")),
        .is = TEXT("subscription.updated"),
        FIELDS(stripe_trial)},
    {.types = {CREATED, UPDATED},
        TESTS(ABOVE_ZERO(OBJECT "/cancel_at")),
        .is = TEXT("subscription.cancelled")},
    {.types = {CREATED, UPDATED},
        TESTS(IS(OBJECT "/cancel_at_period_end", "true")),
        .is = TEXT("subscription.cancelled")},
    {.types = {CREATED}, .is = TEXT("subscription.created")},
    {.types = {UPDATED},
        TESTS(DIFFERS(OBJECT "/current_period_start", PREVIOUS "/current_period_start")),
        .is = TEXT("subscription.renewed")},
    {.types = {UPDATED},
        TESTS(DIFFERS(ITEM "/current_period_start", PREVIOUS "/items/data/0/current_period_start")),
        .is = TEXT("subscription.renewed")},
    {.types = {UPDATED}, .is = TEXT("subscription.updated")},
    {.types = {TEXT("invoice.paid")}, .is = TEXT("invoice.paid"), FIELDS(stripe_paid)},
    {.types = {TEXT("invoice.voided")}, .is = TEXT("invoice.paid"), FIELDS(stripe_paid)},
    {.types = {TEXT("invoice.payment_failed")},
        .is = TEXT("invoice.payment_failed"),
        FIELDS(stripe_failed)},
};

/* --- Lago ------------------------------------------------------------------------------------ */

#define SUBSCRIPTION "/subscription"
#define INVOICE "/invoice"
#define REFUSED "/payment_provider_invoice_payment_error"

static const struct hr_format_field lago_fields[] = {
    {.name = TEXT("subscription"), .at = {TEXT(SUBSCRIPTION "/external_id")}},
    {.name = TEXT("plan"), .at = {TEXT(SUBSCRIPTION "/plan_code")}},
    {.name = TEXT("mrr"),
        .at = {TEXT(SUBSCRIPTION "/plan/amount_cents"), TEXT(SUBSCRIPTION "/plan_amount_cents")},
        .per = {TEXT(SUBSCRIPTION "/plan/interval")}},
    {.name = TEXT("currency"),
        .at = {TEXT(SUBSCRIPTION "/plan_amount_currency"),
            TEXT(SUBSCRIPTION "/plan/amount_currency"), TEXT(INVOICE "/currency")},
        .notation = HR_AS_UPPER},
    {.name = TEXT("period"), .at = {TEXT(SUBSCRIPTION "/plan/interval")}, .notation = HR_AS_PERIOD},
    {.name = TEXT("period_start"),
        .at = {TEXT(SUBSCRIPTION "/subscription_at"), TEXT(SUBSCRIPTION "/started_at")}},
    {.name = TEXT("renewal_date"), .at = {TEXT(SUBSCRIPTION "/ending_at")}},
    {.name = TEXT("started_at"), .at = {TEXT(SUBSCRIPTION "/started_at")}},
    {.name = TEXT("timezone"), .at = {TEXT(SUBSCRIPTION "/customer/applicable_timezone")}},
    {.name = TEXT("ends_at"), .at = {TEXT(SUBSCRIPTION "/terminated_at")}},
    {.name = TEXT("invoice"), .at = {TEXT(INVOICE "/lago_id"), TEXT(REFUSED "/lago_invoice_id")}},
    {.name = TEXT("amount"), .at = {TEXT(INVOICE "/total_amount_cents")}},
};
static const struct hr_format_field lago_calendar[] = {
    {.name = TEXT("period_start"), .is = TEXT("2001-01-01")},
};

#define STATUS_UPDATED TEXT("invoice.payment_status_updated")

static const struct hr_format_event lago_events[] = {
    {.types = {TEXT("subscription.started")},
        TESTS(IS(SUBSCRIPTION "/billing_time", "calendar")),
        .is = TEXT("subscription.created"),
        FIELDS(lago_calendar)},
    {.types = {TEXT("subscription.started")}, .is = TEXT("subscription.created")},
    {.types = {TEXT("subscription.terminated")},
        TESTS(IS(SUBSCRIPTION "/billing_time", "calendar")),
        .is = TEXT("subscription.cancelled"),
        FIELDS(lago_calendar)},
    {.types = {TEXT("subscription.terminated")}, .is = TEXT("subscription.cancelled")},
    {.types = {STATUS_UPDATED},
        TESTS(IS(INVOICE "/payment_status", "succeeded")),
        .is = TEXT("invoice.paid")},
    {.types = {STATUS_UPDATED},
        TESTS(IS(INVOICE "/payment_status", "failed")),
        .is = TEXT("invoice.payment_failed")},
    {.types = {TEXT("invoice.voided")}, .is = TEXT("invoice.paid")},
    {.types = {TEXT("invoice.payment_failure"), TEXT("invoice.payment_overdue")},
        .is = TEXT("invoice.payment_failed")},
};

/* --- Debezium -------------------------------------------------------------------------------- */

#define DEBEZIUM                                                                                   \
    .shape = HR_SHAPE_FIELDS, .inside = TEXT("/payload"), .source_is = TEXT("debezium"),           \
    .id = {TEXT("/op"), TEXT("/source"), TEXT("/before"), TEXT("/after")}, .type = TEXT("/op"),    \
    .time = {TEXT("/source/ts_ms"), TEXT("/ts_ms")}, .notation = HR_TIME_UNIX_MS,                  \
    .data = {TEXT("/after"), TEXT("/before")}, .data_are_fields = true

#define COLUMN(column, as)                                                                         \
    {                                                                                              \
        .name = TEXT(column), .at = {TEXT("/after/" column), TEXT("/before/" column)},             \
        .notation = (as)                                                                           \
    }

static const struct hr_format_field debezium_subscriptions[] = {
    {.name = TEXT("subscription"),
        .at = {TEXT("/after/id"), TEXT("/before/id")},
        .notation = HR_AS_TEXT},
    COLUMN("plan", HR_AS_TEXT),
    COLUMN("mrr", HR_AS_NUMBER),
    COLUMN("currency", HR_AS_UPPER),
    COLUMN("period", HR_AS_PERIOD),
    COLUMN("period_start", HR_AS_UNIX_DAYS),
    COLUMN("renewal_date", HR_AS_UNIX_DAYS),
    COLUMN("started_at", HR_AS_UNIX_US),
    COLUMN("ends_at", HR_AS_UNIX_US),
};
static const struct hr_format_event debezium_subscription_events[] = {
    {.types = {TEXT("c")}, .is = TEXT("subscription.created")},
    {.types = {TEXT("r"), TEXT("u")}, .is = TEXT("subscription.updated")},
    {.types = {TEXT("d")}, .is = TEXT("subscription.cancelled")},
};

static const struct hr_format_field debezium_accounts[] = {
    COLUMN("arr", HR_AS_NUMBER),
    COLUMN("currency", HR_AS_UPPER),
};
static const struct hr_format_event debezium_account_events[] = {
    {.types = {TEXT("c"), TEXT("r"), TEXT("u")}, .is = TEXT("account.updated")},
};

/* --- all of them ----------------------------------------------------------------------------- */

static const struct hr_format presets[] = {
    {.name = TEXT("cloudevents"),
        .help = "CloudEvents 1.0, structured or binary: usage, and the account events of headroom "
                "itself",
        .shape = HR_SHAPE_CLOUDEVENTS},
    {.name = TEXT("openmeter"),
        .help = "OpenMeter's topic, JSON in a string, keyed by event",
        .shape = HR_SHAPE_FIELDS,
        .id = {TEXT("/id")},
        .source = TEXT("/source"),
        .type = TEXT("/type"),
        .accounts = {TEXT("/subject")},
        .time = {TEXT("/time")},
        .notation = HR_TIME_UNIX_S,
        .data = {TEXT("/data")},
        .data_is_text = true},
    {.name = TEXT("lago"),
        .help = "Lago's usage events, also as its HTTP API wraps them",
        .shape = HR_SHAPE_FIELDS,
        .inside = TEXT("/event"),
        .id = {TEXT("/transaction_id")},
        .source_is = TEXT("lago"),
        .type = TEXT("/code"),
        .accounts = {TEXT("/external_customer_id"), TEXT("/external_subscription_id")},
        .time = {TEXT("/timestamp")},
        .notation = HR_TIME_ANY,
        .data = {TEXT("/properties")}},
    {.name = TEXT("stripe_meter"),
        .help = "Stripe's meter events, v1 and v2",
        .shape = HR_SHAPE_FIELDS,
        .id = {TEXT("/identifier")},
        .source_is = TEXT("stripe_meter"),
        .type = TEXT("/event_name"),
        .accounts = {TEXT("/payload/stripe_customer_id")},
        .time = {TEXT("/timestamp")},
        .notation = HR_TIME_ANY,
        .data = {TEXT("/payload")}},
    {.name = TEXT("metronome"),
        .help = "Metronome's usage events",
        .shape = HR_SHAPE_FIELDS,
        .id = {TEXT("/transaction_id")},
        .source_is = TEXT("metronome"),
        .type = TEXT("/event_type"),
        .accounts = {TEXT("/customer_id")},
        .time = {TEXT("/timestamp")},
        .notation = HR_TIME_RFC3339,
        .data = {TEXT("/properties")}},
    {.name = TEXT("orb"),
        .help = "Orb's usage events",
        .shape = HR_SHAPE_FIELDS,
        .id = {TEXT("/idempotency_key")},
        .source_is = TEXT("orb"),
        .type = TEXT("/event_name"),
        .accounts = {TEXT("/external_customer_id"), TEXT("/customer_id")},
        .time = {TEXT("/timestamp")},
        .notation = HR_TIME_RFC3339,
        .data = {TEXT("/properties")}},
    {.name = TEXT("flexprice"),
        .help = "Flexprice's usage events",
        .shape = HR_SHAPE_FIELDS,
        .id = {TEXT("/event_id")},
        .source = TEXT("/source"),
        .source_is = TEXT("flexprice"),
        .type = TEXT("/event_name"),
        .accounts = {TEXT("/external_customer_id"), TEXT("/customer_id")},
        .time = {TEXT("/timestamp")},
        .notation = HR_TIME_RFC3339,
        .data = {TEXT("/properties")}},
    {.name = TEXT("stripe_billing"),
        .help = "Stripe Billing's webhooks about subscriptions and invoices",
        .shape = HR_SHAPE_FIELDS,
        .id = {TEXT("/id")},
        .source_is = TEXT("stripe_billing"),
        .type = TEXT("/type"),
        .accounts = {TEXT(OBJECT "/customer/id"), TEXT(OBJECT "/customer")},
        .time = {TEXT("/created")},
        .notation = HR_TIME_UNIX_S,
        .data = {TEXT(OBJECT)},
        FIELDS(stripe_fields),
        EVENTS(stripe_events)},
    {.name = TEXT("lago_billing"),
        .help = "Lago's webhooks about subscriptions and invoices",
        .shape = HR_SHAPE_FIELDS,
        .id = {TEXT("/webhook_type"), TEXT(SUBSCRIPTION), TEXT(INVOICE), TEXT(REFUSED)},
        .source_is = TEXT("lago_billing"),
        .type = TEXT("/webhook_type"),
        .accounts = {TEXT(SUBSCRIPTION "/external_customer_id"),
            TEXT(INVOICE "/customer/external_id"), TEXT(REFUSED "/external_customer_id")},
        .time = {TEXT(SUBSCRIPTION "/terminated_at"), TEXT(SUBSCRIPTION "/started_at"),
            TEXT(INVOICE "/updated_at")},
        .notation = HR_TIME_RFC3339,
        .data = {TEXT(SUBSCRIPTION), TEXT(INVOICE), TEXT(REFUSED)},
        FIELDS(lago_fields),
        EVENTS(lago_events)},
    {.name = TEXT("debezium_subscriptions"),
        .help = "Debezium's envelopes of a subscriptions table",
        DEBEZIUM,
        .accounts = {TEXT("/after/account"), TEXT("/before/account"), TEXT("/after/account_id"),
            TEXT("/before/account_id")},
        FIELDS(debezium_subscriptions),
        EVENTS(debezium_subscription_events)},
    {.name = TEXT("debezium_accounts"),
        .help = "Debezium's envelopes of an accounts table",
        DEBEZIUM,
        .accounts = {TEXT("/after/account"), TEXT("/before/account"), TEXT("/after/id"),
            TEXT("/before/id")},
        FIELDS(debezium_accounts),
        EVENTS(debezium_account_events)},
};

const char *const hr_notation_names[] = {
    [HR_AS_WRITTEN] = "written",
    [HR_AS_TEXT] = "text",
    [HR_AS_NUMBER] = "number",
    [HR_AS_MAJOR] = "major",
    [HR_AS_UPPER] = "upper",
    [HR_AS_PERIOD] = "period",
    [HR_AS_UNIX_S] = "unix_s",
    [HR_AS_UNIX_MS] = "unix_ms",
    [HR_AS_UNIX_US] = "unix_us",
    [HR_AS_UNIX_DAYS] = "unix_days",
};

const struct hr_format *hr_format_preset(struct hr_str name)
{
    for (size_t i = 0; i < COUNT(presets); i++) {
        if (hr_str_equal(presets[i].name, name)) {
            return &presets[i];
        }
    }
    return NULL;
}

size_t hr_format_presets(const struct hr_format **rows)
{
    *rows = presets;
    return COUNT(presets);
}
