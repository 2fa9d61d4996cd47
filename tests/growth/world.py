# SPDX-License-Identifier: Apache-2.0
"""A history on real services: events with the time at which they happened, read by `headroom run`.

    world = World("seats", tree)
    world.tell(day(-30), "acme", "subscription.created", plan="team")
    with world.played():
        world.fired("acme", "capacity")
        world.report("funnel")

Moments are counted from one midnight (UTC) that is the same for a whole test: day(-30, 12) is noon
thirty days before it. It lies in the past, so that everything told until then has happened.
"""
import collections
import contextlib
import datetime as dt
import itertools
import json
import shutil
import tempfile
from pathlib import Path

import jsonschema
import redis

import rig
from rig import headroom, services
from rig.kafka import Kafka, Record

TODAY = dt.datetime.now(dt.timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0)
PARTITIONS = 2
TOP = Path(__file__).resolve().parents[2]
SCHEMA = jsonschema.Draft202012Validator(
    json.loads((TOP / "schemas" / "trigger.schema.json").read_text())
)
OF_A_KIND = 20  # of as many as that all are alike


def day(number, hour=12.0):
    return TODAY + dt.timedelta(days=number, hours=hour)


def date(number):
    return day(number, 0).date().isoformat()


def month(number, at=1, hour=12):
    """A day of the calendar month that lies so many months from this one."""
    year, index = divmod(TODAY.year * 12 + TODAY.month - 1 + number, 12)
    return dt.datetime(year, index + 1, at, hour, tzinfo=dt.timezone.utc)


def month_name(number):
    return month(number).strftime("%Y-%m")


class World:
    def __init__(self, name, tree, source=None):
        """`source`: more keys of the one topic that it reads."""
        self.name = rig.unique(name)
        self.services = services.shared()
        self.kafka = Kafka(self.services.brokers)
        self.redis = redis.Redis(port=self.services.redis_port)
        self.folder = Path(tempfile.mkdtemp())
        self.file = self.folder / "headroom.json"
        self.log = self.folder / "headroom.log"
        self.ids = itertools.count()
        self.waiting = []
        self.topic = f"{self.name}-events"
        self.run = None
        self.tree = {
            "kafka": {"brokers": self.services.brokers, "group": self.name},
            "redis": {"url": self.services.redis_url, "prefix": self.name},
            "http": {"listen": "127.0.0.1:0"},
            "sources": [{"topic": self.topic, **(source or {})}],
            "triggers": {"topic": f"{self.name}-triggers"},
            "dead_letters": {"topic": f"{self.name}-dead"},
            "start": {"live_from": "2020-01-01"},
            **tree,
        }
        headroom.write_config(self.file, self.tree)
        self.kafka.create(self.topic, PARTITIONS, retention_ms=-1)
        rig.until(lambda: self.topic in self.kafka.topics(), f"topic {self.topic}")
        self.command("topics", "create")

    # --- what happened ------------------------------------------------------------------------

    def tell(self, moment, account, type, /, **data):
        """An event that happens, and is told, at that moment."""
        event = {
            "specversion": "1.0",
            "id": f"e{next(self.ids)}",
            "source": "/growth",
            "type": type,
            "subject": account,
            "time": moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "data": data,
        }
        self.waiting.append((moment, account, event))

    def subscribe(self, moment, account, plan, mrr=None, **more):
        """mrr in dollars a month."""
        if mrr is not None:
            more.update(mrr=mrr * 100, currency="USD")
        self.tell(moment, account, "subscription.created", plan=plan, **more)

    def send(self):
        """All that was told, in the order of its moments."""
        self.waiting.sort(key=lambda told: told[0])
        records = [
            Record(
                self.topic,
                json.dumps(event).encode(),
                account.encode(),
                timestamp_ms=int(moment.timestamp() * 1000),
            )
            for moment, account, event in self.waiting
        ]
        self.waiting = []
        self.kafka.produce(records, partitioner="murmur2_random")

    # --- headroom -----------------------------------------------------------------------------

    @contextlib.contextmanager
    def played(self, **environment):
        """headroom runs and has dealt with all that was told so far. What it wrote stays where a test
        failed."""
        self.send()
        self.log.write_bytes(b"")
        try:
            with headroom.Run(self.file, self.log, environment=environment) as run:
                self.run = run
                port = run.wait_said(r"on port (\d+)")[1]
                run.http = f"127.0.0.1:{port}"
                run.wait_status("/readyz", 200)
                self.settle()
                yield self
        except SystemExit as end:  # with which the tests in it end
            if not end.code:
                shutil.rmtree(self.folder)
            raise

    def settle(self):
        """Every record is read and committed, and T has come to the present."""
        ends = sum(end for _, end in self.kafka.ends(self.topic).values())

        def dealt_with():
            committed = self.kafka.committed(self.name, self.topic)
            return sum(offset or 0 for offset in committed.values()) >= ends

        rig.until(dealt_with, "all records to be committed", 60)
        rig.until(self.is_level, "time to come to the present", 60)

    def is_level(self):
        now = dt.datetime.now(dt.timezone.utc).timestamp()
        times = [
            value
            for name, _, value in self.run.metrics()
            if name == "headroom_partition_time_seconds"
        ]
        return len(times) == PARTITIONS and all(now - time < 10 for time in times)

    def command(self, *arguments, status=0):
        """(standard output, standard error) as text."""
        out, said = headroom.command(*arguments, "--config", self.file, status=status)
        return out.decode(), said.decode()

    def answer(self, *arguments):
        return json.loads(self.command(*arguments, "--json")[0])

    def report(self, name, *arguments):
        return self.answer("report", name, *arguments)

    def account(self, name):
        return self.answer("account", name)

    # --- what it told -------------------------------------------------------------------------

    def messages(self, type):
        """Whole records of the trigger topic of one type, each with its key beside."""
        records = self.kafka.read(f"{self.name}-triggers")
        found = [(record.key, json.loads(record.value)) for record in records]
        return [(key, event) for key, event in found if event["type"] == type]

    def check_messages(self):
        """The published schema knows whatever stands on the trigger topic."""
        seen = collections.Counter()
        for record in self.kafka.read(f"{self.name}-triggers"):
            event = json.loads(record.value)
            kind = (event["type"], *(event["data"].get(key) for key in ("rule", "cause", "reason")))
            seen[kind] += 1
            wrong = None
            if seen[kind] <= OF_A_KIND:
                wrong = next(SCHEMA.iter_errors(event), None)
            assert not wrong, f"{event['id']}: {wrong.json_path}: {wrong.message[:200]}"

    def triggers(self, account=None, rule=None, kind="fired"):
        """The data of triggers, each with its `subject` and `time`, in the order of the account."""
        found = []
        for record in self.kafka.read(f"{self.name}-triggers"):
            event = json.loads(record.value)
            if event["type"] == f"headroom.trigger.{kind}":
                found.append({**event["data"], "subject": event["subject"], "time": event["time"]})
        return [
            one
            for one in found
            if account in (None, one["subject"]) and rule in (None, one["rule"])
        ]

    def fired(self, account, rule):
        """The one trigger of a rule for an account."""
        found = self.triggers(account, rule)
        assert len(found) == 1, f"{account} has {len(found)} of {rule}: {found}"
        return found[0]
