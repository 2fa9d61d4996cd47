# SPDX-License-Identifier: Apache-2.0
"""What is known of an account: facts, subscriptions, readings, periods, open levels.

Readings are kept whole, one object an event and meter, and every value is computed from them when
it is asked for. The only thing decided at counting is the billing period that a reading is in,
because a period that began elsewhere since does not take it back.
"""

import bisect
import datetime as dt
from fractions import Fraction

from moments import (
    CALENDAR,
    DAY,
    buckets,
    local_date,
    midnight,
    moment_of,
    period_at,
    wall,
    window_span,
    zone_named,
)
from facts import Facts
from quantity import SCALE, Money
from settings import edges_of
import books
import timing

ALWAYS = dt.datetime(2000, 1, 1)  # any month's first midnight: the anchor of calendar months


class Subscription(Facts):
    def __init__(self, name):
        super().__init__()
        self.name = name
        self.term_start = None  # of the last renewal: the day that it renewed, or on which it came
        self.past = []  # runs before the last start: (start, end)

    def zone(self, config):
        name = self.get("timezone")
        return zone_named(name) if name else config.zone

    def start(self, config):
        return moment_of(self.get("start"), self.zone(config))

    def end(self, config):
        value = self.get("end")
        return None if value is None else moment_of(value, self.zone(config))

    def active(self, time, config):
        end = self.end(config)
        return self.start(config) <= time and (end is None or time < end)

    def limit(self, name, config):
        """(known, limit); None is unlimited."""
        own = self.get("limits") or {}
        if name in own:
            return True, None if own[name] is None else own[name]
        plan = config.plans.get(self.get("plan"), {})
        if name in plan:
            return True, None if plan[name] is None else int(plan[name] * SCALE)
        return False, None


class Reading:
    def __init__(self, time, order, value, period, group=None):
        self.time, self.order, self.value, self.period = time, order, value, period
        self.group = group  # of `by`: the sub-counter that it is in

    def __lt__(self, other):
        return (self.time, self.order) < (other.time, other.order)


class Period:
    """A billing period. `floor` is the first moment that counts in it: its start, or later where the
    period before it was cut by a new start. When it ends its limits and open levels are kept for
    late crossings. `date` is that of its start in the zone in which it was last looked at."""

    def __init__(self, start, end, floor, date):
        self.start, self.end, self.floor, self.date = start, end, floor, date
        self.limits, self.open = {}, set()


NOWHERE = Period(0, 0, 0, None)  # of what was counted in a period that is no longer kept


class Episode:
    """A level of a rule (of a subscription, for renewals)."""

    def __init__(self):
        self.open = None  # "fired" or "claimed"
        self.new = False  # came with a change of rules and was not judged yet
        self.since = self.cause = (
            None  # since when beyond without being open, and what took it there
        )
        self.late = False
        self.armed = False
        self.last_fired = None
        self.id = None  # of the trigger that fired
        self.number = 0

    def forget(self):
        self.since = self.cause = None
        self.late = False


class Fires:
    """How often a level fired under a date: N of its ids. It is kept for the lateness bound after the
    end of its period. What is forgotten leaves a mark, and under a date that is not newer than that
    counting goes on above it."""

    def __init__(self):
        self.kept = {}  # (rule, level, date): [N, until]
        self.mark = None  # (newest date, highest N) of what was forgotten

    def forget(self, now, in_force=None):
        gone = [key for key, (_, until) in self.kept.items() if key[2] != in_force and until < now]
        for key in gone:
            number, _ = self.kept.pop(key)
            date, most = self.mark or (key[2], number)
            self.mark = max(date, key[2]), max(most, number)

    def next(self, key, until, base):
        if self.mark and key[2] <= self.mark[0]:
            base = max(base, self.mark[1])
        number, kept_until = self.kept.get(key, (base, until))
        self.kept[key] = [number + 1, max(kept_until, until)]
        return number + 1

    def close(self, date, until):
        for key, entry in self.kept.items():
            if key[2] == date:
                entry[1] = max(entry[1], until)


class Account:
    def __init__(self, name, config, now):
        self.name, self.config, self.now = name, config, now
        self.attributes = Facts()
        self.invoices = Facts()
        self.trials, self.deals = {}, {}  # by feature, by opportunity: Facts
        self.silences = {}  # by scope: Facts
        self.owners = {}  # the same by owner: everybody's, the oracle's own
        self.source = None  # where its records come from: everybody's, the oracle's own
        self.interest = {}  # by feature: the moments
        self.milestones = set()
        self.dismissed = None  # when a prompt was, last
        self.outcomes = books.Memory()
        self.told = []  # when triggers fired that the budget counts
        self.executive = None  # the newest engagement
        self.subscriptions = {}
        self.active_at = (0, 0, [])  # from, until, the answer of active() between them
        self.bounds_of = (None, 0, 0)  # active subscriptions, the answer of bounds()
        self.limits_of = (None, {})  # active subscriptions, the answer of limits()
        self.limits_past = {}  # by name: (what it was, until when)
        self.limits_now = {}  # by name: what it was when last looked at
        self.holders = {meter: {} for meter in config.meters}  # of `by`: who has a place
        self.versions = {one.name: 0 for one in config.counters}  # change with the readings
        self.rolled = None  # the bounds by which the period was last looked at
        self.known = {}  # values: name -> (what they are made of, value)
        self.readings = {one.name: [] for one in config.counters}
        self.mass = dict.fromkeys(self.readings, 0)  # no counter is larger
        self.first_seen = None
        self.period, self.closed = None, []
        self.governing, self.was_active = None, False
        self.own = Facts()  # levels of its own
        self.set_rules()
        self.episodes = {}  # (rule, subscription or None): level -> Episode
        self.states = {}  # (rule, subscription or None): as it was last evaluated
        self.last_limits = {}
        self.days = {}  # calendar windows: name -> (zone, start, end), the last answer of span()
        self.last_renewals = {}
        self.last_windows = {}
        self.live = config.live_from is None or now >= config.live_from
        self.fires = Fires()

    # Rules

    def own_owner(self, rule):
        """Whose a rule's triggers are, of this account alone."""
        return (self.own.get("rules") or {}).get(rule, {}).get("owner")

    def set_rules(self):
        """The rules with the account's own levels. Of each that changed, the levels that it had."""
        own, before = self.own.get("rules") or {}, getattr(self, "rules", {})
        self.rules, changed = {}, {}
        for rule in self.config.rules:
            texts = own.get(rule.name, {}).get("levels")
            self.rules[rule.name] = one = rule if texts is None else rule.with_levels(texts)
            was = before.get(rule.name, one)
            if [level.text for level in was.levels] != [level.text for level in one.levels]:
                changed[rule.name] = was.levels
            else:
                self.rules[rule.name] = was
        rules = self.rules.values()
        self.elapsed = edges_of("period.elapsed", rules, self.config.asked)
        self.projected = edges_of("projected", rules, self.config.asked)
        return changed

    # Subscriptions

    def active(self, time):
        """Active subscriptions, the oldest first."""
        since, until, active = self.active_at
        if since <= time < until:
            return active
        starts = [(s.start(self.config), s) for s in self.subscriptions.values()]
        edges = [start for start, _ in starts] + [s.end(self.config) for _, s in starts]
        edges = [edge for edge in edges if edge is not None]
        found = [(start, s.name, s) for start, s in starts if s.active(time, self.config)]
        self.active_at = (
            max((edge for edge in edges if edge <= time), default=float("-inf")),
            min((edge for edge in edges if edge > time), default=float("inf")),
            [s for _, _, s in sorted(found, key=lambda one: one[:2])],
        )
        return self.active_at[2]

    def had_subscription(self, time):
        return any(s.past or s.start(self.config) <= time for s in self.subscriptions.values())

    def subscriptions_changed(self):
        self.active_at = (0, 0, [])

    def zone(self, time):
        active = self.active(time)
        return active[0].zone(self.config) if active else self.config.zone

    def limit_names(self, time):
        """Limits that the active subscriptions name, themselves or by their plan."""
        names = set()
        for s in self.active(time):
            names |= set(s.get("limits") or {}) | set(self.config.plans.get(s.get("plan"), {}))
        return names

    def limit(self, name, time):
        """(known, limit) over the active subscriptions: sums, one unlimited is unlimited."""
        parts = [s.limit(name, self.config) for s in self.active(time)]
        known = [limit for is_known, limit in parts if is_known]
        if not known:
            return False, None
        return True, None if None in known else sum(known)

    def limits(self, time):
        """The limit of every meter that has one: meter -> (known, limit). One object while it is the same."""
        active = self.active(time)
        if self.limits_of[0] is not active:
            limits = {m.name: self.limit(m.limit, time) for m in self.config.limited}
            self.limits_of = active, limits
        return self.limits_of[1]

    def mrr(self, time):
        amounts = [Money.minor(*s.get("mrr")) for s in self.active(time) if s.get("mrr")]
        if not amounts:
            return None
        currencies = {m.currency for m in amounts}
        currency = amounts[0].currency if len(currencies) == 1 else self.config.currency
        parts = [m.into(currency, self.config.rates) for m in amounts]
        return None if None in parts else Money(sum(parts), currency)

    def tenure_start(self, time):
        """The start of the unbroken run of subscriptions that holds a moment, else the first event."""
        runs = []
        for s in self.subscriptions.values():
            end = s.end(self.config)
            runs += s.past + [(s.start(self.config), end)]
        begun = None
        for start, end in sorted(runs, key=lambda r: r[0]):
            if start <= time and (end is None or end > time):
                begun = start if begun is None else min(begun, start)
        while begun is not None:
            touching = [
                start for start, end in runs if start < begun and (end is None or end >= begun)
            ]
            if not touching:
                return begun
            begun = min(touching)
        return self.first_seen

    # Periods

    def bounds(self, time):
        """(start, end) of the billing period in force at a moment, after what is known now."""
        active = self.active(time)
        known, start, end = self.bounds_of
        if known is not active or not start <= time < end:
            start, end = self.bounds_by(active, time)
            self.bounds_of = active, start, end
        return start, end

    def bounds_by(self, active, time):
        if not active:
            return period_at(time, ALWAYS, "month", self.config.zone)
        first = active[0]
        zone = first.zone(self.config)
        anchor = first.get("period_start") or first.get("start")
        if isinstance(anchor, dt.date):
            anchor = dt.datetime.combine(anchor, dt.time())
        else:
            anchor = wall(anchor, zone)
        return period_at(time, anchor, first.get("period") or "month", zone)

    def new_start(self, time):
        """When the subscription that gives the period began, if that cuts the period in force."""
        active = self.active(time)
        if not active:
            self.was_active = False
            return None
        before, was_active = self.governing, self.was_active
        self.governing = (active[0].name, active[0].start(self.config))
        self.was_active = True
        if self.governing == before or (was_active and self.governing[0] != before[0]):
            return None
        return self.governing[1] if self.governing[1] > self.period.floor else None

    def roll(self, time):
        """Brings the period in force up to a moment. True if one ended."""
        before = self.bounds_of
        start, end = self.bounds(time)
        if self.bounds_of is before and before is self.rolled:
            return False  # as it was
        self.rolled = self.bounds_of
        date = local_date(start, self.zone(time))
        if self.period is None:
            self.period = Period(start, end, start, date)
            self.new_start(time)
            return False
        begun = self.new_start(time)
        old = self.period
        self.fires.forget(time, old.date)
        if time < old.end and begun is None:
            if start != old.start:
                old.start = start
                old.floor = max([start] + [p.end for p in self.closed])
            old.end, old.date = end, date
            return False
        if begun is not None:
            old.end = min(old.end, begun)
        old.open = {
            (rule, level)
            for (rule, _), levels in self.episodes.items()
            for level, episode in levels.items()
            if episode.open
        }
        old.limits = dict(self.last_limits)
        self.closed.append(old)
        self.fires.close(old.date, old.end + self.config.lateness)
        self.period = Period(start, end, max(start, old.end), date)
        for readings in self.readings.values():
            for reading in readings:
                if reading.period is None and self.period.floor <= reading.time < end:
                    reading.period = self.period
        self.readings_changed()
        return True

    def period_of(self, time, kept_since=None):
        """The period that a moment belongs to; None while it has not begun, NOWHERE if it ended before
        what is kept."""
        if time >= self.period.end:
            return None
        if time >= self.period.floor:
            return self.period
        for period in reversed(self.closed):
            if period.floor <= time < period.end:
                return NOWHERE if kept_since is not None and period.end < kept_since else period
        start, end = self.bounds(time)
        later = [p.floor for p in self.closed + [self.period] if p.floor > time]
        period = Period(start, min([end] + later), start, local_date(start, self.zone(time)))
        if kept_since is not None and period.end < kept_since:
            return NOWHERE
        self.closed.append(period)
        return period

    # Values

    def span(self, window, time):
        """[from, to) in event time of what a window covers at a moment."""
        if window not in CALENDAR:
            return window_span(window, time, None)
        zone = self.zone(time)
        known, start, end = self.days.get(window, (None, 0, 0))
        if known is not zone or not start <= time < end:
            start, end = window_span(window, time, zone)
            self.days[window] = zone, start, end
        return start, end

    def covered(self, meter, window, time, period=None):
        """The readings that a window covers at a moment (of a period: the one given, else the open one)."""
        readings = self.readings[meter]
        if window == "period":
            wanted = period or self.period
            return [r for r in readings if r.period is wanted]
        start, end = self.span(window, time)
        first = bisect.bisect_left(readings, start, key=lambda r: r.time)
        return readings[first : bisect.bisect_left(readings, end, key=lambda r: r.time)]

    def group_for(self, meter, value):
        """The sub-counter that a value counts in: its own if it has a place or finds one, else `other`."""
        if value in meter.named:
            return value
        if value in (None, "other"):
            return "other"
        places = meter.groups - len(meter.named - {"other"})
        holders = self.holders[meter.name]
        if value not in holders:
            if len(holders) >= places:
                for holder in [h for h in holders if not self.holds(meter, h)]:
                    del holders[holder]
                    break
            if len(holders) >= places:
                return "other"
            holders[value] = True
        return value

    def holds(self, meter, group):
        """Whether any bucket of a sub-counter has something in it."""
        readings = [r for r in self.readings[meter.name] if r.group == group]
        kept = {self.period, *(p for p in self.closed if p.end >= self.now - self.config.lateness)}
        if meter.gauge or any(r.period in kept or r.period is None for r in readings):
            return bool(readings)
        if meter.name in self.config.forecasts | self.config.outgrown and any(
            r.time // DAY >= self.now // DAY - 28 for r in readings
        ):
            return True
        windows = [w for m, w in self.config.windows if m == meter.name and w != "period"]
        return any(r.time >= self.span(w, self.now)[0] for w in windows for r in readings)

    def add(self, meter, reading):
        bisect.insort(self.readings[meter], reading)
        self.versions[meter] += 1
        if isinstance(reading.value, int):
            self.mass[meter] += abs(reading.value)

    def remove(self, meter, reading):
        self.readings[meter].remove(reading)
        self.versions[meter] += 1

    def readings_changed(self):
        for meter in self.versions:
            self.versions[meter] += 1

    def value_once(self, name, made_of, work_out):
        """A value that is the same object for as long as what it is made of is."""
        known = self.known.get(name)
        if known is None or known[0] != made_of:
            known = self.known[name] = made_of, work_out()
        return known[1]

    def next_moment(self):
        """The first moment after now at which anything may change by time alone."""
        now, config = self.now, self.config
        moments = [self.period.end]
        if config.daily:
            zone = self.zone(now)
            moments.append(midnight(local_date(now, zone) + dt.timedelta(days=1), zone))
        if not self.live:
            moments.append(config.live_from)
        if self.active(now) is not None:
            moments.append(self.active_at[1])
        for meter, width, count in config.rolling:
            if self.readings[meter]:
                moments += self.window_moments(meter, width, count)
        for shares in self.elapsed.values():
            for share in shares:
                moments += self.moments_at(share)
        for meter, numbers in self.projected.items():
            moments += self.moments_at(Fraction(1, 20))
            moments += self.projected_moments(meter, numbers)
        if config.forecasts:
            moments.append((now // DAY + 1) * DAY)
        for meter, length, width, count in config.trends:
            moments += self.trend_moments(meter, length, width, count)
        moments += self.moments_of_facts()
        moments += [until for _, until in timing.ends(self)]
        for (rule, _), levels in self.episodes.items():
            rule = self.rules[rule]
            for episode in levels.values():
                if episode.since is not None:
                    moments.append(self.source.patience(rule, episode.since, now))
                    if rule.cooldown:
                        moments += [
                            one.last_fired + rule.cooldown
                            for one in levels.values()
                            if one.last_fired is not None
                        ]
        return min(m for m in moments if m > now)

    def moments_at(self, share):
        """Around the moment at which a share of the period has elapsed."""
        at = self.period.start + int(share * (self.period.end - self.period.start))
        return at, at + 1

    def projected_moments(self, meter, numbers):
        """Where used by elapsed meets a number."""
        known, limit = self.limits(self.now).get(meter.name, (False, None))
        if known and limit:
            used = Fraction(sum(r.value for r in self.covered(meter.name, "period", self.now)), limit)
            for number in numbers:
                if number and 0 < used / number <= 1:
                    yield from self.moments_at(used / number)

    def trend_moments(self, meter, length, width, count):
        """When a bucket closes, or a reading goes from the last to those before, or out of them."""
        readings = self.readings[meter]
        if readings:
            yield readings[0].time + 2 * length
        first = (self.now // width - 2 * count) * width
        for bucket in {r.time // width for r in readings[bisect.bisect_left(readings, first, key=lambda r: r.time) :]}:
            yield from ((bucket + after) * width for after in (1, 1 + count, 1 + 2 * count))

    def moments_of_facts(self):
        """When trials and silences end, and when an interest leaves its 30 days or enters them."""
        for name in self.config.trials & set(self.trials):
            ends = self.trials[name].get("ends_at")
            if ends is not None:
                yield moment_of(ends, self.zone(self.now))
        for name, length in self.config.shrinking:
            for _, until in self.limits_past.get(name, ()):
                yield until + length
        for name in self.config.interest & set(self.interest):
            for time in self.interest[name]:
                yield from (time // DAY * DAY, (time // DAY + 30) * DAY)
        for silence in self.silences.values():
            until = silence.get("until")
            if until is not None:
                yield moment_of(until, self.zone(self.now))
        yield from self.owners_silent()

    def owners_silent(self):
        """Until when those who tend the account are silenced. A date is one moment for all accounts."""
        for name in ("owner", "csm", "account_manager"):
            silence = self.owners.get(self.attributes.get(name))
            until = silence.get("until") if silence else None
            if until is not None:
                yield moment_of(until, self.config.zone)

    def silenced(self, rule, time):
        for scope in ("account", f"rule:{rule}"):
            until = self.silences[scope].get("until") if scope in self.silences else None
            if until is not None and time < moment_of(until, self.zone(time)):
                return True
        return any(time < until for until in self.owners_silent())

    def window_moments(self, meter, width, count):
        """When the oldest reading leaves a rolling window, and when one from the future enters it."""
        readings = self.readings[meter]
        first = bisect.bisect_left(
            readings, (self.now // width - count + 1) * width, key=lambda r: r.time
        )
        moments = []
        if first < len(readings):
            moments.append((readings[first].time // width + count) * width)
        if readings[-1].time > self.now:
            ahead = bisect.bisect_right(readings, self.now, key=lambda r: r.time)
            moments += [r.time // width * width for r in readings[ahead : ahead + 1000]]
        return moments
