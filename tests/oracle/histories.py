#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Random histories that look for edges: a configuration and the records of a few accounts.

    histories.py --seed N --out DIR     writes DIR/config.json and DIR/records.ndjson

A history is its seed. SHARED of them in a row have one configuration, so that one process can play
them together; their accounts never meet.

Values sit on levels, just below, just above; clocks stop on bucket edges, midnights, period ends and
where a `for` or a cooldown is over, and one microsecond beside; limits rise and fall, dates move,
subscriptions end and begin anew, producers repeat themselves, send late and send rubbish.
"""
import argparse
import datetime as dt
import json
import os
import random

from crossings import trigger_id
from moments import instant, parse_time, period_at, show, wall, zone_named
from quantity import MICROS, Literal, duration
from settings import Config

SHARED = 5
ZONES = ["UTC", "America/New_York", "Europe/Berlin", "Asia/Tokyo", "America/Sao_Paulo", "Asia/Kathmandu",
         "Australia/Lord_Howe", "America/St_Johns", "Pacific/Apia"]
METERS = {
    "gb": {"event": "gb", "aggregate": "latest", "value": "/v", "limit": "gb", "worth": "0.25"},
    "calls": {"event": "calls", "aggregate": "sum", "value": "/v", "limit": "calls", "worth": "0.5 EUR"},
    "good": {"event": "calls", "aggregate": "sum", "value": "/v", "where": ["/status < 500"]},
    "hits": {"event": "calls", "aggregate": "count"},
    "peak": {"event": "calls", "aggregate": "max", "value": "/v"},
    "least": {"event": "calls", "aggregate": "min", "value": "/v"},
    "mean": {"event": "calls", "aggregate": "avg", "value": "/v", "limit": "calls"},
    "people": {"event": "seen", "aggregate": "unique", "value": "/u", "limit": "seats"},
    "guests": {"event": "seen", "aggregate": "unique", "value": "/u", "where": ["/team != red"], "limit": "seats"},
    "regions": {"event": "calls", "aggregate": "sum", "value": "/v", "by": "/region", "groups": 3, "limit": "calls"},
    "teams": {"event": "seen", "aggregate": "unique", "value": "/u", "by": "/team"},
}
FEATURES = {"dash": {"event": "dash", "trial": "premium"}, "board": {"event": "board", "trial": "premium"},
            "sso": {"event": "sso"}}
PRODUCTS = {"crm": {"features": ["dash", "board"]}, "desk": {"features": ["sso"]}, "suite": {}}
PLANS = {
    "small": {"limits": {"gb": "20", "calls": "50", "seats": "4"}, "products": ["crm"]},
    "middle": {"limits": {"gb": "40", "calls": "100", "seats": "8"}, "products": ["crm", "desk"]},
    "large": {"limits": {"gb": "40", "calls": "unlimited", "seats": "unlimited"}, "products": ["crm", "suite"]},
}
LIMITS = {"gb": [10, 20, 40, None], "calls": [0, 25, 50, 100, None], "seats": [2, 4, 8, None]}
CONDITIONS = ["account.vip = true", "account.arr >= 10k", "meter.gb.used < 50%", "tenure.days >= 20",
              "meter.calls.24h > 0", "invoice.unpaid = 0", "renewal.days_left <= 45", "account.region != eu",
              "period.elapsed >= 50%", "meter.people.7d >= 2", "trial.premium = 1", "interest.sso >= 2",
              "milestone.live = 1", "milestone.live = 0", "account.nps >= 8", "executive.days_since <= 14",
              "deal.size >= 10000 USD", "deal.size < 20k", "meter.calls.projected > 80%",
              "meter.calls.projected < 150%", "meter.hits.growth.24h > 0", "meter.calls.drop.7d < 20%", "meter.gb.growth.7d > 10%",
              "meter.people.growth.24h > 0", "meter.teams[red].drop.7d < 20%",
              "meter.gb.days_to_limit <= 60", "meter.calls.days_to_limit > 3", "meter.regions[eu].period > 3", "meter.regions[other].24h = 0",
              "adoption < 60%", "value.calls >= 5 USD", "feature.dash.uses.7d >= 2", "feature.sso.uses.24h = 0",
              "feature.board.days_active.7d < 2", "adoption.crm >= 50%", "product.desk.used = 1", "products.used >= 1",
              "product.suite.owned = 0", "products.owned >= 2", "trial.uses.7d >= 1", "limit.seats.drop.30d >= 10%",
              "limit.gb.drop.7d = 0", "deal.ratio >= 1", "account.mrr >= 400 USD", "account.mrr < 500 EUR", "account.csat >= 3.5",
              "meter.gb.remaining > 10", "meter.mean.used < 10%", "meter.peak.24h != 5", "value.gb >= 4"]
# Points and segments are made of those and of these; what is made can be asked for.
STANDING = CONDITIONS + ["meter.*.used > 80%", "meter.*.used >= 50%", "adoption > 75%", "renewal.days_left >= 60",
                         "executive.days_since <= 30", "account.health > 80"]
ROUTED = ["category = risk", "category != upsell", "segment = large", "tier = high", "tier != not_ready", "deal.size >= 20k",
          "deal.ratio >= 2", "account.arr >= 10k", "renewal.days_left <= 30", "tenure.days >= 20", "milestone.live = 1",
          "products.owned >= 2", "product.crm.used = 1", "trial.premium = 1", "meter.gb.used >= 80%", "account.region = eu",
          "executive.days_since <= 14", "period.elapsed >= 50%", "meter.*.used >= 50%"]
AUDIENCES = ["in_app", "mail", "csm", "account_manager", "sales", "product_leadership", "dedicated_team", "personal_demo"]
PLAYBOOKS = ["capacity_planning", "strategic_business_review", "in_app_prompt", "value_based_upgrade"]
BANDS = {"account.nps": ["7", "9"], "adoption": ["25%", "50%"], "account.arr": ["10k", "25k"], "score": ["20", "40"],
         "meter.gb.used": ["50%"], "account.health": ["50", "51"], "deal.size": ["10000 USD"], "tenure.days": ["30"]}
MADE = ["tier = high", "tier != not_ready", "tier = low", "segment = large", "segment != small", "segment = eu"]
# Levels that an account may have instead, by the unit that they are in.
OWN = {"used": ["30%", "50%", "60%", "80%", "90%", "100%", "120%"], "days_left": ["100d", "90d", "60d", "45d", "14d", "7d"],
       "number": ["1", "2", "4", "5", "7", "10", "20", "25"]}
WAITS = ["30m", "2h", "1d", "3d"]
DAY = MICROS["d"]

# What a history dwells on: the rules that it draws and the acts that it prefers.
THEMES = {
    "mixed": ([], []),
    "edges": (["calls", "period", "calls", "period", "remaining", "calendar"], ["over_the_edge", "change_limits"]),
    "silence": (["quiet", "quiet", "rolling", "low"], ["pause", "usage"]),
    "renewals": (["renewal"], ["renew", "renew", "end_or_begin"]),
    "limits": (["gb", "calls", "remaining", "low"], ["change_limits", "usage"]),
    "names": (["period", "rolling", "gb"], ["alias", "usage", "attributes"]),
    "people": (["people_know", "deal", "health"], ["facts", "facts", "silence", "owner", "attributes"]),
    "corrections": (["calls", "period", "gb", "rolling", "low"], ["correct", "correct", "over_the_edge"]),
    "own": (["gb", "calls", "period", "renewal", "rolling"], ["own_levels"]),
    "features": (["feature", "feature", "trial", "product"], ["feature", "feature", "facts", "change_limits"]),
    "shrinking": (["shrunk"], ["change_limits", "change_limits", "end_or_begin"]),
    "deals": (["deal", "gb", "calls"], ["sell", "sell", "bill", "owner"]),
    "sources": (["quiet", "quiet", "low", "feature", "product"], ["pause", "silence_falls"]),
    "forecast": (["projected", "trend", "crowd", "calls"], ["over_the_edge", "change_limits"]),
    "paces": (["full", "full", "gb", "calls"], ["grow", "grow", "change_limits", "correct", "alias"]),
    "plans": (["gb", "calls", "score", "feature", "trial", "product", "adoption", "mean"],
              ["grow", "bill", "change_limits", "end_or_begin", "feature", "facts", "over_the_edge"]),
    "groups": (["group"], ["usage", "alias"]),
    "timing": (["gb", "calls", "period", "rolling"], ["pester", "pester", "owner", "over_the_edge"]),
    "outcomes": (["gb", "calls", "period"], ["bill", "bill", "sell", "facts", "change_limits"]),
    "score": (["score", "gb", "calls", "period"], ["usage", "facts", "change_limits", "attributes"]),
    "starts": (["period", "tenure", "elapsed", "calls", "gb"], ["restart", "change_period", "end_or_begin", "usage"]),
}


def excluded(rule, condition):
    """Whether a condition on what the rule watches never holds beyond one of its levels: refused."""
    signal, operator, literal = condition.split(" ", 2)
    if signal != rule["watch"]:
        return False
    levels = [Literal(text).number for text in rule.get("levels") or rule["below"]]
    limit = Literal(literal).number
    if "levels" in rule:
        level = max(levels)
        return operator == "<" and limit <= level or operator in ("<=", "=") and limit < level
    level = min(levels)
    return operator == ">" and limit >= level or operator in (">=", "=") and limit > level


class Setting:
    """What histories share: when they are, what they dwell on, and the configuration."""

    def __init__(self, number):
        self.rng = rng = random.Random(f"configuration/{number}")
        year, month = rng.choice([(2026, 1), (2026, 2), (2026, 3), (2026, 10), (2028, 2), (2027, 11)])
        self.begin = instant(dt.datetime(year, month, rng.randint(1, 28), rng.randrange(24)), zone_named("UTC"))
        self.days = rng.choice([10, 20, 20, 45, 45, 100])
        self.theme = rng.choice(list(THEMES))
        self.zone = rng.choice(["UTC", "UTC", "Europe/Berlin", "America/New_York"])
        self.config = self.make_config()
        self.has_days = any(r["watch"].endswith(("day", "week", "month")) for r in self.config["rules"].values())
        text = json.dumps([self.config[key] for key in ("rules", "score", "segments", "routes") if key in self.config])
        self.wants_features = any(word in text for word in ("feature.", "product", "adoption.", "trial.uses"))
        self.rules = Config(self.config).rules

    def chance(self, share):
        return self.rng.random() < share

    def make_config(self):
        rng = self.rng
        tree = {
            "kafka": {"brokers": "localhost:9092", "group": "histories"},
            "redis": {"url": "redis://localhost:6379/0"},
            "sources": [{"topic": "usage", "format": "cloudevents"}],
            "triggers": {"topic": "triggers"}, "dead_letters": {"topic": "dead-letters"},
            "time": {"lateness": rng.choice(["1h", "1d", "2d"]), "skew": "5m", "zone": self.zone},
            "money": {"currency": "USD", "rates": {"EUR": "1.08"}},
            "meters": METERS, "features": FEATURES, "products": PRODUCTS, "plans": self.make_plans(), "rules": {}}
        if self.chance(0.3):
            tree["adoption"] = {"meter": rng.choice(["people", "guests"]), "window": rng.choice(["7h", "24h", "7d"])}
        if self.chance(0.5):
            tree["recommend"] = {"below": rng.choice(["50%", "80%", "100%"]), "for": rng.choice(["12h", "30d", "90d"])}
        if self.theme == "sources" or self.chance(0.07):
            tree["sources"][0]["silent_after"] = rng.choice(["6h", "12h", "1d", "2d"])
        if self.chance(0.3):
            tree["start"] = {"live_from": show(self.begin + rng.randint(1, self.days // 2) * DAY)}
        if self.theme == "score" or self.chance(0.4):
            tree["score"] = [{"points": str(rng.choice([10, 20, 30, -10])), "when": rng.sample(STANDING, 1)}
                             for _ in range(rng.randint(1, 5))]
            tree["segments"] = [{"name": name, "when": rng.sample(STANDING, 1)} for name in ("large", "small")]
        if self.theme == "score" or self.chance(0.3):
            tree["tiers"] = {"high": "40", "low": rng.choice(["10", "20"])}
        if self.theme == "timing" or self.chance(0.15):
            tree["timing"] = self.make_timing()
        if self.theme == "outcomes" or self.chance(0.15):
            tree["outcomes"] = {"attribution": rng.choice(["1d", "7d", "30d"]), "hold_out": rng.choice(["0%", "20%", "50%"])}
        if self.theme in ("outcomes", "deals") or self.chance(0.2):
            tree.setdefault("outcomes", {})["bands"] = {name: BANDS[name] for name in rng.sample(sorted(BANDS), rng.randint(1, 3))}
        if self.theme in ("outcomes", "deals") or self.chance(0.3):
            tree["routes"] = [self.make_route(rng.choice(ROUTED)) for _ in range(rng.randint(0, 3))]
            if self.chance(0.7) or not tree["routes"]:
                tree["routes"].append(self.make_route(None))
        for number in range(rng.randint(4, 9)):
            tree["rules"][f"r{number}"] = self.make_rule()
        return tree

    def make_plans(self):
        """With ways up, which may lead round, and prices that may not be known."""
        plans = {name: dict(plan) for name, plan in PLANS.items()}
        for name, plan in plans.items():
            if self.theme == "plans" or self.chance(0.5):
                others = [other for other in PLANS if other != name]
                plan["next"] = self.rng.sample(others, self.rng.choice([1, 1, 2]))
            if self.chance(0.8):
                plan["mrr"] = self.rng.choice(["300 USD", "400 USD", "400.50 EUR", "900 USD"])
        return plans

    def make_timing(self):
        rng, keys = self.rng, ("min_tenure", "milestones", "quiet_after_dismissal", "quiet_after_decline", "budget", "categories")
        tree = {"min_tenure": rng.choice(["1d", "90m", "30d"]), "milestones": rng.choice([["live"], ["live", "first_report"]]),
                "quiet_after_dismissal": rng.choice(["6h", "2d"]), "quiet_after_decline": rng.choice(["1d", "5d"]),
                "budget": {"account": rng.choice(["1 per 3h", "1 per 2d", "2 per 7d", "3 per 30d"])},
                "categories": rng.sample(["risk", "renewal", "upsell", "cross-sell"], rng.randint(1, 4))}
        return {key: tree[key] for key in rng.sample(keys, rng.randint(1, 4))}

    def make_route(self, condition):
        rng = self.rng
        route = {"audience": rng.sample(AUDIENCES, rng.choice([1, 1, 2, 3]))}
        if condition:
            route["when"] = [condition]
        if self.chance(0.2):
            route["owner"] = "desk"
        if self.chance(0.6):
            route["playbook"] = rng.choice(PLAYBOOKS)
        return route

    def make_rule(self):
        rng = self.rng
        kind = rng.choice(["gb", "gb", "calls", "calls", "period", "rolling", "rolling", "calendar", "people",
                           "quiet", "quiet", "low", "renewal", "renewal", "remaining", "tenure", "unpaid",
                           "elapsed", "health", "arr", "spread", "mean", "people_know", "deal",
                           "projected", "trend", "crowd", "full", "group", "adoption", "worth", "score", "feature", "trial", "product",
                           "shrunk"])
        if THEMES[self.theme][0] and self.chance(0.6):
            kind = rng.choice(THEMES[self.theme][0])
        shares = rng.choice([["80%", "90%", "100%"], ["50%"], ["25%", "100%"], ["82.5%", "110%"]])
        window = rng.choice(["1h", "3h", "24h", "7d", "30d"])
        rule = {
            "gb": {"watch": "meter.gb.used", "levels": shares},
            "calls": {"watch": "meter.calls.used", "levels": shares},
            "period": {"watch": f"meter.{rng.choice(['calls', 'good', 'hits', 'people'])}.period", "levels": ["5", "10", "25"]},
            "rolling": {"watch": f"meter.{rng.choice(['calls', 'good', 'hits'])}.{window}", "levels": ["4", "10"]},
            "calendar": {"watch": f"meter.calls.{rng.choice(['day', 'week', 'month'])}", "levels": ["10", "20"]},
            "spread": {"watch": f"meter.{rng.choice(['peak', 'least', 'mean'])}.{rng.choice([window, 'period'])}",
                       **rng.choice([{"levels": ["2", "5", "10"]}, {"below": ["5", "1"]}])},
            "mean": rng.choice([{"watch": "meter.mean.used", "levels": ["5%", "10%"]},
                                {"watch": "meter.mean.remaining", "below": ["45", "20"]}]),
            "people": {"watch": f"meter.people.{rng.choice(['7d', '24h', '30d'])}", "levels": ["2", "3", "4"]},
            "quiet": {"watch": f"meter.{rng.choice(['calls', 'hits', 'people'])}.{window}", "below": ["0"]},
            "low": {"watch": rng.choice(["meter.gb.used", "meter.calls.used", "meter.people.30d"]), "below": ["50%", "10%"]},
            "renewal": {"watch": "renewal.days_left", "below": rng.choice([["90d", "60d", "30d", "7d"], ["45d"], ["14d", "0d"]])},
            "remaining": {"watch": f"meter.{rng.choice(['gb', 'calls'])}.remaining", "below": ["10", "2"]},
            "tenure": {"watch": "tenure.days", "levels": ["10d", "30d", "400d"]},
            "unpaid": {"watch": "invoice.unpaid", "levels": ["1", "2"]},
            "elapsed": {"watch": "period.elapsed", "levels": ["25%", "75%"]},
            "people_know": rng.choice([
                {"watch": "trial.premium", "levels": ["1"]}, {"watch": "trial.premium", "below": ["0"]},
                {"watch": "interest.sso", "levels": ["1", "2", "3"]}, {"watch": "interest.sso", "below": ["0"]},
                {"watch": "milestone.live", "levels": ["1"]}, {"watch": "account.nps", "below": ["6", "3"]},
                {"watch": "account.nps", "levels": ["9"]}, {"watch": "account.csat", "levels": ["3.5", "4.5"]},
                {"watch": "account.mrr", **rng.choice([{"levels": ["350 USD", "450 USD"]}, {"levels": ["400 EUR"]}, {"below": ["450"]}])},
                {"watch": "executive.days_since", "levels": ["3d", "14d", "60d"]}]),
            "deal": {"watch": "deal.size", **rng.choice([{"levels": ["10000 USD", "25000 USD"]}, {"levels": ["10k", "25k"]},
                                                         {"below": ["20k", "5k"]}])},
            "projected": {"watch": "meter.calls.projected", **rng.choice([{"levels": ["50%", "100%", "250%"]}, {"below": ["90%", "30%"]}])},
            "full": {"watch": f"meter.{rng.choice(['gb', 'gb', 'calls', 'regions[eu]'])}.days_to_limit",
                     **rng.choice([{"below": ["60d", "30d", "7d"]}, {"below": ["14d", "0d"]}, {"levels": ["10d", "40d"]}])},
            "adoption": {"watch": "adoption", **rng.choice([{"levels": ["25%", "50%", "100%"]}, {"below": ["30%", "0%"]}])},
            "worth": rng.choice([{"watch": "value.calls", "levels": ["5 USD", "10 USD"]}, {"watch": "value.gb", "levels": ["5"]},
                                 {"watch": "value.calls", "below": ["2"]}]),
            "trend": {"watch": f"meter.{rng.choice(['calls', 'hits', 'gb'])}.{rng.choice(['growth', 'drop'])}.{rng.choice(['8h', '24h', '7d'])}",
                      **rng.choice([{"levels": ["25%", "100%"]}, {"below": ["10%", "-50%"]}])},
            "crowd": {"watch": f"meter.{rng.choice(['people', 'guests', 'teams', 'teams[red]', 'teams[other]'])}"
                      f".{rng.choice(['growth', 'drop'])}.{rng.choice(['10m', '8h', '24h', '7d'])}",
                      **rng.choice([{"levels": ["25%", "100%"]}, {"below": ["10%", "-50%"]}])},
            "group": rng.choice([
                {"watch": f"meter.regions[{rng.choice(['eu', 'us', 'other', 'asia'])}].{rng.choice(['period', '24h', '7d'])}",
                 "levels": ["3", "8", "20"]},
                {"watch": "meter.regions[eu].used", "levels": ["10%", "50%"]},
                {"watch": "meter.regions[us].24h", "below": ["0"]},
                {"watch": f"meter.teams{rng.choice(['', '[red]', '[other]'])}.7d", "levels": ["2", "3"]}]),
            "feature": rng.choice([
                {"watch": f"feature.{rng.choice(['dash', 'sso'])}.uses.{rng.choice([window, 'period', self.calendar()])}",
                 "levels": rng.choice([["2", "4"], ["1", "3", "5"]])},
                {"watch": f"feature.{rng.choice(['dash', 'board'])}.uses.{rng.choice([window, 'period'])}", "below": ["1", "0"]},
                {"watch": f"feature.{rng.choice(['dash', 'board'])}.days_active.{rng.choice(['7d', '30d'])}",
                 **rng.choice([{"levels": ["2", "4"]}, {"below": ["1", "0"]}])}]),
            "trial": {"watch": f"trial.uses.{rng.choice(['3h', '24h', '7d'])}", **rng.choice([{"levels": ["1", "3"]}, {"below": ["0"]}])},
            "product": rng.choice([
                {"watch": "adoption.crm", **rng.choice([{"levels": ["50%", "100%"]}, {"below": ["50%", "0%"]}])},
                {"watch": f"product.{rng.choice(['crm', 'desk'])}.used", **rng.choice([{"levels": ["1"]}, {"below": ["0"]}])},
                {"watch": f"product.{rng.choice(['desk', 'suite'])}.owned", **rng.choice([{"levels": ["1"]}, {"below": ["0"]}])},
                {"watch": "products.used", **rng.choice([{"levels": ["1", "2"]}, {"below": ["1", "0"]}])},
                {"watch": "products.owned", **rng.choice([{"levels": ["1", "2"]}, {"below": ["1"]}])}]),
            "shrunk": {"watch": f"limit.{rng.choice(['gb', 'calls', 'seats'])}.drop.{rng.choice(['12h', '7d', '30d'])}",
                       **rng.choice([{"levels": ["10%", "50%"]}, {"levels": ["100%"]}, {"below": ["40%", "0%"]}])},
            "health": {"watch": "account.health", rng.choice(["levels", "below"]): ["50"]},
            "score": {"watch": "score", **rng.choice([{"levels": ["20", "40", "75"]}, {"levels": ["10"]}, {"below": ["30", "0"]}])},
            "arr": {"watch": "account.arr", "levels": ["10000 USD", "25000 USD"]},
        }[kind]
        if rule["watch"] == "meter.people.30d" and "below" in rule:
            rule["below"] = ["2", "1"]
        share = rule["watch"].endswith((".used", ".projected")) or kind in ("trend", "crowd", "adoption", "shrunk")
        share = (share or rule["watch"] == "adoption.crm") and not rule["watch"].startswith("product")
        if self.chance(0.4) and kind not in ("tenure", "elapsed", "unpaid", "arr", "people_know", "deal", "worth"):
            rule["rearm"] = "5%" if share else rng.choice(["1", "2"]) + ("d" if kind in ("renewal", "full") else "")
        if self.chance(0.25):
            rule["jump"] = "each"
        if self.chance({"quiet": 0.8, "calls": 0.15, "period": 0.15}.get(kind, 0.3)) and kind != "renewal":
            rule["for"] = rng.choice(WAITS)
        if self.chance(0.3):
            rule["cooldown"] = rng.choice(WAITS + ["10d"])
        standing = self.theme == "score"
        if self.chance(0.6 if standing else 0.35):
            may = MADE if standing else [c for c in CONDITIONS + MADE if not excluded(rule, c)]
            drawn = rng.sample(may, rng.choice([1, 1, 2]))
            rule["when"] = list({one.split()[0]: one for one in drawn}.values())
            if self.chance(0.2):
                rule["when"] = [{"any": rule["when"] + rng.sample([c for c in may if c not in rule["when"]], 1)}]
        if kind == "renewal" and self.chance(0.3):
            rule["late"] = "never"
        rule["category"] = rng.choice(["risk", "renewal", "upsell", "cross-sell"])
        if self.chance(0.3):
            rule["priority"] = str(rng.randint(1, 3))
        if self.chance(0.2 if self.theme == "timing" else 0.03):
            rule["milestones"] = rng.choice([[], ["live"], ["first_report"]])
        if self.chance(0.05):
            rule["mode"] = "shadow"
        if self.chance(0.15):
            rule["playbook"] = rng.choice(PLAYBOOKS)
        return rule

    def calendar(self):
        return self.rng.choice(["day", "week", "month"])


class Maker:
    """One history."""

    def __init__(self, seed):
        self.seed, self.rng = seed, random.Random(f"history/{seed}")
        self.setting = Setting((seed - 1) // SHARED)
        self.records = []  # (now, order, record or text)
        self.number = 0

    def add(self, now, subject, kind, data, time=None, **more):
        self.number += 1
        time = min(now, time) if time is not None and not more.pop("ahead", False) else time
        record = {"specversion": "1.0", "id": f"{self.seed}-{self.number}", "source": "histories", "type": kind,
                  "subject": subject, "time": show(now if time is None else time), "data": data, "_now": show(now)}
        record.update(more)
        self.records.append((now, self.number, record))
        return record

    def again(self, record, later, data=None):
        """The same id again, with the same body or another."""
        self.number += 1
        now = instant(dt.datetime.fromisoformat(record["_now"][:-1]), zone_named("UTC")) + later
        copy = {**record, "_now": show(now)}
        if data is not None:
            copy["data"] = data
        self.records.append((now, self.number, copy))

    def make(self):
        """Its records: (now, order, record or text), in no order."""
        for number in range(self.rng.choice([1, 1, 1, 2, 2, 3, 4])):
            Life(self, f"{self.seed}-acc{number}").live()
        if not self.records:
            self.add(self.setting.begin, f"{self.seed}-acc0", "account.updated", {})
        return self.records


def records_of(seeds):
    """The records of histories of one configuration: (arrival, JSON). At the end every account gets one
    fact more, all in one moment, so that they are seen as of then."""
    makers = [Maker(seed) for seed in seeds]
    lines = [(now, m.seed, number, one) for m in makers for now, number, one in m.make()]
    end = max(makers[0].setting.begin + makers[0].setting.days * DAY, max(line[0] for line in lines))
    for maker in makers:
        for name in sorted({r["subject"] for _, _, r in maker.records if isinstance(r, dict)}):
            record = maker.add(end + 1000, name, "account.updated", {"mark": 1})
            lines.append((end + 1000, maker.seed, maker.number, record))
    lines.sort(key=lambda line: line[:3])
    return [(now, one if isinstance(one, str) else json.dumps(one)) for now, _, _, one in lines]


class Life:
    """One account's history. What would be open to readings is left out: no usage between a
    subscription's start and the moment it is heard of, no second subscription with another anchor,
    no new start while a second one is active, no calendar windows where the time zone changes."""

    def __init__(self, maker, name):
        self.maker, self.setting, self.rng, self.name = maker, maker.setting, maker.rng, name
        self.now = self.setting.begin + self.rng.randrange(3 * DAY)
        self.end = self.setting.begin + self.setting.days * DAY
        self.subject, self.zone, self.anchor, self.period = name, None, None, None
        self.limits = {"gb": 20, "calls": 50, "seats": 4}
        self.started, self.active, self.second, self.ends = None, False, None, None
        self.last_usage = None
        self.marks = [duration(r[k]) for r in self.setting.config["rules"].values() for k in ("for", "cooldown") if k in r]
        timing = self.setting.config.get("timing", {})
        self.marks += [duration(timing[k]) for k in ("min_tenure", "quiet_after_dismissal", "quiet_after_decline") if k in timing]
        self.marks += [duration(timing["budget"]["account"].split()[-1])] * 2 if "budget" in timing else []
        self.marks += [MICROS["h"], 24 * MICROS["h"], 7 * DAY]
        self.past, self.keys, self.cancelled = [], 0, 0

    def live(self):
        if self.rng.random() < (0.4 if self.setting.theme == "names" else 0.85):
            self.subscribe()
        while self.now < self.end:
            self.step()
            self.act()

    def step(self):
        """To the next interesting moment."""
        rng, now = self.rng, self.now
        kind = rng.random()
        if kind < 0.55:
            self.now += rng.randrange(rng.choice([MICROS["s"], MICROS["m"], MICROS["h"], 5 * MICROS["h"]]))
        elif kind < 0.63:
            self.now += rng.randrange(2 * DAY)
        elif kind < 0.66:
            self.now += rng.randrange(1, 9) * DAY
        elif kind < 0.78 and self.past:
            edge = rng.choice(self.past[-4:]) + rng.choice(self.marks)
            self.now = max(now, edge + rng.choice([-1, 0, 0, 1]))
        elif kind < 0.95:
            width = rng.choice([MICROS["m"], MICROS["h"], MICROS["h"], DAY])
            self.now = (now // width + 1) * width + rng.choice([-1, 0, 0, 1])
        else:
            zone = zone_named(self.zone or self.setting.zone)
            local = wall(now, zone)
            day = dt.datetime.combine(local.date(), dt.time())
            first = (day.replace(day=1) + dt.timedelta(days=32)).replace(day=1)
            edge = instant(rng.choice([day + dt.timedelta(days=1), first]), zone)
            self.now = max(now, edge + rng.choice([-1, 0, 0, 1]))
        self.past.append(self.now)

    @property
    def is_active(self):
        return self.active and (self.ends is None or self.now < self.ends)

    def silence_falls(self):
        """Nothing comes from anybody for about as long as makes it silent, then something."""
        after = duration(self.setting.config["sources"][0]["silent_after"])
        self.now += after + self.rng.choice([-1, 0, 1, self.rng.randrange(DAY), self.rng.randrange(3 * DAY)])
        self.rng.choice([self.usage, self.facts])()

    def pause(self):
        self.now += self.rng.randrange(6 * DAY)
        self.usage()

    def act(self):
        rng = self.rng
        kind = rng.random()
        if self.ends is not None and self.now > self.ends and rng.random() < 0.2:
            self.end_or_begin()
            return
        preferred = THEMES[self.setting.theme][1]
        if preferred and rng.random() < 0.25:
            getattr(self, rng.choice(preferred))()
            return
        if kind < 0.69:
            self.usage()
        elif kind < 0.72:
            self.over_the_edge()
        elif kind < 0.75:
            self.change_limits()
        elif kind < 0.79:
            self.renew()
        elif kind < 0.81:
            self.end_or_begin()
        elif kind < 0.86:
            self.attributes()
        elif kind < 0.865:
            self.own_levels()
        elif kind < 0.875:
            rng.choice([self.facts, self.facts, self.correct, self.silence])()
        elif kind < 0.89:
            self.maker.add(self.now, self.name, rng.choice(["invoice.paid", "invoice.payment_failed"]),
                           {"invoice": f"i{rng.randrange(3)}"}, self.now - rng.choice([0, 0, DAY, 3 * DAY]))
        elif kind < 0.91:
            self.alias()
        elif kind < 0.92:
            self.rubbish()
        elif kind < 0.925 and self.last_usage is not None:
            self.maker.add(self.now, self.name, "account.erased", {})
            self.forget()
        elif kind < 0.935 and self.is_active and not self.second:
            self.keys += 1
            self.second = f"s{self.keys}"
            data = {"subscription": self.second, "plan": "small", "started_at": show(self.now),
                    "period_start": self.anchor, "period": self.period, "renewal_date": self.date(rng.randint(5, 120))}
            data.update({"timezone": self.zone} if self.zone else {})
            self.maker.add(self.now, self.name, "subscription.created", data)

    def forget(self):
        self.last_usage, self.subject = None, self.name
        self.active, self.second, self.ends = False, None, None
        self.zone = None

    # Usage

    def usage(self):
        rng = self.rng
        kind = rng.choice(["gb", "calls", "calls", "seen"])
        if self.setting.wants_features and rng.random() < 0.3:
            kind = "feature"
        self.count(kind)

    def feature(self):
        self.count("feature")

    def count(self, kind):
        rng = self.rng
        if kind == "feature":
            kind, data = rng.choice(["dash", "dash", "board", "sso"]), {}
        elif kind == "gb":
            limit = self.limits["gb"] or 20
            share = rng.choice([0.05, 0.1, 0.24, 0.25, 0.49, 0.5, 0.74, 0.75, 0.76, 0.8, 0.825, 0.85, 0.9, 0.95, 1, 1.1, 1.2])
            data = {"v": self.written(round(limit * share * 1000) * 10 ** 9 + rng.choice([0, 0, 0, 1, -1]))}
        elif kind == "calls":
            data = {"v": self.written(rng.choice([1, 1, 2, 3, 5, 8, 0, "0.5", "2.5", "0.000000000001", -1, 10, 20])),
                    "status": rng.choice([200, 200, "200", 500, 404])}
            if rng.random() < 0.05:
                del data["status"]
            if rng.random() < 0.9:
                data["region"] = rng.choice(["eu", "eu", "us", "us", "asia", "africa", 7, True, None, "", "other"])
        else:
            data = {"u": rng.choice(["a", "b", "c", "d", 1, "1", 2])}
            if rng.random() < 0.8:
                data["team"] = rng.choice(["red", "blue"])
        time, more = self.now, {}
        lateness = duration(self.setting.config["time"]["lateness"])
        odd = rng.random()
        if odd < 0.12:
            time -= rng.choice([rng.randrange(lateness), lateness, lateness + 1, rng.randrange(3 * MICROS["h"])])
        elif odd < 0.14:
            time, more = time + rng.choice([5 * MICROS["m"] + 1, DAY]), {"ahead": True}
        if self.started and time < self.started:
            time = self.now
        record = self.maker.add(self.now, rng.choice([self.name, self.subject]), kind, data, time, **more)
        self.last_usage = self.now
        if rng.random() < 0.06:
            self.maker.again(record, rng.choice([0, MICROS["s"], DAY, 10 * DAY]))
        elif rng.random() < 0.02:
            self.maker.again(record, rng.choice([0, MICROS["s"], DAY]), {"v": 77})

    def grow(self):
        """A gauge or calls that grow for some weeks: more or less evenly, with days off and outliers."""
        rng = self.rng
        kind, spread = rng.choice(["gb", "calls"]), rng.choice([0, 0, 0.3, 1.5])
        level, pace = rng.randrange(10 * 10 ** 12), rng.choice([10 ** 10, 10 ** 11, 3 * 10 ** 11])
        for _ in range(rng.choice([7, 8, 9, 15, 16, 29, 30, 40])):
            self.now = (self.now // DAY + 1) * DAY + rng.choice([0, rng.randrange(DAY)])
            if self.now >= self.end:
                return
            added = round(pace * (1 + rng.gauss(0, spread)) * (20 if rng.random() < 0.03 else 1))
            level += added
            if rng.random() < 0.9:
                written = self.written(added - added % 10 ** 6 if kind == "calls" else abs(level))
                data = {"v": written, "status": 200, "region": rng.choice(["eu", "eu", "us"])}
                self.maker.add(self.now, self.name, kind, data, self.now - rng.choice([0, 0, 0, MICROS["h"]]))
                self.last_usage = self.now

    def over_the_edge(self):
        """Use shortly before the period's end, then some that arrives after it."""
        rng = self.rng
        zone, anchor, kind = self.calendar_of_periods()
        end = period_at(self.now, anchor, kind, zone)[1]
        self.last_usage = self.now
        if end - self.now > 20 * DAY:
            return
        self.now = max(self.now, end - rng.choice([1, MICROS["s"], MICROS["h"], DAY]))
        self.maker.add(self.now, self.name, "calls", {"v": rng.choice([1, 4, 20, 24, 39]), "status": 200})
        lateness = duration(self.setting.config["time"]["lateness"])
        if rng.random() < 0.2:
            self.change_limits()
        self.now = max(self.now, end + rng.choice([-1, 0, 0, 1, lateness - 1, rng.randrange(lateness)]))
        for _ in range(rng.randint(1, 3)):
            time = end + rng.choice([-1, -1, -MICROS["s"], 0])
            self.maker.add(self.now, self.name, rng.choice(["calls", "calls", "seen"]),
                           {"v": rng.choice([1, 5, 10, 30, -5]), "status": 200, "u": rng.choice("abcd")}, time)

    def calendar_of_periods(self):
        """Zone, anchor and length."""
        if not self.is_active:
            return zone_named(self.setting.zone), dt.datetime(2000, 1, 1), "month"
        zone, date = zone_named(self.zone or self.setting.zone), "T" not in self.anchor
        return zone, dt.datetime.fromisoformat(self.anchor) if date else wall(parse_time(self.anchor), zone), self.period

    def written(self, value):
        """As a number or as a string; large ones are counts of 10^-12."""
        if isinstance(value, int) and abs(value) >= 10 ** 9:
            whole, part = divmod(abs(value), 10 ** 12)
            value = f"{whole}.{part:012d}".rstrip("0").rstrip(".")
        if isinstance(value, str) and self.rng.random() < 0.5:
            return value
        if isinstance(value, int):
            return value if self.rng.random() < 0.7 else str(value)
        return value if "." in value else int(value)

    def rubbish(self):
        rng, maker = self.rng, self.maker
        kind = rng.randrange(6)
        if kind == 0:
            maker.number += 1
            maker.records.append((self.now, maker.number, '{"specversion":"1.0","id":'))
        elif kind == 1:
            maker.add(self.now, self.name, "calls", {"v": rng.choice(["x", "+1", "", None, [], True, "1e30", "1e-13"])})
        elif kind == 2:
            maker.add(self.now, self.name, "calls", {})
        elif kind == 3:
            maker.add(self.now, self.name, "page.viewed", {"v": 1})
        elif kind == 4:
            maker.add(self.now, "", "calls", {"v": 1})
        else:
            maker.add(self.now, self.name, "subscription.updated", rng.choice(
                [{"mrr": 100}, {"plan": 5}, {"limits": {"gb": "many"}}, {"timezone": "No/Where"}, {"renewal_date": "soon"}]))

    # Facts

    def date(self, days):
        zone = zone_named(self.zone or self.setting.zone)
        return (wall(self.now, zone).date() + dt.timedelta(days=days)).isoformat()

    def subscribe(self):
        rng = self.rng
        self.zone = None if self.setting.has_days else rng.choice(ZONES + [None, None, None])
        first, self.active, self.ends = self.anchor is None, True, None
        plan = rng.choice(list(PLANS))
        self.limits = {k: None if v == "unlimited" else int(v) for k, v in PLANS[plan]["limits"].items()}
        data = {"plan": plan}
        if self.zone:
            data["timezone"] = self.zone
        if first and self.last_usage is None and rng.random() < 0.7:
            data["started_at"] = self.anchor = self.date(-rng.choice([0, 1, 5, 29, 30, 31, 100, 400]))
        else:
            data["started_at"] = self.anchor = show(self.now)
        self.period = "month"
        if rng.random() < 0.4:
            data["period"] = self.period = rng.choice(["month", "week", "10d", "quarter", "year", "30d"])
        if rng.random() < 0.7:
            data["renewal_date"] = self.date(rng.choice([-3, 0, 1, 7, 14, 29, 30, 31, 45, 60, 61, 90, 120, 365]))
        if rng.random() < 0.3:
            data.update({"mrr": rng.choice([40000, 99999]), "currency": rng.choice(["USD", "EUR", "JPY"])})
        self.started = self.now
        self.maker.add(self.now, self.name, "subscription.created", data)

    def restart(self):
        """A running subscription is created again, from now, from today or from tomorrow on."""
        rng = self.rng
        if not self.is_active:
            return
        data = {"started_at": rng.choice([show(self.now), self.date(0), self.date(1)])}
        if rng.random() < 0.3:
            data = {}
        if rng.random() < 0.3:
            data["period"] = rng.choice(["month", "week", "10d"])
        if rng.random() < 0.3:
            self.second = data["subscription"] = f"s{rng.randrange(3)}"
        else:
            self.ends = None
        self.maker.add(self.now, self.name, "subscription.created", data)

    def change_period(self):
        data = {"period": self.rng.choice(["month", "week", "10d", "quarter", "year"])}
        if self.is_active:
            self.ends = None
            self.maker.add(self.now, self.name, "subscription.updated", data)

    def change_limits(self):
        rng = self.rng
        if not self.is_active:
            return
        if rng.random() < 0.4:
            data = {"plan": rng.choice(list(PLANS))}
            self.limits = {k: None if v == "unlimited" else int(v) for k, v in PLANS[data["plan"]]["limits"].items()}
        else:
            name = rng.choice(list(LIMITS))
            self.limits[name] = rng.choice(LIMITS[name])
            data = {"limits": {name: self.limits[name]}}
        time = self.now - rng.choice([0, 0, 0, 0, MICROS["h"], DAY])
        if time >= self.cancelled:
            self.ends = None  # withdrawn
        self.maker.add(self.now, self.name, "subscription.updated", data, time)

    def renew(self):
        rng = self.rng
        if not self.is_active:
            return
        self.ends = None
        kind = rng.choice(["renewed", "renewed", "updated", "updated", "updated"])
        days = rng.choice([-3, 0, 1, 7, 8, 14, 29, 30, 31, 45, 59, 60, 61, 90, 91, 120, 365])
        data = {"renewal_date": self.date(days)}
        if kind == "renewed" and rng.random() < 0.2:
            data = {}
        elif rng.random() < 0.05:
            data = {"renewal_date": None}
        if self.second and rng.random() < 0.5:
            data["subscription"] = self.second
        self.maker.add(self.now, self.name, f"subscription.{kind}", data)

    def end_or_begin(self):
        rng = self.rng
        if not self.is_active and not self.second:
            self.subscribe()
            return
        data, ends = {}, self.now
        if rng.random() < 0.6:
            ends = self.now + rng.randrange(10 * DAY)
            data["ends_at"] = show(ends)
            if rng.random() < 0.5:
                data["ends_at"] = self.date(rng.randint(1, 5))
                ends = instant(dt.datetime.fromisoformat(data["ends_at"]), zone_named(self.zone or self.setting.zone))
        if self.second:
            data = {"subscription": self.second}
            self.second = None
        else:
            self.ends, self.cancelled = ends, self.now
        self.maker.add(self.now, self.name, "subscription.cancelled", data)

    def attributes(self):
        rng = self.rng
        data = rng.choice([{"vip": True}, {"vip": False}, {"health": rng.choice([40, 49, 50, 51, "50", None])},
                           {"region": rng.choice(["eu", "us", None])}, {"segment": "startup"},
                           {"arr": rng.choice([999999, 1000000, 2500000, 2500001]), "currency": rng.choice(["USD", "EUR"])}])
        self.maker.add(self.now, self.name, "account.updated", data, self.now - rng.choice([0, 0, 0, DAY]))

    def facts(self):
        """What product, CRM and people tell, also late and out of order."""
        rng, ago = self.rng, self.rng.choice([0, 0, 0, MICROS["h"], DAY, 3 * DAY, 31 * DAY])
        kind, data = rng.choice([
            ("trial.started", {"feature": "premium"}),
            ("trial.started", {"feature": "premium", "ends_at": rng.choice([
                self.date(rng.randint(-1, 14)), show(self.now + rng.randrange(5 * DAY))])}),
            ("trial.ended", {"feature": "premium", "outcome": rng.choice(["converted", "expired", "cancelled"])}),
            ("feature.interest", {"feature": "sso", "user": "ann"}),
            ("feature.interest", {"feature": rng.choice(["sso", "sso", "api"])}),
            ("milestone.achieved", {"milestone": rng.choice(["live", "first_report", "success_metric"])}),
            ("feedback.nps", {"score": rng.randint(0, 10), "user": "ann"}),
            ("feedback.csat", {"score": rng.choice([1, 2.5, 3.5, 4, 4.5, 5])}),
            ("health.updated", {"score": rng.choice([0, 49, 49.999, 50, 51, 100])}),
            ("engagement.executive", rng.choice([{}, {"person": "cto"}])),
            ("opportunity.stage_changed", self.deal()), ("opportunity.stage_changed", self.deal()),
            (rng.choice(["prompt.shown", "prompt.dismissed", "prompt.accepted"]), {"rule": "r0", "user": "ann"})])
        self.maker.add(self.now, self.name, kind, data, self.now - ago)

    def bill(self):
        """More or less revenue, heard of late now and then."""
        rng = self.rng
        if not self.is_active:
            return
        data = {"mrr": rng.choice([0, 30000, 40000, 50000, 99999]), "currency": rng.choice(["USD"] * 6 + ["EUR"] * 3 + ["CHF"])}
        if self.second and rng.random() < 0.3:
            data["subscription"] = self.second
        else:
            self.ends = None
        time = self.now - rng.choice([0, 0, 0, DAY, 9 * DAY, 40 * DAY])
        if time >= self.cancelled:
            self.maker.add(self.now, self.name, "subscription.updated", data, time)

    def pester(self):
        """What makes for peace, and what ends it."""
        rng = self.rng
        lost = {"opportunity": f"o{rng.randrange(3)}", "kind": "upsell", "stage": rng.choice(["closed_lost", "closed_lost", "engaged"])}
        kind, data = rng.choice([("prompt.dismissed", {"rule": "r0"}), ("opportunity.stage_changed", lost), ("opportunity.stage_changed", lost),
                                 ("milestone.achieved", {"milestone": rng.choice(["live", "first_report"])})])
        self.maker.add(self.now, self.name, kind, data, self.now - rng.choice([0, 0, MICROS["h"], DAY]))

    def deal(self):
        rng = self.rng
        data = {"opportunity": f"o{rng.randrange(3)}", "kind": rng.choice(["new", "upsell", "cross-sell", "renewal"]),
                "stage": rng.choice(["identified", "qualified", "engaged", "negotiation", "closed_won", "closed_lost"])}
        if rng.random() < 0.7:
            data.update({"amount": rng.choice([499999, 1000000, 1999999, 2000000, 2500000, 9000000]),
                         "currency": rng.choice(["USD", "USD", "USD", "EUR", "CHF"])})
        return data

    def sell(self):
        """An opportunity in a stage, perhaps because of a trigger; it may be heard of late."""
        data, rng = self.deal(), self.rng
        if rng.random() < 0.3:
            data.update({"stage": "closed_won", "kind": rng.choice(["upsell", "cross-sell"])})
        if rng.random() < 0.5:
            data.update({"cost": rng.choice([0, 5000, 12345]), "currency": rng.choice(["USD", "EUR", "CHF"])})
        if rng.random() < 0.6:
            data["trigger"] = self.trigger()
        self.maker.add(self.now, self.name, "opportunity.stage_changed", data, self.now - rng.choice([0, 0, 0, DAY, 20 * DAY, 40 * DAY]))

    def trigger(self):
        """The id that a level's first trigger of this period has."""
        rule = self.rng.choice(self.setting.rules)
        zone, anchor, kind = self.calendar_of_periods()
        start = period_at(self.now, anchor, kind, zone)[0]
        return trigger_id(rule.name, self.name, self.rng.choice(rule.levels).text, wall(start, zone).date(), 1)

    def correct(self):
        rng = self.rng
        meter = rng.choice(["calls", "calls", "hits", "good", "gb"])
        low = max(t for t in (self.started, self.setting.begin) if t)
        ago = rng.choice([0, 0, MICROS["h"], DAY, 3 * DAY, rng.randrange(60 * DAY)])
        data = {"meter": meter, rng.choice(["add", "set"]): rng.choice([0, 1, 5, "10", 25, "2.5", -3, -10, 40])}
        if rng.random() < 0.04:
            data = rng.choice([{"meter": "peak", "add": 1}, {"meter": "people", "set": 1}, {"meter": "none", "add": 1},
                               {"meter": "calls"}, {"meter": "calls", "add": 1, "set": 1}, {"meter": "calls", "set": "x"}])
        self.last_usage = self.now
        self.maker.add(self.now, rng.choice([self.name, self.subject]), "usage.corrected", data, max(low, self.now - ago))

    def own_levels(self):
        """Levels of its own for a rule or two, none, and words about rules that there are not."""
        rng, rules, own = self.rng, self.setting.config["rules"], {}
        for name in rng.sample(sorted(rules), rng.choice([0, 1, 1, 2])):
            watch = rules[name]["watch"].split(".")
            if watch[0] not in ("meter", "renewal") or watch[2:] and watch[2] in ("growth", "drop"):
                continue
            unit = {"projected": "used"}.get(watch[-1], watch[-1])
            texts = OWN.get(unit, OWN["number"])
            levels = sorted(rng.sample(texts, rng.randint(1, 3)), key=lambda text: Literal(text).number)
            own[name] = {"levels": levels if "levels" in rules[name] else levels[::-1]}
        if rng.random() < 0.3:
            own.setdefault(rng.choice(sorted(rules)), {})["owner"] = "eli"
        if rng.random() < 0.2:
            own["nobody"] = {"levels": ["1"], "owner": "dana"}
        data = {"overrides": None if rng.random() < 0.15 else own}
        self.maker.add(self.now, self.name, "account.updated", data, self.now - rng.choice([0, 0, 0, DAY]))

    def silence(self):
        rng = self.rng
        scope = rng.choice(["account", f"rule:r{rng.randrange(9)}"])
        kind, data = "silence.set", {"scope": scope, "by": "ann", "until": show(
            self.now + rng.choice([0, MICROS["h"], rng.randrange(3 * DAY), rng.randrange(20 * DAY)]))}
        if rng.random() < 0.3:
            data.update({"as": rng.choice(["silenced", "snoozed", "acknowledged"]), "why": "calm"})
        if rng.random() < 0.2:
            data["until"] = self.date(rng.randint(0, 5))
        if rng.random() < 0.25:
            kind, data = "silence.cleared", {"scope": scope, "by": "ann"}
        self.maker.add(self.now, self.name, kind, data, self.now - rng.choice([0, 0, 0, DAY]))

    def owner(self):
        """Somebody tends the account, or wants to be left in peace."""
        rng, time = self.rng, self.now - self.rng.choice([0, 0, 0, DAY])
        who = f"{self.maker.seed}-{rng.choice(['dana', 'lee'])}"
        if rng.random() < 0.4:
            field = rng.choice(["owner", "csm", "account_manager"])
            self.maker.add(self.now, self.name, "account.updated", {field: who}, time)
            return
        kind, data = "silence.cleared", {"scope": f"owner:{who}", "by": "ann"}
        if rng.random() < 0.7:
            kind, data["until"] = "silence.set", show(self.now + rng.choice([0, MICROS["h"], rng.randrange(6 * DAY)]))
        if "until" in data and rng.random() < 0.2:
            data["until"] = self.date(rng.randint(0, 5))
        self.maker.add(self.now, self.name, kind, data, time)

    def alias(self):
        """A name that was used for a moment, then claimed; one given back; one that another has."""
        rng = self.rng
        kind = rng.random()
        if kind < 0.3:
            self.claim(f"{self.name}-key{self.keys}", rng.randint(0, 2))
            self.keys += 1
        elif kind < 0.5:
            self.claim(f"{self.name}-kept{rng.randrange(3)}", 0)
        elif kind < 0.7 and self.keys:
            name = f"{self.name}-key{rng.randrange(self.keys)}"
            self.maker.add(self.now, self.name, "account.updated", {"aliases_released": [name]})
            self.subject = self.name
        elif kind >= 0.7:
            other = f"{self.maker.seed}-acc{rng.randrange(3)}-kept{rng.randrange(3)}"
            self.maker.add(self.now, self.name, "account.updated", {"aliases": [other]})

    def claim(self, name, before):
        times = [self.now] * before
        times += [self.rng.randrange(self.setting.begin, self.now + 1) for _ in range(5 * before)]
        for now in times:
            data = {"v": self.rng.choice([1, 5, 10]), "status": 200, "u": self.rng.choice("abcd")}
            self.maker.add(now, name, self.rng.choice(["calls", "calls", "seen"]), data)
        self.now += self.rng.randrange(MICROS["s"])
        self.maker.add(self.now, self.name, "account.updated", {"aliases": [name]})
        self.subject = name


def write(seeds, folder):
    """Writes histories of one configuration as one. The paths of its configuration and its records."""
    os.makedirs(folder, exist_ok=True)
    config, records = os.path.join(folder, "config.json"), os.path.join(folder, "records.ndjson")
    with open(config, "w", encoding="utf-8") as file:
        json.dump(Setting((seeds[0] - 1) // SHARED).config, file, indent=1)
    with open(records, "w", encoding="utf-8") as file:
        file.writelines(line + "\n" for _, line in records_of(seeds))
    return config, records


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", required=True)
    arguments = parser.parse_args()
    print(*write([arguments.seed], arguments.out))


if __name__ == "__main__":
    main()
