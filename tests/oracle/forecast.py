# SPDX-License-Identifier: Apache-2.0
"""meter.M.days_to_limit and its interval, from all readings and by the definition's own words.

Amounts are counts of 10^-12. What is squared is scaled down to 20 bits first; that is part of the
definition, so that everybody draws the line at the same day.
"""

from collections import namedtuple
from fractions import Fraction

from moments import DAY
from quantity import SCALE

SPANS = 28, 14, 7
FAR = 36500  # days

Pace = namedtuple("Pace", "rise days scaled unit variance bend")
Forecast = namedtuple("Forecast", "days low high")


def cut(value):
    """Toward zero."""
    return int(value)


def whole_days(readings, group_readings, gauge, today):
    """What each of the last 28, 14 or 7 whole days added, after the day of the first event."""
    age = today - readings[0].time // DAY - 1
    span = next((span for span in SPANS if age >= span), None)
    if span is None:
        return None
    days = range(today - span, today)
    if not gauge:
        return [sum(r.value for r in group_readings if r.time // DAY == day) for day in days]

    def close(day):
        until = [r for r in group_readings if r.time // DAY <= day]
        return max(until, key=lambda r: (r.time, r.order)).value if until else 0

    return [close(day) - close(day - 1) for day in days]


def without_outliers(added):
    """Up to three of 28, two of fewer, that are more than three times the next by size."""
    sizes = sorted((abs(one) for one in added), reverse=True)
    for most in range(3 if len(added) == 28 else 2, 0, -1):
        if sizes[most - 1] > 3 * sizes[most]:
            cap = sizes[most]
            return [max(-cap, min(cap, one)) for one in added]
    return added


def variances(days):
    """Of a day's growth, and the covariance of neighbours."""
    if len(days) == 7:
        mean = Fraction(sum(days), 7)
        off, free = [one - mean for one in days], 6
    else:
        off, free = [b - a for a, b in zip(days, days[7:])], 2 * (len(days) - 7)
    return (Fraction(sum(one * one for one in off), 1) / free,
            Fraction(sum(a * b for a, b in zip(off, off[1:])), 1) / free)


def pace_of(added):
    """None where it does not surely grow."""
    added = without_outliers(added)
    if sum(added[-14:]) <= 0:
        return None
    unit = 1
    while max(map(abs, added)) // unit >= 1 << 20:
        unit *= 2
    days = [cut(Fraction(one, unit)) for one in added]
    variance, neighbours = variances(days)
    long_run = max(variance + 2 * neighbours, variance / 8)
    looked_at, bend = len(days), Fraction(0)
    if len(days) > 7:
        half = len(days) // 2
        bend = Fraction(sum(days[half:]) - sum(days[:half]), half)
        if bend**2 > 4 * 2 * long_run / half:
            looked_at = half
    rise, scaled = sum(added[-looked_at:]), sum(days[-looked_at:])
    if rise <= 0 or scaled <= 0:
        return None
    doubt = max(variance + 2 * neighbours, variance / 2)
    if min(added) < 0 and Fraction(scaled, looked_at) ** 2 <= 16 * doubt / looked_at:
        return None
    return Pace(rise, looked_at, scaled, unit, long_run, bend)


def interval(pace, remaining, days):
    """The whole days around it, one more to each side; None: it has no end."""
    left, per_day = remaining // pace.unit, Fraction(pace.scaled, pace.days)

    def may_be(day):
        error = pace.variance * day + (pace.variance / pace.days + pace.bend**2) * day * day
        return (left - per_day * day) ** 2 <= Fraction(2706, 1000) * error

    early, first = 0, days + 1
    while first - early > 1:
        middle = (early + first) // 2
        early, first = (early, middle) if may_be(middle) else (middle, first)
    last, late = days, FAR + 1
    while late - last > 1:
        middle = (last + late) // 2
        last, late = (middle, late) if may_be(middle) else (last, middle)
    return max(0, early - 1), None if late > FAR else late


def forecast(readings, group_readings, gauge, remaining, time, period):
    """Of a meter under a finite limit, or None."""
    if remaining <= 0:
        return Forecast(0, 0, 0)
    today = time // DAY
    added = whole_days(readings, group_readings, gauge, today) if readings else None
    pace = added and pace_of(added)
    if not pace:
        return None
    if not gauge:
        so_far = sum(r.value for r in group_readings if r.time // DAY == today)
        given_back = remaining + min(so_far, cut(Fraction(pace.rise, pace.days)))
        if today * DAY + Fraction(given_back * pace.days, pace.rise) * DAY > period.end:
            return None
    days = cut(Fraction(remaining * pace.days, pace.rise))
    if days > FAR:
        return None
    low, high = interval(pace, remaining, days)
    if not gauge and high is not None and (today + high) * DAY > period.end:
        high = None
    return Forecast(days, low, high)
