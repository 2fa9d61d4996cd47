# SPDX-License-Identifier: Apache-2.0
"""One evaluation of an account: what ends, what begins to wait, what fires, in which order."""

import hashlib

import books
import timing
from account import Episode
from moments import CALENDAR, calendar_window, date_of, local_date
from quantity import SCALE, Money, percent, plain
from recommend import recommended
from signals import (
    days_left,
    meter_forecast,
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

    def __init__(self, kind, renewed=(), late=(), corrected=(None, None), changed=()):
        self.kind, self.renewed = kind, set(renewed)
        self.late = late  # of each counter: (meter, group, closed period, its value before the event)
        self.changed = dict(changed)  # of rules whose levels are others now: the levels that they had
        self.fact = False  # whether the segment is looked at
        self.corrected, self.before = corrected  # the meter, and of each rule its value before


class State:
    """A rule (of a subscription, for renewals) in one evaluation: its value, and by level from the
    nearest the episode, the value as a number that compares with the level, and whether it is beyond."""

    def __init__(self, rule, subscription, value, episodes, rates):
        self.rule, self.subscription, self.value, self.episodes = rule, subscription, value, episodes
        self.numbers = [number_in(value, level.currency, rates) for level in rule.levels]
        self.beyond = [beyond(rule, n, level) for n, level in zip(self.numbers, rule.levels)]
        self.idle = not any(self.beyond) and not rule.needs_arming


def is_calm(episodes):
    """Whether nothing is open, waits or is new."""
    for episode in episodes:
        if episode.open or episode.since is not None or episode.new:
            return False
    return True


def beyond(rule, number, level):
    if number is None:
        return False
    if isinstance(number, float):  # beyond every level
        return rule.up
    left, right = number.numerator * level.below, level.above * number.denominator
    return left >= right if rule.up else left <= right


def past_margin(rule, number, level):
    return number < level.number - rule.rearm if rule.up else number > level.number + rule.rearm


def cooling(rule, this_and_further, time):
    return bool(rule.cooldown) and any(
        e.last_fired is not None and time - e.last_fired < rule.cooldown for e in this_and_further
    )


class Evaluation:
    def __init__(self, account, time, why, erasures):
        self.account, self.time, self.why, self.config = account, time, why, account.config
        self.base = 1000 * erasures
        self.resolved, self.fired = [], []

    def run(self):
        """The triggers of this evaluation, in their order."""
        account, time = self.account, self.time
        self.ended_windows = {"period"} if account.roll(time) else set()
        self.note_shrinking()
        self.note_windows()
        if self.why.fact and account.outcomes.revenue.lines:
            account.outcomes.look_at_segment(account, time)
        active = account.active(time)
        if not active and account.had_subscription(time):
            self.end_all("subscription_ended")
            for rule in account.rules.values():
                if rule.name in self.why.changed:
                    self.change_levels(rule, self.why.changed[rule.name])
            for levels in account.episodes.values():
                for episode in levels.values():
                    episode.new = False
            self.disarm()
            account.last_limits, account.last_renewals = {}, {}
            account.live = account.live or time >= self.config.live_from
            return self.resolved
        self.note_limits()
        goes_live = not account.live and time >= self.config.live_from
        self.disarm()
        states = []
        for rule in account.rules.values():
            if rule.name in self.why.changed:
                self.change_levels(rule, self.why.changed[rule.name])
            if rule.renewal:
                its = [self.state(rule, one) for one in active]
            else:
                state = self.state(rule, None)
                if state.idle and is_calm(state.episodes):
                    continue
                its = [state]
            self.resolve(rule, its, active)
            states += its
        waiting = [state for state in states if self.wait(state, goes_live)]
        if account.live:
            for rule in sorted(account.rules.values(), key=lambda rule: rule.order):
                self.cross_late(rule)
                for state in waiting:
                    if state.rule is rule:
                        self.fire(state)
        account.live = account.live or goes_live
        account.last_renewals = {s.name: s.get("renewal_date") for s in active}
        self.fired.sort(key=lambda pair: pair[0].order)
        return self.resolved + [trigger for _, trigger in self.fired]

    # What changed since the last evaluation

    def note_windows(self):
        account = self.account
        for window in self.config.calendar:
            date = local_date(account.span(window, self.time)[0], account.zone(self.time))
            if account.last_windows.get(window, date) < date:
                self.ended_windows.add(window)
            account.last_windows[window] = date

    def note_shrinking(self):
        """Until when limits were larger."""
        account = self.account
        for name, _ in self.config.shrinking:
            known, limit = account.limit(name, self.time)
            limit = limit if known else None
            was = account.limits_now.get(name)
            if was != limit and was is not None:
                account.limits_past.setdefault(name, []).append((was, self.time))
            account.limits_now[name] = limit

    def note_limits(self):
        """limit_moves: meter -> 'raised' or 'lowered'. Unlimited and unknown are above every limit."""
        self.limit_moves = {}
        limits = self.account.limits(self.time)
        before, self.account.last_limits = self.account.last_limits, limits
        if limits is before:
            return
        for meter, (known, limit) in limits.items():
            was_known, was = before.get(meter, (False, None))
            now_height = limit if known and limit is not None else float("inf")
            was_height = was if was_known and was is not None else float("inf")
            if now_height != was_height:
                self.limit_moves[meter] = "raised" if now_height > was_height else "lowered"

    # Values and levels

    def state(self, rule, subscription):
        account, name = self.account, subscription.name if subscription else None
        if subscription is not None:
            value = days_left(account, subscription, self.time)
        else:
            value = signal_value(account, rule.signal, self.time)
        before = account.states.get((rule.name, name))
        if before and before.value is value and before.rule is rule:
            if before.subscription is subscription and not isinstance(value, Money):
                return before
        levels = account.episodes.setdefault((rule.name, name), {})
        for level in rule.levels:
            if level.text not in levels:
                levels[level.text] = Episode()
        episodes = [levels[level.text] for level in rule.levels]
        state = State(rule, subscription, value, episodes, self.config.rates)
        account.states[(rule.name, name)] = state
        return state

    def void(self, level, subscription):
        """A renewal offset not shorter than the term."""
        date, zone = subscription.get("renewal_date"), self.account.zone(self.time)
        begun = subscription.term_start
        if begun is None:
            begun = subscription.get("start")
        return level.number >= (date_of(date, zone) - date_of(begun, zone)).days

    def limit_moved(self, rule):
        return self.limit_moves.get(rule.signal.meter.name) if rule.signal.has_limit else None

    # Resolutions

    def change_levels(self, rule, before):
        """A level that is gone resolves what it fired; one that is kept keeps its episode."""
        was, now = ({level.text for level in levels} for levels in (before, rule.levels))
        for _, levels in self.episodes_of(rule):
            for level in reversed(before):
                if level.text not in now and level.text in levels:
                    self.end(rule, level, levels.pop(level.text), "rule_changed")
            for text in now - was:
                levels[text] = Episode()
                levels[text].new = True

    def end_all(self, reason):
        for rule in self.account.rules.values():
            self.end_rule(rule, reason, lambda subscription: True)

    def end_rule(self, rule, reason, chosen, value=None):
        """Ends the open levels for the subscriptions that are chosen, and forgets what waits."""
        for subscription, levels in self.episodes_of(rule):
            if chosen(subscription):
                for level in reversed(rule.levels):
                    if level.text in levels:
                        self.end(rule, level, levels[level.text], reason, value)
                        levels[level.text].forget()

    def episodes_of(self, rule):
        """(subscription or None, level -> Episode), the oldest subscription first."""
        account = self.account
        found = [(one, levels) for (name, one), levels in account.episodes.items() if name == rule.name]
        if rule.renewal:
            found.sort(key=lambda one: (account.subscriptions[one[0]].start(self.config), one[0]))
        return found

    def end(self, rule, level, episode, reason, value=None):
        if episode.open == "fired":
            self.resolved.append(self.trigger(rule, level, episode, "resolved", value, reason))
        episode.open = None

    def disarm(self):
        """The end of its period disarms a down-rule, also while no rule is evaluated."""
        if self.ended_windows:
            for rule in self.account.rules.values():
                if rule.needs_arming and rule.signal.resets in self.ended_windows:
                    for episode in self.account.episodes.get((rule.name, None), {}).values():
                        episode.armed = False

    def resolve(self, rule, states, active):
        if rule.renewal:
            names = {s.name for s in active}
            self.end_rule(rule, "subscription_ended", lambda subscription: subscription not in names)
        if rule.signal.resets in self.ended_windows:
            value = signal_value(self.account, rule.signal, self.time)
            self.end_rule(rule, "period_reset", lambda subscription: True, value)
        for state in states:
            if state.subscription and state.subscription.name in self.why.renewed:
                renewed = state.subscription.name
                self.end_rule(rule, "renewed", lambda subscription: subscription == renewed, state.value)
            for rank in range(len(rule.levels) - 1, -1, -1):
                if state.episodes[rank].open:
                    reason = self.reason(state, rank)
                    if reason:
                        self.end(rule, rule.levels[rank], state.episodes[rank], reason, state.value)

    def reason(self, state, rank):
        """Why an open level is over, or None."""
        rule, number = state.rule, state.numbers[rank]
        moved = self.limit_moved(rule)
        limit_reason = {"raised": "limit_increased", "lowered": "limit_lowered"}.get(moved)
        if number is None:  # a limit that is removed makes it so, a lowered one is known
            return "limit_increased" if moved == "raised" else "signal_unknown"
        if state.beyond[rank]:
            return None
        if limit_reason:
            return limit_reason
        if state.subscription and self.renewal_moved(state.subscription):
            return "renewal_moved"
        corrected = self.why.corrected
        if corrected and rule.signal.meter is corrected and self.why.before[rule.name] != state.value:
            return "corrected"
        if not past_margin(rule, number, rule.levels[rank]):
            return None
        if rule.signal.usage:
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
        if self.limit_moved(rule) or rule.signal.kind == "shrunk":
            return "limit_change"
        if self.why.kind != "account":
            return self.why.kind
        if subscription and self.renewal_moved(subscription):
            return "renewal_moved"
        return "account_change"

    def wait(self, state, goes_live):
        """Begins and ends the waiting of each level. Whether one waits."""
        rule, subscription, waits = state.rule, state.subscription, False
        if state.idle and not any(episode.new for episode in state.episodes):
            for episode in state.episodes:
                if episode.since is not None:
                    episode.forget()
            return False
        for rank, level in enumerate(rule.levels):
            episode, is_beyond, number = state.episodes[rank], state.beyond[rank], state.numbers[rank]
            if is_beyond and subscription and self.void(level, subscription):
                is_beyond = False
            if is_beyond and goes_live and not episode.open:
                episode.open = "claimed"  # whatever holds it back
            new, episode.new = episode.new, False
            if new and not episode.open:
                under = any(further.open for further in state.episodes[rank + 1 :])
                under = under and not (subscription and self.void(level, subscription))
                if under or (is_beyond and rule.skip):
                    episode.open = "claimed"
            if rule.needs_arming:
                above = number is not None and number > level.number
                episode.armed = episode.armed or (above and (self.account.live or goes_live))
                is_beyond = is_beyond and episode.armed
            if episode.open or not is_beyond:
                episode.forget()
            elif self.account.live and episode.since is None:
                cause = "rule_change" if new else self.cause(rule, subscription)
                episode.since, episode.cause = self.time, cause
                episode.late = bool(subscription) and state.value < level.number
                if episode.late and rule.late == "never":
                    episode.open = "claimed"
                    episode.forget()
            waits = waits or episode.since is not None
        return waits

    # Firing

    def fire(self, state):
        rule, episodes = state.rule, state.episodes
        ready = [
            rank
            for rank, e in enumerate(episodes)
            if e.since is not None
            and self.time - e.since - self.account.source.silent_for(rule, e.since, self.time) >= rule.wait
            and not cooling(rule, episodes[rank:], self.time)
        ]
        if not ready or not rule_may_fire(self.account, rule, self.time):
            return
        if self.held_back(rule):
            return
        if rule.jump == "each":
            late = [rank for rank in ready if episodes[rank].late]
            chosen = [rank for rank in ready if rank not in late] + late[-1:]
            chosen.sort()
            # The furthest that was passed claims the rest, in whatever cooldown.
            claimed = [rank for rank in range(late[-1]) if episodes[rank].late] if late else []
        else:
            chosen = ready[-1:]
            claimed = range(chosen[0]) if chosen else []
        for rank in claimed:
            if not episodes[rank].open:
                episodes[rank].open = "claimed"
                episodes[rank].forget()
        for rank in chosen:
            if self.held_back(rule):  # the budget may be spent by now
                return
            level, episode = rule.levels[rank], episodes[rank]
            trigger = self.open(rule, state.subscription, level, episode, state.value)
            self.fired.append((rule, trigger))

    def held_back(self, rule):
        """By people, or because it is not the time."""
        if self.account.source.is_silent(rule, self.time):
            return True
        silenced = self.account.silenced(rule.name, self.time)
        return silenced or bool(timing.reasons(self.account, rule, self.time))

    def mode(self, rule):
        if rule.shadow:
            return "shadow"
        held_out = self.config.outcomes.holds_out(
            rule, self.account.name, self.config.timing.categories
        )
        return "hold_out" if held_out else "live"

    def remember(self, rule, trigger):
        if not rule.shadow:
            fire = books.Fire(self.account, rule, self.time, trigger)
            self.account.outcomes.fires.append(fire)

    def count(self, rule):
        """What is published of the timed categories goes on the budget."""
        if self.mode(rule) == "live" and rule.category in self.config.timing.categories:
            self.account.told.append(self.time)

    def open(self, rule, subscription, level, episode, value):
        self.number_episode(rule, subscription, level, episode, self.account.period)
        trigger = self.trigger(rule, level, episode, "fired", value, episode.cause)
        self.advise(rule, trigger)
        if episode.late:
            trigger["data"]["late"] = True
        episode.open, episode.last_fired = "fired", self.time
        self.count(rule)
        self.remember(rule, trigger)
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
        for meter, group, period, before in self.why.late:
            if rule.late_crossings and meter is rule.signal.meter and group == rule.signal.group:
                self.cross_closed(rule, meter, period, before)

    def cross_closed(self, rule, meter, period, before):
        group = rule.signal.group
        after = meter_value(self.account, meter, "period", self.time, period, group)
        known, limit = period.limits.get(meter.name, (False, None))

        def signal(value):
            if rule.signal.kind == "window":
                return None if value is None else share(value, SCALE)
            return of_limit(rule.signal.kind, value, known, limit)

        crossed = [
            level
            for level in rule.levels
            if beyond(rule, signal(after), level)
            and not beyond(rule, signal(before), level)
            and (rule.name, level.text) not in period.open
        ]
        if rule.jump != "each":
            crossed = crossed[-1:]
        if not rule_may_fire(self.account, rule, self.time):
            return
        for level in crossed:
            if self.held_back(rule):
                return
            levels = self.account.episodes[(rule.name, None)]
            further = [levels[one.text] for one in rule.levels[level.rank :]]
            if cooling(rule, further, self.time):
                continue
            episode = Episode()
            self.number_episode(rule, None, level, episode, period)
            trigger = self.trigger(rule, level, episode, "fired", signal(after), "late_crossing")
            trigger["data"]["meter"] = self.meter_part(meter, after, known, limit)
            self.advise(rule, trigger, after)
            self.fired.append((rule, trigger))
            self.remember(rule, trigger)
            further[0].last_fired = self.time
            self.count(rule)

    # Triggers

    def trigger(self, rule, level, episode, kind, value, why):
        data = {
            "rule": rule.name,
            "category": rule.category,
            "mode": self.mode(rule),
            "signal": rule.signal.text,
            "level": level.text,
            "direction": "up" if rule.up else "down",
            "value": self.shown(rule, value),
            "cause" if kind == "fired" else "reason": why,
            "episode": episode.number,
        }
        if rule.signal.meter:
            known, limit = meter_limit(self.account, rule.signal.meter, self.time)
            over = "window", "adoption", "days_active", "growth", "drop"
            window = rule.signal.window if rule.signal.kind in over else "period"
            used = meter_value(
                self.account, rule.signal.meter, window, self.time, group=rule.signal.group
            )
            data["meter"] = self.meter_part(rule.signal.meter, used, known, limit)
            paced = self.account.config.forecasts | self.account.config.outgrown
            if why != "late_crossing" and rule.signal.meter.name in paced:
                found = meter_forecast(self.account, rule.signal.meter, rule.signal.group, self.time)
                if found is not None:
                    data["forecast"] = {"days_to_limit": found.days, "low": found.low, "high": found.high}
        return {
            "id": episode.id + ("/resolved" if kind == "resolved" else ""),
            "type": f"headroom.trigger.{kind}",
            "subject": self.account.name,
            "decided": self.time,
            "data": data,
        }

    def advise(self, rule, trigger, late=None):
        trigger["data"]["advice"] = books.advised(self.account, rule, self.time)
        found = recommended(self.account, rule, self.time, late)
        if found:
            plan, origin, delta = found
            trigger["data"]["recommend"] = {
                "plan": plan,
                "from": origin,
                "mrr_delta": delta and delta.shown(),
                "currency": delta and delta.currency,
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
