# SPDX-License-Identifier: Apache-2.0
"""`headroom simulate` as the tool with which a rule is rehearsed: what it says beside the triggers.
Histories are a few lines each; what must follow from them is worked out by hand."""
import json
import tempfile
from pathlib import Path

from rig import headroom, scenario

SEATS = {
    "sources": [{"topic": "usage"}],
    "meters": {"seats": {"event": "seats", "aggregate": "latest", "value": "/n", "limit": "seats"}},
    "plans": {"small": {"limits": {"seats": 100}}},
    "rules": {"full": {"watch": "meter.seats.used", "levels": ["80%", "100%"]}},
}


def event(time, kind, data, subject="a", **more):
    """A line; its id is the time and the kind."""
    return json.dumps(
        {
            "specversion": "1.0",
            "id": f"{time}/{kind}",
            "source": "/test",
            "type": kind,
            "subject": subject,
            "time": time,
            "data": data,
            **more,
        }
    )


def plan(time, subject="a"):
    return event(time, "subscription.created", {"plan": "small"}, subject)


def seats(time, n, subject="a", **more):
    return event(time, "seats", {"n": n}, subject, **more)


class Desk:
    """A folder with a configuration and files in it."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.folder.cleanup()

    def config(self, tree, name="headroom.json"):
        return headroom.write_config(self.path / name, {"kafka": {"brokers": "127.0.0.1:1", "group": "g"}, **tree})

    def file(self, name, *lines):
        (self.path / name).write_text("".join(line + "\n" for line in lines))
        return self.path / name

    def simulate(self, config, *arguments, status=0):
        """(standard output, standard error) as text."""
        out, err = headroom.command("simulate", "--config", config, *arguments, status=status)
        return out.decode(), err.decode()


def test_what_fired_is_told_by_month_and_segment():
    with Desk() as desk:
        config = desk.config(SEATS)
        lines = desk.file(
            "a.ndjson",
            plan("2026-01-01T00:00:00Z"),
            plan("2026-01-01T00:00:00Z", "b"),
            event("2026-01-02T00:00:00Z", "account.updated", {"segment": "startup"}),
            seats("2026-01-31T23:59:59Z", 80),  # fires in January, a startup
            seats("2026-02-01T00:00:00Z", 10),
            event("2026-03-01T00:00:00Z", "account.updated", {"segment": "enter\x1bprise"}),
            seats("2026-03-01T01:00:00Z", 100),  # fires in March, an enterprise; none in February
            seats("2026-03-02T00:00:00Z", 101, "b"),  # no segment
        )
        summary = desk.path / "summary.json"
        desk.simulate(config, "--max-step", "60d", "--summary", summary, lines)
        assert json.loads(summary.read_text())["months"] == [
            {"rule": "full", "month": "2026-01", "segment": "startup", "fired": 1},
            {"rule": "full", "month": "2026-03", "segment": "", "fired": 1},
            {"rule": "full", "month": "2026-03", "segment": "enter\x1bprise", "fired": 1},
        ]
        _, said = desk.simulate(config, "--max-step", "60d", lines)
        rows = [line.split() for line in said.splitlines()]
        at = rows.index(["by", "month", "all", "Jan", "Feb", "Mar"])
        assert rows[at + 1] == ["full", "3", "1", ".", "2"], said
        assert rows[at + 2] == ["by", "segment", "all", "(none)", "startup", "enter\\x1bprise"], said
        assert rows[at + 3] == ["full", "3", "1", "1", "1"], said


scenario.main()
