# SPDX-License-Identifier: Apache-2.0
"""Generated series of usage, and when each meets its limit.

A series is what one account does on one meter: a gauge that is read, or a sum that grows, day by day.
It is drawn whole, its future as noisy as its past; then it is cut at the day of asking, and its limit
is put where its own future comes by. So the truth is a day on which something happened, not the end
of a line. Those that are flat or fall, and those that level off below the limit, have no such day.

Seven kinds, as many of each: weekly rhythm, outlier, step, decline, sparse use, saturation, and
mixtures of them. Everything follows from the seed.
"""
import math
import random
from dataclasses import dataclass, field

KINDS = ("rhythm", "outlier", "step", "decline", "sparse", "saturation", "mixture")
FUTURE = 730  # days that are drawn after the day of asking
SOONEST, LATEST = 7, 120  # days until the limit is met, about; as many from 7 to 14 as from 60 to 120


@dataclass
class Series:
    kind: str
    gauge: bool
    history: list  # by day: a reading, an amount, or None
    limit: int
    truth: int | None  # whole days left on the day of asking; None: it never comes to it
    flat: bool = False  # flat or falling
    notes: list = field(default_factory=list)


class Drawing:
    """The parts of a series, each drawn when its kind has it."""

    def __init__(self, rng, kind):
        self.rng = rng
        self.kind = kind
        self.notes = []
        self.gauge = rng.random() < 0.5
        self.past = rng.randint(30, 120) if rng.random() < 0.85 else rng.randint(9, 29)
        self.days = self.past + FUTURE
        self.pace = 10 ** rng.uniform(2, 5)
        self.spread = rng.uniform(0.1, 0.6)
        self.mixed = kind == "mixture"

    def has(self, kind, chance=0.5):
        found = self.kind == kind or (self.mixed and self.rng.random() < chance)
        if found:
            self.notes.append(kind)
        return found

    def grown(self):
        """What each day adds, before anything happens to it."""
        rng = self.rng
        weekend = rng.uniform(0, 0.5) if self.has("rhythm", 0.7) else 1
        first = rng.randrange(7)
        change, factor = self.days, 1
        if self.has("step") and rng.random() < (0.5 if self.gauge else 1):
            change, factor = self.past - rng.randint(3, 60), rng.uniform(0.4, 2.5)
        churn = rng.uniform(0, 1) if self.gauge else 0
        added = []
        for day in range(self.days):
            pace = self.pace * (weekend if (day + first) % 7 >= 5 else 7 / 5 if weekend < 1 else 1)
            pace *= factor if day >= change else 1
            noise = math.exp(rng.gauss(0, self.spread) - self.spread**2 / 2)
            added.append(pace * noise + rng.gauss(0, churn * self.pace))
        if self.gauge and "step" in self.notes and change == self.days:
            added[self.past - rng.randint(2, 35)] += self.pace * rng.uniform(10, 60)
        if not self.gauge and self.has("outlier"):
            added[self.past - rng.randint(1, 28)] += self.pace * rng.uniform(5, 30)
        return added

    def burst(self, added):
        """Sparse use: what would come daily comes on few days, as much on the whole."""
        share = self.rng.uniform(0.15, 0.6)
        return [
            one * self.rng.expovariate(1) / share if self.rng.random() < share else 0 for one in added
        ]

    def level_off(self, added):
        """A gauge nears a ceiling; the daily use behind a sum nears its full size."""
        tau = self.rng.uniform(30, 120)
        begun = self.rng.uniform(0.3, 1.2) * tau - self.past
        return [
            one * (math.exp(-max(0, day + begun) / tau) if self.gauge
                   else 1 - math.exp(-max(1, day + begun) / tau))
            for day, one in enumerate(added)
        ]


def readings(drawing, levels):
    """What a gauge shows: with noise of its own, a false reading, and not every day."""
    rng = drawing.rng
    noise = rng.uniform(0.3, 3) * drawing.pace if rng.random() < 0.3 else 0
    shown = [level + rng.gauss(0, noise) for level in levels]
    if drawing.has("outlier"):
        shown[drawing.past - rng.randint(2, 27)] += (
            drawing.pace * rng.uniform(5, 40) * rng.choice((1, 1, -1))
        )
    every = rng.uniform(0.15, 0.6) if drawing.kind == "sparse" or (
        drawing.mixed and rng.random() < 0.2) else 1
    seen = [day == 0 or rng.random() < every for day in range(drawing.past)]
    return shown, [value if seen[day] else None for day, value in enumerate(shown[: drawing.past])]


def first_day(values, limit):
    return next((day for day, value in enumerate(values) if value >= limit), None)


def draw_rising(rng, kind):
    drawing = Drawing(rng, kind)
    added = drawing.grown()
    if not drawing.gauge and (kind == "sparse" or (drawing.mixed and rng.random() < 0.2)):
        added = drawing.burst(added)
    if kind == "saturation":
        added = drawing.level_off(added)
    levels, level = [], drawing.pace * rng.uniform(0, 100) if drawing.gauge else 0
    for one in added:
        level += one
        levels.append(level)
    shown, history = readings(drawing, levels) if drawing.gauge else (levels, added[: drawing.past])
    now, far = levels[drawing.past - 1], levels[-1]
    if kind == "saturation" and drawing.gauge:
        share = rng.uniform(0.1, 0.8) if rng.random() < 0.8 else rng.uniform(1.05, 2)
        limit = now + (far - now) * share
    else:
        limit = levels[drawing.past - 1 + round(SOONEST * (LATEST / SOONEST) ** rng.random())]
    current = next(value for value in reversed(history) if value is not None) if drawing.gauge else now
    if limit <= current:
        return None  # a reading beyond it: nothing to forecast
    return Series(kind, drawing.gauge, [None if h is None else round(h) for h in history],
                  math.ceil(limit), first_day(shown[drawing.past:], math.ceil(limit)), False,
                  drawing.notes)


def draw_decline(rng):
    """Flat or falling: gauges with noise of either sort, sums of which nothing came for two weeks."""
    drawing = Drawing(rng, "decline")
    if not drawing.gauge:
        past = max(drawing.past, 45)
        stopped = past - rng.randint(14, 40)
        history = [drawing.pace * rng.uniform(0.5, 1.5) if day < stopped else None
                   for day in range(past)]
        total = sum(value or 0 for value in history)
        return Series("decline", False, [value and round(value) for value in history],
                      math.ceil(total * rng.uniform(1.1, 3)), None, True, ["stopped"])
    falls = 0 if rng.random() < 0.5 else -drawing.pace * rng.uniform(0.1, 1)
    wander, noise = rng.choice(((0.5, 0), (0, 2), (1, 1), (0, 0)))
    level, history = drawing.pace * rng.uniform(200, 400), []
    for _ in range(drawing.past):
        level += falls + rng.gauss(0, wander * drawing.pace)
        history.append(round(level + rng.gauss(0, noise * drawing.pace)))
    return Series("decline", True, history, round(history[-1] + drawing.pace * rng.uniform(20, 100)),
                  None, True, ["flat" if falls == 0 else "falling"])


def draw(seed, count=200):
    rng = random.Random(seed)
    drawn = []
    while len(drawn) < count:
        kind = KINDS[len(drawn) % len(KINDS)]
        series = draw_decline(rng) if kind == "decline" else draw_rising(rng, kind)
        if series and (series.truth is None or series.truth >= 1):
            drawn.append(series)
    return drawn
