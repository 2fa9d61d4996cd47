# SPDX-License-Identifier: Apache-2.0
"""A flood: records are put into Kafka, then one headroom drains them, watched all the time.

    with Flood("whale", tree) as flood:
        flood.pour(flood.event("acme", 1) for …)
        with flood.drained():
            …
        flood.report(…)

What is asserted of every flood, beside what the scenario itself knows of its counts and triggers:

  exact     each record read became one of counted, duplicate, dead letter; as many as were sent
  no stall  nobody was thrown out of the group and no batch was lost, it was healthy all the time,
            and each partition with records left got on from its first one, counted in commits: the
            others had a turn or two, not more, beside what had been fetched of them before
  memory    the largest resident size of the process is at most `account_memory`, the ids with the
            table that finds them (twice `dedup.memory`), two batches (one is being collected, one
            written) and what the program needs beside them

Times are printed and never asserted."""
import argparse
import datetime as dt
import itertools
import json
import re
import shutil
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

import redis

import rig
from rig import headroom, metrics, services
from rig.kafka import Kafka, Record, send

PARTITIONS = 4
MIB = 1 << 20
BATCH = 8 * MIB
DEDUP = 4 * MIB
# The program itself, whatever comes: librdkafka fetches 128 MiB or 400,000 records ahead and writes
# almost as much beside them; what of it waits, a slice, what is being sent.
BESIDE = 384 * MIB
GATHERED, BYTES_EACH = 8192, 256  # src/pipeline: records polled in one turn, what one may change
NOW = dt.datetime.now(dt.timezone.utc)


def full_size():
    """`--full`: as large as it is meant, not as large as there is time for in every run."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--full", action="store_true")
    found, sys.argv[1:] = parser.parse_known_args()
    return found.full


FULL = full_size()


def sized(small, full):
    return full if FULL else small


def size(bytes):
    return f"{bytes >> 10}KiB"


def stamp(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class Flood:
    def __init__(self, name, tree, account_memory=64 * MIB, partitions=PARTITIONS, dedup=DEDUP):
        self.title = name
        self.name = rig.unique(name)
        self.services = services.shared()
        self.kafka = Kafka(self.services.brokers)
        self.redis = redis.Redis(port=self.services.redis_port)
        self.topic = f"{self.name}-usage"
        self.partitions = partitions
        self.folder = Path(tempfile.mkdtemp(prefix=f"{name}-"))
        self.config = self.folder / "headroom.json"
        self.log = self.folder / "headroom.log"
        self.account_memory = account_memory
        self.limit = account_memory + 2 * dedup + 2 * BATCH + BESIDE
        self.sent, self.ids = 0, itertools.count()
        self.figures = {"flood": name}
        self.tree = {
            "kafka": {"brokers": self.services.brokers, "group": self.name},
            "redis": {"url": self.services.redis_url, "prefix": self.name},
            "http": {"listen": "127.0.0.1:0"},
            "sources": [{"topic": self.topic}],
            "triggers": {"topic": f"{self.name}-triggers"},
            "dead_letters": {"topic": f"{self.name}-dead"},
            "start": {"live_from": "2020-01-01"},
            "dedup": {"memory": size(dedup)},
            "limits": {"account_memory": size(account_memory), "batch_bytes": size(BATCH)},
            **tree,
        }
        headroom.write_config(self.config, self.tree)
        self.kafka.create(self.topic, partitions, retention_ms=-1)
        rig.until(lambda: self.topic in self.kafka.topics(), "the topic")
        headroom.command("topics", "create", "--config", self.config)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        """What a flood leaves behind is too large to stay until the services end."""
        if exception[0] is None:
            shutil.rmtree(self.folder)
        else:
            print(f"    see {self.folder}: {json.dumps(self.figures)}")
        for topic in [name for name in self.kafka.topics() if name.startswith(self.name)]:
            self.kafka.delete(topic)
        self.redis.flushdb()

    # --- what comes ---------------------------------------------------------------------------

    def event(self, account, data, id=None, moment=NOW, type="call"):
        """A record; data: JSON."""
        id = next(self.ids) if id is None else id
        value = (
            f'{{"specversion":"1.0","source":"/flood","id":"{id}","type":"{type}",'
            f'"subject":"{account}","time":"{stamp(moment)}","data":{data}}}'
        )
        return Record(
            self.topic,
            value.encode(),
            account.encode(),
            timestamp_ms=int(moment.timestamp() * 1000),
        )

    def pour(self, records):
        """Into Kafka, before headroom runs."""
        errors = []
        producer = self.kafka.producer(
            enable_idempotence=True,
            linger_ms=20,
            batch_num_messages=50000,
            queue_buffering_max_messages=500000,
            partitioner="murmur2_random",
        )
        producer.list_topics(self.topic, 30)
        for record in records:
            send(producer, record, on_delivery=lambda e, _: e and errors.append(e))
            self.sent += 1
        left = producer.flush(120)
        assert not errors and not left, f"{left} records not acknowledged, errors: {errors[:3]}"

    # --- headroom drains it -------------------------------------------------------------------

    def drain(self):
        """headroom runs until all is committed and every timer of the past has acted, and leaves."""
        self.log.write_bytes(b"")
        ends = self.kafka.ends(self.topic)
        sent = Counter({partition: end - first for partition, (first, end) in ends.items()})
        began = time.monotonic()
        with headroom.Run(self.config, self.log) as run:
            port = run.wait_said(r"on port (\d+)")[1]
            run.http = f"127.0.0.1:{port}"
            run.wait_status("/readyz", 200, 60)
            turn = 1 + GATHERED * BYTES_EACH // min(BATCH, self.account_memory // 8)
            watch = Watch(run, sent, turn)
            seconds = sized(120, 3000)  # a month's: each account's timer of every day since
            watch.until(lambda: watch.done() and not self.timers_left(), seconds)
            self.figures["seconds"] = round(time.monotonic() - began, 1)
            self.last = run.metrics()
            run.stop(seconds=120)
        self.figures.update(watch.figures)
        self.figures["rate"] = round(self.sent / max(watch.figures["drained_s"], 0.001))
        self.figures["limit_mib"] = self.limit // MIB
        self.check_memory()
        self.check_no_stall()

    def timers_left(self):
        now = int(time.time() * 1e6)
        keys = [f"{self.name}:{{{home}}}:due" for home in range(self.partitions)]
        return sum(self.redis.zcount(key, "-inf", now - 5_000_000) for key in keys)

    def check_memory(self):
        peak = self.figures["peak_rss_mib"] * MIB
        assert peak <= self.limit, f"{peak // MIB} MiB resident, more than {self.limit // MIB}"

    def check_no_stall(self):
        takeovers = metrics.total(self.last, "headroom_takeovers_total")
        assert takeovers == 0, f"{takeovers:g} batches were lost: {self.log.read_text()[-600:]}"
        assert self.figures["unhealthy"] == 0, "it was not healthy all the time"
        waited, most = self.figures["commits_waited"], 4 * self.partitions
        assert waited <= most, f"a partition with records left waited for {waited} commits of others"

    # --- what came of it ----------------------------------------------------------------------

    def check_results(self, **wanted):
        """Of the records of the source: so many of each result, and no others."""
        found = {
            result: int(metrics.total(self.last, "headroom_records_total", topic=self.topic, result=result))
            for result in ("read", *metrics.RESULTS)
        }  # fmt: skip
        wanted = {"read": self.sent, **{result: 0 for result in metrics.RESULTS}, **wanted}
        assert found == wanted, f"{found}, not {wanted}"

    def check_triggers(self, wanted):
        """{(account, rule, level, "fired" or "resolved"): 1}, and no others."""
        found = Counter()
        for record in self.kafka.read(f"{self.name}-triggers", seconds=sized(60, 600)):
            event = json.loads(record.value)
            data = event["data"]
            kind = event["type"].rsplit(".", 1)[1]
            found[event["subject"], data["rule"], data["level"], kind] += 1
        self.figures["triggers"] = sum(found.values())
        wanted = Counter(wanted)
        lost, more = wanted - found, found - wanted
        assert not lost and not more, (
            f"{len(lost)} triggers are missing, such as {list(lost.items())[:3]}; {len(more)} too "
            f"many, such as {list(more.items())[:3]}"
        )

    def check_letters(self, wanted):
        """{reason: how many}"""
        found = Counter()
        for record in self.kafka.read(f"{self.name}-dead", seconds=sized(60, 600)):
            found[dict(record.headers)["hr-reason"].decode()] += 1
        assert found == Counter(wanted), f"{found}, not {wanted}"

    def check_fields(self, wanted):
        """(account, {field: text}) of every account, as anyone may read them in Redis."""
        wanted, count = iter(wanted), 0
        while some := list(itertools.islice(wanted, 10000)):
            pipe = self.redis.pipeline(transaction=False)
            for account, _ in some:
                pipe.hgetall(f"{self.name}:{{{home_of(account, self.partitions)}}}:v:{account}")
            for (account, fields), found in zip(some, pipe.execute()):
                text = {name: found.get(name.encode(), b"").decode() for name in fields}
                assert text == fields, f"{account}: {text}, not {fields}; all of it: {found}"
            count += len(some)
        assert count > 0
        self.figures["accounts"] = count

    def report(self):
        print(json.dumps(self.figures))
        sys.stdout.flush()


class Watch:
    """Looks at a running headroom ten times a second."""

    def __init__(self, run, sent, turn):
        """sent: records of each partition; turn: commits that those polled at once may take."""
        self.run, self.sent, self.turn = run, sent, turn
        self.began = time.monotonic()
        self.level = False
        self.moved = (self.began, 0)
        self.figures = {
            "drained_s": 0.0, "peak_rss_mib": 0, "account_mib": 0, "accounts_in_memory": 0,
            "lag": 0, "commits": 0, "commits_waited": 0, "longest_pause_s": 0.0, "unhealthy": 0,
        }  # fmt: skip
        self.places = {}  # partition: records read, and when that grew: commits, records of all

    def until(self, condition, seconds):
        end = time.monotonic() + seconds
        while True:
            self.look()
            if condition():
                return
            if self.run.child.poll() is not None or time.monotonic() > end:
                raise AssertionError(f"not drained: {self.figures}; {self.run._tail()}")
            time.sleep(0.1)

    def look(self):
        samples, now, seen = self.run.metrics(), time.monotonic(), self.figures
        total = lambda name, **labels: metrics.total(samples, name, **labels)  # noqa: E731
        most = lambda name, value: seen.__setitem__(name, max(seen[name], value))  # noqa: E731
        commits = int(total("headroom_batches_total"))
        if commits != self.moved[1] or self.level:
            self.moved = (now, commits)
        most("longest_pause_s", round(now - self.moved[0], 2))
        seen["commits"] = commits
        places = self.read(samples)
        everything = sum(places.values())
        for partition, read in places.items():
            if not read:
                continue  # the broker has sent nothing of it yet: nobody keeps it waiting here
            if read > self.places.get(partition, (0,))[0] or read == self.sent[partition]:
                self.places[partition] = read, commits, everything
            _, then, already = self.places[partition]
            fetched = (everything - already) * self.turn // GATHERED
            most("commits_waited", int(commits - then - fetched))
        most("lag", int(total("headroom_lag_records")))
        most("account_mib", round(total("headroom_account_memory_bytes") / MIB, 1))
        most("accounts_in_memory", int(total("headroom_accounts_in_memory")))
        status = Path(f"/proc/{self.run.child.pid}/status").read_text()
        most("peak_rss_mib", int(re.search(r"VmHWM:\s+(\d+)", status)[1]) // 1024)
        seen["unhealthy"] += self.run.get("/healthz")[0] != 200
        self.samples = samples

    def read(self, samples):
        """{partition of the source: records read}"""
        found = Counter()
        for name, labels, value in samples:
            if name == "headroom_records_total" and labels["result"] == "read":
                if not labels["topic"].endswith("-internal"):
                    found[int(labels["partition"])] += int(value)
        return found

    def done(self):
        if self.read(self.samples) != self.sent:
            self.figures["drained_s"] = round(time.monotonic() - self.began, 2)
            return False
        now = time.time()
        times = [v for n, _, v in self.samples if n == "headroom_partition_time_seconds"]
        self.level = all(now - its < 5 for its in times)
        return self.level


def home_of(account, homes):
    """Where an account lives: murmur2, as Kafka's own clients place keys."""
    return murmur2(account.encode()) % homes


def murmur2(data):
    m, mask = 0x5BD1E995, 0xFFFFFFFF
    h = (0x9747B28C ^ len(data)) & mask
    for at in range(0, len(data) - len(data) % 4, 4):
        k = int.from_bytes(data[at : at + 4], "little") * m & mask
        k = (k ^ k >> 24) * m & mask
        h = h * m & mask ^ k
    rest = data[len(data) - len(data) % 4 :]
    if rest:
        h = (h ^ int.from_bytes(rest, "little")) * m & mask
    h = (h ^ h >> 13) * m & mask
    return (h ^ h >> 15) & 0x7FFFFFFF
