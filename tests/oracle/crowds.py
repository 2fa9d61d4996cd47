#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`unique` in crowds: exact to 4,096 members a window, beyond them within the error that is stated.

    crowds.py [--headroom PROGRAM] [--first 1] [--count 10]

Sets of that size are kept out of the random histories, where both sides must agree on every trigger.
Here a crowd comes and comes again over some days, a part of it late; at the end every window is
counted from the records. A window without the word "estimated" must be right to the member, one with
it within four times its standard error; and none may be estimated of a crowd of 4,096 or fewer. Until
then triggers must come at the very event."""

import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile

from account import ALWAYS
from moments import parse_time, period_at, show, window_span, zone_named
from quantity import MICROS

EXACT = 4096
WINDOWS = ("24h", "7d", "30d")
BEGIN = parse_time("2026-03-02T00:00:00Z")


def crowd(seed):
    """(arrival, time, member) of each event, in order of arrival, all within one month."""
    rng = random.Random(f"crowd/{seed}")
    members, events = rng.choice([3000, 4096, 5000, 9000, 20000]), rng.choice([6000, 12000, 20000])
    arrivals = sorted(BEGIN + rng.randrange(rng.choice([2, 9, 20]) * MICROS["d"]) for _ in range(events))
    late = [rng.choice([0, 0, 0, rng.randrange(MICROS["d"])]) for _ in arrivals]
    return [(now, max(BEGIN, now - ago), rng.randrange(members)) for now, ago in zip(arrivals, late)]


def counted(events, now):
    """The members of each window at the end."""
    zone, out = zone_named("UTC"), {}
    period = period_at(now, ALWAYS, "month", zone)
    for window in WINDOWS + ("period",):
        start, end = period if window == "period" else window_span(window, now, zone)
        out[window] = len({member for _, time, member in events if start <= time < end})
    return out


def configuration():
    meter = {"event": "seen", "aggregate": "unique", "value": "/u", "windows": list(WINDOWS)}
    return {
        "kafka": {"brokers": "localhost:9092", "group": "crowds"},
        "redis": {"url": "redis://localhost:6379/0"},
        "sources": [{"topic": "usage"}],
        "meters": {"people": meter},
        "rules": {"many": {"watch": "meter.people.period", "levels": ["1000", "4096"], "jump": "each"}},
    }


def play(program, events, folder):
    """The rows of the account's meter, and the triggers."""
    names = [os.path.join(folder, name) for name in ("config.json", "records.ndjson", "accounts")]
    with open(names[0], "w", encoding="utf-8") as file:
        json.dump(configuration(), file)
    with open(names[1], "w", encoding="utf-8") as file:
        for number, (now, time, member) in enumerate(events):
            record = {"specversion": "1.0", "id": str(number), "source": "crowds", "type": "seen"}
            record.update(subject="a", time=show(time), _now=show(now), data={"u": member})
            file.write(json.dumps(record) + "\n")
    command = [program, "simulate", "--json", "--config", names[0], "--accounts", names[2], names[1]]
    done = subprocess.run(command, capture_output=True, check=True, timeout=600)
    with open(names[2], encoding="utf-8") as file:
        rows = json.loads(file.readline())["meters"]
    return rows, [json.loads(line) for line in done.stdout.splitlines()]


def first_at(events, level):
    """When the month holds so many members, or None."""
    seen = set()
    for now, _, member in events:
        seen.add(member)
        if len(seen) == level:
            return show(now)
    return None


def judge(program, seed):
    """What is wrong, or None."""
    events = crowd(seed)
    with tempfile.TemporaryDirectory() as folder:
        rows, triggers = play(program, events, folder)
    right = counted(events, events[-1][0])
    for row in rows:
        window = row["name"].split(".")[1]
        if window not in right:
            continue
        error = re.search(r"estimated, error ([0-9.]+)%", row.get("detail", ""))
        allowed = 4 * float(error.group(1)) / 100 * right[window] if error else 0
        if abs(int(row["value"]) - right[window]) > allowed:
            return f"{window}: {right[window]} members, headroom says {row}"
        if not error and right[window] > EXACT or error and len({m for *_, m in events}) <= EXACT:
            return f"{window}: {right[window]} members, and headroom says {row}"
    moments = {t["data"]["level"]: t["time"] for t in triggers}
    wanted = {str(level): first_at(events, level) for level in (1000, 4096)}
    wanted = {level: time for level, time in wanted.items() if time}
    return None if moments == wanted else f"fired {moments}, counted {wanted}"


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--headroom", default=os.environ.get("HEADROOM_BIN", "build/release/src/headroom")
    )
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--count", type=int, default=10)
    arguments = parser.parse_args()
    good = True
    for seed in range(arguments.first, arguments.first + arguments.count):
        found = judge(arguments.headroom, seed)
        good &= not found
        print(f"not ok crowd {seed}: {found}" if found else f"ok crowd {seed}", flush=True)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
