# SPDX-License-Identifier: Apache-2.0
"""kill -9 at the named points of the cycle, one child after the other under one load."""
from rig import scenario

from load import Load
from world import World

# Point, and at which time it is reached; a kill at these must leave behind what stands beside it.
OPEN, UNWRITTEN = "an open transaction", "an unwritten compare-and-set"
POINTS = (
    ("taking_over", 1, None),
    ("gathered", 60, None),
    ("decoded", 60, None),
    ("applied", 4000, None),
    ("writes_settled", 25, None),
    ("begun", 25, None),
    ("triggers_produced", 25, None),
    ("changelog_produced", 25, None),
    ("delivered", 25, OPEN),
    ("committed", 25, UNWRITTEN),
    ("one_home_written", 41, UNWRITTEN),
    ("chunk_copied", 1, None),  # the homes that the one before has not written
    ("all_homes_written", 25, None),
)


def kill_at(world, point, count, left):
    with world.start(failpoint=f"{point}:{count}") as run:
        run.wait_killed()
        assert run.said(f"^failpoint {point} reached$"), run._tail()
    return not left or (world.open_transactions() if left == OPEN else world.unwritten())


def hit(world, point, count, left):
    """Kills there; again a little later where it was the last home of a batch, or no home's."""
    for more in range(5):
        if kill_at(world, point, count + more, left):
            return
    raise AssertionError(f"{point}: never left {left} behind")


def test_killed_at_every_point_of_the_cycle():
    with World("kill") as world, world.run() as first, Load(world) as load:
        load.wait_held()
        first.kill()
        for point in POINTS:
            hit(world, *point)
        with world.run() as run:
            world.check(load, run)


scenario.main()
