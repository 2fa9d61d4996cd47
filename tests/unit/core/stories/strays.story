# What was told and counted under a name that is an alias only later. SEMANTICS 2, Aliases, by hand.

config strayed
  time: {lateness: 2d}
  timing: {budget: {account: 3 per 30d}}
  meters:
    seats: {event: seats, aggregate: latest, value: /n, limit: seats}
    disk:  {event: disk, aggregate: latest, value: /gb, by: /p, groups: 2, limit: disk}
    who:   {event: disk, aggregate: unique, value: /u, by: /p, groups: 2, windows: [24h]}
  rules:
    size:   {watch: meter.seats.used, levels: [50%, 80%, 100%]}
    eu:     {watch: "meter.disk[eu].used", levels: [50%], category: risk}
    eyes:   {watch: "meter.who[eu].24h", levels: [2], category: risk}
    unpaid: {watch: invoice.unpaid, levels: [1, 2], category: risk}
    done:   {watch: milestone.live, levels: [1], category: risk}
    rich:   {watch: account.arr, levels: [1k USD], category: risk}
    happy:  {watch: account.stars, levels: [4], category: risk}
    wide:   {watch: account.calm, levels: [1, 2, 3]}

# 60 of 100 are in use in eu, and nobody had a limit for the stray.
story facts and readings of groups come with the name
  2026-11-02T10:00Z acme subscription.created {"limits": {"disk": 100}, "period_start": "2026-11-01"}
  2026-11-02T10:01Z acme invoice.payment_failed {"invoice": "i-2"}
    fired unpaid/acme/1/2026-11-01#1 account_change 1
  2026-11-02T10:02Z key-1 account.updated {"arr": 120000, "currency": "USD"}
    fired rich/key-1/1000USD/2026-11-01#1 account_change 1200
  2026-11-02T10:03Z key-1 account.updated {"stars": 5}
    fired happy/key-1/4/2026-11-01#1 account_change 5
  2026-11-02T10:04Z key-1 invoice.payment_failed {"invoice": "i-1"}
    fired unpaid/key-1/1/2026-11-01#1 account_change 1
  2026-11-02T10:05Z key-1 milestone.achieved {"milestone": "live"}
    fired done/key-1/1/2026-11-01#1 account_change 1
  2026-11-02T10:06Z key-1 prompt.shown {"trigger": "t#1"}
  2026-11-02T10:07Z key-1 disk {"gb": 60, "p": "eu", "u": "ann"}
  2026-11-02T10:08Z acme disk {"gb": 30, "p": "us", "u": "ann"}
  2026-11-02T10:09Z acme account.updated {"aliases": ["key-1"]}
    resolved unpaid/key-1/1/2026-11-01#1/resolved moved 1
    resolved done/key-1/1/2026-11-01#1/resolved moved 1
    resolved rich/key-1/1000USD/2026-11-01#1/resolved moved 1200
    resolved happy/key-1/4/2026-11-01#1/resolved moved 5
    fired eu/acme/50pct/2026-11-01#1 account_change 0.6
    fired unpaid/acme/2/2026-11-01#1 account_change 2
    fired done/acme/1/2026-11-01#1 account_change 1
    fired rich/acme/1000USD/2026-11-01#1 account_change 1200
    fired happy/acme/4/2026-11-01#1 account_change 5
  2026-11-02T10:10Z key-1 disk {"gb": 61, "p": "eu", "u": "bob"}
    fired eyes/acme/2/2026-11-01#1 usage 2

# The newest word holds, whoever it was told about; an invoice that was paid since is paid.
story a newer word of its own stays
  2026-11-02T10:00Z key-1 account.updated {"arr": 120000, "currency": "USD", "stars": 5}
    fired rich/key-1/1000USD/2026-11-01#1 account_change 1200
    fired happy/key-1/4/2026-11-01#1 account_change 5
  2026-11-02T10:01Z acme account.updated {"arr": 50000, "currency": "USD", "stars": 1}
  2026-11-02T10:02Z key-1 invoice.payment_failed {"invoice": "i-1"}
    fired unpaid/key-1/1/2026-11-01#1 account_change 1
  2026-11-02T10:03Z acme invoice.paid {"invoice": "i-1"}
  2026-11-02T10:04Z key-1 disk {"gb": 60, "p": "eu", "u": "ann"}
  2026-11-02T10:05Z acme disk {"gb": 40, "p": "eu", "u": "ann"}
  2026-11-02T10:06Z acme account.updated {"aliases": ["key-1"]}
    resolved unpaid/key-1/1/2026-11-01#1/resolved moved 1
    resolved rich/key-1/1000USD/2026-11-01#1/resolved moved 1200
    resolved happy/key-1/4/2026-11-01#1/resolved moved 5
  2026-11-02T10:07Z acme subscription.created {"limits": {"disk": 100}, "period_start": "2026-11-01"}
  2026-11-02T10:08Z acme disk {"gb": 50, "p": "eu", "u": "ann"}
    fired eu/acme/50pct/2026-11-01#1 usage 0.5

# Three fires in thirty days: one of acme's own on the 2nd, two of the stray before and behind it.
# The next may come when the oldest, of the 1st, is thirty days old.
story fires under the stray name count in the budget
  2026-11-01T10:01Z key-1 account.updated {"calm": 1}
    fired wide/key-1/1/2026-11-01#1 account_change 1
  2026-11-02T10:01Z acme account.updated {"calm": 1}
    fired wide/acme/1/2026-11-01#1 account_change 1
  2026-11-03T10:00Z key-1 account.updated {"calm": 2}
    fired wide/key-1/2/2026-11-01#1 account_change 2
  2026-11-04T10:00Z acme account.updated {"aliases": ["key-1"]}
    resolved wide/key-1/2/2026-11-01#1/resolved moved 2
    resolved wide/key-1/1/2026-11-01#1/resolved moved 2
  2026-12-01T10:00:59Z tick
  2026-12-01T10:01Z tick
    fired wide/acme/2/2026-12-01#1 account_change 2

# Plan, limits, price, period and term of a subscription that only the stray was told of.
story a subscription comes with the name, field by field
  2026-11-02T10:00Z key-1 subscription.created {"subscription": "s", "plan": "p", "limits": {"seats": 10}, "mrr": 1000, "currency": "USD", "period": "week", "period_start": "2026-11-01", "renewal_date": "2027-11-01", "timezone": "Asia/Tokyo"}
  2026-11-02T10:01Z key-1 subscription.renewed {"subscription": "s", "renewal_date": "2028-11-01"}
  2026-11-02T10:02Z acme account.updated {"aliases": ["key-1"]}
  2026-11-02T10:03Z acme seats {"n": 5}
    fired size/acme/50pct/2026-11-01#1 usage 0.5
  2026-11-07T15:00Z tick
  2026-11-08T10:00Z acme seats {"n": 8}
    fired size/acme/80pct/2026-11-08#1 usage 0.8
