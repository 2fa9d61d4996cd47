# SPDX-License-Identifier: Apache-2.0
"""The broker killed, Redis killed, emptied and put back to an older copy, each in the middle of a
batch: a failpoint stops the process there, the service is broken, the process goes on."""
import signal

import rig
from rig import scenario
from rig.kafka import Record

from load import Load
from world import World


def stop_at(world, point, count):
    """A headroom that will stop there, and the load that takes it there."""
    return world.run(failpoint=f"{point}:{count}:stop")


def test_the_broker_killed_in_an_open_transaction():
    with World("broker") as world, stop_at(world, "delivered", 120) as run, Load(world) as load:
        run.wait_stopped()
        rig.until(world.open_transactions, "an open transaction")
        world.services.kill_kafka()
        run.go_on()
        world.services.start_kafka()
        world.check(load, run)


def test_redis_killed_with_the_loss_of_a_second_of_writes():
    with World("redis") as world, stop_at(world, "committed", 150) as run, Load(world) as load:
        load.wait_held()
        copy, before = world.save_redis()
        run.wait_stopped()
        rig.until(world.unwritten, "a home that was committed and is not written")
        lost = [world.marker(home)[0] - before[home] for home in range(world.homes)]
        assert all(lost), f"batches lost by home: {lost}"
        world.kill_redis()
        run.go_on()
        world.start_redis(copy)
        rig.until(lambda: run.total("headroom_takeovers_total"), "the loss to be noticed")
        world.check(load, run)


def test_redis_emptied():
    with World("wiped") as world, stop_at(world, "committed", 120) as run, Load(world) as load:
        run.wait_stopped()
        rig.until(world.unwritten, "a home that was committed and is not written")
        world.redis.flushall()
        run.go_on()
        rig.until(lambda: run.total("headroom_takeovers_total"), "the loss to be noticed")
        world.check(load, run)


def test_redis_put_back_50_batches_across_new_rules_and_an_erased_account():
    with World("old") as world, world.run() as first, Load(world) as load:
        load.extra("gone", "subscription.created", {"plan": "small", "period_start": load.day})
        load.extra("gone", "call", {"n": 100, "user": "u"}, topic=world.usage)
        load.wait_held()
        load.wait_seen("calls/gone/50pct")
        copy, before = world.save_redis()
        assert "gone" in world.views()

        del world.tree["rules"]["never"]
        world.tree["rules"]["grown"] = {"watch": "meter.calls.used", "levels": ["1%"]}
        for account in load.accounts:
            load.expect(load.id_of("grown", account.name, "1pct"))
        world.config()
        first.signal(signal.SIGHUP)
        first.wait_said("rules epoch 2 ")
        load.extra("gone", "account.erased", {})
        rig.until(lambda: "gone" not in world.views(), "the account to be erased")
        load.wait_held()
        first.kill()

        with stop_at(world, "committed", 60) as run:
            run.wait_stopped()
            rig.until(world.unwritten, "a home that was committed and is not written")
            lost = [world.marker(home)[0] - before[home] for home in range(world.homes)]
            assert min(lost) >= 50, f"batches lost by home: {lost}"
            world.kill_redis()
            run.go_on()
            world.start_redis(copy)
            rig.until(lambda: run.total("headroom_takeovers_total"), "the loss to be noticed")
            run.wait_status("/readyz", 200)
            assert "gone" not in world.views()
            # Its ids do not come again.
            load.extra("gone", "subscription.created", {"plan": "small", "period_start": load.day})
            load.extra("gone", "call", {"n": 100, "user": "u"}, topic=world.usage)
            load.expect(load.id_of("grown", "gone", "1pct", 1001))
            world.check(load, run)


def test_the_offsets_of_the_group_deleted():
    with World("offsets") as world:
        with world.run(failpoint="committed:120") as first, Load(world) as load:
            first.wait_killed()
            rig.until(world.unwritten, "a home that was committed and is not written")
            topics = [world.usage, world.billing, f"{world.name}-internal"]
            world.forget_offsets(topics)
            with world.run() as run:
                assert run.said("the group's offsets are gone; those of batch")
                world.check(load, run)


scenario.main()
