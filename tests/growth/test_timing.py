# SPDX-License-Identifier: Apache-2.0
"""When nobody is pestered: quiet periods and budgets, and what passes them."""
from rig import metrics, scenario

from world import PARTITIONS, World, date, day

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


SILENT = {
    "meters": {"calls": {"event": "call", "aggregate": "count"}},
    "rules": {"gone": {"watch": "meter.calls.24h", "below": [0], "category": "risk"}},
}


def outage(world):
    """Five accounts call every three hours until two days ago at noon; then nothing comes at all."""
    for n in range(5):
        for hour in range(0, 49, 3):
            world.tell(day(-4, 12 + hour), f"calls-{n}", "call")


def test_a_source_that_falls_silent_is_one_word_to_operators_and_not_a_risk_of_each_account():
    assert not silent.triggers()
    told = silent.messages("headroom.operator.source_silent")
    # Six hours behind the last record of a partition, to whom each of them says the same.
    hour = day(-2, 18).strftime("%Y-%m-%dT%H")
    assert 1 <= len(told) <= PARTITIONS, told
    for key, event in told:
        assert event["id"] == f"silent/{silent.topic}/{hour}", event
        assert event["data"]["topic"] == silent.topic and key == silent.topic.encode(), (key, event)
        assert event["data"]["silent_after"] == "6h", event
    held = metrics.total(silent.run.metrics(), "headroom_held_total", reason="source_silent")
    assert held == 5, held


def test_all_that_it_tells_is_as_the_schema_says():
    for world in (company, silent):
        world.check_messages()


silent = World("silent", SILENT, {"silent_after": "6h"})
outage(silent)
company = World("timing", TREE)
for live_through in (dismissed, quiet, budget):
    live_through(company)
with company.played(), silent.played():
    scenario.main()
