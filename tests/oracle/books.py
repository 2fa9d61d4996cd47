# SPDX-License-Identifier: Apache-2.0
"""What came of accounts, by calendar month of `time.zone`: revenue and the triggers that led to more.

An account keeps what billing said, word by word, and its parts of the books are worked out from all
of it whenever they are asked for.
"""

import collections
import datetime as dt
from fractions import Fraction

from moments import DAY, local_date, midnight
from facts import Facts
from quantity import Money
from timing import required
from signals import (
    attribute,
    condition_holds,
    condition_on,
    number_in,
    rule_may_fire,
    signal_value,
)

STAGES = ("identified", "qualified", "engaged", "negotiation")
TENDS = {"csm": "csm", "account_manager": "account_manager"}  # who is somebody of the account


class Fire:
    def __init__(self, account, rule, time, trigger):
        advice = trigger["data"]["advice"]
        self.time, self.id, self.labels = time, trigger["id"], labels(account, rule, time, advice)
        self.held_out = trigger["data"]["mode"] == "hold_out"
        self.converted, self.amount, self.days = False, 0, 0


def advised(account, rule, time):
    """What goes with a trigger: the rows of the score that hold, the segment, who speaks, and how."""
    config = account.config
    points = [row.what for row in config.score if rule_may_fire(account, row, time)]
    total, route = sum(points), route_of(account, rule, time)
    return {
        "points": points,
        "tier": next((name for name, least in config.tiers if total >= least), "not_ready"),
        "segment": signal_value(account, config.segment, time),
        "audience": route.audience if route else [],
        "owner": owner_of(account, rule, route, time),
        "playbook": rule.playbook or (route and route.playbook) or usual_playbook(rule, config),
    }


def labels(account, rule, time, advice):
    """Under which a fire is booked, as far as they come from the core's signals."""
    asks = any(c.signal.kind == "milestone" for c in rule.when + rule.when_any)
    asks = asks or rule.signal.kind == "milestone" or bool(required(rule, account.config.timing))
    named = {
        "rule": rule.name,
        "timed": "milestone" if asks else "calendar",
        "positives": sum(points > 0 for points in advice["points"]),
        "segment": advice["segment"],
        "route": "+".join(advice["audience"]) or None,
        "owner": advice["owner"],
        "playbook": advice["playbook"],
    }
    out = [f"{name}={value}" for name, value in named.items() if value is not None]
    return out + [one for one in bands(account, time) if one]


def route_of(account, rule, time):
    """The first that holds; `category` in it is the trigger's."""

    def holds(condition):
        if condition.signal.kind == "category":
            return condition_on(rule.category, condition, account.config)
        return condition_holds(account, condition, time)

    for route in account.config.routes:
        if all(map(holds, route.when)):
            if not route.when_any or any(map(holds, route.when_any)):
                return route
    return None


def owner_of(account, rule, route, time):
    """The override's, else the route's, else the one who is the audience, else the account's owner."""
    if route is None:
        return account.own_owner(rule.name)
    named = [account.own_owner(rule.name), route.owner]
    named += [attribute(account, TENDS[one], time) for one in route.audience if one in TENDS]
    named.append(attribute(account, "owner", time))
    return next((one for one in named if one is not None), None)


def usual_playbook(rule, config):
    """By what it watches, as the table of segments has it; a risk calls for none."""
    signal, meter = rule.signal, rule.signal.meter
    if config.has_routes or rule.category == "risk":
        return None
    if signal.text.split(".")[0] in ("feature", "trial", "interest"):
        return "in_app_prompt"
    if rule.category == "renewal" or not meter:
        return "value_based_upgrade"
    return "strategic_business_review" if meter.aggregate == "unique" and not meter.limit else "capacity_planning"


def bands(account, time):
    config = account.config
    for signal, bounds in config.bands.items():
        value = signal_value(account, signal, time)
        numbers = [number_in(value, bound.currency, config.rates) for bound in bounds]
        if None in numbers:
            continue
        above = sum(number >= bound.number for number, bound in zip(numbers, bounds))
        bounds = [bound.shown(signal.unit) for bound in bounds]
        if not above:
            shown_as = f"<{bounds[0]}"
        elif above == len(bounds):
            shown_as = f">={bounds[-1]}"
        else:
            shown_as = f"{bounds[above - 1]}..{bounds[above]}"
        yield f"band:{signal.text}={shown_as}"


class Words:
    """What billing said of a subscription: (event time, kind, from when, MRR in minor units)."""

    def __init__(self):
        self.words = []

    def say(self, time, kind, start, minor=None):
        at = next((i for i, word in enumerate(self.words) if word[0] > time), len(self.words))
        self.words.insert(at, (time, kind, start, minor))

    def changes(self):
        """moment -> MRR from then on; a later word withdraws an end that lies ahead of it."""
        line, known, told = [], 0, False
        for time, kind, start, minor in self.words:
            begun = start if kind == "ends" or not told else max(time, start)
            told = told or minor is not None
            ahead = begun if kind == "ends" else min(begun, time + 1)
            line = [(at, value) for at, value in line if at < ahead]
            known = minor if minor is not None else known
            line.append((begun, 0 if kind == "ends" else known))
        return line


class Revenue:
    def __init__(self):
        self.lines = {}
        self.segments = []  # (month from which on, segment)
        self.amended = collections.Counter()  # (month, segment): changes after the month was over
        self.unrated = collections.Counter()  # (month, currency): MRR without a rate

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

    def over(self, config, now):
        """The parts of months that are over."""
        rows = new_books()
        self.book(config, now, rows)
        this = shown(month_of(config, now))
        rows = {key: row[:8] for key, row in rows.items() if key[0] == "revenue" and key[1] < this}
        return {key: row for key, row in rows.items() if any(row)}

    def amend(self, before, after):
        """A late word changes what a month was."""
        for key in set(before) | set(after):
            if before.get(key) != after.get(key):
                self.amended[key[1:]] += 1

    def book(self, config, now, books):
        """Adds the account's part of each month until now."""
        for (month, segment), count in self.amended.items():
            books["revenue", month, segment][8] += count
        for (month, currency), count in self.unrated.items():
            books["unrated", month, currency][0] += count
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


class Deal(Facts):
    """An opportunity."""

    def __init__(self):
        super().__init__()
        self.first, self.furthest = None, 0
        self.newest, self.since, self.otherwise = None, None, None  # of its stage

    def say(self, time, facts):
        self.first = time if self.first is None else min(self.first, time)
        stage = facts["stage"]
        self.follow(time, stage)
        if stage in STAGES:
            self.furthest = max(self.furthest, STAGES.index(stage))
        for name, value in facts.items():
            self.put(name, time, value)

    def take(self, other):
        super().take(other)
        self.first, self.furthest = min(self.first, other.first), max(self.furthest, other.furthest)

    def follow(self, time, stage):
        """It is in its stage since the first word that says so behind the newest that says otherwise;
        one of those that comes late leaves only the newest."""
        same = self.get("stage") == stage
        if self.newest is None or time >= self.newest:
            if not same:
                self.otherwise, self.since = self.newest, time
            self.newest = time
        elif same:
            if self.otherwise is None or time > self.otherwise:
                self.since = min(self.since, time)
        else:
            self.otherwise = time if self.otherwise is None else max(self.otherwise, time)
            if self.since <= self.otherwise:
                self.since = self.newest

    def reached(self):
        """The stages that it was in or went past: to be won it went past all. It is closed only now."""
        stage = self.get("stage")
        furthest = len(STAGES) if stage == "closed_won" else self.furthest + 1
        return {*STAGES[:furthest], stage}


def new_books():
    return collections.defaultdict(lambda: [0] * 9)


def book_deals(config, deals, books):
    """Opportunities by the stages that they were in or went past, and how they were closed."""
    for deal in deals.values():
        first, kind = deal.first, deal.get("kind")
        month = shown(month_of(config, first))
        sums = {name: deal.get(name) for name in ("amount", "cost") if deal.get(name)}
        known = {name: minor(config, *one) for name, one in sums.items()}
        for currency in {sums[name][1] for name, one in known.items() if one is None}:
            books["unrated", month, currency][1] += 1
        amount, cost = (known.get(name) or 0 for name in ("amount", "cost"))
        for stage in deal.reached():
            row = books["stages", month, f"{kind}/{stage}"]
            row[0], row[1] = row[0] + 1, row[1] + amount
        time, stage = deal.fields["stage"]
        time, stage = deal.since, deal.get("stage")
        if stage.startswith("closed"):
            row = books["deals", shown(month_of(config, time)), kind]
            row[3] += cost
            if stage == "closed_won":
                row[0], row[2] = row[0] + 1, row[2] + amount
                row[4] += (time - first) // DAY
            else:
                row[1] += 1


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
        self.named = 0  # how often an upgrade named its trigger

    def upgrade(self, config, now, time, minor, named=None):
        """An upgrade is the newest trigger's that fired before it, or that of the one it names. It may be
        heard of as late as usage."""
        window = config.outcomes.window
        kept = [f for f in self.fires[-32:] if f.time + window + config.lateness >= now]
        near = [f for f in kept if f.time <= time < f.time + window]
        chosen = [f for f in near if f.id == named]
        self.named += len(chosen)
        chosen = chosen or near[-1:]
        for fire in chosen:
            if not fire.converted:
                fire.converted, fire.days = True, (time - fire.time) // DAY
            fire.amount += minor

    def look_at_segment(self, account, time):
        segment = signal_value(account, account.config.segment, time)
        self.revenue.name(month_of(account.config, time), "" if segment is None else segment)

    def book(self, config, now, rows, deals):
        self.revenue.book(config, now, rows)
        book_deals(config, deals, rows)
        book_fires(config, self.fires, rows)
