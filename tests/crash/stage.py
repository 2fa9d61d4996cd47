# SPDX-License-Identifier: Apache-2.0
"""What the processes stand on while they are killed: a broker and a Redis that keeps an append-only
file, each process behind a network of its own to both, and a world of topics and keys a round. What was
broken is put up again beside whatever else goes on: `mind` is called again and again."""
import json
import os
import resource
import shutil
import signal
import subprocess
import time
from collections import deque

from proxy import Network
from rig import services
from world import World

HOMES = 6


KAFKA_DELAY_MS, REDIS_DELAY_MS = 4, 2
UNLIMITED = resource.RLIM_INFINITY


def free_ports(count):
    command = ["sh", services.TOP / "deploy" / "services.sh", "free-port", "."]
    found = []
    while len(found) < count:
        port = int(subprocess.check_output(command))
        if port not in found:
            found.append(port)
    return found


class Services(services.Services):
    """A broker that tells every process another address, so that each has a way of its own to it; and
    a Redis whose kill takes the machine's page cache with it, as a loss of power would: of what was
    written since the last sync, at most a second before, nothing is left."""

    def __init__(self, slots):
        self.slots = slots
        self.own, control, *self.listen = free_ports(2 + slots)
        self.network = Network([KAFKA_DELAY_MS] * slots + [REDIS_DELAY_MS] * slots)
        self.offered, self.to_redis = self.network.ports[:slots], self.network.ports[slots:]
        super().__init__("crash", REDIS_APPENDONLY="yes", KAFKA_CONFIG=self._listeners(control))
        self.starting = {}  # what: the process that starts it
        self.start_at = {}
        self.full_until = None  # the disk of Redis
        self.ways = {}  # slot: until when its way to one of both is broken, and the lane
        self.sizes = deque(maxlen=200)  # (when, file, bytes) of the append-only file

    def _listeners(self, control):
        names = [f"P{slot}" for slot in range(self.slots)]
        own = f"PLAINTEXT://127.0.0.1:{self.own}"
        heard = [f"{name}://127.0.0.1:{port}" for name, port in zip(names, self.listen)]
        told = [f"{name}://127.0.0.1:{port}" for name, port in zip(names, self.offered)]
        plain = ["PLAINTEXT", "CONTROLLER", *names]
        return "\n".join(
            (
                f"listeners={','.join([own, f'CONTROLLER://127.0.0.1:{control}', *heard])}",
                f"advertised.listeners={','.join([own, *told])}",
                f"listener.security.protocol.map={','.join(f'{n}:PLAINTEXT' for n in plain)}",
                f"controller.quorum.voters=1@127.0.0.1:{control}",
            )
        )

    def __enter__(self):
        super().__enter__()
        self.pids = {what: self.pid(what) for what in ("kafka", "redis")}
        for lane, port in enumerate(self.listen + [self.redis_port] * self.slots):
            self.network.say("to", lane, port)
        return self

    def __exit__(self, *exception):
        self.network.end()
        super().__exit__(*exception)

    def _read(self):
        super()._read()
        self.brokers = f"127.0.0.1:{self.own}"

    def _run(self, command, *options):
        """A limit to the size of files is an error to Redis, not its end: the signal stays ignored,
        as it is in this process."""
        subprocess.run(
            ["sh", services.TOP / "deploy" / "services.sh", command, self.dir, *options],
            check=True,
            env={**os.environ, **self.environment},
            restore_signals=False,
        )

    @property
    def all_up(self):
        return not self.starting and not self.start_at

    def kill_at_once(self, what):
        """Between this and a question asked before there is no time for anything."""
        os.kill(self.pids[what], signal.SIGKILL)

    def break_kafka(self, seconds):
        self.kill_at_once("kafka")
        self.kill_kafka()
        self.start_at["kafka"] = time.monotonic() + seconds

    def break_redis(self, seconds, lost_s):
        """The number of bytes lost."""
        self.kill_at_once("redis")
        now = time.monotonic()
        self._measure()
        self.kill_redis()
        self.full_until = None
        self.start_at["redis"] = now + seconds
        return self._cut(now - lost_s)

    def fill_disk(self, seconds):
        """From now on the append-only file cannot grow: what a full disk answers."""
        size = self._newest().stat().st_size
        self.full_until = time.monotonic() + seconds
        resource.prlimit(self.pid("redis"), resource.RLIMIT_FSIZE, (size, UNLIMITED))

    def free_disk(self):
        self.full_until = None
        resource.prlimit(self.pid("redis"), resource.RLIMIT_FSIZE, (UNLIMITED, UNLIMITED))

    def break_way(self, word, slot, to_redis, seconds):
        """word: "cut" or "stall"."""
        lane = slot + (self.slots if to_redis else 0)
        self.network.say(word, lane)
        self.ways[slot] = time.monotonic() + seconds, lane

    def mend_way(self, slot):
        self.network.say("flow", self.ways.pop(slot)[1])

    def mend(self):
        """Nothing but broker and Redis themselves may still be away when this returns."""
        for slot in list(self.ways):
            self.mend_way(slot)
        if self.full_until is not None:
            self.free_disk()

    def mind(self):
        now = time.monotonic()
        for slot in [slot for slot, (until, _) in self.ways.items() if now >= until]:
            self.mend_way(slot)
        if self.full_until is not None and now >= self.full_until:
            self.free_disk()
        if "redis" not in self.start_at and now - (self.sizes[-1][0] if self.sizes else 0) > 0.05:
            self._measure()
        for what in [what for what, when in self.start_at.items() if now >= when]:
            del self.start_at[what]
            self.starting[what] = subprocess.Popen(
                ["sh", services.TOP / "deploy" / "services.sh", f"start-{what}", self.dir],
                env={**os.environ, **self.environment},
                restore_signals=False,
            )
        for what in [what for what, child in self.starting.items() if child.poll() is not None]:
            child = self.starting.pop(what)
            if child.returncode and what == "redis" and self._refuses_its_file():
                self._move_file_away()
                self.start_at[what] = now
                continue
            assert child.returncode == 0, f"{what} does not start, see {self.dir}"
            self.pids[what] = self.pid(what)

    def _newest(self):
        """The file to which Redis appends now."""
        folder = self.dir / "redis" / "appendonlydir"
        lines = (folder / "appendonly.aof.manifest").read_text().splitlines()
        return [folder / line.split(" ")[1] for line in lines if line.endswith(" type i")][-1]

    def _refuses_its_file(self):
        said = (self.dir / "redis.log").read_text().splitlines()[-1]
        return "append only file" in said or "not the last file" in said

    def _move_file_away(self):
        """Redis 7.0 may leave half a command where the disk was full and write on behind it; it does
        not read that again. Its operator, who cannot mend it either, lets it start empty."""
        folder = self.dir / "redis" / "appendonlydir"
        folder.rename(self.dir / f"refused-{time.monotonic_ns()}")
        print("    Redis refused its own file after a full disk: it starts empty", flush=True)

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
        self.later = 0

    def settings(self, instance):
        tree = super().settings(instance)
        tree["kafka"] = {
            **tree["kafka"],
            "brokers": f"127.0.0.1:{self.services.offered[instance]}",
        }
        port = self.services.to_redis[instance]
        tree["redis"] = {**tree["redis"], "url": f"redis://127.0.0.1:{port}"}
        return tree

    def add_rule(self):
        """The name of a rule more in everybody's configuration, one that every account is beyond."""
        self.later += 1
        name = f"later-{self.later}"
        self.tree["rules"][name] = {"watch": "meter.calls.used", "levels": ["1%"]}
        for slot in range(self.services.slots):
            self.config(slot)
        return name

    def clear(self):
        """Nothing of it is looked at any more."""
        self.redis.flushall()
        for topic in self.kafka.topics():
            if topic.startswith(self.name):
                self.kafka.delete(topic)


class Story:
    """What happened when, and all that a verdict found, in the folder of a round's logs."""

    def __init__(self, path, folder):
        self.path, self.folder = path, folder
        self.file = path.open("w", buffering=1)
        self.began = time.monotonic()

    def tell(self, text):
        now = time.strftime("%H:%M:%S", time.gmtime())
        print(f"{time.monotonic() - self.began:8.3f}  {now}  {text}", file=self.file)

    def keep(self, verdict):
        shutil.copy(self.path, self.folder)
        found = {
            name: [[list(key), value] for key, value in its.items()]
            for name, its in vars(verdict).items()
            if isinstance(its, dict)
        }
        (self.folder / "differences.json").write_text(json.dumps(found, indent=1, default=str))
