# SPDX-License-Identifier: Apache-2.0
"""Topics as they are: a usage topic of 48 partitions beside a billing topic of 6, both keyed by
librdkafka's own default hash, calls without a key or under an alias. All of it goes home over the
internal topic, through the same faults. And sources that come and go while processes are replaced one
after the other.

The oracle does not judge `held` here. What is forwarded stands in an internal partition in the order
in which its readers sent it, and is applied in that order. While a source is behind, a record may
stand before one with an earlier timestamp; it is applied by T, which that one holds back, so its
`for: 1s` may begin by so much before its own timestamp. The oracle knows timestamps alone, and where
the load's answer comes within that it sees no second pass. The load knows every cycle, id by id."""
import time

import rig
from rig import scenario
from rig.kafka import Record

from load import Load
from world import OPEN, UNWRITTEN, World


def test_other_partition_counts_and_hashes_killed_in_the_middle():
    with World("taps", homes=6, usage_partitions=48) as world:
        with world.run() as first, Load(
            world, partitioner="consistent_random", calls_without_key=True, judge_held=False
        ) as load:
            load.wait_held()
            first.kill()
            world.kill_at("delivered", 40, OPEN)
            world.kill_at("committed", 40, UNWRITTEN)
            with world.run() as run:
                load.wait_held()
                for topic in (world.usage, world.billing, f"{world.name}-internal"):
                    assert run.total("headroom_records_total", topic=topic, result="forwarded")
                world.check(load, run)


def replaced(world, runs):
    """One after the other, each well within the session. While only one of them reads a home topic,
    that one has its partitions and not all of their homes, which it refuses."""
    fresh = []
    for n, run in enumerate(runs):
        run.stop()
        fresh.append(world.start(instance=n))
        fresh[n].find_port()
        time.sleep(1)
    for run in fresh:
        run.wait_ready()
    return fresh


def follows(runs, homes):
    """T of every home is the wall clock: nobody waits for a source that nobody reads."""

    def now():
        times = [
            run.total("headroom_partition_time_seconds", partition=str(home))
            for run in runs
            for home in range(homes)
        ]
        return sum(each > time.time() - 4 for each in times) == homes

    rig.until(now, "time to go on in every home")


def test_sources_that_come_and_go_while_processes_are_replaced():
    with World("added", homes=2, usage_partitions=2) as world:
        more, clicks = f"{world.name}-more", f"{world.name}-clicks"
        world.kafka.create(more, 2, retention_ms=-1)
        world.kafka.create(clicks, 3, retention_ms=-1)
        before = world.tree["sources"]
        runs = [world.start(instance=n) for n in range(2)]
        for run in runs:
            run.wait_ready()
        world.kafka.produce(
            [Record(topic, b"{}", partition=n) for topic in (more, clicks) for n in range(2)]
        )
        world.tree["sources"] = [*before, {"topic": more}, {"topic": clicks}]
        runs = replaced(world, runs)
        follows(runs, 2)
        for topic in (more, clicks):
            its = {"topic": topic, "result": "read"}
            rig.until(
                lambda its=its: sum(run.total("headroom_records_total", **its) for run in runs) == 2,
                f"{topic} to be read",
            )
        runs = replaced(world, runs)
        assert not any(run.said("asking anew") for run in runs), "the same sources again"
        world.tree["sources"] = before
        runs = replaced(world, runs)
        follows(runs, 2)
        for run in runs:
            run.stop()


scenario.main()
