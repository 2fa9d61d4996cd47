/* SPDX-License-Identifier: Apache-2.0 */
/* Account events: each field as it should be, and wrong in each way it can be. */
#include "world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static const struct hr_rules rules;

static enum hr_reason decode_text(struct world *world, struct hr_str value)
{
    return decode_as(world, &rules, preset("cloudevents"), value);
}

/* data NULL: the event has none. */
static enum hr_reason decode(struct world *world, const char *type, const char *data)
{
    return decode_text(world,
        hr_arena_printf(&world->arena,
            "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"subject\":\"acme\",\"type\":"
            "\"%s\"%s%s}",
            type, data ? ",\"data\":" : "", data ? data : ""));
}

#define assert_quantity(decimal, whole)                                                            \
    assert_true((decimal).units == (__int128)(whole)*HR_DECIMAL_ONE.units)

static void a_subscription_says_all_it_can(void **state)
{
    struct world *world = *state;
    assert_int_equal(
        decode(world, "subscription.created",
            "{\"subscription\":\"sub-1\",\"plan\":\"growth\",\"limits\":{\"contacts\":10000,"
            "\"seats\":null,\"calls\":\"1.5e3\"},\"mrr\":120000,\"currency\":\"EUR\",\"period\":"
            "\"quarter\",\"period_start\":\"2026-01-31\",\"renewal_date\":\"2026-12-31T23:00:00Z\","
            "\"started_at\":\"2025-01-31\",\"timezone\":\"Europe/Berlin\",\"ends_at\":17,"
            "\"from_the_future\":{\"x\":[]}}"),
        HR_REASON_NONE);
    const struct hr_fact *fact = world->event.fact;
    assert_int_equal(fact->kind, HR_FACT_SUBSCRIPTION_CREATED);
    assert_null(world->event.usage);
    assert_text(fact->subscription, "sub-1");
    assert_text(fact->plan, "growth");
    assert_true(fact->has_limits);
    assert_int_equal(fact->limit_count, 3);
    assert_text(fact->limits[0].name, "contacts");
    assert_false(fact->limits[0].unlimited);
    assert_quantity(fact->limits[0].value, 10000);
    assert_text(fact->limits[1].name, "seats");
    assert_true(fact->limits[1].unlimited);
    assert_quantity(fact->limits[2].value, 1500);
    assert_true(fact->has_mrr);
    assert_int_equal(fact->mrr.minor, 120000);
    assert_string_equal(fact->mrr.currency, "EUR");
    assert_int_equal(fact->period.unit, HR_PERIOD_MONTHS);
    assert_int_equal(fact->period.count, 3);
    assert_int_equal(fact->period_start.kind, HR_MOMENT_DATE);
    assert_int_equal(fact->period_start.day, 20484); /* 56 years, 14 leap days, 30 days */
    assert_int_equal(fact->renewal_date.kind, HR_MOMENT_TIME);
    assert_int_equal(fact->renewal_date.time.us, INT64_C(1798758000000000));
    assert_int_equal(fact->started_at.kind, HR_MOMENT_DATE);
    assert_int_equal(fact->ends_at.kind, HR_MOMENT_ABSENT); /* not of this type: nobody's */
    assert_text(hr_zone_name(fact->zone), "Europe/Berlin");
}

static void what_a_subscription_does_not_say_is_absent(void **state)
{
    struct world *world = *state;
    static const char *const nothings[] = {NULL, "null", "{}"};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(decode(world, "subscription.renewed", nothings[i]), HR_REASON_NONE);
        const struct hr_fact *fact = world->event.fact;
        assert_int_equal(fact->kind, HR_FACT_SUBSCRIPTION_RENEWED);
        assert_text(fact->subscription, "");
        assert_null(fact->plan.at);
        assert_false(fact->has_limits);
        assert_false(fact->has_mrr);
        assert_string_equal(fact->mrr.currency, "");
        assert_int_equal(fact->period.unit, HR_PERIOD_ABSENT);
        assert_int_equal(fact->renewal_date.kind, HR_MOMENT_ABSENT);
        assert_null(fact->zone);
    }
    assert_int_equal(decode(world, "subscription.updated", "{\"renewal_date\":null,\"limits\":{}}"),
        HR_REASON_NONE);
    assert_int_equal(world->event.fact->renewal_date.kind, HR_MOMENT_NULL);
    assert_true(world->event.fact->has_limits);
    assert_int_equal(world->event.fact->limit_count, 0);
    assert_int_equal(
        decode(world, "subscription.cancelled", "{\"ends_at\":\"2026-12-31\"}"), HR_REASON_NONE);
    assert_int_equal(world->event.fact->kind, HR_FACT_SUBSCRIPTION_CANCELLED);
    assert_int_equal(world->event.fact->ends_at.day, 20818); /* 56 years, 14 leap days, 364 days */
}

static void periods_are_a_list(void **state)
{
    static const struct {
        const char *period;
        enum hr_period_unit unit;
        int count;
    } periods[] = {
        {"month", HR_PERIOD_MONTHS, 1},
        {"quarter", HR_PERIOD_MONTHS, 3},
        {"year", HR_PERIOD_MONTHS, 12},
        {"week", HR_PERIOD_WEEKS, 1},
        {"1d", HR_PERIOD_DAYS, 1},
        {"45d", HR_PERIOD_DAYS, 45},
        {"0d", HR_PERIOD_ABSENT, 0},
        {"-1d", HR_PERIOD_ABSENT, 0},
        {"1.5d", HR_PERIOD_ABSENT, 0},
        {"d", HR_PERIOD_ABSENT, 0},
        {"30", HR_PERIOD_ABSENT, 0},
        {"24h", HR_PERIOD_ABSENT, 0},
        {"2w", HR_PERIOD_ABSENT, 0},
        {"Month", HR_PERIOD_ABSENT, 0},
        {"months", HR_PERIOD_ABSENT, 0},
        {"99999999999999999999d", HR_PERIOD_ABSENT, 0},
        {"", HR_PERIOD_ABSENT, 0},
    };
    struct world *world = *state;
    for (size_t i = 0; i < sizeof periods / sizeof *periods; i++) {
        struct hr_str data =
            hr_arena_printf(&world->arena, "{\"period\":\"%s\"}%c", periods[i].period, 0);
        bool good = periods[i].unit != HR_PERIOD_ABSENT;
        if (decode(world, "subscription.created", data.at) !=
            (good ? HR_REASON_NONE : HR_BAD_VALUE)) {
            fail_msg("%s: %s", periods[i].period, world->detail);
        }
        if (good) {
            assert_int_equal(world->event.fact->period.unit, periods[i].unit);
            assert_int_equal(world->event.fact->period.count, periods[i].count);
        } else {
            assert_non_null(strstr(world->detail, "data.period: must be month, quarter, year"));
        }
    }
}

static void an_account_has_attributes_aliases_and_arr(void **state)
{
    struct world *world = *state;
    assert_int_equal(
        decode(world, "account.updated",
            "{\"segment\":\"startup\",\"owner\":null,\"arr\":-5000000,\"currency\":\"JPY\","
            "\"aliases\":[\"key-1\",\"\\u0000\"],\"aliases_released\":[],\"nps\":9.5,\"vip\":true,"
            "\"old\":false,\"gone\":null,\"list\":[1],\"map\":{\"a\":1},\"score\":\"12.5\",\"vip\":"
            "false,\"overrides\":{\"capacity\":{\"levels\":[\"60%\"]}},\"note\":\"\"}"),
        HR_REASON_NONE);
    const struct hr_fact *fact = world->event.fact;
    assert_int_equal(fact->kind, HR_FACT_ACCOUNT_UPDATED);
    assert_true(fact->has_arr);
    assert_int_equal(fact->arr.minor, -5000000);
    assert_string_equal(fact->arr.currency, "JPY");
    assert_int_equal(fact->alias_count, 2);
    assert_text(fact->aliases[0], "key-1");
    assert_int_equal(fact->aliases[1].len, 1);
    assert_int_equal(fact->alias_released_count, 0);
    static const struct {
        const char *name;
        enum hr_value_kind kind;
        const char *text;
    } expected[] = {
        {"segment", HR_VALUE_STRING, "startup"},
        {"owner", HR_VALUE_NULL, "null"},
        {"nps", HR_VALUE_NUMBER, "9.5"},
        {"vip", HR_VALUE_BOOL, "false"},
        {"old", HR_VALUE_BOOL, "false"},
        {"gone", HR_VALUE_NULL, "null"},
        {"score", HR_VALUE_STRING, "12.5"},
        {"note", HR_VALUE_STRING, ""},
    };
    assert_int_equal(fact->attribute_count, 8);
    for (size_t i = 0; i < 8; i++) {
        assert_text(fact->attributes[i].name, expected[i].name);
        assert_int_equal(fact->attributes[i].value.kind, expected[i].kind);
        assert_text(fact->attributes[i].value.text, expected[i].text);
    }
    assert_false(fact->attributes[3].value.flag);
    assert_true(fact->attributes[6].value.fits);

    assert_int_equal(decode(world, "account.updated", NULL), HR_REASON_NONE);
    assert_int_equal(world->event.fact->attribute_count, 0);
}

static void invoices_and_erasure(void **state)
{
    struct world *world = *state;
    assert_int_equal(decode(world, "invoice.paid",
                         "{\"invoice\":\"in_1\",\"amount\":12000,\"currency\":\"KWD\"}"),
        HR_REASON_NONE);
    assert_int_equal(world->event.fact->kind, HR_FACT_INVOICE_PAID);
    assert_text(world->event.fact->invoice, "in_1");
    assert_int_equal(
        decode(world, "invoice.payment_failed", "{\"invoice\":\"in_1\",\"attempt\":3}"),
        HR_REASON_NONE);
    assert_int_equal(world->event.fact->kind, HR_FACT_INVOICE_FAILED);
    assert_int_equal(decode(world, "account.erased", "[\"whatever\"]"), HR_REASON_NONE);
    assert_int_equal(world->event.fact->kind, HR_FACT_ACCOUNT_ERASED);
    assert_int_equal(decode(world, "account.erased", NULL), HR_REASON_NONE);
}

static void product_and_crm_say_what_they_know(void **state)
{
    struct world *world = *state;
    assert_int_equal(
        decode(world, "trial.started", "{\"feature\":\"sso\",\"ends_at\":\"2026-12-31\"}"),
        HR_REASON_NONE);
    assert_int_equal(world->event.fact->kind, HR_FACT_TRIAL_STARTED);
    assert_text(world->event.fact->feature, "sso");
    assert_int_equal(world->event.fact->ends_at.day, 20818); /* 56 years, 14 leap days, 364 days */
    assert_int_equal(decode(world, "trial.ended", "{\"feature\":\"sso\",\"outcome\":\"expired\"}"),
        HR_REASON_NONE);
    assert_int_equal(world->event.fact->kind, HR_FACT_TRIAL_ENDED);
    assert_int_equal(world->event.fact->outcome, HR_EXPIRED);
    assert_int_equal(decode(world, "trial.ended", "{\"feature\":\"sso\"}"), HR_REASON_NONE);
    assert_int_equal(world->event.fact->outcome, HR_OUTCOME_ABSENT);
    assert_int_equal(
        decode(world, "feature.interest", "{\"feature\":\"sso\",\"user\":\"u\"}"), HR_REASON_NONE);
    assert_int_equal(world->event.fact->kind, HR_FACT_FEATURE_INTEREST);
    assert_int_equal(
        decode(world, "milestone.achieved", "{\"milestone\":\"first_report\"}"), HR_REASON_NONE);
    assert_int_equal(world->event.fact->kind, HR_FACT_MILESTONE);
    assert_text(world->event.fact->milestone, "first_report");
    assert_int_equal(decode(world, "engagement.executive", NULL), HR_REASON_NONE);
    assert_int_equal(world->event.fact->kind, HR_FACT_EXECUTIVE);

    assert_int_equal(
        decode(world, "opportunity.stage_changed",
            "{\"opportunity\":\"o-1\",\"stage\":\"closed_lost\",\"kind\":\"cross-sell\""
            ",\"amount\":1500000,\"cost\":20000,\"currency\":\"EUR\",\"trigger\":"
            "\"r/acme/80pct/2026-11-01#1\"}"),
        HR_REASON_NONE);
    const struct hr_fact *fact = world->event.fact;
    assert_int_equal(fact->kind, HR_FACT_OPPORTUNITY);
    assert_text(fact->opportunity, "o-1");
    assert_int_equal(fact->stage, HR_STAGE_LOST);
    assert_int_equal(fact->deal, HR_DEAL_CROSS_SELL);
    assert_true(fact->has_amount && fact->has_cost);
    assert_int_equal(fact->amount.minor, 1500000);
    assert_int_equal(fact->cost, 20000);
    assert_string_equal(fact->amount.currency, "EUR");
    assert_text(fact->trigger, "r/acme/80pct/2026-11-01#1");
    assert_int_equal(
        decode(world, "prompt.dismissed", "{\"rule\":\"r\",\"user\":\"u\"}"), HR_REASON_NONE);
    assert_int_equal(world->event.fact->kind, HR_FACT_PROMPT_DISMISSED);
    assert_text(world->event.fact->rule, "r");
    assert_null(world->event.fact->trigger.at);
}

static void a_score_is_an_attribute(void **state)
{
    static const struct {
        const char *type, *data, *name, *text;
    } scores[] = {
        {"feedback.nps", "{\"score\":0,\"user\":\"u\"}", "nps", "0"},
        {"feedback.nps", "{\"score\":10}", "nps", "10"},
        {"feedback.csat", "{\"score\":4.5}", "csat", "4.5"},
        {"health.updated", "{\"score\":99.9,\"nps\":3}", "health", "99.9"},
    };
    struct world *world = *state;
    for (size_t i = 0; i < sizeof scores / sizeof *scores; i++) {
        assert_int_equal(decode(world, scores[i].type, scores[i].data), HR_REASON_NONE);
        const struct hr_fact *fact = world->event.fact;
        assert_int_equal(fact->kind, HR_FACT_ACCOUNT_UPDATED);
        assert_int_equal(fact->attribute_count, 1);
        assert_text(fact->attributes[0].name, scores[i].name);
        assert_text(fact->attributes[0].value.text, scores[i].text);
        assert_true(fact->attributes[0].value.fits);
    }
}

static void people_correct_silence_and_set_levels(void **state)
{
    struct world *world = *state;
    assert_int_equal(
        decode(world, "usage.corrected", "{\"meter\":\"calls\",\"add\":-12.5}"), HR_REASON_NONE);
    assert_text(world->event.fact->meter, "calls");
    assert_true(world->event.fact->has_add);
    assert_false(world->event.fact->has_set);
    assert_true(world->event.fact->quantity.units == HR_DECIMAL_ONE.units / 2 * -25);
    assert_int_equal(
        decode(world, "usage.corrected", "{\"meter\":\"calls\",\"set\":\"7\"}"), HR_REASON_NONE);
    assert_true(world->event.fact->has_set);
    assert_quantity(world->event.fact->quantity, 7);

    assert_int_equal(decode(world, "silence.set",
                         "{\"scope\":\"rule:capacity\",\"by\":\"dana\",\"why\":\"talks\",\"as\":"
                         "\"snoozed\",\"until\":\"2026-12-01T00:00:00Z\"}"),
        HR_REASON_NONE);
    assert_text(world->event.fact->scope, "rule:capacity");
    assert_int_equal(world->event.fact->quiet, HR_SNOOZED);
    assert_int_equal(world->event.fact->until.kind, HR_MOMENT_TIME);
    assert_int_equal(decode(world, "silence.cleared",
                         "{\"scope\":\"account\",\"by\":\"dana\",\"until\":\"nobody's\"}"),
        HR_REASON_NONE);
    assert_int_equal(world->event.fact->kind, HR_FACT_SILENCE_CLEARED);
    assert_int_equal(world->event.fact->until.kind, HR_MOMENT_ABSENT);

    assert_int_equal(
        decode(world, "account.updated",
            "{\"overrides\":{\"a\":{\"levels\":[\"60%\",0.7],\"owner\":\"dana\"},\"b\":{"
            "\"owner\":\"x\"},\"a\":{\"levels\":[\"90%\"]}}}"),
        HR_REASON_NONE);
    const struct hr_fact *fact = world->event.fact;
    assert_true(fact->has_overrides);
    assert_int_equal(fact->override_count, 2); /* the last of a name counts */
    assert_text(fact->overrides[0].rule, "a");
    assert_int_equal(fact->overrides[0].level_count, 1);
    assert_text(fact->overrides[0].levels[0], "90%");
    assert_null(fact->overrides[0].owner.at);
    assert_int_equal(fact->overrides[1].level_count, 0);
    assert_text(fact->overrides[1].owner, "x");
    assert_int_equal(decode(world, "account.updated", "{\"overrides\":null}"), HR_REASON_NONE);
    assert_true(world->event.fact->has_overrides);
    assert_int_equal(world->event.fact->override_count, 0);
    assert_int_equal(decode(world, "account.updated", "{\"vip\":true}"), HR_REASON_NONE);
    assert_false(world->event.fact->has_overrides);
}

static void types_are_exactly_as_written(void **state)
{
    static const char *const others[] = {"subscription.Created", "subscription.created ",
        "subscription", "subscription.create", "Subscription.created", "account.update"};
    struct world *world = *state;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        assert_int_equal(decode(world, others[i], "{\"mrr\":\"x\"}"), HR_REASON_NONE);
        assert_null(world->event.fact);
    }
}

#define SUB "subscription.created"
#define ACC "account.updated"
#define INV "invoice.paid"
#define OPP "opportunity.stage_changed"
#define SET "silence.set"
#define COR "usage.corrected"

static void one_wrong_field_refuses_the_event(void **state)
{
    static const struct {
        const char *type, *data;
        enum hr_reason reason;
        const char *detail;
    } cases[] = {
        {SUB, "[]", HR_BAD_VALUE, "data: must be an object, is []"},
        {SUB, "\"x\"", HR_BAD_VALUE, "data: must be an object"},
        {SUB, "{\"subscription\":7}", HR_BAD_VALUE, "data.subscription: must be a string, is 7"},
        {SUB, "{\"subscription\":null}", HR_BAD_VALUE, "data.subscription: must be a string"},
        {SUB, "{\"plan\":{}}", HR_BAD_VALUE, "data.plan: must be a string"},
        {SUB, "{\"plan\":\"\"}", HR_BAD_VALUE, "data.plan: must be a string that is not empty"},
        {SUB, "{\"limits\":5}", HR_BAD_VALUE, "data.limits: must be an object, is 5"},
        {SUB, "{\"limits\":null}", HR_BAD_VALUE, "data.limits: must be an object"},
        {SUB, "{\"limits\":[1]}", HR_BAD_VALUE, "data.limits: must be an object"},
        {SUB, "{\"limits\":{\"a\":true}}", HR_BAD_VALUE, "data.limits: must be numbers from 0"},
        {SUB, "{\"limits\":{\"a\":\"many\"}}", HR_BAD_VALUE, "data.limits: must be numbers"},
        {SUB, "{\"limits\":{\"a\":-1}}", HR_BAD_VALUE, "data.limits: must be numbers from 0"},
        {SUB, "{\"limits\":{\"\":1}}", HR_BAD_VALUE, "data.limits: must be a string that is not"},
        {SUB, "{\"limits\":{\"a\":1e26}}", HR_OVERFLOW, "data.limits: 1e26 has more than 12"},
        {SUB, "{\"limits\":{\"a\":\"0.0000000000001\"}}", HR_OVERFLOW, "data.limits"},
        {SUB, "{\"mrr\":5}", HR_BAD_VALUE, "data.currency: is required with mrr"},
        {SUB, "{\"mrr\":\"5\",\"currency\":\"EUR\"}", HR_BAD_VALUE, "data.mrr: must be an integer"},
        {SUB, "{\"mrr\":5.5,\"currency\":\"EUR\"}", HR_BAD_VALUE, "data.mrr: must be an integer"},
        {SUB, "{\"mrr\":null,\"currency\":\"EUR\"}", HR_BAD_VALUE, "data.mrr: must be an integer"},
        {SUB, "{\"mrr\":9223372036854775808,\"currency\":\"EUR\"}", HR_OVERFLOW, "data.mrr"},
        {SUB, "{\"mrr\":1e400,\"currency\":\"EUR\"}", HR_OVERFLOW, "data.mrr: 1e400"},
        {SUB, "{\"currency\":\"EURO\"}", HR_BAD_VALUE, "data.currency: must be an ISO 4217 code"},
        {SUB, "{\"currency\":\"eur\"}", HR_BAD_VALUE, "data.currency: must be an ISO 4217 code"},
        {SUB, "{\"currency\":\"XXQ\"}", HR_BAD_VALUE, "data.currency: must be an ISO 4217 code"},
        {SUB, "{\"currency\":\"E\\u0000R\"}", HR_BAD_VALUE, "data.currency: must be an ISO 4217"},
        {SUB, "{\"currency\":978}", HR_BAD_VALUE, "data.currency: must be an ISO 4217 code"},
        {SUB, "{\"period\":30}", HR_BAD_VALUE, "data.period: must be month"},
        {SUB, "{\"period_start\":\"2026-02-29\"}", HR_BAD_VALUE,
            "data.period_start: must be a date"},
        {SUB, "{\"period_start\":null}", HR_BAD_VALUE, "data.period_start: must be a date"},
        {SUB, "{\"renewal_date\":1795338843}", HR_BAD_VALUE,
            "data.renewal_date: must be a date, an"},
        {SUB, "{\"renewal_date\":\"\"}", HR_BAD_VALUE, "data.renewal_date: must be a date, an"},
        {SUB, "{\"started_at\":\"22.11.2026\"}", HR_BAD_VALUE, "data.started_at: must be a date"},
        {SUB, "{\"started_at\":\"2026-11-22T09:14:03\"}", HR_BAD_VALUE, "data.started_at"},
        {SUB, "{\"timezone\":\"Mars/Olympus\"}", HR_BAD_VALUE, "data.timezone: must be an IANA"},
        {SUB, "{\"timezone\":\"../../etc/passwd\"}", HR_BAD_VALUE,
            "data.timezone: must be an IANA"},
        {SUB, "{\"timezone\":\"\"}", HR_BAD_VALUE, "data.timezone: must be an IANA"},
        {SUB, "{\"timezone\":2}", HR_BAD_VALUE, "data.timezone: must be an IANA"},
        {"subscription.cancelled", "{\"ends_at\":null}", HR_BAD_VALUE,
            "data.ends_at: must be a da"},
        {INV, NULL, HR_BAD_VALUE, "data.invoice: is required"},
        {INV, "{}", HR_BAD_VALUE, "data.invoice: is required"},
        {INV, "{\"invoice\":\"\"}", HR_BAD_VALUE, "data.invoice: must be a string that is not"},
        {INV, "{\"invoice\":5}", HR_BAD_VALUE, "data.invoice: must be a string"},
        {INV, "{\"invoice\":\"i\",\"amount\":5}", HR_BAD_VALUE,
            "data.currency: is required with am"},
        {INV, "{\"invoice\":\"i\",\"amount\":\"5\",\"currency\":\"EUR\"}", HR_BAD_VALUE,
            "data.amount: must be an integer"},
        {INV, "{\"invoice\":\"i\",\"attempt\":1.5}", HR_BAD_VALUE, "data.attempt: must be an int"},
        {ACC, "5", HR_BAD_VALUE, "data: must be an object"},
        {ACC, "{\"segment\":5}", HR_BAD_VALUE, "data.segment: must be a string or null, is 5"},
        {ACC, "{\"owner\":[]}", HR_BAD_VALUE, "data.owner: must be a string or null"},
        {ACC, "{\"csm\":true}", HR_BAD_VALUE, "data.csm: must be a string or null"},
        {ACC, "{\"account_manager\":{}}", HR_BAD_VALUE, "data.account_manager: must be a string"},
        {ACC, "{\"arr\":1}", HR_BAD_VALUE, "data.currency: is required with arr"},
        {ACC, "{\"arr\":true,\"currency\":\"EUR\"}", HR_BAD_VALUE, "data.arr: must be an integer"},
        {ACC, "{\"aliases\":\"a\"}", HR_BAD_VALUE, "data.aliases: must be an array of strings"},
        {ACC, "{\"aliases\":null}", HR_BAD_VALUE, "data.aliases: must be an array of strings"},
        {ACC, "{\"aliases\":[1]}", HR_BAD_VALUE, "data.aliases: must be an array of strings, is 1"},
        {ACC, "{\"aliases\":[[\"a\"]]}", HR_BAD_VALUE, "data.aliases: must be an array of strings"},
        {ACC, "{\"aliases_released\":[\"\"]}", HR_BAD_VALUE,
            "data.aliases_released: must be names"},
        {ACC, "{\"overrides\":[]}", HR_BAD_VALUE, "data.overrides: must be an object or null"},
        {ACC, "{\"overrides\":{\"r\":5}}", HR_BAD_VALUE,
            "data.overrides: must be an object of rules"},
        {ACC, "{\"overrides\":{\"r\":{\"levels\":\"60%\"}}}", HR_BAD_VALUE,
            "data.overrides: must be levels of 1 to 32"},
        {ACC, "{\"overrides\":{\"r\":{\"levels\":[]}}}", HR_BAD_VALUE,
            "data.overrides: must be levels"},
        {ACC, "{\"overrides\":{\"r\":{\"levels\":[true]}}}", HR_BAD_VALUE,
            "data.overrides: must be le"},
        {ACC, "{\"overrides\":{\"r\":{\"owner\":5}}}", HR_BAD_VALUE,
            "data.overrides: must be a string"},
        {ACC, "{\"overrides\":{\"\":{}}}", HR_BAD_VALUE,
            "data.overrides: must be a string that is not"},
        {ACC, "{\"overrides\":{\"r\":{\"levels\":[\"60%\",\"many\"]}}}", HR_BAD_VALUE,
            "data.overrides: must be levels of"},
        {ACC, "{\"overrides\":{\"r\":{\"levels\":[\"\"]}}}", HR_BAD_VALUE,
            "data.overrides: must be levels"},
        {"trial.started", NULL, HR_BAD_VALUE, "data.feature: is required"},
        {"trial.started", "{\"feature\":\"f\",\"ends_at\":\"soon\"}", HR_BAD_VALUE,
            "data.ends_at: must"},
        {"trial.ended", "{\"feature\":\"f\",\"outcome\":\"won\"}", HR_BAD_VALUE,
            "data.outcome: must be converted, expired or cancelled, is"},
        {"trial.ended", "{\"feature\":\"f\",\"outcome\":null}", HR_BAD_VALUE,
            "data.outcome: must be"},
        {"feature.interest", "{\"feature\":\"\"}", HR_BAD_VALUE,
            "data.feature: must be a string that"},
        {"feature.interest", "{\"feature\":\"f\",\"user\":7}", HR_BAD_VALUE,
            "data.user: must be a str"},
        {"milestone.achieved", "{}", HR_BAD_VALUE, "data.milestone: is required"},
        {"feedback.nps", "{}", HR_BAD_VALUE, "data.score: is required"},
        {"feedback.nps", "{\"score\":11}", HR_BAD_VALUE,
            "data.score: must be an integer from 0 to 10"},
        {"feedback.nps", "{\"score\":-1}", HR_BAD_VALUE,
            "data.score: must be an integer from 0 to 10"},
        {"feedback.nps", "{\"score\":9.5}", HR_BAD_VALUE,
            "data.score: must be an integer from 0 to"},
        {"feedback.nps", "{\"score\":\"9\"}", HR_BAD_VALUE,
            "data.score: must be an integer from 0 to"},
        {"feedback.csat", "{\"score\":0.5}", HR_BAD_VALUE,
            "data.score: must be a number from 1 to 5"},
        {"feedback.csat", "{\"score\":5.01}", HR_BAD_VALUE,
            "data.score: must be a number from 1 to 5"},
        {"health.updated", "{\"score\":100.1}", HR_BAD_VALUE,
            "data.score: must be a number from 0 to"},
        {"health.updated", "{\"score\":1e99}", HR_OVERFLOW, "data.score: 1e99"},
        {"engagement.executive", "{\"person\":{}}", HR_BAD_VALUE, "data.person: must be a string"},
        {OPP, "{\"stage\":\"engaged\",\"kind\":\"new\"}", HR_BAD_VALUE,
            "data.opportunity: is required"},
        {OPP, "{\"opportunity\":\"o\",\"kind\":\"new\"}", HR_BAD_VALUE, "data.stage: is required"},
        {OPP, "{\"opportunity\":\"o\",\"stage\":\"engaged\"}", HR_BAD_VALUE,
            "data.kind: is required"},
        {OPP, "{\"opportunity\":\"o\",\"stage\":\"won\",\"kind\":\"new\"}", HR_BAD_VALUE,
            "data.stage: must be identified, qualified, engaged, negotiation, closed_won or "
            "closed_lost"},
        {OPP, "{\"opportunity\":\"o\",\"stage\":\"engaged\",\"kind\":\"cross_sell\"}", HR_BAD_VALUE,
            "data.kind: must be new, upsell, cross-sell or renewal"},
        {OPP, "{\"opportunity\":\"o\",\"stage\":\"engaged\",\"kind\":\"new\",\"cost\":5}",
            HR_BAD_VALUE, "data.currency: is required with cost"},
        {OPP,
            "{\"opportunity\":\"o\",\"stage\":\"engaged\",\"kind\":\"new\",\"amount\":1.5,"
            "\"currency\":"
            "\"EUR\"}",
            HR_BAD_VALUE, "data.amount: must be an integer"},
        {"prompt.shown", "{\"trigger\":1}", HR_BAD_VALUE, "data.trigger: must be a string"},
        {COR, "{\"add\":1}", HR_BAD_VALUE, "data.meter: is required"},
        {COR, "{\"meter\":\"m\"}", HR_BAD_VALUE, "data.add: is required, or set"},
        {COR, "{\"meter\":\"m\",\"add\":1,\"set\":1}", HR_BAD_VALUE,
            "data.add: must not stand beside set"},
        {COR, "{\"meter\":\"m\",\"add\":\"many\"}", HR_BAD_VALUE, "data.add: must be a number"},
        {COR, "{\"meter\":\"m\",\"set\":null}", HR_BAD_VALUE, "data.set: must be a number"},
        {COR, "{\"meter\":\"m\",\"set\":1e26}", HR_OVERFLOW, "data.set: 1e26"},
        {SET, "{\"by\":\"d\",\"until\":\"2026-12-01\"}", HR_BAD_VALUE, "data.scope: is required"},
        {SET, "{\"scope\":\"account\",\"until\":\"2026-12-01\"}", HR_BAD_VALUE,
            "data.by: is required"},
        {SET, "{\"scope\":\"account\",\"by\":\"d\"}", HR_BAD_VALUE, "data.until: is required"},
        {SET, "{\"scope\":\"rule:\",\"by\":\"d\",\"until\":\"2026-12-01\"}", HR_BAD_VALUE,
            "data.scope: must be account, rule:NAME or owner:NAME"},
        {SET, "{\"scope\":\"team:a\",\"by\":\"d\",\"until\":\"2026-12-01\"}", HR_BAD_VALUE,
            "data.scope: m"},
        {SET, "{\"scope\":\"account\",\"by\":\"d\",\"until\":\"2026-12-01\",\"as\":\"muted\"}",
            HR_BAD_VALUE, "data.as: must be silenced, snoozed or acknowledged"},
        {SET, "{\"scope\":\"account\",\"by\":\"d\",\"until\":1795338843}", HR_BAD_VALUE,
            "data.until: must"},
        {"silence.cleared", "{\"by\":\"d\"}", HR_BAD_VALUE, "data.scope: is required"},
        {ACC, "{\"n\":0.30000000000000004}", HR_OVERFLOW, "data.n: 0.30000000000000004 has more"},
        {ACC, "{\"\":1}", HR_BAD_VALUE, "data: names must have 1 to 256 bytes"},
        {ACC, "{\"a\\nb\":1e99}", HR_OVERFLOW, "data.a\\x0ab: 1e99"},
    };
    struct world *world = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        enum hr_reason reason = decode(world, cases[i].type, cases[i].data);
        if (reason != cases[i].reason || !strstr(world->detail, cases[i].detail)) {
            fail_msg("%s %s: %s, %s", cases[i].type, cases[i].data, hr_reason_name(reason),
                world->detail);
        }
        assert_text(world->event.account, "acme");
    }
}

/* An event whose data are `begin`, so many entries with `between` between them, and `end`. */
static struct hr_str with_list(struct world *world, const char *type, const char *begin,
    const char *entry, const char *between, size_t count, const char *end)
{
    struct hr_buffer buffer = {0};
    hr_put_printf(&buffer,
        "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"subject\":\"acme\",\"type\":\"%"
        "s\","
        "\"data\":%s",
        type, begin);
    for (size_t i = 0; i < count; i++) {
        if (i > 0) {
            hr_put_printf(&buffer, "%s", between);
        }
        hr_put_printf(&buffer, entry, i);
    }
    hr_put_printf(&buffer, "%s}", end);
    struct hr_str text = hr_arena_copy(&world->arena, hr_buffer_str(&buffer));
    hr_buffer_clean_up(&buffer);
    return text;
}

static void what_a_stranger_can_make_us_keep_is_bounded(void **state)
{
    static const struct {
        const char *type, *begin, *entry, *between, *end;
        size_t most;
    } cases[] = {
        {SUB, "{\"limits\":{", "\"l%zu\":1", ",", "}}", 256},
        {ACC, "{\"aliases\":[", "\"a%zu\"", ",", "]}", 256},
        {ACC, "{", "\"n%zu\":1", ",", "}", 256},
        /* Names and texts, letter by letter. */
        {SUB, "{\"subscription\":\"", "a", "", "\"}", 256},
        {SUB, "{\"plan\":\"", "a", "", "\"}", 256},
        {SUB, "{\"limits\":{\"", "a", "", "\":1}}", 256},
        {ACC, "{\"", "a", "", "\":1}", 256},
        {ACC, "{\"note\":\"", "a", "", "\"}", 4096},
        {ACC, "{\"aliases\":[\"", "a", "", "\"]}", 65536},
    };
    struct world *world = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (size_t more = 0; more < 2; more++) {
            struct hr_str text = with_list(world, cases[i].type, cases[i].begin, cases[i].entry,
                cases[i].between, cases[i].most + more, cases[i].end);
            assert_int_equal(decode_text(world, text), more ? HR_BAD_VALUE : HR_REASON_NONE);
        }
    }
    /* Equal names are one entry, and objects none. */
    assert_int_equal(
        decode_text(world, with_list(world, SUB, "{\"limits\":{", "\"l\":%zu", ",", 10000, "}}")),
        HR_REASON_NONE);
    assert_int_equal(world->event.fact->limit_count, 1);
    assert_quantity(world->event.fact->limits[0].value, 9999);
    assert_int_equal(decode_text(world, with_list(world, ACC, "{", "\"n\":%zu", ",", 10000, "}")),
        HR_REASON_NONE);
    assert_int_equal(world->event.fact->attribute_count, 1);
    assert_int_equal(decode_text(world, with_list(world, ACC, "{", "\"n%zu\":{}", ",", 10000, "}")),
        HR_REASON_NONE);
    assert_int_equal(world->event.fact->attribute_count, 0);
    assert_int_equal(decode_text(world, with_list(world, ACC, "{\"l\":[", "%zu", ",", 10000, "]}")),
        HR_REASON_NONE);
    assert_int_equal(world->event.fact->attribute_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_subscription_says_all_it_can),
        cmocka_unit_test(what_a_subscription_does_not_say_is_absent),
        cmocka_unit_test(periods_are_a_list),
        cmocka_unit_test(an_account_has_attributes_aliases_and_arr),
        cmocka_unit_test(invoices_and_erasure),
        cmocka_unit_test(product_and_crm_say_what_they_know),
        cmocka_unit_test(a_score_is_an_attribute),
        cmocka_unit_test(people_correct_silence_and_set_levels),
        cmocka_unit_test(types_are_exactly_as_written),
        cmocka_unit_test(one_wrong_field_refuses_the_event),
        cmocka_unit_test(what_a_stranger_can_make_us_keep_is_bounded),
    };
    return cmocka_run_group_tests(tests, world_make, world_drop);
}
