# SPDX-License-Identifier: Apache-2.0
"""What came of it: reports over histories whose figures were worked out by hand. Months are those of
the calendar, so a history begins some months before this one."""
from rig import scenario

from world import World, day, month, month_name

METERS = {
    "contacts": {"event": "contact.count", "aggregate": "latest", "value": "/value", "limit": "contacts"}
}
PLANS = {"starter": {"limits": {"contacts": 5000}, "mrr": "400 USD"}}


# --- retention ------------------------------------------------------------------------------------


def revenue(world):
    """Customers of two segments, each from three months ago; what happens, happens last month."""
    before, during = month(-3, 10), month(-1, 10)
    for segment, count in (("grows", 10), ("shrinks", 7)):
        for n in range(count):
            name = f"{segment}-{n}"
            world.tell(before, name, "account.updated", segment=segment)
            world.subscribe(before, name, "starter", mrr=100_000)
    # 1.0 M at the start, 0.1 M churned, 0.3 M more from three others.
    world.tell(during, "grows-0", "subscription.cancelled")
    for n in (1, 2, 3):
        world.tell(during, f"grows-{n}", "subscription.updated", mrr=200_000 * 100, currency="USD")
    # 0.7 M at the start, 0.65 M without the expansion of 75,000.
    world.tell(during, "shrinks-0", "subscription.updated", mrr=50_000 * 100, currency="USD")
    world.tell(during, "shrinks-1", "subscription.updated", mrr=175_000 * 100, currency="USD")


def last_month(segment):
    name = month_name(-1)
    arguments = ("--from", name, "--to", name, "--segment", segment)
    report = revenues.report("retention", *arguments)
    return report["tables"]["months"][0], revenues.command("report", "retention", *arguments)[0]


def test_a_million_less_churn_with_expansion_is_nrr_120_and_grr_90():
    row, _ = last_month("grows")
    assert row == {
        "month": month_name(-1), "start": "1000000.00", "new": "0.00", "expansion": "300000.00",
        "contraction": "0.00", "churned": "100000.00", "transfer": "0.00", "end": "1200000.00",
        "nrr": "120%", "grr": "90%", "churn_rate": "-20%", "customers": 9, "amended": "",
    }, row


def test_expansion_beyond_what_was_lost_is_negative_churn():
    row, shown = last_month("shrinks")
    # ((700,000 - 650,000) - 75,000) / 700,000
    assert (row["start"], row["expansion"], row["churn_rate"]) == ("700000.00", "75000.00", "-3.57%"), row
    assert "-3.57%" in shown and "negative churn" in shown, shown


# --- the funnel -----------------------------------------------------------------------------------

REACHED = {"identified": 200, "qualified": 120, "engaged": 75, "negotiation": 45, "closed_won": 30}


def pipeline(world):
    """200 deals of 15,000 each, as far as each came."""
    for hour, (stage, count) in enumerate(REACHED.items()):
        for n in range(count):
            world.tell(
                day(-20, hour), f"deal-{n}", "opportunity.stage_changed", opportunity=f"o{n}",
                stage=stage, kind="upsell", amount=15_000 * 100, currency="USD",
            )


def test_a_pipeline_of_200_deals():
    tables = funnel.report("funnel")["tables"]
    stages = [(row["deals"], row["of_first"]) for row in tables["expansion"]]
    assert stages == [
        (200, "100%"), (120, "60%"), (75, "37.5%"), (45, "22.5%"), (30, "15%")
    ], stages
    expected = tables["expected"][0]
    assert (expected["average_deal"], expected["expected_arr"]) == ("15000.00", "450000.00"), expected
    # 80 × 5% + 45 × 10% + 30 × 40% + 15 × 60% of 15,000
    whole = tables["open"][-1]
    assert (whole["deals"], whole["weighted"]) == (170, "442500.00"), whole
    shown = funnel.command("report", "funnel")[0]
    formula = "1,200,000 × 5% + 675,000 × 10% + 450,000 × 40% + 225,000 × 60% = 442,500"
    assert formula in " ".join(shown.split()), shown


# --- the dashboard --------------------------------------------------------------------------------


def targets(world):
    """200 customers at 1,500 a month, 300,000 in all. 56 (28%) go up, 7.5 months after they came:
    228 or 229 days, 12,775 together, of 365/12 a month. What they add is 56 × 14,200 / 12 a month, to
    the cent. Twelve others go down by what leaves 118% of 300,000."""
    start = month(-9, 5)
    added = [118_333] * 55 + [118_352]
    lost = [102_222] * 11 + [102_225]
    assert sum(added) == 6_626_667 and sum(lost) == 1_226_667
    for n in range(200):
        world.subscribe(start, f"c{n}", "starter", mrr=1500)
    for n, more in enumerate(added):
        later = start + (day(229) - day(0) if n < 7 else day(228) - day(0))
        world.tell(later, f"c{n}", "subscription.updated", mrr=150_000 + more, currency="USD")
    for n, less in enumerate(lost):
        world.tell(
            month(-3, 5), f"c{100 + n}", "subscription.updated", mrr=150_000 - less, currency="USD"
        )
    world.tell(
        day(-5), "c199", "opportunity.stage_changed", opportunity="o", stage="engaged",
        kind="upsell", amount=1_750_000 * 100, currency="USD",
    )


def test_five_figures_are_above_their_targets():
    rows = {row["metric"]: row for row in dashboard.report("dashboard")["tables"]["metrics"]}
    for metric, target, current in (
        ("upsell rate", "25%", "28%"),
        ("time to upsell", "9 months", "7.5"),  # less is better
        ("upsell ARR a customer", "12,000", "14200.00"),
        ("NRR", "115%", "118%"),
        ("expansion pipeline", "3×", "3.5"),
    ):
        row = rows[metric]
        told = (row["target"], row["current"], row["status"])
        assert told == (target, current, "above target"), row


# --- lift -----------------------------------------------------------------------------------------


def answers(world):
    """60 promoters and 60 detractors reach 80%; 18 of either go up two weeks later."""
    for score in (10, 3):
        for n in range(60):
            name = f"nps{score}-{n}"
            world.subscribe(day(-90), name, "starter", mrr=400)
            world.tell(day(-80), name, "feedback.nps", score=score)
            world.tell(day(-60), name, "contact.count", value=4100)
            if n < 18:
                world.tell(day(-46), name, "subscription.updated", mrr=120_000, currency="USD")


def test_an_answer_that_makes_no_difference_does_not_predict():
    report = lift.report("lift")
    bands = [
        (row["value"], row["fired"], row["converted"], row["rate"])
        for row in report["tables"]["band:account.nps"]
    ]
    assert bands == [("<7", 60, 18, "30%"), (">=9", 60, 18, "30%")], bands
    # Wilson's interval for 18 of 60: 0.1990 to 0.4251.
    interval = report["tables"]["band:account.nps"][0]["interval"]
    assert interval == {"low": "19.9%", "high": "42.51%"}, interval
    assert "NPS does not predict" in lift.command("report", "lift")[0]
    followed = lift.account("nps10-0")["triggers"][0]["detail"]
    assert followed.endswith(", an upgrade followed"), followed


def comparison(world):
    """40 accounts reach 80%; half of them, more or less, are told nobody of."""
    for n in range(40):
        world.subscribe(day(-90), f"c{n}", "starter", mrr=400)
        world.tell(day(-60), f"c{n}", "contact.count", value=4100)


def test_accounts_that_are_held_out_are_recorded_and_not_told():
    told = {one["subject"] for one in held_out.triggers()}
    assert 0 < len(told) < 40, told
    whole = held_out.report("lift")["tables"]["all"][0]
    assert (whole["fired"], whole["held_out"]) == (len(told), 40 - len(told)), whole
    for n in range(40):
        shown = held_out.account(f"c{n}")["triggers"][0]["detail"]
        assert shown.endswith(", held out") == (f"c{n}" not in told), shown


def test_all_that_it_tells_is_as_the_schema_says():
    for world in (revenues, funnel, dashboard, lift, held_out):
        world.check_messages()


revenues = World("revenue", {"meters": METERS, "plans": PLANS})
revenue(revenues)
CHANCES = {"identified": "5%", "qualified": "10%", "engaged": "40%", "negotiation": "60%"}
funnel = World("funnel", {"meters": METERS, "plans": PLANS, "reports": {"chances": CHANCES}})
pipeline(funnel)
dashboard = World(
    "dashboard",
    {
        "meters": METERS,
        "plans": PLANS,
        "reports": {
            "quota": "500k",
            "targets": {
                "upsell_rate": "25%", "time_to_upsell": 9, "upsell_arr": "12000", "nrr": "115%",
                "pipeline": 3,
            },
        },
    },
)
targets(dashboard)
RULES = {"capacity": {"watch": "meter.contacts.used", "levels": ["80%"]}}
lift = World("lift", {"meters": METERS, "plans": PLANS, "rules": RULES})
answers(lift)
held_out = World(
    "held", {"meters": METERS, "plans": PLANS, "rules": RULES, "outcomes": {"hold_out": "50%"}}
)
comparison(held_out)
with (
    revenues.played(), funnel.played(), dashboard.played(), lift.played(), held_out.played(),
):
    scenario.main()
