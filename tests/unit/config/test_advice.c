/* SPDX-License-Identifier: Apache-2.0 */
/* Plans, offers, routes, playbooks: what is compiled of them, and what is refused. */
#include "parse.h"

#include "headroom/memory.h"
#include "headroom/trigger.h"

#include <stdio.h>

/* Where nobody says who speaks, it is as in the field: in this order. */
static void without_routes_the_usual_ones_are_taken(void **state)
{
    (void)state;
    static const char *const asked[] = {
        "category", "category", "deal.ratio", "deal.size", "deal.size", NULL};
    static const int64_t at_least[] = {0, 0, 10, 100000, 25000};
    static const char *const first[] = {
        "csm", "csm", "dedicated_team", "account_manager", "sales", "in_app"};
    struct hr_config *config = good_config(SOURCES);
    const struct hr_rules *rules = config->rules;
    assert_int_equal(rules->route_count, 6);
    for (int r = 0; r < 6; r++) {
        const struct hr_route *route = &rules->routes[r];
        assert_string_equal(hr_audience_names[route->audience[0]], first[r]);
        assert_int_equal(route->when_count, asked[r] ? 1 : 0);
        if (asked[r]) {
            const struct hr_condition *condition = route->when[0].any;
            assert_true(hr_str_is(rules->signals[condition->signal].text, asked[r]));
            assert_true(condition->literal.number.units == hr_decimal_from_int(at_least[r]).units);
        }
    }
    hr_config_destroy(config);
}

static void money_without_a_currency_is_in_that_of_the_configuration(void **state)
{
    (void)state;
    struct hr_config *config = good_config(SOURCES
        "money: { currency: EUR }\nproducts: { crm: {}, suite: {} }\n"
        "plans: { a: { mrr: 1.2k, next: [c, b] }, b: { mrr: 9 JPY, link: \"http://b\" }, c: {} }\n"
        "rules: { r: { watch: account.nps, levels: [9], offer: { product: suite, mrr: 7 } } }\n");
    const struct hr_rules *rules = config->rules;
    assert_string_equal(rules->plans[0].currency, "EUR");
    assert_true(rules->plans[0].mrr.units == hr_decimal_from_int(1200).units);
    assert_int_equal(rules->plans[0].next_count, 2);
    assert_int_equal(rules->plans[0].next[0], 2);
    assert_int_equal(rules->plans[0].next[1], 1);
    assert_string_equal(rules->plans[1].currency, "JPY");
    assert_false(rules->plans[2].has_mrr);
    assert_int_equal(rules->rules[0].offer->product, 1);
    assert_string_equal(rules->rules[0].offer->currency, "EUR");
    assert_true(rules->rules[0].offer->most.units == hr_decimal_from_int(7).units);
    hr_config_destroy(config);
}

/* What each is usually worth in its segment of the field. */
static void playbooks_that_come_with_headroom_say_what_they_are_worth(void **state)
{
    (void)state;
    static const struct {
        const char *name, *impact;
    } rows[] = {
        {"capacity_planning", "+40-60% ARR"},
        {"strategic_business_review", "+25-35% ARR"},
        {"in_app_prompt", "+30-50% ARR"},
        {"value_based_upgrade", "+20-30% ARR"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[256];
        snprintf(text, sizeof text,
            SOURCES "rules: { r: { watch: account.nps, levels: [9], playbook: %s } }\n",
            rows[i].name);
        struct hr_config *config = good_config(text);
        const struct hr_rules *rules = config->rules;
        const struct hr_playbook *playbook = &rules->playbooks[rules->rules[0].playbook];
        assert_true(hr_str_is(playbook->name, rows[i].name));
        assert_true(hr_str_is(playbook->impact, rows[i].impact));
        for (int b = 0; b < HR_BLOCKS; b++) {
            assert_true(playbook->texts[b].len > 0); /* each of the five says something */
        }
        hr_config_destroy(config);
    }
}

/* One of the same name takes the place of the one that comes with headroom; the others stay. */
static void playbooks_of_the_user_go_first(void **state)
{
    (void)state;
    struct hr_config *config = good_config(SOURCES
        "playbooks: { in_app_prompt: { discovery: Mine }, talk: { title: Talk } }\n"
        "routes: [{ audience: csm, playbook: in_app_prompt }]\n"
        "rules: { r: { watch: account.nps, levels: [9], playbook: value_based_upgrade } }\n");
    const struct hr_rules *rules = config->rules;
    assert_int_equal(rules->playbook_count, 5);
    const struct hr_playbook *mine = &rules->playbooks[rules->routes[0].playbook];
    assert_true(hr_str_is(mine->title, "in_app_prompt"));
    assert_true(hr_str_is(mine->texts[HR_DISCOVERY], "Mine"));
    assert_int_equal(mine->texts[HR_ROI].len, 0);
    const struct hr_playbook *known = &rules->playbooks[rules->rules[0].playbook];
    assert_true(hr_str_is(known->impact, "+20-30% ARR"));
    hr_config_destroy(config);
}

static void plans_and_offers(void **state)
{
    (void)state;
    static const struct complaint_case cases[] = {
        /* plans that lead round are well: whoever goes up them looks at each once */
        {"plans: { a: { next: b }, b: { next: [c] }, c: { next: [a, b] } }\nrules: 5\n" SOURCES,
            "2 rules: must be a map of names\n"},
        {SOURCES "plans: { starter: { next: [growht] }, growth: { mrr: 0.5 EUR } }\n",
            "2 plans.starter.next[0]: names the plan growht, which is not under plans; did you "
            "mean growth?\n"},
        {SOURCES "plans: { starter: { next: starter } }\n",
            "2 plans.starter.next[0]: is the plan itself\n"},
        {SOURCES "plans: { starter: { mrr: 30d, link: app.example.com } }\n",
            "2 plans.starter.mrr: must be an amount of money, such as 400 USD\n"
            "2 plans.starter.link: must begin with https:// or http://\n"},
        {SOURCES "plans: { starter: { mrr: -400 USD } }\n",
            "2 plans.starter.mrr: must not be negative\n"},
        {SOURCES "recommend: { below: 120% }\n",
            "2 recommend.below: must be a share above 0% and of at most 100%, such as 80%\n"},
        {SOURCES "recommend: { below: 0 }\n",
            "2 recommend.below: must be a share above 0% and of at most 100%, such as 80%\n"},
        {SOURCES "rules: { r: { watch: account.nps, levels: [9], offer: { mrr: [2, 1] } } }\n",
            "2 rules.r.offer.product: is missing\n"
            "2 rules.r.offer.mrr[1]: must not be less than mrr[0]\n"},
        {SOURCES "products: { suite: {} }\nrules:\n  r: { watch: account.nps, levels: [9],\n"
                 "       offer: { product: suite, mrr: [5000 USD, 12000 EUR] } }\n",
            "5 rules.r.offer.mrr[1]: must be in the currency of mrr[0]\n"},
        {SOURCES "products: { suite: {} }\nrules:\n  r: { watch: account.nps, levels: [9],\n"
                 "       offer: { product: siute } }\n",
            "5 rules.r.offer.product: names the product siute, which is not under products; did "
            "you mean suite?\n"},
    };
    CHECK(cases);
}

static void routes_and_playbooks(void **state)
{
    (void)state;
    static const struct complaint_case cases[] = {
        {SOURCES "routes:\n"
                 "  - { when: [\"deal.size >= 100k\"], audience: [acount_manager, csm] }\n"
                 "  - { when: [\"category = upsel\"], audience: [csm, csm] }\n"
                 "  - { when: [\"category > risk\"], audience: csm }\n"
                 "  - { when: [\"category = risk\"] }\n",
            "3 routes[0].audience[0]: must be in_app, mail, csm, account_manager, sales, "
            "product_leadership, dedicated_team or personal_demo; did you mean "
            "account_manager?\n"
            "4 routes[1].when[0]: must be risk, renewal, upsell or cross-sell; did you mean "
            "upsell?\n"
            "4 routes[1].audience[1]: is audience[0] already\n"
            "5 routes[2].when[0]: compares text, for which only = and != are meant\n"
            "6 routes[3].audience: is missing\n"},
        /* nothing can come behind what takes everything */
        {SOURCES "routes:\n  - { when: [\"category = risk\"], audience: csm }\n"
                 "  - { audience: sales }\n  - { when: [\"deal.size >= 25k\"], audience: mail }\n"
                 "  - { audience: in_app }\n",
            "5 routes[2]: can never be taken: routes[1] has no when, so it takes everything\n"
            "6 routes[3]: can never be taken: routes[1] has no when, so it takes everything\n"},
        {SOURCES "routes:\n  - { when: [\"deal.ratio >= 10\", \"deal.ratio < 2\"], "
                 "audience: dedicated_team }\n",
            "3 routes[0].when[1]: can never hold together with when[0]\n"},
        {SOURCES "routes: [{ audience: csm, playbook: capacity_planing }]\n",
            "2 routes[0].playbook: names the playbook capacity_planing, which is neither under "
            "playbooks nor one that comes with headroom; did you mean capacity_planning?\n"},
        {SOURCES "playbooks: { expand: { titel: Expansion } }\n"
                 "rules: { r: { watch: account.nps, levels: [9], playbook: expnd } }\n",
            "2 playbooks.expand.titel: is not a known key; did you mean title?\n"
            "3 rules.r.playbook: names the playbook expnd, which is neither under playbooks nor "
            "one that comes with headroom; did you mean expand?\n"},
        /* the category is the trigger's: before there is one nobody can ask for it */
        {SOURCES "rules: { r: { watch: account.nps, levels: [9], when: category = risk } }\n",
            "2 rules.r.when[0]: asks for the category of a trigger, as only routes can\n"},
        {SOURCES "rules: { r: { watch: category, levels: [1] } }\n",
            "2 rules.r.watch: is text, which has no levels: ask for it under when\n"},
    };
    CHECK(cases);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_routes_the_usual_ones_are_taken),
        cmocka_unit_test(money_without_a_currency_is_in_that_of_the_configuration),
        cmocka_unit_test(playbooks_that_come_with_headroom_say_what_they_are_worth),
        cmocka_unit_test(playbooks_of_the_user_go_first),
        cmocka_unit_test(plans_and_offers),
        cmocka_unit_test(routes_and_playbooks),
    };
    return cmocka_run_group_tests(tests, NULL, forget_zones);
}
