# SPDX-License-Identifier: Apache-2.0
"""`headroom deadletter`: refused records are listed and shown as they came, and a replay after a fix
counts them once, however often it is done."""
import base64
import json

import rig
from rig import metrics, scenario
from rig.kafka import Record

from company import Company, call, subscribe


def results(run):
    """Verdict: records, over all partitions."""
    samples = run.metrics()
    names = {labels["result"] for name, labels, _ in samples if name == "headroom_records_total"}
    return {name: metrics.total(samples, "headroom_records_total", result=name) for name in names}


def test_what_was_refused_is_listed_and_shown_as_it_came():
    with Company("letters") as company, company.run() as run:
        company.send(call("1", "many"), b'{"broken\xff\x1b[2J', call("2", 1, time="yesterday"))
        rig.until(lambda: len(company.lines("deadletter", "list")) == 3, "three dead letters")
        listed = company.lines("deadletter", "list")
        assert sorted(row["reason"] for row in listed) == ["bad_json", "bad_time", "bad_value"]
        assert {row["original"]["topic"] for row in listed} == {company.usage}, listed
        times = [row["time"] for row in listed]
        assert times == sorted(times), times

        # Whatever else stands in the topic: who names a place is taken straight there.
        company.kafka.produce([Record(f"{company.name}-dead", b"?", partition=n) for n in (0, 1)])
        company.send(call("3", "many", subject="b"), call("4", "many", subject="c"))
        rig.until(lambda: len(company.lines("deadletter", "list")) == 5, "two dead letters more")
        _, said = company.command("deadletter", "list")
        assert "2 records of the topic are no dead letters" in said, said
        row = company.lines("deadletter", "list")[-1]
        out, said = company.command("deadletter", "show", f"{row['partition']}:{row['offset']}")
        assert "bad_value" in out and said == "", (out, said)

        (broken,) = company.lines("deadletter", "list", "--reason", "bad_json")
        place = f"{broken['partition']}:{broken['offset']}"
        out, _ = company.command("deadletter", "show", place)
        assert '{"broken\\xff\\x1b[2J' in out and "\x1b" not in out, out
        (shown,) = company.lines("deadletter", "show", place)
        assert base64.b64decode(shown["original"]["value_base64"]) == b'{"broken\xff\x1b[2J', shown
        assert shown["original"]["key"] == "a", shown

        out, said = company.command("deadletter", "list", "--limit", "1")
        assert len(out.splitlines()) == 2 and "the newest 1 of 5" in said, (out, said)
        out, said = company.command("deadletter", "list", "--topic", "elsewhere")
        assert out == "" and "there are none" in said, (out, said)
        _, said = company.command("deadletter", "show", "9:9", status=1)
        assert "no dead letter at 9:9" in said, said
        other = f"{broken['partition'] + 2**32}:{broken['offset']}"  # not the same once cut to 32 bits
        _, said = company.command("deadletter", "show", other, status=2)
        assert "no place of a dead letter" in said, said
        run.stop()


def test_a_replay_after_a_fix_counts_once_however_often():
    with Company("replay") as company:
        with company.run() as run:
            company.send(subscribe("s"), {**call("1", 1), "data": {"count": 85}})
            rig.until(lambda: company.lines("deadletter", "list"), "a dead letter")
            run.stop()
        company.tree["meters"]["calls"]["value"] = "/count"
        company.write()
        company.command("deadletter", "replay", status=2)  # which?
        out, _ = company.command("deadletter", "replay", "--all", "--dry-run")
        assert out == "1 would be replayed\n", out
        with company.run() as run:
            run.wait_said("rules epoch 2 ")
            out, _ = company.command("deadletter", "replay", "--reason", "bad_value")
            assert out == "1 replayed\n", out
            company.wait_view("a", calls_period="85", calls_used="85%")
            (answer,) = company.lines("deadletter", "replay", "--all")
            assert answer["replayed"] == 1, answer
            rig.until(lambda: results(run).get("duplicate") == 1, "the second one as a duplicate")
            company.wait_view("a", calls_period="85")
            run.stop()
        assert [t["id"].split("/")[2] for t in company.triggers()] == ["80pct"]


def test_a_letter_is_replayed_to_no_topic_but_a_source():
    """Whoever can write dead letters cannot have triggers sent by whoever replays them."""
    with Company("forged") as company:
        with company.run() as run:
            company.send(subscribe("s"), call("1", "many"))
            rig.until(lambda: company.lines("deadletter", "list"), "a dead letter")
            run.stop()
        triggers = f"{company.name}-triggers"
        (real,) = company.kafka.read(f"{company.name}-dead")
        headers = [(name, triggers.encode() if name == "hr-topic" else value) for name, value in real.headers]
        company.kafka.produce([Record(real.topic, b"{}", real.key, headers)])
        forged = company.lines("deadletter", "list")[-1]
        place = f"{forged['partition']}:{forged['offset']}"
        for more in ((), ("--dry-run",)):
            out, said = company.command("deadletter", "replay", "--all", *more, status=1)
            assert out.startswith("1 "), out
            assert f"{place} is of the topic {triggers}, which is no source in" in said, said
        out, _ = company.command("deadletter", "replay", "--all", "--json", status=1)
        assert json.loads(out) == {"replayed": 1, "left": 1, "dry_run": False}, out
        assert company.triggers() == []


scenario.main()
