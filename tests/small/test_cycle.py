# SPDX-License-Identifier: Apache-2.0
"""Each allocation of the cycle fails once: of starts, takeovers, copies, batches, changes of rules,
restores. In the simulation, which has all of them in one thread; what a process that has ended so
leaves behind is what a kill leaves there, and those the simulation has everywhere.

SMALL_CYCLE=N: one allocation in N; `tests/small/run --all` has each, some 100,000."""
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import everything
from rig import scenario
from rig.headroom import PROGRAM

SIMULATION = PROGRAM.parents[1] / "tests/sim/sim"
LIBRARY = PROGRAM.parents[1] / "tests/small/libsmall_every.so"
STEP = os.environ.get("SMALL_CYCLE", "499")
PARTS = ("rules are now", "read changelog", "timers of home", "submit", "CRASH", "LOSES all",
    "RESTORES from Redis", "RESTORES from the changelog", "RESTORES the offsets")
ALLOCATIONS = {"malloc", "calloc", "realloc", "aligned_alloc", "mmap"}


def world_of_all_parts():
    """The first that has them all, and batches enough."""
    for seed in range(1, 2000):
        world = ["--seed", str(seed), "--runs", "1", "--operators"]
        story = subprocess.run([SIMULATION, *world, "--story"], capture_output=True, text=True, check=True).stdout
        batches = json.loads(story.splitlines()[-1])["batches"]
        if batches > 80 and all(part in story for part in PARTS):
            return world
    raise AssertionError("no world has all parts")


def test_each_allocation_of_the_cycle_fails():
    world = world_of_all_parts()
    os.environ["SMALL_ALLOCATIONS"] = STEP
    folder = Path(tempfile.mkdtemp(prefix="small-"))
    children, itself, status, wanted = everything.run(
        SIMULATION, LIBRARY, world, folder, step=1 << 30
    )
    sums = json.loads(wanted)
    assert status == 0 and sums["wrong"] == 0, sums
    assert itself.number > 30_000, f"{itself.number} calls"
    children = [child for child in children if child.what in ALLOCATIONS]
    wrong, went_on = everything.judge(children, itself, status, wanted)  # the C library sorts without
    wrong += [f"{child}: which word" for child in children if child.status and "memory" not in child.said]
    print(
        f"    {' '.join(world)}: {len(children)} of {itself.number} calls failed once ({everything.describe(children)}):"
        f" {went_on} made no difference, {len(children) - went_on} ended in an error"
    )
    assert len(children) > 50 and not wrong, f"{len(wrong)} of {len(children)}: " + "; ".join(wrong[:3])
    shutil.rmtree(folder)


scenario.main()
