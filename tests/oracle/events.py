# SPDX-License-Identifier: Apache-2.0
"""CloudEvents in: the envelope, what a usage event gives each meter, what account events may say."""

import re
from fractions import Fraction
from zoneinfo import ZoneInfo

from moments import parse_date_or_time, parse_time
from quantity import SCALE, Number, Refused, as_number, compact, integer, quantity

SUBSCRIPTION = (
    "subscription.created",
    "subscription.updated",
    "subscription.renewed",
    "subscription.cancelled",
)
INVOICE = ("invoice.paid", "invoice.payment_failed")
OUTCOMES = ("converted", "expired", "cancelled")
STAGES = ("identified", "qualified", "engaged", "negotiation", "closed_won", "closed_lost")
DEALS = ("new", "upsell", "cross-sell", "renewal")
QUIETS = ("silenced", "snoozed", "acknowledged")
PROMPTS = ("prompt.shown", "prompt.dismissed", "prompt.accepted")


class Event:
    """An envelope that is whole. `time` is None where the arrival counts."""

    def __init__(self, tree):
        if not isinstance(tree, dict) or tree.get("specversion") != "1.0":
            raise Refused("bad_event")
        for name in ("id", "source", "type", "subject"):
            value = tree.get(name)
            if not isinstance(value, str) or isinstance(value, Number) or not value:
                raise Refused("bad_event")
        self.id, self.source, self.type, self.subject = (
            tree[k] for k in ("id", "source", "type", "subject")
        )
        written = tree.get("time")
        if written is not None and (not isinstance(written, str) or isinstance(written, Number)):
            raise Refused("bad_time")
        self.time = None if written is None else parse_time(written)
        self.written = written
        self.data = tree.get("data")

    @property
    def body(self):
        """What a second event with this id must equal to be the same again."""
        return self.type, self.written, compact(self.data)


def look_up(data, pointer):
    """(found, value) after RFC 6901."""
    value = data
    for part in (pointer or "").split("/")[1:]:
        part = part.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict) and part in value:
            value = value[part]
        elif (
            isinstance(value, list)
            and re.match(r"(0|[1-9][0-9]*)\Z", part)
            and int(part) < len(value)
        ):
            value = value[int(part)]
        else:
            return False, None
    return True, value


def compare(left, operator, right):
    return {
        "=": left == right,
        "!=": left != right,
        "<": left < right,
        "<=": left <= right,
        ">": left > right,
        ">=": left >= right,
    }[operator]


def compare_scalar(value, operator, literal):
    """A JSON scalar with a literal: as numbers if both are, else as text; order needs numbers."""
    if isinstance(value, bool):
        value = "true" if value else "false"
    number = as_number(value)
    if literal.number is not None and number is not None:
        return compare(number, operator, literal.number)
    if operator == "=":
        return str(value) == literal.text
    if operator == "!=":
        return str(value) != literal.text
    return False


def holds(conditions, data):
    for condition in conditions:
        found, value = look_up(data, condition.pointer)
        if not found or value is None or isinstance(value, (dict, list)):
            return False
        if not compare_scalar(value, condition.operator, condition.literal):
            return False
    return True


def contribution(meter, data):
    """What an event gives a meter: a count of 10^-12, or a member of `unique`."""
    if meter.aggregate == "count":
        return SCALE
    found, value = look_up(data, meter.pointer)
    if not found:
        raise Refused("bad_value")
    if meter.aggregate != "unique":
        return quantity(value)
    if value is None or isinstance(value, (dict, list)):
        raise Refused("bad_value")
    return compact(value) if isinstance(value, bool) else str(value)


def group_named(meter, data):
    """The value of `by`, or None without one that can have a place."""
    found, value = look_up(data, meter.by)
    if not found or value is None or isinstance(value, (dict, list)):
        return None
    text = compact(value) if isinstance(value, bool) else str(value)
    return text if 0 < len(text.encode()) <= 64 else None


def string(value):
    if not isinstance(value, str) or isinstance(value, Number):
        raise Refused("bad_value")
    return value


def strings(value):
    if not isinstance(value, list):
        raise Refused("bad_value")
    return [string(v) for v in value]


def currency(value):
    if not re.match(r"[A-Z]{3}\Z", string(value)):
        raise Refused("bad_value")
    return value


def money(data, name):
    """An amount in minor units needs a currency beside it."""
    if "currency" in data:
        currency(data["currency"])
    if name not in data:
        return None
    if "currency" not in data:
        raise Refused("bad_value")
    return integer(data[name]), data["currency"]


def checked_zone(value):
    try:
        return ZoneInfo(string(value)) and value
    except Exception:
        raise Refused("bad_value") from None


def checked_period(value):
    if string(value) not in ("month", "quarter", "year", "week") and not re.match(
        r"[1-9][0-9]*d\Z", value
    ):
        raise Refused("bad_value")
    return value


def checked_limits(value):
    if not isinstance(value, dict):
        raise Refused("bad_value")
    return {name: None if limit is None else quantity(limit) for name, limit in value.items()}


def checked_date(value):
    return parse_date_or_time(string(value))


def subscription_facts(event):
    """The fields that a subscription event gives, checked."""
    data = fields_of(event)
    readers = {
        "subscription": string,
        "plan": string,
        "limits": checked_limits,
        "period": checked_period,
        "period_start": checked_date,
        "started_at": checked_date,
        "timezone": checked_zone,
        "renewal_date": lambda v: None if v is None else checked_date(v),
    }
    if event.type == "subscription.cancelled":
        readers["ends_at"] = checked_date
    facts = {name: read(data[name]) for name, read in readers.items() if name in data}
    amount = money(data, "mrr")
    if amount:
        facts["mrr"] = amount
    return facts


def invoice_of(event):
    data = fields_of(event)
    if "invoice" not in data:
        raise Refused("bad_value")
    money(data, "amount")
    if "attempt" in data:
        integer(data["attempt"])
    return string(data["invoice"])


def word(*words):
    def read(value):
        if string(value) not in words:
            raise Refused("bad_value")
        return value

    return read


def between(least, most, read):
    def check(value):
        if isinstance(value, bool) or not isinstance(value, Number):
            raise Refused("bad_value")
        read(value)
        if not least <= Fraction(value) <= most:
            raise Refused("bad_value")
        return value

    return check


# The data of what else is known of an account: of each type its fields, "!" behind those required.
FIELDS = {
    "trial.started": {"feature!": string, "ends_at": checked_date},
    "trial.ended": {"feature!": string, "outcome": word(*OUTCOMES)},
    "feature.interest": {"feature!": string, "user": string},
    "milestone.achieved": {"milestone!": string},
    "feedback.nps": {"score!": between(0, 10, integer), "user": string},
    "feedback.csat": {"score!": between(1, 5, quantity), "user": string},
    "health.updated": {"score!": between(0, 100, quantity)},
    "engagement.executive": {"person": string},
    "opportunity.stage_changed": {
        "opportunity!": string,
        "stage!": word(*STAGES),
        "kind!": word(*DEALS),
        "trigger": string,
    },
    **dict.fromkeys(PROMPTS, {"trigger": string, "rule": string, "user": string}),
    "usage.corrected": {"meter!": string, "add": quantity, "set": quantity},
    "silence.set": {
        "scope!": string,
        "by!": string,
        "why": string,
        "as": word(*QUIETS),
        "until!": checked_date,
    },
    "silence.cleared": {"scope!": string, "by!": string},
}
ACCOUNT_TYPES = {*SUBSCRIPTION, *INVOICE, "account.updated", "account.erased", *FIELDS}


def facts_of(event):
    """The fields of an event of FIELDS, checked."""
    data, facts = fields_of(event), {}
    for name, read in FIELDS[event.type].items():
        required = name.endswith("!")
        name = name.rstrip("!")
        if name in data:
            facts[name] = read(data[name])
        elif required:
            raise Refused("bad_value")
    if event.type == "opportunity.stage_changed":
        for name in ("amount", "cost"):
            amount = money(data, name)
            if amount:
                facts[name] = amount
    return facts


def account_facts(event):
    """(attributes, aliases, released, own levels or None) of account.updated; the value None forgets."""
    data = fields_of(event)
    named = {"segment": string, "owner": string, "csm": string, "account_manager": string}
    facts = {name: read(data[name]) for name, read in named.items() if name in data}
    amount = money(data, "arr")
    if amount:
        facts["arr"] = amount
    apart = set(named) | {"arr", "currency", "aliases", "aliases_released", "overrides"}
    for name, value in data.items():
        if name not in apart and not isinstance(value, (dict, list)):
            facts[name] = value
    own = None
    if "overrides" in data:
        own = {} if data["overrides"] is None else own_rules(data["overrides"])
    return facts, strings(data.get("aliases", [])), strings(data.get("aliases_released", [])), own


def own_rules(value):
    """rule -> its levels, as they are written (their unit is the rule's), and whose it is."""
    if not isinstance(value, dict) or not all(isinstance(v, dict) for v in value.values()):
        raise Refused("bad_value")
    for one in value.values():
        string(one.get("owner", ""))
    return {
        rule: {name: read(one[name]) for name, read in (("levels", strings), ("owner", string)) if name in one}
        for rule, one in value.items()
    }


def fields_of(event):
    if event.data is None:
        return {}
    if not isinstance(event.data, dict):
        raise Refused("bad_value")
    return event.data
