# SPDX-License-Identifier: Apache-2.0
"""Monitoring learns within 30 s that nothing moves, though polling goes on, and learns it again when
all is well."""
import os
import signal

from rig import scenario

from load import Load
from world import World

SECONDS = 30


def test_unhealthy_while_redis_is_away_or_commits_stall():
    with World("health") as world, world.run() as run, Load(world) as load:
        load.wait_held()
        assert run.get("/healthz")[0] == 200
        world.kill_redis()
        run.wait_status("/healthz", 503, SECONDS)
        world.start_redis()
        run.wait_status("/healthz", 200, SECONDS)
        load.wait_held()

        broker = world.services.pid("kafka")
        os.kill(broker, signal.SIGSTOP)
        try:
            run.wait_status("/healthz", 503, SECONDS)
        finally:
            os.kill(broker, signal.SIGCONT)
        run.wait_status("/healthz", 200, 60)
        world.check(load, run)


scenario.main()
