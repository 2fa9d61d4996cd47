# SPDX-License-Identifier: Apache-2.0
"""`headroom brake`: a storm is held in every partition, also over a restart, and what becomes of it
is an operator's word."""
import json

import rig
from company import Company, call, subscribe
from rig import metrics, scenario

ACCOUNTS = [f"a{n}" for n in range(24)]
BOUND = 3


def storm(company):
    """A deploy sets everybody's limit to 0."""
    for account in ACCOUNTS:
        company.send(subscribe(f"s{account}", account), call(f"c{account}", 10, account))
    company.wait_view(ACCOUNTS[-1], calls_period="10")
    company.send(
        *[
            {
                "id": f"z{account}",
                "type": "subscription.updated",
                "subject": account,
                "data": {"limits": {"calls": 0}},
            }
            for account in ACCOUNTS
        ]
    )


def fired(company):
    return [t["subject"] for t in company.triggers() if t["type"] == "headroom.trigger.fired"]


def notices(company):
    return [t for t in company.triggers() if t["type"] == "headroom.operator.brake"]


def wait_for_storm(company):
    """Both brakes are on, and everybody was judged."""
    rig.until(lambda: len(json.loads(company.command("brake", "list", "--json")[0])) == 2, "brakes")
    rig.until(
        lambda: all(
            "brake" in company.command("account", account)[0] or account in fired(company)
            for account in ACCOUNTS
        ),
        "everybody to fire or to be held",
    )


def braked(name):
    company = Company(name)
    company.tree["brake"] = {"accounts": BOUND, "within": "10m"}
    company.write()
    return company


def test_what_is_released_fires_once_each_also_over_a_restart():
    with braked("release") as company:
        with company.run() as run:
            storm(company)
            wait_for_storm(company)
            held = metrics.total(run.metrics(), "headroom_held_total", reason="brake")
            assert held == len(ACCOUNTS) - 2 * BOUND, held
            run.stop()
        assert len(fired(company)) == 2 * BOUND, fired(company)
        told = notices(company)
        assert sorted(t["data"]["partition"] for t in told) == [0, 1], told
        assert len({t["id"][: len("brake/full/")] for t in told}) == 1, told
        assert {(t["data"]["rule"], t["data"]["accounts"]) for t in told} == {("full", BOUND)}, told
        with company.run() as run:
            assert len(fired(company)) == 2 * BOUND, fired(company)
            said, _ = company.command("brake", "release", "full")
            assert said == "released in 2 partitions\n", said
            rig.until(lambda: len(fired(company)) >= len(ACCOUNTS), "the rest")
            _, said = company.command("brake", "release", "full")
            assert "its brake is on nowhere" in said, said
            _, said = company.command("brake", "release", "fuller", status=2)
            assert "there is no rule of that name" in said, said
            run.stop()
        assert sorted(fired(company)) == sorted(ACCOUNTS), fired(company)
        assert len(notices(company)) == 2, notices(company)


def test_what_is_discarded_never_fires_and_the_next_episode_does():
    with braked("discard") as company, company.run() as run:
        storm(company)
        wait_for_storm(company)
        before = fired(company)
        said, _ = company.command("brake", "discard", "full")
        assert said == "discarded in 2 partitions\n", said
        silent = next(account for account in ACCOUNTS if account not in before)
        rig.until(
            lambda: "brake held it, and it was discarded" in company.command("account", silent)[0],
            "its claim",
        )
        for id, limit in (("up", 1000), ("down", 5)):
            company.send(
                {
                    "id": id,
                    "type": "subscription.updated",
                    "subject": silent,
                    "data": {"limits": {"calls": limit}},
                }
            )
        rig.until(lambda: silent in fired(company), "its next episode")
        assert sorted(fired(company)) == sorted(before + [silent]), fired(company)
        run.stop()


scenario.main()
