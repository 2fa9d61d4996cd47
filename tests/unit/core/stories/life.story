# Ids, bad input, going live, changes of rules, shadows, aliases, erasure. SEMANTICS 1, 2 and 5 by hand.

config first
  time: {lateness: 2d}
  meters:
    calls: {event: calls, aggregate: sum, value: /n, where: ["/status < 500"], limit: calls}
    hits:  {event: calls, aggregate: count, windows: [24h]}
    seats: {event: seats, aggregate: latest, value: /n, limit: seats}
  rules:
    quota: {watch: meter.calls.used, levels: [80%, 100%]}
    size:  {watch: meter.seats.used, levels: [80%]}

story the same id is a duplicate, with another body a conflict; what was refused has not used its id
  2026-11-02T10:00Z acme subscription.created {"limits": {"calls": 100}}
  2026-11-02T10:01Z acme calls {"n": 40, "status": 200} id=a
  2026-11-02T10:02Z acme calls {"n": 40, "status": 200} id=a at=2026-11-02T10:01Z
    duplicate
  2026-11-02T10:03Z acme calls {"n": 41, "status": 200} id=a at=2026-11-02T10:01Z
    dead id_conflict
  2026-11-02T10:04Z acme calls {"n": "x", "status": 200} id=b
    dead bad_value
  2026-11-02T10:05Z acme calls {"n": 40, "status": 200} id=b
    fired quota/acme/80pct/2026-11-02#1 usage 0.8
  2026-11-09T10:05Z acme calls {"n": 40, "status": 200} id=b at=2026-11-02T10:05Z
    duplicate

story another account's id is another id
  2026-11-02T10:00Z acme subscription.created {"limits": {"calls": 100}}
  2026-11-02T10:01Z acme calls {"n": 40, "status": 200} id=a
  2026-11-02T10:01Z beta calls {"n": 40, "status": 200} id=a
  2026-11-02T10:02Z acme calls {"n": 40, "status": 200} id=c
    fired quota/acme/80pct/2026-11-02#1 usage 0.8

story values: what feeds nothing is ignored, absurd ones are refused, in all meters or none
  2026-11-02T10:00Z acme other {}
    ignored
  2026-11-02T10:01Z acme seats {"n": null}
    dead bad_value
  2026-11-02T10:02Z acme seats {"n": 0.0000000000001}
    dead overflow
  2026-11-02T10:03Z acme seats {}
    dead bad_value
  2026-11-02T10:04Z acme calls {"n": 99999999999999999999999999, "status": 200}
  2026-11-02T10:05Z acme calls {"n": 1, "status": 200}
    dead overflow
  2026-11-02T10:06Z acme calls {"n": 1, "status": 500}

story erased: state and ids are forgotten, numbers go on a thousand higher
  2026-11-02T10:00Z acme subscription.created {"limits": {"calls": 100}} id=s
  2026-11-02T10:01Z acme calls {"n": 80, "status": 200} id=a
    fired quota/acme/80pct/2026-11-02#1 usage 0.8
  2026-11-02T10:02Z acme account.erased {} id=e
  2026-11-02T10:03Z acme account.erased {} id=e at=2026-11-02T10:02Z
    duplicate
  2026-11-02T10:04Z acme subscription.created {"limits": {"calls": 100}} id=s at=2026-11-02T10:00Z
  2026-11-02T10:05Z acme calls {"n": 80, "status": 200} id=a at=2026-11-02T10:01Z
    fired quota/acme/80pct/2026-11-02#1001 usage 0.8

story history is counted; when business begins what is beyond is claimed
  2026-11-10T00:00Z live
  2026-11-01T00:00Z acme subscription.created {"limits": {"calls": 100, "seats": 10}}
  2026-11-02T10:01Z acme calls {"n": 85, "status": 200}
  2026-11-02T10:02Z acme seats {"n": 7}
  2026-11-11T10:00Z acme calls {"n": 5, "status": 200}
  2026-11-11T10:01Z acme seats {"n": 8}
    fired size/acme/80pct/2026-11-01#1 usage 0.8
  2026-11-11T10:02Z acme calls {"n": 10, "status": 200}
    fired quota/acme/100pct/2026-11-01#1 usage 1
  2026-12-01T00:00Z acme calls {"n": 80, "status": 200}
    resolved quota/acme/100pct/2026-11-01#1/resolved period_reset 0
    fired quota/acme/80pct/2026-12-01#1 usage 0.8

config ending
  meters:
    calls: {event: calls, aggregate: sum, value: /n, limit: calls}
  rules:
    rest: {watch: meter.calls.remaining, below: [100]}
    slow: {watch: meter.calls.remaining, below: [100], for: 2h}

# What is left is 100 again as December begins: beyond, and claimed; the period that ends at that very
# moment takes nothing back. It begins anew with January.
story business begins at the moment at which a period ends
  2026-12-01T00:00Z live
  2026-11-02T10:00Z acme subscription.created {"limits": {"calls": 100}, "started_at": "2026-11-01"}
  2026-12-01T00:00Z tick
  2026-12-01T06:00Z acme calls {"n": 5}
  2027-01-01T00:00Z tick
    fired rest/acme/100/2027-01-01#1 time 100


config second
  meters:
    calls: {event: calls, aggregate: sum, value: /n, limit: calls}
    seats: {event: seats, aggregate: latest, value: /n, limit: seats}
  rules:
    quota: {watch: meter.calls.used, levels: [60%, 80%, 90%]}
    alone: {watch: meter.seats.used, levels: [50%]}
    trial: {watch: meter.seats.used, levels: [40%], mode: shadow}

config third
  meters:
    calls: {event: calls, aggregate: sum, value: /n, limit: calls}
    seats: {event: seats, aggregate: latest, value: /n, limit: seats}
  rules:
    quota: {watch: meter.calls.used, levels: [60%, 80%, 90%]}
    skip:  {watch: meter.seats.used, levels: [50%], on_start: skip}
    trial: {watch: meter.seats.used, levels: [40%], rearm: 10%}

config fourth
  meters:
    calls: {event: calls, aggregate: sum, value: /n, where: ["/status < 500"], limit: calls}
    seats: {event: seats, aggregate: latest, value: /n, limit: seats}
  rules:
    quota: {watch: meter.calls.used, levels: [80%, 100%]}
    size:  {watch: meter.seats.used, levels: [80%]}

# second 50,870 of the day is acme's: murmur2("acme") mod 86400.
story a change of rules: kept, gone, new under an open one, new and beyond; shadows beside
  2026-11-02T10:00Z acme subscription.created {"limits": {"calls": 100, "seats": 10}}
  2026-11-02T10:01Z acme calls {"n": 80, "status": 200}
    fired quota/acme/80pct/2026-11-02#1 usage 0.8
  2026-11-02T10:02Z acme seats {"n": 8}
    fired size/acme/80pct/2026-11-02#1 usage 0.8
  2026-11-02T10:03Z rules second
  2026-11-02T10:04Z acme calls {"n": 1}
    resolved size/acme/80pct/2026-11-02#1/resolved rule_changed 0.8
    fired alone/acme/50pct/2026-11-02#1 rule_change 0.8
    fired trial/acme/40pct/2026-11-02#1 rule_change 0.8 shadow
  2026-11-02T10:05Z acme calls {"n": 9}
    fired quota/acme/90pct/2026-11-02#1 usage 0.9
  2026-11-02T10:06Z rules third
  2026-11-02T10:07Z acme calls {"n": 1}
    resolved alone/acme/50pct/2026-11-02#1/resolved rule_changed 0.8
  2026-11-02T10:08Z acme seats {"n": 2}
  2026-11-02T10:09Z acme seats {"n": 5}
    fired skip/acme/50pct/2026-11-02#1 usage 0.5
    fired trial/acme/40pct/2026-11-02#2 usage 0.5

story a silent account takes a change over at its own second of the day
  2026-11-02T10:00Z acme subscription.created {"limits": {"calls": 100, "seats": 10}}
  2026-11-02T10:02Z acme seats {"n": 8}
    fired size/acme/80pct/2026-11-02#1 usage 0.8
  2026-11-02T10:03Z rules second
  2026-11-03T10:03Z tick
    resolved size/acme/80pct/2026-11-02#1/resolved rule_changed 0.8
    fired alone/acme/50pct/2026-11-02#1 rule_change 0.8
    fired trial/acme/40pct/2026-11-02#1 rule_change 0.8 shadow

story an alias claimed late moves what was counted; open episodes of the stray end
  2026-11-01T00:00Z acme subscription.created {"limits": {"calls": 100}}
  2026-11-02T10:00Z acme calls {"n": 50, "status": 200}
  2026-11-02T10:01Z key-1 subscription.created {"limits": {"seats": 10}, "started_at": "2026-11-01", "subscription": "k"}
  2026-11-02T10:02Z key-1 seats {"n": 9}
    fired size/key-1/80pct/2026-11-01#1 usage 0.9
  2026-11-02T10:03Z key-1 calls {"n": 30, "status": 200} id=x
  2026-11-02T10:04Z acme account.updated {"aliases": ["key-1"]}
    resolved size/key-1/80pct/2026-11-01#1/resolved moved 0.9
    fired quota/acme/80pct/2026-11-01#1 account_change 0.8
    fired size/acme/80pct/2026-11-01#1 account_change 0.9
  2026-11-02T10:05Z key-1 calls {"n": 30, "status": 200} id=x at=2026-11-02T10:03Z
    duplicate
  2026-11-02T10:06Z key-1 calls {"n": 20, "status": 200} id=y
    fired quota/acme/100pct/2026-11-01#1 usage 1
  2026-11-02T10:07Z acme calls {"n": 20, "status": 200} id=y at=2026-11-02T10:06Z
    duplicate

story a taken name is refused alone; a released one is free again
  2026-11-02T10:00Z acme account.updated {"aliases": ["key-1"]}
  2026-11-02T10:01Z beta account.updated {"aliases": ["key-1", "key-2"]}
    dead alias_taken
  2026-11-02T10:02Z acme account.updated {"aliases_released": ["key-1"]}
  2026-11-02T10:03Z beta account.updated {"aliases": ["key-1"]}
  2026-11-02T10:04Z beta subscription.created {"limits": {"seats": 10}}
  2026-11-02T10:05Z key-1 seats {"n": 9}
    fired size/beta/80pct/2026-11-02#1 usage 0.9
  2026-11-02T10:06Z beta account.erased {}
  2026-11-02T10:07Z key-1 seats {"n": 9}

story names in a chain lead on
  2026-11-02T10:00Z a subscription.created {"limits": {"seats": 10}}
  2026-11-02T10:01Z a account.updated {"aliases": ["b"]}
  2026-11-02T10:02Z b account.updated {"aliases": ["c"]}
  2026-11-02T10:03Z c seats {"n": 8}
    fired size/a/80pct/2026-11-02#1 usage 0.8

story numbers go on after a name was an alias for a while
  2026-11-02T10:00Z key-1 subscription.created {"limits": {"seats": 10}}
  2026-11-02T10:01Z key-1 seats {"n": 9}
    fired size/key-1/80pct/2026-11-02#1 usage 0.9
  2026-11-02T10:02Z acme account.updated {"aliases": ["key-1"]}
    resolved size/key-1/80pct/2026-11-02#1/resolved moved 0.9
    fired size/acme/80pct/2026-11-02#1 account_change 0.9
  2026-11-02T10:03Z acme account.updated {"aliases_released": ["key-1"]}
  2026-11-02T10:04Z key-1 subscription.created {"limits": {"seats": 10}}
  2026-11-02T10:05Z key-1 seats {"n": 9}
    fired size/key-1/80pct/2026-11-02#2 usage 0.9

story an erased account gives back the names that came with another
  2026-11-02T10:00Z b account.updated {"aliases": ["c"]}
  2026-11-02T10:01Z a account.updated {"aliases": ["b"]}
  2026-11-02T10:02Z a account.erased {}
  2026-11-02T10:03Z c subscription.created {"limits": {"seats": 10}}
  2026-11-02T10:04Z c seats {"n": 9}
    fired size/c/80pct/2026-11-02#1 usage 0.9
