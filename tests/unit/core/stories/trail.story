# Growth and drop of `unique`: who was seen in the last whole buckets against who was in those before.

config crowd
  time: { lateness: 20d }
  meters:
    people: { event: seen, aggregate: unique, value: /u, by: /team }
  rules:
    more:  { watch: meter.people.growth.7d, levels: [50%, 100%] }
    fewer: { watch: meter.people.drop.7d, levels: [50%] }
    red:   { watch: "meter.people[red].growth.7d", levels: [100%] }

story a member counts once in either half, and the open day in none
  2026-11-01T09:00Z acme seen {"u": "a"}
  2026-11-03T09:00Z acme seen {"u": "b"}
  2026-11-06T09:00Z acme seen {"u": "a"}
  2026-11-08T09:00Z acme seen {"u": "a"}
  2026-11-10T09:00Z acme seen {"u": "c"}
  2026-11-14T09:00Z acme seen {"u": "d"}
  2026-11-15T08:59:59Z tick
  2026-11-15T09:00Z tick
    fired more/acme/50pct/2026-11-01#1 time 0.5
  2026-11-15T10:00Z acme seen {"u": "e"}
  2026-11-15T11:00Z acme seen {"u": "f"}
  2026-11-16T00:00Z tick
    fired more/acme/100pct/2026-11-01#1 time 1
  2026-11-17T12:00Z tick
  2026-11-18T12:00Z tick
    resolved more/acme/100pct/2026-11-01#1/resolved usage_decreased 0.5
  2026-11-22T12:00Z tick
    resolved more/acme/50pct/2026-11-01#1/resolved usage_decreased -0.3333
  2026-11-25T12:00Z tick
    fired fewer/acme/50pct/2026-11-01#1 time 1
  2026-11-30T12:00Z tick
    resolved fewer/acme/50pct/2026-11-01#1/resolved signal_unknown -

story who comes late counts in the half of its day
  2026-11-01T09:00Z acme seen {"u": "a"}
  2026-11-03T09:00Z acme seen {"u": "b"}
  2026-11-10T09:00Z acme seen {"u": "a"}
  2026-11-11T09:00Z acme seen {"u": "b"}
  2026-11-12T09:00Z acme seen {"u": "c"}
  2026-11-15T10:00Z acme seen {"u": "c"}
    fired more/acme/50pct/2026-11-01#1 time 0.5
  2026-11-15T11:00Z acme seen {"u": "a"} at=2026-11-02T00:00Z
  2026-11-15T12:00Z acme seen {"u": "x"} at=2026-11-02T00:00Z
    resolved more/acme/50pct/2026-11-01#1/resolved usage_decreased 0
  2026-11-15T13:00Z acme seen {"u": "x"} at=2026-11-14T23:59:59Z
  2026-11-15T14:00Z acme seen {"u": "y"} at=2026-11-14T23:59:59Z
    fired more/acme/50pct/2026-11-01#2 usage 0.6666
  2026-11-15T15:00Z acme seen {"u": "z"} at=2026-11-08T00:00Z
    fired more/acme/100pct/2026-11-01#1 usage 1

story of a group its own members
  2026-11-01T09:00Z acme seen {"u": "a", "team": "red"}
  2026-11-01T10:00Z acme seen {"u": "b", "team": "blue"}
  2026-11-09T09:00Z acme seen {"u": "a", "team": "red"}
  2026-11-09T10:00Z acme seen {"u": "b", "team": "red"}
  2026-11-15T10:00Z tick
    fired red/acme/100pct/2026-11-01#1 time 1

story what a stray brought counts where it was seen
  2026-11-01T09:00Z acme seen {"u": "a"}
  2026-11-02T09:00Z stray seen {"u": "b"}
  2026-11-03T09:00Z stray seen {"u": "a"}
  2026-11-09T09:00Z acme seen {"u": "a"}
  2026-11-09T09:00Z stray seen {"u": "b"}
  2026-11-10T09:00Z stray seen {"u": "c"}
  2026-11-12T09:00Z acme account.updated {"aliases": ["stray"]}
  2026-11-15T10:00Z tick
    fired more/acme/50pct/2026-11-01#1 time 0.5

config counted
  time: { lateness: 20d }
  meters:
    people: { event: seen, aggregate: unique, value: /u, windows: [30d] }
  rules:
    some: { watch: meter.people.30d, levels: [100] }

story rules that ask only now begin anew
  2026-11-01T09:00Z acme seen {"u": "a"}
  2026-11-10T09:00Z acme seen {"u": "b"}
  2026-11-11T09:00Z acme seen {"u": "c"}
  2026-11-16T09:00Z rules crowd
  2026-11-16T10:00Z acme seen {"u": "a"}
  2026-11-24T10:00Z acme seen {"u": "a"}
  2026-11-25T10:00Z acme seen {"u": "b"}
  2026-11-30T09:59Z tick
  2026-11-30T10:00Z tick
    fired more/acme/100pct/2026-11-01#1 time 1

# Other rules ask for less of the same: what was seen stays seen. 2 in the first seven days (a, b), 3 in
# the next (a, c, d).
config long
  time: { lateness: 20d }
  meters:
    people: { event: seen, aggregate: unique, value: /u }
  rules:
    more: { watch: meter.people.growth.10d, levels: [900%] }

config short
  time: { lateness: 20d }
  meters:
    people: { event: seen, aggregate: unique, value: /u }
  rules:
    more: { watch: meter.people.growth.7d, levels: [50%] }

# Nobody asks for growth any more, but for the same days.
config count
  time: { lateness: 20d }
  meters:
    people: { event: seen, aggregate: unique, value: /u }
  rules:
    many: { watch: meter.people.7d, levels: [3] }

story rules that ask for shorter halves know what was seen before
  2026-11-01T08:00Z rules long
  2026-11-01T09:00Z acme seen {"u": "a"}
  2026-11-03T09:00Z acme seen {"u": "b"}
  2026-11-08T09:00Z acme seen {"u": "a"}
  2026-11-10T09:00Z acme seen {"u": "c"}
  2026-11-12T00:00Z rules short
  2026-11-14T09:00Z acme seen {"u": "d"}
  2026-11-15T08:59:59Z tick
  2026-11-15T09:00Z tick
    fired more/acme/50pct/2026-11-01#1 time 0.5
  2026-11-15T10:00Z rules count
  2026-11-15T11:00Z acme seen {"u": "a"}
    resolved more/acme/50pct/2026-11-01#1/resolved rule_changed 0.5
    fired many/acme/3/2026-11-01#1 usage 3
