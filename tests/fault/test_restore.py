# SPDX-License-Identifier: Apache-2.0
"""What a takeover does not put right by itself: it refuses that partition, loudly and soon, the
others go on, and the command that it names puts it right."""
import os
import shlex
import signal

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


def views(world):
    """Without the moment at which time was last at work on an account: it is at least once a day."""
    return {a: {n: v for n, v in view.items() if n != "updated"} for a, view in world.views().items()}


def same_views(world, before):
    after = views(world)
    changed = {a: (before.get(a), after.get(a)) for a in before.keys() | after.keys()}
    changed = {a: views for a, views in changed.items() if views[0] != views[1]}
    assert not changed, f"{len(changed)} of {len(before)}, such as {list(changed.items())[:2]}"


def asks_for(run, seconds=60):
    """The command that a waiting processor names, without its program's name."""
    return shlex.split(run.wait_said("`headroom ([^`]*--from-redis)`", seconds)[1])


def test_a_changelog_that_was_deleted():
    with World("deleted") as world:
        with world.run() as run, Load(world) as load:
            load.wait_held()
            # New rules, so that there is more than one epoch to write back.
            world.tree["rules"]["calls"]["levels"].append("1000%")
            world.config()
            run.signal(signal.SIGHUP)
            run.wait_said("rules epoch 2 .* is announced")
            copy, _ = world.save_redis()
            load.wait_held()
            world.kafka.delete(world.changelog)
            run.wait_said(f"{world.changelog} does not exist; `headroom topics create`", 60)
            run.stop()  # the load goes on
            before = world.kafka.committed(world.name, world.usage)

            with world.start() as refused:
                refused.wait_end(status=1)
                assert refused.said(f"{world.changelog}: there is no such topic"), refused._tail()
                named = refused.said("`headroom (topics create)` makes it")[1]
            world.command(*named.split())

            with world.start() as waiting:
                waiting.find_port()
                waiting.wait_status("/healthz", 503)
                repair = asks_for(waiting)
                assert "nothing goes on by itself" in waiting.get("/healthz")[1]
                waiting.stop()
            assert repair == ["restore", "--from-redis"], repair
            assert world.kafka.committed(world.name, world.usage) == before, "somebody has gone on"

            # It ends half way: that is no changelog, and the same command makes it one.
            world.command(*repair, status=-9, failpoint="committed:3")
            with world.start() as waiting:
                repair = asks_for(waiting)
                waiting.stop()
            world.command(*repair)
            world.command("restore", "--from-redis")  # what is whole stays whole
            assert world.kafka.committed(world.name, world.usage) == before, "it has gone on"

            with world.run() as last:
                world.check(load, last)
            epochs = {r.key for r in world.kafka.read(world.changelog) if r.key.startswith(b"man")}
            assert epochs == {b"manifest:1", b"manifest:2"}, epochs

            # It is all there: Redis is made anew of it. A copy of Redis from the time of the old
            # log names offsets that mean nothing in the new one.
            before = views(world)
            world.command("restore", "--from-changelog")
            same_views(world, before)
            world.kill_redis()
            world.start_redis(copy)
            with world.run() as last:
                assert last.said("Redis is older than the changelog, which was written anew")
                last.stop()
            same_views(world, before)
            world.check_redis_is_the_changelog()


def test_a_lost_marker_and_the_three_kinds_of_restore():
    with World("restore") as world:
        with world.run(failpoint="committed:100:stop") as run, Load(world) as load:
            # A marker that is gone: Redis says nothing, the changelog everything.
            run.wait_stopped()
            rig.until(world.unwritten, "a home that was committed and is not written")
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
            refused(world, ".*`headroom restore --partition 3 --from-redis` writes it anew", [3])
            world.command("restore", "--partition", "3", "--from-redis")

            with world.run() as last:
                world.check(load, last)


scenario.main()
