# SPDX-License-Identifier: Apache-2.0
"""Which plan a trigger recommends, and what it adds to MRR.

It is the smallest plan up from the one that the account has under which the projected use stays
below a share of the limit. Looked at is the meter of the trigger if it has a limit; a trigger about a
feature, a trial, an interest or a product looks at that product if it is not owned; a trigger about
no meter at all at the fullest meter that its limit will not hold.
"""

from fractions import Fraction

from forecast import cut, pace_of, whole_days
from moments import DAY
from quantity import SCALE, Money
from signals import meter_limit, meter_value, share, trial_runs


def projected(account, meter, group, value, time):
    """A gauge in `recommend.for`, what resets in a whole period; today's use where it has no pace."""
    if meter.name not in account.config.outgrown or not account.readings[meter.name]:
        return value
    readings = account.readings[meter.name]
    own = [r for r in readings if group is None or r.group == group]
    added = whole_days(readings, own, meter.gauge, time // DAY)
    pace = added and pace_of(added)
    if not pace:
        return value
    span = account.config.recommend_for if meter.gauge else account.period.end - account.period.start
    days = -(-span // DAY)
    grown = cut(Fraction(pace.rise * days, pace.days))
    return max(value, value + grown if meter.gauge else grown)


def holds(config, use, limit):
    return limit is None or share(use, limit) < config.recommend_below


def products_about(account, rule, time):
    """Those that the rule is about, in the order of the configuration."""
    signal = rule.signal
    for name, features in account.config.meters.products.items():
        if signal.kind in ("adopted", "product.used"):
            about = signal.name == name or signal.text == f"product.{name}.used"
        elif signal.kind == "trial":
            about = any(f.trial == signal.name for f in features)
        elif signal.kind == "trial.uses":
            about = any(trial_runs(account, f.trial, time) for f in features)
        elif signal.kind == "interest":
            about = any(f.name == "feature." + signal.name for f in features)
        else:
            about = signal.meter in features
        if about:
            yield name


def fullest(account, time):
    """(meter, its projected use) of the meter that is furthest beyond its limit."""
    best = None
    for meter in account.config.limited:
        known, limit = meter_limit(account, meter, time)
        value = meter_value(account, meter, "period", time)
        if not known or limit is None or value is None:
            continue
        use = projected(account, meter, None, value, time)
        if not holds(account.config, use, limit) and (not best or share(use, limit) > best[0]):
            best = share(use, limit), meter, use
    return best[1:] if best else None


def ways_up(config, plan):
    """All plans that lead on from it, without itself, in the order of the configuration."""
    reached, new = set(), {plan}
    while new:
        new = {name for one in new for name in config.next[one]} - reached - {plan}
        reached |= new
    return [name for name in config.plans if name in reached]


def price(config, plan):
    """To compare: unknown is the highest."""
    known = config.prices.get(plan)
    return float("inf") if known is None else known.into(config.currency, config.rates)


def larger(account, subscription, meter, use, time):
    """The plan with the smallest limit that holds the use; what other subscriptions give stays."""
    config, candidates = account.config, []
    known, total = meter_limit(account, meter, time)
    own_known, own = subscription.limit(meter.limit, config)
    if not known or total is None or not own_known or own is None:
        return None
    for name in ways_up(config, subscription.get("plan")):
        if meter.limit not in config.plans[name]:
            continue
        limit = config.plans[name][meter.limit]
        limit = None if limit is None else int(limit * SCALE)
        if limit is None or (limit > own and holds(config, use, total - own + limit)):
            size = float("inf") if limit is None else limit
            candidates.append((size, price(config, name), len(candidates), name))
    return min(candidates)[-1] if candidates else None


def difference(config, subscription, plan):
    """What it adds a month to what is paid, or by the catalogue where that is not told."""
    new = config.prices.get(plan)
    paid = subscription.get("mrr")
    paid = Money.minor(*paid) if paid else config.prices.get(subscription.get("plan"))
    if new is None or paid is None:
        return None
    currency = new.currency if new.currency == paid.currency else config.currency
    amounts = new.into(currency, config.rates), paid.into(currency, config.rates)
    return None if None in amounts else Money(amounts[0] - amounts[1], currency)


def recommended(account, rule, time, late=None):
    """(plan, from which, Money or None), or None. `late`: the value of the closed period that was
    taken over a level."""
    config, signal = account.config, rule.signal
    product = use = None
    meter = signal.meter if signal.meter and signal.meter.limit else None
    owned = {one for s in account.active(time) for one in config.owned.get(s.get("plan"), ())}
    if rule.category == "risk":
        return None
    if meter:
        window = signal.window if signal.kind == "adoption" else "period"
        value = late
        if late is None:
            value = meter_value(account, meter, window, time, group=signal.group)
        if value is None:
            return None
        use = projected(account, meter, signal.group, value, time)
    else:
        missing = (one for one in products_about(account, rule, time) if one not in owned)
        product = next(missing, None)
        if product is None:
            found = None if signal.meter else fullest(account, time)
            if not found:
                return None
            meter, use = found
    for subscription in account.active(time):
        plan = subscription.get("plan")
        if plan not in config.plans:
            continue
        if product is None:
            chosen = larger(account, subscription, meter, use, time)
        else:
            owning = [one for one in ways_up(config, plan) if product in config.owned[one]]
            chosen = min(owning, key=lambda one: price(config, one), default=None)
        if chosen:
            return chosen, plan, difference(config, subscription, chosen)
    return None
