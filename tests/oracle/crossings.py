# SPDX-License-Identifier: Apache-2.0
"""One evaluation of an account: what ends, what begins to wait, what fires, in which order."""

import hashlib

from account import Episode
from moments import CALENDAR, calendar_window, date_of, local_date
from quantity import SCALE, Money, percent, plain
from signals import (
    days_left,
    meter_limit,
    meter_value,
    number_in,
    of_limit,
    rule_may_fire,
    share,
    signal_value,
)

PLAIN = set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_~@:+-")


def encode(part):
    return "".join(chr(b) if b in PLAIN else f"%{b:02X}" for b in part)


def trigger_id(rule, account, level, date, number):
    name = account.encode()
    named = encode(name)
    if len(name) > 100:
        named = encode(name[:60]) + hashlib.sha256(name).hexdigest()[:32]
    return f"{encode(rule.encode())}/{named}/{encode(level.encode())}/{date}#{number}"


class Why:
    """What led to an evaluation: 'usage', 'time' or 'account' (a fact or a move), and what was renewed."""

    def __init__(self, kind, renewed=(), late=()):
        self.kind, self.renewed = kind, set(renewed)
        self.late = late  # of each meter: (meter, closed period, its value before the event)


class Evaluation:
    def __init__(self, account, time, why, erasures):
        self.account, self.time, self.why, self.config = account, time, why, account.config
        self.base = 1000 * erasures
        self.values = {}  # of signals; nothing changes within an evaluation
        self.resolved, self.fired = [], []

    def run(self):
        """The triggers of this evaluation, in their order."""
        account, time = self.account, self.time
        self.ended_windows = {"period"} if account.roll(time) else set()
        self.note_windows()
        active = account.active(time)
        if not active and account.had_subscription(time):
            self.end_all("subscription_ended")
            self.disarm()
            account.last_limits, account.last_renewals = {}, {}
            account.live = account.live or time >= self.config.live_from
            return self.resolved
        self.note_limits()
        goes_live = not account.live and time >= self.config.live_from
        self.disarm()
        for rule in self.config.rules:
            self.resolve(rule, active)
        for rule in self.config.rules:
            self.wait(rule, active, goes_live)
        if account.live:
            for rule in self.config.rules:
                self.cross_late(rule)
                self.fire(rule, active)
        account.live = account.live or goes_live
        account.last_renewals = {s.name: s.get("renewal_date") for s in active}
        self.fired.sort(key=lambda pair: pair[0].order)
        return self.resolved + [trigger for _, trigger in self.fired]

    # What changed since the last evaluation

    def note_windows(self):
        zone = self.account.zone(self.time)
        for window in CALENDAR:
            start = calendar_window(window, self.time, zone)[0]
            date = local_date(start, zone)
            if self.account.last_windows.get(window, date) < date:
                self.ended_windows.add(window)
            self.account.last_windows[window] = date

    def note_limits(self):
        """limit_moves: meter -> 'raised' or 'lowered'. Unlimited and unknown are above every limit."""
        self.limit_moves = {}
        for meter in self.config.meters.values():
            known, limit = meter_limit(self.account, meter, self.time)
            was_known, was = self.account.last_limits.get(meter.name, (False, None))
            now_height = limit if known and limit is not None else float("inf")
            was_height = was if was_known and was is not None else float("inf")
            if now_height != was_height:
                self.limit_moves[meter.name] = "raised" if now_height > was_height else "lowered"
            self.account.last_limits[meter.name] = (known, limit)

    # Values and levels

    def instances(self, rule, active):
        """A renewal rule is evaluated for each subscription, every other rule once."""
        return active if rule.renewal else [None]

    def value(self, rule, subscription):
        if subscription is not None:
            return days_left(self.account, subscription, self.time)
        if rule.signal.text not in self.values:
            self.values[rule.signal.text] = signal_value(self.account, rule.signal, self.time)
        return self.values[rule.signal.text]

    def number(self, value, level):
        return number_in(value, level.currency, self.config.rates)

    def beyond(self, rule, value, level):
        number = self.number(value, level)
        if number is None:
            return False
        return number >= level.number if rule.up else number <= level.number

    def past_margin(self, rule, value, level):
        number = self.number(value, level)
        return number < level.number - rule.rearm if rule.up else number > level.number + rule.rearm

    def void(self, level, subscription):
        """A renewal offset not shorter than the term."""
        date, zone = subscription.get("renewal_date"), self.account.zone(self.time)
        begun = subscription.term_start
        if begun is None:
            begun = subscription.get("start")
        return level.number >= (date_of(date, zone) - date_of(begun, zone)).days

    def episode(self, rule, subscription, level):
        key = (rule.name, subscription.name if subscription else None, level.text)
        if key not in self.account.episodes:
            self.account.episodes[key] = Episode()
        return self.account.episodes[key]

    def limit_moved(self, rule):
        return self.limit_moves.get(rule.signal.meter.name) if rule.signal.has_limit else None

    # Resolutions

    def end_all(self, reason):
        for rule in self.config.rules:
            self.end_rule(rule, reason, lambda key: True)

    def end_rule(self, rule, reason, chosen):
        """Ends open levels whose key is chosen, and forgets what waits."""
        for level in reversed(rule.levels):
            for key, episode in self.account.episodes.items():
                if key[0] == rule.name and key[2] == level.text and chosen(key):
                    self.end(rule, level, episode, reason)
                    episode.forget()

    def end(self, rule, level, episode, reason, value=None):
        if episode.open == "fired":
            self.resolved.append(self.trigger(rule, level, episode, "resolved", value, reason))
        episode.open = None

    def disarm(self):
        """The end of its period disarms a down-rule, also while no rule is evaluated."""
        for rule in self.config.rules:
            if rule.needs_arming and rule.signal.resets in self.ended_windows:
                for level in rule.levels:
                    self.episode(rule, None, level).armed = False

    def resolve(self, rule, active):
        names = {s.name for s in active}
        if rule.renewal:
            self.end_rule(rule, "subscription_ended", lambda key: key[1] not in names)
        if rule.signal.resets in self.ended_windows:
            self.end_rule(rule, "period_reset", lambda key: True)
        for subscription in self.instances(rule, active):
            if subscription and subscription.name in self.why.renewed:
                self.end_rule(rule, "renewed", lambda key: key[1] == subscription.name)
            value = self.value(rule, subscription)
            for level in reversed(rule.levels):
                episode = self.episode(rule, subscription, level)
                reason = self.reason(rule, subscription, level, value) if episode.open else None
                if reason:
                    self.end(rule, level, episode, reason, value)

    def reason(self, rule, subscription, level, value):
        """Why an open level is over, or None."""
        moved = self.limit_moved(rule)
        limit_reason = {"raised": "limit_increased", "lowered": "limit_lowered"}.get(moved)
        if self.number(value, level) is None:
            return limit_reason or "signal_unknown"
        if self.beyond(rule, value, level):
            return None
        if limit_reason:
            return limit_reason
        if subscription and self.renewal_moved(subscription):
            return "renewal_moved"
        if not self.past_margin(rule, value, level):
            return None
        if rule.signal.meter:
            return "usage_decreased" if rule.up else "usage_increased"
        return "signal_returned"

    def renewal_moved(self, subscription):
        """From a date that was known at the last evaluation; a renewal moves nothing."""
        if subscription.name in self.why.renewed:
            return False
        before = self.account.last_renewals.get(subscription.name)
        return before is not None and before != subscription.get("renewal_date")

    # Waiting

    def cause(self, rule, subscription):
        if self.limit_moved(rule):
            return "limit_change"
        if self.why.kind != "account":
            return self.why.kind
        if subscription and self.renewal_moved(subscription):
            return "renewal_moved"
        return "account_change"

    def wait(self, rule, active, goes_live):
        for subscription in self.instances(rule, active):
            value = self.value(rule, subscription)
            for level in rule.levels:
                episode = self.episode(rule, subscription, level)
                beyond = self.beyond(rule, value, level)
                if beyond and subscription and self.void(level, subscription):
                    beyond = False
                if beyond and goes_live and not episode.open:
                    episode.open = "claimed"  # whatever holds it back
                if rule.needs_arming:
                    number = self.number(value, level)
                    above = number is not None and number > level.number
                    episode.armed = episode.armed or (above and (self.account.live or goes_live))
                    beyond = beyond and episode.armed
                if episode.open or not beyond:
                    episode.forget()
                elif self.account.live and episode.since is None:
                    episode.since, episode.cause = self.time, self.cause(rule, subscription)
                    episode.late = bool(subscription) and value < level.number
                    if episode.late and rule.late == "never":
                        episode.open = "claimed"
                        episode.forget()

    # Firing

    def fire(self, rule, active):
        for subscription in self.instances(rule, active):
            value = self.value(rule, subscription)
            episodes = [self.episode(rule, subscription, level) for level in rule.levels]
            ready = [
                rank
                for rank, e in enumerate(episodes)
                if e.since is not None
                and self.time - e.since >= rule.wait
                and not self.cooling(rule, episodes[rank:])
            ]
            if not ready or not rule_may_fire(self.account, rule, self.time):
                continue
            if rule.jump == "each":
                late = [rank for rank in ready if episodes[rank].late]
                chosen = [rank for rank in ready if rank not in late] + late[-1:]
                chosen.sort()
                claimed = late[:-1]
            else:
                chosen = ready[-1:]
                claimed = range(chosen[0]) if chosen else []
            for rank in claimed:
                if not episodes[rank].open:
                    episodes[rank].open = "claimed"
                    episodes[rank].forget()
            for rank in chosen:
                level, episode = rule.levels[rank], episodes[rank]
                trigger = self.open(rule, subscription, level, episode, value)
                self.fired.append((rule, trigger))

    def cooling(self, rule, this_and_further):
        return any(
            e.last_fired is not None and self.time - e.last_fired < rule.cooldown
            for e in this_and_further
        )

    def open(self, rule, subscription, level, episode, value):
        self.number_episode(rule, subscription, level, episode, self.account.period)
        trigger = self.trigger(rule, level, episode, "fired", value, episode.cause)
        if episode.late:
            trigger["data"]["late"] = True
        episode.open, episode.last_fired = "fired", self.time
        episode.forget()
        return trigger

    def number_episode(self, rule, subscription, level, episode, period):
        fires, date = self.account.fires, period.date
        text = level.text
        if subscription and len(self.account.active(self.time)) > 1:
            text += "@" + subscription.name
        fires.forget(self.time, self.account.period.date)
        until = period.end + self.config.lateness
        episode.number = fires.next((rule.name, text, date), until, self.base)
        episode.id = trigger_id(rule.name, self.account.name, text, date, episode.number)

    def cross_late(self, rule):
        """A late event took a closed period's value to levels that were not open when it ended."""
        for meter, period, before in self.why.late:
            if rule.late_crossings and meter is rule.signal.meter:
                self.cross_closed(rule, meter, period, before)

    def cross_closed(self, rule, meter, period, before):
        after = meter_value(self.account, meter, "period", self.time, period)
        known, limit = period.limits.get(meter.name, (False, None))

        def signal(value):
            if rule.signal.kind == "window":
                return None if value is None else share(value, SCALE)
            return of_limit(rule.signal.kind, value, known, limit)

        crossed = [
            level
            for level in rule.levels
            if self.beyond(rule, signal(after), level)
            and not self.beyond(rule, signal(before), level)
            and (rule.name, None, level.text) not in period.open
        ]
        if rule.jump != "each":
            crossed = crossed[-1:]
        if not rule_may_fire(self.account, rule, self.time):
            return
        for level in crossed:
            further = [self.episode(rule, None, one) for one in rule.levels[level.rank :]]
            if self.cooling(rule, further):
                continue
            episode = Episode()
            self.number_episode(rule, None, level, episode, period)
            trigger = self.trigger(rule, level, episode, "fired", signal(after), "late_crossing")
            trigger["data"]["meter"] = self.meter_part(meter, after, known, limit)
            self.fired.append((rule, trigger))
            further[0].last_fired = self.time

    # Triggers

    def trigger(self, rule, level, episode, kind, value, why):
        data = {
            "rule": rule.name,
            "category": rule.category,
            "mode": "shadow" if rule.shadow else "live",
            "signal": rule.signal.text,
            "level": level.text,
            "direction": "up" if rule.up else "down",
            "value": self.shown(rule, value),
            "cause" if kind == "fired" else "reason": why,
            "episode": episode.number,
        }
        if rule.signal.meter:
            known, limit = meter_limit(self.account, rule.signal.meter, self.time)
            used = meter_value(self.account, rule.signal.meter, rule.signal.window, self.time)
            data["meter"] = self.meter_part(rule.signal.meter, used, known, limit)
        return {
            "id": episode.id + ("/resolved" if kind == "resolved" else ""),
            "type": f"headroom.trigger.{kind}",
            "subject": self.account.name,
            "decided": self.time,
            "data": data,
        }

    @staticmethod
    def shown(rule, value):
        if value is None or isinstance(value, (str, bool)):
            return value
        if isinstance(value, Money):
            return plain(value.amount)
        return percent(value) if rule.signal.unit == "share" else plain(value)

    @staticmethod
    def meter_part(meter, value, known, limit):
        part = {"name": meter.name, "value": None if value is None else plain(share(value, SCALE))}
        if known:
            part["limit"] = "unlimited" if limit is None else plain(share(limit, SCALE))
            if limit is not None and value is not None:
                part["share"] = percent(share(value, limit))
        return part
