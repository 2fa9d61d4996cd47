#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The quick start's company meets headroom: its records into Kafka, its triggers out again.

    play.py load --brokers B --records FILE     makes the source topics and fills them
    play.py watch --brokers B --http H:P …      shows triggers as they fire, then the summary

`watch` begins when `headroom run` does. It waits until headroom has dealt with the history, then
sends live traffic for a few seconds, and ends with the summary: for people on standard error, with
--json also as one line on standard output.

What it measures, it measures from outside. Events a second: the records of the history by the time
from when headroom was ready to read them to when the last of them was committed. The delay of a
live trigger: from the time-stamp of the record that caused it to when a committed reader has it.
"""
import argparse
import collections
import datetime
import json
import os
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import confluent_kafka
from confluent_kafka.admin import AdminClient, NewTopic

HERE = Path(__file__).resolve().parent
TOPICS = ("usage", "billing")
PARTITIONS = 4
LOOK_EVERY = 0.01  # seconds between two looks at /metrics
QUIET = 0.3  # seconds without a change after which nothing more is to be expected
PATIENCE = 120  # seconds


def settings(arguments):
    return {"bootstrap.servers": arguments.brokers, "log_level": 0}


# --- load --------------------------------------------------------------------------------------


def make_topics(arguments):
    """Old time-stamps need retention.ms=-1: by default such records are deleted within minutes."""
    admin = AdminClient(settings(arguments))
    new = [NewTopic(name, PARTITIONS, 1, config={"retention.ms": "-1"}) for name in TOPICS]
    for made in admin.create_topics(new).values():
        made.result(30)


def sender(arguments):
    """A producer that knows its topics before the first record: those sent before it knows where
    they go are sorted out later, behind others, and an account's records would change places."""
    producer = confluent_kafka.Producer(
        {
            **settings(arguments),
            "partitioner": "murmur2_random",
            "enable.idempotence": True,
            "linger.ms": 1,
        }
    )
    for topic in TOPICS:
        producer.list_topics(topic, 30)
    return producer


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


# --- what headroom says of itself --------------------------------------------------------------


class Headroom:
    """A `headroom run`, by its HTTP port and its process id."""

    def __init__(self, arguments):
        self.address, self.pid = f"http://{arguments.http}", arguments.pid

    def get(self, path):
        """The answer, or None when there is none or it is no."""
        if not os.path.exists(f"/proc/{self.pid}"):
            sys.exit("play.py: headroom run has ended")
        try:
            with urllib.request.urlopen(self.address + path, timeout=5) as answer:
                return answer.read().decode()
        except (urllib.error.URLError, ConnectionError):
            return None

    def wait_until_ready(self):
        end = time.monotonic() + PATIENCE
        while self.get("/readyz") is None:
            if time.monotonic() > end:
                sys.exit("play.py: headroom run does not get ready")
            time.sleep(LOOK_EVERY)

    def records(self):
        """Records committed: of the sources, and of all topics with headroom's own."""
        sources = everything = 0
        for line in (self.get("/metrics") or "").splitlines():
            if line.startswith("headroom_records_total{") and 'result="read"' in line:
                count = int(line.rsplit(" ", 1)[1])
                everything += count
                sources += 0 if 'topic="headroom-' in line else count
        return sources, everything

    def settle(self, total, taken):
        """Until the sources' first `total` records are committed: that moment. Then until nothing
        has moved for a while, here and in what was `taken` of the output."""
        end, done_at, changed_at, before = time.monotonic() + PATIENCE, None, None, None
        while True:
            (dealt, everything), now = self.records(), time.monotonic()
            if dealt >= total and done_at is None:
                done_at = now
            if (everything, taken()) != before:
                before, changed_at = (everything, taken()), now
            if done_at is not None and now - changed_at >= QUIET:
                return done_at
            if now > end:
                sys.exit(f"play.py: headroom has dealt with {dealt} of {total} records")
            time.sleep(LOOK_EVERY)


# --- what comes out ----------------------------------------------------------------------------


def millis(stamp):
    return datetime.datetime.fromisoformat(stamp.replace("Z", "+00:00")).timestamp() * 1000


def grouped(figure):
    """4645 as 4,645; what is no plain number stays as it is."""
    whole, point, places = figure.partition(".")
    return f"{int(whole):,}{point}{places}" if whole.lstrip("-").isdigit() else figure


def standing(data):
    """What the signal stands at, and of what."""
    meter, signal = data.get("meter"), data["signal"]
    if data["value"] is None:
        return f"{signal} is unknown"
    if not meter:
        return f"{signal} {data['value']}"
    value = grouped(data["value"])
    if signal.endswith(".used") and meter["limit"]:
        return f"{meter['name']} {grouped(meter['value'])} of {grouped(meter['limit'])}, {value}"
    return f"{signal.removeprefix('meter.')} {value}"


def spoken(trigger):
    """A trigger as one readable line."""
    data = trigger["data"]
    if trigger["type"].endswith(".fired"):
        mark, why = "▲", data["cause"] + (", late" if data.get("late") else "")
    else:
        mark, why = "▽", data["reason"]
    sign = "≥" if data["direction"] == "up" else "≤"
    return (
        f"{trigger['time'][:19].replace('T', ' ')} {mark} {trigger['subject']:<16} "
        f"{data['rule']:<15} {sign} {data['level']:<7} {standing(data):<40} {why}"
    )


class Viewer(threading.Thread):
    """Reads what headroom publishes, shows each trigger and counts. What was decided up to `until`
    belongs to the history, and what later to the live part, whenever it is read."""

    def __init__(self, arguments, until):
        super().__init__(daemon=True)
        self.until, self.taken, self.last = until, 0, None
        self.fired, self.resolved = collections.Counter(), collections.Counter()
        self.history_fired, self.history_resolved = collections.Counter(), collections.Counter()
        self.reasons, self.delays = collections.Counter(), []
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

    def run(self):
        while True:
            message = self.reader.poll(1)
            if message is not None and message.error() is None:
                self.topics[message.topic()](message)
                self.taken += 1

    def take_trigger(self, message):
        now, trigger = time.time() * 1000, json.loads(message.value())
        data, old = trigger["data"], millis(trigger["time"]) <= self.until
        if trigger["type"].endswith(".fired"):
            self.fired[data["rule"]] += 1
            self.history_fired[data["rule"]] += old
            self.last = trigger["subject"]
        else:
            self.resolved[data["reason"]] += 1
            self.history_resolved[data["reason"]] += old
        if not old and data["times"]["ingested"]:
            self.delays.append(now - millis(data["times"]["ingested"]))
        print(spoken(trigger), file=sys.stderr, flush=True)

    def take_letter(self, message):
        self.reasons[dict(message.headers())["hr-reason"].decode()] += 1


# --- watch -------------------------------------------------------------------------------------


def send_live(arguments):
    """How many. The producer is connected before the first record gets its time-stamp."""
    producer, sent = sender(arguments), 0
    source = subprocess.Popen(
        [sys.executable, HERE / "generate.py", *arguments.generate.split()],
        stdout=subprocess.PIPE,
        text=True,
    )
    for line in source.stdout:
        send(producer, line)
        sent += 1
        producer.poll(0)
    if source.wait() or producer.flush(30):
        sys.exit("play.py: the live part could not be sent")
    return sent


def percentile(values, share):
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1) if ordered else None


def tell(summary):
    def listed(counts):
        return ", ".join(f"{name} {count}" for name, count in sorted(counts.items())) or "none"

    live = f"{summary['live']['triggers']} triggers"
    if summary["live"]["measured"]:
        live += f", from event to trigger p50 {summary['p50_ms']} ms, p99 {summary['p99_ms']} ms"
    print(
        f"""
  events        {summary['events']:,}, the history at {summary['events_per_s']:,} a second
  triggers      {listed(summary['triggers'])}
  resolved      {listed(summary['resolved'])}
  dead letters  {listed(summary['dead_letters'])}
  live          {live}""",
        file=sys.stderr,
    )


def advise(arguments, account):
    print(
        f"""
It goes on running. Try next:

  {arguments.program} account {account} --config {arguments.config}
  {arguments.program} top --config {arguments.config}
  {arguments.program} report dashboard --config {arguments.config}
  {arguments.program} deadletter list --config {arguments.config}
""",
        file=sys.stderr,
    )


def watch(arguments):
    about = json.loads(Path(arguments.about).read_text(encoding="utf-8"))
    headroom, viewer = Headroom(arguments), Viewer(arguments, millis(about["until"]))
    viewer.start()
    headroom.wait_until_ready()
    begun = time.monotonic()
    ended = headroom.settle(about["records"], lambda: viewer.taken)
    history, letters = viewer.taken, dict(viewer.reasons)
    print("==>        live for a few seconds", file=sys.stderr, flush=True)
    sent = send_live(arguments)
    headroom.settle(about["records"] + sent, lambda: viewer.taken)
    summary = {
        "events": about["records"] + sent,
        "triggers": dict(viewer.fired),
        "resolved": dict(viewer.resolved),
        "dead_letters": dict(viewer.reasons),
        "events_per_s": round(about["records"] / (ended - begun)),
        "p50_ms": percentile(viewer.delays, 0.50),
        "p99_ms": percentile(viewer.delays, 0.99),
        "history": {
            "events": about["records"],
            "until": about["until"],
            "triggers": dict(+viewer.history_fired),
            "resolved": dict(+viewer.history_resolved),
            "dead_letters": letters,
        },
        "live": {
            "events": sent,
            "triggers": viewer.taken - history,
            "measured": len(viewer.delays),
        },
    }
    tell(summary)
    advise(arguments, viewer.last)
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
    one = verbs.choices["watch"]
    one.add_argument("--http", required=True, help="where headroom run listens")
    one.add_argument("--pid", required=True, help="its process id")
    one.add_argument("--about", required=True, help="the generator's about.json")
    one.add_argument("--generate", required=True, help="the generator's arguments, live part")
    one.add_argument("--program", required=True, help="headroom, as the last lines name it")
    one.add_argument("--config", required=True, help="its configuration, likewise")
    one.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    try:
        arguments.do(arguments)
    except SystemExit as why:
        print(why, file=sys.stderr)
        os._exit(1)
    # The client library of some Pythons crashes on its way out, when everything is done.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
