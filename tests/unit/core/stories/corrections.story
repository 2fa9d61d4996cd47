# Corrections of usage. SEMANTICS 2, Corrections, by hand.

config metered
  time: {lateness: 2d}
  meters:
    calls: {event: calls, aggregate: sum, value: /n, limit: calls, windows: [24h]}
    hits:  {event: calls, aggregate: count}
    seats: {event: seats, aggregate: latest, value: /n, limit: seats}
    peak:  {event: seats, aggregate: max, value: /n}
    users: {event: seats, aggregate: unique, value: /n}
  rules:
    quota: {watch: meter.calls.used, levels: [50%, 80%, 100%], rearm: 10%}
    daily: {watch: meter.calls.24h, levels: [60]}
    often: {watch: meter.hits.period, levels: [3]}
    size:  {watch: meter.seats.used, levels: [80%], rearm: 20%}
    idle:  {watch: meter.calls.period, below: [20], rearm: 10, category: risk}

# 85 of 100; 79 ends 80% though its margin is 70%; 59 leaves 50% alone; 89 crosses again.
story what is added ends and crosses levels, without the margin
  2026-11-01T00:00Z acme subscription.created {"limits": {"calls": 100, "seats": 10}}
  2026-11-02T10:00Z acme calls {"n": 85}
    fired quota/acme/80pct/2026-11-01#1 usage 0.85
    fired daily/acme/60/2026-11-01#1 usage 85
  2026-11-02T10:01Z acme usage.corrected {"meter": "calls", "add": -6}
    resolved quota/acme/80pct/2026-11-01#1/resolved corrected 0.79
  2026-11-02T10:02Z acme usage.corrected {"meter": "calls", "add": "-20"}
    resolved daily/acme/60/2026-11-01#1/resolved corrected 59
  2026-11-02T10:03Z acme usage.corrected {"meter": "calls", "add": 30}
    fired quota/acme/80pct/2026-11-01#2 usage 0.89
    fired daily/acme/60/2026-11-01#2 usage 89

# A correction is not an event: hits stays at 2 until it is corrected itself.
story a count is corrected by itself
  2026-11-02T10:00Z acme calls {"n": 1}
  2026-11-02T10:01Z acme calls {"n": 1}
  2026-11-02T10:02Z acme usage.corrected {"meter": "calls", "add": 1}
  2026-11-02T10:03Z acme usage.corrected {"meter": "hits", "add": 1}
    fired often/acme/3/2026-11-01#1 usage 3
  2026-11-02T10:04Z acme usage.corrected {"meter": "hits", "set": 0}
    resolved often/acme/3/2026-11-01#1/resolved corrected 0
  2026-11-02T10:05Z acme calls {"n": 1}
  2026-11-02T10:06Z acme calls {"n": 1}
  2026-11-02T10:07Z acme calls {"n": 1}
    fired often/acme/3/2026-11-01#2 usage 3

# 10 + 5 are to be 90: 75 enter the bucket of 3 November, which the 24 hours of the 5th do not have.
story set says the period's value; the difference enters the bucket of its time
  2026-11-01T00:00Z acme subscription.created {"limits": {"calls": 100}}
  2026-11-03T10:00Z acme calls {"n": 10}
  2026-11-05T10:00Z acme calls {"n": 5}
  2026-11-05T10:01Z acme usage.corrected {"meter": "calls", "set": 90} at=2026-11-03T12:00Z
    fired quota/acme/80pct/2026-11-01#1 usage 0.9
  2026-11-05T10:02Z acme usage.corrected {"meter": "calls", "set": 145} at=2026-11-05T09:00Z
    fired quota/acme/100pct/2026-11-01#1 usage 1.45
    fired daily/acme/60/2026-11-01#1 usage 60
  2026-11-05T10:03Z acme usage.corrected {"meter": "calls", "set": 90} at=2026-11-03T12:00Z
    resolved quota/acme/100pct/2026-11-01#1/resolved corrected 0.9

# Armed above 20; a correction downward crosses it, one upward ends it though 30 is the margin.
story down-rules are corrected in mirror image
  2026-11-01T00:00Z acme subscription.created {"limits": {"calls": 100}}
  2026-11-02T10:00Z acme calls {"n": 40}
  2026-11-02T10:01Z acme usage.corrected {"meter": "calls", "add": -25}
    fired idle/acme/20/2026-11-01#1 usage 15
  2026-11-02T10:02Z acme usage.corrected {"meter": "calls", "add": 10}
    resolved idle/acme/20/2026-11-01#1/resolved corrected 25

# November ends at midnight; it is kept until midnight of the 3rd. 45 + 10 are more than half of it.
story a closed period is corrected as long as it is kept, as a late crossing
  2026-11-01T00:00Z acme subscription.created {"limits": {"calls": 100}}
  2026-11-20T10:00Z acme calls {"n": 45}
  2026-12-02T10:00Z acme usage.corrected {"meter": "calls", "add": 10} at=2026-11-20T10:00Z
    fired quota/acme/50pct/2026-11-01#1 late_crossing 0.55
  2026-12-02T10:01Z acme usage.corrected {"meter": "calls", "add": 10} at=2026-11-21T10:00Z
  2026-12-03T00:00Z acme usage.corrected {"meter": "calls", "set": 100} at=2026-11-02T10:00Z
    fired quota/acme/100pct/2026-11-01#1 late_crossing 1
  2026-12-03T00:00:01Z acme usage.corrected {"meter": "calls", "set": 0} at=2026-11-30T23:00Z
    dead too_late
  2026-12-03T00:00:02Z acme usage.corrected {"meter": "calls", "set": 55}
    fired quota/acme/50pct/2026-12-01#1 usage 0.55

# Closed before it was known here: the account's first event says so.
story a first event may be a correction
  2026-12-04T10:00Z acme usage.corrected {"meter": "calls", "add": 1} at=2026-11-30T10:00Z
    dead too_late
  2026-12-04T10:01Z acme usage.corrected {"meter": "calls", "add": 70} at=2026-12-04T09:00Z
    fired daily/acme/60/2026-12-01#1 usage 70

story of a gauge either is a reading
  2026-11-01T00:00Z acme subscription.created {"limits": {"seats": 10}}
  2026-11-02T10:00Z acme seats {"n": 8}
    fired size/acme/80pct/2026-11-01#1 usage 0.8
  2026-11-02T10:01Z acme usage.corrected {"meter": "seats", "set": 1} at=2026-11-02T09:59Z
  2026-11-02T10:02Z acme usage.corrected {"meter": "seats", "set": 7}
    resolved size/acme/80pct/2026-11-01#1/resolved corrected 0.7
  2026-11-02T10:03Z acme usage.corrected {"meter": "seats", "add": 9}
    fired size/acme/80pct/2026-11-01#2 usage 0.9

story what cannot be corrected
  2026-11-02T10:00Z acme seats {"n": 8}
  2026-11-02T10:01Z acme usage.corrected {"meter": "peak", "set": 7}
    dead bad_value
  2026-11-02T10:02Z acme usage.corrected {"meter": "users", "add": 7}
    dead bad_value
  2026-11-02T10:03Z acme usage.corrected {"meter": "nobody", "add": 7}
    dead bad_value
  2026-11-02T10:04Z acme usage.corrected {"meter": "hits", "add": 99999999999999999999999999}
    fired often/acme/3/2026-11-01#1 usage 99999999999999999999999999
  2026-11-02T10:05Z acme usage.corrected {"meter": "hits", "add": 2}
    dead overflow
  2026-11-02T10:06Z acme usage.corrected {"meter": "hits", "add": -99999999999999999999999998}
    resolved often/acme/3/2026-11-01#1/resolved corrected 1

story ids of corrections are ids
  2026-11-02T10:00Z key-1 usage.corrected {"meter": "calls", "add": 30} id=c
  2026-11-02T10:01Z key-1 usage.corrected {"meter": "calls", "add": 30} id=c at=2026-11-02T10:00Z
    duplicate
  2026-11-02T10:02Z key-1 usage.corrected {"meter": "calls", "add": 31} id=c at=2026-11-02T10:00Z
    dead id_conflict
  2026-11-02T10:03Z acme account.updated {"aliases": ["key-1"]}
  2026-11-02T10:04Z key-1 usage.corrected {"meter": "calls", "add": 30} id=c at=2026-11-02T10:00Z
    duplicate
  2026-11-02T10:05Z key-1 usage.corrected {"meter": "calls", "add": 30} id=d
    fired daily/acme/60/2026-11-01#1 usage 60
