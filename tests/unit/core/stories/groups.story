# Groups of meters with `by`: SEMANTICS 3 by hand.

config regions
  time: {lateness: 2d}
  meters:
    calls: {event: calls, aggregate: sum, value: /n, by: /region, groups: 3, limit: calls, windows: [24h]}
  rules:
    all:   {watch: meter.calls.period, levels: [100]}
    eu:    {watch: "meter.calls[eu].used", levels: [50%], rearm: 10%}
    us:    {watch: "meter.calls[us].24h", levels: [10]}
    other: {watch: "meter.calls[other].period", levels: [10, 20], jump: each}

story each value counts by itself and in the whole
  2026-11-02T10:00Z acme subscription.created {"limits": {"calls": 100}}
  2026-11-02T10:01Z acme calls {"n": 49, "region": "eu"}
  2026-11-02T10:02Z acme calls {"n": 9, "region": "us"}
  2026-11-02T10:03Z acme calls {"n": 1, "region": "eu"}
    fired eu/acme/50pct/2026-11-02#1 usage 0.5
  2026-11-02T10:04Z acme calls {"n": 1, "region": "us"}
    fired us/acme/10/2026-11-02#1 usage 10
  2026-11-02T10:05Z acme calls {"n": 40, "region": "asia"}
    fired all/acme/100/2026-11-02#1 usage 100
  2026-11-02T10:06Z acme calls {"n": -11, "region": "eu"}
    resolved all/acme/100/2026-11-02#1/resolved usage_decreased 89
    resolved eu/acme/50pct/2026-11-02#1/resolved usage_decreased 0.39

# eu and us are named, so one more has a place: asia. A name that is too long has none.
story events without the field, and values that have no place, are other
  2026-11-02T10:00Z acme subscription.created {"limits": {"calls": 1000}}
  2026-11-02T10:01Z acme calls {"n": 1, "region": "asia"}
  2026-11-02T10:02Z acme calls {"n": 2}
  2026-11-02T10:03Z acme calls {"n": 2, "region": null}
  2026-11-02T10:04Z acme calls {"n": 2, "region": ["eu"]}
  2026-11-02T10:05Z acme calls {"n": 2, "region": ""}
  2026-11-02T10:06Z acme calls {"n": 1, "region": "other"}
  2026-11-02T10:07Z acme calls {"n": 1, "region": "africa"}
    fired other/acme/10/2026-11-02#1 usage 10
  2026-11-02T10:08Z acme calls {"n": 5, "region": "asia"}
  2026-11-02T10:09Z acme calls {"n": 10, "region": "a-name-of-more-than-sixty-four-bytes-has-no-place-of-its-own-at-all"}
    fired other/acme/20/2026-11-02#1 usage 20

# asia is seen last on the 30th. In December its period and its window are empty: africa takes its
# place, and asia is other when it comes again.
story a group with nothing left gives its place to the next
  2026-11-28T10:00Z acme calls {"n": 1, "region": "asia"}
  2026-12-03T10:00Z acme calls {"n": 9, "region": "africa"}
  2026-12-03T10:01Z acme calls {"n": 8, "region": "asia"}
  2026-12-03T10:02Z acme calls {"n": 50, "region": "africa"}
  2026-12-03T10:03Z acme calls {"n": 2, "region": "asia"}
    fired other/acme/10/2026-12-01#1 usage 10

# A period ends with its groups; late usage crosses in the group that it belongs to, under the
# period's last limit.
story periods, windows and late crossings
  2026-10-10T10:00Z acme subscription.created {"limits": {"calls": 100}, "period_start": "2026-10-01"}
  2026-10-31T10:00Z acme calls {"n": 49, "region": "eu"}
  2026-10-31T11:00Z acme calls {"n": 10, "region": "us"}
    fired us/acme/10/2026-10-01#1 usage 10
  2026-11-01T00:00Z tick
  2026-11-01T11:00Z tick
    resolved us/acme/10/2026-10-01#1/resolved usage_decreased 0
  2026-11-01T12:00Z acme calls {"n": 20, "region": "eu"}
  2026-11-01T13:00Z acme calls {"n": 3, "region": "eu"} at=2026-10-31T20:00Z
    fired eu/acme/50pct/2026-10-01#1 late_crossing 0.52
  2026-11-01T14:00Z acme calls {"n": 30, "region": "eu"}
    fired eu/acme/50pct/2026-11-01#1 usage 0.5
  2026-12-01T00:00Z tick
    resolved eu/acme/50pct/2026-11-01#1/resolved period_reset 0

story what was counted under an alias moves group by group
  2026-11-02T10:00Z acme subscription.created {"limits": {"calls": 100}, "period_start": "2026-11-01"}
  2026-11-02T10:01Z key calls {"n": 30, "region": "eu"}
  2026-11-02T10:02Z key calls {"n": 5, "region": "us"}
  2026-11-02T10:03Z key calls {"n": 4, "region": "asia"}
  2026-11-02T10:04Z acme calls {"n": 20, "region": "eu"}
  2026-11-02T10:05Z acme calls {"n": 5, "region": "us"}
  2026-11-02T10:06Z acme calls {"n": 6, "region": "africa"}
  2026-11-02T10:07Z acme account.updated {"aliases": ["key"]}
    fired eu/acme/50pct/2026-11-01#1 account_change 0.5
    fired us/acme/10/2026-11-01#1 account_change 10
  2026-11-02T10:08Z key calls {"n": 6, "region": "asia"}
    fired other/acme/10/2026-11-01#1 usage 10

story a counter of a group that would overflow refuses the event whole
  2026-11-02T10:00Z acme calls {"n": 99999999999999999999999999, "region": "us"}
    fired all/acme/100/2026-11-01#1 usage 99999999999999999999999999
    fired us/acme/10/2026-11-01#1 usage 99999999999999999999999999
  2026-11-02T10:01Z acme calls {"n": -99999999999999999999999999, "region": "eu"}
    resolved all/acme/100/2026-11-01#1/resolved usage_decreased 0
  2026-11-02T10:02Z acme calls {"n": 1, "region": "us"}
    dead overflow
  2026-11-02T10:03Z acme calls {"n": 1, "region": "asia"}

config regions_again
  time: {lateness: 2d}
  meters:
    calls: {event: calls, aggregate: sum, value: /n, by: /region, groups: 3, limit: calls, windows: [24h]}
  rules:
    asia:  {watch: "meter.calls[asia].24h", levels: [5], on_start: fire}
    eu:    {watch: "meter.calls[eu].period", levels: [40]}

config other_field
  time: {lateness: 2d}
  meters:
    calls: {event: calls, aggregate: sum, value: /n, by: /zone, groups: 3, limit: calls, windows: [24h]}
  rules:
    asia:  {watch: "meter.calls[asia].24h", levels: [5], on_start: fire}
    all:   {watch: meter.calls.period, levels: [40]}

# Who had a place keeps what was counted, whether it was named before or is now.
config regions_first
  time: {lateness: 2d}
  meters:
    calls: {event: calls, aggregate: sum, value: /n, by: /region, groups: 3, limit: calls, windows: [24h]}
  rules:
    eu:    {watch: "meter.calls[eu].used", levels: [50%], rearm: 10%}
    us:    {watch: "meter.calls[us].24h", levels: [10]}

story a change of rules keeps groups, of another field it does not
  2026-11-02T10:00Z acme calls {"n": 6, "region": "asia"}
  2026-11-02T10:01Z acme calls {"n": 30, "region": "eu"}
  2026-11-02T10:02Z acme calls {"n": 3, "region": "us"}
  2026-11-02T11:00Z rules regions_again
  2026-11-02T11:01Z acme calls {"n": 9, "region": "eu"}
    fired asia/acme/5/2026-11-01#1 rule_change 6
  2026-11-02T11:02Z acme calls {"n": 1, "region": "eu"}
    fired eu/acme/40/2026-11-01#1 usage 40
  2026-11-02T12:00Z rules other_field
  2026-11-02T12:01Z acme calls {"n": 1, "zone": "asia", "region": "asia"}
    resolved eu/acme/40/2026-11-01#1/resolved rule_changed 40
    resolved asia/acme/5/2026-11-01#1/resolved usage_decreased 0
    fired all/acme/40/2026-11-01#1 rule_change 49
  2026-11-02T12:02Z acme calls {"n": 4, "zone": "asia"}
    fired asia/acme/5/2026-11-01#2 usage 5

config aggregates
  meters:
    lo:   {event: e, aggregate: min,    value: /n, by: /g}
    hi:   {event: e, aggregate: max,    value: /n, by: /g, windows: [day]}
    mean: {event: e, aggregate: avg,    value: /n, by: /g}
    last: {event: e, aggregate: latest, value: /n, by: /g, limit: last}
    who:  {event: e, aggregate: unique, value: /n, by: /g, windows: [7h]}
    many: {event: e, aggregate: count,  by: /g}
  rules:
    lo:   {watch: "meter.lo[a.b].period", below: [2]}
    hi:   {watch: "meter.hi[a.b].day", levels: [9]}
    mean: {watch: "meter.mean[a.b].period", levels: [5]}
    last: {watch: "meter.last[a.b].remaining", below: [1]}
    who:  {watch: "meter.who[a.b].7h", levels: [3]}
    many: {watch: "meter.many[a.b].period", levels: [4]}

# The minimum begins above its level and arms it. Mean of 3, 3, 9: 5.
story every aggregate has groups
  2026-11-02T10:00Z acme subscription.created {"limits": {"last": 10}}
  2026-11-02T10:01Z acme e {"n": 1, "g": "b"}
  2026-11-02T10:02Z acme e {"n": 3, "g": "a.b"}
  2026-11-02T10:03Z acme e {"n": 3, "g": "a.b"}
  2026-11-02T10:04Z acme e {"n": 9, "g": "a.b"}
    fired hi/acme/9/2026-11-02#1 usage 9
    fired mean/acme/5/2026-11-02#1 usage 5
    fired last/acme/1/2026-11-02#1 usage 1
  2026-11-02T10:05Z acme e {"n": 1, "g": "a.b"}
    resolved mean/acme/5/2026-11-02#1/resolved usage_decreased 4
    resolved last/acme/1/2026-11-02#1/resolved usage_increased 9
    fired lo/acme/2/2026-11-02#1 usage 1
    fired who/acme/3/2026-11-02#1 usage 3
    fired many/acme/4/2026-11-02#1 usage 4
  2026-11-02T17:05Z tick
    resolved who/acme/3/2026-11-02#1/resolved usage_decreased 0
  2026-11-03T00:00Z tick
    resolved hi/acme/9/2026-11-02#1/resolved period_reset -
