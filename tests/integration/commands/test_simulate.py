# SPDX-License-Identifier: Apache-2.0
"""`headroom simulate` as stories: a few events each, and the triggers that follow from them by hand
from the specification. `#` behind a line says why."""
import json
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

from rig import headroom, scenario

KAFKA = {"brokers": "127.0.0.1:1", "group": "nobody"}  # simulate connects to nothing


def configuration(**parts):
    return {"kafka": KAFKA, "sources": [{"topic": "usage"}], **parts}


SUM_OF_CALLS = {
    "meters": {"calls": {"event": "call", "aggregate": "sum", "value": "/n", "limit": "calls"}},
    "plans": {"small": {"limits": {"calls": 100}}, "large": {"limits": {"calls": 1000}}},
}


class Lines:
    """Events of one account, `a` unless said otherwise, in order."""

    def __init__(self):
        self.lines = []

    def event(self, time, kind, data, subject="a", **more):
        line = {
            "specversion": "1.0",
            "id": f"e{len(self.lines)}",
            "source": "/test",
            "type": kind,
            "subject": subject,
            "time": time,
            "data": data,
            **more,
        }
        self.lines.append(json.dumps({name: part for name, part in line.items() if part is not None}))
        return self

    def calls(self, time, n, **more):
        return self.event(time, "call", {"n": n}, **more)

    def raw(self, line):
        self.lines.append(line)
        return self


def day(text):
    """"01-05" or "01-05T10:00": a moment of 2026 in UTC."""
    return f"2026-{text}" + ("T00:00:00Z" if len(text) == 5 else ":00Z" if len(text) == 11 else "Z")


def play(config, lines, *options, refused=0):
    """(triggers, summary); all lines but so many must be taken."""
    with tempfile.TemporaryDirectory() as folder:
        file = headroom.write_config(Path(folder) / "headroom.json", config)
        summary = Path(folder) / "summary.json"
        out, err = headroom.command(
            "simulate", "--config", file, "--summary", summary, *options, "-",
            input="\n".join(lines.lines).encode(),
        )
        assert err == b"", err
        summary = json.loads(summary.read_text())
        assert summary["dead_lettered"] == refused, summary
        return [json.loads(line) for line in out.splitlines()], summary


def told(triggers):
    """(id, moment, cause or reason) of each."""
    return [
        (t["id"], t["time"], t["data"].get("cause") or t["data"].get("reason")) for t in triggers
    ]


def expect(triggers, *expected):
    found = told(triggers)
    wanted = [(name, day(moment).replace("Z", ".000Z"), why) for name, moment, why in expected]
    assert found == wanted, f"\n found {found}\nwanted {wanted}"


def test_a_licence_that_will_be_full_in_two_months_is_told_long_before():
    """14 contacts more a day, from 1,666 on the 1st of January to 4,200 of 5,000 on the 1st of July: 84%,
    and the 800 that remain are for 57 days. 4,004 come on the 17th of June, the first that are 80%;
    4,158 on the 28th, whose 842 are for 60 days; 5,012 on the 28th of August, 61 days later."""
    config = configuration(
        meters={"contacts": {"event": "contacts", "aggregate": "latest", "value": "/n", "limit": "contacts"}},
        plans={"starter": {"limits": {"contacts": 5000}}},
        rules={
            "capacity": {"watch": "meter.contacts.used", "levels": ["80%", "84%", "100%"], "jump": "each"},
            "full_soon": {"watch": "meter.contacts.days_to_limit", "below": ["60d"]},
        },
    )
    lines = Lines().event(day("01-01"), "subscription.created", {"plan": "starter"})
    for n in range(240):
        morning = datetime(2026, 1, 1, 10) + timedelta(n)
        lines.event(f"{morning.isoformat()}Z", "contacts", {"n": 1666 + 14 * n})
    triggers, _ = play(config, lines)
    expect(
        triggers,
        ("capacity/a/80pct/2026-06-01#1", "06-17T10:00", "usage"),
        ("full_soon/a/60d/2026-06-01#1", "06-28T10:00", "usage"),
        ("capacity/a/84pct/2026-07-01#1", "07-01T10:00", "usage"),
        ("capacity/a/100pct/2026-08-01#1", "08-28T10:00", "usage"),
    )
    _, soon, grown, full = (t["data"] for t in triggers)
    assert soon["forecast"] == {"days_to_limit": 60, "low": 59, "high": 61}, soon
    assert grown["value"] == grown["meter"]["share"] == "84%", grown
    assert grown["forecast"]["days_to_limit"] == 57, grown
    assert full["forecast"]["days_to_limit"] == 0, full


def test_a_trigger_says_all_that_there_is_to_say():
    """70 calls, then 15 that came two minutes late: 85 of 100. An hour later the rule with `for` says it
    again, by time alone. What is taken back the next day ends both: 65%. Nothing is in force here, so the
    epoch is 0."""
    config = configuration(
        meters=SUM_OF_CALLS["meters"],
        plans={
            "small": {"limits": {"calls": 100}, "mrr": "40 USD", "next": ["large"]},
            "large": {"limits": {"calls": 1000}, "mrr": "90 USD", "link": "https://example.com/large"},
        },
        rules={
            "full": {"watch": "meter.calls.used", "levels": ["80%"], "rearm": "5%"},
            "stays": {"watch": "meter.calls.used", "levels": ["80%"], "for": "1h", "category": "risk", "mode": "shadow"},
        },
        score=[
            {"name": "capacity", "points": 30, "when": ["meter.*.used > 80%"]},
            {"points": 5, "when": ["account.nps >= 9"]},
        ],
        tiers={"ready": 30},
        segments=[{"name": "busy", "when": ["meter.calls.period > 50"]}],
        routes=[{"audience": ["mail", "csm"], "playbook": "talk"}],
        playbooks={"talk": {"title": "Talk", "discovery": "Who calls?"}},
    )
    lines = (
        Lines()
        .event(day("03-01"), "subscription.created", {"plan": "small"})
        .event(day("03-01"), "account.updated", {"csm": "carla"})
        .calls(day("03-02T10:00"), 70)
        .calls(day("03-02T10:03"), 15, _now=day("03-02T10:05"))
        .calls(day("03-03"), -20)
    )
    (full, stays, over, over_too), _ = play(config, lines, "--shadow")
    nothing = {"text": None, "evidence": []}
    meter = {"name": "calls", "value": "85", "limit": "100", "share": "85%"}
    small_to_large = {
        "plan": "large", "from": "small", "mrr_delta": "50.00", "currency": "USD",
        "link": "https://example.com/large",
    }
    rule = {"rule": "full", "category": "upsell", "mode": "live", "signal": "meter.calls.used", "level": "80%", "direction": "up"}
    advised = {
        "score": {
            "total": 30, "tier": "ready",
            "parts": [{"name": "capacity", "points": 30, "because": "meter.calls.used 85% > 80%"}],
        },
        "segment": "busy",
        "offer": None,
        "route": {"audience": ["mail", "csm"], "playbook": "talk", "owner": "carla"},
    }
    came, arrived = "2026-03-02T10:03:00.000Z", "2026-03-02T10:05:00.000Z"
    assert full == {
        "specversion": "1.0", "id": "full/a/80pct/2026-03-01#1", "source": "/headroom",
        "type": "headroom.trigger.fired", "subject": "a", "time": arrived,
        "datacontenttype": "application/json",
        "data": {
            **rule, "value": "85%", "previous": "70%", "cause": "usage", "episode": 1, "rules_epoch": 0,
            "meter": meter, **advised, "recommend": small_to_large,
            "playbook": {
                "name": "talk", "title": "Talk", "impact": None,
                "discovery": {
                    "text": "Who calls?",
                    "evidence": [
                        {"what": "meter.calls.used", "is": "85%"},
                        {"what": "meter.calls", "is": "85 of 100, 85%"},
                    ],
                },
                "value_recap": nothing,
                "solution": {
                    "text": None,
                    "evidence": [{"what": "plan", "is": "large"}, {"what": "plan.calls", "is": "1000"}],
                },
                "roi": {
                    "text": None,
                    "evidence": [
                        {"what": "plan.mrr", "is": "90.00 USD"}, {"what": "mrr_delta", "is": "+50.00 USD"},
                    ],
                },
                "proposal": {
                    "text": None,
                    "evidence": [
                        {"what": "amendment", "is": "small to large"},
                        {"what": "mrr_delta", "is": "+50.00 USD"},
                        {"what": "link", "is": "https://example.com/large"},
                    ],
                },
            },
            "times": {"event": came, "ingested": arrived, "decided": arrived},
        },
    }, full  # fmt: skip
    assert (stays["id"], stays["data"]["mode"], stays["data"]["category"]) == (
        "stays/a/80pct/2026-03-01#1", "shadow", "risk",
    ), stays  # fmt: skip
    # No event brought it: it was decided an hour after it was beyond.
    hour = "2026-03-02T11:05:00.000Z"
    assert stays["data"]["times"] == {"event": None, "ingested": None, "decided": hour}, stays
    assert (stays["data"]["value"], stays["data"]["previous"]) == ("85%", "85%"), stays
    assert stays["data"]["recommend"] is None, stays  # nobody sells because of a risk
    next_day = "2026-03-03T00:00:00.000Z"
    assert over["data"] == {
        **rule, "value": "65%", "previous": "85%", "reason": "usage_decreased", "episode": 1, "rules_epoch": 0,
        "meter": {"name": "calls", "value": "65", "limit": "100", "share": "65%"},
        "times": {"event": next_day, "ingested": next_day, "decided": next_day},
    }, over  # fmt: skip
    assert (over["id"], over["type"]) == ("full/a/80pct/2026-03-01#1/resolved", "headroom.trigger.resolved")
    assert (over_too["data"]["rule"], over_too["data"]["mode"]) == ("stays", "shadow"), over_too


def test_levels_fire_once_an_episode_and_end_below_the_margin():
    config = configuration(
        meters={"seats": {"event": "seats", "aggregate": "latest", "value": "/n", "limit": "seats"}},
        plans={"small": {"limits": {"seats": 1000}}},
        rules={
            "full": {"watch": "meter.seats.used", "levels": ["80%", "90%", "100%"], "rearm": "5%"}
        },
    )
    lines = Lines().event(day("01-01"), "subscription.created", {"plan": "small"})
    for date, n in (
        ("01-02", 700),
        ("01-03", 1050),  # over three levels: the furthest fires, the nearer are claimed
        ("01-04", 960),
        ("01-05", 950),  # exactly 95% is not below it
        ("01-06", 949),  # ends 100%; 90% and 80% go on
        ("01-07", 1000),  # exactly 100% fires
        ("01-08", 740),  # ends all, what was claimed in silence
        ("01-09", 800),
    ):
        lines.event(day(date), "seats", {"n": n})
    triggers, summary = play(config, lines)
    expect(
        triggers,
        ("full/a/100pct/2026-01-01#1", "01-03", "usage"),
        ("full/a/100pct/2026-01-01#1/resolved", "01-06", "usage_decreased"),
        ("full/a/100pct/2026-01-01#2", "01-07", "usage"),
        ("full/a/100pct/2026-01-01#2/resolved", "01-08", "usage_decreased"),
        ("full/a/80pct/2026-01-01#1", "01-09", "usage"),
    )
    assert summary["events"] == summary["counted"] == 9, summary
    assert summary["triggers"] == {"full": 3}, summary
    assert summary["resolved"] == {"usage_decreased": 2}, summary
    data = triggers[0]["data"]
    assert (data["meter"]["value"], data["meter"]["limit"]) == ("1050", "1000"), data


def test_a_period_ends_what_is_counted_over_it_by_time_alone():
    config = configuration(
        **SUM_OF_CALLS, rules={"full": {"watch": "meter.calls.used", "levels": ["80%"]}}
    )
    lines = (
        Lines()
        .event(day("01-15"), "subscription.created", {"plan": "small"})
        .calls(day("01-20"), 85)
        .calls(day("01-27"), 1)
    )
    # Without --until time stands still at the last event.
    expect(play(config, lines)[0], ("full/a/80pct/2026-01-15#1", "01-20", "usage"))
    expect(
        play(config, lines, "--until", "2026-03-01")[0],
        ("full/a/80pct/2026-01-15#1", "01-20", "usage"),
        ("full/a/80pct/2026-01-15#1/resolved", "02-15", "period_reset"),
    )


def test_a_raised_limit_ends_and_a_lowered_one_fires():
    config = configuration(
        **SUM_OF_CALLS, rules={"full": {"watch": "meter.calls.used", "levels": ["80%"], "rearm": "50%"}}
    )
    lines = (
        Lines()
        .event(day("01-01"), "subscription.created", {"plan": "small"})
        .calls(day("01-02"), 90)
        .event(day("01-03"), "subscription.updated", {"limits": {"calls": "112.5"}})  # 80% still
        .event(day("01-04"), "subscription.updated", {"limits": {"calls": 113}})  # no margin here
        .event(day("01-05"), "subscription.updated", {"plan": "small"})  # clears the own limits
    )
    expect(
        play(config, lines)[0],
        ("full/a/80pct/2026-01-01#1", "01-02", "usage"),
        ("full/a/80pct/2026-01-01#1/resolved", "01-04", "limit_increased"),
        ("full/a/80pct/2026-01-01#2", "01-05", "limit_change"),
    )


def test_renewal_windows_open_at_local_midnight():
    config = configuration(
        rules={
            "renewal": {"watch": "renewal.days_left", "below": ["60d", "30d"], "category": "renewal"}
        }
    )
    contract = {"timezone": "Europe/Berlin", "started_at": "2026-01-01", "renewal_date": "2026-06-30"}
    lines = Lines().event(day("01-01"), "subscription.created", contract)
    # 30 June less 60 days is 1 May, whose midnight in Berlin is 22:00 UTC the day before.
    expect(
        play(config, lines, "--until", "2026-06-10T00:00:00Z")[0],
        ("renewal/a/60d/2026-05-01#1", "04-30T22:00", "time"),
        ("renewal/a/30d/2026-05-01#1", "05-30T22:00", "time"),
    )


def test_silence_is_told_after_its_time():
    config = configuration(
        meters={"calls": {"event": "call", "aggregate": "count"}},
        rules={
            "quiet": {"watch": "meter.calls.24h", "below": [0], "for": "3d", "category": "risk"}
        },
    )
    lines = Lines().calls(day("01-01T00:30"), 1)
    # 24 h are 24 buckets of an hour: the event is gone with the first of the next day; then 3 days.
    expect(
        play(config, lines, "--until", "2026-01-31")[0],
        ("quiet/a/0/2026-01-01#1", "01-05", "time"),
    )


def test_triggers_come_in_order_of_time_over_all_accounts():
    config = configuration(
        meters={"calls": {"event": "call", "aggregate": "sum", "value": "/n"}},
        rules={
            "busy": {"watch": "meter.calls.period", "levels": [5]},
            "quiet": {"watch": "meter.calls.24h", "below": [0], "category": "risk"},
        },
    )
    lines = Lines().calls(day("01-01"), 1, subject="b").calls(day("01-04"), 5)
    # b falls silent at midnight, three days before the event of a that brings the clock there.
    expect(
        play(config, lines)[0],
        ("quiet/b/0/2026-01-01#1", "01-02", "time"),
        ("busy/a/5/2026-01-01#1", "01-04", "usage"),
    )


def test_what_came_under_an_alias_counts_for_its_account():
    config = configuration(
        **SUM_OF_CALLS, rules={"full": {"watch": "meter.calls.used", "levels": ["80%"]}}
    )
    lines = (
        Lines()
        .event(day("01-01"), "subscription.created", {"plan": "small"})
        .calls(day("01-02"), 50, subject="key-1")
        .calls(day("01-03"), 20)
        .event(day("01-04"), "account.updated", {"aliases": ["key-1"]})
        .calls(day("01-05"), 9, subject="key-1")
        .calls(day("01-06"), 1, subject="key-1")
    )
    triggers, summary = play(config, lines)
    expect(triggers, ("full/a/80pct/2026-01-01#1", "01-06", "usage"))
    assert triggers[0]["subject"] == "a"
    assert summary["counted"] == 6 and summary["forwarded"] == 0, summary


def test_history_before_live_from_is_counted_and_not_told():
    config = configuration(
        **SUM_OF_CALLS,
        start={"live_from": "2026-02-01T00:00:00Z"},
        rules={"full": {"watch": "meter.calls.used", "levels": ["80%", "100%"]}},
    )
    lines = (
        Lines()
        .event(day("01-26"), "subscription.created", {"plan": "small"})
        .calls(day("01-29"), 90)  # 80% is claimed on 1 February
        .calls(day("02-02"), 9)
        .calls(day("02-03"), 1)
    )
    expect(play(config, lines)[0], ("full/a/100pct/2026-01-26#1", "02-03", "usage"))


def test_every_line_has_one_verdict_and_every_refusal_its_reason():
    config = configuration(
        **SUM_OF_CALLS, rules={"full": {"watch": "meter.calls.period", "levels": [8]}}
    )
    good = '{"specversion":"1.0","id":"x","source":"/t","type":"call","subject":"a",'
    lines = (
        Lines()
        .calls(day("01-10"), 5)
        .raw(good + '"time":"2026-01-10T00:00:00Z","data":{"n":5}}')
        .raw("")  # nothing
        .raw(good + '"time":"2026-01-10T00:00:00Z", "data": {"n": 5}}')  # the same: a duplicate
        .raw(good + '"time":"2026-01-10T00:00:00Z","data":{"n":6}}')  # id_conflict
        .calls(day("01-10"), "many")  # bad_value
        .calls(day("01-10"), "0.0000000000001")  # overflow: 13 places
        .calls("2026-01-17T00:00:00.000001Z", 1)  # in_future: more than 7 days on
        .calls("2026-01-07T23:59:59Z", 1)  # too_late: lateness is 2 days
        .calls("2026-01-08T00:00:00Z", 1)  # just in time
        .raw('{"specversion":"1.0",')  # bad_json
        .raw('{"specversion":"1.0","id":"1","type":"call","source":"/t","data":{}}')  # bad_event
        .calls("yesterday", 1)  # bad_time
        .event(day("01-10"), "nobody.asked", {})
        .calls(day("01-17"), 0)  # 7 days exactly
    )
    with tempfile.TemporaryDirectory() as folder:
        letters = Path(folder) / "letters.ndjson"
        triggers, summary = play(config, lines, "--dead-letters", letters, refused=8)
        letters = [json.loads(line) for line in letters.read_text().splitlines()]
    # 5, 5 and the late 1 are 11, first past 8 at the second event.
    expect(triggers, ("full/a/8/2026-01-01#1", "01-10", "usage"))
    verdicts = {name: summary[name] for name in ("events", "counted", "duplicate", "ignored")}
    assert verdicts == {"events": 14, "counted": 4, "duplicate": 1, "ignored": 1}, summary
    reasons = ["id_conflict", "bad_value", "overflow", "in_future", "too_late", "bad_json"]
    reasons += ["bad_event", "bad_time"]
    assert [letter["reason"] for letter in letters] == reasons, letters
    assert summary["dead_letters"] == {reason: 1 for reason in reasons}, summary
    assert letters[5]["value"] == '{"specversion":"1.0",' and letters[5]["line"] == 11, letters[5]


def test_the_first_line_must_say_when_it_is():
    config = configuration(
        **SUM_OF_CALLS, rules={"full": {"watch": "meter.calls.period", "levels": [1]}}
    )
    lines = Lines().calls(None, 1).calls(None, 1, _now=day("01-03")).calls(None, 1)
    triggers, summary = play(config, lines, refused=1)
    expect(triggers, ("full/a/1/2026-01-01#1", "01-03", "usage"))
    assert summary["dead_letters"] == {"bad_time": 1} and summary["counted"] == 2, summary


def test_arrival_decides_what_is_late():
    config = configuration(
        **SUM_OF_CALLS, rules={"full": {"watch": "meter.calls.period", "levels": [1]}}
    )
    lines = (
        Lines()
        .calls(day("01-03"), 1, _now=day("01-05"))
        .calls("2026-01-02T23:59:59Z", 1, _now=day("01-05"))
        .calls("2026-01-05T00:05:00Z", 0, _now=day("01-05"))
        .calls("2026-01-05T00:05:01Z", 0, _now=day("01-05"))
    )
    triggers, summary = play(config, lines, refused=2)
    expect(triggers, ("full/a/1/2026-01-01#1", "01-05", "usage"))
    assert summary["dead_letters"] == {"too_late": 1, "in_future": 1}, summary


def test_shadow_rules_are_counted_and_shown_on_request():
    config = configuration(
        **SUM_OF_CALLS,
        rules={"idea": {"watch": "meter.calls.period", "levels": [1], "mode": "shadow"}},
    )
    lines = Lines().calls(day("01-03"), 1)
    triggers, summary = play(config, lines)
    assert triggers == [] and summary["triggers"] == {} and summary["shadow"] == {"idea": 1}, summary
    triggers, _ = play(config, lines, "--shadow")
    assert triggers[0]["data"]["mode"] == "shadow", triggers


def test_lines_may_be_written_as_the_sources_are():
    own = {"id": "/n", "source_is": "own", "type": "/what", "account": ["/who"], "time": "/at"}
    config = configuration(
        formats={"own": own},
        meters={"calls": {"event": "call", "aggregate": "sum", "value": "/amount"}},
        rules={"full": {"watch": "meter.calls.period", "levels": [2]}},
    )
    config["sources"] = [{"topic": "one", "format": "own"}]
    lines = Lines()
    for n in (1, 2):
        line = {"n": f"e{n}", "what": "call", "who": "a", "at": day(f"01-0{n}"), "amount": "1"}
        lines.raw(json.dumps(line))
    # What all sources share is understood without a word …
    expect(play(config, lines)[0], ("full/a/2/2026-01-01#1", "01-02", "usage"))
    # … where they differ, CloudEvents are, unless it is said.
    config["sources"].append({"topic": "two"})
    _, summary = play(config, lines, refused=2)
    assert summary["dead_letters"] == {"bad_event": 2}, summary
    expect(
        play(config, lines, "--format", "own")[0], ("full/a/2/2026-01-01#1", "01-02", "usage")
    )


def test_files_are_one_stream_and_the_summary_is_for_people():
    config = configuration(
        **SUM_OF_CALLS, rules={"full": {"watch": "meter.calls.period", "levels": [2]}}
    )
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        file = headroom.write_config(folder / "headroom.json", config)
        lines = Lines().calls(day("01-03"), 1).calls(day("01-04"), 1).lines
        for name, line in zip("ab", lines):
            (folder / name).write_text(line)  # no newline at the end
        out, err = headroom.command("simulate", "--config", file, folder / "a", folder / "b")
        assert [json.loads(line)["id"] for line in out.splitlines()] == ["full/a/2/2026-01-01#1"]
        for words in (
            b"events: 2\n  counted  2\n",
            b"triggers: 1\n  by month  all  Jan\n  full        1    1\n",
            b"resolved: 0\n",
        ):
            assert words in err, err
        headroom.command("simulate", "--config", file, folder / "c", status=1)
        headroom.command("simulate", "--config", file, "--format", "nothing", status=2)
        headroom.command("simulate", "--config", file, "--max-step", "1m", status=2)


def test_the_accounts_as_they_are_at_the_end():
    config = configuration(
        **SUM_OF_CALLS, rules={"full": {"watch": "meter.calls.used", "levels": ["80%"]}}
    )
    lines = (
        Lines()
        .event(day("01-01"), "subscription.created", {"plan": "small"}, subject="b")
        .calls(day("01-02"), 85, subject="b")
        .event(day("01-03"), "account.updated", {"aliases": ["key", "other"]})
        .calls(day("01-04"), 7, subject="key")
        .calls(day("01-04"), 8)
        .event(day("01-05"), "account.erased", {}, subject="gone")
    )
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "accounts"
        play(config, lines, "--accounts", file)
        accounts = [json.loads(line) for line in file.read_text().splitlines()]
    assert [account["id"] for account in accounts] == ["a", "b", "key", "other"], accounts
    meters = [{row["name"]: row["value"] for row in a.get("meters", [])} for a in accounts]
    assert [m.get("calls.period") for m in meters] == ["15", "85", None, None], meters
    assert accounts[1]["limits"] == [{"name": "calls", "value": "100"}], accounts[1]
    assert [(e["name"], e["value"]) for e in accounts[1]["episodes"]] == [("full 80pct", "fired")]
    assert accounts[2]["account"] == [{"name": "alias_of", "value": "a"}], accounts[2]


def test_an_account_says_what_it_pays_and_since_when():
    config = configuration(**SUM_OF_CALLS, money={"currency": "USD", "rates": {"EUR": "1.5"}})
    paid = {"plan": "small", "mrr": 10000, "currency": "USD"}
    lines = (
        Lines()
        .event(day("01-01"), "subscription.created", paid)
        .event(day("02-01"), "subscription.updated", {"mrr": 20000, "currency": "EUR"})  # 300 USD
        .event(day("02-02"), "subscription.updated", {"mrr": 30000, "currency": "USD"})  # as before
        .event(day("03-01"), "subscription.updated", {"mrr": 25000, "currency": "USD"})
        .event(day("03-02"), "subscription.cancelled", {"ends_at": "2026-04-01"})
        .calls(day("03-03"), 1, subject="free")
    )
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "accounts"
        play(config, lines, "--accounts", file, "--max-step", "60d")
        account, free = (json.loads(line) for line in file.read_text().splitlines())
    assert "revenue" not in free, free
    assert [(row["name"], row["value"], row["detail"]) for row in account["revenue"]] == [
        ("now", "250.00 USD", "a month"),
        ("2026-04-01T00:00:00.000Z", "0.00 USD", "ends, to come"),
        ("2026-03-01T00:00:00.000Z", "250.00 USD", "-50.00 USD"),
        ("2026-02-01T00:00:00.000Z", "300.00 USD", "+200.00 USD"),
        ("2026-01-01T00:00:00.000Z", "100.00 USD", "new"),
    ], account["revenue"]


def test_the_books_as_they_are_at_the_end():
    config = configuration(**SUM_OF_CALLS, rules={"full": {"watch": "meter.calls.used", "levels": ["80%"]}})
    bought = {"plan": "small", "mrr": 10000, "currency": "USD"}
    lines = (
        Lines()
        .event(day("01-05"), "subscription.created", bought)
        .calls(day("01-20"), 85)
        .event(day("02-04"), "subscription.updated", {"plan": "large", "mrr": 25000, "currency": "USD"})
        .event(day("03-02"), "subscription.cancelled", {})
    )
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "books"
        play(config, lines, "--books", file, "--max-step", "60d")
        rows = [json.loads(line) for line in file.read_text().splitlines()]
    revenue = [(row["month"], row["label"], row["columns"]) for row in rows if row["book"] == "revenue"]
    assert revenue == [
        ("2026-01", "", [10000, 0, 0, 0, 0, 1, 0, 0, 0]),  # new, and a customer
        ("2026-02", "", [0, 15000, 0, 0, 0, 0, 0, 0, 0]),  # expansion
        ("2026-03", "", [0, 0, 0, 25000, 0, 0, 1, 0, 0]),  # churned
    ], revenue
    fires = {row["label"]: row["columns"] for row in rows if row["book"] == "fires"}
    assert fires["rule=full"] == [1, 1, 15000, 15, 0, 0], fires  # 15 days from the fire to the upgrade


scenario.main()
