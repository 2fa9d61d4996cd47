# SPDX-License-Identifier: Apache-2.0
"""kill -9 at the named points of the cycle, one child after the other under one load. What each kill
has left behind is read from the broker and from Redis before the next start."""
from rig import scenario

from load import Load
from world import COPIED, NOTHING, OPEN, SETTLED, UNDECIDED, UNWRITTEN, World

# Point, at which time it is reached, and what a kill there must leave behind.
POINTS = (
    ("taking_over", 1, SETTLED),
    ("gathered", 60, NOTHING),
    ("decoded", 60, NOTHING),
    ("applied", 4000, NOTHING),
    ("writes_settled", 25, NOTHING),
    ("begun", 25, NOTHING),
    ("triggers_produced", 25, UNDECIDED),
    ("changelog_produced", 25, UNDECIDED),
    ("delivered", 25, OPEN),
    ("committed", 25, UNWRITTEN),
    ("one_home_written", 41, UNWRITTEN),
    ("chunk_copied", 1, COPIED),  # the homes that the one before has not written
    ("all_homes_written", 25, NOTHING),
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
