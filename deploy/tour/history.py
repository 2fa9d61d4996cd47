# SPDX-License-Identifier: Apache-2.0
"""The tour's examples: what happened to an account, or to a whole company, as lines of events.

    history.py NAME      prints the events of one example
    history.py --list    NAME, the configuration's name and what to ask, a line each

Each example is as short as it can be; all end before the first of June 2026.
"""
import datetime as dt
import json
import sys

END = dt.datetime(2026, 6, 1, tzinfo=dt.timezone.utc)
EXAMPLES = {}  # name: (configuration, what is asked, what makes it)
told = []


def day(number, hour=12.0):
    """So many days from the first of June, at noon."""
    return END + dt.timedelta(days=number, hours=hour)


def date(number):
    return day(number, 0).date().isoformat()


def tell(moment, account, type, /, **data):
    told.append((moment, account, type, data))


def subscribe(moment, account, plan, mrr=None, **more):
    """mrr in dollars a month; in events money is in cents."""
    if mrr is not None:
        more.update(mrr=mrr * 100, currency="USD")
    tell(moment, account, "subscription.created", plan=plan, **more)


def example(config, asked, *names):
    def add(make):
        for name in names or (make.__name__,):
            EXAMPLES[name] = (config, asked, make)
        return make

    return add


# --- one account --------------------------------------------------------------------------------


@example("signals", "explain")
def licence(name):
    """14 contacts a day more, for six months: from 1,680 to 4,200."""
    subscribe(day(-181), name, "starter", mrr=400)
    for passed in range(181):
        tell(day(passed - 181), name, "contact.count", value=1680 + 14 * passed)


@example("signals", "explain")
def trial(name):
    """Dashboards, which are only lent, on five days of a week."""
    subscribe(day(-120), name, "growth", mrr=1200)
    tell(day(-10), name, "trial.started", feature="premium", ends_at=date(20))
    for passed in range(-8, -3):
        tell(day(passed), name, "dashboard.opened")


@example("signals", "explain")
def adopter(name):
    """19 of the CRM's 20 features, and use on each day of a week."""
    subscribe(day(-120), name, "starter", mrr=400)
    for feature in range(1, 20):
        tell(day(-8), name, f"crm.f{feature:02}")
    for passed in range(-7, 0):
        tell(day(passed), name, "crm.f01")


@example("signals", "explain", "ready", "half", "nothing")
def score(name):
    """All seven signals of the score; three of them; none."""
    renewal = {"renewal_date": date(100)} if name == "ready" else {}
    subscribe(day(-30), name, "starter", mrr=400, limits={"contacts": 5000, "seats": 4}, **renewal)
    if name == "nothing":
        return
    tell(day(-5, 1), name, "engagement.executive", person="Robin")
    tell(day(-5, 2), name, "milestone.achieved", milestone="success_metric")
    tell(day(-5, 3), name, "contact.count", value=4500)
    if name == "ready":
        tell(day(-5, 4), name, "health.updated", score=90)
        tell(day(-5, 5), name, "trial.started", feature="premium")
        tell(day(-5, 6), name, "dashboard.opened")
        for user in range(4):
            tell(day(-1, 20), name, "user.active", user=f"u{user}")


@example("signals", "explain")
def exactly(name):
    """4,000 contacts of 5,000."""
    subscribe(day(-30), name, "starter", mrr=400)
    tell(day(-5), name, "contact.count", value=4000)


@example("signals", "explain", "unused", "never")
def renewal(name):
    """To be renewed in 50 days, and hardly used, or never at all."""
    subscribe(day(-300), name, "starter", mrr=400, renewal_date=date(50))
    tell(day(-299), name, "account.updated", csm="carla", account_manager="adam")
    if name == "unused":
        tell(day(-200), name, "contact.count", value=1000)


@example("signals", "explain")
def seats(name):
    """From 50 to 40 seats, with 35 people in them."""
    limits = {"contacts": 5000, "seats": 50}
    tell(day(-120, 1), name, "account.updated", csm="carla")
    subscribe(day(-120), name, "starter", mrr=500, limits=limits)
    for user in range(35):
        tell(day(-5), name, "user.active", user=f"u{user}")
    limits = {"contacts": 5000, "seats": 40}
    tell(day(-4), name, "subscription.updated", limits=limits, mrr=400_00, currency="USD")


@example("signals", "explain")
def spreading(name):
    """People of a second department come."""
    subscribe(day(-120), name, "growth", mrr=1200)
    for passed, department in ((-5, "sales"), (-4, "sales"), (-3, "engineering")):
        tell(day(passed), name, "user.active", user="u", department=department)


DEALS = {"deal-5k": (10_000, 5_000), "deal-25k": (30_000, 25_000),
         "deal-100k": (50_000, 100_000), "deal-1m": (20_000, 1_000_000)}


@example("signals", "explain", *DEALS)
def deal(name):
    """80% of the contacts, and an open opportunity."""
    arr, amount = DEALS[name]
    subscribe(day(-120), name, "starter", mrr=400)
    tell(day(-119), name, "account.updated", arr=arr * 100, currency="USD")
    tell(day(-9), name, "opportunity.stage_changed", opportunity=f"o-{name}", stage="qualified",
         kind="upsell", amount=amount * 100, currency="USD")
    tell(day(-5), name, "contact.count", value=4100)


@example("timing", "explain")
def dismissed(name):
    """The prompt at 85% is dismissed; two weeks later it is 92%, and stays there."""
    subscribe(day(-60), name, "starter")
    tell(day(-50), name, "contact.count", value=4250)
    tell(day(-49), name, "prompt.dismissed", rule="capacity")
    tell(day(-36), name, "contact.count", value=4600)


@example("timing", "explain")
def budget(name):
    """Two upsells on one day, for which there is a silence, and an invoice unpaid."""
    subscribe(day(-60), name, "starter")
    tell(day(-30, 10), name, "silence.set", scope="account", by="dana", until=date(-29))
    tell(day(-30, 11), name, "contact.count", value=4100)
    tell(day(-30, 12), name, "file.count", value=85)
    tell(day(-28), name, "invoice.payment_failed", invoice="i1")


# --- a company ----------------------------------------------------------------------------------

REACHED = {"identified": 200, "qualified": 120, "engaged": 75, "negotiation": 45, "closed_won": 30}


@example("reports", "funnel")
def pipeline(_):
    """200 deals of 15,000 each, as far as each came."""
    for hour, (stage, count) in enumerate(REACHED.items()):
        for n in range(count):
            tell(day(-20, hour), f"account-{n}", "opportunity.stage_changed", opportunity=f"o{n}",
                 stage=stage, kind="upsell", amount=15_000 * 100, currency="USD")


@example("reports", "dashboard")
def targets(_):
    """200 customers at 1,500 a month. 56 go up, after 228 or 229 days; twelve go down."""
    for n in range(200):
        subscribe(day(-269), f"c{n}", "starter", mrr=1500)
    for n, more in enumerate([118_333] * 55 + [118_352]):
        tell(day(-269 + (229 if n < 7 else 228)), f"c{n}", "subscription.updated",
             mrr=150_000 + more, currency="USD")
    for n, less in enumerate([102_222] * 11 + [102_225]):
        tell(day(-88), f"c{100 + n}", "subscription.updated", mrr=150_000 - less, currency="USD")
    tell(day(-5), "c199", "opportunity.stage_changed", opportunity="o", stage="engaged",
         kind="upsell", amount=1_750_000 * 100, currency="USD")


@example("reports", "retention")
def growing(_):
    """Ten customers at 100,000 a month. In May one leaves and three go up by 100,000."""
    for n in range(10):
        subscribe(day(-83), f"c{n}", "starter", mrr=100_000)
    tell(day(-22), "c0", "subscription.cancelled")
    for n in (1, 2, 3):
        tell(day(-22), f"c{n}", "subscription.updated", mrr=200_000 * 100, currency="USD")


@example("reports", "retention")
def negative_churn(_):
    """Seven customers at 100,000 a month. In May one goes down by 50,000 and one up by 75,000."""
    for n in range(7):
        subscribe(day(-83), f"c{n}", "starter", mrr=100_000)
    tell(day(-22), "c0", "subscription.updated", mrr=50_000 * 100, currency="USD")
    tell(day(-22), "c1", "subscription.updated", mrr=175_000 * 100, currency="USD")


@example("reports", "lift")
def nps(_):
    """60 promoters and 60 detractors reach 80%; 18 of either go up two weeks later."""
    for answer in (10, 3):
        for n in range(60):
            name = f"nps{answer}-{n}"
            subscribe(day(-90), name, "starter", mrr=400)
            tell(day(-80), name, "feedback.nps", score=answer)
            tell(day(-60), name, "contact.count", value=4100)
            if n < 18:
                tell(day(-46), name, "subscription.updated", mrr=120_000, currency="USD")


# ------------------------------------------------------------------------------------------------


def stamp(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def main(name):
    _, _, make = EXAMPLES[name]
    make(name)
    told.sort(key=lambda one: one[0])
    for number, (moment, account, type, data) in enumerate(told):
        print(json.dumps({
            "specversion": "1.0", "id": str(number), "source": "/tour", "type": type,
            "subject": account, "time": stamp(moment), "_now": stamp(moment), "data": data}))


if sys.argv[1:] == ["--list"]:
    for name, (config, asked, _) in EXAMPLES.items():
        print(name, config, asked)
elif len(sys.argv) == 2 and sys.argv[1] in EXAMPLES:
    main(sys.argv[1])
else:
    sys.exit(f"history.py: one of {' '.join(EXAMPLES)}")
