# SPDX-License-Identifier: Apache-2.0
"""The real thing, killed: three processes on a real broker and a real Redis under a load that never
rests, and faults (faults.py) as fast as what they hit comes back. Nothing of it is made for tests:
the program is the release, without failpoints, and a fault strikes from outside.

    crash.py [--kills 150] [--seed N]

The kills are dealt out in rounds, in fixed shares, and other faults beside them. After each round
everybody comes to rest, and the oracle (tests/fault/judge.py), which read the sources beside it and
knows of no fault, says what every trigger, every dead letter and every counter must be; a consumer
that reads committed and a reader of Redis say what they are. Of rules that came by a reload, which
the oracle does not know, each account must have fired once. At last Redis is compared with the
changelog, byte by byte.

The seed decides the faults. What happened when is in build/tests/crash-round-N.story; a round that
fails leaves all its logs and differences, and the data of broker and Redis, and ends the run.

The last line is JSON. `hit` counts the kills that found a transaction open or a compare-and-set
unwritten (witness.py says how that is known, and what a recovery is); four of five must. `kinds` has
for each kind of fault how many there were, how many of them hit, and its median and longest recovery;
`exits` is how many processes ended by themselves, which none should.
"""
import argparse
import json
import random
import signal
import sys
import time
import traceback
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "fault"))

from faults import Hand, carry_out, deck, shares  # noqa: E402
from fleet import Fleet  # noqa: E402
from load import Load  # noqa: E402
from stage import Services, Stage, Story  # noqa: E402
from verdict import Verdict  # noqa: E402
from witness import Witness  # noqa: E402

TESTS = Path("build/tests")
PROCESSES, VISITORS = 3, 2
A_ROUND = 150  # kills
RATE = 300  # events a second
ONCE_MS = 1000
LEAST_HIT = 0.8


class Total:
    """Over all rounds."""

    def __init__(self):
        self.faults = []
        self.events = self.triggers = self.lost = self.doubled = self.wrong_counters = 0
        self.exits = Counter()

    def add(self, faults, load, verdict):
        self.faults += faults
        self.events += load.sent
        if verdict:
            self.triggers += verdict.triggers
            self.lost += sum(verdict.lost.values())
            self.doubled += sum(verdict.doubled.values())
            self.wrong_counters += len(verdict.counters)

    def line(self, seed):
        done = [fault for fault in self.faults if fault.at is not None]
        recoveries = sorted(f.recovered_s for f in done if f.recovered_s is not None)
        return {
            "kills": sum(fault.a_kill for fault in done),
            "hit": sum(bool(fault.hit) for fault in done if fault.a_kill),
            "events": self.events,
            "triggers": self.triggers,
            "lost": self.lost,
            "doubled": self.doubled,
            "wrong_counters": self.wrong_counters,
            "recovery_p50_s": quantile(recoveries, 0.5),
            "recovery_p99_s": quantile(recoveries, 0.99),
            "recovery_max_s": quantile(recoveries, 1),
            "kinds": {kind: by_kind(done, kind) for kind in sorted({f.kind for f in done})},
            "exits": sum(self.exits.values()),
            "seed": seed,
        }


def by_kind(faults, kind):
    """[how many, how many of them hit, median and longest recovery in seconds]"""
    those = [fault for fault in faults if fault.kind == kind]
    recoveries = sorted(f.recovered_s for f in those if f.recovered_s is not None)
    hits = sum(bool(fault.hit) for fault in those)
    return [len(those), hits, quantile(recoveries, 0.5), quantile(recoveries, 1)]


def quantile(sorted_values, share):
    """The smallest value that so many do not exceed."""
    if not sorted_values:
        return None
    at = max(0, -(-len(sorted_values) * share // 1) - 1)
    return round(sorted_values[int(at)], 2)


def play(services, faults, total, number):
    """One round; fails with sentences about what is wrong."""
    with Stage(services) as world:
        story = Story(TESTS / f"crash-round-{number}.story", world.folder)
        with Fleet(world, PROCESSES, VISITORS, story) as fleet, Load(
            world, rate=RATE, once_ms=ONCE_MS
        ) as load, Witness(world, story) as witness:
            verdict = None
            try:
                load.wait_held()
                carry_out(faults, Hand(world, fleet, load, witness, story))
                wrong = come_to_rest(world, fleet, load)
                verdict = Verdict(world, load)
                wrong += verdict.wrong() + leave(world, fleet)
                if wrong:
                    story.keep(verdict)
            except Exception as error:  # a round that stands still is a verdict, too
                story.tell(traceback.format_exc())
                wrong = [str(error).split("\n", 1)[0] or type(error).__name__]
            total.add(faults, load, verdict)
            total.exits.update(fleet.exits)
            wrong += [f"process {slot} ended with {status}" for slot, status in fleet.exits]
            wrong += reports_of_sanitizers(world)
        if wrong:
            where = f"see {story.path}, {world.folder} and {services.dir}"
            raise AssertionError("; ".join([*wrong, where]))
        world.clear()


def come_to_rest(world, fleet, load):
    """What did not: the verdict then says which triggers are missing."""
    world.services.mend()
    fleet.all_up()
    for slot in fleet.slots:
        slot.run.wait_ready(90)
    try:
        load.wait_held(more=2, seconds=120)
        load.finish(seconds=120)
    except AssertionError as error:
        load.abandon()
        return [str(error)]
    return []


def leave(world, fleet):
    for slot in fleet.slots:
        assert slot.run.get("/healthz")[0] == 200, slot.run.get("/healthz")
        slot.run.stop()
        slot.run = None
    different = world.redis_is_not_the_changelog()
    return [f"Redis and the changelog differ in {different[:5]}"] if different else []


def reports_of_sanitizers(world):
    said = [log for log in world.logs if b"Sanitizer" in log.read_bytes()]
    return [f"a sanitizer has reported in {log}" for log in said[:3]]


def main():
    options = argparse.ArgumentParser(prog="crash")
    options.add_argument("--kills", type=int, default=150)
    options.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    options = options.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(130))  # nothing may stay behind
    print(f"seed {options.seed}", flush=True)
    rounds = -(-options.kills // A_ROUND)
    all_faults = deck(shares(options.kills), PROCESSES, options.seed)
    total, failed = Total(), False

    def say(good, name, why=""):
        nonlocal failed
        failed |= not good
        print(f"ok {name}" if good else f"not ok {name}: {why}", flush=True)

    with Services(PROCESSES + VISITORS) as services:
        for number in range(rounds):
            faults = all_faults[number::rounds]
            began = time.monotonic()
            try:
                play(services, faults, total, number + 1)
                say(True, f"crash.round_{number + 1}_of_{rounds}")
            except AssertionError as error:
                say(False, f"crash.round_{number + 1}_of_{rounds}", error)
                break
            finally:
                print(f"    {len(faults)} faults, {time.monotonic() - began:.0f} s", flush=True)
        line = total.line(options.seed)
        say(
            line["hit"] >= LEAST_HIT * line["kills"],
            "crash.most_hit_something_unfinished",
            f"{line['hit']} of {line['kills']}",
        )
        print(json.dumps(line), flush=True)
        if failed:
            sys.exit(3)


main()
