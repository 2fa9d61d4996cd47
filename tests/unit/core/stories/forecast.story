# Projections and trends: SEMANTICS 3 and 4 by hand.

config projected
  meters:
    calls: {event: calls, aggregate: sum, value: /n, limit: calls}
  rules:
    full:  {watch: meter.calls.projected, levels: [100%, 200%], rearm: 20%}
    idle:  {watch: meter.calls.projected, below: [50%], category: risk}

# November has 720 hours; 5% are 36, until 12:00 on the 2nd. 10 of 100 at 5% is 200%. The margin of
# 200%, 180%, is met at 5.5555…% or 40 hours, and left one microsecond later. 50% is met at 20%, 144
# hours: exactly there idle is reached. With 50 the margin of 100%, 80%, is met at 62.5%, 450 hours. December
# has 744 hours, 5% are 37.2.
story a projection is unknown below 5%, and falls by itself to the microsecond
  2026-11-01T00:00Z acme subscription.created {"limits": {"calls": 100}}
  2026-11-01T06:00Z acme calls {"n": 10}
  2026-11-02T11:59:59.999999Z tick
  2026-11-02T12:00Z tick
    fired full/acme/200pct/2026-11-01#1 time 2
  2026-11-02T16:00Z tick
  2026-11-02T16:00:00.000001Z tick
    resolved full/acme/200pct/2026-11-01#1/resolved usage_decreased 1.7999
  2026-11-06T23:59:59.999999Z tick
  2026-11-07T00:00Z tick
    fired idle/acme/50pct/2026-11-01#1 time 0.5
  2026-11-16T00:00Z acme calls {"n": 40}
    resolved idle/acme/50pct/2026-11-01#1/resolved usage_increased 1
    fired full/acme/100pct/2026-11-01#1 usage 1
  2026-11-19T18:00Z tick
  2026-11-19T18:00:00.000001Z tick
    resolved full/acme/100pct/2026-11-01#1/resolved usage_decreased 0.7999
  2026-12-01T00:00Z tick
  2026-12-02T13:11:59.999999Z tick
  2026-12-02T13:12Z tick
    fired idle/acme/50pct/2026-12-01#1 time 0

# On the 16th at 01:00 361 hours are over: 100 × 720 / (300 × 361) = 0.6648.
story the limit is in a projection
  2026-11-01T00:00Z acme subscription.created {"limits": {"calls": 100}}
  2026-11-02T12:00Z tick
    fired idle/acme/50pct/2026-11-01#1 time 0
  2026-11-16T00:00Z acme calls {"n": 100}
    resolved idle/acme/50pct/2026-11-01#1/resolved usage_increased 2
    fired full/acme/200pct/2026-11-01#1 usage 2
  2026-11-16T01:00Z acme subscription.updated {"limits": {"calls": 300}}
    resolved full/acme/200pct/2026-11-01#1/resolved limit_increased 0.6648
  2026-11-16T02:00Z acme subscription.updated {"limits": {"calls": null}}
  2026-11-16T03:00Z acme subscription.updated {"limits": {"calls": 0}}
    fired full/acme/200pct/2026-11-01#2 limit_change -

config trends
  meters:
    calls: {event: calls, aggregate: sum, value: /n}
    speed: {event: speed, aggregate: avg, value: /n}
  rules:
    up:   {watch: meter.calls.growth.7d, levels: [50%]}
    down: {watch: meter.calls.drop.7d, levels: [50%], category: risk}
    slow: {watch: meter.speed.growth.7h, levels: [50%]}

# Buckets of a day. Two weeks lie behind the first event on the 15th at noon: the 8th to the 14th had
# 20, the 1st to the 7th 10. On the 16th the week before, from the 2nd to the 8th, has nothing.
story a trend compares whole buckets, and is unknown before there are enough
  2026-11-01T12:00Z acme calls {"n": 10}
  2026-11-09T12:00Z acme calls {"n": 20}
  2026-11-15T11:59:59.999999Z tick
  2026-11-15T12:00Z tick
    fired up/acme/50pct/2026-11-01#1 time 1
  2026-11-15T13:00Z acme calls {"n": 1000}
  2026-11-16T00:00Z tick
    resolved up/acme/50pct/2026-11-01#1/resolved signal_unknown -
  2026-11-17T00:00Z tick
    fired up/acme/50pct/2026-11-01#2 time 49
  2026-11-22T23:59:59.999999Z tick
  2026-11-23T00:00Z tick
    resolved up/acme/50pct/2026-11-01#2/resolved usage_decreased -1
    fired down/acme/50pct/2026-11-01#1 time 1
  2026-11-30T00:00Z tick
    resolved down/acme/50pct/2026-11-01#1/resolved signal_unknown -

# Buckets of an hour. At 21:00: 13 to 20 o'clock less the last… 14 to 20 has 9 and 12, mean 10.5; 7 to
# 13 has 6 and 8, mean 7: half as much again.
story averages have trends
  2026-11-01T07:00Z acme speed {"n": 6}
  2026-11-01T08:00Z acme speed {"n": 8}
  2026-11-01T14:00Z acme speed {"n": 9}
  2026-11-01T15:00Z acme speed {"n": 12}
  2026-11-01T20:59Z tick
  2026-11-01T21:00Z tick
    fired slow/acme/50pct/2026-11-01#1 time 0.5

story what was counted under an alias brings its first event
  2026-11-01T12:00Z key calls {"n": 10}
  2026-11-09T12:00Z acme calls {"n": 20}
  2026-11-10T12:00Z acme account.updated {"aliases": ["key"]}
  2026-11-15T12:00Z tick
    fired up/acme/50pct/2026-11-01#1 time 1

config gauges
  meters:
    seats: {event: seats, aggregate: latest, value: /n, by: /office}
  rules:
    grew:   {watch: meter.seats.growth.7d, levels: [50%]}
    shrank: {watch: meter.seats.drop.7d, levels: [20%], category: risk}
    berlin: {watch: "meter.seats[berlin].growth.7h", levels: [100%]}

# A reading holds until it is replaced: at the end of the 14th there are 15, at that of the 7th 10, and
# of the 8th still. Those of the 9th are 15 as well, so from the 17th on nothing grows. What was read
# within a day and taken back the same day, or today, is not looked at. 12 at the end of the 20th are a
# fifth less than 15 at that of the 13th; from the 28th on both are 12.
story a gauge grows by what it stood at
  2026-11-01T12:00Z acme seats {"n": 10}
  2026-11-09T12:00Z acme seats {"n": 15}
  2026-11-14T10:00Z acme seats {"n": 100}
  2026-11-14T11:00Z acme seats {"n": 15}
  2026-11-15T11:59:59.999999Z tick
  2026-11-15T12:00Z tick
    fired grew/acme/50pct/2026-11-01#1 time 0.5
  2026-11-15T13:00Z acme seats {"n": 100}
  2026-11-15T14:00Z acme seats {"n": 15}
  2026-11-16T00:00Z tick
  2026-11-17T00:00Z tick
    resolved grew/acme/50pct/2026-11-01#1/resolved usage_decreased 0
  2026-11-20T10:00Z acme seats {"n": 12}
  2026-11-21T00:00Z tick
    fired shrank/acme/20pct/2026-11-01#1 time 0.2
  2026-11-27T23:59:59.999999Z tick
  2026-11-28T00:00Z tick
    resolved shrank/acme/20pct/2026-11-01#1/resolved usage_decreased 0

# A late reading is of the day on which it was taken; an earlier one of that day changes nothing.
story a late reading changes what a gauge stood at
  2026-11-01T12:00Z acme seats {"n": 10}
  2026-11-14T12:00Z acme seats {"n": 8}
  2026-11-15T12:00Z tick
    fired shrank/acme/20pct/2026-11-01#1 time 0.2
  2026-11-15T13:00Z acme seats {"n": 4} at=2026-11-14T11:00Z
  2026-11-15T14:00Z acme seats {"n": 9} at=2026-11-14T13:00Z
    resolved shrank/acme/20pct/2026-11-01#1/resolved usage_decreased 0.1

# Of one group: 4 at 7 o'clock, twice as many at 14; the 7 hours from 8 on against those from 1 on. The
# other office, and the whole, which has the last reading of any, do not count for it.
story a gauge has trends by group
  2026-11-01T01:00Z acme seats {"n": 4, "office": "berlin"}
  2026-11-01T14:10Z acme seats {"n": 8, "office": "berlin"}
  2026-11-01T14:20Z acme seats {"n": 90, "office": "lima"}
  2026-11-01T14:59:59.999999Z tick
  2026-11-01T15:00Z tick
    fired berlin/acme/100pct/2026-11-01#1 time 1

story what was read under an alias is where a gauge stood
  2026-11-01T12:00Z key seats {"n": 10}
  2026-11-09T12:00Z acme seats {"n": 15}
  2026-11-10T12:00Z acme account.updated {"aliases": ["key"]}
  2026-11-15T12:00Z tick
    fired grew/acme/50pct/2026-11-01#1 time 0.5
