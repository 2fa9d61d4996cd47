#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Asks `headroom simulate` and DuckDB the same of one file of events, in turn, each on one core.

The question: counting every event once, which account crossed which of three levels of calls a
month, at which event? Both must name the same accounts, levels, moments and values, and by hand
there are three for each of the heavy accounts.

Of headroom the whole process is measured, of DuckDB the query alone, without Python's start. Prints
events_per_s (wall clock), cpu_ratio (headroom's events a CPU-second by DuckDB's) and what they are
made of: medians over the rounds.
"""
import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

ACCOUNTS, HEAVY, ROUNDS = 100_000, 1_000, 3
FOLDER = Path("build/bench/simulate")
TOOL = Path(os.environ["HEADROOM_BUILD"]) / "bench" / "bench_simulate"

# As headroom does it: an id counts where it stands first, lines count in their order, and of several
# levels that one event passes the furthest is the one that fires.
QUERY = """
WITH events AS (
    SELECT subject, source, id, time, data.calls AS calls, row_number() OVER () AS line
    FROM read_json('{file}', format='newline_delimited', columns={{
        id: 'VARCHAR', source: 'VARCHAR', type: 'VARCHAR', subject: 'VARCHAR', time: 'TIMESTAMP',
        data: 'STRUCT(calls DECIMAL(38, 12))'}})
    WHERE type = 'api.request'
), once AS (
    SELECT DISTINCT ON (subject, source, id) subject, time, line, calls FROM events
), counted AS (
    SELECT subject, time, calls, sum(calls) OVER (
        PARTITION BY subject, date_trunc('month', time) ORDER BY line) AS total
    FROM once
)
SELECT subject, {after} AS level, strftime(time, '%Y-%m-%dT%H:%M:%S.000Z'), total
FROM counted WHERE total >= {first} AND {after} > {before}
"""


def cpu_of(usage):
    return usage.ru_utime + usage.ru_stime


def ask_duckdb(file, levels):
    """In a process of its own: prints what it found and what that took."""
    import duckdb

    def reached(value):
        cases = "".join(f" WHEN {value} >= {level} THEN {level}" for level in reversed(levels))
        return f"CASE{cases} ELSE 0 END"

    database = duckdb.connect(config={"threads": 1})
    query = QUERY.format(
        file=file, first=levels[0], after=reached("total"), before=reached("(total - calls)")
    )
    begun, before = time.monotonic(), cpu_of(resource.getrusage(resource.RUSAGE_SELF))
    rows = database.execute(query).fetchall()
    usage = resource.getrusage(resource.RUSAGE_SELF)
    json.dump(
        {
            "found": [[row[0], str(row[1]), row[2], f"{row[3]:.0f}"] for row in rows],
            "wall": time.monotonic() - begun,
            "cpu": cpu_of(usage) - before,
            "rss": usage.ru_maxrss,
        },
        sys.stdout,
    )


def run(words, output):
    """The finished child's wall seconds and what it used."""
    with output.open("wb") as out, (FOLDER / "said").open("wb") as said:
        begun = time.monotonic()
        child = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=out, stderr=said)
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.monotonic() - begun
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        sys.exit((FOLDER / "said").read_text())
    return wall, usage


def play(config, file):
    out = FOLDER / "triggers.ndjson"
    wall, usage = run([os.environ["HEADROOM_BIN"], "simulate", "--config", config, file], out)
    triggers = [json.loads(line) for line in out.open()]
    return {
        "found": [[t["subject"], t["data"]["level"], t["time"], t["data"]["value"]] for t in triggers],
        "wall": wall,
        "cpu": cpu_of(usage),
        "rss": usage.ru_maxrss,
    }


def query(file, levels):
    out = FOLDER / "duckdb.json"
    run([sys.executable, __file__, "--duckdb", file, *levels], out)
    return json.loads(out.read_text())


def write_file(file, events):
    with file.open("wb") as out:
        subprocess.run([TOOL, str(events), str(ACCOUNTS), str(HEAVY)], stdout=out, check=True)
    with file.open("rb") as lines:
        return sum(block.count(b"\n") for block in iter(lambda: lines.read(1 << 20), b""))


def measure(events):
    each = events // ACCOUNTS
    levels = [str(each * 4), str(each * 8), str(each * 10)]
    config, file = FOLDER / "headroom.json", FOLDER / "events.ndjson"
    FOLDER.mkdir(parents=True, exist_ok=True)
    config.write_text(
        json.dumps(
            {
                "kafka": {"brokers": "localhost:9092", "group": "bench"},
                "sources": [{"topic": "usage", "format": "cloudevents"}],
                "start": {"live_from": "2020-01-01"},
                "meters": {
                    "calls": {"event": "api.request", "aggregate": "sum", "value": "/calls"}
                },
                "rules": {"busy": {"watch": "meter.calls.period", "levels": levels}},
            }
        )
    )
    lines = write_file(file, events)
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})  # children inherit it
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append(play(config, file))
        theirs.append(query(file, levels))
    file.unlink()
    check(ours[-1], theirs[-1])
    return lines, ours, theirs


def check(ours, theirs):
    if sorted(ours["found"]) != sorted(theirs["found"]):
        sys.exit("simulate.py: headroom and DuckDB found other crossings")
    if len(ours["found"]) != 3 * HEAVY:
        sys.exit(f"simulate.py: {len(ours['found'])} triggers, not {3 * HEAVY}")


def report(lines, ours, theirs):
    def median(rounds, key):
        return statistics.median(one[key] for one in rounds)

    print(
        json.dumps(
            {
                "events_per_s": round(lines / median(ours, "wall")),
                "cpu_ratio": round(median(theirs, "cpu") / median(ours, "cpu"), 2),
                "events_per_cpu_s": round(lines / median(ours, "cpu")),
                "duckdb_events_per_s": round(lines / median(theirs, "wall")),
                "duckdb_events_per_cpu_s": round(lines / median(theirs, "cpu")),
                "peak_mib": round(max(one["rss"] for one in ours) / 1024),
                "duckdb_peak_mib": round(max(one["rss"] for one in theirs) / 1024),
                "events": lines,
                "triggers": len(ours[-1]["found"]),
            }
        )
    )


def main():
    if sys.argv[1:2] == ["--duckdb"]:
        ask_duckdb(sys.argv[2], sys.argv[3:])
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=3_000_000)
    events = parser.parse_args().events
    if events < 5 * ACCOUNTS:
        parser.error(f"--events: at least {5 * ACCOUNTS}, or one event passes two levels")
    report(*measure(events))


if __name__ == "__main__":
    main()
