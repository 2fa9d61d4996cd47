/* SPDX-License-Identifier: Apache-2.0 */
/* What a configuration compiles to: the tables that the core reads, worked out by hand. */
#include "parse.h"

#include <stdio.h>

static const char company[] =
    "sources:\n"
    "  - { topic: usage, from: 2026-11-01 }\n"
    "  - { topic: orders, format: shop, from: latest }\n"
    "formats:\n"
    "  shop: { id: /id, account: [/buyer, /company], type_is: order,\n"
    "          time: /at, notation: unix_ms, data: /lines }\n"
    "time: { lateness: 3d, skew: 10m, zone: Europe/Berlin }\n"
    "start: { live_from: 2026-07-01 }\n"
    "money: { currency: EUR, rates: { USD: 0.92 } }\n"
    "meters:\n"
    "  calls: { event: api, aggregate: sum, value: /n,\n"
    "           where: [\"/status < 500\", \"/plan != free\"],\n"
    "           windows: [30d, 24h] }\n"
    "  seats: { event: api, aggregate: unique, value: /user, limit: seats }\n"
    "  orders: { event: order, aggregate: count }\n"
    "plans:\n"
    "  team: { limits: { seats: 10, storage: 1.5k } }\n"
    "  all of it: { limits: { seats: unlimited } }\n"
    "rules:\n"
    "  full: { watch: meter.seats.used, levels: [0.8, 100%], rearm: 5% }\n"
    "  rich: { watch: account.arr, levels: [25k USD, 100k USD],\n"
    "          category: cross-sell, jump: each, mode: shadow }\n"
    "  quiet:\n"
    "    watch: meter.calls.7d\n"
    "    below: [0]\n"
    "    for: 3d\n"
    "    category: risk\n"
    "    when:\n"
    "      - tenure.days >= 90\n"
    "      - any: [account.segment = \"mid market\", meter.calls.day > 1k]\n"
    "  renew: { watch: renewal.days_left, below: [60d, 7], late: never,\n"
    "           cooldown: 1d, priority: -3, on_start: skip }\n"
    "  cheap: { watch: meter.orders.period, levels: [12.5], when: account.nps > 8 }\n";

static void check_str(struct hr_str is, const char *should)
{
    if (!hr_str_is(is, should)) {
        fail_msg("is \"%.*s\", should be \"%s\"", (int)is.len, is.at, should);
    }
}

static void check_decimal(struct hr_decimal is, const char *should)
{
    char text[HR_DECIMAL_TEXT];
    hr_decimal_print(is, text);
    assert_string_equal(text, should);
}

static struct hr_config *config;
static const struct hr_rules *rules;

static int read_company(void **state)
{
    (void)state;
    config = good_config(company);
    rules = config->rules;
    return 0;
}

static int forget_company(void **state)
{
    hr_config_destroy(config);
    return forget_zones(state);
}

static void sources_have_their_formats_and_beginnings(void **state)
{
    (void)state;
    assert_int_equal(rules->source_count, 2);
    check_str(rules->sources[0].topic, "usage");
    check_str(rules->sources[0].format->name, "cloudevents");
    assert_int_equal(rules->sources[0].from, HR_FROM_TIME);
    /* midnight in Berlin, winter: 2026-10-31T23:00:00Z */
    assert_int_equal(rules->sources[0].from_time.us, INT64_C(1793487600) * HR_SECOND);
    const struct hr_source *orders = &rules->sources[1];
    assert_int_equal(orders->from, HR_FROM_LATEST);
    assert_int_equal(orders->format->shape, HR_SHAPE_FIELDS);
    check_str(orders->format->id[0], "/id");
    check_str(orders->format->accounts[0], "/buyer");
    check_str(orders->format->accounts[1], "/company");
    assert_null(orders->format->accounts[2].at);
    check_str(orders->format->type_is, "order");
    check_str(orders->format->source_is, "shop");
    check_str(orders->format->data[0], "/lines");
    assert_int_equal(orders->format->notation, HR_TIME_UNIX_MS);
}

static void time_money_and_plans(void **state)
{
    (void)state;
    assert_int_equal(rules->lateness_us, 3 * HR_DAY);
    assert_int_equal(rules->skew_us, 10 * HR_MINUTE);
    check_str(hr_zone_name(rules->zone), "Europe/Berlin");
    /* midnight in Berlin, summer: 2026-06-30T22:00:00Z */
    assert_int_equal(rules->live_from.us, INT64_C(1782856800) * HR_SECOND);
    assert_string_equal(rules->currency, "EUR");
    assert_int_equal(rules->rate_count, 1);
    assert_string_equal(rules->rates[0].currency, "USD");
    check_decimal(rules->rates[0].rate, "0.92");
    assert_int_equal(rules->plan_count, 2);
    check_decimal(rules->plans[0].limits[1].value, "1500");
    check_str(rules->plans[1].name, "all of it");
    assert_true(rules->plans[1].limits[0].unlimited);
}

static void meters_of_a_type_share_its_fields(void **state)
{
    (void)state;
    assert_int_equal(rules->type_count, 2);
    const struct hr_event_type *api = &rules->types[0];
    check_str(api->name, "api");
    assert_int_equal(api->field_count, 4);
    check_str(api->fields[0], "/n");
    check_str(api->fields[1], "/status");
    check_str(api->fields[2], "/plan");
    check_str(api->fields[3], "/user");
    assert_int_equal(api->meter_count, 2);
    const struct hr_meter *calls = &rules->meters[0], *seats = &rules->meters[1];
    assert_int_equal(calls->value, 0);
    assert_int_equal(seats->value, 3);
    assert_int_equal(calls->where_count, 2);
    assert_int_equal(calls->where[0].operator, HR_LESS);
    check_decimal(calls->where[0].literal.number, "500");
    assert_int_equal(calls->where[1].field, 2);
    assert_int_equal(calls->where[1].literal.kind, HR_LITERAL_TEXT);
    check_str(calls->where[1].literal.text, "free");
    check_str(seats->limit, "seats");
    assert_int_equal(rules->meters[2].value, -1);
}

static void windows_are_the_period_then_by_width_named_ones_included(void **state)
{
    (void)state;
    const struct hr_meter *calls = &rules->meters[0];
    static const char *const names[] = {"period", "day", "24h", "7d", "30d"};
    assert_int_equal(calls->window_count, 5);
    for (size_t i = 0; i < 5; i++) {
        check_str(calls->windows[i].text, names[i]);
    }
    assert_int_equal(calls->windows[2].bucket_us, HR_HOUR);
    assert_int_equal(calls->windows[2].buckets, 24);
    assert_int_equal(calls->windows[3].bucket_us, HR_DAY);
    assert_int_equal(calls->windows[3].buckets, 7);
    assert_int_equal(rules->meters[2].window_count, 1);
}

/* The widest of a day, an hour and a minute that gives at least seven, as many as fit. */
static void a_duration_is_kept_in_the_widest_buckets_that_are_seven(void **state)
{
    (void)state;
    static const struct {
        const char *window;
        int64_t bucket_us;
        uint32_t buckets;
    } rows[] = {
        {"366d", HR_DAY, 366},
        {"7d", HR_DAY, 7},
        {"180h", HR_DAY, 7}, /* seven and a half days */
        {"6d", HR_HOUR, 144},
        {"7h", HR_HOUR, 7},
        {"450m", HR_HOUR, 7}, /* seven and a half hours */
        {"6h", HR_MINUTE, 360},
        {"7m", HR_MINUTE, 7},
        {"450s", HR_MINUTE, 7},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[256];
        snprintf(text, sizeof text,
            "meters: { m: { event: e, aggregate: count, windows: [%s] } }\n" SOURCES,
            rows[i].window);
        struct hr_config *cut = good_config(text);
        const struct hr_window *window = &cut->rules->meters[0].windows[1];
        check_str(window->text, rows[i].window);
        assert_int_equal(window->bucket_us, rows[i].bucket_us);
        assert_int_equal(window->buckets, rows[i].buckets);
        hr_config_destroy(cut);
    }
}

static void rules_have_levels_in_the_signals_unit(void **state)
{
    (void)state;
    const struct hr_rule *full = &rules->rules[0], *rich = &rules->rules[1];
    const struct hr_rule *renew = &rules->rules[3], *cheap = &rules->rules[4];
    assert_int_equal(rules->signals[full->signal].kind, HR_SIGNAL_USED);
    assert_int_equal(full->level_count, 2);
    check_str(full->levels[0].text, "80pct");
    check_decimal(full->levels[0].value, "0.8");
    check_str(full->levels[1].text, "100pct");
    check_decimal(full->rearm, "0.05");
    assert_int_equal(full->category, HR_UPSELL);
    assert_int_equal(full->direction, HR_UP);
    check_str(rich->levels[0].text, "25000USD");
    assert_string_equal(rich->levels[1].currency, "USD");
    check_decimal(rich->levels[1].value, "100000");
    assert_true(rich->jump_each && rich->shadow && !rich->late_never);
    assert_int_equal(rich->category, HR_CROSS_SELL);
    assert_int_equal(renew->direction, HR_DOWN);
    check_str(renew->levels[1].text, "7d");
    check_decimal(renew->levels[1].value, "7");
    assert_true(renew->late_never && renew->on_start_skip && !renew->shadow);
    assert_int_equal(renew->cooldown_us, HR_DAY);
    assert_int_equal(renew->priority, -3);
    check_str(cheap->levels[0].text, "12.5");
}

static void conditions_name_signals_and_windows(void **state)
{
    (void)state;
    const struct hr_rule *quiet = &rules->rules[2];
    assert_int_equal(quiet->for_us, 3 * HR_DAY);
    assert_int_equal(quiet->when_count, 2);
    const struct hr_condition *tenure = &quiet->when[0].any[0];
    assert_int_equal(rules->signals[tenure->signal].kind, HR_SIGNAL_TENURE_DAYS);
    assert_int_equal(tenure->operator, HR_AT_LEAST);
    check_decimal(tenure->literal.number, "90");
    assert_int_equal(quiet->when[1].count, 2);
    const struct hr_condition *segment = &quiet->when[1].any[0], *day = &quiet->when[1].any[1];
    check_str(rules->signals[segment->signal].attribute, "segment");
    check_str(segment->literal.text, "mid market");
    check_decimal(day->literal.number, "1000");
    const struct hr_signal *signal = &rules->signals[day->signal];
    assert_int_equal(signal->kind, HR_SIGNAL_METER);
    assert_int_equal(rules->meters[signal->meter].windows[signal->window].kind, HR_WINDOW_DAY);
    /* one condition stands for a list of one */
    assert_int_equal(rules->rules[4].when_count, 1);
}

static void a_star_is_any_meter_with_that_part(void **state)
{
    (void)state;
    struct hr_config *starred = good_config(
        "meters:\n"
        "  a: { event: e, aggregate: count, limit: x }\n"
        "  b: { event: e, aggregate: count }\n"
        "  c: { event: e, aggregate: count, limit: y }\n"
        "rules: { r: { watch: account.x, levels: [1],\n"
        "              when: [\"meter.*.used > 80%\", \"meter.*.7d = 0\"] } }\n" SOURCES);
    const struct hr_rules *set = starred->rules;
    const struct hr_rule *rule = &set->rules[0];
    assert_int_equal(rule->when_count, 2);
    assert_int_equal(rule->when[0].count, 2);
    check_str(set->signals[rule->when[0].any[0].signal].text, "meter.a.used");
    check_str(set->signals[rule->when[0].any[1].signal].text, "meter.c.used");
    check_decimal(rule->when[0].any[1].literal.number, "0.8");
    assert_int_equal(rule->when[1].count, 3);
    check_str(set->signals[rule->when[1].any[1].signal].text, "meter.b.7d");
    hr_config_destroy(starred);
}

static void timing_is_of_upsell_and_cross_sell_unless_it_says_otherwise(void **state)
{
    (void)state;
    struct hr_config *timed = good_config(
        "timing:\n"
        "  min_tenure: 90d\n"
        "  milestones: [live, happy]\n"
        "  quiet_after_dismissal: 30d\n"
        "  quiet_after_decline: 12w\n"
        "  budget: { account: 2 per 30d, owner: 10 per 1d }\n"
        "rules:\n"
        "  up: { watch: account.x, levels: [1] }\n"
        "  cross: { watch: account.x, levels: [1], category: cross-sell, milestones: [paid] }\n"
        "  none: { watch: account.x, levels: [1], milestones: [] }\n"
        "  risk: { watch: account.x, levels: [1], category: risk }\n"
        "  renew: { watch: account.x, levels: [1], category: renewal }\n" SOURCES);
    const struct hr_rules *set = timed->rules;
    assert_int_equal(set->timing.min_tenure_us, 90 * HR_DAY);
    assert_int_equal(set->timing.after_dismissal_us, 30 * HR_DAY);
    assert_int_equal(set->timing.after_decline_us, 84 * HR_DAY);
    assert_int_equal(set->timing.account.count, 2);
    assert_int_equal(set->timing.account.within_us, 30 * HR_DAY);
    assert_int_equal(set->timing.owner.count, 10);
    assert_int_equal(set->timing.owner.within_us, HR_DAY);
    assert_true(set->rules[0].timed && set->rules[1].timed && set->rules[2].timed);
    assert_false(set->rules[3].timed || set->rules[4].timed);
    assert_int_equal(set->rules[0].milestone_count, 2);
    check_str(set->rules[0].milestones[1], "happy");
    assert_int_equal(set->rules[1].milestone_count, 1);
    check_str(set->rules[1].milestones[0], "paid");
    assert_int_equal(set->rules[2].milestone_count, 0);
    assert_int_equal(set->rules[3].milestone_count, 0);
    hr_config_destroy(timed);
    timed = good_config("timing: { categories: [] }\n"
                        "rules: { up: { watch: account.x, levels: [1] } }\n" SOURCES);
    assert_false(timed->rules->rules[0].timed);
    hr_config_destroy(timed);
}

static void groups_that_rules_name_have_a_place(void **state)
{
    (void)state;
    struct hr_config *grouped = good_config(
        "meters:\n"
        "  a: { event: e, aggregate: count, by: /region, limit: x }\n"
        "  b: { event: e, aggregate: sum, value: /n, by: /region, groups: 2 }\n"
        "  c: { event: e, aggregate: sum, value: /n }\n"
        "rules:\n"
        "  r: { watch: \"meter.a[eu.west].used\", levels: [80%],\n"
        "       when: [\"meter.a[eu].24h > 1\", \"meter.a[eu].period > 2\", \"meter.a.7d > 3\"] }\n"
        "  s: { watch: \"meter.b[other].day\", levels: [1] }\n" SOURCES);
    const struct hr_rules *set = grouped->rules;
    const struct hr_signal *signals = set->signals;
    const struct hr_meter *a = &set->meters[0], *b = &set->meters[1];
    assert_true(a->has_by && b->has_by && !set->meters[2].has_by);
    assert_int_equal(a->by, b->by);
    check_str(set->types[0].fields[a->by], "/region");
    assert_int_equal(a->group_most, 100);
    assert_int_equal(b->group_most, 2);
    assert_int_equal(a->named_count, 3);
    check_str(a->named[0], "other");
    check_str(a->named[1], "eu.west");
    check_str(a->named[2], "eu");
    assert_int_equal(b->named_count, 1);
    assert_int_equal(set->meters[2].named_count, 0);
    assert_int_equal(signals[0].kind, HR_SIGNAL_USED);
    assert_int_equal(signals[0].group, 2);
    assert_int_equal(signals[1].group, 3);
    assert_int_equal(signals[2].group, 3);
    assert_int_equal(signals[3].group, 0);
    assert_int_equal(signals[4].group, 1);
    check_str(a->windows[signals[1].window].text, "24h");
    hr_config_destroy(grouped);
}

static void the_default_score_is_what_can_be_asked(void **state)
{
    (void)state;
    struct hr_config *all = good_config(
        "sources: [{ topic: t }]\n"
        "meters:\n"
        "  calls: { event: a, aggregate: count, limit: calls }\n"
        "  users: { event: b, aggregate: unique, value: /u, limit: seats, windows: [1d] }\n"
        "features:\n"
        "  f: { event: c }\n"
        "  g: { event: d }\n"
        "rules:\n"
        "  w: { watch: feature.g.uses.1w, levels: [1] }\n"
        "  s: { watch: score, levels: [75] }\n");
    static const int points[] = {25, 30, 20, 25, 15, 10, 15};
    const struct hr_rules *of = all->rules;
    int sum = 0;
    assert_int_equal(of->score_count, 7);
    for (int i = 0; i < 7; i++) {
        assert_int_equal(of->score[i].points, points[i]);
        sum += of->score[i].points;
    }
    assert_int_equal(sum, 140);
    assert_int_equal(of->score[1].when[0].count, 2); /* meter.* of both */
    assert_int_equal(of->tier_count, 3);
    check_str(of->tiers[0].name, "high");
    assert_int_equal(of->tiers[0].least, 75);
    assert_int_equal(of->tiers[2].least, 25);
    /* a window is one, however it is written: a day of the members, a week of either feature */
    assert_int_equal(of->meters[1].window_count, 2);
    assert_int_equal(of->meters[2].window_count, 2);
    assert_int_equal(of->meters[3].window_count, 2);
    /* score: adoption, used twice, trial.uses, milestone, health, renewal, executive */
    assert_int_equal(of->signals[of->rules[1].signal].need_count, 8);
    hr_config_destroy(all);

    struct hr_config *few = good_config("sources: [{ topic: t }]\n"
                                        "meters: { m: { event: e, aggregate: count } }\n");
    assert_int_equal(few->rules->score_count, 4);
    check_str(few->rules->score[0].name, "business_outcomes");
    hr_config_destroy(few);
}

static void a_rule_is_its_name_its_watch_and_its_direction(void **state)
{
    (void)state;
    static const char *const others[] = {
        "rules: { a: { watch: account.x, levels: [5, 9], rearm: 1, mode: shadow } }\n" SOURCES,
        "rules: { b: { watch: account.x, levels: [5] } }\n" SOURCES,
        "rules: { a: { watch: account.y, levels: [5] } }\n" SOURCES,
        "rules: { a: { watch: account.x, below: [5] } }\n" SOURCES,
    };
    struct hr_config *first =
        good_config("rules: { a: { watch: account.x, levels: [5] } }\n" SOURCES);
    uint64_t key = first->rules->rules[0].key;
    hr_config_destroy(first);
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        struct hr_config *other = good_config(others[i]);
        assert_int_equal(other->rules->rules[0].key == key, i == 0);
        hr_config_destroy(other);
    }
}

static void check_target(
    const struct hr_config *of, enum hr_metric metric, const char *low, const char *high)
{
    assert_true(of->reports.targets[metric].given);
    check_decimal(of->reports.targets[metric].low, low);
    check_decimal(of->reports.targets[metric].high, high);
}

static void reports_have_targets_of_their_own_or_the_fields(void **state)
{
    (void)state;
    struct hr_config *own = good_config(SOURCES
        "reports:\n"
        "  chances: { engaged: 40%, negotiation: 0.75 }\n"
        "  targets: { nrr: 120%, new: 20%, upsell: [30%, 0.4], acv: 12k, time_to_upsell: 7.5 }\n"
        "  quota: 500k USD\n"
        "  average_deal: 15000\n");
    assert_false(own->reports.chances[0].given);
    assert_true(own->reports.chances[2].given && own->reports.chances[3].given);
    check_decimal(own->reports.chances[2].value, "0.4");
    check_decimal(own->reports.chances[3].value, "0.75");
    check_target(own, HR_METRIC_NRR, "1.2", "1.2");
    check_target(own, HR_METRIC_NEW, "0.2", "0.2");
    check_target(own, HR_METRIC_UPSELL, "0.3", "0.4");
    check_target(own, HR_METRIC_ACV, "12000", "12000");
    check_target(own, HR_METRIC_TIME_TO_UPSELL, "7.5", "7.5");
    check_target(own, HR_METRIC_CROSS_SELL, "0.15", "0.2");
    check_decimal(own->reports.quota.value, "500000");
    check_decimal(own->reports.average_deal.value, "15000");
    /* They decide nothing: the rules are those of a file without them. */
    struct hr_config *without = good_config(SOURCES);
    assert_string_equal(own->rules->fingerprint, without->rules->fingerprint);
    check_target(without, HR_METRIC_UPSELL, "0.25", "0.35");
    check_target(without, HR_METRIC_CROSS_SELL, "0.15", "0.2");
    check_target(without, HR_METRIC_UPSELL_RATE, "0.25", "0.25");
    check_target(without, HR_METRIC_TIME_TO_UPSELL, "9", "9");
    check_target(without, HR_METRIC_NRR, "1.15", "1.15");
    check_target(without, HR_METRIC_PIPELINE, "3", "3");
    check_target(without, HR_METRIC_NPS, "28", "55");
    check_target(without, HR_METRIC_CSAT, "4", "4");
    check_target(without, HR_METRIC_GROSS_CHURN, "0.1", "0.1");
    /* What an upsell or a customer should bring nobody can say for all. */
    static const enum hr_metric ones_own[] = {HR_METRIC_NEW, HR_METRIC_UPSELL_ARR,
        HR_METRIC_TIME_ON_PLATFORM, HR_METRIC_ACV, HR_METRIC_LIFETIME_VALUE};
    for (size_t i = 0; i < sizeof(ones_own) / sizeof(ones_own[0]); i++) {
        assert_false(without->reports.targets[ones_own[i]].given);
    }
    assert_int_equal(HR_METRIC_COUNT, 9 + sizeof(ones_own) / sizeof(ones_own[0]));
    hr_config_destroy(without);
    hr_config_destroy(own);
}

static void defaults_are_there_without_being_written(void **state)
{
    (void)state;
    struct hr_config *least = good_config(SOURCES);
    check_str(least->brokers, "localhost:9092");
    check_str(least->redis_url, "redis://localhost:6379/0");
    check_str(least->prefix, "hr");
    check_str(least->instance, "0");
    check_str(least->trigger_topic, "triggers");
    check_str(least->dead_letter_topic, "dead-letters");
    check_str(least->internal_topic, "headroom-internal");
    check_str(least->changelog_topic, "headroom-changelog");
    check_str(least->listen, "127.0.0.1:9464");
    assert_int_equal(least->dedup_memory, 256 << 20);
    assert_int_equal(least->rules->dedup_memory, 256 << 20);
    assert_int_equal(least->batch_us, HR_SECOND);
    assert_int_equal(least->rules->lateness_us, 2 * HR_DAY);
    assert_int_equal(least->rules->skew_us, 5 * HR_MINUTE);
    assert_true(hr_time_is(least->rules->live_from, HR_TIME_NONE));
    assert_string_equal(least->rules->currency, "USD");
    hr_config_destroy(least);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sources_have_their_formats_and_beginnings),
        cmocka_unit_test(time_money_and_plans),
        cmocka_unit_test(meters_of_a_type_share_its_fields),
        cmocka_unit_test(windows_are_the_period_then_by_width_named_ones_included),
        cmocka_unit_test(a_duration_is_kept_in_the_widest_buckets_that_are_seven),
        cmocka_unit_test(rules_have_levels_in_the_signals_unit),
        cmocka_unit_test(conditions_name_signals_and_windows),
        cmocka_unit_test(a_star_is_any_meter_with_that_part),
        cmocka_unit_test(timing_is_of_upsell_and_cross_sell_unless_it_says_otherwise),
        cmocka_unit_test(groups_that_rules_name_have_a_place),
        cmocka_unit_test(the_default_score_is_what_can_be_asked),
        cmocka_unit_test(a_rule_is_its_name_its_watch_and_its_direction),
        cmocka_unit_test(reports_have_targets_of_their_own_or_the_fields),
        cmocka_unit_test(defaults_are_there_without_being_written),
    };
    return cmocka_run_group_tests(tests, read_company, forget_company);
}
