#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The quick start's company meets headroom: its records into Kafka, its triggers out again.

    play.py load --brokers B --records FILE          makes the source topics and fills them
    play.py watch --brokers B --http HOST:PORT …     shows triggers as they fire, then the summary

`watch` waits until headroom has caught up with the history, then sends live traffic for a few
seconds, and ends with the summary: for people on standard error, with --json as one line on
standard output. The delay of a live trigger is measured outside headroom: from the time-stamp of
the record that caused it to the moment at which a committed reader has the trigger.
"""
import argparse
import collections
import json
import os
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import confluent_kafka
from confluent_kafka.admin import AdminClient, NewTopic

HERE = Path(__file__).resolve().parent
PARTITIONS = 4
SHOWN = 40  # of the history's triggers; of the live ones every one


def settings(arguments):
    return {"bootstrap.servers": arguments.brokers, "log_level": 0}


# --- load --------------------------------------------------------------------------------------


def make_topics(arguments):
    """Old time-stamps need retention.ms=-1: by default such records are deleted within minutes."""
    admin = AdminClient(settings(arguments))
    new = [
        NewTopic(name, PARTITIONS, 1, config={"retention.ms": "-1"}) for name in ("usage", "billing")
    ]
    for made in admin.create_topics(new).values():
        made.result(30)


def sender(arguments):
    return confluent_kafka.Producer(
        {**settings(arguments), "partitioner": "murmur2_random", "linger.ms": 1}
    )


def send(producer, line):
    record = json.loads(line)
    while True:
        try:
            producer.produce(
                record["topic"],
                record["value"].encode(),
                record["key"].encode(),
                timestamp=record["timestamp_ms"],
            )
            return
        except BufferError:
            producer.poll(0.1)


def load(arguments):
    make_topics(arguments)
    producer = sender(arguments)
    with open(arguments.records, encoding="utf-8") as lines:
        for line in lines:
            send(producer, line)
    if producer.flush(60):
        sys.exit("play.py: Kafka did not take every record")


# --- watch -------------------------------------------------------------------------------------


def results(arguments):
    """Records by what became of them, and the lag, from /metrics; sources only."""
    with urllib.request.urlopen(f"http://{arguments.http}/metrics", timeout=5) as answer:
        text = answer.read().decode()
    counts, lag = collections.Counter(), 0
    for line in text.splitlines():
        if line.startswith("headroom_records_total{") and 'topic="headroom-' not in line:
            counts[line.split('result="')[1].split('"')[0]] += int(float(line.rsplit(" ", 1)[1]))
        elif line.startswith("headroom_lag_records{"):
            lag += int(float(line.rsplit(" ", 1)[1]))
    return counts, lag


def spoken(trigger):
    """A trigger as one readable line."""
    data = trigger["data"]
    what = trigger["type"].rsplit(".", 1)[1]
    why = data.get("cause") or data.get("reason") or ""
    meter = data.get("meter") or {}
    facts = f"{meter['value']} of {meter['limit']}" if meter.get("limit") else data.get("value", "")
    mark = {"fired": "▲", "resolved": "▽"}.get(what, "·")
    return (
        f"{trigger['time'][:16].replace('T', ' ')}  {mark} {what:<8} {data['rule']:<16} "
        f"{trigger['subject']:<20.20} {data['level']:>7}  {facts}  ({why})"
    )


class Watch:
    def __init__(self, arguments):
        self.arguments = arguments
        self.fired, self.resolved = collections.Counter(), collections.Counter()
        self.reasons = collections.Counter()
        self.delays, self.live, self.shown = [], False, 0
        self.reader = confluent_kafka.Consumer(
            {
                **settings(arguments),
                "group.id": "quickstart-viewer",
                "auto.offset.reset": "earliest",
                "isolation.level": "read_committed",
                "fetch.wait.max.ms": 5,
                "enable.auto.commit": False,
            }
        )
        self.topics = {"triggers": self.take_trigger, "dead-letters": self.take_letter}
        self.reader.assign(
            [
                confluent_kafka.TopicPartition(topic, n, 0)
                for topic in self.topics
                for n in range(len(self.reader.list_topics(topic, 30).topics[topic].partitions))
            ]
        )

    def take_trigger(self, message):
        trigger = json.loads(message.value())
        data = trigger["data"]
        if trigger["type"].endswith(".fired"):
            self.fired[data["rule"]] += 1
        else:
            self.resolved[data["reason"]] += 1
        self.shown += 1
        if self.live and (ingested := (data.get("times") or {}).get("ingested")):
            self.delays.append(time.time() * 1000 - millis(ingested))
        if self.live or self.shown <= SHOWN:
            print(spoken(trigger), file=sys.stderr, flush=True)
        elif self.shown == SHOWN + 1:
            print("  … the rest of the history is counted only", file=sys.stderr, flush=True)

    def take_letter(self, message):
        headers = dict(message.headers() or [])
        self.reasons[headers["hr-reason"].decode()] += 1

    def poll(self, seconds):
        """Takes what there is, waiting at most so long for the first; how many were taken."""
        taken, message = 0, self.reader.poll(seconds)
        while message is not None:
            if message.error() is None:
                self.topics[message.topic()](message)
                taken += 1
            message = self.reader.poll(0)
        return taken

    def settle(self, total, what):
        """Until headroom has dealt with `total` records and nothing more comes out."""
        end, quiet = time.monotonic() + 120, 0
        while quiet < 5:
            taken = self.poll(0.02)
            counts, _ = results(self.arguments)
            quiet = quiet + 1 if counts["read"] >= total and not taken else 0
            if counts["read"] >= total and not self.done_at:
                self.done_at = time.monotonic()
            if time.monotonic() > end:
                sys.exit(f"play.py: headroom has dealt with {counts['read']} of {total} {what}")

    def history(self):
        self.done_at, begun = None, time.monotonic()
        total = json.loads(Path(self.arguments.about).read_text())["records"]
        self.settle(total, "records of the history")
        return total, total / (self.done_at - begun)

    def live_part(self, already):
        """Live records are sent and triggers shown at the same time."""
        self.live, sent = True, 0
        producer = sender(self.arguments)
        source = subprocess.Popen(
            [sys.executable, HERE / "generate.py", *self.arguments.generate.split()],
            stdout=subprocess.PIPE,
            text=True,
        )
        for line in source.stdout:
            send(producer, line)
            sent += 1
            producer.poll(0)
            self.poll(0)
        producer.flush(30)
        self.settle(already + sent, "records")
        return sent


def millis(stamp):
    import datetime

    moment = datetime.datetime.fromisoformat(stamp.replace("Z", "+00:00"))
    return moment.timestamp() * 1000


def percentile(values, share):
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1) if ordered else None


def tell(summary):
    def listed(counts):
        return ", ".join(f"{name} {count}" for name, count in sorted(counts.items())) or "none"

    print(
        f"""
  events        {summary['events']:,} at {summary['events_per_s']:,.0f} a second
  triggers      {listed(summary['triggers'])}
  resolved      {listed(summary['resolved'])}
  dead letters  {listed(summary['dead_letters'])}
  live          event to trigger: p50 {summary['p50_ms']} ms, p99 {summary['p99_ms']} ms""",
        file=sys.stderr,
    )


def watch(arguments):
    view = Watch(arguments)
    history, rate = view.history()
    print("  … live for a few seconds", file=sys.stderr, flush=True)
    sent = view.live_part(history)
    summary = {
        "events": history + sent,
        "triggers": dict(view.fired),
        "resolved": dict(view.resolved),
        "dead_letters": dict(view.reasons),
        "events_per_s": round(rate),
        "p50_ms": percentile(view.delays, 0.50),
        "p99_ms": percentile(view.delays, 0.99),
    }
    tell(summary)
    if arguments.json:
        print(json.dumps(summary))


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    verbs = parser.add_subparsers(dest="verb", required=True)
    for verb in (load, watch):
        one = verbs.add_parser(verb.__name__)
        one.set_defaults(do=verb)
        one.add_argument("--brokers", required=True)
    verbs.choices["load"].add_argument("--records", required=True)
    verbs.choices["watch"].add_argument("--http", required=True)
    verbs.choices["watch"].add_argument("--about", required=True)
    verbs.choices["watch"].add_argument("--generate", required=True, help="arguments of the live part")
    verbs.choices["watch"].add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    arguments.do(arguments)
    # The client library of some Pythons crashes on its way out, when everything is done.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
