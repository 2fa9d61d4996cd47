# SPDX-License-Identifier: Apache-2.0
"""What runs beside the loop: the HTTP server's thread and those of librdkafka. They share metric
cells, the health of the pipeline and the log."""
import os
import signal
import sys
import threading
from pathlib import Path

import rig
from rig import headroom, metrics, scenario

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "floods"))
from world import Flood  # noqa: E402

os.environ["LD_PRELOAD"] = os.environ["HEADROOM_PRELOAD"]  # c11_threads.c
ASKERS = 4
EVENTS, ACCOUNTS = 20_000, 500
TREE = {
    "meters": {"calls": {"event": "call", "aggregate": "sum", "value": "/n"}},
    "rules": {"busy": {"watch": "meter.calls.period", "levels": [str(EVENTS // ACCOUNTS)]}},
}


class Askers:
    """Threads that ask for everything all the time, and how often each was answered."""

    def __init__(self, run):
        self.ended, self.answers = threading.Event(), [0] * ASKERS
        self.threads = [
            threading.Thread(target=self._ask, args=(run, n), daemon=True) for n in range(ASKERS)
        ]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *exception):
        self.ended.set()
        for thread in self.threads:
            thread.join(30)

    def _ask(self, run, n):
        while not self.ended.wait(0.01):
            for path in ("/metrics", "/healthz", "/readyz", "/nothing"):
                self.answers[n] += run.get(path)[0] != 0


def started(flood):
    flood.log.write_bytes(b"")
    run = headroom.Run(flood.config, flood.log)
    run.http = f"127.0.0.1:{run.wait_said('on port ([0-9]+)', 60)[1]}"
    run.wait_status("/readyz", 200, 120)
    return run


def drained(flood, run):
    def all_read():
        read = metrics.total(run.metrics(), "headroom_records_total", topic=flood.topic, result="read")
        return read >= flood.sent

    rig.until(all_read, f"{flood.sent} records to be read", 240)


def check(flood):
    names = [f"a{n}" for n in range(ACCOUNTS)]
    level = str(EVENTS // ACCOUNTS)
    flood.check_fields((name, {"calls.period": level}) for name in names)
    flood.check_triggers({(name, "busy", level, "fired"): 1 for name in names})


def test_asked_while_it_processes():
    with Flood("asked", TREE) as flood:
        flood.pour(flood.event(f"a{n % ACCOUNTS}", '{"n":1}') for n in range(EVENTS))
        with started(flood) as run, Askers(run) as askers:
            run.signal(signal.SIGHUP)
            drained(flood, run)
            run.signal(signal.SIGHUP)
            already = sum(askers.answers)
            rig.until(lambda: sum(askers.answers) > already + 40, "answers", 60)
            run.stop(seconds=120)
        check(flood)


def test_asked_while_its_services_die():
    """Redis comes back empty and is copied to from the changelog; the broker comes back as it was."""
    with Flood("deaths", TREE) as flood:
        flood.pour(flood.event(f"a{n % ACCOUNTS}", '{"n":1}') for n in range(EVENTS // 2))
        with started(flood) as run, Askers(run):
            flood.services.kill_redis()
            flood.redis.connection_pool.disconnect()
            flood.pour(flood.event(f"a{n % ACCOUNTS}", '{"n":1}') for n in range(EVENTS // 4))
            flood.services.start_redis()
            flood.services.kill_kafka()
            flood.services.start_kafka()
            flood.pour(flood.event(f"a{n % ACCOUNTS}", '{"n":1}') for n in range(EVENTS // 4))

            def counted():
                try:
                    check(flood)
                except AssertionError:
                    return False
                return True

            rig.until(counted, "all to be counted", 240)
            run.stop(seconds=120)


scenario.main()
