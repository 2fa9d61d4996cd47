# Levels of an account's own. SEMANTICS 6, Own levels, and 5, Changed rules, by hand.

config later
  meters:
    seats: {event: seats, aggregate: latest, value: /n, limit: seats}
    calls: {event: calls, aggregate: sum, value: /n}
  rules:
    size:    {watch: meter.seats.used, levels: [70%, 80%], rearm: 10%}
    volume:  {watch: meter.calls.period, levels: [100]}
    coming:  {watch: meter.calls.period, levels: [1000], on_start: skip}

config sized
  meters:
    seats: {event: seats, aggregate: latest, value: /n, limit: seats}
    calls: {event: calls, aggregate: sum, value: /n}
  rules:
    size:    {watch: meter.seats.used, levels: [50%, 80%], rearm: 10%}
    volume:  {watch: meter.calls.period, levels: [100]}
    renewal: {watch: renewal.days_left, below: [30d], category: renewal}
    rich:    {watch: account.arr, levels: [10k USD], rearm: 1k USD}
    elapsed: {watch: period.elapsed, levels: [50%]}

# 60% is kept by nobody else: beta goes on with 50% and 80%.
story own levels are this account's
  2026-11-01T00:00Z acme subscription.created {"limits": {"seats": 100}}
  2026-11-01T00:00Z beta subscription.created {"limits": {"seats": 100}}
  2026-11-02T10:00Z acme account.updated {"overrides": {"size": {"levels": ["90%", "60%"], "owner": "dana"}}}
  2026-11-02T10:01Z acme seats {"n": 59}
  2026-11-02T10:02Z beta seats {"n": 59}
    fired size/beta/50pct/2026-11-01#1 usage 0.59
  2026-11-02T10:03Z acme seats {"n": 60}
    fired size/acme/60pct/2026-11-01#1 usage 0.6
  2026-11-02T10:04Z acme seats {"n": 95}
    fired size/acme/90pct/2026-11-01#1 usage 0.95
  2026-11-02T10:05Z acme seats {"n": 79}
    resolved size/acme/90pct/2026-11-01#1/resolved usage_decreased 0.79
  2026-11-02T10:06Z acme seats {"n": 49}
    resolved size/acme/60pct/2026-11-01#1/resolved usage_decreased 0.49

# 80% is kept and keeps its episode, 50% is gone, 70% is new under an open one: claimed.
story they act as a change of rules: kept, gone, new
  2026-11-01T00:00Z acme subscription.created {"limits": {"seats": 100}}
  2026-11-02T10:00Z acme seats {"n": 60}
    fired size/acme/50pct/2026-11-01#1 usage 0.6
  2026-11-02T10:01Z acme seats {"n": 85}
    fired size/acme/80pct/2026-11-01#1 usage 0.85
  2026-11-02T10:02Z acme account.updated {"overrides": {"size": {"levels": ["70%", "80%"]}}}
    resolved size/acme/50pct/2026-11-01#1/resolved rule_changed 0.85
  2026-11-02T10:03Z acme account.updated {"overrides": {"size": {"levels": ["70%", "80%", "85%"]}}}
    fired size/acme/85pct/2026-11-01#1 rule_change 0.85
  2026-11-02T10:04Z acme account.updated {"overrides": null}
    resolved size/acme/85pct/2026-11-01#1/resolved rule_changed 0.85
  2026-11-02T10:05Z acme seats {"n": 65}
    resolved size/acme/80pct/2026-11-01#1/resolved usage_decreased 0.65

# The whole object each time: volume falls back to 100 when only size is named. An older word is none.
story the newest object holds, whole
  2026-11-01T00:00Z acme subscription.created {"limits": {"seats": 100}}
  2026-11-02T10:00Z acme account.updated {"overrides": {"volume": {"levels": [50]}, "size": {"levels": ["95%"]}}}
  2026-11-02T10:01Z acme calls {"n": 60}
    fired volume/acme/50/2026-11-01#1 usage 60
  2026-11-02T10:02Z acme account.updated {"overrides": null} at=2026-11-02T09:00Z
  2026-11-02T10:03Z acme account.updated {"overrides": {"size": {"levels": ["95%"]}}}
    resolved volume/acme/50/2026-11-01#1/resolved rule_changed 60
  2026-11-02T10:04Z acme calls {"n": 40}
    fired volume/acme/100/2026-11-01#1 usage 100
  2026-11-02T10:05Z acme seats {"n": 90}

# 1 December 00:00 is 40 days before 10 January; own levels descend and take plain days.
story units are the rule's; what does not fit waits
  2026-11-01T00:00Z acme subscription.created {"renewal_date": "2027-01-10"}
  2026-11-02T10:00Z acme account.updated {"overrides": {"renewal": {"levels": [20, "40d"]}, "rich": {"levels": ["20k EUR", "5k EUR"]}, "volume": {"levels": ["50%"]}}}
  2026-11-02T10:01Z acme calls {"n": 100}
    fired volume/acme/100/2026-11-01#1 usage 100
  2026-11-02T10:02Z acme account.updated {"arr": 1000000, "currency": "USD"}
    fired rich/acme/10000USD/2026-11-01#1 account_change 10000
  2026-11-30T23:59Z tick
    fired elapsed/acme/50pct/2026-11-01#1 time 0.5
  2026-12-01T00:00Z tick
    resolved volume/acme/100/2026-11-01#1/resolved period_reset 0
    resolved elapsed/acme/50pct/2026-11-01#1/resolved signal_returned 0
    fired renewal/acme/40d/2026-12-01#1 time 40

# Nobody knows a share of no limit: 60% was not beyond when it was new, and the limit takes it there.
story a new level of an unknown signal is like any other when that is known
  2026-11-01T00:00Z acme subscription.created {}
  2026-11-02T10:00Z acme seats {"n": 65}
  2026-11-02T10:01Z acme account.updated {"overrides": {"size": {"levels": ["60%"]}}}
  2026-11-02T10:02Z acme subscription.updated {"limits": {"seats": 100}}
    fired size/acme/60pct/2026-11-01#1 limit_change 0.65

# A quarter of thirty days is over on 8 November at 12:00; half on the 16th at 00:00.
story a share of the period acts at its own moment
  2026-11-01T00:00Z acme subscription.created {}
  2026-11-02T10:00Z acme account.updated {"overrides": {"elapsed": {"levels": ["25%"]}}}
  2026-11-08T11:59:59Z tick
  2026-11-08T12:00Z tick
    fired elapsed/acme/25pct/2026-11-01#1 time 0.25
  2026-11-20T00:00Z tick

# "coming" is unknown until its rules come, and then it has two levels: 300 is beyond and skipped.
story an unknown rule waits; another rule set is taken with own levels
  2026-11-01T00:00Z acme subscription.created {"limits": {"seats": 100}}
  2026-11-02T10:00Z acme account.updated {"overrides": {"coming": {"levels": [300, 500]}, "size": {"levels": ["60%"]}}}
  2026-11-02T10:01Z acme calls {"n": 300}
    fired volume/acme/100/2026-11-01#1 usage 300
  2026-11-02T10:02Z acme seats {"n": 75}
    fired size/acme/60pct/2026-11-01#1 usage 0.75
  2026-11-02T10:03Z rules later
  2026-11-02T10:04Z acme calls {"n": 100}
  2026-11-02T10:05Z acme calls {"n": 100}
    fired coming/acme/500/2026-11-01#1 usage 500

story they move with the name under which they were told, and are forgotten with the account
  2026-11-01T00:00Z acme subscription.created {"limits": {"seats": 100}}
  2026-11-02T10:00Z key-1 account.updated {"overrides": {"volume": {"levels": [50]}}}
  2026-11-02T10:01Z key-1 calls {"n": 30}
  2026-11-02T10:02Z acme calls {"n": 20}
  2026-11-02T10:03Z acme account.updated {"aliases": ["key-1"]}
    fired volume/acme/50/2026-11-01#1 account_change 50
  2026-11-02T10:04Z acme account.erased {}
  2026-11-02T10:05Z acme calls {"n": 60}
  2026-11-02T10:06Z acme calls {"n": 60}
    fired volume/acme/100/2026-11-01#1001 usage 120

# 60% and 60.0% are one level, which fires once. The same object told again is no news: the episode
# goes on. Taken back it is gone, and the rule's 50% is new and beyond.
story levels told twice are one
  2026-11-01T00:00Z acme subscription.created {"limits": {"seats": 100}}
  2026-11-02T10:00Z acme account.updated {"overrides": {"size": {"levels": ["60%", "90%", "60.0%"]}}}
  2026-11-02T10:01Z acme seats {"n": 60}
    fired size/acme/60pct/2026-11-01#1 usage 0.6
  2026-11-02T10:02Z acme account.updated {"overrides": {"size": {"levels": ["60%", "90%", "60.0%"]}}}
  2026-11-02T10:03Z acme seats {"n": 70}
  2026-11-02T10:04Z acme account.updated {"overrides": null}
    resolved size/acme/60pct/2026-11-01#1/resolved rule_changed 0.7
    fired size/acme/50pct/2026-11-01#1 rule_change 0.7
