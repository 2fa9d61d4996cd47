# SPDX-License-Identifier: Apache-2.0
"""Topics as they are: a usage topic of 48 partitions beside a billing topic of 6, both keyed by
librdkafka's own default hash, calls without a key or under an alias. All of it goes home over the
internal topic, through the same faults.

The oracle does not judge `held` here. What is forwarded stands in an internal partition in the order
in which its readers sent it, and is applied in that order. While a source is behind, a record may
stand before one with an earlier timestamp; it is applied by T, which that one holds back, so its
`for: 1s` may begin by so much before its own timestamp. The oracle knows timestamps alone, and where
the load's answer comes within that it sees no second pass. The load knows every cycle, id by id."""
from rig import scenario

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


scenario.main()
