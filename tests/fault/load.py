# SPDX-License-Identifier: Apache-2.0
"""The load under which everything is broken: 2,000 events a second and more on two sources. What must
come of it says the oracle (judge.py), from the records as they stand in Kafka.

So that this does not hang on how the two sources interleave or on when a record arrives (it may wait
seconds for a broker that was killed):

  calls   a sum of ones, some under an alias: its levels are crossed in any order of the records
  seats   a gauge that goes up and down; its records stand in one partition, in order. Levels with
          a margin, several episodes; beside it `never`, whose time does not come
  load    a gauge under a rule with `for`: it goes up, and down only when the trigger was seen
  mood    an attribute by account events, on the other source, with episodes of its own
  once    accounts of two calls, some seconds apart, and then silence: what a write that comes too
          late has put back stays wrong

Among them repeats, events of an unknown type, and broken records."""
import json
import threading
import time
from collections import Counter
from datetime import datetime, timezone

from confluent_kafka import Consumer, TopicPartition

import rig
from judge import Judge
from rig.kafka import Record, send

ACCOUNTS = 160
HELD = 30
RATE = 2200
AGAIN = {"seats", "held", "mood"}  # rules that must come to a second episode
ONCE_APART_MS = 3000
SEATS = (40, 82, 77, 81, 74, 90, 101, 97, 79, 94, 103, 60, 100, 75)
MOODS = (5, 11, 9, 12, 7, 10, 3, 4, 30)


class Account:
    def __init__(self, name, alias):
        self.name, self.alias = name, alias
        self.calls = self.steps = self.moods = self.cycles = 0
        self.load = None
        self.waits_for = None  # the id that lets its load go on


class Load:
    """`with Load(world) as load:` beside a running headroom: seeds the accounts, waits until they are
    known, and pours; world.check(load, …) ends it. rate: events a second; once_ms: how often at most
    an account of two calls comes (they are a fifth of the events at most)."""

    def __init__(
        self,
        world,
        partitioner="murmur2_random",
        calls_without_key=False,
        judge_held=True,
        rate=RATE,
        once_ms=None,
    ):
        self.world, self.calls_without_key, self.judge_held = world, calls_without_key, judge_held
        self.rate, self.once_ms = rate, once_ms or 10_000 // rate
        self.day = datetime.now(timezone.utc).strftime("%Y-%m-%d")
        self.accounts = [
            Account(f"acct-{i:03}", f"key-{i:03}" if i % 8 == 0 else None)
            for i in range(ACCOUNTS)
        ]
        self.tree = json.loads(json.dumps(world.tree))  # by which it is judged
        self.by_hand = Counter()  # ids of rules that the oracle does not know
        self.errors = []
        self.seen = Counter()
        self.sent = self.ids = self.extras = 0
        self.producer = world.kafka.producer(
            enable_idempotence=True, linger_ms=5, partitioner=partitioner
        )
        self.once = []  # [name, calls, when the second is due]
        self.twice = 0  # so many of them have had both
        self.ending = threading.Event()
        self.thread = threading.Thread(target=self._work, daemon=True)

    def __enter__(self):
        world = self.world
        self.judge = Judge(world.services.brokers, world.billing, world.usage, self.tree)
        self.seed()
        self.thread.start()
        return self

    def __exit__(self, *exception):
        self.ending.set()
        self.judge.end()
        if self.thread.is_alive():
            self.thread.join(30)

    # Made in one thread at a time: the seeder's, then the worker's

    def seed(self):
        self._tick()
        for account in self.accounts:
            self._billing(
                account,
                "subscription.created",
                {"plan": "small", "period": "year", "period_start": self.day},
            )
            if account.alias:
                self._billing(account, "account.updated", {"aliases": [account.alias]})
        assert self.producer.flush(60) == 0, "the seed was not acknowledged"
        rig.until(self._settled, "the accounts and their aliases to be known")

    def _settled(self):
        """Every account has its limits, every alias leads: what comes now counts one by one."""
        views = self.world.views()
        frames = self.world.redis.scan_iter(match=f"{self.world.name}:{{*}}:a:key-*", count=10000)
        aliases = sum(account.alias is not None for account in self.accounts)
        return len(views) == ACCOUNTS and len(set(frames)) == aliases

    def _work(self):
        try:
            self._pour()
        except Exception as error:  # told by finish()
            self.errors.append(repr(error))

    def _pour(self):
        world = self.world
        partitions = range(world.kafka.topics()[world.triggers])
        watcher = world._reader("read_committed")
        watcher.assign([TopicPartition(world.triggers, n, 0) for n in partitions])
        start = time.monotonic()
        base = self.sent
        turn = 0
        try:
            while not (self.ending.is_set() and self._at_rest()):
                self._watch(watcher)
                self._tick()
                self._drive_held()
                self._drive_once()
                if self.ending.is_set():
                    time.sleep(0.01)
                    continue
                self.elapsed = time.monotonic() - start
                while self.sent - base < (time.monotonic() - start) * self.rate:
                    self._one(turn)
                    turn += 1
                self.producer.poll(0)
                time.sleep(0.005)
            left = self.producer.flush(60)
            if left:
                self.errors.append(f"{left} records were not acknowledged")
        finally:
            watcher.close()

    def _watch(self, watcher):
        for message in watcher.consume(1000, timeout=0):
            if message.error() is None:
                self.seen[json.loads(message.value())["id"]] += 1

    def _tick(self):
        self.now_ms = int(time.time() * 1000)
        now = datetime.fromtimestamp(self.now_ms / 1000, timezone.utc)
        self.time = now.strftime("%Y-%m-%dT%H:%M:%S.") + f"{now.microsecond // 1000:03}Z"

    def _one(self, turn):
        account = self.accounts[turn % ACCOUNTS]
        kind = turn // ACCOUNTS % 12
        if kind < 6:
            self._call(account, alias=account.alias and kind % 2 == 0)
            if kind == 3 and turn % 5 == 0:
                self._again()
        elif kind in (6, 8):
            self._seats(account)
        elif kind == 7 and turn % 11 == 0:
            self._broken(account)
        elif kind == 7:
            self._usage(account.name, "unknown.type", {"n": 1})
        elif kind == 9:
            self._mood(account)
        else:
            self._billing(account, "account.updated", {"owner": f"owner-{turn}"})

    def _call(self, account, alias):
        account.calls += 1
        user = f"user-{account.calls % 50}"
        self._usage(account.alias if alias else account.name, "call", {"n": 1, "user": user})

    def _again(self):
        self._send(*self.last)

    def _seats(self, account):
        self._usage(account.name, "seats", {"n": SEATS[account.steps % len(SEATS)]})
        account.steps += 1

    def _mood(self, account):
        self._billing(account, "account.updated", {"mood": MOODS[account.moods % len(MOODS)]})
        account.moods += 1

    def _drive_held(self):
        for account in self.accounts[:HELD]:
            if account.waits_for and not self.seen[account.waits_for]:
                continue
            if account.load == 60:
                account.load = 10
                id = self.id_of("held", account.name, "50pct", account.cycles) + "/resolved"
            elif not self.ending.is_set():
                account.load = 60
                account.cycles += 1
                id = self.id_of("held", account.name, "50pct", account.cycles)
            else:
                account.waits_for = None
                continue
            account.waits_for = id
            self._usage(account.name, "load", {"n": account.load})

    def _drive_once(self):
        """A new one each time, and the second call of those whose time has come."""
        waited = not self.once or self.now_ms >= self.once[-1][2] - ONCE_APART_MS + self.once_ms
        if waited and not self.ending.is_set():
            self.once.append([f"once-{len(self.once):05}", 0, self.now_ms + ONCE_APART_MS])
            self._call_once(self.once[-1])
        while self.twice < len(self.once):
            its = self.once[self.twice]
            if its[2] > self.now_ms and not self.ending.is_set():
                break
            self._call_once(its)
            self.twice += 1

    def _call_once(self, its):
        its[1] += 1
        self._usage(its[0], "call", {"n": 1, "user": f"user-{its[1]}"})

    def _at_rest(self):
        return all(account.waits_for is None for account in self.accounts)

    def _broken(self, account):
        self._send(self.world.usage, account.name, b'{"specversion":"1.0","id":')

    def _usage(self, subject, type, data):
        self._event(self.world.usage, subject, type, data)

    def _billing(self, account, type, data):
        self._event(self.world.billing, account.name, type, data)

    def _event(self, topic, subject, type, data):
        key = None if type == "call" and self.calls_without_key else subject
        self.ids += 1
        event = {
            "specversion": "1.0",
            "source": "/load",
            "id": f"{self.ids:x}",
            "type": type,
            "subject": subject,
            "time": self.time,
            "data": data,
        }
        self._send(topic, key, json.dumps(event, separators=(",", ":")).encode())

    def _send(self, topic, key, value):
        self.last = topic, key, value
        self.sent += 1
        record = Record(topic, value, key and key.encode())
        record.timestamp_ms = self.now_ms
        send(self.producer, record, on_delivery=self._delivered)

    def _delivered(self, error, _):
        if error is not None:
            self.errors.append(str(error))

    # Asked from outside

    def id_of(self, rule, account, level, n=1):
        return f"{rule}/{account}/{level}/{self.day}#{n}"

    def expect(self, id):
        """Of a rule that came while the load went on: the oracle knows one configuration."""
        self.by_hand[id] += 1

    def extra(self, account, type, data, topic=None):
        """One event more, about an account that is not the load's, acknowledged before it returns."""
        self.extras += 1
        now = datetime.now(timezone.utc).isoformat(timespec="milliseconds")
        event = {
            "specversion": "1.0",
            "source": "/extra",
            "id": str(self.extras),
            "type": type,
            "subject": account,
            "time": now.replace("+00:00", "Z"),
            "data": data,
        }
        value = json.dumps(event).encode()
        record = Record(topic or self.world.billing, value, account.encode())
        self.world.kafka.produce([record], partitioner="murmur2_random")

    def judged(self):
        """The rules of which the oracle says all."""
        return self.tree["rules"].keys() - (set() if self.judge_held else {"held"})

    def expected(self):
        """Ids of what the oracle does not judge."""
        wanted = Counter(self.by_hand)
        for account in [] if self.judge_held else self.accounts[:HELD]:
            for n in range(account.cycles):
                id = self.id_of("held", account.name, "50pct", n + 1)
                wanted.update((id, id + "/resolved"))
        return wanted

    def wait_seen(self, start):
        rig.until(lambda: any(id.startswith(start) for id in list(self.seen)), f"trigger {start}")

    def wait_held(self, more=1, seconds=60):
        """Until every account with `for` has fired so often again: all is in full swing."""
        wanted = [account.cycles + more for account in self.accounts[:HELD]]

        def fired():
            assert not self.errors, self.errors[:3]
            return all(a.cycles > n for a, n in zip(self.accounts, wanted))

        rig.until(fired, f"{more} triggers with `for` of each account", seconds)

    def wait_once(self):
        """Until every account that had one call up to now has had its second, and that is counted."""
        begun = len(self.once)
        rig.until(lambda: self.twice >= begun, "second calls")
        self.wait_held()

    def wait_again(self):
        """Until each kind of rule has come to a second episode somewhere."""

        def again():
            return {id.split("/")[0] for id in list(self.seen) if id.endswith("#2")} >= AGAIN

        rig.until(again, f"second episodes of {', '.join(sorted(AGAIN))}", 60)

    def abandon(self):
        """Ends at once: what has not come up to now is not waited for."""
        self.ending.set()
        for account in self.accounts:
            account.waits_for = None
        self.thread.join(90)
        assert not self.thread.is_alive(), "the load does not end"

    def finish(self, seconds=90):
        """No new events; what waits for a trigger gets it; everything is acknowledged."""
        self.ending.set()
        self.thread.join(seconds)
        waiting = [a.waits_for for a in self.accounts if a.waits_for and not self.seen[a.waits_for]]
        assert not self.thread.is_alive(), f"triggers that never came: {waiting[:5]}"
        assert not self.errors, self.errors[:3]
        least = 0.9 * self.rate * self.elapsed
        assert self.sent > least, f"{self.sent} events in {self.elapsed:.1f} s"
