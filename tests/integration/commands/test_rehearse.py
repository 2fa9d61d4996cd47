# SPDX-License-Identifier: Apache-2.0
"""`headroom simulate` as the tool with which a rule is rehearsed: what it says beside the triggers.
Histories are a few lines each; what must follow from them is worked out by hand."""
import json
import os
import subprocess
import sys
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


def test_files_of_several_topics_are_played_in_the_order_of_arrival():
    with Desk() as desk:
        config = desk.config(SEATS)
        # The plan is known first, whichever file is named first; without it no share is known.
        usage = desk.file(
            "usage.ndjson",
            seats("2026-01-02T00:00:00Z", 85),
            "no JSON",  # goes with the line before it
            seats("2026-01-04T00:00:00Z", 10),
            # A client with a wrong clock does not hold back what stands behind it.
            seats("2031-01-01T00:00:00Z", 100),
            seats("2026-01-05T00:00:00Z", 85),
            seats("2026-01-07T00:00:00Z", 90, _now="2026-01-09T00:00:00Z"),  # after the upgrade
        )
        billing = desk.file(
            "billing.ndjson",
            plan("2026-01-01T00:00:00Z"),
            event("2026-01-08T00:00:00Z", "subscription.updated", {"limits": {"seats": 1000}}),
        )
        letters = desk.path / "letters"
        for files in ((usage, billing), (billing, usage)):
            out, _ = desk.simulate(config, "--dead-letters", letters, *files)
            told = [(t["id"], t["time"]) for t in map(json.loads, out.splitlines())]
            assert told == [
                ("full/a/80pct/2026-01-01#1", "2026-01-02T00:00:00.000Z"),
                ("full/a/80pct/2026-01-01#1/resolved", "2026-01-04T00:00:00.000Z"),
                ("full/a/80pct/2026-01-01#2", "2026-01-05T00:00:00.000Z"),
                ("full/a/80pct/2026-01-01#2/resolved", "2026-01-08T00:00:00.000Z"),
            ], told
            refused = [json.loads(line) for line in letters.read_text().splitlines()]
            assert [(r["reason"], Path(r["file"]).name, r["line"]) for r in refused] == [
                ("bad_json", "usage.ndjson", 2), ("in_future", "usage.ndjson", 4)
            ], refused


def test_a_file_named_after_its_topic_is_read_as_that_source_is():
    with Desk() as desk:
        own = {"id": "/n", "source_is": "own", "type_is": "seats", "account": ["/who"], "time": "/at"}
        config = desk.config(
            {**SEATS, "formats": {"own": own}, "sources": [{"topic": "billing"}, {"topic": "app", "format": "own"}],
             "meters": {"seats": {**SEATS["meters"]["seats"], "value": "/used"}}}
        )
        billing = desk.file("billing.ndjson", plan("2026-01-01T00:00:00Z"))
        usage = desk.file(
            "a=b.ndjson", json.dumps({"n": 1, "who": "a", "at": "2026-01-02T00:00:00Z", "used": 85})
        )
        out, _ = desk.simulate(config, f"app={usage}", f"billing={billing}")
        assert [json.loads(line)["id"] for line in out.splitlines()] == ["full/a/80pct/2026-01-01#1"]
        out, said = desk.simulate(config, usage, billing)  # as CloudEvents, since the sources differ
        assert out == "" and "bad_event  1" in said, said
        named = desk.file("app.v1.ndjson", usage.read_text().strip())
        out, _ = desk.simulate(config, named, billing)
        assert [json.loads(line)["id"] for line in out.splitlines()] == ["full/a/80pct/2026-01-01#1"]
        _, said = desk.simulate(config, "--format", "cloudevents", named, billing)
        assert "bad_event  1" in said, said


def test_a_source_can_be_silent_in_files_that_are_named_after_it():
    with Desk() as desk:
        tree = {
            "sources": [{"topic": "billing"}, {"topic": "usage", "silent_after": "6h"}],
            "meters": {"calls": {"event": "call", "aggregate": "count"}},
            "rules": {"gone": {"watch": "meter.calls.24h", "below": [0], "category": "risk"}},
        }
        config = desk.config({**SEATS, **tree})
        lines = [event(f"2026-01-01T{hour:02}:00:00Z", "call", {}) for hour in range(0, 24, 3)]
        usage, other = desk.file("usage.ndjson", *lines), desk.file("other.ndjson", *lines)
        billing = desk.file("billing.ndjson", plan("2026-01-01T00:00:00Z"))
        for file in (usage, f"usage={other}"):
            out, said = desk.simulate(config, "--until", "2026-01-03", billing, file)
            assert out == "" and "nobody says" not in said, (out, said)
        out, said = desk.simulate(config, "--until", "2026-01-03", billing, other)
        assert json.loads(out)["data"]["rule"] == "gone", out
        assert "other.ndjson: nobody says" in said and "billing.ndjson: nobody" not in said, said
        # Where there is one source alone, every file is of it.
        alone = desk.config({**SEATS, **tree, "sources": tree["sources"][1:]}, "alone.json")
        out, said = desk.simulate(alone, "--until", "2026-01-03", billing, other)
        assert out == "" and "nobody says" not in said, (out, said)


def rivals(desk):
    """(A, B, events): B waits an hour, has 90% in the place of 80%, and a rule more."""
    a = desk.config({**SEATS, "rules": {"full": {"watch": "meter.seats.used", "levels": ["80%", "100%"]}}})
    rules = {
        "full": {"watch": "meter.seats.used", "levels": ["90%", "100%"], "for": "1h"},
        "any": {"watch": "meter.seats.used", "levels": ["1%"]},
    }
    b = desk.config({**SEATS, "rules": rules}, "b.json")
    lines = desk.file(
        "a.ndjson",
        plan("2026-01-01T00:00:00Z"),
        seats("2026-01-02T00:00:00Z", 85),  # A: 80%; B: any
        seats("2026-01-03T00:00:00Z", 100),  # A: 100%; B: an hour later
        seats("2026-01-04T00:00:00Z", 10),
        seats("2026-01-05T00:00:00Z", 95),  # A: 80% again; B: would be 90% at one o'clock
        seats("2026-01-05T00:30:00Z", 10),
    )
    return a, b, lines


def test_two_rule_sets_are_compared_over_one_input():
    with Desk() as desk:
        a, b, lines = rivals(desk)
        out, _ = desk.simulate(a, "--rules", b, "--json", lines)
        assert json.loads(out) == {
            "a": str(a),
            "b": str(b),
            "rules": [
                {"rule": "full", "a": 3, "b": 1, "same": 0, "only_a": 2, "only_b": 0, "moved": 1,
                 "median_shift_ms": 3600000},
                {"rule": "any", "a": 0, "b": 1, "same": 0, "only_a": 0, "only_b": 1, "moved": 0},
            ],
            "only_a": [
                {"id": "full/a/80pct/2026-01-01#1", "at": "2026-01-02T00:00:00.000Z"},
                {"id": "full/a/80pct/2026-01-01#2", "at": "2026-01-05T00:00:00.000Z"},
            ],
            "only_b": [{"id": "any/a/1pct/2026-01-01#1", "at": "2026-01-02T00:00:00.000Z"}],
            "moved": [
                {"id": "full/a/100pct/2026-01-01#1", "a": "2026-01-03T00:00:00.000Z",
                 "b": "2026-01-03T01:00:00.000Z", "shift_ms": 3600000}
            ],
        }, out
        same, _ = desk.simulate(a, "--rules", a, "--rules", a, "--json", lines)
        same = json.loads(same)
        assert same["rules"][0]["same"] == 3, same
        assert not (same["only_a"] or same["only_b"] or same["moved"]), same


def test_a_comparison_is_for_people_and_says_what_is_whose():
    with Desk() as desk:
        a, b, lines = rivals(desk)
        out, said = desk.simulate(a, "--rules", a, "--rules", b, lines)
        rows = [" ".join(line.split()) for line in out.splitlines()]
        assert rows[:2] == [f"A: {a}", f"B: {b}"], out
        assert rows[3:5] == ["full 3 1 . 2 . 1 1h later", "any . 1 . . 1 ."], out
        assert "2026-01-03T00:00:00.000Z full/a/100pct/2026-01-01#1 1h later" in rows, out
        # What each of them fired stands below, A's first.
        assert said.index("\nB:\n") > said.index("A:\n") == 0, said
        for what in ("--explain", "--report", "--accounts", "--books"):
            desk.simulate(a, "--rules", b, what, desk.path / "x", lines, status=2)
        desk.simulate(a, *(("--rules", a) * 3), lines, status=2)


def test_memory_grows_with_accounts_and_not_with_events():
    # What a child used at most begins with what its parent used: a small one asks.
    measure = "import os, sys; _, s, u = os.wait4(os.spawnv(os.P_NOWAIT, sys.argv[1], sys.argv[1:]), 0)"
    measure += "; print(u.ru_maxrss if s == 0 else None)"

    def most(desk, config, file):
        """KiB in use at most, with all that can be asked for."""
        asked = ["--config", config, "--rules", desk.path / "b.json", "--html", desk.path / "page.html"]
        done = subprocess.run(
            [sys.executable, "-S", "-c", measure, headroom.PROGRAM, "simulate", *asked, file],
            capture_output=True, check=True,
            # Of a build that watches memory: what was given back is not kept aside.
            env={**os.environ, "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=1"},
        )  # fmt: skip
        return int(done.stdout.splitlines()[-1])

    def history(rounds):
        names = [f"account-{n}" for n in range(100)]
        yield from (plan("2026-01-01T00:00:00Z", name) for name in names)
        for second in range(rounds):
            time = f"2026-01-01T{second // 3600 + 1:02}:{second // 60 % 60:02}:{second % 60:02}Z"
            yield from (seats(time, 85 if second % 2 else 10, name) for name in names)

    with Desk() as desk:
        config = desk.config({**SEATS, "dedup": {"memory": "1MiB"}})
        desk.config({**SEATS, "dedup": {"memory": "1MiB"}}, "b.json")
        # An allocator maps a block more or not as threads happen to meet: the least of three counts.
        few = desk.file("few.ndjson", *history(700))
        few = min(most(desk, config, few) for _ in range(3))
        many = desk.file("many.ndjson", *history(2100))
        many = min(most(desk, config, many) for _ in range(3))
        assert many < few + 2048, (few, many)  # 140,000 events and 70,000 triggers more


STORY = {
    **SEATS,
    "meters": {
        **SEATS["meters"],
        "calls": {"event": "call", "aggregate": "count", "windows": ["24h"]},
    },
    "start": {"live_from": "2026-01-03"},
    "rules": {
        **SEATS["rules"],
        "slow": {"watch": "meter.seats.used", "levels": ["50%"], "for": "6h"},
        "settled": {
            "watch": "meter.seats.used", "levels": ["60%"], "when": ["tenure.days >= 30"]
        },
        "busy": {"watch": "meter.calls.24h", "levels": [1], "cooldown": "7d"},
    },
}


def story_lines():
    return (
        plan("2026-01-01T00:00:00Z"),
        plan("2026-01-01T00:00:00Z", "other"),
        event("2026-01-02T00:00:00Z", "account.updated", {"aliases": ["key\x1b"]}),
        seats("2026-01-04T00:00:00Z", 55),  # slow waits for six hours
        seats("2026-01-04T01:00:00Z", 40),  # and goes back
        seats("2026-01-05T00:00:00Z", 100, "key\x1b"),  # jumps over 80%; settled: 4 days
        seats("2026-01-05T00:00:00Z", 100, "key\x1b"),  # the same id
        seats("2026-01-05T01:00:00Z", "many"),  # no number
        seats("2026-01-05T02:00:00Z", 3, "other"),
        event("2026-01-06T00:00:00Z", "call", {}),
        event("2026-01-08T00:00:00Z", "call", {}),  # over on the 7th, and beyond again
        event("2026-01-09T00:00:00Z", "nothing", {}),
    )


def test_a_story_says_of_every_step_what_came_of_it_and_why_nothing_did():
    with Desk() as desk:
        config, lines = desk.config(STORY), desk.file("a.ndjson", *story_lines())
        out, _ = desk.simulate(config, "--explain", "a", lines)
        told = [" ".join(line.split()) for line in out.splitlines()]
        expected = [
            '2026-01-01T00:00:00.000Z subscription.created {"plan": "small"}',
            "- all rules: before start.live_from: counted, not judged",
            '2026-01-04T00:00:00.000Z seats {"n": 55}',
            "meter.seats.used 0% -> 55%",
            "- slow 50%: waits for 6h until 2026-01-04T06:00:00.000Z",
            '2026-01-04T01:00:00.000Z seats {"n": 40}',
            "meter.seats.used 55% -> 40%",
            "- slow 50%: went back before it could fire, not reached: 40%",
            '2026-01-05T00:00:00.000Z seats {"n": 100}',
            "came as key\\x1b, an alias of a",
            "meter.seats.used 40% -> 100%",
            "* FIRED full/a/100pct/2026-01-01#1 (usage)",
            "- full 80%: claimed by a further level that fired",
            "- slow 50%: waits for 6h until 2026-01-05T06:00:00.000Z",
            "- settled 60%: when: tenure.days >= 30d does not hold, tenure.days is 4",
            "a duplicate: its id was counted before",
            "refused, bad_value: meter seats: the value is missing or of the wrong type",
            "2026-01-05T06:00:00.000Z time passes",
            "* FIRED slow/a/50pct/2026-01-01#1 (usage)",
            "2026-01-06T00:00:00.000Z call {}",
            "* FIRED busy/a/1/2026-01-01#1 (usage)",
            "2026-01-07T00:00:00.000Z time passes",
            "* resolved busy/a/1/2026-01-01#1/resolved (usage_decreased)",
            "2026-01-08T00:00:00.000Z call {}",
            "- busy 1: cooldown until 2026-01-13T00:00:00.000Z",
            "ignored: no meter counts it, and it is no account event",
            "at the end",
            "settled 60% 100% when: tenure.days >= 30d does not hold, tenure.days is 8",
        ]
        rest = iter(told)
        for line in expected:
            assert line in rest, f"{line!r} is not told, or not there:\n{out}"
        assert "other" not in out and "\x1b" not in out, out
        # Asked under its alias, it says whose story that is.
        assert "an alias of a" in desk.simulate(config, "--explain", "key\x1b", lines)[0]
        _, said = desk.simulate(config, "--explain", "nobody", lines, status=1)
        assert 'nothing came for an account "nobody"' in said, said


def test_a_story_is_told_to_machines_too_and_changes_nothing():
    with Desk() as desk:
        config, lines = desk.config(STORY), desk.file("a.ndjson", *story_lines())
        out, _ = desk.simulate(config, "--explain", "a", "--json", lines)
        steps = [json.loads(line) for line in out.splitlines()]
        told = [name for step in steps for name in step["triggers"]]
        plain = [json.loads(line)["id"] for line in desk.simulate(config, lines)[0].splitlines()]
        assert told == [name for name in plain if "/a/" in name] and len(told) == 4, (told, plain)
        jump = next(step for step in steps if "full/a/100pct/2026-01-01#1" in step["triggers"])
        assert jump["signals"][0] == {
            "signal": "meter.seats.used", "before": "40%", "after": "100%"
        }, jump
        (settled,) = (level for level in jump["levels"] if level["rule"] == "settled")
        assert (settled["why"], settled["condition"], settled["found"]) == (
            "when", "tenure.days >= 30d", "tenure.days is 4",
        ), settled


def test_a_late_crossing_that_is_dropped_is_told_with_its_reason():
    with Desk() as desk:
        tree = {
            **SEATS,
            "meters": {"calls": {"event": "call", "aggregate": "sum", "value": "/n", "limit": "calls"}},
            "plans": {"small": {"limits": {"calls": 100}}},
            "rules": {
                "full": {
                    "watch": "meter.calls.used", "levels": ["80%"], "when": ["account.tier = gold"]
                }
            },
        }
        lines = desk.file(
            "a.ndjson",
            plan("2026-01-01T00:00:00Z"),
            event("2026-01-31T00:00:00Z", "call", {"n": 79}, _now="2026-01-31T00:00:00Z"),
            # Reported in February, of January: takes the closed month over 80%.
            event("2026-01-31T12:00:00Z", "call", {"n": 9}, _now="2026-02-01T06:00:00Z"),
        )
        out, _ = desk.simulate(desk.config(tree), "--explain", "a", lines)
        assert "- full 80%: a late crossing, dropped because of when\n" in out, out
        out, _ = desk.simulate(desk.config(tree), "--explain", "a", "--json", lines)
        last = json.loads(out.splitlines()[-1])
        assert last["dropped"] == [{"rule": "full", "level": "80%", "why": "when"}], last


def test_what_was_held_back_is_counted_once_a_reason():
    with Desk() as desk:
        config, lines = desk.config(STORY), desk.file("a.ndjson", *story_lines())
        summary = desk.path / "summary.json"
        desk.simulate(config, "--summary", summary, lines)
        # slow waited twice, once in vain; settled and busy still wait.
        assert json.loads(summary.read_text())["held"] == [
            {"rule": "slow", "by": "for", "times": 2},
            {"rule": "settled", "by": "when", "times": 1},
            {"rule": "busy", "by": "cooldown", "times": 1},
        ]


scenario.main()
