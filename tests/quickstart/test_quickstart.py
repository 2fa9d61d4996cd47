# SPDX-License-Identifier: Apache-2.0
"""The quick start does what its summary says, and the summary says what the oracle says.

What must come out of the default seed's history stands in default_seed.json. It was worked out by
tests/oracle, which shares no code with headroom; `test_quickstart.py --write` does it again. A
second history, up to now, is judged by the oracle on the spot.
"""
import collections
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rig import scenario
from rig.kafka import Kafka, Record

TOP = Path(__file__).resolve().parents[2]
DIR = TOP / "build" / "quickstart"
TABLE = Path(__file__).with_name("default_seed.json")
UNTIL = "2026-11-22T09:00:00Z"
COUNTED = ("triggers", "resolved", "dead_letters")
KEYS = {"events", *COUNTED, "events_per_s", "p50_ms", "p99_ms"}


def quickstart(*arguments):
    """The summary, what it showed, and the seconds it took."""
    begun = time.monotonic()
    done = subprocess.run(
        ["sh", "deploy/quickstart.sh", "--json", *arguments],
        cwd=TOP,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    lines = done.stdout.splitlines()
    assert len(lines) == 1, f"{len(lines)} lines on standard output"
    return json.loads(lines[0]), done.stderr, time.monotonic() - begun


def oracle(config, company, until):
    """What the oracle counts in a history; zeros left out, as the summary does."""
    done = subprocess.run(
        [sys.executable, "deploy/company/expected.py", "--config", str(config), "--now", until]
        + ["--records", str(company / "records.ndjson")]
        + ["--live-from", json.loads((company / "about.json").read_text())["live_from"]],
        cwd=TOP,
        capture_output=True,
        text=True,
        check=True,
    )
    counted = json.loads(done.stdout)
    return {kind: {k: n for k, n in counted[kind].items() if n} for kind in COUNTED}


def same(found, expected):
    for kind in COUNTED:
        assert found[kind] == expected[kind], f"{kind}: {found[kind]}, expected {expected[kind]}"


def test_the_default_seed_gives_the_counts_that_the_oracle_worked_out():
    summary, shown, took = quickstart("--until", UNTIL)
    print(f"    {took:.0f} s, {summary['events_per_s']} events/s, build included")
    assert KEYS <= summary.keys(), summary.keys()
    same(summary["history"], json.loads(TABLE.read_text()))
    assert len(summary["triggers"]) >= 6, summary["triggers"]
    decided = sum(summary["triggers"].values()) + sum(summary["resolved"].values())
    assert len(re.findall("^.{19} [▲▽] ", shown, re.M)) == decided, "not every trigger was shown"
    assert summary["events"] == summary["history"]["events"] + summary["live"]["events"]
    assert summary["events_per_s"] > 0 and 0 < summary["p50_ms"] <= summary["p99_ms"], summary


def shows(command, expected):
    """Runs it; the lines come in this order, and `…` stands for others."""
    script = 'export PATH="$PWD/build/release/src:$PATH" $(sh deploy/services.sh env build/quickstart)\n'
    done = subprocess.run(
        ["sh", "-c", script + command], cwd=TOP, capture_output=True, text=True, check=True
    )
    shown = iter(" ".join(line.split()) for line in (done.stdout + done.stderr).splitlines())
    for line in expected.splitlines():
        wanted = " ".join(line.split())
        assert wanted == "…" or wanted in shown, f"not shown, or not in this order: {line}"


def test_the_tour_of_the_readme_shows_what_stands_there():
    readme = (TOP / "README.md").read_text()
    tour = readme[readme.index("## Ten minutes") : readme.index("## Show it")]
    blocks = dict(re.findall(r"\$ (headroom .*)\n((?:(?!```).*\n)+)```", tour))
    to = f"--topics --to {UNTIL}"
    simulated = [command for command in blocks if to in command]
    assert len(simulated) == 2, blocks.keys()
    for command in simulated:
        shows(command.replace("> would.ndjson", "> build/quickstart/would.ndjson"), blocks[command])
    # What came of it goes on with the day on which it is asked: here as of the history's end.
    (asked,) = [command for command in blocks if command.startswith("headroom report dashboard ")]
    config = "--config build/quickstart/headroom.yaml"
    shows(f"headroom simulate {to} --report dashboard {config}", blocks[asked])


def quarter(folder, brokers):
    """Three months of the company, in topics of their own beside those of the quick start."""
    generate = ["deploy/company/generate.py", "--months", "3", "--until", "2026-10-01", "--out", folder]
    subprocess.run([sys.executable, *generate], cwd=TOP, capture_output=True, check=True)
    lines = (folder / "records.ndjson").read_text(encoding="utf-8").splitlines()
    records = [
        Record(f"quarter-{one['topic']}", one["value"].encode(), one["key"].encode(), timestamp_ms=one["timestamp_ms"])
        for one in map(json.loads, lines)
    ]
    kafka = Kafka(brokers)
    for topic in {record.topic for record in records}:
        kafka.create(topic, 4, retention_ms=-1)
    kafka.produce(records)


def test_the_rehearsal_of_the_readme_shows_what_stands_there():
    """With the configuration that stands above it there, in a folder of its own."""
    readme = (TOP / "README.md").read_text()
    folder = DIR / "quarter"
    folder.mkdir()
    script = 'eval "$(sh deploy/services.sh env build/quickstart)"; echo "$KAFKA_BROKERS"'
    brokers = subprocess.run(["sh", "-c", script], cwd=TOP, capture_output=True, text=True, check=True).stdout.strip()
    quarter(folder, brokers)
    written = readme[readme.index("## What you write") :]
    written = re.search(r"```yaml\n(.*?)```", written, re.S)[1].replace("localhost:9092", brokers)
    written = re.sub(r"topic: (usage|billing),", r"topic: quarter-\1,", written)
    (folder / "headroom.yaml").write_text(written)
    quieter = written.replace("rearm: 5% }", "rearm: 5%, for: 1d, cooldown: 30d }")
    (folder / "quieter.yaml").write_text(quieter)
    rehearsal = readme[readme.index("## Rehearse a rule") : readme.index("## What came of it")]
    blocks = re.findall(r"\$ (headroom simulate .*)\n((?:(?!```).*\n)+)```", rehearsal)
    assert len(blocks) == 3, blocks
    for command, expected in blocks:
        shows(f"cd {folder}\n{command}", expected)


def test_the_commands_to_try_next_work_as_they_stand():
    _, shown, took = quickstart("--events", "12000", "--seed", "2")
    print(f"    {took:.1f} s the second time")
    commands = re.findall(r"^  (\S*build/release/src/headroom .*)$", shown, re.M)
    assert len(commands) == 4, shown[-1000:]
    for command in commands:
        done = subprocess.run(
            command, shell=True, cwd=TOP, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0 and len(done.stdout.splitlines()) > 3, (command, done)


def report(name):
    """The tables of a report, as --json has them; the table for people must come too."""
    command = [TOP / "build/release/src/headroom", "report", name, "--config", DIR / "headroom.yaml"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "as of, by partition:" in told, told
    return json.loads(subprocess.run([*command, "--json"], capture_output=True, check=True).stdout)["tables"]


def crm():
    """(deals by kind, deals won and lost by kind, MRR of today's customers, NPS of all accounts) as the records have it."""
    begun, won, lost = set(), collections.Counter(), collections.Counter()
    mrr, ended, nps = {}, {}, {}
    for line in (DIR / "company" / "records.ndjson").open(encoding="utf-8"):
        record = json.loads(line)
        if record["topic"] != "billing":
            continue
        event = json.loads(record["value"])
        subject, data, kind = event["subject"], event["data"], event["type"]
        if kind == "opportunity.stage_changed":
            begun.add((data["kind"], data["opportunity"]))
            won[data["kind"]] += data["stage"] == "closed_won"
            lost[data["kind"]] += data["stage"] == "closed_lost"
        elif kind == "subscription.cancelled":
            ended[subject] = data["ends_at"]
        elif kind.startswith("subscription."):
            mrr[subject] = data.get("mrr", mrr.get(subject))
        elif kind == "feedback.nps":
            nps[subject] = data["score"]
    now = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime())
    mrr = {name: cents for name, cents in mrr.items() if ended.get(name, "9") > now}
    deals = collections.Counter(kind for kind, _ in begun)
    return deals, won, lost, mrr, nps


def test_a_history_up_to_now_agrees_with_the_oracle_and_reports_with_the_records():
    summary, _, _ = quickstart("--events", "30000", "--seed", "3")
    until = summary["history"]["until"]
    deals, won, lost, mrr, nps = crm()
    funnel = report("funnel")
    for kind, table in (("upsell", "upsell"), ("cross-sell", "cross_sell"), ("new", "new")):
        reached = {row["stage"]: row["deals"] for row in funnel[table]}
        assert (reached["identified"], reached["closed"]) == (deals[kind], won[kind]), (kind, reached)
    rows = report("conversion")["conversion"]
    for kind, row in zip(("new", None, "upsell", "cross-sell"), rows):
        if kind:
            assert (row["closed"], row["won"]) == (won[kind] + lost[kind], won[kind]), row
    months = report("retention")["months"]
    assert float(months[-1]["end"]) * 100 == sum(mrr.values()), (months[-1], sum(mrr.values()))
    assert months[-1]["customers"] == len(mrr)
    crm_owned = next(row for row in report("breadth")["products"] if row["product"] == "crm")
    assert (crm_owned["owners"], crm_owned["customers"]) == (len(mrr), len(mrr)), crm_owned
    score = sum((n >= 9) - (n <= 6) for n in nps.values()) * 100 / len(nps)
    (told,) = [row for row in report("dashboard")["metrics"] if row["metric"] == "NPS"]
    assert abs(float(told["current"]) - score) < 0.01, (told, score)
    fired = {row["value"]: row["fired"] for row in report("lift")["rule"]}
    assert fired == summary["triggers"], (fired, summary["triggers"])
    same(summary["history"], oracle(DIR / "headroom.yaml", DIR / "company", until))


def consumer(*arguments):
    """The example of a consumer, on the services of the quick start as the README names them."""
    shown = subprocess.run(
        ["sh", "-c", 'export $(sh deploy/services.sh env build/quickstart)\n'
         'exec sh deploy/python.sh deploy/examples/consumer.py "$@"', "consumer", *arguments],
        cwd=TOP, capture_output=True, text=True, check=False,
    )
    assert shown.returncode == 0, shown.stderr
    return shown.stdout


def test_the_example_of_a_consumer_shows_prompts_and_alerts_and_tells_of_a_dismissal():
    alerts = consumer("--audience", "csm", "--owner", "ana")
    heads = re.findall(r"^\d{4}-.*$", alerts, re.M)
    assert heads and all(line.endswith("for ana)") for line in heads), alerts
    prompts = consumer("--audience", "in_app")
    heads = re.findall(r"^\d{4}-\S+  (\S+)  (\S+) \S+ \((\S+);", prompts, re.M)
    ids = re.findall(r"^  trigger (\S+)$", prompts, re.M)
    assert len(ids) == len(heads) > 0 and {kind for _, _, kind in heads} <= {"upsell", "cross-sell"}
    assert "offer   growth, 800.00 USD a month more" in prompts, prompts
    (account, _, _), trigger = heads[0], ids[0]
    consumer("--dismiss", trigger)
    command = [TOP / "build/release/src/headroom", "account", account, "--json"]
    for _ in range(100):
        told = subprocess.run([*command, "--config", DIR / "headroom.yaml"], capture_output=True, check=True)
        rows = json.loads(told.stdout).get("prompts", [])
        if rows and rows[0]["detail"] == trigger:
            break
        time.sleep(0.2)
    assert (rows[0]["name"], rows[0]["detail"]) == ("dismissed", trigger), rows


def test_stop_leaves_no_process():
    pids = [(DIR / f"{name}.pid").read_text().strip() for name in ("headroom", "kafka", "redis")]
    assert all(os.path.exists(f"/proc/{pid}") for pid in pids), pids
    subprocess.run(["sh", "deploy/quickstart.sh", "--stop"], cwd=TOP, check=True)
    for pid in pids:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1][0]
        except FileNotFoundError:
            continue
        assert state == "Z", f"process {pid} still runs"


def write():
    """Works default_seed.json out afresh."""
    folder = Path(tempfile.mkdtemp())
    subprocess.run(
        [sys.executable, "deploy/company/generate.py", "--until", UNTIL, "--out", folder],
        cwd=TOP,
        check=True,
    )
    template = TOP / "deploy" / "company" / "headroom.yaml.in"
    TABLE.write_text(json.dumps(oracle(template, folder, UNTIL), indent=2) + "\n")
    shutil.rmtree(folder)


if sys.argv[1:] == ["--write"]:
    write()
else:
    scenario.main()
