#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Hand-worked cases of SEMANTICS, each a few records and the triggers they must make.

A trigger is written `+rule/level cause` (fired) or `-rule/level reason` (resolved); a case may look
at the ids, the dead letters or the shadow instead. Prints `ok NAME` or `not ok NAME: why`.
"""
import collections
import itertools
import random
import sys

import histories
from moments import parse_time
from oracle import Oracle

METERS = {
    "gb": {"event": "gb", "aggregate": "latest", "value": "/v", "limit": "gb"},
    "calls": {"event": "calls", "aggregate": "sum", "value": "/v", "limit": "calls",
              "worth": "0.02 USD"},
    "people": {"event": "seen", "aggregate": "unique", "value": "/u", "limit": "seats"},
    "regions": {"event": "calls", "aggregate": "sum", "value": "/v", "by": "/r", "groups": 3},
    "hits": {"event": "hit", "aggregate": "count", "where": ["/status < 500"]},
}
PLANS = {"small": {"limits": {"gb": "100", "calls": "1000", "seats": "4"}},
         "big": {"limits": {"gb": "200", "calls": "2000", "seats": "unlimited"}},
         "none": {"limits": {"calls": "0"}}}

ids = itertools.count(1)


def at(text):
    """`2026-01-05` or `2026-01-05T10` or longer, as RFC 3339."""
    date, _, clock = text.partition("T")
    parts = (clock.split(":") + ["00", "00"])[:3] if clock else ["00", "00", "00"]
    return f"{date}T{':'.join(parts)}Z"


def event(now, kind, data=None, time=None, subject="acme", ident=None, **extra):
    return {"_now": at(now), "specversion": "1.0", "id": ident or f"e{next(ids)}", "source": "test", "type": kind,
            "subject": subject, "time": at(time or now), "data": data or {}, **extra}


def gb(now, value, **more):
    return event(now, "gb", {"v": value}, **more)


def calls(now, value, r=None, **more):
    return event(now, "calls", {"v": value, **({"r": r} if r else {})}, **more)


def seen(now, user, **more):
    return event(now, "seen", {"u": user}, **more)


def sub(now, kind="created", time=None, subject="acme", ident=None, **data):
    return event(now, f"subscription.{kind}", data, time, subject, ident)


def account(now, time=None, subject="acme", **data):
    return event(now, "account.updated", data, time, subject)


def tell(now, type_, time=None, **data):
    return event(now, type_, data, time)


def deal(now, name, stage, amount=None):
    data = {"opportunity": name, "stage": stage, "kind": "upsell"}
    return event(now, "opportunity.stage_changed", {**data, **({"amount": amount, "currency": "USD"} if amount else {})})


def correct(now, meter, time=None, **data):
    return event(now, "usage.corrected", {"meter": meter, **data}, time)


def silence(now, scope, until):
    return event(now, "silence.set", {"scope": scope, "by": "ann", "until": until if "T" in until and "Z" in until else at(until)})


def without_now(record):
    return {key: value for key, value in record.items() if key != "_now"}


def run(rules, records, until=None, **config):
    oracle = Oracle({"meters": METERS, "plans": PLANS, "rules": rules, **config})
    for record in records:
        oracle.feed(record)
    if until:
        oracle.tick(parse_time(at(until)))
    return oracle


def short(trigger):
    data = trigger["data"]
    fired = "cause" in data
    return f"{'+' if fired else '-'}{data['rule']}/{data['level']} {data['cause' if fired else 'reason']}"


CAP = {"cap": {"watch": "meter.gb.used", "levels": ["80%", "90%", "100%"], "rearm": "5%"}}
USE = {"use": {"watch": "meter.calls.used", "levels": ["80%", "100%"]}}
PER = {"per": {"watch": "meter.calls.period", "levels": ["10", "20"]}}
DAY = {"day": {"watch": "meter.calls.24h", "levels": ["10", "20"]}}
RENEW = {"ren": {"watch": "renewal.days_left", "below": ["90d", "60d", "30d"], "category": "renewal"}}
PRO = {"pro": {"watch": "meter.calls.projected", "levels": ["100%"]}}
FULL = {"full": {"watch": "meter.gb.days_to_limit", "below": ["60d", "30d"]}}
GROW = {"g": {"watch": "meter.calls.growth.7d", "levels": ["50%"]}}
EU = {"eu": {"watch": "meter.regions[eu].period", "levels": ["10"]}}
TRIAL = {"t": {"watch": "trial.pro", "levels": ["1"]}}
CALLED = {"called": {"watch": "meter.calls.days_to_limit", "below": ["25d"]}}
START = sub("2026-01-01", plan="small", started_at="2026-01-01")
RISING = [gb(f"2026-01-0{day}T12", 30 + day) for day in range(1, 9)]
YEAR = {"plan": "small", "started_at": "2026-01-01"}

# name, rules, records, until, configuration, expected triggers
TRIGGERS = [
    ("exactly 80% fires at 80%", CAP, [START, gb("2026-01-02", "80")], None, {}, ["+cap/80pct usage"]),
    ("just below fires nothing", CAP, [START, gb("2026-01-02", "79.999999999999")], None, {}, []),
    ("a jump fires the furthest", CAP, [START, gb("2026-01-02", 105)], None, {}, ["+cap/100pct usage"]),
    ("what a jump claimed ends in silence", CAP,
     [START, gb("2026-01-02", 105), gb("2026-01-03", 10), gb("2026-01-04", 80)], None, {},
     ["+cap/100pct usage", "-cap/100pct usage_decreased", "+cap/80pct usage"]),
    ("jump: each fires all, nearest first", {"cap": {**CAP["cap"], "jump": "each"}},
     [START, gb("2026-01-02", 105)], None, {}, ["+cap/80pct usage", "+cap/90pct usage", "+cap/100pct usage"]),
    ("exactly 75% does not end 80% with 5%", CAP,
     [START, gb("2026-01-02", 80), gb("2026-01-03", 75), gb("2026-01-04", 80)], None, {}, ["+cap/80pct usage"]),
    ("below 75% ends it", CAP,
     [START, gb("2026-01-02", 80), gb("2026-01-03", "74.9"), gb("2026-01-04", 80)], None, {},
     ["+cap/80pct usage", "-cap/80pct usage_decreased", "+cap/80pct usage"]),
    ("a fall over several resolves each, furthest first", CAP,
     [START, gb("2026-01-02", 80), gb("2026-01-03", 90), gb("2026-01-04", 10)], None, {},
     ["+cap/80pct usage", "+cap/90pct usage", "-cap/90pct usage_decreased", "-cap/80pct usage_decreased"]),
    ("a raised limit ends without the margin", CAP,
     [START, gb("2026-01-02", 80), gb("2026-01-03", 100), sub("2026-01-04", "updated", limits={"gb": 110})], None, {},
     ["+cap/80pct usage", "+cap/100pct usage", "-cap/100pct limit_increased"]),
    ("a removed limit ends all", CAP,
     [START, gb("2026-01-02", 85), sub("2026-01-04", "updated", limits={"gb": None})], None, {},
     ["+cap/80pct usage", "-cap/80pct limit_increased"]),
    ("a lowered limit fires with limit_change", CAP,
     [START, gb("2026-01-02", 50), sub("2026-01-04", "updated", limits={"gb": "55"})], None, {},
     ["+cap/90pct limit_change"]),
    ("an upgrade takes the new plan's limits", CAP,
     [START, gb("2026-01-02", 80), sub("2026-01-04", "updated", plan="big")], None, {},
     ["+cap/80pct usage", "-cap/80pct limit_increased"]),
    ("limits of two subscriptions add up", CAP,
     [START, sub("2026-01-01T01", subscription="two", plan="small"), gb("2026-01-02", 159), gb("2026-01-03", 160)],
     None, {}, ["+cap/80pct usage"]),
    ("an unlimited subscription makes the share unknown", {"p": {"watch": "meter.people.used", "levels": ["1%"]}},
     [START, sub("2026-01-01T01", subscription="two", plan="big"), seen("2026-01-02", "a")], None, {}, []),
    ("of a limit of 0, 0 is 0%", USE, [sub("2026-01-01", plan="none"), calls("2026-01-02", 0)], None, {}, []),
    ("of a limit of 0, anything is beyond", USE,
     [sub("2026-01-01", plan="none"), calls("2026-01-02", "0.000000000001")], None, {}, ["+use/100pct usage"]),
    ("an older reading changes nothing", CAP,
     [START, gb("2026-01-03", 50), gb("2026-01-03T01", 95, time="2026-01-02")], None, {}, []),
    ("at the same time the later arrival counts", CAP,
     [START, gb("2026-01-03", 50), gb("2026-01-03T01", 95, time="2026-01-03")], None, {}, ["+cap/90pct usage"]),
    ("a gauge outlives the period", CAP, [START, gb("2026-01-02", 85)], "2026-03-02", {}, ["+cap/80pct usage"]),
    ("a period's end resets a sum", USE,
     [START, calls("2026-01-02", 800), calls("2026-02-02", 1000)], None, {},
     ["+use/80pct usage", "-use/80pct period_reset", "+use/100pct usage"]),
    ("the period follows the anchor's day, the last where the month lacks it", PER,
     [sub("2026-01-31", started_at="2026-01-31"), calls("2026-02-01", 10), calls("2026-02-28", 10)], "2026-03-31", {},
     ["+per/10 usage", "-per/10 period_reset", "+per/10 usage", "-per/10 period_reset"]),
    ("a late event crosses in a closed period", USE,
     [START, calls("2026-01-31", 790), calls("2026-02-01T05", 10, time="2026-01-31T23")], None, {},
     ["+use/80pct late_crossing"]),
    ("no late crossing of a level that was open", USE,
     [START, calls("2026-01-31", 800), calls("2026-02-01T05", 10, time="2026-01-31T23")], None, {},
     ["+use/80pct usage", "-use/80pct period_reset"]),
    ("a late crossing is under the closed period's last limit", USE,
     [START, calls("2026-01-31", 790), sub("2026-02-01T01", "updated", plan="big"),
      calls("2026-02-01T05", 10, time="2026-01-31T23")], None, {}, ["+use/80pct late_crossing"]),
    ("no late crossing with for", {"use": {**USE["use"], "for": "1h"}},
     [START, calls("2026-01-31", 790), calls("2026-02-01T05", 300, time="2026-01-31T23")], "2026-02-02", {}, []),
    ("a rolling window falls by itself at a bucket's edge", DAY,
     [calls("2026-01-02T10:30", 10)], "2026-01-03T10", {}, ["+day/10 usage", "-day/10 usage_decreased"]),
    ("and not before", DAY, [calls("2026-01-02T10:30", 10)], "2026-01-03T09:59:59", {}, ["+day/10 usage"]),
    ("a calendar day ends by reset", {"day": {"watch": "meter.calls.day", "levels": ["10"]}},
     [calls("2026-01-02T23:30", 10)], "2026-01-03", {}, ["+day/10 usage", "-day/10 period_reset"]),
    ("a day in the account's zone", {"day": {"watch": "meter.calls.day", "levels": ["10"]}},
     [sub("2026-01-01", timezone="America/New_York"), calls("2026-01-02T23:30", 10)], "2026-01-03T04:59:59", {},
     ["+day/10 usage"]),
    ("unique counts members once", {"p": {"watch": "meter.people.7d", "levels": ["2"]}},
     [seen("2026-01-02", "a"), seen("2026-01-03", "a"), seen("2026-01-04", "b")], None, {}, ["+p/2 usage"]),
    ("where leaves out, and a missing field too", {"h": {"watch": "meter.hits.period", "levels": ["1"]}},
     [event("2026-01-02", "hit", {"status": 500}), event("2026-01-02", "hit"), event("2026-01-03", "hit", {"status": "200"})],
     None, {}, ["+h/1 usage"]),
    ("for counts at >=", {"day": {**DAY["day"], "for": "2h"}},
     [calls("2026-01-02T10:30", 10)], "2026-01-02T12:30", {}, ["+day/10 usage"]),
    ("for is over when the signal leaves the level", {"cap": {**CAP["cap"], "for": "2h"}},
     [START, gb("2026-01-02T10", 80), gb("2026-01-02T11", 79), gb("2026-01-02T11:30", 80)], "2026-01-02T13:29:59", {}, []),
    ("for runs by level", {"cap": {**CAP["cap"], "for": "2h"}},
     [START, gb("2026-01-02T10", 80), gb("2026-01-02T11", 90)], "2026-01-02T13", {},
     ["+cap/80pct usage", "+cap/90pct usage"]),
    ("when must hold at the moment of firing", {"cap": {**CAP["cap"], "when": ["account.arr >= 25k"]}},
     [START, gb("2026-01-02", 80), gb("2026-01-03", 92), account("2026-01-04", arr=2500000, currency="USD")], None, {},
     ["+cap/90pct usage"]),
    ("a false when ends no episode", {"cap": {**CAP["cap"], "when": ["account.vip = true"]}},
     [account("2026-01-01", vip=True), START, gb("2026-01-02", 80), account("2026-01-03", vip=False)], None, {},
     ["+cap/80pct usage"]),
    ("a bare literal is in the account's currency, another needs a rate",
     {"cap": {**CAP["cap"], "when": ["account.arr >= 25k USD"]}},
     [START, account("2026-01-01", arr=2400000, currency="EUR"), gb("2026-01-02", 80)], None,
     {"money": {"currency": "USD", "rates": {"EUR": "1.08"}}}, ["+cap/80pct usage"]),
    ("no rate, no condition", {"cap": {**CAP["cap"], "when": ["account.arr >= 1 USD"]}},
     [START, account("2026-01-01", arr=2400000, currency="EUR"), gb("2026-01-02", 80)], None, {}, []),
    ("any holds if one does", {"cap": {**CAP["cap"], "when": {"any": ["account.a = x", "account.b = y"]}}},
     [START, account("2026-01-01", b="y"), gb("2026-01-02", 80)], None, {}, ["+cap/80pct usage"]),
    ("!= on an unknown signal does not hold", {"cap": {**CAP["cap"], "when": ["account.a != x"]}},
     [START, gb("2026-01-02", 80)], None, {}, []),
    ("a cooldown waits and then fires what is beyond", {"cap": {**CAP["cap"], "cooldown": "3d"}},
     [START, gb("2026-01-02", 80), gb("2026-01-03", 10), gb("2026-01-04", 81)], "2026-01-05", {},
     ["+cap/80pct usage", "-cap/80pct usage_decreased", "+cap/80pct usage"]),
    ("what went back in the cooldown never fires", {"cap": {**CAP["cap"], "cooldown": "3d"}},
     [START, gb("2026-01-02", 80), gb("2026-01-03", 10), gb("2026-01-04", 81), gb("2026-01-04T01", 10)],
     "2026-01-09", {}, ["+cap/80pct usage", "-cap/80pct usage_decreased"]),
    ("a nearer fire does not hold back a further one", {"cap": {**CAP["cap"], "cooldown": "3d"}},
     [START, gb("2026-01-02", 80), gb("2026-01-03", 90)], None, {}, ["+cap/80pct usage", "+cap/90pct usage"]),
    ("a further fire holds back a nearer one", {"cap": {**CAP["cap"], "cooldown": "3d"}},
     [START, gb("2026-01-02", 100), gb("2026-01-03", 10), gb("2026-01-04", 80)], "2026-01-04T23:59:59", {},
     ["+cap/100pct usage", "-cap/100pct usage_decreased"]),
    ("silence, once there was something", {"q": {"watch": "meter.calls.24h", "below": ["0"], "for": "3d"}},
     [calls("2026-01-02T10:30", 1)], "2026-01-06T10", {}, ["+q/0 time"]),
    ("and not before three days of it", {"q": {"watch": "meter.calls.24h", "below": ["0"], "for": "3d"}},
     [calls("2026-01-02T10:30", 1)], "2026-01-06T09:59:59", {}, []),
    ("a down-rule that was never above is not armed", {"q": {"watch": "meter.calls.24h", "below": ["0"]}},
     [account("2026-01-01", a="b")], "2026-01-09", {}, []),
    ("silence ends with use", {"q": {"watch": "meter.calls.24h", "below": ["0"]}},
     [calls("2026-01-02T10:30", 1), calls("2026-01-05", 1)], None, {}, ["+q/0 time", "-q/0 usage_increased"]),
    ("a period's end disarms", {"q": {"watch": "meter.calls.used", "below": ["10%"]}},
     [START, calls("2026-01-02", 200)], "2026-03-01", {}, []),
    ("renewal windows open at local midnight", RENEW,
     [sub("2026-01-01", renewal_date="2026-12-31", timezone="Asia/Tokyo", **YEAR)], "2026-10-01T15", {}, ["+ren/90d time"]),
    ("and not before", RENEW,
     [sub("2026-01-01", renewal_date="2026-12-31", timezone="Asia/Tokyo", **YEAR)], "2026-10-01T14:59:59", {}, []),
    ("late: once fires the furthest passed", RENEW,
     [sub("2026-11-15", renewal_date="2026-12-31", **YEAR)], "2026-12-01", {},
     ["+ren/60d account_change", "+ren/30d time"]),
    ("late: never claims all", {"ren": {**RENEW["ren"], "late": "never"}},
     [sub("2026-11-15", renewal_date="2026-12-31", **YEAR)], "2026-12-01", {}, ["+ren/30d time"]),
    ("late: once claims the rest, also what cools down", {"ren": {**RENEW["ren"], "jump": "each", "cooldown": "20d"}},
     [sub("2026-10-01", renewal_date="2026-12-31", **YEAR), sub("2026-10-05", "updated", renewal_date="2027-05-31"),
      sub("2026-10-10", "updated", renewal_date="2026-11-05")], "2026-11-04", {},
     ["+ren/90d time", "-ren/90d renewal_moved", "+ren/30d renewal_moved"]),
    ("exactly on its day is not late", {"ren": {**RENEW["ren"], "late": "never"}},
     [sub("2026-11-01", renewal_date="2026-12-31", **YEAR)], None, {}, ["+ren/60d account_change"]),
    ("a date moved away ends without margin", {"ren": {**RENEW["ren"], "rearm": "400d"}},
     [sub("2026-01-01", renewal_date="2026-12-31", **YEAR), sub("2026-11-05", "updated", renewal_date="2027-01-15")],
     None, {}, ["+ren/90d time", "+ren/60d time", "-ren/60d renewal_moved"]),
    ("a date moved near: only newly passed ones are late", RENEW,
     [sub("2026-01-01", renewal_date="2026-12-31", **YEAR), sub("2026-10-05", "updated", renewal_date="2026-10-20")],
     None, {}, ["+ren/90d time", "+ren/30d renewal_moved"]),
    ("renewed resolves", RENEW,
     [sub("2026-01-01", renewal_date="2026-12-31", **YEAR), sub("2026-10-05", "renewed", renewal_date="2027-12-31")],
     "2026-12-31", {}, ["+ren/90d time", "-ren/90d renewed"]),
    ("a renewal without a date leaves it unknown", RENEW,
     [sub("2026-01-01", renewal_date="2026-12-31", **YEAR), sub("2026-10-05", "renewed")], "2026-12-31", {},
     ["+ren/90d time", "-ren/90d renewed"]),
    ("after the date nothing ends", RENEW,
     [sub("2026-01-01", renewal_date="2026-12-31", **YEAR)], "2027-03-31", {},
     ["+ren/90d time", "+ren/60d time", "+ren/30d time"]),
    ("an offset not shorter than the term is void", RENEW,
     [sub("2026-01-01", renewal_date="2026-03-02", **YEAR)], "2026-03-01", {}, ["+ren/30d time"]),
    ("at ends_at all levels end", {**CAP, **RENEW},
     [sub("2026-01-01", renewal_date="2026-12-31", **YEAR), gb("2026-10-05", 90),
      sub("2026-10-06", "cancelled", ends_at="2026-10-31")], "2026-12-31", {},
     ["+ren/90d time", "+cap/90pct usage", "-cap/90pct subscription_ended", "-ren/90d subscription_ended"]),
    ("no rule is evaluated after the end, until a new start", CAP,
     [START, sub("2026-01-05", "cancelled"), gb("2026-01-06", 95), sub("2026-01-08", started_at="2026-01-08")], None, {},
     ["+cap/90pct limit_change"]),
    ("a later event withdraws the end", CAP,
     [START, gb("2026-01-02", 90), sub("2026-01-03", "cancelled", ends_at="2026-01-20"), sub("2026-01-04", "updated")],
     "2026-02-20", {}, ["+cap/90pct usage"]),
    ("a new start ends the period", PER,
     [START, calls("2026-01-05", 10), sub("2026-01-10", started_at="2026-01-10"), calls("2026-01-11", 10)], None, {},
     ["+per/10 usage", "-per/10 period_reset", "+per/10 usage"]),
    ("a plan change keeps the counter", PER,
     [START, calls("2026-01-05", 10), sub("2026-01-10", "updated", plan="big"), calls("2026-01-11", 10)], None, {},
     ["+per/10 usage", "+per/20 usage"]),
    ("an older fact that arrives later has no effect", CAP,
     [START, sub("2026-01-10", "updated", plan="big"), sub("2026-01-11", "updated", plan="small", time="2026-01-09"),
      gb("2026-01-12", 100)], None, {}, []),
    ("unpaid invoices by their newest event", {"pay": {"watch": "invoice.unpaid", "levels": ["1", "2"]}},
     [event("2026-01-02", "invoice.payment_failed", {"invoice": "a"}),
      event("2026-01-03", "invoice.paid", {"invoice": "b"}),
      event("2026-01-04", "invoice.payment_failed", {"invoice": "b"}, time="2026-01-02T12"),
      event("2026-01-05", "invoice.paid", {"invoice": "a"})], None, {},
     ["+pay/1 account_change", "-pay/1 signal_returned"]),
    ("tenure in calendar days", {"t": {"watch": "tenure.days", "levels": ["90"]}},
     [sub("2026-01-01T10", timezone="Europe/Berlin")], "2026-03-31T22", {}, ["+t/90d time"]),
    ("period.elapsed acts at its microsecond", {"e": {"watch": "period.elapsed", "levels": ["50%"]}},
     [account("2026-01-01", a="b")], "2026-01-16T12", {}, ["+e/50pct time"]),
    ("and returns with the period", {"e": {"watch": "period.elapsed", "levels": ["50%"]}},
     [account("2026-01-01", a="b")], "2026-02-01", {}, ["+e/50pct time", "-e/50pct signal_returned"]),
    ("what was beyond before live_from is claimed", CAP,
     [START, gb("2026-01-02", 85), gb("2026-01-11", 95), gb("2026-01-12", 10), gb("2026-01-13", 85)], None,
     {"start": {"live_from": "2026-01-10"}}, ["+cap/90pct usage", "-cap/90pct usage_decreased", "+cap/80pct usage"]),
    ("an unknown attribute ends what it fired", {"h": {"watch": "account.health", "below": ["50"]}},
     [account("2026-01-02", health=40), account("2026-01-03", health=None)], None, {},
     ["+h/50 account_change", "-h/50 signal_unknown"]),
    ("order: priority, then category, then place",
     {"a": {"watch": "meter.gb.used", "levels": ["80%"]},
      "b": {"watch": "meter.gb.used", "levels": ["80%"], "category": "risk"},
      "c": {"watch": "meter.gb.used", "levels": ["80%"], "priority": "1"},
      "d": {"watch": "meter.gb.used", "levels": ["80%"]}},
     [START, gb("2026-01-02", 80)], None, {},
     ["+c/80pct usage", "+b/80pct usage", "+a/80pct usage", "+d/80pct usage"]),
    ("an alias leads to its account", PER,
     [account("2026-01-01", aliases=["key"]), calls("2026-01-02", 6), calls("2026-01-03", 4, subject="key")], None, {},
     ["+per/10 usage"]),
    ("what came before the claim moves", PER,
     [calls("2026-01-02", 6), calls("2026-01-02", 4, subject="key"), account("2026-01-03", aliases=["key"])], None, {},
     ["+per/10 account_change"]),
    ("open episodes of the stray one end with moved", PER,
     [calls("2026-01-02", 10, subject="key"), account("2026-01-03", aliases=["key"])], None, {},
     ["+per/10 usage", "-per/10 moved", "+per/10 account_change"]),
    ("the claim is an evaluation, and the move after it another", {**PER, "first": {**PER["per"], "priority": "1"},
      "a": {"watch": "account.a", "levels": ["1"]}},
     [calls("2026-01-02", 10, subject="key"), account("2026-01-03", aliases=["key"], a=1)], None, {},
     ["+first/10 usage", "+per/10 usage", "+a/1 account_change", "-per/10 moved", "-first/10 moved",
      "+first/10 account_change", "+per/10 account_change"]),
    ("a released name is its own again", PER,
     [account("2026-01-01", aliases=["key"]), account("2026-01-02", aliases_released=["key"]),
      calls("2026-01-03", 5), calls("2026-01-03", 5, subject="key")], None, {}, []),
    ("before its first subscription starts an account is evaluated", PER,
     [sub("2026-01-01", started_at="2026-01-10"), calls("2026-01-05", 10)], "2026-01-10", {},
     ["+per/10 usage", "-per/10 period_reset"]),
    ("a future start gives its limits when it comes", CAP,
     [gb("2026-01-01", 90), sub("2026-01-02", plan="small", started_at="2026-01-10")], "2026-01-10", {},
     ["+cap/90pct limit_change"]),
    ("an attribute that is a numeric string counts as a number", {"h": {"watch": "account.health", "below": ["50"]}},
     [account("2026-01-02", health="50")], None, {}, ["+h/50 account_change"]),
    ("erasure forgets in silence", PER,
     [calls("2026-01-02", 10), event("2026-01-03", "account.erased"), calls("2026-01-04", 9)], None, {}, ["+per/10 usage"]),
    # What product, CRM and people tell
    ("a trial runs from its start to its end", TRIAL,
     [tell("2026-01-02", "trial.started", feature="pro", ends_at="2026-01-10")], "2026-01-10", {},
     ["+t/1 account_change", "-t/1 signal_returned"]),
    ("and not a microsecond less", TRIAL,
     [tell("2026-01-02", "trial.started", feature="pro", ends_at="2026-01-10T00:00:00.000001Z")], "2026-01-10", {},
     ["+t/1 account_change"]),
    ("an older end of a trial does not end the newer start", TRIAL,
     [tell("2026-01-05", "trial.started", feature="pro"),
      tell("2026-01-06", "trial.ended", time="2026-01-04", feature="pro", outcome="expired")], None, {},
     ["+t/1 account_change"]),
    ("interest of thirty days, today included", {"i": {"watch": "interest.sso", "levels": ["2"]}},
     [tell("2026-01-02T10", "feature.interest", feature="sso"), tell("2026-01-31T10", "feature.interest", feature="sso")],
     "2026-02-01", {}, ["+i/2 account_change", "-i/2 signal_returned"]),
    ("and not of thirty-one", {"i": {"watch": "interest.sso", "levels": ["2"]}},
     [tell("2026-01-02T10", "feature.interest", feature="sso"), tell("2026-02-01T10", "feature.interest", feature="sso")],
     None, {}, []),
    ("a milestone is achieved once and for all", {"m": {"watch": "milestone.live", "levels": ["1"]}},
     [tell("2026-01-02", "milestone.achieved", milestone="live"), tell("2026-01-03", "milestone.achieved", milestone="live")],
     "2026-06-01", {}, ["+m/1 account_change"]),
    ("the newest score counts", {"n": {"watch": "account.nps", "below": ["6"]}},
     [tell("2026-01-03", "feedback.nps", score=9), tell("2026-01-04", "feedback.nps", time="2026-01-02", score=3),
      tell("2026-01-05", "feedback.nps", score=6)], None, {}, ["+n/6 account_change"]),
    ("days since an executive was met, in the account's calendar", {"x": {"watch": "executive.days_since", "levels": ["2d"]}},
     [sub("2026-01-01", timezone="Asia/Tokyo"), tell("2026-01-02T16", "engagement.executive")], "2026-01-04T15", {},
     ["+x/2d time"]),
    ("and not before", {"x": {"watch": "executive.days_since", "levels": ["2d"]}},
     [sub("2026-01-01", timezone="Asia/Tokyo"), tell("2026-01-02T16", "engagement.executive")], "2026-01-04T14:59:59", {}, []),
    ("the largest open deal", {"d": {"watch": "deal.size", "levels": ["10000 USD"]}},
     [deal("2026-01-02", "a", "qualified", 400000), deal("2026-01-03", "b", "engaged", 1000000),
      deal("2026-01-04", "b", "closed_won")], None, {}, ["+d/10000USD account_change", "-d/10000USD signal_returned"]),
    ("no open deal is unknown", {"d": {"watch": "deal.size", "levels": ["10000 USD"]}},
     [deal("2026-01-03", "b", "engaged", 1000000), deal("2026-01-04", "b", "closed_lost")], None, {},
     ["+d/10000USD account_change", "-d/10000USD signal_unknown"]),
    # Corrections
    ("a correction takes beyond as usage does", USE, [START, calls("2026-01-02", 700), correct("2026-01-03", "calls", add=100)],
     None, {}, ["+use/80pct usage"]),
    ("what a correction takes back ends without the margin", {"use": {**USE["use"], "rearm": "50%"}},
     [START, calls("2026-01-02", 800), correct("2026-01-03", "calls", set="799.999999999999")], None, {},
     ["+use/80pct usage", "-use/80pct corrected"]),
    ("set is of the period that holds its time", USE,
     [START, calls("2026-01-31", 900), calls("2026-02-01", 10), correct("2026-02-01T05", "calls", time="2026-01-31T12", set=10),
      calls("2026-02-02", 790)], None, {}, ["+use/80pct usage", "-use/80pct period_reset", "+use/80pct usage"]),
    ("in a closed period it crosses late", USE,
     [START, calls("2026-01-31", 790), correct("2026-02-01T05", "calls", time="2026-01-31T12", set=800)], None, {},
     ["+use/80pct late_crossing"]),
    ("of a gauge it is a reading", CAP, [START, gb("2026-01-02", 50), correct("2026-01-03", "gb", add=85)], None, {},
     ["+cap/80pct usage"]),
    # Silences
    ("a silence holds back until it is over", CAP,
     [START, silence("2026-01-02", "account", "2026-01-04"), gb("2026-01-03", 85)], "2026-01-04", {}, ["+cap/80pct usage"]),
    ("and not a microsecond longer", CAP,
     [START, silence("2026-01-02", "rule:cap", "2026-01-04T00:00:00.000001Z"), gb("2026-01-03", 85)], "2026-01-04", {}, []),
    ("what went back in a silence never fires", CAP,
     [START, silence("2026-01-02", "account", "2026-01-04"), gb("2026-01-03", 85), gb("2026-01-03T01", 1)], "2026-01-05", {}, []),
    ("of what waited the furthest fires", CAP,
     [START, silence("2026-01-02", "account", "2026-01-05"), gb("2026-01-03", 85), gb("2026-01-04", 95)], "2026-01-05", {},
     ["+cap/90pct usage"]),
    ("another rule's silence is none", CAP,
     [START, silence("2026-01-02", "rule:other", "2026-01-04"), gb("2026-01-03", 85)], None, {}, ["+cap/80pct usage"]),
    ("a silence that is cleared is over", CAP,
     [START, silence("2026-01-02", "account", "2026-02-04"), gb("2026-01-03", 85),
      tell("2026-01-03T01", "silence.cleared", scope="account", by="ann")], None, {}, ["+cap/80pct usage"]),
    ("resolutions are never held back", CAP,
     [START, gb("2026-01-02", 85), silence("2026-01-03", "account", "2026-02-04"), gb("2026-01-04", 1)], None, {},
     ["+cap/80pct usage", "-cap/80pct usage_decreased"]),
    ("an owner is silent for all her accounts", CAP,
     [START, account("2026-01-01", csm="dana"), silence("2026-01-02", "owner:dana", "2026-01-04"), gb("2026-01-03", 85)],
     "2026-01-04", {}, ["+cap/80pct usage"]),
    ("a silenced late crossing is dropped", USE,
     [START, calls("2026-01-31", 790), silence("2026-02-01", "account", "2026-02-01T06"),
      calls("2026-02-01T05", 10, time="2026-01-31T23")], "2026-02-02", {}, []),
    # Own levels
    ("a level of its own", CAP, [START, gb("2026-01-02", 70), account("2026-01-03", overrides={"cap": {"levels": ["60%"]}})],
     None, {}, ["+cap/60pct rule_change"]),
    ("what it replaces is gone", CAP,
     [START, gb("2026-01-02", 85), account("2026-01-03", overrides={"cap": {"levels": ["60%", "90%"], "owner": "dana"}})],
     None, {}, ["+cap/80pct usage", "-cap/80pct rule_changed", "+cap/60pct rule_change"]),
    ("a new level under an open one is claimed", CAP,
     [START, gb("2026-01-02", 85), account("2026-01-03", overrides={"cap": {"levels": ["60%", "80%"]}}), gb("2026-01-04", 1)],
     None, {}, ["+cap/80pct usage", "-cap/80pct usage_decreased"]),
    ("also where the value is within the margin of both", {"cap": {**CAP["cap"], "rearm": "20%"}},
     [START, gb("2026-01-02", 85), gb("2026-01-03", 65), account("2026-01-04", overrides={"cap": {"levels": ["70%", "80%"]}}),
      gb("2026-01-05", 75)], None, {}, ["+cap/80pct usage"]),
    ("none: the rule's own again", CAP,
     [START, account("2026-01-02", overrides={"cap": {"levels": ["60%"]}}), gb("2026-01-03", 70),
      account("2026-01-04", overrides=None), gb("2026-01-05", 80)],
     None, {}, ["+cap/60pct usage", "-cap/60pct rule_changed", "+cap/80pct usage"]),
    ("an older word about levels is none", CAP,
     [START, account("2026-01-03", overrides={"cap": {"levels": ["60%"]}}),
      account("2026-01-04", time="2026-01-02", overrides=None), gb("2026-01-05", 70)], None, {}, ["+cap/60pct usage"]),
    ("levels of its own from the first word", {"t": {"watch": "tenure.days", "levels": ["10d"]}},
     [account("2026-01-01", overrides={"t": {"levels": ["1"]}})], "2026-01-02", {}, ["+t/1d time"]),
    ("an unknown rule waits", CAP, [START, account("2026-01-02", overrides={"none": {"levels": ["1"]}}), gb("2026-01-03", 80)],
     None, {}, ["+cap/80pct usage"]),
    # Projections and trends
    ("projected from 5% of the period on: 37.2 hours of January", PRO,
     [START, calls("2026-01-02", 100)], "2026-01-02T13:12", {}, ["+pro/100pct time"]),
    ("and not before", PRO, [START, calls("2026-01-02", 100)], "2026-01-02T13:11:59", {}, []),
    ("10% used are 100% projected at 10% elapsed", PRO,
     [START, calls("2026-01-03", 100)], "2026-01-04T02:24", {}, ["+pro/100pct usage"]),
    ("and less a microsecond later", PRO, [START, calls("2026-01-03", 100), account("2026-01-04T02:24:01", a=1)], None, {},
     ["+pro/100pct usage", "-pro/100pct usage_decreased"]),
    ("growth over whole buckets, when two windows are behind", GROW,
     [calls("2026-01-01", 10), calls("2026-01-08", 15)], "2026-01-15", {}, ["+g/50pct time"]),
    ("and not before", GROW, [calls("2026-01-01", 10), calls("2026-01-08", 15)], "2026-01-14T23:59:59", {}, []),
    ("a day later it is the other seven", GROW, [calls("2026-01-01", 10), calls("2026-01-08", 15)], "2026-01-16", {},
     ["+g/50pct time", "-g/50pct usage_decreased"]),
    ("the open bucket does not count", GROW, [calls("2026-01-01", 10), calls("2026-01-15", 15)], None, {}, []),
    ("of a gauge it is what it stood at: 10 on the 7th and the 8th, 15 from the 9th on",
     {"g": {"watch": "meter.gb.growth.7d", "levels": ["50%"]}},
     [gb("2026-01-01", 10), gb("2026-01-09", 15)], "2026-01-17", {}, ["+g/50pct time", "-g/50pct usage_decreased"]),
    ("and to the day", {"g": {"watch": "meter.gb.growth.7d", "levels": ["50%"]}},
     [gb("2026-01-01", 10), gb("2026-01-09", 15)], "2026-01-16T23:59:59", {}, ["+g/50pct time"]),
    ("drop is the other way", {"d": {"watch": "meter.calls.drop.7d", "levels": ["40%"]}},
     [calls("2026-01-01", 10), calls("2026-01-08", 6)], "2026-01-15", {}, ["+d/40pct time"]),
    # Days to a limit
    ("one a day: at 40 of 100 it is 60 days", FULL, [START, *RISING, gb("2026-01-09T12", 39), gb("2026-01-10T12", 40)],
     None, {}, ["+full/60d usage"]),
    ("a week of whole days lies behind the first on the ninth", FULL,
     [START, *RISING, sub("2026-01-08T13", "updated", limits={"gb": 48})], "2026-01-09", {}, ["+full/30d time"]),
    ("another day on which it fell: it is not sure any more", FULL,
     [START, *RISING, sub("2026-01-09T13", "updated", limits={"gb": 48}), gb("2026-01-09T14", 35)], "2026-01-10", {},
     ["+full/30d limit_change", "-full/30d signal_unknown"]),
    ("nothing left is no day, from the beginning", FULL, [START, gb("2026-01-02", 100)], None, {}, ["+full/30d usage"]),
    ("what resets has no date past the end of its period: 680 at 30 a day from the 9th", CALLED,
     [START, *(calls(f"2026-01-0{day}T12", 30) for day in range(1, 9)),
      sub("2026-01-09T01", "updated", limits={"calls": 931}), sub("2026-01-09T02", "updated", limits={"calls": 930})],
     None, {}, ["+called/25d limit_change"]),
    # Adoption and what use is worth
    ("adoption is of the seats, over a day", {"a": {"watch": "adoption", "levels": ["50%"]}},
     [START, seen("2026-01-02T10", "a"), seen("2026-01-02T11", "b")], "2026-01-03T10", {},
     ["+a/50pct usage", "-a/50pct usage_decreased"]),
    ("more seats end it without the margin", {"a": {"watch": "adoption", "levels": ["50%"], "rearm": "40%"}},
     [START, seen("2026-01-02T10", "a"), seen("2026-01-02T11", "b"), sub("2026-01-02T12", "updated", limits={"seats": 8})], None,
     {}, ["+a/50pct usage", "-a/50pct limit_increased"]),
    ("a down-rule on adoption is armed first", {"a": {"watch": "adoption", "below": ["0%"]}},
     [START, seen("2026-01-02T10:30", "a")], "2026-01-03T10", {}, ["+a/0pct time"]),
    ("what a period's use is worth", {"w": {"watch": "value.calls", "levels": ["10 USD"]}},
     [START, calls("2026-01-02", 499), calls("2026-01-03", 1)], "2026-02-01", {},
     ["+w/10USD usage", "-w/10USD period_reset"]),
    ("and what is taken back", {"w": {"watch": "value.calls", "levels": ["10 USD"]}},
     [START, calls("2026-01-02", 500), calls("2026-01-03", -1)], None, {}, ["+w/10USD usage", "-w/10USD signal_returned"]),
    # Timing
    ("a new customer is left in peace until her tenure is exactly long enough", CAP, [START, gb("2026-01-02", 85)],
     "2026-01-11", {"timing": {"min_tenure": "10d"}}, ["+cap/80pct usage"]),
    ("and not a microsecond shorter", CAP, [START, gb("2026-01-02", 85)], "2026-01-10T23:59:59.999999",
     {"timing": {"min_tenure": "10d"}}, []),
    ("a risk passes", {"cap": {**CAP["cap"], "category": "risk"}}, [START, gb("2026-01-02", 85)], None,
     {"timing": {"min_tenure": "10d"}}, ["+cap/80pct usage"]),
    ("a milestone is waited for", CAP,
     [START, gb("2026-01-02", 85), tell("2026-01-03", "milestone.achieved", milestone="live")], None,
     {"timing": {"milestones": ["live"]}}, ["+cap/80pct usage"]),
    ("a rule's own milestones take the place of the common ones", {"cap": {**CAP["cap"], "milestones": []}},
     [START, gb("2026-01-02", 85)], None, {"timing": {"milestones": ["live"]}}, ["+cap/80pct usage"]),
    ("and are asked whatever the category", {"cap": {**CAP["cap"], "milestones": ["live"], "category": "risk"}},
     [START, gb("2026-01-02", 85)], "2026-01-20", {}, []),
    ("a dismissed prompt makes quiet", CAP,
     [START, tell("2026-01-02", "prompt.dismissed"), gb("2026-01-03", 85), gb("2026-01-03T23:59:59", 10)], "2026-01-09",
     {"timing": {"quiet_after_dismissal": "2d"}}, []),
    ("a deal that is lost makes quiet while it is lost", CAP,
     [START, deal("2026-01-02", "a", "closed_lost"), gb("2026-01-03", 85), deal("2026-01-03T06", "a", "engaged")], None,
     {"timing": {"quiet_after_decline": "30d"}}, ["+cap/80pct usage"]),
    ("the budget is for all rules, the higher priority first",
     {**CAP, "more": {"watch": "meter.gb.used", "levels": ["50%"], "priority": "1"}},
     [START, gb("2026-01-02", 85)], "2026-01-04", {"timing": {"budget": {"account": "1 per 3d"}}}, ["+more/50pct usage"]),
    ("one exactly that old no longer counts",
     {**CAP, "more": {"watch": "meter.gb.used", "levels": ["50%"], "priority": "1"}},
     [START, gb("2026-01-02", 85)], "2026-01-05", {"timing": {"budget": {"account": "1 per 3d"}}},
     ["+more/50pct usage", "+cap/80pct usage"]),
    # Groups
    ("each value counts by itself", EU,
     [calls("2026-01-02", 6, r="eu"), calls("2026-01-02", 6, r="us"), calls("2026-01-03", 4, r="eu")], None, {}, ["+eu/10 usage"]),
    ("without the field it counts under other, as what has no place", {"o": {**EU["eu"], "watch": "meter.regions[other].period"}},
     [calls("2026-01-02", 10, r="a"), calls("2026-01-02", 10, r="b"), calls("2026-01-02", 10, r="c"), calls("2026-01-02", 4),
      calls("2026-01-03", 6, r="d")], None, {}, ["+o/10 usage"]),
    ("named ones have a place", EU,
     [calls("2026-01-02", 1, r="a"), calls("2026-01-02", 1, r="b"), calls("2026-01-02", 1, r="c"), calls("2026-01-03", 10, r="eu")],
     None, {}, ["+eu/10 usage"]),
    ("a duplicate counts once", PER, [calls("2026-01-02", 5, ident="x"), calls("2026-01-02", 5, ident="x")], None, {}, []),
]

# name, rules, records, until, configuration, expected ids
IDS = [
    ("an id names rule, account, level, date and count", CAP, [START, gb("2026-01-05", 80)], None, {},
     ["cap/acme/80pct/2026-01-01#1"]),
    ("the second fire under a date is 2", CAP,
     [START, gb("2026-01-05", 80), gb("2026-01-06", 1), gb("2026-01-07", 80)], None, {},
     ["cap/acme/80pct/2026-01-01#1", "cap/acme/80pct/2026-01-01#1/resolved", "cap/acme/80pct/2026-01-01#2"]),
    ("a new period counts from 1", USE, [START, calls("2026-01-05", 800), calls("2026-02-05", 800)], None, {},
     ["use/acme/80pct/2026-01-01#1", "use/acme/80pct/2026-01-01#1/resolved", "use/acme/80pct/2026-02-01#1"]),
    ("a late crossing has the closed period's date", USE,
     [START, calls("2026-01-31", 790), calls("2026-02-01T05", 10, time="2026-01-31T23")], None, {},
     ["use/acme/80pct/2026-01-01#1"]),
    ("the date is that of the account's zone", CAP,
     [sub("2026-01-01T12", plan="small", timezone="Asia/Tokyo", started_at="2026-01-01"), gb("2026-01-05", 80)], None, {},
     ["cap/acme/80pct/2026-01-01#1"]),
    ("other bytes are encoded", CAP,
     [sub("2026-01-01", plan="small", subject="a.b/ü"), gb("2026-01-05", 80, subject="a.b/ü")], None, {},
     ["cap/a%2Eb%2F%C3%BC/80pct/2026-01-01#1"]),
    # printf '%s' "$(yes a | head -101 | tr -d '\n')" | sha256sum | cut -c1-32
    ("a long name is cut and hashed", PER, [calls("2026-01-05", 10, subject="a" * 101)], None, {},
     ["per/" + "a" * 60 + "9d0793397991b57a99a07c6e6b4a92ba/10/2026-01-01#1"]),
    ("a share below one percent place is written with its point", {"f": {"watch": "meter.gb.used", "levels": ["0.825"]}},
     [START, gb("2026-01-05", 90)], None, {}, ["f/acme/82%2E5pct/2026-01-01#1"]),
    ("renewals of several subscriptions name theirs", RENEW,
     [sub("2026-01-01", renewal_date="2026-12-31", **YEAR), sub("2026-01-02", subscription="b", **YEAR)], "2026-10-02", {},
     ["ren/acme/90d@/2026-10-01#1"]),
    ("a released name does not repeat its ids", PER,
     [calls("2026-01-02", 10, subject="key"), account("2026-01-03", aliases=["key"]),
      account("2026-01-03", aliases_released=["key"]), calls("2026-01-04", 10, subject="key")], None, {},
     ["per/key/10/2026-01-01#1", "per/key/10/2026-01-01#1/resolved", "per/acme/10/2026-01-01#1",
      "per/key/10/2026-01-01#2"]),
    ("after an erasure from 1001", PER,
     [calls("2026-01-02", 10), event("2026-01-03", "account.erased"), calls("2026-01-04", 10)], None, {},
     ["per/acme/10/2026-01-01#1", "per/acme/10/2026-01-01#1001"]),
]

LATE = "2026-01-10"
# name, records, expected reasons
LETTERS = [
    ("exactly the lateness is accepted", [calls(LATE, 1, time="2026-01-08")], []),
    ("beyond the lateness", [calls(LATE, 1, time="2026-01-07T23:59:59")], ["too_late"]),
    ("exactly the skew is accepted", [calls(LATE, 1, time="2026-01-10T00:05")], []),
    ("beyond the skew", [calls(LATE, 1, time="2026-01-10T00:05:01")], ["in_future"]),
    ("account events are facts however old", [sub(LATE, time="2020-01-01")], []),
    ("an account event from the future", [sub(LATE, time="2026-01-11")], ["in_future"]),
    ("a late duplicate is a duplicate",
     [calls("2026-01-01", 1, ident="d"), {**calls(LATE, 1, time="2026-01-01", ident="d")}], []),
    ("another body is a conflict", [calls(LATE, 1, ident="c"), calls(LATE, 2, ident="c")], ["id_conflict"]),
    ("what was refused has not used up its id",
     [calls(LATE, "x", ident="r"), calls(LATE, 1, ident="r")], ["bad_value"]),
    ("thirteen places", [calls(LATE, "0.1234567890123")], ["overflow"]),
    ("twelve places", [calls(LATE, "0.123456789012")], []),
    ("10^26", [calls(LATE, "1e26")], ["overflow"]),
    ("a counter past the bound", [calls(LATE, "9e25"), calls(LATE, "1e25")], ["overflow"]),
    ("not a number", [calls(LATE, "+1")], ["bad_value"]),
    ("a missing field", [event(LATE, "calls")], ["bad_value"]),
    ("no subject", [{**calls(LATE, 1), "subject": ""}], ["bad_event"]),
    ("not a time", [{**calls(LATE, 1), "time": "yesterday"}], ["bad_time"]),
    ("an unknown type is ignored", [event(LATE, "page.viewed")], []),
    ("an ignored type from the future", [event(LATE, "page.viewed", time="2026-02-01")], ["in_future"]),
    ("money without its currency", [sub(LATE, mrr=100)], ["bad_value"]),
    ("a time zone that is none", [sub(LATE, timezone="Mars/Olympus")], ["bad_value"]),
    ("a taken alias", [account(LATE, aliases=["k"]), account(LATE, subject="other", aliases=["k"])], ["alias_taken"]),
    ("an alias repeat after the claim is a duplicate",
     [calls(LATE, 1, subject="k", ident="q"), account(LATE, aliases=["k"]), calls(LATE, 1, subject="k", ident="q")], []),
    ("a line without _now arrives with the largest time so far",
     [without_now(calls("2026-01-10", 1)), without_now(calls("2026-01-07T23", 1)), without_now(calls("2026-01-08", 1))],
     ["too_late"]),
    ("a step of more than seven days is in the future",
     [without_now(calls("2026-01-10", 1)), without_now(calls("2026-01-17T00:00:01", 1)),
      without_now(calls("2026-01-17", 1))], ["in_future"]),
    ("a correction of what cannot be corrected", [correct(LATE, "people", add=1)], ["bad_value"]),
    ("a correction of no meter", [correct(LATE, "nothing", add=1)], ["bad_value"]),
    ("a correction of a period that is no longer kept",
     [calls(LATE, 1), correct("2026-02-05", "calls", time="2026-01-31T23", add=1)], ["too_late"]),
    ("a correction of one that is", [calls(LATE, 1), correct("2026-02-02T23", "calls", time="2026-01-05", add=1)], []),
    ("a score out of its range", [tell(LATE, "feedback.nps", score=11)], ["bad_value"]),
    ("a score that is no integer", [tell(LATE, "feedback.nps", score=1.5)], ["bad_value"]),
    ("a stage that is none", [tell(LATE, "opportunity.stage_changed", opportunity="a", stage="won", kind="new")], ["bad_value"]),
    ("a silence without an end", [tell(LATE, "silence.set", scope="account", by="ann")], ["bad_value"]),
    ("not JSON", ["{\"a\":"], ["bad_json"]),
    ("a lone surrogate", ["\"\\ud800\""], ["bad_json"]),
    ("not an object", ["[]"], ["bad_event"]),
]


TRIED = {"features": {"dash": {"event": "dash", "trial": "pro"}, "board": {"event": "board"}},
         "products": {"crm": {"features": ["dash", "board"]}, "suite": {}}}
USES = {"f": {"watch": "feature.dash.uses.7d", "levels": ["2"]}}
DAYS = {"f": {"watch": "feature.dash.days_active.7d", "levels": ["2"]}}
SHRUNK = {"s": {"watch": "limit.gb.drop.30d", "levels": ["50%"]}}
SILENT = {"sources": [{"topic": "usage", "silent_after": "1d"}]}
HALF_A_DAY = {"sources": [{"topic": "usage", "silent_after": "12h"}]}
GONE = {"g": {"watch": "meter.calls.24h", "below": ["0"]}}
# name, rules, records, until, configuration, expected triggers: features, products, limits and sources
MADE = [
    ("a use twice is two uses", USES, [event("2026-01-02", "dash"), event("2026-01-02T01", "dash")], "2026-01-09", TRIED,
     ["+f/2 usage", "-f/2 usage_decreased"]),
    ("and one day", DAYS, [event("2026-01-02", "dash"), event("2026-01-02T01", "dash")], "2026-01-09", TRIED, []),
    ("two days, until the first leaves", DAYS, [event("2026-01-02", "dash"), event("2026-01-03T23", "dash")], "2026-01-09", TRIED,
     ["+f/2 usage", "-f/2 usage_decreased"]),
    ("half of a product's features", {"a": {"watch": "adoption.crm", "levels": ["50%", "100%"]}},
     [event("2026-01-02", "dash"), event("2026-01-03", "dash")], "2026-02-02", TRIED, ["+a/50pct usage", "-a/50pct usage_decreased"]),
    ("a product without features has no adoption", {"a": {"watch": "adoption.suite", "below": ["100%"]}}, [event("2026-01-02", "dash")],
     None, TRIED, []),
    ("owned through a plan, used by a feature",
     {"o": {"watch": "product.crm.owned", "levels": ["1"]}, "u": {"watch": "products.used", "levels": ["1"]}},
     [sub("2026-01-01", plan="p"), event("2026-01-02", "board")], None, {**TRIED, "plans": {"p": {"products": ["crm"]}}},
     ["+o/1 account_change", "+u/1 usage"]),
    ("uses in a trial, once it runs", {"t": {"watch": "trial.uses.7d", "levels": ["2"]}},
     [event("2026-01-02", "dash"), event("2026-01-02", "dash"), event("2026-01-02", "board"),
      tell("2026-01-03", "trial.started", feature="pro", ends_at="2026-01-05")], "2026-01-05", TRIED,
     ["+t/2 account_change", "-t/2 signal_returned"]),
    ("half of what it was, until that is 30 days ago", SHRUNK, [START, sub("2026-01-02", "updated", limits={"gb": 50})],
     "2026-02-01", {}, ["+s/50pct limit_change", "-s/50pct signal_returned"]),
    ("to unlimited and back is no step", SHRUNK,
     [START, sub("2026-01-02", "updated", limits={"gb": None}), sub("2026-01-03", "updated", limits={"gb": 51})], None, {}, []),
    ("a silent source holds back", GONE, [calls("2026-01-02T10:30", 1)], "2026-01-05", HALF_A_DAY, []),
    ("until it is heard", GONE, [calls("2026-01-02T10:30", 1), event("2026-01-05", "note", subject="other")],
     None, HALF_A_DAY, ["+g/0 time"]),
    ("and is not silent while others come", GONE,
     [calls("2026-01-02T10:30", 1), *(calls(now, 1, subject="other") for now in ("2026-01-02T20", "2026-01-03T07"))],
     "2026-01-03T10", HALF_A_DAY, ["+g/0 time"]),
    ("its silence counts for no `for`", {"g": {**GONE["g"], "for": "12h"}},
     [calls("2026-01-02T10:30", 1), event("2026-01-05", "note", subject="other")], "2026-01-05T11", SILENT, []),
    ("of twelve hours half an hour was before", {"g": {**GONE["g"], "for": "12h"}},
     [calls("2026-01-02T10:30", 1), event("2026-01-05", "note", subject="other")], "2026-01-05T11:30", SILENT, ["+g/0 time"]),
]

BOUGHT = sub("2026-01-05", mrr=10000, currency="USD", plan="small")
# name, rules, records, configuration, expected rows of a book: new, expansion, contraction, churned, transfer,
# customers new, churned, moved; fired, converted, amount, days, held out, of those converted
BOOKS = [
    ("a customer's months", {}, [BOUGHT, sub("2026-02-04", "updated", mrr=25000, currency="USD"), sub("2026-03-02", "cancelled")], {},
     [("2026-01", "", [10000, 0, 0, 0, 0, 1, 0, 0]), ("2026-02", "", [0, 15000, 0, 0, 0, 0, 0, 0]),
      ("2026-03", "", [0, 0, 0, 25000, 0, 0, 1, 0])]),
    ("one who was there before is new when she came", {},
     [sub("2026-03-05", mrr=10000, currency="EUR", plan="small", started_at="2026-01-31")], {"money": {"rates": {"EUR": "1.08"}}},
     [("2026-01", "", [10800, 0, 0, 0, 0, 1, 0, 0])]),
    ("up and down within a month is nothing", {},
     [BOUGHT, sub("2026-02-04", "updated", mrr=25000, currency="USD"), sub("2026-02-20", "updated", mrr=10000, currency="USD")], {},
     [("2026-01", "", [10000, 0, 0, 0, 0, 1, 0, 0])]),
    ("a late word amends its months", {},
     [BOUGHT, sub("2026-03-04", "updated", mrr=9000, currency="USD"), sub("2026-03-05", "updated", "2026-02-10", mrr=12000, currency="USD")], {},
     [("2026-01", "", [10000, 0, 0, 0, 0, 1, 0, 0]), ("2026-02", "", [0, 2000, 0, 0, 0, 0, 0, 0]),
      ("2026-03", "", [0, 0, 3000, 0, 0, 0, 0, 0])]),
    ("who changes segments takes along what it pays", {}, [BOUGHT, account("2026-02-10", segment="large")], {},
     [("2026-01", "", [10000, 0, 0, 0, 0, 1, 0, 0]), ("2026-02", "", [0, 0, 0, 0, -10000, 0, 0, -1]),
      ("2026-02", "large", [0, 0, 0, 0, 10000, 0, 0, 1])]),
    ("the newest trigger gets the upgrade, the first one's days", CAP,
     [BOUGHT, gb("2026-01-10", 85), gb("2026-01-12", 95), sub("2026-01-15", "updated", mrr=12000, currency="USD"),
      sub("2026-01-20", "updated", mrr=15000, currency="USD")], {}, [("2026-01", "rule=cap", [2, 1, 5000, 3, 0, 0])]),
    ("exactly the window old is out of it", CAP,
     [BOUGHT, gb("2026-01-10", 85), sub("2026-01-15", "updated", mrr=12000, currency="USD")], {"outcomes": {"attribution": "5d"}},
     [("2026-01", "rule=cap", [1, 0, 0, 0, 0, 0])]),
    ("an upsell that is won brings no MRR by itself", CAP, [BOUGHT, gb("2026-01-10", 85), deal("2026-01-15", "a", "closed_won")], {},
     [("2026-01", "rule=cap", [1, 1, 0, 5, 0, 0])]),
    ("nobody holds out a risk", {"cap": {**CAP["cap"], "category": "risk"}}, [BOUGHT, gb("2026-01-10", 85)],
     {"outcomes": {"hold_out": "50%"}}, [("2026-01", "rule=cap", [1, 0, 0, 0, 0, 0])]),
]


# name, rules, records, configuration, expected rows
ROWS = [
    ("a deal that is won went past every stage", {}, [deal("2026-01-05", "a", "qualified", 500), deal("2026-02-05", "a", "closed_won")], {},
     [("deals", "2026-02", "upsell", [1, 0, 500, 0, 31])]
     + [("stages", "2026-01", f"upsell/{stage}", [1, 500])
        for stage in ("closed_won", "engaged", "identified", "negotiation", "qualified")]),
    ("what is told of a lost one again does not lose it anew", {}, [deal("2026-01-05", "a", "closed_lost"), deal("2026-02-05", "a", "closed_lost")],
     {}, [("deals", "2026-01", "upsell", [0, 1, 0, 0, 0]), ("stages", "2026-01", "upsell/closed_lost", [1, 0]),
          ("stages", "2026-01", "upsell/identified", [1, 0])]),
    ("one that was opened again is lost later", {},
     [deal("2026-01-05", "a", "closed_lost"), deal("2026-01-06", "a", "identified"), deal("2026-02-05", "a", "closed_lost")],
     {}, [("deals", "2026-02", "upsell", [0, 1, 0, 0, 0]), ("stages", "2026-01", "upsell/closed_lost", [1, 0]),
          ("stages", "2026-01", "upsell/identified", [1, 0])]),
    ("a currency without a rate is told, not booked", {}, [sub("2026-01-05", mrr=10000, currency="CHF")], {},
     [("unrated", "2026-01", "CHF", [1, 0])]),
    ("a month that is over is amended by what comes late", {},
     [BOUGHT, sub("2026-03-05", "updated", "2026-02-10", mrr=12000, currency="USD")], {},
     [("revenue", "2026-01", "", [10000, 0, 0, 0, 0, 1, 0, 0, 0]), ("revenue", "2026-02", "", [0, 2000, 0, 0, 0, 0, 0, 0, 1])]),
    ("a fire is booked by whom it went to, and by bands", CAP,
     [START, account("2026-01-05", csm="carl", nps=8), gb("2026-01-10", 85)],
     {"routes": [{"when": ["account.nps < 5"], "audience": "mail"}, {"audience": ["csm", "sales"], "playbook": "in_app_prompt"}],
      "outcomes": {"bands": {"account.nps": ["7", "9"], "meter.gb.used": ["80%"]}}},
     [("fires", "2026-01", label, [1, 0, 0, 0, 0, 0])
      for label in ("band:account.nps=7..9", "band:meter.gb.used=>=80%", "owner=carl", "playbook=in_app_prompt", "positives=1",
                    "route=csm+sales", "rule=cap", "timed=calendar")]),
    ("the trigger that a deal names has led to it", CAP,
     [START, gb("2026-01-10", 85), gb("2026-01-12", 95),
      tell("2026-01-15", "opportunity.stage_changed", opportunity="a", stage="closed_won", kind="upsell", trigger="cap/acme/80pct/2026-01-01#1")],
     {"routes": [{"audience": "mail"}], "score": [{"points": "1", "when": ["account.vip = true"]}]},
     [("deals", "2026-01", "upsell", [1, 0, 0, 0, 0]),
      *(("fires", "2026-01", label, [2, 1, 0, 5, 0, 0]) for label in ("positives=0", "route=mail", "rule=cap", "timed=calendar")),
      *(("stages", "2026-01", f"upsell/{stage}", [1, 0]) for stage in ("closed_won", "engaged", "identified", "negotiation", "qualified"))]),
]
WIDTHS = {"revenue": 9, "stages": 2, "deals": 5, "fires": 6, "unrated": 2}


UP = {"small": {**PLANS["small"], "mrr": "100 USD", "next": ["middle"]},
      "middle": {"limits": {"gb": "200", "calls": "2000", "seats": "4"}, "mrr": "150 EUR", "products": ["crm"], "next": ["large", "small"]},
      "large": {"limits": {"gb": "500", "calls": "unlimited"}, "mrr": "300 USD", "products": ["crm"]}}
MAY = {"plans": UP, "money": {"rates": {"EUR": "1.2"}}}
WEEK = [gb(f"2026-01-{day:02}T12", 40 + 4 * day) for day in range(1, 10)]
# name, rules, records, configuration, the plan recommended with each that fires: (plan, from, MRR, currency)
PLANNED = [
    # 85 of 200 are 42.5%; 150 EUR are 180 USD, 80 more than the contract's 100.
    ("a plan that holds what is used", CAP, [BOUGHT, gb("2026-01-10", 85)], MAY, [("middle", "small", "80", "USD")]),
    # Exactly 80% of 200 is not below 80%.
    ("not one of which 80% are used", CAP, [BOUGHT, gb("2026-01-10", 160)], MAY, [("large", "small", "200", "USD")]),
    # 4 a day: 76 on the 9th, 80 on the 10th are 80%; in 30 days 200, and 200 of 200 are not below 80%.
    ("nor one that is too small in time", CAP, [sub("2026-01-01", mrr=10000, currency="USD", plan="small"), *WEEK, gb("2026-01-10T12", 80)],
     {**MAY, "recommend": {"for": "30d"}}, [("large", "small", "200", "USD")]),
    ("and what was told is paid, not the price", CAP,
     [BOUGHT, sub("2026-01-06", "updated", mrr=25000, currency="USD"), gb("2026-01-10", 85)], MAY, [("middle", "small", "-70", "USD")]),
    ("the price where nothing was told", CAP, [START, gb("2026-01-10", 85)], MAY, [("middle", "small", "80", "USD")]),
    ("nothing up from the largest", CAP, [sub("2026-01-01", plan="large"), gb("2026-01-10", 450)], MAY, [None]),
    ("a risk sells nothing", {"cap": {**CAP["cap"], "category": "risk"}}, [BOUGHT, gb("2026-01-10", 85)], MAY, [None]),
    ("a feature calls for the cheapest plan with its product", USES,
     [BOUGHT, event("2026-01-06", "dash"), event("2026-01-07", "dash")], {**MAY, **TRIED}, [("middle", "small", "80", "USD")]),
    ("a tenure for the fullest meter, if its limit is too small", {"t": {"watch": "tenure.days", "levels": ["5", "7"], "jump": "each"}},
     [BOUGHT, gb("2026-01-06", 79), calls("2026-01-11", 850)], MAY, [None, ("middle", "small", "80", "USD")]),
    # Of 0 nothing is used: 0% is below 80%. Of the seats 7 of 4 are.
    ("of a limit of 0 nothing is large enough", {"t": {"watch": "tenure.days", "levels": ["5"]}},
     [BOUGHT, sub("2026-01-06", "updated", limits={"gb": 0})], MAY, [None]),
]


def all_rows(oracle):
    return sorted((book, month, name, columns[: WIDTHS[book]])
                  for (book, month, name), columns in oracle.booked().items() if any(columns))


def rows_of(oracle, label):
    """Of the fires those of a label, else of the revenue all that are not empty."""
    rows = sorted((month, name, columns) for (book, month, name), columns in oracle.booked().items()
                  if (name.startswith("rule=") if label else book == "revenue") and any(columns))
    return [(month, name, columns[: 6 if label else 8]) for month, name, columns in rows]


def check(name, got, expected):
    if got == expected:
        print(f"ok oracle: {name}")
        return True
    print(f"not ok oracle: {name}: expected {expected}, got {got}")
    return False


def published(seed, ticks):
    """What a random history publishes, by account, with ticks at random moments or without."""
    rng, oracle = random.Random(seed), Oracle(histories.Maker(seed).setting.config)
    for arrival, line in histories.records_of([seed]):
        if ticks and oracle.clock is not None and oracle.clock < arrival:
            oracle.tick(rng.randint(oracle.clock, arrival))
        oracle.feed(line)
    oracle.tick(oracle.clock)
    accounts = collections.defaultdict(list)
    for trigger in oracle.triggers:
        accounts[trigger["subject"]].append(trigger)
    return dict(accounts)


def main():
    good = True
    for name, rules, records, until, config, expected in TRIGGERS + MADE:
        good &= check(name, [short(t) for t in run(rules, records, until, **config).triggers], expected)
    for name, rules, records, until, config, expected in IDS:
        good &= check(name, [t["id"] for t in run(rules, records, until, **config).triggers], expected)
    for name, records, expected in LETTERS:
        good &= check(name, [d["reason"] for d in run({}, records).dead_letters], expected)
    for name, rules, records, config, expected in BOOKS:
        good &= check(name, rows_of(run(rules, records, **config), bool(rules)), expected)
    for name, rules, records, config, expected in ROWS:
        good &= check(name, all_rows(run(rules, records, **config)), expected)
    for name, rules, records, config, expected in PLANNED:
        told = [t["data"].get("recommend") for t in run(rules, records, "2026-01-12T12", **config).triggers if "cause" in t["data"]]
        good &= check(name, [one and tuple(one.values()) for one in told], expected)
    for seed in range(1, 9):
        same = published(seed, False) == published(seed, True)
        good &= check(f"ticking more often changes nothing, history {seed}", same, True)
    shadow = run({"cap": {**CAP["cap"], "mode": "shadow"}}, [START, gb("2026-01-02", 80)])
    good &= check("a shadow publishes nothing", [len(shadow.triggers), len(shadow.shadow)], [0, 1])
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
