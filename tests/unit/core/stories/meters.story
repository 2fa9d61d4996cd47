# Which events a meter counts, and over what: SEMANTICS 3 by hand.

config where
  meters:
    ok:   {event: api, aggregate: count, where: ["/status < 500"]}
    paid: {event: api, aggregate: count, where: ["/plan != free"]}
    both: {event: api, aggregate: sum, value: /n, where: ["/status >= 200", "/plan = pro"]}
  rules:
    ok:   {watch: meter.ok.period, levels: [1, 2, 3], jump: each}
    paid: {watch: meter.paid.period, levels: [1, 2], jump: each}
    both: {watch: meter.both.period, levels: [10]}

story a missing field does not hold, != included; numeric strings compare as numbers
  2026-11-02T10:00Z acme api {"status": 499}
    fired ok/acme/1/2026-11-01#1 usage 1
  2026-11-02T10:01Z acme api {"status": "200"}
    fired ok/acme/2/2026-11-01#1 usage 2
  2026-11-02T10:02Z acme api {"status": "abc"}
    ignored
  2026-11-02T10:03Z acme api {"status": 500}
    ignored
  2026-11-02T10:04Z acme api {"status": null}
    ignored
  2026-11-02T10:05Z acme api {"plan": "free"}
    ignored
  2026-11-02T10:06Z acme api {"plan": "pro"}
    fired paid/acme/1/2026-11-01#1 usage 1
  2026-11-02T10:07Z acme api {"plan": "pro", "status": "2e2", "n": "10"}
    fired ok/acme/3/2026-11-01#1 usage 3
    fired paid/acme/2/2026-11-01#1 usage 2
    fired both/acme/10/2026-11-01#1 usage 10
  2026-11-02T10:08Z acme api {"plan": "pro", "status": 204}
    dead bad_value

config anchored
  meters:
    n: {event: n, aggregate: count}
  rules:
    any: {watch: meter.n.period, levels: [1]}
    day: {watch: meter.n.day, levels: [2]}

# Midnight in Berlin is 23:00Z, and 22:00Z from the 29th of March on.
story an anchor on the 30th is the 28th in February, and the 30th again in summer time
  2026-01-30T09:00Z acme subscription.created {"timezone": "Europe/Berlin", "period_start": "2026-01-30"}
  2026-01-30T10:00Z acme n {}
    fired any/acme/1/2026-01-30#1 usage 1
  2026-02-27T22:59:59.999999Z tick
  2026-02-27T23:00Z tick
    resolved any/acme/1/2026-01-30#1/resolved period_reset 0
  2026-02-28T10:00Z acme n {}
    fired any/acme/1/2026-02-28#1 usage 1
  2026-03-29T21:59:59.999999Z tick
  2026-03-29T22:00Z tick
    resolved any/acme/1/2026-02-28#1/resolved period_reset 0

story the 31st is the 29th in a leap year's February
  2028-01-31T09:00Z acme subscription.created {"period_start": "2028-01-31"}
  2028-02-01T00:00Z acme n {}
    fired any/acme/1/2028-01-31#1 usage 1
  2028-02-28T23:59:59.999999Z tick
  2028-02-29T00:00Z tick
    resolved any/acme/1/2028-01-31#1/resolved period_reset 0
  2028-02-29T01:00Z acme n {}
    fired any/acme/1/2028-02-29#1 usage 1
  2028-03-30T23:59:59.999999Z tick
  2028-03-31T00:00Z tick
    resolved any/acme/1/2028-02-29#1/resolved period_reset 0

story years from a leap day end on the 28th, and on the 29th where there is one
  2028-02-29T00:00Z acme subscription.created {"period": "year", "period_start": "2028-02-29"}
  2028-03-01T00:00Z acme n {}
    fired any/acme/1/2028-02-29#1 usage 1
  2029-02-27T23:59:59.999999Z tick
  2029-02-28T00:00Z tick
    resolved any/acme/1/2028-02-29#1/resolved period_reset 0
  2031-03-01T00:00Z acme n {}
    fired any/acme/1/2031-02-28#1 usage 1
  2032-02-28T23:59:59.999999Z tick
  2032-02-29T00:00Z tick
    resolved any/acme/1/2031-02-28#1/resolved period_reset 0

# 02:30 occurs twice on the 25th of October 2026, at 00:30Z and 01:30Z, and not at all on the 28th of
# March 2027: as if the clocks had not moved it is 01:30Z, when they show 03:30.
story a local time that occurs twice is the first; one that does not is as if the clocks stood
  2026-09-25T00:30Z acme subscription.created {"timezone": "Europe/Berlin", "period_start": "2026-09-25T00:30:00Z"}
  2026-09-26T00:00Z acme n {}
    fired any/acme/1/2026-09-25#1 usage 1
  2026-10-25T00:29:59.999999Z tick
  2026-10-25T00:30Z tick
    resolved any/acme/1/2026-09-25#1/resolved period_reset 0
  2026-10-26T00:00Z acme n {}
    fired any/acme/1/2026-10-25#1 usage 1
  2026-11-25T01:29:59.999999Z tick
  2026-11-25T01:30Z tick
    resolved any/acme/1/2026-10-25#1/resolved period_reset 0
  2027-02-28T01:30Z beta subscription.created {"timezone": "Europe/Berlin", "period_start": "2027-02-28T01:30:00Z"}
  2027-03-01T00:00Z beta n {}
    fired any/beta/1/2027-02-28#1 usage 1
  2027-03-28T01:29:59.999999Z tick
  2027-03-28T01:30Z tick
    resolved any/beta/1/2027-02-28#1/resolved period_reset 0

# The 25th of October has 25 hours, from 22:00Z to 23:00Z; the 28th of March 23, from 23:00Z to 22:00Z.
story days are the account's, however long
  2026-10-01T00:00Z acme subscription.created {"timezone": "Europe/Berlin"}
  2026-10-24T22:00Z acme n {}
    fired any/acme/1/2026-10-01#1 usage 1
  2026-10-25T22:59:59.999999Z acme n {}
    fired day/acme/2/2026-10-01#1 usage 2
  2026-10-25T23:00Z tick
    resolved day/acme/2/2026-10-01#1/resolved period_reset 0
  2027-03-27T22:59:59.999999Z acme n {}
    resolved any/acme/1/2026-10-01#1/resolved period_reset 0
    fired any/acme/1/2027-03-01#1 usage 1
  2027-03-27T23:00Z acme n {}
  2027-03-28T21:59Z acme n {}
    fired day/acme/2/2027-03-01#1 usage 2
  2027-03-28T22:00Z tick
    resolved day/acme/2/2027-03-01#1/resolved period_reset 0

config gauge
  meters:
    seats: {event: seats, aggregate: latest, value: /n, limit: seats}
  rules:
    full:  {watch: meter.seats.used, levels: [100%]}
    left:  {watch: meter.seats.remaining, below: [1]}

story a gauge is its newest reading by event time, the later arrival on a tie, and outlives the period
  2026-11-02T10:00Z acme subscription.created {"limits": {"seats": 10}}
  2026-11-02T10:01Z acme seats {"n": 5}
  2026-11-02T10:02Z acme seats {"n": 20} at=2026-11-02T10:00Z
  2026-11-02T10:03Z acme seats {"n": 10} at=2026-11-02T10:01Z
    fired full/acme/100pct/2026-11-02#1 usage 1
    fired left/acme/1/2026-11-02#1 usage 0
  2027-02-02T00:00Z tick
  2027-02-03T00:00Z acme seats {"n": 4}
    resolved full/acme/100pct/2026-11-02#1/resolved usage_decreased 0.4
    resolved left/acme/1/2026-11-02#1/resolved usage_increased 6

# None yet: unknown. The first limit is a lowered one, since no limit is higher than any.
story none yet, then one, unlimited, lower, and none again
  2026-11-02T10:00Z acme seats {"n": 5}
  2026-11-02T10:01Z acme subscription.created {"limits": {"seats": 5}}
    fired full/acme/100pct/2026-11-02#1 limit_change 1
    fired left/acme/1/2026-11-02#1 limit_change 0
  2026-11-02T10:02Z acme subscription.updated {"limits": {"seats": null}}
    resolved full/acme/100pct/2026-11-02#1/resolved limit_increased -
    resolved left/acme/1/2026-11-02#1/resolved limit_increased -
  2026-11-02T10:03Z acme subscription.updated {"limits": {"seats": 4}}
    fired full/acme/100pct/2026-11-02#2 limit_change 1.25
    fired left/acme/1/2026-11-02#2 limit_change -1
  2026-11-02T10:04Z acme subscription.updated {"limits": {}}
    resolved full/acme/100pct/2026-11-02#2/resolved limit_increased -
    resolved left/acme/1/2026-11-02#2/resolved limit_increased -

# The seven days are asked for no more, and later again: they begin anew, with dan. Ann, whom the day
# knows, is new to them.
config narrow
  meters:
    people: {event: seen, aggregate: unique, value: /u, windows: [24h]}
  rules:
    day: {watch: meter.people.24h, levels: [4]}

config wide
  meters:
    people: {event: seen, aggregate: unique, value: /u, windows: [24h, 7d]}
  rules:
    day:  {watch: meter.people.24h, levels: [4]}
    week: {watch: meter.people.7d, levels: [3]}

story members of a window that was given up are forgotten
  2026-11-02T10:00Z acme seen {"u": "ann"}
  2026-11-02T10:01Z acme seen {"u": "bob"}
  2026-11-02T11:00Z rules narrow
  2026-11-02T11:01Z acme seen {"u": "cem"}
  2026-11-02T12:00Z rules wide
  2026-11-02T12:01Z acme seen {"u": "dan"}
    fired day/acme/4/2026-11-01#1 usage 4
  2026-11-02T12:02Z acme seen {"u": "ann"}
  2026-11-02T12:03Z acme seen {"u": "eve"}
    fired week/acme/3/2026-11-01#1 usage 3
