#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A second implementation of what headroom computes: slow, plain, and sharing no code with it.

    oracle.py --config CONFIG [--until TIME] [--json-summary FILE] [--shadow] FILE.ndjson

A line is a CloudEvent in JSON, with its arrival in the optional field `_now`. Triggers go to
standard output in the order decided, dead letters and a line of counts to standard error.
"""

import argparse
import collections
import json
import sys

import books
import events
import timing
from account import NOWHERE, Account, Facts, Reading, Subscription
from crossings import Evaluation, Why, cooling
from moments import date_of, local_date, moment_of, parse_time, show
from quantity import BOUND, MICROS, SCALE, Money, Refused, percent, plain, read_json
from settings import Config, load
from source import Source
from signals import (
    attribute,
    meter_limit,
    meter_value,
    of_limit,
    rule_may_fire,
    share,
    signal_value,
)


class Oracle:
    """feed() records, tick() the clock; triggers, shadow and dead_letters grow as things are decided."""

    def __init__(self, config, max_step=7 * MICROS["d"]):
        self.config = config if isinstance(config, Config) else Config(config)
        self.max_step = max_step
        self.accounts, self.aliases, self.seen = {}, {}, {}
        self.erasures = collections.Counter()
        self.owners = {}  # silences of people, by name: Facts
        self.source = Source(self.config)
        self.numbers = {}  # of accounts that moved away: their fires, so that ids do not repeat
        self.clock = None
        self.triggers, self.shadow, self.dead_letters = [], [], []
        self.counts = collections.Counter(
            read=0, counted=0, duplicate=0, ignored=0, dead_lettered=0
        )
        self.order = 0
        self.books = books.new_books()  # the parts of accounts that were erased

    # Records

    def feed(self, record, arrival=None):
        """One record: a JSON text (or its tree), and its arrival unless `_now` says it."""
        self.counts["read"] += 1
        self.order += 1
        woken, heard, self.is_read = False, self.source.state(), False
        if arrival is not None:
            self.move_clock(arrival)
        try:
            tree = read_json(json.dumps(record) if isinstance(record, dict) else record)
            if arrival is None and isinstance(tree, dict) and "_now" in tree:
                arrival = parse_time(tree["_now"])
                self.move_clock(arrival)
                woken = self.hear()
            event = events.Event(tree)
            self.source.brings(event.type)
            if woken and event.subject in self.aliases:
                self.wake()  # what is forwarded comes later to its account
            before = self.clock
            outcome = "dead_lettered"
            try:
                outcome = self.apply(event, arrival)
            finally:
                if arrival is None and outcome != "counted":
                    self.clock = (
                        before  # only accepted events move a clock that follows event times
                    )
            self.counts[outcome] += 1
        except Refused as refused:
            self.dead_letter(str(refused))
            self.counts["dead_lettered"] += 1
            if str(refused).startswith("bad_") and not self.is_read:
                woken = False  # what cannot be read says nothing
                self.source.restore(heard)
        if woken:
            self.wake()

    def wake(self):
        """Whoever waited for the source is looked at."""
        for account in self.accounts.values():
            self.advance(account, self.clock)
            self.evaluate(account, self.clock, Why("time"))

    def hear(self):
        """Something came from the source. Whether it had fallen silent: timers see that it had, and
        whoever waits is looked at behind the record."""
        if self.source.silent_since <= self.clock:
            for account in self.accounts.values():
                self.advance(account, self.clock)
        return self.source.hear(self.clock)

    def move_clock(self, arrival):
        self.clock = arrival if self.clock is None else max(self.clock, arrival)

    def dead_letter(self, reason):
        self.dead_letters.append({"record": self.order, "reason": reason})

    def home_of(self, name):
        while name in self.aliases:
            name = self.aliases[name]
        return name

    def apply(self, event, arrival):
        """'counted', 'duplicate' or 'ignored', or Refused."""
        name = self.home_of(event.subject)
        for owner in (event.subject, name):
            before = self.seen.get((owner, event.source, event.id))
            if before is not None:
                if before.body != event.body:
                    raise Refused("id_conflict")
                return "duplicate"
        self.judge_future(event, arrival)
        time = self.clock if event.time is None else event.time
        if event.type in events.ACCOUNT_TYPES:
            self.account_event(name, event, time)
        else:
            meters = [
                m
                for m in self.config.counters
                if m.event == event.type and events.holds(m.where, event.data)
            ]
            if not meters:
                return "ignored"
            self.usage_event(name, event, time, meters)
        self.seen[(name, event.source, event.id)] = event
        return "counted"

    def judge_future(self, event, arrival):
        """A line without `_now` arrives at the largest event time so far."""
        if arrival is None:
            if event.time is not None:
                if self.clock is not None and event.time > self.clock + self.max_step:
                    raise Refused("in_future")
                self.move_clock(event.time)
            elif self.clock is None:
                raise Refused("bad_time")  # nothing says when this is
        elif event.time is not None and event.time > self.clock + self.config.skew:
            raise Refused("in_future")

    def touch(self, name):
        """The account, its timers done up to the clock; made if it is new."""
        if name not in self.accounts:
            made = Account(name, self.config, self.clock)
            made.owners, made.source = self.owners, self.source
            made.roll(self.clock)
            made.fires = self.numbers.pop(name, made.fires)
            made.fires.forget(self.clock)
            self.accounts[name] = made
        self.advance(self.accounts[name], self.clock)
        return self.accounts[name]

    # Usage

    def usage_event(self, name, event, time, meters):
        self.is_read = True
        parts = [(meter, events.contribution(meter, event.data)) for meter in meters]
        if time < self.clock - self.config.lateness:
            raise Refused("too_late")
        existed = name in self.accounts
        account = self.touch(name)
        period = account.period_of(time)
        late, added = [], []
        for meter, value in parts:
            group = None
            if meter.by:
                group = account.group_for(meter, events.group_named(meter, event.data))
            if period not in (None, account.period) and not meter.gauge:
                for one in {None, group}:
                    value_before = meter_value(account, meter, "period", self.clock, period, one)
                    late.append((meter, one, period, value_before))
            added.append((meter, Reading(time, self.order, value, period, group)))
        for meter, reading in added:
            account.add(meter.name, reading)
        if any(self.overflows(account, meter, reading) for meter, reading in added):
            for meter, reading in added:
                account.remove(meter.name, reading)
            if not existed:
                del self.accounts[name]
            raise Refused("overflow")
        if account.first_seen is None:
            account.first_seen = time
        self.evaluate(account, self.clock, Why("usage", late=late))

    def overflows(self, account, meter, reading):
        """Whether a counter that holds the reading is out of bounds."""
        if meter.aggregate not in ("sum", "count") or account.mass[meter.name] < BOUND:
            return False
        windows = [w for m, w in self.config.windows if m == meter.name and w != "period"]
        for group in {None, reading.group}:
            values = [
                sum(
                    r.value
                    for r in account.readings[meter.name]
                    if r.period is reading.period and group in (None, r.group)
                )
            ]
            values += [meter_value(account, meter, w, reading.time, group=group) for w in windows]
            if any(abs(v) >= BOUND for v in values):
                return True
        return False

    # Account events

    def account_event(self, name, event, time):
        if event.type == "account.erased":
            self.erase(name)
            return
        if event.type in events.SUBSCRIPTION:
            facts = events.subscription_facts(event)
            account = self.touch(name)
            revenue = account.outcomes.revenue
            over = revenue.over(self.config, self.clock)
            renewed = self.subscription_event(account, event.type, time, facts)
            why = Why("account", renewed)
        elif event.type in events.INVOICE:
            invoice = events.invoice_of(event)
            account = self.touch(name)
            account.invoices.put(invoice, time, 1 if event.type == "invoice.payment_failed" else 0)
            why = Why("account")
        elif event.type == "account.updated":
            facts, claimed, released, own = events.account_facts(event)
            account = self.touch(name)
            if own is not None and account.own.put("rules", time, own):
                changed = account.set_rules()
                account.first_seen = time if account.first_seen is None else account.first_seen
                if changed:
                    self.evaluate(account, self.clock, Why("account", changed=changed))
            for key, value in facts.items():
                account.attributes.put(key, time, value)
            why = Why("account")
        elif event.type == "usage.corrected":
            account, why = self.correct(name, time, events.facts_of(event))
        else:
            facts = events.facts_of(event)
            if facts.get("scope", "").startswith("owner:"):
                self.silence_owner(facts["scope"].removeprefix("owner:"), time, facts)
                return
            account = self.touch(name)
            note(account, event.type, time, facts)
            why = Why("account")
        if account.first_seen is None:
            account.first_seen = time
        why.fact = event.type != "usage.corrected"  # that is usage
        self.evaluate(account, self.clock, why)
        if event.type in events.SUBSCRIPTION:
            revenue.amend(over, revenue.over(self.config, self.clock))
        if event.type == "account.updated":
            self.rename(account, claimed, released)

    def silence_owner(self, owner, time, facts):
        """Says nothing of the account. Timers see what held before; then whoever waits is looked at."""
        for account in self.accounts.values():
            self.advance(account, self.clock)
        self.owners.setdefault(owner, Facts()).put("until", time, facts.get("until"))
        for account in self.accounts.values():
            self.evaluate(account, self.clock, Why("time"))

    def subscription_event(self, account, kind, time, facts):
        """Puts the facts in their place. The names of the subscriptions that were renewed by this."""
        name = facts.pop("subscription", "")
        calendar = account.zone(self.clock)
        known = account.subscriptions.setdefault(name, Subscription(name))
        zone = known.zone(self.config)
        old_start, old_end = known.get("start"), known.get("end")
        if "plan" in facts and "limits" not in facts:
            known.put("limits", time, None)
        start = facts.pop("started_at", None)
        if kind == "subscription.created":
            start = time if start is None else start
        told = start
        if start is not None:
            known.put("start", time, start)
        elif old_start is None:
            known.fields["start"] = (float("-inf"), time)
        ends = facts.pop("ends_at", time) if kind == "subscription.cancelled" else None
        known.put("end", time, ends)
        amount = facts.get("mrr")
        renewed = []
        if kind == "subscription.renewed":
            old_date = known.get("renewal_date")
            if known.put("renewal_date", time, facts.pop("renewal_date", None)):
                known.term_start = date_of(time if old_date is None else old_date, calendar)
                renewed.append(name)
        for key, value in facts.items():
            known.put(key, time, value)
        if old_start is not None and known.get("start") != old_start:
            begun = known.start(self.config)
            until = begun if old_end is None else min(begun, moment_of(old_end, zone))
            if moment_of(old_start, zone) < until:
                known.past.append((moment_of(old_start, zone), until))
        account.subscriptions_changed()
        zone = known.zone(self.config)
        since = known.start(self.config) if told is None else moment_of(told, zone)
        self.bill(account, name, time, since, amount, None if ends is None else moment_of(ends, zone))
        return renewed

    def bill(self, account, name, time, since, amount, end):
        """What it says of revenue, from the first MRR told on, and whether that is more."""
        revenue = account.outcomes.revenue
        minor = books.minor(self.config, *amount) if amount and end is None else None
        if amount and end is None and minor is None:
            revenue.unrated[books.shown(books.month_of(self.config, time)), amount[1]] += 1
        if not revenue.lines and minor is None:
            return
        words = revenue.lines.setdefault(name, books.Words())
        if end is not None:
            words.say(time, "ends", end)
            return
        begun = max(time, since)
        before = revenue.at(begun)
        words.say(time, "mrr", since, minor)
        if revenue.at(begun) > before:
            account.outcomes.upgrade(self.config, self.clock, time, revenue.at(begun) - before)

    def correct(self, name, time, facts):
        """A reading of a gauge; else what is added to the bucket of its time."""
        meter = self.config.meters.get(facts["meter"])
        if ("add" in facts) == ("set" in facts):
            raise Refused("bad_value")
        self.is_read = True
        if meter is None:
            raise Refused("bad_value")
        if meter.aggregate not in ("sum", "count", "latest"):
            raise Refused("bad_value")
        existed = name in self.accounts
        account = self.touch(name)
        period = account.period_of(time, kept_since=self.clock - self.config.lateness)
        if period is NOWHERE and not meter.gauge:
            if not existed:
                del self.accounts[name]
            raise Refused("too_late")
        value, late = facts.get("add", facts.get("set")), []
        if not meter.gauge:
            before = meter_value(account, meter, "period", self.clock, period) if period else 0
            value -= before if "set" in facts else 0
            if period not in (None, account.period):
                late.append((meter, None, period, before))
        values = {
            r.name: signal_value(account, r.signal, self.clock)
            for r in account.rules.values()
            if r.signal.meter is meter
        }
        group = account.group_for(meter, None) if meter.by else None
        reading = Reading(time, self.order, value, period, group)
        account.add(meter.name, reading)
        if self.overflows(account, meter, reading):
            account.remove(meter.name, reading)
            if not existed:
                del self.accounts[name]
            raise Refused("overflow")
        return account, Why("usage", late=late, corrected=(meter, values))

    def rename(self, account, claimed, released):
        for name in released:
            if self.aliases.get(name) == account.name:
                del self.aliases[name]
        for name in claimed:
            if name == account.name or self.home_of(name) == account.name:
                continue
            if name in self.aliases:
                self.dead_letter("alias_taken")
                continue
            self.aliases[name] = account.name
            if name in self.accounts:
                why = Why("account", changed=self.move(name, account))
                why.fact = True  # the books look at the segment
                self.evaluate(account, self.clock, why)

    def move(self, name, account):
        """What was counted under a name before it was known to be an alias. The rules that this changes."""
        stray = self.accounts[name]
        self.advance(stray, self.clock)
        ending = Evaluation(stray, self.clock, Why("account"), 0)
        ending.end_all("moved")
        self.publish(stray, ending.resolved)
        del self.accounts[name]
        self.numbers[name] = stray.fires
        for meter, readings in stray.readings.items():
            for reading in readings:
                reading.period = self.period_moved(stray, reading, account)
                if reading.group is not None:
                    reading.group = account.group_for(self.config.meters[meter], reading.group)
                account.add(meter, reading)
        account.attributes.take(stray.attributes)
        account.invoices.take(stray.invoices)
        for mine, its in (
            (account.subscriptions, stray.subscriptions),
            (account.trials, stray.trials),
            (account.deals, stray.deals),
            (account.silences, stray.silences),
        ):
            for key, facts in its.items():
                if key in mine:
                    mine[key].take(facts)
                else:
                    mine[key] = facts
        for feature, times in stray.interest.items():
            account.interest.setdefault(feature, []).extend(times)
        account.milestones |= stray.milestones
        engaged = [t for t in (account.executive, stray.executive) if t is not None]
        account.executive = max(engaged, default=None)
        dismissed = [t for t in (account.dismissed, stray.dismissed) if t is not None]
        account.dismissed = max(dismissed, default=None)
        account.told += stray.told
        account.outcomes.fires += stray.outcomes.fires
        account.outcomes.fires.sort(key=lambda fire: fire.time)
        account.subscriptions_changed()
        seen = [t for t in (account.first_seen, stray.first_seen) if t is not None]
        account.first_seen = min(seen) if seen else None
        account.own.take(stray.own)
        return account.set_rules()

    def period_moved(self, stray, reading, account):
        """What cannot be divided goes whole: the open period to the open one, one that ended to where
        its last moment belongs, and one that is no longer kept to none."""
        if reading.period is stray.period:
            return account.period
        if reading.period is None:
            return account.period_of(reading.time)
        if reading.period.end < self.clock - self.config.lateness:
            return NOWHERE
        return account.period_of(reading.period.end - 1)

    def erase(self, name):
        if name in self.accounts:
            account = self.touch(name)  # its timers due by now still act
            account.outcomes.book(self.config, self.clock, self.books, account.deals)
            del self.accounts[name]
        self.erasures[name] += 1
        self.numbers.pop(name, None)
        for alias in [a for a in self.aliases if self.home_of(a) == name]:
            del self.aliases[alias]
        for key in [k for k in self.seen if k[0] == name]:
            del self.seen[key]

    # Time

    def advance(self, account, time):
        """Every timer of an account that is due by then, each at its own moment."""
        while account.now < time:
            account.now = min(time, account.next_moment())
            self.evaluate(account, account.now, Why("time"))

    def tick(self, time):
        self.move_clock(time)
        for name in sorted(self.accounts):
            self.advance(self.accounts[name], self.clock)

    def evaluate(self, account, time, why):
        self.publish(account, Evaluation(account, time, why, self.erasures[account.name]).run())

    def publish(self, account, triggers):
        for trigger in triggers:
            (self.triggers if trigger["data"]["mode"] == "live" else self.shadow).append(trigger)

    # Looking

    def views(self):
        """Every account at the clock, its timers done, and every alias: the name it leads to."""
        for account in self.accounts.values():
            self.advance(account, self.clock)
        return {**self.aliases, **{name: view(account) for name, account in self.accounts.items()}}

    def booked(self):
        """The rows of all books: (book, month, label) -> columns."""
        rows = books.new_books()
        for key, columns in self.books.items():
            rows[key] = list(columns)
        for account in self.accounts.values():
            account.outcomes.book(self.config, self.clock, rows, account.deals)
        return rows

    def summary(self):
        fired, resolved, shadow = (collections.Counter() for _ in range(3))
        for trigger in self.triggers:
            if "cause" in trigger["data"]:
                fired[trigger["data"]["rule"]] += 1
            else:
                resolved[trigger["data"]["reason"]] += 1
        for trigger in self.shadow:
            shadow[trigger["data"]["rule"]] += "cause" in trigger["data"]
        letters = collections.Counter(letter["reason"] for letter in self.dead_letters)
        return {
            **self.counts,
            "fired": dict(sorted(fired.items())),
            "resolved": dict(sorted(resolved.items())),
            "shadow": dict(sorted(shadow.items())),
            "dead_letters": dict(sorted(letters.items())),
        }


def note(account, kind, time, facts):
    """What product, CRM and people tell of an account."""
    if kind == "trial.started":
        trial = account.trials.setdefault(facts["feature"], Facts())
        trial.put("runs", time, True)
        trial.put("ends_at", time, facts.get("ends_at"))
    elif kind == "trial.ended":
        account.trials.setdefault(facts["feature"], Facts()).put("runs", time, False)
    elif kind == "feature.interest":
        account.interest.setdefault(facts["feature"], []).append(time)
    elif kind == "milestone.achieved":
        account.milestones.add(facts["milestone"])
    elif kind in ("feedback.nps", "feedback.csat", "health.updated"):
        name = "health" if kind == "health.updated" else kind.removeprefix("feedback.")
        account.attributes.put(name, time, facts["score"])
    elif kind == "engagement.executive":
        account.executive = max(time, account.executive or time)
    elif kind == "prompt.dismissed":
        account.dismissed = max(time, account.dismissed or time)
    elif kind == "opportunity.stage_changed":
        deal = account.deals.setdefault(facts.pop("opportunity"), books.Deal())
        was = deal.get("stage")
        deal.say(time, facts)
        if was != "closed_won" == deal.get("stage") and deal.get("kind") in ("upsell", "cross-sell"):
            won = deal.since
            account.outcomes.upgrade(account.config, account.now, won, 0, deal.get("trigger"))
    elif kind.startswith("silence."):
        silence = account.silences.setdefault(facts["scope"], Facts())
        silence.put("until", time, facts.get("until"))


def view(account):
    """What is known of an account at its clock, as text."""
    now, config = account.now, account.config
    meters = {}
    for meter in config.counters:
        groups = {r.group for r in account.readings[meter.name]} if meter.by else set()
        for group in {None, *groups}:
            counter(account, meter, group, meters)
    limits = {}
    for name in account.limit_names(now):
        known, limit = account.limit(name, now)
        if known:
            limits[name] = "unlimited" if limit is None else plain(share(limit, SCALE))
    levels = {}
    for (rule, subscription), episodes in account.episodes.items():
        for level, episode in episodes.items():
            levels[f"{rule} {level}" + (f"@{subscription}" if subscription else "")] = episode
    start = local_date(account.period.start, account.zone(now))
    return {
        "period": [start.isoformat(), show(account.period.end)],
        "zone": str(account.zone(now)),
        "limits": limits,
        "meters": meters,
        "attributes": attributes_shown(account),
        "episodes": {name: e.open for name, e in levels.items() if e.open},
        "waiting": waiting(account),
    }


def counter(account, meter, group, out):
    """The values of a meter, or of one of its groups; of a group those that are not 0."""
    now, config = account.now, account.config
    named = meter.name if group is None else f"{meter.name}[{group}]"
    windows = [None] if meter.gauge else sorted(w for m, w in config.windows if m == meter.name)
    for window in windows:
        value = meter_value(account, meter, window, now, group=group)
        if group is None or value:
            shown_as = "" if value is None else plain(share(value, SCALE))
            out[named if meter.gauge else f"{named}.{window}"] = shown_as
    value = meter_value(account, meter, "period", now, group=group)
    used = of_limit("used", value, *meter_limit(account, meter, now))
    if used is not None:
        shown_as = "beyond a limit of 0" if used == float("inf") else percent(used)
        if group is None or shown_as != "0%":
            out[f"{named}.used"] = shown_as


def waiting(account):
    """Of every level that waits, everything that holds it back."""
    out = {}
    for (name, subscription), levels in account.episodes.items():
        rule = account.rules[name]
        for rank, level in enumerate(rule.levels):
            episode = levels.get(level.text)
            if episode and episode.since is not None:
                further = [levels[one.text] for one in rule.levels[rank:]]
                held = {
                    "for": account.now - episode.since - account.source.silent_for(rule, episode.since, account.now) < rule.wait,
                    "cooldown": cooling(rule, further, account.now),
                    "when": not rule_may_fire(account, rule, account.now),
                    "silence": account.silenced(name, account.now),
                    "source_silent": account.source.is_silent(rule, account.now),
                }
                named = f"{name} {level.text}" + (f"@{subscription}" if subscription else "")
                out[named] = {reason for reason, holds in held.items() if holds}
                out[named] |= timing.reasons(account, rule, account.now)
    return out


def attributes_shown(account):
    names = dict.fromkeys(["mrr", *account.attributes.fields])
    values = {name: attribute(account, name, account.now) for name in names}
    out = {}
    for name, value in values.items():
        if isinstance(value, Money):
            out[name] = f"{plain(value.amount)} {value.currency}"
        elif isinstance(value, bool):
            out[name] = "true" if value else "false"
        elif value is not None:
            out[name] = value if isinstance(value, str) else plain(value)
    return out


def shown(trigger):
    out = {"specversion": "1.0", "source": "/headroom", **trigger, "time": show(trigger["decided"])}
    del out["decided"]
    return json.dumps(out, ensure_ascii=False)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--config", required=True)
    parser.add_argument("--until", help="tick the clock up to this time at the end")
    parser.add_argument("--json-summary", help="file for counts and dead letters")
    parser.add_argument(
        "--shadow", action="store_true", help="print what shadow rules decided, too"
    )
    parser.add_argument("input", nargs="+")
    arguments = parser.parse_args()
    oracle = Oracle(load(arguments.config))
    for path in arguments.input:
        with open(path, "rb") as file:
            for line in file:
                if line.strip():
                    oracle.feed(line.rstrip(b"\r\n"))
    if arguments.until or oracle.clock is not None:
        oracle.tick(parse_time(arguments.until) if arguments.until else oracle.clock)
    for trigger in oracle.triggers + (oracle.shadow if arguments.shadow else []):
        print(shown(trigger))
    if arguments.json_summary:
        with open(arguments.json_summary, "w", encoding="utf-8") as file:
            json.dump({**oracle.summary(), "letters": oracle.dead_letters}, file, indent=1)
    else:
        for letter in oracle.dead_letters:
            print(json.dumps(letter), file=sys.stderr)
        print(json.dumps(oracle.summary()), file=sys.stderr)


if __name__ == "__main__":
    main()
