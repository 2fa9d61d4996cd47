# SPDX-License-Identifier: Apache-2.0
"""`headroom rules`: what a change would do, whether it did that, and the way back."""
import json
import signal

import rig
from company import Company, call, subscribe
from rig import headroom, scenario


def start(company, run):
    """85, 65 and 30 of 100: the first is beyond 80%."""
    for account, used in (("a", 85), ("b", 65), ("c", 30)):
        company.send(subscribe(f"s{account}", account), call(f"u{account}", used, account))
    for account, used in (("a", "85"), ("b", "65"), ("c", "30")):
        company.wait_view(account, calls_period=used)


def with_levels(company, levels):
    """A file beside the one that runs."""
    tree = {**company.tree, "rules": {"full": {"watch": "meter.calls.used", "levels": levels}}}
    return headroom.write_config(company.folder / "other.json", tree)


def stored(company):
    return {
        key: company.redis.hgetall(key) if b":v:" in key else company.redis.get(key)
        for key in company.redis.scan_iter(match=f"{company.name}:{{*}}:[av]:*", count=10000)
    }


def told(company):
    return [
        (t["subject"], t["data"]["level"], t["data"].get("cause") or t["data"].get("reason"))
        for t in company.triggers()
    ]


def test_a_difference_says_what_will_happen_and_then_it_happens():
    with Company("diff") as company, company.run() as run:
        start(company, run)
        other = with_levels(company, ["60%", "80%"])
        before = stored(company)
        difference = json.loads(company.command("rules", "diff", other, "--json")[0])
        assert stored(company) == before
        assert difference["changes"] == [
            {"key": "rules.full.levels", "before": "[80%]", "after": "[60%, 80%]"}
        ], difference
        # A new level under an open one is claimed, any other one already beyond fires.
        assert difference["effects"] == [
            {"rule": "full", "level": "60%", "does": "fires", "accounts": 1},
            {"rule": "full", "level": "60%", "does": "claims", "accounts": 1},
        ], difference
        assert [(one["account"], one["does"]) for one in difference["listed"]] == [
            ("a", "claims"),
            ("b", "fires"),
        ], difference
        assert (difference["accounts"], difference["touched"]) == (3, 2), difference

        company.file.write_text(other.read_text())
        run.signal(signal.SIGHUP)
        run.wait_said("rules epoch 2 ")
        company.send(call("next", 1, "b"), call("next", 1, "a"), call("next", 1, "c"))
        company.wait_view("c", calls_period="31")
        assert sorted(told(company)) == [("a", "80%", "usage"), ("b", "60%", "rule_change")], told(company)
        run.stop()


def test_rules_with_another_currency_are_refused_wherever_they_are_met():
    with Company("currency") as company:
        with company.run() as run:
            start(company, run)
            tree = {**company.tree, "money": {"currency": "EUR"}}
            other = headroom.write_config(company.folder / "euro.json", tree)
            _, said = company.command("rules", "diff", other, status=1)
            assert "the books are kept in USD" in said, said
            company.file.write_text(other.read_text())
            run.signal(signal.SIGHUP)
            run.wait_said("are not taken, those of epoch 1 hold: money.currency")
            run.stop()
        with company.run() as run:  # started with them: what holds goes on
            run.wait_said("are not taken, those of epoch 1 hold: money.currency")
            company.send(call("more", 1, "c"))
            company.wait_view("c", calls_period="31")
            assert not run.said("rules epoch 2 "), "another epoch"
            run.stop()


def test_a_table_for_people_names_keys_accounts_and_counts():
    with Company("table") as company, company.run() as run:
        start(company, run)
        said, _ = company.command("rules", "diff", with_levels(company, ["90%"]))
        for line in ("~  rules.full.levels  [80%]   [90%]", "1 of 3 accounts are touched"):
            assert line in said, said
        assert any(line.split() == ["full", "80%", "resolves", "1"] for line in said.splitlines()), said
        said, _ = company.command("rules", "diff", company.file)
        assert "the rules are the same" in said and "0 of 3 accounts" in said, said
        run.stop()


def test_rollback_takes_the_rules_of_an_earlier_epoch_and_a_restart_does_not_undo_it():
    with Company("back") as company:
        with company.run() as run:
            start(company, run)
            company.file.write_text(with_levels(company, ["60%"]).read_text())
            run.signal(signal.SIGHUP)
            run.wait_said("rules epoch 2 ")
            company.send(call("second", 1, "b"))
            rig.until(lambda: ("b", "60%", "rule_change") in told(company), "60% for b")
            said, _ = company.command("rules", "rollback", "1")
            assert said == "the rules of epoch 1 are epoch 3 now\n", said
            company.send(call("third", 1, "b"))
            rig.until(lambda: ("b", "60%", "rule_changed") in told(company), "its end")
            epochs = company.lines("rules", "list")
            assert [e["epoch"] for e in epochs] == [1, 2, 3], epochs
            assert [e["current"] for e in epochs] == [False, False, True], epochs
            assert epochs[0]["fingerprint"] == epochs[2]["fingerprint"], epochs
            assert epochs[1]["changed"] == "rules.full", epochs
            _, refused = company.command("rules", "rollback", "3", status=2)
            assert "these are the current rules" in refused, refused
            _, refused = company.command("rules", "rollback", "9", status=2)
            assert "no such epoch" in refused, refused
            run.stop()
        with company.run() as run:  # its file is that of epoch 2
            run.wait_said("headroom rules rollback 2")
            assert [e["epoch"] for e in company.lines("rules", "list")] == [1, 2, 3]
            run.stop()


scenario.main()
