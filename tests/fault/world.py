# SPDX-License-Identifier: Apache-2.0
"""One processor's world for a fault: topics, configuration and keys with names of its own on the
group's broker and Redis (which a scenario may break: scenarios run one after another), the evidence
of what a fault has hit, and what must hold afterwards whatever it was."""
import json
import shutil
import signal
import tempfile
from pathlib import Path

import redis
from confluent_kafka import Consumer, KafkaException, TopicPartition

import rig
from points import armed
from rig import headroom, librdkafka, metrics, services
from rig.kafka import Kafka
from verdict import Verdict

# What a kill may leave behind in the broker and in Redis.
OPEN, UNWRITTEN = "an open transaction", "an unwritten compare-and-set"

TREE = {
    "start": {"live_from": "2020-01-01"},
    "dedup": {"memory": "8MiB"},
    "meters": {
        "calls": {"event": "call", "aggregate": "sum", "value": "/n", "limit": "calls"},
        "seats": {"event": "seats", "aggregate": "latest", "value": "/n", "limit": "seats"},
        "load": {"event": "load", "aggregate": "latest", "value": "/n", "limit": "load"},
        "users": {"event": "call", "aggregate": "unique", "value": "/user", "windows": ["24h"]},
    },
    "plans": {"small": {"limits": {"calls": 200, "seats": 100, "load": 100}}},
    "rules": {
        "calls": {
            "watch": "meter.calls.used",
            "levels": ["5%", "10%", "20%", "30%", "50%", "75%", "100%", "150%", "200%"],
        },
        "seats": {"watch": "meter.seats.used", "levels": ["80%", "100%"], "rearm": "5%"},
        "held": {"watch": "meter.load.used", "levels": ["50%"], "for": "1s"},
        "never": {"watch": "meter.seats.used", "levels": ["70%"], "for": "30d"},
        "mood": {"watch": "account.mood", "levels": [10], "rearm": 2, "category": "risk"},
    },
}


class World:
    """`with World("kill") as world:`; a broker and a Redis other than the group's may be given."""

    def __init__(self, name, homes=4, usage_partitions=4, its_services=None, **tree):
        self.homes = homes
        self.name = rig.unique(name)
        self.services = its_services or services.shared()
        self.kafka = Kafka(self.services.brokers)
        self.redis = redis.Redis(port=self.services.redis_port)
        self.usage, self.billing = f"{self.name}-usage", f"{self.name}-billing"
        self.triggers, self.dead = f"{self.name}-triggers", f"{self.name}-dead"
        self.changelog = f"{self.name}-changelog"
        self.kafka.create(self.usage, usage_partitions, retention_ms=-1)
        self.kafka.create(self.billing, homes, retention_ms=-1)
        self.folder = Path(tempfile.mkdtemp(prefix=f"{name}-"))
        self.logs = []
        self.tree = {
            "kafka": {
                "brokers": self.services.brokers,
                "group": self.name,
                "session": "6s",
                "transaction": "5s",
            },
            "redis": {"url": self.services.redis_url, "prefix": self.name},
            "http": {"listen": "127.0.0.1:0"},
            "sources": [{"topic": self.usage}, {"topic": self.billing}],
            "triggers": {"topic": self.triggers},
            "dead_letters": {"topic": self.dead},
            **json.loads(json.dumps(TREE)),
            **tree,
        }
        wanted = {self.usage, self.billing}
        rig.until(lambda: wanted <= set(self.kafka.topics()), "the sources' topics")
        self.command("topics", "create", "--partitions", str(homes))

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        if exception[0] is None:
            shutil.rmtree(self.folder)
        else:
            print(f"    see {self.folder}")

    def config(self, instance=0):
        return headroom.write_config(
            self.folder / f"headroom-{instance}.json", self.settings(instance)
        )

    def settings(self, instance):
        return {**self.tree, "instance": str(instance)}

    def command(self, *arguments, status=0, seconds=60, failpoint=None):
        """(standard output, standard error) as text."""
        environment = self._armed(failpoint)
        out, said = headroom.command(
            *arguments,
            "--config",
            self.config(),
            status=status,
            seconds=seconds,
            environment=environment,
        )
        return out.decode(), said.decode()

    def _armed(self, failpoint):
        if not failpoint:
            return {}
        return armed(self.folder / rig.unique("points"), failpoint).environment

    def start(self, instance=0, failpoint=None, points=None):
        """headroom, just started; its port is known as soon as it says so."""
        log = self.folder / f"run-{len(self.logs)}.log"
        log.write_bytes(b"")
        self.logs.append(log)
        environment = points.environment if points else self._armed(failpoint)
        return Run(self.config(instance), log, environment=environment)

    def run(self, **options):
        """headroom, once it is ready."""
        run = self.start(**options)
        try:
            run.wait_ready()
        except BaseException:
            run.__exit__()
            raise
        return run

    # Breaking things

    def save_redis(self):
        """A copy of Redis as it is now: a file to start it from, and every home's sequence in it."""
        self.redis.save()
        copy = self.folder / "old.rdb"
        shutil.copy(self.services.dir / "redis" / "dump.rdb", copy)
        return copy, [self.marker(home)[0] for home in range(self.homes)]

    def kill_redis(self):
        self.services.kill_redis()
        self.redis.connection_pool.disconnect()

    def start_redis(self, copy=None):
        """On the data of its last end, or on a copy of older ones."""
        if copy:
            shutil.copy(copy, self.services.dir / "redis" / "dump.rdb")
        self.services.start_redis()

    def forget_offsets(self, topics):
        """Once the dead member's session is over and the group is empty."""

        self._once_empty(
            lambda: self.kafka.forget_offsets(self.name, topics), "GROUP_SUBSCRIBED_TO_TOPIC"
        )

    def commit(self, topic, offsets):
        """Partition: offset, in the group's name; also once it is empty."""
        self._once_empty(
            lambda: self.kafka.commit(self.name, topic, offsets), "UNKNOWN_MEMBER_ID"
        )

    def _once_empty(self, call, refusal):
        def done():
            try:
                call()
            except (AssertionError, KafkaException) as error:
                assert refusal in str(error), error
                return False
            return True

        rig.until(done, "the group to be empty")

    def kill_at(self, point, count, left):
        """Starts headroom to be killed there: again, later and later, until the kill has left behind
        what it is meant to. (A batch may be of one home, or of none.)"""
        for more in range(12):
            with self.start(failpoint=f"{point}:{count + more**2}") as run:
                run.wait_killed()
                assert run.said(f"^failpoint {point.upper()} reached$"), run._tail()
            if self.open_transactions() if left == OPEN else self.unwritten():
                return
        raise AssertionError(f"{point}: never left {left} behind")

    # Evidence

    def marker(self, home):
        """(sequence, offset of its header in the changelog) of what Redis holds."""
        text = self.redis.get(f"{self.name}:{{{home}}}:m")
        if text is None:
            return 0, -1
        words = text.decode().split(" ")
        return int(words[1]), int(words[3])

    def committed(self, *homes):
        """By home, or of this one: the sequence that the group's committed offsets name; 0: none."""
        asked = [(f"{self.name}-internal", home) for home in homes or range(self.homes)]
        found = librdkafka.committed(self.services.brokers, self.name, asked)
        found = [0 if offset is None else int(text.split(" ")[1]) for offset, text in found]
        return found[0] if homes else found

    def unwritten(self):
        """Homes whose last committed batch Redis does not have. The broker may say a moment after a
        commit what it commits."""
        committed = self.committed()
        return [home for home in range(self.homes) if committed[home] > self.marker(home)[0]]

    def open_transactions(self):
        """Topic-partitions of headroom's whose end a pending transaction holds back."""
        held = []
        sides = [self._reader(level) for level in ("read_committed", "read_uncommitted")]
        try:
            for topic in (self.changelog, self.triggers, f"{self.name}-internal", self.dead):
                for n in range(self.kafka.topics()[topic]):
                    stable, last = (
                        side.get_watermark_offsets(TopicPartition(topic, n), timeout=30)[1]
                        for side in sides
                    )
                    if stable < last:
                        held.append((topic, n))
        finally:
            for side in sides:
                side.close()
        return held

    def _reader(self, level):
        return Consumer(
            {
                **self.kafka.settings,
                "group.id": "evidence",
                "enable.auto.commit": False,
                "enable.partition.eof": True,
                "isolation.level": level,
                "auto.offset.reset": "error",
                "fetch.wait.max.ms": 50,
            }
        )

    # What must hold

    def views(self):
        """Account: its readable fields in Redis."""
        keys = list(self.redis.scan_iter(match=f"{self.name}:{{*}}:v:*", count=10000))
        pipe = self.redis.pipeline(transaction=False)
        for key in keys:
            pipe.hgetall(key)
        return {
            key.decode().split(":v:", 1)[1]: {
                name.decode(): value.decode() for name, value in fields.items()
            }
            for key, fields in zip(keys, pipe.execute())
        }

    def check(self, load, *runs):
        """After the load has ended: no trigger lost or doubled, every counter right, every record
        accounted for, everybody healthy; then everybody leaves, and Redis is the changelog."""
        load.wait_held(more=2)
        load.wait_again()
        load.finish()
        wrong = Verdict(self, load).wrong()
        assert not wrong, "; ".join(wrong)
        for run in runs:
            assert run.get("/healthz")[0] == 200, run.get("/healthz")
        for run in runs:
            run.stop()
        self.check_redis_is_the_changelog()

    def check_redis_is_the_changelog(self):
        different = self.redis_is_not_the_changelog()
        assert not different, f"Redis and the changelog differ in {different[:5]}"

    def redis_is_not_the_changelog(self):
        """Keys that are not, byte by byte, as the changelog's last committed record has them."""
        told = {}
        for record in self.kafka.read(self.changelog):
            if record.key != b"h" and not record.key.startswith((b"manifest:", b"foreign:")):
                told[record.partition, record.key] = record.value
        told = {key: value for key, value in told.items() if value is not None}
        held = {}
        for key in self.redis.scan_iter(match=f"{self.name}:{{*}}:*", count=10000):
            home, rest = key[len(self.name) + 2 :].split(b"}:", 1)
            if rest not in (b"m", b"due") and not rest.startswith(b"v:"):
                held[int(home), rest] = self.redis.get(key)
        return sorted(key for key in told.keys() | held.keys() if told.get(key) != held.get(key))


class Run(headroom.Run):
    def wait_ready(self, seconds=30):
        self.find_port(seconds)
        self.wait_status("/readyz", 200, seconds)
        return self

    def find_port(self, seconds=30):
        port = self.wait_said(r"on port (\d+)", seconds)[1]
        self.http = f"127.0.0.1:{port}"

    def wait_stopped(self, seconds=60):
        """Until a failpoint has stopped it; it goes on by `go_on`."""
        state = Path(f"/proc/{self.child.pid}/status")
        self._until(lambda: "\nState:\tT" in state.read_text(), "its stop", seconds)
        assert self.said("^failpoint .* reached$"), self._tail()

    def go_on(self):
        self.signal(signal.SIGCONT)

    def wait_killed(self, seconds=30):
        """Until a failpoint has ended it; what it said last."""
        ended = self.child.wait(seconds)
        assert ended == -9, f"ended with {ended}: {self._tail()}"

    def total(self, name, **labels):
        return metrics.total(self.metrics(), name, **labels)
