#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How good `meter.M.days_to_limit` is, on generated series whose future is known (series.py).

Every series is an account of its own, played through `headroom simulate`; on the day of asking a
fact lets a rule on the days fire, which then tells them and their interval. No trigger: no date.

    coverage       dated series whose interval holds the truth; an interval without an end holds all
                   that is late. It says 90% of itself.
    median_error   |days - truth| / truth, of dated series
    dated_flat     series that are flat or fall and got a date: there should be none
    undated        series that come to their limit and got no date
    dated_never    those that level off below their limit and got one, of `never`
    open           dated series whose interval has no end

`plain` is what the estimator replaced, worked out here: least squares over the closes of the last
28, 14 or 7 days, and the least and greatest of the three. `again` are the same figures for the next
seed: nothing is fitted to either. `kinds` shows where it is good and where it is not.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
from collections import Counter, defaultdict
from datetime import datetime, timedelta, timezone
from pathlib import Path

import series

FOLDER = Path("build/bench/forecast")
ASKED = datetime(2026, 6, 1, tzinfo=timezone.utc)
CONFIG = """\
sources: [{topic: usage}]
meters:
  gauge: {event: gauge, aggregate: latest, value: /n, limit: gauge}
  flow:  {event: flow,  aggregate: sum,    value: /n, limit: flow}
rules:
  gauge: {watch: meter.gauge.days_to_limit, below: [36500d], when: ["account.asked = 1"]}
  flow:  {watch: meter.flow.days_to_limit,  below: [36500d], when: ["account.asked = 1"]}
"""


def event(number, account, kind, time, data):
    return json.dumps({
        "specversion": "1.0", "id": str(number), "source": "bench", "type": kind,
        "subject": f"s{account}", "time": time.strftime("%Y-%m-%dT%H:%M:%SZ"), "data": data})


def lines_of(drawn):
    """What happens to all of them, in the order of time. The period outlasts every forecast."""
    happened = []
    for account, one in enumerate(drawn):
        kind, begun = ("gauge" if one.gauge else "flow"), ASKED - timedelta(len(one.history))
        happened.append((begun, account, "subscription.created",
                         {"started_at": begun.date().isoformat(), "period": "600 months",
                          "limits": {kind: one.limit}}))
        for day, value in enumerate(one.history):
            if value is not None:
                happened.append((begun + timedelta(day, 12 * 3600), account, kind, {"n": value}))
        happened.append((ASKED, account, "account.updated", {"asked": 1}))
    happened.sort(key=lambda event: event[0])
    return [event(number, account, kind, time, data)
            for number, (time, account, kind, data) in enumerate(happened)]


def forecasts(drawn):
    """By series: (days, low, high or None), or None."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    config, events = FOLDER / "headroom.yaml", FOLDER / "events.ndjson"
    config.write_text(CONFIG)
    events.write_text("".join(line + "\n" for line in lines_of(drawn)))
    told = subprocess.run([os.environ["HEADROOM_BIN"], "simulate", "--config", config, events],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    if told.returncode:
        sys.exit(told.stderr.decode())
    found = [None] * len(drawn)
    for line in told.stdout.splitlines():
        trigger = json.loads(line)
        if trigger["type"] == "headroom.trigger.fired":
            forecast = trigger["data"]["forecast"]
            found[int(trigger["subject"][1:])] = (
                forecast["days_to_limit"], forecast["low"], forecast["high"])
    return found


def plain(one):
    closes, close = [], 0
    for value in one.history:
        close = (value if value is not None else close) if one.gauge else close + (value or 0)
        closes.append(close)

    def slope(n):
        return sum((2 * i - n + 1) * c for i, c in enumerate(closes[-n:])) * 6 / (n * (n * n - 1))

    slopes = [slope(n) for n in (28, 14, 7) if len(closes) >= n]
    left = one.limit - closes[-1]
    if left <= 0 or not slopes or slopes[0] <= 0:
        return (0, 0, 0) if left <= 0 else None
    days = [int(left / one) for one in slopes if one > 0]
    return days[0], min(days), max(days) if len(days) == len(slopes) else None


def figures(drawn, found):
    counts, errors, kinds = Counter(), [], defaultdict(lambda: (Counter(), []))
    for one, forecast in zip(drawn, found):
        if one.truth is None:
            name = "flat" if one.flat else "never"
            counts[name] += 1
            counts["dated_" + name] += forecast is not None
        elif forecast is None:
            counts["undated"] += 1
        else:
            days, low, high = forecast
            holds = low <= one.truth and (high is None or one.truth <= high)
            error = abs(days - one.truth) / max(1, one.truth)
            errors.append(error)
            kinds[one.kind][0].update(dated=1, holds=holds)
            kinds[one.kind][1].append(error)
            counts.update(dated=1, holds=holds, open=high is None)
    return {
        "coverage": round(counts["holds"] / counts["dated"], 3),
        "median_error": round(statistics.median(errors), 3),
        "series": len(drawn),
        **{name: counts[name] for name in ("dated", "open", "undated", "flat", "dated_flat",
                                           "never", "dated_never")},
        "kinds": {kind: {"coverage": round(of["holds"] / of["dated"], 3),
                         "median_error": round(statistics.median(off), 3), "dated": of["dated"]}
                  for kind, (of, off) in sorted(kinds.items())},
    }


def measure(seed, count):
    drawn = series.draw(seed, count)
    found = figures(drawn, forecasts(drawn))
    replaced = figures(drawn, [plain(one) for one in drawn])
    return {**found, "seed": seed,
            "plain": {name: replaced[name] for name in ("coverage", "median_error", "dated",
                                                        "undated", "dated_flat", "dated_never")}}


def main():
    parser = argparse.ArgumentParser(prog="bench/run.sh forecast")
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--series", type=int, default=200)
    given = parser.parse_args()
    result = {"bench": "forecast", **measure(given.seed, given.series)}
    result["again"] = measure(given.seed + 1, given.series)
    for one in (result, result["again"]):
        print(f"seed {one['seed']}: of {one['series']} series {one['dated']} dated; the interval "
              f"holds {one['coverage']:.1%}, median error {one['median_error']:.1%} "
              f"(plain: {one['plain']['coverage']:.1%}, {one['plain']['median_error']:.1%}); "
              f"{one['dated_flat']} of {one['flat']} flat ones dated", file=sys.stderr)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
