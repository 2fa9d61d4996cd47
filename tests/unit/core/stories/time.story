# What time does: for, cooldown, when, down-rules, silence, windows. SEMANTICS 4 and 5 by hand.

config timed
  meters:
    api:    {event: api,    aggregate: sum,    value: /n, windows: [24h, 7d, day]}
    seats:  {event: seats,  aggregate: latest, value: /n, limit: seats}
    users:  {event: user,   aggregate: unique, value: /user, windows: [24h], limit: seats}
  rules:
    quiet:   {watch: meter.api.24h, below: [0], for: 3d, category: risk}
    hot:     {watch: meter.api.24h, levels: [100], for: 2h}
    full:    {watch: meter.seats.used, levels: [80%, 100%], cooldown: 10d}
    today:   {watch: meter.api.day, levels: [50]}
    people:  {watch: meter.users.24h, levels: [3]}
    shrink:  {watch: meter.seats.used, below: [50%, 20%], rearm: 10%, category: risk}

story a level is beyond for as long as `for` says, and fires at that moment
  2026-11-02T10:10Z acme api {"n": 100}
    fired today/acme/50/2026-11-01#1 usage 100
  2026-11-02T12:09:59.999999Z tick
  2026-11-02T12:10Z tick
    fired hot/acme/100/2026-11-01#1 usage 100

# In force: 24h in hours, current and the 23 before. The bucket of 10h leaves at 10:00 next day.
# Midnight ends the day's window; then 24h holds nothing, and 3 days later that is silence.
story a bucket leaves, silence is armed once there was use, and ends with the next
  2026-11-02T10:10Z acme api {"n": 100}
    fired today/acme/50/2026-11-01#1 usage 100
  2026-11-03T09:59Z tick
    fired hot/acme/100/2026-11-01#1 usage 100
    resolved today/acme/50/2026-11-01#1/resolved period_reset 0
  2026-11-03T10:00Z tick
    resolved hot/acme/100/2026-11-01#1/resolved usage_decreased 0
  2026-11-06T09:59Z tick
  2026-11-06T10:00Z tick
    fired quiet/acme/0/2026-11-01#1 time 0
  2026-11-07T00:00Z acme api {"n": 1}
    resolved quiet/acme/0/2026-11-01#1/resolved usage_increased 1

story `for` ends when the signal leaves the level itself
  2026-11-02T10:10Z acme api {"n": 100}
    fired today/acme/50/2026-11-01#1 usage 100
  2026-11-02T11:00Z acme api {"n": -1}
  2026-11-02T11:30Z acme api {"n": 1}
  2026-11-02T13:29Z tick
  2026-11-02T13:30Z tick
    fired hot/acme/100/2026-11-01#1 usage 100

# At 10:00 the bucket of both leaves. A batch ends between the two: what comes then, though it was
# sent a minute before, finds acme as its timer left it: the three of yesterday are gone.
story a record between two parts of a tick takes no clock back
  2026-11-02T10:10Z acme user {"user": "a"}
  2026-11-02T10:10Z acme user {"user": "b"}
  2026-11-02T10:10Z acme user {"user": "c"}
    fired people/acme/3/2026-11-01#1 usage 3
  2026-11-02T10:10Z bolt user {"user": "a"}
  2026-11-02T10:10Z bolt user {"user": "b"}
  2026-11-02T10:10Z bolt user {"user": "c"}
    fired people/bolt/3/2026-11-01#1 usage 3
  2026-11-03T09:58Z tick
  2026-11-03T10:00Z part
    resolved people/acme/3/2026-11-01#1/resolved usage_decreased 0
  2026-11-03T09:59Z acme user {"user": "d"}
  2026-11-03T10:00Z tick
    resolved people/bolt/3/2026-11-01#1/resolved usage_decreased 0

story never used is not silent
  2026-11-02T10:10Z acme seats {"n": 1}
  2026-11-20T10:10Z tick

story a cooldown holds a level back; when it is over what is still beyond fires
  2026-11-02T10:00Z acme subscription.created {"limits": {"seats": 100}}
  2026-11-02T10:01Z acme seats {"n": 80}
    fired full/acme/80pct/2026-11-02#1 usage 0.8
  2026-11-03T10:00Z acme seats {"n": 60}
    resolved full/acme/80pct/2026-11-02#1/resolved usage_decreased 0.6
  2026-11-04T10:00Z acme seats {"n": 85}
  2026-11-12T10:00:59Z tick
  2026-11-12T10:01Z tick
    fired full/acme/80pct/2026-11-02#2 usage 0.85

story a nearer fire never holds back a further one; a further fire holds back the nearer
  2026-11-02T10:00Z acme subscription.created {"limits": {"seats": 100}}
  2026-11-02T10:01Z acme seats {"n": 80}
    fired full/acme/80pct/2026-11-02#1 usage 0.8
  2026-11-03T10:00Z acme seats {"n": 100}
    fired full/acme/100pct/2026-11-02#1 usage 1
  2026-11-04T10:00Z acme seats {"n": 60}
    resolved full/acme/100pct/2026-11-02#1/resolved usage_decreased 0.6
    resolved full/acme/80pct/2026-11-02#1/resolved usage_decreased 0.6
  2026-11-12T10:02Z acme seats {"n": 90}
  2026-11-13T09:59Z tick
  2026-11-13T10:00Z tick
    fired full/acme/80pct/2026-11-02#2 usage 0.9

story held back and gone again: nothing fires and nothing resolves
  2026-11-02T10:00Z acme subscription.created {"limits": {"seats": 100}}
  2026-11-02T10:01Z acme seats {"n": 80}
    fired full/acme/80pct/2026-11-02#1 usage 0.8
  2026-11-03T10:00Z acme seats {"n": 60}
    resolved full/acme/80pct/2026-11-02#1/resolved usage_decreased 0.6
  2026-11-04T10:00Z acme seats {"n": 85}
  2026-11-05T10:00Z acme seats {"n": 60}
  2026-11-20T10:00Z tick

story a down-rule is armed once the signal was above, fires at the furthest, re-arms above the margin
  2026-11-02T10:00Z acme subscription.created {"limits": {"seats": 100}}
  2026-11-02T10:01Z acme seats {"n": 30}
  2026-11-02T10:02Z acme seats {"n": 10}
    fired shrink/acme/20pct/2026-11-02#1 usage 0.1
  2026-11-02T10:03Z acme seats {"n": 30}
  2026-11-02T10:04Z acme seats {"n": 31}
    resolved shrink/acme/20pct/2026-11-02#1/resolved usage_increased 0.31
  2026-11-02T10:05Z acme seats {"n": 61}
  2026-11-02T10:06Z acme seats {"n": 50}
    fired shrink/acme/50pct/2026-11-02#1 usage 0.5
  2026-11-02T10:07Z acme subscription.updated {"limits": {"seats": 90}}
    resolved shrink/acme/50pct/2026-11-02#1/resolved limit_lowered 0.5555

story unique members count once in a window and leave with their last bucket
  2026-11-02T10:10Z acme user {"user": "ann"}
  2026-11-02T10:20Z acme user {"user": "bob"}
  2026-11-02T10:30Z acme user {"user": "bob"}
  2026-11-02T12:00Z acme user {"user": 7}
    fired people/acme/3/2026-11-01#1 usage 3
  2026-11-02T13:00Z acme user {"user": "7"}
  2026-11-02T14:00Z acme user {"user": "ann"}
  2026-11-03T09:59Z tick
  2026-11-03T10:00Z tick
    resolved people/acme/3/2026-11-01#1/resolved usage_decreased 2
  2026-11-03T10:01Z acme user {"user": "cem"}
    fired people/acme/3/2026-11-01#2 usage 3

story an event a little ahead counts when its bucket begins
  2026-11-02T10:58Z acme user {"user": "ann"}
  2026-11-02T10:58Z acme user {"user": "bob"}
  2026-11-02T10:59Z acme user {"user": "cem"} at=2026-11-02T11:01Z
  2026-11-02T11:00Z tick
    fired people/acme/3/2026-11-01#1 time 3

story a late event enters the bucket of its time
  2026-11-03T10:10Z acme api {"n": 40}
  2026-11-03T10:11Z acme api {"n": 40} at=2026-11-02T23:00Z
  2026-11-03T10:12Z acme api {"n": 10}
    fired today/acme/50/2026-11-01#1 usage 50

config conditions
  money: {currency: USD, rates: {EUR: 1.1}}
  meters:
    seats: {event: seats, aggregate: latest, value: /n, limit: seats}
  rules:
    grown:  {watch: meter.seats.used, levels: [80%, 90%], when: ["tenure.days >= 30"]}
    rich:   {watch: meter.seats.used, levels: [50%], when: ["account.mrr >= 1000 USD", any: ["account.segment = startup", "account.tier = 2"]]}
    unpaid: {watch: invoice.unpaid, levels: [1, 2], category: risk}
    nps:    {watch: account.stars, below: [2], category: risk}
    arr:    {watch: account.arr, levels: [25k USD]}
    late_in_period: {watch: period.elapsed, levels: [50%], when: ["meter.seats.used < 40%"]}

story when must hold at the moment of firing only; what becomes ready later is the furthest then
  2026-11-02T10:00Z acme subscription.created {"limits": {"seats": 100}}
  2026-11-02T10:01Z acme seats {"n": 45}
  2026-11-03T10:00Z acme seats {"n": 80}
  2026-11-04T10:00Z acme seats {"n": 95}
  2026-12-01T23:59Z tick
  2026-12-02T00:00Z tick
    fired grown/acme/90pct/2026-11-02#1 usage 0.95
  2026-12-03T00:00Z acme seats {"n": 85}
    resolved grown/acme/90pct/2026-11-02#1/resolved usage_decreased 0.85

story clauses: all must hold, of an any one; money through rates
  2026-11-02T10:00Z acme subscription.created {"limits": {"seats": 100}, "mrr": 90000, "currency": "EUR"}
  2026-11-02T10:01Z acme seats {"n": 50}
  2026-11-02T10:02Z acme account.updated {"segment": "startup"}
  2026-11-02T10:03Z acme subscription.updated {"mrr": 91000, "currency": "EUR"}
    fired rich/acme/50pct/2026-11-02#1 usage 0.5
  2026-11-02T10:04Z acme account.updated {"segment": "enterprise"}

story an unknown signal holds no condition; null forgets
  2026-11-02T10:00Z acme account.updated {"stars": 2}
    fired nps/acme/2/2026-11-01#1 account_change 2
  2026-11-02T10:01Z acme account.updated {"stars": null}
    resolved nps/acme/2/2026-11-01#1/resolved signal_unknown -
  2026-11-02T10:02Z acme account.updated {"stars": 3} at=2026-11-02T09:00Z

story invoices: the newest event of each counts, whatever came first
  2026-11-02T10:00Z acme invoice.payment_failed {"invoice": "a"}
    fired unpaid/acme/1/2026-11-01#1 account_change 1
  2026-11-02T10:01Z acme invoice.paid {"invoice": "b"}
  2026-11-02T10:02Z acme invoice.payment_failed {"invoice": "b"} at=2026-11-02T09:00Z
  2026-11-02T10:03Z acme invoice.paid {"invoice": "a"}
    resolved unpaid/acme/1/2026-11-01#1/resolved signal_returned 0

story revenue in another currency is beyond a level through the rate
  2026-11-02T10:00Z acme account.updated {"arr": 2272700, "currency": "EUR"}
  2026-11-02T10:01Z acme account.updated {"arr": 2272800, "currency": "EUR"}
    fired arr/acme/25000USD/2026-11-01#1 account_change 22728

# November has 30 days: half of it is at the 16th, 00:00.
story the share elapsed acts at its very moment
  2026-11-02T10:00Z acme account.updated {"x": 1}
  2026-11-02T10:00Z acme subscription.created {"limits": {"seats": 100}, "period_start": "2026-11-01"}
  2026-11-02T10:01Z acme seats {"n": 10}
  2026-11-15T23:59:59.999999Z tick
  2026-11-16T00:00Z tick
    fired late_in_period/acme/50pct/2026-11-01#1 time 0.5
  2026-12-01T00:00Z tick
    resolved late_in_period/acme/50pct/2026-11-01#1/resolved signal_returned 0

config aged
  time: {lateness: 30d}
  meters:
    seats: {event: seats, aggregate: latest, value: /n, limit: seats}
  rules:
    loyal:  {watch: tenure.days, levels: [10d, 20d, 30d, 40d], jump: each}
    middle: {watch: period.elapsed, levels: [50%]}

# 18 days of January's 31 are over.
story what is beyond already with an account's first record fires with that record
  2026-01-19T00:00Z acme seats {"n": 1} at=2026-01-02T00:00Z
    fired loyal/acme/10d/2026-01-01#1 usage 17
    fired middle/acme/50pct/2026-01-01#1 usage 0.5806

story tenure runs on over another subscription while the first one begins anew
  2026-01-01T00:00Z acme subscription.created {"subscription": "a"}
  2026-01-20T00:00Z acme subscription.created {"subscription": "b"}
    fired loyal/acme/10d/2026-01-01#1 time 10
    fired middle/acme/50pct/2026-01-01#1 time 0.5
  2026-01-24T00:00Z acme subscription.cancelled {"subscription": "a", "ends_at": "2026-01-25"}
    fired loyal/acme/20d/2026-01-01#1 time 20
  2026-01-30T00:00Z acme subscription.created {"subscription": "a"}
    resolved middle/acme/50pct/2026-01-01#1/resolved signal_returned 0.1612
  2026-02-11T00:00Z tick
    fired loyal/acme/30d/2026-01-20#1 time 30
    fired middle/acme/50pct/2026-01-20#1 time 0.5
    fired loyal/acme/40d/2026-01-20#1 time 40

# A row of segments asks how far the period is: November is half over as the 16th begins. The level was
# reached by usage and waited for it.
config halves
  meters:
    calls: {event: calls, aggregate: sum, value: /n}
  segments:
    - {name: second, when: ["period.elapsed >= 50%"]}
  rules:
    later: {watch: meter.calls.period, levels: [1], when: ["segment = second"]}

story a segment begins at the moment of which its row speaks
  2026-11-02T10:00Z acme calls {"n": 1}
  2026-11-15T23:59:59.999999Z tick
  2026-11-16T00:00Z tick
    fired later/acme/1/2026-11-01#1 usage 1
