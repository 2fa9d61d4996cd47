# SPDX-License-Identifier: Apache-2.0
"""`run` and `simulate` over the same topics give the same triggers, wherever batches were cut. The
history is the quick start's company's, without what came under other names: such a record goes from
one home to another, and while two months are read in seconds it may be counted later than its
neighbours. What has to be forwarded comes from two topics of other partition counts, keyed by
nothing: however it stands in a home's internal partition, it counts in the one order."""
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import rig
from rig import headroom, metrics, scenario
from rig.kafka import Record

from company import Company, call, subscribe

HERE = Path(__file__).resolve().parents[3]
UNTIL = "2026-11-22T00:00:00Z"
HOMES = 3


def history(folder):
    subprocess.run(
        [sys.executable, HERE / "deploy/company/generate.py", "--until", UNTIL, "--seed", "7",
         "--events", "12000", "--accounts", "50", "--out", folder],
        check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    about = json.loads((folder / "about.json").read_text())
    lines = (folder / "records.ndjson").read_text().splitlines()
    records = [json.loads(line) for line in lines]
    return about, [record for record in records if "key_" not in record["value"]]


def produce(company, records, elsewhere):
    """Into the sources' topics, in the order of time; `elsewhere`: readings of one meter into a topic
    of five partitions, and a third of all calls into one of two, keyed by nothing. Returns the
    topics."""
    topics = {name: f"{company.name}-{name}" for name in ("usage", "billing")}
    company.topic(topics["billing"], HOMES, retention_ms=-1)
    if elsewhere:
        topics["five"] = company.topic(f"{company.name}-five", 5, retention_ms=-1)
        topics["two"] = company.topic(f"{company.name}-two", 2, retention_ms=-1)
    produced = []
    for number, record in enumerate(records):
        to = record["topic"]
        if elsewhere and to == "usage":
            to = "five" if '"storage.measured"' in record["value"] else ("two", to, to)[number % 3]
        produced.append(
            Record(
                topics[to],
                record["value"].encode(),
                record["key"].encode() if to == record["topic"] else None,
                timestamp_ms=record["timestamp_ms"],
            )
        )
    # As Java's clients partition, so that records are where their accounts live.
    company.kafka.produce(produced, partitioner="murmur2_random")
    return topics


def configure(company, topics, about):
    text = (HERE / "deploy/company/headroom.yaml.in").read_text()
    text = text.replace("@LIVE_FROM@", about["live_from"])
    text = "\n".join(line for line in text.splitlines() if "@" not in line)
    rules = text[text.index("time:") :]
    head = {key: company.tree[key] for key in ("kafka", "redis", "http", "triggers", "dead_letters")}
    head["limits"] = {"batch_bytes": "64KiB", "batch_time": "20ms"}
    head["sources"] = [{"topic": topic} for topic in topics.values()]
    company.file = company.folder / "headroom.yaml"
    company.file.write_text(
        "".join(f"{key}: {json.dumps(value)}\n" for key, value in head.items()) + rules + "\n"
    )


def left(company, topics):
    """How many records are not committed."""
    total = 0
    for topic in topics.values():
        committed = company.kafka.committed(company.name, topic)
        total += sum(end - (committed[n] or 0) for n, (_, end) in company.kafka.ends(topic).items())
    return total


def cut(company, topics):
    """Starts it, and ends it as soon as it has counted some of what it reads; how much is left."""
    with company.start() as run:
        port = run.wait_said(r"on port (\d+)")[1]
        run.http = f"127.0.0.1:{port}"

        def counts():
            status, text = run.get("/metrics")
            return status == 200 and metrics.total(
                metrics.parse(text), "headroom_records_total", result="counted"
            )

        while not counts():
            time.sleep(0.005)
        run.stop()
    return left(company, topics)


def finish(company, topics):
    """Until every record is committed, and nothing more comes of what was forwarded."""
    with company.run() as run:
        rig.until(lambda: left(company, topics) == 0, "everything to be committed", 120)
        before, quiet = None, 0
        while quiet < 5:
            time.sleep(0.5)
            ends = company.kafka.ends(f"{company.name}-triggers")
            before, quiet = ends, quiet + 1 if before == ends else 0
        run.stop()


def told(lines, until):
    """Triggers by id, without what is `run`'s alone; those that the wall clock alone brought out
    after the history are left out."""
    triggers = {}
    for line in lines:
        trigger = json.loads(line)
        if trigger["time"] < until:
            trigger["data"].pop("rules_epoch")
            assert trigger["id"] not in triggers, trigger["id"]
            triggers[trigger["id"]] = trigger
    return triggers


def difference(a, b):
    names = sorted(name for name in a.keys() | b.keys() if a.get(name) != b.get(name))
    return "\n".join(f"{name}\n  run      {a.get(name)}\n  simulate {b.get(name)}" for name in names[:5])


def compare(name, elsewhere):
    with tempfile.TemporaryDirectory() as folder, Company(name, HOMES) as company:
        about, records = history(Path(folder))
        last = max(record["timestamp_ms"] for record in records) // 1000
        until = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(last))
        topics = produce(company, records, elsewhere)
        configure(company, topics, about)
        cuts = [cut(company, topics) for _ in range(2)]
        assert 0 < cuts[0] < len(records), f"not cut in the middle: {cuts} of {len(records)} left"
        finish(company, topics)
        ran = told((r.value for r in company.kafka.read(f"{company.name}-triggers")), until)
        summary = company.folder / "summary.json"
        out, _ = company.command("simulate", "--topics", "--summary", summary)
        simulated = told(out.splitlines(), until)
        assert len(simulated) > 300, len(simulated)
        assert ran == simulated, difference(ran, simulated)
        letters = json.loads(summary.read_text())["dead_letters"]
        assert sum(letters.values()) == len(company.kafka.read(f"{company.name}-dead")), letters


def test_run_and_simulate_tell_the_same_wherever_batches_are_cut():
    compare("same", elsewhere=False)


def test_they_do_where_records_have_to_be_forwarded():
    compare("elsewhere", elsewhere=True)


def test_a_range_of_one_topic_is_read_without_leaving_a_trace():
    with Company("range", HOMES) as company:
        def at(day, record):
            return Record(
                company.usage, company.bytes(record), b"a", timestamp_ms=1767225600000 + day * 86400000
            )

        company.kafka.produce(
            [at(0, subscribe("s"))] + [at(day, call(str(day), 30)) for day in (1, 2, 3, 4)]
        )

        company.kafka.produce(
            [Record(company.usage, b"{", b"a", timestamp_ms=1767225600000 + 86400000)]
        )
        letters = company.folder / "letters"

        def fired(*options):
            out, _ = company.command("simulate", "--dead-letters", letters, *options)
            return [json.loads(line)["data"]["meter"]["value"] for line in out.splitlines()]

        # 30 a day of 100: the third takes it to 90.
        assert fired("--topics") == ["90"]
        (letter,) = map(json.loads, letters.read_text().splitlines())
        assert (letter["reason"], letter["topic"], letter["offset"]) == (
            "bad_json", company.usage, 5,
        ), letter
        assert fired("--topic", company.usage, "--to", "2026-01-04T00:00:00Z") == []
        assert fired("--to", "2026-01-04T00:00:00.001Z") == ["90"]
        # Time passes to the end of the range: the month is over, and with it the episode.
        assert fired("--to", "2026-02-02") == ["90", "0"]
        assert fired("--from", "2026-01-02") == []  # its plan came before
        _, said = company.command("simulate", "--topic", "nothing", status=2)
        assert "nothing is no topic among the sources" in said, said
        company.command("simulate", "--topics", company.file, status=2)
        company.tree["sources"].append({"topic": f"{company.name}-missing"})
        company.write()
        _, said = company.command("simulate", "--topics", status=1)
        assert f"there is no topic {company.name}-missing" in said, said
        assert set(company.kafka.committed(company.name, company.usage).values()) == {None}
        assert company.name not in company.kafka.groups(), company.kafka.groups()
        assert not list(company.redis.scan_iter(match=f"{company.name}:*"))


scenario.main()
