# SPDX-License-Identifier: Apache-2.0
"""Exact numbers and the JSON that carries them.

JSON is read so that a number stays the text that was written: quantities are decimals, members of
`unique` are compared as written, and two bodies are equal only if their numbers are written alike.
"""

import json
import re
from fractions import Fraction

PLACES = 12
SCALE = 10**PLACES
BOUND = 10**26 * SCALE  # a quantity or counter reaches this: overflow

NUMBER = re.compile(r"(-?)(0|[1-9][0-9]*)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?\Z")


class Refused(Exception):
    """A record that becomes a dead letter; the argument is the reason."""


class Number(str):
    """A JSON number, as written."""


def read_json(text):
    """The value of a JSON text, or Refused('bad_json')."""

    def constant(name):
        raise ValueError(name)

    try:
        if isinstance(text, bytes):
            text = text.decode("utf-8")
        value = json.loads(text, parse_int=Number, parse_float=Number, parse_constant=constant)
        if "\\u" in text:
            compact(value).encode("utf-8")  # a lone surrogate cannot be written
        return value
    except (ValueError, RecursionError):
        raise Refused("bad_json") from None


def compact(value):
    """The value as JSON without insignificant white space; members keep their order."""
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(k)}:{compact(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(compact(v) for v in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def quantity(value):
    """A JSON number, or a string in its grammar, as a count of 10^-12."""
    if not isinstance(value, str):
        raise Refused("bad_value")
    match = NUMBER.match(value)
    if not match:
        raise Refused("bad_value")
    sign, whole, places, exponent = match.groups()
    digits = (whole + (places or "")).lstrip("0")
    shift = int(exponent or 0) - len(places or "")
    if not digits:
        return 0
    bare = digits.rstrip("0")
    shift += len(digits) - len(bare)
    if shift < -PLACES or len(bare) + shift > 26:
        raise Refused("overflow")
    count = int(bare) * 10 ** (shift + PLACES)
    return -count if sign else count


def integer(value):
    """A JSON integer (not in a string)."""
    if not isinstance(value, Number) or not re.match(r"-?[0-9]+\Z", value):
        raise Refused("bad_value")
    return int(value)


def as_number(value):
    """A scalar as an exact number if it is one or a string that looks like one, else None."""
    if isinstance(value, str) and not isinstance(value, bool):
        match = NUMBER.match(value)
        if match and abs(int(match.group(4) or 0)) < 1000:
            return Fraction(value)
    return None


def plain(number):
    """An exact number as a plain decimal, cut after twelve places."""
    if number in (float("inf"), float("-inf")):
        return "inf" if number > 0 else "-inf"
    number = Fraction(number)
    count = abs(number.numerator) * SCALE // number.denominator
    text = f"{count // SCALE}.{count % SCALE:012d}".rstrip("0").rstrip(".")
    return "-" + text if number < 0 and text != "0" else text


def percent(share):
    """A share as it is shown: cut, not rounded, after four places (so two of the percent)."""
    if share in (float("inf"), float("-inf")):
        return plain(share)
    cut = abs(share.numerator) * 10_000 // share.denominator
    text = plain(Fraction(cut, 100))
    return ("-" if share < 0 and cut else "") + text + "%"


MINOR_DIGITS = {
    "BIF": 0,
    "CLP": 0,
    "DJF": 0,
    "GNF": 0,
    "ISK": 0,
    "JPY": 0,
    "KMF": 0,
    "KRW": 0,
    "PYG": 0,
    "RWF": 0,
    "UGX": 0,
    "UYI": 0,
    "VND": 0,
    "VUV": 0,
    "XAF": 0,
    "XOF": 0,
    "XPF": 0,
    "BHD": 3,
    "IQD": 3,
    "JOD": 3,
    "KWD": 3,
    "LYD": 3,
    "OMR": 3,
    "TND": 3,
}


class Money:
    """An amount in major units. The currency of a bare literal is None: the account's own."""

    def __init__(self, amount, currency):
        self.amount, self.currency = Fraction(amount), currency

    @staticmethod
    def minor(amount, currency):
        return Money(Fraction(amount, 10 ** MINOR_DIGITS.get(currency, 2)), currency)

    def into(self, currency, rates):
        """The amount in another currency, or None without a rate."""
        if currency is None or currency == self.currency:
            return self.amount
        mine, other = rates.get(self.currency), rates.get(currency)
        return None if mine is None or other is None else self.amount * mine / other

    def shown(self):
        """With as many places as the currency has, cut."""
        minor = 10 ** MINOR_DIGITS.get(self.currency, 2)
        return plain(Fraction(int(self.amount * minor), minor))


MICROS = {"ms": 1000, "s": 10**6, "m": 60 * 10**6, "h": 3600 * 10**6, "d": 86400 * 10**6}


def duration(text):
    """A duration of the configuration in microseconds."""
    match = re.match(r"([0-9]+)(ms|s|m|h|d)\Z", str(text))
    if not match:
        raise ValueError(f"not a duration: {text}")
    return int(match.group(1)) * MICROS[match.group(2)]


LITERAL = re.compile(r"(-?[0-9]+(?:\.[0-9]+)?)(%|k|M|d)?(?: ?([A-Z]{3}))?\Z")


class Literal:
    """What a rule's level or a condition compares with: a number, its unit and currency, or text."""

    def __init__(self, text):
        self.text = str(text).strip()
        match = LITERAL.match(self.text)
        self.number = self.unit = self.currency = None
        if match:
            factor = {"%": Fraction(1, 100), "k": 1000, "M": 10**6}.get(match.group(2), 1)
            self.number = Fraction(match.group(1)) * factor
            self.unit, self.currency = match.group(2), match.group(3)
        elif self.text[:1] in "\"'" and self.text[-1:] == self.text[:1]:
            self.text = self.text[1:-1]

    def shown(self, unit):
        """In the unit of a signal."""
        number = plain(self.number * 100 if unit == "share" else self.number)
        money = f" {self.currency}" if self.currency else ""
        return number + {"share": "%", "days": "d"}.get(unit, money)
