#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Plays random histories through `headroom simulate` and the oracle, and tells where they differ.

    compare.py [--headroom PROGRAM] [--first 1] [--count 100] [--jobs 2] [--keep DIR]
    compare.py [--headroom PROGRAM] --config FILE --input FILE.ndjson     a history of one's own

`--first SEED --count 1` plays one history again, and tells the story of its first difference.

Order is promised within an account, so triggers are compared account by account: id, time, type, cause or
reason, value (but of what ends with a subscription, a name or a rule), meter and limit, and of what fired its forecast, the plan recommended, the rows of
the score that hold, tier, segment, who speaks and how; what shadow rules decide, likewise and apart. Then the dead
letters, line by line, how many records were counted, repeated and ignored, and every account as it
is at the end: its period, limits, facts, the value of every meter in every window, what is open and
what waits; and every row of the books. No id may come twice.

Histories that share a configuration are played together, since most of a short one would be the
start of a process. Some are played a second time with more ticks. Where the two differ each is played alone, so that what is told is small. Prints
a line for so many histories and a line for each that differs, and at the end what was seen how often;
exit status 1 unless all are equal.
"""

import argparse
import collections
import itertools
import json
import multiprocessing
import os
import random
import re
import subprocess
import sys
import tempfile
import time
import traceback
from fractions import Fraction

import histories
from moments import parse_time, show
from oracle import Oracle, shown
from settings import load

COUNTS = ("counted", "duplicate", "ignored", "dead_lettered")
A_LINE = 1000  # histories
UNJUDGED = "subscription_ended", "moved", "rule_changed"  # with no look at the signal
NAMED = ("meter", "feature", "product", "adoption", "limit", "value", "interest", "milestone")
WINDOW = re.compile(r"[0-9]+[mhd]|day|week|month|period")
COLUMNS = {"revenue": 9, "stages": 2, "deals": 5, "fires": 6, "unrated": 2}
TICKED = 10  # of so many configurations one is played again with more ticks

Played = collections.namedtuple("Played", "triggers letters counts accounts books named", defaults=[0])


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
    """What of a trigger does not hang on when a process came to decide it."""
    data = trigger["data"]
    fired = trigger["type"].endswith("fired")
    return (
        trigger["id"],
        "fired" if fired else "resolved",
        data.get("cause") if fired else data.get("reason"),
        number(data.get("value")) if fired else None,
        bool(data.get("late")),
        tuple(data["forecast"].values()) if "forecast" in data else None,
        recommendation(data.get("recommend")) if fired else None,
    )


def in_full(trigger):
    """And what hangs on how events about other things came before it."""
    data = trigger["data"]
    fired = trigger["type"].endswith("fired")
    value = None if data.get("reason") in UNJUDGED else number(data.get("value"))
    return essence(trigger), value, meter(data.get("meter", {})), fired and advice(data)


def advice(data):
    """The oracle's, or what headroom says in its own way."""
    if "advice" in data:
        return tuple(tuple(v) if isinstance(v, list) else v for v in data["advice"].values())
    points = tuple(part["points"] for part in data["score"]["parts"])
    assert sum(points) == data["score"]["total"], data["score"]
    playbook = data["playbook"] and data["playbook"]["name"]
    assert playbook == data["route"]["playbook"], data["route"]
    audience = tuple(data["route"]["audience"])
    return points, data["score"]["tier"], data["segment"], audience, data["route"]["owner"], playbook


def meter(part):
    return part.get("name"), *(number(part.get(name)) for name in ("value", "limit", "share"))


def recommendation(told):
    return told and (told["plan"], told["from"], number(told["mrr_delta"]), told["currency"])


def by_account(triggers):
    accounts = collections.defaultdict(list)
    for trigger in triggers:
        mode = trigger["data"]["mode"]
        accounts[trigger["subject"] + ("" if mode == "live" else f" ({mode})")].append(trigger)
    return accounts


# --- both sides


def expected(config, records):
    oracle = Oracle(load(config))
    with open(records, "rb") as file:
        for line in file:
            if line.strip():
                oracle.feed(line.rstrip(b"\n"))
    oracle.tick(oracle.clock)
    return Played(
        [json.loads(shown(t)) for t in oracle.triggers + oracle.shadow],
        [(letter["record"], letter["reason"]) for letter in oracle.dead_letters],
        {name: oracle.counts[name] for name in COUNTS},
        oracle.views(),
        oracle.booked(),
        sum(account.outcomes.named for account in oracle.accounts.values()),
    )


def lines_of(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def view(account):
    """One account as headroom describes it, in the oracle's shape; an alias is the name it leads to."""
    rows = {
        section: {row["name"]: row for row in account.get(section, ())}
        for section in ("account", "limits", "meters", "attributes", "episodes", "waiting")
    }
    of = rows["account"]
    if "alias_of" in of:
        return of["alias_of"]["value"]
    out = {
        section: {name: row["value"] for name, row in rows[section].items()}
        for section in ("limits", "meters", "attributes", "episodes", "waiting")
    }
    out["meters"] = {
        name: value
        for name, value in out["meters"].items()
        if "[" not in name or value not in ("", "0", "0%")
    }
    until = of["period"]["detail"].removeprefix("until ")
    return {"period": [of["period"]["value"], until], "zone": of["zone"]["value"], **out}


def actual(program, config, records, folder, *options):
    files = {name: os.path.join(folder, name) for name in ("letters", "summary", "accounts", "books")}
    done = subprocess.run(
        [program, "simulate", "--config", config, "--shadow", "--dead-letters", files["letters"]]
        + ["--summary", files["summary"], "--accounts", files["accounts"]]
        + ["--books", files["books"], *options, f"usage={records}"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        check=False,
        timeout=600,
    )
    if done.returncode:
        error = done.stderr.decode(errors="replace")[-2000:]
        raise RuntimeError(f"exit status {done.returncode}: {error}")
    counts = lines_of(files["summary"])[0]
    return Played(
        [json.loads(line) for line in done.stdout.decode().splitlines() if line.strip()],
        [(letter["line"], letter["reason"]) for letter in lines_of(files["letters"])],
        {name: counts[name] for name in COUNTS},
        {account["id"]: view(account) for account in lines_of(files["accounts"])},
        {(r["book"], r["month"], r["label"]): r["columns"] for r in lines_of(files["books"])},
    )


# --- what differs


def behind_the_record(triggers):
    """In the moment in which a source is heard again, what it had held back is told behind what the
    record did that came from it: SEMANTICS gives those two no order, headroom does. What either of them
    fires may have waited by time alone."""
    out = []
    for _, same in itertools.groupby(triggers, key=lambda trigger: trigger["time"]):
        same = list(same)
        waited = [trigger for trigger in same if trigger["data"].get("cause") == "time"]
        out += [trigger for trigger in same if trigger not in waited]
        out += sorted(waited, key=lambda trigger: trigger["id"])
    return out


def first_trigger(want, have, falls_silent):
    """(account, place, wanted, had) of the difference that is decided first, or None."""
    want, have = by_account(want), by_account(have)
    if falls_silent:
        want, have = (
            collections.defaultdict(list, {name: behind_the_record(ts) for name, ts in side.items()})
            for side in (want, have)
        )
    found = []
    for account in sorted(set(want) | set(have)):
        left, right = ([(t["time"], in_full(t)) for t in ts] for ts in (want[account], have[account]))
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


def told_of(account, records, until):
    """The records about an account up to a moment, a line each."""
    with open(records, encoding="utf-8", errors="replace") as file:
        for row, line in enumerate(file, 1):
            try:
                record = json.loads(line)
                about = record["subject"] == account or account in json.dumps(record["data"])
                about = about or record["subject"].startswith(account + "-")
                if about and record["_now"][:23] <= until[:23]:
                    at = "" if record["time"] == record["_now"] else f" time={record['time']}"
                    yield (
                        f"  {row:5d} {record['_now']} {record['subject']} {record['type']} "
                        f"{json.dumps(record['data'])} id={record['id']}{at}"
                    )
            except (ValueError, KeyError, TypeError):
                continue


def story(config, records, found, last=12):
    """What happened to the account up to there, and what each side made of it."""
    account, place, want, have = found
    account = account.split(" ")[0]
    sides = [ts[place] if place < len(ts) else None for ts in (want, have)]
    rules = load(config)["rules"]
    named = {t["data"]["rule"] for t in sides if t}
    lines = [f"account {account}, trigger {place + 1}"]
    lines += [
        f"  rule {name}: {json.dumps(rules[name])}" for name in sorted(named) if name in rules
    ]
    lines += list(told_of(account, records, max(t["time"] for t in sides if t)))[-last:]
    for before in want[max(0, place - 3) : place]:
        lines.append(f"  both    {before['time']} {in_full(before)}")
    for side, trigger in zip(("oracle", "headroom"), sides):
        lines.append(
            f"  {side:8s}{trigger['time']} {in_full(trigger)} value {trigger['data'].get('value')}"
            if trigger
            else f"  {side:8s}nothing more"
        )
    return "\n".join(lines)


def agreed(want, have):
    """headroom's view with the oracle's reasons where the one that it shows is among them."""
    if isinstance(want, dict) and isinstance(have, dict):
        for name, reason in have["waiting"].items():
            if reason in want["waiting"].get(name, ()):
                have["waiting"][name] = want["waiting"][name]
    return have


def parts(want, have):
    """What differs between two views: `part.name: oracle …, headroom …`."""
    if not isinstance(want, dict) or not isinstance(have, dict):
        return [f"oracle {want}, headroom {have}"]
    out = []
    for part in sorted(set(want) | set(have)):
        left, right = want.get(part), have.get(part)
        if isinstance(left, dict) and isinstance(right, dict):
            out += [f"{part} {one}" for one in parts(left, right)]
        elif left != right:
            out.append(f"{part}: oracle {left}, headroom {right}")
    return out


def compared(rows):
    """The rows of books that say something."""
    return {key: columns[: COLUMNS[key[0]]] for key, columns in rows.items() if any(columns)}


def difference(config, records, want, have):
    """What differs first, in words, or None."""
    apart = sorted(set(want.letters) ^ set(have.letters))
    if apart:
        line, reason = apart[0]
        side = "the oracle" if apart[0] in want.letters else "headroom"
        return f"line {line} is a dead letter, {reason}, to {side} alone"
    if want.counts != have.counts:
        return f"the oracle counts {want.counts}, headroom {have.counts}"
    ids = collections.Counter(trigger["id"] for trigger in have.triggers)
    twice = sorted(one for one, count in ids.items() if count > 1)
    if twice:
        return f"the id {twice[0]} comes twice"
    falls_silent = any("silent_after" in source for source in load(config)["sources"])
    found = first_trigger(want.triggers, have.triggers, falls_silent)
    if found:
        return story(config, records, found)
    for name in sorted(set(want.accounts) | set(have.accounts)):
        left = want.accounts.get(name)
        right = agreed(left, have.accounts.get(name))
        if left != right:
            lines = [f"account {name} at the end"] + list(told_of(name, records, "9"))[-12:]
            return "\n".join(lines + ["  " + one for one in parts(left, right)])
    left, right = compared(want.books), compared(have.books)
    if left != right:
        lines = [f"the books, {key}: oracle {left.get(key)}, headroom {right.get(key)}"
                 for key in sorted(set(left) | set(right)) if left.get(key) != right.get(key)]
        return "\n".join(lines)
    return None


# --- histories


def compare(program, config, records, folder, ticked=True):
    """(what was seen, difference or None) of a history."""
    try:
        want = expected(config, records)
    except Exception:  # the other histories go on
        return collections.Counter(), "the oracle: " + traceback.format_exc()
    try:
        have = actual(program, config, records, folder)
    except (OSError, RuntimeError, subprocess.TimeoutExpired, ValueError) as error:
        return collections.Counter(), str(error)
    found = difference(config, records, want, have)
    if not found and ticked:
        found = ticking(program, config, records, folder)
    return seen(want), found


def shape(signal):
    """Without names and windows."""
    parts = signal.split("[")[0].split(".") + signal.rpartition("].")[2].split(".") * ("[" in signal)
    if len(parts) > 1 and parts[0] in NAMED:
        parts[1] = "*"
    return ".".join(parts[:-1] + ["W" if WINDOW.fullmatch(parts[-1]) else parts[-1]])


def seen(played):
    """How many triggers, plans that they recommend, and upgrades that name theirs; in how many histories a signal fired; in how
    many configurations a book has a row."""
    fired = {
        (trigger["subject"].split("-")[0], shape(trigger["data"]["signal"]))
        for trigger in played.triggers
        if trigger["type"].endswith("fired")
    }
    rows = {
        f"{book} {label.partition('=')[0] if book == 'fires' else ''}".strip()
        for (book, _, label), columns in played.books.items()
        if any(columns)
    }
    rows |= {"revenue amended"} if any(c[8] for c in played.books.values() if len(c) > 8) else set()
    out = collections.Counter(f"{signal} fired" for _, signal in fired)
    out.update(f"books, {row}" for row in rows)
    out["upgrades whose event names their trigger"] = played.named
    out["triggers"] = len(played.triggers)
    plans = [trigger["data"]["recommend"] for trigger in played.triggers if "recommend" in trigger["data"]]
    out["plans recommended"] = len(plans)
    out["plans recommended, their MRR unknown"] = sum(plan["mrr_delta"] is None for plan in plans)
    return out


def ticking(program, config, records, folder):
    """What ticking more often changes, in words, or None: between the records come others that nothing
    asks for, which do nothing but move the clock; they come from another source. Not a byte of an
    account's triggers may differ."""
    rng, more, before = random.Random(records), os.path.join(folder, "more.ndjson"), None
    with open(records, "rb") as file, open(more, "wb") as out:
        for line in file:
            try:
                now = parse_time(json.loads(line)["_now"])
            except (ValueError, KeyError):
                now = before
            for moment in sorted(rng.randint(before or now, now) for _ in range(rng.choice([0, 0, 1, 3]))):
                tick = {"specversion": "1.0", "id": str(rng.random()), "source": "clock", "type": "tick"}
                tick.update({"subject": rng.choice("xyz"), "_now": show(moment)})
                out.write(json.dumps(tick).encode() + b"\n")
            before = now
    with open(config, encoding="utf-8") as file:
        tree = json.load(file)
    tree["sources"].append({"topic": "clock"})
    two = os.path.join(folder, "two.json")
    with open(two, "w", encoding="utf-8") as file:
        json.dump(tree, file)
    once, often = (simulate(program, two, f"usage={records}", *ticks) for ticks in ((), (f"clock={more}",)))
    for account in sorted(set(once) | set(often)):
        for left, right in itertools.zip_longest(once[account], often[account]):
            if left != right:
                return f"ticking more often, {more}, changes\n  {left}\n  to\n  {right}"
    return None


def simulate(program, config, *records):
    """The triggers as they are printed, account by account: in one moment of several nothing is promised."""
    command = [program, "simulate", "--config", config, "--shadow", "--json", *records]
    done = subprocess.run(command, capture_output=True, check=True, timeout=600)
    accounts = collections.defaultdict(list)
    for line in done.stdout.decode().splitlines():
        accounts[json.loads(line)["subject"]].append(line)
    return accounts


def play(program, seeds, keep):
    """(what was seen, (seed, difference) of each history that differs) of one configuration."""
    with tempfile.TemporaryDirectory() as scratch:

        def play_some(some):
            folder = os.path.join(keep or scratch, "history-" + "-".join(map(str, some)))
            ticked = len(some) == 1 or some[0] // len(some) % TICKED == 0
            return compare(program, *histories.write(some, folder), folder, ticked)

        was_seen, found = play_some(seeds)
        if not found or len(seeds) == 1:
            return was_seen, [(seeds[0], found)] if found else []
        alone = [(seed, play_some([seed])[1]) for seed in seeds]
        alone = [(seed, one) for seed, one in alone if one]
        return was_seen, alone or [(seeds[0], f"only together with {seeds[1:]}: {found}")]


def play_all(arguments):
    """Whether both sides agree on all histories."""
    last, shared = arguments.first + arguments.count - 1, histories.SHARED
    groups = collections.defaultdict(list)
    for seed in range(arguments.first, last + 1):
        groups[(seed - 1) // shared].append(seed)
    tasks = [(arguments.headroom, seeds, arguments.keep) for seeds in groups.values()]
    begun, since, triggers, bad, total_bad = time.monotonic(), arguments.first, 0, 0, 0
    total_seen = collections.Counter()
    with multiprocessing.Pool(arguments.jobs) as pool:
        for task, (count, differing) in zip(tasks, pool.imap(play_task, tasks)):
            for seed, found in differing:
                print(f"not ok history {seed}: {found}", flush=True)
            triggers, total_seen = triggers + count["triggers"], total_seen + count
            bad, total_bad = bad + len(differing), total_bad + len(differing)
            seed = task[1][-1]
            if seed == last or seed + 1 - since >= A_LINE:
                equal = "" if not bad else f", {bad} of them not"
                print(f"{'not ' * bool(bad)}ok histories {since} to {seed} are the same{equal}", end="")
                print(f" ({triggers} triggers)", flush=True)
                since, triggers, bad = seed + 1, 0, 0
    for what, times in sorted(total_seen.items()):
        print(f"{times:7d}  {what}")
    spent = time.monotonic() - begun
    print(f"{arguments.count} histories in {spent:.0f} s, {arguments.count / spent:.0f} a second")
    return not total_bad


def play_task(task):
    return play(*task)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--headroom", default=os.environ.get("HEADROOM_BIN", "build/release/src/headroom")
    )
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--keep", help="folder in which the histories stay")
    parser.add_argument("--config")
    parser.add_argument("--input")
    arguments = parser.parse_args()
    if not os.access(arguments.headroom, os.X_OK):
        parser.error(f"there is no program {arguments.headroom}")
    if arguments.input:
        with tempfile.TemporaryDirectory() as folder:
            triggers, found = compare(
                arguments.headroom, arguments.config, arguments.input, folder
            )
        print(f"not ok history: {found}" if found else f"ok history ({triggers['triggers']} triggers)")
        sys.exit(1 if found else 0)
    sys.exit(0 if play_all(arguments) else 1)


if __name__ == "__main__":
    main()
