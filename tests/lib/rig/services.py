# SPDX-License-Identifier: Apache-2.0
"""The private Redis and Kafka of deploy/services.sh: the shared ones of a run, or a pair of one's
own for a test that breaks them."""
import os
import shutil
import subprocess
from pathlib import Path

import rig

TOP = Path(__file__).resolve().parents[3]


class Services:
    """`with Services("takeover") as services:` starts a fresh pair and ends it at the end.

    Its folder stays behind when the test failed."""

    def __init__(self, name, kafka=True, redis=True, **environment):
        """environment: what services.sh reads, such as REDIS_APPENDONLY="yes"."""
        self.dir = TOP / "build" / "tests" / rig.unique(name)
        self.options = [] if kafka and redis else ["--no-redis" if kafka else "--no-kafka"]
        self.environment = environment
        self.brokers = self.redis_url = self.redis_port = None

    def __enter__(self):
        try:
            self._run("start", *self.options)
        except BaseException:
            self._run("stop")
            raise
        self._read()
        return self

    def __exit__(self, *exception):
        self._run("stop")
        if exception[0] is None:
            shutil.rmtree(self.dir)

    def _run(self, command, *options):
        subprocess.run(
            ["sh", TOP / "deploy" / "services.sh", command, self.dir, *options],
            check=True,
            env={**os.environ, **self.environment},
        )

    def _read(self):
        known = dict(line.split("=", 1) for line in (self.dir / "env").read_text().split())
        self.brokers = known.get("KAFKA_BROKERS")
        self.redis_url = known.get("REDIS_URL")
        self.redis_port = int(known.get("REDIS_PORT", 0))

    def pid(self, name):
        return int((self.dir / f"{name}.pid").read_text())

    def start_kafka(self):
        self._run("start-kafka")

    def stop_kafka(self):
        self._run("stop-kafka")

    def kill_kafka(self):
        self._run("kill-kafka")

    def start_redis(self):
        self._run("start-redis")

    def stop_redis(self):
        self._run("stop-redis")

    def kill_redis(self):
        self._run("kill-redis")


def alive(pid):
    """False also for what has ended and was not waited for by its parent."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


def shared():
    """The pair that tests/lib/with_services has started for this run. Nobody may break it."""
    services = Services("shared")
    services.dir = Path(os.environ["SERVICES_DIR"]).resolve()
    services._read()
    return services
