# SPDX-License-Identifier: Apache-2.0
"""Times as microseconds since 1970 UTC, wall clocks, billing periods and windows."""

import calendar
import datetime as dt
import functools
import re
from zoneinfo import ZoneInfo

from quantity import MICROS, Refused, duration

UTC = dt.timezone.utc
EPOCH = dt.datetime(1970, 1, 1, tzinfo=UTC)
MICRO = dt.timedelta(microseconds=1)
DAY = MICROS["d"]

STAMP = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):(\d\d))\Z", re.A
)
DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)\Z", re.A)


@functools.lru_cache(1000)
def zone_named(name):
    return ZoneInfo(name)


def parse_time(text, reason="bad_time"):
    """RFC 3339, cut after the microsecond."""
    match = STAMP.match(text) if isinstance(text, str) else None
    if not match:
        raise Refused(reason)
    year, month, day, hour, minute, second, part, sign, hours, minutes = match.groups()
    try:
        at = dt.datetime(
            int(year), int(month), int(day), int(hour), int(minute), int(second), tzinfo=UTC
        )
    except ValueError:
        raise Refused(reason) from None
    micros = (at - EPOCH) // MICRO + int(((part or "") + "000000")[:6])
    if sign:
        if int(hours) > 23 or int(minutes) > 59:
            raise Refused(reason)
        away = (int(hours) * 60 + int(minutes)) * MICROS["m"]
        micros += away if sign == "-" else -away
    return micros


def parse_date_or_time(text, reason="bad_value"):
    """A date (kept as one: it becomes a moment only in a zone) or a time."""
    match = DATE.match(text) if isinstance(text, str) else None
    if not match:
        return parse_time(text, reason)
    try:
        return dt.date(*map(int, match.groups()))
    except ValueError:
        raise Refused(reason) from None


def show(micros):
    at = EPOCH + dt.timedelta(microseconds=micros)
    part = f"{at.microsecond:06d}" if at.microsecond % 1000 else f"{at.microsecond // 1000:03d}"
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + part + "Z"


def wall(micros, zone):
    """The wall clock, without its zone."""
    return (EPOCH + dt.timedelta(microseconds=micros)).astimezone(zone).replace(tzinfo=None, fold=0)


@functools.lru_cache(100_000)
def instant(local, zone):
    """A wall clock's moment. Twice: the first; never: as if the clocks had not moved (PEP 495, fold 0)."""
    return (local.replace(tzinfo=zone, fold=0).astimezone(UTC) - EPOCH) // MICRO


@functools.lru_cache(100_000)
def midnight(date, zone):
    return instant(dt.datetime.combine(date, dt.time()), zone)


@functools.lru_cache(100_000)
def local_date(micros, zone):
    return wall(micros, zone).date()


def moment_of(value, zone):
    """A date's local midnight, or the time itself."""
    return midnight(value, zone) if isinstance(value, dt.date) else value


def date_of(value, zone):
    return value if isinstance(value, dt.date) else local_date(value, zone)


def step(anchor, kind, k):
    """A wall clock k periods after the anchor; a day that the month lacks is its last."""
    if kind == "week":
        return anchor + dt.timedelta(days=7 * k)
    if kind.endswith("d"):
        return anchor + dt.timedelta(days=int(kind[:-1]) * k)
    months = anchor.year * 12 + anchor.month - 1 + k * {"month": 1, "quarter": 3, "year": 12}[kind]
    year, month = months // 12, months % 12 + 1
    return anchor.replace(
        year=year, month=month, day=min(anchor.day, calendar.monthrange(year, month)[1])
    )


@functools.lru_cache(100_000)
def period_at(micros, anchor, kind, zone):
    """(start, end) of the period that holds a moment."""
    length = {"month": 30, "quarter": 91, "year": 365, "week": 7}.get(kind) or int(kind[:-1])
    k = (wall(micros, zone) - anchor) // dt.timedelta(days=length)
    while instant(step(anchor, kind, k), zone) > micros:
        k -= 1
    while instant(step(anchor, kind, k + 1), zone) <= micros:
        k += 1
    return instant(step(anchor, kind, k), zone), instant(step(anchor, kind, k + 1), zone)


CALENDAR = ("day", "week", "month")


@functools.lru_cache(100_000)
def calendar_window(name, micros, zone):
    """(start, end) of the day, week or month that holds a moment."""
    today = local_date(micros, zone)
    if name == "day":
        first, after = today, today + dt.timedelta(days=1)
    elif name == "week":
        first = today - dt.timedelta(days=today.weekday())
        after = first + dt.timedelta(days=7)
    else:
        first = today.replace(day=1)
        after = (first + dt.timedelta(days=32)).replace(day=1)
    return midnight(first, zone), midnight(after, zone)


@functools.lru_cache(1000)
def buckets(window):
    """(width, n) of a duration: the widest of day, hour and minute that gives at least seven."""
    length = duration(window)
    for unit in ("d", "h", "m"):
        if length // MICROS[unit] >= 7:
            return MICROS[unit], length // MICROS[unit]
    raise ValueError(f"a window of {window} has fewer than seven minutes")


def window_span(window, micros, zone):
    """[from, to) in event time of what a window covers at a moment."""
    if window in CALENDAR:
        return calendar_window(window, micros, zone)
    width, count = buckets(window)
    now = micros // width
    return (now - count + 1) * width, (now + 1) * width
