# SPDX-License-Identifier: Apache-2.0
"""The program itself, on a real broker and a real Redis under load: each call of once.c that it makes
of the system, of hiredis and of librdkafka fails once, in a process that is one of two. It goes on,
or it ends with a word and status 1 and is started again; at the end the oracle compares everything.

SMALL_TIMES=N: each call N times, at other moments; CI has one, `tests/small/run --all` five."""
import mmap
import os
import re
import struct
import sys
import time
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests" / "fault"))

import rig  # noqa: E402
from load import Load  # noqa: E402
from rig import scenario  # noqa: E402
from rig.headroom import PROGRAM  # noqa: E402
from world import World  # noqa: E402

LIBRARY = PROGRAM.parents[1] / "tests/small/libsmall_once.so"
CALLS = re.findall(r"\bCALL\((\w+)\) +\\$", Path(__file__).with_name("once.c").read_text(), re.M)
CALLS += re.findall(r"\bCALL\((\w+)\)$", Path(__file__).with_name("once.c").read_text(), re.M)
TIMES = int(os.environ.get("SMALL_TIMES", "1"))
CELL = struct.Struct("=3I")  # made, left, failed
RATE = 500

# What is made only when something else has failed.
BEFORE = {"rd_kafka_abort_transaction": "rd_kafka_header_add"}
# Not made by a process that is level, and has topics of its own for all it reads.
OTHERS = {"rd_kafka_pause_partitions", "rd_kafka_consume_start_queue", "rd_kafka_consume_queue"}


class Calls:
    """What two processes share with this one: one file each."""

    def __init__(self, path):
        path.write_bytes(bytes(CELL.size * len(CALLS)))
        with path.open("r+b") as file:
            self.cells = mmap.mmap(file.fileno(), 0)
        self.environment = {"LD_PRELOAD": str(LIBRARY), "SMALL_CELLS": str(path.resolve())}

    def arm(self, call, count=1):
        struct.pack_into("=I", self.cells, CALLS.index(call) * CELL.size + 4, count)

    def disarm(self):
        for call in CALLS:
            self.arm(call, 0)

    def made(self, call):
        return CELL.unpack_from(self.cells, CALLS.index(call) * CELL.size)[0]

    def failed(self, call):
        return CELL.unpack_from(self.cells, CALLS.index(call) * CELL.size)[2]


class Victim:
    def __init__(self, world):
        self.world, self.calls = world, Calls(world.folder / "calls")
        self.run, self.outcomes = None, {}
        self.start()

    def start(self):
        self.run = self.world.start(instance=0, points=self.calls)
        self.run.http = None

    def ended(self):
        return self.run.child.poll() is not None

    def works(self):
        if self.ended():
            self.judge_end()
            self.start()
        if not self.run.http:
            found = self.run.said(r"on port (\d+)")
            self.run.http = found and f"127.0.0.1:{found[1]}"
            return False
        status, _ = self.run.get("/metrics")
        return status == 200 and any(
            name == "headroom_partition_state" and value == 1
            for name, _, value in self.run.metrics()
        )

    def judge_end(self):
        """With a word, and not by a signal."""
        self.end = self.run.child.returncode
        last = self.run._tail()
        assert self.end == 1, f"{self.now} failed: ended with {self.end}: {last}"
        assert last, f"{self.now} failed: ended without a word"

    def fail(self, call, count):
        """Once; by a takeover, or the first of a start, if it is not made while all is well."""
        self.now, self.end = call, None
        rig.until(self.works, f"the process to work before {call} fails", 60)
        before = self.calls.failed(call)
        self.calls.arm(BEFORE.get(call, call), count)
        if call in BEFORE:
            self.calls.arm(call)
        hit = lambda: self.calls.failed(call) > before  # noqa: E731
        for bring_about in (None, self.take_over, *[self.restart] * 3):
            if bring_about:
                bring_about()
            end = time.monotonic() + (10 if bring_about == self.restart else 0.5)
            while not hit() and time.monotonic() < end:
                time.sleep(0.01)
            if hit():
                break
        assert hit(), f"{call} was not made"
        self.calls.disarm()
        rig.until(self.works, f"the process to work after {call} failed", 60)
        self.outcomes[call] = "ended, status 1" if self.end else "went on"

    def take_over(self):
        for home in range(self.world.homes):
            self.world.redis.delete(f"{self.world.name}:{{{home}}}:m")

    def restart(self):
        if not self.ended():
            self.run.kill()
        self.calls.arm(self.now)
        self.start()


def test_each_call_fails():
    began = time.monotonic()
    with World("small") as world, world.run(instance=1) as other:
        with Load(world, rate=RATE) as load:
            victim = Victim(world)
            try:
                for time_ in range(TIMES):
                    for call in CALLS:
                        if call not in OTHERS:
                            victim.fail(call, 1 + time_ * (997 if "alloc" in call else 17))
                    load.wait_held()
                world.check(load, victim.run, other)
            finally:
                victim.run.__exit__()
                for call in CALLS:
                    print(
                        f"    {call:36} made {victim.calls.made(call):7},"
                        f" failed {victim.calls.failed(call)}: {victim.outcomes.get(call, '-')}"
                    )
                print(f"    {time.monotonic() - began:.0f} s")


scenario.main()
