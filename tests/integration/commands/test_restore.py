# SPDX-License-Identifier: Apache-2.0
"""`headroom restore`: each repair brings a stopped group to where it goes on with what it had."""
from rig import scenario

from company import Company, call, subscribe


def stopped(company):
    """Three accounts over 80% or not, then nobody runs."""
    with company.run() as run:
        company.send(
            *(subscribe(f"s-{account}", account) for account in "abc"),
            *(call(f"c-{account}", n, account) for account, n in (("a", 85), ("b", 40), ("c", 1))),
        )
        company.wait_view("a", calls_period="85")
        company.wait_view("b", calls_period="40")
        company.wait_view("c", calls_period="1")
        run.stop()


def goes_on(company):
    """One more for everybody: what was counted is still counted, what fired does not fire again."""
    with company.run() as run:
        company.send(*(call(f"d-{account}", 1, account) for account in "abc"))
        company.wait_view("a", calls_period="86")
        company.wait_view("b", calls_period="41")
        company.wait_view("c", calls_period="2")
        company.send(*(call(f"c-{account}", n, account) for account, n in (("a", 85), ("b", 40))))
        company.send(call("e", 45, "b"))
        company.wait_view("b", calls_period="86")
        company.wait_view("a", calls_period="86")
        run.stop()
    fired = sorted(trigger["id"].split("/")[1] for trigger in company.triggers())
    assert fired == ["a", "b"], fired


def test_redis_is_filled_from_the_changelog():
    with Company("restore") as company:
        stopped(company)
        before = company.views()
        for key in company.redis.scan_iter(match=f"{company.name}:*:v:*", count=10000):
            company.redis.delete(key)
        _, said = company.command("restore", "--from-changelog")
        assert company.views() == before, said
        goes_on(company)


def test_one_partition_alone():
    with Company("restore") as company:
        stopped(company)
        _, said = company.command("restore", "--partition", "1", "--from-changelog")
        goes_on(company)
        company.command("restore", "--partition", "99", "--from-changelog", status=1)


def test_offsets_that_are_in_place_stay_in_place():
    with Company("restore") as company:
        stopped(company)
        before = company.kafka.committed(company.name, company.usage)
        company.command("restore", "--offsets")
        assert company.kafka.committed(company.name, company.usage) == before
        goes_on(company)


def test_which_repair_must_be_said():
    with Company("restore", make_topics=False) as company:
        _, said = company.command("restore", status=2)
        assert "one of --from-changelog, --from-redis and --offsets" in said, said
        company.command("restore", "--offsets", "--from-redis", status=2)


scenario.main()
