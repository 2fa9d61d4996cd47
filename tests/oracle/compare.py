#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Plays random histories through `headroom simulate` and the oracle, and tells the first difference.

    compare.py --headroom build/release/src/headroom [--first 1] [--count 100] [--keep DIR] [--all]
    compare.py --headroom … --config FILE --input FILE.ndjson       one history of one's own

Order is promised within an account, so triggers are compared account by account: id, type, cause or
reason, and of what fired its value. Prints `ok SEED` or `not ok SEED: …` a history; exit status 1
unless all are equal.
"""

import argparse
import collections
import json
import os
import subprocess
import sys
import tempfile
from fractions import Fraction

import histories
from oracle import Oracle, shown
from settings import load


def number(text):
    """A value as a number cut after four places, however it is written."""
    try:
        text = str(text)
        value = Fraction(text[:-1]) / 100 if text.endswith("%") else Fraction(text.split(" ")[0])
        return int(value * 10_000)
    except ValueError:
        return text


def essence(trigger):
    data = trigger["data"]
    fired = trigger["type"].endswith("fired")
    return (
        trigger["id"],
        "fired" if fired else "resolved",
        data.get("cause") if fired else data.get("reason"),
        number(data.get("value")) if fired else None,
        bool(data.get("late")),
    )


def by_account(triggers):
    accounts = collections.defaultdict(list)
    for trigger in triggers:
        accounts[trigger["subject"]].append(trigger)
    return accounts


def expected(config, records):
    oracle = Oracle(load(config))
    with open(records, "rb") as file:
        for line in file:
            if line.strip():
                oracle.feed(line.rstrip(b"\n"))
    oracle.tick(oracle.clock)
    return [json.loads(shown(t)) for t in oracle.triggers], oracle


def actual(program, config, records):
    done = subprocess.run(
        [program, "simulate", "--config", config, records],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        check=False,
        timeout=600,
    )
    if done.returncode:
        raise RuntimeError(
            f"exit status {done.returncode}: {done.stderr.decode(errors='replace')[-2000:]}"
        )
    triggers = [json.loads(line) for line in done.stdout.decode().splitlines() if line.strip()]
    return [t for t in triggers if t["data"].get("mode") != "shadow"]


def difference(want, have):
    """(account, place) of the difference that is decided first, or None."""
    want, have = by_account(want), by_account(have)
    found = []
    for account in sorted(set(want) | set(have)):
        left, right = [essence(t) for t in want[account]], [essence(t) for t in have[account]]
        if left != right:
            place = next(
                (i for i, (a, b) in enumerate(zip(left, right)) if a != b),
                min(len(left), len(right)),
            )
            moments = [
                ts[place].get("time", "")
                for ts in (want[account], have[account])
                if place < len(ts)
            ]
            found.append((min(moments), account, place))
    if not found:
        return None
    _, account, place = min(found)
    return account, place, want[account], have[account]


def story(config, records, found, last=12):
    """What happened to the account up to there, and what each side made of it."""
    account, place, want, have = found
    sides = [ts[place] if place < len(ts) else None for ts in (want, have)]
    until = max(t["time"] for t in sides if t)
    lines, told = [], []
    with open(records, encoding="utf-8", errors="replace") as file:
        for row, line in enumerate(file, 1):
            try:
                record = json.loads(line)
                about = record["subject"] == account or account in json.dumps(record["data"])
                about = about or record["subject"].startswith(account + "-")
                if about and record["_now"][:23] <= until[:23]:
                    time = "" if record["time"] == record["_now"] else f" time={record['time']}"
                    told.append(
                        f"  {row:5d} {record['_now']} {record['subject']} {record['type']} "
                        f"{json.dumps(record['data'])} id={record['id']}{time}"
                    )
            except (ValueError, KeyError, TypeError):
                continue
    rules = load(config)["rules"]
    named = {t["data"]["rule"] for t in sides if t}
    lines += [
        f"  rule {name}: {json.dumps(rules[name])}" for name in sorted(named) if name in rules
    ]
    lines += told[-last:]
    for before in want[max(0, place - 3) : place]:
        lines.append(f"  both    {before['time']} {essence(before)}")
    for side, trigger in zip(("oracle", "headroom"), sides):
        lines.append(
            f"  {side:8s}{trigger['time']} {essence(trigger)} value {trigger['data'].get('value')}"
            if trigger
            else f"  {side:8s}nothing more"
        )
    return f"account {account}, trigger {place + 1}\n" + "\n".join(lines)


def compare(program, name, config, records):
    want, _ = expected(config, records)
    try:
        have = actual(program, config, records)
    except (OSError, RuntimeError, subprocess.TimeoutExpired, ValueError) as error:
        print(f"not ok {name}: {error}")
        return False
    found = difference(want, have)
    if found:
        print(f"not ok {name}: {story(config, records, found)}")
        return False
    print(f"ok {name} ({len(want)} triggers)")
    return True


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--headroom", default=os.environ.get("HEADROOM_BIN", "build/release/src/headroom")
    )
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--keep", help="folder in which the histories stay")
    parser.add_argument("--all", action="store_true", help="go on after the first difference")
    parser.add_argument("--config")
    parser.add_argument("--input")
    arguments = parser.parse_args()
    if arguments.input:
        sys.exit(
            0 if compare(arguments.headroom, "history", arguments.config, arguments.input) else 1
        )
    good = True
    with tempfile.TemporaryDirectory() as scratch:
        for seed in range(arguments.first, arguments.first + arguments.count):
            folder = os.path.join(arguments.keep or scratch, f"history-{seed}")
            good &= compare(arguments.headroom, f"history {seed}", *histories.write(seed, folder))
            if not good and not arguments.all:
                break
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
