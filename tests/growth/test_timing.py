# SPDX-License-Identifier: Apache-2.0
"""When nobody is pestered: quiet periods and budgets, and what passes them."""
from rig import metrics, scenario

from world import World, date, day

TREE = {
    "meters": {
        "contacts": {
            "event": "contact.count", "aggregate": "latest", "value": "/value", "limit": "contacts",
        },
        "files": {"event": "file.count", "aggregate": "latest", "value": "/value", "limit": "files"},
    },
    "plans": {"starter": {"limits": {"contacts": 5000, "files": 100}, "mrr": "400 USD"}},
    "rules": {
        "capacity": {"watch": "meter.contacts.used", "levels": ["80%", "90%", "100%"]},
        "files": {"watch": "meter.files.used", "levels": ["80%"], "priority": 5},
        "unpaid": {"watch": "invoice.unpaid", "levels": [1], "category": "risk"},
    },
    "timing": {"quiet_after_dismissal": "30d", "budget": {"account": "1 per 7d"}},
}


def dismissed(world):
    """The prompt at 85% is dismissed; 92% four days later, and it stays there."""
    for name in ("dismissed", "fallen"):
        world.subscribe(day(-60), name, "starter")
        world.tell(day(-50), name, "contact.count", value=4250)
        world.tell(day(-49), name, "prompt.dismissed", rule="capacity")
        world.tell(day(-36), name, "contact.count", value=4600)
    world.tell(day(-25), "fallen", "contact.count", value=4400)  # 88%


def test_a_dismissed_prompt_is_followed_by_quiet_and_told_after_it():
    first, second = company.triggers("dismissed")
    assert (first["level"], first["time"][:10]) == ("80%", date(-50)), first
    # Dismissed on day -49 at noon: quiet until day -19 at noon.
    assert (second["level"], second["value"]) == ("90%", "92%"), second
    assert second["time"] == f"{date(-19)}T12:00:00.000Z", second


def test_what_went_back_while_it_was_quiet_is_not_told():
    assert [told["level"] for told in company.triggers("fallen")] == ["80%"]


def quiet(world):
    """As above, and the quiet period is not over yet."""
    world.subscribe(day(-60), "quiet", "starter")
    world.tell(day(-20), "quiet", "contact.count", value=4250)
    world.tell(day(-12), "quiet", "prompt.dismissed", rule="capacity")
    world.tell(day(-2), "quiet", "contact.count", value=4600)


def test_what_is_held_back_is_shown_with_its_reason_and_counted():
    assert [told["level"] for told in company.triggers("quiet")] == ["80%"]
    waiting = company.account("quiet")["waiting"]
    assert [(row["name"], row["value"]) for row in waiting] == [("capacity 90pct", "quiet")], waiting
    assert date(18) in waiting[0]["detail"], waiting  # until when
    held = metrics.total(company.run.metrics(), "headroom_held_total", reason="quiet")
    assert held == 3, held  # once an account


def budget(world):
    """Two upsells at once, a week's budget of one, and a risk a day later."""
    world.subscribe(day(-60), "budget", "starter")
    world.tell(day(-30, 10), "budget", "silence.set", scope="account", by="t", until=date(-29))
    world.tell(day(-30, 11), "budget", "contact.count", value=4100)
    world.tell(day(-30, 12), "budget", "file.count", value=85)
    world.tell(day(-28), "budget", "invoice.payment_failed", invoice="i1")


def test_of_two_upsells_within_the_budget_the_higher_priority_comes_first_and_risk_passes():
    told = [(one["rule"], one["time"]) for one in company.triggers("budget")]
    assert told == [
        ("files", f"{date(-29)}T00:00:00.000Z"),  # both wait for the silence's end
        ("unpaid", f"{date(-28)}T12:00:00.000Z"),
        ("capacity", f"{date(-22)}T00:00:00.000Z"),  # exactly seven days old no longer counts
    ], told


company = World("timing", TREE)
for live_through in (dismissed, quiet, budget):
    live_through(company)
with company.played():
    scenario.main()
