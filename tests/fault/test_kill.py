# SPDX-License-Identifier: Apache-2.0
"""kill -9 at the named points of the cycle, one child after the other under one load."""
from rig import scenario

from load import Load
from world import OPEN, UNWRITTEN, World

# Point, and at which time it is reached; a kill at these must leave behind what stands beside it.
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


def test_killed_at_every_point_of_the_cycle():
    with World("kill") as world, world.run() as first, Load(world) as load:
        load.wait_held()
        first.kill()
        for point in POINTS:
            world.kill_at(*point)
        with world.run() as run:
            world.check(load, run)


scenario.main()
