# SPDX-License-Identifier: Apache-2.0
"""The part of a configuration that decides: time, money, meters, plans and rules.

Whatever the file, scalars are read as text and take their meaning from their place, so that
`0.8`, `80%` and "80%" are one level.
"""

import copy
import json
import re
from fractions import Fraction

from moments import CALENDAR, buckets, midnight, parse_date_or_time, zone_named
from quantity import Literal, Money, duration
from outcomes import Outcomes
from timing import Timing

CATEGORIES = ["risk", "renewal", "upsell", "cross-sell"]
MADE = ("score", "tier", "segment")  # signals made from conditions
# Points and conditions that count where the configuration has no score.
USUAL_SCORE = [
    (25, "adoption > 75%"),
    (30, "meter.*.used > 80%"),
    (20, "trial.uses.7d >= 1"),
    (25, "milestone.success_metric = 1"),
    (15, "account.health > 80"),
    (10, "renewal.days_left >= 60"),
    (15, "executive.days_since <= 30"),
]
# Who speaks where the configuration has no routes.
USUAL_ROUTES = [
    {"when": {"any": ["category = risk", "category = renewal"]}, "audience": "csm"},
    {"when": "deal.ratio >= 10", "audience": "dedicated_team"},
    {"when": "deal.size >= 100k", "audience": ["account_manager", "product_leadership"]},
    {"when": "deal.size >= 25k", "audience": ["sales", "personal_demo"]},
    {"audience": ["in_app", "mail"]},
]
USUAL_TIERS = {"high": "75", "medium": "50", "low": "25"}
OPERATORS = ("=", "!=", "<", "<=", ">", ">=")


def load(path):
    """The tree of a configuration file, with text for scalars."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if path.endswith((".yaml", ".yml", ".in")):
        import yaml

        return yaml.load(text, Loader=yaml.BaseLoader)
    return as_text(json.loads(text, parse_int=str, parse_float=str))


def as_text(value):
    if isinstance(value, dict):
        return {k: as_text(v) for k, v in value.items()}
    if isinstance(value, list):
        return [as_text(v) for v in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    return "null" if value is None else str(value)


class Meter:
    def __init__(self, name, tree):
        self.name = name
        self.event = tree["event"]
        self.aggregate = tree["aggregate"]
        self.pointer = tree.get("value")
        self.limit = tree.get("limit")
        self.worth = Literal(tree["worth"]) if "worth" in tree else None
        self.by = tree.get("by")
        self.groups = int(tree.get("groups", 100))
        self.named = set()  # sub-counters that the configuration names
        self.where = [FieldCondition(text) for text in listed(tree.get("where", []))]

    @property
    def gauge(self):
        return self.aggregate == "latest"


class Feature(Meter):
    """A feature is a meter that counts, under a name that no meter can have."""

    def __init__(self, name, tree):
        super().__init__(f"feature.{name}", {"event": tree["event"], "aggregate": "count"})
        self.trial = tree.get("trial", name)


class Meters(dict):
    """By name; of which, in which window, adoption is: the first unique one with a limit, over a day; and
    features, and the products that are made of them."""

    def __init__(self, tree, adoption, features, products):
        super().__init__({name: Meter(name, one) for name, one in tree.items()})
        self.features = {name: Feature(name, one) for name, one in features.items()}
        self.products = {
            name: [self.features[f] for f in listed((one or {}).get("features", []))]
            for name, one in products.items()
        }
        likely = [m.name for m in self.values() if m.aggregate == "unique" and m.limit]
        name = adoption.get("meter") or (likely[0] if likely else None)
        self.adoption = self.get(name), adoption.get("window", "24h")


class FieldCondition:
    """`/pointer operator literal`, on a field of the event's data."""

    def __init__(self, text):
        self.pointer, self.operator, literal = text.split(None, 2)
        assert self.operator in OPERATORS, text
        self.literal = Literal(literal)


METER = re.compile(r"meter\.([^.\[]+)(?:\[(.*)\])?\.(.+)\Z")
FEATURE = re.compile(r"feature\.([^.]+)\.(uses|days_active)\.([^.]+)\Z")
SHRUNK = re.compile(r"limit\.([^.]+)\.drop\.([^.]+)\Z")
PRODUCT = re.compile(r"(product\.[^.]+|products)\.(used|owned)\Z")
MONTH = "30d"  # in which a product's features were used


class Signal:
    """What a rule watches or a condition asks for."""

    def __init__(self, text, meters):
        self.text = text
        self.kind, self.meter, self.window, self.name = text, None, None, None
        self.group = None  # of `by`: the sub-counter
        self.features, found = [], METER.match(text)
        if found:
            self.of_meter(meters, *found.groups())
        elif text.startswith(("feature.", "product", "adoption.", "trial.uses.", "limit.")):
            found = self.of_features(text, meters)
        elif text == "adoption":
            self.meter, self.window = meters.adoption
        elif text.startswith("value."):
            self.kind, self.meter, self.window = "value", meters[text[len("value.") :]], "period"
        elif text.split(".")[0] in ("account", "trial", "interest", "milestone"):
            self.kind, self.name = text.split(".", 1)
        else:
            assert text in (
                "renewal.days_left",
                "tenure.days",
                "period.elapsed",
                "invoice.unpaid",
                "executive.days_since",
                "deal.size",
                "deal.ratio",
                "category",
                *MADE,
            ), text
        self.unit = self.unit_of()
        self.has_limit = self.kind in ("used", "remaining", "projected", "days_to_limit", "adoption")
        # Whether what ends is called usage that fell or rose.
        self.usage = bool(found) or self.kind == "adoption"
        # A down-rule on a volume must be armed first.
        self.volume = self.kind in ("used", "window", "adoption", "days_active", "adopted")
        # The window at whose end what is counted begins anew, or None.
        self.resets = None
        if self.meter and not self.meter.gauge and self.kind not in ("growth", "drop"):
            self.resets = self.window if self.window in ("period",) + CALENDAR else None

    def of_meter(self, meters, name, group, rest):
        self.meter, self.group = None if name == "*" else meters[name], group
        self.kind, _, window = rest.rpartition(".")
        if rest in ("used", "remaining", "projected", "days_to_limit"):
            self.kind, self.window = rest, "period"
        else:
            self.kind, self.window = self.kind or "window", window
            assert self.kind in ("window", "growth", "drop"), self.text

    def of_features(self, text, meters):
        """Whether it counts as use."""
        feature, shrunk, product = (e.match(text) for e in (FEATURE, SHRUNK, PRODUCT))
        if feature:
            name, what, self.window = feature.groups()
            self.meter = meters.features[name]
            self.kind = "window" if what == "uses" else what
        elif shrunk:
            self.kind, (self.name, self.window) = "shrunk", shrunk.groups()
        elif text.startswith("trial.uses."):
            self.kind, self.window = "trial.uses", text.removeprefix("trial.uses.")
            self.features = list(meters.features.values())
        elif text.startswith("adoption."):
            self.kind, self.name, self.window = "adopted", text.removeprefix("adoption."), MONTH
            self.features = meters.products[self.name]
        else:
            self.name, self.kind = product.groups()
            names = meters.products if self.name == "products" else [self.name.split(".")[1]]
            self.products = {name: meters.products[name] for name in names}
            self.kind = "product." + self.kind
            if self.kind == "product.used":
                self.window = MONTH
                self.features = [f for one in self.products.values() for f in one]
        return feature or self.kind == "adopted"

    def unit_of(self):
        """Of its levels: a share, days, money or a plain number."""
        if self.kind in ("used", "period.elapsed", "projected", "growth", "drop", "adoption"):
            return "share"
        if self.kind in ("adopted", "shrunk"):
            return "share"
        if self.kind in ("renewal.days_left", "tenure.days", "executive.days_since", "days_to_limit"):
            return "days"
        if self.kind in ("deal.size", "value"):
            return "money"
        return "money" if self.kind == "account" and self.name in ("arr", "mrr") else "number"


class Condition:
    def __init__(self, text, meters):
        signal, self.operator, literal = text.split(None, 2)
        assert self.operator in OPERATORS, text
        self.signal, self.literal = Signal(signal, meters), Literal(literal)


class Row:
    """Of the score or of the segments: what it is worth or called, and its conditions."""

    def __init__(self, what, when, meters):
        self.what = what
        self.when, self.when_any = conditions(when, meters)

    @property
    def asked(self):
        return self.when + self.when_any


class Level:
    def __init__(self, text, unit, rank):
        literal = Literal(text)
        assert literal.number is not None, f"not a level: {text}"
        self.rank, self.number, self.currency = rank, literal.number, literal.currency
        self.above, self.below = self.number.numerator, self.number.denominator
        shown = self.number * 100 if unit == "share" else self.number
        self.text = decimal(shown) + {
            "share": "pct",
            "days": "d",
            "money": self.currency or "",
        }.get(unit, "")


def decimal(number):
    """A level's number in full, without exponent or trailing zeros."""
    number = Fraction(number)
    places = 0
    while (number * 10**places).denominator != 1:
        places += 1
    digits = str(abs(int(number * 10**places))).rjust(places + 1, "0")
    text = digits if not places else digits[:-places] + "." + digits[-places:]
    return "-" + text if number < 0 else text


class Rule:
    def __init__(self, name, tree, index, meters):
        self.name, self.index = name, index
        self.signal = Signal(tree["watch"], meters)
        self.up = "levels" in tree
        texts = listed(tree["levels"] if self.up else tree["below"])
        # Nearest first: ascending for up-rules, descending for down-rules.
        self.levels = [Level(t, self.signal.unit, rank) for rank, t in enumerate(texts)]
        self.category = tree.get("category", "upsell")
        self.priority = int(tree.get("priority", 0))
        self.when, self.when_any = conditions(tree.get("when", []), meters)
        self.milestones = tree.get("milestones")
        self.playbook = tree.get("playbook")
        self.wait = duration(tree["for"]) if "for" in tree else 0
        self.cooldown = duration(tree["cooldown"]) if "cooldown" in tree else 0
        rearm = Literal(tree.get("rearm", "0"))
        self.rearm = rearm.number
        self.jump = tree.get("jump", "furthest")
        self.late = tree.get("late", "once")
        self.shadow = tree.get("mode", "live") == "shadow"
        self.renewal = self.signal.kind == "renewal.days_left" and not self.up

        self.skip = tree.get("on_start", "fire") == "skip"
        self.order = -self.priority, CATEGORIES.index(self.category), index
        self.needs_arming = not self.up and self.signal.volume
        self.late_crossings = (
            self.up
            and not self.wait
            and self.signal.kind in ("used", "window")
            and self.signal.resets == "period"
        )


    def edges(self, level):
        """Where a value opens a level and where it ends it."""
        return level.number, level.number + (-self.rearm if self.up else self.rearm)

    def with_levels(self, texts):
        """The rule as it is for an account that has levels of its own."""
        own = copy.copy(self)
        own.levels = [Level(t, self.signal.unit, rank) for rank, t in enumerate(texts)]
        return own


def conditions(tree, meters):
    """(all of these, any of those): a list must hold whole, `any:` holds if one does."""
    if isinstance(tree, dict):
        return [], [Condition(t, meters) for t in listed(tree["any"])]
    every, some = [], []
    for item in listed(tree):
        if isinstance(item, dict):
            some += [Condition(t, meters) for t in listed(item["any"])]
        else:
            every.append(Condition(item, meters))
    return every, some


def listed(tree):
    return tree if isinstance(tree, list) else [tree]


class Config:
    def __init__(self, tree):
        tree = as_text(tree)
        time = tree.get("time", {})
        self.lateness = duration(time.get("lateness", "2d"))
        self.skew = duration(time.get("skew", "5m"))
        self.zone = zone_named(time.get("zone", "UTC"))
        self.live_from = None
        if "live_from" in tree.get("start", {}):
            value = parse_date_or_time(tree["start"]["live_from"], "live_from")
            self.live_from = value if isinstance(value, int) else midnight(value, self.zone)
        money = tree.get("money", {})
        self.currency = money.get("currency", "USD")
        self.rates = {k: Fraction(v) for k, v in money.get("rates", {}).items()}
        self.rates[self.currency] = Fraction(1)
        self.timing = Timing(tree.get("timing", {}))
        self.meters = Meters(
            tree.get("meters", {}),
            tree.get("adoption", {}),
            tree.get("features", {}),
            tree.get("products", {}),
        )
        self.counters = [*self.meters.values(), *self.meters.features.values()]
        self.outcomes = Outcomes(tree.get("outcomes", {}))
        self.bands = {
            Signal(text, self.meters): [Literal(one) for one in listed(bounds)]
            for text, bounds in self.outcomes.bands.items()
        }
        self.routes = [Route(one, self.meters) for one in tree.get("routes", USUAL_ROUTES)]
        self.has_routes = "routes" in tree
        self.silent_after = duration(tree["sources"][0].get("silent_after", "0s")) if "sources" in tree else 0
        self.limited = [m for m in self.meters.values() if m.limit]
        self.plans = {name: plan_limits(p) for name, p in tree.get("plans", {}).items()}
        self.read_ways_up(tree)
        self.owned = {name: set(p.get("products", [])) for name, p in tree.get("plans", {}).items()}
        self.rules = [
            Rule(name, r, index, self.meters)
            for index, (name, r) in enumerate(tree.get("rules", {}).items())
        ]
        self.segment = Signal("segment", self.meters)
        written = self.read_score(tree)
        made = [c for row in self.score + self.segments for c in row.asked]
        asked = [c for r in self.rules for c in r.when + r.when_any]
        self.asked = asked + made
        watched = [r.signal for r in self.rules] + [c.signal for c in asked + written]
        self.windows = {
            (m.name, w)
            for m in self.counters
            for w in ["period"] + listed(tree["meters"].get(m.name, {}).get("windows", []))
        }
        self.windows |= {
            (s.meter.name, s.window)
            for s in watched
            if s.meter and s.kind not in ("growth", "drop")
        }
        self.windows |= {(f.name, s.window) for s in watched if s.kind == "trial.uses" for f in s.features}
        # What changes over two windows: (meter, the window, the width of a bucket, n).
        self.trends = {
            (s.meter.name, duration(s.window), *buckets(s.window))
            for s in watched
            if s.kind in ("growth", "drop")
        }
        # Meters of which it is asked when they come to their limit.
        self.forecasts = {s.meter.name for s in watched if s.kind == "days_to_limit"}
        for s in watched:
            if s.group is not None:
                s.meter.named.add(s.group)
        # What only the usual score needs is kept, and not shown.
        usual = [c.signal for c in made if c not in written]
        hidden = {(s.meter.name, s.window) for s in usual if s.meter}
        asked_by_bands = {(s.meter.name, s.window) for s in self.bands if s.meter}
        self.windows |= asked_by_bands - hidden
        kept = self.windows | {(s.meter.name, s.window) for s in usual if s.meter}
        watched += usual
        kept |= {(f.name, s.window) for s in watched for f in s.features}
        self.calendar = [w for w in CALENDAR if w in {window for _, window in kept}]
        # (meter, width, n) of the rolling windows, which change by time alone.
        self.rolling = [
            (meter, *buckets(window))
            for meter, window in sorted(kept)
            if window not in ("period",) + CALENDAR
            and not (meter in self.meters and self.meters[meter].gauge)
        ]
        self.shrinking = {(s.name, duration(s.window)) for s in watched if s.kind == "shrunk"}
        self.interest = {s.name for s in watched if s.kind == "interest"}
        self.trials = {s.name for s in watched if s.kind == "trial"}
        self.trials |= {f.trial for s in watched if s.kind == "trial.uses" for f in s.features}
        # Whether anything changes with the day of the account.
        self.daily = bool(self.calendar) or any(s.unit == "days" for s in watched)

    def read_ways_up(self, tree):
        """Where plans lead to, what they cost, and the meters that have a pace because some plan that
        another leads to names their limit."""
        plans, recommend = tree.get("plans", {}), tree.get("recommend", {})
        self.next = {name: listed(one.get("next", [])) for name, one in plans.items()}
        literals = {name: Literal(one["mrr"]) for name, one in plans.items() if "mrr" in one}
        self.prices = {name: Money(one.number, one.currency) for name, one in literals.items()}
        self.recommend_below = Literal(recommend.get("below", "80%")).number
        self.recommend_for = duration(recommend.get("for", "180d"))
        named = {limit for names in self.next.values() for name in names for limit in self.plans[name]}
        grow = "sum", "count", "latest"
        self.outgrown = {m.name for m in self.limited if m.limit in named and m.aggregate in grow}

    def read_score(self, tree):
        """Sets score, tiers and segments; of them the conditions that were written."""
        rows = [(r["points"], r["when"]) for r in tree.get("score", [])]
        exists = {
            "adoption": self.meters.adoption[0],
            "meter.*.used": self.limited,
            "trial.uses.7d": self.meters.features,
        }
        usual = [(p, c) for p, c in USUAL_SCORE if exists.get(c.split()[0], True)]
        self.score = [Row(int(points), when, self.meters) for points, when in rows or usual]
        self.tiers = [(n, int(v)) for n, v in (tree.get("tiers") or USUAL_TIERS).items()]
        self.segments = [Row(r["name"], r["when"], self.meters) for r in tree.get("segments", [])]
        return [c for row in (self.score if rows else []) + self.segments for c in row.asked]


class Route:
    def __init__(self, tree, meters):
        self.when, self.when_any = conditions(tree.get("when", []), meters)
        self.audience = listed(tree["audience"])
        self.owner, self.playbook = tree.get("owner"), tree.get("playbook")


def edges_of(kind, rules, asked):
    """Of a signal that changes with every microsecond: meter (or None) -> the numbers at which a level,
    its margin or a condition changes."""
    edges = {}
    for signal, number in [
        *((c.signal, c.literal.number) for c in asked),
        *((r.signal, n) for r in rules for level in r.levels for n in r.edges(level)),
    ]:
        if signal.kind == kind:
            edges.setdefault(signal.meter, set()).add(number)
    return edges


def plan_limits(tree):
    return {
        name: None if value == "unlimited" else Literal(value).number
        for name, value in tree.get("limits", {}).items()
    }
