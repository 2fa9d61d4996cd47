# SPDX-License-Identifier: Apache-2.0
"""What came of accounts, by calendar month of `time.zone`: revenue and the triggers that led to more.

An account keeps what billing said, word by word, and its parts of the books are worked out from all
of it whenever they are asked for.
"""

import collections
import datetime as dt
from fractions import Fraction

from moments import DAY, local_date, midnight
from quantity import Money
from timing import required
from signals import rule_may_fire, signal_value

class Fire:
    def __init__(self, account, rule, time, trigger):
        self.time, self.id, self.labels = time, trigger["id"], labels(account, rule, time)
        self.held_out = trigger["data"]["mode"] == "hold_out"
        self.converted, self.amount, self.days = False, 0, 0


def labels(account, rule, time):
    """Under which a fire is booked, as far as they come from the core's signals."""
    config = account.config
    asks = any(c.signal.kind == "milestone" for c in rule.when + rule.when_any)
    asks = asks or rule.signal.kind == "milestone" or bool(required(rule, config.timing))
    gave = sum(row.what > 0 and rule_may_fire(account, row, time) for row in config.score)
    out = [f"rule={rule.name}", f"timed={'milestone' if asks else 'calendar'}", f"positives={gave}"]
    segment = signal_value(account, config.segment, time)
    return out + ([f"segment={segment}"] if segment is not None else [])


class Words:
    """What billing said of a subscription: (event time, kind, from when, MRR in minor units)."""

    def __init__(self):
        self.words = []

    def say(self, time, kind, start, minor=None):
        at = next((i for i, word in enumerate(self.words) if word[0] > time), len(self.words))
        self.words.insert(at, (time, kind, start, minor))

    def changes(self):
        """moment -> MRR from then on; a later word withdraws an end that lies ahead of it."""
        line, known = [], 0
        for place, (time, kind, start, minor) in enumerate(self.words):
            begun = start if kind == "ends" or not place else max(time, start)
            ahead = begun if kind == "ends" else min(begun, time + 1)
            line = [(at, value) for at, value in line if at < ahead]
            known = minor if minor is not None else known
            line.append((begun, 0 if kind == "ends" else known))
        return line


class Revenue:
    def __init__(self):
        self.lines = {}
        self.segments = []  # (month from which on, segment)

    def at(self, time, before=False):
        """MRR at a moment, or just before it."""
        total = 0
        for words in self.lines.values():
            value = 0
            for moment, minor in words.changes():
                if moment < time or (moment == time and not before):
                    value = minor
            total += value
        return total

    def name(self, month, segment):
        """From that month on; the first one from ever."""
        if not self.segments:
            self.segments = [((0, 0), segment)]
        elif self.segments[-1][1] != segment:
            self.segments = [one for one in self.segments if one[0] != month] + [(month, segment)]

    def segment(self, month):
        return [segment for since, segment in self.segments if since <= month][-1]

    def book(self, config, now, books):
        """Adds the account's part of each month until now."""
        moments = [moment for words in self.lines.values() for moment, _ in words.changes()]
        if not moments or min(moments) > now:
            return
        first, last = month_of(config, min(moments)), month_of(config, now)
        for month in months(first, last):
            begin, end = start_of(config, month), start_of(config, following(month))
            had, has = self.at(begin, before=True), self.at(end, True) if end <= now else self.at(now)
            segment = self.segment(month)
            was = self.segment(preceding(month))
            if was != segment and had:
                move(books, month, was, had, -1)
                move(books, month, segment, had, 1)
            row = books["revenue", shown(month), segment]
            if had <= 0 < has:
                row[0], row[5] = row[0] + has, row[5] + 1
            elif has <= 0 < had:
                row[3], row[6] = row[3] + had, row[6] + 1
            else:
                row[1] += max(0, has - had)
                row[2] += max(0, had - has)


def move(books, month, segment, amount, sign):
    row = books["revenue", shown(month), segment]
    row[4], row[7] = row[4] + sign * amount, row[7] + sign


def month_of(config, time):
    date = local_date(time, config.zone)
    return date.year, date.month


def following(month):
    year, number = month
    return (year + 1, 1) if number == 12 else (year, number + 1)


def preceding(month):
    year, number = month
    return (year - 1, 12) if number == 1 else (year, number - 1)


def months(first, last):
    while first <= last:
        yield first
        first = following(first)


def start_of(config, month):
    return midnight(dt.date(*month, 1), config.zone)


def shown(month):
    return "{:04d}-{:02d}".format(*month)


def minor(config, amount, currency):
    """In minor units of money.currency, or None without a rate."""
    found = Money.minor(amount, currency).into(config.currency, config.rates)
    if found is None:
        return None
    cents = found * 100
    return int(abs(cents) + Fraction(1, 2)) * (1 if cents >= 0 else -1)


def new_books():
    return collections.defaultdict(lambda: [0] * 9)


def book_fires(config, fires, books):
    for fire in fires:
        for label in fire.labels:
            row = books["fires", shown(month_of(config, fire.time)), label]
            if fire.held_out:
                row[4], row[5] = row[4] + 1, row[5] + fire.converted
            else:
                row[0], row[1] = row[0] + 1, row[1] + fire.converted
                row[2], row[3] = row[2] + fire.amount, row[3] + fire.days


class Memory:
    """What an account remembers of its outcomes."""

    def __init__(self):
        self.revenue, self.fires = Revenue(), []

    def upgrade(self, config, now, time, minor, named=None):
        """An upgrade is the newest trigger's that fired before it, or that of the one it names. It may be
        heard of as late as usage."""
        window = config.outcomes.window
        kept = [f for f in self.fires[-32:] if f.time + window + config.lateness >= now]
        near = [f for f in kept if f.time <= time < f.time + window]
        chosen = [f for f in near if f.id == named] or near[-1:]
        for fire in chosen:
            if not fire.converted:
                fire.converted, fire.days = True, (time - fire.time) // DAY
            fire.amount += minor

    def look_at_segment(self, account, time):
        segment = signal_value(account, account.config.segment, time)
        self.revenue.name(month_of(account.config, time), "" if segment is None else segment)

    def book(self, config, now, rows):
        self.revenue.book(config, now, rows)
        book_fires(config, self.fires, rows)
