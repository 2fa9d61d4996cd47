# Ids of triggers never come twice. SEMANTICS 5, Trigger id, by hand.

config sized
  time: {lateness: 1h}
  meters:
    calls: {event: calls, aggregate: sum,    value: /n}
    seats: {event: seats, aggregate: latest, value: /n, limit: seats}
  rules:
    size:   {watch: meter.seats.used, levels: [50%, 100%]}
    volume: {watch: meter.calls.period, levels: [10]}

# What was forgotten had gone up to 2: 50pct goes on at 3, and 100pct, of which it is not known any
# more how often it fired in January, too.
story from months to years the first month's date comes back
  2026-01-10T20:00Z acme subscription.created {"limits": {"seats": 10}}
  2026-01-10T20:01Z acme seats {"n": 5}
    fired size/acme/50pct/2026-01-10#1 usage 0.5
  2026-01-10T20:02Z acme seats {"n": 0}
    resolved size/acme/50pct/2026-01-10#1/resolved usage_decreased 0
  2026-01-10T20:03Z acme seats {"n": 5}
    fired size/acme/50pct/2026-01-10#2 usage 0.5
  2026-01-10T20:04Z acme seats {"n": 0}
    resolved size/acme/50pct/2026-01-10#2/resolved usage_decreased 0
  2026-03-01T00:00Z acme seats {"n": 10}
    fired size/acme/100pct/2026-02-10#1 usage 1
  2026-03-01T00:01Z acme seats {"n": 0}
    resolved size/acme/100pct/2026-02-10#1/resolved usage_decreased 0
  2026-04-11T20:00Z acme subscription.updated {"period": "year"}
  2026-04-11T20:01Z acme seats {"n": 5}
    fired size/acme/50pct/2026-01-10#3 usage 0.5
  2026-04-11T20:02Z acme seats {"n": 10}
    fired size/acme/100pct/2026-01-10#3 usage 1
  2026-04-11T20:03Z acme subscription.updated {"period": "month"}
  2026-04-11T20:04Z acme seats {"n": 9}
    resolved size/acme/100pct/2026-01-10#3/resolved usage_decreased 0.9
  2026-04-11T20:05Z acme seats {"n": 10}
    fired size/acme/100pct/2026-04-10#1 usage 1

# 20:00Z on the 10th is the 11th in Tokyo and the 10th in New York.
story a new start in another zone takes the date back and forth: numbers are exact within the period
  2026-01-10T20:00Z acme subscription.created {"limits": {"seats": 10}, "timezone": "Asia/Tokyo"}
  2026-01-10T20:01Z acme seats {"n": 5}
    fired size/acme/50pct/2026-01-11#1 usage 0.5
  2026-01-10T20:02Z acme seats {"n": 0}
    resolved size/acme/50pct/2026-01-11#1/resolved usage_decreased 0
  2026-01-10T20:03Z acme seats {"n": 5}
    fired size/acme/50pct/2026-01-11#2 usage 0.5
  2026-01-10T20:04Z acme seats {"n": 10}
    fired size/acme/100pct/2026-01-11#1 usage 1
  2026-01-10T20:05Z acme seats {"n": 0}
    resolved size/acme/100pct/2026-01-11#1/resolved usage_decreased 0
    resolved size/acme/50pct/2026-01-11#2/resolved usage_decreased 0
  2026-01-10T22:00Z acme subscription.created {"timezone": "America/New_York"}
  2026-01-11T00:00Z acme account.updated {"note": 1}
  2026-01-11T01:00Z acme subscription.created {"timezone": "Asia/Tokyo"}
  2026-01-11T02:00Z acme seats {"n": 10}
    fired size/acme/100pct/2026-01-11#2 usage 1

story an end that has passed is withdrawn: the period goes on under its date
  2026-01-20T05:00Z acme subscription.created {}
  2026-01-20T06:00Z acme calls {"n": 10}
    fired volume/acme/10/2026-01-20#1 usage 10
  2026-01-20T07:00Z acme calls {"n": -1}
    resolved volume/acme/10/2026-01-20#1/resolved usage_decreased 9
  2026-01-20T08:00Z acme calls {"n": 1}
    fired volume/acme/10/2026-01-20#2 usage 10
  2026-01-22T00:00Z acme subscription.cancelled {"ends_at": "2026-01-23"}
  2026-01-24T05:00Z acme calls {"n": 1}
    resolved volume/acme/10/2026-01-20#2/resolved subscription_ended 10
  2026-02-04T05:00Z acme calls {"n": 1}
  2026-02-06T08:00Z acme subscription.updated {"mrr": 1, "currency": "USD"}
  2026-02-06T10:00Z acme calls {"n": 40}
    fired volume/acme/10/2026-01-20#3 usage 41

story an account that moved leaves its numbers under its name, also long after
  2026-01-10T01:00Z key-1 calls {"n": 10}
    fired volume/key-1/10/2026-01-01#1 usage 10
  2026-01-10T02:00Z acme account.updated {"aliases": ["key-1"]}
    resolved volume/key-1/10/2026-01-01#1/resolved moved 10
    fired volume/acme/10/2026-01-01#1 account_change 10
  2026-03-10T03:00Z acme account.updated {"aliases_released": ["key-1"]}
    resolved volume/acme/10/2026-01-01#1/resolved period_reset 0
  2026-03-20T04:00Z key-1 subscription.created {"started_at": "2026-01-01", "period": "year"}
  2026-03-20T05:00Z key-1 calls {"n": 10}
    fired volume/key-1/10/2026-01-01#2 usage 10
