# SPDX-License-Identifier: Apache-2.0
"""The accounts of a small SaaS company, and what each of them lives through.

Everything here follows from a seed and a last moment, so that two machines tell the same story.
A story is a share of each limit as a function of time, plus a few facts with a date: an upgrade,
a renewal, a payment that fails, the day an account falls silent. generate.py turns stories into
records; nothing in this file knows of Kafka.
"""

import datetime as dt
import random

UTC = dt.timezone.utc
DAY = dt.timedelta(days=1)

# Limits as headroom.yaml.in has them, and prices per month in cents.
PLANS = {
    "starter": {"contacts": 5000, "seats": 10, "api_calls": 100_000, "storage": 50, "mrr": 40_000},
    "growth": {
        "contacts": 10_000,
        "seats": 25,
        "api_calls": 400_000,
        "storage": 200,
        "mrr": 120_000,
    },
    "scale": {
        "contacts": 50_000,
        "seats": 100,
        "api_calls": 2_000_000,
        "storage": 1000,
        "mrr": 400_000,
    },
}
NEXT = {"starter": "growth", "growth": "scale"}
ZONES = [
    "UTC",
    "America/New_York",
    "Europe/Berlin",
    "Asia/Tokyo",
    "America/Sao_Paulo",
    "Australia/Sydney",
]

FIRST = (
    """amber apex arbor argon atlas basalt beacon birch bolt brook canyon cedar cinder citrus cobalt
copper coral crest delta drift ember fable falcon fern flint forge garnet glacier granite harbor hazel
indigo iris juniper karst lantern larch lumen maple marble meadow mica nova oak onyx opal orchid pepper
pine quartz raven ridge saffron sage slate""".split()
)
SECOND = "labs works health foods freight studio media energy retail travel".split()

# How many in a hundred live which story.
STORIES = [
    ("steady", 28),
    ("growing", 22),
    ("upgrading", 10),
    ("shrinking", 9),
    ("silent", 6),
    ("pausing", 4),
    ("spiky", 6),
    ("uploading", 4),
    ("unpaid", 6),
    ("cancelling", 3),
    ("new", 2),
]


class Account:
    """One customer: its contract, its story, and the share of its limits that it uses."""

    def __init__(self, rng, number, begin, until):
        self.rng = rng
        self.name = f"{FIRST[number % len(FIRST)]}-{SECOND[(number // len(FIRST)) % len(SECOND)]}"
        if number >= len(FIRST) * len(SECOND):
            self.name += f"-{number // (len(FIRST) * len(SECOND)) + 1}"
        self.story = rng.choices([s for s, _ in STORIES], [w for _, w in STORIES])[0]
        self.plan = rng.choices(["starter", "growth", "scale"], [60, 30, 10])[0]
        if self.story == "upgrading" and self.plan == "scale":
            self.plan = "growth"
        self.zone = rng.choices(ZONES, [40, 20, 20, 8, 7, 5])[0]
        self.weight = rng.choice([1, 1, 1, 2, 2, 3, 5])
        span = (until - begin).total_seconds()
        self.begin, self.until = begin, until
        self.turn = begin + dt.timedelta(seconds=round(span * rng.uniform(0.35, 0.75)))
        # A contract by the year, begun some whole years before its next renewal.
        renewal = (begin + dt.timedelta(days=rng.randint(8, 330))).date()
        years = rng.choice([1, 1, 1, 2, 3])
        self.renewal = renewal
        self.started = _years_before(renewal, years)
        self.alias = None
        self.reduced = None  # seats that are left, of who gives some back at its turn
        if self.story == "new":
            self.started = (begin + dt.timedelta(days=rng.randint(3, 25))).date()
            self.renewal = _years_before(self.started, -1)
        low, high = {
            "growing": (0.45, 0.75),
            "upgrading": (0.6, 0.8),
            "shrinking": (0.7, 0.9),
            "spiky": (0.4, 0.6),
            "new": (0.05, 0.1),
        }.get(self.story, (0.2, 0.7))
        self.base = {
            name: rng.uniform(low, high) for name in ("contacts", "seats", "api_calls", "storage")
        }
        if (
            self.story == "uploading"
        ):  # its client sends a day's calls the day after, and uses them up
            self.base["api_calls"] = rng.uniform(1.0, 1.04)
        self.slope = {name: rng.uniform(0.6, 1.0) for name in self.base}
        self.upgrade = self.turn if self.story == "upgrading" else self._upgrade()

    def _upgrade(self):
        """Every other growing account goes up a plan some days after it ran short of contacts."""
        crossed = self.crossing("contacts", 0.8)
        if self.story != "growing" or self.plan == "scale" or crossed is None:
            return None
        days = self.rng.randint(2, 40)
        return crossed + days * DAY if days <= 20 else None

    def crossing(self, name, share):
        """The hour from which on that share of the first plan's limit is used, or None."""
        at = self.first_day()
        while at < self.last_day() and self.share(name, at) < share:
            at += dt.timedelta(hours=1)
        return at if self.first_day() < at < self.last_day() else None

    def first_day(self):
        """Usage before the contract would be somebody else's."""
        born = dt.datetime.combine(self.started, dt.time(), UTC) + dt.timedelta(hours=15)
        return max(self.begin + dt.timedelta(hours=2), born)

    def quiet(self, moment):
        """A pause of some nine days."""
        return self.story == "pausing" and self.turn <= moment < self.turn + 9 * DAY

    def last_day(self):
        return self.turn if self.story == "silent" else self.until

    def plan_at(self, moment):
        return NEXT[self.plan] if self.upgrade and moment >= self.upgrade else self.plan

    def share(self, name, moment):
        """The share of the limit of the *first* plan that is in use at a moment."""
        passed = (moment - self.begin) / (self.until - self.begin)
        base, slope = self.base[name], self.slope[name]
        if self.story in ("growing", "upgrading", "new"):
            return base + passed * slope * 0.75
        if self.story == "shrinking":
            return max(0.03, base * (1 - passed * slope))
        if self.story == "spiky":
            return base * (2.3 if int(passed * 12) % 3 == 2 else 0.9)
        return base

    def amount(self, name, moment):
        return self.share(name, moment) * PLANS[self.plan][name]


def _years_before(day, years):
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def accounts(seed, count, begin, until):
    """The company's customers. Three of them report some of their calls under an API key. They have
    much room and much traffic: what comes under a key takes a longer way through headroom, and in a
    history played in seconds it may be counted a little later than its neighbours."""
    made = [Account(random.Random(f"{seed}/account/{n}"), n, begin, until) for n in range(count)]
    roomy = [
        a
        for a in made
        if a.story == "steady" and max(a.base.values()) < 0.6 and a.weight > 1 and a.plan != "scale"
    ][:3]
    for number, account in enumerate(roomy):
        account.alias = f"key_{seed}_{number:03d}"
    shrinking = [a for a in made if a.story == "shrinking"]
    if shrinking:
        largest = max(shrinking, key=lambda a: PLANS[a.plan]["seats"])
        largest.reduced = PLANS[largest.plan]["seats"] * 4 // 5
    return made
