#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the history of a small SaaS company as Kafka records, or its traffic as it happens.

    generate.py --until 2026-11-22T00:00:00Z --out build/company     two months up to then
    generate.py --until 2026-11-22T00:00:00Z --live 10 --rate 50     ten seconds, stamped as they are due

A record is one line of JSON: {"topic", "key", "timestamp_ms", "value"}; `value` is the text of the
Kafka value, sometimes broken on purpose. The history goes to OUT/records.ndjson, in the order of
its timestamps, with OUT/about.json beside it. The same seed and --until give the same bytes.
"""

import argparse
import datetime as dt
import json
import os
import random
import sys
import time

import company
import growth
from company import DAY, PLANS, UTC

USAGE, BILLING = "usage", "billing"
LATENESS = dt.timedelta(days=2)  # time.lateness of headroom.yaml.in
SHARES = {"contacts": 0.22, "storage": 0.10, "seats": 0.28, "api_calls": 0.40}
DEPARTMENTS = "sales marketing support finance operations product legal board".split()
HOURS = [1] * 7 + [4, 8, 10, 10, 9, 7, 8, 10, 10, 9, 7, 4, 3, 2, 2, 1, 1]


def stamp(moment):
    return (
        moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
    )


def millis(moment):
    return (moment - dt.datetime(1970, 1, 1, tzinfo=UTC)) // dt.timedelta(milliseconds=1)


def event(ident, source, kind, subject, moment, data):
    return {
        "specversion": "1.0",
        "id": ident,
        "source": source,
        "type": kind,
        "subject": subject,
        "time": stamp(moment),
        "data": data,
    }


def reading(rng, account, name, moment, calls):
    """The type and data of one usage event of an account, and who reports it."""
    if name == "contacts":
        return "contact.count", "app/crm", {"value": round(account.amount(name, moment))}
    if name == "storage":
        return "storage.measured", "app/files", {"gb": f"{account.amount(name, moment):.3f}"}
    if name == "seats":
        people = max(1, round(account.amount(name, moment) * 1.15))
        user = rng.randrange(people)
        return "user.active", "app/web", {"user": f"user-{user:03d}", "department": department(user)}
    status = 200 if rng.random() < 0.97 else rng.choice([404, 429, 500, 503])
    amount = max(1, round(account.share(name, moment) * calls * rng.uniform(0.7, 1.3)))
    return "api.request", "app/api", {"calls": amount, "status": status}


def department(user):
    """The first people of an account are of one department, and each half as many again of another."""
    number, size = 0, 6
    while user >= size and number < len(DEPARTMENTS) - 1:
        number, size = number + 1, size + size // 2
    return DEPARTMENTS[number]


def split(total, weights):
    """total in whole parts after the weights, exactly."""
    done, parts, whole = 0, [], sum(weights)
    for upto in range(len(weights)):
        due = total * sum(weights[: upto + 1]) // whole
        parts.append(due - done)
        done = due
    return parts


def moments(rng, first, last, count):
    """count moments from first to last, spread evenly over the days and by office hours in them."""
    slot = (last - first) / max(count, 1)
    for number in range(count):
        at = first + slot * (number + rng.random())
        if slot >= DAY / 4:
            hour = rng.choices(range(24), HOURS)[0]
            at = at.replace(hour=hour, minute=rng.randrange(60))
        at += dt.timedelta(milliseconds=rng.randrange(1000))
        yield min(max(at, first), last).replace(microsecond=at.microsecond // 1000 * 1000)


class History:
    def __init__(self, seed, count, until, months, total):
        self.rng = random.Random(f"{seed}/records")
        self.seed, self.until, self.total = seed, until, total
        self.begin = until - dt.timedelta(days=round(30.5 * months))
        self.accounts = company.accounts(seed, count, self.begin, until)
        self.records = []  # (arrival, topic, key, value)
        self.number = 0

    def ident(self, prefix):
        self.number += 1
        return f"{prefix}-{self.seed}-{self.number:07d}"

    def add(self, topic, arrival, subject, value):
        text = value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
        self.records.append((arrival, topic, subject, text))

    def soon(self, moment):
        return moment + dt.timedelta(milliseconds=self.rng.randint(30, 4000))

    def billing(self, account, moment, kind, data, arrival=None):
        made = event(self.ident("b"), "billing", kind, account.name, moment, data)
        self.add(BILLING, arrival or self.soon(moment), account.name, made)

    def fact(self, rng, name, moment, kind, data):
        """What CRM, billing or support say of an account, with chances that are not the history's."""
        arrival = moment + dt.timedelta(milliseconds=rng.randint(30, 4000))
        self.add(BILLING, arrival, name, event(self.ident("g"), "crm", kind, name, moment, data))

    def used(self, rng, name, moment, kind, user):
        """A use of a feature, likewise."""
        arrival = moment + dt.timedelta(milliseconds=rng.randint(30, 4000))
        data = {"user": f"user-{user:03d}"}
        self.add(USAGE, arrival, name, event(self.ident("f"), "app/web", kind, name, moment, data))

    def contracts(self, account, order):
        """What the billing system and the CRM say of one account, oldest first."""
        rng, began = self.rng, dt.datetime.combine(account.started, dt.time(), UTC)
        plan = account.plan
        known = self.begin + dt.timedelta(seconds=1 + order)
        if account.story == "new":
            began += dt.timedelta(hours=14)
            known = self.soon(began)
        self.billing(
            account,
            began,
            "subscription.created",
            {
                "plan": plan,
                "mrr": PLANS[plan]["mrr"],
                "currency": "USD",
                "period": "month",
                "started_at": (
                    stamp(began) if account.story == "new" else account.started.isoformat()
                ),
                "renewal_date": account.renewal.isoformat(),
                "timezone": account.zone,
            },
            known,
        )
        facts = {
            "segment": rng.choice(["startup", "mid-market", "enterprise"]),
            "csm": rng.choice(["ana", "bo", "chris"]),
            "arr": PLANS[plan]["mrr"] * 12,
            "currency": "USD",
        }
        if account.alias:
            facts["aliases"] = [account.alias]
        self.billing(account, known, "account.updated", facts, known + dt.timedelta(seconds=240))
        if account.story == "upgrading":
            plan = company.NEXT[plan]
            self.billing(
                account,
                account.turn,
                "subscription.updated",
                {"plan": plan, "mrr": PLANS[plan]["mrr"], "currency": "USD"},
            )
        self.invoices(account)
        self.renew(account)
        if account.story == "cancelling":
            ends = account.turn + dt.timedelta(days=10)
            self.billing(account, account.turn, "subscription.cancelled", {"ends_at": stamp(ends)})

    def invoices(self, account):
        at = account.first_day() + dt.timedelta(
            days=self.rng.randint(0, 29), minutes=self.rng.randrange(900)
        )
        month = 0
        while at < self.until - DAY:
            month += 1
            data = {
                "invoice": f"in_{account.name}_{month}",
                "amount": PLANS[account.plan_at(at)]["mrr"],
                "currency": "USD",
                "attempt": 1,
            }
            if account.story == "unpaid" and month == 2:
                self.billing(account, at, "invoice.payment_failed", data)
                at += dt.timedelta(days=self.rng.randint(3, 9))
                if at < self.until - DAY and self.rng.random() < 0.6:
                    self.billing(account, at, "invoice.paid", {**data, "attempt": 2})
            else:
                self.billing(account, at, "invoice.paid", data)
            at += dt.timedelta(days=30)

    def renew(self, account):
        """Most renew a few days ahead, some a few days after; some move the date instead."""
        day = dt.datetime.combine(account.renewal, dt.time(10, self.rng.randrange(60)), UTC)
        if account.story in ("silent", "cancelling") or day > self.until + dt.timedelta(days=20):
            return
        signed = day + dt.timedelta(days=self.rng.randint(-12, 3), seconds=self.rng.randrange(3600))
        if not self.begin + DAY < signed < self.until:
            return
        if self.rng.random() < 0.2:
            moved = (account.renewal + dt.timedelta(days=45)).isoformat()
            self.billing(account, signed, "subscription.updated", {"renewal_date": moved})
            return
        again = (account.renewal + dt.timedelta(days=365)).isoformat()
        self.billing(account, signed, "subscription.renewed", {"renewal_date": again})

    def usage(self, total):
        """total usage events, spread over meters and accounts. The gateway in front keys them by
        account, also those that name an API key: what comes under a key stays behind the event that
        says whose key it is, however fast the history is played."""
        rng = self.rng
        for (name, _), count in zip(
            SHARES.items(), split(total, [round(100 * s) for s in SHARES.values()])
        ):
            even = name in ("contacts", "storage")
            weights = [1 if even else 1 + a.weight for a in self.accounts]
            for account, mine in zip(self.accounts, split(count, weights)):
                first, last = account.first_day(), account.last_day()
                months = (last - first) / dt.timedelta(days=30.4)
                calls = PLANS[account.plan]["api_calls"] * months / max(mine, 1)
                for at in moments(rng, first, last - dt.timedelta(seconds=5), mine):
                    if account.quiet(at):
                        continue
                    kind, source, data = reading(rng, account, name, at, calls)
                    keyed = account.alias and name == "api_calls" and rng.random() < 0.1
                    subject = account.alias if keyed else account.name
                    made = event(self.ident("u"), source, kind, subject, at, data)
                    self.add(USAGE, self.delay(at, account, subject, kind), account.name, made)

    def delay(self, at, account, subject, kind):
        """Arrival. One in a hundred and fifty is hours late, one in a thousand beyond the bound."""
        late = self.rng.random()
        if account.story == "uploading" and kind == "api.request" and subject == account.name:
            return at + dt.timedelta(hours=20, milliseconds=self.rng.randrange(10 * 3_600_000))
        if at < self.begin + LATENESS * 2 or subject.startswith("key_") or late > 0.008:
            return self.soon(at)
        if late < 0.001:
            return at + LATENESS + dt.timedelta(hours=self.rng.randint(1, 60), milliseconds=7)
        return at + dt.timedelta(minutes=self.rng.randint(20, 46 * 60), milliseconds=11)

    def repeats(self, count, conflicts):
        """Producers that send twice: mostly the same again, a few times with another body."""
        good = [r for r in self.records if r[1] == USAGE]
        for number in range(count + conflicts):
            arrival, topic, subject, text = self.rng.choice(good)
            if number >= count:
                body = json.loads(text)
                body["data"] = {**body["data"], "resent": number}
                text = json.dumps(body, separators=(",", ":"))
            again = arrival + dt.timedelta(
                seconds=self.rng.choice([1, 5, 30, 3600]), milliseconds=3
            )
            self.records.append((again, topic, subject, text))

    def breakage(self, count):
        """What bad clients send. Each kind has its dead-letter reason; an unknown type is ignored."""
        rng = self.rng
        for number in range(count):
            account = rng.choice(self.accounts)
            at = self.begin + 3 * DAY + (self.until - self.begin - 4 * DAY) * rng.random()
            at = at.replace(microsecond=at.microsecond // 1000 * 1000)
            made = event(
                self.ident("x"),
                "app/old-sdk",
                "api.request",
                account.name,
                at,
                {"calls": 1, "status": 200},
            )
            kind = number % 9
            if kind == 0:
                made = json.dumps(made)[: rng.randint(20, 90)]
            elif kind == 1:
                del made["subject"]
            elif kind == 2:
                made["time"] = at.strftime("%d.%m.%Y %H:%M")
            elif kind == 3:
                made["data"] = {"calls": "many", "status": 200}
            elif kind == 4:
                made["data"] = {"calls": 1e30, "status": 200}
            elif kind == 5:
                made["type"] = "page.viewed"
            elif kind == 6:
                made["time"] = stamp(at + dt.timedelta(days=400))
            elif kind == 7:
                made["data"] = {"status": 200}
            else:
                made["data"] = {"calls": "0.1234567890123", "status": 200}
            self.add(USAGE, self.soon(at), account.name, made)

    def make(self):
        for order, account in enumerate(self.accounts):
            self.contracts(account, order)
        duplicates, conflicts = self.total // 200, max(3, self.total // 5000)
        broken = max(9, self.total // 1500)
        self.usage(max(0, self.total - len(self.records) - duplicates - conflicts - broken))
        self.repeats(duplicates, conflicts)
        self.breakage(broken)
        growth.Growth(self).make()
        return self.ordered()

    def ordered(self):
        """By arrival, no two in the same millisecond, so that the order has no ties."""
        lines, last = [], 0
        for arrival, topic, subject, text in sorted(self.records):
            if arrival > self.until:
                continue
            last = max(millis(arrival), last + 1)
            lines.append({"topic": topic, "key": subject, "timestamp_ms": last, "value": text})
        return lines


def live(arguments, history):
    """Traffic stamped with the clock, written when due. Steady accounts go up and down through
    their contact limit, so that levels are crossed and ended every few seconds."""
    rng = random.Random(f"{arguments.seed}/live/{time.time_ns()}")
    steady = [
        a for a in history.accounts if a.story == "steady" and not a.alias
    ] or history.accounts
    movers, run = steady[: max(3, len(steady) // 8)], time.time_ns() // 1_000_000
    begun, sent = time.monotonic(), 0
    while (passed := time.monotonic() - begun) < arguments.live:
        while sent < passed * arguments.rate:
            sent += 1
            now = dt.datetime.now(UTC)
            if sent % 4 == 0:
                account = movers[(sent // 4) % len(movers)]
                turn = sent // (4 * len(movers)) % 4
                share = (0.60, 0.83, 0.92, 1.04)[turn]
                value = round(share * PLANS[account.plan]["contacts"])
                kind, source, data = "contact.count", "app/crm", {"value": value}
            else:
                account = rng.choice(steady)
                kind, source, data = reading(
                    rng, account, rng.choice(["seats", "api_calls"]), history.until, 20
                )
            made = event(f"live-{run}-{sent:06d}", source, kind, account.name, now, data)
            print(
                json.dumps(
                    {
                        "topic": USAGE,
                        "key": account.name,
                        "timestamp_ms": millis(now),
                        "value": json.dumps(made, separators=(",", ":")),
                    }
                )
            )
        sys.stdout.flush()
        time.sleep(max(0.001, min(0.05, 1 / arguments.rate)))


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--events", type=int, default=60_000, help="records in all, about (default 60000)"
    )
    parser.add_argument("--until", required=True, help="the last moment, RFC 3339")
    parser.add_argument("--months", type=int, default=2)
    parser.add_argument("--accounts", type=int, default=200)
    parser.add_argument("--out", help="folder for records.ndjson and about.json")
    parser.add_argument(
        "--live", type=float, help="seconds of live traffic to standard output instead"
    )
    parser.add_argument("--rate", type=float, default=50, help="live records a second (default 50)")
    arguments = parser.parse_args()
    until = dt.datetime.fromisoformat(arguments.until).astimezone(UTC).replace(microsecond=0)
    history = History(arguments.seed, arguments.accounts, until, arguments.months, arguments.events)
    if arguments.live:
        live(arguments, history)
        return
    if not arguments.out:
        parser.error("--out or --live is needed")
    lines = history.make()
    os.makedirs(arguments.out, exist_ok=True)
    with open(os.path.join(arguments.out, "records.ndjson"), "w", encoding="utf-8") as out:
        for line in lines:
            out.write(json.dumps(line, separators=(",", ":")) + "\n")
    about = {
        "seed": arguments.seed,
        "begin": stamp(history.begin),
        "until": stamp(until),
        "live_from": stamp(history.begin + DAY),
        "accounts": arguments.accounts,
        "records": len(lines),
        "usage": sum(line["topic"] == USAGE for line in lines),
        "billing": sum(line["topic"] == BILLING for line in lines),
    }
    with open(os.path.join(arguments.out, "about.json"), "w", encoding="utf-8") as out:
        out.write(json.dumps(about, indent=2) + "\n")
    print(json.dumps(about), file=sys.stderr)


if __name__ == "__main__":
    try:
        main()
    except BrokenPipeError:
        sys.stderr.close()
