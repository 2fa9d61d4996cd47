# SPDX-License-Identifier: Apache-2.0
"""What the processes stand on while they are killed: a broker, a Redis that keeps an append-only file,
and a world of topics and keys a round. What was broken is put up again beside whatever else goes on:
`mind` is called again and again."""
import json
import os
import subprocess
import time
from collections import deque

from rig import services
from world import World

HOMES = 6


class Services(services.Services):
    """A kill of Redis takes the machine's page cache with it, as a loss of power would: of what was
    written since the last sync, at most a second before, nothing is left."""

    def __init__(self):
        super().__init__("crash", REDIS_APPENDONLY="yes")
        self.starting = {}  # what: the process that starts it
        self.start_at = {}
        self.sizes = deque(maxlen=200)  # (when, file, bytes) of the append-only file

    @property
    def all_up(self):
        return not self.starting and not self.start_at

    def break_kafka(self, seconds):
        self.kill_kafka()
        self.start_at["kafka"] = time.monotonic() + seconds

    def break_redis(self, seconds, lost_s):
        """The number of bytes lost."""
        self._measure()
        self.kill_redis()
        self.start_at["redis"] = time.monotonic() + seconds
        return self._cut(time.monotonic() - lost_s)

    def mind(self):
        now = time.monotonic()
        if "redis" not in self.start_at and now - (self.sizes[-1][0] if self.sizes else 0) > 0.05:
            self._measure()
        for what in [what for what, when in self.start_at.items() if now >= when]:
            del self.start_at[what]
            self.starting[what] = subprocess.Popen(
                ["sh", services.TOP / "deploy" / "services.sh", f"start-{what}", self.dir],
                env={**os.environ, **self.environment},
            )
        for what in [what for what, child in self.starting.items() if child.poll() is not None]:
            child = self.starting.pop(what)
            assert child.returncode == 0, f"{what} does not start, see {self.dir}"

    def _newest(self):
        """The file to which Redis appends now."""
        folder = self.dir / "redis" / "appendonlydir"
        lines = (folder / "appendonly.aof.manifest").read_text().splitlines()
        return [folder / line.split(" ")[1] for line in lines if line.endswith(" type i")][-1]

    def _measure(self):
        try:
            file = self._newest()
            self.sizes.append((time.monotonic(), file, file.stat().st_size))
        except FileNotFoundError:
            pass  # written anew this very moment

    def _cut(self, until):
        file = self._newest()
        size = file.stat().st_size
        known = [its for when, name, its in self.sizes if name == file and when >= until]
        kept = min(known, default=size)
        os.truncate(file, kept)
        self.sizes.clear()
        return size - kept


class Stage(World):
    """One round's world."""

    def __init__(self, its_services):
        super().__init__("crash", homes=HOMES, usage_partitions=HOMES, its_services=its_services)

    def clear(self):
        """Nothing of it is looked at any more."""
        self.redis.flushall()
        for topic in self.kafka.topics():
            if topic.startswith(self.name):
                self.kafka.delete(topic)


class Story:
    """What happened when, in a file beside the logs."""

    def __init__(self, path):
        self.path, self.file = path, path.open("a", buffering=1)
        self.began = time.monotonic()

    def tell(self, text):
        now = time.strftime("%H:%M:%S", time.gmtime())
        print(f"{time.monotonic() - self.began:8.3f}  {now}  {text}", file=self.file)

    def keep(self, name, what):
        """All of a verdict, beside the story."""
        path = self.path.with_name(name)
        path.write_text(json.dumps(what, indent=1, default=str))
        return path
