# SPDX-License-Identifier: Apache-2.0
"""Asks schemas/trigger.schema.json about triggers as the program writes them (`headroom simulate`),
and about the same with one thing wrong, which it must refuse."""
import copy
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import jsonschema

SCHEMA = pathlib.Path(__file__).resolve().parents[2] / "schemas" / "trigger.schema.json"

CONFIG = """
sources: [{topic: usage}]
meters:
  seats: {event: seats, aggregate: latest, value: /n, limit: seats, worth: 5 USD}
  calls: {event: calls, aggregate: sum, value: /n}
products: {suite: {}}
plans:
  small: {limits: {seats: 10}, mrr: 50 USD, next: large}
  large: {limits: {seats: 100}, mrr: 400 USD, products: [suite], link: "https://example.com/up"}
rules:
  full:    {watch: meter.seats.used, levels: [80%]}
  soon:    {watch: meter.seats.days_to_limit, below: [60d]}
  happy:   {watch: account.nps, levels: [9], category: cross-sell, offer: {product: suite, mrr: [5000 USD, 12000 USD]}}
  renewal: {watch: renewal.days_left, below: [400d, 30d], category: renewal}
  worth:   {watch: value.seats, levels: [30 USD], mode: shadow}
  lost:    {watch: account.health, below: [50], category: risk}
"""

EVENTS = [
    ("2026-01-01T00:00:00Z", "subscription.created", {"plan": "small", "renewal_date": "2026-02-15"}),
    *((f"2026-01-{day:02}T10:00:00Z", "seats", {"n": day / 2}) for day in range(2, 14)),
    ("2026-01-14T09:00:00Z", "milestone.achieved", {"milestone": "success_metric"}),
    ("2026-01-14T10:00:00Z", "milestone.achieved", {"milestone": "first <b>\u0001"}),
    ("2026-01-14T11:00:00Z", "feedback.nps", {"score": 10}),
    ("2026-01-14T12:00:00Z", "health.updated", {"score": 40}),
    ("2026-01-16T10:00:00Z", "seats", {"n": 8}),
    ("2026-01-17T10:00:00Z", "seats", {"n": 1}),
]

# A place of the first trigger that has it, and what is put there; None takes it away.
WRONG = [
    ("/specversion", "0.3"),
    ("/id", "full.acme"),
    ("/data/value", 8),
    ("/data/category", "upgrade"),
    ("/data/cause", None),
    ("/data/reason", "usage"),
    ("/data/route/audience", ["everybody"]),
    ("/data/route/owner", None),
    ("/data/recommend/mrr_delta", "350.00 USD"),
    ("/data/offer/currency", "dollars"),
    ("/data/playbook/roi", None),
    ("/data/playbook/discovery/evidence", [{"what": "meter.seats"}]),
    ("/data/score/total", "80"),
    ("/data/score/parts", [{"points": 25, "name": "business_outcomes"}]),
    ("/data/forecast/low", -1),
    ("/data/times/decided", "today"),
]


def simulate():
    program = os.environ["HEADROOM_BIN"]
    with tempfile.TemporaryDirectory() as folder:
        config, events = pathlib.Path(folder, "headroom.yaml"), pathlib.Path(folder, "events.ndjson")
        config.write_text(CONFIG)
        events.write_text("".join(
            json.dumps({"specversion": "1.0", "id": str(number), "source": "/test", "type": kind,
                "subject": "acme", "time": time, "data": data}) + "\n"
            for number, (time, kind, data) in enumerate(EVENTS)))
        done = subprocess.run([program, "simulate", "--config", config, "--shadow", events],
            check=True, capture_output=True, text=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def put(trigger, pointer, value):
    """The trigger with another value there; None: it has no such place."""
    changed = copy.deepcopy(trigger)
    *steps, last = pointer.split("/")[1:]
    inside = changed
    for step in steps:
        inside = inside.get(step)
        if not isinstance(inside, dict):
            return None
    if inside.get(last) is None and pointer != "/data/route/owner":
        return None
    if value is None:
        del inside[last]
    else:
        inside[last] = value
    return changed


def not_named(schema, node, value):
    """The first member of the value of which the schema says nothing; None."""
    while "$ref" in node:
        node = schema["$defs"][node["$ref"].rsplit("/", 1)[1]]
    if isinstance(value, list):
        return next(filter(None, (not_named(schema, node["items"], one) for one in value)), None)
    for name, one in value.items() if isinstance(value, dict) else ():
        if name not in node["properties"]:
            return name
        inside = not_named(schema, node["properties"][name], one)
        if inside:
            return f"{name}/{inside}"
    return None


def say(label, why):
    print(f"not ok schemas.trigger: {label}: {why}" if why else f"ok schemas.trigger: {label}")
    return why is not None


def main():
    schema = json.loads(SCHEMA.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    whole = {"properties": schema["properties"] | schema["$defs"]["trigger"]["properties"]}
    triggers = simulate()
    failures = 0
    kinds = {(t["data"]["rule"], t["type"].rsplit(".", 1)[1]) for t in triggers}
    for kind in [("full", "fired"), ("full", "resolved"), ("soon", "fired"), ("happy", "fired"),
                 ("renewal", "fired"), ("worth", "fired"), ("lost", "fired")]:
        failures += say(f"{kind[0]} {kind[1]} is there", None if kind in kinds else "it is not")
    for trigger in triggers:
        wrong = next(validator.iter_errors(trigger), None)
        failures += say(trigger["id"], wrong and f"{wrong.json_path}: {wrong.message[:200]}")
        unknown = not_named(schema, whole, trigger)
        failures += say(f"{trigger['id']} has no other members", unknown and f"{unknown} is not in it")
    for pointer, value in WRONG:
        changed = [put(trigger, pointer, value) for trigger in triggers]
        changed = [trigger for trigger in changed if trigger]
        passed = [trigger for trigger in changed if validator.is_valid(trigger)]
        why = "no trigger has it" if not changed else "it passes" if passed else None
        failures += say(f"{pointer} as {json.dumps(value)} is refused", why)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
