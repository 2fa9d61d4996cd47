#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Plays random histories through `headroom simulate` and the oracle, and tells the first difference.

    compare.py --headroom build/release/src/headroom [--first 1] [--count 100] [--keep DIR] [--all]
    compare.py --headroom … --config FILE --input FILE.ndjson       one history of one's own

Order is promised within an account, so triggers are compared account by account: id, type, cause or
reason, and of what fired its value; what shadow rules decide, likewise and apart. Then the dead
letters, line by line, and how many records were counted, repeated and ignored; and no id may come
twice. Prints `ok SEED` or `not ok SEED: …` a history; exit status 1 unless all are equal.
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

COUNTS = ("counted", "duplicate", "ignored", "dead_lettered")


def number(text):
    """A value as a number cut after four places, however it is written. A share of nothing has none."""
    if text in (None, "inf", "-inf"):
        return None
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
        shadow = " (shadow)" if trigger["data"]["mode"] == "shadow" else ""
        accounts[trigger["subject"] + shadow].append(trigger)
    return accounts


def expected(config, records):
    oracle = Oracle(load(config))
    with open(records, "rb") as file:
        for line in file:
            if line.strip():
                oracle.feed(line.rstrip(b"\n"))
    oracle.tick(oracle.clock)
    triggers = [json.loads(shown(t)) for t in oracle.triggers + oracle.shadow]
    letters = [(letter["record"], letter["reason"]) for letter in oracle.dead_letters]
    return triggers, letters, {name: oracle.counts[name] for name in COUNTS}


def lines_of(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def actual(program, config, records):
    with tempfile.TemporaryDirectory() as folder:
        letters, summary = os.path.join(folder, "letters"), os.path.join(folder, "summary")
        done = subprocess.run(
            [program, "simulate", "--config", config, "--shadow", "--dead-letters", letters]
            + ["--summary", summary, records],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            check=False,
            timeout=600,
        )
        if done.returncode:
            error = done.stderr.decode(errors="replace")[-2000:]
            raise RuntimeError(f"exit status {done.returncode}: {error}")
        triggers = [json.loads(line) for line in done.stdout.decode().splitlines() if line.strip()]
        found = [(letter["line"], letter["reason"]) for letter in lines_of(letters)]
        counts = lines_of(summary)[0]
    return triggers, found, {name: counts[name] for name in COUNTS}


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
    account = account.split(" ")[0]
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
    want, want_letters, want_counts = expected(config, records)
    try:
        have, have_letters, have_counts = actual(program, config, records)
    except (OSError, RuntimeError, subprocess.TimeoutExpired, ValueError) as error:
        print(f"not ok {name}: {error}")
        return False
    apart = sorted(set(want_letters) ^ set(have_letters))
    if apart:
        line, reason = apart[0]
        side = "the oracle" if apart[0] in want_letters else "headroom"
        print(f"not ok {name}: line {line} is a dead letter, {reason}, to {side} alone")
        return False
    if want_counts != have_counts:
        print(f"not ok {name}: the oracle counts {want_counts}, headroom {have_counts}")
        return False
    ids = collections.Counter(trigger["id"] for trigger in have)
    twice = sorted(one for one, count in ids.items() if count > 1)
    if twice:
        print(f"not ok {name}: the id {twice[0]} comes twice")
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
