# Limits that became smaller, by hand.

config seats
  meters:
    people: {event: person, aggregate: unique, value: /u, limit: seats}
  rules:
    fewer_seats: {watch: limit.seats.drop.30d, levels: [10%, 50%], category: risk}

# From 50 to 48 is 4%, to 40 it is 20% of the 50. 46 is 8% less. 20 is 60% less than 50. The 50 were
# given up on the 2nd, the 46 (the 40 between were fewer) on the 21st: 30 days after that the largest
# is the one in force.
story fewer seats are told once, until they are long gone
  2026-11-01T00:00Z acme subscription.created {"limits": {"seats": 50}}
  2026-11-02T00:00Z acme subscription.updated {"limits": {"seats": 48}}
  2026-11-03T00:00Z acme subscription.updated {"limits": {"seats": 40}}
    fired fewer_seats/acme/10pct/2026-11-01#1 limit_change 0.2
  2026-11-20T00:00Z acme subscription.updated {"limits": {"seats": 46}}
    resolved fewer_seats/acme/10pct/2026-11-01#1/resolved signal_returned 0.08
  2026-11-21T00:00Z acme subscription.updated {"limits": {"seats": 20}}
    fired fewer_seats/acme/50pct/2026-11-01#1 limit_change 0.6
  2026-12-20T23:59:59.999999Z tick
  2026-12-21T00:00Z tick
    resolved fewer_seats/acme/50pct/2026-11-01#1/resolved signal_returned 0

# What is unlimited is no number: nothing shrinks to it or from it.
story unlimited seats are neither more nor fewer
  2026-11-01T00:00Z acme subscription.created {"limits": {"seats": 50}}
  2026-11-02T00:00Z acme subscription.updated {"limits": {"seats": null}}
  2026-11-03T00:00Z acme subscription.updated {"limits": {"seats": 49}}
  2026-11-04T00:00Z acme subscription.updated {"limits": {"seats": 25}}
    fired fewer_seats/acme/50pct/2026-11-01#1 limit_change 0.5

# 20 of 50 seats are 60% less. 90 of 100 calls are 10% less, 60 are 40%. The 100 calls were given up on
# the 2nd, of the 90 a third was. What becomes of one limit says nothing of the other.
config both
  meters:
    people: {event: person, aggregate: unique, value: /u, limit: seats}
    calls:  {event: calls, aggregate: sum, value: /n, limit: calls}
  rules:
    fewer_seats: {watch: limit.seats.drop.30d, levels: [40%], category: risk}
    fewer_calls: {watch: limit.calls.drop.30d, levels: [40%], category: risk}

story two limits shrink each by itself
  2026-11-01T00:00Z acme subscription.created {"limits": {"seats": 50, "calls": 100}}
  2026-11-02T00:00Z acme subscription.updated {"limits": {"seats": 50, "calls": 90}}
  2026-11-03T00:00Z acme subscription.updated {"limits": {"seats": 20, "calls": 90}}
    fired fewer_seats/acme/40pct/2026-11-01#1 limit_change 0.6
  2026-11-04T00:00Z acme subscription.updated {"limits": {"seats": 20, "calls": 60}}
    fired fewer_calls/acme/40pct/2026-11-01#1 limit_change 0.4
  2026-12-01T23:59:59.999999Z tick
  2026-12-02T00:00Z tick
    resolved fewer_calls/acme/40pct/2026-11-01#1/resolved signal_returned 0.3333
  2026-12-02T23:59:59.999999Z tick
  2026-12-03T00:00Z tick
    resolved fewer_seats/acme/40pct/2026-11-01#1/resolved signal_returned 0
