# SPDX-License-Identifier: Apache-2.0
"""What a takeover does not put right by itself: it refuses that partition, loudly and soon, the
others go on, and the command that it names puts it right."""
import os

import rig
from rig import scenario

from load import Load
from world import World


def refused(world, pattern, homes):
    """A start that refuses these homes, says why, turns unhealthy within 30 s, and goes on with the
    others."""
    with world.start() as run:
        run.find_port()
        run.wait_status("/healthz", 503, 30)
        for home in homes:
            assert run.said(f"partition {home} is refused: {pattern}"), run._tail()
        assert f"{len(homes)} partitions are refused" in run.get("/healthz")[1]
        for home in set(range(world.homes)) - set(homes):
            its = {"topic": world.usage, "partition": str(home), "result": "counted"}
            rig.until(lambda: run.total("headroom_records_total", **its), f"home {home} to go on")
        run.stop()


def lose_tail(world, home):
    """Ends the broker as a power cut does on a disk that lied, and starts it on what is left."""
    world.services.kill_kafka()
    folder = world.services.dir / "kafka" / f"{world.changelog}-{home}"
    segment = folder / f"{0:020}.log"
    os.truncate(segment, segment.stat().st_size - 2000)
    world.services.start_kafka()


def test_a_lost_marker_and_the_three_kinds_of_restore():
    with World("restore") as world:
        with world.run(failpoint="committed:100:stop") as run, Load(world) as load:
            # A marker that is gone: Redis says nothing, the changelog everything.
            run.wait_stopped()
            assert world.unwritten(), "every home was written"
            assert world.redis.delete(f"{world.name}:{{1}}:m")
            run.go_on()
            rig.until(lambda: run.total("headroom_takeovers_total"), "the loss to be noticed")
            load.wait_held()
            run.stop()

            # Values that are gone, which no marker tells: by hand.
            found = list(world.redis.scan_iter(match=f"{world.name}:{{2}}:a:*", count=10000))
            assert world.redis.delete(*found[:5]) == 5
            world.command("restore", "--partition", "2", "--from-changelog")

            # Somebody has reset the offsets of one partition.
            world.commit(world.usage, {3: 0})
            refused(world, ".*`headroom restore --offsets` puts them back", [3])
            world.command("restore", "--partition", "3", "--offsets")

            # The broker has lost the end of a changelog that was acknowledged, and Redis has it.
            lose_tail(world, 3)
            refused(world, ".*`headroom restore --from-redis` writes it anew", [3])
            world.command("restore", "--partition", "3", "--from-redis")

            with world.run() as last:
                world.check(load, last)


scenario.main()
