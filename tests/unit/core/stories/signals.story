# What signals are read from where little is known, and which days and hours they go by: SEMANTICS 3
# by hand.

config none
  meters:
    total: {event: e, aggregate: sum,    value: /n}
    times: {event: e, aggregate: count}
    last:  {event: e, aggregate: latest, value: /n, limit: last}
    who:   {event: e, aggregate: unique, value: /n}
    least: {event: e, aggregate: min,    value: /n}
    most:  {event: e, aggregate: max,    value: /n}
    mean:  {event: e, aggregate: avg,    value: /n}
  rules:
    zero:  {watch: account.x, levels: [1], when: ["meter.total.period = 0", "meter.times.7d = 0", "meter.last.remaining = 5", "meter.who.24h = 0"]}
    least: {watch: account.x, levels: [1], when: ["meter.least.period != 5"]}
    most:  {watch: account.x, levels: [1], when: ["meter.most.7d != 5"]}
    mean:  {watch: account.x, levels: [1], when: ["meter.mean.day != 5"]}

# Of nothing the sum, the count, the reading and the members are 0; there is no least, most or mean.
story without events there is a sum of 0, and no mean
  2026-11-02T10:00Z acme subscription.created {"limits": {"last": 5}}
  2026-11-02T10:01Z acme account.updated {"x": 1}
    fired zero/acme/1/2026-11-02#1 account_change 1
  2026-11-02T10:02Z acme e {"n": 4}
    fired least/acme/1/2026-11-02#1 account_change 1
    fired most/acme/1/2026-11-02#1 account_change 1
    fired mean/acme/1/2026-11-02#1 account_change 1

config tokyo
  time: {lateness: 2d, zone: Asia/Tokyo}
  meters:
    calls: {event: calls, aggregate: sum, value: /n}
  rules:
    month: {watch: meter.calls.period, levels: [10]}
    day:   {watch: meter.calls.day, levels: [10]}

# Midnight in Tokyo is 15:00Z: December begins on the 30th of November.
story without a subscription months and days are those of time.zone
  2026-11-30T14:00Z acme calls {"n": 10}
    fired month/acme/10/2026-11-01#1 usage 10
    fired day/acme/10/2026-11-01#1 usage 10
  2026-11-30T14:59:59.999999Z tick
  2026-11-30T15:00Z tick
    resolved month/acme/10/2026-11-01#1/resolved period_reset 0
    resolved day/acme/10/2026-11-01#1/resolved period_reset 0
  2026-11-30T16:00Z acme calls {"n": 10}
    fired month/acme/10/2026-12-01#1 usage 10
    fired day/acme/10/2026-12-01#1 usage 10

config rolling
  meters:
    calls: {event: calls, aggregate: sum, value: /n}
    users: {event: seen, aggregate: unique, value: /u}
  rules:
    busy: {watch: meter.calls.24h, levels: [100]}
    week: {watch: meter.calls.7d, levels: [1000]}
    near: {watch: meter.users.24h, levels: [2, 3], jump: each}

# At 12:00 the next day the 24 hours begin with 13:00: 30 are left of 90. With the 20 of 10:30 there
# were 110 once, which nobody judges now. The 70 of 13:05 are in the window still.
story a late event enters the bucket of its time, and what is past is not judged again
  2026-11-02T10:10Z acme calls {"n": 60}
  2026-11-02T23:10Z acme calls {"n": 30}
  2026-11-03T12:00Z acme calls {"n": 20} at=2026-11-02T10:30Z
  2026-11-03T12:01Z acme calls {"n": 70} at=2026-11-02T13:05Z
    fired busy/acme/100/2026-11-01#1 usage 100
  2026-11-03T12:59:59.999999Z tick
  2026-11-03T13:00Z tick
    resolved busy/acme/100/2026-11-01#1/resolved usage_decreased 30

# Kathmandu is 5:45 ahead: its midnight is 18:15Z, and its hours begin at a quarter past. Buckets are
# UTC's all the same.
story durations go by the days and hours of UTC, wherever the account is
  2026-11-02T00:00Z acme subscription.created {"timezone": "Asia/Kathmandu"}
  2026-11-02T20:10Z acme calls {"n": 1000}
    fired busy/acme/100/2026-11-02#1 usage 1000
    fired week/acme/1000/2026-11-02#1 usage 1000
  2026-11-03T19:59:59.999999Z tick
  2026-11-03T20:00Z tick
    resolved busy/acme/100/2026-11-02#1/resolved usage_decreased 0
  2026-11-08T23:59:59.999999Z tick
  2026-11-09T00:00Z tick
    resolved week/acme/1000/2026-11-02#1/resolved usage_decreased 0

# 1 and "1" are written the same but for the quotes; 1.0 is written otherwise.
story members are what is written
  2026-11-02T10:00Z acme seen {"u": 1}
  2026-11-02T10:01Z acme seen {"u": "1"}
  2026-11-02T10:02Z acme seen {"u": 1.0}
    fired near/acme/2/2026-11-01#1 usage 2
  2026-11-02T10:03Z acme seen {"u": "1.0"}
  2026-11-02T10:04Z acme seen {"u": " 1"}
    fired near/acme/3/2026-11-01#1 usage 3

config usual
  meters:
    guests: {event: guest, aggregate: unique, value: /u}
    users:  {event: user,  aggregate: unique, value: /u, limit: seats}
    staff:  {event: staff, aggregate: unique, value: /u, limit: seats}
  rules:
    adopted: {watch: adoption, levels: [50%]}

# Guests have no limit, and staff come behind users.
story adoption is of the first unique meter with a limit, over a day
  2026-11-02T10:00Z acme subscription.created {"limits": {"seats": 4}}
  2026-11-02T10:01Z acme guest {"u": "ann"}
  2026-11-02T10:02Z acme guest {"u": "bob"}
  2026-11-02T10:03Z acme staff {"u": "ann"}
  2026-11-02T10:04Z acme staff {"u": "bob"}
  2026-11-02T10:05Z acme user {"u": "ann"}
  2026-11-03T10:00Z acme user {"u": "bob"}
  2026-11-03T10:01Z acme user {"u": "cid"}
    fired adopted/acme/50pct/2026-11-02#1 usage 0.5

config named
  adoption: {meter: staff, window: 7d}
  meters:
    users: {event: user,  aggregate: unique, value: /u, limit: seats}
    staff: {event: staff, aggregate: unique, value: /u, limit: seats}
  rules:
    adopted: {watch: adoption, levels: [50%]}

story adoption is of the meter and the window that are named
  2026-11-02T10:00Z acme subscription.created {"limits": {"seats": 4}}
  2026-11-02T10:01Z acme user {"u": "ann"}
  2026-11-02T10:02Z acme user {"u": "bob"}
  2026-11-02T10:03Z acme staff {"u": "ann"}
  2026-11-08T10:00Z acme staff {"u": "bob"}
    fired adopted/acme/50pct/2026-11-02#1 usage 0.5
  2026-11-09T00:00Z tick
    resolved adopted/acme/50pct/2026-11-02#1/resolved usage_decreased 0.25
