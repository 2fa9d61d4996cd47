# SPDX-License-Identifier: Apache-2.0
"""Two processes share the work. One is killed, and one is stopped past its session: its partitions
move to the other, and what it held in its hands when it wakes up counts for nothing."""
import rig
from rig import scenario

from load import Load
from world import World


def homes_of(run):
    """How many homes are live in this process."""
    return sum(
        value == 1 for name, _, value in run.metrics() if name == "headroom_partition_state"
    )


def other_has_all(world, other):
    rig.until(lambda: homes_of(other) == world.homes, "the other to own every home", 60)


def asleep_past_its_session(world, load, other, left):
    """Instance 0 stopped in the middle of a batch until instance 1 has all; then it wakes up."""
    point = "delivered" if left == world.open_transactions else "committed"
    with world.start(failpoint=f"{point}:60:stop") as run:
        run.wait_stopped()
        rig.until(left, f"what {point} leaves behind")
        other_has_all(world, other)
        load.wait_once()  # what the sleeper has in its hands is stale by now
        run.find_port()
        run.go_on()
        # It says what it found, joins again, and shares the work.
        rig.until(lambda: run.total("headroom_takeovers_total"), "the sleeper to notice")
        rig.until(lambda: 0 < homes_of(run) < world.homes, "the sleeper to share again", 60)
        run.kill()


def test_one_stopped_past_its_session_then_killed():
    with World("two") as world, world.run(instance=1) as other, Load(world) as load:
        asleep_past_its_session(world, load, other, world.open_transactions)
        other_has_all(world, other)
        asleep_past_its_session(world, load, other, world.unwritten)
        with world.start(failpoint="one_home_written:60") as run:
            run.wait_killed()
        other_has_all(world, other)
        with world.run() as run:
            world.check(load, run, other)


scenario.main()
