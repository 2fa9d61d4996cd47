# SPDX-License-Identifier: Apache-2.0
"""A deploy goes wrong and sets everybody's limits to 0: a storm that nobody should be told of before
somebody has looked."""
import collections
import datetime as dt

import rig
from rig import metrics, scenario

from world import PARTITIONS, World, day

ACCOUNTS, ALLOWED = 10_000, 100
TREE = {
    "meters": {
        name: {"event": f"{name}.count", "aggregate": "latest", "value": "/value", "limit": name}
        for name in ("contacts", "files")
    },
    "rules": {
        f"{name}_full": {"watch": f"meter.{name}.used", "levels": ["80%"]}
        for name in ("contacts", "files")
    },
    "brake": {"accounts": ALLOWED, "within": "10m"},
}


def deploy(world):
    now = dt.datetime.now(dt.timezone.utc)
    for n in range(ACCOUNTS):
        world.tell(now, f"a{n}", "subscription.updated", limits={"contacts": 0, "files": 0})
    world.send()
    world.settle()


def fired(rule):
    return len({told["subject"] for told in company.triggers(rule=rule)})


def test_the_storm_is_held_and_operators_hear_of_it_once_a_rule():
    deploy(company)
    for rule in TREE["rules"]:
        assert fired(rule) == ALLOWED * PARTITIONS, (rule, fired(rule))
    ids = collections.defaultdict(list)
    for _, event in company.messages("headroom.operator.brake"):
        assert event["data"]["accounts"] == ALLOWED and event["data"]["within"] == "10m", event
        ids[event["data"]["rule"]].append(event["id"])
    assert sorted(ids) == sorted(TREE["rules"]), ids
    for rule, its in ids.items():
        # The hour may turn between two partitions.
        assert len(its) == PARTITIONS and len(set(its)) <= 2, its
        assert its[0].startswith(f"brake/{rule}/"), its
    held = metrics.total(company.run.metrics(), "headroom_held_total", reason="brake")
    assert held == len(TREE["rules"]) * (ACCOUNTS - ALLOWED * PARTITIONS), held
    assert "contacts_full" in company.command("brake", "list")[0]


def test_what_is_released_fires():
    company.command("brake", "release", "contacts_full")
    rig.until(lambda: fired("contacts_full") == ACCOUNTS, "all accounts to be told", 60)
    counts = collections.Counter(
        told["subject"] for told in company.triggers(rule="contacts_full")
    )
    assert set(counts.values()) == {1}


def test_what_is_discarded_does_not():
    company.command("brake", "discard", "files_full")
    told = {one["subject"] for one in company.triggers(rule="files_full")}
    silent = next(f"a{n}" for n in range(ACCOUNTS) if f"a{n}" not in told)

    def episode():
        rows = company.account(silent).get("episodes", [])
        return [row["value"] for row in rows if row["name"].startswith("files_full")]

    rig.until(lambda: episode() == ["claimed"], f"{silent} to be claimed, not {episode()}", 60)
    company.tell(dt.datetime.now(dt.timezone.utc), silent, "files.count", value=20)
    company.send()
    company.settle()
    assert fired("files_full") == ALLOWED * PARTITIONS
    assert company.command("brake", "list")[0].count("_full") == 0


def test_all_that_it_tells_is_as_the_schema_says():
    company.check_messages()


company = World("brake", TREE)
for n in range(ACCOUNTS):
    company.tell(
        day(-1), f"a{n}", "subscription.created", limits={"contacts": 100, "files": 100}
    )
    company.tell(day(-1, 13), f"a{n}", "contacts.count", value=10)
    company.tell(day(-1, 13), f"a{n}", "files.count", value=10)
with company.played():
    scenario.main()
