#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Drains one topic twice: with a bare librdkafka consumer, and with `headroom run` counting every
event, evaluating three levels and publishing triggers. Prints events_per_s, raw_events_per_s and
their ratio. Both clocks run from the first record to the last.

What must come out is known by hand: every account gets EVENTS / ACCOUNTS events of one call, the
HEAVY ones of ten; the levels are such that each heavy account crosses all three and no other any.
"""
import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import rig
from rig import headroom
from rig.kafka import Kafka

ACCOUNTS, HEAVY, PARTITIONS = 100_000, 1_000, 4
TOOL = Path(os.environ["HEADROOM_BUILD"]) / "bench" / "bench_drain"


def tool(*words):
    done = subprocess.run([TOOL, *map(str, words)], capture_output=True, text=True, timeout=900)
    if done.returncode:
        sys.exit(done.stderr)
    return done.stdout


def configuration(brokers, names, http, each):
    return {
        "kafka": {"brokers": brokers, "group": names["group"]},
        "redis": {"url": os.environ["REDIS_URL"], "prefix": names["group"]},
        "http": {"listen": http},
        "sources": [{"topic": names["usage"], "format": "cloudevents"}],
        "triggers": {"topic": names["triggers"]},
        "dead_letters": {"topic": names["dead"]},
        "start": {"live_from": "2020-01-01"},
        "meters": {"calls": {"event": "api.request", "aggregate": "sum", "value": "/calls"}},
        "rules": {
            "busy": {
                "watch": "meter.calls.period",
                "levels": [str(each * 4), str(each * 8), str(each * 10)],
            }
        },
    }


def counted(run):
    """Records counted so far and records read."""
    text = run.get("/metrics")[1]
    total = {"read": 0, "counted": 0}
    for line in text.splitlines():
        for name in total:
            if line.startswith("headroom_records_total{") and f'result="{name}"' in line:
                if "-internal" not in line:
                    total[name] += int(float(line.rsplit(" ", 1)[1]))
    return total["read"], total["counted"]


def drain(config, http, events, log):
    with headroom.Run(config, log=log, http=http) as run:
        first = first_at = None
        end = time.monotonic() + 600
        while True:
            read, good = counted(run)
            now = time.monotonic()
            if read and first is None:
                first, first_at = read, now
            if read >= events:
                break
            if now > end or run.child.poll() is not None:
                sys.exit(f"drain.py: {read} of {events} read; see {log}")
            time.sleep(0.02)
        rate = (read - first) / (now - first_at) if read > first else 0
        usage = Path(f"/proc/{run.child.pid}/stat").read_text().rsplit(")", 1)[1].split()
        run.stop()
        if good != events:
            sys.exit(f"drain.py: {good} of {events} events were counted")
        return rate, (int(usage[11]) + int(usage[12])) / os.sysconf("SC_CLK_TCK")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=3_000_000)
    arguments = parser.parse_args()
    events = arguments.events
    brokers = os.environ["KAFKA_BROKERS"]
    names = {part: rig.unique(f"drain-{part}") for part in ("group", "usage", "triggers", "dead")}
    kafka = Kafka(brokers)
    kafka.create(names["usage"], PARTITIONS)
    folder = Path("build/bench/drain")
    http = "127.0.0.1:" + subprocess.check_output(
        ["sh", "deploy/services.sh", "free-port", str(folder)], text=True
    ).strip()
    config = headroom.write_config(
        folder / "headroom.json", configuration(brokers, names, http, events // ACCOUNTS)
    )
    tool("fill", brokers, names["usage"], events, ACCOUNTS, HEAVY)
    headroom.command("topics", "create", "--config", config)
    raw = float(tool("raw", brokers, names["usage"], events))
    rate, cpu = drain(config, http, events, folder / "headroom.log")
    fired = len(kafka.read(names["triggers"]))
    if fired != 3 * HEAVY:
        sys.exit(f"drain.py: {fired} triggers, not {3 * HEAVY}")
    print(
        json.dumps(
            {
                "events_per_s": round(rate),
                "raw_events_per_s": round(raw),
                "ratio": round(rate / raw, 3),
                "events_per_cpu_s": round(events / cpu),
                "triggers": fired,
            }
        )
    )


if __name__ == "__main__":
    main()
