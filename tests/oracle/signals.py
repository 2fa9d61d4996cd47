# SPDX-License-Identifier: Apache-2.0
"""Signals and conditions: an account's values at a moment, computed from all that it has seen.

A value is an exact number, Money, a text or truth (attributes), or None where it is unknown.
"""

from fractions import Fraction

from events import compare, compare_scalar
from forecast import forecast
from moments import DAY, buckets, date_of, local_date, moment_of
from quantity import SCALE, Money, Number, as_number, duration

INFINITE = float("inf")


def aggregate(meter, readings):
    """The readings' value: a count of 10^-12 (of avg: a Fraction of it), None where it is unknown."""
    if meter.aggregate == "unique":
        return len({r.value for r in readings}) * SCALE
    values = [r.value for r in readings]
    if meter.aggregate in ("sum", "count"):
        return sum(values)
    if meter.gauge:
        return max(readings, key=lambda r: (r.time, r.order)).value if readings else 0
    if not values:
        return None
    return {"min": min(values), "max": max(values), "avg": Fraction(sum(values), len(values))}[
        meter.aggregate
    ]


def meter_value(account, meter, window, time, period=None, group=None):
    """A gauge's reading outlives every window."""
    if meter.gauge:
        readings = account.readings[meter.name]
    else:
        readings = account.covered(meter.name, window, time, period)
    if group is not None:
        readings = [r for r in readings if r.group == group]
    return aggregate(meter, readings)


def projected(account, meter, time):
    """used / share of the period elapsed; unknown below 5% elapsed."""
    elapsed = elapsed_share(account, time)
    if elapsed < Fraction(1, 20):
        return None
    value = meter_value(account, meter, "period", time)
    used = of_limit("used", value, *meter_limit(account, meter, time))
    return used if used in (None, INFINITE) else used / elapsed


def trend(account, signal, time):
    """The last n whole buckets against the n before, of a gauge where it stood at the end of both;
    unknown until two windows lie behind the first event, and against nothing."""
    readings, group = account.readings[signal.meter.name], signal.group
    if not readings or readings[0].time + 2 * duration(signal.window) > time:
        return None
    if group is not None:
        readings = [r for r in readings if r.group == group]
    width, count = buckets(signal.window)
    open_bucket = time // width

    def of(first, after):
        first = 0 if signal.meter.gauge else first
        return aggregate(signal.meter, [r for r in readings if first <= r.time // width < after])

    before = of(open_bucket - 2 * count, open_bucket - count)
    last = of(open_bucket - count, open_bucket)
    if not before or last is None:
        return None
    change = Fraction(last - before) / before
    return change if signal.kind == "growth" else -change


def meter_forecast(account, meter, group, time):
    """When it comes to its limit, or None; as long as nothing is counted it is the same all day."""
    known, limit = meter_limit(account, meter, time)
    if not known or limit is None:
        return None

    def work_out():
        readings = account.readings[meter.name]
        own = [r for r in readings if group is None or r.group == group]
        remaining = limit - meter_value(account, meter, "period", time, group=group)
        return forecast(readings, own, meter.gauge, remaining, time, account.period)

    made_of = account.versions[meter.name], limit, time // DAY, account.period, account.period.end
    return account.value_once(("days_to_limit", meter.name, group), made_of, work_out)


def elapsed_share(account, time):
    return Fraction(time - account.period.start, account.period.end - account.period.start)


def share(value, limit):
    """Value by limit, both counts of 10^-12. Of a limit of 0, anything more is beyond every level, and
    nothing or less is 0%."""
    if limit:
        return Fraction(value, limit)
    return INFINITE if value > 0 else Fraction(0)


def of_limit(kind, value, known, limit):
    """`used` or `remaining`; unknown without a finite limit."""
    if value is None or not known or limit is None:
        return None
    return share(value, limit) if kind == "used" else Fraction(limit - value, SCALE)


def days_left(account, subscription, time):
    date = subscription.get("renewal_date")
    if date is None:
        return None
    zone = account.zone(time)
    return (date_of(date, zone) - local_date(time, zone)).days


def nearest_renewal(account, time):
    """Of the nearest date not passed, else of the last one passed."""
    left = [days_left(account, s, time) for s in account.active(time)]
    left = [d for d in left if d is not None]
    coming = [d for d in left if d >= 0]
    return min(coming) if coming else max(left) if left else None


def attribute(account, name, time):
    if name == "mrr" and account.mrr(time) is not None:
        return account.mrr(time)
    value = account.attributes.get(name)
    if name == "arr" and isinstance(value, tuple):
        return Money.minor(*value)
    return Fraction(value) if isinstance(value, Number) else value


def meter_signal(account, signal, time):
    """A value that is made of readings, and perhaps of a limit."""
    if signal.kind == "projected":
        return projected(account, signal.meter, time)
    if signal.kind in ("growth", "drop"):
        return trend(account, signal, time)
    if signal.kind == "days_to_limit":
        found = meter_forecast(account, signal.meter, signal.group, time)
        return None if found is None else found.days
    meter, window, limit = signal.meter, signal.window, None
    made_of = account.versions[meter.name]
    if window == "period":
        made_of = made_of, account.period
    elif not meter.gauge:
        made_of = made_of, *account.span(window, time)
    if signal.has_limit:
        limit = meter_limit(account, meter, time)
        made_of = made_of, limit

    def work_out():
        if signal.kind == "days_active":
            return len({r.time // DAY for r in account.covered(meter.name, window, time)})
        value = meter_value(account, meter, window, time, group=signal.group)
        if signal.kind == "value":
            if value is None:
                return None
            currency = meter.worth.currency or account.config.currency
            return Money(Fraction(int(value * meter.worth.number), SCALE), currency)  # cut
        if signal.has_limit:
            return of_limit("used" if signal.kind == "adoption" else signal.kind, value, *limit)
        return None if value is None else Fraction(value, SCALE)

    return account.value_once(
        (signal.kind, meter.name, window, signal.group), made_of, work_out
    )


def signal_value(account, signal, time):
    if signal.meter:
        return meter_signal(account, signal, time)
    if signal.kind == "shrunk":
        return shrunk(account, signal, time)
    if signal.kind in OF_FEATURES:
        return OF_FEATURES[signal.kind](account, signal, time)
    if signal.kind == "renewal.days_left":
        return nearest_renewal(account, time)
    if signal.kind == "tenure.days":
        zone = account.zone(time)
        begun = local_date(account.tenure_start(time), zone)
        return (local_date(time, zone) - begun).days
    if signal.kind == "period.elapsed":
        return elapsed_share(account, time)
    if signal.kind == "score":
        return Fraction(score(account, time))
    if signal.kind == "tier":
        total = score(account, time)
        return next((name for name, least in account.config.tiers if total >= least), "not_ready")
    if signal.kind == "segment":
        rows = (row.what for row in account.config.segments if rule_may_fire(account, row, time))
        return next(rows, attribute(account, "segment", time))
    if signal.kind == "trial":
        return 1 if trial_runs(account, signal.name, time) else 0
    if signal.kind == "interest":
        start, end = account.span("30d", time)
        return sum(start <= at < end for at in account.interest.get(signal.name, ()))
    if signal.kind == "milestone":
        return 1 if signal.name in account.milestones else 0
    if signal.kind == "executive.days_since":
        zone = account.zone(time)
        last = account.executive
        return None if last is None else (local_date(time, zone) - local_date(last, zone)).days
    if signal.kind == "deal.size":
        return largest_deal(account)
    if signal.kind == "deal.ratio":
        return deal_ratio(account, time)
    if signal.kind == "invoice.unpaid":
        return sum(value for _, value in account.invoices.fields.values())
    return attribute(account, signal.name, time)


def uses(account, feature, window, time):
    return len(account.covered(feature.name, window, time))


def adopted(account, signal, time):
    """The share of a product's features that were used."""
    if not signal.features:
        return None
    used = sum(uses(account, f, signal.window, time) > 0 for f in signal.features)
    return Fraction(used, len(signal.features))


def products_used(account, signal, time):
    return sum(
        any(uses(account, f, signal.window, time) for f in features)
        for features in signal.products.values()
    )


def products_owned(account, signal, time):
    """Through the plan of an active subscription."""
    plans = account.config.owned
    owned = {name for s in account.active(time) for name in plans.get(s.get("plan"), ())}
    return len(owned & set(signal.products))


def uses_in_trials(account, signal, time):
    return sum(
        uses(account, f, signal.window, time)
        for f in signal.features
        if trial_runs(account, f.trial, time)
    )


OF_FEATURES = {
    "adopted": adopted,
    "product.used": products_used,
    "product.owned": products_owned,
    "trial.uses": uses_in_trials,
}


def shrunk(account, signal, time):
    """How far a limit lies below the largest number that it was within the window."""
    known, limit = account.limit(signal.name, time)
    if not known or limit is None:
        return None
    since = time - duration(signal.window)
    larger = [was for was, until in account.limits_past.get(signal.name, ()) if until > since]
    most = max([limit, *larger])
    return Fraction(most - limit, most) if most else Fraction(0)


def score(account, time):
    return sum(row.what for row in account.config.score if rule_may_fire(account, row, time))


def trial_end(account, name):
    ends = account.trials[name].get("ends_at")
    return None if ends is None else moment_of(ends, account.zone(account.now))


def trial_runs(account, name, time):
    """The newest event says all there is about a trial: whether it began, and when it ends."""
    if name not in account.trials or not account.trials[name].get("runs"):
        return False
    end = trial_end(account, name)
    return end is None or time < end


def largest_deal(account):
    """Of the opportunities that are open, in its own currency; unknown without one, and unless all can
    be compared."""
    config, open_ones = account.config, []
    for deal in account.deals.values():
        if deal.get("amount") and not deal.get("stage").startswith("closed"):
            open_ones.append(Money.minor(*deal.get("amount")))
    if len({m.currency for m in open_ones}) < 2:
        return max(open_ones, key=lambda m: m.amount, default=None)
    if any(m.into(config.currency, config.rates) is None for m in open_ones):
        return None
    return max(open_ones, key=lambda m: m.into(config.currency, config.rates))


def deal_ratio(account, time):
    """The largest deal by ARR, or by twelve times MRR where no ARR was told."""
    deal, config = largest_deal(account), account.config
    paid = attribute(account, "arr", time)
    if paid is None:
        paid = attribute(account, "mrr", time)
        paid = Money(paid.amount * 12, paid.currency) if isinstance(paid, Money) else None
    if deal is None or not isinstance(paid, Money) or not paid.amount:
        return None
    size = deal.into(paid.currency, config.rates)
    return None if size is None else size / paid.amount


def meter_limit(account, meter, time):
    return account.limits(time).get(meter.name, (False, None))


def number_in(value, currency, rates):
    """A value as a number that compares with a level or literal, or None."""
    if isinstance(value, Money):
        return value.into(currency, rates)
    if isinstance(value, str):
        return as_number(value)
    return None if isinstance(value, bool) else value


def condition_holds(account, condition, time):
    if condition.signal.kind in ("used", "remaining", "window") and condition.signal.meter is None:
        return any(
            condition_on(signal_value(account, one, time), condition, account.config)
            for one in each_meter(condition.signal, account.config)
        )
    return condition_on(signal_value(account, condition.signal, time), condition, account.config)


def each_meter(signal, config):
    for meter in config.meters.values():
        one = object.__new__(type(signal))
        one.__dict__.update(signal.__dict__, meter=meter)
        yield one


def condition_on(value, condition, config):
    """A condition on an unknown signal does not hold, `!=` included."""
    literal = condition.literal
    if value is None:
        return False
    if literal.number is not None:
        number = number_in(value, literal.currency, config.rates)
        if number is not None:
            return compare(number, condition.operator, literal.number)
    if isinstance(value, (str, bool)):
        return compare_scalar(value, condition.operator, literal)
    return False


def rule_may_fire(account, rule, time):
    if not all(condition_holds(account, c, time) for c in rule.when):
        return False
    return not rule.when_any or any(condition_holds(account, c, time) for c in rule.when_any)
