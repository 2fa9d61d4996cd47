#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What an account costs: bytes of memory, of Redis and of the changelog, in four lives of it.

    usage      a meter, a limit, a rule that does not fire: it has no outcomes and pays for none
    fired      the same, and the rule fired
    customer   it pays as well, was told of by people and has an open deal
    growth     the same under score, segments, routes, timing and bands of signals

Redis is a real one, given the values, the timers and the readable fields as `run` writes them; the
ids seen are a bound of the whole process (dedup.memory) and are not in it. The books are: they cost
a home, not an account. The last line is JSON.
"""
import argparse
import json
import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

FOLDER = Path("build/bench/memory")
TOOL = Path(os.environ["HEADROOM_BUILD"]) / "bench" / "bench_memory"

PLAIN = """\
sources: [{topic: usage, format: cloudevents}]
meters:
  contacts: {event: contact.count, aggregate: latest, value: /n, limit: contacts}
  calls:    {event: api.request, aggregate: sum, value: /n, windows: [30d]}
plans: {starter: {limits: {contacts: 5000}, mrr: 400 USD, next: [growth]},
        growth: {limits: {contacts: 10000}, mrr: 1200 USD}}
rules:
  capacity: {watch: meter.contacts.used, levels: [80%, 90%]}
"""
GROWTH = PLAIN + """\
segments: [{name: enterprise, when: ["account.arr >= 100k"]}]
score: [{points: 30, when: ["meter.contacts.used > 80%"]}, {points: 15, when: ["account.health > 80"]}]
routes: [{when: ["segment = enterprise"], audience: account_manager}, {audience: csm}]
timing: {min_tenure: 7d, budget: {account: 2 per 30d}}
outcomes: {hold_out: 10%, bands: {account.nps: [7, 9], account.health: [50, 80]}}
"""


def event(name, day, **data):
    return json.dumps({"specversion": "1.0", "id": f"{name}-{day}", "source": "/bench",
                       "type": name, "subject": "%", "time": f"2026-03-{day:02}T10:00:00Z",
                       "data": data})


def lives():
    begin = {"plan": "starter", "renewal_date": "2027-03-01"}
    usage = [event("api.request", day, n=17) for day in (2, 5, 9)]
    below, above = event("contact.count", 10, n=3000), event("contact.count", 20, n=4200)
    people = [event("account.updated", 3, segment="startup", owner="dana", csm="lee"),
              event("feedback.nps", 4, score=9), event("health.updated", 4, score=85)]
    deal = event("opportunity.stage_changed", 21, opportunity="o-1", stage="qualified",
                 kind="upsell", amount=960000, currency="USD")
    first = event("subscription.created", 1, **begin)
    paid = event("subscription.created", 1, **begin, mrr=40000, currency="USD")
    customer = [paid, *people, *usage, below, above, deal]
    return {"usage": (PLAIN, [first, *usage, below]),
            "fired": (PLAIN, [first, *usage, below, above]),
            "customer": (PLAIN, customer),
            "growth": (GROWTH, customer)}


def ask(connection, *words):
    text = f"*{len(words)}\r\n" + "".join(f"${len(word)}\r\n{word}\r\n" for word in words)
    connection.sendall(text.encode())


def used(path):
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(path))
        ask(connection, "INFO", "memory")
        text = b""
        while b"used_memory:" not in text or not text.endswith(b"\r\n"):
            text += connection.recv(65536)
    return int(text.split(b"used_memory:")[1].split(b"\r\n")[0])


def start_redis():
    path = (FOLDER / "redis.sock").resolve()
    server = subprocess.Popen(
        ["redis-server", "--port", "0", "--unixsocket", path, "--save", "", "--appendonly", "no",
         "--dir", FOLDER], stdout=subprocess.DEVNULL)
    while not path.exists():
        time.sleep(0.05)
    return server, path


def measure(name, config, events, accounts):
    (FOLDER / "config.yaml").write_text(config)
    (FOLDER / "events.ndjson").write_text("\n".join(events))
    commands = FOLDER / "commands"
    with commands.open("wb") as out:
        told = subprocess.run([TOOL, FOLDER / "config.yaml", FOLDER / "events.ndjson",
                               str(accounts)], stdout=out, stderr=subprocess.PIPE, check=False)
    if told.returncode:
        raise SystemExit(f"{name}: {told.stderr.decode()}")
    costs = json.loads(told.stderr)
    server, path = start_redis()
    try:
        before = used(path)
        with commands.open("rb") as source:
            subprocess.run(["redis-cli", "-s", path, "--pipe"], stdin=source, check=True,
                           stdout=subprocess.DEVNULL)
        costs["redis"] = round((used(path) - before) / accounts)
    finally:
        server.terminate()
        server.wait()
        path.unlink(missing_ok=True)
    return costs


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--accounts", type=int, default=20_000)
    accounts = parser.parse_args().accounts
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    found = {}
    print(f"{'bytes an account':<16} {'memory':>8} {'redis':>8} {'changelog':>10}")
    for name, (config, events) in lives().items():
        found[name] = measure(name, config, events, accounts)
        print(f"{name:<16} {found[name]['memory']:>8} {found[name]['redis']:>8} "
              f"{found[name]['changelog']:>10}")
    print(json.dumps({"bench": "memory", "accounts": accounts, **found}))


main()
