# What happens rarely: quantities at the end of their range, what came early, what rules no longer say.

config bounded
  time: {lateness: 2d, skew: 5m}
  meters:
    calls: {event: calls, aggregate: sum, value: /n, limit: calls, windows: [24h]}
    users: {event: calls, aggregate: unique, value: /u}
    seen:  {event: seen, aggregate: unique, value: /u}
  rules:
    quota: {watch: meter.calls.used, levels: [50%, 500%]}
    all:   {watch: meter.calls.period, levels: [15]}
    eyes:  {watch: meter.users.period, levels: [2]}

# The half of 26 nines is 26 digits, one of them behind the point: the next call is beyond. Five times
# the limit is more than any quantity, so nothing can be beyond it.
story a level that no quantity reaches
  2026-11-02T10:00Z acme subscription.created {"limits": {"calls": 99999999999999999999999999}, "period_start": "2026-11-01"}
  2026-11-02T10:01Z acme calls {"n": 14, "u": "ann"}
  2026-11-02T10:02Z acme calls {"n": 49999999999999999999999985, "u": "ann"}
    fired all/acme/15/2026-11-01#1 usage 49999999999999999999999999
  2026-11-02T10:03Z acme calls {"n": 1, "u": "ann"}
    fired quota/acme/50pct/2026-11-01#1 usage 0.5

# The period of December has room for it, the last 24 hours do not.
story what overflows a window is refused whole
  2026-11-30T23:00Z acme calls {"n": 99999999999999999999999999, "u": "ann"}
    fired all/acme/15/2026-11-01#1 usage 99999999999999999999999999
  2026-12-01T00:10Z acme calls {"n": 1, "u": "bob"}
    resolved all/acme/15/2026-11-01#1/resolved period_reset 0
    dead overflow
  2026-12-01T00:11Z acme calls {"n": 0, "u": "cem"}
  2026-12-01T00:12Z acme calls {"n": 0, "u": "dan"}
    fired eyes/acme/2/2026-12-01#1 usage 2

# Two names have counted 26 nines. Together it is the largest quantity, of 26 digits before the point
# and 12 behind it.
story what moves beyond any quantity stays at the end of it
  2026-11-02T10:00Z acme calls {"n": 99999999999999999999999999, "u": "ann"}
    fired all/acme/15/2026-11-01#1 usage 99999999999999999999999999
  2026-11-02T10:01Z key calls {"n": 99999999999999999999999999, "u": "ann"}
    fired all/key/15/2026-11-01#1 usage 99999999999999999999999999
  2026-11-02T10:02Z acme account.updated {"aliases": ["key"]}
    resolved all/key/15/2026-11-01#1/resolved moved 99999999999999999999999999
  2026-11-02T10:03Z acme calls {"n": 1, "u": "ann"}
    dead overflow
  2026-11-02T10:04Z acme calls {"n": -99999999999999999999999999, "u": "ann"}
    resolved all/acme/15/2026-11-01#1/resolved usage_decreased 0.999999999999

# At 23:57 comes what belongs to December; a minute later a subscription starts, whose periods begin
# on the 15th. December, which nobody is in any more, is in its first one.
story what came early belongs to the period that began in place of its own
  2026-11-30T10:00Z acme calls {"n": 1, "u": "old"}
  2026-11-30T23:57Z acme calls {"n": 5, "u": "ann"} at=2026-12-01T00:01Z
  2026-11-30T23:58Z acme subscription.created {"period_start": "2026-11-15"}
  2026-11-30T23:59Z acme calls {"n": 9, "u": "ann"}
  2026-12-01T00:02Z acme calls {"n": 1, "u": "bob"}
    fired all/acme/15/2026-11-15#1 usage 15
    fired eyes/acme/2/2026-11-15#1 usage 2

story a member is text, a number or a truth
  2026-11-02T10:00Z acme seen {"u": null}
    dead bad_value
  2026-11-02T10:01Z acme seen {"u": ["ann"]}
    dead bad_value
  2026-11-02T10:02Z acme seen {}
    dead bad_value
  2026-11-02T10:03Z acme seen {"u": true}

# Before its own first month an account's usage is corrected as long as that month may change. What
# has no limit crosses there, too.
story a correction of the month before the first
  2026-11-02T10:00Z acme subscription.created {"limits": {"calls": 100}, "period_start": "2026-11-01"}
  2026-11-02T23:59Z acme usage.corrected {"meter": "calls", "add": 70} at=2026-10-15T00:00Z
    fired all/acme/15/2026-10-01#1 late_crossing 70
  2026-11-03T00:01Z acme usage.corrected {"meter": "calls", "add": 70} at=2026-10-15T00:00Z
    dead too_late
  2026-11-03T00:02Z acme calls {"n": 14, "u": "ann"}
  2026-11-03T00:03Z acme calls {"n": 1, "u": "ann"}
    fired all/acme/15/2026-11-01#1 usage 15

config late
  brake: {accounts: 1, within: 10m}
  time: {lateness: 2d}
  meters:
    calls: {event: calls, aggregate: sum, value: /n}
  rules:
    quota: {watch: meter.calls.period, levels: [10]}

story what crosses late is braked as anything else, and does not wait
  2026-11-30T10:00Z a calls {"n": 1}
  2026-11-30T10:00Z b calls {"n": 1}
  2026-12-01T10:00Z wall
  2026-12-01T10:00Z a calls {"n": 9} at=2026-11-30T11:00Z
    fired quota/a/10/2026-11-01#1 late_crossing 10
  2026-12-01T10:01Z b calls {"n": 9} at=2026-11-30T11:00Z
    brake quota 1
  2026-12-01T11:00Z release quota

config fewer
  brake: {accounts: 1, within: 10m}
  rules:
    other: {watch: account.calm, levels: [1]}

config both
  brake: {accounts: 1, within: 10m}
  rules:
    happy: {watch: account.stars, levels: [4]}
    other: {watch: account.calm, levels: [1]}

# What it held goes with the rule, and does not fire once more first.
story a rule that is gone brakes nothing and fires nothing, and the others stay braked
  2026-11-02T10:00Z wall
  2026-11-02T10:00Z a account.updated {"stars": 4, "calm": 1}
    fired happy/a/4/2026-11-01#1 account_change 4
    fired other/a/1/2026-11-01#1 account_change 1
  2026-11-02T10:01Z b account.updated {"stars": 4, "calm": 1}
    brake happy 1
    brake other 1
  2026-11-02T10:02Z rules fewer
  2026-11-02T10:03Z b account.updated {"calm": 2}
  2026-11-02T10:04Z release other
    fired other/b/1/2026-11-01#1 account_change 2

config unwatched
  sources: [{topic: app, format: cloudevents}]
  meters:
    calls: {event: calls, aggregate: count, windows: [24h]}
  rules:
    calls_gone: {watch: meter.calls.24h, below: [0], category: risk}

config watched
  sources:
    - {topic: web, format: cloudevents, silent_after: 6h}
    - {topic: app, format: cloudevents, silent_after: 6h}
  meters:
    calls: {event: calls, aggregate: count, windows: [24h]}
  rules:
    calls_gone: {watch: meter.calls.24h, below: [0], category: risk}

# The window is empty from 10:30 on the 3rd, and held back while its source says nothing.
story what waited for a source that nobody watches any more fires
  2026-11-02T10:30Z acme calls {} from=web
  2026-11-02T10:30Z acme account.updated {} from=app
  2026-11-02T17:00Z tick
    silent web
    silent app
  2026-11-03T11:00Z tick
  2026-11-03T12:00Z rules unwatched
  2026-11-03T12:00Z tick
    fired calls_gone/acme/0/2026-11-01#1 time 0
  2026-11-03T13:00Z acme calls {} from=other
    resolved calls_gone/acme/0/2026-11-01#1/resolved usage_increased 1

# Ten a day, and seven whole days behind the first: 80 of 1,000, 920 remain, for 92 days.
config daily
  meters:
    calls: {event: calls, aggregate: sum, value: /n, limit: calls, windows: [1h, 24h]}
  rules:
    soon: {watch: meter.calls.days_to_limit, below: [100d]}

story days to a limit beside windows of hours
  2026-11-01T09:00Z acme subscription.created {"limits": {"calls": 1000}, "period": "year"}
  2026-11-01T10:00Z acme calls {"n": 10}
  2026-11-02T10:00Z acme calls {"n": 10}
  2026-11-03T10:00Z acme calls {"n": 10}
  2026-11-04T10:00Z acme calls {"n": 10}
  2026-11-05T10:00Z acme calls {"n": 10}
  2026-11-06T10:00Z acme calls {"n": 10}
  2026-11-07T10:00Z acme calls {"n": 10}
  2026-11-08T10:00Z acme calls {"n": 10}
  2026-11-08T23:59:59Z tick
  2026-11-09T00:00Z tick
    fired soon/acme/100d/2026-11-01#1 time 92

config elapsed
  rules:
    ever:  {watch: account.stars, levels: [1], when: ["period.elapsed >= 0%"]}
    never: {watch: account.stars, levels: [1], when: ["period.elapsed > 150%"]}

story a share of the period that always or never is over
  2026-11-02T10:00Z acme account.updated {"stars": 1}
    fired ever/acme/1/2026-11-01#1 account_change 1
  2026-12-01T00:00Z tick

config paces
  meters:
    disk:  {event: disk, aggregate: latest, value: /n, limit: disk}
    calls: {event: calls, aggregate: sum, value: /n, limit: calls}
  rules:
    fuller: {watch: meter.disk.days_to_limit, below: [1000d]}
    fewer:  {watch: meter.calls.days_to_limit, below: [1000d]}

# From one end of the range to the other in a day, and 26 nines in two days of two weeks: no pace
# says that.
story what is beyond any quantity has no pace
  2026-11-01T09:00Z acme subscription.created {"limits": {"disk": 99999999999999999999999999, "calls": 99999999999999999999999999}, "period": "week", "period_start": "2026-11-01"}
  2026-11-01T10:00Z acme calls {"n": 0}
  2026-11-01T10:01Z acme disk {"n": -99999999999999999999999998}
  2026-11-02T10:01Z acme disk {"n": 99999999999999999999999998}
  2026-11-03T10:01Z acme disk {"n": -99999999999999999999999998}
  2026-11-04T10:01Z acme disk {"n": 99999999999999999999999998}
  2026-11-05T10:01Z acme disk {"n": -99999999999999999999999998}
  2026-11-06T10:01Z acme disk {"n": 99999999999999999999999998}
  2026-11-07T10:00Z acme calls {"n": 99999999999999999999999998}
  2026-11-07T10:01Z acme disk {"n": -99999999999999999999999998}
  2026-11-08T10:00Z acme calls {"n": 99999999999999999999999998}
  2026-11-08T10:01Z acme disk {"n": 99999999999999999999999998}
  2026-11-09T10:01Z acme disk {"n": -99999999999999999999999998}
  2026-11-10T00:00Z tick

# The week from the 3rd on took 50, 20, 40 and 35 of a hundred that are no quantity any more, over two
# periods: together it is none, so there is no pace on the 10th. The week from the 4th on took 95 of
# them, and 25 remain: 25 x 7 / 95 is a day and more, within the two that are left of the period.
config largest
  meters:
    calls: {event: calls, aggregate: sum, value: /n, limit: calls}
  rules:
    soon: {watch: meter.calls.days_to_limit, below: [1000d]}

story a pace beyond any quantity is unknown
  2026-11-01T00:00Z acme subscription.created {"period": "week", "period_start": "2026-10-30"}
  2026-11-01T10:00Z acme calls {"n": 1}
  2026-11-03T10:00Z acme calls {"n": 50000000000000000000000000}
  2026-11-04T10:00Z acme calls {"n": 20000000000000000000000000}
  2026-11-06T09:00Z acme subscription.updated {"limits": {"calls": 99999999999999999999999999}}
  2026-11-06T10:00Z acme calls {"n": 40000000000000000000000000}
  2026-11-07T10:00Z acme calls {"n": 35000000000000000000000000}
  2026-11-09T00:00Z tick
  2026-11-10T00:00Z tick
  2026-11-11T00:00Z tick
    fired soon/acme/1000d/2026-11-06#1 time 1

# Nothing else looks at the meter, so what is far from each level may pass without a look at the
# rules. Ten times the limit is no quantity from which far could be told; 80% fires all the same.
config alone
  meters:
    calls: {event: calls, aggregate: sum, value: /n, limit: calls}
  rules:
    quota: {watch: meter.calls.used, levels: [80%, 1000%]}

story a level beyond any quantity hides none below it
  2026-11-01T00:00Z acme subscription.created {"limits": {"calls": 99999999999999999999999999}}
  2026-11-02T10:00Z acme calls {"n": 1}
  2026-11-02T10:01Z acme calls {"n": 1}
  2026-11-02T10:02Z acme calls {"n": 79999999999999999999999997}
  2026-11-02T10:03Z acme calls {"n": 1}
    fired quota/acme/80pct/2026-11-01#1 usage 0.8
