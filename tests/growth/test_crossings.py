# SPDX-License-Identifier: Apache-2.0
"""From a crossing to the right conversation: one company of accounts, each of which lives through
one worked example. What comes out was worked out by hand beside each."""
from rig import scenario

from world import World, date, day

CRM = [f"f{n}" for n in range(20)]
TREE = {
    "meters": {
        "contacts": {
            "event": "contact.count", "aggregate": "latest", "value": "/value",
            "limit": "contacts", "worth": "0.02 USD",
        },
        "people": {
            "event": "user.active", "aggregate": "unique", "value": "/user", "limit": "seats",
            "windows": ["24h"],
        },
        "departments": {
            "event": "user.active", "aggregate": "unique", "value": "/department",
            "where": ["/department != none"],
        },
    },
    "features": {
        "dashboards": {"event": "dashboard.opened", "trial": "premium"},
        **{name: {"event": f"crm.{name}"} for name in CRM},
    },
    "products": {"crm": {"features": CRM}, "suite": {}},
    "plans": {
        "starter": {
            "products": ["crm"], "limits": {"contacts": 5000, "seats": 100}, "mrr": "400 USD",
            "next": ["growth"],
        },
        "growth": {
            "products": ["crm"], "limits": {"contacts": 10000, "seats": 200}, "mrr": "1200 USD",
            "next": ["all"], "link": "https://app.example.com/upgrade?to=growth",
        },
        "all": {"products": ["crm", "suite"], "limits": {"contacts": "unlimited"}, "mrr": "9000 USD"},
    },
    "segments": [
        {"name": "enterprise", "when": ["meter.departments.period >= 2"]},
        {"name": "startup", "when": ["meter.contacts.used > 50%"]},
    ],
    "rules": {
        "capacity": {"watch": "meter.contacts.used", "levels": ["80%", "90%", "100%"], "rearm": "5%"},
        "full_in_two_months": {"watch": "meter.contacts.days_to_limit", "below": ["60d"], "priority": 5},
        "dashboards_valued": {
            "watch": "feature.dashboards.uses.7d", "levels": [4], "when": ["trial.premium = 1"],
        },
        "crm_adopted": {
            "watch": "adoption.crm", "levels": ["95%"], "category": "cross-sell",
            "when": ["product.suite.owned = 0"],
            "offer": {"product": "suite", "mrr": ["5000 USD", "12000 USD"]},
        },
        "new_department": {
            "watch": "meter.departments.period", "levels": [2, 3], "playbook": "strategic_business_review",
        },
        "fewer_seats": {"watch": "limit.seats.drop.30d", "levels": ["10%"], "category": "risk"},
        "fuller": {"watch": "meter.people.used", "levels": ["80%"]},
        "readiness": {"watch": "score", "levels": [50, 75, 140]},
        "renewal_unused": {
            "watch": "renewal.days_left", "below": ["60d"], "when": ["meter.contacts.used < 40%"],
            "category": "risk",
        },
    },
    "routes": [
        {"when": ["category = risk"], "audience": "csm"},
        {"when": ["deal.ratio >= 10"], "audience": "dedicated_team"},
        {"when": ["deal.size >= 100k"], "audience": ["account_manager", "product_leadership"]},
        {"when": ["deal.size >= 25k"], "audience": "personal_demo"},
        {"when": ["segment = enterprise"], "audience": "account_manager"},
        {"when": ["trial.uses.7d >= 4"], "audience": "account_manager",
         "playbook": "strategic_business_review"},
        {"when": ["segment = startup"], "audience": "in_app", "playbook": "capacity_planning"},
        {"audience": ["in_app", "mail"]},
    ],
}


def licence(world):
    """14 contacts a day more, for six months: from 1,680 to 4,200."""
    world.subscribe(day(-181), "licence", "starter", mrr=400)
    for passed in range(181):
        world.tell(day(passed - 181), "licence", "contact.count", value=1680 + 14 * passed)


def test_a_licence_of_5000_contacts_is_full_within_two_months():
    reached, forecast = company.triggers("licence")
    # The first reading of at least 4,000 is 1680 + 14 * 166, told 15 days before the last.
    assert (reached["rule"], reached["level"], reached["time"][:10]) == ("capacity", "80%", date(-15))
    assert reached["meter"]["value"] == "4004", reached
    # Within 60 days as soon as fewer than 61 * 14 contacts are left: at 4,158, not at 4,144.
    assert (forecast["rule"], forecast["level"]) == ("full_in_two_months", "60d"), forecast
    assert forecast["meter"] == {
        "name": "contacts", "value": "4158", "limit": "5000", "share": "83.16%"
    }, forecast
    assert forecast["forecast"]["days_to_limit"] == 60, forecast
    assert forecast["forecast"]["low"] <= 60 <= forecast["forecast"]["high"], forecast
    for told in (reached, forecast):
        assert told["recommend"] == {
            "plan": "growth", "from": "starter", "mrr_delta": "800.00", "currency": "USD",
            "link": "https://app.example.com/upgrade?to=growth",
        }, told["recommend"]
    used = [row for row in company.account("licence")["meters"] if row["name"] == "contacts.used"]
    assert used[0]["value"] == "84%", used


def trial(world):
    """Dashboards, which are only lent, on five days of a week."""
    world.subscribe(day(-120), "trial", "growth", mrr=1200)
    world.tell(day(-10), "trial", "trial.started", feature="premium", ends_at=date(20))
    for passed in range(-8, -3):
        world.tell(day(passed), "trial", "dashboard.opened")


def test_a_feature_of_a_trial_used_several_times_a_week_is_an_upsell_for_the_account_manager():
    told = company.fired("trial", "dashboards_valued")
    assert (told["category"], told["value"], told["time"][:10]) == ("upsell", "4", date(-5)), told
    assert told["route"]["audience"] == ["account_manager"], told["route"]
    assert told["playbook"]["name"] == "strategic_business_review", told["playbook"]


def adopter(world):
    """19 of a product's 20 features on each day of a week."""
    world.subscribe(day(-120), "adopter", "starter", mrr=400)
    for passed in range(-8, -1):
        for feature in CRM[:19]:
            world.tell(day(passed), "adopter", f"crm.{feature}")


def test_95_percent_of_a_product_adopted_and_the_suite_not_owned_is_a_cross_sell():
    told = company.fired("adopter", "crm_adopted")
    assert (told["category"], told["value"], told["time"][:10]) == ("cross-sell", "95%", date(-8)), told
    assert told["offer"] == {
        "product": "suite", "mrr_from": "5000.00", "mrr_to": "12000.00", "currency": "USD"
    }, told["offer"]
    assert told["recommend"]["plan"] == "all", told["recommend"]


def scores(world):
    for name in ("ready", "half", "nothing"):
        limits = {"contacts": 5000, "seats": 4}
        renewal = {"renewal_date": date(100)} if name == "ready" else {}
        world.subscribe(day(-30), name, "starter", mrr=400, limits=limits, **renewal)
    for name in ("ready", "half"):
        world.tell(day(-5, 1), name, "engagement.executive", person="Robin")
        world.tell(day(-5, 2), name, "milestone.achieved", milestone="success_metric")
        world.tell(day(-5, 3), name, "contact.count", value=4500)
    world.tell(day(-5, 4), "ready", "health.updated", score=90)
    world.tell(day(-5, 5), "ready", "trial.started", feature="premium")
    world.tell(day(-5, 6), "ready", "dashboard.opened")
    for user in range(4):
        world.tell(day(-5, 7), "ready", "user.active", user=f"u{user}")


def test_all_seven_signals_give_140_points():
    told = company.triggers("ready", "readiness")[-1]
    assert (told["score"]["total"], told["score"]["tier"]) == (140, "high"), told["score"]
    points = {part["name"]: part["points"] for part in told["score"]["parts"]}
    assert points == {
        "usage_intensity": 25, "capacity": 30, "feature_engagement": 20, "business_outcomes": 25,
        "account_health": 15, "renewal_timing": 10, "executive_engagement": 15,
    }, points
    because = {part["name"]: part["because"] for part in told["score"]["parts"]}
    assert because["capacity"] == "meter.contacts.used 90% > 80%", because


def test_capacity_outcomes_and_executive_give_70_points():
    told = company.triggers("half", "readiness")[-1]
    assert (told["score"]["total"], told["score"]["tier"]) == (70, "medium"), told["score"]
    assert [part["points"] for part in told["score"]["parts"]] == [30, 25, 15], told["score"]


def test_nothing_gives_no_points_and_says_why():
    total, *rows = company.account("nothing")["score"]
    assert (total["value"], total["detail"]) == ("0", "not_ready"), total
    assert len(rows) == 7 and all(row["value"] == "0" and row["detail"] for row in rows), rows
    assert not company.triggers("nothing")


def exactly(world):
    world.subscribe(day(-30), "exactly", "starter", mrr=400)
    world.tell(day(-5), "exactly", "contact.count", value=4000)


def test_exactly_80_percent_fires_the_rule_and_gives_no_points():
    told = company.fired("exactly", "capacity")
    assert (told["level"], told["value"]) == ("80%", "80%"), told
    assert told["score"] == {"total": 0, "tier": "not_ready", "parts": []}, told["score"]


def renewals(world):
    for name in ("unused", "never"):
        world.subscribe(day(-300), name, "starter", mrr=400, renewal_date=date(50))
        world.tell(day(-299), name, "account.updated", csm="carla", account_manager="adam")
    world.tell(day(-200), "unused", "contact.count", value=1000)


def test_a_renewal_in_60_days_of_what_is_hardly_used_is_a_risk_for_the_csm():
    for name in ("unused", "never"):
        told = company.fired(name, "renewal_unused")
        assert told["category"] == "risk" and told["level"] == "60d", told
        assert told["time"] == f"{date(-10)}T00:00:00.000Z", told
        assert told["route"]["audience"] == ["csm"] and told["route"]["owner"] == "carla", told
        assert told["recommend"] is None, told
        assert [one["rule"] for one in company.triggers(name)] == ["renewal_unused"]


def departments(world):
    world.subscribe(day(-120), "spreading", "growth", mrr=1200)
    for passed, department in ((-5, "sales"), (-4, "sales"), (-3, "engineering")):
        world.tell(day(passed), "spreading", "user.active", user="u", department=department)


def test_a_new_department_calls_for_a_strategic_business_review():
    told = company.fired("spreading", "new_department")
    assert (told["value"], told["time"][:10], told["segment"]) == ("2", date(-3), "enterprise"), told
    assert told["playbook"]["name"] == "strategic_business_review", told["playbook"]
    assert told["route"]["audience"] == ["account_manager"], told["route"]


def seats(world):
    """From 50 to 40 seats, with 35 people in them: 70%, then 87.5%."""
    limits = {"contacts": 5000, "seats": 50}
    world.tell(day(-120, 1), "seats", "account.updated", csm="carla", segment="small")
    world.subscribe(day(-120), "seats", "starter", mrr=500, limits=limits)
    for user in range(35):
        world.tell(day(-5), "seats", "user.active", user=f"u{user}")
    world.tell(
        day(-4), "seats", "subscription.updated", limits={"contacts": 5000, "seats": 40},
        mrr=400_00, currency="USD",
    )


def test_fewer_seats_are_a_risk_and_what_they_alone_cross_says_so():
    risk = company.fired("seats", "fewer_seats")
    assert (risk["category"], risk["value"], risk["cause"]) == ("risk", "20%", "limit_change"), risk
    assert risk["route"]["audience"] == ["csm"] and risk["route"]["owner"] == "carla", risk
    crossed = company.fired("seats", "fuller")
    assert (crossed["value"], crossed["cause"]) == ("87.5%", "limit_change"), crossed
    months = company.report("retention", "--segment", "small")["tables"]["months"]
    assert [row["contraction"] for row in months if row["month"] == day(-4).strftime("%Y-%m")] == [
        "100.00"
    ], months


DEALS = {  # account: (ARR, opportunity, who speaks)
    "deal-5k": (10_000, 5_000, [["in_app"], ["in_app", "mail"]]),
    "deal-25k": (30_000, 25_000, [["personal_demo"]]),
    "deal-100k": (50_000, 100_000, [["account_manager", "product_leadership"]]),
    "deal-1m": (20_000, 1_000_000, [["dedicated_team"]]),
}


def deals(world):
    for account, (arr, amount, _) in DEALS.items():
        world.subscribe(day(-120), account, "starter", mrr=400)
        world.tell(day(-119), account, "account.updated", arr=arr * 100, currency="USD")
        world.tell(
            day(-9), account, "opportunity.stage_changed", opportunity=f"o-{account}",
            stage="qualified", kind="upsell", amount=amount * 100, currency="USD",
        )
        world.tell(day(-5), account, "contact.count", value=4100)


def test_the_size_of_the_deal_says_who_speaks():
    for account, (_, _, audiences) in DEALS.items():
        told = company.fired(account, "capacity")
        assert told["route"]["audience"] in audiences, (account, told["route"])


def test_all_that_it_tells_is_as_the_schema_says():
    company.check_messages()


company = World("crossings", TREE)
for live_through in (licence, trial, adopter, scores, exactly, renewals, departments, seats, deals):
    live_through(company)
with company.played():
    scenario.main()
