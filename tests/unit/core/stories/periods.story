# Periods, late events, late crossings, subscriptions that end. SEMANTICS 2, 3 and 5 by hand.

config counted
  time: {lateness: 2d, skew: 5m}
  meters:
    calls: {event: calls, aggregate: sum, value: /n, limit: calls}
  rules:
    quota:  {watch: meter.calls.used, levels: [80%, 100%], rearm: 5%}
    volume: {watch: meter.calls.period, levels: [1000]}

story a late event belongs to the period of its time and may cross it
  2026-11-01T00:00Z acme subscription.created {"limits": {"calls": 100}}
  2026-11-20T10:00Z acme calls {"n": 79}
  2026-12-01T10:00Z acme calls {"n": 1}
  2026-12-01T10:01Z acme calls {"n": 1} at=2026-11-30T10:00Z
    fired quota/acme/80pct/2026-11-01#1 late_crossing 0.8
  2026-12-01T10:02Z acme calls {"n": 1} at=2026-11-30T10:00Z
  2026-12-01T10:03Z acme calls {"n": 40} at=2026-11-30T10:00Z
    fired quota/acme/100pct/2026-11-01#1 late_crossing 1.21
  2026-12-01T10:04Z acme calls {"n": 79}
    fired quota/acme/80pct/2026-12-01#1 usage 0.8

story a level that was open when the period ended does not cross late
  2026-11-01T00:00Z acme subscription.created {"limits": {"calls": 100}}
  2026-11-20T10:00Z acme calls {"n": 80}
    fired quota/acme/80pct/2026-11-01#1 usage 0.8
  2026-11-20T10:01Z acme calls {"n": -3}
  2026-12-01T00:00Z tick
    resolved quota/acme/80pct/2026-11-01#1/resolved period_reset 0
  2026-12-01T10:00Z acme calls {"n": 4} at=2026-11-30T10:00Z

story a late crossing is judged under that period's last limit
  2026-11-01T00:00Z acme subscription.created {"limits": {"calls": 100}}
  2026-11-20T10:00Z acme calls {"n": 79}
  2026-12-01T09:00Z acme subscription.updated {"limits": {"calls": 1000}}
  2026-12-01T10:00Z acme calls {"n": 1} at=2026-11-30T10:00Z
    fired quota/acme/80pct/2026-11-01#1 late_crossing 0.8

# The start of 5 November ended a period that is forgotten by the 20th: it ends none a second time.
story a subscription whose end is withdrawn goes on with its period
  2026-11-05T10:00Z acme subscription.created {"limits": {"calls": 100}}
  2026-11-05T11:00Z acme subscription.created {"subscription": "second"}
  2026-11-06T10:00Z acme subscription.cancelled {}
  2026-11-07T10:00Z acme subscription.cancelled {"subscription": "second"}
  2026-11-20T10:00Z acme calls {"n": 50}
  2026-11-21T10:00Z acme subscription.updated {}
  2026-11-21T11:00Z acme calls {"n": 30}
    fired quota/acme/80pct/2026-11-05#1 usage 0.8

story a correction of what a start cut off is too late when that is no longer kept
  2026-11-05T10:00Z acme subscription.created {"limits": {"calls": 100}}
  2026-11-06T10:00Z acme subscription.cancelled {}
  2026-11-20T10:00Z acme usage.corrected {"meter": "calls", "add": 5} at=2026-11-03T10:00Z
    dead too_late

story exactly lateness is accepted, more is too late; the same ahead with skew
  2026-11-20T10:00Z acme calls {"n": 1} at=2026-11-18T10:00Z
  2026-11-20T10:00Z acme calls {"n": 1} at=2026-11-18T09:59:59.999999Z
    dead too_late
  2026-11-20T10:00Z acme calls {"n": 1} at=2026-11-20T10:05Z
  2026-11-20T10:00Z acme calls {"n": 1} at=2026-11-20T10:05:00.000001Z
    dead in_future

story an event a little ahead belongs to the next period
  2026-11-01T00:00Z acme subscription.created {"limits": {"calls": 100}}
  2026-11-30T23:59Z acme calls {"n": 85} at=2026-12-01T00:01Z
  2026-12-01T00:00Z tick
    fired quota/acme/80pct/2026-12-01#1 time 0.85

story the anchor's day returns after a short month, on the account's wall clock
  2026-01-31T12:00Z acme subscription.created {"limits": {"calls": 100}, "timezone": "America/New_York", "period_start": "2026-01-31"}
  2026-01-31T13:00Z acme calls {"n": 100}
    fired quota/acme/100pct/2026-01-31#1 usage 1
  2026-02-28T04:59Z tick
  2026-02-28T05:00Z tick
    resolved quota/acme/100pct/2026-01-31#1/resolved period_reset 0
  2026-03-01T05:00Z acme calls {"n": 100}
    fired quota/acme/100pct/2026-02-28#1 usage 1
  2026-03-31T03:59Z tick
  2026-03-31T04:00Z tick
    resolved quota/acme/100pct/2026-02-28#1/resolved period_reset 0

story a plan change keeps the counter, a new start ends the period
  2026-11-01T00:00Z acme subscription.created {"limits": {"calls": 100}}
  2026-11-10T10:00Z acme calls {"n": 80}
    fired quota/acme/80pct/2026-11-01#1 usage 0.8
  2026-11-11T10:00Z acme subscription.updated {"plan": "big", "limits": {"calls": 90}}
  2026-11-12T10:00Z acme subscription.created {"plan": "big", "limits": {"calls": 90}}
    resolved quota/acme/80pct/2026-11-01#1/resolved period_reset 0

story a new start on the date on which the period began ends it
  2026-01-01T05:00Z acme calls {"n": 600}
  2026-01-01T08:00Z acme subscription.created {"limits": {"calls": 10000}}
  2026-01-01T09:00Z acme calls {"n": 600}
  2026-01-01T10:00Z acme calls {"n": 400}
    fired volume/acme/1000/2026-01-01#1 usage 1000
  2026-01-01T11:00Z acme subscription.created {"limits": {"calls": 10000}}
    resolved volume/acme/1000/2026-01-01#1/resolved period_reset 0
  2026-01-01T12:00Z acme calls {"n": 1000}
    fired volume/acme/1000/2026-01-01#2 usage 1000

story at its end all open levels end, and no rule is judged until a new one starts
  2026-11-01T00:00Z acme subscription.created {"limits": {"calls": 100}}
  2026-11-10T10:00Z acme calls {"n": 80}
    fired quota/acme/80pct/2026-11-01#1 usage 0.8
  2026-11-10T11:00Z acme subscription.cancelled {"ends_at": "2026-11-15"}
  2026-11-14T23:59Z tick
  2026-11-15T00:00Z tick
    resolved quota/acme/80pct/2026-11-01#1/resolved subscription_ended -
  2026-11-15T10:00Z acme calls {"n": 2000}
  2026-11-16T00:00Z acme subscription.created {"limits": {"calls": 100}}
  2026-11-16T10:00Z acme calls {"n": 90}
    fired quota/acme/80pct/2026-11-16#1 usage 0.9

story a later word withdraws a cancellation; an older one that comes late does not
  2026-11-01T00:00Z acme subscription.created {"limits": {"calls": 100}}
  2026-11-10T10:00Z acme calls {"n": 80}
    fired quota/acme/80pct/2026-11-01#1 usage 0.8
  2026-11-10T11:00Z acme subscription.cancelled {"ends_at": "2026-11-15"}
  2026-11-10T12:00Z acme subscription.updated {"mrr": 100, "currency": "USD"} at=2026-11-10T10:30Z
  2026-11-11T11:00Z acme subscription.updated {"mrr": 100, "currency": "USD"}
  2026-11-16T00:00Z acme subscription.cancelled {"ends_at": "2026-11-15"} at=2026-11-10T11:00Z
  2026-11-17T00:00Z acme subscription.cancelled {}
    resolved quota/acme/80pct/2026-11-01#1/resolved subscription_ended -

story fields keep the newest event time
  2026-11-10T00:00Z acme subscription.created {"limits": {"calls": 100}} at=2026-11-01T00:00Z
  2026-11-10T00:01Z acme subscription.updated {"limits": {"calls": 50}} at=2026-11-09T00:00Z
  2026-11-10T00:02Z acme subscription.updated {"limits": {"calls": 10}} at=2026-11-08T00:00Z
  2026-11-10T10:00Z acme calls {"n": 39}
  2026-11-10T10:01Z acme calls {"n": 1}
    fired quota/acme/80pct/2026-11-01#1 usage 0.8

story one day before its first event an account's late usage is in the month of its time
  2026-12-01T10:00Z acme calls {"n": 5}
  2026-12-01T10:01Z acme calls {"n": 1000} at=2026-11-30T10:00Z
    fired volume/acme/1000/2026-11-01#1 late_crossing 1000

config plans
  plans:
    small: {limits: {calls: 100}}
    big:   {limits: {calls: 200, seats: unlimited}}
  meters:
    calls: {event: calls, aggregate: sum, value: /n, limit: calls}
  rules:
    quota: {watch: meter.calls.used, levels: [80%]}
    left:  {watch: meter.calls.remaining, below: [10]}

story the catalogue gives limits, the contract's own replace them, a plan alone clears those
  2026-11-01T00:00Z acme subscription.created {"plan": "small", "limits": {"calls": 150}}
  2026-11-02T00:00Z acme calls {"n": 85}
  2026-11-03T00:00Z acme subscription.updated {"plan": "small"}
    fired quota/acme/80pct/2026-11-01#1 limit_change 0.85
  2026-11-04T00:00Z acme subscription.updated {"plan": "big"}
    resolved quota/acme/80pct/2026-11-01#1/resolved limit_increased 0.425
  2026-11-05T00:00Z acme calls {"n": 105}
    fired quota/acme/80pct/2026-11-01#2 usage 0.95
    fired left/acme/10/2026-11-01#1 usage 10

config daily
  time: {lateness: 2d}
  meters:
    calls: {event: calls, aggregate: sum,    value: /n}
    seen:  {event: seen,  aggregate: unique, value: /who}
  rules:
    today: {watch: meter.calls.day, levels: [10]}
    month: {watch: meter.calls.month, levels: [20]}
    users: {watch: meter.seen.day, levels: [2]}

# 21:00Z on the 5th is the 6th in Tokyo, whose days end at 15:00Z.
story a zone whose date is ahead ends the day
  2026-01-05T10:00Z acme subscription.created {}
  2026-01-05T20:00Z acme calls {"n": 10}
    fired today/acme/10/2026-01-05#1 usage 10
  2026-01-05T21:00Z acme subscription.updated {"timezone": "Asia/Tokyo"}
    resolved today/acme/10/2026-01-05#1/resolved period_reset 0
  2026-01-06T03:00Z acme calls {"n": 10}
    fired today/acme/10/2026-01-05#2 usage 10
    fired month/acme/20/2026-01-05#1 usage 20
  2026-01-06T15:00Z tick
    resolved today/acme/10/2026-01-05#2/resolved period_reset 0

# It is the 5th in New York still, until 05:00Z.
story a zone whose date is behind lets the day that is open go on, and brings none back
  2026-01-04T22:00Z acme subscription.created {"timezone": "Asia/Tokyo"}
  2026-01-05T10:00Z acme calls {"n": 12}
    fired today/acme/10/2026-01-05#1 usage 12
  2026-01-05T20:00Z acme calls {"n": 9}
    resolved today/acme/10/2026-01-05#1/resolved period_reset 0
    fired month/acme/20/2026-01-05#1 usage 21
  2026-01-05T20:01Z acme seen {"who": "ann"}
  2026-01-05T21:00Z acme subscription.updated {"timezone": "America/New_York"}
  2026-01-05T21:01Z acme seen {"who": "ann"}
  2026-01-05T21:02Z acme calls {"n": 1}
    fired today/acme/10/2026-01-04#1 usage 10
  2026-01-05T21:03Z acme seen {"who": "bob"}
    fired users/acme/2/2026-01-04#1 usage 2
  2026-01-06T05:00Z tick
    resolved today/acme/10/2026-01-04#1/resolved period_reset 0
    resolved users/acme/2/2026-01-04#1/resolved period_reset 0

config shrinking
  meters:
    calls: {event: calls, aggregate: sum, value: /n, limit: calls}
  rules:
    low: {watch: meter.calls.used, below: [10%], category: risk}

# December begins while nobody is judged: what was armed in November is not any more.
story the end of its period disarms a level, also between two subscriptions
  2026-11-01T00:00Z acme subscription.created {"limits": {"calls": 100}}
  2026-11-02T00:00Z acme calls {"n": 50}
  2026-11-20T00:00Z acme subscription.cancelled {}
  2026-12-01T00:00Z acme subscription.created {"limits": {"calls": 100}}
  2026-12-02T00:00Z acme calls {"n": 5}
  2026-12-03T00:00Z acme calls {"n": 6}
  2026-12-04T00:00Z acme calls {"n": -1}
    fired low/acme/10pct/2026-12-01#1 usage 0.1

# At 23:58 and 23:59 comes what belongs to December. A minute before it begins the subscription is
# known to be a yearly one: both are in the period in force, with the 70 before. Ann and bob are
# counted once, whichever minute told of them.
config grown
  time: {lateness: 2d, skew: 5m}
  meters:
    calls: {event: calls, aggregate: sum, value: /n, limit: calls}
    users: {event: calls, aggregate: unique, value: /u}
  rules:
    quota: {watch: meter.calls.used, levels: [100%]}
    users: {watch: meter.users.period, levels: [2, 3], jump: each}

story what came early is in the period that grew over it
  2026-11-01T00:00Z acme subscription.created {"limits": {"calls": 100}}
  2026-11-20T10:00Z acme calls {"n": 70, "u": "ann"}
  2026-11-30T23:58Z acme calls {"n": 20, "u": "bob"} at=2026-12-01T00:01Z
  2026-11-30T23:58:30Z acme calls {"n": 9, "u": "ann"} at=2026-12-01T00:02Z
  2026-11-30T23:59Z acme subscription.updated {"period": "year"}
    fired users/acme/2/2026-11-01#1 account_change 2
  2026-12-01T10:00Z acme calls {"n": 1, "u": "cem"}
    fired quota/acme/100pct/2026-11-01#1 usage 1
    fired users/acme/3/2026-11-01#1 usage 3
