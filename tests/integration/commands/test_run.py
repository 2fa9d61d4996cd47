# SPDX-License-Identifier: Apache-2.0
"""`headroom run` as an operator meets it: signals, monitoring, secrets, and what readers see of the
accounts beside it."""
import signal
from pathlib import Path

import rig
from rig import metrics, scenario

from company import Company, call, subscribe

CANARY = "c4n4ry-never-to-be-seen"


def test_a_secret_is_nowhere_to_be_seen():
    with Company("secret") as company:
        company.tree["kafka"]["properties"] = {"sasl.password": "${HR_TEST_SECRET}"}
        company.write()
        with company.run(environment={"HR_TEST_SECRET": CANARY}) as run:
            shown = [run.get(path)[1] for path in ("/metrics", "/healthz", "/readyz", "/")]
            shown.append(Path(f"/proc/{run.child.pid}/cmdline").read_text())
            run.signal(signal.SIGHUP)
            run.wait_said("reloaded")
            run.stop()
        shown.append(company.log.read_text())
        assert not any(CANARY in text for text in shown), shown


def test_sighup_takes_new_rules_and_keeps_the_old_ones_of_a_bad_file():
    with Company("reload") as company, company.run() as run:
        run.wait_said("rules epoch 1 ")
        company.tree["rules"]["full"]["levels"] = ["70%", "60%"]
        company.write()
        run.signal(signal.SIGHUP)
        run.wait_said(r"headroom.json:\d+: rules.full.levels")
        run.wait_said("the old one holds")
        company.tree["rules"]["full"]["levels"] = ["60%"]
        company.tree["sources"].append({"topic": "another"})
        company.write()
        run.signal(signal.SIGHUP)
        run.wait_said("other topics under `sources` take a restart")
        company.tree["sources"].pop()
        company.write()
        run.signal(signal.SIGHUP)
        run.wait_said("rules epoch 2 ")
        company.send(subscribe("s"), call("1", 60))
        rig.until(lambda: len(company.triggers()) == 1, "a trigger at 60%")
        assert company.triggers()[0]["data"]["rules_epoch"] == 2
        run.stop()


def test_sigterm_finishes_the_batch_and_a_restart_goes_on():
    with Company("stop") as company:
        with company.run() as run:
            company.send(subscribe("s"), *(call(str(n), 1) for n in range(50)))
            run.stop()
        with company.run() as run:
            company.send(*(call(str(n), 1) for n in range(40, 80)))  # ten of them again
            company.wait_view("a", calls_period="80")
            run.stop()
        assert [t["data"]["meter"]["value"] for t in company.triggers()] == ["80"]


def test_a_metrics_page_adds_up():
    with Company("adds") as company, company.run() as run:
        company.send(
            subscribe("s"),
            call("1", 1),
            call("1", 1),
            call("2", "x"),
            {"id": "3", "type": "unknown", "subject": "a", "data": {}},
        )

        verdicts = ("counted", "duplicate", "dead_lettered", "ignored")

        def total(result, **labels):
            return metrics.total(
                run.metrics(), "headroom_records_total", result=result, **labels
            )

        # What homes tell each other over the internal topic is counted, too, as `counted`.
        rig.until(lambda: [total(result) for result in verdicts[1:]] == [1, 1, 1], "the verdicts")
        company.wait_view("a", calls_period="1")
        for topic, partitions in ((company.usage, 2), (f"{company.name}-internal", 2)):
            for partition in map(str, range(partitions)):
                its = {"topic": topic, "partition": partition}
                parts = sum(total(result, **its) for result in (*verdicts, "forwarded"))
                assert total("read", **its) == parts, its
        run.stop()


def test_top_lists_the_fullest_first():
    with Company("top") as company, company.run() as run:
        events = []
        for account, n in (("small", 5), ("over", 150), ("near", 90), ("evil\x1b[2J", 40)):
            events += [subscribe(f"s-{account}", account), call(f"c-{account}", n, account)]
        company.send(*events, call("free", 1000, "no-limit"))
        company.wait_view("small", calls_used="5%")
        company.wait_view("near", calls_used="90%")
        rig.until(lambda: len(company.views()) == 5, "five accounts")
        rows = company.lines("top")
        assert [row["account"] for row in rows] == ["over", "near", "evil\x1b[2J", "small"], rows
        assert rows[0] == {
            "account": "over", "used": "150%", "meter": "calls", "value": "150", "limit": "100"
        }
        out, _ = company.command("top", "--limit", "3")
        assert [line.split()[0] for line in out.splitlines()] == [
            "ACCOUNT", "over", "near", "evil\\x1b[2J"
        ], out
        run.stop()


def test_account_shows_all_there_is_under_any_of_its_names():
    with Company("account") as company:
        company.tree["rules"]["late"] = {
            "watch": "meter.calls.used", "levels": ["50%"], "for": "30d"
        }
        company.write()
        with company.run() as run:
            names = {"id": "n", "type": "account.updated", "subject": "a"}
            company.send(
                subscribe("s"),
                {**names, "data": {"aliases": ["key-1"], "owner": "dana \x1b[2J"}},
                call("1", 85),
            )
            company.wait_view("a", calls_used="85%")
            rig.until(
                lambda: company.command("account", "key-1", status=None)[0], "the alias to lead on"
            )
            (shown,) = company.lines("account", "key-1")
            assert (shown["asked"], shown["id"]) == ("key-1", "a"), shown
            rows = {
                section: {row["name"]: row for row in rows}
                for section, rows in shown.items()
                if isinstance(rows, list)
            }
            assert rows["meters"]["calls.period"]["value"] == "85", rows
            assert rows["meters"]["calls.used"]["value"] == "85%", rows
            assert rows["limits"]["calls"]["value"] == "100", rows
            assert rows["episodes"]["full 80pct"]["value"] == "fired", rows
            assert rows["waiting"]["late 50pct"]["value"] == "for", rows
            assert rows["timers"] and rows["triggers"], rows
            out, _ = company.command("account", "a")
            assert "calls.period  85" in out and "dana \\x1b[2J" in out and "\x1b" not in out, out
            _, said = company.command("account", "nobody", status=1)
            assert 'there is no account "nobody"' in said, said
            company.command("account", status=2)
            run.stop()


def test_a_reader_without_anything_to_read_is_told_so():
    with Company("nothing") as company:
        _, said = company.command("top", status=1)
        assert "has `headroom run` been started?" in said, said


def test_the_same_slot_started_twice_ends_the_older():
    with Company("twice") as company, company.run() as older, company.run() as newer:
        older.log = newer.log
        rig.until(lambda: older.child.poll() is not None, "the older one to end", 60)
        assert older.child.returncode == 1, older.child.returncode
        assert newer.child.poll() is None
        newer.stop()


scenario.main()
