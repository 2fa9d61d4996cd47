# SPDX-License-Identifier: Apache-2.0
"""Commands that work on files, on very little: each allocation and each system call fails once."""
import json
import os
import shutil
import tempfile
from pathlib import Path

import everything
from rig import scenario
from rig.headroom import PROGRAM

LIBRARY = PROGRAM.parents[1] / "tests/small/libsmall_every.so"
# Of all that comes so often one in so many: a thousand calls read the time zones. 1: every one.
STEP = int(os.environ.get("SMALL_STEP", "23"))

RULES = {
    "meters": {
        "calls": {"event": "call", "aggregate": "sum", "value": "/n", "limit": "calls"},
        "users": {"event": "call", "aggregate": "unique", "value": "/user", "windows": ["24h"]},
    },
    "plans": {"small": {"limits": {"calls": 10}}},
    "rules": {"near": {"watch": "meter.calls.used", "levels": ["50%", "100%"]}},
}
TREE = {
    "kafka": {"brokers": "127.0.0.1:1", "group": "small"},
    "redis": {"url": "redis://127.0.0.1:1"},
    "sources": [{"topic": "usage"}],
    "triggers": {"topic": "triggers"},
    "dead_letters": {"topic": "dead"},
    **RULES,
}
ACCOUNTS = "account,plan,attribute\nacme,small,red\nglobex,small,blue\n"


def event(number, type, data):
    return {
        "specversion": "1.0",
        "source": "/small",
        "id": str(number),
        "type": type,
        "subject": f"acct-{number % 2}",
        "time": f"2026-03-02T00:00:{number:02}Z",
        "data": data,
    }


def events():
    plan = {"plan": "small", "period": "month", "period_start": "2026-03-01"}
    yield from (event(n, "subscription.created", plan) for n in (0, 1))
    yield from (event(n, "call", {"n": 1, "user": f"u{n}"}) for n in range(2, 26))
    yield event(3, "call", {"n": 1, "user": "u3"})
    yield {"no": "event"}


def every_call(name, *arguments, finds=0):
    """`finds`: the least number of calls that there are, so that a test of nothing is seen."""
    folder = Path(tempfile.mkdtemp(prefix="small-"))
    (folder / "headroom.yaml").write_text(json.dumps(TREE))
    (folder / "other.yaml").write_text(json.dumps({**TREE, "plans": {"small": {"limits": {}}}}))
    (folder / "events").write_text("".join(json.dumps(e) + "\n" for e in events()))
    (folder / "accounts.csv").write_text(ACCOUNTS)
    arguments = [a.replace("@", f"{folder}/") for a in (name, *arguments)]
    children, itself, status, wanted = everything.run(
        PROGRAM, LIBRARY, [*arguments, "--config", f"{folder}/headroom.yaml"], folder, STEP
    )
    assert status == 0 and wanted, f"status {status}, {len(wanted)} bytes written"
    assert itself.number >= finds, f"{itself.number} calls"
    wrong, went_on = everything.judge(children, itself, status, wanted)
    print(
        f"    {name}: {len(children)} of {itself.number} calls failed once"
        f" ({everything.describe(children)}): {went_on} made no difference,"
        f" {len(children) - went_on} ended in an error"
    )
    wrong += [f"{child}: the file is blamed" for child in children if "not valid YAML" in child.said]
    assert not wrong, f"{len(wrong)} of {len(children)}: " + "; ".join(wrong[:3])
    shutil.rmtree(folder)


def test_check():
    every_call("check", finds=2000)


def test_import():
    every_call("import", "@accounts.csv", "--dry-run", finds=2000)


def test_simulate():
    written = [f"--{what}=@{what}" for what in ("dead-letters", "accounts", "books", "html")]
    every_call("simulate", *(word for w in written for word in w.split("=")), "@events", finds=2000)


def test_simulate_compares():
    every_call("simulate", "--rules", "@other.yaml", "@events", finds=2000)


scenario.main()
