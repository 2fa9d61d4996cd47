# SPDX-License-Identifier: Apache-2.0
"""What growth people would know of the company: who uses which feature, what was tried, achieved,
said, offered, bought and left.

It adds to a history that is made already and draws from chances of its own, so that usage and
billing stay as they are. Facts about one account come from its name's own chances: a story told of
one changes no other. Deals lead somewhere: a won upsell follows what the account lives through in
company.py, and prompts come when contacts run out.
"""

import datetime as dt
import random

import company
from company import DAY, PLANS

FEATURES = ["pipeline.edited", "dashboard.opened", "report.exported", "automation.run"]
STAGES = ["identified", "qualified", "engaged", "negotiation"]
PROSPECTS = 24  # companies of which there are deals and nothing else
BUDGET = 0.085  # events added, at most, to those of usage and billing


class Growth:
    """Adds to `history` (generate.History), whose usage and billing are there."""

    def __init__(self, history):
        self.history, self.begin, self.until = history, history.begin, history.until
        self.rng = None
        self.deals = 0

    def tell(self, name, moment, kind, data):
        """An event of CRM, billing or support; nothing is known of what comes after the end."""
        if self.begin + dt.timedelta(minutes=10) <= moment < self.until - dt.timedelta(hours=1):
            self.history.fact(self.rng, name, moment, kind, data)

    def moment(self, first=0.0, last=1.0):
        """Some moment of the history, between two shares of it, in office hours."""
        at = self.begin + (self.until - self.begin) * self.rng.uniform(first, last)
        return at.replace(
            hour=self.rng.randint(8, 17),
            minute=self.rng.randrange(60),
            second=self.rng.randrange(60),
            microsecond=self.rng.randrange(1000) * 1000,
        )

    def make(self):
        room = int(len(self.history.records) * BUDGET)
        uses = max(0, room - 12 * len(self.history.accounts)) // len(self.history.accounts)
        for number, account in enumerate(self.history.accounts):
            self.rng = random.Random(f"{self.history.seed}/growth/{number}")
            self.people(account)
            trial = self.trial(account)
            self.features(account, trial, uses)
            self.feelings(account)
            self.prompts(account)
            self.expansion(account)
            self.contract(account)
        for number in range(PROSPECTS):
            self.rng = random.Random(f"{self.history.seed}/prospect/{number}")
            self.prospect(f"prospect-{number:02d}")

    def people(self, account):
        """Who tends the account, as CRM knows a few minutes after billing."""
        known = max(
            self.begin + dt.timedelta(minutes=15),
            dt.datetime.combine(account.started, dt.time(15), company.UTC),
        )
        owners = {"owner": self.rng.choice(["dana", "eli", "fay"])}
        if account.plan != "starter":
            owners["account_manager"] = self.rng.choice(["gil", "hana"])
        self.tell(account.name, known, "account.updated", owners)

    def trial(self, account):
        """(first, last) of a premium trial, or None. Every fifth account lends it for a fortnight."""
        if self.rng.random() > 0.2:
            return None
        first = self.moment(0.35, 0.7)
        last = first + 14 * DAY
        ends = last.date().isoformat()
        self.tell(account.name, first, "trial.started", {"feature": "premium", "ends_at": ends})
        outcome = self.rng.choice(["converted", "expired", "expired", "cancelled"])
        self.tell(account.name, last, "trial.ended", {"feature": "premium", "outcome": outcome})
        return first, last

    def features(self, account, trial, uses):
        """Most accounts use one to all features, some weeks apart; who tries, tries often."""
        favourites = FEATURES[: self.rng.choice([1, 2, 2, 3, 4])]
        # A trial takes what its account would use besides, so that the number of events stays.
        tried = min(uses, 12) if trial else 0
        for number in range(tried):
            span = (trial[1] - trial[0]) / tried
            at = trial[0] + span * (number + self.rng.random())
            self.use(account, at, self.rng.choice(["dashboard.opened"] * 3 + ["report.exported"]))
        for _ in range(uses - tried):
            self.use(account, self.moment(0.05), self.rng.choice(favourites))

    def use(self, account, at, kind):
        if account.first_day() < at < account.last_day() and not account.quiet(at):
            people = max(1, round(account.amount("seats", at)))
            self.history.used(self.rng, account.name, at, kind, self.rng.randrange(people))

    def feelings(self, account):
        """What support and surveys hear; it goes along with how the account fares."""
        rng, name = self.rng, account.name
        sad = account.story in ("silent", "cancelling", "shrinking", "unpaid")
        nps = rng.choice([2, 4, 6, 7, 8]) if sad else rng.choice([5, 7, 8, 9, 9, 10])
        self.tell(name, self.moment(0.1, 0.9), "feedback.nps", {"score": nps})
        if rng.random() < 0.5:
            csat = rng.choice([2, 3, 4]) if sad else rng.choice([3, 4, 5, 5])
            self.tell(name, self.moment(0.1, 0.9), "feedback.csat", {"score": csat})
        for first in (0.05, 0.55):
            health = rng.randint(25, 70) if sad else rng.randint(55, 98)
            self.tell(name, self.moment(first, first + 0.3), "health.updated", {"score": health})
        if not sad and rng.random() < 0.35:
            achieved = {"milestone": "success_metric"}
            self.tell(name, self.moment(0.1, 0.8), "milestone.achieved", achieved)
        if account.plan != "starter" and rng.random() < 0.5:
            self.tell(name, self.moment(0.2), "engagement.executive", {"person": "cto"})

    def prompts(self, account):
        """In the product, when contacts run out: most look, some say no, some say yes."""
        crossed = account.crossing("contacts", 0.8)
        if crossed is None or self.rng.random() > 0.6:
            return
        shown = crossed + dt.timedelta(hours=self.rng.randint(1, 30))
        about = {"rule": "capacity", "user": "user-000"}
        self.tell(account.name, shown, "prompt.shown", about)
        answer = self.rng.choice(["dismissed", "dismissed", "accepted", None])
        if answer:
            later = shown + dt.timedelta(minutes=self.rng.randint(1, 40))
            self.tell(account.name, later, f"prompt.{answer}", about)

    def deal(self, name, kind, first, stages, end, amount):
        """An opportunity from its first stage on; `end` is (won or lost, moment) or None."""
        self.deals += 1
        facts = {
            "opportunity": f"opp-{self.history.seed}-{self.deals:04d}",
            "kind": kind,
            "amount": amount,
            "currency": "USD",
        }
        step = (end[1] - first) / (len(stages) + 1) if end else 5 * DAY
        for number, stage in enumerate(stages):
            at = first + step * number
            self.tell(name, at, "opportunity.stage_changed", {**facts, "stage": stage})
        if end:
            cost = amount * self.rng.randint(8, 30) // 100
            closed = {**facts, "stage": end[0], "cost": cost}
            self.tell(name, end[1], "opportunity.stage_changed", closed)

    def expansion(self, account):
        """Who goes up a plan had been spoken to; of the others half are, and mostly in vain."""
        rng, name = self.rng, account.name
        if account.upgrade:
            grown = PLANS[company.NEXT[account.plan]]["mrr"] - PLANS[account.plan]["mrr"]
            first = account.upgrade - dt.timedelta(days=rng.randint(4, 16), minutes=rng.randrange(60))
            end = "closed_won", account.upgrade - dt.timedelta(hours=2)
            self.deal(name, "upsell", max(first, self.moment(0.03, 0.04)), STAGES, end, grown * 12)
            return
        if rng.random() > 0.5:
            return
        kind = rng.choice(["upsell", "upsell", "cross-sell"])
        first = self.moment(0.1, 0.75)
        stages = STAGES[: rng.randint(1, 4)]
        amount = rng.choice([6, 9, 12, 30, 120]) * 100_000
        if account.plan == "starter" and rng.random() < 0.05:
            amount = 100_000_000
        outcome = rng.choice(["closed_lost"] * 5 + ["closed_won"] + [None] * 2)
        end = (outcome, first + dt.timedelta(days=rng.randint(5, 25))) if outcome else None
        self.deal(name, kind, first, stages, end, amount)

    def prospect(self, name):
        """New business: not a customer yet, and two of three will not be one."""
        first = self.moment(0.05, 0.8)
        outcome = self.rng.choice(["closed_won", "closed_lost", "closed_lost", None])
        end = (outcome, first + dt.timedelta(days=self.rng.randint(6, 30))) if outcome else None
        stages = STAGES[: self.rng.randint(2, 4)]
        self.deal(name, "new", first, stages, end, self.rng.choice([48, 144]) * 10_000)

    def contract(self, account):
        """Growing customers go up a plan by themselves; one customer of the company gives seats back."""
        if account.story == "growing" and account.upgrade:
            plan = company.NEXT[account.plan]
            more = {"plan": plan, "mrr": PLANS[plan]["mrr"], "currency": "USD"}
            self.tell(account.name, account.upgrade, "subscription.updated", more)
        if account.reduced:
            less = {"limits": {"seats": account.reduced}, "currency": "USD"}
            less["mrr"] = PLANS[account.plan]["mrr"] * 4 // 5
            self.tell(account.name, account.turn, "subscription.updated", less)
