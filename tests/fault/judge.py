# SPDX-License-Identifier: Apache-2.0
"""What must come of the records that stand in the sources, by tests/oracle: a second implementation
that shares no code with headroom and does not know how the load was made.

    judge.py BROKERS ACCOUNT_TOPIC USAGE_TOPIC < configuration, then `end`

The records are those in Kafka, under the timestamps that Kafka gave them, in the protocol's order:
by arrival, never less than the one before it in its partition, account topics first, then by topic
and offset. Order is promised within an account, so what the faults did to the order across accounts
does not matter.

The oracle is slow, so it works beside the scenario, as a process that yields to all others: what is
older than the newest record of every partition cannot be preceded by anything any more. After `end`
it reads to the end of the topics and prints triggers, dead letters and counters as one JSON line."""
import heapq
import json
import os
import select
import subprocess
import sys
from pathlib import Path

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, TopicPartition

TOP = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TOP / "oracle"))

from compare import essence  # noqa: E402, F401 # what of a trigger is compared
from oracle import Oracle  # noqa: E402
from settings import as_text  # noqa: E402

AFTERWARDS = 2_000_000  # microseconds: every timer of the load has acted by then


class Judge:
    """The process, as a scenario sees it."""

    def __init__(self, brokers, account_topic, usage_topic, tree):
        self.child = subprocess.Popen(
            [sys.executable, __file__, brokers, account_topic, usage_topic],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            preexec_fn=lambda: os.nice(5),
        )
        self._say(json.dumps(tree))

    def _say(self, line):
        self.child.stdin.write(line.encode() + b"\n")
        self.child.stdin.flush()

    def judgement(self):
        """{"triggers": …, "dead_letters": …, "counters": …}"""
        self._say("end")
        text, _ = self.child.communicate(timeout=240)
        assert self.child.returncode == 0, f"the judge ended with {self.child.returncode}"
        return json.loads(text)

    def end(self):
        self.child.kill()
        self.child.wait()


class Records:
    """Both topics, merged as they come."""

    def __init__(self, brokers, topics):
        self.consumer = Consumer(
            {
                "bootstrap.servers": brokers,
                "log_level": 0,  # scenarios take the broker away
                "group.id": "judge",
                "enable.auto.commit": False,
                "enable.partition.eof": True,
                "auto.offset.reset": "error",
            }
        )
        known = self.consumer.list_topics(timeout=60).topics
        self.places = [(t, n) for t in topics for n in range(len(known[t].partitions))]
        self.consumer.assign([TopicPartition(t, n, OFFSET_BEGINNING) for t, n in self.places])
        self.rank = {topic: rank for rank, topic in enumerate(topics)}
        self.newest = dict.fromkeys(self.places, 0)
        self.next = dict.fromkeys(self.places, 0)
        self.heap = []

    def take(self, seconds):
        for message in self.consumer.consume(1000, timeout=seconds):
            if message.error() is None:
                self._keep(message)
            elif message.error().code() == KafkaError._PARTITION_EOF:
                pass
            elif not message.error().retriable():
                raise RuntimeError(str(message.error()))

    def _keep(self, message):
        place = message.topic(), message.partition()
        arrival = max(message.timestamp()[1] * 1000, self.newest[place])
        self.newest[place] = arrival
        self.next[place] = message.offset() + 1
        order = arrival, self.rank[place[0]], place[1], message.offset()
        heapq.heappush(self.heap, (order, place, message.value()))

    def settled(self, ended=False):
        """Those that nothing can come before: (arrival, topic, partition, offset, value)."""
        until = float("inf") if ended else min(self.newest.values())
        while self.heap and self.heap[0][0][0] < until:
            order, place, value = heapq.heappop(self.heap)
            yield order[0], *place, order[3], value

    def at_end(self):
        return all(
            self.next[place] >= self.consumer.get_watermark_offsets(TopicPartition(*place), 60)[1]
            for place in self.places
        )


def judge(brokers, *topics):
    commands = sys.stdin.buffer.raw
    oracle = Oracle(as_text(json.loads(_line(commands))))
    records, places = Records(brokers, topics), []

    def feed(ended=False):
        for arrival, topic, partition, offset, value in records.settled(ended):
            places.append((topic, partition, offset))
            oracle.feed(value, arrival)

    while not select.select([commands], [], [], 0)[0]:
        records.take(0.2)
        feed()
    if _line(commands) != b"end":
        return  # whoever asked has gone
    while not records.at_end():
        records.take(0.2)
    feed(ended=True)
    oracle.tick(oracle.clock + AFTERWARDS)
    letters = [(*places[letter["record"] - 1], letter["reason"]) for letter in oracle.dead_letters]
    counters = {
        name: {field if "." in field else f"{field}.period": value for field, value in its.items()}
        for name, view in oracle.views().items()
        if not isinstance(view, str)  # of an alias: where it leads
        for its in [view["meters"]]
    }
    triggers = [{"type": "", **trigger} for trigger in oracle.triggers]
    print(json.dumps({"triggers": triggers, "dead_letters": letters, "counters": counters}))


def _line(commands):
    line = b""
    while not line.endswith(b"\n"):
        byte = commands.read(1)
        if not byte:
            break
        line += byte
    return line.strip()


if __name__ == "__main__":
    judge(*sys.argv[1:])
