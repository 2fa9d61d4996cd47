# SPDX-License-Identifier: Apache-2.0
"""What the scenarios of commands stand on: a configuration with names of its own on the shared
services, events, and a running headroom."""
import json
import shutil
import tempfile
from pathlib import Path

import redis

import rig
from rig import headroom, services
from rig.kafka import Kafka, Record


class Company:
    """`with Company("topics") as company:`; topics and keys are named after it."""

    def __init__(self, name, partitions=2, make_topics=True):
        self.name = rig.unique(name)
        self.services = services.shared()
        self.kafka = Kafka(self.services.brokers)
        self.redis = redis.Redis(port=self.services.redis_port)
        self.usage = f"{self.name}-usage"
        self.topic(self.usage, partitions, retention_ms=-1)
        self.folder = Path(tempfile.mkdtemp())
        self.file = self.folder / "headroom.json"
        self.log = self.folder / "headroom.log"
        self.tree = {
            "kafka": {"brokers": self.services.brokers, "group": self.name},
            "redis": {"url": self.services.redis_url, "prefix": self.name},
            "http": {"listen": "127.0.0.1:0"},
            "sources": [{"topic": self.usage}],
            "triggers": {"topic": f"{self.name}-triggers"},
            "dead_letters": {"topic": f"{self.name}-dead"},
            "start": {"live_from": "2020-01-01"},
            "dedup": {"memory": "1MiB"},
            "meters": {
                "calls": {"event": "call", "aggregate": "sum", "value": "/n", "limit": "calls"}
            },
            "plans": {"small": {"limits": {"calls": 100}}},
            "rules": {"full": {"watch": "meter.calls.used", "levels": ["80%"]}},
        }
        self.write()
        if make_topics:
            self.command("topics", "create")

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        if exception[0] is None:
            shutil.rmtree(self.folder)
        else:
            print(f"    see {self.folder}")

    def topic(self, name, partitions, **config):
        """Made, and known to the broker that is asked."""
        self.kafka.create(name, partitions, **config)
        rig.until(lambda: name in self.kafka.topics(), f"topic {name}")
        return name

    def write(self):
        headroom.write_config(self.file, self.tree)

    def command(self, *arguments, status=0):
        """(standard output, standard error) as text."""
        out, said = headroom.command(*arguments, "--config", self.file, status=status)
        return out.decode(), said.decode()

    def lines(self, *arguments):
        """Standard output of a command as JSON, line by line."""
        return [json.loads(line) for line in self.command(*arguments, "--json")[0].splitlines()]

    def start(self, *words, **options):
        """headroom, just started: `run`, or another command."""
        self.log.write_bytes(b"")
        return headroom.Run(self.file, self.log, words=words or ("run",), **options)

    def run(self, **options):
        """A running headroom, once it is ready."""
        run = self.start(**options)
        try:
            port = run.wait_said(r"on port (\d+)")[1]
            run.http = f"127.0.0.1:{port}"
            run.wait_status("/readyz", 200)
        except BaseException:
            run.__exit__()
            raise
        return run

    def send(self, *events, topic=None):
        self.kafka.produce(
            [
                Record(topic or self.usage, self.bytes(event), event.get("subject", "a").encode())
                if isinstance(event, dict)
                else Record(topic or self.usage, event, b"a")
                for event in events
            ]
        )

    def bytes(self, event):
        return json.dumps({"specversion": "1.0", "source": "/test", **event}).encode()

    def views(self):
        """Account: its readable fields in Redis."""
        found = {}
        for key in self.redis.scan_iter(match=f"{self.name}:{{*}}:v:*", count=10000):
            account = key.decode().split(":v:", 1)[1]
            found[account] = {
                name.decode(): value.decode() for name, value in self.redis.hgetall(key).items()
            }
        return found

    def wait_view(self, account, **fields):
        """field=value with _ for dots: calls_period="85"."""
        wanted = {name.replace("_", "."): value for name, value in fields.items()}

        def seen():
            view = self.views().get(account, {})
            return all(view.get(name) == value for name, value in wanted.items())

        rig.until(seen, f"{account} to show {wanted}, not {self.views().get(account)}")

    def triggers(self):
        return [json.loads(r.value) for r in self.kafka.read(f"{self.name}-triggers")]


def call(id, n, subject="a", **more):
    return {"id": id, "type": "call", "subject": subject, "data": {"n": n}, **more}


def subscribe(id, subject="a", plan="small"):
    return {"id": id, "type": "subscription.created", "subject": subject, "data": {"plan": plan}}
